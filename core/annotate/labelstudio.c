/* labelstudio.c - tasks with predictions, the labelling interface, and exported annotations; see internal.h.
 * The form is that of Label Studio's documentation (task format, pre-annotated data). */
#include <string.h>

#include "annotate/internal.h"
#include "base/file.h"

/* ---- writing ---- */

static void add_result(json_t *results, const char *id, const char *from_name, const char *type, const json_t *mark, const char *name,
                       json_t *values)
{
    json_t *value = json_pack("{s:O, s:O}", "start", json_object_get(mark, "start"), "end", json_object_get(mark, "stop"));

    if (strcmp(type, "textarea") != 0)
        json_object_set(value, "text", json_object_get(mark, "text"));
    json_object_set_new(value, name, values);
    json_array_append_new(results, json_pack("{s:s, s:s, s:s, s:s, s:o}", "id", id, "from_name", from_name, "to_name", "text", "type", type,
                                             "value", value));
}

static json_t *values_of(const struct field *f, json_t *value)
{
    th_str text = {0};

    if (f->type == FIELD_CODES)
        return json_incref(value);
    field_text_of(value, &text);
    json_t *list = json_pack("[s]", th_str_text(&text));
    th_str_free(&text);
    return list;
}

static void add_mark(json_t *results, size_t n, const json_t *mark)
{
    const struct kind *kind = kind_of(json_string_value(json_object_get(mark, "kind")));
    char id[48], from[64];

    snprintf(id, sizeof id, "%s-%zu", kind->name, n);
    add_result(results, id, "label", "labels", mark, "labels", json_pack("[s]", kind->name));
    for (const struct field *f = kind->fields; f->name; f++) {
        json_t *value = json_object_get(json_object_get(mark, "fields"), f->name);
        bool is_code = f->type == FIELD_CODE || f->type == FIELD_CODES;
        if (f->is_context || !value || json_is_null(value) || (json_is_array(value) && !json_array_size(value)))
            continue;
        snprintf(from, sizeof from, "%s_%s", kind->name, f->name);
        add_result(results, id, from, is_code ? "choices" : "textarea", mark, is_code ? "choices" : "text", values_of(f, value));
    }
}

void labelstudio_write(json_t *document, th_str *out)
{
    json_t *results = json_array(), *meta = json_object_get(json_object_get(document, "gold"), "meta"), *mark;
    size_t i;

    json_array_foreach(json_object_get(document, "marks"), i, mark)
        add_mark(results, i + 1, mark);
    json_t *task = json_pack("{s:{s:O, s:O, s:O, s:O}, s:[{s:s, s:o}]}", "data", "text", json_object_get(document, "text"), "id",
                             json_object_get(document, "id"), "path", json_object_get(document, "path"), "meta", meta, "predictions",
                             "model_version", "talenthost", "result", results);
    json_line(task, JSON_COMPACT, out);
    json_decref(task);
}

static void add_xml(th_str *out, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&': th_str_puts(out, "&amp;"); break;
        case '<': th_str_puts(out, "&lt;"); break;
        case '"': th_str_puts(out, "&quot;"); break;
        default: th_str_putc(out, *text);
        }
}

static void add_choices(th_str *out, const struct kind *kind, const struct field *f, json_t *codes)
{
    const char *code;
    json_t *name;

    th_str_addf(out, "    <Header size=\"6\" value=\"%s\"/>\n    <Choices name=\"%s_%s\" toName=\"text\" perRegion=\"true\" choice=\"%s\"%s>\n", f->name,
                kind->name, f->name, f->type == FIELD_CODES ? "multiple" : "single-radio",
                json_object_size(codes) > 8 && f->type == FIELD_CODE ? " layout=\"select\"" : " showInline=\"true\"");
    json_object_foreach(codes, code, name) {
        th_str_puts(out, "      <Choice value=\"");
        add_xml(out, code);
        if (json_is_string(name)) {
            th_str_puts(out, "\" hint=\"");
            add_xml(out, json_string_value(name));
        }
        th_str_puts(out, "\"/>\n");
    }
    th_str_puts(out, "    </Choices>\n");
}

void labelstudio_config(json_t *codes, th_str *out)
{
    th_str_puts(out, "<View>\n  <Labels name=\"label\" toName=\"text\">\n");
    for (size_t i = 0; i < KINDS; i++)
        th_str_addf(out, "    <Label value=\"%s\" background=\"%s\"/>\n", kinds[i].name, kinds[i].colour);
    th_str_puts(out, "  </Labels>\n  <Text name=\"text\" value=\"$text\"/>\n");
    for (size_t i = 0; i < KINDS; i++) {
        th_str_addf(out, "  <View visibleWhen=\"region-selected\" whenTagName=\"label\" whenLabelValue=\"%s\">\n", kinds[i].name);
        for (const struct field *f = kinds[i].fields; f->name; f++) {
            json_t *list = json_object_get(json_object_get(codes, kinds[i].name), f->name);
            if (list)
                add_choices(out, &kinds[i], f, list);
            else if (!f->is_context)
                th_str_addf(out, "    <Header size=\"6\" value=\"%s\"/>\n    <TextArea name=\"%s_%s\" toName=\"text\" perRegion=\"true\" editable=\"true\" "
                                 "maxSubmissions=\"1\"/>\n", f->name, kinds[i].name, f->name);
        }
        th_str_puts(out, "  </View>\n");
    }
    th_str_puts(out, "</View>\n");
}

