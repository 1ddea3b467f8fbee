/* report.c - see report.h. */
#include "batch/report.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "text/json.h"

/* ---- from the store ---- */

typedef struct taker {
    th_arena *arena;
    th_run_info *run;
    size_t cap;
    bool failed;
} taker;

static const char *text_of(taker *t, const th_cell *cell)
{
    if (cell->type != TH_CELL_TEXT)
        return NULL;
    const char *copy = th_arena_copy(t->arena, cell->text, cell->len);
    t->failed |= !copy;
    return copy;
}

static int64_t number_of(const th_cell *cell)
{
    return cell->type == TH_CELL_INTEGER ? cell->integer : 0;
}

static const char run_sql[] =
    "SELECT id, coalesce(parent_id, 0), articles_loaded, articles_run, records, failures, attempts, exit_status, pid, command, job, slot, status, "
    "started_at, ended_at, message, host, versions, log, CAST(round((julianday(coalesce(ended_at, started_at)) - julianday(started_at)) * 86400) AS INTEGER), "
    "(SELECT s.versions FROM run s WHERE s.parent_id = run.id AND s.versions IS NOT NULL ORDER BY length(s.versions) DESC LIMIT 1) FROM run WHERE id = ?1";

static bool take_run(void *ctx, const char *const *names, const th_cell *v, size_t count)
{
    taker *t = ctx;
    (void)names;

    if (!v || count != 21)
        return true;
    *t->run = (th_run_info){.id = v[0].integer, .parent_id = number_of(&v[1]), .loaded = number_of(&v[2]), .articles = number_of(&v[3]),
                            .records = number_of(&v[4]), .failure_count = number_of(&v[5]), .attempts = number_of(&v[6]),
                            .exit_status = number_of(&v[7]), .pid = number_of(&v[8])};
    const char **texts[] = {&t->run->command, &t->run->job, &t->run->slot, &t->run->status, &t->run->started, &t->run->ended,
                            &t->run->message, &t->run->host, &t->run->versions, &t->run->log};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = text_of(t, &v[9 + i]);
    t->run->seconds = (double)number_of(&v[19]);
    if (!t->run->versions)
        t->run->versions = text_of(t, &v[20]);
    return true;
}

static const char failures_sql[] = "SELECT path, plugin, reason, message FROM failure WHERE run_id = ?1 OR run_id IN (SELECT id FROM run WHERE parent_id = ?1) "
                                   "ORDER BY id LIMIT ?2";

static bool take_failure(void *ctx, const char *const *names, const th_cell *v, size_t count)
{
    taker *t = ctx;
    (void)names;

    if (!v || count != 4)
        return true;
    void *grown = th_arena_grow(t->arena, t->run->failures, t->run->failures_read, &t->cap, sizeof *t->run->failures);
    if (!grown) {
        t->failed = true;
        return false;
    }
    t->run->failures = grown;
    t->run->failures[t->run->failures_read++] = (th_run_failure){text_of(t, &v[0]), text_of(t, &v[1]), text_of(t, &v[2]), text_of(t, &v[3])};
    return true;
}

th_status th_run_read(th_store *store, int64_t id, th_arena *arena, th_run_info *out, th_error *err)
{
    taker t = {.arena = arena, .run = out};
    const th_cell params[] = {{.type = TH_CELL_INTEGER, .integer = id}, {.type = TH_CELL_INTEGER, .integer = TH_FAILURES_SHOWN}};

    *out = (th_run_info){0};
    th_status status = th_store_query(store, run_sql, params, 1, take_run, &t, err);
    if (status == TH_OK && !out->id)
        return th_error_set(err, TH_ERR_MISSING, "there is no run %lld; `talenthost runs` lists them", (long long)id);
    if (status == TH_OK)
        status = th_store_query(store, failures_sql, params, 2, take_failure, &t, err);
    return status == TH_OK && t.failed ? th_error_set(err, TH_ERR_NOMEM, "out of memory") : status;
}

