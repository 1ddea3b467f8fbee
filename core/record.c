/* record.c - see record.h. */
#include "record.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/pack.h"
#include "text/unicode.h"

#define MAGIC 0x31524854u /* "THR1" */

enum { LONGEST_NAME = 63, LEAST_RECORD = 14, IS_NULL = 0 }; /* on the wire a value is its type + 1, or IS_NULL */

static const char *const type_names[] = {
    [TH_INTEGER] = "integer", [TH_NUMBER] = "number",   [TH_TEXT] = "text",
    [TH_DATE] = "date",       [TH_BOOLEAN] = "boolean", [TH_JSON] = "json",
};

/* Tables of the core; a record kind can not have their names. */
static const char *const core_tables[] = {
    "article", "block", "coverage", "dropped", "failure", "file", "kind", "plugin", "run", "sentence", "warning",
};

bool th_type_parse(const char *text, th_field *field)
{
    size_t len = strlen(text);
    bool optional = len > 0 && text[len - 1] == '?';

    if (optional)
        len--;
    for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++)
        if (strlen(type_names[i]) == len && memcmp(type_names[i], text, len) == 0) {
            field->type = (th_type)i;
            field->optional = optional;
            return true;
        }
    return false;
}

const char *th_type_name(th_type type)
{
    return (size_t)type < sizeof type_names / sizeof *type_names ? type_names[type] : "unknown";
}

static const char *word_fault(const char *name)
{
    if (name[0] < 'a' || name[0] > 'z')
        return "does not begin with a lower-case ASCII letter";
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (name[len])
        return "has a character other than a-z, 0-9 and _";
    return len > LONGEST_NAME ? "is longer than 63 characters" : NULL;
}

const char *th_field_name_fault(const char *name)
{
    static const char *const taken[] = {"id", "article_id", "start", "stop"};

    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(name, taken[i]) == 0)
            return "is a column every record table has";
    return word_fault(name);
}

const char *th_kind_name_fault(const char *name)
{
    for (size_t i = 0; i < sizeof core_tables / sizeof *core_tables; i++)
        if (strcmp(name, core_tables[i]) == 0)
            return "is a table of the core";
    if (strncmp(name, "sqlite_", 7) == 0)
        return "begins with sqlite_, which SQLite keeps for itself";
    return word_fault(name);
}

const th_field *th_schema_field(const th_schema *schema, const char *name)
{
    size_t low = 0, high = schema->field_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, schema->fields[middle].name);
        if (order == 0)
            return &schema->fields[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* `count` digits as a number, or -1. */
static int digits(const char *text, int count)
{
    int value = 0;

    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

bool th_date_is_valid(const char *text, size_t len)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (len != 10 || text[4] != '-' || text[7] != '-')
        return false;
    int year = digits(text, 4), month = digits(text + 5, 2), day = digits(text + 8, 2);
    if (year < 1 || month < 1 || month > 12 || day < 1)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= month_days[month - 1] + (month == 2 && leap);
}

static bool is_json(const char *text, size_t len)
{
    json_t *json = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    json_decref(json);
    return json != NULL;
}

const char *th_value_fault(th_type type, const th_value *value)
{
    switch (type) {
    case TH_INTEGER:
        return NULL;
    case TH_BOOLEAN:
        return value->integer == 0 || value->integer == 1 ? NULL : "is neither 0 nor 1";
    case TH_NUMBER:
        return isfinite(value->number) ? NULL : "is not a finite number";
    case TH_DATE:
        return th_date_is_valid(value->text.data, value->text.len) ? NULL : "is not a date";
    case TH_JSON:
        return is_json(value->text.data, value->text.len) ? NULL : "is not JSON";
    default:
        return th_utf8_valid(value->text.data, value->text.len, NULL) ? NULL : "is not UTF-8";
    }
}

bool th_records_add(th_records *list, th_arena *arena, th_record record)
{
    th_record *items = th_arena_grow(arena, list->items, list->count, &list->cap, sizeof *items);

    if (!items)
        return false;
    list->items = items;
    items[list->count++] = record;
    return true;
}

static int compare_text(const th_value *a, const th_value *b)
{
    size_t shared = a->text.len < b->text.len ? a->text.len : b->text.len;
    int order = shared ? memcmp(a->text.data, b->text.data, shared) : 0;

    return order ? order : (a->text.len > b->text.len) - (a->text.len < b->text.len);
}

static int compare_value(th_type type, const th_value *a, const th_value *b)
{
    if (a->is_null || b->is_null)
        return (int)b->is_null - (int)a->is_null; /* nothing comes first */
    switch (type) {
    case TH_INTEGER:
    case TH_BOOLEAN:
        return (a->integer > b->integer) - (a->integer < b->integer);
    case TH_NUMBER:
        return (a->number > b->number) - (a->number < b->number);
    default:
        return compare_text(a, b);
    }
}

int th_record_compare(const void *a, const void *b)
{
    const th_record *x = a, *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->stop != y->stop)
        return x->stop < y->stop ? -1 : 1;
    for (size_t i = 0; i < x->schema->field_count; i++) {
        int order = compare_value(x->schema->fields[i].type, &x->values[i], &y->values[i]);
        if (order)
            return order;
    }
    return 0;
}

/* ---- the wire ---- */

