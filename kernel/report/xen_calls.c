/* SPDX-License-Identifier: MIT */
/*
 * Xen's hypercalls, with arguments that change nothing: a command or a pointer
 * that is refused, by the error that Xen has for it, shows too that somebody is
 * there.
 *
 * Source: Xen 4.17 xen/common and xen/arch/x86: which check comes first;
 *         xsm/dummy.h: what dom0 alone may have (-EPERM).
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

/* Two errors for the arguments that a row's probe has. */
struct answers {
    uint32_t where;
    uint8_t errors[2]; /* positive; 0: none */
};

static const struct answers *answers_of(uint32_t where)
{
    /* Of the address where nothing is: -EFAULT. */
    static const struct answers none, list[] = {
        { XEN_EVENT_CHANNEL_COMPAT,
          { XEN_EFAULT } },                     /* event_channel_op_compat */
        { XEN_CONSOLE_IO, { XEN_EPERM } },      /* 0 bytes, to Xen's own */
        { XEN_PHYSDEV_COMPAT, { XEN_EFAULT } }, /* physdev_op_compat */
        { XEN_VM_ASSIST, { XEN_EINVAL } },      /* type 31 */
        { XEN_CALL(24, 12), { XEN_EINVAL } },   /* of a VCPU that wanders */
        { 27, { XEN_EACCES, XEN_EPERM } },      /* xsm_op, version 0 */
        { 28, { XEN_EFAULT } },                 /* nmi_op */
        { XEN_CALL(30, 0), { XEN_EFAULT } },    /* callback_op */
        { XEN_CALL(31, 99), { XEN_EINVAL } },   /* xenoprof_op */
        { XEN_CALL(32, 13), { XEN_EFAULT } },   /* EVTCHNOP_set_priority */
        { XEN_CALL(33, 5), { XEN_EFAULT } },    /* physdev_op */
        { 35, { XEN_EACCES, XEN_EPERM } },      /* sysctl, version 0 */
        { 36, { XEN_EACCES, XEN_EPERM } },      /* domctl, version 0 */
        { 37, { XEN_EFAULT, XEN_EPERM } },      /* kexec_op */
        { 38, { XEN_ENODEV, XEN_EPERM } },      /* tmem_op */
        { XEN_CALL(39, 1), { XEN_EFAULT, XEN_EOPNOTSUPP } }, /* argo_op */
        /* XENPMU_finish: any domain's, where xenpmu_op is on */
        { XEN_CALL(40, 5), { XEN_EFAULT, XEN_EOPNOTSUPP } },
        { 41, { XEN_ENODATA, XEN_EPERM } },              /* dm_op */
        { XEN_CALL(42, 99), { XEN_EINVAL, XEN_EPERM } }, /* hypfs_op */
        { 48, { XEN_EACCES, XEN_EPERM } },               /* mca, version 0 */
    };

    for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        if (list[i].where == where)
            return &list[i];
    }
    return &none;
}

static void not_as_documented(struct report_try *try, long result,
                              const uint8_t *errors)
{
    if (errors[1])
        try_wrong(try, "answers %ld, not 0, %d or %d", result, -errors[0],
                  -errors[1]);
    else if (errors[0])
        try_wrong(try, "answers %ld, not 0 or %d", result, -errors[0]);
    else
        try_wrong(try, "answers %ld, not 0", result);
}

static void ask(struct report_try *try, uintptr_t one, uintptr_t two,
                uintptr_t three, bool must)
{
    const uint8_t *errors = answers_of(try->row->where)->errors;
    long result;

    if (!xen_call(try->row->where & 0xffff, one, two, three, &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (xen_is_missing(try, result, must))
        return;
    else if (result == -XEN_EPERM && xen_is_dom0(try))
        try_wrong(try, "-EPERM, and this domain is dom0");
    else if (result && result != -(long)errors[0] && result != -(long)errors[1])
        not_as_documented(try, result, errors);
    else
        try_right(try, "answers %ld", result);
}

static uintptr_t command(const struct report_try *try)
{
    return try->row->where >> 16 ? (try->row->where >> 16) - 1 : 0;
}

/* Those that would read a structure get an address where there is none. */
void probe_xen_asked(struct report_try *try)
{
    uint32_t number = try->row->where & 0xffff;
    uintptr_t nowhere = 0;

    if (answers_of(try->row->where)->errors[0] == XEN_EFAULT)
        nowhere = (uintptr_t)machine_nowhere();
    if (number == XEN_EVENT_CHANNEL_COMPAT || number == XEN_PHYSDEV_COMPAT)
        ask(try, nowhere, 0, 0, false);
    else
        ask(try, command(try), nowhere, 0, false);
}

void probe_xen_must(struct report_try *try)
{
    ask(try, command(try), 0, 0, true);
}

/* A PV domain's: Xen has one of them for others, to say -EINVAL. */
void probe_xen_count_0(struct report_try *try)
{
    long result;

    if (!machine_is_xen_pv() && try->row->where == XEN_MMUEXT_OP &&
        xen_call(XEN_MMUEXT_OP, (uintptr_t)zeroes, 0, 0, &result) &&
        result == -XEN_EINVAL)
        try_absent(try);
    else
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

/* Told to a dom0 whose VCPUs stay where they are, refused to others. */
void probe_xen_physid(struct report_try *try)
{
    ask(try, command(try), 0, (uintptr_t)zeroes, false);
}

/* A PV domain could not run without it; another has no use for it. */
void probe_xen_in_use(struct report_try *try)
{
    long result;

    if (machine_is_xen_pv())
        try_untried(try, "pvk runs by it; to try it apart would end pvk");
    else if (!xen_call(try->row->where & 0xffff, (uintptr_t)zeroes, 0, 0,
                       &result))
        try_wrong(try, "the hypercall instruction faults");
    else if (!xen_is_missing(try, result, false))
        try_wrong(try, "a PV domain's alone, and it answers %ld", result);
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
