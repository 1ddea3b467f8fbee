/* api_corpus.c - the corpus, for scripts: statements, articles, records. */
#include <string.h>
#include <time.h>

#include "host/api.h"
#include "host/corpus.h"

/* ---- cells ---- */

th_cell th_to_cell(lua_State *L, int index, const char *what)
{
    th_cell cell = {.type = TH_CELL_NULL};

    switch (lua_type(L, index)) {
    case LUA_TNONE:
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
        th_usage(L, "%s: a value is a text, a number, a boolean or nil, got %s", what, th_describe(L, index));
    }
    return cell;
}

void th_push_cell(lua_State *L, const th_cell *cell)
{
    switch (cell->type) {
    case TH_CELL_INTEGER: lua_pushinteger(L, cell->integer); break;
    case TH_CELL_NUMBER: lua_pushnumber(L, cell->number); break;
    case TH_CELL_TEXT: lua_pushlstring(L, cell->text, cell->len); break;
    default: lua_pushnil(L);
    }
}

/* ---- statements ---- */

/* Collects rows in a protected call: an error of Lua must not jump over the store's frames, which hold a statement. */
typedef struct collector {
    lua_State *L;
    int list; /* stack index */
    lua_Integer count;
    bool keyed, has_columns, failed;
} collector;

typedef struct row {
    const char *const *names;
    const th_cell *values;
    size_t count;
} row;

