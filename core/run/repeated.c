/* repeated.c - see repeated.h. A line recurs in a group when it stands at the same edge of enough articles, of a large enough
 * share of the group, and these articles are different ones: ten copies of an article share its headline. */
#include "run/repeated.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { KEYS_MAX = 1 << 17, ARTICLES_MAX_LEAST = 10, SEEN = 1 << 20 };

/* What makes a line recur, by the kind of group: site, source, folder or container. A folder may hold anything. */
static const struct {
    size_t least;
    double share;
} wanted[TH_EDGE_GROUPS] = {{6, 0.3}, {6, 0.3}, {ARTICLES_MAX_LEAST, 0.5}};

/* What is kept of each article: there may be hundreds of thousands. */
typedef struct sample {
    int64_t id;
    uint64_t text; /* hash, as in its sketch */
    uint64_t groups[TH_EDGE_GROUPS];
    uint32_t first; /* of its lines in `lines` */
    uint8_t count;
} sample;

typedef struct entry {
    uint64_t key;
    uint32_t sample;
} entry;

typedef struct learner {
    th_store *store;
    th_error *err;
    th_status status; /* of reading a sketch */
    uint8_t *seen;    /* how often a key was seen, up to 255, by its last bits */
    sample *samples;
    size_t count, cap;
    uint64_t *lines;
    size_t line_count, line_cap;
    entry *entries;
    size_t entry_count, entry_cap;
    uint64_t *sizes; /* the group of every article, in order */
} learner;

th_repeated *th_repeated_new(void)
{
    size_t size = sizeof(th_repeated) + KEYS_MAX * sizeof(uint64_t);
    th_repeated *set = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (set == MAP_FAILED)
        return NULL;
    set->count = 0;
    set->max = KEYS_MAX;
    return set;
}

void th_repeated_free(th_repeated *set)
{
    if (set)
        munmap(set, sizeof *set + set->max * sizeof *set->keys);
}

/* ---- learning ---- */

static bool grow(void **items, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return true;
    size_t more = *cap ? *cap * 2 : 256;
    void *bigger = realloc(*items, more * size);
    if (!bigger)
        return false;
    *items = bigger;
    *cap = more;
    return true;
}

static th_status add_sample(void *ctx, int64_t id, const th_sketch *sketch, const th_edges *edges, th_error *err)
{
    learner *l = ctx;

    if (!grow((void **)&l->samples, l->count, &l->cap, sizeof *l->samples))
        return th_error_set(err, TH_ERR_NOMEM, "out of memory while looking for lines that recur");
    sample *s = &l->samples[l->count++];
    s->id = id;
    s->text = sketch->text;
    memcpy(s->groups, edges->groups, sizeof s->groups);
    s->first = (uint32_t)l->line_count;
    s->count = (uint8_t)edges->count;
    for (size_t i = 0; i < edges->count; i++) {
        if (!grow((void **)&l->lines, l->line_count, &l->line_cap, sizeof *l->lines))
            return th_error_set(err, TH_ERR_NOMEM, "out of memory while looking for lines that recur");
        l->lines[l->line_count++] = edges->lines[i];
    }
    return TH_OK;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* The order must not be that of loading. */
static int by_key(const void *a, const void *b, void *ctx)
{
    const entry *x = a, *y = b;
    const sample *samples = ctx;
    uint64_t t = samples[x->sample].text, u = samples[y->sample].text;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return t != u ? (t < u ? -1 : 1) : (x->sample > y->sample) - (x->sample < y->sample);
}

static size_t size_of_group(const learner *l, uint64_t group)
{
    size_t low = 0, high = l->count;
    const uint64_t bounds[2] = {group, group + 1};
    size_t found[2];

    for (int i = 0; i < 2; i++, high = l->count) {
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (l->sizes[middle] < bounds[i])
                low = middle + 1;
            else
                high = middle;
        }
        found[i] = low;
    }
    return found[1] - found[0];
}

/* Are `least` of the articles different ones? */
static bool are_different(learner *l, const entry *entries, size_t count, size_t least)
{
    th_sketch kept[ARTICLES_MAX_LEAST];
    size_t n = 0;

    for (size_t i = 0; i < count && n < least && l->status == TH_OK; i++) {
        const sample *s = &l->samples[entries[i].sample];
        bool like = i > 0 && l->samples[entries[i - 1].sample].text == s->text; /* equal ones stand together */
        if (like)
            continue;
        l->status = th_store_sketch_get(l->store, s->id, &kept[n], l->err);
        for (size_t k = 0; k < n && !like; k++)
            like = th_sketch_close(&kept[k], &kept[n]);
        n += !like;
    }
    return n == least && l->status == TH_OK;
}

