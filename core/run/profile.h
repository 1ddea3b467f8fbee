/* profile.h - what plugins cost in one run: always on, a few additions for each article. */
#ifndef TH_RUN_PROFILE_H
#define TH_RUN_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "run/worker.h"

enum { TH_SLOWEST = 5, TH_PROFILE_BUCKETS = 128 };

/* One plugin. */
typedef struct th_plugin_cost {
    size_t calls;
    double cpu_s;   /* of all calls */
    size_t memory;  /* bytes: the most that its state held */
    uint32_t buckets[TH_PROFILE_BUCKETS]; /* calls by CPU time, four buckets to each doubling */
} th_plugin_cost;

/* One plugin on one article. */
typedef struct th_slow_pair {
    uint32_t plugin;
    double cpu_s;
    char path[256]; /* of the article, its end when it is longer */
} th_slow_pair;

typedef struct th_profile {
    th_plugin_cost plugins[TH_PLUGINS_MAX]; /* by index in the bundle */
    th_slow_pair slowest[TH_SLOWEST];       /* slowest first; cpu_s 0 where there are fewer */
} th_profile;

void th_profile_add(th_profile *profile, uint32_t plugin, const char *path, const th_run_use *use);

/* Write stacks (a line each, in any order) to `path` folded: each once with how often it was there, as flame graph programs read it. */
th_status th_profile_write(const char *path, const th_str *stacks, th_error *err);

/* CPU seconds that 95 of 100 calls stay below, to a fifth of the value. */
double th_profile_p95(const th_plugin_cost *cost);

#endif
