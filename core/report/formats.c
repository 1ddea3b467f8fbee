/* formats.c - a table for other programs: CSV, TSV, Markdown, JSON and NDJSON. See table.h. */
#include <string.h>

#include "report/table_impl.h"
#include "text/json.h"
#include "text/unicode.h"

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
        char buffer[TH_NUMBER_TEXT];
        size_t len;
        const char *text = th_cell_text(&cells[c], buffer, &len);
        if (c)
            th_str_putc(out, ',');
        if (cells[c].kind == TH_TABLE_TEXT)
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
    case TH_TABLE_TEXT:
        th_json_text(out, cell->text, cell->len);
        break;
    case TH_TABLE_NUMBER:
        th_json_number(out, cell->number);
        break;
    case TH_TABLE_INTEGER:
        th_str_addf(out, "%lld", cell->integer);
        break;
    case TH_TABLE_EMPTY:
        th_str_puts(out, "null");
        break;
    }
}

static void add_json_row(th_str *out, const th_table *table, size_t r)
{
    th_str_putc(out, '{');
    for (size_t c = 0; c < table->columns; c++) {
        if (c)
            th_str_putc(out, ',');
        th_json_text(out, table->names[c].text, table->names[c].len);
        th_str_putc(out, ':');
        add_json_cell(out, &table->cells[r * table->columns + c]);
    }
    th_str_putc(out, '}');
}

void th_table_json(const th_table *table, th_str *out)
{
    th_str_puts(out, "[");
    for (size_t r = 0; r < table->rows; r++) {
        th_str_puts(out, r ? ",\n" : "\n");
        add_json_row(out, table, r);
    }
    th_str_puts(out, table->rows ? "\n]\n" : "]\n");
}

void th_table_ndjson(const th_table *table, th_str *out)
{
    for (size_t r = 0; r < table->rows; r++) {
        add_json_row(out, table, r);
        th_str_putc(out, '\n');
    }
}

/* ---- TSV ---- */

static void add_tsv_line(th_str *out, const struct cell *cells, size_t count)
{
    for (size_t c = 0; c < count; c++) {
        char buffer[TH_NUMBER_TEXT];
        size_t len;
        const char *text = th_cell_text(&cells[c], buffer, &len);
        if (c)
            th_str_putc(out, '\t');
        th_plain_add(out, text, len);
    }
    th_str_putc(out, '\n');
}

void th_table_tsv(const th_table *table, th_str *out)
{
    add_tsv_line(out, table->names, table->columns);
    for (size_t r = 0; r < table->rows; r++)
        add_tsv_line(out, table->cells + r * table->columns, table->columns);
}

/* ---- Markdown ---- */

/* Text in which nothing is read as markup, table borders and HTML included. */
static void add_md_text(th_str *out, th_str *scratch, const char *text, size_t len)
{
    th_str_clear(scratch);
    th_plain_add(scratch, text, len);
    for (size_t i = 0; i < scratch->len; i++) {
        char c = scratch->data[i];
        if (c == '<')
            th_str_puts(out, "&lt;");
        else if (c == '&')
            th_str_puts(out, "&amp;");
        else {
            if (strchr("|\\`*_[]", c))
                th_str_putc(out, '\\');
            th_str_putc(out, c);
        }
    }
    out->failed |= scratch->failed;
}

static void add_md_line(th_str *out, th_str *scratch, const struct cell *cells, size_t count)
{
    for (size_t c = 0; c < count; c++) {
        char buffer[TH_NUMBER_TEXT];
        size_t len;
        const char *text = th_cell_text(&cells[c], buffer, &len);
        th_str_puts(out, "| ");
        add_md_text(out, scratch, text, len);
        th_str_putc(out, ' ');
    }
    th_str_puts(out, "|\n");
}

static bool column_is_numeric(const th_table *table, size_t c)
{
    bool number = false;

    for (size_t r = 0; r < table->rows; r++) {
        const struct cell *cell = &table->cells[r * table->columns + c];
        if (cell->kind == TH_TABLE_TEXT)
            return false;
        number |= th_cell_is_number(cell);
    }
    return number;
}

void th_table_md(const th_table *table, th_str *out)
{
    th_str scratch = {0};

    if (table->title) {
        th_str_puts(out, "## ");
        add_md_text(out, &scratch, table->title, strlen(table->title));
        th_str_puts(out, "\n\n");
    }
    add_md_line(out, &scratch, table->names, table->columns);
    for (size_t c = 0; c < table->columns; c++)
        th_str_puts(out, column_is_numeric(table, c) ? "| ---: " : "| --- ");
    th_str_puts(out, "|\n");
    for (size_t r = 0; r < table->rows; r++)
        add_md_line(out, &scratch, table->cells + r * table->columns, table->columns);
    th_str_free(&scratch);
}
