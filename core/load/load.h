/* load.h - bytes of a file → article objects: decode, strip markup, drop what is not the article, read its metadata.
 *
 * The format is told by content. A file may be one article or hold many (a row each, a member each, containers in one
 * another); many are read as a stream, one article in memory at a time. Everything that varies is data: data/chrome.yaml
 * says what site chrome, disclaimers and credits look like; the gazetteer tells which region an article is about. A loader
 * is read-only after opening. */
#ifndef TH_LOAD_LOAD_H
#define TH_LOAD_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "article.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "load/edges.h"
#include "load/stream.h"
#include "text/gazetteer.h"

typedef struct th_loader th_loader;

/* `chrome` are the bytes of the chrome rules, `name` their path for messages. `gazetteer` is borrowed and must outlive
 * the loader. The caller frees it with th_loader_free(). */
th_status th_loader_open(th_loader **out, const char *name, const char *chrome, size_t len,
                         const th_gazetteer *gazetteer, th_error *err);
void th_loader_free(th_loader *loader); /* NULL is fine */

/* A column of tables (key of JSON objects) that config.yaml names for a field: then no other name fits the field. */
typedef struct th_column {
    const char *field; /* title, date, text, source, url, region, author */
    const char *name;
} th_column;

/* Take the names, which are borrowed. TH_ERR_USAGE names a field that does not exist. */
th_status th_loader_columns(th_loader *loader, const th_column *columns, size_t count, th_error *err);

/* Drop lines that stand in `repeated` (borrowed; NULL: none) from the edges of what is read from now on. */
void th_loader_set_repeated(th_loader *loader, const th_repeated *repeated);
/* One of `count` parts of all articles; an item is of the part that the hash of its raw bytes tells. Zeros: no parts. */
typedef struct th_shard {
    uint32_t index, count; /* index from 1 to count */
} th_shard;

/* Are the bytes of this part? */
bool th_shard_has(const th_shard *shard, const void *bytes, size_t len);

/* Who takes what a file holds. Items are numbered from 1 in the order they stand in the file, those that fail too, so that the
 * same bytes give the same numbers again. A status other than TH_OK ends the loading and is returned. */
typedef struct th_sink {
    /* An item of `bytes` bytes is about to be read. False: leave it out. NULL: all are read. */
    bool (*item)(void *ctx, uint64_t number, const char *path, size_t bytes);
    /* An article, split, sealed, id 0; it lives in the arena until the next item. Its path is the file's, or for an item of a
     * container reports.csv#3, pages.zip!a/b.html, all.zip!reports.csv#3, crawl.warc!https://… */
    th_status (*article)(void *ctx, uint64_t number, th_article *article, th_error *err);
    /* An item of a container failed; the others go on. `message` starts with its path. NULL: it ends the loading. */
    th_status (*failed)(void *ctx, uint64_t number, const char *path, th_status status, const char *message, th_error *err);
    /* Have another program turn a document of `format` ("pdf") into what its reader takes, appended to `out` (load/pdf.h), and what
     * it complains of, appended to `note`. The
     * message of a failure starts with the path. NULL: such documents fail with TH_ERR_FORMAT. */
    th_status (*convert)(void *ctx, const char *path, const char *format, const char *bytes, size_t len, th_str *out,
                         th_str *note, th_error *err);
    /* One line about what was left out on purpose: hidden files, records that are no pages. NULL: nobody asks. */
    void (*note)(void *ctx, const char *message);
    void *ctx;
    th_shard shard; /* items of other parts are left out; `item` is not called for them */
} th_sink;

/* Read all of `source` and give what it holds to `sink`. `arena` is reset before each item. Fails with TH_ERR_EMPTY,
 * TH_ERR_BINARY, TH_ERR_ENCODING, TH_ERR_FORMAT, TH_ERR_PARSE, TH_ERR_BOMB, TH_ERR_UNREADABLE or TH_ERR_NOMEM, also when a container
 * breaks off after some items; the message starts with the source's path. Damage that leaves an article (broken front
 * matter, cut-off HTML, bad bytes) is a warning in it. */
th_status th_load(const th_loader *loader, th_stream *source, th_arena *arena, const th_sink *sink, th_error *err);

/* Read `text`, one JSON object, as the one article at `path`: what th_load() makes of a line of NDJSON. `id` receives the value of
 * its key "id" as JSON ("null" when it has none) before sink->item is called. The message of a failure starts with the path. */
th_status th_load_line(const th_loader *loader, const char *path, const char *text, size_t len, th_arena *arena, th_str *id,
                       const th_sink *sink, th_error *err);

/* Build an article from plain text that is known to be clean (for `try` and for tests): one block per line, no chrome
 * rules, no metadata but `title` (may be NULL) and `date` (may be NULL). The article lives in `arena`. */
th_status th_load_plain(th_article **out, th_arena *arena, const char *text, size_t len, const char *title,
                        const char *date, th_error *err);

#endif
