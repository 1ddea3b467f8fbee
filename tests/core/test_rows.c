/* Tables and JSON: what is one, what its fields are, what happens to rows that are damaged. */
#include "many_helper.h"

#define HEADER "标题,日期,来源,正文\n"

static void a_row_is_an_article(void **state)
{
    (void)state;

    check("r.csv", HEADER "甲市引才,2024-03-05,甲日报,今年引进人才120人。\n乙市育才,2023年1月2日,,培训3000人次。\n",
          "r.csv#1|甲市引才|2024-03-05|甲日报|今年引进人才120人。\n"
          "r.csv#2|乙市育才|2023-01-02||培训3000人次。\n");
}

static void quotes_hold_delimiters_line_breaks_and_quotes(void **state)
{
    (void)state;

    check("r.csv", HEADER "\"甲,乙\",2024-03-05,,\"第一段,有逗号。\n第二段说\"\"好\"\"。\"\r\n丙,,,\"第三段。\"\r\n",
          "r.csv#1|甲,乙|2024-03-05||第一段,有逗号。\n第二段说\"好\"。\n"
          "r.csv#2|丙|||第三段。\n");
}

static void tabs_and_semicolons_delimit_too(void **state)
{
    (void)state;

    check("a", "title\tdate\tcontent\n甲\t2024-01-01\t引进人才，5人；留用3人。\n", "a#1|甲|2024-01-01||引进人才，5人；留用3人。\n");
    check("a", "Title; Pub Date ;FULL_TEXT\n甲;2024-01-01;\"引进人才;5人。\"\n", "a#1|甲|2024-01-01||引进人才;5人。\n");
    check("a", "sep=;\r\n题目;全文\r\n甲;引进人才5人。\r\n", "a#1|甲|||引进人才5人。\n");
}

static void a_heading_may_stand_above_the_header(void **state)
{
    (void)state;

    check("r.csv", "各省报告汇总,,\n,,\n省份,年份,正文\n甲省,2024,今年引进人才5人。\n",
          "r.csv#1||||今年引进人才5人。\n");
}

static void encodings_are_told_by_the_bytes(void **state)
{
    static const char gb[] = "\xb1\xea\xcc\xe2,\xd5\xfd\xce\xc4\n\xbc\xd7\xca\xd0,\xbd\xf1\xc4\xea\xd2\xfd\xbd\xf8\xc8\xcb\xb2\xc5"
                             "120\xc8\xcb\xa1\xa3\n";
    static const char utf16[] = "\xff\xfet\0i\0t\0l\0e\0,\0t\0e\0x\0t\0\n\0\x32\x75,\0\x15\x5f\xdb\x8f\xba\x4e\x4d\x62\x02\x30\n\0";
    static const char late[] = "title,text\nA,only ascii here and more of it\nB,\xbd\xf1\xc4\xea\xd2\xfd\xbd\xf8\xc8\xcb\xb2\xc5"
                               "120\xc8\xcb\xa1\xa3\n";
    (void)state;

    check_bytes("g.csv", gb, sizeof gb - 1, "g.csv#1|甲市|||今年引进人才120人。\n");
    check_bytes("u.csv", utf16, sizeof utf16 - 1, "u.csv#1|甲|||引进人才。\n");
    check_bytes("l.csv", late, sizeof late - 1, "l.csv#1|A|||only ascii here and more of it\nl.csv#2|B|||今年引进人才120人。\n");
    check("b.csv", "\xef\xbb\xbf" "标题,正文\n甲,引进人才5人。\n", "b.csv#1|甲|||引进人才5人。\n");
}

static void damaged_bytes_are_counted(void **state)
{
    (void)state;

    check("d.csv", "标题,正文\n甲,今年引进\xff人才5人。\n",
          "d.csv#1|甲|||今年引进\xef\xbf\xbd人才5人。\n? d.csv#1: d.csv:2: 1 damaged bytes became U+FFFD\n");
}

