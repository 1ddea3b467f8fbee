/* test_wire.c - messages cross a socket whole, in order, with their descriptors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "run/wire.h"

static th_wire a, b;

static int begin(void **state)
{
    int pair[2];
    (void)state;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return -1;
    th_wire_init(&a, pair[0]);
    th_wire_init(&b, pair[1]);
    return 0;
}

static int end(void **state)
{
    (void)state;
    th_wire_close(&a);
    th_wire_close(&b);
    return 0;
}

static void messages_arrive_in_order(void **state)
{
    th_message m;
    (void)state;

    assert_true(th_wire_put(&a, TH_MSG_FILE, "one", 3, -1));
    assert_true(th_wire_put(&a, TH_MSG_DONE, "", 0, -1));
    assert_true(th_wire_flush(&a, false));
    assert_false(th_wire_pending(&a));

    assert_int_equal(th_wire_get(&b, &m, false), 1);
    assert_int_equal(m.type, TH_MSG_FILE);
    assert_memory_equal(m.bytes, "one", 3);
    assert_int_equal(th_wire_get(&b, &m, false), 1);
    assert_int_equal(m.type, TH_MSG_DONE);
    assert_int_equal(m.len, 0);
    assert_int_equal(th_wire_get(&b, &m, false), 0);
}

static void a_large_message_passes_in_pieces_without_blocking(void **state)
{
    const size_t size = 5 << 20;
    char *bytes = malloc(size);
    th_message m;
    int got;
    (void)state;

    memset(bytes, 'x', size);
    assert_true(th_wire_put(&a, TH_MSG_RESULT, bytes, size, -1));
    do {
        assert_true(th_wire_flush(&a, false));
        got = th_wire_get(&b, &m, false);
    } while (got == 0);

    assert_int_equal(got, 1);
    assert_int_equal(m.len, size);
    assert_memory_equal(m.bytes, bytes, size);
    free(bytes);
}

static void a_descriptor_comes_with_its_message(void **state)
{
    char text[4] = "";
    int ends[2];
    th_message m;
    (void)state;

    assert_int_equal(pipe(ends), 0);
    assert_true(th_wire_put(&a, TH_MSG_ARTICLE, "without", 7, -1));
    assert_true(th_wire_put(&a, TH_MSG_FILE, "with", 4, ends[1]));
    assert_true(th_wire_put(&a, TH_MSG_ARTICLE, "after", 5, -1));
    assert_true(th_wire_flush(&a, true));

    assert_int_equal(th_wire_get(&b, &m, true), 1);
    assert_int_equal(m.fd, -1);
    assert_int_equal(th_wire_get(&b, &m, true), 1);
    assert_true(m.fd >= 0);
    assert_int_equal(write(m.fd, "hi", 2), 2);
    close(m.fd);
    assert_int_equal(read(ends[0], text, sizeof text), 2);
    assert_string_equal(text, "hi");
    assert_int_equal(th_wire_get(&b, &m, true), 1);
    assert_int_equal(m.fd, -1);
    close(ends[0]);
}

static void a_peer_that_is_gone_is_told(void **state)
{
    th_message m;
    (void)state;

    th_wire_close(&b);

    assert_int_equal(th_wire_get(&a, &m, true), -1);
    assert_true(th_wire_put(&a, TH_MSG_DONE, "x", 1, -1));
    assert_false(th_wire_flush(&a, true));
}

static void a_length_beyond_the_limit_is_a_broken_peer(void **state)
{
    uint32_t header[2] = {0xFFFFFFF0u, TH_MSG_DONE};
    th_message m;
    (void)state;

    assert_int_equal(write(a.fd, header, sizeof header), sizeof header);

    assert_int_equal(th_wire_get(&b, &m, false), -1);
}

static void a_message_that_promises_a_descriptor_and_has_none_is_broken(void **state)
{
    uint32_t header[2] = {0, TH_MSG_FILE | 0x100u};
    th_message m;
    (void)state;

    assert_int_equal(write(a.fd, header, sizeof header), sizeof header);

    assert_int_equal(th_wire_get(&b, &m, false), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(messages_arrive_in_order, begin, end),
        cmocka_unit_test_setup_teardown(a_large_message_passes_in_pieces_without_blocking, begin, end),
        cmocka_unit_test_setup_teardown(a_descriptor_comes_with_its_message, begin, end),
        cmocka_unit_test_setup_teardown(a_peer_that_is_gone_is_told, begin, end),
        cmocka_unit_test_setup_teardown(a_length_beyond_the_limit_is_a_broken_peer, begin, end),
        cmocka_unit_test_setup_teardown(a_message_that_promises_a_descriptor_and_has_none_is_broken, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
