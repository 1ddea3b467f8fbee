/* lab.c - see lab.h. The parent's side is here; what the process does is in lab_child.c. */
#include "run/lab.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/pack.h"
#include "run/lab_impl.h"
#include "run/wire.h"

struct th_lab {
    const th_lab_options *options;
    pid_t pid; /* 0: not running */
    th_wire wire;
    char *faults;
    th_str article; /* the question that made the current article, asked again of a fresh process */
};

/* The process is over, by itself or by us. */
static th_status end(th_lab *lab, bool timed_out, th_error *err)
{
    int how = 0;

    th_wire_close(&lab->wire);
    kill(lab->pid, SIGKILL);
    while (waitpid(lab->pid, &how, 0) < 0 && errno == EINTR)
        continue;
    lab->pid = 0;
    if (timed_out)
        return th_error_set(err, TH_ERR_TIMEOUT, "%s: took longer than %g s (limits.wall) and was stopped", lab->options->path,
                            lab->options->limits.wall_s);
    if (WIFSIGNALED(how))
        return th_error_set(err, TH_ERR_CRASH, "%s: its process died: %s", lab->options->path, strsignal(WTERMSIG(how)));
    return th_error_set(err, TH_ERR_CRASH, "%s: its process ended (status %d)", lab->options->path, WEXITSTATUS(how));
}

/* The next message that is no line of the log. Every message shows that the process is alive. */
static th_status receive(th_lab *lab, th_message *m, th_error *err)
{
    int64_t deadline = th_clock_ns() / 1000000 + (int64_t)(lab->options->limits.wall_s * 1000) + 100;

    for (;;) {
        int got = th_wire_get(&lab->wire, m, false);
        if (got > 0 && m->type == TH_MSG_LOG) {
            th_unpack in = {m->bytes, m->bytes + m->len, false};
            uint32_t level = th_unpack_u32(&in);
            const char *line = th_unpack_cstr(&in);
            th_log(level <= TH_LOG_ERROR ? (th_log_level)level : TH_LOG_ERROR, "%s", line ? line : "");
            deadline = th_clock_ns() / 1000000 + (int64_t)(lab->options->limits.wall_s * 1000) + 100;
            continue;
        }
        if (got > 0)
            return TH_OK;
        if (got < 0)
            return end(lab, false, err);
        int64_t left = deadline - th_clock_ns() / 1000000;
        if (left <= 0)
            return end(lab, true, err);
        struct pollfd p = {.fd = lab->wire.fd, .events = POLLIN};
        poll(&p, 1, (int)left);
    }
}

static th_status spawn(th_lab *lab, th_error *err)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return th_error_set(err, TH_ERR_IO, "%s: no socket for its process: %s", lab->options->path, strerror(errno));
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0) {
        int number = errno;
        close(pair[0]);
        close(pair[1]);
        return th_error_set(err, TH_ERR_IO, "%s: its process can not be started: %s", lab->options->path, strerror(number));
    }
    if (pid == 0) {
        close(pair[0]);
        th_lab_child(lab->options, pair[1]);
    }
    close(pair[1]);
    th_wire_init(&lab->wire, pair[0]);
    lab->pid = pid;
    return TH_OK;
}

/* Start the process and hear how it came up: a status, a text (why not, or the plugins that did not load). */
static th_status start(th_lab *lab, th_error *err)
{
    th_message m;
    th_status status = spawn(lab, err);

    if (status != TH_OK || (status = receive(lab, &m, err)) != TH_OK)
        return status;
    th_unpack in = {m.bytes, m.bytes + m.len, false};
    status = (th_status)th_unpack_u32(&in);
    const char *text = th_unpack_cstr(&in);
    if (status != TH_OK)
        return th_error_set(err, status, "%s", text ? text : "");
    free(lab->faults);
    lab->faults = strdup(text ? text : "");
    return lab->faults ? TH_OK : th_error_set(err, TH_ERR_NOMEM, "out of memory");
}

static th_status put_question(th_lab *lab, const th_str *question, th_error *err)
{
    if (!th_str_ok(question) || !th_wire_put(&lab->wire, TH_MSG_TEXT, question->data, question->len, -1) ||
        !th_wire_flush(&lab->wire, true))
        return end(lab, false, err);
    return TH_OK;
}

/* An answer: status, message, and what follows for the caller to read. Tries and golden rows come before it and are given to `fn`. */
typedef struct listener {
    th_test_fn fn;
    void *ctx;
} listener;

static th_status answer(th_lab *lab, const listener *l, th_unpack *in, th_error *err)
{
    th_message m;
    th_status status;

    while ((status = receive(lab, &m, err)) == TH_OK) {
        *in = (th_unpack){m.bytes, m.bytes + m.len, false};
        if (m.type == TH_MSG_DONE) {
            status = (th_status)th_unpack_u32(in);
            const char *text = th_unpack_cstr(in);
            return status == TH_OK ? TH_OK : th_error_set(err, status, "%s", text ? text : "");
        }
        const char *name = th_unpack_cstr(in), *message = th_unpack_cstr(in);
        if (l->fn)
            l->fn(l->ctx, name ? name : "", message);
    }
    return status;
}

/* Ask; a process that died before is replaced, and told of the current article again. */
static th_status ask(th_lab *lab, const th_str *question, const listener *l, th_unpack *in, th_error *err)
{
    static const listener nobody = {NULL, NULL};
    th_status status = TH_OK;

    if (!lab->pid && (status = start(lab, err)) == TH_OK && lab->article.len && question != &lab->article &&
        (status = put_question(lab, &lab->article, err)) == TH_OK)
        status = answer(lab, &nobody, in, err);
    if (status == TH_OK)
        status = put_question(lab, question, err);
    return status == TH_OK ? answer(lab, l ? l : &nobody, in, err) : status;
}

