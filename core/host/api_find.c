/* api_find.c - what an article or a span holds: matches, quantities, places, records, blocks, sentences; as a list or one by one.
 *
 * What is found is computed once per article, for all plugins, in the article's arena; objects point into it. A cursor walks over
 * what is found within a range; a list is made by walking it at once, an iterator by walking it step by step. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "host/api.h"
#include "host/find.h"

/* Argument 1 is an article or a span: its range in bytes. */
static void set_range(lua_State *L, th_vm *vm, th_cursor *c)
{
    const th_handle *h = th_handle_test(L, vm, 1, TH_CLASS_SPAN);

    c->serial = vm->host->serial;
    c->stop = h ? h->stop : (uint32_t)vm->host->article->len;
    c->start = h ? h->start : 0;
}

static void raise_nomem(lua_State *L, const th_error *err)
{
    luaL_error(L, "%s", err->text[0] ? err->text : "not enough memory");
}

/* The first of `count` entries of `size` bytes, in the order of their starts (uint32_t at `offset`), that starts at `start` or
 * later. */
static size_t first_from(const void *items, size_t count, size_t size, size_t offset, uint32_t start)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        uint32_t at;
        memcpy(&at, (const char *)items + mid * size + offset, sizeof at);
        if (at < start)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
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
    return first_from(hits->items, hits->count, sizeof *hits->items, offsetof(th_hit, start), start);
}

static bool next_match(th_cursor *c, th_handle *h)
{
    const th_hit *hit = (const th_hit *)c->items + c->at;

    if (c->at >= c->count || hit->stop > c->stop)
        return false;
    h->start = hit->start;
    h->stop = hit->stop;
    h->extra = hit->term;
    h->item = c->lexicon;
    c->at++;
    return true;
}

