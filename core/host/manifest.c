/* manifest.c - host.plugin(): what a plugin says of itself, checked key by key. */
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "host/functions.h"
#include "host/internal.h"
#include "text/unicode.h"

static const char *const keys[] = {"name", "version", "summary", "needs", "records", "limits"};
enum { KEY_COUNT = sizeof keys / sizeof *keys, LINE_MAX_BYTES = 400 };

static void *alloc(lua_State *L, size_t count, size_t size)
{
    void *p = th_arena_zalloc(th_vm_of(L)->arena, count ? count : 1, size);

    if (!p)
        luaL_error(L, "not enough memory");
    return p;
}

static const char *copy_text(lua_State *L, int index)
{
    size_t len;
    const char *text = lua_tolstring(L, index, &len);
    char *copy = th_arena_copy(th_vm_of(L)->arena, text, len);

    if (!copy)
        luaL_error(L, "not enough memory");
    return copy;
}

static void check_keys(lua_State *L)
{
    lua_pushnil(L);
    while (lua_next(L, 1) != 0) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            th_usage(L, "host.plugin: unexpected %s; a plugin has name, version, summary, needs, records, limits",
                     th_describe(L, -1));
        const char *key = lua_tostring(L, -1);
        size_t i = 0;
        while (i < KEY_COUNT && strcmp(keys[i], key) != 0)
            i++;
        if (i == KEY_COUNT)
            th_usage(L, "host.plugin: unknown key \"%s\"%s", key, th_suggest(L, key, keys, KEY_COUNT));
    }
}

/* It is shown in tables and kept in the store. */
static bool is_one_line(lua_State *L, int index)
{
    size_t len;
    const char *text = lua_tolstring(L, index, &len);

    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
            return false;
    return len <= LINE_MAX_BYTES && th_utf8_valid(text, len, NULL);
}

static const char *text_key(lua_State *L, const char *key, const char *fallback)
{
    int type = lua_getfield(L, 1, key);

    if (type == LUA_TNIL && fallback)
        return fallback;
    if (type != LUA_TSTRING || lua_rawlen(L, -1) == 0)
        th_usage(L, "host.plugin: %s: expected text, got %s", key, th_describe(L, -1));
    if (!is_one_line(L, -1))
        th_usage(L, "host.plugin: %s: expected one line of UTF-8 text, at most %d bytes", key, LINE_MAX_BYTES);
    return copy_text(L, -1);
}

static void read_needs(lua_State *L, th_manifest *m)
{
    int type = lua_getfield(L, 1, "needs");
    int list = lua_gettop(L);

    if (type == LUA_TNIL)
        return;
    if (type != LUA_TTABLE)
        th_usage(L, "host.plugin: needs: expected a list of plugin names, got %s", th_describe(L, list));
    size_t count = lua_rawlen(L, list);
    m->needs = alloc(L, count, sizeof *m->needs);
    for (size_t i = 0; i < count; i++) {
        if (lua_rawgeti(L, list, (lua_Integer)i + 1) != LUA_TSTRING)
            th_usage(L, "host.plugin: needs: expected a plugin name, got %s", th_describe(L, -1));
        m->needs[m->need_count++] = copy_text(L, -1);
        if (strcmp(m->needs[i], m->name) == 0)
            th_usage(L, "host.plugin: needs: a plugin can not need itself (%s)", m->name);
        lua_pop(L, 1);
    }
    lua_pushnil(L);
    for (size_t seen = 0; lua_next(L, list) != 0; lua_pop(L, 1))
        if (++seen > count || lua_type(L, -2) != LUA_TNUMBER)
            th_usage(L, "host.plugin: needs: expected a list of plugin names such as { \"region\" }");
}

static int field_order(const void *a, const void *b)
{
    return strcmp(((const th_field *)a)->name, ((const th_field *)b)->name);
}

static int schema_order(const void *a, const void *b)
{
    return strcmp(((const th_schema *)a)->kind, ((const th_schema *)b)->kind);
}

