/* spawn.c - see spawn.h. */
#include "batch/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum { HEAD = 32 << 10, TAIL = 32 << 10, GRACE_S = 5, STEP_MS = 100 };

/* In the child; never returns. */
static void start(const th_spawn *what, int input, int output)
{
    static const int taken[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE};
    const char *lock = getenv("TALENTHOST_LOCK");
    int fd = lock ? atoi(lock) : -1;

    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        signal(taken[i], SIG_DFL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
        _exit(127);
    if (!what->with_lock)
        unsetenv("TALENTHOST_LOCK");
    else if (fd > 2)
        fcntl(fd, F_SETFD, 0);
    for (const char *const *e = what->env; e && *e; e++)
        putenv((char *)*e);
    execvp(what->argv[0], (char *const *)what->argv);
    dprintf(STDERR_FILENO, "%s: %s\n", what->argv[0], strerror(errno));
    _exit(127);
}

/* What was said comes in pieces: the first bytes stay, of the others the last. */
static void keep(th_str *head, th_str *tail, bool *cut, const char *bytes, size_t len)
{
    if (head->len < HEAD && !tail->len) {
        size_t room = HEAD - head->len, n = len < room ? len : room;
        th_str_add(head, bytes, n);
        bytes += n;
        len -= n;
    }
    th_str_add(tail, bytes, len);
    if (tail->len > 2 * TAIL) {
        memmove(tail->data, tail->data + tail->len - TAIL, TAIL + 1);
        tail->len = TAIL;
        *cut = true;
    }
}

static void join(th_str *out, th_str *head, th_str *tail, bool cut)
{
    const char *rest = th_str_text(tail);
    size_t skip = tail->len > TAIL ? tail->len - TAIL : 0;

    th_str_add(out, th_str_text(head), head->len);
    if (cut || skip) {
        skip += strcspn(rest + skip, "\n");
        th_str_puts(out, "\n[… left out …]");
    }
    th_str_add(out, rest + skip, tail->len - skip);
    th_str_free(head);
    th_str_free(tail);
}

/* Read until it has ended and nobody holds the pipe any more, or it is over: `*out` tells why. */
static void follow(const th_spawn *what, pid_t pid, int pipe_end, th_spawned *out)
{
    th_str head = {0}, tail = {0};
    bool cut = false, open_end = true, ended = false;
    double began = th_clock_seconds(), killed = 0;
    int state = 0;

    while (!ended || open_end) {
        struct pollfd p = {pipe_end, POLLIN, 0};
        char bytes[8192];
        if (open_end && poll(&p, 1, STEP_MS) > 0) {
            ssize_t got = read(pipe_end, bytes, sizeof bytes);
            open_end = got > 0 || (got < 0 && errno == EINTR);
            if (got > 0 && what->whole)
                th_str_add(&head, bytes, (size_t)got);
            else if (got > 0)
                keep(&head, &tail, &cut, bytes, (size_t)got);
            if (got > 0) {
                ssize_t shown = what->quiet ? 0 : write(STDERR_FILENO, bytes, (size_t)got);
                (void)shown; /* it is kept, also where it can not be shown */
            }
        } else if (ended) {
            break; /* a program it left behind has the pipe: not waited for */
        }
        if (!ended)
            ended = waitpid(pid, &state, open_end ? WNOHANG : 0) == pid;
        double now = th_clock_seconds();
        bool late = what->limit_s > 0 && now - began > what->limit_s, stop = what->stop && *what->stop;
        if (!ended && !killed && (late || stop)) {
            out->timed_out = late;
            out->stopped = !late;
            kill(-pid, SIGTERM);
            killed = now;
        } else if (!ended && killed && now - killed > GRACE_S) {
            kill(-pid, SIGKILL);
        }
    }
    kill(-pid, SIGKILL); /* what is left of its group */
    out->exit_status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    join(&out->said, &head, &tail, cut);
}

static int input_of(const char *text)
{
    int fd = memfd_create("input", MFD_CLOEXEC);

    if (fd >= 0 && text && (write(fd, text, strlen(text)) < 0 || lseek(fd, 0, SEEK_SET) < 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

th_status th_spawn_run(const th_spawn *what, th_spawned *out, th_error *err)
{
    int ends[2] = {-1, -1}, input = input_of(what->input);
    th_status status = TH_OK;

    *out = (th_spawned){0};
    if (input < 0 || pipe2(ends, O_CLOEXEC) != 0) {
        status = th_error_set(err, TH_ERR_IO, "%s: can not be started: %s", what->argv[0], strerror(errno));
        goto done;
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0) {
        status = th_error_set(err, TH_ERR_IO, "%s: can not be started: %s", what->argv[0], strerror(errno));
        goto done;
    }
    if (pid == 0)
        start(what, input, ends[1]);
    setpgid(pid, pid); /* both do it, so that it has happened for either */
    close(ends[1]);
    ends[1] = -1;
    follow(what, pid, ends[0], out);
    if (!th_str_ok(&out->said))
        status = th_error_set(err, TH_ERR_NOMEM, "out of memory");
done:
    if (input >= 0)
        close(input);
    if (ends[0] >= 0)
        close(ends[0]);
    if (ends[1] >= 0)
        close(ends[1]);
    return status;
}
