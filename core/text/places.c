/* places.c - which places a text names, and which one it is about; see gazetteer.h.
 *
 * Every name the tables know is a mention. Mentions inside an organisation's name or a street's are set aside; what
 * stands for itself is settled first (full names, provinces, cities), then what directly follows a place above it,
 * then the rest by what the text has named by then. */
#include <string.h>

#include "text/gazetteer.h"
#include "text/gazetteer_impl.h"

enum {
    WINDOW = 12,    /* characters an organisation's name may go on after a place */
    LOOK_BACK = 64, /* mentions looked at for the nearest place above */
    SENTENCE_LOOK_BACK = 240, /* bytes */
    /* What speaks for a candidate; the thresholds below are sums of these. */
    ADJACENT = 200,  /* directly after a place above it */
    DIRECT = 20,     /* … its own parent */
    WRITTEN_OUT = 100,
    PARENT_NAMED = 40,
    CHILD_NAMED = 30,
    SAME_SENTENCE = 25, /* after a place above it */
    ABOVE_NAMED = 20,
    NEAREST = 15,
    MOST_COUNTED = 10
};

struct mention {
    uint32_t start, stop;
    const th_term *term;
    const th_name *name; /* what it was settled to; NULL: not (yet) */
    bool dead;           /* inside another name */
};

struct reader {
    const th_gazetteer *g;
    const char *text;
    size_t len;
    struct mention *mentions;
    size_t count;
    uint32_t *named;   /* times a region was named */
    uint32_t *below;   /* times a place in it was */
    bool *written_out; /* its full name stands in the text */
};

/* ---- characters ---- */

static size_t char_len(const char *at, const char *end)
{
    unsigned char c = (unsigned char)*at;
    size_t len = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;

    return len <= (size_t)(end - at) ? len : (size_t)(end - at);
}

static bool is_one_of(const char *set, const char *at, size_t len)
{
    if (len != 3)
        return false;
    for (; *set; set += 3)
        if (memcmp(set, at, 3) == 0)
            return true;
    return false;
}

/* Han characters and letters go on a name; all else (punctuation, digits, spaces) ends it. */
static bool is_name_char(const char *at, size_t len)
{
    unsigned char c = (unsigned char)*at;

    if (len == 1)
        return (c | 32) >= 'a' && (c | 32) <= 'z';
    return (len == 3 && c >= 0xE3 && c <= 0xE9 && !(c == 0xE3 && (unsigned char)at[1] < 0x90)) || len == 4;
}

static bool starts(const char *at, const char *end, const char *word, size_t len)
{
    return (size_t)(end - at) >= len && memcmp(at, word, len) == 0;
}

