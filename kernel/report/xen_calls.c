/* SPDX-License-Identifier: MIT */
/*
 * Xen's hypercalls, with arguments that change nothing: a command or a pointer
 * that is refused shows too that somebody is there.
 */
#include "report/xen.h"

static uint64_t zeroes[64];

bool xen_call(unsigned number, uintptr_t one, uintptr_t two, uintptr_t three,
              long *out_result)
{
    const uintptr_t args[4] = { one, two, three, XEN_DOMID_SELF };

    return machine_xen(number, args, out_result);
}

bool xen_is_missing(struct report_try *try, long result, bool must)
{
    if (result != -XEN_ENOSYS)
        return false;
    if (must)
        try_wrong(try, "-ENOSYS");
    else
        try_absent(try);
    return true;
}

static void ask(struct report_try *try, uintptr_t one, uintptr_t two,
                uintptr_t three, bool must)
{
    long result;

    if (!xen_call(try->row->where & 0xffff, one, two, three, &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (!xen_is_missing(try, result, must))
        try_right(try, "answers %ld", result);
}

static uintptr_t command(const struct report_try *try)
{
    return try->row->where >> 16 ? (try->row->where >> 16) - 1 : 0;
}

void probe_xen_asked(struct report_try *try)
{
    ask(try, command(try), 0, 0, false);
}

void probe_xen_must(struct report_try *try)
{
    ask(try, command(try), 0, 0, true);
}

void probe_xen_count_0(struct report_try *try)
{
    ask(try, (uintptr_t)zeroes, 0, 0, false);
}

void probe_xen_zero(struct report_try *try)
{
    for (unsigned i = 0; i < 64; i++)
        zeroes[i] = 0;
    ask(try, (uintptr_t)zeroes, 0, 0, false);
}

/* Type 31, which is none. */
void probe_xen_assist(struct report_try *try)
{
    ask(try, 0, 31, 0, false);
}

/* A PV domain could not run without it; another has no use for it. */
void probe_xen_in_use(struct report_try *try)
{
    if (machine_is_xen_pv())
        try_untried(try, "pvk runs by it; to try it apart would end pvk");
    else
        ask(try, (uintptr_t)zeroes, 0, 0, false);
}

void probe_xen_version(struct report_try *try)
{
    long result;

    if (!xen_call(XEN_VERSION, 0, 0, 0, &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (result <= 0)
        try_wrong(try, "answers %ld", result);
    else
        try_right(try, "%ld.%ld", result >> 16, result & 0xffff);
}

void probe_xen_pagesize(struct report_try *try)
{
    long result;

    if (!xen_call(XEN_VERSION, XENVER_PAGESIZE, 0, 0, &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (xen_is_missing(try, result, false))
        return;
    else if (result != 4096)
        try_wrong(try, "answers %ld, not 4096", result);
    else
        try_right(try, "4096");
}

void probe_xen_grant(struct report_try *try)
{
    static struct xen_grant_size size;
    long result;

    size = (struct xen_grant_size){ .dom = XEN_DOMID_SELF };
    if (!xen_call(XEN_GRANT_TABLE_OP, command(try), (uintptr_t)&size, 1,
                  &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (xen_is_missing(try, result, false))
        return;
    else if (result || size.status)
        try_wrong(try, "answers %ld, status %d", result, size.status);
    else
        try_right(try, "%u frames of %u", (unsigned)size.frames,
                  (unsigned)size.most);
}

/* Index 0: the way in which events arrive. */
void probe_xen_param(struct report_try *try)
{
    static struct xen_param param;
    long result;

    param = (struct xen_param){ .dom = XEN_DOMID_SELF };
    if (!xen_call(XEN_HVM_OP, command(try), (uintptr_t)&param, 0, &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (xen_is_missing(try, result, !machine_is_xen_pv()))
        return;
    else if (machine_is_xen_pv())
        try_right(try, "answers %ld to a PV domain", result);
    else if (result)
        try_wrong(try, "HVM_PARAM_CALLBACK_IRQ: answers %ld", result);
    else
        try_right(try, "HVM_PARAM_CALLBACK_IRQ is 0x%llx",
                  (unsigned long long)param.value);
}

/* Of this VCPU alone, or of all; a PV domain's. */
void probe_xen_flush(struct report_try *try)
{
    static struct xen_mmuext op;
    static uintptr_t mask;
    const uintptr_t args[4] = { (uintptr_t)&op, 1, 0, XEN_DOMID_SELF };
    long result;

    mask = 1;
    op = (struct xen_mmuext){ (uint32_t)command(try), (uintptr_t)&op,
                              (uintptr_t)&mask };
    if (!machine_xen(XEN_MMUEXT_OP, args, &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (!machine_is_xen_pv())
        try_absent(try);
    else if (result)
        try_wrong(try, "answers %ld", result);
    else
        try_right(try, "answers 0");
}

void probe_xen_unknown(struct report_try *try)
{
    long result;

    if (!xen_call(XEN_NONE, 0, 0, 0, &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (result != -XEN_ENOSYS)
        try_wrong(try, "answers %ld, not -ENOSYS", result);
    else
        try_right(try, "-ENOSYS");
}
