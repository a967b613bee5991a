/* SPDX-License-Identifier: MIT */
/*
 * The library's unit tests: PVTEST(name, what it shows) { EXPECT...; }
 *
 * Not cmocka, as pvlab's own tests are: the library is tested in both widths,
 * and Debian has no 32-bit cmocka on amd64 without a second architecture.
 * A failed expectation ends its test; others go on.
 */
#ifndef PVTEST_H
#define PVTEST_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct pvtest {
    const char *name;
    const char *why;
    void (*run)(void);
    struct pvtest *next;
};

/* pvtest.c */
void pvtest_add(struct pvtest *test);
__attribute__((noreturn, format(printf, 3, 4))) void
pvtest_fail(const char *file, int line, const char *format, ...);

/* A failure inside code under test (a model CPU's #GP) ends the test too. */
#define FAIL(...) pvtest_fail(__FILE__, __LINE__, __VA_ARGS__)

#define PVTEST(id, what)                                                       \
    static void id(void);                                                      \
    __attribute__((constructor)) static void add_##id(void)                    \
    {                                                                          \
        static struct pvtest test = { #id, what, id, NULL };                   \
                                                                               \
        pvtest_add(&test);                                                     \
    }                                                                          \
    static void id(void)

#define EXPECT_EQ(want, got)                                                   \
    do {                                                                       \
        uint64_t want_ = (uint64_t)(want), got_ = (uint64_t)(got);             \
                                                                               \
        if (want_ != got_)                                                     \
            FAIL("%s: want %" PRIu64 " (0x%" PRIx64 "), got %" PRIu64          \
                 " (0x%" PRIx64 ")",                                           \
                 #got, want_, want_, got_, got_);                              \
    } while (0)

#define EXPECT(condition)                                                      \
    do {                                                                       \
        if (!(condition))                                                      \
            FAIL("not so: %s", #condition);                                    \
    } while (0)

#define EXPECT_STR(want, got)                                                  \
    do {                                                                       \
        const char *want_ = (want), *got_ = (got);                             \
                                                                               \
        if (strcmp(want_, got_))                                               \
            FAIL("%s: want \"%s\", got \"%s\"", #got, want_, got_);            \
    } while (0)

#endif /* PVTEST_H */
