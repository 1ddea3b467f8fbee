/* worker.c - see worker.h. */
#include "run/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/words.h"
#include "load/load.h"
#include "run/wire.h"
#include "text/unicode.h"

enum {
    SLOW_BYTES = 4 << 20,  /* an article may take one wall limit more for each of these */
    SMALL_FILE = 4 << 20,  /* read at once; a larger one is read as a stream, twice: first to know its hash */
    STRIKES = 3            /* after so many broken limits in one container a plugin is left out for the rest of it */
};

/* Descriptors and address space a worker may have, the latter beyond what its plugins' states may hold. The largest file
 * read (and its tree, when it is markup) must fit. */
enum { DESCRIPTORS = 128 };
#define ADDRESS_SPACE ((size_t)3 << 30)

typedef struct aside_task {
    th_message_type type;
    th_str bytes;
    int fd;
} aside_task;

typedef struct worker {
    const th_worker_setup *setup;
    const th_bundle *bundle;
    th_wire wire;
    th_units *units;
    th_gazetteer *gazetteer;
    th_loader *loader;
    th_host *host;
    size_t order[TH_PLUGINS_MAX]; /* all loaded plugins, needs first */
    size_t order_count;
    th_arena *arena; /* of the task at hand */
    th_str bytes;    /* of the file at hand, when it is small */
    th_str path;     /* and its name */
    th_str reply;
    aside_task *aside; /* tasks that came in while the worker waited for the parent's answer */
    size_t aside_count, aside_cap;
    th_str stacks; /* sampled in the task at hand, a line each */
} worker;

/* The task at hand. `plugins` and `failed` are of the article at hand; a container's first article may have other ones than
 * the rest, since a plugin that killed a worker there is left out there only. */
typedef struct task {
    worker *w;
    uint64_t id, plugins, failed;
    uint64_t first, skip;         /* items before `first` were answered before; `skip` (0: none) killed a worker */
    uint64_t rest, rest_failed;   /* of the items after `first` */
    uint64_t number;              /* of the item at hand; 0: not of a file */
    const char *path;             /* of the file */
    unsigned strikes[TH_PLUGINS_MAX];
    const th_records *given; /* NULL: none */
    bool begun;              /* of a file: the item that is the file itself was begun */
    bool with_article;       /* the parent does not have the article yet */
    double plugin_s;         /* CPU seconds from the first plugin's start to the sending of the result */
} task;

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Wall seconds for one step. */
static double wall_s(const worker *w, int plugin)
{
    if (plugin < 0)
        return w->setup->limits.wall_s;
    const th_manifest *m = th_host_manifest(w->host, (size_t)plugin);
    return m ? m->limits.wall_s : w->setup->assets->limits[plugin].wall_s;
}

/* Tell the parent what is being done, and by when it must be over. */
static void beat(worker *w, int plugin, size_t bytes)
{
    double allowed = wall_s(w, plugin) * (1 + (double)bytes / SLOW_BYTES);

    atomic_store(&w->setup->beat->plugin, plugin);
    atomic_store(&w->setup->beat->deadline_ns, plugin == TH_AT_NOTHING ? 0 : th_clock_ns() + (int64_t)(allowed * 1e9));
}

/* Tell the parent which item of the file is at hand; `path` may be NULL when it is not known yet. */
static void beat_item(worker *w, uint64_t number, const char *path)
{
    th_beat *b = w->setup->beat;

    snprintf(b->path, sizeof b->path, "%s", path ? path : "");
    atomic_store(&b->item, number);
    beat(w, TH_AT_LOADING, 0);
}

static void beat_task(worker *w, uint64_t id)
{
    atomic_store(&w->setup->beat->deadline_ns, 0);
    atomic_store(&w->setup->beat->many, false);
    atomic_store(&w->setup->beat->item, 0);
    atomic_store(&w->setup->beat->plugin, TH_AT_NOTHING);
    atomic_store(&w->setup->beat->task, id);
}

