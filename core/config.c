/* config.c - see config.h. One table says which keys there are and how each is read. */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "base/words.h"
#include "base/yaml.h"
#include "base/zone.h"
#include "config_read.h"

typedef th_status (*read_fn)(th_config_reader *r, const char *key, const th_node *node, th_error *err);

typedef struct entry {
    const char *name;
    read_fn read;
} entry;

th_status th_config_wrong(th_config_reader *r, const char *key, const th_node *node, const char *wanted, th_error *err)
{
    if (node->kind == TH_NODE_SCALAR)
        return th_error_set(err, TH_ERR_USAGE, "%s:%d:%d: %s: expected %s, got \"%.80s\"", r->name, node->line,
                            node->column, key, wanted, node->text);
    return th_error_set(err, TH_ERR_USAGE, "%s:%d:%d: %s: expected %s, got %s", r->name, node->line, node->column, key,
                        wanted, th_node_kind_name(node));
}

th_status th_config_no_memory(th_error *err)
{
    return th_error_set(err, TH_ERR_NOMEM, "config: out of memory");
}

/* `name` relative to `dir`, in the arena. */
static const char *resolve(th_arena *arena, const char *dir, const char *name)
{
    th_str path = {0};

    th_path_join(&path, dir, name);
    const char *out = th_str_ok(&path) ? th_arena_copy(arena, th_str_text(&path), path.len) : NULL;
    th_str_free(&path);
    return out;
}

th_status th_config_read_path(th_config_reader *r, const char *key, const th_node *node, const char **out, th_error *err)
{
    if (node->kind != TH_NODE_SCALAR || node->len == 0)
        return th_config_wrong(r, key, node, "a path", err);
    *out = resolve(r->arena, r->dir, node->text);
    return *out ? TH_OK : th_config_no_memory(err);
}

th_status th_config_read_paths(th_config_reader *r, const char *key, const th_node *node, th_paths *out, th_error *err)
{
    if (node->kind != TH_NODE_LIST)
        return th_config_wrong(r, key, node, "a list of paths such as [folder]", err);
    out->items = th_arena_zalloc(r->arena, node->count + 1, sizeof *out->items);
    if (!out->items)
        return th_config_no_memory(err);
    for (out->count = 0; out->count < node->count; out->count++) {
        th_status status = th_config_read_path(r, key, &node->items[out->count], &out->items[out->count], err);
        if (status != TH_OK)
            return status;
    }
    return TH_OK;
}

static th_status read_articles(th_config_reader *r, const char *key, const th_node *node, th_error *err)
{
    return th_config_read_paths(r, key, node, &r->config->articles, err);
}

/* As th_config_read_paths(), but `bundled` stands for the folder that comes with the program. */
static th_status read_code_paths(th_config_reader *r, const char *key, const th_node *node, th_paths *out, th_error *err)
{
    th_status status = th_config_read_paths(r, key, node, out, err);

    for (size_t i = 0; status == TH_OK && i < out->count; i++)
        if (strcmp(node->items[i].text, "bundled") == 0 && !(out->items[i] = resolve(r->arena, r->config->home, key)))
            status = th_config_no_memory(err);
    return status;
}

static th_status read_plugins(th_config_reader *r, const char *key, const th_node *node, th_error *err)
{
    return read_code_paths(r, key, node, &r->config->plugins, err);
}

static th_status read_scripts(th_config_reader *r, const char *key, const th_node *node, th_error *err)
{
    return read_code_paths(r, key, node, &r->config->scripts, err);
}

static th_status read_store(th_config_reader *r, const char *key, const th_node *node, th_error *err)
{
    return th_config_read_path(r, key, node, &r->config->store, err);
}

static th_status read_output(th_config_reader *r, const char *key, const th_node *node, th_error *err)
{
    return th_config_read_path(r, key, node, &r->config->output, err);
}

static th_status read_codebook(th_config_reader *r, const char *key, const th_node *node, th_error *err)
{
    return th_config_read_path(r, key, node, &r->config->codebook, err);
}

static th_status read_lang(th_config_reader *r, const char *key, const th_node *node, th_error *err)
{
    if (node->kind != TH_NODE_SCALAR || (strcmp(node->text, "zh") != 0 && strcmp(node->text, "en") != 0))
        return th_config_wrong(r, key, node, "zh or en", err);
    r->config->lang = th_arena_copy(r->arena, node->text, node->len);
    return r->config->lang ? TH_OK : th_config_no_memory(err);
}

