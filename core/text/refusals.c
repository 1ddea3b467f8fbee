/* refusals.c - numbers that are no quantities: dates, ordinals, codes; see quantity_impl.h. */
#include <string.h>

#include "text/quantity_impl.h"

static bool is_counted(const scan *c, size_t pos)
{
    for (int i = 0; i < 5 && pos > 0; i++) {
        uint32_t before = char_before(c, pos);
        if (th_listed_before(c, LIST_COUNTED, pos) != NULL)
            return true;
        if (before == 0xFF0C || before == 0x3002 || before == ',' || before == 0x3001 || before == 0x7B2C)
            return false;
        pos = step_back(c, pos);
    }
    return false;
}

/* 2021年, 二〇二一年, 21年5月, 5月, 3日: dates, in dates, ordinals of time. */
bool th_is_date(const scan *c, const reading *r)
{
    bool plain = !r->n.big && !r->n.decimal && !r->inner && !r->half;

    switch (r->unit->role) {
    case ROLE_YEAR:
        if (r->n.spelled || r->n.leading_zero)
            return true;
        if (plain && r->n.arabic && r->n.digits == 4 && r->low >= 1000 && r->high < 3000)
            return true;
        return plain && (is_digit(char_at(c, r->unit_stop)) || char_at_in(c, r->unit_stop, "前后级代"));
    case ROLE_MONTH: return strcmp(r->unit->form, "月") == 0;
    case ROLE_DAY:
        return !(at(c, r->unit_stop, "内") || at(c, r->unit_stop, "以内") || at(c, r->unit_stop, "之内") ||
                 at(c, r->unit_stop, "游")) ||
               ends(c, r->start, "月");
    case ROLE_ANNIVERSARY: return true;
    case ROLE_DISCOUNT: return false;
    default: return r->n.spelled || r->n.leading_zero;
    }
}

/* 届, 期, 级, 大 and other counters that number as often as they count. */
bool th_is_ordinal_unit(const scan *c, const reading *r)
{
    bool one_char = !r->n.arabic && r->n.single;

    switch (r->unit->role) {
    case ROLE_SESSION:
        if (char_at_in(c, r->unit_stop, "一二三四五六七八九全人政中常历") && !at(c, r->unit_stop, "中国"))
            return true;
        return !(one_char && r->low != 1) && !r->inner && !is_counted(c, r->start);
    case ROLE_ISSUE: return !r->inner && !is_counted(c, r->start);
    case ROLE_LEVEL:
        if (r->is_range || at(c, r->start, "两") || r->n.decimal || at(c, r->unit_stop, "地震"))
            return false;
        return !one_char || !char_before_in(c, r->start, "省市县区镇乡村街道班校院部央方、");
    case ROLE_GREAT:
        if (r->inner || r->n.decimal || r->n.big || r->low < 2 || r->low > 20 || (!r->n.arabic && r->low > 10))
            return true;
        return r->low == 10 && th_listed_at(c, LIST_TITLE, r->unit_stop) != NULL;
    case ROLE_TENTH: return r->low > 10 || (r->low == 1 && char_at_in(c, r->unit_stop, "不"));
    case ROLE_DISCOUNT: return r->low >= 100;
    case ROLE_POINT:
        return one_char || r->n.bare || ends(c, r->start, "时") || ends(c, r->start, "点") || r->low == 10 ||
               r->is_range;
    case ROLE_DEGREE:
        return (one_char && !ends(c, r->start, "下")) || ends(c, r->start, "纬") || ends(c, r->start, "经");
    case ROLE_PLACE: return !r->n.arabic || r->n.decimal || r->low > 3000;
    case ROLE_TIMES:
        return at(c, r->unit_stop, "会议") || at(c, r->unit_stop, "全会") || at(c, r->unit_stop, "全体") ||
               at(c, r->unit_stop, "代表大会");
    case ROLE_CLOCK: return r->low <= 24 && !r->n.decimal && !char_at_in(c, r->unit_stop, "建意要主希思");
    case ROLE_VAGUE: return !r->n.arabic && one_char && !at(c, r->start, "两");
    default: return false;
    }
}

bool th_is_measure(const char *dimension)
{
    static const char *const measures[] = {"money",  "length", "mass",  "area",   "volume",      "power",
                                           "energy", "ratio",  "share", "points", "temperature", "speed", "discount", NULL};

    for (const char *const *m = measures; *m != NULL; m++)
        if (strcmp(dimension, *m) == 0)
            return true;
    return false;
}

/* Is there a letter, digit, point or sign on either side that makes it part of a code? */
bool th_is_code(const scan *c, const reading *r)
{
    uint32_t before = char_before(c, r->start), after = char_at(c, r->unit_stop);
    bool amount =
        r->unit != NULL && (r->n.big || strcmp(r->dimension, "share") == 0 || strcmp(r->dimension, "money") == 0);

    if (!r->n.arabic)
        return false;
    if (is_blank(before) && r->n.digits == 1 && is_digit(char_before(c, step_back(c, r->start))))
        return true; /* 1 8 5 8 亿: the last of digits set apart */
    if (is_letter(before) && !amount && r->money == NULL)
        return true;
    if (before == '.' || is_stroke(before) || before == '+' || before == '_' || before == '*' || before == 0xD7 ||
        before == '^' || is_digit(before))
        return !is_stroke(before) || !th_is_han(char_at(c, r->stop));
    if (is_dash(before) &&
        (is_alnum(char_before(c, step_back(c, r->start))) || is_dash(char_before(c, step_back(c, r->start)))))
        return before != 0x2014;
    if (is_colon(before) && is_digit(char_before(c, step_back(c, r->start))))
        return true;
    if (is_colon(after) && is_digit(char_at(c, step_over(c, r->unit_stop))))
        return true;
    return r->unit == NULL && (is_letter(after) || after == '+' || after == '_' || is_stroke(after) || after == '*' ||
                               after == 0xD7 || is_dash(after) || (after == '.' && is_digit(char_at(c, r->stop + 1))));
}

/* 第, 前N名, 数十, 几百, 周三 and the like before the number. */
bool th_is_ordinal(const scan *c, const reading *r)
{
    size_t pos = r->start > 0 && c->s[r->start - 1] == ' ' ? r->start - 1 : r->start;

    if (pos == 0)
        return false;
    if (ends(c, pos, "第"))
        return true;
    if (r->unit != NULL && at(c, r->unit_start, "位") &&
        (ends(c, pos, "前移") || ends(c, pos, "上升") || ends(c, pos, "提升") || ends(c, pos, "后移") || ends(c, pos, "下降")))
        return true; /* a move in a ranking */
    if (ends(c, pos, "前") && !ends(c, pos, "提前") && r->dimension != NULL && strcmp(r->dimension, "time") == 0)
        return true; /* 前10个月 is a time */
    if (ends(c, pos, "前") && r->unit != NULL && (at(c, r->unit_start, "名") || at(c, r->unit_start, "位")))
        return true;
    if (r->n.arabic)
        return false;
    if ((ends(c, pos, "数") || ends(c, pos, "几")) && r->n.start == r->start)
        return th_numeral_scale(char_at(c, pos)) > 0;
    if (r->n.single && r->low <= 6 && ends(c, pos, "周"))
        return !(is_numeral_char(char_before(c, step_back(c, pos))) || ends(c, pos, "每周") || ends(c, pos, "两周"));
    return r->n.single && th_listed_before(c, LIST_ORDINAL, pos) != NULL;
}
