/* internal.h - what the files of batch/ share. */
#ifndef TH_BATCH_INTERNAL_H
#define TH_BATCH_INTERNAL_H

#include "batch/batch.h"
#include "store/store.h"

/* The schedule and its zone as one text: when it changes, the job begins anew. */
void th_batch_schedule_key(const th_config *config, const th_batch_job *job, char *out, size_t size);

th_store *th_batch_look(const th_batch_options *o);

#endif
