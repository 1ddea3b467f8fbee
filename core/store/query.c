/* query.c - SQL from outside, for reading only; see store.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "store/internal.h"

static const char *const harmless_pragmas[] = {"application_id", "foreign_key_list", "index_info",  "index_list",
                                               "index_xinfo",    "page_count",       "page_size",   "quick_check", "table_info",
                                               "table_list",     "table_xinfo",      "user_version"};

/* Pragmas that tell about tables take an argument; the others are harmless only without one. */
static bool is_harmless_pragma(const char *name, const char *argument)
{
    for (size_t i = 0; name && i < sizeof harmless_pragmas / sizeof *harmless_pragmas; i++)
        if (strcasecmp(name, harmless_pragmas[i]) == 0)
            return !argument || strstr(harmless_pragmas[i], "info") || strstr(harmless_pragmas[i], "list");
    return false;
}

int th_store_authorize(void *ctx, int action, const char *a, const char *b, const char *database, const char *trigger)
{
    const th_store *store = ctx;
    (void)database;
    (void)trigger;

    if (!store->guarded)
        return SQLITE_OK;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_PRAGMA:
        return is_harmless_pragma(a, b) ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_UPDATE: /* asked for by SQLite itself when it makes a table-valued pragma; refused to everybody else */
        return a && strcmp(a, "sqlite_master") == 0 ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_FUNCTION:
        return b && (strcasecmp(b, "load_extension") == 0 || strcasecmp(b, "fts3_tokenizer") == 0) ? SQLITE_DENY
                                                                                                   : SQLITE_OK;
    default:
        return SQLITE_DENY;
    }
}

static th_status refuse(th_error *err)
{
    return th_error_set(err, TH_ERR_USAGE, "only a statement that reads the database is allowed here (SELECT …)");
}

/* SQLite's own words, on one line. */
static th_status wrong_sql(th_store *store, th_error *err)
{
    char *text = sqlite3_mprintf("%s", sqlite3_errmsg(store->db));

    for (char *p = text; p && *p; p++)
        if ((unsigned char)*p < 0x20)
            *p = ' ';
    th_status status = th_error_set(err, TH_ERR_USAGE, "%s", text ? text : "wrong SQL");
    sqlite3_free(text);
    return status;
}

static bool is_blank(const char *sql)
{
    return sql[strspn(sql, " \t\r\n;")] == '\0';
}

static th_status prepare_query(th_store *store, const char *sql, sqlite3_stmt **out, th_error *err)
{
    const char *tail = sql;

    store->guarded = true;
    int code = sqlite3_prepare_v2(store->db, sql, -1, out, &tail);
    store->guarded = false;
    if ((code & 0xFF) == SQLITE_AUTH)
        return refuse(err);
    if ((code & 0xFF) == SQLITE_ERROR)
        return wrong_sql(store, err);
    if (code != SQLITE_OK)
        return th_store_fail(store, code, err);
    if (!*out)
        return th_error_set(err, TH_ERR_USAGE, "no SQL statement given");
    if (!is_blank(tail))
        return th_error_set(err, TH_ERR_USAGE, "more than one SQL statement; give one at a time");
    return sqlite3_stmt_readonly(*out) ? TH_OK : refuse(err);
}

static th_status bind_params(th_store *store, sqlite3_stmt *stmt, const th_cell *params, size_t count, th_error *err)
{
    int wanted = sqlite3_bind_parameter_count(stmt);

    if ((size_t)wanted != count)
        return th_error_set(err, TH_ERR_USAGE, "the statement has %d parameter%s, %zu given", wanted,
                            wanted == 1 ? "" : "s", count);
    for (size_t i = 0; i < count; i++) {
        int index = (int)i + 1, code = SQLITE_OK;
        switch (params[i].type) {
        case TH_CELL_NULL:
            code = sqlite3_bind_null(stmt, index);
            break;
        case TH_CELL_INTEGER:
            code = sqlite3_bind_int64(stmt, index, params[i].integer);
            break;
        case TH_CELL_NUMBER:
            code = sqlite3_bind_double(stmt, index, params[i].number);
            break;
        case TH_CELL_TEXT:
            code = sqlite3_bind_text64(stmt, index, params[i].text, params[i].len, SQLITE_STATIC, SQLITE_UTF8);
            break;
        }
        if (code != SQLITE_OK)
            return th_store_fail(store, code, err);
    }
    return TH_OK;
}

