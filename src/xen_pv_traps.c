/* SPDX-License-Identifier: MIT */
/*
 * Descriptor tables of a PV domain. The CPU's are Xen's: it takes a list of
 * handlers for exceptions, one for events, and the descriptors of the kernel.
 *
 * Events are not exceptions and have no vector. They enter what the IDT names
 * for the CPU's event vector, so that the embedder's own stub serves both.
 *
 * Source: Xen 4.17 xen/include/public/arch-x86/xen.h, struct trap_info, and
 *         callback.h; xen/arch/x86/pv/callback.c and pv/descriptor-tables.c
 *         (which descriptors a domain may have).
 */
#include "xen.h"

#if defined(__x86_64__) && PVOPS_FULL

#include "abi/x86_gate.h"
#include "x86/xen_hypercall.h"

#include <x86/system.h>

enum { PAGE_BYTES = 4096, TRAPS_AT_ONCE = 32 };

/* What was loaded last, on whichever CPU: what the set-up of one CPU reads. */
static const struct x86_gate *idt;
static unsigned gates;

static uintptr_t gate_address(const struct x86_gate *gate)
{
    return (uintptr_t)gate->offset_0 | (uintptr_t)gate->offset_16 << 16 |
           (uintptr_t)gate->offset_32 << 32;
}

/*
 * The kernel is in ring 3 as its user programs are; of the two, level 1 lets
 * the kernel alone execute INT. Every handler runs in Xen's flat segment.
 */
static struct trap_info trap_of(const struct x86_gate *gate, unsigned vector)
{
    unsigned type = gate->type & X86_GATE_TYPE;
    unsigned dpl = gate->type >> X86_GATE_DPL_SHIFT & 3;

    if (type != X86_GATE_INTERRUPT && type != X86_GATE_TRAP)
        pvi_panic("xen_pv: gate %u of the IDT has type %u, not interrupt or "
                  "trap",
                  vector, type);
    if (gate->ist & X86_GATE_IST)
        pvi_panic("xen_pv: gate %u of the IDT has a stack of its own (IST %u)",
                  vector, gate->ist & X86_GATE_IST);
    return (struct trap_info){
        .vector = (uint8_t)vector,
        .flags = (uint8_t)((dpl == 3 ? 3 : 1) |
                           (type == X86_GATE_INTERRUPT ? TI_IF : 0)),
        .cs = FLAT_RING3_CS64,
        .address = gate_address(gate),
    };
}

/*
 * Xen enters the handler of INT 80h from user mode without a look at its level:
 * one that is the kernel's alone it is not told of.
 * Source: Xen 4.17 xen/arch/x86/x86_64/entry.S, int80_direct_trap.
 */
static bool is_told(const struct x86_gate *gate, unsigned vector)
{
    if (!(gate->type & X86_GATE_PRESENT))
        return false;
    return vector != 0x80 || (gate->type >> X86_GATE_DPL_SHIFT & 3) == 3;
}

/* 'traps' has room for one more: the end. */
static void set_traps(struct trap_info *traps, unsigned count)
{
    long result;

    traps[count] = (struct trap_info){ 0 };
    result = count ? xen_set_trap_table(traps) : 0;
    if (result < 0)
        pvi_panic("xen_pv: Xen refuses the handlers of the IDT (-%u)",
                  pvi_xen_errno(result));
}

void pvi_xen_pv_load_idt(const void *new_idt, unsigned bytes)
{
    struct trap_info traps[TRAPS_AT_ONCE + 1];
    struct pvops_cpu *cpu;
    unsigned count = 0;

    idt = new_idt;
    gates = bytes / sizeof(struct x86_gate);
    if (gates > 256)
        gates = 256;

    /* Without a list: no handlers any more, of the vectors not named now. */
    (void)xen_set_trap_table(NULL);
    for (unsigned vector = 0; vector < gates; vector++) {
        if (!is_told(&idt[vector], vector))
            continue;
        traps[count++] = trap_of(&idt[vector], vector);
        if (count == TRAPS_AT_ONCE) {
            set_traps(traps, count);
            count = 0;
        }
    }
    set_traps(traps, count);

    /* Each CPU has an upcall of its own. */
    cpu = pvi_xen_this_cpu();
    if (cpu && pvi_xen_cpu(cpu)->upcall &&
        pvi_xen_pv_upcall_setup(cpu) != PVOPS_OK)
        pvi_panic("xen_pv: the IDT has no handler of the event vector");
}

