/* html.c - HTML through libxml2: lines of text with what the tags say about them.
 *
 * The text comes in as UTF-8 and is parsed as such whatever the page declares (libxml2 loses pages that declare gb2312 and
 * hold a character of GBK). Nothing is fetched. The page's main part is the deepest element that holds most of the prose;
 * lines outside it serve for metadata only. libxml2 refuses more than 256 levels, which bounds the recursion here. */
#define _GNU_SOURCE 1 /* memrchr, strcasestr */
#include <libxml/HTMLparser.h>
#include <libxml/SAX2.h>
#include <string.h>
#include <strings.h>

#include "load/draft.h"
#include "load/page.h"
#include "text/unicode.h"

enum {
    DEPTH_MAX = 4000, /* elements in one another */
    PROSE = 60,       /* bytes from which a text counts as prose, 20 Han characters */
    MAIN_SHARE = 85,  /* percent of the prose that the main part holds */
};

/* One walk over a tree: the line being gathered and what surrounds it. */
typedef struct walk {
    th_draft *d;
    th_str line, clean;
    size_t bold, linked; /* bytes of `line` in bold, in a link */
    const char *href;
    const xmlNode *main; /* NULL: everything is inside */
    bool whole;          /* a page, not a piece of one */
    int inside_main, outside, in_bold, in_pre, in_row;
    th_hint hint;
    uint8_t level; /* of the heading around */
    uint16_t gap;
    th_error *err;
    th_status status;
} walk;

