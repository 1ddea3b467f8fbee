/* pdf_layout.c - see pdf_layout.h.
 *
 * Measures are in the width of a Han character (em), since leading and margins go with it. A paragraph's lines reach the
 * column's right edge, but for its last; its first is indented or set apart. That is all that is asked: Chinese lines break
 * anywhere and show no hyphen. */
#include "load/pdf_layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "load/chrome.h"
#include "text/unicode.h"

enum { COLUMNS_MAX = 8, SIZES_MAX = 6 };

static const double MARGIN = 0.12;      /* share of the page's height in which running lines stand */
static const double INDENT_MAX = 4.5;   /* em: what begins further in begins a column */
static const double LARGER = 1.12;      /* letters so much larger than the body's are a heading's */

static int by_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double height_of(const th_pdf_line *line)
{
    return line->y1 - line->y0;
}

/* ---- the body's letters ---- */

typedef struct weighed {
    double value, weight;
} weighed;

static int by_value(const void *a, const void *b)
{
    return by_double(&((const weighed *)a)->value, &((const weighed *)b)->value);
}

static double median(weighed *items, size_t count, double otherwise)
{
    double all = 0, sum = 0;

    qsort(items, count, sizeof *items, by_value);
    for (size_t i = 0; i < count; i++)
        all += items[i].weight;
    for (size_t i = 0; i < count; i++) {
        sum += items[i].weight;
        if (sum * 2 >= all)
            return items[i].value;
    }
    return otherwise;
}

static bool measure_letters(th_pdf_doc *doc)
{
    weighed *items = th_arena_zalloc(doc->arena, doc->line_count + 1, sizeof *items);
    size_t n = 0;

    if (!items)
        return false;
    for (size_t i = 0; i < doc->line_count; i++)
        if (doc->lines[i].em > 0)
            items[n++] = (weighed){doc->lines[i].em, doc->lines[i].weight};
    doc->em = median(items, n, 0);
    for (size_t i = 0; !n && i < doc->line_count; i++) /* no Han at all: half of the height will do */
        items[n++] = (weighed){height_of(&doc->lines[i]) * 0.8, doc->lines[i].weight};
    if (!(doc->em > 0))
        doc->em = median(items, n, 12);
    if (!(doc->em > 1 && doc->em < 500))
        doc->em = 12;
    for (size_t i = 0; i < doc->line_count; i++)
        if (!(doc->lines[i].em > 0))
            doc->lines[i].em = doc->em;
    return true;
}

/* Number the sizes of letters that are larger than the body's, the largest first. */
static void rank_sizes(th_pdf_doc *doc)
{
    double sizes[SIZES_MAX];
    size_t count = 0;

    for (;;) { /* the next largest that is 4 % smaller than the one before */
        double next = 0, below = count ? sizes[count - 1] * 0.96 : INFINITY;
        for (size_t i = 0; i < doc->line_count; i++)
            if (!doc->lines[i].reason && doc->lines[i].em < below && doc->lines[i].em > next)
                next = doc->lines[i].em;
        if (next < doc->em * LARGER || count == SIZES_MAX)
            break;
        sizes[count++] = next;
    }
    for (size_t i = 0; i < doc->line_count; i++)
        for (size_t k = 0; k < count && !doc->lines[i].size; k++)
            if (doc->lines[i].em > sizes[k] * 0.96)
                doc->lines[i].size = (uint8_t)(k + 1);
}

static bool same_size(const th_pdf_line *a, const th_pdf_line *b)
{
    return a->size == b->size && a->em < b->em * 1.15 && b->em < a->em * 1.15;
}

/* The distance between most neighbouring lines, in em. */
static double usual_pitch(const th_pdf_doc *doc)
{
    double *list = th_arena_zalloc(doc->arena, doc->line_count + 1, sizeof *list);
    size_t n = 0;

    for (size_t i = 1; list && i < doc->line_count; i++) {
        const th_pdf_line *a = &doc->lines[i - 1], *b = &doc->lines[i];
        double pitch = (b->y0 - a->y0) / b->em;
        if (!a->reason && !b->reason && a->page == b->page && same_size(a, b) && pitch > 0.8 && pitch < 4)
            list[n++] = pitch;
    }
    if (!n)
        return 2;
    qsort(list, n, sizeof *list, by_double);
    return list[n / 3]; /* lines of a paragraph stand closer than paragraphs */
}

/* ---- what runs along ---- */

