/* output.c - see output.h. */
#include "host/output.h"

#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "host/internal.h"

/* Is the name one below the output folder? */
static bool is_below(const char *name)
{
    if (!*name || *name == '/')
        return false;
    for (const char *part = name; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || !part[2]))
            return false;
    return true;
}

const char *th_output_path(lua_State *L, int arg, const char *what)
{
    th_vm *vm = th_vm_of(L);
    size_t len;
    const char *name = lua_tolstring(L, arg, &len);
    th_str dir = {0};
    th_error err = {0};

    if (strlen(name) != len || !is_below(name))
        th_usage(L, "%s: \"%s\": files are written below the output folder (%s)", what, name, vm->script->options->output);
    const char *path = lua_pushfstring(L, "%s/%s", vm->script->options->output, name);
    th_path_dir(&dir, path);
    th_status status = th_folders_make(th_str_text(&dir), 0777, &err);
    th_str_free(&dir);
    if (status != TH_OK)
        th_usage(L, "%s: %s", what, err.text);
    return path;
}

void th_output_write(lua_State *L, const char *path, const th_str *text, const char *what)
{
    th_error err = {0};

    if (!th_str_ok(text))
        luaL_error(L, "not enough memory");
    if (th_file_replace(path, text, &err) != TH_OK)
        th_usage(L, "%s: %s", what, err.text);
    th_log(TH_LOG_INFO, "wrote %s", path);
}
