/* SPDX-License-Identifier: MIT */
/*
 * Seeds for emulate_fuzz: one instruction of each kind, in kernel mode, on an
 * entry of a table; with all operations answering, and again with the second
 * one refused.
 */
#include "seed_file.h"

#include <stdint.h>

enum {
    PRIVILEGED,
    INVALID,
    TABLE_WRITE,
    HEAD = 8,
    REGISTERS = 6,
};

/* clang-format off */
static const struct {
    const char *name;
    uint8_t kind, length, code[12];
} seeds[] = {
    { "cpuid", PRIVILEGED, 2, { 0x0f, 0xa2 } },
    { "rdmsr", PRIVILEGED, 2, { 0x0f, 0x32 } },
    { "wrmsr", PRIVILEGED, 2, { 0x0f, 0x30 } },
    { "rdtsc", PRIVILEGED, 2, { 0x0f, 0x31 } },
    { "rdtscp", PRIVILEGED, 3, { 0x0f, 0x01, 0xf9 } },
    { "xsetbv", PRIVILEGED, 3, { 0x0f, 0x01, 0xd1 } },
    { "clts", PRIVILEGED, 2, { 0x0f, 0x06 } },
    { "wbinvd", PRIVILEGED, 2, { 0x0f, 0x09 } },
    { "read-cr4", PRIVILEGED, 4, { 0x41, 0x0f, 0x20, 0xe1 } },
    { "write-cr3", PRIVILEGED, 3, { 0x0f, 0x22, 0xd8 } },
    { "read-dr5", PRIVILEGED, 3, { 0x0f, 0x21, 0xe8 } },
    { "write-dr7", PRIVILEGED, 3, { 0x0f, 0x23, 0xf8 } },
    { "in", PRIVILEGED, 2, { 0xe5, 0x71 } },
    { "in-wide", PRIVILEGED, 3, { 0x48, 0xe5, 0x71 } },
    { "read-cr8", PRIVILEGED, 4, { 0x44, 0x0f, 0x20, 0xc0 } },
    { "out", PRIVILEGED, 2, { 0x66, 0xef } },
    { "rep-ins", PRIVILEGED, 2, { 0xf3, 0x6d } },
    { "rep-outs", PRIVILEGED, 3, { 0x64, 0xf3, 0x6e } },
    { "sti", PRIVILEGED, 1, { 0xfb } },
    { "forced", INVALID, 7, { 0x0f, 0x0b, 0x78, 0x65, 0x6e, 0x0f, 0xa2 } },
    { "mov", TABLE_WRITE, 3, { 0x48, 0x89, 0x07 } },
    { "mov-immediate", TABLE_WRITE, 8,
      { 0x48, 0xc7, 0x47, 0x08, 0x67, 0x00, 0x00, 0x00 } },
    { "movb-sib", TABLE_WRITE, 5, { 0x41, 0x88, 0x44, 0x3f, 0x10 } },
    { "movnti", TABLE_WRITE, 4, { 0x48, 0x0f, 0xc3, 0x07 } },
    { "movabs", TABLE_WRITE, 10, { 0x48, 0xa3 } },
    { "relative", TABLE_WRITE, 7, { 0x48, 0x01, 0x05 } },
    { "xchg", TABLE_WRITE, 3, { 0x48, 0x87, 0x07 } },
    { "cmpxchg", TABLE_WRITE, 5, { 0xf0, 0x48, 0x0f, 0xb1, 0x0f } },
    { "cmpxchg8b", TABLE_WRITE, 4, { 0xf0, 0x0f, 0xc7, 0x0f } },
    { "xadd", TABLE_WRITE, 4, { 0x48, 0x0f, 0xc1, 0x07 } },
    { "and", TABLE_WRITE, 5, { 0xf0, 0x48, 0x83, 0x27, 0xfd } },
    { "neg", TABLE_WRITE, 3, { 0x66, 0xf7, 0x1f } },
    { "dec", TABLE_WRITE, 2, { 0xfe, 0x0f } },
    { "btr", TABLE_WRITE, 6, { 0xf0, 0x48, 0x0f, 0xba, 0x37, 0x01 } },
    { "bts", TABLE_WRITE, 4, { 0x48, 0x0f, 0xab, 0x0f } },
    { "rep-stos", TABLE_WRITE, 3, { 0xf3, 0x48, 0xab } },
    { "rep-movs", TABLE_WRITE, 4, { 0x67, 0xf3, 0x66, 0xa5 } },
};
/* clang-format on */

int main(int argc, char **argv)
{
    if (argc != 2)
        return 1;
    for (unsigned i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
        uint8_t head[HEAD + 8 * REGISTERS] = { seeds[i].kind, 0x10 };
        char name[32];

        head[4] = 15;
        for (unsigned reg = 0; reg < REGISTERS; reg++)
            head[HEAD + 8 * reg + 1] = 0x10; /* 0x1000 each */
        seed_file_write(argv[1], seeds[i].name, head, sizeof(head),
                        seeds[i].code, seeds[i].length);
        head[5] = 1;
        head[6] = 2;
        snprintf(name, sizeof(name), "%s-refused", seeds[i].name);
        seed_file_write(argv[1], name, head, sizeof(head), seeds[i].code,
                        seeds[i].length);
    }
    return 0;
}
