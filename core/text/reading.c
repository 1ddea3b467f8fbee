/* reading.c - what the number is: numerals with their signs, shares, fractions, powers, ranges; see quantity_impl.h. */
#include <math.h>
#include <string.h>

#include "text/quantity_impl.h"

enum { MAX_GROUPS = 6 }; /* of three digits behind the first, so that a long table is read once */

/* The place behind an optional blank. */
static size_t skip_blank(const scan *c, size_t pos)
{
    return is_blank(char_at(c, pos)) ? step_over(c, pos) : pos;
}

/* 分之, blanks allowed: the place behind it, 0 when it is not there. */
static size_t behind_of(const scan *c, size_t pos)
{
    size_t part = skip_blank(c, pos), p;

    if (!at(c, part, "分") && !at(c, part, "份"))
        return 0;
    p = skip_blank(c, part + strlen("分"));
    return at(c, p, "之") ? skip_blank(c, p + strlen("之")) : 0;
}

/* 分之 after a numeral: 百分之八十七, 四分之三. */
static bool read_share(const scan *c, reading *r)
{
    th_numeral top;
    size_t pos = behind_of(c, r->stop);
    double sign = 1;

    if (pos == 0)
        return false;
    if (at(c, pos, "负")) {
        sign = -1;
        pos += strlen("负");
    }
    if (at(c, pos, "百") && r->low == 100 && !is_numeral_char(char_at(c, pos + strlen("百")))) /* 百分之百 */
        top = (th_numeral){.low = 100, .high = 100, .stop = pos + strlen("百")};
    else if (!th_numeral_parse(&top, c->s, c->len, pos) || r->low <= 0)
        return false;
    r->is_fraction = r->low != 100 && r->low != 1000 && r->low != 10000;
    r->low = sign * 100 * top.low / r->low;
    r->high = sign * 100 * top.high / r->high;
    r->is_share = true;
    r->n.single = r->n.bare = false;
    r->n.more = top.more;
    r->stop = top.stop;
    return true;
}

/* 1/10, 3/4: a small fraction that is no date, path or pair of months. An improper one stands only alone. */
static bool read_ratio(const scan *c, reading *r)
{
    th_numeral below;
    uint32_t after;

    if (!is_stroke(char_at(c, r->stop)) || !r->n.arabic || r->n.decimal || r->n.big || is_stroke(char_before(c, r->start)))
        return false;
    if (!th_numeral_parse(&below, c->s, c->len, step_over(c, r->stop)) || !below.arabic || below.decimal || below.big)
        return false;
    after = char_at(c, below.stop);
    if ((below.low <= r->low && !(r->start == 0 && below.stop == c->len)) || below.low > 100000 || r->low <= 0 ||
        below.low <= 0 || is_stroke(after) || is_alnum(after) || is_dash(after) || r->n.leading_zero || below.leading_zero)
        return false;
    r->low = r->high = 100 * r->low / below.low;
    r->is_share = r->is_fraction = true;
    r->stop = below.stop;
    return true;
}

/* 五又二分之一, 20又三分之一, 1 1/2: a whole number and a fraction. */
static bool read_mixed(const scan *c, reading *r)
{
    size_t pos = skip_blank(c, r->stop);
    bool spelled_and = at(c, pos, "又");
    reading part = {0};

    if (r->n.decimal || r->n.spelled || r->n.high > r->n.low || (!spelled_and && pos == r->stop))
        return false;
    if (spelled_and)
        pos = skip_blank(c, pos + strlen("又"));
    part.start = pos;
    if (!th_numeral_parse(&part.n, c->s, c->len, pos) || (!spelled_and && (!r->n.arabic || !part.n.arabic)))
        return false;
    part.low = part.n.low;
    part.high = part.n.high;
    part.stop = part.n.stop;
    if (!(spelled_and && read_share(c, &part)) && !read_ratio(c, &part))
        return false;
    if (!part.is_fraction || part.low >= 100)
        return false;
    r->low += part.low / 100;
    r->high = r->low;
    r->stop = part.stop;
    r->n.single = r->n.bare = false;
    r->n.decimal = true;
    return true;
}

