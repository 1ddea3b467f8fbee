/* api_doc.c - see doc.h; and the lists of all that the API consists of. */
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "host/api.h"
#include "host/doc.h"
#include "host/internal.h"

const th_module *const th_api_modules[] = {&th_module_host, &th_module_log, &th_module_test, NULL};

const th_class_def *const th_api_classes[] = {&th_class_article, &th_class_span,    &th_class_match,  &th_class_quantity, &th_class_place,
                                              &th_class_record,  &th_class_lexicon, &th_class_corpus, &th_class_table,    &th_class_report,
                                              &th_class_workbook, NULL};

/* ---- tables that functions take and give ---- */

static const th_item plugin_manifest[] = {
    {"name", "string", "that of the file, without `.lua`"},
    {"version", "string", NULL},
    {"summary", "string?", "one line"},
    {"needs", "string[]?", "plugins that run before it, whose records it may read"},
    {"records", "table<string, table<string, string>>?",
     "kinds of record, each a map from field to type: `integer number text date boolean json`, with `?` when optional"},
    {"limits", "table<string, string|integer>?", "less than the configuration allows of `cpu wall memory records output`: `{ cpu = \"500ms\" }`"},
    {0}};
static const th_item plugin_table[] = {{"article", "fun(a: article)", "is called with each article"}, {0}};
static const th_item script_manifest[] = {
    {"name", "string?", NULL},
    {"summary", "string?", "one line"},
    {"needs", "string[]?", "plugins whose records must be up to date"},
    {"args", "table<string, any>?",
     "arguments by name: a default (number, text, boolean), or `{ default = …, doc = \"…\" }`. They are given as `name=value` and take the type of "
     "their default"},
    {0}};
static const th_item script_table[] = {{"run", "fun(corpus: corpus, args: table<string, any>)", "is called once"}, {0}};
static const th_item quantity_filter[] = {{"unit", "string?", "base unit: `元`, `人`, `套`"},
                                          {"dimension", "string?", "`people money area time share count …`"},
                                          {0}};
static const th_item free_quantity[] = {{"value", "number", NULL},
                                        {"value_max", "number?", "the upper end of a range"},
                                        {"unit", "string", "base unit"},
                                        {"dimension", "string", NULL},
                                        {"cmp", "string", "`exact over under about at_least at_most`"},
                                        {"text", "string", "as written"},
                                        {"first", "integer", "its bytes in the text, as `string.sub` counts"},
                                        {"last", "integer", NULL},
                                        {0}};
static const th_item score[] = {{"precision", "number", "of what was found, the share that was marked"},
                                {"recall", "number", "of what was marked, the share that was found"},
                                {"f1", "number", "their harmonic mean"},
                                {"missed", "string[]", "marked and not found"},
                                {"wrong", "string[]", "found and not marked"},
                                {0}};
static const th_item region_table[] = {{"code", "string", NULL}, {"name", "string", NULL},
                                       {"level", "string", "`province city county zone`"}, {"parent", "region?", NULL}, {0}};
static const th_item place_name[] = {{"code", "string", "GB/T 2260, six digits"}, {"name", "string", NULL}, {0}};
static const th_item article_filter[] = {
    {"region", "string|string[]?", "name of the place it is about"},
    {"source", "string|string[]?", NULL},
    {"path", "string|string[]?", NULL},
    {"title", "string?", "a part of it"},
    {"from", "string?", "first day of publication"},
    {"to", "string?", "last day of publication"},
    {"duplicates", "boolean?", "true: duplicates too"},
    {"text", "boolean?", "true: with the text"},
    {"order", "string?", "a column, `-date`: the latest first"},
    {"limit", "integer?", NULL},
    {0}};
