/* api_table.c - corpus:table: rows given, asked for or pivoted, then filtered, extended, sorted and summed up; and the table's
 * methods.
 *
 * While it is put together a table is two values on the Lua stack: the list of column names and the list of rows, each a list of
 * cells with nil where a cell is empty. What raises half-way is then the collector's to clean up. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "host/api.h"
#include "host/corpus.h"
#include "host/output.h"
#include "report/table.h"
#include "report/xlsx.h"

#define WHAT "corpus:table"

/* Where the parts of a table stand on the stack. */
typedef struct grid {
    lua_State *L;
    int spec, names, rows;
} grid;

static lua_Integer width(const grid *g)
{
    return (lua_Integer)lua_rawlen(g->L, g->names);
}

static lua_Integer height(const grid *g)
{
    return (lua_Integer)lua_rawlen(g->L, g->rows);
}

static int key_type(const grid *g, const char *key)
{
    return lua_getfield(g->L, g->spec, key);
}

/* The number of the column called `name`; raises when there is none. */
static lua_Integer column_of(const grid *g, const char *key, const char *name)
{
    lua_State *L = g->L;
    const char *names[TH_COLUMNS];
    lua_Integer count = width(g), found = 0;
    int top = lua_gettop(L);

    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, g->names, i);
        names[i - 1] = lua_tostring(L, -1); /* the list keeps it */
        lua_settop(L, top);
        if (!found && strcmp(names[i - 1], name) == 0)
            found = i;
    }
    if (!found)
        th_usage(L, WHAT ": %s: there is no column \"%s\"%s", key, name, th_suggest(L, name, names, (size_t)count));
    return found;
}

/* ---- rows given, and rows of a statement ---- */

static void check_cell(lua_State *L, int index)
{
    int type = lua_type(L, index);

    if (type == LUA_TTABLE) { /* { value, sign =, unit =, link = } */
        lua_rawgeti(L, index, 1);
        type = lua_type(L, -1);
        lua_pop(L, 1);
    }
    if (type != LUA_TNIL && type != LUA_TBOOLEAN && type != LUA_TNUMBER && type != LUA_TSTRING)
        th_usage(L, "a cell is a text, a number, a boolean or nil, or { value, sign =, unit =, link = }, got %s", th_describe(L, index));
}

/* Copy the row at `row` to the top, checked. */
static void copy_row(lua_State *L, int row, lua_Integer columns)
{
    if (lua_type(L, row) != LUA_TTABLE)
        th_usage(L, "a row is a list of cells, got %s", th_describe(L, row));
    if ((lua_Integer)lua_rawlen(L, row) > columns)
        th_usage(L, "a row of %d cells in a table of %d columns", (int)lua_rawlen(L, row), (int)columns);
    lua_createtable(L, (int)columns, 0);
    for (lua_Integer i = 1; i <= columns; i++) {
        lua_rawgeti(L, row, i);
        check_cell(L, lua_gettop(L));
        lua_rawseti(L, -2, i);
    }
}

static void read_names(grid *g)
{
    lua_State *L = g->L;

    if (key_type(g, "columns") != LUA_TTABLE)
        th_usage(L, WHAT ": columns: expected a list of texts, got %s", th_describe(L, -1));
    lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
    if (count == 0 || count > TH_COLUMNS)
        th_usage(L, WHAT ": columns: expected 1 to %d names", TH_COLUMNS);
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_rawgeti(L, -1, i) != LUA_TSTRING)
            th_usage(L, WHAT ": columns: expected a text, got %s", th_describe(L, -1));
        lua_rawseti(L, g->names, i);
    }
    lua_pop(L, 1);
}

