/* article.c - articles; see store.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "record.h"
#include "text/json.h"
#include "store/internal.h"

/* ---- saving an article ---- */

static const char find_path_sql[] = "SELECT id, hash FROM article WHERE path = ?1";
static const char touch_sql[] = "UPDATE article SET loaded_at = ?2, origins = ?3, gone_at = NULL WHERE id = ?1";
static const char insert_sql[] =
    "INSERT INTO article (id, path, hash, format, lang, title, date, source, authors, url, region_code, region_name, "
    "loaded_at, text, origins) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
static const char update_sql[] =
    "UPDATE article SET path = ?2, hash = ?3, format = ?4, lang = ?5, title = ?6, date = ?7, source = ?8, "
    "authors = ?9, url = ?10, region_code = ?11, region_name = ?12, loaded_at = ?13, text = ?14, "
    "origins = ?15, duplicate_of = NULL, gone_at = NULL WHERE id = ?1";
static const char block_sql[] =
    "INSERT OR FAIL INTO block (article_id, seq, kind, start, stop, level) SELECT c0, c1, c2, c3, c4, c5 FROM \"th.batch\"";
static const char sentence_sql[] =
    "INSERT OR FAIL INTO sentence (article_id, seq, block_seq, start, stop) SELECT c0, c1, c2, c3, c4 FROM \"th.batch\"";
static const char dropped_sql[] =
    "INSERT OR FAIL INTO dropped (article_id, seq, reason, text) SELECT c0, c1, c2, c3 FROM \"th.batch\"";
static const char warning_sql[] = "INSERT OR FAIL INTO warning (article_id, seq, text) SELECT c0, c1, c2 FROM \"th.batch\"";

static const char clear_block_sql[] = "DELETE FROM block WHERE article_id = ?1";
static const char clear_sentence_sql[] = "DELETE FROM sentence WHERE article_id = ?1";
static const char clear_dropped_sql[] = "DELETE FROM dropped WHERE article_id = ?1";
static const char clear_warning_sql[] = "DELETE FROM warning WHERE article_id = ?1";
static const char *const clear_sql[] = {clear_block_sql, clear_sentence_sql, clear_dropped_sql, clear_warning_sql};

static th_status find_path(th_store *store, const char *path, int64_t *id, char hash[TH_HASH_TEXT], th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, find_path_sql, err);
    bool row = false;

    *id = 0;
    if (!stmt)
        return TH_ERR_STORE;
    th_store_bind_text(stmt, 1, path);
    th_status status = th_store_step(store, stmt, &row, err);
    if (row) {
        *id = sqlite3_column_int64(stmt, 0);
        snprintf(hash, TH_HASH_TEXT, "%s", (const char *)sqlite3_column_text(stmt, 1));
    }
    sqlite3_reset(stmt);
    return status;
}

th_status th_store_clear_article(th_store *store, int64_t id, th_error *err)
{
    th_status status = th_store_flush_coverage(store, err);

    if (status == TH_OK)
        status = th_store_sketch_drop(store, id, err);
    for (size_t i = 0; i < sizeof clear_sql / sizeof *clear_sql && status == TH_OK; i++) {
        sqlite3_stmt *stmt = th_store_prepare(store, clear_sql[i], err);
        if (!stmt)
            return TH_ERR_STORE;
        sqlite3_bind_int64(stmt, 1, id);
        status = th_store_finish(store, stmt, err);
    }
    return status == TH_OK ? th_store_clear_results(store, id, err) : status;
}

static void add_authors(th_str *out, const th_article *a)
{
    th_str_putc(out, '[');
    for (size_t i = 0; i < a->author_count; i++) {
        if (i)
            th_str_putc(out, ',');
        th_json_text(out, a->authors[i], strlen(a->authors[i]));
    }
    th_str_putc(out, ']');
}

/* {"title":"line 1","date":"line 3: 来源"} */
static void add_origins(th_str *out, const th_article *a)
{
    th_str_putc(out, '{');
    for (int i = 0; i < TH_META_COUNT; i++) {
        if (!a->origins[i])
            continue;
        th_str_addf(out, "%s\"%s\":", out->len > 1 ? "," : "", th_meta_name((th_meta)i));
        th_json_text(out, a->origins[i], strlen(a->origins[i]));
    }
    th_str_putc(out, '}');
}

