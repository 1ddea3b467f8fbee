/* xml.h - the XML inside office documents, as a stream of elements and text (libxml2's SAX2). Nothing is fetched, and a
 * document type declaration ends the reading: office documents have none, and without one there are no entities to
 * expand. Internal to load/. */
#ifndef TH_LOAD_XML_H
#define TH_LOAD_XML_H

#include <stddef.h>

#include "base/error.h"

/* The attributes of an element; valid during the call. */
typedef struct th_xml_attrs {
    const unsigned char **items; /* as libxml2 has them: name, prefix, namespace, value, its end */
    int count;
} th_xml_attrs;

/* `name` is without its prefix. The strings are valid during the call. Text comes in pieces. */
typedef struct th_xml_handler {
    void (*open)(void *ctx, const char *space, const char *name, const th_xml_attrs *attrs);
    void (*close)(void *ctx, const char *space, const char *name);
    void (*text)(void *ctx, const char *text, size_t len);
} th_xml_handler;

/* The value of the attribute `name`, whatever its namespace: copied into `out` (cut at `size` - 1 bytes), which is
 * returned; NULL when there is none. */
const char *th_xml_attr(const th_xml_attrs *attrs, const char *name, char *out, size_t size);

/* Read the document. TH_ERR_PARSE when it is none ("line N: why", no path) after the handler got all before the damage;
 * TH_ERR_NOMEM. */
th_status th_xml_read(const char *bytes, size_t len, const th_xml_handler *handler, void *ctx, th_error *err);

#endif
