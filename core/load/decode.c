/* decode.c - see decode.h. The bytes decide; what a page declares is not asked, since it is wrong too often. */
#include "load/decode.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>
#include <uchardet/uchardet.h>

#include "text/unicode.h"

enum { PROBE = 64 << 10 }; /* bytes looked at where a sample is enough */

static bool has_utf16_mark(const unsigned char *b, size_t len)
{
    return len >= 2 && ((b[0] == 0xff && b[1] == 0xfe) || (b[0] == 0xfe && b[1] == 0xff));
}

bool th_looks_binary(const char *bytes, size_t len)
{
    const unsigned char *b = (const unsigned char *)bytes;
    size_t n = len < PROBE ? len : PROBE, controls = 0, nuls = 0;

    if (has_utf16_mark(b, len))
        return false;
    for (size_t i = 0; i < n; i++) {
        nuls += !b[i];
        controls += (b[i] < 0x20 && !strchr("\t\n\v\f\r\x1b", b[i])) || b[i] == 0x7f;
    }
    /* A stray control character happens in saved text; one in fifty bytes, or a NUL in 500, does not. */
    return nuls * 500 > n || controls * 50 > n;
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

/* Convert with `from`; TH_ERR_ENCODING (no message) when a byte does not fit. A character cut off at the very end is left out. */
static th_status convert(th_str *out, const char *from, const char *bytes, size_t len, th_error *err)
{
    iconv_t cd = converter(from);
    char *in = (char *)bytes;
    size_t left = len, begin = out->len;
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
        if (rc == (size_t)-1 && errno == EINVAL)
            break;
        if (rc == (size_t)-1 && errno != E2BIG)
            status = TH_ERR_ENCODING;
    }
    if (status != TH_OK)
        out->len = begin;
    if (out->data)
        out->data[out->len] = '\0';
    return status;
}

/* Is it UTF-8 with a few bad bytes? Chinese text in another encoding has a bad byte in nearly every character. */
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
        else
            good++;
    }
    return good && bad * 10 <= good;
}

/* Nine in ten characters of a simplified text are of GB 2312's first level or symbols; of Big5 text read as GBK they are
 * half. Structure alone can not tell: nearly every Big5 text is valid GB18030. */
static bool reads_like_gb(const unsigned char *b, size_t len)
{
    size_t pairs = 0, common = 0, n = len < PROBE ? len : PROBE;

    for (size_t i = 0; i + 1 < n; i++) {
        if (b[i] < 0x81)
            continue;
        pairs++;
        common += b[i + 1] >= 0xa1 && ((b[i] >= 0xb0 && b[i] <= 0xd7) || (b[i] >= 0xa1 && b[i] <= 0xa3));
        i++;
    }
    return pairs && common * 10 >= pairs * 7;
}

static th_status by_guess(th_str *out, th_encoding *encoding, const char *bytes, size_t len, th_error *err)
{
    static const char *const known[] = {"BIG5", "GB18030", "EUC-TW", "EUC-JP", "SHIFT_JIS", "EUC-KR", "WINDOWS-1252"};
    uchardet_t detector = uchardet_new();
    th_status status = TH_ERR_ENCODING;

    if (!detector)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory while decoding");
    uchardet_handle_data(detector, bytes, len < PROBE ? len : PROBE);
    uchardet_data_end(detector);
    const char *guess = uchardet_get_charset(detector);
    for (size_t i = 0; i < sizeof known / sizeof *known && status == TH_ERR_ENCODING; i++)
        if (!strcmp(guess, known[i])) {
            encoding->name = known[i];
            /* What Taiwan's and Hong Kong's pages call Big5 has their additions. */
            status = convert(out, i == 0 ? "BIG5-HKSCS" : known[i], bytes, len, err);
        }
    uchardet_delete(detector);
    return status;
}

th_status th_decode(th_str *out, th_encoding *encoding, const char *path, const char *bytes, size_t len, th_error *err)
{
    const unsigned char *b = (const unsigned char *)bytes;
    th_status status;

    *encoding = (th_encoding){.name = "UTF-8"};
    if (has_utf16_mark(b, len)) {
        encoding->name = b[0] == 0xff ? "UTF-16LE" : "UTF-16BE";
        status = convert(out, encoding->name, bytes + 2, len - 2, err);
        if (status == TH_ERR_ENCODING)
            return th_error_set(err, status, "%s: not %s, although its byte order mark says so", path, encoding->name);
        return status;
    }
    bool marked = len >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3);
    bytes += marked ? 3 : 0;
    len -= marked ? 3 : 0;
    bool valid = th_utf8_valid(bytes, len, NULL);
    if (valid || marked || is_damaged_utf8(bytes, len)) {
        encoding->damaged = !valid;
        th_str_add(out, bytes, len);
        return th_str_ok(out) ? TH_OK : th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", path);
    }
    encoding->name = "GB18030";
    bool plausible = reads_like_gb((const unsigned char *)bytes, len);
    status = plausible ? convert(out, "GB18030", bytes, len, err) : TH_ERR_ENCODING;
    if (status == TH_ERR_ENCODING)
        status = by_guess(out, encoding, bytes, len, err);
    if (status == TH_ERR_ENCODING && !plausible) {
        encoding->name = "GB18030";
        status = convert(out, "GB18030", bytes, len, err);
    }
    if (status == TH_ERR_ENCODING)
        return th_error_set(err, status, "%s: no encoding fits (tried UTF-8, GB18030 and a guess); save it as UTF-8", path);
    return status;
}
