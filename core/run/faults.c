/* faults.c - see faults.h. */
#include "run/faults.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"

enum { TRACE_LINES = 6, QUOTED = 90 /* bytes of the article that are shown */ };
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
    const th_bundle *bundle;
    const char *again;
    bool whole_trace;
};

th_faults *th_faults_new(th_store *store, int64_t run_id, const th_bundle *bundle, const char *again, bool whole_trace)
{
    th_faults *faults = calloc(1, sizeof *faults);

    if (faults) {
        faults->store = store;
        faults->run_id = run_id;
        faults->bundle = bundle;
        faults->again = again;
        faults->whole_trace = whole_trace;
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

/* The length of "file:line" at the start of the message and the line; 0 when it has none. */
static size_t place_of(const char *message, unsigned long *line)
{
    for (const char *p = strchr(message, ':'); p; p = strchr(p + 1, ':')) {
        char *end;
        if (!isdigit((unsigned char)p[1]))
            continue;
        *line = strtoul(p + 1, &end, 10);
        if (*end == ':')
            return (size_t)(end - message);
    }
    return 0;
}

/* Failures of one plugin with one reason at one line are of a kind; a file's failure is its own. */
static uint64_t key_of(const th_fault *f)
{
    th_str text = {0};
    unsigned long line;
    size_t len = f->plugin ? place_of(f->message, &line) : 0;

    th_str_addf(&text, "%d\n%s\n", (int)f->status, f->plugin ? f->plugin : f->path ? f->path : "");
    th_str_add(&text, f->message, len ? len : strlen(f->message));
    uint64_t key = th_hash_64(th_str_text(&text), text.len);
    th_str_free(&text);
    return key;
}

/* The reason as the table `failure` names it: what the system refused there is unreadable or out of memory here. */
static th_status reason_of(th_status status)
{
    return status == TH_ERR_NOMEM ? TH_ERR_LIMIT_MEMORY : status > TH_ERR_PARSE ? TH_ERR_UNREADABLE : status;
}

/* ---- what is told of a failure ---- */

/* Line `number` of the text, without what it is indented by; empty when there is none. */
static size_t find_line(const char *bytes, size_t len, unsigned long number, const char **out)
{
    const char *at = bytes, *end = bytes + len;

    for (unsigned long n = 1; n < number && at; n++) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    if (!at || number == 0)
        return 0;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    *out = at;
    return (size_t)((stop ? stop : end) - at);
}

static void tell_source(const th_faults *faults, const char *message)
{
    const th_bundle *b = faults->bundle;
    unsigned long line = 0;
    size_t len = place_of(message, &line), colon = len;
    const char *text = NULL;
    size_t found = 0;

    while (colon > 0 && message[colon - 1] != ':')
        colon--;
    for (size_t i = 0; len && i < b->plugin_count + b->file_count; i++) {
        const th_source *s = i < b->plugin_count ? &b->plugins[i] : &b->files[i - b->plugin_count];
        if (strlen(s->path) == colon - 1 && memcmp(s->path, message, colon - 1) == 0)
            found = find_line(s->bytes, s->len, line, &text);
    }
    if (found)
        th_log_more(TH_LOG_ERROR, "%lu | %.*s", line, (int)(found < 200 ? found : 200), text);
}

/* The traceback without the host's own frames; all of it with --trace. */
static void tell_trace(const th_faults *faults, const char *trace)
{
    size_t told = 0;

    while (trace && *trace) {
        size_t len = strcspn(trace, "\n");
        const char *line = trace;
        trace += len + (trace[len] != '\0');
        while (len && (*line == '\t' || *line == ' ')) {
            line++;
            len--;
        }
        bool noise = strncmp(line, "stack traceback", 15) == 0 || strncmp(line, "[C]", 3) == 0;
        if ((noise && !faults->whole_trace) || !len)
            continue;
        if (++told > TRACE_LINES && !faults->whole_trace)
            break;
        th_log_more(TH_LOG_ERROR, "%s%.*s", noise ? "" : "at ", (int)len, line);
    }
}

static bool is_inside(const th_article *a, const th_run_use *use)
{
    return use && use->start < use->stop && use->stop <= a->len;
}

static void tell_article(const th_fault *f)
{
    const th_article *a = f->article;

    if (!is_inside(a, f->use)) {
        th_log_more(TH_LOG_ERROR, "article %lld, %s", (long long)f->article_id, a->path);
        return;
    }
    size_t len = f->use->stop - f->use->start, quoted = len < QUOTED ? len : QUOTED;
    while (quoted < len && quoted > 0 && ((unsigned char)a->text[f->use->start + quoted] & 0xC0) == 0x80)
        quoted--;
    th_log_more(TH_LOG_ERROR, "article %lld, %s, last looked at bytes %u–%u: %.*s%s", (long long)f->article_id, a->path, f->use->start,
                f->use->stop, (int)quoted, a->text + f->use->start, quoted < len ? "…" : "");
}

static void tell_use(const th_fault *f)
{
    char memory[32], output[32];

    if (!f->use || !f->limits || !f->use->memory)
        return;
    th_limit_write(f->limits, 2, memory, sizeof memory);
    th_limit_write(f->limits, 4, output, sizeof output);
    th_log_more(TH_LOG_ERROR, "used %.3f s of %g s CPU, %.2f MB of %s, %zu of %zu records, %zu B of %s output", f->use->cpu_s,
                f->limits->cpu_s, (double)f->use->memory / 1e6, memory, f->use->records, f->limits->records, f->use->output, output);
}

static void tell(const th_faults *faults, const th_fault *f)
{
    bool says_where = !f->path || strncmp(f->message, f->path, strlen(f->path)) == 0;

    th_log(TH_LOG_ERROR, "%s%s%s%s (%s)", f->message, says_where ? "" : " [", says_where ? "" : f->path,
           says_where ? "" : "]", th_status_name(reason_of(f->status)));
    if (!f->plugin)
        return;
    tell_source(faults, f->message);
    tell_trace(faults, f->trace);
    if (f->article)
        tell_article(f);
    tell_use(f);
    if (faults->again && f->article_id)
        th_log_more(TH_LOG_ERROR, "again: %s %s --article %lld --trace", faults->again, f->plugin, (long long)f->article_id);
}

static void show(th_faults *faults, const th_fault *f)
{
    uint64_t key = key_of(f);

    for (size_t i = 0; i < faults->kind_count; i++)
        if (faults->kinds[i].key == key) {
            faults->kinds[i].repeats++;
            if (faults->whole_trace)
                tell(faults, f);
            return;
        }
    if (faults->kind_count == SHOWN_MAX) {
        faults->silent++;
        return;
    }
    faults->kinds[faults->kind_count++] = (shown){key, 0, strdup(f->message)};
    tell(faults, f);
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
