/* page.h - metadata in the markup of an HTML page: <meta>, <link>, JSON-LD, microdata, script variables of WeChat pages.
 * Internal to load/. */
#ifndef TH_LOAD_PAGE_H
#define TH_LOAD_PAGE_H

#include <libxml/tree.h>

#include "load/draft.h"

/* The value of an attribute, borrowed from the tree, or NULL. */
const char *th_page_attribute(const xmlNode *node, const char *name);

/* Set the fields of `d` from the markup of the page, the surest first; the page's <title> comes last and may carry the
 * site's name. */
void th_page_read(th_draft *d, const xmlNode *root);

/* Does the element hold metadata by its itemprop (headline, author, datePublished)? Then it is none of the text. */
bool th_page_is_property(const xmlNode *node);

#endif
