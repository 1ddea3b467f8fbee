/* breaks.h - line breaks that a text lost on its way into a cell of a table. */
#ifndef TH_LOAD_BREAKS_H
#define TH_LOAD_BREAKS_H

#include <stddef.h>

#include "base/str.h"

/* Append to `out` the text, which is one line, with the breaks it seems to have had: where `\n` is written out, at the two
 * ideographic spaces that begin a paragraph, or, in a long text in Chinese, at spaces: behind the end of a sentence; before the first
 * comma and behind the last full stop, where titles, dates and tool lines stand, at every space that is not within brackets, a
 * path, a date or words set wide ("政 府 工 作 报 告"). Only spaces and what was written for a break are lost. */
void th_breaks_restore(th_str *out, const char *text, size_t len);

#endif
