/* labels.h - names of things in containers as paths: made readable, and told apart when they come twice. Internal to load/. */
#ifndef TH_LOAD_LABELS_H
#define TH_LOAD_LABELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* Which paths came how often. Start it as {0}. */
typedef struct th_labels {
    struct th_label_slot {
        uint64_t key; /* 0: free */
        uint32_t times;
    } *slots;
    size_t count, cap;
} th_labels;

void th_labels_free(th_labels *labels);

/* `out` = "CONTAINER!NAME": a name that is no UTF-8 is taken for GBK (zips from Windows), control characters and other bytes
 * become \xNN, and the second of its kind ends in ~2. TH_ERR_NOMEM. */
th_status th_labels_path(th_labels *labels, th_str *out, const char *container, const char *name, size_t len, th_error *err);

#endif
