/* SPDX-License-Identifier: MIT */
/*
 * The kernel that libxenshim.a is linked into, as the loader left it: put
 * behind an ELF header, so that it is read as any kernel's file is. The domain
 * is built of a copy; the memory of the original is the guest's then, but for
 * the shim in it.
 */
#include "boot/module.h"

#include "abi/elf.h"
#include "boot/boot.h"
#include "domain/domain.h"
#include "image/notes.h"
#include "log.h"
#include "mm/memory.h"
#include "ring0/image.h"

#include <string.h>

/* Below all images, and free until the first CPU is started: smp.c. */
enum { HEADER_AT = 0x8000 };

struct header {
    struct elf64_header elf;
    struct elf64_segment segments[2];
};

extern uint64_t ring0_image_at;

static struct ring0_image image;
static uint64_t image_at; /* machine address */

const char *modules_add_own(struct boot *boot)
{
    memcpy(&image, memory_at(ring0_image_at), sizeof(image));
    if (image.begin > image.self || image.end <= image.self ||
        image.notes < image.begin || image.notes_end > image.end ||
        image.notes > image.notes_end ||
        image.self - image.begin > ring0_image_at)
        return "xenshim_image_begin to _end is not the image, or the notes are "
               "not in it";
    image_at = ring0_image_at - (image.self - image.begin);
    if (image_at < HEADER_AT + PAGE_BYTES)
        return "the kernel is not above 36 KiB";
    return boot_add_module(boot, image_at, image.end - image.begin);
}

static void make_header(struct header *header)
{
    uint64_t before = image_at - HEADER_AT;

    *header = (struct header){
        .elf = {
            .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
            .e_type = ET_EXEC,
            .e_machine = EM_X86_64,
            .e_version = 1,
            .e_phoff = offsetof(struct header, segments),
            .e_ehsize = sizeof(header->elf),
            .e_phentsize = sizeof(header->segments[0]),
            .e_phnum = 2,
        },
        .segments = {
            {
                .p_type = PT_LOAD,
                .p_flags = PF_R | PF_W | PF_X,
                .p_offset = before,
                .p_filesz = image.end - image.begin,
                .p_memsz = image.end - image.begin,
            },
            {
                .p_type = PT_NOTE,
                .p_flags = PF_R,
                .p_offset = before + (image.notes - image.begin),
                .p_filesz = image.notes_end - image.notes,
                .p_memsz = image.notes_end - image.notes,
            },
        },
    };
}

/* Where it is loaded as a domain's memory: by its notes. */
static void place(struct header *header, uint64_t bytes)
{
    struct xen_notes notes;
    struct elf_file file;
    struct pvi_line why;

    if (!elf_file_open((const uint8_t *)header, bytes, &file, &why) ||
        !xen_notes_read(&file, &notes, &why))
        boot_failed("kernel: %s", why.text);
    header->segments[0].p_paddr =
        image.begin - xen_notes_number(&notes, XEN_ELFNOTE_VIRT_BASE, 0) +
        xen_notes_number(&notes, XEN_ELFNOTE_PADDR_OFFSET, 0);
}

void modules_find(const struct boot *boot, struct domain_source *out_source)
{
    uint64_t bytes = image_at + (image.end - image.begin) - HEADER_AT;
    struct header *header = memory_at(HEADER_AT);

    make_header(header);
    place(header, bytes);
    *out_source = (struct domain_source){
        .kernel = (const uint8_t *)header,
        .kernel_bytes = bytes,
        .cmdline = boot->cmdline,
    };
    /* The kernel is the last. */
    if (boot->module_count > 1) {
        out_source->initrd = memory_at(boot->modules[0].base);
        out_source->initrd_bytes = boot->modules[0].bytes;
    }
    if (boot->module_count > 2)
        log_line("modules behind the first are not used");
}

void modules_unpack(struct boot *boot, struct domain_source *source)
{
    (void)boot;
    (void)source;
}
