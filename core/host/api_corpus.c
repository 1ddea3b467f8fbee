/* api_corpus.c - the corpus and its tables, for scripts. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "host/internal.h"
#include "report/table.h"

enum { MAX_PARAMS = 32, MAX_COLUMNS = 256 };

/* ---- queries ---- */

/* The Lua value at `index` as a parameter; texts stay on the stack. */
static th_cell to_cell(lua_State *L, int index, const char *what)
{
    th_cell cell = {.type = TH_CELL_NULL};

    switch (lua_type(L, index)) {
    case LUA_TNIL:
        break;
    case LUA_TBOOLEAN:
        cell = (th_cell){.type = TH_CELL_INTEGER, .integer = lua_toboolean(L, index)};
        break;
    case LUA_TNUMBER:
        if (lua_isinteger(L, index))
            cell = (th_cell){.type = TH_CELL_INTEGER, .integer = lua_tointeger(L, index)};
        else
            cell = (th_cell){.type = TH_CELL_NUMBER, .number = lua_tonumber(L, index)};
        break;
    case LUA_TSTRING:
        cell.type = TH_CELL_TEXT;
        cell.text = lua_tolstring(L, index, &cell.len);
        break;
    default:
        th_usage(L, "%s: a parameter is a text, a number, a boolean or nil, got %s", what, th_describe(L, index));
    }
    return cell;
}

static void push_cell(lua_State *L, const th_cell *cell)
{
    switch (cell->type) {
    case TH_CELL_INTEGER: lua_pushinteger(L, cell->integer); break;
    case TH_CELL_NUMBER: lua_pushnumber(L, cell->number); break;
    case TH_CELL_TEXT: lua_pushlstring(L, cell->text, cell->len); break;
    default: lua_pushnil(L);
    }
}

/* What th_store_query() fills: either a list of rows on the stack or a table. */
typedef struct rows {
    lua_State *L;
    int list;           /* stack index of the list; its rows are tables by column name */
    lua_Integer count;
    th_table **table;   /* or the table that is made of the rows */
    bool no_memory;
} rows;

