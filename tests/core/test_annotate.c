/* test_annotate.c - where marks stand, and quotations that lead back to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "annotate/internal.h"
#include "eval/gold.h"

#define TEXT "😀甲区有七座桥。第七座、七座都新。\n甲区有七座桥。"

static json_t *one_mark(json_t *start, json_t *stop, const char *text)
{
    json_t *document = document_new("f: task 1", NULL, NULL), *words = text ? json_string(text) : NULL;

    mark_add(document, "metric", start, stop, words);
    json_decref(start);
    json_decref(stop);
    json_decref(words);
    place_marks(document, TEXT, strlen(TEXT));
    return document;
}

static void assert_stands_at(json_t *document, const char *at, const char *text)
{
    const json_t *mark = json_array_get(json_object_get(document, "marks"), 0);
    json_int_t from = json_integer_value(json_object_get(mark, "from"));

    assert_int_equal(json_array_size(json_object_get(document, "problems")), 0);
    assert_int_equal(from, at - TEXT);
    assert_int_equal(json_integer_value(json_object_get(mark, "to")) - from, (json_int_t)strlen(text));
    json_decref(document);
}

static void assert_problem(json_t *document, const char *part)
{
    const char *line = json_string_value(json_array_get(json_object_get(document, "problems"), 0));

    assert_non_null(line);
    if (!strstr(line, part))
        fail_msg("\"%s\" is not in \"%s\"", part, line);
    json_decref(document);
}

static void offsets_count_characters_or_utf16_units(void **state)
{
    const char *first = strstr(TEXT, "七座");
    (void)state;

    assert_stands_at(one_mark(json_integer(4), json_integer(6), "七座"), first, "七座");
    assert_stands_at(one_mark(json_integer(5), json_integer(7), "七座"), first, "七座");
    assert_stands_at(one_mark(json_integer(4), json_integer(6), NULL), first, "七座");
}

static void a_wrong_offset_gives_way_to_the_nearest_place_of_the_text(void **state)
{
    const char *third = strstr(strstr(TEXT, "、"), "七座"), *last = strstr(strchr(TEXT, '\n'), "七座");
    (void)state;

    assert_stands_at(one_mark(json_integer(13), json_integer(14), "七座"), third, "七座");
    assert_stands_at(one_mark(json_integer(21), json_integer(90), " 七座\n"), last, "七座");
    assert_stands_at(one_mark(NULL, NULL, "都新"), strstr(TEXT, "都新"), "都新");
}

static void what_has_no_place_or_many_is_told(void **state)
{
    (void)state;

    assert_problem(one_mark(NULL, NULL, "七座"), "metric \"七座\" stands 4 times in the text; give start and stop");
    assert_problem(one_mark(json_integer(0), json_integer(2), "八座"), "metric \"八座\" is not in the text; mark it anew");
    assert_problem(one_mark(json_integer(5), json_integer(5), NULL), "has offsets outside the text");
    assert_problem(one_mark(json_integer(-4), json_integer(900), NULL), "has offsets outside the text");
}

static void a_quotation_leads_to_one_place_only(void **state)
{
    th_quotes *quotes = th_quotes_new(TEXT, strlen(TEXT));
    th_str context = {0};
    const char *at = TEXT;
    int places = 0;
    (void)state;

    assert_non_null(quotes);
    for (; (at = strstr(at, "七座")); at++, places++) {
        th_str_clear(&context);
        assert_true(th_quotes_around(quotes, (size_t)(at - TEXT), (size_t)(at - TEXT) + strlen("七座"), &context));
        assert_ptr_equal(strstr(strstr(TEXT, th_str_text(&context)), "七座"), at);
    }
    assert_int_equal(places, 4);
    assert_true(th_quotes_has(quotes, "第七座 、七座"));
    assert_false(th_quotes_has(quotes, "第八座"));
    th_str_free(&context);
    th_quotes_free(quotes);
}

static void values_take_the_type_of_their_field(void **state)
{
    const struct field *value = field_of(kind_of("metric"), "value"), *rank = field_of(kind_of("ranking"), "rank");
    json_t *many = json_pack("[s, s]", "1", "2"), *half = json_string("1.5"), *text = json_pack("[s]", "1.5e3"), *word = json_string("3x");
    json_t *number = field_value(value, text);
    (void)state;

    assert_true(json_is_integer(number));
    assert_int_equal(json_integer_value(number), 1500);
    assert_null(field_value(value, many));
    assert_null(field_value(value, word));
    assert_null(field_value(rank, half));
    json_decref(number);
    json_decref(many);
    json_decref(half);
    json_decref(text);
    json_decref(word);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_count_characters_or_utf16_units),
        cmocka_unit_test(a_wrong_offset_gives_way_to_the_nearest_place_of_the_text),
        cmocka_unit_test(what_has_no_place_or_many_is_told),
        cmocka_unit_test(a_quotation_leads_to_one_place_only),
        cmocka_unit_test(values_take_the_type_of_their_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
