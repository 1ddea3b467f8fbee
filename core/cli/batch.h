/* batch.h - what `batch` and `schedule run` share. */
#ifndef TH_CLI_BATCH_H
#define TH_CLI_BATCH_H

#include "batch/batch.h"
#include "cli/cli.h"

/* Options for the jobs of cli's configuration, as the command line asks. False when out of memory. */
bool th_cli_batch_options(th_cli *cli, th_batch_options *out);

/* Run what was chosen, tell of each job in a line, write the report. The exit status: 0, 1 when jobs failed, 2 when one could not run at all.
 * `*still_due` (may be NULL): there are jobs whose time is not dealt with. */
int th_cli_batch_run(th_cli *cli, const th_batch_options *options, const th_batch_plan *plan, bool *still_due);

#endif
