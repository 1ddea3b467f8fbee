/* decode.c - see decode.h. The bytes decide; what a page declares only breaks ties, since it is wrong too often. */
#include "load/decode.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uchardet/uchardet.h>

#include "load/charset.h"
#include "text/unicode.h"

enum {
    PROBE = 64 << 10, /* bytes looked at where a sample is enough */
    PLAUSIBLE = 600,  /* of a thousand characters of a Chinese text at least these are everyday ones */
    TIE = 50,
};

static const char LOST = '\xff'; /* stands in the converted text for what was damaged */

static bool has_utf16_mark(const unsigned char *b, size_t len)
{
    return len >= 2 && ((b[0] == 0xff && b[1] == 0xfe) || (b[0] == 0xfe && b[1] == 0xff));
}

/* Control characters that text has no use for; NULs are counted apart. */
static const unsigned char is_control[256] = {
    [0x01] = 1, [0x02] = 1, [0x03] = 1, [0x04] = 1, [0x05] = 1, [0x06] = 1, [0x07] = 1, [0x08] = 1, [0x0e] = 1,
    [0x0f] = 1, [0x10] = 1, [0x11] = 1, [0x12] = 1, [0x13] = 1, [0x14] = 1, [0x15] = 1, [0x16] = 1, [0x17] = 1, [0x18] = 1,
    [0x19] = 1, [0x1a] = 1, [0x1c] = 1, [0x1d] = 1, [0x1e] = 1, [0x1f] = 1, [0x7f] = 1,
};

bool th_looks_binary(const char *bytes, size_t len)
{
    const unsigned char *b = (const unsigned char *)bytes;
    size_t n = len < PROBE ? len : PROBE, controls = 0, nuls = 0;

    if (has_utf16_mark(b, len))
        return false;
    for (size_t i = 0; i < n; i++) {
        nuls += !b[i];
        controls += is_control[b[i]];
    }
    /* A stray control character happens in saved text; one in fifty bytes, or a NUL in 500, does not. */
    return (nuls * 500 > n || controls * 50 > n) && !th_charset_utf16(bytes, len);
}

/* Descriptors are opened once and kept: iconv reads its tables from files, which a confined process can not open. */
static struct {
    const char *name;
    iconv_t cd;
    bool open;
} converters[] = {{.name = "UTF-16LE"}, {.name = "UTF-16BE"}, {.name = "GB18030"}, {.name = "BIG5-HKSCS"}, {.name = "EUC-TW"},
                  {.name = "EUC-JP"},   {.name = "SHIFT_JIS"}, {.name = "EUC-KR"}, {.name = "WINDOWS-1252"}};
enum { CONVERTERS = sizeof converters / sizeof *converters };

/* The descriptor from encoding `from`, in its first state; (iconv_t)-1 when there is none. */
static iconv_t converter(const char *from)
{
    for (size_t i = 0; i < CONVERTERS; i++) {
        if (strcmp(converters[i].name, from) != 0)
            continue;
        if (!converters[i].open) {
            converters[i].cd = iconv_open("UTF-8", from);
            converters[i].open = converters[i].cd != (iconv_t)-1;
        } else {
            iconv(converters[i].cd, NULL, NULL, NULL, NULL);
        }
        return converters[i].cd;
    }
    return (iconv_t)-1;
}

void th_decode_open(void)
{
    for (size_t i = 0; i < CONVERTERS; i++)
        converter(converters[i].name);
}

/* Convert with `from`. A byte that does not fit, and a character cut off at the end, become a byte that is no UTF-8, so that
 * normalising counts it; without `lossy` the first gives TH_ERR_ENCODING (no message) and nothing is added. */
