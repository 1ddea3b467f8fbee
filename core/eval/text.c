/* text.c - small things around JSON and text; see internal.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/internal.h"

void *take(struct eval *e, size_t count, size_t size)
{
    void *out = th_arena_zalloc(e->arena, count ? count : 1, size);

    if (!out)
        e->failed = true;
    return out;
}

const char *field_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

bool is_true(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

const char *say(struct eval *e, const char *fmt, ...)
{
    va_list args, again;

    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *out = len < 0 ? NULL : take(e, (size_t)len + 1, 1);
    if (out)
        vsnprintf(out, (size_t)len + 1, fmt, again);
    va_end(again);
    return out ? out : "";
}

static const char *shown_list(struct eval *e, const json_t *list)
{
    const char *out = "[";

    for (size_t i = 0; i < json_array_size(list); i++)
        out = say(e, "%s%s'%s'", out, i ? ", " : "", shown(e, json_array_get(list, i)));
    return say(e, "%s]", out);
}

const char *shown(struct eval *e, const json_t *value)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value))
        return say(e, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_real(value))
        return say(e, "%.15g", json_real_value(value));
    return json_is_array(value) ? shown_list(e, value) : "None";
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *sorted_keys(struct eval *e, json_t *set)
{
    size_t count = 0;
    const char **keys = take(e, json_object_size(set), sizeof *keys), *out = "", *key;
    json_t *value;

    if (!keys)
        return "";
    json_object_foreach(set, key, value)
        keys[count++] = key;
    qsort(keys, count, sizeof *keys, compare_texts);
    for (size_t i = 0; i < count; i++)
        out = say(e, "%s%s%s", out, i ? " " : "", keys[i]);
    return out;
}

bool among(const json_t *value, const json_t *first, const json_t *more)
{
    if (json_equal(value, first))
        return true;
    for (size_t i = 0; i < json_array_size(more); i++)
        if (json_equal(value, json_array_get(more, i)))
            return true;
    return false;
}
