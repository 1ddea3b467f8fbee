/* test_lexicon.c - many terms found in one pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "text/lexicon.h"
#include "text/unicode.h"

/* A new lexicon of the words between bars; its number. */
static int add_words(th_lexset *set, const char *words)
{
    int lexicon = th_lexset_add(set);

    assert_true(lexicon >= 0);
    for (const char *word = words; *word;) {
        size_t len = strcspn(word, "|");
        assert_true(th_lexset_add_term(set, lexicon, word, len) >= 0);
        word += len + (word[len] == '|');
    }
    return lexicon;
}

/* Check that lexicon `lexicon` finds `want`: for each hit its term's number and text, closed with a bar. */
static void finds_bytes(const th_lexset *set, int lexicon, const char *text, size_t len, const char *want)
{
    th_arena *arena = th_arena_new();
    th_str got = {0};
    th_hits *hits;
    th_error err = {0};

    assert_int_equal(th_lexset_scan(set, text, len, arena, &hits, &err), TH_OK);
    for (size_t i = 0; i < hits[lexicon].count; i++) {
        const th_hit *hit = &hits[lexicon].items[i];
        th_str_addf(&got, "%u%.*s|", hit->term, (int)(hit->stop - hit->start), text + hit->start);
    }
    assert_string_equal(th_str_text(&got), want);
    th_str_free(&got);
    th_arena_free(arena);
}

static void finds(const th_lexset *set, int lexicon, const char *text, const char *want)
{
    finds_bytes(set, lexicon, text, strlen(text), want);
}

static void words_find(const char *words, const char *text, const char *want)
{
    th_lexset *set = th_lexset_new();

    int lexicon = add_words(set, words);
    assert_int_equal(th_lexset_compile(set, NULL), TH_OK);
    finds(set, lexicon, text, want);
    th_lexset_free(set);
}

static void finds_terms_in_text_order_with_their_numbers(void **state)
{
    (void)state;
    words_find("公寓|人才|补贴", "人才住公寓，领补贴；人才", "1人才|0公寓|2补贴|1人才|");
}

static void takes_the_longest_term_at_the_leftmost_place(void **state)
{
    (void)state;
    words_find("人才|人才公寓|公寓楼", "人才公寓楼", "1人才公寓|");
    words_find("人|人才|才引进", "人才引进", "1人才|"); /* leftmost first, though the later term is longer */
    words_find("ab|abcd|bcde", "abcdeab", "1abcd|0ab|");
}

static void finds_single_characters_too(void **state)
{
    (void)state;
    words_find("人|a|人才", "a人人才a才", "1a|0人|2人才|1a|");
}

static void finds_terms_at_both_ends_and_side_by_side(void **state)
{
    (void)state;
    words_find("引才", "引才引才引才", "0引才|0引才|0引才|");
    words_find("引才", "引", "");
    words_find("引才", "", "");
}

static void matches_letters_and_digits_whatever_their_width(void **state)
{
    (void)state;
    words_find("AI|5G", "ＡＩ与Ａ I、5Ｇ、ai", "0ＡＩ|15Ｇ|");
    words_find("ＡＩ", "AI ＡI", "0AI|0ＡI|");
    words_find("1+X证书", "１＋Ｘ证书", "0１＋Ｘ证书|");
    words_find("，", ",，", "0，|"); /* other punctuation keeps its width */
}

static void gives_a_term_added_twice_one_number(void **state)
{
    th_lexset *set = th_lexset_new();
    (void)state;

    int a = th_lexset_add(set), b = th_lexset_add(set);

    assert_int_equal(th_lexset_add_term(set, a, "人才", 6), 0);
    assert_int_equal(th_lexset_add_term(set, a, "AI", 2), 1);
    assert_int_equal(th_lexset_add_term(set, a, "人才", 6), 0);
    assert_int_equal(th_lexset_add_term(set, a, "ＡＩ", 6), 1);
    assert_int_equal(th_lexset_add_term(set, b, "AI", 2), 0);
    assert_int_equal(th_lexset_add_term(set, a, "公寓", 6), 2);
    assert_int_equal(th_lexset_add_term(set, a, "AI", 2), 1);
    th_lexset_free(set);
}

