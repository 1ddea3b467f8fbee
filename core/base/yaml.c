/* yaml.c - see yaml.h. A tree built from libyaml's events. */
#include "base/yaml.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

enum { DEEPEST = 64 };

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the current one; deleted when the next is read */
    th_arena *arena;
    const char *name, *text;
    size_t len;
    th_error *err;
};

static th_status no_memory(struct reader *r)
{
    return th_error_set(r->err, TH_ERR_NOMEM, "%s: out of memory while parsing", r->name);
}

static th_status refuse(struct reader *r, int line, int column, const char *what)
{
    return th_error_set(r->err, TH_ERR_PARSE, "%s:%d:%d: %s", r->name, line, column, what);
}

static th_status refuse_event(struct reader *r, const char *what)
{
    yaml_mark_t at = r->event.start_mark;

    return refuse(r, (int)at.line + 1, (int)at.column + 1, what);
}

/* libyaml tells only the byte where bytes are no text. */
static th_status refuse_byte(struct reader *r, size_t offset)
{
    int line = 1, column = 1;

    for (size_t i = 0; i < offset && i < r->len; i++) {
        if (r->text[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)r->text[i] & 0xC0) != 0x80) {
            column++;
        }
    }
    return th_error_set(r->err, TH_ERR_PARSE, "%s:%d:%d: %s: save the file as UTF-8 text", r->name, line, column,
                        r->parser.problem);
}

/* Does the line (from 0) begin with white space that has a tab in it? The commonest mistake, and hard to see. */
static bool has_tab_indent(const struct reader *r, size_t line)
{
    const char *at = r->text, *end = r->text + r->len;

    for (; line > 0 && at; line--) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    while (at && at < end && *at == ' ')
        at++;
    return at && at < end && *at == '\t';
}

static th_status refuse_syntax(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    yaml_mark_t at = p->problem_mark;
    const char *hint = has_tab_indent(r, at.line) ? ": indent with spaces, not with tabs" : "";

    if (p->error == YAML_MEMORY_ERROR)
        return no_memory(r);
    if (p->error == YAML_READER_ERROR)
        return refuse_byte(r, p->problem_offset);
    return th_error_set(r->err, TH_ERR_PARSE, "%s:%d:%d: %s%s%s%s", r->name, (int)at.line + 1, (int)at.column + 1,
                        p->problem ? p->problem : "can not be read", p->context ? " " : "",
                        p->context ? p->context : "", hint);
}

static th_status next_event(struct reader *r)
{
    yaml_event_delete(&r->event);
    return yaml_parser_parse(&r->parser, &r->event) ? TH_OK : refuse_syntax(r);
}

static bool is_null_text(const char *text, size_t len)
{
    return len == 0 || strcmp(text, "~") == 0 || strcmp(text, "null") == 0 || strcmp(text, "Null") == 0 ||
           strcmp(text, "NULL") == 0;
}

static th_status read_scalar(struct reader *r, th_node *node)
{
    const char *text = (const char *)r->event.data.scalar.value;
    size_t len = r->event.data.scalar.length;

    if (r->event.data.scalar.anchor)
        return refuse_event(r, "anchors are not read here: write the value out");
    if (r->event.data.scalar.tag)
        return refuse_event(r, "tags are not read here: write the plain value");
    if (strlen(text) != len)
        return refuse_event(r, "text holds a NUL character");
    node->text = th_arena_copy(r->arena, text, len);
    if (!node->text)
        return no_memory(r);
    node->len = len;
    node->quoted = r->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->kind = !node->quoted && is_null_text(text, len) ? TH_NODE_NULL : TH_NODE_SCALAR;
    return TH_OK;
}

static th_status read_node(struct reader *r, th_node *node, int depth);

static th_status read_key(struct reader *r, th_node *key, int depth)
{
    if (r->event.type == YAML_SEQUENCE_START_EVENT || r->event.type == YAML_MAPPING_START_EVENT)
        return refuse_event(r, "a key must be text, not a list or a map");
    th_status status = read_node(r, key, depth);
    if (status == TH_OK && key->len == 0)
        return refuse_event(r, "a key is missing before the colon");
    key->kind = TH_NODE_SCALAR; /* a key named "null" is a name */
    return status;
}

/* By text; equal ones in the document's order. */
static int compare_keys(const void *a, const void *b)
{
    const th_node *x = *(const th_node *const *)a, *y = *(const th_node *const *)b;
    int order = strcmp(x->text, y->text);

    return order ? order : (x > y) - (x < y);
}

/* The first key that repeats an earlier one is refused. Sorting keeps this cheap for large maps. */
static th_status refuse_duplicates(struct reader *r, const th_node *map)
{
    const th_node **sorted = NULL, *first = NULL, *second = NULL;

    if (map->count < 2)
        return TH_OK;
    sorted = malloc(map->count * sizeof *sorted);
    if (!sorted)
        return no_memory(r);
    for (size_t i = 0; i < map->count; i++)
        sorted[i] = &map->keys[i];
    qsort(sorted, map->count, sizeof *sorted, compare_keys);
    for (size_t i = 1; i < map->count; i++)
        if (strcmp(sorted[i - 1]->text, sorted[i]->text) == 0 && (!second || sorted[i] < second)) {
            first = sorted[i - 1];
            second = sorted[i];
        }
    free(sorted);
    if (!second)
        return TH_OK;
    return th_error_set(r->err, TH_ERR_PARSE, "%s:%d:%d: the key \"%s\" stands twice, first on line %d", r->name,
                        second->line, second->column, second->text, first->line);
}

