/* common.c - what the subcommands share; see cli.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/words.h"
#include "cli/cli.h"

th_status th_cli_configure(th_cli *cli, th_error *err)
{
    th_status status = th_config_load(&cli->config, cli->arena, cli->config_file, err);

    if (status != TH_OK)
        return status;
    th_lang_set(cli->config.lang);
    if (cli->store)
        cli->config.store = cli->store;
    if (cli->output)
        cli->config.output = cli->output;
    if (cli->jobs)
        cli->config.jobs = cli->jobs;
    if (cli->article_count)
        cli->config.articles = (th_paths){cli->articles, cli->article_count};
    return TH_OK;
}

int th_cli_fail(const th_error *err)
{
    th_progress_end();
    th_log(TH_LOG_ERROR, "%s", err->text);
    switch (err->status) {
    case TH_ERR_USAGE:
    case TH_ERR_PARSE:
    case TH_ERR_MISSING:
    case TH_ERR_STORE:
    case TH_ERR_BUSY:
    case TH_ERR_UNREADABLE:
    case TH_ERR_IO:
        return EXIT_USAGE;
    default:
        return EXIT_SOME_FAILED;
    }
}

int th_cli_misuse(const th_cli *cli, const char *fmt, ...)
{
    va_list args;
    char text[512];

    va_start(args, fmt);
    vsnprintf(text, sizeof text, th_words(fmt), args);
    va_end(args);
    th_log(TH_LOG_ERROR, "%s: %s; usage: talenthost %s %s", cli->command->name, text, cli->command->name,
           cli->command->synopsis);
    return EXIT_USAGE;
}

th_status th_cli_open_store(th_cli *cli, th_store **out, th_error *err)
{
    th_status status = th_cli_configure(cli, err);

    return status == TH_OK ? th_store_open(out, cli->config.store, TH_STORE_READ, err) : status;
}

th_status th_cli_read_input(th_str *out, th_error *err)
{
    return th_file_read_fd(out, STDIN_FILENO, "standard input", 0, err);
}

int th_cli_emit(const th_str *text, int status)
{
    if ((text->len && fwrite(text->data, 1, text->len, stdout) != text->len) || fflush(stdout) != 0) {
        if (errno != EPIPE)
            th_log(TH_LOG_ERROR, "standard output: %s", strerror(errno));
        return EXIT_SOME_FAILED;
    }
    return status;
}

th_table *th_cli_table(const th_cli *cli, const char *const *names, size_t count)
{
    const char *shown[16];

    for (size_t i = 0; i < count && count <= 16; i++)
        shown[i] = cli->json || cli->csv ? names[i] : th_words(names[i]);
    return count <= 16 ? th_table_new(shown, count) : NULL;
}

static bool add_cell(th_table *table, const th_cell *cell)
{
    switch (cell->type) {
    case TH_CELL_INTEGER: return th_table_integer(table, cell->integer);
    case TH_CELL_NUMBER: return th_table_number(table, cell->number);
    case TH_CELL_TEXT: return th_table_text(table, cell->text, cell->len);
    default: return th_table_empty(table);
    }
}

bool th_cli_add_row(th_table *table, const th_cell *values, size_t count)
{
    bool ok = th_table_row(table);

    for (size_t i = 0; ok && i < count; i++)
        ok = add_cell(table, &values[i]);
    return ok;
}

int th_cli_print_table(const th_cli *cli, const th_table *table, int status)
{
    th_str out = {0};

    if (cli->json)
        th_table_json(table, &out);
    else if (cli->csv)
        th_table_csv(table, &out);
    else
        th_table_print(table, &out, th_terminal_width(stdout));
    if (!th_str_ok(&out))
        status = th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory while printing"});
    else
        status = th_cli_emit(&out, status);
    th_str_free(&out);
    return status;
}
