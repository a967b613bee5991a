/* SPDX-License-Identifier: MIT */
/*
 * The clock tier on machines made at random: every lab machine with leaves,
 * MSRs, timers and options that nobody would build.
 *
 * The model fails a test at any instruction that would fault: an MSR, a port or
 * a hypercall that this machine's CPUID does not offer. Beyond that: the probe
 * ends soon, what it says fits together, a clock never goes back, and who wrote
 * to a page writes no more once the clock is stopped.
 *
 * Tried: in src/clock "leaf <= max" or the look for all ones left out of
 *        leaf_below(); the look for Xen PV left out of wanted() or of
 *        probe_apic(); told() without its range; page_release() left out of
 *        told_by_pvclock(); the SSE2 bit not looked at: each fails here.
 */
#include "pvtest.h"

#include "clock_machines.h"

#include "abi/cpuid.h"
#include "abi/kvm.h"

enum { MACHINES = 3000, READINGS = 20 };

/* The bound of one window is a million readings of four operations. */
#define MAX_OPERATIONS 40000000u

static uint64_t state;
static unsigned machine;
static bool finished;

__attribute__((destructor)) static void say_which(void)
{
    if (!finished)
        printf("clock_random: machine %u\n", machine);
}

/* xorshift64*, Vigna 2016. */
static uint64_t random64(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * UINT64_C(0x2545f4914f6cdd1d);
}

static uint32_t below(uint32_t end)
{
    return (uint32_t)(random64() >> 32) % end;
}

static uint64_t shape(void)
{
    switch (below(5)) {
    case 0:
        return 0;
    case 1:
        return UINT64_MAX;
    case 2:
        return MACHINE_HZ + below(1000000);
    default:
        return random64() >> below(64);
    }
}

static uint32_t changed(uint32_t value)
{
    switch (below(6)) {
    case 0:
        return value ^ 1u << below(32);
    case 1:
        return (uint32_t)shape();
    default:
        return value;
    }
}

/*
 * What a machine may not say: that it has an instruction that it has not. Leaf
 * 0x40000010 names VMware's, Xen's leaf 4 this VCPU, leaf 0 the hypercall.
 */
static void change_leaves(void)
{
    fake_leaf(CPUID_TSC, below(5), below(300), changed(24000000), 0);
    fake_leaf(CPUID_FREQUENCY, changed(2600), 0, 0, 0);
    for (unsigned i = 0; i < fake.leaf_count; i++) {
        struct fake_leaf *leaf = &fake.leaves[i];

        /* Maxima: then there are more of them. */
        if (!(leaf->leaf & 0xff) && below(2))
            leaf->r.eax = leaf->leaf + 0x16;
        if (below(3))
            continue;
        leaf->r.eax = changed(leaf->r.eax);
        if (leaf->leaf == CPUID_BASIC)
            continue;
        leaf->r.ebx = changed(leaf->r.ebx);
        leaf->r.ecx = changed(leaf->r.ecx);
        leaf->r.edx = changed(leaf->r.edx);
    }
    fake.beyond =
        (struct x86_cpuid){ changed(0), changed(0), changed(0), changed(0) };
    for (uint32_t base = 0x40000000; base <= 0x40000100; base += 0x100) {
        fake_leaf(base + 4, 0, 0, 0, 0);
        fake_leaf(base + 0x10, changed(2596104), changed(1000000), 0, 0);
    }
    fake.beyond.eax &= ~8u;
    fake.beyond.ecx &= ~3u;
    fake.xen_vcpu_id = 0;
}

/* Each MSR that some leaf may offer. */
static void add_msrs(void)
{
    fake_kvm_clock(MSR_KVM_SYSTEM_TIME_NEW);
    fake_kvm_clock(MSR_KVM_SYSTEM_TIME);
    fake_hyperv_counter();
    fake_hyperv_page();
    fake_msr(HV_X64_MSR_TSC_FREQUENCY, shape());
    fake_msr(HV_X64_MSR_APIC_FREQUENCY, shape());
    if (!below(4))
        fake_msr(HV_X64_MSR_REFERENCE_TSC, below(2) ? 0x77001 : 0x5a4);
    fake.hv_sequence = below(3);
    fake.pvclock_hz = below(4) ? MACHINE_HZ : 0;
    fake.pvclock_flags = (uint8_t)below(256);
}

