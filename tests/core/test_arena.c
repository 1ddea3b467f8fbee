/* test_arena.c - memory that is freed all at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"

static int new_arena(void **state)
{
    *state = th_arena_new();
    return *state ? 0 : -1;
}

static int free_arena(void **state)
{
    th_arena_free(*state);
    return 0;
}

static void gives_aligned_memory_that_does_not_overlap(void **state)
{
    unsigned char *items[500];

    for (size_t i = 0; i < 500; i++) {
        items[i] = th_arena_alloc(*state, i * 7 + 1);
        assert_non_null(items[i]);
        assert_int_equal((uintptr_t)items[i] % _Alignof(max_align_t), 0);
        memset(items[i], (int)(i & 0xFF), i * 7 + 1);
    }

    for (size_t i = 0; i < 500; i++)
        for (size_t b = 0; b < i * 7 + 1; b++)
            assert_int_equal(items[i][b], i & 0xFF);
}

static void gives_blocks_larger_than_its_own(void **state)
{
    char *big = th_arena_alloc(*state, 5 << 20);
    char *small = th_arena_alloc(*state, 10);

    assert_non_null(big);
    memset(big, 1, 5 << 20);
    memset(small, 2, 10);
    assert_int_equal(big[(5 << 20) - 1], 1);
}

static void zeroes_items_even_in_reused_memory(void **state)
{
    memset(th_arena_alloc(*state, 4096), 0xFF, 4096);
    th_arena_reset(*state);

    int *items = th_arena_zalloc(*state, 100, sizeof *items);

    for (int i = 0; i < 100; i++)
        assert_int_equal(items[i], 0);
}

static void counts_overflow_as_out_of_memory(void **state)
{
    assert_null(th_arena_zalloc(*state, SIZE_MAX / 4, 8));
    assert_null(th_arena_alloc(*state, SIZE_MAX));
    assert_non_null(th_arena_alloc(*state, 1)); /* and goes on working */
}

static void copies_text_and_closes_it_with_a_nul(void **state)
{
    char *copy = th_arena_copy(*state, "人才公寓", 6);

    assert_string_equal(copy, "人才");
    assert_string_equal(th_arena_copy(*state, NULL, 0), "");
}

static void grows_an_array_and_keeps_its_items(void **state)
{
    size_t count = 0, cap = 0;
    int *items = NULL;

    for (int i = 0; i < 1000; i++) {
        items = th_arena_grow(*state, items, count, &cap, sizeof *items);
        assert_non_null(items);
        items[count++] = i;
    }

    assert_true(cap >= 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
}

static void grows_arrays_of_megabytes_beside_each_other(void **state)
{
    size_t count = 0, cap = 0, other_cap = 0;
    long *items = NULL, *others = NULL;

    for (long i = 0; i < 1000000; i++) {
        items = th_arena_grow(*state, items, count, &cap, sizeof *items);
        others = th_arena_grow(*state, others, count, &other_cap, sizeof *others);
        char *small = th_arena_copy(*state, "x", 1);
        assert_true(items && others && small);
        items[count] = i;
        others[count++] = -i;
    }

    for (long i = 0; i < 1000000; i++)
        assert_true(items[i] == i && others[i] == -i);
    th_arena_reset(*state);
    assert_non_null(th_arena_alloc(*state, 100));
}

static void leaves_an_array_that_can_not_grow_as_it_was(void **state)
{
    size_t cap = SIZE_MAX / 8;
    int item;

    assert_null(th_arena_grow(*state, &item, cap, &cap, 16));
    assert_int_equal(cap, SIZE_MAX / 8);
}

static void can_be_reset_many_times_after_giant_items(void **state)
{
    for (int i = 0; i < 20; i++) {
        assert_non_null(th_arena_alloc(*state, 3 << 20));
        assert_non_null(th_arena_alloc(*state, 100));
        th_arena_reset(*state);
    }
    th_arena_reset(*state);
    assert_non_null(th_arena_alloc(*state, 100));
}

static void frees_nothing_when_given_nothing(void **state)
{
    (void)state;
    th_arena_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_arena, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(gives_aligned_memory_that_does_not_overlap), TEST(gives_blocks_larger_than_its_own),
        TEST(zeroes_items_even_in_reused_memory),         TEST(counts_overflow_as_out_of_memory),
        TEST(copies_text_and_closes_it_with_a_nul),       TEST(grows_an_array_and_keeps_its_items),
        TEST(grows_arrays_of_megabytes_beside_each_other),
        TEST(leaves_an_array_that_can_not_grow_as_it_was), TEST(can_be_reset_many_times_after_giant_items),
        cmocka_unit_test(frees_nothing_when_given_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
