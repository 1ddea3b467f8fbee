/* test_store_articles.c - articles and files in the store. */
#include "store_fixture.h"

/* ---- articles ---- */

static void makes_strict_tables_that_other_programs_can_tell(void **state)
{
    struct place *place = open_place(state);

    check_query(place, "PRAGMA user_version", "2\n");
    check_query(place, "PRAGMA application_id", "1414025043\n");
    check_query(place, "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND strict AND type = 'table'",
                "15\n");
}

static void reads_back_the_article_it_saved(void **state)
{
    struct place *place = open_place(state);
    th_article *a;
    int64_t id = save(place, "a/one.txt", "h1");

    assert_int_equal(th_store_article_get(place->store, id, place->arena, &a, &place->err), TH_OK);

    assert_int_equal(a->id, id);
    assert_string_equal(a->path, "a/one.txt");
    assert_string_equal(a->hash, "h1");
    assert_string_equal(a->date, "2024-02-29");
    assert_null(a->url);
    assert_int_equal(a->author_count, 2);
    assert_string_equal(a->authors[1], "say \"hi\"");
    assert_string_equal(a->text, "题目\n建公寓1200套。");
    assert_int_equal(a->len, strlen(a->text));
    assert_int_equal(a->block_count, 2);
    assert_int_equal(a->blocks[0].kind, TH_BLOCK_TITLE);
    assert_int_equal(a->blocks[1].stop, 31);
    assert_int_equal(a->sentence_count, 2);
    assert_int_equal(a->sentences[1].block, 1);
    assert_string_equal(a->dropped[0].text, "分享到");
    assert_string_equal(a->warnings[0], "1 damaged byte replaced");
    assert_string_equal(a->origins[TH_META_TITLE], "<h1>");
    assert_string_equal(a->origins[TH_META_SOURCE], "line 3: \"来源\"");
    assert_null(a->origins[TH_META_URL]);
    check_query(place, "SELECT authors, typeof(url), duplicate_of, loaded_at LIKE '20__-__-__T__:__:__Z' FROM article",
                "[\"王一\",\"say \\\"hi\\\"\"]|null|NULL|1\n");
}

static void says_that_there_is_no_such_article(void **state)
{
    struct place *place = open_place(state);
    th_article *a;

    assert_int_equal(th_store_article_get(place->store, 7, place->arena, &a, &place->err), TH_ERR_MISSING);

    assert_null(a);
    check_message(place, ": no article 7");
}

static void keeps_results_while_the_hash_is_the_same_and_drops_them_when_it_changes(void **state)
{
    struct place *place = open_place(state);
    int64_t plugin_id = housing_plugin(place), id = save(place, "one.txt", "h1");
    th_records records = {0};

    add_housing(place, &records, 10, 1200, NULL);
    assert_int_equal(save_housing(place, id, plugin_id, &records), TH_OK);

    assert_int_equal(save(place, "one.txt", "h1"), id);
    check_query(place, "SELECT (SELECT count(*) FROM housing), (SELECT count(*) FROM coverage)", "1|1\n");
    assert_int_equal(save(place, "one.txt", "h2"), id);
    check_query(place, "SELECT (SELECT count(*) FROM housing), (SELECT count(*) FROM coverage)", "0|0\n");
    check_query(place, "SELECT (SELECT count(*) FROM block), (SELECT count(*) FROM sentence), "
                       "(SELECT count(*) FROM dropped), (SELECT count(*) FROM warning), hash FROM article",
                "2|2|1|1|h2\n");
}

static void finds_an_article_by_id_path_or_end_of_path(void **state)
{
    struct place *place = open_place(state);
    int64_t one = save(place, "in/one.txt", "h1"), none = save(place, "in/none.txt", "h2"), id = 0;

    assert_int_equal(th_store_article_find(place->store, "2", &id, &place->err), TH_OK);
    assert_int_equal(id, none);
    assert_int_equal(th_store_article_find(place->store, "in/one.txt", &id, &place->err), TH_OK);
    assert_int_equal(id, one);
    assert_int_equal(th_store_article_find(place->store, "one.txt", &id, &place->err), TH_OK);
    assert_int_equal(id, one); /* a whole name, though none.txt ends so too */
    assert_int_equal(th_store_article_find(place->store, "none.txt", &id, &place->err), TH_OK);
    assert_int_equal(id, none);
}

