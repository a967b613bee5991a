/* SPDX-License-Identifier: MIT */
/*
 * What PVH and Multiboot loaders hand over.
 *
 * Facts only: no code. Field names as in the sources.
 *
 * Source: Xen xen/include/public/arch-x86/hvm/start_info.h; Multiboot
 *         specification 0.6.96, 3.3; Multiboot2 specification 2.0, 3.6.
 */
#ifndef GUEST_BOOT_ABI_H
#define GUEST_BOOT_ABI_H

#include <stddef.h>
#include <stdint.h>

#define XEN_HVM_START_MAGIC_VALUE 0x336ec578

/* Type of a memory region: the same number in all three and in E820. */
#define MEMORY_RAM 1

struct hvm_start_info {
    uint32_t magic;
    uint32_t version;
    uint32_t flags; /* SIF_*, under Xen */
    uint32_t nr_modules;
    uint64_t modlist_paddr;
    uint64_t cmdline_paddr; /* 0: none */
    uint64_t rsdp_paddr;    /* 0: none */
    /* From version 1 on. */
    uint64_t memmap_paddr;
    uint32_t memmap_entries;
    uint32_t reserved;
};

_Static_assert(sizeof(struct hvm_start_info) == 56, "hvm_start_info");

struct hvm_modlist_entry {
    uint64_t paddr;
    uint64_t size;
    uint64_t cmdline_paddr;
    uint64_t reserved;
};

struct hvm_memmap_table_entry {
    uint64_t addr;
    uint64_t size;
    uint32_t type;
    uint32_t reserved;
};

_Static_assert(sizeof(struct hvm_memmap_table_entry) == 24, "memmap");

#define MULTIBOOT1_LOADER_MAGIC 0x2badb002

#define MULTIBOOT1_INFO_CMDLINE (1u << 2)
#define MULTIBOOT1_INFO_MODS    (1u << 3)
#define MULTIBOOT1_INFO_MMAP    (1u << 6)

struct multiboot1_info {
    uint32_t flags; /* MULTIBOOT1_INFO_* */
    uint32_t mem_lower;
    uint32_t mem_upper;
    uint32_t boot_device;
    uint32_t cmdline;
    uint32_t mods_count;
    uint32_t mods_addr;
    uint32_t syms[4];
    uint32_t mmap_length;
    uint32_t mmap_addr;
};

_Static_assert(offsetof(struct multiboot1_info, mmap_addr) == 48, "mmap");

struct multiboot1_module {
    uint32_t mod_start;
    uint32_t mod_end; /* first byte behind it */
    uint32_t string;
    uint32_t reserved;
};

/* 'size' does not count itself. */
struct multiboot1_mmap {
    uint32_t size;
    uint64_t addr;
    uint64_t len;
    uint32_t type;
} __attribute__((packed));

#define MULTIBOOT2_LOADER_MAGIC 0x36d76289

#define MULTIBOOT2_TAG_END      0
#define MULTIBOOT2_TAG_CMDLINE  1
#define MULTIBOOT2_TAG_MODULE   3
#define MULTIBOOT2_TAG_MMAP     6
#define MULTIBOOT2_TAG_ACPI_OLD 14
#define MULTIBOOT2_TAG_ACPI_NEW 15

struct multiboot2_info {
    uint32_t total_size;
    uint32_t reserved;
};

/* Each tag begins at a multiple of 8 bytes. */
struct multiboot2_tag {
    uint32_t type;
    uint32_t size; /* this header included */
};

struct multiboot2_module {
    struct multiboot2_tag tag;
    uint32_t mod_start;
    uint32_t mod_end;
};

struct multiboot2_mmap {
    struct multiboot2_tag tag;
    uint32_t entry_size;
    uint32_t entry_version;
};

struct multiboot2_mmap_entry {
    uint64_t addr;
    uint64_t len;
    uint32_t type;
    uint32_t reserved;
};

#endif /* GUEST_BOOT_ABI_H */
