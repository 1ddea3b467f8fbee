/* json.c - Lua values as JSON text and back. Keys are written in order, so that equal values give equal text. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/internal.h"
#include "text/json.h"
#include "text/unicode.h"

enum { MAX_DEPTH = 32 };

static void write_value(lua_State *L, int index, th_str *out, const char *what, int depth);

static void write_text(lua_State *L, int index, th_str *out, const char *what)
{
    size_t len;
    const char *text = lua_tolstring(L, index, &len);

    if (!th_utf8_valid(text, len, NULL))
        th_usage(L, "%s: text that is not UTF-8", what);
    th_json_text(out, text, len);
}

static void write_number(lua_State *L, int index, th_str *out, const char *what)
{
    if (lua_isinteger(L, index)) {
        th_str_addf(out, "%lld", (long long)lua_tointeger(L, index));
        return;
    }
    if (!isfinite(lua_tonumber(L, index)))
        th_usage(L, "%s: a number that is not finite", what);
    th_json_number(out, lua_tonumber(L, index));
}

/* A list whose table has other keys besides 1 to `count` would lose them. */
static void check_list(lua_State *L, int index, lua_Integer count, const char *what)
{
    lua_Integer seen = 0;

    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        lua_pop(L, 1);
        if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1 || lua_tointeger(L, -1) > count)
            th_usage(L, "%s: a table for JSON is a list without gaps or has text keys only; beside %I items there is the key %s", what,
                     (LUAI_UACINT)count, th_describe(L, -1));
        seen++;
    }
    if (seen != count)
        th_usage(L, "%s: a list for JSON has no gaps; this one has %I of %I items", what, (LUAI_UACINT)seen, (LUAI_UACINT)count);
}

static void write_list(lua_State *L, int index, th_str *out, const char *what, int depth)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, index);

    check_list(L, index, count, what);
    th_str_putc(out, '[');
    for (lua_Integer i = 1; i <= count; i++) {
        if (i > 1)
            th_str_putc(out, ',');
        lua_rawgeti(L, index, i);
        write_value(L, lua_gettop(L), out, what, depth);
        lua_pop(L, 1);
    }
    th_str_putc(out, ']');
}

/* Push a sorted list of the table's keys, which must be text. */
static void push_keys(lua_State *L, int index, const char *what)
{
    lua_Integer count = 0;

    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            th_usage(L, "%s: a table for JSON is a list or has text keys, got %s as a key", what, th_describe(L, -1));
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, ++count);
    }
    lua_getglobal(L, "table");
    lua_getfield(L, -1, "sort");
    lua_pushvalue(L, -3);
    lua_call(L, 1, 0);
    lua_pop(L, 1);
}

static void write_map(lua_State *L, int index, th_str *out, const char *what, int depth)
{
    push_keys(L, index, what); /* keys */
    int keys = lua_gettop(L);

    th_str_putc(out, '{');
    for (lua_Integer i = 1; lua_rawgeti(L, keys, i) == LUA_TSTRING; i++) {
        if (i > 1)
            th_str_putc(out, ',');
        write_text(L, -1, out, what);
        th_str_putc(out, ':');
        lua_rawget(L, index);
        write_value(L, lua_gettop(L), out, what, depth);
        lua_pop(L, 1);
    }
    lua_pop(L, 2);
    th_str_putc(out, '}');
}

static void write_value(lua_State *L, int index, th_str *out, const char *what, int depth)
{
    luaL_checkstack(L, 12, "JSON");
    if (depth > MAX_DEPTH)
        th_usage(L, "%s: tables for JSON nest at most %d deep", what, MAX_DEPTH);
    switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
        th_str_puts(out, lua_toboolean(L, index) ? "true" : "false");
        return;
    case LUA_TNUMBER:
        write_number(L, index, out, what);
        return;
    case LUA_TSTRING:
        write_text(L, index, out, what);
        return;
    case LUA_TTABLE:
        if (lua_rawlen(L, index) > 0)
            write_list(L, index, out, what, depth + 1);
        else
            write_map(L, index, out, what, depth + 1);
        return;
    default:
        th_usage(L, "%s: %s can not be JSON", what, th_describe(L, index));
    }
}

void th_json_write(lua_State *L, int index, th_str *out, const char *what)
{
    write_value(L, lua_absindex(L, index), out, what, 0);
    if (!th_str_ok(out))
        luaL_error(L, "not enough memory");
}

static void push_json(lua_State *L, const json_t *value)
{
    const char *key;
    json_t *item;
    size_t i;

    luaL_checkstack(L, 8, "JSON");
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        lua_newtable(L);
        json_object_foreach((json_t *)(uintptr_t)value, key, item)
        {
            push_json(L, item);
            lua_setfield(L, -2, key);
        }
        return;
    case JSON_ARRAY:
        lua_newtable(L);
        json_array_foreach(value, i, item)
        {
            push_json(L, item);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        return;
    case JSON_STRING:
        lua_pushlstring(L, json_string_value(value), json_string_length(value));
        return;
    case JSON_INTEGER:
        lua_pushinteger(L, json_integer_value(value));
        return;
    case JSON_REAL:
        lua_pushnumber(L, json_real_value(value));
        return;
    case JSON_TRUE:
    case JSON_FALSE:
        lua_pushboolean(L, json_is_true(value));
        return;
    default:
        lua_pushnil(L);
    }
}

static int push_protected(lua_State *L)
{
    push_json(L, lua_touserdata(L, 1));
    return 1;
}

bool th_json_push(lua_State *L, const char *text, size_t len, const char *path, char *fault, size_t size)
{
    json_error_t error;
    json_t *value = json_loadb(text, len, JSON_DECODE_ANY, &error);

    if (!value) {
        if (fault)
            snprintf(fault, size, "%s:%d:%d: %s", path, error.line, error.column, error.text);
        return false;
    }
    lua_pushcfunction(L, push_protected);
    lua_pushlightuserdata(L, value);
    int rc = lua_pcall(L, 1, 1, 0); /* the tree is jansson's: free it whatever happens */
    json_decref(value);
    if (rc != LUA_OK)
        lua_error(L);
    return true;
}
