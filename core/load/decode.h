/* decode.h - the bytes of a file as UTF-8: which encoding they are in, and whether they are text at all. */
#ifndef TH_LOAD_DECODE_H
#define TH_LOAD_DECODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

typedef struct th_encoding {
    const char *name; /* "UTF-8", "UTF-16LE", "GB18030", "BIG5" …; a constant */
    bool damaged;     /* the text holds bytes that are no UTF-8: one where a character was damaged */
} th_encoding;

/* Do `bytes` hold too many control characters for a text? */
bool th_looks_binary(const char *bytes, size_t len);

/* Append `bytes` to `out` as UTF-8, without a byte order mark. In this order: byte order mark, valid UTF-8, UTF-8 with a
 * few damaged bytes, UTF-16 by its looks, GB18030 or Big5 by which has more everyday characters (mended where bytes are
 * lost), what uchardet says.
 * Fails with TH_ERR_ENCODING (message starts with `path`) or TH_ERR_NOMEM. */
th_status th_decode(th_str *out, th_encoding *encoding, const char *path, const char *bytes, size_t len, th_error *err);

/* Convert a piece of a longer text in `encoding` (a name of th_decode(), not UTF-8). Returns how many bytes were used: a
 * character cut off at the end is left for the next piece unless this is the last. What does not fit becomes a byte that
 * is no UTF-8, so that normalising counts it. Out of memory shows in `out`. */
size_t th_decode_piece(th_str *out, const char *encoding, const char *bytes, size_t len, bool last);

/* Open every encoding now, for a process that will not be able to open files later. */
void th_decode_open(void);

#endif
