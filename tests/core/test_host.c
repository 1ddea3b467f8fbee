/* test_host.c - what a plugin may do, what it may not, and that its errors say where. */
#include "host_fixture.h"


#define TEXT "试验园区人才工作\n园区今年引进博士35人，建成人才公寓1200套。另有青年公寓300套。\n奖励最高50万元。"

/* ---- running ---- */

static void a_plugin_records_what_it_finds(void **state)
{
    fixture *f = *state;
    add_plugin(f, "homes",
               "@local homes = host.lexicon { '人才公寓', '安居房' }\n"
               "function plugin.article(a)\n"
               "  for _, q in ipairs(a:quantities { unit = '套' }) do\n"
               "    if q.span.sentence:has(homes) then a:record('hit', { span = q.span, n = q.value }) end\n"
               "  end\n"
               "end\nreturn plugin\n");
    assert_int_equal(load(f), TH_OK);

    begin(f, TEXT);
    th_status status = run_plugin(f, 0);

    assert_string_equal(f->err.text, "");
    assert_int_equal(status, TH_OK);
    assert_int_equal(f->records.count, 1);
    const th_record *r = &f->records.items[0];
    const th_field *n = th_schema_field(r->schema, "n"), *text = th_schema_field(r->schema, "text");
    assert_int_equal(r->values[n - r->schema->fields].integer, 1200);
    assert_string_equal(r->values[text - r->schema->fields].text.data, "1200套");
    assert_memory_equal(f->article->text + r->start, "1200套", r->stop - r->start);
}

static void the_manifest_is_kept(void **state)
{
    fixture *f = *state;
    add_plugin(f, "t", "local p = host.plugin { name = 't', version = '2.1', summary = 'S', needs = { 'a', 'b' }, "
                       "records = { zeta = { x = 'text?' }, alpha = { b = 'number', a = 'date' } } }\n"
                       "function p.article() end return p");

    assert_int_equal(load(f), TH_OK);
    const th_manifest *m = th_host_manifest(f->host, 0);

    assert_string_equal(m->version, "2.1");
    assert_string_equal(m->summary, "S");
    assert_string_equal(m->path, "p/t.lua");
    assert_int_equal(m->need_count, 2);
    assert_string_equal(m->needs[1], "b");
    assert_string_equal(m->schemas[0].kind, "alpha");
    assert_string_equal(m->schemas[0].fields[0].name, "a");
    assert_int_equal(m->schemas[0].fields[1].type, TH_NUMBER);
    assert_true(m->schemas[1].fields[0].optional);
}

static void a_failed_plugin_leaves_no_records(void **state)
{
    fixture *f = *state;

    th_status status = run_body(f, "a:record('hit', { span = a:span(), n = 1 }) error('late')", TEXT);

    assert_int_equal(status, TH_ERR_RUNTIME);
    assert_string_equal(f->err.text, "p/t.lua:2: late");
    assert_contains(th_host_trace(f->host), "stack traceback");
    assert_int_equal(f->records.count, 0);
}

static void a_plugin_reads_the_records_of_those_it_needs(void **state)
{
    fixture *f = *state;
    add_plugin(f, "first", "@function plugin.article(a) a:record('hit', { span = a:sentences()[2], n = 7, extra = { x = { 1, 2 } } }) "
                           "a:record('hit', { span = a:sentences()[1], n = 6, share = 0.5, ok = false, at = '2024-02-29' }) "
                           "end return plugin");
    add_plugin(f, "second",
               "local p = host.plugin { name = 'second', version = '1', needs = { 'first' }, records = { out = { s = 'text' } } }\n"
               "function p.article(a)\n"
               "  local r = a:records('hit')\n"
               "  assert(#r == 2 and r[1].n == 6 and r[2].n == 7 and r[1].share == 0.5 and r[1].ok == false)\n"
               "  assert(r[2].extra.x[2] == 2 and r[1].at == '2024-02-29' and r[2].at == nil)\n"
               "  assert(#a:sentences()[2]:records('hit') == 1)\n"
               "  a:record('out', { span = r[1].span, s = r[1].text })\n"
               "end return p");
    add_plugin(f, "third", "local p = host.plugin { name = 'third', version = '1' }\n"
                           "function p.article(a) a:records('hit') end return p");
    assert_int_equal(load(f), TH_OK);
    begin(f, TEXT);

    assert_int_equal(run_plugin(f, 0), TH_OK);
    run_plugin(f, 1);
    assert_string_equal(f->err.text, "");
    assert_int_equal(f->records.count, 3);
    assert_int_equal(run_plugin(f, 2), TH_ERR_USAGE);
    assert_string_equal(f->err.text, "p/third.lua:2: records: kind \"hit\" is made by plugin \"first\"; add it to needs = "
                                     "{ \"first\" }");
}

