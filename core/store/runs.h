/* runs.h - the history of runs beyond what one run writes of itself: jobs, what was refused or missed, what is kept how long. */
#ifndef TH_STORE_RUNS_H
#define TH_STORE_RUNS_H

#include "store/store.h"

/* A row of `run` of its own: the beginning of a job, or something that is over at once. */
typedef struct th_run_start {
    const char *command; /* what was typed */
    const char *job;     /* of config.yaml; NULL: none */
    const char *slot;    /* the time of its schedule that it is for, UTC; NULL: none */
    int64_t parent_id;   /* the job's row whose step it is; 0: none */
} th_run_start;

/* Begin a run. Those that are "running" are dead, since the lock is held: they become "interrupted". */
th_status th_store_run_start(th_store *store, const th_run_start *start, int64_t *run_id, th_error *err);

/* What versions of program and plugins it runs with, as JSON. */
th_status th_store_run_versions(th_store *store, int64_t run_id, const char *versions, th_error *err);

/* Why it could not be done. */
th_status th_store_run_message(th_store *store, int64_t run_id, const char *message, th_error *err);

/* What was said meanwhile. */
th_status th_store_run_log(th_store *store, int64_t run_id, const char *log, th_error *err);

/* How a job ended; counts are those of its steps. */
typedef struct th_run_end {
    const char *status, *message, *log; /* message and log may be NULL */
    int exit_status;
    size_t attempts;
} th_run_end;
th_status th_store_job_end(th_store *store, int64_t run_id, const th_run_end *end, th_error *err);

/* ---- what happens while the store can not be written ---- */

/* Something that is over: a run that was refused, or could not begin or end, or whose time went by. */
typedef struct th_run_event {
    const char *key;     /* of two events with one key the first counts; NULL: none */
    const char *command, *job, *slot;
    const char *status;  /* refused, missed, skipped, failed, interrupted */
    const char *message;
    int64_t run_id;      /* the row whose end it is; 0: a row of its own */
    int exit_status;
    size_t attempts;
} th_run_event;

/* Note it in the file PATH-events beside the store at `path`; the next run makes rows of it. Needs no lock. */
th_status th_store_event_note(const char *path, const th_run_event *event, th_error *err);

/* Make sure that events can be noted when the disk is full: some room is set aside. Where that can not be done nothing is said. */
void th_store_event_reserve(const char *path);

/* Make rows of what was noted. th_store_run_start() does it. */
th_status th_store_events_take(th_store *store, th_error *err);

/* A row at once, by a writer. */
th_status th_store_event_add(th_store *store, const th_run_event *event, th_error *err);

/* ---- jobs ---- */

/* Up to when a job's times are dealt with; false in `*known` when the job was never seen, or had another schedule. */
th_status th_store_job_settled(th_store *store, const char *job, const char *schedule, int64_t *settled, bool *known, th_error *err);
th_status th_store_job_settle(th_store *store, const char *job, const char *schedule, int64_t settled, th_error *err);

/* ---- keeping ---- */

/* Remove runs that began more than `keep_s` seconds ago, with their failures; not what `run --only-failed` would do again, and not the last run. */
th_status th_store_history_prune(th_store *store, double keep_s, th_error *err);

#endif
