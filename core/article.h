/* article.h - the article: clean text, its blocks and sentences, its metadata. Immutable once built.
 *
 * `text` is NFC UTF-8 with \n line ends, one block per line, no empty lines. Everything is in the arena the article was
 * built in and lives as long as it. All spans are half-open byte ranges of `text` on character boundaries. */
#ifndef TH_ARTICLE_H
#define TH_ARTICLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/pack.h"
#include "base/str.h"
#include "text/similar.h"

enum { TH_LEVEL_MAX = 9 };

typedef enum th_block_kind {
    TH_BLOCK_TITLE,
    TH_BLOCK_HEADING,
    TH_BLOCK_PARAGRAPH,
    TH_BLOCK_CAPTION,
    TH_BLOCK_LIST,
    TH_BLOCK_TABLE
} th_block_kind;

typedef struct th_block {
    th_block_kind kind;
    uint32_t start, stop;
    uint32_t level; /* of a heading: 1 for the outermost, at most TH_LEVEL_MAX; 0 for every other kind */
} th_block;

typedef struct th_sentence {
    uint32_t start, stop;
    uint32_t block; /* index into blocks */
} th_sentence;

/* The fields of metadata, by the names that th_meta_name() gives and `origins` in the store uses. */
typedef enum th_meta {
    TH_META_TITLE,
    TH_META_DATE,
    TH_META_SOURCE,
    TH_META_AUTHORS,
    TH_META_URL,
    TH_META_REGION,
    TH_META_COUNT
} th_meta;

/* A line or part of one that is not of the article, with the rule that said so. */
typedef struct th_dropped {
    const char *reason; /* chrome, disclaimer, credit, byline, front-matter, share, … */
    const char *text;
} th_dropped;

/* The short lines at the top and the bottom of an article as it was read, by hash, to find those that recur in many articles
 * of one source; load/edges.h. */
enum { TH_EDGES_MAX = 16, TH_EDGE_GROUPS = 3 };
typedef struct th_edges {
    uint64_t groups[TH_EDGE_GROUPS]; /* site, source and folder or container, by hash; 0: not known */
    uint64_t lines[TH_EDGES_MAX];    /* those of the top from the outside in, then those of the bottom */
    uint32_t count;
    uint32_t dropped;                /* bit i: line i was dropped because it recurs */
} th_edges;

typedef struct th_article {
    int64_t id;          /* row id in the store; 0 before it is stored */
    const char *path;    /* as given by the user */
    const char *format;  /* text, markdown, html */
    char hash[TH_HASH_TEXT]; /* over text, blocks and metadata: equal hash, equal article */
    const char *title;   /* "" when none */
    const char *date;    /* ISO 8601 day, NULL when the text gives none */
    const char *source;  /* NULL when none */
    const char **authors;
    size_t author_count;
    const char *url;         /* NULL when none */
    const char *region_code; /* the place it is about; NULL when none */
    const char *region_name;
    const char *origins[TH_META_COUNT]; /* where each field was found: "front matter: date", "line 3: 来源"; NULL when
                                           the field is empty */
    const char *lang; /* "zh" */
    const char *text;
    size_t len;
    const th_block *blocks;
    size_t block_count;
    const th_sentence *sentences;
    size_t sentence_count;
    const th_dropped *dropped;
    size_t dropped_count;
    const char **warnings; /* one line each: damaged bytes replaced, front matter broken, … */
    size_t warning_count;
    /* What other articles are compared with this one by; not read back from the store. */
    th_sketch sketch;
    th_edges edges;
} th_article;

/* Split the blocks of `a` (text and blocks are set; headings too are split) into sentences, in `arena`. */
th_status th_article_split(th_article *a, th_arena *arena, th_error *err);

/* Set `a->sketch` from text, blocks, title and date. */
void th_article_sketch(th_article *a);

/* Compute and set `a->hash` from everything but id, path and origins, and `a->sketch`. */
th_status th_article_seal(th_article *a, th_error *err);

/* The index of the sentence that holds byte `pos` or, between two, the one before it; sentence_count when none. */
size_t th_article_sentence_at(const th_article *a, size_t pos);

/* The index of the block that holds byte `pos`; block_count when none. */
size_t th_article_block_at(const th_article *a, size_t pos);

/* The headings that byte `pos` stands under, outermost first: up to TH_LEVEL_MAX spans of `a->text` in `out`; returns how
 * many. A heading of two lines is one span. A heading stands under those above it, not under itself. */
typedef struct th_section {
    uint32_t start, stop;
} th_section;
size_t th_article_section(const th_article *a, size_t pos, th_section out[TH_LEVEL_MAX]);

/* "title", "heading", "paragraph", "caption", "list", "table"; and back (-1 when unknown). */
const char *th_block_kind_name(th_block_kind kind);
int th_block_kind_of(const char *name);

/* "title", "date", "source", "authors", "url", "region". */
const char *th_meta_name(th_meta field);

/* Write `a` to bytes, and build it again from them in `arena`: for the wire between processes. Reading checks every
 * length, offset and boundary and fails with TH_ERR_PARSE on anything that was not written by th_article_write(). */
void th_edges_write(const th_edges *edges, th_str *out);
bool th_edges_read(th_edges *edges, th_unpack *in); /* false, and empty, when the bytes are not of th_edges_write() */
void th_article_write(const th_article *a, th_str *out);
th_status th_article_read(th_article **out, th_arena *arena, const void *bytes, size_t len, th_error *err);

#endif
