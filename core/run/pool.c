/* pool.c - see pool.h. One loop around poll(); a window of tasks is in flight with every worker, so that neither side
 * waits for the other. */
#include "run/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "run/convert.h"

enum { SOCKET = 3, WINDOW = 16, WORKERS_MAX = 256, RETRIES = 3, START_TRIES = TH_PLUGINS_MAX + 3, TICK_MS = 100,
       CONVERT_WALLS = 12 /* a document's conversion may take so many times limits.wall */ };

/* Tasks in flight may carry 32 MB together; a giant file travels alone. */
enum { BYTES_IN_FLIGHT = 32 << 20 };

typedef struct flight {
    uint64_t id;
    unsigned lost; /* workers that died while this was only waiting */
} flight;

typedef struct slot {
    pid_t pid; /* 0: no process */
    th_wire wire;
    th_beat *beat; /* shared with the process */
    flight flights[WINDOW];
    size_t count;
    th_convert *convert; /* what its document is being turned into; it waits for it */
    bool ready;    /* it said hello */
    bool timed_out;
    bool broke;        /* what it sent can not be read */
    uint64_t broke_at; /* in the answer to this task; 0: to none of its own */
    int64_t deadline;          /* the one seen last, */
    int64_t queued, looked_at; /* time_queued() then, and when that was */
} slot;

struct th_pool {
    const th_assets *assets;
    th_limits limits;
    size_t size;
    slot slots[WORKERS_MAX];
    th_arena *arena;
    th_pool_plugin *plugins;
    bool sample;
    bool known; /* `plugins` is filled */
    uint64_t skip;
    flight retries[WORKERS_MAX * WINDOW]; /* tasks to hand out again */
    size_t retry_count;
    const th_pool_ops *ops;
    void *ctx;
    bool no_more; /* ops->next has ended */
    th_str payload;
};

/* ---- processes ---- */

th_status th_pool_open(th_pool **out, const th_assets *assets, const th_limits *limits, size_t jobs, th_error *err)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    th_pool *pool;

    *out = NULL;
    if (assets->bundle.plugin_count > TH_PLUGINS_MAX)
        return th_error_set(err, TH_ERR_USAGE, "%zu plugins found, at most %d can be used in one run; name fewer folders in plugins:",
                            assets->bundle.plugin_count, TH_PLUGINS_MAX);
    pool = calloc(1, sizeof *pool);
    if (!pool || !(pool->arena = th_arena_new())) {
        free(pool);
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    }
    pool->assets = assets;
    pool->limits = *limits;
    pool->size = jobs ? jobs : cores > 0 ? (size_t)cores : 1;
    if (pool->size > WORKERS_MAX)
        pool->size = WORKERS_MAX;
    for (size_t i = 0; i < pool->size; i++)
        pool->slots[i].wire.fd = -1;
    *out = pool;
    return TH_OK;
}

void th_pool_sample(th_pool *pool)
{
    pool->sample = true;
}

/* In the child: nothing of the parent's but this worker's own socket. */
static _Noreturn void become_worker(th_pool *pool, slot *s, int fd)
{
    th_worker_setup setup = {pool->assets, pool->limits, pool->skip, s->beat, SOCKET, pool->sample};

    int null = open("/dev/null", O_RDWR);

    dup2(null, STDIN_FILENO); /* what a worker says goes over its socket */
    dup2(null, STDOUT_FILENO);
#ifndef TH_SANITIZED /* whose reports go there */
    dup2(null, STDERR_FILENO);
#endif
    dup2(fd, SOCKET);
    closefrom(SOCKET + 1); /* the database, other workers' sockets */
    _exit(th_worker_main(&setup));
}

static th_status spawn(th_pool *pool, slot *s, th_error *err)
{
    int pair[2];

    if (!s->beat) {
        void *page = mmap(NULL, sizeof *s->beat, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED)
            return th_error_set(err, TH_ERR_NOMEM, "worker: no shared page: %s", strerror(errno));
        s->beat = page;
    }
    atomic_store(&s->beat->task, 0);
    atomic_store(&s->beat->plugin, TH_AT_START);
    atomic_store(&s->beat->deadline_ns, 0);
    atomic_store(&s->beat->item, 0);
    atomic_store(&s->beat->many, false);
    s->beat->path[0] = '\0';
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return th_error_set(err, TH_ERR_IO, "worker: no socket: %s", strerror(errno));
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0) {
        int number = errno;
        close(pair[0]);
        close(pair[1]);
        return th_error_set(err, TH_ERR_IO, "worker: can not be started: %s", strerror(number));
    }
    if (pid == 0) {
        close(pair[0]);
        become_worker(pool, s, pair[1]);
    }
    close(pair[1]);
    th_wire_init(&s->wire, pair[0]);
    s->pid = pid;
    s->ready = s->timed_out = s->broke = false;
    s->broke_at = 0;
    s->deadline = s->looked_at = 0;
    return TH_OK;
}

