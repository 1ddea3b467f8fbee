/* search.c - see search.h. */
#include "store/search.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "store/internal.h"
#include "text/unicode.h"

/* ---- filters ---- */

/* Append " AND …" for the filter; its values are bound from ?1 on in the order they are asked for here. */
static void add_filter(th_str *sql, const th_filter *f)
{
    if (f->region)
        th_str_puts(sql, " AND (substr(region_name, 1, length(?1)) = ?1 OR substr(region_code, 1, length(?1)) = ?1)");
    if (f->since)
        th_str_puts(sql, " AND date >= ?2");
    if (f->until)
        th_str_puts(sql, " AND date <= ?3");
    if (f->path)
        th_str_puts(sql, " AND instr(path, ?4) > 0");
    if (f->source)
        th_str_puts(sql, " AND instr(source, ?5) > 0");
    if (f->title)
        th_str_puts(sql, " AND instr(title, ?6) > 0");
    if (!f->with_duplicates)
        th_str_puts(sql, " AND duplicate_of IS NULL");
}

enum { MATCH_PARAMETER = 7 };

static void bind_filter(sqlite3_stmt *stmt, const th_filter *f)
{
    const char *values[] = {f->region, f->since, f->until, f->path, f->source, f->title};

    for (int i = 0; i < 6; i++)
        if (values[i])
            sqlite3_bind_text(stmt, i + 1, values[i], -1, SQLITE_STATIC);
}

static th_status prepare(th_store *store, const th_str *sql, const th_filter *f, sqlite3_stmt **out, th_error *err)
{
    if (!th_str_ok(sql))
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", store->path);
    int code = sqlite3_prepare_v2(store->db, th_str_text(sql), -1, out, NULL);
    if (code != SQLITE_OK)
        return th_store_fail(store, code, err);
    bind_filter(*out, f);
    return TH_OK;
}

static const char *text_at(sqlite3_stmt *stmt, int column)
{
    return (const char *)sqlite3_column_text(stmt, column);
}

#define LISTED "id, path, title, date, source, region_name, region_code, format, length(CAST(text AS BLOB)), ifnull(duplicate_of, 0)"
enum { LISTED_COLUMNS = 10 };

static th_listed listed(sqlite3_stmt *stmt)
{
    return (th_listed){
        .id = sqlite3_column_int64(stmt, 0),
        .path = text_at(stmt, 1),
        .title = text_at(stmt, 2),
        .date = text_at(stmt, 3),
        .source = text_at(stmt, 4),
        .region_name = text_at(stmt, 5),
        .region_code = text_at(stmt, 6),
        .format = text_at(stmt, 7),
        .bytes = (size_t)sqlite3_column_int64(stmt, 8),
        .duplicate_of = sqlite3_column_int64(stmt, 9),
    };
}

th_status th_store_list(th_store *store, const th_filter *filter, th_listed_fn fn, void *ctx, th_error *err)
{
    th_str sql = {0};
    sqlite3_stmt *stmt = NULL;
    int code = SQLITE_DONE;

    th_str_puts(&sql, "SELECT " LISTED " FROM article WHERE 1");
    add_filter(&sql, filter);
    th_str_puts(&sql, " ORDER BY id");
    if (filter->limit)
        th_str_addf(&sql, " LIMIT %zu", filter->limit);
    th_status status = prepare(store, &sql, filter, &stmt, err);
    while (status == TH_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        th_listed row = listed(stmt);
        if (!fn(ctx, &row)) {
            code = SQLITE_DONE;
            break;
        }
    }
    if (status == TH_OK && code != SQLITE_DONE)
        status = th_store_fail(store, code, err);
    sqlite3_finalize(stmt);
    th_str_free(&sql);
    return status;
}

/* ---- words ---- */

/* A word, folded; `plain` when folding changes nothing in any text that holds it, so that bytes can be compared. */
typedef struct word {
    th_str folded;
    bool plain;
} word;

