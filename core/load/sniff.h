/* sniff.h - what kind of file the first bytes tell of, before anything is decoded. Internal to load/, and for the parent of
 * the workers, which converts what they may not. */
#ifndef TH_LOAD_SNIFF_H
#define TH_LOAD_SNIFF_H

#include <stddef.h>

typedef enum th_kind {
    TH_KIND_TEXT,    /* text in some encoding, as far as these bytes tell */
    TH_KIND_EMPTY,
    TH_KIND_ARCHIVE, /* zip, tar, 7z, or a compressed stream: libarchive reads it */
    TH_KIND_WARC,
    TH_KIND_DOCX,
    TH_KIND_PDF,
    TH_KIND_FORMAT,  /* a document or archive of a kind that is not read */
    TH_KIND_BINARY   /* no text at all: a picture, a program */
} th_kind;

enum { TH_SNIFF_BYTES = 64 << 10 }; /* so many bytes of the head are enough; fewer only when the file has no more */

/* `*what` = its name for messages: "a PNG image", "a PDF document"; a constant. */
th_kind th_sniff(const char *head, size_t len, const char **what);

#endif
