/* search.h - finding words in the articles of a store: by scanning their texts, or by an index that is built on demand.
 *
 * The index is an FTS5 table over title and text with one token for each Han character (a tokenizer of ours), so that words of any
 * length are found, one character too. SQLite's own trigram tokenizer answers nothing below three characters, and in version 3.40
 * its LIKE is wrong for Han. Triggers keep the index up when articles come, change and go. Another program can not read the index
 * itself (it has no such tokenizer); every other table it reads as before. */
#ifndef TH_STORE_SEARCH_H
#define TH_STORE_SEARCH_H

#include "store/store.h"

/* Which articles. NULL and false leave a field out. */
typedef struct th_filter {
    const char *region; /* the beginning of the name of the region an article is about, or of its code */
    const char *since, *until; /* days of publication, ISO 8601 */
    const char *path;   /* a part of it */
    const char *source; /* a part of it */
    const char *title;  /* a part of it */
    bool with_duplicates;
    size_t limit; /* rows at most; 0: all */
} th_filter;

/* An article without its text. Texts are borrowed and live until the next one. */
typedef struct th_listed {
    int64_t id;
    const char *path, *title, *date, *source, *region_name, *region_code, *format; /* date, source, region_*: NULL when none */
    size_t bytes;         /* of its text */
    int64_t duplicate_of; /* 0: none */
} th_listed;
typedef bool (*th_listed_fn)(void *ctx, const th_listed *article); /* false stops */

/* Call `fn` for each article that fits, in the order of their ids. */
th_status th_store_list(th_store *store, const th_filter *filter, th_listed_fn fn, void *ctx, th_error *err);

/* A place where a word stands. */
typedef struct th_hit_place {
    const th_listed *article;
    const char *text; /* of the whole block, borrowed */
    size_t len;
    th_block_kind kind;
    size_t start, stop; /* bytes of the block */
    size_t at;          /* byte of the article's text where the block begins */
} th_hit_place;
typedef bool (*th_hit_place_fn)(void *ctx, const th_hit_place *hit); /* false stops */

/* Call `fn` for every place in the texts of the articles that fit where one of the `count` words stands, in text order; of words that
 * overlap the longest counts. Letters and digits match in either case and width (ＡＩ finds ai). `kinds` has a bit for each th_block_kind
 * to look into, 0 for all. The index is used when there is one and the words allow it. */
th_status th_store_search(th_store *store, const th_filter *filter, const char *const *words, size_t count, unsigned kinds,
                          th_hit_place_fn fn, void *ctx, th_error *err);

/* Build the index, or build it anew. The store must be open for writing. */
th_status th_store_index(th_store *store, th_error *err);
th_status th_store_index_drop(th_store *store, th_error *err);

/* Is there an index? */
th_status th_store_has_index(th_store *store, bool *out, th_error *err);

#endif
