/* doctor.h - tries the walls of the sandbox for real: children are confined as workers are and then do what they should
 * not be able to do. */
#ifndef TH_RUN_DOCTOR_H
#define TH_RUN_DOCTOR_H

#include <stddef.h>

#include "run/confine.h"

typedef struct th_wall_trial {
    th_wall_state state; /* TH_WALL_MISSING also when it went up and yet held nothing */
    char how[192];       /* what was tried and how it ended, or why the wall is left out */
} th_wall_trial;

/* Try each wall alone, in a child that has no other. */
void th_doctor_walls(th_wall_trial out[TH_WALL_COUNT]);

typedef struct th_attack {
    const char *name; /* "open a file" */
    bool refused;
    char how[128]; /* the system's answer */
} th_attack;

enum { TH_ATTACKS = 9 };

/* Try to break out of one child that has all walls of a worker, for `memory` bytes of plugin states. */
void th_doctor_attacks(size_t memory, th_attack out[TH_ATTACKS]);

#endif
