/* Levels of headings, and the table of contents that is none of the article. */
#include "load_helper.h"

#define PARAGRAPH "全市全年引进各类人才一万二千人，其中高层次人才三百余人，发放各类补贴两亿元，人才总量居全省前列，各项工作取得明显成效。\n"

/* The level of the block that is exactly `text`; -1 when there is none. */
static int level_of(const loading *l, const char *text)
{
    const th_article *a = l->article;

    for (size_t i = 0; i < a->block_count; i++)
        if (a->blocks[i].stop - a->blocks[i].start == strlen(text) && !memcmp(a->text + a->blocks[i].start, text, strlen(text)))
            return (int)a->blocks[i].level;
    return -1;
}

static void assert_levels(const char *text, const char *const *headings, const int *levels, size_t count)
{
    loading l;

    load_text(&l, text);
    if (l.status != TH_OK)
        fail_msg("%s", l.err.text);
    for (size_t i = 0; i < count; i++)
        if (level_of(&l, headings[i]) != levels[i])
            fail_msg("%s: level %d, not %d", headings[i], level_of(&l, headings[i]), levels[i]);
    unload(&l);
}

static void numbering_tells_the_levels_of_a_report(void **state)
{
    static const char text[] =
        "云岭市人才发展报告\n前言\n" PARAGRAPH "第一章 总体情况\n" PARAGRAPH "第一节 人才规模\n" PARAGRAPH "一、引进情况\n" PARAGRAPH
        "（一）高层次人才\n" PARAGRAPH "1.领军人才\n" PARAGRAPH "（1）国家级人才\n" PARAGRAPH "第二章 政策实施\n" PARAGRAPH
        "一、补贴发放\n" PARAGRAPH "附录\n" PARAGRAPH;
    static const char *const headings[] = {"前言", "第一章 总体情况", "第一节 人才规模", "一、引进情况", "（一）高层次人才", "1.领军人才",
                                           "（1）国家级人才", "第二章 政策实施", "一、补贴发放"};
    static const int levels[] = {1, 1, 2, 3, 4, 5, 6, 1, 3};
    (void)state;

    assert_levels(text, headings, levels, 9);
}

static void decimal_numbering_tells_levels_too(void **state)
{
    static const char text[] = "云岭市人才发展报告\n1. 总体情况\n" PARAGRAPH "1.1 人才规模\n" PARAGRAPH "1.1.1 引进情况\n" PARAGRAPH
                               "1.2 人才结构\n" PARAGRAPH "2. 政策实施\n" PARAGRAPH "3.5亿元补贴发放到位\n" PARAGRAPH;
    static const char *const headings[] = {"1. 总体情况", "1.1 人才规模", "1.1.1 引进情况", "1.2 人才结构", "2. 政策实施", "3.5亿元补贴发放到位"};
    static const int levels[] = {1, 2, 3, 2, 1, 4};
    (void)state;

    assert_levels(text, headings, levels, 6);
}

static void plain_headings_of_a_news_piece_are_all_outermost(void **state)
{
    static const char text[] = "云岭区厚植人才沃土\n以产聚才\n双招双引激活新动能\n" PARAGRAPH "以才兴产\n校企联动汇聚新力量\n" PARAGRAPH;
    static const char *const headings[] = {"以产聚才", "双招双引激活新动能", "以才兴产"};
    static const int levels[] = {1, 1, 1};
    (void)state;

    assert_levels(text, headings, levels, 3);
}

static void plain_headings_stand_above_numbers_that_start_again(void **state)
{
    static const char text[] = "云岭市工作要点\n引才工作\n" PARAGRAPH "一、扩大规模\n" PARAGRAPH "二、提高质量\n" PARAGRAPH "育才工作\n" PARAGRAPH
                               "一、办好学校\n" PARAGRAPH "二、建好基地\n" PARAGRAPH;
    static const char *const headings[] = {"引才工作", "一、扩大规模", "二、提高质量", "育才工作", "一、办好学校"};
    static const int levels[] = {1, 2, 2, 1, 2};
    (void)state;

    assert_levels(text, headings, levels, 5);
}

static void markup_tells_levels_and_the_title_counts_for_none(void **state)
{
    static const char html[] = "<html><body><h1>云岭市人才发展报告</h1><h2>总体情况</h2><p>" PARAGRAPH "</p><h4>人才规模</h4><p>" PARAGRAPH
                               "</p><h2>政策实施</h2><p>" PARAGRAPH "</p></body></html>";
    static const char markdown[] = "# 云岭市人才发展报告\n\n## 总体情况\n\n" PARAGRAPH "\n### 人才规模\n\n" PARAGRAPH "\n## 政策实施\n\n" PARAGRAPH;
    static const char *const headings[] = {"总体情况", "人才规模", "政策实施"};
    static const int levels[] = {1, 2, 1};
    (void)state;

    assert_levels(html, headings, levels, 3);
    assert_levels(markdown, headings, levels, 3);
}

static void a_table_of_contents_is_dropped(void **state)
{
    loading l;
    (void)state;

    load_text(&l, "云岭市人才发展报告\n目 录\n前言........................1\n第一章 总体情况……………………2\n第二章 政策实施 15\n"
                  "第一章 总体情况\n" PARAGRAPH "第二章 政策实施\n" PARAGRAPH "联系电话0592-1234567\n");

    assert_int_equal(l.status, TH_OK);
    assert_string_equal(reason_of(&l, "目 录"), "contents");
    assert_string_equal(reason_of(&l, "前言........................1"), "contents");
    assert_string_equal(reason_of(&l, "第一章 总体情况……………………2"), "contents");
    assert_string_equal(reason_of(&l, "第二章 政策实施 15"), "contents");
    assert_int_equal(level_of(&l, "第二章 政策实施"), 1);
    assert_string_equal(l.article->title, "云岭市人才发展报告");
    unload(&l);
}

static void lines_that_end_with_a_number_stay(void **state)
{
    loading l;
    (void)state;

    load_text(&l, "云岭市人才发展报告\n" PARAGRAPH "人才总量 15\n全年引进人才1200…\n" PARAGRAPH);

    assert_int_equal(l.status, TH_OK);
    assert_string_equal(reason_of(&l, "人才总量 15"), "");
    assert_non_null(strstr(l.article->text, "人才总量 15"));
    unload(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbering_tells_the_levels_of_a_report),
        cmocka_unit_test(decimal_numbering_tells_levels_too),
        cmocka_unit_test(plain_headings_of_a_news_piece_are_all_outermost),
        cmocka_unit_test(plain_headings_stand_above_numbers_that_start_again),
        cmocka_unit_test(markup_tells_levels_and_the_title_counts_for_none),
        cmocka_unit_test(a_table_of_contents_is_dropped),
        cmocka_unit_test(lines_that_end_with_a_number_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
