/* options.c - command-line options: one table says which there are. */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/words.h"
#include "batch/report.h"
#include "cli/cli.h"

/* Options without a short form. */
enum { LONG_ONLY = 256, LETTER_SYSTEMD, LETTER_CRON, LETTER_USER, LETTER_SYSTEM, LETTER_PRINT, LETTER_DUE, LETTER_ALL, LETTER_WAIT, LETTER_REPORT };

typedef struct option_row {
    uint64_t bit;
    int letter; /* what getopt gives back; below LONG_ONLY also the short form */
    const char *name, *value, *help; /* a value that may be left out begins with ? */
} option_row;

static const option_row rows[] = {
    {OPT_STORE, 's', "store", "FILE", "the database (default: store: in config.yaml, else talenthost.db)"},
    {OPT_ARTICLES, 'a', "articles", "PATH", "a file or folder of articles; may be given more than once"},
    {OPT_CONFIG, 'c', "config", "FILE", "the configuration (default: config.yaml here, when there is one)"},
    {OPT_JOBS, 'j', "jobs", "N", "worker processes (default: one per core)"},
    {OPT_OUTPUT, 'o', "output", "DIR", "folder for the files that are written (run: default out)"},
    {OPT_FORMAT, 'f', "format", "FORMAT", "labelstudio, brat, doccano or ndjson"},
    {OPT_PLUGIN, 'p', "plugin", "NAME", "only this plugin and what it needs; may be given more than once"},
    {OPT_TITLE, 't', "title", "TEXT", "the title to take for the text"},
    {OPT_DATE, 'd', "date", "YYYY-MM-DD", "the publication date to take for the text"},
    {OPT_ERRORS, 'e', "errors", "N", "show the first N misses, false alarms and wrong fields of each kind"},
    {OPT_AGAINST, 'g', "against", "FILE", "show what changed since an earlier evaluation, saved with --json"},
    {OPT_CROSS, 'x', "cross", NULL, "show F1 by article, and terms of the plugins' data that one article alone has"},
    {OPT_DROPPED, 'D', "dropped", NULL, "show what was left out of the text, and why"},
    {OPT_NDJSON, 'n', "ndjson", NULL, "read lines {\"id\":…,\"text\":…}"},
    {OPT_DRY_RUN, 'N', "dry-run", NULL, "say what would happen; write nothing"},
    {OPT_LIST, 'F', "list", NULL, "list the formats, how each is told and what it needs"},
    {OPT_CSV, 'C', "csv", NULL, "print CSV"},
    {OPT_JSON, 'J', "json", NULL, "print JSON"},
    {OPT_MARKDOWN, 'M', "markdown", NULL, "all of it as docs/api.md has it"},
    {OPT_LUA, 'L', "lua", NULL, "all of it as annotations for editors"},
    {OPT_UPDATE, 'u', "update", NULL, "write golden rows anew from what plugins give now"},
    {OPT_ARTICLE, 'A', "article", "ID", "an article of the store: its id, its path or the end of it"},
    {OPT_FILTER, 'r', "region", "NAME", "articles about a region: the beginning of its name or code"},
    {OPT_FILTER, 'S', "since", "DAY", "articles of this day and later"},
    {OPT_FILTER, 'U', "until", "DAY", "articles of this day and earlier"},
    {OPT_FILTER, 'B', "source", "TEXT", "articles whose source has this in its name"},
    {OPT_FILTER | OPT_LIMIT, 'l', "limit", "N", "stop after so many"},
    {OPT_FILTER, 'X', "duplicates", NULL, "duplicates too"},
    {OPT_BLOCK, 'k', "kind", "KIND", "only in blocks of this kind: title heading paragraph caption list table; may be given more than once"},
    {OPT_DROP, 'R', "remove", NULL, "take the index away"},
    {OPT_FORCE, 'G', "force", NULL, "run the plugins also where their results are current"},
    {OPT_ONLY_FAILED, 'O', "only-failed", NULL, "only what failed before, nothing new"},
    {OPT_TRACE, 'T', "trace", NULL, "tell every failure with its whole traceback"},
    {OPT_PROFILE, 'P', "profile", "FILE", "tell what plugins cost, and write their Lua stacks to FILE, folded for flame graphs"},
    {OPT_SHARD, 'I', "shard", "I/N", "only the I-th of N parts of the articles; `merge` joins the stores"},
    {OPT_MIXED, 'm', "mixed", NULL, "take stores that different versions of the loader or of plugins made"},
    {OPT_TIMERS, LETTER_SYSTEMD, "systemd", NULL, "install: units of systemd"},
    {OPT_TIMERS, LETTER_CRON, "cron", NULL, "install: lines of a crontab"},
    {OPT_TIMERS, LETTER_USER, "user", NULL, "for this user (default)"},
    {OPT_TIMERS, LETTER_SYSTEM, "system", NULL, "for the whole system: /etc/systemd/system, /etc/cron.d"},
    {OPT_TIMERS, LETTER_PRINT, "print", NULL, "install: print what would be written"},
    {OPT_DUE, LETTER_DUE, "due", NULL, "those whose time has come"},
    {OPT_DUE, LETTER_ALL, "all", NULL, "all jobs"},
    {OPT_WAIT, LETTER_WAIT, "wait", "?SECONDS", "wait while another process writes to the store (default: refuse; without SECONDS: for ever)"},
    {OPT_REPORT, LETTER_REPORT, "report", "FILE", "write what was done to FILE: .json, .prom (Prometheus), .xml (JUnit)"},
    {OPT_QUIET, 'q', "quiet", NULL, "no summary and no progress"},
    {OPT_VERBOSE, 'v', "verbose", NULL, "tell more, tracebacks too"},
};
enum { ROW_COUNT = sizeof rows / sizeof *rows };

