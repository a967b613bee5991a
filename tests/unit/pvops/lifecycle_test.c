/* SPDX-License-Identifier: MIT */
/*
 * The life cycle: every step out of order is refused and changes nothing, ops
 * are poison before set-up, backends are chosen by detection or by name.
 *
 * Tried: each 'return PVOPS_E_ORDER' of lifecycle.c taken out alone: order
 *        fails, or ends in UBSan's report of a NULL backend. restore_tables()
 *        left out: refused fails. The comparison of pvi_this_cpu() left out:
 *        wrong_segment fails. native detecting Xen PV: xen_pv_unserved fails.
 *        now_ns_of_this_cpu() never installed, or without its offset:
 *        clock_each fails. The capability kept by teardown: again fails. Either
 *        store of set_up left out, or its test in pvops_cpu_teardown():
 *        not_set_up fails, or ends in a report of a NULL backend.
 */
#include "pvtest.h"

#include <x86/percpu.h>

#include "apic_timer.h"
#include "cpu.h"
#include "host.h"
#include "kvm.h"
#include "pc.h"

#include "abi/cpuid.h"

enum { MS = 1000000 };

static enum pvops_status setup(void)
{
    pvops_probe(&pc.probe, &pc.info);
    return pvops_setup(&pc.info, &pc.setup);
}

static enum pvops_status cpu_setup(void)
{
    return pvops_cpu_setup(&pc.cpu, &pc.cpu_options);
}

static enum pvops_status seal_nothing(void)
{
    static const int32_t none[1] = { 0 };
    struct pvops_sites sites = { .start = none, .stop = none };

    return pvops_seal(&sites);
}

PVTEST(order, "each step before its time, and twice")
{
    struct pvops_cpu_options second = { .index = 1,
                                        .deadline_vector = PC_DEADLINE,
                                        .event_vector = PC_EVENT };
    static struct pvops_cpu cpu1;

    memset(&cpu1, 0, sizeof(cpu1));
    pc_reset();
    EXPECT_STR("none", pvops_backend_name());
    EXPECT_EQ(0, pvops_caps());
    EXPECT_EQ(PVOPS_E_ORDER, cpu_setup());
    EXPECT_EQ(PVOPS_E_ORDER, seal_nothing());
    EXPECT_EQ(PVOPS_OK, setup());
    EXPECT_EQ(PVOPS_E_ORDER, setup());
    EXPECT_EQ(PVOPS_E_ORDER, seal_nothing());
    EXPECT_EQ(PVOPS_E_ORDER, pvops_cpu_setup(&cpu1, &second));
    EXPECT_EQ(PVOPS_OK, cpu_setup());
    EXPECT_EQ(PVOPS_E_ORDER, cpu_setup());
    EXPECT_EQ(PVOPS_E_ORDER, pvops_cpu_setup(&cpu1, &second));
    EXPECT(!cpu1.self);
    EXPECT_EQ(PVOPS_OK, seal_nothing());
    EXPECT_EQ(PVOPS_E_ORDER, setup());

    fake_percpu = &cpu1;
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&cpu1, &second));
    EXPECT_EQ(1, cpu1.index);
    EXPECT_STR("native", pvops_backend_name());
}

PVTEST(poison, "before set-up every op panics with its own name")
{
    pc_reset();
    EXPECT(HOST_PANICS(pvops_time_now_ns()));
    EXPECT_STR("pvops_time_now_ns before pvops_setup()", host.panic);
    EXPECT(HOST_PANICS(pvops_mmu_flush_all()));
    EXPECT_STR("pvops_mmu_flush_all before pvops_setup()", host.panic);
    EXPECT(HOST_PANICS(pvops_irq_halt()));
    EXPECT_STR("pvops_irq_halt before pvops_setup()", host.panic);
}

PVTEST(invalid, "what pvops_setup() is given wrong")
{
    pc_reset();
    pvops_probe(&pc.probe, &pc.info);
    EXPECT_EQ(PVOPS_E_INVALID, pvops_setup(NULL, &pc.setup));
    EXPECT_EQ(PVOPS_E_INVALID, pvops_setup(&pc.info, NULL));
    pc.setup.pages = pc_pages[0] + 64;
    EXPECT_EQ(PVOPS_E_INVALID, setup());
    pc.setup.pages = pc_pages;
    pc.setup.backend = "xenix";
    EXPECT_EQ(PVOPS_E_INVALID, setup());
    EXPECT(host_logged("no backend is called xenix"));
    pc.setup.backend = "kvm";
    EXPECT_EQ(PVOPS_E_INVALID, setup());
    EXPECT(host_logged("backend kvm does not fit here"));
    pc.setup.backend = "";
    EXPECT_EQ(PVOPS_E_INVALID, setup());
    EXPECT(HOST_PANICS(pvops_time_now_ns()));
    pc.setup.backend = "native";
    EXPECT_EQ(PVOPS_OK, setup());
}

