/* load.h - bytes of a file → article objects: decode, strip markup, drop what is not the article, read its metadata.
 *
 * The format is told by content. Everything that varies is data: data/chrome.yaml says what site chrome, disclaimers and
 * credits look like; the gazetteer tells which region an article is about. A loader is read-only after opening. */
#ifndef TH_LOAD_LOAD_H
#define TH_LOAD_LOAD_H

#include <stddef.h>

#include "article.h"
#include "base/arena.h"
#include "base/error.h"
#include "text/gazetteer.h"

typedef struct th_loader th_loader;

/* `chrome` are the bytes of the chrome rules, `name` their path for messages. `gazetteer` is borrowed and must outlive
 * the loader. The caller frees it with th_loader_free(). */
th_status th_loader_open(th_loader **out, const char *name, const char *chrome, size_t len,
                         const th_gazetteer *gazetteer, th_error *err);
void th_loader_free(th_loader *loader); /* NULL is fine */

/* Is called for each article of a file, in order; the article lives in `arena` until the next call. A status other than
 * TH_OK ends the loading and is returned. */
typedef th_status (*th_article_fn)(void *ctx, th_article *article, th_error *err);

/* Read the file content `bytes` and hand its articles to `fn`. Articles are split, sealed, id 0, path `path`.
 * Fails with TH_ERR_EMPTY, TH_ERR_BINARY, TH_ERR_ENCODING, TH_ERR_FORMAT, TH_ERR_PARSE or TH_ERR_NOMEM; the message starts
 * with the path. Damage that leaves an article (broken front matter, cut-off HTML, bad bytes) is a warning in it. */
th_status th_load_bytes(const th_loader *loader, const char *path, const char *bytes, size_t len, th_arena *arena,
                        th_article_fn fn, void *ctx, th_error *err);

/* Build an article from plain text that is known to be clean (for `try` and for tests): one block per line, no chrome
 * rules, no metadata but `title` (may be NULL) and `date` (may be NULL). The article lives in `arena`. */
th_status th_load_plain(th_article **out, th_arena *arena, const char *text, size_t len, const char *title,
                        const char *date, th_error *err);

#endif
