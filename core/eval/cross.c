/* cross.c - is a rule tied to one article? The scores of each article, and of every term in the plugins' data how many
 * articles of the store hold it and how often; see internal.h.
 *
 * A term is an item of a list in a YAML file. It is looked for as plain text, the longest of its list first; whether the rule
 * around it then fires is the plugin's business, so a hit is the most it can do. */
#include <string.h>

#include "base/yaml.h"
#include "eval/internal.h"
#include "text/lexicon.h"
#include "text/unicode.h"

/* The rows whose F1 is shown for every article. */
static const char *const SHOWN[] = {"metrics: mention",   "metrics: value+unit",   "metrics: value+unit+cmp",
                                    "policies: stage",    "policies: instrument",  "programmes: overlap",
                                    "rankings: overlap",  "times: text+dates",     "regions: text+code"};

/* ---- scores by article ---- */

/* What the counts have grown by since `before`. */
static json_t *grown(json_t *counts, const json_t *before)
{
    json_t *out = json_object(), *value;
    const char *name;

    json_object_foreach(counts, name, value) {
        const json_t *old = json_object_get(before, name);
        json_t *list = json_array();
        for (size_t i = 0; i < json_array_size(value); i++)
            json_array_append_new(list, json_integer(json_integer_value(json_array_get(value, i)) -
                                                     json_integer_value(json_array_get(old, i))));
        json_object_set_new(out, name, list);
    }
    return out;
}

void cross_article(struct eval *e, const char *where, const json_t *before)
{
    json_t *own = grown(e->scores.prf, before), *figures = json_object();

    for (size_t i = 0; i < sizeof SHOWN / sizeof *SHOWN; i++) {
        double f1 = json_object_get(own, SHOWN[i]) ? prf_f1(json_object_get(own, SHOWN[i])) : -1;
        json_object_set_new(figures, SHOWN[i], f1 < 0 ? json_null() : json_real(f1));
    }
    json_array_append_new(e->by_article, json_pack("{ss so}", "where", where, "f1", figures));
    json_decref(own);
}

/* ---- the terms of the plugins' data ---- */

struct collector {
    struct eval *e;
    th_lexset *set;
    json_t *entries; /* [{file, path, term, articles, hits, where}], those of lexicon n from starts[n] on */
    size_t *starts;
    size_t count, cap;
    const char *file;
    th_arena *arena;
    bool failed;
};

/* A term worth looking for: text of the language, not a number, a code or a reference to another list. */
static bool is_term(const th_node *node)
{
    if (node->kind != TH_NODE_SCALAR || node->len == 0 || node->len > 255 || node->text[0] == '=')
        return false;
    for (size_t i = 0; i < node->len; i++)
        if ((unsigned char)node->text[i] >= 0x80)
            return true;
    return false;
}

static void begin_list(struct collector *c, int *lexicon)
{
    size_t *more;

    if (*lexicon >= 0)
        return;
    more = th_arena_grow(c->arena, c->starts, c->count, &c->cap, sizeof *more);
    *lexicon = more ? th_lexset_add(c->set) : -1;
    if (*lexicon < 0) {
        c->failed = true;
        return;
    }
    c->starts = more;
    c->starts[c->count++] = json_array_size(c->entries);
}

static void add_list(struct collector *c, const th_node *list, const char *path)
{
    int lexicon = -1;

    for (size_t i = 0; i < list->count && !c->failed; i++) {
        const th_node *item = &list->items[i];
        int number;

        if (!is_term(item))
            continue;
        begin_list(c, &lexicon);
        if (c->failed)
            return;
        number = th_lexset_add_term(c->set, lexicon, item->text, item->len);
        if (number >= 0 && c->starts[lexicon] + (size_t)number == json_array_size(c->entries))
            json_array_append_new(c->entries, json_pack("{ss ss ss si si ss}", "file", c->file, "list", path, "term", item->text,
                                                        "articles", 0, "hits", 0, "where", ""));
    }
}

