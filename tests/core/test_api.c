/* The API's tables: every function is described, and every example does what it says. */
#include "host/doc.h"
#include "host/prompt.h"
#include "host_fixture.h"
#include "store/store.h"

/* What the examples are written about, as a plugin folder. */
static void add_example_files(fixture *f)
{
    for (size_t i = 0; th_doc_files[i][0]; i++)
        add_file(f, th_doc_files[i][0], th_doc_files[i][1]);
}

static void run_in_article(fixture *f, const th_doc_example *e)
{
    forget_plugins(f);
    add_plugin(f, "example", e->source);
    th_status status = load(f);
    if (status == TH_OK) {
        begin(f, th_doc_article);
        f->article->date = "2024-05-01";
        status = run_plugin(f, 0);
    }
    if (status != TH_OK)
        fail_msg("%s: %s\n%s", e->name, f->err.text, e->source);
}

static th_store *make_store(fixture *f, const char *path)
{
    static const th_field fields[] = {{"place", TH_TEXT, true}, {"units", TH_INTEGER, false}};
    static const th_schema schema = {"home", fields, 2};
    const th_schema *schemas[] = {&schema};
    th_value values[2][2] = {{{.is_null = true}, {.integer = 2400}}, {{.is_null = true}, {.integer = 300}}};
    th_record rows[] = {{&schema, 0, 6, values[0]}, {&schema, 6, 12, values[1]}};
    th_records records = {.items = rows, .count = 2};
    th_store *store = NULL;
    int64_t plugin;

    begin(f, th_doc_article);
    f->article->title = "宁波加快引进人才";
    assert_int_equal(th_store_open(&store, path, TH_STORE_WRITE, &f->err), TH_OK);
    assert_int_equal(th_store_begin(store, NULL), TH_OK);
    assert_int_equal(th_store_article_save(store, f->article, &f->err), TH_OK);
    assert_int_equal(th_store_plugin_save(store, "homes", "1", "x", &plugin, NULL), TH_OK);
    assert_int_equal(th_store_schema_save(store, plugin, &schema, &f->err), TH_OK);
    assert_int_equal(th_store_results_save(store, f->article->id, plugin, "x", NULL, schemas, 1, &records, &f->err), TH_OK);
    assert_int_equal(th_store_commit(store, NULL), TH_OK);
    return store;
}

static void run_as_script(fixture *f, const th_doc_example *e)
{
    char folder[] = "/tmp/test_api_XXXXXX", path[64], line[96];
    th_error err = {0};

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/store.db", folder);
    th_store *store = make_store(f, path);
    th_script_options options = {.path = "s.lua", .bytes = e->source, .len = strlen(e->source), .output = folder};
    th_status status = th_script_run(&options, store, f->gazetteer, &err);
    th_store_close(store);
    snprintf(line, sizeof line, "rm -rf %s", folder);
    assert_int_equal(system(line), 0);
    if (status != TH_OK)
        fail_msg("%s: %s\n%s", e->name, err.text, e->source);
}

static const char plugin_for_tests[] =
    "local plugin = host.plugin { name = 'example', version = '1', records = { home = { units = 'integer' } } }\n"
    "function plugin.article(a) for q in a:each_quantity { unit = '套' } do a:record('home', { span = q.span, units = q.value }) end end\n"
    "return plugin\n";

static void run_in_test(fixture *f, const th_doc_example *e)
{
    static const th_fixture files[] = {{"fixtures/homes.txt", "安居房\n新建安居房300套。", strlen("安居房\n新建安居房300套。")},
                                       {"fixtures/homes.example.jsonl", "{\"kind\":\"home\",\"span\":\"300套\",\"units\":300}\n",
                                        strlen("{\"kind\":\"home\",\"span\":\"300套\",\"units\":300}\n")}};
    th_loader *loader = NULL;
    th_prompt *prompt = NULL;
    size_t len;
    const char *chrome = read_data(f, "chrome.yaml", &len);

    forget_plugins(f);
    add_plugin(f, "example", plugin_for_tests);
    assert_int_equal(load(f), TH_OK);
    assert_int_equal(th_loader_open(&loader, "chrome.yaml", chrome, len, f->gazetteer, &f->err), TH_OK);
    th_prompt_options options = {.path = "x_test.lua", .dir = "p", .loader = loader, .fixtures = files, .fixture_count = 2};
    assert_int_equal(th_prompt_new(&prompt, f->host, &options, &f->err), TH_OK);
    bool more = false;
    th_str out = {0};
    th_status status = th_prompt_eval(prompt, e->source, strlen(e->source), &out, &more, &f->err);
    th_str_free(&out);
    th_prompt_free(prompt);
    th_loader_free(loader);
    if (status != TH_OK)
        fail_msg("%s: %s\n%s", e->name, f->err.text, e->source);
}