static void refuses_terms_that_are_none(void **state)
{
    th_lexset *set = th_lexset_new();
    char big[256];
    (void)state;

    int a = th_lexset_add(set);
    memset(big, 'x', sizeof big);

    assert_int_equal(th_lexset_add_term(set, a, "", 0), -1);
    assert_int_equal(th_lexset_add_term(set, a, big, 256), -1);
    assert_int_equal(th_lexset_add_term(set, a, big, 255), 0);
    assert_int_equal(th_lexset_add_term(set, a, "\xE4\xBA", 2), -1);
    assert_int_equal(th_lexset_add_term(set, a + 1, "x", 1), -1);
    assert_int_equal(th_lexset_add_term(set, -1, "x", 1), -1);
    th_lexset_free(set);
}

static void lexicons_do_not_see_each_other(void **state)
{
    th_lexset *set = th_lexset_new();
    (void)state;

    int a = add_words(set, "人才|公寓"), b = add_words(set, "人才公寓|人才"), c = add_words(set, "才公"),
        none = add_words(set, "");
    th_lexset_compile(set, NULL);

    assert_int_equal(th_lexset_count(set), 4);
    finds(set, a, "人才公寓", "0人才|1公寓|");
    finds(set, b, "人才公寓", "0人才公寓|");
    finds(set, c, "人才公寓", "0才公|");
    finds(set, none, "人才公寓", "");
    th_lexset_free(set);
}

static void finds_what_was_added_later_once_compiled_again(void **state)
{
    th_lexset *set = th_lexset_new();
    (void)state;

    int a = add_words(set, "人才");
    th_lexset_compile(set, NULL);
    int b = add_words(set, "人才|公寓");
    th_lexset_add_term(set, a, "公寓", 6);
    finds(set, a, "人才公寓", "0人才|"); /* the tables of before */
    finds(set, b, "人才公寓", "");
    th_lexset_compile(set, NULL);

    finds(set, a, "人才公寓", "0人才|1公寓|");
    finds(set, b, "人才公寓", "0人才|1公寓|");
    th_lexset_free(set);
}

static void finds_nothing_before_compiling_and_without_lexicons(void **state)
{
    th_lexset *set = th_lexset_new();
    th_arena *arena = th_arena_new();
    th_hits *hits;
    (void)state;

    assert_int_equal(th_lexset_scan(set, "人才", 6, arena, &hits, NULL), TH_OK);
    assert_int_equal(th_lexset_compile(set, NULL), TH_OK);
    assert_int_equal(th_lexset_scan(set, "人才", 6, arena, &hits, NULL), TH_OK);
    int a = add_words(set, "人才");
    finds(set, a, "人才", "");
    th_lexset_free(set);
    th_lexset_free(NULL);
    th_arena_free(arena);
}

static void does_not_match_across_damaged_bytes(void **state)
{
    th_lexset *set = th_lexset_new();
    (void)state;

    int a = add_words(set, "人才|A\uFFFD|B");
    th_lexset_compile(set, NULL);

    finds_bytes(set, a, "\xE4\xBA人才\xE4", 9, "0人才|");
    finds_bytes(set, a, "人\xFF才A\xFF""B\xF0\x9F", 11, "2B|");
    finds(set, a, "A\uFFFD", "1A\uFFFD|");
    th_lexset_free(set);
}

