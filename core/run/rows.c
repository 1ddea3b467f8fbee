/* rows.c - see rows.h. */
#include "run/rows.h"

#include <stdlib.h>
#include <string.h>

#include "report/table.h"

static void add_value(th_table *table, const th_field *field, const th_value *v)
{
    if (v->is_null)
        th_table_empty(table);
    else if (field->type == TH_INTEGER)
        th_table_integer(table, v->integer);
    else if (field->type == TH_BOOLEAN)
        th_table_text(table, v->integer ? "true" : "false", v->integer ? 4 : 5);
    else if (field->type == TH_NUMBER)
        th_table_number(table, v->number);
    else
        th_table_text(table, v->text.data, v->text.len);
}

static bool has_text(const th_schema *schema)
{
    return th_schema_field(schema, "text") != NULL;
}

/* The records of one kind as a table; the span's text stands first when the kind has no text of its own. */
static th_table *make_table(const th_schema *schema, const th_record *records, size_t count, const th_article *a)
{
    const char *names[256];
    size_t columns = 0;

    if (!has_text(schema))
        names[columns++] = "span";
    for (size_t f = 0; f < schema->field_count && columns < 256; f++)
        names[columns++] = schema->fields[f].name;
    th_table *table = th_table_new(names, columns);
    if (!table)
        return NULL;
    th_table_set_title(table, schema->kind);
    for (size_t i = 0; i < count; i++) {
        th_table_row(table);
        if (!has_text(schema))
            th_table_text(table, a->text + records[i].start, records[i].stop - records[i].start);
        for (size_t f = 0; f < schema->field_count; f++)
            add_value(table, &schema->fields[f], &records[i].values[f]);
    }
    return table;
}

static int by_kind(const void *a, const void *b)
{
    const th_record *x = a, *y = b;
    int order = strcmp(x->schema->kind, y->schema->kind);

    return order ? order : th_record_compare(a, b);
}

static bool print_kind(const th_record *records, size_t count, const th_article *a, size_t width, bool json, bool first,
                       th_str *out)
{
    th_table *table = make_table(records[0].schema, records, count, a);

    if (!table)
        return false;
    if (json) {
        th_str_addf(out, "%s\"%s\":", first ? "{" : ",", records[0].schema->kind);
        th_table_json(table, out);
    } else {
        if (!first)
            th_str_putc(out, '\n');
        th_table_print(table, out, width);
    }
    th_table_free(table);
    return true;
}

static void put_in_order(th_records *records)
{
    if (records->count)
        qsort(records->items, records->count, sizeof *records->items, by_kind);
}

/* How many records from `i` on are of one kind. */
static size_t kind_length(const th_records *records, size_t i)
{
    size_t n = 1;

    while (i + n < records->count && records->items[i + n].schema == records->items[i].schema)
        n++;
    return n;
}

bool th_rows_line(th_records *records, const th_article *a, th_str *out)
{
    size_t n;

    put_in_order(records);
    th_str_putc(out, '{');
    for (size_t i = 0; i < records->count; i += n) {
        n = kind_length(records, i);
        th_table *table = make_table(records->items[i].schema, records->items + i, n, a);
        if (!table)
            return false;
        th_str_addf(out, "%s\"%s\":[", i ? "," : "", records->items[i].schema->kind);
        size_t from = out->len;
        th_table_ndjson(table, out); /* strings have no line breaks: each one ends a row */
        th_table_free(table);
        for (size_t k = from; k < out->len; k++)
            out->data[k] = out->data[k] == '\n' ? ',' : out->data[k];
        if (out->len > from)
            out->data[out->len - 1] = ']';
    }
    th_str_putc(out, '}');
    return th_str_ok(out);
}

bool th_rows_print(th_records *records, const th_article *a, size_t width, bool json, th_str *out)
{
    size_t n;

    put_in_order(records);
    for (size_t i = 0; i < records->count; i += n) {
        n = kind_length(records, i);
        if (!print_kind(&records->items[i], n, a, width, json, i == 0, out))
            return false;
    }
    if (json)
        th_str_puts(out, records->count ? "}\n" : "{}\n");
    else if (!records->count)
        th_str_puts(out, "no plugin recorded anything\n");
    return th_str_ok(out);
}
