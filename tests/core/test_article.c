/* test_article.c - the article object: sentences, look-ups, its hash, and the way over the wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "article.h"

static const char text[] = "东湖新政\n发放补贴。引进人才！\n——\n图为公寓";
static const th_block blocks[] = {
    {TH_BLOCK_TITLE, 0, 12, 0}, {TH_BLOCK_PARAGRAPH, 13, 43, 0}, {TH_BLOCK_HEADING, 44, 50, 0}, {TH_BLOCK_CAPTION, 51, 63, 0}};
static const char *authors[] = {"张三", "李四"};
static const th_dropped dropped[] = {{"chrome", "首页 > 新闻"}, {"share", "分享到"}};
static const char *warnings[] = {"a.md:1: front matter is broken"};

struct fixture {
    th_arena *arena;
    th_article a;
};

static int make_article(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->arena = th_arena_new();
    f->a = (th_article){.id = 7, .path = "a.md", .format = "markdown", .title = "东湖新政", .date = "2024-05-01",
                        .authors = authors, .author_count = 2, .region_code = "420100", .region_name = "武汉市",
                        .lang = "zh", .text = text, .len = sizeof text - 1, .blocks = blocks, .block_count = 4,
                        .dropped = dropped, .dropped_count = 2, .warnings = warnings, .warning_count = 1};
    *state = f;
    return th_article_split(&f->a, f->arena, NULL) == TH_OK && th_article_seal(&f->a, NULL) == TH_OK ? 0 : -1;
}

static int free_article(void **state)
{
    struct fixture *f = *state;

    th_arena_free(f->arena);
    free(f);
    return 0;
}

static void splits_every_block_into_sentences(void **state)
{
    static const th_sentence want[] = {{0, 12, 0}, {13, 28, 1}, {28, 43, 1}, {51, 63, 3}};
    const th_article *a = &((struct fixture *)*state)->a;

    assert_int_equal(a->sentence_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(a->sentences[i].start, want[i].start);
        assert_int_equal(a->sentences[i].stop, want[i].stop);
        assert_int_equal(a->sentences[i].block, want[i].block);
    }
}

static void finds_the_sentence_of_a_byte(void **state)
{
    const th_article *a = &((struct fixture *)*state)->a;

    assert_int_equal(th_article_sentence_at(a, 0), 0);
    assert_int_equal(th_article_sentence_at(a, 12), 0); /* the line feed belongs to what is before it */
    assert_int_equal(th_article_sentence_at(a, 27), 1);
    assert_int_equal(th_article_sentence_at(a, 28), 2);
    assert_int_equal(th_article_sentence_at(a, 45), 2); /* stray punctuation: the sentence before */
    assert_int_equal(th_article_sentence_at(a, 62), 3);
    assert_int_equal(th_article_sentence_at(a, 63), 4); /* past the end: none */
}

static void finds_no_sentence_before_the_first(void **state)
{
    struct fixture *f = *state;
    static const th_block block = {TH_BLOCK_PARAGRAPH, 0, 5, 0};
    th_article a = {.path = "x", .text = "  abc", .len = 5, .blocks = &block, .block_count = 1};

    assert_int_equal(th_article_split(&a, f->arena, NULL), TH_OK);

    assert_int_equal(th_article_sentence_at(&a, 1), 1);
    assert_int_equal(th_article_sentence_at(&a, 2), 0);
}

static void finds_the_block_of_a_byte(void **state)
{
    const th_article *a = &((struct fixture *)*state)->a;

    assert_int_equal(th_article_block_at(a, 0), 0);
    assert_int_equal(th_article_block_at(a, 11), 0);
    assert_int_equal(th_article_block_at(a, 12), 4); /* a line feed is in no block */
    assert_int_equal(th_article_block_at(a, 13), 1);
    assert_int_equal(th_article_block_at(a, 62), 3);
    assert_int_equal(th_article_block_at(a, 63), 4);
}

