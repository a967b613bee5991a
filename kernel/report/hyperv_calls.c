/* SPDX-License-Identifier: MIT */
/*
 * Hyper-V's hypercalls, for this virtual processor.
 */
#include "report/hyperv.h"

enum { WAIT_US = 20000 };

static union {
    struct report_hv_flush flush;
    struct report_hv_flush_ex flush_ex;
    struct report_hv_ipi_ex ipi_ex;
    struct report_hv_index index;
    uint64_t words[16];
} in __attribute__((aligned(128)));
static uint64_t out[16] __attribute__((aligned(128)));

/* VP_INDEX's MSR, 0 without it. */
static unsigned vp_index(void)
{
    uint64_t index = 0;

    machine_rdmsr(HV_MSR_VP_INDEX, &index);
    return (unsigned)index;
}

/* False: it is not there, or cannot be called, which has been said. */
static bool call(struct report_try *try, uint64_t control, uint64_t input,
                 uint64_t output, uint64_t *out_result)
{
    if (!machine_has_hyperv_page()) {
        if (try->claimed)
            try_untried(try, "there is no hypercall page");
        else
            try_absent(try);
        return false;
    }
    if (!machine_hyperv(control, input, output, out_result)) {
        try_wrong(try, "the hypercall page's code faults");
        return false;
    }
    if ((*out_result & 0xffff) == HV_STATUS_CODE ||
        (*out_result & 0xffff) == HV_STATUS_DENIED) {
        if (try->claimed)
            try_wrong(try, "status %u: %s", (unsigned)(*out_result & 0xffff),
                      (*out_result & 0xffff) == HV_STATUS_CODE
                          ? "no such hypercall"
                          : "access denied");
        else
            try_absent(try);
        return false;
    }
    if (!try->claimed)
        try_unclaimed(try, "status %u", (unsigned)(*out_result & 0xffff));
    return true;
}

static void clear(void)
{
    for (unsigned i = 0; i < 16; i++)
        in.words[i] = out[i] = 0;
}

/* Of what 'in' says; 'stale' is judged if it is done. */
static void flush(struct report_try *try, uint64_t control,
                  const struct report_stale *stale)
{
    uint64_t result;

    if (!call(try, control, machine_paddr(&in), machine_paddr(out), &result))
        return;
    if ((result & 0xffff) != HV_STATUS_OK)
        try_wrong(try, "status %u", (unsigned)(result & 0xffff));
    else if (control >> 32 && (result >> 32 & 0xfff) != (control >> 32 & 0xfff))
        try_wrong(try, "%u of %u reps are done",
                  (unsigned)(result >> 32 & 0xfff),
                  (unsigned)(control >> 32 & 0xfff));
    else
        report_stale_judge(try, stale, "status 0");
}

void probe_hv_flush(struct report_try *try)
{
    struct report_stale stale;

    report_stale_begin(&stale, 0);
    clear();
    in.flush.flags = HV_FLUSH_ALL_SPACES;
    in.flush.processors = UINT64_C(1) << vp_index() % 64;
    flush(try, HV_CALL_FLUSH_SPACE, &stale);
}

void probe_hv_flush_list(struct report_try *try)
{
    struct report_stale stale;

    report_stale_begin(&stale, 0);
    clear();
    in.flush.flags = HV_FLUSH_ALL_SPACES;
    in.flush.processors = UINT64_C(1) << vp_index() % 64;
    in.flush.address = (uintptr_t)stale.page & HV_PAGE;
    flush(try, HV_CALL_FLUSH_LIST | HV_CALL_REPS(1), &stale);
}

static void set_ex(void)
{
    clear();
    in.flush_ex.flags = HV_FLUSH_ALL_SPACES;
    in.flush_ex.format = HV_SET_SPARSE;
    in.flush_ex.banks = UINT64_C(1) << vp_index() / 64 % 64;
    in.flush_ex.bank = UINT64_C(1) << vp_index() % 64;
}

void probe_hv_flush_ex(struct report_try *try)
{
    struct report_stale stale;

    report_stale_begin(&stale, 0);
    set_ex();
    flush(try, HV_CALL_FLUSH_SPACE_EX | HV_CALL_HEADER(1), &stale);
}

void probe_hv_flush_list_ex(struct report_try *try)
{
    struct report_stale stale;

    report_stale_begin(&stale, 0);
    set_ex();
    in.flush_ex.address = (uintptr_t)stale.page & HV_PAGE;
    flush(try, HV_CALL_FLUSH_LIST_EX | HV_CALL_HEADER(1) | HV_CALL_REPS(1),
          &stale);
}

static void ipi_by_call(void)
{
    uint64_t result;

    machine_hyperv(HV_CALL_IPI | HV_CALL_FAST, MACHINE_VECTOR,
                   UINT64_C(1) << vp_index() % 64, &result);
}

static void ipi_by_apic(void)
{
    machine_apic_self(MACHINE_VECTOR);
}

static void arrives(struct report_try *try)
{
    if (try->verdict == REPORT_WRONG)
        return;
    if (!machine_wait(1, report_ticks(WAIT_US)))
        try_wrong(try, "to this CPU: it does not arrive");
    try_right(try, "to this CPU: it arrives");
}

void probe_hv_ipi(struct report_try *try)
{
    uint64_t result;

    machine_count[0] = machine_count[1] = 0;
    if (!call(try, HV_CALL_IPI | HV_CALL_FAST, MACHINE_VECTOR,
              UINT64_C(1) << vp_index() % 64, &result))
        return;
    if (result & 0xffff)
        try_wrong(try, "status %u", (unsigned)(result & 0xffff));
    arrives(try);
    if (try->verdict == REPORT_RIGHT)
        try_cost(try, ipi_by_call, ipi_by_apic);
    machine_wait(~0u, report_ticks(1000));
}

