/* xlsx.c - see xlsx.h. */
#include "report/xlsx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

#include "report/table_impl.h"
#include "text/unicode.h"

/* Limits of the file format. */
enum { SHEET_NAME = 31, CELL_CHARS = 32767, SHEET_ROWS = 1048576, SHEET_COLUMNS = 16384 };
enum { NARROWEST = 6, WIDEST = 60, FORMATS = 256, MEASURED_ROWS = 2000 };

/* Where a row that can be linked to stands. */
typedef struct target {
    const char *key;
    size_t sheet, row;
} target;

typedef struct number_format {
    const char *sign, *unit;
    lxw_format *format;
} number_format;

typedef struct book {
    lxw_workbook *workbook;
    lxw_format *header, *wrap, *link;
    number_format formats[FORMATS];
    size_t format_count;
    char (*names)[SHEET_NAME * 4 + 1];
    target *targets; /* sorted by key */
    size_t target_count;
    const char *path;
    th_str scratch;
    th_error *err;
} book;

/* ---- sheet names ---- */

static bool name_is_taken(const book *b, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcasecmp(b->names[i], b->names[index]) == 0)
            return true;
    return false;
}

/* The title without what a sheet's name may not hold, at most `most` characters. */
static void clean_name(char *out, const char *title, size_t most)
{
    size_t len = strlen(title), at = 0, chars = 0;
    th_str text = {0};

    for (size_t pos = 0; pos < len && chars < most; chars++) {
        uint32_t c = th_utf8_next(title, len, &pos);
        bool bad = c < 0x20 || (c < 0x80 && strchr("/\\:*?[]'", (int)c)) || c > 0xFFFF;
        th_utf8_add(&text, bad ? ' ' : c);
    }
    at = text.len < SHEET_NAME * 4 ? text.len : SHEET_NAME * 4;
    memcpy(out, th_str_text(&text), at);
    while (at && out[at - 1] == ' ')
        at--;
    out[at] = '\0';
    th_str_free(&text);
}

static void name_sheet(book *b, const th_table *table, size_t index)
{
    char *name = b->names[index];

    clean_name(name, table->title ? table->title : "", SHEET_NAME);
    for (size_t n = index + 1; !*name || name_is_taken(b, index); n++) {
        char stem[SHEET_NAME * 4 + 1];
        clean_name(stem, table->title && *table->title ? table->title : "table", SHEET_NAME - 6);
        snprintf(name, SHEET_NAME * 4 + 1, "%.*s %zu", (int)(SHEET_NAME * 4 - 8), stem, n % 10000);
    }
}

/* ---- links ---- */

