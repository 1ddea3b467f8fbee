/* api_test.c - require "test": articles from text, plugins run on them, golden rows, and assertions in the manner of LuaUnit. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/api.h"
#include "host/prompt_state.h"
#include "text/json.h"

#define TEST_KEY "talenthost.test" /* the module's table in the registry */

enum { DEEPEST = 40 };

static th_prompt *prompt_of(lua_State *L)
{
    return th_vm_of(L)->prompt;
}

/* ---- assertions ---- */

/* Raise at the caller's line: both sides of a mismatch, and what the test says of it (argument `note`, may be absent). */
static int fail(lua_State *L, const char *fmt, const char *a, const char *b, int note)
{
    const char *words = lua_type(L, note) == LUA_TSTRING ? lua_tostring(L, note) : NULL;

    luaL_where(L, 1);
    if (words)
        lua_pushfstring(L, "%s: ", words);
    else
        lua_pushliteral(L, "");
    lua_pushfstring(L, fmt, a, b);
    lua_concat(L, 3);
    return lua_error(L);
}

static const char *shown(lua_State *L, int index)
{
    th_str *out = &th_vm_of(L)->buffer;

    th_str_clear(out);
    th_prompt_show(L, index, out);
    lua_pushlstring(L, th_str_text(out), out->len);
    return lua_tostring(L, -1);
}

static bool equal(lua_State *L, int a, int b, int depth);

/* Does every key of the table at `a` have an equal value in that at `b`? */
static bool covers(lua_State *L, int a, int b, int depth)
{
    lua_pushnil(L);
    while (lua_next(L, a) != 0) {
        int value = lua_gettop(L);
        lua_pushvalue(L, value - 1);
        lua_rawget(L, b);
        if (!equal(L, value, value + 1, depth + 1)) {
            lua_settop(L, value - 2);
            return false;
        }
        lua_settop(L, value - 1);
    }
    return true;
}

/* Tables are equal when their keys and values are; numbers whatever their subtype. */
static bool equal(lua_State *L, int a, int b, int depth)
{
    luaL_checkstack(L, 8, "tables");
    if (lua_type(L, a) != LUA_TTABLE || lua_type(L, b) != LUA_TTABLE || lua_rawequal(L, a, b))
        return lua_compare(L, a, b, LUA_OPEQ);
    return depth < DEEPEST && covers(L, a, b, depth) && covers(L, b, a, depth);
}

static int assert_equals(lua_State *L)
{
    lua_settop(L, 3);
    if (equal(L, 1, 2, 0))
        return 0;
    const char *got = shown(L, 1);
    return fail(L, "expected: %s, actual: %s", shown(L, 2), got, 3);
}

static int assert_not_equals(lua_State *L)
{
    lua_settop(L, 3);
    return equal(L, 1, 2, 0) ? fail(L, "expected something other than %s%s", shown(L, 1), "", 3) : 0;
}

static int assert_almost_equals(lua_State *L)
{
    double margin = luaL_optnumber(L, 3, 1e-9);

    lua_settop(L, 4);
    if (fabs(lua_tonumber(L, 1) - lua_tonumber(L, 2)) <= margin)
        return 0;
    const char *got = shown(L, 1);
    return fail(L, "expected about: %s, actual: %s", shown(L, 2), got, 4);
}

static int assert_true(lua_State *L)
{
    lua_settop(L, 2);
    return lua_isboolean(L, 1) && lua_toboolean(L, 1) ? 0 : fail(L, "expected: true, actual: %s%s", shown(L, 1), "", 2);
}

static int assert_false(lua_State *L)
{
    lua_settop(L, 2);
    return lua_isboolean(L, 1) && !lua_toboolean(L, 1) ? 0 : fail(L, "expected: false, actual: %s%s", shown(L, 1), "", 2);
}

