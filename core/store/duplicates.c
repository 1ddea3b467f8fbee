/* duplicates.c - which articles are the same, or reprints of each other with small edits; see store.h, text/similar.h.
 *
 * What is linked depends on the articles in the store alone, not on the order they came in. Equal texts are one class;
 * classes whose sketches agree in a band are compared by their texts, and what passes is an edge, kept in the table
 * `similar`. In every group that edges and equality connect the members are ranked, and each becomes the duplicate of the
 * first one before it that it has an edge to and that is no duplicate itself. So no duplicate points to another.
 *
 * `sketch.state` says what is left to do: an article that is new, or had an edge to one that changed, is compared with all;
 * one whose rank changed is only grouped again. All sketches are in memory meanwhile, about 170 bytes each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/internal.h"

enum { NEW, COMPARE, REGROUP, SETTLED }; /* also in schema.c and the statements below */

/* In a band that more texts share than these, each is compared with its next ones only, in the order of their hashes. */
enum { BAND_WINDOW = 256 };

/* What makes a text the complete one of its group: it has this share of the longest one's shingles. */
static const double COMPLETE = 0.75;

typedef struct node {
    int64_t id;
    th_sketch sketch;
    uint32_t group; /* union-find: index of the parent */
    uint32_t class; /* index of the first node with the same text */
    uint8_t state;
    bool is_new;    /* class: one of its members is */
} node;

/* A member of a group that is being ranked. */
typedef struct member {
    uint32_t node;
    bool gone, partial, dated;
    char date[11];
    int64_t original, was; /* ids; 0: none */
    const char *path;
} member;

typedef struct edge {
    uint32_t a, b; /* nodes */
} edge;

typedef struct keyed {
    uint32_t key, node;
} keyed;

typedef struct linker {
    th_store *store;
    th_link_report *report;
    th_error *err;
    node *nodes;
    size_t count;
    edge *edges;
    size_t edge_count, edge_cap;
    keyed *order;
    th_arena *arena; /* paths of the group at hand */
    int64_t text_id[2]; /* whose shingles are at hand */
    th_shingles *shingles[2];
} linker;

/* ---- marking what has to be linked ---- */

static const char save_sql[] = "INSERT INTO sketch (article_id, text_hash, shingles, bins, edges, state) "
                               "VALUES (?1, ?2, ?3, ?4, ?5, 0)";
static const char edges_save_sql[] = "UPDATE sketch SET edges = ?2 WHERE article_id = ?1 AND edges <> ?2";
static const char has_sql[] = "SELECT 1 FROM sketch WHERE article_id = ?1";
static const char drop_sql[] = "DELETE FROM sketch WHERE article_id = ?1";
/* Everything that was in one group with the article, or has an edge to it. */
static const char wake_sql[] =
    "UPDATE sketch SET state = min(state, 1) WHERE article_id IN ("
    "SELECT other_id FROM similar WHERE article_id = ?1 UNION SELECT article_id FROM similar WHERE other_id = ?1 UNION "
    "SELECT id FROM article WHERE duplicate_of = ?1 UNION "
    "SELECT duplicate_of FROM article WHERE id = ?1 UNION SELECT id FROM article WHERE duplicate_of = "
    "(SELECT duplicate_of FROM article WHERE id = ?1))";
static const char orphan_sql[] = "UPDATE article SET duplicate_of = NULL WHERE duplicate_of = ?1";
static const char cut_sql[] = "DELETE FROM similar WHERE article_id = ?1 OR other_id = ?1";
static const char regroup_sql[] = "UPDATE sketch SET state = 2 WHERE article_id = ?1 AND state > 2";

static th_status run_for(th_store *store, const char *sql, int64_t id, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, sql, err);

    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, id);
    return th_store_finish(store, stmt, err);
}

