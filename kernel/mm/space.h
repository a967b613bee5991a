/* SPDX-License-Identifier: MIT */
/*
 * A program's address space: areas, and page tables made on demand.
 *
 * After fork() both spaces share whole page tables, counted and not writable
 * (the entry above them has no write bit); whoever changes something below gets
 * tables of its own, down to the page. A table or page of which one holder is
 * left is writable again without a copy.
 *
 * Errors are -ERRNO, by Linux's numbers (proc/errno.h). Addresses and lengths
 * from a program may be anything: they are refused, never believed. What cannot
 * be for want of memory has changed nothing.
 *
 * Context: interrupts off, no batch of page-table ops open: pages are freed at
 * the end of one.
 */
#ifndef PVK_MM_SPACE_H
#define PVK_MM_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* [SPACE_FIRST, SPACE_END): what a program may map. Page 0 is left out. */
#define SPACE_FIRST UINT64_C(0x10000)
#define SPACE_END   UINT64_C(0x00007ffffffff000)

/*
 * What a program does not place itself lies in the lowest 64 GiB, under one
 * entry of the root, with few tables: each is copied if it is shared when
 * something below it changes. mmap goes down from SPACE_MMAP_TOP.
 */
#define SPACE_STACK_TOP UINT64_C(0x0000000fffff0000)
#define SPACE_MMAP_TOP  UINT64_C(0x0000000ff0000000)

/* Rights: PROT_* of Linux. */
#define SPACE_READ  1u
#define SPACE_WRITE 2u
#define SPACE_EXEC  4u

struct space;

/* An empty one, with the kernel's half; NULL: no memory. */
struct space *space_new(void);

/* A copy of all there is, by sharing; NULL: no memory, nothing changed. */
struct space *space_fork(struct space *space);

/* Every page and table goes back. Active on no CPU. */
void space_free(struct space *space);

/*
 * This CPU uses it from now on, and no other. NULL: the kernel's own root, no
 * program.
 */
void space_activate(struct space *space);

/*
 * [address, address + bytes) is 'rights', zero where touched, in place of what
 * was there. Pages touched one after the other are made up to 16 at once.
 * 'file' (or NULL) gives the first 'file_bytes' bytes, which stay where they
 * are: they are copied a page at a time when touched. 'address' is a multiple
 * of 4096, 'bytes' is rounded up.
 */
long space_map(struct space *space, uint64_t address, uint64_t bytes,
               unsigned rights, const void *file, uint64_t file_bytes);

/* As mmap() without MAP_FIXED: where there is room; 'hint' may be 0. */
long space_map_anywhere(struct space *space, uint64_t hint, uint64_t bytes,
                        unsigned rights);

/* As munmap() and mprotect(). */
long space_unmap(struct space *space, uint64_t address, uint64_t bytes);
long space_protect(struct space *space, uint64_t address, uint64_t bytes,
                   unsigned rights);

/* As brk(): the new end, or the old one if it cannot be. */
long space_brk(struct space *space, uint64_t end);
/* Where it begins: exec says so once. */
void space_set_brk(struct space *space, uint64_t start);

/* Whether something is mapped there, with whatever rights. */
bool space_maps(const struct space *space, uint64_t address);

/* What a page fault of a program's comes to. */
enum space_fault {
    SPACE_FAULT_DONE = 0,  /* try again */
    SPACE_FAULT_ILLEGAL,   /* nothing there, or no right to it */
    SPACE_FAULT_NO_MEMORY, /* allowed, but no page is left */
};
/* 'error' is the CPU's error code: bit 1 write, bit 4 instruction fetch. */
enum space_fault space_fault(struct space *space, uint64_t address,
                             uint64_t error);

/*
 * To and from a program's memory: rights are looked up, pages made as if
 * touched. 0, -EFAULT or -ENOMEM; on an error some bytes may have been copied.
 */
long space_copy_in(struct space *space, void *to, uint64_t from, size_t bytes);
long space_copy_out(struct space *space, uint64_t to, const void *from,
                    size_t bytes);

/*
 * A string with its NUL into 'to', which has 'room' bytes: its length without
 * NUL; -EFAULT, -ENOMEM; -ENAMETOOLONG if it does not fit.
 */
long space_copy_string(struct space *space, char *to, uint64_t from,
                       size_t room);

/* How many pages are roots of spaces that are kept for the next fork(). */
size_t space_pages_cached(void);
/* Those go back: before pages are counted. */
void space_drop_cache(void);

#endif /* PVK_MM_SPACE_H */
