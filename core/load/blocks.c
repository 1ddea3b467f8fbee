/* blocks.c - headings, captions and paragraphs told apart without markup.
 *
 * A fragment is a short line that ends no sentence. Fragments that stand together above a paragraph are headings (titles in
 * two lines are common). A single fragment is a heading when others are built like it, and a caption when it is the odd
 * one out: it names a scene or a place, repeats what the paragraph beside it tells, or ends the article; and always more
 * likely a caption where the page's headings come in pairs. Weights below: 2 makes a caption. */
#include <string.h>

#include "load/clean.h"
#include "text/unicode.h"

enum { FRAGMENT_MAX = 40, QUESTION_MAX = 20, CAPTION_MAX = 110, NEAR = 12, LABEL_MAX = 6, IS_CAPTION = 2, IS_CAPTION_IN_RUN = 5 };

typedef struct fragment {
    size_t line;      /* index into page.kept */
    size_t n;         /* characters without white space */
    uint32_t skeleton;
    int score;
    bool single, labelled;
} fragment;

typedef struct page {
    const th_chrome *chrome;
    th_draft *d;
    size_t *kept; /* lines of the article, in order */
    size_t count;
    unsigned usual_gap; /* empty lines between most paragraphs */
    bool has_pairs; /* two headings or more stand in two lines each */
    bool has_photos;
} page;

static th_line *line_at(const page *p, size_t i)
{
    return &p->d->lines[p->kept[i]];
}

static const char *text_at(const page *p, size_t i, size_t *len)
{
    const th_line *line = line_at(p, i);

    *len = line->stop - line->start;
    return p->d->text.data + line->start;
}

static bool is_end_mark(uint32_t c)
{
    return c == 0x3002 || c == ';' || c == ':' || c == ',' || c == 0x3001 || c == '.' || c == 0x2026;
}

/* 地点：某某中心. How many characters its label has, 0 for none. */
static size_t label_length(const th_view *v)
{
    for (size_t i = 1; i < v->n && i <= LABEL_MAX; i++)
        if (v->c[i] == ':')
            return i + 1 < v->n ? i : 0;
    return 0;
}

static bool is_label_line(const page *p, size_t i)
{
    size_t len;
    const char *text = text_at(p, i, &len);
    th_view v;

    th_view_make(&v, text, len < 3 * FRAGMENT_MAX ? len : 3 * FRAGMENT_MAX, false);
    return label_length(&v) > 0;
}

/* One of several such lines, or one that gives a number: not a heading, whatever its length. */
static bool is_particular(const page *p, size_t i, const th_view *v)
{
    size_t n = label_length(v);
    bool number = n && v->c[n + 1] >= '0' && v->c[n + 1] <= '9';

    return n && (number || (i && is_label_line(p, i - 1)) || (i + 1 < p->count && is_label_line(p, i + 1)));
}

/* 各位代表！ 谢谢大家 */
static bool is_salutation(const th_chrome *chrome, const th_view *v)
{
    size_t n = th_words_at(&chrome->salutations, v, 0);

    while (n && n < v->n && (v->c[n] == '!' || v->c[n] == ',' || v->c[n] == ':' || v->c[n] == 0x3001 ||
                             th_words_at(&chrome->salutations, v, n)))
        n += th_words_at(&chrome->salutations, v, n) ? th_words_at(&chrome->salutations, v, n) : 1;
    return n && n == v->n;
}

/* A short line that ends no sentence. */
static bool is_fragment(const page *p, size_t i)
{
    size_t len;
    const char *text = text_at(p, i, &len);
    th_view v;
    th_line *line = line_at(p, i);

    if (line->hint == TH_HINT_LIST || line->hint == TH_HINT_TABLE || len > 3 * FRAGMENT_MAX + 20)
        return false;
    th_view_make(&v, text, len, false);
    if (!v.n || v.n > FRAGMENT_MAX || is_salutation(p->chrome, &v) || is_particular(p, i, &v))
        return false;
    uint32_t last = v.c[v.n - 1], inner = v.n > 1 ? v.c[v.n - 2] : 0;
    bool quoted = last == 0x201d || last == '"' || last == ')';
    if (is_end_mark(last) || (quoted && (inner == 0x3002 || inner == '!' || inner == '?')))
        return false;
    return (last != '!' && last != '?') || (v.n <= QUESTION_MAX && v.c[0] != 0x201c);
}

/* Marks of a line in their order: lines built alike have the same. */
static uint32_t skeleton(const th_view *v)
{
    uint32_t h = 0;

    for (size_t i = 0; i < v->n; i++)
        if (!th_is_han(v->c[i]) && !(v->c[i] >= '0' && v->c[i] <= '9') && !(v->c[i] >= 'a' && v->c[i] <= 'z'))
            h = h * 31 + v->c[i];
    return h;
}