static void tells_the_section_of_a_byte(void **state)
{
    static const th_block parts[] = {
        {TH_BLOCK_HEADING, 0, 1, 1},   {TH_BLOCK_HEADING, 2, 3, 1}, {TH_BLOCK_PARAGRAPH, 4, 5, 0}, {TH_BLOCK_HEADING, 6, 7, 3},
        {TH_BLOCK_PARAGRAPH, 8, 9, 0}, {TH_BLOCK_HEADING, 10, 11, 1}, {TH_BLOCK_PARAGRAPH, 12, 13, 0}};
    th_article a = {.text = "a\nb\nc\nd\ne\nf\ng", .len = 13, .blocks = parts, .block_count = 7};
    th_section out[TH_LEVEL_MAX];
    (void)state;

    assert_int_equal(th_article_section(&a, 0, out), 0);
    assert_int_equal(th_article_section(&a, 4, out), 1);
    assert_int_equal(out[0].start, 0); /* a heading of two lines is one */
    assert_int_equal(out[0].stop, 3);
    assert_int_equal(th_article_section(&a, 6, out), 1);
    assert_int_equal(th_article_section(&a, 8, out), 2);
    assert_int_equal(out[0].start, 0);
    assert_int_equal(out[1].start, 6);
    assert_int_equal(th_article_section(&a, 10, out), 0);
    assert_int_equal(th_article_section(&a, 12, out), 1);
    assert_int_equal(out[0].start, 10);
}

static void names_block_kinds_both_ways(void **state)
{
    (void)state;
    for (int kind = TH_BLOCK_TITLE; kind <= TH_BLOCK_TABLE; kind++)
        assert_int_equal(th_block_kind_of(th_block_kind_name((th_block_kind)kind)), kind);
    assert_int_equal(th_block_kind_of("footer"), -1);
    assert_string_equal(th_block_kind_name((th_block_kind)99), "unknown");
}

static void the_hash_covers_all_but_id_path_and_origins(void **state)
{
    th_article a = ((struct fixture *)*state)->a, b = a;

    b.id = 99;
    b.path = "elsewhere.md";
    b.origins[TH_META_DATE] = "url";
    th_article_seal(&b, NULL);
    assert_string_equal(b.hash, a.hash);
    th_article_seal(&b, NULL); /* nor does it cover itself */
    assert_string_equal(b.hash, a.hash);

    b.title = "东湖旧政";
    th_article_seal(&b, NULL);
    assert_string_not_equal(b.hash, a.hash);
    b = a;
    b.date = NULL;
    th_article_seal(&b, NULL);
    assert_string_not_equal(b.hash, a.hash);
    b = a;
    b.author_count = 1;
    th_article_seal(&b, NULL);
    assert_string_not_equal(b.hash, a.hash);
    b = a;
    b.block_count = 3;
    th_article_seal(&b, NULL);
    assert_string_not_equal(b.hash, a.hash);
}

static void comes_back_over_the_wire_as_it_was(void **state)
{
    struct fixture *f = *state;
    th_str s = {0}, again = {0};
    th_article *got;
    th_error err = {0};

    f->a.origins[TH_META_REGION] = "title and frequency";
    th_article_write(&f->a, &s);
    char *bytes = malloc(s.len);
    memcpy(bytes, s.data, s.len);
    assert_int_equal(th_article_read(&got, f->arena, bytes, s.len, &err), TH_OK);
    memset(bytes, 0xEE, s.len); /* nothing is borrowed from the message */
    free(bytes);

    th_article_write(got, &again);
    assert_int_equal(again.len, s.len);
    assert_memory_equal(again.data, s.data, s.len);
    assert_string_equal(got->origins[TH_META_REGION], "title and frequency");
    assert_null(got->origins[TH_META_DATE]);
    assert_int_equal(got->id, 7);
    assert_string_equal(got->hash, f->a.hash);
    assert_string_equal(got->text, text);
    assert_null(got->source);
    assert_string_equal(got->authors[1], "李四");
    assert_string_equal(got->dropped[1].text, "分享到");
    th_str_free(&s);
    th_str_free(&again);
}

static void carries_an_article_of_nothing(void **state)
{
    struct fixture *f = *state;
    th_article a = {.path = "e", .format = "text", .title = "", .lang = "zh", .text = ""}, *got;
    th_str s = {0};

    th_article_write(&a, &s);

    assert_int_equal(th_article_read(&got, f->arena, s.data, s.len, NULL), TH_OK);
    assert_int_equal(got->len, 0);
    assert_int_equal(got->block_count, 0);
    assert_string_equal(got->hash, "");
    th_str_free(&s);
}

/* What th_article_write() makes of `a` is refused. */
static void refused(struct fixture *f, const th_article *a)
{
    th_str s = {0};
    th_article *got;
    th_error err = {0};

    th_article_write(a, &s);
    assert_int_equal(th_article_read(&got, f->arena, s.data, s.len, &err), TH_ERR_PARSE);
    assert_null(got);
    assert_non_null(strstr(err.text, "an article from a worker is damaged: its "));
    th_str_free(&s);
}

