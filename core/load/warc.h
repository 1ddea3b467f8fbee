/* warc.h - web archives (ISO 28500, WARC 0.17 to 1.1): the pages in them. Ours, since libarchive's reader drops the headers of the
 * records and with them most of each page's address. Internal to load/. */
#ifndef TH_LOAD_WARC_H
#define TH_LOAD_WARC_H

#include "load/reading.h"

/* Read the pages of the records `response`, `resource` and `conversion`: HTTP headers off, chunked and gzip bodies undone. Paths
 * are FILE!URL, and the address is the article's url. What is no page (pictures, styles, other answers than 200) is counted by
 * kind in one note. */
th_status th_warc_read(th_reading *r, th_stream *s, th_error *err);

#endif
