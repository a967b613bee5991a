/* SPDX-License-Identifier: MIT */
/*
 * VMware's rows and probes: the leaf, and each command by the port and by the
 * instruction that the leaf names.
 *
 * Source: VMware KB 1009458; open-vm-tools lib/include/backdoor_def.h
 *         (commands); Linux arch/x86/include/asm/vmware.h, arch/x86/kernel/
 *         cpu/vmware.c (the leaf's bits, GETVCPU_INFO's, STEALCLOCK).
 */
#include "report/report.h"

#define MAGIC 0x564d5868u

enum {
    PORT = 0x5658,
    GETVERSION = 10,
    GETMEMSIZE = 20,
    GETTIME = 23,
    GETHZ = 45,
    GETTIMEFULL = 46,
    GETTIMEFULL_LAG = 47,
    GETVCPU_INFO = 68,
    STEALCLOCK = 91,
    VCPU_RESERVED = 31, /* of GETVCPU_INFO's EAX: nothing is known */
    VCPU_LEGACY_X2APIC = 3,
};

#define VMW_VMMCALL BY(0x10, ECX, 0)
#define VMW_VMCALL  BY(0x10, ECX, 1)

static bool command(enum machine_vmware way, unsigned number, uint32_t r[4])
{
    r[EAX] = MAGIC;
    r[EBX] = UINT32_MAX;
    r[ECX] = number;
    r[EDX] = way == MACHINE_PORT ? PORT : 0;
    return machine_vmware(way, r);
}

/* False: the port does not answer, which has been said. */
static bool ask(struct report_try *try, unsigned number, uint32_t r[4])
{
    if (command(MACHINE_PORT, number, r))
        return true;
    try_wrong(try, "the port faults");
    return false;
}

static void probe_version(struct report_try *try)
{
    uint32_t r[4];

    if (!ask(try, GETVERSION, r))
        return;
    if (r[EBX] != MAGIC || r[EAX] == UINT32_MAX)
        try_wrong(try, "EBX is 0x%x, not 0x564d5868; EAX 0x%x",
                  (unsigned)r[EBX], (unsigned)r[EAX]);
    else
        try_right(try, "version %u, product %u", (unsigned)r[EAX],
                  (unsigned)r[ECX]);
}

static bool ask_hz(struct report_try *try, uint64_t *out_hz,
                   uint32_t *out_apic_hz)
{
    uint32_t r[4];

    *out_hz = 0;
    if (!ask(try, GETHZ, r))
        return false;
    if (r[EBX] == UINT32_MAX) {
        try_absent(try);
        return false;
    }
    *out_hz = (uint64_t)r[EBX] << 32 | r[EAX];
    *out_apic_hz = r[ECX];
    return true;
}

static void probe_hz(struct report_try *try)
{
    enum { PPM_MOST = 1000 };
    uint64_t hz;
    uint32_t leaf[4], apic_hz;

    if (!ask_hz(try, &hz, &apic_hz) || !try_tsc_hz(try, hz, "GETHZ"))
        return;
    try_leaf(try, 0x10, 0, leaf);
    if (leaf[EAX] && report_ppm(leaf[EAX] * UINT64_C(1000), hz) > PPM_MOST)
        try_wrong(try, "%llu Hz, leaf 0x40000010 %u kHz",
                  (unsigned long long)hz, (unsigned)leaf[EAX]);
    else if (!apic_hz)
        try_wrong(try, "the APIC timer's frequency is 0");
    else if (leaf[EBX] &&
             report_ppm(leaf[EBX] * UINT64_C(1000), apic_hz) > PPM_MOST)
        try_wrong(try, "APIC timer %u Hz, leaf 0x40000010 %u kHz",
                  (unsigned)apic_hz, (unsigned)leaf[EBX]);
    try_right(try, "%llu Hz, APIC timer %u Hz", (unsigned long long)hz,
              (unsigned)apic_hz);
}

static void probe_time(struct report_try *try)
{
    uint32_t r[4];

    if (!ask(try, GETTIME, r))
        return;
    if (r[EAX] == UINT32_MAX)
        try_absent(try);
    else if (r[EAX] < 1577836800u || r[EBX] >= 1000000)
        try_wrong(try, "%u s and %u us since 1970", (unsigned)r[EAX],
                  (unsigned)r[EBX]);
    else
        try_right(try, "%u s since 1970", (unsigned)r[EAX]);
}