static void a_cell_may_be_html_or_lack_line_breaks(void **state)
{
    (void)state;

    check("h.csv", "标题,正文\n甲,\"<p>第一段&nbsp;有字。</p><p>第二段。</p>\"\n乙,第一段。<br>第二段。\n丙,第一段。\\n第二段。\n"
                   "丁,　　第一段。　　第二段。\n",
          "h.csv#1|甲|||第一段 有字。\n第二段。\n"
          "h.csv#2|乙|||第一段。\n第二段。\n"
          "h.csv#3|丙|||第一段。\n第二段。\n"
          "h.csv#4|丁|||第一段。\n第二段。\n");
}

static void a_title_repeated_behind_a_tag_is_no_text(void **state)
{
    (void)state;

    check("t.csv", "标题,正文\n某地引才育才留才见实效,\"原标题：某地引才育才留才见实效\n引进人才5人。\"\n"
                   "乙地引才育才留才见实效,\"看乙地丨乙地引才育才留才见实效\n引进人才6人。\n[返回](//a.example/x)\"\n",
          "t.csv#1|某地引才育才留才见实效|||引进人才5人。\n"
          "t.csv#2|乙地引才育才留才见实效|||引进人才6人。\n");
}

static void rows_that_can_not_be_read_fail_alone(void **state)
{
    (void)state;

    check("r.csv", HEADER "甲,2024-03-05,,第一,第二,第三\n乙,,,\n\n丙,,\n丁,,,引进人才5人。\n戊,,,引进人才6人。,,\n",
          "! r.csv#1: r.csv:2: 6 cells, and the header has 4: is a cell with the delimiter in it not quoted? (parse)\n"
          "! r.csv#2: r.csv:3: the column \"正文\" is empty (empty)\n"
          "! r.csv#3: r.csv:5: 3 cells, and the header has 4: is a cell with the delimiter in it not quoted? (parse)\n"
          "r.csv#4|丁|||引进人才5人。\n"
          "r.csv#5|戊|||引进人才6人。\n");
}

static void quotes_that_are_not_doubled_are_text(void **state)
{
    (void)state;

    check("r.csv", "正文,标题\n\"他说\"好\"，引进人才5人。\",甲\n\"乙市引进人才6人。\" ,乙\n",
          "r.csv#1|甲|||他说\"好\"，引进人才5人。\n? r.csv#1: r.csv:2: quotes inside a quoted cell are not doubled; they were read "
          "as text\nr.csv#2|乙|||乙市引进人才6人。\n");
}

static void a_cell_may_hold_front_matter(void **state)
{
    (void)state;

    check("r.csv", "编号,正文\n1,\"---\nlayout: post\ntitle: \"\"甲\"\"\ndate: 2024-03-05 07:44:35 +0800\n---\n"
                   "<p>全市引进人才5人。</p>\n<p>发放补贴6万元。</p>\"\n",
          "r.csv#1|甲|2024-03-05||全市引进人才5人。\n发放补贴6万元。\n");
}

static void a_quote_never_closed_costs_its_lines(void **state)
{
    (void)state;

    check("r.csv", "标题,正文\n甲,引进人才5人。\n乙,\"引进人才6人。\n丙,引进人才7人。\n丁,引进人才8人。\n",
          "r.csv#1|甲|||引进人才5人。\n"
          "! r.csv#2: r.csv:3: a quote opened here is never closed (or the row is over 16 MB); lines 3 to 3 were left out (parse)\n"
          "r.csv#3|丙|||引进人才7人。\n"
          "r.csv#4|丁|||引进人才8人。\n");
}

static void a_table_without_text_names_its_columns(void **state)
{
    static const th_column wrong[] = {{"text", "正  文"}};
    static const char table[] = "标题,年份\n甲,2024\n乙,2023\n";
    seen s;
    (void)state;

    check("r.csv", table, "!! r.csv: no column holds the text (looked for: text, 正文, full_text, 全文, 内容, content, body); columns: "
                          "标题, 年份; name it in config.yaml: columns: {text: NAME} (format)\n");
    load_all(&s, "r.csv", table, sizeof table - 1, 0, wrong, 1);
    assert_string_equal(th_str_text(&s.text),
                        "!! r.csv: no column \"正  文\", which config.yaml names for the text; columns: 标题, 年份 (format)\n");
    th_str_free(&s.text);
    check("r.csv", "标题,正文\n", "!! r.csv: a table without rows (empty)\n");
}

