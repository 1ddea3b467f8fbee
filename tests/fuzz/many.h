/* many.h - what the fuzz targets of containers share: a loader, a sink that checks what comes out, bytes in pieces. */
#ifndef TH_FUZZ_MANY_H
#define TH_FUZZ_MANY_H

#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "load/reading.h"

static th_loader *loader;
static th_arena *arena;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    th_str chrome = {0};
    th_error err = {0};

    (void)argc;
    (void)argv;
    setlocale(LC_CTYPE, "C.UTF-8");
    if (th_file_read(&chrome, TH_SOURCE_DIR "/data/chrome.yaml", 0, &err) != TH_OK ||
        th_loader_open(&loader, "chrome", chrome.data, chrome.len, NULL, &err) != TH_OK || !(arena = th_arena_new()))
        abort();
    th_str_free(&chrome);
    return 0;
}

/* Numbers go up by one, and a message begins with its path. */
static th_status see_article(void *ctx, uint64_t number, th_article *a, th_error *err)
{
    (void)a;
    (void)err;
    if (number != ++*(uint64_t *)ctx)
        abort();
    return TH_OK;
}

static th_status see_failure(void *ctx, uint64_t number, const char *path, th_status status, const char *message, th_error *err)
{
    (void)err;
    if (number != ++*(uint64_t *)ctx || status == TH_OK || strncmp(message, path, strlen(path) < 900 ? strlen(path) : 900) != 0)
        abort();
    return TH_OK;
}

typedef struct pieces {
    const uint8_t *at, *end;
    size_t step;
} pieces;

static ssize_t read_pieces(void *ctx, char *to, size_t max, th_error *err)
{
    pieces *p = ctx;
    size_t n = (size_t)(p->end - p->at);
    (void)err;

    n = n < p->step ? n : p->step;
    n = n < max ? n : max;
    if (n)
        memcpy(to, p->at, n);
    p->at += n;
    return (ssize_t)n;
}

typedef th_status (*read_fn)(th_reading *r, th_stream *s, th_error *err);

/* Read the bytes behind the first with `fn`: from memory, or in pieces whose size the first says. */
static void run(const uint8_t *data, size_t size, const char *path, read_fn fn)
{
    uint64_t last = 0;
    th_sink sink = {.article = see_article, .failed = see_failure, .ctx = &last};
    th_reading r = {.loader = loader, .arena = arena, .sink = &sink, .number = 1};
    th_stream s;
    th_error err = {0};

    if (!size)
        return;
    pieces p = {data + 1, data + size, data[0] & 0x7f ? data[0] & 0x7f : 1};
    if (data[0] & 0x80)
        th_stream_reader(&s, path, read_pieces, &p);
    else
        th_stream_memory(&s, path, (const char *)data + 1, size - 1);
    if (fn(&r, &s, &err) != TH_OK && !err.text[0])
        abort();
    th_stream_close(&s);
}

#endif
