/* SPDX-License-Identifier: MIT */
/*
 * Each CPU's GDT, TSS and per-CPU area, and the old interrupt controllers out
 * of the way.
 */
#include "arch/cpu.h"

#include "arch/insn.h"
#include "boot/restart.h"

/*
 * Segments. Source: Intel SDM 3, 3.4.5 and 7.2; their order: SDM 2, SYSCALL and
 * SYSRET. A Xen PV domain uses Xen's own selectors, and Xen refuses a GDT with
 * a TSS in it.
 */
enum {
    GDT_KERNEL_CODE = 1,
    GDT_KERNEL_DATA = 2,
    GDT_USER_DATA = 3,
    GDT_USER_CODE = 4,
    GDT_PERCPU = 5,
    GDT_TSS = 6, /* two entries on x86-64 */
    GDT_ENTRIES = 512,
};

/* A GDT fills pages of its own: Xen PV makes them read-only. */
static uint64_t gdts[CPU_MOST][GDT_ENTRIES] __attribute__((aligned(4096)));

#ifdef __x86_64__
#define CODE64      UINT64_C(0x00af9a000000ffff)
#define KERNEL_CODE CODE64
struct tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3;
    uint16_t io_map;
} __attribute__((packed));
_Static_assert(sizeof(struct tss) == 104, "TSS");
#else
#define KERNEL_CODE UINT64_C(0x00cf9a000000ffff)
struct tss {
    uint32_t link;
    uint32_t esp0, ss0;
    uint32_t unused[22];
    uint16_t trap;
    uint16_t io_map;
};
_Static_assert(sizeof(struct tss) == 104, "TSS");
#endif
#define KERNEL_DATA UINT64_C(0x00cf92000000ffff)
#define DPL3        UINT64_C(0x0000600000000000)

static struct tss tsses[CPU_MOST];

_Static_assert(offsetof(struct percpu, self) == PERCPU_SELF, "arch/trap_abi.h");
#ifdef __x86_64__
_Static_assert(offsetof(struct percpu, syscall_scratch) == PERCPU_SCRATCH &&
                   offsetof(struct percpu, kernel_stack) == PERCPU_KERNEL_STACK,
               "arch/trap_abi.h");
#endif

struct percpu *cpu_at(unsigned index)
{
    return &restart_bank()->percpus[index];
}

const struct pvops_selectors cpu_own_selectors = {
    .kernel_cs = GDT_KERNEL_CODE * 8,
    .kernel_ss = GDT_KERNEL_DATA * 8,
    .user_cs = GDT_USER_CODE * 8 + 3,
    .user_ss = GDT_USER_DATA * 8 + 3,
};

bool cpu_has_ports(void)
{
    return (pvops_caps() & PVOPS_CAP_RING0) != 0;
}

static uint64_t descriptor(uint64_t base, uint64_t limit, uint64_t access)
{
    return (limit & 0xffff) | (base & 0xffffff) << 16 | access << 40 |
           (limit >> 16 & 15) << 48 | (base >> 24 & 255) << 56;
}

static void fill_gdt(uint64_t *gdt, struct percpu *cpu)
{
    gdt[GDT_KERNEL_CODE] = KERNEL_CODE;
    gdt[GDT_KERNEL_DATA] = KERNEL_DATA;
    gdt[GDT_USER_CODE] = KERNEL_CODE | DPL3;
    gdt[GDT_USER_DATA] = KERNEL_DATA | DPL3;
#ifndef __x86_64__
    /* Writable data, 4 GiB from the area on: it wraps around. */
    gdt[GDT_PERCPU] =
        descriptor((uintptr_t)cpu, 0xfffff, 0x92) | KERNEL_DATA >> 52 << 52;
#endif
    if (pvops_caps() & PVOPS_CAP_RING0) {
        uint64_t base = (uintptr_t)cpu->tss;

        /* 0x89: an available 32-bit TSS; in 64-bit mode a 64-bit one. */
        gdt[GDT_TSS] = descriptor(base, sizeof(struct tss) - 1, 0x89);
#ifdef __x86_64__
        gdt[GDT_TSS + 1] = base >> 32;
#endif
    }
}

/* A PC's two 8259s stand at the vectors of exceptions until told otherwise. */
static void mask_pics(void)
{
    enum { PIC1_MASK = 0x21, PIC2_MASK = 0xa1 };

    x86_outb(PIC1_MASK, 0xff);
    x86_outb(PIC2_MASK, 0xff);
}

/* Under Xen PV a GDT that was loaded once is read-only, and as it shall be. */
static bool is_filled(const uint64_t *gdt)
{
    return gdt[GDT_KERNEL_CODE] != 0;
}

void cpu_load_descriptors(unsigned index)
{
    struct percpu *cpu = cpu_at(index);
    uint64_t *gdt = gdts[index];

    cpu->self = cpu;
    cpu->index = index;
    tsses[index].io_map = sizeof(struct tss);
    cpu->tss = &tsses[index];
    if (!is_filled(gdt) || pvops_caps() & PVOPS_CAP_RING0)
        fill_gdt(gdt, cpu);
    pvops_cpu_load_gdt(gdt, sizeof(gdts[index]));
    if (pvops_caps() & PVOPS_CAP_RING0)
        pvops_cpu_load_tr(GDT_TSS * 8);
#ifndef __x86_64__
    __asm__ volatile("mov %0, %%fs" : : "r"(GDT_PERCPU * 8) : "memory");
#endif
    pvops_cpu_set_percpu_base((uintptr_t)cpu);
    if (index == 0 && cpu_has_ports())
        mask_pics();
}
