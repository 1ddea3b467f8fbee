/* plan.c - which jobs run, in which order, for which times of their schedules; and by which steps. See batch.h. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "batch/batch.h"
#include "batch/internal.h"
#include "batch/units.h"
#include "store/runs.h"

/* A clock that was far ahead and is put right must not keep jobs from running until it is there again. cron(8) takes three hours too. */
enum { LEAP_S = 3 * 3600, FIRST_LOOK_S = 60, DAY_S = 86400 };

void th_batch_schedule_key(const th_config *config, const th_batch_job *job, char *out, size_t size)
{
    const char *zone = th_job_zone(config, job);

    snprintf(out, size, "%s%s%s", job->schedule.cron, zone ? " " : "", zone ? zone : "");
}

/* ---- times ---- */

/* Up to when the job's times are dealt with. A job that is new, or whose schedule is, begins now: with the minute that has begun. */
static th_status find_settled(const th_batch_options *o, th_store *store, const th_batch_job *job, int64_t *out, th_error *err)
{
    char key[320];
    bool known = false;
    int64_t now = o->now();
    th_status status = TH_OK;

    th_batch_schedule_key(o->config, job, key, sizeof key);
    if (store)
        status = th_store_job_settled(store, job->name, key, out, &known, err);
    if (!known || *out > now + LEAP_S)
        *out = now - FIRST_LOOK_S;
    return status;
}

static void find_slots(const th_batch_options *o, int64_t settled, th_batch_item *item)
{
    const char *zone = th_job_zone(o->config, item->job);
    int64_t now = o->now(), t = settled;

    for (;;) {
        t = th_schedule_next(&item->job->schedule, zone, t);
        if (t < 0 || t > now)
            return;
        item->last = t;
        if (item->slot_count < TH_SLOTS_SHOWN) {
            item->slots[item->slot_count++] = t;
            continue;
        }
        item->more = true;
        if (t < now - 2 * DAY_S) /* of a long time only the first and the last matter */
            t = th_schedule_next(&item->job->schedule, zone, now - 2 * DAY_S) <= now ? now - 2 * DAY_S : t;
    }
}

/* The store for reading; NULL when there is none yet, or it can not be read: then nothing is known of runs before. */
th_store *th_batch_look(const th_batch_options *o)
{
    th_store *store = NULL;
    th_error ignored = {0};

    return th_store_open(&store, o->config->store, TH_STORE_READ, &ignored) == TH_OK ? store : NULL;
}

th_status th_batch_next(const th_batch_options *o, const th_batch_job *job, int64_t *out, th_error *err)
{
    th_store *store = th_batch_look(o);
    int64_t settled = 0;
    th_status status = TH_OK;

    *out = -1;
    if (job->when) {
        status = find_settled(o, store, job, &settled, err);
        *out = status == TH_OK ? th_schedule_next(&job->schedule, th_job_zone(o->config, job), settled) : -1;
    }
    th_store_close(store);
    return status;
}

/* One job that is new, or that a clock far ahead has dealt with: which is told in the history. */
static th_status begin_job(const th_batch_options *o, th_store *store, const th_batch_job *job, th_error *err)
{
    char key[320], message[128];
    bool known = false;
    int64_t settled = 0, now = o->now();
    th_batch_schedule_key(o->config, job, key, sizeof key);
    th_status status = th_store_job_settled(store, job->name, key, &settled, &known, err);

    if (status != TH_OK || (known && settled <= now + LEAP_S))
        return status;
    if (known) {
        snprintf(message, sizeof message, "the clock went back by %.1f hours; the times up to now count as dealt with",
                 (double)(settled - now) / 3600);
        th_run_event e = {.command = o->command, .job = job->name, .status = "skipped", .message = message};
        status = th_store_event_add(store, &e, err);
    }
    return status == TH_OK ? th_store_job_settle(store, job->name, key, now - FIRST_LOOK_S, err) : status;
}

/* Is there one to begin? So that the store need not be opened for writing. */
static bool all_begun(const th_batch_options *o)
{
    th_store *store = th_batch_look(o);
    th_error ignored = {0};
    bool all = store != NULL;

    for (size_t i = 0; all && i < o->config->batch_count; i++) {
        const th_batch_job *job = &o->config->batch[i];
        char key[320];
        int64_t settled = 0;
        bool known = false;
        if (!job->when)
            continue;
        th_batch_schedule_key(o->config, job, key, sizeof key);
        all = th_store_job_settled(store, job->name, key, &settled, &known, &ignored) == TH_OK && known && settled <= o->now() + LEAP_S;
    }
    th_store_close(store);
    return all;
}

th_status th_batch_begin(const th_batch_options *o, th_error *err)
{
    th_store *store = NULL;
    th_status status = TH_OK;

    if (all_begun(o))
        return TH_OK;
    status = th_store_open(&store, o->config->store, TH_STORE_WRITE, err);
    for (size_t i = 0; status == TH_OK && i < o->config->batch_count; i++)
        if (o->config->batch[i].when)
            status = begin_job(o, store, &o->config->batch[i], err);
    th_store_close(store);
    return status;
}

/* ---- order ---- */

typedef struct chooser {
    const th_batch_options *o;
    th_store *store;
    th_batch_plan *plan;
    th_batch_item *all; /* of each job of the configuration */
    bool *chosen;
} chooser;

static bool take_word(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    (void)names;
    if (values && count)
        *(bool *)ctx = values[0].integer != 0;
    return true;
}

