/* file.c - see file.h. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_STEP = 64 << 10 };

static th_status refuse(th_error *err, const char *path, int number)
{
    if (number == ENOENT || number == ENOTDIR)
        return th_error_set(err, TH_ERR_MISSING, "%s: no such file", path);
    return th_error_set(err, TH_ERR_UNREADABLE, "%s: can not be read: %s", path, strerror(number));
}

th_status th_file_read_fd(th_str *out, int fd, const char *path, size_t max, th_error *err)
{
    struct stat st;
    size_t before = out->len;

    if (fstat(fd, &st) != 0)
        return refuse(err, path, errno);
    if (S_ISDIR(st.st_mode))
        return th_error_set(err, TH_ERR_UNREADABLE, "%s: can not be read: is a folder", path);
    if (st.st_size > 0 && (!max || (size_t)st.st_size <= max))
        th_str_reserve(out, (size_t)st.st_size + 1);
    for (;;) {
        if (!th_str_reserve(out, out->cap - out->len > 4096 ? 4096 : READ_STEP))
            return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory while reading", path);
        ssize_t got = read(fd, out->data + out->len, out->cap - out->len - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return refuse(err, path, errno);
        if (got == 0)
            break;
        out->len += (size_t)got;
        out->data[out->len] = '\0';
        if (max && out->len - before > max)
            return th_error_set(err, TH_ERR_BOMB, "%s: larger than %zu bytes", path, max);
    }
    out->data[out->len] = '\0'; /* an empty file too leaves a text */
    return TH_OK;
}

th_status th_file_read(th_str *out, const char *path, size_t max, th_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return refuse(err, path, errno);
    th_status status = th_file_read_fd(out, fd, path, max, err);
    close(fd);
    return status;
}

bool th_path_is_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);

    if (strcmp(folder, ".") == 0)
        return path[0] != '/' && strncmp(path, "../", 3) != 0;
    if (strcmp(folder, "/") == 0)
        return path[0] == '/';
    return strncmp(path, folder, len) == 0 && path[len] == '/';
}

bool th_path_ends(const char *path, const char *tail)
{
    size_t len = strlen(path), n = strlen(tail);

    return len > n && strcmp(path + len - n, tail) == 0;
}

th_status th_path_stays(const char *dir, const char *path, th_error *err)
{
    struct stat st;
    th_status status = TH_OK;

    if (lstat(path, &st) != 0 || !S_ISLNK(st.st_mode))
        return TH_OK;
    char *to = realpath(path, NULL), *within = realpath(dir, NULL);
    if (to && within && strcmp(to, within) != 0 && !th_path_is_below(to, within))
        status = th_error_set(err, TH_ERR_USAGE, "%s: a link to %s, outside of the folder %s; put the file itself there", path, to, dir);
    free(to);
    free(within);
    return status;
}

const char *th_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

void th_path_dir(th_str *out, const char *path)
{
    const char *base = th_path_base(path);
    size_t len = (size_t)(base - path);

    while (len > 1 && path[len - 1] == '/')
        len--;
    th_str_clear(out);
    if (len)
        th_str_add(out, path, len);
    else
        th_str_putc(out, '.');
}

void th_path_join(th_str *out, const char *dir, const char *name)
{
    th_str_clear(out);
    while (name[0] == '.' && name[1] == '/')
        name += 2;
    if (name[0] != '/' && strcmp(dir, ".") != 0 && dir[0]) {
        th_str_puts(out, dir);
        if (dir[strlen(dir) - 1] != '/')
            th_str_putc(out, '/');
    }
    th_str_puts(out, name);
}

bool th_write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t put = write(fd, bytes, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        bytes += put;
        len -= (size_t)put;
    }
    return true;
}

th_status th_folders_make(const char *path, mode_t mode, th_error *err)
{
    th_str part = {0};
    th_status status = TH_OK;

    for (const char *p = path; status == TH_OK && *p;) {
        p += strspn(p, "/");
        p += strcspn(p, "/");
        th_str_clear(&part);
        th_str_add(&part, path, (size_t)(p - path));
        if (!th_str_ok(&part))
            status = th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", path);
        else if (mkdir(part.data, mode) != 0 && errno != EEXIST)
            status = th_error_set(err, TH_ERR_IO, "%s: can not be made: %s", part.data, strerror(errno));
    }
    th_str_free(&part);
    return status;
}

th_status th_file_replace(const char *path, const th_str *text, th_error *err)
{
    th_str name = {0};
    th_status status = TH_OK;

    th_str_addf(&name, "%s.%ld~", path, (long)getpid());
    if (!th_str_ok(&name) || !th_str_ok(text)) {
        th_str_free(&name);
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", path);
    }
    int fd = open(name.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 || !th_write_all(fd, th_str_text(text), text->len) || fsync(fd) != 0 || rename(name.data, path) != 0) {
        status = th_error_set(err, TH_ERR_IO, "%s: can not be written: %s", path, strerror(errno));
        unlink(name.data);
    }
    if (fd >= 0)
        close(fd);
    th_str_free(&name);
    return status;
}
