/* find.h - what is found in the current article (inside core/host only): the methods that articles and spans share. */
#ifndef TH_HOST_FIND_H
#define TH_HOST_FIND_H

#include "host/internal.h"

/* A walk over what was found within start..stop. `next` fills a handle's start, stop, extra and item, or says there are no more.
 * What it points to is in the article's arena, its filter in the Lua table that was given. */
typedef struct th_cursor {
    bool (*next)(struct th_cursor *cursor, th_handle *out);
    const void *items;
    size_t count, at;
    uint32_t serial, start, stop;
    th_class id;
    const th_lexicon *lexicon;
    const char *unit, *dimension;
} th_cursor;

/* What the lexicon matches in the current article; the first scan finds the matches of all lexicons of all plugins. */
const th_hits *th_article_hits(lua_State *L, th_vm *vm, const th_lexicon *lexicon);
size_t th_hits_from(const th_hits *hits, uint32_t start); /* the first at or behind `start` */

/* Methods: a list, or an iterator that makes no table. */
int th_find_matches(lua_State *L);
int th_find_quantities(lua_State *L);
int th_find_places(lua_State *L);
int th_find_records(lua_State *L);
int th_find_blocks(lua_State *L);
int th_find_sentences(lua_State *L);
int th_each_match(lua_State *L);
int th_each_quantity(lua_State *L);
int th_each_place(lua_State *L);
int th_each_record(lua_State *L);
int th_each_block(lua_State *L);
int th_each_sentence(lua_State *L);

#endif
