/* convert.c - see convert.h. */
#include "run/convert.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "run/confine.h"

enum { CPU_S = 120, DESCRIPTORS = 32, COMPLAINT_MAX = 4096, NO_EXEC = 127, NO_WALLS = 126 };

#define OUTPUT_MAX ((size_t)256 << 20) /* bytes of text, with the place of every word */
#define ADDRESS_SPACE ((size_t)2 << 30)

struct th_convert {
    pid_t pid;      /* 0: taken away */
    int complaints; /* the end of its standard error; closed by the other side when it ends */
    int output;     /* the memory file it writes to */
    int64_t deadline_ns;
    double wall_s;
    th_str said;
};

/* ---- the program ---- */

/* Find `name` on the PATH. */
static bool find_program(const char *name, char *out, size_t size)
{
    const char *path = getenv("PATH");

    for (const char *at = path && *path ? path : "/usr/bin:/bin"; at; at = strchr(at, ':') ? strchr(at, ':') + 1 : NULL) {
        int n = (int)strcspn(at, ":");
        if (n > 0 && *at == '/' && (size_t)snprintf(out, size, "%.*s/%s", n, at, name) < size && access(out, X_OK) == 0)
            return true;
    }
    return false;
}

/* The program with its walls; never returns. What goes wrong is said to standard error, as the program's own complaints are. */
static _Noreturn void be_program(const char *program, const th_converter_options *options)
{
    static const char *const environment[] = {"LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", "HOME=/nonexistent", NULL};
    const char *const arguments[] = {program, "-enc", "UTF-8", "-bbox-layout", "-", "-", NULL};
    th_str folder = {0}, prefix = {0};
    th_walls walls;
    th_error err = {0};

    th_path_dir(&folder, program);
    th_path_dir(&prefix, th_str_text(&folder));
    const char *prefix_text = th_str_text(&prefix);
    const char *const readable[] = {"/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/fonts",
                                    "/etc/alternatives", "/var/cache/fontconfig", "/dev/null", "/dev/urandom",
                                    strcmp(prefix_text, "/") ? prefix_text : th_str_text(&folder)};
    struct rlimit cpu = {CPU_S, CPU_S}, output = {OUTPUT_MAX, OUTPUT_MAX};
    setrlimit(RLIMIT_CPU, &cpu);
    setrlimit(RLIMIT_FSIZE, &output);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    th_confine(&(th_confinement){.calls = TH_CALLS_PROGRAM, .memory = ADDRESS_SPACE, .files = DESCRIPTORS, .may_grow_files = true,
                                 .readable = readable, .readable_count = sizeof readable / sizeof *readable}, &walls);
    if (options->sandbox_config && th_walls_require(&walls, options->sandbox_config, &err) != TH_OK) {
        dprintf(STDERR_FILENO, "%s", err.text);
        _exit(NO_WALLS);
    }
    execve(program, (char *const *)arguments, (char *const *)environment);
    dprintf(STDERR_FILENO, "%s", strerror(errno));
    _exit(NO_EXEC);
}

