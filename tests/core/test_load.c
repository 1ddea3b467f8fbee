/* Formats, encodings, bad input. */
#include "load_helper.h"

#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>

#define BODY "开发区今年引进人才300人，发放补贴1200万元，并建成两座人才公寓，服务企业四百多家。"

static void loads_a_page_in_every_encoding_alike(void **state)
{
    static const char *const encodings[] = {"GB18030", "UTF-16", "UTF-16LE", "UTF-8"};
    th_str bytes = {0};
    th_error err = {0};
    loading want;
    (void)state;

    assert_int_equal(th_file_read(&bytes, FIXTURE("city-news.txt"), 0, &err), TH_OK);
    load_fixture(&want, FIXTURE("city-news.txt"));
    for (size_t i = 0; i < 4; i++) {
        iconv_t cd = iconv_open(encodings[i], "UTF-8");
        char *out = malloc(bytes.len * 3 + 8), *to = out, *in = bytes.data;
        size_t left = bytes.len, room = bytes.len * 3;
        if (!strcmp(encodings[i], "UTF-16LE")) {
            memcpy(to, "\xff\xfe", 2);
            to += 2;
        }
        assert_int_not_equal(iconv(cd, &in, &left, &to, &room), (size_t)-1);
        iconv_close(cd);

        loading got;
        load_named(&got, "f", out, (size_t)(to - out));

        assert_int_equal(got.status, TH_OK);
        assert_string_equal(got.article->text, want.article->text);
        assert_string_equal(got.article->hash, want.article->hash);
        assert_int_equal(got.article->warning_count, 0);
        unload(&got);
        free(out);
    }
    unload(&want);
    th_str_free(&bytes);
}

static void tells_big5_from_gb18030(void **state)
{
    th_str bytes = {0};
    th_error err = {0};
    char out[2048], *to = out;
    size_t room = sizeof out;
    loading l;
    (void)state;

    assert_int_equal(th_file_read(&bytes, FIXTURE("traditional.txt"), 0, &err), TH_OK);
    char *in = bytes.data;
    size_t left = bytes.len;
    iconv_t cd = iconv_open("BIG5", "UTF-8");
    assert_int_not_equal(iconv(cd, &in, &left, &to, &room), (size_t)-1);
    iconv_close(cd);

    load_named(&l, "f", out, (size_t)(to - out));

    assert_int_equal(l.status, TH_OK);
    assert_string_equal(l.article->title, "臺北市推動人才政策");
    unload(&l);
    th_str_free(&bytes);
}

static void replaces_damaged_bytes_and_says_so(void **state)
{
    loading l;
    (void)state;

    load_text(&l, "人才新政\n" BODY "\n第二段讲述\xe4\xba服务，共有\xff三项内容。\n");

    assert_int_equal(l.status, TH_OK);
    assert_non_null(strstr(l.article->text, "第二段讲述\xef\xbf\xbd"));
    assert_int_equal(l.article->warning_count, 1);
    assert_non_null(strstr(l.article->warnings[0], "a.txt: "));
    assert_non_null(strstr(l.article->warnings[0], "damaged bytes of UTF-8 became U+FFFD"));
    unload(&l);
}

static void refuses_what_is_no_text(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        th_status status;
        const char *message;
    } cases[] = {
        {"", 0, TH_ERR_EMPTY, "x.txt: is empty"},
        {" \n\t\r\n\xe3\x80\x80", 8, TH_ERR_EMPTY, "x.txt: holds nothing but white space"},
        {"\x89PNG\r\n\x1a\n\0\0", 10, TH_ERR_BINARY, "x.txt: is a PNG image, not text"},
        {"ab\0\1\2\3\4\0", 8, TH_ERR_BINARY, "x.txt: is binary data, not text"},
        {"%PDF-1.7\n", 9, TH_ERR_FORMAT, "x.txt: is a PDF document, which can not be read here"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        loading l;
        load_named(&l, "x.txt", cases[i].bytes, cases[i].len);
        assert_int_equal(l.status, cases[i].status);
        assert_string_equal(l.err.text, cases[i].message);
        assert_null(l.article);
        unload(&l);
    }
}

