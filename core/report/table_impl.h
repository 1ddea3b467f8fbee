/* table_impl.h - how a table is kept; shared by the files of report/ only. */
#ifndef TH_REPORT_TABLE_IMPL_H
#define TH_REPORT_TABLE_IMPL_H

#include "base/arena.h"
#include "report/table.h"

enum { TH_NUMBER_TEXT = 64 }; /* room for any number with its sign and separators */

struct cell {
    th_cell_kind kind;
    size_t len;
    union {
        const char *text;
        double number;
        long long integer;
    };
    const char *sign, *unit; /* how a number is shown; NULL: as it is */
    const char *link;        /* key of the row with its evidence; NULL: none */
};

struct th_table {
    th_arena *arena;
    const char *title;
    struct cell *names; /* all TH_TABLE_TEXT */
    size_t columns;
    struct cell *cells; /* rows * columns, from malloc */
    size_t rows, cap;   /* cap in rows */
    size_t filled;      /* cells of the last row that are set */
    size_t key_column;  /* 1-based; 0: none */
};

static inline bool th_cell_is_number(const struct cell *cell)
{
    return cell->kind == TH_TABLE_NUMBER || cell->kind == TH_TABLE_INTEGER;
}

/* What stands in the cell, for machines; `buffer` is used for numbers, and a number that is not finite is empty. */
const char *th_cell_text(const struct cell *cell, char buffer[TH_NUMBER_TEXT], size_t *len);

/* Append `text` as one line: no control characters, no damaged bytes. */
void th_plain_add(th_str *out, const char *text, size_t len);

#endif
