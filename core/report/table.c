/* table.c - see table.h. Cells stand row by row in one array; their text is in the table's arena. */
#include "report/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "text/json.h"
#include "text/unicode.h"

enum { NARROWEST = 8, GAP = 2, NUMBER_TEXT = 40 };

enum cell_kind { CELL_EMPTY, CELL_TEXT, CELL_NUMBER, CELL_INTEGER };

struct cell {
    enum cell_kind kind;
    size_t len;
    union {
        const char *text;
        double number;
        long long integer;
    };
};

struct th_table {
    th_arena *arena;
    const char *title;
    struct cell *names; /* all CELL_TEXT */
    size_t columns;
    struct cell *cells; /* rows * columns, from malloc */
    size_t rows, cap;   /* cap in rows */
    size_t filled;      /* cells of the last row that are set */
};

/* ---- building ---- */

static bool set_text(th_table *table, struct cell *cell, const char *text, size_t len)
{
    const char *copy = th_arena_copy(table->arena, text, len);

    if (!copy)
        return false;
    *cell = (struct cell){.kind = CELL_TEXT, .len = len, .text = copy};
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
    return put_cell(table, (struct cell){.kind = CELL_NUMBER, .number = value});
}

bool th_table_integer(th_table *table, long long value)
{
    return put_cell(table, (struct cell){.kind = CELL_INTEGER, .integer = value});
}

bool th_table_empty(th_table *table)
{
    return put_cell(table, (struct cell){.kind = CELL_EMPTY});
}

size_t th_table_rows(const th_table *table)
{
    return table->rows;
}

size_t th_table_columns(const th_table *table)
{
    return table->columns;
}

/* ---- cells as text ---- */

/* What stands in the cell; `buffer` is used for numbers. */
static const char *cell_text(const struct cell *cell, char buffer[NUMBER_TEXT], size_t *len)
{
    if (cell->kind == CELL_TEXT) {
        *len = cell->len;
        return cell->text;
    }
    if (cell->kind == CELL_INTEGER)
        *len = (size_t)snprintf(buffer, NUMBER_TEXT, "%lld", cell->integer);
    else if (cell->kind == CELL_NUMBER && isfinite(cell->number))
        *len = (size_t)snprintf(buffer, NUMBER_TEXT, "%.15g", cell->number);
    else
        *len = 0;
    return buffer;
}

static bool is_number(const struct cell *cell)
{
    return cell->kind == CELL_NUMBER || cell->kind == CELL_INTEGER;
}

/* Append `text` fit for a terminal: one line, no control characters, no damaged bytes. */
static void add_plain(th_str *out, const char *text, size_t len)
{
    for (size_t pos = 0; pos < len;) {
        uint32_t c = th_utf8_next(text, len, &pos);
        if (c == '\r' && pos < len && text[pos] == '\n')
            continue;
        bool control = c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
        th_utf8_add(out, control ? ' ' : c);
    }
}

/* The bytes of `text` that take at most `width` columns. */
static size_t fitting_bytes(const char *text, size_t len, size_t width)
{
    size_t pos = 0, used = 0;

    while (pos < len) {
        size_t next = pos;
        th_utf8_next(text, len, &next);
        used += th_text_width(text + pos, next - pos);
        if (used > width)
            break;
        pos = next;
    }
    return pos;
}

static void add_spaces(th_str *out, size_t count)
{
    while (count--)
        th_str_putc(out, ' ');
}

/* Append the cell in `width` columns; `scratch` is lent. */
static void add_cell(th_str *out, th_str *scratch, const struct cell *cell, size_t width, bool right)
{
    char buffer[NUMBER_TEXT];
    size_t len;
    const char *text = cell_text(cell, buffer, &len);

    th_str_clear(scratch);
    add_plain(scratch, text, len);
    size_t wide = th_text_width(th_str_text(scratch), scratch->len);
    if (wide > width) {
        scratch->len = fitting_bytes(th_str_text(scratch), scratch->len, width - 1);
        th_str_puts(scratch, "…");
        wide = th_text_width(th_str_text(scratch), scratch->len);
    }
    size_t pad = wide < width ? width - wide : 0;
    if (right)
        add_spaces(out, pad);
    th_str_add(out, th_str_text(scratch), scratch->len);
    if (!right)
        add_spaces(out, pad);
}

/* ---- aligned text ---- */

struct column {
    size_t width;
    bool has_text, has_number;
};

static size_t cell_width(const struct cell *cell, th_str *scratch)
{
    char buffer[NUMBER_TEXT];
    size_t len;
    const char *text = cell_text(cell, buffer, &len);

    th_str_clear(scratch);
    add_plain(scratch, text, len);
    return th_text_width(th_str_text(scratch), scratch->len);
}

