/* test_gazetteer.c - places in texts, by a small table of our own and by the tables that ship. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "text/gazetteer.h"

static const char divisions[] =
    "# code\tname\tlevel\tparent_code\taliases\n"
    "110000\t北京市\tprovince\t\t北京\n"
    "110105\t朝阳区\tcounty\t110000\t朝阳\n"
    "120000\t天津市\tprovince\t\t天津\n"
    "120101\t和平区\tcounty\t120000\t和平\n"
    "210000\t辽宁省\tprovince\t\t辽宁\n"
    "210100\t沈阳市\tcity\t210000\t沈阳\n"
    "210102\t和平区\tcounty\t210100\t和平\n"
    "211300\t朝阳市\tcity\t210000\t朝阳\n"
    "211322\t建平县\tcounty\t211300\t建平\n"
    "220000\t吉林省\tprovince\t\t吉林\n"
    "220200\t吉林市\tcity\t220000\t吉林\n"
    "320000\t江苏省\tprovince\t\t江苏,苏\n"
    "320100\t南京市\tcity\t320000\t南京\n"
    "320106\t鼓楼区\tcounty\t320100\t鼓楼\n"
    "320300\t徐州市\tcity\t320000\t徐州\n"
    "320302\t鼓楼区\tcounty\t320300\t鼓楼\n"
    "320500\t苏州市\tcity\t320000\t苏州\n"
    "320583\t昆山市\tcounty\t320500\t昆山\n"
    "340000\t安徽省\tprovince\t\t安徽\n"
    "340500\t马鞍山市\tcity\t340000\t马鞍山\n"
    "340523\t和县\tcounty\t340500\t\n"
    "350000\t福建省\tprovince\t\t福建,闽\n"
    "350100\t福州市\tcity\t350000\t福州\n"
    "350102\t鼓楼区\tcounty\t350100\t鼓楼\n"
    "350200\t厦门市\tcity\t350000\t厦门,厦\n"
    "350205\t海沧区\tcounty\t350200\t海沧\n"
    "350212\t同安区\tcounty\t350200\t同安\n"
    "410000\t河南省\tprovince\t\t河南\n"
    "410700\t新乡市\tcity\t410000\t新乡\n"
    "511700\t达州市\tcity\t510000\t达州\n"
    "510000\t四川省\tprovince\t\t四川\n"
    "623000\t甘南藏族自治州\tcity\t620000\t甘南\n"
    "620000\t甘肃省\tprovince\t\t甘肃\n"
    "623001\t合作市\tcounty\t623000\t合作\n";

static const char zones[] = "# name\tkind\tparent_code\taliases\n"
                            "苏州高新技术产业开发区\thidz\t320500\t苏州高新区\n"
                            "昆山经济技术开发区\tetdz\t320583\t昆山开发区,昆山经开区\n"
                            "厦门火炬高技术产业开发区\thidz\t350200\t厦门火炬高新区,火炬高新区,厦门火炬,火炬园\n"
                            "徐州高新技术产业开发区\thidz\t320300\n"
                            "跨省合作示范区\tzone\t\t\n";

struct fixture {
    th_gazetteer *g;
    th_arena *arena;
};

static th_status load(th_gazetteer **out, const char *d, const char *z, th_error *err)
{
    return th_gazetteer_load(out, "data/divisions.tsv", d, strlen(d), "data/zones.tsv", z, strlen(z), err);
}

static int open_small(void **state)
{
    static struct fixture f;
    th_error err = {0};

    f.arena = th_arena_new();
    *state = &f;
    return load(&f.g, divisions, zones, &err) == TH_OK && f.arena ? 0 : -1;
}

static int close_small(void **state)
{
    struct fixture *f = *state;

    th_gazetteer_free(f->g);
    th_arena_free(f->arena);
    return 0;
}

/* The places of `text` as "name=code name=code", the names as written. */
static const char *places(struct fixture *f, const char *text)
{
    static char shown[2048];
    th_places found;
    th_error err = {0};
    size_t at = 0;

    th_arena_reset(f->arena);
    shown[0] = '\0';
    assert_int_equal(th_gazetteer_find(f->g, text, strlen(text), f->arena, &found, &err), TH_OK);
    for (size_t i = 0; i < found.count; i++) {
        const th_place *p = &found.items[i];
        assert_true(i == 0 || found.items[i - 1].stop <= p->start);
        at += (size_t)snprintf(shown + at, sizeof shown - at, "%s%.*s=%s", i ? " " : "", (int)(p->stop - p->start),
                               text + p->start, p->region->code);
        assert_true(at < sizeof shown);
    }
    return shown;
}

