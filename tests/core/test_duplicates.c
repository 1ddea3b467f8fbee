/* test_duplicates.c - which articles are linked to which original, whatever order they come in and whatever changes. */
#include "store_fixture.h"

static const char full[] =
    "青原县多措并举引进人才\n去年，青原县引进各类人才2315人，其中博士47人，发放安家补贴1260万元，人才总量居全市第二。\n"
    "县里建成人才公寓860套，租金为市场价的一半，工作满5年的可以优先购买，已有512户入住，还配套了学校和医院。\n"
    "今年，青原县计划再引进人才2600人，新建公寓400套，并设立总规模3亿元的创业基金，支持青年人才来县里创办企业。\n";

static int64_t put(struct place *place, const char *path, const char *date, const char *text)
{
    th_article a = article(path, "");

    a.text = text;
    a.len = strlen(text);
    a.date = date;
    a.block_count = a.sentence_count = 0;
    snprintf(a.hash, sizeof a.hash, "%zu-%s", a.len, date ? date : "");
    assert_int_equal(th_store_article_save(place->store, &a, &place->err), TH_OK);
    return a.id;
}

static th_link_report link_all(struct place *place)
{
    th_link_report report;

    assert_int_equal(th_store_link_duplicates(place->store, &report, &place->err), TH_OK);
    return report;
}

static const char links[] = "SELECT a.path, b.path FROM article a LEFT JOIN article b ON b.id = a.duplicate_of ORDER BY 1";

static const char *changed(const char *from, const char *to)
{
    static char out[4][4096];
    static int turn;
    char *text = out[turn++ % 4];
    const char *at = strstr(full, from);

    assert_non_null(at);
    snprintf(text, sizeof *out, "%.*s%s%s", (int)(at - full), full, to, at + strlen(from));
    return text;
}

static void points_from_a_duplicate_to_its_original_whatever_changes(void **state)
{
    struct place *place = open_place(state);

    put(place, "1.txt", NULL, full);
    put(place, "2.txt", NULL, full);
    put(place, "3.txt", NULL, full);
    th_link_report report = link_all(place);
    assert_int_equal(report.exact, 2);
    assert_int_equal(report.near, 0);
    check_query(place, links, "1.txt|NULL\n2.txt|1.txt\n3.txt|1.txt\n");

    put(place, "1.txt", NULL, "完全不同的文章");
    check_query(place, links, "1.txt|NULL\n2.txt|NULL\n3.txt|NULL\n"); /* nothing wrong stands until the next linking */
    assert_int_equal(link_all(place).exact, 0);                         /* no new article is a duplicate */
    check_query(place, links, "1.txt|NULL\n2.txt|NULL\n3.txt|2.txt\n");

    put(place, "1.txt", NULL, full);
    link_all(place);
    check_query(place, links, "1.txt|NULL\n2.txt|1.txt\n3.txt|1.txt\n");
}

static void the_earliest_is_the_original_then_the_longest_then_the_first_path(void **state)
{
    struct place *place = open_place(state);

    put(place, "a.txt", NULL, full);
    put(place, "b.txt", "2024-03-02", full);
    put(place, "c.txt", "2024-03-01", changed("青原县多措并举引进人才\n", ""));
    put(place, "d.txt", "2024-03-01", full);
    link_all(place);

    check_query(place, links, "a.txt|d.txt\nb.txt|d.txt\nc.txt|d.txt\nd.txt|NULL\n");
}

static void a_cut_off_reprint_is_not_the_original_though_it_is_earlier(void **state)
{
    struct place *place = open_place(state);

    put(place, "cut.txt", "2024-01-01", changed(strstr(full, "今年，青原县"), ""));
    put(place, "full.txt", "2024-01-05", full);
    th_link_report report = link_all(place);

    assert_int_equal(report.near, 1);
    check_query(place, links, "cut.txt|full.txt\nfull.txt|NULL\n");
    check_query(place, "SELECT article_id, other_id, similarity > 0.4 AND similarity < 1 FROM similar", "1|2|1\n");
}