static const th_item record_filter[] = {
    {"region", "string|string[]?", "name of the place the record names, else of the place its article is about"},
    {"source", "string|string[]?", NULL},
    {"path", "string|string[]?", NULL},
    {"title", "string?", "a part of it"},
    {"from", "string?", "first day of publication"},
    {"to", "string?", "last day of publication"},
    {"duplicates", "boolean?", "true: of duplicates too"},
    {"sentence", "boolean?", "true: with the sentence"},
    {"order", "string?", "a column, `-value`: the largest first"},
    {"limit", "integer?", NULL},
    {"[string]", "any", "a field of the kind: a value, or a list of which any will do"},
    {0}};
static const th_item table_spec[] = {
    {"title", "string?", "above it when printed; a sheet's name"},
    {"key", "string?", "the column whose texts cells of other sheets may `link` to in a workbook"},
    {"columns", "string[]|string?", "names, with the rows behind them; in a pivot what makes the columns"},
    {"sql", "string?", "a statement that gives the rows"},
    {"params", "any[]?", "values for its `?`"},
    {"rows", "string?", "pivot: what makes the rows"},
    {"value", "string?", "pivot: `KIND.FIELD`, or `count`"},
    {"how", "string?", "pivot: `list` (default) `sum mean min max count`"},
    {"where", "record_filter?", "pivot: only these"},
    {"filter", "fun(row: table): boolean?", "keep a row? It gets the cells by column name"},
    {"derive", "table[]?", "further columns: `{ { \"name\", function(row) … end }, … }`"},
    {"sort", "string|string[]?", "columns, `-n` downwards"},
    {"limit", "integer?", "rows to keep"},
    {"total", "boolean?", "a last row with the sums of all rows, those beyond `limit` too"},
    {0}};

static const th_item report_spec[] = {{"title", "string", NULL},
                                      {"lang", "string?", "`zh` or `en`: what the page starts in"},
                                      {"data", "table", "what the page shows, as `scripts/lib/page.lua` makes it"},
                                      {0}};

const th_shape th_api_shapes[] = {
    {"plugin_manifest", "What a plugin says of itself; an unknown key is an error.", plugin_manifest},
    {"plugin", "What `host.plugin` gives.", plugin_table},
    {"script_manifest", "What a script says of itself; an unknown key is an error.", script_manifest},
    {"script", "What `host.script` gives.", script_table},
    {"quantity_filter", "Which quantities.", quantity_filter},
    {"free_quantity", "A quantity in a text of the plugin's own.", free_quantity},
    {"score", "What `test.measure` gives.", score},
    {"region", "An administrative division or development zone.", region_table},
    {"place_name", "The place an article is about.", place_name},
    {"article_filter", "Which articles.", article_filter},
    {"record_filter", "Which records.", record_filter},
    {"table_spec", "What a table is made of. A cell is a text, a number, a boolean, nil, or `{ value, sign =, unit =, link = }`: a number shown with a sign before "
                   "it and, in a workbook, its unit behind it; a cell that leads to the row of the evidence sheet with that key.", table_spec},
    {"report_spec", "What a page is made of.", report_spec},
    {0}};

/* ---- examples ---- */

const char th_doc_article[] = "宁波加快引进人才\n"
                              "2023年，宁波市引进高层次人才120人，发放人才补贴3.5亿元。今年计划建成人才公寓2400套。\n"
                              "鄞州区为青年人才留出安居房300套以上。";

const char *const th_doc_files[][2] = {{"data/codes.yaml", "stages: [attract, develop, employ, retain]\n"},
                                       {"data/weights.json", "{\"funding\": 2, \"housing\": 1}\n"},
                                       {"data/names.tsv", "name\tshort\n宁波市\t甬\n上海市\t沪\n"},
                                       {NULL, NULL}};

static const char plugin_head[] = "local plugin = host.plugin {\n"
                                  "  name = \"example\", version = \"1.0\",\n"
                                  "  records = { home = { units = \"integer\", place = \"text?\" } },\n"
                                  "}\n"
                                  "local homes = host.lexicon { \"人才公寓\", \"安居房\" }\n"
                                  "local acts = host.lexicon { attract = { \"引进\" }, keep = { \"留出\", \"补贴\" } }\n";

