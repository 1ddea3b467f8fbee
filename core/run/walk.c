/* walk.c - see walk.h. */
#include "run/walk.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "text/unicode.h"

static void set_stamp(th_file_stamp *out, const struct stat *st)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    *out = (th_file_stamp){
        .device = st->st_dev,
        .inode = st->st_ino,
        .size = st->st_size,
        .mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
        .ctime_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec,
        .read_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec,
    };
}

int th_stamp_file(th_file_stamp *out, int fd, const char *path)
{
    struct stat st;

    if ((fd >= 0 ? fstat(fd, &st) : stat(path, &st)) != 0)
        return 0;
    set_stamp(out, &st);
    return 1;
}

static void tidy(char *path)
{
    char *to = path;
    const char *from = path;

    while (from[0] == '.' && from[1] == '/' && from[2] != '\0' && from[2] != '/')
        from += 2;
    for (; *from; from++)
        if (!(from[0] == '/' && from[1] == '/'))
            *to++ = *from;
    while (to - path > 1 && to[-1] == '/')
        to--;
    *to = '\0';
}

/* Copy with what is no UTF-8 as \xNN. */
static void spell(char *out, size_t size, const char *path)
{
    size_t len = strlen(path), n = 0;

    for (size_t pos = 0; pos < len && n + 5 < size;) {
        size_t from = pos;
        bool damaged = th_utf8_next(path, len, &pos) == 0xfffd && pos - from == 1;
        if (damaged)
            n += (size_t)snprintf(out + n, size - n, "\\x%02x", (unsigned)(unsigned char)path[from]);
        for (; !damaged && from < pos; from++)
            out[n++] = path[from];
    }
    out[n] = '\0';
}

void th_path_tidy(char *out, size_t size, const char *path)
{
    spell(out, size, path);
    tidy(out);
}

void th_path_name(char *out, size_t size, const char *path)
{
    unsigned byte;
    char *to = out;

    snprintf(out, size, "%s", path);
    if (!strstr(out, "\\x") || access(out, F_OK) == 0)
        return;
    for (const char *from = out; *from; to++) {
        bool spelt = from[0] == '\\' && from[1] == 'x' && strspn(from + 2, "0123456789abcdef") >= 2 &&
                     sscanf(from + 2, "%2x", &byte) == 1 && byte >= 0x80;
        *to = spelt ? (char)byte : *from;
        from += spelt ? 4 : 1;
    }
    *to = '\0';
}

static th_status add(th_found_list *list, th_arena *arena, th_found found, th_error *err)
{
    th_found *items = th_arena_grow(arena, list->items, list->count, &list->cap, sizeof *items);

    size_t len = strlen(found.path);
    char *name = th_arena_copy(arena, found.path, len), *path = name;
    if (!th_utf8_valid(found.path, len, NULL) && (path = th_arena_alloc(arena, 4 * len + 8)) != NULL)
        spell(path, 4 * len + 8, found.path);
    if (found.message)
        found.message = th_arena_copy(arena, found.message, strlen(found.message));
    if (!items || !path || !name)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory while listing files");
    tidy(name);
    tidy(path);
    found.path = path;
    found.name = name;
    list->items = items;
    list->items[list->count++] = found;
    return TH_OK;
}

static th_status add_fault(th_found_list *list, th_arena *arena, const char *path, th_status status, const char *why,
                           th_error *err)
{
    char text[1024];

    spell(text, sizeof text - strlen(why) - 2, path);
    snprintf(text + strlen(text), sizeof text - strlen(text), ": %s", why);
    return add(list, arena, (th_found){.path = path, .status = status, .message = text}, err);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static th_status add_entry(th_found_list *list, th_arena *arena, FTS *fts, FTSENT *entry, th_error *err)
{
    th_found found = {.path = entry->fts_path};

    switch (entry->fts_info) {
    case FTS_D:
        if (entry->fts_level > 0 && entry->fts_name[0] == '.')
            fts_set(fts, entry, FTS_SKIP);
        return TH_OK;
    case FTS_F:
        if (entry->fts_level > 0 && entry->fts_name[0] == '.')
            return TH_OK;
        set_stamp(&found.stamp, entry->fts_statp);
        return add(list, arena, found, err);
    case FTS_DC:
        return add_fault(list, arena, entry->fts_path, TH_ERR_UNREADABLE,
                         "can not be read: this link leads back to a folder it stands in", err);
    case FTS_SLNONE:
        return add_fault(list, arena, entry->fts_path, TH_ERR_MISSING, "no such file: the link leads nowhere", err);
    case FTS_NS:
    case FTS_DNR:
    case FTS_ERR:
        if (entry->fts_errno == ENOENT || entry->fts_errno == ENOTDIR)
            return add_fault(list, arena, entry->fts_path, TH_ERR_MISSING, "no such file", err);
        return add_fault(list, arena, entry->fts_path, TH_ERR_UNREADABLE, strerror(entry->fts_errno), err);
    case FTS_DEFAULT:
        return add_fault(list, arena, entry->fts_path, TH_ERR_FORMAT, "is no regular file", err);
    default:
        return TH_OK;
    }
}

static th_status walk_one(th_found_list *list, th_arena *arena, char *path, th_error *err)
{
    char *const roots[] = {path, NULL};
    th_status status = TH_OK;
    FTSENT *entry;
    FTS *fts = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name);

    if (!fts)
        return add_fault(list, arena, path, TH_ERR_UNREADABLE, strerror(errno), err);
    while (status == TH_OK && (errno = 0, entry = fts_read(fts)))
        status = add_entry(list, arena, fts, entry, err);
    fts_close(fts);
    return status;
}

th_status th_walk(th_found_list *out, th_arena *arena, const char *const *paths, size_t count, th_error *err)
{
    th_status status = TH_OK;

    for (size_t i = 0; status == TH_OK && i < count; i++) {
        char *path = th_arena_copy(arena, paths[i], strlen(paths[i]));
        if (!path)
            return th_error_set(err, TH_ERR_NOMEM, "out of memory while listing files");
        tidy(path);
        status = walk_one(out, arena, path, err);
    }
    return status;
}

void th_walk_leave_store(th_found_list *list, const char *store)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal", "-lock"};
    th_file_stamp own[sizeof ends / sizeof *ends];
    size_t own_count = 0, kept = 0;
    char path[4096];

    for (size_t e = 0; store && e < sizeof ends / sizeof *ends; e++) {
        snprintf(path, sizeof path, "%s%s", store, ends[e]);
        own_count += (size_t)th_stamp_file(&own[own_count], -1, path);
    }
    for (size_t i = 0; i < list->count; i++) {
        const th_found *found = &list->items[i];
        bool is_own = false;
        for (size_t e = 0; e < own_count; e++)
            is_own |= found->status == TH_OK && found->stamp.inode == own[e].inode && found->stamp.device == own[e].device;
        if (!is_own)
            list->items[kept++] = *found;
    }
    list->count = kept;
}
