/* main.c - the program: finds the command and runs it. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/words.h"
#include "cli/cli.h"

const th_command *const th_commands[] = {&th_cmd_run,   &th_cmd_load,       &th_cmd_plugins, &th_cmd_show, &th_cmd_forget,
                                         &th_cmd_explain, &th_cmd_query,    &th_cmd_try,     &th_cmd_quantities,
                                         &th_cmd_grep, &th_cmd_articles, &th_cmd_index,
                                         &th_cmd_export, &th_cmd_import, &th_cmd_eval,  &th_cmd_config, &th_cmd_doctor,
                                         &th_cmd_new,   &th_cmd_test,       &th_cmd_watch,   &th_cmd_repl,    &th_cmd_api,
                                         &th_cmd_map, &th_cmd_merge, &th_cmd_batch, &th_cmd_schedule, &th_cmd_runs,
                                         &th_cmd_init, &th_cmd_completions, &th_cmd_manual,
                                         NULL};

static void print_usage(FILE *out)
{
    fprintf(out, "usage: talenthost COMMAND [OPTION…] [ARGUMENT…]\n\n"
                 "Reads articles on regional talent policy, runs Lua plugins over them and compares regions.\n\n"
                 "Commands:\n");
    for (const th_command *const *c = th_commands; *c; c++)
        fprintf(out, "  %-12s%s\n", (*c)->name, (*c)->summary);
    fprintf(out, "\n`talenthost COMMAND --help` tells more.\n"
                 "Exit status: 0 all well, 1 some articles or plugins failed, 2 usage or configuration.\n");
}

static const th_command *find_command(const char *name)
{
    for (const th_command *const *c = th_commands; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

static int unknown_command(const char *name)
{
    const char *names[64];
    size_t count = 0;

    for (const th_command *const *c = th_commands; *c; c++)
        names[count++] = (*c)->name;
    const char *near = th_nearest(name, names, count);
    fprintf(stderr, th_words("talenthost: unknown command \"%s\"%s%s%s; `talenthost --help` lists them\n"), name,
            near ? th_words("; did you mean \"") : "", near ? near : "", near ? th_words("\"?") : "");
    return EXIT_USAGE;
}

static const char *join_line(th_arena *arena, int argc, char **argv)
{
    th_str line = {0};

    for (int i = 1; i < argc; i++)
        th_str_addf(&line, "%s%s", i > 1 ? " " : "", argv[i]);
    const char *copy = th_arena_copy(arena, th_str_text(&line), line.len);
    th_str_free(&line);
    return copy ? copy : "";
}

static int run_command(const th_command *command, int argc, char **argv)
{
    th_error err = {0};
    bool help = false;
    th_cli cli = {.command = command, .arena = th_arena_new()};
    int status;

    if (!cli.arena)
        return th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    cli.line = join_line(cli.arena, argc, argv);
    if (th_cli_parse(&cli, argc - 1, argv + 1, &help, &err) != TH_OK)
        status = th_cli_fail(&err);
    else if (help && command == &th_cmd_run && cli.arg_count) {
        status = th_cmd_run_help(&cli);
    } else if (help) {
        th_cli_print_help(command);
        status = EXIT_WELL;
    } else
        status = command->run(&cli);
    th_arena_free(cli.arena);
    return status;
}

int main(int argc, char **argv)
{
    /* Cron gives no locale, and library calls that meet Chinese names need one. */
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        setlocale(LC_CTYPE, "");
    th_lang_set(th_lang_of_locale());
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        const th_command *named = argc > 2 ? find_command(argv[2]) : NULL;
        if (named)
            th_cli_print_help(named);
        else
            print_usage(stdout);
        return EXIT_WELL;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("talenthost %s\n", TH_VERSION);
        return EXIT_WELL;
    }
    const th_command *command = find_command(argv[1]);
    return command ? run_command(command, argc, argv) : unknown_command(argv[1]);
}
