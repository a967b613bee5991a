/* SPDX-License-Identifier: MIT */
/*
 * Memory mapped, touched, changed and given back.
 */
#include "memory.h"

#include "system.h"

enum { BYTES = PAGES * PAGE_BYTES };

/*
 * Halfway across the border between two last-level page tables, and far from
 * everything else of the process, as memory is placed under address space
 * randomisation: its page tables of all three levels are its own. Said here,
 * because Linux would choose at random and each page table is paid for.
 */
#define PLACE ((volatile char *)((1l << 44) + TABLE_BYTES - BYTES / 2))

void page_faults_once(void)
{
    volatile char *pages = map_at(PLACE, BYTES);

    bench_from();
    touch(pages, PAGES);
    bench_to();
    unmap(pages, BYTES);
}

/* In no order that a kernel could foresee: each of them once. */
void page_faults_mixed_once(void)
{
    volatile char *pages = map_at(PLACE, BYTES);

    bench_from();
    for (unsigned i = 0; i < PAGES; i++)
        pages[i * 77 % PAGES * PAGE_BYTES] = 1;
    bench_to();
    unmap(pages, BYTES);
}

void mmap_once(void)
{
    volatile char *pages;

    bench_from();
    pages = map_at(PLACE, BYTES);
    touch(pages, PAGES);
    unmap(pages, BYTES);
    bench_to();
}

static volatile char *protected_pages;

void mprotect_setup(void)
{
    protected_pages = map_at(PLACE, BYTES);
    touch(protected_pages, PAGES);
}

void mprotect_once(void)
{
    const long at = (long)protected_pages;

    bench_from();
    call3(SYS_MPROTECT, at, BYTES, PROT_READ);
    call3(SYS_MPROTECT, at, BYTES, PROT_READ | PROT_WRITE);
    bench_to();
}

void mprotect_teardown(void)
{
    unmap(protected_pages, BYTES);
}