static void measure(const th_table *table, struct column *columns, th_str *scratch)
{
    for (size_t c = 0; c < table->columns; c++)
        columns[c] = (struct column){.width = cell_width(&table->names[c], scratch)};
    for (size_t i = 0; i < table->rows * table->columns; i++) {
        struct column *column = &columns[i % table->columns];
        size_t width = cell_width(&table->cells[i], scratch);
        if (width > column->width)
            column->width = width;
        column->has_text |= table->cells[i].kind == CELL_TEXT;
        column->has_number |= is_number(&table->cells[i]);
    }
}

/* Take columns of the screen from the widest text column until the lines fit or nothing more can go. */
static void shrink(struct column *columns, size_t count, size_t limit)
{
    size_t total = count ? (count - 1) * GAP : 0;

    for (size_t c = 0; c < count; c++)
        total += columns[c].width;
    while (total > limit) {
        struct column *widest = NULL;
        for (size_t c = 0; c < count; c++)
            if (!columns[c].has_number && (!widest || columns[c].width > widest->width))
                widest = &columns[c];
        if (!widest || widest->width <= NARROWEST)
            return;
        widest->width--;
        total--;
    }
}

static void add_line(th_str *out, th_str *scratch, const struct cell *cells, const struct column *columns,
                     size_t count)
{
    size_t start = out->len;

    for (size_t c = 0; c < count; c++) {
        bool head_of_numbers = columns[c].has_number && !columns[c].has_text;
        if (c)
            add_spaces(out, GAP);
        add_cell(out, scratch, &cells[c], columns[c].width, is_number(&cells[c]) || head_of_numbers);
    }
    while (out->len > start && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
    th_str_putc(out, '\n');
}

void th_table_print(const th_table *table, th_str *out, size_t width)
{
    struct column *columns = calloc(table->columns ? table->columns : 1, sizeof *columns);
    th_str scratch = {0};

    if (!columns) {
        out->failed = true;
        return;
    }
    if (table->title) {
        add_plain(out, table->title, strlen(table->title));
        th_str_putc(out, '\n');
    }
    measure(table, columns, &scratch);
    if (width)
        shrink(columns, table->columns, width);
    add_line(out, &scratch, table->names, columns, table->columns);
    for (size_t r = 0; r < table->rows; r++)
        add_line(out, &scratch, table->cells + r * table->columns, columns, table->columns);
    out->failed |= scratch.failed;
    th_str_free(&scratch);
    free(columns);
}

/* ---- CSV ---- */

static void add_csv_text(th_str *out, const char *text, size_t len)
{
    bool formula = len && strchr("=+-@\t\r", text[0]) && text[0];
    bool quote = false;

    for (size_t i = 0; i < len && !quote; i++)
        quote = text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
    if (quote)
        th_str_putc(out, '"');
    if (formula)
        th_str_putc(out, '\'');
    for (size_t pos = 0; pos < len;) {
        uint32_t c = th_utf8_next(text, len, &pos);
        if (c == '"')
            th_str_putc(out, '"');
        th_utf8_add(out, c);
    }
    if (quote)
        th_str_putc(out, '"');
}

static void add_csv_line(th_str *out, const struct cell *cells, size_t count)
{
    for (size_t c = 0; c < count; c++) {
        char buffer[NUMBER_TEXT];
        size_t len;
        const char *text = cell_text(&cells[c], buffer, &len);
        if (c)
            th_str_putc(out, ',');
        if (cells[c].kind == CELL_TEXT)
            add_csv_text(out, text, len);
        else
            th_str_add(out, text, len);
    }
    th_str_puts(out, "\r\n");
}

void th_table_csv(const th_table *table, th_str *out)
{
    add_csv_line(out, table->names, table->columns);
    for (size_t r = 0; r < table->rows; r++)
        add_csv_line(out, table->cells + r * table->columns, table->columns);
}

/* ---- JSON ---- */

static void add_json_cell(th_str *out, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_TEXT:
        th_json_text(out, cell->text, cell->len);
        break;
    case CELL_NUMBER:
        th_json_number(out, cell->number);
        break;
    case CELL_INTEGER:
        th_str_addf(out, "%lld", cell->integer);
        break;
    case CELL_EMPTY:
        th_str_puts(out, "null");
        break;
    }
}

void th_table_json(const th_table *table, th_str *out)
{
    th_str_puts(out, "[");
    for (size_t r = 0; r < table->rows; r++) {
        th_str_puts(out, r ? ",\n{" : "\n{");
        for (size_t c = 0; c < table->columns; c++) {
            if (c)
                th_str_putc(out, ',');
            th_json_text(out, table->names[c].text, table->names[c].len);
            th_str_putc(out, ':');
            add_json_cell(out, &table->cells[r * table->columns + c]);
        }
        th_str_putc(out, '}');
    }
    th_str_puts(out, table->rows ? "\n]\n" : "]\n");
}

/* ---- terminal ---- */

size_t th_terminal_width(FILE *fp)
{
    struct winsize size;
    int fd = fileno(fp);

    if (fd < 0 || !isatty(fd))
        return 0;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}
