/* What is dropped, what is cut, and which kind a block is. */
#include <stdio.h>

#include "load_helper.h"

#define LONG "全市设立一亿元人才基金，三年累计支持项目126个，带动就业四千余人，建成驿站九家，并为每家企业配备一名服务专员。"

static void drops_the_chrome_of_a_news_site_with_its_reasons(void **state)
{
    loading l;
    (void)state;

    load_fixture(&l, FIXTURE("city-news.txt"));

    assert_string_equal(l.article->title, "苏州工业园区出台新政 青年人才落户更便捷");
    assert_string_equal(reason_of(&l, "首页 > 新闻 > 本地 > 正文"), "navigation");
    assert_string_equal(reason_of(&l, "【字号：大 中 小】 【打印】 【关闭】"), "tools");
    assert_string_equal(reason_of(&l, "扫一扫分享到微信"), "share");
    assert_string_equal(reason_of(&l, "（责编：周立）"), "editor");
    assert_string_equal(reason_of(&l, "上一篇：园区召开经济工作会议"), "navigation");
    assert_string_equal(reason_of(&l, "版权所有 苏州新闻网 苏ICP备05000001号"), "copyright");
    assert_string_equal(reason_of(&l, "青年人才驿站开放"), "after-end");
    assert_int_equal(kind_of(&l, "图为政策发布会现场。"), TH_BLOCK_CAPTION);
    assert_int_equal(kind_of(&l, "一、放宽落户条件"), TH_BLOCK_HEADING);
    assert_int_equal(l.article->block_count, 7);
    unload(&l);
}

static void keeps_wechat_text_and_drops_what_the_account_adds(void **state)
{
    loading l;
    (void)state;

    load_fixture(&l, FIXTURE("wechat.txt"));

    assert_string_equal(l.article->title, "“归雁”回乡记");
    assert_string_equal(l.article->date, "2023-09-12");
    assert_string_equal(l.article->source, "江岸发布");
    assert_authors(&l, "刘洋 欧阳明月 孙浩然");
    assert_int_equal(kind_of(&l, "创业园孵化的企业正在调试设备"), TH_BLOCK_CAPTION);
    assert_int_equal(kind_of(&l, "搭好台 让人才“留得下”"), TH_BLOCK_HEADING);
    assert_int_equal(kind_of(&l, "服好务 让人才“干得好”"), TH_BLOCK_HEADING);
    assert_string_equal(reason_of(&l, "走进人才小镇|"), "title-tag");
    assert_string_equal(reason_of(&l, "END"), "ending");
    assert_int_equal(l.article->block_count, 6);
    unload(&l);
}

static void drops_a_disclaimer_from_its_first_item_on(void **state)
{
    loading l;
    (void)state;

    load_text(&l, "人才新政落地\n" LONG "\n" LONG "\n1、本频道由某某传媒运营。\n2、凡本网注明“来源：某网”的作品，请勿转载。\n"
                  "任何单位都应当遵守。\n");

    assert_int_equal(l.article->block_count, 2);
    assert_string_equal(reason_of(&l, "1、本频道由某某传媒运营。"), "disclaimer");
    assert_string_equal(reason_of(&l, "任何单位都应当遵守。"), "disclaimer");
    assert_null(l.article->source);
    unload(&l);
}

static void keeps_policy_that_speaks_of_rights_and_liability(void **state)
{
    static const char policy[] = "对侵犯人才知识产权的行为，有关部门依法追究法律责任，并在三十日内答复申请人。";
    loading l;
    char text[1024];
    (void)state;

    static const char speech[] = "市长在署名文章中提出观点：人才工作要办好，也要办实。";
    snprintf(text, sizeof text, "保护人才\n%s\n%s\n%s\n%s\n", LONG, policy, speech, LONG);
    load_text(&l, text);

    assert_int_equal(kind_of(&l, policy), TH_BLOCK_PARAGRAPH);
    assert_int_equal(l.article->block_count, 4);
    unload(&l);
}

static void an_editor_named_at_the_top_ends_nothing(void **state)
{
    loading l;
    (void)state;

    load_text(&l, "人才新政落地\n编辑：陈静\n" LONG "\n" LONG "\n");

    assert_int_equal(l.article->block_count, 2);
    assert_string_equal(reason_of(&l, "编辑：陈静"), "editor");
    assert_authors(&l, "");
    unload(&l);
}

