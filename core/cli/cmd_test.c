/* cmd_test.c - `talenthost test`: test files, and what every plugin must bear. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/author.h"

enum { MAX_TEST_FILE = 64 << 20, MAX_FILES = 1000 };

/* What is to be tested, and how it went. */
typedef struct session {
    th_cli *cli;
    th_assets assets;
    const char *files[MAX_FILES]; /* test files */
    size_t file_count;
    const char *plugins[MAX_FILES]; /* names of plugins to check */
    size_t plugin_count;
    size_t passed, failed, written;
} session;

static const char *joined(th_cli *cli, const char *dir, const char *name)
{
    th_str path = {0};

    th_path_join(&path, dir, name);
    const char *copy = th_str_ok(&path) ? th_arena_copy(cli->arena, th_str_text(&path), path.len) : NULL;
    th_str_free(&path);
    return copy;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* ---- finding ---- */

static th_status find_tests(session *s, const char *folder, int depth, th_error *err)
{
    DIR *dir = opendir(folder);
    struct dirent *e;
    struct stat st;

    if (!dir)
        return th_error_set(err, TH_ERR_UNREADABLE, "%s: %s", folder, strerror(errno));
    while ((e = readdir(dir)) != NULL) {
        const char *path = *e->d_name == '.' ? NULL : joined(s->cli, folder, e->d_name);
        if (!path || stat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode) && depth < 8 && find_tests(s, path, depth + 1, err) != TH_OK)
            break;
        if (S_ISREG(st.st_mode) && th_path_ends(path, "_test.lua") && s->file_count < MAX_FILES)
            s->files[s->file_count++] = path;
    }
    closedir(dir);
    return err->status;
}

static void add_plugins_of(session *s, const char *dir, const char *path)
{
    for (size_t i = 0; i < s->assets.bundle.plugin_count && s->plugin_count < MAX_FILES; i++) {
        const th_source *p = &s->assets.bundle.plugins[i];
        if (path ? strcmp(p->path, path) == 0 : strcmp(p->dir, dir) == 0)
            s->plugins[s->plugin_count++] = p->name;
    }
}

/* The test file of a plugin: x_test.lua beside x.lua. */
static const char *test_of(th_cli *cli, const char *plugin)
{
    th_str path = {0};
    struct stat st;

    th_str_add(&path, plugin, strlen(plugin) - strlen(".lua"));
    th_str_puts(&path, "_test.lua");
    const char *copy = stat(th_str_text(&path), &st) == 0 ? th_arena_copy(cli->arena, th_str_text(&path), path.len) : NULL;
    th_str_free(&path);
    return copy;
}

static const char *plain_path(const char *path)
{
    while (path[0] == '.' && path[1] == '/')
        path += 2;
    return path;
}

/* A folder: the tests below it and its plugins; a test file: itself; a plugin: its checks and its test. */
static th_status add_target(session *s, const char *path, th_error *err)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return th_error_set(err, TH_ERR_MISSING, "%s: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode)) {
        const char *dir = path;
        size_t len = strlen(path);
        while (len > 1 && path[len - 1] == '/')
            len--;
        if (path[len])
            dir = th_arena_copy(s->cli->arena, path, len);
        add_plugins_of(s, dir ? dir : path, NULL);
        return find_tests(s, dir ? dir : path, 0, err);
    }
    if (th_path_ends(path, "_test.lua")) {
        s->files[s->file_count++] = path;
        return TH_OK;
    }
    add_plugins_of(s, NULL, path);
    const char *test = test_of(s->cli, path);
    if (test)
        s->files[s->file_count++] = test;
    return TH_OK;
}

/* The plugin path a target needs: a folder itself, a file's own folder or, when that holds no plugins, what is configured. */
static th_status add_plugin_path(th_cli *cli, const char *path, th_error *err)
{
    struct stat st;

    if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && !th_path_ends(path, ".lua"))
        return th_error_set(err, TH_ERR_USAGE, "%s: expected a folder, a plugin or a file that ends in _test.lua", path);
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && th_path_ends(path, "_test.lua")) {
        th_str plugin = {0};
        th_str_add(&plugin, path, strlen(path) - strlen("_test.lua"));
        th_str_puts(&plugin, ".lua");
        const char *copy = th_arena_copy(cli->arena, th_str_text(&plugin), plugin.len);
        th_str_free(&plugin);
        if (!copy || stat(copy, &st) != 0)
            return TH_OK;
        path = copy;
    }
    return th_author_add_path(cli, path, err);
}

/* ---- fixtures ---- */

