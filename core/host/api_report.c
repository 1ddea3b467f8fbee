/* api_report.c - corpus:report and corpus:workbook: what a script found, as a page that opens offline and as a workbook. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "host/api.h"
#include "host/corpus.h"
#include "host/output.h"
#include "report/page.h"
#include "report/xlsx.h"

/* ---- report ---- */

/* A page to be written: its own memory, since Lua's may be gone by then. */
typedef struct report {
    th_str title, json;
    bool is_chinese;
} report;

int th_corpus_report(lua_State *L)
{
    lua_settop(L, 2);
    th_handle *h = th_handle_new(L, th_vm_of(L), TH_CLASS_REPORT); /* corpus spec report */
    report *r = calloc(1, sizeof *r);
    h->item = r;
    if (!r)
        return luaL_error(L, "not enough memory");
    if (lua_getfield(L, 2, "title") != LUA_TSTRING)
        return th_usage(L, "corpus:report: title: expected a text, got %s", th_describe(L, -1));
    th_str_puts(&r->title, lua_tostring(L, -1));
    lua_getfield(L, 2, "lang");
    r->is_chinese = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "zh") == 0;
    if (lua_getfield(L, 2, "data") != LUA_TTABLE)
        return th_usage(L, "corpus:report: data: expected a table, got %s", th_describe(L, -1));
    th_json_write(L, lua_gettop(L), &r->json, "corpus:report: data");
    if (!th_str_ok(&r->title) || !th_str_ok(&r->json))
        return luaL_error(L, "not enough memory");
    lua_settop(L, 3);
    return 1;
}

static int report_write(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const report *r = ((const th_handle *)lua_touserdata(L, 1))->item;
    const th_page *page = vm->script->options->page;
    const char *lang = r->is_chinese ? "zh-CN" : "en";
    th_error err = {0};

    if (!th_path_ends(lua_tostring(L, 2), ".html"))
        return th_usage(L, "report:write: \"%s\": a report is a page; let its name end in .html", lua_tostring(L, 2));
    const char *path = th_output_path(L, 2, "report:write");
    if (!page || !page->frame.len)
        return th_usage(L, "report:write: %s: the page's template (data/report/report.html) is not there", path);
    const th_slot slots[] = {
        {"lang", TH_SLOT_TEXT, lang, strlen(lang)},
        {"title", TH_SLOT_TEXT, th_str_text(&r->title), r->title.len},
        {"css", TH_SLOT_STYLE, th_str_text(&page->style), page->style.len},
        {"data", TH_SLOT_JSON, th_str_text(&r->json), r->json.len},
        {"charts", TH_SLOT_SCRIPT, th_str_text(&page->charts), page->charts.len},
        {"js", TH_SLOT_SCRIPT, th_str_text(&page->program), page->program.len},
    };
    th_str_clear(&vm->buffer);
    if (th_page_fill(&vm->buffer, "data/report/report.html", th_str_text(&page->frame), page->frame.len, slots,
                     sizeof slots / sizeof *slots, &err) != TH_OK)
        return th_usage(L, "report:write: %s", err.text);
    if (!page->charts.len)
        th_log(TH_LOG_WARN, "%s: made without charts, its tables are complete: data/report/charts.js is not there (`./dev charts` makes it)", path);
    th_output_write(L, path, &vm->buffer, "report:write");
    return 1;
}

static int report_free(lua_State *L)
{
    th_handle *h = lua_touserdata(L, 1);
    report *r = (report *)h->item;

    if (r) {
        th_str_free(&r->title);
        th_str_free(&r->json);
    }
    free(r);
    h->item = NULL;
    return 0;
}

/* ---- workbook ---- */

enum { SHEETS_MAX = 200 };

int th_corpus_workbook(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    lua_Integer count = (lua_Integer)lua_rawlen(L, 2);

    lua_settop(L, 2);
    if (count == 0 || count > SHEETS_MAX)
        return th_usage(L, "corpus:workbook: expected a list of 1 to %d tables, got %d", SHEETS_MAX, (int)count);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, 2, i);
        if (!th_handle_test(L, vm, -1, TH_CLASS_TABLE))
            return th_usage(L, "corpus:workbook: sheet %d: expected a table of corpus:table, got %s", (int)i, th_describe(L, -1));
        lua_pop(L, 1);
    }
    th_handle_new(L, vm, TH_CLASS_WORKBOOK);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -2, 1); /* keeps the tables */
    return 1;
}

static int workbook_write(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_table *tables[SHEETS_MAX];
    th_error err = {0};

    if (!th_path_ends(lua_tostring(L, 2), ".xlsx"))
        return th_usage(L, "workbook:write: \"%s\": let its name end in .xlsx", lua_tostring(L, 2));
    lua_getiuservalue(L, 1, 1);
    int list = lua_gettop(L);
    size_t count = lua_rawlen(L, list) < SHEETS_MAX ? lua_rawlen(L, list) : SHEETS_MAX;
    for (size_t i = 0; i < count; i++, lua_pop(L, 1)) {
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        th_handle *h = th_handle_test(L, vm, -1, TH_CLASS_TABLE);
        if (!h)
            return th_usage(L, "workbook:write: the list of tables was changed");
        tables[i] = h->item;
    }
    const char *path = th_output_path(L, 2, "workbook:write");
    if (th_xlsx_write(path, vm->script->options->output, tables, count, &err) != TH_OK)
        return th_usage(L, "workbook:write: %s", err.text);
    th_log(TH_LOG_INFO, "wrote %s", path);
    return 1;
}

/* ---- the classes ---- */

static const luaL_Reg report_meta[] = {{"__gc", report_free}, {NULL, NULL}};

static const th_function report_methods[] = {
    {.name = "write", .call = report_write, .since = "0.1", .where = TH_IN_SCRIPT,
     .doc = "Writes the page below the output folder as one file that opens offline. Gives the path.",
     .params = {{"name", "string", "ends in `.html`"}}, .returns = {{"path", "string", NULL}},
     .example = "local empty = { format = 1, lang = \"en\", generated = corpus.today, words = {}, labels = {}, order = { stage = {}, instrument = {} } }\n"
                "corpus:report { title = \"Regions\", data = empty }"},
    {0}};

static const th_function workbook_methods[] = {
    {.name = "write", .call = workbook_write, .since = "0.1", .where = TH_IN_SCRIPT,
     .doc = "Writes the workbook below the output folder: a sheet for each table, headers frozen. Gives the path.",
     .params = {{"name", "string", "ends in `.xlsx`"}}, .returns = {{"path", "string", NULL}},
     .example = "local t = corpus:table { title = \"Towns\", columns = { \"name\", \"n\" }, { \"厦门\", 3 } }\n"
                "corpus:workbook { t }:write(\"towns.xlsx\"):match(\"towns.*\") --> towns.xlsx"},
    {0}};

const th_class_def th_class_report = {.id = TH_CLASS_REPORT,
                                      .name = "report",
                                      .label = "a report",
                                      .doc = "A page made by `corpus:report`.",
                                      .get = th_class_no_field,
                                      .methods = report_methods,
                                      .metamethods = report_meta,
                                      .write_hint = "make another with corpus:report { … }"};

const th_class_def th_class_workbook = {.id = TH_CLASS_WORKBOOK,
                                        .name = "workbook",
                                        .label = "a workbook",
                                        .doc = "Tables that become the sheets of one file, made by `corpus:workbook`.",
                                        .get = th_class_no_field,
                                        .methods = workbook_methods,
                                        .write_hint = "make another with corpus:workbook { … }"};
