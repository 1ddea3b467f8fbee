/* lexicon.h - many terms found in one pass.
 *
 * Every lexicon of a run is added to one th_lexset; after th_lexset_compile() one scan of a text finds the terms of all
 * of them. Within one lexicon the longest term at the leftmost place wins and hits do not overlap; lexicons do not see
 * each other. Letters, digits and % + - . match whatever their width (Ａ = A, ＋ = +). Method: a bitmap over the hash of
 * a term's first two characters, then a hash table of candidates, longest first. */
#ifndef TH_TEXT_LEXICON_H
#define TH_TEXT_LEXICON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct th_lexset th_lexset;

typedef struct th_hit {
    uint32_t start, stop; /* bytes in the text scanned */
    uint32_t term;        /* the number th_lexset_add_term() gave within its lexicon, from 0 */
} th_hit;

typedef struct th_hits {
    const th_hit *items; /* in text order */
    size_t count;
} th_hits;

/* The caller frees it with th_lexset_free(). NULL when out of memory. */
th_lexset *th_lexset_new(void);
void th_lexset_free(th_lexset *set); /* NULL is fine */

/* Begin a new lexicon; its number (from 0), or -1 when out of memory. */
int th_lexset_add(th_lexset *set);

/* Add a term (valid UTF-8, not empty, at most 255 bytes) to lexicon `lexicon`. Gives the term's number, the one it
 * already has when it is there, or -1 when it is empty, too long, no UTF-8 or memory is out. What is added after
 * compiling is found once th_lexset_compile() has been called again. */
int th_lexset_add_term(th_lexset *set, int lexicon, const char *term, size_t len);

/* A word that must or must not stand next to a term for it to count, in the same line. */
typedef struct th_neighbour {
    const char *word; /* valid UTF-8, 1 to 255 bytes */
    size_t len;
    bool behind;     /* where to look: behind the term, else in front of it */
    bool excluded;   /* the term does not count when the word is there */
    unsigned within; /* at most so many characters lie between the two */
} th_neighbour;

/* Add a condition to term `term` of lexicon `lexicon`. Of the words wanted on one side one must be there, of the excluded ones
 * none. Where a term does not count a shorter one may. False when there is no such term, the word is unfit or memory is out. */
bool th_lexset_add_neighbour(th_lexset *set, int lexicon, int term, const th_neighbour *neighbour);

/* Build the tables. Call again after adding more lexicons; the earlier numbers stay. */
th_status th_lexset_compile(th_lexset *set, th_error *err);

size_t th_lexset_count(const th_lexset *set); /* lexicons */

/* Scan `text`: `*out` = an array of th_lexset_count() entries, the hits of each lexicon, all in `arena`. Never fails on
 * any bytes; TH_ERR_NOMEM only. */
th_status th_lexset_scan(const th_lexset *set, const char *text, size_t len, th_arena *arena, th_hits **out,
                         th_error *err);

#endif
