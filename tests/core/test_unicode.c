/* test_unicode.c - UTF-8, NFC and the width of characters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include <cmocka.h>

#include "text/unicode.h"

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* ---- characters ---- */

static void writes_and_reads_every_character(void **state)
{
    th_str s = {0};
    (void)state;

    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        size_t pos = 0;
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        th_str_clear(&s);
        th_utf8_add(&s, c);
        assert_true(th_utf8_valid(s.data, s.len, NULL));
        assert_int_equal(th_utf8_next(s.data, s.len, &pos), c);
        assert_int_equal(pos, s.len);
        assert_int_equal(th_utf8_prev(s.data, &pos), c);
        assert_int_equal(pos, 0);
    }
    th_str_free(&s);
}

static void writes_no_character_that_is_none(void **state)
{
    th_str s = {0};
    (void)state;

    th_utf8_add(&s, 0xD800);
    th_utf8_add(&s, 0x110000);

    assert_string_equal(s.data, "\uFFFD\uFFFD");
    th_str_free(&s);
}

static const char *const damaged[] = {
    "\x80",             /* a tail alone */
    "\xC0\xAF",         /* overlong */
    "\xE0\x80\xAF",     "\xF0\x80\x80\xAF",
    "\xED\xA0\x80",     /* surrogate */
    "\xF4\x90\x80\x80", /* beyond U+10FFFF */
    "\xF8\x88\x80\x80", "\xFF",
    "\xE4\xBA",         /* cut short */
    "\xF0\xA0\xAE",     "\xC3",
    "\xE4\xBA\x41",     /* tail missing */
};

static void steps_over_damaged_bytes_one_by_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        size_t len = strlen(damaged[i]), pos = 0;
        assert_int_equal(th_utf8_next(damaged[i], len, &pos), 0xFFFD);
        assert_int_equal(pos, 1);
    }
}

static void reads_the_same_characters_backwards(void **state)
{
    static const char text[] = "a\x80é\xE4\xBA人\xF0\xA0\xAE𠮷\xED\xA0\x80\xC3z\xFF";
    uint32_t forward[64];
    size_t count = 0, pos = 0;
    (void)state;

    while (pos < sizeof text - 1)
        forward[count++] = th_utf8_next(text, sizeof text - 1, &pos);
    while (pos > 0)
        assert_int_equal(th_utf8_prev(text, &pos), forward[--count]);

    assert_int_equal(count, 0);
}

static void names_the_first_bad_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        char text[64];
        size_t bad = 0;
        strcpy(text, "人才 talent é𠮷");
        size_t at = strlen(text);
        strcat(text, damaged[i]);
        strcat(text, " after");
        assert_false(th_utf8_valid(text, strlen(text), &bad));
        assert_int_equal(bad, at);
        assert_true(th_utf8_valid(text, at, NULL));
    }
    assert_true(th_utf8_valid("", 0, NULL));
}

static void counts_characters_and_finds_their_borders(void **state)
{
    const char *text = "a人𠮷é";
    (void)state;

    assert_int_equal(th_utf8_count(text, strlen(text)), 4);
    assert_true(th_utf8_boundary(text, 10, 0));
    assert_true(th_utf8_boundary(text, 10, 1));
    assert_false(th_utf8_boundary(text, 10, 2));
    assert_true(th_utf8_boundary(text, 10, 4));
    assert_true(th_utf8_boundary(text, 10, 10));
    assert_false(th_utf8_boundary(text, 10, 11));
}

static void measures_columns_of_a_terminal(void **state)
{
    (void)state;
    assert_int_equal(th_text_width("人才abc", 9), 7);
    assert_int_equal(th_text_width("ＡＢ，", 9), 6);
    assert_int_equal(th_text_width("e\u0301", 3), 1);
    assert_int_equal(th_text_width("", 0), 0);
}

static void knows_han_characters(void **state)
{
    static const uint32_t han[] = {0x4E00, 0x4EBA, 0x9FFF, 0x3400, 0x3007, 0x3005, 0x20BB7, 0x2A6D6, 0xF900, 0x30000};
    static const uint32_t other[] = {'a', '1', 0x3001, 0x3042, 0x30A2, 0xAC00, 0xFF21, 0x2014, 0x1F600};
    (void)state;

    for (size_t i = 0; i < sizeof han / sizeof *han; i++)
        assert_true(th_is_han(han[i]));
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        assert_false(th_is_han(other[i]));
}

