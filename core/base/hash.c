/* hash.c - see hash.h. */
#include "base/hash.h"

#include <stdio.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static void write_text(char out[TH_HASH_TEXT], XXH128_hash_t hash)
{
    snprintf(out, TH_HASH_TEXT, "%016llx%016llx", (unsigned long long)hash.high64, (unsigned long long)hash.low64);
}

void th_hash_text(char out[TH_HASH_TEXT], const void *bytes, size_t len)
{
    write_text(out, XXH3_128bits(bytes, len));
}

uint64_t th_hash_64(const void *bytes, size_t len)
{
    return XXH3_64bits(bytes, len);
}

int th_hasher_begin(th_hasher *h)
{
    h->state = XXH3_createState();
    return h->state && XXH3_128bits_reset(h->state) == XXH_OK;
}

void th_hasher_add(th_hasher *h, const void *bytes, size_t len)
{
    uint64_t size = len;

    XXH3_128bits_update(h->state, &size, sizeof size);
    XXH3_128bits_update(h->state, bytes, len);
}

void th_hasher_bytes(th_hasher *h, const void *bytes, size_t len)
{
    XXH3_128bits_update(h->state, bytes, len);
}

void th_hasher_end(th_hasher *h, char out[TH_HASH_TEXT])
{
    write_text(out, XXH3_128bits_digest(h->state));
    XXH3_freeState(h->state);
    h->state = NULL;
}
