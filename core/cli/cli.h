/* cli.h - what the subcommands share: options, configuration, exit statuses. Only core/cli/ prints and exits. */
#ifndef TH_CLI_CLI_H
#define TH_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "config.h"
#include "report/table.h"
#include "run/assets.h"
#include "run/job.h"
#include "store/search.h"
#include "store/store.h"
#include "text/json.h"

enum { EXIT_WELL = 0, EXIT_SOME_FAILED = 1, EXIT_USAGE = 2 };

/* Options, as bits, so that a command says which it takes. */
enum {
    OPT_CONFIG = 1 << 0,
    OPT_STORE = 1 << 1,
    OPT_ARTICLES = 1 << 2,
    OPT_JOBS = 1 << 3,
    OPT_JSON = 1 << 4,
    OPT_OUTPUT = 1 << 5,
    OPT_NDJSON = 1 << 6,
    OPT_DROPPED = 1 << 7,
    OPT_ERRORS = 1 << 8,
    OPT_TITLE = 1 << 9,
    OPT_DATE = 1 << 10,
    OPT_CSV = 1 << 11,
    OPT_PLUGIN = 1 << 12,
    OPT_QUIET = 1 << 13,
    OPT_VERBOSE = 1 << 14,
    OPT_TRACE = 1 << 15,
    OPT_PROFILE = 1 << 16,
    OPT_FORCE = 1 << 17,
    OPT_ONLY_FAILED = 1 << 18,
    OPT_FORMAT = 1 << 19,
    OPT_AGAINST = 1 << 22,
    OPT_CROSS = 1 << 23,
    OPT_DRY_RUN = 1 << 20,
    OPT_LIST = 1 << 21,
    OPT_MARKDOWN = 1 << 24,
    OPT_LUA = 1 << 25,
    OPT_UPDATE = 1 << 26,
    OPT_ARTICLE = 1 << 27,
    OPT_FILTER = 1 << 28, /* region, since, until, source, limit, duplicates */
    OPT_BLOCK = 1 << 29,
    OPT_DROP = 1 << 30,
};
/* Beyond what an enumeration holds. */
#define OPT_SHARD (UINT64_C(1) << 31)
#define OPT_MIXED (UINT64_C(1) << 32)
#define OPT_DUE (UINT64_C(1) << 34) /* due, all */
#define OPT_WAIT (UINT64_C(1) << 35)
#define OPT_REPORT (UINT64_C(1) << 36)
#define OPT_LIMIT (UINT64_C(1) << 37)
#define OPT_TIMERS (UINT64_C(1) << 33) /* systemd, cron, user, system, print */

typedef struct th_cli th_cli;

typedef struct th_command {
    const char *name;
    const char *synopsis; /* what stands behind the name */
    const char *summary;  /* one line, for the list */
    const char *help;     /* paragraphs */
    uint64_t options;     /* OPT_… it takes */
    int (*run)(th_cli *cli);
} th_command;

struct th_cli {
    const th_command *command;
    th_arena *arena; /* of the whole run of the program */
    const char **args; /* behind the options */
    size_t arg_count;
    const char *line; /* the command line, for the run history */
    const char *format; /* of annotations */
    const char *config_file, *store, *output, *title, *date, *against;
    const char **articles;
    size_t article_count;
    const char **plugins;
    size_t plugin_count;
    size_t jobs, errors;
    const char *article; /* id, path or end of a path */
    th_filter filter;    /* articles asked for */
    unsigned blocks;     /* a bit for each th_block_kind asked for */
    bool drop, mixed;
    th_shard shard;
    const char *profile; /* file for folded stacks */
    bool force, only_failed, trace;
    bool markdown, lua, update;
    bool cross, json, ndjson, csv, dropped, quiet, verbose;
    bool dry_run, list;
    bool systemd, cron, user, system, print; /* schedule */
    bool due, all;      /* batch */
    double wait_s;      /* for another writer; below 0: for ever */
    const char *report; /* file */
    th_config config;
};

