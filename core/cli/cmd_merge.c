/* cmd_merge.c - `talenthost merge`: the stores of shards as one. */
#include <sys/stat.h>

#include "base/log.h"
#include "cli/cli.h"

static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;

    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static void tell(const th_job_report *r)
{
    const th_merge_report *m = &r->merged;

    if (m->missing)
        th_log(TH_LOG_WARN, "%zu of %zu shards are not among the stores; merge them too", m->missing, m->shards);
    th_log(TH_LOG_INFO, "articles: %zu taken, %zu there already, %zu older ones left; %zu records; %zu read again; duplicates: %zu; "
           "failures: %zu; %.2f s", m->articles, m->same, m->older, m->records, r->again, r->exact + r->near,
           m->failures + r->failures, r->seconds);
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_assets assets;
    th_job_report report;
    th_status status = th_cli_configure(cli, &err);

    if (status != TH_OK)
        return th_cli_fail(&err);
    if (cli->arg_count < 2)
        return th_cli_misuse(cli, "expected the store to write and one store at least to take over");
    for (size_t i = 1; i < cli->arg_count; i++)
        if (is_same_file(cli->args[0], cli->args[i]))
            return th_cli_misuse(cli, "%s is the store to write; it can not be taken over too", cli->args[i]);
    cli->config.store = cli->args[0];
    th_job_options options = {.config = &cli->config,
                              .command = cli->line,
                              .merge = cli->args + 1,
                              .merge_count = cli->arg_count - 1,
                              .mixed = cli->mixed,
                              .lock = {.wait_s = cli->wait_s}};
    if ((status = th_assets_read(&assets, cli->arena, &cli->config, &err)) != TH_OK ||
        (status = th_job_run(&options, &assets, &report, &err)) != TH_OK)
        return th_cli_fail(&err);
    tell(&report);
    return report.failures || report.merged.failures || report.merged.missing ? EXIT_SOME_FAILED : EXIT_WELL;
}

const th_command th_cmd_merge = {
    "merge",
    "OUT.db SHARD.db…",
    "join the stores of shards into one",
    "Brings the articles of each SHARD.db, made by `load` or `run --shard I/N` or by runs over different folders, with their\n"
    "records into OUT.db, which is made when it is not there. An article that several have is taken once; of two contents the\n"
    "one loaded later. Lines that recur and duplicates are then looked for among all. Stores that different versions of the\n"
    "loader or of a plugin made are refused without --mixed. Exit status 1: a shard had failures, or one is missing.",
    OPT_CONFIG | OPT_JOBS | OPT_MIXED | OPT_QUIET | OPT_VERBOSE | OPT_WAIT,
    run,
};
