/* xlsx.h - tables as a workbook for spreadsheet programs (libxlsxwriter). */
#ifndef TH_REPORT_XLSX_H
#define TH_REPORT_XLSX_H

#include "base/error.h"
#include "report/table.h"

/* Write the `count` tables to the file `path`, each as a sheet named by its title: header in bold and frozen, a filter on it, columns
 * as wide as their text, numbers with sign and unit as number formats, links from cells to the rows they stand on. Text stays text:
 * nothing becomes a formula. A text longer than a cell may hold (32,767 characters) ends in …. `tmpdir` is a folder for working files that
 * are gone afterwards. TH_ERR_IO when the file can not be written, TH_ERR_USAGE when a table has more rows than a sheet (1,048,576). */
th_status th_xlsx_write(const char *path, const char *tmpdir, const th_table *const *tables, size_t count, th_error *err);

#endif
