/* map.c - see map.h. Lines stand in a ring from being read to being written; a task of the pool is a line, by its number. */
#include "run/map.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/str.h"
#include "run/answer.h"
#include "run/pool.h"
#include "run/rows.h"
#include "run/selection.h"
#include "text/json.h"

enum {
    LINE_MAX_BYTES = 16 << 20,
    READ_BYTES = 1 << 16,
    KEEP_BYTES = 1 << 16, /* a larger buffer is given back when its line is written */
    HELD_MAX = 64 << 20,  /* bytes of lines read but not yet written; one line may go beyond */
    LINES_A_WORKER = 32,
    RING_MAX = 4096
};

typedef struct line {
    th_str text, id, out;
    th_str failures; /* of plugins that cost the line a worker: the JSON of a list, without brackets */
    uint64_t plugins, failed;
    bool done;
} line;

typedef struct map {
    const th_map_options *options;
    const th_assets *assets;
    th_map_report *report;
    th_pool *pool;
    th_arena *arena, *scratch;
    th_selection chosen;
    line *ring;
    size_t ring_size;
    uint64_t first, next; /* numbers of the oldest line not written, and of the next to read; from 1 */
    size_t held;          /* bytes of the lines between them */
    th_str in;
    size_t in_used;
    bool ended, waits; /* the input is at its end; `next` needs more of it */
    bool too_long;     /* the line at hand is, and its beginning is gone */
    bool unwritten;    /* something was put and not yet flushed */
    th_error trouble;  /* what could not be said where it happened */
} map;

static line *line_at(map *m, uint64_t number)
{
    return &m->ring[(number - 1) % m->ring_size];
}

static size_t line_bytes(const line *l)
{
    return l->text.len + l->out.len;
}

static void empty(th_str *s)
{
    if (s->cap > KEEP_BYTES)
        th_str_free(s);
    else
        th_str_clear(s);
    s->failed = false;
}

/* ---- writing ---- */

static th_status no_output(th_error *err)
{
    return th_error_set(err, TH_ERR_IO, "standard output: can not be written: %s", strerror(errno));
}

/* Write the finished lines whose turn it is. */
static th_status write_lines(map *m, th_error *err)
{
    for (; m->first < m->next && line_at(m, m->first)->done; m->first++) {
        line *l = line_at(m, m->first);
        if (!m->options->put(m->options->ctx, th_str_text(&l->out), l->out.len))
            return no_output(err);
        m->unwritten = true;
        m->held -= line_bytes(l);
        empty(&l->text);
        empty(&l->id);
        empty(&l->out);
        empty(&l->failures);
    }
    return TH_OK;
}

static th_status flush_lines(map *m, th_error *err)
{
    if (!m->unwritten)
        return TH_OK;
    m->unwritten = false;
    return m->options->flush(m->options->ctx) ? TH_OK : no_output(err);
}

static void begin_out(line *l, uint64_t number)
{
    th_str_clear(&l->out);
    th_str_addf(&l->out, "{\"id\":%s,\"line\":%llu", l->id.len ? l->id.data : "null", (unsigned long long)number);
}

static void add_text(th_str *out, const char *key, const char *text)
{
    th_str_addf(out, ",\"%s\":", key);
    if (text && *text)
        th_json_text(out, text, strlen(text));
    else
        th_str_puts(out, "null");
}

/* The line is over. */
static th_status settle(map *m, line *l, th_error *err)
{
    th_str_puts(&l->out, "}\n");
    if (!th_str_ok(&l->out))
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    l->done = true;
    m->held += l->out.len;
    return TH_OK;
}

/* The line is over and gave no article. */
static th_status settle_failed(map *m, uint64_t number, th_status reason, const char *message, th_error *err)
{
    line *l = line_at(m, number);

    begin_out(l, number);
    add_text(&l->out, "error", message);
    add_text(&l->out, "reason", th_status_name(reason));
    m->report->failed++;
    return settle(m, l, err);
}