static void from_rows(grid *g)
{
    lua_State *L = g->L;

    read_names(g);
    for (lua_Integer i = 1; lua_rawgeti(L, g->spec, i) != LUA_TNIL; i++) {
        copy_row(L, lua_gettop(L), width(g));
        lua_rawseti(L, g->rows, i);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* Let the rows of the statement, pushed as lists, be the grid's. */
static void take_rows(grid *g, th_statement *s)
{
    lua_State *L = g->L;

    th_push_rows(s, false);
    if (lua_getfield(L, -1, "columns") != LUA_TTABLE)
        th_usage(L, WHAT ": the statement gives no columns");
    lua_replace(L, g->names);
    lua_replace(L, g->rows);
    if (width(g) > TH_COLUMNS)
        th_usage(L, WHAT ": %d columns; at most %d can be shown", (int)width(g), TH_COLUMNS);
}

static void from_sql(grid *g, const char *sql)
{
    lua_State *L = g->L;
    th_statement s = {.L = L, .sql = &th_vm_of(L)->buffer, .what = WHAT};

    th_str_clear(s.sql);
    th_str_puts(s.sql, sql);
    if (key_type(g, "params") == LUA_TTABLE) {
        size_t count = lua_rawlen(L, -1);
        if (count > TH_PARAMS)
            th_usage(L, WHAT ": at most %d values", TH_PARAMS);
        luaL_checkstack(L, TH_PARAMS + 4, "values");
        int list = lua_gettop(L);
        for (size_t i = 1; i <= count; i++) { /* the values stay on the stack */
            lua_rawgeti(L, list, (lua_Integer)i);
            s.params[s.param_count++] = th_to_cell(L, -1, WHAT);
        }
    }
    take_rows(g, &s);
}

/* ---- pivots ---- */

/* "region", "article.source" or "metric.indicator" as SQL appended to `out`; `*kind` becomes the record kind it is of. */
static void pivot_column(lua_State *L, const char *key, const char *name, th_str *out, const char **kind, bool is_value)
{
    const char *dot = strchr(name, '.');

    if (strcmp(name, "region") == 0) {
        th_str_puts(out, "coalesce(article.region_name, '-')");
        return;
    }
    const char *table = dot ? lua_pushlstring(L, name, (size_t)(dot - name)) : "";
    if (!dot || th_field_name_fault(dot + 1) || (strcmp(table, "article") != 0 && th_kind_name_fault(table)))
        th_usage(L, WHAT ": %s: expected region, article.FIELD or KIND.FIELD, got \"%s\"", key, name);
    if (strcmp(table, "article") != 0) {
        if (*kind && strcmp(*kind, table) != 0)
            th_usage(L, WHAT ": one record kind at a time, got %s and %s", *kind, table);
        *kind = table;
    }
    th_str_addf(out, is_value ? "\"%s\".\"%s\"" : "coalesce(\"%s\".\"%s\", '-')", table, dot + 1);
}

static const char *pivot_name(const grid *g, const char *key)
{
    lua_State *L = g->L;

    if (key_type(g, key) != LUA_TSTRING)
        th_usage(L, WHAT ": %s: expected a name such as \"region\" or \"metric.indicator\", got %s", key, th_describe(L, -1));
    return lua_tostring(L, -1);
}

static const char *pivot_function(const grid *g)
{
    static const struct {
        const char *name, *sql;
    } known[] = {{"list", "group_concat(DISTINCT "}, {"sum", "sum("}, {"mean", "avg("}, {"min", "min("}, {"max", "max("}, {"count", "count("}};
    const char *names[6];
    lua_State *L = g->L;
    int type = key_type(g, "how");

    if (type == LUA_TNIL)
        return known[0].sql;
    const char *how = type == LUA_TSTRING ? lua_tostring(L, -1) : "?";
    for (int i = 0; i < 6; i++) {
        names[i] = known[i].name;
        if (strcmp(how, known[i].name) == 0)
            return known[i].sql;
    }
    th_usage(L, WHAT ": how: expected list, sum, mean, min, max or count, got %s%s", th_describe(L, -1),
             th_suggest(L, how, names, 6));
    return NULL;
}

/* Push the statement that gives row, column and value of every filled cell: its SELECT and FROM. */
static const char *push_pivot(const grid *g, th_str *sql, const char **kind)
{
    lua_State *L = g->L;
    const char *row = pivot_name(g, "rows"), *column = pivot_name(g, "columns"), *value = pivot_name(g, "value");

    *kind = NULL;
    th_str_clear(sql);
    th_str_puts(sql, "SELECT ");
    pivot_column(L, "rows", row, sql, kind, false);
    th_str_puts(sql, " AS r, ");
    pivot_column(L, "columns", column, sql, kind, false);
    th_str_puts(sql, " AS c, ");
    if (strcmp(value, "count") == 0) {
        th_str_puts(sql, "count(*)");
    } else {
        th_str_puts(sql, pivot_function(g));
        pivot_column(L, "value", value, sql, kind, true);
        th_str_putc(sql, ')');
    }
    th_str_puts(sql, " AS v FROM article");
    if (*kind)
        th_str_addf(sql, " JOIN \"%s\" ON \"%s\".article_id = article.id", *kind, *kind);
    th_str_puts(sql, " WHERE 1");
    lua_pushlstring(L, th_str_text(sql), sql->len);
    return lua_tostring(L, -1);
}

/* The number of the text on the top in the list at `list`, added at its end when it is new; `map` goes from text to number. */
static lua_Integer place_of(lua_State *L, int list, int map)
{
    lua_pushvalue(L, -1);
    if (lua_rawget(L, map) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_Integer n = (lua_Integer)lua_rawlen(L, list) + 1;
        lua_pushvalue(L, -1);
        lua_rawseti(L, list, n);
        lua_pushvalue(L, -1);
        lua_pushinteger(L, n);
        lua_rawset(L, map);
        return n;
    }
    lua_Integer n = lua_tointeger(L, -1);
    lua_pop(L, 1);
    return n;
}

/* Spread the cells (row, column, value) of the list at `cells` over the grid. */
static void spread(grid *g, int cells)
{
    lua_State *L = g->L;
    lua_Integer count = (lua_Integer)lua_rawlen(L, cells);

    for (int i = 0; i < 3; i++) /* row names, row map, column map */
        lua_newtable(L);
    int row_names = cells + 1, row_map = cells + 2, column_map = cells + 3;
    lua_pushliteral(L, "");
    lua_rawseti(L, g->names, 1);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, cells, i);
        int cell = lua_gettop(L);
        lua_rawgeti(L, cell, 1);
        luaL_tolstring(L, -1, NULL);
        lua_Integer row = place_of(L, row_names, row_map);
        if (lua_rawgeti(L, g->rows, row) == LUA_TNIL) {
            lua_newtable(L);
            lua_pushvalue(L, cell + 2);
            lua_rawseti(L, -2, 1);
            lua_pushvalue(L, -1);
            lua_rawseti(L, g->rows, row);
        }
        int list = lua_gettop(L);
        lua_rawgeti(L, cell, 2);
        luaL_tolstring(L, -1, NULL);
        lua_Integer column = place_of(L, g->names, column_map);
        if (column > TH_COLUMNS)
            th_usage(L, WHAT ": more than %d columns can not be shown", TH_COLUMNS - 1);
        lua_rawgeti(L, cell, 3);
        lua_rawseti(L, list, column);
        lua_settop(L, cell - 1);
    }
    lua_settop(L, cells);
}

