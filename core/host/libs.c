/* libs.c - the part of Lua's standard library a plugin may use. What could outlive a limit, load code or leave the
 * process is left out or wrapped; every wrapper says why. */
#include <lua.h>
#include <lualib.h>
#include <string.h>

#include "config.h"
#include "host/internal.h"

/* ---- errors that can not be caught ---- */

static int finish_pcall(lua_State *L, int status, lua_KContext extra)
{
    if (status == LUA_OK || status == LUA_YIELD)
        return lua_gettop(L) - (int)extra;
    if (th_vm_must_rethrow(L, status))
        return lua_error(L);
    lua_pushboolean(L, 0);
    lua_pushvalue(L, -2);
    return 2;
}

/* As Lua's, but a limit goes through. */
static int safe_pcall(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    return finish_pcall(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_pcall), 0);
}

/* A handler runs with hooks off when a hook raised: after the limit it must not run at all. */
static int guarded_handler(lua_State *L)
{
    th_vm *vm = th_vm_of(L);

    lua_settop(L, 1);
    if (vm->expired || vm->fatal != TH_OK)
        return 1;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static int safe_xpcall(lua_State *L)
{
    int n = lua_gettop(L);

    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, guarded_handler, 1);
    lua_replace(L, 2);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2);
    return finish_pcall(L, lua_pcallk(L, n - 2, LUA_MULTRET, 2, 2, finish_pcall), 2);
}

/* ---- coroutines: the host must know which one runs ---- */

static lua_State *check_thread(lua_State *L)
{
    lua_State *co = lua_tothread(L, 1);

    luaL_argexpected(L, co, 1, "coroutine");
    return co;
}

static int failed_resume(lua_State *L, const char *message)
{
    lua_pushstring(L, message);
    return -1;
}

/* Number of results on L, or -1 with the error on L. */
static int resume(lua_State *L, lua_State *co, int nargs)
{
    th_vm *vm = th_vm_of(L);
    int nresults = 0;

    if (!lua_checkstack(co, nargs))
        return failed_resume(L, "too many arguments to resume");
    lua_xmove(L, co, nargs);
    vm->running = co;
    int status = lua_resume(co, L, nargs, &nresults);
    vm->running = L;
    if (status == LUA_OK || status == LUA_YIELD) {
        if (vm->expired)
            th_vm_raise_expired(L);
        if (!lua_checkstack(L, nresults + 1)) {
            lua_pop(co, nresults);
            return failed_resume(L, "too many results to resume");
        }
        lua_xmove(co, L, nresults);
        return nresults;
    }
    lua_xmove(co, L, 1);
    if (th_vm_must_rethrow(L, status))
        lua_error(L);
    return -1;
}

static int co_resume(lua_State *L)
{
    lua_State *co = check_thread(L);
    int n = resume(L, co, lua_gettop(L) - 1);

    if (n < 0) {
        lua_pushboolean(L, 0);
        lua_insert(L, -2);
        return 2;
    }
    lua_pushboolean(L, 1);
    lua_insert(L, -(n + 1));
    return n + 1;
}

/* Close `co`, whose pending __close functions run in it. */
static int reset(lua_State *L, lua_State *co)
{
    th_vm *vm = th_vm_of(L);

    vm->running = co;
    int status = lua_resetthread(co);
    vm->running = L;
    if (vm->expired)
        th_vm_raise_expired(L);
    return status;
}

static int call_wrapped(lua_State *L)
{
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    int n = resume(L, co, lua_gettop(L));

    if (n >= 0)
        return n;
    int status = lua_status(co);
    if (status != LUA_OK && status != LUA_YIELD && reset(L, co) != LUA_OK)
        lua_xmove(co, L, 1);
    return lua_error(L);
}

static int co_wrap(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    lua_pushcclosure(L, call_wrapped, 1);
    return 1;
}

static int co_close(lua_State *L)
{
    lua_State *co = check_thread(L);
    lua_Debug ar;
    int status = lua_status(co);

    if (co == L || (status == LUA_OK && lua_getstack(co, 0, &ar)))
        return luaL_error(L, "cannot close a running coroutine");
    if (reset(L, co) == LUA_OK) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushboolean(L, 0);
    lua_xmove(co, L, 1);
    if (th_vm_must_rethrow(L, LUA_ERRRUN))
        return lua_error(L);
    return 2;
}

