/* Archives and web archives: members as articles, what is left out, what is refused. The archives are made here. */
#include "many_helper.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdlib.h>
#include <zlib.h>

/* ---- making archives ---- */

typedef struct packer {
    struct archive *a;
    char *bytes;
    size_t len, room;
} packer;

static void pack_begin(packer *p, int format, int filter, const char *options)
{
    *p = (packer){.a = archive_write_new(), .room = 24 << 20};
    p->bytes = malloc(p->room);
    assert_non_null(p->bytes);
    assert_int_equal(archive_write_set_format(p->a, format), ARCHIVE_OK);
    if (filter)
        assert_int_equal(archive_write_add_filter(p->a, filter), ARCHIVE_OK);
    archive_write_set_bytes_in_last_block(p->a, 1);
    if (options)
        assert_int_equal(archive_write_set_options(p->a, options), ARCHIVE_OK);
    if (options && strstr(options, "encryption"))
        archive_write_set_passphrase(p->a, "secret");
    assert_int_equal(archive_write_open_memory(p->a, p->bytes, p->room, &p->len), ARCHIVE_OK);
}

static void pack_bytes(packer *p, const char *name, const void *bytes, size_t len)
{
    struct archive_entry *e = archive_entry_new();

    archive_entry_set_pathname(e, name);
    archive_entry_set_size(e, (la_int64_t)len);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0644);
    assert_true(archive_write_header(p->a, e) >= ARCHIVE_WARN);
    archive_write_data(p->a, bytes, len);
    archive_entry_free(e);
}

static void pack_text(packer *p, const char *name, const char *text)
{
    pack_bytes(p, name, text, strlen(text));
}

static void pack_link(packer *p, const char *name, const char *target)
{
    struct archive_entry *e = archive_entry_new();

    archive_entry_set_pathname(e, name);
    archive_entry_set_filetype(e, AE_IFLNK);
    archive_entry_set_symlink(e, target);
    archive_entry_set_perm(e, 0777);
    assert_true(archive_write_header(p->a, e) >= ARCHIVE_WARN);
    archive_entry_free(e);
}

static void pack_end(packer *p)
{
    assert_true(archive_write_close(p->a) >= ARCHIVE_WARN);
    archive_write_free(p->a);
}

static void pack_three(packer *p)
{
    pack_text(p, "./a.txt", "引进人才5人。\n");
    pack_text(p, "甲/b.csv", "标题,正文\n甲,引进人才6人。\n乙,\n");
    pack_text(p, "c.html", "<html><body><p>引进人才7人。</p></body></html>");
}

static const char three[] = "x!a.txt||||引进人才5人。\n"
                            "x!甲/b.csv#1|甲|||引进人才6人。\n"
                            "! x!甲/b.csv#2: x!甲/b.csv:3: the column \"正文\" is empty (empty)\n"
                            "x!c.html||||引进人才7人。\n";

static void every_kind_gives_its_members(void **state)
{
    static const struct {
        int format, filter;
    } kinds[] = {{ARCHIVE_FORMAT_ZIP, 0},
                 {ARCHIVE_FORMAT_TAR_PAX_RESTRICTED, 0},
                 {ARCHIVE_FORMAT_TAR_PAX_RESTRICTED, ARCHIVE_FILTER_GZIP},
                 {ARCHIVE_FORMAT_TAR_PAX_RESTRICTED, ARCHIVE_FILTER_XZ},
                 {ARCHIVE_FORMAT_TAR_PAX_RESTRICTED, ARCHIVE_FILTER_ZSTD},
                 {ARCHIVE_FORMAT_TAR_GNUTAR, ARCHIVE_FILTER_BZIP2},
                 {ARCHIVE_FORMAT_7ZIP, 0}};
    (void)state;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        packer p;
        pack_begin(&p, kinds[i].format, kinds[i].filter, NULL);
        pack_three(&p);
        pack_end(&p);
        check_bytes("x", p.bytes, p.len, three);
        free(p.bytes);
    }
}

