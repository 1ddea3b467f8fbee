/* fuzz_clean.c - any bytes as the lines of a page, through the rules, the metadata and the blocks. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "draft.h"
#include "load/build.h"

static th_chrome chrome;
static th_arena *arena;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    th_str path = {0}, rules = {0};
    th_error err = {0};

    (void)argc;
    (void)argv;
    th_path_join(&path, TH_SOURCE_DIR, "data/chrome.yaml");
    if (th_file_read(&rules, th_str_text(&path), 0, &err) != TH_OK ||
        th_chrome_parse(&chrome, arena = th_arena_new(), "chrome", rules.data, rules.len, &err) != TH_OK)
        abort();
    th_str_free(&path);
    th_str_free(&rules);
    return 0;
}

/* Blocks follow each other and cover the text but for the line feeds between; a filled field has its origin. */
static void check(const th_article *a)
{
    size_t at = 0;

    for (size_t i = 0; i < a->block_count; i++) {
        if (a->blocks[i].start != at || a->blocks[i].stop <= at || !th_utf8_boundary(a->text, a->len, a->blocks[i].stop))
            abort();
        at = a->blocks[i].stop + 1u;
    }
    if (at != a->len + 1 || !th_utf8_valid(a->text, a->len, NULL))
        abort();
    if (!*a->title != !a->origins[TH_META_TITLE] || !a->date != !a->origins[TH_META_DATE] ||
        !a->source != !a->origins[TH_META_SOURCE] || !a->url != !a->origins[TH_META_URL])
        abort();
}

static th_status read_and_build(th_draft *d, const char *text, size_t len, th_error *err)
{
    th_article *a = NULL;
    th_status status;

    d->whole = text;
    d->whole_len = len;
    status = th_text_read(d, text, len, err);
    if (status == TH_OK && d->count)
        status = th_build(&a, &chrome, NULL, d, err);
    if (status == TH_OK && a)
        check(a);
    d->count = 0; /* cuts may leave lines empty */
    return status == TH_ERR_EMPTY ? TH_OK : status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    th_fuzz_read(read_and_build, (const char *)data, size);
    return 0;
}
