/* config_batch.c - the jobs under `batch:` in config.yaml. The key `jobs` is taken: it is the number of worker processes. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "base/zone.h"
#include "config_read.h"

typedef struct job_entry {
    const char *name;
    th_status (*read)(th_config_reader *r, const char *key, const th_node *node, th_batch_job *job, th_error *err);
} job_entry;

static th_status copy_text(th_config_reader *r, const char *key, const th_node *node, const char *wanted, const char **out, th_error *err)
{
    if (node->kind != TH_NODE_SCALAR || !node->len)
        return th_config_wrong(r, key, node, wanted, err);
    *out = th_arena_copy(r->arena, node->text, node->len);
    return *out ? TH_OK : th_config_no_memory(err);
}

/* A list of texts; one text alone is a list of one. */
static th_status copy_texts(th_config_reader *r, const char *key, const th_node *node, const char *wanted, const char *const **out,
                            size_t *count, th_error *err)
{
    const th_node *items = node->kind == TH_NODE_LIST ? node->items : node;
    size_t n = node->kind == TH_NODE_LIST ? node->count : 1;
    const char **texts = th_arena_zalloc(r->arena, n + 1, sizeof *texts);
    th_status status = texts ? TH_OK : th_config_no_memory(err);

    for (size_t i = 0; status == TH_OK && i < n; i++)
        status = copy_text(r, key, &items[i], wanted, &texts[i], err);
    *out = texts;
    *count = n;
    return status;
}

th_status th_config_read_zone(th_config_reader *r, const char *key, const th_node *node, const char **out, th_error *err)
{
    th_status status = copy_text(r, key, node, "a time zone such as Asia/Shanghai", out, err);

    if (status == TH_OK && !th_zone_exists(*out))
        return th_config_wrong(r, key, node, "a time zone such as Asia/Shanghai (package tzdata has them)", err);
    return status;
}

/* ---- the keys of a job ---- */

/* It becomes part of file names and of unit names. */
static th_status read_name(th_config_reader *r, const char *key, const th_node *node, th_batch_job *job, th_error *err)
{
    static const char wanted[] = "a name of letters, digits, - and _, at most 40";
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

    th_status status = copy_text(r, key, node, wanted, &job->name, err);
    if (status == TH_OK && (node->len > 40 || strspn(job->name, letters) != node->len || *job->name == '-'))
        return th_config_wrong(r, key, node, wanted, err);
    return status;
}

static th_status read_load(th_config_reader *r, const char *key, const th_node *node, th_batch_job *job, th_error *err)
{
    return th_config_read_paths(r, key, node, &job->load, err);
}

static th_status read_plugins(th_config_reader *r, const char *key, const th_node *node, th_batch_job *job, th_error *err)
{
    if (node->kind == TH_NODE_SCALAR && strcmp(node->text, "all") == 0)
        return TH_OK;
    job->no_plugins = node->kind == TH_NODE_SCALAR && strcmp(node->text, "none") == 0;
    if (job->no_plugins)
        return TH_OK;
    if (node->kind != TH_NODE_LIST || !node->count)
        return th_config_wrong(r, key, node, "all, none or a list of plugins such as [metric, region]", err);
    return copy_texts(r, key, node, "the name of a plugin", &job->plugins, &job->plugin_count, err);
}

/* {top: 5} as "top=5" … */
static th_status read_script_args(th_config_reader *r, const char *key, const th_node *of, th_batch_script *script, th_error *err)
{
    const char **args = th_arena_zalloc(r->arena, of->count + 1, sizeof *args);

    if (!args)
        return th_config_no_memory(err);
    for (size_t i = 0; i < of->count; i++) {
        th_str text = {0};
        if (of->items[i].kind != TH_NODE_SCALAR)
            return th_config_wrong(r, key, &of->items[i], "a number, a text, true or false", err);
        th_str_addf(&text, "%s=%s", of->keys[i].text, of->items[i].text);
        args[i] = th_str_ok(&text) ? th_arena_copy(r->arena, text.data, text.len) : NULL;
        th_str_free(&text);
        if (!args[i])
            return th_config_no_memory(err);
    }
    script->args = args;
    script->arg_count = of->count;
    return TH_OK;
}

static th_status read_scripts(th_config_reader *r, const char *key, const th_node *node, th_batch_job *job, th_error *err)
{
    static const char wanted[] = "a list of scripts such as [compare.lua, {evidence.lua: {query: 补贴}}]";

    if (node->kind != TH_NODE_LIST)
        return th_config_wrong(r, key, node, wanted, err);
    job->scripts = th_arena_zalloc(r->arena, node->count + 1, sizeof *job->scripts);
    if (!job->scripts)
        return th_config_no_memory(err);
    for (size_t i = 0; i < node->count; i++) {
        const th_node *item = &node->items[i], *name = item;
        th_batch_script *script = &job->scripts[job->script_count++];
        th_status status = TH_OK;
        if (item->kind == TH_NODE_MAP && item->count == 1 && item->items[0].kind == TH_NODE_MAP) {
            name = &item->keys[0];
            status = read_script_args(r, key, &item->items[0], script, err);
        }
        if (status == TH_OK)
            status = copy_text(r, key, name, wanted, &script->name, err);
        if (status == TH_OK && !th_path_ends(script->name, ".lua"))
            status = th_config_wrong(r, key, name, "the file of a script such as compare.lua", err);
        if (status != TH_OK)
            return status;
    }
    return TH_OK;
}

