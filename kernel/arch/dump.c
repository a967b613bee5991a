/* SPDX-License-Identifier: MIT */
/*
 * An exception, for people.
 */
#include "arch/trap.h"

#include <pvops/mmu.h>

#include "core/log.h"

/* Source: Intel SDM 3, table 6-1. */
static const char *const names[32] = {
    "divide error (#DE)",
    "debug exception (#DB)",
    "NMI",
    "breakpoint (#BP)",
    "overflow (#OF)",
    "BOUND range exceeded (#BR)",
    "invalid opcode (#UD)",
    "device not available (#NM)",
    "double fault (#DF)",
    NULL,
    "invalid TSS (#TS)",
    "segment not present (#NP)",
    "stack-segment fault (#SS)",
    "general protection (#GP)",
    "page fault (#PF)",
    NULL,
    "x87 floating-point error (#MF)",
    "alignment check (#AC)",
    "machine check (#MC)",
    "SIMD floating-point exception (#XM)",
    "virtualization exception (#VE)",
    "control protection (#CP)",
};

static void say_what(const struct trap_frame *frame, uintptr_t fault_address)
{
    unsigned vector = (unsigned)frame->vector;
    unsigned error = (unsigned)frame->error;
    const char *name = vector < 32 ? names[vector] : "interrupt";

    log_line("%s, vector %u, error code 0x%x", name ? name : "reserved", vector,
             error);
    if (vector == TRAP_PAGE_FAULT)
        log_line("%s %p, which is %s",
                 error & TRAP_PF_WRITE ? "a write to" : "a read of",
                 (void *)fault_address,
                 error & TRAP_PF_PRESENT ? "mapped, but protected"
                                         : "not mapped");
}

#ifdef __x86_64__
#define VALUE(name) (unsigned long long)frame->name

void trap_dump(const struct trap_frame *frame, uintptr_t fault_address)
{
    say_what(frame, fault_address);
    log_line("RIP %016llx  CS %04llx  RFLAGS %08llx  CR3 %016llx", VALUE(ip),
             VALUE(cs), VALUE(flags), (unsigned long long)pvops_mmu_read_cr3());
    log_line("RSP %016llx  SS %04llx", VALUE(sp), VALUE(ss));
    log_line("RAX %016llx  RBX %016llx  RCX %016llx", VALUE(ax), VALUE(bx),
             VALUE(cx));
    log_line("RDX %016llx  RSI %016llx  RDI %016llx", VALUE(dx), VALUE(si),
             VALUE(di));
    log_line("RBP %016llx  R8  %016llx  R9  %016llx", VALUE(bp), VALUE(r8),
             VALUE(r9));
    log_line("R10 %016llx  R11 %016llx  R12 %016llx", VALUE(r10), VALUE(r11),
             VALUE(r12));
    log_line("R13 %016llx  R14 %016llx  R15 %016llx", VALUE(r13), VALUE(r14),
             VALUE(r15));
}
#else
void trap_dump(const struct trap_frame *frame, uintptr_t fault_address)
{
    /* The CPU pushes no ESP within the kernel: it was above the frame. */
    uint32_t sp = (uint32_t)(uintptr_t)(frame + 1);

    say_what(frame, fault_address);
    log_line("EIP %08x  CS %04x  EFLAGS %08x  CR3 %08x", frame->ip, frame->cs,
             frame->flags, (unsigned)pvops_mmu_read_cr3());
    log_line("EAX %08x  EBX %08x  ECX %08x  EDX %08x", frame->ax, frame->bx,
             frame->cx, frame->dx);
    log_line("ESI %08x  EDI %08x  EBP %08x  ESP %08x", frame->si, frame->di,
             frame->bp, sp);
}
#endif
