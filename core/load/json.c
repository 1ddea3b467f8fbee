/* json.c - see json.h. Where a value ends is told by its brackets and quotes; what it says is read by jansson. */
#include "load/json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/unicode.h"

typedef struct doc {
    th_reading *r;
    th_stream *s;
    th_str path, where;
    th_str joined[TH_FIELDS]; /* values that were no single string */
    uint64_t item;            /* values so far */
    uint64_t line;            /* where the stream stands, from 1 */
} doc;

/* ---- the stream ---- */

static void take(doc *d, const char *text, size_t n)
{
    for (const char *at = text; (at = memchr(at, '\n', (size_t)(text + n - at))); at++)
        d->line++;
    th_stream_take(d->s, n);
}

/* Step over white space, and commas when `commas`. What follows is in view; `*len` is 0 at the end. */
static th_status skip_space(doc *d, bool commas, const char **text, size_t *len, th_error *err)
{
    for (;;) {
        th_status status = th_stream_peek(d->s, 1, text, len, err);
        size_t n = 0;
        while (status == TH_OK && n < *len && (strchr(" \t\r\n", (*text)[n]) || (commas && (*text)[n] == ',')) && (*text)[n])
            n++;
        if (status != TH_OK || !*len)
            return status;
        take(d, *text, n);
        *text += n;
        *len -= n;
        if (*len)
            return TH_OK;
    }
}

/* The bytes of the bracketed value at `text`, 0 when it does not end there. */
static size_t value_length(const char *text, size_t len)
{
    size_t depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < len; i++) {
        if (quoted) {
            if (text[i] == '\\')
                i++;
            else
                quoted = text[i] != '"';
        } else if (text[i] == '"') {
            quoted = true;
        } else if (text[i] == '{' || text[i] == '[') {
            depth++;
        } else if ((text[i] == '}' || text[i] == ']') && --depth == 0) {
            return i + 1;
        }
    }
    return 0;
}

/* Have the whole value in view; `*used` is 0 when it never ends or is longer than an item may be. */
static th_status whole_value(doc *d, const char **text, size_t *len, size_t *used, th_error *err)
{
    size_t want = 1;

    for (;;) {
        th_status status = th_stream_peek(d->s, want, text, len, err);
        *used = status == TH_OK ? value_length(*text, *len < TH_ITEM_MAX ? *len : TH_ITEM_MAX) : 0;
        if (status != TH_OK || *used || d->s->ended || *len >= TH_ITEM_MAX)
            return status;
        want = *len * 2;
    }
}

/* The same for a line, its end not counted; at the end of the stream a line may be without one. */
static th_status whole_line(doc *d, const char **text, size_t *len, size_t *used, th_error *err)
{
    size_t want = 1;

    for (;;) {
        th_status status = th_stream_peek(d->s, want, text, len, err);
        const char *stop = status == TH_OK ? memchr(*text, '\n', *len) : NULL;
        *used = stop ? (size_t)(stop - *text) : *len;
        if (status != TH_OK || stop || d->s->ended || *len >= TH_ITEM_MAX)
            return status;
        want = *len * 2;
    }
}

/* ---- one value ---- */

/* Read JSON; bytes that are no UTF-8 become U+FFFD. */
static json_t *load_value(const char *text, size_t len, json_error_t *fault)
{
    const size_t flags = JSON_ALLOW_NUL;
    json_t *value = json_loadb(text, len, flags, fault);
    size_t bad;
    th_str mended = {0};

    if (value || th_utf8_valid(text, len, &bad))
        return value;
    for (size_t pos = 0; pos < len;)
        th_utf8_add(&mended, th_utf8_next(text, len, &pos));
    if (th_str_ok(&mended))
        value = json_loadb(mended.data, mended.len, flags, fault);
    th_str_free(&mended);
    return value;
}

static void add_scalar(th_str *out, const json_t *value)
{
    if (json_is_string(value))
        th_str_add(out, json_string_value(value), json_string_length(value));
    else if (json_is_integer(value))
        th_str_addf(out, "%lld", (long long)json_integer_value(value));
}

