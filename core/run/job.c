/* job.c - see job.h. Tasks go to the pool, answers come back and are written in batches: first the files, then stored
 * articles whose results are stale. */
#include "run/job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "run/answer.h"
#include "run/faults.h"
#include "run/gone.h"
#include "run/repeated.h"
#include "run/selection.h"
#include "run/walk.h"
#include "store/runs.h"
#include "text/json.h"
#include "text/unicode.h"

enum { BATCH_ARTICLES = 256, BATCH_MS = 1000, STRIKES = 3, DEATHS_MAX = 32 /* workers one container may cost */ };
enum { LONG_BYTES = 4 << 20 }; /* a larger file keeps a worker busy for a while */
enum { STACKS_MAX = 256 << 20 /* bytes of stacks that are kept */ };

/* A plugin that cost the task a worker. */
typedef struct loss {
    struct loss *next;
    size_t plugin;
    th_status status;
    const char *message;
} loss;

typedef struct task {
    th_found *file;     /* NULL for a stored article */
    th_file_state state;
    char hash[TH_HASH_TEXT]; /* what the file's bytes hashed to the last time */
    int64_t article_id;
    uint64_t plugins, failed; /* of the article; of a file's item `first` */
    uint64_t first, skip;     /* of a file: items before `first` were answered, `skip` (0: none) can not be loaded */
    unsigned deaths;
    bool again; /* read before in this run, or in an earlier one: for the sake of the lines that recur */
    bool shaky; /* an item failed for a reason that may pass: the file is read again the next time */
    loss *losses;
    int64_t *kept; /* the articles it holds now; NULL for a file that is new */
    size_t kept_count, kept_cap;
} task;

typedef struct job {
    const th_job_options *options;
    const th_assets *assets;
    char loader[TH_HASH_TEXT + 24]; /* the loader's fingerprint, and the shard that is read */
    size_t absent;      /* files to be read again that are not there */
    th_assets own;      /* the assets with what this job adds to them */
    th_repeated *repeated; /* in memory shared with the workers */
    th_store *store; /* NULL when nothing is stored (try) */
    th_pool *pool;
    th_arena *arena;   /* of the job */
    th_arena *files;   /* of the files found and the tasks at hand */
    th_arena *scratch; /* of the answer or task at hand */
    th_selection chosen;
    int64_t plugin_ids[TH_PLUGINS_MAX];
    unsigned strikes[TH_PLUGINS_MAX]; /* limit failures so far */
    uint64_t aside;                   /* plugins set aside for the rest of the run */
    th_faults *faults;
    th_job_report *report;
    int64_t run_id;
    th_str stacks;    /* sampled, a line each */
    th_str said;      /* what was logged, for the history */
    th_error trouble; /* what could not be said where it happened */

    task *tasks;
    size_t task_count, next, finished;
    const char *doing; /* for the progress line */
    bool in_batch;
    size_t batch_articles;
    double batch_start;

    const char *text, *title, *date; /* try: the one text */
    size_t text_len;
    th_try_fn try_fn;
    void *try_ctx;
} job;

static double seconds_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- failures ---- */

static th_status fail(job *j, const th_fault *fault, th_error *err)
{
    return th_faults_add(j->faults, fault, err);
}

/* For callbacks that return no status: the store's refusal is kept and ends the run at the next tick. */
static void fail_later(job *j, const th_fault *fault)
{
    fail(j, fault, &j->trouble);
}

static void unfit_plugin(void *ctx, size_t index, th_status status, const char *message)
{
    job *j = ctx;
    th_fault fault = {.plugin = j->assets->bundle.plugins[index].name, .status = status, .message = message};

    fail_later(j, &fault);
}

static bool is_limit(th_status status)
{
    return status == TH_ERR_LIMIT_CPU || status == TH_ERR_LIMIT_MEMORY || status == TH_ERR_LIMIT_OUTPUT ||
           status == TH_ERR_TIMEOUT || status == TH_ERR_CRASH;
}

/* A plugin that breaks limits again and again would hold up the whole run. */
static void strike(job *j, size_t plugin, th_status status)
{
    if (!is_limit(status) || ++j->strikes[plugin] != STRIKES || !j->store)
        return;
    j->aside |= (uint64_t)1 << plugin;
    th_log(TH_LOG_WARN, "%s is set aside for this run: it broke its limits on %d articles; the next run tries it again",
           j->assets->bundle.plugins[plugin].name, STRIKES);
}

