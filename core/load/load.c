/* load.c - see load.h: tell what a source holds, hand containers to their readers, build articles. */
#include "load/load.h"

#include <stdlib.h>
#include <string.h>

#include "load/archive.h"
#include "load/build.h"
#include "load/decode.h"
#include "load/docx.h"
#include "load/pdf.h"
#include "load/json.h"
#include "load/reading.h"
#include "load/recode.h"
#include "load/rows.h"
#include "load/sniff.h"
#include "load/warc.h"
#include "text/unicode.h"

/* The formats of text, most particular first; a new one is a file and a line here. */
static const struct {
    const char *name;
    bool (*sniff)(const char *text, size_t len);
    th_status (*read)(th_draft *d, const char *text, size_t len, th_error *err);
} formats[] = {
    {"markdown", th_markdown_sniff, th_markdown_read},
    {"html", th_html_sniff, th_html_read},
    {"text", th_text_sniff, th_text_read},
};

static const size_t LARGEST = (size_t)1 << 30; /* bytes of one article: positions are 32 bits, libxml2 takes an int */

th_status th_loader_open(th_loader **out, const char *name, const char *chrome, size_t len,
                         const th_gazetteer *gazetteer, th_error *err)
{
    th_loader *loader = calloc(1, sizeof *loader);
    th_status status = TH_OK;

    *out = NULL;
    if (loader)
        loader->arena = th_arena_new();
    if (!loader || !loader->arena) {
        status = th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", name);
        goto done;
    }
    loader->gazetteer = gazetteer;
    status = th_chrome_parse(&loader->chrome, loader->arena, name, chrome, len, err);
    if (status != TH_OK)
        goto done;
    *out = loader;
    loader = NULL;
done:
    th_loader_free(loader);
    return status;
}

void th_loader_free(th_loader *loader)
{
    if (!loader)
        return;
    th_lexset_free(loader->chrome.terms);
    th_arena_free(loader->arena);
    free(loader);
}

void th_loader_set_repeated(th_loader *loader, const th_repeated *repeated)
{
    loader->repeated = repeated;
}

/* ---- loading ---- */

static bool is_blank(const char *text, size_t len)
{
    for (size_t pos = 0; pos < len;)
        if (!th_is_space(th_utf8_next(text, len, &pos)))
            return false;
    return true;
}

/* The bytes as normalised text; what was damaged becomes a warning of `d`. */
static th_status to_text(th_str *out, th_draft *d, const char *bytes, size_t len, th_error *err)
{
    th_str decoded = {0};
    th_encoding encoding;
    th_normal_stats stats = {0};
    th_status status = th_decode(&decoded, &encoding, d->path, bytes, len, err);

    if (status == TH_OK)
        status = th_text_normalise(out, th_str_text(&decoded), decoded.len, &stats, err);
    th_str_free(&decoded);
    if (status == TH_OK && is_blank(th_str_text(out), out->len))
        return th_error_set(err, TH_ERR_EMPTY, "%s: holds nothing but white space", d->path);
    if (status == TH_OK && stats.replaced)
        th_draft_warn(d, "%s: %zu damaged bytes of %s became U+FFFD", d->path, stats.replaced, encoding.name);
    return status;
}

/* ---- items ---- */

bool th_shard_has(const th_shard *shard, const void *bytes, size_t len)
{
    return shard->count < 2 || th_hash_64(len ? bytes : "", len) % shard->count == shard->index - 1;
}

bool th_reading_begin(th_reading *r, const char *path, const char *raw, size_t bytes)
{
    th_arena_reset(r->arena);
    if (!th_shard_has(&r->sink->shard, raw, bytes)) {
        r->number++;
        return false;
    }
    r->begun = r->number;
    if (!r->sink->item || r->sink->item(r->sink->ctx, r->number, path, bytes))
        return true;
    r->number++;
    return false;
}

/* What the sink said; a refusal ends everything. */
static th_status taken(th_reading *r, th_status status)
{
    r->number++;
    r->stopped |= status != TH_OK;
    return status;
}

th_status th_reading_fail(th_reading *r, const char *path, const th_error *item, th_error *err)
{
    if (r->stopped || !r->sink->failed) {
        r->stopped = true;
        return th_error_set(err, item->status, "%s", item->text);
    }
    if (r->begun != r->number && !th_shard_has(&r->sink->shard, path, strlen(path))) {
        r->number++;
        return TH_OK;
    }
    return taken(r, r->sink->failed(r->sink->ctx, r->number, path, item->status, item->text, err));
}

