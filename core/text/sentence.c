/* sentence.c - see sentence.h. */
#include "text/sentence.h"

#include <string.h>
#include <utf8proc.h>

#include "text/unicode.h"

static bool is_three(const char *at, size_t left, const char *mark)
{
    return left >= 3 && memcmp(at, mark, 3) == 0;
}

/* Bytes of the mark at `at` that ends a sentence, 0 when there is none. */
static size_t end_mark(const char *at, size_t left)
{
    switch ((unsigned char)*at) {
    case '!':
    case '?':
    case ';':
        return 1;
    case 0xE3:
        return is_three(at, left, "。") ? 3 : 0;
    case 0xEF:
        return is_three(at, left, "！") || is_three(at, left, "？") || is_three(at, left, "；") ? 3 : 0;
    default:
        return 0;
    }
}

/* Bytes of the closing quote or bracket at `at`, 0 when there is none. */
static size_t closing_mark(const char *at, size_t left)
{
    switch ((unsigned char)*at) {
    case ')':
    case '"':
        return 1;
    case 0xE2:
        return is_three(at, left, "”") || is_three(at, left, "’") ? 3 : 0;
    case 0xE3:
        return is_three(at, left, "」") || is_three(at, left, "』") ? 3 : 0;
    case 0xEF:
        return is_three(at, left, "）") ? 3 : 0;
    default:
        return 0;
    }
}

/* Where the sentence or line that begins at `pos` ends; a line feed is not part of it. */
static size_t raw_end(const char *text, size_t stop, size_t pos)
{
    static const bool may_end[256] = {['\n'] = true, ['!'] = true, ['?'] = true, [';'] = true, [0xE3] = true, [0xEF] = true};
    size_t step;

    while (pos < stop && !(may_end[(unsigned char)text[pos]] && (text[pos] == '\n' || end_mark(text + pos, stop - pos))))
        pos++;
    while (pos < stop && (step = end_mark(text + pos, stop - pos)) > 0)
        pos += step;
    while (pos < stop && (step = closing_mark(text + pos, stop - pos)) > 0)
        pos += step;
    return pos;
}

static bool is_word(uint32_t c)
{
    if (c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (th_is_han(c))
        return true;
    utf8proc_category_t kind = utf8proc_category((utf8proc_int32_t)c);
    return (kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO) ||
           (kind >= UTF8PROC_CATEGORY_ND && kind <= UTF8PROC_CATEGORY_NO);
}

static bool has_word(const char *text, size_t start, size_t end)
{
    while (start < end)
        if (is_word(th_utf8_next(text, end, &start)))
            return true;
    return false;
}

static void trim(const char *text, size_t *start, size_t *end)
{
    for (size_t next = *start; *start < *end && th_is_space(th_utf8_next(text, *end, &next));)
        *start = next;
    for (size_t prev = *end; *end > *start && th_is_space(th_utf8_prev(text, &prev));)
        *end = prev;
}

bool th_sentence_next(const char *text, size_t stop, size_t *pos, size_t *start, size_t *end)
{
    while (*pos < stop) {
        *start = *pos;
        *end = raw_end(text, stop, *pos);
        *pos = *end < stop && text[*end] == '\n' ? *end + 1 : *end;
        trim(text, start, end);
        if (has_word(text, *start, *end))
            return true;
    }
    return false;
}
