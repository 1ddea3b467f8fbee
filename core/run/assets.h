/* assets.h - everything a worker needs, as bytes read before the fork: data tables, chrome rules, plugins. */
#ifndef TH_RUN_ASSETS_H
#define TH_RUN_ASSETS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "config.h"
#include "host/bundle.h"
#include "load/load.h"
#include "load/edges.h"
#include "text/quantity.h"

typedef struct th_asset {
    const char *path;
    const char *bytes;
    size_t len;
} th_asset;

typedef struct th_assets {
    th_asset units, words, divisions, zones, chrome;
    th_bundle bundle;
    th_column columns[16]; /* that the configuration names */
    size_t column_count;
    char loader[TH_HASH_TEXT]; /* fingerprint of what shapes an article: core text version, chrome rules, gazetteer, columns */
    const th_repeated *repeated; /* lines known to recur, shared with the workers; NULL: none */
    th_limits *limits; /* what the operator allows each plugin of the bundle */
    th_shard shard; /* the articles to load; zeros: all */
    const char *sandbox_config; /* the file that requires every wall of the sandbox; NULL: none does */
} th_assets;

/* Read the data of the installation and the plugins of `config` into `arena`. When the configuration names a codebook it takes
 * the place of policy.yaml. Limits for a plugin that is not there are TH_ERR_USAGE. */
th_status th_assets_read(th_assets *out, th_arena *arena, const th_config *config, th_error *err);

/* Load units and words of the scanner; the caller frees them with th_units_free(). */
th_status th_assets_units(const th_assets *assets, th_units **out, th_error *err);

#endif
