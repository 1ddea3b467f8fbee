/* convert.h - documents that another program turns into text: pdftotext for PDF, whose library's licence would bind ours.
 *
 * The program runs in a process of its own, started by the parent of the workers: the document as its standard input, a
 * memory file as its output, behind walls (run/confine.h) that leave it only its libraries, fonts and tables to read, and
 * with limits on time, memory and output. Nothing here waits: the caller polls. */
#ifndef TH_RUN_CONVERT_H
#define TH_RUN_CONVERT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

typedef struct th_convert th_convert;

typedef struct th_converter_options {
    double wall_s;              /* seconds after which the program is killed */
    const char *sandbox_config; /* the configuration that requires all walls; NULL: none does */
} th_converter_options;

/* Start turning `bytes` of `format` ("pdf") into text. Fails with TH_ERR_FORMAT when the program is not installed (the message
 * names its package), TH_ERR_IO or TH_ERR_NOMEM; messages have no path. End it with th_convert_free(). */
th_status th_convert_start(th_convert **out, const char *format, const void *bytes, size_t len,
                           const th_converter_options *options, th_error *err);

/* Kills the program when it still runs; NULL is fine. */
void th_convert_free(th_convert *c);

/* A descriptor that can be read when there is something to do for th_convert_step(); borrowed. */
int th_convert_fd(const th_convert *c);

/* True when the program is done or its time is up. Then `*status` tells: TH_OK, its text was appended to `out`, and what it
 * complained of to `note`; else why not is in `err`, without a path: TH_ERR_UNREADABLE (needs a password), TH_ERR_PARSE (damaged),
 * TH_ERR_TIMEOUT, TH_ERR_BOMB (too much text), TH_ERR_CRASH, TH_ERR_IO. */
bool th_convert_step(th_convert *c, th_status *status, th_str *out, th_str *note, th_error *err);

#endif
