/* pack.h - values to bytes and back, for messages between processes of one program (native byte order).
 * Reading past the end, or a text that is not closed, sets `failed`; after that every read gives 0 or "". */
#ifndef TH_BASE_PACK_H
#define TH_BASE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

void th_pack_u32(th_str *out, uint32_t v);
void th_pack_u64(th_str *out, uint64_t v);
void th_pack_f64(th_str *out, double v);
void th_pack_text(th_str *out, const char *text, size_t len); /* length, bytes, NUL */
void th_pack_cstr(th_str *out, const char *text);             /* NULL stays NULL */

typedef struct th_unpack {
    const char *at, *end;
    bool failed;
} th_unpack;

uint32_t th_unpack_u32(th_unpack *in);
uint64_t th_unpack_u64(th_unpack *in);
double th_unpack_f64(th_unpack *in);
const char *th_unpack_text(th_unpack *in, size_t *len); /* borrowed from the bytes; NUL-terminated */
const char *th_unpack_cstr(th_unpack *in);              /* NULL when NULL was packed, or on failure */

#endif
