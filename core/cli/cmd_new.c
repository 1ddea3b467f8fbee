/* cmd_new.c - `talenthost new`: a plugin or script to begin with. Its texts are in templates.c. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "cli/author.h"
#include "cli/templates.h"
#include "host/doc.h"

/* A file to be written: its path, its text, and whether one that is there already stays as it is. */
typedef struct draft {
    const char *path, *text;
    bool shared;
} draft;

enum { MAX_DRAFTS = 16 };

typedef struct drafts {
    th_cli *cli;
    draft items[MAX_DRAFTS];
    size_t count;
    bool failed; /* out of memory */
} drafts;

/* `text` with every {{name}} replaced. */
static const char *fill(th_cli *cli, const char *text, const char *name)
{
    th_str out = {0};

    for (const char *at; (at = strstr(text, "{{name}}")) != NULL; text = at + strlen("{{name}}")) {
        th_str_add(&out, text, (size_t)(at - text));
        th_str_puts(&out, name);
    }
    th_str_puts(&out, text);
    const char *copy = th_str_ok(&out) ? th_arena_copy(cli->arena, th_str_text(&out), out.len) : NULL;
    th_str_free(&out);
    return copy;
}

static const char *joined(th_cli *cli, const char *dir, const char *name)
{
    th_str path = {0};

    th_path_join(&path, dir, name);
    const char *copy = th_str_ok(&path) ? th_arena_copy(cli->arena, th_str_text(&path), path.len) : NULL;
    th_str_free(&path);
    return copy;
}

static void add(drafts *d, const char *dir, const char *path, const char *text, const char *name, bool shared)
{
    draft item = {.path = fill(d->cli, path, name), .text = fill(d->cli, text, name), .shared = shared};

    if (item.path && *dir)
        item.path = joined(d->cli, dir, item.path);
    if (!item.path || !item.text)
        d->failed = true;
    else
        d->items[d->count++] = item;
}

/* What every project has: the configuration, what editors read, the stubs of the API. */
static void add_project(drafts *d)
{
    th_str meta = {0};

    if (!d->cli->config.file) {
        add(d, "", "config.yaml", th_template_config, "", true);
        add(d, "", "articles/sample.md", th_template_article, "", true);
        add(d, "", "plugins/README.md", th_template_folder, "", true);
    }
    add(d, "", ".luarc.json", th_template_luarc, "", true);
    add(d, "", ".vscode/extensions.json", th_template_vscode, "", true);
    th_doc_meta(&meta);
    if (!th_str_ok(&meta))
        d->failed = true;
    else
        add(d, "", "lua/talenthost.meta.lua", th_str_text(&meta), "", true);
    th_str_free(&meta);
}

/* The last folder of the list that is not the installation's own; `fallback` when there is none. */
static const char *own_folder(const th_cli *cli, const th_paths *paths, const char *fallback)
{
    const char *installed = joined((th_cli *)(uintptr_t)cli, cli->config.home, fallback);

    for (size_t i = paths->count; i-- > 0;) {
        size_t len = strlen(paths->items[i]);
        bool is_file = len > 4 && strcmp(paths->items[i] + len - 4, ".lua") == 0;
        if (!is_file && (cli->config.file || !installed || strcmp(paths->items[i], installed) != 0))
            return paths->items[i];
    }
    return fallback;
}

static bool exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

static th_status make_folders(const char *path, th_error *err)
{
    char copy[4096];

    if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy)
        return th_error_set(err, TH_ERR_USAGE, "%s: path is too long", path);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST)
            return th_error_set(err, TH_ERR_IO, "%s: %s", copy, strerror(errno));
        *slash = '/';
    }
    return TH_OK;
}

static th_status write_draft(const draft *d, th_error *err)
{
    th_status status = make_folders(d->path, err);
    FILE *fp = status == TH_OK ? fopen(d->path, "wbx") : NULL;

    if (status != TH_OK)
        return status;
    if (!fp)
        return th_error_set(err, TH_ERR_IO, "%s: %s", d->path, strerror(errno));
    size_t len = strlen(d->text);
    bool ok = fwrite(d->text, 1, len, fp) == len;
    if (fclose(fp) != 0 || !ok)
        return th_error_set(err, TH_ERR_IO, "%s: %s", d->path, strerror(errno));
    return TH_OK;
}

