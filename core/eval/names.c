/* names.c - scoring programmes and regions: gold gives each name once, and a predicted name counts once however often it
 * is marked; see internal.h. */
#include <string.h>

#include "eval/internal.h"

/* Predictions of one name (or name and code), and gold of it. */
struct name {
    const char *key, *code;
    const json_t *gold;   /* NULL: not in gold */
    struct span *spans;   /* of gold: every place in the text */
    size_t span_count;
    struct items rows;    /* predictions; cap is the number of all rows */
    bool touched;         /* gold: some prediction overlaps it; predicted only: it overlaps some gold */
};

struct names {
    struct name *at;
    size_t count;
};

static struct name *find_name(struct names *names, const char *key, const char *code)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->at[i].key, key) == 0 && strcmp(names->at[i].code, code) == 0)
            return &names->at[i];
    return NULL;
}

static struct name *get_name(struct names *names, const char *key, const char *code)
{
    struct name *name = find_name(names, key, code);

    if (!name) {
        name = &names->at[names->count++];
        *name = (struct name){.key = key, .code = code};
    }
    return name;
}

static void add_prediction(struct eval *e, struct name *name, const struct item *row, size_t all)
{
    if (!name->rows.at)
        name->rows.at = take(e, all, sizeof *name->rows.at);
    if (name->rows.at)
        name->rows.at[name->rows.count++] = *row;
}

static bool touches(const struct name *gold, const struct items *rows)
{
    for (size_t i = 0; i < gold->span_count; i++)
        if (overlaps_any(gold->spans[i], rows))
            return true;
    return false;
}

/* ---- programmes ---- */

/* Is it of the right type somewhere? */
static bool has_type(const struct name *name)
{
    for (size_t i = 0; i < name->rows.count; i++)
        if (json_equal(json_object_get(name->rows.at[i].fields, "type"), json_object_get(name->gold, "type")))
            return true;
    return false;
}

static void read_programmes(struct piece *p, json_t *items, const struct items *rows, struct names *gold,
                            struct names *predicted)
{
    for (size_t i = 0; i < rows->count; i++) {
        const char *key = key_of_json(p->eval, json_object_get(rows->at[i].fields, "text"));
        add_prediction(p->eval, get_name(predicted, key, ""), &rows->at[i], rows->count);
    }
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        struct name *name = get_name(gold, key_of(p->eval, field_text(item, "text")), "");
        name->gold = item;
        if (!name->spans)
            name->spans = piece_everywhere(p, name->key, &name->span_count);
    }
    for (size_t i = 0; i < gold->count; i++) {
        gold->at[i].touched = touches(&gold->at[i], rows);
        for (size_t j = 0; j < predicted->count; j++)
            predicted->at[j].touched |= touches(&gold->at[i], &predicted->at[j].rows);
    }
}

static void count_programmes(struct eval *e, const struct names *gold, struct names *predicted)
{
    size_t same = 0, touched = 0, hit = 0;

    for (size_t i = 0; i < gold->count; i++) {
        same += find_name(predicted, gold->at[i].key, "") != NULL;
        touched += gold->at[i].touched;
    }
    for (size_t i = 0; i < predicted->count; i++)
        hit += predicted->at[i].touched;
    scores_count(&e->scores, "programmes: text", same, gold->count, same, predicted->count);
    scores_count(&e->scores, "programmes: overlap", touched, gold->count, hit, predicted->count);
    for (size_t i = 0; i < gold->count; i++) {
        struct name *name = find_name(predicted, gold->at[i].key, "");
        if (!name)
            continue;
        name->gold = gold->at[i].gold;
        scores_right(&e->scores, "programme type (of text matches)", has_type(name), 1);
    }
}

/* The text of the first prediction that overlaps the gold name. */
static const char *overlapping_text(struct eval *e, const struct name *gold, const struct names *predicted)
{
    for (size_t i = 0; i < predicted->count; i++)
        for (size_t k = 0; k < predicted->at[i].rows.count; k++) {
            struct items one = {&predicted->at[i].rows.at[k], 1};
            if (touches(gold, &one))
                return shown(e, json_object_get(one.at[0].fields, "text"));
        }
    return "";
}

static void report_programmes(struct piece *p, const struct names *gold, struct names *predicted)
{
    struct eval *e = p->eval;

    for (size_t i = 0; i < gold->count; i++) {
        const struct name *name = &gold->at[i];
        const char *text = field_text(name->gold, "text");
        if (!name->touched)
            scores_error(&e->scores, "programmes", "missed", p->where, text,
                         name->span_count ? piece_quote(p, name->spans[0]) : "(not in the text)");
        else if (!find_name(predicted, name->key, ""))
            scores_error(&e->scores, "programmes", "wrong text", p->where,
                         say(e, "want %s, got %s", text, overlapping_text(e, name, predicted)), "");
    }
    for (size_t i = 0; i < predicted->count; i++)
        if (!predicted->at[i].touched)
            scores_error(&e->scores, "programmes", "false alarm", p->where,
                         shown(e, json_object_get(predicted->at[i].rows.at[0].fields, "text")),
                         piece_quote(p, predicted->at[i].rows.at[0].span));
}

th_status score_programmes(struct piece *p, json_t *items, th_error *err)
{
    struct eval *e = p->eval;
    struct items rows;
    th_status status = rows_read(p, "programme", &rows, err);
    struct names gold = {take(e, json_array_size(items), sizeof(struct name)), 0};
    struct names predicted = {take(e, rows.count, sizeof(struct name)), 0};

    if (status != TH_OK || e->failed)
        return status;
    read_programmes(p, items, &rows, &gold, &predicted);
    if (e->failed)
        return status;
    count_programmes(e, &gold, &predicted);
    report_programmes(p, &gold, &predicted);
    return status;
}

