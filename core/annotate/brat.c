/* brat.c - brat's standoff files: the text, its annotations, the configuration; see internal.h. Codes are attributes (one of several that may
 * hold at once is an attribute of its own, as brat has one value each), other fields a JSON object in the annotation's note. */
#include <stdlib.h>
#include <string.h>

#include "annotate/internal.h"
#include "base/file.h"

/* ---- writing ---- */

/* A span over several lines is given in pieces, with blanks between their texts. */
static void add_span(th_str *ann, const json_t *mark)
{
    json_int_t start = json_integer_value(json_object_get(mark, "start")), at = start;
    const char *text = json_string_value(json_object_get(mark, "text"));

    th_str_addf(ann, "%" JSON_INTEGER_FORMAT " ", start);
    for (const char *p = text; *p; p++) {
        if (*p == '\n')
            th_str_addf(ann, "%" JSON_INTEGER_FORMAT ";%" JSON_INTEGER_FORMAT " ", at, at + 1);
        at += ((unsigned char)*p & 0xC0) != 0x80;
    }
    th_str_addf(ann, "%" JSON_INTEGER_FORMAT "\t", at);
    for (const char *p = text; *p; p++)
        th_str_putc(ann, *p == '\n' ? ' ' : *p);
    th_str_putc(ann, '\n');
}

static void add_mark(th_str *ann, size_t n, size_t *attributes, const json_t *mark)
{
    const struct kind *kind = kind_of(json_string_value(json_object_get(mark, "kind")));
    json_t *fields = json_object_get(mark, "fields"), *note = json_object(), *code;
    size_t i;

    th_str_addf(ann, "T%zu\t%s ", n, kind->name);
    add_span(ann, mark);
    for (const struct field *f = kind->fields; f->name; f++) {
        json_t *value = json_object_get(fields, f->name);
        if (f->is_context || !value || json_is_null(value))
            continue;
        if (f->type == FIELD_CODE)
            th_str_addf(ann, "A%zu\t%s T%zu %s\n", ++*attributes, f->name, n, json_string_value(value));
        else if (f->type != FIELD_CODES)
            json_object_set(note, f->name, value);
        json_array_foreach(value, i, code)
            th_str_addf(ann, "A%zu\t%s_%s T%zu\n", ++*attributes, f->name, json_string_value(code), n);
    }
    if (json_object_size(note)) {
        th_str_addf(ann, "#%zu\tAnnotatorNotes T%zu\t", n, n);
        json_line(note, 0, ann);
        th_str_putc(ann, '\n');
    }
    json_decref(note);
}

void brat_write(json_t *document, th_str *ann)
{
    size_t i, attributes = 0;
    json_t *mark;

    json_array_foreach(json_object_get(document, "marks"), i, mark)
        add_mark(ann, i + 1, &attributes, mark);
}

void brat_config(json_t *codes, th_str *out)
{
    const char *code;
    json_t *name;

    th_str_puts(out, "[entities]\n");
    for (size_t i = 0; i < KINDS; i++)
        th_str_addf(out, "%s\n", kinds[i].name);
    th_str_puts(out, "[relations]\n<OVERLAP> Arg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>\n[events]\n[attributes]\n");
    for (size_t i = 0; i < KINDS; i++)
        for (const struct field *f = kinds[i].fields; f->name; f++) {
            json_t *list = json_object_get(json_object_get(codes, kinds[i].name), f->name);
            const char *gap = "";
            if (!json_object_size(list))
                continue;
            if (f->type == FIELD_CODE)
                th_str_addf(out, "%s Arg:%s, Value:", f->name, kinds[i].name);
            json_object_foreach(list, code, name) {
                if (f->type == FIELD_CODES)
                    th_str_addf(out, "%s_%s Arg:%s\n", f->name, code, kinds[i].name);
                else
                    th_str_addf(out, "%s%s", gap, code);
                gap = "|";
            }
            if (f->type == FIELD_CODE)
                th_str_putc(out, '\n');
        }
}

