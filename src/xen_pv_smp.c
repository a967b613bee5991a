/* SPDX-License-Identifier: MIT */
/*
 * Further VCPUs of a PV domain: begun, and brought back; what they forget.
 *
 * A VCPU is begun once. One that went down comes back from the hypercall by
 * which it went, in the state that it was in then, but without its stack, which
 * is somebody else's by now: it goes on on the new one.
 */
#include "xen.h"

#if defined(__x86_64__) && PVOPS_FULL

#include "abi/x86_gate.h"
#include "x86/xen_hypercall.h"
#include "xen_pv_batch.h"

#include <x86/insn.h>
#include <x86/percpu.h>
#include <x86/system.h>
#include <x86/xen_down.h>

enum {
    PAGE_BYTES = 4096,
    PAGE_BITS = 12,
    DOWN_WITHIN_NS = 1000000000,
};
_Static_assert(sizeof(struct vcpu_guest_context) <= 2 * PAGE_BYTES,
               "PVI_PAGE_CONTEXT");

PVOPS_OP_CALL static void flush_range(const struct pvops_cpus *cpus,
                                      uintptr_t root, uintptr_t address,
                                      size_t pages)
{
    (void)root;
    pvi_xen_batch_flush_cpus(cpus, address, pages);
}

PVOPS_OP_CALL static void flush_space(const struct pvops_cpus *cpus,
                                      uintptr_t root)
{
    (void)root;
    pvi_xen_batch_flush_cpus(cpus, 0, SIZE_MAX);
}

PVOPS_OP_CALL static void flush_all(const struct pvops_cpus *cpus)
{
    pvi_xen_batch_flush_cpus(cpus, 0, SIZE_MAX);
}

void pvi_xen_pv_smp_setup(void)
{
    pvi_xen.many = xen_is_up(PVOPS_MAX_CPUS) >= 0;
    pvops_smp_table.flush_range = flush_range;
    pvops_smp_table.flush_space = flush_space;
    pvops_smp_table.flush_all = flush_all;
}

/* On the new stack; the start is claimed. */
static PVOPS_NORETURN void begin_again(void)
{
    pvops_cpu_table.set_percpu_base(pvi.starting.percpu_base);
    pvi_xen_pv_write_cr3(pvi.starting.root);
    pvi_smp_go();
}

void pvi_xen_pv_park(unsigned index, uintptr_t *word, uintptr_t bit)
{
    x86_xen_down(index, word, bit, &pvi.start_state, &pvi.starting.stack,
                 begin_again);
}

static bool is_page(uint64_t frame)
{
    return frame < pvi_xen_pv_frames && pvi_xen_pv_p2m[frame] != UINT64_MAX;
}

/* It says that it is down a little before it is. */
static long wait_until_down(unsigned index)
{
    uint64_t begin_ns = pvops_time_table.now_ns();
    long up;

    while ((up = xen_is_up(index)) > 0 &&
           pvops_time_table.now_ns() - begin_ns < DOWN_WITHIN_NS)
        (void)xen_yield();
    return up;
}

/*
 * Without a place in shared_info a VCPU needs its vcpu_info first. One that has
 * its own already may have been zeroed since: events stay off.
 */
static long prepare_vcpu_info(const struct pvops_start *start)
{
    struct pvops_cpu *cpu =
        (struct pvops_cpu *)(start->percpu_base + PVOPS_CPU_OFFSET);
    struct pvops_cpu *had = pvi_xen.for_good[start->index];
    long result;

    if (had) {
        ((struct vcpu_info *)(void *)had->xen_vcpu_info)->evtchn_upcall_mask =
            1;
        return 0;
    }
    if (start->index < XEN_LEGACY_MAX_VCPUS)
        return 0;
    result = xen_register_vcpu_info(
        start->index,
        pvi_xen_pv_mfn(pvops_host_paddr(cpu->xen_vcpu_info) >> PAGE_BITS),
        (uintptr_t)cpu->xen_vcpu_info % PAGE_BYTES);
    if (result >= 0)
        pvi_xen.for_good[start->index] = cpu;
    return result;
}

/* Descriptor tables are empty, events off, no upcall: that CPU's set-up. */
static long initialise(const struct pvops_start *start,
                       struct vcpu_guest_context *c)
{
    uint64_t root = start->root >> PAGE_BITS;

    x86_clear(c, sizeof(*c));
    c->flags = VGCF_IN_KERNEL;
    c->user_regs.rip = (uintptr_t)pvi_smp_begin;
    c->user_regs.rdi = pvi.start_ticket;
    c->user_regs.rsp = start->stack - sizeof(uintptr_t);
    c->user_regs.cs = FLAT_RING3_CS64;
    c->user_regs.ss = FLAT_RING3_SS64;
    c->user_regs.ds = FLAT_RING3_SS64;
    c->user_regs.es = FLAT_RING3_SS64;
    c->user_regs.saved_upcall_mask = 1;
    c->kernel_ss = FLAT_RING3_SS64;
    c->kernel_sp = start->stack;
    c->ctrlreg[3] = pvi_xen_pv_mfn(root) << PAGE_BITS;
    if (root != pvi_xen_pv_built_root)
        c->ctrlreg[1] = pvi_xen_pv_mfn(root + 1) << PAGE_BITS;
    c->ctrlreg[4] = x86_read_cr4();
    if (X86_PERCPU_SEGMENT_IS_GS)
        c->gs_base_kernel = start->percpu_base;
    else
        c->fs_base = start->percpu_base;
    return xen_initialise(start->index, c);
}

static enum pvops_status refused(unsigned index, const char *what, long result)
{
    pvi_log(PVOPS_LOG_ERROR, "xen_pv: VCPU %u: %s (-%u)", index, what,
            pvi_xen_errno(result));
    return PVOPS_E_REFUSED;
}

enum pvops_status pvi_xen_pv_start(const struct pvops_start *start)
{
    struct vcpu_guest_context *context = pvi_page(PVI_PAGE_CONTEXT);
    uint64_t root = start->root >> PAGE_BITS;
    long result;

    if (!context) {
        pvi_log(PVOPS_LOG_ERROR,
                "xen_pv: VCPU %u: pvops_setup() was given no "
                "pages to begin it with",
                start->index);
        return PVOPS_E_UNSUPPORTED;
    }
    if (start->root % PAGE_BYTES || !is_page(root) ||
        (root != pvi_xen_pv_built_root && !is_page(root + 1))) {
        pvi_log(PVOPS_LOG_ERROR, "xen_pv: no root at 0x%llx",
                (unsigned long long)start->root);
        return PVOPS_E_INVALID;
    }
    result = wait_until_down(start->index);
    if (result > 0)
        return refused(start->index, "it runs already", -XEN_EBUSY);
    if (result == -XEN_ENOENT)
        return refused(start->index, "this domain has none", result);
    pvi_xen.several = true;
    result = prepare_vcpu_info(start);
    if (result < 0)
        return refused(start->index, "Xen refuses its vcpu_info", result);
    result = initialise(start, context);
    if (result < 0 && result != -XEN_EEXIST)
        return refused(start->index, "Xen refuses to begin it", result);
    result = xen_up(start->index);
    if (result < 0)
        return refused(start->index, "Xen refuses to run it", result);
    return PVOPS_OK;
}

#endif