static int assert_nil(lua_State *L)
{
    lua_settop(L, 2);
    return lua_isnoneornil(L, 1) ? 0 : fail(L, "expected: nil, actual: %s%s", shown(L, 1), "", 2);
}

static int assert_not_nil(lua_State *L)
{
    lua_settop(L, 2);
    return lua_isnoneornil(L, 1) ? fail(L, "expected a value, actual: nil%s%s", "", "", 2) : 0;
}

static int assert_str_contains(lua_State *L)
{
    lua_settop(L, 3);
    return strstr(lua_tostring(L, 1), lua_tostring(L, 2))
               ? 0
               : fail(L, "expected a text that contains \"%s\", actual: \"%s\"", lua_tostring(L, 2), lua_tostring(L, 1), 3);
}

/* Is there for each item of list `a` one of list `b`, each used once? Upvalue-free: items used are marked in a table. */
static int assert_items_equals(lua_State *L)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, 1), found = 0;
    bool same = count == (lua_Integer)lua_rawlen(L, 2);

    lua_settop(L, 3);
    lua_newtable(L); /* 4: used */
    for (lua_Integer i = 1; same && i <= count; i++) {
        lua_rawgeti(L, 1, i); /* 5 */
        for (lua_Integer k = 1; k <= count; k++) {
            bool used = lua_rawgeti(L, 4, k) != LUA_TNIL;
            lua_rawgeti(L, 2, k); /* 6: mark, 7 */
            bool fits = !used && equal(L, 5, 7, 0);
            lua_settop(L, 5);
            if (!fits)
                continue;
            lua_pushboolean(L, 1);
            lua_rawseti(L, 4, k);
            found++;
            break;
        }
        lua_settop(L, 4);
        same = found == i;
    }
    if (same)
        return 0;
    const char *got = shown(L, 1);
    return fail(L, "expected the items of: %s, actual: %s", shown(L, 2), got, 3);
}

/* Call the function at 1 (with what follows up to `last`): NULL when it raised nothing, else the message, on the top. */
static const char *raised(lua_State *L, int function, int last)
{
    int n = last - function;

    lua_settop(L, last);
    if (lua_pcall(L, n > 0 ? n : 0, 0, 0) == LUA_OK)
        return NULL;
    if (th_vm_must_rethrow(L, LUA_ERRRUN))
        lua_error(L);
    return luaL_tolstring(L, -1, NULL);
}

static int assert_error(lua_State *L)
{
    return raised(L, 1, lua_gettop(L)) ? 0 : fail(L, "expected an error, but there was none%s%s", "", "", 0);
}

static int assert_error_contains(lua_State *L)
{
    const char *part = lua_tostring(L, 1), *message = raised(L, 2, lua_gettop(L));

    if (!message)
        return fail(L, "expected an error that contains \"%s\", but there was none%s", part, "", 0);
    return strstr(message, part) ? 0 : fail(L, "expected an error that contains \"%s\", actual: \"%s\"", part, message, 0);
}

/* ---- articles and plugins ---- */

static const char *text_field(lua_State *L, int table, const char *key, size_t *len)
{
    int type = lua_getfield(L, table, key);

    if (type == LUA_TNIL)
        return NULL;
    if (type != LUA_TSTRING)
        th_usage(L, "test: %s: expected text, got %s", key, th_describe(L, -1));
    return lua_tolstring(L, -1, len); /* stays on the stack */
}

/* The article that argument `arg` gives: a text, or { text =, title =, date = }. */
static th_article *make_article(lua_State *L, th_prompt *p, int arg)
{
    const char *text, *title = NULL, *date = NULL;
    size_t len = 0, other;
    th_article *article;
    th_error err = {0};

    if (lua_type(L, arg) == LUA_TSTRING) {
        text = lua_tolstring(L, arg, &len);
    } else {
        text = text_field(L, arg, "text", &len);
        title = text_field(L, arg, "title", &other);
        date = text_field(L, arg, "date", &other);
        if (!text)
            th_usage(L, "test.run: an article is a text or { text = …, title = …, date = … }");
    }
    if (date && !th_date_is_valid(date, strlen(date)))
        th_usage(L, "test.run: date: expected a day such as \"2024-05-31\", got \"%s\"", date);
    th_arena_reset(p->arena);
    if (th_load_plain(&article, p->arena, text, len, title, date, &err) != TH_OK)
        th_usage(L, "test.run: %s", err.text);
    return article;
}

