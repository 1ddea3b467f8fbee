/* json.h - articles as JSON: one object a line (NDJSON), an array of objects, an object that holds such an array, or one object
 * that is an article. Internal to load/. */
#ifndef TH_LOAD_JSON_H
#define TH_LOAD_JSON_H

#include "load/reading.h"

/* Does `text` (UTF-8, the head of a file) begin like one of these? */
bool th_json_sniff(const char *text, size_t len);

/* Read the objects of `s` (UTF-8), one in memory at a time. A line or element that is no JSON fails with its line named. */
th_status th_json_read(th_reading *r, th_stream *s, th_error *err);

/* Read one object in `text` (UTF-8) as the article at `path`; see th_load_line(). */
th_status th_json_object(th_reading *r, const char *path, const char *text, size_t len, th_str *id, th_error *err);

#endif
