/* SPDX-License-Identifier: MIT */
/*
 * The names of features in a kernel's note.
 *
 * Source: Xen xen/include/public/elfnote.h, XEN_ELFNOTE_FEATURES; Xen 4.17
 *         xen/common/libelf/libelf-dominfo.c, elf_xen_parse_features().
 */
#include "abi/xen.h"
#include "image/notes.h"

static const char *const names[] = {
    [XENFEAT_writable_page_tables] = "writable_page_tables",
    [XENFEAT_writable_descriptor_tables] = "writable_descriptor_tables",
    [XENFEAT_auto_translated_physmap] = "auto_translated_physmap",
    [XENFEAT_supervisor_mode_kernel] = "supervisor_mode_kernel",
    [XENFEAT_pae_pgdir_above_4gb] = "pae_pgdir_above_4gb",
    [XENFEAT_mmu_pt_update_preserve_ad] = "mmu_pt_update_preserve_ad",
    [XENFEAT_highmem_assist] = "highmem_assist",
    [XENFEAT_gnttab_map_avail_bits] = "gnttab_map_avail_bits",
    [XENFEAT_hvm_callback_vector] = "hvm_callback_vector",
    [XENFEAT_hvm_safe_pvclock] = "hvm_safe_pvclock",
    [XENFEAT_hvm_pirqs] = "hvm_pirqs",
    [XENFEAT_dom0] = "dom0",
    [XENFEAT_linux_rsdp_unrestricted] = "linux_rsdp_unrestricted",
};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

const char *xen_features_name(unsigned feature)
{
    return feature < NAMES && names[feature] ? names[feature] : "?";
}

/* A name ends sooner than the text, or differs: the text has no NUL. */
static bool is(const struct xen_text *text, const char *name)
{
    for (size_t i = 0; i < text->length; i++) {
        if (text->at[i] != name[i])
            return false;
    }
    return !name[text->length];
}

/* NAMES: nobody knows it. */
static unsigned find(const struct xen_text *name)
{
    unsigned i;

    for (i = 0; i < NAMES; i++) {
        if (names[i] && is(name, names[i]))
            break;
    }
    return i;
}

bool xen_features_read(const struct xen_text *text, uint32_t *out_supported,
                       uint32_t *out_required, struct pvi_line *why)
{
    *out_supported = 0;
    *out_required = 0;
    for (size_t at = 0; at < text->length; at++) {
        bool required = text->at[at] == '!';
        struct xen_text name = { text->at + at + required, 0 };
        unsigned feature;

        for (at += required; at < text->length && text->at[at] != '|'; at++)
            name.length++;
        feature = find(&name);
        if (feature < NAMES) {
            *out_supported |= 1u << feature;
            *out_required |= required ? 1u << feature : 0;
        } else if (required) {
            char shown[40];

            xen_text_copy(&name, shown, sizeof(shown));
            return refuse(why,
                          "Xen note FEATURES: requires \"%s\", which nobody "
                          "here knows",
                          shown);
        }
    }
    return true;
}
