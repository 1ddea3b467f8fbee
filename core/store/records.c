/* records.c - plugins, their results and what of them is stale; see store.h. */
#include <stdlib.h>
#include <string.h>

#include "store/internal.h"

/* ---- plugins ---- */

static const char plugin_sql[] =
    "INSERT INTO plugin (name, version, fingerprint) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO UPDATE SET "
    "version = excluded.version, fingerprint = excluded.fingerprint RETURNING id";

th_status th_store_plugin_save(th_store *store, const char *name, const char *version, const char *fingerprint,
                               int64_t *id, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, plugin_sql, err);
    bool row = false;

    *id = 0;
    if (!stmt)
        return TH_ERR_STORE;
    th_store_bind_text(stmt, 1, name);
    th_store_bind_text(stmt, 2, version);
    th_store_bind_text(stmt, 3, fingerprint);
    th_status status = th_store_step(store, stmt, &row, err);
    if (row)
        *id = sqlite3_column_int64(stmt, 0);
    return row ? th_store_finish(store, stmt, err) : status; /* RETURNING: the change is done when the rows are */
}

static const char provenance_sql[] =
    "INSERT INTO provenance (fingerprint, plugin, version, source_hash, data, needs, settings, text_version) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (fingerprint) DO UPDATE SET settings = excluded.settings";

th_status th_store_provenance_save(th_store *store, const th_provenance *p, th_error *err)
{
    const char *const texts[] = {p->fingerprint, p->plugin, p->version,  p->source_hash,
                                 p->data,        p->needs,  p->settings, p->text_version};
    sqlite3_stmt *stmt = th_store_prepare(store, provenance_sql, err);

    if (!stmt)
        return TH_ERR_STORE;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        th_store_bind_text(stmt, (int)i + 1, texts[i]);
    return th_store_finish(store, stmt, err);
}

/* ---- statements of a kind ---- */

static void finalize_table(struct record_table *table)
{
    free(table->kind);
    sqlite3_finalize(table->insert);
    sqlite3_finalize(table->remove);
    sqlite3_finalize(table->select);
}

void th_store_forget_table(th_store *store, const char *kind)
{
    size_t kept = 0;

    for (size_t i = 0; i < store->table_count; i++)
        if (!kind || strcmp(store->tables[i].kind, kind) == 0)
            finalize_table(&store->tables[i]);
        else
            store->tables[kept++] = store->tables[i];
    store->table_count = kept;
    if (!kind) {
        free(store->tables);
        store->tables = NULL;
    }
}

static struct record_table *table_of(th_store *store, const char *kind, th_error *err)
{
    for (size_t i = 0; i < store->table_count; i++)
        if (strcmp(store->tables[i].kind, kind) == 0)
            return &store->tables[i];
    struct record_table *tables = realloc(store->tables, (store->table_count + 1) * sizeof *tables);
    if (tables)
        store->tables = tables;
    char *name = strdup(kind);
    if (!tables || !name) {
        free(name);
        th_store_fail(store, SQLITE_NOMEM, err);
        return NULL;
    }
    tables[store->table_count] = (struct record_table){.kind = name};
    return &tables[store->table_count++];
}

static void add_columns(th_str *sql, const th_schema *schema)
{
    for (size_t i = 0; i < schema->field_count; i++)
        th_str_addf(sql, ", \"%s\"", schema->fields[i].name);
}

static void insert_text(th_str *sql, const th_schema *schema)
{
    th_str_addf(sql, "INSERT OR FAIL INTO \"%s\" (article_id, start, stop", schema->kind);
    add_columns(sql, schema);
    th_str_puts(sql, ") SELECT c0, c1, c2");
    for (size_t i = 0; i < schema->field_count; i++)
        th_str_addf(sql, ", c%zu", i + 3);
    th_str_puts(sql, " FROM \"th.batch\"");
}

static void remove_text(th_str *sql, const th_schema *schema)
{
    th_str_addf(sql, "DELETE FROM \"%s\" WHERE article_id = ?", schema->kind);
}

static void select_text(th_str *sql, const th_schema *schema)
{
    th_str_puts(sql, "SELECT start, stop");
    add_columns(sql, schema);
    th_str_addf(sql, " FROM \"%s\" WHERE article_id = ? ORDER BY start, stop, id", schema->kind);
}