/* Run the plugin called by argument 1 on the article and push its rows. */
static int run_on(lua_State *L, th_prompt *p, const th_article *article)
{
    th_error err = {0};
    const char *name = lua_tostring(L, 1);

    if (th_prompt_article(p, article, p->arena, NULL, &err) != TH_OK)
        return luaL_error(L, "%s", err.text);
    if (th_host_run_with_needs(p->host, name, NULL, &err) != TH_OK) {
        lua_pushstring(L, err.text); /* its own place stands in it */
        return lua_error(L);
    }
    for (size_t i = 0; i < p->host->bundle->plugin_count; i++)
        if (strcmp(p->host->bundle->plugins[i].name, name) == 0)
            th_push_plugin_rows(L, p->host, th_host_manifest(p->host, i));
    return 1;
}

static int test_run(lua_State *L)
{
    th_prompt *p = prompt_of(L);

    return run_on(L, p, make_article(L, p, 2));
}

/* ---- golden rows ---- */

static const th_fixture *find_fixture(const th_prompt *p, const char *name)
{
    for (size_t i = 0; i < p->options.fixture_count; i++)
        if (strcmp(p->options.fixtures[i].name, name) == 0)
            return &p->options.fixtures[i];
    return NULL;
}

typedef struct taken {
    th_article *article;
} taken;

/* The first article is enough, and its arena is used again for the next: the loading ends here. */
static th_status take_article(void *ctx, uint64_t number, th_article *article, th_error *err)
{
    taken *t = ctx;

    (void)number;
    (void)err;
    t->article = article;
    return TH_ERR_USAGE;
}

/* The article of a fixture, in the prompt's arena. */
static th_article *load_fixture(lua_State *L, th_prompt *p, const th_fixture *fixture)
{
    taken t = {0};
    th_error err = {0};
    th_stream stream;

    th_arena_reset(p->arena);
    th_stream_memory(&stream, fixture->name, fixture->bytes, fixture->len);
    th_load(p->options.loader, &stream, p->arena, &(th_sink){.article = take_article, .ctx = &t}, &err);
    th_stream_close(&stream);
    if (!t.article)
        th_usage(L, "test.golden: %s", err.text[0] ? err.text : "there is no article in the file");
    return t.article;
}

static void write_value(const th_field *field, const th_value *value, th_str *out)
{
    if (value->is_null)
        th_str_puts(out, "null");
    else if (field->type == TH_INTEGER)
        th_str_addf(out, "%lld", (long long)value->integer);
    else if (field->type == TH_BOOLEAN)
        th_str_puts(out, value->integer ? "true" : "false");
    else if (field->type == TH_NUMBER)
        th_json_number(out, value->number);
    else if (field->type == TH_JSON)
        th_str_add(out, value->text.data, value->text.len);
    else
        th_json_text(out, value->text.data, value->text.len);
}

static int by_kind(const void *a, const void *b)
{
    const th_record *x = a, *y = b;
    int order = strcmp(x->schema->kind, y->schema->kind);

    return order ? order : th_record_compare(a, b);
}