/* How many of the fragment's pairs of characters stand in a paragraph too, in percent. */
static int overlap(const th_view *f, const char *text, size_t len)
{
    size_t found = 0, pairs = 0;
    th_view v;

    if (len > 3 * TH_VIEW_MAX * 4)
        len = 3 * TH_VIEW_MAX * 4;
    for (size_t i = 0; i + 1 < f->n; i++)
        pairs += th_is_han(f->c[i]) && th_is_han(f->c[i + 1]);
    bool seen[TH_VIEW_MAX] = {false};
    for (size_t at = 0; at < len && pairs;) {
        th_view_make(&v, text + at, len - at, false);
        if (!v.n)
            break;
        for (size_t k = 0; k + 1 < v.n; k++)
            for (size_t i = 0; i + 1 < f->n; i++)
                seen[i] |= f->c[i] == v.c[k] && f->c[i + 1] == v.c[k + 1] && th_is_han(v.c[k]) && th_is_han(v.c[k + 1]);
        at += v.at[v.n];
    }
    for (size_t i = 0; i + 1 < f->n; i++)
        found += seen[i];
    return pairs ? (int)(found * 100 / pairs) : 0;
}

static bool is_numbered(const th_view *v)
{
    static const uint32_t numerals[] = {0x4e00, 0x4e8c, 0x4e09, 0x56db, 0x4e94, 0x516d, 0x4e03, 0x516b, 0x4e5d, 0x5341};
    size_t i = v->n && v->c[0] == '(';
    size_t from = i;

    if (v->n && v->c[0] == 0x7b2c) /* 第 */
        return true;
    for (; i < v->n; i++) {
        bool numeral = v->c[i] >= '0' && v->c[i] <= '9';
        for (size_t k = 0; k < 10 && !numeral; k++)
            numeral = numerals[k] == v->c[i];
        if (!numeral)
            break;
    }
    return i > from && i < v->n && (v->c[i] == 0x3001 || v->c[i] == '.' || v->c[i] == ')');
}

bool th_is_numbered(const th_view *v)
{
    return v->n && v->c[0] != 0x7b2c && !(v->c[0] >= '0' && v->c[0] <= '9') && is_numbered(v);
}

/* What the words say. */
static int word_score(const page *p, const th_view *f)
{
    int score = 0;

    if (th_words_at(&p->chrome->caption_starts, f, 0))
        score += 3;
    if (th_words_before(&p->chrome->caption_ends, f, 0, f->n))
        score += 1;
    if (th_words_in(&p->chrome->caption_contains, f))
        score += 2;
    for (size_t i = 0; i + 4 < f->n; i++) /* a year dates a scene */
        if (f->c[i] == '2' && f->c[i + 1] == '0' && f->c[i + 4] == 0x5e74) {
            score++;
            break;
        }
    return score;
}

/* What its neighbours say: the paragraph before it tells the same, or nothing follows it. */
static int place_score(const page *p, const th_view *f, size_t i)
{
    size_t len;
    int score = 0;

    for (size_t k = i ? i - 1 : 0; k <= i + 1 && k < p->count; k++) {
        if (k == i || is_fragment(p, k))
            continue;
        const char *text = text_at(p, k, &len);
        if (f->n >= 8 && overlap(f, text, len) >= 65) {
            score += 2;
            break;
        }
    }
    return score + (i + 1 == p->count ? 2 : 0);
}

/* Is another single fragment near it built alike? */
static int likeness(const page *p, const fragment *list, size_t count, size_t at)
{
    const fragment *f = &list[at];
    size_t from = at > NEAR ? at - NEAR : 0, to = at + NEAR < count ? at + NEAR : count;
    uint32_t own = f->skeleton;
    int best = 0;

    for (size_t i = from; i < to; i++) {
        const fragment *g = &list[i];
        size_t d = g->n > f->n ? g->n - f->n : f->n - g->n;
        if (i == at || !g->single || g->skeleton != own)
            continue;
        /* Length alone is no likeness where headings come in pairs: captions are of like length too. */
        int like = own && d <= 3 ? 3 : !own && !p->has_pairs && d <= 1 && f->n <= 20 ? 2 : 0;
        best = like > best ? like : best;
    }
    return best;
}

static void set_kind(const page *p, const fragment *f, bool is_caption)
{
    th_line *line = line_at(p, f->line);

    line->kind = is_caption ? TH_BLOCK_CAPTION : TH_BLOCK_HEADING;
}

/* The fragments of a page in runs: the next of one run follows at once and not after a wider gap than usual. */
static size_t run_length(const page *p, const fragment *list, size_t count, size_t at)
{
    size_t n = 1;

    while (at + n < count && list[at + n].line == list[at].line + n && line_at(p, list[at + n].line)->gap <= p->usual_gap)
        n++;
    return n;
}

