/* formats.c - see formats.h. */
#include "load/formats.h"

#include <stddef.h>

const th_format th_formats[] = {
    {"markdown", "front matter between --- lines (Jekyll, Hugo), or headings, lists and links in Markdown", NULL, NULL},
    {"html", "a doctype or tags at the start: saved pages, fragments, WeChat pages", NULL, NULL},
    {"text", "text of no other kind; encodings: UTF-8, GB18030, Big5, UTF-16", NULL, NULL},
    {NULL, NULL, NULL, NULL},
};

const char *th_format_needs(const th_format *format)
{
    return format->program ? format->program : "-";
}
