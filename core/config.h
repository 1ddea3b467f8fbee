/* config.h - config.yaml as one struct, and where the program's own files are.
 * Every error names file:line:column, what stood there and what was expected. */
#ifndef TH_CONFIG_H
#define TH_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "limit.h"

typedef struct th_paths {
    const char **items;
    size_t count;
} th_paths;

/* An argument for a script, from `args: {compare: {top: 5}}`. */
typedef struct th_script_argument {
    const char *script; /* "compare": its file without .lua */
    const char *text;   /* "top=5" */
} th_script_argument;

typedef struct th_plugin_limits {
    const char *plugin;
    int line, column; /* of its name in the file */
    th_limits limits;
} th_plugin_limits;

typedef struct th_config {
    const char *file;     /* the file read; NULL when none was there and the defaults hold */
    const char *home;     /* folder that holds data/, plugins/, scripts/ of the installation */
    th_paths articles;    /* files and folders; empty when not set */
    th_paths plugins;     /* folders and *.lua files; default HOME/plugins, which `bundled` stands for */
    th_paths scripts;     /* folders; default HOME/scripts */
    const char *store;    /* default talenthost.db */
    const char *output;   /* folder for files scripts write; default out */
    const char *lang;     /* "zh" or "en"; default: that of the locale */
    const char *codebook; /* NULL: the bundled one */
    th_limits limits;                /* of every plugin that has none of its own below */
    th_plugin_limits *plugin_limits; /* what the operator says of single plugins; 0 where nothing is said */
    size_t plugin_limit_count;
    size_t jobs; /* worker processes; 0: one per core */
    bool require_sandbox;
    struct {              /* columns of tables, keys of JSON objects: which is title, date, text … */
        const char *field, *name;
    } columns[16];
    size_t column_count;
    double keep_s; /* how long run history is kept; 0: for ever */
    th_script_argument *arguments; /* for scripts, below what the command line gives */
    size_t argument_count;
} th_config;

/* Read `path`, or config.yaml in the current folder when `path` is NULL (and take the defaults when there is none). Everything
 * lives in `arena`. Paths in the file are relative to it. TH_ERR_MISSING only for a `path` given. */
th_status th_config_load(th_config *out, th_arena *arena, const char *path, th_error *err);

/* The entry of `names` (`count` of them) nearest to `name` by edit distance; NULL when none is near. */
const char *th_nearest(const char *name, const char *const *names, size_t count);

#endif