/* The text with its numbers taken out, as a hash. */
static uint64_t likeness(const th_pdf_line *line)
{
    th_view v;
    char folded[4 * TH_VIEW_MAX];
    size_t n = 0;

    th_view_make(&v, line->text, line->len, false);
    for (size_t i = 0; i < v.n; i++) {
        bool digit = v.c[i] >= '0' && v.c[i] <= '9';
        if (digit && n && folded[n - 1] == '#')
            continue;
        if (digit)
            folded[n++] = '#';
        else {
            memcpy(folded + n, &v.c[i], 3);
            n += 3;
        }
    }
    return th_hash_64(folded, n);
}

/* A line that only counts pages: "3", "- 3 -", "第3页", "第3页 共10页", "3/10", "Page 3 of 10". */
static bool is_page_number(const th_pdf_line *line)
{
    static const uint32_t words[] = {0x7b2c, 0x9875, 0x5171, '/', '-', '.', 0x00b7, 0x2022, '|', '~', '(', ')', '[', ']', '<', '>', 0x2015, 0x2212};
    size_t digits = 0, run = 0;
    th_view v;

    if (line->len > 60)
        return false;
    th_view_make(&v, line->text, line->len, false);
    for (size_t i = 0; i < v.n; i++) {
        bool known = false;
        if (v.c[i] >= '0' && v.c[i] <= '9') {
            digits++;
            if (++run > 4)
                return false;
            continue;
        }
        run = 0;
        if (i + 3 < v.n && v.c[i] == 'p' && v.c[i + 1] == 'a' && v.c[i + 2] == 'g' && v.c[i + 3] == 'e') {
            i += 3;
            continue;
        }
        if (i + 1 < v.n && v.c[i] == 'o' && v.c[i + 1] == 'f') {
            i++;
            continue;
        }
        for (size_t k = 0; k < sizeof words / sizeof *words && !known; k++)
            known = words[k] == v.c[i];
        if (!known)
            return false;
    }
    return digits > 0 && digits <= 8;
}

/* The address a browser prints below a page. */
static bool is_printed_address(const th_pdf_line *line)
{
    return (line->len > 8 && (!memcmp(line->text, "http://", 7) || !memcmp(line->text, "https://", 8) ||
                              !memcmp(line->text, "file://", 7)));
}

/* The moment of printing, which a browser writes at the very top. */
static bool is_print_time(const th_pdf_line *line, const th_pdf_page *page)
{
    size_t colons = 0, digits = 0;
    th_view v;

    if (line->y1 > page->height * 0.055 || line->len > 40)
        return false;
    th_view_make(&v, line->text, line->len, false);
    for (size_t i = 0; i < v.n; i++) {
        digits += v.c[i] >= '0' && v.c[i] <= '9';
        colons += v.c[i] == ':';
        if (v.c[i] < 0x80 ? !strchr("0123456789/-:,.apm", (int)v.c[i])
                          : v.c[i] != 0x4e0a && v.c[i] != 0x4e0b && v.c[i] != 0x5348) /* 上下午 */
            return false;
    }
    return colons && digits >= 6;
}

typedef struct candidate {
    uint64_t hash;
    double y;
    size_t line;
} candidate;

static int by_hash_and_place(const void *a, const void *b)
{
    const candidate *x = a, *y = b;

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->y != y->y ? (x->y < y->y ? -1 : 1) : x->line < y->line ? -1 : x->line > y->line;
}

/* Mark the rows at one end of a page that a gap, or letters of another size, set apart from the rest: at most three. `rows`
 * are the page's lines from that end inwards. */
static void mark_edge(const th_pdf_doc *doc, const candidate *rows, size_t count, double pitch, bool *edge)
{
    for (size_t i = 0, row = 0; i + 1 < count && row < 3; i++) {
        const th_pdf_line *a = &doc->lines[rows[i].line], *b = &doc->lines[rows[i + 1].line];
        double step = fabs(b->y0 - a->y0) / doc->em;
        row += step > 0.5;
        if (step > pitch * 1.3 || (step > 0.5 && (a->em < b->em * 0.95 || b->em < a->em * 0.95))) {
            for (size_t k = 0; k <= i; k++)
                edge[rows[k].line] = true;
            return;
        }
    }
}

