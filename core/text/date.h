/* date.h - days of the Gregorian calendar, and date expressions at the start of a text. Pure functions. */
#ifndef TH_TEXT_DATE_H
#define TH_TEXT_DATE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct th_day {
    int year, month, day; /* years 1 to 9999 */
} th_day;

/* The day `day` days behind the start of month `month` of `year`; month and day may lie outside of their range and are carried
 * (2024-03-00 is the last of February). False when the year that comes out is not 1 to 9999. */
bool th_day_make(long long year, long long month, long long day, th_day *out);

/* "2024-05-31" of a real day; false for anything else. */
bool th_day_read(const char *text, size_t len, th_day *out);

/* A closed interval of days. */
typedef struct th_days {
    th_day from, to;
} th_days;

/* The date expression `text` starts with: 2023年, 2023年5月31日, 二〇二三年, 2023-05-31, 2021年至2023年, 3月至5月, 上半年, 第三季度, 今年底, 去年,
 * 上月, 昨天, 目前 … What hangs on the day of writing is reckoned from `base` (NULL: such a form is none). Gives its length in bytes,
 * 0 when there is none. Ideographic digits and full-width ones are read too. */
size_t th_days_read(const char *text, size_t len, const th_day *base, th_days *out);

#endif