static void write_value(th_type type, const th_value *value, th_str *out)
{
    if (value->is_null) {
        th_pack_u32(out, IS_NULL);
        return;
    }
    th_pack_u32(out, (uint32_t)type + 1);
    switch (type) {
    case TH_INTEGER:
    case TH_BOOLEAN:
        th_pack_u64(out, (uint64_t)value->integer);
        break;
    case TH_NUMBER:
        th_pack_f64(out, value->number);
        break;
    default:
        th_pack_text(out, value->text.data, value->text.len);
    }
}

void th_records_write(const th_records *list, th_str *out)
{
    th_pack_u32(out, MAGIC);
    th_pack_u32(out, (uint32_t)list->count);
    for (size_t i = 0; i < list->count; i++) {
        const th_record *record = &list->items[i];
        th_pack_cstr(out, record->schema->kind);
        th_pack_u32(out, record->start);
        th_pack_u32(out, record->stop);
        for (size_t f = 0; f < record->schema->field_count; f++)
            write_value(record->schema->fields[f].type, &record->values[f], out);
    }
}

struct reader {
    th_unpack in;
    th_arena *arena;
    const th_schema *const *schemas;
    size_t schema_count, text_len;
    th_error *err;
};

static th_status damaged(th_error *err)
{
    return th_error_set(err, TH_ERR_PARSE, "records from a worker are damaged: the bytes do not end where they should");
}

static th_status bad_value(th_error *err, const th_schema *schema, const th_field *field, const char *what)
{
    return th_error_set(err, TH_ERR_PARSE, "records from a worker are damaged: %s.%s %s", schema->kind, field->name,
                        what);
}

static th_status read_value(struct reader *r, const th_schema *schema, const th_field *field, th_value *value)
{
    uint32_t tag = th_unpack_u32(&r->in);

    *value = (th_value){.is_null = tag == IS_NULL};
    if (r->in.failed)
        return damaged(r->err);
    if (value->is_null)
        return field->optional ? TH_OK : bad_value(r->err, schema, field, "is missing");
    if (tag != (uint32_t)field->type + 1)
        return bad_value(r->err, schema, field, "has another type");

    if (field->type == TH_INTEGER || field->type == TH_BOOLEAN) {
        value->integer = (int64_t)th_unpack_u64(&r->in);
    } else if (field->type == TH_NUMBER) {
        value->number = th_unpack_f64(&r->in);
    } else {
        const char *text = th_unpack_text(&r->in, &value->text.len);
        value->text.data = th_arena_copy(r->arena, text, value->text.len);
        if (!value->text.data)
            return th_error_set(r->err, TH_ERR_NOMEM, "out of memory while reading records");
    }
    if (r->in.failed)
        return damaged(r->err);
    const char *fault = th_value_fault(field->type, value);
    return fault ? bad_value(r->err, schema, field, fault) : TH_OK;
}

static const th_schema *find_schema(const struct reader *r, const char *kind)
{
    for (size_t i = 0; i < r->schema_count; i++)
        if (strcmp(r->schemas[i]->kind, kind) == 0)
            return r->schemas[i];
    return NULL;
}

static th_status read_record(struct reader *r, th_record *record)
{
    const char *kind = th_unpack_cstr(&r->in);

    record->start = th_unpack_u32(&r->in);
    record->stop = th_unpack_u32(&r->in);
    if (r->in.failed || !kind)
        return damaged(r->err);
    record->schema = find_schema(r, kind);
    if (!record->schema)
        return th_error_set(r->err, TH_ERR_PARSE, "records from a worker are damaged: no kind %.64s", kind);
    if (record->start > record->stop || record->stop > r->text_len)
        return th_error_set(r->err, TH_ERR_PARSE,
                            "records from a worker are damaged: %s has the span %u..%u in %zu bytes",
                            record->schema->kind, record->start, record->stop, r->text_len);

    th_value *values = th_arena_zalloc(r->arena, record->schema->field_count, sizeof *values);
    if (!values)
        return th_error_set(r->err, TH_ERR_NOMEM, "out of memory while reading records");
    record->values = values;
    th_status status = TH_OK;
    for (size_t i = 0; status == TH_OK && i < record->schema->field_count; i++)
        status = read_value(r, record->schema, &record->schema->fields[i], &values[i]);
    return status;
}

th_status th_records_read(th_records *out, th_arena *arena, const th_schema *const *schemas, size_t schema_count,
                          const void *bytes, size_t len, size_t text_len, th_error *err)
{
    struct reader r = {{bytes, (const char *)bytes + len, false}, arena, schemas, schema_count, text_len, err};
    size_t before = out->count;
    th_status status = TH_OK;

    uint32_t magic = th_unpack_u32(&r.in), count = th_unpack_u32(&r.in);
    if (r.in.failed || magic != MAGIC || count > len / LEAST_RECORD)
        return damaged(err);
    for (uint32_t i = 0; status == TH_OK && i < count; i++) {
        th_record record = {0};
        status = read_record(&r, &record);
        if (status == TH_OK && !th_records_add(out, arena, record))
            status = th_error_set(err, TH_ERR_NOMEM, "out of memory while reading records");
    }
    if (status == TH_OK && r.in.at != r.in.end)
        status = damaged(err);
    if (status != TH_OK)
        out->count = before; /* all or nothing */
    return status;
}
