/* pdf.c - see pdf.h. */
#define _GNU_SOURCE 1 /* memmem */
#include "load/pdf.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "load/pdf_layout.h"
#include "load/xml.h"
#include "text/unicode.h"

enum { PAGES_MAX = 100000, ROW_BYTES = 4000, INFORMATION_BYTES = 240 };

/* A word is apart from the one before it when the gap between them is so wide, in em. Some programs put a quarter between Han
 * characters and Latin letters or digits of their own accord: there a narrower gap is in doubt, and settled by what the
 * document does elsewhere. */
static const double SPACE = 0.14, SPACE_BESIDE_LATIN = 0.36;
#define DOUBT 0xf8f0 /* stands for a gap in doubt until all is read: of private use, so no character of a text */

typedef struct walk {
    th_draft *d;
    th_pdf_doc doc;
    th_str line, word, clean;
    th_pdf_line at; /* the line at hand */
    double x0, x1;  /* of the word at hand */
    double last_x1; /* where the word before it ends */
    double han_width, han_count; /* of the line's words of Han characters alone */
    double all_width, all_count; /* of all its words, Latin letters counted by half */
    size_t flow;
    size_t letters, unreadable;
    size_t tight, doubtful; /* Han beside Latin without a gap, and with one in doubt */
    bool in_word;
} walk;

static double number(const th_xml_attrs *attrs, const char *name)
{
    char value[32];
    const char *text = th_xml_attr(attrs, name, value, sizeof value);
    double n = text ? strtod(text, NULL) : 0;

    return n > -1e6 && n < 1e6 ? n : 0;
}

static uint32_t first_char(const th_str *s)
{
    size_t pos = 0;

    return s->len ? th_utf8_next(s->data, s->len, &pos) : 0;
}

static uint32_t last_char(const th_str *s)
{
    size_t pos = s->len;

    return s->len ? th_utf8_prev(s->data, &pos) : 0;
}

static bool is_latin(uint32_t c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '%';
}

/* Fonts map the shapes of radicals and ligatures to characters of their own: ⼈ (U+2F08) is 人, ﬁ is fi. */
static void add_char(th_str *out, uint32_t c)
{
    utf8proc_int32_t parts[8];
    utf8proc_ssize_t n = 0;

    if ((c >= 0x2e80 && c <= 0x2fdf) || (c >= 0xfb00 && c <= 0xfb06))
        n = utf8proc_decompose_char((utf8proc_int32_t)c, parts, 8, UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE, NULL);
    if (n < 1 || n > 8)
        th_utf8_add(out, c);
    for (utf8proc_ssize_t i = 0; i < n && n <= 8; i++)
        th_utf8_add(out, (uint32_t)parts[i]);
}

static bool is_private(uint32_t c)
{
    return (c >= 0xe000 && c <= 0xf8ff) || c >= 0xf0000 || c == 0xfffd;
}

/* ---- words and lines ---- */

/* Append what stands between two characters with this gap between them: a space, nothing, or DOUBT. */
static void add_gap(walk *w, th_str *out, uint32_t a, uint32_t b, double gap, double em)
{
    bool beside = is_latin(a) != is_latin(b);

    if (gap >= em * (beside ? SPACE_BESIDE_LATIN : SPACE) || (is_latin(a) && is_latin(b)) || gap < -em) {
        th_str_putc(out, ' ');
    } else if (beside && gap >= em * SPACE) {
        th_utf8_add(out, DOUBT);
        w->doubtful++;
    }
}

/* A line of fields, with a day in it: there spaces part what belongs to different fields. */
static bool is_information(const th_pdf_line *line)
{
    if (line->len > INFORMATION_BYTES || strstr(line->text, "。") || strstr(line->text, "，"))
        return false;
    for (const char *at = line->text; (at = strstr(at, "20")); at += 2)
        if (strspn(at, "0123456789") == 4 && (at[4] == '-' || at[4] == '/' || at[4] == '.' || !strncmp(at + 4, "年", 3)))
            return true;
    return false;
}

/* A document whose Han characters mostly stand beside Latin ones without a gap puts none there of its own accord. */
static void settle_doubts(walk *w)
{
    bool spaces = w->tight > w->doubtful;

    for (size_t i = 0; w->doubtful && i < w->doc.line_count; i++) {
        th_pdf_line *line = &w->doc.lines[i];
        char *text = (char *)line->text; /* ours, from the arena */
        size_t n = 0;
        bool information = is_information(line);
        for (size_t pos = 0; pos < line->len;) {
            size_t from = pos;
            if (th_utf8_next(line->text, line->len, &pos) != DOUBT) {
                memmove(text + n, text + from, pos - from);
                n += pos - from;
            } else if (spaces || information) {
                text[n++] = ' ';
            }
        }
        text[n] = '\0';
        line->len = n;
    }
}

