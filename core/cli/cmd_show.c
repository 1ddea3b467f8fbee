/* cmd_show.c - `talenthost show`: one article as the store has it. */
#include <string.h>

#include "cli/cli.h"

static void field(th_str *out, const char *name, const char *value, const char *origin)
{
    th_str_addf(out, "%-8s %s", name, value && *value ? value : "-");
    if (origin)
        th_str_addf(out, "  [%s]", origin);
    th_str_putc(out, '\n');
}

static void print_head(const th_article *a, th_str *out)
{
    th_str authors = {0}, id = {0}, region = {0};

    for (size_t i = 0; i < a->author_count; i++)
        th_str_addf(&authors, "%s%s", i ? "、" : "", a->authors[i]);
    th_str_addf(&id, "%lld", (long long)a->id);
    th_str_addf(&region, "%s%s%s", a->region_name ? a->region_name : "-", a->region_code ? " " : "",
                a->region_code ? a->region_code : "");
    field(out, "id", th_str_text(&id), NULL);
    field(out, "path", a->path, NULL);
    field(out, "format", a->format, NULL);
    field(out, "title", a->title, a->origins[TH_META_TITLE]);
    field(out, "date", a->date, a->origins[TH_META_DATE]);
    field(out, "source", a->source, a->origins[TH_META_SOURCE]);
    field(out, "authors", th_str_text(&authors), a->origins[TH_META_AUTHORS]);
    field(out, "url", a->url, a->origins[TH_META_URL]);
    field(out, "region", th_str_text(&region), a->origins[TH_META_REGION]);
    for (size_t i = 0; i < a->warning_count; i++)
        field(out, "warning", a->warnings[i], NULL);
    th_str_free(&region);
    th_str_free(&authors);
    th_str_free(&id);
}

/* What the store knows of it beyond the article: each a line of the head, and of the JSON object. */
static const char around_sql[] =
    "SELECT 'loaded', loaded_at FROM article WHERE id = ?1 UNION ALL "
    "SELECT 'gone', gone_at FROM article WHERE id = ?1 AND gone_at IS NOT NULL UNION ALL "
    "SELECT 'same as', o.path || coalesce(printf(' (%d%% alike)', 100 * max(s.similarity)), '') FROM article a "
    "JOIN article o ON o.id = a.duplicate_of LEFT JOIN similar s ON (s.article_id, s.other_id) IN (VALUES (a.id, o.id), (o.id, a.id)) "
    "WHERE a.id = ?1 GROUP BY o.id UNION ALL "
    "SELECT * FROM (SELECT 'copy', path FROM article WHERE duplicate_of = ?1 ORDER BY path)";

typedef struct around {
    th_str *out;
    bool json;
} around;

static bool print_around(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    around *to = ctx;
    (void)names;
    (void)count;

    if (values && to->json) {
        th_str_puts(to->out, to->out->data[to->out->len - 1] == '[' ? "[" : ",[");
        th_json_text(to->out, values[0].text, values[0].len);
        th_str_putc(to->out, ',');
        th_json_text(to->out, values[1].text, values[1].len);
        th_str_putc(to->out, ']');
    } else if (values) {
        field(to->out, values[0].text, values[1].text, NULL);
    }
    return true;
}

static th_status add_around(th_store *store, int64_t id, bool json, th_str *out, th_error *err)
{
    around to = {out, json};
    th_cell param = {.type = TH_CELL_INTEGER, .integer = id};

    return th_store_query(store, around_sql, &param, 1, print_around, &to, err);
}

static void print_blocks(const th_article *a, th_str *out)
{
    for (size_t i = 0; i < a->block_count; i++) {
        const th_block *b = &a->blocks[i];
        if (b->kind == TH_BLOCK_HEADING)
            th_str_addf(out, "\n%.*s ", (int)(b->level ? b->level : 1) + 1, "##########");
        else if (b->kind != TH_BLOCK_PARAGRAPH)
            th_str_addf(out, "[%s] ", th_block_kind_name(b->kind));
        th_str_add(out, a->text + b->start, b->stop - b->start);
        th_str_putc(out, '\n');
    }
}

