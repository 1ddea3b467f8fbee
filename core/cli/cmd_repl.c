/* cmd_repl.c - `talenthost repl`: a prompt with an article at hand. */
#include <errno.h>
#include <editline/readline.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "cli/author.h"

enum { HISTORY = 1000 };

/* What the completion of the line editor has to reach. */
static th_lab *completing;

/* ---- completion ---- */

/* The candidates of the last question, handed out one by one. */
static char *next_candidate(const char *word, int state)
{
    static th_str found;
    static const char *at;

    (void)word;
    if (state == 0) {
        th_str_clear(&found);
        th_lab_complete(completing, rl_line_buffer, &found);
        at = th_str_text(&found);
    }
    if (!at || !*at)
        return NULL;
    size_t len = strcspn(at, "\n");
    char *copy = strndup(at, len);
    at += len + (at[len] == '\n');
    return copy;
}

static char **candidates(const char *word, int start, int end)
{
    (void)start;
    (void)end;
    rl_attempted_completion_over = 1; /* file names are no Lua */
    return rl_completion_matches(word, next_candidate);
}

/* ---- history ---- */

/* ~/.local/state/talenthost/history, or below $XDG_STATE_HOME; the folders are made. False when there is no home. */
static bool history_path(char *out, size_t size)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    th_str dir = {0};
    int n;

    if (state && *state)
        n = snprintf(out, size, "%s/talenthost/history", state);
    else if (home && *home)
        n = snprintf(out, size, "%s/.local/state/talenthost/history", home);
    else
        return false;
    if (n < 0 || (size_t)n >= size)
        return false;
    th_path_dir(&dir, out);
    bool made = th_folders_make(th_str_text(&dir), 0700, NULL) == TH_OK;
    th_str_free(&dir);
    return made;
}

/* ---- reading ---- */

typedef struct input {
    bool is_terminal;
    char *line; /* of a pipe */
    size_t cap;
} input;

/* The next line without its end; NULL at the end of the input. The caller frees it. */
static char *read_line(input *in, const char *prompt)
{
    if (in->is_terminal)
        return readline(prompt);
    ssize_t len = getline(&in->line, &in->cap, stdin);
    if (len < 0)
        return NULL;
    while (len > 0 && (in->line[len - 1] == '\n' || in->line[len - 1] == '\r'))
        in->line[--len] = '\0';
    return strdup(in->line);
}

static bool is_blank(const char *line)
{
    return line[strspn(line, " \t")] == '\0';
}

/* ---- the loop ---- */

typedef struct prompt {
    th_cli *cli;
    th_lab *lab;
    input in;
    th_str code; /* what is not finished yet */
    size_t failures;
} prompt;

/* Run what was read so far. An empty line ends code that is not finished. */
static void evaluate(prompt *p, bool force)
{
    th_str out = {0};
    th_error err = {0};
    bool more = false;
    th_status status = th_lab_eval(p->lab, th_str_text(&p->code), p->code.len, &out, &more, &err);

    if (more && !force) {
        th_str_free(&out);
        return;
    }
    th_cli_emit(&out, EXIT_WELL);
    if (status != TH_OK) {
        fprintf(stderr, "%s\n", err.text);
        p->failures++;
    }
    th_str_clear(&p->code);
    th_str_free(&out);
}

static int loop(prompt *p)
{
    char *line;

    while ((line = read_line(&p->in, p->code.len ? ">> " : "> ")) != NULL) {
        bool blank = is_blank(line);
        if (!blank && p->in.is_terminal)
            add_history(line);
        if (!blank || p->code.len) {
            if (p->code.len)
                th_str_putc(&p->code, '\n');
            th_str_puts(&p->code, line);
            evaluate(p, blank);
        }
        free(line);
    }
    if (p->code.len)
        evaluate(p, true);
    if (p->in.is_terminal)
        putchar('\n');
    return p->failures && !p->in.is_terminal ? EXIT_SOME_FAILED : EXIT_WELL;
}

static void open_terminal(th_lab *lab, char *history, size_t size)
{
    static char breaks[] = " \t\n\"'`@$><=;|&{}()[]+-*/%^#,~";

    completing = lab;
    rl_readline_name = "talenthost";
    rl_attempted_completion_function = candidates;
    rl_basic_word_break_characters = breaks; /* libedit looks at these only, whatever stands in the other one */
    rl_completion_append_character = '\0';
    using_history();
    stifle_history(HISTORY);
    if (history_path(history, size))
        read_history(history);
    else
        *history = '\0';
}

static int converse(th_cli *cli, th_lab *lab)
{
    prompt p = {.cli = cli, .lab = lab, .in = {.is_terminal = isatty(STDIN_FILENO)}};
    char history[1024] = "";

    if (p.in.is_terminal) {
        open_terminal(lab, history, sizeof history);
        if (!cli->quiet)
            puts("talenthost " TH_VERSION ": `a` is the article; help() tells more; Ctrl-D ends");
    }
    int status = loop(&p);
    if (*history && write_history(history) != 0)
        th_log(TH_LOG_WARN, "%s: the history is not kept: %s", history, strerror(errno));
    free(p.in.line);
    th_str_free(&p.code);
    return status;
}

static int run(th_cli *cli)
{
    static const char sample[] = "港城发布人才新政\n2023年，港城市引进高层次人才1200人，发放人才补贴3.5亿元，惠及企业880家。\n"
                                 "“港湾英才”计划实施以来，累计建成人才公寓2400套，连续三年居全省第一。";
    th_error err = {0};
    th_assets assets;
    th_article *article = NULL;
    th_lab *lab = NULL;
    th_status status;
    int result;

    if (cli->arg_count)
        return th_cli_misuse(cli, "unexpected \"%s\"", cli->args[0]);
    if ((status = th_cli_configure(cli, &err)) != TH_OK || (status = th_author_article(cli, &article, &err)) != TH_OK ||
        (status = th_assets_read(&assets, cli->arena, &cli->config, &err)) != TH_OK)
        return th_cli_fail(&err);
    th_lab_options options = {.assets = &assets, .limits = th_author_limits(&cli->config), .path = "prompt", .dir = "."};
    if ((status = th_lab_open(&lab, &options, &err)) == TH_OK) {
        th_author_print_faults(lab);
        status = article ? th_lab_article(lab, article, &err)
                         : th_lab_text(lab, sample, strlen(sample), "港城发布人才新政", cli->date, &err);
    }
    result = status == TH_OK ? converse(cli, lab) : th_cli_fail(&err);
    th_lab_close(lab);
    return result;
}

const th_command th_cmd_repl = {
    "repl",
    "",
    "a Lua prompt with an article at hand",
    "Reads Lua from the terminal or a pipe and prints what it gives. `a` is the article --article names, or a few sentences of the field; article(\"text\") makes\n"
    "another; run(\"metric\") runs a plugin on it and gives its rows; help(x) explains functions and objects. Tab completes, the\n"
    "history is kept. Code runs in a confined process with the limits of a plugin; one that breaks them starts afresh.",
    OPT_CONFIG | OPT_STORE | OPT_ARTICLE | OPT_DATE | OPT_QUIET,
    run,
};
