/* wire.h - messages between the parent and its workers: length, type, payload over a stream socket, and with a message
 * at most one file descriptor. The parent's side never blocks; the worker's side does. */
#ifndef TH_RUN_WIRE_H
#define TH_RUN_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

typedef enum th_message_type {
    /* parent → worker */
    TH_MSG_FILE = 1, /* a file to load, its descriptor attached */
    TH_MSG_ARTICLE,  /* a stored article to run plugins on */
    TH_MSG_TEXT,     /* a text from the command line, taken as an article */
    TH_MSG_LINE,     /* a line of NDJSON to read as an article */
    TH_MSG_CONVERTED, /* what became of a document: a status, its text or why there is none, a note */
    /* worker → parent */
    TH_MSG_HELLO,  /* the plugins' manifests or why they did not load */
    TH_MSG_NAME,   /* of a line: the value of its key "id" as JSON, before its result */
    TH_MSG_RESULT, /* one article with its records and failures */
    TH_MSG_ITEM,   /* an item of a container failed: its number, path, status, message */
    TH_MSG_CONVERT, /* a document that the parent has to have converted: its format, bytes; the worker waits */
    TH_MSG_DONE,   /* a task is finished */
    TH_MSG_STACKS, /* Lua stacks that were sampled */
    TH_MSG_LOG     /* a line for the log */
} th_message_type;

enum { TH_MESSAGE_MAX = 1 << 30 }; /* bytes of one payload; a longer length is a broken peer */

typedef struct th_message {
    th_message_type type;
    const char *bytes; /* borrowed: valid until the next receive on the wire */
    size_t len;
    int fd; /* -1 when none came with it; the receiver closes it */
} th_message;

/* One end of a socket with what is waiting to be sent and what came in but is not yet whole. */
typedef struct th_wire {
    int fd;
    th_str in, out;
    size_t in_used, out_sent;
    struct th_wire_fd { /* descriptors to send, each with the first byte of its message */
        size_t at;
        int fd;
    } *send_fds;
    size_t send_count, send_cap;
    int got_fds[64]; /* received, oldest first */
    size_t got_count;
} th_wire;

void th_wire_init(th_wire *wire, int fd);
void th_wire_close(th_wire *wire); /* closes the socket and every descriptor still held */

/* Queue a message; `fd` (-1: none) is taken: closed once it is sent. False when out of memory. */
bool th_wire_put(th_wire *wire, th_message_type type, const void *bytes, size_t len, int fd);

/* Send what is queued: all of it when `block`, else what the socket takes now. False when the peer is gone. */
bool th_wire_flush(th_wire *wire, bool block);
bool th_wire_pending(const th_wire *wire); /* something is queued */

/* The next whole message. With `block` waits for it. 1: `*out` is one; 0: none yet; -1: the peer is gone or broken. */
int th_wire_get(th_wire *wire, th_message *out, bool block);

/* As th_wire_get(), of what is here already: nothing is received. */
int th_wire_next(th_wire *wire, th_message *out);

#endif
