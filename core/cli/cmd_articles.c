/* cmd_articles.c - `talenthost articles`: what the store holds. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static bool text(th_table *table, const char *value)
{
    return value ? th_table_text(table, value, strlen(value)) : th_table_empty(table);
}

static bool add(void *ctx, const th_listed *a)
{
    th_table *table = ctx;
    bool last = th_table_columns(table) == 9; /* with duplicates */

    return th_table_row(table) && th_table_integer(table, a->id) && text(table, a->date) && text(table, a->region_name) &&
           text(table, a->source) && th_table_integer(table, (long long)a->bytes) && text(table, a->format) && text(table, a->title) &&
           text(table, a->path) && (!last || (a->duplicate_of ? th_table_integer(table, a->duplicate_of) : th_table_empty(table)));
}

static int run(th_cli *cli)
{
    static const char *const names[] = {"id", "date", "region", "source", "bytes", "format", "title", "path", "duplicate_of"};
    th_error err = {0};
    th_store *store = NULL;
    th_table *table = th_cli_table(cli, names, cli->filter.with_duplicates ? 9 : 8);
    int result;

    if (cli->arg_count > 1) {
        th_table_free(table);
        return th_cli_misuse(cli, "expected at most one text that titles hold");
    }
    if (cli->arg_count)
        cli->filter.title = cli->args[0];
    if (!table)
        result = th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    else if (th_cli_open_store(cli, &store, &err) != TH_OK || th_store_list(store, &cli->filter, add, table, &err) != TH_OK)
        result = th_cli_fail(&err);
    else
        result = th_cli_print_table(cli, table, EXIT_WELL);
    th_store_close(store);
    th_table_free(table);
    return result;
}

const th_command th_cmd_articles = {
    "articles",
    "[TEXT]",
    "list the articles of the store",
    "One line an article: id, date, region, source, bytes of text, format, title, path. With TEXT only those whose titles hold it.",
    OPT_STORE | OPT_CONFIG | OPT_JSON | OPT_CSV | OPT_FILTER,
    run,
};
