/* limit.h - what one plugin may use up on one article, and how that is written: in config.yaml (limits:, plugin_limits:) and in a
 * plugin's manifest. */
#ifndef TH_LIMIT_H
#define TH_LIMIT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct th_limits {
    double cpu_s;     /* CPU seconds of one call */
    double wall_s;    /* seconds after which the parent kills the worker */
    size_t memory;    /* bytes a plugin's Lua state may hold */
    size_t records;   /* records a plugin may add to one article */
    size_t output;    /* bytes a plugin may record or log for one article */
} th_limits;

enum { TH_LIMIT_COUNT = 5 };
/* "cpu", "wall", "memory", "records", "output". */
extern const char *const th_limit_names[TH_LIMIT_COUNT];

/* Set the limit called th_limit_names[`limit`] from `text` ("2s", "64MB", "10000"). NULL when all went well, else what was expected. */
const char *th_limit_read(th_limits *out, int limit, const char *text);

/* The same limit of both: is that of `a` higher? */
bool th_limit_is_higher(const th_limits *a, const th_limits *b, int limit);

/* Take from `from` the limits that are set there (are not 0). */
void th_limits_merge(th_limits *limits, const th_limits *from);

/* Write one as it is read: "2s", "64MB". */
void th_limit_write(const th_limits *limits, int limit, char *out, size_t size);

/* A number above zero with one of the units behind it: seconds of "500ms 2s 5min 1h 30d", bytes of "8kB 64MB 1GB". */
bool th_read_seconds(const char *text, double *out);
bool th_read_bytes(const char *text, size_t *out);

#endif
