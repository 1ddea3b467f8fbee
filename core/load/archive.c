/* archive.c - see archive.h. libarchive pulls the packed bytes out of our stream, the readers of the members pull the unpacked
 * ones out of libarchive: nothing is in memory but the item at hand. */
#include "load/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load/labels.h"

enum { PIECE = 64 << 10 };

typedef struct unpack {
    th_reading *r;
    th_stream *s;
    struct archive *archive;
    char *buf;               /* packed bytes read from the descriptor */
    int64_t at, size;        /* place in a source that can seek, and its size */
    size_t lent;             /* bytes of the stream's view that libarchive has and that are to be taken */
    uint64_t packed, expanded; /* bytes in and out so far */
    size_t members, hidden, parts, links;
    bool over;               /* a limit of the whole archive is broken */
    const char *member;      /* path of the member at hand */
    th_labels labels;
} unpack;

/* ---- packed bytes ---- */

static bool can_seek(const th_stream *s)
{
    return s->fd >= 0 || !s->read;
}

static la_ssize_t read_packed(struct archive *a, void *ctx, const void **out)
{
    unpack *u = ctx;
    const char *bytes;
    size_t len;
    th_error err = {0};

    if (u->s->fd >= 0) {
        ssize_t got = pread(u->s->fd, u->buf, PIECE, u->at);
        if (got < 0)
            archive_set_error(a, errno, "can not be read: %s", strerror(errno));
        len = got > 0 ? (size_t)got : 0;
        *out = u->buf;
        u->at += (int64_t)len;
        u->packed += len;
        if (u->s->alive)
            u->s->alive(u->s->alive_ctx);
        return got;
    }
    if (can_seek(u->s)) {
        len = u->at < u->size ? (size_t)(u->size - u->at) : 0;
        len = len < PIECE ? len : PIECE;
        *out = u->s->buf + u->s->start + u->at;
        u->at += (int64_t)len;
        u->packed += len;
        return (la_ssize_t)len;
    }
    th_stream_take(u->s, u->lent);
    u->lent = 0;
    if (th_stream_peek(u->s, 1, &bytes, &len, &err) != TH_OK) {
        archive_set_error(a, EIO, "%s", err.text);
        return -1;
    }
    *out = bytes;
    u->lent = len;
    u->packed += len;
    return (la_ssize_t)len;
}

static la_int64_t skip_packed(struct archive *a, void *ctx, la_int64_t want)
{
    unpack *u = ctx;
    (void)a;

    if (!can_seek(u->s))
        return 0;
    int64_t left = u->size - u->at, n = want < left ? want : left;
    u->at += n > 0 ? n : 0;
    return n > 0 ? n : 0;
}

static la_int64_t seek_packed(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
    unpack *u = ctx;
    int64_t base = whence == SEEK_CUR ? u->at : whence == SEEK_END ? u->size : 0;
    (void)a;

    if (base + offset < 0 || base + offset > u->size)
        return ARCHIVE_FATAL;
    return u->at = base + offset;
}

/* ---- unpacked bytes ---- */

static bool check_limits(unpack *u, th_error *err)
{
    if (u->r->expanded > TH_ARCHIVE_TOTAL) {
        u->over = true;
        th_error_set(err, TH_ERR_BOMB, "%s: expands to more than %d GB; what was read before is kept", u->s->path,
                     (int)(TH_ARCHIVE_TOTAL >> 30));
    } else if (u->expanded > TH_ARCHIVE_RATIO_FROM && u->expanded / TH_ARCHIVE_RATIO > u->packed) {
        u->over = true;
        th_error_set(err, TH_ERR_BOMB, "%s: expands to more than %d times its size; what was read before is kept", u->s->path,
                     TH_ARCHIVE_RATIO);
    }
    return !u->over;
}

static const char *why(unpack *u)
{
    const char *text = archive_error_string(u->archive);

    return text ? text : "unknown reason";
}

static ssize_t read_member(void *ctx, char *to, size_t max, th_error *err)
{
    unpack *u = ctx;
    la_ssize_t got = archive_read_data(u->archive, to, max < PIECE * 4 ? max : PIECE * 4);

    if (got < 0) {
        th_error_set(err, TH_ERR_PARSE, "%s: can not be unpacked: %s", u->member, why(u));
        return -1;
    }
    u->expanded += (uint64_t)got;
    u->r->expanded += (uint64_t)got;
    return check_limits(u, err) ? got : -1;
}