static void an_object_of_an_earlier_article_has_expired(void **state)
{
    fixture *f = *state;
    add_plugin(f, "t", "@local kept\nfunction plugin.article(a)\n  if kept then return kept.text end\n"
                       "  kept = a:span()\nend\nreturn plugin");
    assert_int_equal(load(f), TH_OK);
    begin(f, TEXT);
    assert_int_equal(run_plugin(f, 0), TH_OK);
    th_host_end(f->host);
    begin(f, TEXT);

    assert_int_equal(run_plugin(f, 0), TH_ERR_USAGE);

    assert_contains(f->err.text, "p/t.lua:3: article handle expired (stored at p/t.lua:4?): a span");
}

static void random_numbers_come_from_the_article(void **state)
{
    fixture *f = *state;
    add_plugin(f, "t", "@function plugin.article(a) a:record('hit', { span = a:span(), n = math.random(1, 1 << 40) }) end "
                       "return plugin");
    assert_int_equal(load(f), TH_OK);
    int64_t seen[3];

    for (int i = 0; i < 3; i++) {
        begin(f, i < 2 ? TEXT : "别的\n文字");
        assert_int_equal(run_plugin(f, 0), TH_OK);
        const th_schema *s = f->records.items[0].schema;
        seen[i] = f->records.items[0].values[th_schema_field(s, "n") - s->fields].integer;
    }

    assert_true(seen[0] == seen[1]);
    assert_true(seen[0] != seen[2]);
}

/* ---- the sandbox ---- */

typedef struct attack {
    const char *name, *body;
    th_status status;
    const char *message; /* part of it */
} attack;