uintptr_t pvi_xen_pv_handler(unsigned vector)
{
    if (vector >= gates || !(idt[vector].type & X86_GATE_PRESENT))
        return 0;
    return gate_address(&idt[vector]);
}

enum pvops_status pvi_xen_pv_upcall_setup(const struct pvops_cpu *cpu)
{
    uintptr_t handler = pvi_xen_pv_handler(cpu->event_vector);
    long result;

    if (!handler)
        return PVOPS_E_INVALID;
    /* In this order: Xen takes none of them back. */
    result = xen_register_callback(CALLBACKTYPE_failsafe, CALLBACKF_mask_events,
                                   (uintptr_t)pvi_xen_pv_failsafe);
    if (result >= 0)
        result = xen_register_callback(CALLBACKTYPE_event, 0, handler);
    if (result < 0) {
        pvi_log(PVOPS_LOG_ERROR, "xen_pv: Xen refuses the upcall (-%u)",
                pvi_xen_errno(result));
        return PVOPS_E_REFUSED;
    }
    return PVOPS_OK;
}

/* A selector in FS, GS, DS or ES that is no segment of the GDT any more. */
void pvi_xen_pv_failed(const uint64_t *frame)
{
    enum { DS = 2, ES, FS, GS, RIP, CS };

    pvi_panic("xen_pv: Xen could not return to 0x%x:0x%llx: DS 0x%x, ES 0x%x, "
              "FS 0x%x, GS 0x%x",
              (unsigned)frame[CS] & 0xffff, (unsigned long long)frame[RIP],
              (unsigned)frame[DS] & 0xffff, (unsigned)frame[ES] & 0xffff,
              (unsigned)frame[FS] & 0xffff, (unsigned)frame[GS] & 0xffff);
}

/*
 * Xen refuses a GDT with a TSS or an LDT in it, and needs neither. Twice as
 * long as other descriptors, they end with a word that has no type.
 */
static void drop_system_segments(uint64_t *gdt, unsigned entries)
{
    for (unsigned i = 0; i < entries; i++) {
        uint64_t d = gdt[i];
        unsigned type = d >> X86_DESCRIPTOR_TYPE_SHIFT & X86_DESCRIPTOR_TYPE;

        if (!(d & X86_DESCRIPTOR_PRESENT) || (d & X86_DESCRIPTOR_CODE_DATA))
            continue;
        if (type != X86_TYPE_LDT && type != X86_TYPE_TSS_AVAILABLE &&
            type != X86_TYPE_TSS_BUSY)
            continue;
        gdt[i] = 0;
        if (i + 1 < entries)
            gdt[i + 1] = 0;
    }
}

void pvi_xen_pv_load_gdt(void *gdt, unsigned bytes)
{
    unsigned long mfns[FIRST_RESERVED_GDT_PAGE];
    unsigned pages = (bytes + PAGE_BYTES - 1) / PAGE_BYTES;
    unsigned entries = bytes / sizeof(uint64_t);
    long result;

    if ((uintptr_t)gdt % PAGE_BYTES || !entries ||
        pages > FIRST_RESERVED_GDT_PAGE)
        pvi_panic("xen_pv: a GDT at %p of %u bytes is not whole pages, at most "
                  "%u",
                  gdt, bytes, FIRST_RESERVED_GDT_PAGE);

    drop_system_segments(gdt, entries);
    for (unsigned i = 0; i < pages; i++) {
        void *page = (uint8_t *)gdt + i * PAGE_BYTES;

        mfns[i] = pvi_xen_pv_mfn(pvops_host_paddr(page) / PAGE_BYTES);
        pvi_xen_pv_protect(page, false);
    }
    result = xen_set_gdt(mfns, entries);
    if (result < 0)
        pvi_panic("xen_pv: Xen refuses the GDT at %p (-%u)", gdt,
                  pvi_xen_errno(result));
    x86_load_segments(PVI_XEN_PV_CS, PVI_XEN_PV_SS);
}

#endif
