/* notice.c - what is told of runs to those who were not there: --report; and what `batch` tells its steps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "batch/report.h"
#include "cli/cli.h"

int64_t th_cli_parent_run(void)
{
    const char *text = getenv("TALENTHOST_RUN");

    return text ? strtoll(text, NULL, 10) : 0;
}

int64_t th_cli_now(void)
{
    const char *file = getenv("TALENTHOST_TEST_CLOCK");
    th_str text = {0};
    int64_t now = time(NULL);

    if (file && th_file_read(&text, file, 64, NULL) == TH_OK && text.len)
        now = strtoll(text.data, NULL, 10);
    th_str_free(&text);
    return now;
}

int th_cli_report(th_cli *cli, const int64_t *ids, size_t count, const th_run_info *failed, size_t failed_count, int status)
{
    th_error err = {0};
    th_store *store = NULL;
    size_t n = 0;
    th_status done = TH_OK;

    if (!cli->report)
        return status;
    th_run_info *runs = th_arena_zalloc(cli->arena, count + failed_count + 1, sizeof *runs);
    if (!runs)
        return th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    if (count)
        done = th_store_open(&store, cli->config.store, TH_STORE_READ, &err);
    for (size_t i = 0; done == TH_OK && i < count; i++)
        done = th_run_read(store, ids[i], cli->arena, &runs[n++], &err);
    for (size_t i = 0; i < failed_count; i++)
        runs[n++] = failed[i];
    if (done == TH_OK)
        done = th_report_write(cli->report, runs, n, &err);
    th_store_close(store);
    return done == TH_OK ? status : th_cli_fail(&err);
}

int th_cli_fail_run(th_cli *cli, const th_error *err)
{
    int status = th_cli_fail(err);
    char now[TH_UTC_TEXT];

    th_utc_write(time(NULL), now);
    th_run_info failed = {.command = cli->line, .status = err->status == TH_ERR_BUSY ? "refused" : "failed", .started = now, .ended = now,
                          .message = err->text, .exit_status = status};
    return th_cli_report(cli, NULL, 0, &failed, 1, status);
}