/* The records of plugin `m` as JSON, one a line: kind, the span's text, the fields. */
static void write_rows(th_host *host, const th_manifest *m, th_str *out)
{
    th_records *list = host->records;

    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, by_kind);
    for (size_t i = 0; i < list->count; i++) {
        const th_record *r = &list->items[i];
        bool own = false;
        for (size_t k = 0; k < m->schema_count; k++)
            own |= strcmp(m->schemas[k].kind, r->schema->kind) == 0;
        if (!own)
            continue;
        th_str_addf(out, "{\"kind\":\"%s\",\"span\":", r->schema->kind);
        th_json_text(out, host->article->text + r->start, r->stop - r->start);
        for (size_t f = 0; f < r->schema->field_count; f++) {
            th_str_addf(out, ",\"%s\":", r->schema->fields[f].name);
            write_value(&r->schema->fields[f], &r->values[f], out);
        }
        th_str_puts(out, "}\n");
    }
}

/* Keep rows for the parent to write. */
static void keep_golden(lua_State *L, th_prompt *p, const char *name, const th_str *rows)
{
    if (p->golden_count == p->golden_cap) {
        size_t cap = p->golden_cap ? p->golden_cap * 2 : 8;
        th_golden *items = realloc(p->golden, cap * sizeof *items);
        if (!items)
            luaL_error(L, "not enough memory");
        p->golden = items;
        p->golden_cap = cap;
    }
    th_golden *g = &p->golden[p->golden_count];
    *g = (th_golden){.name = strdup(name)};
    th_str_add(&g->rows, th_str_text(rows), rows->len);
    if (!g->name || !th_str_ok(&g->rows))
        luaL_error(L, "not enough memory");
    p->golden_count++;
}

/* The first line in which the two differ: its number, and the line of each ("" where it has none). */
static int first_difference(const char *a, size_t a_len, const char *b, size_t b_len, th_str *left, th_str *right)
{
    const char *x = a, *y = b, *x_end = a + a_len, *y_end = b + b_len;

    for (int line = 1;; line++) {
        const char *x_stop = x < x_end ? memchr(x, '\n', (size_t)(x_end - x)) : x;
        const char *y_stop = y < y_end ? memchr(y, '\n', (size_t)(y_end - y)) : y;
        x_stop = x_stop ? x_stop : x_end;
        y_stop = y_stop ? y_stop : y_end;
        if (x_stop - x != y_stop - y || memcmp(x, y, (size_t)(x_stop - x)) != 0 || (x >= x_end && y >= y_end)) {
            th_str_add(left, x, (size_t)(x_stop - x));
            th_str_add(right, y, (size_t)(y_stop - y));
            return line;
        }
        x = x_stop < x_end ? x_stop + 1 : x_end;
        y = y_stop < y_end ? y_stop + 1 : y_end;
    }
}

static int compare_golden(lua_State *L, const char *name, const th_fixture *want, const th_str *rows)
{
    th_str expected = {0}, actual = {0};

    if (want->len == rows->len && memcmp(want->bytes, th_str_text(rows), rows->len) == 0)
        return 0;
    int line = first_difference(want->bytes, want->len, th_str_text(rows), rows->len, &expected, &actual);
    luaL_where(L, 1);
    lua_pushfstring(L, "%s:%d: expected: %s, actual: %s (`talenthost test --update` writes what the plugin gives now)", name, line,
                    expected.len ? th_str_text(&expected) : "no more rows", actual.len ? th_str_text(&actual) : "no more rows");
    th_str_free(&expected);
    th_str_free(&actual);
    lua_concat(L, 2);
    return lua_error(L);
}

/* "fixtures/harbour.md" and plugin "housing" → "fixtures/harbour.housing.jsonl" */
static const char *golden_name(lua_State *L, const char *fixture, const char *plugin)
{
    const char *dot = strrchr(fixture, '.'), *slash = strrchr(fixture, '/');
    size_t len = dot && (!slash || dot > slash) ? (size_t)(dot - fixture) : strlen(fixture);

    lua_pushlstring(L, fixture, len);
    return lua_pushfstring(L, "%s.%s.jsonl", lua_tostring(L, -1), plugin);
}

