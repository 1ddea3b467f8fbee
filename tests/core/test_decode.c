/* Which encoding bytes are in, at every length, and what becomes of damage. */
#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load/decode.h"
#include "text/unicode.h"

static const char simplified[] =
    "云岭市今年引进高层次人才1200名，发放安家补贴3600万元。市委人才办负责人介绍，当地把人才工作放在优先位置，"
    "出台“引育用留”二十条措施，建成人才公寓五千套，为企业解决用工、融资、住房等困难。\n"
    "下一步，全市将围绕新材料、生物医药、装备制造等产业，继续完善服务体系，让各类人才安心创业、舒心生活。\n";
static const char traditional[] =
    "市政府今年推動人才培育計畫，預計投入經費三億元，協助青年就業與創業。勞動局表示，將結合大學與產業界，"
    "開辦專業課程一百二十班，並提供住宿津貼，吸引海外專業人士回國服務。\n"
    "議員認為，地方應該重視產業發展與生活環境，才能真正留住人才，讓青年願意在這裡成家立業。\n";

/* `text` in `encoding`; the caller frees it. */
static char *encode(const char *encoding, const char *text, size_t len, size_t *out_len)
{
    iconv_t cd = iconv_open(encoding, "UTF-8");
    char *out = malloc(len * 4 + 16), *to = out, *in = (char *)text;
    size_t left = len, room = len * 4 + 16;

    assert_true(cd != (iconv_t)-1);
    assert_int_not_equal(iconv(cd, &in, &left, &to, &room), (size_t)-1);
    iconv_close(cd);
    *out_len = (size_t)(to - out);
    return out;
}

/* Decode; the text as the loader normalises it goes to `out`, the damaged bytes are counted. */
static th_status decode(const char *bytes, size_t len, th_str *out, th_encoding *encoding, size_t *replaced)
{
    th_str raw = {0};
    th_normal_stats stats = {0};
    th_error err = {0};
    th_status status = th_decode(&raw, encoding, "x", bytes, len, &err);

    th_str_clear(out);
    if (status == TH_OK)
        status = th_text_normalise(out, th_str_text(&raw), raw.len, &stats, &err);
    th_str_free(&raw);
    *replaced = stats.replaced;
    return status;
}

static size_t step_of(const char *text, size_t len, size_t from)
{
    size_t pos = from;

    th_utf8_next(text, len, &pos);
    return pos - from;
}

/* Every stretch of `chars` characters of the text comes back from the encoding as it was. Returns how many did not. */
static size_t count_wrong(const char *encoding, const char *text, size_t chars, size_t *tried)
{
    size_t len = strlen(text), wrong = 0;
    th_str got = {0};

    *tried = 0;
    for (size_t from = 0; from < len; from += step_of(text, len, from)) {
        size_t to = from, n = 0, size, replaced;
        for (; n < chars && to < len; n++)
            to += step_of(text, len, to);
        if (n < chars || text[from] == '\n')
            break;
        char *bytes = encode(encoding, text + from, to - from, &size);
        th_encoding found;
        bool same = decode(bytes, size, &got, &found, &replaced) == TH_OK && !replaced && got.len == to - from &&
                    memcmp(got.data, text + from, got.len) == 0;
        wrong += !same;
        ++*tried;
        free(bytes);
    }
    th_str_free(&got);
    return wrong;
}

static void tells_encodings_from_a_few_characters_on(void **state)
{
    static const struct {
        const char *encoding, *text;
        size_t sure; /* from so many characters on no stretch may be misread */
    } cases[] = {{"GB18030", simplified, 2},     {"GBK", simplified, 2},      {"GB2312", simplified, 2},
                 {"BIG5", traditional, 8},       {"BIG5-HKSCS", traditional, 8}, {"UTF-16LE", simplified, 10},
                 {"UTF-16BE", simplified, 10},    {"UTF-16LE", traditional, 10}, {"UTF-8", simplified, 1}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t chars = cases[i].sure; chars <= 60; chars++) {
            size_t tried, wrong = count_wrong(cases[i].encoding, cases[i].text, chars, &tried);
            if (wrong || !tried)
                fail_msg("%s, %zu characters: %zu of %zu stretches misread", cases[i].encoding, chars, wrong, tried);
        }
}

static void a_declaration_never_outweighs_the_bytes(void **state)
{
    static const char *const declared[] = {"utf-8", "gb2312", "big5", "gbk", "iso-8859-1", "none"};
    static const char *const encodings[] = {"UTF-8", "GB18030", "UTF-16LE"};
    th_str got = {0};
    (void)state;

    for (size_t i = 0; i < sizeof declared / sizeof *declared; i++)
        for (size_t k = 0; k < sizeof encodings / sizeof *encodings; k++) {
            char page[2048];
            int n = snprintf(page, sizeof page, "<html><meta charset=\"%s\"><p>%s</p></html>", declared[i], simplified);
            size_t size, replaced;
            th_encoding found;
            char *bytes = encode(encodings[k], page, (size_t)n, &size);
            assert_int_equal(decode(bytes, size, &got, &found, &replaced), TH_OK);
            assert_string_equal(got.data, page);
            assert_string_equal(found.name, encodings[k]);
            free(bytes);
        }
    th_str_free(&got);
}

