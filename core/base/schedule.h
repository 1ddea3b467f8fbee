/* schedule.h - expressions of times that recur: the five fields of crontab(5), and words such as "daily 06:00".
 *
 * Fields are minute, hour, day of the month, month and day of the week: *, numbers, ranges a-b, steps with a slash behind, lists with commas, names of months and
 * days (jan, mon), 7 for Sunday. As in cron, where both days are restricted (neither begins with *) a day that fits either of them is one.
 * Words: hourly [:MM], daily [HH:MM], weekdays [HH:MM], weekly [DAY] [HH:MM], monthly [DAY] [HH:MM], yearly [MM-DD] [HH:MM], every N minutes,
 * every N hours; cron's @daily and so on too.
 *
 * When clocks change: a time of day that is passed over runs at once after it, one that comes twice runs the first time. Where the hour begins
 * with * the schedule goes by time that passes: it runs in both of two equal hours, and what is passed over has not been. */
#ifndef TH_BASE_SCHEDULE_H
#define TH_BASE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

typedef struct th_schedule {
    uint64_t minutes;                   /* a bit for each */
    uint32_t hours, days, months;       /* days from bit 1, months from bit 1 */
    uint32_t weekdays;                  /* Sunday is bit 0 */
    bool any_hour, any_day, any_weekday; /* the field begins with * */
    char cron[256];                     /* the five fields as any cron reads them: without names */
} th_schedule;

/* Read `text`. NULL when it is right; else what is wrong, a constant, and `*at` is the byte of `text` at which. */
const char *th_schedule_read(th_schedule *out, const char *text, size_t *at);

/* The first time after `after` (seconds since 1970) in `zone` (NULL: the system's). th_schedule_read() refuses what has none. */
int64_t th_schedule_next(const th_schedule *s, const char *zone, int64_t after);

/* Append it as values of systemd's OnCalendar=, one a line: two where either of two days fits. */
void th_schedule_calendar(const th_schedule *s, const char *zone, th_str *out);

#endif
