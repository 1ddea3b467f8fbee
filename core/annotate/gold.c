/* gold.c - a document as the gold of its article; see internal.h. */
#include <string.h>

#include "annotate/internal.h"
#include "eval/gold.h"
#include "text/unicode.h"

struct maker {
    json_t *document, *gold;
    th_quotes *quotes;
    const char *text;
    bool whole;
};

static const char *text_in(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static const char *before(const json_t *mark)
{
    return *text_in(mark, "where") ? ": " : "";
}

/* Fill `item` with the fields of the mark, under gold's names. False when one is wrong or missing. */
static bool add_fields(struct maker *m, const struct kind *kind, const json_t *mark, json_t *item)
{
    json_t *fields = json_object_get(mark, "fields");
    bool ok = true;

    for (const struct field *f = kind->fields; f->name; f++) {
        const json_t *raw = json_object_get(fields, f->name);
        json_t *value = field_value(f, raw);
        if (f->is_context && !m->whole) {
            json_decref(value);
            continue;
        }
        if (!m->whole && (!value || (f->needed && json_is_null(value)))) {
            static const char *const wanted[] = {"one text", "one code", "a number", "a whole number", "codes"};
            problem_add(m->document, "problems", "%s%s%s \"%s\": %s: expected %s%s", text_in(mark, "where"), before(mark), kind->name,
                        text_in(mark, "text"), f->name, wanted[f->type], value ? ", there is none; fill it in" : "");
            ok = false;
        }
        if (value && (m->whole || !json_is_null(value) || strcmp(f->name, "value_max") != 0)) /* gold names the upper end of ranges only */
            json_object_set(item, f->gold, value);
        json_decref(value);
    }
    return ok;
}

static bool add_context(struct maker *m, const struct kind *kind, const json_t *mark, size_t from, size_t to, json_t *item)
{
    th_str context = {0};
    bool ok = th_quotes_around(m->quotes, from, to, &context);

    if (ok)
        json_object_set_new(item, "context", json_stringn(context.data, context.len));
    else if (!m->whole)
        problem_add(m->document, "problems", "%s%s%s \"%s\": its surroundings stand in the text more than once, so that gold can not tell which is meant",
                    text_in(mark, "where"), before(mark), kind->name, text_in(mark, "text"));
    th_str_free(&context);
    return ok;
}

/* Policy acts are gold by sentence. */
static bool add_sentence(struct maker *m, const struct kind *kind, const json_t *mark, size_t from, size_t to, json_t *item)
{
    bool has_stage = json_array_size(json_object_get(item, "stages")), has_instrument = json_array_size(json_object_get(item, "instruments"));

    if (!m->whole && !has_stage && !has_instrument && !json_is_true(json_object_get(mark, "borderline"))) {
        problem_add(m->document, "problems", "%s%spolicy \"%.60s\": neither a stage nor an instrument; give one or take the mark away",
                    text_in(mark, "where"), before(mark), text_in(mark, "text"));
        return false;
    }
    if (!th_quotes_sentence(m->quotes, &from, &to))
        return false;
    if (m->whole) {
        json_object_set_new(item, "start", json_integer((json_int_t)th_utf8_count(m->text, from)));
        json_object_set_new(item, "stop", json_integer((json_int_t)th_utf8_count(m->text, to)));
    }
    json_t *sentence = json_stringn(m->text + from, to - from);
    json_object_set(item, "sentence", sentence);
    bool leads = th_quotes_leads(m->quotes, json_string_value(sentence), from);
    json_decref(sentence);
    return leads || add_context(m, kind, mark, from, to, item);
}

/* Programmes and regions are gold by name: has the list one already? */
static bool is_known(struct maker *m, const struct kind *kind, json_t *list, const json_t *item)
{
    bool by_name = strcmp(kind->name, "programme") == 0, by_code = strcmp(kind->name, "region") == 0;

    for (size_t i = 0; (by_name || by_code) && !m->whole && i < json_array_size(list); i++) {
        const json_t *other = json_array_get(list, i);
        if (!json_equal(json_object_get(other, "text"), json_object_get(item, "text")) ||
            (by_code && !json_equal(json_object_get(other, "code"), json_object_get(item, "code"))))
            continue;
        const char *field = by_name ? "type" : "level";
        if (!json_equal(json_object_get(other, field), json_object_get(item, field)))
            problem_add(m->document, "warnings", "%s \"%s\" is %s in one place and %s in another: gold has one, the first", kind->name,
                        text_in(item, "text"), text_in(other, field), text_in(item, field));
        return true;
    }
    return false;
}

/* What only gold says: optional, borderline, and what else is right. */
static void add_remarks(json_t *mark, json_t *item)
{
    const char *name;
    json_t *value;

    json_object_foreach(mark, name, value)
        if (strcmp(name, "optional") == 0 || strcmp(name, "borderline") == 0 || strstr(name, "_alt"))
            json_object_set(item, name, value);
}

static void add_mark(struct maker *m, json_t *mark)
{
    const struct kind *kind = kind_of(text_in(mark, "kind"));
    const json_t *placed = json_object_get(mark, "from");
    size_t from = (size_t)json_integer_value(placed), to = (size_t)json_integer_value(json_object_get(mark, "to"));
    bool is_policy = kind && strcmp(kind->name, "policy") == 0, by_name = kind && (kind == kind_of("programme") || kind == kind_of("region"));

    if (!kind || !placed) /* a problem already */
        return;
    json_t *item = json_object(), *list = json_object_get(m->gold, kind->gold);
    if (!is_policy)
        json_object_set_new(item, "text", json_stringn(m->text + from, to - from));
    bool ok = add_fields(m, kind, mark, item);
    add_remarks(mark, item);
    if (ok && is_policy)
        ok = add_sentence(m, kind, mark, from, to, item) || m->whole;
    else if (ok && (!by_name || m->whole))
        ok = add_context(m, kind, mark, from, to, item) || m->whole;
    if (ok && m->whole && !is_policy) {
        json_object_set(item, "start", json_object_get(mark, "start"));
        json_object_set(item, "stop", json_object_get(mark, "stop"));
    }
    if (ok && !is_known(m, kind, list, item))
        json_array_append(list, item);
    json_decref(item);
}

/* Lines that were left out of the text, unless the text has the same words. */
static void add_boilerplate(struct maker *m, const json_t *lines)
{
    json_t *kept = json_array();

    for (size_t i = 0; i < json_array_size(lines); i++)
        if (!th_quotes_has(m->quotes, json_string_value(json_array_get(lines, i))))
            json_array_append(kept, json_array_get(lines, i));
    json_object_set_new(m->gold, "boilerplate", kept);
}

json_t *gold_of(json_t *document, const char *text, size_t len, bool whole)
{
    static const char *const parts[] = {"article", "meta", "headings", "body_first", "body_last", "boilerplate", "captions"};
    struct maker m = {document, json_object(), th_quotes_new(text, len), text, whole};
    json_t *base = json_object_get(document, "gold"), *mark;
    size_t i;

    if (!m.quotes || !m.gold) {
        th_quotes_free(m.quotes);
        json_decref(m.gold);
        return NULL;
    }
    for (i = 0; i < sizeof parts / sizeof *parts; i++)
        if (json_object_get(base, parts[i]))
            json_object_set(m.gold, parts[i], json_object_get(base, parts[i]));
    add_boilerplate(&m, json_object_get(base, "boilerplate"));
    for (i = 0; i < KINDS; i++)
        json_object_set_new(m.gold, kinds[i].gold, json_array());
    json_array_foreach(json_object_get(document, "marks"), i, mark)
        add_mark(&m, mark);
    th_quotes_free(m.quotes);
    return m.gold;
}
