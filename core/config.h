/* config.h - config.yaml as one struct, and where the program's own files are.
 * Every error names file:line:column, what stood there and what was expected. */
#ifndef TH_CONFIG_H
#define TH_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/schedule.h"
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

/* A script of a job and its arguments; an export; a command that is told how a job ended. */
typedef struct th_batch_script {
    const char *name;        /* as `talenthost run` takes it: compare.lua */
    const char *const *args; /* "top=5" */
    size_t arg_count;
} th_batch_script;

typedef struct th_batch_export {
    const char *format, *output;
} th_batch_export;

typedef struct th_batch_command {
    const char *const *words; /* a program and its arguments; with `shell` one text for /bin/sh -c; NULL: none */
    size_t count;
    bool shell;
} th_batch_command;

/* One job of `batch:`: what to run, when, and what comes before and after it. */
typedef struct th_batch_job {
    const char *name;
    int line, column; /* of it in the file */
    th_paths load;    /* files and folders; none: those of articles: */
    const char *const *plugins; /* none: all that are there */
    size_t plugin_count;
    bool no_plugins; /* plugins: none */
    th_batch_script *scripts;
    size_t script_count;
    th_batch_export *exports;
    size_t export_count;
    const char *when; /* the schedule as written; NULL: it has none */
    th_schedule schedule;
    const char *timezone; /* NULL: that of the file, else the system's */
    const char *const *needs; /* names of jobs that run before it */
    size_t need_count;
    int needs_line, needs_column;
    double time_limit_s; /* of one attempt; 0: none */
    size_t retries;      /* attempts after the first */
    double pause_s;      /* between attempts */
    th_batch_command on_failure, on_success;
} th_batch_job;

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
    const char *timezone; /* of schedules; NULL: the system's */
    th_batch_job *batch;  /* in the order of the file */
    size_t batch_count;
} th_config;

/* Read `path`, or config.yaml in the current folder when `path` is NULL (and take the defaults when there is none). Everything
 * lives in `arena`. Paths in the file are relative to it. TH_ERR_MISSING only for a `path` given. */
th_status th_config_load(th_config *out, th_arena *arena, const char *path, th_error *err);

/* The job of `batch:` with this name; NULL when there is none. */
th_batch_job *th_config_job(const th_config *config, const char *name);
/* The keys config.yaml may have, in no order; NULL behind the last. */
const char *th_config_key(size_t index);

/* The entry of `names` (`count` of them) nearest to `name` by edit distance; NULL when none is near. */
const char *th_nearest(const char *name, const char *const *names, size_t count);

#endif
