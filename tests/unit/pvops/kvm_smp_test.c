/* SPDX-License-Identifier: MIT */
/*
 * The backend kvm on several CPUs: IPIs, flushes, locks and yields, each by its
 * bit and without it.
 *
 * APIC ids of the model are not its CPUs' numbers, and the window of one
 * hypercall begins at the lowest.
 *
 * Tried: HYGON's maker or the hypercall's fallback left out, or its result;
 *        forgets_later() not called by a flush, or its answer left out; the
 *        window's beginning, width or vector; an index for an APIC id; each bit
 *        of KVM's, REALTIME and the xAPIC not asked for; FLUSH_TLB not set, or
 *        set for one that runs; more than one yield; STI before every HLT;
 *        a vector of 0, or without an APIC, sent; a CPU that is gone kicked;
 *        arrived() without pvi_smp_vector(): each fails here.
 */
#include "pvtest.h"

#include <x86/percpu.h>
#include <x86/system.h>

#include "apic_timer.h"
#include "cpu.h"
#include "fake_cpus.h"
#include "host.h"
#include "kvm.h"
#include "pc.h"

#include "abi/lapic.h"
#include "abi/x86.h"

enum {
    CPUS = 4,
    FLUSH = 0x60,
    IPI_0 = 0x61,
    PRESENT = 3,
    GLOBAL = 0x100,
    OLD = 0x100000,
    NEW = 0x200000,
};

#define VA        UINT64_C(0x5000)
#define GLOBAL_VA UINT64_C(0x9000)

static struct pvops_cpu cpus[CPUS];
static unsigned started;
static uint64_t table[16]; /* one level, and no more pages */

static uint64_t read_entry(uint64_t at, unsigned level, unsigned index)
{
    (void)at;
    (void)level;
    return table[index];
}

static void map(uint64_t where)
{
    table[VA >> 12] = where | PRESENT;
    table[GLOBAL_VA >> 12] = (where + 0x1000) | PRESENT | GLOBAL;
}

/* What the CPU that runs has of both: OLD, NEW; 1 if they are not alike. */
static uint64_t sees(void)
{
    uint64_t normal = 0, global = 0;

    EXPECT(fake_tlb_access(VA, FAKE_READ, &normal));
    EXPECT(fake_tlb_access(GLOBAL_VA, FAKE_READ, &global));
    return normal + 0x1000 == global ? normal : 1;
}

static struct pvops_cpu_options options_of(unsigned index)
{
    struct pvops_cpu_options options = pc.cpu_options;

    options.index = index;
    options.flush_vector = FLUSH;
    for (unsigned i = 0; i < PVOPS_IPIS; i++)
        options.ipi_vectors[i] = (uint8_t)(IPI_0 + i);
    return options;
}

/* With 'hints' in EDX of KVM's leaf. */
static void machine(unsigned count, uint32_t features, uint32_t hints)
{
    pc_reset();
    fake_kvm_reset(0x40000000, features);
    fake_leaf_at(0x40000001)->edx = hints;
    fake.pvclock_flags = PVCLOCK_TSC_STABLE;
    fake_tlb_reset(1, 9, read_entry);
    fake_cpus_reset(count);
    memset(cpus, 0, sizeof(cpus));
    started = 0;
    map(OLD);
}

static void start_with(unsigned index, const struct pvops_cpu_options *options)
{
    fake_cpus_switch(index);
    fake_percpu = &cpus[index];
    fake_system.interrupts = false;
    x86_write_cr4(X86_CR4_PGE);
    EXPECT_EQ(PVOPS_OK, pvops_cpu_setup(&cpus[index], options));
    fake_system.interrupts = true;
    started++;
}

static void start(void)
{
    pc_setup();
    fake_cpus_irq_ops();
    for (unsigned i = 0; i < fake_cpus.count; i++) {
        struct pvops_cpu_options options = options_of(i);

        start_with(i, &options);
        pvi.stage = PVI_STAGE_SEALED;
    }
    fake_cpus_switch(0);
}

static void stop(void)
{
    for (unsigned i = started; i-- > 0;) {
        fake_cpus_switch(i);
        fake_system.interrupts = false;
        pvops_cpu_teardown(&cpus[i]);
        EXPECT(!fake_kvm.steals[i]);
    }
}

/* Everybody's turn; who got what. */
static void expect_found(unsigned cpu, unsigned found)
{
    EXPECT_EQ(found, fake_cpus.found[cpu]);
    fake_cpus.found[cpu] = 0;
}

static const uint32_t all = KVM_FEATURE_STEAL_TIME | KVM_FEATURE_PV_EOI |
                            KVM_FEATURE_PV_UNHALT | KVM_FEATURE_PV_TLB_FLUSH |
                            KVM_FEATURE_PV_SEND_IPI | KVM_FEATURE_POLL_CONTROL |
                            KVM_FEATURE_PV_SCHED_YIELD;