static void cuts_bylines_out_of_paragraphs(void **state)
{
    static const struct {
        const char *line, *kept, *authors;
    } cases[] = {
        {"本报讯（记者 张明 通讯员 李小红）今年全市引进人才三百人。", "今年全市引进人才三百人。", "张明 李小红"},
        {"新华社合肥1月5日电（记者王强）今年全市引进人才三百人。", "今年全市引进人才三百人。", "王强"},
        {"央视网消息（新闻联播）：今年全市引进人才三百人。", "今年全市引进人才三百人。", ""},
        {"今年全市引进人才三百人。（文/记者 林岚 图/市委组织部 提供）", "今年全市引进人才三百人。", "林岚"},
        {"今年全市引进人才三百人。（文章来源：海峡晚报）", "今年全市引进人才三百人。", ""},
        {"今年全市引进人才三百人。（王强 李小红）", "今年全市引进人才三百人。", "王强 李小红"},
        {"今年全市引进人才三百人。（以上数据为初步统计）", "今年全市引进人才三百人。（以上数据为初步统计）", ""},
        {"人民日报长篇通讯：今年全市引进人才三百人。", "人民日报长篇通讯：今年全市引进人才三百人。", ""},
        {"记者从会上获悉，今年全市引进人才三百人。", "记者从会上获悉，今年全市引进人才三百人。", ""},
        {"今年全市引进人才三百人（其中博士二十人）", "今年全市引进人才三百人（其中博士二十人）", ""},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[2048];
        loading l;
        snprintf(text, sizeof text, "人才新政落地\n%s\n%s\n", LONG, cases[i].line);
        load_text(&l, text);
        if (kind_of(&l, cases[i].kept) < 0)
            fail_msg("%s gave: %s", cases[i].line, l.article->text);
        assert_authors(&l, cases[i].authors);
        unload(&l);
    }
}

static void single_lines_built_alike_are_headings(void **state)
{
    loading l;
    (void)state;

    load_text(&l, "人才新政落地\n" LONG "\n搭平台，筑牢引才“强磁场”\n" LONG "\n优服务，打造留才“暖心窝”\n" LONG "\n");

    assert_int_equal(kind_of(&l, "搭平台，筑牢引才“强磁场”"), TH_BLOCK_HEADING);
    assert_int_equal(kind_of(&l, "优服务，打造留才“暖心窝”"), TH_BLOCK_HEADING);
    unload(&l);
}

static void a_scene_between_paragraphs_is_a_caption(void **state)
{
    loading l;
    (void)state;

    load_text(&l, "人才新政落地\n\n" LONG "\n\n搭平台\n\n筑牢引才强磁场\n\n" LONG "\n\n2023年县人才夜市现场\n\n" LONG
                  "\n\n优服务\n\n打造留才暖心窝\n\n" LONG "\n");

    assert_int_equal(kind_of(&l, "2023年县人才夜市现场"), TH_BLOCK_CAPTION);
    assert_int_equal(kind_of(&l, "优服务"), TH_BLOCK_HEADING);
    assert_int_equal(kind_of(&l, "筑牢引才强磁场"), TH_BLOCK_HEADING);
    unload(&l);
}

static void sentences_set_apart_above_the_lead_are_captions_where_pictures_are_credited(void **state)
{
    static const char caption[] = "举办青年人才集市，吸引三百人参加。";
    loading l;
    (void)state;

    load_text(&l, "人才新政落地\n\n举办青年人才集市，吸引三百人参加。\n\n青年驿站开门迎客。\n" LONG "\n" LONG "\n" LONG "\n" LONG
                  "（文/王强 图/县委宣传部）\n");
    assert_int_equal(kind_of(&l, caption), TH_BLOCK_CAPTION);
    unload(&l);
    load_text(&l, "人才新政落地\n\n举办青年人才集市，吸引三百人参加。\n" LONG "\n" LONG "\n" LONG "\n");
    assert_int_equal(kind_of(&l, caption), TH_BLOCK_PARAGRAPH);
    unload(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drops_the_chrome_of_a_news_site_with_its_reasons),
        cmocka_unit_test(keeps_wechat_text_and_drops_what_the_account_adds),
        cmocka_unit_test(drops_a_disclaimer_from_its_first_item_on),
        cmocka_unit_test(keeps_policy_that_speaks_of_rights_and_liability),
        cmocka_unit_test(an_editor_named_at_the_top_ends_nothing),
        cmocka_unit_test(cuts_bylines_out_of_paragraphs),
        cmocka_unit_test(single_lines_built_alike_are_headings),
        cmocka_unit_test(a_scene_between_paragraphs_is_a_caption),
        cmocka_unit_test(sentences_set_apart_above_the_lead_are_captions_where_pictures_are_credited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
