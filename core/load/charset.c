/* charset.c - see charset.h.
 *
 * GB 2312's first level (rows B0-D7) and Big5's (A4-C6) hold the characters in daily use, about 98 in 100 of a text. Text
 * of one read as the other falls outside half the time, which tells them apart from a few characters on, while structure
 * does not: nearly every Big5 text is valid GB18030. */
#define _GNU_SOURCE 1 /* strcasestr */
#include "load/charset.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PROBE = 64 << 10, HEAD = 2048, RUN = 4 };

typedef unsigned char byte;

/* What a character costs; a lost byte makes everything after it up to the next ASCII character look rare. */
enum { COMMON = 1, RARE = 4, LONG = 6, LOST = 6 };

/* The cost of the pair (a, b), 0 when it is no character. */
static int pair_cost(th_double_byte encoding, byte a, byte b)
{
    if (a < 0x81 || a == 0xff || b < 0x40 || b == 0x7f || b == 0xff)
        return 0;
    if (encoding == TH_BIG5) {
        if (a < 0x87 || (b > 0x7e && b < 0xa1))
            return 0;
        return a >= 0xa1 && a <= 0xc6 ? COMMON : RARE;
    }
    return b >= 0xa1 && ((a >= 0xb0 && a <= 0xd7) || a == 0xa1 || a == 0xa3) ? COMMON : RARE;
}

static bool is_digit(byte b)
{
    return b >= 0x30 && b <= 0x39;
}

/* GB18030 writes what GBK has not in four bytes. */
static bool is_long(th_double_byte encoding, const byte *b, size_t left)
{
    return encoding == TH_GB18030 && left >= 4 && b[0] >= 0x81 && b[0] < 0xff && is_digit(b[1]) && b[2] >= 0x81 &&
           b[2] < 0xff && is_digit(b[3]);
}

th_reading th_charset_read(th_double_byte encoding, const char *bytes, size_t len)
{
    const byte *b = (const byte *)bytes;
    th_reading r = {0, 0, false};
    size_t run = 0, rare = 0;

    for (size_t i = 0; i < len;) {
        if (b[i] < 0x80) {
            i++;
            run = rare = 0;
            continue;
        }
        int cost = i + 1 < len ? pair_cost(encoding, b[i], b[i + 1]) : 0;
        r.chars++;
        r.common += cost == COMMON;
        run++;
        rare += cost != COMMON;
        r.suspect |= run >= RUN && rare * 2 > run;
        i += cost ? 2 : is_long(encoding, b + i, len - i) ? 4 : 1;
    }
    return r;
}

/* Would a text hold this UTF-16 unit? */
static bool is_usual(unsigned unit)
{
    return (unit >= 0x4e00 && unit <= 0x9fff) || (unit >= 0x3000 && unit <= 0x303f) || (unit >= 0xff00 && unit <= 0xff65) ||
           (unit >= 0x2010 && unit <= 0x2030) || (unit >= 0x20 && unit < 0x7f) || (unit >= '\t' && unit <= '\r');
}

static bool is_printable(byte b)
{
    return (b >= 0x20 && b < 0x7f) || b == '\n' || b == '\r' || b == '\t';
}

const char *th_charset_utf16(const char *bytes, size_t len)
{
    const byte *b = (const byte *)bytes;
    size_t n = len < PROBE ? len / 2 : PROBE / 2, little = 0, big = 0, ascii = 0;

    for (size_t i = 0; i < n; i++) {
        ascii += is_printable(b[2 * i]) && is_printable(b[2 * i + 1]);
        little += is_usual(b[2 * i] | (unsigned)b[2 * i + 1] << 8);
        big += is_usual(b[2 * i + 1] | (unsigned)b[2 * i] << 8);
    }
    /* Two letters make a Han character too, but few Han characters make two letters. */
    if (n < 2 || ascii * 4 > n * 3 || (little > big ? little : big) * 20 < n * 19 || little == big)
        return NULL;
    return little > big ? "UTF-16LE" : "UTF-16BE";
}

const char *th_charset_declared(const char *bytes, size_t len)
{
    static const struct {
        const char *word, *name;
    } names[] = {{"utf-8", "UTF-8"}, {"utf8", "UTF-8"}, {"gb2312", "GB18030"}, {"gbk", "GB18030"}, {"gb18030", "GB18030"},
                 {"big5", "BIG5"}};
    char head[HEAD + 1];
    size_t n = len < HEAD ? len : HEAD;

    for (size_t i = 0; i < n; i++)
        head[i] = bytes[i] ? bytes[i] : ' ';
    head[n] = '\0';
    const char *at = strcasestr(head, "charset=");
    at = at ? at + 8 : strcasestr(head, "encoding=");
    if (!at)
        return NULL;
    at += strncasecmp(at, "encoding=", 9) == 0 ? 9 : 0;
    at += strspn(at, "\"' ");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strncasecmp(at, names[i].word, strlen(names[i].word)))
            return names[i].name;
    return NULL;
}

/* The cheapest way to read b[0..left) given the costs of what follows; `*step` = its first character's bytes. */
static uint32_t cheapest(th_double_byte encoding, const byte *b, size_t left, const uint32_t *after, byte *step)
{
    if (b[0] < 0x80) {
        *step = 1;
        return after[1];
    }
    uint32_t best = LOST + after[1];
    int cost = left >= 2 ? pair_cost(encoding, b[0], b[1]) : 0;

    *step = 1;
    if (cost && (uint32_t)cost + after[2] < best) {
        best = (uint32_t)cost + after[2];
        *step = 2;
    }
    if (is_long(encoding, b, left) && LONG + after[4] < best) {
        best = LONG + after[4];
        *step = 4;
    }
    return best;
}

size_t th_charset_damage(th_double_byte encoding, const char *bytes, size_t len, size_t **out)
{
    const byte *b = (const byte *)bytes;
    uint32_t *costs = calloc(len + 1, sizeof *costs); /* a billion bytes cost four thousand million at most */
    byte *steps = malloc(len + 1);
    size_t count = 0, *lost = NULL;

    *out = NULL;
    if (!costs || !steps) {
        count = SIZE_MAX;
        goto done;
    }
    for (size_t i = len; i-- > 0;)
        costs[i] = cheapest(encoding, b + i, len - i, costs + i, &steps[i]);
    for (size_t i = 0; i < len; i += steps[i])
        count += steps[i] == 1 && b[i] >= 0x80;
    lost = malloc((count + 1) * sizeof *lost);
    if (!lost) {
        count = SIZE_MAX;
        goto done;
    }
    count = 0;
    for (size_t i = 0; i < len; i += steps[i])
        if (steps[i] == 1 && b[i] >= 0x80)
            lost[count++] = i;
    *out = lost;
done:
    free(costs);
    free(steps);
    return count;
}