static void from_pivot(grid *g)
{
    lua_State *L = g->L;
    const char *kind;
    th_statement s = {.L = L, .sql = &th_vm_of(L)->buffer, .what = WHAT};

    luaL_checkstack(L, 40, "pivot");
    const char *head = push_pivot(g, s.sql, &kind);
    if (kind)
        th_check_kind(&s, kind);
    th_str_clear(s.sql);
    th_str_puts(s.sql, head);
    int type = key_type(g, "where"), where = lua_gettop(L);
    if (type != LUA_TNIL && type != LUA_TTABLE)
        th_usage(L, WHAT ": where: expected a table such as { unit = \"人\" }, got %s", th_describe(L, where));
    th_add_filter(&s, kind, type == LUA_TTABLE ? where : 0);
    char *order = strstr(th_str_text(s.sql), " ORDER BY ");
    lua_pushlstring(L, th_str_text(s.sql), order ? (size_t)(order - th_str_text(s.sql)) : s.sql->len);
    const char *body = lua_tostring(L, -1);
    th_str_clear(s.sql);
    th_str_puts(s.sql, body);
    th_str_puts(s.sql, " GROUP BY 1, 2 ORDER BY 1, 2");
    th_push_rows(&s, false);
    spread(g, lua_gettop(L));
}