static void folds_full_width_letters_digits_and_number_signs_only(void **state)
{
    (void)state;
    assert_int_equal(th_fold_width(0xFF10), '0');
    assert_int_equal(th_fold_width(0xFF3A), 'Z');
    assert_int_equal(th_fold_width(0xFF41), 'a');
    assert_int_equal(th_fold_width(0xFF5A), 'z');
    assert_int_equal(th_fold_width(0xFF05), '%');
    assert_int_equal(th_fold_width(0xFF0B), '+');
    assert_int_equal(th_fold_width(0xFF0D), '-');
    assert_int_equal(th_fold_width(0xFF0E), '.');
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        uint32_t folded = th_fold_width(c);
        assert_true(folded == c || (c - folded == 0xFEE0 && (strchr("%+-.", (int)folded) ||
                                                             (folded >= '0' && folded <= '9') ||
                                                             (folded >= 'A' && folded <= 'Z') ||
                                                             (folded >= 'a' && folded <= 'z'))));
    }
}

/* ---- normalising ---- */

static void normalises_to(const char *text, size_t len, const char *want, size_t replaced, size_t removed)
{
    th_str s = {0};
    th_normal_stats stats;
    th_error err = {0};

    assert_int_equal(th_text_normalise(&s, text, len, &stats, &err), TH_OK);
    assert_string_equal(th_str_text(&s), want);
    assert_int_equal(stats.replaced, replaced);
    assert_int_equal(stats.removed, removed);
    th_str_free(&s);
}

#define NORMAL(text, want, replaced, removed) normalises_to(text, sizeof text - 1, want, replaced, removed)

static void leaves_clean_text_as_it_is(void **state)
{
    (void)state;
    NORMAL("", "", 0, 0);
    NORMAL("“引才”：3.5万人，ＡＩ（５Ｇ）——ガス！  two  spaces\n\nend\n",
           "“引才”：3.5万人，ＡＩ（５Ｇ）——ガス！  two  spaces\n\nend\n", 0, 0);
    NORMAL("①㎡Ⅳ℃", "①㎡Ⅳ℃", 0, 0); /* NFC, not NFKC */
}

static void makes_every_line_end_a_line_feed(void **state)
{
    (void)state;
    NORMAL("a\r\nb\rc\n\rd\u2028e\u2029f\xC2\x85g\fh", "a\nb\nc\n\nd\ne\nf\ng\nh", 0, 0);
    NORMAL("a\r", "a\n", 0, 0);
}

static void makes_every_space_a_space_and_keeps_their_number(void **state)
{
    (void)state;
    NORMAL("\ta\u00A0b\u3000\u3000人\u2003c\u202F \t", " a b  人 c   ", 0, 0);
}

static void leaves_out_control_and_zero_width_characters(void **state)
{
    (void)state;
    NORMAL("\uFEFF人\u200B才\u00AD\0a\x1B[\u202E\u2060\uFEFF\x7F", "人才a[", 0, 8);
    NORMAL("人\xEF\xBF\xBE\xEF\xB7\x90才\xF0\x9F\xBF\xBF", "人才", 0, 3); /* noncharacters */
    NORMAL("\xEE\x80\x80人", "\xEE\x80\x80人", 0, 0);                     /* private use may stand for a rare character */
    NORMAL("\uFEFF", "", 0, 0); /* a byte order mark is not worth a count */
}

static void keeps_joiners_between_characters_that_use_them(void **state)
{
    (void)state;
    NORMAL("👩\u200D🎓 می\u200Cخواهم", "👩\u200D🎓 می\u200Cخواهم", 0, 0);
    NORMAL("❤\uFE0F\u200D🔥", "❤\uFE0F\u200D🔥", 0, 0);
    NORMAL("🏴\U000E0067\U000E0062\U000E007F 人\U000E0067", "🏴\U000E0067\U000E0062\U000E007F 人", 0, 1);
    NORMAL("क्\u200Dष ﷽\u200Cب", "क्\u200Dष ﷽\u200Cب", 0, 0);
    NORMAL("人\u200D才\u200Ca\u200D人 \u200Da\u200D", "人才a人 a", 0, 5);
    NORMAL("\u200Da葛\U000E0100城", "a葛城", 0, 2);
}