static int by_key(const void *a, const void *b)
{
    const target *x = a, *y = b;
    int order = strcmp(x->key, y->key);

    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static th_status find_targets(book *b, const th_table *const *tables, size_t count)
{
    size_t total = 0;

    for (size_t t = 0; t < count; t++)
        total += tables[t]->key_column ? tables[t]->rows : 0;
    b->targets = calloc(total + 1, sizeof *b->targets);
    if (!b->targets)
        return th_error_set(b->err, TH_ERR_NOMEM, "%s: out of memory", b->path);
    for (size_t t = 0; t < count; t++)
        for (size_t r = 0; tables[t]->key_column && r < tables[t]->rows; r++) {
            const struct cell *cell = &tables[t]->cells[r * tables[t]->columns + tables[t]->key_column - 1];
            if (cell->kind == TH_TABLE_TEXT)
                b->targets[b->target_count++] = (target){cell->text, t, r};
        }
    qsort(b->targets, b->target_count, sizeof *b->targets, by_key);
    return TH_OK;
}

static const target *find_target(const book *b, const char *key)
{
    size_t low = 0, high = b->target_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(b->targets[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < b->target_count && strcmp(b->targets[low].key, key) == 0 ? &b->targets[low] : NULL;
}

/* ---- cells ---- */

static bool same(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* A text inside a number format: in quotes, which it may not hold itself. */
static void add_literal(th_str *out, const char *before, const char *text, const char *after)
{
    if (!text || !*text)
        return;
    th_str_putc(out, '"');
    th_str_puts(out, before);
    for (const char *p = text; *p; p++)
        th_str_putc(out, *p == '"' ? '\'' : *p);
    th_str_puts(out, after);
    th_str_putc(out, '"');
}

/* The number format for a sign and a unit; formats are shared, a workbook holds some thousands at most. */
static lxw_format *format_for(book *b, const struct cell *cell)
{
    bool whole = cell->kind == TH_TABLE_INTEGER || cell->number == (double)(long long)cell->number;

    if (!cell->sign && !cell->unit)
        return NULL;
    for (size_t i = whole; i < b->format_count; i += 2)
        if (same(b->formats[i].sign, cell->sign) && same(b->formats[i].unit, cell->unit))
            return b->formats[i].format;
    if (b->format_count + 2 > FORMATS)
        return NULL;
    for (int i = 0; i < 2; i++) { /* even: with decimals, odd: whole */
        lxw_format *format = workbook_add_format(b->workbook);
        th_str_clear(&b->scratch);
        add_literal(&b->scratch, "", cell->sign, " ");
        th_str_puts(&b->scratch, i ? "#,##0" : "#,##0.######");
        add_literal(&b->scratch, " ", cell->unit, "");
        if (format && th_str_ok(&b->scratch))
            format_set_num_format(format, th_str_text(&b->scratch));
        b->formats[b->format_count++] = (number_format){cell->sign, cell->unit, format};
    }
    return b->formats[b->format_count - 2 + whole].format;
}

/* The text of a cell as the format allows it: valid UTF-8, no control characters but line breaks, not too long. */
static const char *fit_text(book *b, const struct cell *cell)
{
    size_t chars = 0;

    th_str_clear(&b->scratch);
    for (size_t pos = 0; pos < cell->len;) {
        uint32_t c = th_utf8_next(cell->text, cell->len, &pos);
        chars += c > 0xFFFF ? 2 : 1;
        if (chars >= CELL_CHARS - 1) {
            th_str_puts(&b->scratch, "…");
            break;
        }
        th_utf8_add(&b->scratch, c == '\n' || c == '\t' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF) ? c : ' ');
    }
    return th_str_text(&b->scratch);
}

static void write_cell(book *b, lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column, const struct cell *cell)
{
    const target *to = cell->link ? find_target(b, cell->link) : NULL;
    lxw_format *format = th_cell_is_number(cell) ? format_for(b, cell) : b->wrap;

    if (to) { /* the link first: it writes its own text, which the cell then replaces */
        char url[SHEET_NAME * 4 + 40];
        snprintf(url, sizeof url, "internal:'%s'!A%zu", b->names[to->sheet], to->row + 2);
        worksheet_write_url(sheet, row, column, url, NULL);
        if (!th_cell_is_number(cell))
            format = b->link;
    }
    if (cell->kind == TH_TABLE_TEXT)
        worksheet_write_string(sheet, row, column, fit_text(b, cell), format);
    else if (cell->kind == TH_TABLE_INTEGER)
        worksheet_write_number(sheet, row, column, (double)cell->integer, format);
    else if (cell->kind == TH_TABLE_NUMBER && cell->number - cell->number == 0)
        worksheet_write_number(sheet, row, column, cell->number, format);
}

/* ---- sheets ---- */

static double column_width(const th_table *table, size_t column)
{
    char buffer[TH_NUMBER_TEXT];
    size_t widest = th_text_width(table->names[column].text, table->names[column].len) + 2; /* the filter's arrow */

    for (size_t r = 0; r < table->rows && r < MEASURED_ROWS; r++) {
        const struct cell *cell = &table->cells[r * table->columns + column];
        size_t len;
        const char *text = th_cell_text(cell, buffer, &len);
        size_t width = th_text_width(text, len) + len / 4 * th_cell_is_number(cell) +
                       (cell->unit ? th_text_width(cell->unit, strlen(cell->unit)) + 1 : 0) + (cell->sign ? 2 : 0);
        widest = width > widest ? width : widest;
    }
    widest = widest < NARROWEST ? NARROWEST : widest > WIDEST ? WIDEST : widest;
    return (double)widest * 1.1 + 1;
}

static th_status write_sheet(book *b, lxw_worksheet *sheet, const th_table *table)
{
    if (table->rows >= SHEET_ROWS || table->columns > SHEET_COLUMNS)
        return th_error_set(b->err, TH_ERR_USAGE, "%s: a sheet holds %d rows and %d columns, the table \"%s\" has %zu and %zu; write it as .csv",
                            b->path, SHEET_ROWS - 1, SHEET_COLUMNS, table->title ? table->title : "", table->rows, table->columns);
    for (size_t c = 0; c < table->columns; c++) {
        worksheet_set_column(sheet, (lxw_col_t)c, (lxw_col_t)c, column_width(table, c), NULL);
        worksheet_write_string(sheet, 0, (lxw_col_t)c, fit_text(b, &table->names[c]), b->header);
    }
    worksheet_freeze_panes(sheet, 1, 0);
    if (table->rows && table->columns)
        worksheet_autofilter(sheet, 0, 0, (lxw_row_t)table->rows, (lxw_col_t)(table->columns - 1));
    for (size_t i = 0; i < table->rows * table->columns; i++)
        write_cell(b, sheet, (lxw_row_t)(i / table->columns + 1), (lxw_col_t)(i % table->columns), &table->cells[i]);
    return b->scratch.failed ? th_error_set(b->err, TH_ERR_NOMEM, "%s: out of memory", b->path) : TH_OK;
}

static th_status open_book(book *b, const char *tmpdir, size_t count)
{
    lxw_workbook_options options = {.constant_memory = LXW_FALSE, .tmpdir = (char *)tmpdir};

    b->names = calloc(count ? count : 1, sizeof *b->names);
    b->workbook = workbook_new_opt(b->path, &options);
    if (!b->names || !b->workbook)
        return th_error_set(b->err, TH_ERR_NOMEM, "%s: out of memory", b->path);
    b->header = workbook_add_format(b->workbook);
    b->wrap = workbook_add_format(b->workbook);
    b->link = workbook_add_format(b->workbook);
    if (!b->header || !b->wrap || !b->link)
        return th_error_set(b->err, TH_ERR_NOMEM, "%s: out of memory", b->path);
    format_set_bold(b->header);
    format_set_bottom(b->header, LXW_BORDER_THIN);
    format_set_align(b->wrap, LXW_ALIGN_VERTICAL_TOP);
    format_set_text_wrap(b->wrap);
    format_set_font_color(b->link, LXW_COLOR_BLUE);
    format_set_underline(b->link, LXW_UNDERLINE_SINGLE);
    format_set_align(b->link, LXW_ALIGN_VERTICAL_TOP);
    return TH_OK;
}

/* The library prints to standard error when it can not create the file; so the file is tried first. */
static th_status try_file(const char *path, th_error *err)
{
    FILE *fp = fopen(path, "wb");

    if (!fp)
        return th_error_set(err, TH_ERR_IO, "%s: can not be written: %s", path, strerror(errno));
    fclose(fp);
    return TH_OK;
}

th_status th_xlsx_write(const char *path, const char *tmpdir, const th_table *const *tables, size_t count, th_error *err)
{
    book b = {.path = path, .err = err};
    th_status status = try_file(path, err);

    if (status == TH_OK)
        status = open_book(&b, tmpdir, count);
    for (size_t t = 0; status == TH_OK && t < count; t++)
        name_sheet(&b, tables[t], t);
    if (status == TH_OK)
        status = find_targets(&b, tables, count);
    for (size_t t = 0; status == TH_OK && t < count; t++) {
        lxw_worksheet *sheet = workbook_add_worksheet(b.workbook, b.names[t]);
        status = sheet ? write_sheet(&b, sheet, tables[t])
                       : th_error_set(err, TH_ERR_USAGE, "%s: no sheet can be named \"%s\"", path, b.names[t]);
    }
    if (b.workbook && status == TH_OK) {
        errno = 0;
        lxw_error wrong = workbook_close(b.workbook);
        if (wrong != LXW_NO_ERROR)
            status = th_error_set(err, TH_ERR_IO, "%s: can not be written: %s", path, errno ? strerror(errno) : lxw_strerror(wrong));
    } else if (b.workbook) {
        lxw_workbook_free(b.workbook);
    }
    free(b.targets);
    free(b.names);
    th_str_free(&b.scratch);
    return status;
}
