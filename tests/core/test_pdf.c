/* The text side of PDF: what pdftotext -bbox-layout writes, as paragraphs. */
#include <stdio.h>

#include "base/arena.h"
#include "load/pdf.h"
#include "load_helper.h"

/* Lines of Han text at 12 points on a page of 600 by 800: text, left edge, top. */
typedef struct placed {
    int page;
    double x, y, em;
    const char *text;
} placed;

static void write_pdf(th_str *out, const placed *lines, size_t count, int pages)
{
    th_str_puts(out, "<!DOCTYPE html PUBLIC \"x\" \"y\"><html><head><title>t</title></head><body>\n<doc>\n");
    for (int page = 1; page <= pages; page++) {
        th_str_puts(out, "<page width=\"600\" height=\"800\"><flow><block>\n");
        for (size_t i = 0; i < count; i++) {
            const placed *p = &lines[i];
            double width = 0;
            if (p->page != page)
                continue;
            for (const char *c = p->text; *c; c++)
                width += (*c & 0x80) ? ((*c & 0xc0) == 0xc0 ? p->em : 0) : p->em / 2;
            th_str_addf(out, "<line xMin=\"%f\" yMin=\"%f\" xMax=\"%f\" yMax=\"%f\"><word xMin=\"%f\" yMin=\"%f\" xMax=\"%f\" yMax=\"%f\">%s"
                        "</word></line>\n", p->x, p->y, p->x + width, p->y + p->em, p->x, p->y, p->x + width, p->y + p->em, p->text);
        }
        th_str_puts(out, "</block></flow></page>\n");
    }
    th_str_puts(out, "</doc></body></html>\n");
}

typedef struct fixture {
    th_draft d;
    th_str xml;
    th_error err;
    th_status status;
} fixture;

static void read_pdf(fixture *f, const placed *lines, size_t count, int pages)
{
    *f = (fixture){.d = {.arena = th_arena_new(), .path = "a.pdf"}};
    write_pdf(&f->xml, lines, count, pages);
    f->status = th_pdf_read(&f->d, f->xml.data, f->xml.len, &f->err);
    if (f->status != TH_OK)
        fail_msg("%s", f->err.text);
}

static void end(fixture *f)
{
    th_str_free(&f->xml);
    th_str_free(&f->d.text);
    th_arena_free(f->d.arena);
}

static void assert_lines(const fixture *f, const char *const *want, size_t count)
{
    for (size_t i = 0; i < count && i < f->d.count; i++) {
        const th_line *line = &f->d.lines[i];
        if (strlen(want[i]) != line->stop - line->start || memcmp(want[i], f->d.text.data + line->start, strlen(want[i])))
            fail_msg("line %zu is \"%.*s\", not \"%s\"", i, (int)(line->stop - line->start), f->d.text.data + line->start, want[i]);
    }
    assert_int_equal(f->d.count, count);
}

/* 20 characters of 12 points from x = 60: the column ends at 300 … or 420 from 30 characters. */
#define FULL "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
#define FULL_INDENTED "去二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八"

static void joins_the_lines_of_indented_paragraphs_over_pages(void **state)
{
    static const placed lines[] = {
        {1, 84, 100, 12, FULL_INDENTED}, {1, 60, 120, 12, FULL}, {1, 60, 140, 12, "短尾。"}, {1, 84, 160, 12, FULL_INDENTED},
        {1, 60, 180, 12, FULL},          {2, 60, 100, 12, FULL}, {2, 60, 120, 12, "完。"},   {2, 84, 140, 12, "一、标题"},
        {2, 84, 160, 12, "末段。"},
    };
    static const char *const want[] = {FULL_INDENTED FULL "短尾。", FULL_INDENTED FULL FULL "完。", "一、标题", "末段。"};
    fixture f;
    (void)state;

    read_pdf(&f, lines, sizeof lines / sizeof *lines, 2);

    assert_lines(&f, want, 4);
    end(&f);
}

static void tells_paragraphs_by_the_gap_between_them(void **state)
{
    static const placed lines[] = {
        {1, 60, 100, 12, FULL}, {1, 60, 118, 12, FULL}, {1, 60, 148, 12, FULL}, {1, 60, 166, 12, FULL}, {1, 60, 184, 12, "尾。"},
        {1, 60, 214, 12, FULL}, {1, 60, 232, 12, "尾。"},
    };
    static const char *const want[] = {FULL FULL, FULL FULL "尾。", FULL "尾。"};
    fixture f;
    (void)state;

    read_pdf(&f, lines, sizeof lines / sizeof *lines, 1);

    assert_lines(&f, want, 3);
    assert_int_equal(f.d.lines[1].gap, 1);
    end(&f);
}

static void drops_what_runs_along_and_page_numbers(void **state)
{
    placed lines[40];
    size_t n = 0;
    fixture f;
    static const char *const numbers[] = {"- 1 -", "- 2 -", "- 3 -"};
    (void)state;

    for (int page = 1; page <= 3; page++) {
        lines[n++] = (placed){page, 200, 30, 10, "云岭市人才发展报告"};
        lines[n++] = (placed){page, 60, 120, 12, FULL};
        lines[n++] = (placed){page, 60, 140, 12, page == 3 ? "完。" : FULL};
        lines[n++] = (placed){page, 290, 770, 10, numbers[page - 1]};
    }
    read_pdf(&f, lines, n, 3);

    static const char *const want[] = {FULL FULL FULL FULL FULL "完。"};
    assert_lines(&f, want, 1);
    assert_int_equal(f.d.dropped_count, 6);
    assert_string_equal(f.d.dropped[0].reason, "page-header");
    assert_string_equal(f.d.dropped[1].reason, "page-number");
    end(&f);
}

