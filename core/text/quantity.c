/* quantity.c - see quantity.h. The scan jumps from numeral to numeral; at each one it reads number and unit, asks
 * whether the words around refuse it, and looks for comparators. Every look is bounded, and a refused numeral is
 * stepped over whole, so the pass is linear. */
#include "text/quantity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/quantity_impl.h"
#include "text/quantity_words.h"

/* ---- reading a number ---- */

/* 分之 after a numeral: 百分之八十七, 四分之三; 四又六分之三 is left to its parts. */
static bool read_share(const scan *c, reading *r)
{
    th_numeral top;
    size_t pos = r->stop;
    double sign = 1;

    if (!at(c, pos, "分之"))
        return false;
    pos += strlen("分之");
    if (at(c, pos, "负")) {
        sign = -1;
        pos += strlen("负");
    }
    if (!th_numeral_parse(&top, c->s, c->len, pos) || r->low <= 0)
        return false;
    r->low = sign * 100 * top.low / r->low;
    r->high = sign * 100 * top.high / r->high;
    r->is_share = true;
    r->n.single = r->n.bare = false;
    r->n.more = top.more;
    r->stop = top.stop;
    return true;
}

/* 1/10, 3/4: a small proper fraction that is no date, path or pair of months. */
static bool read_ratio(const scan *c, reading *r)
{
    th_numeral below;
    uint32_t after;

    if (char_at(c, r->stop) != '/' || !r->n.arabic || r->n.decimal || r->n.big || char_before(c, r->start) == '/')
        return false;
    if (!th_numeral_parse(&below, c->s, c->len, r->stop + (c->s[r->stop] == '/' ? 1 : 3)) || !below.arabic ||
        below.decimal)
        return false;
    after = char_at(c, below.stop);
    if (below.low <= r->low || below.low > 100000 || r->low <= 0 || after == '/' || is_alnum(after) || is_dash(after) ||
        r->n.leading_zero || below.leading_zero)
        return false;
    r->low = r->high = 100 * r->low / below.low;
    r->is_share = true;
    r->stop = below.stop;
    return true;
}

/* 负, -, － and 零下 before a number that can be negative. */
static void read_sign(const scan *c, reading *r)
{
    uint32_t sign = char_before(c, r->start);
    size_t from = step_back(c, r->start);
    uint32_t before = char_before(c, from);

    if (sign == 0x8D1F && char_before_in(c, from, "肩担胜抱辜自欠背"))
        return;
    if (sign == '-' || sign == 0x2212) {
        if (is_alnum(before) || before == '-' || before == ')' || before == 0x2014 || before == '.' || before == '%')
            return;
    } else if (sign != 0x8D1F) {
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

/* A currency sign or word before the number. */
static void read_money_before(const scan *c, reading *r)
{
    static const struct {
        const char *word, *base;
    } signs[] = {
        {"US$", "美元"},    {"HK$", "港元"},  {"NT$", "新台币"}, {"A$", "澳元"},  {"C$", "加元"},
        {"S$", "新加坡元"}, {"￥", "元"},     {"¥", "元"},       {"＄", "美元"},  {"$", "美元"},
        {"€", "欧元"},      {"£", "英镑"},    {"￡", "英镑"},    {"₩", "韩元"},   {"₽", "卢布"},
        {"₹", "印度卢比"},  {"人民币", "元"}, {"RMB", "元"},     {"CNY", "元"},   {"USD", "美元"},
        {"EUR", "欧元"},    {"HKD", "港元"},  {"JPY", "日元"},   {"GBP", "英镑"}, {"港币", "港元"},
    };
    size_t pos = r->start;

    if (pos > 0 && c->s[pos - 1] == ' ')
        pos--;
    if (!char_before_in(c, pos, "$￥¥＄€£￡₩₽₹币BYDRP"))
        return;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (ends(c, pos, signs[i].word) && pos - strlen(signs[i].word) >= c->done) {
            r->money = signs[i].base;
            r->money_start = pos - strlen(signs[i].word);
            return;
        }
}

static bool read_number(const scan *c, size_t pos, reading *r)
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
    if (!read_share(c, r))
        read_ratio(c, r);
    r->is_range = r->high > r->low;
    return true;
}

/* ---- units ---- */

/* 多, 余, 来, 几, + between number and unit. */
static size_t read_inner(const scan *c, reading *r, size_t pos)
{
    static const struct {
        const char *word;
        th_cmp cmp;
    } inner[] = {
        {"多", TH_CMP_OVER},  {"余", TH_CMP_OVER}, {"几", TH_CMP_OVER},
        {"来", TH_CMP_ABOUT}, {"+", TH_CMP_OVER},  {"＋", TH_CMP_OVER},
    };

    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++)
        if (at(c, pos, inner[i].word)) {
            r->inner = true;
            r->inner_cmp = inner[i].cmp;
            return pos + strlen(inner[i].word);
        }
    return pos;
}