#define FINDS(text, want) assert_string_equal(places(*state, text), want)

static void a_chain_of_full_names_is_one_place_each(void **state)
{
    FINDS("福建省厦门市海沧区的园区。", "福建省=350000 厦门市=350200 海沧区=350205");
}

static void adjacent_short_forms_are_two_places(void **state)
{
    FINDS("来自北京天津的医生", "北京=110000 天津=120000");
}

static void a_county_in_short_needs_the_text_to_name_it(void **state)
{
    FINDS("春天的同安很美。", "");
    FINDS("春天的同安很美，厦门人都知道。", "同安=350212 厦门=350200");
    FINDS("同安区开会。会后，同安的干部下乡。", "同安区=350212 同安=350212");
}

static void a_province_above_counts_within_the_sentence(void **state)
{
    FINDS("福建的同安盛产紫菜。", "福建=350000 同安=350212");
    FINDS("福建下雨。同安没有。", "福建=350000");
}

static void one_character_is_no_place(void **state)
{
    FINDS("人才来厦，闽商返乡，苏绣出海", "");
}

static void same_named_districts_go_by_the_place_before(void **state)
{
    FINDS("南京鼓楼区与福州市鼓楼区结对", "南京=320100 鼓楼区=320106 福州市=350100 鼓楼区=350102");
    FINDS("徐州开会。鼓楼区参加。", "徐州=320300 鼓楼区=320302");
}

static void same_named_districts_without_context_are_left_out(void **state)
{
    FINDS("鼓楼区新设窗口。", "");
}

static void the_parent_named_most_often_chooses(void **state)
{
    FINDS("鼓楼区开会，福州市、福州和福州市民关注，徐州人也来。",
          "鼓楼区=350102 福州市=350100 福州=350100 福州=350100 徐州=320300");
}

static void citizens_are_no_part_of_the_citys_name(void **state)
{
    FINDS("福州市民、同安区域和厦门市场", "福州=350100 同安=350212 厦门=350200");
}

static void a_short_form_of_two_levels_is_the_higher_one(void **state)
{
    FINDS("吉林出台新政", "吉林=220000");
    FINDS("吉林吉林冰雪节", "吉林=220000 吉林=220200");
}

static void a_short_form_that_is_also_a_word_needs_more(void **state)
{
    FINDS("朝阳初升，他出发了。", "");
    FINDS("北京朝阳的街头", "北京=110000 朝阳=110105");
    FINDS("辽宁朝阳的化石", "辽宁=210000 朝阳=211300");
    FINDS("朝阳市的古塔，朝阳人的骄傲", "朝阳市=211300 朝阳=211300");
}

static void everyday_words_are_no_places(void **state)
{
    FINDS("合作市与甘南合作，合作社在城区，和平年代", "合作市=623001 甘南=623000");
    FINDS("天津的和平鸽，与天津合作", "天津=120000 天津=120000");
    FINDS("推进城市和县城建设，马鞍山支持", "马鞍山=340500");
}

static void a_two_character_county_counts_beside_its_parent(void **state)
{
    FINDS("马鞍山和县种菜", "马鞍山=340500 和县=340523");
}

static void a_longer_word_hides_the_name_in_it(void **state)
{
    FINDS("河南推进创新乡村治理", "河南=410000");
}

static void universities_firms_and_media_are_no_places(void **state)
{
    FINDS("福州大学、南京航空航天大学、厦门日报、苏州银行", "");
    FINDS("厦门盛远智能科技有限公司与中云（福州）软件公司", "");
    FINDS("厦门钨业的技术员，福州时代的车间", "");
}

static void the_name_of_an_organisation_ends_at_verbs_and_signs(void **state)
{
    FINDS("福州的大学", "福州=350100");
    FINDS("福州举办大学招聘会", "福州=350100");
    FINDS("福州，大学很多", "福州=350100");
    FINDS("福州大学生创业", "福州=350100");
    FINDS("马鞍山钢铁产业", "马鞍山=340500");
}

static void programmes_and_offices_keep_their_place(void **state)
{
    FINDS("入选厦门市人才服务驿站", "厦门市=350200");
}

static void streets_and_townships_are_no_places(void **state)
{
    FINDS("住在南京东路，路过福州路", "");
    FINDS("福州路网通畅", "福州=350100");
}

