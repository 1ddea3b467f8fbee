/* api_lexicon.c - lexicons: built from Lua tables or YAML, with categories and neighbours; looked up by plugins. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"
#include "host/api.h"
#include "host/functions.h"
#include "host/internal.h"
#include "text/unicode.h"

enum { MAX_LEXICONS = 1000, MAX_TERM = 255, MAX_WITHIN = 100 };

/* ---- building a lexicon ---- */

typedef struct builder {
    lua_State *L;
    th_vm *vm;
    th_lexicon *lexicon;
    const char *file; /* NULL when it comes from a Lua table */
} builder;

static int bad_lexicon(builder *b, const th_node *node, const char *what)
{
    if (b->file)
        return th_usage_at(b->L, lua_pushfstring(b->L, "%s:%d:%d: lexicon: %s", b->file, node->line, node->column, what));
    return th_usage(b->L, "host.lexicon: %s", what);
}

static void *grow(builder *b, void *items, size_t count, size_t *cap, size_t size)
{
    void *grown = th_arena_grow(b->vm->arena, items, count, cap, size);

    if (!grown)
        luaL_error(b->L, "not enough memory");
    return grown;
}

static char *keep(builder *b, const char *text, size_t len)
{
    char *copy = th_arena_copy(b->vm->arena, text, len);

    if (!copy)
        luaL_error(b->L, "not enough memory");
    return copy;
}

static uint32_t add_category(builder *b, const th_node *node, const char *name, size_t len)
{
    th_lexicon *x = b->lexicon;

    if (len == 0 || len > MAX_TERM || !th_utf8_valid(name, len, NULL) || memchr(name, '\0', len))
        bad_lexicon(b, node, lua_pushfstring(b->L, "a category is not UTF-8 text of 1 to %d bytes", MAX_TERM));
    x->categories = grow(b, x->categories, x->category_count, &x->category_cap, sizeof *x->categories);
    x->categories[x->category_count] = keep(b, name, len);
    return (uint32_t)x->category_count++;
}

static void add_to_category(builder *b, th_term *term, int category)
{
    if (category < 0)
        return;
    for (size_t i = 0; i < term->category_count; i++)
        if (term->categories[i] == (uint32_t)category)
            return;
    term->categories = grow(b, term->categories, term->category_count, &term->category_cap, sizeof *term->categories);
    term->categories[term->category_count++] = (uint32_t)category;
}

/* A term with conditions stands once in a lexicon: whose conditions would hold otherwise? */
static void twice(builder *b, const th_node *node, int number)
{
    bad_lexicon(b, node, lua_pushfstring(b->L, "\"%s\" stands here twice; write it once, with its neighbours",
                                         b->lexicon->terms[number].text));
}

/* Add a term to the lexicon's own set and the host's, where it gets the same number. */
static int add_term(builder *b, const th_node *node, const char *text, size_t len, int category)
{
    th_lexicon *x = b->lexicon;

    if (len == 0)
        bad_lexicon(b, node, "a term is empty");
    if (len > MAX_TERM || !th_utf8_valid(text, len, NULL) || memchr(text, '\0', len))
        bad_lexicon(b, node, lua_pushfstring(b->L, "a term is not UTF-8 text of at most %d bytes", MAX_TERM));
    int number = th_lexset_add_term(x->own, 0, text, len);
    if (number >= 0 && (size_t)number < x->term_count && x->terms[number].conditioned)
        twice(b, node, number);
    if (number < 0 || (b->vm->host && th_lexset_add_term(b->vm->host->lexset, x->number, text, len) != number))
        luaL_error(b->L, "not enough memory");
    if ((size_t)number == x->term_count) {
        th_vm_charge(b->L, len + sizeof(th_term) * 2);
        x->terms = grow(b, x->terms, x->term_count, &x->term_cap, sizeof *x->terms);
        x->terms[x->term_count++] = (th_term){.text = keep(b, text, len), .len = len};
    }
    add_to_category(b, &x->terms[number], category);
    return number;
}

/* ---- neighbours ---- */

