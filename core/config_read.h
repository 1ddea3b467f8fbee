/* config_read.h - what the readers of config.yaml share: config.c and, for the jobs of `batch:`, config_batch.c. */
#ifndef TH_CONFIG_READ_H
#define TH_CONFIG_READ_H

#include "base/yaml.h"
#include "config.h"

typedef struct th_config_reader {
    th_config *config;
    th_arena *arena;
    const char *name; /* of the file, for messages */
    const char *dir;  /* what paths are relative to */
} th_config_reader;

/* "file:line:column: key: expected `wanted`, got …" */
th_status th_config_wrong(th_config_reader *r, const char *key, const th_node *node, const char *wanted, th_error *err);

/* An unknown key of a map; `where` is "" or " in …". */
th_status th_config_unknown_key(th_config_reader *r, const char *where, const th_node *key, const char *const *names, size_t count,
                                th_error *err);
th_status th_config_no_memory(th_error *err);

th_status th_config_read_path(th_config_reader *r, const char *key, const th_node *node, const char **out, th_error *err);
th_status th_config_read_paths(th_config_reader *r, const char *key, const th_node *node, th_paths *out, th_error *err);
th_status th_config_read_seconds(th_config_reader *r, const char *key, const th_node *node, double *out, th_error *err);
th_status th_config_read_count(th_config_reader *r, const char *key, const th_node *node, size_t least, size_t *out, th_error *err);
th_status th_config_read_zone(th_config_reader *r, const char *key, const th_node *node, const char **out, th_error *err);

/* The list of jobs; and, when all of the file has been read, whether their needs exist and go in no circle. */
th_status th_config_read_batch(th_config_reader *r, const char *key, const th_node *node, th_error *err);
th_status th_config_check_batch(th_config_reader *r, th_error *err);

#endif