/* 1.23e5, 10^5, 2.5^-1. */
static bool read_power(const scan *c, reading *r)
{
    uint32_t mark = char_at(c, r->stop);
    size_t pos = step_over(c, r->stop), end;
    bool negative, power_sign = mark == '^' || mark == 0xFF3E;
    double power = 0, unit = 1;
    int digits = 0;

    if (!r->n.arabic || r->n.big || (mark != '^' && mark != 0xFF3E && mark != 'e' && mark != 'E') || is_letter(char_before(c, r->start)))
        return false;
    negative = char_at(c, pos) == '-';
    if (negative || char_at(c, pos) == '+')
        pos = step_over(c, pos);
    for (end = pos; is_digit(char_at(c, end)) && digits < 4; end = step_over(c, end), digits++)
        power = power * 10 + (double)(char_at(c, end) - '0');
    if (digits > 0 && power_sign && char_at(c, end) == '.' && is_digit(char_at(c, step_over(c, end))))
        for (end = step_over(c, end); is_digit(char_at(c, end)) && digits < 8; end = step_over(c, end), digits++)
            power += (double)(char_at(c, end) - '0') * (unit /= 10);
    if (digits == 0 || is_alnum(char_at(c, end)) || char_at(c, end) == '^')
        return false;
    power = negative ? -power : power;
    r->low = r->high = power_sign ? pow(r->low, power) : r->low * pow(10, power);
    r->stop = end;
    r->n.decimal = true;
    return true;
}

/* 1 234 567: groups of three parted by blanks; two groups of them, or one that is the whole text. */
static void read_groups(const scan *c, reading *r)
{
    size_t pos = r->stop;
    double value = r->low;
    int groups = 0;

    if (!r->n.arabic || r->n.decimal || r->n.grouped || r->n.big || r->n.digits > 3 || r->n.leading_zero)
        return;
    while (is_blank(char_at(c, pos)) && groups < MAX_GROUPS) {
        size_t p = step_over(c, pos), n = 0;
        double group = 0;

        for (; is_digit(char_at(c, p)) && n < 4; p = step_over(c, p), n++)
            group = group * 10 + (double)(char_at(c, p) - '0');
        if (n != 3)
            break;
        value = value * 1000 + group;
        pos = p;
        groups++;
    }
    if (groups < 1 || (groups < 2 && !(r->start == 0 && pos == c->len)) || char_at(c, pos) == '.' ||
        is_alnum(char_at(c, pos)))
        return;
    r->low = r->high = value;
    r->stop = pos;
    r->n.grouped = true;
}

/* 15k, 3.5M, 2G, 1T behind a number that stands alone or is a sum of money; 5G is no number. */
static void read_suffix(const scan *c, reading *r)
{
    uint32_t mark = char_at(c, r->stop);
    size_t next = step_over(c, r->stop);
    double scale = mark == 'k' || mark == 'K' ? 1e3 : mark == 'M' ? 1e6 : mark == 'G' ? 1e9 : mark == 'T' ? 1e12 : 0;
    const unit_entry *unit;

    if (scale == 0 || !r->n.arabic || r->n.big || r->n.leading_zero || is_alnum(char_at(c, next)))
        return;
    if (mark == 'G' && r->n.digits == 1 && !r->n.decimal)
        return;
    unit = th_unit_at(c, skip_blank(c, next));
    if (!(r->start == 0 && next == c->len) && th_listed_before(c, LIST_SIGN, r->start) == NULL &&
        !(unit != NULL && strcmp(unit->dimension, "money") == 0))
        return;
    r->low *= scale;
    r->high *= scale;
    r->stop = next;
    r->n.big = true;
}

/* .25: a point without a digit in front, where no word or number ends. */
static void read_leading_point(const scan *c, reading *r)
{
    uint32_t before;

    if (!r->n.arabic || r->n.decimal || char_before(c, r->start) != '.')
        return;
    before = char_before(c, step_back(c, r->start));
    if ((before != 0 && !is_blank(before) && before != '-' && before != '$') ||
        (is_blank(before) && is_digit(char_before(c, step_back(c, step_back(c, r->start))))))
        return;
    for (int i = 0; i < r->n.digits; i++)
        r->low /= 10;
    r->high = r->low;
    r->start = step_back(c, r->start);
    r->n.decimal = true;
    r->n.leading_zero = false;
}

/* 負, 负, -, － and 零下 before a number that can be negative; 正负 and 欠 are no signs. */
void th_read_sign(const scan *c, reading *r)
{
    uint32_t sign = char_before(c, r->start);
    size_t from = step_back(c, r->start);
    uint32_t before = char_before(c, from);

    if ((sign == 0x8D1F || sign == 0x8CA0) && char_before_in(c, from, "肩担胜抱辜自欠背正税减债"))
        return;
    if (sign == '-' || sign == 0x2212) {
        if (is_alnum(before) || before == '-' || before == ')' || before == 0x2014 || before == '.' || before == '%')
            return;
    } else if (sign != 0x8D1F && sign != 0x8CA0) {
        if (!ends(c, r->start, "零下"))
            return;
        from = r->start - strlen("零下");
    }
    if (from < c->done)
        return;
    r->start = from;
    r->low = -r->low;
    r->high = -r->high;
    if (r->low > r->high) {
        double swap = r->low;
        r->low = r->high;
        r->high = swap;
    }
}

