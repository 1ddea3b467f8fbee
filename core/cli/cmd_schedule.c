/* cmd_schedule.c - `talenthost schedule`: when jobs run, and who starts them. A row of `verbs` is a word behind `schedule`. */
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/zone.h"
#include "batch/install.h"
#include "batch/units.h"
#include "cli/batch.h"

typedef struct verb {
    const char *name;
    int (*run)(th_cli *cli); /* cli->args[0] is the verb; the configuration has been read */
} verb;

static int out_of_memory(void)
{
    return th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
}

/* ---- list ---- */

static bool take_text(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    (void)names;
    if (values && count && values[0].type == TH_CELL_TEXT)
        th_str_add(ctx, values[0].text, values[0].len);
    return true;
}

/* "ok 2026-11-25T02:00:00Z", of the last run that was one. */
static void last_run(th_store *store, const char *job, th_str *out)
{
    static const char sql[] = "SELECT status || ' ' || started_at FROM run WHERE job = ?1 AND status <> 'missed' ORDER BY id DESC LIMIT 1";
    const th_cell name = {.type = TH_CELL_TEXT, .text = job, .len = strlen(job)};
    th_error ignored = {0};

    th_str_clear(out);
    if (store)
        th_store_query(store, sql, &name, 1, take_text, out, &ignored);
}