th_status th_reading_lines(th_draft *d, const char *text, size_t len, th_error *err)
{
    size_t i = 0;

    while (i + 1 < sizeof formats / sizeof *formats && !formats[i].sniff(text, len))
        i++;
    if (!d->format)
        d->format = formats[i].name;
    return formats[i].read(d, text, len, err);
}

th_status th_reading_finish(th_reading *r, th_draft *d, th_error *err)
{
    th_article *article = NULL;
    d->repeated = r->loader->repeated;
    th_status status = th_build(&article, &r->loader->chrome, r->loader->gazetteer, d, err);

    return status == TH_OK ? taken(r, r->sink->article(r->sink->ctx, r->number, article, err)) : status;
}

th_status th_reading_one(th_reading *r, const char *path, const char *bytes, size_t len, const char *url, th_error *err)
{
    th_str text = {0};
    th_draft d = {.arena = r->arena, .path = path};
    th_status status;

    if (!th_reading_begin(r, path, bytes, len))
        return TH_OK;
    if (url)
        th_draft_set(&d, TH_META_URL, url, strlen(url), "address in the archive");
    status = to_text(&text, &d, bytes, len, err);
    d.whole = text.data;
    d.whole_len = text.len;
    if (status == TH_OK)
        status = th_reading_lines(&d, text.data, text.len, err);
    if (status == TH_OK)
        status = th_reading_finish(r, &d, err);
    th_str_free(&text);
    th_str_free(&d.text);
    return status;
}

/* ---- a source ---- */

static th_status read_whole(th_reading *r, th_stream *s, const char *url, th_error *err)
{
    const char *bytes;
    size_t len;
    th_status status = th_stream_rest(s, r->layers ? TH_MEMBER_MAX : LARGEST, &bytes, &len, err);

    return status == TH_OK ? th_reading_one(r, s->path, bytes, len, url, err) : status;
}

/* Could these bytes begin a table or JSON? A cheap look at what all of them have in common. */
static bool may_hold_many(const char *path, const char *head, size_t len)
{
    size_t at = 0, n = len < 4096 ? len : 4096;

    if (n >= 2 && (!memcmp(head, "\xff\xfe", 2) || !memcmp(head, "\xfe\xff", 2)))
        return true;
    at += n >= 3 && !memcmp(head, "\xef\xbb\xbf", 3) ? 3 : 0;
    while (at < n && (unsigned char)head[at] <= ' ')
        at++;
    if (at == n || head[at] == '<')
        return false;
    if (head[at] == '{' || head[at] == '[' || th_rows_named(path))
        return true;
    return memchr(head, ',', n) || memchr(head, '\t', n) || memchr(head, ';', n);
}

/* Text: one article, or a table or JSON that holds them. */
static th_status read_text(th_reading *r, th_stream *s, const char *head, size_t len, const char *url, th_error *err)
{
    th_str text = {0};
    th_encoding encoding;
    th_recode recode;
    th_stream *in;
    char delimiter = 0;
    bool json = false;
    th_status status = TH_OK;

    len = len < TH_SNIFF_BYTES ? len : TH_SNIFF_BYTES;
    if (may_hold_many(s->path, head, len) && th_decode(&text, &encoding, s->path, head, len, NULL) == TH_OK) {
        bool whole = s->ended && s->stop - s->start == len;
        json = th_json_sniff(th_str_text(&text), text.len);
        delimiter = json ? 0 : th_rows_sniff(&r->loader->columns, s->path, th_str_text(&text), text.len, whole);
    }
    th_str_free(&text);
    if (!json && !delimiter)
        return read_whole(r, s, url, err);
    status = th_recode_open(&recode, s, &in, err);
    if (status == TH_OK)
        status = json ? th_json_read(r, in, err) : th_rows_read(r, in, delimiter, err);
    th_recode_close(&recode);
    return status;
}

