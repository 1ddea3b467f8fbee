/* test_eval.c - scoring a small store against invented gold whose figures are known. */
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
#include <jansson.h>
#include <sqlite3.h>

#include "eval/eval.h"

#define TEXT                                                                                                           \
    "青禾区引才纪事\n"                                                                                                   \
    "一、安居\n"                                                                                                         \
    "去年，青禾区新增人才公寓超１２００套，发放补贴3.5万元。历时３年，“青禾英才”计划落地；在全市率先设立驿站。\n"                      \
    "“青禾英才”计划还在继续。"

static const char gold_text[] =
    "{\"article\": \"one.txt\",\n"
    " \"meta\": {\"title\": \"青禾区引才纪事\", \"date\": \"2024-05-01\", \"source\": null, \"authors\": [\"甲\", \"乙\"],\n"
    "  \"region_code\": \"990101\"},\n"
    " \"headings\": [\"一、安居\"], \"captions\": [], \"boilerplate\": [\"版权所有\"],\n"
    " \"body_first\": \"去年,青禾区\", \"body_last\": \"还在 继续。\",\n"
    " \"metrics\": [\n"
    "  {\"text\": \"1200套\", \"value\": 1200, \"unit\": \"套\", \"cmp\": \"over\", \"subject\": \"人才公寓\", \"indicator\":\n"
    "   \"housing_units\", \"aspect\": \"flow\", \"aspect_alt\": [\"stock\"], \"time\": \"去年\", \"context\": \"公寓超1200套\"},\n"
    "  {\"text\": \"3.5万元\", \"value\": 35000, \"unit\": \"元\", \"cmp\": \"exact\", \"subject\": \"补贴\", \"indicator\":\n"
    "   \"subsidy_paid\", \"aspect\": \"flow\", \"time\": null, \"context\": \"发放补贴3.5万元\"},\n"
    "  {\"text\": \"3年\", \"value\": 3, \"unit\": \"年\", \"cmp\": \"exact\", \"subject\": null, \"indicator\": \"other\",\n"
    "   \"aspect\": \"attribute\", \"time\": null, \"context\": \"历时3年\"}],\n"
    " \"policies\": [{\"sentence\": \"发放补贴3.5万元。\", \"stages\": [\"attract\", \"retain\"], \"instruments\": [\"housing\"]}],\n"
    " \"programmes\": [{\"text\": \"“青禾英才”计划\", \"type\": \"plan\"}],\n"
    " \"rankings\": [{\"text\": \"全市率先\", \"rank\": 1, \"scope\": \"全市\", \"streak\": null, \"context\": \"在全市率先设立\"}],\n"
    " \"times\": [{\"text\": \"去年\", \"from\": \"2023-01-01\", \"to\": \"2023-12-31\", \"context\": \"去年,青禾区\"}],\n"
    " \"regions\": [{\"text\": \"青禾区\", \"code\": \"990101\", \"code_alt\": [\"990100\"], \"level\": \"county\"}]}\n";

/* Each test has a folder of its own below the current one, with gold/one.json and t.db. */
struct place {
    char dir[32], gold[48], db[48];
    th_error err;
    th_str out;
    json_t *result;
};

static void write_gold(const struct place *place, const char *name, const char *text)
{
    char path[96];

    snprintf(path, sizeof path, "%s/%s", place->gold, name);
    FILE *fp = fopen(path, "w");
    assert_non_null(fp);
    fputs(text, fp);
    fclose(fp);
}

static const th_field metric[] = {
    {"aspect", TH_TEXT, true},    {"cmp", TH_TEXT, true},       {"from_date", TH_DATE, true}, {"indicator", TH_TEXT, true},
    {"region_code", TH_TEXT, true}, {"subject", TH_TEXT, true}, {"text", TH_TEXT, true},      {"time_text", TH_TEXT, true},
    {"to_date", TH_DATE, true},   {"unit", TH_TEXT, true},      {"value", TH_NUMBER, true},   {"value_max", TH_NUMBER, true}};
static const th_field policy[] = {{"instrument", TH_TEXT, true}, {"stage", TH_TEXT, true}};
static const th_field programme[] = {{"text", TH_TEXT, true}, {"type", TH_TEXT, true}};
static const th_field ranking[] = {
    {"rank", TH_INTEGER, true}, {"scope", TH_TEXT, true}, {"streak", TH_INTEGER, true}, {"text", TH_TEXT, true}};
