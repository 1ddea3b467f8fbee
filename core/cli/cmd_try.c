/* cmd_try.c - `talenthost try`: what the plugins record in a text. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static void add_value(th_table *table, const th_field *field, const th_value *v)
{
    if (v->is_null)
        th_table_empty(table);
    else if (field->type == TH_INTEGER)
        th_table_integer(table, v->integer);
    else if (field->type == TH_BOOLEAN)
        th_table_text(table, v->integer ? "true" : "false", v->integer ? 4 : 5);
    else if (field->type == TH_NUMBER)
        th_table_number(table, v->number);
    else
        th_table_text(table, v->text.data, v->text.len);
}

static bool has_text(const th_schema *schema)
{
    return th_schema_field(schema, "text") != NULL;
}

/* The records of one kind as a table; the span's text stands first when the kind has no text of its own. */
static th_table *make_table(const th_schema *schema, const th_record *records, size_t count, const th_article *a)
{
    const char *names[256];
    size_t columns = 0;

    if (!has_text(schema))
        names[columns++] = "span";
    for (size_t f = 0; f < schema->field_count && columns < 256; f++)
        names[columns++] = schema->fields[f].name;
    th_table *table = th_table_new(names, columns);
    if (!table)
        return NULL;
    th_table_set_title(table, schema->kind);
    for (size_t i = 0; i < count; i++) {
        th_table_row(table);
        if (!has_text(schema))
            th_table_text(table, a->text + records[i].start, records[i].stop - records[i].start);
        for (size_t f = 0; f < schema->field_count; f++)
            add_value(table, &schema->fields[f], &records[i].values[f]);
    }
    return table;
}

static int by_kind(const void *a, const void *b)
{
    const th_record *x = a, *y = b;
    int order = strcmp(x->schema->kind, y->schema->kind);

    return order ? order : th_record_compare(a, b);
}

static int print_kind(th_cli *cli, const th_record *records, size_t count, const th_article *a, bool first)
{
    th_table *table = make_table(records[0].schema, records, count, a);
    th_str text = {0};
    int status;

    if (!table)
        return th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    if (cli->json) {
        th_str_addf(&text, "%s\"%s\":", first ? "{" : ",", records[0].schema->kind);
        th_table_json(table, &text);
    } else {
        if (!first)
            th_str_putc(&text, '\n');
        th_table_print(table, &text, th_terminal_width(stdout));
    }
    status = th_cli_emit(&text, EXIT_WELL);
    th_str_free(&text);
    th_table_free(table);
    return status;
}

static int print_records(th_cli *cli, th_records *records, const th_article *a)
{
    th_str text = {0};
    int status = EXIT_WELL;
    size_t n;

    if (records->count)
        qsort(records->items, records->count, sizeof *records->items, by_kind);
    for (size_t i = 0; status == EXIT_WELL && i < records->count; i += n) {
        for (n = 1; i + n < records->count && records->items[i + n].schema == records->items[i].schema;)
            n++;
        status = print_kind(cli, &records->items[i], n, a, i == 0);
    }
    if (cli->json)
        th_str_puts(&text, records->count ? "}\n" : "{}\n");
    else if (!records->count)
        th_str_puts(&text, "no plugin recorded anything\n");
    if (status == EXIT_WELL)
        status = th_cli_emit(&text, EXIT_WELL);
    th_str_free(&text);
    return status;
}

/* The text: the arguments, or standard input when there are none. */
static th_status read_text(th_cli *cli, th_str *text, th_error *err)
{
    if (!cli->arg_count || (cli->arg_count == 1 && strcmp(cli->args[0], "-") == 0))
        return th_cli_read_input(text, err);
    for (size_t i = 0; i < cli->arg_count; i++)
        th_str_addf(text, "%s%s", i ? "\n" : "", cli->args[i]);
    return TH_OK;
}

typedef struct printer {
    th_cli *cli;
    int status;
} printer;

static void print(void *ctx, const th_article *article, th_records *records)
{
    printer *p = ctx;

    p->status = print_records(p->cli, records, article);
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_assets assets;
    th_str text = {0};
    size_t failures = 0;
    printer p = {cli, EXIT_SOME_FAILED};
    th_status status;

    th_job_options options = {.config = &cli->config,
                              .with_plugins = true,
                              .plugins = cli->plugins,
                              .plugin_count = cli->plugin_count};
    cli->jobs = 1;
    if ((status = th_cli_configure(cli, &err)) == TH_OK && (status = read_text(cli, &text, &err)) == TH_OK &&
        (status = th_assets_read(&assets, cli->arena, &cli->config, &err)) == TH_OK)
        status = th_job_try(&options, &assets, th_str_text(&text), text.len, cli->title, cli->date, print, &p, &failures, &err);
    th_str_free(&text);
    if (status != TH_OK)
        return th_cli_fail(&err);
    return p.status == EXIT_WELL && failures ? EXIT_SOME_FAILED : p.status;
}

const th_command th_cmd_try = {
    "try",
    "[TEXT…]",
    "show what every plugin records in a text",
    "Takes TEXT, or standard input, as an article (one paragraph a line) and prints what the plugins record in it, a\n"
    "table for each kind. Nothing is stored. --date gives what 去年 and 目前 are counted from.",
    OPT_CONFIG | OPT_PLUGIN | OPT_TITLE | OPT_DATE | OPT_JSON,
    run,
};
