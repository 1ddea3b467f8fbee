/* draft.h - what a reader makes of a file before it is cleaned: lines of text with what the markup said about them, and
 * the metadata that markup gives. Internal to load/.
 *
 * A format is one file with a `sniff` and a `read` function and one line in the table of load.c. */
#ifndef TH_LOAD_DRAFT_H
#define TH_LOAD_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "article.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "load/edges.h"

typedef enum th_hint { TH_HINT_NONE, TH_HINT_HEADING, TH_HINT_BOLD, TH_HINT_CAPTION, TH_HINT_LIST, TH_HINT_TABLE } th_hint;

typedef struct th_line {
    uint32_t start, stop;  /* bytes of draft.text; what is left of the line after cuts */
    uint16_t gap;          /* empty lines before it */
    th_hint hint;          /* what the markup calls it */
    bool outside;          /* stands outside the page's main part: read for metadata only */
    bool is_link;          /* all of it is one link */
    const char *href;      /* where that link goes, or NULL */
    /* Filled by cleaning: */
    const char *reason;    /* why the line is dropped, NULL when it is kept */
    bool has_photo_credit; /* a photo credit was cut from it */
    bool is_title;         /* a title line that the title does not hold: the meeting, the speaker */
    th_block_kind kind;
    uint8_t level; /* a reader sets what the markup says (1 for the outermost, 0: nothing); th_outline() decides */
} th_line;

typedef struct th_draft {
    th_arena *arena;
    const char *path, *format;
    th_str text; /* the lines, one after the other; owned by whoever made the draft */
    th_line *lines;
    size_t count, cap;
    /* Metadata that the markup names; NULL when it does not. */
    const char *title, *date, *source, *byline, *url, *tags;
    const char *region; /* a place the file states, by name or code */
    const char *origins[TH_META_COUNT]; /* where each of them was found; see th_draft_set() */
    const char *whole; /* the text that was read, to tell line numbers by; borrowed, NULL when there is none */
    size_t whole_len;
    const char *guess;       /* a medium that stands in an information line without a label … */
    const char *guess_origin; /* … and where */
    const char *site, *site_origin; /* the name of the site: a source where nothing better is */
    const char *dateline, *dateline_origin; /* "01-05": a day that a dateline gives without its year */
    const char *made, *made_origin; /* the day of the document, where none of publication is given */
    const char *link;        /* the first address in the text; the page's own when it is the only one */
    bool has_links;          /* several addresses stand in the text */
    bool title_is_page_name; /* from <title>: may carry the site's name */
    const char **authors;    /* names found so far */
    size_t author_count, author_cap;
    th_dropped *dropped;
    size_t dropped_count, dropped_cap;
    const char **warnings;
    size_t warning_count, warning_cap;
    bool after_subscript; /* the next line goes on the last one */
    const th_repeated *repeated; /* lines known to recur; NULL: none */
    th_edges edges;
    bool failed; /* memory ran out; asked once at the end */
} th_draft;

/* Set a field of metadata that is still empty, and note where it was found: "front matter: date", "column 标题".
 * Authors are the byline as written (th_names_take reads it). Texts are copied. */
void th_draft_set(th_draft *d, th_meta field, const char *text, size_t len, const char *origin);

/* "line 3: 来源" for a piece of the draft's text and the label it stands under (may be empty); in the arena. */
const char *th_draft_place(th_draft *d, const char *piece, size_t len, const char *label, size_t label_len);

/* Append a line; white space at its ends is left out. What plainly is the rest of the line before it is put there, and
 * that line comes back. An empty one is counted into the next line's gap by the reader, so
 * it is not added and NULL comes back (as when memory is out). */
th_line *th_draft_add(th_draft *d, const char *text, size_t len, uint16_t gap);

/* Note that `text` was left out, and why. `reason` must live as long as the arena. */
void th_draft_drop(th_draft *d, const char *reason, const char *text, size_t len);

/* Add a warning: one line that starts with the path. */
void th_draft_warn(th_draft *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Add an author unless it is there already. */
void th_draft_author(th_draft *d, const char *name, size_t len);

/* A copy in the draft's arena, white space at the ends left out; NULL when nothing is left. */
const char *th_draft_text(th_draft *d, const char *text, size_t len);

/* The readers. `text` is normalised UTF-8 (th_text_normalise). A reader fails with TH_ERR_NOMEM only: damage is a warning. */
bool th_html_sniff(const char *text, size_t len);
th_status th_html_read(th_draft *d, const char *text, size_t len, th_error *err);
bool th_markdown_sniff(const char *text, size_t len);
th_status th_markdown_read(th_draft *d, const char *text, size_t len, th_error *err);
bool th_text_sniff(const char *text, size_t len);
th_status th_text_read(th_draft *d, const char *text, size_t len, th_error *err);

/* Drop the lines of a table of contents. Before cleaning. */
void th_outline_contents(th_draft *d);

/* Give every heading that is kept its level. After the blocks are told apart. */
void th_outline(th_draft *d);

/* Read the lines of an HTML fragment into `d`, without looking for the page's main part. */
th_status th_html_fragment(th_draft *d, const char *html, size_t len, th_error *err);

#endif
