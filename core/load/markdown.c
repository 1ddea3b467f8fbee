/* markdown.c - Markdown with YAML front matter (Jekyll, Hugo). md4c tells the blocks; they are handed on as HTML, since
 * bodies often are inline HTML already and both then take one road. */
#include <md4c.h>
#include <stdio.h>
#include <string.h>

#include "base/yaml.h"
#include "load/draft.h"

/* The line that begins at `at`: its end without the line break; `*next` = the line after it. */
static const char *line_end(const char *at, const char *end, const char **next)
{
    const char *stop = memchr(at, '\n', (size_t)(end - at));

    *next = stop ? stop + 1 : end;
    return stop ? stop : end;
}

static bool is_fence(const char *at, const char *stop)
{
    while (stop > at && stop[-1] == ' ')
        stop--;
    return stop - at == 3 && !memcmp(at, "---", 3);
}

/* Hugo's other front matter is TOML between lines of +++. */
static bool is_toml_fence(const char *at, const char *stop)
{
    while (stop > at && stop[-1] == ' ')
        stop--;
    return stop - at == 3 && !memcmp(at, "+++", 3);
}

/* A line of the form "key: value"? */
static bool is_pair(const char *at, const char *stop)
{
    const char *p = at;

    while (p < stop && ((*p | 32) >= 'a' ? (*p | 32) <= 'z' : (*p >= '0' && *p <= '9') || *p == '-' || *p == '_'))
        p++;
    return p > at && p < stop && *p == ':' && (p + 1 == stop || p[1] == ' ');
}

static size_t count_headings(const char *text, size_t len)
{
    size_t n = 0;
    const char *end = text + (len < 8192 ? len : 8192), *next;

    for (const char *at = text; at < end; at = next) {
        const char *stop = line_end(at, end, &next);
        size_t marks = 0;
        while (at + marks < stop && at[marks] == '#')
            marks++;
        n += marks >= 1 && marks <= 6 && at + marks < stop && at[marks] == ' ';
    }
    return n;
}

bool th_markdown_sniff(const char *text, size_t len)
{
    const char *end = text + len, *next, *after;
    const char *stop = line_end(text, end, &next);

    if (is_fence(text, stop))
        return is_pair(next, line_end(next, end, &after));
    if (is_toml_fence(text, stop))
        return true;
    if (len > 2 && text[0] == '#' && (text[1] == ' ' || text[1] == '#'))
        return true;
    return count_headings(text, len) >= 2;
}

/* What a front matter calls the fields, the surest first. */
static const struct {
    const char *key;
    th_meta field;
} keys[] = {
    {"title", TH_META_TITLE}, {"标题", TH_META_TITLE}, {"date", TH_META_DATE}, {"publishdate", TH_META_DATE},
    {"publishDate", TH_META_DATE}, {"published", TH_META_DATE}, {"pubdate", TH_META_DATE}, {"日期", TH_META_DATE},
    {"发布日期", TH_META_DATE}, {"发布时间", TH_META_DATE}, {"source", TH_META_SOURCE}, {"来源", TH_META_SOURCE},
    {"author", TH_META_AUTHORS}, {"authors", TH_META_AUTHORS}, {"作者", TH_META_AUTHORS}, {"original_url", TH_META_URL},
    {"source_url", TH_META_URL}, {"canonical_url", TH_META_URL}, {"link", TH_META_URL}, {"url", TH_META_URL},
    {"链接", TH_META_URL},
};

static void take(th_draft *d, th_meta field, const char *key, const char *value, size_t len)
{
    char origin[64];

    snprintf(origin, sizeof origin, "front matter: %s", key);
    th_draft_set(d, field, value, len, origin);
}

/* A scalar, or the items of a list as one text with a mark between that no name holds; NULL when it is neither. */
static const char *flat(th_draft *d, const th_node *node)
{
    th_str text = {0};

    if (node->kind == TH_NODE_SCALAR)
        return th_draft_text(d, node->text, node->len);
    for (size_t i = 0; node->kind == TH_NODE_LIST && i < node->count; i++)
        if (node->items[i].kind == TH_NODE_SCALAR)
            th_str_addf(&text, "%s%s", text.len ? "，" : "", node->items[i].text);
    const char *copy = text.len ? th_draft_text(d, text.data, text.len) : NULL;
    d->failed |= text.failed;
    th_str_free(&text);
    return copy;
}

static void take_fields(th_draft *d, const th_node *map)
{
    const th_node *tags = th_node_get(map, "tags");

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const th_node *node = th_node_get(map, keys[i].key);
        const char *value = node ? flat(d, node) : NULL;
        if (value)
            take(d, keys[i].field, keys[i].key, value, strlen(value));
    }
    if (tags && tags->kind == TH_NODE_LIST && tags->count)
        tags = &tags->items[0];
    if (tags && tags->kind == TH_NODE_SCALAR)
        d->tags = th_draft_text(d, tags->text, tags->len);
}

