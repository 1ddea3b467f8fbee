/* table.h - a table of text and numbers: aligned on a terminal by display width, or as CSV, TSV, Markdown, JSON, NDJSON, or as a
 * sheet of a workbook. A cell is text, a number or empty; numbers are right-aligned and written with at most 15 significant digits. */
#ifndef TH_REPORT_TABLE_H
#define TH_REPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "base/str.h"

typedef struct th_table th_table;

/* A table with `count` columns named `names` (copied). NULL when out of memory; free with th_table_free(). */
th_table *th_table_new(const char *const *names, size_t count);
void th_table_free(th_table *table); /* NULL is fine */

bool th_table_set_title(th_table *table, const char *title); /* above it in print and Markdown, a sheet's name; none in CSV */
const char *th_table_title(const th_table *table);           /* borrowed; NULL when it has none */

/* Begin a row; then one call per cell, in column order. Missing cells are empty. All return false when memory is out
 * (the table stays usable) or, for cells, when the row is full. Text is copied. */
bool th_table_row(th_table *table);
bool th_table_text(th_table *table, const char *text, size_t len);
bool th_table_number(th_table *table, double value);
bool th_table_integer(th_table *table, long long value);
bool th_table_empty(th_table *table);

/* Say how the number added last is shown to people: its digits grouped, `sign` (">", "≈"; NULL or "": none) before it, and in a
 * workbook `unit` behind it. Formats for machines keep the bare number. */
bool th_table_show(th_table *table, const char *sign, const char *unit);

/* The cell added last stands on the evidence row with this key, of a table with th_table_set_key() in the same workbook. */
bool th_table_link(th_table *table, const char *key);

/* Rows can be linked to by what stands in column `name`; false when there is no such column. */
bool th_table_set_key(th_table *table, const char *name);

size_t th_table_rows(const th_table *table);
size_t th_table_columns(const th_table *table);

/* A cell of a row, both from 0. What it is decides which of the others is set; text is borrowed from the table. */
typedef enum th_cell_kind { TH_TABLE_EMPTY, TH_TABLE_TEXT, TH_TABLE_NUMBER, TH_TABLE_INTEGER } th_cell_kind;
th_cell_kind th_table_cell(const th_table *table, size_t row, size_t column, const char **text, size_t *len, double *number,
                           long long *integer);

/* Aligned text. `width` is the terminal's columns, 0 for no limit (pipe, file): with a limit the widest text columns are cut
 * with … so that lines fit. Line breaks in a cell become a space. */
void th_table_print(const th_table *table, th_str *out, size_t width);

/* The first `rows` rows, and a line that says how many more there are. */
void th_table_print_head(const th_table *table, size_t rows, th_str *out, size_t width);

/* RFC 4180: CRLF line ends, quotes where needed, UTF-8 without BOM; a cell that a spreadsheet would take for a formula
 * (text starting with = + - @ or a tab) gets a leading apostrophe. */
void th_table_csv(const th_table *table, th_str *out);

/* One line a row, columns set apart by tabs; tabs and line breaks in a cell become spaces. */
void th_table_tsv(const th_table *table, th_str *out);

/* A Markdown table (GitHub's form), the title as a heading above it; markup in cells is escaped. */
void th_table_md(const th_table *table, th_str *out);

/* A JSON array of objects keyed by column names, one object per line. */
void th_table_json(const th_table *table, th_str *out);

/* The same objects, one a line, without the array. */
void th_table_ndjson(const th_table *table, th_str *out);

/* The columns of the terminal behind `fp`, 0 when it is none. */
size_t th_terminal_width(FILE *fp);

#endif