static void refuses_a_page_of_nothing_but_chrome(void **state)
{
    loading l;
    (void)state;

    load_text(&l, "首页\n返回首页\n版权所有 某网\n");

    assert_int_equal(l.status, TH_ERR_EMPTY);
    assert_string_equal(l.err.text, "a.txt: no article in it, only site chrome (3 lines)");
    unload(&l);
}

static void reads_a_markdown_link_without_an_address(void **state)
{
    loading l;
    (void)state;

    load_text(&l, "---\ntitle: 一则\n---\n# 一则\n\n全市[引进]()人才120人，发放补贴300万元。\n");

    assert_int_equal(l.status, TH_OK);
    assert_string_equal(l.article->format, "markdown");
    assert_non_null(strstr(l.article->text, "全市引进人才120人"));
    unload(&l);
}

static void reads_markdown_with_front_matter(void **state)
{
    loading l;
    (void)state;

    load_fixture(&l, FIXTURE("jekyll.md"));

    assert_string_equal(l.article->format, "markdown");
    assert_string_equal(l.article->title, "聚才有方 兴业有道");
    assert_string_equal(l.article->date, "2023-06-08");
    assert_string_equal(l.article->source, "榕城晚报");
    assert_string_equal(l.article->url, "https://example.com/share?id=1");
    assert_authors(&l, "林晓岚 欧阳文静 赵一鸣");
    assert_int_equal(kind_of(&l, "连江举办返乡青年创业沙龙。"), TH_BLOCK_CAPTION);
    assert_int_equal(kind_of(&l, "引进来"), TH_BLOCK_HEADING);
    assert_int_equal(kind_of(&l, "服务不打烊"), TH_BLOCK_HEADING);
    assert_int_equal(l.article->warning_count, 0);
    unload(&l);
}

static void reads_what_broken_front_matter_still_tells(void **state)
{
    loading l;
    (void)state;

    load_fixture(&l, FIXTURE("broken-front-matter.md"));

    assert_string_equal(l.article->title, "坏的引号");
    assert_string_equal(l.article->date, "2024-01-02");
    assert_int_equal(l.article->block_count, 1);
    assert_int_equal(l.article->warning_count, 1);
    assert_non_null(strstr(l.article->warnings[0], "f:"));
    assert_non_null(strstr(l.article->warnings[0], "broken front matter"));
    unload(&l);
}

static void reads_front_matter_that_is_never_closed(void **state)
{
    loading l;
    (void)state;

    load_text(&l, "---\ntitle: 人才政策\ndate: 2024-05-01\n\n" BODY "\n");

    assert_int_equal(l.status, TH_OK);
    assert_string_equal(l.article->title, "人才政策");
    assert_string_equal(l.article->text, BODY);
    assert_non_null(strstr(l.article->warnings[0], "no closing \"---\""));
    unload(&l);
}

static void reads_a_saved_page_that_declares_the_wrong_charset(void **state)
{
    loading l;
    (void)state;

    load_fixture(&l, FIXTURE("saved-page.html"));

    assert_string_equal(l.article->format, "html");
    assert_string_equal(l.article->title, "成都高新区发布人才新政");
    assert_string_equal(l.article->date, "2024-05-06");
    assert_string_equal(l.article->source, "四川日报");
    assert_authors(&l, "李明远");
    assert_int_equal(kind_of(&l, "住房有保障"), TH_BLOCK_HEADING);
    assert_int_equal(kind_of(&l, "服务更贴心"), TH_BLOCK_HEADING);
    assert_int_equal(kind_of(&l, "人才公寓外景"), TH_BLOCK_CAPTION);
    assert_int_equal(kind_of(&l, "落户不设门槛"), TH_BLOCK_LIST);
    assert_int_equal(kind_of(&l, "安家补贴 | 100万元"), TH_BLOCK_TABLE);
    assert_null(strstr(l.article->text, "首页"));
    assert_null(strstr(l.article->text, "四川在线"));
    assert_null(strstr(l.article->text, "记者"));
    assert_int_equal(l.article->warning_count, 0);
    unload(&l);
}