/* ---- what is done with the rows ---- */

/* Push row `row` (on the stack at `row`) as a table by column name. */
static void push_keyed(const grid *g, int row)
{
    lua_State *L = g->L;
    lua_Integer count = width(g);

    lua_createtable(L, 0, (int)count);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, g->names, i);
        lua_rawgeti(L, row, i);
        lua_rawset(L, -3);
    }
}

static void filter_rows(grid *g)
{
    lua_State *L = g->L;
    lua_Integer count = height(g), kept = 0;
    int type = key_type(g, "filter"), function = lua_gettop(L);

    if (type == LUA_TNIL)
        return;
    if (type != LUA_TFUNCTION)
        th_usage(L, WHAT ": filter: expected a function(row), got %s", th_describe(L, function));
    lua_newtable(L);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, g->rows, i);
        lua_pushvalue(L, function);
        push_keyed(g, function + 2);
        lua_call(L, 1, 1);
        if (lua_toboolean(L, -1)) {
            lua_pushvalue(L, function + 2);
            lua_rawseti(L, function + 1, ++kept);
        }
        lua_settop(L, function + 1);
    }
    lua_replace(L, g->rows);
}

/* Add the columns of derive = { { "name", function(row) … end }, … }, each seeing those before it. */
static void derive_columns(grid *g)
{
    lua_State *L = g->L;
    int type = key_type(g, "derive"), list = lua_gettop(L);
    lua_Integer count = height(g);

    if (type == LUA_TNIL)
        return;
    if (type != LUA_TTABLE)
        th_usage(L, WHAT ": derive: expected { { \"name\", function(row) … end }, … }, got %s", th_describe(L, list));
    for (lua_Integer k = 1; lua_rawgeti(L, list, k) != LUA_TNIL; k++, lua_settop(L, list)) {
        if (lua_type(L, -1) != LUA_TTABLE || lua_rawgeti(L, list + 1, 1) != LUA_TSTRING ||
            lua_rawgeti(L, list + 1, 2) != LUA_TFUNCTION) /* pair name function */
            th_usage(L, WHAT ": derive: expected { \"name\", function(row) … end }, got %s", th_describe(L, -1));
        lua_Integer column = width(g) + 1;
        if (column > TH_COLUMNS)
            th_usage(L, WHAT ": more than %d columns can not be shown", TH_COLUMNS);
        for (lua_Integer i = 1; i <= count; i++, lua_settop(L, list + 3)) {
            lua_rawgeti(L, g->rows, i); /* pair name function row */
            lua_pushvalue(L, list + 3);
            push_keyed(g, list + 4);
            lua_call(L, 1, 1);
            check_cell(L, lua_gettop(L));
            lua_rawseti(L, list + 4, column);
        }
        lua_pushvalue(L, list + 2);
        lua_rawseti(L, g->names, column);
    }
    lua_settop(L, list);
}

/* -1, 0 or 1: empty cells first, numbers before texts, texts by their bytes. */
static int compare_cells(lua_State *L, int a, int b)
{
    int x = lua_type(L, a), y = lua_type(L, b);

    if (x == LUA_TNUMBER && y == LUA_TNUMBER)
        return lua_compare(L, a, b, LUA_OPLT) ? -1 : lua_compare(L, b, a, LUA_OPLT);
    if (x == LUA_TSTRING && y == LUA_TSTRING) {
        int order = strcmp(lua_tostring(L, a), lua_tostring(L, b));
        return (order > 0) - (order < 0);
    }
    if (x == LUA_TBOOLEAN && y == LUA_TBOOLEAN)
        return lua_toboolean(L, a) - lua_toboolean(L, b);
    return (x > y) - (x < y);
}