/* EXPRESSION --> TEXT becomes a call that compares; other lines stay. */
static void add_checked(th_str *out, const char *example)
{
    for (const char *line = example, *end; *line; line = *end ? end + 1 : end) {
        end = strchr(line, '\n') ? strchr(line, '\n') : line + strlen(line);
        const char *arrow = strstr(line, " --> ");
        if (!arrow || arrow > end) {
            th_str_add(out, line, (size_t)(end - line));
        } else {
            th_str_puts(out, "gives([==[");
            th_str_add(out, arrow + 5, (size_t)(end - arrow - 5));
            th_str_puts(out, "]==], ");
            th_str_add(out, line, (size_t)(arrow - line));
            th_str_putc(out, ')');
        }
        th_str_putc(out, '\n');
    }
}

static const char gives[] = "local function gives(want, ...)\n"
                            "  local got = {}\n"
                            "  for i = 1, select('#', ...) do got[i] = tostring((select(i, ...))) end\n"
                            "  local text = table.concat(got, ', ')\n"
                            "  if text ~= want then error('gives ' .. text .. ', not ' .. want, 2) end\n"
                            "end\n";

static void write_example(const th_function *f, th_str *out)
{
    switch (f->where) {
    case TH_AS_FILE:
        th_str_puts(out, f->example);
        return;
    case TH_IN_SCRIPT:
        th_str_addf(out, "local script = host.script { name = \"example\" }\n%sfunction script.run(corpus, args)\n", gives);
        add_checked(out, f->example);
        th_str_puts(out, "end\nreturn script\n");
        return;
    case TH_IN_TEST:
        th_str_addf(out, "local t = require \"test\"\n%s", gives);
        add_checked(out, f->example);
        th_str_puts(out, "return t\n");
        return;
    case TH_AT_TOP:
        th_str_addf(out, "%s%s", plugin_head, gives);
        add_checked(out, f->example);
        th_str_puts(out, "function plugin.article(a) end\nreturn plugin\n");
        return;
    default:
        th_str_addf(out, "%s%sfunction plugin.article(a)\n", plugin_head, gives);
        add_checked(out, f->example);
        th_str_puts(out, "end\nreturn plugin\n");
    }
}

/* Calls `visit` for every function; stops when it gives false. */
typedef bool (*visit_fn)(void *ctx, const char *owner, char sign, const th_function *f);

static void each_function(visit_fn visit, void *ctx)
{
    for (const th_module *const *m = th_api_modules; *m; m++)
        for (const th_function *f = (*m)->functions; f->name; f++)
            if (!visit(ctx, (*m)->name, '.', f))
                return;
    for (const th_class_def *const *c = th_api_classes; *c; c++)
        for (const th_function *f = (*c)->methods; f && f->name; f++)
            if (!visit(ctx, (*c)->name, ':', f))
                return;
}

typedef struct nth {
    size_t left;
    const th_function *found;
    char name[80];
} nth;

static bool count_down(void *ctx, const char *owner, char sign, const th_function *f)
{
    nth *n = ctx;

    if (n->left-- > 0)
        return true;
    n->found = f;
    snprintf(n->name, sizeof n->name, "%s%c%s", owner, sign, f->name);
    return false;
}

bool th_doc_example_at(size_t i, th_str *buffer, th_doc_example *out)
{
    static char name[80];
    nth n = {.left = i};

    each_function(count_down, &n);
    if (!n.found)
        return false;
    memcpy(name, n.name, sizeof name);
    *out = (th_doc_example){.name = name, .in_test = n.found->where == TH_IN_TEST};
    out->is_script = n.found->where == TH_IN_SCRIPT || n.found->call == th_module_host.functions[1].call;
    if (!n.found->example || !n.found->doc || !n.found->since)
        return true;
    th_str_clear(buffer);
    write_example(n.found, buffer);
    out->source = th_str_text(buffer);
    return true;
}

/* ---- Markdown ---- */