static const attack attacks[] = {
    {"endless loop", "while true do end", TH_ERR_LIMIT_CPU, "p/t.lua:2: used up 0.15 s of CPU time"},
    {"pcall loop", "while true do pcall(function() while true do end end) end", TH_ERR_LIMIT_CPU, "p/t.lua:2: used up"},
    {"pcall of pcall", "pcall(pcall, function() while true do end end) a:record('hit', {span = a:span(), n = 1})",
     TH_ERR_LIMIT_CPU, "used up"},
    {"quick pcall loop", "while true do pcall(error) end", TH_ERR_LIMIT_CPU, "used up"},
    {"xpcall looping handler", "xpcall(error, function() while true do end end)", TH_ERR_LIMIT_CPU, "used up"},
    {"xpcall handler after the limit", "xpcall(function() while true do end end, function() while true do end end)",
     TH_ERR_LIMIT_CPU, "used up"},
    {"xpcall in a loop", "while true do xpcall(function() while true do end end, function() return 1 end) end",
     TH_ERR_LIMIT_CPU, "used up"},
    {"endless coroutine", "coroutine.wrap(function() while true do end end)()", TH_ERR_LIMIT_CPU, "used up"},
    {"resume loop", "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
     TH_ERR_LIMIT_CPU, "used up"},
    {"short coroutines", "while true do coroutine.wrap(function() local x = 1 end)() end", TH_ERR_LIMIT_CPU, "used up"},
    {"yielding coroutine", "local c = coroutine.wrap(function() while true do coroutine.yield() end end) while true do c() end",
     TH_ERR_LIMIT_CPU, "used up"},
    {"pcall around coroutine", "while true do pcall(coroutine.wrap(function() while true do end end)) end", TH_ERR_LIMIT_CPU,
     "used up"},
    {"__close loop", "local x <close> = setmetatable({}, { __close = function() while true do end end })", TH_ERR_LIMIT_CPU,
     "used up"},
    {"__close loop in coroutine.close",
     "local c = coroutine.create(function() local x <close> = setmetatable({}, { __close = function() while true do end end "
     "}) coroutine.yield() end) coroutine.resume(c) coroutine.close(c)",
     TH_ERR_LIMIT_CPU, "used up"},
    {"__close that catches the limit",
     "local x <close> = setmetatable({}, { __close = function() error('no') end }) while true do end", TH_ERR_LIMIT_CPU,
     "used up"},
    {"__index loop", "local t = setmetatable({}, { __index = function() while true do end end }) return t.x", TH_ERR_LIMIT_CPU,
     "used up"},
    {"sort comparator", "table.sort({ 3, 2, 1 }, function() while true do end end)", TH_ERR_LIMIT_CPU, "used up"},
    {"gsub callback", "('abc'):gsub('.', function() while true do end end)", TH_ERR_LIMIT_CPU, "used up"},
    {"load reader loop", "while true do load(function() while true do end end) end", TH_ERR_LIMIT_CPU, "used up"},
    {"__tostring loop", "error(setmetatable({}, { __tostring = function() while true do end end }))", TH_ERR_LIMIT_CPU,
     "used up"},
    {"goto loop", "::top:: goto top", TH_ERR_LIMIT_CPU, "used up"},
    {"rep 1e9", "local s = ('x'):rep(1e9)", TH_ERR_LIMIT_MEMORY, "p/t.lua:2: used up 16 MB of memory (limits.memory)"},
    {"rep 1e9 in pcall", "while true do pcall(string.rep, 'x', 1e9) end", TH_ERR_LIMIT_MEMORY, "used up 16 MB"},
    {"growing table", "local t = {} while true do t[#t + 1] = {} end", TH_ERR_LIMIT_MEMORY, "p/t.lua:2: used up 16 MB"},
    {"growing table in pcall", "while true do pcall(function() local t = {} while true do t[#t + 1] = {} end end) end",
     TH_ERR_LIMIT_MEMORY, "used up 16 MB"},
    {"growing text in coroutine",
     "coroutine.wrap(function() local s = 'x' while true do s = s .. s end end)()", TH_ERR_LIMIT_MEMORY, "used up 16 MB"},
    {"concat over the cap", "local t = {} for i = 1, 100 do t[i] = ('x'):rep(1e5) end while true do t[1] = table.concat(t) end",
     TH_ERR_LIMIT_MEMORY, "used up 16 MB"},
    {"empty rep 1e15", "(''):rep(1e15) error('on')", TH_ERR_RUNTIME, "p/t.lua:2: on"},
    {"table.move 2e9", "table.move({}, 1, 2e9, 1)", TH_ERR_RUNTIME, "table.move: more than 10000000 elements"},
    {"__gc", "setmetatable({}, { __gc = function() while true do end end })", TH_ERR_USAGE, "__gc is not available"},
    {"__gc added late", "local mt = {} setmetatable({}, mt) mt.__gc = function() while true do end end error('fine')",
     TH_ERR_RUNTIME, "p/t.lua:2: fine"},
    {"table as error", "error { code = 3 }", TH_ERR_RUNTIME, "p/t.lua:2: error value that is a table"},
    {"table with a message", "error { message = 'm' }", TH_ERR_RUNTIME, "p/t.lua:2: m"},
    {"nil as error", "error(nil)", TH_ERR_RUNTIME, "p/t.lua:2: error without a message (nil)"},
    {"object with __tostring", "error(setmetatable({}, { __tostring = function() return 'said\\nso' end }))", TH_ERR_RUNTIME,
     "p/t.lua:2: said so"},
    {"object with a bad __tostring", "error(setmetatable({}, { __tostring = function() error('worse') end }))", TH_ERR_RUNTIME,
     "worse"},
    {"recursion of pcall", "local function f() return pcall(f) end f() error('over')", TH_ERR_RUNTIME, "p/t.lua:2: over"},
    {"bytecode", "local f, why = load('\\27Lua') error(why)", TH_ERR_RUNTIME, "attempt to load a binary chunk"},
    {"bytecode by mode", "error(select(2, load('\\27Lua', 'x', 'b')))", TH_ERR_RUNTIME, "attempt to load a binary chunk"},
    {"string.dump", "string.dump(function() end)", TH_ERR_RUNTIME, "attempt to call a nil value (field 'dump')"},
    {"string metatable", "getmetatable('').__index = {}", TH_ERR_RUNTIME, "attempt to index a boolean value"},
    {"span metatable", "getmetatable(a:span()).__index = {}", TH_ERR_RUNTIME, "attempt to index a boolean value"},
    {"os", "os.execute('true')", TH_ERR_RUNTIME, "p/t.lua:2: global \"os\" is not defined"},
    {"io", "io.open('x')", TH_ERR_RUNTIME, "global \"io\" is not defined"},
    {"debug", "debug.sethook()", TH_ERR_RUNTIME, "global \"debug\" is not defined"},
    {"package", "package.loadlib('x')", TH_ERR_RUNTIME, "global \"package\" is not defined"},
    {"dofile", "dofile('x')", TH_ERR_RUNTIME, "global \"dofile\" is not defined"},
    {"misspelt global", "pirnt('x')", TH_ERR_RUNTIME, "global \"pirnt\" is not defined; did you mean \"print\"?"},
    {"global assignment", "count = 1", TH_ERR_RUNTIME, "declare it: local count = …"},
    {"collectgarbage", "assert(collectgarbage('count') > 0) collectgarbage('stop')", TH_ERR_USAGE, "only \"count\""},
    {"a million records", "for i = 1, 1e6 do a:record('hit', { span = a:span(), n = i }) end", TH_ERR_LIMIT_OUTPUT,
     "p/t.lua:2: made more than 100 records for one article (limits.records)"},
    {"records in pcall", "while true do pcall(a.record, a, 'hit', { span = a:span(), n = 1 }) end", TH_ERR_LIMIT_OUTPUT,
     "made more than 100 records"},
    {"long text", "a:record('hit', { span = a:span(), n = 1, text = ('x'):rep(200000) })", TH_ERR_LIMIT_OUTPUT,
     "recorded or logged more than 100000 bytes"},
    {"huge log", "local s = ('x'):rep(60000) host.log.debug(s) host.log.debug(s)", TH_ERR_LIMIT_OUTPUT,
     "recorded or logged more than 100000 bytes"},
    {"forged provenance", "a:record('hit', { span = a:span(), n = 1, article_id = 3 })", TH_ERR_USAGE,
     "hit: unknown field \"article_id\""},
};