typedef struct fixtures {
    th_fixture *items;
    size_t count, cap;
} fixtures;

/* Every file of `folder`, named by its path below the test's folder. */
static th_status read_fixtures(th_cli *cli, fixtures *f, const char *folder, const char *name, int depth, th_error *err)
{
    DIR *dir = opendir(folder);
    struct dirent *e;
    struct stat st;
    th_status status = TH_OK;

    if (!dir)
        return TH_OK; /* a test need not have any */
    while (status == TH_OK && (e = readdir(dir)) != NULL) {
        const char *path = *e->d_name == '.' ? NULL : joined(cli, folder, e->d_name);
        const char *below = path ? joined(cli, name, e->d_name) : NULL;
        if (!below || stat(path, &st) != 0)
            continue;
        if ((status = th_path_stays(folder, path, err)) != TH_OK)
            break;
        if (S_ISDIR(st.st_mode) && depth < 8)
            status = read_fixtures(cli, f, path, below, depth + 1, err);
        if (!S_ISREG(st.st_mode))
            continue;
        th_str bytes = {0};
        th_fixture *items = th_arena_grow(cli->arena, f->items, f->count, &f->cap, sizeof *items);
        if (items && (status = th_file_read(&bytes, path, MAX_TEST_FILE, err)) == TH_OK) {
            f->items = items;
            items[f->count] = (th_fixture){below, th_arena_copy(cli->arena, th_str_text(&bytes), bytes.len), bytes.len};
            f->count += items[f->count].bytes != NULL;
        }
        th_str_free(&bytes);
    }
    closedir(dir);
    return status;
}

/* ---- running ---- */

static void report(void *ctx, const char *name, const char *message)
{
    session *s = ctx;

    if (message) {
        s->failed++;
        printf("FAILED  %s\n        %s\n", name, message);
    } else {
        s->passed++;
        if (s->cli->verbose)
            printf("ok      %s\n", name);
    }
    fflush(stdout);
}

typedef struct writer {
    session *s;
    const char *dir;
} writer;

static th_status write_golden(void *ctx, const char *name, const char *rows, size_t len, th_error *err)
{
    writer *w = ctx;
    const char *path = joined(w->s->cli, w->dir, name);
    FILE *fp = NULL;

    if (strncmp(name, "fixtures/", 9) != 0 || strstr(name, "/../"))
        return th_error_set(err, TH_ERR_USAGE, "%s: golden rows are kept below fixtures/", name);
    if (path && th_path_stays(w->dir, path, err) != TH_OK)
        return err->status;
    fp = path ? fopen(path, "wb") : NULL;
    if (!fp)
        return th_error_set(err, TH_ERR_IO, "%s: %s", path ? path : name, strerror(errno));
    bool ok = fwrite(rows, 1, len, fp) == len;
    if (fclose(fp) != 0 || !ok)
        return th_error_set(err, TH_ERR_IO, "%s: %s", path, strerror(errno));
    w->s->written++;
    return TH_OK;
}

static th_status run_file(session *s, const char *path, th_error *err)
{
    th_str code = {0}, dir = {0};
    fixtures f = {0};
    th_lab *lab = NULL;
    th_error fault = {0};
    th_status status;

    th_path_dir(&dir, path);
    const char *folder = th_arena_copy(s->cli->arena, th_str_text(&dir), dir.len);
    th_str_free(&dir);
    if (!folder)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    const char *below = joined(s->cli, folder, "fixtures");
    if ((status = th_path_stays(folder, path, err)) == TH_OK &&
        (status = th_file_read(&code, path, MAX_TEST_FILE, err)) == TH_OK && (status = th_path_stays(folder, below, err)) == TH_OK)
        status = read_fixtures(s->cli, &f, below, "fixtures", 0, err);
    th_lab_options options = {.assets = &s->assets, .limits = th_author_limits(&s->cli->config), .path = path, .dir = folder,
                              .code = th_str_text(&code), .code_len = code.len, .fixtures = f.items, .fixture_count = f.count,
                              .update = s->cli->update};
    printf("%s\n", path);
    if (status == TH_OK)
        status = th_lab_open(&lab, &options, err);
    if (status == TH_OK && th_lab_tests(lab, report, s, &fault) != TH_OK)
        report(s, "the file", fault.text); /* one file that breaks leaves the others running */
    else if (status == TH_OK && s->cli->update)
        status = th_lab_golden(lab, write_golden, &(writer){s, folder}, err);
    th_lab_close(lab);
    th_str_free(&code);
    return status;
}

