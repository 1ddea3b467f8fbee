/* host.c - see host.h: loads plugins, runs them on articles. */
#include "host/host.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "host/internal.h"

th_status th_host_open(th_host **out, const th_bundle *bundle, const th_units *units, const th_gazetteer *gazetteer,
                       const th_limits *limits, th_error *err)
{
    th_host *host = calloc(1, sizeof *host);
    th_status status = TH_ERR_NOMEM;

    *out = NULL;
    if (!host)
        goto done;
    host->bundle = bundle;
    host->units = units;
    host->gazetteer = gazetteer;
    host->limits = *limits;
    host->serial = 2;
    host->arena = th_arena_new();
    host->lexset = th_lexset_new();
    host->plugins = calloc(bundle->plugin_count ? bundle->plugin_count : 1, sizeof *host->plugins);
    host->allowed = calloc(bundle->plugin_count ? bundle->plugin_count : 1, sizeof *host->allowed);
    if (!host->arena || !host->lexset || !host->plugins || !host->allowed)
        goto done;
    for (size_t i = 0; i < bundle->plugin_count; i++)
        host->allowed[i] = *limits;
    *out = host;
    host = NULL; /* the caller's now */
    status = TH_OK;
done:
    th_host_close(host);
    return status == TH_OK ? TH_OK : th_error_set(err, status, "out of memory for the plugin host");
}

void th_host_close(th_host *host)
{
    if (!host)
        return;
    for (size_t i = 0; host->plugins && i < host->bundle->plugin_count; i++) {
        th_vm_close(&host->plugins[i].vm);
        th_lexicons_free(&host->plugins[i].vm);
    }
    free(host->plugins);
    free(host->allowed);
    th_lexset_free(host->lexset);
    th_arena_free(host->arena);
    th_str_free(&host->trace);
    free(host);
}

static void keep_trace(th_host *host, const th_vm *vm)
{
    th_str_clear(&host->trace);
    th_str_add(&host->trace, th_str_text(&vm->trace), vm->trace.len);
}

/* ---- loading ---- */

static void seed(lua_State *L, th_plugin *p, const char *text)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, p->seed_ref);
    lua_pushinteger(L, (lua_Integer)th_hash_64(text, strlen(text)));
    lua_call(L, 1, 0);
}

static int bad_plugin(lua_State *L, const char *path, const char *what, const char *name)
{
    return th_usage_at(L, lua_pushfstring(L, "%s:1: %s%s", path, what, name));
}

