/* cmd_run.c - `talenthost run`: load what is new, bring plugins up to date, run a script. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "cli/cli.h"
#include "run/script.h"

typedef struct request {
    const char *script; /* path; NULL: none */
    const char **plugins;
    size_t plugin_count;
    const char **args; /* name=value */
    size_t arg_count;
} request;

static bool is_lua(const char *name)
{
    size_t len = strlen(name);

    return len > 4 && strcmp(name + len - 4, ".lua") == 0;
}

/* A script by path, else by name in the folders of `scripts:`. */
static th_status find_script(th_cli *cli, const char *name, const char **out, th_error *err)
{
    th_str path = {0};

    if (access(name, F_OK) == 0) {
        *out = name;
        return TH_OK;
    }
    for (size_t i = 0; !strchr(name, '/') && i < cli->config.scripts.count; i++) {
        th_str_clear(&path);
        th_path_join(&path, cli->config.scripts.items[i], name);
        if (access(th_str_text(&path), F_OK) == 0) {
            *out = th_arena_copy(cli->arena, th_str_text(&path), path.len);
            th_str_free(&path);
            return *out ? TH_OK : th_error_set(err, TH_ERR_NOMEM, "out of memory");
        }
    }
    th_str_free(&path);
    return th_error_set(err, TH_ERR_USAGE, "%s: no such script, neither here nor in %s (scripts: in config.yaml)", name,
                        cli->config.scripts.count ? cli->config.scripts.items[0] : "scripts/");
}

/* The name of the plugin whose file `path` is; NULL when it is none's. */
static const char *plugin_of(const th_bundle *bundle, const char *path)
{
    th_str plain = {0};
    const char *found = NULL;

    th_path_join(&plain, ".", path);
    for (size_t i = 0; i < bundle->plugin_count && !found; i++)
        if (strcmp(bundle->plugins[i].path, th_str_text(&plain)) == 0)
            found = bundle->plugins[i].name;
    th_str_free(&plain);
    return found;
}

static th_status sort_argument(th_cli *cli, const th_bundle *bundle, const char *arg, request *r, th_error *err)
{
    const char *plugin = is_lua(arg) ? plugin_of(bundle, arg) : arg;

    if (!is_lua(arg) && strchr(arg, '=')) {
        r->args[r->arg_count++] = arg;
        return TH_OK;
    }
    if (plugin) {
        r->plugins[r->plugin_count++] = plugin;
        return TH_OK;
    }
    if (r->script)
        return th_error_set(err, TH_ERR_USAGE, "run: one script at a time, got %s and %s", r->script, arg);
    return find_script(cli, arg, &r->script, err);
}

static th_status sort_arguments(th_cli *cli, const th_bundle *bundle, request *r, th_error *err)
{
    th_status status = TH_OK;

    r->plugins = th_arena_zalloc(cli->arena, cli->arg_count + 1, sizeof *r->plugins);
    r->args = th_arena_zalloc(cli->arena, cli->arg_count + 1, sizeof *r->args);
    if (!r->plugins || !r->args)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    for (size_t i = 0; status == TH_OK && i < cli->arg_count; i++)
        status = sort_argument(cli, bundle, cli->args[i], r, err);
    if (status == TH_OK && r->arg_count && !r->script)
        status = th_error_set(err, TH_ERR_USAGE, "run: %s is for a script, and none is named", r->args[0]);
    if (status == TH_OK && r->plugin_count && r->script)
        status = th_error_set(err, TH_ERR_USAGE, "run: a script says itself which plugins it needs; leave %s out",
                              r->plugins[0]);
    return status;
}

/* The arguments of config.yaml for the script, and behind them, so that they win, those of the command line. */
static const char **all_arguments(th_cli *cli, const request *r, size_t *count)
{
    const th_config *c = &cli->config;
    const char **all = th_arena_zalloc(cli->arena, c->argument_count + r->arg_count + 1, sizeof *all);
    const char *base = th_path_base(r->script);
    size_t len = strlen(base) - strlen(".lua");

    *count = 0;
    for (size_t i = 0; all && i < c->argument_count; i++)
        if (strlen(c->arguments[i].script) == len && strncmp(c->arguments[i].script, base, len) == 0)
            all[(*count)++] = c->arguments[i].text;
    for (size_t i = 0; all && i < r->arg_count; i++)
        all[(*count)++] = r->args[i];
    return all;
}

static th_status read_script(th_cli *cli, const request *r, th_script_options *out, th_error *err)
{
    size_t arg_count = 0;
    th_str bytes = {0};
    th_status status = th_file_read(&bytes, r->script, 16 << 20, err);

    *out = (th_script_options){.path = r->script, .output = cli->config.output, .args = all_arguments(cli, r, &arg_count), .arg_count = arg_count};
    if (status == TH_OK) {
        out->len = bytes.len;
        out->bytes = th_arena_copy(cli->arena, th_str_text(&bytes), bytes.len);
        if (!out->bytes)
            status = th_error_set(err, TH_ERR_NOMEM, "out of memory");
    }
    th_str_free(&bytes);
    return status;
}

