/* schedule.c - see schedule.h. Words are turned into five fields, so that one parser reads both. */
#include "base/schedule.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/zone.h"

enum { FIELDS = 5, MINUTE = 0, HOUR, DAY, MONTH, WEEKDAY };
enum { YEARS_AHEAD = 41, DAY_S = 86400 }; /* a 29th of February that is a Monday comes in 28 years, over 2100 in 40 */

static const char *const month_names[] = {"january", "february", "march", "april", "may", "june", "july", "august", "september",
                                          "october", "november", "december"};
static const char *const day_names[] = {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};

static const struct field {
    unsigned least, most;
    const char *const *names;
    unsigned name_count, name_first;
} fields[FIELDS] = {{0, 59, NULL, 0, 0}, {0, 23, NULL, 0, 0}, {1, 31, NULL, 0, 0}, {1, 12, month_names, 12, 1}, {0, 7, day_names, 7, 0}};

static const char *const wanted[FIELDS] = {"minute: expected 0 to 59", "hour: expected 0 to 23", "day of the month: expected 1 to 31",
                                           "month: expected 1 to 12 or jan to dec", "day of the week: expected 0 to 7 or sun to sat"};

/* ---- five fields ---- */

static bool read_number(const char **p, unsigned *out)
{
    const char *s = *p;

    for (*out = 0; isdigit((unsigned char)*s) && s - *p < 4; s++)
        *out = *out * 10 + (unsigned)(*s - '0');
    bool ok = s > *p && !isdigit((unsigned char)*s);
    *p = s;
    return ok;
}

/* The name of a month or day at `*p`, or three of its letters and more ("mon", "Thurs", "Monday"). */
static bool read_name(const char **p, const char *const *names, unsigned count, unsigned first, unsigned *out)
{
    size_t len = 0;

    while (isalpha((unsigned char)(*p)[len]))
        len++;
    for (unsigned i = 0; len >= 3 && i < count; i++) {
        if (strncasecmp(*p, names[i], len) != 0)
            continue;
        *out = i + first;
        *p += len;
        return true;
    }
    return false;
}

static bool read_value(const char **p, const struct field *f, unsigned *out)
{
    if (isdigit((unsigned char)**p))
        return read_number(p, out) && *out >= f->least && *out <= f->most;
    return f->names && read_name(p, f->names, f->name_count, f->name_first, out);
}

/* One item of a list: "*", "5", "1-5", with a step behind a range. */
static const char *read_item(const char **p, int which, uint64_t *bits)
{
    const struct field *f = &fields[which];
    unsigned low = f->least, high = f->most, step = 1;
    bool range = true;

    if (**p == '*') {
        ++*p;
        high = which == WEEKDAY ? 6 : high;
    } else {
        if (!read_value(p, f, &low))
            return wanted[which];
        high = low;
        range = **p == '-';
        if (range) {
            const char *at = ++*p;
            if (!read_value(p, f, &high))
                return wanted[which];
            if (which == WEEKDAY && high == 0 && low > 0)
                high = 7; /* fri-sun */
            if (high < low) {
                *p = at;
                return "the range runs backwards; write it as a list of two";
            }
        }
    }
    if (**p == '/') {
        if (!range)
            return "a step needs a range in front of it, such as */5 or 10-50/5";
        const char *at = ++*p;
        if (!read_number(p, &step) || step == 0 || step > f->most) {
            *p = at;
            return "a step is a whole number above 0";
        }
    }
    for (unsigned v = low; v <= high; v += step)
        *bits |= UINT64_C(1) << (which == WEEKDAY ? v % 7 : v);
    return NULL;
}

static const char *read_field(const char **p, int which, uint64_t *bits)
{
    const char *fault = NULL;

    *bits = 0;
    do {
        fault = read_item(p, which, bits);
    } while (!fault && **p == ',' && ++*p);
    if (!fault && **p && !isspace((unsigned char)**p))
        fault = wanted[which];
    return fault;
}

