/* job_answers.c - answers of workers, checked and written: articles, results of plugins, items and files that are done. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "run/answer.h"
#include "run/job_impl.h"

enum { STRIKES = 3 };
enum { STACKS_MAX = 256 << 20 /* bytes of stacks that are kept */ };

static bool is_limit(th_status status)
{
    return status == TH_ERR_LIMIT_CPU || status == TH_ERR_LIMIT_MEMORY || status == TH_ERR_LIMIT_OUTPUT ||
           status == TH_ERR_TIMEOUT || status == TH_ERR_CRASH;
}

/* A plugin that breaks limits again and again would hold up the whole run. */
static void strike(th_job *j, size_t plugin, th_status status)
{
    if (!is_limit(status) || ++j->strikes[plugin] != STRIKES || !j->store)
        return;
    j->aside |= (uint64_t)1 << plugin;
    th_log(TH_LOG_WARN, "%s is set aside for this run: it broke its limits on %d articles; the next run tries it again",
           j->assets->bundle.plugins[plugin].name, STRIKES);
}

static th_status drop_results(th_job *j, int64_t article_id, size_t plugin, th_error *err)
{
    const th_manifest *m = j->chosen.manifests[plugin];
    const th_schema *schemas[256];
    size_t count = m->schema_count < 256 ? m->schema_count : 256;

    for (size_t s = 0; s < count; s++)
        schemas[s] = &m->schemas[s];
    return th_store_results_drop(j->store, article_id, j->plugin_ids[plugin], schemas, count, err);
}

static th_status save_results(th_job *j, int64_t article_id, size_t plugin, const th_run_use *use, const th_records *records,
                              th_error *err)
{
    const th_effort effort = {j->run_id, (int64_t)(use->cpu_s * 1e6 + 0.5), (int64_t)((use->memory + 1023) / 1024)};
    const th_manifest *m = j->chosen.manifests[plugin];
    const th_schema *schemas[256];
    size_t count = m->schema_count < 256 ? m->schema_count : 256;

    for (size_t s = 0; s < count; s++)
        schemas[s] = &m->schemas[s];
    for (size_t i = 0; i < records->count; i++)
        j->report->records += th_selection_owner(&j->chosen, records->items[i].schema) == plugin;
    return th_store_results_save(j->store, article_id, j->plugin_ids[plugin], j->chosen.fingerprints[plugin], &effort, schemas,
                                 count, records, err);
}

static th_status save_outcome(th_job *j, const th_article *article, const th_outcome *o, const th_records *records,
                              th_error *err)
{
    th_status status = TH_OK;

    if (o->use.memory) /* it ran, and was not held back or lost */
        th_profile_add(&j->report->profile, o->plugin, article->path, &o->use);
    if (o->status == TH_OK)
        return j->store ? save_results(j, article->id, o->plugin, &o->use, records, err) : TH_OK;
    strike(j, o->plugin, o->status);
    th_fault fault = {.article_id = article->id, .path = article->path, .plugin = j->assets->bundle.plugins[o->plugin].name,
                      .status = o->status, .message = o->message, .trace = o->trace, .article = article, .use = &o->use,
                      .limits = &j->chosen.manifests[o->plugin]->limits};
    if (j->store)
        status = drop_results(j, article->id, o->plugin, err);
    return status == TH_OK ? th_job_fail(j, &fault, err) : status;
}

static th_status save_losses(th_job *j, th_task *t, const th_article *article, th_error *err)
{
    th_status status = TH_OK;

    for (th_task_loss *l = t->losses; status == TH_OK && l; l = l->next) {
        th_outcome o = {.plugin = (uint32_t)l->plugin, .status = l->status, .message = l->message};
        status = save_outcome(j, article, &o, NULL, err);
    }
    return status;
}