static bool append(th_cli *cli, const char ***list, size_t *count, const char *value)
{
    const char **bigger = th_arena_zalloc(cli->arena, *count + 2, sizeof *bigger);

    if (!bigger)
        return false;
    if (*count)
        memcpy(bigger, *list, *count * sizeof *bigger);
    bigger[(*count)++] = value;
    *list = bigger;
    return true;
}

static bool whole_number(const char *text, size_t least, size_t most, size_t *out)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || value < least || value > most)
        return false;
    *out = value;
    return true;
}

static th_status wrong(const th_cli *cli, th_error *err, const char *what, const char *value, const char *wanted)
{
    return th_error_set(err, TH_ERR_USAGE, "%s %s: expected %s, got \"%s\"", cli->command->name, what, th_words(wanted), value);
}

static bool read_shard(const char *text, th_shard *out)
{
    unsigned index, count;
    int used = 0;

    if (sscanf(text, "%4u/%4u%n", &index, &count, &used) != 2 || text[used] || *text < '0' || *text > '9' || !index || index > count)
        return false;
    *out = (th_shard){index, count};
    return true;
}

static th_status take(th_cli *cli, int letter, const char *value, th_error *err)
{
    switch (letter) {
    case 's': cli->store = value; break;
    case 'c': cli->config_file = value; break;
    case 'o': cli->output = value; break;
    case 't': cli->title = value; break;
    case 'a':
        if (!append(cli, &cli->articles, &cli->article_count, value))
            return th_error_set(err, TH_ERR_NOMEM, "out of memory");
        break;
    case 'p':
        if (!append(cli, &cli->plugins, &cli->plugin_count, value))
            return th_error_set(err, TH_ERR_NOMEM, "out of memory");
        break;
    case 'd':
        if (!th_date_is_valid(value, strlen(value)))
            return wrong(cli, err, "--date", value, "a day such as 2024-11-22");
        cli->date = value;
        break;
    case 'j':
        if (!whole_number(value, 1, 256, &cli->jobs))
            return wrong(cli, err, "--jobs", value, "a whole number from 1 to 256");
        break;
    case 'e':
        if (!whole_number(value, 0, 1000000, &cli->errors))
            return wrong(cli, err, "--errors", value, "a whole number");
        break;
    case 'S':
    case 'U':
        if (!th_date_is_valid(value, strlen(value)))
            return wrong(cli, err, letter == 'S' ? "--since" : "--until", value, "a day such as 2024-11-22");
        *(letter == 'S' ? &cli->filter.since : &cli->filter.until) = value;
        break;
    case 'l':
        if (!whole_number(value, 1, 1000000000, &cli->filter.limit))
            return wrong(cli, err, "--limit", value, "a whole number from 1");
        break;
    case 'k':
        if (th_block_kind_of(value) < 0)
            return wrong(cli, err, "--kind", value, "title, heading, paragraph, caption, list or table");
        cli->blocks |= 1u << th_block_kind_of(value);
        break;
    case 'I':
        if (!read_shard(value, &cli->shard))
            return wrong(cli, err, "--shard", value, "a part and the number of parts such as 2/4");
        break;
    case 'm': cli->mixed = true; break;
    case 'r': cli->filter.region = value; break;
    case 'B': cli->filter.source = value; break;
    case 'X': cli->filter.with_duplicates = true; break;
    case 'R': cli->drop = true; break;
    case 'f': cli->format = value; break;
    case 'A': cli->article = value; break;
    case 'M': cli->markdown = true; break;
    case 'L': cli->lua = true; break;
    case 'u': cli->update = true; break;
    case 'g': cli->against = value; break;
    case 'x': cli->cross = true; break;
    case 'D': cli->dropped = true; break;
    case 'N': cli->dry_run = true; break;
    case 'F': cli->list = true; break;
    case 'n': cli->ndjson = true; break;
    case 'C': cli->csv = true; break;
    case 'J': cli->json = true; break;
    case 'G': cli->force = true; break;
    case 'O': cli->only_failed = true; break;
    case 'T': cli->trace = true; break;
    case 'P': cli->profile = value; break;
    case LETTER_DUE: cli->due = true; break;
    case LETTER_ALL: cli->all = true; break;
    case LETTER_WAIT: {
        size_t seconds = 0;
        if (value && !whole_number(value, 0, 1000000000, &seconds))
            return wrong(cli, err, "--wait", value, "a whole number of seconds");
        cli->wait_s = value ? (double)seconds : -1;
        break;
    }
    case LETTER_REPORT:
        if (!th_report_format_of(value))
            return wrong(cli, err, "--report", value, "a file whose name ends in .json, .prom or .xml");
        cli->report = value;
        break;
    case LETTER_SYSTEMD: cli->systemd = true; break;
    case LETTER_CRON: cli->cron = true; break;
    case LETTER_USER: cli->user = true; break;
    case LETTER_SYSTEM: cli->system = true; break;
    case LETTER_PRINT: cli->print = true; break;
    case 'q': cli->quiet = true; break;
    case 'v': cli->verbose = true; break;
    }
    return TH_OK;
}