/* EAX the microseconds' high part of lag etc.: only whether it answers. */
static void probe_answers(struct report_try *try)
{
    uint32_t r[4];

    if (!ask(try, try->row->where, r))
        return;
    if (r[EAX] == UINT32_MAX || r[EAX] == MAGIC)
        try_absent(try);
    else
        try_right(try, "EAX 0x%x, EBX 0x%x", (unsigned)r[EAX],
                  (unsigned)r[EBX]);
}

static void probe_vcpu(struct report_try *try)
{
    uint32_t r[4];

    if (!ask(try, GETVCPU_INFO, r))
        return;
    if (r[EAX] >> VCPU_RESERVED & 1)
        try_absent(try);
    else
        try_right(try, "EAX 0x%x%s", (unsigned)r[EAX],
                  r[EAX] >> VCPU_LEGACY_X2APIC & 1 ? ": x2APIC as it is" : "");
}

/* The same command by the instruction: the answer must be the port's. */
static void by_instruction(struct report_try *try, enum machine_vmware way)
{
    uint32_t r[4], port[4];
    uint32_t vendor[4];
    bool amd;

    machine_cpuid(0, 0, vendor);
    amd = vendor[EBX] == 0x68747541 || vendor[EBX] == 0x6f677948;
    if (amd != (way == MACHINE_VMMCALL)) {
        try_wrong(try, "not this vendor's instruction");
        return;
    }
    if (!command(way, GETVERSION, r)) {
        try_wrong(try, "the instruction faults");
        return;
    }
    if (r[EBX] != MAGIC)
        try_wrong(try, "GETVERSION: EBX is 0x%x, not 0x564d5868",
                  (unsigned)r[EBX]);
    else if (command(MACHINE_PORT, GETVERSION, port) && port[EBX] == MAGIC &&
             port[EAX] != r[EAX])
        try_wrong(try, "GETVERSION: %u, by the port %u", (unsigned)r[EAX],
                  (unsigned)port[EAX]);
    try_right(try, "GETVERSION: %u", (unsigned)r[EAX]);
}

static void probe_vmcall(struct report_try *try)
{
    by_instruction(try, MACHINE_VMCALL);
}

static void probe_vmmcall(struct report_try *try)
{
    by_instruction(try, MACHINE_VMMCALL);
}

/* clang-format off */
static const struct report_row rows[] = {
    { "VMWARE_CPUID_SIGNATURE", REPORT_LEAF, true, 0, { 0 }, probe_signature,
      NULL },
    { "VMWARE_CPUID_FEATURES", REPORT_LEAF, true, 0x10, { 0 }, probe_timing,
      NULL },
    { "CPUID_VMWARE_FEATURES_ECX_VMMCALL", REPORT_BIT, true, VMW_VMMCALL,
      { 0 }, probe_vmmcall, NULL },
    { "CPUID_VMWARE_FEATURES_ECX_VMCALL", REPORT_BIT, true, VMW_VMCALL,
      { 0 }, probe_vmcall, NULL },
    { "VMWARE_CMD_GETVERSION", REPORT_CALL, true, GETVERSION, { 0 },
      probe_version, NULL },
    { "VMWARE_CMD_GETMEMSIZE", REPORT_CALL, false, GETMEMSIZE, { 0 },
      probe_answers, NULL },
    { "VMWARE_CMD_GETTIME", REPORT_CALL, false, GETTIME, { 0 }, probe_time,
      NULL },
    { "VMWARE_CMD_GETHZ", REPORT_CALL, true, GETHZ, { 0 }, probe_hz, NULL },
    { "VMWARE_CMD_GETTIMEFULL", REPORT_CALL, false, GETTIMEFULL, { 0 },
      probe_answers, NULL },
    { "VMWARE_CMD_GETTIMEFULL_WITH_LAG", REPORT_CALL, false, GETTIMEFULL_LAG,
      { 0 }, probe_answers, NULL },
    { "VMWARE_CMD_GETVCPU_INFO", REPORT_CALL, true, GETVCPU_INFO, { 0 },
      probe_vcpu, NULL },
    { "VMWARE_CMD_STEALCLOCK", REPORT_CALL, true, STEALCLOCK, { 0 }, NULL,
      "to ask whether it is there would give it an area to write to" },
};
/* clang-format on */

const struct report_interface report_vmware = {
    .name = "vmware",
    .signature = "VMwareVMware",
    .hypervisor = PVOPS_HYPERVISOR_VMWARE,
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
    .least_leaves = 0,
};
