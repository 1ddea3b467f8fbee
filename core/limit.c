/* limit.c - see limit.h. */
#include "limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const th_limit_names[TH_LIMIT_COUNT] = {"cpu", "wall", "memory", "records", "output"};
enum { CPU, WALL, MEMORY, RECORDS, OUTPUT };

static bool read_amount(const char *text, const char *const *units, const double *factors, double *out)
{
    char *end;
    double value = strtod(text, &end);

    if (end == text || !(value > 0) || value > 1e15)
        return false;
    for (; *units; units++, factors++)
        if (strcmp(end, *units) == 0) {
            *out = value * *factors;
            return true;
        }
    return false;
}

bool th_read_seconds(const char *text, double *out)
{
    static const char *const units[] = {"ms", "s", "min", "h", "d", NULL};
    static const double factors[] = {1e-3, 1, 60, 3600, 86400};

    return read_amount(text, units, factors, out);
}

bool th_read_bytes(const char *text, size_t *out)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", NULL};
    static const double factors[] = {1, 1e3, 1e6, 1e9};
    double value;

    if (!read_amount(text, units, factors, &value) || value < 1)
        return false;
    *out = (size_t)value;
    return true;
}

static bool read_count(const char *text, size_t *out)
{
    char *end;
    double value = strtod(text, &end);

    if (end == text || *end || !(value >= 1) || value > 1e9 || value != (double)(size_t)value)
        return false;
    *out = (size_t)value;
    return true;
}

const char *th_limit_read(th_limits *out, int limit, const char *text)
{
    switch (limit) {
    case CPU: return th_read_seconds(text, &out->cpu_s) ? NULL : "a time such as 2s or 500ms";
    case WALL: return th_read_seconds(text, &out->wall_s) ? NULL : "a time such as 2s or 500ms";
    case MEMORY: return th_read_bytes(text, &out->memory) ? NULL : "a size such as 64MB";
    case RECORDS: return read_count(text, &out->records) ? NULL : "a whole number above 0";
    default: return th_read_bytes(text, &out->output) ? NULL : "a size such as 64MB";
    }
}

static double value_of(const th_limits *limits, int limit)
{
    switch (limit) {
    case CPU: return limits->cpu_s;
    case WALL: return limits->wall_s;
    case MEMORY: return (double)limits->memory;
    case RECORDS: return (double)limits->records;
    default: return (double)limits->output;
    }
}

bool th_limit_is_higher(const th_limits *a, const th_limits *b, int limit)
{
    return value_of(a, limit) > value_of(b, limit);
}

void th_limits_merge(th_limits *limits, const th_limits *from)
{
    if (from->cpu_s > 0)
        limits->cpu_s = from->cpu_s;
    if (from->wall_s > 0)
        limits->wall_s = from->wall_s;
    if (from->memory)
        limits->memory = from->memory;
    if (from->records)
        limits->records = from->records;
    if (from->output)
        limits->output = from->output;
}

static void write_bytes(double bytes, char *out, size_t size)
{
    if (bytes >= 1e6)
        snprintf(out, size, "%gMB", bytes / 1e6);
    else
        snprintf(out, size, "%gkB", bytes / 1e3);
}

void th_limit_write(const th_limits *limits, int limit, char *out, size_t size)
{
    double value = value_of(limits, limit);

    if (limit == MEMORY || limit == OUTPUT)
        write_bytes(value, out, size);
    else
        snprintf(out, size, limit == RECORDS ? "%g" : "%gs", value);
}