/* The longest word of the list at `at`, or NULL. */
static const th_word *word_at(const th_wordlist *list, const char *at, const char *end)
{
    size_t low = 0, high = list->count, prefix = (size_t)(end - at) < 3 ? (size_t)(end - at) : 3;
    const th_word *best = NULL;

    while (low < high) {
        size_t mid = (low + high) / 2;
        if (memcmp(list->items[mid].text, at, prefix) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < list->count && memcmp(list->items[low].text, at, prefix) == 0; low++) {
        const th_word *word = &list->items[low];
        if (!starts(at, end, word->text, word->len) || (best && best->len >= word->len))
            continue;
        const char *after = at + word->len;
        if (after == end || !is_one_of(word->unless, after, char_len(after, end)))
            best = word;
    }
    return best;
}

/* ---- names inside names ---- */

/* Past a closing bracket when the place stands in brackets of its own: 中硼（厦门）公司. */
static const char *name_goes_on(const struct reader *r, const struct mention *m)
{
    static const char *const pairs[][2] = {{"(", ")"}, {"（", "）"}};
    const char *after = r->text + m->stop, *end = r->text + r->len;

    for (size_t i = 0; i < 2; i++) {
        size_t len = strlen(pairs[i][0]);
        if (th_ends_with(r->text, m->start, pairs[i][0], len) && starts(after, end, pairs[i][1], len))
            return after + len;
    }
    return after;
}

static bool ends_name(const th_gazetteer *g, const char *at, const char *end)
{
    size_t len = char_len(at, end);
    const th_word *word;

    if (!is_name_char(at, len))
        return true;
    if (is_one_of(g->break_chars, at, len))
        return true;
    word = word_at(&g->breaks, at, end);
    return word && !(word->len == 3 && word_at(&g->he_names, at, end));
}

/* Does an organisation's name reach from the place to one of its last words? `stop`: where the next place stands. */
static bool is_in_organisation(const struct reader *r, const struct mention *m, const char *stop)
{
    const th_gazetteer *g = r->g;
    const char *end = r->text + r->len, *at = name_goes_on(r, m);
    const th_word *near = word_at(&g->near_tails, at, end);

    if (near && !word_at(&g->trades, at + near->len, end))
        return true;
    for (int i = 0; i < WINDOW && at < end && at < stop; i++, at += char_len(at, end)) {
        if (word_at(&g->far_tails, at, end))
            return true;
        if (ends_name(g, at, end))
            return false;
    }
    return false;
}

/* Names that are no words themselves end the reach of the one before. */
static bool stands_for_itself(const struct mention *m)
{
    return m->term->kind == TH_TERM_PLAIN;
}

static bool is_foreign(const struct reader *r, const struct mention *m)
{
    const char *before = r->text + m->start - 6;
    bool follows = m > r->mentions && m[-1].stop == m->start && m[-1].term->kind != TH_TERM_STOP;

    return m->start >= 6 && !follows && is_one_of(r->g->foreign, before, 3) && is_one_of(r->g->foreign, before + 3, 3);
}

/* 英德米特·吉尔: a person's name goes on from the place's to its dot. `stop`: where the next place stands. */
static bool is_of_person(const struct reader *r, const struct mention *m, const char *stop)
{
    const char *end = r->text + r->len, *at = r->text + m->stop;

    for (int i = 0; i < 4 && at < end && at < stop; i++, at += char_len(at, end)) {
        if (i > 0 && starts(at, end, "·", 2))
            return true;
        if (ends_name(r->g, at, end))
            return false;
    }
    return false;
}

/* A street, a township, a lake of that name; not when the next place begins there (浙江湖州). */
static bool is_land(const struct reader *r, const struct mention *m)
{
    bool place_next = m + 1 < r->mentions + r->count && m[1].start == m->stop && m[1].term->count;

    return !place_next && word_at(&r->g->lands, r->text + m->stop, r->text + r->len);
}

static void set_aside(struct reader *r, bool organisations_too)
{
    const char *next = r->text + r->len;

    for (size_t i = r->count; i-- > 0;) {
        struct mention *m = &r->mentions[i];
        const th_name *name = &r->g->names[m->term->first];
        if (m->term->kind == TH_TERM_STOP || m->term->kind == TH_TERM_GENERIC)
            m->dead = m->term->kind == TH_TERM_STOP;
        else if (name->is_short && (is_land(r, m) || is_foreign(r, m) || is_of_person(r, m, next)))
            m->dead = true;
        else if (!organisations_too && is_in_organisation(r, m, next))
            m->dead = true;
        if (stands_for_itself(m))
            next = r->text + m->start;
    }
}

/* ---- settling ---- */

static const th_region *region_of(const struct reader *r, const th_name *name)
{
    return &r->g->regions[name->region];
}

static size_t index_of(const struct reader *r, const th_region *region)
{
    return (size_t)(region - r->g->regions);
}

static void settle(struct reader *r, struct mention *m, const th_name *name, bool is_sure)
{
    m->name = name;
    r->named[name->region]++;
    if (is_sure || !name->is_short)
        r->written_out[name->region] = true;
    for (const th_region *above = region_of(r, name)->parent; above; above = above->parent)
        r->below[index_of(r, above)]++;
}

/* The settled mention that ends where `m` begins, or NULL. */
static const struct mention *just_before(const struct reader *r, const struct mention *m)
{
    const struct mention *before = m - 1;

    return m > r->mentions && before->name && before->stop == m->start ? before : NULL;
}

static int adjacency(const struct reader *r, const struct mention *m, const th_region *region)
{
    const struct mention *before = just_before(r, m);
    const th_region *above = before ? region_of(r, before->name) : NULL;

    if (!above || !th_region_is_above(above, region))
        return 0;
    return ADJACENT + (region->parent == above ? DIRECT : 0);
}

/* A place above the candidate earlier in the same sentence, or at least the nearest of its kind. */
static int nearness(const struct reader *r, const struct mention *m, const th_region *region)
{
    for (const struct mention *p = m; p > r->mentions && m - p < LOOK_BACK;) {
        p--;
        if (!p->name || !th_region_is_above(region_of(r, p->name), region))
            continue;
        bool same = m->start - p->stop < SENTENCE_LOOK_BACK;
        for (const char *at = r->text + p->stop; same && at + 3 <= r->text + m->start; at++)
            same = *at != '\n' && memcmp(at, "。", 3) != 0;
        return same ? SAME_SENTENCE : 0;
    }
    return 0;
}

static const th_region *nearest_parent(const struct reader *r, const struct mention *m)
{
    for (const struct mention *p = m; p > r->mentions && m - p < LOOK_BACK;) {
        p--;
        if (!p->name)
            continue;
        for (uint32_t i = 0; i < m->term->count; i++)
            if (th_region_is_above(region_of(r, p->name), region_of(r, &r->g->names[m->term->first + i])))
                return region_of(r, p->name);
    }
    return NULL;
}

static int support(const struct reader *r, const struct mention *m, const th_region *region, const th_region *nearest)
{
    int score = adjacency(r, m, region);
    const th_region *parent = region->parent;
    uint32_t times = parent ? r->named[index_of(r, parent)] : 0;

    if (r->written_out[index_of(r, region)])
        score += WRITTEN_OUT;
    if (times)
        score += PARENT_NAMED + (int)(times < MOST_COUNTED ? times : MOST_COUNTED);
    else if (parent && parent->parent && r->named[index_of(r, parent->parent)])
        score += ABOVE_NAMED + nearness(r, m, region);
    if (r->below[index_of(r, region)])
        score += CHILD_NAMED;
    if (nearest && th_region_is_above(nearest, region))
        score += NEAREST;
    return score;
}

static bool is_county_level_city(const th_region *region)
{
    return region->level == TH_LEVEL_COUNTY && th_ends_with(region->name, strlen(region->name), "市", 3);
}

/* 在敦煌, 南宁至凭祥, “义乌: no longer word can begin before it. */
static bool stands_free(const struct reader *r, const struct mention *m)
{
    const char *before = r->text + m->start - 3;

    if (m->start == 0 || (m->start >= 1 && (unsigned char)r->text[m->start - 1] < 0x80))
        return true;
    return m->start >= 3 && (!is_name_char(before, 3) || is_one_of(r->g->generic_before, before, 3));
}

/* What a candidate must reach to be taken. */
static int threshold(const struct reader *r, const struct mention *m, const th_name *name, const th_region *region)
{
    if (m->term->kind == TH_TERM_WORD)
        return ADJACENT + DIRECT;
    if (m->term->kind == TH_TERM_WEAK)
        return WRITTEN_OUT;
    if (!name->is_short)
        return m->term->count > 1 ? ABOVE_NAMED : 0;
    if (region->level <= TH_LEVEL_CITY)
        return 0;
    if (!is_county_level_city(region))
        return CHILD_NAMED;
    return m->term->count == 1 && stands_free(r, m) ? 0 : ABOVE_NAMED;
}

static bool after_surname(const struct reader *r, const struct mention *m)
{
    const struct mention *before = m > r->mentions ? m - 1 : NULL;

    if (m->start < 3 || (before && before->stop == m->start))
        return false;
    return is_one_of(r->g->surnames, r->text + m->start - 3, 3);
}

/* Settle `m` to its best candidate with at least `least`, when there is one best. */
static void choose(struct reader *r, struct mention *m, int least)
{
    const th_name *best = NULL;
    int best_score = -1, best_support = 0;
    const th_region *nearest = m->term->count > 1 ? nearest_parent(r, m) : NULL;

    for (uint32_t i = 0; i < m->term->count; i++) {
        const th_name *name = &r->g->names[m->term->first + i];
        const th_region *region = region_of(r, name);
        int backing = support(r, m, region, nearest), score = backing;
        if (backing < threshold(r, m, name, region) || backing < least)
            continue;
        if (name->is_short && region->level <= TH_LEVEL_CITY) /* of its own right, which breaks even ties */
            score += region->level == TH_LEVEL_PROVINCE ? 3 * PARENT_NAMED : 2 * PARENT_NAMED;
        if (score > best_score)
            best = name, best_score = score, best_support = backing;
        else if (score == best_score)
            best = NULL;
    }
    if (!best)
        return;
    if (best_support < WRITTEN_OUT && best->is_short && region_of(r, best)->level > TH_LEVEL_CITY &&
        after_surname(r, m))
        return;
    settle(r, m, best, best_support >= ADJACENT);
}

/* What needs no support: the only bearer of a full name, a province's short form, a city's. */
static const th_name *self_evident(const struct reader *r, const struct mention *m)
{
    const th_term *term = m->term;
    const th_name *city = NULL;

    if (term->kind != TH_TERM_PLAIN)
        return NULL;
    const th_name *first = &r->g->names[term->first];
    if (!first->is_short)
        return term->count == 1 || first[1].is_short ? first : NULL;
    for (uint32_t i = 0; i < term->count; i++) {
        const th_region *region = region_of(r, first + i);
        if (adjacency(r, m, region))
            return NULL; /* 青海海南, 吉林吉林: by what stands before */
        if (region->level == TH_LEVEL_PROVINCE)
            city = first + i;
        else if (region->level == TH_LEVEL_CITY && !city)
            city = first + i;
    }
    return city;
}

static void settle_all(struct reader *r)
{
    for (size_t i = 0; i < r->count; i++) {
        const th_name *name = r->mentions[i].dead ? NULL : self_evident(r, &r->mentions[i]);
        if (name)
            settle(r, &r->mentions[i], name, false);
    }
    for (int least = ADJACENT; least >= 0; least -= ADJACENT)
        for (size_t i = 0; i < r->count; i++) {
            struct mention *m = &r->mentions[i];
            if (!m->dead && !m->name && m->term->count)
                choose(r, m, least);
        }
}

/* ---- 高新区 and its like ---- */

static bool is_kind(const th_region *zone, const th_term *term)
{
    size_t zone_len = strlen(zone->name);

    for (const char *kind = term->generic; *kind; kind += *kind == '|') {
        size_t len = strcspn(kind, "|");
        if (memmem(zone->name, zone_len, kind, len))
            return true;
        kind += len;
    }
    return false;
}

/* The full name of the one zone of that kind in `place` (anywhere when NULL: among the zones the text names). */
static const th_name *one_zone(const struct reader *r, const th_term *term, const th_region *place)
{
    const th_region *found = NULL;

    for (uint32_t i = r->g->division_count; i < r->g->region_count; i++) {
        const th_region *zone = &r->g->regions[i];
        if (place ? !th_region_is_above(place, zone) || !is_kind(zone, term) : !r->named[i])
            continue;
        if (found)
            return NULL;
        found = zone;
    }
    if (!found || !is_kind(found, term))
        return NULL;
    for (uint32_t i = 0; i < r->g->name_count; i++)
        if (region_of(r, &r->g->names[i]) == found)
            return &r->g->names[i];
    return NULL;
}

static bool stands_alone(const struct reader *r, const struct mention *m)
{
    if (m->start == 0)
        return true;
    if (m->start < 3)
        return false;
    const char *before = r->text + m->start - 3;
    if ((unsigned char)before[2] < 0x80)
        return !is_name_char(before + 2, 1) && !(before[2] >= '0' && before[2] <= '9');
    return !is_name_char(before, 3) || is_one_of(r->g->generic_before, before, 3);
}

/* 苏州高新区: the city and the kind are one place when that city has one such zone. */
static bool join_city(struct reader *r, struct mention *m)
{
    struct mention *city = m - 1;

    if (!just_before(r, m))
        return false;
    const th_name *zone = one_zone(r, m->term, region_of(r, city->name));
    if (!zone)
        return false;
    m->start = city->start;
    city->name = NULL;
    city->dead = true;
    settle(r, m, zone, true);
    return true;
}

static void settle_generic(struct reader *r)
{
    const th_term *last = NULL;
    const th_name *zone = NULL;

    for (size_t i = 0; i < r->count; i++)
        if (r->mentions[i].term->kind == TH_TERM_GENERIC)
            join_city(r, &r->mentions[i]);
    for (size_t i = 0; i < r->count; i++) {
        struct mention *m = &r->mentions[i];
        if (m->term->kind != TH_TERM_GENERIC || m->name || !stands_alone(r, m))
            continue;
        if (m->term != last)
            zone = one_zone(r, last = m->term, NULL);
        if (zone)
            m->name = zone;
    }
}

/* ---- the passes over one text ---- */

static th_status no_memory(th_error *err)
{
    return th_error_set(err, TH_ERR_NOMEM, "gazetteer: out of memory");
}

static th_status read_text(struct reader *r, bool organisations_too, th_arena *arena, th_error *err)
{
    th_hits *hits = NULL;
    size_t regions = (size_t)r->g->region_count + 1;
    th_status status = th_lexset_scan(r->g->set, r->text, r->len, arena, &hits, err);

    if (status != TH_OK || hits[0].count == 0)
        return status;
    r->mentions = th_arena_zalloc(arena, hits[0].count, sizeof *r->mentions);
    r->named = th_arena_zalloc(arena, regions, 2 * sizeof *r->named);
    r->written_out = th_arena_zalloc(arena, regions, sizeof *r->written_out);
    if (!r->mentions || !r->named || !r->written_out)
        return no_memory(err);
    r->below = r->named + regions;
    r->count = hits[0].count;
    for (size_t i = 0; i < r->count; i++) {
        const th_hit *hit = &hits[0].items[i];
        r->mentions[i] = (struct mention){.start = hit->start, .stop = hit->stop, .term = &r->g->terms[hit->term]};
    }
    set_aside(r, organisations_too);
    settle_all(r);
    settle_generic(r);
    return TH_OK;
}

/* Where the name ends: 福州 in 福州市民. */
static uint32_t name_end(const struct reader *r, const struct mention *m)
{
    bool is_shared = m->stop - m->start >= 9 && word_at(&r->g->shared_ends, r->text + m->stop - 3, r->text + r->len);

    return is_shared ? m->stop - 3 : m->stop;
}

th_status th_gazetteer_find(const th_gazetteer *g, const char *text, size_t len, th_arena *arena, th_places *out,
                            th_error *err)
{
    struct reader r = {.g = g, .text = text, .len = len};
    th_status status = read_text(&r, false, arena, err);
    size_t count = 0;

    *out = (th_places){NULL, 0};
    for (size_t i = 0; i < r.count; i++)
        count += r.mentions[i].name != NULL;
    if (status != TH_OK || count == 0)
        return status;
    th_place *items = th_arena_zalloc(arena, count, sizeof *items);
    if (!items)
        return no_memory(err);
    *out = (th_places){items, count};
    for (size_t i = 0; i < r.count; i++) {
        const struct mention *m = &r.mentions[i];
        if (!m->name)
            continue;
        const th_region *region = region_of(&r, m->name);
        uint32_t stop = name_end(&r, m);
        bool is_full = strlen(region->name) == stop - m->start &&
                       memcmp(region->name, text + m->start, stop - m->start) == 0;
        *items++ = (th_place){m->start, stop, region, !is_full};
    }
    return TH_OK;
}

/* ---- what a text is about ---- */

enum { LEAD = 600 /* bytes of text */, IN_TITLE = 12, IN_LEAD = 3, LEAST = 4 };

struct weights {
    uint32_t *own, *total; /* by region; total with what is below */
    uint32_t *title; /* of `total`, how often in the title */
    uint32_t sum;
};

static void weigh(struct reader *r, struct weights *w, size_t title_len)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct mention *m = &r->mentions[i];
        if (!m->name)
            continue;
        uint32_t weight = m->start < title_len ? IN_TITLE : m->start < title_len + LEAD ? IN_LEAD : 1;
        w->own[m->name->region] += weight;
        w->sum += weight;
        for (const th_region *at = region_of(r, m->name); at; at = at->parent) {
            w->total[index_of(r, at)] += weight;
            w->title[index_of(r, at)] += weight == IN_TITLE;
        }
    }
}

