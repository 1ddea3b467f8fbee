/* merge.c - see merge.h. A store is attached as "shard"; SQL does the rest. Ids of the shard become new ones by the table
 * merge_article; which results are missing is told by coverage. */
#include "store/merge.h"

#include <stdio.h>
#include <string.h>

#include "store/internal.h"

/* ---- temporary tables ---- */

static const char begin_sql[] =
    "CREATE TEMP TABLE merge_seen (what TEXT, name TEXT, version TEXT, value TEXT, path TEXT, PRIMARY KEY (what, name));\n"
    "CREATE TEMP TABLE merge_article (old INTEGER PRIMARY KEY, new INTEGER NOT NULL, fresh INTEGER NOT NULL);\n"
    "CREATE TEMP TABLE merge_result (old INTEGER, new INTEGER, old_plugin INTEGER, new_plugin INTEGER, fingerprint TEXT,\n"
    "  cpu_us INTEGER, memory_kb INTEGER, PRIMARY KEY (old_plugin, old)) WITHOUT ROWID;\n"
    "CREATE TEMP TABLE merge_file AS SELECT * FROM main.file;\n"
    "CREATE INDEX temp.merge_file_path ON merge_file(path, read_ns)";
static const char end_sql[] =
    "DROP TABLE temp.merge_seen; DROP TABLE temp.merge_article; DROP TABLE temp.merge_result; DROP TABLE temp.merge_file";

/* ---- is it of the same making? ---- */

/* A file's `loader` is the fingerprint, and behind a blank the shard it was read for. */
#define MAKING(db) \
    "SELECT 'plugin' AS what, name, version, fingerprint AS value FROM " db ".plugin UNION ALL " \
    "SELECT DISTINCT 'loader', 'the loader', '', substr(loader, 1, 32) FROM " db ".file WHERE loader <> '' UNION ALL " \
    "SELECT 'kind', k.name, p.name, k.fields FROM " db ".kind k JOIN " db ".plugin p ON p.id = k.plugin_id"

static const char see_main_sql[] = "INSERT OR IGNORE INTO merge_seen SELECT m.*, ?1 FROM (" MAKING("main") ") m";
static const char see_shard_sql[] = "INSERT OR IGNORE INTO merge_seen SELECT m.*, ?1 FROM (" MAKING("shard") ") m";
static const char differs_sql[] =
    "SELECT s.what, s.name, s.version, m.version, m.path FROM (" MAKING("shard") ") s JOIN merge_seen m USING (what, name) "
    "WHERE (m.value <> s.value OR m.version <> s.version) AND (s.what = 'kind' OR NOT ?1) ORDER BY s.what, s.name LIMIT 1";
static const char running_sql[] = "SELECT 1 FROM shard.run WHERE status = 'running'";

static th_status run_bound(th_store *store, const char *sql, const char *text, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, sql, err);

    if (!stmt)
        return TH_ERR_STORE;
    th_store_bind_text(stmt, 1, text);
    return th_store_finish(store, stmt, err);
}

static th_status say_difference(sqlite3_stmt *stmt, const char *path, th_error *err)
{
    const char *what = (const char *)sqlite3_column_text(stmt, 0), *name = (const char *)sqlite3_column_text(stmt, 1);
    const char *here = (const char *)sqlite3_column_text(stmt, 2), *there = (const char *)sqlite3_column_text(stmt, 3);
    const char *other = (const char *)sqlite3_column_text(stmt, 4);

    if (strcmp(what, "kind") == 0)
        return th_error_set(err, TH_ERR_USAGE, "%s: the record kind \"%s\" has other fields or another plugin than in %s; run both with the "
                            "same plugins", path, name, other);
    if (strcmp(here, there) != 0)
        return th_error_set(err, TH_ERR_USAGE, "%s: made with %s %s, and %s with %s; run both with one version, or take each as it is "
                            "with --mixed", path, name, here, other, there);
    return th_error_set(err, TH_ERR_USAGE, "%s: made with another state of %s%s%s (its code, or data it reads) than %s; run both with one "
                        "state, or take each as it is with --mixed", path, name, *here ? " " : "", here, other);
}