/* The same content was read again; where its metadata stood may have changed. */
static th_status touch(th_store *store, const th_article *a, int64_t id, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, touch_sql, err);
    th_str origins = {0};
    char now[TH_UTC_TEXT];

    if (!stmt)
        return TH_ERR_STORE;
    th_store_now(now);
    add_origins(&origins, a);
    sqlite3_bind_int64(stmt, 1, id);
    th_store_bind_text(stmt, 2, now);
    th_store_bind_text(stmt, 3, th_str_text(&origins));
    th_status status = th_str_ok(&origins) ? th_store_finish(store, stmt, err) : th_store_fail(store, SQLITE_NOMEM, err);
    th_str_free(&origins);
    return status;
}

static th_status write_row(th_store *store, const char *sql, const th_article *a, int64_t id, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, sql, err);
    th_str authors = {0}, origins = {0};
    char now[TH_UTC_TEXT];

    if (!stmt)
        return TH_ERR_STORE;
    th_store_now(now);
    add_authors(&authors, a);
    add_origins(&origins, a);
    const char *texts[] = {a->path, a->hash, a->format, a->lang, a->title, a->date, a->source, th_str_text(&authors),
                           a->url, a->region_code, a->region_name, now};
    if (id)
        sqlite3_bind_int64(stmt, 1, id);
    else
        sqlite3_bind_null(stmt, 1);
    for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++)
        th_store_bind_text(stmt, i + 2, texts[i]);
    sqlite3_bind_text64(stmt, 14, a->text, a->len, SQLITE_STATIC, SQLITE_UTF8);
    th_store_bind_text(stmt, 15, th_str_text(&origins));
    bool ok = th_str_ok(&authors) && th_str_ok(&origins);
    th_status status = ok ? th_store_finish(store, stmt, err) : th_store_fail(store, SQLITE_NOMEM, err);
    th_str_free(&authors);
    th_str_free(&origins);
    return status;
}

/* The columns every part of an article begins with: its article and its place there. */
static bool give_place(const struct batch *batch, size_t row, int column, sqlite3_context *out)
{
    if (column == 0)
        sqlite3_result_int64(out, batch->article_id);
    else if (column == 1)
        sqlite3_result_int64(out, (sqlite3_int64)row);
    return column < 2;
}

static void give_text(sqlite3_context *out, const char *text)
{
    sqlite3_result_text(out, text, -1, SQLITE_STATIC);
}

static void give_block(const struct batch *batch, size_t row, int column, sqlite3_context *out)
{
    const th_block *block = (const th_block *)batch->items + row;

    if (give_place(batch, row, column, out))
        return;
    if (column == 2)
        give_text(out, th_block_kind_name(block->kind));
    else
        sqlite3_result_int64(out, column == 3 ? block->start : column == 4 ? block->stop : block->level);
}

static void give_sentence(const struct batch *batch, size_t row, int column, sqlite3_context *out)
{
    const th_sentence *sentence = (const th_sentence *)batch->items + row;

    if (!give_place(batch, row, column, out))
        sqlite3_result_int64(out, column == 2 ? sentence->block : column == 3 ? sentence->start : sentence->stop);
}

static void give_dropped(const struct batch *batch, size_t row, int column, sqlite3_context *out)
{
    const th_dropped *dropped = (const th_dropped *)batch->items + row;

    if (!give_place(batch, row, column, out))
        give_text(out, column == 2 ? dropped->reason : dropped->text);
}

static void give_warning(const struct batch *batch, size_t row, int column, sqlite3_context *out)
{
    if (!give_place(batch, row, column, out))
        give_text(out, ((const char *const *)batch->items)[row]);
}

