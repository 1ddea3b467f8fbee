/* error.h - what can go wrong, and the one message that says so.
 *
 * A function that can fail returns a th_status and takes a `th_error *err` owned by the caller. The place that saw the
 * failure writes the message; nobody rewrites it on the way up. A message is one line: place, thing, value, remedy. */
#ifndef TH_BASE_ERROR_H
#define TH_BASE_ERROR_H

typedef enum th_status {
    TH_OK = 0,
    /* Reasons an article or a file fails; their names stand in the table `failure` (docs/database.md). */
    TH_ERR_RUNTIME,      /* a plugin raised */
    TH_ERR_LIMIT_CPU,    /* a plugin used up its CPU time */
    TH_ERR_LIMIT_MEMORY, /* a plugin used up its memory */
    TH_ERR_LIMIT_OUTPUT, /* a plugin recorded or logged too much */
    TH_ERR_TIMEOUT,      /* the worker did not answer in time and was killed */
    TH_ERR_CRASH,        /* the worker died */
    TH_ERR_USAGE,        /* wrong use: of the program, of the configuration, of the API in a manifest or record */
    TH_ERR_MISSING,      /* no such file */
    TH_ERR_UNREADABLE,   /* the system refused to read it; text ends in strerror() */
    TH_ERR_EMPTY,        /* nothing in it */
    TH_ERR_BINARY,       /* not text */
    TH_ERR_FORMAT,       /* a kind of file we do not read */
    TH_ERR_ENCODING,     /* no encoding fits */
    TH_ERR_BOMB,         /* expands beyond a limit */
    TH_ERR_PARSE,        /* bad input; text starts "file:line:column: " */
    /* Failures of the host itself. */
    TH_ERR_NOMEM,
    TH_ERR_IO,    /* the system refused; text ends in strerror() */
    TH_ERR_STORE, /* SQLite refused */
    TH_ERR_BUSY   /* somebody else is writing */
} th_status;

/* Start it as `th_error err = {0};`. The first failure is kept. */
typedef struct th_error {
    th_status status;
    char text[1024]; /* UTF-8, cut at a character boundary when too long */
} th_error;

/* Record `status` and a message in `err` (which may be NULL) unless it already holds one; returns `status`. */
th_status th_error_set(th_error *err, th_status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Forget what `err` holds, so that it can be used again. */
void th_error_clear(th_error *err);

/* The short name of a status as it stands in `failure.reason`: "runtime", "limit-cpu", …, "store". */
const char *th_status_name(th_status status);

#endif