/* Bind the edges as bytes, run the statement and free them. */
static th_status finish_with_edges(th_store *store, sqlite3_stmt *stmt, int index, const th_edges *edges, th_error *err)
{
    th_str bytes = {0};

    th_edges_write(edges, &bytes);
    sqlite3_bind_blob(stmt, index, th_str_text(&bytes), (int)bytes.len, SQLITE_STATIC);
    th_status status = th_str_ok(&bytes) ? th_store_finish(store, stmt, err) : th_store_fail(store, SQLITE_NOMEM, err);
    th_str_free(&bytes);
    return status;
}

th_status th_store_edges_save(th_store *store, int64_t article_id, const th_edges *edges, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, edges_save_sql, err);

    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, article_id);
    return finish_with_edges(store, stmt, 2, edges, err);
}

th_status th_store_sketch_save(th_store *store, int64_t article_id, const th_sketch *sketch, const th_edges *edges,
                               th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, save_sql, err);

    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, article_id);
    sqlite3_bind_int64(stmt, 2, (sqlite3_int64)sketch->text);
    sqlite3_bind_int64(stmt, 3, sketch->shingles);
    sqlite3_bind_blob(stmt, 4, sketch->bins, sizeof sketch->bins, SQLITE_STATIC);
    return finish_with_edges(store, stmt, 5, edges, err);
}

th_status th_store_sketch_drop(th_store *store, int64_t article_id, th_error *err)
{
    static const char *const steps[] = {wake_sql, orphan_sql, cut_sql, drop_sql};
    th_status status = TH_OK;
    sqlite3_stmt *stmt = th_store_prepare(store, has_sql, err);
    bool row = false;

    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, article_id);
    status = th_store_step(store, stmt, &row, err);
    sqlite3_reset(stmt);
    for (size_t i = 0; row && i < sizeof steps / sizeof *steps && status == TH_OK; i++)
        status = run_for(store, steps[i], article_id, err);
    return status;
}

th_status th_store_regroup(th_store *store, int64_t article_id, th_error *err)
{
    return run_for(store, regroup_sql, article_id, err);
}

/* ---- reading ---- */

static const char left_sql[] = "SELECT 1 FROM sketch WHERE state < 3 LIMIT 1";
static const char bare_sql[] = "SELECT article_id FROM sketch WHERE state < 3 AND text_hash = 0 LIMIT 1";
static const char count_sql[] = "SELECT count(*) FROM sketch";
static const char nodes_sql[] = "SELECT article_id, text_hash, shingles, bins, state FROM sketch ORDER BY article_id";
static const char edges_sql[] = "SELECT article_id, other_id FROM similar";
static const char text_sql[] = "SELECT text FROM article WHERE id = ?1";

static th_status no_memory(linker *l)
{
    return th_error_set(l->err, TH_ERR_NOMEM, "%s: out of memory while looking for duplicates", l->store->path);
}

static th_status one_row(linker *l, const char *sql, int64_t *value)
{
    sqlite3_stmt *stmt = th_store_prepare(l->store, sql, l->err);
    bool row = false;

    if (!stmt)
        return TH_ERR_STORE;
    th_status status = th_store_step(l->store, stmt, &row, l->err);
    *value = row ? sqlite3_column_int64(stmt, 0) : 0;
    sqlite3_reset(stmt);
    return status;
}

/* Articles of a store that an older version wrote have an empty sketch. */
static th_status add_missing_sketches(linker *l)
{
    static const char keep_sql[] = "UPDATE sketch SET text_hash = ?2, shingles = ?3, bins = ?4 WHERE article_id = ?1";

    for (;;) {
        int64_t id = 0;
        th_article *a = NULL;
        th_status status = one_row(l, bare_sql, &id);
        if (status != TH_OK || !id)
            return status;
        th_arena_reset(l->arena);
        if ((status = th_store_article_get(l->store, id, l->arena, &a, l->err)) != TH_OK)
            return status;
        th_article_sketch(a);
        sqlite3_stmt *stmt = th_store_prepare(l->store, keep_sql, l->err);
        if (!stmt)
            return TH_ERR_STORE;
        sqlite3_bind_int64(stmt, 1, id);
        sqlite3_bind_int64(stmt, 2, (sqlite3_int64)a->sketch.text);
        sqlite3_bind_int64(stmt, 3, a->sketch.shingles);
        sqlite3_bind_blob(stmt, 4, a->sketch.bins, sizeof a->sketch.bins, SQLITE_STATIC);
        if ((status = th_store_finish(l->store, stmt, l->err)) != TH_OK)
            return status;
    }
}

