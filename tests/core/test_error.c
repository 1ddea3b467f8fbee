/* test_error.c - the one message that says what went wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "text/unicode.h"

static void keeps_status_and_message(void **state)
{
    th_error err = {0};
    (void)state;

    th_status status = th_error_set(&err, TH_ERR_PARSE, "%s:%d: %s", "a.yaml", 3, "no colon");

    assert_int_equal(status, TH_ERR_PARSE);
    assert_int_equal(err.status, TH_ERR_PARSE);
    assert_string_equal(err.text, "a.yaml:3: no colon");
}

static void keeps_the_first_failure_and_returns_the_new_status(void **state)
{
    th_error err = {0};
    (void)state;

    th_error_set(&err, TH_ERR_MISSING, "first");
    th_status status = th_error_set(&err, TH_ERR_IO, "second");

    assert_int_equal(status, TH_ERR_IO);
    assert_int_equal(err.status, TH_ERR_MISSING);
    assert_string_equal(err.text, "first");
}

static void does_without_a_place_for_the_message(void **state)
{
    (void)state;
    assert_int_equal(th_error_set(NULL, TH_ERR_NOMEM, "nobody reads this"), TH_ERR_NOMEM);
}

static void can_be_cleared_and_used_again(void **state)
{
    th_error err = {0};
    (void)state;

    th_error_set(&err, TH_ERR_IO, "old");
    th_error_clear(&err);
    assert_int_equal(err.status, TH_OK);
    assert_string_equal(err.text, "");

    th_error_set(&err, TH_ERR_BUSY, "new");
    assert_string_equal(err.text, "new");
}

static void cuts_a_long_message_between_characters(void **state)
{
    char text[3000];
    (void)state;

    for (size_t shift = 0; shift < 4; shift++)
        for (size_t size = 2; size <= 4; size++) {
            const char *c = size == 2 ? "é" : size == 3 ? "才" : "𠮷";
            th_error err = {0};
            memset(text, 'x', shift);
            for (size_t i = shift; i + size < sizeof text; i += size)
                memcpy(text + i, c, size + 1);
            th_error_set(&err, TH_ERR_PARSE, "%s", text);
            assert_in_range(strlen(err.text), sizeof err.text - 5, sizeof err.text - 1);
            assert_true(th_utf8_valid(err.text, strlen(err.text), NULL));
        }
}

static void names_every_status(void **state)
{
    (void)state;
    for (int s = TH_OK; s <= TH_ERR_BUSY; s++) {
        assert_non_null(th_status_name((th_status)s));
        assert_string_not_equal(th_status_name((th_status)s), "unknown");
    }
    assert_string_equal(th_status_name(TH_ERR_LIMIT_CPU), "limit-cpu");
    assert_string_equal(th_status_name(TH_ERR_PARSE), "parse");
    assert_string_equal(th_status_name((th_status)1000), "unknown");
    assert_string_equal(th_status_name((th_status)-1), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_status_and_message),
        cmocka_unit_test(keeps_the_first_failure_and_returns_the_new_status),
        cmocka_unit_test(does_without_a_place_for_the_message),
        cmocka_unit_test(can_be_cleared_and_used_again),
        cmocka_unit_test(cuts_a_long_message_between_characters),
        cmocka_unit_test(names_every_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