static void print_dropped(const th_article *a, th_str *out)
{
    for (size_t i = 0; i < a->dropped_count; i++)
        th_str_addf(out, "%-12s %s\n", a->dropped[i].reason, a->dropped[i].text);
    if (!a->dropped_count)
        th_str_puts(out, "nothing was left out\n");
}

static void print_json(th_store *store, const th_article *a, th_str *out, th_error *err)
{
    th_str_addf(out, "{\"id\":%lld", (long long)a->id);
    th_json_member(out, "path", a->path);
    th_json_member(out, "format", a->format);
    th_json_member(out, "hash", a->hash);
    th_json_member(out, "title", a->title);
    th_json_member(out, "date", a->date);
    th_json_member(out, "source", a->source);
    th_json_member(out, "url", a->url);
    th_json_member(out, "region_code", a->region_code);
    th_json_member(out, "region_name", a->region_name);
    th_str_puts(out, ",\"authors\":[");
    for (size_t i = 0; i < a->author_count; i++) {
        th_str_puts(out, i ? "," : "");
        th_json_text(out, a->authors[i], strlen(a->authors[i]));
    }
    th_str_puts(out, "],\"origins\":{");
    for (int i = 0, n = 0; i < TH_META_COUNT; i++)
        if (a->origins[i]) {
            th_str_addf(out, "%s\"%s\":", n++ ? "," : "", th_meta_name((th_meta)i));
            th_json_text(out, a->origins[i], strlen(a->origins[i]));
        }
    th_str_puts(out, "},\"blocks\":[");
    for (size_t i = 0; i < a->block_count; i++) {
        th_str_addf(out, "%s{\"kind\":\"%s\",\"level\":%u,\"text\":", i ? "," : "", th_block_kind_name(a->blocks[i].kind),
                    a->blocks[i].level);
        th_json_text(out, a->text + a->blocks[i].start, a->blocks[i].stop - a->blocks[i].start);
        th_str_putc(out, '}');
    }
    th_str_puts(out, "],\"dropped\":[");
    for (size_t i = 0; i < a->dropped_count; i++) {
        th_str_addf(out, "%s{\"reason\":\"%s\",\"text\":", i ? "," : "", a->dropped[i].reason);
        th_json_text(out, a->dropped[i].text, strlen(a->dropped[i].text));
        th_str_putc(out, '}');
    }
    th_str_puts(out, "],\"store\":[");
    add_around(store, a->id, true, out, err);
    th_str_puts(out, "]}\n");
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_store *store = NULL;
    th_article *a = NULL;
    th_str out = {0};
    int64_t id = 0;
    int result;

    if (cli->arg_count != 1)
        return th_cli_misuse(cli, "expected the id or the path of one article");
    if (th_cli_open_store(cli, &store, &err) != TH_OK || th_store_article_find(store, cli->args[0], &id, &err) != TH_OK ||
        th_store_article_get(store, id, cli->arena, &a, &err) != TH_OK) {
        result = th_cli_fail(&err);
    } else {
        if (cli->json)
            print_json(store, a, &out, &err);
        else {
            print_head(a, &out);
            add_around(store, id, false, &out, &err);
            th_str_putc(&out, '\n');
            if (cli->dropped)
                print_dropped(a, &out);
            else
                print_blocks(a, &out);
        }
        result = err.status == TH_OK ? th_cli_emit(&out, EXIT_WELL) : th_cli_fail(&err);
    }
    th_str_free(&out);
    th_store_close(store);
    return result;
}

const th_command th_cmd_show = {
    "show",
    "ID",
    "print one article: metadata and text, or what was left out",
    "ID is the article's number in the store, its path, or the end of its path. Behind a field\n"
    "stands where it was found; then whether its file is gone, and what it is a duplicate of. --dropped prints the lines that were\n"
    "taken for site chrome, credits or disclaimers, each with the reason.",
    OPT_STORE | OPT_CONFIG | OPT_DROPPED | OPT_JSON,
    run,
};