/* `*slot`, prepared from what `text` writes when it is not yet. */
static sqlite3_stmt *of_table(th_store *store, sqlite3_stmt **slot, void (*text)(th_str *, const th_schema *),
                              const th_schema *schema, th_error *err)
{
    th_str sql = {0};

    if (*slot)
        return *slot; /* cppcheck-suppress identicalInnerCondition */
    text(&sql, schema);
    int code = th_str_ok(&sql) ? sqlite3_prepare_v3(store->db, th_str_text(&sql), -1, SQLITE_PREPARE_PERSISTENT, slot,
                                                    NULL)
                               : SQLITE_NOMEM;
    if (code != SQLITE_OK)
        th_store_fail(store, code, err);
    th_str_free(&sql);
    return *slot;
}

/* ---- coverage ---- */

static const char covered_sql[] = "SELECT 1 FROM coverage WHERE article_id = ?1 AND plugin_id = ?2";
static const char cover_sql[] =
    "INSERT INTO coverage (article_id, plugin_id, fingerprint, run_id, cpu_us, memory_kb) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
    "ON CONFLICT (article_id, plugin_id) DO UPDATE SET fingerprint = excluded.fingerprint, run_id = excluded.run_id, "
    "cpu_us = excluded.cpu_us, memory_kb = excluded.memory_kb";
static const char cover_fresh_sql[] = "INSERT OR FAIL INTO coverage (article_id, plugin_id, fingerprint, run_id, cpu_us, memory_kb) "
                                      "SELECT c0, c1, c2, c3, c4, c5 FROM \"th.batch\"";
static const char outdate_sql[] = "UPDATE coverage SET fingerprint = '' WHERE plugin_id = ?1 AND (?2 = 0 OR article_id = ?2)";
static const char uncover_sql[] = "DELETE FROM coverage WHERE article_id = ?1 AND plugin_id = ?2";
static const char uncover_all_sql[] = "DELETE FROM coverage WHERE article_id = ?1";
static const char kinds_sql[] = "SELECT name FROM kind";

/* Was the article saved just now, so that it can have no results of the plugin? Remembers that it gets them. */
static bool take_fresh(th_store *store, int64_t article_id, int64_t plugin_id)
{
    bool known = article_id == store->fresh_id && plugin_id < 64;
    bool fresh = known && !(store->fresh_plugins >> plugin_id & 1);

    if (known)
        store->fresh_plugins |= UINT64_C(1) << plugin_id;
    return fresh;
}

static th_status is_covered(th_store *store, int64_t article_id, int64_t plugin_id, bool *out, th_error *err)
{
    sqlite3_stmt *stmt = th_store_prepare(store, covered_sql, err);
    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, article_id);
    sqlite3_bind_int64(stmt, 2, plugin_id);
    th_status status = th_store_step(store, stmt, out, err);
    sqlite3_reset(stmt);
    return status;
}

static th_status remove_rows(th_store *store, int64_t article_id, const th_schema *schema, th_error *err)
{
    struct record_table *table = table_of(store, schema->kind, err);
    sqlite3_stmt *stmt = table ? of_table(store, &table->remove, remove_text, schema, err) : NULL;

    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, article_id);
    return th_store_finish(store, stmt, err);
}

static th_status remove_all_rows(th_store *store, int64_t article_id, const th_schema *const *schemas, size_t count,
                                 th_error *err)
{
    th_status status = TH_OK;

    for (size_t i = 0; i < count && status == TH_OK; i++)
        status = remove_rows(store, article_id, schemas[i], err);
    return status;
}

th_status th_store_clear_results(th_store *store, int64_t article_id, th_error *err)
{
    sqlite3_stmt *kinds = th_store_prepare(store, kinds_sql, err);
    bool row = false;
    th_status status;

    if (!kinds)
        return TH_ERR_STORE;
    while ((status = th_store_step(store, kinds, &row, err)) == TH_OK && row) {
        const th_schema schema = {.kind = (const char *)sqlite3_column_text(kinds, 0)};
        status = remove_rows(store, article_id, &schema, err);
        if (status != TH_OK)
            break;
    }
    sqlite3_reset(kinds);
    if (status != TH_OK)
        return status;
    sqlite3_stmt *stmt = th_store_prepare(store, uncover_all_sql, err);
    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, article_id);
    return th_store_finish(store, stmt, err);
}

