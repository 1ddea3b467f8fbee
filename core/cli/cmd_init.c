/* cmd_init.c - `talenthost init`: a folder for a user's own project, with an example that runs. */
#include <stdio.h>

#include "base/log.h"
#include "cli/drafts.h"
#include "cli/templates.h"

/* The example: the plugin and the script `new` writes. */
#define EXAMPLE_PLUGIN "homes"
#define EXAMPLE_SCRIPT "sources"

static void tell_next(const char *dir)
{
    fprintf(stderr,
            "\nA project stands in %s. Put your articles into its folder articles/, then:\n"
            "  cd %s\n"
            "  talenthost test                # the example plugin's own tests\n"
            "  talenthost run compare.lua     # read the articles, run all plugins, compare regions\n"
            "  talenthost run " EXAMPLE_SCRIPT ".lua     # the example script\n"
            "  talenthost watch " EXAMPLE_PLUGIN "         # plugins/" EXAMPLE_PLUGIN ".lua again each time it is saved\n"
            "  talenthost new plugin NAME     # one of your own\n",
            dir, dir);
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_drafts d = {.cli = cli};

    if (cli->arg_count != 1)
        return th_cli_misuse(cli, "expected the folder to make");
    const char *dir = cli->args[0];
    const char *plugins = th_drafts_path(cli, dir, "plugins"), *docs = th_drafts_path(cli, dir, "docs");
    if (!plugins || !docs)
        return th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    th_drafts_add(&d, dir, "config.yaml", th_template_config, "", false);
    th_drafts_add(&d, dir, ".gitignore", th_template_ignore, "", false);
    th_drafts_add(&d, dir, "articles/sample.md", th_template_article, "", false);
    th_drafts_add(&d, dir, "plugins/README.md", th_template_folder, "", false);
    th_drafts_add_plugin(&d, plugins, docs, EXAMPLE_PLUGIN);
    th_drafts_add(&d, dir, "scripts/{{name}}.lua", th_template_script, EXAMPLE_SCRIPT, false);
    th_drafts_add_editor(&d, dir, false);
    if (th_drafts_write(&d, &err) != TH_OK)
        return th_cli_fail(&err);
    if (!cli->quiet)
        tell_next(dir);
    return EXIT_WELL;
}

const th_command th_cmd_init = {
    "init",
    "DIR",
    "make a project of your own",
    "Makes the folder DIR with a commented config.yaml, folders for articles, plugins and scripts, an example plugin with its test, an example\n"
    "script, and the settings that let an editor with the Lua language server complete and check the API. DIR may be there already (\".\"\n"
    "is the current folder); nothing in it is written over.",
    OPT_QUIET,
    run,
};
