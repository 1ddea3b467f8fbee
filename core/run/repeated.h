/* repeated.h - the lines that recur at the edges of many articles of one site, source or folder: learnt from all articles in the
 * store, so that what they are depends on the articles alone. */
#ifndef TH_RUN_REPEATED_H
#define TH_RUN_REPEATED_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "load/edges.h"
#include "store/store.h"

/* Room for the keys in memory that processes forked later share. NULL when the system refuses. The caller frees it with
 * th_repeated_free(). */
th_repeated *th_repeated_new(void);
void th_repeated_free(th_repeated *set); /* NULL is fine */

/* Learn the set anew. About 250 bytes an article while it lasts. */
th_status th_repeated_learn(th_repeated *set, th_store *store, th_error *err);

/* The articles that were read before the set was what it is, and lost too few lines or too many; ids in `arena`. */
th_status th_repeated_outdated(const th_repeated *set, th_store *store, th_arena *arena, int64_t **ids, size_t *count,
                               th_error *err);

#endif
