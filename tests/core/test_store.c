/* test_store.c - the database: articles, records, history, queries, and everything that can be wrong with a file. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/str.h"
#include "store/store.h"

/* Each test has a folder of its own below the current one. */
struct place {
    char dir[32];
    char db[64];
    th_arena *arena;
    th_store *store;
    th_error err;
};

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);

    strcpy(place->dir, "test-store-XXXXXX");
    if (!mkdtemp(place->dir))
        return -1;
    snprintf(place->db, sizeof place->db, "%s/t.db", place->dir);
    place->arena = th_arena_new();
    *state = place;
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    char command[64];

    th_store_close(place->store);
    th_arena_free(place->arena);
    chmod(place->dir, 0755);
    snprintf(command, sizeof command, "rm -r %s", place->dir);
    free(place);
    return system(command) == 0 ? 0 : -1;
}

static struct place *open_place(void **state)
{
    struct place *place = *state;

    assert_int_equal(th_store_open(&place->store, place->db, TH_STORE_WRITE, &place->err), TH_OK);
    return place;
}

static void reopen(struct place *place, th_store_mode mode)
{
    th_store_close(place->store);
    place->store = NULL;
    assert_int_equal(th_store_open(&place->store, place->db, mode, &place->err), TH_OK);
}

/* The message names the database at its start; `want` is what follows it. */
static void check_message(const struct place *place, const char *want)
{
    char text[1200];

    snprintf(text, sizeof text, "%s%s", place->db, want);
    assert_string_equal(place->err.text, text);
}

static void check_open_fails(struct place *place, th_store_mode mode, th_status status, const char *message)
{
    th_error_clear(&place->err);
    assert_int_equal(th_store_open(&place->store, place->db, mode, &place->err), status);
    assert_null(place->store);
    check_message(place, message);
}

/* ---- what a query gives, as text: cells by |, rows by newlines ---- */

static bool add_row(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    th_str *out = ctx;

    for (size_t i = 0; i < count; i++) {
        th_str_puts(out, i ? "|" : "");
        if (!values)
            th_str_puts(out, names[i]);
        else if (values[i].type == TH_CELL_INTEGER)
            th_str_addf(out, "%" PRId64, values[i].integer);
        else if (values[i].type == TH_CELL_NUMBER)
            th_str_addf(out, "%.15g", values[i].number);
        else if (values[i].type == TH_CELL_TEXT)
            th_str_add(out, values[i].text, values[i].len);
        else
            th_str_puts(out, "NULL");
    }
    th_str_putc(out, '\n');
    return true;
}

static void check_query(struct place *place, const char *sql, const char *want)
{
    th_str out = {0};
    th_status status = th_store_query(place->store, sql, NULL, 0, add_row, &out, &place->err);

    assert_string_equal(place->err.text, "");
    assert_int_equal(status, TH_OK);
    assert_string_equal(th_str_text(&out), want);
    th_str_free(&out);
}

static void check_refused(struct place *place, const char *sql, const char *message)
{
    th_str out = {0};

    th_error_clear(&place->err);
    assert_int_equal(th_store_query(place->store, sql, NULL, 0, add_row, &out, &place->err), TH_ERR_USAGE);
    assert_string_equal(place->err.text, message);
    assert_string_equal(th_str_text(&out), "");
    th_str_free(&out);
    th_error_clear(&place->err);
}

/* Change the file behind the store's back. */
static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void write_file(const char *path, const char *text)
{
    FILE *fp = fopen(path, "w");

    assert_non_null(fp);
    fputs(text, fp);
    fclose(fp);
}

/* ---- an article and a plugin to work with ---- */

static const th_block blocks[] = {{TH_BLOCK_TITLE, 0, 6, 0}, {TH_BLOCK_PARAGRAPH, 7, 31, 0}};
static const th_sentence sentences[] = {{0, 6, 0}, {7, 31, 1}};
static const char *authors[] = {"王一", "say \"hi\""};
static const th_dropped dropped[] = {{"share", "分享到"}};
static const char *warnings[] = {"1 damaged byte replaced"};

