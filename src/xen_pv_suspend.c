/* SPDX-License-Identifier: MIT */
/*
 * A PV domain is saved, and goes on as another domain in other frames.
 *
 * The tools rewrite page tables, the list of frames, the GDT's frames and the
 * root; they find the list by shared_info's p2m_cr3 and p2m_vaddr. What Xen
 * keeps of a VCPU they bring along: handlers, callbacks, stack, segment bases,
 * control registers. Gone are ports, vcpu_info, timer, shared_info.
 *
 * Source: Xen 4.17 tools/libs/guest/xg_sr_save_x86_pv.c, map_p2m(),
 *         write_one_vcpu_basic(), normalise_pagetable();
 *         xg_sr_restore_x86_pv.c, handle_shared_info(), process_start_info();
 *         xen/include/public/xen.h, struct start_info.
 */
#include "internal.h"

#include <pvops/power.h>

#if defined(__x86_64__) && PVOPS_FULL

#include "abi/x86_gate.h"
#include "abi/xen_pv.h"
#include "vmi.h"
#include "x86/xen_hypercall.h"
#include "xen.h"
#include "xen_pv_batch.h"

#include <x86/insn.h>

enum { PAGE_BYTES = 4096, PAGE_BITS = 12 };

struct kept {
    uint64_t now_ns, stolen_ns, deadline_ns;
};

/* NULL: it can be. */
static const char *reason_not_to(const struct start_info *start,
                                 struct pvops_cpu *cpu)
{
    const struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);

    if (pvi.resources.xen_shared_info != pvi_page(PVI_PAGE_SHARED))
        return "shared_info is not mapped by the library";
    if (start->flags & SIF_INITDOMAIN)
        return "dom0 cannot be saved";
    if (pvi_xen.several)
        return "there was a second VCPU";
    if (!x->registered || !x->upcall)
        return "vcpu_info or the upcall is the kernel's";
    if (!x->timer_port || x->timer_yours)
        return "the timer is the kernel's";
    if (pvi.clock.kind != PVOPS_CLOCK_PVCLOCK || pvi_vmi_has_clock())
        return "the clock is not Xen's";
    return NULL;
}

/*
 * What the tools look for; then no mapping of shared_info, which is no frame of
 * the domain's. Where its copy of vcpu_info counts again, events are off.
 */
static void leave(struct start_info *start)
{
    volatile struct shared_info *shared = pvi_xen.shared;
    long result;

    shared->vcpu_info[0].evtchn_upcall_mask = 1;
    shared->arch.p2m_vaddr = (uintptr_t)pvi_xen_pv_p2m;
    shared->arch.p2m_cr3 = pvi_xen_pv_mfn(pvi_xen_pv_active_root() >> PAGE_BITS)
                           << PAGE_BITS;
    shared->arch.max_pfn = pvi_xen_pv_frames;
    start->store_mfn = pvi_xen_pv_m2p[start->store_mfn];
    start->console.domU.mfn = pvi_xen_pv_m2p[start->console.domU.mfn];
    result = xen_update_va_mapping((uintptr_t)shared, 0);
    if (result < 0)
        pvi_panic("xen_pv: Xen refuses to unmap shared_info (-%u)",
                  pvi_xen_errno(result));
}

static void map_shared_info(const struct start_info *start)
{
    long result = xen_update_va_mapping((uintptr_t)pvi_xen.shared,
                                        (start->shared_info & X86_PTE_ADDRESS) |
                                            X86_PTE_PRESENT | X86_PTE_WRITE |
                                            X86_PTE_ACCESSED | X86_PTE_DIRTY |
                                            PVOPS_PTE_MACHINE);

    if (result < 0)
        pvi_panic("xen_pv: Xen refuses to map shared_info (-%u)",
                  pvi_xen_errno(result));
}

/* In the new domain nothing of this is bound or registered. */
static void begin_again(struct pvops_cpu *cpu)
{
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);

    x86_clear(pvi_xen.ports, sizeof(pvi_xen.ports));
    x86_clear(x->ipi_ports, sizeof(x->ipi_ports));
    x->kick_port = 0;
    pvi_xen.for_good[0] = NULL;
    pvi.resources.xen_timer_port = 0;
    if (pvi_xen_vcpu_info_setup(
            cpu,
            pvi_xen_pv_mfn(pvops_host_paddr(cpu->xen_vcpu_info) / PAGE_BYTES),
            true) != PVOPS_OK ||
        !x->registered)
        pvi_panic("xen_pv: no vcpu_info after the domain was saved");
    x->vcpu_info->evtchn_upcall_mask = 1;
    if (!pvi_xen_timer_setup(cpu))
        pvi_panic("xen_pv: no timer after the domain was saved");
    pvi_xen_smp_cpu_setup(cpu, true);
}

/* Xen's time and run state began anew, or went on: ours go on. */
static void go_on(struct pvops_cpu *cpu, const struct kept *kept)
{
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);

    pvi.clock.last_ns = 0;
    pvi.clock.page_ns += pvops_clock_now_ns(&pvi.clock) - kept->now_ns;
    pvi.clock.last_ns = kept->now_ns;
    x->stolen_start_ns += pvi_xen_time_stolen_ns() - kept->stolen_ns;
    if (kept->deadline_ns != PVI_NO_DEADLINE)
        pvi_xen_time_set_deadline(kept->deadline_ns);
}

enum pvops_status pvops_power_suspend(void *xen_start_info, bool *out_restored)
{
    struct start_info *start = xen_start_info;
    struct pvops_cpu *cpu = pvi.boot_cpu;
    const char *reason;
    struct kept kept;
    long result;

    *out_restored = false;
    if (!pvi.backend || !cpu)
        return PVOPS_E_ORDER;
    if (pvi.info.entry != PVOPS_ENTRY_XEN_PV || pvi_vmi_whole())
        return PVOPS_E_UNSUPPORTED;
    if (!start || (pvops_irq_table.save_flags() & PVOPS_IRQ_IF) ||
        pvi_xen_batch(cpu)->depth)
        return PVOPS_E_INVALID;
    reason = reason_not_to(start, cpu);
    if (reason) {
        pvi_log(PVOPS_LOG_ERROR, "xen_pv: no suspend: %s", reason);
        return PVOPS_E_UNSUPPORTED;
    }

    kept = (struct kept){
        .now_ns = pvops_clock_now_ns(&pvi.clock),
        .stolen_ns = pvi_xen_time_stolen_ns(),
        .deadline_ns = pvi_xen_cpu(cpu)->deadline_ns,
    };
    leave(start);
    result = xen_suspend(pvi_xen_pv_mfn(pvops_host_paddr(start) / PAGE_BYTES));
    map_shared_info(start);
    if (result != 0) {
        start->store_mfn = pvi_xen_pv_mfn(start->store_mfn);
        start->console.domU.mfn = pvi_xen_pv_mfn(start->console.domU.mfn);
        pvi_log(PVOPS_LOG_INFO, "xen_pv: suspend: cancelled (%ld)", result);
        return result < 0 ? PVOPS_E_REFUSED : PVOPS_OK;
    }
    begin_again(cpu);
    go_on(cpu, &kept);
    *out_restored = true;
    return PVOPS_OK;
}

#else

enum pvops_status pvops_power_suspend(void *xen_start_info, bool *out_restored)
{
    (void)xen_start_info;
    *out_restored = false;
    return PVOPS_E_UNSUPPORTED;
}

#endif
