/* lexicon.c - see lexicon.h.
 *
 * A pattern is a distinct term; its owners are the lexicons that have it. Compiling sorts the patterns by their first two
 * characters, longest first, and hashes these groups. A scan looks at each pair of neighbouring characters: most pairs
 * begin no term, which one bit tells. */
#include "text/lexicon.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/str.h"
#include "text/unicode.h"

enum { LONGEST_TERM = 255, NONE = -1 };

/* What stands for a character where there is none; beyond every code point. */
enum { ALONE = 0x1FFFFF, DAMAGED = 0x1FFFFE, TEXT_END = 0x1FFFFD };

struct pattern {
    uint32_t text, len;     /* in the set's pool, width folded */
    uint32_t first, second; /* characters; second is ALONE when there is no other */
    int32_t owner;          /* the first of its owners, the newest lexicon first; or NONE */
    bool folds;             /* may be written wider in a text */
};

struct owner {
    uint32_t lexicon, term;
    int32_t next;      /* or NONE */
    int32_t condition; /* the first, or NONE */
};

struct condition {
    uint32_t text, len; /* the neighbour, in the set's pool, width folded */
    uint32_t chars, within;
    bool behind, excluded;
    int32_t next; /* or NONE */
};

/* ---- the compiled form ---- */

struct entry {
    uint32_t text, len;           /* in `pool` */
    uint32_t owners, owner_count; /* in `owners` */
    uint16_t known;               /* bytes that finding the group has compared already */
    bool folds;
};

struct group {
    uint32_t first, second;  /* characters */
    uint32_t entries, count; /* in `entries`, longest first; count 0: this place is free */
};

struct tables {
    char *pool;
    struct entry *entries;
    struct owner *owners;
    struct condition *conditions;
    struct group *groups; /* hash table, open addressing */
    uint32_t group_mask;
    unsigned group_shift, pair_shift; /* 32 - log2 of the size */
    uint64_t *pairs;                  /* bitmap over the same hash, with more bits */
    bool has_single;                  /* there is a term of one character */
};

struct th_lexset {
    th_str pool;
    struct pattern *patterns;
    size_t pattern_count, pattern_cap;
    struct owner *owners;
    size_t owner_count, owner_cap;
    struct condition *conditions;
    size_t condition_count, condition_cap;
    uint32_t *index;       /* hash table by text: pattern number + 1 */
    size_t index_size;     /* a power of two, or 0 */
    uint32_t *term_counts; /* for each lexicon */
    size_t lexicon_count, lexicon_cap;
    struct tables *tables; /* NULL before the first compiling */
};

th_lexset *th_lexset_new(void)
{
    return calloc(1, sizeof(th_lexset));
}

static void free_tables(struct tables *t)
{
    if (!t)
        return;
    free(t->pool);
    free(t->entries);
    free(t->owners);
    free(t->conditions);
    free(t->groups);
    free(t->pairs);
    free(t);
}

void th_lexset_free(th_lexset *set)
{
    if (!set)
        return;
    th_str_free(&set->pool);
    free(set->patterns);
    free(set->owners);
    free(set->conditions);
    free(set->index);
    free(set->term_counts);
    free_tables(set->tables);
    free(set);
}

size_t th_lexset_count(const th_lexset *set)
{
    return set->lexicon_count;
}

/* `items` with room for one more; NULL when memory is out, and they stay as they were. */
static void *grow(void *items, size_t count, size_t *cap, size_t size)
{
    size_t wanted = *cap ? *cap * 2 : 64;

    if (count < *cap)
        return items;
    void *bigger = wanted > INT32_MAX ? NULL : realloc(items, wanted * size);
    if (bigger)
        *cap = wanted;
    return bigger;
}

int th_lexset_add(th_lexset *set)
{
    uint32_t *counts = grow(set->term_counts, set->lexicon_count, &set->lexicon_cap, sizeof *counts);

    if (!counts)
        return NONE;
    set->term_counts = counts;
    counts[set->lexicon_count] = 0;
    return (int)set->lexicon_count++;
}

/* The character at `*pos`, width folded, stepping over it. */
static inline uint32_t next_folded(const char *text, size_t len, size_t *pos)
{
    const unsigned char *at = (const unsigned char *)text + *pos;

    if (at[0] < 0x80) {
        *pos += 1;
        return at[0];
    }
    if (at[0] > 0xE0 && at[0] < 0xED && len - *pos >= 3 && (at[1] & 0xC0) == 0x80 && (at[2] & 0xC0) == 0x80) {
        *pos += 3;
        return (uint32_t)(at[0] & 0x0F) << 12 | (uint32_t)(at[1] & 0x3F) << 6 | (at[2] & 0x3F);
    }
    size_t before = *pos;
    uint32_t c = th_utf8_next(text, len, pos);
    return c == 0xFFFD && *pos - before == 1 ? DAMAGED : th_fold_width(c);
}

