/* map.h - articles in, records out, a line each and in order: a filter that other programs drive. Nothing is stored. */
#ifndef TH_RUN_MAP_H
#define TH_RUN_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "config.h"
#include "run/assets.h"

typedef struct th_map_options {
    const th_config *config;
    const char *const *plugins; /* names to run with what they need; none: all */
    size_t plugin_count;
    int input;                  /* the descriptor that lines of NDJSON are read from, up to its end */
    /* Take one line, its end with it. False: the output can not be written; the run ends with TH_ERR_IO. */
    bool (*put)(void *ctx, const char *line, size_t len);
    /* Nothing more comes soon: what was put should go out. False as above. */
    bool (*flush)(void *ctx);
    void *ctx;
} th_map_options;

typedef struct th_map_report {
    uint64_t lines;   /* read, and written */
    uint64_t failed;  /* lines that gave no article */
    uint64_t partial; /* articles on which a plugin failed */
    uint64_t records;
    size_t unfit;     /* plugins asked for that can not run */
    size_t plugins;   /* that ran */
} th_map_report;

/* Read all lines. One may be 16 MB long. Each becomes one line:
 *   {"id":…,"line":3,"title":…,"date":…,"source":…,"authors":[…],"url":…,"region":{"code":…,"name":…},"records":{KIND:[…],…}}
 * with "failures" and "warnings" when there are any; one that gives no article
 *   {"id":…,"line":3,"error":"…","reason":"…"}.
 * Memory does not grow with the number of lines: a window of them is in flight. TH_OK also when lines failed: the report
 * counts them. TH_ERR_IO when input or output can not be read or written. */
th_status th_map_run(const th_map_options *options, const th_assets *assets, th_map_report *report, th_error *err);

#endif
