/* cmd_config.c - `talenthost config`: the configuration as it is understood. */
#include <string.h>

#include "cli/cli.h"

static void list(th_str *out, const char *name, const th_paths *paths)
{
    th_str_addf(out, "%s: [", name);
    for (size_t i = 0; i < paths->count; i++)
        th_str_addf(out, "%s%s", i ? ", " : "", paths->items[i]);
    th_str_puts(out, "]\n");
}

/* Arguments of one script stand together, as they do in the file. */
static void list_arguments(th_str *out, const th_config *c)
{
    for (size_t i = 0; i < c->argument_count; i++) {
        const char *text = c->arguments[i].text, *script = c->arguments[i].script;
        bool first = i == 0 || strcmp(c->arguments[i - 1].script, script) != 0;
        int name = (int)strcspn(text, "=");
        if (i == 0)
            th_str_puts(out, "args:\n");
        if (first)
            th_str_addf(out, "  %s:\n", script);
        th_str_addf(out, "    %.*s: \"%s\"\n", name, text, text + name + 1);
    }
}

static void add_limits(th_str *out, const th_limits *limits)
{
    char text[32];

    for (int i = 0; i < TH_LIMIT_COUNT; i++) {
        th_limit_write(limits, i, text, sizeof text);
        th_str_addf(out, "%s%s: %s", i ? ", " : "{", th_limit_names[i], text);
    }
    th_str_putc(out, '}');
}

static void list_words(th_str *out, const char *name, const char *const *words, size_t count)
{
    if (!count)
        return;
    th_str_addf(out, "    %s: [", name);
    for (size_t i = 0; i < count; i++) {
        th_str_puts(out, i ? ", " : "");
        th_json_text(out, words[i], strlen(words[i]));
    }
    th_str_puts(out, "]\n");
}

static void list_command(th_str *out, const char *name, const th_batch_command *c)
{
    if (!c->words)
        return;
    if (!c->shell) {
        list_words(out, name, c->words, c->count);
        return;
    }
    th_str_addf(out, "    %s: ", name);
    th_json_text(out, c->words[0], strlen(c->words[0]));
    th_str_putc(out, '\n');
}

static void list_scripts(th_str *out, const th_batch_job *job)
{
    if (job->script_count)
        th_str_puts(out, "    scripts:\n");
    for (size_t i = 0; i < job->script_count; i++) {
        const th_batch_script *s = &job->scripts[i];
        th_str_addf(out, s->arg_count ? "      - %s: {" : "      - %s\n", s->name);
        for (size_t k = 0; k < s->arg_count; k++) {
            int name = (int)strcspn(s->args[k], "=");
            th_str_addf(out, "%s%.*s: ", k ? ", " : "", name, s->args[k]);
            th_json_text(out, s->args[k] + name + 1, strlen(s->args[k] + name + 1));
        }
        if (s->arg_count)
            th_str_puts(out, "}\n");
    }
}

static void list_job(th_str *out, const th_batch_job *job)
{
    th_str_addf(out, "  - name: %s\n", job->name);
    list_words(out, "load", job->load.items, job->load.count);
    list_words(out, "plugins", job->plugins, job->plugin_count);
    if (job->no_plugins)
        th_str_puts(out, "    plugins: none\n");
    list_scripts(out, job);
    if (job->export_count)
        th_str_puts(out, "    exports:\n");
    for (size_t i = 0; i < job->export_count; i++)
        th_str_addf(out, "      - {format: %s, output: %s}\n", job->exports[i].format, job->exports[i].output);
    if (job->when)
        th_str_addf(out, "    schedule: \"%s\"\n", job->schedule.cron);
    if (job->timezone)
        th_str_addf(out, "    timezone: %s\n", job->timezone);
    list_words(out, "needs", job->needs, job->need_count);
    if (job->time_limit_s > 0)
        th_str_addf(out, "    time_limit: %gs\n", job->time_limit_s);
    if (job->retries)
        th_str_addf(out, "    retries: %zu\n    pause: %gs\n", job->retries, job->pause_s);
    list_command(out, "on_failure", &job->on_failure);
    list_command(out, "on_success", &job->on_success);
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_str out = {0};
    const th_config *c = &cli->config;

    if (cli->arg_count)
        return th_cli_misuse(cli, "takes no argument");
    if (th_cli_configure(cli, &err) != TH_OK)
        return th_cli_fail(&err);
    th_str_addf(&out, "# from %s\n", c->file ? c->file : "the defaults (no config.yaml here)");
    list(&out, "articles", &c->articles);
    list(&out, "plugins", &c->plugins);
    list(&out, "scripts", &c->scripts);
    th_str_addf(&out, "store: %s\noutput: %s\nlang: %s\n", c->store, c->output, c->lang);
    if (c->codebook)
        th_str_addf(&out, "codebook: %s\n", c->codebook);
    th_str_puts(&out, "limits: ");
    add_limits(&out, &c->limits);
    th_str_puts(&out, c->plugin_limit_count ? "\nplugin_limits:\n" : "\n");
    for (size_t i = 0; i < c->plugin_limit_count; i++) {
        th_limits all = c->limits;
        th_limits_merge(&all, &c->plugin_limits[i].limits);
        th_str_addf(&out, "  %s: ", c->plugin_limits[i].plugin);
        add_limits(&out, &all);
        th_str_putc(&out, '\n');
    }
    if (c->jobs)
        th_str_addf(&out, "jobs: %zu\n", c->jobs);
    if (c->keep_s > 0)
        th_str_addf(&out, "keep: %gs\n", c->keep_s);
    th_str_addf(&out, "require_sandbox: %s\n", c->require_sandbox ? "true" : "false");
    list_arguments(&out, c);
    if (c->timezone)
        th_str_addf(&out, "timezone: %s\n", c->timezone);
    if (c->batch_count)
        th_str_puts(&out, "batch:\n");
    for (size_t i = 0; i < c->batch_count; i++)
        list_job(&out, &c->batch[i]);
    int status = th_cli_emit(&out, EXIT_WELL);
    th_str_free(&out);
    return status;
}

const th_command th_cmd_config = {
    "config",
    "",
    "print the configuration as it is understood",
    "Prints every setting with the options laid over it, in the form of config.yaml. Paths are relative to this folder.",
    OPT_STORE | OPT_ARTICLES | OPT_CONFIG | OPT_JOBS | OPT_OUTPUT,
    run,
};