/* ---- batches ---- */

static th_status open_batch(job *j, th_error *err)
{
    if (j->in_batch)
        return TH_OK;
    th_status status = th_store_begin(j->store, err);
    j->in_batch = status == TH_OK;
    j->batch_articles = 0;
    j->batch_start = seconds_now();
    return status;
}

static th_status close_batch(job *j, th_error *err)
{
    if (!j->in_batch)
        return TH_OK;
    double before = seconds_now();
    j->in_batch = false;
    th_status status = th_store_commit(j->store, err);
    j->report->store_s += seconds_now() - before;
    return status;
}

static th_status tick(void *ctx, th_error *err)
{
    job *j = ctx;

    th_progress(j->doing, j->finished, j->task_count);
    if (j->trouble.status != TH_OK)
        return th_error_set(err, j->trouble.status, "%s", j->trouble.text);
    if (j->in_batch &&
        (j->batch_articles >= BATCH_ARTICLES || (seconds_now() - j->batch_start) * 1000 > BATCH_MS))
        return close_batch(j, err);
    return TH_OK;
}

/* ---- handing tasks out ---- */

static uint64_t next_task(void *ctx)
{
    job *j = ctx;

    return j->next < j->task_count ? ++j->next : 0;
}

static void encode_mask(job *j, task *t, th_str *payload)
{
    th_pack_u64(payload, t->plugins & ~j->aside);
    th_pack_u64(payload, t->failed | j->aside);
}

static bool encode_file(job *j, task *t, th_str *payload, int *fd)
{
    *fd = open(t->file->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0 || !th_stamp_file(&t->file->stamp, *fd, NULL)) {
        char text[1024];
        th_status status = errno == ENOENT ? TH_ERR_MISSING : TH_ERR_UNREADABLE;
        snprintf(text, sizeof text, "%s: can not be read: %s", t->file->path, strerror(errno));
        fail_later(j, &(th_fault){.path = t->file->path, .status = status, .message = text});
        j->report->files_failed++;
        if (*fd >= 0)
            close(*fd);
        return false;
    }
    encode_mask(j, t, payload);
    th_pack_u64(payload, j->chosen.set & ~j->aside);
    th_pack_u64(payload, j->aside);
    th_pack_u64(payload, t->first);
    th_pack_u64(payload, t->skip);
    th_pack_cstr(payload, t->file->path);
    th_pack_cstr(payload, t->state == TH_FILE_SUSPECT ? t->hash : NULL);
    return true;
}

/* The records the task's plugins may read but that will not be computed again. */
static th_status given_records(job *j, const task *t, th_records *out, th_error *err)
{
    th_status status = TH_OK;

    for (size_t i = 0; status == TH_OK && i < j->chosen.schema_count; i++) {
        size_t owner = j->chosen.owners[i];
        if (j->chosen.set >> owner & 1 && !((t->plugins | t->failed | j->aside) >> owner & 1))
            status = th_store_records_get(j->store, t->article_id, j->chosen.schemas[i], j->scratch, out, err);
    }
    return status;
}

static bool encode_article(job *j, task *t, th_str *payload)
{
    th_article *article;
    th_records given = {0};
    th_error err = {0};
    th_str blob = {0};

    th_arena_reset(j->scratch);
    if (th_store_article_get(j->store, t->article_id, j->scratch, &article, &err) != TH_OK ||
        given_records(j, t, &given, &err) != TH_OK) {
        th_error_set(&j->trouble, err.status, "%s", err.text);
        return false;
    }
    encode_mask(j, t, payload);
    th_pack_u64(payload, (uint64_t)t->article_id);
    th_article_write(article, &blob);
    th_pack_text(payload, th_str_text(&blob), blob.len);
    payload->failed |= !th_str_ok(&blob);
    th_str_clear(&blob);
    th_records_write(&given, &blob);
    th_pack_text(payload, th_str_text(&blob), blob.len);
    payload->failed |= !th_str_ok(&blob);
    th_str_free(&blob);
    return true;
}