/* ---- reading ---- */

/* One .ann file being read. */
struct reading {
    json_t *document, *by_id;
};

/* "metric 0 5;6 10": the label, the first start and the last stop. */
static bool split_span(char *text, json_t **start, json_t **stop)
{
    char *blank = strchr(text, ' '), *end;

    *start = *stop = NULL;
    if (!blank)
        return false;
    *blank = '\0';
    char *last = strrchr(blank + 1, ' ');
    long a = strtol(blank + 1, &end, 10);
    if (end == blank + 1 || !last)
        return false;
    long b = strtol(last + 1, &end, 10);
    if (*end || end == last + 1)
        return false;
    *start = json_integer(a);
    *stop = json_integer(b);
    return true;
}

static void read_span(struct reading *r, size_t n, const char *id, char *middle, const char *text)
{
    json_t *start, *stop, *words = NULL;
    bool pieces = strchr(middle, ';') != NULL;

    if (!split_span(middle, &start, &stop) || !kind_of(middle)) {
        problem_add(r->document, "problems", "line %zu: expected T1<tab>KIND START STOP<tab>TEXT with a kind such as metric, got \"%s\"", n, middle);
    } else {
        words = pieces ? NULL : json_string(text); /* the text of pieces has blanks for line ends */
        json_t *mark = mark_add(r->document, middle, start, stop, words);
        json_object_set_new(mark, "where", json_sprintf("line %zu", n));
        json_object_set(r->by_id, id, mark);
    }
    json_decref(start);
    json_decref(stop);
    json_decref(words);
}

static void read_attribute(struct reading *r, size_t n, char *middle)
{
    char *save = NULL, *name = strtok_r(middle, " ", &save), *id = strtok_r(NULL, " ", &save), *value = strtok_r(NULL, "", &save);
    json_t *mark = id ? json_object_get(r->by_id, id) : NULL;
    const struct kind *kind = mark ? kind_of(json_string_value(json_object_get(mark, "kind"))) : NULL;

    for (const struct field *f = kind ? kind->fields : NULL; f && f->name; f++) {
        json_t *fields = json_object_get(mark, "fields");
        size_t len = strlen(f->name);
        if (f->type == FIELD_CODES && strncmp(name, f->name, len) == 0 && name[len] == '_') {
            if (!json_object_get(fields, f->name))
                json_object_set_new(fields, f->name, json_array());
            json_array_append_new(json_object_get(fields, f->name), json_string(name + len + 1));
            return;
        }
        if (f->type != FIELD_CODES && strcmp(name, f->name) == 0 && value) {
            json_object_set_new(fields, f->name, json_string(value));
            return;
        }
    }
    problem_add(r->document, "problems", "line %zu: %s %s is no attribute of a mark; take it away", n, name ? name : "", id ? id : "");
}

static void read_note(struct reading *r, size_t n, char *middle, const char *text)
{
    const char *id = strchr(middle, ' ');
    json_t *mark = id ? json_object_get(r->by_id, id + 1) : NULL, *value;
    const struct kind *kind = mark ? kind_of(json_string_value(json_object_get(mark, "kind"))) : NULL;
    json_error_t fault;
    const char *name;

    if (!kind || *text != '{') { /* a remark of the analyst's */
        if (*text == '{')
            problem_add(r->document, "problems", "line %zu: the note belongs to no mark; take it away", n);
        return;
    }
    json_t *note = json_loads(text, JSON_REJECT_DUPLICATES, &fault);
    if (!note)
        problem_add(r->document, "problems", "line %zu: the note is not JSON: %s", n, fault.text);
    json_object_foreach(note, name, value)
        if (field_of(kind, name))
            json_object_set(json_object_get(mark, "fields"), field_of(kind, name)->name, value);
        else
            problem_add(r->document, "problems", "line %zu: %s is no field of %s", n, name, kind->name);
    json_decref(note);
}

