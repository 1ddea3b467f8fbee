/* cmd_load.c - `talenthost load`: read articles into the store. */
#include <string.h>

#include "cli/cli.h"
#include "load/formats.h"

static int list_formats(const th_cli *cli)
{
    static const char *const columns[] = {"format", "told by", "needs"};
    th_table *table = th_table_new(columns, 3);
    bool ok = table != NULL;

    for (const th_format *f = th_formats; ok && f->name; f++) {
        char needs[256];
        th_format_needs(f, needs, sizeof needs);
        ok = th_table_row(table) && th_table_text(table, f->name, strlen(f->name)) &&
             th_table_text(table, f->told_by, strlen(f->told_by)) && th_table_text(table, needs, strlen(needs));
    }
    int status = ok ? th_cli_print_table(cli, table, EXIT_WELL) : th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    th_table_free(table);
    return status;
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_assets assets;
    th_job_report report;
    th_status status;

    if (cli->list)
        return list_formats(cli);
    if ((status = th_cli_configure(cli, &err)) != TH_OK)
        return th_cli_fail(&err);
    if (cli->arg_count)
        cli->config.articles = (th_paths){cli->args, cli->arg_count};
    if (!cli->config.articles.count)
        return th_cli_misuse(cli, "nothing to load: name files or folders, or set articles: in config.yaml");
    cli->config.plugins.count = 0; /* no plugin's code is needed */
    th_job_options options = {.config = &cli->config, .command = cli->line, .trial = cli->dry_run, .shard = cli->shard,
                              .lock = {.wait_s = cli->wait_s}, .parent_id = th_cli_parent_run()};
    if ((status = th_assets_read(&assets, cli->arena, &cli->config, &err)) != TH_OK ||
        (status = th_job_run(&options, &assets, &report, &err)) != TH_OK)
        return th_cli_fail_run(cli, &err);
    int result = th_cli_report_load(cli, &report);
    return cli->dry_run ? result : th_cli_report(cli, &report.run_id, 1, NULL, 0, result);
}

const th_command th_cmd_load = {
    "load",
    "[PATH…]",
    "read articles into the store",
    "Reads the files named, and those in the folders named, into the store; without PATH those of articles: in\n"
    "config.yaml. A file that has not changed is left alone; the store's own files are left out. Files that can not be\n"
    "read are counted, named and kept in the table `failure`. A file that is no more in a folder that was searched leaves\n"
    "its article in the store, marked in article.gone_at; `talenthost forget PATH` removes it. --dry-run does all of it\n"
    "on a copy of the store that is thrown away. --list tells which formats are read.",
    OPT_STORE | OPT_ARTICLES | OPT_CONFIG | OPT_JOBS | OPT_DRY_RUN | OPT_LIST | OPT_SHARD | OPT_CSV | OPT_JSON | OPT_QUIET | OPT_VERBOSE | OPT_WAIT | OPT_REPORT,
    run,
};
