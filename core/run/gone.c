/* gone.c - see gone.h. */
#include "run/gone.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

typedef struct change {
    const char *path;
    bool gone;
} change;

typedef struct comparison {
    const th_paths *roots;
    const th_found **found; /* in the order of their paths */
    size_t count, next;
    const th_found_list *list;
    th_arena *arena;
    change *changes;
    size_t change_count, change_cap;
} comparison;

static int by_path(const void *a, const void *b)
{
    return strcmp((*(const th_found *const *)a)->path, (*(const th_found *const *)b)->path);
}

/* Was a folder above it walked, and no part of the way unreadable? */
static bool was_looked_for(const comparison *c, const char *path)
{
    bool below = false;

    for (size_t i = 0; i < c->list->count; i++)
        if (c->list->items[i].status != TH_OK &&
            (strcmp(path, c->list->items[i].path) == 0 || th_path_is_below(path, c->list->items[i].path)))
            return false;
    for (size_t i = 0; i < c->roots->count && !below; i++) {
        char root[4096];
        th_path_tidy(root, sizeof root, c->roots->items[i]);
        below = th_path_is_below(path, root);
    }
    return below;
}

/* What the walk leaves out on purpose, a hidden file that was named once, may still be there. */
static bool is_nowhere(const char *path)
{
    struct stat st;
    char name[4096];

    th_path_name(name, sizeof name, path);
    return lstat(name, &st) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

static th_status note(comparison *c, const char *path, bool gone, th_error *err)
{
    change *grown = th_arena_grow(c->arena, c->changes, c->change_count, &c->change_cap, sizeof *grown);
    const char *copy = th_arena_copy(c->arena, path, strlen(path));

    if (!grown || !copy)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory while looking for deleted files");
    c->changes = grown;
    grown[c->change_count++] = (change){copy, gone};
    return TH_OK;
}

/* Both lists are in the order of the paths' bytes: they are walked side by side. */
static th_status compare(void *ctx, const char *path, bool gone, th_error *err)
{
    comparison *c = ctx;

    while (c->next < c->count && strcmp(c->found[c->next]->path, path) < 0)
        c->next++;
    bool found = c->next < c->count && strcmp(c->found[c->next]->path, path) == 0 && c->found[c->next]->status == TH_OK;
    if (found)
        return gone ? note(c, path, false, err) : TH_OK;
    return !gone && was_looked_for(c, path) && is_nowhere(path) ? note(c, path, true, err) : TH_OK;
}

th_status th_gone_mark(th_store *store, const th_paths *roots, const th_found_list *found, size_t *gone, size_t *back,
                       th_error *err)
{
    comparison c = {.roots = roots, .list = found, .count = found->count, .arena = th_arena_new()};
    th_status status = TH_OK;
    size_t articles;

    *gone = *back = 0;
    c.found = malloc((found->count + 1) * sizeof(const th_found *));
    if (!c.found || !c.arena) {
        status = th_error_set(err, TH_ERR_NOMEM, "out of memory while looking for deleted files");
        goto done;
    }
    for (size_t i = 0; i < found->count; i++)
        c.found[i] = &found->items[i];
    qsort(c.found, c.count, sizeof *c.found, by_path);
    status = th_store_files_each(store, compare, &c, err);
    for (size_t i = 0; i < c.change_count && status == TH_OK; i++) {
        status = th_store_file_mark(store, c.changes[i].path, c.changes[i].gone, &articles, err);
        *(c.changes[i].gone ? gone : back) += 1;
    }
done:
    free(c.found);
    th_arena_free(c.arena);
    return status;
}
