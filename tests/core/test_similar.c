/* test_similar.c - which texts are reprints of each other: edits of the samples are, other texts and editions are not. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "text/similar.h"

/* A text of the samples, with lines. */
static const char article[] =
    "云岭区出台人才安居新政\n"
    "本报记者从云岭区委人才办获悉，今年以来，云岭区围绕主导产业引进高层次人才1206人，同比增长18.5%，为企业发展提供了有力支撑。\n"
    "“公司刚落户，工作专班就把政策清单送到了车间。”云岭精密仪器公司负责人表示，企业已有37名工程师申领了购房补贴，合计214万元。\n"
    "云岭区在全市率先建立人才驿站，来区求职的高校毕业生可免费住宿7天，今年已接待3580人次。围绕住房、子女入学和医疗，该区推出16项服务。\n"
    "下一步，云岭区将继续完善分层分类的支持办法，计划用3年时间筹集人才公寓5000套，让各类人才引得来、留得住、用得好。\n";

static th_likeness compare(const char *a, const char *b)
{
    th_shingles *x = th_shingles_new(a, strlen(a)), *y = th_shingles_new(b, strlen(b));

    assert_non_null(x);
    assert_non_null(y);
    th_likeness out = th_shingles_compare(x, y);
    th_shingles_free(x);
    th_shingles_free(y);
    return out;
}

/* Alike by their texts, and found by their sketches. */
static bool is_found(const char *a, const char *b)
{
    th_sketch x, y;
    bool band = false;
    th_likeness likeness = compare(a, b);

    th_sketch_make(&x, a, 0, strlen(a), strlen(a), NULL, NULL);
    th_sketch_make(&y, b, 0, strlen(b), strlen(b), NULL, NULL);
    for (size_t i = 0; i < TH_SKETCH_BANDS; i++)
        band |= th_sketch_band(&x, i) == th_sketch_band(&y, i);
    bool alike = th_is_reprint(&likeness);
    if (alike) { /* the quick look must not lose what the slow one accepts */
        assert_true(band);
        assert_true(th_sketch_close(&x, &y));
    }
    return alike;
}

