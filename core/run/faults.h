/* faults.h - failures of a run: each is a row of `failure` and is counted; the first of a kind is a line in the log, its repeats
 * are summed up at the end. Of a kind are failures of one plugin with one reason at one line. */
#ifndef TH_RUN_FAULTS_H
#define TH_RUN_FAULTS_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#include "article.h"
#include "base/error.h"
#include "host/host.h"
#include "store/store.h"

typedef struct th_fault {
    int64_t article_id; /* 0: none */
    const char *path;   /* of the file or article; NULL: none */
    const char *plugin; /* NULL: none */
    th_status status;
    const char *message; /* one line */
    const char *trace;   /* NULL or "": none */
    /* For what is told of it at the terminal; NULL: not known. */
    const th_article *article;
    const th_run_use *use;
    const th_limits *limits;
} th_fault;

typedef struct th_faults th_faults;

/* `store` may be NULL: then nothing is written. `bundle` (borrowed) has the source lines; `again` (borrowed, NULL: none) is the command
 * that runs a plugin on an article again, up to the plugin's name. With `whole_trace` every failure is told at length, else the first
 * of a kind. The caller frees it with th_faults_free(). */
th_faults *th_faults_new(th_store *store, int64_t run_id, const th_bundle *bundle, const char *again, bool whole_trace);
void th_faults_free(th_faults *faults);

/* Note one. Fails only when the store does. */
th_status th_faults_add(th_faults *faults, const th_fault *fault, th_error *err);

size_t th_faults_count(const th_faults *faults);

/* How many files and items failed with `reason`: no plugin was at fault. */
size_t th_faults_of_files(const th_faults *faults, th_status reason);

/* Log how often what was shown came again. */
void th_faults_sum_up(const th_faults *faults);

#endif
