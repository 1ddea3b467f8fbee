/* internal.h - what the files of store/ share and nobody else sees. */
#ifndef TH_STORE_INTERNAL_H
#define TH_STORE_INTERNAL_H

#include <sqlite3.h>

#include "base/clock.h"
#include "store/store.h"

/* A prepared statement, known by the address of its SQL. */
struct prepared {
    const char *sql;
    sqlite3_stmt *stmt;
};

/* The prepared statements of one record kind's table; made when first used. */
struct record_table {
    char *kind;
    sqlite3_stmt *insert, *remove, *select;
};

enum { MAX_PREPARED = 96, TH_BATCH_COLUMNS = TH_FIELDS_MAX + 3 };

/* Rows in memory that one statement inserts: batch.c. `column` gives the value of one column of one row. */
struct batch {
    size_t count;
    const void *items;
    int64_t article_id;
    void (*column)(const struct batch *batch, size_t row, int column, sqlite3_context *out);
};

/* A row of `coverage` that is to be written. */
struct cover {
    int64_t plugin_id;
    char fingerprint[TH_HASH_TEXT];
    bool measured;
    th_effort effort;
};

struct th_store {
    sqlite3 *db;
    char *path;
    th_lock *lock; /* NULL when not held */
    th_store_mode mode;
    bool guarded; /* the authorizer lets only reading statements pass */
    struct prepared prepared[MAX_PREPARED];
    size_t prepared_count;
    struct record_table *tables;
    size_t table_count;
    th_record *scratch; /* records being sorted */
    size_t scratch_cap;
    int64_t fresh_id;       /* the article saved last in this transaction, when it has no results; 0: none */
    uint64_t fresh_plugins; /* those that it got results of since, by 1 << id; ids from 64 on have no bit */
    struct cover covers[64]; /* of the fresh article; written together */
    size_t cover_count;
    const struct batch *batch; /* being inserted */
    size_t batch_row;          /* the row of it that was read last */
};

/* Turn the last SQLite error of `store` (result code `code`) into a status and one line that starts with the path. */
th_status th_store_fail(th_store *store, int code, th_error *err);

/* The statement of `sql`, a constant with static storage, reset and ready to bind. NULL on failure. */
sqlite3_stmt *th_store_prepare(th_store *store, const char *sql, th_error *err);

/* Step `stmt` once. th_store_step(): SQLITE_ROW sets `*row`. th_store_finish(): for statements without rows. Both reset the
 * statement when it is done or failed. */
th_status th_store_step(th_store *store, sqlite3_stmt *stmt, bool *row, th_error *err);
th_status th_store_finish(th_store *store, sqlite3_stmt *stmt, th_error *err);

/* Have SQLite evaluate the CHECKs of tables, or not: what the store writes itself it has checked in C, at a fifth of the cost. */
th_status th_store_check_rows(th_store *store, bool on, th_error *err);

/* Run SQL without parameters or rows. */
th_status th_store_exec(th_store *store, const char *sql, th_error *err);

/* Bind text that lives until the step; NULL becomes NULL. */
void th_store_bind_text(sqlite3_stmt *stmt, int index, const char *text);

/* The time in UTC, "2026-01-31T08:00:00Z". */
void th_store_now(char out[TH_UTC_TEXT]);

/* batch.c: make the table "th.batch" known to a writer; run an INSERT that selects from it. th_store_batch_run() gives
 * SQLite's code and leaves the statement to be reset. `sql` as for th_store_prepare(). */
th_status th_store_batch_register(th_store *store, th_error *err);
int th_store_batch_run(th_store *store, sqlite3_stmt *stmt, const struct batch *batch);
th_status th_store_batch_insert(th_store *store, const char *sql, const struct batch *batch, th_error *err);

/* schema.c: make or migrate the core tables; application_id and user_version have been read. */
th_status th_store_migrate(th_store *store, int version, th_error *err);
enum { TH_STORE_APPLICATION = 0x54484F53 }; /* "THOS": PRAGMA application_id */

/* article.c: remove all of an article but its row: parts, results, links. */
th_status th_store_clear_article(th_store *store, int64_t id, th_error *err);

/* records.c: forget the prepared statements of `kind`, or of all kinds with NULL. */
void th_store_forget_table(th_store *store, const char *kind);
/* records.c: write what is left to write of the coverage of the article saved last; it is not fresh from then on. To be called before the
 * table is used. */
th_status th_store_flush_coverage(th_store *store, th_error *err);
/* records.c: remove the rows of every kind and all coverage of an article. */
th_status th_store_clear_results(th_store *store, int64_t article_id, th_error *err);

/* tokenizer.c: make the tokenizer of the search index known to the connection. */
void th_store_tokenizer_register(sqlite3 *db);

/* duplicates.c: keep the sketch and the edges of a new article; the edges of one that was read again; forget an article's
 * sketch and links, and have those that were linked with it linked anew; have its group ranked anew. */
th_status th_store_sketch_save(th_store *store, int64_t article_id, const th_sketch *sketch, const th_edges *edges,
                               th_error *err);
th_status th_store_edges_save(th_store *store, int64_t article_id, const th_edges *edges, th_error *err);
th_status th_store_sketch_drop(th_store *store, int64_t article_id, th_error *err);
th_status th_store_regroup(th_store *store, int64_t article_id, th_error *err);

/* query.c: the authorizer, installed once at open. */
int th_store_authorize(void *ctx, int action, const char *a, const char *b, const char *database, const char *trigger);

#endif