/* Each of the set by one call, and nobody else; 'calls' as wanted. */
static void every_set(unsigned calls_each)
{
    for (unsigned bits = 1; bits < 1u << fake_cpus.count; bits++) {
        struct pvops_cpus set = { { bits } };
        unsigned before = fake_kvm.ipi_calls;

        pvops_smp_send_ipis(&set, bits % PVOPS_IPIS);
        x86_pause();
        EXPECT_EQ(calls_each, fake_kvm.ipi_calls - before);
        for (unsigned i = 0; i < fake_cpus.count; i++)
            expect_found(i, bits >> i & 1 ? PVOPS_ARRIVED_IPI(bits % PVOPS_IPIS)
                                          : 0);
    }
}

PVTEST(ipis, "to every set of 2 to 4 CPUs, one hypercall; by both instructions")
{
    for (unsigned count = 2; count <= CPUS; count++) {
        for (unsigned amd = 0; amd < 3; amd++) {
            machine(count, all, 0);
            if (amd)
                fake_vendor(amd == 1 ? "AuthenticAMD" : "HygonGenuine");
            start();
            every_set(1);
            pvops_smp_send_ipis(NULL, 1);
            x86_pause();
            expect_found(0, 0);
            for (unsigned i = 1; i < count; i++)
                expect_found(i, PVOPS_ARRIVED_IPI(1));
            EXPECT_EQ(0, fake_cpus.command_count);
            stop();
        }
    }
}

PVTEST(ipis_without, "without the bit, or refused: by the APIC, to the same")
{
    for (unsigned refused = 0; refused < 2; refused++) {
        machine(CPUS, refused ? all : all & ~KVM_FEATURE_PV_SEND_IPI, 0);
        fake_kvm.refuses_ipis = true;
        start();
        every_set(refused);
        pvops_smp_send_ipi(3, 2);
        x86_pause();
        expect_found(3, PVOPS_ARRIVED_IPI(2));
        stop();
    }
}

PVTEST(ipi_one, "to one: a hypercall instead of xAPIC's registers, alone")
{
    for (unsigned x2apic = 0; x2apic < 2; x2apic++) {
        machine(CPUS, all, 0);
        if (x2apic) {
            pc_reset();
            fake_apic(pc.probe.apic_hz, true);
            fake_kvm_reset(0x40000000, all);
            fake.pvclock_flags = PVCLOCK_TSC_STABLE;
            fake_cpus_reset(CPUS);
        }
        start();
        for (unsigned i = 0; i < CPUS; i++) {
            pvops_smp_send_ipi(i, i);
            x86_pause();
            for (unsigned k = 0; k < CPUS; k++)
                expect_found(k, k == i ? PVOPS_ARRIVED_IPI(i) : 0);
        }
        EXPECT_EQ(x2apic ? 0 : CPUS, fake_kvm.ipi_calls);
        stop();
    }
}

PVTEST(ipi_nowhere, "no vector, no APIC: panics as natively; gone: nothing")
{
    struct pvops_cpus two = { { 4 } };

    machine(CPUS, all, 0);
    start();
    pvi_smp(&cpus[2])->ipi_vectors[1] = 0;
    EXPECT(HOST_PANICS(pvops_smp_send_ipi(2, 1)));
    EXPECT(HOST_PANICS(pvops_smp_send_ipis(&two, 1)));
    pvi_common(&cpus[0])->lapic_enabled = false;
    EXPECT(HOST_PANICS(pvops_smp_send_ipi(2, 0)));
    EXPECT_EQ(0, fake_kvm.ipi_calls);
    fake_cpus_switch(2);
    fake_system.interrupts = false;
    pvops_cpu_teardown(&cpus[2]);
    fake_cpus_switch(0);
    pvops_smp_send_ipi(2, 0);
    pvops_lock_kick(2);
    EXPECT(!pvops_smp_is_preempted(2));
    EXPECT_EQ(0, fake_kvm.ipi_calls);
    started--;
}

PVTEST(ipi_windows, "APIC ids far apart, and vectors that differ")
{
    struct pvops_cpus set = { { 0xf } };

    machine(CPUS, all, 0);
    fake_cpus.cpus[0].apic_id = 300;
    fake_cpus.cpus[1].apic_id = 2;
    fake_cpus.cpus[2].apic_id = 2 + 2 * PVOPS_CPUS_BITS;
    fake_cpus.cpus[3].apic_id = 1 + 2 * PVOPS_CPUS_BITS;
    start();
    /* As an x2APIC would have told. */
    for (unsigned i = 0; i < CPUS; i++)
        pvi_smp(&cpus[i])->apic_id = fake_cpus.cpus[i].apic_id;
    pvops_smp_send_ipis(&set, 0);
    x86_pause();
    for (unsigned i = 0; i < CPUS; i++)
        expect_found(i, PVOPS_ARRIVED_IPI(0));
    EXPECT_EQ(3, fake_kvm.ipi_calls);
    pvi_smp(&cpus[3])->ipi_vectors[0] = IPI_0 + 9;
    pvops_smp_send_ipis(&set, 0);
    x86_pause();
    for (unsigned i = 0; i < CPUS; i++)
        expect_found(i, PVOPS_ARRIVED_IPI(0));
    EXPECT_EQ(7, fake_kvm.ipi_calls);
    stop();
}

