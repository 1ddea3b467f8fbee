/* api_record.c - a:record(): the one way out of a plugin, checked against the plugin's schema at the line of the call. */
#include <math.h>
#include <string.h>

#include "host/internal.h"
#include "text/unicode.h"

static const th_schema *check_kind(lua_State *L, th_vm *vm)
{
    const th_manifest *m = &vm->plugin->manifest;
    size_t len;
    const char *kind = lua_tolstring(L, 2, &len);
    const char *names[64];
    size_t count = 0;

    for (size_t i = 0; i < m->schema_count; i++) {
        if (strcmp(m->schemas[i].kind, kind) == 0 && strlen(kind) == len)
            return &m->schemas[i];
        if (count < sizeof names / sizeof *names)
            names[count++] = m->schemas[i].kind;
    }
    th_usage(L, "article:record: plugin \"%s\" declares no record kind \"%s\"%s", m->name, kind,
             th_suggest(L, kind, names, count));
    return NULL;
}

/* Every key of the table at 3 must be `span` or a field. */
static void check_fields(lua_State *L, const th_schema *schema)
{
    const char *names[64] = {"span"};
    size_t count = 1;

    lua_pushnil(L);
    for (; lua_next(L, 3) != 0; lua_pop(L, 1)) {
        size_t len = 0;
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &len) : NULL;
        if (key && strlen(key) == len && (strcmp(key, "span") == 0 || th_schema_field(schema, key)))
            continue;
        for (size_t i = 0; i < schema->field_count && count < sizeof names / sizeof *names; i++)
            names[count++] = schema->fields[i].name;
        if (!key)
            th_usage(L, "%s: unexpected %s; fields are written name = value", schema->kind, th_describe(L, -2));
        th_usage(L, "%s: unknown field \"%s\"%s", schema->kind, key, th_suggest(L, key, names, count));
    }
}

static th_handle record_span(lua_State *L, th_vm *vm, const th_schema *schema)
{
    lua_getfield(L, 3, "span");
    const th_handle *h = th_handle_test(L, vm, -1, TH_CLASS_SPAN);

    if (!h)
        th_usage(L, "%s.span: expected a span, got %s%s", schema->kind, th_describe(L, -1),
                 lua_isuserdata(L, -1) ? "; take its .span" : "");
    th_handle_check(L, vm, lua_gettop(L), TH_CLASS_SPAN);
    th_handle span = *h;
    lua_pop(L, 1);
    return span;
}

static int wrong_type(lua_State *L, const th_schema *schema, const th_field *field)
{
    return th_usage(L, "%s.%s: expected %s, got %s", schema->kind, field->name, th_type_name(field->type),
                    th_describe(L, -1));
}

void th_count_output(lua_State *L, th_vm *vm, size_t bytes)
{
    size_t most = vm->plugin ? vm->plugin->manifest.limits.output : 0;

    vm->output += bytes;
    if (most > 0 && vm->output > most)
        th_limit(L, TH_ERR_LIMIT_OUTPUT, "recorded or logged more than %I bytes for one article (limits.output)",
                 (LUAI_UACINT)most);
}

static void keep_text(lua_State *L, th_vm *vm, th_value *value, const char *text, size_t len)
{
    th_count_output(L, vm, len);
    value->text.data = th_arena_copy(vm->host->article_arena, text, len);
    value->text.len = len;
    if (!value->text.data)
        luaL_error(L, "not enough memory");
}

static void read_text(lua_State *L, th_vm *vm, const th_schema *schema, const th_field *field, th_value *value)
{
    size_t len;

    if (lua_type(L, -1) != LUA_TSTRING)
        wrong_type(L, schema, field);
    const char *text = lua_tolstring(L, -1, &len);
    if (field->type == TH_DATE && !th_date_is_valid(text, len))
        th_usage(L, "%s.%s: expected a date such as \"2023-05-31\", got %s", schema->kind, field->name,
                 th_describe(L, -1));
    if (!th_utf8_valid(text, len, NULL) || memchr(text, '\0', len))
        th_usage(L, "%s.%s: text that is not UTF-8 (cut inside a character?)", schema->kind, field->name);
    keep_text(L, vm, value, text, len);
}

static void read_json(lua_State *L, th_vm *vm, const th_schema *schema, const th_field *field, th_value *value)
{
    const char *what = lua_pushfstring(L, "%s.%s", schema->kind, field->name); /* value what */

    th_str_clear(&vm->buffer);
    th_json_write(L, -2, &vm->buffer, what);
    keep_text(L, vm, value, th_str_text(&vm->buffer), vm->buffer.len);
    lua_pop(L, 1);
}

/* The value on the top of the stack for `field`. */
static void read_value(lua_State *L, th_vm *vm, const th_schema *schema, const th_field *field, th_value *value)
{
    int ok = 0;

    switch (field->type) {
    case TH_INTEGER:
        if (lua_type(L, -1) == LUA_TNUMBER)
            value->integer = lua_tointegerx(L, -1, &ok);
        if (!ok)
            wrong_type(L, schema, field);
        return;
    case TH_NUMBER:
        if (lua_type(L, -1) != LUA_TNUMBER)
            wrong_type(L, schema, field);
        value->number = lua_tonumber(L, -1);
        if (!isfinite(value->number))
            th_usage(L, "%s.%s: the number is not finite (division by zero?)", schema->kind, field->name);
        return;
    case TH_BOOLEAN:
        if (lua_type(L, -1) != LUA_TBOOLEAN)
            wrong_type(L, schema, field);
        value->integer = lua_toboolean(L, -1);
        return;
    case TH_JSON:
        read_json(L, vm, schema, field, value);
        return;
    default:
        read_text(L, vm, schema, field, value);
    }
}

static void read_absent(lua_State *L, th_vm *vm, const th_schema *schema, const th_field *field, const th_handle *span,
                        th_value *value)
{
    if (field->type == TH_TEXT && strcmp(field->name, "text") == 0)
        keep_text(L, vm, value, vm->host->article->text + span->start, span->stop - span->start);
    else if (field->optional)
        value->is_null = true;
    else
        th_usage(L, "%s: field \"%s\" (%s) is missing; write its type as \"%s?\" if it may be", schema->kind, field->name,
                 th_type_name(field->type), th_type_name(field->type));
}

/* a:record(kind, { span =, field = … }) */
int th_article_record(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    th_host *host = vm->host;

    const th_schema *schema = check_kind(L, vm);
    if (host->run_count >= vm->plugin->manifest.limits.records)
        return th_limit(L, TH_ERR_LIMIT_OUTPUT, "made more than %I records for one article (limits.records)",
                        (LUAI_UACINT)vm->plugin->manifest.limits.records);
    lua_settop(L, 3);
    check_fields(L, schema);
    th_handle span = record_span(L, vm, schema);
    th_value *values = th_arena_zalloc(host->article_arena, schema->field_count ? schema->field_count : 1,
                                       sizeof *values);
    if (!values)
        return luaL_error(L, "not enough memory");
    for (size_t i = 0; i < schema->field_count; i++) {
        if (lua_getfield(L, 3, schema->fields[i].name) == LUA_TNIL)
            read_absent(L, vm, schema, &schema->fields[i], &span, &values[i]);
        else
            read_value(L, vm, schema, &schema->fields[i], &values[i]);
        lua_pop(L, 1);
    }
    th_count_output(L, vm, sizeof(th_record));
    th_record record = {.schema = schema, .start = span.start, .stop = span.stop, .values = values};
    if (!th_records_add(host->records, host->article_arena, record))
        return luaL_error(L, "not enough memory");
    host->records_version++;
    host->run_count++;
    return 0;
}