static bool encode(void *ctx, uint64_t id, th_message_type *type, th_str *payload, int *fd)
{
    job *j = ctx;
    task *t = &j->tasks[id - 1];
    bool ok = true;

    if (!j->store) {
        *type = TH_MSG_TEXT;
        encode_mask(j, t, payload);
        th_pack_cstr(payload, j->title);
        th_pack_cstr(payload, j->date);
        th_pack_text(payload, j->text, j->text_len);
    } else if (t->file) {
        *type = TH_MSG_FILE;
        ok = encode_file(j, t, payload, fd);
    } else {
        *type = TH_MSG_ARTICLE;
        ok = encode_article(j, t, payload);
    }
    j->finished += !ok;
    return ok;
}

/* ---- taking answers ---- */

static th_status drop_results(job *j, int64_t article_id, size_t plugin, th_error *err)
{
    const th_manifest *m = j->chosen.manifests[plugin];
    const th_schema *schemas[256];
    size_t count = m->schema_count < 256 ? m->schema_count : 256;

    for (size_t s = 0; s < count; s++)
        schemas[s] = &m->schemas[s];
    return th_store_results_drop(j->store, article_id, j->plugin_ids[plugin], schemas, count, err);
}

static th_status save_results(job *j, int64_t article_id, size_t plugin, const th_run_use *use, const th_records *records,
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

static th_status save_outcome(job *j, const th_article *article, const th_outcome *o, const th_records *records,
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
    return status == TH_OK ? fail(j, &fault, err) : status;
}

static th_status save_losses(job *j, task *t, const th_article *article, th_error *err)
{
    th_status status = TH_OK;

    for (loss *l = t->losses; status == TH_OK && l; l = l->next) {
        th_outcome o = {.plugin = (uint32_t)l->plugin, .status = l->status, .message = l->message};
        status = save_outcome(j, article, &o, NULL, err);
    }
    return status;
}

/* Remember that the file holds this article (0: none). What it held before and holds no more is marked at its end. */
static th_status keep(job *j, task *t, int64_t id, th_error *err)
{
    if (t->state == TH_FILE_NEW || !id)
        return TH_OK;
    int64_t *grown = th_arena_grow(j->files, t->kept, t->kept_count, &t->kept_cap, sizeof *grown);
    if (!grown)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    t->kept = grown;
    grown[t->kept_count++] = id;
    return TH_OK;
}

/* Take the article out of the answer, or for a stored one what is needed of it. */
static th_status read_article(job *j, task *t, th_unpack *in, th_article **out, th_error *err)
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
    return status == TH_OK ? keep(j, t, (*out)->id, err) : status;
}

static th_status take_result(job *j, task *t, th_unpack *in, th_error *err)
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

/* May the same bytes do better the next time? */
static bool may_pass(th_status status)
{
    return status == TH_ERR_TIMEOUT || status == TH_ERR_CRASH || status > TH_ERR_PARSE || status < TH_ERR_MISSING;
}

static th_status fail_item(job *j, task *t, const char *path, th_status status, const char *message, th_error *err)
{
    int64_t id = 0;

    j->report->items_failed++;
    t->shaky |= may_pass(status);
    if (th_store_article_at(j->store, path, &id, err) != TH_OK || keep(j, t, id, err) != TH_OK) /* an older reading stays */
        return err->status;
    return fail(j, &(th_fault){.path = path, .status = status, .message = message}, err);
}

static th_status take_item(job *j, task *t, th_unpack *in, th_error *err)
{
    th_unpack_u64(in);
    const char *path = th_unpack_cstr(in);
    th_status status = (th_status)th_unpack_u32(in);
    const char *message = th_unpack_cstr(in);

    if (in->failed || !path || !message || !t->file)
        return th_answer_broken(err);
    return fail_item(j, t, path, status, message, err);
}

static th_status file_done(job *j, task *t, th_status outcome, const char *message, const char *hash, bool same,
                           th_error *err)
{
    if (outcome != TH_OK) {
        j->report->files_failed++;
        return fail(j, &(th_fault){.path = t->file->path, .status = outcome, .message = message}, err);
    }
    size_t gone = 0;
    th_status status = TH_OK;
    if (t->state != TH_FILE_NEW && !same)
        status = th_store_items_mark_gone(j->store, t->file->path, t->kept, t->kept_count, &gone, err);
    j->report->items_gone += gone;
    /* What may do better is known to the store, but by no loader: the next run reads it again. */
    if (status == TH_OK)
        status = th_store_file_save(j->store, t->file->path, &t->file->stamp, hash, t->shaky ? "" : j->loader, err);
    return status;
}

