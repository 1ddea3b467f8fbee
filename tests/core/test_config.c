/* test_config.c - config.yaml is read, checked, and its faults are placed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"

static char folder[64];
static th_arena *arena;
static th_config config;

static int begin(void **state)
{
    (void)state;
    setenv("TALENTHOST_HOME", TH_SOURCE_DIR, 1);
    strcpy(folder, "/tmp/talenthost-config-XXXXXX");
    arena = th_arena_new();
    return mkdtemp(folder) && arena && chdir(folder) == 0 ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    th_arena_free(arena);
    unlink("config.yaml");
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static th_status load(const char *text, th_error *err)
{
    FILE *fp = fopen("config.yaml", "w");

    assert_non_null(fp);
    fputs(text, fp);
    fclose(fp);
    return th_config_load(&config, arena, "config.yaml", err);
}

static void refuses(const char *text, const char *message)
{
    th_error err = {0};

    th_status status = load(text, &err);

    assert_true(status == TH_ERR_USAGE || status == TH_ERR_PARSE);
    assert_string_equal(err.text, message);
}

static void without_a_file_the_defaults_hold(void **state)
{
    th_error err = {0};
    (void)state;

    assert_int_equal(th_config_load(&config, arena, NULL, &err), TH_OK);

    assert_null(config.file);
    assert_string_equal(config.store, "talenthost.db");
    assert_string_equal(config.plugins.items[0], TH_SOURCE_DIR "/plugins");
    assert_int_equal(config.articles.count, 0);
    assert_true(config.limits.cpu_s == 2 && config.limits.wall_s == 5);
    assert_int_equal(config.limits.memory, 64000000);
}

static void a_file_that_was_named_must_be_there(void **state)
{
    th_error err = {0};
    (void)state;

    assert_int_equal(th_config_load(&config, arena, "gone.yaml", &err), TH_ERR_MISSING);
    assert_string_equal(err.text, "gone.yaml: no such file");
}

static void every_key_is_read(void **state)
{
    th_error err = {0};
    (void)state;

    th_status status = load("articles: [a, /b]\nplugins: [p]\nscripts: [s]\nstore: x.db\noutput: o\nlang: zh\n"
                            "codebook: c.yaml\nlimits: {cpu: 500ms, wall: 2min, memory: 1GB, records: 7, output: 8kB}\n"
                            "require_sandbox: true\njobs: 3\nkeep: 30d\ncolumns: {title: 标题}\n",
                            &err);

    assert_string_equal(err.text, "");
    assert_int_equal(status, TH_OK);
    assert_int_equal(config.articles.count, 2);
    assert_string_equal(config.articles.items[1], "/b");
    assert_string_equal(config.lang, "zh");
    assert_true(config.limits.cpu_s == 0.5 && config.limits.wall_s == 120);
    assert_int_equal(config.limits.memory, 1000000000);
    assert_int_equal(config.limits.records, 7);
    assert_int_equal(config.jobs, 3);
    assert_true(config.require_sandbox);
    assert_true(config.keep_s == 30 * 86400.0);
    assert_int_equal(config.column_count, 1);
    assert_string_equal(config.columns[0].field, "title");
    assert_string_equal(config.columns[0].name, "标题");
}

static void an_empty_file_changes_nothing(void **state)
{
    th_error err = {0};
    (void)state;

    assert_int_equal(load("# nothing yet\n", &err), TH_OK);
    assert_string_equal(config.output, "out");
}

static void wrong_types_are_placed(void **state)
{
    (void)state;
    refuses("jobs: many\n", "config.yaml:1:7: jobs: expected a whole number above 0, got \"many\"");
    refuses("jobs: 0\n", "config.yaml:1:7: jobs: expected a whole number above 0, got \"0\"");
    refuses("articles: samples\n", "config.yaml:1:11: articles: expected a list of paths such as [folder], got \"samples\"");
    refuses("articles: [[x]]\n", "config.yaml:1:12: articles: expected a path, got a list");
    refuses("store: x\nlang: fr\n", "config.yaml:2:7: lang: expected zh or en, got \"fr\"");
    refuses("limits: {memory: lots}\n", "config.yaml:1:18: limits.memory: expected a size such as 64MB, got \"lots\"");
    refuses("limits: 3\n", "config.yaml:1:9: limits: expected a map such as {cpu: 2s, wall: 5s, memory: 64MB}, got \"3\"");
    refuses("require_sandbox: maybe\n", "config.yaml:1:18: require_sandbox: expected true or false, got \"maybe\"");
    refuses("- a\n- b\n", "config.yaml:1:1: configuration: expected a map of keys, got a list");
}

static void unknown_keys_name_the_nearest(void **state)
{
    (void)state;
    refuses("plugin: [x]\n", "config.yaml:1:1: unknown key \"plugin\"; did you mean \"plugins\"?");
    refuses("limits: {cup: 2s}\n", "config.yaml:1:10: unknown key \"cup\" in limits; did you mean \"cpu\"?");
    refuses("columns: {txt: 正文}\n", "config.yaml:1:11: unknown key \"txt\" in columns; did you mean \"text\"?");
    refuses("columns: {text: [a]}\n", "config.yaml:1:17: columns: expected the name of a column, got a list");
    refuses("zebra: 1\n", "config.yaml:1:1: unknown key \"zebra\"");
}

static void the_nearest_word_is_near(void **state)
{
    static const char *const names[] = {"region", "metric", "policy"};
    (void)state;

    assert_string_equal(th_nearest("metrik", names, 3), "metric");
    assert_null(th_nearest("zzzzzz", names, 3));
    assert_null(th_nearest("x", names, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_file_the_defaults_hold), cmocka_unit_test(a_file_that_was_named_must_be_there),
        cmocka_unit_test(every_key_is_read),                cmocka_unit_test(an_empty_file_changes_nothing),
        cmocka_unit_test(wrong_types_are_placed),           cmocka_unit_test(unknown_keys_name_the_nearest),
        cmocka_unit_test(the_nearest_word_is_near),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
