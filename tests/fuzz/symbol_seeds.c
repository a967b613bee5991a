/* SPDX-License-Identifier: MIT */
/*
 * Seeds for symbol_fuzz: symbol_seeds FOLDER writes ELFs with symbol tables.
 */
#include "elf_builder.h"
#include "seed_file.h"

static struct elf_builder elf;

static void make_elf(bool is64, uint32_t type)
{
    static const char names[] = "\0start\0twice";
    size_t entry = is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
    size_t at;

    elf_builder_kernel(&elf, is64);
    at = elf_builder_add(&elf, 1, names, sizeof(names));
    elf_builder_section(&elf, ".strtab", SHT_STRTAB, at, sizeof(names), 0, 0,
                        1);
    at = elf_builder_symbol(&elf, 1, STB_GLOBAL, STT_FUNC, 1, 0x80100000);
    elf_builder_symbol(&elf, 7, STB_LOCAL, STT_FUNC, 1, 0x80100010);
    elf_builder_symbol(&elf, 7, STB_LOCAL, STT_FUNC, 1, 0x80100020);
    elf_builder_section(&elf, "table", type, at, elf.size - at, 1, entry, 8);
    elf_builder_finish(&elf);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: symbol_seeds FOLDER\n");
        return 2;
    }
    make_elf(true, SHT_SYMTAB);
    seed_file_write(argv[1], "elf-64", "start", 6, elf.data, elf.size);
    make_elf(false, SHT_SYMTAB);
    seed_file_write(argv[1], "elf-32", "twice", 6, elf.data, elf.size);
    make_elf(true, SHT_DYNSYM);
    seed_file_write(argv[1], "dynamic-64", "start", 6, elf.data, elf.size);
    return 0;
}