static int test_golden(lua_State *L)
{
    th_prompt *p = prompt_of(L);
    const char *plugin = lua_tostring(L, 1), *name = lua_tostring(L, 2);
    const th_fixture *fixture = find_fixture(p, name);

    if (!fixture || !p->options.loader)
        return th_usage(L, "test.golden: there is no \"%s\" beside the test (in fixtures/)", name);
    run_on(L, p, load_fixture(L, p, fixture));
    int result = lua_gettop(L);
    for (size_t i = 0; i < p->host->bundle->plugin_count; i++) {
        if (strcmp(p->host->bundle->plugins[i].name, plugin) != 0)
            continue;
        th_str *rows = &th_vm_of(L)->buffer; /* the state frees it, whatever raises */
        th_str_clear(rows);
        write_rows(p->host, th_host_manifest(p->host, i), rows);
        const char *golden = golden_name(L, name, plugin);
        const th_fixture *want = find_fixture(p, golden);
        if (p->options.update)
            keep_golden(L, p, golden, rows);
        else if (!want)
            return th_usage(L, "test.golden: there is no \"%s\" yet; `talenthost test --update` writes it", golden);
        else
            compare_golden(L, golden, want, rows);
    }
    lua_settop(L, result);
    return 1;
}

/* ---- measuring ---- */

/* Take the text on the top out of the list at `list` (its items are marked false once they are taken); false when it is not there. */
static bool take_text(lua_State *L, int list)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, list);

    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, list, i);
        bool same = lua_rawequal(L, -1, -2);
        lua_pop(L, 1);
        if (!same)
            continue;
        lua_pushboolean(L, 0);
        lua_rawseti(L, list, i);
        return true;
    }
    return false;
}

/* Add the text on the top to the list at `list` and pop it. */
static void push_back(lua_State *L, int list)
{
    lua_rawseti(L, list, (lua_Integer)lua_rawlen(L, list) + 1);
}

/* Score one case: the rows' texts (list at `rows`) against a copy of what was marked (at `marked`). */
static lua_Integer score_case(lua_State *L, int rows, int marked, int missed, int wrong)
{
    lua_Integer right = 0, count = (lua_Integer)lua_rawlen(L, rows);

    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, rows, i);
        lua_getfield(L, -1, "text");
        lua_remove(L, -2);
        if (take_text(L, marked)) {
            right++;
            lua_pop(L, 1);
        } else {
            push_back(L, wrong);
        }
    }
    count = (lua_Integer)lua_rawlen(L, marked);
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_rawgeti(L, marked, i) == LUA_TSTRING)
            push_back(L, missed);
        else
            lua_pop(L, 1);
    }
    return right;
}

/* Push the rows of the plugin (argument 1) and kind (argument 2) on the article on the top: a fixture's name, a text or a table. */
static void push_case_rows(lua_State *L, th_prompt *p)
{
    const th_fixture *fixture = lua_type(L, -1) == LUA_TSTRING ? find_fixture(p, lua_tostring(L, -1)) : NULL;

    if (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TTABLE)
        th_usage(L, "test.measure: a case is { article, { \"text\", … } }, got %s for the article", th_describe(L, -1));
    if (fixture && !p->options.loader)
        th_usage(L, "test.measure: fixtures can not be read here");
    run_on(L, p, fixture ? load_fixture(L, p, fixture) : make_article(L, p, lua_gettop(L)));
    if (lua_getfield(L, -1, lua_tostring(L, 2)) != LUA_TTABLE)
        th_usage(L, "test.measure: plugin \"%s\" records no kind \"%s\"", lua_tostring(L, 1), lua_tostring(L, 2));
}

static void set_share(lua_State *L, int table, const char *name, double value)
{
    lua_pushnumber(L, value);
    lua_setfield(L, table, name);
}