/* Runs the chunk (argument 1), which must return what host.plugin() gave, with the function `article`. */
static int run_chunk(lua_State *L)
{
    th_plugin *p = th_vm_of(L)->plugin;
    const char *path = p->source->path;

    lua_getfield(L, LUA_REGISTRYINDEX, TH_SEED_KEY);
    p->seed_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    seed(L, p, p->source->name);
    lua_call(L, 0, 1); /* result */
    if (!p->has_manifest)
        return bad_plugin(L, path, "no plugin here; begin with: local plugin = host.plugin { name = …, version = … }, "
                                   "name as the file: ", p->source->name);
    lua_getfield(L, LUA_REGISTRYINDEX, "talenthost.plugin"); /* result plugin */
    if (!lua_rawequal(L, -1, -2))
        return bad_plugin(L, path, "the file must end with: return plugin", "");
    lua_pushliteral(L, "article");
    if (lua_rawget(L, -2) != LUA_TFUNCTION) /* result plugin article */
        return bad_plugin(L, path, "no function plugin.article(a)", "");
    p->article_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

/* Make the plugin's state and run its chunk. */
static th_status start(th_host *host, th_plugin *p, th_error *err)
{
    th_vm *vm = &p->vm;
    th_status status;

    vm->phase = TH_PHASE_LOAD;
    if ((status = th_vm_open(vm, err)) != TH_OK)
        return status;
    lua_pushcfunction(vm->L, run_chunk);
    if ((status = th_vm_load(vm, p->source->path, p->source->bytes, p->source->len, err)) == TH_OK)
        status = th_vm_call(vm, 1, 0, p->manifest.limits.cpu_s, NULL, err);
    keep_trace(host, vm);
    lua_settop(vm->L, 0);
    vm->phase = TH_PHASE_ARTICLE;
    return status;
}

void th_host_allow(th_host *host, size_t index, const th_limits *limits)
{
    host->allowed[index] = *limits;
}

th_status th_host_load(th_host *host, size_t index, th_error *err)
{
    th_plugin *p = &host->plugins[index];
    const th_source *source = &host->bundle->plugins[index];

    if (p->loaded)
        return TH_OK;
    if (host->ready)
        return th_error_set(err, TH_ERR_USAGE, "%s: loaded after the lexicons were compiled", source->path);
    th_vm_close(&p->vm);
    th_lexicons_free(&p->vm);
    *p = (th_plugin){.source = source,
                     .manifest.limits = host->allowed[index],
                     .vm = {.cap = host->allowed[index].memory,
                            .path = source->path,
                            .dir = source->dir,
                            .name = source->name,
                            .arena = host->arena,
                            .host = host,
                            .plugin = p,
                            .gazetteer = host->gazetteer,
                            .units = host->units}};
    th_status status = start(host, p, err);
    p->loaded = status == TH_OK;
    if (!p->loaded)
        th_vm_close(&p->vm);
    return status;
}

const th_manifest *th_host_manifest(const th_host *host, size_t index)
{
    return host->plugins[index].loaded ? &host->plugins[index].manifest : NULL;
}

th_status th_host_ready(th_host *host, th_error *err)
{
    th_status status = th_lexset_compile(host->lexset, err);

    host->ready = status == TH_OK;
    return status;
}

/* ---- running ---- */

static void forget_article(th_host *host)
{
    host->hits = NULL;
    host->has_quantities = host->has_places = false;
    host->indexes = NULL;
    host->index_count = host->index_cap = 0;
    host->records_version++;
}

void th_host_begin(th_host *host, const th_article *article, th_arena *arena, th_records *given)
{
    forget_article(host);
    host->serial += 2;
    if (host->serial < 4)
        host->serial = 4; /* 0 marks handles that do not expire */
    host->article = article;
    host->article_arena = arena;
    host->records = given;
}

void th_host_end(th_host *host)
{
    forget_article(host);
    host->serial++;
    host->article = NULL;
    host->article_arena = NULL;
    host->records = NULL;
}

/* After memory ran out the state is not to be trusted: a new one runs the chunk again. */
static void renew(th_host *host, th_plugin *p)
{
    th_error ignored = {0};
    th_str trace = host->trace;

    host->trace = (th_str){0};
    th_vm_close(&p->vm);
    p->renewing = true;
    p->renewed_lexicons = 0;
    if (start(host, p, &ignored) != TH_OK)
        th_vm_close(&p->vm);
    th_str_free(&host->trace);
    host->trace = trace;
}

static int push_call(lua_State *L)
{
    th_vm *vm = th_vm_of(L);

    seed(L, vm->plugin, vm->host->article->hash);
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->plugin->article_ref);
    th_push_article(L, vm);
    lua_call(L, 1, 0);
    return 0;
}

th_status th_host_run(th_host *host, size_t index, double *cpu_s, th_error *err)
{
    th_plugin *p = &host->plugins[index];
    size_t mark = host->records ? host->records->count : 0;

    if (cpu_s)
        *cpu_s = 0;
    host->use = (th_run_use){0};
    th_str_clear(&host->trace);
    if (!host->article)
        return th_error_set(err, TH_ERR_USAGE, "no article to run plugin %s on", host->bundle->plugins[index].name);
    if (!p->loaded || !p->vm.L)
        return th_error_set(err, TH_ERR_USAGE, "%s: the plugin is not loaded", host->bundle->plugins[index].path);
    host->run_count = 0;
    lua_pushcfunction(p->vm.L, push_call);
    th_status status = th_vm_call(&p->vm, 0, 0, p->manifest.limits.cpu_s, &host->use.cpu_s, err);
    host->use = (th_run_use){host->use.cpu_s, p->vm.peak, host->run_count, p->vm.output, p->vm.seen_start, p->vm.seen_stop};
    if (cpu_s)
        *cpu_s = host->use.cpu_s;
    host->records_version++;
    if (p->vm.lines > TH_LOG_MOST)
        th_log(TH_LOG_WARN, "%s: %zu more lines of the log are left out [%s]", p->vm.path, p->vm.lines - TH_LOG_MOST, host->article->path);
    if (status == TH_OK)
        return TH_OK;
    host->records->count = mark;
    keep_trace(host, &p->vm);
    if (status == TH_ERR_LIMIT_MEMORY)
        renew(host, p);
    return status;
}

void th_host_sample(void (*fn)(void *ctx, const char *stack, size_t len), void *ctx)
{
    th_vm_sample(fn, ctx);
}

const th_run_use *th_host_use(const th_host *host)
{
    return &host->use;
}

const char *th_host_trace(const th_host *host)
{
    return th_str_text(&host->trace);
}