/* Items of a list or pairs of a map, up to the event that ends it. */
static th_status read_items(struct reader *r, th_node *node, yaml_event_type_t end, int depth)
{
    size_t cap = 0, key_cap = 0;
    th_status status;

    while ((status = next_event(r)) == TH_OK && r->event.type != end) {
        th_node *items = th_arena_grow(r->arena, node->items, node->count, &cap, sizeof *items);
        if (!items)
            return no_memory(r);
        node->items = items;
        if (node->kind == TH_NODE_MAP) {
            th_node *keys = th_arena_grow(r->arena, node->keys, node->count, &key_cap, sizeof *keys);
            if (!keys)
                return no_memory(r);
            node->keys = keys;
            status = read_key(r, &keys[node->count], depth + 1);
            if (status == TH_OK)
                status = next_event(r);
        }
        if (status == TH_OK)
            status = read_node(r, &items[node->count], depth + 1);
        if (status != TH_OK)
            return status;
        node->count++;
    }
    return status;
}

static th_status read_list(struct reader *r, th_node *node, int depth)
{
    if (r->event.data.sequence_start.anchor)
        return refuse_event(r, "anchors are not read here: write the list out");
    if (r->event.data.sequence_start.tag)
        return refuse_event(r, "tags are not read here: write the plain list");
    node->kind = TH_NODE_LIST;
    return read_items(r, node, YAML_SEQUENCE_END_EVENT, depth);
}

static th_status read_map(struct reader *r, th_node *node, int depth)
{
    if (r->event.data.mapping_start.anchor)
        return refuse_event(r, "anchors are not read here: write the map out");
    if (r->event.data.mapping_start.tag)
        return refuse_event(r, "tags are not read here: write the plain map");
    node->kind = TH_NODE_MAP;
    th_status status = read_items(r, node, YAML_MAPPING_END_EVENT, depth);
    return status == TH_OK ? refuse_duplicates(r, node) : status;
}

/* The node that begins at the current event; `depth` lists and maps are around it. */
static th_status read_node(struct reader *r, th_node *node, int depth)
{
    *node = (th_node){.line = (int)r->event.start_mark.line + 1, .column = (int)r->event.start_mark.column + 1};
    switch (r->event.type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(r, node);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        if (depth >= DEEPEST)
            return refuse_event(r, "lists and maps are nested more than 64 deep");
        return r->event.type == YAML_SEQUENCE_START_EVENT ? read_list(r, node, depth) : read_map(r, node, depth);
    case YAML_ALIAS_EVENT:
        return refuse_event(r, "aliases are not read here: write the value out");
    default:
        return refuse_event(r, "a value was expected");
    }
}

static th_status read_document(struct reader *r, th_node *root)
{
    th_status status = next_event(r); /* the stream's start */

    if (status == TH_OK)
        status = next_event(r); /* the document's start, or the stream's end */
    if (status != TH_OK)
        return status;
    *root = (th_node){.kind = TH_NODE_NULL, .line = 1, .column = 1};
    if (r->event.type == YAML_STREAM_END_EVENT)
        return TH_OK;
    status = next_event(r);
    if (status == TH_OK)
        status = read_node(r, root, 0);
    return status == TH_OK ? next_event(r) : status; /* the document's end: what stands after the value is read too */
}

th_status th_yaml_parse(th_node **out, th_arena *arena, const char *name, const char *text, size_t len, th_error *err)
{
    struct reader r = {.arena = arena, .name = name, .text = text, .len = len, .err = err};
    th_node *root = th_arena_zalloc(arena, 1, sizeof *root);

    *out = NULL;
    if (!root || !yaml_parser_initialize(&r.parser))
        return no_memory(&r);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)(len ? text : ""), len);
    th_status status = read_document(&r, root);
    if (status == TH_OK)
        *out = root;
    yaml_event_delete(&r.event);
    yaml_parser_delete(&r.parser);
    return status;
}

const th_node *th_node_get(const th_node *node, const char *key)
{
    if (!node || node->kind != TH_NODE_MAP)
        return NULL;
    for (size_t i = 0; i < node->count; i++)
        if (strcmp(node->keys[i].text, key) == 0)
            return &node->items[i];
    return NULL;
}

static bool is_plain(const th_node *node)
{
    return node && node->kind == TH_NODE_SCALAR && !node->quoted;
}

bool th_node_number(const th_node *node, double *out)
{
    char *end;

    if (!is_plain(node) || node->text[strspn(node->text, "+-.0123456789eE")] != '\0' ||
        !strpbrk(node->text, "0123456789"))
        return false;
    double value = strtod(node->text, &end);
    if (*end || !isfinite(value))
        return false;
    *out = value;
    return true;
}

bool th_node_bool(const th_node *node, bool *out)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};

    for (size_t i = 0; is_plain(node) && i < sizeof words / sizeof *words; i++)
        if (strcasecmp(node->text, words[i]) == 0) {
            *out = i % 2 == 1;
            return true;
        }
    return false;
}

const char *th_node_kind_name(const th_node *node)
{
    switch (node ? node->kind : TH_NODE_NULL) {
    case TH_NODE_LIST:
        return "a list";
    case TH_NODE_MAP:
        return "a map";
    case TH_NODE_SCALAR:
        return "text";
    default:
        return "nothing";
    }
}
