/* complete.h - completion scripts for shells, and the manual page, made from the tables of commands and options. */
#ifndef TH_CLI_COMPLETE_H
#define TH_CLI_COMPLETE_H

#include "cli/cli.h"

/* Append the script to `out`. */
void th_complete_bash(th_str *out);
void th_complete_zsh(th_str *out);
void th_complete_fish(th_str *out);

/* What an argument may be, as bits; names come from `talenthost completions plugins|scripts`. */
enum { TH_ARG_FILES = 1, TH_ARG_FOLDERS = 2, TH_ARG_PLUGINS = 4, TH_ARG_SCRIPTS = 8 };

typedef struct th_argument {
    unsigned kinds;
    char ending[16]; /* of the files, such as ".db"; "": any */
    char words[128]; /* to choose from, a space before each */
} th_argument;

/* What the value of `option` may be. */
void th_complete_value(const th_cli_option *option, th_argument *out);

/* What the arguments of `command` may be, as its synopsis says: words in lower case stand for themselves. */
void th_complete_arguments(const th_command *command, th_argument *out);

#endif
