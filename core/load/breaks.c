/* breaks.c - see breaks.h. */
#define _GNU_SOURCE 1 /* memmem, memrchr */
#include "load/breaks.h"

#include <stdbool.h>
#include <string.h>

#include "text/unicode.h"

enum {
    LONG = 600, /* bytes: shorter texts are a line by right, and their spaces their own */
    SENTENCES = 2, /* ends of sentences before a space that tell lost breaks from a stray space */
};

static bool holds(const char *text, size_t len, const char *piece)
{
    return memmem(text, len, piece, strlen(piece)) != NULL;
}

/* Does the text before `at` end in one of `marks`? */
static bool stands_before(const char *text, const char *at, const char *const *marks)
{
    for (size_t n; *marks; marks++)
        if ((n = strlen(*marks)) <= (size_t)(at - text) && memcmp(at - n, *marks, n) == 0)
            return true;
    return false;
}

static bool stands_at(const char *at, const char *end, const char *const *marks)
{
    for (size_t n; *marks; marks++)
        if ((n = strlen(*marks)) <= (size_t)(end - at) && memcmp(at, *marks, n) == 0)
            return true;
    return false;
}

static const char *const ends_of_sentences[] = {"。", "！", "？", "；", "。”", "！”", "？”", "。）", NULL};
static const char *const openers[] = {"【", "（", "(", "[", "《", "“", NULL};
static const char *const closers[] = {"】", "）", ")", "]", "》", "”", NULL};
static const char *const leaders[] = {"：", ":", "|", ">", "»", "/", NULL}; /* what follows belongs to it */
static const char *const followers[] = {"|", ">", "»", "/", "：", ":", "，", NULL};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A time of day: 9:31, 09:31:00. */
static bool is_time(const char *at, const char *end)
{
    const char *from = at;

    while (at < end && is_digit(*at))
        at++;
    return at > from && at - from <= 2 && at + 2 < end && *at == ':' && is_digit(at[1]) && is_digit(at[2]);
}

/* Does the word of `len` bytes count one character, as in a title that is set wide, or in the sizes of letters to choose from? */
static bool is_one(const char *word, size_t len)
{
    size_t pos = 0;

    th_utf8_next(word, len, &pos);
    return pos == len;
}

/* Is a word on either side of the space at `at` a single character, or the space within a date ("2024 年 1 月 23 日")? */
static bool is_set_wide(const char *text, const char *at, const char *end)
{
    static const char *const units[] = {"年", "月", "日", "时", "分", NULL};
    const char *from = memrchr(text, ' ', (size_t)(at - text)), *to = memchr(at + 1, ' ', (size_t)(end - at - 1));

    from = from ? from + 1 : text;
    to = to ? to : end;
    return is_one(from, (size_t)(at - from)) || is_one(at + 1, (size_t)(to - at - 1)) || (is_digit(at[-1]) && stands_at(at + 1, end, units));
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Does a line end at the space at `at`, in the lines before and behind the text proper? */
static bool is_loose(const char *text, const char *at, const char *end)
{
    if (at == text || at + 1 >= end || at[1] == ' ')
        return false;
    if (is_letter(at[-1]) && is_letter(at[1])) /* words of another language */
        return false;
    return !stands_before(text, at, leaders) && !stands_at(at + 1, end, followers) && !is_time(at + 1, end) &&
           !is_set_wide(text, at, end);
}

/* Lines of titles, dates and tools. */
static void add_loose(th_str *out, const char *text, const char *end)
{
    int depth = 0;

    for (const char *at = text; at < end; at++) {
        if (stands_at(at, end, openers))
            depth++;
        else if (depth && stands_at(at, end, closers))
            depth--;
        bool breaks = *at == ' ' && !depth && is_loose(text, at, end);
        th_str_putc(out, breaks ? '\n' : *at);
    }
}

/* Running text: lines end behind sentences. */
static void add_text(th_str *out, const char *text, const char *end)
{
    for (const char *at = text; at < end; at++)
        th_str_putc(out, *at == ' ' && stands_before(text, at, ends_of_sentences) ? '\n' : *at);
}

static size_t count_ends(const char *text, const char *end)
{
    size_t count = 0;

    for (const char *at = text; (at = memchr(at, ' ', (size_t)(end - at))); at++)
        count += stands_before(text, at, ends_of_sentences);
    return count;
}

/* Titles and tools before the first comma and behind the last full stop, running text between. */
static void restore_at_spaces(th_str *out, const char *text, size_t len)
{
    const char *end = text + len, *comma = memmem(text, len, "，", 3), *stop = NULL, *head, *tail;

    for (const char *at = text; (at = memmem(at, (size_t)(end - at), "。", 3)); at += 3)
        stop = at + 3;
    head = comma && stop && comma < stop ? comma : text;
    tail = stop && stop > head ? stop : end;
    add_loose(out, text, head);
    add_text(out, head, tail);
    if (tail < end && *tail == ' ') {
        th_str_putc(out, '\n');
        tail++;
    }
    add_loose(out, tail, end);
}

static void restore_at(th_str *out, const char *text, size_t len, const char *mark)
{
    const char *end = text + len;
    size_t n = strlen(mark);

    for (const char *at = text, *next; at <= end; at = next + n) {
        next = memmem(at, (size_t)(end - at), mark, n);
        if (!next)
            next = end;
        th_str_add(out, at, (size_t)(next - at));
        if (next == end)
            break;
        th_str_putc(out, '\n');
    }
}

void th_breaks_restore(th_str *out, const char *text, size_t len)
{
    static const char indent[] = "\xe3\x80\x80\xe3\x80\x80";

    if (holds(text, len, "\\n"))
        restore_at(out, text, len, "\\n");
    else if (holds(text, len, indent) || len < LONG || count_ends(text, text + len) < SENTENCES || memchr(text, '<', len))
        restore_at(out, text, len, indent);
    else
        restore_at_spaces(out, text, len);
}
