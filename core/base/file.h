/* file.h - whole files into memory, and the paths around them. */
#ifndef TH_BASE_FILE_H
#define TH_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/str.h"

/* Append the content of `path` to `out`. `max` bytes at most (0: no limit); more is TH_ERR_BOMB.
 * Fails with TH_ERR_MISSING, TH_ERR_UNREADABLE or TH_ERR_NOMEM; the message starts with the path. */
th_status th_file_read(th_str *out, const char *path, size_t max, th_error *err);

/* As th_file_read() from an open descriptor at its current position; `path` is for the message. Does not close it. */
th_status th_file_read_fd(th_str *out, int fd, const char *path, size_t max, th_error *err);

/* Write `text` to `path` whole or not at all: into a new file, PATH.PID~, which takes its place. TH_ERR_IO. */
th_status th_file_replace(const char *path, const th_str *text, th_error *err);

/* Write all bytes to a descriptor; false, with errno, when the system refuses. */
bool th_write_all(int fd, const char *bytes, size_t len);

/* Make the folder `path` and those it stands in, with `mode`; one that is there is as good. TH_ERR_IO. */
th_status th_folders_make(const char *path, mode_t mode, th_error *err);

/* Does `path` lie below `folder` ("." and "/" too)? Both are tidy, and of one kind: absolute, or relative to the same folder. */
bool th_path_is_below(const char *path, const char *folder);

/* Does `path` end in `tail` (".csv"), with something in front of it? */
bool th_path_ends(const char *path, const char *tail);

/* TH_ERR_USAGE when `path` is a symbolic link that leads out of the folder `dir`: what someone put into a folder would otherwise read
 * or overwrite whatever the user may. Only the last name of `path` is asked about, so walk from `dir` downwards. */
th_status th_path_stays(const char *dir, const char *path, th_error *err);

/* `out` = the folder of `path` ("." when it names none). */
void th_path_dir(th_str *out, const char *path);

/* `out` = `name` when it is absolute, else `dir`/`name`; a leading "./" of `name` is left out. */
void th_path_join(th_str *out, const char *dir, const char *name);

/* The last component of `path`; borrowed from it. */
const char *th_path_base(const char *path);

#endif
