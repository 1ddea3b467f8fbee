/* lab.h - the author's tools: a confined process like a worker's, in which a plugin folder is loaded and code of a prompt or of tests
 * runs. The parent asks, the lab answers; when it dies or takes too long the next question finds a fresh one. */
#ifndef TH_RUN_LAB_H
#define TH_RUN_LAB_H

#include <stdbool.h>

#include "base/str.h"
#include "host/prompt.h"
#include "run/assets.h"
#include "store/store.h"

typedef struct th_lab th_lab;

typedef struct th_lab_options {
    const th_assets *assets;
    th_limits limits;
    const char *path, *dir;     /* of the code that is run, for messages: "prompt", "plugins/x_test.lua" */
    const char *code;           /* source of a test file; NULL for a prompt */
    size_t code_len;
    const th_fixture *fixtures; /* files tests read */
    size_t fixture_count;
    bool update;
} th_lab_options;

/* Start a lab (options and what they point to are borrowed). Fails when its process can not be started or does not come up; that plugins
 * do not load is no failure, th_lab_faults() tells. The caller ends it with th_lab_close(). */
th_status th_lab_open(th_lab **out, const th_lab_options *options, th_error *err);
void th_lab_close(th_lab *lab); /* NULL is fine */

/* "file:line: what" of every plugin that did not load, one a line; "" when all did. */
const char *th_lab_faults(const th_lab *lab);

/* Make an article current: one of the store, or one made from a text (title and date may be NULL). */
th_status th_lab_article(th_lab *lab, const th_article *article, th_error *err);
th_status th_lab_text(th_lab *lab, const char *text, size_t len, const char *title, const char *date, th_error *err);

/* Run a piece of code as th_prompt_eval() does; what it printed is in `out` whatever came of it. */
th_status th_lab_eval(th_lab *lab, const char *code, size_t len, th_str *out, bool *more, th_error *err);

/* Candidates for the word at the end of `line`, one a line; none when the lab can not be asked. */
void th_lab_complete(th_lab *lab, const char *line, th_str *out);

/* Run plugin `name` on the current article after what it needs: its rows as tables in `out` (`width` as th_table_print(), `json` for JSON), the
 * CPU seconds it took. */
th_status th_lab_run(th_lab *lab, const char *name, size_t width, bool json, th_str *out, double *cpu_s, th_error *err);

/* Run the tests of `code`. `fn` hears of each. A file that does not run, or a lab that dies of it, is a failure. */
th_status th_lab_tests(th_lab *lab, th_test_fn fn, void *ctx, th_error *err);

/* Is called with each file of golden rows after th_lab_tests() with `update`. */
typedef th_status (*th_golden_fn)(void *ctx, const char *name, const char *rows, size_t len, th_error *err);
th_status th_lab_golden(th_lab *lab, th_golden_fn fn, void *ctx, th_error *err);

/* Try plugin `name` on what every plugin must bear: an empty article, a huge one, one with damaged text, and one twice, with the same rows.
 * `fn` hears of each try. */
th_status th_lab_check(th_lab *lab, const char *name, th_test_fn fn, void *ctx, th_error *err);

#endif