/* The keys of a term's entry that say what stands beside it. */
static const struct side {
    const char *key;
    bool behind, excluded;
} sides[] = {{"after", false, false}, {"before", true, false}, {"not_after", false, true}, {"not_before", true, true}};
enum { SIDES = sizeof sides / sizeof *sides };

static const struct side *side_of(const char *key)
{
    for (int i = 0; i < SIDES; i++)
        if (strcmp(sides[i].key, key) == 0)
            return &sides[i];
    return NULL;
}

static int bad_key(builder *b, const th_node *node, const char *key)
{
    static const char *const known[] = {"after", "before", "not_after", "not_before", "within", "term", "terms"};

    return bad_lexicon(b, node, lua_pushfstring(b->L, "unknown key \"%s\"%s; an entry has terms, after, before, not_after, "
                                                      "not_before, within", key, th_suggest(b->L, key, known, 7)));
}

static unsigned check_within(builder *b, const th_node *node, bool whole, double value)
{
    if (!whole || value < 0 || value > MAX_WITHIN)
        bad_lexicon(b, node, lua_pushfstring(b->L, "within: expected a whole number of characters from 0 to %d", MAX_WITHIN));
    return (unsigned)value;
}

/* Give the terms in `numbers` a neighbour. */
static void add_neighbour(builder *b, const th_node *node, const int *numbers, size_t count, const struct side *side,
                          unsigned within, const char *word, size_t len)
{
    th_lexicon *x = b->lexicon;
    th_neighbour n = {.word = word, .len = len, .behind = side->behind, .excluded = side->excluded, .within = within};

    if (len == 0 || len > MAX_TERM || !th_utf8_valid(word, len, NULL))
        bad_lexicon(b, node, lua_pushfstring(b->L, "%s: a word is not UTF-8 text of 1 to %d bytes", side->key, MAX_TERM));
    for (size_t i = 0; i < count; i++) {
        th_vm_charge(b->L, len + sizeof n);
        if (!th_lexset_add_neighbour(x->own, 0, numbers[i], &n) ||
            (b->vm->host && !th_lexset_add_neighbour(b->vm->host->lexset, x->number, numbers[i], &n)))
            luaL_error(b->L, "not enough memory");
    }
}

static int add_conditioned(builder *b, const th_node *node, const char *text, size_t len, int category)
{
    size_t before = b->lexicon->term_count;
    int number = add_term(b, node, text, len, category);

    if (b->lexicon->term_count == before)
        twice(b, node, number);
    b->lexicon->terms[number].conditioned = true;
    return number;
}

enum { MAX_ENTRY = 256 };

/* An entry { "term", …, not_before = { "word", … }, within = n }; the table is on the top. */
static void add_lua_entry(builder *b, int category)
{
    lua_State *L = b->L;
    int entry = lua_gettop(L), numbers[MAX_ENTRY];
    size_t count = lua_rawlen(L, entry), len;

    if (count == 0 || count > MAX_ENTRY)
        th_usage(L, "host.lexicon: an entry begins with 1 to %d terms: { \"term\", not_before = { \"word\" } }", MAX_ENTRY);
    for (size_t i = 0; i < count; i++) {
        if (lua_rawgeti(L, entry, (lua_Integer)i + 1) != LUA_TSTRING)
            th_usage(L, "host.lexicon: expected a term, got %s", th_describe(L, -1));
        const char *text = lua_tolstring(L, -1, &len);
        numbers[i] = add_conditioned(b, NULL, text, len, category);
        lua_pop(L, 1);
    }
    lua_getfield(L, entry, "within");
    int whole = 1;
    double value = lua_isnil(L, -1) ? 0 : (double)lua_tointegerx(L, -1, &whole);
    unsigned within = check_within(b, NULL, whole, value);
    lua_pop(L, 1);
    lua_pushnil(L);
    for (; lua_next(L, entry) != 0; lua_settop(L, entry + 1)) {
        if (lua_type(L, -2) == LUA_TNUMBER)
            continue;
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        const struct side *side = side_of(key);
        if (!side && strcmp(key, "within") != 0)
            bad_key(b, NULL, key);
        if (side && lua_type(L, -1) != LUA_TTABLE)
            th_usage(L, "host.lexicon: %s: expected a list of words, got %s", key, th_describe(L, -1));
        size_t words = side ? lua_rawlen(L, -1) : 0;
        for (size_t i = 1; i <= words; i++) {
            if (lua_rawgeti(L, entry + 2, (lua_Integer)i) != LUA_TSTRING)
                th_usage(L, "host.lexicon: %s: expected a word, got %s", key, th_describe(L, -1));
            const char *word = lua_tolstring(L, -1, &len);
            add_neighbour(b, NULL, numbers, count, side, within, word, len);
            lua_pop(L, 1);
        }
    }
}

