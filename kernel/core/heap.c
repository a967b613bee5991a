/* SPDX-License-Identifier: MIT */
/*
 * First fit over a list of blocks in the order of their addresses; free ones
 * that meet are one. The heap grows page by page, at addresses of its own
 * (arch/layout.h), and shrinks when what is free at its end is much.
 */
#include "core/heap.h"

#include <stdbool.h>
#include <stdint.h>

#include "arch/layout.h"
#include "arch/paging.h"
#include "core/log.h"
#include "core/pages.h"

enum { ALIGNMENT = 16, GIVEN = 0x6e766967, FREE = 0x65657266 };

/* Free at the end and not given back: what an exec() takes fits in. */
enum { KEPT_PAGES = 64 };

/* Before each piece; the next block begins where this one's memory ends. */
struct block {
    size_t bytes;    /* of memory behind it */
    unsigned mark;   /* GIVEN or FREE */
    unsigned before; /* bytes of the block in front of it, this header not */
} __attribute__((aligned(ALIGNMENT)));

static uintptr_t heap_end = LAYOUT_HEAP;
static struct block *last;   /* NULL: the heap is empty */
static size_t pieces, given; /* bytes, with the blocks in front */

static struct block *next_of(const struct block *block)
{
    return (struct block *)((uintptr_t)(block + 1) + block->bytes);
}

static struct block *previous_of(const struct block *block)
{
    if ((uintptr_t)block == LAYOUT_HEAP)
        return NULL;
    return (struct block *)((uintptr_t)(block - 1) - block->before);
}

/* 'block' has a new length: the one behind it is told. */
static void link_next(struct block *block)
{
    struct block *next = next_of(block);

    if ((uintptr_t)next == heap_end)
        last = block;
    else
        next->before = (unsigned)block->bytes;
}

/* A free block with its free neighbours. */
static struct block *join(struct block *block)
{
    struct block *previous = previous_of(block), *next = next_of(block);

    if ((uintptr_t)next < heap_end && next->mark == FREE)
        block->bytes += sizeof(*next) + next->bytes;
    if (previous && previous->mark == FREE) {
        previous->bytes += sizeof(*block) + block->bytes;
        block = previous;
    }
    link_next(block);
    return block;
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
    block->before = last ? (unsigned)last->bytes : 0;
    heap_end = at;
    join(block);
    return true;
}

/* Whole pages of the last block, if it is free, but for the first 'kept'. */
static void shrink(size_t kept)
{
    struct block *block = last;
    uintptr_t end;

    if (!block || block->mark != FREE)
        return;
    /* A header that begins a page goes with it. */
    end = (uintptr_t)block;
    if (end % PAGE_BYTES)
        end = (end + sizeof(*block) + PAGE_BYTES - 1) &
              ~(uintptr_t)(PAGE_BYTES - 1);
    end += kept * PAGE_BYTES;
    if (end >= heap_end)
        return;
    if (end == (uintptr_t)block)
        last = previous_of(block);
    else
        block->bytes = end - (uintptr_t)(block + 1);
    paging_unmap_and_free(end, (heap_end - end) / PAGE_BYTES);
    heap_end = end;
}

void heap_trim(void)
{
    shrink(0);
}

static void *take(struct block *block, size_t bytes)
{
    /* What is left may be a block of no bytes: a piece has never more. */
    if (block->bytes >= bytes + sizeof(*block)) {
        size_t rest = block->bytes - bytes - sizeof(*block);

        block->bytes = bytes;
        *next_of(block) = (struct block){ rest, FREE, (unsigned)bytes };
        link_next(next_of(block));
    }
    block->mark = GIVEN;
    given += sizeof(*block) + block->bytes;
    pieces++;
    return block + 1;
}

static void *find(size_t bytes)
{
    struct block *block = (struct block *)LAYOUT_HEAP;

    for (; (uintptr_t)block < heap_end; block = next_of(block)) {
        if (block->mark == FREE && block->bytes >= bytes)
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
    given -= sizeof(*block) + block->bytes;
    pieces--;
    if (join(block) == last && last->bytes > 2 * KEPT_PAGES * PAGE_BYTES)
        shrink(KEPT_PAGES);
}

size_t heap_pages(void)
{
    return (heap_end - LAYOUT_HEAP) / PAGE_BYTES;
}

size_t heap_pieces(void)
{
    return pieces;
}

size_t heap_bytes_free(void)
{
    return heap_end - LAYOUT_HEAP - given;
}