static th_status check_making(th_store *store, const char *path, bool mixed, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, running_sql, err);
    bool row = false;
    th_status status = stmt ? th_store_step(store, stmt, &row, err) : TH_ERR_STORE;

    if (row) {
        sqlite3_reset(stmt);
        return th_error_set(err, TH_ERR_BUSY, "%s: its run is not over, or was killed: run it again to its end", path);
    }
    stmt = status == TH_OK ? th_store_prepare(store, differs_sql, err) : NULL;
    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int(stmt, 1, mixed);
    status = th_store_step(store, stmt, &row, err);
    if (row)
        status = say_difference(stmt, path, err);
    sqlite3_reset(stmt);
    return status == TH_OK ? run_bound(store, see_shard_sql, path, err) : status;
}

/* ---- attaching ---- */

static const char attach_sql[] = "ATTACH ?1 AS shard";

static void forget_statements(th_store *store)
{
    for (size_t i = 0; i < store->prepared_count; i++)
        sqlite3_reset(store->prepared[i].stmt);
}

static th_status detach(th_store *store, th_error *err)
{
    forget_statements(store);
    return th_store_exec(store, "DETACH shard", err);
}

/* Opening it as a store first says what is wrong with it, in words. */
static th_status attach(th_store *store, const char *path, th_error *err)
{
    th_store *probe = NULL;
    th_status status = th_store_open(&probe, path, TH_STORE_READ, err);

    th_store_close(probe);
    return status == TH_OK ? run_bound(store, attach_sql, path, err) : status;
}

/* ---- articles ---- */

static const char older_sql[] =
    "SELECT m.id FROM shard.article s JOIN main.article m ON m.path = s.path WHERE m.hash <> s.hash AND m.loaded_at < s.loaded_at";
static const char unlink_sql[] = "UPDATE failure SET article_id = NULL WHERE article_id = ?1";
static const char remove_sql[] = "DELETE FROM main.article WHERE id = ?1";
static const char map_sql[] =
    "DELETE FROM merge_article;\n"
    "INSERT INTO merge_article SELECT s.id, m.id, 0 FROM shard.article s JOIN main.article m ON m.path = s.path AND m.hash = s.hash;\n"
    "INSERT INTO merge_article SELECT s.id, (SELECT coalesce(max(id), 0) FROM main.article) + row_number() OVER (ORDER BY s.id), 1\n"
    "  FROM shard.article s WHERE NOT EXISTS (SELECT 1 FROM main.article m WHERE m.path = s.path)";

static th_status with_id(th_store *store, const char *sql, int64_t id, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, sql, err);

    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, id);
    return th_store_finish(store, stmt, err);
}

/* Remove the articles of which the shard has a later reading. */
static th_status remove_older(th_store *store, th_error *err)
{
    bool row = true;
    th_status status = TH_OK;

    while (status == TH_OK && row) {
        sqlite3_stmt *stmt = th_store_prepare(store, older_sql, err);
        if (!stmt)
            return TH_ERR_STORE;
        status = th_store_step(store, stmt, &row, err);
        int64_t id = row ? sqlite3_column_int64(stmt, 0) : 0;
        sqlite3_reset(stmt);
        if (!row)
            break;
        if ((status = th_store_clear_article(store, id, err)) == TH_OK &&
            (status = with_id(store, unlink_sql, id, err)) == TH_OK)
            status = with_id(store, remove_sql, id, err);
    }
    return status;
}

/* Append the columns of a table, each behind `prefix` and but those named, to `out`. */
static th_status add_columns(th_store *store, const char *table, const char *prefix, const char *const *but, th_str *out,
                             th_error *err)
{
    static const char sql[] = "SELECT name FROM pragma_table_info(?1, 'main')";
    sqlite3_stmt *stmt = th_store_prepare(store, sql, err);
    bool row = false;
    th_status status;

    if (!stmt)
        return TH_ERR_STORE;
    th_store_bind_text(stmt, 1, table);
    while ((status = th_store_step(store, stmt, &row, err)) == TH_OK && row) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        size_t i = 0;
        while (but[i] && strcmp(but[i], name) != 0)
            i++;
        if (!but[i])
            th_str_addf(out, ", %s\"%s\"", prefix, name);
    }
    return status;
}

