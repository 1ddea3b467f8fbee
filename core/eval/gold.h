/* gold.h - what writes gold needs of those that read it: the check of its form, and quotations that lead back to one place. */
#ifndef TH_EVAL_GOLD_H
#define TH_EVAL_GOLD_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

/* Is `gold` the gold of one article, all lists and fields there? TH_ERR_PARSE with `name` before the field that is wrong. */
th_status th_gold_check(const char *name, const json_t *gold, th_error *err);

/* Quotations of one text. */
typedef struct th_quotes th_quotes;

/* Take the text of an article (borrowed: it must outlive the quotes). NULL when memory is out. The caller frees it. */
th_quotes *th_quotes_new(const char *text, size_t len);
void th_quotes_free(th_quotes *quotes); /* NULL is fine */

/* The sentence, as the evaluation divides the text, that shares most with the bytes [*start, *stop), which become its bounds without white
 * space. False where there is none. */
bool th_quotes_sentence(th_quotes *quotes, size_t *start, size_t *stop);

/* Append the shortest quotation around the bytes [start, stop) by which the evaluation finds these and no others. False when there
 * is none (the text repeats itself) or memory is out; then nothing is appended. */
bool th_quotes_around(th_quotes *quotes, size_t start, size_t stop, th_str *out);

/* Does the quotation stand in the text, white space and width aside? */
bool th_quotes_has(th_quotes *quotes, const char *quotation);

/* Does the quotation lead to the sentence at byte `start`? */
bool th_quotes_leads(th_quotes *quotes, const char *quotation, size_t start);

#endif