/* A set as numbers and ranges. */
static void add_set(th_str *out, uint64_t bits, unsigned least, unsigned most, const char *format, const char *to)
{
    const char *between = "";

    for (unsigned v = least; v <= most; v++) {
        unsigned end = v;
        if (!(bits >> v & 1))
            continue;
        while (end < most && bits >> (end + 1) & 1)
            end++;
        if (end - v < 2)
            end = v;
        th_str_puts(out, between);
        th_str_addf(out, format, v);
        if (end > v) {
            th_str_puts(out, to);
            th_str_addf(out, format, end);
        }
        v = end;
        between = ",";
    }
}

/* What begins with * stays as it is, since cron's rule of either day depends on it. */
static void write_cron(th_schedule *s, const uint64_t bits[FIELDS], const char *const starts[FIELDS])
{
    th_str out = {0};

    for (int i = 0; i < FIELDS; i++) {
        size_t len = strcspn(starts[i], " \t\n");
        if (i)
            th_str_putc(&out, ' ');
        if (*starts[i] == '*')
            th_str_add(&out, starts[i], len);
        else
            add_set(&out, bits[i], fields[i].least, i == WEEKDAY ? 6 : fields[i].most, "%u", "-");
    }
    snprintf(s->cron, sizeof s->cron, "%s", th_str_text(&out));
    th_str_free(&out);
}

static const char *read_fields(th_schedule *s, const char *text, size_t *at)
{
    const char *p = text, *starts[FIELDS];
    uint64_t bits[FIELDS];
    const char *fault = NULL;

    for (int i = 0; !fault && i < FIELDS; i++) {
        while (isspace((unsigned char)*p))
            p++;
        starts[i] = p;
        if (!*p)
            fault = i ? "five fields are needed: minute, hour, day of the month, month, day of the week" : "nothing in it";
        else
            fault = read_field(&p, i, &bits[i]);
        if (!fault && *starts[i] == '*' && strspn(starts[i], "*/0123456789") != strcspn(starts[i], " \t\n")) {
            p = starts[i];
            fault = "a list that begins with * can hold nothing else";
        }
    }
    while (!fault && isspace((unsigned char)*p))
        p++;
    if (!fault && *p)
        fault = "more than five fields";
    *at = (size_t)(p - text);
    if (fault)
        return fault;
    *s = (th_schedule){bits[MINUTE], (uint32_t)bits[HOUR], (uint32_t)bits[DAY], (uint32_t)bits[MONTH], (uint32_t)bits[WEEKDAY],
                       *starts[HOUR] == '*', *starts[DAY] == '*', *starts[WEEKDAY] == '*', ""};
    write_cron(s, bits, starts);
    if (th_schedule_next(s, "UTC", 0) < 0) {
        *at = (size_t)(starts[DAY] - text);
        return "there is no such day";
    }
    return NULL;
}

/* ---- words ---- */

typedef struct words {
    const char *text, *p; /* what is left */
    const char *fault;
    unsigned hour, minute, day, month, weekday;
} words;

/* Where the next word begins. */
static const char *skip_blank(words *w)
{
    while (isspace((unsigned char)*w->p))
        w->p++;
    return w->p;
}

static void fail(words *w, const char *at, const char *fault)
{
    if (!w->fault) {
        w->fault = fault;
        w->p = at;
    }
}

/* HH:MM, or nothing, which is midnight. */
static void read_time(words *w)
{
    const char *start = skip_blank(w);

    if (w->fault || !*w->p)
        return;
    if (!read_number(&w->p, &w->hour) || w->hour > 23 || *w->p++ != ':' || !read_number(&w->p, &w->minute) || w->minute > 59 ||
        w->p - start < 4)
        fail(w, start, "expected a time of day such as 06:00");
}

static void read_end(words *w)
{
    skip_blank(w);
    if (*w->p)
        fail(w, w->p, "nothing more can stand here");
}

static bool word_is(words *w, const char *word)
{
    size_t len = strlen(word);

    if (strncasecmp(w->p, word, len) != 0 || (w->p[len] && !isspace((unsigned char)w->p[len])))
        return false;
    w->p += len;
    return true;
}

static void read_hourly(words *w)
{
    const char *start = skip_blank(w);

    if (*w->p == ':' && (++w->p, !read_number(&w->p, &w->minute) || w->minute > 59))
        fail(w, start, "expected the minute, such as :15");
}