/* ---- reading ---- */

static void read_label(json_t *document, json_t *by_id, const json_t *result)
{
    const json_t *value = json_object_get(result, "value"), *labels = json_object_get(value, "labels");
    const char *id = json_string_value(json_object_get(result, "id")), *label = json_string_value(json_array_get(labels, 0));

    if (!id || !label) {
        problem_add(document, "problems", "region %s: expected an \"id\" and a label in value.labels", id ? id : "?");
        return;
    }
    if (!kind_of(label) || json_array_size(labels) > 1) {
        problem_add(document, "problems", "region %s: %s \"%s\"; give it one of metric, policy, programme, ranking, timex, region", id,
                    kind_of(label) ? "more than one label, first" : "unknown label", label);
        return;
    }
    json_t *mark = mark_add(document, label, json_object_get(value, "start"), json_object_get(value, "end"), json_object_get(value, "text"));
    json_object_set_new(mark, "where", json_sprintf("region %s", id));
    json_object_set(by_id, id, mark);
}

static void read_attribute(json_t *document, json_t *by_id, const json_t *result, const char *type)
{
    const char *id = json_string_value(json_object_get(result, "id")), *from = json_string_value(json_object_get(result, "from_name"));
    json_t *mark = id ? json_object_get(by_id, id) : NULL;
    const struct kind *kind = mark ? kind_of(json_string_value(json_object_get(mark, "kind"))) : NULL;
    json_t *given = json_object_get(json_object_get(result, "value"), strcmp(type, "choices") == 0 ? "choices" : "text");
    size_t prefix = kind ? strlen(kind->name) : 0;

    if (!kind || !from)
        return; /* of the whole text, or of a region with a problem already */
    if (strncmp(from, kind->name, prefix) != 0 || from[prefix] != '_' || !field_of(kind, from + prefix + 1)) {
        if (!strchr(from, '_') || json_array_size(given)) /* left behind by a label that was changed */
            problem_add(document, "warnings", "region %s: %s is no field of %s and is left out", id, from, kind->name);
        return;
    }
    json_object_set(json_object_get(mark, "fields"), field_of(kind, from + prefix + 1)->name, given);
}

static void read_results(json_t *document, const json_t *results)
{
    json_t *by_id = json_object();

    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < json_array_size(results); i++) {
            const json_t *result = json_array_get(results, i);
            const char *type = json_string_value(json_object_get(result, "type"));
            if (!type && pass == 0)
                problem_add(document, "problems", "result %zu: expected a \"type\"", i + 1);
            else if (type && pass == 0 && strcmp(type, "labels") == 0)
                read_label(document, by_id, result);
            else if (type && pass == 1 && (strcmp(type, "choices") == 0 || strcmp(type, "textarea") == 0))
                read_attribute(document, by_id, result, type);
        }
    json_decref(by_id);
}

/* The annotation that counts: one marked as ground truth, else the first that was not cancelled. */
static const json_t *annotation_of(const json_t *list, size_t *usable)
{
    const json_t *best = NULL;

    *usable = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *a = json_array_get(list, i);
        if (json_is_true(json_object_get(a, "was_cancelled")))
            continue;
        ++*usable;
        if (!best || (json_is_true(json_object_get(a, "ground_truth")) && !json_is_true(json_object_get(best, "ground_truth"))))
            best = a;
    }
    return best;
}

static void read_task(const char *path, size_t n, const json_t *task, json_t *out)
{
    const json_t *data = json_object_get(task, "data"), *annotations = json_object_get(task, "annotations"), *chosen;
    th_str where = {0};
    size_t usable = 0;

    th_str_addf(&where, "%s: task %zu", path, n);
    json_t *document = document_new(th_str_text(&where), json_object_get(data, "path"), json_object_get(data, "text"));
    th_str_free(&where);
    json_array_append(out, document);
    if (!json_is_object(data))
        problem_add(document, "problems", "no \"data\"; export it from Label Studio as JSON (not JSON-MIN)");
    if (annotations)
        chosen = annotation_of(annotations, &usable);
    else
        chosen = json_array_get(json_object_get(task, "predictions"), 0);
    if (usable > 1)
        problem_add(document, "warnings", "%zu annotations; the one marked as ground truth is taken, else the first", usable);
    if (!json_is_array(json_object_get(chosen, "result")) && json_is_object(data))
        problem_add(document, "problems", "%s; annotate the task or take it out of the file", annotations ? "it has no annotation" :
                    "neither annotations nor predictions");
    read_results(document, json_object_get(chosen, "result"));
    json_decref(document);
}

th_status labelstudio_read(const char *path, json_t *out, th_error *err)
{
    th_str bytes = {0};
    json_t *tasks = NULL;
    th_status status = th_file_read(&bytes, path, 0, err);

    if (status == TH_OK)
        status = json_read(path, th_str_text(&bytes), bytes.len, &tasks, err);
    if (status == TH_OK && !json_is_array(tasks))
        status = th_error_set(err, TH_ERR_PARSE, "%s: expected a list of tasks, as Label Studio exports with JSON", path);
    for (size_t i = 0; status == TH_OK && i < json_array_size(tasks); i++)
        read_task(path, i + 1, json_array_get(tasks, i), out);
    json_decref(tasks);
    th_str_free(&bytes);
    return status;
}
