/* str.c - see str.h. */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void th_str_free(th_str *s)
{
    if (!s)
        return;
    free(s->data);
    *s = (th_str){0};
}

void th_str_clear(th_str *s)
{
    s->len = 0;
    s->failed = false;
    if (s->data)
        s->data[0] = '\0';
}

bool th_str_ok(const th_str *s)
{
    return !s->failed;
}

bool th_str_reserve(th_str *s, size_t more)
{
    if (s->failed)
        return false;
    if (more < s->cap - s->len) /* cap counts the NUL; cap 0 wraps nowhere since len is 0 too */
        return true;
    size_t cap = s->cap ? s->cap : 64;
    while (cap - s->len <= more) {
        if (cap > (size_t)-1 / 2) {
            s->failed = true;
            return false;
        }
        cap *= 2;
    }
    char *data = realloc(s->data, cap);
    if (!data) {
        s->failed = true;
        return false;
    }
    s->data = data;
    s->data[s->len] = '\0';
    s->cap = cap;
    return true;
}

void th_str_add(th_str *s, const void *bytes, size_t len)
{
    if (!th_str_reserve(s, len))
        return;
    if (len)
        memcpy(s->data + s->len, bytes, len);
    s->len += len;
    s->data[s->len] = '\0';
}

void th_str_puts(th_str *s, const char *text)
{
    th_str_add(s, text, strlen(text));
}

void th_str_putc(th_str *s, char c)
{
    th_str_add(s, &c, 1);
}

void th_str_addf(th_str *s, const char *fmt, ...)
{
    va_list args, again;

    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0)
        s->failed = true; /* nothing was added */
    else if (th_str_reserve(s, (size_t)len)) {
        vsnprintf(s->data + s->len, (size_t)len + 1, fmt, again);
        s->len += (size_t)len;
    }
    va_end(again);
}

const char *th_str_text(const th_str *s)
{
    return s->data ? s->data : "";
}

void th_str_add_word(th_str *s, const char *word)
{
    if (*word && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=,:+-") == strlen(word)) {
        th_str_puts(s, word);
        return;
    }
    th_str_putc(s, '\'');
    for (; *word; word++)
        if (*word == '\'')
            th_str_puts(s, "'\\''");
        else
            th_str_putc(s, *word);
    th_str_putc(s, '\'');
}
