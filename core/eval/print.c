/* print.c - the scores as aligned text and as JSON; see internal.h. */
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "eval/internal.h"
#include "report/table.h"
#include "text/json.h"
#include "text/unicode.h"

/* Precision, recall and F1; negative where there is nothing to divide by. */
struct prf {
    json_int_t gold, predicted, found;
    double p, r, f1;
};

static struct prf prf_of(const json_t *counts)
{
    json_int_t right = json_integer_value(json_array_get(counts, 2));
    struct prf out = {.found = json_integer_value(json_array_get(counts, 0)),
                      .gold = json_integer_value(json_array_get(counts, 1)),
                      .predicted = json_integer_value(json_array_get(counts, 3)), .p = -1, .r = -1, .f1 = -1};

    if (out.predicted)
        out.p = (double)right / (double)out.predicted;
    if (out.gold)
        out.r = (double)out.found / (double)out.gold;
    if (out.p > 0 && out.r > 0)
        out.f1 = 2 * out.p * out.r / (out.p + out.r);
    else if (out.gold || out.predicted)
        out.f1 = 0;
    return out;
}

double prf_f1(const json_t *counts)
{
    return prf_of(counts).f1;
}

double share_of(const json_t *counts)
{
    json_int_t n = json_integer_value(json_array_get(counts, 1));

    return n ? (double)json_integer_value(json_array_get(counts, 0)) / (double)n : -1;
}

/* ---- JSON ---- */

static void add_name(th_str *out, const char *name, bool *first)
{
    th_str_puts(out, *first ? "\n  " : ",\n  ");
    *first = false;
    th_json_text(out, name, strlen(name));
    th_str_puts(out, ": ");
}

static void add_part(th_str *out, const char *name, double value)
{
    th_str_addf(out, "\"%s\": ", name);
    if (value < 0)
        th_str_puts(out, "null");
    else
        th_json_number(out, value);
}

static void add_value(th_str *out, const json_t *value)
{
    const char *name, *gap = "";
    json_t *part;

    if (json_is_string(value)) {
        th_json_text(out, json_string_value(value), json_string_length(value));
    } else if (json_is_object(value)) {
        th_str_putc(out, '{');
        json_object_foreach((json_t *)value, name, part) {
            th_str_addf(out, "%s\"%s\": ", gap, name);
            add_value(out, part);
            gap = ", ";
        }
        th_str_putc(out, '}');
    } else if (json_is_null(value)) {
        th_str_puts(out, "null");
    } else if (json_is_real(value)) {
        th_json_number(out, json_real_value(value));
    } else
        th_str_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
}

static void add_facts(th_str *out, json_t *facts)
{
    const char *name;
    json_t *value;
    bool first = true;

    json_object_foreach(facts, name, value) {
        add_name(out, name, &first);
        add_value(out, value);
    }
}

static void add_prf(th_str *out, json_t *counts)
{
    const char *name;
    json_t *value;
    bool first = true;

    json_object_foreach(counts, name, value) {
        struct prf n = prf_of(value);
        add_name(out, name, &first);
        th_str_addf(out, "{\"gold\": %" JSON_INTEGER_FORMAT ", \"predicted\": %" JSON_INTEGER_FORMAT
                         ", \"right\": %" JSON_INTEGER_FORMAT ", ", n.gold, n.predicted, n.found);
        add_part(out, "p", n.p);
        th_str_puts(out, ", ");
        add_part(out, "r", n.r);
        th_str_puts(out, ", ");
        add_part(out, "f1", n.f1);
        th_str_putc(out, '}');
    }
}

static void add_shares(th_str *out, json_t *counts)
{
    const char *name;
    json_t *value;
    bool first = true;

    json_object_foreach(counts, name, value) {
        add_name(out, name, &first);
        th_str_addf(out, "{\"n\": %" JSON_INTEGER_FORMAT ", \"right\": %" JSON_INTEGER_FORMAT ", ",
                    json_integer_value(json_array_get(value, 1)), json_integer_value(json_array_get(value, 0)));
        add_part(out, "share", share_of(value));
        th_str_putc(out, '}');
    }
}

