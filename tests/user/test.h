/* SPDX-License-Identifier: MIT */
/*
 * What the programs of the initrd share: verdicts for pvlab, and children whose
 * end is looked at. Each program is an ordinary one, static, of an ordinary
 * libc: the same file runs under Linux and under pvk.
 *
 * A program prints one line "PVLAB PASS name" or "PVLAB FAIL name reason" for
 * each thing it tries, and ends with 0.
 */
#ifndef USER_TEST_H
#define USER_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAGE_BYTES = 4096 };

/* Formatted by printf's rules; written at once, so that no fork doubles it. */
void pass(const char *name);
__attribute__((format(printf, 2, 3))) void fail(const char *name,
                                                const char *format, ...);

/* pass() if 'holds', else fail(); returns it. */
__attribute__((format(printf, 3, 4))) bool check(const char *name, bool holds,
                                                 const char *format, ...);

/*
 * Run 'body' in a child: its status as wait4() gives it, or -1 if there was no
 * fork. What body() returns is the child's exit status.
 */
int in_child(int (*body)(void *argument), void *argument);

/* Whether in_child() came to SIGSEGV. */
bool ends_by_fault(int (*body)(void *argument), void *argument);

/* Zeroed pages of its own; ends the program if there are none. */
void *map_pages(size_t pages);

/* RAM that is free, in bytes; the system call sysinfo(). */
uint64_t free_memory(void);

/* True under pvk, by uname(). */
bool is_pvk(void);

/* A number from a sequence that 'state' begins (a seed that is printed). */
uint32_t random_next(uint64_t *state);

#endif /* USER_TEST_H */
