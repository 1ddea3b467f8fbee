/* host_fixture.h - plugins given as text, run on an article given as text. The first line of the text is the title. */
#ifndef TH_TEST_HOST_FIXTURE_H
#define TH_TEST_HOST_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "article.h"
#include "base/file.h"
#include "host/host.h"

typedef struct fixture {
    th_arena *arena;
    th_units *units;
    th_gazetteer *gazetteer;
    th_limits limits;
    th_bundle bundle;
    th_source plugins[8], files[8];
    th_host *host;
    th_article *article;
    th_records records;
    th_error err;
    double cpu_s;
} fixture;

static const char *read_data(fixture *f, const char *name, size_t *len)
{
    th_str bytes = {0}, path = {0};
    th_path_join(&path, TH_SOURCE_DIR "/data", name);
    assert_int_equal(th_file_read(&bytes, th_str_text(&path), 0, NULL), TH_OK);
    const char *copy = th_arena_copy(f->arena, th_str_text(&bytes), bytes.len);
    *len = bytes.len;
    th_str_free(&bytes);
    th_str_free(&path);
    return copy;
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    size_t len, more;

    f->arena = th_arena_new();
    f->limits = (th_limits){.cpu_s = 0.15, .wall_s = 5, .memory = 16000000, .records = 100, .output = 100000};
    size_t words_len;
    const char *text = read_data(f, "units.tsv", &len), *words = read_data(f, "quantity_words.tsv", &words_len);
    assert_int_equal(th_units_load(&f->units, &(th_data){"units.tsv", text, len},
                                   &(th_data){"quantity_words.tsv", words, words_len}, NULL),
                     TH_OK);
    text = read_data(f, "divisions.tsv", &len);
    const char *zones = read_data(f, "zones.tsv", &more);
    assert_int_equal(th_gazetteer_load(&f->gazetteer, "divisions.tsv", text, len, "zones.tsv", zones, more, NULL), TH_OK);
    f->bundle = (th_bundle){.plugins = f->plugins, .files = f->files};
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;

    th_host_close(f->host);
    th_units_free(f->units);
    th_gazetteer_free(f->gazetteer);
    th_arena_free(f->arena);
    free(f);
    return 0;
}

/* Add plugin `name` with the source `code`; "@" there becomes the line that declares it with a kind `hit`. */
static void add_plugin(fixture *f, const char *name, const char *code)
{
    static const char manifest[] =
        "local plugin = host.plugin { name = \"%s\", version = \"1\", records = { hit = { n = \"integer\", text = \"text\", "
        "at = \"date?\", share = \"number?\", ok = \"boolean?\", extra = \"json?\" } } } ";
    char head[512];
    th_str s = {0}, path = {0};

    if (*code == '@') {
        snprintf(head, sizeof head, manifest, name);
        th_str_puts(&s, head);
        code++;
    }
    th_str_puts(&s, code);
    th_str_addf(&path, "p/%s.lua", name);
    f->plugins[f->bundle.plugin_count++] = (th_source){.path = th_arena_copy(f->arena, path.data, path.len),
                                                       .name = name,
                                                       .dir = "p",
                                                       .bytes = th_arena_copy(f->arena, s.data, s.len),
                                                       .len = s.len};
    th_str_free(&s);
    th_str_free(&path);
}

static void add_file(fixture *f, const char *name, const char *text)
{
    th_str path = {0};

    th_str_addf(&path, "p/%s", name);
    f->files[f->bundle.file_count++] = (th_source){
        .path = th_arena_copy(f->arena, path.data, path.len), .name = name, .dir = "p", .bytes = text, .len = strlen(text)};
    th_str_free(&path);
}

static void forget_plugins(fixture *f)
{
    th_host_close(f->host);
    f->host = NULL;
    f->bundle.plugin_count = 0;
}

static th_status load(fixture *f)
{
    th_error_clear(&f->err);
    if (!f->host)
        assert_int_equal(th_host_open(&f->host, &f->bundle, f->units, f->gazetteer, &f->limits, NULL), TH_OK);
    for (size_t i = 0; i < f->bundle.plugin_count; i++)
        if (th_host_load(f->host, i, &f->err) != TH_OK)
            return f->err.status;
    return th_host_ready(f->host, &f->err);
}

static void begin(fixture *f, const char *text)
{
    th_article *a = th_arena_zalloc(f->arena, 1, sizeof *a);
    size_t len = strlen(text), count = 0, start = 0;
    th_block *blocks = th_arena_zalloc(f->arena, len + 1, sizeof *blocks);

    for (size_t i = 0; i <= len; i++) {
        if (i < len && text[i] != '\n')
            continue;
        if (i > start) {
            blocks[count] = (th_block){.kind = count ? TH_BLOCK_PARAGRAPH : TH_BLOCK_TITLE,
                                       .start = (uint32_t)start, .stop = (uint32_t)i};
            count++;
        }
        start = i + 1;
    }
    a->path = "in/a.md";
    a->format = "text";
    a->title = "标题";
    a->date = "2024-05-01";
    a->lang = "zh";
    a->region_code = "330200";
    a->region_name = "宁波市";
    a->text = text;
    a->len = len;
    a->blocks = blocks;
    a->block_count = count;
    assert_int_equal(th_article_split(a, f->arena, NULL), TH_OK);
    assert_int_equal(th_article_seal(a, NULL), TH_OK);
    f->article = a;
    f->records = (th_records){0};
    th_host_begin(f->host, a, f->arena, &f->records);
}

static th_status run_plugin(fixture *f, size_t index)
{
    th_error_clear(&f->err);
    return th_host_run(f->host, index, &f->cpu_s, &f->err);
}

/* One plugin whose article function has `body`. */
static th_status run_body(fixture *f, const char *body, const char *text)
{
    th_str code = {0};

    th_str_addf(&code, "@function plugin.article(a)\n%s\nend\nreturn plugin\n", body);
    add_plugin(f, "t", code.data);
    th_str_free(&code);
    th_status status = load(f);
    assert_string_equal(f->err.text, "");
    assert_int_equal(status, TH_OK);
    begin(f, text);
    return run_plugin(f, 0);
}

#define assert_contains(text, part)                                                                                    \
    do {                                                                                                               \
        if (!strstr((text), (part)))                                                                                   \
            fail_msg("\"%s\" does not contain \"%s\"", (text), (part));                                                \
    } while (0)

#endif
