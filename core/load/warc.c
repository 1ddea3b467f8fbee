/* warc.c - see warc.h. */
#define _GNU_SOURCE 1 /* memmem */
#include "load/warc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "load/http.h"
#include "load/labels.h"

enum { HEADER_MAX = 64 << 10, URL_MAX = 4096, KINDS_MAX = 24, LOST_MAX = 64 };

typedef struct crawl {
    th_reading *r;
    th_stream *s;
    uint64_t left;       /* bytes of the record's block that are still in the stream */
    th_labels labels;
    th_str path;
    size_t records, lost;
    size_t revisits, answers; /* records that repeat another; answers that are no page */
    struct {
        char name[TH_HTTP_WORD];
        size_t times;
    } kinds[KINDS_MAX];  /* what was left out, by media type; the last for all others */
    size_t kind_count;
} crawl;

typedef struct record {
    char type[32], content[TH_HTTP_WORD], url[URL_MAX];
    uint64_t length;
} record;

/* ---- records ---- */

static ssize_t read_block(void *ctx, char *to, size_t max, th_error *err)
{
    crawl *c = ctx;
    const char *bytes;
    size_t len;

    if (!c->left)
        return 0;
    if (th_stream_peek(c->s, 1, &bytes, &len, err) != TH_OK)
        return -1;
    len = len < max ? len : max;
    len = len < c->left ? len : (size_t)c->left;
    memcpy(to, bytes, len);
    th_stream_take(c->s, len);
    c->left -= len;
    return (ssize_t)len;
}

/* Step over what is left of the block. */
static th_status finish_block(crawl *c, th_error *err)
{
    const char *bytes;
    size_t len;

    while (c->left) {
        th_status status = th_stream_peek(c->s, 1, &bytes, &len, err);
        if (status != TH_OK)
            return status;
        if (!len)
            return th_error_set(err, TH_ERR_PARSE, "%s: the file is cut off in record %zu; the records before it were read", c->s->path,
                                c->records);
        len = len < c->left ? len : (size_t)c->left;
        th_stream_take(c->s, len);
        c->left -= len;
    }
    return TH_OK;
}

static size_t header_length(const char *text, size_t len)
{
    const char *end = memmem(text, len, "\r\n\r\n", 4), *bare = memmem(text, len, "\n\n", 2);

    if (end && (!bare || end < bare))
        return (size_t)(end + 4 - text);
    return bare ? (size_t)(bare + 2 - text) : 0;
}

static bool parse_header(record *rec, const char *text, size_t len)
{
    char length[32], uri[URL_MAX];
    char *end;

    if (!th_http_field(text, len, "warc-type", rec->type, sizeof rec->type) ||
        !th_http_field(text, len, "content-length", length, sizeof length))
        return false;
    errno = 0;
    rec->length = strtoull(length, &end, 10);
    if (errno || end == length || *end || length[0] == '-' || rec->length > (uint64_t)1 << 50)
        return false;
    th_http_field(text, len, "content-type", rec->content, sizeof rec->content);
    rec->content[strcspn(rec->content, "; ")] = '\0';
    th_http_field(text, len, "warc-target-uri", uri, sizeof uri);
    size_t n = strlen(uri); /* some writers put it in <> */
    bool wrapped = n > 2 && uri[0] == '<' && uri[n - 1] == '>';
    snprintf(rec->url, sizeof rec->url, "%.*s", (int)(wrapped ? n - 2 : n), uri + wrapped);
    return true;
}

/* Go on to the next place where a record may begin. */
static th_status resync(crawl *c, th_error *err)
{
    const char *text;
    size_t len;

    th_stream_take(c->s, 1);
    for (;;) {
        th_status status = th_stream_peek(c->s, HEADER_MAX, &text, &len, err);
        if (status != TH_OK || !len)
            return status;
        const char *found = memmem(text, len, "\nWARC/", 6);
        if (found) {
            th_stream_take(c->s, (size_t)(found + 1 - text));
            return TH_OK;
        }
        th_stream_take(c->s, len > 5 && !c->s->ended ? len - 5 : len);
    }
}

static th_status fail_record(crawl *c, th_error *err)
{
    th_error own = {0};

    if (++c->lost > LOST_MAX)
        return th_error_set(err, TH_ERR_PARSE, "%s: more than %d damaged records; the rest was not read", c->s->path, LOST_MAX);
    th_error_set(&own, TH_ERR_PARSE, "%s: byte %llu: no WARC record begins here; read on at the next one", c->s->path,
                 (unsigned long long)c->s->taken);
    return th_reading_fail(c->r, c->s->path, &own, err);
}

