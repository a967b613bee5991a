/* SPDX-License-Identifier: MIT */
/*
 * A further CPU: started, parked.
 *
 * The backend, or smp_sipi.c, has it run pvi_smp_begin() with the ticket of its
 * start, which no other start has. Until the time is up pvi.start_state is that
 * ticket; the CPU claims the start by one exchange, takes what it needs from
 * pvi.starting, then sets the state to 0. Who comes later finds another state,
 * whether others are started meanwhile or not, and parks.
 */
#include "internal.h"

#include "abi/lapic.h"
#include <x86/insn.h>
#include <x86/percpu.h>
#include <x86/system.h>

enum {
    /* If the clock stands: pauses that count as one wait of so many ns. */
    NS_OF_PAUSE = 1000,
    STACK_ALIGNMENT = 16,
    PAGE_BYTES = 4096,
    TRAMPOLINE_BELOW = 0x100000,
    COMES_WITHIN_MS = 1000,
    NS_OF_MS = 1000000,
    STOPS_WITHIN_NS = 10000000, /* after an INIT: SDM volume 3, 8.4.4.1 */
};

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

static unsigned state(void)
{
    return __atomic_load_n(&pvi.start_state, __ATOMIC_ACQUIRE);
}

static bool change_state(unsigned from, unsigned to)
{
    return __atomic_compare_exchange_n(&pvi.start_state, &from, to, false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* False: it has come after all. One that has claimed it is about to. */
static bool give_up(void)
{
    if (change_state(pvi.start_ticket, 0))
        return true;
    while (state() != 0) {
        pvops_smp_poll();
        x86_pause();
    }
    return false;
}

/* False: 'ns' have passed, and the state was never 'until'. */
static bool wait_for(unsigned until, uint32_t ns)
{
    uint64_t start_ns = pvops_time_table.now_ns();
    uint64_t now_ns = start_ns, last_ns = start_ns;
    uint32_t stood = 0;

    while (now_ns - start_ns < ns && stood < ns / NS_OF_PAUSE) {
        if (state() == until)
            return true;
        pvops_smp_poll();
        x86_pause();
        now_ns = pvops_time_table.now_ns();
        stood = now_ns == last_ns ? stood + 1 : 0;
        last_ns = now_ns;
    }
    return state() == until;
}

bool pvi_smp_came_within(uint32_t ns)
{
    return wait_for(0, ns);
}

static PVOPS_NORETURN void stop_here(void)
{
    for (;;)
        pvops_irq_table.halt();
}

/* Its last use of the stack is before the store that others wait for. */
static PVOPS_NORETURN void park(unsigned index)
{
    uintptr_t *word = &pvi.parked.words[index / PVOPS_CPUS_BITS];
    uintptr_t bit = (uintptr_t)1 << index % PVOPS_CPUS_BITS;

    if (pvi.backend->park)
        pvi.backend->park(index, word, bit);
    x86_set_bits_and_halt(word, bit);
}

void pvi_smp_claim(unsigned ticket)
{
    if (!change_state(ticket, ticket | PVI_START_CLAIMED))
        park(PVI_START_INDEX(ticket));
}

void pvi_smp_go(void)
{
    void (*entry)(void *argument) = pvi.starting.entry;
    void *argument = pvi.starting.argument;

#ifdef __x86_64__
    pvops_cpu_table.set_percpu_base(pvi.starting.percpu_base);
#endif
    clear_bit(&pvi.parked, pvi.starting.index);
    set_bit(&pvi.running, pvi.starting.index);
    __atomic_store_n(&pvi.start_state, 0, __ATOMIC_RELEASE);
    entry(argument);
    stop_here();
}

PVOPS_OP_CALL PVOPS_NORETURN void pvi_smp_begin(unsigned ticket)
{
    pvi_smp_claim(ticket);
    pvi_smp_go();
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

/*
 * One that did not come may still do so. INIT takes it away from where it is,
 * so that its stack and page are free; where there is none, it parks itself.
 */
static void stop(const struct pvops_start *start)
{
    pvi_log(PVOPS_LOG_ERROR, "smp: CPU %u did not come within %u ms",
            start->index, COMES_WITHIN_MS);
    if (!pvi_common(pvi_this_cpu())->lapic_enabled ||
        !pvi_smp_apic_id_valid(start))
        return;
    pvi_lapic_send(start->apic_id, APIC_ICR_INIT | APIC_ICR_ASSERT);
    (void)wait_for(PVI_START_CLAIMED, STOPS_WITHIN_NS); /* by nobody */
    set_bit(&pvi.parked, start->index);
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
    pvi.start_ticket = PVI_START_NEXT(pvi.start_ticket, start->index);
    __atomic_store_n(&pvi.start_state, pvi.start_ticket, __ATOMIC_SEQ_CST);
    status = run(&pvi.starting);
    if (status == PVOPS_OK)
        (void)pvi_smp_came_within(COMES_WITHIN_MS * NS_OF_MS);
    if (give_up()) {
        if (status == PVOPS_OK)
            stop(start);
        return status == PVOPS_OK ? PVOPS_E_REFUSED : status;
    }
    return PVOPS_OK;
}

bool pvops_smp_is_parked(unsigned index)
{
    return index < PVOPS_MAX_CPUS &&
           (__atomic_load_n(&pvi.parked.words[index / PVOPS_CPUS_BITS],
                            __ATOMIC_ACQUIRE) >>
                index % PVOPS_CPUS_BITS &
            1);
}

void pvops_smp_park(void)
{
    struct pvops_cpu *self = pvi_this_cpu();

    if (!self || self->index == 0 || pvi_common(self)->set_up)
        pvi_panic("pvops_smp_park: not on a further CPU after its "
                  "pvops_cpu_teardown()");
    clear_bit(&pvi.running, self->index);
    park(self->index);
}