/* Take the process away; the text says how it ended. */
static void reap(slot *s, char *how, size_t size)
{
    int status = 0;

    th_convert_free(s->convert);
    s->convert = NULL;
    th_wire_close(&s->wire);
    kill(s->pid, SIGKILL); /* no-op when it is dead; a worker with a broken socket must not live on */
    while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    s->pid = 0;
    if (WIFSIGNALED(status))
        snprintf(how, size, "%s", strsignal(WTERMSIG(status)));
    else
        snprintf(how, size, "exit status %d", WEXITSTATUS(status));
}

void th_pool_close(th_pool *pool)
{
    char how[64];

    if (!pool)
        return;
    for (size_t i = 0; i < pool->size; i++) {
        if (pool->slots[i].pid)
            reap(&pool->slots[i], how, sizeof how);
        if (pool->slots[i].beat)
            munmap(pool->slots[i].beat, sizeof *pool->slots[i].beat);
    }
    th_str_free(&pool->payload);
    th_arena_free(pool->arena);
    free(pool);
}

static void take_log(const th_message *m)
{
    th_unpack in = {m->bytes, m->bytes + m->len, false};
    uint32_t level = th_unpack_u32(&in);
    const char *text = th_unpack_cstr(&in);

    if (text && level <= TH_LOG_ERROR)
        th_log((th_log_level)level, "%s", text);
}

/* ---- hello ---- */

static void note_plugin(th_pool *pool, size_t i, th_status status, const char *message)
{
    pool->plugins[i] = (th_pool_plugin){NULL, status, th_arena_copy(pool->arena, message, strlen(message))};
}

static th_status read_hello(th_pool *pool, const th_message *m, th_error *err)
{
    th_unpack in = {m->bytes, m->bytes + m->len, false};
    th_status status = (th_status)th_unpack_u32(&in);

    if (status != TH_OK) {
        const char *text = th_unpack_cstr(&in);
        return th_error_set(err, status, "%s", text ? text : "worker: can not start");
    }
    if (pool->known)
        return TH_OK;
    const char *warning = th_unpack_cstr(&in);
    if (warning && *warning)
        th_log(TH_LOG_WARN, "%s", warning);
    for (size_t i = 0; i < pool->assets->bundle.plugin_count; i++) {
        status = (th_status)th_unpack_u32(&in);
        if (status != TH_OK) {
            const char *text = th_unpack_cstr(&in);
            if (!(pool->skip >> i & 1))
                note_plugin(pool, i, status, text ? text : "");
            continue;
        }
        pool->plugins[i].manifest = th_manifest_read(&in, pool->arena);
    }
    if (in.failed)
        return th_error_set(err, TH_ERR_CRASH, "worker: sent a broken greeting");
    pool->known = true;
    return TH_OK;
}

/* A worker died before it said hello: blame the plugin it was loading, and leave that one out from now on. */
static th_status died_at_start(th_pool *pool, slot *s, th_error *err)
{
    char how[64];
    int plugin = atomic_load(&s->beat->plugin);
    bool late = s->timed_out;

    reap(s, how, sizeof how);
    if (plugin < 0)
        return th_error_set(err, TH_ERR_CRASH, "worker: died while starting: %s", how);
    const char *path = pool->assets->bundle.plugins[plugin].path;
    char text[512];
    if (late)
        snprintf(text, sizeof text, "%s:1: loading took longer than limits.wall (%g s)", path,
                 pool->assets->limits[plugin].wall_s);
    else
        snprintf(text, sizeof text, "%s:1: loading killed its worker: %s", path, how);
    pool->skip |= (uint64_t)1 << plugin;
    note_plugin(pool, (size_t)plugin, late ? TH_ERR_TIMEOUT : TH_ERR_CRASH, text);
    return TH_OK;
}

/* Nanoseconds for which the process was ready to run and others had the cores; 0 where the kernel does not count it. */
static int64_t time_queued(pid_t pid)
{
    char path[64], text[128];
    long long queued = 0;

    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0)
        close(fd);
    text[len > 0 ? len : 0] = '\0';
    return sscanf(text, "%*d %lld", &queued) == 1 ? queued : 0;
}

