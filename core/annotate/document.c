/* document.c - an article of the store with its records as a document; see internal.h. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "annotate/internal.h"
#include "text/unicode.h"

enum { WORDS = 24 }; /* characters of the first and last words of the body */

json_t *document_new(const char *where, const json_t *path, const json_t *text)
{
    json_t *document = json_pack("{s:s, s:[], s:[], s:[], s:{}}", "where", where, "marks", "problems", "warnings", "gold");

    if (json_is_string(path))
        json_object_set(document, "path", (json_t *)path);
    if (json_is_string(text))
        json_object_set(document, "text", (json_t *)text);
    return document;
}

json_t *mark_add(json_t *document, const char *kind, const json_t *start, const json_t *stop, const json_t *text)
{
    json_t *mark = json_pack("{s:s, s:{}}", "kind", kind, "fields");

    if (json_is_integer(start) && json_is_integer(stop)) {
        json_object_set(mark, "start", (json_t *)start);
        json_object_set(mark, "stop", (json_t *)stop);
    }
    if (json_is_string(text))
        json_object_set(mark, "text", (json_t *)text);
    json_array_append_new(json_object_get(document, "marks"), mark);
    return mark;
}

void problem_add(json_t *document, const char *list, const char *fmt, ...)
{
    va_list args;
    char text[512];

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    while (!th_utf8_valid(text, strlen(text), NULL)) /* cut in the middle of a character */
        text[strlen(text) - 1] = '\0';
    json_array_append_new(json_object_get(document, list), json_string(text));
}

/* ---- the article ---- */

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *slice(const th_article *a, size_t start, size_t stop)
{
    return json_stringn(a->text + start, stop - start);
}

static json_t *texts_of(const th_article *a, th_block_kind kind)
{
    json_t *list = json_array();

    for (size_t i = 0; i < a->block_count; i++)
        if (a->blocks[i].kind == kind)
            json_array_append_new(list, slice(a, a->blocks[i].start, a->blocks[i].stop));
    return list;
}

static json_t *first_words(const th_article *a)
{
    size_t start = 0, stop = a->len;

    for (size_t i = a->block_count; i > 0; i--)
        if (a->blocks[i - 1].kind == TH_BLOCK_PARAGRAPH) {
            start = a->blocks[i - 1].start;
            stop = a->blocks[i - 1].stop;
        }
    size_t pos = start;
    for (int n = 0; n < WORDS && pos < stop; n++)
        th_utf8_next(a->text, stop, &pos);
    return slice(a, start, pos);
}

static json_t *last_words(const th_article *a)
{
    size_t start = 0, stop = a->len;

    for (size_t i = 0; i < a->block_count; i++)
        if (a->blocks[i].kind == TH_BLOCK_PARAGRAPH) {
            start = a->blocks[i].start;
            stop = a->blocks[i].stop;
        }
    size_t pos = stop;
    for (int n = 0; n < WORDS && pos > start; n++)
        th_utf8_prev(a->text, &pos);
    return slice(a, pos, stop);
}

static json_t *meta_of(const th_article *a)
{
    json_t *authors = json_array();

    for (size_t i = 0; i < a->author_count; i++)
        json_array_append_new(authors, json_string(a->authors[i]));
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "title", a->title, "date", text_or_null(a->date), "source",
                     text_or_null(a->source), "authors", authors, "region", text_or_null(a->region_name), "region_code",
                     text_or_null(a->region_code), "url", text_or_null(a->url));
}

static json_t *dropped_texts(const th_article *a)
{
    json_t *seen = json_object(), *list = json_array();

    for (size_t i = 0; i < a->dropped_count; i++)
        if (!json_object_get(seen, a->dropped[i].text)) {
            json_object_set_new(seen, a->dropped[i].text, json_true());
            json_array_append_new(list, json_string(a->dropped[i].text));
        }
    json_decref(seen);
    return list;
}

/* The file's name, or its whole path where another article of the store has that name too. */
static const char *name_of(th_store *store, const th_article *a)
{
    const char *slash = strrchr(a->path, '/'), *name = slash && slash[1] ? slash + 1 : a->path;
    th_error ignored = {0};
    int64_t id = 0;

    return th_store_article_find(store, name, &id, &ignored) == TH_OK && id == a->id ? name : a->path;
}

static json_t *gold_base(th_store *store, const th_article *a)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "article", name_of(store, a), "meta", meta_of(a), "headings",
                     texts_of(a, TH_BLOCK_HEADING), "body_first", first_words(a), "body_last", last_words(a), "boilerplate",
                     dropped_texts(a), "captions", texts_of(a, TH_BLOCK_CAPTION));
}

/* ---- records ---- */

struct reader {
    json_t *document;
    const struct kind *kind;
    const uint32_t *characters; /* before each byte */
    size_t len;
    const char *text;
    size_t lost; /* rows whose span is not in the text */
};

static json_t *cell_json(const th_cell *cell)
{
    switch (cell->type) {
    case TH_CELL_INTEGER: return json_integer(cell->integer);
    case TH_CELL_NUMBER: return json_real(cell->number);
    case TH_CELL_TEXT: return json_stringn(cell->text, cell->len);
    default: return json_null();
    }
}

