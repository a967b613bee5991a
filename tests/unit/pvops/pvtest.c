/* SPDX-License-Identifier: MIT */
/*
 * Runs the tests of one program, in the order of their definition, with
 * cmocka's words, so that tests/unit/run counts both alike.
 */
#include "pvtest.h"

#include <stdarg.h>
#include <stdlib.h>

static struct pvtest *first, **last = &first;
static jmp_buf after_test;

void pvtest_add(struct pvtest *test)
{
    *last = test;
    last = &test->next;
}

void pvtest_fail(const char *file, int line, const char *format, ...)
{
    va_list args;

    printf("%s:%d: ", file, line);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    longjmp(after_test, 1);
}

/* Apart from main(): longjmp() may undo what is in registers. */
static bool passes(void (*run)(void))
{
    if (setjmp(after_test))
        return false;
    run();
    return true;
}

int main(void)
{
    unsigned failed = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    for (struct pvtest *test = first; test; test = test->next) {
        bool good = passes(test->run);

        printf("[%s] %s: %s\n", good ? "       OK " : "  FAILED  ", test->name,
               test->why);
        failed += !good;
    }
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
