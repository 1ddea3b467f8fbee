/* cmd_import.c - `talenthost import`: corrected annotations as gold. */
#include "annotate/annotate.h"
#include "base/log.h"
#include "cli/cli.h"

static void say(void *ctx, bool is_error, const char *line)
{
    (void)ctx;
    th_log(is_error ? TH_LOG_ERROR : TH_LOG_WARN, "%s", line);
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_store *store = NULL;
    th_annotate_report report = {.say = say};
    int format = cli->format ? th_annotate_format_of(cli->format) : -1;
    int result;

    if (format < 0)
        return th_cli_misuse(cli, "--format: expected labelstudio, brat, doccano or ndjson, got %s%s%s", cli->format ? "\"" : "nothing",
                             cli->format ? cli->format : "", cli->format ? "\"" : "");
    if (!cli->arg_count)
        return th_cli_misuse(cli, "name the corrected files");
    if (!cli->output)
        return th_cli_misuse(cli, "--output: name the folder for the gold files");
    if (th_cli_open_store(cli, &store, &err) != TH_OK ||
        th_annotate_import(store, (th_annotate_format)format, cli->args, cli->arg_count, cli->output, &report, &err) != TH_OK) {
        result = th_cli_fail(&err);
    } else {
        th_log(TH_LOG_INFO, "gold: %zu article%s written to %s, %zu refused, %zu warning%s", report.written, report.written == 1 ? "" : "s",
               cli->output, report.refused, report.warnings, report.warnings == 1 ? "" : "s");
        result = report.refused ? EXIT_SOME_FAILED : EXIT_WELL;
    }
    th_store_close(store);
    return result;
}

const th_command th_cmd_import = {
    "import",
    "--format FORMAT --output DIR FILE|DIR…",
    "make gold of corrected annotations",
    "Reads what `talenthost export` wrote and a tool gave back, and writes one gold file for each article into DIR, for\n"
    "`talenthost eval DIR`. Metadata and headings come from the article of the store with the same path. An offset that does not lead\n"
    "to the marked text is mended by the text. An article with an error is left out, each error in one line; exit status 1.",
    OPT_STORE | OPT_CONFIG | OPT_FORMAT | OPT_OUTPUT | OPT_QUIET,
    run,
};