/* Is row 1 before row 2? Upvalues: a list of column numbers, negative: downwards. Ties keep the order the rows had, which is the
 * cell behind the last column. */
static int row_before(lua_State *L)
{
    lua_Integer keys = (lua_Integer)lua_rawlen(L, lua_upvalueindex(1));

    for (lua_Integer k = 1; k <= keys; k++) {
        lua_rawgeti(L, lua_upvalueindex(1), k);
        lua_Integer column = lua_tointeger(L, -1);
        lua_rawgeti(L, 1, column < 0 ? -column : column);
        lua_rawgeti(L, 2, column < 0 ? -column : column);
        int order = compare_cells(L, -2, -1);
        lua_pop(L, 3);
        if (order != 0) {
            lua_pushboolean(L, (column < 0) == (order > 0));
            return 1;
        }
    }
    lua_pushboolean(L, 0);
    return 1;
}

/* Push the list of columns that sort = "-n" or { "name", "-n" } names, and the number that the rows had as the last key. */
static void push_keys(grid *g, int sort)
{
    lua_State *L = g->L;
    lua_Integer count = lua_type(L, sort) == LUA_TTABLE ? (lua_Integer)lua_rawlen(L, sort) : 1;

    lua_newtable(L);
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_type(L, sort) == LUA_TTABLE)
            lua_rawgeti(L, sort, i);
        else
            lua_pushvalue(L, sort);
        if (lua_type(L, -1) != LUA_TSTRING)
            th_usage(L, WHAT ": sort: expected a column such as \"-n\", got %s", th_describe(L, -1));
        const char *name = lua_tostring(L, -1);
        lua_Integer column = *name == '-' ? -column_of(g, "sort", name + 1) : column_of(g, "sort", name);
        lua_pop(L, 1);
        lua_pushinteger(L, column);
        lua_rawseti(L, -2, i);
    }
    lua_pushinteger(L, width(g) + 1);
    lua_rawseti(L, -2, count + 1);
}

static void sort_rows(grid *g)
{
    lua_State *L = g->L;
    lua_Integer count = height(g), columns = width(g);
    int type = key_type(g, "sort"), sort = lua_gettop(L);

    if (type == LUA_TNIL)
        return;
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, g->rows, i);
        lua_pushinteger(L, i);
        lua_rawseti(L, -2, columns + 1);
        lua_pop(L, 1);
    }
    lua_getglobal(L, "table");
    lua_getfield(L, -1, "sort");
    lua_pushvalue(L, g->rows);
    push_keys(g, sort);
    lua_pushcclosure(L, row_before, 1);
    lua_call(L, 2, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, g->rows, i);
        lua_pushnil(L);
        lua_rawseti(L, -2, columns + 1);
        lua_pop(L, 1);
    }
}

/* Push the row of sums: "total" in the first column, and under every other column of numbers their sum. */
static void push_total(grid *g)
{
    lua_State *L = g->L;
    lua_Integer count = height(g);

    lua_newtable(L);
    int total = lua_gettop(L);
    lua_pushliteral(L, "total");
    lua_rawseti(L, total, 1);
    for (lua_Integer column = 2; column <= width(g); column++) {
        bool numbers = true, any = false;
        lua_pushinteger(L, 0);
        for (lua_Integer i = 1; i <= count && numbers; i++) {
            lua_rawgeti(L, g->rows, i);
            lua_rawgeti(L, -1, column);
            lua_remove(L, -2); /* sum cell */
            int type = lua_type(L, -1);
            numbers = type == LUA_TNUMBER || type == LUA_TNIL;
            any |= type == LUA_TNUMBER;
            if (type == LUA_TNUMBER)
                lua_arith(L, LUA_OPADD);
            else
                lua_pop(L, 1);
        }
        if (numbers && any)
            lua_rawseti(L, total, column);
        lua_settop(L, total);
    }
}

