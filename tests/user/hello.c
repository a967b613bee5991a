/* SPDX-License-Identifier: MIT */
/*
 * An ordinary program: stdio, the heap, floating point, arguments.
 *
 * Tried: in kernel/exec/exec.c push_bytes() that forgets instead of writing
 * what it kept, push_vector() with end[0] for end[-1]: many-arguments fails.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

enum { ARGUMENTS = 300, LONG_ONE = 200, LONG_BYTES = 5000, VARIABLES = 100 };

static char texts[ARGUMENTS + VARIABLES][LONG_BYTES + 1];

/* Some are empty, one is longer than a page. */
static const char *text_of(unsigned which)
{
    size_t length = which == LONG_ONE ? LONG_BYTES : which % 7;

    memset(texts[which], 'a' + (int)(which % 26), length);
    texts[which][length] = '\0';
    return texts[which];
}

static int are_right(char *const *strings, unsigned first, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (!strings[i] || strcmp(strings[i], text_of(first + i)))
            return 0;
    }
    return !strings[count];
}

/* The program itself, once more, with all of them. */
static int begin_again(void *unused)
{
    static char *arguments[ARGUMENTS + 1], *variables[VARIABLES + 1];

    (void)unused;
    for (unsigned i = 0; i < ARGUMENTS; i++)
        arguments[i] = (char *)text_of(i);
    for (unsigned i = 0; i < VARIABLES; i++)
        variables[i] = (char *)text_of(ARGUMENTS + i);
    execve("/bin/hello", arguments, variables);
    return 1;
}

int main(int argc, char **argv)
{
    char *copy = malloc(100000);
    double root = sqrt(2.0 * argc);
    int status;

    if (argc > 1)
        return argc == ARGUMENTS && are_right(argv, 0, ARGUMENTS) &&
                       are_right(environ, ARGUMENTS, VARIABLES)
                   ? 0
                   : 2;
    check("arguments", argc == 1 && !strcmp(argv[0], "/bin/hello"),
          "argc %d, argv[0] %s", argc, argv[0]);
    status = in_child(begin_again, NULL);
    check("many-arguments", !status, "status 0x%x", (unsigned)status);
    memset(copy, 'x', 100000);
    check("heap", copy && copy[99999] == 'x', "malloc and memset");
    free(copy);
    check("floating-point", root > 1.41421356 && root < 1.41421357, "%f", root);
    printf("hello from %s\n", argv[0]);
    return 0;
}
