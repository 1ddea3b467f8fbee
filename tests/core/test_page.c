/* test_page.c - templates and what may not break out of its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/page.h"

static void fill(const char *template, th_slot_kind kind, const char *text, const char *want)
{
    th_slot slot = {"x", kind, text, strlen(text)};
    th_str out = {0};
    th_error err = {0};

    assert_int_equal(th_page_fill(&out, "t.html", template, strlen(template), &slot, 1, &err), TH_OK);
    assert_string_equal(th_str_text(&out), want);
    th_str_free(&out);
}

static void fills_each_place_and_leaves_the_rest(void **state)
{
    (void)state;
    fill("a {{x}} b {{x}} { }} {{", TH_SLOT_TEXT, "1", "a 1 b 1 { }} {{");
}

static void escapes_text_for_html(void **state)
{
    (void)state;
    fill("<b>{{x}}</b>", TH_SLOT_TEXT, "<i>&\"", "<b>&lt;i&gt;&amp;&quot;</b>");
}

static void keeps_json_from_ending_its_script(void **state)
{
    (void)state;
    fill("{{x}}", TH_SLOT_JSON, "[\"</script><!-- 人 -->\"]", "[\"\\u003c/script>\\u003c!-- 人 -->\"]");
}

static void keeps_programs_and_styles_from_ending_their_element(void **state)
{
    (void)state;
    fill("{{x}}", TH_SLOT_SCRIPT, "a='</SCRIPT>'; b='</b>'", "a='<\\/SCRIPT>'; b='</b>'");
    fill("{{x}}", TH_SLOT_STYLE, "/* </style> */", "/* <\\/style> */");
}

static void does_not_read_what_it_filled_in_as_template(void **state)
{
    (void)state;
    fill("{{x}}", TH_SLOT_TEXT, "{{y}}", "{{y}}");
}

static void names_a_place_that_nothing_fills(void **state)
{
    th_str out = {0};
    th_error err = {0};
    (void)state;

    assert_int_equal(th_page_fill(&out, "t.html", "{{who}}", 7, NULL, 0, &err), TH_ERR_USAGE);
    assert_string_equal(err.text, "t.html: nothing is known to fill {{who}}");
    th_str_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_each_place_and_leaves_the_rest),
        cmocka_unit_test(escapes_text_for_html),
        cmocka_unit_test(keeps_json_from_ending_its_script),
        cmocka_unit_test(keeps_programs_and_styles_from_ending_their_element),
        cmocka_unit_test(does_not_read_what_it_filled_in_as_template),
        cmocka_unit_test(names_a_place_that_nothing_fills),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
