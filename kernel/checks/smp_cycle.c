/* SPDX-License-Identifier: MIT */
/*
 * CPUs are there, and can be taken down and brought back.
 */
#include <pvops/pvops.h>

#include "arch/insn.h"
#include "checks/check.h"
#include "checks/smp.h"
#include "core/call.h"
#include "core/cpus.h"
#include "core/deadline.h"
#include "core/log.h"
#include "core/pages.h"
#include "report/abi_hyperv.h"
#include "report/abi_kvm.h"
#include "report/machine.h"

static struct smp_word seen[SMP_MOST];

static void who_am_i(unsigned me)
{
    struct percpu *cpu = this_cpu();

    if (cpu->index != me || cpu->pvops.index != me || cpu != cpu_at(me) ||
        cpu->pvops.self != &cpu->pvops)
        smp_fail("CPU %u believes to be CPU %u", me, cpu->index);
    seen[me].value++;
    smp_meet();
}

/*
 * Each that was found is up, and itself, all at once; libpvops knows them.
 *
 * Damage:  smp.c: pvi_smp_cpu_online() without the bit. core/cpus.c: CPU 1 is
 *          not started.
 */
static void all_are_there(void)
{
    struct pvops_cpus online = pvops_smp_online();

    CHECK(!cpus_missing(), "CPU %u was found, and does not start",
          cpus_missing());
    if (smp_is_one())
        return;
    for (unsigned i = 0; i < SMP_MOST; i++)
        seen[i].value = 0;
    smp_together(who_am_i);
    for (unsigned i = 0; i < PVOPS_MAX_CPUS; i++)
        CHECK(pvops_cpus_has(&online, i) == (i < smp_cpus()),
              "CPU %u is %s, and libpvops says otherwise", i,
              i < smp_cpus() ? "up" : "not there");
    for (unsigned i = 0; i < smp_cpus(); i++)
        CHECK(seen[i].value == 1, "CPU %u ran %u times", i, seen[i].value);
    smp_judge();
}
const struct check check_smp_cpus = { "smp-cpus", all_are_there };

enum { PAINT = 0xa5, LOOK_NS = 3000000 };

static uint32_t torn_down, looked;

static const char *part_at(size_t offset)
{
    if (offset < offsetof(struct pvops_cpu, common_))
        return "private_";
    if (offset < offsetof(struct pvops_cpu, smp_))
        return "common_";
    return "smp_, or behind it";
}

static void paint(uint8_t *bytes, size_t count, uint8_t *out_saved)
{
    for (size_t i = 0; i < count; i++) {
        if (out_saved)
            out_saved[i] = bytes[i];
        bytes[i] = PAINT;
    }
}

static size_t first_changed(const volatile uint8_t *bytes, size_t count)
{
    size_t i = 0;

    while (i < count && bytes[i] == PAINT)
        i++;
    return i;
}

/* An MSR that enables a page, or has a timer set up; 0: there is none. */
static uint32_t registered(void)
{
    static const struct {
        uint32_t msr;
        uint64_t bits;
    } all[] = {
        { KVM_MSR_TIME, 1 },
        { KVM_MSR_ASYNC_PF_EN, 1 },
        { KVM_MSR_STEAL, 1 },
        { KVM_MSR_EOI, 1 },
        { HV_MSR_ASSIST, HV_ENABLE },
        { HV_MSR_SIEFP, HV_ENABLE },
        { HV_MSR_SIMP, HV_ENABLE },
        { HV_MSR_TIMER_CONFIG, UINT64_MAX },
        { HV_MSR_TIMER_CONFIG + 2, UINT64_MAX },
        { HV_MSR_TIMER_CONFIG + 4, UINT64_MAX },
        { HV_MSR_TIMER_CONFIG + 6, UINT64_MAX },
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        uint64_t value;

        if (machine_rdmsr(all[i].msr, &value) && value & all[i].bits)
            return all[i].msr;
    }
    return 0;
}

/*
 * On the CPU itself, which goes on running after its teardown: what anybody
 * writes into its area and pages then was left registered. The vcpu_info stays
 * Xen's for good. No op is called meanwhile.
 */
