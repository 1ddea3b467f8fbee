/* Dates, names, information lines and titles, each for itself. */
#include <stdio.h>

#include "load_helper.h"

#include "load/metadata.h"
#include "text/unicode.h"

typedef struct rules {
    th_arena *arena;
    th_chrome chrome;
} rules;

static int open_rules(void **state)
{
    rules *r = test_malloc(sizeof *r);
    th_str text = {0};
    th_error err = {0};

    r->arena = th_arena_new();
    if (th_file_read(&text, TH_SOURCE_DIR "/data/chrome.yaml", 0, &err) != TH_OK ||
        th_chrome_parse(&r->chrome, r->arena, "chrome.yaml", text.data, text.len, &err) != TH_OK)
        return -1;
    th_str_free(&text);
    *state = r;
    return 0;
}

static int close_rules(void **state)
{
    rules *r = *state;

    th_lexset_free(r->chrome.terms);
    th_arena_free(r->arena);
    test_free(r);
    return 0;
}

static void reads_dates_in_all_written_forms(void **state)
{
    static const struct {
        const char *text, *date;
    } cases[] = {
        {"2021年06月07日 8:05", "2021-06-07"},     {"2024-11-22 11:01", "2024-11-22"},
        {"2022-04-22 07:44:35 +0800", "2022-04-22"}, {"2024-05-06T08:00:00.000Z", "2024-05-06"},
        {"2024/3/8", "2024-03-08"},                {"2024.03.08", "2024-03-08"},
        {"发布时间：2024 年 3 月 8 日", "2024-03-08"}, {"二〇二六年一月二十七日", "2026-01-27"},
        {"二○二五年十二月三十一日", "2025-12-31"},   {"二零二四年十月十日", "2024-10-10"},
        {"２０２４年３月８日", "2024-03-08"},         {"2024年2月30日", NULL},
        {"2024年3月", NULL},                       {"共2024-3人", NULL},
        {"12024-03-08", NULL},                     {"", NULL},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char date[11] = "";
        bool found = th_date_find(cases[i].text, strlen(cases[i].text), date);
        if (found != (cases[i].date != NULL) || (found && strcmp(date, cases[i].date)))
            fail_msg("%s gave %s", cases[i].text, found ? date : "nothing");
    }
}

static void splits_names_that_run_together(void **state)
{
    static const struct {
        const char *text, *names;
    } cases[] = {
        {"王强李小红赵一鸣", "王强 李小红 赵一鸣"}, {"欧阳文静陈晨", "欧阳文静 陈晨"},
        {"张伟", "张伟"},                           {"诸葛亮刘洋", "诸葛亮 刘洋"},
        {"了解到", ""},                             {"从会上获悉", ""},
        {"王", ""},                                 {"", ""},
    };
    rules *r = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        th_view v;
        th_name names[TH_NAMES_MAX];
        char joined[256] = "";
        th_view_make(&v, cases[i].text, strlen(cases[i].text), true);
        size_t n = th_names_split(&r->chrome, &v, 0, v.n, names, TH_NAMES_MAX);
        for (size_t k = 0; k < n; k++)
            snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%.*s", k ? " " : "",
                     (int)(v.at[names[k].stop] - v.at[names[k].start]), cases[i].text + v.at[names[k].start]);
        assert_string_equal(joined, cases[i].names);
    }
}