static size_t count_pairs(lua_State *L, int index)
{
    size_t count = 0;

    lua_pushnil(L);
    for (; lua_next(L, index) != 0; lua_pop(L, 1))
        count++;
    return count;
}

/* The field whose name and type are on the top of the stack. */
static void read_field(lua_State *L, const char *kind, th_field *field)
{
    const char *fault;

    if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING)
        th_usage(L, "host.plugin: records.%s: fields are written name = \"type\"", kind);
    field->name = copy_text(L, -2);
    if ((fault = th_field_name_fault(field->name)) != NULL)
        th_usage(L, "host.plugin: records.%s: field \"%s\" %s", kind, field->name, fault);
    if (strcmp(field->name, "span") == 0)
        th_usage(L, "host.plugin: records.%s: every record has a span; leave the field \"span\" out", kind);
    if (!th_type_parse(lua_tostring(L, -1), field))
        th_usage(L, "host.plugin: records.%s.%s: unknown type \"%s\"; use integer, number, text, date, boolean or json, "
                    "with ? when optional", kind, field->name, lua_tostring(L, -1));
}

static void read_schema(lua_State *L, int table, th_schema *schema)
{
    size_t count = count_pairs(L, table), n = 0;
    th_field *fields = alloc(L, count, sizeof *fields);

    lua_pushnil(L);
    for (; lua_next(L, table) != 0; lua_pop(L, 1))
        read_field(L, schema->kind, &fields[n++]);
    qsort(fields, n, sizeof *fields, field_order);
    if (n > TH_FIELDS_MAX)
        th_usage(L, "host.plugin: records.%s: %d fields, more than %d; use a json field", schema->kind, (int)n, TH_FIELDS_MAX);
    schema->fields = fields;
    schema->field_count = n;
}

/* Two plugins may not declare one kind. */
static void check_free(lua_State *L, const th_plugin *self, const char *kind)
{
    const th_host *host = self->vm.host;

    for (size_t i = 0; i < host->bundle->plugin_count; i++) {
        const th_plugin *other = &host->plugins[i];
        for (size_t k = 0; other != self && other->loaded && k < other->manifest.schema_count; k++)
            if (strcmp(other->manifest.schemas[k].kind, kind) == 0)
                th_usage(L, "host.plugin: records.%s: plugin \"%s\" declares this kind already; choose another name", kind,
                         other->manifest.name);
    }
}

static void read_records(lua_State *L, th_plugin *p)
{
    th_manifest *m = &p->manifest;
    int type = lua_getfield(L, 1, "records");
    int table = lua_gettop(L);
    const char *fault;

    if (type == LUA_TNIL)
        return;
    if (type != LUA_TTABLE)
        th_usage(L, "host.plugin: records: expected { kind = { field = \"type\" } }, got %s", th_describe(L, table));
    size_t count = count_pairs(L, table);
    if (count > TH_KINDS_MAX)
        th_usage(L, "host.plugin: records: %d kinds, more than %d", (int)count, TH_KINDS_MAX);
    m->schemas = alloc(L, count, sizeof *m->schemas);
    lua_pushnil(L);
    for (; lua_next(L, table) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TTABLE)
            th_usage(L, "host.plugin: records: expected { kind = { field = \"type\" } }, got %s", th_describe(L, -1));
        th_schema *schema = &m->schemas[m->schema_count++];
        schema->kind = copy_text(L, -2);
        if ((fault = th_kind_name_fault(schema->kind)) != NULL)
            th_usage(L, "host.plugin: records: kind \"%s\" %s", schema->kind, fault);
        check_free(L, p, schema->kind);
        read_schema(L, lua_gettop(L), schema);
    }
    qsort(m->schemas, m->schema_count, sizeof *m->schemas, schema_order);
}

