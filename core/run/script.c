/* script.c - see script.h. */
#include "run/script.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/pack.h"
#include "run/confine.h"

enum { REPLY = 3, DESCRIPTORS = 64 };
#define ADDRESS_SPACE ((size_t)8 << 30) /* what a query over a large store may take */

/* What the child does: its answer is a status, a message and, behind them, what `reply` holds. */
typedef th_status (*child_fn)(void *ctx, th_str *reply, th_error *err);

/* Keep the folder that is written to, the script's own for reading, and what is open already; the rest is walled off. */
static th_status confine(const th_script_options *options, const th_assets *assets, const char *output, th_error *err)
{
    th_str dir = {0};
    th_walls walls;
    char text[1024];

    th_path_dir(&dir, options->path);
    const char *readable[] = {th_str_text(&dir)};
    th_confinement c = {.calls = TH_CALLS_SCRIPT,
                        .files = DESCRIPTORS,
                        .memory = ADDRESS_SPACE,
                        .may_grow_files = true,
                        .readable = readable,
                        .readable_count = 1,
                        .writable = output};
    th_confine_prepare();
    th_confine(&c, &walls);
    th_str_free(&dir);
    th_walls_warning(&walls, text, sizeof text);
    if (*text && output)
        th_log(TH_LOG_WARN, "%s: %s", options->path, text);
    return assets->sandbox_config ? th_walls_require(&walls, assets->sandbox_config, err) : TH_OK;
}

static _Noreturn void be_child(child_fn fn, void *ctx, int fd)
{
    th_error err = {0};
    th_str reply = {0}, answer = {0};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(fd, REPLY);
    closefrom(REPLY + 1);
    fd = REPLY;
    th_status status = fn(ctx, &reply, &err);
    if (fflush(stdout) != 0 && status == TH_OK)
        status = th_error_set(&err, TH_ERR_IO, "standard output: %s", strerror(errno));
    th_pack_u32(&answer, status);
    th_pack_cstr(&answer, status == TH_OK ? NULL : err.text);
    th_str_add(&answer, th_str_text(&reply), reply.len);
    bool sent = th_str_ok(&answer) && th_write_all(fd, answer.data, answer.len);
    th_str_free(&reply);
    th_str_free(&answer);
    _exit(sent ? 0 : 1);
}

static th_status read_answer(int fd, pid_t pid, const char *path, th_str *answer, th_unpack *in, th_error *err)
{
    int how = 0;
    th_status status = th_file_read_fd(answer, fd, "script", 0, err);

    close(fd);
    while (waitpid(pid, &how, 0) < 0 && errno == EINTR)
        continue;
    if (status != TH_OK)
        return status;
    if (WIFSIGNALED(how))
        return th_error_set(err, TH_ERR_CRASH, "%s:1: the script's process died: %s", path, strsignal(WTERMSIG(how)));
    *in = (th_unpack){th_str_text(answer), th_str_text(answer) + answer->len, false};
    status = (th_status)th_unpack_u32(in);
    const char *text = th_unpack_cstr(in);
    if (in->failed)
        return th_error_set(err, TH_ERR_CRASH, "%s:1: the script's process ended without an answer", path);
    return status == TH_OK ? TH_OK : th_error_set(err, status, "%s", text ? text : "");
}

/* Run `fn` in a child; `in` reads what it replied, from `answer`. */
static th_status in_child(child_fn fn, void *ctx, const char *path, th_str *answer, th_unpack *in, th_error *err)
{
    int ends[2];

    if (pipe(ends) != 0)
        return th_error_set(err, TH_ERR_IO, "%s: no pipe for its process: %s", path, strerror(errno));
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0) {
        int number = errno;
        close(ends[0]);
        close(ends[1]);
        return th_error_set(err, TH_ERR_IO, "%s: its process can not be started: %s", path, strerror(number));
    }
    if (pid == 0) {
        close(ends[0]);
        be_child(fn, ctx, ends[1]);
    }
    close(ends[1]);
    return read_answer(ends[0], pid, path, answer, in, err);
}

typedef struct execution {
    const th_script_options *options;
    const th_config *config; /* NULL while only its needs are asked for */
    const th_assets *assets;
} execution;

static th_status probe(void *ctx, th_str *reply, th_error *err)
{
    const execution *e = ctx;
    const char **needs;
    size_t count = 0;
    th_arena *arena = th_arena_new();
    th_status status = arena ? confine(e->options, e->assets, NULL, err) : TH_ERR_NOMEM;

    if (status == TH_OK)
        status = th_script_needs(e->options, arena, &needs, &count, err);

    th_pack_u32(reply, (uint32_t)count);
    for (size_t i = 0; status == TH_OK && i < count; i++)
        th_pack_cstr(reply, needs[i]);
    th_arena_free(arena);
    return status;
}

