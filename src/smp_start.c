/* SPDX-License-Identifier: MIT */
/*
 * A further CPU: started, parked.
 *
 * The backend, or smp_sipi.c, has it run pvi_smp_begin(). Whether it came is
 * settled by one exchange: a CPU that comes after its time was up finds that
 * nobody wants it any more, and does nothing.
 */
#include "internal.h"

#include <x86/insn.h>
#include <x86/percpu.h>
#include <x86/system.h>

enum {
    /* If the clock stands: pauses that count as one wait of so many ns. */
    NS_OF_PAUSE = 1000,
    STACK_ALIGNMENT = 16,
    PAGE_BYTES = 4096,
    TRAMPOLINE_BELOW = 0x100000,
};

/* pvi.start_state */
enum { NOBODY = 0, WANTED, CAME };

static void set_bit(struct pvops_cpus *cpus, unsigned index)
{
    __atomic_fetch_or(&cpus->words[index / PVOPS_CPUS_BITS],
                      (uintptr_t)1 << index % PVOPS_CPUS_BITS,
                      __ATOMIC_SEQ_CST);
}

static void clear_bit(struct pvops_cpus *cpus, unsigned index)
{
    __atomic_fetch_and(&cpus->words[index / PVOPS_CPUS_BITS],
                       ~((uintptr_t)1 << index % PVOPS_CPUS_BITS),
                       __ATOMIC_SEQ_CST);
}

static bool change_state(unsigned from, unsigned to)
{
    return __atomic_compare_exchange_n(&pvi.start_state, &from, to, false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

bool pvi_smp_give_up(void)
{
    return __atomic_load_n(&pvi.start_state, __ATOMIC_SEQ_CST) == NOBODY ||
           change_state(WANTED, NOBODY);
}

bool pvi_smp_came_within(uint32_t ns)
{
    uint64_t start_ns = pvops_time_table.now_ns();
    uint64_t now_ns = start_ns, last_ns = start_ns;
    uint32_t stood = 0;

    while (now_ns - start_ns < ns && stood < ns / NS_OF_PAUSE) {
        if (__atomic_load_n(&pvi.start_state, __ATOMIC_ACQUIRE) == CAME)
            return true;
        pvops_smp_poll();
        x86_pause();
        now_ns = pvops_time_table.now_ns();
        stood = now_ns == last_ns ? stood + 1 : 0;
        last_ns = now_ns;
    }
    return __atomic_load_n(&pvi.start_state, __ATOMIC_ACQUIRE) == CAME;
}

static PVOPS_NORETURN void stop_here(void)
{
    for (;;)
        pvops_irq_table.halt();
}

PVOPS_OP_CALL PVOPS_NORETURN void pvi_smp_begin(const struct pvops_start *start)
{
    void (*entry)(void *argument) = start->entry;
    void *argument = start->argument;

#ifdef __x86_64__
    pvops_cpu_table.set_percpu_base(start->percpu_base);
#endif
    if (change_state(WANTED, CAME))
        entry(argument);
    stop_here();
}

static bool trampoline_valid(const struct pvops_start *start)
{
    pvops_paddr paddr = start->trampoline_paddr;

    if (!start->trampoline)
        return true;
    return (uintptr_t)start->trampoline % PAGE_BYTES == 0 &&
           paddr % PAGE_BYTES == 0 && paddr != 0 &&
           paddr <= TRAMPOLINE_BELOW - PVOPS_TRAMPOLINE_PAGES * PAGE_BYTES;
}

static bool start_valid(const struct pvops_start *start)
{
    if (!start || start->index == 0 || start->index >= PVOPS_MAX_CPUS ||
        !start->entry || start->stack == 0 ||
        start->stack % STACK_ALIGNMENT != 0)
        return false;
#ifdef __x86_64__
    if (start->percpu_base == 0 || (start->percpu_base + PVOPS_CPU_OFFSET) %
                                           __alignof__(struct pvops_cpu) !=
                                       0)
        return false;
#endif
    return trampoline_valid(start);
}

static enum pvops_status run(const struct pvops_start *start)
{
    enum pvops_status status = PVOPS_E_UNSUPPORTED;

    if (pvi.backend->start)
        status = pvi.backend->start(start);
    if (status == PVOPS_E_UNSUPPORTED)
        status = pvi_smp_sipi(start);
    return status;
}

enum pvops_status pvops_smp_start(const struct pvops_start *start)
{
    struct pvops_cpu *self;
    enum pvops_status status;

    if (pvi.stage != PVI_STAGE_SEALED)
        return PVOPS_E_ORDER;
    if (!start_valid(start)) {
        pvi_log(PVOPS_LOG_ERROR, "smp: bad index, entry, stack, per-CPU base "
                                 "or trampoline in struct pvops_start");
        return PVOPS_E_INVALID;
    }
    self = pvi_this_cpu();
    if (!self || !pvi_common(self)->set_up || pvi_cpu_at(start->index) ||
        pvops_cpus_has(&pvi.running, start->index))
        return PVOPS_E_ORDER;

    pvi.starting = *start;
    __atomic_store_n(&pvi.start_state, WANTED, __ATOMIC_SEQ_CST);
    status = run(&pvi.starting);
    if (status == PVOPS_OK && !pvi_smp_came_within(PVI_CPU_COMES_WITHIN_NS))
        status = PVOPS_E_REFUSED;
    if (pvi_smp_give_up()) {
        if (status == PVOPS_E_REFUSED)
            pvi_log(PVOPS_LOG_ERROR, "smp: CPU %u did not come", start->index);
        return status;
    }
    clear_bit(&pvi.parked, start->index);
    set_bit(&pvi.running, start->index);
    return PVOPS_OK;
}

const struct pvops_start *pvi_smp_starting(void)
{
    return &pvi.starting;
}

bool pvops_smp_is_parked(unsigned index)
{
    return index < PVOPS_MAX_CPUS &&
           (__atomic_load_n(&pvi.parked.words[index / PVOPS_CPUS_BITS],
                            __ATOMIC_ACQUIRE) >>
                index % PVOPS_CPUS_BITS &
            1);
}

/* Its last use of the stack is before the store that others wait for. */
void pvops_smp_park(void)
{
    struct pvops_cpu *self = pvi_this_cpu();
    uintptr_t *word, bit;

    if (!self || self->index == 0 || pvi_common(self)->set_up)
        pvi_panic("pvops_smp_park: not on a further CPU after its "
                  "pvops_cpu_teardown()");
    clear_bit(&pvi.running, self->index);
    word = &pvi.parked.words[self->index / PVOPS_CPUS_BITS];
    bit = (uintptr_t)1 << self->index % PVOPS_CPUS_BITS;
    if (pvi.backend->park)
        pvi.backend->park(self->index, word, bit);
    x86_set_bits_and_halt(word, bit);
}
