/* api_data.c - a plugin's own data: YAML, JSON, TSV and plain lines as Lua tables. */
#include <stdio.h>
#include <string.h>

#include "base/yaml.h"
#include "host/functions.h"
#include "host/internal.h"
#include "text/unicode.h"

/* ---- YAML ---- */

/* What reading a codebook fills beside its tables: weak tables from a table to its keys in order, and to the places of its
 * entries (line and column in one integer by key or index, its own at OWN, the file's name at FILE_NAME). */
typedef struct yaml_reader {
    const char *path;
    int orders, places;
} yaml_reader;

#define ORDERS "talenthost.orders"
#define PLACES "talenthost.places"

enum { FILE_NAME = 0, OWN = -1, COLUMN_BITS = 20 };

static void push_node(lua_State *L, const yaml_reader *r, const th_node *node);

static lua_Integer packed_place(const th_node *node) { return ((lua_Integer)node->line << COLUMN_BITS) | node->column; }

/* The table of places for the table on the top, with its own place and file. */
static void push_places(lua_State *L, const yaml_reader *r, const th_node *node)
{
    lua_createtable(L, (int)node->count, 2); /* t places */
    lua_pushstring(L, r->path);
    lua_rawseti(L, -2, FILE_NAME);
    lua_pushinteger(L, packed_place(node));
    lua_rawseti(L, -2, OWN);
}

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

/* A table, in `orders` the list of its keys as the file has them, in `places` where they stand. */
static void push_map(lua_State *L, const yaml_reader *r, const th_node *node)
{
    lua_createtable(L, 0, (int)node->count);   /* map */
    lua_pushvalue(L, -1);
    push_places(L, r, node);                   /* map map places */
    for (size_t i = 0; i < node->count; i++) {
        lua_pushlstring(L, node->keys[i].text, node->keys[i].len);
        lua_pushinteger(L, packed_place(&node->keys[i]));
        lua_rawset(L, -3);
    }
    lua_rawset(L, r->places);                  /* map */
    lua_pushvalue(L, -1);                      /* map map */
    lua_createtable(L, (int)node->count, 0);   /* map map keys */
    for (size_t i = 0; i < node->count; i++) {
        lua_pushlstring(L, node->keys[i].text, node->keys[i].len);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, (lua_Integer)i + 1);
        push_node(L, r, &node->items[i]);      /* map map keys key value */
        lua_rawset(L, -5);
    }
    lua_rawset(L, r->orders);
}