/* Step over what is left of the member. A compressed stream has to be unpacked for that, and may be a bomb. */
static bool finish_member(unpack *u, th_error *err)
{
    char *buf = u->buf;
    la_ssize_t got;

    if (archive_format(u->archive) == ARCHIVE_FORMAT_ZIP || archive_filter_count(u->archive) < 2)
        return true; /* libarchive leaps over it */
    while ((got = archive_read_data(u->archive, buf, PIECE)) > 0) {
        u->expanded += (uint64_t)got;
        u->r->expanded += (uint64_t)got;
        if (!check_limits(u, err))
            return false;
        if (u->s->alive)
            u->s->alive(u->s->alive_ctx);
    }
    return true;
}

/* ---- members ---- */

static bool ends_with_any(const char *name, size_t len, const char *const *ends)
{
    for (; *ends; ends++) {
        size_t n = strlen(*ends);
        if (len > n && strncasecmp(name + len - n, *ends, n) == 0)
            return true;
    }
    return false;
}

/* What the system that packed the files put beside them. */
static bool is_hidden(const char *name)
{
    static const char *const system[] = {"__MACOSX", "Thumbs.db", "desktop.ini", "$RECYCLE.BIN", "System Volume Information"};

    for (const char *part = name; part; part = strchr(part, '/')) {
        part += *part == '/';
        size_t n = strcspn(part, "/");
        if (n > 1 && part[0] == '.' && !(n == 2 && part[1] == '.'))
            return true;
        for (size_t i = 0; i < sizeof system / sizeof *system; i++)
            if (n == strlen(system[i]) && strncasecmp(part, system[i], n) == 0)
                return true;
    }
    return false;
}

/* Scripts and styles that a browser saved with a page: text, but nobody's article. */
static bool is_page_part(const char *name, size_t len)
{
    static const char *const ends[] = {".js", ".css", ".mjs", ".map", ".js.download", ".css.download", NULL};

    return ends_with_any(name, len, ends);
}

static const char *name_of(struct archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry);

    if (!name)
        name = archive_entry_pathname_utf8(entry);
    while (name && name[0] == '.' && name[1] == '/' && name[2]) /* tar's way to name what is packed as "." */
        name += 2;
    return name ? name : "?";
}

/* False: the member is none to be read, and is counted. */
static bool is_wanted(unpack *u, struct archive_entry *entry, const char *name)
{
    if (archive_entry_filetype(entry) == AE_IFDIR)
        return false;
    if (is_hidden(name))
        u->hidden++;
    else if (archive_entry_hardlink(entry) || archive_entry_filetype(entry) != AE_IFREG)
        u->links++;
    else if (is_page_part(name, strlen(name)))
        u->parts++;
    else
        return true;
    return false;
}

static th_status read_entry(unpack *u, struct archive_entry *entry, const char *path, th_error *err)
{
    th_error own = {0};
    th_stream member;
    th_status status;

    if (archive_entry_is_encrypted(entry)) {
        th_error_set(&own, TH_ERR_FORMAT, "%s: is encrypted; pack it without a password", path);
        return th_reading_fail(u->r, path, &own, err);
    }
    u->member = path;
    th_stream_reader(&member, path, read_member, u);
    member.alive = u->s->alive;
    member.alive_ctx = u->s->alive_ctx;
    status = th_reading_any(u->r, &member, NULL, &own);
    th_stream_close(&member);
    if (status == TH_OK)
        return TH_OK;
    if (u->r->stopped || u->over || path == u->s->path)
        return th_error_set(err, status, "%s", own.text);
    return th_reading_fail(u->r, path, &own, err);
}

static th_status damaged(unpack *u, th_error *err)
{
    if (archive_read_has_encrypted_entries(u->archive) == 1)
        return th_error_set(err, TH_ERR_FORMAT, "%s: is encrypted; pack it without a password", u->s->path);
    return th_error_set(err, TH_ERR_PARSE, "%s: the archive is damaged after %zu members: %s", u->s->path, u->members, why(u));
}

