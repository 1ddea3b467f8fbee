/* docx.c - Word documents (ECMA-376, Office Open XML): the body in reading order, as lines.
 *
 * What a reader of the document sees is read: inserted text but not deleted text, the result of a field but not its code, no
 * hidden text, the numbers that lists put before their paragraphs. Text boxes and footnotes come behind the paragraph they
 * are anchored in; a table is a line a row. Headers and footers of pages are no part of the body. Of the document's
 * properties only the title is taken, and only where the text has none: creator and dates tell who typed the file and when,
 * not who wrote the article. */
#include "load/docx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/docx_styles.h"
#include "load/package.h"
#include "load/xml.h"
#include "text/unicode.h"

enum {
    BOXES_MAX = 8,       /* text boxes in one another */
    FIELDS_MAX = 32,     /* fields in one another */
    HEADING_CHARS = 80,  /* a longer paragraph is none, whatever its style says */
    PROSE_BYTES = 60,
    LAYOUT_PARAGRAPHS = 3, /* a cell with so many paragraphs of prose lays out a page, and holds no data */
    TITLE_BYTES = 300,
    TITLE_SIZE = 36, TITLE_SIZE_MAX = 60, /* half points; titles are set in 18 to 22, mastheads larger (GB/T 9704-2012, 7.3) */
    NOTES_MAX = 20000
};

/* A paragraph being gathered. */
typedef struct paragraph {
    th_str text;
    char style[TH_STYLE_NAME];
    size_t bold;           /* bytes of it in bold */
    int level;             /* outline level said by the paragraph itself, from 1; 0: body; -1: not said */
    int list, list_level;  /* numId and ilvl; -1: not said */
    int size;              /* of its largest letters, in half points; 0: not said */
    bool is_centred;
    bool is_contents;      /* stands in a table of contents */
} paragraph;

/* A line that is ready. */
typedef struct line {
    char *text;
    size_t len;
    th_hint hint;
    uint8_t level;
    th_style_role role;
    int size; /* of the letters of a title without a style for it; 0: it has one */
    int cell; /* of a table's row; -1: none */
} line;

typedef struct lines {
    line *items;
    size_t count, cap;
} lines;

typedef enum field_state { FIELD_CODE, FIELD_RESULT } field_state;

typedef struct note {
    char id[16];
    lines lines;
} note;

typedef struct notes {
    note *items;
    size_t count, cap;
} notes;

typedef struct walk {
    th_draft *d;
    th_docx_styles *styles;
    notes *footnotes, *endnotes; /* NULL while they are read themselves */
    notes *target;               /* the notes being read; NULL in the document */
    note *note;                  /* the one at hand */
    paragraph stack[BOXES_MAX + 1]; /* the paragraph at hand, and those around the text boxes it stands in */
    int depth;                   /* of `stack` in use; -1: outside */
    int boxes;                   /* text boxes around */
    int skipped;                 /* elements around whose content is left out */
    struct {
        field_state state;
        bool is_contents;
        bool has_code;
    } fields[FIELDS_MAX];
    int field_count, fields_lost; /* lost: deeper than FIELDS_MAX */
    int run_size;
    bool in_run, run_bold, run_hidden, in_run_properties, in_properties;
    int contents;                /* content controls around that hold a table of contents */
    int controls, contents_at[BOXES_MAX];
    lines later;                 /* text boxes and notes: behind what they are anchored in */
    lines row;                   /* the table's row at hand */
    int tables, cell;
    uint16_t gap;
    th_str title, clean;
    int title_size;
    bool title_over;
} walk;

static bool is_word(const char *space)
{
    return strstr(space, "wordprocessingml") != NULL;
}

static bool is_on(const char *val)
{
    return !val || (strcmp(val, "0") && strcmp(val, "false") && strcmp(val, "off"));
}

/* ---- lines ---- */

static void add_line(walk *w, lines *to, const line *item)
{
    line *grown = th_arena_grow(w->d->arena, to->items, to->count, &to->cap, sizeof *grown);

    if (!grown) {
        w->d->failed = true;
        return;
    }
    to->items = grown;
    grown[to->count++] = *item;
}

