/* annotate.h - records as annotations that an analyst corrects in a tool, and the corrected files back as gold.
 *
 * What is exported: records of metric, policy, programme, ranking, timex and region. Offsets in files are characters (code points) of
 * the article's text; the marked text stands beside them, so that files of tools that count UTF-16 units are read as well. */
#ifndef TH_ANNOTATE_ANNOTATE_H
#define TH_ANNOTATE_ANNOTATE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/yaml.h"
#include "store/store.h"

typedef enum th_annotate_format { TH_LABELSTUDIO, TH_BRAT, TH_DOCCANO, TH_NDJSON, TH_ANNOTATE_FORMATS } th_annotate_format;

/* "labelstudio", "brat", "doccano", "ndjson"; and back (-1 when unknown). */
const char *th_annotate_format_name(th_annotate_format format);
int th_annotate_format_of(const char *name);

/* Write the articles `ids` with their records. Into the folder `dir`, which is made: tasks.json and config.xml (labelstudio), a .txt and
 * an .ann for each article, documents.tsv and annotation.conf (brat), articles.jsonl (doccano), articles.ndjson; or, where `dir` is NULL,
 * the one data file to `out` (brat has none: TH_ERR_USAGE). `labels` (may be NULL) is a map of fields to codes; they are
 * offered as choices beside those the store holds. TH_ERR_IO when a file can not be written. */
th_status th_annotate_export(th_store *store, th_annotate_format format, const int64_t *ids, size_t count, const th_node *labels,
                             const char *dir, FILE *out, th_error *err);

/* What an import did. */
typedef struct th_annotate_report {
    size_t written;  /* gold files */
    size_t refused;  /* articles with an error; no gold is written for them */
    size_t warnings;
    /* Called with each line, an error of an article (`is_error`) or a warning: "FILE: task 3: …". */
    void (*say)(void *ctx, bool is_error, const char *line);
    void *ctx;
} th_annotate_report;

/* Read corrected files (for brat also folders) and write a gold file for each article below `dir`. What the tools do not hold (the article's
 * name, metadata, headings, first and last words) comes from the article of the store with the same path. An article with an error is
 * counted and left out; a file that can not be read as `format` ends the import. */
th_status th_annotate_import(th_store *store, th_annotate_format format, const char *const *paths, size_t count, const char *dir,
                             th_annotate_report *report, th_error *err);

#endif
