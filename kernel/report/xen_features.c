/* SPDX-License-Identifier: MIT */
/*
 * Xen's feature bits and leaves, against what kind of domain this is.
 */
#include "report/xen.h"

bool xen_bit(uint32_t base, report_bit bit)
{
    static struct xen_features features;
    uint32_t first[4], r[4], leaf = bit >> 16 & 0x7fff;
    long result;

    if (leaf == REPORT_FEATURE_LEAF) {
        features = (struct xen_features){ 0, 0 };
        return xen_call(XEN_VERSION, XENVER_GET_FEATURES, (uintptr_t)&features,
                        0, &result) &&
               !result && (features.map >> (bit & 31) & 1);
    }
    machine_cpuid(base, 0, first);
    if (base + leaf > first[EAX])
        return false;
    machine_cpuid(base + leaf, 0, r);
    return r[bit >> 8 & 3] >> (bit & 31) & 1;
}

/* Its memory is translated for it: HVM and PVH, and no PV domain. */
void probe_xen_translated(struct report_try *try)
{
    if (machine_is_xen_pv())
        try_wrong(try, "in a PV domain");
    try_right(try, "an HVM or PVH domain");
}

bool xen_is_dom0(const struct report_try *try)
{
    return xen_bit(try->base, XEN_FEATURE(11));
}

/* What only dom0 is told: of the machine's first CPU, that it is online. */
static bool ask_of_cpu(struct report_try *try, struct xen_platform *op,
                       long *out_result)
{
    *op = (struct xen_platform){ .command = XENPF_GET_CPUINFO,
                                 .version = XENPF_VERSION };
    if (xen_call(XEN_PLATFORM_OP, (uintptr_t)op, 0, 0, out_result))
        return true;
    try_wrong(try, "the hypercall instruction faults");
    return false;
}

void probe_xen_dom0(struct report_try *try)
{
    static struct xen_platform op;
    long result;

    if (!ask_of_cpu(try, &op, &result))
        return;
    if (result)
        try_wrong(try, "platform_op answers %ld to dom0", result);
    else if (!(op.u.info.flags & XEN_PCPU_ONLINE))
        try_wrong(try, "platform_op answers 0, and CPU 0 is not online");
    else
        try_right(try, "platform_op knows %u CPUs",
                  (unsigned)op.u.info.max_present + 1);
}

/* The same; and refused to every other domain. */
void probe_xen_platform(struct report_try *try)
{
    static struct xen_platform op;
    long result;

    if (xen_is_dom0(try))
        probe_xen_dom0(try);
    else if (!ask_of_cpu(try, &op, &result) ||
             xen_is_missing(try, result, false))
        return;
    else if (result != -XEN_EPERM)
        try_wrong(try, "answers %ld to a domain that is not dom0", result);
    else
        try_right(try, "-EPERM: this domain is not dom0");
}

/* The version, and it is the hypercall's too: see XENVER_version. */
void probe_xen_leaf_1(struct report_try *try)
{
    uint32_t r[4];

    try_leaf(try, 1, 0, r);
    if (!(r[EAX] >> 16))
        try_wrong(try, "version 0x%x", (unsigned)r[EAX]);
    try_right(try, "%u.%u", (unsigned)(r[EAX] >> 16),
              (unsigned)(r[EAX] & 0xffff));
}

void probe_xen_mapped(struct report_try *try)
{
    if (xen_bit(try->base, XEN_FEATURE(16)) &&
        xen_bit(try->base, XEN_FEATURE(17)))
        try_wrong(try, "direct mapped, and not");
    try_right(try, "one of two");
}

/* Any page; the library needs none. */
void probe_xen_page(struct report_try *try)
{
    static uint8_t page[4096] __attribute__((aligned(4096)));
    const volatile uint8_t *at = page;
    uint32_t r[4];

    try_leaf(try, 2, 0, r);
    if (machine_is_xen_pv()) {
        try_untried(try, "a PV domain has SYSCALL");
        return;
    }
    if (!r[EAX]) {
        try_wrong(try, "leaf 2 says that there are 0 pages");
        return;
    }
    for (unsigned i = 0; i < sizeof(page); i++)
        page[i] = 0;
    if (!machine_wrmsr(r[EBX], machine_paddr(page)))
        try_wrong(try, "storing to MSR 0x%x faults", (unsigned)r[EBX]);
    else if (!at[0] || !at[32])
        try_wrong(try, "the page is not written");
    else
        try_right(try, "the page is written");
}

void probe_xen_vcpu_id(struct report_try *try)
{
    uint32_t r[4];

    try_leaf(try, 4, 0, r);
    if (r[EBX])
        try_wrong(try, "the boot CPU is VCPU %u", (unsigned)r[EBX]);
    try_right(try, "VCPU 0");
}