/* The same articles in another order, one at a time and all at once, give the same links. */
static void links_do_not_depend_on_the_order(void **state)
{
    struct place *place = open_place(state);
    const char *paths[] = {"1", "2", "3", "4", "5"}, *dates[] = {"2024-01-03", "2024-01-02", NULL, "2024-01-09", NULL};
    const char *texts[] = {full, changed("发放安家补贴1260万元，", ""), full, changed("青原县多措并举", "县里多举措"), "别的文章"};
    static const int orders[][5] = {{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {2, 0, 4, 1, 3}};

    for (size_t o = 0; o < 6; o++) {
        for (size_t i = 0; i < 5; i++) {
            int k = orders[o / 2][i];
            put(place, paths[k], dates[k], texts[k]);
            if (o % 2)
                link_all(place);
        }
        link_all(place);
        check_query(place, links, "1|2\n2|NULL\n3|2\n4|2\n5|NULL\n");
        th_store_close(place->store);
        place->store = NULL;
        unlink(place->db);
        assert_int_equal(th_store_open(&place->store, place->db, TH_STORE_WRITE, &place->err), TH_OK);
    }
}

static void a_removed_original_leaves_its_place_to_the_next(void **state)
{
    struct place *place = open_place(state);

    put(place, "1.txt", "2024-01-01", full);
    put(place, "2.txt", "2024-01-02", changed("青原县多措并举引进人才", "青原引才记"));
    put(place, "3.txt", "2024-01-03", changed("，还配套了学校和医院", ""));
    put(place, "4.txt", "2024-01-04", full);
    link_all(place);
    check_query(place, links, "1.txt|NULL\n2.txt|1.txt\n3.txt|1.txt\n4.txt|1.txt\n");

    put(place, "1.txt", "2024-01-01", "现在是别的文章");
    link_all(place);
    check_query(place, links, "1.txt|NULL\n2.txt|NULL\n3.txt|2.txt\n4.txt|2.txt\n");
}

static void a_store_of_version_1_gets_its_sketches_when_it_is_linked(void **state)
{
    struct place *place = open_place(state);

    put(place, "1.txt", NULL, full);
    put(place, "2.txt", NULL, full);
    th_store_close(place->store);
    place->store = NULL;
    run_sql(place->db, "UPDATE sketch SET text_hash = 0, shingles = 0, bins = x'', state = 0");
    reopen(place, TH_STORE_WRITE);
    assert_int_equal(link_all(place).exact, 1);
    check_query(place, links, "1.txt|NULL\n2.txt|1.txt\n");
}

static void linking_again_does_nothing(void **state)
{
    struct place *place = open_place(state);

    put(place, "1.txt", NULL, full);
    put(place, "2.txt", NULL, full);
    assert_int_equal(link_all(place).exact, 1);
    assert_int_equal(link_all(place).exact, 0);
    check_query(place, "SELECT count(*) FROM sketch WHERE state < 3", "0\n");
}

/* More texts in one band than are compared each with each. */
static void many_reprints_of_one_article_find_their_original(void **state)
{
    struct place *place = open_place(state);
    char path[32], title[64];

    assert_int_equal(th_store_begin(place->store, &place->err), TH_OK);
    for (int i = 0; i < 700; i++) {
        snprintf(path, sizeof path, "%03d.txt", i);
        snprintf(title, sizeof title, "第%d次转载", i);
        put(place, path, NULL, changed("青原县多措并举引进人才", title));
    }
    th_link_report report = link_all(place);
    assert_int_equal(th_store_commit(place->store, &place->err), TH_OK);
    assert_true(report.near >= 650);
    check_query(place, "SELECT count(*) FROM article a JOIN article b ON b.id = a.duplicate_of WHERE b.duplicate_of "
                       "IS NOT NULL", "0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(points_from_a_duplicate_to_its_original_whatever_changes),
        TEST(the_earliest_is_the_original_then_the_longest_then_the_first_path),
        TEST(a_cut_off_reprint_is_not_the_original_though_it_is_earlier),
        TEST(links_do_not_depend_on_the_order),
        TEST(a_removed_original_leaves_its_place_to_the_next),
        TEST(a_store_of_version_1_gets_its_sketches_when_it_is_linked),
        TEST(linking_again_does_nothing),
        TEST(many_reprints_of_one_article_find_their_original),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
