/* lab_child.c - the process behind a lab: loads the plugins behind the walls of a worker and answers what lab.c asks. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/pack.h"
#include "load/load.h"
#include "run/confine.h"
#include "run/lab_impl.h"
#include "run/rows.h"
#include "run/wire.h"
#include "run/worker.h"

enum { SOCKET = 3, HUGE_BYTES = 200 * 1000 };

typedef struct child {
    const th_lab_options *options;
    th_wire wire;
    th_units *units;
    th_gazetteer *gazetteer;
    th_loader *loader;
    th_host *host;
    th_prompt *prompt;
    th_arena *arena; /* of the current article */
    const th_article *article;
    th_str reply;
} child;

/* ---- talking ---- */

static bool put(child *c, th_message_type type, const th_str *payload)
{
    return th_str_ok(payload) && th_wire_put(&c->wire, type, th_str_text(payload), payload->len, -1) && th_wire_flush(&c->wire, true);
}

static void send_log(void *ctx, th_log_level level, const char *line)
{
    child *c = ctx;
    th_str text = {0};

    th_pack_u32(&text, level);
    th_pack_cstr(&text, line);
    put(c, TH_MSG_LOG, &text);
    th_str_free(&text);
}

/* How one try went, for the parent to tell. */
static void tell(void *ctx, const char *name, const char *message)
{
    child *c = ctx;
    th_str text = {0};

    th_pack_cstr(&text, name);
    th_pack_cstr(&text, message);
    put(c, TH_MSG_RESULT, &text);
    th_str_free(&text);
}

/* ---- coming up ---- */

static th_status open_all(child *c, th_error *err)
{
    const th_assets *a = c->options->assets;
    th_status status;

    if ((status = th_assets_units(a, &c->units, err)) == TH_OK &&
        (status = th_gazetteer_load(&c->gazetteer, a->divisions.path, a->divisions.bytes, a->divisions.len, a->zones.path,
                                    a->zones.bytes, a->zones.len, err)) == TH_OK &&
        (status = th_loader_open(&c->loader, a->chrome.path, a->chrome.bytes, a->chrome.len, c->gazetteer, err)) == TH_OK)
        status = th_host_open(&c->host, &a->bundle, c->units, c->gazetteer, &c->options->limits, err);
    c->arena = th_arena_new();
    return status == TH_OK && !c->arena ? th_error_set(err, TH_ERR_NOMEM, "out of memory") : status;
}

static th_status confine(child *c, th_error *err)
{
    const th_assets *a = c->options->assets;
    th_confinement walls = th_worker_confinement((a->bundle.plugin_count + 1) * c->options->limits.memory);
    th_walls state;

    th_confine_prepare();
    th_confine(&walls, &state);
    return a->sandbox_config ? th_walls_require(&state, a->sandbox_config, err) : TH_OK;
}

/* Plugins that do not load are told of in `faults`. */
static th_status load(child *c, th_str *faults, th_error *err)
{
    th_prompt_options options = {.path = c->options->path,
                                 .dir = c->options->dir,
                                 .loader = c->loader,
                                 .fixtures = c->options->fixtures,
                                 .fixture_count = c->options->fixture_count,
                                 .update = c->options->update};

    for (size_t i = 0; i < c->options->assets->bundle.plugin_count; i++) {
        th_error fault = {0};
        if (th_host_load(c->host, i, &fault) != TH_OK)
            th_str_addf(faults, "%s%s", faults->len ? "\n" : "", fault.text);
    }
    th_status status = th_host_ready(c->host, err);
    return status == TH_OK ? th_prompt_new(&c->prompt, c->host, &options, err) : status;
}

static bool hello(child *c)
{
    th_error err = {0};
    th_str faults = {0}, message = {0};
    th_status status = open_all(c, &err);

    if (status == TH_OK && (status = confine(c, &err)) == TH_OK)
        status = load(c, &faults, &err);
    th_pack_u32(&message, status);
    th_pack_cstr(&message, status == TH_OK ? th_str_text(&faults) : err.text);
    bool ok = put(c, TH_MSG_HELLO, &message) && status == TH_OK;
    th_str_free(&faults);
    th_str_free(&message);
    return ok;
}

/* ---- articles ---- */

static th_status set_article(child *c, th_article *article, th_error *err)
{
    c->article = article;
    return th_prompt_article(c->prompt, article, c->arena, NULL, err);
}

static th_status take_article(child *c, th_unpack *in, th_error *err)
{
    th_article *article;
    size_t len;
    int64_t id = (int64_t)th_unpack_u64(in);
    const char *bytes = th_unpack_text(in, &len);

    th_arena_reset(c->arena);
    th_status status = th_article_read(&article, c->arena, bytes, len, err);
    if (status != TH_OK)
        return status;
    article->id = id;
    return set_article(c, article, err);
}

