/* SPDX-License-Identifier: MIT */
/*
 * A partial ROM over the backend kvm: its ops above those of the backend, its
 * clock alone, and what is left when it is no good.
 *
 * Source: docs/vmi64.md.
 *
 * Tried, each fails here: the library's clock started with its page beside the
 * ROM's (start_clock()); pvi_vmi_install() after setup() left out; 'without'
 * never set again; start_clock() left out of ask_rom_again(); take_out() left
 * out.
 */
#include "vmi64_machine.h"

#include "apic_timer.h"
#include "cpu.h"
#include "host.h"
#include "kvm.h"
#include "pvtest.h"

static const uint32_t features =
    KVM_FEATURE_CLOCKSOURCE2 | KVM_FEATURE_CLOCKSOURCE |
    KVM_FEATURE_STEAL_TIME | KVM_FEATURE_CLOCKSOURCE_STABLE;

/* A ROM that has a clock, nothing else. */
static void partial(void)
{
    vmi64_reset();
    fake_kvm_reset(0x40000000, features);
    fake.pvclock_flags = PVCLOCK_TSC_STABLE;
    ROM_PROFILE(&vmi64.rom, flags, 0);
    ROM_PROFILE(&vmi64.rom, cpu_bytes, 0);
    ROM_PROFILE(&vmi64.rom, cpu_offset, 0);
    ROM_PROFILE(&vmi64.rom, cpu_segment, 0);
    memset(vmi64.answers, 0, sizeof(vmi64.answers));
    vmi64_answer(VMI64_CALL_SETUP);
    vmi64_answer(148);
}

static void start(void)
{
    vmi64_in_module();
    EXPECT_EQ(PVOPS_OK, vmi64_setup());
    EXPECT_STR("kvm", pvops_backend_name());
}

static bool page_is_kvms(void)
{
    return fake_msr_value(MSR_KVM_SYSTEM_TIME_NEW) != 0;
}

PVTEST(clock, "the ROM's clock, all else the backend's; one owner of the page")
{
    partial();
    start();
    vmi64_expect_taken();
    EXPECT(!pvops_rom_in_use()->whole);
    EXPECT(host_logged("vmi: the ROM's calls: 128 148\n"));
    EXPECT_EQ(1, vmi64.setups);
    EXPECT(!page_is_kvms());
    vmi64.now_ns = 1000000;
    EXPECT_EQ(1000000, pvops_time_now_ns());
    EXPECT(pvops_caps() & PVOPS_CAP_CLOCK_GLOBAL);
    EXPECT(pvops_caps() & PVOPS_CAP_LARGE_PAGES);
    EXPECT_EQ(0x8, pvops_cpu_selectors()->kernel_cs);
    EXPECT(pvops_time_table.stolen_ns != pvi_native_time_stolen_ns);

    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT_EQ(0, vmi64.cpu_setups);
    fake_kvm_steal(fake_kvm.steal->steal + 777);
    EXPECT_EQ(777, pvops_time_stolen_ns());
    pvops_time_set_deadline(3000000);
    EXPECT_EQ(PC_DEADLINE, fake_wait(3000000));
    vmi64.now_ns = 3000000;
    EXPECT_EQ(PVOPS_ARRIVED_DEADLINE, pvops_time_arrived(PC_DEADLINE));
    /* The library's own, which may go on below, is not what counts. */
    pvi.clock.mul = 1;
    pvops_cpu_teardown(&pc.cpu);
    EXPECT(pvops_caps() & PVOPS_CAP_CLOCK_GLOBAL);
    EXPECT_EQ(3000000, pvops_time_now_ns());
}

PVTEST(not_global, "a ROM's clock that is each CPU's own is told as that")
{
    partial();
    vmi64.caps = 0;
    start();
    EXPECT(!(pvops_caps() & PVOPS_CAP_CLOCK_GLOBAL));
}

static void serve_clock(void)
{
    vmi64_answer(148);
}

PVTEST(after_setup, "what a ROM serves from its Setup on")
{
    partial();
    vmi64.answers[148].type = VMI_RELOCATION_NONE;
    vmi64.later = serve_clock;
    start();
    vmi64.now_ns = 5;
    EXPECT_EQ(5, pvops_time_now_ns());
    EXPECT(!page_is_kvms());
}

/* kvm's clock, by its page. */
static void expect_kvm(const char *line)
{
    EXPECT(!pvops_rom_in_use());
    EXPECT(host_logged(line));
    EXPECT(page_is_kvms());
    EXPECT(pvops_time_table.now_ns == pvi_native_time_now_ns);
    EXPECT(pvops_time_now_ns() < 1000000000);
    EXPECT(pvi.clock.kind == PVOPS_CLOCK_PVCLOCK);
    EXPECT(pvops_caps() & PVOPS_CAP_CLOCK_GLOBAL);
}

PVTEST(setup_fails, "a Setup that fails: the backend as it is without a ROM")
{
    partial();
    vmi64.setup_result = VMI64_E_REFUSED;
    start();
    expect_kvm("refused: its Setup returns 4\n");
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
}

static void spoil(void)
{
    vmi64.answers[148].type = 9;
}

