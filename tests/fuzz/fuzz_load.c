/* fuzz_load.c - any bytes through the whole loader: decode, markup, cleaning, metadata, sentences. */
#include <stdint.h>
#include <stdlib.h>

#include "base/file.h"
#include "load/load.h"

static th_loader *loader;
static th_gazetteer *gazetteer;
static th_arena *arena;

static void read_data(th_str *out, const char *name)
{
    th_str path = {0};
    th_error err = {0};

    th_path_join(&path, TH_SOURCE_DIR, name);
    if (th_file_read(out, th_str_text(&path), 0, &err) != TH_OK)
        abort();
    th_str_free(&path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    th_str divisions = {0}, zones = {0}, chrome = {0};
    th_error err = {0};

    (void)argc;
    (void)argv;
    read_data(&divisions, "data/divisions.tsv");
    read_data(&zones, "data/zones.tsv");
    read_data(&chrome, "data/chrome.yaml");
    if (th_gazetteer_load(&gazetteer, "divisions", divisions.data, divisions.len, "zones", zones.data, zones.len, &err) !=
            TH_OK ||
        th_loader_open(&loader, "chrome", chrome.data, chrome.len, gazetteer, &err) != TH_OK ||
        !(arena = th_arena_new()))
        abort();
    th_str_free(&divisions);
    th_str_free(&zones);
    th_str_free(&chrome);
    return 0;
}

/* What comes out must survive the wire and hold its own promises. */
static th_status check(void *ctx, uint64_t number, th_article *a, th_error *err)
{
    th_str bytes = {0};
    th_article *copy;

    (void)ctx;
    (void)number;
    th_article_write(a, &bytes);
    if (th_article_read(&copy, arena, bytes.data, bytes.len, err) != TH_OK)
        abort();
    th_str_free(&bytes);
    return TH_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    th_error err = {0};

    th_stream stream;

    th_stream_memory(&stream, "input", (const char *)data, size);
    th_load(loader, &stream, arena, &(th_sink){.article = check}, &err);
    th_stream_close(&stream);
    return 0;
}