static void read_weekday(words *w)
{
    const char *start = skip_blank(w);

    if (isalpha((unsigned char)*w->p) && !read_name(&w->p, day_names, 7, 0, &w->weekday))
        fail(w, start, "expected a day of the week such as mon");
    read_time(w);
}

static void read_monthday(words *w)
{
    const char *start = skip_blank(w);

    size_t digits = strspn(w->p, "0123456789");
    if (digits && w->p[digits] != ':' && (!read_number(&w->p, &w->day) || w->day < 1 || w->day > 31 || (*w->p && !isspace((unsigned char)*w->p))))
        fail(w, start, "expected a day of the month from 1 to 31");
    read_time(w);
}

static void read_yearday(words *w)
{
    const char *start = skip_blank(w);

    size_t digits = strspn(w->p, "0123456789");
    if (digits && w->p[digits] == '-' && (!read_number(&w->p, &w->month) || w->month < 1 || w->month > 12 || *w->p++ != '-' ||
                                          !read_number(&w->p, &w->day) || w->day < 1 || w->day > 31))
        fail(w, start, "expected a day of the year such as 03-01");
    read_time(w);
}

/* "every 15 minutes": only what divides an hour or a day comes at equal distances. */
static void read_every(words *w, th_str *out)
{
    unsigned n = 0;
    const char *start = skip_blank(w);
    bool ok = read_number(&w->p, &n) && n > 0;
    skip_blank(w);
    if (ok && (word_is(w, "minutes") || word_is(w, "min")) && n < 60 && 60 % n == 0)
        th_str_addf(out, "*/%u * * * *", n);
    else if (ok && (word_is(w, "hours") || word_is(w, "h")) && n < 24 && 24 % n == 0)
        th_str_addf(out, "0 */%u * * *", n);
    else
        fail(w, start, "expected a part of an hour or of a day, such as 15 minutes or 6 hours");
}

/* The words as five fields. False: it is none of them. */
static bool read_words(words *w, th_str *out)
{
    w->p += *w->p == '@';
    if (word_is(w, "hourly")) {
        read_hourly(w);
        th_str_addf(out, "%u * * * *", w->minute);
    } else if (word_is(w, "daily") || word_is(w, "midnight")) {
        read_time(w);
        th_str_addf(out, "%u %u * * *", w->minute, w->hour);
    } else if (word_is(w, "weekdays")) {
        read_time(w);
        th_str_addf(out, "%u %u * * 1-5", w->minute, w->hour);
    } else if (word_is(w, "weekly")) {
        read_weekday(w);
        th_str_addf(out, "%u %u * * %u", w->minute, w->hour, w->weekday);
    } else if (word_is(w, "monthly")) {
        read_monthday(w);
        th_str_addf(out, "%u %u %u * *", w->minute, w->hour, w->day);
    } else if (word_is(w, "yearly") || word_is(w, "annually")) {
        read_yearday(w);
        th_str_addf(out, "%u %u %u %u *", w->minute, w->hour, w->day, w->month);
    } else if (word_is(w, "every")) {
        read_every(w, out);
    } else {
        return false;
    }
    read_end(w);
    return true;
}

const char *th_schedule_read(th_schedule *out, const char *text, size_t *at)
{
    words w = {.text = text, .p = text, .day = 1, .month = 1};
    th_str cron = {0};
    const char *fault;

    skip_blank(&w);
    const char *start = w.p;
    if (isalpha((unsigned char)*w.p) || *w.p == '@') {
        bool known = read_words(&w, &cron);
        fault = !known ? "no such word; there are hourly, daily, weekdays, weekly, monthly, yearly and every" : w.fault;
        *at = (size_t)((known ? w.p : start) - text);
        if (!fault && !th_str_ok(&cron))
            fault = "out of memory";
        size_t ignored;
        if (!fault)
            fault = read_fields(out, th_str_text(&cron), &ignored);
    } else {
        fault = read_fields(out, text, at);
    }
    th_str_free(&cron);
    return fault;
}

/* ---- times ---- */

