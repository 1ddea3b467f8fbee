/* http.c - see http.h. */
#include "load/http.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

enum {
    HEADER_MAX = 64 << 10,
    RATIO = 250,            /* bytes one packed byte of a body may expand to, */
    RATIO_FROM = 16 << 20   /* looked at once so many have come out */
};

bool th_http_field(const char *text, size_t len, const char *name, char *out, size_t size)
{
    size_t n = strlen(name);
    const char *end = text + len;

    for (const char *line = text, *stop; line < end; line = stop + 1) {
        stop = memchr(line, '\n', (size_t)(end - line));
        if (!stop)
            stop = end;
        if ((size_t)(stop - line) <= n || line[n] != ':' || strncasecmp(line, name, n) != 0)
            continue;
        const char *value = line + n + 1, *last = stop;
        while (value < last && (unsigned char)*value <= ' ')
            value++;
        while (last > value && (unsigned char)last[-1] <= ' ')
            last--;
        size_t used = (size_t)(last - value) < size - 1 ? (size_t)(last - value) : size - 1;
        memcpy(out, value, used);
        out[used] = '\0';
        return true;
    }
    *out = '\0';
    return false;
}

/* A field's value in lower case up to its parameters. */
static void read_word(const char *text, size_t len, const char *name, char out[TH_HTTP_WORD])
{
    th_http_field(text, len, name, out, TH_HTTP_WORD);
    out[strcspn(out, "; ")] = '\0';
    for (char *c = out; *c; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 'a' - 'A') : *c;
}

/* The bytes of a header with the empty line that ends it; 0 when there is none. */
static size_t header_length(const char *text, size_t len)
{
    for (const char *at = text; (at = memchr(at, '\n', len - (size_t)(at - text))); at++) {
        size_t left = len - (size_t)(at - text) - 1;
        if (left && at[1] == '\n')
            return (size_t)(at + 2 - text);
        if (left > 1 && at[1] == '\r' && at[2] == '\n')
            return (size_t)(at + 3 - text);
    }
    return 0;
}

th_status th_http_head(th_http *out, th_stream *s, th_error *err)
{
    const char *text;
    size_t len;
    char transfer[TH_HTTP_WORD];
    th_status status = th_stream_peek(s, HEADER_MAX, &text, &len, err);

    *out = (th_http){0};
    if (status != TH_OK || len < 12 || memcmp(text, "HTTP/", 5) != 0)
        return status;
    len = len < HEADER_MAX ? len : HEADER_MAX;
    size_t n = header_length(text, len);
    n = n ? n : len;
    const char *code = memchr(text, ' ', 12);
    for (int i = 1; code && i <= 3 && code + i < text + n && code[i] >= '0' && code[i] <= '9'; i++)
        out->status = out->status * 10 + code[i] - '0';
    read_word(text, n, "content-type", out->type);
    read_word(text, n, "content-encoding", out->coding);
    read_word(text, n, "transfer-encoding", transfer);
    out->chunked = strcmp(transfer, "chunked") == 0;
    th_stream_take(s, n);
    return TH_OK;
}

/* ---- bodies ---- */

struct th_body {
    th_stream *in;
    th_stream plain, inflated;
    uint64_t left;      /* bytes of the chunk at hand */
    bool begun, ended;  /* a chunk was met; the last was */
    bool has_inflater;
    z_stream z;
    size_t lent;
    uint64_t packed, expanded;
};

/* The size line of the next chunk; false when it is none. */
static bool next_chunk(th_body *b, th_error *err)
{
    const char *text;
    size_t len, at = 0, digits = 0;

    if (th_stream_peek(b->in, 64, &text, &len, err) != TH_OK)
        return false;
    while (b->begun && at < len && (text[at] == '\r' || text[at] == '\n'))
        at++;
    b->left = 0;
    for (; at < len && digits < 12; at++, digits++) {
        const char *hex = "0123456789abcdef", *digit = memchr(hex, text[at] | 0x20, 16);
        if (!digit || !text[at])
            break;
        b->left = b->left * 16 + (uint64_t)(digit - hex);
    }
    const char *stop = memchr(text + at, '\n', len - at);
    if (!digits || !stop)
        return false;
    th_stream_take(b->in, (size_t)(stop + 1 - text));
    b->begun = true;
    return true;
}