static void count_file(job *j, const task *t, bool same)
{
    if (t->again) {
        j->report->again++;
        return;
    }
    if (same)
        j->report->unchanged++;
    else if (t->state == TH_FILE_NEW)
        j->report->fresh++;
    else
        j->report->changed++;
    if (!same)
        j->report->bytes += (uint64_t)t->file->stamp.size;
}

static th_status take_done(job *j, task *t, th_unpack *in, th_error *err)
{
    th_status outcome = (th_status)th_unpack_u32(in);
    const char *message = th_unpack_cstr(in), *hash = th_unpack_cstr(in);
    bool same = th_unpack_u32(in) != 0;

    j->report->load_s += th_unpack_f64(in);
    if (in->failed)
        return th_answer_broken(err);
    j->finished++;
    if (t->file) {
        if (outcome == TH_OK)
            count_file(j, t, same);
        return file_done(j, t, outcome, message ? message : "", hash ? hash : "", same, err);
    }
    if (outcome == TH_OK)
        return TH_OK;
    return fail(j, &(th_fault){.article_id = t->article_id, .status = outcome, .message = message ? message : ""}, err);
}

static th_status take_answer(job *j, task *t, th_message_type type, th_unpack *in, th_error *err)
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

static th_status answer(void *ctx, uint64_t id, th_message_type type, th_unpack *in, th_error *err)
{
    job *j = ctx;
    double before = seconds_now();
    th_status status = TH_OK;

    if (type == TH_MSG_STACKS && j->stacks.len < STACKS_MAX) {
        th_str_add(&j->stacks, in->at, (size_t)(in->end - in->at));
        return TH_OK;
    }
    if (id == 0 || id > j->task_count)
        return type == TH_MSG_STACKS ? TH_OK : th_answer_broken(err);
    if (j->store)
        status = open_batch(j, err);
    if (status == TH_OK)
        status = take_answer(j, &j->tasks[id - 1], type, in, err);
    j->report->store_s += seconds_now() - before;
    return status;
}

/* A plugin killed the worker: the article is done again without it. */
static bool lost_in_plugin(job *j, task *t, const th_loss *lost)
{
    char message[1024];
    loss *l = th_arena_zalloc(j->files, 1, sizeof *l);
    uint64_t bit = (uint64_t)1 << lost->plugin;

    if (t->file && lost->item != t->first) { /* another item than the time before */
        t->first = lost->item;
        t->losses = NULL;
        t->plugins = j->chosen.set;
        t->failed = 0;
    }
    snprintf(message, sizeof message, "%s:1: %s", j->assets->bundle.plugins[lost->plugin].path, lost->text);
    if (l && (l->message = th_arena_copy(j->files, message, strlen(message)))) {
        l->plugin = (size_t)lost->plugin;
        l->status = lost->status;
        l->next = t->losses;
        t->losses = l;
    }
    t->plugins &= ~bit;
    t->failed |= bit;
    return true;
}

/* Loading an item of a container killed the worker: the rest is done without it, unless leaving it out did not help. */
static bool lost_item(job *j, task *t, const th_loss *lost)
{
    char message[2200], place[1100];
    const char *path = lost->path;

    if (!t->file || !lost->many || lost->item == t->skip || ++t->deaths > DEATHS_MAX)
        return false;
    if (!*path) {
        snprintf(place, sizeof place, "%s: item %llu", t->file->path, (unsigned long long)lost->item);
        path = place;
    }
    snprintf(message, sizeof message, "%s: %s", path, lost->text);
    fail_item(j, t, *lost->path ? path : t->file->path, lost->status, message, &j->trouble);
    t->first = t->skip = lost->item;
    t->losses = NULL;
    return true;
}

static bool lost(void *ctx, uint64_t id, const th_loss *lost)
{
    job *j = ctx;
    task *t = &j->tasks[id - 1];
    char message[1200];

    if (lost->plugin >= 0)
        return lost_in_plugin(j, t, lost);
    if (lost_item(j, t, lost))
        return true;
    const char *path = t->file ? t->file->path : NULL;
    snprintf(message, sizeof message, "%s: %s", path ? path : "article", lost->text);
    fail_later(j, &(th_fault){.article_id = t->article_id, .path = path, .status = lost->status, .message = message});
    j->report->files_failed += t->file != NULL;
    j->finished++;
    return false;
}

