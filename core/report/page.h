/* page.h - an HTML page out of a template and what goes into it, in one file. */
#ifndef TH_REPORT_PAGE_H
#define TH_REPORT_PAGE_H

#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

typedef enum th_slot_kind {
    TH_SLOT_TEXT,   /* text: escaped for HTML */
    TH_SLOT_STYLE,  /* CSS inside <style> */
    TH_SLOT_SCRIPT, /* JavaScript inside <script>: must not end it */
    TH_SLOT_JSON    /* JSON inside <script type="application/json"> */
} th_slot_kind;

typedef struct th_slot {
    const char *name;
    th_slot_kind kind;
    const char *text;
    size_t len;
} th_slot;

/* Append `template` to `out` with each {{name}} replaced by the slot of that name, made safe for where it stands. A name without a
 * slot is TH_ERR_USAGE naming it; the message starts with `path`. */
th_status th_page_fill(th_str *out, const char *path, const char *template, size_t len, const th_slot *slots, size_t count,
                       th_error *err);

#endif
