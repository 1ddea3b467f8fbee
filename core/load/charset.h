/* charset.h - encodings told by their bytes, and damage found in them. Pure; decode.c converts. Internal to load/. */
#ifndef TH_LOAD_CHARSET_H
#define TH_LOAD_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

typedef enum th_double_byte { TH_GB18030, TH_BIG5 } th_double_byte;

/* How `bytes` read in a double-byte encoding. */
typedef struct th_reading {
    size_t chars, common; /* characters beyond ASCII; those of the encoding's everyday rows */
    bool suspect;         /* a stretch of rare characters: a byte may be missing */
} th_reading;

th_reading th_charset_read(th_double_byte encoding, const char *bytes, size_t len);

/* "UTF-16LE" or "UTF-16BE" when `bytes` are such text without a byte order mark, else NULL. */
const char *th_charset_utf16(const char *bytes, size_t len);

/* "GB18030", "BIG5" or "UTF-8" when the head of `bytes` declares it (charset=…, encoding="…"), else NULL. A hint only. */
const char *th_charset_declared(const char *bytes, size_t len);

/* Append the bytes of `bytes` that can not be part of a character to `out` as offsets: of all readings the one with the
 * fewest strange characters, where a byte left alone counts as six. Returns how many, SIZE_MAX when out of memory. */
size_t th_charset_damage(th_double_byte encoding, const char *bytes, size_t len, size_t **out);

#endif
