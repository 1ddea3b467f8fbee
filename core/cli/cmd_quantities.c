/* cmd_quantities.c - `talenthost quantities`: the quantity scanner on lines of text. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/cli.h"
#include "text/quantity.h"
#include "text/unicode.h"

typedef struct scanner {
    th_cli *cli;
    th_units *units;
    th_arena *arena; /* of the line at hand */
    th_str out, clean;
    size_t lines, bad;
} scanner;

/* A string, null when it is empty. */
static void add_text(th_str *out, const char *text, size_t len)
{
    if (len > 0)
        th_json_text(out, text, len);
    else
        th_str_puts(out, "null");
}

/* `name` and a number, or null. */
static void add_number(th_str *out, const char *name, double value, bool there)
{
    th_str_puts(out, name);
    if (there)
        th_json_number(out, value);
    else
        th_str_puts(out, "null");
}

/* Add one quantity; `*byte` and `*point` are a position known so far, in bytes and in code points. */
static void add_quantity(th_str *out, const char *text, const th_quantity *q, size_t *byte, size_t *point)
{
    *point += th_utf8_count(text + *byte, q->start - *byte);
    *byte = q->start;
    th_str_puts(out, "{\"text\":");
    th_json_text(out, text + q->start, q->stop - q->start);
    add_number(out, ",\"start\":", (double)*point, true);
    add_number(out, ",\"end\":", (double)(*point + th_utf8_count(text + q->start, q->stop - q->start)), true);
    add_number(out, ",\"value\":", q->value, true);
    add_number(out, ",\"value_max\":", q->value_max, q->is_range);
    th_str_puts(out, ",\"unit\":");
    add_text(out, q->unit, strlen(q->unit));
    th_str_puts(out, ",\"cmp\":\"");
    th_str_puts(out, th_cmp_name(q->cmp));
    add_number(out, "\",\"number\":", q->number, true);
    add_number(out, ",\"number_max\":", q->number_max, q->is_range);
    th_str_puts(out, ",\"written_unit\":");
    add_text(out, text + q->unit_start, q->stop - q->unit_start);
    th_str_puts(out, ",\"dimension\":");
    add_text(out, q->dimension, strlen(q->dimension));
    th_str_putc(out, '}');
}

/* Scan one text and print its line; `id` is JSON already. Damaged bytes are read as U+FFFD. */
static th_status scan_text(scanner *s, const char *id, const char *text, size_t len, th_error *err)
{
    th_quantities found;
    size_t byte = 0, point = 0;

    if (!th_utf8_valid(text, len, NULL)) {
        th_status status = th_text_normalise(&s->clean, text, len, NULL, err);
        if (status != TH_OK)
            return status;
        text = th_str_text(&s->clean);
        len = s->clean.len;
    }
    th_status status = th_quantity_scan(s->units, text, len, s->arena, &found, err);
    if (status != TH_OK)
        return status;
    th_str_addf(&s->out, "{\"id\":%s,\"quantities\":[", id);
    for (size_t i = 0; i < found.count; i++) {
        if (i)
            th_str_putc(&s->out, ',');
        add_quantity(&s->out, text, &found.items[i], &byte, &point);
    }
    th_str_puts(&s->out, "]}\n");
    return TH_OK;
}

/* A line that is no such object gives a line too, so that lines in and lines out stay in step. */
static void bad_line(scanner *s, const char *why)
{
    th_str_addf(&s->out, "{\"id\":null,\"error\":\"line %zu: %s\"}\n", s->lines, why);
    th_log(TH_LOG_ERROR, "standard input:%zu: %s; expected {\"id\":…,\"text\":\"…\"}", s->lines, why);
    s->bad++;
}

static th_status scan_json(scanner *s, const char *line, size_t len, th_error *err)
{
    json_error_t fault;
    json_t *object = json_loadb(line, len, 0, &fault);
    json_t *text = json_object_get(object, "text"), *id = json_object_get(object, "id");
    th_status status = TH_OK;

    if (!json_is_object(object) || !json_is_string(text)) {
        bad_line(s, object ? "no text in it" : "is not JSON");
    } else {
        char *key = id ? json_dumps(id, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
        status = scan_text(s, key ? key : "null", json_string_value(text), json_string_length(text), err);
        free(key);
    }
    json_decref(object);
    return status;
}

static th_status scan_line(scanner *s, char *line, size_t len, th_error *err)
{
    char id[32];

    s->lines++;
    th_arena_reset(s->arena);
    th_str_clear(&s->clean);
    th_str_clear(&s->out);
    if (len && line[len - 1] == '\n')
        line[--len] = '\0';
    if (len && line[len - 1] == '\r')
        line[--len] = '\0';
    snprintf(id, sizeof id, "%zu", s->lines);
    th_status status = s->cli->ndjson ? scan_json(s, line, len, err) : scan_text(s, id, line, len, err);
    if (status == TH_OK && fwrite(th_str_text(&s->out), 1, s->out.len, stdout) != s->out.len)
        status = th_error_set(err, TH_ERR_IO, "standard output: %s", strerror(errno));
    return status;
}

static th_status scan_input(scanner *s, th_error *err)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    th_status status = TH_OK;

    while (status == TH_OK && (len = getline(&line, &cap, stdin)) >= 0)
        status = scan_line(s, line, (size_t)len, err);
    free(line);
    if (status == TH_OK && ferror(stdin))
        status = th_error_set(err, TH_ERR_IO, "standard input: %s", strerror(errno));
    if (status == TH_OK && fflush(stdout) != 0)
        status = th_error_set(err, TH_ERR_IO, "standard output: %s", strerror(errno));
    return status;
}

static int run(th_cli *cli)
{
    th_error err = {0};
    th_assets assets;
    scanner s = {.cli = cli};
    th_status status;

    if (cli->arg_count)
        return th_cli_misuse(cli, "reads standard input and takes no argument");
    if ((status = th_cli_configure(cli, &err)) == TH_OK) {
        cli->config.plugins.count = 0;
        if ((status = th_assets_read(&assets, cli->arena, &cli->config, &err)) == TH_OK &&
            (status = th_assets_units(&assets, &s.units, &err)) == TH_OK) {
            s.arena = th_arena_new();
            status = s.arena ? scan_input(&s, &err) : th_error_set(&err, TH_ERR_NOMEM, "out of memory");
        }
    }
    th_str_free(&s.out);
    th_str_free(&s.clean);
    th_arena_free(s.arena);
    th_units_free(s.units);
    return status != TH_OK ? th_cli_fail(&err) : s.bad ? EXIT_SOME_FAILED : EXIT_WELL;
}

const th_command th_cmd_quantities = {
    "quantities",
    "< TEXT",
    "find the numbers in use in lines of text",
    "Reads lines of text on standard input, or with --ndjson lines {\"id\":…,\"text\":…}, and writes one line for each:\n"
    "  {\"id\":…,\"quantities\":[{\"text\":…,\"start\":…,\"end\":…,\"value\":…,\"value_max\":…,\"unit\":…,\"cmp\":…,\n"
    "   \"number\":…,\"number_max\":…,\"written_unit\":…,\"dimension\":…}]}\n"
    "Positions are in code points, the end is exclusive. value is in the base unit, unit; number as written, in written_unit:\n"
    "三毛 is 0.3 元 and 3 毛, 七折 is 70 % and 7 折, 三分之二 is 66.7 % and 0.667. A bare number has unit null. The _max\n"
    "fields are null but for ranges.",
    OPT_CONFIG | OPT_NDJSON,
    run,
};
