/* drafts.h - files that `new` and `init` write: listed first, so that none is written when one is there already. */
#ifndef TH_CLI_DRAFTS_H
#define TH_CLI_DRAFTS_H

#include "cli/cli.h"

/* A file to be written: its path, its text, and whether one that is there already stays as it is. */
typedef struct th_draft {
    const char *path, *text;
    bool shared;
} th_draft;

enum { TH_DRAFTS_MAX = 24 };

/* Start it as `th_drafts d = {.cli = cli};`. Texts live in the arena of `cli`. */
typedef struct th_drafts {
    th_cli *cli;
    th_draft items[TH_DRAFTS_MAX];
    size_t count;
    bool failed; /* out of memory */
} th_drafts;

/* Add `dir`/`path` ("": the current folder) with `text`; {{name}} in path and text becomes `name`. A file that is there already is
 * an error of th_drafts_write(), unless it is `shared`: then it stays. */
void th_drafts_add(th_drafts *d, const char *dir, const char *path, const char *text, const char *name, bool shared);

/* A plugin with its words, test, fixture and golden rows below `dir`, and its page below `docs`. */
void th_drafts_add_plugin(th_drafts *d, const char *dir, const char *docs, const char *name);

/* What editors read below `dir`: settings of the Lua language server and the stubs of the API. */
void th_drafts_add_editor(th_drafts *d, const char *dir, bool shared);

/* Write them and print each path. All or nothing: one that is there already is TH_ERR_USAGE before any is written. */
th_status th_drafts_write(const th_drafts *d, th_error *err);

/* `dir`/`name` in the arena of `cli`; NULL when out of memory. */
const char *th_drafts_path(th_cli *cli, const char *dir, const char *name);

#endif
