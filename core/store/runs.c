/* runs.c - see runs.h. */
#include "store/runs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "store/internal.h"
#include "text/json.h"

enum { RESERVED = 16 << 10 };

static const char interrupt_sql[] =
    "UPDATE run SET status = 'interrupted', ended_at = ?1, message = coalesce(message, 'process ' || pid || ' on ' || host || ' ended before it') "
    "WHERE status = 'running' AND id <> ?2 AND id NOT IN (SELECT parent_id FROM run WHERE id = ?2 AND parent_id IS NOT NULL)";
static const char start_sql[] = "INSERT INTO run (command, started_at, status, job, slot, parent_id, pid, host) "
                                "VALUES (?1, ?2, 'running', ?3, ?4, nullif(?5, 0), ?6, ?7)";
static const char versions_sql[] = "UPDATE run SET versions = ?2 WHERE id = ?1";
static const char log_sql[] = "UPDATE run SET log = ?2 WHERE id = ?1";
static const char message_sql[] = "UPDATE run SET message = ?2 WHERE id = ?1";
static const char end_sql[] =
    "UPDATE run SET status = ?2, ended_at = ?3, message = ?4, log = ?5, exit_status = ?6, attempts = ?7, "
    "articles_loaded = coalesce((SELECT sum(articles_loaded) FROM run s WHERE s.parent_id = ?1), 0), "
    "articles_run = coalesce((SELECT sum(articles_run) FROM run s WHERE s.parent_id = ?1), 0), "
    "records = coalesce((SELECT sum(records) FROM run s WHERE s.parent_id = ?1), 0), "
    "failures = coalesce((SELECT sum(failures) FROM run s WHERE s.parent_id = ?1), 0) WHERE id = ?1";

/* ---- runs ---- */

th_status th_store_run_start(th_store *store, const th_run_start *start, int64_t *run_id, th_error *err)
{
    char now[TH_UTC_TEXT], host[128] = "";
    th_status status = th_store_events_take(store, err);
    sqlite3_stmt *stmt = status == TH_OK ? th_store_prepare(store, interrupt_sql, err) : NULL;

    *run_id = 0;
    if (!stmt)
        return status == TH_OK ? TH_ERR_STORE : status;
    th_store_now(now);
    gethostname(host, sizeof host - 1);
    th_store_bind_text(stmt, 1, now);
    sqlite3_bind_int64(stmt, 2, start->parent_id);
    status = th_store_finish(store, stmt, err);
    stmt = status == TH_OK ? th_store_prepare(store, start_sql, err) : NULL;
    if (!stmt)
        return status == TH_OK ? TH_ERR_STORE : status;
    th_store_bind_text(stmt, 1, start->command);
    th_store_bind_text(stmt, 2, now);
    th_store_bind_text(stmt, 3, start->job);
    th_store_bind_text(stmt, 4, start->slot);
    sqlite3_bind_int64(stmt, 5, start->parent_id);
    sqlite3_bind_int64(stmt, 6, getpid());
    th_store_bind_text(stmt, 7, host);
    status = th_store_finish(store, stmt, err);
    *run_id = status == TH_OK ? sqlite3_last_insert_rowid(store->db) : 0;
    return status;
}

static th_status set_text(th_store *store, const char *sql, int64_t run_id, const char *text, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, sql, err);

    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, run_id);
    th_store_bind_text(stmt, 2, text);
    return th_store_finish(store, stmt, err);
}

th_status th_store_run_versions(th_store *store, int64_t run_id, const char *versions, th_error *err)
{
    return set_text(store, versions_sql, run_id, versions, err);
}

th_status th_store_run_message(th_store *store, int64_t run_id, const char *message, th_error *err)
{
    return set_text(store, message_sql, run_id, message, err);
}

th_status th_store_run_log(th_store *store, int64_t run_id, const char *log, th_error *err)
{
    return set_text(store, log_sql, run_id, log, err);
}

th_status th_store_job_end(th_store *store, int64_t run_id, const th_run_end *end, th_error *err)
{
    char now[TH_UTC_TEXT];
    sqlite3_stmt *stmt = th_store_prepare(store, end_sql, err);

    if (!stmt)
        return TH_ERR_STORE;
    th_store_now(now);
    sqlite3_bind_int64(stmt, 1, run_id);
    th_store_bind_text(stmt, 2, end->status);
    th_store_bind_text(stmt, 3, now);
    th_store_bind_text(stmt, 4, end->message);
    th_store_bind_text(stmt, 5, end->log);
    sqlite3_bind_int(stmt, 6, end->exit_status);
    sqlite3_bind_int64(stmt, 7, (int64_t)end->attempts);
    return th_store_finish(store, stmt, err);
}

/* ---- events ---- */