static void reads_information_lines(void **state)
{
    static const struct {
        const char *line, *source, *date, *authors;
    } cases[] = {
        {"2024年3月18日 10:22 来源：海峡晚报 作者：王晓明 责任编辑：陈静", "海峡晚报", "2024-03-18", "王晓明"},
        {"来 源 ：县融媒体中心 记者/李芳，通讯员/赵磊", "县融媒体中心", "", "李芳 赵磊"},
        {"□ 本报记者张文涛通讯员韩雪", "", "", "张文涛 韩雪"},
        {"记者 林　岚", "", "", "林岚"},
        {"2024-03-18 10:22 521次浏览 来源: 某某有色网 分类: 矿业", "某某有色网", "2024-03-18", ""},
        {"江城日报 2024-03-18", "江城日报", "2024-03-18", ""},
        {"责任编辑：陈静", "", "", ""},
        {"作者：买买提·艾力", "", "", "买买提·艾力"},
        {"文/图 张三丰", "", "", "张三丰"},
        {"文/图 记者 赵小满", "", "", "赵小满"},
        {"图/文 赵小满", "", "", "赵小满"},
        {"图文：赵小满", "", "", "赵小满"},
        {"文/赵小满 图/胡杨", "", "", "赵小满"},
        {"撰文：赵小满 摄影：胡杨 编辑：何静 校对：周密", "", "", "赵小满"},
        {"时间：2023-11-02 来源：河湾融媒 作者：文/周密 图/胡杨", "河湾融媒", "2023-11-02", "周密"},
        {"来源： 发布时间：2024-01-23 09:10 浏览次数：", "", "2024-01-23", ""},
        {"来源：《江城日报》 编辑：何静", "江城日报", "", ""},
        {"稿源：江城日报 供稿：赵小满", "江城日报", "", "赵小满"},
        {"索引号：JC-2024-1 文号：江政〔2024〕8号 发布日期：2024年3月8日", "", "2024-03-08", ""},
        {"原创 赵小满 江城发布 2024-01-05 20:30 发表于江城", "江城发布", "2024-01-05", "赵小满"},
        {"2024-01-05 18:22 发布于江城", "", "2024-01-05", ""},
        {"发布时间：2024-01-29 08:57:33 信息来源：江城日报 浏览量： {{ pvCount }} A+ | A- | 打印", "江城日报", "2024-01-29", ""},
        {"二○二三年十一月二日", "", "2023-11-02", ""},
        {"2024/3/8 16:20", "", "2024-03-08", ""},
    };
    static const char *const prose[] = {
        "记者从会上获悉，今年引进人才三百人", "2024年县人才夜市开市", "来源广泛的人才队伍", "编辑部的故事",
        "图书馆向人才开放", "文化赋能产业发展", "视频会议在京召开", "大学生就业", "源头活水来", "打印设备制造", "分享发展红利", "首页", "上海", "收藏文物一百件", "时间就是效率",
    };
    rules *r = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        th_info info;
        th_str line = {0};
        char authors[256] = "";
        th_error err = {0};
        assert_int_equal(th_text_normalise(&line, cases[i].line, strlen(cases[i].line), NULL, &err), TH_OK);
        if (!th_info_read(&r->chrome, line.data, line.len, &info))
            fail_msg("not an information line: %s", cases[i].line);
        assert_int_equal(info.source_stop - info.source_start, strlen(cases[i].source));
        assert_memory_equal(line.data + info.source_start, cases[i].source, strlen(cases[i].source));
        assert_string_equal(info.date, cases[i].date);
        for (size_t k = 0; k < info.name_count; k++)
            for (size_t at = info.names[k].start; at <= info.names[k].stop; at++)
                if (at == info.names[k].stop ? k + 1 < info.name_count : line.data[at] != ' ')
                    snprintf(authors + strlen(authors), sizeof authors - strlen(authors), "%c",
                             at == info.names[k].stop ? ' ' : line.data[at]);
        assert_string_equal(authors, cases[i].authors);
        th_str_free(&line);
    }
    for (size_t i = 0; i < sizeof prose / sizeof *prose; i++) {
        th_info info;
        if (th_info_read(&r->chrome, prose[i], strlen(prose[i]), &info))
            fail_msg("taken for an information line: %s", prose[i]);
    }
}

static void reads_the_day_of_any_field(void **state)
{
    static const struct {
        const char *field, *day;
    } cases[] = {{"2024-01-23", "2024-01-23"},           {"2024/1/3", "2024-01-03"},           {"2024.01.23 08:00", "2024-01-23"},
                 {"20240123", "2024-01-23"},             {"1704450120", "2024-01-05"},         {"1704450120000", "2024-01-05"},
                 {"2024-01-05T16:30:00Z", "2024-01-06"}, {"2024-01-05T15:59:59.000Z", "2024-01-05"},
                 {"2024-01-05T23:30:00+08:00", "2024-01-05"}, {"45314", "2024-01-23"},         {"2024年1月23日 星期二", "2024-01-23"},
                 {"二〇二四年一月二十三日", "2024-01-23"}, {"2024年", ""},                       {"20241399", ""}, {"2024-02-30", ""}, {"", ""}, {"12", ""}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char day[11] = "";
        bool found = th_date_of_field(cases[i].field, day);
        assert_int_equal(found, cases[i].day[0] != '\0');
        if (found)
            assert_string_equal(day, cases[i].day);
    }
}

