/* schema.c - the tables; docs/database.md tells what they mean. Names that stand there never change. */
#include <stdio.h>
#include <string.h>

#include "store/internal.h"

/* ---- core tables ----
 * `text` stands last in `article`, so that the other columns are read without walking through a long text.
 * REFERENCES are for tools that follow them; the store keeps the order itself and does not pay for the checks. */
static const char version_1[] =
    "CREATE TABLE article (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  path TEXT NOT NULL UNIQUE,\n"
    "  hash TEXT NOT NULL,\n"
    "  format TEXT NOT NULL,\n"
    "  lang TEXT NOT NULL,\n"
    "  title TEXT NOT NULL,\n"
    "  date TEXT CHECK (date IS date(date, '+0 days')),\n"
    "  source TEXT,\n"
    "  authors TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(authors)),\n"
    "  url TEXT,\n"
    "  region_code TEXT,\n"
    "  region_name TEXT,\n"
    "  loaded_at TEXT NOT NULL,\n"
    "  duplicate_of INTEGER REFERENCES article(id),\n"
    "  text TEXT NOT NULL\n"
    ") STRICT;\n"
    "CREATE INDEX \"article.hash\" ON article(hash);\n"
    "CREATE INDEX \"article.duplicate_of\" ON article(duplicate_of) WHERE duplicate_of IS NOT NULL;\n"
    "CREATE TABLE block (\n"
    "  article_id INTEGER NOT NULL REFERENCES article(id),\n"
    "  seq INTEGER NOT NULL,\n"
    "  kind TEXT NOT NULL CHECK (kind IN ('title', 'heading', 'paragraph', 'caption', 'list', 'table')),\n"
    "  start INTEGER NOT NULL,\n"
    "  stop INTEGER NOT NULL,\n"
    "  PRIMARY KEY (article_id, seq)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE sentence (\n"
    "  article_id INTEGER NOT NULL REFERENCES article(id),\n"
    "  seq INTEGER NOT NULL,\n"
    "  block_seq INTEGER NOT NULL,\n"
    "  start INTEGER NOT NULL,\n"
    "  stop INTEGER NOT NULL,\n"
    "  PRIMARY KEY (article_id, seq)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE dropped (\n"
    "  article_id INTEGER NOT NULL REFERENCES article(id),\n"
    "  seq INTEGER NOT NULL,\n"
    "  reason TEXT NOT NULL,\n"
    "  text TEXT NOT NULL,\n"
    "  PRIMARY KEY (article_id, seq)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE warning (\n"
    "  article_id INTEGER NOT NULL REFERENCES article(id),\n"
    "  seq INTEGER NOT NULL,\n"
    "  text TEXT NOT NULL,\n"
    "  PRIMARY KEY (article_id, seq)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE file (\n"
    "  path TEXT NOT NULL PRIMARY KEY,\n"
    "  device INTEGER NOT NULL,\n"
    "  inode INTEGER NOT NULL,\n"
    "  size INTEGER NOT NULL,\n"
    "  mtime_ns INTEGER NOT NULL,\n"
    "  ctime_ns INTEGER NOT NULL,\n"
    "  read_ns INTEGER NOT NULL,\n"
    "  hash TEXT NOT NULL,\n"
    "  loader TEXT NOT NULL\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE plugin (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  name TEXT NOT NULL UNIQUE,\n"
    "  version TEXT NOT NULL,\n"
    "  fingerprint TEXT NOT NULL\n"
    ") STRICT;\n"
    "CREATE TABLE kind (\n"
    "  name TEXT NOT NULL PRIMARY KEY,\n"
    "  plugin_id INTEGER NOT NULL REFERENCES plugin(id),\n"
    "  fields TEXT NOT NULL CHECK (json_valid(fields))\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE coverage (\n"
    "  article_id INTEGER NOT NULL REFERENCES article(id),\n"
    "  plugin_id INTEGER NOT NULL REFERENCES plugin(id),\n"
    "  fingerprint TEXT NOT NULL,\n"
    "  PRIMARY KEY (article_id, plugin_id)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE run (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  command TEXT NOT NULL,\n"
    "  started_at TEXT NOT NULL,\n"
    "  ended_at TEXT,\n"
    "  status TEXT NOT NULL CHECK (status IN ('running', 'ok', 'failed', 'interrupted')),\n"
    "  articles_loaded INTEGER,\n"
    "  articles_run INTEGER,\n"
    "  records INTEGER,\n"
    "  failures INTEGER\n"
    ") STRICT;\n"
    "CREATE TABLE failure (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  run_id INTEGER NOT NULL REFERENCES run(id),\n"
    "  article_id INTEGER REFERENCES article(id),\n"
    "  path TEXT,\n"
    "  plugin TEXT,\n"
    "  reason TEXT NOT NULL CHECK (reason IN ('runtime', 'limit-cpu', 'limit-memory', 'limit-output', 'timeout',\n"
    "    'crash', 'usage', 'missing', 'unreadable', 'empty', 'binary', 'format', 'encoding', 'bomb', 'parse')),\n"
    "  message TEXT NOT NULL\n"
    ") STRICT;\n"
    "CREATE INDEX \"failure.run_id\" ON failure(run_id);\n";

