/* zone.c - see zone.h. */
#include "base/zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { DAY = 86400 };

bool th_zone_exists(const char *name)
{
    const char *dir = getenv("TZDIR");
    char path[512], magic[4] = "";

    if (!*name || *name == '/' || strstr(name, "..") ||
        (size_t)snprintf(path, sizeof path, "%s/%s", dir && *dir ? dir : "/usr/share/zoneinfo", name) >= sizeof path)
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool found = read(fd, magic, sizeof magic) == sizeof magic && memcmp(magic, "TZif", sizeof magic) == 0;
    close(fd);
    return found;
}

/* `value` becomes TZ; NULL: there is none. */
static void set_tz(const char *value)
{
    if (value)
        setenv("TZ", value, 1);
    else
        unsetenv("TZ");
    tzset();
}

void th_zone_civil(const char *zone, int64_t time, th_civil *out)
{
    time_t t = (time_t)time;
    struct tm tm = {0};

    if (zone) {
        const char *before = getenv("TZ");
        char *kept = before ? strdup(before) : NULL;
        set_tz(zone);
        localtime_r(&t, &tm);
        set_tz(kept);
        free(kept);
    } else {
        localtime_r(&t, &tm);
    }
    *out = (th_civil){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_wday, tm.tm_gmtoff};
}

static long offset_at(const char *zone, int64_t time)
{
    th_civil c;

    th_zone_civil(zone, time, &c);
    return c.offset;
}

/* H. Hinnant, "chrono-compatible low-level date algorithms": days_from_civil. */
int64_t th_days_to(int year, int month, int day)
{
    int64_t y = month <= 2 ? (int64_t)year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* The first moment after `low` that has the offset of `high`. */
static int64_t change_between(const char *zone, int64_t low, int64_t high)
{
    long before = offset_at(zone, low);

    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (offset_at(zone, middle) == before)
            low = middle;
        else
            high = middle;
    }
    return high;
}

int64_t th_zone_moment(const char *zone, const th_civil *shown, int64_t *again)
{
    int64_t wall = th_days_to(shown->year, shown->month, shown->day) * DAY + shown->hour * 3600 + shown->minute * 60 + shown->second;
    long before = offset_at(zone, wall - DAY), after = offset_at(zone, wall + DAY);
    int64_t first = wall - before, second = wall - after, ignored;

    if (!again)
        again = &ignored;
    *again = 0;
    if (before == after)
        return first;
    bool is_first = offset_at(zone, first) == before, is_second = offset_at(zone, second) == after;
    if (is_first && is_second)
        *again = second;
    if (is_first)
        return first;
    if (is_second)
        return second;
    *again = -1;
    return change_between(zone, wall - DAY, wall + DAY);
}

void th_zone_write(const char *zone, int64_t time, char out[TH_ZONE_TEXT])
{
    th_civil c;

    th_zone_civil(zone, time, &c);
    long east = labs(c.offset) / 60;
    snprintf(out, TH_ZONE_TEXT, "%04d-%02d-%02d %02d:%02d %c%02ld%02ld", c.year, c.month, c.day, c.hour, c.minute, c.offset < 0 ? '-' : '+',
             east / 60 % 100, east % 60);
}
