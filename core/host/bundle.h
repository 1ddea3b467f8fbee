/* bundle.h - plugins, scripts and their data as bytes, read before any of their code runs.
 *
 * The parent reads a bundle, forks, and the workers take everything from memory: a worker opens no file. */
#ifndef TH_HOST_BUNDLE_H
#define TH_HOST_BUNDLE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct th_source {
    const char *path; /* as found: "plugins/metric.lua", "plugins/data/policy.yaml" */
    const char *name; /* plugin: file name without .lua; data and modules: path below the plugin's folder ("data/policy.yaml") */
    const char *dir;  /* the folder of the plugin path it came from */
    const char *bytes;
    size_t len;
} th_source;

typedef struct th_bundle {
    th_source *plugins; /* sorted by name */
    size_t plugin_count;
    th_source *files; /* data and Lua modules: everything below data/ and lib/ beside the plugins, and *.yaml, *.tsv there */
    size_t file_count;
} th_bundle;

/* Read every *.lua of the given folders (or the single files) and their data into `arena`. Files ending in _test.lua are left
 * out. Two plugins of one name, a missing folder or an unreadable file fail with a message that names them. */
th_status th_bundle_read(th_bundle *out, th_arena *arena, const char *const *paths, size_t path_count, th_error *err);

/* The file `name` for code that stands in folder `dir`: dir/data/name, then dir/name; NULL when there is none. */
const th_source *th_bundle_file(const th_bundle *bundle, const char *dir, const char *name);

#endif