/* The commands; each is in a file of its own. */
extern const th_command th_cmd_forget;
extern const th_command th_cmd_load, th_cmd_run, th_cmd_plugins, th_cmd_show, th_cmd_explain, th_cmd_query, th_cmd_try,
    th_cmd_quantities, th_cmd_eval, th_cmd_config, th_cmd_doctor, th_cmd_export, th_cmd_import, th_cmd_grep, th_cmd_articles, th_cmd_index;
extern const th_command th_cmd_api, th_cmd_new, th_cmd_test, th_cmd_watch, th_cmd_repl; /* for authors of plugins */
extern const th_command th_cmd_map, th_cmd_merge, th_cmd_schedule, th_cmd_batch, th_cmd_runs;
extern const th_command th_cmd_init, th_cmd_completions, th_cmd_manual;

extern const th_command *const th_commands[]; /* NULL-terminated, in the order of the help */

/* `talenthost run --help SCRIPT`: what the script says of itself. */
int th_cmd_run_help(th_cli *cli);

/* Read the options of `cli->command` from argv (argv[0] is the command). A wrong one is TH_ERR_USAGE. `*help` when --help is there. */
th_status th_cli_parse(th_cli *cli, int argc, char **argv, bool *help, th_error *err);
void th_cli_print_help(const th_command *command);

typedef struct th_cli_option {
    char letter; /* of the short form; 0: there is none */
    const char *name, *value, *help; /* value: NULL when it takes none */
    bool is_optional;                /* its value, which then stands behind '=' */
} th_cli_option;

/* The option at `index` of those `command` takes, --help last; false behind it. */
bool th_cli_option_at(const th_command *command, size_t index, th_cli_option *out);

/* Read the configuration and lay the options over it. */
th_status th_cli_configure(th_cli *cli, th_error *err);

/* Print the error as one line on standard error and give the exit status that belongs to it. */
int th_cli_fail(const th_error *err);
/* A wrong call: message and where help is. */
int th_cli_misuse(const th_cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Open the store for reading. */
th_status th_cli_open_store(th_cli *cli, th_store **out, th_error *err);

/* All of standard input; TH_ERR_NOMEM, TH_ERR_UNREADABLE. */
th_status th_cli_read_input(th_str *out, th_error *err);

/* Write `text` to standard output. Gives `status`, or EXIT_SOME_FAILED with a message when the output can not be written. */
int th_cli_emit(const th_str *text, int status);

/* A table of at most 16 columns whose heads are in the user's language, unless it is for a machine. */
th_table *th_cli_table(const th_cli *cli, const char *const *names, size_t count);

/* Add a row of a query to the table; false when out of memory. */
bool th_cli_add_row(th_table *table, const th_cell *values, size_t count);

/* Print the table as the options ask: aligned for the terminal, --csv or --json. */
int th_cli_print_table(const th_cli *cli, const th_table *table, int status);

/* The job whose step this process is, as `batch` says it: its row of `run`; 0: none. */
int64_t th_cli_parent_run(void);

/* The time in seconds since 1970. For tests the variable TALENTHOST_TEST_CLOCK names a file that holds it. */
int64_t th_cli_now(void);

/* Write --report, when it was asked for, on the runs `ids`; `failed` (may be NULL) tells of one that has no row. Gives `status`, or EXIT_USAGE with a message. */
struct th_run_info;
int th_cli_report(th_cli *cli, const int64_t *ids, size_t count, const struct th_run_info *failed, size_t failed_count, int status);

/* As th_cli_fail(), of a run that could not be done; it is told in the report too. */
int th_cli_fail_run(th_cli *cli, const th_error *err);

/* Report what a job did: a line on standard error, or JSON on standard output. th_cli_report_load() tells more of the files. */
int th_cli_report_job(const th_cli *cli, const th_job_report *report);
int th_cli_report_load(const th_cli *cli, const th_job_report *report);

#endif
