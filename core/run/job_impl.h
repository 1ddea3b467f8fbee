/* job_impl.h - one run, shared by the files job_*.c: what it knows, and the steps one file does for another. A step returns TH_OK
 * also when an article, a plugin or a file failed: that is noted (th_job_fail). Any other status ends the run. */
#ifndef TH_RUN_JOB_IMPL_H
#define TH_RUN_JOB_IMPL_H

#include "base/arena.h"
#include "base/pack.h"
#include "base/str.h"
#include "run/faults.h"
#include "run/job.h"
#include "run/repeated.h"
#include "run/selection.h"
#include "run/walk.h"
#include "store/store.h"

/* A plugin that cost the task a worker. */
typedef struct th_task_loss {
    struct th_task_loss *next;
    size_t plugin;
    th_status status;
    const char *message;
} th_task_loss;

typedef struct th_task {
    th_found *file;     /* NULL for a stored article */
    th_file_state state;
    char hash[TH_HASH_TEXT]; /* what the file's bytes hashed to the last time */
    int64_t article_id;
    uint64_t plugins, failed; /* of the article; of a file's item `first` */
    uint64_t first, skip;     /* of a file: items before `first` were answered, `skip` (0: none) can not be loaded */
    unsigned deaths;
    bool again; /* read before in this run, or in an earlier one: for the sake of the lines that recur */
    bool shaky; /* an item failed for a reason that may pass: the file is read again the next time */
    th_task_loss *losses;
    int64_t *kept; /* the articles it holds now; NULL for a file that is new */
    size_t kept_count, kept_cap;
} th_task;

typedef struct th_job {
    const th_job_options *options;
    const th_assets *assets;
    char loader[TH_HASH_TEXT + 24]; /* the loader's fingerprint, and the shard that is read */
    size_t absent;      /* files to be read again that are not there */
    th_assets own;      /* the assets with what this job adds to them */
    th_repeated *repeated; /* in memory shared with the workers */
    th_store *store; /* NULL when nothing is stored (try) */
    th_pool *pool;
    th_arena *arena;   /* of the job */
    th_arena *files;   /* of the files found and the tasks at hand */
    th_arena *scratch; /* of the answer or task at hand */
    th_selection chosen;
    int64_t plugin_ids[TH_PLUGINS_MAX];
    unsigned strikes[TH_PLUGINS_MAX]; /* limit failures so far */
    uint64_t aside;                   /* plugins set aside for the rest of the run */
    th_faults *faults;
    th_job_report *report;
    int64_t run_id;
    th_str stacks;    /* sampled, a line each */
    th_str said;      /* what was logged, for the history */
    th_error trouble; /* what could not be said where it happened */

    th_task *tasks;
    size_t task_count, next, finished;
    const char *doing; /* for the progress line */
    bool in_batch;
    size_t batch_articles;
    double batch_start;

    const char *text, *title, *date; /* try: the one text */
    size_t text_len;
    th_try_fn try_fn;
    void *try_ctx;
} th_job;

/* ---- job.c ---- */

th_status th_job_fail(th_job *j, const th_fault *fault, th_error *err);
/* For callbacks that return no status: the store's refusal is kept and ends the run at the next tick. */
void th_job_fail_later(th_job *j, const th_fault *fault);

th_status th_job_open_batch(th_job *j, th_error *err); /* nothing to do when one is open */
th_status th_job_close_batch(th_job *j, th_error *err);

/* What is loaded is compared with all that is in the store. */
th_status th_job_link_duplicates(th_job *j, th_error *err);

/* ---- job_files.c ---- */

/* Find the files and make a task of each that may have changed. */
th_status th_job_plan_files(th_job *j, th_error *err);
/* Remember that the task's file holds article `id` (0: none). What it held before and holds no more is marked at its end. */
th_status th_job_keep(th_job *j, th_task *t, int64_t id, th_error *err);
/* Note that the item `path` of the task's file could not be loaded. */
th_status th_job_fail_item(th_job *j, th_task *t, const char *path, th_status status, const char *message, th_error *err);
/* The task's file was read (`outcome` TH_OK), was the `same` as the last time, or could not be read at all. */
th_status th_job_file_done(th_job *j, th_task *t, th_status outcome, const char *message, const char *hash, bool same,
                           th_error *err);

/* ---- job_plugins.c ---- */

th_status th_job_choose_plugins(th_job *j, th_error *err);
/* Tell the store of the chosen plugins; their numbers in it go into j->plugin_ids. */
th_status th_job_register_plugins(th_job *j, th_error *err);
/* --force: results of the plugins that were asked for (of all, when none was named) are no longer current. */
th_status th_job_outdate(th_job *j, int64_t only, th_error *err);
/* Make a task of each stored article (of `only`, when it is not 0) that lacks results. */
th_status th_job_plan_stale(th_job *j, int64_t only, th_error *err);

/* ---- job_tasks.c ---- */

/* Add a copy of `t` to j->tasks; start with `*cap` = 0 and no tasks. */
th_status th_job_add_task(th_job *j, const th_task *t, size_t *cap, th_error *err);
/* Have the workers do j->tasks; then they are gone, and the files found. `doing` is for the progress line. */
th_status th_job_run_tasks(th_job *j, const char *doing, th_error *err);

/* ---- job_answers.c ---- */

/* A th_pool_ops.answer. */
th_status th_job_answer(void *ctx, uint64_t id, th_message_type type, th_unpack *in, th_error *err);

/* ---- job_again.c ---- */

/* What the store knows of lines that recur before files are read: they go at once, and seldom has a file to be read twice. */
th_status th_job_learn_repeated(th_job *j, th_error *err);
/* Read again the articles for which the lines that recur are others now. */
th_status th_job_run_again(th_job *j, th_error *err);

/* ---- job_merge.c ---- */

/* Bring the stores of j->options->merge into this one. */
th_status th_job_merge(th_job *j, th_error *err);

#endif
