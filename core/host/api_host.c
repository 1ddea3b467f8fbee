/* api_host.c - `host`: what a plugin or script may ask for besides the article. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/yaml.h"
#include "config.h"
#include "host/internal.h"
#include "record.h"
#include "text/unicode.h"

/* ---- data files ---- */

static void push_node(lua_State *L, int orders, const th_node *node);

static void push_scalar(lua_State *L, const th_node *node)
{
    double number;
    bool flag;

    if (!node->quoted && th_node_number(node, &number))
        th_push_number(L, number);
    else if (!node->quoted && th_node_bool(node, &flag))
        lua_pushboolean(L, flag);
    else
        lua_pushlstring(L, node->text, node->len);
}

/* A table, and in `orders` the list of its keys as the file has them. */
static void push_map(lua_State *L, int orders, const th_node *node)
{
    lua_createtable(L, 0, (int)node->count);   /* map */
    lua_pushvalue(L, -1);                      /* map map */
    lua_createtable(L, (int)node->count, 0);   /* map map keys */
    for (size_t i = 0; i < node->count; i++) {
        lua_pushlstring(L, node->keys[i].text, node->keys[i].len);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, (lua_Integer)i + 1);
        push_node(L, orders, &node->items[i]); /* map map keys key value */
        lua_rawset(L, -5);
    }
    lua_rawset(L, orders);
}

static void push_node(lua_State *L, int orders, const th_node *node)
{
    luaL_checkstack(L, 10, "YAML");
    switch (node->kind) {
    case TH_NODE_SCALAR:
        push_scalar(L, node);
        return;
    case TH_NODE_LIST:
        lua_createtable(L, (int)node->count, 0);
        for (size_t i = 0; i < node->count; i++) {
            push_node(L, orders, &node->items[i]);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        return;
    case TH_NODE_MAP:
        push_map(L, orders, node);
        return;
    default:
        lua_pushnil(L);
    }
}

/* The weak table from a codebook's map to its keys in order. */
static int push_orders(lua_State *L)
{
    if (!luaL_getsubtable(L, LUA_REGISTRYINDEX, "talenthost.orders")) {
        lua_createtable(L, 0, 1);
        lua_pushliteral(L, "k");
        lua_setfield(L, -2, "__mode");
        lua_setmetatable(L, -2);
    }
    return lua_gettop(L);
}

/* host.codebook(name) -> tables */
static int host_codebook(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const char *name = th_arg_text(L, 1, "host.codebook", NULL);
    th_error err = {0};
    th_node *root;
    th_bytes file;

    th_data_file(L, "host.codebook", name, &file);
    th_arena_reset(vm->scratch);
    if (th_yaml_parse(&root, vm->scratch, file.path, file.data, file.len, &err) != TH_OK)
        return th_usage_at(L, err.text);
    push_node(L, push_orders(L), root);
    return 1;
}

static int push_sorted_keys(lua_State *L)
{
    lua_Integer count = 0;

    lua_newtable(L); /* t … keys */
    lua_pushnil(L);
    while (lua_next(L, 1) != 0) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            return th_usage(L, "host.keys: expected text keys, got %s", th_describe(L, -1));
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, ++count);
    }
    lua_getglobal(L, "table");
    lua_getfield(L, -1, "sort");
    lua_pushvalue(L, -3);
    lua_call(L, 1, 0);
    lua_pop(L, 1);
    return 1;
}

/* host.keys(t) -> list: in the file's order for a codebook's map, sorted for other tables */
static int host_keys(lua_State *L)
{
    lua_settop(L, 1);
    if (lua_type(L, 1) != LUA_TTABLE)
        return th_usage(L, "host.keys: expected a table, got %s", th_describe(L, 1));
    push_orders(L); /* t orders */
    lua_pushvalue(L, 1);
    if (lua_rawget(L, 2) != LUA_TTABLE)
        return push_sorted_keys(L);
    lua_Integer count = (lua_Integer)lua_rawlen(L, 3);
    lua_createtable(L, (int)count, 0); /* t orders keys copy */
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, 3, i);
        lua_rawseti(L, 4, i);
    }
    return 1;
}

