/* Streams: what is in view, what is taken, how reading ends; and what the first bytes of a file tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "load/sniff.h"
#include "load/stream.h"

/* Gives "0123456789" again and again, three bytes a read, `left` bytes in all; then an end or a failure. */
typedef struct drip {
    size_t at, left;
    bool fails;
    size_t reads;
} drip;

static ssize_t drip_read(void *ctx, char *to, size_t max, th_error *err)
{
    drip *d = ctx;
    size_t n = d->left < 3 ? d->left : 3;

    d->reads++;
    if (!n && d->fails) {
        th_error_set(err, TH_ERR_PARSE, "drip: broken");
        return -1;
    }
    for (size_t i = 0; i < n && i < max; i++)
        to[i] = (char)('0' + (d->at + i) % 10);
    d->at += n;
    d->left -= n;
    return (ssize_t)n;
}

static void count_call(void *ctx)
{
    ++*(size_t *)ctx;
}

static void shows_as_much_as_is_wanted(void **state)
{
    drip d = {.left = 25};
    th_stream s;
    const char *bytes;
    size_t len, calls = 0;
    (void)state;

    th_stream_reader(&s, "drip", drip_read, &d);
    s.alive = count_call;
    s.alive_ctx = &calls;

    assert_int_equal(th_stream_peek(&s, 7, &bytes, &len, NULL), TH_OK);
    assert_true(len >= 7 && len < 25);
    assert_memory_equal(bytes, "0123456", 7);
    assert_int_equal(calls, d.reads);
    th_stream_take(&s, 5);
    assert_int_equal(th_stream_peek(&s, 100, &bytes, &len, NULL), TH_OK);
    assert_int_equal(len, 20);
    assert_memory_equal(bytes, "56789012345678901234", 20);
    th_stream_take(&s, 20);
    assert_int_equal(s.taken, 25);
    assert_int_equal(th_stream_peek(&s, 1, &bytes, &len, NULL), TH_OK);
    assert_int_equal(len, 0);
    th_stream_close(&s);
}

static void keeps_what_was_in_view_when_it_grows(void **state)
{
    size_t size = 3 << 20, at = 0, len;
    char *all = malloc(size);
    th_stream s;
    const char *bytes;
    (void)state;
    assert_non_null(all);
    for (size_t i = 0; i < size; i++)
        all[i] = (char)(i * 7 + i / 1000);
    char name[] = "/tmp/th-stream-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, all, size), size);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);

    th_stream_fd(&s, name, fd);
    for (size_t want = 1; at < size; want = want * 3 + 1) {
        assert_int_equal(th_stream_peek(&s, want, &bytes, &len, NULL), TH_OK);
        assert_true(len >= want || at + len == size);
        assert_memory_equal(bytes, all + at, len);
        size_t n = len / 2 + 1;
        th_stream_take(&s, n);
        at += n;
    }

    th_stream_close(&s);
    close(fd);
    unlink(name);
    free(all);
}

static void a_failure_is_kept(void **state)
{
    drip d = {.left = 5, .fails = true};
    th_stream s;
    const char *bytes;
    size_t len;
    th_error err = {0}, again = {0};
    (void)state;

    th_stream_reader(&s, "drip", drip_read, &d);

    assert_int_equal(th_stream_peek(&s, 9, &bytes, &len, &err), TH_ERR_PARSE);
    assert_string_equal(err.text, "drip: broken");
    assert_int_equal(len, 5);
    assert_int_equal(th_stream_peek(&s, 9, &bytes, &len, &again), TH_ERR_PARSE);
    th_stream_close(&s);
}

static void a_refusal_of_the_system_is_told(void **state)
{
    th_stream s;
    const char *bytes;
    size_t len;
    th_error err = {0};
    int pipes[2];
    (void)state;
    assert_int_equal(pipe(pipes), 0);

    th_stream_fd(&s, "pipe", pipes[1]);

    assert_int_equal(th_stream_peek(&s, 1, &bytes, &len, &err), TH_ERR_UNREADABLE);
    assert_string_equal(err.text, "pipe: can not be read: Bad file descriptor");
    th_stream_close(&s);
    close(pipes[0]);
    close(pipes[1]);
}