/* Each attack ends in its class with its message, and the plugin runs on the next article as if nothing had been. */
static void attacks_end_in_their_class(void **state)
{
    fixture *f = *state;
    const size_t count = sizeof attacks / sizeof *attacks;

    for (size_t i = 0; i < count; i++) {
        th_str code = {0};
        th_str_addf(&code, "@local calls = 0 function plugin.article(a) calls = calls + 1 if a.title ~= '标题' then return end\n%s\nend return plugin", attacks[i].body);
        forget_plugins(f);
        add_plugin(f, "t", code.data);
        th_str_free(&code);
        f->limits.cpu_s = attacks[i].status == TH_ERR_LIMIT_CPU ? 0.15 : 10;
        assert_int_equal(load(f), TH_OK);
        begin(f, TEXT);

        th_status status = run_plugin(f, 0);

        if (status != attacks[i].status || !strstr(f->err.text, attacks[i].message) ||
            strncmp(f->err.text, "p/t.lua", 7) != 0 || strchr(f->err.text, '\n'))
            fail_msg("%s: got %s: %s", attacks[i].name, th_status_name(status), f->err.text);
        assert_int_equal(f->records.count, 0);
        th_host_end(f->host);
        begin(f, TEXT);
        f->article->title = "another";
        if (run_plugin(f, 0) != TH_OK)
            fail_msg("%s: the next article failed: %s", attacks[i].name, f->err.text);
    }
}

static void endless_recursion_is_told_from_other_hunger(void **state)
{
    fixture *f = *state;
    f->limits.cpu_s = 10;

    th_status status = run_body(f, "local function f() return 1 + f() end f()", TEXT);

    assert_string_equal(f->err.text,
                        "p/t.lua:2: used up 16 MB of memory (limits.memory) in calls nested without end");
    assert_int_equal(status, TH_ERR_LIMIT_MEMORY);
}

static void endless_recursion_ends_with_the_stack(void **state)
{
    fixture *f = *state;
    f->limits.memory = 256000000;
    f->limits.cpu_s = 10;

    th_status status = run_body(f, "local function f() return 1 + f() end f()", TEXT);

    assert_contains(f->err.text, "p/t.lua:2: stack overflow");
    assert_int_equal(status, TH_ERR_RUNTIME);
}

static void a_coroutine_left_with_a_hook_goes_on_later(void **state)
{
    fixture *f = *state;
    add_plugin(f, "t", "@local c = coroutine.wrap(function() while true do coroutine.yield() end end)\n"
                       "local first = true\n"
                       "function plugin.article(a)\n"
                       "  if first then first = false while true do c() end end\n"
                       "  c() a:record('hit', { span = a:span(), n = 1 })\nend\nreturn plugin");
    assert_int_equal(load(f), TH_OK);
    begin(f, TEXT);
    assert_int_equal(run_plugin(f, 0), TH_ERR_LIMIT_CPU);
    begin(f, TEXT);

    th_status status = run_plugin(f, 0);

    /* It died with the limit, or yields as before; it must not count as used up. */
    assert_true(status == TH_OK || status == TH_ERR_RUNTIME);
}

static void the_limit_is_per_call(void **state)
{
    fixture *f = *state;
    add_plugin(f, "t", "@function plugin.article(a) local n = 0 for i = 1, 2e5 do n = n + i end end return plugin");
    assert_int_equal(load(f), TH_OK);
    begin(f, TEXT);
    double total = 0;

    while (total < 0.4) {
        assert_int_equal(run_plugin(f, 0), TH_OK);
        assert_true(f->cpu_s > 0);
        total += f->cpu_s;
    }
}

static void a_state_that_ran_out_of_memory_is_new(void **state)
{
    fixture *f = *state;
    add_plugin(f, "t", "@local seen = 0\nlocal lex = host.lexicon { '公寓' }\n"
                       "function plugin.article(a)\n"
                       "  seen = seen + 1\n"
                       "  if a.title == 'grow' then local s = ('x'):rep(1e9) end\n"
                       "  a:record('hit', { span = a:matches(lex)[1].span, n = seen })\n"
                       "end\nreturn plugin");
    assert_int_equal(load(f), TH_OK);
    begin(f, TEXT);
    assert_int_equal(run_plugin(f, 0), TH_OK);
    begin(f, TEXT);
    f->article->title = "grow";
    assert_int_equal(run_plugin(f, 0), TH_ERR_LIMIT_MEMORY);
    assert_string_equal(f->err.text, "p/t.lua:5: used up 16 MB of memory (limits.memory)");
    begin(f, TEXT);

    assert_int_equal(run_plugin(f, 0), TH_OK);

    const th_schema *s = f->records.items[0].schema;
    assert_int_equal(f->records.items[0].values[th_schema_field(s, "n") - s->fields].integer, 1);
}

