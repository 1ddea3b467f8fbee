/* internal.h - what the files of eval/ share.
 *
 * Gold items and rows of the store are both JSON objects here; sets and counters are JSON objects too (they keep the order
 * of insertion). Text in a comparison is first made a key: NFKC without white space, control and format characters. */
#ifndef TH_EVAL_INTERNAL_H
#define TH_EVAL_INTERNAL_H

#include <jansson.h>
#include <stdint.h>

#include "base/arena.h"
#include "eval/eval.h"

struct span {
    size_t start, stop; /* bytes of article.text */
};

/* Everything counted so far, in order of first mention. */
struct scores {
    json_t *prf;      /* name -> [gold found, gold, predicted right, predicted] */
    json_t *share;    /* name -> [right, n] */
    json_t *facts;    /* name -> figure or text */
    json_t *errors;   /* [{section, kind, where, what, sentence}] */
    json_t *seen;     /* "section: kind" -> how many */
    json_t *warnings; /* lines */
    json_t *bad;      /* table -> rows with a bad span */
    size_t limit;     /* errors kept of each section and kind */
};

/* The evaluation of one store. */
struct eval {
    th_store *store;
    th_arena *arena; /* reset after each article */
    struct scores scores;
    json_t *columns; /* table -> [columns it has of those that are scored] */
    json_t *changes;    /* against.c: [{name, before, now}]; NULL when not asked for */
    json_t *by_article; /* cross.c: [{where, f1: {name: figure}}]; NULL when not asked for */
    json_t *entries;    /* cross.c: [{file, list, term, articles, hits, where}] */
    size_t article_count; /* cross.c: articles of the store */
    bool failed;     /* memory ran out somewhere */
};

/* A text made comparable, with the source of each of its bytes. */
struct key {
    const char *text;
    size_t len;
    const uint32_t *starts, *stops; /* only when asked for */
};

/* One article with its gold. `row` is NULL when the store does not have it. */
struct piece {
    struct eval *eval;
    const char *where; /* what errors call it */
    json_t *row;
    const char *text;
    size_t len;
    struct key key;
    struct span *sentences;
    size_t sentence_count;
};

struct item {
    json_t *fields; /* borrowed */
    struct span span;
};

struct items {
    struct item *at;
    size_t count;
};

/* key.c */
void key_map(struct eval *e, const char *text, size_t len, bool mapped, struct key *out);
const char *key_of(struct eval *e, const char *text);           /* NULL gives "" */
const char *key_of_json(struct eval *e, const json_t *value);   /* null gives "" */
const char *unit_of(struct eval *e, const json_t *value);       /* a key, with spellings of one unit made one */
bool same_text(struct eval *e, const json_t *a, const json_t *b);
bool same_number(const json_t *a, const json_t *b);             /* relative 1e-9, or both absent */
double text_jaccard(struct eval *e, const json_t *a, const json_t *b);
bool is_white(uint32_t c);

/* gold.c: the checked gold files of a folder, in order of name: [{"stem": …, "gold": {…}}]. */
th_status gold_read(const char *dir, json_t **out, th_error *err);

/* rows.c */
extern const char *const eval_tables[][2]; /* name, columns; ends with NULL */
th_status rows_columns(struct eval *e, th_error *err);
th_status rows_articles(struct eval *e, json_t **out, th_error *err);
/* The rows of a table for the article, spans trimmed of white space, in order; those without a usable span are counted. */
th_status rows_read(struct piece *p, const char *table, struct items *out, th_error *err);

/* piece.c */
void piece_open(struct piece *p, struct eval *e, const char *where, json_t *row);
bool piece_find(const struct piece *p, const char *quote, struct span *out); /* the first occurrence */
/* Where `wanted` stands in the first occurrence of the quotation `around`. */
bool piece_within(const struct piece *p, const char *around, const char *wanted, struct span *out);
/* Where each occurrence of `key` stands in the article. */
struct span *piece_everywhere(const struct piece *p, const char *key, size_t *count);
/* Items (of `list`) that stand in the text with their spans, and those that do not. */
void piece_place(const struct piece *p, json_t *list, struct items *found, struct items *lost);
/* The sentence that shares most bytes with `span`; sentence_count when none does. */
size_t piece_sentence(const struct piece *p, struct span span);
struct span piece_trim(const struct piece *p, struct span span); /* without white space at its ends */
const char *piece_slice(const struct piece *p, struct span span); /* trimmed */
const char *piece_quote(const struct piece *p, struct span span); /* its sentence */

/* scores.c */
bool scores_begin(struct scores *s, size_t limit);
void scores_end(struct scores *s);
void scores_count(struct scores *s, const char *name, size_t found, size_t gold, size_t right, size_t predicted);
void scores_right(struct scores *s, const char *name, bool ok, size_t n);
void scores_error(struct scores *s, const char *section, const char *kind, const char *where, const char *what,
                  const char *sentence);
size_t overlap(struct span a, struct span b);
bool overlaps_any(struct span span, const struct items *items);

/* One-to-one pairs of overlapping spans: `good` pairs first, then those that share most. */
struct pair {
    size_t gold, predicted;
};
typedef bool (*good_fn)(struct eval *e, const json_t *gold, const json_t *predicted);
struct pair *align(struct eval *e, const struct items *gold, const struct items *predicted, good_fn good, size_t *count);

/* text.c: small things around JSON and text, in the evaluation's arena. */
const char *field_text(const json_t *object, const char *name); /* NULL when it is no text */
const char *shown(struct eval *e, const json_t *value);         /* as words: None, 12, text, ['a', 'b'] */
const char *say(struct eval *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *sorted_keys(struct eval *e, json_t *set);           /* its keys, sorted, with spaces between */
void *take(struct eval *e, size_t count, size_t size);          /* zeroed; never NULL for count 0 */
bool is_true(const json_t *object, const char *name);
bool among(const json_t *value, const json_t *first, const json_t *more); /* equal to `first` or one of the list */

/* The sections. */
th_status score_metrics(struct piece *p, json_t *gold, size_t *lost, th_error *err);
th_status score_policies(struct piece *p, json_t *gold, th_error *err);
th_status score_rankings(struct piece *p, json_t *gold, th_error *err);
th_status score_times(struct piece *p, json_t *gold, th_error *err);
th_status score_programmes(struct piece *p, json_t *gold, th_error *err);
th_status score_regions(struct piece *p, json_t *gold, th_error *err);
void score_meta(struct piece *p, json_t *gold);
th_status score_body(struct piece *p, json_t *gold, th_error *err);

/* against.c: read the earlier evaluation and note what changed since, in e->changes. */
th_status against_read(struct eval *e, const char *path, th_error *err);

/* cross.c */
/* Note the F1 of the article scored last; `before`: a copy of the counts from before it. */
void cross_article(struct eval *e, const char *where, const json_t *before);
/* Count the sources' terms in the articles of the store, in e->entries. */
th_status cross_terms(struct eval *e, const th_eval_source *sources, size_t count, th_error *err);
void cross_print(struct eval *e, th_str *out);

/* print.c */
double prf_f1(const json_t *counts);   /* negative where there is nothing to divide by */
double share_of(const json_t *counts); /* likewise */
void print_json(struct eval *e, th_str *out);
void print_text(struct eval *e, th_str *out);

#endif
