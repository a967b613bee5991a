/* SPDX-License-Identifier: MIT */
/*
 * A virtual CPU, which is a CPU: nothing is ever scheduled. Its struct is at
 * the end of the CPU's stack, so that the stack pointer finds it.
 */
#ifndef SHIM_DOMAIN_VCPU_H
#define SHIM_DOMAIN_VCPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/xen_pv.h"
#include "layout.h"
#include "trap/offsets.h"

enum { VCPUS_MOST = 32 };

/* A stack there faults, whatever is done with it. */
#define NO_STACK 0x8000000000000000ull

struct tss {
    uint32_t reserved0;
    uint64_t rsp0, rsp1, rsp2;
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3;
    uint16_t io_map; /* behind the end: none */
} __attribute__((packed));

ABI_SIZE(struct tss, 104);

struct vcpu_trap {
    uint64_t address; /* 0: none */
    uint16_t cs;
    uint8_t flags; /* TI_* */
};

struct vcpu_callback {
    uint64_t address; /* 0: none */
    bool masks;       /* events */
};

struct vcpu {
    uint64_t unused; /* so that the CPU finds the end of rsp0 aligned */
    struct cpu_user_regs regs;

    /* Known to assembly: trap/offsets.h. */
    struct vcpu_info *info;
    uint64_t kernel_root; /* what CR3 is in kernel mode */
    uint64_t user_root;   /* and in user mode; 0: none */
    uint64_t kernel_stack;
    uint64_t syscall_entry;
    bool kernel_mode;
    bool syscall_masks;  /* events, at a system call */
    bool full_exit;      /* all registers are to be loaded: by IRET */
    uint32_t shown_iopl; /* in RFLAGS of frames */

    volatile bool flush;   /* the TLB, for another CPU (mm/flush.c) */
    volatile bool up;      /* VCPUOP_up was said */
    volatile bool running; /* in the guest's address space, or was */
    bool initialised;
    bool info_registered;
    uint32_t id;
    uint32_t apic_id;

    uint64_t cr0, cr4; /* the guest's view */
    uint64_t real_cr4;
    uint64_t debug[8];
    uint8_t iopl;       /* by vcpu_set_iopl() */
    uint64_t io_bitmap; /* the guest's address; of the ports below io_ports */
    uint32_t io_ports;

    /* The call of a list that is made now, NULL: none; and not to its end. */
    struct multicall_entry *listed;
    bool listed_again;

    uint64_t event_entry;
    struct vcpu_callback syscall32, sysenter;
    struct vcpu_trap traps[256];

    uint64_t gdt_frames[FIRST_RESERVED_GDT_PAGE];
    unsigned gdt_frame_count, gdt_entries;
    uint64_t ldt_base;
    unsigned ldt_entries;
    uint64_t ldt_frames[16];

    /* ns of system time; 0: none */
    uint64_t timer_ns, period_ns, periodic_ns, poll_ns;
    volatile bool period_new; /* dev/clock.c */
    volatile bool polling, blocked;
    uint32_t virq_port[24];

    struct vcpu_runstate_info runstate;
    uint64_t runstate_area, time_area; /* guest's addresses; 0: none */
    uint64_t start_fs, start_gs_kernel, start_gs_user;

    struct tss tss;
};

#define VCPU_FIELD(field, at) ABI_OFFSET(struct vcpu, field, VCPU_REGS + (at))
VCPU_FIELD(regs, 0);
VCPU_FIELD(regs.r11, R_r11);
VCPU_FIELD(regs.rax, R_rax);
VCPU_FIELD(regs.rdi, R_rdi);
VCPU_FIELD(regs.error_code, R_error);
VCPU_FIELD(regs.rip, R_rip);
VCPU_FIELD(regs.ss, R_ss);
VCPU_FIELD(regs.es, R_end);
VCPU_FIELD(info, V_info);
VCPU_FIELD(kernel_root, V_kernel_root);
VCPU_FIELD(user_root, V_user_root);
VCPU_FIELD(kernel_stack, V_kernel_stack);
VCPU_FIELD(syscall_entry, V_syscall_entry);
VCPU_FIELD(kernel_mode, V_kernel_mode);
VCPU_FIELD(syscall_masks, V_syscall_masks);
VCPU_FIELD(full_exit, V_full_exit);
VCPU_FIELD(shown_iopl, V_shown_iopl);
_Static_assert(sizeof(struct vcpu) <= AREA_BYTES - AREA_VCPU, "vcpu");

static inline struct vcpu *vcpu_at(unsigned id)
{
    return (struct vcpu *)(SHIM_CPUS + (uint64_t)id * AREA_BYTES + AREA_VCPU);
}

/* The one that this runs on. */
static inline __attribute__((always_inline)) struct vcpu *vcpu_this(void)
{
    uint64_t at;

    __asm__("mov %%rsp, %0" : "=r"(at));
    return (struct vcpu *)((at & ~(uint64_t)(AREA_BYTES - 1)) + AREA_VCPU);
}

#endif /* SHIM_DOMAIN_VCPU_H */