/* Take the article out of the answer, or for a stored one what is needed of it. */
static th_status read_article(th_job *j, th_task *t, th_unpack *in, th_article **out, th_error *err)
{
    size_t len;
    const char *bytes = th_unpack_text(in, &len);

    if (in->failed)
        return th_answer_broken(err);
    if (!len)
        return th_store_article_get(j->store, t->article_id, j->scratch, out, err);
    th_status status = th_article_read(out, j->scratch, bytes, len, err);
    if (status != TH_OK || !j->store)
        return status;
    if (!t->again) { /* it has been said */
        j->report->warnings += (*out)->warning_count > 0;
        for (size_t w = 0; w < (*out)->warning_count; w++)
            th_log(TH_LOG_WARN, "%s", (*out)->warnings[w]);
        j->report->loaded++;
    }
    status = th_store_article_save(j->store, *out, err);
    return status == TH_OK ? th_job_keep(j, t, (*out)->id, err) : status;
}

static th_status take_result(th_job *j, th_task *t, th_unpack *in, th_error *err)
{
    th_outcome outcomes[TH_PLUGINS_MAX];
    th_records records = {0};
    th_article *article = NULL;
    uint32_t count = 0;
    uint64_t item = th_unpack_u64(in);
    th_status status;

    th_arena_reset(j->scratch);
    if ((status = read_article(j, t, in, &article, err)) != TH_OK ||
        (status = th_answer_read(in, &j->chosen, j->scratch, article->len, outcomes, &count, &records, err)) != TH_OK)
        return status;
    for (uint32_t i = 0; status == TH_OK && i < count; i++)
        status = save_outcome(j, article, &outcomes[i], &records, err);
    if (status == TH_OK && item == t->first) {
        status = save_losses(j, t, article, err);
        t->losses = NULL;
    }
    if (count)
        j->report->articles++;
    j->batch_articles++;
    if (!j->store)
        j->try_fn(j->try_ctx, article, &records);
    return status;
}

static th_status take_item(th_job *j, th_task *t, th_unpack *in, th_error *err)
{
    th_unpack_u64(in);
    const char *path = th_unpack_cstr(in);
    th_status status = (th_status)th_unpack_u32(in);
    const char *message = th_unpack_cstr(in);

    if (in->failed || !path || !message || !t->file)
        return th_answer_broken(err);
    return th_job_fail_item(j, t, path, status, message, err);
}

static th_status take_done(th_job *j, th_task *t, th_unpack *in, th_error *err)
{
    th_status outcome = (th_status)th_unpack_u32(in);
    const char *message = th_unpack_cstr(in), *hash = th_unpack_cstr(in);
    bool same = th_unpack_u32(in) != 0;

    j->report->load_s += th_unpack_f64(in);
    if (in->failed)
        return th_answer_broken(err);
    j->finished++;
    if (t->file)
        return th_job_file_done(j, t, outcome, message ? message : "", hash ? hash : "", same, err);
    if (outcome == TH_OK)
        return TH_OK;
    return th_job_fail(j, &(th_fault){.article_id = t->article_id, .status = outcome, .message = message ? message : ""}, err);
}

static th_status take_answer(th_job *j, th_task *t, th_message_type type, th_unpack *in, th_error *err)
{
    switch (type) {
    case TH_MSG_RESULT:
        return take_result(j, t, in, err);
    case TH_MSG_ITEM:
        return take_item(j, t, in, err);
    case TH_MSG_DONE:
        return take_done(j, t, in, err);
    default:
        return th_answer_broken(err);
    }
}

th_status th_job_answer(void *ctx, uint64_t id, th_message_type type, th_unpack *in, th_error *err)
{
    th_job *j = ctx;
    double before = th_clock_seconds();
    th_status status = TH_OK;

    if (type == TH_MSG_STACKS && j->stacks.len < STACKS_MAX) {
        th_str_add(&j->stacks, in->at, (size_t)(in->end - in->at));
        return TH_OK;
    }
    if (id == 0 || id > j->task_count)
        return type == TH_MSG_STACKS ? TH_OK : th_answer_broken(err);
    if (j->store)
        status = th_job_open_batch(j, err);
    if (status == TH_OK)
        status = take_answer(j, &j->tasks[id - 1], type, in, err);
    j->report->store_s += th_clock_seconds() - before;
    return status;
}