static void limit_rows(grid *g)
{
    lua_State *L = g->L;
    int whole = 1;
    bool wants_total;

    key_type(g, "total");
    wants_total = lua_toboolean(L, -1);
    if (wants_total)
        push_total(g);
    int total = lua_gettop(L);
    if (key_type(g, "limit") != LUA_TNIL) {
        lua_Integer limit = lua_tointegerx(L, -1, &whole);
        if (!whole)
            th_usage(L, WHAT ": limit: expected a whole number, got %s", th_describe(L, -1));
        for (lua_Integer i = height(g); limit > 0 && i > limit; i--) {
            lua_pushnil(L);
            lua_rawseti(L, g->rows, i);
        }
    }
    if (wants_total) {
        lua_pushvalue(L, total);
        lua_rawseti(L, g->rows, height(g) + 1);
    }
}

/* ---- the table ---- */

static th_table *self(lua_State *L)
{
    return (th_table *)((const th_handle *)lua_touserdata(L, 1))->item;
}

/* A text field of the cell table at `index`; NULL when it has none. The table keeps the text. */
static const char *cell_field(lua_State *L, int index, const char *key)
{
    int type = lua_getfield(L, index, key);
    const char *text = type == LUA_TSTRING ? lua_tostring(L, -1) : NULL;

    if (type != LUA_TNIL && !text)
        th_usage(L, "a cell's %s is a text, got %s", key, th_describe(L, -1));
    lua_pop(L, 1);
    return text;
}

static bool add_value(lua_State *L, th_table *table, int index);

/* { value, sign =, unit =, link = } */
static bool add_dressed(lua_State *L, th_table *table, int index)
{
    const char *sign = cell_field(L, index, "sign"), *unit = cell_field(L, index, "unit"), *link = cell_field(L, index, "link");

    lua_rawgeti(L, index, 1);
    bool ok = add_value(L, table, lua_gettop(L));
    lua_pop(L, 1);
    return ok && ((!sign && !unit) || th_table_show(table, sign, unit)) && (!link || th_table_link(table, link));
}

static bool add_value(lua_State *L, th_table *table, int index)
{
    size_t len;
    const char *text;

    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        return lua_isinteger(L, index) ? th_table_integer(table, lua_tointeger(L, index))
                                       : th_table_number(table, lua_tonumber(L, index));
    case LUA_TBOOLEAN:
        text = lua_toboolean(L, index) ? "true" : "false";
        return th_table_text(table, text, strlen(text));
    case LUA_TSTRING:
        text = lua_tolstring(L, index, &len);
        return th_table_text(table, text, len);
    case LUA_TTABLE:
        return add_dressed(L, table, index);
    default:
        return th_table_empty(table);
    }
}

/* Add the checked row at `row`. */
static void add_row(lua_State *L, th_table *table, int row)
{
    bool ok = th_table_row(table);

    for (size_t i = 1; ok && i <= th_table_columns(table); i++) {
        lua_rawgeti(L, row, (lua_Integer)i);
        ok = add_value(L, table, lua_gettop(L));
        lua_pop(L, 1);
    }
    if (!ok)
        luaL_error(L, "not enough memory");
}

static void fill(grid *g, th_handle *h)
{
    lua_State *L = g->L;
    const char *names[TH_COLUMNS];
    lua_Integer columns = width(g), count = height(g);

    for (lua_Integer i = 1; i <= columns; i++) {
        lua_rawgeti(L, g->names, i);
        names[i - 1] = lua_tostring(L, -1); /* the list keeps it */
        lua_pop(L, 1);
    }
    h->item = th_table_new(names, (size_t)columns);
    if (!h->item)
        luaL_error(L, "not enough memory");
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, g->rows, i);
        add_row(L, (th_table *)h->item, lua_gettop(L));
        lua_pop(L, 1);
    }
}

static const char *const spec_keys[] = {"columns", "sql",  "params", "rows",  "value", "how",  "where",
                                        "filter",  "derive", "sort", "limit", "total", "title", "key"};
enum { SPEC_KEYS = sizeof spec_keys / sizeof *spec_keys };

