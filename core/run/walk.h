/* walk.h - the files behind the paths a user gives: folders are searched, hidden files left out. */
#ifndef TH_RUN_WALK_H
#define TH_RUN_WALK_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/store.h"

typedef struct th_found {
    const char *path; /* as th_path_tidy() spells it */
    const char *name; /* what the system calls it */
    th_file_stamp stamp;
    th_status status;    /* TH_OK, or why it can not be read */
    const char *message; /* when it can not: one line that starts with the path */
} th_found;

typedef struct th_found_list {
    th_found *items;
    size_t count, cap;
} th_found_list;

/* Find the regular files below `paths`, each folder in name order, into `arena`. A symbolic link is followed; one that leads back
 * to a folder it stands in, a missing path and an unreadable folder become entries that say so. */
th_status th_walk(th_found_list *out, th_arena *arena, const char *const *paths, size_t count, th_error *err);

/* Take the files of the database at `store` out of the list: it may lie beside the articles. NULL: none. */
void th_walk_leave_store(th_found_list *list, const char *store);

/* One spelling for each path, so that one file is one article: `./x` and `x//y/` become `x` and `x/y`, and bytes that are no
 * UTF-8 are written \xNN, since the store holds text. What does not fit into `size` bytes is cut. */
void th_path_tidy(char *out, size_t size, const char *path);

/* What the system calls the file at the tidy `path`: with its bytes for \xNN when there is no file named so. */
void th_path_name(char *out, size_t size, const char *path);

/* The stamp of an open or named file (`fd` >= 0 or `path`); false when the system refuses. */
int th_stamp_file(th_file_stamp *out, int fd, const char *path);

#endif
