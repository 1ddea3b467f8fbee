/* plan.c - the order in which plugins run, and their manifests on the wire. */
#include <string.h>

#include "run/worker.h"

/* ---- order ---- */

typedef enum mark { UNSEEN, OPEN, CLOSED } mark;

typedef struct sorter {
    const th_bundle *bundle;
    const th_manifest *const *manifests;
    mark marks[TH_PLUGINS_MAX];
    size_t path[TH_PLUGINS_MAX], depth;
    size_t *order, *count;
    th_error *err;
} sorter;

static size_t find_plugin(const th_bundle *bundle, const char *name)
{
    size_t i = 0;

    while (i < bundle->plugin_count && strcmp(bundle->plugins[i].name, name) != 0)
        i++;
    return i;
}

static th_status report_cycle(sorter *s, size_t again)
{
    th_str chain = {0};
    size_t from = 0;

    while (s->path[from] != again)
        from++;
    for (size_t k = from; k < s->depth; k++)
        th_str_addf(&chain, "%s → ", s->bundle->plugins[s->path[k]].name);
    th_error_set(s->err, TH_ERR_USAGE, "%s: plugins need each other in a circle: %s%s; take one of the needs out",
                 s->bundle->plugins[again].path, th_str_text(&chain), s->bundle->plugins[again].name);
    th_str_free(&chain);
    return TH_ERR_USAGE;
}

static th_status visit(sorter *s, size_t i)
{
    const th_manifest *m = s->manifests[i];

    if (s->marks[i] == CLOSED || !m)
        return TH_OK;
    if (s->marks[i] == OPEN)
        return report_cycle(s, i);
    s->marks[i] = OPEN;
    s->path[s->depth++] = i;
    for (size_t n = 0; n < m->need_count; n++) {
        size_t need = find_plugin(s->bundle, m->needs[n]);
        if (need == s->bundle->plugin_count)
            return th_error_set(s->err, TH_ERR_USAGE, "%s: %s needs \"%s\", and there is no such plugin", m->path, m->name,
                                m->needs[n]);
        th_status status = visit(s, need);
        if (status != TH_OK)
            return status;
    }
    s->depth--;
    s->marks[i] = CLOSED;
    s->order[(*s->count)++] = i;
    return TH_OK;
}

th_status th_order_plugins(const th_bundle *bundle, const th_manifest *const *manifests, uint64_t set, size_t *order,
                           size_t *count, th_error *err)
{
    sorter s = {.bundle = bundle, .manifests = manifests, .order = order, .count = count, .err = err};
    th_status status = TH_OK;

    *count = 0;
    for (size_t i = 0; status == TH_OK && i < bundle->plugin_count; i++) /* plugins are sorted by name */
        if (set >> i & 1)
            status = visit(&s, i);
    return status;
}

/* ---- manifests ---- */

static void write_schema(const th_schema *schema, th_str *out)
{
    th_pack_cstr(out, schema->kind);
    th_pack_u32(out, (uint32_t)schema->field_count);
    for (size_t f = 0; f < schema->field_count; f++) {
        th_pack_cstr(out, schema->fields[f].name);
        th_pack_u32(out, schema->fields[f].type);
        th_pack_u32(out, schema->fields[f].optional);
    }
}

static void write_names(const char *const *names, size_t count, th_str *out)
{
    th_pack_u32(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        th_pack_cstr(out, names[i]);
}

void th_manifest_write(const th_manifest *m, th_str *out)
{
    th_pack_cstr(out, m->name);
    th_pack_cstr(out, m->version);
    th_pack_cstr(out, m->summary);
    th_pack_cstr(out, m->path);
    write_names(m->needs, m->need_count, out);
    write_names(m->files, m->file_count, out);
    th_pack_u32(out, (uint32_t)m->schema_count);
    for (size_t s = 0; s < m->schema_count; s++)
        write_schema(&m->schemas[s], out);
    th_str_add(out, &m->limits, sizeof m->limits); /* between processes of one program */
}

static const char *read_name(th_unpack *in, th_arena *arena)
{
    const char *text = th_unpack_cstr(in);
    char *copy = th_arena_copy(arena, text ? text : "", text ? strlen(text) : 0);

    in->failed |= !copy;
    return copy;
}

/* A count of things that take at least four bytes each, so that a broken one asks for no giant array. */
static size_t read_count(th_unpack *in)
{
    uint32_t count = th_unpack_u32(in);

    if (count > (size_t)(in->end - in->at) / 4)
        in->failed = true;
    return in->failed ? 0 : count;
}

static const char **read_names(th_unpack *in, th_arena *arena, size_t *count)
{
    *count = read_count(in);
    const char **out = th_arena_zalloc(arena, *count + 1, sizeof *out);
    for (size_t i = 0; out && i < *count; i++)
        out[i] = read_name(in, arena);
    in->failed |= !out;
    return out;
}

static void read_schema(th_unpack *in, th_arena *arena, th_schema *schema)
{
    schema->kind = read_name(in, arena);
    size_t count = read_count(in);
    th_field *fields = th_arena_zalloc(arena, count + 1, sizeof *fields);
    in->failed |= !fields;
    for (size_t f = 0; !in->failed && f < count; f++) {
        fields[f].name = read_name(in, arena);
        fields[f].type = (th_type)th_unpack_u32(in);
        fields[f].optional = th_unpack_u32(in) != 0;
    }
    schema->fields = fields;
    schema->field_count = count;
}

const th_manifest *th_manifest_read(th_unpack *in, th_arena *arena)
{
    th_manifest *m = th_arena_zalloc(arena, 1, sizeof *m);

    if (!m)
        return NULL;
    m->name = read_name(in, arena);
    m->version = read_name(in, arena);
    m->summary = read_name(in, arena);
    m->path = read_name(in, arena);
    m->needs = read_names(in, arena, &m->need_count);
    m->files = read_names(in, arena, &m->file_count);
    m->schema_count = read_count(in);
    m->schemas = th_arena_zalloc(arena, m->schema_count + 1, sizeof *m->schemas);
    in->failed |= !m->schemas;
    for (size_t s = 0; !in->failed && s < m->schema_count; s++)
        read_schema(in, arena, &m->schemas[s]);
    in->failed |= (size_t)(in->end - in->at) < sizeof m->limits;
    if (!in->failed) {
        memcpy(&m->limits, in->at, sizeof m->limits);
        in->at += sizeof m->limits;
    }
    return in->failed ? NULL : m;
}