/* ---- regions ---- */

static const char *code_of(struct eval *e, const json_t *code)
{
    if (json_is_integer(code))
        return say(e, "%06" JSON_INTEGER_FORMAT, json_integer_value(code));
    return key_of_json(e, code);
}

/* Every place where an optional gold name stands. */
static struct items optional_places(struct piece *p, json_t *items)
{
    struct items out = {0};
    size_t cap = 0;

    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        size_t count = 0;
        if (!is_true(item, "optional"))
            continue;
        struct span *spans = piece_everywhere(p, key_of(p->eval, field_text(item, "text")), &count);
        for (size_t k = 0; k < count; k++) {
            struct item *grown = th_arena_grow(p->eval->arena, out.at, out.count, &cap, sizeof *grown);
            if (!grown) {
                p->eval->failed = true;
                return out;
            }
            out.at = grown;
            out.at[out.count++] = (struct item){.span = spans[k]};
        }
    }
    return out;
}

static bool is_scored_name(struct eval *e, json_t *items, const char *key)
{
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        if (!is_true(item, "optional") && strcmp(key_of(e, field_text(item, "text")), key) == 0)
            return true;
    }
    return false;
}

static void read_regions(struct piece *p, json_t *items, const struct items *rows, struct names *predicted)
{
    struct items spare = optional_places(p, items);

    for (size_t i = 0; i < rows->count; i++) {
        const json_t *row = rows->at[i].fields;
        const char *key = key_of_json(p->eval, json_object_get(row, "text"));
        if (!is_scored_name(p->eval, items, key) && overlaps_any(rows->at[i].span, &spare))
            continue;
        struct name *name = get_name(predicted, key, code_of(p->eval, json_object_get(row, "code")));
        name->rows.count = 0; /* the last one stands for all */
        add_prediction(p->eval, name, &rows->at[i], 1);
    }
}

/* Gold under the first accepted code that was predicted, or under its own. */
static void read_gold_regions(struct eval *e, json_t *items, struct names *predicted, struct names *gold)
{
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i), *more = json_object_get(item, "code_alt");
        const char *key = key_of(e, field_text(item, "text")), *own = code_of(e, json_object_get(item, "code"));
        const char *code = own;
        if (is_true(item, "optional"))
            continue;
        for (size_t k = 0; k < json_array_size(more) && !find_name(predicted, key, code); k++)
            code = code_of(e, json_array_get(more, k));
        get_name(gold, key, find_name(predicted, key, code) ? code : own)->gold = item;
    }
}

static size_t different_texts(const struct names *names)
{
    size_t count = 0;

    for (size_t i = 0; i < names->count; i++) {
        bool seen = false;
        for (size_t j = 0; j < i && !seen; j++)
            seen = strcmp(names->at[i].key, names->at[j].key) == 0;
        count += !seen;
    }
    return count;
}

static size_t shared_texts(const struct names *a, const struct names *b)
{
    size_t count = 0;

    for (size_t i = 0; i < a->count; i++) {
        bool seen = false, there = false;
        for (size_t j = 0; j < i && !seen; j++)
            seen = strcmp(a->at[i].key, a->at[j].key) == 0;
        for (size_t j = 0; j < b->count && !there; j++)
            there = strcmp(a->at[i].key, b->at[j].key) == 0;
        count += !seen && there;
    }
    return count;
}

static void count_regions(struct eval *e, struct names *gold, struct names *predicted)
{
    size_t same = 0, texts = shared_texts(gold, predicted);

    for (size_t i = 0; i < gold->count; i++)
        same += find_name(predicted, gold->at[i].key, gold->at[i].code) != NULL;
    scores_count(&e->scores, "regions: text+code", same, gold->count, same, predicted->count);
    scores_count(&e->scores, "regions: text", texts, different_texts(gold), texts, different_texts(predicted));
    for (size_t i = 0; i < gold->count; i++) {
        struct name *name = find_name(predicted, gold->at[i].key, gold->at[i].code);
        if (name)
            scores_right(&e->scores, "region level (of text+code matches)",
                         json_equal(json_object_get(name->rows.at[0].fields, "level"),
                                    json_object_get(gold->at[i].gold, "level")), 1);
    }
}

static void report_regions(struct piece *p, struct names *gold, struct names *predicted)
{
    struct eval *e = p->eval;

    for (size_t i = 0; i < gold->count; i++)
        if (!find_name(predicted, gold->at[i].key, gold->at[i].code))
            scores_error(&e->scores, "regions", "missed", p->where, say(e, "%s %s", gold->at[i].key, gold->at[i].code), "");
    for (size_t i = 0; i < predicted->count; i++)
        if (!find_name(gold, predicted->at[i].key, predicted->at[i].code))
            scores_error(&e->scores, "regions", "false alarm", p->where,
                         say(e, "%s %s", predicted->at[i].key, predicted->at[i].code),
                         piece_quote(p, predicted->at[i].rows.at[0].span));
}

th_status score_regions(struct piece *p, json_t *items, th_error *err)
{
    struct eval *e = p->eval;
    struct items rows;
    th_status status = rows_read(p, "region", &rows, err);
    struct names gold = {take(e, json_array_size(items), sizeof(struct name)), 0};
    struct names predicted = {take(e, rows.count, sizeof(struct name)), 0};

    if (status != TH_OK || e->failed)
        return status;
    read_regions(p, items, &rows, &predicted);
    read_gold_regions(e, items, &predicted, &gold);
    if (e->failed)
        return status;
    count_regions(e, &gold, &predicted);
    report_regions(p, &gold, &predicted);
    return status;
}