static bool send(worker *w, th_message_type type)
{
    bool ok = th_str_ok(&w->reply) && th_wire_put(&w->wire, type, w->reply.data, w->reply.len, -1) &&
              th_wire_flush(&w->wire, true);

    th_str_clear(&w->reply);
    return ok;
}

/* What plugins log travels to the parent. */
static void send_log(void *ctx, th_log_level level, const char *line)
{
    worker *w = ctx;
    th_str text = {0};

    th_pack_u32(&text, level);
    th_pack_cstr(&text, line);
    if (th_str_ok(&text) && th_wire_put(&w->wire, TH_MSG_LOG, text.data, text.len, -1))
        th_wire_flush(&w->wire, true);
    th_str_free(&text);
}

static void keep_stack(void *ctx, const char *stack, size_t len)
{
    worker *w = ctx;

    th_str_add(&w->stacks, stack, len);
    th_str_putc(&w->stacks, '\n');
}

static bool send_stacks(worker *w)
{
    bool ok = true;

    if (w->stacks.len && th_str_ok(&w->stacks))
        ok = th_wire_put(&w->wire, TH_MSG_STACKS, w->stacks.data, w->stacks.len, -1);
    th_str_clear(&w->stacks);
    return ok;
}

/* ---- start ---- */

/* Order what can be ordered. Circles and missing needs are reported by the parent, which orders too. */
static void order_plugins(worker *w, const th_manifest *const *manifests, uint64_t loaded)
{
    uint64_t good = 0;
    th_error ignored = {0};

    for (size_t i = 0; i < w->bundle->plugin_count; i++)
        if (loaded >> i & 1 &&
            th_order_plugins(w->bundle, manifests, (uint64_t)1 << i, w->order, &w->order_count, &ignored) == TH_OK)
            good |= (uint64_t)1 << i;
    th_order_plugins(w->bundle, manifests, good, w->order, &w->order_count, &ignored);
}

static void load_plugins(worker *w)
{
    const th_manifest *manifests[TH_PLUGINS_MAX] = {0};
    uint64_t loaded = 0;

    for (size_t i = 0; i < w->bundle->plugin_count; i++) {
        th_error err = {0};
        if (w->setup->skip >> i & 1) {
            th_pack_u32(&w->reply, TH_ERR_CRASH);
            th_pack_cstr(&w->reply, "");
            continue;
        }
        th_host_allow(w->host, i, &w->setup->assets->limits[i]);
        beat(w, (int)i, 0);
        th_status status = th_host_load(w->host, i, &err);
        th_pack_u32(&w->reply, status);
        if (status != TH_OK) {
            th_pack_cstr(&w->reply, err.text);
            continue;
        }
        manifests[i] = th_host_manifest(w->host, i);
        loaded |= (uint64_t)1 << i;
        th_manifest_write(manifests[i], &w->reply);
    }
    order_plugins(w, manifests, loaded);
}

th_confinement th_worker_confinement(size_t memory)
{
    return (th_confinement){.calls = TH_CALLS_WORKER, .files = DESCRIPTORS, .memory = ADDRESS_SPACE + memory};
}

/* After what is ours and opens files, before the first line of a plugin. Says in the reply which walls do not stand. */
static th_status confine(worker *w, th_error *err)
{
    const th_assets *a = w->setup->assets;
    size_t memory = 0;

    for (size_t i = 0; i < a->bundle.plugin_count; i++)
        memory += a->limits[i].memory;
    th_confinement c = th_worker_confinement(memory);
    th_walls walls;
    char text[1024];

    th_confine_prepare();
    th_confine(&c, &walls);
    th_walls_warning(&walls, text, sizeof text);
    th_pack_cstr(&w->reply, text);
    return a->sandbox_config ? th_walls_require(&walls, a->sandbox_config, err) : TH_OK;
}