static const th_field region[] = {
    {"code", TH_TEXT, true}, {"level", TH_TEXT, true}, {"name", TH_TEXT, true}, {"text", TH_TEXT, true}};
static const th_field timex[] = {{"from_date", TH_DATE, true}, {"text", TH_TEXT, true}, {"to_date", TH_DATE, true}};
static const th_schema kinds[] = {{"metric", metric, 12},  {"policy", policy, 2}, {"programme", programme, 2},
                                  {"ranking", ranking, 4}, {"region", region, 4}, {"timex", timex, 3}};

static void make_store(struct place *place)
{
    const char *authors[] = {"甲", "乙"};
    const size_t title = strlen("青禾区引才纪事"), heading = title + 1 + strlen("一、安居");
    const th_block blocks[] = {{TH_BLOCK_TITLE, 0, (uint32_t)title, 0},
                               {TH_BLOCK_HEADING, (uint32_t)title + 1, (uint32_t)heading, 1},
                               {TH_BLOCK_PARAGRAPH, (uint32_t)heading + 1, (uint32_t)strlen(TEXT), 0}};
    th_article a = {.path = "in/pages.zip!one.txt", .format = "text", .hash = "h", .title = "青禾区引才纪事",
                    .date = "2024-05-01", .authors = authors, .author_count = 2, .region_code = "990101", .lang = "zh",
                    .text = TEXT, .len = strlen(TEXT), .blocks = blocks, .block_count = 3};
    th_store *store;
    int64_t id;

    assert_int_equal(th_store_open(&store, place->db, TH_STORE_WRITE, &place->err), TH_OK);
    assert_int_equal(th_store_article_save(store, &a, &place->err), TH_OK);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        assert_int_equal(th_store_plugin_save(store, kinds[i].kind, "1", "f", &id, &place->err), TH_OK);
        assert_int_equal(th_store_schema_save(store, id, &kinds[i], &place->err), TH_OK);
    }
    th_store_close(store);
}

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);

    strcpy(place->dir, "test-eval-XXXXXX");
    if (!mkdtemp(place->dir))
        return -1;
    snprintf(place->gold, sizeof place->gold, "%s/gold", place->dir);
    snprintf(place->db, sizeof place->db, "%s/t.db", place->dir);
    mkdir(place->gold, 0755);
    write_gold(place, "one.json", gold_text);
    make_store(place);
    *state = place;
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    char command[64];

    snprintf(command, sizeof command, "rm -r %s", place->dir);
    json_decref(place->result);
    th_str_free(&place->out);
    free(place);
    return system(command) == 0 ? 0 : -1;
}

/* Add a row to `table` whose span is the `nth` (from 0) place of `text`; `columns` and `values` are SQL. */
static void add(struct place *place, const char *table, const char *text, int nth, const char *columns, const char *values)
{
    const char *at = strstr(TEXT, text);
    sqlite3 *db;
    char *sql, *fault = NULL;

    while (at && nth--)
        at = strstr(at + 1, text);
    assert_non_null(at);
    sqlite3_open(place->db, &db);
    sql = sqlite3_mprintf("INSERT INTO %s (article_id, start, stop, %s) VALUES (1, %d, %d, %s)", table, columns,
                          (int)(at - TEXT), (int)(at - TEXT) + (int)strlen(text), values);
    sqlite3_exec(db, sql, NULL, NULL, &fault);
    if (fault)
        fail_msg("%s: %s", sql, fault);
    sqlite3_free(sql);
    sqlite3_close(db);
}

