/* host.h - Lua plugins and scripts, sandboxed: one Lua state per plugin, loaded from a bundle's bytes.
 *
 * A host lives in one worker process. It opens every plugin once (manifest checked, lexicons compiled into one set for
 * all), then runs them on one article after another. Limits hold per call; a plugin that breaks one fails on that article. */
#ifndef TH_HOST_HOST_H
#define TH_HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "article.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "host/bundle.h"
#include "limit.h"
#include "record.h"
#include "store/store.h"
#include "text/gazetteer.h"
#include "text/quantity.h"

/* What a plugin says of itself. Lives as long as the host. */
typedef struct th_manifest {
    const char *name, *version, *summary;
    const char *path;           /* of its source */
    const char **needs;         /* names of plugins */
    size_t need_count;
    th_schema *schemas;         /* its record kinds, sorted by name */
    size_t schema_count;
    const char **files;         /* paths of the bundle's files it has read, in order, for its fingerprint */
    size_t file_count;
    th_limits limits;           /* in force: what the operator allows, lowered by what the plugin says of itself */
} th_manifest;

typedef struct th_host th_host;

/* A host for `bundle` (borrowed, as are units and gazetteer). No code runs yet. The caller frees it with th_host_close(). */
th_status th_host_open(th_host **out, const th_bundle *bundle, const th_units *units, const th_gazetteer *gazetteer,
                       const th_limits *limits, th_error *err);
void th_host_close(th_host *host); /* NULL is fine */

/* Give plugin `index` other limits than th_host_open() did; before th_host_load(). */
void th_host_allow(th_host *host, size_t index, const th_limits *limits);

/* Run the chunk of plugin `index` (of the bundle) and check its manifest. The message of a failure begins
 * "file:line: ": TH_ERR_PARSE (syntax), TH_ERR_USAGE (manifest), TH_ERR_RUNTIME and the limits. After it failed the plugin can not be run. */
th_status th_host_load(th_host *host, size_t index, th_error *err);

/* The manifest of a loaded plugin; NULL when it is not loaded. */
const th_manifest *th_host_manifest(const th_host *host, size_t index);

/* Compile all lexicons; after the last th_host_load() and before the first article. */
th_status th_host_ready(th_host *host, th_error *err);

/* Make `article` the current one: it must live in `arena`, where what plugins compute and record goes too. `given` are records
 * of kinds that will not be computed now (from the store) and may be empty; the list is extended by th_host_run(). */
void th_host_begin(th_host *host, const th_article *article, th_arena *arena, th_records *given);

/* Run plugin `index` on the current article: its records are added to the list given to th_host_begin() when all went well, none
 * otherwise. Fails with TH_ERR_RUNTIME, TH_ERR_USAGE (a record that does not fit its schema, a wrong API argument), TH_ERR_LIMIT_CPU,
 * TH_ERR_LIMIT_MEMORY, TH_ERR_LIMIT_OUTPUT; the message is "file:line: what" and has one line (trace apart, see th_host_trace).
 * After TH_ERR_LIMIT_MEMORY the plugin's state has been thrown away and made anew. `cpu_s` (may be NULL) = CPU seconds used. */
th_status th_host_run(th_host *host, size_t index, double *cpu_s, th_error *err);

/* Hand the Lua stacks of plugins to `fn`, one for each tick of the kernel's clock in CPU time (1 to 4 ms); after the plugins were loaded. */
void th_host_sample(void (*fn)(void *ctx, const char *stack, size_t len), void *ctx);

/* What the last th_host_run() took, also of one that failed. */
typedef struct th_run_use {
    double cpu_s;
    size_t memory;          /* bytes: the most that the plugin's state held */
    size_t records, output; /* as limits count them */
    uint32_t start, stop;   /* the part of the article it looked at last; empty when none */
} th_run_use;
const th_run_use *th_host_use(const th_host *host);

/* The traceback of the last failure, "" when none; borrowed until the next call. */
const char *th_host_trace(const th_host *host);

/* End the current article: its handles expire. */
void th_host_end(th_host *host);

/* ---- scripts ---- */

/* The files of the report's page, as bytes (data/report/); `charts` is empty where it was not made. */
typedef struct th_page {
    th_str frame, style, program, charts;
} th_page;

typedef struct th_script_options {
    const char *path;               /* of the script, for messages */
    const char *bytes;              /* its source */
    size_t len;
    const char *lang;               /* "zh" or "en" */
    const th_page *page;            /* NULL: no report can be written */
    const char *output;             /* folder that table:write() may write below */
    const char *const *args;        /* "name=value" from the command line */
    size_t arg_count;
} th_script_options;

/* Learn what the script needs without running it: `needs` in `arena`. */
th_status th_script_needs(const th_script_options *options, th_arena *arena, const char ***needs, size_t *count,
                          th_error *err);

/* What the script says of itself, for people: summary, arguments, needs. */
th_status th_script_describe(const th_script_options *options, th_str *out, th_error *err);

/* Run the script over `store` (open for reading), printing to standard output. */
th_status th_script_run(const th_script_options *options, th_store *store, const th_gazetteer *gazetteer, th_error *err);

#endif