static th_status start(worker *w, th_error *err)
{
    const th_assets *a = w->setup->assets;
    th_status status;

    beat(w, TH_AT_START, 0);
    if ((status = th_assets_units(a, &w->units, err)) != TH_OK ||
        (status = th_gazetteer_load(&w->gazetteer, a->divisions.path, a->divisions.bytes, a->divisions.len,
                                    a->zones.path, a->zones.bytes, a->zones.len, err)) != TH_OK ||
        (status = th_loader_open(&w->loader, a->chrome.path, a->chrome.bytes, a->chrome.len, w->gazetteer, err)) !=
            TH_OK ||
        (status = th_loader_columns(w->loader, a->columns, a->column_count, err)) != TH_OK ||
        (status = th_host_open(&w->host, w->bundle, w->units, w->gazetteer, &w->setup->limits, err)) != TH_OK)
        return status;
    th_loader_set_repeated(w->loader, a->repeated);
    w->arena = th_arena_new();
    if (!w->arena)
        return th_error_set(err, TH_ERR_NOMEM, "worker: out of memory");
    th_pack_u32(&w->reply, TH_OK);
    if ((status = confine(w, err)) != TH_OK)
        return status;
    load_plugins(w);
    beat(w, TH_AT_START, 0);
    status = th_host_ready(w->host, err);
    if (w->setup->sample)
        th_host_sample(keep_stack, w);
    beat(w, TH_AT_NOTHING, 0);
    return status;
}

/* Say hello, or why the worker can not work. */
static bool hello(worker *w)
{
    th_error err = {0};
    th_status status = start(w, &err);

    if (status != TH_OK) {
        th_str_clear(&w->reply);
        th_pack_u32(&w->reply, status);
        th_pack_cstr(&w->reply, err.text);
    }
    return send(w, TH_MSG_HELLO) && status == TH_OK;
}

/* ---- articles ---- */

static void pack_outcome(th_str *out, size_t plugin, th_status status, const char *message, const char *trace,
                         const th_run_use *use)
{
    th_pack_u32(out, (uint32_t)plugin);
    th_pack_u32(out, status);
    th_pack_cstr(out, message);
    th_pack_cstr(out, trace);
    th_str_add(out, use, sizeof *use); /* between processes of one program */
}

/* The first plugin that `m` needs among those that failed; NULL when none did. */
static const char *failed_need(worker *w, const th_manifest *m, uint64_t failed)
{
    for (size_t n = 0; n < m->need_count; n++)
        for (size_t i = 0; i < w->bundle->plugin_count; i++)
            if (failed >> i & 1 && strcmp(w->bundle->plugins[i].name, m->needs[n]) == 0)
                return m->needs[n];
    return NULL;
}

static bool is_limit(th_status status)
{
    return status == TH_ERR_LIMIT_CPU || status == TH_ERR_LIMIT_MEMORY || status == TH_ERR_LIMIT_OUTPUT;
}

static uint32_t run_plugins(task *t, th_str *outcomes)
{
    worker *w = t->w;
    uint32_t count = 0;

    for (size_t k = 0; k < w->order_count; k++) {
        size_t i = w->order[k];
        th_error err = {0};
        th_run_use use = {0};
        if (!(t->plugins >> i & 1))
            continue;
        const th_manifest *m = th_host_manifest(w->host, i);
        const char *need = failed_need(w, m, t->failed);
        if (need) {
            th_error_set(&err, TH_ERR_RUNTIME, "%s: %s was not run: it needs %s, which failed on this article", m->path,
                         m->name, need);
        } else {
            beat(w, (int)i, 0);
            th_host_run(w->host, i, NULL, &err);
            use = *th_host_use(w->host);
            beat(w, TH_AT_NOTHING, 0);
        }
        if (err.status != TH_OK)
            t->failed |= (uint64_t)1 << i;
        if (is_limit(err.status) && ++t->strikes[i] == STRIKES) {
            t->rest &= ~((uint64_t)1 << i);
            t->rest_failed |= (uint64_t)1 << i;
        }
        bool bad = err.status != TH_OK;
        pack_outcome(outcomes, i, err.status, bad ? err.text : NULL, bad && !need ? th_host_trace(w->host) : NULL,
                     &use);
        count++;
    }
    return count;
}

