/* cmd_export.c - `talenthost export`: records as annotations to correct in a tool. */
#include <stdlib.h>
#include <string.h>

#include "annotate/annotate.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/cli.h"

typedef struct selection {
    th_arena *arena;
    int64_t *ids;
    size_t count, cap;
    bool failed;
} selection;

static void add_id(selection *s, int64_t id)
{
    int64_t *grown = NULL;

    for (size_t i = 0; i < s->count && s->count < 1000; i++) /* named twice */
        if (s->ids[i] == id)
            return;
    grown = th_arena_grow(s->arena, s->ids, s->count, &s->cap, sizeof *grown);
    if (!grown) {
        s->failed = true;
        return;
    }
    s->ids = grown;
    s->ids[s->count++] = id;
}

static bool add_listed(void *ctx, const th_listed *article)
{
    add_id(ctx, article->id);
    return !((selection *)ctx)->failed;
}

static th_status select_articles(th_cli *cli, th_store *store, selection *s, th_error *err)
{
    th_status status = TH_OK;

    if (!cli->arg_count)
        status = th_store_list(store, &cli->filter, add_listed, s, err);
    for (size_t i = 0; i < cli->arg_count && status == TH_OK; i++) {
        int64_t id = 0;
        status = th_store_article_find(store, cli->args[i], &id, err);
        if (status == TH_OK)
            add_id(s, id);
    }
    if (status == TH_OK && s->failed)
        status = th_error_set(err, TH_ERR_NOMEM, "out of memory");
    if (status == TH_OK && !s->count)
        status = th_error_set(err, TH_ERR_USAGE, "export: no article of the store fits; `talenthost articles` lists them");
    return status;
}

/* The names of the codes, as the scripts have them; an installation without them has the codes alone. */
static th_status read_labels(th_cli *cli, th_node **out, th_error *err)
{
    th_str path = {0}, text = {0};
    th_error missing = {0};
    th_status status = TH_OK;

    *out = NULL;
    th_path_join(&path, cli->config.home, "scripts/data/labels.yaml");
    if (th_file_read(&text, th_str_text(&path), 0, &missing) == TH_OK)
        status = th_yaml_parse(out, cli->arena, th_arena_copy(cli->arena, th_str_text(&path), path.len), th_str_text(&text), text.len, err);
    th_str_free(&path);
    th_str_free(&text);
    return status;
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_store *store = NULL;
    th_node *labels = NULL;
    selection s = {.arena = cli->arena};
    int format = cli->format ? th_annotate_format_of(cli->format) : -1;
    int result = EXIT_WELL;

    if (format < 0)
        return th_cli_misuse(cli, "--format: expected labelstudio, brat, doccano or ndjson, got %s%s%s", cli->format ? "\"" : "nothing",
                             cli->format ? cli->format : "", cli->format ? "\"" : "");
    if (th_cli_open_store(cli, &store, &err) != TH_OK || select_articles(cli, store, &s, &err) != TH_OK ||
        read_labels(cli, &labels, &err) != TH_OK ||
        th_annotate_export(store, (th_annotate_format)format, s.ids, s.count, labels, cli->output, stdout, &err) != TH_OK)
        result = th_cli_fail(&err);
    else if (cli->output)
        th_log(TH_LOG_INFO, "%zu article%s written to %s", s.count, s.count == 1 ? "" : "s", cli->output);
    th_store_close(store);
    return result;
}

const th_command th_cmd_export = {
    "export",
    "--format FORMAT [ARTICLE…]",
    "write records as annotations to correct in a tool",
    "FORMAT is labelstudio, brat, doccano or ndjson (one article a line, its records in full). ARTICLE is an id, a path or the end of one;\n"
    "without, every article that fits the filters. With --output DIR files are written there (labelstudio and brat: with the labels'\n"
    "configuration), else the data goes to standard output. Offsets are characters. docs/annotate.md says what the files hold;\n"
    "`talenthost import` makes gold of them for `talenthost eval`.",
    OPT_STORE | OPT_CONFIG | OPT_FORMAT | OPT_OUTPUT | OPT_FILTER | OPT_QUIET,
    run,
};
