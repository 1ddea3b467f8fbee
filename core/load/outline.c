/* outline.c - the levels of headings, and the table of contents that repeats them.
 *
 * A heading says its level by its markup, or by how it is numbered: Chinese reports go 第一章, 第一节, 一、, （一）, 1., （1）, ①
 * from the outside in (GB/T 9704-2012 names 一、（一）1.（1） as the levels of an official document), or 1, 1.1, 1.1.1. Each
 * way of numbering that a document uses is one level of it, so that headings built alike have the same level everywhere. */
#include <string.h>

#include "load/chrome.h"
#include "load/draft.h"
#include "text/numeral.h"

enum { LEADERS = 3, CONTENTS_CHARS = 90, CONTENTS_MAX = 400 };

/* What orders headings: markup first, then plain headings that stand above numbered ones, then ways of numbering, then
 * plain headings under them. */
enum { KEY_PART = 1, KEY_MARKUP = 10, KEY_PLAIN_ABOVE = 100, KEY_NUMBERED = 110, KEY_PLAIN = 200, KEYS = 201 };

enum {
    WAY_NONE, WAY_PART, WAY_CHAPTER, WAY_SECTION, WAY_HAN, WAY_HAN_BRACKET, WAY_ARABIC, WAY_DECIMAL_2, WAY_DECIMAL_3,
    WAY_DECIMAL_4, WAY_ARABIC_BRACKET, WAY_CIRCLED, WAYS
};

/* ---- how a heading is numbered ---- */

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_han_numeral(uint32_t c)
{
    return c != 0x4e24 && (th_numeral_digit(c) >= 0 || c == 0x5341 || c == 0x767e) && !is_digit(c); /* 两 numbers nothing */
}

/* The numeral at `*at`; 1 when it says one, 2 for any other, 0 when there is none. */
static int step_numeral(const th_view *v, size_t *at, bool (*is_numeral)(uint32_t))
{
    size_t from = *at;

    while (*at < v->n && is_numeral(v->c[*at]))
        (*at)++;
    if (*at == from)
        return 0;
    return *at == from + 1 && (v->c[from] == '1' || v->c[from] == 0x4e00) ? 1 : 2;
}

/* 1.2.3: how many numbers. */
static int step_decimals(const th_view *v, size_t *at)
{
    int depth = 1;

    while (*at + 1 < v->n && (v->c[*at] == '.') && is_digit(v->c[*at + 1])) {
        (*at)++;
        while (*at < v->n && is_digit(v->c[*at]))
            (*at)++;
        depth++;
    }
    return depth;
}

/* Does the character make 3.5 a figure and no number of a section? */
static bool is_measure(uint32_t c)
{
    static const uint32_t measures[] = {0x4e07, 0x4ebf, '%', 0x500d, 0x5143, 0x5343, 0x767e, 0x516c, 0x5e73, 0x4e2a, 0x7c73,
                                        0x6298, 0x6210, 0x4eba, 0x5e74, 0x6708, 0x65e5};

    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++)
        if (measures[i] == c)
            return true;
    return false;
}

static int way_of_ordinal(const th_view *v, bool *is_first)
{
    static const struct {
        uint32_t c;
        int way;
    } units[] = {{0x7f16, WAY_PART}, {0x7bc7, WAY_PART}, {0x7ae0, WAY_CHAPTER}, {0x8282, WAY_SECTION}}; /* 编 篇 章 节 */
    size_t at = 1;
    int one = step_numeral(v, &at, is_han_numeral);

    one = one ? one : step_numeral(v, &at, is_digit);
    *is_first = one == 1;
    if (one && at + 1 < v->n && v->c[at] == 0x90e8 && v->c[at + 1] == 0x5206) /* 部分 */
        return WAY_PART;
    for (size_t i = 0; one && at < v->n && i < sizeof units / sizeof *units; i++)
        if (v->c[at] == units[i].c)
            return units[i].way;
    return WAY_NONE;
}

