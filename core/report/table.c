/* table.c - see table.h. Cells stand row by row in one array; their text is in the table's arena. */
#include "report/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/table_impl.h"

/* ---- building ---- */

static bool set_text(th_table *table, struct cell *cell, const char *text, size_t len)
{
    const char *copy = th_arena_copy(table->arena, text, len);

    if (!copy)
        return false;
    *cell = (struct cell){.kind = TH_TABLE_TEXT, .len = len, .text = copy};
    return true;
}

static bool set_names(th_table *table, const char *const *names, size_t count)
{
    table->arena = th_arena_new();
    if (!table->arena)
        return false;
    table->names = th_arena_zalloc(table->arena, count ? count : 1, sizeof *table->names);
    if (!table->names)
        return false;
    table->columns = count;
    for (size_t i = 0; i < count; i++)
        if (!set_text(table, &table->names[i], names[i], strlen(names[i])))
            return false;
    return true;
}

th_table *th_table_new(const char *const *names, size_t count)
{
    th_table *table = calloc(1, sizeof *table);

    if (table && !set_names(table, names, count)) {
        th_table_free(table);
        table = NULL;
    }
    return table;
}

void th_table_free(th_table *table)
{
    if (!table)
        return;
    th_arena_free(table->arena);
    free(table->cells);
    free(table);
}

bool th_table_set_title(th_table *table, const char *title)
{
    const char *copy = th_arena_copy(table->arena, title, strlen(title));

    if (copy)
        table->title = copy;
    return copy != NULL;
}

bool th_table_row(th_table *table)
{
    if (table->rows == table->cap) {
        size_t cap = table->cap ? table->cap * 2 : 16, width = table->columns ? table->columns : 1;
        struct cell *cells =
            cap > (size_t)-1 / sizeof *cells / width ? NULL : realloc(table->cells, cap * width * sizeof *cells);
        if (!cells)
            return false;
        table->cells = cells;
        table->cap = cap;
    }
    if (table->columns)
        memset(table->cells + table->rows * table->columns, 0, table->columns * sizeof *table->cells);
    table->rows++;
    table->filled = 0;
    return true;
}

/* The next free cell of the last row, or NULL when there is none. */
static struct cell *next_cell(th_table *table)
{
    if (!table->rows || table->filled == table->columns)
        return NULL;
    return &table->cells[(table->rows - 1) * table->columns + table->filled];
}

bool th_table_text(th_table *table, const char *text, size_t len)
{
    struct cell *cell = next_cell(table);

    if (!cell || !set_text(table, cell, text, len))
        return false;
    table->filled++;
    return true;
}

static bool put_cell(th_table *table, struct cell value)
{
    struct cell *cell = next_cell(table);

    if (!cell)
        return false;
    *cell = value;
    table->filled++;
    return true;
}

bool th_table_number(th_table *table, double value)
{
    return put_cell(table, (struct cell){.kind = TH_TABLE_NUMBER, .number = value});
}

bool th_table_integer(th_table *table, long long value)
{
    return put_cell(table, (struct cell){.kind = TH_TABLE_INTEGER, .integer = value});
}

bool th_table_empty(th_table *table)
{
    return put_cell(table, (struct cell){.kind = TH_TABLE_EMPTY});
}

size_t th_table_rows(const th_table *table)
{
    return table->rows;
}

size_t th_table_columns(const th_table *table)
{
    return table->columns;
}

th_cell_kind th_table_cell(const th_table *table, size_t row, size_t column, const char **text, size_t *len, double *number,
                           long long *integer)
{
    const struct cell *cell = &table->cells[row * table->columns + column];

    switch (cell->kind) {
    case TH_TABLE_TEXT:
        *text = cell->text;
        *len = cell->len;
        break;
    case TH_TABLE_NUMBER:
        *number = cell->number;
        break;
    case TH_TABLE_INTEGER:
        *integer = cell->integer;
        break;
    default:
        break;
    }
    return cell->kind;
}

/* ---- how a cell is shown ---- */

static struct cell *last_cell(th_table *table)
{
    return table->rows && table->filled ? &table->cells[(table->rows - 1) * table->columns + table->filled - 1] : NULL;
}

static bool keep_text(th_table *table, const char **slot, const char *text)
{
    *slot = text ? th_arena_copy(table->arena, text, strlen(text)) : NULL;
    return *slot || !text;
}

bool th_table_show(th_table *table, const char *sign, const char *unit)
{
    struct cell *cell = last_cell(table);

    return cell && keep_text(table, &cell->sign, sign) && keep_text(table, &cell->unit, unit);
}

bool th_table_link(th_table *table, const char *key)
{
    struct cell *cell = last_cell(table);

    return cell && keep_text(table, &cell->link, key);
}

bool th_table_set_key(th_table *table, const char *name)
{
    for (size_t c = 0; c < table->columns; c++)
        if (strcmp(table->names[c].text, name) == 0) {
            table->key_column = c + 1;
            return true;
        }
    return false;
}

const char *th_table_title(const th_table *table)
{
    return table->title;
}

/* ---- cells as text ---- */

const char *th_cell_text(const struct cell *cell, char buffer[TH_NUMBER_TEXT], size_t *len)
{
    if (cell->kind == TH_TABLE_TEXT) {
        *len = cell->len;
        return cell->text;
    }
    if (cell->kind == TH_TABLE_INTEGER)
        *len = (size_t)snprintf(buffer, TH_NUMBER_TEXT, "%lld", cell->integer);
    else if (cell->kind == TH_TABLE_NUMBER && isfinite(cell->number))
        *len = (size_t)snprintf(buffer, TH_NUMBER_TEXT, "%.15g", cell->number);
    else
        *len = 0;
    return buffer;
}
