/* draft.c - see draft.h. */
#include "load/draft.h"

#define _GNU_SOURCE 1 /* memmem */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text/unicode.h"

enum { LONGEST_CLUE = 120 }; /* bytes of a line that are looked for in the whole text */

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

void th_draft_set(th_draft *d, th_meta field, const char *text, size_t len, const char *origin)
{
    const char **slots[TH_META_COUNT] = {&d->title, &d->date, &d->source, &d->byline, &d->url, &d->region};
    const char **slot = slots[field];

    if (*slot || !(*slot = th_draft_text(d, text, len)))
        return;
    d->origins[field] = th_draft_text(d, origin, strlen(origin));
}

/* The line of the whole text that `piece` begins in, counted from 1; 0 when it is not found there as it is. */
static size_t line_of(const th_draft *d, const char *piece, size_t len)
{
    size_t n = 1;
    const char *found = d->whole && len ? memmem(d->whole, d->whole_len, piece, len) : NULL;

    for (const char *at = d->whole; found && at < found; at++)
        n += *at == '\n';
    return found ? n : 0;
}

const char *th_draft_place(th_draft *d, const char *piece, size_t len, const char *label, size_t label_len)
{
    char text[160];
    size_t line = line_of(d, piece, len < LONGEST_CLUE ? len : LONGEST_CLUE);
    const char *mark = line && label_len ? ": " : "";

    if (line)
        snprintf(text, sizeof text, "line %zu%s%.*s", line, mark, (int)(label_len < 90 ? label_len : 0), label);
    else
        snprintf(text, sizeof text, "%.*s", (int)(label_len < 90 ? label_len : 0), label_len ? label : "");
    return th_draft_text(d, *text ? text : "text", strlen(*text ? text : "text"));
}

static bool is_one_of(uint32_t c, const char *marks)
{
    for (size_t pos = 0, len = strlen(marks); pos < len;)
        if (th_utf8_next(marks, len, &pos) == c)
            return true;
    return false;
}

/* Exports that break lines at links, bold words or subscripts tear sentences. Chinese setting never begins a line with
 * a closing mark nor ends one with an opening mark, a lone 一是 opens the sentence that follows, and a lone character
 * after an unfinished line was its last. */
static bool goes_on(const char *before, size_t before_len, const char *text, size_t len, uint16_t gap)
{
    size_t end = before_len, begin = 0;
    uint32_t last = th_utf8_prev(before, &end), first = th_utf8_next(text, len, &begin);

    if (is_one_of(first, "。，、；：！？）》”’】〉」』％") || is_one_of(last, "（《“‘【〈「『"))
        return true;
    if (gap)
        return false;
    bool numeral = before_len >= 6 && !memcmp(before + before_len - 3, "是", 3);
    for (size_t pos = 0; numeral && pos + 3 < before_len;)
        numeral = is_one_of(th_utf8_next(before, before_len, &pos), "一二三四五六七八九十");
    return numeral || (begin == len && th_is_han(first) && th_is_han(last));
}

/* M, 2 and 增长: a subscript that has a line of its own. */
static bool is_subscript(const char *before, size_t before_len, const char *text, size_t len)
{
    unsigned char last = (unsigned char)before[before_len - 1];

    return len <= 2 && strspn(text, "0123456789") >= len && ((last | 32) >= 'a' && (last | 32) <= 'z');
}

/* The last line of the draft when `text` is the rest of it. */
static th_line *unfinished(th_draft *d, const char *text, size_t len, uint16_t gap)
{
    th_line *line = d->count ? &d->lines[d->count - 1] : NULL;

    if (!line || line->stop != d->text.len || line->hint == TH_HINT_TABLE)
        return NULL;
    const char *before = d->text.data + line->start;
    size_t before_len = line->stop - line->start;
    bool subscript = !gap && is_subscript(before, before_len, text, len), rest = !gap && d->after_subscript;
    d->after_subscript = subscript;
    return subscript || rest || goes_on(before, before_len, text, len, gap) ? line : NULL;
}

th_line *th_draft_add(th_draft *d, const char *text, size_t len, uint16_t gap)
{
    trim(&text, &len);
    if (!len)
        return NULL;
    th_line *open = unfinished(d, text, len, gap);
    if (open) {
        th_str_add(&d->text, text, len);
        d->failed |= !th_str_ok(&d->text);
        open->stop = (uint32_t)d->text.len;
        return open;
    }
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
