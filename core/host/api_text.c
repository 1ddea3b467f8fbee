/* api_text.c - lexicons and spans. A span is two byte offsets into the text of the current article. */
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"
#include "host/internal.h"
#include "text/unicode.h"

enum { MAX_LEXICONS = 1000, MAX_TERM = 255 };

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

static uint32_t add_category(builder *b, const char *name, size_t len)
{
    th_lexicon *x = b->lexicon;

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

/* Add a term to the lexicon's own set and the host's, where it gets the same number. */
static void add_term(builder *b, const th_node *node, const char *text, size_t len, int category)
{
    th_lexicon *x = b->lexicon;

    if (len == 0)
        bad_lexicon(b, node, "a term is empty");
    if (len > MAX_TERM || !th_utf8_valid(text, len, NULL) || memchr(text, '\0', len))
        bad_lexicon(b, node, lua_pushfstring(b->L, "a term is not UTF-8 text of at most %d bytes", MAX_TERM));
    int number = th_lexset_add_term(x->own, 0, text, len);
    if (number < 0 || (b->vm->host && th_lexset_add_term(b->vm->host->lexset, x->number, text, len) != number))
        luaL_error(b->L, "not enough memory");
    if ((size_t)number == x->term_count) {
        th_vm_charge(b->L, len + sizeof(th_term) * 2);
        x->terms = grow(b, x->terms, x->term_count, &x->term_cap, sizeof *x->terms);
        x->terms[x->term_count++] = (th_term){.text = keep(b, text, len), .len = len};
    }
    add_to_category(b, &x->terms[number], category);
}

/* The table at `index` must be a list of texts. */
static void add_lua_list(builder *b, int index, int category)
{
    lua_State *L = b->L;
    size_t count = lua_rawlen(L, index), len, seen = 0;

    for (size_t i = 1; i <= count; i++) {
        if (lua_rawgeti(L, index, (lua_Integer)i) != LUA_TSTRING)
            th_usage(L, "host.lexicon: expected a term, got %s", th_describe(L, -1));
        const char *text = lua_tolstring(L, -1, &len);
        add_term(b, NULL, text, len, category);
        lua_pop(L, 1);
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
        add_category(b, name, len);
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
        if (item->kind != TH_NODE_SCALAR)
            bad_lexicon(b, item, lua_pushfstring(b->L, "expected a term, got %s", th_node_kind_name(item)));
        add_term(b, item, item->text, item->len, category);
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
        add_yaml_list(b, &root->items[i], (int)add_category(b, root->keys[i].text, root->keys[i].len));
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

/* host.lexicon(t) -> lexicon. `t`: list of terms, map from category to terms, or the name of a YAML file */
int th_host_lexicon(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    int type = lua_type(L, 1);
    th_lexicon *x;

    lua_settop(L, 1);
    if (type != LUA_TTABLE && type != LUA_TSTRING)
        return th_usage(L, "host.lexicon: expected a list, a map or a file name, got %s", th_describe(L, 1));
    if (vm->phase == TH_PHASE_ARTICLE)
        return th_usage(L, "host.lexicon: put it at the top of the plugin, outside plugin.article: all lexicons are "
                           "compiled before the first article");
    if (vm->plugin && vm->plugin->renewing) {
        x = renewed_lexicon(L, vm->plugin);
    } else {
        x = new_lexicon(L, vm);
        build(L, x);
    }
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

static th_lexicon *check_lexicon(lua_State *L, th_vm *vm, int arg)
{
    return (th_lexicon *)(uintptr_t)th_handle_check(L, vm, arg, TH_CLASS_LEXICON)->item;
}

/* l:has(text) -> boolean */
static int lexicon_has(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    th_lexicon *x = check_lexicon(L, vm, 1);
    size_t len;
    const char *text = th_arg_text(L, 2, "lexicon:has", &len);

    lua_pushboolean(L, scan_own(L, vm, x, text, len)->count > 0);
    return 1;
}

/* l:get(term) -> category (the term itself in a lexicon without categories) | nil */
static int lexicon_get(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    th_lexicon *x = check_lexicon(L, vm, 1);
    size_t len;
    const char *text = th_arg_text(L, 2, "lexicon:get", &len);
    const th_hits *hits = scan_own(L, vm, x, text, len);

    if (hits->count != 1 || hits->items[0].start != 0 || hits->items[0].stop != len) {
        lua_pushnil(L);
        return 1;
    }
    const th_term *term = &x->terms[hits->items[0].term];
    lua_pushstring(L, term->category_count ? x->categories[term->categories[0]] : term->text);
    return 1;
}

/* ---- spans ---- */

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

static const char *const span_fields[] = {"text", "sentence", "block", "kind", "first", "last", "level", "section", NULL};

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

/* s:has(lexicon) -> boolean */
static int span_has(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = check_span(L, vm, 1);
    const th_hits *hits = th_article_hits(L, vm, check_lexicon(L, vm, 2));
    size_t i = th_hits_from(hits, s->start);

    lua_pushboolean(L, i < hits->count && hits->items[i].stop <= s->stop);
    return 1;
}

static size_t back_chars(const char *text, size_t pos, size_t floor, lua_Integer n)
{
    while (n-- > 0 && pos > floor)
        do
            pos--;
        while (pos > floor && ((unsigned char)text[pos] & 0xC0) == 0x80);
    return pos;
}

static size_t forward_chars(const char *text, size_t pos, size_t ceiling, lua_Integer n)
{
    while (n-- > 0 && pos < ceiling)
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

/* s:before([n]) -> span */
static int span_before(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = check_span(L, vm, 1);
    const th_article *a = th_span_article(vm);
    uint32_t start, stop;

    if (lua_isnoneornil(L, 2)) {
        sentence_of(a, s->start, &start, &stop);
        th_push_span(L, vm, at_most(start, s->start), s->start);
        return 1;
    }
    lua_Integer n = th_arg_integer(L, 2, "span:before");
    const th_block *block = block_of(a, s->start);
    size_t floor = block ? at_most(block->start, s->start) : 0;
    th_push_span(L, vm, back_chars(a->text, s->start, floor, n), s->start);
    return 1;
}

/* s:after([n]) -> span */
static int span_after(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = check_span(L, vm, 1);
    const th_article *a = th_span_article(vm);
    size_t last = s->stop > s->start ? s->stop - 1 : s->stop;
    uint32_t start, stop;

    if (lua_isnoneornil(L, 2)) {
        sentence_of(a, last, &start, &stop);
        th_push_span(L, vm, s->stop, at_least(stop, s->stop));
        return 1;
    }
    lua_Integer n = th_arg_integer(L, 2, "span:after");
    const th_block *block = block_of(a, last);
    size_t ceiling = block ? at_least(block->stop, s->stop) : a->len;
    th_push_span(L, vm, s->stop, forward_chars(a->text, s->stop, ceiling, n));
    return 1;
}

/* s:sub(i [, j]) -> span, by characters */
static int span_sub(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = check_span(L, vm, 1);
    const char *text = th_span_article(vm)->text;
    lua_Integer i = th_arg_integer(L, 2, "span:sub");
    lua_Integer j = lua_isnoneornil(L, 3) ? -1 : th_arg_integer(L, 3, "span:sub");
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

/* s:slice(i [, j]) -> span, by bytes of s.text as string.sub counts them */
static int span_slice(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = check_span(L, vm, 1);
    const th_article *a = th_span_article(vm);
    lua_Integer len = (lua_Integer)(s->stop - s->start);
    lua_Integer i = th_arg_integer(L, 2, "span:slice");
    lua_Integer j = lua_isnoneornil(L, 3) ? -1 : th_arg_integer(L, 3, "span:slice");

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

/* s:find(pattern [, init]) -> span, captures… | nil. */
static int span_find(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = check_span(L, vm, 1);
    const th_article *a = th_span_article(vm);

    th_arg_text(L, 2, "span:find", NULL);
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

/* s:overlaps(t) -> boolean */
static int span_overlaps(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = check_span(L, vm, 1), *t = check_span(L, vm, 2);

    lua_pushboolean(L, s->start < t->stop && t->start < s->stop);
    return 1;
}

/* s:contains(t) -> boolean */
static int span_contains(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = check_span(L, vm, 1), *t = check_span(L, vm, 2);

    lua_pushboolean(L, s->start <= t->start && t->stop <= s->stop);
    return 1;
}

/* s:join(t) -> span */
static int span_join(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = check_span(L, vm, 1), *t = check_span(L, vm, 2);

    th_push_span(L, vm, at_most(s->start, t->start), at_least(s->stop, t->stop));
    return 1;
}

/* s:between(t) -> span; empty where they touch or overlap */
static int span_between(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    const th_handle *s = check_span(L, vm, 1), *t = check_span(L, vm, 2);
    const th_handle *first = s->start <= t->start ? s : t, *second = first == s ? t : s;

    th_push_span(L, vm, first->stop, at_least(first->stop, second->start));
    return 1;
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

static const luaL_Reg span_methods[] = {
    {"has", span_has},           {"matches", th_range_matches}, {"quantities", th_range_quantities},
    {"places", th_range_places}, {"records", th_range_records}, {"before", span_before},
    {"after", span_after},       {"sub", span_sub},             {"slice", span_slice},
    {"overlaps", span_overlaps}, {"contains", span_contains},   {"join", span_join},
    {"between", span_between},   {"find", span_find},                {NULL, NULL}};

static const luaL_Reg span_metamethods[] = {{"__len", span_len}, {"__eq", span_eq},
                                            {"__lt", span_lt},   {"__le", span_le},
                                            {"__tostring", span_tostring}, {NULL, NULL}};

static const luaL_Reg lexicon_methods[] = {{"has", lexicon_has}, {"get", lexicon_get}, {NULL, NULL}};

static const th_class_def span_class = {
    .id = TH_CLASS_SPAN,
    .name = "a span",
    .fields = span_fields,
    .get = span_get,
    .methods = span_methods,
    .metamethods = span_metamethods,
    .write_hint = "record what you found with a:record(kind, { span = …, field = … })"};

static const th_class_def lexicon_class = {.id = TH_CLASS_LEXICON,
                                           .name = "a lexicon",
                                           .methods = lexicon_methods,
                                           .write_hint = "give its terms to host.lexicon"};

void th_text_open(lua_State *L)
{
    th_class_open(L, &lexicon_class);
    if (!th_vm_of(L)->host)
        return;
    th_class_open(L, &span_class);
    lua_getglobal(L, "string");
    lua_getfield(L, -1, "find");
    lua_setfield(L, LUA_REGISTRYINDEX, "talenthost.find");
    lua_pop(L, 1);
}