/* `text` with its first `from` replaced. */
static const char *edited(const char *text, const char *from, const char *to)
{
    static char out[8192];
    const char *at = strstr(text, from);

    assert_non_null(at);
    snprintf(out, sizeof out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return out;
}

static void edits_of_an_article_are_reprints(void **state)
{
    char text[8192];
    (void)state;

    assert_true(is_found(article, article));
    assert_true(is_found(article, edited(article, "云岭区出台人才安居新政", "安居新政来了！云岭为人才筑巢")));
    assert_true(is_found(article, edited(article, "“公司刚落户，工作专班就把政策清单送到了车间。”云岭精密仪器公司负责人表示，", "")));
    assert_true(is_found(article, edited(article, "本报记者从", "云岭日报记者李某、通讯员王某报道：记者从")));
    snprintf(text, sizeof text, "编者按：近日，多地推出安居政策。本号转载云岭区的一则报道，供大家参考，欢迎留言讨论。\n%s", article);
    assert_true(is_found(article, text));
    snprintf(text, sizeof text, "%.*s", (int)(strstr(article, "云岭区在全市") - article), article);
    assert_true(is_found(article, text)); /* cut off after half */
    assert_false(is_found(article, edited(text, strstr(text, "“公司"), ""))); /* a quarter is a notice */
}

static void width_case_and_punctuation_do_not_count(void **state)
{
    (void)state;

    assert_true(compare("人才 ABC、公寓，1200套。", "人才ａｂｃ公寓１２００套").jaccard == 1);
    assert_true(compare("人才公寓已建成", "人才政策已出台").jaccard == 0);
}

static void the_next_edition_of_a_bulletin_is_no_reprint(void **state)
{
    static const char form[] =
        "%d月份全区人才工作运行情况\n"
        "%d月，全区新增参保高校毕业生%d人，环比增长%d.%d%%；新引进高层次人才%d人，其中博士%d人、硕士%d人。全区发放各类人才补贴%d.%d万元，惠及企业%d家。\n"
        "各镇、各街道和各有关单位认真贯彻落实区委人才工作会议精神，围绕主导产业发展需要，加大政策宣传和兑现力度，持续优化人才服务，全区人才工作保持良好态势。\n"
        "（本月报由区委人才工作领导小组办公室会同区人力资源和社会保障局编发，数据口径以有关部门统计为准，仅供内部参考。）\n"
        "截至月末，全区人才资源总量达%d人，人才公寓入住%d户，入住率为%d.%d%%；在建项目%d个，新增技能人才%d人。\n";
    char a[2048], b[2048], c[2048];
    (void)state;

    snprintf(a, sizeof a, form, 3, 3, 1204, 3, 5, 131, 25, 86, 312, 4, 87, 65211, 2480, 91, 2, 38, 640);
    snprintf(b, sizeof b, form, 4, 4, 1377, 14, 4, 118, 19, 74, 298, 7, 92, 66107, 2533, 93, 5, 41, 702);
    snprintf(c, sizeof c, form, 3, 3, 1204, 3, 5, 131, 25, 86, 312, 4, 87, 65211, 2480, 91, 2, 38, 641);

    assert_true(compare(a, b).containment > 0.5); /* the words are much the same */
    assert_false(is_found(a, b));
    assert_true(is_found(a, c)); /* a slip put right */
}

static void short_texts_are_left_to_equality(void **state)
{
    th_sketch a, b;
    (void)state;

    th_sketch_make(&a, "今年引进人才120人", 0, strlen("今年引进人才120人"), strlen("今年引进人才120人"), NULL, NULL);
    th_sketch_make(&b, "今年引进人才，120人", 0, strlen("今年引进人才，120人"), strlen("今年引进人才，120人"), NULL, NULL);
    assert_true(a.text != b.text);
    assert_false(th_sketch_close(&a, &b));
    th_sketch_make(&a, "", 0, 0, 0, NULL, NULL);
    assert_int_equal(a.shingles, 0);
    assert_true(a.text != 0);
    assert_true(th_is_reprint(&(th_likeness){0}) == false);
}

static void short_texts_count_with_their_title_and_date(void **state)
{
    static const char body[] = "详见附件。";
    th_sketch a, b;
    (void)state;

    th_sketch_make(&a, body, 0, strlen(body), strlen(body), "一号文件", "2024-01-01");
    th_sketch_make(&b, body, 0, strlen(body), strlen(body), "二号文件", "2024-01-01");
    assert_true(a.text != b.text);
    th_sketch_make(&b, body, 0, strlen(body), strlen(body), "一号文件", "2024-02-01");
    assert_true(a.text != b.text);
    th_sketch_make(&b, body, 0, strlen(body), strlen(body), "一号文件", "2024-01-01");
    assert_true(a.text == b.text);
    th_sketch_make(&a, article, 0, strlen(article), strlen(article), "一号文件", NULL);
    th_sketch_make(&b, article, 0, strlen(article), strlen(article), "二号文件", NULL);
    assert_true(a.text == b.text); /* a long text under another headline is the same */
}

static void damaged_text_is_walked_to_its_end(void **state)
{
    static const char bytes[] = "\xe4\xba\xff\xe4\xba";
    th_sketch s;
    (void)state;

    th_sketch_make(&s, bytes, 0, sizeof bytes - 1, sizeof bytes - 1, NULL, NULL);
    th_shingles_free(th_shingles_new(bytes, sizeof bytes - 1));
    th_shingles_free(th_shingles_new(bytes + 3, 1));
}

/* Every pair of the files that `pattern` names. */
static void check_no_pair(const char *pattern)
{
    const char *shared = getenv("TALENTHOST_SHARED");
    char path[512];
    glob_t found;

    snprintf(path, sizeof path, "%s/%s", shared ? shared : TH_SOURCE_DIR "/../shared", pattern);
    if (glob(path, 0, NULL, &found) != 0)
        skip();
    th_sketch *sketches = calloc(found.gl_pathc, sizeof *sketches);
    assert_non_null(sketches);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        th_str bytes = {0};
        th_error err = {0};
        assert_int_equal(th_file_read(&bytes, found.gl_pathv[i], 64 << 20, &err), TH_OK);
        th_sketch_make(&sketches[i], th_str_text(&bytes), 0, bytes.len, bytes.len, NULL, NULL);
        th_str_free(&bytes);
        for (size_t k = 0; k < i; k++)
            if (th_sketch_close(&sketches[i], &sketches[k]))
                fail_msg("%s is taken for %s", found.gl_pathv[i], found.gl_pathv[k]);
    }
    free(sketches);
    globfree(&found);
}

static void days_of_news_and_other_articles_are_no_reprints(void **state)
{
    (void)state;

    check_no_pair("texts/news/*.md");
    check_no_pair("articles/*.txt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_of_an_article_are_reprints),
        cmocka_unit_test(width_case_and_punctuation_do_not_count),
        cmocka_unit_test(the_next_edition_of_a_bulletin_is_no_reprint),
        cmocka_unit_test(short_texts_are_left_to_equality),
        cmocka_unit_test(short_texts_count_with_their_title_and_date),
        cmocka_unit_test(damaged_text_is_walked_to_its_end),
        cmocka_unit_test(days_of_news_and_other_articles_are_no_reprints),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