/* What version 2 adds. An article of version 1 has no origins and no levels until it is loaded again. */
static const char version_2[] =
    "ALTER TABLE article ADD COLUMN origins TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(origins));\n"
    "ALTER TABLE block ADD COLUMN level INTEGER NOT NULL DEFAULT 0;\n"
    "ALTER TABLE article ADD COLUMN gone_at TEXT;\n"
    "CREATE INDEX \"article.gone_at\" ON article(gone_at) WHERE gone_at IS NOT NULL;\n"
    "ALTER TABLE file ADD COLUMN gone_at TEXT;\n"
    "CREATE TABLE sketch (\n"
    "  article_id INTEGER PRIMARY KEY REFERENCES article(id),\n"
    "  text_hash INTEGER NOT NULL,\n"
    "  shingles INTEGER NOT NULL,\n"
    "  bins BLOB NOT NULL,\n"
    "  edges BLOB NOT NULL,\n"
    "  state INTEGER NOT NULL\n"
    ") STRICT;\n"
    "CREATE INDEX \"sketch.state\" ON sketch(state) WHERE state < 3;\n"
    "INSERT INTO sketch SELECT id, 0, 0, x'', x'', 0 FROM article;\n"
    "CREATE TABLE similar (\n"
    "  article_id INTEGER NOT NULL REFERENCES article(id),\n"
    "  other_id INTEGER NOT NULL REFERENCES article(id),\n"
    "  similarity REAL NOT NULL,\n"
    "  PRIMARY KEY (article_id, other_id)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE INDEX \"similar.other_id\" ON similar(other_id);\n"
    "ALTER TABLE coverage ADD COLUMN run_id INTEGER REFERENCES run(id);\n"
    "ALTER TABLE coverage ADD COLUMN cpu_us INTEGER;\n"
    "ALTER TABLE coverage ADD COLUMN memory_kb INTEGER;\n"
    "CREATE TABLE provenance (\n"
    "  fingerprint TEXT NOT NULL PRIMARY KEY,\n"
    "  plugin TEXT NOT NULL,\n"
    "  version TEXT NOT NULL,\n"
    "  source_hash TEXT NOT NULL,\n"
    "  data TEXT NOT NULL CHECK (json_valid(data)),\n"
    "  needs TEXT NOT NULL CHECK (json_valid(needs)),\n"
    "  settings TEXT NOT NULL CHECK (json_valid(settings)),\n"
    "  text_version TEXT NOT NULL\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE INDEX \"failure.article_id\" ON failure(article_id) WHERE article_id IS NOT NULL;\n"
    "CREATE INDEX \"failure.path\" ON failure(path) WHERE article_id IS NULL;\n"
    /* A CHECK can not be changed: the table is made anew. */
    "CREATE TABLE run_2 (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  command TEXT NOT NULL,\n"
    "  started_at TEXT NOT NULL,\n"
    "  ended_at TEXT,\n"
    "  status TEXT NOT NULL CHECK (status IN ('running', 'ok', 'failed', 'interrupted', 'refused', 'missed', 'skipped')),\n"
    "  articles_loaded INTEGER,\n"
    "  articles_run INTEGER,\n"
    "  records INTEGER,\n"
    "  failures INTEGER,\n"
    "  job TEXT,\n"
    "  slot TEXT,\n"
    "  parent_id INTEGER REFERENCES run(id),\n"
    "  attempts INTEGER,\n"
    "  exit_status INTEGER,\n"
    "  message TEXT,\n"
    "  pid INTEGER,\n"
    "  host TEXT,\n"
    "  versions TEXT CHECK (versions IS NULL OR json_valid(versions)),\n"
    "  event TEXT UNIQUE,\n"
    "  log TEXT\n"
    ") STRICT;\n"
    "INSERT INTO run_2 (id, command, started_at, ended_at, status, articles_loaded, articles_run, records, failures)\n"
    "  SELECT id, command, started_at, ended_at, status, articles_loaded, articles_run, records, failures FROM run;\n"
    "DROP TABLE run;\n"
    "ALTER TABLE run_2 RENAME TO run;\n"
    "CREATE INDEX \"run.parent_id\" ON run(parent_id) WHERE parent_id IS NOT NULL;\n"
    "CREATE TABLE batch_job (\n"
    "  name TEXT NOT NULL PRIMARY KEY,\n"
    "  schedule TEXT NOT NULL,\n"
    "  settled INTEGER NOT NULL\n"
    ") STRICT, WITHOUT ROWID;\n";