/* Run the plugins of the task on one article and answer with a result. */
static th_status run_article(void *ctx, th_article *article, th_error *err)
{
    task *t = ctx;
    worker *w = t->w;
    th_str outcomes = {0}, blob = {0};
    th_records records = {0};
    uint64_t failed = t->failed;
    double before = cpu_s();

    if (t->given)
        records = *t->given;
    th_host_begin(w->host, article, w->arena, &records);
    uint32_t count = run_plugins(t, &outcomes);
    th_host_end(w->host);
    t->failed = failed;
    th_pack_u64(&w->reply, t->id);
    th_pack_u64(&w->reply, t->number);
    if (t->with_article)
        th_article_write(article, &blob);
    th_pack_text(&w->reply, th_str_text(&blob), blob.len);
    th_pack_u32(&w->reply, count);
    th_str_add(&w->reply, th_str_text(&outcomes), outcomes.len);
    th_str_clear(&blob);
    th_records_write(&records, &blob);
    th_pack_text(&w->reply, th_str_text(&blob), blob.len);
    bool ok = th_str_ok(&outcomes) && th_str_ok(&blob) && th_str_ok(&w->reply) && send(w, TH_MSG_RESULT);
    th_str_free(&outcomes);
    th_str_free(&blob);
    t->plugin_s += cpu_s() - before;
    return ok ? TH_OK : th_error_set(err, TH_ERR_NOMEM, "%s: out of memory for the results", article->path);
}

static bool done(worker *w, uint64_t id, const th_error *err, const char *hash, bool same, double load_s)
{
    beat_task(w, 0);
    if (!send_stacks(w))
        return false;
    th_pack_u64(&w->reply, id);
    th_pack_u32(&w->reply, err->status);
    th_pack_cstr(&w->reply, err->status == TH_OK ? NULL : err->text);
    th_pack_cstr(&w->reply, hash);
    th_pack_u32(&w->reply, same);
    th_pack_f64(&w->reply, load_s);
    return send(w, TH_MSG_DONE);
}

/* The fields every task starts with. */
static task begin_task(worker *w, th_unpack *in)
{
    task t = {.w = w};

    t.id = th_unpack_u64(in);
    t.plugins = th_unpack_u64(in);
    t.failed = th_unpack_u64(in);
    th_arena_reset(w->arena);
    beat_task(w, t.id);
    return t;
}

/* ---- files ---- */

static bool begin_item(void *ctx, uint64_t number, const char *path, size_t bytes)
{
    task *t = ctx;
    worker *w = t->w;

    if (strcmp(path, t->path) != 0)
        atomic_store(&w->setup->beat->many, true);
    else
        t->begun = true;
    beat_item(w, number, path);
    beat(w, TH_AT_LOADING, bytes);
    t->number = number;
    if (number > t->first) {
        t->plugins = t->rest;
        t->failed = t->rest_failed;
    }
    return number >= t->first && number != t->skip;
}

static th_status item_article(void *ctx, uint64_t number, th_article *article, th_error *err)
{
    task *t = ctx;
    th_status status = run_article(t, article, err);

    beat_item(t->w, number + 1, NULL);
    return status;
}

static th_status item_failed(void *ctx, uint64_t number, const char *path, th_status reason, const char *message,
                             th_error *err)
{
    task *t = ctx;
    worker *w = t->w;

    atomic_store(&w->setup->beat->many, true);
    if (number >= t->first && number != t->skip) {
        th_pack_u64(&w->reply, t->id);
        th_pack_u64(&w->reply, number);
        th_pack_cstr(&w->reply, path);
        th_pack_u32(&w->reply, reason);
        th_pack_cstr(&w->reply, message);
        if (!send(w, TH_MSG_ITEM))
            return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory for the failure", path);
    }
    beat_item(w, number + 1, NULL);
    return TH_OK;
}

