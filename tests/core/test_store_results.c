/* test_store_results.c - plugins, kinds, records and the history of runs. */
#include "store_fixture.h"

/* ---- records ---- */

static void reads_back_records_in_span_order_with_their_types(void **state)
{
    struct place *place = open_place(state);
    int64_t plugin_id = housing_plugin(place), id = save(place, "one.txt", "h1");
    th_records records = {0}, back = {0};

    add_housing(place, &records, 20, 7, "2024-01-31");
    add_housing(place, &records, 10, 1200, NULL);
    assert_int_equal(save_housing(place, id, plugin_id, &records), TH_OK);
    assert_int_equal(th_store_records_get(place->store, id, &housing, place->arena, &back, &place->err), TH_OK);

    assert_int_equal(back.count, 2);
    assert_int_equal(back.items[0].start, 10);
    assert_true(back.items[0].values[0].is_null);
    assert_int_equal(back.items[0].values[5].integer, 1200);
    assert_int_equal(back.items[1].stop, 23);
    assert_string_equal(back.items[1].values[0].text.data, "2024-01-31");
    assert_int_equal(back.items[1].values[3].text.len, 0);
    assert_true(back.items[1].values[4].number == 0.25);
    check_query(place, "SELECT id, article_id, start, typeof(date), facts ->> 'a', open, place, rate, units FROM housing",
                "1|1|10|null|1|1||0.25|1200\n2|1|20|text|1|1||0.25|7\n");
}

static void replaces_the_records_of_a_plugin_and_leaves_the_others(void **state)
{
    static const th_field fields[] = {{"n", TH_INTEGER, false}};
    static const th_schema prize = {"prize", fields, 1};
    static const th_schema *const prizes[] = {&prize};
    struct place *place = open_place(state);
    int64_t first = housing_plugin(place), second_id = plugin(place, "prize", "p1"), id = save(place, "one.txt", "h1");
    th_records records = {0}, none = {0};
    th_value n = {.integer = 3};

    assert_int_equal(th_store_schema_save(place->store, second_id, &prize, &place->err), TH_OK);
    add_housing(place, &records, 1, 5, NULL);
    th_records_add(&records, place->arena, (th_record){&prize, 2, 3, &n});
    assert_int_equal(save_housing(place, id, first, &records), TH_OK);
    assert_int_equal(th_store_results_save(place->store, id, second_id, "p1", NULL, prizes, 1, &records, &place->err), TH_OK);
    check_query(place, "SELECT (SELECT count(*) FROM housing), (SELECT count(*) FROM prize)", "1|1\n");

    assert_int_equal(save_housing(place, id, first, &none), TH_OK);
    check_query(place, "SELECT (SELECT count(*) FROM housing), (SELECT count(*) FROM prize)", "0|1\n");
    assert_int_equal(th_store_results_drop(place->store, id, second_id, prizes, 1, &place->err), TH_OK);
    check_query(place, "SELECT (SELECT count(*) FROM prize), (SELECT group_concat(plugin_id) FROM coverage)", "0|1\n");
}

static void makes_a_table_anew_when_its_schema_changes_and_forgets_the_coverage(void **state)
{
    static const th_field changed_fields[] = {{"units", TH_NUMBER, false}};
    static const th_schema changed = {"housing", changed_fields, 1};
    struct place *place = open_place(state);
    int64_t plugin_id = housing_plugin(place), id = save(place, "one.txt", "h1");
    th_records records = {0}, back = {0};

    add_housing(place, &records, 10, 1200, NULL);
    assert_int_equal(save_housing(place, id, plugin_id, &records), TH_OK);
    assert_int_equal(th_store_schema_save(place->store, plugin_id, &housing, &place->err), TH_OK);
    check_query(place, "SELECT count(*) FROM housing", "1\n"); /* the same schema again changes nothing */

    assert_int_equal(th_store_schema_save(place->store, plugin_id, &changed, &place->err), TH_OK);

    check_query(place, "SELECT name, type FROM pragma_table_info('housing')",
                "id|INTEGER\narticle_id|INTEGER\nstart|INTEGER\nstop|INTEGER\nunits|REAL\n");
    check_query(place, "SELECT (SELECT count(*) FROM housing), (SELECT count(*) FROM coverage)", "0|0\n");
    assert_int_equal(th_store_records_get(place->store, id, &changed, place->arena, &back, &place->err), TH_OK);
    assert_int_equal(back.count, 0);
}

static void refuses_a_kind_that_two_plugins_declare(void **state)
{
    struct place *place = open_place(state);
    int64_t other;

    housing_plugin(place);
    other = plugin(place, "flats", "f");

    assert_int_equal(th_store_schema_save(place->store, other, &housing, &place->err), TH_ERR_USAGE);
    assert_string_equal(place->err.text, "record kind \"housing\" is declared by the plugins \"housing\" and \"flats\"; "
                                         "rename it in one of them");
}

