/* numeral.c - see numeral.h. A numeral is a run of literals (digits) and scale words; the value is kept in three
 * places, as Chinese groups by ten thousands: above 亿 (`top`), in 万 (`mid`), below (`low`). */
#include "text/numeral.h"

#include <math.h>
#include <string.h>

#include "text/quantity.h"
#include "text/unicode.h"

/* A value and, for pairs such as 三四, its upper end. */
typedef struct pair {
    double a, b;
} pair;

typedef struct reader {
    const char *text;
    size_t len, pos;
    th_numeral *out;
    pair top, mid, low, cur;
    bool has_cur, cur_single, cur_arabic, zero, any;
    int literals;
    double limit; /* the next scale below 万 must be smaller */
    double last;  /* the scale read last, 0 when none */
} reader;

int th_numeral_digit(uint32_t c)
{
    switch (c) {
    case 0x3007:
    case 0x96F6:
    case 0x25CB: return 0; /* 〇 零 ○ */
    case 0x4E00:
    case 0x58F9: return 1; /* 一 壹 */
    case 0x4E8C:
    case 0x8D30:
    case 0x8CB3:
    case 0x4E24:
    case 0x5169: return 2; /* 二 贰 貳 两 兩 */
    case 0x4E09:
    case 0x53C1:
    case 0x53C2:
    case 0x53C3: return 3; /* 三 叁 参 參 */
    case 0x56DB:
    case 0x8086: return 4; /* 四 肆 */
    case 0x4E94:
    case 0x4F0D: return 5; /* 五 伍 */
    case 0x516D:
    case 0x9646:
    case 0x9678: return 6; /* 六 陆 陸 */
    case 0x4E03:
    case 0x67D2: return 7; /* 七 柒 */
    case 0x516B:
    case 0x634C: return 8; /* 八 捌 */
    case 0x4E5D:
    case 0x7396: return 9; /* 九 玖 */
    default: return -1;
    }
}

double th_numeral_scale(uint32_t c)
{
    switch (c) {
    case 0x5341:
    case 0x62FE: return 10; /* 十 拾 */
    case 0x767E:
    case 0x4F70: return 100; /* 百 佰 */
    case 0x5343:
    case 0x4EDF: return 1000; /* 千 仟 */
    case 0x4E07:
    case 0x842C: return 1e4; /* 万 萬 */
    case 0x4EBF:
    case 0x5104: return 1e8;  /* 亿 億 */
    case 0x5146: return 1e12; /* 兆 */
    default: return 0;
    }
}

/* The character at `pos`, 0 at the end; `*next` is the position behind it. */
static uint32_t peek(const reader *r, size_t pos, size_t *next)
{
    *next = pos;
    if (pos < r->len && (unsigned char)r->text[pos] < 0x80) {
        *next = pos + 1;
        return (unsigned char)r->text[pos];
    }
    return pos < r->len ? th_fold_width(th_utf8_next(r->text, r->len, next)) : 0;
}

static bool is_blank_char(uint32_t c)
{
    return c == ' ' || c == 0x3000 || c == 0xA0;
}

static bool is_arabic(uint32_t c)
{
    return c >= '0' && c <= '9';
}

/* 壹 … 玖 and 拾 佰 仟 stand in names and words too (队伍, 大陆): a formal digit counts only before a formal scale,
 * 万, 亿 or money. */
static bool is_formal_digit(uint32_t c)
{
    return c == 0x58F9 || c == 0x8D30 || c == 0x53C1 || c == 0x53C2 || c == 0x8086 || c == 0x4F0D || c == 0x9646 || c == 0x67D2 ||
           c == 0x634C || c == 0x7396;
}

static bool formal_stands(const reader *r, size_t pos)
{
    size_t next;
    uint32_t c = peek(r, pos, &next);

    return c == 0x62FE || c == 0x4F70 || c == 0x4EDF || c == 0x5143 || c == 0x5706 || c == 0x89D2 ||
           th_numeral_scale(c) >= 1e4;
}