/* Read the next record's header. `*found` is false at the end. */
static th_status next_record(crawl *c, record *rec, bool *found, th_error *err)
{
    const char *text;
    size_t len;

    for (;;) {
        size_t blank = 0;
        th_status status = th_stream_peek(c->s, HEADER_MAX, &text, &len, err);
        while (blank < len && (text[blank] == '\r' || text[blank] == '\n'))
            blank++;
        *found = status == TH_OK && blank < len;
        if (status != TH_OK || !len)
            return status;
        if (blank) {
            th_stream_take(c->s, blank);
            continue;
        }
        len = len < HEADER_MAX ? len : HEADER_MAX;
        size_t n = len > 5 && !memcmp(text, "WARC/", 5) ? header_length(text, len) : 0;
        if (n && parse_header(rec, text, n)) {
            th_stream_take(c->s, n);
            c->left = rec->length;
            c->records++;
            return TH_OK;
        }
        if ((status = fail_record(c, err)) != TH_OK || (status = resync(c, err)) != TH_OK)
            return status;
    }
}

/* ---- pages ---- */

static bool is_page(const char *type)
{
    static const char *const types[] = {
        "text/html", "application/xhtml+xml", "text/plain", "text/markdown", "text/csv", "application/json", "application/pdf",
        "application/octet-stream", "application/x-ndjson", "application/msword", "application/zip",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    };

    if (!*type)
        return true;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcasecmp(type, types[i]) == 0)
            return true;
    return false;
}

static void count_kind(crawl *c, const char *type)
{
    size_t i = 0;

    while (i < c->kind_count && strcmp(c->kinds[i].name, type) != 0)
        i++;
    if (i == c->kind_count && i + 1 >= KINDS_MAX) {
        type = "others";
        i = KINDS_MAX - 1;
    }
    if (i == c->kind_count || i == KINDS_MAX - 1)
        snprintf(c->kinds[i].name, sizeof c->kinds[i].name, "%s", type);
    c->kind_count = i >= c->kind_count ? i + 1 : c->kind_count;
    c->kinds[i].times++;
}

static th_status read_page(crawl *c, const record *rec, const th_http *http, th_stream *block, th_error *err)
{
    th_error own = {0};
    th_body *body = NULL;
    th_stream *in = block;
    th_status status = th_labels_path(&c->labels, &c->path, c->s->path, rec->url, strlen(rec->url), err);

    if (status != TH_OK)
        return status;
    block->path = th_str_text(&c->path);
    status = th_body_open(&body, &in, http, block, &own);
    if (status == TH_OK)
        status = th_reading_any(c->r, in, strncasecmp(rec->url, "http", 4) == 0 ? rec->url : NULL, &own);
    th_body_free(body);
    if (status == TH_OK)
        return TH_OK;
    if (c->r->stopped)
        return th_error_set(err, status, "%s", own.text);
    return th_reading_fail(c->r, th_str_text(&c->path), &own, err);
}

static th_status read_record(crawl *c, const record *rec, th_error *err)
{
    bool answer = strcasecmp(rec->type, "response") == 0;
    th_http http = {0};
    th_stream block;
    th_status status = TH_OK;

    c->revisits += strcasecmp(rec->type, "revisit") == 0;
    if (!answer && strcasecmp(rec->type, "resource") != 0 && strcasecmp(rec->type, "conversion") != 0)
        return TH_OK;
    th_stream_reader(&block, c->s->path, read_block, c);
    block.alive = c->s->alive;
    block.alive_ctx = c->s->alive_ctx;
    if (answer)
        status = th_http_head(&http, &block, err);
    const char *type = answer ? http.type : rec->content;
    if (status == TH_OK && answer && http.status && (http.status < 200 || http.status > 299))
        c->answers++;
    else if (status == TH_OK && !is_page(type))
        count_kind(c, type);
    else if (status == TH_OK)
        status = read_page(c, rec, &http, &block, err);
    th_stream_close(&block);
    return status;
}

static void note_left_out(crawl *c)
{
    th_str text = {0};

    th_str_addf(&text, "%s: left out:", c->s->path);
    size_t empty = text.len;
    for (size_t i = 0; i < c->kind_count; i++)
        th_str_addf(&text, "%s %zu %s", text.len > empty ? "," : "", c->kinds[i].times, c->kinds[i].name);
    if (c->answers)
        th_str_addf(&text, "%s %zu answers that are no page (redirections, errors)", text.len > empty ? "," : "", c->answers);
    if (c->revisits)
        th_str_addf(&text, "%s %zu revisits", text.len > empty ? "," : "", c->revisits);
    if (text.len > empty && th_str_ok(&text) && c->r->sink->note)
        c->r->sink->note(c->r->sink->ctx, text.data);
    th_str_free(&text);
}

th_status th_warc_read(th_reading *r, th_stream *s, th_error *err)
{
    crawl c = {.r = r, .s = s};
    record *rec = malloc(sizeof *rec);
    bool found = true;
    th_status status = rec ? TH_OK : th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", s->path);

    while (status == TH_OK && found) {
        status = next_record(&c, rec, &found, err);
        if (status == TH_OK && found)
            status = read_record(&c, rec, err);
        if (status == TH_OK && found)
            status = finish_block(&c, err);
    }
    note_left_out(&c);
    th_labels_free(&c.labels);
    th_str_free(&c.path);
    free(rec);
    return status;
}
