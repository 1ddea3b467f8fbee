/* store.h - the SQLite database: schema and migrations, articles, records, run history.
 *
 * One process writes (the run's parent), in transactions of a batch; readers open read-only. The tables are an interface
 * for other tools: docs/database.md. Only store/ speaks SQL to the database. Open in the process that uses it: a handle
 * never crosses a fork. */
#ifndef TH_STORE_STORE_H
#define TH_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "article.h"
#include "base/arena.h"
#include "base/error.h"
#include "record.h"
#include "store/lock.h"
#include "text/similar.h"

enum { TH_STORE_VERSION = 2 }; /* PRAGMA user_version; application_id is 0x54484F53 */

typedef struct th_store th_store;

/* TH_STORE_TRIAL writes to a copy that is thrown away when it is closed: what a run would do. */
typedef enum th_store_mode { TH_STORE_READ, TH_STORE_WRITE, TH_STORE_TRIAL } th_store_mode;

/* Open `path`. TH_STORE_WRITE creates it and migrates an older schema (as TH_STORE_TRIAL does in its copy); TH_STORE_READ fails with TH_ERR_MISSING when it is
 * not there. A file that is no database, one of another program or of a newer version is TH_ERR_STORE with a line that says
 * so and what to do; a store being written by another process is TH_ERR_BUSY for TH_STORE_WRITE, naming who holds it
 * (store/lock.h). Messages start with the path. */
th_status th_store_open(th_store **out, const char *path, th_store_mode mode, th_error *err);

/* As th_store_open(), but wait for another writer as `request` says. */
th_status th_store_open_waiting(th_store **out, const char *path, th_store_mode mode, const th_lock_request *request, th_error *err);
void th_store_close(th_store *store); /* NULL is fine; an open transaction is rolled back */

/* One transaction. Everything written between begin and commit is there after a crash, or none of it. */
th_status th_store_begin(th_store *store, th_error *err);
th_status th_store_commit(th_store *store, th_error *err);
void th_store_rollback(th_store *store);

/* Let the database grow to `pages` pages at most; what does not fit fails as on a full disk. For tests and quotas. */
th_status th_store_limit_pages(th_store *store, uint32_t pages, th_error *err);

/* ---- files ---- */

/* How a file looked when it was read; an unchanged file is known by it without being read. */
typedef struct th_file_stamp {
    uint64_t device, inode;
    int64_t size, mtime_ns, ctime_ns;
    int64_t read_ns; /* real-time clock when it was stat'ed, before it was read */
} th_file_stamp;

typedef enum th_file_state {
    TH_FILE_NEW,       /* never loaded (or it failed the last time) */
    TH_FILE_UNCHANGED, /* same stamp, or TH_FILE_SUSPECT confirmed by hash */
    TH_FILE_SUSPECT,   /* another stamp, or one too young to be trusted: compare its hash */
    TH_FILE_STALE      /* loaded by another version of the loader or its rules: load again */
} th_file_state;

/* Compare `path` with what the store knows. `loader` is the fingerprint of the loader and its data. For TH_FILE_SUSPECT and
 * TH_FILE_UNCHANGED `hash` receives the stored content hash. */
th_status th_store_file_state(th_store *store, const char *path, const th_file_stamp *stamp, const char *loader,
                              th_file_state *out, char hash[TH_HASH_TEXT], th_error *err);

/* Remember that `path` was read with this stamp, byte hash and loader. */
th_status th_store_file_save(th_store *store, const char *path, const th_file_stamp *stamp,
                             const char hash[TH_HASH_TEXT], const char *loader, th_error *err);

/* Called for each file that was read, in the order of the paths' bytes; `gone`: it is marked so. */
typedef th_status (*th_file_fn)(void *ctx, const char *path, bool gone, th_error *err);
th_status th_store_files_each(th_store *store, th_file_fn fn, void *ctx, th_error *err);

/* Mark the file and its articles as gone, or as there again; `*articles` = how many changed. Not inside th_store_files_each(). */
th_status th_store_file_mark(th_store *store, const char *path, bool gone, size_t *articles, th_error *err);

