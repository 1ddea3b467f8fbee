/* many_helper.h - loading all that a file holds, for the tests of containers. */
#ifndef TH_TEST_MANY_HELPER_H
#define TH_TEST_MANY_HELPER_H

#include "load_helper.h"

/* Everything a load gave, as lines: "path|title|date|source|text first line" and "! path: reason: message". */
typedef struct seen {
    th_str text;
    size_t articles, failures;
    uint64_t last;
} seen;

static inline th_status see_article(void *ctx, uint64_t number, th_article *a, th_error *err)
{
    seen *s = ctx;
    (void)err;

    assert_int_equal(number, s->last + 1);
    s->last = number;
    s->articles++;
    th_str_addf(&s->text, "%s|%s|%s|%s|%s\n", a->path, a->title, a->date ? a->date : "", a->source ? a->source : "", a->text);
    for (size_t i = 0; i < a->warning_count; i++)
        th_str_addf(&s->text, "? %s\n", a->warnings[i]);
    return TH_OK;
}

static inline th_status see_failure(void *ctx, uint64_t number, const char *path, th_status status, const char *message, th_error *err)
{
    seen *s = ctx;
    (void)err;
    (void)path;

    assert_int_equal(number, s->last + 1);
    s->last = number;
    s->failures++;
    th_str_addf(&s->text, "! %s (%s)\n", message, th_status_name(status));
    return TH_OK;
}

/* Gives the bytes a few at a time, so that every border of a piece is met. */
typedef struct trickle {
    const char *at, *end;
    size_t step;
} trickle;

static inline ssize_t trickle_read(void *ctx, char *to, size_t max, th_error *err)
{
    trickle *t = ctx;
    size_t n = (size_t)(t->end - t->at) < t->step ? (size_t)(t->end - t->at) : t->step;
    (void)err;

    n = n < max ? n : max;
    memcpy(to, t->at, n);
    t->at += n;
    return (ssize_t)n;
}

static inline void see_note(void *ctx, const char *message)
{
    th_str_addf(&((seen *)ctx)->text, "# %s\n", message);
}

static inline th_loader *open_loader(const th_column *columns, size_t count)
{
    th_str rules = {0};
    th_error err = {0};
    th_loader *loader;

    assert_int_equal(th_file_read(&rules, TH_SOURCE_DIR "/data/chrome.yaml", 0, &err), TH_OK);
    assert_int_equal(th_loader_open(&loader, "chrome.yaml", rules.data, rules.len, NULL, &err), TH_OK);
    assert_int_equal(th_loader_columns(loader, columns, count, &err), TH_OK);
    th_str_free(&rules);
    return loader;
}

static inline th_status load_all(seen *s, const char *path, const char *bytes, size_t len, size_t step, const th_column *columns,
                          size_t count)
{
    th_loader *loader = open_loader(columns, count);
    th_arena *arena = th_arena_new();
    th_sink sink = {.article = see_article, .failed = see_failure, .note = see_note, .ctx = s};
    trickle t = {bytes, bytes + len, step};
    th_stream stream;
    th_error err = {0};

    *s = (seen){.last = 0};
    if (step)
        th_stream_reader(&stream, path, trickle_read, &t);
    else
        th_stream_memory(&stream, path, bytes, len);
    th_status status = th_load(loader, &stream, arena, &sink, &err);
    if (status != TH_OK)
        th_str_addf(&s->text, "!! %s (%s)\n", err.text, th_status_name(status));
    th_stream_close(&stream);
    th_arena_free(arena);
    th_loader_free(loader);
    return status;
}

/* Load, at once and in pieces, and compare. */
static inline void check_bytes(const char *path, const char *bytes, size_t len, const char *expected)
{
    static const size_t steps[] = {0, 1, 7, 100000};

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        seen s;
        load_all(&s, path, bytes, len, steps[i], NULL, 0);
        assert_string_equal(th_str_text(&s.text), expected);
        th_str_free(&s.text);
    }
}

static inline void check(const char *path, const char *text, const char *expected)
{
    check_bytes(path, text, strlen(text), expected);
}

#endif
