/* print.c - a table for people: aligned by display width. See table.h. */
#include <string.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "report/table_impl.h"
#include "text/unicode.h"

enum { NARROWEST = 8, GAP = 2 };

/* ---- cells as text ---- */

/* Put a comma before every third digit of the whole part of the number in `buffer`. */
static size_t group_digits(char buffer[TH_NUMBER_TEXT], size_t len)
{
    size_t from = buffer[0] == '-', whole = from;

    while (whole < len && buffer[whole] >= '0' && buffer[whole] <= '9')
        whole++;
    if (memchr(buffer, 'e', len))
        return len;
    for (size_t at = whole; at > from + 3 && len + 1 < TH_NUMBER_TEXT;) {
        at -= 3;
        memmove(buffer + at + 1, buffer + at, ++len - at - 1);
        buffer[at] = ',';
    }
    return len;
}

/* Append `text` fit for a terminal: one line, no control characters, no damaged bytes. */
void th_plain_add(th_str *out, const char *text, size_t len)
{
    for (size_t pos = 0; pos < len;) {
        uint32_t c = th_utf8_next(text, len, &pos);
        if (c == '\r' && pos < len && text[pos] == '\n')
            continue;
        bool control = c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
        th_utf8_add(out, control ? ' ' : c);
    }
}

/* Append the cell as one line; numbers that say how they are shown get their sign and grouped digits. */
static void add_shown(th_str *out, const struct cell *cell)
{
    char buffer[TH_NUMBER_TEXT];
    size_t len;
    const char *text = th_cell_text(cell, buffer, &len);

    if (th_cell_is_number(cell) && (cell->sign || cell->unit)) {
        if (cell->sign && *cell->sign) {
            th_str_puts(out, cell->sign);
            th_str_putc(out, ' ');
        }
        th_str_add(out, buffer, group_digits(buffer, len));
        return;
    }
    th_plain_add(out, text, len);
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
    th_str_clear(scratch);
    add_shown(scratch, cell);
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
    th_str_clear(scratch);
    add_shown(scratch, cell);
    return th_text_width(th_str_text(scratch), scratch->len);
}

static void measure(const th_table *table, struct column *columns, size_t rows, th_str *scratch)
{
    for (size_t c = 0; c < table->columns; c++)
        columns[c] = (struct column){.width = cell_width(&table->names[c], scratch)};
    for (size_t i = 0; i < rows * table->columns; i++) {
        struct column *column = &columns[i % table->columns];
        size_t width = cell_width(&table->cells[i], scratch);
        if (width > column->width)
            column->width = width;
        column->has_text |= table->cells[i].kind == TH_TABLE_TEXT;
        column->has_number |= th_cell_is_number(&table->cells[i]);
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
        add_cell(out, scratch, &cells[c], columns[c].width, th_cell_is_number(&cells[c]) || head_of_numbers);
    }
    while (out->len > start && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
    th_str_putc(out, '\n');
}

void th_table_print(const th_table *table, th_str *out, size_t width)
{
    th_table_print_head(table, table->rows, out, width);
}

void th_table_print_head(const th_table *table, size_t rows, th_str *out, size_t width)
{
    size_t shown = rows < table->rows ? rows : table->rows;
    struct column *columns = calloc(table->columns ? table->columns : 1, sizeof *columns);
    th_str scratch = {0};

    if (!columns) {
        out->failed = true;
        return;
    }
    if (table->title) {
        th_plain_add(out, table->title, strlen(table->title));
        th_str_putc(out, '\n');
    }
    measure(table, columns, shown, &scratch);
    if (width)
        shrink(columns, table->columns, width);
    add_line(out, &scratch, table->names, columns, table->columns);
    for (size_t r = 0; r < shown; r++)
        add_line(out, &scratch, table->cells + r * table->columns, columns, table->columns);
    if (shown < table->rows)
        th_str_addf(out, "… %zu more rows\n", table->rows - shown);
    out->failed |= scratch.failed;
    th_str_free(&scratch);
    free(columns);
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
