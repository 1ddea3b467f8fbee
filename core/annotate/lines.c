/* lines.c - files with one JSON object a line: articles with their records in full (ndjson), and doccano's; see internal.h. */
#include <string.h>

#include "annotate/internal.h"
#include "base/file.h"

typedef void (*line_fn)(json_t *document, const json_t *line);

/* A document for each line that is not empty; `path_in` is the object that holds "path", by its name, or NULL. */
static th_status read_lines(const char *path, const char *path_in, line_fn fn, json_t *out, th_error *err)
{
    th_str bytes = {0}, where = {0};
    th_status status = th_file_read(&bytes, path, 0, err);
    const char *at = th_str_text(&bytes), *end = at + bytes.len;

    for (size_t n = 1; status == TH_OK && at < end; n++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = stop ? (size_t)(stop - at) : (size_t)(end - at);
        json_error_t fault;
        json_t *line = NULL;
        if (len > strspn(at, " \t\r\n")) {
            line = json_loadb(at, len, JSON_REJECT_DUPLICATES, &fault);
            if (!json_is_object(line))
                status = th_error_set(err, TH_ERR_PARSE, "%s:%zu:%d: %s; expected one JSON object a line", path, n, line ? 1 : fault.column,
                                      line ? "no object" : fault.text);
        }
        if (line && status == TH_OK) {
            const json_t *holder = path_in && json_object_get(line, path_in) ? json_object_get(line, path_in) : line;
            th_str_clear(&where);
            th_str_addf(&where, "%s:%zu", path, n);
            json_t *document = document_new(th_str_text(&where), json_object_get(holder, "path"), json_object_get(line, "text"));
            json_array_append(out, document);
            fn(document, line);
            json_decref(document);
        }
        json_decref(line);
        at += len + 1;
    }
    th_str_free(&where);
    th_str_free(&bytes);
    return status;
}

/* ---- ndjson ---- */

void ndjson_write(json_t *document, th_str *out)
{
    const char *text = json_string_value(json_object_get(document, "text"));
    json_t *gold = gold_of(document, text, json_string_length(json_object_get(document, "text")), true);
    json_t *line = json_pack("{s:O, s:O}", "id", json_object_get(document, "id"), "path", json_object_get(document, "path"));

    if (gold && line) {
        json_object_update(line, gold);
        json_object_set(line, "text", json_object_get(document, "text"));
        json_line(line, JSON_COMPACT, out);
    } else
        out->failed = true;
    json_decref(gold);
    json_decref(line);
}

static void read_item(json_t *document, const struct kind *kind, size_t n, const json_t *item)
{
    const json_t *text = json_object_get(item, kind == kind_of("policy") ? "sentence" : "text");
    const char *name;
    json_t *value;

    if (!json_is_object(item)) {
        problem_add(document, "problems", "%s[%zu]: expected an object", kind->gold, n);
        return;
    }
    json_t *mark = mark_add(document, kind->name, json_object_get(item, "start"), json_object_get(item, "stop"), text);
    json_object_set_new(mark, "where", json_sprintf("%s[%zu]", kind->gold, n));
    if (json_object_get(item, "context"))
        json_object_set(mark, "context", json_object_get(item, "context"));
    json_object_foreach((json_t *)item, name, value) {
        const struct field *f = field_of(kind, name);
        if (f)
            json_object_set(json_object_get(mark, "fields"), f->name, value);
        else if (strcmp(name, "optional") == 0 || strcmp(name, "borderline") == 0 || strstr(name, "_alt"))
            json_object_set(mark, name, value);
    }
}

static void read_article(json_t *document, const json_t *line)
{
    static const char *const parts[] = {"article", "meta", "headings", "body_first", "body_last", "boilerplate", "captions"};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (json_object_get(line, parts[i]))
            json_object_set(json_object_get(document, "gold"), parts[i], json_object_get(line, parts[i]));
    for (size_t i = 0; i < KINDS; i++) {
        const json_t *list = json_object_get(line, kinds[i].gold);
        if (!json_is_array(list))
            problem_add(document, "problems", "%s: expected a list", kinds[i].gold);
        for (size_t k = 0; k < json_array_size(list); k++)
            read_item(document, &kinds[i], k, json_array_get(list, k));
    }
}

