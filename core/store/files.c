/* files.c - the files that were read, and those that are there no more; see store.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/internal.h"

/* ---- stamps ---- */

enum { TRUSTED_AGE_S = 2 };

static const char file_get_sql[] = "SELECT device, inode, size, mtime_ns, ctime_ns, read_ns, hash, loader FROM file "
                                   "WHERE path = ?1";

/* A file changed again within the clock's grain of being read would look the same: such a stamp proves nothing. */
static bool is_trusted(const th_file_stamp *stamp)
{
    int64_t old_enough = stamp->read_ns - INT64_C(1000000000) * TRUSTED_AGE_S;

    return stamp->mtime_ns <= old_enough && stamp->ctime_ns <= old_enough;
}

static bool same_stamp(const th_file_stamp *a, const th_file_stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size && a->mtime_ns == b->mtime_ns &&
           a->ctime_ns == b->ctime_ns;
}

static void read_stamp(sqlite3_stmt *stmt, th_file_stamp *out)
{
    *out = (th_file_stamp){.device = (uint64_t)sqlite3_column_int64(stmt, 0),
                           .inode = (uint64_t)sqlite3_column_int64(stmt, 1),
                           .size = sqlite3_column_int64(stmt, 2),
                           .mtime_ns = sqlite3_column_int64(stmt, 3),
                           .ctime_ns = sqlite3_column_int64(stmt, 4),
                           .read_ns = sqlite3_column_int64(stmt, 5)};
}

th_status th_store_file_state(th_store *store, const char *path, const th_file_stamp *stamp, const char *loader,
                              th_file_state *out, char hash[TH_HASH_TEXT], th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, file_get_sql, err);
    th_file_stamp known;
    bool row = false;

    *out = TH_FILE_NEW;
    hash[0] = '\0';
    if (!stmt)
        return TH_ERR_STORE;
    th_store_bind_text(stmt, 1, path);
    th_status status = th_store_step(store, stmt, &row, err);
    if (!row)
        return status;
    read_stamp(stmt, &known);
    snprintf(hash, TH_HASH_TEXT, "%s", (const char *)sqlite3_column_text(stmt, 6));
    if (strcmp((const char *)sqlite3_column_text(stmt, 7), loader) != 0)
        *out = TH_FILE_STALE;
    else
        *out = same_stamp(&known, stamp) && is_trusted(&known) ? TH_FILE_UNCHANGED : TH_FILE_SUSPECT;
    sqlite3_reset(stmt);
    return TH_OK;
}

static const char file_save_sql[] =
    "INSERT INTO file (path, device, inode, size, mtime_ns, ctime_ns, read_ns, hash, loader) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (path) DO UPDATE SET device = excluded.device, "
    "inode = excluded.inode, size = excluded.size, mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns, "
    "read_ns = excluded.read_ns, hash = excluded.hash, loader = excluded.loader";

th_status th_store_file_save(th_store *store, const char *path, const th_file_stamp *stamp,
                             const char hash[TH_HASH_TEXT], const char *loader, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, file_save_sql, err);

    if (!stmt)
        return TH_ERR_STORE;
    th_store_bind_text(stmt, 1, path);
    sqlite3_bind_int64(stmt, 2, (sqlite3_int64)stamp->device);
    sqlite3_bind_int64(stmt, 3, (sqlite3_int64)stamp->inode);
    sqlite3_bind_int64(stmt, 4, stamp->size);
    sqlite3_bind_int64(stmt, 5, stamp->mtime_ns);
    sqlite3_bind_int64(stmt, 6, stamp->ctime_ns);
    sqlite3_bind_int64(stmt, 7, stamp->read_ns);
    th_store_bind_text(stmt, 8, hash);
    th_store_bind_text(stmt, 9, loader);
    return th_store_finish(store, stmt, err);
}

/* ---- gone and back ---- */

static const char each_sql[] = "SELECT path, gone_at IS NOT NULL FROM file ORDER BY path";