static void add_failure(map *m, line *l, size_t plugin, th_status status, const char *message)
{
    th_str *out = &l->failures;

    th_str_addf(out, "%s{\"plugin\":\"%s\",\"reason\":\"%s\",\"message\":", out->len ? "," : "",
                m->assets->bundle.plugins[plugin].name, th_status_name(status));
    th_json_text(out, message, strlen(message));
    th_str_putc(out, '}');
}

/* ---- reading ---- */

static bool is_readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 0) > 0;
}

/* Take what the input has now, without waiting. */
static th_status fill(map *m, th_error *err)
{
    if (m->in_used) {
        memmove(m->in.data, m->in.data + m->in_used, m->in.len - m->in_used);
        m->in.len -= m->in_used;
        m->in_used = 0;
    }
    if (!m->in.len)
        empty(&m->in);
    if (!is_readable(m->options->input)) {
        m->waits = true;
        return TH_OK;
    }
    if (!th_str_reserve(&m->in, READ_BYTES))
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    ssize_t got = read(m->options->input, m->in.data + m->in.len, READ_BYTES);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        m->waits = true;
    else if (got < 0)
        return th_error_set(err, TH_ERR_IO, "standard input: can not be read: %s", strerror(errno));
    m->ended = got == 0;
    m->in.len += got > 0 ? (size_t)got : 0;
    return TH_OK;
}

/* Have a whole line in view, its end not counted; `*text` is NULL when there is none now. */
static th_status view_line(map *m, const char **text, size_t *len, th_error *err)
{
    size_t seen = 0;

    *text = NULL;
    m->waits = false;
    for (;;) {
        const char *from = th_str_text(&m->in) + m->in_used;
        size_t have = m->in.len - m->in_used;
        const char *stop = have > seen ? memchr(from + seen, '\n', have - seen) : NULL;
        if (stop || (m->ended && (have || m->too_long))) {
            *text = from;
            *len = stop ? (size_t)(stop - from) : have;
            m->in_used += *len + (stop != NULL);
            return TH_OK;
        }
        if (m->ended || m->waits)
            return TH_OK;
        if (have > LINE_MAX_BYTES) {
            m->too_long = true;
            m->in_used = m->in.len;
            have = 0;
        }
        seen = have;
        th_status status = fill(m, err);
        if (status != TH_OK)
            return status;
    }
}

static bool is_blank(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && (text[n] == ' ' || text[n] == '\t' || text[n] == '\r'))
        n++;
    return n == len;
}

/* Put the line into the ring. `*is_task` when a worker shall read it. */
static th_status take_line(map *m, const char *text, size_t len, bool *is_task, th_error *err)
{
    uint64_t number = m->next++;
    line *l = line_at(m, number);
    char message[128];

    *is_task = false;
    m->report->lines++;
    l->done = false;
    l->plugins = m->chosen.set;
    l->failed = 0;
    if (m->too_long || len > LINE_MAX_BYTES) {
        m->too_long = false;
        snprintf(message, sizeof message, "stdin:%llu: the line is longer than %d MB", (unsigned long long)number,
                 LINE_MAX_BYTES >> 20);
        return settle_failed(m, number, TH_ERR_BOMB, message, err);
    }
    if (is_blank(text, len)) {
        snprintf(message, sizeof message, "stdin:%llu: an empty line", (unsigned long long)number);
        return settle_failed(m, number, TH_ERR_EMPTY, message, err);
    }
    th_str_add(&l->text, text, len);
    m->held += l->text.len;
    *is_task = true;
    return th_str_ok(&l->text) ? TH_OK : th_error_set(err, TH_ERR_NOMEM, "out of memory");
}

static uint64_t next_task(void *ctx)
{
    map *m = ctx;
    const char *text;
    size_t len;
    bool is_task = false;

    while (m->trouble.status == TH_OK) {
        m->waits = false;
        if (m->next - m->first >= m->ring_size || (m->held >= HELD_MAX && m->next > m->first))
            return TH_POOL_LATER;
        if (view_line(m, &text, &len, &m->trouble) != TH_OK)
            break;
        if (!text && m->ended)
            return 0;
        if (!text)
            return flush_lines(m, &m->trouble) == TH_OK ? TH_POOL_LATER : 0;
        if (take_line(m, text, len, &is_task, &m->trouble) == TH_OK && is_task)
            return m->next - 1;
        write_lines(m, &m->trouble);
    }
    return 0;
}