static bool is_one_of(const char *name, const char *list)
{
    size_t n = strlen(name);

    for (const char *at = list; (at = strstr(at, name)); at += n)
        if ((at == list || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
            return true;
    return false;
}

static const char *name_of(const xmlNode *node)
{
    return (const char *)node->name;
}

static bool is_skipped(const xmlNode *node)
{
    return is_one_of(name_of(node), "script style noscript iframe template svg button select textarea head object canvas");
}

static bool is_block(const xmlNode *node)
{
    return is_one_of(name_of(node), "p div section article main header footer nav aside ul ol li dl dt dd table tbody thead tr "
                                    "td th h1 h2 h3 h4 h5 h6 blockquote figure figcaption pre form center br hr body html");
}

/* Store in every element's _private how many bytes of prose it holds: text of at least PROSE bytes in one block and
 * outside links. Returns the bytes of text that stand directly in the block around. */
static size_t weigh(xmlNode *node, size_t *prose)
{
    size_t own = 0, total = 0;

    for (xmlNode *c = node->children; c; c = c->next) {
        if (c->type == XML_TEXT_NODE && c->content) {
            own += strlen((const char *)c->content);
        } else if (c->type == XML_ELEMENT_NODE && !is_skipped(c)) {
            size_t inner = 0, text = weigh(c, &inner);
            own += strcmp(name_of(c), "a") ? text : 0;
            total += inner;
        }
    }
    bool block = is_block(node);
    if (block && own >= PROSE)
        total += own;
    node->_private = (void *)(uintptr_t)total;
    *prose = total;
    return block ? 0 : own;
}

static size_t prose_of(const xmlNode *node)
{
    return node->type == XML_ELEMENT_NODE ? (size_t)(uintptr_t)node->_private : 0;
}

/* The deepest element that still holds most of the prose; NULL when there is none. */
static const xmlNode *find_main(const xmlNode *root)
{
    size_t all = prose_of(root);
    const xmlNode *best = root, *next = root;

    if (!all)
        return NULL;
    while (next) {
        best = next;
        next = NULL;
        for (const xmlNode *c = best->children; c && !next; c = c->next)
            if (prose_of(c) * 100 >= all * MAIN_SHARE)
                next = c;
    }
    /* A page of one paragraph: its surroundings belong to it. */
    return is_one_of(name_of(best), "p h1 h2 h3 span li pre") && best->parent ? best->parent : best;
}

/* style="display: none": nobody reads it. */
static bool is_hidden(const xmlNode *node)
{
    const char *style = th_page_attribute(node, "style");
    const char *at = style ? strcasestr(style, "display") : NULL;

    if (!at)
        return false;
    at += 7;
    at += strspn(at, " :");
    return !strncasecmp(at, "none", 4);
}

/* Is it a part of the page that by its tag or its class's name is none of the article? Never what holds the prose. */
static bool is_surrounding(const walk *w, const xmlNode *node)
{
    static const char *const words[] = {"share", "breadcrumb", "crumb", "footer", "sidebar", "related", "recommend",
                                        "comment", "copyright", "toolbar", "pagination", "prevnext"};

    if (w->main && prose_of(node) * 2 >= prose_of(w->main) && prose_of(node))
        return false;
    if (is_one_of(name_of(node), "nav footer aside") || is_hidden(node))
        return true;
    const char *names[] = {th_page_attribute(node, "class"), th_page_attribute(node, "id")};
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; names[i] && k < sizeof words / sizeof *words; k++)
            if (strcasestr(names[i], words[k]))
                return true;
    return false;
}

static void flush(walk *w)
{
    if (w->line.len) {
        th_status status = th_text_normalise(&w->clean, w->line.data, w->line.len, NULL, w->err);
        th_line *line = status == TH_OK ? th_draft_add(w->d, th_str_text(&w->clean), w->clean.len, w->gap) : NULL;
        if (status != TH_OK)
            w->status = status;
        if (line) {
            line->level = w->hint == TH_HINT_HEADING ? w->level : 0;
            line->hint = w->hint == TH_HINT_NONE && w->bold * 10 >= w->line.len * 9 ? TH_HINT_BOLD : w->hint;
            line->outside = w->outside > 0 || (w->main && !w->inside_main);
            line->is_link = w->linked * 10 >= w->line.len * 9;
            line->href = w->href;
            w->gap = 0;
        }
    }
    th_str_clear(&w->line);
    th_str_clear(&w->clean);
    w->bold = w->linked = 0;
    w->href = NULL;
}

/* Append text with white space collapsed; a line break between two characters beyond ASCII is no space at all. */
static void add_text(walk *w, const char *text, bool linked)
{
    size_t before = w->line.len;

    while (*text) {
        size_t n = strcspn(text, " \t\n\r\f");
        th_str_add(&w->line, text, n);
        text += n;
        if (!*text)
            break;
        size_t blank = strspn(text, " \t\n\r\f");
        bool breaks = memchr(text, '\n', blank) != NULL;
        char last = w->line.len ? w->line.data[w->line.len - 1] : ' ';
        text += blank;
        if (breaks && w->in_pre)
            flush(w), before = 0;
        else if (last != ' ' && !(breaks && (last & 0x80) && (*text & 0x80)))
            th_str_putc(&w->line, ' ');
    }
    size_t added = w->line.len > before ? w->line.len - before : 0;
    w->bold += w->in_bold ? added : 0;
    w->linked += linked ? added : 0;
}

static th_hint hint_of(const walk *w, const xmlNode *node)
{
    const char *name = name_of(node);

    if (name[0] == 'h' && name[1] >= '1' && name[1] <= '6' && !name[2])
        return TH_HINT_HEADING;
    if (!strcmp(name, "figcaption") || !strcmp(name, "caption"))
        return TH_HINT_CAPTION;
    if (!strcmp(name, "li"))
        return TH_HINT_LIST;
    return w->hint;
}

/* A row of data, not of layout: no blocks in its cells. */
static bool is_data_row(const xmlNode *row)
{
    if (strcmp(name_of(row), "tr"))
        return false;
    size_t cells = 0;
    for (const xmlNode *cell = row->children; cell; cell = cell->next) {
        cells += cell->type == XML_ELEMENT_NODE;
        for (const xmlNode *c = cell->children; c; c = c->next)
            if (c->type == XML_ELEMENT_NODE && (is_block(c) || prose_of(c)))
                return false;
    }
    return cells > 1;
}

static void visit(walk *w, const xmlNode *node, bool linked);

static void visit_element(walk *w, const xmlNode *node, bool linked)
{
    const char *name = name_of(node);
    bool block = is_block(node), row = is_data_row(node), cell = w->in_row && is_one_of(name, "td th");
    bool property = !cell && w->whole && th_page_is_property(node);
    bool surrounding = property || (block && is_surrounding(w, node)), bold = is_one_of(name, "b strong");
    bool pre = !strcmp(name, "pre"), is_main = node == w->main, link = !strcmp(name, "a");
    th_hint hint = w->hint;

    if ((block || property) && !cell)
        flush(w);
    if (cell && w->line.len)
        th_str_puts(&w->line, " | ");
    if (is_one_of(name, "p div h1 h2 h3 h4 h5 h6 section"))
        w->gap = 1;
    w->hint = row ? TH_HINT_TABLE : hint_of(w, node);
    if (w->hint == TH_HINT_HEADING && name[0] == 'h' && name[1] >= '1' && name[1] <= '6')
        w->level = (uint8_t)(name[1] - '0');
    w->outside += surrounding;
    w->inside_main += is_main;
    w->in_bold += bold;
    w->in_pre += pre;
    w->in_row += row;
    if (link && th_page_attribute(node, "href"))
        w->href = th_draft_text(w->d, th_page_attribute(node, "href"), strlen(th_page_attribute(node, "href")));
    for (const xmlNode *c = node->children; c; c = c->next)
        visit(w, c, linked || link);
    if ((block || property) && !cell)
        flush(w);
    w->in_row -= row;
    w->in_pre -= pre;
    w->in_bold -= bold;
    w->inside_main -= is_main;
    w->outside -= surrounding;
    w->hint = hint;
}

static void visit(walk *w, const xmlNode *node, bool linked)
{
    if (node->type == XML_TEXT_NODE && node->content)
        add_text(w, (const char *)node->content, linked);
    else if (node->type == XML_ELEMENT_NODE && !is_skipped(node))
        visit_element(w, node, linked);
}

/* ---- parsing ----
 * Tags that a page never closes pile up, one level each. libxml2 gives such a page up at 256 levels; we take DEPTH_MAX, which
 * what walks the tree can recurse into, and of deeper elements the text. */

static void open_element(void *parser, const xmlChar *name, const xmlChar **attributes)
{
    size_t *depth = ((xmlParserCtxtPtr)parser)->_private;

    if (++*depth <= DEPTH_MAX)
        xmlSAX2StartElement(parser, name, attributes);
}

static void close_element(void *parser, const xmlChar *name)
{
    size_t *depth = ((xmlParserCtxtPtr)parser)->_private;

    if ((*depth)-- <= DEPTH_MAX)
        xmlSAX2EndElement(parser, name);
}

static htmlDocPtr parse(const char *html, size_t len)
{
    int options = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                  HTML_PARSE_COMPACT | HTML_PARSE_IGNORE_ENC | (int)XML_PARSE_HUGE;
    htmlParserCtxtPtr parser = htmlNewParserCtxt();
    size_t depth = 0;

    if (!parser)
        return NULL;
    parser->_private = &depth;
    parser->sax->startElement = open_element;
    parser->sax->endElement = close_element;
    htmlDocPtr doc = htmlCtxtReadMemory(parser, html, (int)len, NULL, "UTF-8", options);
    htmlFreeParserCtxt(parser);
    return doc;
}

static th_status read_tree(th_draft *d, const char *html, size_t len, bool whole_page, th_error *err)
{
    htmlDocPtr doc = parse(html, len);
    xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    walk w = {.d = d, .err = err, .gap = 1, .whole = whole_page};
    size_t prose = 0;

    if (root && whole_page) {
        weigh(root, &prose);
        th_page_read(d, root);
        w.main = find_main(root);
    }
    if (root)
        visit(&w, root, false);
    flush(&w);
    bool ok = th_str_ok(&w.line) && th_str_ok(&w.clean) && !d->failed;
    th_str_free(&w.line);
    th_str_free(&w.clean);
    xmlFreeDoc(doc);
    if (w.status != TH_OK)
        return w.status;
    return ok ? TH_OK : th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", d->path);
}

static bool contains_tag(const char *text, size_t len, const char *tag)
{
    size_t n = strlen(tag);

    for (const char *at = text; (at = memchr(at, '<', len - (size_t)(at - text))); at++)
        if ((size_t)(text + len - at) > n && !strncasecmp(at + 1, tag, n))
            return true;
    return false;
}

bool th_html_sniff(const char *text, size_t len)
{
    size_t n = len < 4096 ? len : 4096, at = 0;

    while (at < n && (unsigned char)text[at] <= ' ')
        at++;
    if (at < n && text[at] == '<' && (contains_tag(text, n, "p>") || contains_tag(text, n, "p ") ||
                                      contains_tag(text, n, "div") || contains_tag(text, n, "!--") ||
                                      contains_tag(text, n, "h1") || contains_tag(text, n, "section")))
        return true;
    return contains_tag(text, n, "!doctype html") || contains_tag(text, n, "html") || contains_tag(text, n, "body") ||
           contains_tag(text, n, "meta ");
}

/* Was the page cut off while it was saved? It ends inside a tag, or begins <html> and never ends it. */
static const char *find_cut(const char *text, size_t len)
{
    const char *open = memrchr(text, '<', len), *close = memrchr(text, '>', len);

    if (open && (!close || close < open) && (size_t)(text + len - open) > 1 && (strchr("/!", open[1]) ||
        (open[1] >= 'A' && open[1] <= 'z')))
        return "it ends inside a tag";
    bool whole = contains_tag(text, len < 4096 ? len : 4096, "html");
    if (whole && !contains_tag(text, len, "/html") && !contains_tag(text, len, "/body"))
        return "it has no </html>";
    return NULL;
}

th_status th_html_read(th_draft *d, const char *text, size_t len, th_error *err)
{
    const char *cut = find_cut(text, len);

    if (cut)
        th_draft_warn(d, "%s: the HTML page is cut off: %s; what is there was read", d->path, cut);
    return read_tree(d, text, len, true, err);
}

th_status th_html_fragment(th_draft *d, const char *html, size_t len, th_error *err)
{
    return read_tree(d, html, len, false, err);
}