/* How the heading is numbered, and whether with a one. The view is of `text`, folded: （ is ( in it, ． is a dot. */
static int way_of(const th_view *v, const char *text, bool *is_first)
{
    size_t at = 0;
    int one;

    *is_first = false;
    if (v->n < 2)
        return WAY_NONE;
    if (v->c[0] == 0x7b2c) /* 第 */
        return way_of_ordinal(v, is_first);
    if (v->c[0] >= 0x2460 && v->c[0] <= 0x2473) {
        *is_first = v->c[0] == 0x2460;
        return WAY_CIRCLED;
    }
    bool bracket = v->c[0] == '(';
    at += bracket;
    if ((one = step_numeral(v, &at, is_han_numeral)) != 0) {
        *is_first = one == 1;
        if (at < v->n && v->c[at] == ')')
            return WAY_HAN_BRACKET;
        return !bracket && at < v->n && (v->c[at] == 0x3001 || v->c[at] == '.') ? WAY_HAN : WAY_NONE;
    }
    if ((one = step_numeral(v, &at, is_digit)) == 0)
        return WAY_NONE;
    *is_first = one == 1;
    if (at < v->n && v->c[at] == ')')
        return WAY_ARABIC_BRACKET;
    int depth = bracket ? 1 : step_decimals(v, &at);
    if (depth == 2 && at < v->n && is_measure(v->c[at]) && text[v->at[at] - 1] != ' ')
        return WAY_NONE;
    if (depth > 1)
        return WAY_ARABIC + (depth < 4 ? depth : 4) - 1;
    return !bracket && at < v->n && (v->c[at] == 0x3001 || v->c[at] == '.') ? WAY_ARABIC : WAY_NONE;
}

/* ---- levels ---- */

typedef struct heading {
    th_line *line;
    int way, key;
    bool is_first, follows; /* follows: the line before it is a heading too */
    bool is_frame;          /* foreword, appendix, …: beside the outermost headings whatever their numbering */
} heading;

static bool is_frame(const th_view *v)
{
    static const char *const words[] = {"前言", "引言", "序言", "导言", "绪论", "摘要", "概述", "结语", "结束语", "结论", "后记", "附录",
                                        "附件", "附表", "参考文献", "致谢", "编者按"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        th_view w;
        th_view_make(&w, words[i], strlen(words[i]), false);
        if (v->n >= w.n && v->n <= w.n + 2 && !memcmp(v->c, w.c, w.n * sizeof *w.c))
            return true;
    }
    return false;
}

static heading *collect(th_draft *d, size_t *count)
{
    heading *list = NULL;
    size_t cap = 0;
    const th_line *before = NULL;

    for (size_t i = 0; i < d->count; i++) {
        th_line *line = &d->lines[i];
        th_view v;
        if (line->reason)
            continue;
        bool follows = before && before->kind == TH_BLOCK_HEADING;
        before = line;
        if (line->kind != TH_BLOCK_HEADING)
            continue;
        heading *grown = th_arena_grow(d->arena, list, *count, &cap, sizeof *list);
        if (!grown) {
            d->failed = true;
            return list;
        }
        list = grown;
        heading *h = &list[(*count)++];
        *h = (heading){.line = line, .follows = follows};
        const char *text = d->text.data + line->start;
        th_view_make(&v, text, line->stop - line->start, false);
        h->way = way_of(&v, text, &h->is_first);
        h->is_frame = h->way == WAY_NONE && is_frame(&v);
    }
    return list;
}

/* Do plain headings stand above the numbered ones? They do when numbering starts again under them. */
static bool plain_stands_above(const heading *list, size_t count)
{
    size_t starts = 0;
    int outermost = WAYS;

    for (size_t i = 0; i < count; i++)
        if (list[i].way && list[i].way < outermost && !list[i].line->level)
            outermost = list[i].way;
    for (size_t i = 0; i < count; i++)
        starts += list[i].way == outermost && list[i].is_first;
    return count && starts > 1 && !list[0].way && outermost >= WAY_HAN;
}

static int key_of(const heading *h, const heading *before, const int *markup_of_way, bool numbered, bool above)
{
    if (h->line->level)
        return KEY_MARKUP + (h->line->level < 64 ? h->line->level : 64);
    if (h->way == WAY_PART && !markup_of_way[h->way])
        return KEY_PART;
    if (h->way)
        return markup_of_way[h->way] ? markup_of_way[h->way] : KEY_NUMBERED + h->way;
    if (h->is_frame)
        return 0;
    if (h->follows && before) /* the second line of a heading */
        return before->key;
    if (numbered && !before) /* above all that says a level */
        return 0;
    return above ? KEY_PLAIN_ABOVE : numbered ? KEY_PLAIN : KEY_NUMBERED;
}

