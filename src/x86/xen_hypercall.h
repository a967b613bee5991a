/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls of Xen, in two layers: xen__*() by number, below it what the
 * library's files call. Results are Xen's: 0 or more, or -XEN_E*.
 *
 * pvi_xen_find() comes first. Nothing here allocates, logs or waits.
 */
#ifndef X86_XEN_HYPERCALL_H
#define X86_XEN_HYPERCALL_H

#include <pvops/clock.h>

#include "abi/xen.h"
#include "abi/xen_hvm.h"
#include "abi/xen_pv.h"

/*
 * Learn by which instruction to call Xen: from how the kernel was entered, and
 * on HVM from the CPU's maker. False: this is no domain of Xen's, or it does
 * not answer. May be called at any time and again; boot CPU.
 */
bool pvi_xen_find(const struct pvops_info *info);

/* What pvi_xen_find() returned last. */
bool pvi_xen_found(void);

/* The only way down. The unit tests have a Xen of their own in its place. */
long pvi_xen_call(unsigned long number, unsigned long a1, unsigned long a2,
                  unsigned long a3, unsigned long a4);

static inline long xen__call(unsigned number, unsigned long command, void *arg)
{
    return pvi_xen_call(number, command, (uintptr_t)arg, 0, 0);
}

static inline long xen__vcpu_op(unsigned command, unsigned vcpu, void *arg)
{
    return pvi_xen_call(__HYPERVISOR_vcpu_op, command, vcpu, (uintptr_t)arg, 0);
}

static inline long xen__event_channel_op(unsigned command, void *arg)
{
    return xen__call(__HYPERVISOR_event_channel_op, command, arg);
}

static inline long xen__sched_op(unsigned command, void *arg)
{
    return xen__call(__HYPERVISOR_sched_op, command, arg);
}

/* major << 16 | minor */
static inline long xen_version(void)
{
    return xen__call(__HYPERVISOR_xen_version, XENVER_version, NULL);
}

/* 'out' is ".4" or "-rc1.2", NUL-terminated. */
static inline long xen_extraversion(xen_extraversion_t *out)
{
    return xen__call(__HYPERVISOR_xen_version, XENVER_extraversion, out);
}

/* 1u << XENFEAT_*; 0 if Xen does not say. */
static inline uint32_t xen_features(void)
{
    struct xen_feature_info info = { .submap_idx = 0 };

    if (xen__call(__HYPERVISOR_xen_version, XENVER_get_features, &info) < 0)
        return 0;
    return info.submap;
}

/* Domain 0 and debug builds only: others are mute, or refused. */
static inline long xen_console_write(const char *bytes, size_t size)
{
    return pvi_xen_call(__HYPERVISOR_console_io, CONSOLEIO_write, size,
                        (uintptr_t)bytes, 0);
}

/* Bytes read, at once. */
static inline long xen_console_read(char *bytes, size_t size)
{
    return pvi_xen_call(__HYPERVISOR_console_io, CONSOLEIO_read, size,
                        (uintptr_t)bytes, 0);
}

static inline long xen_yield(void)
{
    return xen__sched_op(SCHEDOP_yield, NULL);
}

/* PV: unmasks the upcall first. */
static inline long xen_block(void)
{
    return xen__sched_op(SCHEDOP_block, NULL);
}

/* Waits until events are unmasked and pending; with them masked, for good. */
static inline long xen_poll_nothing(void)
{
    uint32_t none = 0;
    struct sched_poll poll = { .ports = &none };

    return xen__sched_op(SCHEDOP_poll, &poll);
}

/* Until our 'port', which may be masked, is pending, or as above. */
static inline long xen_poll(uint32_t port)
{
    struct sched_poll poll = { .ports = &port, .nr_ports = 1 };

    return xen__sched_op(SCHEDOP_poll, &poll);
}

/* Does not come back. */
static inline long xen_shutdown(unsigned reason)
{
    struct sched_shutdown shutdown = { .reason = reason };

    return xen__sched_op(SCHEDOP_shutdown, &shutdown);
}

/*
 * PV: 0 in the domain that was restored, 1 in this one if it goes on. The frame
 * of start_info is in RDX, where the tools look for it and put the new one.
 */
static inline long xen_suspend(uint64_t start_info_mfn)
{
    struct sched_shutdown shutdown = { .reason = SHUTDOWN_suspend };

    return pvi_xen_call(__HYPERVISOR_sched_op, SCHEDOP_shutdown,
                        (uintptr_t)&shutdown, (unsigned long)start_info_mfn, 0);
}

