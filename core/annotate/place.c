/* place.c - where the marks of a file stand in the text; see internal.h. Tools count characters or UTF-16 units and cut white space as they
 * like: the marked text decides, and where an offset does not lead to it, the nearest place that holds it. */
#include <stdlib.h>
#include <string.h>

#include "annotate/internal.h"
#include "text/unicode.h"

/* The byte where each unit begins; one more for the end. */
struct units {
    size_t *at;
    size_t count;
};

static struct units count_units(const char *text, size_t len, bool utf16)
{
    struct units u = {malloc((len + 1) * sizeof *u.at), 0};

    for (size_t pos = 0; u.at && pos < len;) {
        u.at[u.count++] = pos;
        if (th_utf8_next(text, len, &pos) > 0xFFFF && utf16) {
            u.at[u.count] = u.at[u.count - 1]; /* the half of a pair: where it begins */
            u.count++;
        }
    }
    if (u.at)
        u.at[u.count] = len;
    return u;
}

struct placer {
    const char *text;
    size_t len;
    struct units characters, utf16;
};

static bool holds(const struct placer *p, size_t from, size_t to, const char *wanted)
{
    return !wanted || (strlen(wanted) == to - from && memcmp(p->text + from, wanted, to - from) == 0);
}

static bool by_units(const struct placer *p, const struct units *u, const json_t *mark, const char *wanted, size_t *from, size_t *to)
{
    json_int_t start = json_integer_value(json_object_get(mark, "start")), stop = json_integer_value(json_object_get(mark, "stop"));

    if (!json_object_get(mark, "start") || start < 0 || start >= stop || (uint64_t)stop > u->count)
        return false;
    *from = u->at[start];
    *to = u->at[stop];
    return *from < *to && holds(p, *from, *to, wanted);
}

/* The place of `wanted` nearest to byte `near`; how many there are. */
static size_t nearest(const struct placer *p, const char *wanted, size_t near, size_t *from)
{
    size_t len = strlen(wanted), found = 0, best = 0;
    const char *at = p->text;

    while (len && (at = memmem(at, p->len - (size_t)(at - p->text), wanted, len))) {
        size_t here = (size_t)(at - p->text), away = here > near ? here - near : near - here;
        if (!found++ || away < best) {
            best = away;
            *from = here;
        }
        at++;
    }
    return found;
}

/* White space at the ends does not belong to the mark. */
static const char *trimmed(const json_t *text, th_str *out)
{
    const char *at = json_string_value(text);
    size_t start = 0, stop = at ? strlen(at) : 0;

    if (!at)
        return NULL;
    while (start < stop) {
        size_t next = start;
        if (!th_is_space(th_utf8_next(at, stop, &next)))
            break;
        start = next;
    }
    while (stop > start) {
        size_t before = stop;
        if (!th_is_space(th_utf8_prev(at, &before)))
            break;
        stop = before;
    }
    th_str_add(out, at + start, stop - start);
    return th_str_text(out);
}

/* With no offsets, the context that gold has shows the place. */
static bool by_context(const struct placer *p, const json_t *mark, const char *wanted, size_t *from)
{
    const char *context = json_string_value(json_object_get(mark, "context"));
    const char *at = context && *context ? memmem(p->text, p->len, context, strlen(context)) : NULL;
    const char *inside = at && wanted ? strstr(context, wanted) : NULL;

    if (inside)
        *from = (size_t)(at - p->text) + (size_t)(inside - context);
    return inside != NULL;
}

static bool find(const struct placer *p, const json_t *mark, const char *wanted, size_t *from, size_t *to, size_t *places)
{
    const json_t *start = json_object_get(mark, "start");
    size_t near = start && json_integer_value(start) >= 0 && (uint64_t)json_integer_value(start) <= p->characters.count
                      ? p->characters.at[json_integer_value(start)] : 0;

    *places = 0;
    if (!wanted || !*wanted)
        return false;
    if (!start && by_context(p, mark, wanted, from))
        *places = 1;
    else
        *places = nearest(p, wanted, near, from);
    *to = *from + strlen(wanted);
    return *places == 1 || (*places && start);
}

static void place(const struct placer *p, json_t *document, json_t *mark)
{
    const json_t *text = json_object_get(mark, "text");
    const char *kind = json_string_value(json_object_get(mark, "kind")), *where = json_string_value(json_object_get(mark, "where"));
    size_t from = 0, to = 0, places = 0;
    th_str cut = {0};
    const char *wanted = json_string_value(text), *bare = trimmed(text, &cut);

    if (by_units(p, &p->characters, mark, wanted, &from, &to) || by_units(p, &p->utf16, mark, wanted, &from, &to) ||
        find(p, mark, bare, &from, &to, &places)) {
        json_object_set_new(mark, "from", json_integer((json_int_t)from));
        json_object_set_new(mark, "to", json_integer((json_int_t)to));
    } else if (places)
        problem_add(document, "problems", "%s%s%s \"%s\" stands %zu times in the text; give start and stop", where ? where : "", where ? ": " : "",
                    kind, bare, places);
    else if (bare && *bare)
        problem_add(document, "problems", "%s%s%s \"%s\" is not in the text; mark it anew", where ? where : "", where ? ": " : "", kind, bare);
    else
        problem_add(document, "problems", "%s%s%s without text has offsets outside the text; mark it anew", where ? where : "",
                    where ? ": " : "", kind);
    th_str_free(&cut);
}

void place_marks(json_t *document, const char *text, size_t len)
{
    struct placer p = {text, len, count_units(text, len, false), count_units(text, len, true)};
    json_t *mark;
    size_t i;

    if (p.characters.at && p.utf16.at)
        json_array_foreach(json_object_get(document, "marks"), i, mark)
            place(&p, document, mark);
    else
        problem_add(document, "problems", "out of memory");
    free(p.characters.at);
    free(p.utf16.at);
}
