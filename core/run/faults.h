/* faults.h - failures of a run: each is a row of `failure` and is counted; the first of a kind is a line in the log, its repeats
 * are summed up at the end. */
#ifndef TH_RUN_FAULTS_H
#define TH_RUN_FAULTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

typedef struct th_fault {
    int64_t article_id; /* 0: none */
    const char *path;   /* of the file or article; NULL: none */
    const char *plugin; /* NULL: none */
    th_status status;
    const char *message; /* one line */
    const char *trace;   /* NULL or "": none */
} th_fault;

typedef struct th_faults th_faults;

/* `store` may be NULL: then nothing is written. The caller frees it with th_faults_free(). */
th_faults *th_faults_new(th_store *store, int64_t run_id);
void th_faults_free(th_faults *faults);

/* Note one. Fails only when the store does. */
th_status th_faults_add(th_faults *faults, const th_fault *fault, th_error *err);

size_t th_faults_count(const th_faults *faults);

/* How many files and items failed with `reason`: no plugin was at fault. */
size_t th_faults_of_files(const th_faults *faults, th_status reason);

/* Log how often what was shown came again. */
void th_faults_sum_up(const th_faults *faults);

#endif