static void every_function_is_described_and_its_example_does_what_it_says(void **state)
{
    fixture *f = *state;
    th_doc_example e;
    th_str buffer = {0};
    size_t count = 0;

    add_example_files(f);
    for (; th_doc_example_at(count, &buffer, &e); count++) {
        if (!e.source)
            fail_msg("%s lacks doc, since or example in its table", e.name);
        if (e.is_script)
            run_as_script(f, &e);
        else if (e.in_test)
            run_in_test(f, &e);
        else
            run_in_article(f, &e);
    }
    th_str_free(&buffer);

    assert_true(count > 60);
}

static void an_example_that_gives_something_else_fails(void **state)
{
    fixture *f = *state;
    th_doc_example e;
    th_str buffer = {0}, wrong = {0};
    size_t i = 0;

    while (th_doc_example_at(i, &buffer, &e) && strcmp(e.name, "host.cjk_width") != 0)
        i++;
    assert_string_equal(e.name, "host.cjk_width");
    const char *want = strstr(e.source, "gives([==[6]==]");
    assert_non_null(want);
    th_str_add(&wrong, e.source, (size_t)(want - e.source));
    th_str_puts(&wrong, "gives([==[7]==]");
    th_str_puts(&wrong, want + strlen("gives([==[6]==]"));

    add_plugin(f, "example", th_str_text(&wrong));
    assert_int_equal(load(f), TH_OK);
    begin(f, th_doc_article);
    assert_int_equal(run_plugin(f, 0), TH_ERR_RUNTIME);
    assert_contains(f->err.text, "gives 6, not 7");
    th_str_free(&buffer);
    th_str_free(&wrong);
}

static void help_knows_functions_methods_fields_classes_and_modules(void **state)
{
    static const char *const known[][2] = {{"host.date", "2024-02-29"}, {"span:before", "at most `n`"}, {"span.before", "at most `n`"},
                                           {"before", "at most `n`"},   {"span.text", "string"},        {"span", "context"},
                                           {"host", "host.lexicon"},    {"table_spec", "total"},        {"record", "article:record"}};
    (void)state;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        th_str out = {0};
        assert_true(th_doc_help(known[i][0], &out));
        if (i != 8)
            assert_contains(th_str_text(&out), known[i][1]);
        th_str_free(&out);
    }
}

static void help_for_a_name_that_is_not_there_gives_the_nearest(void **state)
{
    th_str out = {0};
    (void)state;

    assert_false(th_doc_help("sentence", &out));
    assert_string_equal(th_str_text(&out), "sentences");
    th_str_free(&out);
}

/* ---- arguments ---- */

static void refuses(fixture *f, const char *body, const char *message)
{
    forget_plugins(f);
    f->bundle.file_count = 0;
    assert_int_equal(run_body(f, body, "标题\n建成人才公寓2400套。"), TH_ERR_USAGE);
    assert_contains(f->err.text, message);
}

static void wrong_arguments_are_named_with_what_was_expected(void **state)
{
    fixture *f = *state;

    refuses(f, "a:span():before('x')", "p/t.lua:2: span:before: n: expected a whole number, got text \"x\"");
    refuses(f, "a:span():before(1.5)", "span:before: n: expected a whole number, got number 1.5");
    refuses(f, "a:matches('x')", "article:matches: lexicon: expected a lexicon, got text \"x\"");
    refuses(f, "a:matches()", "article:matches: lexicon: expected a lexicon, got nothing");
    refuses(f, "host.number(5)", "host.number: text: expected text, got number 5");
    refuses(f, "a:span():overlaps(a)", "span:overlaps: other: expected a span, got an article");
    refuses(f, "host.date({})", "host.date: year: expected a whole number or text, got a table");
    refuses(f, "a.sentences(1)", "expected an article, got number 1; methods are called with a colon");
    refuses(f, "a.matches(a:span())", "argument 1: expected an article, got a span");
    refuses(f, "host.log.info = 1", "host can not be changed");
    refuses(f, "a:quantities { unti = '人' }", "did you mean \"unit\"");
    refuses(f, "a.title = 'x'", "an article can not be changed (field \"title\"): record what you found with a:record");
}

static void expired_objects_tell_where_they_were_stored(void **state)
{
    fixture *f = *state;
    const char *code = "@\nlocal kept = {}\nlocal n = 0\nfunction plugin.article(a)\n  n = n + 1\n  if n == 2 then return #kept.first.text end\n"
                       "  kept.first = a:span()\nend\nreturn plugin\n";

    add_plugin(f, "t", code);
    assert_int_equal(load(f), TH_OK);
    begin(f, "标题\n一。");
    assert_int_equal(run_plugin(f, 0), TH_OK);
    begin(f, "标题\n二。");
    assert_int_equal(run_plugin(f, 0), TH_ERR_USAGE);
    assert_contains(f->err.text, "p/t.lua:6: article handle expired (stored at p/t.lua:7?): a span of an article that is over");
}

