/* test_words.c - the catalogue of Chinese sentences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/str.h"
#include "base/words.h"

/* The conversions of a format, without flags, width and precision: "zu s d". */
static void conversions(const char *format, th_str *out)
{
    th_str_clear(out);
    for (const char *p = format; *p; p++) {
        if (*p != '%')
            continue;
        p++;
        p += strspn(p, "-+ #0123456789.");
        size_t len = strspn(p, "hlzjt") + 1;
        th_str_add(out, p, len);
        th_str_putc(out, ' ');
        p += len - 1;
    }
}

static void every_pair_takes_the_same_values(void **state)
{
    size_t count;
    const th_word_pair *pairs = th_words_all(&count);
    th_str english = {0}, chinese = {0};
    (void)state;

    assert_true(count > 100);
    for (size_t i = 0; i < count; i++) {
        conversions(pairs[i].english, &english);
        conversions(pairs[i].chinese, &chinese);
        if (strcmp(th_str_text(&english), th_str_text(&chinese)) != 0)
            fail_msg("\"%s\" takes %s, its Chinese %s", pairs[i].english, th_str_text(&english), th_str_text(&chinese));
        for (size_t k = 0; k < i; k++)
            if (strcmp(pairs[i].english, pairs[k].english) == 0)
                fail_msg("\"%s\" stands there twice", pairs[i].english);
    }
    th_str_free(&english);
    th_str_free(&chinese);
}

static void words_follow_the_language(void **state)
{
    (void)state;

    assert_string_equal(th_words("date"), "date");
    th_lang_set("zh");
    assert_string_equal(th_lang(), "zh");
    assert_string_equal(th_words("date"), "日期");
    assert_string_equal(th_words("no such sentence"), "no such sentence");
    th_lang_set("en");
    assert_string_equal(th_words("date"), "date");
}

static void errors_are_said_in_the_language(void **state)
{
    th_error err = {0};
    (void)state;

    th_lang_set("zh");
    th_error_set(&err, TH_ERR_MISSING, "%s: no such database; `talenthost run` makes it", "a.db");
    th_lang_set("en");

    assert_string_equal(err.text, "a.db: 数据库不存在；运行 `talenthost run` 建立");
}

static void set_locale(const char *all, const char *messages, const char *lang)
{
    setenv("LC_ALL", all, 1);
    setenv("LC_MESSAGES", messages, 1);
    setenv("LANG", lang, 1);
}

static void the_locale_is_read_in_its_order(void **state)
{
    (void)state;

    set_locale("", "", "zh_CN.UTF-8");
    assert_string_equal(th_lang_of_locale(), "zh");
    set_locale("", "en_GB.UTF-8", "zh_CN.UTF-8");
    assert_string_equal(th_lang_of_locale(), "en");
    set_locale("zh_TW", "C", "C");
    assert_string_equal(th_lang_of_locale(), "zh");
    set_locale("", "", "");
    assert_string_equal(th_lang_of_locale(), "en");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_takes_the_same_values),
        cmocka_unit_test(words_follow_the_language),
        cmocka_unit_test(errors_are_said_in_the_language),
        cmocka_unit_test(the_locale_is_read_in_its_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