static void config_names_columns(void **state)
{
    static const th_column columns[] = {{"text", "报告"}, {"title", "name"}};
    static const char table[] = "正文,报告,NAME,标题\n不是,引进人才5人。,甲,乙\n";
    th_loader *loader = open_loader(NULL, 0);
    th_error err = {0};
    seen s;
    (void)state;

    load_all(&s, "r", table, sizeof table - 1, 0, columns, 2);
    assert_string_equal(th_str_text(&s.text), "r#1|甲|||引进人才5人。\n");
    th_str_free(&s.text);
    assert_int_equal(th_loader_columns(loader, &(th_column){"texts", "x"}, 1, &err), TH_ERR_USAGE);
    assert_string_equal(err.text, "columns: unknown field \"texts\"; there are title, date, text, source, url, region, author");
    th_loader_free(loader);
}

static void prose_with_commas_is_no_table(void **state)
{
    static const char *const texts[] = {
        "Roses are red, violets are blue,\nSugar is sweet, and so are you.\nTalent is dear, housing is too,\n",
        "云岭区人才工作取得新进展\n2024-05-20 09:30 来源: 云岭日报, 记者\n去年,引进人才120人;发放补贴超300万元。\n",
        "# 标题,正文\n\n第一段,有逗号。\n",
        "来源\t云岭日报\n作者\t张三\n今年引进人才120人。\n",
        "标题,日期\n今年,引进人才,120人。\n",
        "[摘要] 今年引进人才120人, 发放补贴。\n[正文] 今年。\n",
        "{今年} 引进人才120人。\n",
    };
    (void)state;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        seen s;
        assert_int_equal(load_all(&s, "prose.txt", texts[i], strlen(texts[i]), 0, NULL, 0), TH_OK);
        assert_int_equal(s.articles, 1);
        assert_null(strchr(th_str_text(&s.text), '#') && strncmp(s.text.data, "prose.txt#", 10) == 0 ? s.text.data : NULL);
        th_str_free(&s.text);
    }
}

static void a_column_s_row_is_its_origin(void **state)
{
    (void)state;
    loading l;
    static const char table[] = "标题,Pub_Date,省份,作者,链接,正文\n甲市引才,2024-03-05,甲省,张三、李四,https://a.example/1,今年引进人才120人。\n";

    load_named(&l, "r.csv", table, sizeof table - 1);

    assert_int_equal(l.status, TH_OK);
    assert_string_equal(l.article->origins[TH_META_TITLE], "column 标题");
    assert_string_equal(l.article->origins[TH_META_DATE], "column Pub_Date");
    assert_string_equal(l.article->url, "https://a.example/1");
    assert_string_equal(l.article->format, "csv");
    assert_authors(&l, "张三 李四");
    unload(&l);
}

/* ---- JSON ---- */

static void ndjson_is_an_article_a_line(void **state)
{
    (void)state;

    check("a.ndjson", "{\"title\":\"甲\",\"date\":20240305,\"content\":\"引进人才5人。\\n留用3人。\"}\n{\"text\":\"引进人才9人。\",\"时间\":1709600000}\n\n{\"标题\":\"乙\",\"正文\":[\"一段。\",\"二段。\"]}\n",
          "a.ndjson#1|甲|2024-03-05||引进人才5人。\n留用3人。\n"
          "a.ndjson#2||2024-03-05||引进人才9人。\n"
          "a.ndjson#3|乙|||一段。\n二段。\n");
}

static void a_bad_line_is_named_and_the_others_are_read(void **state)
{
    (void)state;

    check("a.ndjson", "{\"title\":\"甲\",\"text\":\"引进人才5人。\"}\n{\"title\":\"乙\",\"text\":\"引进\n{\"text\":7.5}\n[1]\n{\"x\":1}\n{\"text\":\"引进人才8人。\"}",
          "a.ndjson#1|甲|||引进人才5人。\n"
          "! a.ndjson#2: a.ndjson:2:23: no JSON: premature end of input near '\"引进' (parse)\n"
          "! a.ndjson#3: a.ndjson:3: no key holds the text (looked for: text, 正文, full_text, 全文, 内容, content, body); name it in "
          "config.yaml: columns: {text: NAME} (format)\n"
          "! a.ndjson#4: a.ndjson:4: is no JSON object (format)\n"
          "! a.ndjson#5: a.ndjson:5: no key holds the text (looked for: text, 正文, full_text, 全文, 内容, content, body); name it in "
          "config.yaml: columns: {text: NAME} (format)\n"
          "a.ndjson#6||||引进人才8人。\n");
}

