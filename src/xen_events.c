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
    *pvi_xen_cpu(cpu) = (struct pvi_xen_cpu){ .deadline_ns = PVI_NO_DEADLINE };
}

static enum pvops_status register_own(struct pvops_cpu *cpu, uint64_t frame)
{
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);
    long result;

    /* It is for good: a CPU that is set up again has it already. */
    if (pvi_xen.for_good[cpu->index] != cpu) {
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
        pvi_xen.for_good[cpu->index] = cpu;
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

static unsigned long port_bit(uint32_t port)
{
    return 1ul << port % WORD_BITS;
}

void pvi_xen_port_add(uint32_t port, bool mask)
{
    unsigned word = port / WORD_BITS;

    if (mask)
        __atomic_fetch_or(&pvi_xen.shared->evtchn_mask[word], port_bit(port),
                          __ATOMIC_SEQ_CST);
    else
        (void)xen_unmask(port);
    __atomic_fetch_or(&pvi_xen.ports[word], port_bit(port), __ATOMIC_SEQ_CST);
}

/*
 * Once it is closed, a driver of the embedder's may be given it on another CPU,
 * whose events must not be taken for ours. Xen clears what is pending.
 */
void pvi_xen_port_remove(uint32_t port, bool yours)
{
    __atomic_fetch_and(&pvi_xen.ports[port / WORD_BITS], ~port_bit(port),
                       __ATOMIC_SEQ_CST);
    if (!yours)
        (void)xen_close(port);
}

bool pvi_xen_port_take(uint32_t port)
{
    volatile unsigned long *word =
        &pvi_xen.shared->evtchn_pending[port / WORD_BITS];

    return (*word & port_bit(port)) &&
           (__atomic_fetch_and(word, ~port_bit(port), __ATOMIC_SEQ_CST) &
            port_bit(port));
}

/* One that makes upcalls, unless somebody has masked it. */
static bool take(uint32_t port)
{
    return port &&
           !(pvi_xen.shared->evtchn_mask[port / WORD_BITS] & port_bit(port)) &&
           pvi_xen_port_take(port);
}

unsigned pvi_xen_events_take_ipis(const struct pvi_xen_cpu *x)
{
    unsigned found = 0;

    for (unsigned i = 0; i < PVOPS_IPIS; i++) {
        if (take(x->ipi_ports[i]))
            found |= PVOPS_ARRIVED_IPI(i);
    }
    return found;
}

/*
 * A bit of evtchn_pending_sel is cleared before its word is looked at: an event
 * that comes between the two finds it clear, and makes an upcall of its own.
 *
 * None is set again for others' events. While one is set, Xen makes no upcall
 * for its word: if nobody took those events, as a domU's console's in a kernel
 * that has no driver for it, our timer in the same word would be mute.
 *
 * Ours are looked at in every word: fewer than there are words, and one that
 * was taken early makes an upcall for nothing. Those of other VCPUs are theirs.
 */
unsigned pvi_xen_events_take(const struct pvi_xen_cpu *x)
{
    const volatile struct shared_info *shared = pvi_xen.shared;
    unsigned long selected;
    unsigned found = 0;

    __atomic_exchange_n(&x->vcpu_info->evtchn_upcall_pending, 0,
                        __ATOMIC_SEQ_CST);
    selected = __atomic_exchange_n(&x->vcpu_info->evtchn_pending_sel, 0,
                                   __ATOMIC_SEQ_CST);
    if (take(x->timer_port))
        found |= PVOPS_ARRIVED_DEADLINE;
    found |= pvi_xen_events_take_ipis(x);
    for (unsigned word = 0; selected; word++, selected >>= 1) {
        if ((selected & 1) &&
            (shared->evtchn_pending[word] & ~shared->evtchn_mask[word] &
             ~pvi_xen.ports[word]))
            found |= PVOPS_ARRIVED_EVENT;
    }
    return found;
}
