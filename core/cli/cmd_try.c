/* cmd_try.c - `talenthost try`: what the plugins record in a text. */
#include <string.h>

#include "cli/cli.h"
#include "run/rows.h"

/* The text: the arguments, or standard input when there are none. */
static th_status read_text(th_cli *cli, th_str *text, th_error *err)
{
    if (!cli->arg_count || (cli->arg_count == 1 && strcmp(cli->args[0], "-") == 0))
        return th_cli_read_input(text, err);
    for (size_t i = 0; i < cli->arg_count; i++)
        th_str_addf(text, "%s%s", i ? "\n" : "", cli->args[i]);
    return TH_OK;
}

typedef struct printer {
    th_cli *cli;
    int status;
} printer;

static void print(void *ctx, const th_article *article, th_records *records)
{
    printer *p = ctx;
    th_str text = {0};

    if (!th_rows_print(records, article, th_terminal_width(stdout), p->cli->json, &text))
        p->status = th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    else
        p->status = th_cli_emit(&text, EXIT_WELL);
    th_str_free(&text);
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_assets assets;
    th_str text = {0};
    size_t failures = 0;
    printer p = {cli, EXIT_SOME_FAILED};
    th_status status;

    th_job_options options = {.config = &cli->config,
                              .with_plugins = true,
                              .plugins = cli->plugins,
                              .plugin_count = cli->plugin_count};
    cli->jobs = 1;
    if ((status = th_cli_configure(cli, &err)) == TH_OK && (status = read_text(cli, &text, &err)) == TH_OK &&
        (status = th_assets_read(&assets, cli->arena, &cli->config, &err)) == TH_OK)
        status = th_job_try(&options, &assets, th_str_text(&text), text.len, cli->title, cli->date, print, &p, &failures, &err);
    th_str_free(&text);
    if (status != TH_OK)
        return th_cli_fail(&err);
    return p.status == EXIT_WELL && failures ? EXIT_SOME_FAILED : p.status;
}

const th_command th_cmd_try = {
    "try",
    "[TEXT…]",
    "show what every plugin records in a text",
    "Takes TEXT, or standard input, as an article (one paragraph a line) and prints what the plugins record in it, a\n"
    "table for each kind. Nothing is stored. --date gives what 去年 and 目前 are counted from.",
    OPT_CONFIG | OPT_PLUGIN | OPT_TITLE | OPT_DATE | OPT_JSON,
    run,
};
