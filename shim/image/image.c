/* SPDX-License-Identifier: MIT */
/*
 * A kernel's segments and notes as addresses, each checked.
 *
 * Xen loads by p_paddr, and maps pseudo-physical memory from VIRT_BASE on:
 * p_vaddr counts for nothing. Linux's per-CPU segment has p_vaddr 0.
 *
 * Source: Xen 4.17 xen/common/libelf/libelf-dominfo.c,
 *         elf_xen_addr_calc_check(), elf_xen_note_check(); libelf-tools.c,
 *         elf_phdr_is_loadable(); xen/arch/x86/pv/dom0_build.c.
 */
#include "image/image.h"

#include "abi/xen.h"
#include "abi/xen_pv.h"
#include "image/notes.h"

enum { PAGE = 4096 };

/* Canonical addresses end here, and begin again with HYPERVISOR_VIRT_START. */
#define LOWER_HALF_END UINT64_C(0x800000000000)

static bool add_segment(const struct elf_file *file, unsigned index,
                        uint64_t paddr_offset, struct kernel_image *image,
                        struct pvi_line *why)
{
    struct elf64_segment segment = elf_file_segment(file, index);
    unsigned at = image->segment_count;

    if (segment.p_type != PT_LOAD || !segment.p_memsz ||
        !(segment.p_flags & (PF_R | PF_W | PF_X)))
        return true;
    if (!elf_file_has(file, segment.p_offset, segment.p_filesz))
        return refuse(why,
                      "ELF: segment %u passes the end of the file (0x%llx + "
                      "0x%llx, 0x%llx bytes)",
                      index, wide(segment.p_offset), wide(segment.p_filesz),
                      wide(file->size));
    if (segment.p_filesz > segment.p_memsz)
        return refuse(why,
                      "ELF: segment %u has 0x%llx bytes in the file but 0x%llx "
                      "in memory",
                      index, wide(segment.p_filesz), wide(segment.p_memsz));
    if (segment.p_paddr < paddr_offset)
        return refuse(why,
                      "ELF: segment %u: address 0x%llx is below PADDR_OFFSET "
                      "0x%llx",
                      index, wide(segment.p_paddr), wide(paddr_offset));
    if (segment.p_memsz > UINT64_MAX - segment.p_paddr)
        return refuse(why, "ELF: segment %u passes 2^64 (0x%llx + 0x%llx)",
                      index, wide(segment.p_paddr), wide(segment.p_memsz));
    if (at == KERNEL_SEGMENTS)
        return refuse(why, "ELF: more than %u segments to load",
                      KERNEL_SEGMENTS);
    /* Sorted as they come. */
    for (; at &&
           image->segments[at - 1].physical > segment.p_paddr - paddr_offset;
         at--)
        image->segments[at] = image->segments[at - 1];
    image->segments[at] = (struct kernel_segment){
        .file_offset = segment.p_offset,
        .file_bytes = segment.p_filesz,
        .physical = segment.p_paddr - paddr_offset,
        .bytes = segment.p_memsz,
        .flags = segment.p_flags,
    };
    image->segment_count++;
    return true;
}

static bool read_segments(const struct elf_file *file,
                          const struct xen_notes *notes,
                          struct kernel_image *image, struct pvi_line *why)
{
    uint64_t offset = xen_notes_number(notes, XEN_ELFNOTE_PADDR_OFFSET, 0);

    for (unsigned i = 0; i < file->header.e_phnum; i++) {
        if (!add_segment(file, i, offset, image, why))
            return false;
    }
    if (!image->segment_count)
        return refuse(why, "ELF: it has no segment to load");
    for (unsigned i = 1; i < image->segment_count; i++) {
        const struct kernel_segment *low = &image->segments[i - 1];
        const struct kernel_segment *high = &image->segments[i];

        if (high->physical - low->physical < low->bytes)
            return refuse(why,
                          "ELF: a segment at 0x%llx lies in that at 0x%llx "
                          "(0x%llx bytes)",
                          wide(high->physical), wide(low->physical),
                          wide(low->bytes));
    }
    return true;
}

/* Is [start, end) where a domain may have memory of its own? */
static bool is_guests(uint64_t start, uint64_t end)
{
    return end <= LOWER_HALF_END || start >= HYPERVISOR_VIRT_END;
}

static bool place(const struct xen_notes *notes, struct kernel_image *image,
                  struct pvi_line *why)
{
    const struct kernel_segment *first = &image->segments[0];
    const struct kernel_segment *last =
        &image->segments[image->segment_count - 1];
    uint64_t base = xen_notes_number(notes, XEN_ELFNOTE_VIRT_BASE, 0);

    if (notes->of[XEN_ELFNOTE_PADDR_OFFSET].is_there &&
        !notes->of[XEN_ELFNOTE_VIRT_BASE].is_there)
        return refuse(why, "Xen notes: PADDR_OFFSET without VIRT_BASE");
    if (base % PAGE)
        return refuse(why, "Xen note VIRT_BASE: 0x%llx is not page aligned",
                      wide(base));
    if (last->physical + last->bytes > UINT64_MAX - base)
        return refuse(why,
                      "Xen note VIRT_BASE: from 0x%llx on the image (to "
                      "0x%llx) passes 2^64",
                      wide(base), wide(last->physical + last->bytes));
    image->virt_base = base;
    image->virt_start = base + first->physical;
    image->virt_end = base + last->physical + last->bytes;
    if (!is_guests(base, image->virt_end))
        return refuse(why,
                      "Xen note VIRT_BASE: 0x%llx to 0x%llx is Xen's area, or "
                      "not canonical",
                      wide(base), wide(image->virt_end));
    return true;
}

