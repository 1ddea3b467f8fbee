/* complete.c - see complete.h. */
#include "cli/complete.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* ---- what stands where ---- */

/* Options whose value is more than its placeholder says. */
static const struct {
    const char *option;
    th_argument argument;
} values[] = {
    {"store", {TH_ARG_FILES, ".db", ""}},
    {"config", {TH_ARG_FILES, ".yaml", ""}},
    {"against", {TH_ARG_FILES, ".json", ""}},
    {"plugin", {TH_ARG_PLUGINS, "", ""}},
    {"format", {0, "", " labelstudio brat doccano ndjson"}},
    {"kind", {0, "", " title heading paragraph caption list table"}},
};

static void add_word(th_argument *out, const char *word, size_t len)
{
    size_t used = strlen(out->words);

    if (used + len + 2 <= sizeof out->words)
        snprintf(out->words + used, sizeof out->words - used, " %.*s", (int)len, word);
}

static bool is(const char *word, size_t len, const char *name)
{
    return strlen(name) == len && memcmp(word, name, len) == 0;
}

/* One word of a synopsis or the placeholder of an option's value. */
static void add_placeholder(th_argument *out, const char *word, size_t len)
{
    const char *dot = memchr(word, '.', len);
    size_t lower = 0;

    while (lower < len && (islower((unsigned char)word[lower]) || word[lower] == '-'))
        lower++;
    if (lower == len)
        add_word(out, word, len);
    else if (is(word, len, "PLUGIN"))
        out->kinds |= TH_ARG_PLUGINS;
    else if (is(word, len, "SCRIPT.lua"))
        out->kinds |= TH_ARG_SCRIPTS;
    else if (is(word, len, "PATH") || is(word, len, "FILE"))
        out->kinds |= TH_ARG_FILES;
    else if (is(word, len, "DIR"))
        out->kinds |= TH_ARG_FOLDERS;
    else if (dot && !memchr(word, '/', len)) {
        out->kinds |= TH_ARG_FILES;
        snprintf(out->ending, sizeof out->ending, "%.*s", (int)(word + len - dot), dot);
    }
}

void th_complete_value(const th_cli_option *option, th_argument *out)
{
    *out = (th_argument){0};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (strcmp(values[i].option, option->name) == 0) {
            *out = values[i].argument;
            return;
        }
    }
    const char *word = option->value ? option->value : "";
    for (size_t len; *word; word += len + (word[len] == '|')) {
        len = strcspn(word, "|");
        add_placeholder(out, word, len);
    }
}

void th_complete_arguments(const th_command *command, th_argument *out)
{
    static const char between[] = " []|";
    bool of_option = false;

    *out = (th_argument){0};
    for (const char *at = command->synopsis; *(at += strspn(at, between));) {
        size_t len = strcspn(at, between), plain = len;
        const char *more = strstr(at, "…");
        if (more && more < at + len)
            plain = (size_t)(more - at);
        if (*at == '<')
            break; /* files the shell itself opens */
        if (*at != '-' && !of_option)
            add_placeholder(out, at, plain);
        of_option = *at == '-';
        at += len;
    }
}

/* ---- text for shells ---- */

/* `text` between single quotes; `special` characters get a backslash before them. */
static void quote(th_str *out, const char *text, const char *special)
{
    th_str_putc(out, '\'');
    for (; *text; text++) {
        if (*text == '\'') {
            th_str_puts(out, "'\\''");
            continue;
        }
        if (strchr(special, *text))
            th_str_putc(out, '\\');
        th_str_putc(out, *text);
    }
    th_str_putc(out, '\'');
}

static void list_commands(th_str *out)
{
    for (const th_command *const *c = th_commands; *c; c++)
        th_str_addf(out, "%s%s", c == th_commands ? "" : " ", (*c)->name);
}

/* ---- bash ---- */

static const char bash_head[] =
    "# bash completion for talenthost, made by `talenthost completions bash`.\n\n"
    "# Files that end in $1 (\"\": all), and folders.\n"
    "_talenthost_files() {\n"
    "    local name\n"
    "    while IFS= read -r name; do\n"
    "        if [[ -d $name || $name == *\"$1\" ]]; then COMPREPLY+=(\"$name\"); fi\n"
    "    done < <(compgen -f -- \"$cur\")\n"
    "    compopt -o filenames 2>/dev/null\n"
    "}\n\n"
    "_talenthost_words() {\n"
    "    local word\n"
    "    while IFS= read -r word; do COMPREPLY+=(\"$word\"); done < <(compgen -W \"$1\" -- \"$cur\")\n"
    "}\n\n"
    "# Plugins or scripts, as the configuration here names them.\n"
    "_talenthost_names() {\n"
    "    _talenthost_words \"$(\"${COMP_WORDS[0]}\" completions \"$1\" 2>/dev/null)\"\n"
    "}\n\n"
    "_talenthost() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}\n"
    "    COMPREPLY=()\n"
    "    # --option=value comes as three words.\n"
    "    if [[ $prev == \"=\" && COMP_CWORD -gt 2 ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    elif [[ $cur == \"=\" ]]; then cur=\n"
    "    fi\n"
    "    if ((COMP_CWORD == 1)) || [[ $command == help && COMP_CWORD -eq 2 ]]; then\n"
    "        _talenthost_words \"";

