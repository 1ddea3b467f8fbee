/* spans.c - scoring rankings and time expressions, which gold gives one by one; see internal.h. */
#include <string.h>

#include "eval/internal.h"

struct test {
    const char *name;
    good_fn holds;
};

/* ---- rankings ---- */

static bool same_rank(struct eval *e, const json_t *g, const json_t *p)
{
    (void)e;
    return same_number(json_object_get(g, "rank"), json_object_get(p, "rank"));
}

static bool same_scope(struct eval *e, const json_t *g, const json_t *p)
{
    return same_rank(e, g, p) && same_text(e, json_object_get(g, "scope"), json_object_get(p, "scope"));
}

static bool same_streak(struct eval *e, const json_t *g, const json_t *p)
{
    return same_scope(e, g, p) && same_number(json_object_get(g, "streak"), json_object_get(p, "streak"));
}

static const struct test ranking_tests[] = {
    {"rankings: rank", same_rank}, {"rankings: rank+scope", same_scope}, {"rankings: rank+scope+streak", same_streak}};

/* ---- times ---- */

static bool same_time_text(struct eval *e, const json_t *g, const json_t *p)
{
    const json_t *got = json_object_get(p, "text"), *more = json_object_get(g, "text_alt");
    bool ok = same_text(e, json_object_get(g, "text"), got);

    for (size_t i = 0; i < json_array_size(more) && !ok; i++)
        ok = same_text(e, json_array_get(more, i), got);
    return ok;
}

/* Equal days; nothing and "" are alike on the predicted side. */
static bool same_day(const json_t *want, const json_t *got)
{
    const char *day = json_string_value(got);

    if (!day || !*day)
        return !want || json_is_null(want);
    return json_equal(want, got);
}

static bool same_dates(struct eval *e, const json_t *g, const json_t *p)
{
    const json_t *from = json_object_get(p, "from_date"), *to = json_object_get(p, "to_date");
    const json_t *more = json_object_get(g, "dates_alt");
    bool ok = same_day(json_object_get(g, "from"), from) && same_day(json_object_get(g, "to"), to);

    for (size_t i = 0; i < json_array_size(more) && !ok; i++) {
        const json_t *pair = json_array_get(more, i);
        ok = same_day(json_array_get(pair, 0), from) && same_day(json_array_get(pair, 1), to);
    }
    return ok && same_time_text(e, g, p);
}

static const struct test time_tests[] = {{"times: text", same_time_text}, {"times: text+dates", same_dates}};

/* ---- both ---- */

struct kind {
    const char *table, *section, *overlap_name;
    const struct test *tests; /* the last one holds only when all do */
    size_t test_count;
};

static const struct kind rankings = {"ranking", "rankings", "rankings: overlap", ranking_tests, 3};
static const struct kind times = {"timex", "times", "times: overlap", time_tests, 2};

static const char *show(struct eval *e, const json_t *m)
{
    static const char *const names[] = {"text", "rank", "scope", "streak", "from", "to", "from_date", "to_date"};
    const char *out = "";

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const json_t *value = json_object_get(m, names[i]);
        if (value)
            out = say(e, "%s%s%s %s", out, *out ? ", " : "", names[i], shown(e, value));
    }
    return out;
}

/* What touches only gold that may be left out is scored neither way. */
static void drop_spare(struct items *predicted, const struct items *gold, const struct items *spare)
{
    size_t kept = 0;

    for (size_t i = 0; i < predicted->count; i++)
        if (overlaps_any(predicted->at[i].span, gold) || !overlaps_any(predicted->at[i].span, spare))
            predicted->at[kept++] = predicted->at[i];
    predicted->count = kept;
}

static void count_pairs(struct eval *e, const struct kind *kind, const struct items *gold, size_t gold_count,
                        const struct items *predicted, const struct pair *pairs, size_t count)
{
    scores_count(&e->scores, kind->overlap_name, count, gold_count, count, predicted->count);
    for (size_t t = 0; t < kind->test_count; t++) {
        size_t right = 0;
        for (size_t k = 0; k < count; k++)
            right += kind->tests[t].holds(e, gold->at[pairs[k].gold].fields, predicted->at[pairs[k].predicted].fields);
        scores_count(&e->scores, kind->tests[t].name, right, gold_count, right, predicted->count);
    }
}

static void report_alone(struct piece *p, const char *section, const char *kind, const struct items *items,
                         const bool *paired)
{
    for (size_t i = 0; i < items->count; i++)
        if (!paired[i])
            scores_error(&p->eval->scores, section, kind, p->where, show(p->eval, items->at[i].fields),
                         piece_quote(p, items->at[i].span));
}

static void report(struct piece *p, const struct kind *kind, const struct items *gold, const struct items *lost,
                   const struct items *predicted, const struct pair *pairs, size_t count)
{
    struct eval *e = p->eval;
    bool *used_gold = take(e, gold->count, 1), *used = take(e, predicted->count, 1);
    good_fn all = kind->tests[kind->test_count - 1].holds;

    if (!used_gold || !used)
        return;
    for (size_t k = 0; k < count; k++)
        used_gold[pairs[k].gold] = used[pairs[k].predicted] = true;
    for (size_t i = 0; i < lost->count; i++)
        scores_error(&e->scores, kind->section, "missed", p->where,
                     say(e, "%s (context not in the text)", show(e, lost->at[i].fields)), "");
    report_alone(p, kind->section, "missed", gold, used_gold);
    for (size_t k = 0; k < count; k++) {
        const struct item *g = &gold->at[pairs[k].gold], *q = &predicted->at[pairs[k].predicted];
        if (!all(e, g->fields, q->fields))
            scores_error(&e->scores, kind->section, "wrong field", p->where,
                         say(e, "want %s; got %s", show(e, g->fields), show(e, q->fields)), piece_quote(p, g->span));
    }
    report_alone(p, kind->section, "false alarm", predicted, used);
}

static th_status score_spans(struct piece *p, const struct kind *kind, json_t *items, th_error *err)
{
    struct eval *e = p->eval;
    struct items gold, lost, spare, nowhere, predicted;
    json_t *scored = json_array(), *optional = json_array();
    size_t count = 0;
    th_status status = rows_read(p, kind->table, &predicted, err);

    for (size_t i = 0; i < json_array_size(items); i++) {
        json_t *item = json_array_get(items, i);
        json_array_append(is_true(item, "optional") ? optional : scored, item);
    }
    piece_place(p, scored, &gold, &lost);
    piece_place(p, optional, &spare, &nowhere);
    if (status == TH_OK && !e->failed) {
        drop_spare(&predicted, &gold, &spare);
        struct pair *pairs = align(e, &gold, &predicted, kind->tests[kind->test_count - 1].holds, &count);
        count_pairs(e, kind, &gold, gold.count + lost.count, &predicted, pairs, count);
        report(p, kind, &gold, &lost, &predicted, pairs, count);
    }
    json_decref(scored);
    json_decref(optional);
    return status;
}

th_status score_rankings(struct piece *p, json_t *gold, th_error *err)
{
    return score_spans(p, &rankings, gold, err);
}

th_status score_times(struct piece *p, json_t *gold, th_error *err)
{
    return score_spans(p, &times, gold, err);
}
