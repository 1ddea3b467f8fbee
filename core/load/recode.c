/* recode.c - see recode.h. */
#define _GNU_SOURCE 1 /* memrchr */
#include "load/recode.h"

#include <stdint.h>
#include <string.h>

#include "load/decode.h"

enum { PIECE = 64 << 10, SIGHT = 4 * PIECE /* more of what is in view is not looked at at once */ };

static size_t ascii_length(const char *bytes, size_t len)
{
    size_t i = 0;
    uint64_t word;

    for (; i + 8 <= len; i += 8) {
        memcpy(&word, bytes + i, 8);
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (i < len && !(bytes[i] & 0x80))
        i++;
    return i;
}

/* Let the bytes decide; a line that is cut off at the end of the piece has no say. */
static th_status decide(th_recode *r, const char *bytes, size_t len, th_error *err)
{
    th_str ignored = {0};
    th_encoding encoding;
    const char *end = memchr(bytes, 0, len) ? NULL : memrchr(bytes, '\n', len);
    th_status status = th_decode(&ignored, &encoding, r->in->path, bytes, end ? (size_t)(end + 1 - bytes) : len, err);

    th_str_free(&ignored);
    if (status == TH_OK)
        r->encoding = encoding.name;
    return status;
}

static bool is_utf8(const th_recode *r)
{
    return r->encoding && strcmp(r->encoding, "UTF-8") == 0;
}

static size_t mark_length(const char *bytes, size_t len)
{
    if (len >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3))
        return 3;
    return len >= 2 && (!memcmp(bytes, "\xff\xfe", 2) || !memcmp(bytes, "\xfe\xff", 2)) ? 2 : 0;
}

static ssize_t hand_on(th_recode *r, char *to, size_t max)
{
    size_t n = r->text.len - r->used;

    if (n > max)
        n = max;
    memcpy(to, r->text.data + r->used, n);
    r->used += n;
    if (r->used == r->text.len) {
        th_str_clear(&r->text);
        r->used = 0;
    }
    return (ssize_t)n;
}

static ssize_t pass(th_recode *r, char *to, size_t max, const char *bytes, size_t len)
{
    size_t n = len < max ? len : max;

    memcpy(to, bytes, n);
    th_stream_take(r->in, n);
    return (ssize_t)n;
}

static ssize_t recode_read(void *ctx, char *to, size_t max, th_error *err)
{
    th_recode *r = ctx;
    const char *bytes;
    size_t len;

    while (r->used == r->text.len) {
        if (th_stream_peek(r->in, PIECE, &bytes, &len, err) != TH_OK)
            return -1;
        if (!len)
            return 0;
        bool last = r->in->ended && len <= PIECE;
        len = len < SIGHT ? len : SIGHT;
        size_t ascii = r->encoding ? 0 : ascii_length(bytes, len);
        if (ascii && ascii < len) { /* the encoding is decided from the start of the line on */
            const char *line = memrchr(bytes, '\n', ascii);
            ascii = line ? (size_t)(line + 1 - bytes) : 0;
        }
        if (ascii)
            return pass(r, to, max, bytes, ascii);
        if (!r->encoding && decide(r, bytes, len, err) != TH_OK)
            return -1;
        if (is_utf8(r))
            return pass(r, to, max, bytes, len);
        size_t n = len < PIECE ? len : PIECE;
        size_t used = th_decode_piece(&r->text, r->encoding, bytes, n, last);
        th_stream_take(r->in, used);
        if (!th_str_ok(&r->text)) {
            th_error_set(err, TH_ERR_NOMEM, "%s: out of memory while decoding", r->in->path);
            return -1;
        }
        if (!used && !r->text.len) {
            th_error_set(err, TH_ERR_ENCODING, "%s: can not be decoded as %s", r->in->path, r->encoding);
            return -1;
        }
    }
    return hand_on(r, to, max);
}

th_status th_recode_open(th_recode *r, th_stream *in, th_stream **out, th_error *err)
{
    const char *bytes;
    size_t len;

    *r = (th_recode){.in = in};
    *out = in;
    th_status status = th_stream_peek(in, PIECE, &bytes, &len, err);
    len = len < SIGHT ? len : SIGHT;
    if (status == TH_OK && ascii_length(bytes, len) < len)
        status = decide(r, bytes, len, err);
    if (status != TH_OK)
        return status;
    th_stream_take(in, mark_length(bytes, len));
    if (is_utf8(r))
        return TH_OK;
    th_stream_reader(&r->out, in->path, recode_read, r);
    *out = &r->out;
    return TH_OK;
}

void th_recode_close(th_recode *r)
{
    th_stream_close(&r->out);
    th_str_free(&r->text);
}
