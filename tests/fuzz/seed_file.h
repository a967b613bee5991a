/* SPDX-License-Identifier: MIT */
/*
 * Writing of one seed, for the programs that make binary seeds.
 */
#ifndef TESTS_SEED_FILE_H
#define TESTS_SEED_FILE_H

#include <stdio.h>
#include <stdlib.h>

/* Write FOLDER/NAME, or end the program with a sentence. */
static inline void seed_file_write(const char *folder, const char *name,
                                   const void *head, size_t head_size,
                                   const void *bytes, size_t size)
{
    char path[4096];
    FILE *file;

    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >=
        (int)sizeof(path)) {
        fprintf(stderr, "%s: path is too long\n", folder);
        exit(1);
    }
    file = fopen(path, "wb");
    if (!file || fwrite(head, 1, head_size, file) != head_size ||
        fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

#endif /* TESTS_SEED_FILE_H */