static void add_signature(th_str *out, const char *owner, char sign, const th_function *f)
{
    th_str_addf(out, "%s%c%s(", owner, sign, f->name);
    for (const th_item *p = f->params; p->name; p++) {
        size_t len = strlen(p->type);
        bool optional = len > 0 && p->type[len - 1] == '?';
        th_str_addf(out, "%s%s%s", p > f->params ? ", " : "", p->name, optional ? "?" : "");
    }
    th_str_putc(out, ')');
    for (const th_item *r = f->returns; r->name; r++)
        th_str_addf(out, "%s%s", r > f->returns ? ", " : " → ", r->type);
}

/* "|" would end a cell of a Markdown table. */
static void add_cell(th_str *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            th_str_putc(out, '\\');
        th_str_putc(out, *text);
    }
}

static void add_items(th_str *out, const char *head, const th_item *items)
{
    if (!items || !items->name)
        return;
    th_str_addf(out, "| %s | type | |\n| --- | --- | --- |\n", head);
    for (; items->name; items++) {
        th_str_addf(out, "| `%s` | `", items->name);
        add_cell(out, items->type);
        th_str_puts(out, "` | ");
        add_cell(out, items->doc ? items->doc : "");
        th_str_puts(out, " |\n");
    }
    th_str_putc(out, '\n');
}

static void add_function(th_str *out, const char *owner, char sign, const th_function *f)
{
    th_str_puts(out, "### `");
    add_signature(out, owner, sign, f);
    th_str_addf(out, "`\n%s", f->doc);
    for (const th_item *p = f->params; p->name; p++)
        if (p->doc)
            th_str_addf(out, " `%s`: %s.", p->name, p->doc);
    if (strcmp(f->since, "0.1") != 0)
        th_str_addf(out, " Since %s.", f->since);
    th_str_addf(out, "\n```lua\n%s\n```\n\n", f->example);
}

static const char intro[] =
    "# The Lua API\n\n"
    "Made by `talenthost api --markdown` from the tables the program itself works by; every example is run by `./dev test`. "
    "`talenthost api NAME` and, at the prompt "
    "(`talenthost repl`), `help(x)` say the same. [plugins.md](plugins.md) is the way in.\n\n"
    "Plugins and scripts see the Lua 5.4 library without `io os package debug`, `dofile`, `loadfile`, `string.dump`, `warn` and "
    "`math.randomseed` (the host seeds random numbers from the article, so that the same article gives the same rows); `collectgarbage` knows "
    "`\"count\"` only, `load` takes text only, `setmetatable` refuses `__gc`. `require` finds `lpeg`, `re` and Lua modules in `lib/` beside the "
    "plugin. An undeclared global is an error, read or assigned. `host.lexicon`, the functions that read files and `require` are called at the top "
    "of a plugin, not in `plugin.article`. A limit that was reached ends the call: `pcall` hands it on.\n\n"
    "Objects (article, span, match …) are read-only and live for one call of `plugin.article`; texts and numbers may be kept. Wrong arguments raise "
    "at the line of the call.\n\n"
    "## What the examples are about\n"
    "`a` is this article of 2024-05-01, in a plugin that begins like this; `-->` says what an expression gives.\n";

void th_doc_markdown(th_str *out)
{
    th_str_addf(out, "%s```\n%s\n```\n```lua\n%s```\n\n", intro, th_doc_article, plugin_head);
    for (const th_module *const *m = th_api_modules; *m; m++) {
        th_str_addf(out, "## `%s`\n%s\n\n", (*m)->name, (*m)->doc);
        for (const th_function *f = (*m)->functions; f->name; f++)
            add_function(out, (*m)->name, '.', f);
    }
    for (const th_class_def *const *c = th_api_classes; *c; c++) {
        th_str_addf(out, "## %s\n%s\n\n", (*c)->name, (*c)->doc);
        add_items(out, "field", (*c)->fields);
        for (const th_function *f = (*c)->methods; f && f->name; f++)
            add_function(out, (*c)->name, ':', f);
    }
    th_str_puts(out, "## Tables\nWhat functions take and give as plain Lua tables. A type that ends in `?` may be left out.\n\n");
    for (const th_shape *s = th_api_shapes; s->name; s++) {
        th_str_addf(out, "### %s\n%s\n\n", s->name, s->doc);
        add_items(out, "key", s->fields);
    }
    while (out->len > 1 && out->data[out->len - 1] == '\n' && out->data[out->len - 2] == '\n')
        out->data[--out->len] = '\0';
}

