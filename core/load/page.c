/* page.c - see page.h. */
#include "load/page.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { DEPTH = 16, SCRIPT_BYTES = 4 << 20 };

const char *th_page_attribute(const xmlNode *node, const char *name)
{
    for (const xmlAttr *a = node->properties; a; a = a->next)
        if (!strcasecmp((const char *)a->name, name) && a->children)
            return (const char *)a->children->content;
    return NULL;
}

/* ---- <meta> and <link> ---- */

/* What <meta> calls the fields, the surest first; og:site_name and its like are read apart. */
static const struct {
    const char *name;
    th_meta field;
} metas[] = {
    {"ArticleTitle", TH_META_TITLE},
    {"og:title", TH_META_TITLE},
    {"twitter:title", TH_META_TITLE},
    {"PubDate", TH_META_DATE},
    {"article:published_time", TH_META_DATE},
    {"og:release_date", TH_META_DATE},
    {"og:published_time", TH_META_DATE},
    {"publishdate", TH_META_DATE},
    {"publish_time", TH_META_DATE},
    {"datePublished", TH_META_DATE},
    {"firstcreationtime", TH_META_DATE},
    {"weibo:article:create_at", TH_META_DATE},
    {"ContentSource", TH_META_SOURCE},
    {"article:author_source", TH_META_SOURCE},
    {"source", TH_META_SOURCE},
    {"mediaid", TH_META_SOURCE},
    {"author", TH_META_AUTHORS},
    {"og:article:author", TH_META_AUTHORS},
    {"article:author", TH_META_AUTHORS},
    {"Url", TH_META_URL},
    {"og:url", TH_META_URL},
};

static void set(th_draft *d, th_meta field, const char *value, const char *kind, const char *name)
{
    char origin[80];

    snprintf(origin, sizeof origin, "%s %s", kind, name);
    if (value && (field != TH_META_URL || !strncmp(value, "http", 4)))
        th_draft_set(d, field, value, strlen(value), origin);
}

static void read_meta(th_draft *d, const xmlNode *node)
{
    const char *key = th_page_attribute(node, "property"), *value = th_page_attribute(node, "content");

    key = key ? key : th_page_attribute(node, "name");
    key = key ? key : th_page_attribute(node, "itemprop");
    if (!key || !value)
        return;
    for (size_t i = 0; i < sizeof metas / sizeof *metas; i++)
        if (!strcasecmp(key, metas[i].name))
            set(d, metas[i].field, value, "meta", metas[i].name);
    if ((!strcasecmp(key, "og:site_name") || !strcasecmp(key, "SiteName")) && !d->site) {
        d->site = th_draft_text(d, value, strlen(value));
        d->site_origin = "meta og:site_name";
    }
}

/* ---- microdata ---- */

static const struct {
    const char *name;
    th_meta field;
} properties[] = {{"headline", TH_META_TITLE}, {"datePublished", TH_META_DATE}, {"author", TH_META_AUTHORS}};

static const char *property_of(const xmlNode *node, th_meta *field)
{
    const char *name = strcasecmp((const char *)node->name, "meta") ? th_page_attribute(node, "itemprop") : NULL;

    for (size_t i = 0; name && i < sizeof properties / sizeof *properties; i++)
        if (!strcmp(name, properties[i].name)) {
            *field = properties[i].field;
            return properties[i].name;
        }
    return NULL;
}

bool th_page_is_property(const xmlNode *node)
{
    th_meta field;

    return property_of(node, &field) != NULL;
}

static void read_property(th_draft *d, const xmlNode *node)
{
    th_meta field;
    const char *name = property_of(node, &field), *value = th_page_attribute(node, "content");

    if (!name)
        return;
    value = value ? value : th_page_attribute(node, "datetime");
    if (value) {
        set(d, field, value, "itemprop", name);
        return;
    }
    xmlChar *text = xmlNodeGetContent((xmlNode *)node);
    set(d, field, (const char *)text, "itemprop", name);
    xmlFree(text);
}

/* ---- JSON-LD ---- */

/* A text, the name of an object, or those of a list with commas between. */
static void add_names(th_str *out, const json_t *value, int depth)
{
    if (depth > DEPTH)
        return;
    if (json_is_object(value))
        value = json_object_get(value, "name");
    if (json_is_string(value))
        th_str_addf(out, "%s%s", out->len ? "，" : "", json_string_value(value));
    for (size_t i = 0; json_is_array(value) && i < json_array_size(value); i++)
        add_names(out, json_array_get(value, i), depth + 1);
}

static void take_json(th_draft *d, th_meta field, const json_t *object, const char *key)
{
    th_str text = {0};

    add_names(&text, json_object_get(object, key), 0);
    if (text.len)
        set(d, field, th_str_text(&text), "JSON-LD", key);
    d->failed |= text.failed;
    th_str_free(&text);
}

