/* api.h - how the API is written down: one table of functions beside the functions themselves (inside core/host only).
 *
 * A table row is all there is to know of a function. From it come its registration, the check of its arguments, the
 * editors' stubs (lua/talenthost.meta.lua), docs/api.md, help() at the prompt and the test that runs its example. */
#ifndef TH_HOST_API_H
#define TH_HOST_API_H

#include <lauxlib.h>
#include <lua.h>

#include "host/sandbox.h"

enum { TH_PARAMS_MAX = 3, TH_RETURNS_MAX = 3 };

/* A parameter, a result or a field. `type` is written as LuaLS writes it: "integer", "span[]", "string|lexicon"; a '?' at the
 * end: may be left out or nil. A parameter called "..." stands for any number of them. */
typedef struct th_item {
    const char *name, *type, *doc; /* doc NULL: the name says it */
} th_item;

/* Where an example runs. */
typedef enum th_where {
    TH_IN_ARTICLE, /* in plugin.article(a) of the plugin that docs/api.md shows at its top */
    TH_AT_TOP,     /* at the top of that plugin */
    TH_AS_FILE,    /* it is a whole plugin or script */
    TH_IN_SCRIPT,  /* in script.run(corpus, args) */
    TH_IN_TEST     /* in a test file */
} th_where;

/* One function of the API. The tables end with an empty row. In an example "EXPRESSION --> TEXT" says what it gives. */
typedef struct th_function {
    const char *name;
    lua_CFunction call; /* is called with arguments that fit `params`; a method's object is argument 1 */
    const char *since;  /* version of the program */
    const char *doc;
    th_item params[TH_PARAMS_MAX + 1], returns[TH_RETURNS_MAX + 1];
    th_where where;
    const char *example;
} th_function;

/* A table of functions under one name: `host`, `host.log`. */
typedef struct th_module {
    const char *name, *doc;
    const th_function *functions;
} th_module;

/* A table that a function takes or gives, described for readers and editors. */
typedef struct th_shape {
    const char *name, *doc;
    const th_item *fields;
} th_shape;

/* A class of objects: userdata with read-only fields and methods. */
typedef struct th_class_def {
    th_class id;
    const char *name;    /* "span" */
    const char *label;   /* "a span", for messages */
    const char *doc;
    const th_item *fields; /* ends with an empty row; `get` receives the index */
    int (*get)(lua_State *L, th_vm *vm, const th_handle *h, int field); /* pushes one value */
    const th_function *methods;
    const luaL_Reg *metamethods; /* besides __index, __newindex, __metatable, __name; may be NULL */
    const char *write_hint;      /* why its fields can not be written and what to do */
} th_class_def;

/* All there is, each in the file of its functions; NULL-terminated lists in api_doc.c. */
extern const th_module th_module_host, th_module_log, th_module_test;
extern const th_class_def th_class_article, th_class_span, th_class_match, th_class_quantity, th_class_place, th_class_record,
    th_class_lexicon, th_class_corpus, th_class_table, th_class_report, th_class_workbook;
extern const th_module *const th_api_modules[];
extern const th_class_def *const th_api_classes[];
extern const th_shape th_api_shapes[];

/* `get` of a class without fields. */
int th_class_no_field(lua_State *L, th_vm *vm, const th_handle *h, int field);

/* Make the class known to the state. */
void th_class_open(lua_State *L, const th_class_def *def);

/* Set the functions into the table on the top of the stack. */
void th_functions_set(lua_State *L, const th_module *module);
void th_methods_set(lua_State *L, const th_class_def *def);

/* The row and owner ("host", "span") of a function made from a table; NULL for any other value. */
const th_function *th_function_at(lua_State *L, int index, const char **owner);

/* The class of the object at `index`; NULL when it is none. */
const th_class_def *th_class_at(lua_State *L, int index);

#endif
