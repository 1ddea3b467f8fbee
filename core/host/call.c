/* call.c - functions of the API as Lua sees them: a closure over the table's row, which checks the arguments and goes on to the
 * C function. What fits is decided when the state is opened, so that a call compares a few bits. */
#include <string.h>

#include "host/api.h"
#include "host/internal.h"

/* What a parameter takes, in 16 bits: kinds of values, and the class of an object (its number + 1). */
enum {
    FITS_NIL = 1 << 0,
    FITS_BOOLEAN = 1 << 1,
    FITS_INTEGER = 1 << 2,
    FITS_NUMBER = 1 << 3,
    FITS_STRING = 1 << 4,
    FITS_TABLE = 1 << 5,
    FITS_FUNCTION = 1 << 6,
    FITS_ANY = 1 << 7,
    CLASS_SHIFT = 8,
    SPEC_BITS = 16
};

/* Upvalues of a function of the API. */
enum { UP_ROW = 1, UP_SPEC, UP_OWNER };

static bool is_word(const char *word, size_t len, const char *name)
{
    return strlen(name) == len && memcmp(word, name, len) == 0;
}

static unsigned fits_word(const char *word, size_t len)
{
    static const struct {
        const char *name;
        unsigned bits;
    } known[] = {{"string", FITS_STRING},   {"integer", FITS_INTEGER},   {"number", FITS_NUMBER}, {"boolean", FITS_BOOLEAN},
                 {"function", FITS_FUNCTION}, {"any", FITS_ANY | FITS_NIL}, {"nil", FITS_NIL}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (is_word(word, len, known[i].name))
            return known[i].bits;
    if (len > 4 && memcmp(word, "fun(", 4) == 0)
        return FITS_FUNCTION;
    for (const th_class_def *const *c = th_api_classes; *c; c++)
        if (is_word(word, len, (*c)->name))
            return ((unsigned)(*c)->id + 1) << CLASS_SHIFT;
    return FITS_TABLE; /* lists, maps and shapes */
}

/* The length of the alternative at the start of `type`: up to a '|' outside of brackets. */
static size_t alternative(const char *type)
{
    int depth = 0;
    size_t n = 0;

    for (; type[n] && (type[n] != '|' || depth > 0); n++)
        depth += strchr("<({", type[n]) ? 1 : strchr(">)}", type[n]) ? -1 : 0;
    return n;
}

static unsigned fits_type(const char *type)
{
    unsigned bits = 0;

    while (*type) {
        size_t len = alternative(type), rest = len;
        if (len > 0 && type[len - 1] == '?') {
            bits |= FITS_NIL;
            len--;
        }
        bits |= fits_word(type, len);
        type += rest + (type[rest] == '|');
    }
    return bits;
}

static bool is_vararg(const th_item *param)
{
    return strcmp(param->name, "...") == 0;
}

/* All parameters of the row packed, the first one lowest; a method's own class stands above them. */
static lua_Integer spec_of(const th_function *f, int class_id)
{
    lua_Unsigned spec = 0;

    for (int i = 0; i < TH_PARAMS_MAX && f->params[i].name && !is_vararg(&f->params[i]); i++)
        spec |= (lua_Unsigned)fits_type(f->params[i].type) << (i * SPEC_BITS);
    return (lua_Integer)(spec | (lua_Unsigned)(class_id + 1) << (TH_PARAMS_MAX * SPEC_BITS));
}

/* ---- the call ---- */

/* "a whole number", "text or a lexicon": what the type says, in words. */
static const char *wanted(lua_State *L, const char *type)
{
    static const struct {
        const char *type, *words;
    } names[] = {{"string", "text"}, {"integer", "a whole number"}, {"number", "a number"},
                 {"boolean", "true or false"}, {"function", "a function"}};
    luaL_Buffer b;

    luaL_buffinit(L, &b);
    for (bool first = true; *type; first = false) {
        size_t len = alternative(type), rest = len;
        const char *words = NULL;
        len -= len > 0 && type[len - 1] == '?';
        if (!first)
            luaL_addstring(&b, " or ");
        for (size_t i = 0; !words && i < sizeof names / sizeof *names; i++)
            if (is_word(type, len, names[i].type))
                words = names[i].words;
        for (const th_class_def *const *c = th_api_classes; !words && *c; c++)
            if (is_word(type, len, (*c)->name))
                words = (*c)->label;
        if (!words && len > 4 && memcmp(type, "fun(", 4) == 0)
            words = "a function";
        if (!words)
            words = len > 2 && memcmp(type + len - 2, "[]", 2) == 0 ? "a list" : "a table";
        luaL_addstring(&b, words);
        type += rest + (type[rest] == '|');
    }
    luaL_pushresult(&b);
    return lua_tostring(L, -1);
}

static int misfit(lua_State *L, int arg, const th_item *param)
{
    const th_function *f = lua_touserdata(L, lua_upvalueindex(UP_ROW));
    const char *owner = lua_touserdata(L, lua_upvalueindex(UP_OWNER));
    bool is_method = lua_tointeger(L, lua_upvalueindex(UP_SPEC)) >> (TH_PARAMS_MAX * SPEC_BITS);

    luaL_checkstack(L, 12, "arguments");
    return th_usage(L, "%s%s%s: %s: expected %s, got %s", owner, is_method ? ":" : ".", f->name, param->name,
                    wanted(L, param->type), th_describe(L, arg));
}

static bool fits(lua_State *L, int arg, unsigned want)
{
    int whole;

    switch (lua_type(L, arg)) {
    case LUA_TNONE:
    case LUA_TNIL:
        return want & FITS_NIL;
    case LUA_TBOOLEAN:
        return want & (FITS_BOOLEAN | FITS_ANY);
    case LUA_TNUMBER:
        if (want & (FITS_NUMBER | FITS_ANY))
            return true;
        if (want & FITS_INTEGER)
            lua_tointegerx(L, arg, &whole);
        return want & FITS_INTEGER && whole;
    case LUA_TSTRING:
        return want & (FITS_STRING | FITS_ANY);
    case LUA_TTABLE:
        return want & (FITS_TABLE | FITS_ANY);
    case LUA_TFUNCTION:
        return want & (FITS_FUNCTION | FITS_ANY);
    default:
        return want & FITS_ANY;
    }
}

/* Every function of the API is called through here. */
static int call_checked(lua_State *L)
{
    const th_function *f = lua_touserdata(L, lua_upvalueindex(UP_ROW));
    lua_Unsigned spec = (lua_Unsigned)lua_tointeger(L, lua_upvalueindex(UP_SPEC));
    int self = (int)(spec >> (TH_PARAMS_MAX * SPEC_BITS)), arg = 1;
    th_vm *vm = th_vm_of(L);

    spec &= ((lua_Unsigned)1 << (TH_PARAMS_MAX * SPEC_BITS)) - 1;
    if (self)
        th_handle_check(L, vm, arg++, (th_class)(self - 1));
    for (const th_item *param = f->params; spec; spec >>= SPEC_BITS, param++, arg++) {
        unsigned want = spec & ((1u << SPEC_BITS) - 1);
        unsigned id = want >> CLASS_SHIFT;
        if (id && th_handle_test(L, vm, arg, (th_class)(id - 1)))
            th_handle_check(L, vm, arg, (th_class)(id - 1));
        else if (!fits(L, arg, want))
            return misfit(L, arg, param);
    }
    return f->call(L);
}

/* ---- registration ---- */

static void push_function(lua_State *L, const th_function *f, const char *owner, int class_id)
{
    lua_pushlightuserdata(L, (void *)(uintptr_t)f);
    lua_pushinteger(L, spec_of(f, class_id));
    lua_pushlightuserdata(L, (void *)(uintptr_t)owner);
    lua_pushcclosure(L, call_checked, 3);
}

void th_functions_set(lua_State *L, const th_module *module)
{
    for (const th_function *f = module->functions; f->name; f++) {
        push_function(L, f, module->name, -1);
        lua_setfield(L, -2, f->name);
    }
}

void th_methods_set(lua_State *L, const th_class_def *def)
{
    for (const th_function *f = def->methods; f && f->name; f++) {
        push_function(L, f, def->name, def->id);
        lua_setfield(L, -2, f->name);
    }
}

const th_function *th_function_at(lua_State *L, int index, const char **owner)
{
    if (lua_tocfunction(L, index) != call_checked)
        return NULL;
    lua_getupvalue(L, index, UP_ROW);
    lua_getupvalue(L, index < 0 ? index - 1 : index, UP_OWNER);
    const th_function *f = lua_touserdata(L, -2);
    *owner = lua_touserdata(L, -1);
    lua_pop(L, 2);
    return f;
}

const th_class_def *th_class_at(lua_State *L, int index)
{
    th_vm *vm = th_vm_of(L);

    for (const th_class_def *const *c = th_api_classes; *c; c++)
        if (vm->metas[(*c)->id] && th_handle_test(L, vm, index, (*c)->id))
            return *c;
    return NULL;
}
