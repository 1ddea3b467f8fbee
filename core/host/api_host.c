/* api_host.c - `host`: what a plugin or script may ask for besides the article or the corpus. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "host/api.h"
#include "host/functions.h"
#include "host/internal.h"

/* ---- log ---- */

/* Push the arguments as one text with `gap` between them. */
static const char *join_arguments(lua_State *L, const char *gap)
{
    int n = lua_gettop(L);
    luaL_Buffer b;

    for (int i = 1; i <= n; i++) {
        th_tolstring(L, i, NULL);
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

static int write_log(lua_State *L, th_log_level level, const char *gap)
{
    th_vm *vm = th_vm_of(L);
    const th_article *a = vm->host ? vm->host->article : NULL;
    const char *text = join_arguments(L, gap);

    th_count_output(L, vm, strlen(text));
    if (vm->host && th_log_shows(level) && ++vm->lines > TH_LOG_MOST)
        return 0;
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

/* ---- the tables ---- */

static const th_function functions[] = {
    {.name = "plugin", .call = th_host_plugin, .since = "0.1", .where = TH_AS_FILE,
     .doc = "Says what the plugin is. Called once, at the top; the file sets `plugin.article(a)` and ends with `return plugin`.",
     .params = {{"manifest", "plugin_manifest", NULL}}, .returns = {{"plugin", "plugin", NULL}},
     .example = "local plugin = host.plugin {\n  name = \"example\", version = \"1.0\",\n  summary = \"Homes provided for talent\",\n"
                "  records = { home = { units = \"integer\", place = \"text?\" } },\n}\n"
                "local homes = host.lexicon { \"人才公寓\", \"安居房\" }\n\n"
                "function plugin.article(a)\n  for q in a:each_quantity { unit = \"套\" } do\n"
                "    if q.span.sentence:has(homes) then\n      a:record(\"home\", { span = q.span, units = q.value })\n    end\n  end\nend\n\n"
                "return plugin"},
    {.name = "script", .call = th_host_script, .since = "0.1", .where = TH_AS_FILE,
     .doc = "Says what the script is. Called once, at the top; the file sets `script.run(corpus, args)` and ends with `return script`.",
     .params = {{"manifest", "script_manifest", NULL}}, .returns = {{"script", "script", NULL}},
     .example = "local script = host.script {\n  name = \"count\", summary = \"Articles by source\",\n"
                "  args = { top = { default = 10, doc = \"sources to show\" } },\n}\n\n"
                "function script.run(corpus, args)\n"
                "  corpus:table { sql = \"SELECT source, count(*) AS articles FROM article GROUP BY 1 ORDER BY 2 DESC\",\n"
                "                 limit = args.top }:print()\nend\n\nreturn script"},
    {.name = "lexicon", .call = th_host_lexicon, .since = "0.1", .where = TH_AT_TOP,
     .doc = "A set of terms: a list; a map from category to list; or the name of a YAML file with either. In the place of a term may stand an entry "
            "`{ \"term\", …, after = {…}, before = {…}, not_after = {…}, not_before = {…}, within = n }`: the term counts only right behind one of the "
            "words of `after`, right in front of one of `before`, and not beside the others; `within` lets up to n characters lie between. In YAML: "
            "`{ term: 印度, not_before: [尼西亚] }`. The longest term wins, and where a term does not count a shorter one may. A term in two categories counts in "
            "both. Called at the top of a plugin.",
     .params = {{"terms", "term[]|table<string, term[]>|string", NULL}}, .returns = {{"lexicon", "lexicon", NULL}},
     .example = "local abroad = host.lexicon { { \"印度\", not_before = { \"尼西亚\" } }, \"德国\" }\n"
                "abroad:has(\"来自印度\") --> true\nabroad:has(\"来自印度尼西亚\") --> false"},
    {.name = "codebook", .call = th_host_codebook, .since = "0.1", .where = TH_AT_TOP,
     .doc = "A YAML file of the plugin's folder as Lua tables. Plain numbers and booleans are converted (quote a code that is to stay text: \"010\"); "
            "`host.keys` gives the keys of a map in the file's order. Called at the top of a plugin.",
     .params = {{"name", "string", "`codes.yaml` stands in the folder `data` beside the plugin"}}, .returns = {{"content", "table", NULL}},
     .example = "host.codebook(\"codes.yaml\").stages[2] --> develop"},
    {.name = "json", .call = th_host_json, .since = "0.1", .where = TH_AT_TOP,
     .doc = "A JSON file of the plugin's folder as Lua tables; `null` is nil. Called at the top of a plugin.",
     .params = {{"name", "string", NULL}}, .returns = {{"content", "any", NULL}},
     .example = "host.json(\"weights.json\").funding --> 2"},
    {.name = "tsv", .call = th_host_tsv, .since = "0.1", .where = TH_AT_TOP,
     .doc = "A file of columns separated by tabs, its first line their names: a list of rows by name. Empty lines and lines that begin with `#` "
            "are passed over; all cells are texts. Called at the top of a plugin.",
     .params = {{"name", "string", NULL}}, .returns = {{"rows", "table<string, string>[]", NULL}},
     .example = "host.tsv(\"names.tsv\")[1].short --> 甬"},
    {.name = "lines", .call = th_host_lines, .since = "0.1", .where = TH_AT_TOP,
     .doc = "The lines of a file of the plugin's folder, without empty ones and `#` comments. Called at the top of a plugin.",
     .params = {{"name", "string", NULL}}, .returns = {{"lines", "string[]", NULL}},
     .example = "#host.lines(\"names.tsv\") --> 3"},
    {.name = "keys", .call = th_host_keys, .since = "0.1",
     .doc = "The keys of a map: in the file's order for one that came from `host.codebook`, sorted for any other.",
     .params = {{"map", "table", NULL}}, .returns = {{"keys", "string[]", NULL}},
     .example = "table.concat(host.keys { b = 1, a = 2 }, \" \") --> a b"},
    {.name = "place", .call = th_host_place, .since = "0.2",
     .doc = "Where a table from `host.codebook`, or its entry `key`, stands in its file: for messages about what an analyst wrote. nil for any other table.",
     .params = {{"map", "table", NULL}, {"key", "any?", "a key of the map, or an index of the list"}},
     .returns = {{"place", "string?", "`file:line:column`"}},
     .example = "host.place({}) --> nil"},
    {.name = "region", .call = th_host_region, .since = "0.1",
     .doc = "The division or development zone with this code or full name; nil when there is none.",
     .params = {{"key", "string", "`330200` or `宁波市`"}}, .returns = {{"region", "region?", NULL}},
     .example = "host.region(\"宁波市\").code --> 330200\nhost.region(\"330200\").parent.name --> 浙江省"},
    {.name = "number", .call = th_host_number, .since = "0.1",
     .doc = "The value of the numeral a text starts with, in Arabic or Chinese digits, and its length in bytes; nil when there is none.",
     .params = {{"text", "string", NULL}}, .returns = {{"value", "number?", NULL}, {"bytes", "integer?", NULL}},
     .example = "host.number(\"三万五千人\") --> 35000, 12\nhost.number(\"人\") --> nil"},
    {.name = "quantities", .call = th_host_quantities, .since = "0.1",
     .doc = "The numbers in use in a text of the plugin's own, in order, as plain tables.",
     .params = {{"text", "string", NULL}}, .returns = {{"quantities", "free_quantity[]", NULL}},
     .example = "local q = host.quantities(\"补贴超过3.5亿元\")[1]\nq.value --> 350000000\nq.cmp --> over"},
    {.name = "date", .call = th_host_date, .since = "0.1",
     .doc = "With numbers: the day as `YYYY-MM-DD`; month and day may overflow and are carried, both may be left out (1). With a text: the first and last day "
            "of the date expression it starts with, and its length in bytes; nil when there is none. `去年`, `3月`, `上半年` are reckoned from the day "
            "`base`, and are none without it.",
     .params = {{"year", "integer|string", "or the text"}, {"month", "integer|string?", "or the day `base`, `a.date`"}, {"day", "integer?", NULL}},
     .returns = {{"from", "string?", NULL}, {"to", "string?", NULL}, {"bytes", "integer?", NULL}},
     .example = "host.date(2024, 3, 0) --> 2024-02-29\nhost.date(\"2023年5月底，\") --> 2023-05-01, 2023-05-31, 14\n"
                "host.date(\"去年\", \"2024-05-01\") --> 2023-01-01, 2023-12-31, 6\nhost.date(\"去年\") --> nil"},
    {.name = "ymd", .call = th_host_ymd, .since = "0.1", .doc = "Year, month and day of an ISO day; nil when it is none.",
     .params = {{"day", "string", "`2024-05-31`"}},
     .returns = {{"year", "integer?", NULL}, {"month", "integer?", NULL}, {"day", "integer?", NULL}},
     .example = "host.ymd(\"2024-05-31\") --> 2024, 5, 31"},
    {.name = "cjk_width", .call = th_host_cjk_width, .since = "0.1", .doc = "The columns a text takes on a terminal; a Chinese character takes two.",
     .params = {{"text", "string", NULL}}, .returns = {{"columns", "integer", NULL}},
     .example = "host.cjk_width(\"宁波ab\") --> 6"},
    {0}};

static const th_function log_functions[] = {
    {.name = "debug", .call = log_debug, .since = "0.1", .doc = "A line that is shown with `--verbose` only.",
     .params = {{"...", "any", "joined by spaces"}}, .example = "host.log.debug(\"units\", 3)"},
    {.name = "info", .call = log_info, .since = "0.1", .doc = "A line for the log.",
     .params = {{"...", "any", "joined by spaces"}}, .example = "host.log.info(a.title)"},
    {.name = "warn", .call = log_warn, .since = "0.1", .doc = "A line for the log that says something may be wrong.",
     .params = {{"...", "any", "joined by spaces"}}, .example = "host.log.warn(\"no date in\", a.path)"},
    {.name = "error", .call = log_error, .since = "0.1", .doc = "A line for the log that says something is wrong; the plugin goes on.",
     .params = {{"...", "any", "joined by spaces"}}, .example = "host.log.error(\"no units\")"},
    {0}};

const th_module th_module_host = {"host", "What a plugin or script may ask for besides the article or the corpus.", functions};
const th_module th_module_log = {"host.log",
                                 "A line in the log, with file, line and article. It counts as output; of more than 1000 lines an article the rest is counted only. In a plugin `print` is `host.log.info`; "
                                 "in a script it writes to standard output.",
                                 log_functions};

static int no_function(lua_State *L)
{
    const char *names[32] = {"log"};
    size_t count = 1;

    for (const th_function *f = functions; f->name && count < sizeof names / sizeof *names; f++)
        names[count++] = f->name;
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
    return th_usage(L, "host has no function \"%s\"%s", name, th_suggest(L, name, names, count));
}

static int no_level(lua_State *L)
{
    return th_usage(L, "host.log has debug, info, warn and error, not %s", th_describe_key(L, 2));
}

static int no_assignment(lua_State *L)
{
    return th_usage(L, "host can not be changed (field %s); keep your own functions in locals", th_describe_key(L, 2));
}

static void set_guard(lua_State *L, const char *name, lua_CFunction guard)
{
    lua_pushcfunction(L, guard);
    lua_setfield(L, -2, name);
}

/* Put an empty table in front of the one on the top: its functions are found through it and can not be replaced; unknown names and
 * assignments raise. */
static void lock_table(lua_State *L, lua_CFunction unknown)
{
    lua_createtable(L, 0, 1); /* functions mt */
    set_guard(L, "__index", unknown);
    lua_setmetatable(L, -2);
    lua_newtable(L);
    lua_createtable(L, 0, 3); /* functions front mt */
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    set_guard(L, "__newindex", no_assignment);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_remove(L, -2);
}

/* The classes that a plugin sees, and those that a script sees. */
static void open_classes(lua_State *L)
{
    static const th_class_def *const of_plugin[] = {&th_class_lexicon, &th_class_span,   &th_class_article, &th_class_match,
                                                    &th_class_quantity, &th_class_place, &th_class_record,  NULL};
    static const th_class_def *const of_script[] = {&th_class_lexicon, &th_class_corpus, &th_class_table, &th_class_report, &th_class_workbook, NULL};

    for (const th_class_def *const *c = th_vm_of(L)->host ? of_plugin : of_script; *c; c++)
        th_class_open(L, *c);
}

void th_api_open(lua_State *L)
{
    lua_newtable(L); /* host */
    th_functions_set(L, &th_module_host);
    lua_newtable(L); /* host log */
    th_functions_set(L, &th_module_log);
    lock_table(L, no_level);
    lua_setfield(L, -2, "log");
    lock_table(L, no_function);
    lua_setglobal(L, "host");
    lua_pushcfunction(L, host_print);
    lua_setglobal(L, "print");
    th_span_open(L);
    open_classes(L);
    if (th_vm_of(L)->is_prompt)
        th_prompt_open(L);
    else
        th_libs_lock(L);
}
