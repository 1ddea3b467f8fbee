/* clock.c - see clock.h. */
#include "base/clock.h"

#include <time.h>

int64_t th_clock_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

double th_clock_seconds(void)
{
    return (double)th_clock_ns() * 1e-9;
}

void th_utc_write(int64_t time, char out[TH_UTC_TEXT])
{
    time_t t = (time_t)time;
    struct tm tm;

    if (!gmtime_r(&t, &tm) || !strftime(out, TH_UTC_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm))
        out[0] = '\0';
}