static th_status make_article(child *c, const char *text, size_t len, const char *title, const char *date, th_error *err)
{
    th_article *article;

    th_arena_reset(c->arena);
    th_status status = th_load_plain(&article, c->arena, text, len, title, date, err);
    return status == TH_OK ? set_article(c, article, err) : status;
}

static th_status run_plugin(child *c, th_unpack *in, th_error *err)
{
    const char *name = th_unpack_cstr(in);
    size_t width = (size_t)th_unpack_u64(in);
    bool json = th_unpack_u32(in) != 0;
    th_records own = {0};
    th_str rows = {0};
    double cpu_s = 0;

    if (!c->article)
        return th_error_set(err, TH_ERR_USAGE, "there is no article to run %s on", name ? name : "it");
    th_status status = th_host_run_with_needs(c->host, name ? name : "", &cpu_s, err);
    const th_records *all = th_prompt_records(c->prompt);
    for (size_t p = 0; status == TH_OK && p < c->options->assets->bundle.plugin_count; p++) {
        const th_manifest *m = th_host_manifest(c->host, p);
        for (size_t k = 0; m && strcmp(m->name, name) == 0 && k < m->schema_count; k++)
            for (size_t i = 0; i < all->count; i++)
                if (strcmp(all->items[i].schema->kind, m->schemas[k].kind) == 0 && !th_records_add(&own, c->arena, all->items[i]))
                    status = th_error_set(err, TH_ERR_NOMEM, "out of memory");
    }
    if (status == TH_OK && !th_rows_print(&own, c->article, width, json, &rows))
        status = th_error_set(err, TH_ERR_NOMEM, "out of memory");
    th_pack_f64(&c->reply, cpu_s);
    th_pack_text(&c->reply, th_str_text(&rows), rows.len);
    th_str_free(&rows);
    return status;
}

/* ---- what every plugin must bear ---- */

static const char usual[] =
    "港城发布人才新政\n"
    "2023年，港城市引进高层次人才1200人，同比增长15.6%，发放人才补贴3.5亿元，惠及企业880家。\n"
    "“港湾英才”计划实施以来，累计建成人才公寓2400套，面积超12万平方米，连续三年居全省第一。\n"
    "今年计划培训技能人才5000人次，新建博士后工作站6个，给予每人每月1500元至3000元的租房补贴。\n";

/* The same with what a loader leaves of bytes that were no text. */
static const char damaged[] = "港城发布人\xEF\xBF\xBD新政\n"
                              "2023年，港城市引进高\xEF\xBF\xBD次人才12\xEF\xBF\xBD" "0人，补贴\xEF\xBF\xBD\xEF\xBF\xBD亿元。\n"
                              "\xEF\xBF\xBD\n"
                              "建成人才公寓2400\xEF\xBF\xBD，“港湾英才计划。\n";

/* An article without a single character: a page whose every line was dropped. */
static th_status make_empty(child *c, th_error *err)
{
    th_arena_reset(c->arena);
    th_article *article = th_arena_zalloc(c->arena, 1, sizeof *article);
    if (!article)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    *article = (th_article){.path = "empty", .format = "text", .title = "", .lang = "zh", .text = "", .date = "2024-05-01"};
    th_status status = th_article_split(article, c->arena, err);
    if (status == TH_OK && (status = th_article_seal(article, err)) == TH_OK)
        status = set_article(c, article, err);
    return status;
}

static th_status try_text(child *c, const char *name, const char *text, size_t len, th_str *rows, th_error *err)
{
    th_status status = len ? make_article(c, text, len, NULL, "2024-05-01", err) : make_empty(c, err);

    if (status == TH_OK)
        status = th_host_run_with_needs(c->host, name, NULL, err);
    if (status == TH_OK && rows)
        th_records_write(th_prompt_records(c->prompt), rows);
    return status;
}

static void try_one(child *c, const char *name, const char *what, const char *text, size_t len)
{
    th_error err = {0};
    char title[200];

    snprintf(title, sizeof title, "%s: %s", name, what);
    tell(c, title, try_text(c, name, text, len, NULL, &err) == TH_OK ? NULL : err.text);
}

static void try_twice(child *c, const char *name)
{
    th_error err = {0};
    th_str first = {0}, second = {0};
    char title[200];
    const char *message = NULL;

    snprintf(title, sizeof title, "%s: twice the same", name);
    if (try_text(c, name, usual, strlen(usual), &first, &err) != TH_OK || try_text(c, name, usual, strlen(usual), &second, &err) != TH_OK)
        message = err.text;
    else if (first.len != second.len || memcmp(th_str_text(&first), th_str_text(&second), first.len) != 0)
        message = "the second run over the same article recorded other rows; keep nothing between articles, and do not depend on the order of pairs()";
    tell(c, title, message);
    th_str_free(&first);
    th_str_free(&second);
}

