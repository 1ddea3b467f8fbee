/* pdf.h - PDF documents with a text layer, as `pdftotext -bbox-layout` tells them. Internal to load/. */
#ifndef TH_LOAD_PDF_H
#define TH_LOAD_PDF_H

#include "load/draft.h"

/* Read what pdftotext wrote: pages, blocks, lines and words with their places. Running headers and footers and page numbers
 * are dropped with their reason, lines that the layout broke are joined. Fails with TH_ERR_EMPTY when the document has no text
 * layer, TH_ERR_PARSE, TH_ERR_NOMEM; the message starts with the draft's path. */
th_status th_pdf_read(th_draft *d, const char *xml, size_t len, th_error *err);

#endif
