/* bundle.c - see bundle.h. */
#include "host/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/str.h"

enum { MAX_FILE = 64 * 1024 * 1024, MAX_DEPTH = 8 };

typedef struct reader {
    th_bundle *out;
    th_arena *arena;
    const char *dir; /* the plugin folder being read */
    size_t plugin_cap, file_cap;
} reader;

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static char *joined(reader *r, const char *dir, const char *name)
{
    th_str path = {0};

    th_path_join(&path, dir, name);
    char *copy = th_str_ok(&path) ? th_arena_copy(r->arena, th_str_text(&path), path.len) : NULL;
    th_str_free(&path);
    return copy;
}

static th_status nomem(th_error *err)
{
    return th_error_set(err, TH_ERR_NOMEM, "out of memory while reading plugins");
}

static th_status read_source(reader *r, th_source *out, const char *path, const char *name, th_error *err)
{
    th_str bytes = {0};
    th_status status = th_file_read(&bytes, path, MAX_FILE, err);

    if (status == TH_OK) {
        *out = (th_source){.path = path, .name = name, .dir = r->dir, .len = bytes.len};
        out->bytes = th_arena_copy(r->arena, th_str_text(&bytes), bytes.len);
        if (!out->bytes)
            status = nomem(err);
    }
    th_str_free(&bytes);
    return status;
}

static th_status add_plugin(reader *r, const char *path, th_error *err)
{
    const char *base = th_path_base(path);
    const char *name = th_arena_copy(r->arena, base, strlen(base) - strlen(".lua"));
    th_bundle *b = r->out;

    for (size_t i = 0; name && i < b->plugin_count; i++) {
        if (strcmp(b->plugins[i].name, name) != 0)
            continue;
        if (strcmp(b->plugins[i].path, path) == 0)
            return TH_OK; /* named twice */
        return th_error_set(err, TH_ERR_USAGE, "%s: there is a plugin \"%s\" already, in %s; rename one", path, name,
                            b->plugins[i].path);
    }
    th_source *items = th_arena_grow(r->arena, b->plugins, b->plugin_count, &r->plugin_cap, sizeof *items);
    if (!name || !items)
        return nomem(err);
    b->plugins = items;
    th_status status = read_source(r, &items[b->plugin_count], path, name, err);
    if (status == TH_OK)
        b->plugin_count++;
    return status;
}