/* ---- adding ---- */

/* The place of `text` in the index: its pattern's, or the free one where it belongs. */
static uint32_t *index_place(const th_lexset *set, const char *text, size_t len)
{
    size_t at = th_hash_64(text, len) & (set->index_size - 1);

    for (;; at = (at + 1) & (set->index_size - 1)) {
        uint32_t number = set->index[at];
        if (!number)
            return &set->index[at];
        const struct pattern *p = &set->patterns[number - 1];
        if (p->len == len && memcmp(set->pool.data + p->text, text, len) == 0)
            return &set->index[at];
    }
}

/* Keep the index at most half full. */
static bool grow_index(th_lexset *set)
{
    size_t size = set->index_size ? set->index_size * 2 : 64;

    if (set->pattern_count * 2 < set->index_size)
        return true;
    uint32_t *index = calloc(size, sizeof *index);
    if (!index)
        return false;
    free(set->index);
    set->index = index;
    set->index_size = size;
    for (size_t i = 0; i < set->pattern_count; i++)
        *index_place(set, set->pool.data + set->patterns[i].text, set->patterns[i].len) = (uint32_t)i + 1;
    return true;
}

static bool may_be_wide(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint32_t b = (unsigned char)text[i];
        if (th_fold_width(b + 0xFEE0) == b)
            return true;
    }
    return false;
}

/* Add the pattern `text` at `*place` of the index; NULL when memory is out. */
static struct pattern *add_pattern(th_lexset *set, uint32_t *place, const char *text, size_t len)
{
    struct pattern *p = grow(set->patterns, set->pattern_count, &set->pattern_cap, sizeof *p);
    size_t start = set->pool.len, pos = 0;

    if (!p)
        return NULL;
    set->patterns = p;
    if (start > INT32_MAX || !th_str_reserve(&set->pool, len)) {
        set->pool.failed = false; /* what is in it is whole */
        return NULL;
    }
    th_str_add(&set->pool, text, len);
    p += set->pattern_count++;
    *p = (struct pattern){.text = (uint32_t)start, .len = (uint32_t)len, .owner = NONE};
    p->first = next_folded(text, len, &pos);
    p->second = pos < len ? next_folded(text, len, &pos) : ALONE;
    p->folds = may_be_wide(text, len);
    *place = (uint32_t)set->pattern_count;
    return p;
}

/* The number of the pattern's term in `lexicon`, a new one when it has none yet; -1 when memory is out. */
static int own(th_lexset *set, struct pattern *p, uint32_t lexicon)
{
    struct owner *owners = grow(set->owners, set->owner_count, &set->owner_cap, sizeof *owners);

    if (!owners)
        return NONE;
    set->owners = owners;
    int32_t *link = &p->owner;
    while (*link != NONE && owners[*link].lexicon > lexicon)
        link = &owners[*link].next;
    if (*link != NONE && owners[*link].lexicon == lexicon)
        return (int)owners[*link].term;
    uint32_t term = set->term_counts[lexicon]++;
    owners[set->owner_count] = (struct owner){lexicon, term, *link, NONE};
    *link = (int32_t)set->owner_count++;
    return (int)term;
}

/* Write `term` width folded to `out`; its length, which is never longer. */
static size_t fold_term(char out[LONGEST_TERM], const char *term, size_t len)
{
    size_t pos = 0, n = 0;

    while (pos < len) {
        size_t from = pos;
        uint32_t c = th_utf8_next(term, len, &pos), folded = th_fold_width(c);
        if (folded != c) {
            out[n++] = (char)folded;
        } else {
            memcpy(out + n, term + from, pos - from);
            n += pos - from;
        }
    }
    return n;
}

int th_lexset_add_term(th_lexset *set, int lexicon, const char *term, size_t len)
{
    char folded[LONGEST_TERM];

    if (lexicon < 0 || (size_t)lexicon >= set->lexicon_count || len == 0 || len > LONGEST_TERM ||
        !th_utf8_valid(term, len, NULL) || !grow_index(set))
        return NONE;
    len = fold_term(folded, term, len);
    uint32_t *place = index_place(set, folded, len);
    struct pattern *p = *place ? &set->patterns[*place - 1] : add_pattern(set, place, folded, len);
    return p ? own(set, p, (uint32_t)lexicon) : NONE;
}

