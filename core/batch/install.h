/* install.h - hand jobs to the schedulers of the system, and take them back. What is written says on whose behalf and has a checksum, so that just that
 * is taken out again, and nothing that somebody changed. */
#ifndef TH_BATCH_INSTALL_H
#define TH_BATCH_INSTALL_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "batch/units.h"

typedef struct th_install {
    const th_unit_place *place;
    const th_config *config;
    bool (*local)(const char *zone); /* is it the system's? */
} th_install;

/* Units in the folder of systemd for the user, or with place->user those of the system (under DESTDIR, where that is set: then systemctl is
 * not called). Those of earlier times for this configuration are replaced. `told` receives a line for each file. */
th_status th_install_units(const th_install *in, th_str *told, th_error *err);
th_status th_remove_units(const th_install *in, th_str *told, th_error *err);

/* Lines between marks in the user's crontab, by the program crontab; with place->user a file in /etc/cron.d. Other lines stay, byte for byte. */
th_status th_install_cron(const th_install *in, th_str *told, th_error *err);
th_status th_remove_cron(const th_install *in, th_str *told, th_error *err);

#endif
