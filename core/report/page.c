/* page.c - see page.h. */
#include "report/page.h"

#include <string.h>
#include <strings.h>

static void add_escaped(th_str *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        switch (text[i]) {
        case '<':
            th_str_puts(out, "&lt;");
            break;
        case '>':
            th_str_puts(out, "&gt;");
            break;
        case '&':
            th_str_puts(out, "&amp;");
            break;
        case '"':
            th_str_puts(out, "&quot;");
            break;
        default:
            th_str_putc(out, text[i]);
        }
}

/* In JSON "<" stands only inside texts, so that its escape means the same and neither </script> nor <!-- can come up. */
static void add_json(th_str *out, const char *text, size_t len)
{
    const char *end = text + len;

    while (text < end) {
        const char *less = memchr(text, '<', (size_t)(end - text));
        size_t run = (size_t)((less ? less : end) - text);
        th_str_add(out, text, run);
        if (!less)
            return;
        th_str_puts(out, "\\u003c");
        text += run + 1;
    }
}

/* A closing tag inside a program stands in a text or a comment, where a backslash before the slash changes nothing. */
static void add_program(th_str *out, const char *text, size_t len, const char *tag)
{
    size_t n = strlen(tag);

    for (size_t i = 0; i < len; i++) {
        th_str_putc(out, text[i]);
        if (text[i] == '<' && i + n < len && text[i + 1] == '/' && strncasecmp(text + i + 2, tag, n) == 0)
            th_str_putc(out, '\\');
    }
}

static void add_slot(th_str *out, const th_slot *slot)
{
    switch (slot->kind) {
    case TH_SLOT_TEXT:
        add_escaped(out, slot->text, slot->len);
        break;
    case TH_SLOT_JSON:
        add_json(out, slot->text, slot->len);
        break;
    case TH_SLOT_STYLE:
        add_program(out, slot->text, slot->len, "style");
        break;
    case TH_SLOT_SCRIPT:
        add_program(out, slot->text, slot->len, "script");
        break;
    }
}

static const th_slot *find_slot(const th_slot *slots, size_t count, const char *name, size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(slots[i].name) == len && memcmp(slots[i].name, name, len) == 0)
            return &slots[i];
    return NULL;
}

th_status th_page_fill(th_str *out, const char *path, const char *template, size_t len, const th_slot *slots, size_t count,
                       th_error *err)
{
    const char *at = template, *end = template + len;

    while (at < end) {
        const char *open = memmem(at, (size_t)(end - at), "{{", 2);
        const char *close = open ? memmem(open, (size_t)(end - open), "}}", 2) : NULL;
        if (!close) {
            th_str_add(out, at, (size_t)(end - at));
            break;
        }
        th_str_add(out, at, (size_t)(open - at));
        const th_slot *slot = find_slot(slots, count, open + 2, (size_t)(close - open - 2));
        if (!slot)
            return th_error_set(err, TH_ERR_USAGE, "%s: nothing is known to fill {{%.*s}}", path, (int)(close - open - 2), open + 2);
        add_slot(out, slot);
        at = close + 2;
    }
    return th_str_ok(out) ? TH_OK : th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", path);
}
