/* fuzz_decode.c - any bytes as text of some encoding: what comes out is valid, normal, and stays so. */
#include <stdlib.h>
#include <string.h>

#include "load/decode.h"
#include "text/unicode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    th_str raw = {0}, text = {0}, again = {0};
    th_encoding encoding;
    th_error err = {0};

    if (th_decode(&raw, &encoding, "input", (const char *)data, size, &err) == TH_OK &&
        th_text_normalise(&text, th_str_text(&raw), raw.len, NULL, &err) == TH_OK) {
        if (!th_utf8_valid(th_str_text(&text), text.len, NULL) || !encoding.name)
            abort();
        if (!encoding.damaged && !th_utf8_valid(th_str_text(&raw), raw.len, NULL))
            abort();
        if (th_text_normalise(&again, th_str_text(&text), text.len, NULL, &err) != TH_OK || again.len != text.len ||
            (text.len && memcmp(again.data, text.data, text.len)))
            abort();
    }
    th_str_free(&raw);
    th_str_free(&text);
    th_str_free(&again);
    return 0;
}
