/* class.c - objects of the API: userdata with read-only fields and methods, and checked arguments. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "host/api.h"
#include "host/internal.h"

const char *th_suggest(lua_State *L, const char *word, const char *const *names, size_t count)
{
    const char *near = th_nearest(word, names, count);

    return near ? lua_pushfstring(L, "; did you mean \"%s\"?", near) : lua_pushliteral(L, "");
}

int th_no_field(lua_State *L, const char *what, const char *key, const char *const *names, size_t count)
{
    return th_usage(L, "%s has no field \"%s\"%s", what, key, th_suggest(L, key, names, count));
}

/* "a span": __name is without the article, since Lua's own messages put one before it. */
static const char *class_name(lua_State *L, int arg)
{
    if (luaL_getmetafield(L, arg, "__name") != LUA_TSTRING)
        return "a userdata";
    const char *name = lua_tostring(L, -1);
    return lua_pushfstring(L, "%s %s", *name && strchr("aeiou", *name) ? "an" : "a", name);
}

const char *th_describe(lua_State *L, int arg)
{
    switch (lua_type(L, arg)) {
    case LUA_TNONE:
    case LUA_TNIL:
        return "nothing";
    case LUA_TSTRING: {
        const char *text = lua_tostring(L, arg);
        size_t shown = 0;
        while (text[shown] && shown < 40)
            shown++;
        while (shown > 0 && ((unsigned char)text[shown] & 0xC0) == 0x80)
            shown--;
        lua_pushlstring(L, text, shown);
        return lua_pushfstring(L, "text \"%s%s\"", lua_tostring(L, -1), text[shown] ? "…" : "");
    }
    case LUA_TNUMBER:
        return lua_pushfstring(L, "number %s", luaL_tolstring(L, arg, NULL));
    case LUA_TBOOLEAN:
        return lua_toboolean(L, arg) ? "true" : "false";
    case LUA_TUSERDATA:
        return class_name(L, arg);
    default:
        return lua_pushfstring(L, "a %s", luaL_typename(L, arg));
    }
}

const char *th_describe_key(lua_State *L, int arg)
{
    const char *words = th_describe(L, arg);

    return lua_type(L, arg) == LUA_TSTRING ? words + strlen("text ") : words;
}

const char *th_arg_text(lua_State *L, int arg, const char *what, size_t *len)
{
    if (lua_type(L, arg) != LUA_TSTRING)
        th_usage(L, "%s: argument %d: expected text, got %s", what, arg, th_describe(L, arg));
    return lua_tolstring(L, arg, len);
}

lua_Integer th_arg_integer(lua_State *L, int arg, const char *what)
{
    int ok = 0;
    lua_Integer value = lua_type(L, arg) == LUA_TNUMBER ? lua_tointegerx(L, arg, &ok) : 0;

    if (!ok)
        th_usage(L, "%s: argument %d: expected a whole number, got %s", what, arg, th_describe(L, arg));
    return value;
}

void th_push_number(lua_State *L, double value)
{
    if (floor(value) == value && fabs(value) < 9007199254740992.0)
        lua_pushinteger(L, (lua_Integer)value);
    else
        lua_pushnumber(L, value);
}

/* ---- handles ---- */

th_handle *th_handle_new(lua_State *L, th_vm *vm, th_class id)
{
    th_handle *h = lua_newuserdatauv(L, sizeof *h, id == TH_CLASS_ARTICLE || id == TH_CLASS_WORKBOOK);

    *h = (th_handle){.serial = vm->host ? vm->host->serial : 0};
    lua_rawgeti(L, LUA_REGISTRYINDEX, vm->meta_refs[id]);
    lua_setmetatable(L, -2);
    return h;
}

th_handle *th_handle_test(lua_State *L, th_vm *vm, int arg, th_class id)
{
    th_handle *h = lua_touserdata(L, arg);

    if (!h || !lua_getmetatable(L, arg))
        return NULL;
    bool fits = lua_topointer(L, -1) == vm->metas[id];
    lua_pop(L, 1);
    return fits ? h : NULL;
}

/* An error is told with the place in the article that was looked at last. */
static void note_seen(th_vm *vm, const th_handle *h)
{
    if (h->stop > h->start) {
        vm->seen_start = h->start;
        vm->seen_stop = h->stop;
    }
}

