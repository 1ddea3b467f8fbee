/* against.c - this evaluation next to an earlier one, saved with --json; see internal.h. */
#include <math.h>
#include <string.h>

#include "eval/internal.h"

/* The figure of an entry of an earlier "prf" or "accuracy": f1 or share; NAN when it has none. */
static double earlier(const json_t *before, const char *group, const char *name, const char *figure)
{
    const json_t *value = json_object_get(json_object_get(json_object_get(before, group), name), figure);

    return json_is_number(value) ? json_number_value(value) : NAN;
}

static bool differs(double before, double now)
{
    return isnan(before) != isnan(now) || (!isnan(now) && fabs(before - now) > 1e-12);
}

static void add_change(json_t *changes, const char *name, double before, double now)
{
    if (differs(before, now))
        json_array_append_new(changes, json_pack("{ss so so}", "name", name, "before",
                                                 isnan(before) ? json_null() : json_real(before), "now",
                                                 isnan(now) ? json_null() : json_real(now)));
}

/* What the earlier one has and this one has not. */
static void add_gone(json_t *changes, const json_t *before, const char *group, const char *figure, json_t *now)
{
    const char *name;
    json_t *value;
    json_t *entries = json_object_get(before, group);

    json_object_foreach(entries, name, value)
        if (!json_object_get(now, name))
            add_change(changes, name, earlier(before, group, name, figure), NAN);
}

static json_t *changes_since(struct eval *e, const json_t *before)
{
    json_t *changes = json_array(), *value;
    const char *name;

    json_object_foreach(e->scores.prf, name, value) {
        double now = prf_f1(value);
        add_change(changes, name, earlier(before, "prf", name, "f1"), now < 0 ? NAN : now);
    }
    json_object_foreach(e->scores.share, name, value) {
        double now = share_of(value);
        add_change(changes, name, earlier(before, "accuracy", name, "share"), now < 0 ? NAN : now);
    }
    add_gone(changes, before, "prf", "f1", e->scores.prf);
    add_gone(changes, before, "accuracy", "share", e->scores.share);
    return changes;
}

th_status against_read(struct eval *e, const char *path, th_error *err)
{
    json_error_t fault;
    json_t *before = json_load_file(path, 0, &fault);

    if (!before && fault.line <= 0)
        return th_error_set(err, TH_ERR_IO, "%s: %s", path, fault.text);
    if (!before)
        return th_error_set(err, TH_ERR_PARSE, "%s:%d:%d: %s", path, fault.line, fault.column > 0 ? fault.column : 1, fault.text);
    if (!json_is_object(json_object_get(before, "prf")) || !json_is_object(json_object_get(before, "accuracy"))) {
        json_decref(before);
        return th_error_set(err, TH_ERR_PARSE, "%s:1:1: no earlier evaluation; save one with eval --json", path);
    }
    e->changes = changes_since(e, before);
    json_decref(before);
    return e->changes ? TH_OK : th_error_set(err, TH_ERR_NOMEM, "eval: out of memory");
}