static void keeps_many_thousand_terms_apart(void **state)
{
    th_lexset *set = th_lexset_new();
    th_str text = {0}, want = {0};
    (void)state;

    int a = th_lexset_add(set);
    for (uint32_t i = 0; i < 20000; i++) {
        th_str term = {0};
        th_utf8_add(&term, 0x4E00 + i % 200);
        th_utf8_add(&term, 0x5E00 + i / 200);
        assert_int_equal(th_lexset_add_term(set, a, term.data, term.len), i);
        if (i % 97 == 0) {
            th_str_addf(&text, "%s，", term.data);
            th_str_addf(&want, "%u%s|", i, term.data);
        }
        th_str_free(&term);
    }
    th_lexset_compile(set, NULL);

    finds(set, a, text.data, want.data);
    th_lexset_free(set);
    th_str_free(&text);
    th_str_free(&want);
}

/* ---- against a matcher that is slow and plain ---- */

enum { LEXICONS = 4, TERMS = 12 };

struct word {
    char text[48];
    size_t len;
    int number;
};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static uint32_t fold_next(const char *text, size_t len, size_t *pos)
{
    size_t before = *pos;
    uint32_t c = th_utf8_next(text, len, pos);

    return c == 0xFFFD && *pos == before + 1 ? UINT32_MAX : th_fold_width(c);
}

/* Bytes of the text that the word takes at `at`, 0 when it does not stand there. */
static size_t word_at(const struct word *word, const char *text, size_t len, size_t at)
{
    size_t pos = 0, to = at;

    while (pos < word->len)
        if (to >= len || fold_next(word->text, word->len, &pos) != fold_next(text, len, &to))
            return 0;
    return to - at;
}

static void describe_slowly(th_str *out, const struct word *words, const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t best = 0, next = at;
        int number = -1;
        for (int i = 0; i < TERMS; i++) {
            size_t took = words[i].number >= 0 ? word_at(&words[i], text, len, at) : 0;
            if (took > best) {
                best = took;
                number = words[i].number;
            }
        }
        if (best)
            th_str_addf(out, "%d@%zu+%zu ", number, at, best);
        th_utf8_next(text, len, &next);
        at = best ? at + best : next;
    }
}

static void describe_hits(th_str *out, const th_hits *hits)
{
    for (size_t i = 0; i < hits->count; i++)
        th_str_addf(out, "%u@%u+%u ", hits->items[i].term, hits->items[i].start,
                    hits->items[i].stop - hits->items[i].start);
}

/* Characters that make overlaps, shared beginnings, other widths and damage likely. */
static size_t random_text(char *out, size_t chars, uint32_t *seed, bool damage)
{
    static const char *const some[] = {"人", "才", "公", "a", "ａ", "1", "１", "𠮷", "é", "。", "\xE4\xBA", "\xFF"};
    size_t len = 0;

    for (size_t i = 0; i < chars; i++) {
        const char *c = some[next_random(seed) % (damage ? 12 : 10)];
        memcpy(out + len, c, strlen(c));
        len += strlen(c);
    }
    return len;
}

static void agrees_with_a_slow_matcher_on_random_texts(void **state)
{
    uint32_t seed = 97;
    (void)state;

    for (int round = 0; round < 3000; round++) {
        th_lexset *set = th_lexset_new();
        th_arena *arena = th_arena_new();
        struct word words[LEXICONS][TERMS];
        char text[400];
        th_hits *hits;
        for (int l = 0; l < LEXICONS; l++) {
            th_lexset_add(set);
            for (int i = 0; i < TERMS; i++) {
                struct word *word = &words[l][i];
                word->len = random_text(word->text, 1 + next_random(&seed) % 4, &seed, false);
                word->number = th_lexset_add_term(set, l, word->text, word->len);
                assert_true(word->number >= 0);
            }
            if (next_random(&seed) % 4 == 0)
                th_lexset_compile(set, NULL);
        }
        assert_int_equal(th_lexset_compile(set, NULL), TH_OK);
        size_t len = random_text(text, next_random(&seed) % 90, &seed, round % 2);
        char *exact = malloc(len + !len); /* so that reading past the end is seen */
        memcpy(exact, text, len);
        assert_int_equal(th_lexset_scan(set, exact, len, arena, &hits, NULL), TH_OK);
        free(exact);
        for (int l = 0; l < LEXICONS; l++) {
            th_str want = {0}, got = {0};
            describe_slowly(&want, words[l], text, len);
            describe_hits(&got, &hits[l]);
            assert_string_equal(th_str_text(&got), th_str_text(&want));
            th_str_free(&want);
            th_str_free(&got);
        }
        th_arena_free(arena);
        th_lexset_free(set);
    }
}