/* A document that is read from its bytes, not as text. */
static th_status read_document(th_reading *r, th_stream *s, const char *format, const char *url,
                               th_status (*read)(th_reading *r, th_draft *d, const char *bytes, size_t len, th_error *err),
                               th_error *err)
{
    th_draft d = {.arena = r->arena, .path = s->path, .format = format};
    const char *bytes;
    size_t len;
    th_status status = th_stream_rest(s, TH_MEMBER_MAX, &bytes, &len, err);

    if (status != TH_OK || !th_reading_begin(r, s->path, bytes, len))
        return status;
    if (url)
        th_draft_set(&d, TH_META_URL, url, strlen(url), "address in the archive");
    status = read(r, &d, bytes, len, err);
    if (status == TH_OK)
        status = th_reading_finish(r, &d, err);
    th_str_free(&d.text);
    return status;
}

static th_status read_docx(th_reading *r, th_draft *d, const char *bytes, size_t len, th_error *err)
{
    (void)r;
    return th_docx_read(d, bytes, len, err);
}

/* What pdftotext makes of it is read: whoever takes the articles may start another program, we may not. */
static th_status read_pdf(th_reading *r, th_draft *d, const char *bytes, size_t len, th_error *err)
{
    th_str text = {0}, note = {0};

    if (!r->sink->convert)
        return th_error_set(err, TH_ERR_FORMAT, "%s: is a PDF document, which can not be read here", d->path);
    th_status status = r->sink->convert(r->sink->ctx, d->path, "pdf", bytes, len, &text, &note, err);
    if (status == TH_OK)
        status = th_pdf_read(d, th_str_text(&text), text.len, err);
    if (note.len)
        th_draft_warn(d, "%s: %s", d->path, note.data);
    th_str_free(&text);
    th_str_free(&note);
    return status;
}

static th_status unread(const th_stream *s, th_kind kind, const char *what, th_error *err)
{
    if (kind == TH_KIND_EMPTY)
        return th_error_set(err, TH_ERR_EMPTY, "%s: is empty", s->path);
    if (kind == TH_KIND_BINARY)
        return th_error_set(err, TH_ERR_BINARY, "%s: is %s, not text", s->path, what);
    return th_error_set(err, TH_ERR_FORMAT, "%s: is %s", s->path, what);
}

th_status th_reading_any(th_reading *r, th_stream *s, const char *url, th_error *err)
{
    const char *head, *what;
    size_t len;
    th_status status = th_stream_peek(s, TH_SNIFF_BYTES, &head, &len, err);

    if (status != TH_OK)
        return status;
    th_kind kind = th_sniff(head, len, &what);
    switch (kind) {
    case TH_KIND_TEXT:
        return read_text(r, s, head, len, url, err);
    case TH_KIND_ARCHIVE:
        return th_archive_read(r, s, err);
    case TH_KIND_WARC:
        return th_warc_read(r, s, err);
    case TH_KIND_PDF:
        return read_document(r, s, "pdf", url, read_pdf, err);
    case TH_KIND_DOCX:
        return read_document(r, s, "docx", url, read_docx, err);
    default:
        return unread(s, kind, what, err);
    }
}

th_status th_load(const th_loader *loader, th_stream *source, th_arena *arena, const th_sink *sink, th_error *err)
{
    th_reading r = {.loader = loader, .arena = arena, .sink = sink, .number = 1};

    return th_reading_any(&r, source, NULL, err);
}

th_status th_load_line(const th_loader *loader, const char *path, const char *text, size_t len, th_arena *arena, th_str *id,
                       const th_sink *sink, th_error *err)
{
    th_reading r = {.loader = loader, .arena = arena, .sink = sink, .number = 1};

    return th_json_object(&r, path, text, len, id, err);
}

th_status th_load_plain(th_article **out, th_arena *arena, const char *text, size_t len, const char *title,
                        const char *date, th_error *err)
{
    th_str normal = {0};
    th_draft d = {.arena = arena, .path = "text", .format = "text"};
    th_status status = th_text_normalise(&normal, text, len, NULL, err);

    *out = NULL;
    if (status == TH_OK)
        status = th_text_read(&d, th_str_text(&normal), normal.len, err);
    if (status == TH_OK && !d.count)
        status = th_error_set(err, TH_ERR_EMPTY, "text: holds nothing but white space");
    if (status == TH_OK)
        status = th_build_plain(out, &d, title, date, err);
    th_str_free(&normal);
    th_str_free(&d.text);
    return status;
}