static int waits_for(void *ctx)
{
    const map *m = ctx;

    return m->waits ? m->options->input : -1;
}

/* ---- the pool's questions ---- */

static bool encode(void *ctx, uint64_t id, th_message_type *type, th_str *payload, int *fd)
{
    map *m = ctx;
    line *l = line_at(m, id);
    char path[40];

    *fd = -1;
    *type = TH_MSG_LINE;
    th_str_clear(&l->out);
    snprintf(path, sizeof path, "stdin:%llu", (unsigned long long)id);
    th_pack_u64(payload, l->plugins);
    th_pack_u64(payload, l->failed);
    th_pack_cstr(payload, path);
    th_pack_text(payload, l->text.data, l->text.len);
    return true;
}

static th_status take_name(line *l, th_unpack *in, th_error *err)
{
    const char *id = th_unpack_cstr(in);

    if (in->failed || !id || strchr(id, '\n'))
        return th_answer_broken(err);
    th_str_clear(&l->id);
    th_str_puts(&l->id, id);
    return TH_OK;
}

static void add_list(th_str *out, const char *key, const char *const *texts, size_t count)
{
    th_str_addf(out, ",\"%s\":[", key);
    for (size_t i = 0; i < count; i++) {
        if (i)
            th_str_putc(out, ',');
        th_json_text(out, texts[i], strlen(texts[i]));
    }
    th_str_putc(out, ']');
}

static void add_metadata(th_str *out, const th_article *a)
{
    add_text(out, "title", a->title);
    add_text(out, "date", a->date);
    add_text(out, "source", a->source);
    add_list(out, "authors", a->authors, a->author_count);
    add_text(out, "url", a->url);
    th_str_puts(out, ",\"region\":");
    if (a->region_code) {
        th_str_puts(out, "{\"code\":");
        th_json_text(out, a->region_code, strlen(a->region_code));
        add_text(out, "name", a->region_name);
        th_str_putc(out, '}');
    } else {
        th_str_puts(out, "null");
    }
}

static th_status take_result(map *m, line *l, uint64_t number, th_unpack *in, th_error *err)
{
    th_outcome outcomes[TH_PLUGINS_MAX];
    th_records records = {0};
    th_article *article = NULL;
    uint32_t count = 0;
    size_t len;
    th_status status;

    th_arena_reset(m->scratch);
    th_unpack_u64(in); /* the item's number: there is one item */
    const char *bytes = th_unpack_text(in, &len);
    if (in->failed)
        return th_answer_broken(err);
    if ((status = th_article_read(&article, m->scratch, bytes, len, err)) != TH_OK ||
        (status = th_answer_read(in, &m->chosen, m->scratch, article->len, outcomes, &count, &records, err)) != TH_OK)
        return status;
    for (uint32_t i = 0; i < count; i++)
        if (outcomes[i].status != TH_OK)
            add_failure(m, l, outcomes[i].plugin, outcomes[i].status, outcomes[i].message);
    begin_out(l, number);
    add_metadata(&l->out, article);
    th_str_puts(&l->out, ",\"records\":");
    if (!th_rows_line(&records, article, &l->out) || !th_str_ok(&l->failures))
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    if (l->failures.len)
        th_str_addf(&l->out, ",\"failures\":[%s]", l->failures.data);
    if (article->warning_count)
        add_list(&l->out, "warnings", article->warnings, article->warning_count);
    m->report->records += records.count;
    m->report->partial += l->failures.len > 0;
    return TH_OK;
}

static th_status take_done(map *m, line *l, uint64_t number, th_unpack *in, th_error *err)
{
    th_status outcome = (th_status)th_unpack_u32(in);
    const char *message = th_unpack_cstr(in);

    if (in->failed || (outcome == TH_OK && !l->out.len))
        return th_answer_broken(err);
    return outcome == TH_OK ? settle(m, l, err) : settle_failed(m, number, outcome, message ? message : "", err);
}