static void push_list(lua_State *L, const yaml_reader *r, const th_node *node)
{
    lua_createtable(L, (int)node->count, 0);   /* list */
    lua_pushvalue(L, -1);
    push_places(L, r, node);                   /* list list places */
    for (size_t i = 0; i < node->count; i++) {
        lua_pushinteger(L, packed_place(&node->items[i]));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_rawset(L, r->places);                  /* list */
    for (size_t i = 0; i < node->count; i++) {
        push_node(L, r, &node->items[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_node(lua_State *L, const yaml_reader *r, const th_node *node)
{
    luaL_checkstack(L, 10, "YAML");
    switch (node->kind) {
    case TH_NODE_SCALAR:
        push_scalar(L, node);
        return;
    case TH_NODE_LIST:
        push_list(L, r, node);
        return;
    case TH_NODE_MAP:
        push_map(L, r, node);
        return;
    default:
        lua_pushnil(L);
    }
}

/* A weak table of the registry, from a codebook's table to what is known of it. */
static int push_weak(lua_State *L, const char *name)
{
    if (!luaL_getsubtable(L, LUA_REGISTRYINDEX, name)) {
        lua_createtable(L, 0, 1);
        lua_pushliteral(L, "k");
        lua_setfield(L, -2, "__mode");
        lua_setmetatable(L, -2);
    }
    return lua_gettop(L);
}

int th_host_codebook(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const char *name = lua_tostring(L, 1);
    th_error err = {0};
    th_node *root;
    th_bytes file;

    th_data_file(L, "host.codebook", name, &file);
    th_arena_reset(vm->scratch);
    if (th_yaml_parse(&root, vm->scratch, file.path, file.data, file.len, &err) != TH_OK)
        return th_usage_at(L, err.text);
    if (root->kind == TH_NODE_NULL) {
        th_error_set(&err, TH_ERR_PARSE, "%s:1:1: the file is empty; host.codebook expects a map or a list", file.path);
        return th_usage_at(L, err.text);
    }
    yaml_reader reader = {file.path, push_weak(L, ORDERS), push_weak(L, PLACES)};
    push_node(L, &reader, root);
    return 1;
}

int th_host_place(lua_State *L)
{
    lua_settop(L, 2);
    push_weak(L, PLACES);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, 3) != LUA_TTABLE)        /* t key places own */
        return luaL_pushfail(L), 1;
    if (lua_isnil(L, 2))
        lua_rawgeti(L, 4, OWN);
    else {
        lua_pushvalue(L, 2);
        lua_rawget(L, 4);
    }
    if (!lua_isinteger(L, 5))
        return luaL_pushfail(L), 1;
    lua_Integer place = lua_tointeger(L, 5);
    lua_rawgeti(L, 4, FILE_NAME);
    lua_pushfstring(L, "%s:%I:%I", lua_tostring(L, -1), place >> COLUMN_BITS, place & ((1 << COLUMN_BITS) - 1));
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

int th_host_keys(lua_State *L)
{
    lua_settop(L, 1);
    push_weak(L, ORDERS); /* t orders */
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

/* ---- lines and columns ---- */

/* A data file of lines being read; comment lines and empty ones are passed over. */
typedef struct line_reader {
    const char *path, *at, *end;
    int number;
} line_reader;

static line_reader open_lines(lua_State *L, const char *what)
{
    th_bytes file;

    th_data_file(L, what, lua_tostring(L, 1), &file);
    if (!th_utf8_valid(file.data, file.len, NULL))
        th_usage_at(L, lua_pushfstring(L, "%s:1: not UTF-8", file.path));
    size_t mark = file.len >= 3 && memcmp(file.data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    return (line_reader){file.path, file.data + mark, file.data + file.len, 0};
}

static bool next_line(line_reader *r, const char **line, size_t *len)
{
    while (r->at < r->end) {
        const char *stop = memchr(r->at, '\n', (size_t)(r->end - r->at));
        const char *start = r->at;
        r->at = stop ? stop + 1 : r->end;
        r->number++;
        stop = stop ? stop : r->end;
        if (stop > start && stop[-1] == '\r')
            stop--;
        if (stop == start || *start == '#')
            continue;
        *line = start;
        *len = (size_t)(stop - start);
        return true;
    }
    return false;
}

int th_host_lines(lua_State *L)
{
    line_reader reader = open_lines(L, "host.lines");
    const char *line;
    size_t len;

    lua_newtable(L);
    for (lua_Integer n = 1; next_line(&reader, &line, &len); n++) {
        lua_pushlstring(L, line, len);
        lua_rawseti(L, -2, n);
    }
    return 1;
}

/* Push the cells of a line as a list. */
static lua_Integer push_cells(lua_State *L, const char *line, size_t len)
{
    lua_Integer n = 0;

    lua_newtable(L);
    for (const char *end = line + len, *tab; line <= end; line = tab + 1) {
        tab = memchr(line, '\t', (size_t)(end - line));
        tab = tab ? tab : end;
        lua_pushlstring(L, line, (size_t)(tab - line));
        lua_rawseti(L, -2, ++n);
    }
    return n;
}

/* Rows by the names in the first line. */
int th_host_tsv(lua_State *L)
{
    line_reader reader = open_lines(L, "host.tsv");
    const char *line;
    size_t len;

    lua_newtable(L); /* name rows */
    int rows = lua_gettop(L);
    if (!next_line(&reader, &line, &len))
        return 1;
    lua_Integer columns = push_cells(L, line, len); /* … names */
    for (lua_Integer n = 1; next_line(&reader, &line, &len); n++) {
        lua_Integer cells = push_cells(L, line, len); /* … names cells */
        if (cells > columns)
            return th_usage_at(L, lua_pushfstring(L, "%s:%d:1: %I cells, but the first line names %I columns", reader.path,
                                                  reader.number, (LUAI_UACINT)cells, (LUAI_UACINT)columns));
        lua_createtable(L, 0, (int)columns); /* … names cells row */
        for (lua_Integer i = 1; i <= cells; i++) {
            lua_rawgeti(L, rows + 1, i);
            lua_rawgeti(L, rows + 2, i);
            lua_rawset(L, -3);
        }
        lua_rawseti(L, rows, n);
        lua_settop(L, rows + 1);
    }
    lua_settop(L, rows);
    return 1;
}

/* ---- JSON ---- */

int th_host_json(lua_State *L)
{
    th_bytes file;
    char fault[300];

    th_data_file(L, "host.json", lua_tostring(L, 1), &file);
    if (!th_json_push(L, file.data, file.len, file.path, fault, sizeof fault))
        return th_usage_at(L, lua_pushstring(L, fault));
    return 1;
}