static void names_the_candidates_when_a_key_fits_several_articles(void **state)
{
    struct place *place = open_place(state);
    int64_t id = 0;

    save(place, "a/1.txt", "h1");
    save(place, "b/1.txt", "h2");
    save(place, "c/1.txt", "h3");
    save(place, "d/1.txt", "h4");

    assert_int_equal(th_store_article_find(place->store, "1.txt", &id, &place->err), TH_ERR_USAGE);
    check_message(place, ": 4 articles end in \"1.txt\": a/1.txt, b/1.txt, c/1.txt, …; give more of the path");
    th_error_clear(&place->err);
    assert_int_equal(th_store_article_find(place->store, "x%", &id, &place->err), TH_ERR_MISSING);
    check_message(place, ": no article \"x%\"; give an id, a path or the end of a path");
    th_error_clear(&place->err);
    assert_int_equal(th_store_article_find(place->store, "", &id, &place->err), TH_ERR_MISSING);
}

static void refuses_an_article_with_a_date_that_is_none(void **state)
{
    struct place *place = open_place(state);
    th_article a = article("one.txt", "h1");

    a.date = "2023-02-30";

    assert_int_equal(th_store_article_save(place->store, &a, &place->err), TH_ERR_STORE);
    check_message(place, ": the article one.txt has the date \"2023-02-30\", which is none");
    th_error_clear(&place->err);
    check_query(place, "SELECT count(*) FROM article", "0\n");
}

/* ---- files ---- */

static const int64_t second = INT64_C(1000000000);

static void save_file(struct place *place, const th_file_stamp *stamp, const char *text)
{
    char hash[TH_HASH_TEXT];

    snprintf(hash, sizeof hash, "%s", text);
    assert_int_equal(th_store_file_save(place->store, "a.txt", stamp, hash, "L", &place->err), TH_OK);
}

static th_file_state state_of(struct place *place, const th_file_stamp *stamp, const char *loader,
                              char hash[TH_HASH_TEXT])
{
    th_file_state out;

    assert_int_equal(th_store_file_state(place->store, "a.txt", stamp, loader, &out, hash, &place->err), TH_OK);
    return out;
}

static void knows_an_unchanged_file_by_its_stamp(void **state)
{
    struct place *place = open_place(state);
    th_file_stamp stamp = {UINT64_MAX, 12, 100, 50 * second, 60 * second, 90 * second};
    char hash[TH_HASH_TEXT];

    assert_int_equal(state_of(place, &stamp, "L", hash), TH_FILE_NEW);
    save_file(place, &stamp, "hash of bytes");

    assert_int_equal(state_of(place, &stamp, "L", hash), TH_FILE_UNCHANGED);
    assert_string_equal(hash, "hash of bytes");
    assert_int_equal(state_of(place, &stamp, "L2", hash), TH_FILE_STALE);
}

static void suspects_a_file_when_any_part_of_its_stamp_differs(void **state)
{
    struct place *place = open_place(state);
    const th_file_stamp stamp = {11, 12, 100, 50 * second, 60 * second, 90 * second};
    char hash[TH_HASH_TEXT];

    save_file(place, &stamp, "h");

    for (int part = 0; part < 5; part++) {
        th_file_stamp other = stamp;
        other.device += part == 0;
        other.inode += part == 1;
        other.size += part == 2;
        other.mtime_ns += part == 3;
        other.ctime_ns += part == 4;
        assert_int_equal(state_of(place, &other, "L", hash), TH_FILE_SUSPECT);
        assert_string_equal(hash, "h");
    }
}

static void suspects_a_file_that_was_read_within_two_seconds_of_its_change(void **state)
{
    struct place *place = open_place(state);
    const th_file_stamp young = {11, 12, 100, 50 * second, 50 * second, 52 * second - 1};
    const th_file_stamp inode_young = {11, 12, 100, 1 * second, 51 * second, 52 * second};
    const th_file_stamp old = {11, 12, 100, 50 * second, 50 * second, 52 * second};
    const th_file_stamp future = {11, 12, 100, 99 * second, 50 * second, 60 * second};
    char hash[TH_HASH_TEXT];

    save_file(place, &young, "h");
    assert_int_equal(state_of(place, &young, "L", hash), TH_FILE_SUSPECT);
    save_file(place, &inode_young, "h");
    assert_int_equal(state_of(place, &inode_young, "L", hash), TH_FILE_SUSPECT);
    save_file(place, &future, "h");
    assert_int_equal(state_of(place, &future, "L", hash), TH_FILE_SUSPECT);
    save_file(place, &old, "h");
    assert_int_equal(state_of(place, &old, "L", hash), TH_FILE_UNCHANGED);
}

/* ---- gone and forgotten ---- */

