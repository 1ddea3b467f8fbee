/* test_quantity.c - the quantity scanner against a table of sentences, and against bad input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/str.h"
#include "text/quantity.h"

typedef struct fixture {
    th_units *units;
    th_arena *arena;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    th_str text = {0}, words = {0};
    th_error err = {0};

    if (f == NULL || th_file_read(&text, TH_SOURCE_DIR "/data/units.tsv", 0, &err) != TH_OK ||
        th_file_read(&words, TH_SOURCE_DIR "/data/quantity_words.tsv", 0, &err) != TH_OK ||
        th_units_load(&f->units, &(th_data){"units.tsv", text.data, text.len},
                      &(th_data){"quantity_words.tsv", words.data, words.len}, &err) != TH_OK) {
        print_error("%s\n", err.text);
        return -1;
    }
    th_str_free(&text);
    th_str_free(&words);
    f->arena = th_arena_new();
    *state = f;
    return f->arena == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;

    th_units_free(f->units);
    th_arena_free(f->arena);
    free(f);
    return 0;
}

static th_quantities scan(fixture *f, const char *text, size_t len)
{
    th_quantities found;
    th_error err = {0};

    th_arena_reset(f->arena);
    assert_int_equal(th_quantity_scan(f->units, text, len, f->arena, &found, &err), TH_OK);
    return found;
}

/* What was found, as the table writes it: 3至5家=3~5|家|exact; … */
static void describe(th_str *out, const char *text, th_quantities found)
{
    for (size_t i = 0; i < found.count; i++) {
        const th_quantity *q = &found.items[i];

        th_str_addf(out, "%s%.*s=%.12g", i > 0 ? "; " : "", (int)(q->stop - q->start), text + q->start, q->value);
        if (q->is_range)
            th_str_addf(out, "~%.12g", q->value_max);
        th_str_addf(out, "|%s|%s", q->unit, th_cmp_name(q->cmp));
    }
    th_str_putc(out, '\0');
}

static void every_sentence_of_the_table_gives_what_it_says(void **state)
{
    th_str table = {0};
    th_error err = {0};
    int line = 0, cases = 0, wrong = 0, known = 0;

    assert_int_equal(th_file_read(&table, TH_SOURCE_DIR "/tests/data/quantity.tsv", 0, &err), TH_OK);
    th_str_putc(&table, '\0');
    for (char *at = table.data, *next; at != NULL; at = next) {
        th_str got = {0};
        char *want;
        bool fails;

        line++;
        if ((next = strchr(at, '\n')) != NULL)
            *next++ = '\0';
        if (*at == '#' || (want = strchr(at, '\t')) == NULL)
            continue;
        *want++ = '\0';
        if ((fails = *at == '~')) { /* what the scanner is known to get wrong */
            at++;
            known++;
        }
        describe(&got, at, scan(*state, at, strlen(at)));
        cases++;
        if (fails && strcmp(got.data, want) == 0) {
            print_error("quantity.tsv:%d: %s is right now: take its ~ away\n", line, at);
            wrong++;
        } else if (!fails && strcmp(got.data, want) != 0) {
            print_error("quantity.tsv:%d: %s\n  want %s\n  got  %s\n", line, at, want, got.data);
            wrong++;
        }
        th_str_free(&got);
    }
    th_str_free(&table);
    assert_true(cases >= 400);
    assert_true(known * 10 <= cases);
    assert_int_equal(wrong, 0);
}

static void spans_hold_number_unit_and_comparators(void **state)
{
    const char *text = "总数约5万平方米以上。";
    th_quantities found = scan(*state, text, strlen(text));
    const th_quantity *q = found.items;

    assert_int_equal(found.count, 1);
    assert_memory_equal(text + q->start, "5万平方米", q->stop - q->start);
    assert_memory_equal(text + q->unit_start, "平方米", q->stop - q->unit_start);
    assert_memory_equal(text + q->outer_start, "约5万平方米以上", q->outer_stop - q->outer_start);
    assert_string_equal(q->dimension, "area");
}

static void a_number_without_a_unit_has_an_empty_unit_at_its_end(void **state)
{
    th_quantities found = scan(*state, "1,100万", strlen("1,100万"));

    assert_int_equal(found.count, 1);
    assert_string_equal(found.items[0].unit, "");
    assert_int_equal(found.items[0].unit_start, found.items[0].stop);
    assert_true(found.items[0].value == 11000000.0);
}