static th_status read_export(th_config_reader *r, const char *key, const th_node *node, th_batch_export *out, th_error *err)
{
    static const char *const formats[] = {"labelstudio", "brat", "doccano", "ndjson"};
    static const char *const names[] = {"format", "output"};
    static const char wanted[] = "a map such as {format: ndjson, output: out/records}";

    if (node->kind != TH_NODE_MAP)
        return th_config_wrong(r, key, node, wanted, err);
    for (size_t i = 0; i < node->count; i++) {
        th_status status;
        if (strcmp(node->keys[i].text, "format") == 0)
            status = copy_text(r, "exports.format", &node->items[i], "labelstudio, brat, doccano or ndjson", &out->format, err);
        else if (strcmp(node->keys[i].text, "output") == 0)
            status = th_config_read_path(r, "exports.output", &node->items[i], &out->output, err);
        else
            return th_config_unknown_key(r, " in exports", &node->keys[i], names, 2, err);
        if (status != TH_OK)
            return status;
    }
    bool known = false;
    for (size_t i = 0; out->format && i < sizeof formats / sizeof *formats; i++)
        known |= strcmp(out->format, formats[i]) == 0;
    if (out->format && !known)
        return th_config_wrong(r, "exports.format", th_node_get(node, "format"), "labelstudio, brat, doccano or ndjson", err);
    return out->format && out->output ? TH_OK : th_config_wrong(r, key, node, wanted, err);
}

static th_status read_exports(th_config_reader *r, const char *key, const th_node *node, th_batch_job *job, th_error *err)
{
    th_status status = TH_OK;

    if (node->kind != TH_NODE_LIST)
        return th_config_wrong(r, key, node, "a list such as [{format: ndjson, output: out/records}]", err);
    job->exports = th_arena_zalloc(r->arena, node->count + 1, sizeof *job->exports);
    if (!job->exports)
        return th_config_no_memory(err);
    for (size_t i = 0; status == TH_OK && i < node->count; i++)
        status = read_export(r, key, &node->items[i], &job->exports[job->export_count++], err);
    return status;
}

static th_status read_schedule(th_config_reader *r, const char *key, const th_node *node, th_batch_job *job, th_error *err)
{
    static const char example[] = "\"0 6 * * mon\" or \"weekly mon 06:00\"";
    size_t at = 0;
    th_status status = copy_text(r, key, node, example, &job->when, err);

    if (status != TH_OK)
        return status;
    const char *fault = th_schedule_read(&job->schedule, job->when, &at);
    if (!fault)
        return TH_OK;
    return th_error_set(err, TH_ERR_USAGE, "%s:%d:%d: %s: \"%.80s\": %s; write for example %s", r->name, node->line,
                        node->column + (int)at + node->quoted, key, job->when, fault, example);
}

static th_status read_zone(th_config_reader *r, const char *key, const th_node *node, th_batch_job *job, th_error *err)
{
    return th_config_read_zone(r, key, node, &job->timezone, err);
}

static th_status read_needs(th_config_reader *r, const char *key, const th_node *node, th_batch_job *job, th_error *err)
{
    job->needs_line = node->line;
    job->needs_column = node->column;
    return copy_texts(r, key, node, "a list of jobs such as [fetch]", &job->needs, &job->need_count, err);
}

static th_status read_time_limit(th_config_reader *r, const char *key, const th_node *node, th_batch_job *job, th_error *err)
{
    return th_config_read_seconds(r, key, node, &job->time_limit_s, err);
}

static th_status read_retries(th_config_reader *r, const char *key, const th_node *node, th_batch_job *job, th_error *err)
{
    return th_config_read_count(r, key, node, 0, &job->retries, err);
}

static th_status read_pause(th_config_reader *r, const char *key, const th_node *node, th_batch_job *job, th_error *err)
{
    return th_config_read_seconds(r, key, node, &job->pause_s, err);
}

static th_status read_command(th_config_reader *r, const char *key, const th_node *node, th_batch_command *out, th_error *err)
{
    static const char wanted[] = "a command for /bin/sh, or a list of a program and its arguments";

    out->shell = node->kind == TH_NODE_SCALAR;
    if (node->kind == TH_NODE_LIST && !node->count)
        return th_config_wrong(r, key, node, wanted, err);
    return copy_texts(r, key, node, wanted, &out->words, &out->count, err);
}

static th_status read_on_failure(th_config_reader *r, const char *key, const th_node *node, th_batch_job *job, th_error *err)
{
    return read_command(r, key, node, &job->on_failure, err);
}

static th_status read_on_success(th_config_reader *r, const char *key, const th_node *node, th_batch_job *job, th_error *err)
{
    return read_command(r, key, node, &job->on_success, err);
}

