/* SPDX-License-Identifier: MIT */
/*
 * The report from its first row to its table.
 */
#include "core/text.h"
#include "report/report.h"

enum { RESULTS = 448 };

struct report_try report_results[RESULTS];
unsigned report_result_count;

static const struct report_interface *const interfaces[] = {
    &report_kvm,
    &report_hyperv,
    &report_vmware,
    &report_xen,
};

#define FIRST_LEAF 0x40000000u
#define LAST_LEAF  0x40010000u
#define LEAF_STEP  0x100u

static bool signature_at(uint32_t leaf, const char *signature, uint32_t *max)
{
    uint32_t r[4];
    const uint32_t *words[] = { &r[EBX], &r[ECX], &r[EDX] };

    machine_cpuid(leaf, 0, r);
    *max = r[EAX];
    for (unsigned i = 0; i < 12; i++) {
        if ((uint8_t)(*words[i / 4] >> i % 4 * 8) != (uint8_t)signature[i])
            return false;
    }
    return true;
}

/* Whether or not CPUID has the hypervisor bit. */
static uint32_t find(const struct report_interface *interface, uint32_t *max)
{
    for (uint32_t leaf = FIRST_LEAF; leaf < LAST_LEAF; leaf += LEAF_STEP) {
        if (signature_at(leaf, interface->signature, max))
            return leaf;
    }
    return 0;
}

/* KVM before 2.6.33 says 0, which means the leaf behind the first. */
static uint32_t believed_max(uint32_t base, uint32_t max)
{
    return max ? max : base + 1;
}

static bool is_claimed(const struct report_try *try)
{
    const struct report_row *row = try->row;

    switch (row->kind) {
    case REPORT_LEAF:
        return try->base + row->where <= try->max_leaf;
    case REPORT_BIT:
        return try_has(try, row->where);
    default:
        return try_has(try, row->by[0]) && try_has(try, row->by[1]);
    }
}

static const char *bit_name(const struct report_interface *interface,
                            report_bit bit)
{
    for (unsigned i = 0; i < interface->count; i++) {
        if (interface->rows[i].kind == REPORT_BIT &&
            interface->rows[i].where == bit)
            return interface->rows[i].name;
    }
    return "what it needs";
}

static void probe(struct report_try *try)
{
    const struct report_row *row = try->row;

    try->claimed = is_claimed(try);
    if (row->kind == REPORT_LEAF || row->kind == REPORT_BIT) {
        if (!try->claimed) {
            try_absent(try);
            return;
        }
        for (unsigned i = 0; i < 2 && row->kind == REPORT_BIT; i++) {
            if (!try_has(try, row->by[i]))
                try_wrong(try, "without %s",
                          bit_name(try->interface, row->by[i]));
        }
    }
    if (row->probe)
        row->probe(try);
    else if (row->why && try->claimed)
        probe_untried(try);
    else if (row->why)
        try_absent(try);
    else if (row->kind == REPORT_MSR)
        probe_msr(try);
}

static void judge(struct report_try *try)
{
    probe(try);
    /* Nothing is right because nobody looked. */
    if (!try->said)
        try_untried(try, "no probe has come to a verdict");
}

static void put_trace(const struct report_try *try)
{
    static const char words[] = "trying ";
    size_t length = 0;

    report_write(words, sizeof(words) - 1);
    while (try->row->name[length])
        length++;
    report_write(try->row->name, length);
    report_write("\n", 1);
}

static void run_row(const struct report_interface *interface,
                    const struct report_row *row, uint32_t base, uint32_t max,
                    enum report_form form)
{
    struct report_try *try = &report_results[report_result_count];

    if (report_result_count == RESULTS)
        return;
    *try = (struct report_try){
        .interface = interface, .row = row, .base = base, .max_leaf = max
    };
    if (form == REPORT_TRACE)
        put_trace(try);
    judge(try);
    report_result_count++;
    report_print_json(try);
}

/* The hypervisor bit, and the maximum of the leaves. */
static void probe_bit(struct report_try *try)
{
    uint32_t r[4];

    machine_cpuid(1, 0, r);
    if (!(r[ECX] >> 31))
        try_wrong(try, "CPUID 1 ECX bit 31 is clear, and %s is at 0x%x",
                  try->interface->signature, (unsigned)try->base);
    else
        try_right(try, "CPUID 1 ECX bit 31 is set");
}

static void probe_maximum(struct report_try *try)
{
    uint32_t r[4];

    machine_cpuid(try->base, 0, r);
    if (r[EAX] < try->base + try->interface->least_leaves ||
        r[EAX] >= try->base + LEAF_STEP)
        try_wrong(try, "the maximum leaf is 0x%x; 0x%x is needed",
                  (unsigned)r[EAX],
                  (unsigned)(try->base + try->interface->least_leaves));
    else
        try_right(try, "0x%x", (unsigned)r[EAX]);
}

/* What the library's probe saw of the TSC: each source, against the clock. */
static void probe_sources(struct report_try *try)
{
    static const char *const names[PVOPS_HZ_SOURCES] = {
        [PVOPS_HZ_HYPERV_MSR] = "Hyper-V's MSR",
        [PVOPS_HZ_VMWARE_CALL] = "VMware's GETHZ",
        [PVOPS_HZ_LEAF_40000010] = "leaf 0x40000010",
        [PVOPS_HZ_XEN_LEAF] = "Xen's time leaf",
        [PVOPS_HZ_PVCLOCK] = "the time page",
        [PVOPS_HZ_HYPERV_COUNTER] = "Hyper-V's counter",
    };
    unsigned agree = 0;

    for (unsigned i = 0; i < PVOPS_HZ_SOURCES; i++) {
        if (names[i] && report_info->tsc[i].hz)
            agree += try_tsc_hz(try, report_info->tsc[i].hz, names[i]);
    }
    if (!report_clock.tsc_hz)
        try_untried(try, "nothing here says how fast the TSC counts");
    else
        try_right(try, "%u, with %s's %llu Hz", agree, report_clock.source,
                  (unsigned long long)report_clock.tsc_hz);
}

/* Of every interface, before its own. */
static const struct report_row common[] = {
    { "hypervisor-bit", REPORT_CLAIM, true, 0, { 0 }, probe_bit, NULL },
    { "maximum-leaf", REPORT_CLAIM, true, 0, { 0 }, probe_maximum, NULL },
    { "tsc-sources-agree", REPORT_CLAIM, true, 0, { 0 }, probe_sources, NULL },
};

bool report_run(const struct pvops_info *info, enum report_form form)
{
    bool right = true;

    report_info = info;
    report_result_count = 0;
    for (unsigned i = 0; i < sizeof(interfaces) / sizeof(interfaces[0]); i++) {
        const struct report_interface *interface = interfaces[i];
        uint32_t max, base = find(interface, &max);

        if (!base)
            continue;
        max = believed_max(base, max);
        for (unsigned j = 0; j < sizeof(common) / sizeof(common[0]); j++)
            run_row(interface, &common[j], base, max, form);
        for (unsigned j = 0; j < interface->count; j++)
            run_row(interface, &interface->rows[j], base, max, form);
    }
    for (unsigned i = 0; i < report_result_count; i++)
        right &= report_results[i].verdict != REPORT_WRONG;
    if (form != REPORT_LINES)
        report_print_table(report_results, report_result_count);
    return right;
}