/* The value of a field: a string, a number, or a list of strings (lines of a text, names). */
static void set_value(doc *d, th_row *row, th_field_of field, const char *key, const json_t *value)
{
    th_str *joined = &d->joined[field];
    size_t i;
    json_t *item;

    if (json_is_string(value)) {
        row->fields.text[field] = json_string_value(value);
        row->fields.len[field] = json_string_length(value);
    } else if (json_is_integer(value) || json_is_array(value)) {
        th_str_clear(joined);
        add_scalar(joined, value);
        json_array_foreach(value, i, item) {
            if (i)
                th_str_puts(joined, field == TH_FIELD_TEXT ? "\n" : "、");
            add_scalar(joined, item);
        }
        row->fields.text[field] = th_str_text(joined);
        row->fields.len[field] = joined->len;
    }
    row->names[field] = key;
}

/* Put the object's members into the fields they fit best. */
static bool find_fields(doc *d, th_row *row, json_t *object)
{
    const th_columns *columns = &d->r->loader->columns;
    int best[TH_FIELDS] = {0};
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value) {
        for (int f = 0; f < TH_FIELDS; f++) {
            int fits = th_column_fits(columns, f, key, strlen(key));
            if (fits > best[f] && !json_is_null(value) && !json_is_object(value)) {
                best[f] = fits;
                set_value(d, row, f, key, value);
            }
        }
    }
    return row->fields.text[TH_FIELD_TEXT] != NULL;
}

static void name_item(doc *d)
{
    d->item++;
    th_str_clear(&d->path);
    th_str_addf(&d->path, "%s#%llu", d->s->path, (unsigned long long)d->item);
    th_str_clear(&d->where);
    th_str_addf(&d->where, "%s:%llu: ", d->s->path, (unsigned long long)d->line);
}

static th_status fail_item(doc *d, th_status status, const char *what, th_error *err)
{
    th_error own = {0};

    th_error_set(&own, status, "%s: %s%s", th_str_text(&d->path), th_str_text(&d->where), what);
    return th_reading_fail(d->r, th_str_text(&d->path), &own, err);
}

static th_status fail_syntax(doc *d, const json_error_t *fault, th_error *err)
{
    th_error own = {0};
    uint64_t line = d->line + (uint64_t)(fault->line > 0 ? fault->line - 1 : 0);

    th_error_set(&own, TH_ERR_PARSE, "%s: %s:%llu:%d: no JSON: %s", th_str_text(&d->path), d->s->path, (unsigned long long)line,
                 fault->column > 0 ? fault->column : 1, fault->text);
    return th_reading_fail(d->r, th_str_text(&d->path), &own, err);
}

/* The article of one object of several. */
static th_status read_object(doc *d, json_t *object, th_error *err)
{
    th_row row = {.path = th_str_text(&d->path), .where = th_str_text(&d->where), .format = "json", .label = "key"};

    if (!json_is_object(object))
        return fail_item(d, TH_ERR_FORMAT, "is no JSON object", err);
    find_fields(d, &row, object);
    return th_reading_row(d->r, &row, err);
}

static th_status read_value(doc *d, const char *text, size_t len, th_error *err)
{
    json_error_t fault;
    json_t *value;
    th_status status;

    name_item(d);
    value = load_value(text, len, &fault);
    status = value ? read_object(d, value, err) : fail_syntax(d, &fault, err);
    json_decref(value);
    return status;
}

/* ---- the forms ---- */

static th_status never_ends(doc *d, th_error *err)
{
    return th_error_set(err, TH_ERR_PARSE, "%s:%llu: the JSON value that begins here never ends (or is longer than %d MB)",
                        d->s->path, (unsigned long long)d->line, TH_ITEM_MAX >> 20);
}

/* The bytes up to where the next value or the array's end can be, at least one. */
static size_t rubbish_length(const char *text, size_t len)
{
    size_t n = 1;

    while (n < len && text[n] != '{' && text[n] != '[' && text[n] != ']' && text[n] != ',')
        n++;
    return n;
}

