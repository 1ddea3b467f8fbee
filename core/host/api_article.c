/* api_article.c - the article and what is found in it: matches, quantities, places, records; and a:record().
 *
 * What is found is computed once per article, for all plugins, in the article's arena; objects point into it. Spans share
 * the methods that search, which take their range from argument 1. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "host/internal.h"
#include "text/unicode.h"

/* ---- the range a method works on ---- */

/* Argument 1 is an article or a span: its range in bytes. */
static th_handle range_of(lua_State *L, th_vm *vm)
{
    const th_handle *h = th_handle_test(L, vm, 1, TH_CLASS_ARTICLE);

    if (h) {
        th_handle_check(L, vm, 1, TH_CLASS_ARTICLE);
        return (th_handle){.start = 0, .stop = (uint32_t)vm->host->article->len};
    }
    return *th_handle_check(L, vm, 1, TH_CLASS_SPAN);
}

static void raise_nomem(lua_State *L, const th_error *err)
{
    luaL_error(L, "%s", err->text[0] ? err->text : "not enough memory");
}

static int push_item_span(lua_State *L, th_vm *vm, const th_handle *h)
{
    th_push_span(L, vm, h->start, h->stop);
    return 1;
}

static int push_item_text(lua_State *L, th_vm *vm, const th_handle *h)
{
    lua_pushlstring(L, vm->host->article->text + h->start, h->stop - h->start);
    return 1;
}

/* ---- matches ---- */

const th_hits *th_article_hits(lua_State *L, th_vm *vm, const th_lexicon *lexicon)
{
    th_host *host = vm->host;
    th_error err = {0};

    if (!host->hits && th_lexset_scan(host->lexset, host->article->text, host->article->len, host->article_arena,
                                      &host->hits, &err) != TH_OK)
        raise_nomem(L, &err);
    return &host->hits[lexicon->number];
}