static bool fits_day(const th_schedule *s, const th_civil *c)
{
    bool day = s->days >> c->day & 1, weekday = s->weekdays >> c->weekday & 1;

    if (!(s->months >> c->month & 1))
        return false;
    return s->any_day || s->any_weekday ? day && weekday : day || weekday;
}

/* The day `days` after 1970-01-01; inverse of th_days_to() (H. Hinnant: civil_from_days). */
static th_civil day_of(int64_t days)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, of_era = z - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365, of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * of_year + 2) / 153;
    th_civil c = {0};

    c.day = (int)(of_year - (153 * m + 2) / 5 + 1);
    c.month = (int)(m < 10 ? m + 3 : m - 9);
    c.year = (int)(y + era * 400 + (c.month <= 2));
    c.weekday = (int)(((days + 4) % 7 + 7) % 7);
    return c;
}

static int64_t earlier(int64_t best, int64_t t, int64_t after)
{
    return t > after && (best < 0 || t < best) ? t : best;
}

/* The first time after `after` on this day, or -1. On a day without a change of clocks, which is nearly every one, times grow with the hour. */
static int64_t next_on(const th_schedule *s, const char *zone, th_civil day, int64_t after)
{
    int64_t start = th_days_to(day.year, day.month, day.day) * DAY_S, best = -1;
    th_civil before, behind;

    th_zone_civil(zone, start - DAY_S, &before);
    th_zone_civil(zone, start + 2 * DAY_S, &behind);
    bool even = before.offset == behind.offset;
    for (int slot = 0; slot < 24 * 60; slot++) {
        int64_t again = 0, t;
        day.hour = slot / 60;
        day.minute = slot % 60;
        if (!(s->hours >> day.hour & 1) || !(s->minutes >> day.minute & 1))
            continue;
        t = even ? start + slot * 60 - before.offset : th_zone_moment(zone, &day, &again);
        if (even && t > after)
            return t;
        if (!s->any_hour || again >= 0)
            best = earlier(best, t, after);
        if (s->any_hour && again > 0)
            best = earlier(best, again, after);
    }
    return best;
}

int64_t th_schedule_next(const th_schedule *s, const char *zone, int64_t after)
{
    th_civil c;

    th_zone_civil(zone, after, &c);
    int64_t first = th_days_to(c.year, c.month, c.day);
    for (int64_t d = first - 1; d < first + YEARS_AHEAD * 366; d++) {
        th_civil day = day_of(d);
        if (!fits_day(s, &day))
            continue;
        int64_t t = next_on(s, zone, day, after);
        if (t >= 0)
            return t;
    }
    return -1;
}

/* ---- for systemd ---- */

static void add_weekdays(th_str *out, uint32_t bits)
{
    static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const char *between = "";

    for (int i = 0; i < 7; i++)
        if (bits >> ((i + 1) % 7) & 1) {
            th_str_addf(out, "%s%s", between, names[i]);
            between = ",";
        }
    th_str_putc(out, ' ');
}

static void add_part(th_str *out, uint64_t bits, unsigned least, unsigned most, const char *behind)
{
    uint64_t all = (UINT64_C(2) << most) - (UINT64_C(1) << least);

    if ((bits & all) == all)
        th_str_putc(out, '*');
    else
        add_set(out, bits, least, most, "%02u", "..");
    th_str_puts(out, behind);
}

static void add_calendar(th_str *out, const th_schedule *s, const char *zone, bool by_day, bool by_weekday)
{
    if (by_weekday && s->weekdays != 0x7F)
        add_weekdays(out, s->weekdays);
    th_str_puts(out, "*-");
    add_part(out, s->months, 1, 12, "-");
    add_part(out, by_day ? s->days : ~UINT32_C(0), 1, 31, " ");
    add_part(out, s->hours, 0, 23, ":");
    add_part(out, s->minutes, 0, 59, ":00");
    th_str_addf(out, "%s%s\n", zone ? " " : "", zone ? zone : "");
}

void th_schedule_calendar(const th_schedule *s, const char *zone, th_str *out)
{
    if (s->any_day || s->any_weekday) {
        add_calendar(out, s, zone, true, true);
        return;
    }
    add_calendar(out, s, zone, true, false);
    add_calendar(out, s, zone, false, true);
}
