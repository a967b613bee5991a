/* SPDX-License-Identifier: MIT */
/*
 * Which function is which hypercall.
 */
#include "call/calls.h"

#include "abi/xen_platform.h"
#include "abi/xen_pv.h"
#include "domain/vcpu.h"
#include "log.h"

enum { SEEN_MOST = 64 };

static struct {
    const char *call;
    uint64_t command;
} seen[SEEN_MOST];
static unsigned seen_count;

long call_unknown(const char *call, uint64_t command)
{
    for (unsigned i = 0; i < seen_count; i++) {
        if (seen[i].call == call && seen[i].command == command)
            return -XEN_ENOSYS;
    }
    if (seen_count < SEEN_MOST) {
        seen[seen_count].call = call;
        seen[seen_count++].command = command;
        log_line("%s %llu is not there", call, wide_number(command));
    }
    return -XEN_ENOSYS;
}

long hypercall_unknown(uint64_t number)
{
    return call_unknown("hypercall", number);
}

/* Which one it was is still where the guest has put it. */
static long none(void)
{
    const struct vcpu *vcpu = vcpu_this();

    return hypercall_unknown(vcpu->listed ? vcpu->listed->op : vcpu->regs.rax);
}

#define CALL(function) ((hypercall *)(void (*)(void))(function))

const uint64_t hypercall_count = HYPERCALLS;

/* Those that are not named. */
#define NONE(from, to) [from... to] = CALL(none)

hypercall *const hypercalls[HYPERCALLS] = {
    [__HYPERVISOR_set_trap_table] = CALL(call_set_trap_table),
    [__HYPERVISOR_mmu_update] = CALL(call_mmu_update),
    [__HYPERVISOR_set_gdt] = CALL(call_set_gdt),
    [__HYPERVISOR_stack_switch] = CALL(call_stack_switch),
    [__HYPERVISOR_set_callbacks] = CALL(call_set_callbacks),
    [__HYPERVISOR_fpu_taskswitch] = CALL(call_fpu_taskswitch),
    [__HYPERVISOR_platform_op] = CALL(call_platform_op),
    [__HYPERVISOR_set_debugreg] = CALL(call_set_debugreg),
    [__HYPERVISOR_get_debugreg] = CALL(call_get_debugreg),
    [__HYPERVISOR_update_descriptor] = CALL(call_update_descriptor),
    [__HYPERVISOR_memory_op] = CALL(call_memory_op),
    [__HYPERVISOR_multicall] = CALL(call_multicall),
    [__HYPERVISOR_update_va_mapping] = CALL(call_update_va_mapping),
    [__HYPERVISOR_set_timer_op] = CALL(call_set_timer_op),
    [__HYPERVISOR_xen_version] = CALL(call_xen_version),
    [__HYPERVISOR_console_io] = CALL(call_console_io),
    [__HYPERVISOR_grant_table_op] = CALL(call_grant_table_op),
    [__HYPERVISOR_vm_assist] = CALL(call_vm_assist),
    [__HYPERVISOR_iret] = CALL(call_iret),
    [__HYPERVISOR_vcpu_op] = CALL(call_vcpu_op),
    [__HYPERVISOR_set_segment_base] = CALL(call_set_segment_base),
    [__HYPERVISOR_mmuext_op] = CALL(call_mmuext_op),
    [__HYPERVISOR_sched_op] = CALL(call_sched_op),
    [__HYPERVISOR_callback_op] = CALL(call_callback_op),
    [__HYPERVISOR_event_channel_op] = CALL(call_event_channel_op),
    [__HYPERVISOR_physdev_op] = CALL(call_physdev_op),
    NONE(6, 6),
    NONE(11, 11),
    NONE(16, 16),
    NONE(19, 19),
    NONE(22, 22),
    NONE(27, 28),
    NONE(31, 31),
    NONE(34, 63),
};