static struct owner *find_owner(th_lexset *set, int lexicon, int term)
{
    for (size_t i = set->owner_count; lexicon >= 0 && term >= 0 && i-- > 0;) /* most often the newest */
        if (set->owners[i].lexicon == (uint32_t)lexicon && set->owners[i].term == (uint32_t)term)
            return &set->owners[i];
    return NULL;
}

bool th_lexset_add_neighbour(th_lexset *set, int lexicon, int term, const th_neighbour *n)
{
    struct owner *owner = find_owner(set, lexicon, term);
    char folded[LONGEST_TERM];
    size_t start = set->pool.len;

    if (!owner || n->len == 0 || n->len > LONGEST_TERM || !th_utf8_valid(n->word, n->len, NULL) || start > INT32_MAX)
        return false;
    struct condition *items = grow(set->conditions, set->condition_count, &set->condition_cap, sizeof *items);
    if (!items)
        return false;
    set->conditions = items;
    size_t len = fold_term(folded, n->word, n->len);
    if (!th_str_reserve(&set->pool, len)) {
        set->pool.failed = false; /* what is in it is whole */
        return false;
    }
    th_str_add(&set->pool, folded, len);
    items[set->condition_count] = (struct condition){.text = (uint32_t)start, .len = (uint32_t)len,
                                                     .chars = (uint32_t)th_utf8_count(folded, len), .within = n->within,
                                                     .behind = n->behind, .excluded = n->excluded, .next = owner->condition};
    owner->condition = (int32_t)set->condition_count++;
    return true;
}

/* ---- compiling ---- */

static inline uint32_t hash_pair(uint32_t first, uint32_t second)
{
    return (first * 0x9E3779B1u) ^ (second * 0x85EBCA6Bu);
}

static inline bool has_pair(const struct tables *t, uint32_t first, uint32_t second)
{
    uint32_t bit = hash_pair(first, second) >> t->pair_shift;

    return t->pairs[bit >> 6] >> (bit & 63) & 1;
}

/* log2 of the power of two that is at least `wanted`, between 2^least and 2^most. */
static unsigned log2_up(size_t wanted, unsigned least, unsigned most)
{
    unsigned n = least;

    while (n < most && ((size_t)1 << n) < wanted)
        n++;
    return n;
}

/* The place of a group: its own, or the free one where it belongs. */
static struct group *group_place(const struct tables *t, uint32_t first, uint32_t second)
{
    uint32_t at = hash_pair(first, second) >> t->group_shift;

    while (t->groups[at].count && (t->groups[at].first != first || t->groups[at].second != second))
        at = (at + 1) & t->group_mask;
    return &t->groups[at];
}

/* By the first two characters, the longest first. */
static int compare_patterns(const void *a, const void *b)
{
    const struct pattern *x = a, *y = b;

    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    if (x->second != y->second)
        return x->second < y->second ? -1 : 1;
    if (x->len != y->len)
        return x->len > y->len ? -1 : 1;
    return (x->text > y->text) - (x->text < y->text);
}

/* Bytes of the first two characters. */
static uint16_t known_bytes(const char *text, size_t len)
{
    size_t pos = 0;

    th_utf8_next(text, len, &pos);
    if (pos < len)
        th_utf8_next(text, len, &pos);
    return (uint16_t)pos;
}

static void fill_tables(struct tables *t, const th_lexset *set, const struct pattern *sorted)
{
    size_t owner_count = 0;

    for (size_t i = 0; i < set->pattern_count; i++) {
        const struct pattern *p = &sorted[i];
        struct entry *entry = &t->entries[i];
        struct group *group = group_place(t, p->first, p->second);
        uint32_t bit = hash_pair(p->first, p->second) >> t->pair_shift;

        if (!group->count)
            *group = (struct group){p->first, p->second, (uint32_t)i, 0};
        group->count++;
        t->pairs[bit >> 6] |= (uint64_t)1 << (bit & 63);
        t->has_single |= p->second == ALONE;
        *entry = (struct entry){.text = p->text, .len = p->len, .owners = (uint32_t)owner_count, .folds = p->folds};
        entry->known = p->folds ? 0 : known_bytes(set->pool.data + p->text, p->len);
        for (int32_t o = p->owner; o != NONE; o = set->owners[o].next)
            t->owners[owner_count++] = set->owners[o];
        entry->owner_count = (uint32_t)owner_count - entry->owners;
    }
}