static bool went_well(chooser *c, const th_batch_job *job)
{
    static const char sql[] = "SELECT status = 'ok' FROM run WHERE job = ?1 AND status NOT IN ('missed', 'refused') ORDER BY id DESC LIMIT 1";
    const th_cell name = {.type = TH_CELL_TEXT, .text = job->name, .len = strlen(job->name)};
    th_error ignored = {0};
    bool well = false;

    if (c->store)
        th_store_query(c->store, sql, &name, 1, take_word, &well, &ignored);
    return well;
}

/* Needs come first; there is no circle, the configuration was checked. */
static void choose(chooser *c, size_t index)
{
    const th_config *config = c->o->config;
    const th_batch_job *job = &config->batch[index];

    if (c->chosen[index])
        return;
    c->chosen[index] = true;
    for (size_t i = 0; i < job->need_count; i++) {
        const th_batch_job *need = th_config_job(config, job->needs[i]);
        size_t k = (size_t)(need - config->batch);
        if (!need->when || c->all[k].last || !went_well(c, need))
            choose(c, k);
    }
    c->plan->items[c->plan->count++] = c->all[index];
}

static th_status find_all(chooser *c, th_error *err)
{
    th_status status = TH_OK;

    for (size_t i = 0; status == TH_OK && i < c->o->config->batch_count; i++) {
        int64_t settled = 0;
        c->all[i].job = &c->o->config->batch[i];
        if (!c->all[i].job->when)
            continue;
        status = find_settled(c->o, c->store, c->all[i].job, &settled, err);
        if (status == TH_OK)
            find_slots(c->o, settled, &c->all[i]);
    }
    return status;
}

static th_status unknown_job(const th_config *config, const char *name, th_arena *arena, th_error *err)
{
    const char **names = th_arena_zalloc(arena, config->batch_count + 1, sizeof *names);

    for (size_t i = 0; names && i < config->batch_count; i++)
        names[i] = config->batch[i].name;
    const char *near = names ? th_nearest(name, names, config->batch_count) : NULL;
    return th_error_set(err, TH_ERR_USAGE, "batch: there is no job \"%.60s\" in %s%s%s%s; `talenthost schedule list` shows them", name,
                        config->file ? config->file : "config.yaml", near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

th_status th_batch_choose(const th_batch_options *o, const char *const *names, size_t count, bool due, th_arena *arena, th_batch_plan *out,
                          th_error *err)
{
    size_t n = o->config->batch_count;
    chooser c = {.o = o, .plan = out, .all = th_arena_zalloc(arena, n + 1, sizeof *c.all), .chosen = th_arena_zalloc(arena, n + 1, sizeof *c.chosen)};
    bool *asked = th_arena_zalloc(arena, n + 1, sizeof *asked);
    th_status status = TH_OK;

    *out = (th_batch_plan){.items = th_arena_zalloc(arena, n + 1, sizeof *out->items)};
    if (!c.all || !c.chosen || !asked || !out->items)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < count; i++) {
        const th_batch_job *job = th_config_job(o->config, names[i]);
        if (!job)
            return unknown_job(o->config, names[i], arena, err);
        asked[job - o->config->batch] = true;
    }
    c.store = th_batch_look(o);
    status = find_all(&c, err);
    for (size_t i = 0; status == TH_OK && i < n; i++)
        if ((asked[i] || !count) && (!due || c.all[i].last))
            choose(&c, i);
    th_store_close(c.store);
    return status;
}

/* ---- steps ---- */

typedef struct steps {
    th_arena *arena;
    const char *const **items;
    size_t count, cap;
    const char **words;
    size_t word_count, word_cap;
    bool failed;
} steps;

static void add(steps *s, const char *word)
{
    void *grown = s->failed ? NULL : th_arena_grow(s->arena, s->words, s->word_count, &s->word_cap, sizeof *s->words);

    if (grown) {
        s->words = grown;
        s->words[s->word_count++] = word;
    } else {
        s->failed = true;
    }
}

static void begin(steps *s, const th_batch_options *o, const char *verb)
{
    s->words = NULL;
    s->word_count = s->word_cap = 0;
    add(s, o->program);
    add(s, verb);
    for (size_t i = 0; i < o->common_count; i++)
        add(s, o->common[i]);
}

static void end(steps *s)
{
    add(s, NULL);
    void *grown = s->failed ? NULL : th_arena_grow(s->arena, s->items, s->count, &s->cap, sizeof *s->items);
    if (grown) {
        s->items = grown;
        s->items[s->count++] = s->words;
    } else {
        s->failed = true;
    }
}

static void add_articles(steps *s, const th_batch_job *job)
{
    for (size_t i = 0; i < job->load.count; i++) {
        add(s, "--articles");
        add(s, job->load.items[i]);
    }
}

const char *const *const *th_batch_steps(const th_batch_options *o, const th_batch_job *job, th_arena *arena)
{
    steps s = {.arena = arena};

    begin(&s, o, job->no_plugins ? "load" : "run");
    add_articles(&s, job);
    for (size_t i = 0; i < job->plugin_count; i++)
        add(&s, job->plugins[i]);
    end(&s);
    for (size_t i = 0; i < job->script_count; i++) {
        begin(&s, o, "run");
        add_articles(&s, job);
        add(&s, job->scripts[i].name);
        for (size_t k = 0; k < job->scripts[i].arg_count; k++)
            add(&s, job->scripts[i].args[k]);
        end(&s);
    }
    for (size_t i = 0; i < job->export_count; i++) {
        begin(&s, o, "export");
        add(&s, "--format");
        add(&s, job->exports[i].format);
        add(&s, "--output");
        add(&s, job->exports[i].output);
        end(&s);
    }
    void *grown = s.failed ? NULL : th_arena_grow(arena, s.items, s.count, &s.cap, sizeof *s.items);
    if (!grown)
        return NULL;
    s.items = grown;
    s.items[s.count] = NULL;
    return s.items;
}