void probe_hv_ipi_ex(struct report_try *try)
{
    uint64_t result;

    clear();
    machine_count[0] = machine_count[1] = 0;
    in.ipi_ex.vector = MACHINE_VECTOR;
    in.ipi_ex.format = HV_SET_SPARSE;
    in.ipi_ex.banks = UINT64_C(1) << vp_index() / 64 % 64;
    in.ipi_ex.bank = UINT64_C(1) << vp_index() % 64;
    if (!call(try, HV_CALL_IPI_EX | HV_CALL_HEADER(1), machine_paddr(&in), 0,
              &result))
        return;
    if (result & 0xffff)
        try_wrong(try, "status %u", (unsigned)(result & 0xffff));
    arrives(try);
    machine_wait(~0u, report_ticks(1000));
}

/* Leaf 4 EBX: after how many tries; 0 and all ones: never. */
void probe_hv_spin_wait(struct report_try *try)
{
    uint64_t result;
    uint32_t hints[4];

    try_leaf(try, 4, 0, hints);
    if (!hints[EBX] || hints[EBX] == UINT32_MAX)
        try->claimed = false;
    if (!call(try, HV_CALL_SPIN_WAIT | HV_CALL_FAST, 1000, 0, &result))
        return;
    if (result & 0xffff)
        try_wrong(try, "status %u", (unsigned)(result & 0xffff));
    try_right(try, "status 0");
}

/* The flushes' form if they are claimed, else the IPI's. */
void probe_hv_ex_bit(struct report_try *try)
{
    if (try_has(try, HV_HINT(2)))
        probe_hv_flush_ex(try);
    else if (try_has(try, HV_HINT(10)))
        probe_hv_ipi_ex(try);
    else
        try_untried(try, "neither flushes nor IPIs are recommended");
}

/* What the TLFS has for operands that name nothing. */
static bool is_refusal(unsigned status)
{
    return status == HV_STATUS_INPUT || status == HV_STATUS_ALIGNMENT ||
           status == HV_STATUS_PARAMETER || status == HV_STATUS_PARTITION ||
           status == HV_STATUS_VP || status == HV_STATUS_PORT ||
           status == HV_STATUS_CONNECTION;
}

static void known(struct report_try *try, unsigned number)
{
    uint64_t result;
    unsigned status;

    clear();
    /* All ones: this partition, and no connection, VP or register of it. */
    for (unsigned i = 0; i < 4; i++)
        in.words[i] = ~UINT64_C(0);
    if (!call(try, number, machine_paddr(&in), machine_paddr(out), &result))
        return;
    status = (unsigned)(result & 0xffff);
    if (!is_refusal(status))
        try_wrong(try, "nonsense is answered with status %u", status);
    try_right(try, "nonsense is refused with status %u", status);
}

/* It has no input: the output is written. */
void probe_hv_capabilities(struct report_try *try)
{
    const uint64_t mark = UINT64_C(0x5a5a5a5a5a5a5a5a);
    volatile uint64_t *answer = out;
    uint64_t result;

    clear();
    *answer = mark;
    if (!call(try, HV_CALL_CAPABILITIES, 0, machine_paddr(out), &result))
        return;
    if ((result & 0xffff) != HV_STATUS_OK)
        try_wrong(try, "status %u", (unsigned)(result & 0xffff));
    else if (*answer == mark)
        try_wrong(try, "status 0, and nothing is written");
    try_right(try, "0x%llx", (unsigned long long)*answer);
}

/* This CPU's APIC id must be this CPU's index. */
void probe_hv_index_call(struct report_try *try)
{
    const volatile uint32_t *answer = (const volatile uint32_t *)out;
    uint64_t result;

    clear();
    in.index.partition = HV_PARTITION_SELF;
    in.index.apic_id = machine_apic_id();
    out[0] = ~UINT64_C(0);
    if (!call(try, HV_CALL_VP_INDEX | HV_CALL_REPS(1), machine_paddr(&in),
              machine_paddr(out), &result))
        return;
    if ((result & 0xffff) != HV_STATUS_OK)
        try_wrong(try, "of this CPU: status %u", (unsigned)(result & 0xffff));
    else if (*answer != vp_index())
        try_wrong(try, "APIC id %u: VP %u, this one is %u",
                  (unsigned)machine_apic_id(), (unsigned)*answer, vp_index());
    try_right(try, "APIC id %u is VP %u", (unsigned)machine_apic_id(),
              (unsigned)*answer);
}

void probe_hv_post_bit(struct report_try *try)
{
    known(try, HV_CALL_POST_MESSAGE);
}

void probe_hv_signal_bit(struct report_try *try)
{
    known(try, HV_CALL_SIGNAL_EVENT);
}

void probe_hv_known(struct report_try *try)
{
    known(try, try->row->where);
}

void probe_hv_unknown(struct report_try *try)
{
    uint64_t result;

    if (!machine_has_hyperv_page())
        try_untried(try, "there is no hypercall page");
    else if (!machine_hyperv(HV_CALL_NONE, 0, 0, &result))
        try_wrong(try, "the hypercall page's code faults");
    else if ((result & 0xffff) != HV_STATUS_CODE)
        try_wrong(try, "status %u, not 2", (unsigned)(result & 0xffff));
    else
        try_right(try, "status 2");
}