static void an_array_is_read_element_by_element(void **state)
{
    (void)state;

    check("a.json", "[\n {\"title\":\"甲 ]\\\"\",\n  \"text\":\"引进人才5人。\"},\n {\"title\" \"乙\"},\n {\"text\":\"引进人才6人。\"}\n]\n",
          "a.json#1|甲 ]\"|||引进人才5人。\n"
          "! a.json#2: a.json:4:12: no JSON: ':' expected near '\"乙\"' (parse)\n"
          "a.json#3||||引进人才6人。\n");
    check("a.json", "[{\"text\":\"引进人才5人。\"},{\"text\":\"引进",
          "a.json#1||||引进人才5人。\n"
          "!! a.json:1: the JSON value that begins here never ends (or is longer than 16 MB) (parse)\n");
    check("a.json", "[{\"text\":\"引进人才5人。\"},",
          "a.json#1||||引进人才5人。\n!! a.json:1: the JSON array is cut off: it has no closing ] (parse)\n");
    check("a.json", "[]", "!! a.json: an empty JSON array (empty)\n");
}

static void an_object_is_an_article_or_holds_a_list(void **state)
{
    (void)state;

    check("a.json", "{\n \"title\": \"甲\",\n \"text\": \"引进人才5人。\"\n}\n", "a.json|甲|||引进人才5人。\n");
    check("a.json", "{\"count\":2,\"data\":[{\"text\":\"引进人才5人。\"},{\"text\":\"引进人才6人。\"}]}",
          "a.json#1||||引进人才5人。\na.json#2||||引进人才6人。\n");
    check("a.json", "{\n\"text\":\"引进人才5人。\"\n}\n{\n\"text\":\"引进人才6人。\"\n}\n",
          "a.json#1||||引进人才5人。\na.json#2||||引进人才6人。\n");
    check("a.json", "{\"name\":\"x\",\"version\":1}",
          "!! a.json: a JSON object without an article: no key holds the text (looked for: text, 正文, full_text, 全文, 内容, "
          "content, body) and none a list of objects; keys: name, version; name it in config.yaml: columns: {text: NAME} (format)\n");
    check("a.json", "{\"text\":\"引", "!! a.json:1: the JSON value that begins here never ends (or is longer than 16 MB) (parse)\n");
}

static void damaged_bytes_in_json_become_marks(void **state)
{
    (void)state;

    check("a.json", "{\"text\":\"今年，云岭区引进\xff人才5人。\"}", "a.json||||今年，云岭区引进\xef\xbf\xbd人才5人。\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_an_article),
        cmocka_unit_test(quotes_hold_delimiters_line_breaks_and_quotes),
        cmocka_unit_test(tabs_and_semicolons_delimit_too),
        cmocka_unit_test(a_heading_may_stand_above_the_header),
        cmocka_unit_test(encodings_are_told_by_the_bytes),
        cmocka_unit_test(damaged_bytes_are_counted),
        cmocka_unit_test(a_cell_may_be_html_or_lack_line_breaks),
        cmocka_unit_test(a_cell_may_hold_front_matter),
        cmocka_unit_test(a_title_repeated_behind_a_tag_is_no_text),
        cmocka_unit_test(rows_that_can_not_be_read_fail_alone),
        cmocka_unit_test(quotes_that_are_not_doubled_are_text),
        cmocka_unit_test(a_quote_never_closed_costs_its_lines),
        cmocka_unit_test(a_table_without_text_names_its_columns),
        cmocka_unit_test(config_names_columns),
        cmocka_unit_test(prose_with_commas_is_no_table),
        cmocka_unit_test(a_column_s_row_is_its_origin),
        cmocka_unit_test(ndjson_is_an_article_a_line),
        cmocka_unit_test(a_bad_line_is_named_and_the_others_are_read),
        cmocka_unit_test(an_array_is_read_element_by_element),
        cmocka_unit_test(an_object_is_an_article_or_holds_a_list),
        cmocka_unit_test(damaged_bytes_in_json_become_marks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