/* From schema version i to i + 1. */
static const char *const migrations[TH_STORE_VERSION] = {version_1, version_2};

static const char *const core_tables[] = {"article", "batch_job", "block",    "coverage", "dropped", "failure", "file",
                                          "kind",    "plugin",   "provenance", "run",    "sentence", "similar", "sketch",
                                          "warning"};

static th_status migrate_from(th_store *store, int version, th_error *err)
{
    char sql[96];
    th_status status = TH_OK;

    for (int i = version; i < TH_STORE_VERSION && status == TH_OK; i++)
        status = th_store_exec(store, migrations[i], err);
    snprintf(sql, sizeof sql, "PRAGMA application_id=%d; PRAGMA user_version=%d", TH_STORE_APPLICATION,
             TH_STORE_VERSION);
    return status == TH_OK ? th_store_exec(store, sql, err) : status;
}

th_status th_store_migrate(th_store *store, int version, th_error *err)
{
    if (version == TH_STORE_VERSION)
        return TH_OK;
    th_status status = th_store_exec(store, "BEGIN IMMEDIATE", err);
    if (status == TH_OK)
        status = migrate_from(store, version, err);
    if (status == TH_OK)
        status = th_store_exec(store, "COMMIT", err);
    th_store_rollback(store);
    return status;
}

/* ---- tables of record kinds ---- */

static const char *sql_type(th_type type)
{
    switch (type) {
    case TH_INTEGER:
    case TH_BOOLEAN:
        return "INTEGER";
    case TH_NUMBER:
        return "REAL";
    default:
        return "TEXT";
    }
}

static void add_column(th_str *sql, const th_field *field)
{
    th_str_addf(sql, ",\n  \"%s\" %s%s", field->name, sql_type(field->type), field->optional ? "" : " NOT NULL");
    if (field->type == TH_BOOLEAN)
        th_str_addf(sql, " CHECK (\"%s\" IN (0, 1))", field->name);
    else if (field->type == TH_DATE)
        th_str_addf(sql, " CHECK (\"%s\" IS date(\"%s\", '+0 days'))", field->name, field->name);
    else if (field->type == TH_JSON) /* of NULL it says 0 before SQLite 3.45 */
        th_str_addf(sql, " CHECK (\"%s\" IS NULL OR json_valid(\"%s\"))", field->name, field->name);
}

static void add_table(th_str *sql, const th_schema *schema)
{
    th_str_addf(sql,
                "CREATE TABLE \"%s\" (\n  id INTEGER PRIMARY KEY,\n"
                "  article_id INTEGER NOT NULL REFERENCES article(id),\n"
                "  start INTEGER NOT NULL,\n  stop INTEGER NOT NULL",
                schema->kind);
    for (size_t i = 0; i < schema->field_count; i++)
        add_column(sql, &schema->fields[i]);
    th_str_addf(sql, "\n) STRICT;\nCREATE INDEX \"%s.article_id\" ON \"%s\"(article_id)", schema->kind, schema->kind);
}

/* {"units":"integer","place":"text?"}: what the plugin declared, to tell whether it changed. */
static void add_fields(th_str *out, const th_schema *schema)
{
    th_str_putc(out, '{');
    for (size_t i = 0; i < schema->field_count; i++)
        th_str_addf(out, "%s\"%s\":\"%s%s\"", i ? "," : "", schema->fields[i].name,
                    th_type_name(schema->fields[i].type), schema->fields[i].optional ? "?" : "");
    th_str_putc(out, '}');
}

static th_status check_names(const th_schema *schema, th_error *err)
{
    const char *fault = th_kind_name_fault(schema->kind);

    if (fault)
        return th_error_set(err, TH_ERR_USAGE, "record kind \"%s\": %s", schema->kind, fault);
    for (size_t i = 0; i < sizeof core_tables / sizeof *core_tables; i++)
        if (strcmp(schema->kind, core_tables[i]) == 0)
            return th_error_set(err, TH_ERR_USAGE, "record kind \"%s\": the name of a core table; choose another",
                                schema->kind);
    if (schema->field_count > TH_FIELDS_MAX)
        return th_error_set(err, TH_ERR_USAGE, "record kind \"%s\": %zu fields, more than %d; use a json field",
                            schema->kind, schema->field_count, TH_FIELDS_MAX);
    for (size_t i = 0; i < schema->field_count; i++) {
        fault = th_field_name_fault(schema->fields[i].name);
        if (fault)
            return th_error_set(err, TH_ERR_USAGE, "record kind \"%s\": field \"%s\": %s", schema->kind,
                                schema->fields[i].name, fault);
    }
    return TH_OK;
}

enum found { FOUND_NONE, FOUND_SAME, FOUND_CHANGED };