static bool mark_edges(const th_pdf_doc *doc, double pitch, bool *edge)
{
    candidate *rows = th_arena_zalloc(doc->arena, doc->line_count + 1, sizeof *rows);

    for (size_t i = 0; rows && i < doc->line_count;) {
        size_t to = i, n = 0;
        for (; to < doc->line_count && doc->lines[to].page == doc->lines[i].page; to++)
            rows[n++] = (candidate){0, doc->lines[to].y0, to};
        qsort(rows, n, sizeof *rows, by_hash_and_place);
        mark_edge(doc, rows, n, pitch, edge);
        for (size_t k = 0; k < n / 2; k++) {
            candidate other = rows[k];
            rows[k] = rows[n - 1 - k];
            rows[n - 1 - k] = other;
        }
        mark_edge(doc, rows, n, pitch, edge);
        i = to;
    }
    return rows != NULL;
}

/* The header of a document of one page, which nothing repeats: small, at the very top, and far above the rest. */
static void drop_lone_header(th_pdf_doc *doc, double pitch, const bool *edge)
{
    size_t first = SIZE_MAX;
    double next = INFINITY;

    if (doc->page_count != 1)
        return;
    for (size_t i = 0; i < doc->line_count; i++)
        if (first == SIZE_MAX || doc->lines[i].y0 < doc->lines[first].y0)
            first = i;
    for (size_t i = 0; i < doc->line_count; i++)
        if (i != first)
            next = fmin(next, doc->lines[i].y0);
    th_pdf_line *line = first == SIZE_MAX ? NULL : &doc->lines[first];
    if (line && !line->reason && edge[first] && line->y1 < doc->pages[0].height * 0.07 && line->em < doc->em * 1.05 &&
        next - line->y0 > pitch * doc->em * 1.6)
        line->reason = "page-header";
}

/* Running headers and footers: alike, at the same height, on several pages, and set apart from the text. */
static bool drop_running(th_pdf_doc *doc, double pitch)
{
    candidate *list = th_arena_zalloc(doc->arena, doc->line_count + 1, sizeof *list);
    bool *edge = th_arena_zalloc(doc->arena, doc->line_count + 1, sizeof *edge);
    size_t count = 0, needed = doc->page_count <= 5 ? 2 : 3;

    if (!list || !edge || !mark_edges(doc, pitch, edge))
        return false;
    for (size_t i = 0; i < doc->line_count; i++) {
        th_pdf_line *line = &doc->lines[i];
        const th_pdf_page *page = &doc->pages[line->page];
        bool top = line->y1 < page->height * MARGIN, bottom = line->y0 > page->height * (1 - MARGIN);
        if (!top && !bottom)
            continue;
        if (is_page_number(line))
            line->reason = "page-number";
        else if (is_printed_address(line))
            line->reason = "page-footer";
        else if (is_print_time(line, page))
            line->reason = "page-header";
        else if (edge[i])
            list[count++] = (candidate){likeness(line), top ? line->y0 : line->y0 - page->height, i};
    }
    qsort(list, count, sizeof *list, by_hash_and_place);
    for (size_t i = 0; i < count;) {
        size_t to = i + 1, pages = 1;
        while (to < count && list[to].hash == list[i].hash && list[to].y - list[to - 1].y <= 3) {
            pages += doc->lines[list[to].line].page != doc->lines[list[to - 1].line].page;
            to++;
        }
        for (size_t k = i; k < to && pages >= needed; k++)
            doc->lines[list[k].line].reason = list[k].y < 0 ? "page-footer" : "page-header";
        i = to;
    }
    drop_lone_header(doc, pitch, edge);
    return true;
}

/* ---- columns ---- */

typedef struct column {
    double left, right;
    bool justified; /* most full lines end exactly at its right edge */
} column;

typedef struct columns {
    column items[COLUMNS_MAX];
    size_t count;
} columns;

static const column *column_of(const columns *c, double x, double em)
{
    size_t i = c->count;

    while (i > 1 && c->items[i - 1].left > x + em * 0.6)
        i--;
    return &c->items[i - 1];
}

/* Where columns begin: places at which many lines do, and that are no indents of one before. */
static void find_left_edges(columns *c, double *edges, size_t count, double em)
{
    size_t needed = count / 20 > 1 ? count / 20 : 1;

    for (size_t i = 0; i < count && c->count < COLUMNS_MAX; i++) {
        size_t to = i;
        while (to < count && edges[to] - edges[i] <= em * 0.5)
            to++;
        if (to - i < needed)
            continue;
        if (c->count && edges[i] < c->items[c->count - 1].left + em * INDENT_MAX)
            continue;
        if (c->count && to - i < count / 6 + 2) /* a further column has many lines; a centred line is none */
            continue;
        c->items[c->count++] = (column){.left = edges[i]};
        needed = count / 10 + 2;
    }
    if (!c->count)
        c->items[c->count++] = (column){.left = count ? edges[0] : 0};
}