th_status th_config_read_seconds(th_config_reader *r, const char *key, const th_node *node, double *out, th_error *err)
{
    if (node->kind == TH_NODE_SCALAR && th_read_seconds(node->text, out))
        return TH_OK;
    return th_config_wrong(r, key, node, "a time such as 2s, 500ms or 30d", err);
}

th_status th_config_read_count(th_config_reader *r, const char *key, const th_node *node, size_t least, size_t *out, th_error *err)
{
    double value;

    if (!th_node_number(node, &value) || value < (double)least || value > 1e9 || value != (double)(size_t)value)
        return th_config_wrong(r, key, node, least ? "a whole number above 0" : "a whole number", err);
    *out = (size_t)value;
    return TH_OK;
}

th_status th_config_unknown_key(th_config_reader *r, const char *where, const th_node *key, const char *const *names, size_t count,
                             th_error *err)
{
    const char *near = th_nearest(key->text, names, count);

    return th_error_set(err, TH_ERR_USAGE, "%s:%d:%d: unknown key \"%.60s\"%s%s%s%s", r->name, key->line, key->column,
                        key->text, where, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* The limits in the map `node`, which stands under `where`. */
static th_status read_limit_map(th_config_reader *r, const char *where, const th_node *node, th_limits *out, th_error *err)
{
    char text[128];

    if (node->kind != TH_NODE_MAP)
        return th_config_wrong(r, where, node, "a map such as {cpu: 2s, wall: 5s, memory: 64MB}", err);
    for (size_t i = 0; i < node->count; i++) {
        int known = 0;
        while (known < TH_LIMIT_COUNT && strcmp(th_limit_names[known], node->keys[i].text) != 0)
            known++;
        if (known == TH_LIMIT_COUNT) {
            snprintf(text, sizeof text, " in %s", where);
            return th_config_unknown_key(r, text, &node->keys[i], th_limit_names, TH_LIMIT_COUNT, err);
        }
        const char *expected = th_limit_read(out, known, node->items[i].kind == TH_NODE_SCALAR ? node->items[i].text : "");
        if (expected) {
            snprintf(text, sizeof text, "%s.%s", where, th_limit_names[known]);
            return th_config_wrong(r, text, &node->items[i], expected, err);
        }
    }
    return TH_OK;
}

static th_status read_limits(th_config_reader *r, const char *key, const th_node *node, th_error *err)
{
    return read_limit_map(r, key, node, &r->config->limits, err);
}

/* Whether there is such a plugin is checked where the plugins are known. */
static th_status read_plugin_limits(th_config_reader *r, const char *key, const th_node *node, th_error *err)
{
    th_config *c = r->config;

    if (node->kind != TH_NODE_MAP)
        return th_config_wrong(r, key, node, "a map from plugin to limits such as {metric: {cpu: 4s}}", err);
    c->plugin_limits = th_arena_zalloc(r->arena, node->count + 1, sizeof *c->plugin_limits);
    if (!c->plugin_limits)
        return th_config_no_memory(err);
    for (size_t i = 0; i < node->count; i++) {
        th_plugin_limits *p = &c->plugin_limits[c->plugin_limit_count++];
        char where[96];
        *p = (th_plugin_limits){.line = node->keys[i].line, .column = node->keys[i].column};
        p->plugin = th_arena_copy(r->arena, node->keys[i].text, node->keys[i].len);
        if (!p->plugin)
            return th_config_no_memory(err);
        snprintf(where, sizeof where, "plugin_limits.%.60s", p->plugin);
        th_status status = read_limit_map(r, where, &node->items[i], &p->limits, err);
        if (status != TH_OK)
            return status;
    }
    return TH_OK;
}

static th_status read_jobs(th_config_reader *r, const char *key, const th_node *node, th_error *err)
{
    return th_config_read_count(r, key, node, 1, &r->config->jobs, err);
}

static th_status read_keep(th_config_reader *r, const char *key, const th_node *node, th_error *err)
{
    return th_config_read_seconds(r, key, node, &r->config->keep_s, err);
}

static th_status read_timezone(th_config_reader *r, const char *key, const th_node *node, th_error *err)
{
    return th_config_read_zone(r, key, node, &r->config->timezone, err);
}

static th_status read_require_sandbox(th_config_reader *r, const char *key, const th_node *node, th_error *err)
{
    return th_node_bool(node, &r->config->require_sandbox) ? TH_OK : th_config_wrong(r, key, node, "true or false", err);
}

static th_status read_columns(th_config_reader *r, const char *key, const th_node *node, th_error *err)
{
    static const char *const names[] = {"title", "date", "text", "source", "url", "region", "author"};
    const size_t count = sizeof names / sizeof *names;

    if (node->kind != TH_NODE_MAP)
        return th_config_wrong(r, key, node, "a map from field to column name such as {text: 正文}", err);
    for (size_t i = 0; i < node->count; i++) {
        size_t known = 0;
        while (known < count && strcmp(names[known], node->keys[i].text) != 0)
            known++;
        if (known == count)
            return th_config_unknown_key(r, " in columns", &node->keys[i], names, count, err);
        if (node->items[i].kind != TH_NODE_SCALAR || !node->items[i].len)
            return th_config_wrong(r, key, &node->items[i], "the name of a column", err);
        const char *name = th_arena_copy(r->arena, node->items[i].text, node->items[i].len);
        if (!name)
            return th_config_no_memory(err);
        r->config->columns[r->config->column_count].field = names[known];
        r->config->columns[r->config->column_count++].name = name;
    }
    return TH_OK;
}

/* Keep "name=value" for a script; whether it takes such an argument is checked where the script is known. */
static th_status add_argument(th_config_reader *r, const char *script, const th_node *name, const th_node *value, th_error *err)
{
    th_config *c = r->config;
    th_str text = {0};

    if (value->kind != TH_NODE_SCALAR)
        return th_config_wrong(r, "args", value, "a number, a text, true or false", err);
    th_str_addf(&text, "%.*s=%.*s", (int)name->len, name->text, (int)value->len, value->text);
    const char *kept = th_str_ok(&text) ? th_arena_copy(r->arena, th_str_text(&text), text.len) : NULL;
    th_str_free(&text);
    th_script_argument *items = th_arena_zalloc(r->arena, c->argument_count + 1, sizeof *items);
    if (!kept || !items)
        return th_config_no_memory(err);
    if (c->argument_count)
        memcpy(items, c->arguments, c->argument_count * sizeof *items);
    items[c->argument_count++] = (th_script_argument){script, kept};
    c->arguments = items;
    return TH_OK;
}

static th_status read_arguments(th_config_reader *r, const char *key, const th_node *node, th_error *err)
{
    if (node->kind != TH_NODE_MAP)
        return th_config_wrong(r, key, node, "a map from script to arguments such as {compare: {top: 5}}", err);
    for (size_t i = 0; i < node->count; i++) {
        const th_node *of = &node->items[i];
        const char *script = th_arena_copy(r->arena, node->keys[i].text, node->keys[i].len);
        if (!script)
            return th_config_no_memory(err);
        if (of->kind != TH_NODE_MAP)
            return th_config_wrong(r, key, of, "a map from argument to value such as {top: 5}", err);
        for (size_t k = 0; k < of->count; k++) {
            th_status status = add_argument(r, script, &of->keys[k], &of->items[k], err);
            if (status != TH_OK)
                return status;
        }
    }
    return TH_OK;
}

static const entry keys[] = {
    {"args", read_arguments},
    {"articles", read_articles}, {"plugins", read_plugins}, {"scripts", read_scripts},
    {"store", read_store},       {"output", read_output},   {"lang", read_lang},
    {"columns", read_columns},   {"codebook", read_codebook}, {"limits", read_limits}, {"plugin_limits", read_plugin_limits},
    {"require_sandbox", read_require_sandbox}, {"jobs", read_jobs}, {"keep", read_keep},
    {"timezone", read_timezone}, {"batch", th_config_read_batch},
};
enum { KEY_COUNT = sizeof keys / sizeof *keys };

const char *th_config_key(size_t index)
{
    return index < KEY_COUNT ? keys[index].name : NULL;
}

static th_status read_root(th_config_reader *r, const th_node *root, th_error *err)
{
    const char *names[KEY_COUNT];

    if (root->kind == TH_NODE_NULL)
        return TH_OK;
    if (root->kind != TH_NODE_MAP)
        return th_config_wrong(r, "configuration", root, "a map of keys", err);
    for (size_t i = 0; i < KEY_COUNT; i++)
        names[i] = keys[i].name;
    for (size_t i = 0; i < root->count; i++) {
        size_t known = 0;
        while (known < KEY_COUNT && strcmp(names[known], root->keys[i].text) != 0)
            known++;
        if (known == KEY_COUNT)
            return th_config_unknown_key(r, "", &root->keys[i], names, KEY_COUNT, err);
        th_status status = keys[known].read(r, names[known], &root->items[i], err);
        if (status != TH_OK)
            return status;
    }
    return TH_OK;
}

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The installation: TALENTHOST_HOME, else the folder above the program (a build in the source tree), else
 * ../share/talenthost beside it; it is what holds data/. */
static const char *find_home(th_arena *arena)
{
    static const char *const places[] = {"..", "../share/talenthost", "../.."};
    const char *given = getenv("TALENTHOST_HOME");
    char exe[PATH_MAX];

    if (given && *given)
        return th_arena_copy(arena, given, strlen(given));
    ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (len < 0)
        return "";
    exe[len] = '\0';
    char *slash = strrchr(exe, '/');
    if (slash)
        *slash = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char path[PATH_MAX + 64], real[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s/data", exe, places[i]);
        if (is_folder(path)) {
            path[strlen(path) - strlen("/data")] = '\0';
            if (realpath(path, real))
                return th_arena_copy(arena, real, strlen(real));
        }
    }
    return "";
}

static th_status default_paths(th_config *config, th_arena *arena, const char *name, th_paths *out)
{
    out->items = th_arena_zalloc(arena, 1, sizeof *out->items);
    if (!out->items || !(out->items[0] = resolve(arena, config->home, name)))
        return TH_ERR_NOMEM;
    out->count = 1;
    return TH_OK;
}

static th_status set_defaults(th_config *config, th_arena *arena, th_error *err)
{
    *config = (th_config){.store = "talenthost.db", .output = "out", .lang = th_lang_of_locale(), .home = find_home(arena)};
    config->limits.cpu_s = 2;
    config->limits.wall_s = 5;
    config->limits.memory = 64000000;
    config->limits.records = 10000;
    config->limits.output = 16000000;
    if (!config->home || default_paths(config, arena, "plugins", &config->plugins) != TH_OK ||
        default_paths(config, arena, "scripts", &config->scripts) != TH_OK)
        return th_config_no_memory(err);
    if (!*config->home)
        return th_error_set(err, TH_ERR_USAGE,
                            "the program's data folder was not found beside it; set TALENTHOST_HOME to the folder that holds data/");
    return TH_OK;
}

th_status th_config_load(th_config *out, th_arena *arena, const char *path, th_error *err)
{
    const char *name = path ? path : "config.yaml";
    th_str text = {0}, dir = {0};
    th_node *root = NULL;
    th_error probe = {0};
    th_status status = set_defaults(out, arena, err);

    if (status != TH_OK)
        goto done;
    status = th_file_read(&text, name, 1 << 20, &probe);
    if (status == TH_ERR_MISSING && !path) {
        status = TH_OK;
        goto done;
    }
    if (status != TH_OK) {
        status = th_error_set(err, status, "%s", probe.text);
        goto done;
    }
    th_path_dir(&dir, name);
    th_config_reader r = {out, arena, name, th_str_text(&dir)};
    out->file = th_arena_copy(arena, name, strlen(name));
    status = th_yaml_parse(&root, arena, name, th_str_text(&text), text.len, err);
    if (status == TH_OK)
        status = read_root(&r, root, err);
    if (status == TH_OK)
        status = th_config_check_batch(&r, err);
done:
    th_str_free(&text);
    th_str_free(&dir);
    return status;
}

/* Edit distance of two short words (Levenshtein 1966), at most 63 characters each. */
static size_t distance(const char *a, const char *b)
{
    size_t row[64], la = strlen(a), lb = strlen(b);

    if (la > 63 || lb > 63)
        return 64;
    for (size_t j = 0; j <= lb; j++)
        row[j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t best = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[lb];
}

const char *th_nearest(const char *name, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t least = strlen(name) / 3 + 2; /* about one slip in three letters */

    for (size_t i = 0; i < count; i++) {
        size_t d = distance(name, names[i]);
        if (d < least) {
            least = d;
            best = names[i];
        }
    }
    return best;
}