static bool take_row(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    rows *r = ctx;
    lua_State *L = r->L;

    if (r->count == 0) {
        lua_createtable(L, (int)count, 0);
        for (size_t i = 0; i < count; i++) {
            lua_pushstring(L, names[i]);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        lua_setfield(L, r->list, "columns");
    }
    if (!values)
        return true;
    lua_createtable(L, 0, (int)count);
    for (size_t i = 0; i < count; i++) {
        push_cell(L, &values[i]);
        lua_setfield(L, -2, names[i]);
    }
    lua_rawseti(L, r->list, ++r->count);
    return true;
}

static void run_query(lua_State *L, const char *what, const char *sql, const th_cell *params, size_t count, th_row_fn fn,
                      rows *r)
{
    th_vm *vm = th_vm_of(L);
    th_error err = {0};

    if (!vm->script->store)
        th_usage(L, "%s: the corpus is there only inside script.run", what);
    if (th_store_query(vm->script->store, sql, params, count, fn, r, &err) != TH_OK)
        th_usage(L, "%s: %s", what, err.text);
    if (r->no_memory)
        luaL_error(L, "not enough memory");
}

/* corpus:query(sql, …) -> rows */
static int corpus_query(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    th_cell params[MAX_PARAMS];
    int given = lua_gettop(L) - 2;

    th_handle_check(L, vm, 1, TH_CLASS_CORPUS);
    const char *sql = th_arg_text(L, 2, "corpus:query", NULL);
    if (given > MAX_PARAMS)
        return th_usage(L, "corpus:query: at most %d parameters", MAX_PARAMS);
    for (int i = 0; i < given; i++)
        params[i] = to_cell(L, i + 3, "corpus:query");
    lua_newtable(L);
    rows r = {.L = L, .list = lua_gettop(L)};
    luaL_checkstack(L, 8, "rows");
    run_query(L, "corpus:query", sql, params, given > 0 ? (size_t)given : 0, take_row, &r);
    lua_settop(L, r.list);
    return 1;
}

/* ---- tables ---- */

static th_table *check_table(lua_State *L)
{
    return (th_table *)th_handle_check(L, th_vm_of(L), 1, TH_CLASS_TABLE)->item;
}

/* Push a table object that holds nothing yet: what raises later leaves it to the collector. */
static th_handle *new_table(lua_State *L)
{
    return th_handle_new(L, th_vm_of(L), TH_CLASS_TABLE);
}

static void set_table(lua_State *L, th_handle *h, const char *const *names, size_t count)
{
    h->item = th_table_new(names, count);
    if (!h->item)
        luaL_error(L, "not enough memory");
}

static bool add_value(lua_State *L, th_table *table, int index)
{
    size_t len;

    switch (lua_type(L, index)) {
    case LUA_TNIL:
        return th_table_empty(table);
    case LUA_TBOOLEAN:
        return th_table_text(table, lua_toboolean(L, index) ? "true" : "false", lua_toboolean(L, index) ? 4 : 5);
    case LUA_TNUMBER:
        return lua_isinteger(L, index) ? th_table_integer(table, lua_tointeger(L, index))
                                       : th_table_number(table, lua_tonumber(L, index));
    case LUA_TSTRING: {
        const char *text = lua_tolstring(L, index, &len);
        return th_table_text(table, text, len);
    }
    default:
        th_usage(L, "a cell is a text, a number, a boolean or nil, got %s", th_describe(L, index));
        return false;
    }
}

/* Add the list at `index` as a row. */
static void add_row(lua_State *L, th_table *table, int index)
{
    size_t columns = th_table_columns(table);

    if (lua_type(L, index) != LUA_TTABLE)
        th_usage(L, "a row is a list of cells, got %s", th_describe(L, index));
    if (lua_rawlen(L, index) > columns)
        th_usage(L, "a row of %d cells in a table of %d columns", (int)lua_rawlen(L, index), (int)columns);
    bool ok = th_table_row(table);
    for (size_t i = 0; ok && i < columns; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        ok = add_value(L, table, lua_gettop(L));
        lua_pop(L, 1);
    }
    if (!ok)
        luaL_error(L, "not enough memory");
}

/* The list of texts in field `key` of argument 2. */
static size_t read_names(lua_State *L, const char *key, const char **names)
{
    if (lua_getfield(L, 2, key) != LUA_TTABLE)
        th_usage(L, "corpus:table: %s: expected a list of texts, got %s", key, th_describe(L, -1));
    size_t count = lua_rawlen(L, -1);
    if (count == 0 || count > MAX_COLUMNS)
        th_usage(L, "corpus:table: %s: expected 1 to %d names", key, MAX_COLUMNS);
    luaL_checkstack(L, (int)count + 4, "columns");
    int list = lua_gettop(L);
    for (size_t i = 0; i < count; i++) { /* the texts stay on the stack */
        if (lua_rawgeti(L, list, (lua_Integer)i + 1) != LUA_TSTRING)
            th_usage(L, "corpus:table: %s: expected a text, got %s", key, th_describe(L, -1));
        names[i] = lua_tostring(L, -1);
    }
    return count;
}

static void from_rows(lua_State *L, th_handle *h)
{
    const char *names[MAX_COLUMNS];
    size_t count = read_names(L, "columns", names);

    set_table(L, h, names, count);
    for (lua_Integer i = 1; lua_rawgeti(L, 2, i) != LUA_TNIL; i++) {
        add_row(L, (th_table *)h->item, lua_gettop(L));
        lua_pop(L, 1);
    }
}

static bool fill_row(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    rows *r = ctx;

    if (!*r->table && !(*r->table = th_table_new(names, count)))
        return !(r->no_memory = true);
    bool ok = !values || th_table_row(*r->table);
    for (size_t i = 0; values && ok && i < count; i++)
        switch (values[i].type) {
        case TH_CELL_INTEGER: ok = th_table_integer(*r->table, values[i].integer); break;
        case TH_CELL_NUMBER: ok = th_table_number(*r->table, values[i].number); break;
        case TH_CELL_TEXT: ok = th_table_text(*r->table, values[i].text, values[i].len); break;
        default: ok = th_table_empty(*r->table);
        }
    return !(r->no_memory = !ok);
}

static void from_sql(lua_State *L, th_handle *h, const char *sql)
{
    th_cell params[MAX_PARAMS];
    size_t count = 0;
    th_table *table = NULL;

    if (lua_getfield(L, 2, "params") == LUA_TTABLE) {
        int list = lua_gettop(L);
        count = lua_rawlen(L, list);
        if (count > MAX_PARAMS)
            th_usage(L, "corpus:table: at most %d parameters", MAX_PARAMS);
        luaL_checkstack(L, MAX_PARAMS + 4, "parameters");
        for (size_t i = 0; i < count; i++) { /* the values stay on the stack */
            lua_rawgeti(L, list, (lua_Integer)i + 1);
            params[i] = to_cell(L, lua_gettop(L), "corpus:table");
        }
    }
    rows r = {.L = L, .table = &table};
    th_vm *vm = th_vm_of(L);
    th_error err = {0};
    if (!vm->script->store)
        th_usage(L, "corpus:table: the corpus is there only inside script.run");
    th_status status = th_store_query(vm->script->store, sql, params, count, fill_row, &r, &err);
    h->item = table; /* the collector's from here on */
    if (status != TH_OK)
        th_usage(L, "corpus:table: %s", err.text);
    if (r.no_memory)
        luaL_error(L, "not enough memory");
    if (!table)
        th_usage(L, "corpus:table: the statement gives no columns");
}

/* ---- pivots ---- */

/* "region", "article.source" or "metric.indicator" as SQL appended to `out`; `*kind` becomes the record kind it is of. */
static void pivot_column(lua_State *L, const char *key, const char *name, th_str *out, const char **kind)
{
    const char *dot = strchr(name, '.');

    if (strcmp(name, "region") == 0) {
        th_str_puts(out, "coalesce(article.region_name, '-')");
        return;
    }
    const char *table = dot ? lua_pushlstring(L, name, (size_t)(dot - name)) : "";
    if (!dot || th_field_name_fault(dot + 1) || (strcmp(table, "article") != 0 && th_kind_name_fault(table)))
        th_usage(L, "corpus:table: %s: expected region, article.FIELD or KIND.FIELD, got \"%s\"", key, name);
    if (strcmp(table, "article") != 0) {
        if (*kind && strcmp(*kind, table) != 0)
            th_usage(L, "corpus:table: one record kind at a time, got %s and %s", *kind, table);
        *kind = table;
    }
    th_str_addf(out, "coalesce(\"%s\".\"%s\", '-')", table, dot + 1);
}

static const char *pivot_name(lua_State *L, const char *key)
{
    if (lua_getfield(L, 2, key) != LUA_TSTRING)
        th_usage(L, "corpus:table: %s: expected a name such as \"region\" or \"metric.indicator\", got %s", key,
                 th_describe(L, -1));
    return lua_tostring(L, -1);
}

/* The statement that gives row, column and value of every filled cell. */
static const char *pivot_sql(lua_State *L, th_str *sql)
{
    const char *row = pivot_name(L, "rows"), *column = pivot_name(L, "columns"), *value = pivot_name(L, "value");
    const char *kind = NULL;

    th_str_clear(sql);
    th_str_puts(sql, "SELECT ");
    pivot_column(L, "rows", row, sql, &kind);
    th_str_puts(sql, " AS r, ");
    pivot_column(L, "columns", column, sql, &kind);
    th_str_puts(sql, " AS c, ");
    if (strcmp(value, "count") == 0) {
        th_str_puts(sql, "count(*)");
    } else {
        th_str_puts(sql, "group_concat(DISTINCT ");
        pivot_column(L, "value", value, sql, &kind);
        th_str_putc(sql, ')');
    }
    th_str_puts(sql, " AS v FROM article");
    if (kind)
        th_str_addf(sql, " JOIN \"%s\" ON \"%s\".article_id = article.id", kind, kind);
    th_str_puts(sql, " WHERE article.duplicate_of IS NULL GROUP BY 1, 2 ORDER BY 1, 2");
    return th_str_text(sql);
}

/* The number of `text` in the list at `index` (from 1), added at its end when it is new; the map at `map` goes from text to number. */
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

static void from_pivot(lua_State *L, th_handle *h)
{
    th_vm *vm = th_vm_of(L);
    const char *names[MAX_COLUMNS];
    lua_Integer limit = 0;

    const char *sql = pivot_sql(L, &vm->buffer);
    if (lua_getfield(L, 2, "limit") != LUA_TNIL)
        limit = th_arg_integer(L, lua_gettop(L), "corpus:table: limit");
    lua_newtable(L);
    rows r = {.L = L, .list = lua_gettop(L)};
    run_query(L, "corpus:table", sql, NULL, 0, take_row, &r);
    lua_settop(L, r.list);
    for (int i = 0; i < 5; i++) /* row names, row map, column names, column map, cells by row */
        lua_newtable(L);
    int row_names = r.list + 1, row_map = r.list + 2, columns = r.list + 3, column_map = r.list + 4, cells = r.list + 5;
    for (lua_Integer i = 1; i <= r.count; i++) {
        lua_rawgeti(L, r.list, i); /* record */
        lua_getfield(L, -1, "r");
        lua_tostring(L, -1);
        lua_Integer row = place_of(L, row_names, row_map);
        lua_pop(L, 1);
        lua_getfield(L, -1, "c");
        lua_tostring(L, -1);
        lua_Integer column = place_of(L, columns, column_map);
        lua_pop(L, 1);
        if (lua_rawgeti(L, cells, row) == LUA_TNIL) {
            lua_pop(L, 1);
            lua_newtable(L);
            lua_pushvalue(L, -1);
            lua_rawseti(L, cells, row);
        }
        lua_getfield(L, -2, "v");
        lua_rawseti(L, -2, column);
        lua_pop(L, 2);
    }
    size_t count = lua_rawlen(L, columns), row_count = lua_rawlen(L, row_names);
    if (count + 1 > MAX_COLUMNS)
        th_usage(L, "corpus:table: %d columns; at most %d can be shown", (int)count, MAX_COLUMNS - 1);
    luaL_checkstack(L, (int)count + 8, "columns");
    names[0] = "";
    for (size_t c = 0; c < count; c++) { /* the texts stay on the stack */
        lua_rawgeti(L, columns, (lua_Integer)c + 1);
        names[c + 1] = lua_tostring(L, -1);
    }
    set_table(L, h, names, count + 1);
    th_table *table = (th_table *)h->item;
    for (size_t row = 1; row <= row_count && (limit <= 0 || row <= (size_t)limit); row++) {
        bool ok = th_table_row(table);
        lua_rawgeti(L, row_names, (lua_Integer)row);
        ok = ok && add_value(L, table, lua_gettop(L));
        lua_rawgeti(L, cells, (lua_Integer)row);
        int cell = lua_gettop(L);
        for (size_t c = 1; ok && c <= count; c++) {
            lua_rawgeti(L, cell, (lua_Integer)c);
            ok = add_value(L, table, lua_gettop(L));
            lua_pop(L, 1);
        }
        lua_pop(L, 2);
        if (!ok)
            luaL_error(L, "not enough memory");
    }
}

/* corpus:table { … } -> table */
static int corpus_table(lua_State *L)
{
    th_handle_check(L, th_vm_of(L), 1, TH_CLASS_CORPUS);
    if (lua_type(L, 2) != LUA_TTABLE)
        return th_usage(L, "corpus:table: expected { columns = {…}, {…}, … }, { sql = … } or { rows =, columns =, value = }");
    lua_settop(L, 2);
    th_handle *h = new_table(L); /* corpus spec table */
    if (lua_getfield(L, 2, "sql") == LUA_TSTRING)
        from_sql(L, h, lua_tostring(L, -1));
    else if (lua_getfield(L, 2, "rows") == LUA_TSTRING)
        from_pivot(L, h);
    else
        from_rows(L, h);
    if (lua_getfield(L, 2, "title") == LUA_TSTRING && !th_table_set_title((th_table *)h->item, lua_tostring(L, -1)))
        return luaL_error(L, "not enough memory");
    lua_settop(L, 3);
    return 1;
}

/* t:add { cell, … } -> t */
static int table_add(lua_State *L)
{
    th_table *table = check_table(L);

    lua_settop(L, 2);
    add_row(L, table, 2);
    lua_settop(L, 1);
    return 1;
}

/* t:print() */
static int table_print(lua_State *L)
{
    th_table *table = check_table(L);
    th_str *out = &th_vm_of(L)->buffer;

    th_str_clear(out);
    th_table_print(table, out, th_terminal_width(stdout));
    if (!th_str_ok(out))
        return luaL_error(L, "not enough memory");
    fwrite(th_str_text(out), 1, out->len, stdout);
    return 0;
}

/* ---- files ---- */

/* Is the name one below the output folder? */
static bool is_below(const char *name)
{
    if (!*name || *name == '/')
        return false;
    for (const char *part = name; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || !part[2]))
            return false;
    return true;
}