static th_status read_members(unpack *u, th_error *err)
{
    struct archive_entry *entry;
    th_str path = {0};
    th_status status = TH_OK;
    int code;

    while (status == TH_OK && (code = archive_read_next_header(u->archive, &entry)) != ARCHIVE_EOF) {
        if (code == ARCHIVE_RETRY)
            continue;
        if (code < ARCHIVE_WARN) {
            status = damaged(u, err);
            break;
        }
        if (++u->members > TH_ARCHIVE_MEMBERS) {
            status = th_error_set(err, TH_ERR_BOMB, "%s: more than %d members", u->s->path, TH_ARCHIVE_MEMBERS);
            break;
        }
        const char *name = name_of(entry);
        bool raw = archive_format(u->archive) == ARCHIVE_FORMAT_RAW;
        if (raw && archive_filter_count(u->archive) < 2) /* it was not unpacked at all */
            status = th_error_set(err, TH_ERR_PARSE, "%s: begins like an archive and is none, or is cut off", u->s->path);
        else if (raw)
            status = read_entry(u, entry, u->s->path, err);
        else if (is_wanted(u, entry, name) &&
                 (status = th_labels_path(&u->labels, &path, u->s->path, name, strlen(name), err)) == TH_OK)
            status = read_entry(u, entry, th_str_text(&path), err);
        if (status == TH_OK && !finish_member(u, err))
            status = err->status;
    }
    th_str_free(&path);
    return status;
}

static void note_left_out(unpack *u)
{
    char text[1400];

    if (!u->r->sink->note || !(u->hidden + u->parts + u->links))
        return;
    snprintf(text, sizeof text, "%.1000s: left out: %zu hidden or system files, %zu scripts and styles, %zu links", u->s->path,
             u->hidden, u->parts, u->links);
    u->r->sink->note(u->r->sink->ctx, text);
}

/* ---- opening ---- */

/* A compressed stream may hold anything; zip and 7z are what they are. */
static bool is_stream(const char *head, size_t len)
{
    return len >= 4 && memcmp(head, "PK", 2) != 0 && memcmp(head, "7z\xbc\xaf", 4) != 0;
}

static th_status open_archive(unpack *u, th_error *err)
{
    const char *head;
    size_t len;
    struct stat st;
    th_status status = th_stream_peek(u->s, 512, &head, &len, err);
    bool stream = status == TH_OK && is_stream(head, len);

    if (status == TH_OK && !stream && !can_seek(u->s) &&
        (status = th_stream_rest(u->s, TH_MEMBER_MAX, &head, &len, err)) == TH_OK)
        u->s->read = NULL; /* all of it is in view: now it can seek */
    if (status != TH_OK)
        return status;
    u->size = (int64_t)(u->s->stop - u->s->start);
    if (u->s->fd >= 0 && fstat(u->s->fd, &st) == 0)
        u->size = st.st_size;
    u->archive = archive_read_new();
    u->buf = malloc(PIECE);
    if (!u->archive || !u->buf)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", u->s->path);
    archive_read_support_format_tar(u->archive);
    if (stream) {
        archive_read_support_filter_gzip(u->archive);
        archive_read_support_filter_bzip2(u->archive);
        archive_read_support_filter_xz(u->archive);
        archive_read_support_filter_zstd(u->archive);
        archive_read_support_format_raw(u->archive);
        archive_read_support_format_empty(u->archive);
    } else {
        archive_read_support_format_zip(u->archive);
        archive_read_support_format_7zip(u->archive);
    }
    archive_read_set_callback_data(u->archive, u);
    archive_read_set_read_callback(u->archive, read_packed);
    archive_read_set_skip_callback(u->archive, skip_packed);
    if (can_seek(u->s))
        archive_read_set_seek_callback(u->archive, seek_packed);
    if (archive_read_open1(u->archive) == ARCHIVE_OK)
        return TH_OK;
    /* Nothing else may be asked of it: libarchive 3.6 has no format then, and looks for what it can do beside its table. */
    return th_error_set(err, TH_ERR_PARSE, "%s: the archive can not be opened: %s", u->s->path, why(u));
}

th_status th_archive_read(th_reading *r, th_stream *s, th_error *err)
{
    unpack u = {.r = r, .s = s, .member = s->path};
    th_status status;

    if (r->layers >= TH_LAYERS_MAX)
        return th_error_set(err, TH_ERR_FORMAT, "%s: an archive in an archive in an archive; unpack the outer one", s->path);
    r->layers++;
    status = open_archive(&u, err);
    if (status == TH_OK)
        status = read_members(&u, err);
    if (status == TH_OK && !u.members)
        status = th_error_set(err, TH_ERR_EMPTY, "%s: an archive without members", s->path);
    note_left_out(&u);
    r->layers--;
    archive_read_free(u.archive);
    free(u.buf);
    th_labels_free(&u.labels);
    return status;
}
