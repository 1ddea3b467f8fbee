/* gone.h - files that the store knows and that are there no more, and those that came back. */
#ifndef TH_RUN_GONE_H
#define TH_RUN_GONE_H

#include <stddef.h>

#include "base/error.h"
#include "config.h"
#include "run/walk.h"
#include "store/store.h"

/* Compare what a walk over `roots` found with the files in the store. A file is marked as gone, with its articles, when a
 * folder above it was walked to its end without finding it and the system says that it is not there; a folder that could not
 * be read, or is missing as a whole (a disk that is not mounted), proves nothing. A file that was found loses its mark.
 * `*gone` = files marked now, `*back` = files that lost the mark. In the caller's transaction. */
th_status th_gone_mark(th_store *store, const th_paths *roots, const th_found_list *found, size_t *gone, size_t *back,
                       th_error *err);

#endif
