/* str.h - a byte buffer that grows.
 *
 * Start it as `th_str s = {0};`, end it with th_str_free(). When memory runs out the buffer remembers it: further
 * additions do nothing and th_str_ok() tells, so that a builder checks once at its end. */
#ifndef TH_BASE_STR_H
#define TH_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

typedef struct th_str {
    char *data; /* NUL-terminated when not NULL */
    size_t len, cap;
    bool failed;
} th_str;

void th_str_free(th_str *s);           /* leaves an empty buffer; NULL is fine */
void th_str_clear(th_str *s);          /* length 0, memory kept */
bool th_str_ok(const th_str *s);       /* no addition was lost */
bool th_str_reserve(th_str *s, size_t more); /* room for `more` further bytes; false when out of memory */
void th_str_add(th_str *s, const void *bytes, size_t len);
void th_str_puts(th_str *s, const char *text);
void th_str_putc(th_str *s, char c);
void th_str_addf(th_str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void th_str_add_word(th_str *s, const char *word); /* in quotes where a shell wants them */

/* The text so far, "" when empty; borrowed until the next change. */
const char *th_str_text(const th_str *s);

#endif