static void close_word(walk *w)
{
    size_t chars = 0, han = 0, narrow = 0;
    uint32_t last = 0;

    if (!w->word.len)
        return;
    for (size_t pos = 0; pos < w->word.len; chars++) {
        uint32_t c = th_utf8_next(w->word.data, w->word.len, &pos);
        w->tight += chars && ((th_is_han(c) && is_latin(last)) || (is_latin(c) && th_is_han(last)));
        last = c;
        han += th_is_han(c);
        narrow += c < 0x80;
        w->unreadable += is_private(c);
    }
    w->letters += chars;
    w->all_width += w->x1 - w->x0;
    w->all_count += (double)chars - (double)narrow / 2;
    double em = w->all_count > 0 ? w->all_width / w->all_count : 0;
    if (han == chars && chars) {
        w->han_width += w->x1 - w->x0;
        w->han_count += (double)chars;
    }
    if (w->han_count > 0)
        em = w->han_width / w->han_count;
    if (w->line.len)
        add_gap(w, &w->line, last_char(&w->line), first_char(&w->word), w->x0 - w->last_x1, em);
    th_str_add(&w->line, w->word.data, w->word.len);
    w->at.weight += (double)chars;
    w->last_x1 = w->x1;
}

static void open_line(walk *w, const th_xml_attrs *attrs)
{
    th_str_clear(&w->line);
    w->at = (th_pdf_line){.x0 = number(attrs, "xMin"), .x1 = number(attrs, "xMax"), .y0 = number(attrs, "yMin"),
                          .y1 = number(attrs, "yMax"), .flow = w->flow, .page = w->doc.page_count ? w->doc.page_count - 1 : 0};
    w->han_width = w->han_count = w->all_width = w->all_count = 0;
}

/* Does the line stand behind the one before it, in one row? Where there is a wide gap, pdftotext begins another line. */
static th_pdf_line *row_before(walk *w)
{
    th_pdf_line *last = w->doc.line_count ? &w->doc.lines[w->doc.line_count - 1] : NULL;
    double height = w->at.y1 - w->at.y0;

    if (!last || last->page != w->at.page || w->at.x0 < last->x1 - 1 || last->len > ROW_BYTES)
        return NULL;
    return w->at.y0 - last->y0 < height * 0.3 && last->y0 - w->at.y0 < height * 0.3 ? last : NULL;
}

static void close_line(walk *w)
{
    th_str_clear(&w->clean);
    if (!w->line.len || !w->doc.page_count)
        return;
    if (th_text_normalise(&w->clean, w->line.data, w->line.len, NULL, NULL) != TH_OK) {
        w->d->failed = true;
        return;
    }
    th_pdf_line *last = row_before(w);
    if (last) {
        const th_str before = {.data = (char *)last->text, .len = last->len};
        double em = last->em > 0 ? last->em : w->at.y1 - w->at.y0;
        th_str both = {0};
        th_str_add(&both, last->text, last->len);
        add_gap(w, &both, last_char(&before), first_char(&w->clean), w->at.x0 - last->x1, em);
        th_str_add(&both, th_str_text(&w->clean), w->clean.len);
        last->text = th_arena_copy(w->d->arena, th_str_text(&both), both.len);
        last->len = both.len;
        last->x1 = w->at.x1;
        last->weight += w->at.weight;
        w->d->failed |= !last->text || !th_str_ok(&both);
        th_str_free(&both);
        return;
    }
    w->at.em = w->han_count >= 2 ? w->han_width / w->han_count : 0;
    w->at.text = th_arena_copy(w->d->arena, th_str_text(&w->clean), w->clean.len);
    w->at.len = w->clean.len;
    th_pdf_line *grown = th_arena_grow(w->d->arena, w->doc.lines, w->doc.line_count, &w->doc.line_cap, sizeof *grown);
    if (!grown || !w->at.text) {
        w->d->failed = true;
        return;
    }
    w->doc.lines = grown;
    grown[w->doc.line_count++] = w->at;
}

static void open_page(walk *w, const th_xml_attrs *attrs)
{
    th_pdf_page *grown = w->doc.page_count < PAGES_MAX ? th_arena_grow(w->d->arena, w->doc.pages, w->doc.page_count,
                                                                       &w->doc.page_cap, sizeof *grown) : NULL;

    if (!grown) {
        w->d->failed |= w->doc.page_count < PAGES_MAX;
        return;
    }
    w->doc.pages = grown;
    grown[w->doc.page_count++] = (th_pdf_page){number(attrs, "width"), number(attrs, "height")};
}

static void on_open(void *ctx, const char *space, const char *name, const th_xml_attrs *attrs)
{
    walk *w = ctx;
    (void)space;

    if (!strcmp(name, "page")) {
        open_page(w, attrs);
    } else if (!strcmp(name, "flow")) {
        w->flow++;
    } else if (!strcmp(name, "line")) {
        open_line(w, attrs);
    } else if (!strcmp(name, "word")) {
        w->x0 = number(attrs, "xMin");
        w->x1 = number(attrs, "xMax");
        w->in_word = true;
        th_str_clear(&w->word);
    }
}