/* Behind a comma: three digits and no fourth? */
static bool is_group(const reader *r, size_t pos)
{
    size_t next;
    int count = 0;

    while (count < 4 && is_arabic(peek(r, pos, &next))) {
        pos = next;
        count++;
    }
    return count == 3;
}

/* 0-9 with grouping commas and a decimal point. The mantissa is kept whole and divided once, so that 87.1 is the
 * nearest double to 87.1. */
static void read_arabic(reader *r)
{
    size_t next;
    uint32_t c = peek(r, r->pos, &next), first = c;
    double value = 0, divisor = 1;
    int digits = 0, since = 0;
    bool decimal = false, full = r->text[r->pos] < '0' || r->text[r->pos] > '9';

    for (;; c = peek(r, r->pos, &next)) {
        size_t after;

        if (is_arabic(c)) {
            value = value * 10 + (double)(c - '0');
            divisor = decimal ? divisor * 10 : 1;
            digits += !decimal && digits < 1000000;
            since++;
        } else if (c == '.' && !decimal && is_arabic(peek(r, next, &after))) {
            decimal = true;
        } else if ((c == ',' || (full && c == 0xFF0C)) && !decimal && is_group(r, next) &&
                   (r->out->grouped ? since == 3 : since <= 3) && first != '0' && !r->any) {
            r->out->grouped = true;
            since = 0;
        } else {
            break;
        }
        r->pos = next;
    }
    r->cur.a = r->cur.b = isinf(divisor) ? INFINITY : value / divisor;
    r->has_cur = r->cur_arabic = true;
    r->cur_single = digits == 1 && !decimal;
    if (!r->any) {
        r->out->digits = digits;
        r->out->arabic = true;
        r->out->leading_zero = first == '0' && digits > 1;
    }
    r->out->decimal |= decimal;
}

/* Two digits in a row that mean "three or four" (三四, 七八, 三五). */
static bool is_pair(int a, int b)
{
    return (a > 0 && b == a + 1) || (a == 3 && b == 5);
}

/* A run of Chinese digits: one, a pair, or spelled out. False when the numeral ended before it. */
static bool read_digits(reader *r)
{
    size_t pos = r->pos, next;
    double value = 0;
    int count = 0, run[2] = {0, 0}, d;
    uint32_t c;

    while ((d = th_numeral_digit(c = peek(r, pos, &next))) >= 0) {
        if (is_formal_digit(c) && !formal_stands(r, next) && !(r->any && count == 0))
            break;
        if (d == 0 && count == 0 && r->last > 0) { /* the 零 of 一百零五 */
            r->zero = true;
            pos = next;
            continue;
        }
        if (count < 2)
            run[count] = d;
        value = value * 10 + d;
        count++;
        pos = next;
    }
    if (count == 0 || (count > 2 && r->any) || (count == 2 && r->any && !is_pair(run[0], run[1])))
        return false;
    r->pos = pos;
    r->has_cur = true;
    r->cur_arabic = false;
    r->cur_single = count == 1;
    r->cur.a = r->cur.b = value;
    if (count == 2 && is_pair(run[0], run[1])) {
        r->cur.a = run[0];
        r->cur.b = run[1];
    } else if (count >= 2) {
        r->out->spelled = true;
    }
    return true;
}

/* 点五 after a Chinese numeral, but not the 八点三十 of a clock. */
static bool read_point(reader *r)
{
    size_t pos, next;
    double fraction = 0, unit = 0.1;
    uint32_t c;
    int d;

    if (peek(r, r->pos, &pos) != 0x70B9)
        return false;
    if (th_numeral_digit(peek(r, pos, &next)) < 0)
        return false;
    while ((d = th_numeral_digit(peek(r, pos, &next))) >= 0) {
        fraction += d * unit;
        unit /= 10;
        pos = next;
    }
    c = peek(r, pos, &next);
    if (c == 0x5341 || c == 0x5206) /* 十 分 */
        return false;
    if (!r->has_cur)
        r->cur = (pair){0, 0};
    r->cur.a += r->low.a + fraction;
    r->cur.b += r->low.b + fraction;
    r->low = (pair){0, 0};
    r->has_cur = true;
    r->cur_single = false;
    r->out->decimal = true;
    r->zero = true; /* no 一百点五 read as a half said short */
    r->pos = pos;
    return true;
}