static th_status cover(th_store *store, int64_t article_id, int64_t plugin_id, const char *fingerprint,
                       const th_effort *effort, bool fresh, th_error *err)
{
    if (fresh && store->cover_count < sizeof store->covers / sizeof *store->covers && strlen(fingerprint) < TH_HASH_TEXT) {
        struct cover *c = &store->covers[store->cover_count++];
        *c = (struct cover){.plugin_id = plugin_id, .measured = effort != NULL};
        if (effort)
            c->effort = *effort;
        memcpy(c->fingerprint, fingerprint, strlen(fingerprint) + 1);
        return TH_OK;
    }
    sqlite3_stmt *stmt = th_store_prepare(store, cover_sql, err);

    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, article_id);
    sqlite3_bind_int64(stmt, 2, plugin_id);
    th_store_bind_text(stmt, 3, fingerprint);
    if (effort) {
        sqlite3_bind_int64(stmt, 4, effort->run_id);
        sqlite3_bind_int64(stmt, 5, effort->cpu_us);
        sqlite3_bind_int64(stmt, 6, effort->memory_kb);
    } else {
        for (int i = 4; i <= 6; i++)
            sqlite3_bind_null(stmt, i);
    }
    return th_store_finish(store, stmt, err);
}

static void give_cover(const struct batch *batch, size_t row, int column, sqlite3_context *out)
{
    const struct cover *c = (const struct cover *)batch->items + row;

    if (column == 2)
        sqlite3_result_text(out, c->fingerprint, -1, SQLITE_STATIC);
    else if (column < 2)
        sqlite3_result_int64(out, column == 0 ? batch->article_id : c->plugin_id);
    else if (c->measured)
        sqlite3_result_int64(out, column == 3 ? c->effort.run_id : column == 4 ? c->effort.cpu_us : c->effort.memory_kb);
}

th_status th_store_flush_coverage(th_store *store, th_error *err)
{
    const struct batch rows = {store->cover_count, store->covers, store->fresh_id, give_cover};

    store->fresh_id = 0;
    store->cover_count = 0;
    return th_store_batch_insert(store, cover_fresh_sql, &rows, err);
}

/* ---- writing records ---- */

static void give_value(sqlite3_context *out, th_type type, const th_value *value)
{
    if (value->is_null)
        sqlite3_result_null(out);
    else if (type == TH_INTEGER || type == TH_BOOLEAN)
        sqlite3_result_int64(out, value->integer);
    else if (type == TH_NUMBER)
        sqlite3_result_double(out, value->number);
    else
        sqlite3_result_text64(out, value->text.data ? value->text.data : "", value->text.len, SQLITE_STATIC, SQLITE_UTF8);
}

static void give_record(const struct batch *batch, size_t row, int column, sqlite3_context *out)
{
    const th_record *record = (const th_record *)batch->items + row;

    if (column == 0)
        sqlite3_result_int64(out, batch->article_id);
    else if (column < 3)
        sqlite3_result_int64(out, column == 1 ? record->start : record->stop);
    else
        give_value(out, record->schema->fields[column - 3].type, &record->values[column - 3]);
}

/* A value that its table refuses is the plugin's mistake, not the store's. */
static th_status refuse_record(const th_record *record, const char *field, const char *why, th_error *err)
{
    return th_error_set(err, TH_ERR_USAGE, "%s: a record at bytes %u–%u does not fit its table: %s%s%s", record->schema->kind,
                        (unsigned)record->start, (unsigned)record->stop, field, *field ? " " : "", why);
}

/* What the CHECKs of the kind's table say; see th_store_check_rows(). */
static th_status check_records(const th_schema *schema, const th_record *records, size_t count, th_error *err)
{
    for (size_t f = 0; f < schema->field_count; f++) {
        th_type type = schema->fields[f].type;
        if (type != TH_DATE && type != TH_BOOLEAN && type != TH_JSON)
            continue;
        for (size_t i = 0; i < count; i++) {
            const th_value *value = &records[i].values[f];
            const char *fault = value->is_null ? NULL : th_value_fault(type, value);
            if (fault)
                return refuse_record(&records[i], schema->fields[f].name, fault, err);
        }
    }
    return TH_OK;
}

static th_status insert_records(th_store *store, sqlite3_stmt *stmt, int64_t article_id, size_t count, th_error *err)
{
    const struct batch batch = {count, store->scratch, article_id, give_record};
    int code = th_store_batch_run(store, stmt, &batch);
    th_status status = TH_OK;

    if ((code & 0xFF) == SQLITE_CONSTRAINT)
        status = refuse_record(&store->scratch[store->batch_row], "", sqlite3_errmsg(store->db), err);
    else if (code != SQLITE_DONE)
        status = th_store_fail(store, code, err);
    sqlite3_reset(stmt);
    return status;
}

