/* kinds.c - the records that are annotated, and their fields; see internal.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "annotate/internal.h"
#include "text/json.h"

static const struct field metric_fields[] = {
    {"value", "value", FIELD_NUMBER, true, false},
    {"value_max", "value_max", FIELD_NUMBER, false, false},
    {"unit", "unit", FIELD_TEXT, true, false},
    {"cmp", "cmp", FIELD_CODE, true, false},
    {"subject", "subject", FIELD_TEXT, false, false},
    {"indicator", "indicator", FIELD_CODE, true, false},
    {"aspect", "aspect", FIELD_CODE, false, false},
    {"time_text", "time", FIELD_TEXT, false, false},
    {"from_date", "from", FIELD_TEXT, false, true},
    {"to_date", "to", FIELD_TEXT, false, true},
    {"region_code", "region_code", FIELD_TEXT, false, true},
    {"region_name", "region_name", FIELD_TEXT, false, true},
    {NULL, NULL, FIELD_TEXT, false, false},
};
static const struct field policy_fields[] = {
    {"stage", "stages", FIELD_CODES, false, false},
    {"instrument", "instruments", FIELD_CODES, false, false},
    {"side", "sides", FIELD_CODES, false, true},
    {"cue", "cues", FIELD_CODES, false, true},
    {NULL, NULL, FIELD_TEXT, false, false},
};
static const struct field programme_fields[] = {
    {"type", "type", FIELD_CODE, true, false},
    {NULL, NULL, FIELD_TEXT, false, false},
};
static const struct field ranking_fields[] = {
    {"rank", "rank", FIELD_INTEGER, true, false},
    {"scope", "scope", FIELD_TEXT, false, false},
    {"streak", "streak", FIELD_INTEGER, false, false},
    {NULL, NULL, FIELD_TEXT, false, false},
};
static const struct field timex_fields[] = {
    {"from_date", "from", FIELD_TEXT, false, false},
    {"to_date", "to", FIELD_TEXT, false, false},
    {NULL, NULL, FIELD_TEXT, false, false},
};
static const struct field region_fields[] = {
    {"code", "code", FIELD_TEXT, true, false},
    {"name", "name", FIELD_TEXT, false, true},
    {"level", "level", FIELD_CODE, true, false},
    {NULL, NULL, FIELD_TEXT, false, false},
};

const struct kind kinds[KINDS] = {
    {"metric", "metrics", "#1f77b4", "indicator", metric_fields}, {"policy", "policies", "#2ca02c", NULL, policy_fields},
    {"programme", "programmes", "#ff7f0e", "type", programme_fields}, {"ranking", "rankings", "#d62728", NULL, ranking_fields},
    {"timex", "times", "#9467bd", NULL, timex_fields}, {"region", "regions", "#8c564b", "level", region_fields},
};

const struct kind *kind_of(const char *name)
{
    for (size_t i = 0; name && i < KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

const struct kind *kind_of_gold(const char *list)
{
    for (size_t i = 0; list && i < KINDS; i++)
        if (strcmp(kinds[i].gold, list) == 0)
            return &kinds[i];
    return NULL;
}

const struct field *field_of(const struct kind *kind, const char *name)
{
    for (const struct field *f = kind->fields; name && f->name; f++)
        if (strcmp(f->name, name) == 0 || strcmp(f->gold, name) == 0)
            return f;
    return NULL;
}

static json_t *whole(double value)
{
    return value == floor(value) && fabs(value) < 9e15 ? json_integer((json_int_t)value) : json_real(value);
}

static json_t *number_of(const struct field *field, const json_t *value)
{
    char *end = NULL;
    double number = json_number_value(value);

    if (json_is_string(value)) {
        number = strtod(json_string_value(value), &end);
        if (*end || end == json_string_value(value) || !isfinite(number))
            return NULL;
    } else if (!json_is_number(value))
        return NULL;
    return field->type == FIELD_INTEGER && number != floor(number) ? NULL : whole(number);
}

static json_t *codes_in(const json_t *value)
{
    if (json_is_string(value))
        return json_pack("[O]", value);
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!json_is_string(json_array_get(value, i)))
            return NULL;
    return json_is_array(value) ? json_incref((json_t *)value) : NULL;
}

json_t *field_value(const struct field *field, const json_t *value)
{
    bool empty = !value || json_is_null(value) || (json_is_string(value) && !*json_string_value(value));

    if (json_is_array(value) && field->type != FIELD_CODES) { /* tools give a list of one */
        if (json_array_size(value) > 1)
            return NULL;
        return field_value(field, json_array_get(value, 0));
    }
    if (empty)
        return field->type == FIELD_CODES ? json_array() : json_null();
    if (field->type == FIELD_CODES)
        return codes_in(value);
    if (field->type == FIELD_NUMBER || field->type == FIELD_INTEGER)
        return number_of(field, value);
    return json_is_string(value) ? json_incref((json_t *)value) : NULL;
}

void field_text_of(const json_t *value, th_str *out)
{
    if (json_is_string(value))
        th_str_puts(out, json_string_value(value));
    else if (json_is_number(value))
        th_json_number(out, json_number_value(value));
}
