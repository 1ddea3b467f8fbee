/* doc.h - the reference of the API, made from its tables: for docs/api.md, for editors, for help() at the prompt. */
#ifndef TH_HOST_DOC_H
#define TH_HOST_DOC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* All of it as Markdown: docs/api.md. */
void th_doc_markdown(th_str *out);

/* All of it as annotations for the Lua language server: lua/talenthost.meta.lua. */
void th_doc_meta(th_str *out);

/* What there is to say of `name`: "host.date", "span:before", "span.text", "span"; also a bare "before". False when nothing is called so;
 * then `out` receives the nearest name, or nothing. */
bool th_doc_help(const char *name, th_str *out);

/* An example of a function with the whole program around it, for tests: what `talenthost` runs it as. */
typedef struct th_doc_example {
    const char *name; /* "span:before" */
    bool is_script;   /* a script, else a plugin called "example" */
    bool in_test;     /* a test file */
    const char *source; /* the whole file; asserts what stands behind --> */
} th_doc_example;

/* The example of function number `i` (from 0) in all tables; false when there are no more. `source` is in `buffer`. A function without
 * documentation has `source` NULL. */
bool th_doc_example_at(size_t i, th_str *buffer, th_doc_example *out);

/* The article and data files the examples are about. */
extern const char th_doc_article[];
extern const char *const th_doc_files[][2]; /* name, content; ends with a NULL name */

#endif