PVTEST(by_name, "a backend by name, though another is better")
{
    pc_reset();
    fake_kvm_reset(0x40000000, 0);
    pc.setup.backend = "native";
    pc_start();
    EXPECT_STR("native", pvops_backend_name());
}

PVTEST(resources, "what is yours is what the library says it has")
{
    struct pvops_resources yours = { .xen_timer_port = 7 };

    pc_reset();
    pc.setup.yours = &yours;
    pc_start();
    EXPECT_EQ(7, pvops_get_resources()->xen_timer_port);
    yours.xen_timer_port = 8;
    EXPECT_EQ(7, pvops_get_resources()->xen_timer_port);
}

PVTEST(caps, "ring 0; large pages only if the CPU has them and global ones")
{
    pc_reset();
    pc_start();
    EXPECT_EQ(PVOPS_CAP_RING0 | PVOPS_CAP_LARGE_PAGES |
                  PVOPS_CAP_WRITABLE_TABLES,
              pvops_caps());
    for (unsigned bit = 3; bit <= 13; bit += 10) {
        pc_reset();
        fake_leaf_at(CPUID_FEATURES)->edx &= ~(1u << bit);
        pc_start();
        EXPECT_EQ(PVOPS_CAP_RING0 | PVOPS_CAP_WRITABLE_TABLES, pvops_caps());
    }
}

PVTEST(cpu_invalid, "what pvops_cpu_setup() is given wrong; nothing is kept")
{
    static const struct pvops_cpu_options wrong[] = {
        { .deadline_vector = 31, .event_vector = 32 },
        { .deadline_vector = 32, .event_vector = 31 },
        { .own_timer = true, .event_vector = 31 },
    };
    struct pvops_cpu_options good = { .own_timer = true, .event_vector = 32 };

    pc_reset();
    pc_setup();
    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        EXPECT_EQ(PVOPS_E_INVALID, pvops_cpu_setup(&pc.cpu, &wrong[i]));
    EXPECT_EQ(PVOPS_E_INVALID, pvops_cpu_setup(NULL, &good));
    EXPECT_EQ(PVOPS_E_INVALID, pvops_cpu_setup(&pc.cpu, NULL));
    EXPECT_EQ(PVOPS_E_INVALID,
              pvops_cpu_setup((void *)((uintptr_t)&pc.cpu + 32), &good));
    EXPECT(!pc.cpu.self);
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &good));
}

PVTEST(wrong_segment, "the segment leads to another struct, or nowhere")
{
    static struct pvops_cpu other;

    pc_reset();
    pc_setup();
    fake_percpu = &other;
    EXPECT_EQ(PVOPS_E_INVALID, cpu_setup());
    EXPECT(!pc.cpu.self);
    fake_percpu = NULL;
    EXPECT_EQ(PVOPS_E_INVALID, cpu_setup());
    fake_percpu = &pc.cpu;
    EXPECT_EQ(PVOPS_OK, cpu_setup());
    EXPECT(pc.cpu.self == &pc.cpu);
}

/* The tables held native ops for a moment, and those are fatal there. */
#ifdef __x86_64__
PVTEST(refused, "a backend that fails: ops are poison again")
{
    pc_reset();
    fake.xen_pv = true;
    fake_hypervisor(0x40000000, 0x40000005, "XenVMMXenVMM");
    pc.probe.entry = PVOPS_ENTRY_XEN_PV;
    EXPECT(setup() != PVOPS_OK);
    EXPECT_STR("none", pvops_backend_name());
    EXPECT_EQ(0, pvops_caps());
    EXPECT(HOST_PANICS(pvops_mmu_flush_all()));
    EXPECT_STR("pvops_mmu_flush_all before pvops_setup()", host.panic);
    EXPECT_EQ(PVOPS_E_ORDER, cpu_setup());
}
#endif

/* i386 has no xen_pv. */
PVTEST(xen_pv_unserved, "native is never taken in a Xen PV domain")
{
    pc_reset();
    fake.xen_pv = true;
    fake_hypervisor(0x40000000, 0x40000005, "XenVMMXenVMM");
    pc.probe.entry = PVOPS_ENTRY_XEN_PV;
    pc.setup.backend = "native";
    EXPECT_EQ(PVOPS_E_INVALID, setup());
#ifdef __i386__
    pc.setup.backend = NULL;
    EXPECT_EQ(PVOPS_E_UNSUPPORTED, setup());
    EXPECT(host_logged("built without xen_pv"));
#endif
    EXPECT_STR("none", pvops_backend_name());
    EXPECT(HOST_PANICS(pvops_time_now_ns()));
}

