/* similar.c - see similar.h. */
#include "text/similar.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "text/unicode.h"

enum {
    SHINGLE = 5,         /* characters: two articles of one subject share few runs of five, edits break few */
    LEAST_SHINGLES = 40, /* a text with fewer is a duplicate only of its equal */
    CLOSE_BINS = 15,     /* of 64: a similarity of 0.4 and four deviations down */
};

/* Calibrated on edits of the samples and on 26 yearly reports and 120 days of news (tests/core/test_similar.c). */
static const double JACCARD = 0.7, CONTAINMENT = 0.85, SIZE = 0.45, NUMBERS = 0.75, FEW_NUMBERS = 0.5;

static const uint64_t BASE = UINT64_C(0x9E3779B97F4A7C15);

/* ---- shingles ---- */

/* The letter, digit or Han character at `*pos` in its folded form, stepping over it; 0 for everything else. */
static inline uint32_t next_letter(const unsigned char *text, size_t len, size_t *pos)
{
    const unsigned char *at = text + *pos;
    uint32_t c;

    if (at[0] < 0x80) {
        ++*pos;
        c = at[0];
        if (c >= 'A' && c <= 'Z')
            return c | 32;
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : 0;
    }
    if (at[0] >= 0xE4 && at[0] <= 0xE9 && len - *pos >= 3) { /* the common Han block and its neighbours */
        *pos += 3;
        return (uint32_t)(at[0] & 0x0F) << 12 | (uint32_t)(at[1] & 0x3F) << 6 | (at[2] & 0x3F);
    }
    c = th_fold_width(th_utf8_next((const char *)text, len, pos));
    if (c >= 'A' && c <= 'Z')
        return c | 32;
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : 0;
    return (c >= 0x2000 && c < 0x2E80) || (c >= 0x3000 && c < 0x3040 && c != 0x3007) || c >= 0xFE30 ? 0 : c;
}

static uint64_t mix(uint64_t h)
{
    h ^= h >> 32;
    h *= UINT64_C(0xD6E8FEB86659FD93);
    h ^= h >> 32;
    return h;
}

/* Walks the shingles of a text: a hash that rolls over the last SHINGLE letters. */
typedef struct roller {
    const unsigned char *text;
    size_t len, pos, seen;
    uint32_t window[SHINGLE];
    uint64_t hash, out; /* `out` = BASE to the power SHINGLE */
} roller;

static roller roll(const char *text, size_t len)
{
    roller r = {.text = (const unsigned char *)text, .len = len, .out = 1};

    for (int i = 0; i < SHINGLE; i++)
        r.out *= BASE;
    return r;
}

static inline bool next_shingle(roller *r, uint64_t *out)
{
    while (r->pos < r->len) {
        uint32_t c = next_letter(r->text, r->len, &r->pos);
        if (!c)
            continue;
        size_t at = r->seen++ % SHINGLE;
        r->hash = r->hash * BASE + c - r->window[at] * r->out;
        r->window[at] = c;
        if (r->seen >= SHINGLE) {
            *out = mix(r->hash);
            return true;
        }
    }
    return false;
}

/* ---- sketches ---- */

/* An empty bin takes the value of the next full one, told apart by how far that is: so empty bins that stand alike in two
 * texts agree when what they borrow does. */
static void fill_bins(th_sketch *s, const uint64_t *least)
{
    for (size_t i = 0; i < TH_SKETCH_BINS; i++) {
        size_t k = 0;
        while (k < TH_SKETCH_BINS && least[(i + k) % TH_SKETCH_BINS] == UINT64_MAX)
            k++;
        s->bins[i] = k < TH_SKETCH_BINS ? (uint16_t)(mix(least[(i + k) % TH_SKETCH_BINS] + k) >> 16) : 0;
    }
}

/* The hash of a short text with what else there is to tell it by. */
static uint64_t short_hash(uint64_t text, const char *title, const char *date)
{
    return mix(mix(text ^ th_hash_64(title ? title : "", title ? strlen(title) : 0)) ^
               th_hash_64(date ? date : "", date ? strlen(date) : 0));
}

void th_sketch_make(th_sketch *out, const char *text, size_t start, size_t stop, size_t len, const char *title,
                    const char *date)
{
    uint64_t least[TH_SKETCH_BINS], shingle;
    roller r = roll(text + start, stop - start);

    memset(least, 0xFF, sizeof least);
    *out = (th_sketch){.text = th_hash_64(text, len)};
    while (next_shingle(&r, &shingle)) {
        uint64_t *bin = &least[shingle % TH_SKETCH_BINS], rest = shingle >> 6;
        if (rest < *bin)
            *bin = rest;
        out->shingles++;
    }
    if (out->shingles < LEAST_SHINGLES)
        out->text = short_hash(out->text, title, date);
    out->text += out->text == 0;
    fill_bins(out, least);
}

uint32_t th_sketch_band(const th_sketch *s, size_t band)
{
    return (uint32_t)s->bins[2 * band] << 16 | s->bins[2 * band + 1];
}

/* How many bins two texts must have in common, three deviations below what the least similarity that th_is_reprint() takes gives: texts
 * of one length must be more alike than one that was cut off and the whole. The ratio of sizes is taken a tenth lower, since it
 * counts repeated shingles. Pairs that share some paragraphs are many, and grow with the square of the corpus: most are told here. */