/* Paragraphs in the style Title, or centred in large letters, at the document's head are its title; one that is long only
 * borrows the look. */
static bool takes_title(walk *w, const line *item)
{
    if (item->role != TH_STYLE_TITLE || w->title_over || w->title.len + item->len > TITLE_BYTES ||
        (w->title.len && item->size != w->title_size))
        return false;
    w->title_size = item->size;
    if (w->title.len)
        th_str_putc(&w->title, ' ');
    th_str_add(&w->title, item->text, item->len);
    th_draft_drop(w->d, "title", item->text, item->len);
    return true;
}

/* Write a line to the draft. */
static void put_line(walk *w, const line *item)
{
    if (item->role == TH_STYLE_CONTENTS) {
        th_draft_drop(w->d, "contents", item->text, item->len);
        return;
    }
    if (takes_title(w, item))
        return;
    w->title_over |= w->title.len || w->d->count > 3;
    th_line *out = th_draft_add(w->d, item->text, item->len, w->gap);
    if (!out)
        return;
    out->hint = item->hint;
    out->level = item->level;
    w->gap = 0;
}

static void put_later(walk *w)
{
    lines later = w->later;

    w->later = (lines){0};
    for (size_t i = 0; i < later.count; i++)
        put_line(w, &later.items[i]);
}

/* A line that is ready goes to the row, to the text box, to the note, or to the draft. */
static void give_line(walk *w, const line *item)
{
    if (w->target) {
        if (w->note)
            add_line(w, &w->note->lines, item);
    } else if (w->boxes) {
        add_line(w, &w->later, item);
    } else if (w->tables) {
        add_line(w, &w->row, item);
    } else {
        put_line(w, item);
    }
}

/* ---- paragraphs ---- */

static void open_paragraph(walk *w)
{
    if (w->depth >= BOXES_MAX) {
        w->skipped++; /* closed by the same depth */
        return;
    }
    paragraph *p = &w->stack[++w->depth];
    th_str text = p->text;
    *p = (paragraph){.text = text, .level = -1, .list = -1, .list_level = -1, .is_contents = w->contents > 0};
    th_str_clear(&p->text);
}

