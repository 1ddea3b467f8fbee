/* author.c - see author.h. */
#include "cli/author.h"

#include <string.h>

#include "base/file.h"
#include "base/log.h"

th_limits th_author_limits(const th_config *config)
{
    return (th_limits){config->limits.cpu_s, config->limits.wall_s, config->limits.memory, config->limits.records,
                       config->limits.output};
}

/* Does `path` lie in (or is it) the plugin path `known`? */
static bool is_covered(const char *path, const char *known)
{
    size_t len = strlen(known);

    while (len > 1 && known[len - 1] == '/')
        len--;
    return strncmp(path, known, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

th_status th_author_add_path(th_cli *cli, const char *path, th_error *err)
{
    th_paths *plugins = &cli->config.plugins;

    while (path[0] == '.' && path[1] == '/')
        path += 2;
    for (size_t i = 0; i < plugins->count; i++) {
        const char *known = plugins->items[i];
        while (known[0] == '.' && known[1] == '/')
            known += 2;
        if (is_covered(path, known))
            return TH_OK;
    }
    const char **items = th_arena_zalloc(cli->arena, plugins->count + 1, sizeof *items);
    if (!items)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    if (plugins->count)
        memcpy(items, plugins->items, plugins->count * sizeof *items);
    items[plugins->count] = path;
    *plugins = (th_paths){items, plugins->count + 1};
    return TH_OK;
}

th_status th_author_article(th_cli *cli, th_article **out, th_error *err)
{
    th_store *store = NULL;
    int64_t id;
    th_status status;

    *out = NULL;
    if (!cli->article)
        return TH_OK;
    if ((status = th_store_open(&store, cli->config.store, TH_STORE_READ, err)) == TH_OK &&
        (status = th_store_article_find(store, cli->article, &id, err)) == TH_OK)
        status = th_store_article_get(store, id, cli->arena, out, err);
    th_store_close(store);
    return status;
}

const char *th_author_plugin(th_cli *cli, const char *arg)
{
    const char *base = th_path_base(arg);
    size_t len = strlen(base);

    if (len <= 4 || strcmp(base + len - 4, ".lua") != 0)
        return arg;
    const char *name = th_arena_copy(cli->arena, base, len - 4);
    return name ? name : arg;
}

void th_author_print_faults(const th_lab *lab)
{
    for (const char *line = th_lab_faults(lab); *line;) {
        size_t len = strcspn(line, "\n");
        th_log(TH_LOG_ERROR, "%.*s", (int)len, line);
        line += len + (line[len] == '\n');
    }
}