/* ---- annotations for editors ---- */

static void add_comment(th_str *out, const char *text)
{
    if (text)
        th_str_addf(out, "--- %s\n", text);
}

static void add_fields(th_str *out, const th_item *items)
{
    for (; items && items->name; items++)
        th_str_addf(out, "---@field %s %s%s%s\n", items->name, items->type, items->doc ? " " : "", items->doc ? items->doc : "");
}

static void add_stub(th_str *out, const char *owner, char sign, const th_function *f)
{
    add_comment(out, f->doc);
    th_str_puts(out, "--- ```lua\n");
    for (const char *line = f->example, *end; *line; line = *end ? end + 1 : end) {
        end = strchr(line, '\n') ? strchr(line, '\n') : line + strlen(line);
        th_str_addf(out, "--- %.*s\n", (int)(end - line), line);
    }
    th_str_puts(out, "--- ```\n");
    for (const th_item *p = f->params; p->name; p++) {
        size_t len = strlen(p->type);
        bool optional = len > 0 && p->type[len - 1] == '?';
        th_str_addf(out, "---@param %s%s %.*s%s%s\n", p->name, optional ? "?" : "", (int)(len - optional), p->type, p->doc ? " " : "",
                    p->doc ? p->doc : "");
    }
    for (const th_item *r = f->returns; r->name; r++) {
        bool many = strcmp(r->name, "...") == 0;
        th_str_addf(out, "---@return %s %s%s%s\n", r->type, many ? "..." : r->name, r->doc ? " " : "", r->doc ? r->doc : "");
    }
    th_str_addf(out, "function %s%c%s(", owner, sign, f->name);
    for (const th_item *p = f->params; p->name; p++)
        th_str_addf(out, "%s%s", p > f->params ? ", " : "", p->name);
    th_str_puts(out, ") end\n\n");
}

/* The local that holds a class or module in the stub file: "host", "host.log", "test". */
static void add_module(th_str *out, const th_module *m)
{
    bool is_global = strncmp(m->name, "host", 4) == 0;

    add_comment(out, m->doc);
    th_str_addf(out, "---@class %s_functions\n%s%s = {}\n\n", strcmp(m->name, "host.log") == 0 ? "log" : m->name,
                is_global ? "" : "local ", m->name);
    for (const th_function *f = m->functions; f->name; f++)
        add_stub(out, m->name, '.', f);
}

void th_doc_meta(th_str *out)
{
    th_str_puts(out, "---@meta talenthost\n"
                     "-- Made by `talenthost api --lua`: what plugins, scripts and tests see, for the Lua language server. Not run.\n"
                     "-- luacheck: ignore\n\n"
                     "--- A term of a lexicon, or one with its neighbours: `{ \"印度\", not_before = { \"尼西亚\" } }`.\n"
                     "---@alias term string|table\n\n");
    for (const th_shape *s = th_api_shapes; s->name; s++) {
        add_comment(out, s->doc);
        th_str_addf(out, "---@class %s\n", s->name);
        add_fields(out, s->fields);
        th_str_putc(out, '\n');
    }
    for (const th_class_def *const *c = th_api_classes; *c; c++) {
        add_comment(out, (*c)->doc);
        th_str_addf(out, "---@class %s\n", (*c)->name);
        add_fields(out, (*c)->fields);
        if ((*c)->id == TH_CLASS_RECORD)
            th_str_puts(out, "---@field [string] any\n");
        if ((*c)->id == TH_CLASS_SPAN)
            th_str_puts(out, "---@operator len: integer\n");
        th_str_addf(out, "local %s = {}\n\n", (*c)->name);
        for (const th_function *f = (*c)->methods; f && f->name; f++)
            add_stub(out, (*c)->name, ':', f);
    }
    for (const th_module *const *m = th_api_modules; *m; m++)
        add_module(out, *m);
}