/* Mark those articles of a file that was read to its end as gone that are not among `kept` (ids; they are put in order). */
th_status th_store_items_mark_gone(th_store *store, const char *path, int64_t *kept, size_t kept_count, size_t *articles,
                                   th_error *err);

typedef struct th_forgotten {
    size_t articles, files;
} th_forgotten;

/* Remove the article, file, container with its items or folder with all below it that `path` names, with all that was
 * recorded of it. The history of failures stays. Duplicates are to be linked anew. */
th_status th_store_forget(th_store *store, const char *path, th_forgotten *out, th_error *err);

/* ---- articles ---- */

/* Insert or replace the article at `a->path` with its blocks, sentences and dropped lines; `a->id` becomes its row id. When
 * the stored hash is the same only `loaded_at` changes; otherwise its records and coverage go. */
th_status th_store_article_save(th_store *store, th_article *a, th_error *err);

/* Read article `id` whole into `arena`. TH_ERR_MISSING when there is none. */
th_status th_store_article_get(th_store *store, int64_t id, th_arena *arena, th_article **out, th_error *err);

/* The id of the article whose path is `path`; 0 when there is none. */
th_status th_store_article_at(th_store *store, const char *path, int64_t *id, th_error *err);

/* The id of the article that `key` names: an id, a path, or the end of a path that fits just one. TH_ERR_MISSING, or
 * TH_ERR_USAGE naming the candidates when several fit. */
th_status th_store_article_find(th_store *store, const char *key, int64_t *id, th_error *err);

/* ---- duplicates ---- */

typedef struct th_link_report {
    size_t exact, near; /* articles new since the last time that are duplicates: of an equal text, of one with small edits */
} th_link_report;

/* Find the duplicates among all articles and set `duplicate_of`, which names an original: never a duplicate. What is linked
 * depends on the articles alone. Does nothing when no article is new, changed or gone since the last time. In the caller's
 * transaction. */
th_status th_store_link_duplicates(th_store *store, th_link_report *report, th_error *err);

/* Called for each article with what it is compared by. */
typedef th_status (*th_edges_fn)(void *ctx, int64_t id, const th_sketch *sketch, const th_edges *edges, th_error *err);
th_status th_store_edges_each(th_store *store, th_edges_fn fn, void *ctx, th_error *err);

/* The sketch of article `id`; zeros when there is none. */
th_status th_store_sketch_get(th_store *store, int64_t id, th_sketch *out, th_error *err);

/* Is there an article that is new or changed since duplicates were linked the last time? */
th_status th_store_has_news(th_store *store, bool *out, th_error *err);

/* The file an article was read from, in `arena`: its own path, or that of the container it is an item of. NULL: none is known. */
th_status th_store_file_of(th_store *store, int64_t article_id, th_arena *arena, const char **out, th_error *err);

/* ---- plugins, schemas, results ---- */

/* Register a plugin under `name`; `*id` is its row. A changed version or fingerprint is updated. */
th_status th_store_plugin_save(th_store *store, const char *name, const char *version, const char *fingerprint,
                               int64_t *id, th_error *err);

/* Make the table of `schema`, declared by plugin `plugin_id`. When the table exists with other columns it is dropped and
 * made anew and that plugin's coverage forgotten. A kind another plugin declared is TH_ERR_USAGE naming both. */
th_status th_store_schema_save(th_store *store, int64_t plugin_id, const th_schema *schema, th_error *err);

/* An article whose results of some plugins are missing or stale. `plugins` has one bit per entry of the fingerprint array
 * given to th_store_stale(). */
typedef struct th_stale {
    int64_t article_id;
    uint64_t plugins;
} th_stale;

/* All articles for which any of the `count` (<= 64) plugins has no coverage with its current fingerprint, in id order;
 * articles whose path is in no matter what state. In `arena`. */
th_status th_store_stale(th_store *store, const int64_t *plugin_ids, const char *const *fingerprints, size_t count,
                         th_arena *arena, th_stale **out, size_t *out_count, th_error *err);

