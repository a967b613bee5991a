/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls: each returns Xen's result, or -XEN_E*. Arguments are the guest's
 * words; one that is not given is whatever the register holds.
 */
#ifndef SHIM_CALL_CALLS_H
#define SHIM_CALL_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"

typedef long hypercall(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

enum { HYPERCALLS = 64 };
extern hypercall *const hypercalls[HYPERCALLS];
extern const uint64_t hypercall_count;

/* -XEN_ENOSYS, and one line in the log for the first of each. */
long call_unknown(const char *call, uint64_t command);
long hypercall_unknown(uint64_t number);

/* What is done of a list, in entries of tables, before interrupts are let in.
 */
enum { CALL_MOST = 512 };

/*
 * A call that has done a part: it changes its arguments, of which 1 is the
 * first and 3 the last that can be, and returns what call_again() does of its
 * own number. The guest, or the list that it is in, makes it again.
 */
void call_argument(unsigned number, uint64_t value);
long call_again(unsigned number);

/* mmu_update or mmuext_op with more entries than 'most', or
 * MMU_UPDATE_PREEMPTED.
 */
struct call_list {
    uint64_t at, entry_bytes;
    uint32_t count;
    uint64_t done, domid;
};
long call_part(unsigned number, uint32_t most, struct call_list list);

/* What one returns after which this VCPU may be down; in a list that waits. */
long call_look_down(long result);

/* The only domain, by either of its names. */
static inline bool call_is_self(uint32_t domid)
{
    return domid == DOMID_SELF || domid == 0;
}

long call_set_trap_table(uint64_t traps);
long call_mmu_update(uint64_t updates, uint64_t count, uint64_t done,
                     uint64_t domid);
long call_set_gdt(uint64_t frame_list, uint64_t entries);
long call_stack_switch(uint64_t ss, uint64_t stack);
long call_set_callbacks(uint64_t event, uint64_t failsafe, uint64_t syscall);
long call_fpu_taskswitch(uint64_t set);
long call_platform_op(uint64_t argument);
long call_set_debugreg(uint64_t number, uint64_t value);
long call_get_debugreg(uint64_t number);
long call_update_descriptor(uint64_t machine, uint64_t descriptor);
long call_memory_op(uint64_t command, uint64_t argument);
long call_multicall(uint64_t calls, uint64_t count);
long call_update_va_mapping(uint64_t address, uint64_t value, uint64_t flags);
long call_set_timer_op(uint64_t at_ns);
long call_xen_version(uint64_t command, uint64_t argument);
long call_console_io(uint64_t command, uint64_t count, uint64_t buffer);
long call_grant_table_op(uint64_t command, uint64_t argument, uint64_t count);
long call_vm_assist(uint64_t command, uint64_t type);
long call_iret(void);
long call_vcpu_op(uint64_t command, uint64_t vcpu, uint64_t argument);
long call_set_segment_base(uint64_t which, uint64_t base);
long call_mmuext_op(uint64_t ops, uint64_t count, uint64_t done,
                    uint64_t domid);
long call_sched_op(uint64_t command, uint64_t argument);
long call_callback_op(uint64_t command, uint64_t argument);
long call_event_channel_op(uint64_t command, uint64_t argument);
long call_physdev_op(uint64_t command, uint64_t argument);

/* MMUEXT_NEW_BASEPTR, which is CR3 as well. */
long mmuext_new_root(uint64_t frame);

#endif /* SHIM_CALL_CALLS_H */
