/* SPDX-License-Identifier: MIT */
/*
 * Files packed by the real programs, and unpacked by ours.
 */
#ifndef TESTS_SHIM_IMAGE_PACKING_H
#define TESTS_SHIM_IMAGE_PACKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "unpack.h"

#ifndef COUNT
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#endif

struct bytes {
    uint8_t *data; /* from malloc() */
    size_t size;
};

enum content {
    NOTHING,
    ONE_BYTE,
    TEXT,   /* 20 kB of few words */
    CODE,   /* this program's first 200 kB, and what looks like calls */
    CALLS,  /* 100 kB of what the x86 filter acts on, at random */
    RANDOM, /* 270 kB that cannot be packed, then text */
    ZEROES, /* 17 MiB: three blocks of lz4 */
    CONTENTS,
};

struct bytes packing_content(enum content content);

/* A small one: every part of a format, and soon unpacked. */
struct bytes packing_small(void);

/*
 * What "command" writes when it reads 'in'. Ends the test as skipped, with the
 * reason, if the program is not there.
 */
struct bytes packing_run(const char *command, const struct bytes *in);

/* By the name of the format. As unpack.h has them. */
const char *packing_undo(const char *format, const uint8_t *in, size_t in_bytes,
                         uint8_t *out, size_t room, size_t *out_bytes);

/*
 * packing_undo() of a copy that ends where its allocation ends, into one of
 * 'room' bytes, which is returned.
 */
struct bytes packing_undo_copy(const char *format, const struct bytes *in,
                               size_t room, const char **out_why);

#endif /* TESTS_SHIM_IMAGE_PACKING_H */