static void large_letters_are_the_title_and_headings(void **state)
{
    static const placed lines[] = {
        {1, 60, 60, 12, "云岭日报"}, {1, 216, 90, 24, "云岭市人才工作"}, {1, 252, 120, 24, "取得进展"}, {1, 60, 180, 16, "引才"},
        {1, 84, 210, 12, FULL_INDENTED}, {1, 60, 228, 12, FULL}, {1, 60, 246, 12, "完。"},
    };
    fixture f;
    (void)state;

    read_pdf(&f, lines, sizeof lines / sizeof *lines, 1);

    assert_string_equal(f.d.title, "云岭市人才工作取得进展");
    assert_int_equal(f.d.lines[2].hint, TH_HINT_HEADING);
    assert_int_equal(f.d.lines[2].level, 2);
    assert_int_equal(f.d.lines[3].hint, TH_HINT_NONE);
    end(&f);
}

static void mends_characters_that_fonts_map_to_radicals(void **state)
{
    static const placed lines[] = {{1, 60, 100, 12, "\u2f08才ﬁne"}};
    static const char *const want[] = {"人才fine"};
    fixture f;
    (void)state;

    read_pdf(&f, lines, 1, 1);

    assert_lines(&f, want, 1);
    end(&f);
}

static void spaces_come_from_gaps_but_not_beside_digits(void **state)
{
    static const char xml[] =
        "<doc><page width=\"600\" height=\"800\"><line xMin=\"60\" yMin=\"100\" xMax=\"300\" yMax=\"112\">"
        "<word xMin=\"60\" yMin=\"100\" xMax=\"84\" yMax=\"112\">引进</word><word xMin=\"87\" yMin=\"100\" xMax=\"105\" yMax=\"112\">120</word>"
        "<word xMin=\"108\" yMin=\"100\" xMax=\"120\" yMax=\"112\">人</word><word xMin=\"126\" yMin=\"100\" xMax=\"150\" yMax=\"112\">记者</word>"
        "<word xMin=\"153\" yMin=\"100\" xMax=\"177\" yMax=\"112\">张三</word></line></page></doc>";
    static const char *const want[] = {"引进120人 记者 张三"};
    fixture f = {.d = {.arena = th_arena_new(), .path = "a.pdf"}};
    (void)state;

    assert_int_equal(th_pdf_read(&f.d, xml, sizeof xml - 1, &f.err), TH_OK);

    assert_lines(&f, want, 1);
    end(&f);
}

static void a_document_that_sets_digits_tight_means_its_gaps(void **state)
{
    static const char xml[] =
        "<doc><page width=\"600\" height=\"800\"><line xMin=\"60\" yMin=\"100\" xMax=\"300\" yMax=\"112\">"
        "<word xMin=\"60\" yMin=\"100\" xMax=\"102\" yMax=\"112\">引进120人</word>"
        "<word xMin=\"105\" yMin=\"100\" xMax=\"129\" yMax=\"112\">2024</word></line></page></doc>";
    static const char *const want[] = {"引进120人 2024"};
    fixture f = {.d = {.arena = th_arena_new(), .path = "a.pdf"}};
    (void)state;

    assert_int_equal(th_pdf_read(&f.d, xml, sizeof xml - 1, &f.err), TH_OK);

    assert_lines(&f, want, 1);
    end(&f);
}

static void says_what_is_wrong(void **state)
{
    static const struct {
        const char *xml;
        th_status status;
        const char *says;
    } cases[] = {
        {"<doc><page width=\"1\" height=\"1\"></page></doc>", TH_ERR_EMPTY, "without a text layer (1 pages"},
        {"<doc><page width=\"1\" height=\"1\"></doc>", TH_ERR_PARSE, "pdftotext wrote no whole document"},
        {"", TH_ERR_PARSE, "pdftotext wrote no whole document"},
        {"<doc><page width=\"600\" height=\"800\"><line><word>\uf0a1\uf0a2\uf0a3</word></line></page></doc>", TH_ERR_FORMAT, "fonts do not tell"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        th_draft d = {.arena = th_arena_new(), .path = "a.pdf"};
        th_error err = {0};
        assert_int_equal(th_pdf_read(&d, cases[i].xml, strlen(cases[i].xml), &err), cases[i].status);
        if (!strstr(err.text, cases[i].says) || strncmp(err.text, "a.pdf: ", 7))
            fail_msg("%s", err.text);
        th_str_free(&d.text);
        th_arena_free(d.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_the_lines_of_indented_paragraphs_over_pages),
        cmocka_unit_test(tells_paragraphs_by_the_gap_between_them),
        cmocka_unit_test(drops_what_runs_along_and_page_numbers),
        cmocka_unit_test(large_letters_are_the_title_and_headings),
        cmocka_unit_test(mends_characters_that_fonts_map_to_radicals),
        cmocka_unit_test(spaces_come_from_gaps_but_not_beside_digits),
        cmocka_unit_test(a_document_that_sets_digits_tight_means_its_gaps),
        cmocka_unit_test(says_what_is_wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
