/* script.c - scripts: host.script(), typed arguments, the run over the corpus; see host.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "config.h"
#include "host/functions.h"
#include "host/internal.h"

#define SCRIPT_KEY "talenthost.script" /* the script's table in the registry */
#define DOCS_KEY "talenthost.argdocs"  /* what is said of them */
#define ARGS_KEY "talenthost.args"     /* its arguments, by name */

static const char *const keys[] = {"name", "summary", "needs", "args"};
enum { KEY_COUNT = sizeof keys / sizeof *keys };

/* ---- host.script() ---- */

static void check_keys(lua_State *L)
{
    lua_pushnil(L);
    while (lua_next(L, 1) != 0) {
        size_t i = 0;
        lua_pop(L, 1);
        const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
        while (i < KEY_COUNT && strcmp(keys[i], key) != 0)
            i++;
        if (i == KEY_COUNT)
            th_usage(L, "host.script: unknown key \"%s\"%s; a script has name, summary, needs, args", key,
                     th_suggest(L, key, keys, KEY_COUNT));
    }
}

static void read_needs(lua_State *L, th_script *s)
{
    int type = lua_getfield(L, 1, "needs");
    size_t count = type == LUA_TTABLE ? lua_rawlen(L, -1) : 0;

    if (type != LUA_TNIL && type != LUA_TTABLE)
        th_usage(L, "host.script: needs: expected a list of plugin names, got %s", th_describe(L, -1));
    s->needs = th_arena_zalloc(s->vm.arena, count + 1, sizeof *s->needs);
    for (size_t i = 0; i < count; i++) {
        size_t len;
        if (lua_rawgeti(L, -1, (lua_Integer)i + 1) != LUA_TSTRING)
            th_usage(L, "host.script: needs: expected a plugin name, got %s", th_describe(L, -1));
        const char *name = lua_tolstring(L, -1, &len);
        if (!s->needs || !(s->needs[i] = th_arena_copy(s->vm.arena, name, len)))
            luaL_error(L, "not enough memory");
        s->need_count++;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* Replace { default = …, doc = "…" } on the top by its default, and note the words in the table at `docs` under the name below. */
static void unfold_argument(lua_State *L, int docs)
{
    static const char *const known[] = {"default", "doc"};
    int entry = lua_gettop(L);
    const char *name = lua_tostring(L, entry - 1);

    lua_pushnil(L);
    for (; lua_next(L, entry) != 0; lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        if (strcmp(key, "default") != 0 && strcmp(key, "doc") != 0)
            th_usage(L, "host.script: args.%s: unknown key \"%s\"%s; use default and doc", name, key, th_suggest(L, key, known, 2));
    }
    int type = lua_getfield(L, entry, "doc");
    if (type != LUA_TNIL && type != LUA_TSTRING)
        th_usage(L, "host.script: args.%s.doc: expected text, got %s", name, th_describe(L, -1));
    lua_setfield(L, docs, name);
    lua_getfield(L, entry, "default");
    lua_replace(L, entry);
}

/* Defaults go to one table of the registry, what is said of them to another. */
static void read_args(lua_State *L)
{
    int type = lua_getfield(L, 1, "args"), given = lua_gettop(L);

    if (type != LUA_TNIL && type != LUA_TTABLE)
        th_usage(L, "host.script: args: expected { name = default }, got %s", th_describe(L, given));
    lua_newtable(L);
    lua_newtable(L); /* given args docs */
    int args = given + 1, docs = given + 2;
    lua_pushnil(L);
    for (; type == LUA_TTABLE && lua_next(L, given) != 0; lua_settop(L, docs + 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            th_usage(L, "host.script: args: unexpected %s; arguments are written name = default", th_describe(L, -2));
        if (lua_type(L, -1) == LUA_TTABLE)
            unfold_argument(L, docs);
        int value = lua_type(L, -1);
        if (value != LUA_TSTRING && value != LUA_TNUMBER && value != LUA_TBOOLEAN)
            th_usage(L, "host.script: args.%s: a default is a number, a text or a boolean, got %s", lua_tostring(L, -2),
                     th_describe(L, -1));
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, args);
    }
    lua_settop(L, docs);
    lua_setfield(L, LUA_REGISTRYINDEX, DOCS_KEY);
    lua_setfield(L, LUA_REGISTRYINDEX, ARGS_KEY);
    lua_pop(L, 1);
}

static int set_run(lua_State *L)
{
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";

    if (strcmp(name, "run") != 0)
        return th_usage(L, "a script has no function %s; keep your own functions in locals", th_describe(L, 2));
    if (lua_type(L, 3) != LUA_TFUNCTION)
        return th_usage(L, "script.run: expected a function, got %s", th_describe(L, 3));
    lua_rawset(L, 1);
    return 0;
}

/* host.script { name, summary, needs, args } -> script */
int th_host_script(lua_State *L)
{
    th_vm *vm = th_vm_of(L);

    if (!vm->script)
        return th_usage(L, "host.script: this is a plugin; use host.plugin");
    if (vm->phase != TH_PHASE_LOAD || vm->script->has_manifest)
        return th_usage(L, "host.script: call it once, at the top of the script");
    lua_settop(L, 1);
    check_keys(L);
    if (lua_getfield(L, 1, "summary") == LUA_TSTRING) {
        size_t len;
        const char *text = lua_tolstring(L, -1, &len);
        vm->script->summary = th_arena_copy(vm->arena, text, len);
    }
    lua_settop(L, 1);
    read_needs(L, vm->script);
    read_args(L);
    vm->script->has_manifest = true;
    lua_newtable(L); /* script */
    lua_newtable(L); /* script mt */
    lua_pushcfunction(L, set_run);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, SCRIPT_KEY);
    return 1;
}

/* ---- arguments ---- */

/* Push `text` with the type of the default on the top of the stack; false when it does not fit. */
static bool push_typed(lua_State *L, const char *text)
{
    switch (lua_type(L, -1)) {
    case LUA_TBOOLEAN:
        if (strcmp(text, "true") == 0 || strcmp(text, "yes") == 0)
            lua_pushboolean(L, 1);
        else if (strcmp(text, "false") == 0 || strcmp(text, "no") == 0)
            lua_pushboolean(L, 0);
        else
            return false;
        return true;
    case LUA_TNUMBER: {
        bool whole = lua_isinteger(L, -1);
        if (lua_stringtonumber(L, text) == 0)
            return false;
        return !whole || lua_isinteger(L, -1);
    }
    default:
        lua_pushstring(L, text);
        return true;
    }
}

static const char *wanted_type(lua_State *L)
{
    return lua_isboolean(L, -1) ? "true or false" : lua_isinteger(L, -1) ? "a whole number" : "a number";
}

/* The names of the arguments, for the message about one that is unknown. */
static void list_args(lua_State *L, int args, th_str *out)
{
    lua_pushnil(L);
    for (; lua_next(L, args) != 0; lua_pop(L, 1))
        th_str_addf(out, "%s%s", out->len ? ", " : "", lua_tostring(L, -2));
}

/* Lay "name=value" over the defaults. */
static void set_argument(lua_State *L, int args, th_script *s, const char *given)
{
    const char *equals = strchr(given, '=');

    if (!equals)
        th_usage_at(L, lua_pushfstring(L, "%s:1: argument \"%s\": expected name=value", s->options->path, given));
    lua_pushlstring(L, given, (size_t)(equals - given)); /* name */
    lua_pushvalue(L, -1);
    if (lua_rawget(L, args) == LUA_TNIL) { /* name default */
        th_str_clear(&s->vm.buffer);
        list_args(L, args, &s->vm.buffer);
        lua_pushfstring(L, "%s:1: unknown argument \"%s\"; it takes %s", s->options->path, lua_tostring(L, -2),
                        s->vm.buffer.len ? th_str_text(&s->vm.buffer) : "none");
        th_usage_at(L, lua_tostring(L, -1));
    }
    if (!push_typed(L, equals + 1)) {
        lua_settop(L, args + 2);
        lua_pushfstring(L, "%s:1: argument %s: expected %s, got \"%s\"", s->options->path, lua_tostring(L, -2),
                        wanted_type(L), equals + 1);
        th_usage_at(L, lua_tostring(L, -1));
    }
    lua_remove(L, -2); /* name value */
    lua_rawset(L, args);
}

/* ---- running ---- */

/* Runs the chunk (argument 1), which must return what host.script() gave. */
static int run_chunk(lua_State *L)
{
    th_script *s = th_vm_of(L)->script;

    lua_getfield(L, LUA_REGISTRYINDEX, TH_SEED_KEY);
    lua_pushinteger(L, 0); /* the same corpus gives the same tables */
    lua_call(L, 1, 0);
    lua_call(L, 0, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, SCRIPT_KEY);
    if (!s->has_manifest || !lua_rawequal(L, -1, -2))
        return th_usage_at(L, lua_pushfstring(L, "%s:1: no script here; begin with local script = host.script { … } and end "
                                                 "with return script", s->options->path));
    return 0;
}

/* Calls script.run(corpus, args). */
static int run_script(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    th_script *s = vm->script;

    lua_getfield(L, LUA_REGISTRYINDEX, ARGS_KEY);
    int args = lua_gettop(L);
    for (size_t i = 0; i < s->options->arg_count; i++)
        set_argument(L, args, s, s->options->args[i]);
    lua_getfield(L, LUA_REGISTRYINDEX, SCRIPT_KEY); /* args script */
    lua_pushliteral(L, "run");
    if (lua_rawget(L, -2) != LUA_TFUNCTION)
        return th_usage_at(L, lua_pushfstring(L, "%s:1: no function script.run(corpus, args)", s->options->path));
    th_handle_new(L, vm, TH_CLASS_CORPUS); /* args script run corpus */
    lua_pushvalue(L, args);
    lua_call(L, 2, 0);
    return 0;
}

static th_status open_script(th_script *s, const th_script_options *options, th_arena *arena,
                             const th_gazetteer *gazetteer, th_error *err)
{
    th_str dir = {0};
    th_status status;

    th_path_dir(&dir, options->path);
    const char *copy = th_arena_copy(arena, th_str_text(&dir), dir.len);
    th_str_free(&dir);
    *s = (th_script){.options = options,
                     .vm = {.path = options->path,
                            .dir = copy,
                            .name = th_path_base(options->path),
                            .arena = arena,
                            .script = s,
                            .gazetteer = gazetteer,
                            .phase = TH_PHASE_LOAD}};
    if (!copy)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", options->path);
    if ((status = th_vm_open(&s->vm, err)) != TH_OK)
        return status;
    lua_pushcfunction(s->vm.L, run_chunk);
    if ((status = th_vm_load(&s->vm, options->path, options->bytes, options->len, err)) == TH_OK)
        status = th_vm_call(&s->vm, 1, 0, 0, NULL, err);
    s->vm.phase = TH_PHASE_SCRIPT;
    return status;
}

static void close_script(th_script *s)
{
    th_vm_close(&s->vm);
    th_lexicons_free(&s->vm);
}

th_status th_script_needs(const th_script_options *options, th_arena *arena, const char ***needs, size_t *count,
                          th_error *err)
{
    th_script s;
    th_status status = open_script(&s, options, arena, NULL, err);

    *needs = s.needs;
    *count = s.need_count;
    close_script(&s);
    return status;
}

/* Write one line for every argument, by name: "  top=12   groups to show". */
static int write_arguments(lua_State *L)
{
    th_str *out = lua_touserdata(L, 1);

    lua_getfield(L, LUA_REGISTRYINDEX, DOCS_KEY);
    lua_getfield(L, LUA_REGISTRYINDEX, ARGS_KEY); /* out docs args */
    lua_getglobal(L, "host");
    lua_getfield(L, -1, "keys");
    lua_pushvalue(L, 3);
    lua_call(L, 1, 1); /* … host names */
    int names = lua_gettop(L);
    for (lua_Integer i = 1; lua_rawgeti(L, names, i) == LUA_TSTRING; i++, lua_settop(L, names)) {
        char left[120];
        const char *name = lua_tostring(L, -1);
        lua_getfield(L, 3, name);
        snprintf(left, sizeof left, "%s=%s", name, luaL_tolstring(L, -1, NULL));
        lua_getfield(L, 2, name);
        th_str_addf(out, "  %-20s  %s\n", left, lua_isnil(L, -1) ? "" : lua_tostring(L, -1));
    }
    return 0;
}

th_status th_script_describe(const th_script_options *options, th_str *out, th_error *err)
{
    th_script s;
    th_status status;
    th_arena *arena = th_arena_new();

    if (!arena)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", options->path);
    if ((status = open_script(&s, options, arena, NULL, err)) == TH_OK) {
        th_str_addf(out, "usage: talenthost run %s [NAME=VALUE…]\n", th_path_base(options->path));
        if (s.summary)
            th_str_addf(out, "\n%s\n", s.summary);
        th_str_puts(out, "\nArguments and their defaults:\n");
        size_t before = out->len;
        lua_pushcfunction(s.vm.L, write_arguments);
        lua_pushlightuserdata(s.vm.L, out);
        status = th_vm_call(&s.vm, 1, 0, 0, NULL, err);
        if (out->len == before)
            th_str_puts(out, "  it takes none\n");
        for (size_t i = 0; i < s.need_count; i++)
            th_str_addf(out, "%s%s%s", i ? ", " : "\nNeeds the plugins ", s.needs[i], i + 1 == s.need_count ? "\n" : "");
    }
    close_script(&s);
    th_arena_free(arena);
    return status;
}

th_status th_script_run(const th_script_options *options, th_store *store, const th_gazetteer *gazetteer, th_error *err)
{
    th_script s;
    th_status status;
    th_arena *arena = th_arena_new();

    if (!arena)
        return th_error_set(err, TH_ERR_NOMEM, "%s: out of memory", options->path);
    status = open_script(&s, options, arena, gazetteer, err);
    if (status == TH_OK) {
        s.store = store;
        lua_pushcfunction(s.vm.L, run_script);
        status = th_vm_call(&s.vm, 0, 0, 0, NULL, err);
    }
    close_script(&s);
    th_arena_free(arena);
    return status;
}
