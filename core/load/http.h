/* http.h - an HTTP answer as a crawler kept it (RFC 9112): its header, and its body with transfer and content coding undone.
 * Internal to load/. */
#ifndef TH_LOAD_HTTP_H
#define TH_LOAD_HTTP_H

#include <stdbool.h>

#include "load/stream.h"

enum { TH_HTTP_WORD = 80 };

typedef struct th_http {
    int status;               /* 200; 0 when there was no HTTP header */
    char type[TH_HTTP_WORD];  /* media type in lower case without parameters, "" when not given */
    char coding[TH_HTTP_WORD]; /* content coding in lower case, "" for none */
    bool chunked;
} th_http;

/* The value of header field `name` (lower case) in the lines `text`, into `out` of `size` bytes; false when it is not there. */
bool th_http_field(const char *text, size_t len, const char *name, char *out, size_t size);

/* Read the header at the start of `s` and step over it. */
th_status th_http_head(th_http *out, th_stream *s, th_error *err);

/* The body behind the header, decoded, as a stream. */
typedef struct th_body th_body;

/* `*stream` reads from `s`, which must outlive it. TH_ERR_FORMAT for a coding that is not known. The caller frees the body with
 * th_body_free(). Expanding too far is TH_ERR_BOMB, damage TH_ERR_PARSE, when it is read. */
th_status th_body_open(th_body **out, th_stream **stream, const th_http *http, th_stream *s, th_error *err);
void th_body_free(th_body *body); /* NULL is fine */

#endif