static th_status write_parts(th_store *store, const th_article *a, th_error *err)
{
    const struct batch blocks = {a->block_count, a->blocks, a->id, give_block};
    const struct batch sentences = {a->sentence_count, a->sentences, a->id, give_sentence};
    const struct batch dropped = {a->dropped_count, a->dropped, a->id, give_dropped};
    const struct batch warnings = {a->warning_count, a->warnings, a->id, give_warning};
    th_status status = th_store_batch_insert(store, block_sql, &blocks, err);

    if (status == TH_OK)
        status = th_store_batch_insert(store, sentence_sql, &sentences, err);
    if (status == TH_OK)
        status = th_store_batch_insert(store, dropped_sql, &dropped, err);
    return status == TH_OK ? th_store_batch_insert(store, warning_sql, &warnings, err) : status;
}

th_status th_store_article_save(th_store *store, th_article *a, th_error *err)
{
    char hash[TH_HASH_TEXT] = "";
    int64_t id = 0;
    th_status status = th_store_flush_coverage(store, err);

    if (status == TH_OK)
        status = find_path(store, a->path, &id, hash, err);
    if (status == TH_OK && a->date && !th_date_is_valid(a->date, strlen(a->date)))
        status = th_error_set(err, TH_ERR_STORE, "%s: the article %s has the date \"%s\", which is none", store->path, a->path, a->date);
    if (status == TH_OK && id && strcmp(hash, a->hash) == 0) {
        a->id = id;
        status = touch(store, a, id, err);
        return status == TH_OK ? th_store_edges_save(store, id, &a->edges, err) : status;
    }
    if (status == TH_OK && id)
        status = th_store_clear_article(store, id, err);
    if (status == TH_OK)
        status = write_row(store, id ? update_sql : insert_sql, a, id, err);
    if (status != TH_OK)
        return status;
    a->id = id ? id : sqlite3_last_insert_rowid(store->db);
    store->fresh_id = sqlite3_get_autocommit(store->db) ? 0 : a->id;
    store->fresh_plugins = 0;
    status = write_parts(store, a, err);
    if (!a->sketch.text)
        th_article_sketch(a);
    return status == TH_OK ? th_store_sketch_save(store, a->id, &a->sketch, &a->edges, err) : status;
}

/* ---- reading an article ---- */

static const char get_sql[] = "SELECT path, hash, format, lang, title, date, source, url, region_code, region_name, text "
                              "FROM article WHERE id = ?1";
static const char authors_sql[] = "SELECT json_each.value FROM article, json_each(article.authors) "
                                  "WHERE article.id = ?1 ORDER BY json_each.key";
/* In the order of th_meta, NULL for a field without. */
static const char origins_sql[] =
    "SELECT origins ->> 'title', origins ->> 'date', origins ->> 'source', origins ->> 'authors', origins ->> 'url', "
    "origins ->> 'region' FROM article WHERE id = ?1";
static const char get_blocks_sql[] = "SELECT kind, start, stop, level FROM block WHERE article_id = ?1 ORDER BY seq";
static const char get_sentences_sql[] = "SELECT start, stop, block_seq FROM sentence WHERE article_id = ?1 ORDER BY seq";
static const char get_dropped_sql[] = "SELECT reason, text FROM dropped WHERE article_id = ?1 ORDER BY seq";
static const char get_warnings_sql[] = "SELECT text FROM warning WHERE article_id = ?1 ORDER BY seq";

/* The text of a column in the arena; NULL stays NULL. Sets `*failed` when memory is out. */
static const char *copy_column(sqlite3_stmt *stmt, int column, th_arena *arena, bool *failed)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    const char *copy = text ? th_arena_copy(arena, text, (size_t)sqlite3_column_bytes(stmt, column)) : NULL;

    if (!copy && sqlite3_column_type(stmt, column) != SQLITE_NULL)
        *failed = true;
    return copy;
}

/* Add the current row of `stmt` to a list in the arena; false when memory is out. */
typedef bool (*add_row_fn)(sqlite3_stmt *stmt, th_arena *arena, void *item);

static bool add_text(sqlite3_stmt *stmt, th_arena *arena, void *item)
{
    bool failed = false;

    *(const char **)item = copy_column(stmt, 0, arena, &failed);
    return !failed;
}

