/* measures.c - what the number counts: units, currency, compound units, halves and small parts of a unit, nouns counted
 * without a counter; see quantity_impl.h. */
#include <string.h>

#include "text/quantity_impl.h"

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

/* 元/人, 元／平方米, 千米/时, 英尺每秒: the unit goes on behind the stroke; 每 joins measures of one time only. */
static void read_denominator(scan *c, reading *r)
{
    uint32_t stroke = char_at(c, r->unit_stop);
    size_t pos = step_over(c, r->unit_stop);
    const unit_entry *below;

    if (!is_stroke(stroke) && stroke != 0x6BCF)
        return;
    below = th_unit_at(c, pos);
    if (below == NULL && at(c, pos, "时")) {
        r->base = concat(c, r->base, "小时");
        r->unit_stop = pos + strlen("时");
        return;
    }
    if (below == NULL || strcmp(r->unit->dimension, "share") == 0)
        return;
    if (stroke == 0x6BCF && (strcmp(r->unit->dimension, "length") != 0 || strcmp(below->dimension, "time") != 0 ||
                             strcmp(below->form, "年") == 0 || strcmp(below->form, "天") == 0))
        return;
    r->base = concat(c, r->base, below->base);
    r->unit_stop = pos + below->len;
}

static bool takes_half(const reading *r)
{
    return r->unit->role == ROLE_TENTH || r->unit->role == ROLE_DISCOUNT || strcmp(r->dimension, "time") == 0 ||
           strcmp(r->base, "倍") == 0 || strcmp(r->base, "岁") == 0 ||
           (th_is_measure(r->dimension) && strcmp(r->dimension, "share") != 0 && r->unit->role != ROLE_VAGUE);
}

/* 三年半, 两个半小时, 三成半, 一倍半, 三公里半. */
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
    if (r->unit == NULL || !at(c, r->unit_stop, "半") || r->n.decimal || !takes_half(r) ||
        char_at_in(c, r->unit_stop + half, "年天导夜数径自岛价小决"))
        return;
    r->low += 0.5;
    r->high += 0.5;
    r->n.single = false;
    r->unit_stop += half;
}

/* A blank may part Arabic digits from their unit, and a Chinese numeral from a measure. */
static bool parts_by_blank(const scan *c, const reading *r, size_t unit_at)
{
    return r->n.arabic || !th_is_han(char_at(c, unit_at)) || (th_is_measure(r->unit->dimension) && !r->n.single) ||
           (r->start == 0 && unit_at + r->unit->len == c->len);
}

