/* units.c - see units.h. */
#include "batch/units.h"

#include <string.h>

const char *th_job_zone(const th_config *config, const th_batch_job *job)
{
    return job->timezone ? job->timezone : config->timezone;
}

/* ---- systemd ---- */

/* A word in quotes: % is doubled, of a command line (systemd.service(5)) $ too. */
static void add_unit_word(th_str *out, const char *word, bool command)
{
    th_str_putc(out, '"');
    for (; *word; word++) {
        if (*word == '"' || *word == '\\')
            th_str_putc(out, '\\');
        if (*word == '%' || (*word == '$' && command))
            th_str_putc(out, *word);
        th_str_putc(out, *word);
    }
    th_str_putc(out, '"');
}

/* A path as the value of a setting: only % means something. */
static void add_unit_path(th_str *out, const char *path)
{
    for (; *path; path++) {
        if (*path == '%')
            th_str_putc(out, '%');
        th_str_putc(out, *path);
    }
}

/* What needs no privileges holds for a user's unit too. */
static const char walls[] = "NoNewPrivileges=yes\n"
                            "LockPersonality=yes\n"
                            "RestrictRealtime=yes\n"
                            "RestrictSUIDSGID=yes\n"
                            "SystemCallArchitectures=native\n";
static const char system_walls[] = "ProtectSystem=strict\n"
                                   "ProtectHome=read-only\n"
                                   "PrivateTmp=yes\n"
                                   "PrivateDevices=yes\n"
                                   "ProtectKernelTunables=yes\n"
                                   "ProtectKernelModules=yes\n"
                                   "ProtectKernelLogs=yes\n"
                                   "ProtectControlGroups=yes\n"
                                   "ProtectClock=yes\n"
                                   "ProtectHostname=yes\n"
                                   "RestrictNamespaces=yes\n"
                                   "CapabilityBoundingSet=\n";

void th_unit_service(const th_unit_place *place, const th_batch_job *job, th_str *out)
{
    th_str_addf(out, "[Unit]\nDescription=talenthost job %s\n\n[Service]\nType=oneshot\nWorkingDirectory=", job->name);
    add_unit_path(out, place->folder);
    th_str_puts(out, "\nExecStart=");
    add_unit_word(out, place->program, true);
    th_str_puts(out, " batch --quiet --config ");
    add_unit_word(out, place->config, true);
    if (place->store) {
        th_str_puts(out, " --store ");
        add_unit_word(out, place->store, true);
    }
    th_str_addf(out, " %s\n", job->name);
    th_str_puts(out, "TimeoutStartSec=infinity\nNice=10\n"); /* the job has a limit of its own */
    if (place->user)
        th_str_addf(out, "User=%s\n", place->user);
    th_str_puts(out, walls);
    if (!place->user)
        return;
    th_str_puts(out, system_walls);
    for (size_t i = 0; i < place->write_count; i++) {
        th_str_puts(out, "ReadWritePaths=");
        add_unit_word(out, place->writes[i], false);
        th_str_putc(out, '\n');
    }
}

void th_unit_timer(const th_config *config, const th_batch_job *job, th_str *out)
{
    th_str calendar = {0};

    th_schedule_calendar(&job->schedule, th_job_zone(config, job), &calendar);
    th_str_addf(out, "[Unit]\nDescription=talenthost job %s: %s\n\n[Timer]\n", job->name, job->when);
    for (const char *p = th_str_text(&calendar); *p;) {
        size_t len = strcspn(p, "\n");
        th_str_addf(out, "OnCalendar=%.*s\n", (int)len, p);
        p += len + (p[len] == '\n');
    }
    th_str_puts(out, "Persistent=true\nAccuracySec=1s\n\n[Install]\nWantedBy=timers.target\n");
    out->failed |= !th_str_ok(&calendar);
    th_str_free(&calendar);
}

/* ---- cron ---- */

/* A word for the shell that cron starts; cron itself takes % as the end of the line. */
static void add_cron_word(th_str *out, const char *word)
{
    th_str quoted = {0};

    th_str_add_word(&quoted, word);
    for (const char *p = th_str_text(&quoted); *p; p++) {
        if (*p == '%')
            th_str_putc(out, '\\');
        th_str_putc(out, *p);
    }
    out->failed |= !th_str_ok(&quoted);
    th_str_free(&quoted);
}

/* Zones differ by quarters of an hour: these minutes of any hour are those at which the time may come. */
static void add_quarters(th_str *out, uint64_t minutes)
{
    const char *between = "";

    for (int m = 0; m < 60; m++)
        if ((minutes >> m | minutes >> (m + 15) % 60 | minutes >> (m + 30) % 60 | minutes >> (m + 45) % 60) & 1) {
            th_str_addf(out, "%s%d", between, m);
            between = ",";
        }
    th_str_puts(out, " * * * *");
}

void th_cron_lines(const th_unit_place *place, const th_config *config, bool (*local)(const char *zone), th_str *out)
{
    for (size_t i = 0; i < config->batch_count; i++) {
        const th_batch_job *job = &config->batch[i];
        const char *zone = th_job_zone(config, job);
        bool plain = !zone || local(zone);
        if (!job->when)
            continue;
        if (plain)
            th_str_puts(out, job->schedule.cron);
        else
            add_quarters(out, job->schedule.minutes);
        if (place->user)
            th_str_addf(out, " %s", place->user);
        th_str_puts(out, " cd ");
        add_cron_word(out, place->folder);
        th_str_puts(out, " && ");
        add_cron_word(out, place->program);
        th_str_puts(out, plain ? " batch --quiet --config " : " batch --quiet --due --config ");
        add_cron_word(out, place->config);
        if (place->store) {
            th_str_puts(out, " --store ");
            add_cron_word(out, place->store);
        }
        th_str_addf(out, " %s\n", job->name);
    }
}
