/* replay.c - the rows of a finished store written again by SQLite alone, as an expert would: the same tables and indexes, prepared
 * statements bound by place, WAL, NORMAL, batches. What the store's writer is measured against.
 *
 * usage: bench_replay STORE OUT
 *
 * Rows are read into memory, so many articles at a time, while the clock stands still; each article's rows are then written one
 * after the other. Prints one line of JSON. */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHUNK = 2048 /* articles in memory */, BATCH = 256 /* articles in a transaction */, TABLES = 64, COLUMNS = 96 };

typedef struct value {
    int type; /* of SQLite */
    int len;
    union {
        sqlite3_int64 integer;
        double number;
        size_t at; /* in the table's bytes */
    } as;
} value;

typedef struct table {
    char *name;
    const char *key; /* the column that names the article */
    int columns;
    bool is_record;
    sqlite3_stmt *read, *write;
    value *values; /* the rows of the chunk */
    sqlite3_int64 *owners; /* the article of each row */
    size_t rows, row_cap, next;
    char *bytes;
    size_t byte_count, byte_cap;
} table;

typedef struct replay {
    sqlite3 *from, *to;
    table tables[TABLES];
    size_t count;
    sqlite3_int64 articles, rows, records;
    double seconds, cpu;
} replay;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "bench_replay: %s\n", what);
    exit(1);
}

static void check(sqlite3 *db, int code)
{
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        die(sqlite3_errmsg(db));
}

static void run(sqlite3 *db, const char *sql)
{
    check(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;

    check(db, sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL));
    return stmt;
}

static void *grow(void *items, size_t *cap, size_t wanted, size_t size)
{
    if (wanted <= *cap)
        return items;
    while (*cap < wanted)
        *cap = *cap ? *cap * 2 : 1024;
    if (!(items = realloc(items, *cap * size)))
        die("out of memory");
    return items;
}

static double clock_now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- tables ---- */

