/* pdf_layout.h - the lines of a PDF's pages with their places, and what the places tell: what runs along on every page, where
 * columns begin and end, which lines are one paragraph. Internal to load/. */
#ifndef TH_LOAD_PDF_LAYOUT_H
#define TH_LOAD_PDF_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct th_pdf_page {
    double width, height; /* points; y grows downwards */
} th_pdf_page;

typedef struct th_pdf_line {
    const char *text; /* normalised */
    size_t len;
    size_t page, flow;
    double x0, x1, y0, y1;
    double em;          /* the width of a Han character; 0 when the line has too few */
    double weight;      /* characters */
    const char *reason; /* why it is dropped; NULL: kept */
    bool joins;         /* goes on in the next line that is kept */
    uint16_t gap;       /* empty lines before it */
    uint8_t size;       /* of its letters: 0 body or smaller, 1 the largest in the document, 2 the next … */
} th_pdf_line;

typedef struct th_pdf_doc {
    th_arena *arena;
    th_pdf_page *pages;
    size_t page_count, page_cap;
    th_pdf_line *lines; /* in reading order */
    size_t line_count, line_cap;
    double em; /* of the body's letters */
} th_pdf_doc;

/* Fill in reason, joins, gap and size of every line, and the body's em. False when memory is out. */
bool th_pdf_arrange(th_pdf_doc *doc);

#endif