static void judge(page *p, fragment *list, size_t count)
{
    size_t pair_runs = 0, len;
    th_view v;

    for (size_t i = 0; i < count;) {
        size_t n = run_length(p, list, count, i), pairs = 0;
        for (size_t k = i; k < i + n; k++) {
            list[k].single = n == 1;
            const char *text = text_at(p, list[k].line, &len);
            th_view_make(&v, text, len, false);
            list[k].labelled = th_words_fit(&p->chrome->heading_labels, &v);
            list[k].n = v.n;
            list[k].skeleton = skeleton(&v);
            pairs += !list[k].labelled;
        }
        pair_runs += n == 2 && pairs == 2 && list[i + 1].line + 1 < p->count;
        i += n;
    }
    p->has_pairs = pair_runs >= 2;
    for (size_t i = 0; i < count;) {
        size_t n = run_length(p, list, count, i);
        for (size_t k = i; k < i + n; k++) {
            fragment *f = &list[k];
            th_line *line = line_at(p, f->line);
            const char *text = text_at(p, f->line, &len);
            th_view_make(&v, text, len, false);
            f->score = word_score(p, &v) + place_score(p, &v, f->line) + (line->has_photo_credit ? 4 : 0);
            f->score -= is_numbered(&v) || line->hint == TH_HINT_BOLD ? 4 : 0;
            f->score -= line->hint == TH_HINT_HEADING || f->labelled ? 20 : 0;
            if (n == 1)
                f->score += (p->has_pairs ? 2 : 0) - likeness(p, list, count, k);
            /* The line too many above a heading is a picture's. */
            bool above_pair = k == i && n == (p->has_pairs ? 3 : 2);
            set_kind(p, f, f->score >= (n == 1 || above_pair ? IS_CAPTION : IS_CAPTION_IN_RUN));
        }
        i += n;
    }
}

/* Sentences set apart above the lead of a page that has no empty lines elsewhere: there was a picture between them. */
static void tell_apart_above_lead(page *p)
{
    size_t n = 0, len;

    if (p->usual_gap || !p->has_photos)
        return;
    for (size_t i = 0; i + 1 < p->count && i < 6; i++) {
        text_at(p, i, &len);
        if (!line_at(p, i)->gap || len > 3 * CAPTION_MAX || line_at(p, i)->kind != TH_BLOCK_PARAGRAPH)
            break;
        n = i + 1;
    }
    for (size_t i = 0; i < n; i++)
        line_at(p, i)->kind = TH_BLOCK_CAPTION;
}

static bool has_photo_credit(const th_draft *d)
{
    for (size_t i = 0; i < d->dropped_count; i++) {
        const char *text = d->dropped[i].text;
        if (!strcmp(d->dropped[i].reason, "photo") || strstr(text, "图/") || strstr(text, "图／") || strstr(text, "摄"))
            return true;
    }
    return false;
}

static bool open_page(page *p)
{
    size_t gaps[3] = {0};

    p->kept = th_arena_zalloc(p->d->arena, p->d->count + 1, sizeof *p->kept);
    if (!p->kept)
        return false;
    for (size_t i = 0; i < p->d->count; i++) {
        th_line *line = &p->d->lines[i];
        if (line->reason)
            continue;
        p->kept[p->count++] = i;
        gaps[line->gap < 2 ? line->gap : 2]++;
        if (line->is_title) {
            line->kind = TH_BLOCK_TITLE;
            continue;
        }
        line->kind = line->hint == TH_HINT_HEADING ? TH_BLOCK_HEADING : line->hint == TH_HINT_CAPTION ? TH_BLOCK_CAPTION
                     : line->hint == TH_HINT_LIST ? TH_BLOCK_LIST : line->hint == TH_HINT_TABLE ? TH_BLOCK_TABLE
                     : TH_BLOCK_PARAGRAPH;
    }
    p->usual_gap = gaps[0] >= gaps[1] && gaps[0] >= gaps[2] ? 0 : gaps[1] >= gaps[2] ? 1 : 2;
    p->has_photos = has_photo_credit(p->d);
    return true;
}

void th_blocks_tell(const th_chrome *chrome, th_draft *d)
{
    page p = {.chrome = chrome, .d = d};
    size_t count = 0, cap = 0;
    fragment *list = NULL;

    if (!open_page(&p)) {
        d->failed = true;
        return;
    }
    for (size_t i = 0; i < p.count; i++) {
        th_line *line = line_at(&p, i);
        size_t len = line->stop - line->start;
        if (line->has_photo_credit && len <= 3 * CAPTION_MAX)
            line->kind = TH_BLOCK_CAPTION;
        if (line->kind != TH_BLOCK_PARAGRAPH || !is_fragment(&p, i))
            continue;
        fragment *grown = th_arena_grow(d->arena, list, count, &cap, sizeof *list);
        if (!grown) {
            d->failed = true;
            return;
        }
        list = grown;
        list[count++] = (fragment){.line = i};
    }
    judge(&p, list, count);
    tell_apart_above_lead(&p);
}
