/* comparators.c - 超, 近, 至少, 以上 and their like around a number; see quantity_impl.h. */
#include <string.h>

#include "text/quantity_impl.h"
#include "text/quantity_words.h"

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
    if (!char_before_in(c, pos, "于过超少下低码多高长限为出破逾止越近足到及满达约概合"))
        return false; /* no word of BEFORE ends so */
    for (size_t i = 0; i < sizeof BEFORE / sizeof *BEFORE; i++) {
        const before_word *w = &BEFORE[i];
        size_t from;

        if (!ends(c, pos, w->word))
            continue;
        from = pos - strlen(w->word);
        if (w->not_after != NULL && char_before_in(c, from, w->not_after))
            continue;
        *out = (comparison){w->cmp, from, true, false};
        return true;
    }
    return false;
}

/* Walk back over at most `limit` characters of one clause without numbers for 至少, 最高 and their like. */
static bool far_before(const scan *c, size_t start, int limit, comparison *out)
{
    size_t pos = start;

    for (int i = 0; i < limit && pos > 0; i++) {
        uint32_t before = char_before(c, pos);

        if (!th_is_han(before) && before != ' ')
            return false;
        if (is_digit(before))
            return false;
        pos = step_back(c, pos);
        if (!char_before_in(c, pos, "于过少低码多高长")) /* the ends of far words */
            continue;
        for (size_t k = 0; k < sizeof BEFORE / sizeof *BEFORE; k++)
            if (BEFORE[k].far && ends(c, pos, BEFORE[k].word)) {
                if (any_at(c, pos, NOT_FAR) > 0)
                    return false;
                *out = (comparison){BEFORE[k].cmp, start, true, true};
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
    for (size_t i = 0; i < sizeof AFTER / sizeof *AFTER; i++)
        if (at(c, stop, AFTER[i].word)) {
            *out = (comparison){AFTER[i].cmp, stop + strlen(AFTER[i].word), true, false};
            return true;
        }
    if ((at(c, stop, "多") || at(c, stop, "余")) && r->unit != NULL &&
        !char_at_in(c, stop + 3, "种个家项条名次样元年层方维边功少地数彩赢云哈伦亏")) {
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
