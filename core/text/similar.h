/* similar.h - are two texts the same article, reprinted with small edits?
 *
 * Two steps. A sketch of fixed size travels with every article; two sketches that agree in a band make a pair of candidates,
 * and how many of their bins agree estimates the Jaccard similarity of the texts' shingles: MinHash (Broder 1997, "On the
 * resemblance and containment of documents") from one pass over the text (Li, Owen & Zhang 2012, "One permutation hashing"),
 * empty bins filled by rotation (Shrivastava & Li 2014), 16 bits kept of each bin (Li & König 2010, "b-bit minwise hashing").
 * Candidates are then compared shingle by shingle. A shingle is five letters, digits or Han characters in a row: white space,
 * punctuation, width and case do not count. */
#ifndef TH_TEXT_SIMILAR_H
#define TH_TEXT_SIMILAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TH_SKETCH_BINS = 64, TH_SKETCH_BANDS = 32 };

typedef struct th_sketch {
    uint64_t text;     /* hash of the text; equal texts have equal ones. 0: no sketch */
    uint32_t shingles; /* in the text, repeated ones too */
    uint16_t bins[TH_SKETCH_BINS];
} th_sketch;

/* The sketch of `len` bytes of text; the shingles are those of its body, text[start..stop). A body too short to tell articles
 * apart ("details are in the annex") counts with title and date, which may be NULL. */
void th_sketch_make(th_sketch *out, const char *text, size_t start, size_t stop, size_t len, const char *title,
                    const char *date);

/* The key of band `band`: texts that agree in one are candidates. */
uint32_t th_sketch_band(const th_sketch *s, size_t band);

/* May the texts be alike enough for th_is_reprint()? Seldom wrong when it says no. */
bool th_sketch_close(const th_sketch *a, const th_sketch *b);

/* What is compared of one text. The caller frees it with th_shingles_free(). NULL when out of memory. */
typedef struct th_shingles th_shingles;
th_shingles *th_shingles_new(const char *text, size_t len);
void th_shingles_free(th_shingles *s); /* NULL is fine */

typedef struct th_likeness {
    double jaccard;     /* shingles in both, of those in either */
    double containment; /* … of those in the smaller */
    double size;        /* shingles of the smaller by those of the larger */
    double numbers;     /* different numbers of the smaller list that stand in the other text too; 1 when there are none */
    size_t number_count; /* in the smaller list */
} th_likeness;

th_likeness th_shingles_compare(const th_shingles *a, const th_shingles *b);

/* The same article with small edits: headline changed, paragraph cut, foreword or byline added, cut off after half. Not the
 * next edition of a bulletin, which has the words and other numbers. */
bool th_is_reprint(const th_likeness *likeness);

#endif