static void read_line(struct reading *r, size_t n, char *line, bool spans)
{
    char *save = NULL, *id = strtok_r(line, "\t", &save), *middle = strtok_r(NULL, "\t", &save), *text = strtok_r(NULL, "", &save);

    if (!id || !*id)
        return;
    if (!middle && spans)
        problem_add(r->document, "problems", "line %zu: expected tabs between its parts, got \"%s\"", n, id);
    if (!middle)
        return;
    if (*id == 'T' && spans)
        read_span(r, n, id, middle, text ? text : "");
    else if ((*id == 'A' || *id == 'M') && !spans)
        read_attribute(r, n, middle);
    else if (*id == '#' && !spans)
        read_note(r, n, middle, text ? text : "");
    else if (spans && !strchr("TAM#", *id))
        problem_add(r->document, "warnings", "line %zu: %s is neither a span, an attribute nor a note and is left out", n, id);
}

/* Spans first: attributes may stand before them. */
static void read_lines(struct reading *r, const th_str *bytes, bool spans)
{
    char *copy = strdup(th_str_text(bytes)), *at = copy;

    for (size_t n = 1; at && *at; n++) {
        char *end = strchr(at, '\n'), *next = end ? end + 1 : at + strlen(at);
        if (end)
            *end = '\0';
        size_t len = strlen(at);
        if (len && at[len - 1] == '\r')
            at[len - 1] = '\0';
        read_line(r, n, at, spans);
        at = next;
    }
    free(copy);
}

/* The path that documents.tsv gives for the document; NULL when there is none. */
static json_t *path_of(const char *dir, const char *stem, size_t stem_len)
{
    th_str path = {0}, bytes = {0};
    th_error ignored = {0};
    json_t *out = NULL;

    th_path_join(&path, dir, "documents.tsv");
    if (th_file_read(&bytes, th_str_text(&path), 0, &ignored) == TH_OK)
        for (const char *at = th_str_text(&bytes); at && *at && !out;) {
            const char *end = strchr(at, '\n');
            size_t len = end ? (size_t)(end - at) : strlen(at);
            if (len > stem_len && strncmp(at, stem, stem_len) == 0 && at[stem_len] == '\t')
                out = json_stringn(at + stem_len + 1, len - stem_len - 1);
            at = end ? end + 1 : NULL;
        }
    th_str_free(&path);
    th_str_free(&bytes);
    return out;
}

th_status brat_read(const char *path, json_t *out, th_error *err)
{
    th_str ann = {0}, text = {0}, name = {0}, dir = {0};
    const char *base = th_path_base(path), *dot = strrchr(base, '.');
    size_t stem = dot ? (size_t)(dot - base) : strlen(base);
    th_status status = th_file_read(&ann, path, 0, err);

    th_str_add(&name, path, (size_t)(base - path) + stem);
    th_str_puts(&name, ".txt");
    th_path_dir(&dir, path);
    if (status == TH_OK)
        status = th_file_read(&text, th_str_text(&name), 0, err);
    if (status == TH_OK) {
        json_t *from = path_of(th_str_text(&dir), base, stem), *words = json_stringn(th_str_text(&text), text.len);
        struct reading r = {document_new(path, from, words), json_object()};
        if (!words)
            problem_add(r.document, "problems", "its text is not UTF-8");
        if (!from)
            problem_add(r.document, "problems", "documents.tsv beside it does not say which article it is; add a line %.*s<tab>PATH", (int)stem, base);
        read_lines(&r, &ann, true);
        read_lines(&r, &ann, false);
        json_array_append_new(out, r.document);
        json_decref(r.by_id);
        json_decref(from);
        json_decref(words);
    }
    th_str_free(&ann);
    th_str_free(&text);
    th_str_free(&name);
    th_str_free(&dir);
    return status;
}
