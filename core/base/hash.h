/* hash.h - content hashes: XXH3, 128 bits (xxHash, BSD-2), written as 32 lower-case hexadecimal digits.
 * They tell whether content changed; they are no defence against somebody who makes collisions on purpose. */
#ifndef TH_BASE_HASH_H
#define TH_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { TH_HASH_TEXT = 33 }; /* digits and the closing NUL */

/* The hash of `len` bytes, as text. */
void th_hash_text(char out[TH_HASH_TEXT], const void *bytes, size_t len);

/* 64 bits of the hash of `len` bytes, for hash tables and seeds. */
uint64_t th_hash_64(const void *bytes, size_t len);

/* A hash over several parts; each part is told apart from the next ("ab","c" is not "a","bc").
 * Start it with th_hasher_begin(); th_hasher_end() writes the text and frees the state. */
typedef struct th_hasher {
    void *state;
} th_hasher;

int th_hasher_begin(th_hasher *h); /* 0 when out of memory */
void th_hasher_add(th_hasher *h, const void *bytes, size_t len);
void th_hasher_bytes(th_hasher *h, const void *bytes, size_t len); /* no part of its own: only bytes added this way, in
                                     pieces of any size, end in what th_hash_text() gives for all of them */
void th_hasher_end(th_hasher *h, char out[TH_HASH_TEXT]);

#endif