static int list(th_cli *cli)
{
    static const char *const columns[] = {"job", "schedule", "next", "last", "needs"};
    th_table *table = th_cli_table(cli, columns, 5);
    th_store *store = NULL;
    th_error ignored = {0};
    th_str last = {0}, needs = {0};
    bool ok = table != NULL;

    if (access(cli->config.store, F_OK) == 0 && th_store_open(&store, cli->config.store, TH_STORE_READ, &ignored) != TH_OK)
        th_log(TH_LOG_WARN, "%s", ignored.text);
    for (size_t i = 0; ok && i < cli->config.batch_count; i++) {
        const th_batch_job *job = &cli->config.batch[i];
        const char *zone = th_job_zone(&cli->config, job);
        char next[TH_ZONE_TEXT] = "";
        if (job->when)
            th_zone_write(zone, th_schedule_next(&job->schedule, zone, th_cli_now()), next);
        last_run(store, job->name, &last);
        th_str_clear(&needs);
        for (size_t k = 0; k < job->need_count; k++)
            th_str_addf(&needs, "%s%s", k ? " " : "", job->needs[k]);
        ok = th_table_row(table) && th_table_text(table, job->name, strlen(job->name)) &&
             th_table_text(table, job->when ? job->when : "", job->when ? strlen(job->when) : 0) && th_table_text(table, next, strlen(next)) &&
             th_table_text(table, th_str_text(&last), last.len) && th_table_text(table, th_str_text(&needs), needs.len);
    }
    int status = ok ? th_cli_print_table(cli, table, EXIT_WELL) : out_of_memory();
    th_table_free(table);
    th_store_close(store);
    th_str_free(&last);
    th_str_free(&needs);
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

    *place = (th_unit_place){.config = cli->config.file, .store = cli->store};
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

static bool any_schedule(const th_config *c)
{
    for (size_t i = 0; i < c->batch_count; i++)
        if (c->batch[i].when)
            return true;
    return false;
}

static int print(const th_cli *cli, const th_unit_place *place)
{
    th_str out = {0};

    if (cli->systemd)
        print_units(cli, place, &out);
    else
        th_cron_lines(place, &cli->config, is_system_zone, &out);
    int status = th_str_ok(&out) ? th_cli_emit(&out, EXIT_WELL) : out_of_memory();
    th_str_free(&out);
    return status;
}

/* Tell of each line of `told`. */
static void tell(const char *what, th_str *told)
{
    for (const char *p = th_str_text(told); *p;) {
        size_t len = strcspn(p, "\n");
        th_log(TH_LOG_INFO, "%s %.*s", what, (int)len, p);
        p += len + (p[len] == '\n');
    }
    th_str_free(told);
}

static int install(th_cli *cli)
{
    th_unit_place place;
    th_install in = {&place, &cli->config, is_system_zone};
    th_str told = {0};
    th_error err = {0};

    if (cli->systemd == cli->cron)
        return th_cli_misuse(cli, "install: say --systemd or --cron");
    if (!any_schedule(&cli->config))
        return th_cli_misuse(cli, "install: no job has a schedule:");
    if (!find_place(cli, &place))
        return out_of_memory();
    if (cli->print)
        return print(cli, &place);
    th_status status = cli->systemd ? th_install_units(&in, &told, &err) : th_install_cron(&in, &told, &err);
    tell("wrote", &told);
    return status == TH_OK ? EXIT_WELL : th_cli_fail(&err);
}

/* Without --systemd and --cron both are looked for. A crontab is none where there is no cron. */
static int uninstall(th_cli *cli)
{
    th_unit_place place;
    th_install in = {&place, &cli->config, is_system_zone};
    th_str told = {0};
    th_error err = {0}, cron = {0};
    th_status status = TH_OK;

    if (!find_place(cli, &place))
        return out_of_memory();
    if (cli->systemd || !cli->cron)
        status = th_remove_units(&in, &told, &err);
    if ((cli->cron || !cli->systemd) && th_remove_cron(&in, &told, &cron) != TH_OK && (cli->cron || cron.status == TH_ERR_USAGE) && status == TH_OK)
        status = th_error_set(&err, cron.status, "%s", cron.text);
    if (status == TH_OK && !told.len)
        th_log(TH_LOG_INFO, "nothing was installed for %s", cli->config.file);
    tell("removed from", &told);
    return status == TH_OK ? EXIT_WELL : th_cli_fail(&err);
}

/* ---- run ---- */

static volatile sig_atomic_t asked_to_end, asked_to_read, stopped;

static void take_signal(int number)
{
    if (number == SIGHUP)
        asked_to_read = 1;
    else if (asked_to_end++)
        stopped = 1; /* the second one: what runs is ended too */
}

/* Read the configuration again, into an arena of its own; a wrong one is told of, and the old one holds. */
static void read_again(th_cli *cli, th_arena **own)
{
    th_arena *before = cli->arena, *fresh = th_arena_new();
    th_config kept = cli->config;
    th_error err = {0};

    asked_to_read = 0;
    cli->arena = fresh ? fresh : before;
    if (fresh && th_cli_configure(cli, &err) == TH_OK && cli->config.batch_count) {
        th_arena_free(*own);
        *own = fresh;
        th_log(TH_LOG_INFO, "%s is read again: %zu job%s", cli->config.file, cli->config.batch_count, cli->config.batch_count == 1 ? "" : "s");
    } else {
        cli->config = kept;
        th_arena_free(fresh);
        th_log(TH_LOG_ERROR, "the configuration stays as it was: %s", err.status != TH_OK ? err.text : "there are no jobs in the file");
    }
    cli->arena = before;
}

/* When something comes next: the earliest of the jobs' times. */
static int64_t next_time(th_cli *cli, const th_batch_options *options)
{
    int64_t best = INT64_MAX;

    for (size_t i = 0; i < cli->config.batch_count; i++) {
        int64_t t = -1;
        th_error ignored = {0};
        if (th_batch_next(options, &cli->config.batch[i], &t, &ignored) == TH_OK && t >= 0 && t < best)
            best = t;
    }
    return best;
}

enum { LOOK_S = 20, PAUSE_LEAST_S = 60, PAUSE_MOST_S = 3600 };

/* Until `until` by the clock, or a signal; looks up at least every 20 seconds, since the clock may be set, and be set back. */
static void sleep_until(int64_t until)
{
    const struct timespec step = {0, getenv("TALENTHOST_TEST_CLOCK") ? 50000000 : 500000000};
    double waited = 0;

    while (!asked_to_end && !asked_to_read && th_cli_now() < until && waited < LOOK_S) {
        nanosleep(&step, NULL);
        waited += (double)step.tv_nsec * 1e-9;
    }
}

/* Run what is due, once. False: something could not even begin, and is still due. */
static bool run_due(th_cli *cli, const th_batch_options *options)
{
    th_arena *before = cli->arena, *own = th_arena_new();
    th_batch_plan plan;
    th_error err = {0};
    bool still_due = false;

    if (!own)
        return false;
    cli->arena = own;
    th_status status = th_batch_begin(options, &err);
    if (status != TH_OK && status != TH_ERR_BUSY)
        th_log(TH_LOG_WARN, "%s", err.text);
    th_error_clear(&err);
    status = th_batch_choose(options, NULL, 0, true, own, &plan, &err);
    if (status != TH_OK) {
        th_log(TH_LOG_ERROR, "%s", err.text);
        still_due = true;
    } else if (plan.count) {
        th_cli_batch_run(cli, options, &plan, &still_due);
    }
    cli->arena = before;
    th_arena_free(own);
    return !still_due;
}

/* The scheduler itself, for where there is no other. */
static int run_always(th_cli *cli)
{
    th_batch_options options;
    th_arena *own = NULL;
    int64_t pause = 0, not_before = 0;

    if (!th_cli_batch_options(cli, &options))
        return out_of_memory();
    options.wait_s = cli->wait_s != 0 ? cli->wait_s : -1;
    options.stop = &stopped;
    signal(SIGTERM, take_signal);
    signal(SIGINT, take_signal);
    signal(SIGHUP, take_signal);
    th_log(TH_LOG_INFO, "running %zu job%s by their schedules; SIGTERM ends it, SIGHUP reads %s again", cli->config.batch_count,
           cli->config.batch_count == 1 ? "" : "s", cli->config.file);
    while (!asked_to_end) {
        while (getpid() == 1 && waitpid(-1, NULL, WNOHANG) > 0)
            ; /* in a container: whose parent died is ours */
        if (asked_to_read)
            read_again(cli, &own);
        if (th_cli_now() >= not_before || th_cli_now() < not_before - pause) {
            pause = run_due(cli, &options) ? 0 : pause ? pause * 2 : PAUSE_LEAST_S;
            pause = pause > PAUSE_MOST_S ? PAUSE_MOST_S : pause;
            not_before = th_cli_now() + pause;
        }
        if (asked_to_end)
            break;
        int64_t next = next_time(cli, &options);
        sleep_until(next > not_before ? next : not_before);
    }
    th_arena_free(own);
    th_log(TH_LOG_INFO, "ended");
    return EXIT_WELL;
}

static const verb verbs[] = {{"list", list}, {"run", run_always}, {"install", install}, {"remove", uninstall}};

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
    return th_cli_misuse(cli, "expected list, run, install or remove, got %s", cli->arg_count ? cli->args[0] : "nothing");
}

const th_command th_cmd_schedule = {
    "schedule",
    "list | run | install --systemd|--cron [--system] [--print] | remove",
    "when the jobs of config.yaml run, and who starts them",
    "list shows the jobs under batch: in config.yaml with their next and last runs. install hands those with a schedule to the system: units of systemd or\n"
    "lines of a crontab, of the user or of the --system; --print shows them and writes nothing. remove takes out what install wrote, and nothing else. run\n"
    "stays and starts the jobs itself, where there is neither (in a container): a job whose time went by runs once; SIGTERM ends it after the jobs at hand,\n"
    "a second one ends them too; SIGHUP reads config.yaml again.",
    OPT_STORE | OPT_CONFIG | OPT_CSV | OPT_JSON | OPT_TIMERS | OPT_WAIT | OPT_REPORT | OPT_QUIET,
    run,
};
