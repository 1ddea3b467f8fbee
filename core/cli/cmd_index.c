/* cmd_index.c - `talenthost index`: build or remove the index that grep uses. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/cli.h"

static int run(th_cli *cli)
{
    th_error err = {0};
    th_store *store = NULL;
    const th_lock_request request = {.wait_s = cli->wait_s};

    if (cli->arg_count)
        return th_cli_misuse(cli, "it takes no arguments");
    th_status status = th_cli_configure(cli, &err);
    if (status == TH_OK) /* a store that is not there must not come into being by this */
        status = th_store_open(&store, cli->config.store, TH_STORE_READ, &err);
    th_store_close(store);
    store = NULL;
    if (status == TH_OK)
        status = th_store_open_waiting(&store, cli->config.store, TH_STORE_WRITE, &request, &err);
    if (status == TH_OK)
        status = cli->drop ? th_store_index_drop(store, &err) : th_store_index(store, &err);
    if (status == TH_OK)
        th_log(TH_LOG_INFO, cli->drop ? "the index is gone; grep scans the texts" : "the index is built; loading keeps it up to date");
    th_store_close(store);
    return status == TH_OK ? EXIT_WELL : th_cli_fail(&err);
}

const th_command th_cmd_index = {
    "index",
    "",
    "build the index that makes grep fast in large stores",
    "Builds an index over the texts of all articles, or builds it anew; later loads keep it up to date. grep works without it, by\n"
    "scanning (about 100 ms for 100 MB of text); with it words that are rare are found in a few milliseconds. It takes about 70 % of\n"
    "the size of the texts.",
    OPT_STORE | OPT_CONFIG | OPT_QUIET | OPT_DROP | OPT_WAIT,
    run,
};