static void check_alive(lua_State *L, th_vm *vm, int arg, const char *name)
{
    const th_handle *h = lua_touserdata(L, arg);

    if (h->serial != 0 && vm->host && h->serial != vm->host->serial)
        th_usage(L, "article handle expired%s: %s of an article that is over was used; keep texts and numbers between "
                    "articles, not objects", th_stored_at(L, arg), name);
}

static const char *label_of(th_class id)
{
    const th_class_def *const *c = th_api_classes;

    while ((*c)->id != id)
        c++;
    return (*c)->label;
}

th_handle *th_handle_check(lua_State *L, th_vm *vm, int arg, th_class id)
{
    th_handle *h = th_handle_test(L, vm, arg, id);

    if (!h)
        th_usage(L, "argument %d: expected %s, got %s%s", arg, label_of(id), th_describe(L, arg),
                 arg == 1 ? "; methods are called with a colon, x:name(…)" : "");
    if (h->serial != 0 && vm->host && h->serial != vm->host->serial)
        check_alive(L, vm, arg, label_of(id));
    note_seen(vm, h);
    return h;
}

/* ---- the class ---- */

static size_t count_names(const th_class_def *def, const char **names, size_t max)
{
    size_t count = 0;

    for (const th_item *f = def->fields; f && f->name && count < max; f++)
        names[count++] = f->name;
    for (const th_function *m = def->methods; m && m->name && count < max; m++)
        names[count++] = m->name;
    return count;
}

static int unknown_field(lua_State *L, const th_class_def *def)
{
    const char *names[64];
    size_t count = count_names(def, names, sizeof names / sizeof *names);

    if (lua_type(L, 2) != LUA_TSTRING)
        return th_usage(L, "%s has no field %s", def->label, th_describe(L, 2));
    return th_no_field(L, def->label, lua_tostring(L, 2), names, count);
}

/* Upvalues: the table from name to method or field number, and the definition. */
static int class_index(lua_State *L)
{
    const th_class_def *def = lua_touserdata(L, lua_upvalueindex(2));
    const th_handle *h = lua_touserdata(L, 1);
    th_vm *vm = th_vm_of(L);

    lua_pushvalue(L, 2);
    int type = lua_rawget(L, lua_upvalueindex(1));
    if (type == LUA_TFUNCTION)
        return 1;
    if (type != LUA_TNUMBER)
        return unknown_field(L, def);
    check_alive(L, vm, 1, def->label);
    note_seen(vm, h);
    return def->get(L, vm, h, (int)lua_tointeger(L, -1));
}

static int class_newindex(lua_State *L)
{
    const th_class_def *def = lua_touserdata(L, lua_upvalueindex(1));

    return th_usage(L, "%s can not be changed (field %s): %s", def->label, th_describe_key(L, 2), def->write_hint);
}

static void push_members(lua_State *L, const th_class_def *def)
{
    lua_newtable(L); /* members */
    for (int i = 0; def->fields && def->fields[i].name; i++) {
        lua_pushinteger(L, i);
        lua_setfield(L, -2, def->fields[i].name);
    }
    th_methods_set(L, def);
}

int th_class_no_field(lua_State *L, th_vm *vm, const th_handle *h, int field)
{
    (void)vm;
    (void)h;
    (void)field;
    lua_pushnil(L);
    return 1;
}

void th_class_open(lua_State *L, const th_class_def *def)
{
    th_vm *vm = th_vm_of(L);
    void *data = (void *)(uintptr_t)def;

    lua_newtable(L); /* mt */
    push_members(L, def); /* mt members */
    lua_pushlightuserdata(L, data);
    lua_pushcclosure(L, class_index, 2); /* mt index */
    lua_setfield(L, -2, "__index");
    lua_pushlightuserdata(L, data);
    lua_pushcclosure(L, class_newindex, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushstring(L, strchr(def->label, ' ') + 1);
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    if (def->metamethods)
        luaL_setfuncs(L, def->metamethods, 0);
    vm->metas[def->id] = lua_topointer(L, -1);
    vm->meta_refs[def->id] = luaL_ref(L, LUA_REGISTRYINDEX);
}