static void read_sketch(sqlite3_stmt *stmt, th_sketch *out)
{
    const void *bins = sqlite3_column_blob(stmt, 3);

    *out = (th_sketch){.text = (uint64_t)sqlite3_column_int64(stmt, 1), .shingles = (uint32_t)sqlite3_column_int64(stmt, 2)};
    if (bins && sqlite3_column_bytes(stmt, 3) == sizeof out->bins)
        memcpy(out->bins, bins, sizeof out->bins);
}

static th_status read_nodes(linker *l)
{
    int64_t count = 0;
    bool row = false;
    th_status status = one_row(l, count_sql, &count);

    if (status != TH_OK)
        return status;
    l->nodes = calloc((size_t)count + 1, sizeof *l->nodes);
    l->order = calloc((size_t)count + 1, sizeof *l->order);
    if (!l->nodes || !l->order)
        return no_memory(l);
    sqlite3_stmt *stmt = th_store_prepare(l->store, nodes_sql, l->err);
    if (!stmt)
        return TH_ERR_STORE;
    while ((status = th_store_step(l->store, stmt, &row, l->err)) == TH_OK && row && l->count < (size_t)count) {
        node *n = &l->nodes[l->count];
        n->id = sqlite3_column_int64(stmt, 0);
        read_sketch(stmt, &n->sketch);
        n->state = (uint8_t)sqlite3_column_int64(stmt, 4);
        n->group = n->class = (uint32_t)l->count++;
    }
    sqlite3_reset(stmt);
    return status;
}

static int by_id(const void *key, const void *item)
{
    int64_t id = *(const int64_t *)key, other = ((const node *)item)->id;

    return (id > other) - (id < other);
}

static node *find_node(linker *l, int64_t id)
{
    return l->count ? bsearch(&id, l->nodes, l->count, sizeof *l->nodes, by_id) : NULL;
}

static bool add_edge(linker *l, uint32_t a, uint32_t b)
{
    if (l->edge_count == l->edge_cap) {
        size_t cap = l->edge_cap ? l->edge_cap * 2 : 64;
        edge *bigger = realloc(l->edges, cap * sizeof *bigger);
        if (!bigger)
            return false;
        l->edges = bigger;
        l->edge_cap = cap;
    }
    l->edges[l->edge_count++] = (edge){a, b};
    return true;
}

static th_status read_edges(linker *l)
{
    sqlite3_stmt *stmt = th_store_prepare(l->store, edges_sql, l->err);
    bool row = false, ok = true;
    th_status status;

    if (!stmt)
        return TH_ERR_STORE;
    while ((status = th_store_step(l->store, stmt, &row, l->err)) == TH_OK && row && ok) {
        const node *a = find_node(l, sqlite3_column_int64(stmt, 0)), *b = find_node(l, sqlite3_column_int64(stmt, 1));
        ok = !a || !b || add_edge(l, (uint32_t)(a - l->nodes), (uint32_t)(b - l->nodes));
    }
    sqlite3_reset(stmt);
    return ok ? status : no_memory(l);
}

static const char each_sql[] = "SELECT article_id, text_hash, shingles, bins, edges FROM sketch ORDER BY article_id";