/* The records of one kind, sorted, in the store's scratch array. */
static th_status sort_kind(th_store *store, const th_records *records, const th_schema *schema, size_t *count,
                           th_error *err)
{
    if (store->scratch_cap < records->count) {
        th_record *scratch = realloc(store->scratch, records->count * sizeof *scratch);
        if (!scratch)
            return th_store_fail(store, SQLITE_NOMEM, err);
        store->scratch = scratch;
        store->scratch_cap = records->count;
    }
    *count = 0;
    bool sorted = true; /* as plugins mostly give them */
    for (size_t i = 0; i < records->count; i++) {
        const th_record *record = &records->items[i];
        if (record->schema != schema && strcmp(record->schema->kind, schema->kind) != 0)
            continue;
        sorted = sorted && (*count == 0 || th_record_compare(&store->scratch[*count - 1], record) <= 0);
        store->scratch[(*count)++] = *record;
    }
    if (!sorted)
        qsort(store->scratch, *count, sizeof *store->scratch, th_record_compare);
    return TH_OK;
}

static th_status write_kind(th_store *store, int64_t article_id, const th_schema *schema, const th_records *records,
                            th_error *err)
{
    size_t count = 0;
    th_status status = sort_kind(store, records, schema, &count, err);

    if (status != TH_OK || count == 0 || (status = check_records(schema, store->scratch, count, err)) != TH_OK)
        return status;
    struct record_table *table = table_of(store, schema->kind, err);
    sqlite3_stmt *stmt = table ? of_table(store, &table->insert, insert_text, schema, err) : NULL;
    return stmt ? insert_records(store, stmt, article_id, count, err) : TH_ERR_STORE;
}

th_status th_store_outdate(th_store *store, int64_t plugin_id, int64_t article_id, th_error *err)
{
    th_status status = th_store_flush_coverage(store, err);
    sqlite3_stmt *stmt = status == TH_OK ? th_store_prepare(store, outdate_sql, err) : NULL;

    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, plugin_id);
    sqlite3_bind_int64(stmt, 2, article_id);
    return th_store_finish(store, stmt, err);
}

th_status th_store_results_save(th_store *store, int64_t article_id, int64_t plugin_id, const char *fingerprint,
                                const th_effort *effort, const th_schema *const *schemas, size_t schema_count,
                                const th_records *records, th_error *err)
{
    bool covered = false, fresh = take_fresh(store, article_id, plugin_id);
    th_status status = fresh ? TH_OK : th_store_flush_coverage(store, err);

    if (status == TH_OK && !fresh)
        status = is_covered(store, article_id, plugin_id, &covered, err);

    if (status == TH_OK && covered) /* rows never stand without coverage */
        status = remove_all_rows(store, article_id, schemas, schema_count, err);
    for (size_t i = 0; i < schema_count && status == TH_OK; i++)
        status = write_kind(store, article_id, schemas[i], records, err);
    return status == TH_OK ? cover(store, article_id, plugin_id, fingerprint, effort, fresh, err) : status;
}

th_status th_store_results_drop(th_store *store, int64_t article_id, int64_t plugin_id,
                                const th_schema *const *schemas, size_t schema_count, th_error *err)
{
    th_status status = th_store_flush_coverage(store, err);

    if (status == TH_OK)
        status = remove_all_rows(store, article_id, schemas, schema_count, err);
    if (status != TH_OK)
        return status;
    sqlite3_stmt *stmt = th_store_prepare(store, uncover_sql, err);
    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, article_id);
    sqlite3_bind_int64(stmt, 2, plugin_id);
    return th_store_finish(store, stmt, err);
}

/* ---- reading records ---- */

static bool read_value(sqlite3_stmt *stmt, int column, th_type type, th_arena *arena, th_value *out)
{
    *out = (th_value){.is_null = sqlite3_column_type(stmt, column) == SQLITE_NULL};
    if (out->is_null)
        return true;
    if (type == TH_INTEGER || type == TH_BOOLEAN) {
        out->integer = sqlite3_column_int64(stmt, column);
    } else if (type == TH_NUMBER) {
        out->number = sqlite3_column_double(stmt, column);
    } else {
        const char *text = (const char *)sqlite3_column_text(stmt, column);
        out->text.len = (size_t)sqlite3_column_bytes(stmt, column);
        out->text.data = text ? th_arena_copy(arena, text, out->text.len) : NULL;
        return out->text.data != NULL;
    }
    return true;
}