/* Copy the rows of a table: `key` becomes a new id by `map`, columns named in `but` (the key too) keep their defaults. */
static th_status copy(th_store *store, const char *table, const char *key, const char *const *but, const char *map,
                      size_t *rows, th_error *err)
{
    th_str into = {0}, from = {0}, sql = {0};
    th_status status = add_columns(store, table, "", but, &into, err);

    if (status == TH_OK)
        status = add_columns(store, table, "s.", but, &from, err);
    th_str_addf(&sql, "INSERT INTO main.\"%s\" (\"%s\"%s) SELECT a.new%s FROM shard.\"%s\" s JOIN %s", table, key,
                th_str_text(&into), th_str_text(&from), table, map);
    if (status == TH_OK)
        status = th_str_ok(&into) && th_str_ok(&from) && th_str_ok(&sql) ? th_store_exec(store, th_str_text(&sql), err)
                                                                         : th_store_fail(store, SQLITE_NOMEM, err);
    if (rows && status == TH_OK)
        *rows += (size_t)sqlite3_changes(store->db);
    th_str_free(&into);
    th_str_free(&from);
    th_str_free(&sql);
    return status;
}

static th_status copy_articles(th_store *store, th_merge_report *report, th_error *err)
{
    static const char *const of_article[] = {"id", "duplicate_of", NULL}, *const of_part[] = {"article_id", NULL};
    static const char *const parts[] = {"block", "sentence", "dropped", "warning", "sketch"};
    static const char by_id[] = "merge_article a ON a.old = s.id AND a.fresh ORDER BY a.new";
    static const char by_article[] = "merge_article a ON a.old = s.article_id AND a.fresh";
    th_status status = copy(store, "article", "id", of_article, by_id, &report->articles, err);

    for (size_t i = 0; status == TH_OK && i < sizeof parts / sizeof *parts; i++)
        status = copy(store, parts[i], "article_id", of_part, by_article, NULL, err);
    /* state 0: nothing is linked yet */
    return status == TH_OK ? th_store_exec(store, "UPDATE main.sketch SET state = 0 WHERE article_id IN "
                                           "(SELECT new FROM merge_article WHERE fresh)", err) : status;
}

/* ---- results ---- */

static const char plugins_sql[] =
    "INSERT INTO main.plugin (name, version, fingerprint) SELECT name, version, fingerprint FROM shard.plugin s "
    "WHERE NOT EXISTS (SELECT 1 FROM main.plugin m WHERE m.name = s.name) ORDER BY s.id";
static const char results_sql[] =
    "DELETE FROM merge_result;\n"
    "INSERT INTO merge_result SELECT a.old, a.new, sp.id, mp.id, c.fingerprint, c.cpu_us, c.memory_kb FROM shard.coverage c\n"
    "  JOIN merge_article a ON a.old = c.article_id JOIN shard.plugin sp ON sp.id = c.plugin_id\n"
    "  JOIN main.plugin mp ON mp.name = sp.name\n"
    "  WHERE NOT EXISTS (SELECT 1 FROM main.coverage m WHERE m.article_id = a.new AND m.plugin_id = mp.id);\n"
    "INSERT OR IGNORE INTO main.provenance SELECT * FROM shard.provenance";
static const char cover_sql[] = "INSERT INTO main.coverage (article_id, plugin_id, fingerprint, run_id, cpu_us, memory_kb) "
                                "SELECT new, new_plugin, fingerprint, ?1, cpu_us, memory_kb FROM merge_result";
static const char new_kind_sql[] =
    "SELECT s.name, m.id, s.fields FROM shard.kind s JOIN shard.plugin p ON p.id = s.plugin_id JOIN main.plugin m ON m.name = p.name "
    "WHERE NOT EXISTS (SELECT 1 FROM main.kind k WHERE k.name = s.name) LIMIT 1";
static const char fields_sql[] = "SELECT key, value FROM json_each(?1)";
static const char next_kind_sql[] =
    "SELECT name, plugin_id FROM shard.kind WHERE name > ?1 ORDER BY name LIMIT 1";

