/* test_yaml.c - one YAML document as a tree with line and column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "base/yaml.h"

static int new_arena(void **state)
{
    *state = th_arena_new();
    return *state ? 0 : -1;
}

static int free_arena(void **state)
{
    th_arena_free(*state);
    return 0;
}

static th_node *parse(void **state, const char *text)
{
    th_node *root;
    th_error err = {0};

    th_status status = th_yaml_parse(&root, *state, "t.yaml", text, strlen(text), &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, TH_OK);
    return root;
}

static void refused_bytes(void **state, const char *text, size_t len, const char *message)
{
    th_node *root;
    th_error err = {0};

    assert_int_equal(th_yaml_parse(&root, *state, "t.yaml", text, len, &err), TH_ERR_PARSE);
    assert_null(root);
    assert_string_equal(err.text, message);
}

static void refused(void **state, const char *text, const char *message)
{
    refused_bytes(state, text, strlen(text), message);
}

static void reads_maps_lists_and_scalars_with_their_places(void **state)
{
    const th_node *root = parse(state, "name: 人才\nlimits: {cpu: 2s}\nlist:\n  - a\n  - 'b'\n");

    assert_int_equal(root->kind, TH_NODE_MAP);
    assert_int_equal(root->count, 3);
    assert_string_equal(root->keys[1].text, "limits");
    assert_string_equal(th_node_get(root, "name")->text, "人才");
    assert_int_equal(th_node_get(root, "name")->len, 6);
    const th_node *cpu = th_node_get(th_node_get(root, "limits"), "cpu");
    assert_string_equal(cpu->text, "2s");
    assert_int_equal(cpu->line, 2);
    assert_int_equal(cpu->column, 15);
    const th_node *list = th_node_get(root, "list");
    assert_int_equal(list->kind, TH_NODE_LIST);
    assert_int_equal(list->count, 2);
    assert_false(list->items[0].quoted);
    assert_true(list->items[1].quoted);
    assert_int_equal(list->items[1].line, 5);
    assert_int_equal(list->items[1].column, 5);
}

static void counts_columns_in_characters(void **state)
{
    const th_node *root = parse(state, "{人才: x, 公寓: y}");

    assert_int_equal(root->keys[1].column, 9);
}

static void an_empty_document_is_nothing(void **state)
{
    assert_int_equal(parse(state, "")->kind, TH_NODE_NULL);
    assert_int_equal(parse(state, "# only a comment\n")->kind, TH_NODE_NULL);
    assert_int_equal(parse(state, "---\n")->kind, TH_NODE_NULL);
}

static void plain_null_is_nothing_and_quoted_null_is_text(void **state)
{
    const th_node *root = parse(state, "- ~\n- null\n-\n- 'null'\n- ''\n");

    for (int i = 0; i < 5; i++)
        assert_int_equal(root->items[i].kind, i < 3 ? TH_NODE_NULL : TH_NODE_SCALAR);
}

static void a_key_named_null_is_a_key(void **state)
{
    assert_string_equal(th_node_get(parse(state, "null: x"), "null")->text, "x");
}

static void reads_the_first_of_several_documents(void **state)
{
    assert_string_equal(th_node_get(parse(state, "---\na: 1\n---\na: 2\n"), "a")->text, "1");
}

static void finds_nothing_where_there_is_no_map(void **state)
{
    const th_node *root = parse(state, "- a");

    assert_null(th_node_get(root, "a"));
    assert_null(th_node_get(NULL, "a"));
    assert_null(th_node_get(parse(state, "a: 1"), "b"));
}

static void reads_plain_numbers_only(void **state)
{
    static const char *const bad[] = {"'1'", "0x10", "inf", ".nan", "1 2", "一", "1e999", "1.2.3", "e", "-", "[1]"};
    double value = -1;

    assert_true(th_node_number(parse(state, "-12.5e1"), &value));
    assert_true(value == -125.0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(th_node_number(parse(state, bad[i]), &value));
    assert_false(th_node_number(NULL, &value));
    assert_true(value == -125.0);
}

static void reads_booleans_in_every_usual_spelling(void **state)
{
    static const char *const yes[] = {"true", "yes", "on", "True", "ON"}, *const no[] = {"false", "no", "off", "NO"};
    bool value;

    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(th_node_bool(parse(state, yes[i]), &value) && value);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_true(th_node_bool(parse(state, no[i]), &value) && !value);
    assert_false(th_node_bool(parse(state, "'true'"), &value));
    assert_false(th_node_bool(parse(state, "1"), &value));
}

static void names_kinds_for_messages(void **state)
{
    assert_string_equal(th_node_kind_name(parse(state, "[]")), "a list");
    assert_string_equal(th_node_kind_name(parse(state, "{}")), "a map");
    assert_string_equal(th_node_kind_name(parse(state, "x")), "text");
    assert_string_equal(th_node_kind_name(NULL), "nothing");
}

static void refuses_anchors_aliases_and_tags(void **state)
{
    refused(state, "a: &x 1\n", "t.yaml:1:4: anchors are not read here: write the value out");
    refused(state, "a: &x [1]\n", "t.yaml:1:4: anchors are not read here: write the list out");
    refused(state, "a: &x {b: 1}\n", "t.yaml:1:4: anchors are not read here: write the map out");
    refused(state, "b: 1\na: *x\n", "t.yaml:2:4: aliases are not read here: write the value out");
    refused(state, "a: !!int 1\n", "t.yaml:1:4: tags are not read here: write the plain value");
    refused(state, "a: !x [1]\n", "t.yaml:1:4: tags are not read here: write the plain list");
}

static void refuses_a_key_that_stands_twice(void **state)
{
    refused(state, "b: 1\na: 2\nb: 3\na: 4\n", "t.yaml:3:1: the key \"b\" stands twice, first on line 1");
    refused(state, "x:\n  - {k: 1, 'k': 2}\n", "t.yaml:2:12: the key \"k\" stands twice, first on line 2");
}

static void refuses_keys_that_are_no_text(void **state)
{
    refused(state, "? [a]\n: 1\n", "t.yaml:1:3: a key must be text, not a list or a map");
    refused(state, "a: 1\n'': 1\n", "t.yaml:2:1: a key is missing before the colon");
}

static void names_the_place_of_a_syntax_error(void **state)
{
    refused(state, "a: 1\nb: [1, 2\nc: 3\n",
            "t.yaml:3:2: did not find expected ',' or ']' while parsing a flow sequence");
    refused(state, "a:\n\tb: 1\n",
            "t.yaml:2:1: found character that cannot start any token while scanning for the next token: indent with "
            "spaces, not with tabs");
}

static void names_the_place_of_bytes_that_are_no_text(void **state)
{
    refused(state, "a: 1\n人: \xFF\n", "t.yaml:2:4: invalid leading UTF-8 octet: save the file as UTF-8 text");
    refused_bytes(state, "a: \"x\\0y\"", 9, "t.yaml:1:4: text holds a NUL character");
}

static char *nested(th_str *s, size_t depth)
{
    for (size_t i = 0; i < depth; i++)
        th_str_putc(s, '[');
    for (size_t i = 0; i < depth; i++)
        th_str_putc(s, ']');
    return s->data;
}

static void nests_64_deep_and_no_deeper(void **state)
{
    th_str s = {0};

    assert_int_equal(parse(state, nested(&s, 64))->kind, TH_NODE_LIST);
    th_str_clear(&s);
    refused(state, nested(&s, 65), "t.yaml:1:65: lists and maps are nested more than 64 deep");
    th_str_clear(&s);
    refused(state, nested(&s, 100000), "t.yaml:1:65: lists and maps are nested more than 64 deep");
    th_str_free(&s);
}

static void reads_a_map_of_many_keys(void **state)
{
    th_str s = {0};

    for (int i = 0; i < 20000; i++)
        th_str_addf(&s, "key%d: %d\n", i, i);

    const th_node *root = parse(state, s.data);

    assert_int_equal(root->count, 20000);
    assert_string_equal(th_node_get(root, "key19999")->text, "19999");
    th_str_free(&s);
}

static void survives_any_bytes(void **state)
{
    static const char alphabet[] = "a:-[]{}&*!|>'\"%@#?,. \n\t\xE4\xBA\xBA\xFF~0";
    uint32_t seed = 7;

    for (int round = 0; round < 3000; round++) {
        char text[40];
        th_node *root;
        th_error err = {0};
        for (size_t i = 0; i < sizeof text; i++) {
            seed = seed * 1664525u + 1013904223u;
            text[i] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
        }
        th_status status = th_yaml_parse(&root, *state, "t.yaml", text, sizeof text, &err);
        assert_true(status == TH_OK || (status == TH_ERR_PARSE && strncmp(err.text, "t.yaml:", 7) == 0));
        th_arena_reset(*state);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_arena, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_maps_lists_and_scalars_with_their_places),
        TEST(counts_columns_in_characters),
        TEST(an_empty_document_is_nothing),
        TEST(plain_null_is_nothing_and_quoted_null_is_text),
        TEST(a_key_named_null_is_a_key),
        TEST(reads_the_first_of_several_documents),
        TEST(finds_nothing_where_there_is_no_map),
        TEST(reads_plain_numbers_only),
        TEST(reads_booleans_in_every_usual_spelling),
        TEST(names_kinds_for_messages),
        TEST(refuses_anchors_aliases_and_tags),
        TEST(refuses_a_key_that_stands_twice),
        TEST(refuses_keys_that_are_no_text),
        TEST(names_the_place_of_a_syntax_error),
        TEST(names_the_place_of_bytes_that_are_no_text),
        TEST(nests_64_deep_and_no_deeper),
        TEST(reads_a_map_of_many_keys),
        TEST(survives_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
