/* stream.h - bytes read forward in pieces: from a descriptor, from memory, or from a reader of another source (the member
 * of an archive). Only what was peeked at is held, so a container of any size takes the memory of its largest article. */
#ifndef TH_LOAD_STREAM_H
#define TH_LOAD_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* Put at most `max` bytes into `to`. Returns how many, 0 at the end, -1 after writing `err`. */
typedef ssize_t (*th_read_fn)(void *ctx, char *to, size_t max, th_error *err);

typedef struct th_stream {
    const char *path;    /* for messages; borrowed */
    th_read_fn read;     /* NULL: all there is lies in `buf` */
    void *ctx;
    int fd;              /* a descriptor that can seek, else -1; borrowed */
    char *buf;
    size_t start, stop, cap; /* buf[start..stop) is read and not taken */
    bool owned, ended;   /* `buf` is ours; no more comes from `read` */
    uint64_t taken;      /* bytes taken so far: the position of buf[start] */
    th_status status;    /* the first failure to read, kept */
    void (*alive)(void *ctx); /* called after every read, so that slow progress is told from a hang; NULL: nobody asks */
    void *alive_ctx;
} th_stream;

/* Start a source; nothing is read yet. Descriptor, bytes and path are borrowed and must outlive it. End it with
 * th_stream_close(), which does not close the descriptor. A descriptor is read from its current position. */
void th_stream_fd(th_stream *s, const char *path, int fd);
void th_stream_memory(th_stream *s, const char *path, const char *bytes, size_t len);
void th_stream_reader(th_stream *s, const char *path, th_read_fn read, void *ctx);
void th_stream_close(th_stream *s);

/* Have at least `want` bytes in view, fewer only at the end: `*bytes` (borrowed until the next peek or close) and `*len`.
 * What is in view may be more than wanted. TH_ERR_UNREADABLE or the reader's own failure, TH_ERR_NOMEM. */
th_status th_stream_peek(th_stream *s, size_t want, const char **bytes, size_t *len, th_error *err);

/* Step over `n` bytes that are in view. */
void th_stream_take(th_stream *s, size_t n);

/* All that is left, at most `max` bytes; more is TH_ERR_BOMB. Borrowed as th_stream_peek() says. */
th_status th_stream_rest(th_stream *s, size_t max, const char **bytes, size_t *len, th_error *err);

#endif
