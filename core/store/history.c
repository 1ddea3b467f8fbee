/* history.c - runs and failures; see store.h. */
#include <assert.h>
#include <string.h>

#include "store/internal.h"
#include "store/runs.h"

static const char run_end_sql[] = "UPDATE run SET status = ?2, ended_at = ?3, articles_loaded = ?4, articles_run = ?5, "
                                  "records = ?6, failures = ?7 WHERE id = ?1";
static const char failure_sql[] = "INSERT INTO failure (run_id, article_id, path, plugin, reason, message) "
                                  "VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

th_status th_store_run_begin(th_store *store, const char *command, int64_t *run_id, th_error *err)
{
    return th_store_run_start(store, &(th_run_start){.command = command}, run_id, err);
}

th_status th_store_run_end(th_store *store, int64_t run_id, const char *status, int64_t articles_loaded,
                           int64_t articles_run, int64_t records, int64_t failures, th_error *err)
{
    char now[TH_UTC_TEXT];

    if (strcmp(status, "ok") != 0 && strcmp(status, "failed") != 0 && strcmp(status, "interrupted") != 0)
        return th_error_set(err, TH_ERR_STORE, "%s: a run can not end as \"%s\"", store->path, status);
    sqlite3_stmt *stmt = th_store_prepare(store, run_end_sql, err);

    if (!stmt)
        return TH_ERR_STORE;
    th_store_now(now);
    sqlite3_bind_int64(stmt, 1, run_id);
    th_store_bind_text(stmt, 2, status);
    th_store_bind_text(stmt, 3, now);
    sqlite3_bind_int64(stmt, 4, articles_loaded);
    sqlite3_bind_int64(stmt, 5, articles_run);
    sqlite3_bind_int64(stmt, 6, records);
    sqlite3_bind_int64(stmt, 7, failures);
    return th_store_finish(store, stmt, err);
}

/* The reasons of the table; a failure of the host itself is told by the nearest of them. */
static const char *reason_name(th_status reason)
{
    switch (reason) {
    case TH_ERR_NOMEM:
        return th_status_name(TH_ERR_LIMIT_MEMORY);
    case TH_ERR_IO:
        return th_status_name(TH_ERR_UNREADABLE);
    case TH_ERR_STORE:
    case TH_ERR_BUSY:
        return th_status_name(TH_ERR_CRASH);
    default:
        return th_status_name(reason);
    }
}

th_status th_store_failure_add(th_store *store, int64_t run_id, int64_t article_id, const char *path,
                               const char *plugin, th_status reason, const char *message, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, failure_sql, err);

    assert(reason != TH_OK);
    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, run_id);
    if (article_id)
        sqlite3_bind_int64(stmt, 2, article_id);
    else
        sqlite3_bind_null(stmt, 2);
    th_store_bind_text(stmt, 3, path);
    th_store_bind_text(stmt, 4, plugin);
    th_store_bind_text(stmt, 5, reason_name(reason));
    th_store_bind_text(stmt, 6, message);
    return th_store_finish(store, stmt, err);
}

static const char pair_failed_sql[] = "SELECT 1 FROM failure WHERE article_id = ?1 AND plugin = ?2 LIMIT 1";
static const char file_failed_sql[] = "SELECT 1 FROM failure WHERE article_id IS NULL AND path = ?2 LIMIT 1";

th_status th_store_has_failed(th_store *store, const char *plugin, int64_t article_id, const char *path, bool *out, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, plugin ? pair_failed_sql : file_failed_sql, err);

    *out = false;
    if (!stmt)
        return TH_ERR_STORE;
    if (plugin)
        sqlite3_bind_int64(stmt, 1, article_id);
    th_store_bind_text(stmt, 2, plugin ? plugin : path);
    th_status status = th_store_step(store, stmt, out, err);
    sqlite3_reset(stmt);
    return status;
}
