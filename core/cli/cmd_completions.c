/* cmd_completions.c - `talenthost completions`: scripts for shells, and the names they ask for. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/complete.h"

static th_status list_plugins(th_cli *cli, th_str *out, th_error *err)
{
    th_assets assets;
    th_status status = th_assets_read(&assets, cli->arena, &cli->config, err);

    for (size_t i = 0; status == TH_OK && i < assets.bundle.plugin_count; i++)
        th_str_addf(out, "%s\n", assets.bundle.plugins[i].name);
    return status;
}

/* The scripts in a folder of `scripts:`; one that can not be read has none. */
static void list_folder(th_str *out, const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;

    while (dir && (entry = readdir(dir)) != NULL) {
        size_t len = strlen(entry->d_name);
        if (len > 4 && *entry->d_name != '.' && strcmp(entry->d_name + len - 4, ".lua") == 0)
            th_str_addf(out, "%s\n", entry->d_name);
    }
    if (dir)
        closedir(dir);
}

static th_status list_names(th_cli *cli, th_str *out, th_error *err)
{
    th_status status = th_cli_configure(cli, err);

    if (status != TH_OK || strcmp(cli->args[0], "plugins") == 0)
        return status == TH_OK ? list_plugins(cli, out, err) : status;
    for (size_t i = 0; i < cli->config.scripts.count; i++)
        list_folder(out, cli->config.scripts.items[i]);
    return TH_OK;
}

static int run(th_cli *cli)
{
    static const struct {
        const char *shell;
        void (*make)(th_str *out);
    } shells[] = {{"bash", th_complete_bash}, {"zsh", th_complete_zsh}, {"fish", th_complete_fish}};
    const char *what = cli->arg_count == 1 ? cli->args[0] : "";
    th_str out = {0};
    th_error err = {0};
    th_status status = TH_OK;
    bool known = false;

    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shells[i].shell, what) == 0) {
            shells[i].make(&out);
            known = true;
        }
    if (!known && strcmp(what, "plugins") != 0 && strcmp(what, "scripts") != 0)
        return th_cli_misuse(cli, "expected bash, zsh or fish, got \"%s\"", what);
    if (!known)
        status = list_names(cli, &out, &err);
    if (status == TH_OK && !th_str_ok(&out))
        status = th_error_set(&err, TH_ERR_NOMEM, "out of memory");
    int result = status == TH_OK ? th_cli_emit(&out, EXIT_WELL) : th_cli_fail(&err);
    th_str_free(&out);
    return result;
}

const th_command th_cmd_completions = {
    "completions",
    "bash|zsh|fish",
    "print a completion script for a shell",
    "The Debian package installs all three. For a program built from source:\n"
    "  bash: source <(talenthost completions bash)\n"
    "  zsh:  source <(talenthost completions zsh), behind compinit\n"
    "  fish: talenthost completions fish | source\n"
    "They complete commands, options, files of the kind that is wanted, and the names of plugins and scripts, which they ask\n"
    "`completions plugins` and `completions scripts` for.",
    OPT_CONFIG,
    run,
};