/* Has the worker's step taken too long? On a busy machine the time it waited for a core is not held against it. What it had waited
 * before is looked up at most once a tick, so a step that overruns has been seen in time. */
static bool overdue(slot *s, int64_t now)
{
    int64_t deadline = atomic_load(&s->beat->deadline_ns);

    if (deadline != s->deadline && now - s->looked_at >= (int64_t)TICK_MS * 1000000) {
        s->deadline = deadline;
        s->looked_at = now;
        s->queued = time_queued(s->pid);
    }
    return deadline && now > deadline && deadline == s->deadline && now > deadline + time_queued(s->pid) - s->queued;
}

/* Start the worker of `s` and wait for its hello. */
static th_status start_worker(th_pool *pool, slot *s, th_error *err)
{
    for (int tries = 0; tries < START_TRIES; tries++) {
        th_status status = spawn(pool, s, err);
        while (status == TH_OK) {
            struct pollfd p = {.fd = s->wire.fd, .events = POLLIN};
            th_message m;
            poll(&p, 1, TICK_MS);
            int got = th_wire_get(&s->wire, &m, false);
            if (got > 0 && m.type == TH_MSG_LOG) {
                take_log(&m); /* of a plugin's top */
                continue;
            }
            if (got > 0) {
                s->ready = true;
                return read_hello(pool, &m, err);
            }
            if (overdue(s, th_clock_ns())) {
                s->timed_out = true;
                got = -1;
            }
            if (got < 0) {
                status = died_at_start(pool, s, err);
                break;
            }
        }
        if (status != TH_OK)
            return status;
    }
    return th_error_set(err, TH_ERR_CRASH, "worker: died again and again while starting");
}

th_status th_pool_plugins(th_pool *pool, const th_pool_plugin **out, th_error *err)
{
    if (!pool->plugins) {
        pool->plugins = th_arena_zalloc(pool->arena, pool->assets->bundle.plugin_count + 1, sizeof *pool->plugins);
        if (!pool->plugins)
            return th_error_set(err, TH_ERR_NOMEM, "out of memory");
        th_status status = start_worker(pool, &pool->slots[0], err);
        if (status != TH_OK)
            return status;
    }
    *out = pool->plugins;
    return TH_OK;
}

/* ---- tasks ---- */

static bool take_task(th_pool *pool, flight *out)
{
    if (pool->retry_count) {
        *out = pool->retries[--pool->retry_count];
        return true;
    }
    if (pool->no_more)
        return false;
    *out = (flight){.id = pool->ops->next(pool->ctx)};
    if (out->id == TH_POOL_LATER)
        return false;
    pool->no_more = out->id == 0;
    return !pool->no_more;
}

/* Is the worker at, or will it come to, a task that takes long? */
static bool is_taken_up(const th_pool *pool, const slot *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (pool->ops->is_long(pool->ctx, s->flights[i].id))
            return true;
    return false;
}

/* Fill the worker's window. */
static void feed(th_pool *pool, slot *s)
{
    flight f;

    while (s->count < WINDOW && !is_taken_up(pool, s) && s->wire.out.len - s->wire.out_sent < BYTES_IN_FLIGHT / WINDOW && take_task(pool, &f)) {
        th_message_type type;
        int fd = -1;
        th_str_clear(&pool->payload);
        th_pack_u64(&pool->payload, f.id);
        if (!pool->ops->encode(pool->ctx, f.id, &type, &pool->payload, &fd))
            continue;
        if (!th_str_ok(&pool->payload) || !th_wire_put(&s->wire, type, pool->payload.data, pool->payload.len, fd)) {
            pool->ops->lost(pool->ctx, f.id, &(th_loss){TH_AT_LOADING, TH_ERR_CRASH, "out of memory while handing it to a worker",
                                                        .path = ""});
            continue;
        }
        s->flights[s->count++] = f;
    }
}

/* The task's place among those the worker has; NULL: it was not given it. */
static flight *find_flight(slot *s, uint64_t id)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->flights[i].id == id)
            return &s->flights[i];
    return NULL;
}

static void forget_flight(slot *s, uint64_t id)
{
    flight *f = find_flight(s, id);

    if (f)
        memmove(f, f + 1, (size_t)(&s->flights[--s->count] - f) * sizeof *f);
}

/* ---- documents that another program reads ---- */

