/* merge.h - several stores as one: those of the shards of a run, or of runs over different articles. */
#ifndef TH_STORE_MERGE_H
#define TH_STORE_MERGE_H

#include "base/arena.h"
#include "store/store.h"

typedef struct th_merge_report {
    size_t articles; /* taken over */
    size_t same;     /* there already, the same: their results were completed */
    size_t older;    /* there already, read later with another content: that one was kept */
    size_t records, failures;
    size_t shards, missing; /* into how many the files were split; how many of these were not among the stores */
} th_merge_report;

/* Bring what the stores at `paths` hold into `store`, each in a transaction of its own; what is there already is not taken twice, so
 * that a merge that broke off can be done again. An article is known by its path; of two contents the one loaded later stays.
 * Failures of each store's last run become failures of `run_id`. Links of duplicates are left to th_store_link_duplicates(),
 * which finds all that came in to be new.
 * TH_ERR_USAGE, before anything is written, when two stores were made with different versions of the loader or a plugin and not
 * `mixed`, or when plugins declare a kind differently. TH_ERR_BUSY for a store whose run is not over. */
th_status th_store_merge(th_store *store, const char *const *paths, size_t count, bool mixed, int64_t run_id,
                         th_merge_report *report, th_error *err);

/* A plugin that left results in the store. */
typedef struct th_stored_plugin {
    const char *name, *fingerprint;
} th_stored_plugin;

/* All of them, by name, in `arena`. */
th_status th_store_plugins(th_store *store, th_arena *arena, th_stored_plugin **out, size_t *count, th_error *err);

/* Were all files read by this loader? */
th_status th_store_read_by(th_store *store, const char *loader, bool *out, th_error *err);

#endif