static bool ends_sentence(const char *text, size_t len)
{
    static const char *const ends[] = {"。", "；", "，"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (len >= 3 && !memcmp(text + len - 3, ends[i], 3))
            return true;
    return false;
}

static void give_piece(walk *w, const paragraph *p, const th_style *style, th_hint hint, const char *text, size_t len)
{
    th_str_clear(&w->clean);
    if (th_text_normalise(&w->clean, text, len, NULL, NULL) != TH_OK) {
        w->d->failed = true;
        return;
    }
    const char *clean = th_str_text(&w->clean), *end = clean + w->clean.len;
    while (clean < end && (unsigned char)*clean <= ' ')
        clean++;
    while (end > clean && (unsigned char)end[-1] <= ' ')
        end--;
    line item = {.text = th_arena_copy(w->d->arena, clean, (size_t)(end - clean)), .len = (size_t)(end - clean), .hint = hint,
                 .role = p->is_contents ? TH_STYLE_CONTENTS : style->role, .cell = w->tables ? w->cell : -1};
    if (!item.text) {
        w->d->failed = true;
        return;
    }
    if (item.role == TH_STYLE_PLAIN && p->is_centred && p->size >= TITLE_SIZE && p->size <= TITLE_SIZE_MAX && !w->tables &&
        !ends_sentence(item.text, item.len)) {
        item.role = TH_STYLE_TITLE;
        item.size = p->size;
    }
    if (!item.len) {
        if (!w->boxes && !w->tables && !w->note && w->gap < UINT16_MAX)
            w->gap++;
        return;
    }
    int level = p->level >= 0 ? p->level : style->level;
    if (item.role != TH_STYLE_CONTENTS && level > 0 && !ends_sentence(item.text, item.len) &&
        th_utf8_count(item.text, item.len) <= HEADING_CHARS) {
        item.hint = TH_HINT_HEADING;
        item.level = (uint8_t)level;
    }
    give_line(w, &item);
}

static void close_paragraph(walk *w)
{
    paragraph *p = &w->stack[w->depth--];
    th_style style = th_docx_style(w->styles, p->style);
    th_str number = {0};
    int list = p->list >= 0 ? p->list : style.list, level = p->list_level >= 0 ? p->list_level : style.list_level;
    bool bullet = false;

    /* An empty paragraph has no number in Word either. */
    if (list > 0 && p->text.len)
        bullet = !th_docx_number(w->styles, list, level, p->style, &number);
    bool bold = p->text.len && (style.bold || p->bold * 10 >= p->text.len * 9);
    th_hint hint = style.role == TH_STYLE_CAPTION ? TH_HINT_CAPTION : bullet ? TH_HINT_LIST : bold ? TH_HINT_BOLD : TH_HINT_NONE;
    if (number.len) {
        th_str_add(&number, th_str_text(&p->text), p->text.len);
        th_str both = p->text;
        p->text = number;
        number = both;
    }
    w->d->failed |= !th_str_ok(&p->text);
    const char *at = th_str_text(&p->text), *end = at + p->text.len;
    do { /* a line break in a paragraph ends a block */
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        give_piece(w, p, &style, hint, at, (size_t)(stop - at));
        at = stop + 1;
    } while (at < end);
    th_str_free(&number);
    if (w->depth < 0 && !w->tables && !w->note)
        put_later(w);
}

static paragraph *at_hand(walk *w)
{
    return w->depth >= 0 ? &w->stack[w->depth] : NULL;
}

/* Is text read where the walk stands: not in the code of a field, not hidden? */
static bool is_seen(const walk *w)
{
    if (w->skipped || !w->in_run || w->run_hidden || w->fields_lost)
        return false;
    for (int i = 0; i < w->field_count; i++)
        if (w->fields[i].state == FIELD_CODE)
            return false;
    return true;
}

static void add_text(walk *w, const char *text, size_t len)
{
    paragraph *p = at_hand(w);

    if (!p || !is_seen(w))
        return;
    th_str_add(&p->text, text, len);
    if (w->run_bold)
        p->bold += len;
    if (w->run_size > p->size)
        p->size = w->run_size;
    for (int i = 0; i < w->field_count; i++)
        p->is_contents |= w->fields[i].is_contents;
}

/* ---- fields ---- */

static void field_char(walk *w, const char *type)
{
    if (!type)
        return;
    if (!strcmp(type, "begin")) {
        if (w->field_count == FIELDS_MAX) {
            w->fields_lost++;
            return;
        }
        w->fields[w->field_count].state = FIELD_CODE;
        w->fields[w->field_count].is_contents = w->fields[w->field_count].has_code = false;
        w->field_count++;
    } else if (w->fields_lost) {
        w->fields_lost -= !strcmp(type, "end");
    } else if (w->field_count && !strcmp(type, "separate")) {
        w->fields[w->field_count - 1].state = FIELD_RESULT;
    } else if (w->field_count && !strcmp(type, "end")) {
        w->field_count--;
    }
}

/* The first word of a field's code says what it is. */
static void field_code(walk *w, const char *text, size_t len)
{
    while (len && *text == ' ')
        text++, len--;
    if (!w->field_count || !len || w->fields[w->field_count - 1].has_code)
        return;
    w->fields[w->field_count - 1].has_code = true;
    w->fields[w->field_count - 1].is_contents = len >= 3 && !memcmp(text, "TOC", 3);
}

/* ---- notes ---- */

static void take_note(walk *w, notes *from, const char *id)
{
    for (size_t i = 0; from && id && i < from->count; i++)
        if (!strcmp(from->items[i].id, id)) {
            for (size_t k = 0; k < from->items[i].lines.count; k++)
                add_line(w, &w->later, &from->items[i].lines.items[k]);
            from->items[i].lines.count = 0; /* once, however often it is referred to */
            return;
        }
}

static void open_note(walk *w, const th_xml_attrs *attrs)
{
    char type[32];
    notes *to = w->target;
    const char *kind = th_xml_attr(attrs, "type", type, sizeof type);

    w->note = NULL;
    if (!to || to->count >= NOTES_MAX || (kind && strcmp(kind, "normal")))
        return;
    note *grown = th_arena_grow(w->d->arena, to->items, to->count, &to->cap, sizeof *grown);
    if (!grown) {
        w->d->failed = true;
        return;
    }
    to->items = grown;
    w->note = &grown[to->count++];
    *w->note = (note){0};
    th_xml_attr(attrs, "id", w->note->id, sizeof w->note->id);
}

/* ---- tables ---- */

/* Do the cells of the row lay out a page rather than hold data? */
static bool is_layout(const lines *row)
{
    size_t prose = 0;
    int cells = 0, last = -1;

    for (size_t i = 0; i < row->count; i++) {
        if (row->items[i].cell != last) {
            last = row->items[i].cell;
            cells++;
            prose = 0;
        }
        prose += row->items[i].len >= PROSE_BYTES;
        if (prose >= LAYOUT_PARAGRAPHS)
            return true;
    }
    return cells < 2;
}

static void close_row(walk *w)
{
    lines row = w->row;
    th_str text = {0};

    w->row = (lines){0};
    if (!row.count)
        return;
    if (is_layout(&row)) {
        for (size_t i = 0; i < row.count; i++)
            put_line(w, &row.items[i]);
    } else {
        for (size_t i = 0; i < row.count; i++) {
            if (i)
                th_str_puts(&text, row.items[i].cell == row.items[i - 1].cell ? " " : " | ");
            th_str_add(&text, row.items[i].text, row.items[i].len);
        }
        line joined = {.text = text.data, .len = text.len, .hint = TH_HINT_TABLE, .cell = -1};
        if (th_str_ok(&text) && text.len)
            put_line(w, &joined);
        w->d->failed |= !th_str_ok(&text);
        th_str_free(&text);
    }
    put_later(w);
}

/* ---- elements ---- */

/* What is never read, with all it holds: deleted and moved-away text, the reading of ruby, the fallback of what stands beside
 * it in a newer form. */
static bool is_left_out(const char *space, const char *name)
{
    if (!strcmp(name, "Fallback"))
        return strstr(space, "markup-compatibility") != NULL;
    return is_word(space) && (!strcmp(name, "del") || !strcmp(name, "moveFrom") || !strcmp(name, "rt") ||
                              !strcmp(name, "pPrChange") || !strcmp(name, "rPrChange") || !strcmp(name, "sectPr") ||
                              !strcmp(name, "delText") || !strcmp(name, "sectPrChange") || !strcmp(name, "tblPrChange"));
}

static void paragraph_property(walk *w, const char *name, const char *val)
{
    paragraph *p = at_hand(w);

    if (!p || !val)
        return;
    if (!strcmp(name, "pStyle"))
        snprintf(p->style, sizeof p->style, "%s", val);
    else if (!strcmp(name, "outlineLvl"))
        p->level = val[0] >= '0' && val[0] < '9' && !val[1] ? val[0] - '0' + 1 : 0;
    else if (!strcmp(name, "jc"))
        p->is_centred = !strcmp(val, "center");
    else if (!strcmp(name, "numId"))
        p->list = (int)strtol(val, NULL, 10);
    else if (!strcmp(name, "ilvl"))
        p->list_level = (int)strtol(val, NULL, 10);
}

static void run_property(walk *w, const char *name, const char *val)
{
    if (!strcmp(name, "b"))
        w->run_bold = is_on(val);
    else if (!strcmp(name, "sz") && val)
        w->run_size = (int)strtol(val, NULL, 10);
    else if (!strcmp(name, "vanish") || !strcmp(name, "webHidden"))
        w->run_hidden |= is_on(val);
}

/* Elements of a run that stand for characters. */
static void run_content(walk *w, const char *name, const th_xml_attrs *attrs)
{
    char value[16];

    if (!strcmp(name, "tab") || !strcmp(name, "ptab"))
        add_text(w, " ", 1);
    else if (!strcmp(name, "br") || !strcmp(name, "cr"))
        add_text(w, "\n", 1);
    else if (!strcmp(name, "noBreakHyphen"))
        add_text(w, "-", 1);
    else if (!strcmp(name, "fldChar"))
        field_char(w, w->skipped ? NULL : th_xml_attr(attrs, "fldCharType", value, sizeof value));
    else if (!strcmp(name, "footnoteReference") && is_seen(w))
        take_note(w, w->footnotes, th_xml_attr(attrs, "id", value, sizeof value));
    else if (!strcmp(name, "endnoteReference") && is_seen(w))
        take_note(w, w->endnotes, th_xml_attr(attrs, "id", value, sizeof value));
}

static void open_container(walk *w, const char *name, const th_xml_attrs *attrs)
{
    char value[64];

    if (!strcmp(name, "txbxContent")) {
        w->boxes++;
    } else if (!strcmp(name, "tbl") && !w->boxes && !w->note) {
        w->tables++;
    } else if (!strcmp(name, "tr") && w->tables == 1 && !w->boxes) {
        w->cell = -1;
    } else if (!strcmp(name, "tc") && w->tables == 1 && !w->boxes) {
        w->cell++;
    } else if (!strcmp(name, "sdt")) {
        if (w->controls < BOXES_MAX)
            w->contents_at[w->controls] = 0;
        w->controls++;
    } else if (!strcmp(name, "docPartGallery") && w->controls && w->controls <= BOXES_MAX) {
        const char *val = th_xml_attr(attrs, "val", value, sizeof value);
        if (val && !strcmp(val, "Table of Contents") && !w->contents_at[w->controls - 1]) {
            w->contents_at[w->controls - 1] = 1;
            w->contents++;
        }
    } else if (!strcmp(name, "footnote") || !strcmp(name, "endnote")) {
        open_note(w, attrs);
    }
}

static void on_open(void *ctx, const char *space, const char *name, const th_xml_attrs *attrs)
{
    walk *w = ctx;
    char value[TH_STYLE_NAME];

    if (w->skipped || is_left_out(space, name)) {
        w->skipped++;
        return;
    }
    bool math = strstr(space, "/math") != NULL;
    if (math && !strcmp(name, "r")) {
        w->in_run = true;
        w->run_bold = w->run_hidden = false;
        w->run_size = 0;
    }
    if (!is_word(space))
        return;
    if (!strcmp(name, "p")) {
        w->in_run = false;
        open_paragraph(w);
    } else if (!strcmp(name, "pPr")) {
        w->in_properties = true;
    } else if (!strcmp(name, "r")) {
        w->in_run = true;
        w->run_bold = w->run_hidden = false;
        w->run_size = 0;
    } else if (!strcmp(name, "rPr")) {
        w->in_run_properties = true;
    } else if (w->in_run_properties && !w->in_properties) {
        run_property(w, name, th_xml_attr(attrs, "val", value, sizeof value));
    } else if (w->in_properties && !w->in_run_properties) {
        paragraph_property(w, name, th_xml_attr(attrs, "val", value, sizeof value));
    } else if (w->in_run && !w->in_properties && !w->in_run_properties) {
        run_content(w, name, attrs);
        open_container(w, name, attrs);
    } else {
        open_container(w, name, attrs);
    }
}

static void close_container(walk *w, const char *name)
{
    if (!strcmp(name, "txbxContent")) {
        w->boxes -= w->boxes > 0;
        w->in_run = true; /* the run the box is anchored in goes on */
        w->run_hidden = false;
    } else if (!strcmp(name, "tbl") && !w->boxes && !w->note) {
        w->tables -= w->tables > 0;
    } else if (!strcmp(name, "tr") && w->tables == 1 && !w->boxes) {
        close_row(w);
    } else if (!strcmp(name, "sdt")) {
        w->controls -= w->controls > 0;
        if (w->controls < BOXES_MAX && w->contents_at[w->controls]) {
            w->contents_at[w->controls] = 0;
            w->contents--;
        }
    } else if (!strcmp(name, "footnote") || !strcmp(name, "endnote")) {
        w->note = NULL;
    }
}

static void on_close(void *ctx, const char *space, const char *name)
{
    walk *w = ctx;

    if (w->skipped) {
        w->skipped--;
        return;
    }
    if (strstr(space, "/math") && !strcmp(name, "r"))
        w->in_run = false;
    if (!is_word(space))
        return;
    if (!strcmp(name, "p")) {
        if (w->depth >= 0)
            close_paragraph(w);
    } else if (!strcmp(name, "pPr")) {
        w->in_properties = false;
    } else if (!strcmp(name, "r")) {
        w->in_run = false;
    } else if (!strcmp(name, "rPr")) {
        w->in_run_properties = false;
    } else {
        close_container(w, name);
    }
}

typedef struct text_filter {
    walk w;
    bool in_text, in_code; /* w:t, w:instrText */
} text_filter;

static void filter_open(void *ctx, const char *space, const char *name, const th_xml_attrs *attrs)
{
    text_filter *f = ctx;

    on_open(&f->w, space, name, attrs);
    bool ours = is_word(space) || strstr(space, "/math");
    f->in_text = ours && !strcmp(name, "t");
    f->in_code = ours && !strcmp(name, "instrText");
}

static void filter_close(void *ctx, const char *space, const char *name)
{
    text_filter *f = ctx;

    f->in_text = f->in_code = false;
    on_close(&f->w, space, name);
}

static void filter_text(void *ctx, const char *text, size_t len)
{
    text_filter *f = ctx;

    if (f->in_text)
        add_text(&f->w, text, len);
    else if (f->in_code && !f->w.skipped)
        field_code(&f->w, text, len);
}

/* ---- the whole ---- */

enum { PART_DOCUMENT, PART_STYLES, PART_LISTS, PART_FOOTNOTES, PART_ENDNOTES, PART_CORE, PARTS };

static const th_xml_handler body_handler = {filter_open, filter_close, filter_text};

static th_status read_body(text_filter *f, const th_part *part, th_error *err)
{
    th_status status = th_xml_read(th_str_text(&part->bytes), part->bytes.len, &body_handler, f, err);

    while (f->w.depth >= 0) /* what breaks off inside a paragraph */
        close_paragraph(&f->w);
    f->w.boxes = f->w.tables = 0;
    f->w.note = NULL;
    close_row(&f->w);
    put_later(&f->w);
    for (size_t i = 0; i <= BOXES_MAX; i++)
        th_str_free(&f->w.stack[i].text);
    th_str_free(&f->w.clean);
    return status;
}

static void read_notes(th_draft *d, th_docx_styles *styles, notes *to, const th_part *part)
{
    text_filter f = {.w = {.d = d, .styles = styles, .target = to, .depth = -1}};

    if (part->found)
        read_body(&f, part, NULL);
    th_str_free(&f.w.title);
}

/* dc:title of docProps/core.xml. */
typedef struct core_walk {
    bool in_title;
    th_str title;
} core_walk;

static void core_open(void *ctx, const char *space, const char *name, const th_xml_attrs *attrs)
{
    (void)attrs;
    ((core_walk *)ctx)->in_title = strstr(space, "purl.org/dc/") && !strcmp(name, "title");
}

static void core_close(void *ctx, const char *space, const char *name)
{
    (void)space;
    (void)name;
    ((core_walk *)ctx)->in_title = false;
}

static void core_text(void *ctx, const char *text, size_t len)
{
    core_walk *w = ctx;

    if (w->in_title && w->title.len < 1000)
        th_str_add(&w->title, text, len);
}

/* The title among the properties is often a template's or the first words typed: it serves when the text begins with prose. */
static void take_core_title(th_draft *d, const th_part *part)
{
    static const th_xml_handler handler = {core_open, core_close, core_text};
    core_walk w = {0};
    th_str clean = {0};
    const th_line *first = d->count ? &d->lines[0] : NULL;

    if (part->found && first && (first->stop - first->start > 240 ||
                                 ends_sentence(d->text.data + first->start, first->stop - first->start))) {
        th_xml_read(th_str_text(&part->bytes), part->bytes.len, &handler, &w, NULL);
        if (th_text_normalise(&clean, th_str_text(&w.title), w.title.len, NULL, NULL) == TH_OK && clean.len)
            th_draft_set(d, TH_META_TITLE, clean.data, clean.len, "document properties: title");
    }
    th_str_free(&w.title);
    th_str_free(&clean);
}

static th_status read_parts(th_draft *d, th_part *parts, th_error *err)
{
    th_docx_styles styles = {.arena = d->arena};
    notes footnotes = {0}, endnotes = {0};
    text_filter f = {.w = {.d = d, .styles = &styles, .depth = -1}};
    th_error fault = {0};

    th_docx_styles_read(&styles, th_str_text(&parts[PART_STYLES].bytes), parts[PART_STYLES].bytes.len);
    th_docx_lists_read(&styles, th_str_text(&parts[PART_LISTS].bytes), parts[PART_LISTS].bytes.len);
    read_notes(d, &styles, &footnotes, &parts[PART_FOOTNOTES]);
    read_notes(d, &styles, &endnotes, &parts[PART_ENDNOTES]);
    f.w.footnotes = &footnotes;
    f.w.endnotes = &endnotes;
    th_status status = read_body(&f, &parts[PART_DOCUMENT], &fault);
    if (f.w.title.len)
        th_draft_set(d, TH_META_TITLE, f.w.title.data, f.w.title.len,
                     f.w.title_size ? "large letters at the head" : "paragraph style Title");
    bool ok = !d->failed && !styles.failed && th_str_ok(&f.w.title);
    th_str_free(&f.w.title);
    if (!ok || status == TH_ERR_NOMEM)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", d->path);
    if (status != TH_OK && !d->count)
        return th_error_set(err, TH_ERR_PARSE, "%s: a damaged Word document: word/document.xml: %s", d->path, fault.text);
    if (status != TH_OK)
        th_draft_warn(d, "%s: the Word document is damaged (word/document.xml: %s); what stands before was read", d->path, fault.text);
    take_core_title(d, &parts[PART_CORE]);
    return d->failed ? th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", d->path) : TH_OK;
}

th_status th_docx_read(th_draft *d, const char *bytes, size_t len, th_error *err)
{
    th_part parts[PARTS] = {[PART_DOCUMENT] = {"word/document", ".xml"}, [PART_STYLES] = {"word/styles", ".xml"},
                            [PART_LISTS] = {"word/numbering", ".xml"}, [PART_FOOTNOTES] = {"word/footnotes", ".xml"},
                            [PART_ENDNOTES] = {"word/endnotes", ".xml"}, [PART_CORE] = {"docProps/core", ".xml"}};
    th_error fault = {0};
    th_status status = th_package_read(parts, PARTS, d->path, bytes, len, &fault);

    /* A cut-off zip may still have its text. */
    if (status == TH_ERR_PARSE && parts[PART_DOCUMENT].found && parts[PART_DOCUMENT].bytes.len)
        th_draft_warn(d, "%s; what could be unpacked was read", fault.text);
    else if (status != TH_OK)
        th_error_set(err, status, "%s", fault.text);
    else if (!parts[PART_DOCUMENT].found)
        status = th_error_set(err, TH_ERR_FORMAT, "%s: is no Word document: it has no word/document.xml", d->path);
    if (status == TH_OK || (status == TH_ERR_PARSE && !(err && err->status)))
        status = read_parts(d, parts, err);
    if (status == TH_OK && !d->count)
        status = th_error_set(err, TH_ERR_EMPTY, "%s: the Word document has no text", d->path);
    for (size_t i = 0; i < PARTS; i++)
        th_str_free(&parts[i].bytes);
    return status;
}