/* What a broken front matter still tells: "key: value" lines, quotes taken off. */
static void take_pairs(th_draft *d, const char *at, const char *end)
{
    const char *next;

    for (; at < end; at = next) {
        const char *stop = line_end(at, end, &next);
        const char *colon = is_pair(at, stop) ? memchr(at, ':', (size_t)(stop - at)) : NULL;
        for (size_t i = 0; colon && i < sizeof keys / sizeof *keys; i++) {
            if (strlen(keys[i].key) != (size_t)(colon - at) || memcmp(at, keys[i].key, (size_t)(colon - at)))
                continue;
            const char *from = colon + 1, *to = stop;
            while (from < to && strchr(" \"'", *from))
                from++;
            while (to > from && strchr(" \"'", to[-1]))
                to--;
            take(d, keys[i].field, keys[i].key, from, (size_t)(to - from));
        }
    }
}

/* The end of a front matter that is never closed: after its last line that looks like one. */
static const char *open_end(const char *at, const char *end)
{
    const char *next;

    for (; at < end; at = next) {
        const char *stop = line_end(at, end, &next);
        if (!is_pair(at, stop) && !(stop > at && strchr("- #", *at)))
            return at;
    }
    return end;
}

/* Unquoted, the items of a TOML value ("a", 'a', ["a", "b"], 2024-01-05T…) with commas between. */
static void take_toml(th_draft *d, size_t key, const char *at, const char *end)
{
    th_str value = {0};

    while (at < end && *at != '#') {
        const char *stop;
        if (*at == '"' || *at == '\'') {
            stop = memchr(at + 1, *at, (size_t)(end - at - 1));
            stop = stop ? stop : end;
            th_str_puts(&value, value.len ? "，" : "");
            th_str_add(&value, at + 1, (size_t)(stop - at - 1));
            at = stop < end ? stop + 1 : end;
        } else if (*at >= '0' && *at <= '9') {
            for (stop = at; stop < end && *stop != ',' && *stop != ']' && *stop != '#'; stop++)
                ;
            th_str_add(&value, at, (size_t)(stop - at));
            at = stop;
        } else {
            at++;
        }
    }
    if (value.len)
        take(d, keys[key].field, keys[key].key, value.data, value.len);
    d->failed |= value.failed;
    th_str_free(&value);
}

/* The pairs of a TOML front matter that stand in one line each; tables are not looked into. */
static const char *read_toml(th_draft *d, const char *text, const char *at, const char *end)
{
    const char *next, *body = NULL;
    bool in_table = false;

    for (; at < end; at = next) {
        const char *stop = line_end(at, end, &next), *equals = memchr(at, '=', (size_t)(stop - at));
        if (is_toml_fence(at, stop)) {
            body = next;
            break;
        }
        in_table |= *at == '[';
        size_t n = equals ? (size_t)(equals - at) : 0;
        while (n && (at[n - 1] == ' ' || at[n - 1] == '"'))
            n--;
        for (size_t i = 0; n && !in_table && i < sizeof keys / sizeof *keys; i++)
            if (strlen(keys[i].key) == n && !memcmp(at, keys[i].key, n))
                take_toml(d, i, equals + 1, stop);
    }
    if (!body) {
        th_draft_warn(d, "%s:1:1: broken front matter: it has no closing \"+++\"; it was left in the text", d->path);
        return text;
    }
    th_draft_drop(d, "front-matter", text, (size_t)(body - text));
    return body;
}

/* Read the front matter that `text` begins with; returns where the body begins. */
static const char *read_front_matter(th_draft *d, const char *text, const char *end)
{
    const char *next, *after, *stop = line_end(text, end, &next), *close = NULL;
    th_error err = {0};
    th_node *node = NULL;

    if (is_toml_fence(text, stop))
        return read_toml(d, text, next, end);
    if (!is_fence(text, stop) || !is_pair(next, line_end(next, end, &after)))
        return text;
    for (const char *at = next; at < end && !close; at = after) {
        stop = line_end(at, end, &after);
        if (is_fence(at, stop))
            close = at;
    }
    const char *body = close ? after : open_end(next, end);
    const char *last = close ? close : body;
    if (!close)
        th_draft_warn(d, "%s:1:1: broken front matter: it has no closing \"---\"; its first lines were taken", d->path);
    /* The opening fence goes along, so that line numbers are those of the file. */
    if (th_yaml_parse(&node, d->arena, d->path, text, (size_t)(last - text), &err) == TH_OK && node->kind == TH_NODE_MAP) {
        take_fields(d, node);
    } else {
        th_draft_warn(d, "%s (broken front matter; what could be read was taken)",
                      err.text[0] ? err.text : "front matter is no map of keys");
        take_pairs(d, next, last);
    }
    th_draft_drop(d, "front-matter", text, (size_t)(body - text));
    return body;
}

