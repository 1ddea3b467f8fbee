/* Days of the calendar and date expressions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "text/date.h"

/* "2023-05-01..2023-05-31 14": what the text means and how long it is; "" when nothing. */
static const char *read(const char *text, const char *base)
{
    static char out[64];
    th_day day;
    th_days days;

    if (base)
        assert_true(th_day_read(base, strlen(base), &day));
    size_t used = th_days_read(text, strlen(text), base ? &day : NULL, &days);
    if (used == 0)
        return "";
    snprintf(out, sizeof out, "%04d-%02d-%02d..%04d-%02d-%02d %zu", days.from.year, days.from.month, days.from.day, days.to.year, days.to.month,
             days.to.day, used);
    return out;
}

typedef struct reading {
    const char *text, *base, *means;
} reading;

static void expressions_mean_closed_intervals(void **state)
{
    static const reading cases[] = {
        {"2023年", NULL, "2023-01-01..2023-12-31 7"},
        {"2023年度，", NULL, "2023-01-01..2023-12-31 10"},
        {"2023年全年", NULL, "2023-01-01..2023-12-31 13"},
        {"二〇二三年五月", NULL, "2023-05-01..2023-05-31 21"},
        {"2024年2月29日", NULL, "2024-02-29..2024-02-29 16"},
        {"2023年2月30日", NULL, "2023-02-01..2023-02-28 11"},
        {"2023/5/1", NULL, "2023-05-01..2023-05-01 8"},
        {"2023.5", NULL, "2023-05-01..2023-05-31 6"},
        {"2021年至2023年", NULL, "2021-01-01..2023-12-31 17"},
        {"2021-2023年", NULL, "2021-01-01..2023-12-31 12"},
        {"2021年3月到5月", NULL, "2021-03-01..2021-05-31 18"},
        {"2022年前三季度", NULL, "2022-01-01..2022-09-30 19"},
        {"2022年底", NULL, "2022-12-01..2022-12-31 10"},
        {"今年以来", "2024-05-20", "2024-01-01..2024-12-31 6"},
        {"上半年", "2024-05-20", "2024-01-01..2024-06-30 9"},
        {"明天", "2024-02-28", "2024-02-29..2024-02-29 6"},
        {"上月", "2024-01-31", "2023-12-01..2023-12-31 6"},
        {"目前", "2024-05-20", "2024-05-20..2024-05-20 6"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (strcmp(read(cases[i].text, cases[i].base), cases[i].means) != 0)
            fail_msg("%s: \"%s\" instead of \"%s\"", cases[i].text, read(cases[i].text, cases[i].base), cases[i].means);
}

static void what_is_no_date_or_hangs_on_an_unknown_day_is_none(void **state)
{
    static const char *const none[] = {"", "年", "人才", "13月5日", "2023", "2023-13", "2023-02-30", "去年", "3月", "目前", "0年", "\xff\xfe", "2023年至"};
    (void)state;

    for (size_t i = 0; i < 12; i++)
        assert_string_equal(read(none[i], NULL), "");
    assert_string_equal(read(none[12], NULL), "2023-01-01..2023-12-31 7");
    assert_string_equal(read("2023年至2021年", NULL), "2023-01-01..2023-12-31 7");
}

static void months_and_days_are_carried(void **state)
{
    th_day day;
    (void)state;

    assert_true(th_day_make(2024, 3, 0, &day));
    assert_int_equal(day.day, 29);
    assert_true(th_day_make(2022, 0, 1, &day));
    assert_int_equal(day.year * 100 + day.month, 202112);
    assert_true(th_day_make(2022, -11, 1, &day));
    assert_int_equal(day.year * 100 + day.month, 202101);
    assert_false(th_day_make(9999, 13, 1, &day));
    assert_false(th_day_make(1, 1, 0, &day));
    assert_false(th_day_make(INT64_MAX, INT64_MAX, INT64_MIN, &day));
}

static void only_real_days_are_read(void **state)
{
    th_day day;
    (void)state;

    assert_true(th_day_read("2024-02-29", 10, &day));
    assert_false(th_day_read("2023-02-29", 10, &day));
    assert_false(th_day_read("2023-2-29", 9, &day));
    assert_false(th_day_read("2023x02-28", 10, &day));
    assert_false(th_day_read("0000-01-01", 10, &day));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_mean_closed_intervals),
        cmocka_unit_test(what_is_no_date_or_hangs_on_an_unknown_day_is_none),
        cmocka_unit_test(months_and_days_are_carried),
        cmocka_unit_test(only_real_days_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