/* ---- base ---- */

/* __gc would run where no limit reaches: at collection and at close. */
static int safe_setmetatable(lua_State *L)
{
    int type = lua_type(L, 2);

    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
    if (type == LUA_TTABLE) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL)
            return th_usage(L, "setmetatable: __gc is not available to plugins; use a variable with <close>");
    }
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

static int count_memory(lua_State *L)
{
    const char *option = luaL_optstring(L, 1, "");

    if (strcmp(option, "count") != 0)
        return th_usage(L, "collectgarbage: only \"count\" is available");
    lua_pushnumber(L, lua_gc(L, LUA_GCCOUNT) + lua_gc(L, LUA_GCCOUNTB) / 1024.0);
    return 1;
}

static const char *read_piece(lua_State *L, void *ctx, size_t *size)
{
    (void)ctx;
    luaL_checkstack(L, 2, "too many nested functions");
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        *size = 0;
        return NULL;
    }
    if (!lua_isstring(L, -1))
        luaL_error(L, "reader function must return a string");
    lua_replace(L, 5);
    return lua_tolstring(L, 5, size);
}

/* Text only: bytecode can break the machine. A name that starts with @ would forge the place of an error. */
static int safe_load(lua_State *L)
{
    size_t len;
    const char *text = lua_tolstring(L, 1, &len);
    const char *name = luaL_optstring(L, 2, text ? text : "=(load)");
    bool has_env = !lua_isnone(L, 4);
    int status;

    lua_settop(L, 4);
    name = *name == '@' ? lua_pushfstring(L, "=%s", name + 1) : lua_pushstring(L, name);
    lua_replace(L, 2); /* keeps it alive */
    lua_pushnil(L); /* 5: the piece read last */
    if (text) {
        status = luaL_loadbufferx(L, text, len, name, "t");
    } else {
        luaL_checktype(L, 1, LUA_TFUNCTION);
        status = lua_load(L, read_piece, NULL, name, "t");
    }
    if (status != LUA_OK) {
        if (th_vm_must_rethrow(L, status))
            return lua_error(L);
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    if (has_env) {
        lua_pushvalue(L, 4);
        if (!lua_setupvalue(L, -2, 1))
            lua_pop(L, 1);
    }
    return 1;
}

/* An undeclared global is nearly always a slip. */
static int no_global(lua_State *L)
{
    const char *names[64];
    size_t count = 0;

    if (lua_type(L, 2) != LUA_TSTRING)
        return 0;
    lua_pushnil(L);
    while (lua_next(L, 1) != 0) {
        if (lua_type(L, -2) == LUA_TSTRING && count < sizeof names / sizeof *names)
            names[count++] = lua_tostring(L, -2);
        lua_pop(L, 1);
    }
    const char *name = lua_tostring(L, 2);
    return luaL_error(L, "global \"%s\" is not defined%s", name, th_suggest(L, name, names, count));
}

static int no_new_global(lua_State *L)
{
    return luaL_error(L, "global %s can not be assigned; declare it: local %s = …", th_describe_key(L, 2),
                      lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "name");
}

/* ---- texts of values ---- */

/* As luaL_tolstring(), but of what has no text of its own it says the kind and not the address: addresses differ from run to run, and
 * help who looks for a hole. */
const char *th_tolstring(lua_State *L, int index, size_t *len)
{
    int type = lua_type(L, index);

    if (type < LUA_TTABLE && type != LUA_TLIGHTUSERDATA)
        return luaL_tolstring(L, index, len);
    index = lua_absindex(L, index);
    if (luaL_getmetafield(L, index, "__tostring") != LUA_TNIL) {
        lua_pop(L, 1);
        return luaL_tolstring(L, index, len);
    }
    int name = luaL_getmetafield(L, index, "__name");
    if (name != LUA_TSTRING) {
        if (name != LUA_TNIL)
            lua_pop(L, 1);
        lua_pushstring(L, luaL_typename(L, index));
    }
    return lua_tolstring(L, -1, len);
}

static int safe_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    th_tolstring(L, 1, NULL);
    return 1;
}

