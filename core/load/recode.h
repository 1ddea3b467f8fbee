/* recode.h - a stream of text in any encoding as a stream of UTF-8, piece by piece. Internal to load/. */
#ifndef TH_LOAD_RECODE_H
#define TH_LOAD_RECODE_H

#include "base/str.h"
#include "load/stream.h"

typedef struct th_recode {
    th_stream *in;
    th_stream out;
    const char *encoding; /* NULL: nothing but ASCII so far */
    th_str text;          /* converted and not yet handed on */
    size_t used;
} th_recode;

/* The text of `in`, without a byte order mark, in `*out`: `in` itself when it is UTF-8, else a stream of `r`. The encoding is
 * decided by the first piece that is not ASCII. Damaged bytes stay bytes that are no UTF-8. End it with th_recode_close(). */
th_status th_recode_open(th_recode *r, th_stream *in, th_stream **out, th_error *err);
void th_recode_close(th_recode *r);

#endif
