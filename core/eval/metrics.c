/* metrics.c - scoring figures: found, valued, and each of their fields; see internal.h. */
#include <string.h>

#include "eval/internal.h"

#define NOT_IN_TEXT "(context not in the text)"

static const char *const neutral_units[] = {"年", "月", "日", "天", "小时"}; /* durations are scored neither way */

static const json_t *get(const json_t *m, const char *name)
{
    return json_object_get(m, name);
}

static bool is_neutral(struct eval *e, const json_t *m)
{
    const char *unit = unit_of(e, get(m, "unit"));

    for (size_t i = 0; i < sizeof neutral_units / sizeof *neutral_units; i++)
        if (strcmp(unit, neutral_units[i]) == 0)
            return true;
    return false;
}

/* value_max, unless it only repeats the value. */
static const json_t *top(const json_t *m)
{
    const json_t *max = get(m, "value_max");

    return same_number(max, get(m, "value")) ? NULL : max;
}

static bool same_quantity(struct eval *e, const json_t *g, const json_t *p)
{
    return same_number(get(g, "value"), get(p, "value")) && same_number(top(g), top(p)) &&
           strcmp(unit_of(e, get(g, "unit")), unit_of(e, get(p, "unit"))) == 0;
}

static const char *brief_number(struct eval *e, const json_t *n)
{
    return json_is_number(n) ? say(e, "%g", json_number_value(n)) : shown(e, n);
}

static const char *brief(struct eval *e, const json_t *m)
{
    const json_t *max = get(m, "value_max");
    bool range = max && !json_is_null(max);

    return say(e, "%s = %s%s%s %s %s", shown(e, get(m, "text")), brief_number(e, get(m, "value")), range ? "–" : "",
               range ? brief_number(e, max) : "", shown(e, get(m, "unit")), shown(e, get(m, "cmp")));
}

/* ---- fields of the figures that are right ---- */

struct check {
    const char *name, *field; /* field: of the prediction; gold calls time_text "time" */
    bool applies, ok;
};

static bool any_same_text(struct eval *e, const json_t *value, const json_t *first, const json_t *more)
{
    bool ok = same_text(e, first, value);

    for (size_t i = 0; i < json_array_size(more) && !ok; i++)
        ok = same_text(e, json_array_get(more, i), value);
    return ok;
}

static bool subject_overlaps(struct eval *e, const json_t *g, const json_t *p)
{
    bool has_g = *key_of_json(e, get(g, "subject")), has_p = *key_of_json(e, get(p, "subject"));

    return has_g == has_p && text_jaccard(e, get(g, "subject"), get(p, "subject")) >= 0.5;
}

enum { CHECKS = 6, SUBJECT_EXACT = 3 };

static void check_fields(struct eval *e, const json_t *g, const json_t *p, struct check checks[CHECKS])
{
    const char *aspect = field_text(g, "aspect");

    checks[0] = (struct check){"cmp", "cmp", true, json_equal(get(g, "cmp"), get(p, "cmp"))};
    checks[1] = (struct check){"indicator", "indicator", true,
                               among(get(p, "indicator"), get(g, "indicator"), get(g, "indicator_alt"))};
    checks[2] = (struct check){"aspect", "aspect", aspect && *aspect,
                               among(get(p, "aspect"), get(g, "aspect"), get(g, "aspect_alt"))};
    checks[SUBJECT_EXACT] =
        (struct check){"subject exact", "subject", true, same_text(e, get(g, "subject"), get(p, "subject"))};
    checks[4] = (struct check){"subject partial", "subject", true, subject_overlaps(e, g, p)};
    checks[5] = (struct check){"time", "time_text", true,
                               any_same_text(e, get(p, "time_text"), get(g, "time"), get(g, "time_alt"))};
}

static void report_field(struct piece *piece, const struct item *g, const json_t *p, const struct check *check)
{
    struct eval *e = piece->eval;
    const char *field = strcmp(check->field, "time_text") == 0 ? "time" : check->field;

    scores_error(&e->scores, "metrics", say(e, "wrong %s", field), piece->where,
                 say(e, "%s: want %s, got %s", field_text(g->fields, "text"), shown(e, get(g->fields, field)),
                     shown(e, get(p, check->field))),
                 piece_quote(piece, g->span));
}

static void score_fields(struct piece *piece, const struct item *g, const json_t *p)
{
    struct eval *e = piece->eval;
    struct check checks[CHECKS];
    bool inexact = strcmp(field_text(g->fields, "cmp"), "exact") != 0, all = true;

    check_fields(e, g->fields, p, checks);
    for (size_t i = 0; i < CHECKS; i++) {
        if (!checks[i].applies)
            continue;
        scores_right(&e->scores, say(e, "metric field: %s", checks[i].name), checks[i].ok, 1);
        if (i == 0)
            scores_right(&e->scores, "metric field: cmp, where not exact", inexact && checks[i].ok, inexact);
        if (i == SUBJECT_EXACT)
            continue;
        all = all && checks[i].ok;
        if (!checks[i].ok)
            report_field(piece, g, p, &checks[i]);
    }
    scores_right(&e->scores, "metric field: all (subject partial)", all, 1);
}