static bool ends_in(const char *name, const char *tail)
{
    size_t len = strlen(name), n = strlen(tail);

    return len > n && strcmp(name + len - n, tail) == 0;
}

/* Make the folders that `path` stands in. */
static bool make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool ok = mkdir(path, 0777) == 0 || errno == EEXIST;
        *slash = '/';
        if (!ok)
            return false;
    }
    return true;
}

static bool write_file(const char *path, const th_str *text)
{
    FILE *fp = fopen(path, "wb");

    if (!fp)
        return false;
    bool ok = fwrite(th_str_text(text), 1, text->len, fp) == text->len;
    return fclose(fp) == 0 && ok;
}

/* t:write(name) -> path */
static int table_write(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    th_table *table = check_table(L);
    const char *name = th_arg_text(L, 2, "table:write", NULL);

    if (!is_below(name))
        return th_usage(L, "table:write: \"%s\": files are written below the output folder (%s)", name, vm->script->options->output);
    if (!ends_in(name, ".csv"))
        return th_usage(L, "table:write: \"%s\": the kind of file is told by its name; known: .csv", name);
    const char *path = lua_pushfstring(L, "%s/%s", vm->script->options->output, name);
    char *folders = lua_newuserdatauv(L, strlen(path) + 1, 0);
    strcpy(folders, path);
    th_str_clear(&vm->buffer);
    th_table_csv(table, &vm->buffer);
    if (!th_str_ok(&vm->buffer))
        return luaL_error(L, "not enough memory");
    if (!make_folders(folders) || !write_file(path, &vm->buffer))
        return th_usage(L, "table:write: %s: %s", path, strerror(errno));
    th_log(TH_LOG_INFO, "wrote %s", path);
    lua_pop(L, 1);
    return 1;
}

static int table_free(lua_State *L)
{
    th_handle *h = lua_touserdata(L, 1);

    th_table_free((th_table *)h->item);
    h->item = NULL;
    return 0;
}

/* ---- classes ---- */

static int no_field(lua_State *L, th_vm *vm, const th_handle *h, int field)
{
    (void)vm;
    (void)h;
    (void)field;
    lua_pushnil(L);
    return 1;
}

void th_corpus_open(lua_State *L)
{
    static const char *const none[] = {NULL};
    static const luaL_Reg corpus_methods[] = {{"query", corpus_query}, {"table", corpus_table}, {NULL, NULL}};
    static const luaL_Reg table_methods[] = {
        {"add", table_add}, {"print", table_print}, {"write", table_write}, {NULL, NULL}};
    static const luaL_Reg table_meta[] = {{"__gc", table_free}, {NULL, NULL}};
    static const th_class_def corpus = {TH_CLASS_CORPUS, "a corpus", none, no_field, corpus_methods, NULL,
                                        "scripts only read it"};
    static const th_class_def table = {TH_CLASS_TABLE, "a table", none, no_field, table_methods, table_meta,
                                       "add rows with t:add { … }"};

    th_class_open(L, &corpus);
    th_class_open(L, &table);
}
