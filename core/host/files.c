/* files.c - data files and Lua modules: a plugin's from the bundle, a script's from beside it. */
#include <ctype.h>
#include <lua.h>
#include <lua-lpeg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "host/internal.h"
#include "host/re.h"

enum { MAX_DATA = 64 * 1024 * 1024 };

/* Note in the manifest that the plugin depends on `path`. */
static void note_file(lua_State *L, th_plugin *p, const char *path)
{
    th_manifest *m = &p->manifest;

    for (size_t i = 0; i < m->file_count; i++)
        if (strcmp(m->files[i], path) == 0)
            return;
    const char **files = th_arena_grow(p->vm.arena, m->files, m->file_count, &p->file_cap, sizeof *files);
    if (!files)
        luaL_error(L, "not enough memory");
    m->files = files;
    m->files[m->file_count++] = path;
}

static bool is_outside(const char *name)
{
    return *name == '/' || strcmp(name, "..") == 0 || strncmp(name, "../", 3) == 0 || strstr(name, "/../") != NULL;
}

/* Read dir/data/name or dir/name from the disk into the script's arena; false when neither is there. */
static bool read_beside(lua_State *L, th_vm *vm, const char *name, th_bytes *out)
{
    static const char *const below[] = {"data/", ""};

    for (int i = 0; i < 2; i++) {
        th_error err = {0};
        th_str_clear(&vm->buffer);
        const char *path = lua_pushfstring(L, "%s/%s%s", vm->dir, below[i], name);
        th_status status = th_file_read(&vm->buffer, path, MAX_DATA, &err);
        if (status == TH_OK) {
            out->len = vm->buffer.len;
            out->data = th_arena_copy(vm->arena, th_str_text(&vm->buffer), out->len);
            out->path = th_arena_copy(vm->arena, path, strlen(path));
            if (!out->data || !out->path)
                luaL_error(L, "not enough memory");
            return true;
        }
        if (status != TH_ERR_MISSING)
            th_usage(L, "%s", err.text);
    }
    return false;
}

static bool find_file(lua_State *L, th_vm *vm, const char *name, th_bytes *out)
{
    if (is_outside(name))
        th_usage(L, "\"%s\": files are named below the folder of the plugin", name);
    if (!vm->host)
        return read_beside(L, vm, name, out);
    const th_source *file = th_bundle_file(vm->host->bundle, vm->dir, name);
    if (!file)
        return false;
    note_file(L, vm->plugin, file->path);
    *out = (th_bytes){.path = file->path, .data = file->bytes, .len = file->len};
    return true;
}

void th_data_file(lua_State *L, const char *what, const char *name, th_bytes *out)
{
    th_vm *vm = th_vm_of(L);

    if (vm->phase == TH_PHASE_ARTICLE)
        th_usage(L, "%s: files are read at the top of the plugin, not while an article is worked on", what);
    if (!find_file(L, vm, name, out))
        th_usage(L, "%s: no file \"%s\"; it should be %s/data/%s", what, name, vm->dir, name);
}

/* ---- require ---- */

/* Both come at once, since `re` needs the metatable of patterns, which is locked after it. */
static void load_lpeg(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE); /* loaded */
    lua_pushcfunction(L, luaopen_lpeg);
    lua_call(L, 0, 1);
    lua_setfield(L, -2, "lpeg");
    if (luaL_loadbufferx(L, (const char *)th_re_source, th_re_source_len, "=re", "t") != LUA_OK)
        lua_error(L);
    lua_pushliteral(L, "re");
    lua_call(L, 1, 1);
    lua_setfield(L, -2, "re");
    luaL_getmetatable(L, "lpeg-pattern");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
}

static bool is_module_name(const char *name)
{
    bool begins = true; /* a folder's or the module's own name */

    for (const unsigned char *p = (const unsigned char *)name; *p; p++) {
        if (*p == '.' ? begins : !isalnum(*p) && *p != '_' && *p != '-' && *p < 0x80)
            return false;
        begins = *p == '.';
    }
    return !begins;
}

static void load_module(lua_State *L, th_vm *vm, const char *name)
{
    th_bytes file;
    char shown[300];

    if (!is_module_name(name))
        th_usage(L, "require: \"%s\" is no name of a module: letters, digits, _ and -, with dots between folders below lib/", name);
    const char *below = lua_pushfstring(L, "lib/%s.lua", luaL_gsub(L, name, ".", "/"));
    if (!find_file(L, vm, below, &file))
        th_usage(L, "require: no module \"%s\"; it should be %s/%s (lpeg and re are built in)", name, vm->dir, below);
    snprintf(shown, sizeof shown, "@%s", file.path);
    if (luaL_loadbufferx(L, file.data, file.len, shown, "t") != LUA_OK)
        lua_error(L);
    lua_pushstring(L, name);
    lua_call(L, 1, 1);
}

int th_require(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    size_t len;
    const char *name = th_arg_text(L, 1, "require", &len);

    if (strlen(name) != len)
        return th_usage(L, "require: a name with a zero byte in it");

    lua_settop(L, 1);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE); /* name loaded */
    if (lua_getfield(L, 2, name) == LUA_TLIGHTUSERDATA)
        return th_usage(L, "require: modules need each other in a circle, at \"%s\" (or it failed to load before)", name);
    if (!lua_isnil(L, -1))
        return 1;
    if (vm->phase == TH_PHASE_ARTICLE)
        return th_usage(L, "require: modules are loaded at the top of the plugin, not while an article is worked on");
    lua_settop(L, 2);
    if (strcmp(name, "lpeg") == 0 || strcmp(name, "re") == 0) {
        load_lpeg(L);
        lua_getfield(L, 2, name);
        return 1;
    }
    lua_pushlightuserdata(L, vm); /* being loaded */
    lua_setfield(L, 2, name);
    load_module(L, vm, name);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, 2, name);
    return 1;
}
