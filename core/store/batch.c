/* batch.c - many rows by one statement, `INSERT … SELECT c0, c1 … FROM "th.batch"`: a virtual table over an array in
 * memory. It halves the time of a row against one step each. No plugin's kind can have the table's name. The statements say
 * OR FAIL, which spares SQLite a journal for each of them: rows before a refused one stay until the transaction is rolled
 * back. */
#include <stdlib.h>

#include "store/internal.h"

struct batch_table {
    sqlite3_vtab base;
    th_store *store;
};

struct batch_cursor {
    sqlite3_vtab_cursor base;
    const struct batch *batch; /* NULL: no rows */
    size_t row;
};

static int batch_connect(sqlite3 *db, void *store, int argc, const char *const *argv, sqlite3_vtab **out, char **fault)
{
    struct batch_table *table;
    th_str sql = {0};
    int code = SQLITE_NOMEM;
    (void)argc;
    (void)argv;
    (void)fault;

    for (int i = 0; i < TH_BATCH_COLUMNS; i++)
        th_str_addf(&sql, "%sc%d", i ? "," : "CREATE TABLE batch(", i);
    th_str_putc(&sql, ')');
    if (th_str_ok(&sql))
        code = sqlite3_declare_vtab(db, th_str_text(&sql));
    th_str_free(&sql);
    if (code != SQLITE_OK)
        return code;
    table = sqlite3_malloc(sizeof *table);
    if (!table)
        return SQLITE_NOMEM;
    *table = (struct batch_table){.store = store};
    *out = &table->base;
    return SQLITE_OK;
}

static int batch_disconnect(sqlite3_vtab *table)
{
    sqlite3_free(table);
    return SQLITE_OK;
}

static int batch_plan(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    info->estimatedCost = 100;
    info->estimatedRows = 100;
    return SQLITE_OK;
}

static int batch_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    struct batch_cursor *cursor = sqlite3_malloc(sizeof *cursor);
    (void)table;

    if (!cursor)
        return SQLITE_NOMEM;
    *cursor = (struct batch_cursor){0};
    *out = &cursor->base;
    return SQLITE_OK;
}

static int batch_close(sqlite3_vtab_cursor *cursor)
{
    sqlite3_free(cursor);
    return SQLITE_OK;
}

static int batch_first(sqlite3_vtab_cursor *base, int plan, const char *plan_text, int argc, sqlite3_value **argv)
{
    struct batch_cursor *cursor = (struct batch_cursor *)base;
    (void)plan;
    (void)plan_text;
    (void)argc;
    (void)argv;

    cursor->batch = ((struct batch_table *)base->pVtab)->store->batch;
    cursor->row = 0;
    return SQLITE_OK;
}

static int batch_next(sqlite3_vtab_cursor *base)
{
    ((struct batch_cursor *)base)->row++;
    return SQLITE_OK;
}

static int batch_at_end(sqlite3_vtab_cursor *base)
{
    const struct batch_cursor *cursor = (const struct batch_cursor *)base;

    return !cursor->batch || cursor->row >= cursor->batch->count;
}

static int batch_column(sqlite3_vtab_cursor *base, sqlite3_context *ctx, int column)
{
    const struct batch_cursor *cursor = (const struct batch_cursor *)base;

    cursor->batch->column(cursor->batch, cursor->row, column, ctx);
    ((struct batch_table *)base->pVtab)->store->batch_row = cursor->row;
    return SQLITE_OK;
}

static int batch_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)((struct batch_cursor *)base)->row;
    return SQLITE_OK;
}

static const sqlite3_module module = {.xConnect = batch_connect, .xDisconnect = batch_disconnect,
                                      .xBestIndex = batch_plan, .xOpen = batch_open, .xClose = batch_close,
                                      .xFilter = batch_first, .xNext = batch_next, .xEof = batch_at_end,
                                      .xColumn = batch_column, .xRowid = batch_rowid};

th_status th_store_batch_register(th_store *store, th_error *err)
{
    int code = sqlite3_create_module(store->db, "th.batch", &module, store);

    return code == SQLITE_OK ? TH_OK : th_store_fail(store, code, err);
}

int th_store_batch_run(th_store *store, sqlite3_stmt *stmt, const struct batch *batch)
{
    store->batch = batch;
    store->batch_row = 0;
    int code = sqlite3_step(stmt);
    store->batch = NULL;
    return code;
}

th_status th_store_batch_insert(th_store *store, const char *sql, const struct batch *batch, th_error *err)
{
    sqlite3_stmt *stmt;

    if (batch->count == 0)
        return TH_OK;
    stmt = th_store_prepare(store, sql, err);
    if (!stmt)
        return TH_ERR_STORE;
    int code = th_store_batch_run(store, stmt, batch);
    th_status status = code == SQLITE_DONE ? TH_OK : th_store_fail(store, code, err);
    sqlite3_reset(stmt);
    return status;
}