static struct tables *build_tables(const th_lexset *set)
{
    size_t count = set->pattern_count;
    struct tables *t = calloc(1, sizeof *t);
    struct pattern *sorted = malloc((count + 1) * sizeof *sorted);
    unsigned groups = log2_up(count * 2 + 1, 4, 31), pairs = log2_up(count * 64, 15, 24);

    if (!t || !sorted)
        goto fail;
    t->group_mask = ((uint32_t)1 << groups) - 1;
    t->group_shift = 32 - groups;
    t->pair_shift = 32 - pairs;
    t->pool = malloc(set->pool.len + 1);
    t->entries = malloc((count + 1) * sizeof *t->entries);
    t->owners = malloc((set->owner_count + 1) * sizeof *t->owners);
    t->conditions = malloc((set->condition_count + 1) * sizeof *t->conditions);
    t->groups = calloc((size_t)1 << groups, sizeof *t->groups);
    t->pairs = calloc((size_t)1 << (pairs - 6), sizeof *t->pairs);
    if (!t->pool || !t->entries || !t->owners || !t->conditions || !t->groups || !t->pairs)
        goto fail;

    memcpy(t->pool, th_str_text(&set->pool), set->pool.len);
    if (set->condition_count)
        memcpy(t->conditions, set->conditions, set->condition_count * sizeof *t->conditions);
    if (count)
        memcpy(sorted, set->patterns, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_patterns);
    fill_tables(t, set, sorted);
    free(sorted);
    return t;
fail:
    free(sorted);
    free_tables(t);
    return NULL;
}

th_status th_lexset_compile(th_lexset *set, th_error *err)
{
    struct tables *t = build_tables(set);

    if (!t)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory while compiling %zu lexicons", set->lexicon_count);
    free_tables(set->tables);
    set->tables = t;
    return TH_OK;
}

/* ---- scanning ---- */

struct found {
    uint32_t lexicon;
    th_hit hit;
};

struct scan {
    const struct tables *tables;
    const char *text;
    size_t len;
    uint32_t *free_from; /* for each lexicon, where its last hit stopped */
    struct found *found; /* hits of all lexicons in text order */
    size_t count, cap;
    bool no_memory;
};

/* Does the text at `at` hold the entry's term in another width? */
static bool matches_wide(const struct scan *s, const struct entry *e, size_t at, size_t *stop)
{
    const char *term = s->tables->pool + e->text;

    for (size_t pos = 0; pos < e->len;)
        if (at >= s->len || next_folded(term, e->len, &pos) != next_folded(s->text, s->len, &at))
            return false;
    *stop = at;
    return true;
}

static inline bool matches(const struct scan *s, const struct entry *e, size_t at, size_t *stop)
{
    const char *text = s->text + at, *term = s->tables->pool + e->text;
    size_t same = e->known;

    if (e->len <= s->len - at) {
        while (same < e->len && text[same] == term[same]) /* most terms differ at once: no call pays here */
            same++;
        if (same == e->len) {
            *stop = at + same;
            return true;
        }
    }
    return e->folds && matches_wide(s, e, at, stop);
}

/* Does the word of `c` stand at `at`? */
static bool stands_at(const struct scan *s, const struct condition *c, size_t at)
{
    const char *word = s->tables->pool + c->text;

    for (size_t pos = 0; pos < c->len;)
        if (at >= s->len || next_folded(word, c->len, &pos) != next_folded(s->text, s->len, &at))
            return false;
    return true;
}

/* One character back or forth within the line; false at its end. */
static bool step(const struct scan *s, size_t *at, bool behind)
{
    if (behind ? *at >= s->len || s->text[*at] == '\n' : *at == 0 || s->text[*at - 1] == '\n')
        return false;
    if (behind) {
        th_utf8_next(s->text, s->len, at);
        return true;
    }
    do
        --*at;
    while (*at > 0 && ((unsigned char)s->text[*at] & 0xC0) == 0x80);
    return true;
}

/* Is the word within reach of the term at start..stop? */
static bool is_near(const struct scan *s, const struct condition *c, size_t start, size_t stop)
{
    size_t at = c->behind ? stop : start;

    for (uint32_t i = 0; !c->behind && i < c->chars; i++)
        if (!step(s, &at, false))
            return false;
    for (uint32_t i = 0; i <= c->within; i++) {
        if (stands_at(s, c, at))
            return true;
        if (!step(s, &at, c->behind))
            return false;
    }
    return false;
}

