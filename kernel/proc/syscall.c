/* SPDX-License-Identifier: MIT */
/*
 * System calls: the table by number, and those that are one call of another
 * file's. An argument of C's type int is taken from 32 bits, as Linux does.
 *
 * Source: Linux arch/x86/entry/syscalls/syscall_64.tbl (the numbers),
 *         arch/x86/include/uapi/asm/prctl.h (ARCH_*).
 */
#include "proc/syscall.h"

#include <pvops/cpu.h>
#include <pvops/pvops.h>

#include "core/log.h"
#include "proc/errno.h"
#include "proc/lock.h"
#include "proc/process.h"
#include "proc/syscall_abi.h"
#include "proc/syscalls.h"

enum { ARCH_SET_FS = 0x1002, ARCH_GET_FS = 0x1003 };

static long call_getpid(struct trap_frame *frame)
{
    (void)frame;
    return process_current()->pid;
}

static long call_sched_yield(struct trap_frame *frame)
{
    (void)frame;
    process_yield();
    return 0;
}

static long call_fork(struct trap_frame *frame)
{
    return process_fork(frame, false);
}

static long call_vfork(struct trap_frame *frame)
{
    return process_fork(frame, true);
}

/* All registers of the program that begins are those of the frame. */
static long call_execve(struct trap_frame *frame)
{
    long result = process_execve(frame, frame->di, frame->si, frame->dx);

    if (result)
        return result;
    frame->vector = FRAME_ALL_REGISTERS;
    /* IRET would fault in the kernel at one that is not canonical. */
    if (frame->ip >= SPACE_END) {
        frame->ip = 0;
        process_kill_self(SIGSEGV);
    }
    return 0;
}

static long call_exit(struct trap_frame *frame)
{
    process_exit((frame->di & 0xff) << 8);
}

static long call_wait4(struct trap_frame *frame)
{
    return process_wait4((int)frame->di, frame->si, (int)frame->dx, frame->r10);
}

static long call_kill(struct trap_frame *frame)
{
    return process_kill((int)frame->di, (int)frame->si);
}

static long call_set_tid_address(struct trap_frame *frame)
{
    (void)frame; /* of use to threads only */
    return process_current()->pid;
}

static long call_arch_prctl(struct trap_frame *frame)
{
    struct process *process = process_current();
    uint64_t base = frame->si;

    switch ((int)frame->di) {
    case ARCH_SET_FS:
        if (base >= SPACE_END)
            return -EPERM;
        process_set_fs_base(base);
        return 0;
    case ARCH_GET_FS:
        return space_copy_out(process->space, base, &process->fs_base,
                              sizeof(process->fs_base));
    default:
        return -EINVAL;
    }
}

static long (*const calls[])(struct trap_frame *frame) = {
    [0] = call_read,
    [1] = call_write,
    [3] = call_close,
    [9] = call_mmap,
    [10] = call_mprotect,
    [11] = call_munmap,
    [12] = call_brk,
    [13] = call_rt_sigaction,
    [15] = call_rt_sigreturn,
    [20] = call_writev,
    [22] = call_pipe,
    [24] = call_sched_yield,
    [33] = call_dup2,
    [35] = call_nanosleep,
    [39] = call_getpid,
    [57] = call_fork,
    [58] = call_vfork,
    [59] = call_execve,
    [60] = call_exit,
    [61] = call_wait4,
    [62] = call_kill,
    [63] = call_uname,
    [99] = call_sysinfo,
    [158] = call_arch_prctl,
    [218] = call_set_tid_address,
    [228] = call_clock_gettime,
    [231] = call_exit, /* exit_group: a process is one thread */
    [293] = call_pipe2,
};

void syscall_handle(struct trap_frame *frame)
{
    uint32_t number = (uint32_t)frame->ax; /* as Linux: 32 bits of it */

    kernel_enter();
    if (number >= sizeof(calls) / sizeof(calls[0]) || !calls[number])
        frame->ax = (uint64_t)-ENOSYS;
    else
        frame->ax = (uint64_t)calls[number](frame);
}

/* In syscall_64.S. */
void syscall_entry(void);
void syscall_entry_hypervisor(void);

void syscall_init(void)
{
    const struct pvops_selectors *selectors = pvops_cpu_selectors();

    if ((pvops_caps() & PVOPS_CAP_RING0) &&
        (selectors->user_cs != SYSCALL_USER_CS ||
         selectors->user_ss != SYSCALL_USER_SS))
        panic("the GDT's selectors are not those of syscall_abi.h");
    pvops_cpu_set_syscall_entry(syscall_entry, syscall_entry_hypervisor);
}
