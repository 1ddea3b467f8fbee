/* cmd_new.c - `talenthost new`: a plugin or script to begin with. Its texts are in templates.c. */
#include <string.h>

#include "base/log.h"
#include "cli/author.h"
#include "cli/drafts.h"
#include "cli/templates.h"

/* What every project has: the configuration, what editors read, the stubs of the API. */
static void add_project(th_drafts *d)
{
    if (!d->cli->config.file) {
        th_drafts_add(d, "", "config.yaml", th_template_config, "", true);
        th_drafts_add(d, "", "articles/sample.md", th_template_article, "", true);
        th_drafts_add(d, "", "plugins/README.md", th_template_folder, "", true);
    }
    th_drafts_add_editor(d, "", true);
}

/* The last folder of the list that is not the installation's own; `fallback` when there is none. */
static const char *own_folder(const th_cli *cli, const th_paths *paths, const char *fallback)
{
    const char *installed = th_drafts_path((th_cli *)(uintptr_t)cli, cli->config.home, fallback);

    for (size_t i = paths->count; i-- > 0;) {
        size_t len = strlen(paths->items[i]);
        bool is_file = len > 4 && strcmp(paths->items[i] + len - 4, ".lua") == 0;
        if (!is_file && (cli->config.file || !installed || strcmp(paths->items[i], installed) != 0))
            return paths->items[i];
    }
    return fallback;
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
    th_drafts d = {.cli = cli};

    if (check_name(cli, name, &err) != TH_OK)
        return th_cli_fail(&err);
    const char *dir = own_folder(cli, &cli->config.plugins, "plugins");
    th_drafts_add_plugin(&d, dir, "docs", name);
    add_project(&d);
    if (th_drafts_write(&d, &err) != TH_OK)
        return th_cli_fail(&err);
    if (!cli->quiet)
        th_log(TH_LOG_INFO, "next: talenthost test %s/%s.lua, then talenthost watch %s", dir, name, name);
    return EXIT_WELL;
}

static int new_script(th_cli *cli, const char *name)
{
    th_error err = {0};
    th_drafts d = {.cli = cli};
    const char *fault = th_field_name_fault(name);

    if (fault)
        return th_cli_fail(&(th_error){TH_ERR_USAGE, "new: a script's name is a lower-case word such as compare_homes"});
    const char *dir = own_folder(cli, &cli->config.scripts, "scripts");
    th_drafts_add(&d, dir, "{{name}}.lua", th_template_script, name, false);
    add_project(&d);
    if (th_drafts_write(&d, &err) != TH_OK)
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