static void plugins_do_not_see_each_other(void **state)
{
    fixture *f = *state;
    add_plugin(f, "a", "@string.format = nil rawset(_G, 'spy', 1) function plugin.article() end return plugin");
    add_plugin(f, "b", "local p = host.plugin { name = 'b', version = '1' }\n"
                       "assert(string.format('%d', 3) == '3' and rawget(_G, 'spy') == nil)\n"
                       "function p.article() end return p");

    load(f);

    assert_string_equal(f->err.text, "");
}

/* ---- manifests ---- */

typedef struct bad_manifest {
    const char *code;
    th_status status;
    const char *message;
} bad_manifest;

static const bad_manifest bad_manifests[] = {
    {"local x = = 1", TH_ERR_PARSE, "p/t.lua:1: unexpected symbol near '='"},
    {"", TH_ERR_USAGE, "p/t.lua:1: no plugin here"},
    {"\nerror('boom')", TH_ERR_RUNTIME, "p/t.lua:2: boom"},
    {"while true do end", TH_ERR_LIMIT_CPU, "p/t.lua:1: used up"},
    {"local s = ('x'):rep(1e9)", TH_ERR_LIMIT_MEMORY, "p/t.lua:1: used up"},
    {"host.plugin { nme = 't' }", TH_ERR_USAGE, "p/t.lua:1: host.plugin: unknown key \"nme\"; did you mean \"name\"?"},
    {"host.plugin { version = '1' }", TH_ERR_USAGE, "name: expected text, got nothing"},
    {"host.plugin { name = 3 }", TH_ERR_USAGE, "name: expected text, got number 3"},
    {"host.plugin { name = 'u', version = '1' }", TH_ERR_USAGE, "name is \"u\" but the file is t.lua"},
    {"host.plugin { name = 't' }", TH_ERR_USAGE, "version: expected text, got nothing"},
    {"host.plugin { name = 't', version = '1', needs = 'a' }", TH_ERR_USAGE,
     "needs: expected a list of plugin names, got text \"a\""},
    {"host.plugin { name = 't', version = '1', needs = { 't' } }", TH_ERR_USAGE, "can not need itself"},
    {"host.plugin { name = 't', version = '1', records = { article = {} } }", TH_ERR_USAGE, "kind \"article\""},
    {"host.plugin { name = 't', version = '1', records = { x = { start = 'text' } } }", TH_ERR_USAGE, "field \"start\""},
    {"host.plugin { name = 't', version = '1', records = { x = { a = 'int' } } }", TH_ERR_USAGE,
     "records.x.a: unknown type \"int\"; use integer, number, text, date, boolean or json"},
    {"host.plugin { name = 't', version = '1' } host.plugin { name = 't', version = '1' }", TH_ERR_USAGE, "called twice"},
    {"local p = host.plugin { name = 't', version = '1' } p.artcle = function() end", TH_ERR_USAGE,
     "a plugin has no function \"artcle\"; did you mean \"article\"?"},
    {"local p = host.plugin { name = 't', version = '1' } p.article = 3", TH_ERR_USAGE, "expected a function, got number 3"},
    {"local p = host.plugin { name = 't', version = '1' } function p.article() end", TH_ERR_USAGE,
     "the file must end with: return plugin"},
    {"return host.plugin { name = 't', version = '1' }", TH_ERR_USAGE, "no function plugin.article(a)"},
    {"host.script { name = 't' }", TH_ERR_USAGE, "this is a plugin; use host.plugin"},
    {"host.lexikon {}", TH_ERR_USAGE, "host has no function \"lexikon\"; did you mean \"lexicon\"?"},
    {"host.lexicon(3)", TH_ERR_USAGE, "host.lexicon: terms: expected a list or a table or text, got number 3"},
    {"host.lexicon {}", TH_ERR_USAGE, "host.lexicon: no terms"},
    {"host.lexicon { 'a', b = {} }", TH_ERR_USAGE, "can not be mixed"},
    {"host.lexicon { a = { b = { 'c' } } }", TH_ERR_USAGE, "can not be mixed"},
    {"host.lexicon { '\\xff' }", TH_ERR_USAGE, "a term is not UTF-8"},
    {"host.lexicon { ['a\\0b'] = { 'x' } }", TH_ERR_USAGE, "a category is not UTF-8 text of 1 to 255 bytes"},
    {"host.plugin { name = 't', version = '1\\n' }", TH_ERR_USAGE, "version: expected one line of UTF-8 text"},
    {"host.plugin { name = 't', version = '1', summary = '\\xff' }", TH_ERR_USAGE, "summary: expected one line of UTF-8 text"},
    {"local r = {} for i = 1, 254 do r['f' .. i] = 'text?' end host.plugin { name = 't', version = '1', records = { x = r } }", TH_ERR_USAGE,
     "records.x: 254 fields, more than 253; use a json field"},
    {"local r = {} for i = 1, 65 do r['k' .. i] = {} end host.plugin { name = 't', version = '1', records = r }", TH_ERR_USAGE,
     "records: 65 kinds, more than 64"},
    {"error('\\xff\\u{202e}x')", TH_ERR_RUNTIME, "p/t.lua:1:     x"},
    {"require '../x'", TH_ERR_USAGE, "require: \"../x\" is no name of a module"},
    {"require 'x\\0y'", TH_ERR_USAGE, "require: a name with a zero byte in it"},
    {"host.lexicon 'gone.yaml'", TH_ERR_USAGE,
     "p/t.lua:1: host.lexicon: no file \"gone.yaml\"; it should be p/data/gone.yaml"},
    {"host.lexicon 'bad.yaml'", TH_ERR_USAGE, "p/data/bad.yaml:2:4: lexicon: category \"b\": expected a list of terms"},
    {"host.codebook '../x.yaml'", TH_ERR_USAGE, "files are named below the folder of the plugin"},
    {"require 'nothing'", TH_ERR_USAGE, "require: no module \"nothing\"; it should be p/lib/nothing.lua"},
    {"require 'circle'", TH_ERR_USAGE, "modules need each other in a circle, at \"circle\""},
    {"require 'broken'", TH_ERR_RUNTIME, "p/lib/broken.lua:1:"},
};