static void refuses_a_kind_named_like_a_core_table(void **state)
{
    static const char *const names[] = {"article", "block", "coverage", "dropped", "failure", "file",
                                        "kind", "plugin", "run", "sentence", "warning", "sqlite_x"};
    struct place *place = open_place(state);
    int64_t id = plugin(place, "p", "f");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        th_schema schema = {names[i], NULL, 0};
        th_error err = {0};
        assert_int_equal(th_store_schema_save(place->store, id, &schema, &err), TH_ERR_USAGE);
        assert_non_null(strstr(err.text, names[i]));
    }
    check_query(place, "SELECT count(*) FROM kind", "0\n");
}

static void kinds_and_fields_may_be_named_like_sql_words(void **state)
{
    static const th_field fields[] = {{"group", TH_TEXT, false}, {"order", TH_INTEGER, true}};
    static const th_schema schema = {"select", fields, 2};
    static const th_schema *const list[] = {&schema};
    struct place *place = open_place(state);
    int64_t plugin_id = plugin(place, "p", "f"), id = save(place, "one.txt", "h1");
    th_value values[] = {text_value("x"), null};
    th_records records = {0};

    th_records_add(&records, place->arena, (th_record){&schema, 1, 2, values});
    assert_int_equal(th_store_schema_save(place->store, plugin_id, &schema, &place->err), TH_OK);
    assert_int_equal(th_store_results_save(place->store, id, plugin_id, "f", NULL, list, 1, &records, &place->err), TH_OK);

    check_query(place, "SELECT \"group\", \"order\" FROM \"select\"", "x|NULL\n");
}

static void a_record_that_its_table_refuses_is_the_plugins_mistake(void **state)
{
    struct place *place = open_place(state);
    int64_t plugin_id = housing_plugin(place), id = save(place, "one.txt", "h1");
    th_records records = {0};

    add_housing(place, &records, 10, 1200, "2023-02-30");
    th_store_begin(place->store, &place->err);
    assert_int_equal(save_housing(place, id, plugin_id, &records), TH_ERR_USAGE);
    th_store_rollback(place->store);

    assert_string_equal(place->err.text, "housing: a record at bytes 10–13 does not fit its table: date is not a date");
}

static void results_of_an_article_just_saved_are_seen_and_can_be_taken_back(void **state)
{
    struct place *place = open_place(state);
    int64_t homes = housing_plugin(place), other = plugin(place, "b", "b1");
    th_records records = {0};
    th_stale *stale;
    size_t count;

    add_housing(place, &records, 10, 1200, "2023-02-28");
    th_store_begin(place->store, &place->err);
    int64_t id = save(place, "one.txt", "h1");
    assert_int_equal(save_housing(place, id, homes, &records), TH_OK);
    assert_int_equal(th_store_results_save(place->store, id, other, "b1", NULL, NULL, 0, &records, &place->err), TH_OK);

    check_query(place, "SELECT plugin_id, fingerprint FROM coverage ORDER BY plugin_id", "1|f1\n2|b1\n");
    assert_int_equal(save_housing(place, id, homes, &records), TH_OK); /* again: replaced, not doubled */
    check_query(place, "SELECT (SELECT count(*) FROM housing), (SELECT count(*) FROM coverage)", "1|2\n");
    th_store_commit(place->store, &place->err);

    th_store_begin(place->store, &place->err);
    id = save(place, "two.txt", "h2");
    assert_int_equal(th_store_results_save(place->store, id, other, "b1", NULL, NULL, 0, &records, &place->err), TH_OK);
    assert_int_equal(th_store_results_drop(place->store, id, other, NULL, 0, &place->err), TH_OK);
    assert_int_equal(th_store_stale(place->store, &other, (const char *[]){"b1"}, 1, place->arena, &stale, &count, &place->err), TH_OK);
    assert_int_equal(count, 1);
    assert_int_equal(th_store_results_save(place->store, id, other, "b1", NULL, NULL, 0, &records, &place->err), TH_OK);
    th_store_rollback(place->store);
    check_query(place, "SELECT count(*) FROM coverage", "2\n");

    th_store_begin(place->store, &place->err);
    id = save(place, "three.txt", "h3"); /* gets the id that was rolled back */
    th_store_commit(place->store, &place->err);
    check_query(place, "SELECT count(*) FROM coverage", "2\n");
}