static void the_end_of_a_foreign_name_is_no_place(void **state)
{
    FINDS("四川代表团到访明尼苏达州", "四川=510000");
}

static void a_persons_given_name_is_no_county(void **state)
{
    FINDS("李建平在朝阳市说，辽宁很好", "朝阳市=211300 辽宁=210000");
}

static void a_zone_is_found_with_its_parents_code(void **state)
{
    th_places found;
    struct fixture *f = *state;
    const char *text = "走进昆山开发区";

    FINDS(text, "昆山开发区=320583");
    assert_int_equal(th_gazetteer_find(f->g, text, strlen(text), f->arena, &found, NULL), TH_OK);
    assert_string_equal(found.items[0].region->name, "昆山经济技术开发区");
    assert_string_equal(th_level_name(found.items[0].region->level), "zone");
    assert_true(found.items[0].is_short);
}

static void a_kind_alone_is_the_one_zone_the_text_names(void **state)
{
    FINDS("火炬高新区发文。近日，高新区兑现补贴。", "火炬高新区=350200 高新区=350200");
    FINDS("火炬高新区与苏州高新区签约。近日，高新区兑现补贴。", "火炬高新区=350200 苏州高新区=320500");
    FINDS("火炬高新区是国家级高新区，不是经开区", "火炬高新区=350200");
    FINDS("高新区兑现补贴。", "");
}

static void a_city_before_a_kind_makes_its_zone(void **state)
{
    FINDS("徐州高新区招人", "徐州高新区=320300");
}

static void a_zones_short_form_after_its_city_is_a_place_of_its_own(void **state)
{
    FINDS("厦门火炬园与火炬高新区", "厦门=350200 火炬园=350200 火炬高新区=350200");
}

static void nothing_in_nothing_out(void **state)
{
    FINDS("", "");
    FINDS("\xE5\xAE", "");
    FINDS("abc 123", "");
}

static const char *about(struct fixture *f, const char *title, const char *text, const char *hint)
{
    const th_region *region = th_gazetteer_about(f->g, title, text, strlen(text), hint, f->arena, NULL);

    return region ? region->name : "none";
}

static void an_article_is_about_the_most_special_place_that_dominates(void **state)
{
    assert_string_equal(about(*state, "同安：引才留才", "同安区发布新政。厦门市支持，同安加快建设。", NULL), "同安区");
    assert_string_equal(about(*state, "厦门各区比拼", "海沧区快，同安区稳。厦门市全面开花。", NULL), "厦门市");
    assert_string_equal(about(*state, NULL, "火炬高新区引才，火炬高新区留才，北京来人。", NULL), "厦门火炬高技术产业开发区");
}

static void an_article_about_everywhere_is_about_nowhere(void **state)
{
    assert_string_equal(about(*state, "各地引才忙", "北京、天津、福建、江苏、四川都发布了政策。", NULL), "none");
    assert_string_equal(about(*state, "人才工作会议召开", "会议指出，人才是第一资源。", "厦门日报"), "none");
}

static void a_report_is_about_the_province_its_title_names(void **state)
{
    const char *text = "深化与北京、天津、四川、江苏协作，支持厦门、同安发展，对接北京、天津，援助四川。";

    assert_string_equal(about(*state, "2024年福建省政府工作报告", text, NULL), "福建省");
    assert_string_equal(about(*state, "政府工作报告\n——2024年1月23日在福建省第十四届人民代表大会上", text, NULL), "福建省");
    assert_string_equal(about(*state, "政府工作报告", text, NULL), "none");
    assert_string_equal(about(*state, "学习福建经验", "北京引才，北京留才，北京用才；北京市朝阳区、北京、北京、北京、北京、北京、北京、北京、北京、北京、北京、北京、北京、北京、北京、"
                                      "北京、北京、北京、北京、北京、北京、北京、北京、北京、北京、北京、北京、北京", NULL), "北京市");
}

static void the_hint_breaks_a_tie(void **state)
{
    const char *text = "北京与天津携手，北京、天津、北京和天津同行";

    assert_string_equal(about(*state, NULL, text, NULL), "none");
    assert_string_equal(about(*state, NULL, text, "天津日报"), "天津市");
    assert_string_equal(about(*state, NULL, "厦门和福州互认人才，福州与厦门签约。", NULL), "福建省");
}

static const char *name_of(const th_region *region)
{
    return region ? region->name : "none";
}

