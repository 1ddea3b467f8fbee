/* labels.c - see labels.h. */
#include "load/labels.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "load/decode.h"
#include "text/unicode.h"

void th_labels_free(th_labels *labels)
{
    free(labels->slots);
    *labels = (th_labels){0};
}

static struct th_label_slot *find(struct th_label_slot *slots, size_t cap, uint64_t key)
{
    size_t i = (size_t)key & (cap - 1);

    while (slots[i].key && slots[i].key != key)
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

static bool grow(th_labels *labels)
{
    size_t cap = labels->cap ? labels->cap * 2 : 256;
    struct th_label_slot *slots = calloc(cap, sizeof *slots);

    if (!slots)
        return false;
    for (size_t i = 0; i < labels->cap; i++)
        if (labels->slots[i].key)
            *find(slots, cap, labels->slots[i].key) = labels->slots[i];
    free(labels->slots);
    labels->slots = slots;
    labels->cap = cap;
    return true;
}

/* How often `path` has come now; 0 when memory is out. */
static uint32_t count(th_labels *labels, const char *path, size_t len)
{
    uint64_t key = th_hash_64(path, len);

    if (labels->count * 2 >= labels->cap && !grow(labels))
        return 0;
    struct th_label_slot *slot = find(labels->slots, labels->cap, key ? key : 1);
    labels->count += !slot->key;
    slot->key = key ? key : 1;
    return ++slot->times;
}

/* What is neither text nor harmless as \xNN. */
static void add_visible(th_str *out, const char *name, size_t len)
{
    for (size_t pos = 0; pos < len;) {
        size_t from = pos;
        uint32_t c = th_utf8_next(name, len, &pos);
        if (c < 0x20 || c == 0x7f || (c == 0xfffd && pos - from == 1))
            th_str_addf(out, "\\x%02x", (unsigned)(unsigned char)name[from]);
        else
            th_str_add(out, name + from, pos - from);
    }
}

static th_status add_name(th_str *out, const char *name, size_t len, th_error *err)
{
    th_str decoded = {0}, visible = {0};

    if (!th_utf8_valid(name, len, NULL)) {
        th_decode_piece(&decoded, "GB18030", name, len, true);
        if (decoded.len && !memchr(decoded.data, 0xff, decoded.len)) {
            name = decoded.data;
            len = decoded.len;
        }
    }
    add_visible(&visible, name, len);
    th_status status = th_text_normalise(out, th_str_text(&visible), visible.len, NULL, err);
    if (status == TH_OK && !(th_str_ok(&visible) && th_str_ok(&decoded)))
        status = th_error_set(err, TH_ERR_NOMEM, "out of memory for a name in a container");
    th_str_free(&visible);
    th_str_free(&decoded);
    return status;
}

th_status th_labels_path(th_labels *labels, th_str *out, const char *container, const char *name, size_t len, th_error *err)
{
    th_str_clear(out);
    th_str_puts(out, container);
    th_str_putc(out, '!');
    th_status status = add_name(out, name, len, err);
    if (status != TH_OK)
        return status;
    uint32_t times = count(labels, th_str_text(out), out->len);
    if (times > 1)
        th_str_addf(out, "~%u", times);
    return times && th_str_ok(out) ? TH_OK : th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", container);
}
