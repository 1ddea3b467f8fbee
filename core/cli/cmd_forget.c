/* cmd_forget.c - `talenthost forget`: take articles out of the store. */
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "run/walk.h"

/* A name is a path, or the number of an article when there is no such path. */
static th_status forget_one(th_store *store, const char *name, th_forgotten *out, th_error *err)
{
    char path[4096];
    int64_t id = 0;

    th_path_tidy(path, sizeof path, name);
    th_status status = th_store_forget(store, path, out, err);
    if (status != TH_OK || out->articles || out->files)
        return status;
    if (*name && name[strspn(name, "0123456789")] == '\0') {
        th_article *a;
        th_arena *arena = th_arena_new();
        if (!arena)
            return th_error_set(err, TH_ERR_NOMEM, "out of memory");
        if ((status = th_store_article_find(store, name, &id, err)) == TH_OK &&
            (status = th_store_article_get(store, id, arena, &a, err)) == TH_OK)
            status = th_store_forget(store, a->path, out, err);
        th_arena_free(arena);
        return status;
    }
    return th_error_set(err, TH_ERR_MISSING, "%s: no article, file or folder of that path is in the store; "
                        "`talenthost query \"SELECT path FROM article\"` lists them", name);
}

/* Either all names are forgotten, or none. */
static th_status forget_all(th_cli *cli, th_store *store, th_forgotten *sum, size_t *there, th_error *err)
{
    th_link_report links;
    th_status status = th_store_begin(store, err);

    for (size_t i = 0; status == TH_OK && i < cli->arg_count; i++) {
        th_forgotten one;
        status = forget_one(store, cli->args[i], &one, err);
        sum->articles += one.articles;
        sum->files += one.files;
        *there += access(cli->args[i], F_OK) == 0;
    }
    if (status == TH_OK)
        status = th_store_link_duplicates(store, &links, err);
    return status == TH_OK ? th_store_commit(store, err) : status;
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_store *store = NULL;
    th_forgotten sum = {0};
    size_t there = 0;
    const th_lock_request request = {.wait_s = cli->wait_s};
    th_str out = {0};
    int result = EXIT_WELL;

    if (!cli->arg_count)
        return th_cli_misuse(cli, "expected the path of an article, a file or a folder, or the number of an article");
    th_status status = th_cli_configure(cli, &err);
    if (status == TH_OK && access(cli->config.store, F_OK) != 0)
        status = th_store_open(&store, cli->config.store, TH_STORE_READ, &err); /* says that there is none; makes none */
    if (status == TH_OK)
        status = th_store_open_waiting(&store, cli->config.store, cli->dry_run ? TH_STORE_TRIAL : TH_STORE_WRITE, &request, &err);
    if (status == TH_OK)
        status = forget_all(cli, store, &sum, &there, &err);
    th_store_close(store);
    if (status != TH_OK)
        return th_cli_fail(&err);
    if (cli->json) {
        th_str_addf(&out, "{\"articles\":%zu,\"files\":%zu}\n", sum.articles, sum.files);
        result = th_cli_emit(&out, EXIT_WELL);
    } else {
        th_log(TH_LOG_INFO, "%s%zu article%s forgotten%s", cli->dry_run ? "would be: " : "", sum.articles,
               sum.articles == 1 ? "" : "s", there ? "; what is still there is read again by the next load" : "");
    }
    th_str_free(&out);
    return result;
}

const th_command th_cmd_forget = {
    "forget",
    "PATH…",
    "remove articles and all that was recorded of them",
    "PATH is an article's path or number, a file (with all articles in it) or a folder (with all below it), as the store\n"
    "has it. What the plugins recorded of them goes too; links of duplicates are made anew. The file itself is left alone:\n"
    "one that is still there is read again by the next load.",
    OPT_STORE | OPT_CONFIG | OPT_DRY_RUN | OPT_JSON | OPT_QUIET | OPT_VERBOSE | OPT_WAIT,
    run,
};
