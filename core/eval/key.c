/* key.c - texts and numbers made comparable; see internal.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "eval/internal.h"
#include "text/unicode.h"

enum { CLUSTER = 64, EXPANDED = 512 };

/* What may be written for a unit, and what the codebook writes. */
static const char *const units[][2] = {
    {"名", "人"},          {"位", "人"},      {"余人", "人"},    {"余名", "人"},    {"个百分点", "百分点"},
    {"pp", "百分点"},      {"percent", "%"},  {"百分之", "%"},   {"人民币", "元"},  {"人民币元", "元"},
    {"元人民币", "元"},    {"圆", "元"},      {"块", "元"},      {"CNY", "元"},     {"RMB", "元"},
    {"美金", "美元"},      {"平米", "平方米"}, {"平方", "平方米"}, {"m2", "平方米"},  {"千米", "公里"},
    {"km", "公里"},        {"个月", "月"},    {"t", "吨"},       {"mm", "毫米"},
};

bool is_white(uint32_t c)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);

    return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP ||
           (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F) || c == 0x85;
}

static bool is_left_out(utf8proc_int32_t c)
{
    utf8proc_category_t category = utf8proc_category(c);

    return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF || is_white((uint32_t)c);
}

/* A character with the combining marks that follow it. */
static size_t cluster_end(const char *text, size_t len, size_t pos)
{
    th_utf8_next(text, len, &pos);
    while (pos < len) {
        size_t next = pos;
        utf8proc_int32_t c = (utf8proc_int32_t)th_utf8_next(text, len, &next);
        if (utf8proc_get_property(c)->combining_class == 0)
            break;
        pos = next;
    }
    return pos;
}

/* A key being built; the maps are NULL when not asked for. */
struct builder {
    struct eval *e;
    th_str text;
    uint32_t *starts, *stops;
    size_t cap;
};

static bool grow_maps(struct builder *b, size_t need)
{
    if (need <= b->cap)
        return true;
    size_t cap = need * 2;
    uint32_t *starts = realloc(b->starts, cap * sizeof *starts);
    if (starts)
        b->starts = starts;
    uint32_t *stops = realloc(b->stops, cap * sizeof *stops);
    if (stops)
        b->stops = stops;
    if (starts && stops)
        b->cap = cap;
    return starts && stops;
}

static void add_character(struct builder *b, utf8proc_int32_t c, bool mapped, size_t start, size_t stop)
{
    size_t at = b->text.len;

    if (is_left_out(c))
        return;
    th_utf8_add(&b->text, (uint32_t)c);
    if (!mapped || !grow_maps(b, b->text.len))
        return;
    for (; at < b->text.len; at++) {
        b->starts[at] = (uint32_t)start;
        b->stops[at] = (uint32_t)stop;
    }
}

static void add_cluster(struct builder *b, const char *text, size_t start, size_t stop, bool mapped)
{
    utf8proc_int32_t expanded[EXPANDED];
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE;
    size_t len = stop - start < CLUSTER ? stop - start : CLUSTER;
    utf8proc_ssize_t count =
        utf8proc_decompose((const utf8proc_uint8_t *)text + start, (utf8proc_ssize_t)len, expanded, EXPANDED, options);

    if (count < 0) { /* damaged bytes: as the replacement character */
        add_character(b, 0xFFFD, mapped, start, stop);
        return;
    }
    if (count > EXPANDED)
        count = EXPANDED;
    count = utf8proc_normalize_utf32(expanded, count, options);
    for (utf8proc_ssize_t i = 0; i < count; i++)
        add_character(b, expanded[i], mapped, start, stop);
}

/* Move what was built into the arena. */
static void finish(struct builder *b, bool mapped, struct key *out)
{
    size_t len = b->text.len;
    uint32_t *starts = mapped ? take(b->e, len + 1, sizeof *starts) : NULL;
    uint32_t *stops = mapped ? take(b->e, len + 1, sizeof *stops) : NULL;
    char *text = th_arena_copy(b->e->arena, th_str_text(&b->text), len);

    if (!text || !th_str_ok(&b->text) || (mapped && (!starts || !stops || b->cap < len))) {
        b->e->failed = true;
        *out = (struct key){.text = ""};
        return;
    }
    if (mapped && len) {
        memcpy(starts, b->starts, len * sizeof *starts);
        memcpy(stops, b->stops, len * sizeof *stops);
    }
    *out = (struct key){text, len, starts, stops};
}

void key_map(struct eval *e, const char *text, size_t len, bool mapped, struct key *out)
{
    struct builder b = {.e = e};

    for (size_t pos = 0; pos < len;) {
        size_t stop = cluster_end(text, len, pos);
        add_cluster(&b, text, pos, stop, mapped);
        pos = stop;
    }
    finish(&b, mapped, out);
    th_str_free(&b.text);
    free(b.starts);
    free(b.stops);
}

const char *key_of(struct eval *e, const char *text)
{
    struct key key;

    if (!text || !*text)
        return "";
    key_map(e, text, strlen(text), false, &key);
    return key.text;
}

const char *key_of_json(struct eval *e, const json_t *value)
{
    if (json_is_string(value))
        return key_of(e, json_string_value(value));
    return json_is_number(value) ? key_of(e, shown(e, value)) : "";
}

const char *unit_of(struct eval *e, const json_t *value)
{
    const char *key = key_of_json(e, value);

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(units[i][0], key) == 0)
            return units[i][1];
    return key;
}

bool same_text(struct eval *e, const json_t *a, const json_t *b)
{
    return strcmp(key_of_json(e, a), key_of_json(e, b)) == 0;
}

static bool number_of(const json_t *value, double *out)
{
    char *end = NULL;

    if (json_is_number(value)) {
        *out = json_number_value(value);
        return true;
    }
    if (!json_is_string(value))
        return false;
    *out = strtod(json_string_value(value), &end);
    return end != json_string_value(value) && *end == '\0';
}

bool same_number(const json_t *a, const json_t *b)
{
    bool no_a = !a || json_is_null(a), no_b = !b || json_is_null(b);
    double x, y;

    if (no_a || no_b)
        return no_a && no_b;
    if (!number_of(a, &x) || !number_of(b, &y))
        return false;
    return fabs(x - y) <= 1e-9 * fmax(fabs(x), fabs(y));
}

static int compare_characters(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static uint32_t *sorted_characters(struct eval *e, const char *text, size_t *count)
{
    size_t len = strlen(text);
    uint32_t *list = take(e, len + 1, sizeof *list);

    *count = 0;
    for (size_t pos = 0; list && pos < len;)
        list[(*count)++] = th_utf8_next(text, len, &pos);
    if (*count > 1)
        qsort(list, *count, sizeof *list, compare_characters);
    return list;
}

double text_jaccard(struct eval *e, const json_t *a, const json_t *b)
{
    size_t n, m, i = 0, j = 0, both = 0;
    uint32_t *x = sorted_characters(e, key_of_json(e, a), &n), *y = sorted_characters(e, key_of_json(e, b), &m);

    while (i < n && j < m) {
        if (x[i] == y[j]) {
            both++;
            i++;
            j++;
        } else if (x[i] < y[j]) {
            i++;
        } else {
            j++;
        }
    }
    size_t either = n + m - both;
    return either ? (double)both / (double)either : 1.0;
}