static th_status answer_convert(slot *s, th_status outcome, const char *text, size_t len, const char *note, th_error *err)
{
    th_str reply = {0};

    th_pack_u32(&reply, outcome);
    th_pack_text(&reply, text, len);
    th_pack_cstr(&reply, note);
    bool ok = th_str_ok(&reply) && th_wire_put(&s->wire, TH_MSG_CONVERTED, reply.data, reply.len, -1);
    th_str_free(&reply);
    th_wire_flush(&s->wire, false); /* a dead peer shows when its socket is read */
    return ok ? TH_OK : th_error_set(err, TH_ERR_NOMEM, "out of memory");
}

static th_status begin_convert(th_pool *pool, slot *s, th_unpack *in, th_error *err)
{
    const th_converter_options options = {pool->limits.wall_s * CONVERT_WALLS, pool->assets->sandbox_config};
    const char *format = th_unpack_cstr(in);
    size_t len;
    const char *bytes = th_unpack_text(in, &len);
    th_error fault = {0};

    if (in->failed || !format || s->convert)
        return th_error_set(err, TH_ERR_CRASH, "worker: sent a broken answer");
    th_status status = th_convert_start(&s->convert, format, bytes, len, &options, &fault);
    return status == TH_OK ? TH_OK : answer_convert(s, status, fault.text, strlen(fault.text), NULL, err);
}

static th_status step_converts(th_pool *pool, th_error *err)
{
    th_status status = TH_OK;

    for (size_t i = 0; status == TH_OK && i < pool->size; i++) {
        slot *s = &pool->slots[i];
        th_str text = {0}, note = {0};
        th_error fault = {0};
        th_status outcome;
        if (!s->convert || !th_convert_step(s->convert, &outcome, &text, &note, &fault))
            continue;
        th_convert_free(s->convert);
        s->convert = NULL;
        if (outcome == TH_OK && !th_str_ok(&text))
            outcome = th_error_set(&fault, TH_ERR_NOMEM, "out of memory");
        if (outcome == TH_OK)
            status = answer_convert(s, outcome, th_str_text(&text), text.len, th_str_text(&note), err);
        else
            status = answer_convert(s, outcome, fault.text, strlen(fault.text), NULL, err);
        th_str_free(&text);
        th_str_free(&note);
    }
    return status;
}

static th_status take_message(th_pool *pool, slot *s, const th_message *m, th_error *err)
{
    th_unpack in = {m->bytes, m->bytes + m->len, false};

    if (m->fd >= 0)
        close(m->fd);
    if (m->type == TH_MSG_HELLO) {
        s->ready = true;
        return read_hello(pool, m, err);
    }
    if (m->type == TH_MSG_LOG) {
        take_log(m);
        return TH_OK;
    }
    if (m->type == TH_MSG_CONVERT)
        return begin_convert(pool, s, &in, err);
    if (m->type == TH_MSG_STACKS)
        return pool->ops->answer(pool->ctx, 0, m->type, &in, err);
    uint64_t id = th_unpack_u64(&in);
    if (!find_flight(s, id))
        return th_error_set(err, TH_ERR_CRASH, "worker: answered what it was not asked");
    s->broke_at = id;
    th_status status = pool->ops->answer(pool->ctx, id, m->type, &in, err);
    if (status != TH_OK)
        return status;
    s->broke_at = 0;
    if (m->type == TH_MSG_DONE)
        forget_flight(s, id);
    return TH_OK;
}

static void give_back(th_pool *pool, flight f)
{
    pool->retries[pool->retry_count++] = f;
}

static double wall_s(const th_pool *pool, int plugin)
{
    const th_manifest *m = plugin >= 0 ? pool->plugins[plugin].manifest : NULL;

    return m ? m->limits.wall_s : pool->limits.wall_s;
}

/* The worker is gone: settle whose fault it was, and hand its other tasks out again. */
static th_status bury(th_pool *pool, slot *s, th_error *err)
{
    char how[64], text[256];
    uint64_t task = atomic_load(&s->beat->task);
    int plugin = atomic_load(&s->beat->plugin);
    bool late = s->timed_out;

    if (!s->ready)
        return died_at_start(pool, s, err);
    reap(s, how, sizeof how);
    if (s->broke) {
        snprintf(text, sizeof text, "its worker sent an answer that can not be read, and was ended");
        plugin = TH_AT_LOADING; /* which plugin made it do so is not known */
        task = s->broke_at ? s->broke_at : task;
    } else if (late)
        snprintf(text, sizeof text, "no answer within limits.wall (%g s); its worker was killed", wall_s(pool, plugin));
    else
        snprintf(text, sizeof text, "its worker died: %s", how);
    th_status status = late ? TH_ERR_TIMEOUT : TH_ERR_CRASH;
    const th_loss idle = {TH_AT_LOADING, status, text, .path = ""};
    const th_loss loss = {plugin, status, text, atomic_load(&s->beat->item), atomic_load(&s->beat->many), s->beat->path};
    for (size_t i = s->count; i-- > 0;) { /* backwards: retries are taken from the end */
        flight f = s->flights[i];
        bool blamed = f.id == task || (!task && ++f.lost > RETRIES);
        if (!blamed || pool->ops->lost(pool->ctx, f.id, f.id == task ? &loss : &idle))
            give_back(pool, f);
    }
    s->count = 0;
    return TH_OK;
}