static void a_wrong_manifest_is_named(void **state)
{
    fixture *f = *state;

    add_file(f, "data/bad.yaml", "a: [x]\nb: {c: [d]}\n");
    add_file(f, "lib/circle.lua", "return require 'circle'");
    add_file(f, "lib/broken.lua", "local = 3");
    for (size_t i = 0; i < sizeof bad_manifests / sizeof *bad_manifests; i++) {
        forget_plugins(f);
        add_plugin(f, "t", bad_manifests[i].code);

        th_status status = load(f);

        if (status != bad_manifests[i].status || !strstr(f->err.text, bad_manifests[i].message))
            fail_msg("%s: got %s: %s", bad_manifests[i].code, th_status_name(status), f->err.text);
        assert_null(th_host_manifest(f->host, 0));
    }
}

static void a_kind_belongs_to_one_plugin(void **state)
{
    fixture *f = *state;
    add_plugin(f, "a", "@function plugin.article() end return plugin");
    add_plugin(f, "b", "@function plugin.article() end return plugin");

    assert_int_equal(load(f), TH_ERR_USAGE);

    assert_contains(f->err.text, "p/b.lua:1: host.plugin: records.hit: plugin \"a\" declares this kind already");
}

/* Schemas of a call that failed half-way would have been written behind the list of the next one. */
static void a_manifest_that_failed_inside_pcall_leaves_nothing(void **state)
{
    fixture *f = *state;
    add_plugin(f, "t", "for i = 1, 50 do pcall(host.plugin, { name = 't', version = '1', needs = { 'a', 'b', 'c' },\n"
                       "  records = { a = { x = 'bad' }, b = { x = 'bad' } } }) end\n"
                       "local p = host.plugin { name = 't', version = '1', records = { only = { x = 'text' } } }\n"
                       "function p.article() end return p");

    assert_int_equal(load(f), TH_OK);

    assert_int_equal(th_host_manifest(f->host, 0)->schema_count, 1);
    assert_int_equal(th_host_manifest(f->host, 0)->need_count, 0);
}

static void a_byte_order_mark_and_a_first_line_for_the_shell_are_passed_over(void **state)
{
    fixture *f = *state;
    add_plugin(f, "t", "\xEF\xBB\xBF#!/usr/bin/lua\nlocal p = host.plugin { name = 't', version = '1' }\nfunction p.article() end return p");

    assert_int_equal(load(f), TH_OK);
}

/* ---- records ---- */

