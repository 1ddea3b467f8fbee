/* job.h - one run: load what is new, bring stale results up to date, write all of it into the store, say what happened. */
#ifndef TH_RUN_JOB_H
#define TH_RUN_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "config.h"
#include "run/assets.h"
#include "run/pool.h"
#include "run/profile.h"
#include "run/worker.h"
#include "store/merge.h"

typedef struct th_job_options {
    const th_config *config;
    const char *command;           /* what the user typed, for the run history */
    th_shard shard;                /* load only these articles */
    const char *const *merge;      /* stores to bring into config->store instead of loading files */
    size_t merge_count;
    bool mixed;                    /* merge: also what was made with different versions */
    bool with_plugins;             /* false: load only */
    bool trial;                    /* nothing is written: the store is a copy that is thrown away */
    const char *const *plugins;    /* names to run with what they need; none: all */
    size_t plugin_count;
    bool force;                    /* run them also where results are current */
    bool only_failed;              /* only what failed before: no new files, no stale results */
    const char *article;           /* only this stored article (id, path or end of a path), and no files; NULL: all */
    const char *again;             /* the command that runs a plugin on an article again, up to the plugin's name; NULL: none */
    const char *profile;           /* write the plugins' Lua stacks there, folded; NULL: do not sample them */
    bool trace;                    /* tell every failure with all of its traceback */
    th_lock_request lock;          /* how long to wait for another writer */
    int64_t parent_id;             /* the row of `run` of the job whose step this is; 0: none */
} th_job_options;

typedef struct th_job_report {
    int64_t run_id; /* its row of `run`; 0: there is none */
    size_t files, fresh, changed, unchanged; /* files seen; loaded for the first time, again, not at all */
    size_t files_failed;
    size_t items_failed; /* rows, members … of files that hold several articles */
    size_t reasons[TH_ERR_PARSE + 1]; /* files and items failed, by reason */
    size_t gone, back;  /* files of the store that are there no more; that are there again */
    size_t items_gone;  /* articles that are no more in a file that was read again */
    size_t again;       /* files read again since lines in them turned out to recur */
    size_t loaded;      /* articles read from files */
    uint64_t bytes;     /* of the files that were read */
    size_t workers;     /* that could be busy at a time */
    size_t exact, near; /* articles loaded that are duplicates: of an equal text, of one with small edits */
    size_t articles;  /* articles plugins ran on */
    size_t plugins;   /* plugins asked for that loaded */
    size_t records;   /* rows written */
    size_t failures;  /* rows of `failure` written: files, plugins that did not load, (article, plugin) pairs */
    size_t warnings;  /* articles loaded with a warning */
    th_merge_report merged;
    double seconds, load_s, store_s;   /* wall time of all; CPU in workers for loading; time writing in the parent */
    double parent_s;                   /* CPU of the parent: planning, writing, linking */
    th_profile profile;                /* what plugins cost */
    const char *plugin_names[TH_PLUGINS_MAX]; /* "" where it did not run; live as long as the assets */
    long worker_peak_kb, parent_peak_kb;      /* resident memory */
} th_job_report;

/* Do the job. TH_OK also when articles or plugins failed: the report counts them, each is a row of `failure` and a line in the log.
 * TH_ERR_USAGE, TH_ERR_STORE, TH_ERR_BUSY … when it could not be done; what was committed before stays. */
th_status th_job_run(const th_job_options *options, const th_assets *assets, th_job_report *report, th_error *err);

/* Is called once with what the plugins recorded in a text; article and records are gone when it returns. */
typedef void (*th_try_fn)(void *ctx, const th_article *article, th_records *records);

/* What every plugin (or those named) records in one text; nothing is stored. `title` and `date` may be NULL. Failures are logged
 * and counted; when the text gave no article `fn` is not called. */
th_status th_job_try(const th_job_options *options, const th_assets *assets, const char *text, size_t len,
                     const char *title, const char *date, th_try_fn fn, void *ctx, size_t *failures, th_error *err);

#endif