static void add_list(th_str *out, json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *item = json_array_get(list, i), *value;
        const char *name, *gap = "";
        th_str_puts(out, i ? ",\n  " : "\n  ");
        if (json_is_string(item)) {
            add_value(out, item);
            continue;
        }
        th_str_putc(out, '{');
        json_object_foreach(item, name, value) {
            th_str_addf(out, "%s\"%s\": ", gap, name);
            add_value(out, value);
            gap = ", ";
        }
        th_str_putc(out, '}');
    }
}

void print_json(struct eval *e, th_str *out)
{
    th_str_puts(out, "{\n \"facts\": {");
    add_facts(out, e->scores.facts);
    th_str_puts(out, "\n },\n \"prf\": {");
    add_prf(out, e->scores.prf);
    th_str_puts(out, "\n },\n \"accuracy\": {");
    add_shares(out, e->scores.share);
    th_str_puts(out, "\n }");
    if (e->scores.limit) {
        th_str_puts(out, ",\n \"errors\": [");
        add_list(out, e->scores.errors);
        th_str_puts(out, "\n ]");
    }
    if (e->changes) {
        th_str_puts(out, ",\n \"changes\": [");
        add_list(out, e->changes);
        th_str_puts(out, "\n ]");
    }
    if (e->by_article) {
        th_str_puts(out, ",\n \"articles\": [");
        add_list(out, e->by_article);
        th_str_puts(out, "\n ],\n \"terms\": [");
        add_list(out, e->entries);
        th_str_puts(out, "\n ]");
    }
    th_str_puts(out, ",\n \"warnings\": [");
    add_list(out, e->scores.warnings);
    th_str_puts(out, json_array_size(e->scores.warnings) ? "\n ]\n}\n" : "]\n}\n");
}

/* ---- text ---- */

enum { NUMBER = 24 };

static const char *fraction(char text[NUMBER], double value)
{
    snprintf(text, NUMBER, "%.3f", value);
    return value < 0 ? "-" : text;
}

/* `text` in at least `width` columns, to the left or to the right of them. */
static void add_padded(th_str *out, const char *text, int width, bool right)
{
    int gap = width - (int)th_text_width(text, strlen(text));

    if (!right)
        th_str_puts(out, text);
    for (; gap > 0; gap--)
        th_str_putc(out, ' ');
    if (right)
        th_str_puts(out, text);
}

static void add_heads(th_str *out, int width, const char *const *heads, size_t count)
{
    add_padded(out, "", width, false);
    for (size_t i = 0; i < count; i++) {
        th_str_puts(out, "  ");
        add_padded(out, th_words(heads[i]), i < 3 && strcmp(heads[i], "share") != 0 ? 6 : 5, true);
    }
    th_str_putc(out, '\n');
}

static int widest_name(json_t *counts)
{
    const char *name;
    json_t *value;
    int width = 0;

    json_object_foreach(counts, name, value)
        if ((int)th_text_width(th_words(name), strlen(th_words(name))) > width)
            width = (int)th_text_width(th_words(name), strlen(th_words(name)));
    return width;
}

static void print_prf(json_t *counts, th_str *out)
{
    int width = widest_name(counts);
    const char *name;
    json_t *value;

    add_heads(out, width, (const char *const[]){"gold", "pred", "right", "P", "R", "F1"}, 6);
    json_object_foreach(counts, name, value) {
        struct prf n = prf_of(value);
        char p[NUMBER], r[NUMBER], f1[NUMBER];
        add_padded(out, th_words(name), width, false);
        th_str_addf(out, "  %6" JSON_INTEGER_FORMAT "  %6" JSON_INTEGER_FORMAT "  %6" JSON_INTEGER_FORMAT
                         "  %5s  %5s  %5s\n", n.gold, n.predicted, n.found, fraction(p, n.p),
                    fraction(r, n.r), fraction(f1, n.f1));
    }
}

