/* test_sentence.c - where sentences end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "text/sentence.h"
#include "text/unicode.h"

/* The sentences of `text`, each closed with a bar. */
static void splits_bytes(const char *text, size_t len, const char *want)
{
    th_str got = {0};
    size_t pos = 0, start, end;

    while (th_sentence_next(text, len, &pos, &start, &end)) {
        assert_true(start < end && end <= pos && pos <= len);
        th_str_add(&got, text + start, end - start);
        th_str_putc(&got, '|');
    }
    assert_string_equal(th_str_text(&got), want);
    th_str_free(&got);
}

static void splits(const char *text, const char *want)
{
    splits_bytes(text, strlen(text), want);
}

static void ends_after_each_mark(void **state)
{
    (void)state;
    splits("一。二！三？四!五?六；七;八", "一。|二！|三？|四!|五?|六；|七;|八|");
    splits("房价1.5万元,不变:好、吗", "房价1.5万元,不变:好、吗|");
}

static void keeps_runs_of_marks_and_closing_quotes_together(void **state)
{
    (void)state;
    splits("真的？！“好。”他说（行！）再来", "真的？！|“好。”|他说（行！）|再来|");
    splits("甲。’”乙。」』丙!)\"丁", "甲。’”|乙。」』|丙!)\"|丁|");
}

static void ends_at_every_line_feed(void **state)
{
    (void)state;
    splits("标题\n正文一\n\n\n正文二。\n", "标题|正文一|正文二。|");
}

static void leaves_out_white_space_around(void **state)
{
    (void)state;
    splits("  一。 \u3000二。 \t 三 \n 四", "一。|二。|三|四|");
}

static void leaves_out_stray_punctuation(void **state)
{
    (void)state;
    splits("……。——\n？！\n（）\n、一。；。二", "、一。；。|二|");
    splits("。；", "");
    splits(" \n \n", "");
    splits("", "");
}

static void a_letter_a_digit_or_a_han_character_makes_a_sentence(void **state)
{
    (void)state;
    splits("a。5。〇。é。ア。Ⅳ。%。", "a。|5。|〇。|é。|ア。|Ⅳ。|");
}

static void stops_where_it_is_told_to(void **state)
{
    const char *text = "一二。三四。";
    (void)state;

    splits_bytes(text, 6, "一二|");
    splits_bytes(text, 12, "一二。|三|");
}

static void looks_only_from_where_it_is_told_to(void **state)
{
    const char *text = "一。二。";
    size_t pos = 6, start, end;
    (void)state;

    assert_true(th_sentence_next(text, strlen(text), &pos, &start, &end));
    assert_int_equal(start, 6);
    assert_int_equal(end, 12);
    assert_false(th_sentence_next(text, strlen(text), &pos, &start, &end));
}

/* The same by the definition: [^ENDS\n]*[ENDS]*[CLOSE]* over an array of characters, then trimmed. */
static const uint32_t ends[] = {0x3002, 0xFF01, 0xFF1F, '!', '?', 0xFF1B, ';', 0};
static const uint32_t closes[] = {0x201D, 0x2019, 0x300D, 0x300F, 0xFF09, ')', '"', 0};

static bool is_in(const uint32_t *set, uint32_t c)
{
    while (*set && *set != c)
        set++;
    return *set != 0;
}

static void split_by_definition(const uint32_t *c, size_t count, th_str *out)
{
    for (size_t i = 0; i < count; i++) {
        size_t start = i;
        bool has_word = false;
        while (i < count && !is_in(ends, c[i]) && c[i] != '\n')
            i++;
        while (i < count && is_in(ends, c[i]))
            i++;
        while (i < count && is_in(closes, c[i]))
            i++;
        size_t stop = i;
        while (start < stop && (c[start] == ' ' || c[start] == 0x3000))
            start++;
        while (stop > start && (c[stop - 1] == ' ' || c[stop - 1] == 0x3000))
            stop--;
        for (size_t k = start; k < stop; k++)
            has_word |= c[k] == 'a' || c[k] == 0x4EBA || c[k] == '1';
        for (size_t k = start; has_word && k < stop; k++)
            th_utf8_add(out, c[k]);
        if (has_word)
            th_str_putc(out, '|');
        if (i < count && c[i] != '\n')
            i--; /* the loop steps over a line feed only */
    }
}

static void agrees_with_the_definition_on_random_texts(void **state)
{
    static const uint32_t some[] = {0x4EBA, 'a', '1', ' ', 0x3000, '\n', 0x3002, 0xFF01, 0xFF1F, '!', '?', 0xFF1B, ';',
                                    0x201D, 0x2019, 0x300D, 0x300F, 0xFF09, ')', '"', 0x201C, 0xFF0C, 0x3001, 0xFF08};
    uint32_t seed = 11;
    (void)state;

    for (int round = 0; round < 20000; round++) {
        uint32_t chars[30];
        th_str text = {0}, want = {0};
        for (size_t i = 0; i < 30; i++) {
            seed = seed * 1664525u + 1013904223u;
            chars[i] = some[(seed >> 8) % (sizeof some / sizeof *some)];
            th_utf8_add(&text, chars[i]);
        }
        split_by_definition(chars, 30, &want);
        splits_bytes(text.data, text.len, th_str_text(&want));
        th_str_free(&text);
        th_str_free(&want);
    }
}

static void ends_for_any_bytes(void **state)
{
    uint32_t seed = 3;
    (void)state;

    for (int round = 0; round < 5000; round++) {
        char text[32];
        size_t pos = 0, start, end, last = 0;
        for (size_t i = 0; i < sizeof text; i++) {
            seed = seed * 1664525u + 1013904223u;
            text[i] = "\xE3\x80\x82\xEF\xBC\x9F\x9D\xE2 \n;a\xFF"[(seed >> 8) % 14];
        }
        while (th_sentence_next(text, sizeof text, &pos, &start, &end)) {
            assert_true(start >= last && start < end && end <= sizeof text);
            last = end;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_after_each_mark),
        cmocka_unit_test(keeps_runs_of_marks_and_closing_quotes_together),
        cmocka_unit_test(ends_at_every_line_feed),
        cmocka_unit_test(leaves_out_white_space_around),
        cmocka_unit_test(leaves_out_stray_punctuation),
        cmocka_unit_test(a_letter_a_digit_or_a_han_character_makes_a_sentence),
        cmocka_unit_test(stops_where_it_is_told_to),
        cmocka_unit_test(looks_only_from_where_it_is_told_to),
        cmocka_unit_test(agrees_with_the_definition_on_random_texts),
        cmocka_unit_test(ends_for_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