static void reads_a_page_that_was_cut_off(void **state)
{
    static const char page[] = "<html><head><title>人才</title></head><body><p>" BODY "</p><p>第二段还没有写完<a hre";
    loading l;
    (void)state;

    load_named(&l, "cut.html", page, sizeof page - 1);

    assert_int_equal(l.status, TH_OK);
    assert_non_null(strstr(l.article->text, BODY));
    assert_int_equal(l.article->warning_count, 1);
    assert_string_equal(l.article->warnings[0],
                        "cut.html: the HTML page is cut off: it ends inside a tag; what is there was read");
    unload(&l);
}

/* Tags that are never closed: what stands behind them is read too. */
static void survives_deep_nesting(void **state)
{
    static const int depths[] = {100, 1000, 20000};
    (void)state;

    for (size_t k = 0; k < 3; k++) {
        th_str page = {0};
        loading l;
        th_str_puts(&page, "<html><body><p>" BODY "</p>");
        for (int i = 0; i < depths[k]; i++)
            th_str_puts(&page, "<div>");
        th_str_puts(&page, BODY "</body></html>");

        load_named(&l, "deep.html", page.data, page.len);

        assert_int_equal(l.status, TH_OK);
        assert_string_equal(l.article->text, BODY "\n" BODY);
        unload(&l);
        th_str_free(&page);
    }
}

static void reads_a_long_line_in_linear_time(void **state)
{
    th_str text = {0};
    loading l;
    (void)state;

    th_str_puts(&text, "长文\n");
    while (text.len < 4u << 20)
        th_str_puts(&text, "（记者来源：人才");

    load_named(&l, "long.txt", text.data, text.len);

    assert_int_equal(l.status, TH_OK);
    assert_int_equal(l.article->block_count, 1);
    unload(&l);
    th_str_free(&text);
}

static void builds_an_article_from_clean_text(void **state)
{
    th_arena *arena = th_arena_new();
    th_error err = {0};
    th_article *a = NULL;
    static const char text[] = "编辑：某人\n\n第二行。";
    (void)state;

    assert_int_equal(th_load_plain(&a, arena, text, sizeof text - 1, "题目", "2024年3月1日", &err), TH_OK);

    assert_string_equal(a->text, "编辑：某人\n第二行。");
    assert_string_equal(a->title, "题目");
    assert_string_equal(a->date, "2024-03-01");
    assert_int_equal(a->block_count, 2);
    assert_int_equal(a->sentence_count, 2);
    assert_int_equal(th_load_plain(&a, arena, " \n", 2, NULL, NULL, &err), TH_ERR_EMPTY);
    assert_null(a);
    th_arena_free(arena);
}

typedef struct line_seen {
    const th_str *id;
    char named[64], title[64];
} line_seen;

static bool see_name(void *ctx, uint64_t number, const char *path, size_t bytes)
{
    line_seen *seen = ctx;

    (void)number;
    (void)path;
    (void)bytes;
    snprintf(seen->named, sizeof seen->named, "%s", th_str_text(seen->id));
    return true;
}

static th_status see_article(void *ctx, uint64_t number, th_article *article, th_error *err)
{
    line_seen *seen = ctx;

    (void)number;
    (void)err;
    snprintf(seen->title, sizeof seen->title, "%s", article->title);
    return TH_OK;
}

