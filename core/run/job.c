/* job.c - see job.h. Tasks go to the pool (job_tasks.c), answers come back and are written in batches (job_answers.c): first stored
 * articles whose results are stale, then the files. */
#include "run/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "run/job_impl.h"
#include "store/runs.h"

/* ---- what all parts of a job use ---- */

th_status th_job_fail(th_job *j, const th_fault *fault, th_error *err)
{
    return th_faults_add(j->faults, fault, err);
}

/* For callbacks that return no status: the store's refusal is kept and ends the run at the next tick. */
void th_job_fail_later(th_job *j, const th_fault *fault)
{
    th_job_fail(j, fault, &j->trouble);
}

th_status th_job_open_batch(th_job *j, th_error *err)
{
    if (j->in_batch)
        return TH_OK;
    th_status status = th_store_begin(j->store, err);
    j->in_batch = status == TH_OK;
    j->batch_articles = 0;
    j->batch_start = th_clock_seconds();
    return status;
}

th_status th_job_close_batch(th_job *j, th_error *err)
{
    if (!j->in_batch)
        return TH_OK;
    double before = th_clock_seconds();
    j->in_batch = false;
    th_status status = th_store_commit(j->store, err);
    j->report->store_s += th_clock_seconds() - before;
    return status;
}

/* ---- a job from end to end ---- */

/* What is loaded is compared with all that is in the store. */
th_status th_job_link_duplicates(th_job *j, th_error *err)
{
    th_link_report links = {0};
    th_status status = th_job_open_batch(j, err);

    if (status == TH_OK)
        status = th_store_link_duplicates(j->store, &links, err);
    j->report->exact = links.exact;
    j->report->near = links.near;
    return status == TH_OK ? th_job_close_batch(j, err) : status;
}

/* Stored articles first: what is loaded after them gets its results at once, and one that fails is not tried twice. */
static th_status plan_and_run(th_job *j, th_error *err)
{
    th_status status = th_job_register_plugins(j, err);
    int64_t only = 0;

    if (status == TH_OK && j->options->article)
        status = th_store_article_find(j->store, j->options->article, &only, err);
    if (status == TH_OK && j->options->force)
        status = th_job_outdate(j, only, err);
    if (status == TH_OK && j->chosen.count && (status = th_job_plan_stale(j, only, err)) == TH_OK)
        status = th_job_run_tasks(j, "articles", err);
    if (only)
        j->task_count = 0; /* files are not looked at */
    else if (status == TH_OK && (status = th_job_plan_files(j, err)) == TH_OK && j->task_count)
        status = th_job_learn_repeated(j, err);
    if (status == TH_OK)
        status = th_job_run_tasks(j, "files", err);
    if (status == TH_OK)
        status = th_job_run_again(j, err);
    return status == TH_OK ? th_job_link_duplicates(j, err) : status;
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

static th_status job_open(th_job *j, th_error *err)
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

static void job_close(th_job *j)
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
static void end_run(th_job *j, th_status status, const th_error *why)
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
    th_job j = {.options = options, .assets = assets, .report = report};
    double start = th_clock_seconds();
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
            status = th_job_merge(&j, err);
        else if ((status = th_job_choose_plugins(&j, err)) == TH_OK)
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
    report->seconds = th_clock_seconds() - start;
    report->parent_s = own_cpu();
    return status;
}

th_status th_job_try(const th_job_options *options, const th_assets *assets, const char *text, size_t len,
                     const char *title, const char *date, th_try_fn fn, void *ctx, size_t *failures, th_error *err)
{
    th_job_report report = {0};
    th_task only = {0};
    th_job j = {.options = options, .assets = assets, .report = &report, .text = text, .text_len = len, .title = title,
             .date = date, .tasks = &only, .task_count = 1, .try_fn = fn, .try_ctx = ctx};
    th_status status = job_open(&j, err);

    if (status == TH_OK)
        status = th_job_choose_plugins(&j, err);
    if (status == TH_OK) {
        only.plugins = j.chosen.set;
        status = th_job_run_tasks(&j, "text", err);
    }
    job_close(&j);
    *failures = report.failures;
    return status;
}