PVTEST(clock_none, "no frequency is known: the clock stands, and it is said")
{
    pc_reset();
    pc.probe.tsc_hz = 0;
    pc.cpu_options.own_timer = true;
    pc_start();
    EXPECT(host_logged("clock: none: it stands at 0"));
    EXPECT_EQ(0, pvops_time_now_ns());
    fake.now_ps += UINT64_C(1000000000000);
    EXPECT_EQ(0, pvops_time_now_ns());
}

PVTEST(clock_global, "an invariant TSC: one clock, and nothing for each CPU")
{
    pc_reset();
    fake_leaf(CPUID_EXTENDED, CPUID_POWER, 0, 0, 0);
    fake_leaf(CPUID_POWER, 0, 0, 0, CPUID_POWER_EDX_TSC_INV);
    pc_start();
    EXPECT(pvops_caps() & PVOPS_CAP_CLOCK_GLOBAL);
    EXPECT(pvops_time_table.now_ns == pvi_native_time_now_ns);
}

PVTEST(clock_each, "a second CPU whose TSC is behind has a clock of its own")
{
    struct pvops_cpu_options second = { .index = 1,
                                        .deadline_vector = PC_DEADLINE,
                                        .event_vector = PC_EVENT };
    static struct pvops_cpu cpu1;
    uint64_t ns;

    memset(&cpu1, 0, sizeof(cpu1));
    pc_reset();
    pc_start();
    EXPECT(!(pvops_caps() & PVOPS_CAP_CLOCK_GLOBAL));
    EXPECT_EQ(PVOPS_OK, seal_nothing());
    fake.now_ps += UINT64_C(3000000000000);

    fake_percpu = &cpu1;
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&cpu1, &second));
    /* This CPU stands still for a second; the other's clock does not care. */
    fake.tsc_at_0 -= 2000000000;
    ns = pvops_time_now_ns();
    fake_percpu = &pc.cpu;
    fake.tsc_at_0 += 2000000000;
    EXPECT(pvops_time_now_ns() > UINT64_C(2990000000));
    /* Its own base was taken before: it says no less than then. */
    EXPECT(ns >= UINT64_C(2990000000));
    fake_percpu = &cpu1;
    pvops_cpu_teardown(&cpu1);
}

PVTEST(not_set_up, "teardown of a CPU that is not set up: nothing")
{
    static struct pvops_cpu cpu1;

    pc_reset();
    memset(&cpu1, 0, sizeof(cpu1));
    fake_kvm_reset(0x40000000, KVM_FEATURE_CLOCKSOURCE2 |
                                   KVM_FEATURE_STEAL_TIME | KVM_FEATURE_PV_EOI);
    pvops_cpu_teardown(&pc.cpu); /* before pvops_setup(): no backend */
    pvops_cpu_teardown(NULL);
    EXPECT_EQ(PVOPS_OK, setup());
    EXPECT(fake.pvclock);
    pvops_cpu_teardown(&pc.cpu);
    EXPECT(fake.pvclock);
    pc.cpu_options.event_vector = 31;
    EXPECT_EQ(PVOPS_E_INVALID, cpu_setup());
    pvops_cpu_teardown(&pc.cpu);
    EXPECT(fake.pvclock);

    pc.cpu_options.event_vector = PC_EVENT;
    EXPECT_EQ(PVOPS_OK, cpu_setup());
    pvops_cpu_teardown(&cpu1); /* whose index is 0 like the boot CPU's */
    EXPECT(fake.pvclock && fake_kvm.steal && fake_kvm.pv_eoi);

    pvops_cpu_teardown(&pc.cpu);
    EXPECT(!fake.pvclock && !fake_kvm.steal && !fake_kvm.pv_eoi);
    fake.operations = 0;
    pvops_cpu_teardown(&pc.cpu);
    EXPECT_EQ(0, fake.operations);
}

PVTEST(again, "torn down and set up again: the clock goes on")
{
    uint64_t before_ns, after_ns;

    pc_reset();
    fake_kvm_reset(0x40000000,
                   KVM_FEATURE_CLOCKSOURCE2 | KVM_FEATURE_CLOCKSOURCE_STABLE);
    fake.pvclock_flags = PVCLOCK_TSC_STABLE;
    pc_start();
    EXPECT(pvops_caps() & PVOPS_CAP_CLOCK_GLOBAL);
    EXPECT_EQ(PVOPS_OK, seal_nothing());
    fake.now_ps += UINT64_C(1000000000000);
    before_ns = pvops_time_now_ns();
    pvops_cpu_teardown(&pc.cpu);
    EXPECT(!fake.pvclock);
    EXPECT(!(pvops_caps() & PVOPS_CAP_CLOCK_GLOBAL));
    EXPECT_EQ(PVOPS_OK, cpu_setup());
    after_ns = pvops_time_now_ns();
    EXPECT(after_ns >= before_ns && after_ns - before_ns < MS);
    EXPECT_EQ(PVOPS_E_ORDER, cpu_setup());
}
