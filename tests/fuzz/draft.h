/* draft.h - a reader of load/ on any bytes: what it makes must keep its promises. */
#ifndef TH_FUZZ_DRAFT_H
#define TH_FUZZ_DRAFT_H

#include <stdlib.h>

#include "load/draft.h"
#include "text/unicode.h"

typedef th_status (*th_fuzz_reader)(th_draft *d, const char *text, size_t len, th_error *err);

/* Every line is a piece of the draft's text that begins and ends between characters. */
static inline void th_fuzz_check(const th_draft *d)
{
    for (size_t i = 0; i < d->count; i++) {
        const th_line *line = &d->lines[i];
        if (line->start >= line->stop || line->stop > d->text.len ||
            !th_utf8_boundary(d->text.data, d->text.len, line->start) || !th_utf8_boundary(d->text.data, d->text.len, line->stop))
            abort();
    }
}

/* Normalise the bytes, as load.c does, and read them. */
static inline void th_fuzz_read(th_fuzz_reader read, const char *bytes, size_t len)
{
    th_str text = {0};
    th_error err = {0};
    th_draft d = {.arena = th_arena_new(), .path = "input", .format = "input"};

    if (d.arena && th_text_normalise(&text, bytes, len, NULL, &err) == TH_OK) {
        th_status status = read(&d, th_str_text(&text), text.len, &err);
        if (status != TH_OK && status != TH_ERR_NOMEM)
            abort(); /* damage is a warning */
        th_fuzz_check(&d);
    }
    th_str_free(&text);
    th_str_free(&d.text);
    th_arena_free(d.arena);
}

#endif