static int keep_columns(lua_State *L)
{
    const row *r = lua_touserdata(L, 2);

    lua_createtable(L, (int)r->count, 0);
    for (size_t i = 0; i < r->count; i++) {
        lua_pushstring(L, r->names[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, 1, "columns");
    return 0;
}

/* list, row, number, keyed */
static int keep_row(lua_State *L)
{
    const row *r = lua_touserdata(L, 2);
    bool keyed = lua_toboolean(L, 4);

    lua_createtable(L, keyed ? 0 : (int)r->count, keyed ? (int)r->count : 0);
    for (size_t i = 0; i < r->count; i++) {
        th_push_cell(L, &r->values[i]);
        if (keyed)
            lua_setfield(L, -2, r->names[i]);
        else
            lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_rawseti(L, 1, lua_tointeger(L, 3));
    return 0;
}

static bool take_row(void *ctx, const char *const *names, const th_cell *values, size_t count)
{
    collector *c = ctx;
    lua_State *L = c->L;
    row r = {names, values, count};

    if (!c->has_columns) {
        c->has_columns = true;
        lua_pushcfunction(L, keep_columns);
        lua_pushvalue(L, c->list);
        lua_pushlightuserdata(L, &r);
        c->failed = lua_pcall(L, 2, 0, 0) != LUA_OK;
    }
    if (values && !c->failed) {
        lua_pushcfunction(L, keep_row);
        lua_pushvalue(L, c->list);
        lua_pushlightuserdata(L, &r);
        lua_pushinteger(L, ++c->count);
        lua_pushboolean(L, c->keyed);
        c->failed = lua_pcall(L, 4, 0, 0) != LUA_OK;
    }
    return !c->failed; /* the error stays on the top */
}

void th_push_rows(th_statement *s, bool keyed)
{
    lua_State *L = s->L;
    th_script *script = th_vm_of(L)->script;
    th_error err = {0};

    luaL_checkstack(L, 12, "rows");
    if (!script || !script->store)
        th_usage(L, "%s: the corpus is there only inside script.run", s->what);
    if (!th_str_ok(s->sql))
        luaL_error(L, "not enough memory");
    lua_newtable(L);
    collector c = {.L = L, .list = lua_gettop(L), .keyed = keyed};
    th_status status = th_store_query(script->store, th_str_text(s->sql), s->params, s->param_count, take_row, &c, &err);
    if (c.failed)
        lua_error(L);
    if (status != TH_OK)
        th_usage(L, "%s: %s", s->what, err.text);
}

static th_statement begin(lua_State *L, const char *what)
{
    th_statement s = {.L = L, .sql = &th_vm_of(L)->buffer, .what = what};

    th_str_clear(s.sql);
    return s;
}

static void add_param(th_statement *s, th_cell cell)
{
    if (s->param_count == TH_PARAMS)
        th_usage(s->L, "%s: at most %d values", s->what, TH_PARAMS);
    s->params[s->param_count++] = cell;
}

/* ---- filters ---- */

void th_check_kind(th_statement *s, const char *kind)
{
    lua_State *L = s->L;
    const char *names[64];
    size_t count = 0;
    th_statement list = {.L = L, .sql = s->sql, .what = s->what};

    th_str_clear(s->sql);
    th_str_puts(s->sql, "SELECT name FROM kind ORDER BY name");
    th_push_rows(&list, false);
    int rows = lua_gettop(L);
    for (lua_Integer i = 1; lua_rawgeti(L, rows, i) == LUA_TTABLE && count < 64; i++, lua_settop(L, rows)) {
        lua_rawgeti(L, -1, 1);
        names[count++] = lua_tostring(L, -1); /* the rows keep it */
        if (strcmp(names[count - 1], kind) == 0) {
            lua_settop(L, rows - 1);
            th_str_clear(s->sql);
            return;
        }
    }
    th_usage(L, "%s: the store has no records of kind \"%s\"%s; name their plugin in needs = { … }", s->what, kind,
             th_suggest(L, kind, names, count));
}

/* Push the names of the record table's columns as a set; nil when `kind` is NULL. */
static void push_fields(th_statement *s, const char *kind)
{
    lua_State *L = s->L;
    th_statement probe = {.L = L, .sql = s->sql, .what = s->what};
    size_t mark = s->sql->len;

    if (!kind) {
        lua_pushnil(L);
        return;
    }
    const char *kept = lua_pushlstring(L, th_str_text(s->sql), mark);
    th_str_clear(s->sql);
    th_str_addf(s->sql, "SELECT * FROM \"%s\" LIMIT 0", kind);
    th_push_rows(&probe, false);
    th_str_clear(s->sql);
    th_str_add(s->sql, kept, mark);
    lua_newtable(L);
    lua_getfield(L, -2, "columns"); /* kept rows set columns */
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) == LUA_TSTRING; i++) {
        lua_pushboolean(L, 1);
        lua_rawset(L, -4);
    }
    lua_pop(L, 2);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

/* " AND COLUMN = ?" for the value at `value`; a list means any of its values. */
static void add_equal(th_statement *s, const char *key, int value, const char *column)
{
    lua_State *L = s->L;
    const char *what = lua_pushfstring(L, "%s: %s", s->what, key);

    if (lua_type(L, value) != LUA_TTABLE) {
        add_param(s, th_to_cell(L, value, what));
        th_str_addf(s->sql, " AND %s = ?%zu", column, s->param_count);
        return;
    }
    lua_Integer count = (lua_Integer)lua_rawlen(L, value);
    th_str_addf(s->sql, " AND %s IN (", column);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, value, i);
        add_param(s, th_to_cell(L, -1, what));
        th_str_addf(s->sql, "%s?%zu", i > 1 ? "," : "", s->param_count);
        lua_pop(L, 1);
    }
    th_str_puts(s->sql, ")");
}

static void add_compared(th_statement *s, const char *key, int value, const char *condition)
{
    if (lua_type(s->L, value) != LUA_TSTRING)
        th_usage(s->L, "%s: %s: expected text, got %s", s->what, key, th_describe(s->L, value));
    add_param(s, th_to_cell(s->L, value, s->what));
    th_str_addf(s->sql, " AND %s ?%zu", condition, s->param_count);
}

/* Keys that are read elsewhere stand last. */
static const char *const filter_keys[] = {"region", "source", "path", "title", "from", "to", "duplicates", "order", "limit",
                                          "text",   "sentence"};
enum { FILTER_KEYS = sizeof filter_keys / sizeof *filter_keys, ELSEWHERE = 6 };

/* Has the kind a field of this name? Its fields are the set at `fields`, nil when there is no kind. */
static bool has_field(lua_State *L, int fields, const char *name)
{
    bool found = lua_istable(L, fields) && lua_getfield(L, fields, name) != LUA_TNIL;

    if (lua_istable(L, fields))
        lua_pop(L, 1);
    return found;
}