static void print_shares(json_t *counts, th_str *out)
{
    int width = widest_name(counts);
    const char *name;
    json_t *value;

    add_heads(out, width, (const char *const[]){"n", "right", "share"}, 3);
    json_object_foreach(counts, name, value) {
        char share[NUMBER];
        add_padded(out, th_words(name), width, false);
        th_str_addf(out, "  %6" JSON_INTEGER_FORMAT "  %6" JSON_INTEGER_FORMAT "  %5s\n",
                    json_integer_value(json_array_get(value, 1)), json_integer_value(json_array_get(value, 0)),
                    fraction(share, share_of(value)));
    }
}

static void print_facts(struct eval *e, th_str *out)
{
    const char *name, *gap = th_words("gold: ");
    json_t *value;

    json_object_foreach(e->scores.facts, name, value) {
        th_str_addf(out, "%s%s %s", gap, th_words(name), shown(e, value));
        gap = ", ";
    }
    th_str_putc(out, '\n');
    for (size_t i = 0; i < json_array_size(e->scores.warnings); i++)
        th_str_addf(out, th_words("warning: %s\n"), json_string_value(json_array_get(e->scores.warnings, i)));
}

/* The errors of one section and kind; `name` is "section: kind". */
static void print_errors(struct eval *e, const char *name, th_str *out)
{
    const char *colon = strstr(name, ": ");

    th_str_addf(out, "\n%s: %s (%s)\n", th_words(say(e, "%.*s", (int)(colon - name), name)), th_words(colon + 2),
                shown(e, json_object_get(e->scores.seen, name)));
    for (size_t i = 0; i < json_array_size(e->scores.errors); i++) {
        const json_t *error = json_array_get(e->scores.errors, i);
        const char *sentence = field_text(error, "sentence");
        if (strcmp(name, say(e, "%s: %s", field_text(error, "section"), field_text(error, "kind"))) != 0)
            continue;
        th_str_addf(out, "  %s  %s\n", field_text(error, "where"), field_text(error, "what"));
        if (sentence && *sentence)
            th_str_addf(out, "      %s\n", sentence);
    }
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void print_all_errors(struct eval *e, th_str *out)
{
    size_t count = 0;
    const char **names = take(e, json_object_size(e->scores.seen), sizeof *names), *name;
    json_t *value;

    if (!names)
        return;
    json_object_foreach(e->scores.seen, name, value)
        names[count++] = name;
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 0; i < count; i++)
        print_errors(e, names[i], out);
}

/* What changed since the earlier evaluation. */
static void print_changes(json_t *changes, th_str *out)
{
    th_str_puts(out, th_words(json_array_size(changes) ? "\nchanged since the earlier evaluation:\n" : "\nno figure has changed\n"));
    for (size_t i = 0; i < json_array_size(changes); i++) {
        const json_t *change = json_array_get(changes, i), *before = json_object_get(change, "before"),
                     *now = json_object_get(change, "now");
        char old[NUMBER], new[NUMBER];
        th_str_addf(out, "  %-36s  %5s -> %5s", field_text(change, "name"),
                    fraction(old, json_is_real(before) ? json_real_value(before) : -1),
                    fraction(new, json_is_real(now) ? json_real_value(now) : -1));
        if (json_is_real(before) && json_is_real(now))
            th_str_addf(out, "  %+.3f", json_real_value(now) - json_real_value(before));
        th_str_putc(out, '\n');
    }
}

void print_text(struct eval *e, th_str *out)
{
    print_facts(e, out);
    th_str_putc(out, '\n');
    print_prf(e->scores.prf, out);
    th_str_putc(out, '\n');
    print_shares(e->scores.share, out);
    if (e->changes)
        print_changes(e->changes, out);
    if (e->by_article)
        cross_print(e, out);
    if (e->scores.limit)
        print_all_errors(e, out);
}