void th_outline(th_draft *d)
{
    size_t count = 0;
    heading *list = collect(d, &count);
    int markup_of_way[WAYS] = {0};
    bool used[KEYS] = {false}, numbered = false, above = plain_stands_above(list, count);
    uint8_t levels[KEYS] = {0}, level = 0;

    for (size_t i = 0; i < count; i++) {
        numbered |= list[i].way != WAY_NONE || list[i].line->level;
        if (list[i].line->level && list[i].way && !markup_of_way[list[i].way])
            markup_of_way[list[i].way] = KEY_MARKUP + (list[i].line->level < 64 ? list[i].line->level : 64);
    }
    for (size_t i = 0; i < count; i++) {
        list[i].key = key_of(&list[i], i ? &list[i - 1] : NULL, markup_of_way, numbered, above);
        used[list[i].key] = true;
    }
    used[0] = false;
    for (int k = 1; k < KEYS; k++)
        if (used[k])
            levels[k] = level < TH_LEVEL_MAX ? ++level : level;
    levels[0] = 1;
    for (size_t i = 0; i < count; i++)
        list[i].line->level = levels[list[i].key];
}

/* ---- tables of contents ---- */

static bool is_leader(uint32_t c)
{
    return c == '.' || c == 0x2026 || c == 0x00b7 || c == 0x22ef || c == 0x2025 || c == '_' || c == 0x3002 || c == '-';
}

/* Does the line end with a page's number? `*leaders` = the dots that lead to it. */
static bool ends_with_page(const th_view *v, size_t *leaders)
{
    size_t end = v->n, digits = 0, dots = 0;

    if (end && (v->c[end - 1] == ')' || v->c[end - 1] == '-'))
        end--;
    while (end && is_digit(v->c[end - 1]) && digits < 5) {
        end--;
        digits++;
    }
    if (end && (v->c[end - 1] == '(' || v->c[end - 1] == '-'))
        end--;
    for (; end && (is_leader(v->c[end - 1]) || v->c[end - 1] == ' '); end--)
        dots += v->c[end - 1] == 0x2026 ? 3 : v->c[end - 1] != ' ';
    *leaders = dots;
    return digits && digits < 5 && end;
}

static bool is_contents_label(const th_view *v)
{
    return (v->n == 2 && v->c[0] == 0x76ee && (v->c[1] == 0x5f55 || v->c[1] == 0x6b21)) || /* 目录 目次 */
           (v->n == 8 && v->c[0] == 'c' && v->c[1] == 'o' && v->c[7] == 's');                  /* contents */
}

static void drop(th_draft *d, th_line *line)
{
    line->reason = "contents";
    th_draft_drop(d, "contents", d->text.data + line->start, line->stop - line->start);
}

void th_outline_contents(th_draft *d)
{
    size_t label = SIZE_MAX; /* the line that says 目录, while its entries follow */

    for (size_t i = 0; i < d->count; i++) {
        th_line *line = &d->lines[i];
        size_t len = line->stop - line->start, leaders = 0;
        th_view v;
        if (line->reason || len > CONTENTS_MAX)
            continue;
        const char *text = d->text.data + line->start;
        bool may_end = len && ((text[len - 1] >= '0' && text[len - 1] <= '9') || strchr(")-", text[len - 1]) ||
                               (len >= 3 && !memcmp(text + len - 3, "）", 3)));
        if (len > 24 && !may_end) {
            label = SIZE_MAX;
            continue;
        }
        th_view_make(&v, text, len, false);
        if (is_contents_label(&v)) {
            label = i;
            continue;
        }
        bool entry = may_end && v.whole && v.n <= CONTENTS_CHARS && ends_with_page(&v, &leaders);
        if (!entry || (leaders < LEADERS && (label == SIZE_MAX || !(text[len - 1] >= '0' && text[len - 1] <= '9')))) {
            label = SIZE_MAX;
            continue;
        }
        if (label != SIZE_MAX && !d->lines[label].reason)
            drop(d, &d->lines[label]);
        drop(d, line);
    }
}