/* The same tables and indexes, in the order they were made. */
static void copy_schema(replay *r)
{
    sqlite3_stmt *stmt = prepare(r->from, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid");

    while (sqlite3_step(stmt) == SQLITE_ROW)
        run(r->to, (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
}

/* Rows of `name` that belong to an article: `key` is the expression that gives its id. */
static void add_table(replay *r, const char *name, const char *key, const char *from, bool is_record)
{
    table *t = &r->tables[r->count++];
    char sql[1024];

    if (r->count == TABLES)
        die("too many tables");
    *t = (table){.name = strdup(name), .is_record = is_record};
    snprintf(sql, sizeof sql, "SELECT %s, \"%s\".* FROM %s WHERE %s BETWEEN ?1 AND ?2 ORDER BY %s, \"%s\".%s", key, name, from, key, key, name,
             is_record ? "id" : strcmp(name, "coverage") == 0 ? "plugin_id" : "article_id");
    if (strcmp(name, "article") == 0 || strcmp(name, "file") == 0)
        snprintf(sql, sizeof sql, "SELECT %s, \"%s\".* FROM %s WHERE %s BETWEEN ?1 AND ?2 ORDER BY %s", key, name, from, key, key);
    t->read = prepare(r->from, sql);
    t->columns = sqlite3_column_count(t->read) - 1;
    if (t->columns > COLUMNS)
        die("too many columns");
    int len = snprintf(sql, sizeof sql, "INSERT INTO \"%s\" VALUES (", name);
    for (int i = 0; i < t->columns; i++)
        len += snprintf(sql + len, sizeof sql - (size_t)len, "%s?", i ? "," : "");
    snprintf(sql + len, sizeof sql - (size_t)len, ")");
    t->write = prepare(r->to, sql);
}

static void list_tables(replay *r)
{
    static const char *const parts[] = {"block", "sentence", "dropped", "warning", "sketch"};

    add_table(r, "article", "article.id", "article", false);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char key[64];
        snprintf(key, sizeof key, "%s.article_id", parts[i]);
        add_table(r, parts[i], key, parts[i], false);
    }
    sqlite3_stmt *kinds = prepare(r->from, "SELECT name FROM kind ORDER BY plugin_id, name");
    while (sqlite3_step(kinds) == SQLITE_ROW) {
        char key[256], from[256];
        const char *name = (const char *)sqlite3_column_text(kinds, 0);
        snprintf(key, sizeof key, "\"%s\".article_id", name);
        snprintf(from, sizeof from, "\"%s\"", name);
        add_table(r, name, key, from, true);
    }
    sqlite3_finalize(kinds);
    add_table(r, "coverage", "coverage.article_id", "coverage", false);
    add_table(r, "file", "article.id", "article JOIN file ON file.path = article.path", false);
}

/* ---- rows ---- */

static void keep_value(table *t, value *v, int column)
{
    v->type = sqlite3_column_type(t->read, column);
    if (v->type == SQLITE_INTEGER) {
        v->as.integer = sqlite3_column_int64(t->read, column);
    } else if (v->type == SQLITE_FLOAT) {
        v->as.number = sqlite3_column_double(t->read, column);
    } else if (v->type != SQLITE_NULL) {
        const void *data = v->type == SQLITE_TEXT ? (const void *)sqlite3_column_text(t->read, column) : sqlite3_column_blob(t->read, column);
        v->len = sqlite3_column_bytes(t->read, column);
        t->bytes = grow(t->bytes, &t->byte_cap, t->byte_count + (size_t)v->len + 1, 1);
        v->as.at = t->byte_count;
        if (v->len)
            memcpy(t->bytes + t->byte_count, data, (size_t)v->len);
        t->byte_count += (size_t)v->len;
    }
}

static void read_rows(replay *r, table *t, sqlite3_int64 first, sqlite3_int64 last)
{
    size_t value_cap = t->row_cap * (size_t)t->columns, owner_cap = t->row_cap;
    int code;

    t->rows = t->next = t->byte_count = 0;
    sqlite3_reset(t->read);
    sqlite3_bind_int64(t->read, 1, first);
    sqlite3_bind_int64(t->read, 2, last);
    while ((code = sqlite3_step(t->read)) == SQLITE_ROW) {
        t->values = grow(t->values, &value_cap, (t->rows + 1) * (size_t)t->columns, sizeof *t->values);
        t->owners = grow(t->owners, &owner_cap, t->rows + 1, sizeof *t->owners);
        t->owners[t->rows] = sqlite3_column_int64(t->read, 0);
        for (int i = 0; i < t->columns; i++)
            keep_value(t, &t->values[t->rows * (size_t)t->columns + (size_t)i], i + 1);
        t->rows++;
    }
    check(r->from, code);
    t->row_cap = owner_cap < value_cap / (size_t)t->columns ? owner_cap : value_cap / (size_t)t->columns;
}

static void write_row(replay *r, table *t)
{
    const value *values = &t->values[t->next++ * (size_t)t->columns];

    for (int i = 0; i < t->columns; i++) {
        const value *v = &values[i];
        if (v->type == SQLITE_INTEGER)
            sqlite3_bind_int64(t->write, i + 1, v->as.integer);
        else if (v->type == SQLITE_FLOAT)
            sqlite3_bind_double(t->write, i + 1, v->as.number);
        else if (v->type == SQLITE_TEXT)
            sqlite3_bind_text(t->write, i + 1, t->bytes + v->as.at, v->len, SQLITE_STATIC);
        else if (v->type == SQLITE_BLOB)
            sqlite3_bind_blob(t->write, i + 1, t->bytes + v->as.at, v->len, SQLITE_STATIC);
        else
            sqlite3_bind_null(t->write, i + 1);
    }
    check(r->to, sqlite3_step(t->write));
    check(r->to, sqlite3_reset(t->write));
    r->rows++;
    r->records += t->is_record;
}

static void write_chunk(replay *r, sqlite3_int64 first, sqlite3_int64 last)
{
    double start = clock_now(CLOCK_MONOTONIC), cpu = clock_now(CLOCK_PROCESS_CPUTIME_ID);

    for (sqlite3_int64 id = first, in_batch = 0; id <= last; id++) {
        if (in_batch == 0)
            run(r->to, "BEGIN IMMEDIATE");
        for (size_t i = 0; i < r->count; i++) {
            table *t = &r->tables[i];
            while (t->next < t->rows && t->owners[t->next] == id) {
                r->articles += i == 0;
                write_row(r, t);
            }
        }
        if (++in_batch == BATCH || id == last) {
            run(r->to, "COMMIT");
            in_batch = 0;
        }
    }
    r->seconds += clock_now(CLOCK_MONOTONIC) - start;
    r->cpu += clock_now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
}

int main(int argc, char **argv)
{
    static replay r;

    if (argc != 3)
        die("usage: bench_replay STORE OUT");
    check(r.from, sqlite3_open_v2(argv[1], &r.from, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL));
    check(r.to, sqlite3_open_v2(argv[2], &r.to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL));
    run(r.to, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-32768");
    copy_schema(&r);
    list_tables(&r);
    sqlite3_stmt *last = prepare(r.from, "SELECT coalesce(max(id), 0) FROM article");
    sqlite3_step(last);
    sqlite3_int64 count = sqlite3_column_int64(last, 0);
    sqlite3_finalize(last);
    for (sqlite3_int64 first = 1; first <= count; first += CHUNK) {
        sqlite3_int64 end = first + CHUNK - 1 < count ? first + CHUNK - 1 : count;
        for (size_t i = 0; i < r.count; i++)
            read_rows(&r, &r.tables[i], first, end);
        write_chunk(&r, first, end);
    }
    for (size_t i = 0; i < r.count; i++)
        sqlite3_finalize(r.tables[i].write);
    double start = clock_now(CLOCK_MONOTONIC), cpu = clock_now(CLOCK_PROCESS_CPUTIME_ID);
    check(r.to, sqlite3_close(r.to)); /* brings the log into the database, as the end of a run does */
    r.seconds += clock_now(CLOCK_MONOTONIC) - start;
    r.cpu += clock_now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("{\"articles\":%lld,\"rows\":%lld,\"records\":%lld,\"seconds\":%.6f,\"cpu_s\":%.6f}\n", r.articles, r.rows, r.records, r.seconds, r.cpu);
    return 0;
}