th_status th_store_edges_each(th_store *store, th_edges_fn fn, void *ctx, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, each_sql, err);
    bool row = false;
    th_status status;

    if (!stmt)
        return TH_ERR_STORE;
    while ((status = th_store_step(store, stmt, &row, err)) == TH_OK && row) {
        th_sketch sketch;
        th_edges edges;
        const char *bytes = sqlite3_column_blob(stmt, 4);
        th_unpack in = {bytes, bytes ? bytes + sqlite3_column_bytes(stmt, 4) : NULL, bytes == NULL};
        read_sketch(stmt, &sketch);
        if (!th_edges_read(&edges, &in))
            continue; /* an article of an older version: read again, it has edges */
        if ((status = fn(ctx, sqlite3_column_int64(stmt, 0), &sketch, &edges, err)) != TH_OK)
            break;
    }
    sqlite3_reset(stmt);
    return status;
}

static const char sketch_sql[] = "SELECT article_id, text_hash, shingles, bins FROM sketch WHERE article_id = ?1";

th_status th_store_sketch_get(th_store *store, int64_t id, th_sketch *out, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, sketch_sql, err);
    bool row = false;

    *out = (th_sketch){0};
    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, id);
    th_status status = th_store_step(store, stmt, &row, err);
    if (row)
        read_sketch(stmt, out);
    sqlite3_reset(stmt);
    return status;
}

static const char news_sql[] = "SELECT 1 FROM sketch WHERE state < 3 AND state = 0 LIMIT 1";

th_status th_store_has_news(th_store *store, bool *out, th_error *err)
{
    linker l = {.store = store, .err = err};
    int64_t found = 0;
    th_status status = one_row(&l, news_sql, &found);

    *out = found != 0;
    return status;
}

/* ---- comparing ---- */

static int by_text(const void *x, const void *y, void *ctx)
{
    const node *nodes = ctx, *a = &nodes[((const keyed *)x)->node], *b = &nodes[((const keyed *)y)->node];

    if (a->sketch.text != b->sketch.text)
        return a->sketch.text < b->sketch.text ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

/* Equal texts into classes; `order` then holds one node of each class. Gives their number. */
static size_t make_classes(linker *l)
{
    size_t kept = 0;

    for (size_t i = 0; i < l->count; i++)
        l->order[i] = (keyed){0, (uint32_t)i};
    qsort_r(l->order, l->count, sizeof *l->order, by_text, l->nodes);
    for (size_t i = 0; i < l->count; i++) {
        node *n = &l->nodes[l->order[i].node];
        if (kept && l->nodes[l->order[kept - 1].node].sketch.text == n->sketch.text)
            n->class = l->order[kept - 1].node;
        else
            l->order[kept++] = l->order[i];
        l->nodes[n->class].is_new |= n->state <= COMPARE;
    }
    return kept;
}

static th_status fetch_shingles(linker *l, int which, int64_t id)
{
    bool row = false;

    if (l->text_id[which] == id)
        return TH_OK;
    sqlite3_stmt *stmt = th_store_prepare(l->store, text_sql, l->err);
    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, id);
    th_status status = th_store_step(l->store, stmt, &row, l->err);
    th_shingles_free(l->shingles[which]);
    const char *text = row ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    l->shingles[which] = th_shingles_new(text ? text : "", text ? (size_t)sqlite3_column_bytes(stmt, 0) : 0);
    l->text_id[which] = id;
    sqlite3_reset(stmt);
    return status == TH_OK && !l->shingles[which] ? no_memory(l) : status;
}

static const char similar_sql[] = "INSERT OR IGNORE INTO similar (article_id, other_id, similarity) VALUES (?1, ?2, ?3)";

