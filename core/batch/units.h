/* units.h - jobs as text for the schedulers a system has: systemd's units, lines of a crontab. Pure: nothing is read or written. */
#ifndef TH_BATCH_UNITS_H
#define TH_BATCH_UNITS_H

#include <stdbool.h>

#include "base/str.h"
#include "config.h"

/* From where jobs are started: as the user does it who installs them, so that paths in the store stay the same. */
typedef struct th_unit_place {
    const char *program;    /* absolute */
    const char *folder;     /* the current one; absolute */
    const char *config;     /* as named, relative to `folder` */
    const char *store;      /* as named on the command line; NULL: that of the configuration */
    const char *const *writes; /* folders that are written to, absolute */
    size_t write_count;
    const char *user;       /* of a system's unit or crontab; NULL: the user's own */
} th_unit_place;

/* The zone a job's schedule is in; NULL: the system's. */
const char *th_job_zone(const th_config *config, const th_batch_job *job);

void th_unit_service(const th_unit_place *place, const th_batch_job *job, th_str *out);
void th_unit_timer(const th_config *config, const th_batch_job *job, th_str *out);

/* A line for each job with a schedule. cron knows no zones: a job in another zone than the system's (`local`: is this zone the system's?) is looked at
 * at each quarter of an hour at which its time may come, and `batch --due` decides. */
void th_cron_lines(const th_unit_place *place, const th_config *config, bool (*local)(const char *zone), th_str *out);

#endif
