/* job_files.c - the files of a run: which are there, which of them are new, and what became of each. */
#include <string.h>

#include "run/gone.h"
#include "run/job_impl.h"

static th_status note_unreadable(th_job *j, const th_found *found, th_error *err)
{
    if (!th_shard_has(&j->own.shard, found->path, strlen(found->path)))
        return TH_OK; /* another shard says so */
    j->report->files_failed++;
    return th_job_fail(j, &(th_fault){.path = found->path, .status = found->status, .message = found->message}, err);
}

/* Find the files and make a task of each that may have changed. */
th_status th_job_plan_files(th_job *j, th_error *err)
{
    th_found_list found = {0};
    const th_paths *paths = &j->options->config->articles;
    th_status status = th_walk(&found, j->files, paths->items, paths->count, err);

    th_walk_leave_store(&found, j->options->config->store);
    size_t cap = 0;
    j->tasks = NULL;
    j->task_count = 0;
    if (status == TH_OK)
        status = th_job_open_batch(j, err); /* one for all: each look into the store takes its locks otherwise */
    for (size_t i = 0; status == TH_OK && i < found.count; i++) {
        th_task t = {.file = &found.items[i], .plugins = j->chosen.set, .first = 1};
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
            status = th_job_add_task(j, &t, &cap, err);
    }
    if (status == TH_OK)
        status = th_gone_mark(j->store, paths, &found, &j->report->gone, &j->report->back, err);
    return status;
}

/* Remember that the file holds this article (0: none). What it held before and holds no more is marked at its end. */
th_status th_job_keep(th_job *j, th_task *t, int64_t id, th_error *err)
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

/* May the same bytes do better the next time? */
static bool may_pass(th_status status)
{
    return status == TH_ERR_TIMEOUT || status == TH_ERR_CRASH || status > TH_ERR_PARSE || status < TH_ERR_MISSING;
}

th_status th_job_fail_item(th_job *j, th_task *t, const char *path, th_status status, const char *message, th_error *err)
{
    int64_t id = 0;

    j->report->items_failed++;
    t->shaky |= may_pass(status);
    if (th_store_article_at(j->store, path, &id, err) != TH_OK || th_job_keep(j, t, id, err) != TH_OK) /* an older reading stays */
        return err->status;
    return th_job_fail(j, &(th_fault){.path = path, .status = status, .message = message}, err);
}

static void count_file(th_job *j, const th_task *t, bool same)
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

th_status th_job_file_done(th_job *j, th_task *t, th_status outcome, const char *message, const char *hash, bool same,
                           th_error *err)
{
    if (outcome != TH_OK) {
        j->report->files_failed++;
        return th_job_fail(j, &(th_fault){.path = t->file->path, .status = outcome, .message = message}, err);
    }
    count_file(j, t, same);
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