static const attack bad_records[] = {
    {"unknown kind", "a:record('hot', {})", TH_ERR_USAGE, "declares no record kind \"hot\"; did you mean \"hit\"?"},
    {"no table", "a:record('hit')", TH_ERR_USAGE, "article:record: fields: expected a table, got nothing"},
    {"no span", "a:record('hit', { n = 1 })", TH_ERR_USAGE, "hit.span: expected a span, got nothing"},
    {"quantity as span", "a:record('hit', { n = 1, span = a:quantities()[1] })", TH_ERR_USAGE,
     "hit.span: expected a span, got a quantity; take its .span"},
    {"missing", "a:record('hit', { span = a:span() })", TH_ERR_USAGE, "hit: field \"n\" (integer) is missing"},
    {"text for integer", "a:record('hit', { span = a:span(), n = '3' })", TH_ERR_USAGE,
     "p/t.lua:2: hit.n: expected integer, got text \"3\""},
    {"fraction for integer", "a:record('hit', { span = a:span(), n = 1.5 })", TH_ERR_USAGE, "expected integer, got number 1.5"},
    {"no day", "a:record('hit', { span = a:span(), n = 1, at = '2023-02-29' })", TH_ERR_USAGE,
     "hit.at: expected a date such as \"2023-05-31\", got text \"2023-02-29\""},
    {"infinite", "a:record('hit', { span = a:span(), n = 1, share = 1 / 0 })", TH_ERR_USAGE, "hit.share: the number is not finite"},
    {"number for boolean", "a:record('hit', { span = a:span(), n = 1, ok = 1 })", TH_ERR_USAGE, "hit.ok: expected boolean"},
    {"half a character", "a:record('hit', { span = a:span(), n = 1, text = ('园'):sub(1, 2) })", TH_ERR_USAGE,
     "hit.text: text that is not UTF-8"},
    {"function in JSON", "a:record('hit', { span = a:span(), n = 1, extra = { print } })", TH_ERR_USAGE,
     "hit.extra: a function can not be JSON"},
    {"circle in JSON", "local t = {} t[1] = t a:record('hit', { span = a:span(), n = 1, extra = t })", TH_ERR_USAGE,
     "hit.extra: tables for JSON nest at most 32 deep"},
    {"list with a name in JSON", "a:record('hit', { span = a:span(), n = 1, extra = { 1, 2, x = 3 } })", TH_ERR_USAGE,
     "hit.extra: a table for JSON is a list without gaps or has text keys only; beside 2 items there is the key text \"x\""},
    {"list with a gap in JSON", "a:record('hit', { span = a:span(), n = 1, extra = { [1] = 1, [9] = 2 } })", TH_ERR_USAGE,
     "hit.extra: a table for JSON is a list without gaps"},
    {"zero byte in a key", "a:record('hit', { span = a:span(), n = 1, ['n\\0x'] = 1 })", TH_ERR_USAGE, "hit: unknown field"},
    {"zero byte in a kind", "a:record('hit\\0x', { span = a:span(), n = 1 })", TH_ERR_USAGE, "declares no record kind"},
    {"unknown field", "a:record('hit', { span = a:span(), m = 1 })", TH_ERR_USAGE, "hit: unknown field \"m\""},
    {"writing a field", "a.title = 'x'", TH_ERR_USAGE,
     "p/t.lua:2: an article can not be changed (field \"title\"): record what you found with a:record("},
    {"writing a span", "a:span().text = 'x'", TH_ERR_USAGE, "a span can not be changed"},
    {"unknown article field", "return a.titel", TH_ERR_USAGE, "an article has no field \"titel\"; did you mean \"title\"?"},
    {"unknown span field", "return a:span().sentense", TH_ERR_USAGE, "a span has no field \"sentense\"; did you mean \"sentence\"?"},
    {"dot for colon", "a.matches('x')", TH_ERR_USAGE, "methods are called with a colon"},
    {"not a lexicon", "a:span():has('x')", TH_ERR_USAGE, "span:has: lexicon: expected a lexicon, got text \"x\""},
    {"unknown filter", "a:quantities { untis = '元' }", TH_ERR_USAGE, "quantities: unknown key \"untis\"; did you mean \"unit\"?"},
    {"late lexicon", "host.lexicon { 'x' }", TH_ERR_USAGE, "host.lexicon: put it at the top of the plugin"},
    {"late file", "host.lines 'x.tsv'", TH_ERR_USAGE, "files are read at the top of the plugin"},
    {"late module", "require 'lpeg'", TH_ERR_USAGE, "modules are loaded at the top of the plugin"},
    {"cut slice", "a:span():slice(1, 2)", TH_ERR_USAGE, "span:slice: bytes 1 to 2 cut a character in two"},
};

static void wrong_use_is_named_at_its_line(void **state)
{
    fixture *f = *state;

    for (size_t i = 0; i < sizeof bad_records / sizeof *bad_records; i++) {
        forget_plugins(f);

        th_status status = run_body(f, bad_records[i].body, TEXT);

        if (status != bad_records[i].status || !strstr(f->err.text, bad_records[i].message) ||
            strncmp(f->err.text, "p/t.lua:2: ", 11) != 0)
            fail_msg("%s: got %s: %s", bad_records[i].name, th_status_name(status), f->err.text);
    }
}

static void wrong_use_can_be_caught(void **state)
{
    fixture *f = *state;

    th_status status = run_body(f, "local ok, why = pcall(a.record, a, 'hot', {}) assert(not ok)\n"
                                   "assert(why:find('no record kind', 1, true)) error('mine', 0)", TEXT);

    assert_int_equal(status, TH_ERR_RUNTIME);
    assert_string_equal(f->err.text, "p/t.lua:3: mine");
}

/* ---- data ---- */

