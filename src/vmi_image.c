/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a ROM, without running any: header, structures, strings.
 *
 * Source: docs/vmi64.md; for VMI 3.0 the sources of abi/vmi.h. PCI Local Bus
 *         Specification 2.2, 6.3.1.2: the PCI structure's alignment. SDM
 *         volume 2, JMP, RET, ENDBR: what a jump leads to.
 */
#include "vmi_image.h"

#include <pvops/config.h>

#if PVOPS_VMI

#define PAGE_BYTES 4096u

/* The header's parts: fields, room for structures, code, the profile's. */
#define FIELDS_END 0x20u
#define CODE_AT    0x80u
#define CODE_END   0x90u
#define ENTRY_CODE 8u

#define OPCODE_RET_FAR_POP 0xcau
#define OPCODE_RET_FAR     0xcbu
#define OPCODE_JUMP        0xe9u
#define OPCODE_JUMP_SHORT  0xebu

struct look {
    const uint8_t *bytes;
    size_t length; /* 0: it is not to be believed */
    bool is64;
    uint32_t broken;
    struct pvi_rom_image *image;
};

static void require(struct look *look, bool held, enum pvi_rom_rule rule)
{
    if (!held)
        look->broken |= 1u << rule;
}

static bool apart(size_t a, size_t a_bytes, size_t b, size_t b_bytes)
{
    return a + a_bytes <= b || b + b_bytes <= a;
}

static bool all_are(const uint8_t *bytes, size_t count, uint8_t value)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != value)
            return false;
    }
    return true;
}

static bool same_text(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* In the image, and where neither fields nor code of the header are. */
static bool is_inside(const struct look *look, size_t at, size_t bytes)
{
    size_t end = look->is64 ? VMI64_CODE_AT : CODE_END;

    return at + bytes <= look->length && at >= FIELDS_END &&
           apart(at, bytes, CODE_AT, end - CODE_AT);
}

static void check_length(struct look *look, size_t most)
{
    size_t length = (size_t)look->image->header->blocks * VMI_BLOCK_BYTES;
    uint8_t sum = 0;

    require(look, length && length <= most, PVI_ROM_LENGTH);
    if (look->broken & 1u << PVI_ROM_LENGTH)
        return;
    look->length = look->image->length = length;
    for (size_t i = 0; i < length; i++)
        sum = (uint8_t)(sum + look->bytes[i]);
    require(look, sum == 0, PVI_ROM_CHECKSUM);
    require(look, !look->is64 || length % PAGE_BYTES == 0, PVI_ROM_ALIGNMENT);
}

/*
 * A structure of 4 bytes' signature; NULL: there is none that may be read.
 * 'outside' is followed by the rules of its alignment and its signature.
 */
static const void *structure(struct look *look, size_t at, size_t bytes,
                             size_t alignment, const char *signature,
                             enum pvi_rom_rule outside)
{
    uint32_t before = look->broken;

    if (!at || !look->length)
        return NULL;
    require(look, is_inside(look, at, bytes), outside);
    require(look, at % alignment == 0, (enum pvi_rom_rule)(outside + 1));
    if (look->broken != before)
        return NULL;
    for (unsigned i = 0; i < 4; i++)
        require(look, look->bytes[at + i] == (uint8_t)signature[i],
                (enum pvi_rom_rule)(outside + 2));
    return look->broken == before ? look->bytes + at : NULL;
}

static void check_structures(struct look *look)
{
    struct pvi_rom_image *image = look->image;
    size_t pci = image->header->pci, pnp = image->header->pnp;

    require(look, pci || look->is64, PVI_ROM_PCI_MISSING);
    image->pci = structure(look, pci, sizeof(struct vmi_pci), 4, "PCIR",
                           PVI_ROM_PCI_OUTSIDE);
    image->pnp = structure(look, pnp, sizeof(struct vmi_pnp), 2, "$PnP",
                           PVI_ROM_PNP_OUTSIDE);
    if (image->pci && image->pnp)
        require(look, apart(pci, sizeof(*image->pci), pnp, sizeof(*image->pnp)),
                PVI_ROM_OVERLAP);
}

/* NULL: there is none, or none that may be read. */
static const char *string(struct look *look, size_t at)
{
    const struct pvi_rom_image *image = look->image;
    size_t most = look->is64 ? PVI_ROM_MOST_STRING : SIZE_MAX;
    size_t length = 0;
    bool sound = true;

    if (!at || !look->length)
        return NULL;
    while (at + length < look->length && look->bytes[at + length]) {
        uint8_t c = look->bytes[at + length++];

        sound = sound && c >= ' ' && c <= '~';
    }
    sound = sound && length <= most && is_inside(look, at, length + 1);
    require(look, sound, PVI_ROM_STRING);
    if (!sound)
        return NULL;
    if ((image->pci &&
         !apart(at, length + 1, image->header->pci, sizeof(*image->pci))) ||
        (image->pnp &&
         !apart(at, length + 1, image->header->pnp, sizeof(*image->pnp)))) {
        require(look, false, PVI_ROM_OVERLAP);
        return NULL;
    }
    return (const char *)look->bytes + at;
}

static void check_strings(struct look *look)
{
    struct pvi_rom_image *image = look->image;

    if (image->pnp) {
        image->manufacturer = string(look, image->pnp->manufacturer);
        image->product = string(look, image->pnp->product);
    }
    image->licence = string(look, image->header->licence);
    if (look->is64) {
        image->platform = string(look, image->vmi64->platform);
        return;
    }
    if (image->licence)
        require(look,
                same_text(image->licence, "GPL") ||
                    same_text(image->licence, "GPL v2"),
                PVI_ROM_LICENCE);
    else
        require(look, image->header->licence, PVI_ROM_LICENCE);
}

static bool is_target(const struct look *look, int64_t at)
{
    if (!look->length)
        return true;
    return at >= (int64_t)FIELDS_END && at < (int64_t)look->length &&
           !(look->is64 && at >= (int64_t)VMI64_HEADER_AT &&
             at < (int64_t)VMI64_CODE_AT);
}

static uint32_t number(const uint8_t *bytes, unsigned count)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < count; i++)
        value |= (uint32_t)bytes[i] << 8 * i;
    return value;
}

