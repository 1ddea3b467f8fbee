/* assets.c - see assets.h. */
#include "run/assets.h"

#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "text/unicode.h"

enum { DATA_MAX = 64 << 20 };

static th_status read_asset(th_asset *out, th_arena *arena, const char *dir, const char *name, th_error *err)
{
    th_str path = {0}, bytes = {0};
    th_status status;

    th_path_join(&path, dir, name);
    status = th_file_read(&bytes, th_str_text(&path), DATA_MAX, err);
    if (status == TH_OK) {
        out->path = th_arena_copy(arena, th_str_text(&path), path.len);
        out->bytes = th_arena_copy(arena, th_str_text(&bytes), bytes.len);
        out->len = bytes.len;
        if (!out->path || !out->bytes)
            status = th_error_set(err, TH_ERR_NOMEM, "%s: out of memory while reading", name);
    }
    th_str_free(&path);
    th_str_free(&bytes);
    return status;
}

static th_status fingerprint_loader(th_assets *assets, th_error *err)
{
    th_hasher hasher;

    if (!th_hasher_begin(&hasher))
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    th_hasher_add(&hasher, TH_TEXT_VERSION, strlen(TH_TEXT_VERSION));
    th_hasher_add(&hasher, assets->chrome.bytes, assets->chrome.len);
    th_hasher_add(&hasher, assets->divisions.bytes, assets->divisions.len);
    th_hasher_add(&hasher, assets->zones.bytes, assets->zones.len);
    for (size_t i = 0; i < assets->column_count; i++) {
        th_hasher_add(&hasher, assets->columns[i].field, strlen(assets->columns[i].field));
        th_hasher_add(&hasher, assets->columns[i].name, strlen(assets->columns[i].name));
    }
    th_hasher_end(&hasher, assets->loader);
    return TH_OK;
}

/* Let the analyst's codebook stand where the bundled policy.yaml does. */
static th_status replace_codebook(th_assets *assets, th_arena *arena, const char *path, th_error *err)
{
    th_asset book;
    th_status status = read_asset(&book, arena, ".", path, err);

    for (size_t i = 0; status == TH_OK && i < assets->bundle.file_count; i++) {
        th_source *file = &assets->bundle.files[i];
        if (strcmp(th_path_base(file->path), "policy.yaml") == 0) {
            file->path = book.path;
            file->bytes = book.bytes;
            file->len = book.len;
        }
    }
    return status;
}

static size_t find_plugin(const th_bundle *bundle, const char *name)
{
    size_t i = 0;

    while (i < bundle->plugin_count && strcmp(bundle->plugins[i].name, name) != 0)
        i++;
    return i;
}

static th_status no_such_plugin(const th_bundle *bundle, const th_config *config, const th_plugin_limits *p, th_error *err)
{
    const char *names[256], *near;
    size_t count = bundle->plugin_count < 256 ? bundle->plugin_count : 256;

    for (size_t i = 0; i < count; i++)
        names[i] = bundle->plugins[i].name;
    near = th_nearest(p->plugin, names, count);
    return th_error_set(err, TH_ERR_USAGE, "%s:%d:%d: plugin_limits: no plugin is called \"%.60s\"%s%s%s; `talenthost plugins` lists them",
                        config->file, p->line, p->column, p->plugin, near ? "; did you mean \"" : "", near ? near : "",
                        near ? "\"?" : "");
}

static th_status settle_limits(th_assets *assets, th_arena *arena, const th_config *config, th_error *err)
{
    const th_bundle *bundle = &assets->bundle;

    assets->limits = th_arena_zalloc(arena, bundle->plugin_count + 1, sizeof *assets->limits);
    if (!assets->limits)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < bundle->plugin_count; i++)
        assets->limits[i] = config->limits;
    for (size_t k = 0; k < config->plugin_limit_count; k++) {
        const th_plugin_limits *p = &config->plugin_limits[k];
        size_t i = find_plugin(bundle, p->plugin);
        if (i == bundle->plugin_count)
            return no_such_plugin(bundle, config, p, err);
        th_limits_merge(&assets->limits[i], &p->limits);
    }
    return TH_OK;
}

th_status th_assets_read(th_assets *out, th_arena *arena, const th_config *config, th_error *err)
{
    th_str dir = {0};
    th_status status;

    *out = (th_assets){0};
    out->sandbox_config = !config->require_sandbox ? NULL : config->file ? config->file : "config.yaml";
    for (; out->column_count < config->column_count; out->column_count++)
        out->columns[out->column_count] = (th_column){config->columns[out->column_count].field,
                                                      config->columns[out->column_count].name};
    th_path_join(&dir, config->home, "data");
    const char *data = th_str_text(&dir);
    if ((status = read_asset(&out->units, arena, data, "units.tsv", err)) == TH_OK &&
        (status = read_asset(&out->words, arena, data, "quantity_words.tsv", err)) == TH_OK &&
        (status = read_asset(&out->divisions, arena, data, "divisions.tsv", err)) == TH_OK &&
        (status = read_asset(&out->zones, arena, data, "zones.tsv", err)) == TH_OK &&
        (status = read_asset(&out->chrome, arena, data, "chrome.yaml", err)) == TH_OK &&
        (status = th_bundle_read(&out->bundle, arena, config->plugins.items, config->plugins.count, err)) == TH_OK &&
        (status = settle_limits(out, arena, config, err)) == TH_OK &&
        (status = fingerprint_loader(out, err)) == TH_OK && config->codebook)
        status = replace_codebook(out, arena, config->codebook, err);
    th_str_free(&dir);
    return status;
}

th_status th_assets_units(const th_assets *assets, th_units **out, th_error *err)
{
    th_data units = {assets->units.path, assets->units.bytes, assets->units.len};
    th_data words = {assets->words.path, assets->words.bytes, assets->words.len};

    return th_units_load(out, &units, &words, err);
}
