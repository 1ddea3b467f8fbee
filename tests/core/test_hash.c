/* test_hash.c - content hashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/hash.h"

static void writes_the_published_hash_of_nothing(void **state)
{
    char text[TH_HASH_TEXT];
    (void)state;

    th_hash_text(text, "", 0);

    assert_string_equal(text, "99aa06d3014798d86001c324468d497f"); /* XXH3_128bits, seed 0 */
}

static void is_32_lower_case_digits_and_depends_on_every_byte(void **state)
{
    char one[TH_HASH_TEXT], other[TH_HASH_TEXT];
    (void)state;

    th_hash_text(one, "人才政策", 12);
    th_hash_text(other, "人才政等", 12);

    assert_int_equal(strlen(one), 32);
    assert_int_equal(strspn(one, "0123456789abcdef"), 32);
    assert_string_not_equal(one, other);
    assert_true(th_hash_64("a", 1) != th_hash_64("b", 1));
}

static void hash_parts(char out[TH_HASH_TEXT], const char *a, const char *b)
{
    th_hasher h;

    assert_true(th_hasher_begin(&h));
    th_hasher_add(&h, a, strlen(a));
    th_hasher_add(&h, b, strlen(b));
    th_hasher_end(&h, out);
}

static void tells_parts_apart(void **state)
{
    char one[TH_HASH_TEXT], other[TH_HASH_TEXT], again[TH_HASH_TEXT], empty[TH_HASH_TEXT];
    (void)state;

    hash_parts(one, "ab", "c");
    hash_parts(other, "a", "bc");
    hash_parts(again, "ab", "c");
    hash_parts(empty, "abc", "");

    assert_string_not_equal(one, other);
    assert_string_not_equal(one, empty);
    assert_string_equal(one, again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_published_hash_of_nothing),
        cmocka_unit_test(is_32_lower_case_digits_and_depends_on_every_byte),
        cmocka_unit_test(tells_parts_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
