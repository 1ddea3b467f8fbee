/* stream.c - see stream.h. */
#include "load/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEP = 256 << 10 };

static ssize_t read_fd(void *ctx, char *to, size_t max, th_error *err)
{
    const th_stream *s = ctx;

    for (;;) {
        ssize_t got = read(s->fd, to, max);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            th_error_set(err, TH_ERR_UNREADABLE, "%s: can not be read: %s", s->path, strerror(errno));
        return got;
    }
}

void th_stream_fd(th_stream *s, const char *path, int fd)
{
    *s = (th_stream){.path = path, .read = read_fd, .ctx = s, .fd = fd};
}

void th_stream_memory(th_stream *s, const char *path, const char *bytes, size_t len)
{
    *s = (th_stream){.path = path, .fd = -1, .buf = (char *)bytes, .stop = len, .cap = len, .ended = true};
}

void th_stream_reader(th_stream *s, const char *path, th_read_fn read, void *ctx)
{
    *s = (th_stream){.path = path, .read = read, .ctx = ctx, .fd = -1};
}

void th_stream_close(th_stream *s)
{
    if (s->owned)
        free(s->buf);
    s->buf = NULL;
    s->owned = false;
    s->start = s->stop = s->cap = 0;
    s->ended = true;
}

/* Room for `want` bytes in view and for a step of reading; what is in view moves to the front. */
static bool make_room(th_stream *s, size_t want)
{
    size_t held = s->stop - s->start, need = want > held + STEP ? want : held + STEP;

    if (s->cap - s->start >= need)
        return true;
    if (s->cap < need || !s->owned) {
        size_t cap = need + need / 2;
        char *bigger = malloc(cap);
        if (!bigger)
            return false;
        if (held)
            memcpy(bigger, s->buf + s->start, held);
        if (s->owned)
            free(s->buf);
        s->buf = bigger;
        s->cap = cap;
        s->owned = true;
    } else if (held) {
        memmove(s->buf, s->buf + s->start, held);
    }
    s->start = 0;
    s->stop = held;
    return true;
}

static th_status fill(th_stream *s, size_t want, th_error *err)
{
    if (s->status != TH_OK)
        return th_error_set(err, s->status, "%s: can not be read any further", s->path);
    if (!make_room(s, want))
        return th_error_set(err, s->status = TH_ERR_NOMEM, "%s: out of memory while reading", s->path);
    while (!s->ended && s->stop - s->start < want) {
        th_error own = {0};
        ssize_t got = s->read(s->ctx, s->buf + s->stop, s->cap - s->stop, &own);
        if (got < 0) {
            s->status = own.status != TH_OK ? own.status : TH_ERR_UNREADABLE;
            return th_error_set(err, s->status, "%s", own.status != TH_OK ? own.text : s->path);
        }
        s->ended = got == 0;
        s->stop += (size_t)got;
        if (s->alive)
            s->alive(s->alive_ctx);
    }
    return TH_OK;
}

th_status th_stream_peek(th_stream *s, size_t want, const char **bytes, size_t *len, th_error *err)
{
    th_status status = TH_OK;

    if (s->stop - s->start < want && !s->ended)
        status = fill(s, want, err);
    *bytes = s->buf ? s->buf + s->start : "";
    *len = s->stop - s->start;
    return status;
}

void th_stream_take(th_stream *s, size_t n)
{
    s->start += n;
    s->taken += n;
}

th_status th_stream_rest(th_stream *s, size_t max, const char **bytes, size_t *len, th_error *err)
{
    th_status status = TH_OK;
    size_t want = STEP;

    do {
        status = th_stream_peek(s, want < max ? want : max + 1, bytes, len, err);
        want = *len + *len / 2 + STEP;
    } while (status == TH_OK && !s->ended && *len <= max);
    if (status == TH_OK && *len > max)
        return th_error_set(err, TH_ERR_BOMB, "%s: more than %zu bytes, which one article may not have", s->path, max);
    return status;
}