static int test_measure(lua_State *L)
{
    th_prompt *p = prompt_of(L);
    lua_Integer right = 0, cases = (lua_Integer)lua_rawlen(L, 3);

    luaL_checkstack(L, 30, "measure");
    lua_settop(L, 3);
    for (int i = 0; i < 3; i++) /* 4: result, 5: missed, 6: wrong */
        lua_newtable(L);
    for (lua_Integer i = 1; i <= cases; i++, lua_settop(L, 6)) {
        lua_rawgeti(L, 3, i);
        if (!lua_istable(L, 7))
            return th_usage(L, "test.measure: a case is { article, { \"text\", … } }, got %s", th_describe(L, 7));
        lua_rawgeti(L, 7, 2);
        if (!lua_istable(L, 8))
            return th_usage(L, "test.measure: a case is { article, { \"text\", … } }, got %s for the texts", th_describe(L, 8));
        lua_newtable(L); /* 9: a copy of what was marked */
        for (lua_Integer k = 1; lua_rawgeti(L, 8, k) != LUA_TNIL; k++)
            lua_rawseti(L, 9, k);
        lua_settop(L, 9);
        lua_rawgeti(L, 7, 1);
        push_case_rows(L, p);
        right += score_case(L, lua_gettop(L), 9, 5, 6);
    }
    lua_Integer missed = (lua_Integer)lua_rawlen(L, 5), wrong = (lua_Integer)lua_rawlen(L, 6);
    double precision = right + wrong ? (double)right / (double)(right + wrong) : 1;
    double recall = right + missed ? (double)right / (double)(right + missed) : 1;
    lua_setfield(L, 4, "wrong");
    lua_setfield(L, 4, "missed");
    set_share(L, 4, "precision", precision);
    set_share(L, 4, "recall", recall);
    set_share(L, 4, "f1", precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0);
    return 1;
}

/* ---- the module ---- */

#define COMPARED {"actual", "any", NULL}, {"expected", "any", NULL}, {"note", "string?", "what the message begins with"}

