/* test_store_query.c - reading the store with SQL. */
#include "store_fixture.h"

/* ---- queries ---- */

static void gives_each_type_of_cell_and_blobs_as_hexadecimal(void **state)
{
    struct place *place = open_place(state);

    check_query(place, "SELECT 1, 2.5, 'x', NULL, x'00FFa1'; ", "1|2.5|x|NULL|00ffa1\n");
}

static void names_the_columns_of_an_empty_result(void **state)
{
    struct place *place = open_place(state);

    check_query(place, "SELECT id, title AS 题 FROM article", "id|题\n");
}

static void binds_parameters_and_counts_them(void **state)
{
    struct place *place = open_place(state);
    const th_cell params[] = {{.type = TH_CELL_TEXT, .text = "abc", .len = 2}, {.type = TH_CELL_NUMBER, .number = 1.5},
                              {.type = TH_CELL_INTEGER, .integer = 7}, {.type = TH_CELL_NULL}};
    th_str out = {0};

    assert_int_equal(th_store_query(place->store, "SELECT ?1, ?2, ?3, ?4", params, 4, add_row, &out, &place->err), TH_OK);
    assert_string_equal(th_str_text(&out), "ab|1.5|7|NULL\n");
    assert_int_equal(th_store_query(place->store, "SELECT ?1", params, 2, add_row, &out, &place->err), TH_ERR_USAGE);
    assert_string_equal(place->err.text, "the statement has 1 parameter, 2 given");
    th_str_free(&out);
}

static bool stop_at_once(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    (void)names;
    (void)values;
    (void)count;
    ++*(int *)ctx;
    return false;
}

static void stops_when_the_row_function_says_so(void **state)
{
    struct place *place = open_place(state);
    int calls = 0;

    assert_int_equal(th_store_query(place->store, "VALUES (1), (2)", NULL, 0, stop_at_once, &calls, &place->err), TH_OK);
    assert_int_equal(calls, 1);
}

static void refuses_every_statement_that_does_more_than_read(void **state)
{
    static const char *const statements[] = {
        "DELETE FROM article", "INSERT INTO plugin VALUES (1, 'a', 'b', 'c')", "UPDATE article SET path = ''",
        "UPDATE sqlite_master SET sql = ''", "DELETE FROM sqlite_schema",
        "DROP TABLE article", "CREATE TABLE x (y)", "CREATE TEMP TABLE x (y)", "ATTACH 'other.db' AS other",
        "DETACH main", "PRAGMA user_version = 5", "PRAGMA writable_schema = 1", "PRAGMA journal_mode = DELETE",
        "PRAGMA wal_checkpoint", "BEGIN", "COMMIT", "SAVEPOINT x", "VACUUM", "VACUUM INTO 'copy.db'", "REINDEX", "ANALYZE",
        "SELECT load_extension('x')", "SELECT * FROM pragma_journal_mode('DELETE')"};
    struct place *place = open_place(state);

    for (int mode = 0; mode < 2; mode++) {
        for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
            th_error_clear(&place->err);
            th_str out = {0};
            th_status status = th_store_query(place->store, statements[i], NULL, 0, add_row, &out, &place->err);
            if (status != TH_ERR_USAGE || out.len)
                fail_msg("%s: status %d, %s", statements[i], status, place->err.text);
            th_str_free(&out);
        }
        th_error_clear(&place->err);
        reopen(place, TH_STORE_READ);
    }
    check_refused(place, "DELETE FROM article", "only a statement that reads the database is allowed here (SELECT …)");
}

static void says_what_is_wrong_with_sql_in_one_line(void **state)
{
    struct place *place = open_place(state);

    check_refused(place, "SELECT nowhere FROM article", "no such column: nowhere");
    check_refused(place, "SELEC 1", "near \"SELEC\": syntax error");
    check_refused(place, "SELECT\n\"a\nb\n\" FR OM x", "near \"OM\": syntax error");
    check_refused(place, "SELECT 'a", "unrecognized token: \"'a\"");
    check_refused(place, "SELECT * FROM \"no\nsuch\"", "no such table: no such");
    check_refused(place, "SELECT abs(-9223372036854775807 - 1)", "integer overflow");
    check_refused(place, "", "no SQL statement given");
    check_refused(place, "-- only words", "no SQL statement given");
    check_refused(place, "SELECT 1; DELETE FROM article", "more than one SQL statement; give one at a time");
}

static bool read_an_article(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    struct place *place = ctx;
    th_article *a;
    (void)names;
    (void)count;

    assert_int_equal(th_store_article_get(place->store, values[0].integer, place->arena, &a, &place->err), TH_OK);
    save(place, "2.txt", "h2"); /* the store itself may write while a query is open */
    return true;
}

static void the_row_function_may_use_the_store(void **state)
{
    struct place *place = open_place(state);

    save(place, "1.txt", "h1");

    assert_int_equal(th_store_query(place->store, "SELECT id FROM article WHERE path = '1.txt'", NULL, 0, read_an_article,
                                    place, &place->err), TH_OK);
    check_query(place, "SELECT count(*) FROM article", "2\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(gives_each_type_of_cell_and_blobs_as_hexadecimal),
        TEST(names_the_columns_of_an_empty_result),
        TEST(binds_parameters_and_counts_them),
        TEST(stops_when_the_row_function_says_so),
        TEST(refuses_every_statement_that_does_more_than_read),
        TEST(says_what_is_wrong_with_sql_in_one_line),
        TEST(the_row_function_may_use_the_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
