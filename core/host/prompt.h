/* prompt.h - a Lua state beside the plugins', for a prompt and for tests: the plugin's API with globals that may be made, every kind of
 * record to read, and plugins to run. */
#ifndef TH_HOST_PROMPT_H
#define TH_HOST_PROMPT_H

#include "host/host.h"
#include "load/load.h"

typedef struct th_prompt th_prompt;

/* Files that tests read: fixtures and golden rows, by their path below the test's folder. */
typedef struct th_fixture {
    const char *name, *bytes;
    size_t len;
} th_fixture;

typedef struct th_prompt_options {
    const char *path, *dir;         /* of what is run, for messages; its folder */
    const th_loader *loader;        /* reads fixtures; may be NULL */
    const th_fixture *fixtures;
    size_t fixture_count;
    bool update;                    /* golden rows are written anew */
} th_prompt_options;

/* A state over `host` (loaded and ready; borrowed). The caller frees it with th_prompt_free(). */
th_status th_prompt_new(th_prompt **out, th_host *host, const th_prompt_options *options, th_error *err);
void th_prompt_free(th_prompt *prompt); /* NULL is fine */

/* Make `article` (in `arena`) the current one, the global `a`; `given` are records of it that are there already. */
th_status th_prompt_article(th_prompt *prompt, const th_article *article, th_arena *arena, th_records *given, th_error *err);

/* Run a piece of code: an expression, whose values are written to `out`, or statements. `*more`: it is not finished yet (nothing ran). */
th_status th_prompt_eval(th_prompt *prompt, const char *code, size_t len, th_str *out, bool *more, th_error *err);

/* What the word that ends at the end of `line` can go on as: whole words, one a line, in `out`. */
void th_prompt_complete(th_prompt *prompt, const char *line, th_str *out);

/* Run the tests of a file: `bytes` is its source. Each test is reported to `fn`; `message` is NULL when it passed. */
typedef void (*th_test_fn)(void *ctx, const char *name, const char *message);
th_status th_prompt_tests(th_prompt *prompt, const char *bytes, size_t len, th_test_fn fn, void *ctx, th_error *err);

/* Golden rows to be written: the parent's business, since a confined process opens no file. The i-th; false when there are no more. */
bool th_prompt_golden(const th_prompt *prompt, size_t i, const char **name, const th_str **rows);

/* The traceback of the last failure, "" when none. */
const char *th_prompt_trace(const th_prompt *prompt);

/* What was recorded in the current article; borrowed until the next article. */
th_records *th_prompt_records(th_prompt *prompt);

/* Run plugin `name` on the current article after all it needs; records of earlier runs of it are gone. `cpu_s` (may be NULL): its own CPU
 * seconds. */
th_status th_host_run_with_needs(th_host *host, const char *name, double *cpu_s, th_error *err);

#endif