/* Do the term's conditions hold at start..stop? */
static bool counts(const struct scan *s, const struct owner *owner, size_t start, size_t stop)
{
    bool wanted[2] = {false, false}, met[2] = {false, false};

    for (int32_t i = owner->condition; i != NONE; i = s->tables->conditions[i].next) {
        const struct condition *c = &s->tables->conditions[i];
        wanted[c->behind] |= !c->excluded;
        if (!c->excluded && met[c->behind])
            continue;
        bool near = is_near(s, c, start, stop);
        if (near && c->excluded)
            return false;
        met[c->behind] |= near;
    }
    return wanted[0] <= met[0] && wanted[1] <= met[1];
}

/* Note a hit for each lexicon that has the term and is not inside a hit of its own. */
static void add_hits(struct scan *s, const struct entry *e, size_t start, size_t stop)
{
    const struct owner *owner = s->tables->owners + e->owners;

    for (uint32_t i = 0; i < e->owner_count; i++, owner++) {
        if (start < s->free_from[owner->lexicon] || (owner->condition != NONE && !counts(s, owner, start, stop)))
            continue;
        struct found *found = grow(s->found, s->count, &s->cap, sizeof *found);
        if (!found) {
            s->no_memory = true;
            return;
        }
        s->found = found;
        found[s->count++] = (struct found){owner->lexicon, {(uint32_t)start, (uint32_t)stop, owner->term}};
        s->free_from[owner->lexicon] = (uint32_t)stop;
    }
}

static void try_group(struct scan *s, uint32_t first, uint32_t second, size_t at)
{
    const struct group *group = group_place(s->tables, first, second);
    const struct entry *e = s->tables->entries + group->entries;
    size_t stop;

    for (uint32_t i = 0; i < group->count; i++, e++)
        if (matches(s, e, at, &stop))
            add_hits(s, e, at, stop);
}

/* A place where a term may begin. */
struct candidate {
    uint32_t at, first, second;
};

enum { CANDIDATES = 512 };

static void try_candidates(struct scan *s, const struct candidate *list, size_t count)
{
    for (size_t i = 0; i < count && !s->no_memory; i++)
        try_group(s, list[i].first, list[i].second, list[i].at);
}

/* Candidates are noted without a branch and tried by the hundred: whether a pair begins a term can not be foreseen, and a
 * processor pays for every wrong guess. */
static void scan_text(struct scan *s)
{
    const struct tables t = *s->tables;
    const char *text = s->text;
    const size_t len = s->len;
    struct candidate list[CANDIDATES + 2];
    size_t at = 0, next = 0, count = 0;
    uint32_t first = len ? next_folded(text, len, &next) : TEXT_END;

    while (first != TEXT_END && !s->no_memory) {
        size_t after = next;
        uint32_t second = next < len ? next_folded(text, len, &after) : TEXT_END;
        list[count] = (struct candidate){(uint32_t)at, first, second};
        count += has_pair(&t, first, second);
        if (t.has_single) {
            list[count] = (struct candidate){(uint32_t)at, first, ALONE};
            count += has_pair(&t, first, ALONE);
        }
        if (count >= CANDIDATES) {
            try_candidates(s, list, count);
            count = 0;
        }
        first = second;
        at = next;
        next = after;
    }
    try_candidates(s, list, count);
}

/* Hand the hits out to their lexicons, keeping their order. */
static th_hits *sort_out(const struct scan *s, size_t lexicons, th_arena *arena)
{
    th_hits *out = th_arena_zalloc(arena, lexicons, sizeof *out);
    th_hit *hits = th_arena_alloc(arena, s->count * sizeof *hits);

    if (!out || !hits)
        return NULL;
    for (size_t i = 0; i < s->count; i++)
        out[s->found[i].lexicon].count++;
    for (size_t i = 0, start = 0; i < lexicons; i++) {
        out[i].items = hits + start;
        s->free_from[i] = (uint32_t)start; /* from here on: where the lexicon's next hit goes */
        start += out[i].count;
    }
    for (size_t i = 0; i < s->count; i++)
        hits[s->free_from[s->found[i].lexicon]++] = s->found[i].hit;
    return out;
}

th_status th_lexset_scan(const th_lexset *set, const char *text, size_t len, th_arena *arena, th_hits **out,
                         th_error *err)
{
    struct scan s = {.tables = set->tables, .text = text, .len = len};

    *out = NULL;
    s.free_from = calloc(set->lexicon_count + 1, sizeof *s.free_from);
    if (s.free_from && len <= UINT32_MAX) {
        if (s.tables)
            scan_text(&s);
        if (!s.no_memory)
            *out = sort_out(&s, set->lexicon_count, arena);
    }
    free(s.free_from);
    free(s.found);
    return *out ? TH_OK : th_error_set(err, TH_ERR_NOMEM, "out of memory while finding terms in %zu bytes", len);
}
