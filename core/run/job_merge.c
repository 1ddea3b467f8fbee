/* job_merge.c - stores of several shards become one, and what only all of them together tell is brought up to date. */
#include <string.h>

#include "base/log.h"
#include "run/job_impl.h"

static const char unread[] = "articles with lines that recur from shard to shard were not read again; `talenthost run` does it";

/* Are the loader and the plugins at hand those that made what is in the store? Then they are chosen. */
static th_status choose_stored(th_job *j, bool *same, th_error *err)
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
    status = th_job_choose_plugins(j, err);
    *same = j->chosen.count == count;
    for (size_t k = 0; status == TH_OK && k < j->chosen.count; k++)
        for (size_t i = 0; i < count; i++)
            if (strcmp(b->plugins[j->chosen.order[k]].name, stored[i].name) == 0)
                *same = *same && strcmp(stored[i].fingerprint, j->chosen.fingerprints[j->chosen.order[k]]) == 0;
    return status == TH_OK && *same ? th_job_register_plugins(j, err) : status;
}

/* What was dropped since it recurs depends on all articles: those that the shards could not know of are read again. */
th_status th_job_merge(th_job *j, th_error *err)
{
    bool same = false;
    th_status status = th_store_merge(j->store, j->options->merge, j->options->merge_count, j->options->mixed, j->run_id,
                                      &j->report->merged, err);

    if (status == TH_OK)
        status = choose_stored(j, &same, err);
    if (status == TH_OK && same)
        status = th_job_run_again(j, err);
    if (status == TH_OK && (!same || j->absent))
        th_log(TH_LOG_WARN, "%s: %s", same ? "some files are not here" : "other plugins or data than the shards were made with", unread);
    return status == TH_OK ? th_job_link_duplicates(j, err) : status;
}
