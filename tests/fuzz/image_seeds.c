/* SPDX-License-Identifier: MIT */
/*
 * Seeds for image_fuzz: image_seeds FOLDER writes one file of each kind.
 */
#include "elf_builder.h"
#include "seed_file.h"

#include <string.h>

static struct elf_builder elf;
static const char *folder;

static void write_elf(const char *name)
{
    seed_file_write(folder, name, "", 0, elf.data, elf.size);
}

static void write_elfs(bool is64)
{
    static const uint32_t multiboot1[3] = { 0x1badb002, 3, 0xe4524ffb };
    static const uint32_t multiboot2[4] = { 0xe85250d6, 0, 16, 0x17adaf1a };
    static const char guest[] = "VIRT_BASE=0xC0000000,VIRT_ENTRY=0xC0100000";
    size_t at;

    elf_builder_pvh_kernel(&elf, is64);
    elf_builder_section(&elf, ".note", SHT_NOTE, elf.size - 20, 20, 0, 0, 4);
    elf_builder_finish(&elf);
    write_elf(is64 ? "pvh-64" : "pvh-32");

    elf_builder_kernel(&elf, is64);
    elf_builder_add(&elf, 4, multiboot1, sizeof(multiboot1));
    elf_builder_add(&elf, 8, multiboot2, sizeof(multiboot2));
    write_elf(is64 ? "multiboot-64" : "multiboot-32");

    elf_builder_kernel(&elf, is64);
    at = elf_builder_note(&elf, 8, "Xen", BUILDER_XEN_VERSION, "xen-3.0", 8);
    elf_builder_xen_number(&elf, 8, BUILDER_XEN_ENTRY, 0xc0100000, 8);
    elf_builder_xen_number(&elf, 8, BUILDER_XEN_VIRT_BASE, 0xc0000000, 4);
    elf_builder_segment(&elf, PT_NOTE, at, elf.size - at, 0, 0, 8);
    write_elf(is64 ? "xen-64" : "xen-32");

    /* The last note passes the end of its segment and of the file. */
    elf_builder_kernel(&elf, is64);
    at = elf_builder_xen_number(&elf, 4, BUILDER_XEN_ENTRY, 0xc0100000, 8);
    elf.size -= 4;
    elf_builder_segment(&elf, PT_NOTE, at, elf.size - at, 0, 0, 4);
    write_elf(is64 ? "cut-64" : "cut-32");

    elf_builder_kernel(&elf, is64);
    at = elf_builder_add(&elf, 1, guest, sizeof(guest));
    elf_builder_section(&elf, "__xen_guest", SHT_PROGBITS, at, sizeof(guest), 0,
                        0, 1);
    elf_builder_finish(&elf);
    write_elf(is64 ? "guest-64" : "guest-32");
}

/*
 * A bzImage whose payload is the ELF in gzip's stored form (RFC 1951, 3.2.4),
 * which a fuzzer can change without unpacking it. libarchive does not check
 * the CRC.
 */
static void write_bzimage(void)
{
    static uint8_t file[4096];
    size_t at = 1024, payload = at;
    uint16_t length, inverse;
    uint32_t unpacked;

    elf_builder_pvh_kernel(&elf, true);
    length = (uint16_t)elf.size;
    inverse = (uint16_t)~length;
    unpacked = (uint32_t)elf.size;
    memcpy(file + at, "\x1f\x8b\x08\0\0\0\0\0\0\3\1", 11);
    at += 11;
    memcpy(file + at, &length, 2);
    memcpy(file + at + 2, &inverse, 2);
    memcpy(file + at + 4, elf.data, elf.size);
    at += 4 + elf.size + 4;
    memcpy(file + at, &unpacked, 4);
    at += 4;

    file[0x1f1] = 1;
    file[0x1f4] = (uint8_t)((at - 1024) / 16);
    memcpy(file + 0x1fe, "\x55\xaa", 2);
    memcpy(file + 0x202, "HdrS\x0f\x02", 6);
    file[0x236] = 1;
    file[0x24c] = (uint8_t)(at - payload);
    file[0x24d] = (uint8_t)((at - payload) >> 8);
    seed_file_write(folder, "bzimage", "", 0, file, at);
}

int main(int argc, char **argv)
{
    static uint8_t disk[512], iso[34816];

    if (argc != 2) {
        fprintf(stderr, "usage: image_seeds FOLDER\n");
        return 2;
    }
    folder = argv[1];
    write_elfs(true);
    write_elfs(false);
    write_bzimage();
    memcpy(disk + 510, "\x55\xaa", 2);
    seed_file_write(folder, "disk", "", 0, disk, sizeof(disk));
    memcpy(iso + 32769, "CD001\1", 6);
    seed_file_write(folder, "iso", "", 0, iso, sizeof(iso));
    seed_file_write(folder, "qcow2", "QFI\xfb\0\0\0\3", 8, disk, 96);
    return 0;
}
