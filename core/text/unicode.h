/* unicode.h - UTF-8, NFC and the width of characters on a terminal (through utf8proc).
 * All functions are pure; text travels as pointer and length in bytes. */
#ifndef TH_TEXT_UNICODE_H
#define TH_TEXT_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* The version of everything in text/ and load/ that shapes `article.text` and its spans. Raise it when a change of the
 * code changes results: every stored result of an older version is then stale. */
#define TH_TEXT_VERSION "2"

/* Decode the character at `text[*pos]` and step over it. A damaged byte gives U+FFFD and one byte's step. */
uint32_t th_utf8_next(const char *text, size_t len, size_t *pos);

/* Decode the character that ends at `text[*pos]` and step back over it; `*pos` must be > 0. */
uint32_t th_utf8_prev(const char *text, size_t *pos);

/* Append the character `c` to `out`. */
void th_utf8_add(th_str *out, uint32_t c);

/* Is it UTF-8 by the Unicode standard (no overlong forms, no surrogates)? `*bad` (may be NULL) = the first bad byte. */
bool th_utf8_valid(const char *text, size_t len, size_t *bad);

/* Characters (code points) in valid UTF-8. */
size_t th_utf8_count(const char *text, size_t len);

/* Is `pos` a character boundary of the text (0 and `len` are)? */
bool th_utf8_boundary(const char *text, size_t len, size_t pos);

/* Columns the text takes on a terminal: Han and full-width characters two, combining marks none. */
size_t th_text_width(const char *text, size_t len);

bool th_is_han(uint32_t c);   /* a Han character, 〇 included */
bool th_is_space(uint32_t c); /* white space of any script, ideographic and non-breaking included */

/* A full-width letter, digit or % + - . as its ASCII form; every other character as it is. */
uint32_t th_fold_width(uint32_t c);

typedef struct th_normal_stats {
    size_t replaced; /* damaged bytes that became U+FFFD */
    size_t removed;  /* control and zero-width characters left out */
} th_normal_stats;

/* Append `text` to `out` as the core keeps text: NFC, damaged bytes as U+FFFD, line ends as \n, tabs, non-breaking
 * and ideographic spaces as one space each, other control and zero-width characters left out (zero-width joiners
 * between non-Han characters, variation selectors and flag tags after them stay), byte order mark left out. Punctuation keeps its width. `stats` may be NULL. */
th_status th_text_normalise(th_str *out, const char *text, size_t len, th_normal_stats *stats, th_error *err);

#endif