/* Where results come from: one row of `provenance` for each state of a plugin, by fingerprint. */
typedef struct th_provenance {
    const char *fingerprint, *plugin, *version;
    const char *source_hash;  /* of its file */
    const char *data;         /* JSON: the files it reads and their hashes */
    const char *needs;        /* JSON: the plugins it needs and their fingerprints */
    const char *settings;     /* JSON */
    const char *text_version; /* of the core's text functions */
} th_provenance;
th_status th_store_provenance_save(th_store *store, const th_provenance *p, th_error *err);

/* What one plugin took on one article, for its row of `coverage`. */
typedef struct th_effort {
    int64_t run_id;
    int64_t cpu_us, memory_kb;
} th_effort;

/* Make the results of plugin `plugin_id` on article `article_id` (0: on all) stale, so that it runs again. Its rows stay till then. */
th_status th_store_outdate(th_store *store, int64_t plugin_id, int64_t article_id, th_error *err);

/* Has plugin `plugin` failed on article `article_id` in any run? With `plugin` NULL: has loading `path`? */
th_status th_store_has_failed(th_store *store, const char *plugin, int64_t article_id, const char *path, bool *out, th_error *err);

/* Replace the rows of all kinds of plugin `plugin_id` for the article by `records` (sorted by the store) and mark it
 * covered by `fingerprint`, at the cost of `effort` (NULL: not known). `schemas` are the plugin's kinds; records of other kinds in the list are ignored. A record that
 * its table refuses is TH_ERR_USAGE; after a failure roll back, or take away what was written with th_store_results_drop(). */
th_status th_store_results_save(th_store *store, int64_t article_id, int64_t plugin_id, const char *fingerprint,
                                const th_effort *effort, const th_schema *const *schemas, size_t schema_count,
                                const th_records *records, th_error *err);

/* Read the rows of one kind for an article, in span order, appended to `out` in `arena`. */
th_status th_store_records_get(th_store *store, int64_t article_id, const th_schema *schema, th_arena *arena,
                               th_records *out, th_error *err);

/* Drop plugin `plugin_id`'s rows and coverage for the article (it failed on it). */
th_status th_store_results_drop(th_store *store, int64_t article_id, int64_t plugin_id,
                                const th_schema *const *schemas, size_t schema_count, th_error *err);

/* ---- runs and failures ---- */

/* Begin a run without more about it: store/runs.h has jobs and what else can be said. */
th_status th_store_run_begin(th_store *store, const char *command, int64_t *run_id, th_error *err);
/* `status`: "ok", "failed", "interrupted". Runs left open by a killed process are closed as "interrupted" at the next begin. */
th_status th_store_run_end(th_store *store, int64_t run_id, const char *status, int64_t articles_loaded,
                           int64_t articles_run, int64_t records, int64_t failures, th_error *err);

/* One row of `failure`; article_id 0 and NULL texts become NULL. */
th_status th_store_failure_add(th_store *store, int64_t run_id, int64_t article_id, const char *path,
                               const char *plugin, th_status reason, const char *message, th_error *err);

/* ---- reading with SQL ---- */

/* Called once per row. `names` and `values` have `count` entries; a value is as th_cell says. Return false to stop. */
typedef enum th_cell_type { TH_CELL_NULL, TH_CELL_INTEGER, TH_CELL_NUMBER, TH_CELL_TEXT } th_cell_type;
typedef struct th_cell {
    th_cell_type type;
    int64_t integer;
    double number;
    const char *text; /* TH_CELL_TEXT; also blobs, as lower-case hexadecimal */
    size_t len;
} th_cell;
typedef bool (*th_row_fn)(void *ctx, const char *const *names, const th_cell *values, size_t count);

/* Run one SELECT (or other statement that only reads: anything else is TH_ERR_USAGE) with `params` bound to ?1…; `row` is
 * called for each row, and once with values == NULL when there is no row, so that the names are known. `row` may use the
 * store. The message of a wrong statement is SQLite's, one line, TH_ERR_USAGE. */
th_status th_store_query(th_store *store, const char *sql, const th_cell *params, size_t param_count, th_row_fn row,
                         void *ctx, th_error *err);

#endif