static void keep_file(struct place *place, const char *path)
{
    th_file_stamp stamp = {.size = 1};
    const char hash[TH_HASH_TEXT] = "h";

    assert_int_equal(th_store_file_save(place->store, path, &stamp, hash, "l", &place->err), TH_OK);
}

static const char gone_sql[] = "SELECT path FROM article WHERE gone_at IS NOT NULL ORDER BY path";

static void marks_a_file_with_its_items_and_takes_the_mark_back(void **state)
{
    struct place *place = open_place(state);
    const char *paths[] = {"a.zip", "a.zip!b/c.txt", "a.zip!t.csv#2", "a.zip2", "a.zip#1.txt"};
    size_t n;

    for (size_t i = 0; i < 5; i++)
        save(place, paths[i], "h");
    keep_file(place, "a.zip");
    keep_file(place, "a.zip#1.txt"); /* a file of its own whose name looks like an item */

    assert_int_equal(th_store_file_mark(place->store, "a.zip", true, &n, &place->err), TH_OK);
    assert_int_equal(n, 3);
    check_query(place, gone_sql, "a.zip\na.zip!b/c.txt\na.zip!t.csv#2\n");
    assert_int_equal(th_store_file_mark(place->store, "a.zip", false, &n, &place->err), TH_OK);
    check_query(place, gone_sql, "path\n");
}

static void marks_the_items_that_a_container_holds_no_more(void **state)
{
    struct place *place = open_place(state);
    int64_t one = save(place, "t.csv#1", "h1"), two = save(place, "t.csv#2", "h2"), kept[2];
    size_t n;

    save(place, "t.csv#3", "h3");
    kept[0] = two;
    kept[1] = one;
    assert_int_equal(th_store_items_mark_gone(place->store, "t.csv", kept, 2, &n, &place->err), TH_OK);
    assert_int_equal(n, 1);
    check_query(place, gone_sql, "t.csv#3\n");
    save(place, "t.csv#3", "h3"); /* it is read again */
    check_query(place, gone_sql, "path\n");
}

static void finds_the_file_of_an_item(void **state)
{
    struct place *place = open_place(state);
    int64_t item = save(place, "a.zip!b#c/t.csv#2", "h1"), lone = save(place, "x.txt", "h2");
    const char *path;

    keep_file(place, "a.zip");
    assert_int_equal(th_store_file_of(place->store, item, place->arena, &path, &place->err), TH_OK);
    assert_string_equal(path, "a.zip");
    assert_int_equal(th_store_file_of(place->store, lone, place->arena, &path, &place->err), TH_OK);
    assert_null(path);
}

static void forgets_what_is_below_a_path_and_nothing_else(void **state)
{
    struct place *place = open_place(state);
    th_forgotten forgotten;

    save(place, "in/a.txt", "h1");
    save(place, "in/b.csv#1", "h2");
    save(place, "inner/c.txt", "h3");
    save(place, "in.txt", "h4");
    keep_file(place, "in/b.csv");
    assert_int_equal(th_store_forget(place->store, "in", &forgotten, &place->err), TH_OK);
    assert_int_equal(forgotten.articles, 2);
    assert_int_equal(forgotten.files, 1);
    check_query(place, "SELECT path FROM article ORDER BY path", "in.txt\ninner/c.txt\n");
    check_query(place, "SELECT count(*) FROM block WHERE article_id NOT IN (SELECT id FROM article)", "0\n");
    assert_int_equal(th_store_forget(place->store, "nothing", &forgotten, &place->err), TH_OK);
    assert_int_equal(forgotten.articles + forgotten.files, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(makes_strict_tables_that_other_programs_can_tell),
        TEST(reads_back_the_article_it_saved),
        TEST(says_that_there_is_no_such_article),
        TEST(keeps_results_while_the_hash_is_the_same_and_drops_them_when_it_changes),
        TEST(finds_an_article_by_id_path_or_end_of_path),
        TEST(names_the_candidates_when_a_key_fits_several_articles),
        TEST(refuses_an_article_with_a_date_that_is_none),
        TEST(knows_an_unchanged_file_by_its_stamp),
        TEST(suspects_a_file_when_any_part_of_its_stamp_differs),
        TEST(suspects_a_file_that_was_read_within_two_seconds_of_its_change),
        TEST(marks_a_file_with_its_items_and_takes_the_mark_back),
        TEST(marks_the_items_that_a_container_holds_no_more),
        TEST(finds_the_file_of_an_item),
        TEST(forgets_what_is_below_a_path_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
