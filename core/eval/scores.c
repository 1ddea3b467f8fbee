/* scores.c - counting, and pairing gold with what was predicted; see internal.h. */
#include <stdlib.h>

#include "eval/internal.h"

bool scores_begin(struct scores *s, size_t limit)
{
    *s = (struct scores){json_object(), json_object(), json_object(), json_array(), json_object(),
                         json_array(), json_object(), limit};
    return s->prf && s->share && s->facts && s->errors && s->seen && s->warnings && s->bad;
}

void scores_end(struct scores *s)
{
    json_decref(s->prf);
    json_decref(s->share);
    json_decref(s->facts);
    json_decref(s->errors);
    json_decref(s->seen);
    json_decref(s->warnings);
    json_decref(s->bad);
}

static void add_to(json_t *counts, const char *name, const size_t *values, size_t count)
{
    json_t *list = json_object_get(counts, name);

    if (!list) {
        list = json_array();
        for (size_t i = 0; i < count; i++)
            json_array_append_new(list, json_integer(0));
        json_object_set_new(counts, name, list);
    }
    for (size_t i = 0; i < count; i++) {
        json_t *n = json_array_get(list, i);
        json_integer_set(n, json_integer_value(n) + (json_int_t)values[i]);
    }
}

void scores_count(struct scores *s, const char *name, size_t found, size_t gold, size_t right, size_t predicted)
{
    add_to(s->prf, name, (const size_t[]){found, gold, right, predicted}, 4);
}

void scores_right(struct scores *s, const char *name, bool ok, size_t n)
{
    add_to(s->share, name, (const size_t[]){ok, n}, 2);
}

void scores_error(struct scores *s, const char *section, const char *kind, const char *where, const char *what,
                  const char *sentence)
{
    th_str name = {0};

    th_str_addf(&name, "%s: %s", section, kind);
    json_int_t seen = json_integer_value(json_object_get(s->seen, th_str_text(&name))) + 1;
    json_object_set_new(s->seen, th_str_text(&name), json_integer(seen));
    th_str_free(&name);
    if ((size_t)seen <= s->limit)
        json_array_append_new(s->errors, json_pack("{ss ss ss ss ss}", "section", section, "kind", kind, "where",
                                                   where, "what", what, "sentence", sentence));
}

size_t overlap(struct span a, struct span b)
{
    size_t start = a.start > b.start ? a.start : b.start, stop = a.stop < b.stop ? a.stop : b.stop;

    return stop > start ? stop - start : 0;
}

bool overlaps_any(struct span span, const struct items *items)
{
    for (size_t i = 0; i < items->count; i++)
        if (overlap(span, items->at[i].span))
            return true;
    return false;
}

struct candidate {
    bool bad;
    double share;
    size_t gold, predicted;
};

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->bad != y->bad)
        return x->bad ? 1 : -1;
    if (x->share != y->share)
        return x->share > y->share ? -1 : 1;
    if (x->gold != y->gold)
        return x->gold < y->gold ? -1 : 1;
    return x->predicted < y->predicted ? -1 : x->predicted > y->predicted;
}

static double shared_part(struct span a, struct span b)
{
    size_t start = a.start < b.start ? a.start : b.start, stop = a.stop > b.stop ? a.stop : b.stop;

    return (double)overlap(a, b) / (double)(stop - start);
}

static struct candidate *candidates(struct eval *e, const struct items *gold, const struct items *predicted,
                                    good_fn good, size_t *count)
{
    struct candidate *list = NULL;
    size_t cap = 0;

    *count = 0;
    for (size_t i = 0; i < gold->count; i++)
        for (size_t j = 0; j < predicted->count; j++) {
            struct span a = gold->at[i].span, b = predicted->at[j].span;
            if (!overlap(a, b))
                continue;
            struct candidate *grown = th_arena_grow(e->arena, list, *count, &cap, sizeof *list);
            if (!grown) {
                e->failed = true;
                return list;
            }
            list = grown;
            list[(*count)++] = (struct candidate){!good(e, gold->at[i].fields, predicted->at[j].fields),
                                                  shared_part(a, b), i, j};
        }
    if (*count > 1)
        qsort(list, *count, sizeof *list, compare_candidates);
    return list;
}

struct pair *align(struct eval *e, const struct items *gold, const struct items *predicted, good_fn good, size_t *count)
{
    size_t n = 0;
    struct candidate *list = candidates(e, gold, predicted, good, &n);
    bool *used_gold = take(e, gold->count, 1), *used_predicted = take(e, predicted->count, 1);
    struct pair *pairs = take(e, n, sizeof *pairs);

    *count = 0;
    if (!used_gold || !used_predicted || !pairs)
        return pairs;
    for (size_t k = 0; k < n; k++) {
        if (used_gold[list[k].gold] || used_predicted[list[k].predicted])
            continue;
        used_gold[list[k].gold] = used_predicted[list[k].predicted] = true;
        pairs[(*count)++] = (struct pair){list[k].gold, list[k].predicted};
    }
    return pairs;
}
