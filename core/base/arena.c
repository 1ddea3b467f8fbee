/* arena.c - see arena.h. A chain of blocks, each at least twice as large as the one before up to a megabyte. What is larger has a block of
 * its own, in a chain of its own, so that a long list grows without its old copies staying. */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 16 << 10, LARGEST_STEP = 1 << 20 };

struct block {
    struct block *next; /* the block filled before this one */
    size_t size, used;
    max_align_t bytes[];
};

struct th_arena {
    struct block *head;
    struct block *large; /* each holds one allocation of LARGEST_STEP and more */
};

static struct block *new_block(size_t size)
{
    struct block *block = malloc(sizeof *block + size);

    if (block)
        *block = (struct block){.size = size};
    return block;
}

th_arena *th_arena_new(void)
{
    return calloc(1, sizeof(th_arena));
}

static void free_blocks(struct block *block)
{
    while (block) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
}

void th_arena_free(th_arena *arena)
{
    if (!arena)
        return;
    free_blocks(arena->head);
    free_blocks(arena->large);
    free(arena);
}

void th_arena_reset(th_arena *arena)
{
    free_blocks(arena->large); /* a giant article's blocks are not kept for ever */
    arena->large = NULL;
    if (!arena->head)
        return;
    free_blocks(arena->head->next);
    arena->head->next = NULL;
    arena->head->used = 0;
}

static void *alloc_large(th_arena *arena, size_t size)
{
    struct block *block = new_block(size);

    if (!block)
        return NULL;
    block->next = arena->large;
    arena->large = block;
    return block->bytes;
}

void *th_arena_alloc(th_arena *arena, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    struct block *head = arena->head;

    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + align - 1) & ~(align - 1);
    if (size >= LARGEST_STEP)
        return alloc_large(arena, size);
    if (!head || head->size - head->used < size) {
        size_t want = head ? head->size * 2 : FIRST_BLOCK;
        if (want > LARGEST_STEP)
            want = LARGEST_STEP;
        struct block *block = new_block(want > size ? want : size);
        if (!block)
            return NULL;
        block->next = head;
        arena->head = head = block;
    }
    void *out = (char *)head->bytes + head->used;
    head->used += size;
    return out;
}

void *th_arena_zalloc(th_arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    void *out = th_arena_alloc(arena, count * size);
    return out ? memset(out, 0, count * size) : NULL;
}

char *th_arena_copy(th_arena *arena, const char *text, size_t len)
{
    char *out = th_arena_alloc(arena, len + 1);

    if (!out)
        return NULL;
    if (len)
        memcpy(out, text, len);
    out[len] = '\0';
    return out;
}

/* Make the block of `items` larger, where it has one of its own. NULL when it has none, or memory is out. */
static void *grow_large(th_arena *arena, void *items, size_t size)
{
    for (struct block **at = &arena->large; *at; at = &(*at)->next)
        if ((void *)(*at)->bytes == items) {
            struct block *bigger = realloc(*at, sizeof *bigger + size);
            if (!bigger)
                return NULL;
            bigger->size = size;
            *at = bigger;
            return bigger->bytes;
        }
    return NULL;
}

void *th_arena_grow(th_arena *arena, void *items, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return items;
    size_t wanted = *cap ? *cap * 2 : 16;
    if (wanted > SIZE_MAX / size)
        return NULL;
    void *bigger = *cap && *cap * size >= LARGEST_STEP ? grow_large(arena, items, wanted * size) : NULL;
    if (bigger) {
        *cap = wanted;
        return bigger;
    }
    bigger = th_arena_alloc(arena, wanted * size);
    if (!bigger)
        return NULL;
    if (count)
        memcpy(bigger, items, count * size);
    *cap = wanted;
    return bigger;
}
