/* lock.c - see lock.h. */
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"

#define LENT "TALENTHOST_LOCK"

struct th_lock {
    th_str name; /* of the lock file */
    int fd;
    bool borrowed, lent;
};

static long pid_in(const char *text)
{
    return *text >= '0' && *text <= '9' ? strtol(text, NULL, 10) : 0;
}

/* The file's lines: process, host, since, command. */
static th_status say_who_writes(const char *path, int fd, th_error *err)
{
    char text[512] = "", *line[4] = {text, "", "", ""};
    ssize_t got = pread(fd, text, sizeof text - 1, 0);

    for (int i = 1; got > 0 && i < 4; i++) {
        char *end = strchr(line[i - 1], '\n');
        if (!end)
            break;
        *end = '\0';
        line[i] = end + 1;
    }
    line[3][strcspn(line[3], "\n")] = '\0';
    if (pid_in(line[0]) && *line[3])
        return th_error_set(err, TH_ERR_BUSY, "%s: being written by process %ld on %s since %s (%s); wait until it ends, or let --wait do it",
                            path, pid_in(line[0]), line[1], line[2], line[3]);
    if (pid_in(line[0]))
        return th_error_set(err, TH_ERR_BUSY, "%s: being written by process %ld; wait until it ends", path, pid_in(line[0]));
    return th_error_set(err, TH_ERR_BUSY, "%s: being written by another process; wait until it ends", path);
}

static th_status say_why_no_lock(const char *path, int error, th_error *err)
{
    th_str dir = {0};
    th_status status;

    th_path_dir(&dir, path);
    if (error == ENOENT || error == ENOTDIR)
        status = th_error_set(err, TH_ERR_MISSING, "%s: there is no folder %s; make it first", path, th_str_text(&dir));
    else if (error == ENOSPC)
        status = th_error_set(err, TH_ERR_STORE, "%s: the disk is full; make room and run again", path);
    else
        status = th_error_set(err, TH_ERR_IO, "%s: can not make %s-lock: %s", path, path, strerror(error));
    th_str_free(&dir);
    return status;
}

/* A lock file is removed by its holder; one that was removed between open and flock protects nothing. */
static bool is_current(int fd, const char *path)
{
    struct stat held, there;

    return fstat(fd, &held) == 0 && stat(path, &there) == 0 && held.st_ino == there.st_ino && held.st_dev == there.st_dev;
}

/* The command line of this process, its words with blanks between. */
static void add_command(th_str *out)
{
    char text[300];
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;

    if (fd >= 0)
        close(fd);
    while (got > 0 && !text[got - 1])
        got--;
    for (ssize_t i = 0; i < got; i++)
        th_str_putc(out, (unsigned char)text[i] < ' ' ? ' ' : text[i]);
}

static bool write_holder(int fd)
{
    char host[128] = "", now[TH_UTC_TEXT];
    th_str text = {0};

    gethostname(host, sizeof host - 1);
    th_utc_write(time(NULL), now);
    th_str_addf(&text, "%ld\n%s\n%s\n", (long)getpid(), host, now);
    add_command(&text);
    th_str_putc(&text, '\n');
    bool ok = th_str_ok(&text) && ftruncate(fd, 0) == 0 && pwrite(fd, text.data, text.len, 0) == (ssize_t)text.len;
    th_str_free(&text);
    return ok;
}

/* The descriptor that was lent to us for this lock file; -1: none. It is ours alone from now on. */
static int take_lent(const char *name)
{
    const char *text = getenv(LENT);
    size_t digits = text ? strspn(text, "0123456789") : 0;
    int fd = digits && digits < 8 && !text[digits] ? atoi(text) : -1;

    if (fd < 3 || !is_current(fd, name) || flock(fd, LOCK_EX | LOCK_NB) != 0)
        return -1;
    return fd;
}

static bool give_up(const th_lock_request *request, double waited)
{
    if (!request || (request->stop && *request->stop))
        return true;
    return request->wait_s >= 0 && waited >= request->wait_s;
}

/* Open the file and lock it; waits in steps of a tenth of a second, since flock can not be told how long. */
static th_status lock_file(th_lock *lock, const char *path, const th_lock_request *request, th_error *err)
{
    const struct timespec step = {0, 100 * 1000 * 1000};
    const char *name = th_str_text(&lock->name);
    double waited = 0;
    int fd = -1;

    for (;;) {
        if (fd < 0)
            fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (fd < 0)
            return say_why_no_lock(path, errno, err);
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            if (is_current(fd, name))
                break;
        } else if (give_up(request, waited)) {
            th_status status = say_who_writes(path, fd, err);
            close(fd);
            return status;
        } else {
            if (waited == 0) {
                th_error who = {0};
                say_who_writes(path, fd, &who);
                th_log(TH_LOG_INFO, "waiting: %s", who.text);
            }
            nanosleep(&step, NULL);
            waited += 0.1;
        }
        close(fd);
        fd = -1;
    }
    if (!write_holder(fd)) {
        int error = errno;
        close(fd);
        return say_why_no_lock(path, error, err);
    }
    lock->fd = fd;
    return TH_OK;
}

th_status th_lock_take(th_lock **out, const char *path, const th_lock_request *request, th_error *err)
{
    th_lock *lock = calloc(1, sizeof *lock);
    th_status status = TH_OK;

    *out = NULL;
    if (!lock)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", path);
    lock->fd = -1;
    th_str_addf(&lock->name, "%s-lock", path);
    if (!th_str_ok(&lock->name))
        status = th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", path);
    else if ((lock->fd = take_lent(th_str_text(&lock->name))) >= 0)
        lock->borrowed = true;
    else
        status = lock_file(lock, path, request, err);
    if (status == TH_OK) {
        *out = lock;
        return TH_OK;
    }
    th_str_free(&lock->name);
    free(lock);
    return status;
}

void th_lock_drop(th_lock *lock)
{
    if (!lock)
        return;
    if (lock->lent)
        unsetenv(LENT);
    if (!lock->borrowed) {
        unlink(th_str_text(&lock->name));
        close(lock->fd);
    }
    th_str_free(&lock->name);
    free(lock);
}

void th_lock_lend(th_lock *lock)
{
    char text[16];

    snprintf(text, sizeof text, "%d", lock->fd);
    setenv(LENT, text, 1);
    lock->lent = true;
}
