/* test_schedule.c - expressions of times that recur: read, next times over changes of clocks, for systemd and for cron. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/schedule.h"
#include "base/zone.h"

static th_schedule read_well(const char *text)
{
    th_schedule s;
    size_t at = 0;

    const char *fault = th_schedule_read(&s, text, &at);

    if (fault)
        fail_msg("%s: at %zu: %s", text, at, fault);
    return s;
}

/* The moment at which a clock in UTC shows `text`. */
static int64_t at_utc(const char *text)
{
    th_civil c = {0};

    assert_int_equal(sscanf(text, "%d-%d-%d %d:%d", &c.year, &c.month, &c.day, &c.hour, &c.minute), 5);
    return th_days_to(c.year, c.month, c.day) * 86400 + c.hour * 3600 + c.minute * 60;
}

/* The times of `text` in `zone` after the moment `after` (UTC) are `times`, as clocks there show them. */
static void comes(const char *text, const char *zone, const char *after, const char *const *times)
{
    th_schedule s = read_well(text);
    int64_t t = at_utc(after);
    char shown[TH_ZONE_TEXT];

    for (; *times; times++) {
        t = th_schedule_next(&s, zone, t);
        th_zone_write(zone, t, shown);
        assert_string_equal(shown, *times);
    }
}
#define COMES(text, zone, after, ...) comes(text, zone, after, (const char *const[]){__VA_ARGS__, NULL})

static void fields_are_lists_ranges_steps_and_names(void **state)
{
    (void)state;

    COMES("30 6 * * *", "UTC", "2026-05-01 06:29", "2026-05-01 06:30 +0000", "2026-05-02 06:30 +0000");
    COMES("0,20-22 5 * * *", "UTC", "2026-05-01 05:00", "2026-05-01 05:20 +0000", "2026-05-01 05:21 +0000", "2026-05-01 05:22 +0000",
          "2026-05-02 05:00 +0000");
    COMES("10-50/20 * * * *", "UTC", "2026-05-01 05:00", "2026-05-01 05:10 +0000", "2026-05-01 05:30 +0000", "2026-05-01 05:50 +0000",
          "2026-05-01 06:10 +0000");
    COMES("*/15 23 31 dec *", "UTC", "2026-05-01 05:00", "2026-12-31 23:00 +0000", "2026-12-31 23:15 +0000", "2026-12-31 23:30 +0000",
          "2026-12-31 23:45 +0000", "2027-12-31 23:00 +0000");
    COMES("0 12 * Jan,JUL-september Mon", "UTC", "2026-07-30 00:00", "2026-08-03 12:00 +0000");
    COMES("0 0 * * 7", "UTC", "2026-11-24 00:00", "2026-11-29 00:00 +0000");  /* a Sunday */
    COMES("0 0 * * 5-7", "UTC", "2026-11-24 00:00", "2026-11-27 00:00 +0000", "2026-11-28 00:00 +0000", "2026-11-29 00:00 +0000",
          "2026-12-04 00:00 +0000");
    COMES("0 0 * * fri-sun", "UTC", "2026-11-29 00:00", "2026-12-04 00:00 +0000");
    COMES("0 0 29 2 *", "UTC", "2096-03-01 00:00", "2104-02-29 00:00 +0000"); /* 2100 is no leap year */
}

static void either_day_fits_when_both_are_restricted(void **state)
{
    (void)state;

    /* The example of crontab(5): "30 4 1,15 * 5" runs on the 1st and 15th of each month, plus every Friday. */
    COMES("30 4 1,15 * 5", "UTC", "2026-01-01 05:00", "2026-01-02 04:30 +0000", "2026-01-09 04:30 +0000", "2026-01-15 04:30 +0000",
          "2026-01-16 04:30 +0000");
    COMES("0 0 */10 * 1", "UTC", "2026-01-01 05:00", "2026-05-11 00:00 +0000"); /* begins with *: both must fit; 1, 11, 21, 31 */
    COMES("0 0 13 * *", "UTC", "2026-01-13 00:00", "2026-02-13 00:00 +0000");
}