static th_status bad_kind(const char *kind, th_error *err)
{
    return th_error_set(err, TH_ERR_STORE, "record kind \"%s\": its fields can not be read; the shard was changed by another program",
                        kind);
}

/* The fields of a kind as a store keeps them, in `arena`. */
static th_status read_fields(th_store *store, const char *text, th_arena *arena, th_schema *schema, th_error *err)
{
    th_field *fields = th_arena_zalloc(arena, TH_BATCH_COLUMNS, sizeof *fields);
    sqlite3_stmt *stmt = th_store_prepare(store, fields_sql, err);
    bool row = false;
    th_status status;

    if (!fields || !stmt)
        return fields ? TH_ERR_STORE : th_store_fail(store, SQLITE_NOMEM, err);
    th_store_bind_text(stmt, 1, text);
    while ((status = th_store_step(store, stmt, &row, err)) == TH_OK && row) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0), *type = (const char *)sqlite3_column_text(stmt, 1);
        th_field *f = &fields[schema->field_count];
        if (!type || schema->field_count == TH_BATCH_COLUMNS - 1 || !th_type_parse(type, f)) {
            sqlite3_reset(stmt);
            return bad_kind(schema->kind, err);
        }
        f->name = th_arena_copy(arena, name, strlen(name));
        if (!f->name) {
            sqlite3_reset(stmt);
            return th_store_fail(store, SQLITE_NOMEM, err);
        }
        schema->field_count++;
    }
    schema->fields = fields;
    return status;
}

/* Make the tables of kinds that only the shard has. */
static th_status make_kinds(th_store *store, th_arena *arena, th_error *err)
{
    th_status status = TH_OK;
    bool row = true;

    while (status == TH_OK && row) {
        sqlite3_stmt *stmt = th_store_prepare(store, new_kind_sql, err);
        th_schema schema = {0};
        if (!stmt)
            return TH_ERR_STORE;
        if ((status = th_store_step(store, stmt, &row, err)) != TH_OK || !row)
            break;
        const char *kind = (const char *)sqlite3_column_text(stmt, 0), *fields = (const char *)sqlite3_column_text(stmt, 2);
        int64_t plugin = sqlite3_column_int64(stmt, 1);
        schema.kind = th_arena_copy(arena, kind, strlen(kind));
        fields = th_arena_copy(arena, fields, strlen(fields));
        sqlite3_reset(stmt);
        if (!schema.kind || !fields)
            return th_store_fail(store, SQLITE_NOMEM, err);
        if ((status = read_fields(store, fields, arena, &schema, err)) == TH_OK)
            status = th_store_schema_save(store, plugin, &schema, err);
    }
    return status;
}

static th_status copy_records(th_store *store, th_merge_report *report, th_error *err)
{
    static const char *const but[] = {"id", "article_id", NULL};
    char kind[64] = "", map[160];
    bool row = true;
    th_status status = TH_OK;

    while (status == TH_OK && row) {
        sqlite3_stmt *stmt = th_store_prepare(store, next_kind_sql, err);
        if (!stmt)
            return TH_ERR_STORE;
        th_store_bind_text(stmt, 1, kind);
        if ((status = th_store_step(store, stmt, &row, err)) != TH_OK || !row)
            break;
        char next[64];
        snprintf(next, sizeof next, "%s", (const char *)sqlite3_column_text(stmt, 0));
        snprintf(map, sizeof map, "merge_result a ON a.old = s.article_id AND a.old_plugin = %lld ORDER BY s.id",
                 (long long)sqlite3_column_int64(stmt, 1));
        sqlite3_reset(stmt);
        memcpy(kind, next, sizeof kind);
        if (th_kind_name_fault(kind))
            return bad_kind(kind, err);
        status = copy(store, kind, "article_id", but, map, &report->records, err);
    }
    return status;
}

/* ---- failures and files ---- */

static const char failures_sql[] =
    "INSERT INTO main.failure (run_id, article_id, path, plugin, reason, message) "
    "SELECT ?1, a.new, f.path, f.plugin, f.reason, f.message FROM shard.failure f LEFT JOIN merge_article a ON a.old = f.article_id "
    "WHERE f.run_id = (SELECT max(id) FROM shard.run WHERE attempts IS NULL AND event IS NULL) ORDER BY f.id";