/* A place the hint names gets one point more, above it too: enough to break a tie. */
static void weigh_hint(const th_gazetteer *g, struct weights *w, const char *hint, th_arena *arena)
{
    struct reader r = {.g = g, .text = hint, .len = strlen(hint)};

    if (read_text(&r, true, arena, NULL) != TH_OK)
        return;
    for (size_t i = 0; i < r.count; i++)
        if (r.mentions[i].name)
            for (const th_region *at = region_of(&r, r.mentions[i].name); at; at = at->parent)
                w->total[index_of(&r, at)] += w->total[index_of(&r, at)] > 0;
}

/* The child of `above` (NULL: the provinces) with the largest total; NULL when two are level. */
static const th_region *heaviest(const th_gazetteer *g, const struct weights *w, const th_region *above)
{
    const th_region *best = NULL;
    uint32_t most = 0;

    for (uint32_t i = 0; i < g->region_count; i++) {
        if (g->regions[i].parent != above || w->total[i] < most || w->total[i] == 0)
            continue;
        best = w->total[i] == most ? NULL : &g->regions[i];
        most = w->total[i];
    }
    return best;
}

/* Which parts of the article name the region, or a place in it. */
static const char *evidence(const struct reader *r, const th_region *region, size_t title_len)
{
    static const char *const names[] = {"frequency", "title and frequency", "lead and frequency",
                                        "title, lead and frequency"};
    unsigned found = 0;

    for (size_t i = 0; i < r->count; i++) {
        const struct mention *m = &r->mentions[i];
        const th_region *named = m->name ? region_of(r, m->name) : NULL;
        if (named && (named == region || th_region_is_above(region, named)))
            found |= m->start < title_len ? 1 : m->start < title_len + LEAD ? 2 : 0;
    }
    return names[found];
}