/* Arguments of %s are made texts as tostring() makes them; %p would give the address. */
static int safe_format(lua_State *L)
{
    size_t len;
    const char *format = luaL_checklstring(L, 1, &len), *end = format + len;
    int arg = 1, top = lua_gettop(L);

    for (const char *at = format; at < end; at++) {
        if (*at != '%' || (at + 1 < end && *++at == '%'))
            continue;
        while (at < end && *at && strchr("-+ #0123456789.", *at))
            at++;
        if (++arg > top)
            break; /* string.format() says so */
        if (at < end && *at == 'p')
            return luaL_error(L, "format: %%p is not available: an address tells nothing");
        if (at < end && *at == 's' && lua_type(L, arg) >= LUA_TTABLE) {
            th_tolstring(L, arg, NULL);
            lua_replace(L, arg);
        }
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, top, 1);
    return 1;
}

/* ---- string and table: loops in C that no hook reaches ---- */

static int safe_rep(lua_State *L)
{
    size_t len, sep_len = 0;

    luaL_checklstring(L, 1, &len);
    lua_Integer n = luaL_checkinteger(L, 2);
    if (!lua_isnoneornil(L, 3))
        luaL_checklstring(L, 3, &sep_len);
    if (n <= 0 || len + sep_len == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    int top = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, top, 1);
    return 1;
}

static int safe_move(lua_State *L)
{
    enum { MOST = 10 * 1000 * 1000 };
    lua_Integer from = luaL_checkinteger(L, 2), to = luaL_checkinteger(L, 3);

    if (to >= from && ((lua_Unsigned)to - (lua_Unsigned)from) >= MOST)
        return luaL_error(L, "table.move: more than %d elements", MOST);
    int top = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, top, 1);
    return 1;
}

/* Replace field `name` of the table on the top by `wrapper`, which has the old one as upvalue. */
static void wrap(lua_State *L, const char *name, lua_CFunction wrapper)
{
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, wrapper, 1);
    lua_setfield(L, -2, name);
}

static void drop(lua_State *L, const char *const *names)
{
    for (; *names; names++) {
        lua_pushnil(L);
        lua_setfield(L, -2, *names);
    }
}

static void open_base(lua_State *L)
{
    static const char *const dropped[] = {"dofile", "loadfile", "warn", NULL};
    static const luaL_Reg functions[] = {
        {"pcall", safe_pcall},          {"xpcall", safe_xpcall}, {"setmetatable", safe_setmetatable},
        {"collectgarbage", count_memory}, {"load", safe_load},     {"require", th_require},
        {"tostring", safe_tostring},
        {NULL, NULL}};

    luaL_requiref(L, "_G", luaopen_base, 1); /* _G */
    drop(L, dropped);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}

/* The metatable of strings is reached by every string: locked. */
static void open_string(lua_State *L)
{
    static const char *const dropped[] = {"dump", NULL};

    luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1); /* string */
    drop(L, dropped);
    wrap(L, "rep", safe_rep);
    wrap(L, "format", safe_format);
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1); /* string "" mt */
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 3);
}

static void open_coroutine(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"resume", co_resume}, {"wrap", co_wrap}, {"close", co_close}, {NULL, NULL}};

    luaL_requiref(L, LUA_COLIBNAME, luaopen_coroutine, 1);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}

/* Random numbers come from the article, so that two runs agree: the seed is the host's to set. */
static void open_math(lua_State *L)
{
    static const char *const dropped[] = {"randomseed", NULL};

    luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
    lua_getfield(L, -1, "randomseed");
    lua_setfield(L, LUA_REGISTRYINDEX, TH_SEED_KEY);
    drop(L, dropped);
    lua_pop(L, 1);
}

void th_libs_open(lua_State *L)
{
    open_base(L);
    open_string(L);
    open_coroutine(L);
    open_math(L);
    luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
    wrap(L, "move", safe_move);
    luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 1);
    lua_pop(L, 2);
}

void th_libs_lock(lua_State *L)
{
    static const luaL_Reg guards[] = {{"__index", no_global}, {"__newindex", no_new_global}, {NULL, NULL}};

    lua_pushglobaltable(L);
    luaL_newlib(L, guards); /* _G mt */
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}