static const th_node *entry_key(const th_node *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->keys[i].text, key) == 0)
            return &map->items[i];
    return NULL;
}

/* The texts of a node that is one text or a list of them. */
static const th_node *check_words(builder *b, const th_node *node, const char *key, size_t *count)
{
    const th_node *items = node->kind == TH_NODE_LIST ? node->items : node;

    *count = node->kind == TH_NODE_LIST ? node->count : 1;
    for (size_t i = 0; i < *count; i++)
        if (items[i].kind != TH_NODE_SCALAR)
            bad_lexicon(b, &items[i], lua_pushfstring(b->L, "%s: expected a word, got %s", key, th_node_kind_name(&items[i])));
    return items;
}

/* An entry { terms: [term, …], not_before: [word, …], within: n }. */
static void add_yaml_entry(builder *b, const th_node *map, int category)
{
    int numbers[MAX_ENTRY];
    size_t count = 0, word_count;
    unsigned within = 0;
    double value;

    const th_node *terms = entry_key(map, "terms") ? entry_key(map, "terms") : entry_key(map, "term");
    if (terms)
        terms = check_words(b, terms, "terms", &count);
    if (count == 0 || count > MAX_ENTRY)
        bad_lexicon(b, map, lua_pushfstring(b->L, "an entry has 1 to %d terms: { term: …, not_before: [ … ] }", MAX_ENTRY));
    for (size_t i = 0; i < count; i++)
        numbers[i] = add_conditioned(b, &terms[i], terms[i].text, terms[i].len, category);
    const th_node *reach = entry_key(map, "within");
    if (reach) {
        bool is_number = th_node_number(reach, &value);
        within = check_within(b, reach, is_number && value == floor(value), is_number ? value : 0);
    }
    for (size_t i = 0; i < map->count; i++) {
        const char *key = map->keys[i].text;
        const struct side *side = side_of(key);
        if (!side && strcmp(key, "within") != 0 && strcmp(key, "terms") != 0 && strcmp(key, "term") != 0)
            bad_key(b, &map->keys[i], key);
        const th_node *words = side ? check_words(b, &map->items[i], key, &word_count) : NULL;
        for (size_t k = 0; words && k < word_count; k++)
            add_neighbour(b, &words[k], numbers, count, side, within, words[k].text, words[k].len);
    }
}

/* ---- lists and maps ---- */

/* The table at `index` must be a list of texts. */
static void add_lua_list(builder *b, int index, int category)
{
    lua_State *L = b->L;
    size_t count = lua_rawlen(L, index), len, seen = 0;
    int top = lua_gettop(L);

    luaL_checkstack(L, 16, "lexicon");
    for (size_t i = 1; i <= count; i++) {
        int type = lua_rawgeti(L, index, (lua_Integer)i);
        if (type != LUA_TSTRING && type != LUA_TTABLE)
            th_usage(L, "host.lexicon: expected a term, got %s", th_describe(L, -1));
        const char *text = lua_tolstring(L, -1, &len);
        if (type == LUA_TTABLE)
            add_lua_entry(b, category);
        else
            add_term(b, NULL, text, len, category);
        lua_settop(L, top);
    }
    lua_pushnil(L);
    for (; lua_next(L, index) != 0; lua_pop(L, 1))
        seen++;
    if (seen != count)
        th_usage(L, "host.lexicon: a list of terms and a map of categories can not be mixed");
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Categories of a Lua table come in the order of their names: a table has no order of its own. */
static void add_lua_map(builder *b, int index)
{
    lua_State *L = b->L;
    th_lexicon *x = b->lexicon;
    size_t len;

    lua_pushnil(L);
    for (; lua_next(L, index) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TTABLE)
            th_usage(L, "host.lexicon: expected { category = { \"term\", … } }, got %s", th_describe(L, -1));
        const char *name = lua_tolstring(L, -2, &len);
        add_category(b, NULL, name, len);
    }
    if (x->category_count > 1)
        qsort(x->categories, x->category_count, sizeof *x->categories, compare_names);
    for (size_t i = 0; i < x->category_count; i++) {
        lua_pushstring(L, x->categories[i]);
        lua_rawget(L, index);
        add_lua_list(b, lua_gettop(L), (int)i);
        lua_pop(L, 1);
    }
}

