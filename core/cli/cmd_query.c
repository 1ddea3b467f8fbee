/* cmd_query.c - `talenthost query`: SQL over the store. */
#include "cli/cli.h"

typedef struct collector {
    th_table *table;
    bool failed;
} collector;

static bool collect(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    collector *c = ctx;

    if (!c->table && !(c->table = th_table_new(names, count)))
        return !(c->failed = true);
    if (!values)
        return true;
    c->failed = !th_cli_add_row(c->table, values, count);
    return !c->failed;
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_store *store = NULL;
    collector c = {0};
    int result;

    if (cli->arg_count != 1)
        return th_cli_misuse(cli, "expected one SQL statement in quotes");
    if (th_cli_open_store(cli, &store, &err) != TH_OK ||
        th_store_query(store, cli->args[0], NULL, 0, collect, &c, &err) != TH_OK)
        result = th_cli_fail(&err);
    else if (c.failed)
        result = th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory for the rows"});
    else
        result = c.table ? th_cli_print_table(cli, c.table, EXIT_WELL) : EXIT_WELL;
    th_table_free(c.table);
    th_store_close(store);
    return result;
}

const th_command th_cmd_query = {
    "query",
    "SQL",
    "ask the store in SQL",
    "Runs one reading statement over the store and prints its rows. docs/database.md describes the tables. Example:\n"
    "  talenthost query \"SELECT region_name, count(*) FROM article GROUP BY 1\"",
    OPT_STORE | OPT_CONFIG | OPT_JSON | OPT_CSV,
    run,
};