/* The value at `value` under the key below it. */
static void add_key(th_statement *s, const char *kind, int fields, int value)
{
    lua_State *L = s->L;
    const char *key = lua_type(L, value - 1) == LUA_TSTRING ? lua_tostring(L, value - 1) : "?";
    const char *column = NULL;

    if (has_field(L, fields, key))
        column = lua_pushfstring(L, "\"%s\".\"%s\"", kind, key);
    else if (strcmp(key, "region") == 0 && has_field(L, fields, "region_name"))
        column = lua_pushfstring(L, "coalesce(\"%s\".region_name, article.region_name)", kind);
    else if (strcmp(key, "region") == 0)
        column = "article.region_name";
    else if (strcmp(key, "source") == 0)
        column = "article.source";
    else if (strcmp(key, "path") == 0)
        column = "article.path";
    if (column) {
        add_equal(s, key, value, column);
        return;
    }
    if (strcmp(key, "title") == 0) {
        add_param(s, th_to_cell(L, value, s->what));
        th_str_addf(s->sql, " AND instr(article.title, ?%zu) > 0", s->param_count);
        return;
    }
    if (strcmp(key, "from") == 0 || strcmp(key, "to") == 0) {
        add_compared(s, key, value, *key == 'f' ? "article.date >=" : "article.date <=");
        return;
    }
    for (int i = ELSEWHERE; i < FILTER_KEYS; i++)
        if (strcmp(filter_keys[i], key) == 0)
            return;
    th_usage(L, "%s: unknown key \"%s\"%s", s->what, key, th_suggest(L, key, filter_keys, FILTER_KEYS));
}

static bool flag(lua_State *L, int filter, const char *name)
{
    if (filter == 0)
        return false;
    lua_getfield(L, filter, name);
    bool on = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return on;
}

/* "-date" → "article.date DESC"; a field of the kind is looked for first. */
static void add_order(th_statement *s, const char *kind, int filter, int fields)
{
    lua_State *L = s->L;
    static const char *const known[] = {"id", "path", "title", "date", "source", "region_name"};

    if (filter != 0 && lua_getfield(L, filter, "order") != LUA_TNIL) {
        if (lua_type(L, -1) != LUA_TSTRING)
            th_usage(L, "%s: order: expected a column such as \"-date\", got %s", s->what, th_describe(L, -1));
        const char *name = lua_tostring(L, -1);
        bool down = *name == '-';
        name += down;
        bool own = has_field(L, fields, name);
        bool good = own;
        for (size_t i = 0; !good && i < sizeof known / sizeof *known; i++)
            good = strcmp(known[i], name) == 0;
        if (!good)
            th_usage(L, "%s: order: there is no column \"%s\"%s", s->what, name, th_suggest(L, name, known, 6));
        th_str_addf(s->sql, " ORDER BY \"%s\".\"%s\"%s, ", own ? kind : "article", name, down ? " DESC" : "");
    } else {
        th_str_puts(s->sql, " ORDER BY ");
    }
    th_str_puts(s->sql, "article.id");
    if (kind)
        th_str_addf(s->sql, ", \"%s\".start, \"%s\".id", kind, kind);
}

void th_add_filter(th_statement *s, const char *kind, int index)
{
    lua_State *L = s->L;
    int top = lua_gettop(L), whole = 1;

    luaL_checkstack(L, 20, "filter");
    push_fields(s, kind);
    int fields = lua_gettop(L);
    if (index != 0) {
        lua_pushnil(L);
        for (; lua_next(L, index) != 0; lua_settop(L, fields + 1))
            add_key(s, kind, fields, fields + 2);
    }
    if (!flag(L, index, "duplicates"))
        th_str_puts(s->sql, " AND article.duplicate_of IS NULL");
    add_order(s, kind, index, fields);
    if (index != 0 && lua_getfield(L, index, "limit") != LUA_TNIL) {
        lua_Integer limit = lua_tointegerx(L, -1, &whole);
        if (!whole || limit < 0)
            th_usage(L, "%s: limit: expected a whole number, got %s", s->what, th_describe(L, -1));
        th_str_addf(s->sql, " LIMIT %lld", (long long)limit);
    }
    lua_settop(L, top);
}

/* ---- methods ---- */

