/* SPDX-License-Identifier: MIT */
/*
 * Seeds for kernel_fuzz: kernel_seeds FOLDER writes one file of each kind.
 */
#include "recipe.h"
#include "seed_file.h"

#include <string.h>

static struct elf_builder elf;

/*
 * A bzImage whose payload is the ELF in gzip's stored form (RFC 1951, 3.2.4),
 * which a fuzzer can change; its sum it cannot, but damage is reached before.
 */
static void write_bzimage(const char *folder)
{
    static uint8_t file[4096];
    size_t at = 1024;
    uint32_t crc = UINT32_MAX;

    memcpy(file + at, "\x1f\x8b\x08\0\0\0\0\0\0\3\1", 11);
    at += 11;
    file[at] = (uint8_t)elf.size;
    file[at + 1] = (uint8_t)(elf.size >> 8);
    file[at + 2] = (uint8_t)~elf.size;
    file[at + 3] = (uint8_t)(~elf.size >> 8);
    memcpy(file + at + 4, elf.data, elf.size);
    at += 4 + elf.size;
    for (size_t i = 0; i < elf.size; i++) {
        crc ^= elf.data[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    crc = ~crc;
    for (unsigned i = 0; i < 4; i++) {
        file[at + i] = (uint8_t)(crc >> (8 * i));
        file[at + 4 + i] = (uint8_t)(elf.size >> (8 * i));
    }
    at += 8;

    file[0x1f1] = 1;
    file[0x1f4] = (uint8_t)((at - 1024 + 15) / 16);
    memcpy(file + 0x1fe, "\x55\xaa", 2);
    memcpy(file + 0x202, "HdrS\x0f\x02", 6);
    file[0x24c] = (uint8_t)(at - 1024);
    file[0x24d] = (uint8_t)((at - 1024) >> 8);
    seed_file_write(folder, "bzimage", "", 0, file, at);
    seed_file_write(folder, "gzip", "", 0, file + 1024, at - 1024);
}

int main(int argc, char **argv)
{
    struct recipe recipe = recipe_whole;

    if (argc != 2) {
        fprintf(stderr, "usage: kernel_seeds FOLDER\n");
        return 2;
    }
    recipe_build(&recipe, &elf);
    seed_file_write(argv[1], "segment", "", 0, elf.data, elf.size);
    write_bzimage(argv[1]);
    recipe.notes_in_section = true;
    recipe_build(&recipe, &elf);
    seed_file_write(argv[1], "section", "", 0, elf.data, elf.size);
    recipe.virt_base = recipe.entry = KERNEL_UNSET;
    recipe.paddr_offset = recipe.init_p2m = KERNEL_UNSET;
    recipe.hypercall_page = KERNEL_UNSET;
    recipe.features = "dom0|!writable_page_tables";
    recipe.bsd_symtab = "yes";
    recipe_build(&recipe, &elf);
    elf_builder_put(&elf, offsetof(Elf64_Ehdr, e_entry), 8, 0x1001000);
    seed_file_write(argv[1], "few", "", 0, elf.data, elf.size);
    return 0;
}