static const char count_sql[] =
    "SELECT (SELECT count(*) FROM merge_article WHERE NOT fresh), "
    "(SELECT count(*) FROM shard.article s WHERE s.id NOT IN (SELECT old FROM merge_article))";
static const char note_files_sql[] = "INSERT INTO merge_file SELECT * FROM shard.file";

/* A file is read when every shard read its share of the same bytes; one that is not (a shard failed on it, or is missing) is not
 * known, so that the next run reads it. */
static const char save_files_sql[] =
    "DELETE FROM main.file;\n"
    "INSERT INTO main.file SELECT f.path, f.device, f.inode, f.size, f.mtime_ns, f.ctime_ns, f.read_ns, f.hash, CASE\n"
    "    WHEN g.whole <> '' THEN g.whole\n"
    "    WHEN g.hashes = 1 AND g.least <> '' AND g.splits = 1 AND g.shards = g.split THEN substr(g.least, 1, 32)\n"
    "    ELSE '' END, f.gone_at\n"
    "  FROM (SELECT path, max(CASE WHEN instr(loader, ' ') THEN '' ELSE loader END) AS whole, count(DISTINCT hash) AS hashes,\n"
    "      min(loader) AS least, count(DISTINCT loader) AS shards,\n"
    "      count(DISTINCT substr(loader, instr(loader, '/'))) AS splits,\n"
    "      max(CAST(substr(loader, instr(loader, '/') + 1) AS INTEGER)) AS split\n"
    "    FROM merge_file GROUP BY path) g\n"
    "  JOIN merge_file f ON f.rowid = (SELECT rowid FROM merge_file h WHERE h.path = g.path ORDER BY read_ns DESC, rowid DESC LIMIT 1)\n"
    "  WHERE g.whole <> '' OR g.least = '' OR (g.hashes = 1 AND g.splits = 1 AND g.shards = g.split)";
static const char missing_sql[] =
    "SELECT coalesce(max(CAST(substr(loader, instr(loader, '/') + 1) AS INTEGER)), 0), count(DISTINCT loader) "
    "FROM merge_file WHERE instr(loader, ' ')";

static th_status save_files(th_store *store, th_merge_report *report, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, missing_sql, err);
    bool row = false;
    th_status status = stmt ? th_store_step(store, stmt, &row, err) : TH_ERR_STORE;

    if (row) {
        size_t there = (size_t)sqlite3_column_int64(stmt, 1);
        report->shards = (size_t)sqlite3_column_int64(stmt, 0);
        report->missing = report->shards > there ? report->shards - there : 0;
        sqlite3_reset(stmt);
    }
    if (status == TH_OK && (status = th_store_begin(store, err)) == TH_OK &&
        (status = th_store_exec(store, save_files_sql, err)) == TH_OK)
        status = th_store_commit(store, err);
    return status;
}

static th_status count_rest(th_store *store, th_merge_report *report, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, count_sql, err);
    bool row = false;
    th_status status = stmt ? th_store_step(store, stmt, &row, err) : TH_ERR_STORE;

    if (row) {
        report->same += (size_t)sqlite3_column_int64(stmt, 0);
        report->older += (size_t)sqlite3_column_int64(stmt, 1);
        sqlite3_reset(stmt);
    }
    return status;
}

/* ---- the whole ---- */

/* What stands in the store attached as "shard". */
static th_status take_over(th_store *store, th_arena *arena, int64_t run_id, th_merge_report *report, th_error *err)
{
    th_status status;

    if ((status = remove_older(store, err)) != TH_OK || (status = th_store_exec(store, map_sql, err)) != TH_OK ||
        (status = count_rest(store, report, err)) != TH_OK || (status = copy_articles(store, report, err)) != TH_OK ||
        (status = th_store_exec(store, plugins_sql, err)) != TH_OK || (status = make_kinds(store, arena, err)) != TH_OK ||
        (status = th_store_exec(store, results_sql, err)) != TH_OK ||
        (status = with_id(store, cover_sql, run_id, err)) != TH_OK || (status = copy_records(store, report, err)) != TH_OK ||
        (status = with_id(store, failures_sql, run_id, err)) != TH_OK)
        return status;
    report->failures += (size_t)sqlite3_changes(store->db);
    return th_store_exec(store, note_files_sql, err);
}