static void lists_the_articles_whose_results_are_missing_or_stale(void **state)
{
    struct place *place = open_place(state);
    int64_t ids[] = {housing_plugin(place), plugin(place, "b", "b1")};
    int64_t first = save(place, "1.txt", "h1"), second_id = save(place, "2.txt", "h2"), third = save(place, "3.txt", "h3");
    const char *fingerprints[] = {"f1", "b1"};
    th_records none = {0};
    th_stale *stale;
    size_t count;

    save_housing(place, first, ids[0], &none);
    save_housing(place, second_id, ids[0], &none);
    th_store_results_save(place->store, first, ids[1], "b1", NULL, NULL, 0, &none, &place->err);
    th_store_results_save(place->store, third, ids[1], "b0", NULL, NULL, 0, &none, &place->err);

    assert_int_equal(th_store_stale(place->store, ids, fingerprints, 2, place->arena, &stale, &count, &place->err), TH_OK);
    assert_int_equal(count, 2);
    assert_int_equal(stale[0].article_id, second_id);
    assert_int_equal(stale[0].plugins, 2);
    assert_int_equal(stale[1].article_id, third);
    assert_int_equal(stale[1].plugins, 3);
    assert_int_equal(th_store_stale(place->store, ids, fingerprints, 0, place->arena, &stale, &count, &place->err), TH_OK);
    assert_int_equal(count, 0);
}

static void updates_a_plugin_under_its_id(void **state)
{
    struct place *place = open_place(state);
    int64_t id = plugin(place, "a", "f1");

    plugin(place, "b", "f1");
    assert_int_equal(plugin(place, "a", "f2"), id);

    check_query(place, "SELECT id, name, version, fingerprint FROM plugin", "1|a|1.0|f2\n2|b|1.0|f1\n");
}

/* ---- history ---- */

static void closes_a_run_that_a_killed_process_left_open(void **state)
{
    struct place *place = open_place(state);
    int64_t first, next;

    assert_int_equal(th_store_run_begin(place->store, "run", &first, &place->err), TH_OK);
    reopen(place, TH_STORE_WRITE);
    assert_int_equal(th_store_run_begin(place->store, "run x.lua", &next, &place->err), TH_OK);
    assert_int_equal(th_store_run_end(place->store, next, "ok", 1, 2, 3, 4, &place->err), TH_OK);

    check_query(place, "SELECT id, command, status, articles_loaded, articles_run, records, failures, "
                       "ended_at >= started_at FROM run",
                "1|run|interrupted|NULL|NULL|NULL|NULL|1\n2|run x.lua|ok|1|2|3|4|1\n");
}

static void writes_failures_with_the_reasons_of_the_table(void **state)
{
    struct place *place = open_place(state);
    int64_t run, id = save(place, "1.txt", "h");

    th_store_run_begin(place->store, "run", &run, &place->err);
    for (th_status reason = TH_ERR_RUNTIME; reason <= TH_ERR_BUSY; reason++)
        assert_int_equal(th_store_failure_add(place->store, run, 0, "1.txt", NULL, reason, "m", &place->err), TH_OK);
    th_store_failure_add(place->store, run, id, NULL, "p", TH_ERR_TIMEOUT, "p.lua:3: slow", &place->err);

    check_query(place, "SELECT count(DISTINCT reason) FROM failure", "15\n");
    check_query(place, "SELECT run_id, article_id, path, plugin, reason, message FROM failure WHERE article_id IS NOT NULL",
                "1|1|NULL|p|timeout|p.lua:3: slow\n");
}

static void knows_no_other_end_of_a_run(void **state)
{
    struct place *place = open_place(state);
    int64_t run;

    th_store_run_begin(place->store, "run", &run, &place->err);

    assert_int_equal(th_store_run_end(place->store, run, "fine", 0, 0, 0, 0, &place->err), TH_ERR_STORE);
    check_message(place, ": a run can not end as \"fine\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_back_records_in_span_order_with_their_types),
        TEST(replaces_the_records_of_a_plugin_and_leaves_the_others),
        TEST(makes_a_table_anew_when_its_schema_changes_and_forgets_the_coverage),
        TEST(refuses_a_kind_that_two_plugins_declare),
        TEST(refuses_a_kind_named_like_a_core_table),
        TEST(kinds_and_fields_may_be_named_like_sql_words),
        TEST(a_record_that_its_table_refuses_is_the_plugins_mistake),
        TEST(results_of_an_article_just_saved_are_seen_and_can_be_taken_back),
        TEST(lists_the_articles_whose_results_are_missing_or_stale),
        TEST(updates_a_plugin_under_its_id),
        TEST(closes_a_run_that_a_killed_process_left_open),
        TEST(writes_failures_with_the_reasons_of_the_table),
        TEST(knows_no_other_end_of_a_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
