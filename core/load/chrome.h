/* chrome.h - the rules of data/chrome.yaml, read once: what is not the article, and the words that label metadata.
 *
 * A pattern must fit the whole line. White space counts for nothing on either side, letters and digits match whatever
 * their case and width, and so do the punctuation marks that have two widths. In it `*` is any run, `#` a number,
 * `?` one character. No regular expressions: every line of every article is looked at, and a pattern costs nothing
 * unless the line begins like it. Internal to load/. */
#ifndef TH_LOAD_CHROME_H
#define TH_LOAD_CHROME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "text/lexicon.h"

enum { TH_VIEW_MAX = 160 };

/* A piece of text as folded characters. */
typedef struct th_view {
    size_t n;                    /* characters, at most TH_VIEW_MAX */
    bool whole;                  /* the text ends within them */
    uint64_t has[4];             /* which characters are in it, hashed to 256 bits */
    uint32_t c[TH_VIEW_MAX];
    uint32_t at[TH_VIEW_MAX + 1]; /* byte where each begins, counted from the text given; at[n] is where the view ends */
} th_view;

/* `keep_spaces`: false leaves white space out. */
void th_view_make(th_view *view, const char *text, size_t len, bool keep_spaces);

typedef struct th_pattern {
    const uint32_t *c;
    size_t n;
    uint64_t needs[4]; /* the characters a text must have, hashed as in th_view.has: most lines fail here */
} th_pattern;

typedef struct th_words {
    const th_pattern *items; /* sorted by their first character, patterns that begin with * # ? last */
    size_t count, plain;     /* how many; how many begin with a character */
    uint64_t firsts[4], lasts[4]; /* the characters they begin and end with, hashed as in th_view.has */
} th_words;

typedef enum th_end {
    TH_ENDS_NOTHING,
    TH_ENDS_LATE,  /* in the later part of a page, nothing after such a line is */
    TH_ENDS_LAST   /* where no prose follows at all */
} th_end;

typedef struct th_rule {
    const char *reason;
    size_t max;        /* lines longer than this many characters are left alone */
    bool prose;        /* its patterns fit sentences too; else they leave alone what ends in 。 or is numbered */
    th_end ends;       /* is anything after such a line of the article? */
    size_t needs;      /* how many of `contains` a line must hold */
    th_words match;
    int lexicon;       /* the rule's `contains` in th_chrome.terms, -1 when it has none */
    int also;          /* of these one at least must be there as well; -1 when it has none */
} th_rule;

typedef enum th_label {
    TH_LABEL_SOURCE,
    TH_LABEL_AUTHOR,
    TH_LABEL_EDITOR,
    TH_LABEL_PHOTO,
    TH_LABEL_DATE,  /* of publication */
    TH_LABEL_MADE,  /* of the document: stands in for it */
    TH_LABEL_TITLE,
    TH_LABEL_COUNT,
    TH_LABEL_OTHER,
    TH_LABEL_KINDS
} th_label;

typedef struct th_chrome {
    const th_rule *rules;
    size_t rule_count;
    th_lexset *terms; /* one lexicon for each rule that has `contains` */
    th_words labels[TH_LABEL_KINDS];
    th_words fillers;            /* words an information line may hold besides fields */
    th_words posted;             /* 发表于, before a place */
    th_words originals;          /* 原创, at the beginning of an account's line */
    th_words tools;              /* the same, and a line of nothing else is chrome */
    th_words salutations;        /* short lines of a speech that are never headings: 各位代表, 谢谢大家 */
    th_words endings;            /* 完, in brackets after the last sentence */
    th_words documents;          /* how the titles of documents end */
    th_words officials;          /* offices that speakers hold */
    th_words meetings;           /* where a speech was given or a document adopted */
    th_words media;              /* how the names of media end */
    th_words organisations;      /* how the names of offices end */
    th_words title_prefixes;
    th_words datelines;          /* 本报, 本网: a medium that speaks of itself */
    th_words caption_starts, caption_ends, caption_contains;
    th_words heading_labels;     /* lines that are headings by what they say */
    th_words frame_words;        /* words of a page's frame: a sentence with one may recur without being the article's */
    th_words own_words;          /* words of an article's beginning or end that recur by custom: 各位, 谢谢 */
    th_words document_ends;      /* how the names of documents and columns end: their titles recur in a series */
    th_words surnames_common, surnames_rare, surnames_compound;
} th_chrome;

/* Parse `text`; `name` starts messages ("name:line:column: …", TH_ERR_PARSE). All in `arena`, except `terms`, which the
 * caller frees with th_lexset_free() (also after a failure). */
th_status th_chrome_parse(th_chrome *out, th_arena *arena, const char *name, const char *text, size_t len, th_error *err);

/* Does the pattern fit all of view[from..n)? */
bool th_pattern_fits(const th_pattern *p, const th_view *view, size_t from);

bool th_words_fit(const th_words *words, const th_view *view);                    /* some word fits the whole view */
size_t th_words_at(const th_words *words, const th_view *view, size_t pos);       /* longest at `pos`, white space inside
                                                                                     allowed: characters taken, 0 for none */
size_t th_words_before(const th_words *words, const th_view *view, size_t begin, size_t end); /* … that ends view[begin..end) */
bool th_words_hold(const th_words *words, uint32_t c);                            /* the word of this one character */
bool th_words_begin(const th_words *words, uint32_t c);                           /* may one begin with `c`? */
bool th_words_in(const th_words *words, const th_view *view);                     /* somewhere in it */

#endif
