/* record.h - typed records and the schemas plugins declare for them.
 *
 * A schema is one record kind: a name and typed fields in alphabetical order. Every record has a span in article.text
 * besides its fields; a field named `text` of type text is the span's text unless the plugin gives another. */
#ifndef TH_RECORD_H
#define TH_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

/* Fields of a kind, and kinds of a plugin. */
enum { TH_FIELDS_MAX = 253, TH_KINDS_MAX = 64 };

typedef enum th_type { TH_INTEGER, TH_NUMBER, TH_TEXT, TH_DATE, TH_BOOLEAN, TH_JSON } th_type;

typedef struct th_field {
    const char *name;
    th_type type;
    bool optional;
} th_field;

typedef struct th_schema {
    const char *kind;
    const th_field *fields; /* sorted by name */
    size_t field_count;
} th_schema;

typedef struct th_value {
    bool is_null;
    union {
        int64_t integer; /* TH_INTEGER, TH_BOOLEAN (0 or 1) */
        double number;
        struct {
            const char *data;
            size_t len;
        } text; /* TH_TEXT, TH_DATE, TH_JSON: UTF-8 */
    };
} th_value;

typedef struct th_record {
    const th_schema *schema;
    uint32_t start, stop;   /* bytes of article.text */
    const th_value *values; /* one for each field of the schema */
} th_record;

/* A growing list of records; items and what they point to live in the list's arena. */
typedef struct th_records {
    th_record *items;
    size_t count, cap;
} th_records;

/* Parse "integer", "text?" … into `field->type` and `field->optional`; false when it is no type. */
bool th_type_parse(const char *text, th_field *field);
const char *th_type_name(th_type type);

/* Is `name` fit for a kind or a field: a lower-case ASCII word ([a-z][a-z0-9_]*, at most 63 bytes), not id, article_id,
 * start, stop (fields) nor a core table's or SQLite's name (kinds)? NULL when it is, else why not. */
const char *th_field_name_fault(const char *name);
const char *th_kind_name_fault(const char *name);

/* The field called `name`, or NULL. */
const th_field *th_schema_field(const th_schema *schema, const char *name);

bool th_date_is_valid(const char *text, size_t len); /* YYYY-MM-DD of a real day */

/* Why a value that is there does not fit its type ("is not a date"), or NULL when it does. */
const char *th_value_fault(th_type type, const th_value *value);

bool th_records_add(th_records *list, th_arena *arena, th_record record); /* false when out of memory */

/* Order as the store keeps rows: by span, then by values. For qsort over th_record of one schema. */
int th_record_compare(const void *a, const void *b);

/* Records to bytes and back, for the wire. The reader knows the schemas by kind; an unknown kind, a missing field or a span
 * outside 0..text_len fails with TH_ERR_PARSE. Added to `out` in `arena`. */
void th_records_write(const th_records *list, th_str *out);
th_status th_records_read(th_records *out, th_arena *arena, const th_schema *const *schemas, size_t schema_count,
                          const void *bytes, size_t len, size_t text_len, th_error *err);

#endif
