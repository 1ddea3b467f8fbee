/* cmd_explain.c - `talenthost explain`: where a record comes from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/history.h"

/* The record's own row, field by field, and where it stands. */
typedef struct finding {
    th_arena *arena;
    th_str fields, json;
    int64_t article_id, start, stop;
    const char *plugin, *version;
    bool found;
} finding;

static void add_value(th_str *out, const th_cell *cell, bool json)
{
    switch (cell->type) {
    case TH_CELL_INTEGER:
        th_str_addf(out, "%lld", (long long)cell->integer);
        break;
    case TH_CELL_NUMBER:
        th_json_number(out, cell->number);
        break;
    case TH_CELL_TEXT:
        if (json)
            th_json_text(out, cell->text, cell->len);
        else
            th_str_add(out, cell->text, cell->len);
        break;
    default:
        th_str_puts(out, json ? "null" : "-");
    }
}

static bool take_row(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    finding *f = ctx;

    for (size_t i = 0; values && i < count; i++) {
        if (strcmp(names[i], "article_id") == 0)
            f->article_id = values[i].integer;
        else if (strcmp(names[i], "start") == 0)
            f->start = values[i].integer;
        else if (strcmp(names[i], "stop") == 0)
            f->stop = values[i].integer;
        else if (strcmp(names[i], "id") != 0) {
            th_str_addf(&f->fields, "  %-12s ", names[i]);
            add_value(&f->fields, &values[i], false);
            th_str_putc(&f->fields, '\n');
        }
        th_str_addf(&f->json, ",\"%s\":", names[i]);
        add_value(&f->json, &values[i], true);
    }
    f->found = values != NULL;
    return false;
}

static bool take_plugin(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    finding *f = ctx;

    (void)names;
    (void)count;
    if (values) {
        f->plugin = th_arena_copy(f->arena, values[0].text, values[0].len);
        f->version = th_arena_copy(f->arena, values[1].text, values[1].len);
    }
    return false;
}

static th_status find_row(th_store *store, const char *kind, int64_t id, finding *f, th_error *err)
{
    th_cell name = {.type = TH_CELL_TEXT, .text = kind, .len = strlen(kind)};
    th_cell number = {.type = TH_CELL_INTEGER, .integer = id};
    char sql[128];
    th_status status = th_store_query(store,
                                      "SELECT plugin.name, plugin.version FROM kind JOIN plugin ON plugin.id = plugin_id "
                                      "WHERE kind.name = ?1",
                                      &name, 1, take_plugin, f, err);
    if (status != TH_OK)
        return status;
    if (!f->plugin)
        return th_error_set(err, TH_ERR_USAGE, "explain: no plugin has recorded a \"%.60s\" in this store", kind);
    snprintf(sql, sizeof sql, "SELECT * FROM \"%.63s\" WHERE id = ?1", kind); /* the name is one of `kind`, a plain word */
    status = th_store_query(store, sql, &number, 1, take_row, f, err);
    if (status == TH_OK && !f->found)
        status = th_error_set(err, TH_ERR_USAGE, "explain: there is no %s:%lld", kind, (long long)id);
    return status;
}

/* The sentence with the span between 【 and 】; a span that is longer than the sentence is shown whole. */
static void marked(const th_article *a, const finding *f, th_str *out)
{
    size_t start = (size_t)f->start, stop = (size_t)f->stop;
    size_t s = th_article_sentence_at(a, start);
    size_t from = start, to = stop;

    if (s < a->sentence_count) {
        from = a->sentences[s].start < start ? a->sentences[s].start : start;
        to = a->sentences[s].stop > stop ? a->sentences[s].stop : stop;
    }
    th_str_add(out, a->text + from, start - from);
    th_str_puts(out, "【");
    th_str_add(out, a->text + start, stop - start);
    th_str_puts(out, "】");
    th_str_add(out, a->text + stop, to - stop);
}