/* A memory file that holds `bytes`, read from its start; -1 on failure. */
static int memory_file(const void *bytes, size_t len)
{
    int fd = memfd_create("talenthost", MFD_CLOEXEC);
    const char *at = bytes;

    while (fd >= 0 && len) {
        ssize_t put = write(fd, at, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            close(fd);
            return -1;
        }
        at += put;
        len -= (size_t)put;
    }
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

static bool start(th_convert *c, const char *program, const void *bytes, size_t len, const th_converter_options *options)
{
    int input = memory_file(bytes, len), ends[2] = {-1, -1};

    c->output = memory_file(NULL, 0);
    if (input < 0 || c->output < 0 || pipe2(ends, O_CLOEXEC) != 0) {
        if (input >= 0)
            close(input);
        return false;
    }
    c->complaints = ends[0];
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    fflush(stdout);
    c->pid = fork();
    if (c->pid == 0) {
        int from[] = {input, c->output, ends[1]};
        for (int i = 0; i < 3; i++) /* out of the way of the three they become */
            from[i] = fcntl(from[i], F_DUPFD, 8);
        for (int i = 0; i < 3; i++)
            dup2(from[i], i);
        closefrom(3);
        be_program(program, options);
    }
    close(ends[1]);
    close(input);
    return c->pid > 0;
}

th_status th_convert_start(th_convert **out, const char *format, const void *bytes, size_t len,
                           const th_converter_options *options, th_error *err)
{
    char program[4096];
    th_convert *c = NULL;

    *out = NULL;
    if (strcmp(format, "pdf") != 0)
        return th_error_set(err, TH_ERR_FORMAT, "no program is known that reads the format %s", format);
    if (!find_program("pdftotext", program, sizeof program))
        return th_error_set(err, TH_ERR_FORMAT, "is a PDF, and pdftotext is not installed; install the package poppler-utils");
    c = calloc(1, sizeof *c);
    if (!c)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    c->complaints = c->output = -1;
    c->wall_s = options->wall_s;
    c->deadline_ns = th_clock_ns() + (int64_t)(options->wall_s * 1e9);
    if (!start(c, program, bytes, len, options)) {
        th_status status = th_error_set(err, TH_ERR_IO, "pdftotext can not be started: %s", strerror(errno));
        th_convert_free(c);
        return status;
    }
    *out = c;
    return TH_OK;
}

/* ---- its end ---- */

static int reap(th_convert *c)
{
    int status = 0;

    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    c->pid = 0;
    return status;
}

void th_convert_free(th_convert *c)
{
    if (!c)
        return;
    if (c->pid > 0) {
        kill(c->pid, SIGKILL);
        reap(c);
    }
    if (c->complaints >= 0)
        close(c->complaints);
    if (c->output >= 0)
        close(c->output);
    th_str_free(&c->said);
    free(c);
}

int th_convert_fd(const th_convert *c)
{
    return c->complaints;
}

/* Take what it says; true when it has nothing more to say. */
static bool listen_to(th_convert *c)
{
    char piece[4096];
    ssize_t got;

    while ((got = read(c->complaints, piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR))
        if (got > 0 && c->said.len < COMPLAINT_MAX)
            th_str_add(&c->said, piece, (size_t)got);
    return got == 0;
}

/* The first of its lines that tells of an error; "" when there is none. */
static const char *complaint(const th_convert *c, int *len)
{
    const char *text = th_str_text(&c->said), *found = strstr(text, "Error");

    while (found && found > text && found[-1] != '\n')
        found--;
    found = found ? found : text;
    *len = (int)strcspn(found, "\n");
    return found;
}

/* What its exit means. (pdftotext(1): 1 the PDF can not be opened, 3 it forbids taking its text.) */
static th_status judge(const th_convert *c, int status, th_error *err)
{
    int len;
    const char *said = complaint(c, &len);

    if (WIFSIGNALED(status)) {
        int number = WTERMSIG(status);
        if (number == SIGXFSZ)
            return th_error_set(err, TH_ERR_BOMB, "pdftotext wrote more than %zu MB", OUTPUT_MAX >> 20);
        if (number == SIGXCPU || number == SIGKILL)
            return th_error_set(err, TH_ERR_TIMEOUT, "pdftotext took more than %d s of processor time", CPU_S);
        return th_error_set(err, TH_ERR_CRASH, "pdftotext died: %s", strsignal(number));
    }
    if (WEXITSTATUS(status) == 0)
        return TH_OK;
    if (WEXITSTATUS(status) == NO_WALLS)
        return th_error_set(err, TH_ERR_USAGE, "pdftotext was not started: %.*s", len, said);
    if (WEXITSTATUS(status) == NO_EXEC)
        return th_error_set(err, TH_ERR_IO, "pdftotext can not be run: %.*s", len, said);
    if (strstr(th_str_text(&c->said), "password"))
        return th_error_set(err, TH_ERR_UNREADABLE, "is a PDF that needs a password; save a copy without one");
    if (WEXITSTATUS(status) == 3)
        return th_error_set(err, TH_ERR_UNREADABLE, "is a PDF that forbids taking its text; save a copy that allows it");
    return th_error_set(err, TH_ERR_PARSE, "is a damaged PDF: pdftotext: %.*s", len, len ? said : "it can not be read");
}

static th_status take_output(th_convert *c, th_str *out, th_str *note, th_error *err)
{
    int len;
    const char *said = complaint(c, &len);

    if (lseek(c->output, 0, SEEK_SET) != 0)
        return th_error_set(err, TH_ERR_IO, "pdftotext: its output: %s", strerror(errno));
    if (strstr(said, "language pack"))
        th_str_puts(note, "its fonts need character tables that are not installed; install the package poppler-data");
    else if (strstr(said, "Error"))
        th_str_addf(note, "the PDF is damaged (pdftotext: %.*s); what could be read was read", len, said);
    return th_file_read_fd(out, c->output, "pdftotext", OUTPUT_MAX, err);
}

bool th_convert_step(th_convert *c, th_status *status, th_str *out, th_str *note, th_error *err)
{
    bool over = listen_to(c);

    if (!over && th_clock_ns() < c->deadline_ns)
        return false;
    if (!over) {
        kill(c->pid, SIGKILL);
        reap(c);
        *status = th_error_set(err, TH_ERR_TIMEOUT, "pdftotext took longer than %g s (limits.wall × 12) and was ended", c->wall_s);
        return true;
    }
    *status = judge(c, reap(c), err);
    if (*status == TH_OK)
        *status = take_output(c, out, note, err);
    return true;
}