/* 10个亿, 3个百分点: 个 before a scale word multiplies. */
static void read_measured_scale(const scan *c, reading *r)
{
    size_t ge = strlen("个");

    if (at(c, r->stop, "个亿") && !at(c, r->stop, "个亿级")) {
        r->low *= 1e8;
        r->high *= 1e8;
        r->stop += ge + strlen("亿");
        r->n.big = true;
        r->n.single = false;
    }
}

static const char *concat(scan *c, const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    char *s = th_arena_alloc(c->arena, n + m + 2);

    if (s == NULL) {
        c->nomem = true;
        return "";
    }
    memcpy(s, a, n);
    s[n] = '/';
    memcpy(s + n + 1, b, m + 1);
    return s;
}

/* 元/人, 元／平方米, 公里/小时: the unit goes on behind the stroke. */
static void read_denominator(scan *c, reading *r)
{
    uint32_t stroke = char_at(c, r->unit_stop);
    size_t pos = step_over(c, r->unit_stop);
    const unit_entry *below;

    if (stroke != '/' || (below = th_unit_at(c, pos)) == NULL)
        return;
    if (strcmp(r->unit->dimension, "share") == 0)
        return;
    r->base = concat(c, r->base, below->base);
    r->unit_stop = pos + below->len;
}

/* 三年半, 两个半小时, 三成半, 一倍半. */
static void read_half_after(const scan *c, reading *r)
{
    size_t half = strlen("半");

    if (at(c, r->stop, "个半") && !r->n.decimal) {
        const unit_entry *u;
        if (at(c, r->stop, "个半月")) {
            r->unit_start = r->stop;
            r->unit_stop = r->stop + strlen("个半月");
            r->base = "月";
            r->dimension = "time";
        } else if ((u = th_unit_at(c, r->stop + strlen("个半"))) != NULL && strcmp(u->dimension, "time") == 0) {
            r->unit_start = r->stop;
            r->unit_stop = r->stop + strlen("个半") + u->len;
            r->base = u->base;
            r->dimension = "time";
            r->unit = u;
        } else {
            return;
        }
        r->low += 0.5;
        r->high += 0.5;
        r->n.single = false;
        return;
    }
    if (r->unit == NULL || !at(c, r->unit_stop, "半") || r->n.decimal)
        return;
    if (r->unit->role != ROLE_TENTH && strcmp(r->unit->dimension, "time") != 0 && r->unit->role != ROLE_DISCOUNT &&
        strcmp(r->unit->base, "倍") != 0 && strcmp(r->unit->base, "斤") != 0)
        return;
    if (char_at_in(c, r->unit_stop + half, "年天导夜数"))
        return;
    r->low += 0.5;
    r->high += 0.5;
    r->n.single = false;
    r->unit_stop += half;
}

