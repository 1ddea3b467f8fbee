/* batch.c - running jobs; see batch.h. */
#include "batch/batch.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "batch/internal.h"
#include "batch/spawn.h"
#include "store/lock.h"
#include "store/runs.h"

enum { LOG_MOST = 256 << 10, LOG_KEPT = 128 << 10, HOOK_S = 600 };

/* What is told of an outcome is one line. */
static void say(th_batch_outcome *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(th_batch_outcome *out, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(out->message, sizeof out->message, fmt, args);
    va_end(args);
    for (char *p = out->message; *p; p++)
        if ((unsigned char)*p < ' ')
            *p = ' ';
}

/* ---- one attempt ---- */

/* The last line that names an error, else the last line at all. */
static void last_words(const char *said, th_str *out)
{
    const char *found = NULL, *last = "";

    for (const char *p = said; *p;) {
        size_t len = strcspn(p, "\n");
        if (len && strncmp(p, "talenthost: error: ", 19) == 0)
            found = p;
        last = len ? p : last;
        p += len + (p[len] == '\n');
    }
    if (found)
        last = found + 19;
    th_str_add(out, last, strcspn(last, "\n") < 300 ? strcspn(last, "\n") : 300);
}

static void add_step(th_str *log, const char *const *words)
{
    th_str_puts(log, "$ talenthost");
    for (size_t i = 1; words[i]; i++) {
        th_str_putc(log, ' ');
        th_str_add_word(log, words[i]);
    }
    th_str_putc(log, '\n');
}

/* Of a long log the end is kept. */
static void cut_log(th_str *log)
{
    if (log->len <= LOG_MOST)
        return;
    size_t skip = log->len - LOG_KEPT;
    skip += strcspn(log->data + skip, "\n");
    th_str kept = {0};
    th_str_puts(&kept, "[… left out …]");
    th_str_add(&kept, log->data + skip, log->len - skip);
    th_str_free(log);
    *log = kept;
}

/* Each step in turn. A step that ends in 1 (some articles or plugins failed) lets the others follow; after anything else they do not. */
static void attempt(const th_batch_options *o, const th_batch_job *job, const char *const *const *steps, const char *run_variable,
                    double limit_s, th_batch_outcome *out, th_str *log)
{
    const char *const env[] = {run_variable, NULL};
    double began = th_clock_seconds();

    out->status = "ok";
    out->exit_status = 0;
    out->message[0] = '\0';
    for (size_t i = 0; steps[i]; i++) {
        double left = limit_s > 0 ? limit_s - (th_clock_seconds() - began) : 0;
        th_spawn what = {.argv = steps[i], .env = env, .limit_s = limit_s > 0 && left <= 0.01 ? 0.01 : left, .stop = o->stop, .with_lock = true,
                         .quiet = o->quiet};
        th_spawned done;
        th_error err = {0};
        th_str words = {0};
        add_step(log, steps[i]);
        th_status status = th_spawn_run(&what, &done, &err);
        th_str_add(log, th_str_text(&done.said), done.said.len);
        cut_log(log);
        last_words(th_str_text(&done.said), &words);
        bool go_on = status == TH_OK && (done.exit_status == 0 || done.exit_status == 1) && !done.timed_out && !done.stopped;
        if (done.stopped) {
            out->status = "interrupted";
            say(out, "stopped by a signal in %s (step %zu)", steps[i][1], i + 1);
        } else if (!go_on || done.exit_status) {
            out->status = "failed";
            out->exit_status = status == TH_OK ? done.exit_status : 2;
            if (status != TH_OK)
                say(out, "%s", err.text);
            else if (done.timed_out)
                say(out, "%s (step %zu) was ended: the time limit of %gs was over", steps[i][1], i + 1, job->time_limit_s);
            else if (done.exit_status > 128)
                say(out, "%s (step %zu) was ended by signal %d", steps[i][1], i + 1, done.exit_status - 128);
            else
                say(out, "%s (step %zu) ended with %d: %s", steps[i][1], i + 1, done.exit_status, th_str_text(&words));
        }
        th_str_free(&words);
        th_str_free(&done.said);
        if (!go_on)
            return;
    }
}

static bool is_stopped(const th_batch_options *o)
{
    return o->stop && *o->stop;
}

static void pause_s(const th_batch_options *o, double seconds)
{
    const struct timespec step = {0, 100 * 1000 * 1000};

    for (double end = th_clock_seconds() + seconds; th_clock_seconds() < end && !is_stopped(o);)
        nanosleep(&step, NULL);
}

static void attempts(const th_batch_options *o, const th_batch_job *job, th_batch_outcome *out, th_str *log)
{
    th_arena *arena = th_arena_new();
    const char *const *const *steps = arena ? th_batch_steps(o, job, arena) : NULL;
    char variable[64];

    snprintf(variable, sizeof variable, "TALENTHOST_RUN=%lld", (long long)out->run_id);
    out->status = "failed";
    if (!steps)
        say(out, "out of memory");
    for (size_t i = 0; steps && i <= job->retries && !is_stopped(o); i++) {
        if (i) {
            th_log(TH_LOG_WARN, "%s: %s; attempt %zu of %zu in %gs", job->name, out->message, i + 1, job->retries + 1, job->pause_s);
            th_str_addf(log, "[attempt %zu]\n", i + 1);
            pause_s(o, job->pause_s);
            if (is_stopped(o))
                break;
        }
        out->attempts = i + 1;
        attempt(o, job, steps, variable, job->time_limit_s, out, log);
        if (strcmp(out->status, "failed") != 0)
            break;
    }
    if (is_stopped(o) && strcmp(out->status, "failed") == 0)
        out->status = "interrupted";
    th_arena_free(arena);
}

/* ---- the history ---- */

static const char *slot_of(const th_batch_item *item, char out[TH_UTC_TEXT])
{
    if (!item->last)
        return NULL;
    th_utc_write(item->last, out);
    return out;
}

/* A run that has no row: noted beside the store. */
static void note(const th_batch_options *o, const th_batch_item *item, const th_batch_outcome *out)
{
    char slot[TH_UTC_TEXT];
    th_error err = {0};
    th_run_event e = {.command = o->command, .job = item->job->name, .slot = slot_of(item, slot), .status = out->status, .message = out->message,
                      .run_id = out->run_id, .exit_status = out->exit_status, .attempts = out->attempts};

    if (th_store_event_note(o->config->store, &e, &err) != TH_OK)
        th_log(TH_LOG_ERROR, "%s", err.text);
}

/* A row for each time that went by; what is run now is for the last. Rows that are there from a run that was killed stay. */
static th_status add_missed(th_store *store, const th_batch_options *o, const th_batch_item *item, th_error *err)
{
    th_status status = TH_OK;

    for (size_t i = 0; status == TH_OK && i < item->slot_count; i++) {
        char slot[TH_UTC_TEXT], key[128], message[128];
        if (item->slots[i] == item->last)
            continue;
        th_utc_write(item->slots[i], slot);
        snprintf(key, sizeof key, "missed %s %s", item->job->name, slot);
        snprintf(message, sizeof message, "nothing ran at this time%s",
                 item->more && i + 1 == item->slot_count ? ", nor at the times after it" : "");
        th_run_event e = {.key = key, .command = o->command, .job = item->job->name, .slot = slot, .status = "missed", .message = message};
        status = th_store_event_add(store, &e, err);
    }
    return status;
}

static th_status begin(const th_batch_options *o, const th_batch_item *item, int64_t *run_id, th_error *err)
{
    th_store *store = NULL;
    char slot[TH_UTC_TEXT];
    th_run_start start = {.command = o->command, .job = item->job->name, .slot = slot_of(item, slot)};

    th_store_event_reserve(o->config->store);
    th_status status = th_store_open(&store, o->config->store, TH_STORE_WRITE, err);
    if (status == TH_OK)
        status = add_missed(store, o, item, err);
    if (status == TH_OK)
        status = th_store_run_start(store, &start, run_id, err);
    th_store_close(store);
    return status;
}

static bool take_counts(void *ctx, const char *const *names, const th_cell *v, size_t count)
{
    th_batch_outcome *out = ctx;
    (void)names;

    if (v && count == 4) {
        out->loaded = v[0].integer;
        out->articles = v[1].integer;
        out->records = v[2].integer;
        out->failures = v[3].integer;
    }
    return true;
}

static th_status finish(const th_batch_options *o, const th_batch_item *item, int64_t began, th_batch_outcome *out, const char *log, th_error *err)
{
    static const char sql[] = "SELECT articles_loaded, articles_run, records, failures FROM run WHERE id = ?1";
    const th_cell id = {.type = TH_CELL_INTEGER, .integer = out->run_id};
    th_run_end end = {out->status, *out->message ? out->message : NULL, log, out->exit_status, out->attempts};
    th_store *store = NULL;
    char key[320];
    th_status status = th_store_open(&store, o->config->store, TH_STORE_WRITE, err);

    if (status == TH_OK)
        status = th_store_begin(store, err);
    if (status == TH_OK)
        status = th_store_job_end(store, out->run_id, &end, err);
    th_batch_schedule_key(o->config, item->job, key, sizeof key);
    if (status == TH_OK && item->job->when && strcmp(out->status, "interrupted") != 0)
        status = th_store_job_settle(store, item->job->name, key, began, err);
    if (status == TH_OK && o->config->keep_s > 0)
        status = th_store_history_prune(store, o->config->keep_s, err);
    if (status == TH_OK)
        status = th_store_commit(store, err);
    if (status == TH_OK)
        th_store_events_take(store, err); /* who was refused meanwhile */
    if (status == TH_OK)
        th_store_query(store, sql, &id, 1, take_counts, out, err);
    th_store_close(store);
    return status;
}

/* ---- telling ---- */

void th_batch_summary(const th_batch_outcome *out, th_str *text)
{
    th_str_addf(text, "%s: %s", out->job->name, out->status);
    if (out->attempts > 1)
        th_str_addf(text, " after %zu attempts", out->attempts);
    if (out->attempts)
        th_str_addf(text, ", %lld articles loaded, %lld records, %lld failures, %.1f s", (long long)out->loaded, (long long)out->records,
                    (long long)out->failures, out->seconds);
    if (*out->message)
        th_str_addf(text, "; %s", out->message);
}

/* on_success or on_failure, without the lock, so that it may use the store. The log is its standard input. */
static void tell(const th_batch_options *o, const th_batch_outcome *out, const char *log)
{
    bool well = strcmp(out->status, "ok") == 0;
    const th_batch_command *c = well ? &out->job->on_success : &out->job->on_failure;
    th_str lines[7] = {{0}};
    const char *env[8] = {NULL};
    th_spawned done;
    th_error err = {0};

    if (!c->words || strcmp(out->status, "interrupted") == 0)
        return;
    th_str_addf(&lines[0], "TALENTHOST_JOB=%s", out->job->name);
    th_str_addf(&lines[1], "TALENTHOST_STATUS=%s", out->status);
    th_str_addf(&lines[2], "TALENTHOST_RUN_ID=%lld", (long long)out->run_id);
    th_str_addf(&lines[3], "TALENTHOST_ATTEMPTS=%zu", out->attempts);
    th_str_addf(&lines[4], "TALENTHOST_EXIT_STATUS=%d", out->exit_status);
    th_str_addf(&lines[5], "TALENTHOST_STORE=%s", o->config->store);
    th_str_puts(&lines[6], "TALENTHOST_SUMMARY=");
    th_batch_summary(out, &lines[6]);
    for (int i = 0; i < 7; i++)
        env[i] = th_str_text(&lines[i]);
    const char *shell[] = {"/bin/sh", "-c", c->words[0], NULL};
    th_spawn what = {.argv = c->shell ? shell : c->words, .env = env, .input = log, .limit_s = HOOK_S, .stop = o->stop, .quiet = o->quiet};
    th_status status = th_spawn_run(&what, &done, &err);
    if (status != TH_OK || done.exit_status || done.timed_out)
        th_log(TH_LOG_WARN, "%s: %s ended with %d: %s", out->job->name, well ? "on_success" : "on_failure", done.exit_status,
               status != TH_OK ? err.text : th_str_text(&done.said));
    th_str_free(&done.said);
    for (int i = 0; i < 7; i++)
        th_str_free(&lines[i]);
}

/* ---- jobs ---- */

/* False when it could not be written. */
static bool settle_skipped(const th_batch_options *o, const th_batch_item *item, int64_t began)
{
    th_store *store = NULL;
    th_error ignored = {0};
    char key[320];

    if (!item->job->when)
        return true;
    th_batch_schedule_key(o->config, item->job, key, sizeof key);
    th_status status = th_store_open(&store, o->config->store, TH_STORE_WRITE, &ignored);
    if (status == TH_OK)
        status = th_store_job_settle(store, item->job->name, key, began, &ignored);
    th_store_close(store);
    return status == TH_OK;
}

/* With the lock held. */
static void run_locked(const th_batch_options *o, const th_batch_item *item, int64_t began, th_batch_outcome *out, th_str *log)
{
    th_error err = {0};
    th_status status = begin(o, item, &out->run_id, &err);

    if (status != TH_OK) {
        out->status = "failed";
        out->exit_status = 2;
        out->still_due = true;
        say(out, "could not begin: %s", err.text);
        note(o, item, out);
        return;
    }
    attempts(o, item->job, out, log);
    status = finish(o, item, began, out, th_str_text(log), &err);
    if (status != TH_OK) {
        out->still_due = true;
        th_log(TH_LOG_ERROR, "%s: the end of run %lld could not be written: %s", item->job->name, (long long)out->run_id, err.text);
        if (strcmp(out->status, "ok") == 0) {
            out->status = "failed";
            out->exit_status = 2;
            say(out, "its end could not be written: %s", err.text);
        }
        note(o, item, out);
    }
}

static void run_job(const th_batch_options *o, const th_batch_item *item, const th_batch_job *failed_need, th_batch_outcome *out)
{
    const th_lock_request request = {o->wait_s, o->stop};
    double start = th_clock_seconds();
    int64_t began = o->now();
    th_lock *lock = NULL;
    th_error err = {0};
    th_str log = {0};

    *out = (th_batch_outcome){.job = item->job, .status = "failed"};
    if (failed_need) {
        out->status = "skipped";
        say(out, "%s, which it needs, did not end well", failed_need->name);
        note(o, item, out);
        out->still_due = !settle_skipped(o, item, began);
    } else if (th_lock_take(&lock, o->config->store, &request, &err) != TH_OK) {
        out->status = is_stopped(o) ? "interrupted" : err.status == TH_ERR_BUSY ? "refused" : "failed";
        out->exit_status = 2;
        out->still_due = true;
        say(out, "%s", err.text);
        note(o, item, out);
    } else {
        th_lock_lend(lock);
        run_locked(o, item, began, out, &log);
        th_lock_drop(lock);
    }
    out->seconds = th_clock_seconds() - start;
    tell(o, out, th_str_text(&log));
    th_str_free(&log);
}

void th_batch_run(const th_batch_options *o, const th_batch_plan *plan, th_batch_outcome *out, size_t *ran)
{
    for (*ran = 0; *ran < plan->count && !is_stopped(o); ++*ran) {
        const th_batch_item *item = &plan->items[*ran];
        const th_batch_job *failed = NULL;
        for (size_t i = 0; i < *ran; i++)
            for (size_t k = 0; k < item->job->need_count; k++)
                if (strcmp(out[i].job->name, item->job->needs[k]) == 0 && strcmp(out[i].status, "ok") != 0)
                    failed = out[i].job;
        run_job(o, item, failed, &out[*ran]);
    }
}