static th_article article(const char *path, const char *hash)
{
    th_article a = {.path = path, .format = "text", .title = "题目", .date = "2024-02-29", .source = "某报",
                    .authors = authors, .author_count = 2, .region_code = "350605", .region_name = "长泰区",
                    .lang = "zh", .text = "题目\n建公寓1200套。", .blocks = blocks, .block_count = 2,
                    .sentences = sentences, .sentence_count = 2, .dropped = dropped, .dropped_count = 1,
                    .warnings = warnings, .warning_count = 1};

    a.origins[TH_META_TITLE] = "<h1>";
    a.origins[TH_META_SOURCE] = "line 3: \"来源\"";
    snprintf(a.hash, sizeof a.hash, "%s", hash);
    a.len = strlen(a.text);
    return a;
}

static int64_t save(struct place *place, const char *path, const char *hash)
{
    th_article a = article(path, hash);

    assert_int_equal(th_store_article_save(place->store, &a, &place->err), TH_OK);
    return a.id;
}

static const th_field housing_fields[] = {{"date", TH_DATE, true},     {"facts", TH_JSON, true},
                                          {"open", TH_BOOLEAN, true},  {"place", TH_TEXT, true},
                                          {"rate", TH_NUMBER, true},   {"units", TH_INTEGER, false}};
static const th_schema housing = {"housing", housing_fields, 6};
static const th_schema *const housing_list[] = {&housing};
static const th_value null = {.is_null = true};

static int64_t plugin(struct place *place, const char *name, const char *fingerprint)
{
    int64_t id;

    assert_int_equal(th_store_plugin_save(place->store, name, "1.0", fingerprint, &id, &place->err), TH_OK);
    return id;
}

static int64_t housing_plugin(struct place *place)
{
    int64_t id = plugin(place, "housing", "f1");

    assert_int_equal(th_store_schema_save(place->store, id, &housing, &place->err), TH_OK);
    return id;
}

static th_value text_value(const char *text)
{
    return (th_value){.text = {text, strlen(text)}};
}

static void add_housing(struct place *place, th_records *list, uint32_t start, int64_t units, const char *date)
{
    th_value *values = th_arena_zalloc(place->arena, 6, sizeof *values);

    values[0] = date ? text_value(date) : null;
    values[1] = text_value("{\"a\":1}");
    values[2] = (th_value){.integer = 1};
    values[3] = text_value("");
    values[4] = (th_value){.number = 0.25};
    values[5] = (th_value){.integer = units};
    assert_true(th_records_add(list, place->arena, (th_record){&housing, start, start + 3, values}));
}

static th_status save_housing(struct place *place, int64_t article_id, int64_t plugin_id, const th_records *records)
{
    return th_store_results_save(place->store, article_id, plugin_id, "f1", housing_list, 1, records, &place->err);
}

/* ---- articles ---- */

static void makes_strict_tables_that_other_programs_can_tell(void **state)
{
    struct place *place = open_place(state);

    check_query(place, "PRAGMA user_version", "2\n");
    check_query(place, "PRAGMA application_id", "1414025043\n");
    check_query(place, "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND strict AND type = 'table'",
                "11\n");
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

static void points_from_a_duplicate_to_its_original_whatever_changes(void **state)
{
    struct place *place = open_place(state);

    save(place, "1.txt", "h1");
    save(place, "2.txt", "h1");
    save(place, "3.txt", "h1");
    check_query(place, "SELECT path, duplicate_of FROM article ORDER BY path", "1.txt|NULL\n2.txt|1\n3.txt|1\n");

    save(place, "1.txt", "h2");
    check_query(place, "SELECT path, duplicate_of FROM article ORDER BY path", "1.txt|NULL\n2.txt|NULL\n3.txt|2\n");

    save(place, "1.txt", "h1");
    check_query(place, "SELECT path, duplicate_of FROM article ORDER BY path", "1.txt|2\n2.txt|NULL\n3.txt|2\n");
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
    check_message(place, ": CHECK constraint failed: date IS date(date, '+0 days')");
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
    assert_int_equal(th_store_results_save(place->store, id, second_id, "p1", prizes, 1, &records, &place->err), TH_OK);
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
    assert_int_equal(th_store_results_save(place->store, id, plugin_id, "f", list, 1, &records, &place->err), TH_OK);

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

    assert_string_equal(place->err.text, "housing: a record at bytes 10–13 does not fit its table: CHECK constraint "
                                         "failed: date");
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
    th_store_results_save(place->store, first, ids[1], "b1", NULL, 0, &none, &place->err);
    th_store_results_save(place->store, third, ids[1], "b0", NULL, 0, &none, &place->err);

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
    assert_non_null(strstr(place->err.text, "CHECK constraint failed"));
}

/* ---- transactions ---- */

static void rolls_back_what_was_not_committed(void **state)
{
    struct place *place = open_place(state);

    assert_int_equal(th_store_begin(place->store, &place->err), TH_OK);
    save(place, "1.txt", "h1");
    assert_int_equal(th_store_commit(place->store, &place->err), TH_OK);
    th_store_begin(place->store, &place->err);
    save(place, "2.txt", "h2");
    th_store_rollback(place->store);
    th_store_begin(place->store, &place->err);
    save(place, "3.txt", "h3");
    reopen(place, TH_STORE_READ);

    check_query(place, "SELECT group_concat(path) FROM article", "1.txt\n");
}

static void keeps_the_committed_batch_of_a_killed_process(void **state)
{
    struct place *place = *state;
    int status;
    pid_t child = fork();

    if (child == 0) {
        open_place(state);
        th_store_begin(place->store, &place->err);
        save(place, "1.txt", "h1");
        th_store_commit(place->store, &place->err);
        th_store_begin(place->store, &place->err);
        save(place, "2.txt", "h2");
        kill(getpid(), SIGKILL);
    }
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));

    open_place(state);
    check_query(place, "SELECT group_concat(path) FROM article", "1.txt\n");
    check_query(place, "SELECT * FROM pragma_table_info('nothing')", "cid|name|type|notnull|dflt_value|pk\n");
}

