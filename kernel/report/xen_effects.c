/* SPDX-License-Identifier: MIT */
/*
 * Xen's hypercalls whose effect can be seen: what they tell is told, what they
 * flush is flushed.
 */
#include "report/xen.h"

enum { MARK = 0xa5, TEXT = 1024 };

static uintptr_t command(const struct report_try *try)
{
    return try->row->where >> 16 ? (try->row->where >> 16) - 1 : 0;
}

/* False: it faulted, is missing or failed, which has been said. */
static bool call(struct report_try *try, uintptr_t one, uintptr_t two,
                 uintptr_t three, bool must)
{
    long result;

    if (!xen_call(try->row->where & 0xffff, one, two, three, &result)) {
        try_wrong(try, "the hypercall instruction faults");
        return false;
    }
    if (xen_is_missing(try, result, must))
        return false;
    if (result)
        try_wrong(try, "answers %ld", result);
    return !result;
}

void probe_xen_version(struct report_try *try)
{
    uint32_t r[4];
    long result;

    try_leaf(try, 1, 0, r);
    if (!xen_call(XEN_VERSION, 0, 0, 0, &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (result <= 0 || (uint32_t)result != r[EAX])
        try_wrong(try, "answers 0x%lx, leaf 1 says 0x%x", (unsigned long)result,
                  (unsigned)r[EAX]);
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

/* As the domain is: its memory is translated for it, or it is PV. */
void probe_xen_features(struct report_try *try)
{
    static struct xen_features features;
    bool translated;

    features = (struct xen_features){ 0, 0 };
    if (!call(try, XENVER_GET_FEATURES, (uintptr_t)&features, 0, true))
        return;
    translated = features.map >> 2 & 1;
    if (translated == machine_is_xen_pv())
        try_wrong(try, "0x%x, of a domain that is %sPV", (unsigned)features.map,
                  machine_is_xen_pv() ? "" : "not ");
    try_right(try, "0x%x", (unsigned)features.map);
}

/* One byte of a buffer at the least is not as it was. */
void probe_xen_text(struct report_try *try)
{
    static uint8_t text[TEXT] __attribute__((aligned(8)));
    volatile uint8_t *at = text;
    unsigned same = 0;

    for (unsigned i = 0; i < TEXT; i++)
        at[i] = MARK;
    if (!call(try, command(try), (uintptr_t)text, 0, false))
        return;
    while (same < TEXT && at[same] == MARK)
        same++;
    if (same == TEXT)
        try_wrong(try, "answers 0, and writes nothing");
    try_right(try, "written");
}

/* Its length, which Xen tells dom0 alone; a build may have none. */
void probe_xen_build_id(struct report_try *try)
{
    long result;

    if (!xen_call(XEN_VERSION, XENVER_BUILD_ID, 0, 0, &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (xen_is_missing(try, result, false))
        return;
    else if (result == -XEN_EPERM ? xen_is_dom0(try)
                                  : result <= 0 && result != -XEN_ENODATA)
        try_wrong(try, "answers %ld%s", result,
                  xen_is_dom0(try) ? " to dom0" : "");
    else
        try_right(try, "answers %ld", result);
}

void probe_xen_pages(struct report_try *try)
{
    static uint16_t self;
    long result;

    self = XEN_DOMID_SELF;
    if (!xen_call(XEN_MEMORY_OP, command(try), (uintptr_t)&self, 0, &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (xen_is_missing(try, result, true))
        return;
    else if (result < 256) /* the first MiB */
        try_wrong(try, "answers %ld", result);
    else
        try_right(try, "%ld pages", result);
}

/* Of two calls: both are made, each with its own answer. */
void probe_xen_multicall(struct report_try *try)
{
    static struct xen_multicall list[2];
    long version = 0;

    xen_call(XEN_VERSION, 0, 0, 0, &version);
    list[0] = (struct xen_multicall){ XEN_VERSION, MARK, { 0 } };
    list[1] = (struct xen_multicall){ XEN_NONE, MARK, { 0 } };
    if (!call(try, (uintptr_t)list, 2, 0, false))
        return;
    if ((long)list[0].result != version || (long)list[1].result != -XEN_ENOSYS)
        try_wrong(try, "its calls answer %ld and %ld, not %ld and -ENOSYS",
                  (long)list[0].result, (long)list[1].result, version);
    try_right(try, "both calls of a list are made");
}

void probe_xen_grant(struct report_try *try)
{
    static struct xen_grant_size size;

    size = (struct xen_grant_size){ .dom = XEN_DOMID_SELF, .status = 1 };
    if (!call(try, command(try), (uintptr_t)&size, 1, false))
        return;
    if (size.status || size.frames > size.most)
        try_wrong(try, "status %d, %u frames of %u", size.status,
                  (unsigned)size.frames, (unsigned)size.most);
    try_right(try, "%u frames of %u", (unsigned)size.frames,
              (unsigned)size.most);
}

void probe_xen_grant_version(struct report_try *try)
{
    static struct xen_grant_version version;

    version = (struct xen_grant_version){ .dom = XEN_DOMID_SELF };
    if (!call(try, command(try), (uintptr_t)&version, 1, false))
        return;
    if (version.version != 1 && version.version != 2)
        try_wrong(try, "version %u", (unsigned)version.version);
    try_right(try, "version %u", (unsigned)version.version);
}

/* Index 0: the way in which events arrive. A PV domain has no parameters. */
void probe_xen_param(struct report_try *try)
{
    static struct xen_param param;
    long result;

    param = (struct xen_param){ .dom = XEN_DOMID_SELF };
    if (!xen_call(XEN_HVM_OP, command(try), (uintptr_t)&param, 0, &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (xen_is_missing(try, result, !machine_is_xen_pv()))
        return;
    else if (result != (machine_is_xen_pv() ? -XEN_EINVAL : 0))
        try_wrong(try, "HVM_PARAM_CALLBACK_IRQ: answers %ld", result);
    else if (result)
        try_right(try, "-EINVAL: a PV domain has none");
    else
        try_right(try, "HVM_PARAM_CALLBACK_IRQ is 0x%llx",
                  (unsigned long long)param.value);
}

/* Of this VCPU alone, or of all; a PV domain's. */
void probe_xen_flush(struct report_try *try)
{
    static struct xen_mmuext op;
    static uintptr_t mask;
    struct report_stale stale;
    long result;

    report_stale_begin(&stale, 0);
    mask = 1;
    op = (struct xen_mmuext){ (uint32_t)command(try), (uintptr_t)stale.page,
                              (uintptr_t)&mask };
    if (!xen_call(XEN_MMUEXT_OP, (uintptr_t)&op, 1, 0, &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (!machine_is_xen_pv() &&
             (result == -XEN_EINVAL || result == -XEN_ENOSYS))
        try_absent(try);
    else if (result)
        try_wrong(try, "answers %ld", result);
    else
        report_stale_judge(try, &stale, "answers 0");
}

/* The whole domain's; a PV domain's are MMUEXT_*. */
void probe_xen_flush_tlbs(struct report_try *try)
{
    struct report_stale stale;
    long result;

    if (machine_is_xen_pv()) {
        if (!xen_call(XEN_HVM_OP, command(try), 0, 0, &result))
            try_wrong(try, "the hypercall instruction faults");
        else if (result != -XEN_EINVAL && result != -XEN_ENOSYS)
            try_wrong(try, "answers %ld to a PV domain", result);
        else
            try_absent(try);
        return;
    }
    report_stale_begin(&stale, 0);
    if (call(try, command(try), 0, 0, false))
        report_stale_judge(try, &stale, "answers 0");
}
