/* fuzz_quantity.c - any bytes through the quantity scanner; spans must stay inside the text and in order. */
#include <stdint.h>
#include <stdlib.h>

#include "base/file.h"
#include "text/quantity.h"

static th_units *units;
static th_arena *arena;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    th_str text = {0}, path = {0}, words = {0}, other = {0};
    th_error err = {0};

    (void)argc;
    (void)argv;
    th_path_join(&path, TH_SOURCE_DIR, "data/units.tsv");
    th_path_join(&other, TH_SOURCE_DIR, "data/quantity_words.tsv");
    if (th_file_read(&text, th_str_text(&path), 0, &err) != TH_OK ||
        th_file_read(&words, th_str_text(&other), 0, &err) != TH_OK ||
        th_units_load(&units, &(th_data){"units", text.data, text.len}, &(th_data){"words", words.data, words.len}, &err) !=
            TH_OK ||
        !(arena = th_arena_new()))
        abort();
    th_str_free(&words);
    th_str_free(&other);
    th_str_free(&text);
    th_str_free(&path);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    th_quantities found;
    th_error err = {0};
    size_t end = 0;

    th_arena_reset(arena);
    if (th_quantity_scan(units, (const char *)data, size, arena, &found, &err) != TH_OK)
        return 0;
    for (size_t i = 0; i < found.count; i++) {
        const th_quantity *q = &found.items[i];
        if (q->start < end || q->stop <= q->start || q->stop > size || q->unit_start < q->start || q->unit_start > q->stop ||
            q->outer_start > q->start || q->outer_stop < q->stop || q->outer_stop > size)
            abort();
        end = q->stop;
    }
    return 0;
}
