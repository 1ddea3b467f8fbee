/* store.c - opening, locking, transactions and errors; see store.h. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "store/internal.h"

enum { BUSY_MS = 5000 };

/* ---- errors and statements ---- */

static th_status fail_text(th_store *store, int code, const char *detail, th_error *err)
{
    switch (code & 0xFF) {
    case SQLITE_NOMEM:
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", store->path);
    case SQLITE_FULL:
        return th_error_set(err, TH_ERR_STORE,
                            "%s: the disk is full; everything up to the last finished batch is kept: "
                            "make room and run again", store->path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return th_error_set(err, TH_ERR_BUSY, "%s: locked by another program; close it and run again", store->path);
    case SQLITE_NOTADB:
        return th_error_set(err, TH_ERR_STORE, "%s: not a database; name another file with --store", store->path);
    case SQLITE_CORRUPT:
        return th_error_set(err, TH_ERR_STORE,
                            "%s: the database is damaged (%s); restore a copy, or delete it and run again",
                            store->path, detail);
    case SQLITE_READONLY:
        return th_error_set(err, TH_ERR_STORE, "%s: the database is read-only; check the file's permissions",
                            store->path);
    default:
        return th_error_set(err, TH_ERR_STORE, "%s: %s", store->path, detail);
    }
}

th_status th_store_fail(th_store *store, int code, th_error *err)
{
    return fail_text(store, code, store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(code), err);
}

sqlite3_stmt *th_store_prepare(th_store *store, const char *sql, th_error *err)
{
    sqlite3_stmt *stmt = NULL;

    for (size_t i = 0; i < store->prepared_count; i++)
        if (store->prepared[i].sql == sql) {
            sqlite3_reset(store->prepared[i].stmt);
            return store->prepared[i].stmt;
        }
    if (store->prepared_count == MAX_PREPARED) {
        th_error_set(err, TH_ERR_STORE, "%s: more than %d kinds of statement", store->path, MAX_PREPARED);
        return NULL;
    }
    int code = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
    if (code != SQLITE_OK) {
        th_store_fail(store, code, err);
        return NULL;
    }
    store->prepared[store->prepared_count++] = (struct prepared){sql, stmt};
    return stmt;
}

th_status th_store_step(th_store *store, sqlite3_stmt *stmt, bool *row, th_error *err)
{
    int code = sqlite3_step(stmt);

    *row = code == SQLITE_ROW;
    if (*row)
        return TH_OK;
    th_status status = code == SQLITE_DONE ? TH_OK : th_store_fail(store, code, err);
    sqlite3_reset(stmt);
    return status;
}

th_status th_store_finish(th_store *store, sqlite3_stmt *stmt, th_error *err)
{
    bool row;
    th_status status = th_store_step(store, stmt, &row, err);

    if (row)
        sqlite3_reset(stmt);
    return status;
}

th_status th_store_exec(th_store *store, const char *sql, th_error *err)
{
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? TH_OK : th_store_fail(store, code, err);
}

th_status th_store_check_rows(th_store *store, bool on, th_error *err)
{
    return th_store_exec(store, on ? "PRAGMA ignore_check_constraints=OFF" : "PRAGMA ignore_check_constraints=ON", err);
}

void th_store_bind_text(sqlite3_stmt *stmt, int index, const char *text)
{
    if (text)
        sqlite3_bind_text(stmt, index, text, -1, SQLITE_STATIC);
    else
        sqlite3_bind_null(stmt, index);
}

void th_store_now(char out[TH_UTC_TEXT])
{
    th_utc_write(time(NULL), out);
}

/* ---- opening ---- */

static th_status check_file(const char *path, th_store_mode mode, th_error *err)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        if (errno == ENOENT && mode != TH_STORE_READ)
            return TH_OK;
        if (errno == ENOENT || errno == ENOTDIR)
            return th_error_set(err, TH_ERR_MISSING, "%s: no such database; `talenthost run` makes it", path);
        return th_error_set(err, TH_ERR_UNREADABLE, "%s: %s", path, strerror(errno));
    }
    if (S_ISDIR(st.st_mode))
        return th_error_set(err, TH_ERR_STORE, "%s: a folder, not a database; name a file with --store", path);
    if (access(path, R_OK) != 0)
        return th_error_set(err, TH_ERR_UNREADABLE, "%s: %s", path, strerror(errno));
    if (mode == TH_STORE_WRITE && access(path, W_OK) != 0)
        return th_error_set(err, TH_ERR_STORE, "%s: the database is read-only; check the file's permissions", path);
    if (mode == TH_STORE_READ && st.st_size == 0)
        return th_error_set(err, TH_ERR_STORE, "%s: an empty file, not a database; `talenthost run` fills it", path);
    return TH_OK;
}

