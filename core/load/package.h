/* package.h - named parts out of a zip in memory, for office documents. Internal to load/. */
#ifndef TH_LOAD_PACKAGE_H
#define TH_LOAD_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

typedef struct th_part {
    const char *prefix, *suffix; /* the first member whose name begins and ends like this */
    th_str bytes;                /* its content; the caller frees it */
    bool found;
} th_part;

/* Read the parts. `path` starts messages. TH_ERR_PARSE when the zip is damaged (parts read before stay), TH_ERR_UNREADABLE
 * when it is encrypted, TH_ERR_BOMB when a part expands beyond measure, TH_ERR_NOMEM. */
th_status th_package_read(th_part *parts, size_t count, const char *path, const char *bytes, size_t len, th_error *err);

#endif