/* The column's right edge: the furthest place near which a good share of its lines end. */
static void find_right_edge(column *col, double *ends, size_t count, double limit, double em)
{
    size_t needed = count * 15 / 100 > 2 ? count * 15 / 100 : 2;
    double least = col->left + (limit - col->left) * 0.6;

    col->right = limit;
    for (size_t i = count; i-- > 0;) {
        size_t from = i + 1;
        while (from && ends[i] - ends[from - 1] <= em * 1.5)
            from--;
        if (i + 1 - from >= needed && ends[i] >= least) {
            col->right = ends[i];
            break;
        }
    }
    size_t near = 0, exact = 0;
    for (size_t i = 0; i < count; i++) {
        near += fabs(ends[i] - col->right) <= em * 2.1;
        exact += fabs(ends[i] - col->right) <= em * 0.55;
    }
    col->justified = near && exact * 10 >= near * 8;
}

static bool find_columns(const th_pdf_doc *doc, columns *c)
{
    double *edges = th_arena_zalloc(doc->arena, doc->line_count + 1, sizeof *edges), width = 0;
    size_t count = 0;

    if (!edges)
        return false;
    for (size_t i = 0; i < doc->line_count; i++)
        if (!doc->lines[i].reason && !doc->lines[i].size) {
            edges[count++] = doc->lines[i].x0;
            width = fmax(width, doc->pages[doc->lines[i].page].width);
        }
    qsort(edges, count, sizeof *edges, by_double);
    find_left_edges(c, edges, count, doc->em);
    for (size_t k = 0; k < c->count; k++) {
        size_t n = 0;
        for (size_t i = 0; i < doc->line_count; i++) {
            const th_pdf_line *line = &doc->lines[i];
            if (!line->reason && !line->size && column_of(c, line->x0, doc->em) == &c->items[k] &&
                (k + 1 == c->count || line->x1 < c->items[k + 1].left + doc->em))
                edges[n++] = line->x1;
        }
        qsort(edges, n, sizeof *edges, by_double);
        double margin = width - c->items[0].left; /* margins are alike on both sides, when nothing else tells */
        find_right_edge(&c->items[k], edges, n, k + 1 < c->count ? c->items[k + 1].left - doc->em : margin, doc->em);
    }
    return true;
}

/* ---- paragraphs ---- */

