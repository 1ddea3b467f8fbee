/* test_pack.c - values to bytes and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/pack.h"

static th_unpack reader(const th_str *s)
{
    return (th_unpack){s->data, s->data + s->len, false};
}

static void gives_back_what_was_packed(void **state)
{
    th_str s = {0};
    size_t len;
    (void)state;

    th_pack_u32(&s, 4000000000u);
    th_pack_u64(&s, UINT64_MAX);
    th_pack_f64(&s, -0.125);
    th_pack_text(&s, "a\0b", 3);
    th_pack_cstr(&s, "引进");
    th_pack_cstr(&s, NULL);
    th_pack_cstr(&s, "");
    th_unpack in = reader(&s);

    assert_int_equal(th_unpack_u32(&in), 4000000000u);
    assert_true(th_unpack_u64(&in) == UINT64_MAX);
    assert_true(th_unpack_f64(&in) == -0.125);
    assert_memory_equal(th_unpack_text(&in, &len), "a\0b", 4);
    assert_int_equal(len, 3);
    assert_string_equal(th_unpack_cstr(&in), "引进");
    assert_null(th_unpack_cstr(&in));
    assert_string_equal(th_unpack_cstr(&in), "");
    assert_false(in.failed);
    assert_ptr_equal(in.at, in.end);
    th_str_free(&s);
}

static void fails_past_the_end_and_stays_failed(void **state)
{
    th_str s = {0};
    size_t len = 9;
    (void)state;

    th_pack_u32(&s, 7);
    th_unpack in = reader(&s);

    assert_int_equal(th_unpack_u64(&in), 0);
    assert_true(in.failed);
    assert_int_equal(th_unpack_u32(&in), 0);
    assert_true(th_unpack_f64(&in) == 0.0);
    assert_string_equal(th_unpack_text(&in, &len), "");
    assert_int_equal(len, 0);
    assert_null(th_unpack_cstr(&in));
    th_str_free(&s);
}

static void refuses_every_message_cut_short(void **state)
{
    th_str s = {0};
    (void)state;

    th_pack_cstr(&s, "some text");
    for (size_t cut = 0; cut < s.len; cut++) {
        th_unpack in = {s.data, s.data + cut, false};
        assert_null(th_unpack_cstr(&in));
        assert_true(in.failed);
    }
    th_str_free(&s);
}

static void refuses_a_text_that_is_not_closed(void **state)
{
    th_str s = {0};
    size_t len;
    (void)state;

    th_pack_text(&s, "abc", 3);
    s.data[s.len - 1] = 'x';
    th_unpack in = reader(&s);

    assert_string_equal(th_unpack_text(&in, &len), "");
    assert_true(in.failed);
    th_str_free(&s);
}

static void refuses_a_nul_inside_a_c_string(void **state)
{
    th_str s = {0};
    (void)state;

    th_pack_text(&s, "a\0b", 3);
    th_unpack in = reader(&s);

    assert_null(th_unpack_cstr(&in));
    assert_true(in.failed);
    th_str_free(&s);
}

static void refuses_lengths_beyond_the_message(void **state)
{
    static const uint32_t lengths[] = {5, 1000, UINT32_MAX - 1, UINT32_MAX};
    size_t len;
    (void)state;

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        th_str s = {0};
        th_pack_u32(&s, lengths[i]);
        th_str_add(&s, "abcd", 5);
        th_unpack in = reader(&s);
        assert_string_equal(th_unpack_text(&in, &len), "");
        assert_true(in.failed);
        th_str_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_what_was_packed),
        cmocka_unit_test(fails_past_the_end_and_stays_failed),
        cmocka_unit_test(refuses_every_message_cut_short),
        cmocka_unit_test(refuses_a_text_that_is_not_closed),
        cmocka_unit_test(refuses_a_nul_inside_a_c_string),
        cmocka_unit_test(refuses_lengths_beyond_the_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