static bool read_unit(scan *c, reading *r)
{
    size_t pos = r->stop, after;

    read_measured_scale(c, r);
    read_half_after(c, r);
    if (r->base != NULL)
        return true;
    pos = read_inner(c, r, r->stop);
    after = pos < c->len && c->s[pos] == ' ' ? pos + 1 : pos;
    r->unit = th_unit_at(c, after);
    if (r->unit == NULL && r->inner) {
        r->inner = pos > r->stop && (r->n.big || r->n.digits >= 2); /* 1.3亿多 */
        if (r->inner)
            r->unit_start = r->unit_stop = pos;
        else
            r->unit_start = r->unit_stop = r->stop;
        return false;
    }
    if (r->unit == NULL || (after > pos && th_is_han(char_at(c, after)) && !r->n.arabic)) {
        r->unit = NULL;
        r->unit_start = r->unit_stop = r->stop;
        return false;
    }
    r->unit_start = after;
    r->unit_stop = after + r->unit->len;
    if (!r->inner && strstr(r->unit->form, "多") != NULL) { /* 2个多百分点 */
        r->inner = true;
        r->inner_cmp = TH_CMP_OVER;
    }
    r->base = r->unit->base;
    r->dimension = r->unit->dimension;
    read_half_after(c, r);
    return true;
}

/* 3元5角2分, 10块5: smaller money behind the larger, as one sum. */
static double read_small_money(const scan *c, reading *r)
{
    double sum = 0;
    th_numeral n;

    if (r->unit == NULL || strcmp(r->base, "元") != 0 || r->unit->factor != 1)
        return 0;
    for (double worth = 0.1; worth > 0.001; worth /= 10) {
        static const size_t one = sizeof "角" - 1;

        if (!th_numeral_parse(&n, c->s, c->len, r->unit_stop) || n.low >= 10 || n.big || n.decimal || n.high > n.low)
            break;
        if (worth == 0.1 && (at(c, n.stop, "角") || at(c, n.stop, "毛"))) {
            sum += n.low * worth;
        } else if (at(c, n.stop, "分") && !at(c, n.stop, "分之") && !at(c, n.stop, "分钟")) {
            sum += n.low * 0.01;
            r->unit_stop = n.stop + one;
            break;
        } else if (worth == 0.1 && at(c, r->unit_start, "块") && !th_is_han(char_at(c, n.stop))) {
            sum += n.low * worth;
            r->unit_stop = n.stop;
            break;
        } else {
            break;
        }
        r->unit_stop = n.stop + one;
    }
    return sum;
}

/* ---- from a number to a quantity ---- */