static void says_that_the_disk_is_full_and_keeps_the_last_batch(void **state)
{
    struct place *place = open_place(state);
    char path[32];
    th_status status = TH_OK;

    assert_int_equal(th_store_limit_pages(place->store, 60, &place->err), TH_OK);
    th_store_begin(place->store, &place->err);
    save(place, "first.txt", "h");
    th_store_commit(place->store, &place->err);
    th_store_begin(place->store, &place->err);
    for (int i = 0; i < 5000 && status == TH_OK; i++) {
        snprintf(path, sizeof path, "%d.txt", i);
        th_article a = article(path, path);
        status = th_store_article_save(place->store, &a, &place->err);
    }
    th_store_rollback(place->store);

    assert_int_equal(status, TH_ERR_STORE);
    check_message(place, ": the disk is full; everything up to the last finished batch is kept: make room and run again");
    th_error_clear(&place->err);
    check_query(place, "SELECT group_concat(path) FROM article", "first.txt\n");
    th_store_limit_pages(place->store, 100000, &place->err);
    save(place, "again.txt", "h3");
    check_query(place, "SELECT count(*) FROM article", "2\n");
}

static void readers_see_the_last_batch_while_another_is_written(void **state)
{
    struct place *place = open_place(state);
    th_store *writer = place->store;

    save(place, "1.txt", "h1");
    th_store_begin(writer, &place->err);
    save(place, "2.txt", "h2");
    assert_int_equal(th_store_open(&place->store, place->db, TH_STORE_READ, &place->err), TH_OK);

    check_query(place, "SELECT group_concat(path) FROM article", "1.txt\n");
    th_store_close(writer);
}

/* ---- opening ---- */

static void a_second_writer_is_told_who_writes(void **state)
{
    struct place *place = open_place(state);
    th_store *second_writer = NULL;
    char message[128];

    assert_int_equal(th_store_open(&second_writer, place->db, TH_STORE_WRITE, &place->err), TH_ERR_BUSY);

    assert_null(second_writer);
    snprintf(message, sizeof message, ": being written by process %ld; wait until it ends", (long)getpid());
    check_message(place, message);
    th_error_clear(&place->err);
    reopen(place, TH_STORE_WRITE);
}

static void leaves_no_lock_file_and_minds_no_old_one(void **state)
{
    struct place *place = *state;
    char lock[80];

    snprintf(lock, sizeof lock, "%s-lock", place->db);
    write_file(lock, "999999\n");
    open_place(state);
    assert_int_equal(access(lock, F_OK), 0);
    th_store_close(place->store);
    place->store = NULL;

    assert_int_equal(access(lock, F_OK), -1);
}

static void a_database_locked_by_another_program_is_busy(void **state)
{
    struct place *place = open_place(state);
    sqlite3 *other;
    th_status status;

    sqlite3_open(place->db, &other);
    sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    status = th_store_begin(place->store, &place->err); /* waits for its five seconds */
    sqlite3_close(other);

    assert_int_equal(status, TH_ERR_BUSY);
    check_message(place, ": locked by another program; close it and run again");
}

