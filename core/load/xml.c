/* xml.c - see xml.h. */
#include "load/xml.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

typedef struct reading {
    const th_xml_handler *handler;
    void *ctx;
    xmlParserCtxtPtr parser;
    bool has_doctype;
} reading;

static void on_open(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *space, int space_count,
                    const xmlChar **spaces, int count, int defaulted, const xmlChar **items)
{
    reading *r = ctx;
    const th_xml_attrs attrs = {items, count};
    (void)prefix;
    (void)space_count;
    (void)spaces;
    (void)defaulted;

    r->handler->open(r->ctx, space ? (const char *)space : "", (const char *)name, &attrs);
}

static void on_close(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *space)
{
    reading *r = ctx;
    (void)prefix;

    r->handler->close(r->ctx, space ? (const char *)space : "", (const char *)name);
}

static void on_text(void *ctx, const xmlChar *text, int len)
{
    reading *r = ctx;

    if (len > 0)
        r->handler->text(r->ctx, (const char *)text, (size_t)len);
}

static void on_doctype(void *ctx, const xmlChar *name, const xmlChar *id, const xmlChar *system)
{
    reading *r = ctx;
    (void)name;
    (void)id;
    (void)system;

    r->has_doctype = true;
    xmlStopParser(r->parser);
}

/* Errors are asked for at the end. */
static void on_error(void *ctx, xmlErrorPtr error)
{
    (void)ctx;
    (void)error;
}

const char *th_xml_attr(const th_xml_attrs *attrs, const char *name, char *out, size_t size)
{
    for (int i = 0; i < attrs->count; i++) {
        const unsigned char *const *item = attrs->items + 5 * i;
        if (strcmp((const char *)item[0], name) != 0)
            continue;
        size_t len = (size_t)(item[4] - item[3]);
        if (len > size - 1)
            len = size - 1;
        memcpy(out, item[3], len);
        out[len] = '\0';
        return out;
    }
    return NULL;
}

th_status th_xml_read(const char *bytes, size_t len, const th_xml_handler *handler, void *ctx, th_error *err)
{
    xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC, .startElementNs = on_open, .endElementNs = on_close,
                         .characters = on_text, .ignorableWhitespace = on_text, .cdataBlock = on_text,
                         .internalSubset = on_doctype, .serror = on_error};
    reading r = {.handler = handler, .ctx = ctx};
    th_status status = TH_OK;

    r.parser = len && len <= INT_MAX ? xmlCreateMemoryParserCtxt(bytes, (int)len) : NULL;
    if (!r.parser)
        return th_error_set(err, len ? TH_ERR_NOMEM : TH_ERR_PARSE, len ? "out of memory" : "line 1: it is empty");
    xmlCtxtUseOptions(r.parser, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    *r.parser->sax = sax;
    r.parser->userData = &r;
    xmlParseDocument(r.parser);
    const xmlError *error = xmlCtxtGetLastError(r.parser);
    if (r.has_doctype)
        status = th_error_set(err, TH_ERR_PARSE, "line %d: a document type declaration, which no office document has",
                              r.parser->input ? r.parser->input->line : 1);
    else if (error && error->code == XML_ERR_NO_MEMORY)
        status = th_error_set(err, TH_ERR_NOMEM, "out of memory");
    else if (!r.parser->wellFormed) {
        const char *why = error && error->message ? error->message : "it is no XML";
        status = th_error_set(err, TH_ERR_PARSE, "line %d: %.*s", error ? error->line : 1, (int)strcspn(why, "\n"), why);
    }
    xmlFreeParserCtxt(r.parser);
    return status;
}
