/* job_plugins.c - the plugins of a run: which are chosen, what the store is told of them, which stored articles lack their results. */
#include <string.h>

#include "run/job_impl.h"
#include "store/runs.h"
#include "text/json.h"
#include "text/unicode.h"

static void unfit_plugin(void *ctx, size_t index, th_status status, const char *message)
{
    th_job *j = ctx;
    th_fault fault = {.plugin = j->assets->bundle.plugins[index].name, .status = status, .message = message};

    th_job_fail_later(j, &fault);
}

th_status th_job_choose_plugins(th_job *j, th_error *err)
{
    const th_pool_plugin *plugins;
    th_status status = th_pool_plugins(j->pool, &plugins, err);

    if (status != TH_OK || !j->options->with_plugins)
        return status;
    status = th_selection_make(&j->chosen, j->arena, j->assets, plugins, j->options->plugins, j->options->plugin_count,
                               unfit_plugin, j, err);
    j->report->plugins = j->chosen.count;
    for (size_t k = 0; k < j->chosen.count; k++)
        j->report->plugin_names[j->chosen.order[k]] = j->assets->bundle.plugins[j->chosen.order[k]].name;
    return status;
}

static th_status save_provenance(th_job *j, size_t plugin, th_error *err)
{
    th_str data = {0}, needs = {0}, settings = {0};
    char source[TH_HASH_TEXT];
    th_provenance p = {.fingerprint = j->chosen.fingerprints[plugin], .source_hash = source};

    th_selection_describe(&j->chosen, plugin, source, &data, &needs, &settings);
    p.plugin = j->chosen.manifests[plugin]->name;
    p.version = j->chosen.manifests[plugin]->version;
    p.data = th_str_text(&data);
    p.needs = th_str_text(&needs);
    p.settings = th_str_text(&settings);
    p.text_version = TH_TEXT_VERSION;
    th_status status = th_str_ok(&data) && th_str_ok(&needs) && th_str_ok(&settings)
                           ? th_store_provenance_save(j->store, &p, err)
                           : th_error_set(err, TH_ERR_NOMEM, "out of memory");
    th_str_free(&data);
    th_str_free(&needs);
    th_str_free(&settings);
    return status;
}

/* {"talenthost":"0.1.0","metric":"1.2"} */
static th_status save_versions(th_job *j, th_error *err)
{
    th_str text = {0};
    th_status status = TH_OK;

    th_str_puts(&text, "{\"talenthost\":\"" TH_VERSION "\"");
    for (size_t k = 0; k < j->chosen.count; k++) {
        const th_manifest *m = j->chosen.manifests[j->chosen.order[k]];
        th_str_puts(&text, ",");
        th_json_text(&text, m->name, strlen(m->name));
        th_str_puts(&text, ":");
        th_json_text(&text, m->version, strlen(m->version));
    }
    th_str_puts(&text, "}");
    if (th_str_ok(&text))
        status = th_store_run_versions(j->store, j->run_id, th_str_text(&text), err);
    th_str_free(&text);
    return status;
}

th_status th_job_register_plugins(th_job *j, th_error *err)
{
    th_status status = TH_OK;

    for (size_t k = 0; status == TH_OK && k < j->chosen.count; k++) {
        size_t i = j->chosen.order[k];
        const th_manifest *m = j->chosen.manifests[i];
        status = th_store_plugin_save(j->store, m->name, m->version, j->chosen.fingerprints[i], &j->plugin_ids[i], err);
        for (size_t s = 0; status == TH_OK && s < m->schema_count; s++)
            status = th_store_schema_save(j->store, j->plugin_ids[i], &m->schemas[s], err);
        if (status == TH_OK)
            status = save_provenance(j, i, err);
    }
    return status == TH_OK ? save_versions(j, err) : status;
}

/* --force: results of the plugins that were asked for (of all, when none was named) are no longer current. */
th_status th_job_outdate(th_job *j, int64_t only, th_error *err)
{
    th_status status = TH_OK;

    for (size_t k = 0; status == TH_OK && k < j->chosen.count; k++) {
        size_t i = j->chosen.order[k];
        bool named = j->options->plugin_count == 0;
        for (size_t n = 0; n < j->options->plugin_count; n++)
            named |= strcmp(j->options->plugins[n], j->assets->bundle.plugins[i].name) == 0;
        if (named)
            status = th_store_outdate(j->store, j->plugin_ids[i], only, err);
    }
    return status;
}

/* Of the task's plugins keep those that failed on its article before, and those that were held back by one of them. */
static th_status keep_failed(th_job *j, th_task *t, th_error *err)
{
    th_status status = TH_OK;
    uint64_t kept = 0;

    for (size_t k = 0; status == TH_OK && k < j->chosen.count; k++) {
        bool failed = false;
        size_t i = j->chosen.order[k];
        if (t->plugins >> i & 1)
            status = th_store_has_failed(j->store, j->assets->bundle.plugins[i].name, t->article_id, NULL, &failed, err);
        kept |= failed ? (uint64_t)1 << i : 0;
    }
    t->plugins = kept;
    return status;
}

/* Make a task of each stored article (of `only`, when it is not 0) that lacks results. */
th_status th_job_plan_stale(th_job *j, int64_t only, th_error *err)
{
    int64_t ids[TH_PLUGINS_MAX];
    const char *fingerprints[TH_PLUGINS_MAX];
    th_stale *stale = NULL;
    size_t count = 0;

    for (size_t k = 0; k < j->chosen.count; k++) {
        ids[k] = j->plugin_ids[j->chosen.order[k]];
        fingerprints[k] = j->chosen.fingerprints[j->chosen.order[k]];
    }
    th_status status = th_store_stale(j->store, ids, fingerprints, j->chosen.count, j->files, &stale, &count, err);
    size_t cap = 0;
    j->tasks = NULL;
    j->task_count = 0;
    for (size_t i = 0; status == TH_OK && i < count; i++) {
        th_task t = {.article_id = stale[i].article_id};
        for (size_t k = 0; k < j->chosen.count; k++)
            if (stale[i].plugins >> k & 1)
                t.plugins |= (uint64_t)1 << j->chosen.order[k];
        if (only && t.article_id != only)
            continue;
        if (j->options->only_failed)
            status = keep_failed(j, &t, err);
        if (t.plugins && status == TH_OK)
            status = th_job_add_task(j, &t, &cap, err);
    }
    return status;
}
