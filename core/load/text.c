/* text.c - plain text: a line is a block; empty lines are counted, since they tell captions from headings. */
#include <string.h>

#include "load/draft.h"

bool th_text_sniff(const char *text, size_t len)
{
    (void)text;
    (void)len;
    return true; /* the last in the table: whatever else it is, it is lines */
}

th_status th_text_read(th_draft *d, const char *text, size_t len, th_error *err)
{
    const char *at = text, *end = text + len;
    uint16_t gap = 0;

    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop)
            stop = end;
        if (th_draft_add(d, at, (size_t)(stop - at), gap))
            gap = 0;
        else if (gap < UINT16_MAX)
            gap++;
        at = stop + 1;
    }
    return d->failed ? th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", d->path) : TH_OK;
}