static bool is_long(void *ctx, uint64_t id)
{
    const job *j = ctx;
    const task *t = &j->tasks[id - 1];

    return t->file && t->file->stamp.size > LONG_BYTES;
}

static const th_pool_ops ops = {next_task, encode, answer, lost, tick, is_long, NULL};

/* Of many files they take more memory than what comes after. */
static void drop_tasks(job *j)
{
    j->tasks = NULL;
    j->task_count = 0;
    th_arena_reset(j->files);
}

static th_status run_tasks(job *j, const char *doing, th_error *err)
{
    j->doing = doing;
    j->next = j->finished = 0;
    if (!j->task_count) {
        drop_tasks(j);
        return TH_OK;
    }
    th_status status = th_pool_run(j->pool, &ops, j, err);
    th_progress_end();
    if (status == TH_OK && j->trouble.status != TH_OK)
        status = th_error_set(err, j->trouble.status, "%s", j->trouble.text);
    if (status == TH_OK && j->store)
        status = close_batch(j, err);
    drop_tasks(j);
    return status;
}

/* ---- the parts of a job ---- */

static th_status choose_plugins(job *j, th_error *err)
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

static th_status save_provenance(job *j, size_t plugin, th_error *err)
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
static th_status save_versions(job *j, th_error *err)
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

static th_status register_plugins(job *j, th_error *err)
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

static th_status note_unreadable(job *j, const th_found *found, th_error *err)
{
    if (!th_shard_has(&j->own.shard, found->path, strlen(found->path)))
        return TH_OK; /* another shard says so */
    j->report->files_failed++;
    return fail(j, &(th_fault){.path = found->path, .status = found->status, .message = found->message}, err);
}

static th_status add_task(job *j, const task *t, size_t *cap, th_error *err)
{
    task *tasks = th_arena_grow(j->files, j->tasks, j->task_count, cap, sizeof *tasks);

    if (!tasks)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    j->tasks = tasks;
    tasks[j->task_count++] = *t;
    return TH_OK;
}

/* Find the files and make a task of each that may have changed. */
static th_status plan_files(job *j, th_error *err)
{
    th_found_list found = {0};
    const th_paths *paths = &j->options->config->articles;
    th_status status = th_walk(&found, j->files, paths->items, paths->count, err);

    th_walk_leave_store(&found, j->options->config->store);
    size_t cap = 0;
    j->tasks = NULL;
    j->task_count = 0;
    if (status == TH_OK)
        status = open_batch(j, err); /* one for all: each look into the store takes its locks otherwise */
    for (size_t i = 0; status == TH_OK && i < found.count; i++) {
        task t = {.file = &found.items[i], .plugins = j->chosen.set, .first = 1};
        j->report->files++;
        if (t.file->status != TH_OK) {
            status = note_unreadable(j, t.file, err);
            continue;
        }
        status = th_store_file_state(j->store, t.file->path, &t.file->stamp, j->loader, &t.state, t.hash, err);
        bool wanted = true;
        if (status == TH_OK && j->options->only_failed)
            status = th_store_has_failed(j->store, NULL, 0, t.file->path, &wanted, err);
        if (t.state == TH_FILE_UNCHANGED)
            j->report->unchanged++;
        else if (wanted && status == TH_OK)
            status = add_task(j, &t, &cap, err);
    }
    if (status == TH_OK)
        status = th_gone_mark(j->store, paths, &found, &j->report->gone, &j->report->back, err);
    return status;
}

/* Of the task's plugins keep those that failed on its article before, and those that were held back by one of them. */
static th_status keep_failed(job *j, task *t, th_error *err)
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

/* --force: results of the plugins that were asked for (of all, when none was named) are no longer current. */
static th_status outdate(job *j, int64_t only, th_error *err)
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