/* To the other end of our 'port'. */
static inline long xen_send(uint32_t port)
{
    struct evtchn_port send = { .port = port };

    return xen__event_channel_op(EVTCHNOP_send, &send);
}

static inline long xen_unmask(uint32_t port)
{
    struct evtchn_port unmask = { .port = port };

    return xen__event_channel_op(EVTCHNOP_unmask, &unmask);
}

static inline long xen_close(uint32_t port)
{
    struct evtchn_port close = { .port = port };

    return xen__event_channel_op(EVTCHNOP_close, &close);
}

/* The new port, or -XEN_EEXIST. */
static inline long xen_bind_virq(unsigned virq, unsigned vcpu)
{
    struct evtchn_bind_virq bind = { .virq = virq, .vcpu = vcpu };
    long result = xen__event_channel_op(EVTCHNOP_bind_virq, &bind);

    return result < 0 ? result : (long)bind.port;
}

/* A port that any VCPU of the domain sends to, and that is for 'vcpu'. */
static inline long xen_bind_ipi(unsigned vcpu)
{
    struct evtchn_bind_ipi bind = { .vcpu = vcpu };
    long result = xen__event_channel_op(EVTCHNOP_bind_ipi, &bind);

    return result < 0 ? result : (long)bind.port;
}

/* 'out' of our own 'port'. */
static inline long xen_event_status(uint32_t port, struct evtchn_status *out)
{
    out->dom = DOMID_SELF;
    out->port = port;
    return xen__event_channel_op(EVTCHNOP_status, out);
}

/* PV: 'context' is a struct vcpu_guest_context; HVM: vcpu_hvm_context. */
static inline long xen_initialise(unsigned vcpu, void *context)
{
    return xen__vcpu_op(VCPUOP_initialise, vcpu, context);
}

static inline long xen_up(unsigned vcpu)
{
    return xen__vcpu_op(VCPUOP_up, vcpu, NULL);
}

/* 1, or 0, or -XEN_ENOENT: the domain has no such VCPU. */
static inline long xen_is_up(unsigned vcpu)
{
    return xen__vcpu_op(VCPUOP_is_up, vcpu, NULL);
}

/* Xen writes to the 64 bytes at 'offset' of 'frame' from now on. */
static inline long xen_register_vcpu_info(unsigned vcpu, uint64_t frame,
                                          unsigned offset)
{
    struct vcpu_register_vcpu_info info = { .mfn = frame, .offset = offset };

    return xen__vcpu_op(VCPUOP_register_vcpu_info, vcpu, &info);
}

static inline long xen_runstate(unsigned vcpu, struct vcpu_runstate_info *out)
{
    return xen__vcpu_op(VCPUOP_get_runstate_info, vcpu, out);
}

/* VIRQ_TIMER once when Xen's system time is 'at_ns'; at once if it is past. */
static inline long xen_set_timer(unsigned vcpu, uint64_t at_ns)
{
    struct vcpu_set_singleshot_timer timer = { .timeout_abs_ns = at_ns };

    return xen__vcpu_op(VCPUOP_set_singleshot_timer, vcpu, &timer);
}

static inline long xen_stop_timer(unsigned vcpu)
{
    return xen__vcpu_op(VCPUOP_stop_singleshot_timer, vcpu, NULL);
}

/* Before set_singleshot_timer there was this one, for the VCPU that calls. */
static inline long xen_set_timer_op(uint64_t at_ns)
{
#ifdef __x86_64__
    return pvi_xen_call(__HYPERVISOR_set_timer_op, at_ns, 0, 0, 0);
#else
    return pvi_xen_call(__HYPERVISOR_set_timer_op, (uint32_t)at_ns,
                        (uint32_t)(at_ns >> 32), 0, 0);
#endif
}

/* A PV domain is ticked 100 times a second until it says no. */
static inline long xen_stop_periodic_timer(unsigned vcpu)
{
    return xen__vcpu_op(VCPUOP_stop_periodic_timer, vcpu, NULL);
}

static inline long xen_set_periodic_timer(unsigned vcpu, uint64_t period_ns)
{
    struct vcpu_set_periodic_timer timer = { .period_ns = period_ns };

    return xen__vcpu_op(VCPUOP_set_periodic_timer, vcpu, &timer);
}

