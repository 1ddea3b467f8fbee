/* api_items.c - what is found in an article, as objects: match, quantity, place, record. */
#include <string.h>

#include "host/api.h"
#include "host/internal.h"

#define HINT "record what you found with a:record(kind, { span = …, field = … })"

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

static int item_tostring(lua_State *L, th_class id)
{
    th_vm *vm = th_vm_of(L);

    return push_item_text(L, vm, th_handle_check(L, vm, 1, id));
}

/* ---- matches ---- */

static const th_item match_fields[] = {
    {"span", "span", "where it stands"},
    {"text", "string", "as written"},
    {"term", "string", "the term as the lexicon has it"},
    {"category", "string?", "its first category; nil in a lexicon without categories"},
    {"categories", "string[]", "all its categories"},
    {0}};

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

static const th_item quantity_fields[] = {
    {"span", "span", "where it stands"},
    {"text", "string", "as written"},
    {"value", "number", "in the base unit, `3.5亿元` is 350000000; an integer when it is whole"},
    {"value_max", "number?", "the upper end of a range"},
    {"unit", "string", "base unit: 元 人 家 套 % …"},
    {"cmp", "string", "`exact over under about at_least at_most`"},
    {"dimension", "string", "what the unit measures: `money`, `person` …"},
    {"written_unit", "string", "the unit as written: `亿元`"},
    {"outer", "span", "with its comparator: 超过3.5亿元"},
    {0}};

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

static const th_item place_fields[] = {
    {"span", "span", "where it stands"},
    {"text", "string", "as written"},
    {"code", "string", "GB/T 2260, six digits; a zone has its parent's"},
    {"name", "string", "full name"},
    {"level", "string", "`province city county zone`"},
    {"short", "boolean", "written in a short form"},
    {0}};

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

/* ---- records ---- */

int th_push_value(lua_State *L, const th_field *field, const th_value *value)
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
        if (!th_json_push(L, value->text.data, value->text.len, NULL, NULL, 0))
            lua_pushnil(L); /* it was checked when it was recorded */
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
        return th_push_value(L, field, &r->values[field - r->schema->fields]);
    for (size_t i = 0; i < r->schema->field_count && count < sizeof names / sizeof *names; i++)
        names[count++] = r->schema->fields[i].name;
    return th_no_field(L, lua_pushfstring(L, "a record of kind %s", r->schema->kind), key, names, count);
}

static int match_tostring(lua_State *L) { return item_tostring(L, TH_CLASS_MATCH); }
static int quantity_tostring(lua_State *L) { return item_tostring(L, TH_CLASS_QUANTITY); }
static int place_tostring(lua_State *L) { return item_tostring(L, TH_CLASS_PLACE); }
static int record_tostring(lua_State *L) { return item_tostring(L, TH_CLASS_RECORD); }

static const luaL_Reg match_metamethods[] = {{"__tostring", match_tostring}, {NULL, NULL}};
static const luaL_Reg quantity_metamethods[] = {{"__tostring", quantity_tostring}, {NULL, NULL}};
static const luaL_Reg place_metamethods[] = {{"__tostring", place_tostring}, {NULL, NULL}};
static const luaL_Reg record_metamethods[] = {{"__index", record_index}, {"__tostring", record_tostring}, {NULL, NULL}};

static const th_item record_fields[] = {{"span", "span", "where it stands; and every field of its kind by name"}, {0}};

const th_class_def th_class_match = {.id = TH_CLASS_MATCH, .name = "match", .label = "a match",
                                     .doc = "A term of a lexicon at one place in the text. `tostring` gives its text.",
                                     .fields = match_fields, .get = match_get, .metamethods = match_metamethods,
                                     .write_hint = HINT};
const th_class_def th_class_quantity = {.id = TH_CLASS_QUANTITY, .name = "quantity", .label = "a quantity",
                                        .doc = "A number in use with its unit. `tostring` gives its text.",
                                        .fields = quantity_fields, .get = quantity_get, .metamethods = quantity_metamethods,
                                        .write_hint = HINT};
const th_class_def th_class_place = {.id = TH_CLASS_PLACE, .name = "place", .label = "a place",
                                     .doc = "A division or development zone at one place in the text. `tostring` gives its text.",
                                     .fields = place_fields, .get = place_get, .metamethods = place_metamethods,
                                     .write_hint = HINT};
const th_class_def th_class_record = {.id = TH_CLASS_RECORD, .name = "record", .label = "a record",
                                      .doc = "What a plugin recorded in this article. `tostring` gives its text.",
                                      .fields = record_fields, .metamethods = record_metamethods, .write_hint = HINT};
