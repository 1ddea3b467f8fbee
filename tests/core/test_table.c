/* test_table.c - tables as aligned text, CSV and JSON. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/table.h"
#include "text/json.h"

static bool put(th_table *table, const char *text)
{
    return th_table_text(table, text, strlen(text));
}

static th_table *region_table(void)
{
    static const char *const names[] = {"region", "homes", "note"};
    th_table *table = th_table_new(names, 3);

    th_table_row(table);
    put(table, "甲区");
    th_table_integer(table, 1200);
    put(table, "共三处");
    th_table_row(table);
    put(table, "East");
    th_table_number(table, 7.5);
    return table;
}

static void check_print(th_table *table, size_t width, const char *want)
{
    th_str out = {0};

    th_table_print(table, &out, width);

    assert_string_equal(th_str_text(&out), want);
    th_str_free(&out);
    th_table_free(table);
}

static void check_csv(th_table *table, const char *want)
{
    th_str out = {0};

    th_table_csv(table, &out);

    assert_string_equal(th_str_text(&out), want);
    th_str_free(&out);
    th_table_free(table);
}

static void aligns_by_display_width_and_numbers_to_the_right(void **state)
{
    (void)state;

    check_print(region_table(), 0,
                "region  homes  note\n"
                "甲区     1200  共三处\n"
                "East      7.5\n");
}

static void prints_the_title_above_the_table(void **state)
{
    th_table *table = region_table();
    (void)state;

    assert_true(th_table_set_title(table, "Homes\nby region"));

    check_print(table, 0,
                "Homes by region\n"
                "region  homes  note\n"
                "甲区     1200  共三处\n"
                "East      7.5\n");
}

static void cuts_the_widest_text_column_to_the_terminal(void **state)
{
    static const char *const names[] = {"id", "sentence"};
    th_table *table = th_table_new(names, 2);
    (void)state;

    th_table_row(table);
    th_table_integer(table, 1);
    put(table, "全区新建公寓一千二百套用于安置青年");

    check_print(table, 16,
                "id  sentence\n"
                " 1  全区新建公…\n");
}

static void leaves_narrow_columns_and_numbers_whole_however_small_the_terminal(void **state)
{
    (void)state;

    check_print(region_table(), 3,
                "region  homes  note\n"
                "甲区     1200  共三处\n"
                "East      7.5\n");
}

static void puts_line_breaks_and_escape_codes_of_a_cell_to_rest(void **state)
{
    static const char *const names[] = {"text"};
    th_table *table = th_table_new(names, 1);
    (void)state;

    th_table_row(table);
    put(table, "a\r\nb\x1b[31mc\td");
    th_table_row(table);
    th_table_text(table, "x\xff\0y", 4);

    check_print(table, 0, "text\na b [31mc d\nx\xEF\xBF\xBD y\n");
}

static void quotes_csv_where_needed_and_disarms_formulas(void **state)
{
    static const char *const names[] = {"a,b", "say \"x\"", "n"};
    th_table *table = th_table_new(names, 3);
    (void)state;

    th_table_row(table);
    put(table, "=SUM(A1)");
    put(table, "two\nlines");
    th_table_number(table, -5);
    th_table_row(table);
    put(table, "@x,y");
    put(table, "");
    th_table_empty(table);
    th_table_row(table);
    put(table, "\tz");

    check_csv(table, "\"a,b\",\"say \"\"x\"\"\",n\r\n"
                     "'=SUM(A1),\"two\nlines\",-5\r\n"
                     "\"'@x,y\",,\r\n"
                     "'\tz,,\r\n");
}

static void writes_csv_numbers_with_fifteen_digits_and_no_number_for_nan(void **state)
{
    static const char *const names[] = {"a", "b", "c"};
    th_table *table = th_table_new(names, 3);
    (void)state;

    th_table_row(table);
    th_table_number(table, 0.1 + 0.2);
    th_table_number(table, 99540000.0);
    th_table_number(table, NAN);

    check_csv(table, "a,b,c\r\n0.3,99540000,\r\n");
}

static void writes_json_objects_one_a_line(void **state)
{
    th_table *table = region_table();
    th_str out = {0};
    (void)state;

    th_table_json(table, &out);

    assert_string_equal(th_str_text(&out), "[\n"
                                           "{\"region\":\"甲区\",\"homes\":1200,\"note\":\"共三处\"},\n"
                                           "{\"region\":\"East\",\"homes\":7.5,\"note\":null}\n"
                                           "]\n");
    th_str_free(&out);
    th_table_free(table);
}

static void writes_an_empty_table_as_an_empty_array(void **state)
{
    static const char *const names[] = {"a"};
    th_table *table = th_table_new(names, 1);
    th_str out = {0};
    (void)state;

    th_table_json(table, &out);

    assert_string_equal(th_str_text(&out), "[]\n");
    th_str_free(&out);
    th_table_free(table);
}

static void escapes_json_text_and_mends_damaged_bytes(void **state)
{
    th_str out = {0};
    (void)state;

    th_json_text(&out, "\"\\\n\t\x01\xE4\xB8", 7);

    assert_string_equal(th_str_text(&out), "\"\\\"\\\\\\n\\t\\u0001\xEF\xBF\xBD\xEF\xBF\xBD\"");
    th_str_free(&out);
}

static void writes_json_numbers_that_read_back_the_same(void **state)
{
    th_str out = {0};
    (void)state;

    th_json_number(&out, 0.1);
    th_str_putc(&out, ' ');
    th_json_number(&out, 0.1 + 0.2);
    th_str_putc(&out, ' ');
    th_json_number(&out, INFINITY);
    th_str_putc(&out, ' ');
    th_json_number(&out, 1200);

    assert_string_equal(th_str_text(&out), "0.1 0.30000000000000004 null 1200");
    th_str_free(&out);
}

static void refuses_a_cell_before_a_row_and_beyond_the_last_column(void **state)
{
    static const char *const names[] = {"a"};
    th_table *table = th_table_new(names, 1);
    (void)state;

    assert_false(put(table, "x"));
    assert_true(th_table_row(table));
    assert_true(put(table, "x"));
    assert_false(put(table, "y"));
    assert_false(th_table_empty(table));

    assert_int_equal(th_table_rows(table), 1);
    assert_int_equal(th_table_columns(table), 1);
    th_table_free(table);
    th_table_free(NULL);
}

static void a_table_without_columns_prints_empty_lines_only(void **state)
{
    th_table *table = th_table_new(NULL, 0);
    (void)state;

    assert_true(th_table_row(table));
    assert_false(th_table_integer(table, 1));

    check_print(table, 10, "\n\n");
}

static void a_pipe_is_no_terminal(void **state)
{
    FILE *fp = tmpfile();
    (void)state;

    assert_int_equal(th_terminal_width(fp), 0);
    fclose(fp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aligns_by_display_width_and_numbers_to_the_right),
        cmocka_unit_test(prints_the_title_above_the_table),
        cmocka_unit_test(cuts_the_widest_text_column_to_the_terminal),
        cmocka_unit_test(leaves_narrow_columns_and_numbers_whole_however_small_the_terminal),
        cmocka_unit_test(puts_line_breaks_and_escape_codes_of_a_cell_to_rest),
        cmocka_unit_test(quotes_csv_where_needed_and_disarms_formulas),
        cmocka_unit_test(writes_csv_numbers_with_fifteen_digits_and_no_number_for_nan),
        cmocka_unit_test(writes_json_objects_one_a_line),
        cmocka_unit_test(writes_an_empty_table_as_an_empty_array),
        cmocka_unit_test(escapes_json_text_and_mends_damaged_bytes),
        cmocka_unit_test(writes_json_numbers_that_read_back_the_same),
        cmocka_unit_test(refuses_a_cell_before_a_row_and_beyond_the_last_column),
        cmocka_unit_test(a_table_without_columns_prints_empty_lines_only),
        cmocka_unit_test(a_pipe_is_no_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
