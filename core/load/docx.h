/* docx.h - Word documents. Internal to load/. */
#ifndef TH_LOAD_DOCX_H
#define TH_LOAD_DOCX_H

#include "load/draft.h"

/* Read the bytes of a .docx into the lines of `d`. Damage that leaves text is a warning. Fails with TH_ERR_PARSE (damaged),
 * TH_ERR_FORMAT (no Word document), TH_ERR_UNREADABLE (encrypted), TH_ERR_BOMB, TH_ERR_EMPTY or TH_ERR_NOMEM; the message
 * starts with the draft's path. */
th_status th_docx_read(th_draft *d, const char *bytes, size_t len, th_error *err);

#endif
