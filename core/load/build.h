/* build.h - an article out of a draft: clean it, tell its blocks apart, decide its metadata. Internal to load/. */
#ifndef TH_LOAD_BUILD_H
#define TH_LOAD_BUILD_H

#include "article.h"
#include "load/chrome.h"
#include "load/draft.h"
#include "text/gazetteer.h"

/* Build the article of `d` in its arena, split and sealed. `gazetteer` may be NULL: then no region is told.
 * Fails with TH_ERR_EMPTY (only chrome in it) or TH_ERR_NOMEM; the message starts with the draft's path. */
th_status th_build(th_article **out, const th_chrome *chrome, const th_gazetteer *gazetteer, th_draft *d, th_error *err);

/* The same from lines that are known to be clean: each a paragraph, no rules asked, no metadata but what is given. */
th_status th_build_plain(th_article **out, th_draft *d, const char *title, const char *date, th_error *err);

#endif
