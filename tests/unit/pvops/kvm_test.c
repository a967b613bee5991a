/* SPDX-License-Identifier: MIT */
/*
 * The backend kvm: each feature by its own bit, and what comes in its place.
 *
 * The model has the MSRs of the offered features only: another one is a #GP,
 * which fails the test.
 *
 * Tried: the test of KVM_FEATURE_PV_EOI, or of KVM_FEATURE_STEAL_TIME, left
 *        out of cpu_setup(): one_less fails. The maximum or the all-ones not
 *        looked at in clock/detect.h: no_leaf fails. MSR_KVM_WALL_CLOCK for
 * both: one_less fails. x86_test_and_clear_0() returning false: pv_eoi fails.
 *        The version not looked at: torn_steal fails. '- stolen_at_start_ns'
 *        left out: steal_time fails. '+ ns' left out of wall_ns(): wall fails.
 *        teardown without its MSRs: let_go fails. 0 for 'found': wall_theirs
 *        fails. The enabled bit not looked at in enable_area(), or teardown
 *        without looking whose an area is: theirs fails.
 */
#include "pvtest.h"

#include "apic_timer.h"
#include "cmos.h"
#include "cpu.h"
#include "host.h"
#include "kvm.h"
#include "pc.h"

#include "abi/cpuid.h"

enum { MS = 1000000 };

static const uint64_t unix_ns = UINT64_C(1795350896123456789);
static const uint32_t all =
    KVM_FEATURE_CLOCKSOURCE | KVM_FEATURE_CLOCKSOURCE2 |
    KVM_FEATURE_STEAL_TIME | KVM_FEATURE_PV_EOI |
    KVM_FEATURE_CLOCKSOURCE_STABLE | 1u << KVM_FEATURE_NOP_IO_DELAY_BIT |
    1u << KVM_FEATURE_ASYNC_PF_BIT | 1u << KVM_FEATURE_PV_UNHALT_BIT |
    1u << KVM_FEATURE_PV_TLB_FLUSH_BIT | 1u << KVM_FEATURE_PV_SEND_IPI_BIT |
    1u << KVM_FEATURE_POLL_CONTROL_BIT | 1u << KVM_FEATURE_PV_SCHED_YIELD_BIT |
    1u << KVM_FEATURE_ASYNC_PF_INT_BIT;

static void kvm_machine(uint32_t base, uint32_t features)
{
    pc_reset();
    fake_kvm_reset(base, features);
    fake.pvclock_flags = PVCLOCK_TSC_STABLE;
    fake_kvm.unix_ns = unix_ns;
    /* Where wall_ns() has KVM write its time for a moment. */
    fake_page((uintptr_t)pc.cpu.private_ + 64, pc.cpu.private_ + 64);
    fake_cmos_reset(UINT64_C(1000000000000000000));
}

static bool near(uint64_t a, uint64_t b, uint64_t within)
{
    return a - b + within <= 2 * within;
}

/* Every op that kvm has a word in, whatever is offered. */
static void use_everything(uint32_t features)
{
    bool clock =
        features & (KVM_FEATURE_CLOCKSOURCE | KVM_FEATURE_CLOCKSOURCE2);
    uint64_t wall_ns;

    EXPECT_STR("kvm", pvops_backend_name());
    pvops_time_set_deadline(pvops_time_now_ns() + MS);
    EXPECT_EQ(PC_DEADLINE, fake_wait(2 * MS));
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(PC_DEADLINE));
    EXPECT_EQ(0, fake_wait(MS));

    if (features & KVM_FEATURE_STEAL_TIME) {
        fake_kvm_steal(fake_kvm.steal->steal + 777);
        EXPECT_EQ(777, pvops_time_stolen_ns());
    } else {
        EXPECT_EQ(0, pvops_time_stolen_ns());
    }

    wall_ns = pvops_time_wall_ns();
    if (clock)
        EXPECT(near(wall_ns, unix_ns + fake_ns(), 20000));
    else
        EXPECT(near(wall_ns, UINT64_C(1000000000000000000) + fake_ns(),
                    1000 * (uint64_t)MS));
}

PVTEST(everything, "all features, at the usual base and where Hyper-V moves it")
{
    for (uint32_t base = 0x40000000; base <= 0x40000100; base += 0x100) {
        kvm_machine(base, all);
        if (base != 0x40000000)
            fake_hypervisor(0x40000000, 0x40000005, HV_CPUID_SIGNATURE);
        pc_start();
        use_everything(all);
        EXPECT(!host_logged("kvm: no "));
        EXPECT(pvops_caps() & PVOPS_CAP_CLOCK_GLOBAL);
    }
}