static bool add_block(sqlite3_stmt *stmt, th_arena *arena, void *item)
{
    int kind = th_block_kind_of((const char *)sqlite3_column_text(stmt, 0));
    sqlite3_int64 level = sqlite3_column_int64(stmt, 3);
    (void)arena;

    *(th_block *)item = (th_block){.kind = kind < 0 ? TH_BLOCK_PARAGRAPH : (th_block_kind)kind,
                                   .start = (uint32_t)sqlite3_column_int64(stmt, 1),
                                   .stop = (uint32_t)sqlite3_column_int64(stmt, 2),
                                   .level = level < 0 || level > TH_LEVEL_MAX ? 0 : (uint32_t)level};
    return true;
}

static bool add_sentence(sqlite3_stmt *stmt, th_arena *arena, void *item)
{
    (void)arena;
    *(th_sentence *)item = (th_sentence){.start = (uint32_t)sqlite3_column_int64(stmt, 0),
                                         .stop = (uint32_t)sqlite3_column_int64(stmt, 1),
                                         .block = (uint32_t)sqlite3_column_int64(stmt, 2)};
    return true;
}

static bool add_dropped(sqlite3_stmt *stmt, th_arena *arena, void *item)
{
    bool failed = false;

    *(th_dropped *)item = (th_dropped){.reason = copy_column(stmt, 0, arena, &failed),
                                       .text = copy_column(stmt, 1, arena, &failed)};
    return !failed;
}

static th_status read_list(th_store *store, const char *sql, int64_t id, th_arena *arena, add_row_fn add, size_t size,
                           void **items, size_t *count, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, sql, err);
    char *list = NULL;
    size_t cap = 0;
    bool row = false;

    *count = 0;
    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, id);
    for (;;) {
        th_status status = th_store_step(store, stmt, &row, err);
        if (!row) {
            *items = list;
            return status;
        }
        char *grown = th_arena_grow(arena, list, *count, &cap, size);
        if (!grown || !add(stmt, arena, grown + *count * size)) {
            sqlite3_reset(stmt);
            return th_store_fail(store, SQLITE_NOMEM, err);
        }
        list = grown;
        ++*count;
    }
}

static th_status read_row(th_store *store, int64_t id, th_arena *arena, th_article *a, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, get_sql, err);
    bool row = false, failed = false;

    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, id);
    th_status status = th_store_step(store, stmt, &row, err);
    if (status == TH_OK && !row)
        return th_error_set(err, TH_ERR_MISSING, "%s: no article %" PRId64, store->path, id);
    if (status != TH_OK)
        return status;
    a->id = id;
    a->path = copy_column(stmt, 0, arena, &failed);
    snprintf(a->hash, sizeof a->hash, "%s", (const char *)sqlite3_column_text(stmt, 1));
    a->format = copy_column(stmt, 2, arena, &failed);
    a->lang = copy_column(stmt, 3, arena, &failed);
    a->title = copy_column(stmt, 4, arena, &failed);
    a->date = copy_column(stmt, 5, arena, &failed);
    a->source = copy_column(stmt, 6, arena, &failed);
    a->url = copy_column(stmt, 7, arena, &failed);
    a->region_code = copy_column(stmt, 8, arena, &failed);
    a->region_name = copy_column(stmt, 9, arena, &failed);
    a->text = copy_column(stmt, 10, arena, &failed);
    a->len = (size_t)sqlite3_column_bytes(stmt, 10);
    sqlite3_reset(stmt);
    return failed ? th_store_fail(store, SQLITE_NOMEM, err) : TH_OK;
}

static th_status read_origins(th_store *store, int64_t id, th_arena *arena, th_article *a, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, origins_sql, err);
    bool row = false, failed = false;

    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, id);
    th_status status = th_store_step(store, stmt, &row, err);
    for (int i = 0; row && i < TH_META_COUNT; i++)
        a->origins[i] = copy_column(stmt, i, arena, &failed);
    sqlite3_reset(stmt);
    return failed ? th_store_fail(store, SQLITE_NOMEM, err) : status;
}