static void on_close(void *ctx, const char *space, const char *name)
{
    walk *w = ctx;
    (void)space;

    if (!strcmp(name, "word")) {
        w->in_word = false;
        close_word(w);
    } else if (!strcmp(name, "line")) {
        close_line(w);
    }
}

static void on_text(void *ctx, const char *text, size_t len)
{
    walk *w = ctx;

    for (size_t pos = 0; w->in_word && pos < len;)
        add_char(&w->word, th_utf8_next(text, len, &pos));
}

/* ---- the draft ---- */

/* The largest letters of the first page are its title, wherever they stand on it. */
static void take_title(walk *w, const char *text, size_t len, const th_pdf_line *first)
{
    if (first->size == 1 && first->page == 0 && first->em > w->doc.em * 1.25 && th_utf8_count(text, len) <= 80)
        th_draft_set(w->d, TH_META_TITLE, text, len, "the first page's largest letters");
}

static void put_paragraph(walk *w, const th_str *text, const th_pdf_line *first)
{
    th_line *line = th_draft_add(w->d, th_str_text(text), text->len, first->gap);

    if (!line)
        return;
    if (first->size && th_utf8_count(text->data, text->len) <= 60) {
        line->hint = TH_HINT_HEADING;
        line->level = first->size;
        take_title(w, text->data, text->len, first);
    }
}

static void put_lines(walk *w)
{
    th_str text = {0};
    const th_pdf_line *first = NULL;

    for (size_t i = 0; i < w->doc.line_count; i++) {
        const th_pdf_line *line = &w->doc.lines[i];
        if (line->reason) {
            th_draft_drop(w->d, line->reason, line->text, line->len);
            continue;
        }
        if (!first) {
            first = line;
        } else {
            const th_str next = {.data = (char *)line->text, .len = line->len};
            uint32_t a = last_char(&text), b = first_char(&next);
            if (is_latin(a) && is_latin(b) && !(a >= '0' && a <= '9' && b >= '0' && b <= '9'))
                th_str_putc(&text, ' ');
        }
        th_str_add(&text, line->text, line->len);
        if (line->joins)
            continue;
        put_paragraph(w, &text, first);
        th_str_clear(&text);
        first = NULL;
    }
    if (first)
        put_paragraph(w, &text, first);
    w->d->failed |= !th_str_ok(&text);
    th_str_free(&text);
}

static th_status judge(walk *w, th_error *err)
{
    if (!w->doc.line_count)
        return th_error_set(err, TH_ERR_EMPTY,
                            "%s: is a PDF without a text layer (%zu pages of pictures); have its text recognised, by ocrmypdf "
                            "for instance, and load the result", w->d->path, w->doc.page_count);
    if (w->unreadable * 3 > w->letters)
        return th_error_set(err, TH_ERR_FORMAT,
                            "%s: its fonts do not tell which characters they draw; have the PDF's text recognised, by "
                            "ocrmypdf --force-ocr for instance", w->d->path);
    return TH_OK;
}

th_status th_pdf_read(th_draft *d, const char *xml, size_t len, th_error *err)
{
    static const th_xml_handler handler = {on_open, on_close, on_text};
    static const char begin[] = "<doc>", end[] = "</doc>";
    walk w = {.d = d, .doc = {.arena = d->arena}};
    th_str text = {0};
    th_error fault = {0};
    th_status status = th_text_normalise(&text, xml, len, NULL, err); /* takes out characters that XML may not hold */

    if (status != TH_OK)
        return status;
    const char *from = memmem(th_str_text(&text), text.len, begin, sizeof begin - 1);
    const char *to = from ? memmem(from, text.len - (size_t)(from - text.data), end, sizeof end - 1) : NULL;
    if (to)
        status = th_xml_read(from, (size_t)(to - from) + sizeof end - 1, &handler, &w, &fault);
    if (!to || status == TH_ERR_PARSE)
        status = th_error_set(err, TH_ERR_PARSE, "%s: pdftotext wrote no whole document%s%s", d->path, to ? ": " : "", fault.text);
    if (status == TH_OK)
        status = judge(&w, err);
    bool ok = th_str_ok(&w.line) && th_str_ok(&w.word) && th_str_ok(&w.clean) && !d->failed;
    if (status == TH_OK && ok) {
        settle_doubts(&w);
        ok = th_pdf_arrange(&w.doc);
    }
    if (status == TH_OK && ok)
        put_lines(&w);
    th_str_free(&w.line);
    th_str_free(&w.word);
    th_str_free(&w.clean);
    th_str_free(&text);
    if (status == TH_ERR_NOMEM || !ok || d->failed)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", d->path);
    return status;
}