static void numerals_are_read_from_the_start_of_a_text(void **state)
{
    static const struct {
        const char *text;
        size_t bytes;
        double value;
    } cases[] = {
        {"二〇二一年", 12, 2021}, {"3万5千人", 8, 35000}, {"壹佰贰拾元", 12, 120},
        {"１，１００", 15, 1100}, {"廿三", 6, 23},        {"两千零四", 12, 2004},
        {"2.3万亿", 9, 2.3e12},   {"大陆", 0, 0},         {"", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = 0;
        assert_int_equal(th_numeral_read(cases[i].text, strlen(cases[i].text), &value), cases[i].bytes);
        assert_true(value == cases[i].value);
    }
}

static void an_empty_text_holds_nothing(void **state)
{
    assert_int_equal(scan(*state, "", 0).count, 0);
}

static void damaged_utf8_is_stepped_over(void **state)
{
    static const char bad[] = "\xE4\xB8"
                              "5\xFF家\xE4 3\xE5\xAE 12\xC0\xAF万\xF0\x9F 8个\xE4\xB8";
    th_quantities found = scan(*state, bad, sizeof bad - 1);

    assert_true(found.count >= 1);
    for (size_t i = 0; i < found.count; i++)
        assert_true(found.items[i].start < found.items[i].stop && found.items[i].stop < sizeof bad);
    for (size_t cut = 0; cut < sizeof bad; cut++)
        scan(*state, bad, cut);
}

static void every_cut_of_a_text_is_read_within_its_end(void **state)
{
    const char *text = "约3万5千至4万元/人以上，“一二”百分之三点五，半年，12：30，￥1,200.50元5角";

    for (size_t cut = 0; cut <= strlen(text); cut++) {
        char *copy = malloc(cut + 1); /* so that a sanitizer sees a read behind the end */
        assert_non_null(copy);
        memcpy(copy, text, cut);
        copy = realloc(copy, cut > 0 ? cut : 1);
        assert_non_null(copy);
        scan(*state, copy, cut);
        free(copy);
    }
}

static void a_value_beyond_a_double_is_refused(void **state)
{
    char text[520];

    memset(text, '9', 500);
    strcpy(text + 500, "家");
    assert_int_equal(scan(*state, text, strlen(text)).count, 0);
}

/* Text of `size` bytes that makes a careless scanner go back again and again; its units are counted, not its time. */
static void check_long_line(fixture *f, const char *piece, size_t size, size_t want)
{
    size_t n = strlen(piece), count = size / n;
    char *text = malloc(count * n);

    assert_non_null(text);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * n, piece, n);
    assert_int_equal(scan(f, text, count * n).count, want * count);
    free(text);
}

static void a_line_of_ten_megabytes_is_read_to_its_end(void **state)
{
    check_long_line(*state, "共有企业35家。", 10000000, 1);
    check_long_line(*state, "一", 10000000, 0);
    check_long_line(*state, "“", 10000000, 0);
    check_long_line(*state, "1-", 10000000, 0);
    check_long_line(*state, "7", 10000000, 0);
}

/* Texts in which every number looks far ahead: a scan that looked again and again would not end. */
static void long_runs_of_half_numbers_are_read_once(void **state)
{
    static const char *const runs[] = {"111 ", "一", "1/", "5至", "百分之", "三又", "1e", "第3、", "一百 ", "12元3角", "- ", "1.", "五块",
                                       "3米", "2^"};
    enum { TIMES = 200000 };

    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        th_str text = {0};
        for (int n = 0; n < TIMES; n++)
            th_str_puts(&text, runs[i]);
        th_str_puts(&text, "a");
        th_quantities found = scan(*state, text.data, text.len);
        for (size_t k = 0; k < found.count; k++)
            assert_true(found.items[k].stop <= text.len);
        th_str_free(&text);
    }
}

