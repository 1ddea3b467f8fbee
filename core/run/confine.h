/* confine.h - walls that the kernel keeps around a process which parses files or runs plugins. They hold even when our
 * own code has a hole: after th_confine() the process can open nothing but what it was allowed, start nothing, reach no
 * network, and signal nobody. What stands can only be taken away by ending the process. */
#ifndef TH_RUN_CONFINE_H
#define TH_RUN_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* In the order in which they go up. */
typedef enum th_wall {
    TH_WALL_CORE,         /* rlimit: no core dump, which would put an article's text on the disk */
    TH_WALL_FILES,        /* rlimit NOFILE */
    TH_WALL_GROWTH,       /* rlimit FSIZE 0: no file grows */
    TH_WALL_PROCESSES,    /* rlimit NPROC 0; does not bind root */
    TH_WALL_MEMORY,       /* rlimit AS */
    TH_WALL_PARENT,       /* PR_SET_PDEATHSIG: dies with its parent */
    TH_WALL_PRIVILEGES,   /* PR_SET_NO_NEW_PRIVS */
    TH_WALL_LANDLOCK,     /* no path but those named (Linux 5.13) */
    TH_WALL_SECCOMP,      /* no system call but those listed */
    TH_WALL_COUNT
} th_wall;

typedef enum th_wall_state {
    TH_WALL_UNASKED, /* not part of this confinement */
    TH_WALL_STANDS,
    TH_WALL_LEFT_OUT, /* this kind of build does without; `why` tells */
    TH_WALL_OFF,      /* switched off by TH_WALLS_OFF */
    TH_WALL_MISSING   /* the kernel refused it */
} th_wall_state;

typedef struct th_walls {
    th_wall_state state[TH_WALL_COUNT];
    char why[TH_WALL_COUNT][96]; /* of those that do not stand */
} th_walls;

/* Which system calls are left; what is not is refused with EPERM, so that a library that asks goes on without. */
typedef enum th_calls {
    TH_CALLS_WORKER, /* memory, time, its own timer, and what it holds open already */
    TH_CALLS_SCRIPT, /* those, and files and folders, where Landlock lets it */
    TH_CALLS_PROGRAM /* all but network, other processes and the kernel's insides: for a program that is started next */
} th_calls;

typedef struct th_confinement {
    th_calls calls;
    size_t memory; /* bytes of address space beyond what the process has now; 0: no such wall */
    size_t files;  /* descriptors it may have open; 0: no such wall */
    bool may_grow_files;
    const char *const *readable; /* files and folders it may read (and run, for TH_CALLS_PROGRAM); missing ones are passed over */
    size_t readable_count;
    const char *writable; /* the folder below which it may make and write files; NULL: none */
    unsigned only; /* bits 1 << TH_WALL_…: put up no others, to try each alone; 0: all */
} th_confinement;

/* Open what libraries open late (encodings, time zone, character types): once confined it is too late for that. */
void th_confine_prepare(void);

/* Put up the walls and say in `walls` which stand. Ends nothing and fails never: the caller decides with th_walls_require(). */
void th_confine(const th_confinement *confinement, th_walls *walls);

/* TH_ERR_USAGE, naming the first wall that was asked for and does not stand; `config` is the file that requires all. */
th_status th_walls_require(const th_walls *walls, const char *config, th_error *err);

/* One line about walls that are missing or switched off, "" when there are none: nobody should lose them unawares. */
void th_walls_warning(const th_walls *walls, char *out, size_t size);

/* "landlock", "seccomp", … */
const char *th_wall_name(th_wall wall);
/* What it keeps out, a few words. */
const char *th_wall_summary(th_wall wall);

/* The version of Landlock this kernel has; 0: none. */
int th_landlock_version(void);

/* The environment variable that leaves walls out, for measuring what they cost and for tests: a list of names, or "all". */
#define TH_WALLS_OFF "TALENTHOST_WALLS_OFF"

#endif
