/* job_tasks.c - tasks on their way to the workers, and what becomes of one that loses its worker. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "run/job_impl.h"

enum { BATCH_ARTICLES = 256, BATCH_MS = 1000, DEATHS_MAX = 32 /* workers one container may cost */ };
enum { LONG_BYTES = 4 << 20 }; /* a larger file keeps a worker busy for a while */

/* ---- handing out ---- */

th_status th_job_add_task(th_job *j, const th_task *t, size_t *cap, th_error *err)
{
    th_task *tasks = th_arena_grow(j->files, j->tasks, j->task_count, cap, sizeof *tasks);

    if (!tasks)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    j->tasks = tasks;
    tasks[j->task_count++] = *t;
    return TH_OK;
}

static uint64_t next_task(void *ctx)
{
    th_job *j = ctx;

    return j->next < j->task_count ? ++j->next : 0;
}

static void encode_mask(th_job *j, th_task *t, th_str *payload)
{
    th_pack_u64(payload, t->plugins & ~j->aside);
    th_pack_u64(payload, t->failed | j->aside);
}

static bool encode_file(th_job *j, th_task *t, th_str *payload, int *fd)
{
    *fd = open(t->file->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0 || !th_stamp_file(&t->file->stamp, *fd, NULL)) {
        char text[1024];
        th_status status = errno == ENOENT ? TH_ERR_MISSING : TH_ERR_UNREADABLE;
        snprintf(text, sizeof text, "%s: can not be read: %s", t->file->path, strerror(errno));
        th_job_fail_later(j, &(th_fault){.path = t->file->path, .status = status, .message = text});
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
static th_status given_records(th_job *j, const th_task *t, th_records *out, th_error *err)
{
    th_status status = TH_OK;

    for (size_t i = 0; status == TH_OK && i < j->chosen.schema_count; i++) {
        size_t owner = j->chosen.owners[i];
        if (j->chosen.set >> owner & 1 && !((t->plugins | t->failed | j->aside) >> owner & 1))
            status = th_store_records_get(j->store, t->article_id, j->chosen.schemas[i], j->scratch, out, err);
    }
    return status;
}

static bool encode_article(th_job *j, th_task *t, th_str *payload)
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
    th_job *j = ctx;
    th_task *t = &j->tasks[id - 1];
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

/* ---- when a worker is lost ---- */

/* A plugin killed the worker: the article is done again without it. */
static bool lost_in_plugin(th_job *j, th_task *t, const th_loss *lost)
{
    char message[1024];
    th_task_loss *l = th_arena_zalloc(j->files, 1, sizeof *l);
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
static bool lost_item(th_job *j, th_task *t, const th_loss *lost)
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
    th_job_fail_item(j, t, *lost->path ? path : t->file->path, lost->status, message, &j->trouble);
    t->first = t->skip = lost->item;
    t->losses = NULL;
    return true;
}

static bool lost(void *ctx, uint64_t id, const th_loss *lost)
{
    th_job *j = ctx;
    th_task *t = &j->tasks[id - 1];
    char message[1200];

    if (lost->plugin >= 0)
        return lost_in_plugin(j, t, lost);
    if (lost_item(j, t, lost))
        return true;
    const char *path = t->file ? t->file->path : NULL;
    snprintf(message, sizeof message, "%s: %s", path ? path : "article", lost->text);
    th_job_fail_later(j, &(th_fault){.article_id = t->article_id, .path = path, .status = lost->status, .message = message});
    j->report->files_failed += t->file != NULL;
    j->finished++;
    return false;
}

/* ---- running ---- */

static th_status tick(void *ctx, th_error *err)
{
    th_job *j = ctx;

    th_progress(j->doing, j->finished, j->task_count);
    if (j->trouble.status != TH_OK)
        return th_error_set(err, j->trouble.status, "%s", j->trouble.text);
    if (j->in_batch &&
        (j->batch_articles >= BATCH_ARTICLES || (th_clock_seconds() - j->batch_start) * 1000 > BATCH_MS))
        return th_job_close_batch(j, err);
    return TH_OK;
}

static bool is_long(void *ctx, uint64_t id)
{
    const th_job *j = ctx;
    const th_task *t = &j->tasks[id - 1];

    return t->file && t->file->stamp.size > LONG_BYTES;
}

static const th_pool_ops ops = {next_task, encode, th_job_answer, lost, tick, is_long, NULL};

/* Of many files they take more memory than what comes after. */
static void drop_tasks(th_job *j)
{
    j->tasks = NULL;
    j->task_count = 0;
    th_arena_reset(j->files);
}

th_status th_job_run_tasks(th_job *j, const char *doing, th_error *err)
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
        status = th_job_close_batch(j, err);
    drop_tasks(j);
    return status;
}
