/* SPDX-License-Identifier: MIT */
/*
 * Xen's interface, as the report tries it. Facts only; typed again here, so
 * that pvk needs nothing of src/ and a mistake there is not made twice.
 *
 * Source: Xen 4.17 xen/include/public/xen.h, version.h, features.h, memory.h,
 *         platform.h, vcpu.h, event_channel.h, sched.h, grant_table.h,
 *         physdev.h, hvm/hvm_op.h, hvm/params.h, errno.h, arch-x86/cpuid.h.
 */
#ifndef PVK_REPORT_ABI_XEN_H
#define PVK_REPORT_ABI_XEN_H

#include <stdint.h>

enum {
    XEN_PLATFORM_OP = 7,
    XEN_MEMORY_OP = 12,
    XEN_MULTICALL = 13,
    XEN_SET_TIMER_OP = 15,
    XEN_EVENT_CHANNEL_COMPAT = 16,
    XEN_VERSION = 17,
    XEN_CONSOLE_IO = 18,
    XEN_PHYSDEV_COMPAT = 19,
    XEN_GRANT_TABLE_OP = 20,
    XEN_VM_ASSIST = 21,
    XEN_VCPU_OP = 24,
    XEN_MMUEXT_OP = 26,
    XEN_SCHED_OP = 29,
    XEN_EVENT_CHANNEL_OP = 32,
    XEN_PHYSDEV_OP = 33,
    XEN_HVM_OP = 34,
    XEN_NONE = 63,

    XENVER_GET_FEATURES = 6,
    XENVER_PAGESIZE = 7,
    XENVER_BUILD_ID = 10,

    MMUEXT_TLB_FLUSH_LOCAL = 6,
    MMUEXT_INVLPG_ALL = 11,
    HVMOP_FLUSH_TLBS = 5,
    XENPF_GET_CPUINFO = 55,
    XENPF_VERSION = 0x03000001, /* of the interface */
    XEN_PCPU_ONLINE = 1,

    VCPUOP_IS_UP = 3,
    VCPUOP_RUNSTATE = 4,
    VCPUOP_PERIODIC = 6,
    VCPUOP_STOP_PERIODIC = 7,
    VCPUOP_SINGLESHOT = 8,
    VCPUOP_STOP_SINGLESHOT = 9,

    EVTCHNOP_BIND_VIRQ = 1,
    EVTCHNOP_CLOSE = 3,
    EVTCHNOP_SEND = 4,
    EVTCHNOP_STATUS = 5,
    EVTCHNOP_ALLOC_UNBOUND = 6,
    EVTCHNOP_BIND_IPI = 7,
    EVTCHNOP_BIND_VCPU = 8,
    EVTCHNOP_UNMASK = 9,

    SCHEDOP_POLL = 3,

    XEN_EPERM = 1,
    XEN_EACCES = 13,
    XEN_EFAULT = 14,
    XEN_EEXIST = 17,
    XEN_ENODEV = 19,
    XEN_EINVAL = 22,
    XEN_ENOSYS = 38,
    XEN_ENODATA = 61,
    XEN_EOPNOTSUPP = 95,
    XEN_DOMID_SELF = 0x7ff0,
    XEN_EVTCHNSTAT_VIRQ = 4,
};

struct xen_features {
    uint32_t index, map;
};

struct xen_runstate {
    int32_t state; /* 0: it runs */
    uint64_t entered, time[4];
};

struct xen_timer {
    uint64_t at_ns;
    uint32_t flags;
};

struct xen_periodic {
    uint64_t period_ns;
};

struct xen_multicall {
    uintptr_t call, result, args[6];
};

struct xen_grant_version {
    uint16_t dom, pad;
    uint32_t version;
};

/* Of a physical CPU; dom0's. */
struct xen_platform {
    uint32_t command, version;
    union {
        struct {
            uint32_t cpu, max_present, flags, apic_id, acpi_id;
        } info;
        uint64_t pad[16];
    } u;
};
_Static_assert(sizeof(struct xen_platform) == 136, "xen_platform");

struct xen_bind_vcpu {
    uint32_t port, vcpu;
};

struct xen_bind {
    uint32_t virq_or_vcpu, vcpu_or_port, port;
};

struct xen_unbound {
    uint16_t dom, remote;
    uint32_t port;
};

struct xen_event_status {
    uint16_t dom;
    uint32_t port, status, vcpu, more[2];
};

struct xen_poll {
    uint32_t *ports;
    uint32_t count;
    uint64_t timeout_ns;
};

struct xen_grant_size {
    uint16_t dom;
    uint32_t frames, most;
    int16_t status;
};

struct xen_param {
    uint16_t dom, pad;
    uint32_t index;
    uint64_t value;
};

struct xen_mmuext {
    uint32_t command;
    uintptr_t one, two;
};

/*
 * shared_info: 32 structs vcpu_info of 64 bytes, then pending and mask bits, a
 * word each of as many words as a word has bits; then the wall clock.
 */
enum {
    XEN_SHARED_PENDING = 2048,
    XEN_SHARED_WORDS = 8 * sizeof(uintptr_t),
    XEN_SHARED_MASK =
        XEN_SHARED_PENDING + 8 * sizeof(uintptr_t) * sizeof(uintptr_t),
    XEN_SHARED_WALL =
        XEN_SHARED_PENDING + 2 * 8 * sizeof(uintptr_t) * sizeof(uintptr_t),
    XEN_VCPU_TIME = 32,
};

#endif /* PVK_REPORT_ABI_XEN_H */
