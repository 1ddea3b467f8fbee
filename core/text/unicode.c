/* unicode.c - see unicode.h. */
#include "text/unicode.h"

#include <string.h>
#include <utf8proc.h>

#define DAMAGED 0xFFFDu

typedef unsigned char byte;

/* Combining marks in a row that are put in order: utf8proc sorts them in quadratic time. */
enum { LONGEST_MARKS = 128 };

static const utf8proc_option_t nfc = (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE);

static bool is_tail(byte b)
{
    return (b & 0xC0) == 0x80;
}

/* Decode the character at `at`; its bytes, or 0 when the bytes there are damaged. */
static size_t decode(const byte *at, size_t left, uint32_t *c)
{
    byte a = at[0];

    if (a < 0x80) {
        *c = a;
        return 1;
    }
    if (a >= 0xE0 && a < 0xF0) {
        if (left < 3 || !is_tail(at[1]) || !is_tail(at[2]))
            return 0;
        *c = (uint32_t)(a & 0x0F) << 12 | (uint32_t)(at[1] & 0x3F) << 6 | (at[2] & 0x3F);
        return *c < 0x800 || (*c >= 0xD800 && *c <= 0xDFFF) ? 0 : 3;
    }
    if (a >= 0xC2 && a < 0xE0) {
        if (left < 2 || !is_tail(at[1]))
            return 0;
        *c = (uint32_t)(a & 0x1F) << 6 | (at[1] & 0x3F);
        return 2;
    }
    if (a < 0xF0 || a > 0xF4 || left < 4 || !is_tail(at[1]) || !is_tail(at[2]) || !is_tail(at[3]))
        return 0;
    *c = (uint32_t)(a & 0x07) << 18 | (uint32_t)(at[1] & 0x3F) << 12 | (uint32_t)(at[2] & 0x3F) << 6 |
         (at[3] & 0x3F);
    return *c < 0x10000 || *c > 0x10FFFF ? 0 : 4;
}

uint32_t th_utf8_next(const char *text, size_t len, size_t *pos)
{
    uint32_t c;
    size_t step = decode((const byte *)text + *pos, len - *pos, &c);

    *pos += step ? step : 1;
    return step ? c : DAMAGED;
}

uint32_t th_utf8_prev(const char *text, size_t *pos)
{
    const byte *bytes = (const byte *)text;
    size_t end = *pos, start = end - 1;
    uint32_t c;

    while (start > 0 && end - start < 4 && is_tail(bytes[start]))
        start--;
    if (decode(bytes + start, end - start, &c) == end - start) {
        *pos = start;
        return c;
    }
    *pos = end - 1;
    return DAMAGED;
}

void th_utf8_add(th_str *out, uint32_t c)
{
    char b[4];
    size_t len;

    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        c = DAMAGED;
    if (c < 0x80) {
        b[0] = (char)c;
        len = 1;
    } else if (c < 0x800) {
        b[0] = (char)(0xC0 | c >> 6);
        b[1] = (char)(0x80 | (c & 0x3F));
        len = 2;
    } else if (c < 0x10000) {
        b[0] = (char)(0xE0 | c >> 12);
        b[1] = (char)(0x80 | (c >> 6 & 0x3F));
        b[2] = (char)(0x80 | (c & 0x3F));
        len = 3;
    } else {
        b[0] = (char)(0xF0 | c >> 18);
        b[1] = (char)(0x80 | (c >> 12 & 0x3F));
        b[2] = (char)(0x80 | (c >> 6 & 0x3F));
        b[3] = (char)(0x80 | (c & 0x3F));
        len = 4;
    }
    th_str_add(out, b, len);
}

/* The bytes from `at` on that are ASCII or the most common Han block, both valid without a closer look. */
static size_t skip_easy(const byte *at, size_t left)
{
    size_t i = 0;

    for (;;) {
        if (left - i >= 3 && at[i] >= 0xE4 && at[i] <= 0xE9 && is_tail(at[i + 1]) && is_tail(at[i + 2]))
            i += 3;
        else if (i < left && at[i] < 0x80)
            i++;
        else
            return i;
    }
}

bool th_utf8_valid(const char *text, size_t len, size_t *bad)
{
    const byte *bytes = (const byte *)text;
    size_t pos = 0;

    for (;;) {
        uint32_t c;
        pos += skip_easy(bytes + pos, len - pos);
        if (pos >= len)
            return true;
        size_t step = decode(bytes + pos, len - pos, &c);
        if (!step)
            break;
        pos += step;
    }
    if (bad)
        *bad = pos;
    return false;
}

size_t th_utf8_count(const char *text, size_t len)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++)
        count += !is_tail((byte)text[i]);
    return count;
}