static th_status save_edge(linker *l, const node *a, const node *b, double similarity)
{
    sqlite3_stmt *stmt = th_store_prepare(l->store, similar_sql, l->err);

    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, a->id < b->id ? a->id : b->id);
    sqlite3_bind_int64(stmt, 2, a->id < b->id ? b->id : a->id);
    sqlite3_bind_double(stmt, 3, similarity);
    th_status status = th_store_finish(l->store, stmt, l->err);
    if (status == TH_OK && !add_edge(l, (uint32_t)(a - l->nodes), (uint32_t)(b - l->nodes)))
        return no_memory(l);
    return status;
}

static th_status compare(linker *l, const node *a, const node *b)
{
    th_status status = fetch_shingles(l, 0, a->id);

    if (status == TH_OK)
        status = fetch_shingles(l, 1, b->id);
    if (status != TH_OK)
        return status;
    th_likeness likeness = th_shingles_compare(l->shingles[0], l->shingles[1]);
    return th_is_reprint(&likeness) ? save_edge(l, a, b, likeness.jaccard) : TH_OK;
}

/* Has an earlier band brought the two together already? */
static bool met_before(const node *a, const node *b, size_t band)
{
    for (size_t k = 0; k < band; k++)
        if (th_sketch_band(&a->sketch, k) == th_sketch_band(&b->sketch, k))
            return true;
    return false;
}

static int by_key(const void *x, const void *y)
{
    const keyed *a = x, *b = y;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->node > b->node) - (a->node < b->node);
}

/* Compare the texts that share a band's key: order[from .. to). */
static th_status compare_run(linker *l, size_t from, size_t to, size_t band)
{
    th_status status = TH_OK;

    if (to - from > BAND_WINDOW)
        qsort_r(l->order + from, to - from, sizeof *l->order, by_text, l->nodes);
    for (size_t i = from; i < to && status == TH_OK; i++) {
        const node *a = &l->nodes[l->order[i].node];
        size_t end = to - i > BAND_WINDOW ? i + BAND_WINDOW : to;
        for (size_t k = i + 1; k < end && status == TH_OK; k++) {
            const node *b = &l->nodes[l->order[k].node];
            if ((a->is_new || b->is_new) && th_sketch_close(&a->sketch, &b->sketch) && !met_before(a, b, band))
                status = compare(l, a, b);
        }
    }
    return status;
}

enum { SIEVE_BITS = 1 << 16 };

static size_t sieve_bit(uint32_t key)
{
    return (key * UINT32_C(2654435769)) >> 16;
}

/* Of the `classes` nodes at `all` put those into `order`, with their keys, that may share the band's key with a new one. */
static size_t sift_band(linker *l, const uint32_t *all, size_t classes, size_t band)
{
    uint64_t sieve[SIEVE_BITS / 64] = {0};
    size_t kept = 0;

    for (size_t i = 0; i < classes; i++) {
        const node *n = &l->nodes[all[i]];
        size_t bit = sieve_bit(th_sketch_band(&n->sketch, band));
        if (n->is_new)
            sieve[bit / 64] |= UINT64_C(1) << bit % 64;
    }
    for (size_t i = 0; i < classes; i++) {
        uint32_t key = th_sketch_band(&l->nodes[all[i]].sketch, band);
        if (sieve[sieve_bit(key) / 64] >> sieve_bit(key) % 64 & 1)
            l->order[kept++] = (keyed){key, all[i]};
    }
    return kept;
}

static th_status compare_band(linker *l, const uint32_t *all, size_t classes, size_t band)
{
    size_t count = sift_band(l, all, classes, band);
    th_status status = TH_OK;

    qsort(l->order, count, sizeof *l->order, by_key);
    for (size_t i = 0, to; i < count && status == TH_OK; i = to) {
        for (to = i + 1; to < count && l->order[to].key == l->order[i].key; to++)
            ;
        if (to - i > 1)
            status = compare_run(l, i, to, band);
    }
    return status;
}

