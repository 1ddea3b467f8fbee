/* cmd_watch.c - `talenthost watch`: run a plugin again each time one of its files is saved. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "cli/author.h"

enum { SETTLE_MS = 60 }; /* editors write a file in several steps */

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
    (void)signal;
    stopped = 1;
}

/* ---- one run ---- */

/* A new lab for every run: all state is fresh. */
static bool run_once(th_cli *cli, const char *name, const th_article *article, const th_str *text)
{
    th_arena *arena = th_arena_new();
    th_assets assets;
    th_error err = {0};
    th_lab *lab = NULL;
    th_str rows = {0};
    double cpu_s = 0;
    th_status status = arena ? th_assets_read(&assets, arena, &cli->config, &err) : TH_ERR_NOMEM;

    th_lab_options options = {.assets = &assets, .limits = th_author_limits(&cli->config), .path = name, .dir = "."};
    if (status == TH_OK && (status = th_lab_open(&lab, &options, &err)) == TH_OK) {
        th_author_print_faults(lab);
        status = article ? th_lab_article(lab, article, &err)
                         : th_lab_text(lab, th_str_text(text), text->len, cli->title, cli->date, &err);
    }
    if (status == TH_OK)
        status = th_lab_run(lab, name, th_terminal_width(stdout), cli->json, &rows, &cpu_s, &err);
    if (status == TH_OK) {
        th_cli_emit(&rows, EXIT_WELL);
        if (!cli->quiet)
            th_log(TH_LOG_INFO, "%s: %.1f ms", name, cpu_s * 1e3);
    } else {
        th_log(TH_LOG_ERROR, "%s", err.text);
    }
    th_lab_close(lab);
    th_str_free(&rows);
    th_arena_free(arena);
    return status == TH_OK;
}

/* ---- watching ---- */

static void watch_folder(int fd, const char *path)
{
    inotify_add_watch(fd, path, IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE);
}

/* The plugin folders and their data and lib folders. */
static th_status watch_all(th_cli *cli, int fd, th_error *err)
{
    static const char *const below[] = {"", "data", "lib"};
    size_t count = 0;

    for (size_t i = 0; i < cli->config.plugins.count; i++) {
        const char *path = cli->config.plugins.items[i];
        struct stat st;
        th_str folder = {0};
        if (stat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            th_str_puts(&folder, path);
        else
            th_path_dir(&folder, path);
        for (int k = 0; k < 3; k++) {
            th_str full = {0};
            th_path_join(&full, th_str_text(&folder), below[k]);
            watch_folder(fd, *below[k] ? th_str_text(&full) : th_str_text(&folder));
            th_str_free(&full);
        }
        count++;
        th_str_free(&folder);
    }
    return count ? TH_OK : th_error_set(err, TH_ERR_MISSING, "watch: none of the plugin folders is there");
}

/* Does one of the events concern a file that shapes a plugin? */
static bool is_change(const char *events, ssize_t len)
{
    bool found = false;

    for (const char *p = events; p < events + len;) {
        const struct inotify_event *e = (const struct inotify_event *)(const void *)p;
        size_t n = e->len ? strlen(e->name) : 0;
        found |= n > 4 && *e->name != '.' && e->name[n - 1] != '~';
        p += sizeof *e + e->len;
    }
    return found;
}

/* Wait for a change; false when the program is to end. */
static bool wait_for_change(int fd)
{
    _Alignas(struct inotify_event) char events[8192];
    struct pollfd p = {.fd = fd, .events = POLLIN};

    for (bool changed = false; !stopped;) {
        int ready = poll(&p, 1, changed ? SETTLE_MS : -1);
        if (ready == 0)
            return true;
        if (ready < 0)
            continue; /* a signal: the loop looks */
        ssize_t len = read(fd, events, sizeof events);
        if (len > 0)
            changed |= is_change(events, len);
        if (!changed && len <= 0 && errno != EINTR && errno != EAGAIN)
            return false;
    }
    return false;
}

static int watch(th_cli *cli, const char *name, const th_article *article, const th_str *text)
{
    struct sigaction action = {.sa_handler = stop};
    th_error err = {0};
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

    if (fd < 0)
        return th_cli_fail(&(th_error){TH_ERR_IO, "watch: the system gives no inotify"});
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    bool well = false;
    if (watch_all(cli, fd, &err) == TH_OK) {
        do {
            well = run_once(cli, name, article, text);
            if (!cli->quiet)
                th_log(TH_LOG_INFO, "watching %s; Ctrl-C ends", name);
        } while (wait_for_change(fd));
    }
    close(fd);
    if (err.status != TH_OK)
        return th_cli_fail(&err);
    return well ? EXIT_WELL : EXIT_SOME_FAILED;
}

/* The text to run on when no article is named: the arguments behind the plugin, or a sample of the field. */
static void make_text(th_cli *cli, th_str *text)
{
    static const char sample[] = "港城发布人才新政\n2023年，港城市引进高层次人才1200人，发放人才补贴3.5亿元，惠及企业880家。\n"
                                 "“港湾英才”计划实施以来，累计建成人才公寓2400套，连续三年居全省第一。\n";

    for (size_t i = 1; i < cli->arg_count; i++)
        th_str_addf(text, "%s%s", i > 1 ? "\n" : "", cli->args[i]);
    if (cli->arg_count < 2)
        th_str_puts(text, sample);
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_article *article = NULL;
    th_str text = {0};
    th_status status;
    int result;

    if (!cli->arg_count)
        return th_cli_misuse(cli, "expected a plugin");
    const char *name = th_author_plugin(cli, cli->args[0]);
    if ((status = th_cli_configure(cli, &err)) == TH_OK && name != cli->args[0])
        status = th_author_add_path(cli, cli->args[0], &err);
    if (status == TH_OK)
        status = th_author_article(cli, &article, &err);
    make_text(cli, &text);
    result = status == TH_OK ? watch(cli, name, article, &text) : th_cli_fail(&err);
    th_str_free(&text);
    return result;
}

const th_command th_cmd_watch = {
    "watch",
    "PLUGIN [TEXT…]",
    "run a plugin again each time it is saved",
    "Runs PLUGIN (a name or a file) with what it needs on the article --article names, on TEXT, or on a few sentences of the field, prints its rows and the\n"
    "time it took, and does so again, from a fresh state, when a file of the plugin folders is saved. Ctrl-C ends it.",
    OPT_CONFIG | OPT_STORE | OPT_ARTICLE | OPT_TITLE | OPT_DATE | OPT_JSON | OPT_QUIET,
    run,
};