static void check_spec(lua_State *L)
{
    lua_pushnil(L);
    while (lua_next(L, 2) != 0) {
        int i = 0;
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TNUMBER)
            continue;
        const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "?";
        while (i < SPEC_KEYS && strcmp(spec_keys[i], key) != 0)
            i++;
        if (i == SPEC_KEYS)
            th_usage(L, WHAT ": unknown key \"%s\"%s", key, th_suggest(L, key, spec_keys, SPEC_KEYS));
    }
}

int th_corpus_table(lua_State *L)
{
    luaL_checkstack(L, 60, "table");
    lua_settop(L, 2);
    check_spec(L);
    th_handle *h = th_handle_new(L, th_vm_of(L), TH_CLASS_TABLE); /* holds nothing yet: what raises leaves it to the collector */
    lua_newtable(L);
    lua_newtable(L); /* corpus spec table names rows */
    grid g = {.L = L, .spec = 2, .names = 4, .rows = 5};
    if (key_type(&g, "sql") == LUA_TSTRING)
        from_sql(&g, lua_tostring(L, -1));
    else if (key_type(&g, "rows") == LUA_TSTRING)
        from_pivot(&g);
    else
        from_rows(&g);
    lua_settop(L, 5);
    filter_rows(&g);
    lua_settop(L, 5);
    derive_columns(&g);
    lua_settop(L, 5);
    sort_rows(&g);
    lua_settop(L, 5);
    limit_rows(&g);
    lua_settop(L, 5);
    fill(&g, h);
    if (key_type(&g, "title") == LUA_TSTRING && !th_table_set_title((th_table *)h->item, lua_tostring(L, -1)))
        return luaL_error(L, "not enough memory");
    if (key_type(&g, "key") == LUA_TSTRING && !th_table_set_key((th_table *)h->item, lua_tostring(L, -1)))
        return th_usage(L, WHAT ": key: there is no column \"%s\"", lua_tostring(L, -1));
    lua_settop(L, 3);
    return 1;
}

static int table_add(lua_State *L)
{
    th_table *table = self(L);

    lua_settop(L, 2);
    copy_row(L, 2, (lua_Integer)th_table_columns(table));
    add_row(L, table, 3);
    lua_settop(L, 1);
    return 1;
}

static int table_print(lua_State *L)
{
    th_str *out = &th_vm_of(L)->buffer;
    lua_Integer rows = luaL_optinteger(L, 2, 0);

    th_str_clear(out);
    th_table_print_head(self(L), rows > 0 ? (size_t)rows : th_table_rows(self(L)), out, th_terminal_width(stdout));
    if (!th_str_ok(out))
        return luaL_error(L, "not enough memory");
    fwrite(th_str_text(out), 1, out->len, stdout);
    return 0;
}

