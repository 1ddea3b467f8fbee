/* lock.h - the one writer of a store: a lock file beside it (PATH-lock), held by flock, that says who holds it: process, host, since when, and its
 * command line. The system drops it with the last process that has it open, however that ends. Readers need none. */
#ifndef TH_STORE_LOCK_H
#define TH_STORE_LOCK_H

#include <signal.h>

#include "base/error.h"

typedef struct th_lock th_lock;

typedef struct th_lock_request {
    double wait_s;                      /* for another writer to end; 0: not at all; below 0: for ever */
    const volatile sig_atomic_t *stop;  /* gives up when it is not 0; NULL: none */
} th_lock_request;

/* Take the lock of the store at `path`; `request` may be NULL. A lock that was lent to this process by the one that started it is taken over and is not
 * dropped with `*out`. TH_ERR_BUSY names the holder. The caller frees it with th_lock_drop(). */
th_status th_lock_take(th_lock **out, const char *path, const th_lock_request *request, th_error *err);
void th_lock_drop(th_lock *lock); /* NULL is fine */

/* Lend the lock to this process' own openings of the store and to programs it starts, until it is dropped: by an open descriptor and the variable
 * TALENTHOST_LOCK. */
void th_lock_lend(th_lock *lock);

#endif
