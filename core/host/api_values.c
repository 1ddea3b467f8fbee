/* api_values.c - what texts mean: regions, numerals, quantities, dates, width. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/functions.h"
#include "host/internal.h"
#include "record.h"
#include "text/date.h"
#include "text/unicode.h"

/* ---- regions, numbers, dates ---- */

static void push_region(lua_State *L, const th_region *region)
{
    luaL_checkstack(L, 6, "regions");
    lua_createtable(L, 0, 4);
    lua_pushstring(L, region->code);
    lua_setfield(L, -2, "code");
    lua_pushstring(L, region->name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, th_level_name(region->level));
    lua_setfield(L, -2, "level");
    if (!region->parent)
        return;
    push_region(L, region->parent);
    lua_setfield(L, -2, "parent");
}

int th_host_region(lua_State *L)
{
    const th_gazetteer *gazetteer = th_vm_of(L)->gazetteer;
    size_t len;
    const char *key = lua_tolstring(L, 1, &len);
    const th_region *region = gazetteer ? th_gazetteer_get(gazetteer, key, len) : NULL;

    if (region)
        push_region(L, region);
    else
        lua_pushnil(L);
    return 1;
}

int th_host_number(lua_State *L)
{
    size_t len;
    const char *text = lua_tolstring(L, 1, &len);
    double value = 0;
    size_t used = th_numeral_read(text, len, &value);

    if (used == 0) {
        lua_pushnil(L);
        return 1;
    }
    th_push_number(L, value);
    lua_pushinteger(L, (lua_Integer)used);
    return 2;
}

static void push_day(lua_State *L, const th_day *day)
{
    char text[16];

    snprintf(text, sizeof text, "%04u-%02u-%02u", (unsigned)day->year % 10000, (unsigned)day->month % 100,
             (unsigned)day->day % 100);
    lua_pushstring(L, text);
}

/* host.date(text, base): what a date expression means. */
static int read_date(lua_State *L)
{
    size_t len, base_len = 0;
    const char *text = lua_tolstring(L, 1, &len), *base_text = NULL;
    th_day base;
    th_days days;

    if (lua_type(L, 2) == LUA_TSTRING)
        base_text = lua_tolstring(L, 2, &base_len);
    else if (!lua_isnoneornil(L, 2))
        return th_usage(L, "host.date: base: expected a day such as \"2024-05-31\", got %s", th_describe(L, 2));
    if (base_text && !th_day_read(base_text, base_len, &base))
        return th_usage(L, "host.date: base: expected a day such as \"2024-05-31\", got %s", th_describe(L, 2));
    size_t used = th_days_read(text, len, base_text ? &base : NULL, &days);
    if (used == 0) {
        lua_pushnil(L);
        return 1;
    }
    push_day(L, &days.from);
    push_day(L, &days.to);
    lua_pushinteger(L, (lua_Integer)used);
    return 3;
}

int th_host_date(lua_State *L)
{
    th_day day;

    if (lua_type(L, 1) == LUA_TSTRING)
        return read_date(L);
    if (!lua_isnoneornil(L, 2) && !lua_isinteger(L, 2))
        return th_usage(L, "host.date: month: expected a whole number, got %s", th_describe(L, 2));
    lua_Integer y = lua_tointeger(L, 1), m = luaL_optinteger(L, 2, 1), d = luaL_optinteger(L, 3, 1);
    if (y < 1 || y > 9999 || !th_day_make(y, m, d, &day))
        return th_usage(L, "host.date: %I-%I-%I is out of range (years 1 to 9999)", (LUAI_UACINT)y, (LUAI_UACINT)m,
                        (LUAI_UACINT)d);
    push_day(L, &day);
    return 1;
}

static void set_number(lua_State *L, const char *name, double value)
{
    th_push_number(L, value);
    lua_setfield(L, -2, name);
}

static void set_text(lua_State *L, const char *name, const char *text, size_t len)
{
    lua_pushlstring(L, text, len);
    lua_setfield(L, -2, name);
}

static void push_quantity(lua_State *L, const th_quantity *q, const char *text)
{
    lua_createtable(L, 0, 8);
    set_number(L, "value", q->value);
    if (q->is_range)
        set_number(L, "value_max", q->value_max);
    set_text(L, "unit", q->unit, strlen(q->unit));
    set_text(L, "dimension", q->dimension, strlen(q->dimension));
    set_text(L, "cmp", th_cmp_name(q->cmp), strlen(th_cmp_name(q->cmp)));
    set_text(L, "text", text + q->start, q->stop - q->start);
    set_number(L, "first", q->start + 1);
    set_number(L, "last", q->stop);
}

int th_host_quantities(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    size_t len;
    const char *text = lua_tolstring(L, 1, &len);
    th_quantities found = {0};
    th_error err = {0};

    if (!th_utf8_valid(text, len, NULL))
        return th_usage(L, "host.quantities: text: not UTF-8 (cut inside a character?)");
    th_arena_reset(vm->scratch);
    if (vm->units && th_quantity_scan(vm->units, text, len, vm->scratch, &found, &err) != TH_OK)
        return luaL_error(L, "%s", err.text);
    lua_createtable(L, (int)found.count, 0);
    for (size_t i = 0; i < found.count; i++) {
        push_quantity(L, &found.items[i], text);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

int th_host_ymd(lua_State *L)
{
    size_t len;
    const char *text = lua_tolstring(L, 1, &len);

    if (!th_date_is_valid(text, len)) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, strtol(text, NULL, 10));
    lua_pushinteger(L, strtol(text + 5, NULL, 10));
    lua_pushinteger(L, strtol(text + 8, NULL, 10));
    return 3;
}

int th_host_cjk_width(lua_State *L)
{
    size_t len;
    const char *text = lua_tolstring(L, 1, &len);

    lua_pushinteger(L, (lua_Integer)th_text_width(text, len));
    return 1;
}