static void replaces_each_damaged_byte(void **state)
{
    (void)state;
    NORMAL("人\xE4\xBA才\xFF", "人\uFFFD\uFFFD才\uFFFD", 3, 0);
    NORMAL("\uFFFD", "\uFFFD", 0, 0);
}

static void composes_what_is_decomposed(void **state)
{
    (void)state;
    NORMAL("Cafe\u0301在青岛", "Café在青岛", 0, 0);
    NORMAL("か\u3099く", "がく", 0, 0);
    NORMAL("\u1112\u1161\u11AB국", "한국", 0, 0);
    NORMAL("\u212B\uF900", "\u00C5\u8C48", 0, 0);
    NORMAL("a\u0323\u0302 a\u0302\u0323", "ậ ậ", 0, 0);
    NORMAL("e\u200B\u0301", "é", 0, 1); /* together only after the zero-width space is gone */
    NORMAL("\u0301x", "\u0301x", 0, 0);
}

static void appends_to_what_is_there(void **state)
{
    th_str s = {0};
    (void)state;

    th_str_puts(&s, "e");
    th_text_normalise(&s, "\u0301n\u0303", 5, NULL, NULL);

    assert_string_equal(s.data, "e\u0301ñ");
    th_str_free(&s);
}

/* What cleaning changes by itself is left out of the comparison with utf8proc. */
static bool is_kept(uint32_t c)
{
    th_str s = {0}, one = {0};

    if (c >= 0xD800 && c <= 0xDFFF)
        return false;
    th_utf8_add(&one, c);
    th_text_normalise(&s, one.data, one.len, NULL, NULL);
    bool kept = s.len > 0 && !th_is_space(c);
    th_str_free(&s);
    th_str_free(&one);
    return kept;
}

static void agrees_with_utf8proc(const th_str *text)
{
    th_str s = {0};
    utf8proc_uint8_t *want = NULL;
    utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)text->data, (utf8proc_ssize_t)text->len, &want,
                                        UTF8PROC_STABLE | UTF8PROC_COMPOSE);

    assert_true(len >= 0);
    assert_int_equal(th_text_normalise(&s, text->data, text->len, NULL, NULL), TH_OK);
    assert_int_equal(s.len, len);
    assert_memory_equal(s.data, want, (size_t)len);
    free(want);
    th_str_free(&s);
}

static void composes_every_character_as_utf8proc_does(void **state)
{
    th_str s = {0};
    (void)state;

    for (uint32_t c = 0x20; c <= 0x2FFFF; c++) {
        if (!is_kept(c))
            continue;
        th_str_clear(&s);
        th_str_puts(&s, "e");
        th_utf8_add(&s, c);
        th_str_puts(&s, "\u0301");
        agrees_with_utf8proc(&s);
    }
    th_str_free(&s);
}

static void composes_random_texts_as_utf8proc_does(void **state)
{
    static const uint32_t some[] = {'a', 'e', 0xE9, 0x300, 0x301, 0x323, 0x302, 0x345, 0x3099, 0x309A, 0x304B, 0x4EBA,
                                    0x1100, 0x1161, 0x11A8, 0xAC00, 0xAC01, 0x9C7, 0x9BE, 0x1EA1, 0x212B, 0xF900, 0x302A,
                                    0x958, 0x3B1, 0x1F00, 0x20BB7, 0x2FA1D, 0x1D15E, 0x0F73, 0x0F71, '\n'};
    uint32_t seed = 20240601;
    th_str s = {0};
    (void)state;

    for (int round = 0; round < 20000; round++) {
        th_str_clear(&s);
        for (uint32_t n = next_random(&seed) % 24; n > 0; n--)
            th_utf8_add(&s, some[next_random(&seed) % (sizeof some / sizeof *some)]);
        th_str_putc(&s, '.');
        agrees_with_utf8proc(&s);
    }
    th_str_free(&s);
}

