/* batch.h - run the jobs of config.yaml: those that are needed first, each under the store's lock, each a row of `run`.
 *
 * The steps of a job (load or run, scripts, exports) are this program started again, so that a step that dies or overruns its time harms
 * nobody. What can not be written into the store is noted beside it (store/runs.h). */
#ifndef TH_BATCH_BATCH_H
#define TH_BATCH_BATCH_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "config.h"

typedef struct th_batch_options {
    const th_config *config;
    const char *program;           /* this one; absolute */
    const char *const *common;     /* options for each step: --config … */
    size_t common_count;
    const char *command;           /* what was typed, for the history */
    double wait_s;                 /* for the store, when another process writes to it; below 0: for ever */
    bool quiet;                    /* what steps say goes into the history only */
    int64_t (*now)(void);          /* seconds since 1970; a test has a clock of its own */
    const volatile sig_atomic_t *stop; /* not 0: end the step at hand and all else */
} th_batch_options;

enum { TH_SLOTS_SHOWN = 64 };

/* A job, and the times of its schedule that are not dealt with. */
typedef struct th_batch_item {
    const th_batch_job *job;
    int64_t slots[TH_SLOTS_SHOWN]; /* the first ones */
    size_t slot_count;
    int64_t last;                  /* the last of all; 0: none is due */
    bool more;                     /* there are others between the first ones and the last */
} th_batch_item;

typedef struct th_batch_plan {
    th_batch_item *items; /* in the order in which they run */
    size_t count;
} th_batch_plan;

/* Which jobs to run: those named and those they need; with `due` those (of the ones named, or of all) whose time has come. A job that is needed and has a
 * schedule of its own is left out when its last run went well and it is not due. In `arena`. */
th_status th_batch_choose(const th_batch_options *options, const char *const *names, size_t count, bool due, th_arena *arena, th_batch_plan *out,
                          th_error *err);

/* Let jobs that the store does not know, or knows with another schedule, begin now, so that none of their times is lost from here on. TH_ERR_BUSY and the like when
 * the store can not be written now. */
th_status th_batch_begin(const th_batch_options *options, th_error *err);

/* The next time of a job's schedule that is not dealt with, also one gone by; -1: it has none. */
th_status th_batch_next(const th_batch_options *options, const th_batch_job *job, int64_t *out, th_error *err);

typedef struct th_batch_outcome {
    const th_batch_job *job;
    const char *status;  /* ok, failed, refused, skipped, interrupted */
    int64_t run_id;      /* 0: there is no row yet */
    size_t attempts;
    int exit_status;     /* of the step that failed */
    int64_t loaded, articles, records, failures;
    double seconds;
    bool still_due;      /* it could not begin or end: its time is not dealt with */
    char message[512];   /* "" or one line */
} th_batch_outcome;

/* Run them; `out` has room for all. Not called for what did not happen after a stop: `*ran` tells how many there are. */
void th_batch_run(const th_batch_options *options, const th_batch_plan *plan, th_batch_outcome *out, size_t *ran);

/* One line on an outcome, fit for the subject of a mail. */
void th_batch_summary(const th_batch_outcome *out, th_str *text);

/* The command lines of a job's steps: NULL-terminated lists of words, themselves ended by NULL. In `arena`; NULL: out of memory. */
const char *const *const *th_batch_steps(const th_batch_options *options, const th_batch_job *job, th_arena *arena);

#endif