static int corpus_query(lua_State *L)
{
    int given = lua_gettop(L) - 2;
    th_statement s = begin(L, "corpus:query");

    th_str_puts(s.sql, lua_tostring(L, 2));
    for (int i = 0; i < given; i++)
        add_param(&s, th_to_cell(L, i + 3, "corpus:query"));
    th_push_rows(&s, true);
    return 1;
}

static int corpus_articles(lua_State *L)
{
    th_statement s = begin(L, "corpus:articles");
    int filter = lua_istable(L, 2) ? 2 : 0;

    th_str_puts(s.sql, "SELECT article.id, path, title, date, source, url, authors, lang, format, region_code, region_name");
    if (flag(L, filter, "text"))
        th_str_puts(s.sql, ", article.text");
    th_str_puts(s.sql, " FROM article WHERE 1");
    th_add_filter(&s, NULL, filter);
    th_push_rows(&s, true);
    return 1;
}

/* The records of `kind` that pass the filter at `filter` (0: all). */
static int push_records(lua_State *L, const char *kind, int filter)
{
    th_statement s = begin(L, "corpus:records");

    th_check_kind(&s, kind);
    th_str_addf(s.sql, "SELECT '%s:' || \"%s\".id AS ref, article.path, article.title, article.date, article.source", kind, kind);
    if (flag(L, filter, "sentence"))
        th_str_addf(s.sql, ", (SELECT CAST(substr(CAST(article.text AS BLOB), sentence.start + 1, sentence.stop - sentence.start) AS "
                           "TEXT) FROM sentence WHERE sentence.article_id = article.id AND sentence.start <= \"%s\".start AND "
                           "\"%s\".start < sentence.stop) AS sentence", kind, kind);
    th_str_addf(s.sql, ", \"%s\".* FROM \"%s\" JOIN article ON article.id = article_id WHERE 1", kind, kind);
    th_add_filter(&s, kind, filter);
    th_push_rows(&s, true);
    return 1;
}

/* Upvalue 1: the kind. */
static int filter_records(lua_State *L)
{
    lua_settop(L, 1);
    if (!lua_isnil(L, 1) && !lua_istable(L, 1))
        return th_usage(L, "corpus:records: filter: expected a table, got %s", th_describe(L, 1));
    return push_records(L, lua_tostring(L, lua_upvalueindex(1)), lua_istable(L, 1) ? 1 : 0);
}

static int corpus_records(lua_State *L)
{
    lua_settop(L, 3);
    if (lua_istable(L, 3))
        return push_records(L, lua_tostring(L, 2), 3);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, filter_records, 1);
    return 1;
}

static int corpus_refuse(lua_State *L)
{
    return th_usage_at(L, lua_pushfstring(L, "%s: %s", th_vm_of(L)->script->options->path, lua_tostring(L, 2)));
}

