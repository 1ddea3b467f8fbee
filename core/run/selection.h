/* selection.h - which plugins a run uses, in which order, and the fingerprints that tell whether their results are stale. */
#ifndef TH_RUN_SELECTION_H
#define TH_RUN_SELECTION_H

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "run/assets.h"
#include "run/pool.h"
#include "run/worker.h"

typedef struct th_selection {
    const th_bundle *bundle;
    const th_pool_plugin *plugins;      /* by bundle index */
    const th_manifest *manifests[TH_PLUGINS_MAX];
    size_t order[TH_PLUGINS_MAX];       /* bundle indexes of those that can run, needs first */
    size_t count;
    uint64_t set;                       /* the same as bits */
    char fingerprints[TH_PLUGINS_MAX][TH_HASH_TEXT]; /* by bundle index, of those in `set` */
    const th_schema **schemas;          /* of all plugins that loaded */
    size_t *owners;                     /* the bundle index that declares schemas[i] */
    size_t schema_count;
} th_selection;

/* Is called for each plugin asked for that can not run: it did not load, or needs one that did not. */
typedef void (*th_unfit_fn)(void *ctx, size_t index, th_status status, const char *message);

/* Choose the plugins called `names` (none: all) and what they need. TH_ERR_USAGE for a name that is not there (with the nearest one)
 * and for circles of needs. */
th_status th_selection_make(th_selection *out, th_arena *arena, const th_assets *assets, const th_pool_plugin *plugins,
                            const char *const *names, size_t name_count, th_unfit_fn unfit, void *ctx, th_error *err);

/* Where the results of chosen plugin `plugin` come from: the hash of its source, and as JSON objects the hashes of the files it reads, the
 * fingerprints of what it needs, and its settings. */
void th_selection_describe(const th_selection *s, size_t plugin, char source[TH_HASH_TEXT], th_str *data, th_str *needs,
                           th_str *settings);

/* The bundle index of the plugin that declares the schema; TH_PLUGINS_MAX when none does. */
size_t th_selection_owner(const th_selection *s, const th_schema *schema);

#endif
