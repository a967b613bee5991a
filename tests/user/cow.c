/* SPDX-License-Identifier: MIT */
/*
 * After fork() nobody sees what the other writes, in whatever order the pages
 * are touched.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

enum { PAGES = 600, TOUCHES = 400, GENERATIONS = 4 };

/* Over the border of a table of 2 MiB, wherever mmap puts it. */
static uint32_t *pages;
static uint32_t expected[PAGES];

static uint32_t *word_of(unsigned page)
{
    return pages + page * (PAGE_BYTES / sizeof(uint32_t)) + page % 1000;
}

static void touch(uint64_t *seed)
{
    for (unsigned i = 0; i < TOUCHES; i++) {
        unsigned page = random_next(seed) % PAGES;

        if (random_next(seed) % 2) {
            expected[page] = random_next(seed);
            *word_of(page) = expected[page];
        } else if (*word_of(page) != expected[page]) {
            _exit(2);
        }
    }
}

static unsigned wrong_page(void)
{
    for (unsigned page = 0; page < PAGES; page++) {
        if (*word_of(page) != expected[page])
            return page;
    }
    return PAGES;
}

/* Each generation writes while its child does, one round each in turn. */
static int generation(unsigned left, uint64_t seed)
{
    int status = 0;
    pid_t child;

    if (!left)
        return 0;
    child = fork();
    if (child < 0)
        return 3;
    if (!child) {
        seed ^= 0x5555555555555555 * left;
        touch(&seed);
        _exit(wrong_page() < PAGES ? 4 : generation(left - 1, seed));
    }
    for (unsigned i = 0; i < 8; i++) {
        touch(&seed);
        usleep(0);
    }
    waitpid(child, &status, 0);
    touch(&seed);
    if (wrong_page() < PAGES)
        return 5;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 6;
}

int main(void)
{
    uint64_t seed = 20061122;
    int result = 0;

    printf("cow: seed %llu\n", (unsigned long long)seed);
    fflush(stdout);
    pages = map_pages(PAGES);
    for (unsigned round = 0; round < 8 && !result; round++)
        result = generation(GENERATIONS, seed + round);
    check("cow", !result,
          result == 2   ? "a page was not what was written to it"
          : result == 4 ? "a child saw another's write"
          : result == 5 ? "a parent saw another's write"
                        : "code %d",
          result);
    return 0;
}
