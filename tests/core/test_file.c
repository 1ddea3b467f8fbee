/* test_file.c - whole files into memory, and paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"

struct fixture {
    char dir[64], path[96];
};

static int make_folder(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    strcpy(f->dir, "th_file_XXXXXX");
    if (!mkdtemp(f->dir))
        return -1;
    snprintf(f->path, sizeof f->path, "%s/file", f->dir);
    *state = f;
    return 0;
}

static int remove_folder(void **state)
{
    struct fixture *f = *state;

    unlink(f->path);
    rmdir(f->dir);
    free(f);
    return 0;
}

static void write_file(const struct fixture *f, size_t size)
{
    FILE *fp = fopen(f->path, "wb");

    assert_non_null(fp);
    for (size_t i = 0; i < size; i++)
        fputc((int)(i % 251), fp);
    assert_int_equal(fclose(fp), 0);
}

static void reads_files_of_every_size_whole(void **state)
{
    static const size_t sizes[] = {0, 1, 63, 64, 4095, 4096, 65535, 65536, 65537, 300000};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        th_str s = {0};
        th_error err = {0};
        write_file(*state, sizes[i]);
        assert_int_equal(th_file_read(&s, ((struct fixture *)*state)->path, 0, &err), TH_OK);
        assert_int_equal(s.len, sizes[i]);
        for (size_t b = 0; b < s.len; b++)
            assert_int_equal((unsigned char)s.data[b], b % 251);
        assert_int_equal(s.data[s.len], '\0');
        th_str_free(&s);
    }
}

static void appends_to_what_is_there(void **state)
{
    th_str s = {0};

    write_file(*state, 3);
    th_str_puts(&s, "before");
    assert_int_equal(th_file_read(&s, ((struct fixture *)*state)->path, 3, NULL), TH_OK);

    assert_int_equal(s.len, 9);
    assert_memory_equal(s.data, "before\0\1\2", 9);
    th_str_free(&s);
}

static void refuses_more_than_the_limit(void **state)
{
    const struct fixture *f = *state;
    th_str s = {0};
    th_error err = {0};
    char want[160];

    write_file(f, 1001);
    assert_int_equal(th_file_read(&s, f->path, 1000, &err), TH_ERR_BOMB);

    snprintf(want, sizeof want, "%s: larger than 1000 bytes", f->path);
    assert_string_equal(err.text, want);
    assert_int_equal(s.data[s.len], '\0');
    th_str_free(&s);
}

static void names_a_file_that_is_not_there(void **state)
{
    th_str s = {0};
    th_error err = {0};
    (void)state;

    assert_int_equal(th_file_read(&s, "no/such/file.md", 0, &err), TH_ERR_MISSING);

    assert_string_equal(err.text, "no/such/file.md: no such file");
    th_str_free(&s);
}

static void does_not_read_a_folder(void **state)
{
    const struct fixture *f = *state;
    th_str s = {0};
    th_error err = {0};
    char want[160];

    assert_int_equal(th_file_read(&s, f->dir, 0, &err), TH_ERR_UNREADABLE);

    snprintf(want, sizeof want, "%s: can not be read: is a folder", f->dir);
    assert_string_equal(err.text, want);
    th_str_free(&s);
}

static void reads_a_pipe_to_its_end(void **state)
{
    th_str s = {0};
    int ends[2];
    (void)state;

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "from a pipe", 11), 11);
    close(ends[1]);
    assert_int_equal(th_file_read_fd(&s, ends[0], "-", 100, NULL), TH_OK);

    assert_string_equal(th_str_text(&s), "from a pipe");
    close(ends[0]);
    th_str_free(&s);
}

static void finds_the_folder_of_a_path(void **state)
{
    static const char *const cases[][2] = {{"a.md", "."}, {"b/a.md", "b"},   {"/a.md", "/"},
                                           {"b//a", "b"}, {"/x/y/z", "/x/y"}, {"b/", "b"}};
    th_str s = {0};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        th_path_dir(&s, cases[i][0]);
        assert_string_equal(th_str_text(&s), cases[i][1]);
    }
    th_str_free(&s);
}

static void joins_a_folder_and_a_name(void **state)
{
    static const char *const cases[][3] = {{"b", "a.md", "b/a.md"},     {"b/", "a.md", "b/a.md"}, {".", "a.md", "a.md"},
                                           {"b", "/abs/x", "/abs/x"},   {"b", "./a", "b/a"},      {".", "./a", "a"},
                                           {"/", "etc", "/etc"},        {"", "a", "a"}};
    th_str s = {0};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        th_path_join(&s, cases[i][0], cases[i][1]);
        assert_string_equal(th_str_text(&s), cases[i][2]);
    }
    th_str_free(&s);
}

static void finds_the_last_part_of_a_path(void **state)
{
    (void)state;
    assert_string_equal(th_path_base("a/b/文章.md"), "文章.md");
    assert_string_equal(th_path_base("x"), "x");
    assert_string_equal(th_path_base("a/"), "");
}

static void tells_what_lies_below_a_folder(void **state)
{
    (void)state;
    assert_true(th_path_is_below("a/b", "a"));
    assert_true(th_path_is_below("a", "."));
    assert_true(th_path_is_below("/a", "/"));
    assert_false(th_path_is_below("a", "a"));
    assert_false(th_path_is_below("ab/c", "a"));
    assert_false(th_path_is_below("../a", "."));
    assert_false(th_path_is_below("/a", "."));
}

static void tells_the_end_of_a_name(void **state)
{
    (void)state;
    assert_true(th_path_ends("a.lua", ".lua"));
    assert_false(th_path_ends(".lua", ".lua"));
    assert_false(th_path_ends("a.luac", ".lua"));
    assert_false(th_path_ends("", ".lua"));
}

static void makes_folders_and_replaces_files(void **state)
{
    const struct fixture *f = *state;
    char deep[160], file[192];
    th_str text = {0};
    th_error err = {0};

    snprintf(deep, sizeof deep, "%s/x/y", f->dir);
    snprintf(file, sizeof file, "%s/z", deep);
    assert_int_equal(th_folders_make(deep, 0777, &err), TH_OK);
    assert_int_equal(th_folders_make(deep, 0777, &err), TH_OK); /* there already */
    for (int i = 0; i < 2; i++) {
        th_str_puts(&text, "一");
        assert_int_equal(th_file_replace(file, &text, &err), TH_OK);
    }
    th_str_clear(&text);
    assert_int_equal(th_file_read(&text, file, 0, &err), TH_OK);
    assert_string_equal(th_str_text(&text), "一一");
    strcat(file, "/w"); /* below a file */
    assert_int_equal(th_folders_make(file, 0777, &err), TH_ERR_IO);
    assert_non_null(strstr(err.text, "can not be made"));
    assert_int_equal(th_file_replace(file, &text, &err), TH_ERR_IO);
    th_str_free(&text);
    snprintf(file, sizeof file, "%s/z", deep);
    unlink(file);
    rmdir(deep);
    snprintf(deep, sizeof deep, "%s/x", f->dir);
    rmdir(deep);
}

static void writes_moments_in_utc(void **state)
{
    char text[TH_UTC_TEXT];
    (void)state;

    th_utc_write(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00Z");
    th_utc_write(1706605920, text);
    assert_string_equal(text, "2024-01-30T09:12:00Z");
    th_utc_write(INT64_MAX, text);
    assert_string_equal(text, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_files_of_every_size_whole),
        TEST(appends_to_what_is_there),
        TEST(refuses_more_than_the_limit),
        cmocka_unit_test(names_a_file_that_is_not_there),
        TEST(does_not_read_a_folder),
        cmocka_unit_test(reads_a_pipe_to_its_end),
        cmocka_unit_test(finds_the_folder_of_a_path),
        cmocka_unit_test(joins_a_folder_and_a_name),
        cmocka_unit_test(finds_the_last_part_of_a_path),
        cmocka_unit_test(tells_what_lies_below_a_folder),
        cmocka_unit_test(tells_the_end_of_a_name),
        TEST(makes_folders_and_replaces_files),
        cmocka_unit_test(writes_moments_in_utc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
