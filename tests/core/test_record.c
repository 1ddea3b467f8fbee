/* test_record.c - typed records, their schemas, and the way over the wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/pack.h"
#include "record.h"

static const th_field fields[] = {
    {"amount", TH_NUMBER, false}, {"day", TH_DATE, true},   {"extra", TH_JSON, true},
    {"firm", TH_BOOLEAN, false},  {"text", TH_TEXT, true}, {"units", TH_INTEGER, false},
};
static const th_schema prize = {"prize", fields, 6}, empty = {"mark", NULL, 0};
static const th_schema *const schemas[] = {&empty, &prize};

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

static th_value text_value(const char *text)
{
    th_value v = {0};

    v.text.data = text;
    v.text.len = strlen(text);
    return v;
}

/* Values of a good record of kind prize. */
static void fill(th_value v[6])
{
    v[0] = (th_value){.number = 1.5};
    v[1] = text_value("2024-02-29");
    v[2] = text_value("{\"a\": [1, null]}");
    v[3] = (th_value){.integer = 1};
    v[4] = text_value("奖励");
    v[5] = (th_value){.integer = INT64_MIN};
}

/* ---- names, types, dates ---- */

static void reads_types_and_their_question_mark(void **state)
{
    static const char *const bad[] = {"", "?", "int", "text??", "Text", "text ?", " text", "texts"};
    th_field field;
    (void)state;

    assert_true(th_type_parse("integer", &field));
    assert_int_equal(field.type, TH_INTEGER);
    assert_false(field.optional);
    assert_true(th_type_parse("json?", &field));
    assert_int_equal(field.type, TH_JSON);
    assert_true(field.optional);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(th_type_parse(bad[i], &field));
    assert_string_equal(th_type_name(TH_DATE), "date");
}

static void says_why_a_name_is_unfit(void **state)
{
    char longest[65];
    (void)state;

    memset(longest, 'a', 64);
    longest[64] = '\0';
    assert_string_equal(th_field_name_fault(longest), "is longer than 63 characters");
    longest[63] = '\0';
    assert_null(th_field_name_fault(longest));
    assert_null(th_field_name_fault("text"));
    assert_string_equal(th_field_name_fault("article_id"), "is a column every record table has");
    assert_string_equal(th_field_name_fault("stop"), "is a column every record table has");
    assert_string_equal(th_field_name_fault(""), "does not begin with a lower-case ASCII letter");
    assert_string_equal(th_field_name_fault("Units"), "does not begin with a lower-case ASCII letter");
    assert_string_equal(th_field_name_fault("套数"), "does not begin with a lower-case ASCII letter");
    assert_string_equal(th_field_name_fault("a\" b"), "has a character other than a-z, 0-9 and _");
    assert_null(th_kind_name_fault("region"));
    assert_string_equal(th_kind_name_fault("article"), "is a table of the core");
    assert_string_equal(th_kind_name_fault("failure"), "is a table of the core");
    assert_string_equal(th_kind_name_fault("sqlite_x"), "begins with sqlite_, which SQLite keeps for itself");
    assert_string_equal(th_kind_name_fault("x-y"), "has a character other than a-z, 0-9 and _");
}

static void finds_fields_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < 6; i++)
        assert_ptr_equal(th_schema_field(&prize, fields[i].name), &fields[i]);
    assert_null(th_schema_field(&prize, "unit"));
    assert_null(th_schema_field(&prize, "zzz"));
    assert_null(th_schema_field(&empty, "text"));
}