/* Make a task of each stored article (of `only`, when it is not 0) that lacks results. */
static th_status plan_stale(job *j, int64_t only, th_error *err)
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
        task t = {.article_id = stale[i].article_id};
        for (size_t k = 0; k < j->chosen.count; k++)
            if (stale[i].plugins >> k & 1)
                t.plugins |= (uint64_t)1 << j->chosen.order[k];
        if (only && t.article_id != only)
            continue;
        if (j->options->only_failed)
            status = keep_failed(j, &t, err);
        if (t.plugins && status == TH_OK)
            status = add_task(j, &t, &cap, err);
    }
    return status;
}

/* ---- lines that recur ---- */

/* What the store knows of lines that recur before files are read: they go at once, and seldom has a file to be read twice. */
static th_status learn_repeated(job *j, th_error *err)
{
    return j->repeated ? th_repeated_learn(j->repeated, j->store, err) : TH_OK;
}

static bool is_planned(job *j, const char *path)
{
    return j->task_count && strcmp(j->tasks[j->task_count - 1].file->path, path) == 0;
}

/* Make a task of the file that article `id` is of, when it is still there. */
static th_status plan_again(job *j, int64_t id, th_error *err)
{
    const char *path;
    th_found *file;
    th_status status = th_store_file_of(j->store, id, j->files, &path, err);

    if (status != TH_OK || !path || is_planned(j, path))
        return status;
    file = th_arena_zalloc(j->files, 1, sizeof *file);
    if (!file)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    char name[4096];
    th_path_name(name, sizeof name, path);
    file->path = path;
    file->name = th_arena_copy(j->files, name, strlen(name));
    if (file->name && th_stamp_file(&file->stamp, -1, file->name))
        j->tasks[j->task_count++] =
            (task){.file = file, .state = TH_FILE_STALE, .plugins = j->chosen.set, .first = 1, .again = true};
    else
        j->absent++;
    return TH_OK;
}

/* What was loaded may have shown that lines recur which did not before. Articles that have them, or lost what is no more known
 * to recur, are read again: title, blocks, sentences and results are then right as if it had been known. */
static th_status run_again(job *j, th_error *err)
{
    int64_t *ids = NULL;
    size_t count = 0;
    bool news = false;
    th_status status = th_store_has_news(j->store, &news, err);

    if (status != TH_OK || !news || !j->repeated)
        return status;
    if ((status = learn_repeated(j, err)) != TH_OK ||
        (status = th_repeated_outdated(j->repeated, j->store, j->files, &ids, &count, err)) != TH_OK)
        return status;
    j->tasks = th_arena_zalloc(j->files, count + 1, sizeof *j->tasks);
    j->task_count = 0;
    if (!j->tasks)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < count && status == TH_OK; i++)
        status = plan_again(j, ids[i], err);
    return status == TH_OK ? run_tasks(j, "files with lines that recur", err) : status;
}

/* What is loaded is compared with all that is in the store. */
static th_status link_duplicates(job *j, th_error *err)
{
    th_link_report links = {0};
    th_status status = open_batch(j, err);

    if (status == TH_OK)
        status = th_store_link_duplicates(j->store, &links, err);
    j->report->exact = links.exact;
    j->report->near = links.near;
    return status == TH_OK ? close_batch(j, err) : status;
}

/* Stored articles first: what is loaded after them gets its results at once, and one that fails is not tried twice. */
static th_status plan_and_run(job *j, th_error *err)
{
    th_status status = register_plugins(j, err);
    int64_t only = 0;

    if (status == TH_OK && j->options->article)
        status = th_store_article_find(j->store, j->options->article, &only, err);
    if (status == TH_OK && j->options->force)
        status = outdate(j, only, err);
    if (status == TH_OK && j->chosen.count && (status = plan_stale(j, only, err)) == TH_OK)
        status = run_tasks(j, "articles", err);
    if (only)
        j->task_count = 0; /* files are not looked at */
    else if (status == TH_OK && (status = plan_files(j, err)) == TH_OK && j->task_count)
        status = learn_repeated(j, err);
    if (status == TH_OK)
        status = run_tasks(j, "files", err);
    if (status == TH_OK)
        status = run_again(j, err);
    return status == TH_OK ? link_duplicates(j, err) : status;
}

/* ---- merging ---- */

static const char unread[] = "articles with lines that recur from shard to shard were not read again; `talenthost run` does it";

