/* doctor.c - see doctor.h. Parent and child share a page, where the child notes how far it came. */
#include "run/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/worker.h"

/* How one attempt went. */
typedef struct attempt {
    bool refused;
    char how[128];
} attempt;

typedef void (*attempt_fn)(attempt *a);

/* Note the outcome of the call `what`, which gave `rc`; below zero it was refused. */
static void note(attempt *a, const char *what, long rc)
{
    a->refused = rc < 0;
    snprintf(a->how, sizeof a->how, "%s: %s", what, rc < 0 ? strerror(errno) : "it went through");
}

/* ---- what should not work ---- */

static void open_file(attempt *a)
{
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    note(a, "open(\"/\")", fd);
    if (fd >= 0)
        close(fd);
}

static void make_file(attempt *a)
{
    static const char name[] = ".talenthost-doctor";
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    note(a, "open(…, O_CREAT)", fd);
    if (fd >= 0) {
        close(fd);
        unlink(name);
    }
}

static void reach_network(attempt *a)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    note(a, "socket(AF_INET)", fd);
    if (fd >= 0)
        close(fd);
}

static void start_process(attempt *a)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    note(a, "fork()", pid);
    if (pid > 0)
        waitpid(pid, NULL, 0);
}

static void run_program(attempt *a)
{
    char *const args[] = {"true", NULL};

    snprintf(a->how, sizeof a->how, "execve(): it went through"); /* and nothing of us is left to say so */
    note(a, "execve()", execve("/bin/true", args, args));
}

static void signal_parent(attempt *a)
{
    note(a, "kill(parent, 0)", kill(getppid(), 0));
}

static void trace_parent(attempt *a)
{
    long rc = ptrace(PTRACE_SEIZE, getppid(), NULL, NULL);

    note(a, "ptrace(parent)", rc);
    if (rc == 0)
        ptrace(PTRACE_DETACH, getppid(), NULL, NULL);
}

static void grow_file(attempt *a)
{
    int fd = memfd_create("doctor", MFD_CLOEXEC);

    note(a, "write() to a file", fd < 0 ? -1 : write(fd, "x", 1));
    if (fd >= 0)
        close(fd);
}

static void take_memory(attempt *a)
{
    const size_t size = (size_t)1 << 40;
    void *block = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    note(a, "mmap(1 TiB)", block == MAP_FAILED ? -1 : 0);
    if (block != MAP_FAILED)
        munmap(block, size);
}

static void open_many(attempt *a)
{
    int fd = 0;

    for (int i = 0; i < 4096 && fd >= 0; i++)
        fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    note(a, "4096 descriptors", fd);
}

static void gain_privileges(attempt *a)
{
    bool none = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;

    a->refused = none;
    snprintf(a->how, sizeof a->how, "no_new_privs is %d", none);
}

static void dump_core(attempt *a)
{
    a->refused = true;
    snprintf(a->how, sizeof a->how, "abort() left no core");
    signal(SIGABRT, SIG_DFL);
    raise(SIGABRT);
}

/* ---- children ---- */

static void *shared_page(size_t size)
{
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return page == MAP_FAILED ? NULL : page;
}

/* Wait for the child; its wait status. */
static int end_of(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

static const attempt_fn alone[TH_WALL_COUNT] = {
    [TH_WALL_CORE] = dump_core,         [TH_WALL_FILES] = open_many,
    [TH_WALL_GROWTH] = grow_file,       [TH_WALL_PROCESSES] = start_process,
    [TH_WALL_MEMORY] = take_memory,     [TH_WALL_PARENT] = NULL,
    [TH_WALL_PRIVILEGES] = gain_privileges, [TH_WALL_LANDLOCK] = open_file,
    [TH_WALL_SECCOMP] = reach_network,
};

typedef struct trial_page {
    th_walls walls;
    attempt attempt;
    pid_t orphan; /* TH_WALL_PARENT: the grandchild */
} trial_page;

static void confine_for(th_wall wall, trial_page *page)
{
    th_confinement c = th_worker_confinement(0);

    c.only = 1u << wall | 1u << TH_WALL_PRIVILEGES; /* without which an ordinary user can put up neither Landlock nor seccomp */
    th_confine(&c, &page->walls);
}

/* A grandchild is left behind: it should be gone when its parent is. It holds the writing end of a pipe as long as it lives. */
static void try_orphan(trial_page *page)
{
    int ends[2];
    char byte;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return;
    pid_t middle = fork();
    if (middle == 0) {
        pid_t last = fork();
        if (last == 0) {
            close(ends[0]);
            confine_for(TH_WALL_PARENT, page);
            if (write(ends[1], "r", 1) == 1)
                poll(NULL, 0, 10000);
            _exit(0);
        }
        page->orphan = last;
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) == 1 ? 0 : 1);
    }
    close(ends[1]);
    if (middle > 0)
        end_of(middle);
    struct pollfd end = {.fd = ends[0], .events = POLLIN};
    page->attempt.refused = poll(&end, 1, 2000) > 0;
    snprintf(page->attempt.how, sizeof page->attempt.how, "left behind by its parent: %s",
             page->attempt.refused ? "ended" : "it went on");
    if (!page->attempt.refused && page->orphan > 0)
        kill(page->orphan, SIGKILL);
    close(ends[0]);
}