static bool ends_sentence(const th_pdf_line *line)
{
    static const char *const ends[] = {"。", "！", "？", "”", "；", "：", "…", "）"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (line->len >= 3 && !memcmp(line->text + line->len - 3, ends[i], 3))
            return true;
    return line->len && strchr(".!?:;", line->text[line->len - 1]);
}

/* Does it begin like an item of a list or a numbered heading? */
static bool begins_item(const th_pdf_line *line)
{
    th_view v;
    size_t i = 0;

    th_view_make(&v, line->text, line->len < 60 ? line->len : 60, false);
    if (v.n < 2)
        return false;
    if (strchr("-*", (int)(v.c[0] < 0x80 ? v.c[0] : 'x')) || v.c[0] == 0x2022 || v.c[0] == 0x25cf || v.c[0] == 0x25a0 ||
        (v.c[0] >= 0x2460 && v.c[0] <= 0x2473) || v.c[0] == 0xf06c || v.c[0] == 0x25c6)
        return true;
    bool ordinal = v.c[0] == 0x7b2c;
    i += v.c[0] == '(' || ordinal;
    size_t from = i;
    while (i < v.n && i - from < 4 && ((v.c[i] >= '0' && v.c[i] <= '9') || v.c[i] == '.' || v.c[i] == 0x5341 || v.c[i] == 0x4e00 ||
           v.c[i] == 0x4e8c || v.c[i] == 0x4e09 || v.c[i] == 0x56db || v.c[i] == 0x4e94 || v.c[i] == 0x516d ||
           v.c[i] == 0x4e03 || v.c[i] == 0x516b || v.c[i] == 0x4e5d))
        i++;
    if (i == from || i >= v.n)
        return false;
    if (ordinal)
        return v.c[i] == 0x7ae0 || v.c[i] == 0x8282 || v.c[i] == 0x7f16 || v.c[i] == 0x7bc7; /* 章 节 编 篇 */
    return v.c[i] == 0x3001 || v.c[i] == ')' || (i > from && v.c[i - 1] == '.');
}

static bool is_centred(const th_pdf_doc *doc, const th_pdf_line *line, double left)
{
    double middle = doc->pages[line->page].width / 2;

    return fabs((line->x0 + line->x1) / 2 - middle) < line->em && line->x0 > left + line->em;
}

typedef struct joiner {
    const th_pdf_doc *doc;
    columns columns;
    double pitch;   /* from one line of a paragraph to the next, in em */
    bool continued; /* the line at hand goes on from the one before */
} joiner;

/* The width, in em, of the Latin word or number that the line begins with: so much room was too little for it on the line
 * before. */
static double first_word(const th_pdf_line *line)
{
    size_t n = 0;

    while (n < line->len && line->text[n] > ' ' && !(line->text[n] & 0x80))
        n++;
    return (double)n * 0.55 + (n ? 0.3 : 0);
}

/* The distance inside paragraphs, in em: from lines that reach the right edge to the next at the left edge. Where there are
 * few such lines, `otherwise`. */
static double paragraph_pitch(const th_pdf_doc *doc, const columns *c, double otherwise)
{
    double *list = th_arena_zalloc(doc->arena, doc->line_count + 1, sizeof *list);
    size_t n = 0;

    for (size_t i = 1; list && i < doc->line_count; i++) {
        const th_pdf_line *a = &doc->lines[i - 1], *b = &doc->lines[i];
        const column *col = column_of(c, a->x0, a->em);
        double pitch = (b->y0 - a->y0) / b->em;
        if (!a->reason && !b->reason && a->page == b->page && same_size(a, b) && pitch > 0.8 && pitch < 4 &&
            a->x1 > col->right - 2.1 * a->em && fabs(b->x0 - col->left) < 0.6 * b->em)
            list[n++] = pitch;
    }
    if (n < 3)
        return otherwise;
    qsort(list, n, sizeof *list, by_double);
    return list[n / 2] < otherwise * 1.2 ? list[n / 2] : otherwise;
}

/* Is line `b` the continuation of line `a`, which stands before it? */
static bool goes_on(const joiner *j, const th_pdf_line *a, const th_pdf_line *b)
{
    double em = a->em;
    const column *ca = column_of(&j->columns, a->x0, em), *cb = column_of(&j->columns, b->x0, em);
    bool same_place = a->page == b->page && ca == cb && b->y0 > a->y0;
    double pitch = (b->y0 - a->y0) / em;

    if (!same_size(a, b))
        return false;
    /* A heading in two lines: large letters, centred under one another. */
    if (a->size)
        return a->page == b->page && b->y0 > a->y0 && pitch < 2.6 &&
               ((is_centred(j->doc, a, ca->left) && is_centred(j->doc, b, ca->left)) ||
                (a->x1 > ca->right - 2 * em && fabs(a->x0 - b->x0) < em * 2.2));
    double short_by = (ca->right - a->x1) / em;
    if (short_by > fmax(ca->justified ? 1.1 : 2.1, first_word(b)))
        return false;
    if (same_place && pitch > j->pitch * (ends_sentence(a) ? 1.08 : 1.2))
        return false;
    if (ends_sentence(a) && (begins_item(b) || (ca->justified && short_by > 0.6 + first_word(b))))
        return false;
    if (fabs(b->x0 - cb->left) <= em * 0.6)
        return true;
    /* Hanging: under the text of an item, or under the line before that is under it already. */
    return same_place && b->x0 > a->x0 - em * 0.5 && b->x0 - a->x0 < em * INDENT_MAX &&
           ((begins_item(a) && b->x0 > a->x0 + em * 0.5) || (j->continued && fabs(b->x0 - a->x0) < em * 0.5));
}

bool th_pdf_arrange(th_pdf_doc *doc)
{
    joiner j = {.doc = doc};
    th_pdf_line *before = NULL;

    if (!measure_letters(doc))
        return false;
    j.pitch = usual_pitch(doc);
    if (!drop_running(doc, j.pitch))
        return false;
    rank_sizes(doc);
    if (!find_columns(doc, &j.columns))
        return false;
    j.pitch = paragraph_pitch(doc, &j.columns, j.pitch);
    for (size_t i = 0; i < doc->line_count; i++) {
        th_pdf_line *line = &doc->lines[i];
        if (line->reason)
            continue;
        if (before) {
            before->joins = goes_on(&j, before, line);
            j.continued = before->joins;
            double pitch = before->page == line->page && line->y0 > before->y0 ? (line->y0 - before->y0) / line->em : 0;
            if (pitch > j.pitch * 1.2 && pitch < 1000)
                line->gap = (uint16_t)fmax(1, floor(pitch / j.pitch - 0.5)); /* empty lines that would fit */
        }
        before = line;
    }
    return true;
}