th_status th_store_article_get(th_store *store, int64_t id, th_arena *arena, th_article **out, th_error *err)
{
    th_article *a = th_arena_zalloc(arena, 1, sizeof *a);
    void *authors = NULL, *blocks = NULL, *sentences = NULL, *dropped = NULL, *warnings = NULL;
    th_status status = a ? read_row(store, id, arena, a, err) : th_store_fail(store, SQLITE_NOMEM, err);

    *out = NULL;
    if (status == TH_OK)
        status = read_origins(store, id, arena, a, err);
    if (status == TH_OK)
        status = read_list(store, authors_sql, id, arena, add_text, sizeof(char *), &authors, &a->author_count, err);
    if (status == TH_OK)
        status = read_list(store, get_blocks_sql, id, arena, add_block, sizeof(th_block), &blocks, &a->block_count, err);
    if (status == TH_OK)
        status = read_list(store, get_sentences_sql, id, arena, add_sentence, sizeof(th_sentence), &sentences,
                           &a->sentence_count, err);
    if (status == TH_OK)
        status = read_list(store, get_dropped_sql, id, arena, add_dropped, sizeof(th_dropped), &dropped,
                           &a->dropped_count, err);
    if (status == TH_OK)
        status = read_list(store, get_warnings_sql, id, arena, add_text, sizeof(char *), &warnings, &a->warning_count,
                           err);
    if (status != TH_OK)
        return status;
    a->authors = authors;
    a->blocks = blocks;
    a->sentences = sentences;
    a->dropped = dropped;
    a->warnings = warnings;
    *out = a;
    return TH_OK;
}

/* ---- finding an article ---- */

th_status th_store_article_at(th_store *store, const char *path, int64_t *id, th_error *err)
{
    char hash[TH_HASH_TEXT];

    return find_path(store, path, id, hash, err);
}

enum { NAMED_CANDIDATES = 3 };

static const char by_id_sql[] = "SELECT id, path FROM article WHERE id = ?1";
static const char by_path_sql[] = "SELECT id, path FROM article WHERE path = ?1";
/* Whole components first ("b.txt" is not the end of "ab.txt"), then any end of a path. */
static const char by_component_sql[] = "SELECT id, path FROM article WHERE substr(path, -length(?1)) = ?1 "
                                       "AND substr(path, -length(?1) - 1, 1) IN ('/', '#', '!') ORDER BY path";
static const char by_end_sql[] = "SELECT id, path FROM article WHERE substr(path, -length(?1)) = ?1 ORDER BY path";
static const char *const find_sql[] = {by_id_sql, by_path_sql, by_component_sql, by_end_sql};

/* Count what `sql` finds; the first id and the first few paths are kept. */
static th_status look_for(th_store *store, const char *sql, const char *key, int64_t *id, size_t *count,
                          th_str *paths, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, sql, err);
    bool row = false;
    th_status status;

    *count = 0;
    if (!stmt)
        return TH_ERR_STORE;
    th_store_bind_text(stmt, 1, key);
    while ((status = th_store_step(store, stmt, &row, err)) == TH_OK && row) {
        if (*count == 0)
            *id = sqlite3_column_int64(stmt, 0);
        if (*count < NAMED_CANDIDATES)
            th_str_addf(paths, "%s%s", *count ? ", " : "", (const char *)sqlite3_column_text(stmt, 1));
        ++*count;
    }
    return status;
}

th_status th_store_article_find(th_store *store, const char *key, int64_t *id, th_error *err)
{
    bool number = key[0] && key[strspn(key, "0123456789")] == '\0';
    size_t count = 0;
    th_str paths = {0};
    th_status status = TH_OK;

    for (size_t i = number ? 0 : 1; i < sizeof find_sql / sizeof *find_sql && !count && status == TH_OK && *key; i++)
        status = look_for(store, find_sql[i], key, id, &count, &paths, err);
    if (status == TH_OK && count == 0)
        status = th_error_set(err, TH_ERR_MISSING, "%s: no article \"%s\"; give an id, a path or the end of a path",
                              store->path, key);
    else if (status == TH_OK && count > 1)
        status = th_error_set(err, TH_ERR_USAGE, "%s: %zu articles end in \"%s\": %s%s; give more of the path",
                              store->path, count, key, th_str_text(&paths), count > NAMED_CANDIDATES ? ", …" : "");
    th_str_free(&paths);
    return status;
}
