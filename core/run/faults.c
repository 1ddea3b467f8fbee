/* faults.c - see faults.h. */
#include "run/faults.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"

enum { SHOWN_MAX = 200 }; /* kinds of failure told apart; what comes after is only counted */

typedef struct shown {
    uint64_t key;
    size_t repeats;
    char *text;
} shown;

struct th_faults {
    th_store *store;
    int64_t run_id;
    size_t count, silent;
    size_t of_files[TH_ERR_PARSE + 1]; /* by reason */
    shown kinds[SHOWN_MAX];
    size_t kind_count;
};

th_faults *th_faults_new(th_store *store, int64_t run_id)
{
    th_faults *faults = calloc(1, sizeof *faults);

    if (faults) {
        faults->store = store;
        faults->run_id = run_id;
    }
    return faults;
}

void th_faults_free(th_faults *faults)
{
    if (!faults)
        return;
    for (size_t i = 0; i < faults->kind_count; i++)
        free(faults->kinds[i].text);
    free(faults);
}

/* Failures of one plugin with one reason and one message are of a kind; a file's failure is its own. */
static uint64_t key_of(const th_fault *f)
{
    th_str text = {0};

    th_str_addf(&text, "%d\n%s\n%s", (int)f->status, f->plugin ? f->plugin : f->path ? f->path : "", f->message);
    uint64_t key = th_hash_64(th_str_text(&text), text.len);
    th_str_free(&text);
    return key;
}

/* The reason as the table `failure` names it: what the system refused there is unreadable or out of memory here. */
static th_status reason_of(th_status status)
{
    return status == TH_ERR_NOMEM ? TH_ERR_LIMIT_MEMORY : status > TH_ERR_PARSE ? TH_ERR_UNREADABLE : status;
}

static void log_first(const th_fault *f)
{
    bool says_where = !f->path || strncmp(f->message, f->path, strlen(f->path)) == 0;

    th_log(TH_LOG_ERROR, "%s%s%s%s (%s)", f->message, says_where ? "" : " [", says_where ? "" : f->path,
           says_where ? "" : "]", th_status_name(reason_of(f->status)));
    if (f->trace && *f->trace)
        th_log(TH_LOG_DEBUG, "%s", f->trace);
}

static void show(th_faults *faults, const th_fault *f)
{
    uint64_t key = key_of(f);

    for (size_t i = 0; i < faults->kind_count; i++)
        if (faults->kinds[i].key == key) {
            faults->kinds[i].repeats++;
            return;
        }
    if (faults->kind_count == SHOWN_MAX) {
        faults->silent++;
        return;
    }
    faults->kinds[faults->kind_count++] = (shown){key, 0, strdup(f->message)};
    log_first(f);
}

th_status th_faults_add(th_faults *faults, const th_fault *f, th_error *err)
{
    faults->count++;
    if (f->path && !f->plugin)
        faults->of_files[reason_of(f->status)]++;
    show(faults, f);
    if (!faults->store)
        return TH_OK;
    return th_store_failure_add(faults->store, faults->run_id, f->article_id, f->path, f->plugin, reason_of(f->status), f->message,
                                err);
}

size_t th_faults_count(const th_faults *faults)
{
    return faults->count;
}

size_t th_faults_of_files(const th_faults *faults, th_status reason)
{
    return reason <= TH_ERR_PARSE ? faults->of_files[reason] : 0;
}

void th_faults_sum_up(const th_faults *faults)
{
    for (size_t i = 0; i < faults->kind_count; i++)
        if (faults->kinds[i].repeats)
            th_log(TH_LOG_ERROR, "%zu more like: %s", faults->kinds[i].repeats,
                   faults->kinds[i].text ? faults->kinds[i].text : "");
    if (faults->silent)
        th_log(TH_LOG_ERROR, "%zu more failures; the table `failure` has them all", faults->silent);
}