/* The command that runs a plugin again with this configuration and store, as it can be pasted; up to the plugin's name. */
static const char *command_again(th_cli *cli)
{
    th_str out = {0};

    th_str_add_word(&out, program_invocation_name);
    th_str_puts(&out, " run");
    if (cli->config_file) {
        th_str_puts(&out, " --config ");
        th_str_add_word(&out, cli->config_file);
    }
    if (cli->store) {
        th_str_puts(&out, " --store ");
        th_str_add_word(&out, cli->store);
    }
    const char *copy = th_str_ok(&out) ? th_arena_copy(cli->arena, out.data, out.len) : NULL;
    th_str_free(&out);
    return copy;
}

/* Is `path` a file that declares a plugin? */
static bool is_plugin_file(const char *path)
{
    th_str bytes = {0};
    bool found = is_lua(path) && th_file_read(&bytes, path, 16 << 20, NULL) == TH_OK && strstr(th_str_text(&bytes), "host.plugin") &&
                 !strstr(th_str_text(&bytes), "host.script");

    th_str_free(&bytes);
    return found;
}

/* A plugin named by its file need not lie in a folder of plugins: */
static th_status read_assets(th_cli *cli, th_assets *assets, th_error *err)
{
    th_paths *paths = &cli->config.plugins;
    th_status status = th_assets_read(assets, cli->arena, &cli->config, err);
    size_t before = paths->count;
    const char **more = th_arena_zalloc(cli->arena, paths->count + cli->arg_count + 1, sizeof *more);

    if (status != TH_OK)
        return status;
    if (!more)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < paths->count; i++)
        more[i] = paths->items[i];
    for (size_t i = 0; i < cli->arg_count; i++)
        if (is_plugin_file(cli->args[i]) && !plugin_of(&assets->bundle, cli->args[i]))
            more[paths->count++] = cli->args[i];
    paths->items = more;
    return paths->count == before ? TH_OK : th_assets_read(assets, cli->arena, &cli->config, err);
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_assets assets;
    th_job_report report;
    request r = {0};
    th_script_options script;
    th_status status;
    int result;

    if ((status = th_cli_configure(cli, &err)) != TH_OK ||
        (status = read_assets(cli, &assets, &err)) != TH_OK ||
        (status = sort_arguments(cli, &assets.bundle, &r, &err)) != TH_OK)
        return th_cli_fail(&err);
    if (r.script && ((status = read_script(cli, &r, &script, &err)) != TH_OK ||
                     (status = th_script_probe(&script, &assets, cli->arena, &r.plugins, &r.plugin_count, &err)) != TH_OK))
        return th_cli_fail(&err);
    th_job_options options = {.config = &cli->config,
                              .command = cli->line,
                              .shard = cli->shard,
                              .with_plugins = !r.script || r.plugin_count,
                              .plugins = r.plugins,
                              .plugin_count = r.plugin_count,
                              .force = cli->force || cli->article,
                              .only_failed = cli->only_failed,
                              .article = cli->article,
                              .again = command_again(cli),
                              .profile = cli->profile,
                              .trace = cli->trace,
                              .lock = {.wait_s = cli->wait_s},
                              .parent_id = th_cli_parent_run()};
    if (th_job_run(&options, &assets, &report, &err) != TH_OK)
        return th_cli_fail_run(cli, &err);
    result = th_cli_report_job(cli, &report);
    result = th_cli_report(cli, &report.run_id, 1, NULL, 0, result);
    if (r.script && th_script_execute(&script, &cli->config, &assets, &err) != TH_OK)
        return th_cli_fail(&err);
    return result;
}

int th_cmd_run_help(th_cli *cli)
{
    th_error err = {0};
    th_assets assets;
    request r = {0};
    th_script_options script;
    th_str out = {0};
    int result;

    if (th_cli_configure(cli, &err) != TH_OK || th_assets_read(&assets, cli->arena, &cli->config, &err) != TH_OK ||
        sort_arguments(cli, &assets.bundle, &r, &err) != TH_OK)
        return th_cli_fail(&err);
    if (!r.script) {
        th_cli_print_help(cli->command);
        return EXIT_WELL;
    }
    if (read_script(cli, &r, &script, &err) != TH_OK || th_script_help(&script, &assets, &out, &err) != TH_OK)
        result = th_cli_fail(&err);
    else
        result = th_cli_emit(&out, EXIT_WELL);
    th_str_free(&out);
    return result;
}

const th_command th_cmd_run = {
    "run",
    "[SCRIPT.lua [NAME=VALUE…] | PLUGIN…]",
    "load what is new, bring plugins up to date, run a script",
    "First loads new and changed files from articles: in config.yaml, then runs every plugin on the articles that lack\n"
    "its results, then the script over the whole store. Without arguments: all plugins. With a script: the plugins it\n"
    "needs. A script is found by its path or by its name in scripts: (compare.lua). NAME=VALUE are its arguments, over those under args: in config.yaml;\n"
    "`run --help SCRIPT` lists them.\n"
    "What did not change is not done again, unless --force says so; --only-failed does only what failed before; --article runs\n"
    "the plugins named on one stored article, whether their results are current or not. --profile (or --verbose) tells what\n"
    "plugins cost and where they were slowest.",
    OPT_STORE | OPT_ARTICLES | OPT_CONFIG | OPT_JOBS | OPT_OUTPUT | OPT_JSON | OPT_QUIET | OPT_VERBOSE | OPT_FORCE |
        OPT_ONLY_FAILED | OPT_ARTICLE | OPT_TRACE | OPT_PROFILE | OPT_SHARD | OPT_WAIT | OPT_REPORT,
    run,
};
