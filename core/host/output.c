/* output.c - see output.h. */
#include "host/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Make the folders that `path` stands in. */
static bool make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool ok = mkdir(path, 0777) == 0 || errno == EEXIST;
        *slash = '/';
        if (!ok)
            return false;
    }
    return true;
}

const char *th_output_path(lua_State *L, int arg, const char *what)
{
    th_vm *vm = th_vm_of(L);
    size_t len;
    const char *name = lua_tolstring(L, arg, &len);

    if (strlen(name) != len || !is_below(name))
        th_usage(L, "%s: \"%s\": files are written below the output folder (%s)", what, name, vm->script->options->output);
    const char *path = lua_pushfstring(L, "%s/%s", vm->script->options->output, name);
    char *folders = lua_newuserdatauv(L, strlen(path) + 1, 0);
    strcpy(folders, path);
    if (!make_folders(folders))
        th_usage(L, "%s: %s: %s", what, path, strerror(errno));
    lua_pop(L, 1);
    return path;
}

static bool write_all(const char *path, const th_str *text)
{
    FILE *fp = fopen(path, "wb");

    if (!fp)
        return false;
    bool ok = fwrite(th_str_text(text), 1, text->len, fp) == text->len;
    return fclose(fp) == 0 && ok;
}

void th_output_write(lua_State *L, const char *path, const th_str *text, const char *what)
{
    const char *part = lua_pushfstring(L, "%s.part", path);

    if (!th_str_ok(text))
        luaL_error(L, "not enough memory");
    if (!write_all(part, text) || rename(part, path) != 0) {
        int number = errno;
        unlink(part);
        th_usage(L, "%s: %s: %s", what, path, strerror(number));
    }
    lua_pop(L, 1);
    th_log(TH_LOG_INFO, "wrote %s", path);
}

bool th_output_is(const char *name, const char *tail)
{
    size_t len = strlen(name), n = strlen(tail);

    return len > n && strcmp(name + len - n, tail) == 0;
}
