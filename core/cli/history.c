/* history.c - see history.h. A store that was made by an older version lacks some columns: what can not be asked is left out. */
#include "cli/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/json.h"

/* Where the cells of a row go. */
typedef void (*row_fn)(th_str *out, const char *const *names, const th_cell *values, size_t count);

typedef struct sink {
    th_str *out;
    row_fn fn;
    size_t rows;
} sink;

static bool take(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    sink *s = ctx;

    if (values) {
        s->fn(s->out, names, values, count);
        s->rows++;
    }
    return true;
}

/* Ask with up to two parameters; the number of rows, 0 when the question can not be asked of this store. */
static size_t ask(th_store *store, const char *sql, const th_cell *params, size_t count, row_fn fn, th_str *out)
{
    sink s = {out, fn, 0};
    th_error ignored = {0};

    return th_store_query(store, sql, params, count, take, &s, &ignored) == TH_OK ? s.rows : 0;
}

static th_cell text_cell(const char *text)
{
    return (th_cell){.type = TH_CELL_TEXT, .text = text, .len = strlen(text)};
}

static double number(const th_cell *cell)
{
    return cell->type == TH_CELL_INTEGER ? (double)cell->integer : cell->type == TH_CELL_NUMBER ? cell->number : 0;
}

/* ---- of a plugin ---- */

static void add_covered(th_str *out, const char *const *names, const th_cell *v, size_t count)
{
    (void)names;
    (void)count;
    th_str_addf(out, "covers %lld of %lld articles", (long long)v[0].integer, (long long)v[1].integer);
    if (v[2].integer)
        th_str_addf(out, ", %lld of them in an older state", (long long)v[2].integer);
    th_str_putc(out, '\n');
}

static void add_effort(th_str *out, const char *const *names, const th_cell *v, size_t count)
{
    (void)names;
    (void)count;
    if (v[0].type != TH_CELL_NULL)
        th_str_addf(out, "takes %.2f ms an article, 95 in 100 at most %.2f ms, %.2f ms at most; up to %.0f kB of memory\n", number(&v[0]) / 1e3,
                    number(&v[2]) / 1e3, number(&v[1]) / 1e3, number(&v[3]));
}

static void add_failure(th_str *out, const char *const *names, const th_cell *v, size_t count)
{
    (void)names;
    (void)count;
    th_str_addf(out, "failed %lld time%s: %.*s, last: %.*s\n", (long long)v[1].integer, v[1].integer == 1 ? "" : "s", (int)v[0].len, v[0].text,
                (int)v[2].len, v[2].text);
}

static void add_kind(th_str *out, const char *const *names, const th_cell *v, size_t count)
{
    (void)names;
    (void)count;
    th_str_addf(out, "%.*s\n", (int)v[0].len, v[0].text);
}

/* One line a kind with its number of rows. */
static void add_kinds(th_store *store, const th_cell *name, th_str *out)
{
    th_str kinds = {0};

    ask(store, "SELECT kind.name FROM kind JOIN plugin ON plugin.id = plugin_id WHERE plugin.name = ?1 ORDER BY 1", name, 1, add_kind, &kinds);
    for (const char *p = th_str_text(&kinds); *p;) {
        char sql[256];
        size_t len = strcspn(p, "\n");
        snprintf(sql, sizeof sql, "SELECT '%.*s: ' || count(*) || ' rows on ' || count(DISTINCT article_id) || ' articles' FROM \"%.*s\"", (int)len, p,
                 (int)len, p); /* a plain word: the store made it a table */
        ask(store, sql, NULL, 0, add_kind, out);
        p += len + (p[len] == '\n');
    }
    th_str_free(&kinds);
}

void th_history_plugin(th_store *store, const char *name, th_str *out)
{
    th_cell param = text_cell(name);

    ask(store,
        "SELECT count(*), (SELECT count(*) FROM article), sum(coverage.fingerprint <> plugin.fingerprint) FROM coverage "
        "JOIN plugin ON plugin.id = plugin_id WHERE name = ?1 HAVING count(*) > 0",
        &param, 1, add_covered, out);
    add_kinds(store, &param, out);
    ask(store,
        "WITH t AS (SELECT cpu_us, memory_kb, cume_dist() OVER (ORDER BY cpu_us) AS share FROM coverage JOIN plugin ON plugin.id = plugin_id "
        "WHERE name = ?1 AND cpu_us IS NOT NULL) SELECT avg(cpu_us), max(cpu_us), min(cpu_us) FILTER (WHERE share >= 0.95), max(memory_kb) FROM t",
        &param, 1, add_effort, out);
    ask(store,
        "SELECT reason, count(*), (SELECT message FROM failure b WHERE b.plugin = a.plugin AND b.reason = a.reason ORDER BY id DESC LIMIT 1) "
        "FROM failure a WHERE plugin = ?1 GROUP BY reason ORDER BY 2 DESC, 1",
        &param, 1, add_failure, out);
}

/* ---- of an article's rows ---- */

static void add_line(th_str *out, const char *const *names, const th_cell *v, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (v[i].type == TH_CELL_NULL)
            continue;
        th_str_addf(out, "%-8s ", names[i]);
        if (v[i].type == TH_CELL_TEXT)
            th_str_add(out, v[i].text, v[i].len);
        else
            th_str_addf(out, "%g", number(&v[i]));
        th_str_putc(out, '\n');
    }
}

static void add_members(th_str *out, const char *const *names, const th_cell *v, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        th_str_addf(out, ",\"%s\":", names[i]);
        if (v[i].type == TH_CELL_TEXT)
            th_json_text(out, v[i].text, v[i].len);
        else if (v[i].type == TH_CELL_NULL)
            th_str_puts(out, "null");
        else
            th_json_number(out, number(&v[i]));
    }
}

void th_history_rows(th_store *store, int64_t article_id, const char *name, bool json, th_str *out)
{
    static const char full[] =
        "SELECT coverage.run_id || '  ' || run.started_at || '  ' || run.command AS run, "
        "round(cpu_us / 1e3, 2) || ' ms CPU, ' || memory_kb || ' kB' AS cost, coverage.fingerprint AS state, provenance.source_hash AS source, "
        "nullif(provenance.data, '{}') AS data, nullif(provenance.needs, '{}') AS needs, nullif(provenance.settings, '{}') AS settings, "
        "provenance.text_version AS core FROM coverage JOIN plugin ON plugin.id = plugin_id LEFT JOIN run ON run.id = coverage.run_id "
        "LEFT JOIN provenance ON provenance.fingerprint = coverage.fingerprint WHERE article_id = ?1 AND plugin.name = ?2";
    static const char plain[] = "SELECT coverage.fingerprint AS state FROM coverage JOIN plugin ON plugin.id = plugin_id "
                                "WHERE article_id = ?1 AND name = ?2";
    th_cell params[] = {{.type = TH_CELL_INTEGER, .integer = article_id}, text_cell(name)};
    row_fn fn = json ? add_members : add_line;

    if (!ask(store, full, params, 2, fn, out))
        ask(store, plain, params, 2, fn, out);
}