static void run_sql(const struct place *place, const char *sql)
{
    sqlite3 *db;

    sqlite3_open(place->db, &db);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static th_status eval_as(struct place *place, const th_eval_options *options)
{
    th_store *store;

    th_str_clear(&place->out);
    th_error_clear(&place->err);
    assert_int_equal(th_store_open(&store, place->db, TH_STORE_READ, &place->err), TH_OK);
    th_status status = th_eval(place->gold, store, options, &place->out, &place->err);
    th_store_close(store);
    return status;
}

static th_status eval(struct place *place, bool json, size_t errors)
{
    return eval_as(place, &(th_eval_options){.json = json, .errors = errors});
}

static void eval_json(struct place *place)
{
    assert_int_equal(eval(place, true, 100), TH_OK);
    json_decref(place->result);
    place->result = json_loads(th_str_text(&place->out), 0, NULL);
    assert_non_null(place->result);
}

static void check_prf(const struct place *place, const char *name, int gold, int predicted, int right)
{
    const json_t *n = json_object_get(json_object_get(place->result, "prf"), name);
    int g = (int)json_integer_value(json_object_get(n, "gold")), p = (int)json_integer_value(json_object_get(n, "predicted"));
    int r = (int)json_integer_value(json_object_get(n, "right"));

    if (!n || g != gold || p != predicted || r != right)
        fail_msg("%s: got gold %d, predicted %d, right %d; want %d, %d, %d", name, g, p, r, gold, predicted, right);
}

static void check_share(const struct place *place, const char *name, int right, int of)
{
    const json_t *n = json_object_get(json_object_get(place->result, "accuracy"), name);
    int r = (int)json_integer_value(json_object_get(n, "right")), all = (int)json_integer_value(json_object_get(n, "n"));

    if (!n || r != right || all != of)
        fail_msg("%s: got %d of %d; want %d of %d", name, r, all, right, of);
}

static void check_error(const struct place *place, const char *section, const char *kind, const char *what)
{
    const json_t *list = json_object_get(place->result, "errors");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *e = json_array_get(list, i);
        if (strcmp(json_string_value(json_object_get(e, "section")), section) == 0 &&
            strcmp(json_string_value(json_object_get(e, "kind")), kind) == 0 &&
            strcmp(json_string_value(json_object_get(e, "what")), what) == 0)
            return;
    }
    fail_msg("no error \"%s: %s: %s\" in %s", section, kind, what, th_str_text(&place->out));
}

/* ---- what is right ---- */

static void add_everything(struct place *place)
{
    add(place, "metric", "１２００套", 0, "value, unit, cmp, subject, indicator, aspect, time_text, text",
        "1200, '套', 'over', '人才 公寓', 'housing_units', 'stock', '去年', '1200套'");
    add(place, "metric", "3.5万元", 0, "value, unit, cmp, subject, indicator, aspect",
        "35000, '人民币', 'exact', '补贴', 'subsidy_paid', 'flow'");
    add(place, "policy", "发放补贴", 0, "stage, instrument", "'attract', 'housing'");
    add(place, "policy", "发放补贴", 0, "stage, instrument", "'retain', 'housing'");
    add(place, "programme", "“青禾英才”计划", 0, "text, type", "'“青禾英才”计划', 'plan'");
    add(place, "programme", "“青禾英才”计划", 1, "text, type", "'“青禾英才”计划', 'plan'");
    add(place, "ranking", "全市率先", 0, "text, rank, scope", "'全市率先', 1, '全市'");
    add(place, "timex", "去年", 0, "text, from_date, to_date", "'去年', '2023-01-01', '2023-12-31'");
    add(place, "region", "青禾区", 0, "text, code, name, level", "'青禾区', '990101', '青禾区', 'county'");
    add(place, "region", "青禾区", 1, "text, code, name, level", "'青禾区', '990101', '青禾区', 'county'");
}

static void a_store_that_agrees_with_gold_has_full_marks(void **state)
{
    struct place *place = *state;
    const char *name;
    json_t *n;

    add_everything(place);
    eval_json(place);

    assert_int_equal(json_object_size(json_object_get(place->result, "prf")), 18);
    json_object_foreach(json_object_get(place->result, "prf"), name, n)
        if (json_number_value(json_object_get(n, "f1")) != 1)
            fail_msg("%s: F1 %g", name, json_number_value(json_object_get(n, "f1")));
    json_object_foreach(json_object_get(place->result, "accuracy"), name, n)
        if (json_integer_value(json_object_get(n, "right")) != json_integer_value(json_object_get(n, "n")))
            fail_msg("%s is not all right", name);
    check_prf(place, "metrics: value+unit+cmp", 2, 2, 2); /* the three years are scored neither way */
    check_prf(place, "programmes: text", 1, 1, 1);        /* marked twice, counted once */
    check_share(place, "metric field: cmp, where not exact", 1, 1);
    check_share(place, "meta: authors", 1, 1);
    assert_int_equal(json_array_size(json_object_get(place->result, "errors")), 0);
    assert_int_equal(json_array_size(json_object_get(place->result, "warnings")), 0);
}