static const th_function functions[] = {
    {.name = "run", .call = test_run, .since = "0.1", .where = TH_IN_TEST,
     .doc = "Runs a plugin, after what it needs, on an article made from a text (one block a line) and gives the rows it recorded: a map from kind to "
            "a list of tables with `text`, `span` and the fields. What the plugin raises is raised here.",
     .params = {{"plugin", "string", NULL}, {"article", "string|table", "a text, or `{ text = …, title = …, date = … }`"}},
     .returns = {{"rows", "table<string, table[]>", NULL}},
     .example = "local rows = t.run(\"example\", \"新建安居房300套。\")\nrows.home[1].units --> 300"},
    {.name = "golden", .call = test_golden, .since = "0.1", .where = TH_IN_TEST,
     .doc = "Runs a plugin on an article file below the test's folder and compares its rows with those kept beside it (`fixtures/x.md` → "
            "`fixtures/x.PLUGIN.jsonl`, one JSON object a line). `talenthost test --update` writes them.",
     .params = {{"plugin", "string", NULL}, {"fixture", "string", "`fixtures/x.md`"}},
     .returns = {{"rows", "table<string, table[]>", NULL}},
     .example = "t.golden(\"example\", \"fixtures/homes.txt\").home[1].units --> 300"},
    {.name = "measure", .call = test_measure, .since = "0.1", .where = TH_IN_TEST,
     .doc = "How many of the spans a reader marked does the plugin find, and how many of those it finds are marked? Cases are `{ article, { \"text\", … } }`: the "
            "article a text, a table as for `run`, or a fixture's name; the texts those of the spans.",
     .params = {{"plugin", "string", NULL}, {"kind", "string", NULL}, {"cases", "table[]", NULL}},
     .returns = {{"score", "score", NULL}},
     .example = "local m = t.measure(\"example\", \"home\", { { \"安居房300套，设备20套。\", { \"300套\" } }, { \"公寓9间。\", { \"9间\" } } })\n"
                "m.recall --> 0.5\nm.precision --> 0.5\nm.missed[1] --> 9间\nm.wrong[1] --> 20套"},
    {.name = "assertEquals", .call = assert_equals, .since = "0.1", .where = TH_IN_TEST, .doc = "Equal, tables by their content.",
     .params = {COMPARED}, .example = "t.assertEquals({ 1, { b = 2 } }, { 1, { b = 2 } })"},
    {.name = "assertNotEquals", .call = assert_not_equals, .since = "0.1", .where = TH_IN_TEST, .doc = "Not equal.",
     .params = {COMPARED}, .example = "t.assertNotEquals(1, \"1\")"},
    {.name = "assertAlmostEquals", .call = assert_almost_equals, .since = "0.1", .where = TH_IN_TEST, .doc = "Numbers that differ by no more than the margin.",
     .params = {{"actual", "number", NULL}, {"expected", "number", NULL}, {"margin", "number?", "1e-9 when left out"}},
     .example = "t.assertAlmostEquals(1 / 3, 0.333, 0.001)"},
    {.name = "assertTrue", .call = assert_true, .since = "0.1", .where = TH_IN_TEST, .doc = "Exactly `true`.",
     .params = {{"actual", "any", NULL}, {"note", "string?", NULL}}, .example = "t.assertTrue(1 < 2)"},
    {.name = "assertFalse", .call = assert_false, .since = "0.1", .where = TH_IN_TEST, .doc = "Exactly `false`.",
     .params = {{"actual", "any", NULL}, {"note", "string?", NULL}}, .example = "t.assertFalse(1 > 2)"},
    {.name = "assertNil", .call = assert_nil, .since = "0.1", .where = TH_IN_TEST, .doc = "Nothing.",
     .params = {{"actual", "any", NULL}, {"note", "string?", NULL}}, .example = "t.assertNil(({})[1])"},
    {.name = "assertNotNil", .call = assert_not_nil, .since = "0.1", .where = TH_IN_TEST, .doc = "Something.",
     .params = {{"actual", "any", NULL}, {"note", "string?", NULL}}, .example = "t.assertNotNil(0)"},
    {.name = "assertStrContains", .call = assert_str_contains, .since = "0.1", .where = TH_IN_TEST, .doc = "A text with another in it.",
     .params = {{"text", "string", NULL}, {"part", "string", NULL}, {"note", "string?", NULL}},
     .example = "t.assertStrContains(\"人才公寓\", \"公寓\")"},
    {.name = "assertItemsEquals", .call = assert_items_equals, .since = "0.1", .where = TH_IN_TEST, .doc = "Two lists with the same items in any order.",
     .params = {{"actual", "any[]", NULL}, {"expected", "any[]", NULL}, {"note", "string?", NULL}},
     .example = "t.assertItemsEquals({ 1, 2, 2 }, { 2, 1, 2 })"},
    {.name = "assertError", .call = assert_error, .since = "0.1", .where = TH_IN_TEST, .doc = "The function raises.",
     .params = {{"f", "function", NULL}, {"...", "any", "its arguments"}}, .example = "t.assertError(error, \"no\")"},
    {.name = "assertErrorMsgContains", .call = assert_error_contains, .since = "0.1", .where = TH_IN_TEST,
     .doc = "The function raises, and its message has this part.",
     .params = {{"part", "string", NULL}, {"f", "function", NULL}, {"...", "any", "its arguments"}},
     .example = "t.assertErrorMsgContains(\"unit\", t.run, \"example\", { text = \"x\", unit = 1, date = \"unit\" })"},
    {0}};

const th_module th_module_test = {"test",
                                  "For test files (`x_test.lua` beside `x.lua`, run by `talenthost test`): `local t = require \"test\"`. Every function of `t` "
                                  "whose name begins with `test` is a test; `t.setUp` and `t.tearDown` run around each. Assertions are LuaUnit's.",
                                  functions};

void th_test_open(lua_State *L)
{
    lua_newtable(L);
    th_functions_set(L, &th_module_test);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, TEST_KEY);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_insert(L, -2);
    lua_setfield(L, -2, "test");
    lua_pop(L, 1);
}