static int table_row(lua_State *L)
{
    th_table *table = self(L);
    lua_Integer n = lua_tointeger(L, 2), count = (lua_Integer)th_table_rows(table);
    long long integer;
    double number;
    size_t len;

    if (n < 0)
        n += count + 1;
    if (n < 1 || n > count) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, (int)th_table_columns(table), 0);
    for (size_t i = 0; i < th_table_columns(table); i++) {
        const char *text;
        switch (th_table_cell(table, (size_t)n - 1, i, &text, &len, &number, &integer)) {
        case TH_TABLE_TEXT: lua_pushlstring(L, text, len); break;
        case TH_TABLE_NUMBER: lua_pushnumber(L, number); break;
        case TH_TABLE_INTEGER: lua_pushinteger(L, integer); break;
        default: lua_pushnil(L);
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* ---- files ---- */

/* What a table can be written as, told by the name's ending. */
static const struct {
    const char *tail;
    void (*write)(const th_table *table, th_str *out);
} formats[] = {{".csv", th_table_csv},   {".tsv", th_table_tsv},       {".md", th_table_md},
               {".json", th_table_json}, {".ndjson", th_table_ndjson}};
enum { FORMATS = sizeof formats / sizeof *formats };

static int write_workbook(lua_State *L)
{
    const th_table *table = self(L);
    th_error err = {0};
    const char *path = th_output_path(L, 2, "table:write");

    if (th_xlsx_write(path, th_vm_of(L)->script->options->output, &table, 1, &err) != TH_OK)
        return th_usage(L, "table:write: %s", err.text);
    th_log(TH_LOG_INFO, "wrote %s", path);
    return 1;
}

static int table_write(lua_State *L)
{
    th_str *out = &th_vm_of(L)->buffer;
    const char *name = lua_tostring(L, 2);
    size_t f = 0;

    if (th_path_ends(name, ".xlsx"))
        return write_workbook(L);
    while (f < FORMATS && !th_path_ends(name, formats[f].tail))
        f++;
    if (f == FORMATS)
        return th_usage(L, "table:write: \"%s\": the kind of file is told by its name; known: .csv .tsv .md .json .ndjson .xlsx", name);
    bool bom = lua_type(L, 3) == LUA_TTABLE && (lua_getfield(L, 3, "bom"), lua_toboolean(L, -1));
    const char *path = th_output_path(L, 2, "table:write");
    th_str_clear(out);
    if (bom)
        th_str_puts(out, "\xEF\xBB\xBF");
    formats[f].write(self(L), out);
    th_output_write(L, path, out, "table:write");
    return 1;
}

static int table_len(lua_State *L)
{
    const th_handle *h = th_handle_check(L, th_vm_of(L), 1, TH_CLASS_TABLE);

    lua_pushinteger(L, (lua_Integer)th_table_rows(h->item));
    return 1;
}

static int table_free(lua_State *L)
{
    th_handle *h = lua_touserdata(L, 1);

    th_table_free((th_table *)h->item);
    h->item = NULL;
    return 0;
}

static const luaL_Reg table_meta[] = {{"__gc", table_free}, {"__len", table_len}, {NULL, NULL}};

#define EXAMPLE "local t = corpus:table { columns = { \"name\", \"n\" }, { \"厦门\", 3 } }\n"

static const th_function table_methods[] = {
    {.name = "add", .call = table_add, .since = "0.1", .where = TH_IN_SCRIPT, .doc = "Adds a row at the end; gives the table itself.",
     .params = {{"row", "any[]", "cells in column order"}}, .returns = {{"table", "table_object", NULL}},
     .example = EXAMPLE "t:add { \"泉州\", 4 }\n#t --> 2"},
    {.name = "row", .call = table_row, .since = "0.1", .where = TH_IN_SCRIPT,
     .doc = "A row as a list of cells; nil when there is none. Negative numbers count from the end.",
     .params = {{"n", "integer", NULL}}, .returns = {{"row", "any[]?", NULL}}, .example = EXAMPLE "t:row(-1)[1] --> 厦门"},
    {.name = "print", .call = table_print, .since = "0.1", .where = TH_IN_SCRIPT,
     .doc = "Prints it, aligned by display width; on a terminal it is cut to its columns.",
     .params = {{"rows", "integer?", "at most so many rows, with a line that counts the rest"}}, .example = EXAMPLE "t:print()"},
    {.name = "write", .call = table_write, .since = "0.1", .where = TH_IN_SCRIPT,
     .doc = "Writes it below the output folder as the ending of its name says: `.csv .tsv .md .json .ndjson .xlsx`; folders are made. Gives the path.",
     .params = {{"name", "string", NULL}, {"options", "table?", "`bom = true`: with a byte order mark, by which spreadsheets know UTF-8 in a CSV"}}, .returns = {{"path", "string", NULL}},
     .example = EXAMPLE "t:write(\"regions/count.csv\"):match(\"regions/.*\") --> regions/count.csv"},
    {0}};

const th_class_def th_class_table = {.id = TH_CLASS_TABLE,
                                     .name = "table_object",
                                     .label = "a table",
                                     .doc = "What `corpus:table` makes. `#t` is the number of its rows.",
                                     .get = th_class_no_field,
                                     .methods = table_methods,
                                     .metamethods = table_meta,
                                     .write_hint = "add rows with t:add { … }"};
