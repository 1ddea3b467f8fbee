/* cmd_eval.c - `talenthost eval`: the store against what an analyst marked. */
#include "cli/cli.h"
#include "eval/eval.h"

static int run(th_cli *cli)
{
    th_error err = {0};
    th_store *store = NULL;
    th_str out = {0};
    th_eval_options options = {.json = cli->json, .errors = cli->errors};
    int result;

    if (cli->arg_count != 1)
        return th_cli_misuse(cli, "expected the folder of gold files");
    if (th_cli_open_store(cli, &store, &err) != TH_OK || th_eval(cli->args[0], store, &options, &out, &err) != TH_OK)
        result = th_cli_fail(&err);
    else
        result = th_cli_emit(&out, EXIT_WELL);
    th_str_free(&out);
    th_store_close(store);
    return result;
}

const th_command th_cmd_eval = {
    "eval",
    "DIR",
    "measure the store against annotated articles",
    "DIR holds gold files (*.json), one for each annotated article, named by its file. Prints precision, recall and F1 for\n"
    "every kind, and the share of right fields on what was found. --errors N lists what was missed or wrong.",
    OPT_STORE | OPT_CONFIG | OPT_ERRORS | OPT_JSON,
    run,
};
