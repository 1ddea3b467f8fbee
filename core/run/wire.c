/* wire.c - see wire.h. */
#include "run/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEADER = 8, READ_STEP = 256 << 10, KEEP = 4 << 20 };

void th_wire_init(th_wire *wire, int fd)
{
    *wire = (th_wire){.fd = fd};
}

void th_wire_close(th_wire *wire)
{
    for (size_t i = 0; i < wire->send_count; i++)
        close(wire->send_fds[i].fd);
    for (size_t i = 0; i < wire->got_count; i++)
        close(wire->got_fds[i]);
    free(wire->send_fds);
    th_str_free(&wire->in);
    th_str_free(&wire->out);
    if (wire->fd >= 0)
        close(wire->fd);
    th_wire_init(wire, -1);
}

static bool queue_fd(th_wire *wire, int fd)
{
    if (wire->send_count == wire->send_cap) {
        size_t cap = wire->send_cap ? wire->send_cap * 2 : 16;
        struct th_wire_fd *bigger = realloc(wire->send_fds, cap * sizeof *bigger);
        if (!bigger)
            return false;
        wire->send_fds = bigger;
        wire->send_cap = cap;
    }
    wire->send_fds[wire->send_count++] = (struct th_wire_fd){.at = wire->out.len, .fd = fd};
    return true;
}

bool th_wire_put(th_wire *wire, th_message_type type, const void *bytes, size_t len, int fd)
{
    uint32_t header[2] = {(uint32_t)len, (uint32_t)type | (fd >= 0 ? 0x100u : 0)};

    if (len > TH_MESSAGE_MAX || !th_str_reserve(&wire->out, HEADER + len) || (fd >= 0 && !queue_fd(wire, fd))) {
        wire->out.failed = false; /* this message is refused; the ones queued before it stand */
        if (fd >= 0)
            close(fd);
        return false;
    }
    th_str_add(&wire->out, header, HEADER);
    th_str_add(&wire->out, bytes, len);
    return true;
}

bool th_wire_pending(const th_wire *wire)
{
    return wire->out_sent < wire->out.len;
}

/* Send one stretch: up to the next message that carries a descriptor, or that message's start with it. */
static ssize_t send_some(th_wire *wire, bool block)
{
    size_t end = wire->out.len;
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct msghdr msg = {0};
    bool with_fd = wire->send_count && wire->send_fds[0].at == wire->out_sent;

    if (wire->send_count > (with_fd ? 1u : 0u))
        end = wire->send_fds[with_fd ? 1 : 0].at;
    struct iovec part = {wire->out.data + wire->out_sent, end - wire->out_sent};
    msg.msg_iov = &part;
    msg.msg_iovlen = 1;
    if (with_fd) {
        msg.msg_control = control.bytes;
        msg.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &wire->send_fds[0].fd, sizeof(int));
    }
    ssize_t sent = sendmsg(wire->fd, &msg, MSG_NOSIGNAL | (block ? 0 : MSG_DONTWAIT));
    if (sent > 0 && with_fd) {
        close(wire->send_fds[0].fd);
        memmove(wire->send_fds, wire->send_fds + 1, --wire->send_count * sizeof *wire->send_fds);
    }
    return sent;
}

bool th_wire_flush(th_wire *wire, bool block)
{
    while (th_wire_pending(wire)) {
        ssize_t sent = send_some(wire, block);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return !block && (errno == EAGAIN || errno == EWOULDBLOCK);
        wire->out_sent += (size_t)sent;
    }
    if (wire->out.cap > KEEP) /* a giant article went through: give its memory back */
        th_str_free(&wire->out);
    th_str_clear(&wire->out);
    wire->out_sent = 0;
    return true;
}

/* Keep what is not yet taken at the front of the buffer, and make room for more. */
static bool make_room(th_wire *wire)
{
    if (wire->in_used) {
        memmove(wire->in.data, wire->in.data + wire->in_used, wire->in.len - wire->in_used);
        wire->in.len -= wire->in_used;
        wire->in_used = 0;
    }
    if (wire->in.len == 0 && wire->in.cap > KEEP)
        th_str_free(&wire->in);
    return th_str_reserve(&wire->in, READ_STEP);
}

static void take_fds(th_wire *wire, struct msghdr *msg)
{
    const size_t room = sizeof wire->got_fds / sizeof *wire->got_fds;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
            if (wire->got_count < room)
                wire->got_fds[wire->got_count++] = fd;
            else
                close(fd);
        }
    }
}

/* 1: something was read; 0: nothing there; -1: the peer is gone. */
static int receive_some(th_wire *wire, bool block)
{
    union {
        char bytes[CMSG_SPACE(16 * sizeof(int))];
        struct cmsghdr align;
    } control;

    if (!make_room(wire))
        return -1;
    struct iovec part = {wire->in.data + wire->in.len, wire->in.cap - wire->in.len - 1};
    struct msghdr msg = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t got = recvmsg(wire->fd, &msg, MSG_CMSG_CLOEXEC | (block ? 0 : MSG_DONTWAIT));
    if (got < 0)
        return errno == EINTR ? 1 : errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
    if (got == 0)
        return -1;
    take_fds(wire, &msg);
    wire->in.len += (size_t)got;
    return 1;
}

/* The message at the front of what came in, if it is whole. */
int th_wire_next(th_wire *wire, th_message *out)
{
    uint32_t header[2];

    if (wire->in.len - wire->in_used < HEADER)
        return 0;
    memcpy(header, wire->in.data + wire->in_used, HEADER);
    if (header[0] > TH_MESSAGE_MAX)
        return -1;
    if (wire->in.len - wire->in_used - HEADER < header[0])
        return 0;
    *out = (th_message){(th_message_type)(header[1] & 0xFF), wire->in.data + wire->in_used + HEADER, header[0], -1};
    wire->in_used += HEADER + header[0];
    if (header[1] & 0x100u) {
        if (!wire->got_count)
            return -1;
        out->fd = wire->got_fds[0];
        memmove(wire->got_fds, wire->got_fds + 1, --wire->got_count * sizeof *wire->got_fds);
    }
    return 1;
}

int th_wire_get(th_wire *wire, th_message *out, bool block)
{
    for (;;) {
        int found = th_wire_next(wire, out);
        if (found)
            return found;
        int got = receive_some(wire, block);
        if (got <= 0)
            return got;
    }
}