static void prints_an_aligned_table(void **state)
{
    struct place *place = *state;

    add_everything(place);
    assert_int_equal(eval(place, false, 0), TH_OK);

    const char *text = th_str_text(&place->out);
    assert_ptr_equal(strstr(text, "gold: articles found 1 of 1, gold metrics not in the text 0\n\n"), text);
    assert_non_null(strstr(text, "metrics: mention                  2       2       2  1.000  1.000  1.000\n"));
    assert_non_null(strstr(text, "\nmeta: title                               1       1  1.000\n"));
}

/* ---- what is wrong ---- */

static void counts_misses_false_alarms_and_wrong_fields_of_figures(void **state)
{
    struct place *place = *state;

    add(place, "metric", "１２００套", 0, "value, unit, cmp, subject, indicator, text",
        "1200, '套', 'exact', '房', 'other', '1200套'");
    add(place, "metric", "3.5", 0, "value, unit, cmp, text", "3.5, '元', 'exact', '3.5'");
    add(place, "metric", "全市", 0, "value, unit, cmp, text", "1, '个', 'exact', '全市'");
    add(place, "metric", "３年", 0, "value, unit, cmp, text", "3, '项', 'exact', '３年'");
    eval_json(place);

    check_prf(place, "metrics: mention", 2, 3, 2);
    check_prf(place, "metrics: value+unit", 2, 3, 1);
    check_prf(place, "metrics: value+unit+cmp", 2, 3, 0);
    check_share(place, "metric field: subject partial", 0, 1);
    check_share(place, "metric field: cmp", 0, 1);
    check_error(place, "metrics", "wrong indicator", "1200套: want housing_units, got other");
    check_error(place, "metrics", "wrong aspect", "1200套: want flow, got None");
    check_error(place, "metrics", "wrong time", "1200套: want 去年, got None");
    check_error(place, "metrics", "wrong value or unit", "want 3.5万元 = 35000 元 exact, got 3.5 = 3.5 元 exact");
    check_error(place, "metrics", "false alarm", "全市 = 1 个 exact, None");
}

static void a_range_is_not_its_lower_end(void **state)
{
    struct place *place = *state;

    add(place, "metric", "3.5万元", 0, "value, value_max, unit, cmp", "35000, 50000, '元', 'exact'");
    add(place, "metric", "１２００套", 0, "value, value_max, unit, cmp", "1200, 1200, '套', 'over'");
    eval_json(place);

    check_prf(place, "metrics: value+unit", 2, 2, 1);
}

static void counts_sentences_and_codes_of_policies(void **state)
{
    struct place *place = *state;

    add(place, "policy", "去年，青禾区新增", 0, "stage, instrument", "'attract,employ', 'funding'");
    add(place, "policy", "“青禾英才”计划还在继续。", 0, "stage, instrument", "'develop', 'planning'");
    eval_json(place);

    check_prf(place, "policies: sentence", 1, 2, 1);
    check_prf(place, "policies: stage", 2, 3, 1);
    check_prf(place, "policies: instrument", 1, 2, 0);
    check_error(place, "policies", "wrong stage", "want attract retain, got attract employ");
    check_error(place, "policies", "false alarm", "develop / planning");
}

static void tells_overlap_from_the_same_text(void **state)
{
    struct place *place = *state;

    add(place, "programme", "“青禾英才”", 0, "text, type", "'“青禾英才”', 'plan'");
    add(place, "programme", "驿站", 0, "text, type", "'驿站', 'platform'");
    add(place, "timex", "去年", 0, "text, from_date, to_date", "'去年', '2024-01-01', NULL");
    add(place, "ranking", "率先", 0, "text, rank, scope", "'率先', 1, NULL");
    eval_json(place);

    check_prf(place, "programmes: text", 1, 2, 0);
    check_prf(place, "programmes: overlap", 1, 2, 1);
    check_error(place, "programmes", "wrong text", "want “青禾英才”计划, got “青禾英才”");
    check_prf(place, "times: text", 1, 1, 1);
    check_prf(place, "times: text+dates", 1, 1, 0);
    check_error(place, "times", "wrong field", "want text 去年, from 2023-01-01, to 2023-12-31; got text 去年, from_date "
                                               "2024-01-01, to_date None");
    check_prf(place, "rankings: rank", 1, 1, 1);
    check_prf(place, "rankings: rank+scope", 1, 1, 0);
}

