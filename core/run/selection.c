/* selection.c - see selection.h. */
#include "run/selection.h"

#include <stdio.h>
#include <string.h>

#include "text/json.h"
#include "text/unicode.h"

static th_status find_named(const th_bundle *bundle, const char *name, size_t *out, th_error *err)
{
    const char *names[TH_PLUGINS_MAX];

    for (size_t i = 0; i < bundle->plugin_count; i++) {
        names[i] = bundle->plugins[i].name;
        if (strcmp(names[i], name) == 0) {
            *out = i;
            return TH_OK;
        }
    }
    const char *near = th_nearest(name, names, bundle->plugin_count);
    return th_error_set(err, TH_ERR_USAGE, "no plugin is called \"%s\"%s%s%s; `talenthost plugins` lists them", name,
                        near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static th_status wanted_set(const th_bundle *bundle, const char *const *names, size_t count, uint64_t *set,
                            th_error *err)
{
    *set = 0;
    if (!count)
        *set = bundle->plugin_count == TH_PLUGINS_MAX ? UINT64_MAX : ((uint64_t)1 << bundle->plugin_count) - 1;
    for (size_t n = 0; n < count; n++) {
        size_t i;
        th_status status = find_named(bundle, names[n], &i, err);
        if (status != TH_OK)
            return status;
        *set |= (uint64_t)1 << i;
    }
    return TH_OK;
}

static size_t index_of(const th_bundle *bundle, const char *name)
{
    size_t i = 0;

    while (i < bundle->plugin_count && strcmp(bundle->plugins[i].name, name) != 0)
        i++;
    return i;
}

/* Leave out plugins that need one that can not run. The order has needs first, so one pass is enough. */
static void keep_runnable(th_selection *s, th_unfit_fn unfit, void *ctx)
{
    size_t kept = 0;

    for (size_t k = 0; k < s->count; k++) {
        const th_manifest *m = s->manifests[s->order[k]];
        const char *missing = NULL;
        for (size_t n = 0; n < m->need_count && !missing; n++)
            if (!(s->set >> index_of(s->bundle, m->needs[n]) & 1))
                missing = m->needs[n];
        if (!missing) {
            s->set |= (uint64_t)1 << s->order[k];
            s->order[kept++] = s->order[k];
            continue;
        }
        char text[512];
        snprintf(text, sizeof text, "%s:1: %s can not run: it needs %s, which did not load", m->path, m->name, missing);
        unfit(ctx, s->order[k], TH_ERR_RUNTIME, text);
    }
    s->count = kept;
}

static th_status fingerprint(th_selection *s, const th_assets *assets, size_t i, th_error *err)
{
    const th_manifest *m = s->manifests[i];
    th_hasher h;

    if (!th_hasher_begin(&h))
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    th_hasher_add(&h, assets->loader, strlen(assets->loader));
    th_hasher_add(&h, assets->units.bytes, assets->units.len);
    th_hasher_add(&h, assets->words.bytes, assets->words.len);
    th_hasher_add(&h, TH_VERSION, strlen(TH_VERSION));
    th_hasher_add(&h, assets->bundle.plugins[i].bytes, assets->bundle.plugins[i].len);
    for (size_t f = 0; f < m->file_count; f++)
        for (size_t k = 0; k < assets->bundle.file_count; k++)
            if (strcmp(assets->bundle.files[k].path, m->files[f]) == 0)
                th_hasher_add(&h, assets->bundle.files[k].bytes, assets->bundle.files[k].len);
    for (size_t n = 0; n < m->need_count; n++)
        th_hasher_add(&h, s->fingerprints[index_of(s->bundle, m->needs[n])], TH_HASH_TEXT - 1);
    th_hasher_end(&h, s->fingerprints[i]);
    return TH_OK;
}

static th_status collect_schemas(th_selection *s, th_arena *arena, th_error *err)
{
    size_t total = 0;

    for (size_t i = 0; i < s->bundle->plugin_count; i++)
        total += s->manifests[i] ? s->manifests[i]->schema_count : 0;
    s->schemas = th_arena_zalloc(arena, total + 1, sizeof *s->schemas);
    s->owners = th_arena_zalloc(arena, total + 1, sizeof *s->owners);
    if (!s->schemas || !s->owners)
        return th_error_set(err, TH_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < s->bundle->plugin_count; i++)
        for (size_t k = 0; s->manifests[i] && k < s->manifests[i]->schema_count; k++) {
            s->owners[s->schema_count] = i;
            s->schemas[s->schema_count++] = &s->manifests[i]->schemas[k];
        }
    return TH_OK;
}

th_status th_selection_make(th_selection *out, th_arena *arena, const th_assets *assets, const th_pool_plugin *plugins,
                            const char *const *names, size_t name_count, th_unfit_fn unfit, void *ctx, th_error *err)
{
    uint64_t wanted;
    th_status status;

    *out = (th_selection){.bundle = &assets->bundle, .plugins = plugins};
    for (size_t i = 0; i < assets->bundle.plugin_count; i++)
        out->manifests[i] = plugins[i].manifest;
    if ((status = wanted_set(&assets->bundle, names, name_count, &wanted, err)) != TH_OK ||
        (status = th_order_plugins(&assets->bundle, out->manifests, wanted, out->order, &out->count, err)) != TH_OK ||
        (status = collect_schemas(out, arena, err)) != TH_OK)
        return status;
    for (size_t i = 0; i < assets->bundle.plugin_count; i++)
        if (wanted >> i & 1 && !plugins[i].manifest)
            unfit(ctx, i, plugins[i].status, plugins[i].message);
    keep_runnable(out, unfit, ctx);
    for (size_t k = 0; status == TH_OK && k < out->count; k++)
        status = fingerprint(out, assets, out->order[k], err);
    return status;
}

static void add_pair(th_str *out, const char *name, const char *value)
{
    th_str_putc(out, out->len > 1 ? ',' : ' ');
    th_json_text(out, name, strlen(name));
    th_str_putc(out, ':');
    th_json_text(out, value, strlen(value));
}

void th_selection_describe(const th_selection *s, size_t plugin, char source[TH_HASH_TEXT], th_str *data, th_str *needs,
                           th_str *settings)
{
    const th_manifest *m = s->manifests[plugin];
    char hash[TH_HASH_TEXT], limit[32];

    th_hash_text(source, s->bundle->plugins[plugin].bytes, s->bundle->plugins[plugin].len);
    th_str_putc(data, '{');
    for (size_t f = 0; f < m->file_count; f++)
        for (size_t k = 0; k < s->bundle->file_count; k++)
            if (strcmp(s->bundle->files[k].path, m->files[f]) == 0) {
                th_hash_text(hash, s->bundle->files[k].bytes, s->bundle->files[k].len);
                add_pair(data, m->files[f], hash);
            }
    th_str_putc(data, '}');
    th_str_putc(needs, '{');
    for (size_t n = 0; n < m->need_count; n++)
        add_pair(needs, m->needs[n], s->fingerprints[index_of(s->bundle, m->needs[n])]);
    th_str_putc(needs, '}');
    th_str_putc(settings, '{');
    for (int i = 0; i < TH_LIMIT_COUNT; i++) {
        th_limit_write(&m->limits, i, limit, sizeof limit);
        add_pair(settings, th_limit_names[i], limit);
    }
    th_str_putc(settings, '}');
}

size_t th_selection_owner(const th_selection *s, const th_schema *schema)
{
    for (size_t i = 0; i < s->schema_count; i++)
        if (s->schemas[i] == schema)
            return s->owners[i];
    return TH_PLUGINS_MAX;
}