/* Where a BIOS calls: a return, or somewhere on the way to one. */
static bool is_stub(const struct look *look)
{
    const uint8_t *stub = look->image->header->stub;
    const int64_t at = offsetof(struct vmi_header, stub);

    if (look->is64)
        return stub[0] == OPCODE_RET_FAR && all_are(stub + 1, 3, 0);
    if (stub[0] == OPCODE_JUMP_SHORT)
        return is_target(look, at + 2 + (int8_t)stub[1]);
    if (stub[0] == OPCODE_JUMP) /* 16 bits */
        return is_target(look, at + 3 + (int16_t)number(stub + 1, 2));
    for (unsigned i = 0; i < sizeof(look->image->header->stub); i++) {
        if (stub[i] == OPCODE_RET_FAR || stub[i] == OPCODE_RET_FAR_POP ||
            stub[i] == OPCODE_JUMP || stub[i] == OPCODE_JUMP_SHORT)
            return true;
    }
    return false;
}

/* Code that could be some: not empty, and no jump out of the image. */
static bool is_entry(const struct look *look, size_t at)
{
    static const uint8_t endbr[3] = { 0xf3, 0x0f, 0x1e }; /* FA: 64, FB: 32 */
    const uint8_t *code = look->bytes + at;

    if (all_are(code, ENTRY_CODE, 0) || all_are(code, ENTRY_CODE, 0xff))
        return false;
    if (number(code, 3) == number(endbr, 3)) {
        code += 4;
        at += 4;
    } else if (*code == OPCODE_JUMP) {
        return is_target(look, (int64_t)at + 5 + (int32_t)number(code + 1, 4));
    }
    if (*code == OPCODE_JUMP_SHORT)
        return is_target(look, (int64_t)at + 2 + (int8_t)code[1]);
    return true;
}

static void check_code(struct look *look)
{
    uint32_t top = look->image->header->virtual_top;

    require(look,
            !top || (!look->is64 && top % PAGE_BYTES == 0 &&
                     top >= PVI_ROM_LEAST_TOP),
            PVI_ROM_VIRTUAL_TOP);
    require(look, is_stub(look), PVI_ROM_STUB);
    require(look,
            is_entry(look, offsetof(struct vmi_header, init)) &&
                is_entry(look, offsetof(struct vmi_header, get_relocation)),
            PVI_ROM_ENTRY);
}

/* The room between fields and code: 0 but for the two structures. */
static bool is_room_empty(const struct look *look)
{
    const struct pvi_rom_image *image = look->image;

    for (size_t at = FIELDS_END; at < CODE_AT; at++) {
        if (image->pci &&
            !apart(at, 1, image->header->pci, sizeof(*image->pci)))
            continue;
        if (image->pnp &&
            !apart(at, 1, image->header->pnp, sizeof(*image->pnp)))
            continue;
        if (look->bytes[at])
            return false;
    }
    return true;
}

static void check_vmi64(struct look *look)
{
    const struct vmi_header *header = look->image->header;
    const struct vmi64_header *more = look->image->vmi64;
    uint32_t structures = 7u << PVI_ROM_PCI_OUTSIDE | 7u << PVI_ROM_PNP_OUTSIDE;

    require(look,
            !header->pad && !header->jump_slots && !header->reserved_0f &&
                !header->reserved_14 && !header->reserved_1c &&
                all_are(more->reserved_9d, sizeof(more->reserved_9d), 0) &&
                !more->reserved_a6 &&
                all_are(more->reserved_a8, sizeof(more->reserved_a8), 0),
            PVI_ROM_RESERVED);
    /* A structure that is not sound may be what is there. */
    if (look->length && !(look->broken & structures))
        require(look, is_room_empty(look), PVI_ROM_RESERVED);
    require(look,
            more->state_bytes % PAGE_BYTES == 0 &&
                more->state_bytes <= PVI_ROM_MOST_STATE,
            PVI_ROM_STATE);
    if (more->cpu_bytes)
        require(look,
                more->cpu_bytes % 64 == 0 &&
                    more->cpu_bytes <= PVI_ROM_MOST_CPU &&
                    (more->cpu_segment == 'g' || more->cpu_segment == 'f'),
                PVI_ROM_CPU);
    else
        require(look, !more->cpu_segment && !more->cpu_offset, PVI_ROM_CPU);
    require(look,
            !(more->flags & ~(VMI64_WHOLE | VMI64_XEN_PV)) &&
                (more->flags & VMI64_WHOLE || !(more->flags & VMI64_XEN_PV)),
            PVI_ROM_FLAGS);
}

