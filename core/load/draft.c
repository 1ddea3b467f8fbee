/* draft.c - see draft.h. */
#include "load/draft.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Text is normalised, so white space is ASCII. */
static void trim(const char **text, size_t *len)
{
    while (*len && (unsigned char)**text <= ' ') {
        (*text)++;
        (*len)--;
    }
    while (*len && (unsigned char)(*text)[*len - 1] <= ' ')
        (*len)--;
}

th_line *th_draft_add(th_draft *d, const char *text, size_t len, uint16_t gap)
{
    trim(&text, &len);
    if (!len)
        return NULL;
    th_line *lines = th_arena_grow(d->arena, d->lines, d->count, &d->cap, sizeof *lines);
    size_t start = d->text.len;
    th_str_add(&d->text, text, len);
    if (!lines || !th_str_ok(&d->text)) {
        d->failed = true;
        return NULL;
    }
    d->lines = lines;
    th_line *line = &lines[d->count++];
    *line = (th_line){.start = (uint32_t)start, .stop = (uint32_t)(start + len), .gap = gap};
    return line;
}

void th_draft_drop(th_draft *d, const char *reason, const char *text, size_t len)
{
    trim(&text, &len);
    if (!len)
        return;
    th_dropped *items = th_arena_grow(d->arena, d->dropped, d->dropped_count, &d->dropped_cap, sizeof *items);
    char *copy = th_arena_copy(d->arena, text, len);
    if (!items || !copy) {
        d->failed = true;
        return;
    }
    d->dropped = items;
    items[d->dropped_count++] = (th_dropped){reason, copy};
}

void th_draft_warn(th_draft *d, const char *fmt, ...)
{
    char message[1024];
    va_list args;

    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    const char **items = th_arena_grow(d->arena, d->warnings, d->warning_count, &d->warning_cap, sizeof *items);
    char *copy = th_arena_copy(d->arena, message, strlen(message));
    if (!items || !copy) {
        d->failed = true;
        return;
    }
    d->warnings = items;
    items[d->warning_count++] = copy;
}

void th_draft_author(th_draft *d, const char *name, size_t len)
{
    for (size_t i = 0; i < d->author_count; i++)
        if (strlen(d->authors[i]) == len && !memcmp(d->authors[i], name, len))
            return;
    const char **items = th_arena_grow(d->arena, d->authors, d->author_count, &d->author_cap, sizeof *items);
    char *copy = th_arena_copy(d->arena, name, len);
    if (!items || !copy) {
        d->failed = true;
        return;
    }
    d->authors = items;
    items[d->author_count++] = copy;
}

const char *th_draft_text(th_draft *d, const char *text, size_t len)
{
    trim(&text, &len);
    if (!len)
        return NULL;
    const char *copy = th_arena_copy(d->arena, text, len);
    d->failed |= !copy;
    return copy;
}