/* A plugin may ask for less than the operator allows, so that it fails early; never for more. */
static void lower_limit(lua_State *L, th_plugin *p, int limit)
{
    const char *name = th_limit_names[limit];
    th_limits *now = &p->manifest.limits, asked = *now;
    char allowed[32];

    int type = lua_type(L, -1);
    if (type != LUA_TSTRING && type != LUA_TNUMBER)
        th_usage(L, "host.plugin: limits.%s: expected text such as \"1s\" or \"16MB\", got %s", name, th_describe(L, -1));
    lua_pushvalue(L, -1);
    const char *text = lua_tostring(L, -1);
    const char *expected = th_limit_read(&asked, limit, text);
    if (expected)
        th_usage(L, "host.plugin: limits.%s: expected %s, got \"%s\"", name, expected, text);
    th_limit_write(now, limit, allowed, sizeof allowed);
    if (th_limit_is_higher(&asked, now, limit))
        th_usage(L, "host.plugin: limits.%s: \"%s\" is more than the configuration allows (%s); only config.yaml can raise it: "
                    "plugin_limits: {%s: {%s: %s}}", name, text, allowed, p->source->name, name, text);
    *now = asked;
    lua_pop(L, 1);
}

static void read_limits(lua_State *L, th_plugin *p)
{
    int type = lua_getfield(L, 1, "limits");
    int table = lua_gettop(L);

    if (type == LUA_TNIL)
        return;
    if (type != LUA_TTABLE)
        th_usage(L, "host.plugin: limits: expected { cpu = \"1s\", memory = \"16MB\" }, got %s", th_describe(L, table));
    lua_pushnil(L);
    for (; lua_next(L, table) != 0; lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        int known = 0;
        while (known < TH_LIMIT_COUNT && strcmp(th_limit_names[known], name) != 0)
            known++;
        if (known == TH_LIMIT_COUNT)
            th_usage(L, "host.plugin: limits: unknown key \"%s\"%s", name,
                     th_suggest(L, name, th_limit_names, TH_LIMIT_COUNT));
        lower_limit(L, p, known);
    }
    p->vm.cap = p->manifest.limits.memory;
}

static void read_manifest(lua_State *L, th_plugin *p)
{
    th_manifest *m = &p->manifest;

    if (p->has_manifest)
        th_usage(L, "host.plugin: called twice; one file is one plugin");
    m->need_count = m->schema_count = 0; /* an earlier call may have failed half-way inside pcall() */
    check_keys(L);
    m->name = text_key(L, "name", NULL);
    if (strcmp(m->name, p->source->name) != 0)
        th_usage(L, "host.plugin: name is \"%s\" but the file is %s.lua; they must agree", m->name, p->source->name);
    m->version = text_key(L, "version", NULL);
    m->summary = text_key(L, "summary", "");
    m->path = p->source->path;
    read_needs(L, m);
    read_records(L, p);
    read_limits(L, p);
    p->has_manifest = true;
}

static int set_hook(lua_State *L)
{
    static const char *const hooks[] = {"article"};
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";

    if (strcmp(name, "article") != 0)
        return th_usage(L, "a plugin has no function %s%s; keep your own functions in locals", th_describe_key(L, 2),
                        th_suggest(L, name, hooks, 1));
    if (lua_type(L, 3) != LUA_TFUNCTION)
        return th_usage(L, "plugin.article: expected a function, got %s", th_describe(L, 3));
    lua_rawset(L, 1);
    return 0;
}

/* host.plugin { name, version, summary, needs, records } -> plugin */
int th_host_plugin(lua_State *L)
{
    th_vm *vm = th_vm_of(L);

    if (!vm->plugin)
        return th_usage(L, "host.plugin: this is a script; use host.script");
    if (vm->phase != TH_PHASE_LOAD)
        return th_usage(L, "host.plugin: call it once, at the top of the plugin");
    lua_settop(L, 1);
    if (!vm->plugin->renewing)
        read_manifest(L, vm->plugin);
    lua_newtable(L); /* plugin */
    lua_newtable(L); /* plugin mt */
    lua_pushcfunction(L, set_hook);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, "talenthost.plugin");
    return 1;
}
