/* pool.h - worker processes: started, fed, watched, and replaced when they die.
 *
 * The pool knows tasks only by number; what a task is and what becomes of its answers is its user's business (th_pool_ops). A
 * worker that dies or overruns its deadline costs the task it was at, in the plugin it was in. */
#ifndef TH_RUN_POOL_H
#define TH_RUN_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "config.h"
#include "host/host.h"
#include "run/assets.h"
#include "run/wire.h"
#include "run/worker.h"

typedef struct th_pool th_pool;

/* How a task lost its worker. */
typedef struct th_loss {
    int plugin;       /* it was in this one, or TH_AT_LOADING */
    th_status status; /* TH_ERR_TIMEOUT or TH_ERR_CRASH */
    const char *text; /* what happened */
    uint64_t item;    /* of a file: the item at hand; those before it were answered */
    bool many;        /* the file is known to hold several items */
    const char *path; /* the item's, "" when it was not known yet */
} th_loss;

#define TH_POOL_LATER UINT64_MAX /* no task's number */

/* What the user of a pool does; `ctx` is theirs. A status other than TH_OK stops th_pool_run(), which returns it. */
typedef struct th_pool_ops {
    /* The next task's number (> 0), 0 when there are no more, or TH_POOL_LATER when there is none yet. */
    uint64_t (*next)(void *ctx);
    /* Write task `id` for a worker: type, payload, and descriptor (given away; -1: none). False: the task is over already (the
     * user has noted why). Called again when the worker that had it died. */
    bool (*encode)(void *ctx, uint64_t id, th_message_type *type, th_str *payload, int *fd);
    /* A TH_MSG_RESULT or TH_MSG_DONE of a task; the payload starts behind the task's number. */
    th_status (*answer)(void *ctx, uint64_t id, th_message_type type, th_unpack *in, th_error *err);
    /* The worker died or was killed at task `id`. True: try the task again (it will be encoded anew). */
    bool (*lost)(void *ctx, uint64_t id, const th_loss *loss);
    /* Called about ten times a second and after every answer: commit, show progress. */
    th_status (*tick)(void *ctx, th_error *err);
    /* Does the task take long (a file of many articles)? Then nothing is queued behind it while other workers are free. */
    bool (*is_long)(void *ctx, uint64_t id);
    /* The descriptor that has to be readable before `next` can give another task; -1: none. May be NULL. */
    int (*waits_for)(void *ctx);
} th_pool_ops;

/* A pool of at most `jobs` workers (0: one per core). No process is started yet. The caller frees it with th_pool_close(). */
th_status th_pool_open(th_pool **out, const th_assets *assets, const th_limits *limits, size_t jobs, th_error *err);
void th_pool_close(th_pool *pool); /* ends the workers; NULL is fine */

/* Have the workers send the Lua stacks of their plugins; before the first starts. They go to ops->answer with task number 0. */
void th_pool_sample(th_pool *pool);

/* How plugin loading went, the same in every worker. */
typedef struct th_pool_plugin {
    const th_manifest *manifest; /* NULL when it did not load */
    th_status status;            /* why not */
    const char *message;
} th_pool_plugin;

/* Start the first worker and learn what the plugins say of themselves: one entry per plugin of the bundle, living as long as the
 * pool. Fails when no worker can start. */
th_status th_pool_plugins(th_pool *pool, const th_pool_plugin **out, th_error *err);

/* Do all tasks. */
th_status th_pool_run(th_pool *pool, const th_pool_ops *ops, void *ctx, th_error *err);

#endif
