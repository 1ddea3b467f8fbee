/* meta.c - scoring metadata and what is body and what is not; see internal.h. */
#include <string.h>

#include "eval/internal.h"

/* ---- metadata ---- */

static json_t *keys_of_list(struct eval *e, const json_t *list)
{
    json_t *out = json_array();

    for (size_t i = 0; i < json_array_size(list); i++)
        json_array_append_new(out, json_string(key_of_json(e, json_array_get(list, i))));
    return out;
}

/* article.authors is a JSON list. */
static bool same_authors(struct eval *e, const json_t *want, const char *got)
{
    json_t *list = got ? json_loads(got, 0, NULL) : NULL;
    json_t *a = keys_of_list(e, want), *b = keys_of_list(e, list);
    bool ok = json_equal(a, b);

    json_decref(list);
    json_decref(a);
    json_decref(b);
    return ok;
}

static bool same_field(struct eval *e, const char *field, const json_t *want, const json_t *got)
{
    if (strcmp(field, "authors") == 0)
        return same_authors(e, want, json_string_value(got));
    if (strcmp(field, "region_code") == 0 && json_is_string(want))
        return strcmp(json_string_value(want), key_of_json(e, got)) == 0;
    return same_text(e, want, got);
}

void score_meta(struct piece *p, json_t *gold)
{
    static const char *const fields[] = {"title", "date", "source", "authors", "region_code"};
    struct eval *e = p->eval;

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const json_t *want = json_object_get(gold, fields[i]), *got = json_object_get(p->row, fields[i]);
        bool ok = p->row && same_field(e, fields[i], want, got);
        scores_right(&e->scores, say(e, "meta: %s", fields[i]), ok, 1);
        if (!ok)
            scores_error(&e->scores, "meta", say(e, "wrong %s", fields[i]), p->where,
                         say(e, "want %s, got %s", shown(e, want), p->row ? shown(e, got) : "no article"), "");
    }
}

/* ---- body ---- */

static void score_quotes(struct piece *p, json_t *gold)
{
    static const char *const ends[] = {"body_first", "body_last"};
    struct eval *e = p->eval;
    json_t *boilerplate = json_object_get(gold, "boilerplate");
    struct span span;

    for (size_t i = 0; i < json_array_size(boilerplate); i++) {
        const char *quote = json_string_value(json_array_get(boilerplate, i));
        bool ok = p->row && !piece_find(p, quote, &span);
        scores_right(&e->scores, "body: boilerplate absent", ok, 1);
        if (!ok)
            scores_error(&e->scores, "body", "boilerplate in the text", p->where, quote, "");
    }
    for (size_t i = 0; i < 2; i++) {
        const char *quote = field_text(gold, ends[i]);
        bool ok = p->row && piece_find(p, quote, &span);
        scores_right(&e->scores, "body: first and last present", ok, 1);
        if (!ok)
            scores_error(&e->scores, "body", "absent", p->where, quote, "");
    }
}

static void add_one(json_t *counts, const char *key)
{
    json_object_set_new(counts, key, json_integer(json_integer_value(json_object_get(counts, key)) + 1));
}

static const char *key_of_block(struct piece *p, const struct item *block)
{
    return key_of(p->eval, piece_slice(p, block->span));
}

static bool is_kind(const struct item *block, const char *kind)
{
    const char *have = field_text(block->fields, "kind");

    return have && strcmp(have, kind) == 0;
}

static void report_headings(struct piece *p, json_t *a, json_t *b, const char *kind)
{
    const char *key;
    json_t *n;

    json_object_foreach(a, key, n)
        if (json_integer_value(n) > json_integer_value(json_object_get(b, key)))
            scores_error(&p->eval->scores, "body", kind, p->where, key, "");
}

static void score_headings(struct piece *p, json_t *wanted, const struct items *blocks)
{
    json_t *want = json_object(), *have = json_object(), *n;
    size_t both = 0, predicted = 0;
    const char *key;

    for (size_t i = 0; i < json_array_size(wanted); i++)
        add_one(want, key_of_json(p->eval, json_array_get(wanted, i)));
    for (size_t i = 0; i < blocks->count; i++)
        if (is_kind(&blocks->at[i], "heading")) {
            add_one(have, key_of_block(p, &blocks->at[i]));
            predicted++;
        }
    json_object_foreach(want, key, n) {
        json_int_t a = json_integer_value(n), b = json_integer_value(json_object_get(have, key));
        both += (size_t)(a < b ? a : b);
    }
    scores_count(&p->eval->scores, "body: headings", both, json_array_size(wanted), both, predicted);
    report_headings(p, want, have, "heading missed");
    report_headings(p, have, want, "heading false alarm");
    json_decref(want);
    json_decref(have);
}

static bool has_caption(struct piece *p, const char *key, const struct items *blocks)
{
    for (size_t i = 0; i < blocks->count; i++)
        if (is_kind(&blocks->at[i], "caption") && strncmp(key_of_block(p, &blocks->at[i]), key, strlen(key)) == 0)
            return true;
    return false;
}

th_status score_body(struct piece *p, json_t *gold, th_error *err)
{
    struct eval *e = p->eval;
    const json_t *captions = json_object_get(gold, "captions");
    struct items blocks;
    th_status status = rows_read(p, "block", &blocks, err);

    if (status != TH_OK || e->failed)
        return status;
    score_quotes(p, gold);
    score_headings(p, json_object_get(gold, "headings"), &blocks);
    for (size_t i = 0; i < json_array_size(captions); i++)
        scores_right(&e->scores, "body: captions found",
                     has_caption(p, key_of_json(e, json_array_get(captions, i)), &blocks), 1);
    return status;
}
