/* cmd_grep.c - `talenthost grep`: words in their context, one line a place, aligned at the word. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "text/unicode.h"

enum { PIPE_WIDTH = 120, NARROWEST = 12, REGION_WIDTH = 14 };

typedef struct printer {
    th_str line;
    size_t width, count;
    bool bold, failed;
} printer;

/* ---- context ---- */

/* The bytes before `end` that take at most `width` columns. */
static size_t left_of(const char *text, size_t end, size_t width)
{
    size_t pos = end, used = 0;

    while (pos > 0) {
        size_t before = pos;
        th_utf8_prev(text, &before);
        used += th_text_width(text + before, pos - before);
        if (used > width)
            break;
        pos = before;
    }
    return pos;
}

static size_t right_of(const char *text, size_t len, size_t start, size_t width)
{
    size_t pos = start, used = 0;

    while (pos < len) {
        size_t after = pos;
        th_utf8_next(text, len, &after);
        used += th_text_width(text + pos, after - pos);
        if (used > width)
            break;
        pos = after;
    }
    return pos;
}

static void pad(th_str *out, size_t used, size_t width)
{
    for (; used < width; used++)
        th_str_putc(out, ' ');
}

/* `text` in exactly `width` columns. */
static void add_field(th_str *out, const char *text, size_t width)
{
    size_t len = text ? strlen(text) : 0, fits = len ? right_of(text, len, 0, width) : 0;

    if (len)
        th_str_add(out, text, fits);
    pad(out, len ? th_text_width(text, fits) : 0, width + 2);
}

static void add_context(printer *p, const th_hit_place *hit, size_t used)
{
    size_t word = th_text_width(hit->text + hit->start, hit->stop - hit->start);
    size_t room = p->width > used + word ? p->width - used - word : 0;
    size_t side = room / 2 > NARROWEST ? room / 2 : NARROWEST;
    size_t from = left_of(hit->text, hit->start, side), to = right_of(hit->text, hit->len, hit->stop, side);

    pad(&p->line, th_text_width(hit->text + from, hit->start - from), side);
    th_str_add(&p->line, hit->text + from, hit->start - from);
    th_str_puts(&p->line, p->bold ? "\033[1;31m" : "");
    th_str_add(&p->line, hit->text + hit->start, hit->stop - hit->start);
    th_str_puts(&p->line, p->bold ? "\033[0m" : "");
    th_str_add(&p->line, hit->text + hit->stop, to - hit->stop);
}

/* ---- lines ---- */

static bool put_line(printer *p)
{
    th_str_putc(&p->line, '\n');
    p->failed |= !th_str_ok(&p->line) || fwrite(p->line.data, 1, p->line.len, stdout) != p->line.len;
    th_str_clear(&p->line);
    p->count++;
    return !p->failed;
}

static bool print_aligned(void *ctx, const th_hit_place *hit)
{
    printer *p = ctx;
    char id[24];
    size_t before = p->line.len;

    snprintf(id, sizeof id, "%lld", (long long)hit->article->id);
    add_field(&p->line, id, 5);
    add_field(&p->line, hit->article->date, 10);
    add_field(&p->line, hit->article->region_name, REGION_WIDTH);
    add_context(p, hit, th_text_width(p->line.data + before, p->line.len - before));
    return put_line(p);
}

static void add_json(th_str *out, const char *name, const char *text, size_t len)
{
    th_str_addf(out, ",\"%s\":", name);
    if (text)
        th_json_text(out, text, len);
    else
        th_str_puts(out, "null");
}

static void add_json_text(th_str *out, const char *name, const char *text)
{
    add_json(out, name, text, text ? strlen(text) : 0);
}

static bool print_json(void *ctx, const th_hit_place *hit)
{
    printer *p = ctx;
    const th_listed *a = hit->article;

    th_str_addf(&p->line, "{\"article\":%lld", (long long)a->id);
    add_json_text(&p->line, "path", a->path);
    add_json_text(&p->line, "title", a->title);
    add_json_text(&p->line, "date", a->date);
    add_json_text(&p->line, "region", a->region_name);
    add_json_text(&p->line, "kind", th_block_kind_name(hit->kind));
    th_str_addf(&p->line, ",\"start\":%zu,\"stop\":%zu", hit->at + hit->start, hit->at + hit->stop);
    add_json(&p->line, "word", hit->text + hit->start, hit->stop - hit->start);
    add_json(&p->line, "block", hit->text, hit->len);
    th_str_putc(&p->line, '}');
    return put_line(p);
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_store *store = NULL;
    size_t terminal = th_terminal_width(stdout);
    printer p = {.width = terminal ? terminal : PIPE_WIDTH, .bold = terminal != 0};

    if (!cli->arg_count)
        return th_cli_misuse(cli, "name a word to look for");
    for (size_t i = 0; i < cli->arg_count; i++)
        if (!*cli->args[i] || !th_utf8_valid(cli->args[i], strlen(cli->args[i]), NULL))
            return th_cli_misuse(cli, "word %zu is %s", i + 1, *cli->args[i] ? "not UTF-8" : "empty");
    th_status status = th_cli_open_store(cli, &store, &err);
    if (status == TH_OK)
        status = th_store_search(store, &cli->filter, cli->args, cli->arg_count, cli->blocks, cli->json ? print_json : print_aligned, &p,
                                 &err);
    th_store_close(store);
    th_str_free(&p.line);
    if (status != TH_OK)
        return th_cli_fail(&err);
    if ((p.failed || fflush(stdout) != 0) && errno == EPIPE)
        return EXIT_WELL; /* whoever reads has seen enough: head, less */
    if (p.failed || ferror(stdout))
        return th_cli_fail(&(th_error){TH_ERR_IO, "standard output can not be written"});
    if (!p.count && !cli->quiet)
        fprintf(stderr, "talenthost: found nowhere\n");
    return EXIT_WELL;
}

const th_command th_cmd_grep = {
    "grep",
    "WORD…",
    "find words in the articles, with their context",
    "Prints a line for every place where one of the words stands: article, date, region, and the word in its context. Words of any\n"
    "length are found, one character too; letters and digits match in either case and width. --json prints an object a line, with the\n"
    "bytes of the article's text. `talenthost index` makes it faster in large stores.",
    OPT_STORE | OPT_CONFIG | OPT_JSON | OPT_FILTER | OPT_BLOCK | OPT_QUIET,
    run,
};
