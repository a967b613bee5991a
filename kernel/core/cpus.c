/* SPDX-License-Identifier: MIT */
/*
 * The CPUs of the machine: found, started, stopped, given work.
 */
#include "core/cpus.h"

#include "arch/cpu.h"
#include "arch/layout.h"
#include "arch/paging.h"
#include "arch/trap.h"
#include "boot/restart.h"
#include "core/call.h"
#include "core/idle.h"
#include "core/log.h"
#include "core/main.h"
#include "core/pages.h"

enum { STACK_BYTES = 16384 };

/* Beside others a VCPU may not run for seconds: seen in xen_hvm, beyond 2. */
static const uint64_t patience_ns = 20000000000;

/* percpu.state */
enum state { STOPPED = 0, RUNS, FAILED };

static uint8_t stacks[CPU_MOST - 1][STACK_BYTES] __attribute__((aligned(16)));

/* By index; the boot CPU's is not used. */
static struct pvops_found_cpu found[CPU_MOST];
static bool is_there[CPU_MOST] = { true };
static volatile unsigned count = 1;
static unsigned missing;

struct pvops_cpu_options cpus_options(unsigned index)
{
    struct pvops_cpu_options options = {
        .index = index,
        .deadline_vector = TRAP_DEADLINE,
        .event_vector = TRAP_EVENT,
        .flush_vector = TRAP_FLUSH,
        .pages = restart_bank()->cpu_pages[index],
    };

    for (unsigned i = 0; i < PVOPS_IPIS; i++)
        options.ipi_vectors[i] = (uint8_t)(TRAP_IPI + i);
    return options;
}

unsigned cpus_count(void)
{
    return count;
}

bool cpus_runs(unsigned index)
{
    return index == 0 || (index < CPU_MOST && cpu_at(index)->state == RUNS);
}

unsigned cpus_missing(void)
{
    return missing;
}

bool cpus_on_stack(uintptr_t at, size_t bytes)
{
    return at >= (uintptr_t)stacks && bytes <= sizeof(stacks) &&
           at - (uintptr_t)stacks <= sizeof(stacks) - bytes;
}

/* Until it is to stop. Interrupts come in here alone. */
static void work(struct percpu *cpu)
{
    while (!cpu->stop) {
        void (*function)(void *) =
            __atomic_load_n(&cpu->work, __ATOMIC_ACQUIRE);

        if (function) {
            cpu->begun = true;
            function(cpu->work_argument);
            __atomic_store_n(&cpu->work, NULL, __ATOMIC_RELEASE);
        } else {
            idle_halt();
        }
    }
}