static void words_are_fields(void **state)
{
    static const char *const same[][2] = {
        {"hourly", "0 * * * *"}, {"hourly :15", "15 * * * *"}, {"daily 06:00", "0 6 * * *"}, {"daily", "0 0 * * *"}, {"@daily", "0 0 * * *"},
        {"Weekdays 18:05", "5 18 * * 1-5"}, {"weekly mon 06:00", "0 6 * * 1"}, {"weekly", "0 0 * * 0"}, {"weekly Sunday", "0 0 * * 0"},
        {"weekly thursday 7:00", "0 7 * * 4"}, {"monthly 1 06:00", "0 6 1 * *"}, {"monthly 06:00", "0 6 1 * *"}, {"monthly", "0 0 1 * *"},
        {"yearly 03-01 05:00", "0 5 1 3 *"}, {"every 15 minutes", "*/15 * * * *"}, {"every 6 hours", "0 */6 * * *"}, {"  daily  06:00 ", "0 6 * * *"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        th_schedule s = read_well(same[i][0]);
        assert_string_equal(s.cron, same[i][1]);
    }
}

static void faults_are_placed(void **state)
{
    static const struct {
        const char *text;
        size_t at;
        const char *fault;
    } wrong[] = {
        {"", 0, "nothing in it"},
        {"60 * * * *", 2, "minute: expected 0 to 59"},
        {"0 24 * * *", 4, "hour: expected 0 to 23"},
        {"0 0 0 * *", 5, "day of the month: expected 1 to 31"},
        {"0 0 1 13 *", 8, "month: expected 1 to 12 or jan to dec"},
        {"0 0 * * 8", 9, "day of the week: expected 0 to 7 or sun to sat"},
        {"0 0 * * funday", 8, "day of the week: expected 0 to 7 or sun to sat"},
        {"0 0 * *", 7, "five fields are needed: minute, hour, day of the month, month, day of the week"},
        {"0 0 * * * *", 10, "more than five fields"},
        {"0 20-6 * * *", 5, "the range runs backwards; write it as a list of two"},
        {"5/10 * * * *", 1, "a step needs a range in front of it, such as */5 or 10-50/5"},
        {"*/0 * * * *", 2, "a step is a whole number above 0"},
        {"*,5 * * * *", 0, "a list that begins with * can hold nothing else"},
        {"1, * * * *", 2, "minute: expected 0 to 59"},
        {"0 0 30 2 *", 4, "there is no such day"},
        {"0 0 31 4,6,9,11 *", 4, "there is no such day"},
        {"dayly 06:00", 0, "no such word; there are hourly, daily, weekdays, weekly, monthly, yearly and every"},
        {"daily 6", 6, "expected a time of day such as 06:00"},
        {"daily 24:00", 6, "expected a time of day such as 06:00"},
        {"daily 06:00 mon", 12, "nothing more can stand here"},
        {"weekly foo 06:00", 7, "expected a day of the week such as mon"},
        {"monthly 32 06:00", 8, "expected a day of the month from 1 to 31"},
        {"every 7 minutes", 6, "expected a part of an hour or of a day, such as 15 minutes or 6 hours"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        th_schedule s;
        size_t at = 99;
        const char *fault = th_schedule_read(&s, wrong[i].text, &at);
        if (!fault || strcmp(fault, wrong[i].fault) != 0 || at != wrong[i].at)
            fail_msg("%s: at %zu: %s", wrong[i].text, at, fault ? fault : "taken");
    }
}

/* Berlin: 2026-03-29 02:00 is followed by 03:00; 2026-10-25 03:00 by 02:00. */
static void a_time_passed_over_runs_once_after_it(void **state)
{
    (void)state;

    COMES("30 2 * * *", "Europe/Berlin", "2026-03-27 12:00", "2026-03-28 02:30 +0100", "2026-03-29 03:00 +0200", "2026-03-30 02:30 +0200");
    COMES("0,30 2,3 * * *", "Europe/Berlin", "2026-03-28 12:00", "2026-03-29 03:00 +0200", "2026-03-29 03:30 +0200", "2026-03-30 02:00 +0200");
    COMES("0 0 * * *", "America/Sao_Paulo", "2018-11-03 12:00", "2018-11-04 01:00 -0200", "2018-11-05 00:00 -0200"); /* midnight itself */
}

static void a_time_that_comes_twice_runs_the_first_time(void **state)
{
    (void)state;

    COMES("30 2 * * *", "Europe/Berlin", "2026-10-24 12:00", "2026-10-25 02:30 +0200", "2026-10-26 02:30 +0100");
    COMES("*/30 2 * * *", "Europe/Berlin", "2026-10-24 12:00", "2026-10-25 02:00 +0200", "2026-10-25 02:30 +0200", "2026-10-26 02:00 +0100");
}

static void every_hour_goes_by_time_that_passes(void **state)
{
    (void)state;

    COMES("0 * * * *", "Europe/Berlin", "2026-10-24 23:00", "2026-10-25 02:00 +0200", "2026-10-25 02:00 +0100", "2026-10-25 03:00 +0100");
    COMES("30 * * * *", "Europe/Berlin", "2026-03-29 00:00", "2026-03-29 01:30 +0100", "2026-03-29 03:30 +0200");
    COMES("*/20 * * * *", "Australia/Lord_Howe", "2026-04-04 14:30", "2026-04-05 01:40 +1100", "2026-04-05 01:40 +1030", "2026-04-05 02:00 +1030");
}

static void zones_have_their_own_days(void **state)
{
    (void)state;

    COMES("0 6 * * mon", "Asia/Shanghai", "2026-11-22 21:00", "2026-11-23 06:00 +0800", "2026-11-30 06:00 +0800");
    COMES("0 0 1 * *", "Pacific/Apia", "2011-12-29 12:00", "2012-01-01 00:00 +1400");
    COMES("0 12 30 12 *", "Pacific/Apia", "2011-12-29 12:00", "2011-12-31 00:00 +1400"); /* a day that never was */
    assert_true(th_zone_exists("Asia/Shanghai"));
    assert_false(th_zone_exists("Asia/Nowhere"));
    assert_false(th_zone_exists("../../etc/passwd"));
    assert_false(th_zone_exists(""));
}

static void the_zone_of_the_process_is_put_back(void **state)
{
    th_civil c;
    (void)state;

    setenv("TZ", "America/New_York", 1);
    th_zone_civil("Asia/Shanghai", 0, &c);
    assert_int_equal(c.hour, 8);
    th_zone_civil(NULL, 0, &c);

    assert_int_equal(c.hour, 19);
    assert_string_equal(getenv("TZ"), "America/New_York");
    unsetenv("TZ");
}

static void a_schedule_for_systemd(void **state)
{
    static const char *const same[][2] = {
        {"30 6 * * *", "*-*-* 06:30:00 Asia/Shanghai\n"},
        {"*/20 * * * mon-fri", "Mon,Tue,Wed,Thu,Fri *-*-* *:00,20,40:00 Asia/Shanghai\n"},
        {"0 6-8 1 1,7 *", "*-01,07-01 06..08:00:00 Asia/Shanghai\n"},
        {"0 6 1,15 * 5", "*-*-01,15 06:00:00 Asia/Shanghai\nFri *-*-* 06:00:00 Asia/Shanghai\n"},
        {"0 6 */10 * 0", "Sun *-*-01,11,21,31 06:00:00 Asia/Shanghai\n"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        th_schedule s = read_well(same[i][0]);
        th_str out = {0};
        th_schedule_calendar(&s, "Asia/Shanghai", &out);
        assert_string_equal(th_str_text(&out), same[i][1]);
        th_str_free(&out);
    }
}

static void a_schedule_for_cron_has_no_names(void **state)
{
    (void)state;

    assert_string_equal(read_well("0 6 * jan-mar,dec sun,mon-wed").cron, "0 6 * 1-3,12 0-3");
    assert_string_equal(read_well("*/5 */2 */3 * fri-sun").cron, "*/5 */2 */3 * 0,5,6");
    assert_string_equal(read_well("0-59/10 1,2 * * *").cron, "0,10,20,30,40,50 1,2 * * *");
}

/* Every minute of three days over each change of clocks is looked at: what goes by time that passes runs in just those that fit. */
static void next_times_are_those_that_a_clock_shows(void **state)
{
    static const char *const zones[] = {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "Africa/Casablanca"};
    static const char *const days[] = {"2026-03-07 00:00", "2026-03-28 00:00", "2026-10-24 00:00", "2026-10-31 00:00", "2026-04-04 00:00"};
    static const char *const texts[] = {"*/7 * * * *", "5,35 */3 * * *", "0 * 25-31 3,10 *", "13 * * * sun"};
    (void)state;

    for (size_t i = 0; i < sizeof zones / sizeof *zones * 5 * 4; i++) {
        const char *zone = NULL; /* the process's own: it is read once */
        setenv("TZ", zones[i / 20], 1);
        tzset();
        th_schedule s = read_well(texts[i % 4]);
        int64_t start = at_utc(days[i / 4 % 5]), next = th_schedule_next(&s, zone, start - 1);
        for (int64_t t = start; t < start + 3 * 86400; t += 60) {
            th_civil c;
            th_zone_civil(zone, t, &c);
            bool fits = s.minutes >> c.minute & 1 && s.hours >> c.hour & 1 && s.days >> c.day & 1 && s.months >> c.month & 1 &&
                        s.weekdays >> c.weekday & 1;
            if (fits != (t == next))
                fail_msg("%s in %s at %lld", texts[i % 4], zones[i / 20], (long long)t);
            if (fits)
                next = th_schedule_next(&s, zone, t);
        }
    }
    unsetenv("TZ");
    tzset();
}

static uint32_t dice(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void any_text_is_read_or_refused_at_a_place_in_it(void **state)
{
    static const char *const pieces[] = {"*", "/", "-", ",", " ", "0", "5", "59", "60", "mon", "jan", "7", "daily", "every", "weekly", "@", ":", "06:00", "\t", "minutes", "x", "\xe5"};
    uint32_t seed = 7, taken = 0;
    (void)state;

    for (int i = 0; i < 20000; i++) {
        char text[128] = "";
        th_schedule s;
        size_t at = 0;
        for (uint32_t n = dice(&seed) % 12; n; n--)
            strcat(text, pieces[dice(&seed) % (sizeof pieces / sizeof *pieces)]);
        if (i % 4 == 0) /* most of what is thrown together is wrong: some that is nearly right */
            snprintf(text, sizeof text, "%u %u-%u */%u %u *", dice(&seed) % 61, dice(&seed) % 24, dice(&seed) % 24, dice(&seed) % 32, dice(&seed) % 13);
        const char *fault = th_schedule_read(&s, text, &at);
        assert_true(at <= strlen(text));
        if (fault)
            continue;
        taken++;
        th_schedule again;
        assert_null(th_schedule_read(&again, s.cron, &at)); /* what cron gets is the same */
        assert_true(again.minutes == s.minutes && again.hours == s.hours && again.days == s.days && again.months == s.months && again.weekdays == s.weekdays);
        assert_true(th_schedule_next(&s, NULL, 1795600000) > 1795600000);
    }
    assert_true(taken > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_lists_ranges_steps_and_names),
        cmocka_unit_test(either_day_fits_when_both_are_restricted),
        cmocka_unit_test(words_are_fields),
        cmocka_unit_test(faults_are_placed),
        cmocka_unit_test(a_time_passed_over_runs_once_after_it),
        cmocka_unit_test(a_time_that_comes_twice_runs_the_first_time),
        cmocka_unit_test(every_hour_goes_by_time_that_passes),
        cmocka_unit_test(zones_have_their_own_days),
        cmocka_unit_test(the_zone_of_the_process_is_put_back),
        cmocka_unit_test(next_times_are_those_that_a_clock_shows),
        cmocka_unit_test(any_text_is_read_or_refused_at_a_place_in_it),
        cmocka_unit_test(a_schedule_for_systemd),
        cmocka_unit_test(a_schedule_for_cron_has_no_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
