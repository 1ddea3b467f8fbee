/* internal.h - what the files of annotate/ share.
 *
 * A document is a JSON object, the same for every format:
 *   {"id", "path", "text", "gold": {article, meta, headings, captions, boilerplate, body_first, body_last},
 *    "marks": [{"kind", "start", "stop", "text", "fields": {name: value}}]}
 * Written: start and stop are characters of text. Read: they are what the file says, or absent; "where" names the document in its file,
 * and any part of gold that the file holds replaces the store's. */
#ifndef TH_ANNOTATE_INTERNAL_H
#define TH_ANNOTATE_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>

#include "annotate/annotate.h"
#include "base/str.h"

enum field_type { FIELD_TEXT, FIELD_CODE, FIELD_NUMBER, FIELD_INTEGER, FIELD_CODES };

struct field {
    const char *name;   /* of the store's column; NULL after the last */
    const char *gold;   /* of the gold item's field */
    enum field_type type;
    bool needed;        /* gold can not do without */
    bool is_context;    /* for reading only: not offered to the tools */
};

struct kind {
    const char *name;   /* the label and the store's table */
    const char *gold;   /* the gold list */
    const char *colour;
    const char *chief;  /* the field whose code doccano shows in the label; NULL: none */
    const struct field *fields;
};

/* kinds.c */
enum { KINDS = 6 };
extern const struct kind kinds[KINDS];
const struct kind *kind_of(const char *name);              /* NULL when unknown */
const struct kind *kind_of_gold(const char *list);
const struct field *field_of(const struct kind *kind, const char *name); /* by the store's name or gold's; NULL when unknown */
/* `value` as the field's type: null for an empty text, a number from its digits, a list from one code; NULL when it does not fit. */
json_t *field_value(const struct field *field, const json_t *value);
/* The value for a reader: text, number; "" for null. */
void field_text_of(const json_t *value, th_str *out);

/* codes.c: the codes a field may have: those of the labels, in their order, then others that the store holds. An object code -> what it
 * is called in Chinese, or null. */
th_status codes_of(th_store *store, const th_node *labels, json_t **out, th_error *err); /* {kind: {field: {code: name}}} */

/* document.c */
th_status document_read(th_store *store, int64_t id, json_t **out, th_error *err);

/* place.c: offsets of the marks of a document that was read, as bytes "from" and "to" of `text`; what has no place is a problem. */
void place_marks(json_t *document, const char *text, size_t len);

/* gold.c */
/* The gold of a document whose marks have bytes. What gold can not hold is a problem, what it merges a warning. `whole`: one item for each
 * mark with every field of the record and its offsets, for ndjson; else as gold files are written. NULL when memory is out. */
json_t *gold_of(json_t *document, const char *text, size_t len, bool whole);

/* files.c */
th_status file_write(const char *dir, const char *name, const char *text, size_t len, th_error *err);
void json_line(const json_t *value, size_t flags, th_str *out);
/* The name of a file for the document: the end of its path without its extension, and `n` behind it unless 0. */
void file_stem(const json_t *document, size_t n, th_str *out);
th_status json_read(const char *path, const char *bytes, size_t len, json_t **out, th_error *err);

/* One file a format. `write_*` append a document; `read_*` call for each document of a file. */
void labelstudio_write(json_t *document, th_str *out);
void labelstudio_config(json_t *codes, th_str *out);
void doccano_write(json_t *document, th_str *out);
void ndjson_write(json_t *document, th_str *out);
void brat_write(json_t *document, th_str *ann);
void brat_config(json_t *codes, th_str *out);

/* The documents of a file, in a list. Problems of one document are texts in its list "problems", warnings in "warnings". */
th_status labelstudio_read(const char *path, json_t *out, th_error *err);
th_status doccano_read(const char *path, json_t *out, th_error *err);
th_status ndjson_read(const char *path, json_t *out, th_error *err);
th_status brat_read(const char *path, json_t *out, th_error *err);

/* Small things around documents. */
json_t *document_new(const char *where, const json_t *path, const json_t *text);
json_t *mark_add(json_t *document, const char *kind, const json_t *start, const json_t *stop, const json_t *text);
void problem_add(json_t *document, const char *list, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