/* ---- running a test file ---- */

typedef struct found_test {
    const char *name;
    int line;
} found_test;

static int by_line(const void *a, const void *b)
{
    const found_test *x = a, *y = b;

    return x->line != y->line ? (x->line > y->line) - (x->line < y->line) : strcmp(x->name, y->name);
}

enum { MOST_TESTS = 1000 };

/* The tests of the module's table in the order of their lines; names stay in the table. */
static size_t list_tests(lua_State *L, found_test *tests)
{
    size_t count = 0;

    lua_getfield(L, LUA_REGISTRYINDEX, TEST_KEY);
    lua_pushnil(L);
    for (; lua_next(L, -2) != 0; lua_pop(L, 1)) {
        lua_Debug ar;
        if (lua_type(L, -2) != LUA_TSTRING || strncmp(lua_tostring(L, -2), "test", 4) != 0 || !lua_isfunction(L, -1) || count == MOST_TESTS)
            continue;
        lua_pushvalue(L, -1);
        lua_getinfo(L, ">S", &ar);
        tests[count++] = (found_test){lua_tostring(L, -2), ar.linedefined};
    }
    lua_pop(L, 1);
    if (count > 1)
        qsort(tests, count, sizeof *tests, by_line);
    return count;
}

/* Call the function `name` of the module's table when it is there. */
static void call_hook(lua_State *L, const char *name)
{
    lua_getfield(L, LUA_REGISTRYINDEX, TEST_KEY);
    lua_pushstring(L, name);
    if (lua_rawget(L, -2) == LUA_TFUNCTION)
        lua_call(L, 0, 0);
    else
        lua_pop(L, 1);
    lua_pop(L, 1);
}

static int run_test(lua_State *L)
{
    const char *name = lua_tostring(L, 1);

    call_hook(L, "setUp");
    call_hook(L, name);
    call_hook(L, "tearDown");
    return 0;
}

static int call_only(lua_State *L)
{
    lua_call(L, 0, 0);
    return 0;
}

th_status th_prompt_tests(th_prompt *p, const char *bytes, size_t len, th_test_fn fn, void *ctx, th_error *err)
{
    lua_State *L = p->self.vm.L;
    static found_test tests[MOST_TESTS];
    double cpu_s = p->host->limits.cpu_s * 10; /* a test runs plugins, each within its own limit */

    p->source.bytes = bytes;
    p->source.len = len;
    lua_pushcfunction(L, call_only);
    th_status status = th_vm_load(&p->self.vm, p->options.path, bytes, len, err);
    if (status == TH_OK)
        status = th_vm_call(&p->self.vm, 1, 0, cpu_s, NULL, err);
    if (status != TH_OK) {
        lua_settop(L, 0);
        return status;
    }
    size_t count = list_tests(L, tests);
    if (count == 0)
        return th_error_set(err, TH_ERR_USAGE, "%s:1: no tests here; write: local t = require \"test\"  function t.test_name() … end",
                            p->options.path);
    for (size_t i = 0; i < count; i++) {
        th_error failure = {0};
        if (status == TH_ERR_LIMIT_MEMORY) { /* the state is not to be trusted any more */
            fn(ctx, tests[i].name, "not run: an earlier test used up the memory");
            continue;
        }
        lua_pushcfunction(L, run_test);
        lua_pushstring(L, tests[i].name);
        status = th_vm_call(&p->self.vm, 1, 0, cpu_s, NULL, &failure);
        fn(ctx, tests[i].name, status == TH_OK ? NULL : failure.text);
    }
    return TH_OK;
}

bool th_prompt_golden(const th_prompt *p, size_t i, const char **name, const th_str **rows)
{
    if (i >= p->golden_count)
        return false;
    *name = p->golden[i].name;
    *rows = &p->golden[i].rows;
    return true;
}