/* A task that came in while the worker waited for something else. */
static bool put_aside(worker *w, const th_message *m)
{
    aside_task *grown = w->aside_count < w->aside_cap ? w->aside : realloc(w->aside, (w->aside_cap + 16) * sizeof *grown);
    th_str bytes = {0};

    if (!grown)
        return false;
    w->aside_cap += w->aside_count < w->aside_cap ? 0 : 16;
    w->aside = grown;
    th_str_add(&bytes, m->bytes, m->len);
    if (!th_str_ok(&bytes))
        return false;
    grown[w->aside_count++] = (aside_task){m->type, bytes, m->fd};
    return true;
}

/* The answer to a document handed over. */
static th_status take_converted(const th_message *m, const char *path, th_str *out, th_str *note, th_error *err)
{
    th_unpack in = {m->bytes, m->bytes + m->len, false};
    th_status status = (th_status)th_unpack_u32(&in);
    size_t len;
    const char *text = th_unpack_text(&in, &len), *said = th_unpack_cstr(&in);

    if (in.failed)
        return th_error_set(err, TH_ERR_CRASH, "%s: the parent sent a broken answer", path);
    if (status != TH_OK)
        return th_error_set(err, status, "%s: %.*s", path, (int)(len < 900 ? len : 900), text);
    th_str_add(out, text, len);
    if (said && *said)
        th_str_puts(note, said);
    return TH_OK;
}

/* Only the parent may start another program. */
static th_status item_convert(void *ctx, const char *path, const char *format, const char *bytes, size_t len, th_str *out,
                              th_str *note, th_error *err)
{
    task *t = ctx;
    worker *w = t->w;
    th_message m;

    th_pack_cstr(&w->reply, format);
    th_pack_text(&w->reply, bytes, len);
    atomic_store(&w->setup->beat->deadline_ns, 0); /* the parent's program has its own */
    if (!send(w, TH_MSG_CONVERT))
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory while handing it over", path);
    while (th_wire_get(&w->wire, &m, true) > 0) {
        if (m.type != TH_MSG_CONVERTED) {
            if (!put_aside(w, &m))
                return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", path);
            continue;
        }
        beat(w, TH_AT_LOADING, m.len);
        return take_converted(&m, path, out, note, err);
    }
    return th_error_set(err, TH_ERR_IO, "%s: the parent is gone", path);
}

static void item_note(void *ctx, const char *message)
{
    (void)ctx;
    th_log(TH_LOG_INFO, "%s", message);
}

/* Bytes of the file are coming in: it is slow, not stuck. */
static void still_reading(void *ctx)
{
    task *t = ctx;

    if (atomic_load(&t->w->setup->beat->plugin) == TH_AT_LOADING)
        beat(t->w, TH_AT_LOADING, 0);
}

/* Hash what the descriptor gives, and go back to its start. */
static th_status hash_file(task *t, int fd, char hash[TH_HASH_TEXT], th_error *err)
{
    th_stream s;
    th_hasher hasher;
    const char *bytes;
    size_t len;
    th_status status;

    if (!th_hasher_begin(&hasher))
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", t->path);
    th_stream_fd(&s, t->path, fd);
    s.alive = still_reading;
    s.alive_ctx = t;
    while ((status = th_stream_peek(&s, 1, &bytes, &len, err)) == TH_OK && len) {
        th_hasher_bytes(&hasher, bytes, len);
        th_stream_take(&s, len);
    }
    th_hasher_end(&hasher, hash);
    th_stream_close(&s);
    if (status == TH_OK && lseek(fd, 0, SEEK_SET) != 0)
        status = th_error_set(err, TH_ERR_UNREADABLE, "%s: can not be read again: %s", t->path, strerror(errno));
    return status;
}

