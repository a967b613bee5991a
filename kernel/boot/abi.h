/* SPDX-License-Identifier: MIT */
/*
 * What PVH and Multiboot loaders and Xen's PV builder hand over.
 *
 * Facts only: no code. Field names as in the sources.
 *
 * Source: Xen xen/include/public/arch-x86/hvm/start_info.h and
 *         xen/include/public/xen.h (struct start_info), memory.h; Multiboot
 *         specification 0.6.96, 3.3; Multiboot2 specification 2.0, 3.6.
 */
#ifndef PVK_BOOT_ABI_H
#define PVK_BOOT_ABI_H

#include <stddef.h>
#include <stdint.h>

#define ABI_SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type)

/* Type of a region of memory: the same number in all of them, and in E820. */
#define MEMORY_RAM 1

#define XEN_HVM_START_MAGIC_VALUE 0x336ec578

struct hvm_start_info {
    uint32_t magic;
    uint32_t version;
    uint32_t flags;
    uint32_t nr_modules;
    uint64_t modlist_paddr;
    uint64_t cmdline_paddr; /* 0: none */
    uint64_t rsdp_paddr;    /* 0: none */
    /* From version 1 on. */
    uint64_t memmap_paddr; /* 0: none */
    uint32_t memmap_entries;
    uint32_t reserved;
};
ABI_SIZE(struct hvm_start_info, 56);
#define HVM_START_INFO_V0_BYTES 40

struct hvm_modlist_entry {
    uint64_t paddr;
    uint64_t size;
    uint64_t cmdline_paddr;
    uint64_t reserved;
};
ABI_SIZE(struct hvm_modlist_entry, 32);

struct hvm_memmap_table_entry {
    uint64_t addr;
    uint64_t size;
    uint32_t type;
    uint32_t reserved;
};
ABI_SIZE(struct hvm_memmap_table_entry, 24);

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
ABI_SIZE(struct multiboot1_info, 52);

struct multiboot1_module {
    uint32_t mod_start;
    uint32_t mod_end; /* first byte behind it */
    uint32_t string;
    uint32_t reserved;
};
ABI_SIZE(struct multiboot1_module, 16);

/* 'size' does not count itself. */
struct multiboot1_mmap {
    uint32_t size;
    uint64_t addr;
    uint64_t len;
    uint32_t type;
} __attribute__((packed));
ABI_SIZE(struct multiboot1_mmap, 24);

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
ABI_SIZE(struct multiboot2_info, 8);

/* Each tag begins at a multiple of 8 bytes. */
struct multiboot2_tag {
    uint32_t type;
    uint32_t size; /* this header included */
};
ABI_SIZE(struct multiboot2_tag, 8);

struct multiboot2_module {
    struct multiboot2_tag tag;
    uint32_t mod_start;
    uint32_t mod_end; /* first byte behind it; its command line follows */
};
ABI_SIZE(struct multiboot2_module, 16);

struct multiboot2_mmap {
    struct multiboot2_tag tag;
    uint32_t entry_size;
    uint32_t entry_version;
};
ABI_SIZE(struct multiboot2_mmap, 16);

struct multiboot2_mmap_entry {
    uint64_t addr;
    uint64_t len;
    uint32_t type;
    uint32_t reserved;
};
ABI_SIZE(struct multiboot2_mmap_entry, 24);

/* Xen PV, x86-64. */
#define SIF_INITDOMAIN    (1u << 1)
#define SIF_MULTIBOOT_MOD (1u << 2)
#define SIF_MOD_START_PFN (1u << 3)

#define MAX_GUEST_CMDLINE 1024

struct start_info {
    char magic[32]; /* "xen-" and a version */
    uint64_t nr_pages;
    uint64_t shared_info; /* machine address */
    uint32_t flags;       /* SIF_* */
    uint32_t pad0;
    uint64_t store_mfn;
    uint32_t store_evtchn;
    uint32_t pad1;
    /* With SIF_INITDOMAIN these two hold something else. */
    uint64_t console_mfn;
    uint32_t console_evtchn;
    uint32_t pad2;
    uint64_t pt_base; /* virtual, as all below that is not a count */
    uint64_t nr_pt_frames;
    uint64_t mfn_list;
    uint64_t mod_start; /* with SIF_MOD_START_PFN a frame's number */
    uint64_t mod_len;
    char cmd_line[MAX_GUEST_CMDLINE];
    uint64_t first_p2m_pfn;
    uint64_t nr_p2m_frames;
};
ABI_SIZE(struct start_info, 1168);
_Static_assert(offsetof(struct start_info, pt_base) == 88, "pt_base");
_Static_assert(offsetof(struct start_info, cmd_line) == 128, "cmd_line");

/* XENMEM_memory_map fills E820's entries, at the domain's own addresses. */
#define __HYPERVISOR_memory_op 12
#define XENMEM_memory_map      9

struct e820_entry {
    uint64_t addr;
    uint64_t size;
    uint32_t type;
} __attribute__((packed));
ABI_SIZE(struct e820_entry, 20);

struct xen_memory_map {
    uint32_t nr_entries; /* in: room; out: written */
    struct e820_entry *buffer;
};

#endif /* PVK_BOOT_ABI_H */