/* Are the loader and the plugins at hand those that made what is in the store? Then they are chosen. */
static th_status choose_stored(job *j, bool *same, th_error *err)
{
    th_stored_plugin *stored;
    size_t count, found = 0;
    const th_bundle *b = &j->assets->bundle;
    th_status status = th_store_plugins(j->store, j->arena, &stored, &count, err);

    if (status == TH_OK)
        status = th_store_read_by(j->store, j->loader, same, err);
    const char **names = th_arena_zalloc(j->arena, count + 1, sizeof *names);
    if (status == TH_OK && !names)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    for (size_t i = 0; status == TH_OK && i < count; i++)
        for (size_t k = 0; k < b->plugin_count; k++)
            if (strcmp(b->plugins[k].name, stored[i].name) == 0)
                names[found++] = stored[i].name;
    *same = *same && found == count;
    if (status != TH_OK || !*same || !count)
        return status;
    th_job_options options = *j->options, *kept = th_arena_zalloc(j->arena, 1, sizeof *kept);
    if (!kept)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    options.with_plugins = true;
    options.plugins = names;
    options.plugin_count = count;
    *kept = options;
    j->options = kept;
    status = choose_plugins(j, err);
    *same = j->chosen.count == count;
    for (size_t k = 0; status == TH_OK && k < j->chosen.count; k++)
        for (size_t i = 0; i < count; i++)
            if (strcmp(b->plugins[j->chosen.order[k]].name, stored[i].name) == 0)
                *same = *same && strcmp(stored[i].fingerprint, j->chosen.fingerprints[j->chosen.order[k]]) == 0;
    return status == TH_OK && *same ? register_plugins(j, err) : status;
}

/* What was dropped since it recurs depends on all articles: those that the shards could not know of are read again. */
static th_status merge_and_run(job *j, th_error *err)
{
    bool same = false;
    th_status status = th_store_merge(j->store, j->options->merge, j->options->merge_count, j->options->mixed, j->run_id,
                                      &j->report->merged, err);

    if (status == TH_OK)
        status = choose_stored(j, &same, err);
    if (status == TH_OK && same)
        status = run_again(j, err);
    if (status == TH_OK && (!same || j->absent))
        th_log(TH_LOG_WARN, "%s: %s", same ? "some files are not here" : "other plugins or data than the shards were made with", unread);
    return status == TH_OK ? link_duplicates(j, err) : status;
}

/* The most memory this process had. ru_maxrss would count what the program that started it had before exec. */
static long own_peak_kb(void)
{
    char line[128];
    long kb = 0;
    FILE *status = fopen("/proc/self/status", "re");

    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %ld kB", &kb) == 1)
            break;
    if (status)
        fclose(status);
    return kb;
}