static th_status convert(th_str *out, th_encoding *encoding, const char *from, const char *bytes, size_t len, bool lossy,
                         th_error *err)
{
    iconv_t cd = converter(from);
    char *in = (char *)bytes;
    size_t left = len, begin = out->len, unit = strncmp(from, "UTF-16", 6) ? 1 : 2;
    th_status status = TH_OK;

    if (cd == (iconv_t)-1)
        return TH_ERR_ENCODING;
    while (left && status == TH_OK) {
        if (!th_str_reserve(out, left + left / 2 + 16)) {
            status = th_error_set(err, TH_ERR_NOMEM, "out of memory while decoding");
            break;
        }
        char *to = out->data + out->len;
        size_t room = out->cap - out->len - 1;
        size_t rc = iconv(cd, &in, &left, &to, &room);
        out->len = (size_t)(to - out->data);
        if (rc != (size_t)-1 || errno == E2BIG)
            continue;
        if (errno == EILSEQ && !lossy) {
            status = TH_ERR_ENCODING;
            break;
        }
        size_t skip = errno == EINVAL || unit > left ? left : unit;
        th_str_putc(out, LOST);
        encoding->damaged = true;
        in += skip;
        left -= skip;
        iconv(cd, NULL, NULL, NULL, NULL);
    }
    if (status != TH_OK)
        out->len = begin;
    if (out->data)
        out->data[out->len] = '\0';
    return status;
}

/* Is it UTF-8 with bad bytes? Chinese text in another encoding has a bad byte in nearly every character. */
static bool is_damaged_utf8(const char *bytes, size_t len)
{
    size_t good = 0, bad = 0, pos = 0;

    while (pos < len) {
        if (!(bytes[pos] & 0x80)) {
            pos++;
            continue;
        }
        size_t from = pos;
        uint32_t c = th_utf8_next(bytes, len, &pos);
        if (c == 0xfffd && pos - from == 1)
            bad++;
        else if (c >= 0x800) /* two bytes that fit are mere chance in other encodings */
            good++;
    }
    return good && bad * 4 <= good;
}

/* Convert what is between the damaged places; each of those becomes one byte that is no UTF-8. */
static th_status mend(th_str *out, th_encoding *encoding, th_double_byte kind, const char *bytes, size_t len, th_error *err)
{
    const char *name = kind == TH_BIG5 ? "BIG5-HKSCS" : "GB18030";
    size_t *lost = NULL, count = th_charset_damage(kind, bytes, len, &lost), from = 0;
    th_status status = TH_OK;

    if (count == SIZE_MAX)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory while decoding");
    for (size_t i = 0; i <= count && status == TH_OK; i++) {
        size_t to = i < count ? lost[i] : len;
        status = convert(out, encoding, name, bytes + from, to - from, true, err);
        if (i < count)
            th_str_putc(out, LOST);
        from = to + 1;
    }
    encoding->damaged |= count > 0;
    free(lost);
    return status;
}

/* Big5 or GB18030: whichever has more of its everyday characters in the text; a declaration breaks ties. */
static bool is_chinese(const char *bytes, size_t len, th_double_byte *kind, th_reading *reading)
{
    size_t n = len < PROBE ? len : PROBE;
    th_reading gb = th_charset_read(TH_GB18030, bytes, n), big5 = th_charset_read(TH_BIG5, bytes, n);
    const char *declared = th_charset_declared(bytes, len);
    size_t gb_share = gb.chars ? gb.common * 1000 / gb.chars : 0, big5_share = big5.chars ? big5.common * 1000 / big5.chars : 0;

    if (declared && !strcmp(declared, "BIG5"))
        big5_share += TIE;
    *kind = big5_share > gb_share ? TH_BIG5 : TH_GB18030;
    *reading = *kind == TH_BIG5 ? big5 : len > n ? th_charset_read(TH_GB18030, bytes, len) : gb;
    return (*kind == TH_BIG5 ? big5_share : gb_share) >= PLAUSIBLE;
}

static th_status by_guess(th_str *out, th_encoding *encoding, const char *bytes, size_t len, th_error *err)
{
    static const char *const known[] = {"EUC-TW", "EUC-JP", "SHIFT_JIS", "EUC-KR", "WINDOWS-1252"};
    uchardet_t detector = uchardet_new();
    th_status status = TH_ERR_ENCODING;

    if (!detector)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory while decoding");
    uchardet_handle_data(detector, bytes, len < PROBE ? len : PROBE);
    uchardet_data_end(detector);
    const char *guess = uchardet_get_charset(detector);
    for (size_t i = 0; i < sizeof known / sizeof *known && status == TH_ERR_ENCODING; i++)
        if (!strcmp(guess, known[i]))
            status = convert(out, encoding, encoding->name = known[i], bytes, len, false, err);
    uchardet_delete(detector);
    return status;
}

