/* test_script.c - scripts: their needs and arguments, what they ask the corpus, what they print and write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "host/host.h"

#define assert_contains(text, part)                                                                                    \
    do {                                                                                                               \
        if (!strstr((text), (part)))                                                                                   \
            fail_msg("\"%s\" does not contain \"%s\"", (text), (part));                                                \
    } while (0)

typedef struct corpus {
    char folder[64];
    char output[80];
    th_store *store;
    th_arena *arena;
    th_error err;
} corpus;

static void save_article(corpus *c, const char *path, const char *region, const char *text)
{
    th_block block = {.kind = TH_BLOCK_PARAGRAPH, .stop = (uint32_t)strlen(text)};
    th_article a = {.path = path, .format = "text", .title = path, .lang = "zh", .text = text, .len = strlen(text),
                    .region_code = region ? "330200" : NULL, .region_name = region, .blocks = &block, .block_count = 1};

    assert_int_equal(th_article_split(&a, c->arena, &c->err), TH_OK);
    assert_int_equal(th_article_seal(&a, &c->err), TH_OK);
    assert_int_equal(th_store_article_save(c->store, &a, &c->err), TH_OK);
}

static int open_corpus(void **state)
{
    corpus *c = calloc(1, sizeof *c);
    char path[80];

    strcpy(c->folder, "/tmp/th-script-XXXXXX");
    assert_non_null(mkdtemp(c->folder));
    snprintf(path, sizeof path, "%s/s.db", c->folder);
    snprintf(c->output, sizeof c->output, "%s/out", c->folder);
    c->arena = th_arena_new();
    assert_int_equal(th_store_open(&c->store, path, TH_STORE_WRITE, &c->err), TH_OK);
    assert_int_equal(th_store_begin(c->store, &c->err), TH_OK);
    save_article(c, "a.md", "宁波市", "第一篇。");
    save_article(c, "b.md", "宁波市", "第二篇。");
    save_article(c, "c.md", NULL, "第三篇。");
    assert_int_equal(th_store_commit(c->store, &c->err), TH_OK);
    th_store_close(c->store);
    assert_int_equal(th_store_open(&c->store, path, TH_STORE_READ, &c->err), TH_OK);
    *state = c;
    return 0;
}

static int close_corpus(void **state)
{
    corpus *c = *state;
    char command[128];

    th_store_close(c->store);
    th_arena_free(c->arena);
    snprintf(command, sizeof command, "rm -rf '%s'", c->folder);
    free(c);
    return system(command) == 0 ? 0 : -1;
}

/* Run a script whose run function has `body`, on line 2. */
static th_status run_script(corpus *c, const char *body, const char *const *args, size_t arg_count)
{
    th_str code = {0};

    th_str_addf(&code,
                "local script = host.script { name = 's', args = { top = 3, who = 'x', deep = false, rate = 0.5 } } "
                "function script.run(corpus, args)\n%s\nend\nreturn script\n", body);
    th_script_options options = {
        .path = "s.lua", .bytes = code.data, .len = code.len, .output = c->output, .args = args, .arg_count = arg_count};
    th_error_clear(&c->err);
    th_status status = th_script_run(&options, c->store, NULL, &c->err);
    th_str_free(&code);
    return status;
}

static void needs_are_known_without_running(void **state)
{
    corpus *c = *state;
    static const char code[] = "local s = host.script { name = 's', needs = { 'region', 'metric' } }\n"
                               "function s.run() error('ran') end return s";
    th_script_options options = {.path = "s.lua", .bytes = code, .len = sizeof code - 1};
    const char **needs;
    size_t count;

    assert_int_equal(th_script_needs(&options, c->arena, &needs, &count, &c->err), TH_OK);

    assert_int_equal(count, 2);
    assert_string_equal(needs[0], "region");
    assert_string_equal(needs[1], "metric");
}

static void a_query_gives_rows_by_column(void **state)
{
    corpus *c = *state;

    run_script(c, "local r = corpus:query('SELECT path, region_name AS region FROM article WHERE path > ? ORDER BY 1', 'a.md') "
                  "assert(#r == 2 and r[1].path == 'b.md' and r[1].region == '宁波市' and r[2].region == nil) "
                  "assert(r.columns[2] == 'region') "
                  "assert(#corpus:query('SELECT path FROM article WHERE 0').columns == 1)", NULL, 0);

    assert_string_equal(c->err.text, "");
}

static void arguments_take_the_type_of_their_default(void **state)
{
    corpus *c = *state;
    const char *args[] = {"top=12", "who=a=b", "deep=yes", "rate=2"};

    run_script(c, "assert(args.top == 12 and args.who == 'a=b' and args.deep == true and args.rate == 2)", args, 4);

    assert_string_equal(c->err.text, "");
}

typedef struct bad_argument {
    const char *given, *message;
} bad_argument;