bool th_read_number(const scan *c, size_t pos, reading *r)
{
    *r = (reading){.start = pos, .stop = pos};
    if (at(c, pos, "半")) {
        r->half = true;
        r->low = r->high = 0.5;
        r->stop = pos + strlen("半");
        if (at(c, r->stop, "百")) {
            r->low = r->high = 50;
            r->stop += strlen("百");
        }
        return true;
    }
    if (!th_numeral_parse(&r->n, c->s, c->len, pos))
        return false;
    r->low = r->n.low;
    r->high = r->n.high;
    r->stop = r->n.stop;
    read_leading_point(c, r);
    if (!read_share(c, r) && !read_ratio(c, r) && !read_mixed(c, r) && !read_power(c, r)) {
        read_groups(c, r);
        read_suffix(c, r);
    }
    r->is_range = r->high > r->low;
    return true;
}

/* The number's second half behind 至, —, -, ~ or 到; false when there is none. */
static bool read_second(const scan *c, const reading *r, size_t pos, reading *second)
{
    uint32_t link;
    size_t next;

    pos = skip_blank(c, pos);
    link = char_at(c, pos);
    next = skip_blank(c, step_over(c, pos));
    if (!is_dash(link) && link != 0x81F3 && link != 0x5230)
        return false;
    if (is_dash(link) && is_dash(char_at(c, next)))
        next = step_over(c, next);
    if (!is_numeral_char(char_at(c, next)) || !th_read_number(c, next, second))
        return false;
    return second->n.arabic == r->n.arabic || second->is_share || !is_dash(link);
}

/* A sum moved from one to the other (由71所到47所) is two numbers. */
static bool is_movement(const scan *c, const reading *r)
{
    size_t pos = r->start;

    for (int i = 0; i < 8 && pos > 0; i++, pos = step_back(c, pos)) {
        if (ends(c, pos, "从") || ends(c, pos, "由") || ends(c, pos, "自"))
            return true;
        if (ends(c, pos, "，") || ends(c, pos, ",") || ends(c, pos, "。"))
            return false;
    }
    return false;
}

/* Do the halves of a range fit each other? `*bad` is set when they are a span of dates, a score or a telephone number. */
static bool is_range(const scan *c, const reading *r, const reading *second, bool spoken, size_t *bad)
{
    const unit_entry *own = r->unit;

    if (own != NULL && (second->base == NULL || strcmp(second->base, r->base) != 0) &&
        !(r->is_share && second->is_share))
        return false;
    if (own != NULL && spoken && is_movement(c, r))
        return false;
    if (own == NULL && !r->is_share && second->base == NULL && !second->n.big) {
        *bad = spoken ? 0 : second->stop;
        return false;
    }
    if (second->unit != NULL && own == NULL && th_is_date(c, second)) {
        *bad = second->unit_stop;
        return false;
    }
    if (is_digit(char_at(c, second->unit_stop)) && is_dash(char_before(c, second->unit_stop))) {
        *bad = second->stop;
        return false;
    }
    return true;
}

/* Read 3至5家, 10—20%, 4.5%-5%, 3-5万元. `*bad` is where to go on when it is none of that and no number either. */
bool th_read_range(scan *c, reading *r, size_t *bad)
{
    reading second;
    size_t link = r->unit != NULL ? r->unit_stop : r->stop;

    if (r->is_range || r->half || !read_second(c, r, link, &second))
        return false;
    th_read_unit(c, &second);
    link = skip_blank(c, link);
    if (!is_range(c, r, &second, char_at(c, link) == 0x5230 || char_at(c, link) == 0x81F3, bad))
        return false;
    if (r->unit == NULL && second.n.scale > 1 && r->n.scale == 1 && r->low < second.low &&
        second.low / second.n.scale > r->low && !r->is_share)
        r->low *= second.n.scale;
    if (r->is_share && !second.is_share && second.base == NULL)
        second.is_share = true;
    if (second.low <= r->low && !(r->low < 0))
        return false;
    if (r->low < 0 && second.low > 0 && is_dash(char_at(c, link)) && second.low <= -r->low)
        second.high = second.low;
    r->high = second.high;
    r->is_range = true;
    r->n.single = r->n.bare = false;
    r->n.big |= second.n.big;
    r->stop = second.stop;
    r->unit = second.unit;
    r->base = second.base;
    r->dimension = second.dimension;
    r->unit_start = second.unit_start;
    r->unit_stop = second.unit_stop;
    r->inner = second.inner;
    r->inner_cmp = second.inner_cmp;
    return true;
}
