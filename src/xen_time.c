/* SPDX-License-Identifier: MIT */
/*
 * Xen's wall clock, and the time in which it did not run this VCPU.
 *
 * Stolen time is asked for by a hypercall each time: the op is cold, and an
 * area in memory would have to be mapped in every address space, because Xen
 * writes to it by its linear address.
 */
#include "xen.h"

#include "pvclock.h"
#include "x86/xen_hypercall.h"

/* Bounded as pvi_pvclock_read(). */
static bool read_wall(const volatile struct shared_info *shared,
                      uint64_t *out_ns)
{
    for (unsigned tries = PVI_PVCLOCK_TRIES; tries; tries--) {
        uint32_t version = shared->wc_version;
        uint64_t seconds;
        uint32_t nsec;

        x86_barrier();
#ifdef __x86_64__
        seconds = (uint64_t)shared->wc_sec_hi << 32;
#else
        seconds = (uint64_t)shared->arch.wc_sec_hi << 32;
#endif
        seconds |= shared->wc_sec;
        nsec = shared->wc_nsec;
        x86_barrier();
        if (!(version & 1) && version == shared->wc_version) {
            *out_ns = seconds * PVI_NS_PER_S + nsec;
            return seconds != 0;
        }
        x86_pause();
    }
    return false;
}

/* What Xen's system time is on this VCPU; before its set-up on VCPU 0. */
static bool read_system(struct pvi_pvclock_now *out_now)
{
    struct pvops_cpu *cpu = pvi_xen_this_cpu();
    const struct vcpu_info *vcpu_info =
        cpu ? pvi_xen_cpu(cpu)->vcpu_info : NULL;

    if (!vcpu_info)
        vcpu_info = pvi_xen_vcpu_info_0();
    return vcpu_info && pvi_pvclock_read(&vcpu_info->time, false, out_now);
}

PVOPS_OP_CALL uint64_t pvi_xen_time_wall_ns(void)
{
    struct pvi_pvclock_now now;
    uint64_t begin_ns;

    if (pvi_xen.shared && read_wall(pvi_xen.shared, &begin_ns) &&
        read_system(&now))
        return begin_ns + now.ns;

    /* CMOS is the machine's: a PV domain has none. */
    return pvi.caps & PVOPS_CAP_RING0 ? pvi_native_time_wall_ns() : 0;
}

/* ns in which this VCPU could run, or was not let; from Xen's beginning. */
static bool read_stolen(unsigned vcpu, uint64_t *out_ns)
{
    struct vcpu_runstate_info info;

    if (xen_runstate(vcpu, &info) < 0)
        return false;
    *out_ns = info.time[RUNSTATE_runnable] + info.time[RUNSTATE_offline];
    return true;
}

void pvi_xen_stolen_setup(struct pvops_cpu *cpu)
{
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);

    x->runstate = read_stolen(cpu->index, &x->stolen_start_ns);
    if (!x->runstate)
        pvi_log(PVOPS_LOG_INFO,
                "xen: no run state of VCPU %u: stolen time is 0", cpu->index);
}

PVOPS_OP_CALL uint64_t pvi_xen_time_stolen_ns(void)
{
    struct pvops_cpu *cpu = pvi_xen_this_cpu();
    uint64_t now_ns;

    if (!cpu || !pvi_xen_cpu(cpu)->runstate ||
        !read_stolen(cpu->index, &now_ns))
        return 0;
    return now_ns - pvi_xen_cpu(cpu)->stolen_start_ns;
}