/* The first object that says when it was published or what its headline is. */
static bool read_object(th_draft *d, const json_t *node, int depth)
{
    const char *key;
    json_t *value;

    if (depth > DEPTH)
        return false;
    for (size_t i = 0; json_is_array(node) && i < json_array_size(node); i++)
        if (read_object(d, json_array_get(node, i), depth + 1))
            return true;
    if (!json_is_object(node))
        return false;
    if (json_object_get(node, "headline") || json_object_get(node, "datePublished")) {
        take_json(d, TH_META_TITLE, node, "headline");
        take_json(d, TH_META_DATE, node, "datePublished");
        take_json(d, TH_META_AUTHORS, node, "author");
        th_str site = {0};
        add_names(&site, json_object_get(node, "publisher"), 0);
        if (site.len && !d->site) {
            d->site = th_draft_text(d, site.data, site.len);
            d->site_origin = "JSON-LD publisher";
        }
        d->failed |= site.failed;
        th_str_free(&site);
        return true;
    }
    json_object_foreach((json_t *)node, key, value)
        if (read_object(d, value, depth + 1))
            return true;
    return false;
}

/* ---- scripts ---- */

/* The quoted value that the variable is set to: var nickname = htmlDecode("…"). NULL when there is none. */
static const char *variable(th_draft *d, const char *script, const char *name)
{
    size_t n = strlen(name);

    for (const char *at = script; (at = strstr(at, name)); at += n) {
        bool whole = at == script || !strchr("_.$", at[-1]) ? at == script || !((at[-1] | 32) >= 'a' && (at[-1] | 32) <= 'z') : false;
        const char *p = at + n + strspn(at + n, " \t");
        if (!whole || *p != '=' || p[1] == '=')
            continue;
        p += strcspn(p, "\"'\n;");
        if (*p != '"' && *p != '\'')
            continue;
        const char *end = strchr(p + 1, *p);
        if (end && end > p + 1)
            return th_draft_text(d, p + 1, (size_t)(end - p - 1));
    }
    return NULL;
}

/* What a page of a WeChat account sets: its scripts fill the head when the page is opened. */
static void read_script(th_draft *d, const char *script)
{
    static const struct {
        const char *name;
        th_meta field;
    } variables[] = {{"msg_title", TH_META_TITLE}, {"ct", TH_META_DATE},         {"oriCreateTime", TH_META_DATE},
                     {"publish_time", TH_META_DATE}, {"createTime", TH_META_DATE}, {"nickname", TH_META_SOURCE}};

    if (!strstr(script, "nickname") && !strstr(script, "msg_title") && !strstr(script, "publish_time"))
        return;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        set(d, variables[i].field, variable(d, script, variables[i].name), "script", variables[i].name);
}

static void read_scripts(th_draft *d, const xmlNode *node)
{
    const char *type = th_page_attribute(node, "type");

    for (const xmlNode *c = node->children; c; c = c->next) {
        if ((c->type != XML_TEXT_NODE && c->type != XML_CDATA_SECTION_NODE) || !c->content)
            continue;
        const char *text = (const char *)c->content;
        if (type && !strcasecmp(type, "application/ld+json")) {
            json_t *root = json_loads(text, 0, NULL);
            read_object(d, root, 0);
            json_decref(root);
        } else if (strlen(text) < SCRIPT_BYTES) {
            read_script(d, text);
        }
    }
}

/* ---- all of it ---- */

typedef struct titles {
    const char *page, *h1;
} titles;

static void read_node(th_draft *d, const xmlNode *node, titles *found)
{
    const char *name = (const char *)node->name, *rel = th_page_attribute(node, "rel"), *href = th_page_attribute(node, "href");

    if (!strcmp(name, "meta"))
        read_meta(d, node);
    else if (!strcmp(name, "script"))
        read_scripts(d, node);
    else if (!strcmp(name, "link") && rel && href && !strcasecmp(rel, "canonical"))
        set(d, TH_META_URL, href, "link", "canonical");
    read_property(d, node);
    bool is_title = !strcmp(name, "title") && node->parent && !strcmp((const char *)node->parent->name, "head");
    if ((is_title && !found->page) || (!strcmp(name, "h1") && !found->h1)) {
        xmlChar *text = xmlNodeGetContent((xmlNode *)node);
        const char **slot = is_title ? &found->page : &found->h1;
        if (text)
            *slot = th_draft_text(d, (const char *)text, strlen((const char *)text));
        xmlFree(text);
    }
}

/* Metadata is found anywhere: saved pages put it where they like. The parser bounds the depth. */
static void walk(th_draft *d, const xmlNode *node, titles *found)
{
    for (const xmlNode *c = node; c; c = c->next)
        if (c->type == XML_ELEMENT_NODE) {
            read_node(d, c, found);
            walk(d, c->children, found);
        }
}

void th_page_read(th_draft *d, const xmlNode *root)
{
    titles found = {NULL, NULL};

    walk(d, root, &found);
    if (found.h1)
        th_draft_set(d, TH_META_TITLE, found.h1, strlen(found.h1), "<h1>");
    if (!d->title && found.page) {
        th_draft_set(d, TH_META_TITLE, found.page, strlen(found.page), "<title>");
        d->title_is_page_name = true;
    }
}