static bool begins(const reader *r, size_t pos, const char *word)
{
    size_t n = strlen(word);
    return n <= r->len - pos && memcmp(r->text + pos, word, n) == 0;
}

/* 千瓦, 千克, 百帕, 兆瓦: the scale word belongs to the unit. */
static bool is_prefix_of_unit(const reader *r, size_t pos, double scale)
{
    static const char *const kilo = "瓦克米卡伏赫焦升帕巴乏", *const mega = "瓦赫帕焦字比";
    size_t next;
    const char *units = scale == 1000 ? kilo : scale == 1e12 ? mega : scale == 100 ? "帕" : NULL;
    char c[4] = "";

    if (begins(r, pos, "分点") || begins(r, pos, "分比")) /* 100百分点 */
        return scale == 100 && r->any;
    if (scale == 1000 && (begins(r, pos, "字节") || begins(r, pos, "比特")))
        return true;
    if (units == NULL || peek(r, pos, &next) < 0x4E00 || next - pos != 3)
        return false;
    memcpy(c, r->text + pos, 3);
    return strstr(units, c) != NULL;
}

static pair plus(pair x, pair y)
{
    return (pair){x.a + y.a, x.b + y.b};
}
static pair times(pair x, double f)
{
    return (pair){x.a * f, x.b * f};
}

/* Multiply what stands before a scale word by it. False when the word does not belong to this numeral. */
static bool apply_scale(reader *r, double scale)
{
    pair value = r->has_cur ? r->cur : (pair){0, 0};

    if (scale < 1e4) {
        if (scale >= r->limit || (!r->has_cur && r->any && scale != 10))
            return false;
        r->low = plus(r->low, times(r->has_cur ? value : (pair){1, 1}, scale));
        r->limit = scale;
    } else if (scale == 1e4) {
        value = plus(value, r->low);
        if (r->mid.a != 0 || (r->any && value.a == 0))
            return false;
        r->mid = times(r->any ? value : (pair){1, 1}, scale);
        r->low = (pair){0, 0};
        r->limit = 1e4;
    } else {
        value = plus(plus(value, r->low), r->mid);
        if (r->top.a != 0 && value.a == 0 && r->last == 1e8 && scale == 1e8 && !r->zero) /* 万亿亿 */
            value = r->top;
        else if (r->top.a != 0 || (r->any && value.a == 0))
            return false;
        r->top = times(r->any ? value : (pair){1, 1}, scale);
        r->low = r->mid = (pair){0, 0};
        r->limit = 1e4;
    }
    r->out->big |= scale >= 1e4;
    r->out->scale *= scale;
    r->last = scale;
    r->has_cur = r->zero = false;
    return true;
}

static bool read_scale(reader *r)
{
    size_t next;
    uint32_t c = peek(r, r->pos, &next);
    double scale = th_numeral_scale(c);

    if (scale == 0 || is_prefix_of_unit(r, next, scale))
        return false;
    if (!r->any && (c == 0x62FE || c == 0x4F70 || c == 0x4EDF || c == 0x5146)) /* 拾 佰 仟 兆 do not begin one */
        return false;
    if (!r->any)
        r->out->bare = scale != 10;
    if (!apply_scale(r, scale))
        return false;
    r->pos = next;
    return true;
}

/* 1000多万, 20余万, 十来万: step over the word when a scale follows. */
static void read_more(reader *r)
{
    size_t pos, next;
    uint32_t c = peek(r, r->pos, &pos);
    double scale;

    if (is_blank_char(c))
        c = peek(r, pos, &pos);
    if (c != 0x591A && c != 0x4F59 && c != 0x6765) /* 多 余 来 */
        return;
    if (is_blank_char(peek(r, pos, &next)))
        pos = next;
    scale = th_numeral_scale(peek(r, pos, &next));
    if (scale < 1e4 || is_prefix_of_unit(r, next, scale) || r->out->more || r->out->roughly)
        return;
    if (c == 0x6765)
        r->out->roughly = true;
    else
        r->out->more = true;
    r->pos = pos;
}

