/* sentence.h - where sentences end: after 。！？!?；; with the closing quotes and brackets that follow, and at line ends. */
#ifndef TH_TEXT_SENTENCE_H
#define TH_TEXT_SENTENCE_H

#include <stdbool.h>
#include <stddef.h>

/* Find the sentence that begins at or after `*pos` and ends before `stop` in `text`; white space around it is left
 * out. On true `*start`..`*end` is the sentence and `*pos` where to look next; false when none is left.
 * A run without a letter, digit or Han character (stray punctuation) is no sentence. */
bool th_sentence_next(const char *text, size_t stop, size_t *pos, size_t *start, size_t *end);

#endif
