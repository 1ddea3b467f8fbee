/* cmd_runs.c - `talenthost runs`: the history of runs. */
#include <stdlib.h>
#include <string.h>

#include "batch/report.h"
#include "cli/cli.h"

typedef struct listing {
    th_table *table;
    bool failed;
} listing;

static bool add_row(void *ctx, const char *const *names, const th_cell *v, size_t count)
{
    listing *l = ctx;
    (void)names;

    if (!v)
        return true;
    l->failed = !th_cli_add_row(l->table, v, count);
    return !l->failed;
}

/* Steps of jobs are left out: the job has their sums. Newest first. */
static const char list_sql[] =
    "SELECT id, coalesce(job, command), status, started_at, "
    "CAST(round((julianday(ended_at) - julianday(started_at)) * 86400) AS INTEGER), articles_loaded, articles_run, records, failures, attempts, slot, message "
    "FROM run WHERE parent_id IS NULL ORDER BY id DESC LIMIT ?1";

static int list(th_cli *cli, th_store *store)
{
    static const char *const names[] = {"id", "job", "status", "started", "seconds", "loaded", "articles", "records", "failures", "attempts", "for", "message"};
    const th_cell limit = {.type = TH_CELL_INTEGER, .integer = cli->filter.limit ? (int64_t)cli->filter.limit : 50};
    listing l = {.table = th_cli_table(cli, names, 12)};
    th_error err = {0};
    int status = EXIT_WELL;

    if (!l.table)
        return th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    if (th_store_query(store, list_sql, &limit, 1, add_row, &l, &err) != TH_OK)
        status = th_cli_fail(&err);
    else
        status = l.failed ? th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"}) : th_cli_print_table(cli, l.table, EXIT_WELL);
    th_table_free(l.table);
    return status;
}

static void add_line(th_str *out, const char *name, const char *value)
{
    if (value && *value)
        th_str_addf(out, "%-9s %s\n", name, value);
}

static void print_run(const th_run_info *r, th_str *out)
{
    th_str_addf(out, "run       %lld\n", (long long)r->id);
    add_line(out, "job", r->job);
    add_line(out, "command", r->command);
    add_line(out, "status", r->status);
    add_line(out, "for", r->slot);
    add_line(out, "started", r->started);
    add_line(out, "ended", r->ended);
    if (r->parent_id)
        th_str_addf(out, "step of   run %lld\n", (long long)r->parent_id);
    if (r->pid)
        th_str_addf(out, "process   %lld%s%s\n", (long long)r->pid, r->host ? " on " : "", r->host ? r->host : "");
    if (r->attempts)
        th_str_addf(out, "attempts  %lld\n", (long long)r->attempts);
    if (r->exit_status)
        th_str_addf(out, "exit      %lld\n", (long long)r->exit_status);
    th_str_addf(out, "articles  %lld loaded, plugins ran on %lld; %lld records, %lld failures\n", (long long)r->loaded, (long long)r->articles,
                (long long)r->records, (long long)r->failure_count);
    add_line(out, "versions", r->versions);
    add_line(out, "message", r->message);
    for (size_t i = 0; i < r->failures_read; i++) {
        const th_run_failure *f = &r->failures[i];
        th_str_addf(out, "%s  %s%s%s: %s: %s\n", i ? "" : "failures:\n", f->plugin ? f->plugin : "load", f->path ? " " : "", f->path ? f->path : "",
                    f->reason, f->message);
    }
    if (r->failure_count > (int64_t)r->failures_read)
        th_str_addf(out, "  … %lld more, or no longer kept\n", (long long)(r->failure_count - (int64_t)r->failures_read));
    if (r->log && *r->log)
        th_str_addf(out, "log:\n%s", r->log);
}

static int show(th_cli *cli, th_store *store)
{
    th_run_info run;
    th_error err = {0};
    th_str out = {0};
    char *end;
    long long id = strtoll(cli->args[0], &end, 10);

    if (*end || id <= 0)
        return th_cli_misuse(cli, "expected the number of a run, got \"%s\"", cli->args[0]);
    if (th_run_read(store, id, cli->arena, &run, &err) != TH_OK)
        return th_cli_fail(&err);
    if (cli->json) {
        th_run_json(&run, true, &out);
        th_str_putc(&out, '\n');
    } else {
        print_run(&run, &out);
    }
    int status = th_str_ok(&out) ? th_cli_emit(&out, EXIT_WELL) : th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    th_str_free(&out);
    return status;
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_store *store = NULL;

    if (cli->arg_count > 1)
        return th_cli_misuse(cli, "one run at a time");
    if (th_cli_open_store(cli, &store, &err) != TH_OK)
        return th_cli_fail(&err);
    int status = cli->arg_count ? show(cli, store) : list(cli, store);
    th_store_close(store);
    return status;
}

const th_command th_cmd_runs = {
    "runs",
    "[ID]",
    "the history of runs",
    "Lists the last 50 runs (--limit N), newest first, with what they did: status is running, ok, failed, interrupted (its process was ended before it), refused\n"
    "(another process wrote to the store), missed (nothing ran at that time of the schedule) or skipped (a job it needs failed). ID shows one of them with its failures,\n"
    "versions and log. keep: in config.yaml says how long runs are kept.",
    OPT_STORE | OPT_CONFIG | OPT_CSV | OPT_JSON | OPT_LIMIT,
    run,
};
