/* profile.c - see profile.h. */
#include "run/profile.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double first_bucket = 1e-7; /* seconds */

static size_t bucket_of(double cpu_s)
{
    double n = cpu_s > first_bucket ? ceil(log2(cpu_s / first_bucket) * 4) : 0;

    return n < TH_PROFILE_BUCKETS - 1 ? (size_t)n : TH_PROFILE_BUCKETS - 1;
}

static void rank(th_profile *profile, uint32_t plugin, const char *path, double cpu_s)
{
    size_t at = TH_SLOWEST, len = strlen(path);

    while (at > 0 && cpu_s > profile->slowest[at - 1].cpu_s)
        at--;
    if (at == TH_SLOWEST)
        return;
    memmove(&profile->slowest[at + 1], &profile->slowest[at], (TH_SLOWEST - 1 - at) * sizeof *profile->slowest);
    th_slow_pair *pair = &profile->slowest[at];
    *pair = (th_slow_pair){.plugin = plugin, .cpu_s = cpu_s};
    size_t skip = len < sizeof pair->path ? 0 : len - sizeof pair->path + 1;
    while (skip < len && ((unsigned char)path[skip] & 0xC0) == 0x80) /* not into a character */
        skip++;
    memcpy(pair->path, path + skip, len - skip + 1);
}

void th_profile_add(th_profile *profile, uint32_t plugin, const char *path, const th_run_use *use)
{
    th_plugin_cost *cost = &profile->plugins[plugin];

    cost->calls++;
    cost->cpu_s += use->cpu_s;
    if (use->memory > cost->memory)
        cost->memory = use->memory;
    cost->buckets[bucket_of(use->cpu_s)]++;
    rank(profile, plugin, path, use->cpu_s);
}

double th_profile_p95(const th_plugin_cost *cost)
{
    size_t below = 0, i = 0;

    if (!cost->calls)
        return 0;
    for (; i < TH_PROFILE_BUCKETS - 1; i++) {
        below += cost->buckets[i];
        if (below * 100 >= cost->calls * 95)
            break;
    }
    return first_bucket * exp2((double)i / 4);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Cut the text into its lines. The caller frees the list; the lines are the text's. */
static char **split(char *text, size_t *count)
{
    size_t most = 0;

    for (const char *p = text; *p; p++)
        most += *p == '\n';
    char **lines = calloc(most + 1, sizeof *lines);
    for (char *end; lines && *count < most && (end = strchr(text, '\n')) != NULL; text = end + 1) {
        *end = '\0';
        lines[(*count)++] = text;
    }
    return lines;
}

th_status th_profile_write(const char *path, const th_str *stacks, th_error *err)
{
    char *text = strdup(th_str_text(stacks));
    size_t count = 0;
    char **lines = text ? split(text, &count) : NULL;
    FILE *fp = lines ? fopen(path, "w") : NULL;
    th_status status = TH_OK;

    if (!lines) {
        status = th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", path);
        goto done;
    }
    if (count)
        qsort(lines, count, sizeof *lines, by_text);
    for (size_t i = 0, same; fp && i < count; i += same) {
        for (same = 1; i + same < count && strcmp(lines[i], lines[i + same]) == 0;)
            same++;
        fprintf(fp, "%s %zu\n", lines[i], same);
    }
    if (!fp || fclose(fp) != 0)
        status = th_error_set(err, TH_ERR_IO, "%s: can not be written: %s", path, strerror(errno));
done:
    free(lines);
    free(text);
    return status;
}
