/* test_xlsx.c - tables as a workbook, read back from the zip that it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "report/table.h"
#include "report/xlsx.h"

static char folder[] = "/tmp/talenthost-xlsx-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/t.xlsx", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

/* What the file of the workbook named `member` holds. */
static void read_member(th_str *out, const char *member)
{
    char command[256], buffer[4096];
    size_t got;

    snprintf(command, sizeof command, "python3 -c \"import zipfile,sys; sys.stdout.write(zipfile.ZipFile('%s').read('%s').decode())\"", path, member);
    FILE *fp = popen(command, "r");
    assert_non_null(fp);
    while ((got = fread(buffer, 1, sizeof buffer, fp)) > 0)
        th_str_add(out, buffer, got);
    assert_int_equal(pclose(fp), 0);
}

static void assert_member_holds(const char *member, const char *text)
{
    th_str content = {0};

    read_member(&content, member);
    if (!strstr(th_str_text(&content), text))
        fail_msg("%s does not hold %s: %.2000s", member, text, th_str_text(&content));
    th_str_free(&content);
}

static void text(th_table *table, const char *s)
{
    assert_true(th_table_text(table, s, strlen(s)));
}

static th_table *figures(void)
{
    static const char *const names[] = {"region", "homes", "record"};
    th_table *t = th_table_new(names, 3);

    th_table_set_title(t, "Figures: 2024/25");
    th_table_row(t);
    text(t, "=cmd()");
    th_table_integer(t, 5200);
    th_table_show(t, ">", "套");
    th_table_link(t, "metric:7");
    text(t, "metric:7");
    th_table_link(t, "metric:7");
    return t;
}

static th_table *evidence(void)
{
    static const char *const names[] = {"record", "sentence"};
    th_table *t = th_table_new(names, 2);

    th_table_set_title(t, "Evidence");
    th_table_set_key(t, "record");
    th_table_row(t);
    text(t, "metric:7");
    text(t, "去年建成超5200套。");
    return t;
}

static void writes_a_sheet_for_each_table_with_units_and_links(void **state)
{
    th_table *tables[] = {figures(), evidence()};
    th_error err = {0};
    (void)state;

    assert_int_equal(th_xlsx_write(path, folder, (const th_table *const *)tables, 2, &err), TH_OK);

    assert_member_holds("xl/workbook.xml", "name=\"Figures  2024 25\"");
    assert_member_holds("xl/workbook.xml", "name=\"Evidence\"");
    assert_member_holds("xl/worksheets/sheet1.xml", "<v>5200</v>");
    assert_member_holds("xl/worksheets/sheet1.xml", "location=\"'Evidence'!A2\"");
    assert_member_holds("xl/worksheets/sheet1.xml", "state=\"frozen\"");
    assert_member_holds("xl/styles.xml", "&quot;&gt; &quot;#,##0&quot; 套&quot;");
    assert_member_holds("xl/sharedStrings.xml", "=cmd()");
    th_table_free(tables[0]);
    th_table_free(tables[1]);
}

static void gives_sheets_of_one_name_different_ones(void **state)
{
    th_table *tables[] = {evidence(), evidence()};
    th_error err = {0};
    (void)state;

    assert_int_equal(th_xlsx_write(path, folder, (const th_table *const *)tables, 2, &err), TH_OK);

    assert_member_holds("xl/workbook.xml", "name=\"Evidence 2\"");
    th_table_free(tables[0]);
    th_table_free(tables[1]);
}

static void cuts_a_text_longer_than_a_cell_may_hold_and_mends_damaged_bytes(void **state)
{
    static const char *const names[] = {"text"};
    th_table *t = th_table_new(names, 1);
    char *long_text = malloc(40000);
    th_error err = {0};
    (void)state;

    memset(long_text, 'x', 39999);
    long_text[39999] = '\0';
    th_table_row(t);
    text(t, long_text);
    th_table_row(t);
    text(t, "a\xff\x01z");

    assert_int_equal(th_xlsx_write(path, folder, (const th_table *const *)&t, 1, &err), TH_OK);
    assert_member_holds("xl/sharedStrings.xml", "xxx…</t>");
    assert_member_holds("xl/sharedStrings.xml", "a\xef\xbf\xbd z");
    th_table_free(t);
    free(long_text);
}

static void names_the_file_that_can_not_be_written(void **state)
{
    th_table *t = evidence();
    th_error err = {0};
    (void)state;

    assert_int_equal(th_xlsx_write("/nowhere/at/all.xlsx", folder, (const th_table *const *)&t, 1, &err), TH_ERR_IO);
    assert_non_null(strstr(err.text, "/nowhere/at/all.xlsx: can not be written: "));
    th_table_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_sheet_for_each_table_with_units_and_links),
        cmocka_unit_test(gives_sheets_of_one_name_different_ones),
        cmocka_unit_test(cuts_a_text_longer_than_a_cell_may_hold_and_mends_damaged_bytes),
        cmocka_unit_test(names_the_file_that_can_not_be_written),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