static void reads_the_day_of_an_address(void **state)
{
    static const struct {
        const char *url, *day;
        bool path; /* a path says it too */
    } cases[] = {{"http://a.example/zw/202401/t20240123_1.htm", "2024-01-23", true}, {"http://a.example/2024-01/23/c_113.htm", "2024-01-23", true},
                 {"http://a.example/2024/01/23/x.html", "2024-01-23", true},         {"http://a.example/2024/0123/x.html", "2024-01-23", true},
                 {"http://a.example/20240123/x.html", "2024-01-23", false},          {"http://a.example/art_20240123.html", "2024-01-23", false},
                 {"http://a.example/c_1130001.html", "", false},                     {"http://a.example/20240000123.html", "", false},
                 {"http://a.example/2024/99/99/", "", false},                        {"http://a.example/", "", false}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char day[11] = "";
        th_date_of_address(cases[i].url, day);
        assert_string_equal(day, cases[i].day);
        day[0] = '\0';
        th_date_of_path(cases[i].url + 5, day);
        assert_string_equal(day, cases[i].path ? cases[i].day : "");
    }
}

static void a_photographer_is_no_author(void **state)
{
    static const char *const lines[] = {"本报记者 张三丰 摄", "王强 摄", "王强摄", "图/王强", "县委组织部供图", "摄影：王强"};
    rules *r = *state;

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        th_info info;
        if (!th_info_read(&r->chrome, lines[i], strlen(lines[i]), &info) || !info.has_photo || info.name_count)
            fail_msg("%s", lines[i]);
    }
}

static void cleans_titles(void **state)
{
    static const struct {
        const char *text, *title;
        bool is_page_name;
    } cases[] = {
        {"原标题：聚才兴业 山城蝶变", "聚才兴业 山城蝶变", false},
        {"看发展·强动力丨山城，让人才有为", "山城，让人才有为", false},
        {"山城发布人才新政_江城在线", "山城发布人才新政", true},
        {"山城发布人才新政-要闻-江城日报", "山城发布人才新政", true},
        {"山城发布人才新政 | 江城新闻网", "山城发布人才新政", false},
        {"见成效丨山城，让人才扎根_江城新闻网", "山城，让人才扎根", true},
        {"【关注】山城发布人才新政", "山城发布人才新政", false},
        {"校-企合作育人才", "校-企合作育人才", false},
    };
    rules *r = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        th_draft d = {.arena = r->arena, .path = "p"};
        const char *hint = NULL;
        const char *title = th_title_clean(&r->chrome, &d, cases[i].text, strlen(cases[i].text), cases[i].is_page_name, &hint);
        assert_string_equal(title, cases[i].title);
    }
}

static void a_disclaimer_names_no_source_and_several_links_no_address(void **state)
{
    loading l;
    (void)state;

    load_text(&l, "人才新政\n全市设立一亿元人才基金，三年累计支持项目126个，带动就业四千余人，建成驿站九家，惠及青年。\n"
                  "https://example.com/a\nhttps://example.com/b\n凡本网注明“来源：江城在线”的作品，未经授权不得转载。\n");

    assert_null(l.article->source);
    assert_null(l.article->url);
    assert_int_equal(l.article->block_count, 1);
    unload(&l);
}

static void a_stated_title_is_not_repeated_behind_its_tag(void **state)
{
    static const char *const firsts[] = {"原标题:云岭区厚植人才沃土", "人才故事丨云岭区厚植人才沃土", "【要闻】云岭区厚植人才沃土"};
    (void)state;

    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        char text[1024];
        loading l;
        snprintf(text, sizeof text, "---\ntitle: 云岭区厚植人才沃土\n---\n\n%s\n\n去年，云岭区引进高层次人才一百二十人，发放补贴超三百万元，各项工作取得明显成效。\n",
                 firsts[i]);
        load_text(&l, text);
        assert_int_equal(l.status, TH_OK);
        assert_string_equal(l.article->title, "云岭区厚植人才沃土");
        assert_string_equal(reason_of(&l, firsts[i]), "title");
        unload(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stated_title_is_not_repeated_behind_its_tag),
        cmocka_unit_test(reads_dates_in_all_written_forms),
        cmocka_unit_test(splits_names_that_run_together),
        cmocka_unit_test(reads_information_lines),
        cmocka_unit_test(reads_the_day_of_any_field),
        cmocka_unit_test(reads_the_day_of_an_address),
        cmocka_unit_test(a_photographer_is_no_author),
        cmocka_unit_test(cleans_titles),
        cmocka_unit_test(a_disclaimer_names_no_source_and_several_links_no_address),
    };
    return cmocka_run_group_tests(tests, open_rules, close_rules);
}
