/* rows.h - the records of one article as tables, one a kind, for people who try a plugin. */
#ifndef TH_RUN_ROWS_H
#define TH_RUN_ROWS_H

#include <stdbool.h>

#include "article.h"
#include "base/str.h"
#include "record.h"

/* Append them to `out`, kinds by name: tables for `width` columns (0: no limit), or a JSON object of lists. `records` are put in order. The span's text
 * stands first where the kind has no field `text`. False when out of memory. */
bool th_rows_print(th_records *records, const th_article *article, size_t width, bool json, th_str *out);

/* The same as a JSON object of lists on one line, without its end. */
bool th_rows_line(th_records *records, const th_article *article, th_str *out);

#endif
