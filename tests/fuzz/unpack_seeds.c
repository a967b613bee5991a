/* SPDX-License-Identifier: MIT */
/*
 * Seeds for unpack_fuzz: unpack_seeds FOLDER writes what the real programs
 * pack, behind the letter that unpack_fuzz knows the format by. A program that
 * is not there gives no seed.
 */
#include "seed_file.h"

#include <string.h>

/* What is packed: some text, and some code to the x86 filter. */
static const char *const contents[] = {
    "echo aaaaaaaaaaaaaaaaaabcabcabcabcdddddddddddddddaaaaaaaaaaaabcabc",
    "printf "
    "'ab\\350\\20\\0\\0\\0\\351\\350\\0\\1\\0\\0cd\\350\\377\\350\\0\\0'",
    "head -c 20000 /bin/sh",
};

static const struct {
    char letter;
    const char *command;
} ways[] = {
    { 'g', "gzip -n" },
    { '4', "lz4 -q -l -9" },
    { 's', "zstd -q -22 --ultra --no-check" },
    { 's', "zstd -q -1 --no-check" },
    { 's', "zstd -q -19" },
    { 'a', "xz --format=lzma" },
    { 'a', "xz --format=lzma --lzma1=lc=0,lp=2,pb=0" },
    { 'z', "xz --check=crc32 --x86 --lzma2=dict=1MiB" },
    { 'z', "xz --check=none -T1 --block-size=1000" },
    { '2', "xz --format=raw --lzma2=dict=1MiB" },
    { '2', "xz --format=raw --lzma2=dict=1MiB,lc=1,lp=3,pb=0" },
    { 'x', "xz --format=raw --x86 --lzma2=dict=1MiB" },
};

static void write_seed(const char *folder, size_t content, size_t way)
{
    static char bytes[32000];
    char line[512], name[32];
    size_t size;
    FILE *pipe;

    snprintf(line, sizeof(line), "%s | %s 2>/dev/null", contents[content],
             ways[way].command);
    pipe = popen(line, "r");
    if (!pipe) {
        perror("popen");
        exit(1);
    }
    size = fread(bytes, 1, sizeof(bytes), pipe);
    pclose(pipe);
    snprintf(name, sizeof(name), "%c-%zu-%zu", ways[way].letter, way, content);
    if (size)
        seed_file_write(folder, name, &ways[way].letter, 1, bytes, size);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: unpack_seeds FOLDER\n");
        return 2;
    }
    for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++) {
        for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++)
            write_seed(argv[1], i, way);
    }
    return 0;
}