static th_status compare_all(linker *l)
{
    size_t classes = make_classes(l);
    uint32_t *all = malloc((classes + 1) * sizeof *all);
    th_status status = TH_OK;

    if (!all)
        return no_memory(l);
    for (size_t i = 0; i < classes; i++)
        all[i] = l->order[i].node;
    for (size_t band = 0; band < TH_SKETCH_BANDS && status == TH_OK; band++)
        status = compare_band(l, all, classes, band);
    free(all);
    return status;
}

/* ---- grouping ---- */

static uint32_t root_of(linker *l, uint32_t i)
{
    while (l->nodes[i].group != i)
        i = l->nodes[i].group = l->nodes[l->nodes[i].group].group;
    return i;
}

static void join(linker *l, uint32_t a, uint32_t b)
{
    a = root_of(l, a);
    b = root_of(l, b);
    if (a < b)
        l->nodes[b].group = a;
    else
        l->nodes[a].group = b;
}

static const char member_sql[] = "SELECT path, date, duplicate_of, gone_at IS NOT NULL FROM article WHERE id = ?1";

static th_status read_member(linker *l, member *m)
{
    sqlite3_stmt *stmt = th_store_prepare(l->store, member_sql, l->err);
    bool row = false;

    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, l->nodes[m->node].id);
    th_status status = th_store_step(l->store, stmt, &row, l->err);
    const char *path = row ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    const char *date = row ? (const char *)sqlite3_column_text(stmt, 1) : NULL;
    m->path = th_arena_copy(l->arena, path ? path : "", path ? strlen(path) : 0);
    m->dated = date != NULL;
    snprintf(m->date, sizeof m->date, "%s", date ? date : "");
    m->was = row ? sqlite3_column_int64(stmt, 2) : 0;
    m->gone = row && sqlite3_column_int64(stmt, 3);
    sqlite3_reset(stmt);
    return status == TH_OK && !m->path ? no_memory(l) : status;
}

/* The original is there, complete, early; what is still equal is told apart by length and path. */
static int by_rank(const void *x, const void *y, void *ctx)
{
    const member *a = x, *b = y;
    const node *nodes = ctx;
    uint32_t n = nodes[a->node].sketch.shingles, m = nodes[b->node].sketch.shingles;

    if (a->gone != b->gone)
        return a->gone ? 1 : -1;
    if (a->partial != b->partial)
        return a->partial ? 1 : -1;
    if (a->dated != b->dated)
        return a->dated ? -1 : 1;
    int order = strcmp(a->date, b->date);
    if (order)
        return order;
    if (n != m)
        return n > m ? -1 : 1;
    return strcmp(a->path, b->path);
}

static int by_ends(const void *x, const void *y)
{
    const edge *a = x, *b = y;

    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return (a->b > b->b) - (a->b < b->b);
}

static bool has_edge(linker *l, uint32_t a, uint32_t b)
{
    edge key = {a < b ? a : b, a < b ? b : a};

    return l->edge_count && bsearch(&key, l->edges, l->edge_count, sizeof key, by_ends);
}

/* Edges between classes instead of articles, each once and in order. */
static void lift_edges(linker *l)
{
    size_t kept = 0;

    for (size_t i = 0; i < l->edge_count; i++) {
        uint32_t a = l->nodes[l->edges[i].a].class, b = l->nodes[l->edges[i].b].class;
        l->edges[i] = (edge){a < b ? a : b, a < b ? b : a};
    }
    if (l->edge_count)
        qsort(l->edges, l->edge_count, sizeof *l->edges, by_ends);
    for (size_t i = 0; i < l->edge_count; i++)
        if (!kept || by_ends(&l->edges[kept - 1], &l->edges[i]) != 0)
            l->edges[kept++] = l->edges[i];
    l->edge_count = kept;
}

static const char link_sql[] = "UPDATE article SET duplicate_of = nullif(?2, 0) WHERE id = ?1";