/* ---- help ---- */

static void add_help(th_str *out, const char *owner, char sign, const th_function *f)
{
    add_signature(out, owner, sign, f);
    th_str_addf(out, "\n  %s\n", f->doc);
    for (const th_item *p = f->params; p->name; p++)
        th_str_addf(out, "  %-10s %s%s%s\n", p->name, p->type, p->doc ? ": " : "", p->doc ? p->doc : "");
    for (const char *line = f->example, *end; *line; line = *end ? end + 1 : end) {
        end = strchr(line, '\n') ? strchr(line, '\n') : line + strlen(line);
        th_str_addf(out, "    %.*s\n", (int)(end - line), line);
    }
}

typedef struct search {
    const char *name;
    th_str *out;
    size_t found;
    const char *names[256]; /* of functions, for the nearest */
    size_t count;
} search;

static bool match_function(void *ctx, const char *owner, char sign, const th_function *f)
{
    search *s = ctx;
    char full[80];

    snprintf(full, sizeof full, "%s%c%s", owner, sign, f->name);
    if (s->count < sizeof s->names / sizeof *s->names)
        s->names[s->count++] = f->name;
    for (char *p = full; *p; p++) /* span.before is as good */
        if (*p == ':' && strchr(s->name, ':') == NULL && strchr(s->name, '.'))
            *p = '.';
    if (strcmp(full, s->name) == 0 || strcmp(f->name, s->name) == 0) {
        if (s->found++)
            th_str_putc(s->out, '\n');
        add_help(s->out, owner, sign, f);
    }
    return true;
}

static void list_names(th_str *out, const char *owner, char sign, const th_function *functions)
{
    for (const th_function *f = functions; f && f->name; f++) {
        th_str_puts(out, "  ");
        add_signature(out, owner, sign, f);
        th_str_putc(out, '\n');
    }
}

static void add_field_list(th_str *out, const th_item *items)
{
    for (; items && items->name; items++)
        th_str_addf(out, "  .%-12s %s%s%s\n", items->name, items->type, items->doc ? ": " : "", items->doc ? items->doc : "");
}

bool th_doc_help(const char *name, th_str *out)
{
    search s = {.name = name, .out = out};

    for (const th_module *const *m = th_api_modules; *m; m++)
        if (strcmp((*m)->name, name) == 0) {
            th_str_addf(out, "%s\n  %s\n", name, (*m)->doc);
            list_names(out, name, '.', (*m)->functions);
            return true;
        }
    for (const th_class_def *const *c = th_api_classes; *c; c++) {
        size_t len = strlen((*c)->name);
        if (strcmp((*c)->name, name) == 0) {
            th_str_addf(out, "%s\n  %s\n", name, (*c)->doc);
            add_field_list(out, (*c)->fields);
            list_names(out, name, ':', (*c)->methods);
            return true;
        }
        for (const th_item *f = (*c)->fields; f && f->name; f++)
            if (strncmp((*c)->name, name, len) == 0 && name[len] == '.' && strcmp(f->name, name + len + 1) == 0) {
                th_str_addf(out, "%s: %s\n  %s\n", name, f->type, f->doc);
                return true;
            }
    }
    for (const th_shape *p = th_api_shapes; p->name; p++)
        if (strcmp(p->name, name) == 0) {
            th_str_addf(out, "%s\n  %s\n", name, p->doc);
            add_field_list(out, p->fields);
            return true;
        }
    each_function(match_function, &s);
    if (s.found)
        return true;
    const char *near = th_nearest(name, s.names, s.count);
    if (near)
        th_str_puts(out, near);
    return false;
}