th_status ndjson_read(const char *path, json_t *out, th_error *err)
{
    return read_lines(path, NULL, read_article, out, err);
}

/* ---- doccano ---- */

/* KIND, KIND:PART or KIND:PART:CODE over the span of the mark. */
static void add_label(json_t *labels, const json_t *mark, const char *kind, const char *part, const char *code)
{
    th_str label = {0};

    th_str_addf(&label, "%s%s%s%s%s", kind, part ? ":" : "", part ? part : "", code ? ":" : "", code ? code : "");
    json_array_append_new(labels, json_pack("[O, O, s]", json_object_get(mark, "start"), json_object_get(mark, "stop"), th_str_text(&label)));
    th_str_free(&label);
}

/* doccano's spans have no attributes: codes are part of the label, and other fields travel beside the text. */
static void write_mark(json_t *labels, json_t *records, json_t *mark)
{
    const struct kind *kind = kind_of(json_string_value(json_object_get(mark, "kind")));
    json_t *fields = json_object_get(mark, "fields"), *code;
    bool is_list = false;
    size_t i;

    for (const struct field *f = kind->fields; f->name; f++) {
        if (f->type != FIELD_CODES || f->is_context)
            continue;
        is_list = true;
        json_array_foreach(json_object_get(fields, f->name), i, code)
            add_label(labels, mark, kind->name, f->name, json_string_value(code));
    }
    if (is_list)
        return;
    add_label(labels, mark, kind->name, kind->chief ? json_string_value(json_object_get(fields, kind->chief)) : NULL, NULL);
    json_t *record = json_pack("{s:s, s:O, s:O}", "kind", kind->name, "start", json_object_get(mark, "start"), "stop",
                               json_object_get(mark, "stop"));
    json_object_set(record, "fields", fields);
    json_array_append_new(records, record);
}

void doccano_write(json_t *document, th_str *out)
{
    json_t *labels = json_array(), *records = json_array(), *mark, *meta = json_object();
    size_t i;

    json_array_foreach(json_object_get(document, "marks"), i, mark)
        write_mark(labels, records, mark);
    json_object_update(meta, json_object_get(json_object_get(document, "gold"), "meta"));
    json_object_set(meta, "path", json_object_get(document, "path"));
    json_object_set_new(meta, "records", records);
    json_t *line = json_pack("{s:O, s:O, s:o, s:o}", "id", json_object_get(document, "id"), "text", json_object_get(document, "text"), "label",
                             labels, "meta", meta);
    json_line(line, JSON_COMPACT, out);
    json_decref(line);
}

/* How well a record fits a label: by what they share, then the record of the same length, of the same code, and one not taken yet. 0: not at all. */
static json_int_t fitness(json_t *record, const struct kind *kind, json_int_t start, json_int_t stop, const char *code)
{
    json_int_t a = json_integer_value(json_object_get(record, "start")), b = json_integer_value(json_object_get(record, "stop"));
    json_int_t shared = (b < stop ? b : stop) - (a > start ? a : start), more = b - a - shared;
    const char *name = json_string_value(json_object_get(record, "kind"));
    const char *own = kind->chief ? json_string_value(json_object_get(json_object_get(record, "fields"), kind->chief)) : NULL;

    if (!name || strcmp(name, kind->name) != 0 || shared <= 0)
        return 0;
    return shared * 1000000 - (more < 10000 ? more : 10000) * 10 + (own && strcmp(own, code) == 0 ? 4 : 0) +
           (json_object_get(record, "taken") ? 0 : 2);
}

static json_t *record_at(const json_t *records, const struct kind *kind, json_int_t start, json_int_t stop, const char *code)
{
    json_t *best = NULL;
    json_int_t most = 0;

    for (size_t i = 0; i < json_array_size(records); i++) {
        json_t *record = json_array_get(records, i);
        json_int_t fits = fitness(record, kind, start, stop, code);
        if (fits > most) {
            most = fits;
            best = record;
        }
    }
    if (best)
        json_object_set_new(best, "taken", json_true());
    return best;
}