static void reads_a_line_with_its_id(void **state)
{
    static const struct {
        const char *line, *id, *title;
        th_status status;
    } cases[] = {
        {"{\"id\":\"a\\n1\",\"title\":\"题目\",\"text\":\"正文。\"}", "\"a\\n1\"", "题目", TH_OK},
        {"{\"id\":{\"k\":[1, 2.5]},\"正文\":\"正文。\"}", "{\"k\":[1,2.5]}", "", TH_OK},
        {"{\"text\":\"正文。\"}", "null", "", TH_OK},
        {"{\"id\":7}", "7", "", TH_ERR_FORMAT},
        {"{\"id\":7,\"text\":\" \"}", "7", "", TH_ERR_EMPTY},
        {"[{\"text\":\"正文。\"}]", "", "", TH_ERR_FORMAT},
        {"{\"id\":7,", "", "", TH_ERR_PARSE},
    };
    th_loader *loader = NULL;
    th_arena *arena = th_arena_new();
    th_error start = {0};
    (void)state;

    assert_int_equal(th_loader_open(&loader, "c.yaml", "rules: []\n", 10, NULL, &start), TH_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        th_str id = {0};
        line_seen seen = {.id = &id};
        const th_sink sink = {.item = see_name, .article = see_article, .ctx = &seen};
        th_error err = {0};
        assert_int_equal(th_load_line(loader, "in:3", cases[i].line, strlen(cases[i].line), arena, &id, &sink, &err),
                         cases[i].status);
        assert_string_equal(seen.named, cases[i].id);
        assert_string_equal(seen.title, cases[i].title);
        if (err.status != TH_OK)
            assert_int_equal(strncmp(err.text, "in:3:", 5), 0);
        th_str_free(&id);
    }
    th_arena_free(arena);
    th_loader_free(loader);
}

static void names_the_place_of_a_mistake_in_the_rules(void **state)
{
    static const struct {
        const char *rules, *message;
    } cases[] = {
        {"rules:\n  - reason: x\n    macth: [a]\n", "c.yaml:3:5: unknown key \"macth\""},
        {"rules:\n  - reason: x\n    max: many\n    match: [a]\n", "c.yaml:3:10: max: expected a whole number from 1 to 10000"},
        {"rules:\n  - reason: x\n", "c.yaml:2:5: a rule needs a reason, and match or contains"},
        {"labels: 3\n", "c.yaml:1:9: expected a map of word lists"},
        {"labels:\n  source: 来源\n", "c.yaml:2:11: expected a list of words"},
        {"- a\n", "c.yaml:1:1: expected a map with rules, labels, words, captions and surnames"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        th_loader *loader = NULL;
        th_error err = {0};
        assert_int_equal(th_loader_open(&loader, "c.yaml", cases[i].rules, strlen(cases[i].rules), NULL, &err), TH_ERR_PARSE);
        assert_null(loader);
        assert_string_equal(err.text, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_a_page_in_every_encoding_alike),
        cmocka_unit_test(tells_big5_from_gb18030),
        cmocka_unit_test(replaces_damaged_bytes_and_says_so),
        cmocka_unit_test(refuses_what_is_no_text),
        cmocka_unit_test(refuses_a_page_of_nothing_but_chrome),
        cmocka_unit_test(reads_a_markdown_link_without_an_address),
        cmocka_unit_test(reads_markdown_with_front_matter),
        cmocka_unit_test(reads_what_broken_front_matter_still_tells),
        cmocka_unit_test(reads_front_matter_that_is_never_closed),
        cmocka_unit_test(reads_a_saved_page_that_declares_the_wrong_charset),
        cmocka_unit_test(reads_a_page_that_was_cut_off),
        cmocka_unit_test(survives_deep_nesting),
        cmocka_unit_test(reads_a_long_line_in_linear_time),
        cmocka_unit_test(builds_an_article_from_clean_text),
        cmocka_unit_test(reads_a_line_with_its_id),
        cmocka_unit_test(names_the_place_of_a_mistake_in_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