static void one_packed_file_is_what_it_holds(void **state)
{
    packer p;
    (void)state;

    pack_begin(&p, ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_GZIP, NULL);
    pack_text(&p, "data", "引进人才5人。\n");
    pack_end(&p);
    check_bytes("a.txt.gz", p.bytes, p.len, "a.txt.gz||||引进人才5人。\n");
    free(p.bytes);

    pack_begin(&p, ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_ZSTD, NULL);
    pack_text(&p, "data", "编号,正文\n1,引进人才5人。\n");
    pack_end(&p);
    check_bytes("a.csv.zst", p.bytes, p.len, "a.csv.zst#1||||引进人才5人。\n");
    free(p.bytes);
}

static void archives_nest_once(void **state)
{
    packer inner, middle, outer;
    (void)state;

    pack_begin(&inner, ARCHIVE_FORMAT_ZIP, 0, NULL);
    pack_text(&inner, "a.txt", "引进人才5人。\n");
    pack_end(&inner);
    pack_begin(&middle, ARCHIVE_FORMAT_7ZIP, 0, NULL);
    pack_bytes(&middle, "in.zip", inner.bytes, inner.len);
    pack_end(&middle);
    pack_begin(&outer, ARCHIVE_FORMAT_TAR_PAX_RESTRICTED, ARCHIVE_FILTER_GZIP, NULL);
    pack_bytes(&outer, "in.zip", inner.bytes, inner.len);
    pack_bytes(&outer, "deep.7z", middle.bytes, middle.len);
    pack_end(&outer);

    check_bytes("x", outer.bytes, outer.len,
                "x!in.zip!a.txt||||引进人才5人。\n"
                "! x!deep.7z!in.zip: an archive in an archive in an archive; unpack the outer one (format)\n");
    free(inner.bytes);
    free(middle.bytes);
    free(outer.bytes);
}

static void what_is_not_read_is_named_or_counted(void **state)
{
    packer p;
    (void)state;

    pack_begin(&p, ARCHIVE_FORMAT_TAR_PAX_RESTRICTED, 0, NULL);
    pack_text(&p, "__MACOSX/a.txt", "x");
    pack_text(&p, "d/.DS_Store", "x");
    pack_text(&p, "Thumbs.db", "x");
    pack_text(&p, "page_files/site.js", "var x;");
    pack_link(&p, "l", "/etc/passwd");
    pack_bytes(&p, "p.png", "\x89PNG\r\n\x1a\n", 8);
    pack_bytes(&p, "t.xlsx", "PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0b\0\0\0_rels/.relsPK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0b\0\0\0xl/styles.xml", 84);
    pack_text(&p, "e.txt", "");
    pack_text(&p, "f.pdf", "%PDF-1.4 x");
    pack_end(&p);

    check_bytes("x", p.bytes, p.len,
                "! x!p.png: is a PNG image, not text (binary)\n"
                "! x!t.xlsx: is an Excel workbook; save its sheet as .csv (format)\n"
                "! x!e.txt: is empty (empty)\n"
                "! x!f.pdf: is a PDF document, which can not be read here (format)\n"
                "# x: left out: 3 hidden or system files, 1 scripts and styles, 1 links\n");
    free(p.bytes);
}

/* Put raw bytes in the place of a member's name of the same length. */
static void rename_all(packer *p, const char *from, const char *to)
{
    size_t n = strlen(from);

    for (char *at = p->bytes; (at = memmem(at, p->len - (size_t)(at - p->bytes), from, n)); at += n)
        memcpy(at, to, n);
}

