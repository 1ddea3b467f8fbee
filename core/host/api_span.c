/* api_span.c - spans: two byte offsets into the text of the current article. */
#include <stdlib.h>
#include <string.h>

#include "host/api.h"
#include "host/find.h"
#include "text/unicode.h"

const th_article *th_span_article(th_vm *vm)
{
    return vm->host->article;
}

void th_push_span(lua_State *L, th_vm *vm, size_t start, size_t stop)
{
    th_handle *h = th_handle_new(L, vm, TH_CLASS_SPAN);

    h->start = (uint32_t)start;
    h->stop = (uint32_t)stop;
}

static th_handle *check_span(lua_State *L, th_vm *vm, int arg)
{
    return th_handle_check(L, vm, arg, TH_CLASS_SPAN);
}

static const th_block *block_of(const th_article *a, size_t pos)
{
    size_t i = th_article_block_at(a, pos);

    return i < a->block_count ? &a->blocks[i] : NULL;
}

/* The sentence at `pos`; where the text has none, its block. */
static void sentence_of(const th_article *a, size_t pos, uint32_t *start, uint32_t *stop)
{
    size_t i = th_article_sentence_at(a, pos);
    const th_block *block = block_of(a, pos);
    bool found = i < a->sentence_count && (!block || a->sentences[i].start >= block->start);

    *start = found ? a->sentences[i].start : block ? block->start : 0;
    *stop = found ? a->sentences[i].stop : block ? block->stop : (uint32_t)a->len;
}