th_status th_script_probe(const th_script_options *options, const th_assets *assets, th_arena *arena,
                          const char ***needs, size_t *count, th_error *err)
{
    execution e = {options, NULL, assets};
    th_str answer = {0};
    th_unpack in;
    th_status status = in_child(probe, &e, options->path, &answer, &in, err);

    *count = 0;
    if (status == TH_OK) {
        size_t total = th_unpack_u32(&in);
        *needs = th_arena_zalloc(arena, total + 1, sizeof **needs);
        for (; *needs && *count < total; ++*count) {
            const char *name = th_unpack_cstr(&in);
            if (!name || !((*needs)[*count] = th_arena_copy(arena, name, strlen(name))))
                break;
        }
        if (!*needs || *count < total)
            status = th_error_set(err, TH_ERR_CRASH, "%s:1: the script's process sent a broken answer", options->path);
    }
    th_str_free(&answer);
    return status;
}

/* Read one of the report's files; one that is not there stays empty, and writing a report says so. */
static void read_part(th_str *out, const char *home, const char *name)
{
    th_str path = {0};

    th_path_join(&path, home, "data/report/");
    th_str_puts(&path, name);
    th_file_read(out, th_str_text(&path), 0, NULL);
    th_str_free(&path);
}

static void read_page(th_page *page, const char *home)
{
    read_part(&page->frame, home, "report.html");
    read_part(&page->style, home, "report.css");
    read_part(&page->program, home, "report.js");
    read_part(&page->charts, home, "charts.js");
}

static void free_page(th_page *page)
{
    th_str_free(&page->frame);
    th_str_free(&page->style);
    th_str_free(&page->program);
    th_str_free(&page->charts);
}

static th_status describe(void *ctx, th_str *reply, th_error *err)
{
    const execution *e = ctx;
    th_str text = {0};
    th_status status = confine(e->options, e->assets, NULL, err);

    if (status == TH_OK)
        status = th_script_describe(e->options, &text, err);
    th_pack_text(reply, th_str_text(&text), text.len);
    th_str_free(&text);
    return status;
}

th_status th_script_help(const th_script_options *options, const th_assets *assets, th_str *out, th_error *err)
{
    execution e = {options, NULL, assets};
    th_str answer = {0};
    th_unpack in;
    th_status status = in_child(describe, &e, options->path, &answer, &in, err);

    if (status == TH_OK) {
        size_t len = 0;
        const char *text = th_unpack_text(&in, &len);
        th_str_add(out, text, in.failed ? 0 : len);
    }
    th_str_free(&answer);
    return status;
}

static th_status execute(void *ctx, th_str *reply, th_error *err)
{
    const execution *e = ctx;
    const th_assets *a = e->assets;
    th_gazetteer *gazetteer = NULL;
    th_store *store = NULL;
    th_page page = {0};
    th_script_options options = *e->options;
    th_status status;

    (void)reply;
    read_page(&page, e->config->home);
    options.page = &page;
    options.lang = e->config->lang;
    if ((status = th_gazetteer_load(&gazetteer, a->divisions.path, a->divisions.bytes, a->divisions.len, a->zones.path,
                                    a->zones.bytes, a->zones.len, err)) == TH_OK &&
        (status = th_store_open(&store, e->config->store, TH_STORE_READ, err)) == TH_OK && /* its log too: it has read */
        (status = confine(e->options, a, e->config->output, err)) == TH_OK)
        status = th_script_run(&options, store, gazetteer, err);
    free_page(&page);
    th_store_close(store);
    th_gazetteer_free(gazetteer);
    return status;
}

/* Make `folder` and what it stands in; the number of bytes of its path that were there before. */
static size_t make_folder(char *folder)
{
    size_t there = 0;

    for (char *slash = folder; *slash; slash++) {
        if (slash[1] != '/' && slash[1] != '\0')
            continue;
        char after = slash[1];
        slash[1] = '\0';
        bool made = mkdir(folder, 0777) == 0;
        slash[1] = after;
        if (!made)
            there = (size_t)(slash - folder) + 1;
    }
    return there;
}

/* Take away folders that make_folder() made and nothing was put in. */
static void drop_folder(char *folder, size_t there)
{
    for (size_t len = strlen(folder); len > there && rmdir(folder) == 0; folder[len] = '\0')
        while (len > there && folder[--len] != '/')
            continue;
}

th_status th_script_execute(const th_script_options *options, const th_config *config, const th_assets *assets, th_error *err)
{
    execution e = {options, config, assets};
    th_str answer = {0};
    th_unpack in;
    char *output = strdup(config->output); /* must be there before the walls are */

    if (!output)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", options->path);
    size_t there = make_folder(output);
    th_status status = in_child(execute, &e, options->path, &answer, &in, err);
    drop_folder(output, there);
    free(output);
    th_str_free(&answer);
    return status;
}
