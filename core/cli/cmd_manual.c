/* cmd_manual.c - `talenthost manual`: the manual page talenthost(1), made from the tables of commands and options. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

/* Text as roff takes it: nothing in it is a request or an escape. */
static void add_text(th_str *out, const char *text)
{
    bool starts = true;

    for (; *text; text++) {
        if (starts && (*text == '.' || *text == '\''))
            th_str_puts(out, "\\&");
        starts = *text == '\n';
        if (*text == '\\')
            th_str_puts(out, "\\e");
        else if (*text == '-')
            th_str_puts(out, "\\-");
        else if (*text == '`')
            th_str_puts(out, "\\(ga");
        else if (*text == '\'')
            th_str_puts(out, "\\(aq");
        else
            th_str_putc(out, *text);
    }
}

/* A help text: lines that begin with spaces keep their form. */
static void add_help(th_str *out, const char *text)
{
    bool fixed = false;

    for (const char *end; *text; text = *end ? end + 1 : end) {
        char line[2048];
        end = text + strcspn(text, "\n");
        if ((*text == ' ') != fixed)
            th_str_puts(out, fixed ? ".fi\n" : ".nf\n");
        fixed = *text == ' ';
        snprintf(line, sizeof line, "%.*s", (int)(end - text), text);
        add_text(out, line);
        th_str_putc(out, '\n');
    }
    if (fixed)
        th_str_puts(out, ".fi\n");
}

static void add_command(th_str *out, const th_command *c)
{
    th_cli_option o;

    th_str_addf(out, ".SS %s\n\\fBtalenthost %s\\fR ", c->name, c->name);
    add_text(out, c->synopsis);
    th_str_puts(out, "\n.PP\n");
    add_help(out, c->help);
    for (size_t i = 0; th_cli_option_at(c, i, &o); i++) {
        if (strcmp(o.name, "help") == 0)
            continue; /* every command has it: it stands once, above */
        th_str_puts(out, ".TP\n");
        if (o.letter)
            th_str_addf(out, "\\fB\\-%c\\fR, ", o.letter);
        th_str_puts(out, "\\fB\\-\\-");
        add_text(out, o.name);
        th_str_puts(out, "\\fR");
        if (o.value)
            th_str_addf(out, o.is_optional ? "[=\\fI%s\\fR]" : " \\fI%s\\fR", o.value);
        th_str_putc(out, '\n');
        add_text(out, o.help);
        th_str_putc(out, '\n');
    }
}

static const char head[] =
    ".TH TALENTHOST 1 \"\" \"talenthost " TH_VERSION "\" \"User Commands\"\n"
    ".SH NAME\n"
    "talenthost \\- read articles on regional talent policy with Lua plugins and compare regions\n"
    ".SH SYNOPSIS\n"
    "\\fBtalenthost\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]\n"
    ".br\n"
    "\\fBtalenthost\\fR \\fICOMMAND\\fR \\fB\\-\\-help\\fR\n"
    ".br\n"
    "\\fBtalenthost\\fR \\fB\\-\\-version\\fR\n"
    ".SH DESCRIPTION\n"
    "Reads Chinese articles on how regions attract, develop, employ and retain talent, runs Lua plugins over them in walled worker\n"
    "processes, stores what they record in an SQLite database, and puts regions side by side; every number leads back to its sentence.\n"
    ".PP\n"
    "\\fBtalenthost init\\fR makes a project to begin with.\n"
    ".SH COMMANDS\n";

static const char tail[] =
    ".SH FILES\n"
    ".TP\n\\fIconfig.yaml\\fR\nThe configuration, looked for in the current folder; \\fBtalenthost init\\fR writes one with every key in it.\n"
    ".TP\n\\fItalenthost.db\\fR\nThe database, where the configuration names no other.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n\\fBTALENTHOST_HOME\\fR\nThe folder that holds the program's data/, plugins/ and scripts/, when it is not found beside the program.\n"
    ".TP\n\\fBLC_ALL\\fR, \\fBLC_MESSAGES\\fR, \\fBLANG\\fR\nThe language of tables, summaries and reports: Chinese or English.\n"
    ".SH EXIT STATUS\n"
    ".TP\n0\nAll went well.\n"
    ".TP\n1\nSome articles or plugins failed.\n"
    ".TP\n2\nA wrong call or configuration, or nothing could be done.\n";

static int run(th_cli *cli)
{
    th_str out = {0};

    if (cli->arg_count)
        return th_cli_misuse(cli, "takes no argument");
    th_str_puts(&out, head);
    for (const th_command *const *c = th_commands; *c; c++)
        add_command(&out, *c);
    th_str_puts(&out, tail);
    int status = th_str_ok(&out) ? th_cli_emit(&out, EXIT_WELL) : th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    th_str_free(&out);
    return status;
}

const th_command th_cmd_manual = {
    "manual",
    "",
    "print the manual page",
    "Prints talenthost(1) for man: talenthost manual | man -l -",
    0,
    run,
};
