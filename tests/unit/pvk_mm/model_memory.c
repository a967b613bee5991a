/* SPDX-License-Identifier: MIT */
/*
 * Pages and heap, which can be made to fail.
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pvtest.h"

#include "arch/layout.h"
#include "core/heap.h"
#include "core/log.h"
#include "core/pages.h"
#include "model_inside.h"

enum { FIRST = 16, GARBAGE = 0xa5, POISON = 0xdd };

long model_allocations = -1;

static uint32_t free_list[MODEL_PAGES];
static size_t free_count, limit, pieces_given;

void model_memory_setup(void)
{
    if (!model_memory)
        model_memory = mmap(NULL, LAYOUT_DIRECT_END, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (model_memory == MAP_FAILED)
        FAIL("no memory for the model");
    mprotect(model_memory, LAYOUT_DIRECT_END, PROT_READ | PROT_WRITE);
    memset(model_pages, 0,
           sizeof(model_pages[0]) * (LAYOUT_DIRECT_END / MODEL_PAGE));
    free_count = pieces_given = 0;
    model_allocations = -1;
    limit = 0;
    for (uint32_t i = MODEL_PAGES; i-- > FIRST;)
        free_list[free_count++] = i;
}

size_t model_pages_used(void)
{
    return MODEL_PAGES - FIRST - free_count;
}

size_t model_heap_used(void)
{
    return pieces_given;
}

void model_limit_pages(size_t free)
{
    limit = free_count > free ? free_count - free : 0;
}

size_t pages_left(void)
{
    return free_count > limit ? free_count - limit : 0;
}

static bool fails(void)
{
    if (model_allocations < 0)
        return false;
    if (model_allocations)
        return !model_allocations--;
    return true;
}

static void *take(size_t at, int filling)
{
    uint32_t page = free_list[at];
    void *va = layout_va((uint64_t)page * MODEL_PAGE);

    memmove(&free_list[at], &free_list[at + 1],
            (--free_count - at) * sizeof(free_list[0]));
    model_pages[page] = (struct model_page){ .used = true };
    memset(va, filling, MODEL_PAGE);
    return va;
}

void *page_alloc(void)
{
    return fails() || free_count <= limit ? NULL : take(free_count - 1, 0);
}

void *page_alloc_raw(void)
{
    return fails() || free_count <= limit ? NULL
                                          : take(free_count - 1, GARBAGE);
}

void *pages_alloc_adjacent(unsigned count)
{
    if (fails() || free_count < limit + count)
        return NULL;
    if (count == 1)
        return take(free_count - 1, 0);
    for (uint32_t page = FIRST; page + 1 < MODEL_PAGES; page += 2) {
        void *va = NULL;

        if (model_pages[page].used || model_pages[page + 1].used)
            continue;
        for (size_t at = free_count; at--;) {
            if (free_list[at] == page + 1)
                (void)take(at, 0);
        }
        for (size_t at = free_count; at--;) {
            if (free_list[at] == page)
                va = take(at, 0);
        }
        return va;
    }
    return NULL;
}

void page_free(void *page)
{
    uint64_t index = layout_paddr(page) / MODEL_PAGE;
    struct model_page *state = &model_pages[index];

    if (!state->used || state->level || state->mapped || state->pointed)
        FAIL("page %u comes back%s%s%s", (unsigned)index,
             state->used ? "" : " twice", state->level ? " as a table" : "",
             state->mapped || state->pointed ? " in use" : "");
    state->used = false;
    memset(page, POISON, MODEL_PAGE);
    free_list[free_count++] = (uint32_t)index;
}

void *heap_alloc(size_t bytes)
{
    void *memory = fails() ? NULL : malloc(bytes);

    if (memory) {
        memset(memory, GARBAGE, bytes);
        pieces_given++;
    }
    return memory;
}

void heap_free(void *memory)
{
    if (memory)
        pieces_given--;
    free(memory);
}

void panic(const char *format, ...)
{
    FAIL("the kernel panics: %s", format);
}