static void accepts_the_other_code_of_a_region_but_no_third(void **state)
{
    struct place *place = *state;

    add(place, "region", "青禾区", 0, "text, code, level", "'青禾区', '990100', 'city'");
    eval_json(place);
    check_prf(place, "regions: text+code", 1, 1, 1);
    check_share(place, "region level (of text+code matches)", 0, 1);

    run_sql(place, "UPDATE region SET code = '110000'");
    eval_json(place);
    check_prf(place, "regions: text+code", 1, 1, 0);
    check_prf(place, "regions: text", 1, 1, 1);
    check_error(place, "regions", "missed", "青禾区 990101");
}

static void sees_boilerplate_lost_ends_and_wrong_metadata(void **state)
{
    struct place *place = *state;

    run_sql(place, "UPDATE article SET text = text || '版权 所有', title = '别的', authors = '[\"乙\",\"甲\"]', "
                   "source = '某报'; UPDATE block SET kind = 'heading'");
    eval_json(place);

    check_share(place, "body: boilerplate absent", 0, 1);
    check_share(place, "body: first and last present", 2, 2);
    check_prf(place, "body: headings", 1, 3, 1);
    check_share(place, "meta: title", 0, 1);
    check_share(place, "meta: authors", 0, 1);
    check_error(place, "meta", "wrong authors", "want ['甲', '乙'], got [\"乙\",\"甲\"]");
    check_error(place, "meta", "wrong source", "want None, got 某报");
}

static void an_article_that_is_not_there_is_missed_as_a_whole(void **state)
{
    struct place *place = *state;

    add_everything(place);
    run_sql(place, "UPDATE article SET path = 'in/two.txt'");
    eval_json(place);

    assert_string_equal(json_string_value(json_object_get(json_object_get(place->result, "facts"), "articles found")),
                        "0 of 1");
    check_prf(place, "metrics: value+unit", 2, 0, 0);
    check_prf(place, "policies: stage", 2, 0, 0);
    check_prf(place, "regions: text", 1, 0, 0);
    check_share(place, "meta: title", 0, 1);
    check_error(place, "metrics", "missed", "3.5万元 = 35000 元 exact (context not in the text)");
}

static void counts_rows_whose_span_is_no_good_and_tables_that_are_missing(void **state)
{
    struct place *place = *state;

    add(place, "region", "青禾区", 0, "text, code", "'别的', '990101'");
    run_sql(place, "INSERT INTO region (article_id, start, stop, text) VALUES (1, 5, 5, 'x'), (1, -1, 3, 'x'), "
                   "(1, 0, 99999, 'x'); DROP TABLE timex; ALTER TABLE ranking DROP COLUMN streak");
    eval_json(place);

    const json_t *warnings = json_object_get(place->result, "warnings");
    assert_int_equal(json_array_size(warnings), 3);
    assert_string_equal(json_string_value(json_array_get(warnings, 0)), "ranking lacks streak");
    assert_string_equal(json_string_value(json_array_get(warnings, 1)), "no table timex");
    assert_string_equal(json_string_value(json_array_get(warnings, 2)),
                        "4 region records whose text is not what their span holds, or without a span");
}

static void shows_the_first_errors_of_each_kind_with_how_many_there_are(void **state)
{
    struct place *place = *state;

    assert_int_equal(eval(place, false, 1), TH_OK);

    assert_non_null(strstr(th_str_text(&place->out),
                           "\nmetrics: missed (2)\n"
                           "  one  1200套 = 1200 套 over\n"
                           "      去年，青禾区新增人才公寓超１２００套，发放补贴3.5万元。\n\n"));
}

/* ---- an earlier evaluation, and rules tied to one article ---- */