static const th_function corpus_methods[] = {
    {.name = "query", .call = corpus_query, .since = "0.1", .where = TH_IN_SCRIPT,
     .doc = "The rows of an SQL statement that only reads: a list of tables by column name, and `.columns`, the names in order. `?` stands for a value.",
     .params = {{"sql", "string", NULL}, {"...", "any", "values"}}, .returns = {{"rows", "table[]", NULL}},
     .example = "corpus:query(\"SELECT count(*) AS n FROM article WHERE region_name = ?\", \"宁波市\")[1].n --> 1"},
    {.name = "articles", .call = corpus_articles, .since = "0.1", .where = TH_IN_SCRIPT,
     .doc = "Articles as a list of tables with `id path title date source url authors lang format region_code region_name`, and `text` when it is asked for. "
            "Duplicates are left out.",
     .params = {{"filter", "article_filter?", NULL}}, .returns = {{"articles", "table[]", NULL}},
     .example = "corpus:articles { region = \"宁波市\", order = \"-date\" }[1].title --> 宁波加快引进人才"},
    {.name = "records", .call = corpus_records, .since = "0.1", .where = TH_IN_SCRIPT,
     .doc = "Records of a kind as a list of tables: their fields, `ref` (`metric:12`, which `talenthost explain` takes), and `path title date source` of their "
            "article. `corpus:records \"metric\" { … }` reads the same as `corpus:records(\"metric\", { … })`.",
     .params = {{"kind", "string", NULL}, {"filter", "record_filter?", "when left out, a function that takes it is returned"}},
     .returns = {{"records", "table[]|fun(filter?: record_filter): table[]", NULL}},
     .example = "local rows = corpus:records \"home\" { units = { 2400, 300 }, order = \"-units\" }\n"
                "rows[1].units --> 2400\nrows[1].ref --> home:1"},
    {.name = "table", .call = th_corpus_table, .since = "0.1", .where = TH_IN_SCRIPT,
     .doc = "A table to print and to write: from rows (`columns = {…}, {row}, {row}, …`), from a statement (`sql =`, `params =`), or a pivot (`rows =`, "
            "`columns =`, `value =`, each `region`, `article.FIELD` or `KIND.FIELD`; `value = \"count\"` counts). Then, in this order: `filter`, `derive`, "
            "`sort`, `limit`; `total` adds a last row of sums over all rows.",
     .params = {{"spec", "table_spec", NULL}}, .returns = {{"table", "table_object", NULL}},
     .example = "#corpus:table { rows = \"region\", columns = \"home.place\", value = \"home.units\", how = \"sum\" } --> 1\n"
                "local t = corpus:table {\n  columns = { \"name\", \"n\" }, { \"a\", 3 }, { \"b\", 5 }, { \"c\", 1 },\n"
                "  filter = function(row) return row.n > 1 end,\n"
                "  derive = { { \"twice\", function(row) return 2 * row.n end } },\n  sort = \"-n\", total = true,\n}\n"
                "t:row(1)[3] --> 10\nt:row(3)[2] --> 8"},
    {.name = "refuse", .call = corpus_refuse, .since = "0.1", .where = TH_IN_SCRIPT,
     .doc = "Ends the script because what it was asked for is wrong: an argument that can not be. The program's exit status is 2.",
     .params = {{"message", "string", "argument, what was expected, what was given"}},
     .example = "if args.level == \"village\" then corpus:refuse(\"level: expected province, city, county or zone\") end"},
    {.name = "report", .call = th_corpus_report, .since = "0.1", .where = TH_IN_SCRIPT,
     .doc = "The page that compares regions: tables, charts and the sentences behind every number, in one file that opens offline.",
     .params = {{"spec", "report_spec", NULL}}, .returns = {{"report", "report", NULL}},
     .example = "corpus:report { title = \"各地比较\", lang = \"zh\", data = { format = 1 } }"},
    {.name = "workbook", .call = th_corpus_workbook, .since = "0.1", .where = TH_IN_SCRIPT,
     .doc = "Tables as the sheets of one file for spreadsheet programs. Cells with `link` lead to the row of a table whose `key` column holds that text.",
     .params = {{"tables", "table_object[]", NULL}}, .returns = {{"workbook", "workbook", NULL}},
     .example = "local t = corpus:table { title = \"Towns\", columns = { \"name\" }, { \"厦门\" } }\ncorpus:workbook { t }"},
    {0}};

enum { FIELD_LANG, FIELD_TODAY, FIELD_VERSION };

static const th_item corpus_fields[] = {{"lang", "string", "`zh` or `en`: the language of labels, from config.yaml"},
                                        {"today", "string", "the day, as ISO 8601"},
                                        {"version", "string", "of the program"},
                                        {0}};

static int get_field(lua_State *L, th_vm *vm, const th_handle *h, int field)
{
    char day[11];
    time_t now;

    (void)h;
    switch (field) {
    case FIELD_LANG:
        lua_pushstring(L, vm->script->options->lang ? vm->script->options->lang : "en");
        break;
    case FIELD_TODAY:
        now = time(NULL);
        strftime(day, sizeof day, "%Y-%m-%d", localtime(&now));
        lua_pushstring(L, day);
        break;
    default:
        lua_pushliteral(L, TH_VERSION);
    }
    return 1;
}

const th_class_def th_class_corpus = {.id = TH_CLASS_CORPUS,
                                      .name = "corpus",
                                      .label = "a corpus",
                                      .doc = "All articles and records of the store, for scripts; what `script.run` is called with. Reads only.",
                                      .fields = corpus_fields,
                                      .get = get_field,
                                      .methods = corpus_methods,
                                      .write_hint = "scripts only read it"};
