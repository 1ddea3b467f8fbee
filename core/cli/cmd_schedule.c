/* cmd_schedule.c - `talenthost schedule`: when jobs run, and who starts them. A row of `verbs` is a word behind `schedule`. */
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/zone.h"
#include "batch/units.h"
#include "cli/cli.h"

typedef struct verb {
    const char *name;
    int (*run)(th_cli *cli); /* cli->args[0] is the verb; the configuration has been read */
} verb;

static int out_of_memory(void)
{
    return th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
}

/* ---- list ---- */

static int list(th_cli *cli)
{
    static const char *const columns[] = {"job", "schedule", "next"};
    th_table *table = th_cli_table(cli, columns, 3);
    bool ok = table != NULL;

    for (size_t i = 0; ok && i < cli->config.batch_count; i++) {
        const th_batch_job *job = &cli->config.batch[i];
        const char *zone = th_job_zone(&cli->config, job);
        char next[TH_ZONE_TEXT] = "";
        if (job->when)
            th_zone_write(zone, th_schedule_next(&job->schedule, zone, time(NULL)), next);
        ok = th_table_row(table) && th_table_text(table, job->name, strlen(job->name)) &&
             th_table_text(table, job->when ? job->when : "", job->when ? strlen(job->when) : 0) && th_table_text(table, next, strlen(next));
    }
    int status = ok ? th_cli_print_table(cli, table, EXIT_WELL) : out_of_memory();
    th_table_free(table);
    return status;
}

/* ---- install ---- */

static const char *in_arena(th_cli *cli, const char *text)
{
    return text ? th_arena_copy(cli->arena, text, strlen(text)) : NULL;
}

/* The folder of `path` (or `path` itself), absolute. */
static const char *absolute(th_cli *cli, const char *path, bool folder_of)
{
    th_str dir = {0}, joined = {0};
    char cwd[PATH_MAX];

    if (folder_of)
        th_path_dir(&dir, path);
    else
        th_str_puts(&dir, path);
    if (!getcwd(cwd, sizeof cwd))
        strcpy(cwd, "/");
    if (strcmp(th_str_text(&dir), ".") == 0)
        th_str_puts(&joined, cwd);
    else
        th_path_join(&joined, cwd, th_str_text(&dir));
    const char *found = in_arena(cli, th_str_text(&joined));
    th_str_free(&dir);
    th_str_free(&joined);
    return found;
}

/* What jobs write: the store and what lies beside it, output, exports. */
static bool list_writes(th_cli *cli, th_unit_place *place)
{
    const th_config *c = &cli->config;
    size_t most = 2;

    for (size_t i = 0; i < c->batch_count; i++)
        most += c->batch[i].export_count;
    const char **writes = th_arena_zalloc(cli->arena, most, sizeof *writes);
    if (!writes)
        return false;
    writes[place->write_count++] = absolute(cli, c->store, true);
    writes[place->write_count++] = absolute(cli, c->output, true);
    for (size_t i = 0; i < c->batch_count; i++)
        for (size_t k = 0; k < c->batch[i].export_count; k++)
            writes[place->write_count++] = absolute(cli, c->batch[i].exports[k].output, true);
    place->writes = writes;
    for (size_t i = 0; i < place->write_count; i++)
        if (!writes[i])
            return false;
    return true;
}

/* A system's units run as the owner of the configuration. */
static bool find_place(th_cli *cli, th_unit_place *place)
{
    char program[PATH_MAX], cwd[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    struct stat st;

    *place = (th_unit_place){.config = cli->config.file};
    if (len < 0 || !getcwd(cwd, sizeof cwd))
        return false;
    program[len] = '\0';
    place->program = in_arena(cli, program);
    place->folder = in_arena(cli, cwd);
    if (cli->system) {
        struct passwd *owner = stat(cli->config.file, &st) == 0 ? getpwuid(st.st_uid) : NULL;
        place->user = in_arena(cli, owner ? owner->pw_name : "root");
        if (!place->user)
            return false;
    }
    return place->program && place->folder && list_writes(cli, place);
}

static bool is_system_zone(const char *zone)
{
    char here[PATH_MAX], there[PATH_MAX], path[PATH_MAX];

    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone);
    return realpath("/etc/localtime", here) && realpath(path, there) && strcmp(here, there) == 0;
}

static void print_units(const th_cli *cli, const th_unit_place *place, th_str *out)
{
    for (size_t i = 0; i < cli->config.batch_count; i++) {
        const th_batch_job *job = &cli->config.batch[i];
        if (!job->when)
            continue;
        th_str_addf(out, "# talenthost-%s.service\n", job->name);
        th_unit_service(place, job, out);
        th_str_addf(out, "\n# talenthost-%s.timer\n", job->name);
        th_unit_timer(&cli->config, job, out);
        th_str_putc(out, '\n');
    }
}

static int install(th_cli *cli)
{
    th_unit_place place;
    th_str out = {0};

    if (cli->systemd == cli->cron)
        return th_cli_misuse(cli, "install: say --systemd or --cron");
    if (!find_place(cli, &place))
        return out_of_memory();
    if (cli->systemd)
        print_units(cli, &place, &out);
    else
        th_cron_lines(&place, &cli->config, is_system_zone, &out);
    int status = th_str_ok(&out) ? th_cli_emit(&out, EXIT_WELL) : out_of_memory();
    th_str_free(&out);
    return status;
}

static const verb verbs[] = {{"list", list}, {"install", install}};

static int run(th_cli *cli)
{
    th_error err = {0};

    for (size_t i = 0; cli->arg_count && i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(cli->args[0], verbs[i].name) != 0)
            continue;
        if (th_cli_configure(cli, &err) != TH_OK)
            return th_cli_fail(&err);
        if (!cli->config.batch_count)
            return th_cli_misuse(cli, "there are no jobs: list them under batch: in config.yaml");
        return verbs[i].run(cli);
    }
    return th_cli_misuse(cli, "expected list or install, got %s", cli->arg_count ? cli->args[0] : "nothing");
}

const th_command th_cmd_schedule = {
    "schedule",
    "list | install --systemd|--cron [--print]",
    "when the jobs of config.yaml run, and who starts them",
    "list shows the jobs under batch: in config.yaml with their next times. install hands those with a schedule to the system: units of systemd or\n"
    "lines of a crontab.",
    OPT_STORE | OPT_CONFIG | OPT_CSV | OPT_JSON | OPT_TIMERS | OPT_QUIET,
    run,
};
