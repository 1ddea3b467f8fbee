/* edges.h - the short lines at an article's edges, and which of them recur in many articles of one source: a site's slogans and
 * tool lines, which no rule knows.
 *
 * Which lines are candidates is told from one article. Which of them recur is told by all articles of a site, a source or a
 * folder (run/repeated.h) and comes as a set of keys, one for a line in a group. Any line of an article may stand in the set;
 * th_edges_dropped() says which go, the same for a worker that reads the article and for whoever asks later. */
#ifndef TH_LOAD_EDGES_H
#define TH_LOAD_EDGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "article.h"

/* The keys known to recur, in order; shared between processes, changed only while nobody reads an article. */
typedef struct th_repeated {
    size_t count, max;
    uint64_t keys[];
} th_repeated;

/* The key of a line in a group. */
uint64_t th_repeated_key(uint64_t group, uint64_t line);

/* The bits of the lines of `edges` to drop. A line that ends like a sentence or a document's name, or has a day or number, goes
 * only when a line that does not, and goes, stands inside of it: "thank you all" ends many speeches. `known` may be NULL. */
uint32_t th_edges_dropped(const th_edges *edges, const th_repeated *known);

#endif
