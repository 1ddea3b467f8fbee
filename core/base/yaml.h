/* yaml.h - one YAML document as a tree with line and column, read through libyaml.
 * For config.yaml, codebooks, chrome rules and front matter. Anchors, aliases and tags are refused (so that no document
 * expands), nesting deeper than 64 too. Scalars stay text; th_node_number() and th_node_bool() read them. */
#ifndef TH_BASE_YAML_H
#define TH_BASE_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

typedef enum th_node_kind { TH_NODE_NULL, TH_NODE_SCALAR, TH_NODE_LIST, TH_NODE_MAP } th_node_kind;

typedef struct th_node {
    th_node_kind kind;
    int line, column;     /* from 1 */
    bool quoted;          /* a scalar written in quotes or as a block: always text */
    const char *text;     /* scalar: NUL-terminated */
    size_t len;           /* scalar: bytes of text */
    size_t count;         /* list: items; map: pairs */
    struct th_node *items; /* list: items; map: values */
    struct th_node *keys;  /* map: keys, in the document's order; duplicates are refused */
} th_node;

/* Parse the first document of `text` into `arena`. `name` starts every message ("name:line:column: …", TH_ERR_PARSE).
 * An empty document gives a node of kind TH_NODE_NULL. `*out` lives as long as the arena. */
th_status th_yaml_parse(th_node **out, th_arena *arena, const char *name, const char *text, size_t len, th_error *err);

/* The value at `key` of a map, or NULL (also when `node` is NULL or no map). */
const th_node *th_node_get(const th_node *node, const char *key);

/* A plain scalar as a number or boolean (true/false, yes/no, on/off): false when it is none. */
bool th_node_number(const th_node *node, double *out);
bool th_node_bool(const th_node *node, bool *out);

/* "a list", "a map", "text", "nothing": for messages. */
const char *th_node_kind_name(const th_node *node);

#endif