/* The number's second half behind 至, —, -, ~ or 到; false when there is none. `joined` gets what follows it. */
static bool read_second(const scan *c, const reading *r, size_t pos, reading *second)
{
    uint32_t link = char_at(c, pos);
    size_t next = step_over(c, pos);

    if (!is_dash(link) && link != 0x81F3 && link != 0x5230)
        return false;
    if (is_dash(link) && is_dash(char_at(c, next)))
        next = step_over(c, next);
    if (!is_numeral_char(char_at(c, next)) || !read_number(c, next, second))
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

/* Read 3至5家, 10—20%, 4.5%-5%, 3-5万元. `*bad` when it is a span of dates, a score or a telephone number. */
static bool read_range(scan *c, reading *r, size_t *bad)
{
    reading second;
    const unit_entry *own = r->unit;
    size_t link = own != NULL ? r->unit_stop : r->stop;
    bool spoken;

    if (r->is_range || r->half || !read_second(c, r, link, &second))
        return false;
    spoken = char_at(c, link) == 0x5230 || char_at(c, link) == 0x81F3;
    read_unit(c, &second);
    if (own != NULL && (second.base == NULL || strcmp(second.base, r->base) != 0) && !(r->is_share && second.is_share))
        return false;
    if (own != NULL && spoken && is_movement(c, r))
        return false;
    if (own == NULL && !r->is_share && second.base == NULL && !second.n.big) {
        *bad = spoken ? 0 : second.stop;
        return false;
    }
    if (second.unit != NULL && own == NULL && th_is_date(c, &second)) {
        *bad = second.unit_stop;
        return false;
    }
    if (is_digit(char_at(c, second.unit_stop)) && is_dash(char_before(c, second.unit_stop))) {
        *bad = second.stop;
        return false;
    }
    if (own == NULL && second.n.scale > 1 && r->n.scale == 1 && r->low < second.low &&
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

/* Cut doubles such as 11000.000000000002 back to what was written. */
static double tidy(double v)
{
    double scaled = nearbyint(v * 1e4) / 1e4;
    return fabs(v) < 1e11 && fabs(scaled - v) <= 1e-12 * fabs(v) ? scaled : fabs(v) >= 1e11 ? nearbyint(v) : v;
}

/* Firms are counted in 家, households and other entities in 户. */
static bool is_of_firms(const scan *c, const reading *r)
{
    static const char *const firms[] = {"企业", "公司", "规上", "工厂", "厂商", "主体企", NULL};
    size_t pos = r->unit_stop;

    for (int i = 0; i < 8 && pos < c->len; i++, pos = step_over(c, pos)) {
        if (any_at(c, pos, firms) > 0)
            return true;
        if (!th_is_han(char_at(c, pos)))
            break;
    }
    pos = r->start;
    for (int i = 0; i < 5 && pos > 0; i++, pos = step_back(c, pos)) {
        if (any_before(c, pos, firms))
            return true;
        if (!th_is_han(char_before(c, pos)))
            break;
    }
    return false;
}

/* A number without a unit before the people, firms or entities it counts. */
static bool count_of_nouns(const scan *c, reading *r)
{
    size_t pos = r->unit_stop, n;

    if (!r->n.big && !(r->n.arabic && r->low >= 1000 && !r->n.spelled && (r->n.digits > 4 || r->low >= 3000)))
        return false;
    for (int i = 0; i < 4; i++) {
        if (any_at(c, pos, PEOPLE) > 0) {
            r->base = "人";
            r->dimension = "people";
            return true;
        }
        if (any_at(c, pos, ENTITIES) > 0) {
            r->base = "户";
            r->dimension = "count";
            return true;
        }
        if (any_at(c, pos, FIRMS) > 0) {
            r->base = "家";
            r->dimension = "count";
            return true;
        }
        if ((n = any_at(c, pos, PEOPLE_BEFORE)) == 0)
            return false;
        pos += n;
    }
    return false;
}

/* The whole text is this number. */
static bool is_alone(const scan *c, const reading *r)
{
    size_t from = r->start, to = r->unit_stop;

    while (from > 0 && c->s[from - 1] == ' ')
        from--;
    while (to < c->len && (c->s[to] == ' ' || c->s[to] == '\n' || at(c, to, "。")))
        to = step_over(c, to);
    return from == 0 && to == c->len;
}

/* A number without a unit that is still a number in use: 达到1.5, 突破50万。 */
static bool stands_bare(const scan *c, const reading *r, const comparison *cmp)
{
    static const char *const measured[] = {"达到", "达", "为", "是", "至", "到", "约", "超",
                                           "破",   "近", "逾", "共", "于", "计", NULL};
    uint32_t after = char_at(c, r->unit_stop);
    bool closed = after == 0 || !(th_is_han(after) || is_alnum(after) || after == '%');

    if (is_alone(c, r))
        return true;
    if (r->n.bare)
        return cmp->found && closed;
    if (r->n.big || r->n.grouped)
        return r->n.arabic || cmp->found || closed;
    if (r->n.single || r->n.spelled || r->n.leading_zero || !closed || after == '-' || after == '/' || after == '.' ||
        is_colon(after))
        return false;
    return cmp->found || (any_before(c, r->start, measured) && r->n.digits < 7);
}

/* Lone 一, bare scale words and 零 need more than a unit. */
static bool is_weak(const scan *c, const reading *r, const comparison *before, const comparison *after)
{
    bool compared = before->found || after->found;
    const char *d = r->dimension;

    if (r->n.single && r->low == 1 && !r->is_share) {
        if (r->unit != NULL && (r->unit->role == ROLE_TENTH || strcmp(d, "ratio") == 0 || strcmp(d, "points") == 0))
            return false;
        return !compared && !(th_is_measure(d) && r->inner);
    }
    if (r->n.single && r->low == 0)
        return true;
    if (r->n.single && at(c, r->start, "二"))
        return !th_is_measure(d);
    if (!r->n.bare)
        return false;
    if (strcmp(d, "money") == 0)
        return !(compared || ends(c, r->start, "达") || ends(c, r->start, "到")) ||
               any_at(c, r->unit_stop, CLASS_AFTER) > 0;
    if (strcmp(d, "time") == 0 || strcmp(d, "place") == 0)
        return true;
    return strcmp(d, "people") != 0 && strcmp(d, "count") != 0 && strcmp(d, "mass") != 0 && strcmp(d, "area") != 0 &&
           strcmp(d, "power") != 0 && strcmp(d, "ratio") != 0 && !compared;
}

static bool half_stands(const scan *c, const reading *r)
{
    if (r->low > 1)
        return true;
    if (ends(c, r->start, "上") || ends(c, r->start, "下") || ends(c, r->start, "后") || ends(c, r->start, "前") ||
        ends(c, r->start, "大") || ends(c, r->start, "一") || ends(c, r->start, "过"))
        return false;
    return r->unit != NULL && (strcmp(r->dimension, "time") == 0) && r->unit->role != ROLE_MONTH &&
           r->unit->role != ROLE_DAY;
}

/* 半年 and 半个月 have their unit; 半数 and 一半 are half of something when compared. */
static bool read_half_share(const scan *c, size_t pos, reading *r)
{
    const char *word = at(c, pos, "一半") ? "一半" : at(c, pos, "半数") ? "半数" : NULL;
    comparison before, after;

    if (word == NULL)
        return false;
    *r = (reading){.start = pos, .stop = pos + strlen(word), .low = 50, .high = 50, .is_share = true};
    r->unit_start = r->unit_stop = r->stop;
    r->base = "%";
    r->dimension = "share";
    before = th_compare_before(c, r, pos);
    return before.found || th_compare_after(c, r, r->stop, &after);
}

/* One Chinese digit with nothing that could be a unit: most numerals of a text, so they go first. */
static bool is_mere_word(const scan *c, const reading *r)
{
    uint32_t after;

    if (!r->n.single || r->is_share || r->base != NULL || r->start == 0)
        return false;
    after = char_at(c, r->stop);
    return !is_dash(after) && after != 0x81F3 && after != 0x5230 && !is_alone(c, r);
}

/* A numeral that is refused: how far to go on. Letters and digits stuck to it go with it. */
static size_t refuse(const scan *c, size_t from, size_t stop)
{
    if (from < c->len && (unsigned char)c->s[from] < 0x80)
        while (stop < c->len && (is_alnum((unsigned char)c->s[stop]) ||
                                 (c->s[stop] == '.' && stop + 1 < c->len && is_digit((unsigned char)c->s[stop + 1]))))
            stop++;
    return stop;
}

static void fill(const reading *r, const comparison *before, const comparison *after, th_quantity *q)
{
    double factor = r->unit != NULL && r->unit->factor > 0 ? r->unit->factor : 1;

    *q = (th_quantity){
        .start = (uint32_t)r->start, .stop = (uint32_t)r->unit_stop, .unit_start = (uint32_t)r->unit_start};
    if (r->money != NULL)
        q->start = (uint32_t)r->money_start;
    q->outer_start = before->found && !before->far && before->from < q->start ? (uint32_t)before->from : q->start;
    q->outer_stop = after->found ? (uint32_t)after->from : q->stop;
    q->value = tidy(r->low * factor);
    q->value_max = tidy(r->high * factor);
    q->is_range = r->is_range && q->value_max != q->value;
    q->unit = r->base != NULL ? r->base : "";
    q->dimension = r->dimension != NULL ? r->dimension : "";
    q->cmp = r->inner                        ? r->inner_cmp
             : r->n.more                     ? TH_CMP_OVER
             : r->n.roughly                  ? TH_CMP_ABOUT
             : before->found && !before->far ? before->cmp
             : after->found                  ? after->cmp
             : before->found                 ? before->cmp
                                             : TH_CMP_EXACT;
}

/* Does the reading, unit and all, stand in its context? */
static bool stands(scan *c, reading *r, const comparison *before, const comparison *after)
{
    if (!isfinite(r->low) || !isfinite(r->high) || th_is_ordinal(c, r) || th_is_code(c, r))
        return false;
    if (r->half)
        return half_stands(c, r);
    if (r->base == NULL)
        return count_of_nouns(c, r) || stands_bare(c, r, before);
    if (r->unit != NULL && (th_is_date(c, r) || th_is_ordinal_unit(c, r)))
        return false;
    if (r->unit != NULL && at(c, r->unit_stop, "制") && !char_at_in(c, r->unit_stop + 3, "造定作成度品药冷片"))
        return false;
    if (r->dimension != NULL && strcmp(r->dimension, "time") == 0 && at(c, r->unit_stop, "来"))
        return false;
    return !is_weak(c, r, before, after);
}

/* A unit that does not fit the number is none: the number may still stand bare. */
static void settle_unit(scan *c, reading *r)
{
    if (r->is_share) {
        r->unit = NULL;
        r->base = "%";
        r->dimension = "share";
        r->inner = false;
        r->unit_start = r->unit_stop = r->stop;
        return;
    }
    if (r->unit != NULL && strcmp(r->unit->form, "块") == 0 && th_is_han(char_at(c, r->unit_stop))) {
        r->base = "块"; /* 三块牌子 is no money */
        r->dimension = "count";
    }
    if (r->unit != NULL && r->unit->role == ROLE_HOUSEHOLD && is_of_firms(c, r))
        r->base = "家";
    if (r->unit != NULL)
        read_denominator(c, r);
    if (r->unit == NULL && r->base == NULL && r->money != NULL) {
        r->base = r->money;
        r->dimension = "money";
    }
}

/* Read what begins at `pos`. Returns where to go on; `*ok` tells whether `*q` holds a quantity. */
static size_t candidate(scan *c, size_t pos, th_quantity *q, bool *ok)
{
    reading r;
    size_t bad = 0, fixed = (unsigned char)c->s[pos] < 0x80 ? 0 : th_fixed_at(c, pos);
    comparison before, after = {TH_CMP_EXACT, 0, false, false};
    double small;

    *ok = false;
    if (read_half_share(c, pos, &r)) {
        before = th_compare_before(c, &r, r.start);
        th_compare_after(c, &r, r.unit_stop, &after);
        fill(&r, &before, &after, q);
        *ok = true;
        return r.stop;
    }
    if (fixed > pos)
        return fixed;
    if (!read_number(c, pos, &r))
        return step_over(c, pos);
    if (!r.is_share)
        read_unit(c, &r);
    else
        r.unit_start = r.unit_stop = r.stop;
    if (is_mere_word(c, &r))
        return r.stop;
    read_sign(c, &r);
    read_range(c, &r, &bad);
    if (bad > 0)
        return refuse(c, pos, bad);
    small = read_small_money(c, &r);
    r.low += small;
    r.high += small;
    read_money_before(c, &r);
    settle_unit(c, &r);
    before = th_compare_before(c, &r, r.money != NULL ? r.money_start : r.start);
    th_compare_after(c, &r, r.unit_stop, &after);
    if (!stands(c, &r, &before, &after))
        return refuse(c, pos, r.stop);
    fill(&r, &before, &after, q);
    *ok = true;
    return r.unit_stop;
}

/* ---- names in quotation marks ---- */

/* A name between quotation marks, a title in 《》: the position behind its end, or that behind the opening mark. */
static size_t skip_name(const scan *c, size_t pos, uint32_t open)
{
    uint32_t close = open == 0x201C ? 0x201D : open == 0x2018 ? 0x2019 : open == '"' ? '"' : open + 1;
    size_t at_once = step_over(c, pos), p = at_once;
    bool title = open == 0x300A;
    int limit = title ? TITLE_CHARS : NAME_CHARS;

    for (int i = 0; i <= limit && p < c->len; i++) {
        uint32_t ch = th_utf8_next(c->s, c->len, &p);

        if (ch == close)
            return p;
        if (ch == '\n')
            break;
        if (!title &&
            (ch == 0xFF0C || ch == 0x3002 || ch == ',' || ch == 0xFF1B || ch == ';' || ch == 0xFF01 || ch == 0xFF1F))
            break;
    }
    return at_once;
}

static size_t straight_quote(scan *c, size_t pos)
{
    size_t behind;

    if (c->in_quotes) {
        c->in_quotes = false;
        return pos + 1;
    }
    behind = skip_name(c, pos, '"');
    c->in_quotes = behind == pos + 1;
    return behind;
}

/* ---- the scan ---- */

/* What begins at a byte that is no ASCII; `*next` is the character behind. */
static kind kind_at(const scan *c, size_t pos, uint32_t *ch, size_t *next)
{
    const unsigned char *s = (const unsigned char *)c->s + pos;

    *next = pos;
    if (s[0] >= 0xE1 && s[0] < 0xF0 && c->len - pos >= 3 && (s[1] & 0xC0) == 0x80 && (s[2] & 0xC0) == 0x80) {
        *ch = (uint32_t)((s[0] & 15) << 12 | (s[1] & 63) << 6 | (s[2] & 63));
        *next = pos + 3;
    } else {
        *ch = th_utf8_next(c->s, c->len, next);
    }
    return *ch >= 0x2000 && *ch < 0x10000 ? (kind)c->units->kinds[*ch - 0x2000] : KIND_NONE;
}

static bool append(scan *c, th_quantity **items, size_t *count, size_t *cap, const th_quantity *q)
{
    th_quantity *room = th_arena_grow(c->arena, *items, *count, cap, sizeof *q);

    if (room == NULL)
        return false;
    *items = room;
    room[(*count)++] = *q;
    return true;
}

th_status th_quantity_scan(const th_units *units, const char *text, size_t len, th_arena *arena, th_quantities *out,
                           th_error *err)
{
    scan c = {.units = units, .s = text, .len = len, .arena = arena};
    th_quantity *items = NULL, q;
    size_t count = 0, cap = 0, pos = 0, next;
    uint32_t ch;

    *out = (th_quantities){NULL, 0};
    while (pos < len && !c.nomem) {
        unsigned char b = (unsigned char)text[pos];
        kind what = KIND_NONE;
        bool ok = false;

        if (b < 0x80) {
            if (b == '"') {
                pos = straight_quote(&c, pos);
                continue;
            }
            if (b == '\n')
                c.in_quotes = false;
            what = b >= '0' && b <= '9' ? KIND_NUMERAL : KIND_NONE;
            next = pos + 1;
        } else {
            what = kind_at(&c, pos, &ch, &next);
        }
        if (what == KIND_NUMERAL)
            next = candidate(&c, pos, &q, &ok);
        else if (what != KIND_NONE)
            next = skip_name(&c, pos, ch);
        if (ok && !append(&c, &items, &count, &cap, &q))
            c.nomem = true;
        if (ok)
            c.done = q.stop;
        pos = next;
    }
    if (c.nomem)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    *out = (th_quantities){items, count};
    return TH_OK;
}

const char *th_cmp_name(th_cmp cmp)
{
    static const char *const names[] = {"exact", "over", "under", "about", "at_least", "at_most"};
    return names[cmp];
}