static void bash_argument(th_str *out, const th_argument *a)
{
    if (*a->words)
        th_str_addf(out, " _talenthost_words \"%s\";", a->words + 1);
    if (a->kinds & TH_ARG_PLUGINS)
        th_str_puts(out, " _talenthost_names plugins;");
    if (a->kinds & TH_ARG_SCRIPTS)
        th_str_puts(out, " _talenthost_names scripts; _talenthost_files .lua;");
    if (a->kinds & TH_ARG_FILES)
        th_str_addf(out, " _talenthost_files \"%s\";", a->ending);
    if (a->kinds & TH_ARG_FOLDERS)
        th_str_puts(out, " _talenthost_files /;");
}

/* The value of the option before the cursor. */
static void bash_values(th_str *out, const th_command *c)
{
    th_cli_option o;

    for (size_t i = 0; th_cli_option_at(c, i, &o); i++) {
        th_argument a;
        if (!o.value || o.is_optional)
            continue;
        th_complete_value(&o, &a);
        th_str_addf(out, "    \"%s --%s\"", c->name, o.name);
        if (o.letter)
            th_str_addf(out, " | \"%s -%c\"", c->name, o.letter);
        th_str_puts(out, ")");
        bash_argument(out, &a);
        th_str_puts(out, " return ;;\n");
    }
}

static void bash_command(th_str *out, const th_command *c)
{
    th_argument a;
    th_cli_option o;

    th_str_addf(out, "    %s)\n        if [[ $cur == -* ]]; then _talenthost_words \"", c->name);
    for (size_t i = 0; th_cli_option_at(c, i, &o); i++)
        th_str_addf(out, "%s--%s", i ? " " : "", o.name);
    th_str_puts(out, "\"; return; fi\n       ");
    th_complete_arguments(c, &a);
    bash_argument(out, &a);
    th_str_puts(out, " ;;\n");
}

void th_complete_bash(th_str *out)
{
    th_str_puts(out, bash_head);
    list_commands(out);
    th_str_puts(out, " help --help --version\"\n        return\n    fi\n    case \"$command $prev\" in\n");
    for (const th_command *const *c = th_commands; *c; c++)
        bash_values(out, *c);
    th_str_puts(out, "    esac\n    case $command in\n");
    for (const th_command *const *c = th_commands; *c; c++)
        bash_command(out, *c);
    th_str_puts(out, "    esac\n}\n\ncomplete -F _talenthost talenthost\n");
}

/* ---- zsh ---- */

static const char zsh_head[] =
    "#compdef talenthost\n"
    "# zsh completion for talenthost, made by `talenthost completions zsh`.\n\n"
    "# Plugins or scripts, as the configuration here names them.\n"
    "_talenthost_names() {\n"
    "  local -a names\n"
    "  names=(${(f)\"$(_call_program names talenthost completions $1 2>/dev/null)\"})\n"
    "  compadd -a names\n"
    "}\n\n"
    "_talenthost() {\n"
    "  local -a commands\n"
    "  commands=(\n";

/* Calls that offer what the argument may be; the last one's success is that of all. */
static void zsh_argument(th_str *out, const th_argument *a)
{
    if (*a->words)
        th_str_addf(out, "compadd --%s;", a->words);
    if (a->kinds & TH_ARG_PLUGINS)
        th_str_puts(out, "_talenthost_names plugins;");
    if (a->kinds & TH_ARG_SCRIPTS)
        th_str_puts(out, "_talenthost_names scripts;_files -g \"*.lua\";");
    if (a->kinds & TH_ARG_FILES && *a->ending)
        th_str_addf(out, "_files -g \"*%s\";", a->ending);
    else if (a->kinds & TH_ARG_FILES)
        th_str_puts(out, "_files;");
    if (a->kinds & TH_ARG_FOLDERS)
        th_str_puts(out, "_files -/;");
}

static void zsh_option(th_str *out, const th_cli_option *o)
{
    th_str help = {0}, does = {0};
    th_argument a;

    th_str_putc(&help, '[');
    for (const char *p = o->help; *p; p++) {
        if (strchr("[]:\\", *p))
            th_str_putc(&help, '\\');
        th_str_putc(&help, *p);
    }
    th_str_putc(&help, ']');
    if (o->value) {
        th_complete_value(o, &a);
        zsh_argument(&does, &a);
        th_str_addf(&help, "%s%s:{%s}", o->is_optional ? "::" : ":", o->value, does.len ? th_str_text(&does) : "_message value");
    }
    th_str_puts(out, "      ");
    if (o->letter)
        th_str_addf(out, "'*'{-%c%s,--%s%s}", o->letter, o->value ? "+" : "", o->name, o->value ? "=" : "");
    else
        th_str_addf(out, "'*'--%s%s", o->name, o->is_optional ? "=-" : o->value ? "=" : "");
    quote(out, th_str_text(&help), "");
    th_str_puts(out, " \\\n");
    out->failed |= !th_str_ok(&help) || !th_str_ok(&does);
    th_str_free(&help);
    th_str_free(&does);
}

