/* clock.h - what time it is: of a clock that only goes forward, and as text. */
#ifndef TH_BASE_CLOCK_H
#define TH_BASE_CLOCK_H

#include <stdint.h>

/* Of a clock that only goes forward, from some moment on: for how long things take. */
int64_t th_clock_ns(void);
double th_clock_seconds(void);

/* `time`, in seconds since 1970, as UTC: "2026-01-31T08:00:00Z". */
enum { TH_UTC_TEXT = 21 };
void th_utc_write(int64_t time, char out[TH_UTC_TEXT]);

#endif