static int least_bins(double size)
{
    double ratio = 0.9 * size, alike = CONTAINMENT * ratio / (1 + ratio - CONTAINMENT * ratio);
    if (alike > JACCARD)
        alike = JACCARD;
    int bins = (int)(TH_SKETCH_BINS * alike - 3 * sqrt(TH_SKETCH_BINS * alike * (1 - alike)));

    return bins > CLOSE_BINS ? bins : CLOSE_BINS;
}

bool th_sketch_close(const th_sketch *a, const th_sketch *b)
{
    size_t small = a->shingles < b->shingles ? a->shingles : b->shingles;
    size_t large = a->shingles < b->shingles ? b->shingles : a->shingles;
    int same = 0;

    if (small < LEAST_SHINGLES || (double)small < 0.3 * (double)large)
        return false;
    for (size_t i = 0; i < TH_SKETCH_BINS; i++)
        same += a->bins[i] == b->bins[i];
    return same >= CLOSE_BINS && same >= least_bins((double)small / (double)large);
}

/* ---- comparing ---- */

/* A set of 64-bit hashes; 0 is no member. */
typedef struct set {
    uint64_t *slots;
    size_t mask, count;
} set;

struct th_shingles {
    set shingles, numbers;
};

static bool set_open(set *s, size_t size)
{
    s->slots = calloc(size, sizeof *s->slots);
    s->mask = size - 1;
    return s->slots != NULL;
}

static void set_put(set *s, uint64_t value)
{
    size_t i = value & s->mask;

    while (s->slots[i] && s->slots[i] != value)
        i = (i + 1) & s->mask;
    s->count += !s->slots[i];
    s->slots[i] = value;
}

/* False when out of memory. */
static bool set_add(set *s, uint64_t value)
{
    if (2 * s->count > s->mask) {
        set bigger = {0};
        if (!set_open(&bigger, 4 * (s->mask + 1)))
            return false;
        for (size_t i = 0; i <= s->mask; i++)
            if (s->slots[i])
                set_put(&bigger, s->slots[i]);
        free(s->slots);
        *s = bigger;
    }
    set_put(s, value + (value == 0));
    return true;
}

static bool set_has(const set *s, uint64_t value)
{
    size_t i = value & s->mask;

    while (s->slots[i] && s->slots[i] != value)
        i = (i + 1) & s->mask;
    return s->slots[i] != 0;
}

static size_t set_common(const set *a, const set *b)
{
    const set *small = a->count < b->count ? a : b, *large = a->count < b->count ? b : a;
    size_t n = 0;

    for (size_t i = 0; i <= small->mask; i++)
        n += small->slots[i] && set_has(large, small->slots[i]);
    return n;
}

static bool is_year(uint64_t digits, size_t n)
{
    return n == 4 && digits >= 1900 && digits < 2100;
}

/* Numbers of two digits and more, years aside: they tell editions of one bulletin apart. */
static bool add_numbers(set *numbers, const char *text, size_t len)
{
    size_t pos = 0, n = 0;
    uint64_t value = 0;
    bool ok = true;

    while (ok && pos <= len) {
        uint32_t c = pos < len ? th_fold_width(th_utf8_next(text, len, &pos)) : (pos++, 0);
        if (c >= '0' && c <= '9') {
            value = value * 10 + (c - '0');
            n++;
        } else if (c != ',' && c != '.') {
            if (n >= 2 && !is_year(value, n))
                ok = set_add(numbers, mix(value * 64 + n));
            value = n = 0;
        }
    }
    return ok;
}

th_shingles *th_shingles_new(const char *text, size_t len)
{
    th_shingles *s = calloc(1, sizeof *s);
    roller r = roll(text, len);
    uint64_t shingle;

    bool ok = s && set_open(&s->shingles, 1024) && set_open(&s->numbers, 64);
    while (ok && next_shingle(&r, &shingle))
        ok = set_add(&s->shingles, shingle);
    if (ok && add_numbers(&s->numbers, text, len))
        return s;
    th_shingles_free(s);
    return NULL;
}

void th_shingles_free(th_shingles *s)
{
    if (!s)
        return;
    free(s->shingles.slots);
    free(s->numbers.slots);
    free(s);
}

th_likeness th_shingles_compare(const th_shingles *a, const th_shingles *b)
{
    size_t common = set_common(&a->shingles, &b->shingles);
    size_t n = a->shingles.count, m = b->shingles.count, small = n < m ? n : m, large = n < m ? m : n;
    size_t numbers = a->numbers.count < b->numbers.count ? a->numbers.count : b->numbers.count;
    th_likeness out = {.numbers = 1, .number_count = numbers};

    if (small) {
        out.jaccard = (double)common / (double)(n + m - common);
        out.containment = (double)common / (double)small;
        out.size = (double)small / (double)large;
    }
    if (numbers)
        out.numbers = (double)set_common(&a->numbers, &b->numbers) / (double)numbers;
    return out;
}

bool th_is_reprint(const th_likeness *l)
{
    bool alike = l->jaccard >= JACCARD || (l->containment >= CONTAINMENT && l->size >= SIZE);

    return alike && l->numbers >= (l->number_count >= 4 ? NUMBERS : FEW_NUMBERS);
}