static void refuses_blocks_outside_the_text_or_out_of_order(void **state)
{
    static const th_block bad[][2] = {
        {{TH_BLOCK_TITLE, 0, 12, 0}, {TH_BLOCK_PARAGRAPH, 13, 64, 0}},  /* past the end */
        {{TH_BLOCK_TITLE, 0, 12, 0}, {TH_BLOCK_PARAGRAPH, 9, 43, 0}},   /* over the one before */
        {{TH_BLOCK_TITLE, 0, 12, 0}, {TH_BLOCK_PARAGRAPH, 43, 13, 0}},  /* backwards */
        {{TH_BLOCK_TITLE, 0, 11, 0}, {TH_BLOCK_PARAGRAPH, 13, 43, 0}},  /* inside a character */
        {{TH_BLOCK_TITLE, 0, 12, 0}, {(th_block_kind)6, 13, 43, 0}},    /* of no kind */
        {{TH_BLOCK_HEADING, 0, 12, TH_LEVEL_MAX + 1}, {TH_BLOCK_TITLE, 13, 43, 0}},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        th_article a = f->a;
        a.blocks = bad[i];
        a.block_count = 2;
        a.sentence_count = 0;
        refused(f, &a);
    }
}

static void refuses_sentences_outside_their_blocks(void **state)
{
    static const th_sentence bad[] = {{0, 15, 0}, {13, 28, 0}, {0, 12, 4}, {12, 0, 0}, {1, 12, 0}};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        th_article a = f->a;
        a.sentences = &bad[i];
        a.sentence_count = 1;
        refused(f, &a);
    }
}

static void refuses_missing_fields_and_bytes_that_are_no_text(void **state)
{
    struct fixture *f = *state;
    th_article a = f->a;

    a.title = NULL;
    refused(f, &a);
    a = f->a;
    a.source = "\xFF";
    refused(f, &a);
    a = f->a;
    a.text = "\xE4\xBA";
    a.len = 2;
    a.block_count = a.sentence_count = 0;
    refused(f, &a);
    a = f->a;
    a.hash[3] = 'G';
    refused(f, &a);
}

static void refuses_every_message_cut_short_or_with_more_behind(void **state)
{
    struct fixture *f = *state;
    th_str s = {0};
    th_article *got;

    th_article_write(&f->a, &s);
    for (size_t cut = 0; cut < s.len; cut++) {
        char *copy = malloc(cut + !cut);
        memcpy(copy, s.data, cut);
        assert_int_equal(th_article_read(&got, f->arena, copy, cut, NULL), TH_ERR_PARSE);
        free(copy);
    }
    th_str_putc(&s, 'x');
    assert_int_equal(th_article_read(&got, f->arena, s.data, s.len, NULL), TH_ERR_PARSE);
    th_str_free(&s);
}

static void survives_any_change_of_a_byte(void **state)
{
    struct fixture *f = *state;
    th_str s = {0};

    th_article_write(&f->a, &s);
    for (size_t i = 0; i < s.len; i++)
        for (int b = 0; b < 256; b += 5) {
            th_arena *arena = th_arena_new();
            char *copy = malloc(s.len);
            th_article *got;
            memcpy(copy, s.data, s.len);
            copy[i] = (char)b;
            th_status status = th_article_read(&got, arena, copy, s.len, NULL);
            assert_true(status == TH_OK || status == TH_ERR_PARSE);
            free(copy);
            th_arena_free(arena);
        }
    th_str_free(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_article, free_article)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(splits_every_block_into_sentences),
        TEST(finds_the_sentence_of_a_byte),
        TEST(finds_no_sentence_before_the_first),
        TEST(finds_the_block_of_a_byte),
        TEST(tells_the_section_of_a_byte),
        TEST(names_block_kinds_both_ways),
        TEST(the_hash_covers_all_but_id_path_and_origins),
        TEST(comes_back_over_the_wire_as_it_was),
        TEST(carries_an_article_of_nothing),
        TEST(refuses_blocks_outside_the_text_or_out_of_order),
        TEST(refuses_sentences_outside_their_blocks),
        TEST(refuses_missing_fields_and_bytes_that_are_no_text),
        TEST(refuses_every_message_cut_short_or_with_more_behind),
        TEST(survives_any_change_of_a_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
