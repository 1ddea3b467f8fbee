/* author.h - what the commands for authors of plugins share. */
#ifndef TH_CLI_AUTHOR_H
#define TH_CLI_AUTHOR_H

#include "cli/cli.h"
#include "run/lab.h"

/* The limits of the configuration as a lab wants them. */
th_limits th_author_limits(const th_config *config);

/* Let `path`, a plugin file or a folder, be among the plugins of `cli`: a file or folder that the configuration names already is not added twice.
 * TH_ERR_NOMEM only. */
th_status th_author_add_path(th_cli *cli, const char *path, th_error *err);

/* Read the article --article names from the store into the arena of `cli`; `*out` NULL when the option is not there. */
th_status th_author_article(th_cli *cli, th_article **out, th_error *err);

/* The name of the plugin that `arg` names: itself, or its file's. */
const char *th_author_plugin(th_cli *cli, const char *arg);

/* Print the plugins that did not load, each a line on standard error. */
void th_author_print_faults(const th_lab *lab);

#endif
