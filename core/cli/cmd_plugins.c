/* cmd_plugins.c - `talenthost plugins`: what there is, what each needs and records. */
#include <string.h>

#include "base/words.h"
#include "cli/cli.h"
#include "cli/history.h"

static void add_text(th_table *table, const th_str *text)
{
    th_table_text(table, th_str_text(text), text->len);
}

static void add_row(th_table *table, const char *name, const th_pool_plugin *p)
{
    th_str text = {0};

    th_table_row(table);
    th_table_text(table, name, strlen(name));
    if (!p->manifest) {
        th_table_empty(table);
        th_table_empty(table);
        th_table_empty(table);
        th_str_addf(&text, th_words("does not load: %s"), p->message);
        add_text(table, &text);
        th_str_free(&text);
        return;
    }
    th_table_text(table, p->manifest->version, strlen(p->manifest->version));
    for (size_t i = 0; i < p->manifest->need_count; i++)
        th_str_addf(&text, "%s%s", i ? " " : "", p->manifest->needs[i]);
    add_text(table, &text);
    th_str_clear(&text);
    for (size_t i = 0; i < p->manifest->schema_count; i++)
        th_str_addf(&text, "%s%s", i ? " " : "", p->manifest->schemas[i].kind);
    add_text(table, &text);
    th_table_text(table, p->manifest->summary, strlen(p->manifest->summary));
    th_str_free(&text);
}

static int print_list(th_cli *cli, const th_bundle *bundle, const th_pool_plugin *plugins)
{
    static const char *const names[] = {"plugin", "version", "needs", "records", "summary"};
    th_table *table = th_cli_table(cli, names, 5);
    int status = EXIT_WELL;

    if (!table)
        return th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    for (size_t i = 0; i < bundle->plugin_count; i++) {
        add_row(table, bundle->plugins[i].name, &plugins[i]);
        if (!plugins[i].manifest)
            status = EXIT_SOME_FAILED;
    }
    status = th_cli_print_table(cli, table, status);
    th_table_free(table);
    return status;
}

static int print_fields(th_cli *cli, const th_manifest *m)
{
    static const char *const names[] = {"record", "field", "type", "optional"};
    th_table *table = th_cli_table(cli, names, 4);
    int status;

    if (!table)
        return th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    for (size_t s = 0; s < m->schema_count; s++)
        for (size_t f = 0; f < m->schemas[s].field_count; f++) {
            const th_field *field = &m->schemas[s].fields[f];
            const char *type = th_type_name(field->type);
            th_table_row(table);
            th_table_text(table, m->schemas[s].kind, strlen(m->schemas[s].kind));
            th_table_text(table, field->name, strlen(field->name));
            th_table_text(table, type, strlen(type));
            th_table_text(table, field->optional ? "yes" : "", field->optional ? 3 : 0);
        }
    status = th_cli_print_table(cli, table, EXIT_WELL);
    th_table_free(table);
    return status;
}

/* What the store tells, when there is one. */
static void add_history(th_cli *cli, const char *name, th_str *out)
{
    th_store *store = NULL;
    th_error ignored = {0};

    if (th_store_open(&store, cli->config.store, TH_STORE_READ, &ignored) == TH_OK)
        th_history_plugin(store, name, out);
    th_store_close(store);
}

static int print_one(th_cli *cli, const th_pool_plugin *p)
{
    th_str text = {0};

    if (!p->manifest)
        return th_cli_fail(&(th_error){p->status == TH_OK ? TH_ERR_CRASH : p->status, "the plugin did not load"});
    if (!cli->json && !cli->csv) {
        th_str_addf(&text, "%s %s (%s)\n%s\n", p->manifest->name, p->manifest->version, p->manifest->path,
                    p->manifest->summary);
        for (size_t i = 0; i < p->manifest->need_count; i++)
            th_str_addf(&text, "%s%s", i ? ", " : "needs ", p->manifest->needs[i]);
        th_str_puts(&text, p->manifest->need_count ? "\n" : "");
        for (size_t i = 0; i < p->manifest->file_count; i++)
            th_str_addf(&text, "reads %s\n", p->manifest->files[i]);
        th_str_puts(&text, "may use");
        for (int i = 0; i < TH_LIMIT_COUNT; i++) {
            char limit[32];
            th_limit_write(&p->manifest->limits, i, limit, sizeof limit);
            th_str_addf(&text, "%s %s %s", i ? "," : "", th_limit_names[i], limit);
        }
        th_str_putc(&text, '\n');
        add_history(cli, p->manifest->name, &text);
        th_str_putc(&text, '\n');
        th_cli_emit(&text, EXIT_WELL);
        th_str_free(&text);
    }
    return print_fields(cli, p->manifest);
}

static int print(th_cli *cli, const th_bundle *bundle, const th_pool_plugin *plugins)
{
    const char *names[TH_PLUGINS_MAX];

    if (!cli->arg_count)
        return print_list(cli, bundle, plugins);
    for (size_t i = 0; i < bundle->plugin_count; i++) {
        names[i] = bundle->plugins[i].name;
        if (strcmp(names[i], cli->args[0]) == 0)
            return print_one(cli, &plugins[i]);
    }
    const char *near = th_nearest(cli->args[0], names, bundle->plugin_count);
    return th_cli_misuse(cli, "no plugin is called \"%s\"%s%s%s", cli->args[0], near ? th_words("; did you mean \"") : "",
                         near ? near : "", near ? th_words("\"?") : "");
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_assets assets;
    th_pool *pool = NULL;
    const th_pool_plugin *plugins = NULL;
    th_status status;
    int result;

    if ((status = th_cli_configure(cli, &err)) == TH_OK &&
        (status = th_assets_read(&assets, cli->arena, &cli->config, &err)) == TH_OK) {
        if ((status = th_pool_open(&pool, &assets, &cli->config.limits, 1, &err)) == TH_OK)
            status = th_pool_plugins(pool, &plugins, &err);
    }
    result = status == TH_OK ? print(cli, &assets.bundle, plugins) : th_cli_fail(&err);
    th_pool_close(pool);
    return result;
}

const th_command th_cmd_plugins = {
    "plugins",
    "[PLUGIN]",
    "list the plugins, or what one records",
    "Lists the plugins of plugins: in config.yaml with what each needs and records; with PLUGIN, that one's files and limits,\n"
    "the fields of its records and, from the store, the articles it covers, its rows, its failures and its speed. Exit status 1 when one does not load.",
    OPT_CONFIG | OPT_STORE | OPT_JSON | OPT_CSV,
    run,
};
