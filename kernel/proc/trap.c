/* SPDX-License-Identifier: MIT */
/*
 * Exceptions and interrupts of user mode.
 */
#include "proc/trap.h"

#include <pvops/mmu.h>

#include "arch/trap.h"
#include "proc/errno.h"
#include "proc/lock.h"
#include "proc/process.h"

/* Vectors. Source: Intel SDM volume 3, table 6-1. */
enum {
    DIVIDE_ERROR = 0,
    SINGLE_STEP = 1,
    NMI = 2,
    DOUBLE_FAULT = 8,
    SEGMENT_NOT_PRESENT = 11,
    STACK_FAULT = 12,
    X87_ERROR = 16,
    ALIGNMENT = 17,
    MACHINE_CHECK = 18,
    SSE_ERROR = 19,
    EXCEPTIONS = 32,
};

/*
 * What Linux sends; 0: the exception is none of the program's doing.
 * Source: Linux arch/x86/kernel/traps.c.
 */
static unsigned signal_of(unsigned vector)
{
    switch (vector) {
    case NMI:
    case DOUBLE_FAULT:
    case MACHINE_CHECK:
        return 0;
    case DIVIDE_ERROR:
    case X87_ERROR:
    case SSE_ERROR:
        return SIGFPE;
    case SINGLE_STEP:
    case TRAP_BREAKPOINT:
        return SIGTRAP;
    case TRAP_INVALID_OPCODE:
        return SIGILL;
    case SEGMENT_NOT_PRESENT:
    case STACK_FAULT:
    case ALIGNMENT:
        return SIGBUS;
    default:
        return SIGSEGV;
    }
}

static void page_fault(struct trap_frame *frame)
{
    uint64_t address = pvops_mmu_read_cr2();

    switch (space_fault(process_current()->space, address, frame->error)) {
    case SPACE_FAULT_DONE:
        return;
    case SPACE_FAULT_ILLEGAL:
        process_fault(frame, SIGSEGV, address);
        return;
    case SPACE_FAULT_NO_MEMORY:
        process_fault(frame, SIGKILL, address);
        return;
    }
}

void trap_handle_user(struct trap_frame *frame)
{
    unsigned vector = (unsigned)frame->vector;
    unsigned signal = vector < EXCEPTIONS ? signal_of(vector) : 0;

    kernel_enter();
    if (vector == TRAP_PAGE_FAULT)
        page_fault(frame);
    else if (signal)
        process_fault(frame, signal, 0);
    else
        trap_handle(frame);
}