/* 廿, 卅 and 卌 are 20, 30 and 40. */
static bool read_score(reader *r)
{
    size_t next;
    uint32_t c = peek(r, r->pos, &next);

    if (r->any || (c != 0x5EFF && c != 0x5345 && c != 0x534C))
        return false;
    r->low.a = r->low.b = c == 0x5EFF ? 20 : c == 0x5345 ? 30 : 40;
    r->limit = r->last = 10;
    r->pos = next;
    return true;
}

/* A blank inside a numeral: before 万 or 亿 (10 亿), or in a Chinese one that goes on with a smaller scale or ends the text
 * (三 百 二 十). */
static void skip_space(reader *r)
{
    size_t next, after, behind;
    uint32_t c;

    if (r->pos >= r->len || !r->any || !is_blank_char(peek(r, r->pos, &next)))
        return;
    c = peek(r, next, &after);
    if (r->out->arabic || r->cur_arabic) { /* 10 亿, 3.5 千万 */
        if (r->has_cur && (th_numeral_scale(c) >= 1e4 ||
                           (th_numeral_scale(c) > 0 && th_numeral_scale(peek(r, after, &behind)) >= 1e4)))
            r->pos = next;
        return;
    }
    if (r->has_cur ? th_numeral_scale(c) > 0
                   : th_numeral_digit(c) >= 0 && (after >= r->len || th_numeral_scale(peek(r, after, &behind)) > 0 ||
                                                  (is_blank_char(peek(r, after, &behind)) &&
                                                   th_numeral_scale(peek(r, behind, &after)) > 0)))
        r->pos = next;
}

/* One step; false at the end of the numeral. */
static bool step(reader *r)
{
    size_t next;
    uint32_t c;

    skip_space(r);
    c = peek(r, r->pos, &next);

    if (is_arabic(c)) {
        if (r->has_cur || (r->any && r->last < 1e3))
            return false;
        read_arabic(r);
        r->literals++;
        if (r->any && r->cur.a >= r->last) /* 3万50000 are two numbers */
            r->cur.a = r->cur.b = INFINITY;
    } else if (th_numeral_digit(c) >= 0) {
        if (r->has_cur || (is_formal_digit(c) && !r->any && !formal_stands(r, next)) || !read_digits(r))
            return false;
        r->literals++;
    } else if (c == 0x70B9) {
        if (!r->any || r->out->decimal || r->cur_arabic || !read_point(r))
            return false;
    } else if (!read_score(r) && !read_scale(r)) {
        return false;
    }
    r->any = true;
    if (!r->out->spelled)
        read_more(r);
    return !r->out->spelled;
}

/* 一百五 is 150, 3万5 is 35,000. */
static void finish_short(reader *r)
{
    if (r->has_cur && r->cur_single && r->last >= 100 && !r->zero && r->cur.a > 0) {
        r->cur = times(r->cur, r->last / 10);
        r->cur_single = false;
    }
}

bool th_numeral_parse(th_numeral *out, const char *text, size_t len, size_t pos)
{
    reader r = {.text = text, .len = len, .pos = pos, .out = out, .limit = 1e4};
    pair sum;

    *out = (th_numeral){.start = pos, .stop = pos, .scale = 1};
    while (step(&r))
        ;
    if (!r.any)
        return false;
    out->single = r.has_cur && r.cur_single && !r.cur_arabic && r.last == 0;
    finish_short(&r);
    sum = plus(plus(r.top, r.mid), plus(r.low, r.has_cur ? r.cur : (pair){0, 0}));
    out->low = sum.a;
    out->high = sum.b;
    out->stop = r.pos;
    if (r.literals > 1)
        out->scale = 1;
    return true;
}

size_t th_numeral_read(const char *text, size_t len, double *value)
{
    th_numeral n;

    if (!th_numeral_parse(&n, text, len, 0))
        return 0;
    *value = n.low;
    return n.stop;
}