static th_status answer(void *ctx, uint64_t id, th_message_type type, th_unpack *in, th_error *err)
{
    map *m = ctx;

    if (id < m->first || id >= m->next || line_at(m, id)->done)
        return th_answer_broken(err);
    switch (type) {
    case TH_MSG_NAME:
        return take_name(line_at(m, id), in, err);
    case TH_MSG_RESULT:
        return take_result(m, line_at(m, id), id, in, err);
    case TH_MSG_DONE:
        return take_done(m, line_at(m, id), id, in, err);
    default:
        return th_answer_broken(err);
    }
}

static bool lost(void *ctx, uint64_t id, const th_loss *loss)
{
    map *m = ctx;
    line *l = line_at(m, id);
    char message[1200];

    if (loss->plugin >= 0) { /* the line is done again without it */
        snprintf(message, sizeof message, "%s:1: %s", m->assets->bundle.plugins[loss->plugin].path, loss->text);
        add_failure(m, l, (size_t)loss->plugin, loss->status, message);
        l->plugins &= ~((uint64_t)1 << loss->plugin);
        l->failed |= (uint64_t)1 << loss->plugin;
        return true;
    }
    snprintf(message, sizeof message, "stdin:%llu: %s", (unsigned long long)id, loss->text);
    settle_failed(m, id, loss->status, message, &m->trouble);
    return false;
}

static th_status tick(void *ctx, th_error *err)
{
    map *m = ctx;

    if (m->trouble.status != TH_OK)
        return th_error_set(err, m->trouble.status, "%s", m->trouble.text);
    return write_lines(m, err);
}

static bool is_long(void *ctx, uint64_t id)
{
    (void)ctx;
    (void)id;
    return false;
}

/* ---- the run ---- */

static void unfit_plugin(void *ctx, size_t index, th_status status, const char *message)
{
    map *m = ctx;

    (void)status;
    m->report->unfit++;
    th_log(TH_LOG_ERROR, "%s: %s", m->assets->bundle.plugins[index].name, message);
}

static th_status map_open(map *m, th_error *err)
{
    const th_config *config = m->options->config;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t jobs = config->jobs ? config->jobs : cores > 0 ? (size_t)cores : 1;
    const th_pool_plugin *plugins;
    th_status status;

    m->ring_size = jobs * LINES_A_WORKER < RING_MAX ? jobs * LINES_A_WORKER : RING_MAX;
    m->ring = calloc(m->ring_size, sizeof *m->ring);
    m->arena = th_arena_new();
    m->scratch = th_arena_new();
    if (!m->ring || !m->arena || !m->scratch)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    if ((status = th_pool_open(&m->pool, m->assets, &config->limits, jobs, err)) != TH_OK ||
        (status = th_pool_plugins(m->pool, &plugins, err)) != TH_OK)
        return status;
    status = th_selection_make(&m->chosen, m->arena, m->assets, plugins, m->options->plugins, m->options->plugin_count,
                               unfit_plugin, m, err);
    m->report->plugins = m->chosen.count;
    return status;
}

static void map_close(map *m)
{
    th_pool_close(m->pool);
    for (size_t i = 0; m->ring && i < m->ring_size; i++) {
        th_str_free(&m->ring[i].text);
        th_str_free(&m->ring[i].id);
        th_str_free(&m->ring[i].out);
        th_str_free(&m->ring[i].failures);
    }
    free(m->ring);
    th_str_free(&m->in);
    th_arena_free(m->arena);
    th_arena_free(m->scratch);
}

th_status th_map_run(const th_map_options *options, const th_assets *assets, th_map_report *report, th_error *err)
{
    static const th_pool_ops ops = {next_task, encode, answer, lost, tick, is_long, waits_for};
    map m = {.options = options, .assets = assets, .report = report, .first = 1, .next = 1};
    th_status status;

    *report = (th_map_report){0};
    status = map_open(&m, err);
    if (status == TH_OK)
        status = th_pool_run(m.pool, &ops, &m, err);
    if (status == TH_OK && m.trouble.status != TH_OK)
        status = th_error_set(err, m.trouble.status, "%s", m.trouble.text);
    if (status == TH_OK)
        status = write_lines(&m, err);
    if (status == TH_OK)
        status = flush_lines(&m, err);
    map_close(&m);
    return status;
}
