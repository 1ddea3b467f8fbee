/* test_breaks.c - line breaks given back to a cell that lost them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "load/breaks.h"

static void gives(const char *text, const char *expected)
{
    th_str out = {0};

    th_breaks_restore(&out, text, strlen(text));
    assert_string_equal(th_str_text(&out), expected);
    th_str_free(&out);
}

/* Sentences enough for a long text. */
#define BODY "现在，我代表镇政府向大会报告工作，请予审议。 "
#define FOUR BODY BODY BODY BODY
#define LINE "现在，我代表镇政府向大会报告工作，请予审议。\n"
#define FOUR_LINES LINE LINE LINE LINE

static void breaks_written_out_come_first(void **state)
{
    (void)state;
    gives("甲。\\n乙。 丙", "甲。\n乙。 丙");
    gives("　　甲。　　乙。", "\n甲。\n乙。");
}

static void a_short_text_keeps_its_spaces(void **state)
{
    (void)state;
    gives("甲。 乙。 丙。 丁", "甲。 乙。 丙。 丁");
}

static void titles_and_tools_stand_in_lines_again(void **state)
{
    (void)state;
    gives("首页 > 要闻 云岭镇政府工作报告 2024年1月30日 9:12 来源： 云岭镇 【字号：大 中 小】 打印 关闭 各位代表： " FOUR FOUR FOUR
          "责任编辑：王一 【打印】 浏览次数： 12",
          "首页 > 要闻\n云岭镇政府工作报告\n2024年1月30日 9:12\n来源： 云岭镇\n【字号：大 中 小】\n打印\n关闭\n各位代表： " FOUR_LINES
              FOUR_LINES FOUR_LINES "责任编辑：王一\n【打印】\n浏览次数： 12");
}

static void words_set_wide_and_dates_stay_whole(void **state)
{
    (void)state;
    gives("政 府 工 作 报 告 2024 年 1 月 23 日在云岭镇 字号：大 中 小 各位代表： " FOUR FOUR FOUR "编辑：王 一 打印",
          "政 府 工 作 报 告 2024 年 1 月 23 日在云岭镇\n字号：大 中 小 各位代表： " FOUR_LINES FOUR_LINES FOUR_LINES "编辑：王 一 打印");
}

static void spaces_of_sentences_stay(void **state)
{
    (void)state;
    gives(FOUR FOUR FOUR "GDP 增长 5.2 %，引进人才 12 人。",
          FOUR_LINES FOUR_LINES FOUR_LINES "GDP 增长 5.2 %，引进人才 12 人。");
    gives("An English report without any stop of ours. " FOUR "， 。", "An English report without any stop of ours. " FOUR "， 。");
}

static void odd_ends_are_no_trouble(void **state)
{
    (void)state;
    gives("", "");
    gives(" ", " ");
    gives(FOUR FOUR FOUR " ", FOUR_LINES FOUR_LINES FOUR_LINES " ");
    gives("【 " FOUR FOUR FOUR "】 （ ", "【 " FOUR_LINES FOUR_LINES FOUR_LINES "】 （ ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(breaks_written_out_come_first),
        cmocka_unit_test(a_short_text_keeps_its_spaces),
        cmocka_unit_test(titles_and_tools_stand_in_lines_again),
        cmocka_unit_test(words_set_wide_and_dates_stay_whole),
        cmocka_unit_test(spaces_of_sentences_stay),
        cmocka_unit_test(odd_ends_are_no_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