/* How many articles stand in a run of entries with one key; an article's second line like its first does not count. */
static size_t count_articles(const entry *entries, size_t count)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        n += i == 0 || entries[i].sample != entries[i - 1].sample;
    return n;
}

static void add_key(th_repeated *set, uint64_t key)
{
    if (set->count < set->max)
        set->keys[set->count++] = key;
}

/* Call `fn` for each line of each article that has a group of this kind. */
static bool each_key(learner *l, int kind, bool (*fn)(learner *l, uint64_t key, uint32_t article, size_t least))
{
    for (size_t i = 0; i < l->count; i++) {
        const sample *s = &l->samples[i];
        for (size_t k = 0; k < s->count && s->groups[kind]; k++)
            if (!fn(l, th_repeated_key(s->groups[kind], l->lines[s->first + k]), (uint32_t)i, wanted[kind].least))
                return false;
    }
    return true;
}

static bool count_key(learner *l, uint64_t key, uint32_t article, size_t least)
{
    uint8_t *seen = &l->seen[key % SEEN];
    (void)article;
    (void)least;

    *seen += *seen < UINT8_MAX;
    return true;
}

/* Most lines stand in one article: they are not worth an entry. */
static bool add_entry(learner *l, uint64_t key, uint32_t article, size_t least)
{
    if (l->seen[key % SEEN] < least)
        return true;
    if (!grow((void **)&l->entries, l->entry_count, &l->entry_cap, sizeof *l->entries))
        return false;
    l->entries[l->entry_count++] = (entry){key, article};
    return true;
}

static th_status learn_groups(learner *l, th_repeated *set, int kind)
{
    memset(l->seen, 0, SEEN);
    l->entry_count = 0;
    for (size_t i = 0; i < l->count; i++)
        l->sizes[i] = l->samples[i].groups[kind];
    each_key(l, kind, count_key);
    if (!each_key(l, kind, add_entry))
        return th_error_set(l->err, TH_ERR_NOMEM, "out of memory while looking for lines that recur");
    size_t count = l->entry_count;
    qsort(l->sizes, l->count, sizeof *l->sizes, by_number);
    if (count)
        qsort_r(l->entries, count, sizeof *l->entries, by_key, l->samples);
    for (size_t i = 0, to; i < count && l->status == TH_OK; i = to) {
        for (to = i + 1; to < count && l->entries[to].key == l->entries[i].key; to++)
            ;
        if (to - i < wanted[kind].least)
            continue;
        size_t articles = count_articles(l->entries + i, to - i);
        size_t group = size_of_group(l, l->samples[l->entries[i].sample].groups[kind]);
        if (articles >= wanted[kind].least && (double)articles >= wanted[kind].share * (double)group &&
            are_different(l, l->entries + i, to - i, wanted[kind].least))
            add_key(set, l->entries[i].key);
    }
    return l->status;
}

th_status th_repeated_learn(th_repeated *set, th_store *store, th_error *err)
{
    learner l = {.store = store, .err = err};
    th_status status = th_store_edges_each(store, add_sample, &l, err);

    set->count = 0;
    if (status != TH_OK)
        goto done;
    l.seen = malloc(SEEN);
    l.sizes = malloc((l.count + 1) * sizeof *l.sizes);
    if (!l.seen || !l.sizes) {
        status = th_error_set(err, TH_ERR_NOMEM, "out of memory while looking for lines that recur");
        goto done;
    }
    for (int kind = 0; kind < TH_EDGE_GROUPS && status == TH_OK; kind++)
        status = learn_groups(&l, set, kind);
    qsort(set->keys, set->count, sizeof *set->keys, by_number);
done:
    free(l.samples);
    free(l.lines);
    free(l.entries);
    free(l.seen);
    free(l.sizes);
    return status;
}

/* ---- what was read before ---- */

typedef struct outdated {
    const th_repeated *set;
    th_arena *arena;
    int64_t *ids;
    size_t count, cap;
} outdated;

static th_status check(void *ctx, int64_t id, const th_sketch *sketch, const th_edges *edges, th_error *err)
{
    outdated *o = ctx;
    (void)sketch;

    if (th_edges_dropped(edges, o->set) == edges->dropped)
        return TH_OK;
    int64_t *grown = th_arena_grow(o->arena, o->ids, o->count, &o->cap, sizeof *grown);
    if (!grown)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory while looking for lines that recur");
    o->ids = grown;
    grown[o->count++] = id;
    return TH_OK;
}

th_status th_repeated_outdated(const th_repeated *set, th_store *store, th_arena *arena, int64_t **ids, size_t *count,
                               th_error *err)
{
    outdated o = {.set = set, .arena = arena};
    th_status status = th_store_edges_each(store, check, &o, err);

    *ids = o.ids;
    *count = o.count;
    return status;
}
