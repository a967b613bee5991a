/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls, and finding out whether Xen is there.
 */
#include "insn.h"
#include "start.h"
#include "xen_abi.h"

/* xen_call.S: one hypercall; the result is negative on an error. */
long xen_hypercall(unsigned number, uintptr_t a1, uintptr_t a2, uintptr_t a3);

extern char xen_hypercall_page[];

static uint32_t cpuid_base; /* 0: no Xen leaves */

static uintptr_t handle(const void *bytes)
{
    return (uintptr_t)bytes;
}

/* Below other signatures if Xen shows Hyper-V's leaves as well. */
static uint32_t find_base(void)
{
    for (uint32_t base = XEN_CPUID_FIRST_LEAF; base < XEN_CPUID_LAST_BASE;
         base += 0x100) {
        struct x86_cpuid r = x86_cpuid(base, 0);

        /* "XenVMMXenVMM" */
        if (r.ebx == 0x566e6558 && r.ecx == 0x65584d4d && r.edx == 0x4d4d566e)
            return base;
    }
    return 0;
}

bool xen_present(void)
{
    return guest_boot.xen_pv || cpuid_base;
}

/* A PV domain's page was filled by the builder, as its ELF note asks. */
void xen_setup(void)
{
    if (guest_boot.xen_pv)
        return;
    cpuid_base = find_base();
    if (cpuid_base) {
        struct x86_cpuid r =
            x86_cpuid(cpuid_base + XEN_CPUID_HYPERCALL_LEAF, 0);

        x86_wrmsr(r.ebx, handle(xen_hypercall_page));
    }
}

const char *xen_version(void)
{
    static char text[32 + XEN_EXTRAVERSION_LEN];
    char extra[XEN_EXTRAVERSION_LEN + 1] = "";
    char *to = text;
    long version =
        xen_hypercall(__HYPERVISOR_xen_version, XENVER_version, 0, 0);

    if (version <= 0)
        return "";
    xen_hypercall(__HYPERVISOR_xen_version, XENVER_extraversion, handle(extra),
                  0);

    /* Xen's numbers are below 100. */
    unsigned parts[] = { (unsigned)version >> 16, version & 0xffff };
    for (size_t i = 0; i < 2; i++) {
        if (i)
            *to++ = '.';
        if (parts[i] >= 10)
            *to++ = (char)('0' + parts[i] / 10 % 10);
        *to++ = (char)('0' + parts[i] % 10);
    }
    for (const char *from = extra; *from; from++)
        *to++ = *from;
    *to = '\0';
    return text;
}

void xen_yield(void)
{
    xen_hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0);
}

void xen_block(void)
{
    struct sched_poll poll = { 0 };

    xen_hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, handle(&poll), 0);
}

bool xen_vcpu_exists(unsigned id)
{
    return xen_hypercall(__HYPERVISOR_vcpu_op, VCPUOP_is_up, id, 0) >= 0;
}
