/* zone.h - time zones of the IANA database, through the C library's reading of it (package tzdata).
 * Not for threads: the library knows one zone at a time, TZ, which is set for the question and put back. */
#ifndef TH_BASE_ZONE_H
#define TH_BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

/* A moment as a clock on the wall shows it. */
typedef struct th_civil {
    int year, month, day, hour, minute, second;
    int weekday; /* 0: Sunday */
    long offset; /* seconds east of UTC */
} th_civil;

/* Is there such a zone ("Asia/Shanghai")? */
bool th_zone_exists(const char *name);

/* What a clock in `zone` (NULL: the system's) shows at `time`, in seconds since 1970 UTC. */
void th_zone_civil(const char *zone, int64_t time, th_civil *out);

/* The moment at which the clock shows year … minute. An hour that is shown twice gives the first of its moments, and `*again` (NULL: not
 * asked) the second, else 0. What is never shown, since the clock goes forward over it, gives the moment at which it does, and `*again` is -1. */
int64_t th_zone_moment(const char *zone, const th_civil *shown, int64_t *again);

/* Days from 1970-01-01 to a day of the Gregorian calendar. */
int64_t th_days_to(int year, int month, int day);

/* "2026-03-01 02:00 +0800" */
enum { TH_ZONE_TEXT = 40 };
void th_zone_write(const char *zone, int64_t time, char out[TH_ZONE_TEXT]);

#endif