static void punctuation_and_characters_survive_whatever_stands_between_them(void **state)
{
    static const char *const kept[] = {"，", "。", "“", "”", "、", "：", "（", "）", "《", "》", "——", "……", "人", "才", "１", "Ａ", "㎡", "𠮷", "é", "👩\u200D🎓"};
    static const char *const gone[] = {"\u200B", "\u00AD", "\uFEFF", "\u2060", "\x01", "\x7F", "\u202E", ""};
    uint32_t seed = 11;
    (void)state;

    for (int round = 0; round < 3000; round++) {
        th_str text = {0}, want = {0}, got = {0};
        for (int i = 0; i < 12; i++) {
            const char *piece = kept[next_random(&seed) % (sizeof kept / sizeof *kept)];
            th_str_puts(&text, piece);
            th_str_puts(&want, piece);
            th_str_puts(&text, gone[next_random(&seed) % (sizeof gone / sizeof *gone)]);
        }
        th_text_normalise(&got, th_str_text(&text), text.len, NULL, NULL);
        assert_string_equal(th_str_text(&got), th_str_text(&want));
        th_str_free(&text);
        th_str_free(&want);
        th_str_free(&got);
    }
}

static void is_valid_and_does_not_change_twice_for_any_bytes(void **state)
{
    uint32_t seed = 5;
    (void)state;

    for (int round = 0; round < 5000; round++) {
        char text[48];
        th_str once = {0}, twice = {0};
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = (char)(next_random(&seed) % 4 ? 0x80 + next_random(&seed) % 0x80 : next_random(&seed) % 0x80);
        th_text_normalise(&once, text, sizeof text, NULL, NULL);
        assert_true(th_utf8_valid(th_str_text(&once), once.len, NULL));
        th_text_normalise(&twice, th_str_text(&once), once.len, NULL, NULL);
        assert_string_equal(th_str_text(&once), th_str_text(&twice));
        th_str_free(&once);
        th_str_free(&twice);
    }
}

static void takes_linear_time_for_a_heap_of_combining_marks(void **state)
{
    th_str s = {0}, out = {0};
    (void)state;

    for (int i = 0; i < 200000; i++)
        th_str_puts(&s, i < 100000 ? "\u0301" : "\u0323"); /* sorting these in one go would take minutes */

    assert_int_equal(th_text_normalise(&out, s.data, s.len, NULL, NULL), TH_OK);
    assert_int_equal(out.len, s.len);
    th_str_free(&s);
    th_str_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_every_character),
        cmocka_unit_test(writes_no_character_that_is_none),
        cmocka_unit_test(steps_over_damaged_bytes_one_by_one),
        cmocka_unit_test(reads_the_same_characters_backwards),
        cmocka_unit_test(names_the_first_bad_byte),
        cmocka_unit_test(counts_characters_and_finds_their_borders),
        cmocka_unit_test(measures_columns_of_a_terminal),
        cmocka_unit_test(knows_han_characters),
        cmocka_unit_test(folds_full_width_letters_digits_and_number_signs_only),
        cmocka_unit_test(leaves_clean_text_as_it_is),
        cmocka_unit_test(makes_every_line_end_a_line_feed),
        cmocka_unit_test(makes_every_space_a_space_and_keeps_their_number),
        cmocka_unit_test(leaves_out_control_and_zero_width_characters),
        cmocka_unit_test(keeps_joiners_between_characters_that_use_them),
        cmocka_unit_test(replaces_each_damaged_byte),
        cmocka_unit_test(composes_what_is_decomposed),
        cmocka_unit_test(appends_to_what_is_there),
        cmocka_unit_test(composes_every_character_as_utf8proc_does),
        cmocka_unit_test(composes_random_texts_as_utf8proc_does),
        cmocka_unit_test(punctuation_and_characters_survive_whatever_stands_between_them),
        cmocka_unit_test(is_valid_and_does_not_change_twice_for_any_bytes),
        cmocka_unit_test(takes_linear_time_for_a_heap_of_combining_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