static void try_in_child(th_wall wall, trial_page *page)
{
    pid_t pid = fork();

    if (pid == 0) {
        confine_for(wall, page);
        alone[wall](&page->attempt);
        _exit(0);
    }
    int status = pid > 0 ? end_of(pid) : 0;
    if (WIFSIGNALED(status) && WCOREDUMP(status)) {
        page->attempt.refused = false;
        snprintf(page->attempt.how, sizeof page->attempt.how, "abort() left a core");
    }
}

static void judge(th_wall wall, const trial_page *page, th_wall_trial *out)
{
    bool root_forks = wall == TH_WALL_PROCESSES && geteuid() == 0;

    out->state = page->walls.state[wall];
    if (out->state != TH_WALL_STANDS) {
        snprintf(out->how, sizeof out->how, "%s", page->walls.why[wall]);
        return;
    }
    if (!page->attempt.how[0]) {
        out->state = TH_WALL_MISSING;
        snprintf(out->how, sizeof out->how, "the child that tried it died");
        return;
    }
    if (!page->attempt.refused && !root_forks)
        out->state = TH_WALL_MISSING;
    snprintf(out->how, sizeof out->how, "%s%s", page->attempt.how,
             root_forks ? ", since it does not bind root; seccomp refuses it" : "");
}

void th_doctor_walls(th_wall_trial out[TH_WALL_COUNT])
{
    trial_page *page = shared_page(sizeof *page);

    fflush(stdout);
    for (int wall = 0; wall < TH_WALL_COUNT; wall++) {
        out[wall] = (th_wall_trial){TH_WALL_MISSING, "no memory to try it"};
        if (!page)
            continue;
        *page = (trial_page){0};
        if (alone[wall])
            try_in_child((th_wall)wall, page);
        else
            try_orphan(page);
        judge((th_wall)wall, page, &out[wall]);
    }
    if (page)
        munmap(page, sizeof *page);
}

static const struct {
    const char *name;
    attempt_fn fn;
} attacks[TH_ATTACKS] = {
    {"open a file", open_file},          {"make a file", make_file},         {"reach the network", reach_network},
    {"start a process", start_process},  {"signal another process", signal_parent}, {"trace another process", trace_parent},
    {"write to a file it holds", grow_file}, {"take 1 TiB of memory", take_memory}, {"run a program", run_program},
};

void th_doctor_attacks(size_t memory, th_attack out[TH_ATTACKS])
{
    attempt *page = shared_page(TH_ATTACKS * sizeof *page);

    fflush(stdout);
    pid_t pid = page ? fork() : -1;
    if (pid == 0) {
        th_confinement c = th_worker_confinement(memory);
        th_walls walls;
        th_confine(&c, &walls);
        for (size_t i = 0; i < TH_ATTACKS; i++)
            attacks[i].fn(&page[i]);
        _exit(0);
    }
    if (pid > 0)
        end_of(pid);
    for (size_t i = 0; i < TH_ATTACKS; i++) {
        out[i] = (th_attack){.name = attacks[i].name, .refused = page && page[i].refused};
        snprintf(out[i].how, sizeof out[i].how, "%s", page && page[i].how[0] ? page[i].how : "the child that tried it died");
    }
    if (page)
        munmap(page, TH_ATTACKS * sizeof *page);
}