static void names_are_only_labels(void **state)
{
    packer p;
    (void)state;

    pack_begin(&p, ARCHIVE_FORMAT_ZIP, 0, NULL);
    pack_text(&p, "../../up.txt", "引进人才5人。\n");
    pack_text(&p, "a\nb\x1b[1m.txt", "引进人才6人。\n");
    pack_text(&p, "GBK4.txt", "引进人才7人。\n");
    pack_text(&p, "?!.txt", "引进人才8人。\n");
    pack_text(&p, "same.txt", "引进人才9人。\n");
    pack_text(&p, "same.txt", "引进人才10人。\n");
    pack_end(&p);
    rename_all(&p, "GBK4.txt", "\xc8\xcb\xb2\xc5.txt"); /* 人才 in GBK, as Windows packs it */
    rename_all(&p, "?!.txt", "\xff\x41.txt");

    check_bytes("x", p.bytes, p.len,
                "x!../../up.txt||||引进人才5人。\n"
                "x!a\\x0ab\\x1b[1m.txt||||引进人才6人。\n"
                "x!人才.txt||||引进人才7人。\n"
                "x!\\xffA.txt||||引进人才8人。\n"
                "x!same.txt||||引进人才9人。\n"
                "x!same.txt~2||||引进人才10人。\n");
    free(p.bytes);
}

static void encrypted_members_are_named(void **state)
{
    packer p;
    (void)state;

    pack_begin(&p, ARCHIVE_FORMAT_ZIP, 0, "zip:encryption=zipcrypt");
    pack_text(&p, "a.txt", "引进人才5人。\n");
    pack_end(&p);

    check_bytes("x", p.bytes, p.len, "! x!a.txt: is encrypted; pack it without a password (format)\n");
    free(p.bytes);
}

static void a_cut_archive_keeps_what_came_before(void **state)
{
    packer p;
    seen s;
    (void)state;

    pack_begin(&p, ARCHIVE_FORMAT_TAR_PAX_RESTRICTED, 0, NULL);
    pack_three(&p);
    pack_end(&p);
    assert_int_equal(load_all(&s, "x", p.bytes, 1200, 0, NULL, 0), TH_ERR_PARSE);
    assert_non_null(strstr(s.text.data, "x!a.txt||||引进人才5人。\n!! x: the archive is damaged after 1 members: "));
    th_str_free(&s.text);
    free(p.bytes);

    pack_begin(&p, ARCHIVE_FORMAT_ZIP, 0, NULL);
    pack_three(&p);
    pack_end(&p);
    char *second = memmem(p.bytes + 4, p.len - 4, "PK\x03\x04", 4);
    second[-30] ^= 0x55; /* in the first member's data */
    load_all(&s, "x", p.bytes, p.len, 0, NULL, 0);
    assert_non_null(strstr(s.text.data, "! x!a.txt: can not be unpacked: "));
    assert_non_null(strstr(s.text.data, "x!c.html||||引进人才7人。\n"));
    th_str_free(&s.text);
    free(p.bytes);
}

static void what_only_begins_like_an_archive_is_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {{"PK\x03\x04", 4}, {"7z\xbc\xaf\x27\x1c", 6}, {"\x1f\x8b\x08\0\0", 5}, {"BZh91AY&SY", 10}, {"\x28\xb5\x2f\xfd\0", 5}};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seen s;
        th_status status = load_all(&s, "x", cases[i].bytes, cases[i].len, 0, NULL, 0);
        if (status != TH_ERR_PARSE && status != TH_ERR_EMPTY)
            fail_msg("case %zu: %s", i, th_str_text(&s.text));
        assert_int_equal(s.articles, 0);
        assert_non_null(strstr(s.text.data, "!! x: "));
        th_str_free(&s.text);
    }
}