PVTEST(spoilt_later, "answers that make no sense after Setup: the same")
{
    partial();
    vmi64.later = spoil;
    start();
    expect_kvm("refused: unknown type of relocation: call 148\n");
}

static void lose_clock(void)
{
    vmi64.answers[148].type = VMI_RELOCATION_NONE;
}

PVTEST(spoilt_last, "and after the boot CPU: the library's own clock starts")
{
    static void (*const ways[])(void) = { spoil, lose_clock };

    for (unsigned i = 0; i < 2; i++) {
        partial();
        start();
        ways[i]();
        EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
        expect_kvm(i ? "its clock or its timer came or went"
                     : "unknown type of relocation: call 148");
    }
}

/* Tried, fails: take_out() puts 'without' back whatever the table has now. */
PVTEST(above_dropped, "what set-up of the boot CPU installs outlives the ROM")
{
    partial();
    fake.pvclock_flags = 0;
    vmi64.answers[148].type = VMI_RELOCATION_NONE;
    vmi64_answer(47);
    start();
    EXPECT(pvops_time_table.now_ns == pvi_native_time_now_ns);
    vmi64.answers[47].type = 9;
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT(!pvops_rom_in_use());
    EXPECT(pvops_mmu_table.flush_all == pvi_native_mmu_flush_all);
    /* Each CPU's own. */
    EXPECT(pvops_time_table.now_ns != pvi_native_time_now_ns);
}

/* As xen_pv's set-up does it, below a ROM's. */
static void start_below(bool global)
{
    void *page = pvi_page(PVI_PAGE_CLOCK);

    fake.pvclock_flags = global ? PVCLOCK_TSC_STABLE : 0;
    pvops_clock_start(&pvi.clock, &pvi.info, page, pvops_host_paddr(page));
    EXPECT_EQ(global, pvi.clock.global);
}

/* Tried, fails: the clock started if its kind is NONE, nothing else done. */
PVTEST(backends_clock, "a ROM that is dropped leaves the backend's clock")
{
    for (unsigned global = 0; global < 2; global++) {
        partial();
        vmi64.caps = global ? 0 : VMI64_CAP_CLOCK_GLOBAL;
        start();
        start_below(global);
        spoil();
        EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
        EXPECT(!pvops_rom_in_use());
        EXPECT(!host_logged("pvops: clock: pvclock"));
        EXPECT_EQ(global, (pvops_caps() & PVOPS_CAP_CLOCK_GLOBAL) != 0);
        EXPECT_EQ(global, pvops_time_table.now_ns == pvi_native_time_now_ns);
    }
}

/* Tried, fails: started again whenever its kind is NONE. */
PVTEST(no_clock, "no ROM and no clock: said once")
{
    const char *line;

    partial();
    fake_kvm_reset(0x40000000, 0);
    pvops_probe(&pc.probe, &pc.info);
    pc.info.tsc_hz = 0;
    EXPECT_EQ(PVOPS_OK, pvops_setup(&pc.info, &pc.setup));
    pc.cpu_options.own_timer = true;
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    line = strstr(host.log, "clock: none");
    EXPECT(line && !strstr(line + 1, "clock: none"));
}

PVTEST(comes_and_goes, "an op that is the ROM's no longer is what it was")
{
    partial();
    vmi64_answer(47);
    start();
    EXPECT(pvops_mmu_table.flush_all != pvi_native_mmu_flush_all);
    vmi64.answers[47].type = VMI_RELOCATION_NONE;
    vmi64_answer(46);
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    EXPECT(pvops_mmu_table.flush_all == pvi_native_mmu_flush_all);
    EXPECT(pvops_mmu_table.flush_page != pvi_native_mmu_flush_page);
    EXPECT_EQ(1u << 14, pvops_rom_in_use()->calls[1]);
}

PVTEST(wall, "the ROM's clock and wall clock")
{
    partial();
    vmi64_answer(70);
    start();
    vmi64_expect_taken();
    EXPECT_EQ(4711, pvops_time_wall_ns());
}

static void serve_timer(void)
{
    static const uint8_t rest[] = { 69, 70, 149, 150, 151 };

    for (unsigned i = 0; i < sizeof(rest); i++)
        vmi64_answer(rest[i]);
}

/* Its CPUSetup is never called. Tried, fails: taken with its timer. */
PVTEST(timer, "all of time is refused, from Init on or from Setup on")
{
    for (unsigned i = 0; i < 2; i++) {
        partial();
        if (i)
            vmi64.later = serve_timer;
        else
            serve_timer();
        start();
        EXPECT_EQ(i, vmi64.setups);
        expect_kvm("refused: partial, and has a timer\n");
        EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&pc.cpu, &pc.cpu_options));
    }
}

PVTEST(named_backend, "beside a backend that is asked for by name")
{
    partial();
    pc.setup.backend = "kvm";
    start();
    vmi64_expect_taken();
}

/* Tried, fails: pvi_vmi_drop() left out where no backend is chosen. */
PVTEST(no_backend, "set-up that fails leaves no ROM in use")
{
    partial();
    pc.setup.backend = "hyperv";
    vmi64_in_module();
    EXPECT_EQ(PVOPS_E_INVALID, vmi64_setup());
    EXPECT_EQ(1, vmi64.inits);
    EXPECT(!pvops_rom_in_use());
}
