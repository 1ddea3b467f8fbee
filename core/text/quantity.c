/* quantity.c - see quantity.h. The scan jumps from numeral to numeral; at each one it reads number and unit, asks
 * whether the words around refuse it, and looks for comparators. Every look is bounded, and a refused numeral is
 * stepped over whole, so the pass is linear. */
#include "text/quantity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/quantity_impl.h"

/* Cut doubles such as 11000.000000000002 back to what was written. */
static double tidy(double v)
{
    double scaled = nearbyint(v * 1e4) / 1e4;
    return fabs(v) < 1e11 && fabs(scaled - v) <= 1e-12 * fabs(v) ? scaled : fabs(v) >= 1e11 ? nearbyint(v) : v;
}

/* The whole text is this number. */
static bool is_alone(const scan *c, const reading *r)
{
    size_t from = r->money != NULL ? r->money_start : r->start, to = r->unit_stop;

    for (int i = 0; i < 4 && from > 0 && c->s[from - 1] == ' '; i++)
        from--;
    for (int i = 0; i < 4 && to < c->len && (c->s[to] == ' ' || c->s[to] == '\n' || at(c, to, "。")); i++)
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

    if (is_alone(c, r) || (r->n.single && r->low < 0 && closed))
        return true;
    if (r->n.bare)
        return cmp->found && closed;
    if (!r->n.arabic && !r->n.single && !r->n.spelled && r->n.low >= 11 && closed && after != '.' && after != 0x3001 && after != ')' &&
        after != 0xFF09 && after != 0x201D)
        return true; /* 他考了九十五 */
    if (r->n.big || r->n.grouped)
        return r->n.arabic || cmp->found || closed;
    if (r->n.single || r->n.spelled || r->n.leading_zero || !closed || after == '-' || after == '/' || after == '.' ||
        is_colon(after))
        return false;
    if (cmp->found)
        return true;
    for (const char *const *w = measured; *w != NULL; w++)
        if (ends(c, r->start, *w))
            return r->n.digits < 7;
    return false;
}

/* 最后一公里, 每一吨, 第一亩: a unit named, not a quantity of it. */
static bool one_is_each(const scan *c, const reading *r)
{
    return char_before_in(c, r->start, "后每这那同某任另第哪上下前头首唯") || char_at_in(c, r->unit_stop, "之一");
}

/* A bare scale word with its unit as the name of a class or a campaign: 亿吨级油田, 千亿斤粮食产能提升行动. */
static bool names_class(const scan *c, const reading *r)
{
    size_t pos = r->unit_stop;

    const listed *after = th_listed_at(c, LIST_AFTER, pos);

    if (at(c, pos, "级"))
        return true;
    if (after != NULL && th_is_han(char_at(c, pos + after->len)) && !char_at_in(c, pos + after->len, "的和与并") &&
        !char_before_in(c, r->start, "在达到至超破约近逾于"))
        return true; /* 万吨标准煤以上企业 */
    if (strcmp(r->dimension, "money") == 0)
        return th_listed_at(c, LIST_CLASS, pos) != NULL;
    for (int i = 0; i < 12 && pos < c->len && th_is_han(char_at(c, pos)); i++, pos = step_over(c, pos))
        if (i > 0 && th_listed_at(c, LIST_NAME, pos) != NULL)
            return true;
    return false;
}

/* 15分钟生活圈, 1小时通勤圈: the time is the circle's name. */
static bool names_circle(const scan *c, const reading *r)
{
    size_t pos = r->unit_stop;

    if (strcmp(r->dimension, "time") != 0)
        return false;
    for (int i = 0; i < 9 && pos < c->len && th_is_han(char_at(c, pos)); i++, pos = step_over(c, pos))
        if (at(c, pos, "圈"))
            return true;
    return false;
}

/* What is measured out, so that 一 before it is one and no article. */
static bool is_bulk(const char *d)
{
    return strcmp(d, "money") == 0 || strcmp(d, "mass") == 0 || strcmp(d, "volume") == 0 || strcmp(d, "length") == 0 ||
           strcmp(d, "area") == 0;
}

/* Lone 一, bare scale words and 零 need more than a unit. */
static bool is_weak(const scan *c, const reading *r, const comparison *before, const comparison *after)
{
    bool compared = before->found || after->found;
    const char *d = r->dimension;

    if (r->n.single && r->low == 1 && !r->is_share && !r->has_parts) {
        if (r->unit != NULL && (r->unit->role == ROLE_TENTH || strcmp(d, "ratio") == 0 || strcmp(d, "points") == 0))
            return false;
        if (r->unit != NULL && r->unit->role == ROLE_PLAIN && is_bulk(d) && !one_is_each(c, r))
            return false;
        return !compared && !(th_is_measure(d) && r->inner);
    }
    if (r->n.single && r->low == 0)
        return true;
    if (r->n.single && at(c, r->start, "二"))
        return !th_is_measure(d);
    if (!r->n.bare)
        return false;
    if (names_class(c, r) || ends(c, r->start, "每"))
        return true;
    if (strcmp(d, "money") == 0)
        return !(compared || ends(c, r->start, "达") || ends(c, r->start, "到"));
    if (strcmp(d, "time") == 0 || strcmp(d, "place") == 0)
        return true;
    return strcmp(d, "people") != 0 && strcmp(d, "count") != 0 && strcmp(d, "mass") != 0 && strcmp(d, "area") != 0 &&
           strcmp(d, "power") != 0 && strcmp(d, "ratio") != 0 && !compared;
}

