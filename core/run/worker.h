/* worker.h - the process in which files are parsed and plugins run. It takes tasks from its socket and answers each;
 * what it is doing stands in a page it shares with the parent, so that the parent knows whom to blame when it dies. */
#ifndef TH_RUN_WORKER_H
#define TH_RUN_WORKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "article.h"
#include "base/pack.h"
#include "host/host.h"
#include "run/assets.h"
#include "run/confine.h"

enum { TH_PLUGINS_MAX = 64 }; /* one bit each in a task */

enum { TH_AT_NOTHING = -1, TH_AT_LOADING = -2, TH_AT_START = -3 };

/* What a worker is doing now; written by it, read by the parent. */
typedef struct th_beat {
    _Atomic uint64_t task;       /* 0: none */
    _Atomic int32_t plugin;      /* index in the bundle, or TH_AT_… */
    _Atomic int64_t deadline_ns; /* CLOCK_MONOTONIC time by which this step must be over; 0: none */
    _Atomic uint64_t item;       /* of a file: the item at hand, from 1; those before it were answered */
    _Atomic bool many;           /* the file holds several */
    char path[1024];             /* the item's, "" when it is not known yet; written before `item` */
} th_beat;

typedef struct th_worker_setup {
    const th_assets *assets;
    th_limits limits;
    uint64_t skip; /* plugins (bits) that are not loaded: an earlier worker died of them */
    th_beat *beat;
    int fd;
    bool sample; /* send the plugins' Lua stacks */
} th_worker_setup;

/* The walls around a worker (run/confine.h) whose plugins' states may hold `memory` bytes together. */
th_confinement th_worker_confinement(size_t memory);

/* Serve until the socket closes. Returns the process's exit status. */
int th_worker_main(const th_worker_setup *setup);

/* What one plugin did on one article. */
typedef struct th_outcome {
    uint32_t plugin;
    th_status status;
    const char *message; /* NULL when all went well */
    const char *trace;
    th_run_use use;
} th_outcome;

/* The order in which plugins run: needs first, ties by name. `order` receives the indexes of the plugins in `set` and of all they
 * need; `*count` how many. Plugins whose manifest is NULL (they did not load) are left out, with those that need them left in.
 * TH_ERR_USAGE: a cycle (named as a → b → a) or a need that does not exist (named with who wants it). */
th_status th_order_plugins(const th_bundle *bundle, const th_manifest *const *manifests, uint64_t set, size_t *order,
                           size_t *count, th_error *err);

/* A manifest to bytes and back. */
void th_manifest_write(const th_manifest *m, th_str *out);
const th_manifest *th_manifest_read(th_unpack *in, th_arena *arena);

#endif
