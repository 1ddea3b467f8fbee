/* load.c - see load.h: decode, tell the format, read, clean, build. */
#include "load/load.h"

#include <stdlib.h>
#include <string.h>

#include "load/chrome.h"
#include "load/clean.h"
#include "load/decode.h"
#include "load/draft.h"
#include "load/metadata.h"
#include "text/unicode.h"

struct th_loader {
    th_chrome chrome;
    th_arena *arena;
    const th_gazetteer *gazetteer;
};

/* The formats, most particular first; a new one is a file and a line here. */
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

/* ---- building ---- */

static th_status add_blocks(th_article *a, const th_draft *d, th_error *err)
{
    size_t count = 0, len = 0;

    for (size_t i = 0; i < d->count; i++)
        if (!d->lines[i].reason) {
            count++;
            len += d->lines[i].stop - d->lines[i].start + 1;
        }
    if (!count)
        return th_error_set(err, TH_ERR_EMPTY, "%s: no article in it, only site chrome (%zu lines)", d->path, d->count);
    th_block *blocks = th_arena_zalloc(d->arena, count, sizeof *blocks);
    char *text = th_arena_alloc(d->arena, len);
    if (!blocks || !text)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", d->path);
    size_t at = 0, k = 0;
    for (size_t i = 0; i < d->count; i++) {
        const th_line *line = &d->lines[i];
        if (line->reason)
            continue;
        if (k)
            text[at++] = '\n';
        size_t n = line->stop - line->start;
        memcpy(text + at, d->text.data + line->start, n);
        blocks[k++] = (th_block){line->kind, (uint32_t)at, (uint32_t)(at + n)};
        at += n;
    }
    text[at] = '\0';
    a->text = text;
    a->len = at;
    a->blocks = blocks;
    a->block_count = count;
    return TH_OK;
}

/* A day out of a date field of any form; NULL when it holds none. */
static const char *day_of(th_draft *d, const char *field)
{
    char day[11];

    return field && th_date_find(field, strlen(field), day) ? th_draft_text(d, day, 10) : NULL;
}

/* The medium after the tag of a dump: 某某日报新闻 is news of 某某日报. */
static const char *source_of_tag(const th_chrome *chrome, th_draft *d)
{
    static const char news[] = "新闻";
    size_t len = d->tags ? strlen(d->tags) : 0, cut = sizeof news - 1;
    th_view v;

    if (!len || len > 90)
        return NULL;
    if (len > 2 * cut && !memcmp(d->tags + len - cut, news, cut))
        len -= cut;
    th_view_make(&v, d->tags, len, true);
    return th_words_before(&chrome->media, &v, 0, v.n) && v.n > 2 ? th_draft_text(d, d->tags, len) : NULL;
}

static void add_metadata(th_article *a, const th_loader *loader, th_draft *d, const char *hint)
{
    char day[11];

    a->title = d->title ? d->title : "";
    a->date = day_of(d, d->date);
    if (!a->date && th_title_date(a->title, day))
        a->date = th_draft_text(d, day, 10);
    a->source = d->source ? d->source : d->guess ? d->guess : source_of_tag(&loader->chrome, d);
    a->url = d->url;
    a->lang = "zh";
    a->authors = d->authors;
    a->author_count = d->author_count;
    if (loader->gazetteer) {
        const char *clue = hint ? hint : a->source;
        const th_region *region = th_gazetteer_about(loader->gazetteer, a->title, a->text, a->len, clue, d->arena);
        a->region_code = region ? region->code : NULL;
        a->region_name = region ? region->name : NULL;
    }
}

static th_status finish(th_article *a, th_draft *d, th_error *err)
{
    a->path = th_arena_copy(d->arena, d->path, strlen(d->path));
    a->format = d->format;
    a->dropped = d->dropped;
    a->dropped_count = d->dropped_count;
    a->warnings = d->warnings;
    a->warning_count = d->warning_count;
    if (d->failed || !a->path)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", d->path);
    th_status status = th_article_split(a, d->arena, err);
    return status == TH_OK ? th_article_seal(a, err) : status;
}