/* HVM: 'out_value' of HVM_PARAM_*. */
static inline long xen_hvm_get_param(uint32_t index, uint64_t *out_value)
{
    struct xen_hvm_param param = { .domid = DOMID_SELF, .index = index };
    long result = xen__call(__HYPERVISOR_hvm_op, HVMOP_get_param, &param);

    *out_value = param.value;
    return result;
}

static inline long xen_hvm_set_param(uint32_t index, uint64_t value)
{
    struct xen_hvm_param param = {
        .domid = DOMID_SELF,
        .index = index,
        .value = value,
    };

    return xen__call(__HYPERVISOR_hvm_op, HVMOP_set_param, &param);
}

/*
 * HVM: events of 'vcpu' come at 'vector' of its local APIC, from now on: there
 * is no way back, a vector below 16 is -XEN_EINVAL.
 */
static inline long xen_hvm_upcall_vector(unsigned vcpu, uint8_t vector)
{
    struct xen_hvm_evtchn_upcall_vector upcall = {
        .vcpu = vcpu,
        .vector = vector,
    };

    return xen__call(__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector,
                     &upcall);
}

/* HVM: on every VCPU. */
static inline long xen_hvm_flush_tlbs(void)
{
    return xen__call(__HYPERVISOR_hvm_op, HVMOP_flush_tlbs, NULL);
}

/* HVM: the shared_info page replaces the RAM at 'frame'. */
static inline long xen_hvm_map_shared_info(unsigned long frame)
{
    struct xen_add_to_physmap map = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_shared_info,
        .gpfn = frame,
    };

    return xen__call(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &map);
}

#ifdef __x86_64__

/* dom0: the kernel may use ports at this privilege level and below. */
static inline long xen_set_iopl(unsigned iopl)
{
    struct physdev_set_iopl set = { .iopl = iopl };

    return xen__call(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iopl, &set);
}

/* 'traps' ends with an address of 0. */
static inline long xen_set_trap_table(const struct trap_info *traps)
{
    return pvi_xen_call(__HYPERVISOR_set_trap_table, (uintptr_t)traps, 0, 0, 0);
}

static inline long xen_set_gdt(const unsigned long *frames, unsigned entries)
{
    return pvi_xen_call(__HYPERVISOR_set_gdt, (uintptr_t)frames, entries, 0, 0);
}

static inline long xen_stack_switch(uintptr_t ss, uintptr_t stack)
{
    return pvi_xen_call(__HYPERVISOR_stack_switch, ss, stack, 0, 0);
}

static inline long xen_set_segment_base(unsigned which, uintptr_t base)
{
    return pvi_xen_call(__HYPERVISOR_set_segment_base, which, base, 0, 0);
}

/* 'address' is entered as CALLBACKTYPE_* says. */
static inline long xen_register_callback(uint16_t type, uint16_t flags,
                                         uintptr_t address)
{
    struct callback_register callback = {
        .type = type,
        .flags = flags,
        .address = address,
    };

    return xen__call(__HYPERVISOR_callback_op, CALLBACKOP_register, &callback);
}

static inline long xen__update_va_mapping(uintptr_t address, uint64_t entry,
                                          unsigned flush)
{
    return pvi_xen_call(__HYPERVISOR_update_va_mapping, address, entry, flush,
                        0);
}

/* The level-1 entry of 'address' in the address space that is active. */
static inline long xen_update_va_mapping(uintptr_t address, uint64_t entry)
{
    return xen__update_va_mapping(address, entry, UVMF_INVLPG);
}

/* 'out_done' is how many were done before the one that was refused. */
static inline long xen_mmu_update(const struct mmu_update *updates,
                                  unsigned count, unsigned *out_done)
{
    return pvi_xen_call(__HYPERVISOR_mmu_update, (uintptr_t)updates, count,
                        (uintptr_t)out_done, DOMID_SELF);
}

static inline long xen_mmuext_op(const struct mmuext_op *ops, unsigned count,
                                 unsigned *out_done)
{
    return pvi_xen_call(__HYPERVISOR_mmuext_op, (uintptr_t)ops, count,
                        (uintptr_t)out_done, DOMID_SELF);
}

/* Whether Xen took the list; 'calls' have their own results. */
static inline long xen_multicall(struct multicall_entry *calls, unsigned count)
{
    return pvi_xen_call(__HYPERVISOR_multicall, (uintptr_t)calls, count, 0, 0);
}

#endif

#endif /* X86_XEN_HYPERCALL_H */
