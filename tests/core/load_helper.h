/* load_helper.h - loading one article out of bytes or a fixture, for the tests of load/. */
#ifndef TH_TEST_LOAD_HELPER_H
#define TH_TEST_LOAD_HELPER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "load/load.h"

#define FIXTURE(name) TH_SOURCE_DIR "/tests/fixtures/load/" name

typedef struct loading {
    th_loader *loader;
    th_arena *arena;
    th_article *article;
    th_status status;
    th_error err;
} loading;

static inline th_status keep_article(void *ctx, uint64_t number, th_article *article, th_error *err)
{
    (void)number;
    (void)err;
    ((loading *)ctx)->article = article;
    return TH_OK;
}

static inline void load_named(loading *l, const char *path, const char *bytes, size_t len)
{
    th_str rules = {0};

    *l = (loading){.arena = th_arena_new()};
    assert_int_equal(th_file_read(&rules, TH_SOURCE_DIR "/data/chrome.yaml", 0, &l->err), TH_OK);
    if (th_loader_open(&l->loader, "data/chrome.yaml", rules.data, rules.len, NULL, &l->err) != TH_OK)
        fail_msg("%s", l->err.text);
    th_str_free(&rules);
    th_stream stream;
    th_stream_memory(&stream, path, bytes, len);
    l->status = th_load(l->loader, &stream, l->arena, &(th_sink){.article = keep_article, .ctx = l}, &l->err);
    th_stream_close(&stream);
}

static inline void load_text(loading *l, const char *text)
{
    load_named(l, "a.txt", text, strlen(text));
}

static inline void load_fixture(loading *l, const char *path)
{
    th_str bytes = {0};
    th_error err = {0};

    assert_int_equal(th_file_read(&bytes, path, 0, &err), TH_OK);
    load_named(l, "f", bytes.data, bytes.len);
    th_str_free(&bytes);
    if (l->status != TH_OK)
        fail_msg("%s: %s", path, l->err.text);
}

static inline void unload(loading *l)
{
    th_loader_free(l->loader);
    th_arena_free(l->arena);
}

/* The block that is exactly `text`: its kind, or -1. */
static inline int kind_of(const loading *l, const char *text)
{
    const th_article *a = l->article;

    for (size_t i = 0; i < a->block_count; i++)
        if (a->blocks[i].stop - a->blocks[i].start == strlen(text) && !memcmp(a->text + a->blocks[i].start, text, strlen(text)))
            return (int)a->blocks[i].kind;
    return -1;
}

/* Why the line or piece `text` was dropped, "" when it was not. */
static inline const char *reason_of(const loading *l, const char *text)
{
    for (size_t i = 0; i < l->article->dropped_count; i++)
        if (!strcmp(l->article->dropped[i].text, text))
            return l->article->dropped[i].reason;
    return "";
}

static inline void assert_authors(const loading *l, const char *joined)
{
    char all[512] = "";

    for (size_t i = 0; i < l->article->author_count; i++) {
        strcat(all, i ? " " : "");
        strcat(all, l->article->authors[i]);
    }
    assert_string_equal(all, joined);
}

#endif
