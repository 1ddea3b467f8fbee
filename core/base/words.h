/* words.h - the program's sentences in the language of the user: English, and Chinese where the catalogue in words.c has them.
 *
 * Looked up are the formats of messages (th_error_set, th_log, a wrong call), the summary of a run, the heads of tables for people. Codes, names
 * of files, options and SQL, "file:line:column:" and everything for machines (JSON, CSV, rows of the store) stay English. */
#ifndef TH_BASE_WORDS_H
#define TH_BASE_WORDS_H

#include <stddef.h>

/* "zh" when the first of LC_ALL, LC_MESSAGES and LANG that is set begins with zh, else "en". */
const char *th_lang_of_locale(void);

/* Say everything from now on in "zh" or "en" (the start value). For the whole process; a worker, whose messages go into the store, stays
 * with English. */
void th_lang_set(const char *lang);
const char *th_lang(void); /* "zh" or "en" */

/* The sentence (or format: the conversions are the same) in the user's language; `english` itself when the catalogue has no other. */
const char *th_words(const char *english) __attribute__((format_arg(1)));

/* The catalogue: pairs of English and Chinese. For tests. */
typedef struct th_word_pair {
    const char *english, *chinese;
} th_word_pair;
const th_word_pair *th_words_all(size_t *count);

#endif