/* ---- neighbours ---- */

static void give(th_lexset *set, int lexicon, int term, const char *word, bool behind, bool excluded, unsigned within)
{
    th_neighbour n = {word, strlen(word), behind, excluded, within};

    assert_true(th_lexset_add_neighbour(set, lexicon, term, &n));
}

static void a_term_counts_only_beside_the_neighbours_it_wants(void **state)
{
    th_lexset *set = th_lexset_new();
    int lexicon = add_words(set, "印度|公寓|补贴|卡");
    (void)state;

    give(set, lexicon, 0, "尼西亚", true, true, 0);
    give(set, lexicon, 1, "人才", false, false, 0);
    give(set, lexicon, 1, "Ａ", false, false, 0); /* widths are folded here too */
    give(set, lexicon, 2, "发放", false, false, 2);
    give(set, lexicon, 2, "消费", true, true, 1);
    give(set, lexicon, 3, "张", true, false, 3);
    assert_int_equal(th_lexset_compile(set, NULL), TH_OK);

    finds(set, lexicon, "印度尼西亚和印度", "0印度|");
    finds(set, lexicon, "商业公寓，人才公寓，A公寓", "1公寓|1公寓|");
    finds(set, lexicon, "发放补贴，发放了大补贴，发放了很多补贴", "2补贴|2补贴|");
    finds(set, lexicon, "发放补贴消费，发放补贴的消费，发放补贴及其消费", "2补贴|");
    finds(set, lexicon, "发放\n补贴", "");
    finds(set, lexicon, "卡三十张，卡", "3卡|");
    finds(set, lexicon, "\xff公寓 \xe4\xba公寓", "");
    th_lexset_free(set);
}

static void neighbours_of_nothing_are_refused(void **state)
{
    th_lexset *set = th_lexset_new();
    int lexicon = add_words(set, "印度");
    const th_neighbour good = {"a", 1, true, true, 0}, empty = {"", 0, true, true, 0}, broken = {"\xff", 1, true, true, 0};
    (void)state;

    assert_true(th_lexset_add_neighbour(set, lexicon, 0, &good));
    assert_false(th_lexset_add_neighbour(set, lexicon, 1, &good));
    assert_false(th_lexset_add_neighbour(set, 5, 0, &good));
    assert_false(th_lexset_add_neighbour(set, -1, -1, &good));
    assert_false(th_lexset_add_neighbour(set, lexicon, 0, &empty));
    assert_false(th_lexset_add_neighbour(set, lexicon, 0, &broken));
    th_lexset_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_terms_in_text_order_with_their_numbers),
        cmocka_unit_test(takes_the_longest_term_at_the_leftmost_place),
        cmocka_unit_test(finds_single_characters_too),
        cmocka_unit_test(finds_terms_at_both_ends_and_side_by_side),
        cmocka_unit_test(matches_letters_and_digits_whatever_their_width),
        cmocka_unit_test(gives_a_term_added_twice_one_number),
        cmocka_unit_test(refuses_terms_that_are_none),
        cmocka_unit_test(lexicons_do_not_see_each_other),
        cmocka_unit_test(finds_what_was_added_later_once_compiled_again),
        cmocka_unit_test(finds_nothing_before_compiling_and_without_lexicons),
        cmocka_unit_test(does_not_match_across_damaged_bytes),
        cmocka_unit_test(keeps_many_thousand_terms_apart),
        cmocka_unit_test(a_term_counts_only_beside_the_neighbours_it_wants),
        cmocka_unit_test(neighbours_of_nothing_are_refused),
        cmocka_unit_test(agrees_with_a_slow_matcher_on_random_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