bool th_utf8_boundary(const char *text, size_t len, size_t pos)
{
    return pos == 0 || pos == len || (pos < len && !is_tail((byte)text[pos]));
}

size_t th_text_width(const char *text, size_t len)
{
    size_t width = 0, pos = 0;

    while (pos < len) {
        int columns = utf8proc_charwidth((utf8proc_int32_t)th_utf8_next(text, len, &pos));
        width += columns > 0 ? (size_t)columns : 0;
    }
    return width;
}

bool th_is_han(uint32_t c)
{
    if (c < 0x2E80)
        return false;
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || c == 0x3007 || c == 0x3005 ||
           (c >= 0xF900 && c <= 0xFAD9) || (c >= 0x20000 && c <= 0x323AF) || (c >= 0x2E80 && c <= 0x2FD5);
}

bool th_is_space(uint32_t c)
{
    if (c < 0x80)
        return c == ' ' || (c >= '\t' && c <= '\r');
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}

uint32_t th_fold_width(uint32_t c)
{
    if (c < 0xFF05 || c > 0xFF5A)
        return c;
    bool folds = (c >= 0xFF10 && c <= 0xFF19) || (c >= 0xFF21 && c <= 0xFF3A) || c >= 0xFF41 || c == 0xFF05 ||
                 c == 0xFF0B || c == 0xFF0D || c == 0xFF0E;
    return folds ? c - 0xFEE0 : c;
}

/* ---- normalising ---- */

/* What cleaning does with a character. */
enum fate { KEEP, LINE_END, SPACE, REMOVE, JOINER };

/* The letters of a flag such as Scotland's, after a black flag. */
static bool is_tag(uint32_t c)
{
    return c >= 0xE0020 && c <= 0xE007F;
}

static bool is_joiner(uint32_t c)
{
    return is_tag(c) || c == 0x200C || c == 0x200D || (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF);
}

static bool is_invisible(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x061C || c == 0x180E ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
           c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c < 0xE0020) ||
           (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE; /* no characters, by the standard */
}

static enum fate fate_of(uint32_t c)
{
    if (c == '\n' || c == 0x0B || c == 0x0C || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029)
        return LINE_END;
    if (th_is_space(c))
        return SPACE;
    if (is_joiner(c))
        return JOINER;
    return is_invisible(c) ? REMOVE : KEEP;
}

/* Can `c` change, or change its neighbours, under NFC? All that is false for is its own NFC form and begins anew:
 * Latin below U+0300, Han, kana and their punctuation among them. */
static bool may_compose(uint32_t c)
{
    if (c < 0x300)
        return false;
    if (c >= 0x2E80 && c < 0xA000)
        return (c >= 0x302A && c <= 0x302F) || c == 0x3099 || c == 0x309A;
    if (c >= 0x1100 && c <= 0x11FF)
        return true; /* Hangul letters join by rule, not by table */
    const utf8proc_property_t *p = utf8proc_get_property((utf8proc_int32_t)c);
    return p->combining_class || p->category == UTF8PROC_CATEGORY_MN || p->category == UTF8PROC_CATEGORY_MC ||
           (p->decomp_type == 0 && p->decomp_seqindex != UINT16_MAX);
}

/* The bytes from `at` on that cleaning and NFC leave as they are and that need no table: printable ASCII, line feeds,
 * Han, kana, CJK punctuation and full-width forms, dashes, quotes, ellipses. */
static size_t skip_plain(const byte *at, size_t left)
{
    size_t i = 0;

    while (i < left) {
        byte a = at[i];
        if (a < 0x80) {
            if ((a < 0x20 && a != '\n') || a == 0x7F)
                break;
            i++;
            continue;
        }
        if (left - i < 3 || !is_tail(at[i + 1]) || !is_tail(at[i + 2]))
            break;
        byte b = at[i + 1], c = at[i + 2];
        bool plain = (a >= 0xE4 && a <= 0xE9) ||
                     (a == 0xE3 && (b == 0x80 ? c > 0x80 && c < 0xAA : b != 0x82 || c < 0x99 || c > 0x9A)) ||
                     (a == 0xEF && (b == 0xBC || b == 0xBD)) || (a == 0xE2 && b == 0x80 && c >= 0x90 && c <= 0xA6);
        if (!plain)
            break;
        i += 3;
    }
    return i;
}

/* Does a joiner at `pos` (its next character) stand between two characters that use one? */
static bool joins(const th_str *out, size_t start, const char *text, size_t len, size_t pos, uint32_t joiner)
{
    size_t before = out->len;

    if (out->failed || before == start)
        return false;
    uint32_t prev = th_utf8_prev(out->data, &before);
    if (is_tag(joiner))
        return is_tag(prev) || prev == 0x1F3F4;
    if (th_is_han(prev) || th_is_space(prev))
        return false;
    if (joiner != 0x200C && joiner != 0x200D)
        return true; /* a variation selector belongs to the character before it */
    if (pos == len)
        return false;
    uint32_t next = th_utf8_next(text, len, &pos);
    return !th_is_han(next) && fate_of(next) == KEEP;
}