/* Walk a document; `path` names the keys above. */
static void collect(struct collector *c, const th_node *node, const char *path)
{
    if (node->kind == TH_NODE_LIST) {
        add_list(c, node, path);
        for (size_t i = 0; i < node->count; i++)
            if (node->items[i].kind != TH_NODE_SCALAR)
                collect(c, &node->items[i], path);
    } else if (node->kind == TH_NODE_MAP) {
        for (size_t i = 0; i < node->count; i++)
            collect(c, &node->items[i], *path ? say(c->e, "%s.%s", path, node->keys[i].text) : node->keys[i].text);
    }
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static th_status collect_files(struct collector *c, const th_eval_source *sources, size_t count, th_error *err)
{
    th_status status = TH_OK;

    for (size_t i = 0; i < count && status == TH_OK; i++) {
        th_node *document;
        size_t len = strlen(sources[i].path);

        if (len < 5 || strcmp(sources[i].path + len - 5, ".yaml") != 0)
            continue;
        c->file = last_part(sources[i].path);
        status = th_yaml_parse(&document, c->arena, sources[i].path, sources[i].bytes, sources[i].len, err);
        if (status == TH_OK)
            collect(c, document, "");
    }
    if (status == TH_OK && c->failed)
        status = th_error_set(err, TH_ERR_NOMEM, "eval: out of memory");
    return status;
}

/* ---- counting ---- */

static void add_to(json_t *entry, const char *field, size_t n)
{
    json_t *value = json_object_get(entry, field);
    json_integer_set(value, json_integer_value(value) + (json_int_t)n);
}

/* Add the hits of one lexicon in one article; `counts` is scratch, one for each of its terms. */
static void count_hits(struct collector *c, size_t lexicon, const th_hits *hits, const char *where, size_t *counts)
{
    size_t first = c->starts[lexicon];

    for (size_t i = 0; i < hits->count; i++)
        counts[hits->items[i].term]++;
    for (size_t i = 0; i < hits->count; i++) {
        size_t *n = &counts[hits->items[i].term];
        json_t *entry = json_array_get(c->entries, first + hits->items[i].term);
        if (*n == 0)
            continue;
        add_to(entry, "articles", 1);
        add_to(entry, "hits", *n);
        json_object_set_new(entry, "where", json_string(where));
        *n = 0;
    }
}

static th_status scan_article(struct collector *c, const json_t *row, size_t *counts, th_error *err)
{
    const char *text = field_text(row, "text"), *path = field_text(row, "path");
    th_arena *scratch = th_arena_new();
    th_hits *hits = NULL;
    th_status status = scratch ? th_lexset_scan(c->set, text ? text : "", text ? strlen(text) : 0, scratch, &hits, err)
                               : th_error_set(err, TH_ERR_NOMEM, "eval: out of memory");

    for (size_t i = 0; i < c->count && status == TH_OK; i++)
        count_hits(c, i, &hits[i], path ? last_part(path) : "", counts);
    th_arena_free(scratch);
    return status;
}

th_status cross_terms(struct eval *e, const th_eval_source *sources, size_t count, th_error *err)
{
    struct collector c = {.e = e, .set = th_lexset_new(), .entries = json_array(), .arena = th_arena_new()};
    json_t *articles = NULL;
    size_t *counts = NULL;
    th_status status = c.set && c.entries && c.arena ? TH_OK : th_error_set(err, TH_ERR_NOMEM, "eval: out of memory");

    if (status == TH_OK && (status = collect_files(&c, sources, count, err)) == TH_OK &&
        (status = th_lexset_compile(c.set, err)) == TH_OK)
        status = rows_articles(e, &articles, err);
    if (status == TH_OK && !(counts = th_arena_zalloc(c.arena, json_array_size(c.entries) + 1, sizeof *counts)))
        status = th_error_set(err, TH_ERR_NOMEM, "eval: out of memory");
    for (size_t i = 0; i < json_array_size(articles) && status == TH_OK; i++)
        status = scan_article(&c, json_array_get(articles, i), counts, err);
    if (status == TH_OK) {
        e->entries = json_incref(c.entries);
        e->article_count = json_array_size(articles);
    }
    json_decref(articles);
    json_decref(c.entries);
    th_lexset_free(c.set);
    th_arena_free(c.arena);
    return status;
}

/* ---- printing ---- */

static void print_articles(struct eval *e, th_str *out)
{
    th_str_puts(out, "\nF1 by article");
    for (size_t k = 0; k < sizeof SHOWN / sizeof *SHOWN; k++)
        th_str_addf(out, "%s (%zu) %s", k ? "," : ":", k + 1, SHOWN[k]);
    th_str_puts(out, "\n     ");
    for (size_t k = 0; k < sizeof SHOWN / sizeof *SHOWN; k++)
        th_str_addf(out, "    (%zu)", k + 1);
    th_str_putc(out, '\n');
    for (size_t i = 0; i < json_array_size(e->by_article); i++) {
        const json_t *article = json_array_get(e->by_article, i), *f1 = json_object_get(article, "f1");
        th_str_addf(out, "%-5s", field_text(article, "where"));
        for (size_t k = 0; k < sizeof SHOWN / sizeof *SHOWN; k++) {
            const json_t *value = json_object_get(f1, SHOWN[k]);
            if (json_is_real(value))
                th_str_addf(out, "  %5.3f", json_real_value(value));
            else
                th_str_puts(out, "      -");
        }
        th_str_putc(out, '\n');
    }
}

static json_int_t articles_of(const json_t *entry)
{
    return json_integer_value(json_object_get(entry, "articles"));
}

void cross_print(struct eval *e, th_str *out)
{
    size_t none = 0, once = 0, total = json_array_size(e->entries);

    print_articles(e, out);
    for (size_t i = 0; i < total; i++) {
        none += articles_of(json_array_get(e->entries, i)) == 0;
        once += articles_of(json_array_get(e->entries, i)) == 1;
    }
    th_str_addf(out, "\nterms of the plugins' data in %zu articles: %zu; in several %zu, in one %zu, in none %zu\n",
                e->article_count, total, total - none - once, once, none);
    if (once)
        th_str_puts(out, "in one article only:\n");
    for (size_t i = 0; i < total; i++) {
        const json_t *entry = json_array_get(e->entries, i);
        if (articles_of(entry) == 1)
            th_str_addf(out, "  %s  %s  %s  %s\n", field_text(entry, "where"), field_text(entry, "file"),
                        field_text(entry, "list"), field_text(entry, "term"));
    }
}