/* Save what the store gives now as `path`. */
static void save_evaluation(struct place *place, char *path, size_t size)
{
    assert_int_equal(eval(place, true, 0), TH_OK);
    snprintf(path, size, "%s/before.json", place->dir);
    FILE *fp = fopen(path, "w");
    assert_non_null(fp);
    fputs(th_str_text(&place->out), fp);
    fclose(fp);
}

static void shows_what_changed_since_an_earlier_evaluation(void **state)
{
    struct place *place = *state;
    char path[64];

    save_evaluation(place, path, sizeof path);
    assert_int_equal(eval_as(place, &(th_eval_options){.against = path}), TH_OK);
    assert_non_null(strstr(th_str_text(&place->out), "no figure has changed"));

    run_sql(place, "DELETE FROM region");
    add(place, "region", "青禾区", 0, "text, code", "'青禾区', '990101'");
    assert_int_equal(eval_as(place, &(th_eval_options){.against = path}), TH_OK);
    assert_non_null(strstr(th_str_text(&place->out), "changed since the earlier evaluation:\n"));
    assert_non_null(strstr(th_str_text(&place->out), "regions: text+code                    0.000 -> 1.000  +1.000\n"));
    assert_int_equal(eval_as(place, &(th_eval_options){.json = true, .against = path}), TH_OK);
    assert_non_null(strstr(th_str_text(&place->out), "{\"name\": \"regions: text+code\", \"before\": 0, \"now\": 1}"));
    unlink(path);
}

static void refuses_an_earlier_evaluation_that_is_none(void **state)
{
    struct place *place = *state;
    char path[64], want[128];

    snprintf(path, sizeof path, "%s/none.json", place->dir);
    assert_int_equal(eval_as(place, &(th_eval_options){.against = path}), TH_ERR_IO);
    snprintf(path, sizeof path, "%s/one.json", place->gold);
    assert_int_equal(eval_as(place, &(th_eval_options){.against = path}), TH_ERR_PARSE);
    snprintf(want, sizeof want, "%s:1:1: no earlier evaluation; save one with eval --json", path);
    assert_string_equal(place->err.text, want);
}

static void tells_the_terms_that_one_article_alone_has(void **state)
{
    static const char yaml[] = "homes: [人才公寓, 公寓, 安居房]\nmore:\n  acts: { words: [发放, 落地, '7', plain] }\nlabel: 青禾区\n";
    const th_eval_source source = {"plugins/data/homes.yaml", yaml, sizeof yaml - 1};
    const th_eval_options options = {.cross = true, .sources = &source, .source_count = 1};
    struct place *place = *state;

    th_article two = {.path = "b/two.txt", .format = "text", .hash = "g", .title = "二", .lang = "zh",
                      .text = "发放补贴。发放公寓。", .len = strlen("发放补贴。发放公寓。")};
    th_store *store;
    assert_int_equal(th_store_open(&store, place->db, TH_STORE_WRITE, &place->err), TH_OK);
    assert_int_equal(th_store_article_save(store, &two, &place->err), TH_OK);
    th_store_close(store);
    assert_int_equal(eval_as(place, &options), TH_OK);

    const char *out = th_str_text(&place->out);
    assert_non_null(strstr(out, "\nF1 by article: (1) metrics: mention"));
    assert_non_null(strstr(out, "\none  "));
    assert_non_null(strstr(out, "\nterms of the plugins' data in 2 articles: 5; in several 1, in one 3, in none 1\n"));
    assert_non_null(strstr(out, "\n  pages.zip!one.txt  homes.yaml  homes  人才公寓\n"));
    assert_non_null(strstr(out, "\n  two.txt  homes.yaml  homes  公寓\n"));
    assert_non_null(strstr(out, "\n  pages.zip!one.txt  homes.yaml  more.acts.words  落地\n"));
    assert_null(strstr(out, "安居房"));
}

static void names_the_place_of_a_fault_in_a_source(void **state)
{
    const th_eval_source source = {"data/bad.yaml", "a: [b\n", 6};
    struct place *place = *state;

    assert_int_equal(eval_as(place, &(th_eval_options){.cross = true, .sources = &source, .source_count = 1}), TH_ERR_PARSE);
    assert_memory_equal(place->err.text, "data/bad.yaml:", strlen("data/bad.yaml:"));
}