/* Append `text` without what article text does not hold. True when some character may not be in NFC. */
static bool clean(th_str *out, const char *text, size_t len, th_normal_stats *stats)
{
    size_t start = out->len, pos = 0;
    bool composes = false;

    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        pos = 3;
    while (pos < len) {
        size_t plain = skip_plain((const byte *)text + pos, len - pos);
        th_str_add(out, text + pos, plain);
        pos += plain;
        if (pos == len)
            break;

        size_t from = pos;
        uint32_t c = th_utf8_next(text, len, &pos);
        enum fate fate = fate_of(c);
        stats->replaced += c == DAMAGED && pos - from == 1;
        if (fate == LINE_END) {
            if (c == '\r' && pos < len && text[pos] == '\n')
                pos++;
            th_str_putc(out, '\n');
        } else if (fate == SPACE) {
            th_str_putc(out, ' ');
        } else if (fate == KEEP || (fate == JOINER && joins(out, start, text, len, pos, c))) {
            th_utf8_add(out, c);
            composes |= may_compose(c);
        } else {
            stats->removed++;
        }
    }
    return composes;
}

/* The end of the stretch around `pos` that has to be composed in one go. */
static size_t stretch_end(const char *text, size_t len, size_t pos)
{
    size_t marks = 0;

    while (pos < len) {
        size_t next = pos;
        uint32_t c = th_utf8_next(text, len, &next);
        if (!may_compose(c))
            break;
        marks = utf8proc_get_property((utf8proc_int32_t)c)->combining_class ? marks + 1 : 0;
        if (marks > LONGEST_MARKS)
            break;
        pos = next;
    }
    return pos;
}

/* Append the NFC form of `len` bytes; `scratch` holds its characters meanwhile. */
static void add_composed(th_str *out, const char *text, size_t len, th_str *scratch)
{
    const size_t unit = sizeof(utf8proc_int32_t);

    th_str_clear(scratch);
    if (!th_str_reserve(scratch, (len + 1) * 4 * unit)) { /* a character has four canonical parts at most */
        out->failed = true;
        return;
    }
    utf8proc_int32_t *chars = (utf8proc_int32_t *)(void *)scratch->data;
    utf8proc_ssize_t room = (utf8proc_ssize_t)((len + 1) * 4);
    utf8proc_ssize_t count =
        utf8proc_decompose((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, chars, room, nfc);
    if (count >= 0 && count <= room)
        count = utf8proc_normalize_utf32(chars, count, nfc);
    if (count < 0 || count > room) { /* can not be: the text is valid UTF-8 and there is room */
        th_str_add(out, text, len);
        return;
    }
    for (utf8proc_ssize_t i = 0; i < count; i++)
        th_utf8_add(out, (uint32_t)chars[i]);
}

/* Append the NFC form of clean text: only the stretches that may change go through utf8proc. */
static void compose(th_str *out, const char *text, size_t len)
{
    th_str scratch = {0};
    size_t done = 0, pos = 0, last = 0; /* last: the start of the character before pos, or pos */

    while (pos < len) {
        size_t plain = skip_plain((const byte *)text + pos, len - pos);
        if (plain) {
            pos += plain;
            last = pos;
            th_utf8_prev(text, &last);
            continue;
        }
        size_t next = pos;
        if (!may_compose(th_utf8_next(text, len, &next))) {
            last = pos;
            pos = next;
            continue;
        }
        size_t end = stretch_end(text, len, pos);
        th_str_add(out, text + done, last - done);
        add_composed(out, text + last, end - last, &scratch);
        done = last = pos = end;
    }
    th_str_add(out, text + done, len - done);
    th_str_free(&scratch);
}

th_status th_text_normalise(th_str *out, const char *text, size_t len, th_normal_stats *stats, th_error *err)
{
    th_normal_stats unused;
    size_t start = out->len;

    if (!stats)
        stats = &unused;
    *stats = (th_normal_stats){0};
    if (th_str_reserve(out, len) && clean(out, text, len, stats) && th_str_ok(out)) {
        th_str copy = {0};
        th_str_add(&copy, out->data + start, out->len - start);
        out->len = start;
        compose(out, th_str_text(&copy), copy.len);
        out->failed |= copy.failed;
        th_str_free(&copy);
    }
    return th_str_ok(out) ? TH_OK : th_error_set(err, TH_ERR_NOMEM, "out of memory while normalising %zu bytes", len);
}
