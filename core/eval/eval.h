/* eval.h - how well the records of a store agree with annotated articles ("gold").
 *
 * A gold folder holds one *.json file per article: the file's name, metadata, headings, captions, boilerplate and the
 * metrics, policies, rankings, programmes, times and regions a reader marked. Gold is placed in article.text by quotation;
 * white space, full-width forms and differences of composition do not matter. "article" is a file's name or the end of its path. What can not be placed counts as missed. */
#ifndef TH_EVAL_EVAL_H
#define TH_EVAL_EVAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "store/store.h"

/* A data file of the plugins, in memory. */
typedef struct th_eval_source {
    const char *path, *bytes;
    size_t len;
} th_eval_source;

typedef struct th_eval_options {
    bool json;     /* JSON instead of aligned text */
    size_t errors; /* show the first so many misses, false alarms and wrong fields of each section; 0: none */
    const char *against; /* an earlier evaluation, saved as JSON, to show what changed; NULL: none */
    bool cross;    /* show also F1 by article, and of every term in `sources` how many articles of the store hold it */
    const th_eval_source *sources;
    size_t source_count;
} th_eval_options;

/* Compare `store` with the gold in `gold_dir` and append precision, recall and F1 of each section to `out`. Fails with
 * TH_ERR_MISSING when there is no gold, TH_ERR_PARSE ("file:line:column: …") when a gold file, a source or the earlier evaluation is wrong. */
th_status th_eval(const char *gold_dir, th_store *store, const th_eval_options *options, th_str *out, th_error *err);

#endif
