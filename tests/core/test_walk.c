/* test_walk.c - the files behind paths: order, hidden files, links, what can not be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/walk.h"

static char folder[64];
static th_arena *arena;

static int begin(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/talenthost-walk-XXXXXX");
    arena = th_arena_new();
    return mkdtemp(folder) && arena && chdir(folder) == 0 ? 0 : -1;
}

static int end(void **state)
{
    char command[128];
    (void)state;

    th_arena_free(arena);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return chdir("/") == 0 ? system(command) : -1;
}

static void touch(const char *path)
{
    int fd = open(path, O_CREAT | O_WRONLY, 0644);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
}

static th_found_list walk(const char *path)
{
    th_found_list found = {0};
    th_error err = {0};

    assert_int_equal(th_walk(&found, arena, &path, 1, &err), TH_OK);
    return found;
}

static void the_stores_files_are_left_out(void **state)
{
    (void)state;

    touch("a.txt");
    touch("t.db");
    touch("t.db-lock");
    touch("t.db-wal.txt");
    th_found_list found = walk(".");
    assert_int_equal(found.count, 4);
    th_walk_leave_store(&found, "./t.db");
    assert_int_equal(found.count, 2);
    assert_string_equal(found.items[0].path, "a.txt");
    assert_string_equal(found.items[1].path, "t.db-wal.txt");
}

static void bytes_that_are_no_utf8_are_spelt(void **state)
{
    char name[64];
    (void)state;

    touch("\xc3\xfb.txt");
    th_found_list found = walk(".");
    assert_int_equal(found.count, 1);
    assert_string_equal(found.items[0].path, "\\xc3\\xfb.txt");
    assert_string_equal(found.items[0].name, "\xc3\xfb.txt");
    th_path_tidy(name, sizeof name, "./\xc3\xfb.txt");
    assert_string_equal(name, "\\xc3\\xfb.txt");
    th_path_name(name, sizeof name, "\\xc3\\xfb.txt");
    assert_string_equal(name, "\xc3\xfb.txt");
    touch("\\xc3.txt"); /* a file that is named so */
    th_path_name(name, sizeof name, "\\xc3.txt");
    assert_string_equal(name, "\\xc3.txt");
}

static void files_come_in_name_order_without_hidden_ones(void **state)
{
    (void)state;
    mkdir("b", 0755);
    touch("b/2.txt");
    touch("b/1.txt");
    touch("a.txt");
    touch(".hidden");
    mkdir(".git", 0755);
    touch(".git/config");

    th_found_list found = walk(".");

    assert_int_equal(found.count, 3);
    assert_string_equal(found.items[0].path, "a.txt");
    assert_string_equal(found.items[1].path, "b/1.txt");
    assert_string_equal(found.items[2].path, "b/2.txt");
    assert_int_equal(found.items[0].stamp.size, 1);
    assert_true(found.items[0].stamp.read_ns >= found.items[0].stamp.mtime_ns);
}

static void one_file_has_one_spelling(void **state)
{
    (void)state;
    mkdir("b", 0755);
    touch("b/1.txt");

    assert_string_equal(walk("./b//1.txt").items[0].path, "b/1.txt");
    assert_string_equal(walk("b/").items[0].path, "b/1.txt");
}

static void a_missing_path_is_an_entry_that_says_so(void **state)
{
    (void)state;

    th_found_list found = walk("gone.txt");

    assert_int_equal(found.count, 1);
    assert_int_equal(found.items[0].status, TH_ERR_MISSING);
    assert_string_equal(found.items[0].message, "gone.txt: no such file");
}

static void a_loop_of_links_ends(void **state)
{
    (void)state;
    mkdir("b", 0755);
    touch("b/1.txt");
    assert_int_equal(symlink("..", "b/up"), 0);

    th_found_list found = walk("b");

    assert_int_equal(found.count, 2); /* 1.txt, and the folder met again behind the link */
    size_t loops = 0;
    for (size_t i = 0; i < found.count; i++)
        loops += found.items[i].status == TH_ERR_UNREADABLE;
    assert_true(loops >= 1);
}

static void what_is_no_file_is_named(void **state)
{
    (void)state;
    assert_int_equal(mkfifo("pipe", 0644), 0);

    th_found_list found = walk("pipe");

    assert_int_equal(found.items[0].status, TH_ERR_FORMAT);
    assert_string_equal(found.items[0].message, "pipe: is no regular file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_stores_files_are_left_out, begin, end),
        cmocka_unit_test_setup_teardown(bytes_that_are_no_utf8_are_spelt, begin, end),
        cmocka_unit_test_setup_teardown(files_come_in_name_order_without_hidden_ones, begin, end),
        cmocka_unit_test_setup_teardown(one_file_has_one_spelling, begin, end),
        cmocka_unit_test_setup_teardown(a_missing_path_is_an_entry_that_says_so, begin, end),
        cmocka_unit_test_setup_teardown(a_loop_of_links_ends, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_named, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
