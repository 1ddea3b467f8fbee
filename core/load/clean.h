/* clean.h - from the lines of a page to the lines of the article. Internal to load/. */
#ifndef TH_LOAD_CLEAN_H
#define TH_LOAD_CLEAN_H

#include "load/chrome.h"
#include "load/draft.h"

/* Give every line of `d` that is not of the article a reason and a place in d->dropped, cut bylines and credits out of
 * the others, take metadata from both. `*hint` = a column tag of the title, or NULL. */
th_status th_clean(const th_chrome *chrome, th_draft *d, const char **hint, th_error *err);

/* Does the line begin like an item of a document: 一、 （一） 第一 (but not 1.)? */
bool th_is_numbered(const th_view *view);

/* Tell headings, captions and paragraphs apart among the lines that are kept. */
void th_blocks_tell(const th_chrome *chrome, th_draft *d);

/* Note the short lines at the edges of what is kept in d->edges, and drop those that recur in the source (d->repeated). Before
 * the title is read: a site's slogan above it must not become it. */
void th_edges_take(const th_chrome *chrome, th_draft *d);

#endif