static th_status save_link(linker *l, const member *m)
{
    sqlite3_stmt *stmt = th_store_prepare(l->store, link_sql, l->err);

    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, l->nodes[m->node].id);
    sqlite3_bind_int64(stmt, 2, m->original);
    return th_store_finish(l->store, stmt, l->err);
}

/* Find each member's original among those ranked before it. */
static th_status rank_group(linker *l, member *members, size_t count)
{
    uint32_t longest = 0;
    th_status status = TH_OK;

    th_arena_reset(l->arena);
    for (size_t i = 0; i < count && status == TH_OK; i++) {
        const th_sketch *s = &l->nodes[members[i].node].sketch;
        longest = s->shingles > longest ? s->shingles : longest;
        status = read_member(l, &members[i]);
    }
    for (size_t i = 0; i < count; i++)
        members[i].partial = l->nodes[members[i].node].sketch.shingles < COMPLETE * longest;
    qsort_r(members, count, sizeof *members, by_rank, l->nodes);
    for (size_t i = 0; i < count && status == TH_OK; i++) {
        member *m = &members[i];
        const node *n = &l->nodes[m->node];
        for (size_t k = 0; k < i && !m->original; k++) {
            const node *o = &l->nodes[members[k].node];
            if (!members[k].original && (o->class == n->class || has_edge(l, o->class, n->class))) {
                m->original = o->id;
                if (n->state == NEW)
                    *(o->class == n->class ? &l->report->exact : &l->report->near) += 1;
            }
        }
        if (m->original != m->was)
            status = save_link(l, m);
    }
    return status;
}

/* Nodes in the order of their groups; a group that has something new in it is ranked. */
static th_status group_all(linker *l)
{
    member *members = NULL;
    size_t cap = 0;
    th_status status = TH_OK;

    lift_edges(l);
    for (size_t i = 0; i < l->count; i++)
        join(l, (uint32_t)i, l->nodes[i].class);
    for (size_t i = 0; i < l->edge_count; i++)
        join(l, l->edges[i].a, l->edges[i].b);
    for (size_t i = 0; i < l->count; i++)
        l->order[i] = (keyed){root_of(l, (uint32_t)i), (uint32_t)i};
    qsort(l->order, l->count, sizeof *l->order, by_key);
    for (size_t i = 0, to; i < l->count && status == TH_OK; i = to) {
        bool stirred = false;
        for (to = i; to < l->count && l->order[to].key == l->order[i].key; to++)
            stirred |= l->nodes[l->order[to].node].state < SETTLED;
        if (!stirred || to - i < 2)
            continue;
        if (to - i > cap) {
            free(members);
            cap = to - i;
            members = malloc(cap * sizeof *members);
            if (!members)
                return no_memory(l);
        }
        for (size_t k = i; k < to; k++)
            members[k - i] = (member){.node = l->order[k].node};
        status = rank_group(l, members, to - i);
    }
    free(members);
    return status;
}

static void close_linker(linker *l)
{
    th_shingles_free(l->shingles[0]);
    th_shingles_free(l->shingles[1]);
    th_arena_free(l->arena);
    free(l->nodes);
    free(l->order);
    free(l->edges);
}

th_status th_store_link_duplicates(th_store *store, th_link_report *report, th_error *err)
{
    linker l = {.store = store, .report = report, .err = err};
    int64_t left = 0;

    *report = (th_link_report){0};
    th_status status = one_row(&l, left_sql, &left);
    if (status != TH_OK || !left)
        return status;
    l.arena = th_arena_new();
    if (!l.arena)
        status = no_memory(&l);
    if (status == TH_OK && (status = add_missing_sketches(&l)) == TH_OK && (status = read_nodes(&l)) == TH_OK &&
        (status = read_edges(&l)) == TH_OK && (status = compare_all(&l)) == TH_OK && (status = group_all(&l)) == TH_OK)
        status = th_store_exec(store, "UPDATE sketch SET state = 3 WHERE state < 3", err);
    close_linker(&l);
    return status;
}
