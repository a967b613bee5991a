/* SPDX-License-Identifier: MIT */
/*
 * An ordinary program: stdio, the heap, floating point, arguments.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

int main(int argc, char **argv)
{
    char *copy = malloc(100000);
    double root = sqrt(2.0 * argc);

    check("arguments", argc == 1 && !strcmp(argv[0], "/bin/hello"),
          "argc %d, argv[0] %s", argc, argv[0]);
    memset(copy, 'x', 100000);
    check("heap", copy && copy[99999] == 'x', "malloc and memset");
    free(copy);
    check("floating-point", root > 1.41421356 && root < 1.41421357, "%f", root);
    printf("hello from %s\n", argv[0]);
    return 0;
}