static void knows_real_days(void **state)
{
    static const char *const good[] = {"2024-02-29", "2000-02-29", "1999-12-31", "0001-01-01"};
    static const char *const bad[] = {"2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "2024-1-01",
                                      "2024/01/01", "2024-01-00", "0000-01-01", "2024-01-0x", "2024-01-011", "",
                                      "+024-01-01"};
    (void)state;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(th_date_is_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(th_date_is_valid(bad[i], strlen(bad[i])));
}

static void orders_records_by_span_then_values(void **state)
{
    th_value low[6], high[6], none[6], longer[6];
    (void)state;

    fill(low), fill(high), fill(none), fill(longer);
    high[5].integer = 3;
    none[4].is_null = true;
    longer[4] = text_value("奖励金");
    th_record r[] = {{&prize, 5, 9, low},    {&prize, 2, 9, low}, {&prize, 2, 8, longer},
                     {&prize, 2, 8, high}, {&prize, 2, 8, low}, {&prize, 2, 8, none}};

    qsort(r, 6, sizeof *r, th_record_compare);

    assert_ptr_equal(r[0].values, none);
    assert_ptr_equal(r[1].values, low);
    assert_ptr_equal(r[2].values, high);
    assert_ptr_equal(r[3].values, longer);
    assert_int_equal(r[4].stop, 9);
    assert_int_equal(r[5].start, 5);
    assert_int_equal(th_record_compare(&r[1], &r[1]), 0);
}

/* ---- the wire ---- */

static void write_one(th_str *out, const th_value *values, uint32_t start, uint32_t stop)
{
    th_record record = {&prize, start, stop, values};
    th_records list = {&record, 1, 1};

    th_records_write(&list, out);
    assert_true(th_str_ok(out));
}

static void records_come_back_as_they_were(void **state)
{
    th_records list = {0}, got = {0};
    th_value a[6], b[6];
    th_str s = {0};

    fill(a), fill(b);
    b[1].is_null = b[2].is_null = b[4].is_null = true;
    assert_true(th_records_add(&list, *state, (th_record){&prize, 0, 10, a}));
    assert_true(th_records_add(&list, *state, (th_record){&empty, 3, 3, NULL}));
    assert_true(th_records_add(&list, *state, (th_record){&prize, 7, 9, b}));
    th_records_write(&list, &s);
    assert_int_equal(th_records_read(&got, *state, schemas, 2, s.data, s.len, 10, NULL), TH_OK);
    memset(s.data, 0xEE, s.len); /* nothing is borrowed from the message */

    assert_int_equal(got.count, 3);
    assert_int_equal(th_record_compare(&got.items[0], &list.items[0]), 0);
    assert_ptr_equal(got.items[1].schema, &empty);
    assert_int_equal(got.items[1].start, 3);
    assert_int_equal(th_record_compare(&got.items[2], &list.items[2]), 0);
    assert_string_equal(got.items[0].values[4].text.data, "奖励");
    th_str_free(&s);
}

static void adds_to_what_the_list_holds(void **state)
{
    th_records got = {0};
    th_value v[6];
    th_str s = {0};

    fill(v);
    write_one(&s, v, 0, 1);
    for (int i = 1; i <= 40; i++) {
        assert_int_equal(th_records_read(&got, *state, schemas, 2, s.data, s.len, 1, NULL), TH_OK);
        assert_int_equal(got.count, i);
    }
    th_str_free(&s);
}

static void refused(void **state, const th_str *s, size_t len, size_t schema_count, const char *message)
{
    th_records got = {0};
    th_error err = {0};

    assert_int_equal(th_records_read(&got, *state, schemas, schema_count, s->data, len, 10, &err), TH_ERR_PARSE);
    assert_int_equal(got.count, 0);
    if (message)
        assert_string_equal(err.text, message);
}

static void refuses_spans_outside_the_text_and_unknown_kinds(void **state)
{
    th_value v[6];
    th_str s = {0};

    fill(v);
    write_one(&s, v, 5, 11);
    refused(state, &s, s.len, 2, "records from a worker are damaged: prize has the span 5..11 in 10 bytes");
    th_str_clear(&s);
    write_one(&s, v, 6, 5);
    refused(state, &s, s.len, 2, "records from a worker are damaged: prize has the span 6..5 in 10 bytes");
    th_str_clear(&s);
    write_one(&s, v, 0, 1);
    refused(state, &s, s.len, 1, "records from a worker are damaged: no kind prize");
    th_str_free(&s);
}

static void refuses_values_that_do_not_fit(void **state)
{
    static const struct {
        int field;
        const char *text; /* or NULL: missing */
        const char *message;
    } cases[] = {
        {1, "2023-02-29", "records from a worker are damaged: prize.day is not a date"},
        {2, "{\"a\":", "records from a worker are damaged: prize.extra is not JSON"},
        {2, "NaN", "records from a worker are damaged: prize.extra is not JSON"},
        {4, "\xFF", "records from a worker are damaged: prize.text is not UTF-8"},
        {5, NULL, "records from a worker are damaged: prize.units is missing"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        th_value v[6];
        th_str s = {0};
        fill(v);
        v[cases[i].field] = cases[i].text ? text_value(cases[i].text) : (th_value){.is_null = true};
        write_one(&s, v, 0, 1);
        refused(state, &s, s.len, 2, cases[i].message);
        th_str_free(&s);
    }
}

static void refuses_numbers_that_are_none_and_third_truths(void **state)
{
    th_value v[6];
    th_str s = {0};

    fill(v);
    v[0].number = NAN;
    write_one(&s, v, 0, 1);
    refused(state, &s, s.len, 2, "records from a worker are damaged: prize.amount is not a finite number");
    fill(v);
    v[3].integer = 2;
    th_str_clear(&s);
    write_one(&s, v, 0, 1);
    refused(state, &s, s.len, 2, "records from a worker are damaged: prize.firm is neither 0 nor 1");
    th_str_free(&s);
}

static void refuses_every_message_cut_short_or_with_more_behind(void **state)
{
    th_value v[6];
    th_str s = {0};

    fill(v);
    write_one(&s, v, 0, 1);
    for (size_t cut = 0; cut < s.len; cut++)
        refused(state, &s, cut, 2, NULL);
    th_str_putc(&s, 'x');
    refused(state, &s, s.len, 2,
            "records from a worker are damaged: the bytes do not end where they should");
    th_str_free(&s);
}

static void refuses_a_count_beyond_the_message(void **state)
{
    th_str s = {0};

    th_records_write(&(th_records){0}, &s);
    memset(s.data + 4, 0xFF, 4);
    refused(state, &s, s.len, 2, "records from a worker are damaged: the bytes do not end where they should");
    th_str_free(&s);
}

static void survives_any_change_of_a_byte(void **state)
{
    th_value v[6];
    th_str s = {0};

    fill(v);
    write_one(&s, v, 0, 1);
    for (size_t i = 0; i < s.len; i++)
        for (int b = 0; b < 256; b += 3) {
            th_records got = {0};
            char *copy = malloc(s.len);
            memcpy(copy, s.data, s.len);
            copy[i] = (char)b;
            th_status status = th_records_read(&got, *state, schemas, 2, copy, s.len, 10, NULL);
            assert_true(status == TH_OK || status == TH_ERR_PARSE);
            free(copy);
            th_arena_reset(*state);
        }
    th_str_free(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, new_arena, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_types_and_their_question_mark),
        TEST(says_why_a_name_is_unfit),
        TEST(finds_fields_by_name),
        TEST(knows_real_days),
        TEST(orders_records_by_span_then_values),
        TEST(records_come_back_as_they_were),
        TEST(adds_to_what_the_list_holds),
        TEST(refuses_spans_outside_the_text_and_unknown_kinds),
        TEST(refuses_values_that_do_not_fit),
        TEST(refuses_numbers_that_are_none_and_third_truths),
        TEST(refuses_every_message_cut_short_or_with_more_behind),
        TEST(refuses_a_count_beyond_the_message),
        TEST(survives_any_change_of_a_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
