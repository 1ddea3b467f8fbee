/* report.h - runs as the history has them, for people and for programs: JSON, Prometheus' text format (for the textfile collector of its node
 * exporter), JUnit's XML. */
#ifndef TH_BATCH_REPORT_H
#define TH_BATCH_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "store/store.h"

typedef struct th_run_failure {
    const char *path, *plugin; /* may be NULL */
    const char *reason, *message;
} th_run_failure;

/* A row of `run`; texts may be NULL. */
typedef struct th_run_info {
    int64_t id; /* 0: it has none yet */
    int64_t parent_id, loaded, articles, records, failure_count, attempts, exit_status, pid;
    const char *command, *job, *slot, *status, *started, *ended, *message, *host, *versions, *log;
    double seconds;
    th_run_failure *failures; /* its own and those of its steps: the first TH_FAILURES_SHOWN */
    size_t failures_read;
} th_run_info;

enum { TH_FAILURES_SHOWN = 1000 };

/* Read run `id`, with its failures, into `arena`. TH_ERR_MISSING when there is none. */
th_status th_run_read(th_store *store, int64_t id, th_arena *arena, th_run_info *out, th_error *err);

/* One object; with `whole` its log and failures too. */
void th_run_json(const th_run_info *run, bool whole, th_str *out);

/* The name of the format that a file's ending asks for; NULL: none. */
const char *th_report_format_of(const char *file);

/* Write a report on `count` runs to `file`, whole or not at all: by a new file that takes its place. */
th_status th_report_write(const char *file, const th_run_info *runs, size_t count, th_error *err);

#endif
