/* json.h - texts and numbers as JSON. */
#ifndef TH_TEXT_JSON_H
#define TH_TEXT_JSON_H

#include <stddef.h>

#include "base/str.h"

/* Append `text` to `out` as a JSON string with quotes; damaged UTF-8 becomes U+FFFD. */
void th_json_text(th_str *out, const char *text, size_t len);

/* Append `,"name":` and `value` as a string; NULL is null. Every member but the first of an object. */
void th_json_member(th_str *out, const char *name, const char *value);

/* Append a number: the shortest form that reads back the same; NaN and infinity are null. */
void th_json_number(th_str *out, double value);

#endif
