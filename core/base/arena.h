/* arena.h - memory that is freed all at once.
 *
 * An article, its blocks and everything computed from it live in one arena and go together. Allocation returns NULL
 * when memory is out; nothing in an arena is freed singly. */
#ifndef TH_BASE_ARENA_H
#define TH_BASE_ARENA_H

#include <stddef.h>

typedef struct th_arena th_arena;

/* A new, empty arena, or NULL. The caller frees it with th_arena_free(). */
th_arena *th_arena_new(void);

void th_arena_free(th_arena *arena); /* NULL is fine */

/* Give all memory back for reuse; pointers into the arena become invalid. One block is kept. */
void th_arena_reset(th_arena *arena);

/* `size` bytes aligned for any type, uninitialised; valid until the arena is reset or freed. NULL when out of memory. */
void *th_arena_alloc(th_arena *arena, size_t size);

/* As th_arena_alloc() for `count` items of `size` bytes, all zero; overflow counts as out of memory. */
void *th_arena_zalloc(th_arena *arena, size_t count, size_t size);

/* A NUL-terminated copy of the `len` bytes at `text`. */
char *th_arena_copy(th_arena *arena, const char *text, size_t len);

/* Room for at least one more item in the array `*items` of `count` items of `size` bytes with capacity `*cap`;
 * grows by copying inside the arena. Returns `*items`, or NULL when out of memory (the array stays as it was). */
void *th_arena_grow(th_arena *arena, void *items, size_t count, size_t *cap, size_t size);

#endif