static void read_blob(sqlite3_stmt *stmt, int column, th_str *hex, th_cell *cell)
{
    const unsigned char *bytes = sqlite3_column_blob(stmt, column);
    int len = sqlite3_column_bytes(stmt, column);

    for (int i = 0; i < len; i++)
        th_str_addf(hex, "%02x", bytes[i]);
    *cell = (th_cell){.type = TH_CELL_TEXT, .text = th_str_text(hex), .len = hex->len};
}

static void read_cell(sqlite3_stmt *stmt, int column, th_str *hex, th_cell *cell)
{
    switch (sqlite3_column_type(stmt, column)) {
    case SQLITE_INTEGER:
        *cell = (th_cell){.type = TH_CELL_INTEGER, .integer = sqlite3_column_int64(stmt, column)};
        break;
    case SQLITE_FLOAT:
        *cell = (th_cell){.type = TH_CELL_NUMBER, .number = sqlite3_column_double(stmt, column)};
        break;
    case SQLITE_TEXT:
        cell->type = TH_CELL_TEXT;
        cell->text = (const char *)sqlite3_column_text(stmt, column);
        cell->len = (size_t)sqlite3_column_bytes(stmt, column);
        break;
    case SQLITE_BLOB:
        read_blob(stmt, column, hex, cell);
        break;
    default:
        *cell = (th_cell){.type = TH_CELL_NULL};
    }
}

/* One row's memory: names, cells and room for blobs written out. */
struct row {
    size_t count;
    const char **names;
    th_cell *cells;
    th_str *hex;
};

static bool make_row(struct row *row, sqlite3_stmt *stmt)
{
    row->count = (size_t)sqlite3_column_count(stmt);
    row->names = calloc(row->count + 1, sizeof *row->names);
    row->cells = calloc(row->count + 1, sizeof *row->cells);
    row->hex = calloc(row->count + 1, sizeof *row->hex);
    return row->names && row->cells && row->hex;
}

static void free_row(struct row *row)
{
    for (size_t i = 0; row->hex && i < row->count; i++)
        th_str_free(&row->hex[i]);
    free(row->names);
    free(row->cells);
    free(row->hex);
}

static th_status read_row(th_store *store, sqlite3_stmt *stmt, struct row *row, th_error *err)
{
    bool ok = true;

    for (size_t i = 0; i < row->count; i++) {
        th_str_clear(&row->hex[i]);
        read_cell(stmt, (int)i, &row->hex[i], &row->cells[i]);
        ok = ok && th_str_ok(&row->hex[i]) && (row->cells[i].type != TH_CELL_TEXT || row->cells[i].text);
    }
    return ok ? TH_OK : th_store_fail(store, SQLITE_NOMEM, err);
}

static th_status run_query(th_store *store, sqlite3_stmt *stmt, struct row *row, th_row_fn fn, void *ctx, th_error *err)
{
    bool any = false;

    for (;;) {
        store->guarded = true;
        int code = sqlite3_step(stmt);
        store->guarded = false;
        for (size_t i = 0; !any && i < row->count; i++) /* known for sure only now: a step may compile anew */
            row->names[i] = sqlite3_column_name(stmt, (int)i);
        if (code == SQLITE_DONE)
            break;
        if ((code & 0xFF) == SQLITE_ERROR)
            return wrong_sql(store, err);
        if (code != SQLITE_ROW)
            return th_store_fail(store, code, err);
        any = true;
        th_status status = read_row(store, stmt, row, err);
        if (status != TH_OK || !fn(ctx, row->names, row->cells, row->count))
            return status;
    }
    if (!any)
        fn(ctx, row->names, NULL, row->count);
    return TH_OK;
}

th_status th_store_query(th_store *store, const char *sql, const th_cell *params, size_t param_count, th_row_fn row,
                         void *ctx, th_error *err)
{
    sqlite3_stmt *stmt = NULL;
    struct row memory = {0};
    th_status status = th_store_flush_coverage(store, err);

    if (status == TH_OK)
        status = prepare_query(store, sql, &stmt, err);
    if (status == TH_OK)
        status = bind_params(store, stmt, params, param_count, err);
    if (status == TH_OK && !make_row(&memory, stmt))
        status = th_store_fail(store, SQLITE_NOMEM, err);
    if (status == TH_OK)
        status = run_query(store, stmt, &memory, row, ctx, err);
    free_row(&memory);
    sqlite3_finalize(stmt);
    return status;
}