/* ---- bad gold ---- */

static void check_fails(struct place *place, th_status status, const char *message)
{
    char want[256];

    assert_int_equal(eval(place, false, 0), status);
    snprintf(want, sizeof want, "%s%s", place->gold, message);
    assert_string_equal(place->err.text, want);
    assert_int_equal(place->out.len, 0);
}

static void names_a_gold_folder_that_is_missing_or_empty(void **state)
{
    struct place *place = *state;
    char path[64];

    snprintf(path, sizeof path, "%s/one.json", place->gold);
    unlink(path);
    check_fails(place, TH_ERR_MISSING, ": no *.json file with gold in it");
    rmdir(place->gold);
    check_fails(place, TH_ERR_MISSING, ": No such file or directory");
}

static void names_the_place_of_a_fault_in_gold(void **state)
{
    struct place *place = *state;

    write_gold(place, "one.json", "{\"article\": \"one.txt\",\n \"meta\": }");
    check_fails(place, TH_ERR_PARSE, "/one.json:2:10: unexpected token near '}'");
    write_gold(place, "one.json", "[1]");
    check_fails(place, TH_ERR_PARSE, "/one.json: expected an object with the gold of one article");
    write_gold(place, "one.json", "{\"article\": 5}");
    check_fails(place, TH_ERR_PARSE, "/one.json: article: expected a text");
    write_gold(place, "one.json", "");
    assert_int_equal(eval(place, false, 0), TH_ERR_PARSE);
}

/* The gold with the first `from` in it replaced by `to`. */
static void write_changed_gold(struct place *place, const char *from, const char *to)
{
    const char *at = strstr(gold_text, from);
    th_str text = {0};

    assert_non_null(at);
    th_str_add(&text, gold_text, (size_t)(at - gold_text));
    th_str_puts(&text, to);
    th_str_puts(&text, at + strlen(from));
    write_gold(place, "one.json", th_str_text(&text));
    th_str_free(&text);
}

static void names_the_item_of_gold_that_lacks_something(void **state)
{
    struct place *place = *state;

    write_changed_gold(place, "\"value\": 35000", "\"value\": \"many\"");
    check_fails(place, TH_ERR_PARSE, "/one.json: metrics[1]: expected a number \"value\"");
    write_changed_gold(place, "\"unit\": \"套\", ", "");
    check_fails(place, TH_ERR_PARSE, "/one.json: metrics[0]: expected a text \"unit\"");
    write_changed_gold(place, "\"stages\": [\"attract\", \"retain\"]", "\"stages\": \"attract\"");
    check_fails(place, TH_ERR_PARSE, "/one.json: policies[0]: expected a list of texts \"stages\"");
    write_changed_gold(place, "\"headings\": [\"一、安居\"]", "\"headings\": [7]");
    check_fails(place, TH_ERR_PARSE, "/one.json: headings[0]: expected a text");
    write_changed_gold(place, "\"captions\": []", "\"captions\": {}");
    check_fails(place, TH_ERR_PARSE, "/one.json: captions: expected a list");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_store_that_agrees_with_gold_has_full_marks),
        TEST(prints_an_aligned_table),
        TEST(counts_misses_false_alarms_and_wrong_fields_of_figures),
        TEST(a_range_is_not_its_lower_end),
        TEST(counts_sentences_and_codes_of_policies),
        TEST(tells_overlap_from_the_same_text),
        TEST(accepts_the_other_code_of_a_region_but_no_third),
        TEST(sees_boilerplate_lost_ends_and_wrong_metadata),
        TEST(an_article_that_is_not_there_is_missed_as_a_whole),
        TEST(counts_rows_whose_span_is_no_good_and_tables_that_are_missing),
        TEST(shows_the_first_errors_of_each_kind_with_how_many_there_are),
        TEST(shows_what_changed_since_an_earlier_evaluation),
        TEST(refuses_an_earlier_evaluation_that_is_none),
        TEST(tells_the_terms_that_one_article_alone_has),
        TEST(names_the_place_of_a_fault_in_a_source),
        TEST(names_a_gold_folder_that_is_missing_or_empty),
        TEST(names_the_place_of_a_fault_in_gold),
        TEST(names_the_item_of_gold_that_lacks_something),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
