/* SPDX-License-Identifier: MIT */
/*
 * Hyper-V's leaves, and rows that look at another's MSRs or hypercalls.
 */
#include "report/hyperv.h"

void probe_hv_interface(struct report_try *try)
{
    uint32_t r[4];

    try_leaf(try, 1, 0, r);
    /* "Hv#1" */
    if (r[EAX] != 0x31237648)
        try_wrong(try, "EAX is 0x%x, not 0x31237648 (Hv#1)", (unsigned)r[EAX]);
    try_right(try, "Hv#1");
}

void probe_hv_version(struct report_try *try)
{
    uint32_t r[4];

    try_leaf(try, 2, 0, r);
    try_right(try, "%u.%u, build %u", (unsigned)(r[EBX] >> 16),
              (unsigned)(r[EBX] & 0xffff), (unsigned)r[EAX]);
}

/* Zeroes are allowed: no limit is told. */
void probe_hv_limits(struct report_try *try)
{
    uint32_t r[4];

    try_leaf(try, 5, 0, r);
    if (r[EAX] && r[EAX] != UINT32_MAX && r[EAX] < machine_cpus())
        try_wrong(try, "%u virtual processors at most, and %u run",
                  (unsigned)r[EAX], machine_cpus());
    try_right(try, "%u virtual processors, %u logical", (unsigned)r[EAX],
              (unsigned)r[EBX]);
}

void probe_hv_os_id(struct report_try *try)
{
    const uint64_t mark = UINT64_C(1) << 63; /* open source, no number */
    uint64_t id;

    if (!try_read(try, HV_MSR_OS_ID, &id) || !try->claimed)
        return;
    if (id) {
        try_right(try, "0x%llx", (unsigned long long)id);
        return;
    }
    /* libpvops took another interface: nobody has given one. */
    if (!try_write(try, HV_MSR_OS_ID, mark))
        return;
    machine_rdmsr(HV_MSR_OS_ID, &id);
    if (id != mark)
        try_wrong(try, "it does not keep what is stored");
    machine_wrmsr(HV_MSR_OS_ID, 0);
    try_right(try, "keeps what is stored");
}

/* Read, not stored to: that resets. */
void probe_hv_reset(struct report_try *try)
{
    uint64_t value;

    if (try_read(try, HV_MSR_RESET, &value) && try->claimed)
        try_untried(try, "reads 0x%llx; to store 1 would reset the machine",
                    (unsigned long long)value);
}

void probe_hv_crash_bit(struct report_try *try)
{
    uint64_t value;

    for (uint32_t msr = HV_MSR_CRASH_P0; msr <= HV_MSR_CRASH_CTL; msr++) {
        if (!machine_rdmsr(msr, &value))
            try_wrong(try, "MSR 0x%x faults", (unsigned)msr);
    }
    try_right(try, "6 MSRs read");
}