static void reads_characters_beyond_the_declared_set(void **state)
{
    static const char page[] = "<meta charset=gb2312><p>朱镕基、陶喆、李焜、王珺与张堃出席了云岭市人才工作会议，𠮷野县代表也到会。</p>";
    static const char hong_kong[] = "<p>深水埗、鰂魚涌、大角咀及屯門區議會昨日討論青年人才住宿計劃，議員表示支持。</p>";
    size_t size, replaced;
    th_encoding found;
    th_str got = {0};
    (void)state;

    char *bytes = encode("GB18030", page, strlen(page), &size);
    assert_int_equal(decode(bytes, size, &got, &found, &replaced), TH_OK);
    assert_string_equal(got.data, page);
    free(bytes);

    bytes = encode("BIG5-HKSCS", hong_kong, strlen(hong_kong), &size);
    assert_int_equal(decode(bytes, size, &got, &found, &replaced), TH_OK);
    assert_string_equal(got.data, hong_kong);
    assert_string_equal(found.name, "BIG5");
    free(bytes);
    th_str_free(&got);
}

/* The characters of `text` that `got` begins and ends with. */
static size_t count_kept(const char *text, const th_str *got)
{
    size_t len = strlen(text), least = got->len < len ? got->len : len, head = 0, tail = 0;

    while (head < least && text[head] == got->data[head])
        head++;
    while (tail < least - head && text[len - 1 - tail] == got->data[got->len - 1 - tail])
        tail++;
    return th_utf8_count(text, head) + th_utf8_count(text + len - tail, tail);
}

static void a_lost_or_wrong_byte_costs_its_neighbours_only_and_is_counted(void **state)
{
    static const struct {
        const char *encoding, *text;
    } cases[] = {{"GB18030", simplified}, {"UTF-8", simplified}, {"BIG5", traditional}, {"UTF-8", traditional}};
    th_str got = {0};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size, chars = th_utf8_count(cases[i].text, strlen(cases[i].text));
        char *bytes = encode(cases[i].encoding, cases[i].text, strlen(cases[i].text), &size), *copy = malloc(size);
        size_t silent = 0;
        for (size_t lost = 0; lost < size; lost++) {
            size_t replaced;
            th_encoding found;
            if (!(bytes[lost] & 0x80))
                continue;
            memcpy(copy, bytes, lost);
            memcpy(copy + lost, bytes + lost + 1, size - lost - 1);
            assert_int_equal(decode(copy, size - 1, &got, &found, &replaced), TH_OK);
            assert_string_equal(found.name, cases[i].encoding);
            if (count_kept(cases[i].text, &got) + 12 < chars)
                fail_msg("%s without byte %zu: %s", cases[i].encoding, lost, got.data);
            silent += !replaced;
        }
        /* The rest of a torn character may make one with its neighbour, or in Big5 a letter; else the loss is seen. */
        if (strcmp(cases[i].encoding, "BIG5") && silent * 20 > size)
            fail_msg("%s: %zu of %zu lost bytes were not noticed", cases[i].encoding, silent, size);
        for (size_t wrong = 0; wrong < size; wrong++) {
            size_t replaced;
            th_encoding found;
            if (!(bytes[wrong] & 0x80))
                continue;
            memcpy(copy, bytes, size);
            copy[wrong] = '\xff';
            assert_int_equal(decode(copy, size, &got, &found, &replaced), TH_OK);
            assert_true(replaced >= 1);
            assert_true(count_kept(cases[i].text, &got) + 12 >= chars);
        }
        free(bytes);
        free(copy);
    }
    th_str_free(&got);
}

static void a_text_cut_off_anywhere_keeps_what_is_there(void **state)
{
    static const char *const encodings[] = {"GB18030", "UTF-8", "UTF-16LE", "UTF-16BE"};
    th_str got = {0};
    (void)state;

    for (size_t k = 0; k < sizeof encodings / sizeof *encodings; k++) {
        size_t size;
        char *bytes = encode(encodings[k], simplified, strlen(simplified), &size);
        for (size_t len = 40; len < size; len++) {
            size_t replaced, same = 0;
            th_encoding found;
            assert_int_equal(decode(bytes, len, &got, &found, &replaced), TH_OK);
            while (same < got.len && got.data[same] == simplified[same])
                same++;
            if (got.len - same > 6) /* one replacement character, or the beginning of one that shares its first bytes */
                fail_msg("%s cut at %zu: %s", encodings[k], len, got.data);
            assert_true(replaced <= 2);
        }
        free(bytes);
    }
    th_str_free(&got);
}

static void damaged_utf16_is_read_up_to_its_damage_and_on(void **state)
{
    static const char bytes[] = "\xff\xfe\xba\x4e\x00\xd8\x4d\x62\x0a\x00\x58";
    size_t replaced;
    th_encoding found;
    th_str got = {0};
    (void)state;

    assert_int_equal(decode(bytes, sizeof bytes - 1, &got, &found, &replaced), TH_OK);

    assert_string_equal(got.data, "人\xef\xbf\xbd才\n\xef\xbf\xbd");
    assert_int_equal(replaced, 2);
    th_str_free(&got);
}

static void a_nul_makes_no_utf16_of_a_plain_text(void **state)
{
    static const char bytes[] = "Talent policy in one\0line of plain text, saved badly.";
    size_t replaced;
    th_encoding found;
    th_str got = {0};
    (void)state;

    assert_int_equal(decode(bytes, sizeof bytes - 1, &got, &found, &replaced), TH_OK);

    assert_string_equal(found.name, "UTF-8");
    assert_string_equal(got.data, "Talent policy in oneline of plain text, saved badly.");
    th_str_free(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_encodings_from_a_few_characters_on),
        cmocka_unit_test(a_declaration_never_outweighs_the_bytes),
        cmocka_unit_test(reads_characters_beyond_the_declared_set),
        cmocka_unit_test(a_lost_or_wrong_byte_costs_its_neighbours_only_and_is_counted),
        cmocka_unit_test(a_text_cut_off_anywhere_keeps_what_is_there),
        cmocka_unit_test(damaged_utf16_is_read_up_to_its_damage_and_on),
        cmocka_unit_test(a_nul_makes_no_utf16_of_a_plain_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