/* The elements of an array whose bracket is taken. */
static th_status read_elements(doc *d, th_error *err)
{
    const char *text;
    size_t len, used;
    th_status status;

    while ((status = skip_space(d, true, &text, &len, err)) == TH_OK && len && *text != ']') {
        if (*text == '{' || *text == '[') {
            if ((status = whole_value(d, &text, &len, &used, err)) == TH_OK && !used)
                status = never_ends(d, err);
        } else { /* a number, a string, rubbish: up to where the next value can begin */
            if ((status = whole_line(d, &text, &len, &used, err)) == TH_OK && len) {
                used = rubbish_length(text, used);
            }
        }
        if (status == TH_OK)
            status = read_value(d, text, used, err);
        if (status != TH_OK)
            return status;
        take(d, text, used);
    }
    if (status == TH_OK && !len)
        status = th_error_set(err, TH_ERR_PARSE, "%s:%llu: the JSON array is cut off: it has no closing ]", d->s->path,
                              (unsigned long long)d->line);
    if (status == TH_OK && !d->item)
        status = th_error_set(err, TH_ERR_EMPTY, "%s: an empty JSON array", d->s->path);
    return status;
}

static th_status read_lines(doc *d, th_error *err)
{
    const char *text;
    size_t len, used;
    th_status status;

    while ((status = skip_space(d, false, &text, &len, err)) == TH_OK && len) {
        status = whole_line(d, &text, &len, &used, err);
        if (status == TH_OK)
            status = read_value(d, text, used, err);
        if (status != TH_OK)
            return status;
        take(d, text, used);
    }
    return status;
}

/* Values one after the other that take several lines each. */
static th_status read_values(doc *d, th_error *err)
{
    const char *text;
    size_t len, used;
    th_status status;

    while ((status = skip_space(d, true, &text, &len, err)) == TH_OK && len) {
        status = whole_value(d, &text, &len, &used, err);
        if (status == TH_OK && (!used || (*text != '{' && *text != '[')))
            status = th_error_set(err, TH_ERR_PARSE, "%s:%llu: no JSON object begins here", d->s->path, (unsigned long long)d->line);
        if (status == TH_OK)
            status = read_value(d, text, used, err);
        if (status != TH_OK)
            return status;
        take(d, text, used);
    }
    return status;
}

/* An object whose value at `key` is the list of articles. */
static th_status read_list(doc *d, json_t *list, th_error *err)
{
    th_status status = TH_OK;

    for (size_t i = 0; status == TH_OK && i < json_array_size(list); i++) {
        name_item(d);
        status = read_object(d, json_array_get(list, i), err);
    }
    return status;
}

static json_t *find_list(json_t *object)
{
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value) {
        if (json_is_array(value) && json_is_object(json_array_get(value, 0)))
            return value;
    }
    return NULL;
}

static th_status no_article(doc *d, json_t *object, th_error *err)
{
    th_str keys = {0};
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value) {
        (void)value;
        if (keys.len < 300)
            th_str_addf(&keys, "%s%.60s", keys.len ? ", " : "", key);
    }
    th_error_set(err, TH_ERR_FORMAT, "%s: a JSON object without an article: no key holds the text (looked for: %s) and none a "
                 "list of objects; keys: %s; name it in config.yaml: columns: {text: NAME}", d->s->path, th_fields_help,
                 th_str_text(&keys));
    th_str_free(&keys);
    return TH_ERR_FORMAT;
}

/* The one object of the stream: an article, or the cover of a list of them. */
static th_status read_single(doc *d, const char *text, size_t len, th_error *err)
{
    json_error_t fault;
    json_t *object = load_value(text, len, &fault), *list;
    th_row row = {.path = d->s->path, .where = "", .format = "json", .label = "key", .only = true};
    th_status status;

    if (!object)
        return th_error_set(err, TH_ERR_PARSE, "%s:%d:%d: no JSON: %s", d->s->path, fault.line, fault.column, fault.text);
    if (find_fields(d, &row, object))
        status = th_reading_row(d->r, &row, err);
    else if ((list = find_list(object)))
        status = read_list(d, list, err);
    else
        status = no_article(d, object, err);
    json_decref(object);
    return status;
}

/* Where in the head of a large object a list of objects begins: the bytes up to its bracket and with it; 0 for nowhere. */
static size_t list_begin(const char *text, size_t len)
{
    size_t depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < len; i++) {
        if (quoted) {
            if (text[i] == '\\')
                i++;
            else
                quoted = text[i] != '"';
        } else if (text[i] == '"') {
            quoted = true;
        } else if (text[i] == '[' && depth == 1) {
            size_t k = i + 1;
            while (k < len && text[k] && strchr(" \t\r\n", text[k]))
                k++;
            if (k < len && text[k] == '{')
                return i + 1;
            depth++;
        } else if (text[i] == '{' || text[i] == '[') {
            depth++;
        } else if ((text[i] == '}' || text[i] == ']') && depth) {
            depth--;
        }
    }
    return 0;
}

