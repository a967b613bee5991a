/* SPDX-License-Identifier: MIT */
/*
 * ELF files of 64 bits, as far as loading one needs. Facts only; names as in
 * the source.
 *
 * Source: System V ABI (gABI), chapters 4 and 5; AMD64 supplement 1.0, 4.1
 *         (EM_X86_64).
 */
#ifndef ABI_ELF_H
#define ABI_ELF_H

#include "abi/abi.h"

/* e_ident */
#define EI_CLASS    4
#define EI_DATA     5
#define ELFCLASS32  1
#define ELFCLASS64  2
#define ELFDATA2LSB 1

/* e_type, e_machine */
#define ET_REL    1
#define ET_EXEC   2
#define ET_DYN    3
#define ET_CORE   4
#define EM_X86_64 62

struct elf64_header {
    uint8_t e_ident[16];
    uint16_t e_type;
    uint16_t e_machine;
    uint32_t e_version;
    uint64_t e_entry;
    uint64_t e_phoff;
    uint64_t e_shoff;
    uint32_t e_flags;
    uint16_t e_ehsize;
    uint16_t e_phentsize;
    uint16_t e_phnum;
    uint16_t e_shentsize;
    uint16_t e_shnum;
    uint16_t e_shstrndx;
};

ABI_SIZE(struct elf64_header, 64);
ABI_OFFSET(struct elf64_header, e_phnum, 56);

/* p_type, p_flags */
#define PT_LOAD 1
#define PT_NOTE 4
#define PF_X    1
#define PF_W    2
#define PF_R    4

struct elf64_segment {
    uint32_t p_type;
    uint32_t p_flags;
    uint64_t p_offset;
    uint64_t p_vaddr;
    uint64_t p_paddr;
    uint64_t p_filesz;
    uint64_t p_memsz;
    uint64_t p_align;
};

ABI_SIZE(struct elf64_segment, 56);
ABI_OFFSET(struct elf64_segment, p_memsz, 40);

/* sh_type */
#define SHT_NOTE 7

struct elf64_section {
    uint32_t sh_name;
    uint32_t sh_type;
    uint64_t sh_flags;
    uint64_t sh_addr;
    uint64_t sh_offset;
    uint64_t sh_size;
    uint32_t sh_link;
    uint32_t sh_info;
    uint64_t sh_addralign;
    uint64_t sh_entsize;
};

ABI_SIZE(struct elf64_section, 64);
ABI_OFFSET(struct elf64_section, sh_offset, 24);

/* Of a note; then its name and its value, each padded to 4 bytes. */
struct elf64_note {
    uint32_t n_namesz;
    uint32_t n_descsz;
    uint32_t n_type;
};

ABI_SIZE(struct elf64_note, 12);

#endif /* ABI_ELF_H */
