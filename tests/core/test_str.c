/* test_str.c - a byte buffer that grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>
#include <cmocka.h>

#include "base/str.h"

static void is_an_empty_text_from_the_start(void **state)
{
    th_str s = {0};
    (void)state;

    assert_string_equal(th_str_text(&s), "");
    assert_true(th_str_ok(&s));
    th_str_free(&s);
    th_str_free(NULL);
}

static void adds_bytes_texts_characters_and_formats(void **state)
{
    th_str s = {0};
    (void)state;

    th_str_add(&s, "人才x", 6);
    th_str_puts(&s, "+");
    th_str_putc(&s, 'c');
    th_str_addf(&s, "=%d%s", 42, "套");

    assert_string_equal(th_str_text(&s), "人才+c=42套");
    assert_int_equal(s.len, strlen(s.data));
    th_str_free(&s);
}

static void is_a_text_as_soon_as_there_is_room(void **state)
{
    th_str s = {0};
    (void)state;

    assert_true(th_str_reserve(&s, 100));

    assert_string_equal(th_str_text(&s), "");
    th_str_free(&s);
}

static void keeps_nul_bytes(void **state)
{
    th_str s = {0};
    (void)state;

    th_str_add(&s, "a\0b", 3);

    assert_int_equal(s.len, 3);
    assert_memory_equal(s.data, "a\0b", 4);
    th_str_free(&s);
}

static void grows_through_every_size_byte_by_byte(void **state)
{
    th_str s = {0};
    (void)state;

    for (int i = 0; i < 5000; i++) {
        th_str_putc(&s, (char)('a' + i % 26));
        assert_int_equal(s.data[s.len], '\0');
        assert_true(s.len < s.cap);
    }

    for (int i = 0; i < 5000; i++)
        assert_int_equal(s.data[i], 'a' + i % 26);
    th_str_free(&s);
}

static void formats_more_than_fits_at_once(void **state)
{
    th_str s = {0};
    (void)state;

    th_str_addf(&s, "%*d", 1000, 7);

    assert_int_equal(s.len, 1000);
    assert_int_equal(s.data[999], '7');
    th_str_free(&s);
}

static void remembers_an_addition_that_was_lost(void **state)
{
    th_str s = {0};
    (void)state;

    th_str_puts(&s, "kept");
    assert_false(th_str_reserve(&s, SIZE_MAX / 2));
    th_str_puts(&s, " lost");

    assert_false(th_str_ok(&s));
    assert_string_equal(th_str_text(&s), "kept");
    th_str_clear(&s);
    th_str_puts(&s, "anew");
    assert_true(th_str_ok(&s));
    assert_string_equal(th_str_text(&s), "anew");
    th_str_free(&s);
}

static void remembers_a_format_that_could_not_be_written(void **state)
{
    static const wchar_t no_character[] = {(wchar_t)0x7FFFFFFF, 0};
    th_str s = {0};
    (void)state;

    th_str_addf(&s, "%ls", no_character);

    assert_false(th_str_ok(&s));
    th_str_free(&s);
}

static void clears_the_text_and_keeps_the_memory(void **state)
{
    th_str s = {0};
    (void)state;

    th_str_puts(&s, "something");
    size_t cap = s.cap;
    th_str_clear(&s);

    assert_int_equal(s.len, 0);
    assert_int_equal(s.cap, cap);
    assert_string_equal(th_str_text(&s), "");
    th_str_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_an_empty_text_from_the_start),
        cmocka_unit_test(adds_bytes_texts_characters_and_formats),
        cmocka_unit_test(is_a_text_as_soon_as_there_is_room),
        cmocka_unit_test(keeps_nul_bytes),
        cmocka_unit_test(grows_through_every_size_byte_by_byte),
        cmocka_unit_test(formats_more_than_fits_at_once),
        cmocka_unit_test(remembers_an_addition_that_was_lost),
        cmocka_unit_test(remembers_a_format_that_could_not_be_written),
        cmocka_unit_test(clears_the_text_and_keeps_the_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
