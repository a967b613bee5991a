/* SPDX-License-Identifier: MIT */
/*
 * From the boot loader's initrd to a program in memory.
 *
 * cpio.c and elf.c, and ../../unpack/gzip.c, take bytes that anybody may have
 * made: every bound is checked, and they are compiled for the host too, to be
 * fuzzed.
 */
#ifndef PVK_EXEC_EXEC_H
#define PVK_EXEC_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct space;

/* A file of the archive: its bytes stay where they are. */
struct cpio_file {
    const uint8_t *bytes;
    size_t size;
    uint32_t mode;
};

/*
 * The file 'path' ("init", "bin/true"; a leading "/" or "./" is left out) of a
 * newc archive, the last one if there are several, as Linux unpacks it. False
 * if there is none. cpio_check(): NULL, or what is wrong with the archive.
 */
const char *cpio_check(const uint8_t *archive, size_t bytes);
bool cpio_find(const uint8_t *archive, size_t bytes, const char *path,
               struct cpio_file *out_file);

/*
 * Where what is the kernel's own begins, behind a first member "pvops/rom" and
 * what else is in that folder: another archive, of any kind; 'bytes' if nothing
 * is there, 0 if there is no such member.
 */
size_t cpio_behind_rom(const uint8_t *archive, size_t bytes);

/* What of an ELF64 file goes where. */
struct elf_segment {
    uint64_t address; /* page aligned, as are bytes */
    uint64_t bytes;
    uint64_t file_offset; /* of 'address' */
    uint64_t file_bytes;
    unsigned rights; /* SPACE_READ and so on */
};
enum { ELF_SEGMENTS = 16 };
struct elf_program {
    struct elf_segment segments[ELF_SEGMENTS];
    unsigned segment_count;
    uint64_t entry;
    uint64_t headers;         /* offset of the program headers */
    uint64_t headers_address; /* 0: no segment has them */
    uint16_t header_count;
    uint64_t end; /* where brk() begins: page aligned */
};
/* ET_EXEC, or ET_DYN without interpreter ('base' is added). NULL or why not. */
const char *elf_read(const uint8_t *file, size_t bytes, uint64_t base,
                     struct elf_program *out);

/*
 * Find, gunzip if need be, and check the initrd among kernel.boot's modules.
 * False if none of them is an archive; a log line says why of each.
 */
bool exec_find_initrd(void);

/* Why not, if one of the modules began as an initrd and is damaged; or NULL. */
const char *exec_initrd_damage(void);

/*
 * The start of a program in a fresh space: its segments mapped, its stack with
 * arguments, environment and auxiliary vector. 'arguments' is 'argc' strings,
 * then 'envc', each with its NUL, 'strings_bytes' in all. 0 or -ERRNO.
 */
long exec_load(struct space *space, const char *path, const char *strings,
               size_t strings_bytes, unsigned argc, unsigned envc,
               uint64_t *out_entry, uint64_t *out_sp);

#endif /* PVK_EXEC_EXEC_H */
