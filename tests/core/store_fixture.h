/* store_fixture.h - a store in a folder of its own, an article and a plugin to put into it, and what a query gives. */
#ifndef TH_TEST_STORE_FIXTURE_H
#define TH_TEST_STORE_FIXTURE_H

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

static inline int make_place(void **state)
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

static inline int remove_place(void **state)
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

static inline struct place *open_place(void **state)
{
    struct place *place = *state;

    assert_int_equal(th_store_open(&place->store, place->db, TH_STORE_WRITE, &place->err), TH_OK);
    return place;
}

static inline void reopen(struct place *place, th_store_mode mode)
{
    th_store_close(place->store);
    place->store = NULL;
    assert_int_equal(th_store_open(&place->store, place->db, mode, &place->err), TH_OK);
}

/* The message names the database at its start; `want` is what follows it. */
static inline void check_message(const struct place *place, const char *want)
{
    char text[1200];

    snprintf(text, sizeof text, "%s%s", place->db, want);
    assert_string_equal(place->err.text, text);
}

static inline void check_open_fails(struct place *place, th_store_mode mode, th_status status, const char *message)
{
    th_error_clear(&place->err);
    assert_int_equal(th_store_open(&place->store, place->db, mode, &place->err), status);
    assert_null(place->store);
    check_message(place, message);
}

/* ---- what a query gives, as text: cells by |, rows by newlines ---- */

static inline bool add_row(void *ctx, const char *const *names, const th_cell *values, size_t count)
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

static inline void check_query(struct place *place, const char *sql, const char *want)
{
    th_str out = {0};
    th_status status = th_store_query(place->store, sql, NULL, 0, add_row, &out, &place->err);

    assert_string_equal(place->err.text, "");
    assert_int_equal(status, TH_OK);
    assert_string_equal(th_str_text(&out), want);
    th_str_free(&out);
}

static inline void check_refused(struct place *place, const char *sql, const char *message)
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
static inline void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static inline void write_file(const char *path, const char *text)
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

static inline th_article article(const char *path, const char *hash)
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

static inline int64_t save(struct place *place, const char *path, const char *hash)
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

static inline int64_t plugin(struct place *place, const char *name, const char *fingerprint)
{
    int64_t id;

    assert_int_equal(th_store_plugin_save(place->store, name, "1.0", fingerprint, &id, &place->err), TH_OK);
    return id;
}

static inline int64_t housing_plugin(struct place *place)
{
    int64_t id = plugin(place, "housing", "f1");

    assert_int_equal(th_store_schema_save(place->store, id, &housing, &place->err), TH_OK);
    return id;
}

static inline th_value text_value(const char *text)
{
    return (th_value){.text = {text, strlen(text)}};
}

static inline void add_housing(struct place *place, th_records *list, uint32_t start, int64_t units, const char *date)
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

static inline th_status save_housing(struct place *place, int64_t article_id, int64_t plugin_id, const th_records *records)
{
    return th_store_results_save(place->store, article_id, plugin_id, "f1", NULL, housing_list, 1, records, &place->err);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

#endif