static void files_read_are_noted(void **state)
{
    fixture *f = *state;
    add_file(f, "data/w.yaml", "b: [公寓, 住房]\na: [公寓]\n");
    add_file(f, "lines.tsv", "# c\nx\ty\r\n\nz\n");
    add_file(f, "lib/util.lua", "return { twice = function(n) return 2 * n end }");
    add_plugin(f, "t",
               "@local lex = host.lexicon 'w.yaml'\nlocal book = host.codebook 'w.yaml'\nlocal lines = host.lines 'lines.tsv'\n"
               "local util, lpeg, re = require 'util', require 'lpeg', require 're'\n"
               "assert(util.twice(2) == 4 and require 'util' == util)\n"
               "assert(re.match('abc', \"'a' {.*}\") == 'bc' and lpeg.P'x':match 'x' == 2)\n"
               "assert(getmetatable(lpeg.P(1)) == false)\n"
               "assert(#lines == 2 and lines[1] == 'x\\ty' and lines[2] == 'z')\n"
               "local k = host.keys(book) assert(k[1] == 'b' and k[2] == 'a' and book.b[2] == '住房')\n"
               "assert(lex:get '公寓' == 'b' and lex:get '公' == nil and lex:has '新公寓' and not lex:has '房')\n"
               "function plugin.article(a)\n"
               "  local m = a:matches(lex)\n"
               "  assert(#m == 2 and m[1].text == '公寓' and m[1].term == '公寓' and m[1].category == 'b')\n"
               "  assert(#m[1].categories == 2 and m[1].categories[2] == 'a')\n"
               "end return plugin");

    load(f);
    assert_string_equal(f->err.text, "");
    begin(f, TEXT);
    run_plugin(f, 0);

    assert_string_equal(f->err.text, "");
    const th_manifest *m = th_host_manifest(f->host, 0);
    assert_int_equal(m->file_count, 3);
    assert_string_equal(m->files[0], "p/data/w.yaml");
    assert_string_equal(m->files[1], "p/lines.tsv");
    assert_string_equal(m->files[2], "p/lib/util.lua");
}

static void a_bundle_is_read_from_its_folder(void **state)
{
    fixture *f = *state;
    const char *paths[] = {TH_SOURCE_DIR "/tests/lua/plugins"};
    const char *missing[] = {"/nowhere/plugins"};
    th_bundle b;
    th_error err = {0};

    assert_int_equal(th_bundle_read(&b, f->arena, paths, 1, &err), TH_OK);

    assert_int_equal(b.plugin_count, 1);
    assert_string_equal(b.plugins[0].name, "api");
    assert_non_null(th_bundle_file(&b, paths[0], "terms.yaml"));
    assert_non_null(th_bundle_file(&b, paths[0], "data/terms.yaml"));
    assert_non_null(th_bundle_file(&b, paths[0], "lib/check.lua"));
    assert_null(th_bundle_file(&b, paths[0], "none.yaml"));
    assert_int_equal(th_bundle_read(&b, f->arena, missing, 1, &err), TH_ERR_MISSING);
    assert_string_equal(err.text, "/nowhere/plugins: no such plugin file or folder");
}

/* The plugin in tests/lua/plugins asserts what docs/api.md says, function by function. */
static void the_api_does_what_its_page_says(void **state)
{
    fixture *f = *state;
    const char *paths[] = {TH_SOURCE_DIR "/tests/lua/plugins"};
    assert_int_equal(th_bundle_read(&f->bundle, f->arena, paths, 1, NULL), TH_OK);

    load(f);
    assert_string_equal(f->err.text, "");
    begin(f, "宁波市试验园区人才工作\n园区今年引进博士35人，建成人才公寓1200余套；发放补贴3.5亿元。另有青年公寓300套。\n慈溪市增长约5%。");
    run_plugin(f, 0);

    if (f->err.text[0])
        fail_msg("%s\n%s", f->err.text, th_host_trace(f->host));
    assert_int_equal(f->records.count, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_plugin_records_what_it_finds),
        TEST(the_manifest_is_kept),
        TEST(a_failed_plugin_leaves_no_records),
        TEST(a_plugin_reads_the_records_of_those_it_needs),
        TEST(an_object_of_an_earlier_article_has_expired),
        TEST(random_numbers_come_from_the_article),
        TEST(attacks_end_in_their_class),
        TEST(endless_recursion_is_told_from_other_hunger),
        TEST(endless_recursion_ends_with_the_stack),
        TEST(a_coroutine_left_with_a_hook_goes_on_later),
        TEST(the_limit_is_per_call),
        TEST(a_state_that_ran_out_of_memory_is_new),
        TEST(plugins_do_not_see_each_other),
        TEST(a_wrong_manifest_is_named),
        TEST(a_kind_belongs_to_one_plugin),
        TEST(a_manifest_that_failed_inside_pcall_leaves_nothing),
        TEST(a_byte_order_mark_and_a_first_line_for_the_shell_are_passed_over),
        TEST(wrong_use_is_named_at_its_line),
        TEST(wrong_use_can_be_caught),
        TEST(files_read_are_noted),
        TEST(a_bundle_is_read_from_its_folder),
        TEST(the_api_does_what_its_page_says),
    };

    return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
