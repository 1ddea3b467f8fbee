/* policies.c - scoring policy acts, sentence by sentence; see internal.h. */
#include <string.h>

#include "eval/internal.h"

enum { STAGE, INSTRUMENT, SETS };

static const char *const set_names[SETS] = {"stage", "instrument"};
static const char *const gold_lists[SETS] = {"stages", "instruments"};

/* What one side says about one sentence. */
struct act {
    json_t *sets[SETS]; /* NULL: no act here */
};

struct acts {
    struct act *at; /* by sentence */
    size_t count;   /* sentences with an act */
};

static void add_code(json_t *set, const char *code, size_t len)
{
    json_object_setn_new(set, code, len, json_true());
}

static struct act *act_of(struct acts *acts, size_t sentence)
{
    struct act *act = &acts->at[sentence];

    if (!act->sets[STAGE]) {
        act->sets[STAGE] = json_object();
        act->sets[INSTRUMENT] = json_object();
        acts->count++;
    }
    return act;
}

static void free_acts(struct acts *acts, size_t sentences)
{
    for (size_t i = 0; acts->at && i < sentences; i++)
        for (int k = 0; k < SETS; k++)
            json_decref(acts->at[i].sets[k]);
}

/* Codes between commas, semicolons, bars or white space. */
static void add_codes(json_t *set, const char *text)
{
    static const char separators[] = ",;| \t\n";

    while (text && *text) {
        const char *mark = strstr(text, "、");
        size_t len = strcspn(text, separators);
        if (mark && (size_t)(mark - text) < len)
            len = (size_t)(mark - text);
        if (len)
            add_code(set, text, len);
        text += len;
        if (*text)
            text += mark == text ? strlen("、") : 1;
    }
}

static bool sentence_of(const struct piece *p, const json_t *item, size_t *out)
{
    const char *context = field_text(item, "context"); /* of a sentence that stands in the text more than once */
    struct span span;

    if (context ? !piece_within(p, context, field_text(item, "sentence"), &span) : !piece_find(p, field_text(item, "sentence"), &span))
        return false;
    *out = piece_sentence(p, (struct span){span.start, span.start + 1});
    return *out < p->sentence_count;
}

static void add_gold(struct act *act, const json_t *item)
{
    for (int k = 0; k < SETS; k++) {
        const json_t *list = json_object_get(item, gold_lists[k]);
        for (size_t i = 0; i < json_array_size(list); i++) {
            const char *code = json_string_value(json_array_get(list, i));
            add_code(act->sets[k], code, strlen(code));
        }
    }
}

static void read_gold(const struct piece *p, json_t *items, struct acts *gold, bool *aside, json_t *lost)
{
    for (size_t i = 0; i < json_array_size(items); i++) {
        json_t *item = json_array_get(items, i);
        size_t sentence = 0;
        bool found = sentence_of(p, item, &sentence);
        if (is_true(item, "borderline")) {
            if (found)
                aside[sentence] = true;
        } else if (found) {
            add_gold(act_of(gold, sentence), item);
        } else {
            json_array_append(lost, item);
        }
    }
}

static void read_predicted(const struct piece *p, const struct items *rows, const bool *aside, struct acts *out)
{
    for (size_t i = 0; i < rows->count; i++) {
        size_t sentence = piece_sentence(p, rows->at[i].span);
        if (sentence == p->sentence_count || aside[sentence])
            continue;
        struct act *act = act_of(out, sentence);
        for (int k = 0; k < SETS; k++)
            add_codes(act->sets[k], field_text(rows->at[i].fields, set_names[k]));
    }
}

static size_t shared(json_t *a, json_t *b)
{
    const char *key;
    json_t *value;
    size_t n = 0;

    json_object_foreach(a, key, value)
        n += json_object_get(b, key) != NULL;
    return n;
}

static void score_set(struct piece *p, int k, struct acts *gold, struct acts *predicted, json_t *lost)
{
    struct eval *e = p->eval;
    const char *name = say(e, "policies: %s", set_names[k]);

    for (size_t i = 0; i < p->sentence_count; i++) {
        json_t *g = gold->at[i].sets[k], *q = predicted->at[i].sets[k];
        if (!g && !q)
            continue;
        size_t both = shared(g, q);
        scores_count(&e->scores, name, both, json_object_size(g), both, json_object_size(q));
        if (g && q && !json_equal(g, q))
            scores_error(&e->scores, "policies", say(e, "wrong %s", set_names[k]), p->where,
                         say(e, "want %s, got %s", sorted_keys(e, g), sorted_keys(e, q)),
                         piece_slice(p, p->sentences[i]));
    }
    for (size_t i = 0; i < json_array_size(lost); i++)
        scores_count(&e->scores, name, 0, json_array_size(json_object_get(json_array_get(lost, i), gold_lists[k])), 0, 0);
}

static const char *both_sets(struct eval *e, const struct act *act)
{
    return say(e, "%s / %s", sorted_keys(e, act->sets[STAGE]), sorted_keys(e, act->sets[INSTRUMENT]));
}

static void report(struct piece *p, const struct acts *a, const struct acts *b, const char *kind)
{
    for (size_t i = 0; i < p->sentence_count; i++)
        if (a->at[i].sets[STAGE] && !b->at[i].sets[STAGE])
            scores_error(&p->eval->scores, "policies", kind, p->where, both_sets(p->eval, &a->at[i]),
                         piece_slice(p, p->sentences[i]));
}

static void score(struct piece *p, struct acts *gold, struct acts *predicted, json_t *lost)
{
    struct eval *e = p->eval;
    size_t both = 0;

    for (size_t i = 0; i < p->sentence_count; i++)
        both += gold->at[i].sets[STAGE] && predicted->at[i].sets[STAGE];
    scores_count(&e->scores, "policies: sentence", both, gold->count + json_array_size(lost), both, predicted->count);
    for (int k = 0; k < SETS; k++)
        score_set(p, k, gold, predicted, lost);
    for (size_t i = 0; i < json_array_size(lost); i++)
        scores_error(&e->scores, "policies", "missed", p->where,
                     say(e, "%s (not in the text)", field_text(json_array_get(lost, i), "sentence")), "");
    report(p, gold, predicted, "missed");
    report(p, predicted, gold, "false alarm");
}

th_status score_policies(struct piece *p, json_t *items, th_error *err)
{
    struct eval *e = p->eval;
    struct items rows;
    struct acts gold = {take(e, p->sentence_count, sizeof(struct act)), 0};
    struct acts predicted = {take(e, p->sentence_count, sizeof(struct act)), 0};
    bool *aside = take(e, p->sentence_count, 1);
    json_t *lost = json_array();
    th_status status = rows_read(p, "policy", &rows, err);

    if (status == TH_OK && !e->failed) {
        read_gold(p, items, &gold, aside, lost);
        read_predicted(p, &rows, aside, &predicted);
        score(p, &gold, &predicted, lost);
    }
    free_acts(&gold, p->sentence_count);
    free_acts(&predicted, p->sentence_count);
    json_decref(lost);
    return status;
}