/* Once for each start: by the CPU, or by who waits for it no longer. */
static bool settle(struct percpu *cpu, unsigned state)
{
    unsigned open = STOPPED;

    return __atomic_compare_exchange_n(&cpu->state, &open, state, false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* A further CPU's first function, and its last. */
static void begin(void *argument)
{
    struct percpu *cpu = argument;
    struct pvops_cpu_options options = cpus_options(cpu->index);
    enum pvops_status status;

    cpu_load_descriptors(cpu->index);
    trap_load();
    cpu_use_x2apic();
    status = pvops_cpu_setup(&cpu->pvops, &options);
    if (status == PVOPS_OK) {
        if (settle(cpu, RUNS))
            work(cpu);
        pvops_cpu_teardown(&cpu->pvops);
    } else {
        log_line("CPU %u: pvops_cpu_setup(): %s", cpu->index,
                 pvops_status_name(status));
        settle(cpu, FAILED);
    }
    pvops_smp_park();
}

/* Of a wait for a CPU that halts, in PAUSEs. */
enum { WAKE_AGAIN = 65536 };

/* Its answer, for a while. */
static bool await(const struct percpu *cpu, bool (*came)(const struct percpu *))
{
    uint64_t until = pvops_time_now_ns() + patience_ns;

    for (unsigned spins = 0; !came(cpu) && pvops_time_now_ns() < until;
         spins++) {
        if (cpu->stop && spins % WAKE_AGAIN == 0)
            pvops_smp_send_ipi(cpu->index, IPI_WAKE);
        call_pause();
    }
    return came(cpu);
}

static bool has_begun(const struct percpu *cpu)
{
    return cpu->state != STOPPED;
}

static bool is_parked(const struct percpu *cpu)
{
    return pvops_smp_is_parked(cpu->index);
}

bool cpus_start(unsigned index)
{
    struct percpu *cpu = cpu_at(index);
    struct pvops_start start = {
        .index = index,
        .apic_id = found[index].apic_id,
        .entry = begin,
        .argument = cpu,
        .stack = (uintptr_t)stacks[index - 1] + STACK_BYTES,
        .root = (uintptr_t)layout_paddr(paging_kernel_root()),
        .percpu_base = (uintptr_t)cpu,
        .trampoline = paging_trampoline ? layout_va(paging_trampoline) : NULL,
        .trampoline_paddr = paging_trampoline,
    };
    enum pvops_status status;

    cpu->index = index;
    cpu->state = STOPPED;
    cpu->stop = false;
    status = pvops_smp_start(&start);
    if (status != PVOPS_OK) {
        log_line("CPU %u does not start: %s", index, pvops_status_name(status));
        return false;
    }
    if (!await(cpu, has_begun))
        settle(cpu, FAILED); /* one that comes late finds that, and goes */
    if (cpu->state != RUNS) {
        log_line("CPU %u does not come up", index);
        return false;
    }
    count++;
    return true;
}

bool cpus_stop(unsigned index)
{
    struct percpu *cpu = cpu_at(index);

    cpu->stop = true;
    if (!await(cpu, is_parked)) {
        log_line("CPU %u does not stop", index);
        return false;
    }
    cpu->state = STOPPED;
    count--;
    return true;
}

void cpus_stop_others(void)
{
    for (unsigned i = 1; i < CPU_MOST; i++) {
        if (cpus_runs(i))
            cpus_stop(i);
    }
}

void cpus_begin(unsigned index, void (*function)(void *argument),
                void *argument)
{
    struct percpu *cpu = cpu_at(index);

    cpu->begun = false;
    cpu->work_argument = argument;
    __atomic_store_n(&cpu->work, function, __ATOMIC_RELEASE);
    for (unsigned spins = 0; !cpu->begun; spins++) {
        if (spins % WAKE_AGAIN == 0)
            pvops_smp_send_ipi(index, IPI_WAKE);
        call_pause();
    }
}

void cpus_wait(unsigned index)
{
    while (__atomic_load_n(&cpu_at(index)->work, __ATOMIC_ACQUIRE))
        call_pause();
}

/* "cpus=N"; anything but a number from 1 on means no limit. */
static unsigned limit(void)
{
    const char *text = option("cpus");
    unsigned value = 0;

    for (; text && *text >= '0' && *text <= '9' && value < CPU_MOST; text++)
        value = value * 10 + (unsigned)(*text - '0');
    return value && value < CPU_MOST ? value : CPU_MOST;
}

/* The boot CPU comes first. */
static void find(unsigned most)
{
    struct pvops_found_cpu list[CPU_MOST];
    unsigned there = pvops_smp_find(kernel.boot.rsdp, list, most);

    for (unsigned i = 1; i < there && i < most; i++) {
        if (list[i].index == 0 || list[i].index >= CPU_MOST)
            continue;
        found[list[i].index] = list[i];
        is_there[list[i].index] = true;
    }
}

void cpus_setup(void)
{
    unsigned most = limit();

    if (most > 1)
        find(most);
    for (unsigned i = 1; i < CPU_MOST; i++) {
        if (!is_there[i] || cpus_start(i))
            continue;
        is_there[i] = false;
        if (!missing)
            missing = i;
    }
    log_line("%u CPU%s", count, count == 1 ? "" : "s");
    log_plain("PVLAB INFO cpus=%u", count);
}

void cpus_halt_others(void)
{
    static unsigned teller; /* its index, plus 1 */
    unsigned before = 0;

    if (count <= 1)
        return;
    if (__atomic_compare_exchange_n(&teller, &before, this_cpu()->index + 1,
                                    false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        pvops_smp_send_ipis(NULL, IPI_STOP);
    else if (before != this_cpu()->index + 1)
        cpus_halt();
}

void cpus_halt(void)
{
    for (;;) {
        pvops_irq_disable();
        pvops_irq_halt();
    }
}