static json_t *same_mark(json_t *document, const char *kind, const json_t *start, const json_t *stop)
{
    json_t *mark;
    size_t i;

    json_array_foreach(json_object_get(document, "marks"), i, mark)
        if (strcmp(json_string_value(json_object_get(mark, "kind")), kind) == 0 && json_equal(json_object_get(mark, "start"), start) &&
            json_equal(json_object_get(mark, "stop"), stop))
            return mark;
    return NULL;
}

/* policy:stage:attract adds a code to the mark of its span. */
static bool add_listed(json_t *document, const struct kind *kind, const char *rest, const json_t *start, const json_t *stop)
{
    const char *colon = strchr(rest, ':');

    for (const struct field *f = kind->fields; colon && f->name; f++) {
        size_t len = strlen(f->name);
        if (f->type != FIELD_CODES || len != (size_t)(colon - rest) || strncmp(f->name, rest, len) != 0)
            continue;
        json_t *mark = same_mark(document, kind->name, start, stop);
        if (!mark)
            mark = mark_add(document, kind->name, start, stop, NULL);
        json_t *fields = json_object_get(mark, "fields");
        if (!json_object_get(fields, f->name))
            json_object_set_new(fields, f->name, json_array());
        json_array_append_new(json_object_get(fields, f->name), json_string(colon + 1));
        return true;
    }
    return false;
}

static void read_label(json_t *document, const json_t *records, size_t n, const json_t *start, const json_t *stop, const char *label)
{
    th_str name = {0};
    size_t len = label ? strcspn(label, ":") : 0;

    th_str_add(&name, label ? label : "", len);
    const struct kind *kind = kind_of(th_str_text(&name));
    const char *rest = label && label[len] == ':' ? label + len + 1 : "";
    th_str_free(&name);
    if (!kind || !json_is_integer(start) || !json_is_integer(stop)) {
        problem_add(document, "problems", "label %zu: expected [start, stop, \"KIND:CODE\"] with a kind such as metric, got \"%s\"", n,
                    label ? label : "");
        return;
    }
    if (*rest && add_listed(document, kind, rest, start, stop))
        return;
    if (*rest && !kind->chief) {
        problem_add(document, "problems", "label %zu: unknown label \"%s\"; labels of policy are policy:stage:CODE and policy:instrument:CODE", n, label);
        return;
    }
    const json_t *record = record_at(records, kind, json_integer_value(start), json_integer_value(stop), rest);
    json_t *mark = mark_add(document, kind->name, start, stop, NULL);
    json_object_set_new(mark, "where", json_sprintf("label %zu", n));
    if (record && json_is_object(json_object_get(record, "fields")))
        json_object_update(json_object_get(mark, "fields"), json_object_get(record, "fields"));
    if (record && kind != kind_of("programme") &&
        !(json_equal(json_object_get(record, "start"), start) && json_equal(json_object_get(record, "stop"), stop)))
        problem_add(document, "warnings", "label %zu: the span of a %s was changed; its other fields are still those of the record", n, kind->name);
    if (*rest)
        json_object_set_new(json_object_get(mark, "fields"), kind->chief, json_string(rest));
}

static void read_spans(json_t *document, const json_t *line)
{
    const json_t *list = json_object_get(line, "label"), *meta = json_object_get(line, "meta"), *records;
    bool entities = false;

    if (!list)
        list = json_object_get(line, "labels");
    if (!list && (list = json_object_get(line, "entities")))
        entities = true;
    records = json_object_get(meta ? meta : line, "records");
    if (!json_is_array(list))
        problem_add(document, "problems", "no \"label\" and no \"entities\"; export it from doccano as JSONL");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        if (entities)
            read_label(document, records, i + 1, json_object_get(item, "start_offset"), json_object_get(item, "end_offset"),
                       json_string_value(json_object_get(item, "label")));
        else
            read_label(document, records, i + 1, json_array_get(item, 0), json_array_get(item, 1), json_string_value(json_array_get(item, 2)));
    }
}

th_status doccano_read(const char *path, json_t *out, th_error *err)
{
    return read_lines(path, "meta", read_spans, out, err);
}