bool th_read_unit(scan *c, reading *r)
{
    size_t pos, after;

    read_measured_scale(c, r);
    read_half_after(c, r);
    if (r->base != NULL)
        return true;
    pos = read_inner(c, r, r->stop);
    if (pos == r->stop && r->n.arabic && is_blank(char_at(c, pos))) { /* 300 余 人 */
        pos = read_inner(c, r, step_over(c, pos));
        pos = r->inner ? pos : r->stop;
    }
    after = is_blank(char_at(c, pos)) ? step_over(c, pos) : pos;
    r->unit = th_unit_at(c, after);
    if (r->unit == NULL && (r->n.arabic || r->n.big) && th_listed_at(c, LIST_NOUN, after) == NULL)
        r->unit = th_counter_at(c, after); /* 55个展区, 5人参选 */
    if (r->unit == NULL && r->inner) {
        r->inner = pos > r->stop && (r->n.big || r->n.digits >= 2 || pos == c->len); /* 1.3亿多 */
        if (r->inner)
            r->unit_start = r->unit_stop = pos;
        else
            r->unit_start = r->unit_stop = r->stop;
        return false;
    }
    if (r->unit == NULL || (after > pos && !parts_by_blank(c, r, after))) {
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

/* 四分之三英寸, 二分之一美元: a fraction of a unit that measures, not a share. */
void th_read_fraction_unit(scan *c, reading *r)
{
    size_t after = is_blank(char_at(c, r->stop)) ? step_over(c, r->stop) : r->stop;
    const unit_entry *u = r->is_fraction ? th_unit_at(c, after) : NULL;

    r->unit_start = r->unit_stop = r->stop;
    if (u == NULL || !th_is_measure(u->dimension) || u->role != ROLE_PLAIN || strcmp(u->dimension, "share") == 0 ||
        strcmp(u->dimension, "points") == 0 || strcmp(u->dimension, "ratio") == 0)
        return;
    r->is_share = r->is_fraction = false;
    r->low /= 100;
    r->high /= 100;
    r->n.decimal = true;
    r->unit = u;
    r->base = u->base;
    r->dimension = u->dimension;
    r->unit_start = after;
    r->unit_stop = after + u->len;
}

/* ---- small parts of a unit ---- */

/* 五元二角三分, 十块五, 六毛七: smaller money behind the larger, as one sum. */
static double read_jiao_and_fen(const scan *c, reading *r)
{
    bool spoken = at(c, r->unit_start, "块"), dime = r->unit->factor == 0.1;
    double sum = 0;
    th_numeral n;

    for (double worth = dime ? 0.01 : 0.1; worth > 0.001; worth /= 10) {
        static const size_t one = sizeof "角" - 1;

        if (!th_numeral_parse(&n, c->s, c->len, r->unit_stop) || n.low >= 10 || n.big || n.decimal || n.high > n.low ||
            (n.arabic && n.digits > 1))
            break;
        if (worth == 0.1 && (at(c, n.stop, "角") || at(c, n.stop, "毛"))) {
            sum += n.low * worth;
            spoken = true;
        } else if (at(c, n.stop, "分") && !at(c, n.stop, "分之") && !at(c, n.stop, "分钟")) {
            sum += n.low * 0.01;
            r->unit_stop = n.stop + one;
            break;
        } else if ((spoken || dime) && !th_is_han(char_at(c, n.stop))) {
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

/* 五美元三十美分: cents behind their currency. */
static double read_cents(const scan *c, reading *r)
{
    static const struct {
        const char *base, *cent;
    } cents[] = {{"美元", "美分"}, {"欧元", "欧分"}, {"英镑", "便士"}, {"美元", "分"}, {"欧元", "分"}, {"澳元", "分"}};
    th_numeral n;

    for (size_t i = 0; i < sizeof cents / sizeof *cents; i++)
        if (strcmp(r->base, cents[i].base) == 0 && th_numeral_parse(&n, c->s, c->len, r->unit_stop) && n.low < 100 &&
            !n.decimal && at(c, n.stop, cents[i].cent) && !at(c, n.stop, "分之")) {
            r->unit_stop = n.stop + strlen(cents[i].cent);
            return n.low / 100;
        }
    return 0;
}

/* 一米八, 1米75: tenths or hundredths of a metre. */
static double read_centimetres(const scan *c, reading *r)
{
    th_numeral n;
    double part;

    if (r->low >= 10 || r->n.decimal || r->is_range || !th_numeral_parse(&n, c->s, c->len, r->unit_stop) || n.low >= 100 ||
        n.low < 1 || n.decimal || n.big || n.high > n.low || n.scale > 1 || (!n.arabic && !n.single && !n.spelled))
        return 0;
    if ((n.arabic && n.digits > 2) || is_alnum(char_at(c, n.stop)) || th_unit_at(c, n.stop) != NULL ||
        char_at_in(c, n.stop, "多余几"))
        return 0;
    part = n.low < 10 ? n.low / 10 : n.low / 100;
    r->unit_stop = n.stop;
    return part;
}

void th_read_small_parts(const scan *c, reading *r)
{
    double part = 0;

    if (r->unit == NULL || r->is_range)
        return;
    if (strcmp(r->base, "元") == 0 && (r->unit->factor == 1 || r->unit->factor == 0.1))
        part = read_jiao_and_fen(c, r) / r->unit->factor;
    else if (strcmp(r->dimension, "money") == 0)
        part = read_cents(c, r);
    else if (strcmp(r->unit->form, "米") == 0)
        part = read_centimetres(c, r);
    r->has_parts = part > 0;
    r->low += part;
    r->high += part;
    r->n.single &= part == 0;
}

/* 九成九, 6成7: hundredths behind tenths; 九五折 is 95 %. */
static void read_tenths(const scan *c, reading *r)
{
    th_numeral n;
    size_t behind;

    if (r->unit->role == ROLE_DISCOUNT && r->half) /* 半折 */
        r->low = r->high = 5;
    if (r->unit->role == ROLE_DISCOUNT && r->low >= 10 && r->low < 100) {
        r->low /= 10;
        r->high /= 10;
    }
    if (r->unit->role != ROLE_TENTH || r->low >= 10 || r->n.decimal || r->is_range ||
        !th_numeral_parse(&n, c->s, c->len, r->unit_stop) || n.low < 1 || n.low > 9 || n.decimal || n.big ||
        n.high > n.low || n.scale > 1)
        return;
    behind = n.stop;
    if (th_unit_at(c, behind) != NULL || char_at_in(c, behind, "多余几分") || is_alnum(char_at(c, behind)))
        return;
    r->low += n.low / 10;
    r->high = r->low;
    r->unit_stop = behind;
}

/* ---- currency in front ---- */

/* A currency sign or word before the number. */
void th_read_money_before(const scan *c, reading *r)
{
    size_t pos = r->start > 0 && c->s[r->start - 1] == ' ' ? r->start - 1 : r->start;
    const listed *sign = th_listed_before(c, LIST_SIGN, pos);

    if (sign == NULL || pos - sign->len < c->done || char_before_in(c, pos - sign->len, "兑换折以按"))
        return;
    if (r->unit != NULL && strcmp(r->dimension, "money") != 0)
        return;
    if (r->unit != NULL && strcmp(r->base, sign->option) != 0)
        return;
    r->money = sign->option;
    r->money_start = pos - sign->len;
}

/* ---- firms, households, people ---- */

/* 市场主体, 个体工商户 and households are counted in 户, whatever was counted before. */
static bool counts_entities(const scan *c, size_t pos)
{
    for (int i = 0; i < 10 && pos > 0 && th_is_han(char_before(c, pos)); i++, pos = step_back(c, pos))
        if (ends(c, pos, "主体") || ends(c, pos, "商户") || ends(c, pos, "农户") || ends(c, pos, "家庭"))
            return true;
    return false;
}

/* Firms are counted in 家, households and other entities in 户. */
static bool is_of_firms(const scan *c, const reading *r)
{
    static const char *const firms[] = {"企业", "公司", "规上", "工厂", "厂商", "主体企"};
    size_t pos = r->unit_stop;

    for (int i = 0; i < 8 && pos < c->len; i++, pos = step_over(c, pos)) {
        for (size_t k = 0; k < sizeof firms / sizeof *firms; k++)
            if (at(c, pos, firms[k]))
                return true;
        if (!th_is_han(char_at(c, pos)))
            break;
    }
    pos = r->start;
    for (int i = 0; i < 6 && pos > 0; i++, pos = step_back(c, pos)) {
        for (size_t k = 0; k < sizeof firms / sizeof *firms; k++)
            if (ends(c, pos, firms[k]))
                return true;
        if (!th_is_han(char_before(c, pos)))
            break;
    }
    return c->firms_until > r->start && !counts_entities(c, r->start); /* 企业由5千多户增加到1万6千多户 */
}

/* The noun a total is of (人口达到1300万): it stands in front, in the same clause, and nothing measured between. */
static const listed *total_before(const scan *c, size_t pos)
{
    const listed *noun;

    for (int i = 0; i < 14 && pos > 0; i++, pos = step_back(c, pos)) {
        uint32_t before = char_before(c, pos);

        if ((noun = th_listed_before(c, LIST_TOTAL, pos)) != NULL)
            return noun;
        if (!th_is_han(before) || char_before_in(c, pos, "量额金费值积入率件类价款"))
            return NULL;
    }
    return NULL;
}

bool th_counts_nouns(const scan *c, reading *r)
{
    size_t pos = r->unit_stop;
    const listed *noun = NULL, *word;
    const listed *compared;
    size_t closed;

    if (!r->n.big && !(r->n.arabic && r->low >= 1000 && !r->n.spelled && (r->n.digits > 4 || r->low >= 3000)))
        return false;
    for (int i = 0; i < 4 && noun == NULL; i++) {
        noun = th_listed_at(c, LIST_NOUN, pos);
        if ((word = th_listed_at(c, LIST_MODIFIER, pos)) == NULL)
            break;
        pos += word->len;
    }
    compared = th_listed_at(c, LIST_AFTER, r->unit_stop);
    closed = compared != NULL ? r->unit_stop + compared->len : r->unit_stop;
    if (noun == NULL && r->n.big && !r->n.bare && !th_is_han(char_at(c, closed)) && !is_alnum(char_at(c, closed)))
        noun = total_before(c, r->start);
    if (noun == NULL)
        return false;
    r->base = noun->option;
    r->dimension = strcmp(noun->option, "人") == 0 || strcmp(noun->option, "人次") == 0 ? "people" : "count";
    return true;
}

/* 分别提高0.6和1.0个百分点: the unit of the second number is the first one's too. */
static void share_unit(const scan *c, reading *r)
{
    th_numeral n;
    size_t pos = r->stop, after;
    const unit_entry *u;

    if (r->unit != NULL || r->base != NULL || r->half || r->n.single || !(at(c, pos, "和") || at(c, pos, "与") || at(c, pos, "、")))
        return;
    pos += strlen("和");
    if (!th_numeral_parse(&n, c->s, c->len, pos) || n.arabic != r->n.arabic || n.bare || n.single)
        return;
    if (!(r->n.decimal && n.decimal) && !(r->n.big && n.big))
        return;
    after = n.stop;
    u = th_unit_at(c, after);
    if (u == NULL || strcmp(u->dimension, "time") == 0 || strcmp(u->dimension, "place") == 0)
        return;
    r->unit = u;
    r->base = u->base;
    r->dimension = u->dimension;
    r->unit_start = r->unit_stop = r->stop;
}

void th_settle_unit(scan *c, reading *r)
{
    if (r->is_share) {
        r->unit = NULL;
        r->base = "%";
        r->dimension = "share";
        r->inner = false;
        r->unit_start = r->unit_stop = r->stop;
        return;
    }
    share_unit(c, r);
    if (r->unit != NULL && strcmp(r->unit->form, "块") == 0 && !r->has_parts && th_is_han(char_at(c, r->unit_stop))) {
        r->base = "块"; /* 三块牌子 is no money */
        r->dimension = "count";
    }
    if (r->unit != NULL && r->unit->role == ROLE_HOUSEHOLD && is_of_firms(c, r)) {
        r->base = "家";
        c->firms_until = r->unit_stop + 60;
    }
    if (r->unit != NULL && r->unit_stop > r->unit_start)
        read_denominator(c, r);
    if (r->unit != NULL)
        read_tenths(c, r);
    if (r->unit == NULL && r->base == NULL && r->money != NULL) {
        r->base = r->money;
        r->dimension = "money";
    }
}