static void a_wrong_argument_is_named(void **state)
{
    corpus *c = *state;
    static const bad_argument bad[] = {
        {"tap=1", "s.lua:1: unknown argument \"tap\"; it takes "},
        {"top=many", "s.lua:1: argument top: expected a whole number, got \"many\""},
        {"top=1.5", "s.lua:1: argument top: expected a whole number, got \"1.5\""},
        {"rate=x", "s.lua:1: argument rate: expected a number, got \"x\""},
        {"deep=perhaps", "s.lua:1: argument deep: expected true or false, got \"perhaps\""},
        {"top", "s.lua:1: argument \"top\": expected name=value"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(run_script(c, "error('ran')", &bad[i].given, 1), TH_ERR_USAGE);
        assert_contains(c->err.text, bad[i].message);
    }
}

static void a_table_is_written_below_the_output_folder(void **state)
{
    corpus *c = *state;
    char path[128];
    th_str text = {0};

    run_script(c, "local t = corpus:table { title = 'T', columns = { 'a', 'b' }, { 1, '=x' }, { 2.5 } } "
                  "t:add { 'y', nil } assert(t:write('deep/t.csv'):match('/out/deep/t.csv$'))", NULL, 0);

    assert_string_equal(c->err.text, "");
    snprintf(path, sizeof path, "%s/deep/t.csv", c->output);
    assert_int_equal(th_file_read(&text, path, 0, NULL), TH_OK);
    assert_string_equal(th_str_text(&text), "a,b\r\n1,'=x\r\n2.5,\r\ny,\r\n");
    th_str_free(&text);
}

static void a_table_comes_from_a_statement_or_a_pivot(void **state)
{
    corpus *c = *state;
    char path[128];
    th_str text = {0};

    run_script(c, "corpus:table { sql = 'SELECT path AS p FROM article WHERE path < ?', params = { 'b.md' } }:write('q.csv') "
                  "corpus:table { rows = 'region', columns = 'article.lang', value = 'count' }:write('p.csv')", NULL, 0);

    assert_string_equal(c->err.text, "");
    snprintf(path, sizeof path, "%s/q.csv", c->output);
    assert_int_equal(th_file_read(&text, path, 0, NULL), TH_OK);
    assert_string_equal(th_str_text(&text), "p\r\na.md\r\n");
    th_str_clear(&text);
    snprintf(path, sizeof path, "%s/p.csv", c->output);
    assert_int_equal(th_file_read(&text, path, 0, NULL), TH_OK);
    assert_contains(th_str_text(&text), "宁波市,2");
    th_str_free(&text);
}

typedef struct bad_call {
    const char *body, *message;
} bad_call;

static void wrong_use_is_named_at_its_line(void **state)
{
    corpus *c = *state;
    static const bad_call bad[] = {
        {"corpus:query('SELECT nothing')", "corpus:query: "},
        {"corpus:query('DELETE FROM article')", "corpus:query: "},
        {"corpus:query(3)", "corpus:query: sql: expected text, got number 3"},
        {"corpus:query('SELECT ?', {})", "a value is a text, a number, a boolean or nil, got a table"},
        {"corpus:table { columns = { 'a' }, { 1, 2 } }", "a row of 2 cells in a table of 1 columns"},
        {"corpus:table { columns = { 'a' } }:write('../x.csv')", "files are written below the output folder"},
        {"corpus:table { columns = { 'a' } }:write('/x.csv')", "files are written below the output folder"},
        {"corpus:table { columns = { 'a' } }:write('x.doc')", "known: .csv"},
        {"corpus:table { rows = 'region', columns = 'x', value = 'count' }", "columns: expected region, article.FIELD or"},
        {"corpus:table { rows = 'region', columns = 'a.b', value = 'c.d' }", "one record kind at a time, got a and c"},
        {"corpus:articles { regoin = 'x' }", "corpus:articles: unknown key \"regoin\"; did you mean \"region\"?"},
        {"corpus:articles { from = 2024 }", "corpus:articles: from: expected text, got number 2024"},
        {"corpus:articles { order = 'id; DROP TABLE article' }", "order: there is no column"},
        {"corpus:articles { limit = 'x' }", "limit: expected a whole number, got text \"x\""},
        {"corpus:articles { region = { {} } }", "corpus:articles: region: a value is a text"},
        {"corpus:records 'metrik' {}", "the store has no records of kind \"metrik\""},
        {"corpus:records('x; DROP TABLE article')()", "the store has no records of kind"},
        {"corpus:table { columns = { 'a' }, sort = 'b' }", "sort: there is no column \"b\""},
        {"corpus:table { columns = { 'a' }, srot = 'a' }", "unknown key \"srot\"; did you mean \"sort\"?"},
        {"corpus:table { columns = { 'a' }, { 1 }, filter = 3 }", "filter: expected a function(row), got number 3"},
        {"corpus:table { columns = { 'a' }, { 1 }, derive = { { 'b' } } }", "derive: expected { \"name\", function(row) … end }"},
        {"corpus:table { columns = { 'a' }, limit = 1.5 }", "limit: expected a whole number"},
        {"corpus.tables()", "a corpus has no field \"tables\"; did you mean \"table\"?"},
        {"host.plugin { name = 's' }", "this is a script; use host.script"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        th_status status = run_script(c, bad[i].body, NULL, 0);
        if (status != TH_ERR_USAGE || !strstr(c->err.text, bad[i].message) || strncmp(c->err.text, "s.lua:2: ", 9) != 0)
            fail_msg("%s: got %s: %s", bad[i].body, th_status_name(status), c->err.text);
    }
}

static void the_corpus_is_there_only_while_it_runs(void **state)
{
    corpus *c = *state;
    static const char code[] = "return 3";
    th_script_options options = {.path = "s.lua", .bytes = code, .len = sizeof code - 1};

    assert_int_equal(th_script_run(&options, c->store, NULL, &c->err), TH_ERR_USAGE);

    assert_contains(c->err.text, "s.lua:1: no script here; begin with local script = host.script");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_corpus, close_corpus)
    const struct CMUnitTest tests[] = {
        TEST(needs_are_known_without_running),
        TEST(a_query_gives_rows_by_column),
        TEST(arguments_take_the_type_of_their_default),
        TEST(a_wrong_argument_is_named),
        TEST(a_table_is_written_below_the_output_folder),
        TEST(a_table_comes_from_a_statement_or_a_pivot),
        TEST(wrong_use_is_named_at_its_line),
        TEST(the_corpus_is_there_only_while_it_runs),
    };

    return cmocka_run_group_tests_name("script", tests, NULL, NULL);
}