static void add_uri(th_str *out, const char *path)
{
    th_str_puts(out, "file:");
    for (const char *p = path; *p; p++)
        if (*p == '%' || *p == '?' || *p == '#')
            th_str_addf(out, "%%%02X", (unsigned char)*p);
        else
            th_str_putc(out, *p);
    th_str_puts(out, "?immutable=1");
}

/* Can the database be read? Also the first access to the file, so that what is none shows here. */
static int probe(sqlite3 *db)
{
    return sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
}

static int open_db(sqlite3 **db, const char *name, int flags)
{
    int code = sqlite3_open_v2(name, db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

    if (code == SQLITE_OK) {
        sqlite3_busy_timeout(*db, BUSY_MS);
        code = probe(*db);
    }
    return code;
}

/* A WAL database without a log is read as one that nobody changes: in a folder that can not be written, or to leave no trace. */
static int open_immutable(th_store *store)
{
    th_str uri = {0};
    sqlite3 *db = NULL;
    char *log = sqlite3_mprintf("%s-wal", store->path);
    int code = SQLITE_CANTOPEN;

    add_uri(&uri, store->path);
    if (log && access(log, F_OK) != 0)
        code = open_db(&db, th_str_text(&uri), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    if (code == SQLITE_OK) {
        sqlite3_close_v2(store->db);
        store->db = db;
        db = NULL;
    }
    sqlite3_close_v2(db);
    sqlite3_free(log);
    th_str_free(&uri);
    return code;
}

/* A private copy of the database, or a new one when there is none: SQLite keeps it in memory and, when it grows, in a file
 * without a name. */
static th_status open_copy(th_store *store, th_error *err)
{
    sqlite3 *copy = NULL;
    struct stat st;
    int code = open_db(&copy, "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);

    if (code == SQLITE_OK && stat(store->path, &st) == 0 && st.st_size > 0) {
        code = open_immutable(store); /* reading a log would leave files beside the store */
        if (code != SQLITE_OK)
            code = open_db(&store->db, store->path, SQLITE_OPEN_READONLY);
        sqlite3_backup *backup = code == SQLITE_OK ? sqlite3_backup_init(copy, "main", store->db, "main") : NULL;
        if (backup) {
            code = sqlite3_backup_step(backup, -1);
            sqlite3_backup_finish(backup);
            code = code == SQLITE_DONE ? SQLITE_OK : code;
        } else if (code == SQLITE_OK) {
            code = SQLITE_IOERR;
        }
    }
    if (code != SQLITE_OK) {
        sqlite3_close_v2(copy);
        return th_store_fail(store, code, err);
    }
    sqlite3_close_v2(store->db);
    store->db = copy;
    return TH_OK;
}

static th_status connect_db(th_store *store, th_error *err)
{
    if (store->mode == TH_STORE_TRIAL)
        return open_copy(store, err);

    int flags = store->mode == TH_STORE_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    int code = open_db(&store->db, store->path, flags);

    bool no_log = (code & 0xFF) == SQLITE_CANTOPEN || (code & 0xFF) == SQLITE_READONLY;
    if (store->mode == TH_STORE_READ && no_log && open_immutable(store) == SQLITE_OK)
        code = SQLITE_OK;
    if (code != SQLITE_OK)
        return th_store_fail(store, code, err);
    if (store->mode == TH_STORE_WRITE && sqlite3_db_readonly(store->db, "main") == 1)
        return th_store_fail(store, SQLITE_READONLY, err);
    th_store_tokenizer_register(store->db);
    return TH_OK;
}

static th_status read_number(th_store *store, const char *sql, int *out, th_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);

    if (code == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        *out = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return code == SQLITE_OK ? TH_OK : th_store_fail(store, code, err);
}

/* Whose is it, and of what version? 0 in `*version` is a new, empty database. */
static th_status check_owner(th_store *store, int *version, th_error *err)
{
    int application = 0, tables = 0;
    th_status status = read_number(store, "PRAGMA application_id", &application, err);

    if (status == TH_OK)
        status = read_number(store, "PRAGMA user_version", version, err);
    if (status == TH_OK)
        status = read_number(store, "SELECT count(*) FROM sqlite_schema", &tables, err);
    if (status != TH_OK)
        return status;
    bool is_new = application == 0 && *version == 0 && tables == 0;
    if (!is_new && application != TH_STORE_APPLICATION)
        return th_error_set(err, TH_ERR_STORE, "%s: a database of another program; name another file with --store",
                            store->path);
    if (is_new && store->mode == TH_STORE_READ)
        return th_error_set(err, TH_ERR_STORE, "%s: an empty database; `talenthost run` fills it", store->path);
    if (*version > TH_STORE_VERSION)
        return th_error_set(err, TH_ERR_STORE,
                            "%s: written by a newer talenthost (schema %d, this one knows %d); use that one or "
                            "another file", store->path, *version, TH_STORE_VERSION);
    if (*version < TH_STORE_VERSION && store->mode == TH_STORE_READ)
        return th_error_set(err, TH_ERR_STORE,
                            "%s: written by an older talenthost (schema %d, this one wants %d); `talenthost run` "
                            "brings it up to date", store->path, *version, TH_STORE_VERSION);
    return TH_OK;
}

static th_status set_up_writer(th_store *store, th_error *err)
{
    return th_store_exec(store,
                         "PRAGMA page_size=8192;" /* of a new database; half the calls of 4096 */
                         "PRAGMA journal_mode=WAL;"
                         "PRAGMA synchronous=NORMAL;"
                         "PRAGMA wal_autocheckpoint=4000;"
                         "PRAGMA journal_size_limit=67108864;"
                         "PRAGMA cache_size=-16384", err);
}

/* Every handle stays in one thread, so SQLite needs no locks in memory, and nobody asks it for statistics of malloc(). Refused, and
 * no harm, once SQLite is in use. */
static void set_up_library(void)
{
    static bool done;

    if (done)
        return;
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    done = true;
}

static th_status open_store(th_store *store, const th_lock_request *request, th_error *err)
{
    int version = 0;
    th_status status = check_file(store->path, store->mode, err);

    set_up_library();
    if (status == TH_OK && store->mode == TH_STORE_WRITE)
        status = th_lock_take(&store->lock, store->path, request, err);
    if (status == TH_OK)
        status = connect_db(store, err);
    if (status == TH_OK)
        status = check_owner(store, &version, err);
    if (status == TH_OK && store->mode != TH_STORE_READ) {
        status = set_up_writer(store, err);
        if (status == TH_OK)
            status = th_store_migrate(store, version, err);
        if (status == TH_OK)
            status = th_store_check_rows(store, false, err);
        if (status == TH_OK)
            status = th_store_batch_register(store, err);
    }
    if (status == TH_OK)
        sqlite3_set_authorizer(store->db, th_store_authorize, store);
    return status;
}

th_status th_store_open(th_store **out, const char *path, th_store_mode mode, th_error *err)
{
    return th_store_open_waiting(out, path, mode, NULL, err);
}

th_status th_store_open_waiting(th_store **out, const char *path, th_store_mode mode, const th_lock_request *request, th_error *err)
{
    th_store *store = calloc(1, sizeof *store);
    th_status status;

    *out = NULL;
    if (store)
        *store = (th_store){.path = strdup(path), .mode = mode};
    if (!store || !store->path) {
        free(store);
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", path);
    }
    status = open_store(store, request, err);
    if (status == TH_OK)
        *out = store;
    else
        th_store_close(store);
    return status;
}

void th_store_close(th_store *store)
{
    if (!store)
        return;
    if (store->db)
        th_store_rollback(store);
    for (size_t i = 0; i < store->prepared_count; i++)
        sqlite3_finalize(store->prepared[i].stmt);
    th_store_forget_table(store, NULL);
    sqlite3_close_v2(store->db);
    th_lock_drop(store->lock);
    free(store->scratch);
    free(store->path);
    free(store);
}

/* ---- transactions ---- */

static const char begin_sql[] = "BEGIN IMMEDIATE";
static const char commit_sql[] = "COMMIT";

static th_status run_prepared(th_store *store, const char *sql, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, sql, err);

    return stmt ? th_store_finish(store, stmt, err) : TH_ERR_STORE;
}

th_status th_store_begin(th_store *store, th_error *err)
{
    return run_prepared(store, begin_sql, err);
}

th_status th_store_commit(th_store *store, th_error *err)
{
    th_status status = th_store_flush_coverage(store, err);

    return status == TH_OK ? run_prepared(store, commit_sql, err) : status;
}

void th_store_rollback(th_store *store)
{
    store->fresh_id = 0;
    store->cover_count = 0;
    if (!sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

th_status th_store_limit_pages(th_store *store, uint32_t pages, th_error *err)
{
    char sql[64];

    snprintf(sql, sizeof sql, "PRAGMA max_page_count=%lu", (unsigned long)pages);
    return th_store_exec(store, sql, err);
}