static bool read_record(sqlite3_stmt *stmt, const th_schema *schema, th_arena *arena, th_records *out)
{
    th_value *values = th_arena_zalloc(arena, schema->field_count ? schema->field_count : 1, sizeof *values);

    if (!values)
        return false;
    for (size_t i = 0; i < schema->field_count; i++)
        if (!read_value(stmt, (int)i + 2, schema->fields[i].type, arena, &values[i]))
            return false;
    return th_records_add(out, arena, (th_record){.schema = schema,
                                                  .start = (uint32_t)sqlite3_column_int64(stmt, 0),
                                                  .stop = (uint32_t)sqlite3_column_int64(stmt, 1),
                                                  .values = values});
}

th_status th_store_records_get(th_store *store, int64_t article_id, const th_schema *schema, th_arena *arena,
                               th_records *out, th_error *err)
{
    struct record_table *table = table_of(store, schema->kind, err);
    sqlite3_stmt *stmt = table ? of_table(store, &table->select, select_text, schema, err) : NULL;
    bool row = false;
    th_status status;

    if (!stmt)
        return TH_ERR_STORE;
    sqlite3_bind_int64(stmt, 1, article_id);
    while ((status = th_store_step(store, stmt, &row, err)) == TH_OK && row)
        if (!read_record(stmt, schema, arena, out)) {
            sqlite3_reset(stmt);
            return th_store_fail(store, SQLITE_NOMEM, err);
        }
    return status;
}

/* ---- what is stale ---- */

static const char ids_sql[] = "SELECT id FROM article INDEXED BY \"article.hash\" ORDER BY id";
static const char coverage_sql[] = "SELECT article_id, plugin_id, fingerprint FROM coverage ORDER BY article_id";

/* The bit of a plugin whose coverage row is current; 0 when it is none of ours or stale. */
static uint64_t current_bit(sqlite3_stmt *stmt, const int64_t *plugin_ids, const char *const *fingerprints,
                            size_t count)
{
    int64_t id = sqlite3_column_int64(stmt, 1);

    for (size_t i = 0; i < count; i++)
        if (plugin_ids[i] == id)
            return strcmp((const char *)sqlite3_column_text(stmt, 2), fingerprints[i]) == 0 ? UINT64_C(1) << i : 0;
    return 0;
}

struct stale_list {
    th_stale *items;
    size_t count, cap;
};

static bool add_stale(struct stale_list *list, th_arena *arena, int64_t id, uint64_t plugins)
{
    th_stale *items = th_arena_grow(arena, list->items, list->count, &list->cap, sizeof *items);

    if (!items)
        return false;
    list->items = items;
    items[list->count++] = (th_stale){id, plugins};
    return true;
}

th_status th_store_stale(th_store *store, const int64_t *plugin_ids, const char *const *fingerprints, size_t count,
                         th_arena *arena, th_stale **out, size_t *out_count, th_error *err)
{
    th_status status = th_store_flush_coverage(store, err);
    sqlite3_stmt *ids = status == TH_OK ? th_store_prepare(store, ids_sql, err) : NULL;
    sqlite3_stmt *coverage = ids ? th_store_prepare(store, coverage_sql, err) : NULL;
    const uint64_t all = count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
    struct stale_list list = {0};
    bool article = false, covered = false;

    *out = NULL;
    *out_count = 0;
    if (!coverage)
        return TH_ERR_STORE;
    /* Both walk in order of article ids, side by side. */
    status = th_store_step(store, coverage, &covered, err);
    while (status == TH_OK && (status = th_store_step(store, ids, &article, err)) == TH_OK && article) {
        int64_t id = sqlite3_column_int64(ids, 0);
        uint64_t missing = all;
        while (status == TH_OK && covered && sqlite3_column_int64(coverage, 0) <= id) {
            if (sqlite3_column_int64(coverage, 0) == id)
                missing &= ~current_bit(coverage, plugin_ids, fingerprints, count);
            status = th_store_step(store, coverage, &covered, err);
        }
        if (status == TH_OK && missing && !add_stale(&list, arena, id, missing))
            status = th_store_fail(store, SQLITE_NOMEM, err);
    }
    sqlite3_reset(ids);
    sqlite3_reset(coverage);
    *out = list.items;
    *out_count = list.count;
    return status;
}