static void flush(unsigned kind)
{
    if (kind == 0) {
        pvops_smp_flush_range(NULL, 0, VA, 1);
        pvops_smp_flush_range(NULL, 0, GLOBAL_VA, 1);
    } else if (kind == 1) {
        pvops_smp_flush_range(NULL, 0, 0, 100);
    } else {
        pvops_smp_flush_all(NULL);
    }
}

static void everybody_sees(uint64_t what)
{
    for (unsigned i = 0; i < fake_cpus.count; i++) {
        fake_cpus_switch(i);
        EXPECT_EQ(what, sees());
    }
    fake_cpus_switch(0);
}

/* CPU 2 does not run. If nobody may leave it alone, the host lets it run. */
static void flush_with_preempted(uint32_t features, uint32_t hints, bool later)
{
    for (unsigned kind = 0; kind < 3; kind++) {
        machine(CPUS, features, hints);
        start();
        everybody_sees(OLD);
        fake_kvm_preempt(2);
        fake_cpus.cpus[2].absent = later;
        map(NEW);
        flush(kind);
        EXPECT_EQ(NEW, sees());
        EXPECT_EQ(later, fake_cpus.taken[2] == 0);
        EXPECT(fake_cpus.taken[1] && fake_cpus.taken[3]);
        fake_kvm_resume(2);
        everybody_sees(NEW);
        stop();
    }
}

PVTEST(flushes, "who does not run is left alone, and forgets before it does")
{
    flush_with_preempted(all, 0, true);
}

PVTEST(flushes_without,
       "without a bit that it takes, or with REALTIME: all asked")
{
    flush_with_preempted(all & ~KVM_FEATURE_PV_TLB_FLUSH, 0, false);
    flush_with_preempted(all & ~KVM_FEATURE_STEAL_TIME, 0, false);
    flush_with_preempted(all, KVM_HINTS_REALTIME, false);
    flush_with_preempted(0, 0, false);
}

/* It lost its processor before, and got it again before we look. */
PVTEST(flush_again, "a second flush before it runs; then one when it runs")
{
    machine(2, all, 0);
    start();
    everybody_sees(OLD);
    fake_kvm_preempt(1);
    map(NEW);
    flush(2);
    flush(0);
    EXPECT_EQ(KVM_VCPU_PREEMPTED | KVM_VCPU_FLUSH_TLB,
              fake_kvm.steals[1]->preempted);
    fake_kvm_resume(1);
    EXPECT_EQ(0, fake_cpus.taken[1]);
    map(OLD);
    flush(2);
    EXPECT_EQ(1, fake_cpus.taken[1]);
    everybody_sees(OLD);
    stop();
}

PVTEST(preempted, "is told of each CPU by its own area, if there is one")
{
    for (unsigned with = 0; with < 2; with++) {
        machine(CPUS, with ? all : all & ~KVM_FEATURE_STEAL_TIME, 0);
        start();
        fake_kvm_preempt(2);
        for (unsigned i = 0; i < CPUS; i++)
            EXPECT_EQ(with && i == 2, pvops_smp_is_preempted(i));
        fake_kvm_resume(2);
        EXPECT(!pvops_smp_is_preempted(2));
        stop();
    }
}

/* Of IPIs to 1, 2 and 3: 2 and 3 do not run. */
static unsigned yields(uint32_t features, uint32_t hints)
{
    struct pvops_cpus set = { { 0xe } };
    unsigned sum = 0;

    machine(CPUS, features, hints);
    start();
    pvops_smp_send_ipis(&set, 0);
    EXPECT_EQ(0, fake_kvm.yields[1] + fake_kvm.yields[2] + fake_kvm.yields[3]);
    fake_kvm_preempt(2);
    fake_kvm_preempt(3);
    pvops_smp_send_ipis(&set, 0);
    for (unsigned i = 0; i < CPUS; i++)
        sum += fake_kvm.yields[i];
    EXPECT_EQ(sum, fake_kvm.yields[2]);
    set.words[0] = 0xa;
    pvops_smp_send_ipis(&set, 0);
    EXPECT_EQ(sum, fake_kvm.yields[3]);
    stop();
    return sum;
}