/* One line of JSON. Without a key of its own an event gets one, so that taking it twice makes one row. */
static void write_event(const th_run_event *e, th_str *out)
{
    static unsigned count;
    char now[TH_UTC_TEXT], key[96];

    th_store_now(now);
    snprintf(key, sizeof key, "%s %ld %u %s", now, (long)getpid(), count++, e->status);
    th_str_addf(out, "{\"at\":\"%s\",\"pid\":%ld,\"run\":%lld,\"exit\":%d,\"attempts\":%zu", now, (long)getpid(), (long long)e->run_id,
                e->exit_status, e->attempts);
    th_json_member(out, "key", e->key ? e->key : key);
    th_json_member(out, "command", e->command ? e->command : "");
    th_json_member(out, "job", e->job);
    th_json_member(out, "slot", e->slot);
    th_json_member(out, "status", e->status);
    th_json_member(out, "message", e->message);
    th_str_puts(out, "}\n");
}

static const char end_event_sql[] =
    "UPDATE run SET status = json_extract(?1, '$.status'), ended_at = json_extract(?1, '$.at'), message = json_extract(?1, '$.message'), "
    "exit_status = json_extract(?1, '$.exit'), attempts = json_extract(?1, '$.attempts') "
    "WHERE id = json_extract(?1, '$.run') AND status IN ('running', 'interrupted')";
static const char add_event_sql[] =
    "INSERT OR IGNORE INTO run (command, started_at, ended_at, status, job, slot, pid, message, exit_status, attempts, event) "
    "SELECT json_extract(?1, '$.command'), json_extract(?1, '$.at'), json_extract(?1, '$.at'), json_extract(?1, '$.status'), "
    "json_extract(?1, '$.job'), json_extract(?1, '$.slot'), json_extract(?1, '$.pid'), json_extract(?1, '$.message'), "
    "json_extract(?1, '$.exit'), json_extract(?1, '$.attempts'), json_extract(?1, '$.key') WHERE json_extract(?1, '$.run') = 0";

static th_status run_with(th_store *store, const char *sql, const char *line, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, sql, err);

    if (!stmt)
        return TH_ERR_STORE;
    th_store_bind_text(stmt, 1, line);
    return th_store_finish(store, stmt, err);
}

static const char valid_sql[] = "SELECT 1 WHERE json_valid(?1)";
static const char damaged_sql[] = "INSERT INTO run (command, started_at, ended_at, status, message) SELECT '', strftime('%Y-%m-%dT%H:%M:%SZ'), "
                                  "strftime('%Y-%m-%dT%H:%M:%SZ'), 'failed', 'a note of an event that was cut off: ' || ?1";

static th_status take_event(th_store *store, const char *line, th_error *err)
{
    bool valid = false;
    sqlite3_stmt *stmt = th_store_prepare(store, valid_sql, err);

    if (!stmt)
        return TH_ERR_STORE;
    th_store_bind_text(stmt, 1, line);
    th_status status = th_store_step(store, stmt, &valid, err);
    sqlite3_reset(stmt);
    if (status == TH_OK && !valid)
        return run_with(store, damaged_sql, line, err);
    if (status == TH_OK)
        status = run_with(store, end_event_sql, line, err);
    return status == TH_OK ? run_with(store, add_event_sql, line, err) : status;
}

th_status th_store_event_add(th_store *store, const th_run_event *event, th_error *err)
{
    th_str line = {0};

    write_event(event, &line);
    th_status status = th_str_ok(&line) ? take_event(store, th_str_text(&line), err) : th_error_set(err, TH_ERR_NOMEM, "out of memory");
    th_str_free(&line);
    return status;
}

/* Open PATH-events and lock it against others who add or take. -1 when it is not there or refused. */
static int open_events(const char *path, int flags)
{
    th_str name = {0};

    th_str_addf(&name, "%s-events", path);
    int fd = th_str_ok(&name) ? open(th_str_text(&name), flags | O_CLOEXEC, 0666) : -1;
    th_str_free(&name);
    if (fd >= 0 && flock(fd, LOCK_EX) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

th_status th_store_event_note(const char *path, const th_run_event *event, th_error *err)
{
    th_str line = {0};
    th_status status = TH_OK;
    int fd = open_events(path, O_WRONLY | O_APPEND | O_CREAT);

    off_t before = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
    write_event(event, &line);
    if (fd < 0 || !th_str_ok(&line) || write(fd, line.data, line.len) != (ssize_t)line.len) {
        int error = errno;
        if (fd >= 0 && ftruncate(fd, before) != 0)
            error = errno; /* a part of the line stays: it is told as what it is */
        status = th_error_set(err, TH_ERR_IO, "%s-events: can not be written: %s; not in the history: %s", path, strerror(error),
                              event->message ? event->message : event->status);
    }
    th_str_free(&line);
    if (fd >= 0)
        close(fd);
    return status;
}

/* Blocks beyond the end of the file stay with it. */
static void set_aside(int fd)
{
    if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, RESERVED) != 0)
        errno = 0; /* not on this file system */
}

