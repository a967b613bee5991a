/* SPDX-License-Identifier: MIT */
/*
 * The 64-bit profile of VMI: from the places where a ROM may be to a copy that
 * is checked. docs/vmi64.md is its definition.
 *
 * What lies there can change at any moment: it is read once, into the kernel's
 * own memory, and everything is decided on that copy.
 */
#include "vmi_64.h"

#if PVOPS_VMI && defined(__x86_64__)

#include "acpi.h"
#include "sha256.h"
#include <x86/insn.h>
#include <x86/percpu.h>

enum {
    PAGE_BYTES = 4096,
    /* newc: magic, then 13 numbers of 8 digits. */
    NEWC_BYTES = 110,
    NEWC_FILE_BYTES = 54,
    NEWC_NAME_BYTES = 94,
    LONGEST = UINT8_MAX * VMI_BLOCK_BYTES,
};

/* Where a ROM may be, as long as it is not copied. */
struct source {
    const uint8_t *bytes;
    size_t most;
    bool exact; /* 'most' is its length, 'sha256' its hash */
    uint8_t sha256[32];
};

static void refuse(const char *why)
{
    pvi_vmi_refuse(why, PVI_VMI_NO_NUMBER);
}

static bool same_bytes(const void *a, const void *b, size_t bytes)
{
    const uint8_t *one = a, *other = b;
    uint8_t difference = 0;

    while (bytes--)
        difference |= *one++ ^ *other++;
    return !difference;
}

/* False: refused. 'area' holds the image, and behind it zeroed state. */
static bool copy(const struct source *from,
                 const struct pvops_rom_options *options,
                 struct pvi_rom_image *out_image)
{
    size_t bytes = from->most < LONGEST ? from->most : LONGEST;
    uint8_t *area = options->area;
    uint32_t broken;
    size_t end;

    if (bytes > options->area_bytes)
        bytes = options->area_bytes;
    __builtin_memcpy(area, from->bytes, bytes);

    broken = pvi_rom_check(area, bytes, VMI64_API_MAJOR, out_image);
    if (broken == 1u << PVI_ROM_LENGTH && bytes < from->most &&
        bytes < LONGEST) {
        refuse("it and its state are longer than the area for it");
        return false;
    }
    if (broken) {
        refuse(pvi_rom_rule_text((enum pvi_rom_rule)__builtin_ctz(broken)));
        return false;
    }
    end = out_image->length + out_image->vmi64->state_bytes;
    if (end > options->area_bytes) {
        refuse("it and its state are longer than the area for it");
        return false;
    }
    x86_clear(area + out_image->length,
              (bytes > end ? bytes : end) - out_image->length);
    return true;
}

/* Whether it is for this kernel, as it was entered and as it was compiled. */
static bool fits(const struct pvi_rom_image *image,
                 const struct pvops_info *info)
{
    const char segment = X86_PERCPU_SEGMENT_IS_GS ? 'g' : 'f';
    const struct vmi64_header *header = image->vmi64;
    bool xen_pv = info->entry == PVOPS_ENTRY_XEN_PV;

    if ((header->flags & VMI64_XEN_PV) && !xen_pv) {
        refuse("it is for a Xen PV domain");
        return false;
    }
    if ((header->flags & VMI64_WHOLE) && !(header->flags & VMI64_XEN_PV) &&
        xen_pv) {
        refuse("it is not for a Xen PV domain");
        return false;
    }
    if (header->cpu_bytes &&
        (header->cpu_segment != segment ||
         header->cpu_offset != PVOPS_CPU_OFFSET + PVOPS_OFF_rom ||
         header->cpu_bytes > PVOPS_ROM_CPU_BYTES)) {
        refuse("its area of each CPU is not where this kernel has one");
        return false;
    }
    return true;
}

static void describe(const struct pvi_rom_image *image)
{
    struct pvops_rom *rom = &pvi_vmi.rom;

    rom->image = image->bytes;
    rom->bytes = image->length;
    rom->manufacturer = image->manufacturer;
    rom->product = image->product;
    rom->licence = image->licence;
    rom->api_major = image->header->api_major;
    rom->api_minor = image->header->api_minor;
    if (image->pci) {
        rom->rom_major = image->pci->rom_major;
        rom->rom_minor = image->pci->rom_minor;
    }
    rom->whole = (image->vmi64->flags & VMI64_WHOLE) != 0;
    pvi_sha256(image->bytes, image->length, rom->sha256);
}

