/* pack.c - see pack.h. */
#include "base/pack.h"

#include <string.h>

#define NO_TEXT UINT32_MAX /* the length that stands for NULL */

void th_pack_u32(th_str *out, uint32_t v)
{
    th_str_add(out, &v, sizeof v);
}

void th_pack_u64(th_str *out, uint64_t v)
{
    th_str_add(out, &v, sizeof v);
}

void th_pack_f64(th_str *out, double v)
{
    th_str_add(out, &v, sizeof v);
}

void th_pack_text(th_str *out, const char *text, size_t len)
{
    if (len >= NO_TEXT) {
        out->failed = true;
        return;
    }
    th_pack_u32(out, (uint32_t)len);
    th_str_add(out, text, len);
    th_str_putc(out, '\0');
}

void th_pack_cstr(th_str *out, const char *text)
{
    if (text)
        th_pack_text(out, text, strlen(text));
    else
        th_pack_u32(out, NO_TEXT);
}

static bool take(th_unpack *in, void *to, size_t len)
{
    if (in->failed || (size_t)(in->end - in->at) < len) {
        in->failed = true;
        memset(to, 0, len);
        return false;
    }
    memcpy(to, in->at, len);
    in->at += len;
    return true;
}

uint32_t th_unpack_u32(th_unpack *in)
{
    uint32_t v;

    take(in, &v, sizeof v);
    return v;
}

uint64_t th_unpack_u64(th_unpack *in)
{
    uint64_t v;

    take(in, &v, sizeof v);
    return v;
}

double th_unpack_f64(th_unpack *in)
{
    double v;

    take(in, &v, sizeof v);
    return v;
}

/* The text after a length already read. */
static const char *take_text(th_unpack *in, size_t len)
{
    const char *text = in->at;

    if (in->failed || (size_t)(in->end - in->at) <= len || text[len] != '\0') {
        in->failed = true;
        return "";
    }
    in->at += len + 1;
    return text;
}

const char *th_unpack_text(th_unpack *in, size_t *len)
{
    *len = th_unpack_u32(in);
    const char *text = take_text(in, *len);
    if (in->failed)
        *len = 0;
    return text;
}

const char *th_unpack_cstr(th_unpack *in)
{
    uint32_t len = th_unpack_u32(in);

    if (len == NO_TEXT || in->failed)
        return NULL;
    const char *text = take_text(in, len);
    if (!in->failed && strlen(text) != len)
        in->failed = true;
    return in->failed ? NULL : text;
}