/* The one province that a part of the article names; NULL when it names none or several. */
static const th_region *only_named(const th_gazetteer *g, const uint32_t *part)
{
    const th_region *found = NULL;

    for (uint32_t i = 0; i < g->region_count; i++) {
        if (g->regions[i].parent || !part[i])
            continue;
        if (found)
            return NULL;
        found = &g->regions[i];
    }
    return found;
}

/* A province's report names every partner and neighbour, so that its own name is no majority: then what the title alone
 * names is it, unless another is named three times as often. */
static const th_region *province_of(const struct reader *r, const struct weights *w)
{
    const th_gazetteer *g = r->g;
    const th_region *heaviest_one = heaviest(g, w, NULL), *named = only_named(g, w->title);
    uint32_t most = heaviest_one ? w->total[index_of(r, heaviest_one)] : 0;

    if (most >= LEAST && 2 * most > w->sum)
        return heaviest_one;
    if (!named || w->total[index_of(r, named)] < LEAST || (most && 3 * w->total[index_of(r, named)] < most))
        return NULL;
    return named;
}

const th_region *th_gazetteer_about(const th_gazetteer *g, const char *title, const char *text, size_t len,
                                    const char *hint, th_arena *arena, const char **why)
{
    size_t title_len = title ? strlen(title) : 0;
    char *whole = th_arena_alloc(arena, title_len + len + 2);
    size_t regions = (size_t)g->region_count + 1;
    uint32_t *counts = th_arena_zalloc(arena, 3 * regions, sizeof *counts);
    struct reader r = {.g = g, .text = whole, .len = title_len + 1 + len};
    struct weights w = {.own = counts};

    if (!whole || !counts)
        return NULL;
    w.total = counts + regions;
    w.title = counts + 2 * regions;
    memcpy(whole, title ? title : "", title_len);
    whole[title_len] = '\n';
    memcpy(whole + title_len + 1, text, len);
    if (read_text(&r, false, arena, NULL) != TH_OK)
        return NULL;
    weigh(&r, &w, title_len);
    if (hint)
        weigh_hint(g, &w, hint, arena);
    const th_region *about = province_of(&r, &w), *below;
    if (!about)
        return NULL;
    while ((below = heaviest(g, &w, about)) && 2 * w.total[index_of(&r, below)] > w.total[index_of(&r, about)])
        about = below;
    if (why)
        *why = evidence(&r, about, title_len);
    return about;
}