th_status th_store_files_each(th_store *store, th_file_fn fn, void *ctx, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, each_sql, err);
    bool row = false;
    th_status status;

    if (!stmt)
        return TH_ERR_STORE;
    while ((status = th_store_step(store, stmt, &row, err)) == TH_OK && row)
        if ((status = fn(ctx, (const char *)sqlite3_column_text(stmt, 0), sqlite3_column_int64(stmt, 1) != 0, err)) != TH_OK)
            break;
    sqlite3_reset(stmt);
    return status;
}

static const char mark_file_sql[] = "UPDATE file SET gone_at = ?2 WHERE path = ?1";
static const char mark_article_sql[] = "UPDATE article SET gone_at = ?2 WHERE id = ?1";
/* The articles of a file: itself, or its items; what stands in a file of its own with a name built so is not among them. */
static const char of_file_sql[] =
    "SELECT id, gone_at IS NOT NULL FROM article WHERE path = ?1 OR "
    "((path > ?1 || '#' AND path < ?1 || '$' OR path > ?1 || '!' AND path < ?1 || '\"') "
    "AND path NOT IN (SELECT path FROM file)) ORDER BY id";

static th_status mark(th_store *store, const char *sql, int64_t id, const char *path, const char *when, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, sql, err);

    if (!stmt)
        return TH_ERR_STORE;
    if (path)
        th_store_bind_text(stmt, 1, path);
    else
        sqlite3_bind_int64(stmt, 1, id);
    th_store_bind_text(stmt, 2, when);
    th_status status = th_store_finish(store, stmt, err);
    return status == TH_OK && !path ? th_store_regroup(store, id, err) : status;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The ids of the file's articles whose mark has to change, in `arena`: to gone those not in `kept`, to there all. */
static th_status list_to_mark(th_store *store, const char *path, bool gone, const int64_t *kept, size_t kept_count,
                              th_arena *arena, int64_t **out, size_t *count, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, of_file_sql, err);
    size_t cap = 0;
    bool row = false;
    th_status status;

    *out = NULL;
    *count = 0;
    if (!stmt)
        return TH_ERR_STORE;
    th_store_bind_text(stmt, 1, path);
    while ((status = th_store_step(store, stmt, &row, err)) == TH_OK && row) {
        int64_t id = sqlite3_column_int64(stmt, 0);
        bool is_gone = sqlite3_column_int64(stmt, 1) != 0;
        if (is_gone == gone || (kept_count && bsearch(&id, kept, kept_count, sizeof id, by_number)))
            continue;
        int64_t *grown = th_arena_grow(arena, *out, *count, &cap, sizeof id);
        if (!grown) {
            sqlite3_reset(stmt);
            return th_store_fail(store, SQLITE_NOMEM, err);
        }
        *out = grown;
        grown[(*count)++] = id;
    }
    return status;
}

static th_status mark_articles(th_store *store, const char *path, bool gone, const int64_t *kept, size_t kept_count,
                               size_t *count, th_error *err)
{
    th_arena *arena = th_arena_new();
    int64_t *ids = NULL;
    char now[TH_UTC_TEXT];

    if (!arena)
        return th_store_fail(store, SQLITE_NOMEM, err);
    th_store_now(now);
    th_status status = list_to_mark(store, path, gone, kept, kept_count, arena, &ids, count, err);
    for (size_t i = 0; i < *count && status == TH_OK; i++)
        status = mark(store, mark_article_sql, ids[i], NULL, gone ? now : NULL, err);
    th_arena_free(arena);
    return status;
}

th_status th_store_file_mark(th_store *store, const char *path, bool gone, size_t *articles, th_error *err)
{
    char now[TH_UTC_TEXT];

    th_store_now(now);
    th_status status = mark(store, mark_file_sql, 0, path, gone ? now : NULL, err);
    return status == TH_OK ? mark_articles(store, path, gone, NULL, 0, articles, err) : status;
}

