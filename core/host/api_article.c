/* api_article.c - the article: its fields, and the methods that give its parts. */
#include <string.h>

#include "host/api.h"
#include "host/find.h"

/* a:span() -> span of the whole text */
static int article_span(lua_State *L)
{
    th_vm *vm = th_vm_of(L);

    th_push_span(L, vm, 0, vm->host->article->len);
    return 1;
}

static const th_item article_fields[] = {
    {"id", "integer", "row in the store; 0 while it is not stored"},
    {"path", "string", "as given; inside a container `reports.csv#3`"},
    {"hash", "string", "of text, blocks and metadata"},
    {"title", "string", "empty when it has none"},
    {"date", "string?", "day of publication, `2024-05-31`"},
    {"source", "string?", "publisher as written"},
    {"authors", "string[]", "names"},
    {"url", "string?", "its own address"},
    {"region", "place_name?", "the place it is about: `{ code, name }`"},
    {"lang", "string", "`zh`"},
    {"text", "string", "the clean text: one block a line"},
    {"format", "string", "what it was read as: `text`, `markdown`, `html` …"},
    {0}};

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
    case 11:
        lua_pushstring(L, a->format);
        return 1;
    default:
        lua_pushstring(L, texts[field]);
        return 1;
    }
}

void th_push_article(lua_State *L, th_vm *vm)
{
    th_handle_new(L, vm, TH_CLASS_ARTICLE);
}

static const th_function article_methods[] = {
    {.name = "record", .call = th_article_record, .since = "0.1",
     .doc = "Records one row of a kind the plugin declares. The fields are checked at once against the declaration; `span` is always "
            "required. A field `text` of type `text` is filled with the span's text when it is left out.",
     .params = {{"kind", "string", "a kind of `records = {…}`"}, {"fields", "table", "`{ span = …, field = value, … }`"}},
     .example = "for q in a:each_quantity { unit = \"套\" } do\n"
                "  a:record(\"home\", { span = q.span, units = q.value })\n"
                "end\n"
                "#a:records(\"home\") --> 2"},
    {.name = "blocks", .call = th_find_blocks, .since = "0.1",
     .doc = "The blocks in order, as spans; `.kind` is `title heading paragraph caption list table`.",
     .returns = {{"blocks", "span[]", NULL}},
     .example = "a:blocks()[1].kind --> title\na:blocks()[2].kind --> paragraph"},
    {.name = "each_block", .call = th_each_block, .since = "0.1", .doc = "As `blocks`, one by one, without a table.",
     .returns = {{"next", "fun(): span?", NULL}},
     .example = "local n = 0\nfor block in a:each_block() do n = n + #block end\nn --> 77"},
    {.name = "sentences", .call = th_find_sentences, .since = "0.1",
     .doc = "The sentences in order, as spans. A sentence ends at 。！？； or with its line.",
     .returns = {{"sentences", "span[]", NULL}},
     .example = "#a:sentences() --> 4\na:sentences()[1].text --> 宁波加快引进人才"},
    {.name = "each_sentence", .call = th_each_sentence, .since = "0.1", .doc = "As `sentences`, one by one, without a table.",
     .returns = {{"next", "fun(): span?", NULL}},
     .example = "local n = 0\nfor s in a:each_sentence() do if s:has(homes) then n = n + 1 end end\nn --> 2"},
    {.name = "span", .call = article_span, .since = "0.1", .doc = "The whole text as a span.",
     .returns = {{"span", "span", NULL}}, .example = "a:span().text == a.text --> true"},
    {.name = "matches", .call = th_find_matches, .since = "0.1",
     .doc = "Where terms of a lexicon stand, in text order. The longest term at a place wins; matches do not overlap.",
     .params = {{"lexicon", "lexicon", NULL}},
     .returns = {{"matches", "match[]", NULL}},
     .example = "a:matches(homes)[1].text --> 人才公寓\na:matches(acts)[1].category --> attract"},
    {.name = "each_match", .call = th_each_match, .since = "0.1", .doc = "As `matches`, one by one, without a table.",
     .params = {{"lexicon", "lexicon", NULL}},
     .returns = {{"next", "fun(): match?", NULL}},
     .example = "local names = {}\nfor m in a:each_match(homes) do names[#names + 1] = m.term end\n"
                "table.concat(names, \" \") --> 人才公寓 安居房"},
    {.name = "quantities", .call = th_find_quantities, .since = "0.1",
     .doc = "The numbers in use with their units, in text order.",
     .params = {{"filter", "quantity_filter?", "only these"}},
     .returns = {{"quantities", "quantity[]", NULL}},
     .example = "a:quantities { unit = \"元\" }[1].value --> 350000000"},
    {.name = "each_quantity", .call = th_each_quantity, .since = "0.1", .doc = "As `quantities`, one by one, without a table.",
     .params = {{"filter", "quantity_filter?", "only these"}},
     .returns = {{"next", "fun(): quantity?", NULL}},
     .example = "local sum = 0\nfor q in a:each_quantity { unit = \"套\" } do sum = sum + q.value end\nsum --> 2700"},
    {.name = "places", .call = th_find_places, .since = "0.1",
     .doc = "Administrative divisions and development zones named in the text.",
     .returns = {{"places", "place[]", NULL}},
     .example = "a:places()[2].name --> 宁波市"},
    {.name = "each_place", .call = th_each_place, .since = "0.1", .doc = "As `places`, one by one, without a table.",
     .returns = {{"next", "fun(): place?", NULL}},
     .example = "local last\nfor p in a:each_place() do last = p.code end\nlast --> 330212"},
    {.name = "records", .call = th_find_records, .since = "0.1",
     .doc = "Records of a kind in span order: the plugin's own and those of plugins it names in `needs`.",
     .params = {{"kind", "string", "`metric`, `region` …"}},
     .returns = {{"records", "record[]", NULL}},
     .example = "a:record(\"home\", { span = a:span(), units = 7 })\na:records(\"home\")[1].units --> 7"},
    {.name = "each_record", .call = th_each_record, .since = "0.1",
     .doc = "As `records`, one by one, without a table. Records made meanwhile are not seen.",
     .params = {{"kind", "string", "`metric`, `region` …"}},
     .returns = {{"next", "fun(): record?", NULL}},
     .example = "a:record(\"home\", { span = a:span(), units = 7 })\n"
                "local sum = 0\nfor r in a:each_record(\"home\") do sum = sum + r.units end\nsum --> 7"},
    {0}};

const th_class_def th_class_article = {
    .id = TH_CLASS_ARTICLE,
    .name = "article",
    .label = "an article",
    .doc = "What `plugin.article` is called with. It is read-only and lives for one call.",
    .fields = article_fields,
    .get = article_get,
    .methods = article_methods,
    .write_hint = "record what you found with a:record(kind, { span = …, field = … })"};
