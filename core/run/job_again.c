/* job_again.c - files that are read again since lines in them turned out to recur. */
#include <string.h>

#include "run/job_impl.h"

/* What the store knows of lines that recur before files are read: they go at once, and seldom has a file to be read twice. */
th_status th_job_learn_repeated(th_job *j, th_error *err)
{
    return j->repeated ? th_repeated_learn(j->repeated, j->store, err) : TH_OK;
}

static bool is_planned(th_job *j, const char *path)
{
    return j->task_count && strcmp(j->tasks[j->task_count - 1].file->path, path) == 0;
}

/* Make a task of the file that article `id` is of, when it is still there. */
static th_status plan_again(th_job *j, int64_t id, th_error *err)
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
            (th_task){.file = file, .state = TH_FILE_STALE, .plugins = j->chosen.set, .first = 1, .again = true};
    else
        j->absent++;
    return TH_OK;
}

/* What was loaded may have shown that lines recur which did not before. Articles that have them, or lost what is no more known
 * to recur, are read again: title, blocks, sentences and results are then right as if it had been known. */
th_status th_job_run_again(th_job *j, th_error *err)
{
    int64_t *ids = NULL;
    size_t count = 0;
    bool news = false;
    th_status status = th_store_has_news(j->store, &news, err);

    if (status != TH_OK || !news || !j->repeated)
        return status;
    if ((status = th_job_learn_repeated(j, err)) != TH_OK ||
        (status = th_repeated_outdated(j->repeated, j->store, j->files, &ids, &count, err)) != TH_OK)
        return status;
    j->tasks = th_arena_zalloc(j->files, count + 1, sizeof *j->tasks);
    j->task_count = 0;
    if (!j->tasks)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < count && status == TH_OK; i++)
        status = plan_again(j, ids[i], err);
    return status == TH_OK ? th_job_run_tasks(j, "files with lines that recur", err) : status;
}