uint32_t pvi_rom_check(const uint8_t *bytes, size_t most, unsigned major,
                       struct pvi_rom_image *out_image)
{
    struct look look = {
        .bytes = bytes,
        .is64 = major == VMI64_API_MAJOR,
        .image = out_image,
    };
    const struct vmi_header *header;

    *out_image = (struct pvi_rom_image){ .bytes = bytes };
    if (most < (look.is64 ? VMI64_CODE_AT : sizeof(*header)))
        return 1u << PVI_ROM_SHORT;
    header = out_image->header = (const void *)bytes;
    if (look.is64)
        out_image->vmi64 = (const void *)(bytes + VMI64_HEADER_AT);

    require(&look, header->rom_signature == VMI_ROM_SIGNATURE,
            PVI_ROM_SIGNATURE);
    require(&look, header->vmi_signature == VMI_SIGNATURE,
            PVI_ROM_VMI_SIGNATURE);
    require(&look, header->api_major == major, PVI_ROM_VERSION);
    check_length(&look, most);
    check_structures(&look);
    check_strings(&look);
    check_code(&look);
    if (look.is64)
        check_vmi64(&look);
    return look.broken;
}

bool pvi_rom_may_be_nop(unsigned call)
{
    switch (call) {
    case 14:  /* UpdateKernelStack */
    case 44:  /* AllocatePage */
    case 45:  /* ReleasePage */
    case 46:  /* InvalPage */
    case 47:  /* FlushTLB */
    case 69:  /* CancelAlarm */
    case 131: /* ExceptionEntry */
    case 132: /* SWAPGS */
    case 133: /* SYSRET: what goes before the instruction */
    case 143: /* BeginBatch */
    case 144: /* EndBatch */
    case 145: /* FlushRange */
    case 146: /* FlushASID */
        return true;
    default:
        return false;
    }
}

const char *pvi_rom_rule_text(enum pvi_rom_rule rule)
{
    switch (rule) {
    case PVI_ROM_SHORT:
        return "it is shorter than a header";
    case PVI_ROM_SIGNATURE:
        return "it does not begin with 55 AA";
    case PVI_ROM_VMI_SIGNATURE:
        return "there is no \"cVmi\" at 08h";
    case PVI_ROM_VERSION:
        return "its API's major version is another";
    case PVI_ROM_LENGTH:
        return "its length is 0, or more than is there";
    case PVI_ROM_CHECKSUM:
        return "the checksum is not 0";
    case PVI_ROM_PCI_MISSING:
        return "it has no PCI structure";
    case PVI_ROM_PCI_OUTSIDE:
        return "the PCI structure is outside the image or in the header";
    case PVI_ROM_PCI_ALIGNMENT:
        return "the PCI structure is not at a multiple of 4";
    case PVI_ROM_PCI_SIGNATURE:
        return "the PCI structure does not begin with \"PCIR\"";
    case PVI_ROM_PNP_OUTSIDE:
        return "the PnP header is outside the image or in the header";
    case PVI_ROM_PNP_ALIGNMENT:
        return "the PnP header is at an odd offset";
    case PVI_ROM_PNP_SIGNATURE:
        return "the PnP header does not begin with \"$PnP\"";
    case PVI_ROM_OVERLAP:
        return "structures overlap, or one and a string";
    case PVI_ROM_STRING:
        return "a string is outside, without end, too long or not ASCII";
    case PVI_ROM_LICENCE:
        return "the licence is neither \"GPL\" nor \"GPL v2\"";
    case PVI_ROM_VIRTUAL_TOP:
        return "the hole at the top of the address space is wrong";
    case PVI_ROM_STUB:
        return "03h is no code for a BIOS to call";
    case PVI_ROM_ENTRY:
        return "80h or 88h is empty, or jumps out of the image";
    case PVI_ROM_ALIGNMENT:
        return "its length is not a number of pages";
    case PVI_ROM_RESERVED:
        return "a reserved byte of the header is not 0";
    case PVI_ROM_STATE:
        return "its state is not a number of pages, or too large";
    case PVI_ROM_CPU:
        return "the area of each CPU is inconsistent";
    case PVI_ROM_FLAGS:
        return "flags are unknown, or Xen PV without whole";
    case PVI_ROM_RULES:
        break;
    }
    return "no rule";
}

#endif /* PVOPS_VMI */