static const char kind_sql[] =
    "SELECT kind.plugin_id, kind.fields, plugin.name, (SELECT name FROM plugin WHERE id = ?2) "
    "FROM kind LEFT JOIN plugin ON plugin.id = kind.plugin_id WHERE kind.name = ?1";

static th_status look_up_kind(th_store *store, int64_t plugin_id, const th_schema *schema, const char *fields,
                              enum found *out, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, kind_sql, err);
    bool row = false;

    if (!stmt)
        return TH_ERR_STORE;
    th_store_bind_text(stmt, 1, schema->kind);
    sqlite3_bind_int64(stmt, 2, plugin_id);
    th_status status = th_store_step(store, stmt, &row, err);
    *out = FOUND_NONE;
    if (status != TH_OK || !row)
        return status;
    if (sqlite3_column_int64(stmt, 0) != plugin_id)
        status = th_error_set(err, TH_ERR_USAGE,
                              "record kind \"%s\" is declared by the plugins \"%s\" and \"%s\"; rename it in one of "
                              "them", schema->kind, (const char *)sqlite3_column_text(stmt, 2),
                              (const char *)sqlite3_column_text(stmt, 3));
    else
        *out = strcmp((const char *)sqlite3_column_text(stmt, 1), fields) == 0 ? FOUND_SAME : FOUND_CHANGED;
    sqlite3_reset(stmt);
    return status;
}

static const char save_kind_sql[] = "INSERT INTO kind (name, plugin_id, fields) VALUES (?1, ?2, ?3) "
                                    "ON CONFLICT (name) DO UPDATE SET fields = excluded.fields";

static th_status save_kind(th_store *store, int64_t plugin_id, const th_schema *schema, const char *fields,
                           th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, save_kind_sql, err);

    if (!stmt)
        return TH_ERR_STORE;
    th_store_bind_text(stmt, 1, schema->kind);
    sqlite3_bind_int64(stmt, 2, plugin_id);
    th_store_bind_text(stmt, 3, fields);
    return th_store_finish(store, stmt, err);
}

static const char uncover_sql[] = "DELETE FROM coverage WHERE plugin_id = ?1";

static th_status drop_kind(th_store *store, int64_t plugin_id, const char *kind, th_error *err)
{
    th_str sql = {0};
    sqlite3_stmt *stmt;
    th_status status = th_store_flush_coverage(store, err);

    if (status != TH_OK)
        return status;
    th_store_forget_table(store, kind);
    th_str_addf(&sql, "DROP TABLE IF EXISTS \"%s\"", kind);
    status = th_store_exec(store, th_str_text(&sql), err);
    th_str_free(&sql);
    if (status != TH_OK)
        return status;
    stmt = th_store_prepare(store, uncover_sql, err);
    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, plugin_id);
    return th_store_finish(store, stmt, err);
}

static th_status make_table(th_store *store, int64_t plugin_id, const th_schema *schema, const char *fields,
                            th_error *err)
{
    th_str sql = {0};
    th_status status;

    add_table(&sql, schema);
    status = th_str_ok(&sql) ? th_store_exec(store, th_str_text(&sql), err)
                             : th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", store->path);
    th_str_free(&sql);
    return status == TH_OK ? save_kind(store, plugin_id, schema, fields, err) : status;
}

/* Run several statements as one: inside the caller's transaction, or in one of our own. */
static th_status change_tables(th_store *store, int64_t plugin_id, const th_schema *schema, const char *fields,
                               bool drop, th_error *err)
{
    th_status status = th_store_exec(store, "SAVEPOINT change_tables", err);

    if (status != TH_OK)
        return status;
    if (drop)
        status = drop_kind(store, plugin_id, schema->kind, err);
    if (status == TH_OK)
        status = make_table(store, plugin_id, schema, fields, err);
    if (status != TH_OK && !sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK TO change_tables", NULL, NULL, NULL);
    if (!sqlite3_get_autocommit(store->db)) {
        th_status released = th_store_exec(store, "RELEASE change_tables", status == TH_OK ? err : NULL);
        status = status == TH_OK ? released : status;
    }
    return status;
}

th_status th_store_schema_save(th_store *store, int64_t plugin_id, const th_schema *schema, th_error *err)
{
    th_str fields = {0};
    enum found found = FOUND_NONE;
    th_status status = check_names(schema, err);

    if (status != TH_OK)
        return status;
    add_fields(&fields, schema);
    if (!th_str_ok(&fields))
        status = th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", store->path);
    if (status == TH_OK)
        status = look_up_kind(store, plugin_id, schema, th_str_text(&fields), &found, err);
    if (status == TH_OK && found != FOUND_SAME)
        status = change_tables(store, plugin_id, schema, th_str_text(&fields), found == FOUND_CHANGED, err);
    th_str_free(&fields);
    return status;
}