static void a_region_is_found_by_code_name_and_short_form(void **state)
{
    const th_gazetteer *g = ((struct fixture *)*state)->g;

    assert_string_equal(name_of(th_gazetteer_get(g, "350212", 6)), "同安区");
    assert_string_equal(name_of(th_gazetteer_get(g, "同安", 6)), "同安区");
    assert_string_equal(name_of(th_gazetteer_get(g, "火炬高新区", 15)), "厦门火炬高技术产业开发区");
    assert_string_equal(name_of(th_gazetteer_get(g, "吉林", 6)), "吉林省");
    assert_string_equal(name_of(th_gazetteer_get(g, "鼓楼区", 9)), "none");
    assert_string_equal(name_of(th_gazetteer_get(g, "999999", 6)), "none");
    assert_string_equal(name_of(th_gazetteer_get(g, "", 0)), "none");
    assert_string_equal(th_gazetteer_get(g, "350212", 6)->parent->parent->name, "福建省");
    assert_string_equal(th_gazetteer_get(g, "跨省合作示范区", 21)->code, "");
}

static void refuses(const char *d, const char *z, const char *message)
{
    th_gazetteer *g = NULL;
    th_error err = {0};

    assert_int_equal(load(&g, d, z, &err), TH_ERR_PARSE);
    assert_null(g);
    assert_string_equal(err.text, message);
}

static void a_bad_table_is_refused_by_file_and_line(void **state)
{
    (void)state;
    refuses("# x\n350000\t福建省\n", "",
            "data/divisions.tsv:2: expected 5 tab-separated fields (code name level parent_code aliases), got 2");
    refuses("35000x\t福建省\tprovince\t\t\n", "", "data/divisions.tsv:1: a code is six digits, not \"35000x\"");
    refuses("350000\t闽\tprovince\t\t\n", "", "data/divisions.tsv:1: a name has 2 to 85 characters, not \"闽\"");
    refuses("350000\t福建省\tstate\t\t\n", "",
            "data/divisions.tsv:1: level is province, city or county, not \"state\"");
    refuses("350200\t厦门市\tcity\t350000\t\n", "",
            "data/divisions.tsv:1: no division has the parent's code \"350000\"");
    refuses("350200\t厦门市\tcity\t\t\n", "", "data/divisions.tsv:1: a parent's code is missing for \"厦门市\"");
    refuses("350000\t福建省\tprovince\t\t\n350000\t福建省\tprovince\t\t\n", "",
            "data/divisions.tsv:2: this code stands twice: \"350000\"");
    refuses("350000\t福建省\tprovince\t350000\t\n", "",
            "data/divisions.tsv:1: the parent is not of a higher level: \"350000\"");
    refuses("350000\t福建省\tprovince\t\t\n", "\n某某开发区\tetdz\t35\t\n",
            "data/zones.tsv:2: a parent's code is six digits or empty, not \"35\"");
    refuses("", "某某开发区\tetdz\n",
            "data/zones.tsv:1: expected 4 tab-separated fields (name kind parent_code aliases), got 2");
}

static void empty_tables_and_windows_line_ends_load(void **state)
{
    th_gazetteer *g = NULL;
    th_error err = {0};
    (void)state;

    assert_int_equal(load(&g, "", "", &err), TH_OK);
    assert_null(th_gazetteer_get(g, "福建", 6));
    th_gazetteer_free(g);
    assert_int_equal(load(&g, "350000\t福建省\tprovince\t\t福建\r\n", "", &err), TH_OK);
    assert_string_equal(name_of(th_gazetteer_get(g, "福建", 6)), "福建省");
    th_gazetteer_free(g);
    th_gazetteer_free(NULL);
}

/* A long line in which nothing settles must not cost more than its length. */
static void a_long_line_of_names_is_read_in_one_go(void **state)
{
    struct fixture *f = *state;
    th_str text = {0};
    th_places found;

    for (int i = 0; i < 20000; i++)
        th_str_puts(&text, "鼓楼区同安厦门高新区");
    assert_true(th_str_ok(&text));
    assert_int_equal(th_gazetteer_find(f->g, text.data, text.len, f->arena, &found, NULL), TH_OK);
    assert_int_equal(found.count, 2 * 20000);
    th_str_free(&text);
}

/* ---- the tables that ship ---- */