th_status th_lab_open(th_lab **out, const th_lab_options *options, th_error *err)
{
    th_lab *lab = calloc(1, sizeof *lab);

    *out = NULL;
    if (!lab)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    lab->options = options;
    th_status status = start(lab, err);
    if (status != TH_OK)
        th_lab_close(lab);
    else
        *out = lab;
    return status;
}

void th_lab_close(th_lab *lab)
{
    th_error ignored = {0};

    if (!lab)
        return;
    if (lab->pid)
        end(lab, false, &ignored);
    th_str_free(&lab->article);
    free(lab->faults);
    free(lab);
}

const char *th_lab_faults(const th_lab *lab)
{
    return lab->faults ? lab->faults : "";
}

th_status th_lab_article(th_lab *lab, const th_article *article, th_error *err)
{
    th_str blob = {0};
    th_unpack in;

    th_article_write(article, &blob);
    th_str_clear(&lab->article);
    th_pack_u32(&lab->article, LAB_ARTICLE);
    th_pack_u64(&lab->article, (uint64_t)article->id);
    th_pack_text(&lab->article, th_str_text(&blob), blob.len);
    th_str_free(&blob);
    return ask(lab, &lab->article, NULL, &in, err);
}

th_status th_lab_text(th_lab *lab, const char *text, size_t len, const char *title, const char *date, th_error *err)
{
    th_unpack in;

    th_str_clear(&lab->article);
    th_pack_u32(&lab->article, LAB_TEXT);
    th_pack_text(&lab->article, text, len);
    th_pack_cstr(&lab->article, title);
    th_pack_cstr(&lab->article, date);
    return ask(lab, &lab->article, NULL, &in, err);
}

th_status th_lab_eval(th_lab *lab, const char *code, size_t len, th_str *out, bool *more, th_error *err)
{
    th_str question = {0};
    th_unpack in = {0};

    *more = false;
    th_pack_u32(&question, LAB_EVAL);
    th_pack_text(&question, code, len);
    th_status status = ask(lab, &question, NULL, &in, err);
    th_str_free(&question);
    if (lab->pid) { /* it answered, if only with an error */
        size_t n = 0;
        *more = th_unpack_u32(&in) != 0;
        const char *text = th_unpack_text(&in, &n);
        if (!in.failed)
            th_str_add(out, text, n);
    }
    if (lab->pid && status == TH_ERR_LIMIT_MEMORY) { /* its state is not to be trusted any more */
        th_error ignored = {0};
        end(lab, false, &ignored);
    }
    return status;
}

void th_lab_complete(th_lab *lab, const char *line, th_str *out)
{
    th_str question = {0};
    th_error ignored = {0};
    th_unpack in = {0};

    th_pack_u32(&question, LAB_COMPLETE);
    th_pack_cstr(&question, line);
    if (ask(lab, &question, NULL, &in, &ignored) == TH_OK) {
        const char *text = th_unpack_cstr(&in);
        th_str_puts(out, text ? text : "");
    }
    th_str_free(&question);
}

th_status th_lab_run(th_lab *lab, const char *name, size_t width, bool json, th_str *out, double *cpu_s, th_error *err)
{
    th_str question = {0};
    th_unpack in = {0};
    size_t n = 0;

    *cpu_s = 0;
    th_pack_u32(&question, LAB_RUN);
    th_pack_cstr(&question, name);
    th_pack_u64(&question, width);
    th_pack_u32(&question, json);
    th_status status = ask(lab, &question, NULL, &in, err);
    if (status == TH_OK) {
        *cpu_s = th_unpack_f64(&in);
        const char *text = th_unpack_text(&in, &n);
        th_str_add(out, text, n);
    }
    th_str_free(&question);
    return status;
}

static th_status ask_tries(th_lab *lab, uint32_t what, const char *name, th_test_fn fn, void *ctx, th_unpack *in, th_error *err)
{
    th_str question = {0};
    const listener l = {fn, ctx};

    th_pack_u32(&question, what);
    th_pack_cstr(&question, name);
    th_status status = ask(lab, &question, &l, in, err);
    th_str_free(&question);
    return status;
}

th_status th_lab_tests(th_lab *lab, th_test_fn fn, void *ctx, th_error *err)
{
    th_unpack in;

    return ask_tries(lab, LAB_TESTS, NULL, fn, ctx, &in, err);
}

th_status th_lab_check(th_lab *lab, const char *name, th_test_fn fn, void *ctx, th_error *err)
{
    th_unpack in;

    return ask_tries(lab, LAB_CHECK, name, fn, ctx, &in, err);
}

th_status th_lab_golden(th_lab *lab, th_golden_fn fn, void *ctx, th_error *err)
{
    th_unpack in = {0};
    th_status status = ask_tries(lab, LAB_GOLDEN, NULL, NULL, NULL, &in, err);
    uint32_t count = status == TH_OK ? th_unpack_u32(&in) : 0;

    for (uint32_t i = 0; status == TH_OK && i < count; i++) {
        size_t len = 0;
        const char *name = th_unpack_cstr(&in), *rows = th_unpack_text(&in, &len);
        if (in.failed || !name)
            return th_error_set(err, TH_ERR_CRASH, "%s: its process sent a broken answer", lab->options->path);
        status = fn(ctx, name, rows, len, err);
    }
    return status;
}