static void change_timers(void)
{
    fake.tsc_hz = 1e7 + (double)(random64() % UINT64_C(20000000000));
    fake.exit_ps = 100000 + below(50000000);
    fake.pit.present = below(2);
    fake.pit.port_61 = below(2);
    fake.hpet_period_fs = below(2) ? 10000000 : (uint32_t)shape();
    fake.hpet_dead = !below(4);
    fake.pm_timer_port = below(2) ? 0x608 : 0;
    fake_apic(below(4) ? 1000000 + below(2000000000) : 0, below(2));
    fake.apic_lvt = changed(fake.apic_lvt);
    fake.apic_divide = APIC_TIMER_DIVIDE_BY_1; /* the model has no other */
    if (below(2)) {
        fake.stall_at_ps = below(100) * UINT64_C(1000000000);
        fake.stall_ps = random64() >> (20 + below(44));
    }
    fake.vmware_tsc_hz = below(2) ? MACHINE_HZ : shape();
    machine_options.hpet = below(2) ? fake.hpet : NULL;
    machine_options.lapic = below(2) ? fake.lapic : NULL;
    machine_options.pm_timer_port = below(2) ? 0x608 : 0;
    machine_options.no_pit = !below(4);
    if (!below(4))
        machine_options.page = NULL;
    if (!below(3))
        machine_options.xen_shared_info = NULL;
}

static void make_machine(void)
{
    static void (*const made[])(void) = {
        machine_native, machine_kvm,         machine_kvm_with_hyperv,
        machine_hyperv, machine_vmware,      machine_xen_hvm,
        machine_xen_pv, machine_xen_pv_dom0,
    };

    made[below(sizeof(made) / sizeof(made[0]))]();
    change_leaves();
    add_msrs();
    change_timers();
}

static void check_chosen(const struct pvops_hz *rows, uint64_t hz,
                         enum pvops_hz_source source)
{
    EXPECT_EQ(hz, rows[source].hz);
    EXPECT_EQ(source != PVOPS_HZ_NONE, hz != 0);
    for (unsigned i = 0; i < PVOPS_HZ_SOURCES; i++) {
        EXPECT(!rows[i].hz ||
               (rows[i].hz >= 1000000 && rows[i].hz <= UINT64_C(100000000000)));
        EXPECT(rows[i].ppm >= -1000000 && rows[i].ppm <= 1000000);
        EXPECT(rows[i].why <= PVOPS_HZ_IN_USE);
    }
}

static void check_clock(void)
{
    struct pvops_clock clock;
    struct pvops_clock_view view;
    uint64_t last = 0;

    pvops_clock_start(&clock, &info, machine_options.page,
                      machine_options.page_paddr);
    pvops_clock_export(&clock, &view);
    EXPECT(clock.global || view.kind == PVOPS_CLOCK_NONE);
    for (unsigned i = 0; i < READINGS; i++) {
        uint64_t now;

        if (i == READINGS / 2) {
            pvops_clock_stop(&clock, &info);
            EXPECT(!fake.pvclock && !fake.hv_page);
            EXPECT(clock.kind <= PVOPS_CLOCK_TSC);
        }
        fake.now_ps += random64() >> 20;
        now = pvops_clock_now_ns(&clock);
        EXPECT(now >= last);
        last = now;
    }
}

static void count_line(void *context, const char *line)
{
    EXPECT(strlen(line) <= 100);
    ++*(unsigned *)context;
}

PVTEST(machines, "no fault, an end, a clock that never goes back")
{
    unsigned lines;

    for (machine = 0; machine < MACHINES; machine++) {
        state = UINT64_C(0x9e3779b97f4a7c15) * (machine + 1);
        make_machine();
        fake.operations = 0;
        probe();
        EXPECT(fake.operations < MAX_OPERATIONS);
        EXPECT(!fake.pvclock && !fake.hv_page);
        check_chosen(info.tsc, info.tsc_hz, info.tsc_source);
        check_chosen(info.apic, info.apic_hz, info.apic_source);
        lines = 0;
        pvops_describe(&info, count_line, &lines);
        EXPECT(lines >= 3);
        check_clock();
    }
    finished = true;
}
