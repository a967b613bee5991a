/* SPDX-License-Identifier: MIT */
/*
 * A small kernel for 64-bit Xen PV, of which a test changes what it is about.
 */
#ifndef TESTS_SHIM_IMAGE_RECIPE_H
#define TESTS_SHIM_IMAGE_RECIPE_H

#include "elf_builder.h"
#include "image/image.h"

enum { RECIPE_LOADS = 2 };

#define RECIPE_FEATURES 0x811u /* dom0, and Linux's two of page tables */

/* NULL and KERNEL_UNSET: no such note. */
struct recipe {
    uint64_t virt_base, paddr_offset, entry, hypercall_page, init_p2m;
    uint64_t mod_start_pfn, suspend_cancel, supported_features;
    const char *version, *loader, *guest_os, *guest_version, *features;
    const char *bsd_symtab;
    bool notes_in_section;
    Elf64_Phdr loads[RECIPE_LOADS]; /* p_offset is counted from the content */
};

/* As Linux has it, but of three pages, the second segment the lower one. */
extern const struct recipe recipe_whole;

void recipe_build(const struct recipe *recipe, struct elf_builder *out);

/*
 * kernel_image_read() of a copy that begins at an odd address and ends where
 * its allocation ends, so that the sanitizer sees each byte too many.
 */
bool recipe_read_copy(const void *bytes, size_t size, struct kernel_image *out,
                      struct pvi_line *why);

#endif /* TESTS_SHIM_IMAGE_RECIPE_H */