static int open_real(void **state)
{
    static struct fixture f;
    th_str d = {0}, z = {0};
    th_error err = {0};
    th_status status = th_file_read(&d, TH_SOURCE_DIR "/data/divisions.tsv", 0, &err);

    if (status == TH_OK)
        status = th_file_read(&z, TH_SOURCE_DIR "/data/zones.tsv", 0, &err);
    if (status == TH_OK)
        status = th_gazetteer_load(&f.g, "data/divisions.tsv", d.data, d.len, "data/zones.tsv", z.data, z.len, &err);
    if (status != TH_OK)
        print_error("%s\n", err.text);
    th_str_free(&d);
    th_str_free(&z);
    f.arena = th_arena_new();
    *state = &f;
    return status == TH_OK && f.arena ? 0 : -1;
}

static void the_shipped_tables_know_the_country(void **state)
{
    FINDS("江西南昌、山西北部、内蒙古包头市、海南三亚、广西北海市",
          "江西=360000 南昌=360100 山西=140000 内蒙古=150000 包头市=150200 海南=460000 三亚=460200 广西=450000 "
          "北海市=450500");
    FINDS("张家港市与苏州工业园区", "张家港市=320582 苏州工业园区=320500");
}

static void the_shipped_tables_leave_words_alone(void **state)
{
    FINDS("复杂多变的形势下，公民和政府财政和社会资本弘扬中华文化，壮大新兴产业，繁荣昌盛", "");
    FINDS("重大庆典，长治久安，合作社，东方红，长白山，平安建设，光明日报", "");
    FINDS("建设滨海城市，产业兴县，振兴县域经济，北京时间", "");
}

int main(void)
{
    const struct CMUnitTest small[] = {
        cmocka_unit_test(a_chain_of_full_names_is_one_place_each),
        cmocka_unit_test(adjacent_short_forms_are_two_places),
        cmocka_unit_test(a_county_in_short_needs_the_text_to_name_it),
        cmocka_unit_test(a_province_above_counts_within_the_sentence),
        cmocka_unit_test(one_character_is_no_place),
        cmocka_unit_test(same_named_districts_go_by_the_place_before),
        cmocka_unit_test(same_named_districts_without_context_are_left_out),
        cmocka_unit_test(the_parent_named_most_often_chooses),
        cmocka_unit_test(citizens_are_no_part_of_the_citys_name),
        cmocka_unit_test(a_short_form_of_two_levels_is_the_higher_one),
        cmocka_unit_test(a_short_form_that_is_also_a_word_needs_more),
        cmocka_unit_test(everyday_words_are_no_places),
        cmocka_unit_test(a_two_character_county_counts_beside_its_parent),
        cmocka_unit_test(a_longer_word_hides_the_name_in_it),
        cmocka_unit_test(universities_firms_and_media_are_no_places),
        cmocka_unit_test(the_name_of_an_organisation_ends_at_verbs_and_signs),
        cmocka_unit_test(programmes_and_offices_keep_their_place),
        cmocka_unit_test(streets_and_townships_are_no_places),
        cmocka_unit_test(the_end_of_a_foreign_name_is_no_place),
        cmocka_unit_test(a_persons_given_name_is_no_county),
        cmocka_unit_test(a_zone_is_found_with_its_parents_code),
        cmocka_unit_test(a_kind_alone_is_the_one_zone_the_text_names),
        cmocka_unit_test(a_city_before_a_kind_makes_its_zone),
        cmocka_unit_test(a_zones_short_form_after_its_city_is_a_place_of_its_own),
        cmocka_unit_test(nothing_in_nothing_out),
        cmocka_unit_test(an_article_is_about_the_most_special_place_that_dominates),
        cmocka_unit_test(an_article_about_everywhere_is_about_nowhere),
        cmocka_unit_test(a_report_is_about_the_province_its_title_names),
        cmocka_unit_test(the_hint_breaks_a_tie),
        cmocka_unit_test(a_region_is_found_by_code_name_and_short_form),
        cmocka_unit_test(a_bad_table_is_refused_by_file_and_line),
        cmocka_unit_test(empty_tables_and_windows_line_ends_load),
        cmocka_unit_test(a_long_line_of_names_is_read_in_one_go),
    };
    const struct CMUnitTest real[] = {
        cmocka_unit_test(the_shipped_tables_know_the_country),
        cmocka_unit_test(the_shipped_tables_leave_words_alone),
    };
    int failed = cmocka_run_group_tests(small, open_small, close_small);

    return failed + cmocka_run_group_tests(real, open_real, close_small);
}