th_status th_store_items_mark_gone(th_store *store, const char *path, int64_t *kept, size_t kept_count, size_t *articles,
                                   th_error *err)
{
    if (kept_count)
        qsort(kept, kept_count, sizeof *kept, by_number);
    return mark_articles(store, path, true, kept, kept_count, articles, err);
}

static const char path_sql[] = "SELECT path FROM article WHERE id = ?1";
static const char is_file_sql[] = "SELECT 1 FROM file WHERE path = ?1";

/* Try the path itself, then what stands before its last mark of an item, and so on. */
th_status th_store_file_of(th_store *store, int64_t article_id, th_arena *arena, const char **out, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, path_sql, err);
    bool row = false;
    char *path;

    *out = NULL;
    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, article_id);
    th_status status = th_store_step(store, stmt, &row, err);
    if (!row)
        return status;
    path = th_arena_copy(arena, (const char *)sqlite3_column_text(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0));
    sqlite3_reset(stmt);
    if (!path)
        return th_store_fail(store, SQLITE_NOMEM, err);
    for (size_t len = strlen(path); len; path[len] = '\0') {
        stmt = th_store_prepare(store, is_file_sql, err);
        if (!stmt)
            return TH_ERR_STORE;
        th_store_bind_text(stmt, 1, path);
        status = th_store_step(store, stmt, &row, err);
        sqlite3_reset(stmt);
        if (status != TH_OK || row) {
            *out = row ? path : NULL;
            return status;
        }
        do
            len--;
        while (len && path[len] != '#' && path[len] != '!');
    }
    return TH_OK;
}

/* ---- forgetting ---- */

/* ?1 itself, what stands in that folder, and the items of that container. */
#define BELOW(column) \
    "(" column " = ?1 OR " column " > ?1 || '/' AND " column " < ?1 || '0' OR " column " > ?1 || '#' AND " column \
    " < ?1 || '$' OR " column " > ?1 || '!' AND " column " < ?1 || '\"')"

static const char next_below_sql[] = "SELECT id FROM article WHERE " BELOW("path") " LIMIT 1";
static const char unlink_failures_sql[] =
    "UPDATE failure SET article_id = NULL WHERE article_id IN (SELECT id FROM article WHERE " BELOW("path") ")";
static const char drop_files_sql[] = "DELETE FROM file WHERE " BELOW("path");
static const char drop_article_sql[] = "DELETE FROM article WHERE id = ?1";

static th_status run_below(th_store *store, const char *sql, const char *path, size_t *changed, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, sql, err);

    if (!stmt)
        return TH_ERR_STORE;
    th_store_bind_text(stmt, 1, path);
    th_status status = th_store_finish(store, stmt, err);
    *changed = status == TH_OK ? (size_t)sqlite3_changes(store->db) : 0;
    return status;
}

static th_status drop_article(th_store *store, int64_t id, th_error *err)
{
    th_status status = th_store_clear_article(store, id, err);
    sqlite3_stmt *stmt = status == TH_OK ? th_store_prepare(store, drop_article_sql, err) : NULL;

    if (status != TH_OK || !stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, id);
    return th_store_finish(store, stmt, err);
}

th_status th_store_forget(th_store *store, const char *path, th_forgotten *out, th_error *err)
{
    size_t ignored;
    bool row = true;
    th_status status = run_below(store, unlink_failures_sql, path, &ignored, err);

    *out = (th_forgotten){0};
    while (status == TH_OK && row) {
        sqlite3_stmt *stmt = th_store_prepare(store, next_below_sql, err);
        if (!stmt)
            return TH_ERR_STORE;
        th_store_bind_text(stmt, 1, path);
        status = th_store_step(store, stmt, &row, err);
        int64_t id = row ? sqlite3_column_int64(stmt, 0) : 0;
        sqlite3_reset(stmt);
        if (status == TH_OK && row) {
            status = drop_article(store, id, err);
            out->articles++;
        }
    }
    return status == TH_OK ? run_below(store, drop_files_sql, path, &out->files, err) : status;
}
