/* SPDX-License-Identifier: MIT */
/*
 * Exceptions and interrupts: the IDT, and what is done about each.
 */
#include "arch/trap.h"

#include <pvops/cpu.h>
#include <pvops/mmu.h>
#include <pvops/time.h>

#include "arch/paging.h"
#include "arch/try.h"
#include "core/call.h"
#include "core/cpus.h"
#include "core/log.h"
#include "report/interrupt.h"

volatile struct trap_last trap_last;
volatile unsigned trap_breakpoints;
void (*volatile trap_check_ipi)(void);

/* A gate of the IDT. Source: Intel SDM 3, 6.11 and 6.14.1. */
struct gate {
    uint16_t offset_low;
    uint16_t selector;
    uint8_t stack; /* no stack of its own */
    uint8_t type;
    uint16_t offset_middle;
#ifdef __x86_64__
    uint32_t offset_high;
    uint32_t reserved;
#endif
};
_Static_assert(sizeof(struct gate) == 2 * sizeof(uintptr_t), "gate");

enum { GATE_INTERRUPT = 0x8e, GATE_INTERRUPT_USER = 0xee, GATES = 256 };

/* Distances, as TRAP_FIXUP records them. */
struct fixup {
    int32_t from, to;
};

extern const struct fixup trap_fixups_start[], trap_fixups_stop[];
extern const uint8_t trap_stubs[];

static struct gate idt[GATES] __attribute__((aligned(4096)));

void trap_setup(void)
{
    for (unsigned i = 0; i < GATES; i++) {
        uintptr_t stub = (uintptr_t)trap_stubs + i * TRAP_STUB_BYTES;

        idt[i] = (struct gate){
            .offset_low = (uint16_t)stub,
            .selector = pvops_cpu_selectors()->kernel_cs,
            .type = i == TRAP_BREAKPOINT ? GATE_INTERRUPT_USER : GATE_INTERRUPT,
            .offset_middle = (uint16_t)(stub >> 16),
#ifdef __x86_64__
            .offset_high = (uint32_t)(stub >> 32),
#endif
        };
    }
}

void trap_load(void)
{
    pvops_cpu_load_idt(idt, sizeof(idt));
}

static uintptr_t place(const int32_t *distance)
{
    return (uintptr_t)distance + (uintptr_t)(intptr_t)*distance;
}

/* Of another CPU it is another stack: that one's fault is its own. */
static bool is_tried(const struct trap_frame *frame)
{
    enum { STACK_MOST = 4096 };

    return trap_try_stack && trap_try_stack - (uintptr_t)frame < STACK_MOST;
}

/*
 * #DB, NMI, #DF and #MC come where they come: that an instruction was about to
 * run says nothing of it. Source: Intel SDM volume 3, 6.5 and 6.15.
 */
static bool is_of_its_instruction(uintptr_t vector)
{
    return vector != 1 && vector != 2 && vector != 8 && vector != 18;
}

static bool fix_up(struct trap_frame *frame)
{
    const struct fixup *fixup = trap_fixups_start;

    if (!is_of_its_instruction(frame->vector))
        return false;
    for (; fixup < trap_fixups_stop; fixup++) {
        if (place(&fixup->from) == frame->ip) {
            frame->ip = place(&fixup->to);
            return true;
        }
    }
    if (is_tried(frame)) {
        frame->ip = (uintptr_t)trap_try_faulted;
        return true;
    }
    return false;
}

/*
 * A page that another CPU made writable, which that one need not tell: this CPU
 * remembered it as read-only, and does no more once it faulted. Source: Intel
 * SDM volume 3, 4.10.4.3.
 */
static bool is_spurious(const struct trap_frame *frame, uintptr_t address)
{
    const uintptr_t store = TRAP_PF_PRESENT | TRAP_PF_WRITE;

    return cpus_count() > 1 && frame->vector == TRAP_PAGE_FAULT &&
           (frame->error & (store | TRAP_PF_RSVD)) == store &&
           paging_is_writable(address);
}

static void exception(struct trap_frame *frame)
{
    uintptr_t address =
        frame->vector == TRAP_PAGE_FAULT ? pvops_mmu_read_cr2() : 0;
    const char *rule;

    if (frame->vector == TRAP_BREAKPOINT) {
        trap_breakpoints++;
        return;
    }
    if (is_spurious(frame, address))
        return;
    if (fix_up(frame)) {
        trap_last.vector = (unsigned)frame->vector;
        trap_last.error = frame->error;
        trap_last.address = address;
        return;
    }
    rule = frame->vector == TRAP_PAGE_FAULT ? pvops_mmu_explain_fault(address)
                                            : NULL;
    trap_dump(frame, address);
    if (rule)
        log_line("a store to a page table; rule: %s", rule);
    log_callers(frame->bp);
    panic("exception %u in the kernel at %p", (unsigned)frame->vector,
          (void *)(uintptr_t)frame->ip);
}

static void interrupt(unsigned vector)
{
    unsigned arrived = pvops_time_arrived(vector);
    void (*check)(void) = trap_check_ipi;

    if (arrived & PVOPS_ARRIVED_DEADLINE)
        deadline_arrived();
    if (arrived & PVOPS_ARRIVED_IPI(IPI_CALL))
        call_serve();
    if (arrived & PVOPS_ARRIVED_IPI(IPI_CHECK) && check)
        check();
    if (arrived & PVOPS_ARRIVED_IPI(IPI_STOP))
        cpus_halt();
}

void trap_handle(struct trap_frame *frame)
{
    unsigned vector = (unsigned)frame->vector;

    if (vector < 32) {
        exception(frame);
    } else if (vector >= TRAP_DEADLINE && vector <= TRAP_FLUSH) {
        interrupt(vector);
    } else if (!report_interrupt(vector)) {
        trap_dump(frame, 0);
        panic("interrupt at vector 0x%x, which nobody asked for", vector);
    }
}