void th_store_event_reserve(const char *path)
{
    int fd = open_events(path, O_WRONLY | O_APPEND | O_CREAT);

    if (fd < 0)
        return;
    set_aside(fd);
    close(fd);
}

static th_status take_lines(th_store *store, char *text, th_error *err)
{
    th_status status = th_store_exec(store, "SAVEPOINT events", err);

    if (status != TH_OK)
        return status;
    for (char *line = text, *end; status == TH_OK && (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        status = take_event(store, line, err);
    }
    if (status != TH_OK && !sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK TO events", NULL, NULL, NULL);
    if (!sqlite3_get_autocommit(store->db)) {
        th_status released = th_store_exec(store, "RELEASE events", status == TH_OK ? err : NULL);
        status = status == TH_OK ? released : status;
    }
    return status;
}

th_status th_store_events_take(th_store *store, th_error *err)
{
    th_str text = {0};
    th_status status = TH_OK;
    struct stat st;
    int fd = store->mode == TH_STORE_WRITE ? open_events(store->path, O_RDWR) : -1;

    if (fd < 0)
        return TH_OK;
    if (fstat(fd, &st) == 0 && st.st_size > 0) {
        status = th_file_read_fd(&text, fd, store->path, 0, err);
        if (status == TH_OK)
            status = take_lines(store, text.data, err);
        if (status == TH_OK && ftruncate(fd, 0) == 0)
            set_aside(fd);
    }
    th_str_free(&text);
    close(fd);
    return status;
}

/* ---- jobs ---- */

static const char settled_sql[] = "SELECT settled FROM batch_job WHERE name = ?1 AND schedule = ?2";
static const char settle_sql[] = "INSERT INTO batch_job (name, schedule, settled) VALUES (?1, ?2, ?3) "
                                 "ON CONFLICT (name) DO UPDATE SET schedule = excluded.schedule, settled = excluded.settled";

th_status th_store_job_settled(th_store *store, const char *job, const char *schedule, int64_t *settled, bool *known, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, settled_sql, err);

    *known = false;
    if (!stmt)
        return TH_ERR_STORE;
    th_store_bind_text(stmt, 1, job);
    th_store_bind_text(stmt, 2, schedule);
    th_status status = th_store_step(store, stmt, known, err);
    if (*known)
        *settled = sqlite3_column_int64(stmt, 0);
    sqlite3_reset(stmt);
    return status;
}

th_status th_store_job_settle(th_store *store, const char *job, const char *schedule, int64_t settled, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, settle_sql, err);

    if (!stmt)
        return TH_ERR_STORE;
    th_store_bind_text(stmt, 1, job);
    th_store_bind_text(stmt, 2, schedule);
    sqlite3_bind_int64(stmt, 3, settled);
    return th_store_finish(store, stmt, err);
}

/* ---- keeping ---- */

/* What failed and has no results yet would be done again by --only-failed, which finds it by its failure. A newer failure of the same is as good. */
static const char prune_failures_sql[] =
    "DELETE FROM failure WHERE run_id IN (SELECT id FROM run WHERE started_at < ?1 AND status <> 'running') AND CASE "
    "WHEN article_id IS NOT NULL THEN EXISTS (SELECT 1 FROM coverage JOIN plugin ON plugin.id = plugin_id "
    "  WHERE coverage.article_id = failure.article_id AND plugin.name = failure.plugin) "
    "  OR NOT EXISTS (SELECT 1 FROM article WHERE id = failure.article_id) "
    "  OR EXISTS (SELECT 1 FROM failure n WHERE n.article_id = failure.article_id AND n.plugin IS failure.plugin AND n.id > failure.id) "
    "WHEN path IS NOT NULL AND plugin IS NULL THEN EXISTS (SELECT 1 FROM file WHERE file.path = failure.path) "
    "  OR EXISTS (SELECT 1 FROM failure n WHERE n.article_id IS NULL AND n.path = failure.path AND n.id > failure.id) "
    "ELSE 1 END";
static const char prune_runs_sql[] =
    "DELETE FROM run WHERE started_at < ?1 AND status <> 'running' AND id < (SELECT max(id) FROM run) "
    "AND NOT EXISTS (SELECT 1 FROM failure WHERE run_id = run.id) "
    "AND id NOT IN (SELECT parent_id FROM run k WHERE k.parent_id IS NOT NULL AND (k.started_at >= ?1 OR k.status = 'running' "
    "  OR EXISTS (SELECT 1 FROM failure WHERE run_id = k.id)))";

th_status th_store_history_prune(th_store *store, double keep_s, th_error *err)
{
    char before[TH_UTC_TEXT];

    th_utc_write(time(NULL) - (int64_t)keep_s, before);
    th_status status = run_with(store, prune_failures_sql, before, err);
    return status == TH_OK ? run_with(store, prune_runs_sql, before, err) : status;
}