/* host.lines(name) -> list */
static int host_lines(lua_State *L)
{
    th_bytes file;
    lua_Integer count = 0;

    th_data_file(L, "host.lines", th_arg_text(L, 1, "host.lines", NULL), &file);
    if (!th_utf8_valid(file.data, file.len, NULL))
        return th_usage_at(L, lua_pushfstring(L, "%s:1: not UTF-8", file.path));
    lua_newtable(L);
    for (const char *p = file.data, *end = file.data + file.len; p < end;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        const char *next = stop ? stop + 1 : end;
        stop = stop ? stop : end;
        if (stop > p && stop[-1] == '\r')
            stop--;
        if (p == file.data && stop - p >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
            p += 3;
        if (stop > p && *p != '#') {
            lua_pushlstring(L, p, (size_t)(stop - p));
            lua_rawseti(L, -2, ++count);
        }
        p = next;
    }
    return 1;
}

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

/* host.region(code_or_name) -> { code, name, level, parent } | nil */
static int host_region(lua_State *L)
{
    const th_gazetteer *gazetteer = th_vm_of(L)->gazetteer;
    size_t len;
    const char *key = th_arg_text(L, 1, "host.region", &len);
    const th_region *region = gazetteer ? th_gazetteer_get(gazetteer, key, len) : NULL;

    if (region)
        push_region(L, region);
    else
        lua_pushnil(L);
    return 1;
}

/* host.number(text) -> value, bytes | nil */
static int host_number(lua_State *L)
{
    size_t len;
    const char *text = th_arg_text(L, 1, "host.number", &len);
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

/* Days since 1970-01-01 of the proleptic Gregorian calendar, and back (Hinnant, "chrono-compatible low-level date
 * algorithms"). */
static long long days_of(long long y, unsigned m, unsigned d)
{
    y -= m <= 2;
    long long era = (y >= 0 ? y : y - 399) / 400;
    unsigned yoe = (unsigned)(y - era * 400);
    unsigned doy = (153 * (m + (m > 2 ? -3u : 9u)) + 2) / 5 + d - 1;
    unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + (long long)doe - 719468;
}

static void date_of(long long days, long long *y, unsigned *m, unsigned *d)
{
    days += 719468;
    long long era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned doe = (unsigned)(days - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (5 * doy + 2) / 153;

    *d = doy - (153 * mp + 2) / 5 + 1;
    *m = mp < 10 ? mp + 3 : mp - 9;
    *y = (long long)yoe + era * 400 + (*m <= 2);
}

/* host.date(y, m, d) -> "YYYY-MM-DD"; month and day are carried */
static int host_date(lua_State *L)
{
    enum { FAR = 100000 };
    char text[16];
    unsigned month, day;

    lua_Integer y = th_arg_integer(L, 1, "host.date");
    lua_Integer m = lua_isnoneornil(L, 2) ? 1 : th_arg_integer(L, 2, "host.date");
    lua_Integer d = lua_isnoneornil(L, 3) ? 1 : th_arg_integer(L, 3, "host.date");
    if (y < 1 || y > 9999 || m < -FAR || m > FAR || d < -FAR * 10 || d > FAR * 10)
        return th_usage(L, "host.date: %I-%I-%I is out of range (years 1 to 9999)", (LUAI_UACINT)y, (LUAI_UACINT)m,
                        (LUAI_UACINT)d);
    long long months = (long long)y * 12 + m - 1, year = months / 12;
    if (months % 12 < 0)
        year--;
    date_of(days_of(year, (unsigned)(months - year * 12) + 1, 1) + d - 1, &year, &month, &day);
    if (year < 1 || year > 9999)
        return th_usage(L, "host.date: the year %I is out of range (1 to 9999)", (LUAI_UACINT)year);
    snprintf(text, sizeof text, "%04u-%02u-%02u", (unsigned)year % 10000, month % 100, day % 100);
    lua_pushstring(L, text);
    return 1;
}

/* host.ymd(iso) -> y, m, d | nil */
static int host_ymd(lua_State *L)
{
    size_t len;
    const char *text = th_arg_text(L, 1, "host.ymd", &len);

    if (!th_date_is_valid(text, len)) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, strtol(text, NULL, 10));
    lua_pushinteger(L, strtol(text + 5, NULL, 10));
    lua_pushinteger(L, strtol(text + 8, NULL, 10));
    return 3;
}

/* host.cjk_width(text) -> columns */
static int host_cjk_width(lua_State *L)
{
    size_t len;
    const char *text = th_arg_text(L, 1, "host.cjk_width", &len);

    lua_pushinteger(L, (lua_Integer)th_text_width(text, len));
    return 1;
}

/* ---- log ---- */

/* Push the arguments as one text with `gap` between them. */
static const char *join_arguments(lua_State *L, const char *gap)
{
    int n = lua_gettop(L);
    luaL_Buffer b;

    for (int i = 1; i <= n; i++) {
        luaL_tolstring(L, i, NULL);
        lua_replace(L, i);
    }
    luaL_buffinit(L, &b);
    for (int i = 1; i <= n; i++) {
        if (i > 1)
            luaL_addstring(&b, gap);
        lua_pushvalue(L, i);
        luaL_addvalue(&b);
    }
    luaL_pushresult(&b);
    return lua_tostring(L, -1);
}

static void count_output(lua_State *L, th_vm *vm, size_t bytes)
{
    vm->output += bytes;
    if (vm->host && vm->host->limits.output > 0 && vm->output > vm->host->limits.output)
        th_limit(L, TH_ERR_LIMIT_OUTPUT, "recorded or logged more than %I bytes for one article (limits.output)",
                 (LUAI_UACINT)vm->host->limits.output);
}

static int write_log(lua_State *L, th_log_level level, const char *gap)
{
    th_vm *vm = th_vm_of(L);
    const th_article *a = vm->host ? vm->host->article : NULL;
    const char *text = join_arguments(L, gap);

    count_output(L, vm, strlen(text));
    luaL_where(L, 1);
    if (a)
        th_log(level, "%s%s [%s]", lua_tostring(L, -1), text, a->path);
    else
        th_log(level, "%s%s", lua_tostring(L, -1), text);
    return 0;
}

static int log_debug(lua_State *L) { return write_log(L, TH_LOG_DEBUG, " "); }
static int log_info(lua_State *L) { return write_log(L, TH_LOG_INFO, " "); }
static int log_warn(lua_State *L) { return write_log(L, TH_LOG_WARN, " "); }
static int log_error(lua_State *L) { return write_log(L, TH_LOG_ERROR, " "); }

/* print(…): standard output for a script; a plugin runs in a worker, where it is a line of the log. */
static int host_print(lua_State *L)
{
    size_t len;

    if (th_vm_of(L)->host)
        return write_log(L, TH_LOG_INFO, "\t");
    join_arguments(L, "\t");
    const char *text = lua_tolstring(L, -1, &len);
    fwrite(text, 1, len, stdout);
    fputc('\n', stdout);
    return 0;
}

/* ---- the table ---- */

static const luaL_Reg functions[] = {
    {"plugin", th_host_plugin}, {"script", th_host_script}, {"lexicon", th_host_lexicon}, {"codebook", host_codebook},
    {"keys", host_keys},        {"lines", host_lines},      {"region", host_region},      {"number", host_number},
    {"date", host_date},        {"ymd", host_ymd},          {"cjk_width", host_cjk_width}, {NULL, NULL}};

static const luaL_Reg log_functions[] = {
    {"debug", log_debug}, {"info", log_info}, {"warn", log_warn}, {"error", log_error}, {NULL, NULL}};

static int no_function(lua_State *L)
{
    const char *names[32] = {"log"};
    size_t count = 1;

    for (const luaL_Reg *f = functions; f->name; f++)
        names[count++] = f->name;
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
    return th_usage(L, "host has no function \"%s\"%s", name, th_suggest(L, name, names, count));
}

static int no_level(lua_State *L)
{
    return th_usage(L, "host.log has debug, info, warn and error, not %s", th_describe(L, 2));
}

static int no_assignment(lua_State *L)
{
    return th_usage(L, "host can not be changed (field %s); keep your own functions in locals", th_describe(L, 2));
}

/* Lock the table on the top: unknown names and assignments raise. */
static void lock_table(lua_State *L, lua_CFunction unknown)
{
    lua_createtable(L, 0, 3);
    lua_pushcfunction(L, unknown);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, no_assignment);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
}

void th_api_open(lua_State *L)
{
    luaL_newlib(L, functions);     /* host */
    luaL_newlib(L, log_functions); /* host log */
    lock_table(L, no_level);
    lua_setfield(L, -2, "log");
    lock_table(L, no_function);
    lua_setglobal(L, "host");
    lua_pushcfunction(L, host_print);
    lua_setglobal(L, "print");
    th_text_open(L);
    if (th_vm_of(L)->host)
        th_article_open(L);
    else
        th_corpus_open(L);
    th_libs_lock(L);
}