/* ---- JSON ---- */

void th_run_json(const th_run_info *r, bool whole, th_str *out)
{
    th_str_addf(out, "{\"id\":%lld", (long long)r->id);
    th_json_member(out, "job", r->job);
    th_json_member(out, "command", r->command);
    th_json_member(out, "status", r->status);
    th_json_member(out, "slot", r->slot);
    th_json_member(out, "started_at", r->started);
    th_json_member(out, "ended_at", r->ended);
    th_str_addf(out, ",\"seconds\":%g,\"articles_loaded\":%lld,\"articles_run\":%lld,\"records\":%lld,\"failures\":%lld,\"attempts\":%lld,\"exit_status\":%lld",
                r->seconds, (long long)r->loaded, (long long)r->articles, (long long)r->records, (long long)r->failure_count, (long long)r->attempts,
                (long long)r->exit_status);
    th_json_member(out, "message", r->message);
    th_str_addf(out, ",\"pid\":%lld", (long long)r->pid);
    th_json_member(out, "host", r->host);
    th_str_addf(out, ",\"versions\":%s", r->versions ? r->versions : "null");
    if (whole) {
        th_json_member(out, "log", r->log);
        th_str_puts(out, ",\"failed\":[");
        for (size_t i = 0; i < r->failures_read; i++) {
            th_str_puts(out, i ? ",{\"reason\":" : "{\"reason\":");
            th_json_text(out, r->failures[i].reason, strlen(r->failures[i].reason));
            th_json_member(out, "path", r->failures[i].path);
            th_json_member(out, "plugin", r->failures[i].plugin);
            th_json_member(out, "message", r->failures[i].message);
            th_str_putc(out, '}');
        }
        th_str_putc(out, ']');
    }
    th_str_putc(out, '}');
}

static void write_json(const th_run_info *runs, size_t count, th_str *out)
{
    th_str_puts(out, "{\"runs\":[");
    for (size_t i = 0; i < count; i++) {
        if (i)
            th_str_puts(out, ",\n");
        th_run_json(&runs[i], true, out);
    }
    th_str_puts(out, "]}\n");
}

/* ---- Prometheus ---- */

static const char *name_of(const th_run_info *r)
{
    static const char *const verbs[] = {"load", "merge"};

    if (r->job)
        return r->job;
    for (size_t i = 0; r->command && i < sizeof verbs / sizeof *verbs; i++)
        if (strncmp(r->command, verbs[i], strlen(verbs[i])) == 0)
            return verbs[i];
    return "run";
}

/* When it was over, in seconds since 1970; "2026-01-31T08:00:00Z". */
static int64_t end_time(const th_run_info *r)
{
    struct tm tm = {0};

    return r->ended && strptime(r->ended, "%Y-%m-%dT%H:%M:%SZ", &tm) ? (int64_t)timegm(&tm) : 0;
}

static bool is_well(const th_run_info *r)
{
    return r->status && strcmp(r->status, "ok") == 0;
}

static void write_prom(const th_run_info *runs, size_t count, th_str *out)
{
    static const struct {
        const char *name, *help;
    } metrics[] = {
        {"success", "1 when the last run went well"},   {"exit_status", "Exit status of the last run"},
        {"end_time_seconds", "When the last run was over"}, {"duration_seconds", "How long the last run took"},
        {"attempts", "Attempts of the last run"},       {"articles_loaded", "Articles read from files"},
        {"articles_run", "Articles plugins ran on"},    {"records", "Records written"},
        {"failures", "Articles, files and plugins that failed"},
    };

    for (size_t m = 0; m < sizeof metrics / sizeof *metrics; m++) {
        th_str_addf(out, "# HELP talenthost_run_%s %s\n# TYPE talenthost_run_%s gauge\n", metrics[m].name, metrics[m].help, metrics[m].name);
        for (size_t i = 0; i < count; i++) {
            const th_run_info *r = &runs[i];
            const double values[] = {is_well(r), (double)r->exit_status, (double)end_time(r), r->seconds,
                                     (double)r->attempts, (double)r->loaded, (double)r->articles, (double)r->records, (double)r->failure_count};
            th_str_addf(out, "talenthost_run_%s{job=\"%s\"} %.15g\n", metrics[m].name, name_of(r), values[m]);
        }
    }
}

