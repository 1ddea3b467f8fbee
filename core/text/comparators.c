/* comparators.c - 超, 近, 至少, 以上 and their like around a number; see quantity_impl.h. */
#include <string.h>

#include "text/quantity_impl.h"

static size_t skip_filler(const scan *c, size_t pos)
{
    static const char *const fillers[] = {"为", "有", "占", "了", "达", "达到", "计", " ", NULL};

    for (const char *const *f = fillers; *f != NULL; f++)
        if (ends(c, pos, *f))
            return pos - strlen(*f);
    return pos;
}

static bool near_before(const scan *c, size_t pos, comparison *out)
{
    const listed *w = th_listed_before(c, LIST_BEFORE, pos);

    if (w == NULL)
        return false;
    *out = (comparison){w->cmp, pos - w->len, true, false};
    return true;
}

/* Walk back over at most `limit` characters of one clause without numbers for 至少, 最高 and their like. */
static bool far_before(const scan *c, size_t start, int limit, comparison *out)
{
    size_t pos = start;
    const listed *w;

    for (int i = 0; i < limit && pos > 0; i++) {
        uint32_t before = char_before(c, pos);

        if (!th_is_han(before) && before != ' ')
            return false;
        pos = step_back(c, pos);
        if ((w = th_listed_before(c, LIST_BEFORE, pos)) != NULL && w->far) {
            if (th_listed_at(c, LIST_NOT_FAR, pos) != NULL)
                return false;
            *out = (comparison){w->cmp, start, true, true};
            return true;
        }
    }
    return false;
}

comparison th_compare_before(const scan *c, const reading *r, size_t start)
{
    comparison out = {TH_CMP_EXACT, start, false, false};
    size_t pos;

    if (ends(c, start, "近") && r->unit != NULL && r->unit->role == ROLE_YEAR && r->low <= 10)
        return out; /* 近三年: the last three years, not nearly three */
    if (near_before(c, start, &out))
        return out;
    if (ends(c, start, "过") && ((r->unit != NULL && r->unit->role == ROLE_TENTH) || r->is_share) &&
        !char_before_in(c, start - strlen("过"), "通经不"))
        return (comparison){TH_CMP_OVER, start - strlen("过"), true, false}; /* 收获过七成 */
    pos = skip_filler(c, start);
    if (pos < start && near_before(c, pos, &out) && out.cmp != TH_CMP_EXACT)
        return out;
    if (r->n.bare && (ends(c, start, "上") || ends(c, start, "过")) && !char_before_in(c, start - 3, "以通经路网线会"))
        return (comparison){TH_CMP_OVER, start - 3, true, false};
    far_before(c, start, r->n.single && r->low == 1 ? 5 : 8, &out);
    return out;
}

bool th_compare_after(const scan *c, const reading *r, size_t stop, comparison *out)
{
    const listed *w = th_listed_at(c, LIST_AFTER, stop);

    if (w != NULL) {
        *out = (comparison){w->cmp, stop + w->len, true, false};
        return true;
    }
    if ((at(c, stop, "多") || at(c, stop, "余")) && r->unit != NULL &&
        !char_at_in(c, stop + 3, "种个家项条名次样元年层方维边功少地数彩赢云哈伦亏死伤")) {
        *out = (comparison){TH_CMP_OVER, stop + 3, true, false};
        return true;
    }
    if (at(c, stop, "内") && r->dimension != NULL && strcmp(r->dimension, "time") == 0 && !at(c, stop, "内部")) {
        *out = (comparison){TH_CMP_AT_MOST, stop + 3, true, false};
        return true;
    }
    if (at(c, stop, "起") && r->dimension != NULL && strcmp(r->dimension, "money") == 0) {
        *out = (comparison){TH_CMP_AT_LEAST, stop + 3, true, false};
        return true;
    }
    return false;
}