/* Markdown as HTML, as far as lines need it. */
typedef struct renderer {
    th_str html;
    size_t line; /* where the line of text being written begins */
} renderer;

static const char *tag_of(MD_BLOCKTYPE type, void *detail)
{
    static const char *const headings[] = {"h1", "h2", "h3", "h4", "h5", "h6"};

    switch (type) {
    case MD_BLOCK_H: return headings[((MD_BLOCK_H_DETAIL *)detail)->level - 1];
    case MD_BLOCK_P: return "p";
    case MD_BLOCK_LI: return "li";
    case MD_BLOCK_CODE: return "pre";
    case MD_BLOCK_TABLE: return "table";
    case MD_BLOCK_TR: return "tr";
    case MD_BLOCK_TH: return "th";
    case MD_BLOCK_TD: return "td";
    default: return NULL;
    }
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
    renderer *r = ctx;
    const char *tag = tag_of(type, detail);

    if (tag)
        th_str_addf(&r->html, "<%s>", tag);
    r->line = r->html.len;
    return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
    renderer *r = ctx;
    const char *tag = tag_of(type, detail);

    if (tag)
        th_str_addf(&r->html, "</%s>\n", tag);
    return 0;
}

/* `text` may be NULL when it is empty, as the address of a link without one is. */
static void add_escaped(th_str *out, const char *text, size_t len)
{
    const char *end = len ? text + len : text;

    while (text < end) {
        const char *stop = text;
        while (stop < end && *stop != '<' && *stop != '&' && *stop != '"')
            stop++;
        th_str_add(out, text, (size_t)(stop - text));
        if (stop < end)
            th_str_puts(out, *stop == '<' ? "&lt;" : *stop == '&' ? "&amp;" : "&quot;");
        text = stop + 1;
    }
}

static int enter_span(MD_SPANTYPE type, void *detail, void *ctx)
{
    renderer *r = ctx;

    if (type == MD_SPAN_STRONG)
        th_str_puts(&r->html, "<b>");
    if (type == MD_SPAN_A) {
        const MD_ATTRIBUTE *href = &((MD_SPAN_A_DETAIL *)detail)->href;
        th_str_puts(&r->html, "<a href=\"");
        add_escaped(&r->html, href->text, href->size);
        th_str_puts(&r->html, "\">");
    }
    return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *ctx)
{
    renderer *r = ctx;
    (void)detail;

    if (type == MD_SPAN_STRONG)
        th_str_puts(&r->html, "</b>");
    if (type == MD_SPAN_A)
        th_str_puts(&r->html, "</a>");
    return 0;
}

static bool ends_sentence(const th_str *s)
{
    static const char *const ends[] = {"。", "！", "？", "；", "：", "”", "）", "…"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (s->len >= 3 && !memcmp(s->data + s->len - strlen(ends[i]), ends[i], strlen(ends[i])))
            return true;
    return s->len && strchr(".!?;:)", s->data[s->len - 1]);
}

static int add_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *ctx)
{
    renderer *r = ctx;

    if (type == MD_TEXT_BR) {
        th_str_puts(&r->html, "<br>");
        r->line = r->html.len;
    } else if (type == MD_TEXT_SOFTBR) {
        /* Chinese authors seldom wrap by hand: a short line or a finished sentence before the break is a block. */
        bool breaks = ends_sentence(&r->html) || r->html.len - r->line < 90;
        th_str_puts(&r->html, breaks ? "<br>" : "\n");
        if (breaks)
            r->line = r->html.len;
    } else if (type == MD_TEXT_HTML || type == MD_TEXT_ENTITY) {
        th_str_add(&r->html, text, size);
    } else if (type != MD_TEXT_NULLCHAR) {
        add_escaped(&r->html, text, size);
    }
    return 0;
}

th_status th_markdown_read(th_draft *d, const char *text, size_t len, th_error *err)
{
    const MD_PARSER parser = {
        .flags = MD_FLAG_NOINDENTEDCODEBLOCKS | MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH,
        .enter_block = enter_block, .leave_block = leave_block,
        .enter_span = enter_span, .leave_span = leave_span, .text = add_text,
    };
    renderer r = {0};
    const char *body = read_front_matter(d, text, text + len);
    th_status status = TH_OK;

    if (md_parse(body, (MD_SIZE)(text + len - body), &parser, &r) != 0 || !th_str_ok(&r.html))
        status = th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", d->path);
    if (status == TH_OK)
        status = th_html_fragment(d, th_str_text(&r.html), r.html.len, err);
    th_str_free(&r.html);
    return status;
}
