/* SPDX-License-Identifier: MIT */
/*
 * The guest's MSRs: its segment bases; the machine's to read, as for a dom0.
 *
 * Source: Xen 4.17 xen/arch/x86/pv/emul-priv-op.c, read_msr(), write_msr();
 *         xen/arch/x86/include/asm/msr-index.h.
 */
#include "trap/msr.h"

#include "abi/cpuid.h"
#include "abi/x86.h"
#include "domain/domain.h"
#include "domain/vcpu.h"
#include "mm/frame.h"
#include "mm/guest.h"
#include "mm/memory.h"

#include <x86/insn.h>

#define MSR_PAT       0x277u
#define MSR_APIC_BASE 0x1bu

/* Xen's: the frame that becomes a page of hypercalls. */
#define MSR_HYPERCALL_PAGE CPUID_HYPERVISOR

bool msr_probe(uint32_t msr, uint64_t *out_value)
{
    uint32_t lo, hi;

    __asm__ volatile goto("1:\trdmsr\n\t" GUEST_FIXUP
                          : "=a"(lo), "=d"(hi)
                          : "c"(msr)
                          : "memory"
                          : fault);
    *out_value = (uint64_t)hi << 32 | lo;
    return true;
fault:
    return false;
}

bool msr_read(struct vcpu *vcpu, uint32_t msr, uint64_t *out_value)
{
    switch (msr) {
    case MSR_EFER:
        *out_value = x86_rdmsr(MSR_EFER);
        return true;
    case MSR_APIC_BASE:
        /* There, but not the guest's. */
        *out_value = x86_rdmsr(MSR_APIC_BASE) & ~0xc00ull;
        return true;
    }
    (void)vcpu;
    return msr_probe(msr, out_value);
}

static bool fill_hypercalls(uint64_t value)
{
    uint64_t frame = value >> PAGE_BITS;

    if (value % PAGE_BYTES)
        return false;
    lock_take(&mm_lock);
    if (frame_get(frame, FRAME_WRITABLE) < 0) {
        lock_release(&mm_lock);
        return false;
    }
    hypercall_page_fill(memory_frame(frame));
    frame_put(frame);
    lock_release(&mm_lock);
    return true;
}

bool msr_write(struct vcpu *vcpu, uint32_t msr, uint64_t value)
{
    uint64_t now;

    (void)vcpu;
    switch (msr) {
    case MSR_FS_BASE:
    case MSR_GS_BASE:
    case MSR_KERNEL_GS_BASE:
        if (!is_canonical(value))
            return false;
        x86_wrmsr(msr, value);
        return true;
    case MSR_TSC_AUX:
        /* It comes with RDTSCP or RDPID. */
        if (value >> 32 || !msr_probe(msr, &now))
            return false;
        x86_wrmsr(msr, value);
        return true;
    case MSR_HYPERCALL_PAGE:
        return fill_hypercalls(value);
    }
    /* As Xen for a dom0: what is not allowed has no effect. */
    return msr_probe(msr, &now);
}