static bool is_loaded(const struct kernel_image *image, uint64_t address)
{
    uint64_t physical = address - image->virt_base;

    for (unsigned i = 0; i < image->segment_count; i++) {
        const struct kernel_segment *segment = &image->segments[i];

        if (physical >= segment->physical &&
            physical - segment->physical < segment->bytes)
            return true;
    }
    return false;
}

static bool check_addresses(struct kernel_image *image, struct pvi_line *why)
{
    uint64_t page = image->hypercall_page;
    uint64_t p2m = image->init_p2m;

    if (!is_loaded(image, image->entry))
        return refuse(why,
                      "Xen note ENTRY: 0x%llx is in no segment (image 0x%llx "
                      "to 0x%llx)",
                      wide(image->entry), wide(image->virt_start),
                      wide(image->virt_end));
    if (page != KERNEL_UNSET &&
        (page % PAGE || page < image->virt_start || page >= image->virt_end ||
         image->virt_end - page < PAGE))
        return refuse(why,
                      "Xen note HYPERCALL_PAGE: 0x%llx is no page of the image "
                      "(0x%llx to 0x%llx)",
                      wide(page), wide(image->virt_start),
                      wide(image->virt_end));
    if (p2m != KERNEL_UNSET &&
        (p2m % PAGE || !is_guests(p2m, p2m + PAGE - 1) ||
         (p2m >= image->virt_base && p2m < image->virt_end)))
        return refuse(why,
                      "Xen note INIT_P2M: 0x%llx is no place beside the image "
                      "(0x%llx to 0x%llx)",
                      wide(p2m), wide(image->virt_base), wide(image->virt_end));
    return true;
}

static bool check_notes(const struct xen_notes *notes, struct pvi_line *why)
{
    const struct xen_text *version = &notes->of[XEN_ELFNOTE_XEN_VERSION].text;
    const struct xen_text *loader = &notes->of[XEN_ELFNOTE_LOADER].text;
    const struct xen_text *os = &notes->of[XEN_ELFNOTE_GUEST_OS].text;
    char shown[KERNEL_NAME_BYTES];

    if (!notes->count)
        return refuse(why, "ELF: it has no Xen notes, so is no Xen PV kernel");
    if (!xen_text_begins(loader, "generic") && !xen_text_begins(os, "linux")) {
        xen_text_copy(loader, shown, sizeof(shown));
        return refuse(why,
                      "Xen notes: neither LOADER is \"generic\" (\"%s\") nor "
                      "GUEST_OS \"linux\"",
                      shown);
    }
    if (!xen_text_begins(version, "xen-3.0")) {
        xen_text_copy(version, shown, sizeof(shown));
        return refuse(
            why, "Xen note XEN_VERSION: \"%s\" instead of \"xen-3.0\"", shown);
    }
    return true;
}

static bool read_features(const struct xen_notes *notes, uint32_t features,
                          struct kernel_image *image, struct pvi_line *why)
{
    uint32_t lacking;

    if (!xen_features_read(&notes->of[XEN_ELFNOTE_FEATURES].text,
                           &image->features_supported,
                           &image->features_required, why))
        return false;
    image->tells_supported = notes->of[XEN_ELFNOTE_SUPPORTED_FEATURES].is_there;
    image->features_supported |=
        (uint32_t)xen_notes_number(notes, XEN_ELFNOTE_SUPPORTED_FEATURES, 0);
    lacking = image->features_required & ~features;
    if (lacking)
        return refuse(why, "Xen note FEATURES: requires %s, which is not there",
                      xen_features_name((unsigned)__builtin_ctz(lacking)));
    return true;
}

bool kernel_image_read(const uint8_t *file, size_t file_bytes,
                       uint32_t features, struct kernel_image *out,
                       struct pvi_line *why)
{
    struct xen_notes notes;
    struct elf_file elf;

    *out = (struct kernel_image){ 0 };
    if (!elf_file_open(file, file_bytes, &elf, why) ||
        !xen_notes_read(&elf, &notes, why) || !check_notes(&notes, why) ||
        !read_features(&notes, features, out, why) ||
        !read_segments(&elf, &notes, out, why) || !place(&notes, out, why))
        return false;

    out->entry =
        xen_notes_number(&notes, XEN_ELFNOTE_ENTRY, elf.header.e_entry);
    out->hypercall_page =
        xen_notes_number(&notes, XEN_ELFNOTE_HYPERCALL_PAGE, KERNEL_UNSET);
    out->init_p2m =
        xen_notes_number(&notes, XEN_ELFNOTE_INIT_P2M, KERNEL_UNSET);
    out->hv_start_low =
        xen_notes_number(&notes, XEN_ELFNOTE_HV_START_LOW, KERNEL_UNSET);
    out->mod_start_pfn = xen_notes_number(&notes, XEN_ELFNOTE_MOD_START_PFN, 0);
    out->suspend_cancel =
        xen_notes_number(&notes, XEN_ELFNOTE_SUSPEND_CANCEL, 0);
    out->bsd_symtab =
        xen_text_begins(&notes.of[XEN_ELFNOTE_BSD_SYMTAB].text, "yes");
    xen_text_copy(&notes.of[XEN_ELFNOTE_GUEST_OS].text, out->guest_os,
                  KERNEL_NAME_BYTES);
    xen_text_copy(&notes.of[XEN_ELFNOTE_GUEST_VERSION].text, out->guest_version,
                  KERNEL_NAME_BYTES);
    return check_addresses(out, why);
}
