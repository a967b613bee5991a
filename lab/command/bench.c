/* SPDX-License-Identifier: MIT */
/*
 * pvlab bench: comparing is a Python program (lab/bench), which runs pvlab for
 * each boot.
 */
#include "command/bench.h"

#include <err.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/args.h"
#include "base/dirs.h"
#include "base/verdict.h"

#define PYTHON "/usr/bin/python3"

void bench_verb(char **words)
{
    struct args args = { 0 };
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (length < 0)
        err(VERDICT_ERROR, "bench: /proc/self/exe");
    self[length] = '\0';
    args_add(&args, "%s", PYTHON);
    args_add(&args, "-B"); /* writes nothing beside it, where it is installed */
    args_add(&args, "%s/bench/main.py", dirs_libexec());
    for (; *words; words++)
        args_add(&args, "%s", *words);
    if (setenv("PVLAB", self, 1))
        err(VERDICT_ERROR, "bench");
    execv(PYTHON, args.v);
    err(VERDICT_ERROR, "bench: cannot start %s", PYTHON);
}
