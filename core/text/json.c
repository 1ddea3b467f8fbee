/* json.c - see json.h. */
#include "text/json.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/unicode.h"

enum { NUMBER_TEXT = 32 };

void th_json_text(th_str *out, const char *text, size_t len)
{
    th_str_putc(out, '"');
    for (size_t pos = 0; pos < len;) {
        uint32_t c = th_utf8_next(text, len, &pos);
        if (c == '"' || c == '\\')
            th_str_addf(out, "\\%c", (char)c);
        else if (c == '\n')
            th_str_puts(out, "\\n");
        else if (c == '\t')
            th_str_puts(out, "\\t");
        else if (c == '\r')
            th_str_puts(out, "\\r");
        else if (c < 0x20)
            th_str_addf(out, "\\u%04x", (unsigned)c);
        else
            th_utf8_add(out, c);
    }
    th_str_putc(out, '"');
}

/* Whole numbers below this have at most 15 digits, which %.15g writes plainly too. */
#define WHOLE 1e15

static void add_whole(th_str *out, double value)
{
    char text[NUMBER_TEXT];
    size_t at = sizeof text;
    uint64_t left = (uint64_t)fabs(value);

    do
        text[--at] = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (signbit(value))
        text[--at] = '-';
    th_str_add(out, text + at, sizeof text - at);
}

void th_json_member(th_str *out, const char *name, const char *value)
{
    th_str_addf(out, ",\"%s\":", name);
    if (value)
        th_json_text(out, value, strlen(value));
    else
        th_str_puts(out, "null");
}

void th_json_number(th_str *out, double value)
{
    char text[NUMBER_TEXT];

    if (!isfinite(value)) {
        th_str_puts(out, "null");
        return;
    }
    if (fabs(value) < WHOLE && value == floor(value)) {
        add_whole(out, value);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    th_str_puts(out, text);
}