/* All or nothing: a file of the new plugin that is there already is an error before any is written. */
static th_status write_all(const drafts *d, th_error *err)
{
    th_status status = TH_OK;

    if (d->failed)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < d->count; i++)
        if (!d->items[i].shared && exists(d->items[i].path))
            return th_error_set(err, TH_ERR_USAGE, "%s: there is such a file already; nothing was written", d->items[i].path);
    for (size_t i = 0; status == TH_OK && i < d->count; i++) {
        if (exists(d->items[i].path))
            continue;
        status = write_draft(&d->items[i], err);
        if (status == TH_OK)
            printf("%s\n", d->items[i].path);
    }
    return status;
}

/* A plugin of this name that the configuration has already. */
static th_status check_name(th_cli *cli, const char *name, th_error *err)
{
    th_assets assets;
    th_error ignored = {0};
    const char *fault = th_kind_name_fault(name);

    if (fault)
        return th_error_set(err, TH_ERR_USAGE, "new: the name \"%s\" %s", name, fault);
    if (th_assets_read(&assets, cli->arena, &cli->config, &ignored) != TH_OK)
        return TH_OK; /* its folder is not there yet */
    for (size_t i = 0; i < assets.bundle.plugin_count; i++)
        if (strcmp(assets.bundle.plugins[i].name, name) == 0)
            return th_error_set(err, TH_ERR_USAGE, "new: there is a plugin \"%s\" already, in %s", name, assets.bundle.plugins[i].path);
    return TH_OK;
}

static int new_plugin(th_cli *cli, const char *name)
{
    th_error err = {0};
    drafts d = {.cli = cli};

    if (check_name(cli, name, &err) != TH_OK)
        return th_cli_fail(&err);
    const char *dir = own_folder(cli, &cli->config.plugins, "plugins");
    add(&d, dir, "{{name}}.lua", th_template_plugin, name, false);
    add(&d, dir, "{{name}}_test.lua", th_template_test, name, false);
    add(&d, dir, "data/{{name}}.yaml", th_template_words, name, false);
    add(&d, dir, "fixtures/{{name}}.md", th_template_article, name, false);
    add(&d, dir, "fixtures/{{name}}.{{name}}.jsonl", th_template_golden, name, false);
    add(&d, "", "docs/{{name}}.md", th_template_doc, name, false);
    add_project(&d);
    if (write_all(&d, &err) != TH_OK)
        return th_cli_fail(&err);
    if (!cli->quiet)
        th_log(TH_LOG_INFO, "next: talenthost test %s/%s.lua, then talenthost watch %s", dir, name, name);
    return EXIT_WELL;
}

static int new_script(th_cli *cli, const char *name)
{
    th_error err = {0};
    drafts d = {.cli = cli};
    const char *fault = th_field_name_fault(name);

    if (fault)
        return th_cli_fail(&(th_error){TH_ERR_USAGE, "new: a script's name is a lower-case word such as compare_homes"});
    const char *dir = own_folder(cli, &cli->config.scripts, "scripts");
    add(&d, dir, "{{name}}.lua", th_template_script, name, false);
    add_project(&d);
    if (write_all(&d, &err) != TH_OK)
        return th_cli_fail(&err);
    if (!cli->quiet)
        th_log(TH_LOG_INFO, "next: talenthost run %s.lua", name);
    return EXIT_WELL;
}

static int run(th_cli *cli)
{
    th_error err = {0};

    if (cli->arg_count != 2)
        return th_cli_misuse(cli, "expected plugin or script, and a name");
    if (th_cli_configure(cli, &err) != TH_OK)
        return th_cli_fail(&err);
    if (strcmp(cli->args[0], "plugin") == 0)
        return new_plugin(cli, cli->args[1]);
    if (strcmp(cli->args[0], "script") == 0)
        return new_script(cli, cli->args[1]);
    return th_cli_misuse(cli, "expected plugin or script, got \"%s\"", cli->args[0]);
}

const th_command th_cmd_new = {
    "new",
    "plugin|script NAME",
    "write a plugin or script to begin with",
    "Writes a plugin NAME that runs, with its words, a test, a fixture article, golden rows and a page of documentation; or a script. Where there is\n"
    "no config.yaml, one is written, and the settings that let an editor with the Lua language server complete and check the API.\n"
    "Files that are there already are never written over.",
    OPT_CONFIG | OPT_QUIET,
    run,
};