static th_status check_plugin(child *c, const char *name, th_error *err)
{
    th_str huge = {0};

    if (!name)
        return th_error_set(err, TH_ERR_USAGE, "no plugin to check");
    while (huge.len < HUGE_BYTES && th_str_ok(&huge))
        th_str_puts(&huge, usual);
    if (!th_str_ok(&huge))
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    try_one(c, name, "an empty article", "", 0);
    try_one(c, name, "damaged text", damaged, strlen(damaged));
    try_twice(c, name);
    try_one(c, name, "a huge article", huge.data, huge.len);
    th_str_free(&huge);
    return TH_OK;
}

/* ---- serving ---- */

static void pack_golden(child *c)
{
    const char *name;
    const th_str *rows;
    uint32_t count = 0;

    while (th_prompt_golden(c->prompt, count, &name, &rows))
        count++;
    th_pack_u32(&c->reply, count);
    for (uint32_t i = 0; i < count; i++) {
        th_prompt_golden(c->prompt, i, &name, &rows);
        th_pack_cstr(&c->reply, name);
        th_pack_text(&c->reply, th_str_text(rows), rows->len);
    }
}

/* Code that runs; its answer tells besides what it printed. */
static th_status eval(child *c, th_unpack *in, th_error *err)
{
    size_t len;
    const char *code = th_unpack_text(in, &len);
    th_str printed = {0};
    bool more = false;
    th_status status = th_prompt_eval(c->prompt, code, len, &printed, &more, err);

    th_pack_u32(&c->reply, more);
    th_pack_text(&c->reply, th_str_text(&printed), printed.len);
    th_str_free(&printed);
    return status;
}

static th_status serve(child *c, th_unpack *in, th_error *err)
{
    th_str found = {0};
    size_t len;
    const char *text, *title;

    switch (th_unpack_u32(in)) {
    case LAB_ARTICLE:
        return take_article(c, in, err);
    case LAB_TEXT:
        text = th_unpack_text(in, &len);
        title = th_unpack_cstr(in);
        return make_article(c, text, len, title, th_unpack_cstr(in), err);
    case LAB_EVAL:
        return eval(c, in, err);
    case LAB_COMPLETE:
        text = th_unpack_cstr(in);
        th_prompt_complete(c->prompt, text ? text : "", &found);
        th_pack_cstr(&c->reply, th_str_text(&found));
        th_str_free(&found);
        return TH_OK;
    case LAB_RUN:
        return run_plugin(c, in, err);
    case LAB_TESTS:
        return th_prompt_tests(c->prompt, c->options->code, c->options->code_len, tell, c, err);
    case LAB_CHECK:
        return check_plugin(c, th_unpack_cstr(in), err);
    case LAB_GOLDEN:
        pack_golden(c);
        return TH_OK;
    default:
        return th_error_set(err, TH_ERR_USAGE, "lab: a question it does not know");
    }
}

static bool reply(child *c, const th_message *m)
{
    th_error err = {0};
    th_unpack in = {m->bytes, m->bytes + m->len, false};
    th_str message = {0};

    th_str_clear(&c->reply);
    th_status status = serve(c, &in, &err);
    th_pack_u32(&message, status);
    th_pack_cstr(&message, status == TH_OK ? NULL : err.text);
    th_str_add(&message, th_str_text(&c->reply), c->reply.len);
    bool ok = put(c, TH_MSG_DONE, &message);
    th_str_free(&message);
    return ok;
}

_Noreturn void th_lab_child(const th_lab_options *options, int fd)
{
    child c = {.options = options};
    th_message m;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_IGN); /* Ctrl-C is the parent's business */
    signal(SIGPIPE, SIG_IGN);
    dup2(fd, SOCKET);
    closefrom(SOCKET + 1);
    th_wire_init(&c.wire, SOCKET);
    th_log_set_sink(send_log, &c);
    bool going = hello(&c);
    while (going && th_wire_get(&c.wire, &m, true) > 0)
        going = reply(&c, &m);
    th_log_set_sink(NULL, NULL);
    th_prompt_free(c.prompt);
    th_host_close(c.host);
    th_loader_free(c.loader);
    th_gazetteer_free(c.gazetteer);
    th_units_free(c.units);
    th_arena_free(c.arena);
    th_str_free(&c.reply);
    _exit(0);
}