static bool take(const struct source *from, const struct pvops_info *info,
                 const struct pvops_setup_options *options)
{
    struct pvi_rom_image image;

    if (!copy(from, options->rom, &image))
        return false;
    if (from->exact && image.length != from->most) {
        refuse("its length is not the one in the ACPI table");
        return false;
    }
    describe(&image);
    if (from->exact &&
        !same_bytes(pvi_vmi.rom.sha256, from->sha256, sizeof(from->sha256))) {
        refuse("its SHA-256 is not the one in the ACPI table");
        return false;
    }
    return fits(&image, info) && pvi_vmi_ask_owner(info, options) &&
           pvi_vmi_64_start(&image, info, options);
}

static void place(enum pvops_rom_place where, pvops_paddr paddr)
{
    x86_clear(&pvi_vmi.rom, sizeof(pvi_vmi.rom));
    pvi_vmi.rom.place = where;
    pvi_vmi.rom.paddr = paddr;
}

static bool find_in_acpi(const struct pvops_info *info,
                         const struct pvops_setup_options *options)
{
    const size_t head = VMI64_ACPI_AT + sizeof(struct vmi64_acpi);
    struct pvi_acpi_table table;
    struct vmi64_acpi names;
    struct source from = { .exact = false };

    if (info->entry == PVOPS_ENTRY_XEN_PV ||
        !pvi_acpi_find(options->rom->rsdp, VMI64_ACPI_SIGNATURE, &table))
        return false;
    place(PVOPS_ROM_ACPI, table.paddr);
    if (table.length < head) {
        refuse("the table's checksum or length is wrong");
        return false;
    }
    __builtin_memcpy(&names, table.bytes + VMI64_ACPI_AT, sizeof(names));
    from.bytes = table.bytes + head;
    from.most = table.length - head;
    if (names.bytes) {
        place(PVOPS_ROM_ACPI_REGION, names.address);
        if (names.bytes > LONGEST ||
            names.address + names.bytes < names.address) {
            refuse("its length is not possible there");
            return false;
        }
        from.most = names.bytes;
        from.exact = true;
        __builtin_memcpy(from.sha256, names.sha256, sizeof(from.sha256));
        from.bytes =
            pvops_host_map(names.address, names.bytes, PVOPS_MAP_MEMORY);
        if (!from.bytes) {
            refuse("the kernel does not map it");
            return false;
        }
    }
    return take(&from, info, options);
}

/* 8 digits of newc; false: they are none. */
static bool newc_number(const uint8_t *digits, size_t *out_number)
{
    *out_number = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint8_t digit = digits[i];

        if (digit >= '0' && digit <= '9')
            digit = (uint8_t)(digit - '0');
        else if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f')
            digit = (uint8_t)((digit | 0x20) - 'a' + 10);
        else
            return false;
        *out_number = *out_number << 4 | digit;
    }
    return true;
}

/*
 * Any other module is not ours, and nothing is said about it. Source: cpio(5),
 * "New ASCII Format": "070702" has a checksum of the data in a further field.
 */
static bool find_in_module(const struct pvops_info *info,
                           const struct pvops_setup_options *options)
{
    static const char name[] = VMI64_MODULE_NAME;
    const uint8_t *module = options->rom->module;
    size_t left = options->rom->module_bytes;
    const size_t data = (NEWC_BYTES + sizeof(name) + 3) & ~(size_t)3;
    size_t file_bytes, name_bytes;
    struct source from = { .exact = false };

    if (!module || left < data || !same_bytes(module, "07070", 5) ||
        (module[5] != '1' && module[5] != '2') ||
        !newc_number(module + NEWC_FILE_BYTES, &file_bytes) ||
        !newc_number(module + NEWC_NAME_BYTES, &name_bytes) ||
        name_bytes != sizeof(name) ||
        !same_bytes(module + NEWC_BYTES, name, sizeof(name)))
        return false;
    place(PVOPS_ROM_MODULE, 0);
    if (file_bytes > left - data) {
        refuse("the archive ends before it");
        return false;
    }
    from.bytes = module + data;
    from.most = file_bytes;
    return take(&from, info, options);
}

bool pvi_vmi_abi_find(const struct pvops_info *info,
                      const struct pvops_setup_options *options)
{
    const struct pvops_rom_options *rom = options->rom;

    if (!rom->area || (uintptr_t)rom->area % PAGE_BYTES)
        return false;
    return find_in_acpi(info, options) || find_in_module(info, options);
}

#endif