/* Not UTF-8 and without a mark. */
static th_status decode_unmarked(th_str *out, th_encoding *encoding, const char *bytes, size_t len, th_error *err)
{
    const char *utf16 = th_charset_utf16(bytes, len);
    th_double_byte kind;
    th_reading reading;

    if (utf16)
        return convert(out, encoding, encoding->name = utf16, bytes, len, true, err);
    bool plausible = is_chinese(bytes, len, &kind, &reading);
    if (!plausible) {
        th_status status = by_guess(out, encoding, bytes, len, err);
        if (status != TH_ERR_ENCODING)
            return status;
    }
    /* What Taiwan's and Hong Kong's pages call Big5 has their additions. */
    encoding->name = kind == TH_BIG5 ? "BIG5" : "GB18030";
    th_status status = reading.suspect ? TH_ERR_ENCODING
                                       : convert(out, encoding, kind == TH_BIG5 ? "BIG5-HKSCS" : "GB18030", bytes, len, false, err);
    return status == TH_ERR_ENCODING && plausible ? mend(out, encoding, kind, bytes, len, err)
           : status == TH_ERR_ENCODING            ? convert(out, encoding, encoding->name, bytes, len, false, err) : status;
}

/* Half of UTF-16's Chinese is no UTF-8; a short piece that is has control characters. */
static bool holds_control(const char *bytes, size_t len)
{
    size_t n = len < PROBE ? len : PROBE, count = 0;

    for (size_t i = 0; i < n; i++)
        count += (unsigned char)bytes[i] < 9;
    return count > 0;
}

th_status th_decode(th_str *out, th_encoding *encoding, const char *path, const char *bytes, size_t len, th_error *err)
{
    const unsigned char *b = (const unsigned char *)bytes;

    *encoding = (th_encoding){.name = "UTF-8"};
    if (has_utf16_mark(b, len))
        return convert(out, encoding, encoding->name = b[0] == 0xff ? "UTF-16LE" : "UTF-16BE", bytes + 2, len - 2, true, err);
    bool marked = len >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3);
    bytes += marked ? 3 : 0;
    len -= marked ? 3 : 0;
    bool valid = th_utf8_valid(bytes, len, NULL);
    if (marked || (valid && !(holds_control(bytes, len) && th_charset_utf16(bytes, len))) || (!valid && is_damaged_utf8(bytes, len))) {
        encoding->damaged = !valid;
        th_str_add(out, bytes, len);
        return th_str_ok(out) ? TH_OK : th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", path);
    }
    th_status status = decode_unmarked(out, encoding, bytes, len, err);
    if (status == TH_ERR_ENCODING)
        return th_error_set(err, status, "%s: no encoding fits (tried UTF-8, UTF-16, GB18030, Big5 and a guess); save it as "
                            "UTF-8", path);
    return status;
}

size_t th_decode_piece(th_str *out, const char *encoding, const char *bytes, size_t len, bool last)
{
    bool wide = strncmp(encoding, "UTF-16", 6) == 0;
    iconv_t cd = converter(strcmp(encoding, "BIG5") == 0 ? "BIG5-HKSCS" : encoding);
    char *in = (char *)bytes;
    size_t left = len;

    while (left && cd != (iconv_t)-1 && th_str_reserve(out, left + left / 2 + 16)) {
        char *to = out->data + out->len;
        size_t room = out->cap - out->len - 1;
        size_t rc = iconv(cd, &in, &left, &to, &room);
        out->len = (size_t)(to - out->data);
        if (rc != (size_t)-1 || errno == E2BIG)
            continue;
        if (errno == EINVAL && !last)
            break;
        size_t skip = errno == EINVAL ? left : wide && left > 1 ? 2 : 1;
        th_str_putc(out, '\xff');
        in += skip;
        left -= skip;
    }
    return len - left;
}