/* ---- the figures themselves ---- */

/* Gold in two lists: what is scored, and what is optional or a duration. */
static void divide(struct piece *piece, json_t *gold, json_t *scored, json_t *spare)
{
    for (size_t i = 0; i < json_array_size(gold); i++) {
        json_t *m = json_array_get(gold, i);
        json_array_append(is_true(m, "optional") || is_neutral(piece->eval, m) ? spare : scored, m);
    }
}

struct match {
    struct items gold, lost, predicted;
    struct pair *pairs;
    size_t pair_count;
    bool *used_gold, *used; /* by index: has a partner */
    bool *charged;          /* predictions that count */
    size_t charged_count;
};

static void drop_neutral(struct eval *e, struct items *items)
{
    size_t kept = 0;

    for (size_t i = 0; i < items->count; i++)
        if (!is_neutral(e, items->at[i].fields))
            items->at[kept++] = items->at[i];
    items->count = kept;
}

/* A prediction counts when it has a partner or touches nothing that gold leaves open. */
static void charge(struct eval *e, struct match *m, const struct items *spare)
{
    m->pairs = align(e, &m->gold, &m->predicted, same_quantity, &m->pair_count);
    m->used_gold = take(e, m->gold.count, 1);
    m->used = take(e, m->predicted.count, 1);
    m->charged = take(e, m->predicted.count, 1);
    if (e->failed)
        return;
    for (size_t k = 0; k < m->pair_count; k++)
        m->used_gold[m->pairs[k].gold] = m->used[m->pairs[k].predicted] = true;
    for (size_t j = 0; j < m->predicted.count; j++) {
        m->charged[j] = m->used[j] || !overlaps_any(m->predicted.at[j].span, spare);
        m->charged_count += m->charged[j];
    }
}

static void count_match(struct eval *e, const struct match *m)
{
    size_t gold = m->gold.count + m->lost.count, hits = 0, with_cmp = 0;

    for (size_t k = 0; k < m->pair_count; k++) {
        const json_t *g = m->gold.at[m->pairs[k].gold].fields, *p = m->predicted.at[m->pairs[k].predicted].fields;
        if (!same_quantity(e, g, p))
            continue;
        hits++;
        with_cmp += (size_t)json_equal(get(g, "cmp"), get(p, "cmp"));
    }
    scores_count(&e->scores, "metrics: mention", m->pair_count, gold, m->pair_count, m->charged_count);
    scores_count(&e->scores, "metrics: value+unit", hits, gold, hits, m->charged_count);
    scores_count(&e->scores, "metrics: value+unit+cmp", with_cmp, gold, with_cmp, m->charged_count);
}

static void report_match(struct piece *piece, const struct match *m)
{
    struct eval *e = piece->eval;
    struct scores *s = &e->scores;

    for (size_t i = 0; i < m->lost.count; i++)
        scores_error(s, "metrics", "missed", piece->where, say(e, "%s " NOT_IN_TEXT, brief(e, m->lost.at[i].fields)), "");
    for (size_t i = 0; i < m->gold.count; i++)
        if (!m->used_gold[i])
            scores_error(s, "metrics", "missed", piece->where, brief(e, m->gold.at[i].fields),
                         piece_quote(piece, m->gold.at[i].span));
    for (size_t k = 0; k < m->pair_count; k++) {
        const struct item *g = &m->gold.at[m->pairs[k].gold], *p = &m->predicted.at[m->pairs[k].predicted];
        if (!same_quantity(e, g->fields, p->fields))
            scores_error(s, "metrics", "wrong value or unit", piece->where,
                         say(e, "want %s, got %s", brief(e, g->fields), brief(e, p->fields)), piece_quote(piece, g->span));
    }
    for (size_t j = 0; j < m->predicted.count; j++)
        if (m->charged[j] && !m->used[j])
            scores_error(s, "metrics", "false alarm", piece->where,
                         say(e, "%s, %s", brief(e, m->predicted.at[j].fields),
                             shown(e, get(m->predicted.at[j].fields, "subject"))),
                         piece_quote(piece, m->predicted.at[j].span));
}

th_status score_metrics(struct piece *piece, json_t *gold, size_t *lost, th_error *err)
{
    struct eval *e = piece->eval;
    struct match m = {0};
    struct items spare, nowhere;
    json_t *scored = json_array(), *open = json_array();
    th_status status = rows_read(piece, "metric", &m.predicted, err);

    divide(piece, gold, scored, open);
    piece_place(piece, open, &spare, &nowhere);
    piece_place(piece, scored, &m.gold, &m.lost);
    drop_neutral(e, &m.predicted);
    charge(e, &m, &spare);
    if (status == TH_OK && !e->failed) {
        count_match(e, &m);
        for (size_t k = 0; k < m.pair_count; k++) {
            const struct item *g = &m.gold.at[m.pairs[k].gold];
            const json_t *p = m.predicted.at[m.pairs[k].predicted].fields;
            if (same_quantity(e, g->fields, p))
                score_fields(piece, g, p);
        }
        report_match(piece, &m);
    }
    *lost += m.lost.count;
    json_decref(scored);
    json_decref(open);
    return status;
}
