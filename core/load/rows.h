/* rows.h - tables of articles, one a row: CSV, TSV. Internal to load/. */
#ifndef TH_LOAD_ROWS_H
#define TH_LOAD_ROWS_H

#include "load/reading.h"

/* Does the path's name call it a table: .csv, .tsv, and either packed (.csv.gz)? */
bool th_rows_named(const char *path);

/* The delimiter of the table that `text` (UTF-8, the head of a file or all of it) begins, 0 when it is none. A table is known by
 * columns whose names say what they hold, or by its name (.csv, .tsv) with rows of one length. Prose with commas is none. */
char th_rows_sniff(const th_columns *columns, const char *path, const char *text, size_t len, bool whole);

/* Read the rows of `s` (UTF-8) after RFC 4180, and what strays from it as far as it can be read: quotes inside quotes that are
 * not doubled, rows that are too short. What can not be read fails with its lines named. */
th_status th_rows_read(th_reading *r, th_stream *s, char delimiter, th_error *err);

#endif