static bool is_loaded(const char *faults, const session *s, const char *name)
{
    for (size_t i = 0; i < s->assets.bundle.plugin_count; i++)
        if (strcmp(s->assets.bundle.plugins[i].name, name) == 0) {
            const char *path = s->assets.bundle.plugins[i].path;
            for (const char *at = strstr(faults, path); at; at = strstr(at + 1, path))
                if ((at == faults || at[-1] == '\n') && at[strlen(path)] == ':')
                    return false;
        }
    return true;
}

static th_status check_plugins(session *s, th_error *err)
{
    th_lab *lab = NULL;
    th_lab_options options = {.assets = &s->assets, .limits = th_author_limits(&s->cli->config), .path = "test", .dir = "."};
    th_status status = s->plugin_count ? th_lab_open(&lab, &options, err) : TH_OK;

    if (lab) {
        for (const char *line = th_lab_faults(lab); *line;) {
            th_error fault = {0};
            size_t len = strcspn(line, "\n");
            th_error_set(&fault, TH_ERR_RUNTIME, "%.*s", (int)len, line);
            report(s, "loads", fault.text);
            line += len + (line[len] == '\n');
        }
    }
    for (size_t i = 0; status == TH_OK && i < s->plugin_count; i++) {
        th_error fault = {0};
        if (is_loaded(th_lab_faults(lab), s, s->plugins[i]) && th_lab_check(lab, s->plugins[i], report, s, &fault) != TH_OK)
            report(s, s->plugins[i], fault.text);
    }
    th_lab_close(lab);
    return status;
}

/* Is it the folder of plugins that comes with the program? An author means their own. */
static bool is_bundled(th_cli *cli, const char *path)
{
    const char *bundled = joined(cli, cli->config.home, "plugins");

    return bundled && strcmp(path, bundled) == 0;
}

static th_status choose(session *s, th_error *err)
{
    th_cli *cli = s->cli;
    th_status status = TH_OK;

    for (size_t i = 0; status == TH_OK && i < cli->arg_count; i++) {
        cli->args[i] = plain_path(cli->args[i]);
        status = add_plugin_path(cli, cli->args[i], err);
    }
    if (status == TH_OK)
        status = th_assets_read(&s->assets, cli->arena, &cli->config, err);
    for (size_t i = 0; status == TH_OK && i < cli->arg_count; i++)
        status = add_target(s, cli->args[i], err);
    for (size_t i = 0; status == TH_OK && !cli->arg_count && i < cli->config.plugins.count; i++)
        if (cli->config.plugins.count == 1 || !is_bundled(cli, cli->config.plugins.items[i]))
            status = add_target(s, plain_path(cli->config.plugins.items[i]), err);
    if (s->file_count > 1)
        qsort(s->files, s->file_count, sizeof *s->files, by_text);
    return status;
}

static int run(th_cli *cli)
{
    session *s = th_arena_zalloc(cli->arena, 1, sizeof *s);
    th_error err = {0};
    th_status status;

    if (!s)
        return th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    s->cli = cli;
    if ((status = th_cli_configure(cli, &err)) == TH_OK)
        status = choose(s, &err);
    for (size_t i = 0; status == TH_OK && i < s->file_count; i++)
        status = run_file(s, s->files[i], &err);
    if (status == TH_OK && s->plugin_count)
        printf("every plugin: %zu\n", s->plugin_count);
    if (status == TH_OK)
        status = check_plugins(s, &err);
    if (status != TH_OK)
        return th_cli_fail(&err);
    if (s->written)
        printf("%zu file%s of golden rows written\n", s->written, s->written == 1 ? "" : "s");
    if (!s->passed && !s->failed)
        return th_cli_fail(&(th_error){TH_ERR_USAGE, "test: no plugins and no files that end in _test.lua there"});
    printf("%zu passed, %zu failed\n", s->passed, s->failed);
    return s->failed ? EXIT_SOME_FAILED : EXIT_WELL;
}

const th_command th_cmd_test = {
    "test",
    "[PATH…]",
    "run the tests of plugins",
    "Runs the files below PATH that end in _test.lua, and tries every plugin there on an empty article, a huge one, damaged text\n"
    "and twice on the same one. PATH is a folder, a plugin or a test file; without it, your plugins of the configuration. Each file\n"
    "runs in a confined process with the limits of a plugin. --update writes golden rows anew. docs/plugins.md shows how tests\n"
    "are written. Exit status 1 when one fails.",
    OPT_CONFIG | OPT_UPDATE | OPT_VERBOSE,
    run,
};