PVTEST(yield, "to the first of those asked that does not run, if it is offered")
{
    EXPECT_EQ(1, yields(all, 0));
    EXPECT_EQ(1, yields(all & ~KVM_FEATURE_PV_SEND_IPI, 0));
    EXPECT_EQ(0, yields(all & ~KVM_FEATURE_PV_SCHED_YIELD, 0));
    EXPECT_EQ(0, yields(all & ~KVM_FEATURE_STEAL_TIME, 0));
    EXPECT_EQ(0, yields(all, KVM_HINTS_REALTIME));
}

static struct pvops_lock lock;

static void released_meanwhile(void)
{
    EXPECT(!fake_system.interrupts);
    EXPECT(pvi_smp(&cpus[1])->waits);
    fake_cpus_switch(0);
    pvops_lock_table.release(&lock);
    EXPECT_EQ(1, fake_kvm.kicks[1]);
    fake_cpus_switch(1);
    fake_system.interrupts = false;
}

PVTEST(locks,
       "CPU 1 sleeps, interrupts off; 0 hands over and kicks it by its id")
{
    machine(2, all, 0);
    start();
    memset(&lock, 0, sizeof(lock));
    pvops_lock_acquire(&lock);
    fake_cpus_switch(1);
    fake_system.interrupts = false;
    fake.at_hlt = released_meanwhile;
    pvops_lock_acquire(&lock);
    EXPECT_EQ(1, fake_system.halts);
    EXPECT(!fake_system.interrupts);
    EXPECT_EQ(0, fake_kvm.kicks[0]);
    pvops_lock_table.release(&lock);
    EXPECT(!pvops_lock_is_held(&lock));
    stop();
}

PVTEST(wait, "STI and HLT with interrupts on; not if the word has changed")
{
    const uint32_t word = 1;

    machine(2, all, 0);
    start();
    pvops_lock_wait(&word, 1);
    EXPECT_EQ(1, fake_system.halts);
    EXPECT(fake_system.interrupts);
    pvops_lock_wait(&word, 2);
    EXPECT_EQ(1, fake_system.halts);
    EXPECT(fake_system.interrupts);
    /* One whose APIC id nobody knows does not sleep. */
    pvi_common(&cpus[0])->lapic_enabled = false;
    pvops_lock_wait(&word, 1);
    EXPECT_EQ(1, fake_system.halts);
    pvops_lock_kick(1);
    EXPECT_EQ(1, fake_kvm.kicks[1]);
    EXPECT_EQ(1, fake_kvm.calls);
    stop();
}

PVTEST(locks_without, "without PV_UNHALT, or with REALTIME, natively")
{
    const uint32_t word = 1;

    for (unsigned realtime = 0; realtime < 2; realtime++) {
        machine(2, realtime ? all : all & ~KVM_FEATURE_PV_UNHALT,
                realtime ? KVM_HINTS_REALTIME : 0);
        start();
        EXPECT(pvops_lock_table.release == pvi_native_lock_release);
        pvops_lock_wait(&word, 1);
        pvops_lock_kick(1);
        EXPECT_EQ(0, fake_system.halts);
        EXPECT_EQ(0, fake_kvm.calls);
        EXPECT_EQ(realtime, host_logged("kvm: REALTIME: "));
        stop();
    }
}

PVTEST(pv_eoi, "an IPI that needs no EOI is told, and a flush is done")
{
    machine(1, all, 0);
    start();
    for (unsigned i = 0; i < 2; i++) {
        EXPECT(fake_apic_interrupt(IPI_0 + 3));
        *fake_kvm.pv_eoi |= 1;
        EXPECT_EQ(PVOPS_ARRIVED_IPI(3), pvops_time_arrived(IPI_0 + 3));
        memset(fake.apic_in_service, 0, sizeof(fake.apic_in_service));
    }
    EXPECT_EQ(0, fake.apic_eois);
    stop();
}

PVTEST(again, "taken down and set up again: CPU 2 sees and is seen")
{
    machine(CPUS, all, 0);
    start();
    for (unsigned i = 0; i < 3; i++) {
        struct pvops_cpu_options options = options_of(2);

        fake_cpus_switch(2);
        fake_system.interrupts = false;
        pvops_cpu_teardown(&cpus[2]);
        EXPECT(!fake_kvm.steals[2]);
        fake_cpus_switch(0);
        pvops_smp_send_ipis(NULL, 0);
        x86_pause();
        expect_found(2, 0);
        started--;
        start_with(2, &options);
        fake_cpus_switch(0);
        EXPECT(fake_kvm.steals[2]);
        pvops_smp_send_ipis(NULL, 0);
        x86_pause();
        expect_found(2, PVOPS_ARRIVED_IPI(0));
    }
    stop();
}
