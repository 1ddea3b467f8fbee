/* cmd_eval.c - `talenthost eval`: the store against what an analyst marked. */
#include "cli/cli.h"
#include "eval/eval.h"

/* The plugins' data files, for --cross. */
static th_status read_sources(th_cli *cli, th_eval_options *options, th_error *err)
{
    th_assets assets;
    th_status status = th_assets_read(&assets, cli->arena, &cli->config, err);
    th_eval_source *sources;

    if (status != TH_OK)
        return status;
    sources = th_arena_zalloc(cli->arena, assets.bundle.file_count + 1, sizeof *sources);
    if (!sources)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < assets.bundle.file_count; i++)
        sources[i] = (th_eval_source){assets.bundle.files[i].path, assets.bundle.files[i].bytes, assets.bundle.files[i].len};
    options->sources = sources;
    options->source_count = assets.bundle.file_count;
    return TH_OK;
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_store *store = NULL;
    th_str out = {0};
    th_eval_options options = {.json = cli->json, .errors = cli->errors, .against = cli->against, .cross = cli->cross};
    int result;

    if (cli->arg_count != 1)
        return th_cli_misuse(cli, "expected the folder of gold files");
    if (th_cli_open_store(cli, &store, &err) != TH_OK ||
        (cli->cross && read_sources(cli, &options, &err) != TH_OK) || th_eval(cli->args[0], store, &options, &out, &err) != TH_OK)
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
    "every kind, and the share of right fields on what was found. --errors N lists what was missed or wrong.\n"
    "--against FILE shows the figures that changed since an earlier evaluation saved with --json. --cross shows whether a rule\n"
    "is tied to one article: F1 by article, and of every term in the plugins' YAML data how many articles of the store hold it,\n"
    "naming those that stand in one alone; load all texts at hand to see more (with --json: every term with its hits).",
    OPT_STORE | OPT_CONFIG | OPT_ERRORS | OPT_JSON | OPT_AGAINST | OPT_CROSS,
    run,
};