static double own_cpu(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void note_memory(th_job_report *report)
{
    struct rusage children;

    report->parent_peak_kb = own_peak_kb();
    if (getrusage(RUSAGE_CHILDREN, &children) == 0)
        report->worker_peak_kb = children.ru_maxrss;
}

static th_status job_open(job *j, th_error *err)
{
    j->arena = th_arena_new();
    j->files = th_arena_new();
    j->scratch = th_arena_new();
    j->faults = th_faults_new(j->store, j->run_id, &j->assets->bundle, j->options->again,
                              j->options->trace);
    if (!j->arena || !j->files || !j->scratch || !j->faults)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    j->own = *j->assets;
    j->assets = &j->own;
    j->own.shard = j->options->shard;
    snprintf(j->loader, sizeof j->loader, "%s", j->own.loader);
    if (j->own.shard.count > 1)
        snprintf(j->loader, sizeof j->loader, "%s %u/%u", j->own.loader, j->own.shard.index, j->own.shard.count);
    if (j->store)
        j->own.repeated = j->repeated = th_repeated_new();
    th_status status = th_pool_open(&j->pool, j->assets, &j->options->config->limits, j->options->config->jobs, err);
    if (status == TH_OK && j->options->profile)
        th_pool_sample(j->pool);
    return status;
}

static void job_close(job *j)
{
    if (j->faults) {
        th_faults_sum_up(j->faults);
        j->report->failures = th_faults_count(j->faults);
    }
    th_pool_close(j->pool);
    note_memory(j->report);
    for (int i = 0; j->faults && i <= TH_ERR_PARSE; i++)
        j->report->reasons[i] = th_faults_of_files(j->faults, (th_status)i);
    th_faults_free(j->faults);
    th_repeated_free(j->repeated);
    th_arena_free(j->scratch);
    th_arena_free(j->files);
    th_arena_free(j->arena);
}

/* Write the run's end, also of one that went wrong. When a full disk refuses it, the next run does it. */
static void end_run(job *j, th_status status, const th_error *why)
{
    const th_job_report *r = j->report;
    const char *word = status != TH_OK || th_faults_count(j->faults) ? "failed" : "ok";
    th_error ignored = {0};

    th_status ended = th_store_run_end(j->store, j->run_id, word, (int64_t)(r->fresh + r->changed), (int64_t)r->articles,
                                       (int64_t)r->records, (int64_t)th_faults_count(j->faults), &ignored);
    if (ended == TH_OK && status != TH_OK)
        ended = th_store_run_message(j->store, j->run_id, why->text, &ignored);
    if (ended != TH_OK && !j->options->trial)
        th_store_event_note(j->options->config->store,
                            &(th_run_event){.run_id = j->run_id, .status = word, .message = status != TH_OK ? why->text : ignored.text,
                                            .exit_status = status != TH_OK ? 2 : 0}, &ignored);
    if (j->options->config->keep_s > 0)
        th_store_history_prune(j->store, j->options->config->keep_s, &ignored);
    th_store_events_take(j->store, &ignored); /* who was refused meanwhile */
}

/* A run that could not begin is a row of the next one. A step's is the job's to note. */
static void note_refused(const th_job_options *o, const char *word, const th_error *why)
{
    th_error err = {0};
    th_run_event event = {.command = o->command, .status = word, .message = why->text, .exit_status = 2};

    if (!o->parent_id && th_store_event_note(o->config->store, &event, &err) != TH_OK)
        th_log(TH_LOG_WARN, "%s", err.text);
}

th_status th_job_run(const th_job_options *options, const th_assets *assets, th_job_report *report, th_error *err)
{
    job j = {.options = options, .assets = assets, .report = report};
    double start = seconds_now();
    th_status status;

    *report = (th_job_report){0};
    if ((status = th_store_open_waiting(&j.store, options->config->store, options->trial ? TH_STORE_TRIAL : TH_STORE_WRITE,
                                        &options->lock, err)) != TH_OK) {
        if (status == TH_ERR_BUSY)
            note_refused(options, "refused", err);
        return status;
    }
    th_run_start row = {.command = options->command, .parent_id = options->parent_id};
    if ((status = th_store_run_start(j.store, &row, &j.run_id, err)) != TH_OK && !options->trial)
        note_refused(options, "failed", err);
    report->run_id = j.run_id;
    th_log_keep(&j.said);
    if (status == TH_OK && (status = job_open(&j, err)) == TH_OK) {
        if (options->merge_count)
            status = merge_and_run(&j, err);
        else if ((status = choose_plugins(&j, err)) == TH_OK)
            status = plan_and_run(&j, err);
        if (status != TH_OK && j.in_batch)
            th_store_rollback(j.store);
        end_run(&j, status, err);
    }
    if (status == TH_OK && options->profile)
        status = th_profile_write(options->profile, &j.stacks, err);
    job_close(&j);
    th_str_free(&j.stacks);
    th_log_keep(NULL);
    if (j.run_id && j.said.len && th_str_ok(&j.said))
        th_store_run_log(j.store, j.run_id, th_str_text(&j.said), NULL); /* a full disk was told of before */
    th_str_free(&j.said);
    th_store_close(j.store);
    report->seconds = seconds_now() - start;
    report->parent_s = own_cpu();
    return status;
}

th_status th_job_try(const th_job_options *options, const th_assets *assets, const char *text, size_t len,
                     const char *title, const char *date, th_try_fn fn, void *ctx, size_t *failures, th_error *err)
{
    th_job_report report = {0};
    task only = {0};
    job j = {.options = options, .assets = assets, .report = &report, .text = text, .text_len = len, .title = title,
             .date = date, .tasks = &only, .task_count = 1, .try_fn = fn, .try_ctx = ctx};
    th_status status = job_open(&j, err);

    if (status == TH_OK)
        status = choose_plugins(&j, err);
    if (status == TH_OK) {
        only.plugins = j.chosen.set;
        status = run_tasks(&j, "text", err);
    }
    job_close(&j);
    *failures = report.failures;
    return status;
}