static void tear_down_and_look(void *argument)
{
    static uint8_t saved[sizeof(struct pvops_cpu)];
    const size_t from = offsetof(struct pvops_cpu, private_);
    const size_t count = sizeof(struct pvops_cpu) - from;
    struct pvops_cpu_options options =
        cpus_options((unsigned)(uintptr_t)argument);
    struct pvops_cpu *cpu = &this_cpu()->pvops;
    uint8_t *bytes = (uint8_t *)cpu + from, *pages = options.pages;
    const size_t page_bytes = pages ? PVOPS_CPU_PAGES * PAGE_BYTES : 0;
    size_t changed, page_changed;
    uint32_t msr;

    deadline_cancel();
    pvops_cpu_teardown(cpu);
    paint(bytes, count, saved);
    paint(pages, page_bytes, NULL);
    smp_store(&torn_down, 1);
    while (!smp_load(&looked))
        x86_pause();
    msr = registered();
    changed = first_changed(bytes, count);
    page_changed = first_changed(pages, page_bytes);
    for (size_t i = 0; i < count; i++)
        bytes[i] = saved[i];
    for (size_t i = 0; i < page_bytes; i++)
        pages[i] = 0;
    if (pvops_cpu_setup(cpu, &options) != PVOPS_OK)
        panic("CPU %u cannot be set up again", this_cpu()->index);
    if (msr)
        smp_fail("CPU %u: MSR 0x%x is set up after its teardown",
                 this_cpu()->index, msr);
    if (changed < count)
        smp_fail("CPU %u: somebody wrote to byte %zu of its area, %s, after "
                 "its teardown",
                 this_cpu()->index, from + changed, part_at(from + changed));
    if (page_changed < page_bytes)
        smp_fail("CPU %u: somebody wrote to byte %zu of its pages after its "
                 "teardown",
                 this_cpu()->index, page_changed);
}

/*
 * A CPU that is torn down is named no more, and nobody writes into what was its
 * own; it can be set up again.
 *
 * Damage:  smp.c: the bit stays; kvm.c: steal time or the EOI's word stays;
 *          hyperv_apic.c: the assist page stays.
 */
static void torn(void)
{
    if (smp_is_one())
        return;
    for (unsigned i = 1; i < smp_cpus() && !smp_failed(); i++) {
        struct pvops_cpus online;

        torn_down = looked = 0;
        cpus_begin(i, tear_down_and_look, (void *)(uintptr_t)i);
        SMP_WAIT(smp_load(&torn_down), "it is not torn down");
        online = pvops_smp_online();
        if (pvops_cpus_has(&online, i))
            smp_fail("CPU %u is torn down, and libpvops names it", i);
        pvops_smp_flush_all(NULL);
        pvops_smp_send_ipis(NULL, IPI_CHECK);
        check_sleep_until(pvops_time_now_ns() + LOOK_NS);
        smp_store(&looked, 1);
        cpus_wait(i);
    }
    smp_judge();
}
const struct check check_smp_torn = { "smp-nothing-stays-registered", torn };

static void cycle(unsigned index)
{
    struct pvops_cpus online;

    CHECK(cpus_stop(index), "CPU %u cannot be taken down", index);
    CHECK(pvops_smp_is_parked(index), "CPU %u is down, and not parked", index);
    online = pvops_smp_online();
    CHECK(!pvops_cpus_has(&online, index), "CPU %u is down, and still online",
          index);
    /* Nobody waits for it. */
    pvops_smp_flush_all(NULL);
    pvops_smp_send_ipis(NULL, IPI_CHECK);
    CHECK(cpus_start(index), "CPU %u cannot be brought back", index);
}

/*
 * Each in turn, again and again; the others go on meanwhile, and in the end all
 * are themselves.
 *
 * Damage:  smp_start.c: the second start of a CPU is refused; every CPU is said
 *          to be parked; one that parks is in pvi.running still.
 */
static void cycles(void)
{
    struct smp_times times = smp_times("smp-cycles", 50, 1000);
    unsigned count = smp_cpus(), done;

    if (smp_is_one())
        return;
    for (done = 0; smp_more(&times, done) && !check_failed(); done++)
        cycle(1 + done % (count - 1));
    if (check_failed())
        return;
    log_line("smp: %u times a CPU was taken down and brought back", done);
    all_are_there();
}
const struct check check_smp_cycles = { "smp-taken-down-and-back", cycles };