static th_status add_file(reader *r, const char *path, const char *name, th_error *err)
{
    th_bundle *b = r->out;

    for (size_t i = 0; i < b->file_count; i++)
        if (strcmp(b->files[i].path, path) == 0)
            return TH_OK;
    th_source *items = th_arena_grow(r->arena, b->files, b->file_count, &r->file_cap, sizeof *items);
    if (!items)
        return nomem(err);
    b->files = items;
    th_status status = read_source(r, &items[b->file_count], path, name, err);
    if (status == TH_OK)
        b->file_count++;
    return status;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in folder `path`, sorted, without hidden ones. */
static th_status list_names(reader *r, const char *path, char ***out, size_t *count, th_error *err)
{
    size_t cap = 0;
    th_status status = TH_OK;
    DIR *dir = opendir(path);

    *out = NULL;
    *count = 0;
    if (!dir)
        return th_error_set(err, errno == ENOENT ? TH_ERR_MISSING : TH_ERR_UNREADABLE, "%s: %s", path, strerror(errno));
    for (struct dirent *e; status == TH_OK && (e = readdir(dir)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        char **items = th_arena_grow(r->arena, *out, *count, &cap, sizeof *items);
        char *name = th_arena_copy(r->arena, e->d_name, strlen(e->d_name));
        if (!items || !name) {
            status = nomem(err);
            break;
        }
        *out = items;
        items[(*count)++] = name;
    }
    closedir(dir);
    if (*count > 1)
        qsort(*out, *count, sizeof **out, by_text);
    return status;
}

/* Everything below `path`; `name` is its path below the plugin folder. */
static th_status add_tree(reader *r, const char *path, const char *name, int depth, th_error *err)
{
    char **names;
    size_t count;
    th_status status = list_names(r, path, &names, &count, err);

    if (depth > MAX_DEPTH)
        return th_error_set(err, TH_ERR_USAGE, "%s: folders nest deeper than %d", path, MAX_DEPTH);
    for (size_t i = 0; status == TH_OK && i < count; i++) {
        const char *full = joined(r, path, names[i]), *below = joined(r, name, names[i]);
        if (!full || !below)
            return nomem(err);
        if ((status = th_path_stays(r->dir, full, err)) != TH_OK)
            return status;
        if (is_folder(full))
            status = add_tree(r, full, below, depth + 1, err);
        else if (is_file(full))
            status = add_file(r, full, below, err);
    }
    return status;
}

static th_status add_data(reader *r, th_error *err)
{
    static const char *const folders[] = {"data", "lib"};
    char **names;
    size_t count;
    th_status status = list_names(r, r->dir, &names, &count, err);

    for (size_t i = 0; status == TH_OK && i < 2; i++) {
        const char *path = joined(r, r->dir, folders[i]);
        if (!path)
            return nomem(err);
        if ((status = th_path_stays(r->dir, path, err)) == TH_OK && is_folder(path))
            status = add_tree(r, path, folders[i], 0, err);
    }
    for (size_t i = 0; status == TH_OK && i < count; i++) {
        const char *path = joined(r, r->dir, names[i]);
        if (!path)
            return nomem(err);
        if ((th_path_ends(names[i], ".yaml") || th_path_ends(names[i], ".tsv")) && is_file(path) &&
            (status = th_path_stays(r->dir, path, err)) == TH_OK)
            status = add_file(r, path, names[i], err);
    }
    return status;
}

static th_status add_folder(reader *r, th_error *err)
{
    char **names;
    size_t count;
    th_status status = list_names(r, r->dir, &names, &count, err);

    for (size_t i = 0; status == TH_OK && i < count; i++) {
        const char *path = joined(r, r->dir, names[i]);
        if (!path)
            return nomem(err);
        if (th_path_ends(names[i], ".lua") && !th_path_ends(names[i], "_test.lua") && is_file(path) &&
            (status = th_path_stays(r->dir, path, err)) == TH_OK)
            status = add_plugin(r, path, err);
    }
    return status == TH_OK ? add_data(r, err) : status;
}

static th_status add_path(reader *r, const char *path, th_error *err)
{
    th_str dir = {0};

    path = th_arena_copy(r->arena, path, strlen(path));
    if (!path)
        return nomem(err);
    if (is_folder(path)) {
        r->dir = path;
        return add_folder(r, err);
    }
    if (!is_file(path))
        return th_error_set(err, TH_ERR_MISSING, "%s: no such plugin file or folder", path);
    if (!th_path_ends(path, ".lua"))
        return th_error_set(err, TH_ERR_USAGE, "%s: a plugin's file name ends in .lua", path);
    th_path_dir(&dir, path);
    r->dir = th_arena_copy(r->arena, th_str_text(&dir), dir.len);
    th_str_free(&dir);
    if (!r->dir)
        return nomem(err);
    th_status status = add_plugin(r, path, err);
    return status == TH_OK ? add_data(r, err) : status;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const th_source *)a)->name, ((const th_source *)b)->name);
}

th_status th_bundle_read(th_bundle *out, th_arena *arena, const char *const *paths, size_t path_count, th_error *err)
{
    reader r = {.out = out, .arena = arena};
    th_status status = TH_OK;

    *out = (th_bundle){0};
    for (size_t i = 0; status == TH_OK && i < path_count; i++)
        status = add_path(&r, paths[i], err);
    if (out->plugin_count > 1)
        qsort(out->plugins, out->plugin_count, sizeof *out->plugins, by_name);
    return status;
}

/* Is `name` "data/" and then `rest`? */
static bool is_data(const char *name, const char *rest)
{
    return strncmp(name, "data/", 5) == 0 && strcmp(name + 5, rest) == 0;
}

const th_source *th_bundle_file(const th_bundle *bundle, const char *dir, const char *name)
{
    const th_source *plain = NULL;

    for (size_t i = 0; i < bundle->file_count; i++) {
        const th_source *file = &bundle->files[i];
        if (strcmp(file->dir, dir) != 0)
            continue;
        if (is_data(file->name, name))
            return file;
        if (strcmp(file->name, name) == 0)
            plain = file;
    }
    return plain;
}
