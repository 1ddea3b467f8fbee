/* cmd_load.c - `talenthost load`: read articles into the store. */
#include "cli/cli.h"

static int run(th_cli *cli)
{
    th_error err = {0};
    th_assets assets;
    th_job_report report;
    th_status status = th_cli_configure(cli, &err);

    if (status != TH_OK)
        return th_cli_fail(&err);
    if (cli->arg_count)
        cli->config.articles = (th_paths){cli->args, cli->arg_count};
    if (!cli->config.articles.count)
        return th_cli_misuse(cli, "nothing to load: name files or folders, or set articles: in config.yaml");
    cli->config.plugins.count = 0; /* no plugin's code is needed */
    th_job_options options = {.config = &cli->config, .command = cli->line};
    if ((status = th_assets_read(&assets, cli->arena, &cli->config, &err)) != TH_OK ||
        (status = th_job_run(&options, &assets, &report, &err)) != TH_OK)
        return th_cli_fail(&err);
    return th_cli_report_job(cli, &report);
}

const th_command th_cmd_load = {
    "load",
    "[PATH…]",
    "read articles into the store",
    "Reads the files named, and those in the folders named, into the store; without PATH those of articles: in\n"
    "config.yaml. A file that has not changed is left alone. Files that can not be read are counted, named and kept in\n"
    "the table `failure`.",
    OPT_STORE | OPT_ARTICLES | OPT_CONFIG | OPT_JOBS | OPT_JSON | OPT_QUIET | OPT_VERBOSE,
    run,
};