static uint32_t fold(uint32_t c)
{
    c = th_fold_width(c);
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static void make_word(word *w, const char *text)
{
    size_t len = strlen(text);

    w->plain = true;
    for (size_t pos = 0; pos < len;) {
        uint32_t c = fold(th_utf8_next(text, len, &pos));
        w->plain &= c >= 0x80;
        th_utf8_add(&w->folded, c);
    }
}

/* Does the word stand at `pos`? Its end in the text, 0 when not. */
static size_t word_at(const word *w, const char *text, size_t len, size_t pos)
{
    const char *want = th_str_text(&w->folded);
    size_t at = 0;

    if (w->plain) {
        bool is = len - pos >= w->folded.len && memcmp(text + pos, want, w->folded.len) == 0;
        return is ? pos + w->folded.len : 0;
    }
    while (at < w->folded.len && pos < len)
        if (th_utf8_next(want, w->folded.len, &at) != fold(th_utf8_next(text, len, &pos)))
            return 0;
    return at == w->folded.len ? pos : 0;
}

typedef struct search {
    th_store *store;
    const word *words;
    size_t count;
    unsigned kinds;
    bool all_plain;
    th_hit_place_fn fn;
    void *ctx;
    bool stopped;
    size_t left; /* hits still to give; SIZE_MAX: no limit */
} search;

/* The nearest place from `pos` on where a plain word may begin. */
static size_t next_plain(const search *s, const char *text, size_t len, size_t pos)
{
    size_t nearest = len;

    for (size_t i = 0; i < s->count; i++) {
        const th_str *want = &s->words[i].folded;
        size_t end = nearest < len ? nearest + want->len - 1 : len; /* only what begins before the nearest so far */
        const char *at = end > pos ? memmem(text + pos, (end < len ? end : len) - pos, th_str_text(want), want->len) : NULL;
        if (at)
            nearest = (size_t)(at - text);
    }
    return nearest;
}

static void search_block(search *s, const th_listed *article, const char *text, size_t from, size_t to, th_block_kind kind)
{
    const char *block = text + from;
    size_t len = to - from;

    for (size_t pos = 0; pos < len && !s->stopped;) {
        size_t stop = 0;
        if (s->all_plain && (pos = next_plain(s, block, len, pos)) == len)
            return;
        for (size_t i = 0; i < s->count; i++) {
            size_t end = word_at(&s->words[i], block, len, pos);
            stop = end > stop ? end : stop;
        }
        if (!stop) {
            th_utf8_next(block, len, &pos);
            continue;
        }
        th_hit_place hit = {article, block, len, kind, pos, stop, from};
        s->stopped = !s->fn(s->ctx, &hit) || --s->left == 0;
        pos = stop;
    }
}

/* Could one of the words stand in the text at all? Spares reading the blocks of most articles. */
static bool may_hold(const search *s, const char *text, size_t len)
{
    if (!s->all_plain)
        return true;
    for (size_t i = 0; i < s->count; i++)
        if (memmem(text, len, th_str_text(&s->words[i].folded), s->words[i].folded.len))
            return true;
    return false;
}

static th_status search_article(search *s, sqlite3_stmt *stmt, th_error *err)
{
    static const char sql[] = "SELECT kind, start, stop FROM block WHERE article_id = ?1 ORDER BY seq";
    th_listed article = listed(stmt);
    const char *text = text_at(stmt, LISTED_COLUMNS);
    size_t len = (size_t)sqlite3_column_bytes(stmt, LISTED_COLUMNS);
    bool row = true;

    if (!may_hold(s, text, len))
        return TH_OK;
    sqlite3_stmt *blocks = th_store_prepare(s->store, sql, err);
    if (!blocks)
        return err->status;
    sqlite3_bind_int64(blocks, 1, article.id);
    th_status status = th_store_step(s->store, blocks, &row, err);
    for (; status == TH_OK && row && !s->stopped; status = th_store_step(s->store, blocks, &row, err)) {
        int kind = th_block_kind_of(text_at(blocks, 0));
        size_t from = (size_t)sqlite3_column_int64(blocks, 1), to = (size_t)sqlite3_column_int64(blocks, 2);
        if (kind >= 0 && to <= len && from <= to && (!s->kinds || s->kinds >> kind & 1))
            search_block(s, &article, text, from, to, (th_block_kind)kind);
    }
    sqlite3_reset(blocks);
    return status;
}

/* ---- the index ---- */

/* The FTS5 query that every text with one of the words fits: their runs of Han as phrases. False when a word has none, since parts of
 * other words are no tokens. */
static bool match_query(const char *const *words, size_t count, th_str *out)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(words[i]), phrases = 0;
        th_str_puts(out, i ? " OR (" : "(");
        for (size_t pos = 0; pos < len;) {
            size_t start = pos, stop = pos;
            while (pos < len && th_is_han(th_utf8_next(words[i], len, &pos)))
                stop = pos;
            if (stop == start)
                continue;
            th_str_addf(out, "%stext:\"%.*s\"", phrases++ ? " AND " : "", (int)(stop - start), words[i] + start);
        }
        th_str_putc(out, ')');
        if (!phrases)
            return false;
    }
    return true;
}

