/* fields.h - the columns of a table of articles (CSV) or the keys of an object (JSON): which of them is the title, the date,
 * the text. Internal to load/. */
#ifndef TH_LOAD_FIELDS_H
#define TH_LOAD_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef enum th_field_of {
    TH_FIELD_TITLE,
    TH_FIELD_DATE,
    TH_FIELD_TEXT,
    TH_FIELD_SOURCE,
    TH_FIELD_URL,
    TH_FIELD_REGION,
    TH_FIELD_AUTHOR,
    TH_FIELDS
} th_field_of;

/* What config.yaml names under `columns:`; NULL where it names nothing. */
typedef struct th_columns {
    const char *names[TH_FIELDS];
} th_columns;

/* The values of one row; NULL where it has none. They need not end in NUL and are not yet normalised. */
typedef struct th_fields {
    const char *text[TH_FIELDS];
    size_t len[TH_FIELDS];
} th_fields;

/* "title", "date", … as they stand in config.yaml; -1 for another word. */
int th_field_named(const char *name);

/* How well the column `name` (UTF-8; case, white space and a byte order mark count for nothing) fits the field: 0 not at all, the
 * larger the better. A name that config.yaml gives is the only one that fits its field. */
int th_column_fits(const th_columns *columns, th_field_of field, const char *name, size_t len);

/* What the message of a table without text says of the names looked for. */
extern const char th_fields_help[];

#endif
