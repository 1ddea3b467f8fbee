/* lines.h - small things clean.c and title.c do to the lines of a draft. Internal to both. */
#ifndef TH_LOAD_LINES_H
#define TH_LOAD_LINES_H

#include <string.h>

#include "load/chrome.h"
#include "load/draft.h"

enum {
    PROSE_BYTES = 120, /* a line from 40 Han characters on is prose */
};

static inline const char *text_of(const th_draft *d, const th_line *line)
{
    return d->text.data + line->start;
}

static inline size_t len_of(const th_line *line)
{
    return line->stop - line->start;
}

static inline void drop_line(th_draft *d, th_line *line, const char *reason)
{
    line->reason = reason;
    th_draft_drop(d, reason, text_of(d, line), len_of(line));
}

/* The headline from the draft's first lines, or the one the markup gives without what a site adds; lines that repeat it are
 * dropped. `*hint` = a column tag that was cut off, else as it was. */
void th_title_read(const th_chrome *chrome, th_draft *d, const char **hint);

/* The lines under the title that are not the article's body yet: the meeting (its day goes to d->made), the speaker. */
void th_title_head(const th_chrome *chrome, th_draft *d);

#endif