static void a_bomb_is_stopped(void **state)
{
    size_t size = 80 << 20;
    char *zeros = calloc(1, size);
    packer p;
    seen s;
    (void)state;
    assert_non_null(zeros);
    memset(zeros, 'a', size);

    pack_begin(&p, ARCHIVE_FORMAT_TAR_PAX_RESTRICTED, ARCHIVE_FILTER_GZIP, NULL);
    pack_text(&p, "a.txt", "引进人才5人。\n");
    pack_bytes(&p, "b.txt", zeros, size);
    pack_text(&p, "c.txt", "引进人才6人。\n");
    pack_end(&p);
    free(zeros);

    assert_int_equal(load_all(&s, "x", p.bytes, p.len, 0, NULL, 0), TH_ERR_BOMB);
    assert_string_equal(s.text.data, "x!a.txt||||引进人才5人。\n"
                                     "!! x: expands to more than 250 times its size; what was read before is kept (bomb)\n");
    th_str_free(&s.text);
    free(p.bytes);
}

/* ---- web archives ---- */

static void add_record(th_str *out, const char *type, const char *url, const char *content, const char *block, size_t len)
{
    th_str_addf(out, "WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", type, url,
                content, len);
    th_str_add(out, block, len);
    th_str_puts(out, "\r\n\r\n");
}

static void add_answer(th_str *out, const char *url, const char *header, const char *body, size_t len)
{
    th_str block = {0};

    th_str_addf(&block, "HTTP/1.1 %s\r\n\r\n", header);
    th_str_add(&block, body, len);
    add_record(out, "response", url, "application/http; msgtype=response", block.data, block.len);
    th_str_free(&block);
}

