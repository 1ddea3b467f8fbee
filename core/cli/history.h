/* history.h - what the store tells of a plugin's work: for `plugins NAME` and `explain`. */
#ifndef TH_CLI_HISTORY_H
#define TH_CLI_HISTORY_H

#include "base/str.h"
#include "store/store.h"

/* Append what the store knows of plugin `name`: articles covered, rows by kind, failures by reason with the last message, time and memory an
 * article. Nothing when it has not run. */
void th_history_plugin(th_store *store, const char *name, th_str *out);

/* Append how the rows of plugin `name` on the article came to be: the run, what it cost, the plugin's fingerprint and what that covers. With `json`
 * as members of an object, each with a comma in front. */
void th_history_rows(th_store *store, int64_t article_id, const char *name, bool json, th_str *out);

#endif