static th_status serve_slot(th_pool *pool, slot *s, th_error *err)
{
    th_message m;
    int got = th_wire_get(&s->wire, &m, false);

    /* Only what one reading brought: a worker that sends without end must not keep the others waiting, nor the clock. */
    while (got > 0) {
        th_status status = take_message(pool, s, &m, err);
        if (s->ready && m.type != TH_MSG_HELLO && (status == TH_ERR_CRASH || status == TH_ERR_PARSE)) {
            s->broke = true; /* the rest of what it sent is no better */
            kill(s->pid, SIGKILL);
            return bury(pool, s, err);
        }
        if (status != TH_OK)
            return status;
        got = th_wire_next(&s->wire, &m);
    }
    if (got == 0)
        th_wire_flush(&s->wire, false); /* a dead peer shows when what it sent is read to the end */
    return got < 0 ? bury(pool, s, err) : TH_OK;
}

static th_status wake_workers(th_pool *pool, th_error *err)
{
    for (size_t i = 0; i < pool->size; i++) {
        slot *s = &pool->slots[i];
        if (!s->pid && (!pool->no_more || pool->retry_count)) {
            th_status status = spawn(pool, s, err);
            if (status != TH_OK)
                return status;
        }
        if (s->pid && s->ready) {
            feed(pool, s);
            th_wire_flush(&s->wire, false); /* a dead peer shows when its socket is read */
        }
    }
    return TH_OK;
}

static void kill_overdue(th_pool *pool)
{
    int64_t now = th_clock_ns();

    for (size_t i = 0; i < pool->size; i++) {
        slot *s = &pool->slots[i];
        if (s->pid && !s->timed_out && overdue(s, now)) {
            s->timed_out = true;
            kill(s->pid, SIGKILL);
        }
    }
}

static bool busy(const th_pool *pool)
{
    for (size_t i = 0; i < pool->size; i++)
        if (pool->slots[i].count)
            return true;
    return !pool->no_more || pool->retry_count;
}

static th_status wait_and_serve(th_pool *pool, th_error *err)
{
    struct pollfd polls[2 * WORKERS_MAX + 1];
    slot *of[2 * WORKERS_MAX + 1];
    int input = pool->ops->waits_for && !pool->no_more ? pool->ops->waits_for(pool->ctx) : -1;
    nfds_t count = 0;
    th_status status = TH_OK;

    for (size_t i = 0; i < pool->size; i++) {
        slot *s = &pool->slots[i];
        if (s->pid) {
            of[count] = s;
            polls[count++] = (struct pollfd){
                .fd = s->wire.fd, .events = (short)(POLLIN | (th_wire_pending(&s->wire) ? POLLOUT : 0))};
        }
        if (s->convert) {
            of[count] = NULL;
            polls[count++] = (struct pollfd){.fd = th_convert_fd(s->convert), .events = POLLIN};
        }
    }
    if (input >= 0) {
        of[count] = NULL;
        polls[count++] = (struct pollfd){.fd = input, .events = POLLIN};
    }
    if (poll(polls, count, TICK_MS) < 0 && errno != EINTR)
        return th_error_set(err, TH_ERR_IO, "poll: %s", strerror(errno));
    for (nfds_t i = 0; status == TH_OK && i < count; i++)
        if (polls[i].revents && of[i])
            status = serve_slot(pool, of[i], err);
    if (status == TH_OK)
        status = step_converts(pool, err);
    kill_overdue(pool);
    return status;
}

th_status th_pool_run(th_pool *pool, const th_pool_ops *ops, void *ctx, th_error *err)
{
    th_status status = TH_OK;

    pool->ops = ops;
    pool->ctx = ctx;
    pool->no_more = false;
    while (status == TH_OK) {
        status = wake_workers(pool, err);
        if (status != TH_OK || !busy(pool))
            break;
        status = wait_and_serve(pool, err);
        if (status == TH_OK)
            status = ops->tick(ctx, err);
    }
    return status;
}