static th_status build(th_article **out, const th_loader *loader, th_draft *d, th_error *err)
{
    th_article *a = th_arena_zalloc(d->arena, 1, sizeof *a);
    const char *hint = NULL, *byline = d->byline;
    th_status status;

    if (!a)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", d->path);
    if (byline)
        th_names_take(&loader->chrome, d, byline);
    status = th_clean(&loader->chrome, d, &hint, err);
    if (status != TH_OK)
        return status;
    th_blocks_tell(&loader->chrome, d);
    status = add_blocks(a, d, err);
    if (status != TH_OK)
        return status;
    add_metadata(a, loader, d, hint);
    *out = a;
    return finish(a, d, err);
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
    const char *binary = th_binary_kind(bytes, len);
    th_status status;

    if (binary)
        return th_error_set(err, TH_ERR_BINARY, "%s: is %s, not text", d->path, binary);
    status = th_decode(&decoded, &encoding, d->path, bytes, len, err);
    if (status == TH_OK)
        status = th_text_normalise(out, th_str_text(&decoded), decoded.len, &stats, err);
    th_str_free(&decoded);
    if (status == TH_OK && is_blank(th_str_text(out), out->len))
        return th_error_set(err, TH_ERR_EMPTY, "%s: holds nothing but white space", d->path);
    if (status == TH_OK && stats.replaced)
        th_draft_warn(d, "%s: %zu damaged bytes of %s became U+FFFD", d->path, stats.replaced, encoding.name);
    return status;
}

th_status th_load_bytes(const th_loader *loader, const char *path, const char *bytes, size_t len, th_arena *arena,
                        th_article_fn fn, void *ctx, th_error *err)
{
    th_str text = {0};
    th_draft d = {.arena = arena, .path = path};
    th_article *article = NULL;
    th_status status;

    if (!len)
        return th_error_set(err, TH_ERR_EMPTY, "%s: is empty", path);
    if (len > LARGEST)
        return th_error_set(err, TH_ERR_BOMB, "%s: %zu bytes, more than one article may have (%zu)", path, len, LARGEST);
    status = to_text(&text, &d, bytes, len, err);
    for (size_t i = 0; status == TH_OK && i < sizeof formats / sizeof *formats; i++)
        if (formats[i].sniff(text.data, text.len)) {
            d.format = formats[i].name;
            status = formats[i].read(&d, text.data, text.len, err);
            break;
        }
    if (status == TH_OK)
        status = build(&article, loader, &d, err);
    th_str_free(&text);
    th_str_free(&d.text);
    return status == TH_OK ? fn(ctx, article, err) : status;
}

th_status th_load_plain(th_article **out, th_arena *arena, const char *text, size_t len, const char *title,
                        const char *date, th_error *err)
{
    th_str normal = {0};
    th_draft d = {.arena = arena, .path = "text", .format = "text"};
    th_article *a = th_arena_zalloc(arena, 1, sizeof *a);
    th_status status = a ? th_text_normalise(&normal, text, len, NULL, err)
                         : th_error_set(err, TH_ERR_NOMEM, "text: out of memory");

    *out = NULL;
    if (status == TH_OK)
        status = th_text_read(&d, th_str_text(&normal), normal.len, err);
    if (status == TH_OK && !d.count)
        status = th_error_set(err, TH_ERR_EMPTY, "text: holds nothing but white space");
    for (size_t i = 0; i < d.count; i++)
        d.lines[i].kind = TH_BLOCK_PARAGRAPH;
    if (status == TH_OK)
        status = add_blocks(a, &d, err);
    if (status == TH_OK) {
        a->title = title ? th_draft_text(&d, title, strlen(title)) : "";
        a->title = a->title ? a->title : "";
        a->date = day_of(&d, date);
        a->lang = "zh";
        status = finish(a, &d, err);
    }
    th_str_free(&normal);
    th_str_free(&d.text);
    if (status == TH_OK)
        *out = a;
    return status;
}