static void add_yaml_list(builder *b, const th_node *node, int category)
{
    for (size_t i = 0; i < node->count; i++) {
        const th_node *item = &node->items[i];
        if (item->kind == TH_NODE_MAP)
            add_yaml_entry(b, item, category);
        else if (item->kind == TH_NODE_SCALAR)
            add_term(b, item, item->text, item->len, category);
        else
            bad_lexicon(b, item, lua_pushfstring(b->L, "expected a term, got %s", th_node_kind_name(item)));
    }
}

static void add_yaml(builder *b, const char *name)
{
    th_error err = {0};
    th_node *root;
    th_bytes file;

    th_data_file(b->L, "host.lexicon", name, &file);
    b->file = file.path;
    th_arena_reset(b->vm->scratch);
    if (th_yaml_parse(&root, b->vm->scratch, file.path, file.data, file.len, &err) != TH_OK)
        th_usage_at(b->L, err.text);
    if (root->kind == TH_NODE_LIST) {
        add_yaml_list(b, root, -1);
        return;
    }
    if (root->kind != TH_NODE_MAP)
        bad_lexicon(b, root, "expected a list of terms or a map from category to terms");
    for (size_t i = 0; i < root->count; i++) {
        if (root->items[i].kind != TH_NODE_LIST)
            bad_lexicon(b, &root->items[i], lua_pushfstring(b->L, "category \"%s\": expected a list of terms, got %s",
                                                            root->keys[i].text, th_node_kind_name(&root->items[i])));
        add_yaml_list(b, &root->items[i], (int)add_category(b, &root->keys[i], root->keys[i].text, root->keys[i].len));
    }
}

/* A new lexicon at the end of the plugin's list. */
static th_lexicon *new_lexicon(lua_State *L, th_vm *vm)
{
    th_lexicon *x = th_arena_zalloc(vm->arena, 1, sizeof *x), **at = &vm->lexicons;

    if (vm->lexicon_count >= MAX_LEXICONS)
        th_usage(L, "host.lexicon: more than %d lexicons", MAX_LEXICONS);
    if (!x)
        luaL_error(L, "not enough memory");
    while (*at)
        at = &(*at)->next;
    *at = x;
    vm->lexicon_count++;
    x->vm = vm;
    x->number = vm->host ? th_lexset_add(vm->host->lexset) : -1;
    x->own = th_lexset_new();
    if (!x->own || th_lexset_add(x->own) != 0 || (vm->host && x->number < 0))
        luaL_error(L, "not enough memory");
    return x;
}

void th_lexicons_free(th_vm *vm)
{
    for (th_lexicon *x = vm->lexicons; x; x = x->next)
        th_lexset_free(x->own);
    vm->lexicons = NULL;
    vm->lexicon_count = 0;
}

/* In a renewed state the same calls come in the same order: give back what they made the first time. */
static th_lexicon *renewed_lexicon(lua_State *L, th_plugin *p)
{
    th_lexicon *x = p->vm.lexicons;

    for (size_t i = 0; x && i < p->renewed_lexicons; i++)
        x = x->next;
    p->renewed_lexicons++;
    if (!x)
        luaL_error(L, "host.lexicon: the plugin made other lexicons than when it was loaded first");
    return x;
}

static void build(lua_State *L, th_lexicon *x)
{
    builder b = {.L = L, .vm = x->vm, .lexicon = x};

    if (lua_type(L, 1) == LUA_TSTRING)
        add_yaml(&b, lua_tostring(L, 1));
    else if (lua_rawlen(L, 1) > 0)
        add_lua_list(&b, 1, -1);
    else
        add_lua_map(&b, 1);
    if (x->term_count == 0)
        th_usage(L, "host.lexicon: no terms");
}