static void zsh_command(th_str *out, const th_command *c)
{
    th_str does = {0};
    th_argument a;
    th_cli_option o;

    th_str_addf(out, "  %s)\n    _arguments -s \\\n", c->name);
    for (size_t i = 0; th_cli_option_at(c, i, &o); i++)
        zsh_option(out, &o);
    th_complete_arguments(c, &a);
    zsh_argument(&does, &a);
    th_str_puts(&does, does.len ? "" : "_message argument");
    th_str_addf(out, "      '*:argument:{%s}' ;;\n", th_str_text(&does));
    out->failed |= !th_str_ok(&does);
    th_str_free(&does);
}

void th_complete_zsh(th_str *out)
{
    th_str_puts(out, zsh_head);
    for (const th_command *const *c = th_commands; *c; c++) {
        th_str row = {0};
        th_str_addf(&row, "%s:%s", (*c)->name, (*c)->summary);
        th_str_puts(out, "    ");
        quote(out, th_str_text(&row), "");
        th_str_putc(out, '\n');
        out->failed |= !th_str_ok(&row);
        th_str_free(&row);
    }
    th_str_puts(out, "  )\n"
                     "  if (( CURRENT == 2 )) || [[ $words[2] == help ]]; then\n"
                     "    _describe command commands\n"
                     "    return\n"
                     "  fi\n"
                     "  local command=$words[2]\n"
                     "  shift words\n"
                     "  (( CURRENT-- ))\n"
                     "  case $command in\n");
    for (const th_command *const *c = th_commands; *c; c++)
        zsh_command(out, *c);
    th_str_puts(out, "  esac\n}\n\n"
                     "if [[ $funcstack[1] == _talenthost ]]; then _talenthost \"$@\"; else compdef _talenthost talenthost; fi\n");
}

/* ---- fish ---- */

/* Words and calls, as the text behind -a; files of any kind are left to fish. */
static void fish_argument(th_str *out, const th_argument *a)
{
    th_str words = {0};

    th_str_puts(&words, *a->words ? a->words + 1 : "");
    if (a->kinds & TH_ARG_PLUGINS)
        th_str_puts(&words, " (talenthost completions plugins 2>/dev/null)");
    if (a->kinds & TH_ARG_SCRIPTS)
        th_str_puts(&words, " (talenthost completions scripts 2>/dev/null) (__fish_complete_suffix .lua)");
    if (a->kinds & TH_ARG_FILES && *a->ending)
        th_str_addf(&words, " (__fish_complete_suffix %s)", a->ending);
    if (a->kinds & TH_ARG_FOLDERS)
        th_str_puts(&words, " (__fish_complete_directories)");
    if (words.len) {
        th_str_puts(out, " -a ");
        quote(out, th_str_text(&words), "");
    }
    if (a->kinds & TH_ARG_FILES && !*a->ending)
        th_str_puts(out, " -F");
    out->failed |= !th_str_ok(&words);
    th_str_free(&words);
}

static void fish_command(th_str *out, const th_command *c)
{
    th_argument a;
    th_cli_option o;

    th_str_addf(out, "complete -c talenthost -n __talenthost_first -a %s -d ", c->name);
    quote(out, c->summary, "\\");
    th_str_putc(out, '\n');
    th_complete_arguments(c, &a);
    if (*a.words || a.kinds) {
        th_str_addf(out, "complete -c talenthost -n '__talenthost_in %s'", c->name);
        fish_argument(out, &a);
        th_str_putc(out, '\n');
    }
    for (size_t i = 0; th_cli_option_at(c, i, &o); i++) {
        th_str_addf(out, "complete -c talenthost -n '__talenthost_in %s' -l %s", c->name, o.name);
        if (o.letter)
            th_str_addf(out, " -s %c", o.letter);
        if (o.value && !o.is_optional) {
            th_complete_value(&o, &a);
            th_str_puts(out, a.kinds & TH_ARG_FILES && !*a.ending ? " -r" : " -x");
            fish_argument(out, &a);
        }
        th_str_puts(out, " -d ");
        quote(out, o.help, "\\");
        th_str_putc(out, '\n');
    }
}

void th_complete_fish(th_str *out)
{
    th_str_puts(out, "# fish completion for talenthost, made by `talenthost completions fish`.\n"
                     "function __talenthost_first\n"
                     "    test (count (commandline -opc)) -eq 1\n"
                     "end\n"
                     "function __talenthost_in\n"
                     "    set -l words (commandline -opc)\n"
                     "    test (count $words) -gt 1; and test $words[2] = $argv[1]\n"
                     "end\n"
                     "complete -c talenthost -f\n");
    for (const th_command *const *c = th_commands; *c; c++)
        fish_command(out, *c);
}
