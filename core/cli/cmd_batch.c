/* cmd_batch.c - `talenthost batch`: run jobs of config.yaml. */
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/zone.h"
#include "batch/report.h"
#include "batch/units.h"
#include "cli/batch.h"

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    stopped = signal_number;
}

bool th_cli_batch_options(th_cli *cli, th_batch_options *out)
{
    char program[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    const char **common = th_arena_zalloc(cli->arena, 5, sizeof *common);
    size_t n = 0;

    if (len < 0 || !common)
        return false;
    if (cli->config_file) {
        common[n++] = "--config";
        common[n++] = cli->config_file;
    }
    if (cli->store) {
        common[n++] = "--store";
        common[n++] = cli->store;
    }
    *out = (th_batch_options){.config = &cli->config, .program = th_arena_copy(cli->arena, program, (size_t)len), .common = common, .common_count = n,
                              .command = cli->line, .wait_s = cli->wait_s, .quiet = cli->quiet, .now = th_cli_now, .stop = &stopped};
    return out->program != NULL;
}

/* ---- after it ---- */

static int write_report(th_cli *cli, const th_batch_outcome *done, size_t count, int status)
{
    int64_t *ids = th_arena_zalloc(cli->arena, count + 1, sizeof *ids);
    th_run_info *failed = th_arena_zalloc(cli->arena, count + 1, sizeof *failed);
    size_t id_count = 0, failed_count = 0;
    char now[TH_UTC_TEXT];

    th_utc_write(time(NULL), now);
    for (size_t i = 0; ids && failed && i < count; i++) {
        if (done[i].run_id)
            ids[id_count++] = done[i].run_id;
        else
            failed[failed_count++] = (th_run_info){.command = cli->line, .job = done[i].job->name, .status = done[i].status,
                                                   .message = done[i].message, .started = now, .ended = now,
                                                   .exit_status = done[i].exit_status};
    }
    return ids && failed ? th_cli_report(cli, ids, id_count, failed, failed_count, status) : status;
}

static void print_json(const th_batch_outcome *done, size_t count, th_str *out)
{
    th_str_puts(out, "{\"jobs\":[");
    for (size_t i = 0; i < count; i++) {
        th_str summary = {0};
        th_batch_summary(&done[i], &summary);
        th_str_addf(out, "%s{\"job\":\"%s\",\"status\":\"%s\",\"run\":%lld,\"attempts\":%zu,\"exit_status\":%d,\"articles_loaded\":%lld,"
                         "\"articles_run\":%lld,\"records\":%lld,\"failures\":%lld,\"seconds\":%.3f,\"message\":", i ? "," : "", done[i].job->name,
                    done[i].status, (long long)done[i].run_id, done[i].attempts, done[i].exit_status, (long long)done[i].loaded,
                    (long long)done[i].articles, (long long)done[i].records, (long long)done[i].failures, done[i].seconds);
        th_json_text(out, done[i].message, strlen(done[i].message));
        th_str_puts(out, ",\"summary\":");
        th_json_text(out, th_str_text(&summary), summary.len);
        th_str_putc(out, '}');
        th_str_free(&summary);
    }
    th_str_puts(out, "]}\n");
}

int th_cli_batch_run(th_cli *cli, const th_batch_options *options, const th_batch_plan *plan, bool *still_due)
{
    th_batch_outcome *done = th_arena_zalloc(cli->arena, plan->count + 1, sizeof *done);
    size_t ran = 0;
    int status = EXIT_WELL;
    th_str text = {0};

    if (!done)
        return th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    th_batch_run(options, plan, done, &ran);
    for (size_t i = 0; i < ran; i++) {
        bool well = strcmp(done[i].status, "ok") == 0;
        if (still_due)
            *still_due |= done[i].still_due;
        th_str_clear(&text);
        th_batch_summary(&done[i], &text);
        th_log(well ? TH_LOG_INFO : TH_LOG_ERROR, "%s", th_str_text(&text));
        if (!well && status != EXIT_USAGE)
            status = done[i].exit_status == EXIT_USAGE ? EXIT_USAGE : EXIT_SOME_FAILED;
    }
    if (ran < plan->count && status == EXIT_WELL)
        status = EXIT_SOME_FAILED;
    if (cli->json) {
        th_str_clear(&text);
        print_json(done, ran, &text);
        status = th_cli_emit(&text, status);
    }
    th_str_free(&text);
    return write_report(cli, done, ran, status);
}

/* ---- --dry-run ---- */

static int show_plan(th_cli *cli, const th_batch_options *options, const th_batch_plan *plan)
{
    th_str out = {0};

    for (size_t i = 0; i < plan->count; i++) {
        const th_batch_item *item = &plan->items[i];
        const char *const *const *steps = th_batch_steps(options, item->job, cli->arena);
        char slot[TH_ZONE_TEXT] = "";
        if (item->last)
            th_zone_write(th_job_zone(options->config, item->job), item->last, slot);
        th_str_addf(&out, "%s%s%s\n", item->job->name, *slot ? "  for " : "", slot);
        for (size_t s = 0; steps && steps[s]; s++) {
            th_str_puts(&out, "  talenthost");
            for (size_t w = 1; steps[s][w]; w++) {
                th_str_putc(&out, ' ');
                th_str_add_word(&out, steps[s][w]);
            }
            th_str_putc(&out, '\n');
        }
        out.failed |= !steps;
    }
    int status = th_str_ok(&out) ? th_cli_emit(&out, EXIT_WELL) : th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    th_str_free(&out);
    return status;
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_batch_options options;
    th_batch_plan plan;

    if (cli->all && (cli->due || cli->arg_count))
        return th_cli_misuse(cli, "--all takes all jobs: leave out %s", cli->due ? "--due" : "their names");
    if (!cli->all && !cli->due && !cli->arg_count)
        return th_cli_misuse(cli, "name jobs, or say --due or --all");
    if (th_cli_configure(cli, &err) != TH_OK)
        return th_cli_fail(&err);
    if (!cli->config.batch_count)
        return th_cli_misuse(cli, "there are no jobs: list them under batch: in config.yaml");
    if (!th_cli_batch_options(cli, &options))
        return th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    if (cli->due && !cli->dry_run && th_batch_begin(&options, &err) != TH_OK && err.status != TH_ERR_BUSY)
        return th_cli_fail(&err);
    th_error_clear(&err);
    if (th_batch_choose(&options, cli->args, cli->arg_count, cli->due, cli->arena, &plan, &err) != TH_OK)
        return th_cli_fail(&err);
    if (cli->dry_run)
        return show_plan(cli, &options, &plan);
    if (!plan.count)
        th_log(TH_LOG_INFO, "no job is due");
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    return th_cli_batch_run(cli, &options, &plan, NULL);
}

const th_command th_cmd_batch = {
    "batch",
    "JOB… | --due | --all",
    "run jobs of config.yaml",
    "Runs the jobs named of batch: in config.yaml once, and before them those they need; --due: those whose time has come since they ran last, --all: all.\n"
    "Each job is a row of the run history (`talenthost runs`) with what its steps said. A job whose store another process writes to is refused, which is\n"
    "a row too, or waits with --wait. --dry-run shows what would run. Exit status: 0 all well, 1 jobs failed, 2 a job could not run.",
    OPT_STORE | OPT_CONFIG | OPT_DUE | OPT_DRY_RUN | OPT_WAIT | OPT_REPORT | OPT_JSON | OPT_QUIET,
    run,
};
