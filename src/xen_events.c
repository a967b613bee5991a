/* SPDX-License-Identifier: MIT */
/*
 * Xen's event channels: which VCPU's flags are where, and which events wait.
 *
 * The two-level interface only: a bit of shared_info for each port, a bit of
 * vcpu_info for each word of those. A driver of the embedder's that switches
 * to the FIFO interface has to own the upcall.
 */
#include "xen.h"

#include "x86/xen_hypercall.h"

struct pvi_xen pvi_xen;

#define WORD_BITS (8 * (unsigned)sizeof(long))

void pvi_xen_setup(void)
{
    xen_extraversion_t extra = { 0 };
    long version = xen_version();

    pvi_xen.shared = pvi.resources.xen_shared_info;
    pvi_xen.upcall_yours = pvi.resources.xen_upcall;
    pvi_xen.vcpu_info_yours = pvi.resources.xen_vcpu_info != NULL;
    pvi_xen.features = xen_features();
    if (xen_extraversion(&extra) < 0)
        extra[0] = 0;
    extra[sizeof(extra) - 1] = 0;
    pvi_log(PVOPS_LOG_INFO, "xen: version %u.%u%s, features 0x%x",
            (unsigned)(version >> 16), (unsigned)(version & 0xffff), extra,
            pvi_xen.features);
}

/* VCPU's place in shared_info, or NULL. */
static struct vcpu_info *shared_place(unsigned vcpu)
{
    if (!pvi_xen.shared || vcpu >= XEN_LEGACY_MAX_VCPUS)
        return NULL;
    return (struct vcpu_info *)&pvi_xen.shared->vcpu_info[vcpu];
}

struct vcpu_info *pvi_xen_vcpu_info_0(void)
{
    if (pvi.resources.xen_vcpu_info)
        return pvi.resources.xen_vcpu_info;
    return shared_place(0);
}

void pvi_xen_cpu_clear(struct pvops_cpu *cpu)
{
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);

    *x = (struct pvi_xen_cpu){
        .deadline_ns = PVI_NO_DEADLINE,
        .for_good = x->for_good,
    };
}

static enum pvops_status register_own(struct pvops_cpu *cpu, uint64_t frame)
{
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);
    long result;

    /* It is for good: a CPU that is set up again has it already. */
    if (x->for_good != cpu->index + 1) {
        result = xen_register_vcpu_info(cpu->index, frame,
                                        (uintptr_t)cpu->xen_vcpu_info % 4096);
        if (result == -XEN_EINVAL) {
            pvi_log(PVOPS_LOG_ERROR,
                    "xen: VCPU %u has a vcpu_info already; give it as "
                    "xen_vcpu_info (register_vcpu_info: -EINVAL)",
                    cpu->index);
            return PVOPS_E_REFUSED;
        }
        if (result < 0) {
            pvi_log(PVOPS_LOG_INFO,
                    "xen: no register_vcpu_info (-%u): shared_info's is used",
                    pvi_xen_errno(result));
            return PVOPS_E_UNSUPPORTED;
        }
        x->for_good = cpu->index + 1;
    }
    x->registered = true;
    x->vcpu_info = (struct vcpu_info *)(void *)cpu->xen_vcpu_info;
    return PVOPS_OK;
}

enum pvops_status pvi_xen_vcpu_info_setup(struct pvops_cpu *cpu, uint64_t frame,
                                          bool prefer_own)
{
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);
    enum pvops_status status;

    x->registered = false;
    x->vcpu_info = NULL;
    if (cpu->index == 0 && pvi_xen.vcpu_info_yours) {
        x->vcpu_info = pvi.resources.xen_vcpu_info;
        return PVOPS_OK;
    }
    if (!prefer_own)
        x->vcpu_info = shared_place(cpu->index);
    if (!x->vcpu_info) {
        status = register_own(cpu, frame);
        if (status == PVOPS_E_REFUSED)
            return status;
        if (status != PVOPS_OK)
            x->vcpu_info = shared_place(cpu->index);
    }
    if (!x->vcpu_info)
        return PVOPS_E_UNSUPPORTED;
    if (cpu->index == 0)
        pvi.resources.xen_vcpu_info = x->vcpu_info;
    return PVOPS_OK;
}

/*
 * A bit of evtchn_pending_sel is cleared before its word is looked at: an event
 * that comes between the two finds it clear, and makes an upcall of its own.
 *
 * None is set again for others' events. While one is set, Xen makes no upcall
 * for its word: if nobody took those events, as a domU's console's in a kernel
 * that has no driver for it, our timer in the same word would be mute.
 */
unsigned pvi_xen_events_take(volatile struct shared_info *shared,
                             struct vcpu_info *vcpu_info, uint32_t timer_port)
{
    unsigned long timer_bit = 1ul << timer_port % WORD_BITS;
    unsigned long selected;
    unsigned found = 0;

    __atomic_exchange_n(&vcpu_info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
    selected = __atomic_exchange_n(&vcpu_info->evtchn_pending_sel, 0,
                                   __ATOMIC_SEQ_CST);
    for (unsigned word = 0; word < WORD_BITS; word++) {
        unsigned long pending;

        if (!(selected >> word & 1))
            continue;
        pending = shared->evtchn_pending[word] & ~shared->evtchn_mask[word];
        if (timer_port && timer_port / WORD_BITS == word &&
            (pending & timer_bit)) {
            __atomic_fetch_and(&shared->evtchn_pending[word], ~timer_bit,
                               __ATOMIC_SEQ_CST);
            pending &= ~timer_bit;
            found |= PVOPS_ARRIVED_DEADLINE;
        }
        if (pending)
            found |= PVOPS_ARRIVED_EVENT;
    }
    return found;
}
