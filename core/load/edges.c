/* edges.c - see edges.h. */
#include "load/edges.h"

#include <string.h>

#include "base/hash.h"
#include "load/clean.h"
#include "text/unicode.h"

enum {
    SIDE_MAX = TH_EDGES_MAX / 2, /* lines looked at on each side */
    LONGEST = 60,                /* characters; a longer line ends the edge … */
    PROSE = 30,                  /* … and so does a sentence longer than this, unless it speaks of the frame */
    SHORTEST = 3,
    /* What a line's hash says in its low bits. */
    AT_BOTTOM = 1,
    UNSURE = 2,
    FLAGS = 3
};

uint64_t th_repeated_key(uint64_t group, uint64_t line)
{
    uint64_t both[2] = {group, line};

    return th_hash_64(both, sizeof both);
}

static bool is_known(const th_edges *edges, uint64_t line, const th_repeated *known)
{
    for (size_t g = 0; g < TH_EDGE_GROUPS; g++) {
        uint64_t key = th_repeated_key(edges->groups[g], line);
        size_t low = 0, high = known->count;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (known->keys[middle] < key)
                low = middle + 1;
            else
                high = middle;
        }
        if (edges->groups[g] && low < known->count && known->keys[low] == key)
            return true;
    }
    return false;
}

uint32_t th_edges_dropped(const th_edges *edges, const th_repeated *known)
{
    uint32_t out = 0;
    bool inside = false; /* a line that goes for sure stands further in */

    if (!known || !known->count)
        return 0;
    for (size_t i = edges->count; i-- > 0;) { /* each side from the inside out */
        uint64_t line = edges->lines[i];
        if (i + 1 < edges->count && (line & AT_BOTTOM) != (edges->lines[i + 1] & AT_BOTTOM))
            inside = false;
        if (!is_known(edges, line, known) || (line & UNSURE && !inside))
            continue;
        out |= (uint32_t)1 << i;
        inside = true;
    }
    return out;
}

/* ---- the candidates of one article ---- */

static uint64_t hash_view(const th_view *v)
{
    return th_hash_64(v->c, v->n * sizeof *v->c);
}

static bool ends_sentence(uint32_t c)
{
    return c == 0x3002 || c == '!' || c == '?' || c == ';' || c == 0x2026 || c == 0x201d;
}

/* Numbers of a day, a chapter or an item are of an article rather than of a page. */
static bool has_number_mark(const th_view *v)
{
    static const uint32_t marks[] = {0x5e74, 0x6708, 0x65e5, 0x671f, 0x7ae0, 0x8282, 0x3001}; /* 年 月 日 期 章 节 、 */
    static const uint32_t numerals[] = {0x4e00, 0x4e8c, 0x4e09, 0x56db, 0x4e94, 0x516d, 0x4e03, 0x516b, 0x4e5d, 0x5341, 0x3007};

    if (v->n && v->c[0] == 0x7b2c) /* 第 */
        return true;
    for (size_t i = 1; i < v->n; i++) {
        bool number = v->c[i - 1] >= '0' && v->c[i - 1] <= '9';
        for (size_t k = 0; k < sizeof numerals / sizeof *numerals && !number; k++)
            number = v->c[i - 1] == numerals[k];
        for (size_t k = 0; number && k < sizeof marks / sizeof *marks; k++)
            if (v->c[i] == marks[k])
                return true;
    }
    return v->n > 2 && v->c[0] == '(' && (v->c[2] == ')' || v->c[1] - '0' < 10);
}

/* May the line be of a page's frame? `*flags` = what its hash has to say. */
static bool is_candidate(const th_chrome *chrome, const th_line *line, const th_view *v, uint64_t *flags)
{
    uint32_t last = v->n ? v->c[v->n - 1] : 0;

    if (v->n < SHORTEST || line->hint == TH_HINT_HEADING || line->hint == TH_HINT_TABLE || last == ':' || last == ',' || last == 0x3001)
        return false;
    if (th_words_fit(&chrome->heading_labels, v) || th_words_in(&chrome->own_words, v))
        return false;
    bool own = th_words_before(&chrome->document_ends, v, 0, v->n) || has_number_mark(v);
    *flags = own || (ends_sentence(last) && !th_words_in(&chrome->frame_words, v)) ? UNSURE : 0;
    return true;
}

/* The host of an address, or nothing. */
static uint64_t host_of(const char *url)
{
    const char *at = url ? strstr(url, "://") : NULL;

    if (!at)
        return 0;
    at += 3;
    if (strncmp(at, "www.", 4) == 0)
        at += 4;
    size_t len = strcspn(at, "/?#:");
    return len ? th_hash_64(at, len) | 1 : 0;
}

/* The container or folder a path stands in: all before its last mark. */
static uint64_t place_of(const char *path)
{
    size_t len = strlen(path);

    while (len && path[len - 1] != '/' && path[len - 1] != '#' && path[len - 1] != '!')
        len--;
    return th_hash_64(path, len) | 1;
}

static uint64_t name_of(const char *name)
{
    th_view v;

    if (!name)
        return 0;
    th_view_make(&v, name, strlen(name), false);
    return v.n ? hash_view(&v) | 1 : 0;
}

typedef struct walker {
    const th_chrome *chrome;
    const th_draft *d;
    size_t lines[TH_EDGES_MAX]; /* of the draft, for each edge */
    th_view title;
} walker;

static bool is_title(const walker *w, const th_view *v)
{
    return w->d->title && v->n == w->title.n && !memcmp(v->c, w->title.c, v->n * sizeof *v->c);
}

/* Look at the lines of one side from the outside in; false ends it. */
static bool look_at(walker *w, th_edges *out, size_t i, size_t *seen, uint64_t side)
{
    const th_line *line = &w->d->lines[i];
    uint64_t flags;
    th_view v;

    if (line->reason || line->outside || line->start == line->stop)
        return true;
    if (*seen == SIDE_MAX || line->stop - line->start > 4 * LONGEST)
        return false;
    th_view_make(&v, w->d->text.data + line->start, line->stop - line->start, false);
    if (v.n > LONGEST || (v.n > PROSE && ends_sentence(v.c[v.n - 1]) && !th_words_in(&w->chrome->frame_words, &v)))
        return false;
    ++*seen;
    if (!is_title(w, &v) && is_candidate(w->chrome, line, &v, &flags)) {
        w->lines[out->count] = i;
        out->lines[out->count++] = (hash_view(&v) & ~(uint64_t)FLAGS) | side | flags;
    }
    return true;
}

void th_edges_take(const th_chrome *chrome, th_draft *d)
{
    th_edges *e = &d->edges;
    walker w = {.chrome = chrome, .d = d};
    size_t top = 0, seen = 0, bottom = d->count;

    *e = (th_edges){.groups = {host_of(d->url), name_of(d->source ? d->source : d->guess), place_of(d->path)}};
    if (d->title)
        th_view_make(&w.title, d->title, strlen(d->title), false);
    while (top < d->count && look_at(&w, e, top, &seen, 0))
        top++;
    for (seen = 0; bottom > top && look_at(&w, e, bottom - 1, &seen, AT_BOTTOM);)
        bottom--;
    e->dropped = th_edges_dropped(e, d->repeated);
    for (size_t i = 0; i < e->count; i++)
        if (e->dropped >> i & 1) {
            th_line *line = &d->lines[w.lines[i]];
            line->reason = "repeated";
            th_draft_drop(d, "repeated", d->text.data + line->start, line->stop - line->start);
        }
}
