/* script.c - see script.h. */
#include "run/script.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/pack.h"

/* What the child does: its answer is a status, a message and, behind them, what `reply` holds. */
typedef th_status (*child_fn)(void *ctx, th_str *reply, th_error *err);

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t sent = write(fd, bytes, len);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

static _Noreturn void be_child(child_fn fn, void *ctx, int fd)
{
    th_error err = {0};
    th_str reply = {0}, answer = {0};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    th_status status = fn(ctx, &reply, &err);
    if (fflush(stdout) != 0 && status == TH_OK)
        status = th_error_set(&err, TH_ERR_IO, "standard output: %s", strerror(errno));
    th_pack_u32(&answer, status);
    th_pack_cstr(&answer, status == TH_OK ? NULL : err.text);
    th_str_add(&answer, th_str_text(&reply), reply.len);
    bool sent = th_str_ok(&answer) && write_all(fd, answer.data, answer.len);
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

static th_status probe(void *ctx, th_str *reply, th_error *err)
{
    const char **needs;
    size_t count = 0;
    th_arena *arena = th_arena_new();
    th_status status = arena ? th_script_needs(ctx, arena, &needs, &count, err) : TH_ERR_NOMEM;

    th_pack_u32(reply, (uint32_t)count);
    for (size_t i = 0; status == TH_OK && i < count; i++)
        th_pack_cstr(reply, needs[i]);
    th_arena_free(arena);
    return status;
}

th_status th_script_probe(const th_script_options *options, th_arena *arena, const char ***needs,
                          size_t *count, th_error *err)
{
    th_script_options copy = *options;
    th_str answer = {0};
    th_unpack in;
    th_status status = in_child(probe, &copy, options->path, &answer, &in, err);

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

typedef struct execution {
    const th_script_options *options;
    const th_config *config;
    const th_assets *assets;
} execution;

static th_status execute(void *ctx, th_str *reply, th_error *err)
{
    const execution *e = ctx;
    const th_assets *a = e->assets;
    th_gazetteer *gazetteer = NULL;
    th_store *store = NULL;
    th_status status;

    (void)reply;
    if ((status = th_gazetteer_load(&gazetteer, a->divisions.path, a->divisions.bytes, a->divisions.len, a->zones.path,
                                    a->zones.bytes, a->zones.len, err)) == TH_OK &&
        (status = th_store_open(&store, e->config->store, TH_STORE_READ, err)) == TH_OK)
        status = th_script_run(e->options, store, gazetteer, err);
    th_store_close(store);
    th_gazetteer_free(gazetteer);
    return status;
}

th_status th_script_execute(const th_script_options *options, const th_config *config, const th_assets *assets, th_error *err)
{
    execution e = {options, config, assets};
    th_str answer = {0};
    th_unpack in;
    th_status status = in_child(execute, &e, options->path, &answer, &in, err);

    th_str_free(&answer);
    return status;
}