/* In the prompt and in tests a lexicon may be made at any time: the set is compiled anew, and what was found is found again. */
static void compile_late(lua_State *L, th_vm *vm)
{
    th_error err = {0};

    if (th_lexset_compile(vm->host->lexset, &err) != TH_OK)
        luaL_error(L, "%s", err.text);
    vm->host->hits = NULL;
}

int th_host_lexicon(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    th_lexicon *x;

    lua_settop(L, 1);
    if (vm->phase == TH_PHASE_ARTICLE)
        return th_usage(L, "host.lexicon: put it at the top of the plugin, outside plugin.article: all lexicons are "
                           "compiled before the first article");
    if (vm->plugin && vm->plugin->renewing) {
        x = renewed_lexicon(L, vm->plugin);
    } else {
        x = new_lexicon(L, vm);
        build(L, x);
    }
    if (vm->is_prompt)
        compile_late(L, vm);
    th_handle *h = th_handle_new(L, vm, TH_CLASS_LEXICON);
    h->serial = 0;
    h->item = x;
    return 1;
}

/* ---- lexicon methods ---- */

/* Scan a text of the plugin's own with this lexicon alone. */
static const th_hits *scan_own(lua_State *L, th_vm *vm, th_lexicon *x, const char *text, size_t len)
{
    th_error err = {0};
    th_hits *hits;

    if (!x->own_ready && th_lexset_compile(x->own, &err) != TH_OK)
        luaL_error(L, "%s", err.text);
    x->own_ready = true;
    th_arena_reset(vm->scratch);
    if (th_lexset_scan(x->own, text, len, vm->scratch, &hits, &err) != TH_OK)
        luaL_error(L, "%s", err.text);
    return &hits[0];
}

static th_lexicon *self(lua_State *L)
{
    return (th_lexicon *)(uintptr_t)((const th_handle *)lua_touserdata(L, 1))->item;
}

/* l:has(text) -> boolean */
static int lexicon_has(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    th_lexicon *x = self(L);
    size_t len;
    const char *text = lua_tolstring(L, 2, &len);

    lua_pushboolean(L, scan_own(L, vm, x, text, len)->count > 0);
    return 1;
}

/* l:get(term) -> category (the term itself in a lexicon without categories) | nil */
static int lexicon_get(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    th_lexicon *x = self(L);
    size_t len;
    const char *text = lua_tolstring(L, 2, &len);
    const th_hits *hits = scan_own(L, vm, x, text, len);

    if (hits->count != 1 || hits->items[0].start != 0 || hits->items[0].stop != len) {
        lua_pushnil(L);
        return 1;
    }
    const th_term *term = &x->terms[hits->items[0].term];
    lua_pushstring(L, term->category_count ? x->categories[term->categories[0]] : term->text);
    return 1;
}

static const th_function lexicon_methods[] = {
    {.name = "has", .call = lexicon_has, .since = "0.1",
     .doc = "Does one of the terms stand in a text of the plugin's own? For the article's text use `span:has(lexicon)`, which searches "
            "nothing twice.",
     .params = {{"text", "string", NULL}}, .returns = {{"found", "boolean", NULL}},
     .example = "homes:has(\"新建安居房\") --> true"},
    {.name = "get", .call = lexicon_get, .since = "0.1",
     .doc = "The first category of the term that equals the text as a whole; in a lexicon without categories the term itself; nil when there "
            "is none.",
     .params = {{"text", "string", NULL}}, .returns = {{"category", "string?", NULL}},
     .example = "acts:get(\"引进\") --> attract\nhomes:get(\"安居\") --> nil"},
    {0}};

const th_class_def th_class_lexicon = {.id = TH_CLASS_LEXICON,
                                       .name = "lexicon",
                                       .label = "a lexicon",
                                       .doc = "A set of terms, made by `host.lexicon`. The lexicons of all plugins are searched for in one pass "
                                              "over a text.",
                                       .methods = lexicon_methods,
                                       .write_hint = "give its terms to host.lexicon"};
