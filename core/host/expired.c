/* expired.c - what to say of an object of an article that is over: where the plugin kept it, as far as its variables and its
 * source tell. A guess, marked by a question mark, and made only when the plugin is wrong already. */
#include <ctype.h>
#include <string.h>

#include "host/internal.h"

enum { MOST_VALUES = 2000, DEEPEST = 3 };

/* Is the object at `object` the value on the top of the stack, or somewhere in it when that is a table? */
static bool holds(lua_State *L, int object, int depth, int *left)
{
    if (lua_rawequal(L, object, -1))
        return true;
    if (lua_type(L, -1) != LUA_TTABLE || depth == 0)
        return false;
    int table = lua_gettop(L);
    lua_pushnil(L);
    while (--*left > 0 && lua_next(L, table) != 0) {
        if (holds(L, object, depth - 1, left)) {
            lua_settop(L, table);
            return true;
        }
        lua_pop(L, 1);
    }
    lua_settop(L, table);
    return false;
}

/* The name of the variable outside of the running function that holds the object at `object`; NULL when none does. */
static const char *variable_of(lua_State *L, int object)
{
    int left = MOST_VALUES;
    lua_Debug ar;

    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        const char *name;
        lua_getinfo(L, "Sf", &ar);
        int function = lua_gettop(L);
        for (int i = 1; *ar.what != 'C' && (name = lua_getupvalue(L, function, i)) != NULL; i++) {
            bool found = strcmp(name, "_ENV") != 0 && holds(L, object, DEEPEST, &left);
            lua_settop(L, function);
            if (found)
                return name;
        }
        lua_pop(L, 1);
    }
    return NULL;
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Does the line assign to `name` (name = …, name[…] = …, name.x = …, table.insert(name, …)), and does it not only declare it? */
static bool assigns(const char *line, size_t len, const char *name)
{
    const char *end = line + len, *p = line;
    size_t n = strlen(name);

    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    if (end - p > 6 && memcmp(p, "local ", 6) == 0)
        return false;
    for (; p + n <= end; p++) {
        if (memcmp(p, name, n) != 0 || (p > line && (is_name(p[-1]) || p[-1] == '.')) || (p + n < end && is_name(p[n])))
            continue;
        if (p - line >= 7 && memcmp(p - 7, "insert(", 7) == 0)
            return true;
        for (const char *q = p + n; q < end; q++)
            if (*q == '=' && q + 1 < end && q[1] != '=' && !strchr("=~<>", q[-1]))
                return true;
    }
    return false;
}

const char *th_stored_at(lua_State *L, int object)
{
    th_vm *vm = th_vm_of(L);
    const char *name = NULL;

    luaL_checkstack(L, 3 * DEEPEST + 10, "expired object");
    object = lua_absindex(L, object);
    if (vm->plugin && vm->plugin->source)
        name = variable_of(L, object);
    if (!name)
        return "";
    const char *p = vm->plugin->source->bytes, *end = p + vm->plugin->source->len;
    for (int line = 1; p < end; line++) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        stop = stop ? stop : end;
        if (assigns(p, (size_t)(stop - p), name))
            return lua_pushfstring(L, " (stored at %s:%d?)", vm->path, line);
        p = stop + 1;
    }
    return lua_pushfstring(L, " (stored in %s?)", name);
}