size_t th_hits_from(const th_hits *hits, uint32_t start)
{
    size_t low = 0, high = hits->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (hits->items[mid].start < start)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static const th_lexicon *check_lexicon(lua_State *L, th_vm *vm, int arg)
{
    return th_handle_check(L, vm, arg, TH_CLASS_LEXICON)->item;
}

/* x:matches(lexicon) -> list */
int th_range_matches(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    th_handle range = range_of(L, vm);
    const th_lexicon *lexicon = check_lexicon(L, vm, 2);
    const th_hits *hits = th_article_hits(L, vm, lexicon);
    lua_Integer n = 0;

    lua_newtable(L);
    for (size_t i = th_hits_from(hits, range.start); i < hits->count && hits->items[i].start < range.stop; i++) {
        if (hits->items[i].stop > range.stop)
            break;
        th_handle *h = th_handle_new(L, vm, TH_CLASS_MATCH);
        h->start = hits->items[i].start;
        h->stop = hits->items[i].stop;
        h->extra = hits->items[i].term;
        h->item = lexicon;
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

static const char *const match_fields[] = {"span", "text", "term", "category", "categories", NULL};

static int match_get(lua_State *L, th_vm *vm, const th_handle *h, int field)
{
    const th_lexicon *lexicon = h->item;
    const th_term *term = &lexicon->terms[h->extra];

    switch (field) {
    case 0:
        return push_item_span(L, vm, h);
    case 1:
        return push_item_text(L, vm, h);
    case 2:
        lua_pushlstring(L, term->text, term->len);
        return 1;
    case 3:
        lua_pushstring(L, term->category_count ? lexicon->categories[term->categories[0]] : NULL);
        return 1;
    default:
        lua_createtable(L, (int)term->category_count, 0);
        for (size_t i = 0; i < term->category_count; i++) {
            lua_pushstring(L, lexicon->categories[term->categories[i]]);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        return 1;
    }
}

/* ---- quantities ---- */

static const th_quantities *quantities(lua_State *L, th_host *host)
{
    th_error err = {0};

    if (!host->has_quantities && th_quantity_scan(host->units, host->article->text, host->article->len,
                                                  host->article_arena, &host->quantities, &err) != TH_OK)
        raise_nomem(L, &err);
    host->has_quantities = true;
    return &host->quantities;
}

/* What to look for: NULL where everything will do. */
typedef struct quantity_filter {
    const char *unit, *dimension;
} quantity_filter;

static quantity_filter check_filter(lua_State *L)
{
    static const char *const known[] = {"unit", "dimension"};
    quantity_filter filter = {0};

    if (lua_isnoneornil(L, 2))
        return filter;
    if (lua_type(L, 2) != LUA_TTABLE)
        th_usage(L, "quantities: expected { unit = …, dimension = … }, got %s", th_describe(L, 2));
    lua_pushnil(L);
    for (; lua_next(L, 2) != 0; lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        bool is_unit = strcmp(key, "unit") == 0;
        if (!is_unit && strcmp(key, "dimension") != 0)
            th_usage(L, "quantities: unknown key \"%s\"%s; use unit or dimension", key, th_suggest(L, key, known, 2));
        if (lua_type(L, -1) != LUA_TSTRING)
            th_usage(L, "quantities: %s: expected text, got %s", key, th_describe(L, -1));
        *(is_unit ? &filter.unit : &filter.dimension) = lua_tostring(L, -1); /* the table keeps it */
    }
    return filter;
}

static size_t quantity_from(const th_quantities *list, uint32_t start)
{
    size_t low = 0, high = list->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (list->items[mid].start < start)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* x:quantities { unit =, dimension = } -> list */
int th_range_quantities(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    th_handle range = range_of(L, vm);
    quantity_filter filter = check_filter(L);
    const th_quantities *all = quantities(L, vm->host);
    lua_Integer n = 0;

    lua_newtable(L);
    for (size_t i = quantity_from(all, range.start); i < all->count && all->items[i].stop <= range.stop; i++) {
        const th_quantity *q = &all->items[i];
        if ((filter.unit && strcmp(filter.unit, q->unit) != 0) ||
            (filter.dimension && strcmp(filter.dimension, q->dimension) != 0))
            continue;
        th_handle *h = th_handle_new(L, vm, TH_CLASS_QUANTITY);
        h->start = q->start;
        h->stop = q->stop;
        h->item = q;
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

static const char *const quantity_fields[] = {"span", "text", "value", "value_max", "unit", "cmp", "dimension",
                                              "written_unit", "outer", NULL};

static int quantity_get(lua_State *L, th_vm *vm, const th_handle *h, int field)
{
    const th_quantity *q = h->item;

    switch (field) {
    case 0:
        return push_item_span(L, vm, h);
    case 1:
        return push_item_text(L, vm, h);
    case 2:
        th_push_number(L, q->value);
        return 1;
    case 3:
        if (q->is_range)
            th_push_number(L, q->value_max);
        else
            lua_pushnil(L);
        return 1;
    case 4:
        lua_pushstring(L, q->unit);
        return 1;
    case 5:
        lua_pushstring(L, th_cmp_name(q->cmp));
        return 1;
    case 6:
        lua_pushstring(L, q->dimension);
        return 1;
    case 7:
        lua_pushlstring(L, vm->host->article->text + q->unit_start, q->stop - q->unit_start);
        return 1;
    default:
        th_push_span(L, vm, q->outer_start, q->outer_stop);
        return 1;
    }
}

/* ---- places ---- */

/* x:places() -> list */
int th_range_places(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    th_host *host = vm->host;
    th_handle range = range_of(L, vm);
    th_error err = {0};
    lua_Integer n = 0;

    if (!host->has_places && th_gazetteer_find(host->gazetteer, host->article->text, host->article->len,
                                               host->article_arena, &host->places, &err) != TH_OK)
        raise_nomem(L, &err);
    host->has_places = true;
    lua_newtable(L);
    for (size_t i = 0; i < host->places.count && host->places.items[i].stop <= range.stop; i++) {
        const th_place *p = &host->places.items[i];
        if (p->start < range.start)
            continue;
        th_handle *h = th_handle_new(L, vm, TH_CLASS_PLACE);
        h->start = p->start;
        h->stop = p->stop;
        h->item = p;
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

static const char *const place_fields[] = {"span", "text", "code", "name", "level", "short", NULL};

static int place_get(lua_State *L, th_vm *vm, const th_handle *h, int field)
{
    const th_place *p = h->item;

    switch (field) {
    case 0:
        return push_item_span(L, vm, h);
    case 1:
        return push_item_text(L, vm, h);
    case 2:
        lua_pushstring(L, p->region->code);
        return 1;
    case 3:
        lua_pushstring(L, p->region->name);
        return 1;
    case 4:
        lua_pushstring(L, th_level_name(p->region->level));
        return 1;
    default:
        lua_pushboolean(L, p->is_short);
        return 1;
    }
}

/* ---- records others made ---- */

static bool has_kind(const th_manifest *m, const char *kind)
{
    for (size_t i = 0; i < m->schema_count; i++)
        if (strcmp(m->schemas[i].kind, kind) == 0)
            return true;
    return false;
}

static bool needs_plugin(const th_manifest *m, const char *name)
{
    for (size_t i = 0; i < m->need_count; i++)
        if (strcmp(m->needs[i], name) == 0)
            return true;
    return false;
}

/* A plugin may read its own kinds and those of plugins it needs: what it depends on is known. */
static void check_readable(lua_State *L, th_vm *vm, const char *kind)
{
    th_host *host = vm->host;
    const char *names[64];
    size_t count = 0;

    if (has_kind(&vm->plugin->manifest, kind))
        return;
    for (size_t i = 0; i < host->bundle->plugin_count; i++) {
        const th_manifest *m = th_host_manifest(host, i);
        if (!m || m == &vm->plugin->manifest)
            continue;
        bool needed = needs_plugin(&vm->plugin->manifest, m->name);
        if (has_kind(m, kind)) {
            if (!needed)
                th_usage(L, "records: kind \"%s\" is made by plugin \"%s\"; add it to needs = { \"%s\" }", kind, m->name,
                         m->name);
            return;
        }
        for (size_t k = 0; k < m->schema_count && count < sizeof names / sizeof *names; k++)
            names[count++] = m->schemas[k].kind;
    }
    th_usage(L, "records: no loaded plugin makes records of kind \"%s\"%s", kind, th_suggest(L, kind, names, count));
}

static void fill_index(lua_State *L, th_host *host, th_kind_index *index)
{
    size_t count = 0;

    for (size_t i = 0; i < host->records->count; i++)
        count += strcmp(host->records->items[i].schema->kind, index->kind) == 0;
    index->items = th_arena_alloc(host->article_arena, (count ? count : 1) * sizeof *index->items);
    if (!index->items)
        luaL_error(L, "not enough memory");
    index->count = 0;
    for (size_t i = 0; i < host->records->count; i++)
        if (strcmp(host->records->items[i].schema->kind, index->kind) == 0)
            index->items[index->count++] = host->records->items[i];
    qsort(index->items, index->count, sizeof *index->items, th_record_compare);
    index->version = host->records_version;
}

/* The records of `kind` in span order, made anew when the list has changed. */
static const th_kind_index *index_of(lua_State *L, th_host *host, const char *kind)
{
    for (size_t i = 0; i < host->index_count; i++) {
        th_kind_index *index = &host->indexes[i];
        if (strcmp(index->kind, kind) != 0)
            continue;
        if (index->version != host->records_version)
            fill_index(L, host, index);
        return index;
    }
    th_kind_index *items = th_arena_grow(host->article_arena, host->indexes, host->index_count, &host->index_cap,
                                         sizeof *items);
    const char *name = th_arena_copy(host->article_arena, kind, strlen(kind));
    if (!items || !name)
        luaL_error(L, "not enough memory");
    host->indexes = items;
    items[host->index_count] = (th_kind_index){.kind = name};
    fill_index(L, host, &items[host->index_count]);
    return &items[host->index_count++];
}

/* x:records(kind) -> list */
int th_range_records(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    th_handle range = range_of(L, vm);
    const char *kind = th_arg_text(L, 2, "records", NULL);
    lua_Integer n = 0;

    check_readable(L, vm, kind);
    const th_kind_index *index = index_of(L, vm->host, kind);
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (index->items[mid].start < range.start)
            low = mid + 1;
        else
            high = mid;
    }
    lua_newtable(L);
    for (size_t i = low; i < index->count && index->items[i].start <= range.stop; i++) {
        const th_record *r = &index->items[i];
        if (r->stop > range.stop)
            continue;
        th_handle *h = th_handle_new(L, vm, TH_CLASS_RECORD);
        h->start = r->start;
        h->stop = r->stop;
        h->item = r;
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

static int push_value(lua_State *L, const th_field *field, const th_value *value)
{
    if (value->is_null) {
        lua_pushnil(L);
        return 1;
    }
    switch (field->type) {
    case TH_INTEGER:
        lua_pushinteger(L, (lua_Integer)value->integer);
        break;
    case TH_BOOLEAN:
        lua_pushboolean(L, value->integer != 0);
        break;
    case TH_NUMBER:
        th_push_number(L, value->number);
        break;
    case TH_JSON:
        th_json_push(L, value->text.data, value->text.len);
        break;
    default:
        lua_pushlstring(L, value->text.data, value->text.len);
    }
    return 1;
}

/* A record's fields are its schema's, so it has its own __index. */
static int record_index(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *h = th_handle_check(L, vm, 1, TH_CLASS_RECORD);
    const th_record *r = h->item;
    const char *names[64] = {"span"};
    size_t count = 1;

    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
    if (strcmp(key, "span") == 0)
        return push_item_span(L, vm, h);
    const th_field *field = th_schema_field(r->schema, key);
    if (field)
        return push_value(L, field, &r->values[field - r->schema->fields]);
    for (size_t i = 0; i < r->schema->field_count && count < sizeof names / sizeof *names; i++)
        names[count++] = r->schema->fields[i].name;
    return th_no_field(L, lua_pushfstring(L, "a record of kind %s", r->schema->kind), key, names, count);
}

/* ---- a:record ---- */

static const th_schema *check_kind(lua_State *L, th_vm *vm)
{
    const th_manifest *m = &vm->plugin->manifest;
    const char *kind = th_arg_text(L, 2, "article:record", NULL);
    const char *names[64];
    size_t count = 0;

    for (size_t i = 0; i < m->schema_count; i++) {
        if (strcmp(m->schemas[i].kind, kind) == 0)
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
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
        if (key && (strcmp(key, "span") == 0 || th_schema_field(schema, key)))
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

static void count_output(lua_State *L, th_vm *vm, size_t bytes)
{
    size_t most = vm->host->limits.output;

    vm->output += bytes;
    if (most > 0 && vm->output > most)
        th_limit(L, TH_ERR_LIMIT_OUTPUT, "recorded or logged more than %I bytes for one article (limits.output)",
                 (LUAI_UACINT)most);
}

static void keep_text(lua_State *L, th_vm *vm, th_value *value, const char *text, size_t len)
{
    count_output(L, vm, len);
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

    th_handle_check(L, vm, 1, TH_CLASS_ARTICLE);
    const th_schema *schema = check_kind(L, vm);
    if (lua_type(L, 3) != LUA_TTABLE)
        return th_usage(L, "%s: expected { span = …, field = … }, got %s", schema->kind, th_describe(L, 3));
    if (host->limits.records > 0 && host->run_count >= host->limits.records)
        return th_limit(L, TH_ERR_LIMIT_OUTPUT, "made more than %I records for one article (limits.records)",
                        (LUAI_UACINT)host->limits.records);
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
    count_output(L, vm, sizeof(th_record));
    th_record record = {.schema = schema, .start = span.start, .stop = span.stop, .values = values};
    if (!th_records_add(host->records, host->article_arena, record))
        return luaL_error(L, "not enough memory");
    host->records_version++;
    host->run_count++;
    return 0;
}

/* ---- the article ---- */

/* a:blocks() -> list of spans */
static int article_blocks(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_article *a = vm->host->article;

    th_handle_check(L, vm, 1, TH_CLASS_ARTICLE);
    lua_createtable(L, (int)a->block_count, 0);
    for (size_t i = 0; i < a->block_count; i++) {
        th_push_span(L, vm, a->blocks[i].start, a->blocks[i].stop);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* a:sentences() -> list of spans */
static int article_sentences(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_article *a = vm->host->article;

    th_handle_check(L, vm, 1, TH_CLASS_ARTICLE);
    lua_createtable(L, (int)a->sentence_count, 0);
    for (size_t i = 0; i < a->sentence_count; i++) {
        th_push_span(L, vm, a->sentences[i].start, a->sentences[i].stop);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* a:span() -> span of the whole text */
static int article_span(lua_State *L)
{
    th_vm *vm = th_vm_of(L);

    th_handle_check(L, vm, 1, TH_CLASS_ARTICLE);
    th_push_span(L, vm, 0, vm->host->article->len);
    return 1;
}

static const char *const article_fields[] = {"id",  "path",   "hash", "title", "date", "source", "authors",
                                             "url", "region", "lang", "text",  NULL};

static int push_authors(lua_State *L, const th_article *a)
{
    lua_createtable(L, (int)a->author_count, 0);
    for (size_t i = 0; i < a->author_count; i++) {
        lua_pushstring(L, a->authors[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int push_article_region(lua_State *L, const th_article *a)
{
    if (!a->region_code) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, 0, 2);
    lua_pushstring(L, a->region_code);
    lua_setfield(L, -2, "code");
    lua_pushstring(L, a->region_name);
    lua_setfield(L, -2, "name");
    return 1;
}

/* The text is a string of its own in each state: made once, then kept with the object. */
static int push_article_text(lua_State *L, const th_article *a)
{
    if (lua_getiuservalue(L, 1, 1) == LUA_TSTRING)
        return 1;
    lua_pushlstring(L, a->text, a->len);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, 1);
    return 1;
}

static int article_get(lua_State *L, th_vm *vm, const th_handle *h, int field)
{
    const th_article *a = vm->host->article;
    const char *const texts[] = {NULL, a->path, a->hash, a->title, a->date, a->source, NULL, a->url, NULL, a->lang};

    (void)h;
    switch (field) {
    case 0:
        lua_pushinteger(L, (lua_Integer)a->id);
        return 1;
    case 6:
        return push_authors(L, a);
    case 8:
        return push_article_region(L, a);
    case 10:
        return push_article_text(L, a);
    default:
        lua_pushstring(L, texts[field]);
        return 1;
    }
}

void th_push_article(lua_State *L, th_vm *vm)
{
    th_handle_new(L, vm, TH_CLASS_ARTICLE);
}

static const luaL_Reg article_methods[] = {
    {"blocks", article_blocks},    {"sentences", article_sentences},    {"span", article_span},
    {"matches", th_range_matches}, {"quantities", th_range_quantities}, {"places", th_range_places},
    {"records", th_range_records}, {"record", th_article_record},       {NULL, NULL}};

static const luaL_Reg record_metamethods[] = {{"__index", record_index}, {NULL, NULL}};

#define HINT "record what you found with a:record(kind, { span = …, field = … })"

static const th_class_def classes[] = {
    {TH_CLASS_ARTICLE, "an article", article_fields, article_get, article_methods, NULL, HINT},
    {TH_CLASS_MATCH, "a match", match_fields, match_get, NULL, NULL, HINT},
    {TH_CLASS_QUANTITY, "a quantity", quantity_fields, quantity_get, NULL, NULL, HINT},
    {TH_CLASS_PLACE, "a place", place_fields, place_get, NULL, NULL, HINT},
    {TH_CLASS_RECORD, "a record", NULL, NULL, NULL, record_metamethods, HINT}};

void th_article_open(lua_State *L)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        th_class_open(L, &classes[i]);
}