static void a_unit_line_that_lacks_a_field_names_its_line(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"# note\n个\t个\t1\n",
         "u.tsv:2:1: expected form, base unit, factor and dimension parted by tabs, found 3 fields"},
        {"个\t个\tmany\tcount\n", "u.tsv:1:1: factor: expected a number above 0, got \"many\""},
        {"个\t个\t-1\tcount\n", "u.tsv:1:1: factor: expected a number above 0, got \"-1\""},
        {"个\t个\t1\tcount\tmore\n", "u.tsv:1:1: more than four fields"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        th_units *units;
        th_error err = {0};

        assert_int_equal(th_units_load(&units, &(th_data){"u.tsv", cases[i].text, strlen(cases[i].text)}, NULL, &err),
                         TH_ERR_PARSE);
        assert_null(units);
        assert_string_equal(err.text, cases[i].message);
    }
}

static void a_word_line_that_does_not_fit_names_its_line(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"# note\nfixed\t-\n", "w.tsv:2:1: expected kind, option and words parted by tabs"},
        {"fixed\t-\t\n", "w.tsv:1:1: expected kind, option and words parted by tabs"},
        {"idiom\t-\t一样\n", "w.tsv:1:1: unknown kind \"idiom\""},
        {"before\tmore\t超过\n", "w.tsv:1:8: option \"more\" does not fit kind before"},
        {"before\tover near\t超过\n", "w.tsv:1:8: option \"over\" does not fit kind before"},
        {"noun\t-\t人口\n", "w.tsv:1:6: option \"-\" does not fit kind noun"},
        {"fixed\t人\t一样\n", "w.tsv:1:7: option \"人\" does not fit kind fixed"},
        {"fixed\t-\t一样  一般\n", "w.tsv:1:1: words are parted by one space and at most 255 bytes long"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        th_units *units;
        th_error err = {0};

        assert_int_equal(th_units_load(&units, &(th_data){"u.tsv", "", 0},
                                       &(th_data){"w.tsv", cases[i].text, strlen(cases[i].text)}, &err),
                         TH_ERR_PARSE);
        assert_null(units);
        assert_string_equal(err.text, cases[i].message);
    }
}

static void words_in_the_file_decide(void **state)
{
    static const char words[] = "before\tover\t胜过!取\nfixed\t-\t五味\nnoun\t株\t树苗\n";
    th_units *units;
    th_quantities found;
    th_error err = {0};
    fixture *f = *state;
    const char *text = "胜过5家，五味子，8万树苗，取胜过6家";

    assert_int_equal(th_units_load(&units, &(th_data){"u", "家\t家\t1\tcount\n味\t味\t1\tcount\n", 32},
                                   &(th_data){"w", words, sizeof words - 1}, &err),
                     TH_OK);
    assert_int_equal(th_quantity_scan(units, text, strlen(text), f->arena, &found, &err), TH_OK);
    assert_int_equal(found.count, 3);
    assert_int_equal(found.items[0].cmp, TH_CMP_OVER);
    assert_string_equal(found.items[1].unit, "株");
    assert_int_equal(found.items[2].cmp, TH_CMP_EXACT);
    th_units_free(units);
}

static void units_without_a_line_find_bare_numbers_only(void **state)
{
    th_units *units;
    th_quantities found;
    th_error err = {0};
    fixture *f = *state;

    assert_int_equal(th_units_load(&units, &(th_data){"none", "", 0}, NULL, &err), TH_OK);
    assert_int_equal(th_quantity_scan(units, "5家", 4, f->arena, &found, &err), TH_OK);
    assert_int_equal(found.count, 0);
    th_units_free(units);
    th_units_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sentence_of_the_table_gives_what_it_says),
        cmocka_unit_test(spans_hold_number_unit_and_comparators),
        cmocka_unit_test(a_number_without_a_unit_has_an_empty_unit_at_its_end),
        cmocka_unit_test(numerals_are_read_from_the_start_of_a_text),
        cmocka_unit_test(an_empty_text_holds_nothing),
        cmocka_unit_test(damaged_utf8_is_stepped_over),
        cmocka_unit_test(every_cut_of_a_text_is_read_within_its_end),
        cmocka_unit_test(a_value_beyond_a_double_is_refused),
        cmocka_unit_test(a_line_of_ten_megabytes_is_read_to_its_end),
        cmocka_unit_test(long_runs_of_half_numbers_are_read_once),
        cmocka_unit_test(a_unit_line_that_lacks_a_field_names_its_line),
        cmocka_unit_test(a_word_line_that_does_not_fit_names_its_line),
        cmocka_unit_test(words_in_the_file_decide),
        cmocka_unit_test(units_without_a_line_find_bare_numbers_only),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
