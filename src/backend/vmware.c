/* SPDX-License-Identifier: MIT */
/*
 * VMware: a fully virtualised CPU that tells its frequencies and what of its
 * time others had.
 *
 * Detects:  the CPUID signature.
 * Installs: time.stolen_ns: the steal clock, where a CPU's is granted. The
 *           frequencies, and with them the TSC as a clock for all CPUs that
 *           begins at set-up, are clock.c's.
 * Leaves:   everything native; VMware virtualises it in hardware. It tells of
 *           no CPU that it is preempted.
 * Host:     pvops_host_map() for the local APIC, pvops_host_paddr().
 */
#include "internal.h"

#include "abi/vmware.h"
#include "ticks.h"
#include "vmware_call.h"
#include <x86/insn.h>
#include <x86/percpu.h>

/* pvops_cpu.private_ */
struct vmware_cpu {
    struct vmware_steal_time steal; /* the hypervisor's while 'granted' */
    uint64_t steal_at_setup;
    bool granted;
};

_Static_assert(sizeof(struct vmware_cpu) <=
                   sizeof(((struct pvops_cpu *)0)->private_),
               "private_ is too small");

/* ECX of leaf VMWARE_CPUID_FEATURES; whether calls are answered at all. */
static uint32_t features;
static bool answers;

static struct vmware_cpu *vmware_cpu(struct pvops_cpu *cpu)
{
    return (struct vmware_cpu *)(void *)cpu->private_;
}

static struct x86_vmware call(uint32_t command, uint32_t esi, uint32_t edi)
{
    struct x86_vmware r = {
        .eax = VMWARE_HYPERVISOR_MAGIC,
        .ecx = command,
        .esi = esi,
        .edi = edi,
    };

    pvi_vmware_call(features, &r);
    return r;
}

/* i386 reads it in two parts, of which the high one must be the same twice. */
static uint64_t steal_ticks(const volatile struct vmware_steal_time *steal)
{
    uint32_t high, low;

    do {
        high = steal->clock_high;
        x86_barrier();
        low = steal->clock_low;
        x86_barrier();
    } while (high != steal->clock_high);
    return (uint64_t)high << 32 | low;
}

PVOPS_OP_CALL static uint64_t stolen_ns(void)
{
    const struct vmware_cpu *v = vmware_cpu(pvi_this_cpu());

    if (!v->granted)
        return 0;
    return pvi_ticks_scale(steal_ticks(&v->steal) - v->steal_at_setup,
                           pvi.clock.mul, pvi.clock.shift);
}

static bool detect(const struct pvops_info *info)
{
    return info->entry != PVOPS_ENTRY_XEN_PV &&
           info->base[PVOPS_HYPERVISOR_VMWARE] != 0;
}

/* One that is not answered leaves EAX as it was, or makes it all ones. */
static bool legacy_x2apic(void)
{
    uint32_t info = call(VMWARE_CMD_GETVCPU_INFO, 0, 0).eax;

    return info != VMWARE_HYPERVISOR_MAGIC &&
           !(info & VMWARE_VCPU_INFO_RESERVED) &&
           (info & VMWARE_VCPU_INFO_LEGACY_X2APIC);
}

static void find_calls(const struct pvops_info *info)
{
    uint32_t leaf = info->base[PVOPS_HYPERVISOR_VMWARE] + VMWARE_CPUID_FEATURES;
    struct x86_vmware version;

    features = 0;
    if (info->max_leaf[PVOPS_HYPERVISOR_VMWARE] >= leaf)
        features = x86_cpuid(leaf, 0).ecx;
    else
        pvi_log(PVOPS_LOG_INFO, "vmware: no leaf 0x%x: calls by port 0x%x",
                leaf, VMWARE_HYPERVISOR_PORT);
    version = call(VMWARE_CMD_GETVERSION, 0, 0);
    answers =
        version.eax != UINT32_MAX && version.ebx == VMWARE_HYPERVISOR_MAGIC;
}

static enum pvops_status setup(const struct pvops_setup_options *options)
{
    const struct pvops_info *info = &pvi.info;

    (void)options;
    find_calls(info);
    if (!answers)
        pvi_log(PVOPS_LOG_INFO, "vmware: no GETVERSION: no calls");
    if (!info->tsc[PVOPS_HZ_VMWARE_CALL].hz)
        pvi_log(PVOPS_LOG_INFO, "vmware: no GETHZ: TSC frequency by %s",
                info->tsc_source == PVOPS_HZ_LEAF_40000010
                    ? "the timing leaf"
                    : "measuring, or the caller");
    if (!answers || !legacy_x2apic())
        pvi_log(PVOPS_LOG_INFO, "vmware: no LEGACY_X2APIC: x2APIC only with "
                                "interrupt remapping");
    pvops_time_table.stolen_ns = stolen_ns;
    return PVOPS_OK;
}

/* Its unit is the TSC's tick: without a frequency it tells nothing. */
static void steal_setup(struct pvops_cpu *cpu)
{
    struct vmware_cpu *v = vmware_cpu(cpu);
    uint64_t paddr;

    x86_clear(v, sizeof(*v));
    if (answers && pvi.clock.mul) {
        paddr = pvops_host_paddr(&v->steal);
        v->granted = call(VMWARE_CMD_STEALCLOCK, (uint32_t)(paddr >> 32),
                          (uint32_t)paddr)
                         .eax == VMWARE_STEALCLOCK_ENABLED;
    }
    if (v->granted)
        v->steal_at_setup = steal_ticks(&v->steal);
    else if (cpu->index == 0)
        pvi_log(PVOPS_LOG_INFO, "vmware: no STEALCLOCK: stolen time is 0");
}

static enum pvops_status cpu_setup(struct pvops_cpu *cpu,
                                   const struct pvops_cpu_options *options)
{
    enum pvops_status status = pvi_lapic_cpu_setup(cpu, options);

    if (status == PVOPS_OK)
        steal_setup(cpu);
    return status;
}

static void cpu_teardown(struct pvops_cpu *cpu)
{
    if (vmware_cpu(cpu)->granted)
        call(VMWARE_CMD_STEALCLOCK, 0, VMWARE_STEALCLOCK_DISABLE);
    vmware_cpu(cpu)->granted = false;
    pvi_lapic_cpu_teardown(cpu);
}

const struct pvi_backend pvi_backend_vmware = {
    .name = "vmware",
    .detect = detect,
    .setup = setup,
    .cpu_setup = cpu_setup,
    .cpu_teardown = cpu_teardown,
};
