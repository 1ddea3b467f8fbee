/* gazetteer_impl.h - what gazetteer.c (the tables) and places.c (the reading of a text) share; for nobody else. */
#ifndef TH_TEXT_GAZETTEER_IMPL_H
#define TH_TEXT_GAZETTEER_IMPL_H

#include "text/gazetteer.h"
#include "text/lexicon.h"

/* A name or short form of one region; those of one text stand together, in the order of their terms. */
typedef struct th_name {
    const char *text;
    uint32_t len;
    uint32_t region; /* index */
    bool is_short;
} th_name;

typedef enum th_term_kind {
    TH_TERM_PLAIN,
    TH_TERM_WEAK,   /* now and then another word: needs its full name, or its parent directly before */
    TH_TERM_WORD,   /* an everyday word: only directly after its direct parent */
    TH_TERM_STOP,   /* no place at all */
    TH_TERM_GENERIC /* 高新区: the article's one zone of that kind */
} th_term_kind;

typedef struct th_term {
    uint32_t first, count; /* in names */
    th_term_kind kind;
    const char *generic; /* TH_TERM_GENERIC: what a zone of that kind has in its full name */
} th_term;

typedef struct th_word {
    const char *text;
    const char *unless; /* not when one of these characters follows; "" for none */
    uint32_t len;
} th_word;

typedef struct th_wordlist { /* sorted by text */
    th_word *items;
    size_t count;
} th_wordlist;

struct th_gazetteer {
    th_arena *arena;
    th_region *regions; /* divisions sorted by code, then zones */
    uint32_t division_count, region_count;
    th_name *names;
    uint32_t name_count;
    th_term *terms;
    uint32_t term_count;
    th_lexset *set;
    th_wordlist far_tails, near_tails, trades, lands, breaks, he_names, shared_ends;
    const char *break_chars, *surnames, *foreign, *generic_before;
};

/* Is `above` the region itself's parent, or that one's? */
static inline bool th_region_is_above(const th_region *above, const th_region *region)
{
    for (region = region->parent; region; region = region->parent)
        if (region == above)
            return true;
    return false;
}

static inline bool th_ends_with(const char *text, size_t len, const char *end, size_t end_len)
{
    return len >= end_len && __builtin_memcmp(text + len - end_len, end, end_len) == 0;
}

#endif
