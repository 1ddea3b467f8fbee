/* score.c - th_eval(): every gold article against the store's; see eval.h. */
#include <string.h>

#include "eval/internal.h"
#include "text/unicode.h"

/* The name of the file that an article's path names, also inside a container. */
static const char *file_name(const json_t *row)
{
    const char *path = field_text(row, "path"), *name = path ? path : "";

    for (const char *p = name; *p; p++)
        if (strchr("/\\!#", *p))
            name = p + 1;
    return name;
}

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* Is it the path, or the end of it? */
static bool ends_path(const json_t *row, const char *wanted)
{
    const char *path = field_text(row, "path");
    size_t len = path ? strlen(path) : 0, part = strlen(wanted);

    return path && part && part <= len && strcmp(path + len - part, wanted) == 0 && (part == len || path[len - part - 1] == '/');
}

/* The first article with the path or name that gold says, else as the gold file, else with the gold file's name at its start. */
static json_t *find_article(json_t *articles, const char *wanted, const char *stem)
{
    for (size_t i = 0; i < json_array_size(articles); i++)
        if (ends_path(json_array_get(articles, i), wanted))
            return json_array_get(articles, i);
    for (int pass = 0; pass < 3; pass++)
        for (size_t i = 0; i < json_array_size(articles); i++) {
            json_t *row = json_array_get(articles, i);
            const char *name = file_name(row);
            if (pass == 2 ? starts_with(name, stem) : strcmp(name, pass ? stem : wanted) == 0)
                return row;
        }
    return NULL;
}

/* The first three characters of the gold file's name: what errors call the article. */
static const char *short_name(struct eval *e, const char *stem)
{
    size_t len = strlen(stem), pos = 0;

    for (int i = 0; i < 3 && pos < len; i++)
        th_utf8_next(stem, len, &pos);
    return say(e, "%.*s", (int)pos, stem);
}

static th_status score_article(struct eval *e, const json_t *entry, json_t *articles, size_t *found, size_t *lost,
                               th_error *err)
{
    json_t *gold = json_object_get(entry, "gold");
    const char *stem = field_text(entry, "stem");
    struct piece p;
    th_status status;

    json_t *before = e->by_article ? json_deep_copy(e->scores.prf) : NULL;

    piece_open(&p, e, short_name(e, stem), find_article(articles, field_text(gold, "article"), stem));
    *found += p.row != NULL;
    status = score_metrics(&p, json_object_get(gold, "metrics"), lost, err);
    if (status == TH_OK)
        status = score_policies(&p, json_object_get(gold, "policies"), err);
    if (status == TH_OK)
        status = score_rankings(&p, json_object_get(gold, "rankings"), err);
    if (status == TH_OK)
        status = score_programmes(&p, json_object_get(gold, "programmes"), err);
    if (status == TH_OK)
        status = score_times(&p, json_object_get(gold, "times"), err);
    if (status == TH_OK)
        status = score_regions(&p, json_object_get(gold, "regions"), err);
    if (status == TH_OK && before)
        cross_article(e, p.where, before);
    json_decref(before);
    if (status != TH_OK)
        return status;
    score_meta(&p, json_object_get(gold, "meta"));
    return score_body(&p, gold, err);
}

static void add_facts(struct eval *e, size_t found, size_t files, size_t lost)
{
    struct scores *s = &e->scores;
    const char *table;
    json_t *n;

    json_object_set_new(s->facts, "articles found", json_sprintf("%zu of %zu", found, files));
    json_object_set_new(s->facts, "gold metrics not in the text", json_integer((json_int_t)lost));
    if (!json_object_get(s->share, "metric field: aspect"))
        json_object_set_new(s->facts, "aspect", json_string("not scored (gold gives none, or nothing matched)"));
    json_object_foreach(s->bad, table, n)
        json_array_append_new(s->warnings,
                              json_sprintf("%" JSON_INTEGER_FORMAT " %s records whose text is not what their span holds, "
                                           "or without a span", json_integer_value(n), table));
}

static th_status score_all(struct eval *e, json_t *gold, th_error *err)
{
    json_t *articles = NULL;
    size_t found = 0, lost = 0;
    th_status status = rows_columns(e, err);

    if (status == TH_OK)
        status = rows_articles(e, &articles, err);
    for (size_t i = 0; i < json_array_size(gold) && status == TH_OK; i++) {
        th_arena_reset(e->arena);
        status = score_article(e, json_array_get(gold, i), articles, &found, &lost, err);
    }
    if (status == TH_OK)
        add_facts(e, found, json_array_size(gold), lost);
    json_decref(articles);
    return status;
}

th_status th_eval(const char *gold_dir, th_store *store, const th_eval_options *options, th_str *out, th_error *err)
{
    struct eval e = {.store = store, .arena = th_arena_new(), .columns = json_object()};
    json_t *gold = NULL;
    th_status status = TH_OK;

    if (options->cross)
        e.by_article = json_array();
    if (!scores_begin(&e.scores, options->errors) || !e.arena || !e.columns)
        status = th_error_set(err, TH_ERR_NOMEM, "eval: out of memory");
    if (status == TH_OK)
        status = gold_read(gold_dir, &gold, err);
    if (status == TH_OK)
        status = score_all(&e, gold, err);
    if (status == TH_OK && options->cross)
        status = cross_terms(&e, options->sources, options->source_count, err);
    if (status == TH_OK && options->against)
        status = against_read(&e, options->against, err);
    if (status == TH_OK)
        (options->json ? print_json : print_text)(&e, out);
    if (status == TH_OK && (e.failed || !th_str_ok(out)))
        status = th_error_set(err, TH_ERR_NOMEM, "eval: out of memory");
    json_decref(gold);
    json_decref(e.columns);
    json_decref(e.changes);
    json_decref(e.by_article);
    json_decref(e.entries);
    scores_end(&e.scores);
    th_arena_free(e.arena);
    return status;
}