static void print_text(th_store *store, const char *kind, int64_t id, const finding *f, const th_article *a,
                       const th_str *sentence, th_str *out)
{
    th_str_addf(out, "%s:%lld  %s\n%s\n", kind, (long long)id, th_str_text(sentence), th_str_text(&f->fields));
    th_str_addf(out, "article  %lld  %s\ntitle    %s\n", (long long)a->id, a->path, a->title);
    th_str_addf(out, "date     %s\nsource   %s\n", a->date ? a->date : "-", a->source ? a->source : "-");
    if (a->url)
        th_str_addf(out, "url      %s\n", a->url);
    th_str_addf(out, "span     %lld..%lld bytes of article.text\nplugin   %s %s\n", (long long)f->start,
                (long long)f->stop, f->plugin, f->version);
    th_history_rows(store, a->id, f->plugin, false, out);
}

static void print_json(th_store *store, const char *kind, const finding *f, const th_article *a, const th_str *sentence, th_str *out)
{
    th_str_addf(out, "{\"kind\":\"%s\",\"record\":{%s}", kind, f->json.len ? th_str_text(&f->json) + 1 : "");
    th_json_member(out, "sentence", th_str_text(sentence));
    th_json_member(out, "path", a->path);
    th_json_member(out, "title", a->title);
    th_json_member(out, "date", a->date);
    th_json_member(out, "source", a->source);
    th_json_member(out, "url", a->url);
    th_json_member(out, "plugin", f->plugin);
    th_json_member(out, "version", f->version);
    th_history_rows(store, a->id, f->plugin, true, out);
    th_str_puts(out, "}\n");
}

/* "metric:12" → kind and number. */
static bool split_key(th_arena *arena, const char *key, const char **kind, int64_t *id)
{
    const char *colon = strrchr(key, ':');
    char *end;

    if (!colon || colon == key || colon[1] < '0' || colon[1] > '9')
        return false;
    *kind = th_arena_copy(arena, key, (size_t)(colon - key));
    *id = strtoll(colon + 1, &end, 10);
    return *kind && !*end && !th_kind_name_fault(*kind);
}

static int explain(th_cli *cli, const char *kind, int64_t id)
{
    th_error err = {0};
    th_store *store = NULL;
    th_article *a = NULL;
    finding f = {.arena = cli->arena};
    th_str sentence = {0}, out = {0};
    int result;

    if (th_cli_open_store(cli, &store, &err) != TH_OK || find_row(store, kind, id, &f, &err) != TH_OK ||
        th_store_article_get(store, f.article_id, cli->arena, &a, &err) != TH_OK) {
        result = th_cli_fail(&err);
    } else if (f.start < 0 || f.stop < f.start || (size_t)f.stop > a->len) {
        result = th_cli_fail(&(th_error){TH_ERR_STORE, "explain: the record's span lies outside its article; run again"});
    } else {
        marked(a, &f, &sentence);
        if (cli->json)
            print_json(store, kind, &f, a, &sentence, &out);
        else
            print_text(store, kind, id, &f, a, &sentence, &out);
        result = th_cli_emit(&out, EXIT_WELL);
    }
    th_str_free(&f.fields);
    th_str_free(&f.json);
    th_str_free(&sentence);
    th_str_free(&out);
    th_store_close(store);
    return result;
}

static int run(th_cli *cli)
{
    const char *kind;
    int64_t id;

    if (cli->arg_count != 1 || !split_key(cli->arena, cli->args[0], &kind, &id))
        return th_cli_misuse(cli, "expected a record such as metric:12");
    return explain(cli, kind, id);
}

const th_command th_cmd_explain = {
    "explain",
    "KIND:ID",
    "show where a record comes from",
    "Prints the record with its sentence, the span marked, and the article, title, date and source it stands in, the\n"
    "plugin that recorded it with its version, the run, what it cost, and the state of plugin, data and settings it came from. Example: talenthost explain metric:12",
    OPT_STORE | OPT_CONFIG | OPT_JSON,
    run,
};