/* The headings above byte `pos`, outermost first, as a list of spans. */
static void push_section(lua_State *L, th_vm *vm, const th_article *a, size_t pos)
{
    th_section section[TH_LEVEL_MAX];
    size_t n = th_article_section(a, pos, section);

    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        th_push_span(L, vm, section[i].start, section[i].stop);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static const th_item span_fields[] = {
    {"text", "string", "the characters of the span"},
    {"sentence", "span", "the sentence it begins in"},
    {"block", "span", "the block it begins in"},
    {"kind", "string", "of that block: `title heading paragraph caption list table`"},
    {"first", "integer", "position of its first byte in `a.text`, as `string.sub` counts; to sort by, and for distances"},
    {"last", "integer", "position of its last byte"},
    {"level", "integer", "of its block's heading, 1 to 9; 0 when it is no heading"},
    {"section", "span[]", "the headings it stands under, outermost first"},
    {0}};

static int span_get(lua_State *L, th_vm *vm, const th_handle *h, int field)
{
    const th_article *a = th_span_article(vm);
    const th_block *block;
    uint32_t start, stop;

    switch (field) {
    case 0:
        lua_pushlstring(L, a->text + h->start, h->stop - h->start);
        return 1;
    case 1:
        sentence_of(a, h->start, &start, &stop);
        th_push_span(L, vm, start, stop);
        return 1;
    case 2:
        block = block_of(a, h->start);
        th_push_span(L, vm, block ? block->start : 0, block ? block->stop : a->len);
        return 1;
    case 3:
        block = block_of(a, h->start);
        lua_pushstring(L, th_block_kind_name(block ? block->kind : TH_BLOCK_PARAGRAPH));
        return 1;
    case 4:
        lua_pushinteger(L, (lua_Integer)h->start + 1);
        return 1;
    case 5:
        lua_pushinteger(L, (lua_Integer)h->stop);
        return 1;
    case 6:
        block = block_of(a, h->start);
        lua_pushinteger(L, block ? block->level : 0);
        return 1;
    default:
        push_section(L, vm, a, h->start);
        return 1;
    }
}

static int span_has(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = lua_touserdata(L, 1);
    const th_hits *hits = th_article_hits(L, vm, ((const th_handle *)lua_touserdata(L, 2))->item);
    size_t i = th_hits_from(hits, s->start);

    lua_pushboolean(L, i < hits->count && hits->items[i].stop <= s->stop);
    return 1;
}

static size_t back_chars(const char *text, size_t pos, size_t floor, lua_Integer n)
{
    for (; n > 0 && pos > floor; n--)
        do
            pos--;
        while (pos > floor && ((unsigned char)text[pos] & 0xC0) == 0x80);
    return pos;
}

static size_t forward_chars(const char *text, size_t pos, size_t ceiling, lua_Integer n)
{
    for (; n > 0 && pos < ceiling; n--)
        do
            pos++;
        while (pos < ceiling && ((unsigned char)text[pos] & 0xC0) == 0x80);
    return pos;
}

static size_t at_least(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t at_most(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int span_before(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = lua_touserdata(L, 1);
    const th_article *a = th_span_article(vm);
    uint32_t start, stop;

    if (lua_isnoneornil(L, 2)) {
        sentence_of(a, s->start, &start, &stop);
        th_push_span(L, vm, at_most(start, s->start), s->start);
        return 1;
    }
    lua_Integer n = lua_tointeger(L, 2);
    const th_block *block = block_of(a, s->start);
    size_t floor = block ? at_most(block->start, s->start) : 0;
    th_push_span(L, vm, back_chars(a->text, s->start, floor, n), s->start);
    return 1;
}

static int span_after(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = lua_touserdata(L, 1);
    const th_article *a = th_span_article(vm);
    size_t last = s->stop > s->start ? s->stop - 1 : s->stop;
    uint32_t start, stop;

    if (lua_isnoneornil(L, 2)) {
        sentence_of(a, last, &start, &stop);
        th_push_span(L, vm, s->stop, at_least(stop, s->stop));
        return 1;
    }
    lua_Integer n = lua_tointeger(L, 2);
    const th_block *block = block_of(a, last);
    size_t ceiling = block ? at_least(block->stop, s->stop) : a->len;
    th_push_span(L, vm, s->stop, forward_chars(a->text, s->stop, ceiling, n));
    return 1;
}

static int span_sub(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = lua_touserdata(L, 1);
    const char *text = th_span_article(vm)->text;
    lua_Integer i = lua_tointeger(L, 2);
    lua_Integer j = lua_isnoneornil(L, 3) ? -1 : lua_tointeger(L, 3);
    lua_Integer count = i < 0 || j < 0 ? (lua_Integer)th_utf8_count(text + s->start, s->stop - s->start) : 0;

    if (i < 0)
        i = i < -count ? 1 : count + i + 1;
    else if (i == 0)
        i = 1;
    if (j < 0)
        j = j < -count ? 0 : count + j + 1;
    size_t start = forward_chars(text, s->start, s->stop, i - 1);
    th_push_span(L, vm, start, j < i ? start : forward_chars(text, start, s->stop, j - i + 1));
    return 1;
}

static int span_slice(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = lua_touserdata(L, 1);
    const th_article *a = th_span_article(vm);
    lua_Integer len = (lua_Integer)(s->stop - s->start);
    lua_Integer i = lua_tointeger(L, 2);
    lua_Integer j = lua_isnoneornil(L, 3) ? -1 : lua_tointeger(L, 3);

    i = i < 0 ? (i < -len ? 1 : len + i + 1) : i == 0 ? 1 : i > len + 1 ? len + 1 : i;
    j = j < 0 ? (j < -len ? 0 : len + j + 1) : j > len ? len : j;
    if (j < i)
        j = i - 1;
    size_t start = s->start + (size_t)(i - 1), stop = s->start + (size_t)j;
    if (!th_utf8_boundary(a->text, a->len, start) || !th_utf8_boundary(a->text, a->len, stop))
        return th_usage(L, "span:slice: bytes %I to %I cut a character in two", (LUAI_UACINT)i, (LUAI_UACINT)j);
    th_push_span(L, vm, start, stop);
    return 1;
}

static int span_find(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = lua_touserdata(L, 1);
    const th_article *a = th_span_article(vm);

    lua_settop(L, 3);
    lua_getfield(L, LUA_REGISTRYINDEX, "talenthost.find");
    lua_insert(L, 2);                                                    /* s find pattern init */
    lua_pushlstring(L, a->text + s->start, s->stop - s->start);
    lua_insert(L, 3);                                                    /* s find text pattern init */
    lua_call(L, 3, LUA_MULTRET);                                         /* s first last captures… */
    if (lua_isnil(L, 2))
        return 1;
    size_t start = s->start + (size_t)lua_tointeger(L, 2) - 1, stop = s->start + (size_t)lua_tointeger(L, 3);
    while (!th_utf8_boundary(a->text, a->len, start))
        start--;
    while (!th_utf8_boundary(a->text, a->len, stop))
        stop++;
    th_push_span(L, vm, start, stop);
    lua_replace(L, 3); /* s first span captures… */
    return lua_gettop(L) - 2;
}

static int span_overlaps(lua_State *L)
{
    const th_handle *s = lua_touserdata(L, 1), *t = lua_touserdata(L, 2);

    lua_pushboolean(L, s->start < t->stop && t->start < s->stop);
    return 1;
}

static int span_contains(lua_State *L)
{
    const th_handle *s = lua_touserdata(L, 1), *t = lua_touserdata(L, 2);

    lua_pushboolean(L, s->start <= t->start && t->stop <= s->stop);
    return 1;
}

static int span_join(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = lua_touserdata(L, 1), *t = lua_touserdata(L, 2);

    th_push_span(L, vm, at_most(s->start, t->start), at_least(s->stop, t->stop));
    return 1;
}

static int span_between(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = lua_touserdata(L, 1), *t = lua_touserdata(L, 2);
    const th_handle *first = s->start <= t->start ? s : t, *second = first == s ? t : s;

    th_push_span(L, vm, first->stop, at_least(first->stop, second->start));
    return 1;
}

static int span_context(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = lua_touserdata(L, 1);
    const th_article *a = th_span_article(vm);
    lua_Integer n = lua_tointeger(L, 2);
    const th_block *first = block_of(a, s->start), *last = block_of(a, s->stop > s->start ? s->stop - 1 : s->stop);
    size_t floor = first ? at_most(first->start, s->start) : 0, ceiling = last ? at_least(last->stop, s->stop) : a->len;

    th_push_span(L, vm, back_chars(a->text, s->start, floor, n), forward_chars(a->text, s->stop, ceiling, n));
    return 1;
}

static int span_position(lua_State *L)
{
    const th_handle *s = lua_touserdata(L, 1);
    const th_article *a = th_span_article(th_vm_of(L));
    lua_Integer before = (lua_Integer)th_utf8_count(a->text, s->start);

    lua_pushinteger(L, before + 1);
    lua_pushinteger(L, before + (lua_Integer)th_utf8_count(a->text + s->start, s->stop - s->start));
    return 2;
}

static int span_len(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = check_span(L, vm, 1);

    lua_pushinteger(L, (lua_Integer)th_utf8_count(th_span_article(vm)->text + s->start, s->stop - s->start));
    return 1;
}

static int span_eq(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = th_handle_test(L, vm, 1, TH_CLASS_SPAN), *t = th_handle_test(L, vm, 2, TH_CLASS_SPAN);

    lua_pushboolean(L, s && t && s->serial == t->serial && s->start == t->start && s->stop == t->stop);
    return 1;
}

static int compare(const th_handle *s, const th_handle *t)
{
    if (s->start != t->start)
        return s->start < t->start ? -1 : 1;
    return s->stop < t->stop ? -1 : s->stop > t->stop;
}

static int span_lt(lua_State *L)
{
    th_vm *vm = th_vm_of(L);

    lua_pushboolean(L, compare(check_span(L, vm, 1), check_span(L, vm, 2)) < 0);
    return 1;
}

static int span_le(lua_State *L)
{
    th_vm *vm = th_vm_of(L);

    lua_pushboolean(L, compare(check_span(L, vm, 1), check_span(L, vm, 2)) <= 0);
    return 1;
}

static int span_tostring(lua_State *L)
{
    th_vm *vm = th_vm_of(L);

    return span_get(L, vm, check_span(L, vm, 1), 0);
}

static const luaL_Reg span_metamethods[] = {{"__len", span_len}, {"__eq", span_eq},
                                            {"__lt", span_lt},   {"__le", span_le},
                                            {"__tostring", span_tostring}, {NULL, NULL}};

static const th_function span_methods[] = {
    {.name = "has", .call = span_has, .since = "0.1", .doc = "Does a term of the lexicon stand in the span?",
     .params = {{"lexicon", "lexicon", NULL}}, .returns = {{"found", "boolean", NULL}},
     .example = "a:quantities { unit = \"套\" }[1].span.sentence:has(homes) --> true"},
    {.name = "matches", .call = th_find_matches, .since = "0.1", .doc = "As `article:matches`, those inside the span.",
     .params = {{"lexicon", "lexicon", NULL}}, .returns = {{"matches", "match[]", NULL}},
     .example = "#a:sentences()[4]:matches(homes) --> 1"},
    {.name = "each_match", .call = th_each_match, .since = "0.1", .doc = "As `article:each_match`, those inside the span.",
     .params = {{"lexicon", "lexicon", NULL}}, .returns = {{"next", "fun(): match?", NULL}},
     .example = "local n = 0\nfor m in a:sentences()[1]:each_match(acts) do n = n + 1 end\nn --> 1"},
    {.name = "quantities", .call = th_find_quantities, .since = "0.1", .doc = "As `article:quantities`, those inside the span.",
     .params = {{"filter", "quantity_filter?", "only these"}}, .returns = {{"quantities", "quantity[]", NULL}},
     .example = "a:sentences()[4]:quantities()[1].cmp --> at_least"},
    {.name = "each_quantity", .call = th_each_quantity, .since = "0.1", .doc = "As `article:each_quantity`, those inside the span.",
     .params = {{"filter", "quantity_filter?", "only these"}}, .returns = {{"next", "fun(): quantity?", NULL}},
     .example = "local n = 0\nfor q in a:sentences()[2]:each_quantity { dimension = \"people\" } do n = n + q.value end\nn --> 120"},
    {.name = "places", .call = th_find_places, .since = "0.1", .doc = "As `article:places`, those inside the span.",
     .returns = {{"places", "place[]", NULL}}, .example = "a:sentences()[4]:places()[1].level --> county"},
    {.name = "each_place", .call = th_each_place, .since = "0.1", .doc = "As `article:each_place`, those inside the span.",
     .returns = {{"next", "fun(): place?", NULL}},
     .example = "local n = 0\nfor p in a:sentences()[4]:each_place() do n = n + 1 end\nn --> 1"},
    {.name = "records", .call = th_find_records, .since = "0.1", .doc = "As `article:records`, those inside the span.",
     .params = {{"kind", "string", "`metric`, `region` …"}}, .returns = {{"records", "record[]", NULL}},
     .example = "a:record(\"home\", { span = a:sentences()[2], units = 1 })\n#a:sentences()[2]:records(\"home\") --> 1"},
    {.name = "each_record", .call = th_each_record, .since = "0.1", .doc = "As `article:each_record`, those inside the span.",
     .params = {{"kind", "string", "`metric`, `region` …"}}, .returns = {{"next", "fun(): record?", NULL}},
     .example = "a:record(\"home\", { span = a:sentences()[2], units = 1 })\nlocal n = 0\n"
                "for r in a:sentences()[3]:each_record(\"home\") do n = n + 1 end\nn --> 0"},
    {.name = "before", .call = span_before, .since = "0.1",
     .doc = "What stands before the span: at most `n` characters within its block; without `n`, from the start of its sentence.",
     .params = {{"n", "integer?", "characters"}}, .returns = {{"before", "span", NULL}},
     .example = "local q = a:quantities { unit = \"人\" }[1]\nq.span:before(5).text --> 高层次人才\n"
                "q.span:before().text --> 2023年，宁波市引进高层次人才"},
    {.name = "after", .call = span_after, .since = "0.1",
     .doc = "What stands after the span: at most `n` characters within its block; without `n`, to the end of its sentence.",
     .params = {{"n", "integer?", "characters"}}, .returns = {{"after", "span", NULL}},
     .example = "a:matches(homes)[1].span:after(2).text --> 24"},
    {.name = "context", .call = span_context, .since = "0.1", .doc = "The span with at most `n` characters more on either side, within its block.",
     .params = {{"n", "integer", "characters"}}, .returns = {{"context", "span", NULL}},
     .example = "a:matches(homes)[2].span:context(2).text --> 留出安居房30"},
    {.name = "sub", .call = span_sub, .since = "0.1", .doc = "A part of the span, by characters; as `string.sub`, negative positions count from the end.",
     .params = {{"first", "integer", "from 1"}, {"last", "integer?", "-1 when left out"}}, .returns = {{"part", "span", NULL}},
     .example = "a:sentences()[1]:sub(1, 2).text --> 宁波\na:sentences()[1]:sub(-2).text --> 人才"},
    {.name = "slice", .call = span_slice, .since = "0.1",
     .doc = "A part of the span, by byte positions as `string.find` gives them for `s.text` (LPeg's end is one further). Cutting a character is an "
            "error.",
     .params = {{"first", "integer", "from 1"}, {"last", "integer?", "-1 when left out"}}, .returns = {{"part", "span", NULL}},
     .example = "local s = a:sentences()[1]\ns:slice(s.text:find(\"引进\", 1, true)).text --> 引进"},
    {.name = "find", .call = span_find, .since = "0.1",
     .doc = "The first match of a Lua pattern as a span, and its captures; nil when there is none. A match that cuts a character is widened to it.",
     .params = {{"pattern", "string", NULL}, {"init", "integer?", "byte to begin at, 1 when left out"}},
     .returns = {{"match", "span?", NULL}, {"...", "string", "captures"}},
     .example = "a:span():find(\"%d+年\").text --> 2023年"},
    {.name = "overlaps", .call = span_overlaps, .since = "0.1", .doc = "Do the two share a character?",
     .params = {{"other", "span", NULL}}, .returns = {{"yes", "boolean", NULL}},
     .example = "a:sentences()[2]:overlaps(a:blocks()[2]) --> true"},
    {.name = "contains", .call = span_contains, .since = "0.1", .doc = "Does the other lie inside this one?",
     .params = {{"other", "span", NULL}}, .returns = {{"yes", "boolean", NULL}},
     .example = "a:blocks()[2]:contains(a:sentences()[3]) --> true"},
    {.name = "join", .call = span_join, .since = "0.1", .doc = "From the start of the first of the two to the end of the last.",
     .params = {{"other", "span", NULL}}, .returns = {{"joined", "span", NULL}},
     .example = "local s = a:sentences()\ns[2]:join(s[3]) == a:blocks()[2] --> true"},
    {.name = "between", .call = span_between, .since = "0.1", .doc = "What lies between the two; empty where they touch or overlap.",
     .params = {{"other", "span", NULL}}, .returns = {{"gap", "span", NULL}},
     .example = "local s = a:sentences()[1]\ns:sub(1, 2):between(s:sub(5, 6)).text --> 加快"},
    {.name = "position", .call = span_position, .since = "0.1",
     .doc = "The numbers of its first and last character in `a.text`, from 1. Counted anew at each call.",
     .returns = {{"first", "integer", NULL}, {"last", "integer", NULL}},
     .example = "a:sentences()[1]:sub(3, 4):position() --> 3, 4"},
    {0}};

const th_class_def th_class_span = {
    .id = TH_CLASS_SPAN,
    .name = "span",
    .label = "a span",
    .doc = "A piece of the article's text. `#s` is its length in characters, `tostring(s)` its text; spans compare (`<`, `==`) by position.",
    .fields = span_fields,
    .get = span_get,
    .methods = span_methods,
    .metamethods = span_metamethods,
    .write_hint = "record what you found with a:record(kind, { span = …, field = … })"};

/* span:find uses the string library's own, whatever a plugin does to its table. */
void th_span_open(lua_State *L)
{
    lua_getglobal(L, "string");
    lua_getfield(L, -1, "find");
    lua_setfield(L, LUA_REGISTRYINDEX, "talenthost.find");
    lua_pop(L, 1);
}
