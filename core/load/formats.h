/* formats.h - what can be read, for people: the names `article.format` has, how each is told, what it needs. */
#ifndef TH_LOAD_FORMATS_H
#define TH_LOAD_FORMATS_H

#include <stddef.h>

typedef struct th_format {
    const char *name;
    const char *told_by;          /* what in the bytes tells it */
    const char *program, *package; /* a program it needs and the Debian package that brings it; NULL: none */
} th_format;

extern const th_format th_formats[]; /* the last one has no name */

/* "-", or the program with "present" or what to install. */
void th_format_needs(const th_format *format, char *out, size_t size);

#endif
