/* SPDX-License-Identifier: MIT */
/*
 * The 64-bit profile of VMI: what a ROM and a kernel of x86-64 say to each
 * other. All integers little-endian; all addresses linear ones of the kernel's.
 *
 * Source: docs/vmi64.md, the profile's definition; vmi.h.
 */
#ifndef ABI_VMI64_H
#define ABI_VMI64_H

#include "abi/vmi.h"

#define VMI64_API_MAJOR 64
#define VMI64_API_MINOR 0

/* Behind struct vmi_header. The image is a whole number of pages. */
struct vmi64_header {
    uint32_t state_bytes; /* zeroed, directly behind the image's copy */
    uint32_t cpu_bytes;   /* of each CPU's area that the ROM uses; 0: none */
    uint32_t cpu_offset;  /* where it is from the base of 'cpu_segment' */
    uint8_t cpu_segment;  /* 'g' or 'f'; 0 if cpu_bytes is 0 */
    uint8_t reserved_9d[3];
    uint32_t flags;    /* VMI64_WHOLE ... */
    uint16_t platform; /* offset of a string: "xen_pv"; 0: none */
    uint16_t reserved_a6;
    uint8_t reserved_a8[24];
};
ABI_SIZE(struct vmi64_header, 0x30);
#define VMI64_HEADER_AT 0x90u
#define VMI64_CODE_AT   0xc0u /* nothing that Init or any call needs before */

/* In the place of a built-in backend, with its set-up of each CPU. */
#define VMI64_WHOLE 1u
/* The kernel is entered as a Xen PV domain: nothing native is left. */
#define VMI64_XEN_PV 2u

/* Added to VMI's types: the body of a call may stand in its place. */
#define VMI64_RELOCATION_INLINE 4

/* GetRelocationInfo(EDI = call): RDX:RAX. */
struct vmi64_relocation {
    uint64_t target;
    uint8_t type;
    /* INLINE: the body is 'length' bytes, 'skip' behind the target. */
    uint8_t skip;
    uint8_t length; /* 0 to 6 */
    uint8_t pad;    /* redundant prefix of its first instruction */
    uint8_t reserved[4];
};
ABI_SIZE(struct vmi64_relocation, 16);

/* Calls of the life cycle; the others are in vmi64_calls.def. */
#define VMI64_CALL_SETUP        128u
#define VMI64_CALL_CPU_SETUP    129u
#define VMI64_CALL_CPU_TEARDOWN 130u
#define VMI64_CALLS             152u

/* What Init, Setup and CPUSetup return. */
#define VMI64_OK             0u
#define VMI64_E_INVALID      1u /* a parameter */
#define VMI64_E_DOES_NOT_FIT 2u /* it serves another platform */
#define VMI64_E_UNSUPPORTED  3u
#define VMI64_E_REFUSED      4u /* by the hypervisor */

/* vmi64_init.entry: how the kernel was entered. */
#define VMI64_ENTRY_OTHER     0u
#define VMI64_ENTRY_PVH       1u
#define VMI64_ENTRY_MULTIBOOT 2u
#define VMI64_ENTRY_XEN_PV    3u

/* vmi64_init.caps */
#define VMI64_CAP_CLOCK_GLOBAL    1u
#define VMI64_CAP_LARGE_PAGES     2u
#define VMI64_CAP_RING0           4u
#define VMI64_CAP_WRITABLE_TABLES 16u

/* What a hypervisor has once; fields as struct pvops_resources. 0: nobody. */
struct vmi64_resources {
    uint64_t hyperv_hypercall_page;
    uint64_t hyperv_guest_os_id;
    uint64_t hyperv_message_page;
    uint64_t hyperv_event_page;
    uint64_t xen_shared_info;
    uint64_t xen_vcpu_info;
    uint32_t hyperv_timer_sint;
    uint32_t xen_timer_port;
    uint32_t xen_upcall; /* 0 or 1 */
    uint32_t reserved;
};
ABI_SIZE(struct vmi64_resources, 64);

/*
 * Given to Init, and again to Setup. SysV functions of the kernel's; their
 * contexts and meanings are those of pvops_host_*().
 */
struct vmi64_init {
    uint32_t bytes; /* of this struct, as the kernel knows it */
    uint32_t entry; /* VMI64_ENTRY_* */
    uint64_t xen_start_info;
    uint64_t xen_shared_info;
    uint64_t tsc_hz;       /* as the kernel found it; 0: unknown */
    uint64_t apic_hz;      /* the same */
    uint16_t selectors[4]; /* kernel CS, kernel SS, user CS, user SS */
    uint64_t log;          /* void (uint32_t level, const char *line) */
    uint64_t panic;        /* void (const char *why) */
    uint64_t paddr;        /* uint64_t (const void *va) */
    uint64_t map;          /* void *(uint64_t, size_t, uint32_t how) */
    uint64_t va;           /* void *(uint64_t paddr) */
    struct vmi64_resources resources; /* in: the kernel's; out: the ROM's too */
    /* Filled by the ROM. */
    uint32_t caps; /* by Setup and by the boot CPU's CPUSetup */
    uint32_t root_pages;
    uint16_t own_selectors[4]; /* what the kernel shall use */
};
ABI_SIZE(struct vmi64_init, 168);
ABI_OFFSET(struct vmi64_init, log, 48);
ABI_OFFSET(struct vmi64_init, resources, 88);

/* Given to CPUSetup, on that CPU. */
struct vmi64_cpu {
    uint32_t bytes; /* of this struct */
    uint32_t index; /* 0: the boot CPU */
    uint8_t deadline_vector;
    uint8_t event_vector;
    uint8_t own_timer; /* 0 or 1 */
    uint8_t reserved[5];
    uint64_t area; /* cpu_bytes, zeroed, aligned to 64 */
};
ABI_SIZE(struct vmi64_cpu, 24);

/*
 * ACPI table "VMIR": the standard header of 36 bytes, then this, then the
 * image itself if 'bytes' is 0.
 */
#define VMI64_ACPI_SIGNATURE "VMIR"
#define VMI64_ACPI_AT        36u
struct vmi64_acpi {
    uint32_t reserved;
    uint32_t bytes;     /* of the image at 'address'; 0: it follows */
    uint64_t address;   /* physical, in a region reserved in the memory map */
    uint8_t sha256[32]; /* of that image */
};
ABI_SIZE(struct vmi64_acpi, 48);

/* First member, stored plain, of a newc archive that is the first module. */
#define VMI64_MODULE_NAME "pvops/rom"

#endif /* ABI_VMI64_H */