PVTEST(one_less, "each feature alone left out: said so, and all works")
{
    for (unsigned bit = 0; bit < 32; bit++) {
        char line[32];

        if (!(all >> bit & 1))
            continue;
        kvm_machine(0x40000000, all & ~(1u << bit));
        pc_start();
        use_everything(all & ~(1u << bit));
        snprintf(line, sizeof(line), "kvm: no ");
        EXPECT(host_logged(line));
        pvops_cpu_teardown(&pc.cpu);
    }
}

PVTEST(one_only, "each feature alone, and none at all")
{
    for (unsigned bit = 0; bit < 33; bit++) {
        uint32_t features = bit < 32 ? all & 1u << bit : 0;

        if (bit < 32 && !features)
            continue;
        kvm_machine(0x40000000, features);
        pc_start();
        use_everything(features);
        pvops_cpu_teardown(&pc.cpu);
    }
}

PVTEST(lines, "what is missing is named, with what is used instead")
{
    kvm_machine(0x40000000, 0);
    pc_start();
    EXPECT(host_logged("kvm: no STEAL_TIME: stolen time is 0, flush by IPI, "
                       "nobody yields\n"));
    EXPECT(host_logged("kvm: no PV_EOI: EOI by the APIC\n"));
    EXPECT(host_logged(
        "kvm: no CLOCKSOURCE: clock by the TSC, wall clock by CMOS\n"));
    EXPECT(host_logged(
        "kvm: no CLOCKSOURCE_STABLE_BIT: each CPU its own clock\n"));
    kvm_machine(0x40000000, KVM_FEATURE_CLOCKSOURCE);
    pc_start();
    EXPECT(host_logged("kvm: no CLOCKSOURCE2: clock by CLOCKSOURCE\n"));
}

PVTEST(no_leaf, "a signature without a leaf of features behind it: no feature")
{
    kvm_machine(0x40000000, 0);
    fake_remove_leaf(0x40000001);
    fake.beyond = (struct x86_cpuid){ ~0u, ~0u, ~0u, ~0u };
    pc_start();
    use_everything(0);

    kvm_machine(0x40000000, 0);
    fake_hypervisor(0x40000000, 0x40000000, KVM_CPUID_SIGNATURE);
    fake_leaf(0x40000001, all, 0, 0, 0);
    pc_start();
    use_everything(0);
}

PVTEST(hidden, "KVM's leaves with the hypervisor bit clear are native")
{
    kvm_machine(0x40000000, all);
    fake_leaf_at(CPUID_FEATURES)->ecx &= ~CPUID_1_ECX_HYPERVISOR;
    pc_start();
    EXPECT_STR("native", pvops_backend_name());
}

PVTEST(pv_eoi, "an interrupt that the host ends needs no EOI, another does")
{
    kvm_machine(0x40000000, all);
    pc_start();
    for (unsigned i = 0; i < 6; i++) {
        fake_kvm.skips_eoi = i & 1;
        pvops_time_set_deadline(pvops_time_now_ns() + MS);
        EXPECT_EQ(PC_DEADLINE, fake_wait(2 * MS));
        EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(PC_DEADLINE));
        EXPECT_EQ(0, fake_wait(MS));
    }
    EXPECT_EQ(3, fake_kvm.pv_eois);
    EXPECT_EQ(3, fake.apic_eois);
}

PVTEST(steal_time, "counted from the CPU's set-up, not from the host's start")
{
    kvm_machine(0x40000000, all);
    fake_kvm.steal_ns = UINT64_C(99000000000);
    pc_start();
    EXPECT_EQ(0, pvops_time_stolen_ns());
    fake_kvm_steal(UINT64_C(99000000000) + 123456);
    EXPECT_EQ(123456, pvops_time_stolen_ns());
}

/* The version stays odd: the host never finishes. Bounded, and no nonsense. */
PVTEST(torn_steal, "an area that is being written is not believed")
{
    kvm_machine(0x40000000, all);
    pc_start();
    fake_kvm.steal->version |= 1;
    fake_kvm.steal->steal = UINT64_C(0x1111111111111111);
    EXPECT_EQ(0, pvops_time_stolen_ns());
}