/* Rows of policy are one for each pair of codes: one mark of their sentence has them all. */
static json_t *mark_at(struct reader *r, size_t start, size_t stop)
{
    json_t *marks = json_object_get(r->document, "marks"), *last = json_array_get(marks, json_array_size(marks) - 1);
    bool joins = false;

    for (const struct field *f = r->kind->fields; f->name; f++)
        joins |= f->type == FIELD_CODES;
    if (joins && last && strcmp(json_string_value(json_object_get(last, "kind")), r->kind->name) == 0 &&
        (size_t)json_integer_value(json_object_get(last, "from")) == start && (size_t)json_integer_value(json_object_get(last, "to")) == stop)
        return last;
    json_t *mark = json_pack("{s:s, s:I, s:I, s:I, s:I, s:o, s:{}}", "kind", r->kind->name, "start", (json_int_t)r->characters[start], "stop",
                             (json_int_t)r->characters[stop], "from", (json_int_t)start, "to", (json_int_t)stop, "text",
                             json_stringn(r->text + start, stop - start), "fields");
    json_array_append_new(marks, mark);
    return mark;
}

static void add_code(json_t *fields, const char *name, const th_cell *cell)
{
    json_t *list = json_object_get(fields, name), *code = cell_json(cell);
    bool has = !json_is_string(code);

    if (!list) {
        list = json_array();
        json_object_set_new(fields, name, list);
    }
    for (size_t i = 0; i < json_array_size(list); i++)
        has |= json_equal(json_array_get(list, i), code);
    if (!has)
        json_array_append(list, code);
    json_decref(code);
}

static void add_field(json_t *fields, const struct field *field, const th_cell *cell)
{
    if (field->type == FIELD_CODES) {
        add_code(fields, field->name, cell);
        return;
    }
    json_t *raw = cell_json(cell), *value = field_value(field, raw);
    json_object_set_new(fields, field->name, value ? value : json_incref(raw));
    json_decref(raw);
}

static bool add_row(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    struct reader *r = ctx;
    int64_t start = -1, stop = -1;

    for (size_t i = 0; values && i < count; i++) {
        if (strcmp(names[i], "start") == 0)
            start = values[i].integer;
        if (strcmp(names[i], "stop") == 0)
            stop = values[i].integer;
    }
    if (!values)
        return true;
    if (start < 0 || start >= stop || (uint64_t)stop > r->len || !th_utf8_boundary(r->text, r->len, (size_t)start) ||
        !th_utf8_boundary(r->text, r->len, (size_t)stop)) {
        r->lost++;
        return true;
    }
    json_t *fields = json_object_get(mark_at(r, (size_t)start, (size_t)stop), "fields");
    for (size_t i = 0; i < count; i++) {
        const struct field *field = field_of(r->kind, names[i]);
        if (field && strcmp(field->name, names[i]) == 0)
            add_field(fields, field, &values[i]);
    }
    return true;
}

static bool note_row(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    (void)names;
    (void)count;
    *(bool *)ctx = values != NULL;
    return true;
}

static th_status read_kind(th_store *store, int64_t id, struct reader *r, th_error *err)
{
    const th_cell key = {.type = TH_CELL_INTEGER, .integer = id};
    const th_cell table = {.type = TH_CELL_TEXT, .text = r->kind->name, .len = strlen(r->kind->name)};
    bool there = false;
    th_str sql = {0};
    th_status status = th_store_query(store, "SELECT 1 FROM pragma_table_info(?1) WHERE name = 'article_id'", &table, 1, note_row, &there, err);

    th_str_addf(&sql, "SELECT * FROM \"%s\" WHERE article_id = ?1 ORDER BY start, stop, id", r->kind->name);
    if (status == TH_OK && there)
        status = th_store_query(store, th_str_text(&sql), &key, 1, add_row, r, err);
    th_str_free(&sql);
    return status;
}

static uint32_t *count_characters(const char *text, size_t len)
{
    uint32_t *counts = malloc((len + 1) * sizeof *counts), n = 0;

    for (size_t pos = 0; counts && pos < len; n++) {
        size_t at = pos;
        th_utf8_next(text, len, &pos);
        for (; at < pos; at++)
            counts[at] = n;
    }
    if (counts)
        counts[len] = n;
    return counts;
}

th_status document_read(th_store *store, int64_t id, json_t **out, th_error *err)
{
    th_arena *arena = th_arena_new();
    th_article *a = NULL;
    th_status status = arena ? th_store_article_get(store, id, arena, &a, err) : th_error_set(err, TH_ERR_NOMEM, "out of memory");
    struct reader r = {0};

    *out = NULL;
    if (status != TH_OK)
        goto done;
    r = (struct reader){.text = a->text, .len = a->len, .characters = count_characters(a->text, a->len)};
    r.document = json_pack("{s:I, s:s, s:o, s:o, s:[], s:[], s:[], s:s}", "id", (json_int_t)a->id, "path", a->path, "text",
                           json_stringn(a->text, a->len), "gold", gold_base(store, a), "marks", "problems", "warnings", "where", a->path);
    if (!r.characters || !r.document)
        status = th_error_set(err, TH_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < KINDS && status == TH_OK; i++) {
        r.kind = &kinds[i];
        status = read_kind(store, id, &r, err);
    }
    if (r.lost)
        problem_add(r.document, "warnings", "%zu records have no place in the text and are left out; run the plugins anew", r.lost);
    if (status == TH_OK) {
        *out = r.document;
        r.document = NULL;
    }
done:
    json_decref(r.document);
    free((void *)r.characters);
    th_arena_free(arena);
    return status;
}
