/* SPDX-License-Identifier: MIT */
/*
 * A small kernel for 64-bit Xen PV.
 */
#include "recipe.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "abi/xen_elfnote.h"

const struct recipe recipe_whole = {
    .virt_base = 0xffffffff80000000,
    .paddr_offset = 0,
    .entry = 0xffffffff81002010,
    .hypercall_page = 0xffffffff81001000,
    .init_p2m = 0x8000000000,
    .mod_start_pfn = 1,
    .suspend_cancel = 1,
    .supported_features = 0x8801,
    .version = "xen-3.0",
    .loader = "generic",
    .guest_os = "linux",
    .guest_version = "2.6",
    .features = "!writable_page_tables|pae_pgdir_above_4gb",
    .loads = {
        {
            .p_type = PT_LOAD,
            .p_flags = PF_R | PF_X,
            .p_offset = 0,
            .p_vaddr = 0,
            .p_paddr = 0x1002000,
            .p_filesz = 0x20,
            .p_memsz = 0x20,
        },
        {
            .p_type = PT_LOAD,
            .p_flags = PF_R | PF_W,
            .p_offset = 0x20,
            .p_vaddr = 0xffffffff81000000,
            .p_paddr = 0x1000000,
            .p_filesz = 0x10,
            .p_memsz = 0x2000,
        },
    },
};

static void add_number(struct elf_builder *elf, uint32_t type, uint64_t number,
                       size_t bytes)
{
    if (number != KERNEL_UNSET)
        elf_builder_xen_number(elf, 4, type, number, bytes);
}

static void add_text(struct elf_builder *elf, uint32_t type, const char *text)
{
    if (text)
        elf_builder_note(elf, 4, "Xen", type, text, strlen(text) + 1);
}

static void add_notes(const struct recipe *recipe, struct elf_builder *elf)
{
    size_t at = elf_builder_note(elf, 4, "Other", XEN_ELFNOTE_ENTRY, "1234", 4);

    add_text(elf, XEN_ELFNOTE_GUEST_OS, recipe->guest_os);
    add_text(elf, XEN_ELFNOTE_GUEST_VERSION, recipe->guest_version);
    add_text(elf, XEN_ELFNOTE_XEN_VERSION, recipe->version);
    add_text(elf, XEN_ELFNOTE_LOADER, recipe->loader);
    /* Without its NUL, as in Linux. */
    if (recipe->features)
        elf_builder_note(elf, 4, "Xen", XEN_ELFNOTE_FEATURES, recipe->features,
                         strlen(recipe->features));
    add_text(elf, XEN_ELFNOTE_BSD_SYMTAB, recipe->bsd_symtab);
    add_number(elf, XEN_ELFNOTE_VIRT_BASE, recipe->virt_base, 8);
    add_number(elf, XEN_ELFNOTE_PADDR_OFFSET, recipe->paddr_offset, 8);
    add_number(elf, XEN_ELFNOTE_ENTRY, recipe->entry, 8);
    add_number(elf, XEN_ELFNOTE_HYPERCALL_PAGE, recipe->hypercall_page, 8);
    add_number(elf, XEN_ELFNOTE_INIT_P2M, recipe->init_p2m, 8);
    add_number(elf, XEN_ELFNOTE_MOD_START_PFN, recipe->mod_start_pfn, 4);
    add_number(elf, XEN_ELFNOTE_SUSPEND_CANCEL, recipe->suspend_cancel, 1);
    add_number(elf, XEN_ELFNOTE_SUPPORTED_FEATURES, recipe->supported_features,
               4);
    /* Types of no use here: a pair, and one that nobody knows. */
    elf_builder_note(elf, 4, "Xen", XEN_ELFNOTE_L1_MFN_VALID,
                     "1234567812345678", 16);
    elf_builder_note(elf, 4, "Xen", 77, "abc", 3);
    if (recipe->notes_in_section)
        elf_builder_section(elf, ".note.Xen", SHT_NOTE, at, elf->size - at, 0,
                            0, 4);
    else
        elf_builder_segment(elf, PT_NOTE, at, elf->size - at, 0, 0, 4);
}

void recipe_build(const struct recipe *recipe, struct elf_builder *out)
{
    size_t content;

    elf_builder_start(out, true);
    content = elf_builder_add(out, 16, NULL, 0x30);
    for (unsigned i = 0; i < 0x30; i++)
        out->data[content + i] = (uint8_t)i;
    for (unsigned i = 0; i < RECIPE_LOADS; i++) {
        Elf64_Phdr load = recipe->loads[i];
        size_t at = elf_builder_segment(out, PT_LOAD, 0, 0, 0, 0, 0);

        load.p_offset += content;
        memcpy(out->data + at, &load, sizeof(load));
    }
    add_notes(recipe, out);
    elf_builder_finish(out);
}

bool recipe_read_copy(const void *bytes, size_t size, struct kernel_image *out,
                      struct pvi_line *why)
{
    uint8_t *copy = malloc(size + 1);
    bool good;

    assert(copy);
    memcpy(copy + 1, bytes, size);
    good = kernel_image_read(copy + 1, size, RECIPE_FEATURES, out, why);
    free(copy);
    return good;
}