static void make_getopt(const th_command *command, struct option *longs, char *shorts)
{
    size_t n = 0;

    *shorts++ = ':'; /* a missing value comes back as ':', not as '?' */
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (!(command->options & rows[i].bit))
            continue;
        int argument = !rows[i].value ? no_argument : *rows[i].value == '?' ? optional_argument : required_argument;
        longs[n++] = (struct option){rows[i].name, argument, NULL, rows[i].letter};
        if (rows[i].letter >= LONG_ONLY)
            continue;
        *shorts++ = (char)rows[i].letter;
        if (rows[i].value)
            *shorts++ = ':';
    }
    longs[n++] = (struct option){"help", no_argument, NULL, 'h'};
    longs[n] = (struct option){0};
    *shorts++ = 'h';
    *shorts = '\0';
}

th_status th_cli_parse(th_cli *cli, int argc, char **argv, bool *help, th_error *err)
{
    struct option longs[ROW_COUNT + 2];
    char shorts[2 * ROW_COUNT + 4];
    int letter;

    make_getopt(cli->command, longs, shorts);
    opterr = 0;
    while ((letter = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        if (letter == '?' || letter == ':') {
            const char *given = argv[optind - 1];
            return th_error_set(err, TH_ERR_USAGE, "%s: %s \"%s\"; `talenthost %s --help` lists the options",
                                cli->command->name, th_words(letter == ':' ? "a value is missing behind" : "unknown option"), given,
                                cli->command->name);
        }
        if (letter == 'h') {
            *help = true;
            continue;
        }
        th_status status = take(cli, letter, optarg, err);
        if (status != TH_OK)
            return status;
    }
    cli->args = th_arena_zalloc(cli->arena, (size_t)(argc - optind) + 1, sizeof *cli->args);
    if (!cli->args)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    for (int i = optind; i < argc; i++)
        cli->args[cli->arg_count++] = argv[i];
    if (cli->verbose || cli->quiet)
        th_log_set_level(cli->verbose ? TH_LOG_DEBUG : TH_LOG_WARN);
    return TH_OK;
}

bool th_cli_option_at(const th_command *command, size_t index, th_cli_option *out)
{
    size_t row = 0;

    while (row < ROW_COUNT && (!(command->options & rows[row].bit) || index--))
        row++;
    const char *value = row < ROW_COUNT ? rows[row].value : NULL;
    bool is_optional = value && *value == '?';
    *out = row < ROW_COUNT ? (th_cli_option){rows[row].letter < LONG_ONLY ? (char)rows[row].letter : 0, rows[row].name,
                                             value + is_optional, rows[row].help, is_optional}
                           : (th_cli_option){'h', "help", NULL, "this text", false};
    return row < ROW_COUNT || index == 0;
}

void th_cli_print_help(const th_command *command)
{
    th_cli_option o;

    printf("usage: talenthost %s%s%s\n\n%s\n\nOptions:\n", command->name, *command->synopsis ? " " : "",
           command->synopsis, command->help);
    for (size_t i = 0; th_cli_option_at(command, i, &o); i++) {
        char left[64];
        char letter[] = {'-', o.letter, ',', ' ', '\0'};
        snprintf(left, sizeof left, "%s--%s%s%s%s", o.letter ? letter : "    ", o.name,
                 o.is_optional ? "[=" : o.value ? " " : "", o.value ? o.value : "", o.is_optional ? "]" : "");
        printf("  %-24s  %s\n", left, o.help);
    }
}