static void the_rest_has_a_limit(void **state)
{
    drip d = {.left = 1000000};
    th_stream s;
    const char *bytes;
    size_t len;
    th_error err = {0};
    (void)state;

    th_stream_reader(&s, "drip", drip_read, &d);
    assert_int_equal(th_stream_rest(&s, 999999, &bytes, &len, &err), TH_ERR_BOMB);
    assert_string_equal(err.text, "drip: more than 999999 bytes, which one article may not have");
    th_stream_close(&s);

    d = (drip){.left = 1000000};
    th_stream_reader(&s, "drip", drip_read, &d);
    assert_int_equal(th_stream_rest(&s, 1000000, &bytes, &len, NULL), TH_OK);
    assert_int_equal(len, 1000000);
    assert_int_equal(bytes[999999], '9');
    th_stream_close(&s);
}

static void memory_is_not_copied(void **state)
{
    static const char text[] = "some text";
    th_stream s;
    const char *bytes;
    size_t len;
    (void)state;

    th_stream_memory(&s, "m", text, sizeof text - 1);

    assert_int_equal(th_stream_peek(&s, 5, &bytes, &len, NULL), TH_OK);
    assert_ptr_equal(bytes, text);
    assert_int_equal(len, sizeof text - 1);
    th_stream_take(&s, 5);
    assert_int_equal(th_stream_rest(&s, 100, &bytes, &len, NULL), TH_OK);
    assert_ptr_equal(bytes, text + 5);
    th_stream_close(&s);
}

static void first_bytes_tell_the_kind(void **state)
{
#define ZIP(name) "PK\x03\x04" "\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" name
    static const struct {
        const char *bytes;
        size_t len;
        th_kind kind;
        const char *what;
    } cases[] = {
        {"", 0, TH_KIND_EMPTY, "text"},
        {"\xe4\xba\xba\n", 4, TH_KIND_TEXT, "text"},
        {"%PDF-1.4", 8, TH_KIND_PDF, "a PDF document"},
        {"\xff\xd8\xff\xe0", 4, TH_KIND_BINARY, "a JPEG image"},
        {"a\0b\0c\0", 6, TH_KIND_BINARY, "binary data"},
        {"Rar!\x1a\x07", 6, TH_KIND_FORMAT, "a RAR archive; pack it as .zip"},
        {"\x1f\x8b\x08", 3, TH_KIND_ARCHIVE, "a gzip archive"},
        {"WARC/1.0\r\n", 10, TH_KIND_WARC, "a WARC file"},
        {ZIP("a.txt"), 35, TH_KIND_ARCHIVE, "a zip archive"},
        {ZIP("word/x"), 36, TH_KIND_ARCHIVE, "a zip archive"},
        {ZIP("_rels/.rels") ZIP("word/document.xml"), 30 + 11 + 30 + 17, TH_KIND_DOCX, "a Word document"},
        {ZIP("[Content_Types].xml") ZIP("xl/workbook.xml"), 30 + 19 + 30 + 15, TH_KIND_FORMAT,
         "an Excel workbook; save its sheet as .csv"},
        {ZIP("mimetypeapplication/vnd.oasis.opendocument.text"), 30 + 47, TH_KIND_FORMAT,
         "an OpenDocument file; save it as .docx or .csv"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *what;
        assert_int_equal(th_sniff(cases[i].bytes, cases[i].len, &what), cases[i].kind);
        assert_string_equal(what, cases[i].what);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_as_much_as_is_wanted), cmocka_unit_test(keeps_what_was_in_view_when_it_grows),
        cmocka_unit_test(a_failure_is_kept),          cmocka_unit_test(a_refusal_of_the_system_is_told),
        cmocka_unit_test(the_rest_has_a_limit),       cmocka_unit_test(memory_is_not_copied),
        cmocka_unit_test(first_bytes_tell_the_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
