/* answer.h - what a worker says plugins did on one article: the outcomes and the records behind the article in a result. */
#ifndef TH_RUN_ANSWER_H
#define TH_RUN_ANSWER_H

#include "base/arena.h"
#include "base/error.h"
#include "base/pack.h"
#include "record.h"
#include "run/selection.h"
#include "run/worker.h"

/* "worker: sent a broken answer". */
th_status th_answer_broken(th_error *err);

/* Read outcomes (at most TH_PLUGINS_MAX) and records of an article of `text_len` bytes; records go into `arena`, messages are
 * borrowed from the answer. Nothing a worker says is trusted: TH_ERR_CRASH on what no sound worker sends. */
th_status th_answer_read(th_unpack *in, const th_selection *chosen, th_arena *arena, size_t text_len, th_outcome *outcomes,
                         uint32_t *count, th_records *records, th_error *err);

#endif