static void open_matches(lua_State *L, th_vm *vm, th_cursor *c)
{
    const th_lexicon *lexicon = ((const th_handle *)lua_touserdata(L, 2))->item;
    const th_hits *hits = th_article_hits(L, vm, lexicon);

    *c = (th_cursor){.next = next_match, .id = TH_CLASS_MATCH, .items = hits->items, .count = hits->count, .lexicon = lexicon};
    set_range(L, vm, c);
    c->at = th_hits_from(hits, c->start);
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

static bool next_quantity(th_cursor *c, th_handle *h)
{
    for (; c->at < c->count; c->at++) {
        const th_quantity *q = (const th_quantity *)c->items + c->at;
        if (q->stop > c->stop)
            return false;
        if ((c->unit && strcmp(c->unit, q->unit) != 0) || (c->dimension && strcmp(c->dimension, q->dimension) != 0))
            continue;
        h->start = q->start;
        h->stop = q->stop;
        h->item = q;
        c->at++;
        return true;
    }
    return false;
}

static void open_quantities(lua_State *L, th_vm *vm, th_cursor *c)
{
    quantity_filter filter = check_filter(L);
    const th_quantities *all = quantities(L, vm->host);

    *c = (th_cursor){.next = next_quantity, .id = TH_CLASS_QUANTITY, .items = all->items, .count = all->count,
                     .unit = filter.unit, .dimension = filter.dimension};
    set_range(L, vm, c);
    c->at = first_from(all->items, all->count, sizeof *all->items, offsetof(th_quantity, start), c->start);
}

/* ---- places ---- */

static bool next_place(th_cursor *c, th_handle *h)
{
    const th_place *p = (const th_place *)c->items + c->at;

    if (c->at >= c->count || p->stop > c->stop)
        return false;
    h->start = p->start;
    h->stop = p->stop;
    h->item = p;
    c->at++;
    return true;
}

static void open_places(lua_State *L, th_vm *vm, th_cursor *c)
{
    th_host *host = vm->host;
    th_error err = {0};

    if (!host->has_places && th_gazetteer_find(host->gazetteer, host->article->text, host->article->len,
                                               host->article_arena, &host->places, &err) != TH_OK)
        raise_nomem(L, &err);
    host->has_places = true;
    *c = (th_cursor){.next = next_place, .id = TH_CLASS_PLACE, .items = host->places.items, .count = host->places.count};
    set_range(L, vm, c);
    c->at = first_from(c->items, c->count, sizeof(th_place), offsetof(th_place, start), c->start);
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

    if (vm->is_prompt || has_kind(&vm->plugin->manifest, kind))
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

static bool next_record(th_cursor *c, th_handle *h)
{
    for (; c->at < c->count; c->at++) {
        const th_record *r = (const th_record *)c->items + c->at;
        if (r->start > c->stop)
            return false;
        if (r->stop > c->stop)
            continue;
        h->start = r->start;
        h->stop = r->stop;
        h->item = r;
        c->at++;
        return true;
    }
    return false;
}

static void open_records(lua_State *L, th_vm *vm, th_cursor *c)
{
    const char *kind = lua_tostring(L, 2);

    check_readable(L, vm, kind);
    const th_kind_index *index = index_of(L, vm->host, kind);
    *c = (th_cursor){.next = next_record, .id = TH_CLASS_RECORD, .items = index->items, .count = index->count};
    set_range(L, vm, c);
    c->at = first_from(c->items, c->count, sizeof(th_record), offsetof(th_record, start), c->start);
}

/* ---- blocks, sentences ---- */

static bool next_block(th_cursor *c, th_handle *h)
{
    const th_block *b = (const th_block *)c->items + c->at;

    if (c->at >= c->count)
        return false;
    h->start = b->start;
    h->stop = b->stop;
    c->at++;
    return true;
}

static void open_blocks(lua_State *L, th_vm *vm, th_cursor *c)
{
    const th_article *a = vm->host->article;

    *c = (th_cursor){.next = next_block, .id = TH_CLASS_SPAN, .items = a->blocks, .count = a->block_count};
    set_range(L, vm, c);
}

static bool next_sentence(th_cursor *c, th_handle *h)
{
    const th_sentence *s = (const th_sentence *)c->items + c->at;

    if (c->at >= c->count || s->stop > c->stop)
        return false;
    h->start = s->start;
    h->stop = s->stop;
    c->at++;
    return true;
}

static void open_sentences(lua_State *L, th_vm *vm, th_cursor *c)
{
    const th_article *a = vm->host->article;

    *c = (th_cursor){.next = next_sentence, .id = TH_CLASS_SPAN, .items = a->sentences, .count = a->sentence_count};
    set_range(L, vm, c);
    c->at = first_from(c->items, c->count, sizeof(th_sentence), offsetof(th_sentence, start), c->start);
}

/* ---- lists and iterators ---- */

typedef void (*open_fn)(lua_State *L, th_vm *vm, th_cursor *c);

static int push_list(lua_State *L, open_fn open)
{
    th_vm *vm = th_vm_of(L);
    th_cursor cursor;
    th_handle found = {0};
    lua_Integer n = 0;

    open(L, vm, &cursor);
    lua_newtable(L);
    while (cursor.next(&cursor, &found)) {
        th_handle *h = th_handle_new(L, vm, cursor.id);
        found.serial = h->serial;
        *h = found;
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

/* The next object of the cursor in upvalue 1. */
static int step(lua_State *L)
{
    th_vm *vm = th_vm_of(L);
    th_cursor *cursor = lua_touserdata(L, lua_upvalueindex(1));
    th_handle found;

    if (cursor->serial != vm->host->serial)
        return th_usage(L, "article handle expired: an iterator over an article that is over was used");
    found.extra = 0;
    found.item = NULL;
    if (!cursor->next(cursor, &found)) {
        lua_pushnil(L);
        return 1;
    }
    found.serial = cursor->serial;
    *th_handle_new(L, vm, cursor->id) = found;
    return 1;
}

/* Upvalue 2 is argument 2: it holds the texts a filter points to. */
static int push_iterator(lua_State *L, open_fn open)
{
    th_cursor *cursor;

    lua_settop(L, 2);
    cursor = lua_newuserdatauv(L, sizeof *cursor, 0);
    open(L, th_vm_of(L), cursor);
    lua_settop(L, 3);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, step, 2);
    return 1;
}

int th_find_matches(lua_State *L) { return push_list(L, open_matches); }
int th_find_quantities(lua_State *L) { return push_list(L, open_quantities); }
int th_find_places(lua_State *L) { return push_list(L, open_places); }
int th_find_records(lua_State *L) { return push_list(L, open_records); }
int th_find_blocks(lua_State *L) { return push_list(L, open_blocks); }
int th_find_sentences(lua_State *L) { return push_list(L, open_sentences); }
int th_each_match(lua_State *L) { return push_iterator(L, open_matches); }
int th_each_quantity(lua_State *L) { return push_iterator(L, open_quantities); }
int th_each_place(lua_State *L) { return push_iterator(L, open_places); }
int th_each_record(lua_State *L) { return push_iterator(L, open_records); }
int th_each_block(lua_State *L) { return push_iterator(L, open_blocks); }
int th_each_sentence(lua_State *L) { return push_iterator(L, open_sentences); }