/* Make a source of the file: a small one is in memory. `hash` becomes its bytes'. */
static th_status open_file(task *t, int fd, th_stream *s, char hash[TH_HASH_TEXT], th_error *err)
{
    worker *w = t->w;
    struct stat st;
    th_status status;

    if (fstat(fd, &st) == 0 && st.st_size > SMALL_FILE) {
        status = hash_file(t, fd, hash, err);
        th_stream_fd(s, t->path, fd);
    } else {
        status = th_file_read_fd(&w->bytes, fd, t->path, 0, err);
        th_hash_text(hash, th_str_text(&w->bytes), w->bytes.len);
        th_stream_memory(s, t->path, th_str_text(&w->bytes), w->bytes.len);
    }
    s->alive = still_reading;
    s->alive_ctx = t;
    return status;
}

static bool do_file(worker *w, th_unpack *in, int fd)
{
    th_error err = {0};
    char hash[TH_HASH_TEXT] = "";
    bool same = false;
    double before = cpu_s();
    task t = begin_task(w, in);
    const th_sink sink = {begin_item, item_article, item_failed, item_convert, item_note, &t, w->setup->assets->shard};
    th_stream source = {.fd = -1};

    t.rest = th_unpack_u64(in);
    t.rest_failed = th_unpack_u64(in);
    t.first = th_unpack_u64(in);
    t.skip = th_unpack_u64(in);
    const char *path = th_unpack_cstr(in);
    th_str_clear(&w->path); /* the message goes when the next comes in, while a document is converted */
    th_str_puts(&w->path, path ? path : "");
    t.path = path && th_str_ok(&w->path) ? th_str_text(&w->path) : NULL;
    const char *known = th_unpack_cstr(in);
    t.with_article = true;
    beat_item(w, 1, t.path);
    th_str_clear(&w->bytes);
    if (!t.path || fd < 0)
        th_error_set(&err, TH_ERR_RUNTIME, "worker: a task without a file");
    else if (open_file(&t, fd, &source, hash, &err) == TH_OK) {
        same = known && strcmp(known, hash) == 0;
        if (!same)
            th_load(w->loader, &source, w->arena, &sink, &err);
        if (err.status != TH_OK && !t.begun && !th_shard_has(&sink.shard, hash, strlen(hash)))
            err = (th_error){0}; /* another shard says so */
    }
    th_stream_close(&source);
    if (fd >= 0)
        close(fd);
    return done(w, t.id, &err, hash, same, cpu_s() - before - t.plugin_s);
}

/* The schemas of all loaded plugins, in the task's arena. */
static const th_schema **all_schemas(worker *w, size_t *count)
{
    size_t total = 0;

    for (size_t k = 0; k < w->order_count; k++)
        total += th_host_manifest(w->host, w->order[k])->schema_count;
    const th_schema **out = th_arena_zalloc(w->arena, total + 1, sizeof *out);
    *count = 0;
    for (size_t k = 0; out && k < w->order_count; k++) {
        const th_manifest *m = th_host_manifest(w->host, w->order[k]);
        for (size_t s = 0; s < m->schema_count; s++)
            out[(*count)++] = &m->schemas[s];
    }
    return out;
}

static bool do_article(worker *w, th_unpack *in)
{
    th_error err = {0};
    th_article *article = NULL;
    th_records given = {0};
    size_t len, schema_count;
    task t = begin_task(w, in);
    int64_t id = (int64_t)th_unpack_u64(in);
    const char *bytes = th_unpack_text(in, &len);

    if (th_article_read(&article, w->arena, bytes, len, &err) == TH_OK) {
        article->id = id;
        const th_schema **schemas = all_schemas(w, &schema_count);
        bytes = th_unpack_text(in, &len);
        if (!schemas)
            th_error_set(&err, TH_ERR_NOMEM, "worker: out of memory");
        else if (th_records_read(&given, w->arena, schemas, schema_count, bytes, len, article->len, &err) == TH_OK) {
            t.given = &given;
            run_article(&t, article, &err);
        }
    }
    return done(w, t.id, &err, NULL, false, 0);
}