/* Some crawlers undo the chunks and keep the header: a body that begins with no chunk is taken as it is. */
static ssize_t read_chunks(void *ctx, char *to, size_t max, th_error *err)
{
    th_body *b = ctx;
    const char *text;
    size_t len;

    if (b->ended)
        return 0;
    if (!b->left) {
        th_error own = {0};
        bool first = !b->begun;
        if (!next_chunk(b, &own)) {
            if (own.status != TH_OK) {
                th_error_set(err, own.status, "%s", own.text);
                return -1;
            }
            b->left = first ? UINT64_MAX : 0;
        }
        if (!b->left) {
            b->ended = true;
            return 0;
        }
    }
    if (th_stream_peek(b->in, 1, &text, &len, err) != TH_OK)
        return -1;
    len = len < max ? len : max;
    len = len < b->left ? len : (size_t)b->left;
    memcpy(to, text, len);
    th_stream_take(b->in, len);
    b->left -= b->left == UINT64_MAX ? 0 : len;
    return (ssize_t)len;
}

static ssize_t read_inflated(void *ctx, char *to, size_t max, th_error *err)
{
    th_body *b = ctx;
    const char *text;
    size_t len;
    int code = Z_OK;

    b->z.next_out = (Bytef *)to;
    b->z.avail_out = (uInt)(max < 1 << 20 ? max : 1 << 20);
    uInt room = b->z.avail_out;
    while (b->z.avail_out == room && code == Z_OK && !b->ended) {
        if (th_stream_peek(&b->plain, 1, &text, &len, err) != TH_OK)
            return -1;
        if (!len)
            break; /* cut off: what came out stands */
        uInt given = (uInt)(len < 1 << 20 ? len : 1 << 20);
        b->z.next_in = (Bytef *)text;
        b->z.avail_in = given;
        code = inflate(&b->z, Z_NO_FLUSH);
        b->packed += given - b->z.avail_in;
        th_stream_take(&b->plain, given - b->z.avail_in);
        b->ended = code == Z_STREAM_END;
    }
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
        th_error_set(err, TH_ERR_PARSE, "%s: its gzip body is damaged: %s", b->in->path, b->z.msg ? b->z.msg : "no reason given");
        return -1;
    }
    size_t got = room - b->z.avail_out;
    b->expanded += got;
    if (b->expanded > RATIO_FROM && b->expanded / RATIO > b->packed) {
        th_error_set(err, TH_ERR_BOMB, "%s: its body expands to more than %d times its size", b->in->path, RATIO);
        return -1;
    }
    return (ssize_t)got;
}

th_status th_body_open(th_body **out, th_stream **stream, const th_http *http, th_stream *s, th_error *err)
{
    bool packed = strcmp(http->coding, "gzip") == 0 || strcmp(http->coding, "x-gzip") == 0 || strcmp(http->coding, "deflate") == 0;
    th_body *b;
    const char *text;
    size_t len;

    *out = NULL;
    *stream = s;
    if (http->coding[0] && !packed && strcmp(http->coding, "identity") != 0 && strcmp(http->coding, "none") != 0 &&
        strcmp(http->coding, "utf-8") != 0)
        return th_error_set(err, TH_ERR_FORMAT, "%s: its body is packed as \"%s\", which is not read", s->path, http->coding);
    b = calloc(1, sizeof *b);
    if (!b)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", s->path);
    *out = b;
    b->in = s;
    b->left = http->chunked ? 0 : UINT64_MAX;
    th_stream_reader(&b->plain, s->path, read_chunks, b);
    *stream = &b->plain;
    th_status status = th_stream_peek(&b->plain, 2, &text, &len, err);
    /* Here too some crawlers keep the header of what they have undone. */
    bool gzip = len >= 2 && !memcmp(text, "\x1f\x8b", 2), zlib = len >= 2 && (text[0] & 0x0f) == 8 && ((unsigned char)text[0] * 256u + (unsigned char)text[1]) % 31 == 0;
    if (status != TH_OK || !packed || !(gzip || zlib))
        return status;
    if (inflateInit2(&b->z, 15 + 32) != Z_OK)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", s->path);
    b->has_inflater = true;
    b->ended = false;
    th_stream_reader(&b->inflated, s->path, read_inflated, b);
    *stream = &b->inflated;
    return TH_OK;
}

void th_body_free(th_body *b)
{
    if (!b)
        return;
    if (b->has_inflater)
        inflateEnd(&b->z);
    th_stream_close(&b->plain);
    th_stream_close(&b->inflated);
    free(b);
}