static bool is_json_line(const char *text, size_t len)
{
    json_error_t fault;
    json_t *value = load_value(text, len, &fault);
    bool good = json_is_object(value);

    json_decref(value);
    return good;
}

/* Is it one object a line? Its first or, when that is damaged, its second line is one, and there is more than one line. */
static bool has_object_lines(const char *text, size_t len)
{
    for (int i = 0; i < 2; i++) {
        const char *stop = memchr(text, '\n', len);
        size_t n = stop ? (size_t)(stop - text) : len, rest = stop ? len - n - 1 : 0, space = 0;
        if (is_json_line(text, n)) {
            while (space < rest && stop[1 + space] && strchr(" \t\r\n", stop[1 + space]))
                space++;
            return i > 0 || space < rest;
        }
        if (!rest || stop[1] != '{')
            return false;
        text = stop + 1;
        len = rest;
    }
    return false;
}

static th_status read_objects(doc *d, th_error *err)
{
    const char *text;
    size_t len, used;
    th_status status = whole_value(d, &text, &len, &used, err);

    if (status == TH_OK && has_object_lines(text, len))
        return read_lines(d, err);
    if (status == TH_OK && !used) {
        used = list_begin(text, len);
        if (!used)
            return never_ends(d, err);
        take(d, text, used);
        return read_elements(d, err);
    }
    /* Is anything behind it? What follows must be in view to be seen. */
    if (status == TH_OK)
        status = th_stream_peek(d->s, used + 4096, &text, &len, err);
    size_t next = used;
    while (status == TH_OK && next < len && text[next] && strchr(" \t\r\n,", text[next]))
        next++;
    if (status == TH_OK)
        status = next < len ? read_values(d, err) : read_single(d, text, used, err);
    return status;
}

bool th_json_sniff(const char *text, size_t len)
{
    size_t at = 0;

    while (at < len && text[at] && strchr(" \t\r\n", text[at]))
        at++;
    if (at == len || (text[at] != '{' && text[at] != '['))
        return false;
    char open = text[at++];
    while (at < len && text[at] && strchr(" \t\r\n", text[at]))
        at++;
    return at < len && (open == '{' ? text[at] == '"' || text[at] == '}' : text[at] == '{' || text[at] == ']');
}

th_status th_json_read(th_reading *r, th_stream *s, th_error *err)
{
    doc d = {.r = r, .s = s, .line = 1};
    const char *text;
    size_t len;
    th_status status = skip_space(&d, false, &text, &len, err);

    if (status == TH_OK && len && *text == '[') {
        take(&d, text, 1);
        status = read_elements(&d, err);
    } else if (status == TH_OK) {
        status = read_objects(&d, err);
    }
    for (int f = 0; f < TH_FIELDS; f++)
        th_str_free(&d.joined[f]);
    th_str_free(&d.path);
    th_str_free(&d.where);
    return status;
}

static bool set_id(th_str *id, const json_t *object)
{
    json_t *value = json_object_get(object, "id");
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;

    th_str_clear(id);
    th_str_puts(id, text ? text : "null");
    free(text);
    return th_str_ok(id);
}

th_status th_json_object(th_reading *r, const char *path, const char *text, size_t len, th_str *id, th_error *err)
{
    th_row row = {.path = path, .where = "", .format = "json", .label = "key", .only = true};
    th_stream nowhere = {.path = path};
    doc d = {.r = r, .s = &nowhere, .line = 1};
    json_error_t fault;
    json_t *object = load_value(text, len, &fault);
    th_status status;

    if (!set_id(id, object))
        status = th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", path);
    else if (!object)
        status = th_error_set(err, TH_ERR_PARSE, "%s:%d: no JSON: %s", path, fault.column > 0 ? fault.column : 1, fault.text);
    else if (!json_is_object(object))
        status = th_error_set(err, TH_ERR_FORMAT, "%s: is no JSON object", path);
    else {
        find_fields(&d, &row, object);
        status = th_reading_row(r, &row, err);
    }
    json_decref(object);
    for (int f = 0; f < TH_FIELDS; f++)
        th_str_free(&d.joined[f]);
    return status;
}