th_status th_store_has_index(th_store *store, bool *out, th_error *err)
{
    static const char sql[] = "SELECT 1 FROM sqlite_master WHERE name = 'article_index'";
    sqlite3_stmt *stmt = th_store_prepare(store, sql, err);

    *out = false;
    if (!stmt)
        return err ? err->status : TH_ERR_STORE;
    th_status status = th_store_step(store, stmt, out, err);
    sqlite3_reset(stmt);
    return status;
}

#define ADD "INSERT INTO article_index(rowid, text) VALUES (new.id, new.text);"
#define REMOVE "INSERT INTO article_index(article_index, rowid, text) VALUES ('delete', old.id, old.text);"

th_status th_store_index_drop(th_store *store, th_error *err)
{
    return th_store_exec(store,
                         "DROP TRIGGER IF EXISTS article_index_insert; DROP TRIGGER IF EXISTS article_index_delete;"
                         "DROP TRIGGER IF EXISTS article_index_update; DROP TABLE IF EXISTS article_index;",
                         err);
}

th_status th_store_index(th_store *store, th_error *err)
{
    th_status status = th_store_begin(store, err);

    if (status == TH_OK)
        status = th_store_index_drop(store, err);
    if (status == TH_OK)
        status = th_store_exec(store,
                               "CREATE VIRTUAL TABLE article_index USING fts5(text, content='article', content_rowid='id', tokenize='han');"
                               "CREATE TRIGGER article_index_insert AFTER INSERT ON article BEGIN " ADD " END;"
                               "CREATE TRIGGER article_index_delete AFTER DELETE ON article BEGIN " REMOVE " END;"
                               "CREATE TRIGGER article_index_update AFTER UPDATE OF text ON article BEGIN " REMOVE ADD " END;"
                               "INSERT INTO article_index(article_index) VALUES ('rebuild');",
                               err);
    if (status == TH_OK)
        return th_store_commit(store, err);
    th_store_rollback(store);
    return status;
}

/* ---- searching ---- */

static th_status run_search(search *s, const th_filter *filter, const th_str *match, th_error *err)
{
    th_str sql = {0};
    sqlite3_stmt *stmt = NULL;
    int code = SQLITE_DONE;

    th_str_puts(&sql, "SELECT " LISTED ", text FROM article WHERE 1");
    add_filter(&sql, filter);
    if (match->len)
        th_str_addf(&sql, " AND id IN (SELECT rowid FROM article_index WHERE article_index MATCH ?%d)", MATCH_PARAMETER);
    th_str_puts(&sql, " ORDER BY id");
    th_status status = prepare(s->store, &sql, filter, &stmt, err);
    if (status == TH_OK && match->len)
        sqlite3_bind_text(stmt, MATCH_PARAMETER, th_str_text(match), (int)match->len, SQLITE_STATIC);
    while (status == TH_OK && !s->stopped && (code = sqlite3_step(stmt)) == SQLITE_ROW)
        status = search_article(s, stmt, err);
    if (status == TH_OK && !s->stopped && code != SQLITE_DONE)
        status = th_store_fail(s->store, code, err);
    sqlite3_finalize(stmt);
    th_str_free(&sql);
    return status;
}

th_status th_store_search(th_store *store, const th_filter *filter, const char *const *words, size_t count, unsigned kinds,
                          th_hit_place_fn fn, void *ctx, th_error *err)
{
    word *folded = calloc(count ? count : 1, sizeof *folded);
    search s = {.store = store, .words = folded, .count = count, .kinds = kinds, .all_plain = true, .fn = fn, .ctx = ctx,
                .left = filter->limit ? filter->limit : SIZE_MAX};
    th_str match = {0};
    bool has_index = false, ok = folded != NULL;

    for (size_t i = 0; ok && i < count; i++) {
        make_word(&folded[i], words[i]);
        ok = th_str_ok(&folded[i].folded);
        s.all_plain &= folded[i].plain;
    }
    th_status status = ok ? th_store_has_index(store, &has_index, err) : th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", store->path);
    if (status == TH_OK && (!has_index || !match_query(words, count, &match)))
        th_str_clear(&match);
    if (status == TH_OK)
        status = run_search(&s, filter, &match, err);
    for (size_t i = 0; folded && i < count; i++)
        th_str_free(&folded[i].folded);
    free(folded);
    th_str_free(&match);
    return status;
}