PVTEST(wall, "by KVM's page or without one, to 20 us, hours later")
{
    for (unsigned i = 0; i < 2; i++) {
        kvm_machine(0x40000000, all);
        if (i)
            pc.setup.pages = NULL;
        pc_start();
        fake.now_ps += UINT64_C(12345678901234567);
        EXPECT(near(pvops_time_wall_ns(), unix_ns + fake_ns(), 20000));
        /* The page that was lent for a moment is ours again. */
        EXPECT((fake.pvclock != NULL) == (i == 0));
    }
}

PVTEST(wall_theirs, "a time page of the kernel's own stays KVM's")
{
    void *page = pc_pages[PVI_PAGE_CLOCK]; /* which the library is not given */

    kvm_machine(0x40000000, all);
    pc.setup.pages = NULL;
    pc_start();
    x86_wrmsr(MSR_KVM_SYSTEM_TIME_NEW, (uintptr_t)page | KVM_MSR_ENABLED);
    EXPECT(near(pvops_time_wall_ns(), unix_ns + fake_ns(), 20000));
    EXPECT(fake.pvclock == page);
}

PVTEST(wall_refused, "a host that fills nothing: CMOS")
{
    kvm_machine(0x40000000, all);
    fake_kvm.wall_refused = true;
    pc_start();
    EXPECT(near(pvops_time_wall_ns(), UINT64_C(1000000000000000000) + fake_ns(),
                1000 * (uint64_t)MS));
}

/* The kernel's own code for both areas, before the library and beside it. */
PVTEST(theirs, "areas that the kernel enabled stay KVM's, and the kernel's")
{
    static struct kvm_steal_time steal;
    static uint32_t pv_eoi;
    const uint64_t steal_value = (uintptr_t)&steal | KVM_MSR_ENABLED;
    const uint64_t pv_eoi_value = (uintptr_t)&pv_eoi | KVM_MSR_ENABLED;

    kvm_machine(0x40000000, all);
    x86_wrmsr(MSR_KVM_STEAL_TIME, steal_value);
    x86_wrmsr(MSR_KVM_PV_EOI_EN, pv_eoi_value);
    pc_start();
    EXPECT(host_logged("kvm: STEAL_TIME is yours at 0x"));
    EXPECT(host_logged("kvm: PV_EOI is yours at 0x"));
    EXPECT_EQ(steal_value, fake_msr_value(MSR_KVM_STEAL_TIME));
    EXPECT_EQ(pv_eoi_value, fake_msr_value(MSR_KVM_PV_EOI_EN));

    fake_kvm_steal(123456);
    EXPECT_EQ(123456, steal.steal);
    EXPECT_EQ(0, pvops_time_stolen_ns());
    for (unsigned i = 0; i < 4; i++) {
        fake_kvm.skips_eoi = i & 1;
        pvops_time_set_deadline(pvops_time_now_ns() + MS);
        EXPECT_EQ(PC_DEADLINE, fake_wait(2 * MS));
        EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(PC_DEADLINE));
        EXPECT_EQ(0, fake_wait(MS));
    }
    EXPECT_EQ(4, fake.apic_eois);

    pvops_cpu_teardown(&pc.cpu);
    EXPECT_EQ(steal_value, fake_msr_value(MSR_KVM_STEAL_TIME));
    EXPECT_EQ(pv_eoi_value, fake_msr_value(MSR_KVM_PV_EOI_EN));
}

PVTEST(let_go, "teardown: the host writes nowhere any more")
{
    kvm_machine(0x40000000, all);
    pc_start();
    EXPECT(fake_kvm.steal && fake_kvm.pv_eoi && fake.pvclock);
    EXPECT((uintptr_t)fake_kvm.steal % 64 == 0);
    pvops_cpu_teardown(&pc.cpu);
    EXPECT(!fake_kvm.steal && !fake_kvm.pv_eoi && !fake.pvclock);
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT(fake_kvm.steal && fake_kvm.pv_eoi);
}

/* Tried: POLL_CONTROL not put back. */
PVTEST(poll, "the host's polling is on, and as it was after teardown")
{
    for (unsigned found = 0; found < 2; found++) {
        kvm_machine(0x40000000, 1u << KVM_FEATURE_POLL_CONTROL_BIT);
        fake_msr(MSR_KVM_POLL_CONTROL, found);
        pc_start();
        EXPECT_EQ(1, fake_msr_value(MSR_KVM_POLL_CONTROL));
        pvops_cpu_teardown(&pc.cpu);
        EXPECT_EQ(found, fake_msr_value(MSR_KVM_POLL_CONTROL));
    }
}