static void names_a_missing_database(void **state)
{
    check_open_fails(*state, TH_STORE_READ, TH_ERR_MISSING, ": no such database; `talenthost run` makes it");
}

static void names_a_missing_folder(void **state)
{
    struct place *place = *state;
    char message[96];

    snprintf(place->db, sizeof place->db, "%s/no/t.db", place->dir);
    snprintf(message, sizeof message, ": there is no folder %s/no; make it first", place->dir);

    check_open_fails(place, TH_STORE_WRITE, TH_ERR_MISSING, message);
    check_open_fails(place, TH_STORE_READ, TH_ERR_MISSING, ": no such database; `talenthost run` makes it");
}

static void refuses_a_folder(void **state)
{
    struct place *place = *state;

    snprintf(place->db, sizeof place->db, "%s", place->dir);

    check_open_fails(place, TH_STORE_WRITE, TH_ERR_STORE, ": a folder, not a database; name a file with --store");
}

static void refuses_a_file_that_is_no_database_and_leaves_it_alone(void **state)
{
    struct place *place = *state;
    struct stat before, after;

    write_file(place->db, "This is a text file that somebody named like a database, long enough for a header of one.\n"
                          "Nothing in it may change.\n");
    stat(place->db, &before);

    check_open_fails(place, TH_STORE_WRITE, TH_ERR_STORE, ": not a database; name another file with --store");
    check_open_fails(place, TH_STORE_READ, TH_ERR_STORE, ": not a database; name another file with --store");
    stat(place->db, &after);
    assert_int_equal(before.st_size, after.st_size);
    assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

static void an_empty_file_can_be_written_but_not_read(void **state)
{
    struct place *place = *state;

    write_file(place->db, "");

    check_open_fails(place, TH_STORE_READ, TH_ERR_STORE, ": an empty file, not a database; `talenthost run` fills it");
    th_error_clear(&place->err);
    open_place(state);
}

static void refuses_the_database_of_another_program_and_leaves_it_alone(void **state)
{
    struct place *place = *state;

    run_sql(place->db, "CREATE TABLE article (x)");
    check_open_fails(place, TH_STORE_WRITE, TH_ERR_STORE, ": a database of another program; name another file with --store");
    check_open_fails(place, TH_STORE_READ, TH_ERR_STORE, ": a database of another program; name another file with --store");
    run_sql(place->db, "INSERT INTO article VALUES (1)");
}

static void refuses_a_database_of_a_newer_version(void **state)
{
    struct place *place = open_place(state);

    th_store_close(place->store);
    run_sql(place->db, "PRAGMA user_version = 99");

    check_open_fails(place, TH_STORE_WRITE, TH_ERR_STORE, ": written by a newer talenthost (schema 99, this one knows 2); "
                                                          "use that one or another file");
    check_open_fails(place, TH_STORE_READ, TH_ERR_STORE, ": written by a newer talenthost (schema 99, this one knows 2); "
                                                         "use that one or another file");
}

static void says_that_a_database_is_damaged(void **state)
{
    struct place *place = open_place(state);
    char junk[4096];
    int fd;

    save(place, "1.txt", "h1");
    th_store_close(place->store);
    place->store = NULL;
    memset(junk, 0x5A, sizeof junk);
    fd = open(place->db, O_WRONLY);
    for (int page = 1; page < 20; page++)
        assert_int_equal(pwrite(fd, junk, sizeof junk, page * 4096), (ssize_t)sizeof junk);
    close(fd);
    open_place(state);
    th_article a = article("1.txt", "h2");

    assert_int_equal(th_store_article_save(place->store, &a, &place->err), TH_ERR_STORE);
    check_message(place, ": the database is damaged (database disk image is malformed); restore a copy, or delete it and "
                         "run again");
}

/* Run `check` as a user who may not write everywhere; true when it held. */
static bool as_ordinary_user(struct place *place, bool (*check)(struct place *place))
{
    int status;

    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(2);
        _exit(check(place) ? 0 : 1);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool fails_with(struct place *place, th_store_mode mode, th_status status, const char *part)
{
    th_store *store = NULL;
    th_error err = {0};
    bool ok = th_store_open(&store, place->db, mode, &err) == status && !store && strstr(err.text, part);

    if (!ok)
        fprintf(stderr, "got %d: %s\n", err.status, err.text);
    return ok;
}

static bool is_read_only(struct place *place)
{
    return fails_with(place, TH_STORE_WRITE, TH_ERR_STORE, ": the database is read-only; check the file's permissions");
}

static bool is_unreadable(struct place *place)
{
    return fails_with(place, TH_STORE_READ, TH_ERR_UNREADABLE, ": Permission denied");
}

static bool is_in_a_folder_that_can_be_read_only(struct place *place)
{
    th_store *store = NULL;
    th_error err = {0};
    th_str out = {0};
    bool ok = th_store_open(&store, place->db, TH_STORE_READ, &err) == TH_OK &&
              th_store_query(store, "SELECT path FROM article", NULL, 0, add_row, &out, &err) == TH_OK &&
              strcmp(th_str_text(&out), "1.txt\n") == 0;

    if (!ok)
        fprintf(stderr, "got %d: %s\n", err.status, err.text);
    th_store_close(store);
    th_str_free(&out);
    return ok && fails_with(place, TH_STORE_WRITE, TH_ERR_IO, "-lock: Permission denied");
}

static void permissions_are_respected_and_named(void **state)
{
    struct place *place = open_place(state);

    save(place, "1.txt", "h1");
    th_store_close(place->store);
    place->store = NULL;

    chmod(place->dir, 0777);
    chmod(place->db, 0444);
    assert_true(as_ordinary_user(place, is_read_only));
    chmod(place->db, 0);
    assert_true(as_ordinary_user(place, is_unreadable));
    chmod(place->db, 0666);
    chmod(place->dir, 0555);
    assert_true(as_ordinary_user(place, is_in_a_folder_that_can_be_read_only));
}

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(makes_strict_tables_that_other_programs_can_tell),
        TEST(reads_back_the_article_it_saved),
        TEST(says_that_there_is_no_such_article),
        TEST(keeps_results_while_the_hash_is_the_same_and_drops_them_when_it_changes),
        TEST(points_from_a_duplicate_to_its_original_whatever_changes),
        TEST(finds_an_article_by_id_path_or_end_of_path),
        TEST(names_the_candidates_when_a_key_fits_several_articles),
        TEST(refuses_an_article_with_a_date_that_is_none),
        TEST(knows_an_unchanged_file_by_its_stamp),
        TEST(suspects_a_file_when_any_part_of_its_stamp_differs),
        TEST(suspects_a_file_that_was_read_within_two_seconds_of_its_change),
        TEST(reads_back_records_in_span_order_with_their_types),
        TEST(replaces_the_records_of_a_plugin_and_leaves_the_others),
        TEST(makes_a_table_anew_when_its_schema_changes_and_forgets_the_coverage),
        TEST(refuses_a_kind_that_two_plugins_declare),
        TEST(refuses_a_kind_named_like_a_core_table),
        TEST(kinds_and_fields_may_be_named_like_sql_words),
        TEST(a_record_that_its_table_refuses_is_the_plugins_mistake),
        TEST(lists_the_articles_whose_results_are_missing_or_stale),
        TEST(updates_a_plugin_under_its_id),
        TEST(closes_a_run_that_a_killed_process_left_open),
        TEST(writes_failures_with_the_reasons_of_the_table),
        TEST(knows_no_other_end_of_a_run),
        TEST(rolls_back_what_was_not_committed),
        TEST(keeps_the_committed_batch_of_a_killed_process),
        TEST(says_that_the_disk_is_full_and_keeps_the_last_batch),
        TEST(readers_see_the_last_batch_while_another_is_written),
        TEST(a_second_writer_is_told_who_writes),
        TEST(leaves_no_lock_file_and_minds_no_old_one),
        TEST(a_database_locked_by_another_program_is_busy),
        TEST(names_a_missing_database),
        TEST(names_a_missing_folder),
        TEST(refuses_a_folder),
        TEST(refuses_a_file_that_is_no_database_and_leaves_it_alone),
        TEST(an_empty_file_can_be_written_but_not_read),
        TEST(refuses_the_database_of_another_program_and_leaves_it_alone),
        TEST(refuses_a_database_of_a_newer_version),
        TEST(says_that_a_database_is_damaged),
        TEST(permissions_are_respected_and_named),
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