static size_t gzip(const char *text, char *to, size_t room)
{
    z_stream z = {.next_in = (Bytef *)text, .avail_in = (uInt)strlen(text), .next_out = (Bytef *)to, .avail_out = (uInt)room};

    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

static void add_pages(th_str *out)
{
    static const char page[] = "<html><body><p>引进人才5人。</p></body></html>";
    static const char chunks[] = "1b\r\n<html><body><p>引进人才\r\n5\r\n6人\xe3\r\n11\r\n\x80\x82</p></body></ht\r\n5\r\nml>\r\n\r\n0\r\n\r\n";
    char packed[400];

    add_record(out, "warcinfo", "", "application/warc-fields", "software: x\r\n", 13);
    add_record(out, "request", "http://a.example/1", "application/http; msgtype=request", "GET / HTTP/1.1\r\n\r\n", 18);
    add_answer(out, "http://a.example/1", "200 OK\r\nContent-Type: text/html; charset=utf-8", page, sizeof page - 1);
    add_answer(out, "<http://a.example/2>", "200 OK\r\nTransfer-Encoding: chunked\r\ncontent-type:text/html", chunks, sizeof chunks - 1);
    size_t n = gzip("<html><body><p>引进人才7人。</p></body></html>", packed, sizeof packed);
    add_answer(out, "http://a.example/3", "200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/html", packed, n);
    add_answer(out, "http://a.example/p.jpg", "200 OK\r\nContent-Type: image/jpeg", "\xff\xd8\xff", 3);
    add_answer(out, "http://a.example/q.jpg", "200 OK\r\nContent-Type: image/jpeg", "\xff\xd8\xff", 3);
    add_answer(out, "http://a.example/s.css", "200 OK\r\nContent-Type: text/css", "p{}", 3);
    add_answer(out, "http://a.example/404", "404 Not Found\r\nContent-Type: text/html", page, sizeof page - 1);
    add_answer(out, "http://a.example/br", "200 OK\r\nContent-Type: text/html\r\nContent-Encoding: br", "x", 1);
    add_record(out, "revisit", "http://a.example/1", "application/http", "", 0);
    add_record(out, "resource", "file:///n.txt", "text/plain", "引进人才8人。\n", 20);
    add_answer(out, "http://a.example/1", "200 OK\r\nContent-Type: text/html", page, sizeof page - 1);
}

static const char pages[] = "c.warc!http://a.example/1||||引进人才5人。\n"
                            "c.warc!http://a.example/2||||引进人才6人。\n"
                            "c.warc!http://a.example/3||||引进人才7人。\n"
                            "! c.warc!http://a.example/br: its body is packed as \"br\", which is not read (format)\n"
                            "c.warc!file:///n.txt||||引进人才8人。\n"
                            "c.warc!http://a.example/1~2||||引进人才5人。\n"
                            "# c.warc: left out: 2 image/jpeg, 1 text/css, 1 answers that are no page (redirections, errors), 1 revisits\n";

static void a_web_archive_gives_its_pages(void **state)
{
    th_str warc = {0};
    (void)state;

    add_pages(&warc);
    check_bytes("c.warc", warc.data, warc.len, pages);
    th_str_free(&warc);
}

static void a_packed_web_archive_is_one_gzip_a_record(void **state)
{
    th_str warc = {0}, packed = {0};
    char buf[4000];
    (void)state;

    add_record(&warc, "resource", "http://a.example/1", "text/plain", "引进人才5人。\n", 20);
    th_str_add(&packed, buf, gzip(warc.data, buf, sizeof buf));
    th_str_clear(&warc);
    add_record(&warc, "resource", "http://a.example/2", "text/plain", "引进人才6人。\n", 20);
    th_str_add(&packed, buf, gzip(warc.data, buf, sizeof buf));

    check_bytes("c.warc.gz", packed.data, packed.len,
                "c.warc.gz!http://a.example/1||||引进人才5人。\nc.warc.gz!http://a.example/2||||引进人才6人。\n");
    th_str_free(&warc);
    th_str_free(&packed);
}

static void the_address_is_the_url(void **state)
{
    th_str warc = {0};
    loading l;
    (void)state;

    add_record(&warc, "resource", "http://a.example/1", "text/plain", "引进人才5人。\n", 20);
    load_named(&l, "c.warc", warc.data, warc.len);

    assert_int_equal(l.status, TH_OK);
    assert_string_equal(l.article->url, "http://a.example/1");
    assert_string_equal(l.article->origins[TH_META_URL], "address in the archive");
    unload(&l);
    th_str_free(&warc);
}

static void damage_in_a_web_archive_costs_its_record(void **state)
{
    th_str warc = {0};
    (void)state;

    add_record(&warc, "resource", "http://a.example/1", "text/plain", "引进人才5人。\n", 20);
    th_str_puts(&warc, "rubbish in between\r\n\r\n");
    add_record(&warc, "resource", "http://a.example/2", "text/plain", "引进人才6人。\n", 20);
    add_record(&warc, "resource", "http://a.example/3", "text/plain", "引进人才7人。\n", 20);
    size_t cut = warc.len - 4;

    th_str expected = {0};
    th_str_puts(&expected, "c.warc!http://a.example/1||||引进人才5人。\n"
                           "! c.warc: byte 140: no WARC record begins here; read on at the next one (parse)\n"
                           "c.warc!http://a.example/2||||引进人才6人。\n"
                           "c.warc!http://a.example/3||||引进人才7人。\n");
    check_bytes("c.warc", warc.data, cut, expected.data);
    th_str_puts(&expected, "!! c.warc: the file is cut off in record 3; the records before it were read (parse)\n");
    check_bytes("c.warc", warc.data, cut - 1, expected.data);
    th_str_free(&expected);
    th_str_free(&warc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_gives_its_members),
        cmocka_unit_test(one_packed_file_is_what_it_holds),
        cmocka_unit_test(archives_nest_once),
        cmocka_unit_test(what_is_not_read_is_named_or_counted),
        cmocka_unit_test(names_are_only_labels),
        cmocka_unit_test(encrypted_members_are_named),
        cmocka_unit_test(a_cut_archive_keeps_what_came_before),
        cmocka_unit_test(what_only_begins_like_an_archive_is_refused),
        cmocka_unit_test(a_bomb_is_stopped),
        cmocka_unit_test(a_web_archive_gives_its_pages),
        cmocka_unit_test(a_packed_web_archive_is_one_gzip_a_record),
        cmocka_unit_test(the_address_is_the_url),
        cmocka_unit_test(damage_in_a_web_archive_costs_its_record),
    };

    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