static th_status merge_one(th_store *store, const char *path, int64_t run_id, th_merge_report *report, th_error *err)
{
    th_arena *arena = th_arena_new();
    th_status status = arena ? attach(store, path, err) : th_store_fail(store, SQLITE_NOMEM, err);

    if (status == TH_OK) {
        if ((status = th_store_begin(store, err)) == TH_OK &&
            (status = take_over(store, arena, run_id, report, err)) == TH_OK)
            status = th_store_commit(store, err);
        th_store_rollback(store);
        th_status detached = detach(store, status == TH_OK ? err : NULL);
        status = status == TH_OK ? detached : status;
    }
    th_arena_free(arena);
    return status;
}

static th_status check_all(th_store *store, const char *const *paths, size_t count, bool mixed, th_error *err)
{
    th_status status = run_bound(store, see_main_sql, store->path, err);

    for (size_t i = 0; status == TH_OK && i < count; i++) {
        if ((status = attach(store, paths[i], err)) != TH_OK)
            break;
        status = check_making(store, paths[i], mixed, err);
        th_status detached = detach(store, status == TH_OK ? err : NULL);
        status = status == TH_OK ? detached : status;
    }
    return status;
}

th_status th_store_merge(th_store *store, const char *const *paths, size_t count, bool mixed, int64_t run_id,
                         th_merge_report *report, th_error *err)
{
    th_status status = th_store_exec(store, begin_sql, err);

    *report = (th_merge_report){0};
    if (status == TH_OK) /* the rows of a shard are another program's work for all we know */
        status = th_store_check_rows(store, true, err);
    if (status == TH_OK)
        status = check_all(store, paths, count, mixed, err);
    for (size_t i = 0; status == TH_OK && i < count; i++)
        status = merge_one(store, paths[i], run_id, report, err);
    if (status == TH_OK)
        status = save_files(store, report, err);
    th_store_rollback(store);
    forget_statements(store);
    th_status ended = th_store_exec(store, end_sql, status == TH_OK ? err : NULL);
    if (ended == TH_OK)
        ended = th_store_check_rows(store, false, status == TH_OK ? err : NULL);
    return status == TH_OK ? ended : status;
}

th_status th_store_plugins(th_store *store, th_arena *arena, th_stored_plugin **out, size_t *count, th_error *err)
{
    static const char sql[] = "SELECT name, fingerprint FROM plugin ORDER BY name";
    sqlite3_stmt *stmt = th_store_prepare(store, sql, err);
    size_t cap = 0;
    bool row = false;
    th_status status;

    *out = NULL;
    *count = 0;
    if (!stmt)
        return TH_ERR_STORE;
    while ((status = th_store_step(store, stmt, &row, err)) == TH_OK && row) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0), *print = (const char *)sqlite3_column_text(stmt, 1);
        th_stored_plugin *grown = th_arena_grow(arena, *out, *count, &cap, sizeof *grown);
        if (grown) {
            *out = grown;
            grown[*count] = (th_stored_plugin){th_arena_copy(arena, name, strlen(name)), th_arena_copy(arena, print, strlen(print))};
        }
        if (!grown || !grown[*count].name || !grown[*count].fingerprint) {
            sqlite3_reset(stmt);
            return th_store_fail(store, SQLITE_NOMEM, err);
        }
        ++*count;
    }
    return status;
}

th_status th_store_read_by(th_store *store, const char *loader, bool *out, th_error *err)
{
    static const char sql[] = "SELECT 1 FROM file WHERE loader <> '' AND loader <> ?1 LIMIT 1";
    sqlite3_stmt *stmt = th_store_prepare(store, sql, err);
    bool row = false;

    if (!stmt)
        return TH_ERR_STORE;
    th_store_bind_text(stmt, 1, loader);
    th_status status = th_store_step(store, stmt, &row, err);
    sqlite3_reset(stmt);
    *out = !row;
    return status;
}