static bool half_stands(const scan *c, const reading *r)
{
    if (r->low > 1)
        return true;
    if (r->unit == NULL)
        return is_alone(c, r);
    if (is_alone(c, r) && (th_is_measure(r->dimension) || r->unit->factor > 1))
        return true;
    if (char_before_in(c, r->start, "上下后前大一过多小这那"))
        return false;
    if (r->unit->role == ROLE_TENTH || r->unit->role == ROLE_DISCOUNT)
        return char_at_in(c, r->unit_stop, "以左上的，。、；") || th_is_han(char_at(c, r->unit_stop)) == 0;
    if (strcmp(r->dimension, "time") == 0)
        return r->unit->role != ROLE_MONTH && r->unit->role != ROLE_DAY;
    return r->unit->role == ROLE_PLAIN && r->unit->len > strlen("个") && th_is_measure(r->dimension);
}

/* 半年 and 半个月 have their unit; 半数 and 一半 are half of something when compared; 对折 is always 50 %. */
static bool read_half_share(const scan *c, size_t pos, reading *r)
{
    const char *word = at(c, pos, "一半") ? "一半" : at(c, pos, "半数") ? "半数" : NULL;
    comparison before, after;

    *r = (reading){.start = pos, .stop = pos, .low = 50, .high = 50, .is_share = true, .base = "%", .dimension = "share"};
    if (at(c, pos, "折") && ends(c, pos, "对") && pos - strlen("对") >= c->done) {
        r->start = pos - strlen("对");
        r->stop = r->unit_start = r->unit_stop = pos + strlen("折");
        return !char_at_in(c, r->stop, "叠射磨线页纸腾损");
    }
    if (word == NULL)
        return false;
    r->stop = r->unit_start = r->unit_stop = pos + strlen(word);
    before = th_compare_before(c, r, pos);
    return before.found || th_compare_after(c, r, r->stop, &after) || is_alone(c, r);
}

/* One Chinese digit with nothing that could be a unit: most numerals of a text, so they go first. */
static bool is_mere_word(const scan *c, const reading *r)
{
    uint32_t after;

    if (!r->n.single || r->is_share || r->base != NULL || r->start == 0)
        return false;
    after = char_at(c, r->stop);
    if (char_before_in(c, r->start, "负負") && !th_is_han(after))
        return false;
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

    *q = (th_quantity){.number = tidy(r->is_fraction ? r->low / 100 : r->low),
                       .number_max = tidy(r->is_fraction ? r->high / 100 : r->high),
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

/* 第23和24轮, 第五十九颗、六十颗: the second is an ordinal like the first. */
static bool goes_on_ordinal(const scan *c, const reading *r)
{
    size_t joint = step_back(c, r->start);

    return c->ordinal_stop > 0 && joint == c->ordinal_stop && char_at_in(c, joint, "和、及与至") &&
           (c->ordinal_unit == NULL || c->ordinal_unit == r->unit);
}

/* Does the reading, unit and all, stand in its context? */
static bool stands(scan *c, reading *r, const comparison *before, const comparison *after)
{
    if (!isfinite(r->low) || !isfinite(r->high))
        return false;
    if (th_is_ordinal(c, r) || goes_on_ordinal(c, r)) {
        c->ordinal_stop = r->unit_stop;
        c->ordinal_unit = r->unit;
        return false;
    }
    if (th_is_code(c, r))
        return false;
    if (r->half)
        return half_stands(c, r);
    if (r->base == NULL)
        return !ends(c, r->start, "每") && (th_counts_nouns(c, r) || stands_bare(c, r, before));
    if (is_alone(c, r) && r->unit != NULL && (th_is_measure(r->dimension) || r->unit->factor > 1))
        return !(th_is_date(c, r) && !r->n.arabic && r->n.spelled && strcmp(r->dimension, "discount") != 0);
    if (r->unit != NULL && (th_is_date(c, r) || th_is_ordinal_unit(c, r)))
        return false;
    if (ends(c, r->start, "每") && (r->n.bare || r->n.big) && strcmp(r->dimension, "people") == 0)
        return false; /* 每万人, 每10万人: what a rate is taken of */
    if (r->unit != NULL && at(c, r->unit_stop, "制") && !char_at_in(c, r->unit_stop + 3, "造定作成度品药冷片"))
        return false;
    if (r->dimension != NULL && strcmp(r->dimension, "time") == 0 && at(c, r->unit_stop, "来"))
        return false;
    if (names_circle(c, r))
        return false;
    return !is_weak(c, r, before, after);
}

/* Read what begins at `pos`. Returns where to go on; `*ok` tells whether `*q` holds a quantity. */
static size_t candidate(scan *c, size_t pos, th_quantity *q, bool *ok)
{
    reading r;
    size_t bad = 0, fixed = (unsigned char)c->s[pos] < 0x80 ? 0 : th_fixed_at(c, pos);
    comparison before, after = {TH_CMP_EXACT, 0, false, false};

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
    if (!th_read_number(c, pos, &r))
        return step_over(c, pos);
    if (r.is_share)
        th_read_fraction_unit(c, &r);
    else
        th_read_unit(c, &r);
    if (is_mere_word(c, &r))
        return r.stop;
    th_read_sign(c, &r);
    th_read_range(c, &r, &bad);
    if (bad > 0)
        return refuse(c, pos, bad);
    th_read_small_parts(c, &r);
    th_read_money_before(c, &r);
    th_settle_unit(c, &r);
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