/* ---- JUnit ---- */

/* Text in XML 1.0, which has no way to write most control characters. */
static void xml_text(th_str *out, const char *text)
{
    for (; text && *text; text++)
        switch (*text) {
        case '<': th_str_puts(out, "&lt;"); break;
        case '>': th_str_puts(out, "&gt;"); break;
        case '&': th_str_puts(out, "&amp;"); break;
        case '"': th_str_puts(out, "&quot;"); break;
        case '\n': th_str_puts(out, "&#10;"); break;
        case '\t': th_str_puts(out, "&#9;"); break;
        default: th_str_putc(out, (unsigned char)*text < ' ' ? ' ' : *text);
        }
}

/* The run itself is a case, and each failure is one. */
static void write_suite(const th_run_info *r, th_str *out)
{
    bool skipped = r->status && (strcmp(r->status, "skipped") == 0 || strcmp(r->status, "missed") == 0);

    th_str_addf(out, "  <testsuite name=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"%d\" skipped=\"%d\" time=\"%g\"", name_of(r), r->failures_read + 1,
                r->failures_read, !is_well(r) && !skipped, skipped, r->seconds);
    if (r->started)
        th_str_addf(out, " timestamp=\"%.19s\"", r->started);
    th_str_addf(out, ">\n    <testcase classname=\"talenthost\" name=\"%s\" time=\"%g\"", name_of(r), r->seconds);
    if (is_well(r)) {
        th_str_puts(out, "/>\n");
    } else {
        th_str_addf(out, "><%s message=\"", skipped ? "skipped" : "error");
        xml_text(out, r->message ? r->message : r->status);
        th_str_puts(out, "\"/></testcase>\n");
    }
    for (size_t i = 0; i < r->failures_read; i++) {
        const th_run_failure *f = &r->failures[i];
        th_str_puts(out, "    <testcase classname=\"");
        xml_text(out, f->plugin ? f->plugin : "load");
        th_str_puts(out, "\" name=\"");
        xml_text(out, f->path ? f->path : f->plugin);
        th_str_puts(out, "\"><failure type=\"");
        xml_text(out, f->reason);
        th_str_puts(out, "\" message=\"");
        xml_text(out, f->message);
        th_str_puts(out, "\"/></testcase>\n");
    }
    th_str_puts(out, "  </testsuite>\n");
}

static void write_junit(const th_run_info *runs, size_t count, th_str *out)
{
    th_str_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"talenthost\">\n");
    for (size_t i = 0; i < count; i++)
        write_suite(&runs[i], out);
    th_str_puts(out, "</testsuites>\n");
}

/* ---- files ---- */

static const struct format {
    const char *ending, *name;
    void (*write)(const th_run_info *runs, size_t count, th_str *out);
} formats[] = {{".json", "json", write_json}, {".prom", "prom", write_prom}, {".xml", "xml", write_junit}};

static const struct format *format_of(const char *file)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (th_path_ends(file, formats[i].ending))
            return &formats[i];
    return NULL;
}

const char *th_report_format_of(const char *file)
{
    const struct format *f = format_of(file);

    return f ? f->name : NULL;
}

th_status th_report_write(const char *file, const th_run_info *runs, size_t count, th_error *err)
{
    th_str text = {0};

    format_of(file)->write(runs, count, &text);
    th_status status = th_file_replace(file, &text, err);
    th_str_free(&text);
    return status;
}
