/* cmd_doctor.c - `talenthost doctor`: does the sandbox hold, and is all there that a run needs? */
#include <jansson.h>
#include <libxml/xmlversion.h>
#include <lua.h>
#include <seccomp.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>
#include <yaml.h>

#include "cli/cli.h"
#include "run/doctor.h"

typedef struct sheet {
    th_table *table;
    bool bad; /* something does not hold */
} sheet;

static void add(sheet *s, const char *part, const char *name, const char *state, const char *detail)
{
    const char *cells[] = {part, name, state, detail};

    th_table_row(s->table);
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        th_table_text(s->table, cells[i], strlen(cells[i]));
}

static void add_walls(sheet *s)
{
    static const char *const states[] = {
        [TH_WALL_UNASKED] = "-", [TH_WALL_STANDS] = "stands", [TH_WALL_LEFT_OUT] = "left out", [TH_WALL_OFF] = "OFF", [TH_WALL_MISSING] = "MISSING"};
    th_wall_trial walls[TH_WALL_COUNT];

    th_doctor_walls(walls);
    for (int i = 0; i < TH_WALL_COUNT; i++) {
        char detail[256];
        snprintf(detail, sizeof detail, "%s; %s", th_wall_summary((th_wall)i), walls[i].how);
        add(s, "wall", th_wall_name((th_wall)i), states[walls[i].state], detail);
        s->bad |= walls[i].state == TH_WALL_MISSING || walls[i].state == TH_WALL_OFF;
    }
}

static bool is_bounded(void)
{
#ifdef TH_SANITIZED
    return false;
#else
    return true;
#endif
}

/* What a build leaves out on purpose is no finding. */
static void add_attacks(sheet *s, const th_config *config)
{
    th_attack attacks[TH_ATTACKS];

    th_doctor_attacks(config->limits.memory, attacks);
    for (size_t i = 0; i < TH_ATTACKS; i++) {
        bool excused = !is_bounded() && strstr(attacks[i].name, "memory");
        add(s, "worker", attacks[i].name, attacks[i].refused ? "refused" : excused ? "left out" : "WENT THROUGH", attacks[i].how);
        s->bad |= !attacks[i].refused && !excused;
    }
}

static void add_libraries(sheet *s)
{
    const struct scmp_version *seccomp = seccomp_version();
    char text[64];

    add(s, "library", "Lua", "ok", LUA_RELEASE);
    add(s, "library", "SQLite", "ok", sqlite3_libversion());
    add(s, "library", "utf8proc", "ok", utf8proc_version());
    add(s, "library", "libyaml", "ok", yaml_get_version_string());
    add(s, "library", "libxml2", "ok", LIBXML_DOTTED_VERSION);
    add(s, "library", "jansson", "ok", jansson_version_str());
    snprintf(text, sizeof text, "%u.%u.%u", seccomp->major, seccomp->minor, seccomp->micro);
    add(s, "library", "libseccomp", "ok", text);
    snprintf(text, sizeof text, "version %d of its interface", th_landlock_version());
    add(s, "kernel", "Landlock", th_landlock_version() ? "ok" : "none", text);
}

/* pdftotext prints its version on standard error, in the first line's last word. */
static void add_pdftotext(sheet *s)
{
    char line[128] = "";
    FILE *pipe = popen("pdftotext -v 2>&1 </dev/null", "r");

    if (pipe && fgets(line, sizeof line, pipe))
        line[strcspn(line, "\n")] = '\0';
    bool there = strncmp(line, "pdftotext version", 17) == 0;
    while (pipe && fgetc(pipe) != EOF)
        continue;
    if (pipe)
        pclose(pipe);
    add(s, "program", "pdftotext", there ? "ok" : "absent",
        there ? line + 18 : "PDF files can not be read; install poppler-utils");
}

static void add_config(sheet *s, const th_cli *cli, th_status status, const th_error *err)
{
    const char *file = cli->config.file ? cli->config.file : "no config.yaml here; the defaults hold";

    s->bad |= status != TH_OK;
    add(s, "config", "config.yaml", status == TH_OK ? "ok" : "BAD", status == TH_OK ? file : err->text);
}

static bool keep_text(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    char *out = ctx;
    (void)names;

    if (!values)
        return true;
    if (count == 1 && values[0].type == TH_CELL_TEXT)
        snprintf(out, 200, "%.*s", (int)(values[0].len < 190 ? values[0].len : 190), values[0].text);
    return false; /* the first row says whether there is trouble */
}

static void add_store(sheet *s, const th_config *config)
{
    th_store *store = NULL;
    th_error err = {0};
    char found[200] = "", counts[200] = "";
    th_status status = th_store_open(&store, config->store, TH_STORE_READ, &err);

    if (status == TH_ERR_MISSING) {
        add(s, "store", config->store, "none yet", "`talenthost run` makes it");
        return;
    }
    if (status == TH_OK && (status = th_store_query(store, "PRAGMA quick_check", NULL, 0, keep_text, found, &err)) == TH_OK)
        status = th_store_query(store,
                                "SELECT 'sound; ' || (SELECT count(*) FROM article) || ' articles, ' || (SELECT count(*) FROM "
                                "kind) || ' kinds of records, ' || (SELECT count(*) FROM run) || ' runs'",
                                NULL, 0, keep_text, counts, &err);
    bool sound = status == TH_OK && strcmp(found, "ok") == 0;
    s->bad |= !sound;
    add(s, "store", config->store, sound ? "ok" : "BAD", sound ? counts : status == TH_OK ? found : err.text);
    th_store_close(store);
}

static int run(th_cli *cli)
{
    static const char *const names[] = {"part", "name", "state", "detail"};
    sheet s = {.table = th_table_new(names, 4)};
    th_error err = {0};

    if (cli->arg_count)
        return th_cli_misuse(cli, "takes no argument");
    if (!s.table)
        return th_cli_fail(&(th_error){TH_ERR_NOMEM, "out of memory"});
    th_status status = th_cli_configure(cli, &err);
    add_walls(&s);
    add_attacks(&s, &cli->config);
    add_libraries(&s);
    add_pdftotext(&s);
    add_config(&s, cli, status, &err);
    if (status == TH_OK)
        add_store(&s, &cli->config);
    int result = th_cli_print_table(cli, s.table, s.bad ? EXIT_SOME_FAILED : EXIT_WELL);
    th_table_free(s.table);
    return result;
}

const th_command th_cmd_doctor = {
    "doctor",
    "",
    "try the sandbox, and see whether all is there",
    "Tries each wall of the sandbox alone, then tries to break out of a process that has all of them, as workers do; lists the\n"
    "libraries, pdftotext, the configuration and the store. Exit status 1 when a wall does not stand, an attack goes through, or\n"
    "the configuration or the store is bad. \"left out\" is what this kind of build does without, with the reason.",
    OPT_STORE | OPT_CONFIG | OPT_JSON | OPT_CSV,
    run,
};