static bool do_text(worker *w, th_unpack *in)
{
    th_error err = {0};
    th_article *article = NULL;
    size_t len;
    task t = begin_task(w, in);
    const char *title = th_unpack_cstr(in), *date = th_unpack_cstr(in);
    const char *text = th_unpack_text(in, &len);

    t.with_article = true;
    if (th_load_plain(&article, w->arena, text, len, title, date, &err) == TH_OK)
        run_article(&t, article, &err);
    return done(w, t.id, &err, NULL, false, 0);
}

/* A line of NDJSON: its id goes ahead, so that the parent knows it whatever comes. */
typedef struct line_task {
    task t;
    th_str id;
} line_task;

static bool name_line(void *ctx, uint64_t number, const char *path, size_t bytes)
{
    line_task *l = ctx;
    worker *w = l->t.w;

    (void)number;
    (void)path;
    beat(w, TH_AT_LOADING, bytes);
    th_pack_u64(&w->reply, l->t.id);
    th_pack_cstr(&w->reply, th_str_text(&l->id));
    return send(w, TH_MSG_NAME);
}

static th_status line_article(void *ctx, uint64_t number, th_article *article, th_error *err)
{
    line_task *l = ctx;

    (void)number;
    return run_article(&l->t, article, err);
}

static bool do_line(worker *w, th_unpack *in)
{
    th_error err = {0};
    size_t len;
    line_task l = {.t = begin_task(w, in)};
    const th_sink sink = {.item = name_line, .article = line_article, .note = item_note, .ctx = &l};
    const char *path = th_unpack_cstr(in), *text = th_unpack_text(in, &len);

    l.t.with_article = true;
    beat(w, TH_AT_LOADING, len);
    if (!path || in->failed)
        th_error_set(&err, TH_ERR_RUNTIME, "worker: a task without a line");
    else
        th_load_line(w->loader, path, text, len, w->arena, &l.id, &sink, &err);
    th_str_free(&l.id);
    return done(w, l.t.id, &err, NULL, false, 0);
}

static bool serve(worker *w, const th_message *m)
{
    th_unpack in = {m->bytes, m->bytes + m->len, false};

    switch (m->type) {
    case TH_MSG_FILE:
        return do_file(w, &in, m->fd);
    case TH_MSG_ARTICLE:
        return do_article(w, &in);
    case TH_MSG_TEXT:
        return do_text(w, &in);
    case TH_MSG_LINE:
        return do_line(w, &in);
    default:
        return false;
    }
}

/* Serve the tasks that were put aside; each may put others there. */
static bool serve_aside(worker *w)
{
    bool going = true;

    while (going && w->aside_count) {
        aside_task first = w->aside[0];
        memmove(w->aside, w->aside + 1, --w->aside_count * sizeof first);
        going = serve(w, &(th_message){first.type, th_str_text(&first.bytes), first.bytes.len, first.fd});
        th_str_free(&first.bytes);
    }
    return going;
}

int th_worker_main(const th_worker_setup *setup)
{
    worker w = {.setup = setup, .bundle = &setup->assets->bundle};
    th_message m;
    bool going;

    th_lang_set("en"); /* what is said here goes into the store */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_IGN); /* Ctrl-C is the parent's business */
    signal(SIGPIPE, SIG_IGN);
    th_wire_init(&w.wire, setup->fd);
    th_log_set_sink(send_log, &w);
    going = hello(&w);
    while (going && (going = serve_aside(&w)) && th_wire_get(&w.wire, &m, true) > 0)
        going = serve(&w, &m);
    for (size_t i = 0; i < w.aside_count; i++)
        th_str_free(&w.aside[i].bytes);
    free(w.aside);
    th_log_set_sink(NULL, NULL);
    th_host_close(w.host);
    th_loader_free(w.loader);
    th_gazetteer_free(w.gazetteer);
    th_units_free(w.units);
    th_arena_free(w.arena);
    th_str_free(&w.bytes);
    th_str_free(&w.path);
    th_str_free(&w.reply);
    th_str_free(&w.stacks);
    th_wire_close(&w.wire);
    return going ? 0 : 1;
}
