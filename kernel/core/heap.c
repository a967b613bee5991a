/* SPDX-License-Identifier: MIT */
/*
 * First fit over a list of blocks in the order of their addresses. The heap
 * grows page by page, at addresses of its own (arch/layout.h).
 */
#include "core/heap.h"

#include <stdbool.h>
#include <stdint.h>

#include "arch/layout.h"
#include "arch/paging.h"
#include "core/log.h"
#include "core/pages.h"

enum { ALIGNMENT = 16, GIVEN = 0x6e766967, FREE = 0x65657266 };

/* Before each piece; the next block begins where this one's memory ends. */
struct block {
    size_t bytes;  /* of memory behind it */
    unsigned mark; /* GIVEN or FREE */
} __attribute__((aligned(ALIGNMENT)));

static uintptr_t heap_end = LAYOUT_HEAP;
static size_t pieces;

static struct block *next_of(const struct block *block)
{
    return (struct block *)((uintptr_t)(block + 1) + block->bytes);
}

static void absorb_free(struct block *block)
{
    struct block *next = next_of(block);

    while ((uintptr_t)next < heap_end && next->mark == FREE) {
        block->bytes += sizeof(*next) + next->bytes;
        next = next_of(block);
    }
}

/* At least 'bytes' more, as one free block at the end. */
static bool grow(size_t bytes)
{
    struct block *block = (struct block *)heap_end;
    uintptr_t at = heap_end;

    if (bytes > LAYOUT_HEAP + LAYOUT_HEAP_BYTES - heap_end - sizeof(*block))
        return false;
    for (; at - heap_end < bytes + sizeof(*block); at += PAGE_BYTES) {
        void *page = page_alloc();

        if (!page)
            break;
        paging_map(at, layout_paddr(page), PAGING_WRITE);
    }
    if (at == heap_end)
        return false;
    block->bytes = at - heap_end - sizeof(*block);
    block->mark = FREE;
    heap_end = at;
    return true;
}

static void *take(struct block *block, size_t bytes)
{
    if (block->bytes >= bytes + sizeof(*block) + ALIGNMENT) {
        size_t rest = block->bytes - bytes - sizeof(*block);

        block->bytes = bytes;
        *next_of(block) = (struct block){ rest, FREE };
    }
    block->mark = GIVEN;
    pieces++;
    return block + 1;
}

static void *find(size_t bytes)
{
    struct block *block = (struct block *)LAYOUT_HEAP;

    for (; (uintptr_t)block < heap_end; block = next_of(block)) {
        if (block->mark != FREE)
            continue;
        absorb_free(block);
        if (block->bytes >= bytes)
            return take(block, bytes);
    }
    return NULL;
}

void *heap_alloc(size_t bytes)
{
    void *memory;

    if (bytes > LAYOUT_HEAP_BYTES)
        return NULL;
    bytes = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    memory = find(bytes);
    if (!memory && grow(bytes))
        memory = find(bytes);
    return memory;
}

void heap_free(void *memory)
{
    struct block *block = (struct block *)memory - 1;

    if (!memory)
        return;
    if (block->mark != GIVEN)
        panic("heap: %p was not given out", memory);
    block->mark = FREE;
    pieces--;
}

size_t heap_pages(void)
{
    return (heap_end - LAYOUT_HEAP) / PAGE_BYTES;
}

size_t heap_pieces(void)
{
    return pieces;
}
