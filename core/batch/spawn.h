/* spawn.h - start a program, keep what it says, and end it when its time is over. */
#ifndef TH_BATCH_SPAWN_H
#define TH_BATCH_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

typedef struct th_spawn {
    const char *const *argv;    /* NULL-terminated; argv[0] is looked for in PATH */
    const char *const *env;     /* NAME=VALUE beside the environment, NULL-terminated; NULL: none */
    const char *input;          /* its standard input; NULL: empty */
    double limit_s;             /* then it gets SIGTERM, and SIGKILL 5 seconds later; 0: none */
    const volatile sig_atomic_t *stop; /* not 0: as when the time is over; NULL: none */
    bool with_lock;             /* it inherits the store's lock that was lent (store/lock.h) */
    bool quiet;                 /* what it says is not shown on standard error */
    bool whole;                 /* keep all it says, however long */
} th_spawn;

typedef struct th_spawned {
    int exit_status;            /* 128 + signal when a signal ended it; 127 when it could not be started */
    bool timed_out, stopped;
    th_str said;                /* standard output and error; the beginning and the end where it is long. The caller frees it */
} th_spawned;

/* TH_OK when it ran, however it ended. */
th_status th_spawn_run(const th_spawn *what, th_spawned *out, th_error *err);

#endif
