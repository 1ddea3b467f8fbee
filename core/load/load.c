/* load.c - see load.h: decode, tell the format, read, clean, build. */
#include "load/load.h"

#include <stdlib.h>
#include <string.h>

#include "load/build.h"
#include "load/chrome.h"
#include "load/decode.h"
#include "load/draft.h"
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
    d.whole = text.data;
    d.whole_len = text.len;
    for (size_t i = 0; status == TH_OK && i < sizeof formats / sizeof *formats; i++)
        if (formats[i].sniff(text.data, text.len)) {
            d.format = formats[i].name;
            status = formats[i].read(&d, text.data, text.len, err);
            break;
        }
    if (status == TH_OK)
        status = th_build(&article, &loader->chrome, loader->gazetteer, &d, err);
    th_str_free(&text);
    th_str_free(&d.text);
    return status == TH_OK ? fn(ctx, article, err) : status;
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