static const job_entry entries[] = {
    {"name", read_name},         {"load", read_load},         {"plugins", read_plugins},     {"scripts", read_scripts},
    {"exports", read_exports},   {"schedule", read_schedule}, {"timezone", read_zone},       {"needs", read_needs},
    {"time_limit", read_time_limit}, {"retries", read_retries}, {"pause", read_pause},
    {"on_failure", read_on_failure}, {"on_success", read_on_success},
};
enum { ENTRY_COUNT = sizeof entries / sizeof *entries };

static th_status read_job(th_config_reader *r, const th_node *node, th_batch_job *job, th_error *err)
{
    const char *names[ENTRY_COUNT];

    *job = (th_batch_job){.line = node->line, .column = node->column, .pause_s = 60};
    if (node->kind != TH_NODE_MAP)
        return th_config_wrong(r, "batch", node, "a job such as {name: nightly, schedule: daily 06:00}", err);
    for (size_t i = 0; i < ENTRY_COUNT; i++)
        names[i] = entries[i].name;
    for (size_t i = 0; i < node->count; i++) {
        size_t known = 0;
        char key[64];
        while (known < ENTRY_COUNT && strcmp(names[known], node->keys[i].text) != 0)
            known++;
        if (known == ENTRY_COUNT)
            return th_config_unknown_key(r, " in a job of batch", &node->keys[i], names, ENTRY_COUNT, err);
        snprintf(key, sizeof key, "batch.%s", names[known]);
        th_status status = entries[known].read(r, key, &node->items[i], job, err);
        if (status != TH_OK)
            return status;
    }
    if (!job->name)
        return th_error_set(err, TH_ERR_USAGE, "%s:%d:%d: batch: a job without name: write name: nightly", r->name, node->line, node->column);
    return TH_OK;
}

th_status th_config_read_batch(th_config_reader *r, const char *key, const th_node *node, th_error *err)
{
    th_config *c = r->config;
    th_status status = TH_OK;

    if (node->kind != TH_NODE_LIST)
        return th_config_wrong(r, key, node, "a list of jobs such as [{name: nightly, schedule: daily 06:00}]", err);
    c->batch = th_arena_zalloc(r->arena, node->count + 1, sizeof *c->batch);
    if (!c->batch)
        return th_config_no_memory(err);
    while (status == TH_OK && c->batch_count < node->count) {
        status = read_job(r, &node->items[c->batch_count], &c->batch[c->batch_count], err);
        c->batch_count++;
    }
    return status;
}

/* ---- the jobs together ---- */

th_batch_job *th_config_job(const th_config *config, const char *name)
{
    for (size_t i = 0; i < config->batch_count; i++)
        if (strcmp(config->batch[i].name, name) == 0)
            return &config->batch[i];
    return NULL;
}

/* Depth first: a job that is met again on its own way is in a circle. `state`: 0 not seen, 1 on the way, 2 done. */
static th_status check_circle(th_config_reader *r, size_t index, unsigned char *state, th_error *err)
{
    const th_batch_job *job = &r->config->batch[index];
    th_status status = TH_OK;

    if (state[index] == 2)
        return TH_OK;
    if (state[index] == 1)
        return th_error_set(err, TH_ERR_USAGE, "%s:%d:%d: batch.needs: %s needs itself, by way of the jobs it needs", r->name,
                            job->needs_line, job->needs_column, job->name);
    state[index] = 1;
    for (size_t i = 0; status == TH_OK && i < job->need_count; i++)
        status = check_circle(r, (size_t)(th_config_job(r->config, job->needs[i]) - r->config->batch), state, err);
    state[index] = 2;
    return status;
}

th_status th_config_check_batch(th_config_reader *r, th_error *err)
{
    const th_config *c = r->config;
    const char **names = th_arena_zalloc(r->arena, c->batch_count + 1, sizeof *names);
    unsigned char *state = th_arena_zalloc(r->arena, c->batch_count + 1, 1);
    th_status status = TH_OK;

    if (!names || !state)
        return th_config_no_memory(err);
    for (size_t i = 0; i < c->batch_count; i++) {
        const th_batch_job *job = &c->batch[i];
        names[i] = job->name;
        if (th_config_job(c, job->name) != job)
            return th_error_set(err, TH_ERR_USAGE, "%s:%d:%d: batch: there is a job \"%s\" already, in line %d", r->name, job->line, job->column,
                                job->name, th_config_job(c, job->name)->line);
    }
    for (size_t i = 0; i < c->batch_count; i++)
        for (size_t k = 0; k < c->batch[i].need_count; k++) {
            const th_batch_job *job = &c->batch[i];
            if (th_config_job(c, job->needs[k]))
                continue;
            const char *near = th_nearest(job->needs[k], names, c->batch_count);
            return th_error_set(err, TH_ERR_USAGE, "%s:%d:%d: batch.needs: there is no job \"%s\"%s%s%s", r->name, job->needs_line,
                                job->needs_column, job->needs[k], near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
        }
    for (size_t i = 0; status == TH_OK && i < c->batch_count; i++)
        status = check_circle(r, i, state, err);
    return status;
}
