/* cmd_map.c - `talenthost map`: a filter from articles to records. */
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "run/map.h"

static bool put(void *ctx, const char *line, size_t len)
{
    (void)ctx;
    return fwrite(line, 1, len, stdout) == len;
}

static bool flush(void *ctx)
{
    (void)ctx;
    return fflush(stdout) == 0;
}

static void tell(const th_map_report *r)
{
    th_log(TH_LOG_INFO, "lines: %llu, %llu failed; plugins: %zu ran, %llu records; a plugin failed on %llu lines",
           (unsigned long long)r->lines, (unsigned long long)r->failed, r->plugins, (unsigned long long)r->records,
           (unsigned long long)r->partial);
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_assets assets;
    th_map_report report;
    th_status status = th_cli_configure(cli, &err);

    if (status != TH_OK)
        return th_cli_fail(&err);
    if (cli->arg_count)
        return th_cli_misuse(cli, "takes no argument but reads standard input, got \"%s\"", cli->args[0]);
    th_map_options options = {.config = &cli->config,
                              .plugins = cli->plugins,
                              .plugin_count = cli->plugin_count,
                              .input = STDIN_FILENO,
                              .put = put,
                              .flush = flush};
    if ((status = th_assets_read(&assets, cli->arena, &cli->config, &err)) != TH_OK ||
        (status = th_map_run(&options, &assets, &report, &err)) != TH_OK)
        return th_cli_fail(&err);
    tell(&report);
    return report.failed || report.partial || report.unfit ? EXIT_SOME_FAILED : EXIT_WELL;
}

const th_command th_cmd_map = {
    "map",
    "<ARTICLES.ndjson >RECORDS.ndjson",
    "records of articles that come in a pipe, line by line",
    "Reads an article a line from standard input, a JSON object such as\n"
    "  {\"id\":\"a1\",\"title\":\"…\",\"date\":\"2024-05-20\",\"text\":\"…\"}\n"
    "with the keys that `load` knows or columns: in config.yaml names, and writes a line for each, in the same order: its id,\n"
    "its number, its metadata, and under \"records\" a list for each kind. A line that gives no article, an empty one too, is\n"
    "answered by {\"id\":…,\"line\":…,\"error\":\"…\",\"reason\":\"…\"}. Nothing is stored; memory does not grow with the input.\n"
    "docs/batch.md shows it under GNU parallel, Hadoop and Spark.",
    OPT_CONFIG | OPT_PLUGIN | OPT_JOBS | OPT_QUIET | OPT_VERBOSE,
    run,
};