static void an_iterator_kept_over_articles_expires(void **state)
{
    fixture *f = *state;

    add_plugin(f, "t", "@\nlocal kept\nfunction plugin.article(a)\n  if kept then kept() end\n  kept = a:each_sentence()\nend\nreturn plugin\n");
    assert_int_equal(load(f), TH_OK);
    begin(f, "标题\n一。");
    assert_int_equal(run_plugin(f, 0), TH_OK);
    begin(f, "标题\n二。");
    assert_int_equal(run_plugin(f, 0), TH_ERR_USAGE);
    assert_contains(f->err.text, "an iterator over an article that is over");
}

/* ---- the prompt ---- */

static void the_prompt_shows_values_and_waits_for_the_rest(void **state)
{
    fixture *f = *state;
    th_prompt *p;
    th_str out = {0};
    bool more;

    assert_int_equal(load(f), TH_OK);
    begin(f, th_doc_article);
    assert_int_equal(th_prompt_new(&p, f->host, &(th_prompt_options){.path = "prompt", .dir = "p"}, &f->err), TH_OK);
    assert_int_equal(th_prompt_article(p, f->article, f->arena, NULL, NULL), TH_OK);

    assert_int_equal(th_prompt_eval(p, "for i = 1, 2 do", 15, &out, &more, &f->err), TH_ERR_PARSE);
    assert_true(more);
    th_error_clear(&f->err);
    assert_int_equal(th_prompt_eval(p, "{ 1, b = 'x' }, a:sentences()[1]", 32, &out, &more, &f->err), TH_OK);
    assert_string_equal(th_str_text(&out), "{ 1, b = \"x\" }  span “宁波加快引进人才”\n");
    th_str_clear(&out);
    const char *code = "l = host.lexicon { '安居房' } return #a:matches(l)";
    assert_int_equal(th_prompt_eval(p, code, strlen(code), &out, &more, &f->err), TH_OK);
    assert_string_equal(th_str_text(&out), "1\n");
    th_str_clear(&out);
    assert_int_equal(th_prompt_eval(p, "while true do end", 17, &out, &more, &f->err), TH_ERR_LIMIT_CPU);
    th_prompt_complete(p, "x = a:sen", &out);
    assert_string_equal(th_str_text(&out), "a:sentences(\n");
    th_str_clear(&out);
    th_prompt_complete(p, "host.log.w", &out);
    assert_string_equal(th_str_text(&out), "host.log.warn(\n");
    th_str_free(&out);
    th_prompt_free(p);
}

typedef struct told {
    char text[600];
} told;

static void tell(void *ctx, const char *name, const char *message)
{
    told *t = ctx;
    size_t len = strlen(t->text);

    snprintf(t->text + len, sizeof t->text - len, "%s: %s\n", name, message ? message : "ok");
}

static void tests_of_a_file_run_in_the_order_of_its_lines(void **state)
{
    static const char code[] = "local t = require 'test'\n"
                               "function t.test_b() t.assertEquals({ 1, { 2 } }, { 1, { 3 } }) end\n"
                               "function t.test_a() end\n"
                               "function t.test_c() t.assertError(function() while true do end end) end\n"
                               "function t.test_d() end\n";
    fixture *f = *state;
    th_prompt *p;
    told t = {""};

    f->limits.cpu_s = 0.02;
    assert_int_equal(load(f), TH_OK);
    assert_int_equal(th_prompt_new(&p, f->host, &(th_prompt_options){.path = "x_test.lua", .dir = "p"}, &f->err), TH_OK);
    th_status status = th_prompt_tests(p, code, strlen(code), tell, &t, &f->err);
    th_prompt_free(p);

    assert_int_equal(status, TH_OK);
    assert_contains(t.text, "test_b: x_test.lua:2: expected: { 1, { 3 } }, actual: { 1, { 2 } }\ntest_a: ok\ntest_c: x_test.lua:4: used up");
    assert_contains(t.text, "test_d: ok\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_function_is_described_and_its_example_does_what_it_says),
        TEST(an_example_that_gives_something_else_fails),
        TEST(help_knows_functions_methods_fields_classes_and_modules),
        TEST(help_for_a_name_that_is_not_there_gives_the_nearest),
        TEST(wrong_arguments_are_named_with_what_was_expected),
        TEST(expired_objects_tell_where_they_were_stored),
        TEST(an_iterator_kept_over_articles_expires),
        TEST(the_prompt_shows_values_and_waits_for_the_rest),
        TEST(tests_of_a_file_run_in_the_order_of_its_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
