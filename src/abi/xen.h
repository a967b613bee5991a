/* SPDX-License-Identifier: MIT */
/*
 * What every Xen domain shares with Xen: hypercall numbers, shared_info,
 * events, features. Facts only; names as in the source. Also read by assembly.
 *
 * Layouts are those of the caller's own width: a 32-bit HVM domain has 32-bit
 * words here, which Xen learns as described at HVM_PARAM_CALLBACK_IRQ.
 *
 * Source: Xen 4.17 xen/include/public/xen.h, features.h, version.h, sched.h,
 *         event_channel.h, vcpu.h, errno.h, io/console.h,
 *         arch-x86/xen-x86_{32,64}.h.
 */
#ifndef ABI_XEN_H
#define ABI_XEN_H

#define __HYPERVISOR_set_trap_table    0
#define __HYPERVISOR_mmu_update        1
#define __HYPERVISOR_set_gdt           2
#define __HYPERVISOR_stack_switch      3
#define __HYPERVISOR_set_callbacks     4
#define __HYPERVISOR_fpu_taskswitch    5
#define __HYPERVISOR_set_debugreg      8
#define __HYPERVISOR_get_debugreg      9
#define __HYPERVISOR_update_descriptor 10
#define __HYPERVISOR_memory_op         12
#define __HYPERVISOR_multicall         13
#define __HYPERVISOR_update_va_mapping 14
#define __HYPERVISOR_set_timer_op      15
#define __HYPERVISOR_xen_version       17
#define __HYPERVISOR_console_io        18
#define __HYPERVISOR_grant_table_op    20
#define __HYPERVISOR_vm_assist         21
#define __HYPERVISOR_iret              23
#define __HYPERVISOR_set_segment_base  25
#define __HYPERVISOR_mmuext_op         26
#define __HYPERVISOR_sched_op          29
#define __HYPERVISOR_callback_op       30
#define __HYPERVISOR_event_channel_op  32
#define __HYPERVISOR_physdev_op        33
#define __HYPERVISOR_hvm_op            34

#define SCHEDOP_yield    0
#define SCHEDOP_block    1 /* unmasks this VCPU's upcall, then waits */
#define SCHEDOP_shutdown 2
#define SCHEDOP_poll     3

#define SHUTDOWN_poweroff 0
#define SHUTDOWN_reboot   1
#define SHUTDOWN_suspend  2
#define SHUTDOWN_crash    3

/* struct vcpu_info, for assembly */
#define XEN_VCPU_INFO_PENDING 0
#define XEN_VCPU_INFO_MASK    1
#ifdef __x86_64__
#define XEN_VCPU_INFO_CR2 16
#else
#define XEN_VCPU_INFO_CR2 8
#endif

#ifndef __ASSEMBLER__

#include "abi/abi.h"
#include "abi/pvclock.h"
#include "abi/xen_time.h" /* vcpu_op, its time areas, CPUID leaves */

#define DOMID_SELF 0x7ff0u
#define DOMID_IO   0x7ff1u /* frames that are no RAM, for mmu_update */

/* Hypercalls return these, negative. */
#define XEN_EPERM      1
#define XEN_ENOENT     2
#define XEN_ESRCH      3
#define XEN_ENXIO      6
#define XEN_E2BIG      7
#define XEN_ENOMEM     12
#define XEN_EACCES     13
#define XEN_EFAULT     14
#define XEN_EBUSY      16
#define XEN_EEXIST     17
#define XEN_ENODEV     19
#define XEN_EINVAL     22
#define XEN_ENOSPC     28
#define XEN_ENOSYS     38
#define XEN_ETIME      62
#define XEN_EOPNOTSUPP 95

/* version.h: commands of __HYPERVISOR_xen_version */
#define XENVER_version             0 /* returns major << 16 | minor */
#define XENVER_extraversion        1
#define XENVER_compile_info        2
#define XENVER_capabilities        3
#define XENVER_changeset           4
#define XENVER_platform_parameters 5 /* out: unsigned long virt_start */
#define XENVER_get_features        6
#define XENVER_pagesize            7
#define XENVER_guest_handle        8 /* out: the domain's uuid, 16 bytes */
#define XENVER_commandline         9

typedef char xen_extraversion_t[16];
typedef char xen_capabilities_info_t[1024];
typedef char xen_changeset_info_t[64];
typedef char xen_commandline_t[1024];

struct xen_compile_info {
    char compiler[64];
    char compile_by[16];
    char compile_domain[32];
    char compile_date[32];
};

ABI_SIZE(struct xen_compile_info, 144);

struct xen_feature_info {
    uint32_t submap_idx; /* in */
    uint32_t submap;     /* out: 1u << XENFEAT_* */
};

ABI_SIZE(struct xen_feature_info, 8);

#define XENFEAT_writable_page_tables       0
#define XENFEAT_writable_descriptor_tables 1
#define XENFEAT_auto_translated_physmap    2
#define XENFEAT_supervisor_mode_kernel     3
#define XENFEAT_pae_pgdir_above_4gb        4 /* any table anywhere */
#define XENFEAT_mmu_pt_update_preserve_ad  5
#define XENFEAT_highmem_assist             6 /* MMUEXT_{CLEAR,COPY}_PAGE */
#define XENFEAT_gnttab_map_avail_bits      7
#define XENFEAT_hvm_callback_vector        8
#define XENFEAT_hvm_safe_pvclock           9
#define XENFEAT_hvm_pirqs                  10
#define XENFEAT_dom0                       11 /* operation as dom0 is known */
#define XENFEAT_linux_rsdp_unrestricted    15 /* PVH: RSDP above 1 MiB */

/* vcpu.h: commands of __HYPERVISOR_vcpu_op; the argument is a VCPU, then: */
/*
 * From a context: PV's struct vcpu_guest_context, HVM's struct
 * vcpu_hvm_context. Once: then -EEXIST, and what VCPUOP_up brings back is in
 * VCPUOP_down still. -EINVAL if its number has no place in shared_info and no
 * vcpu_info was registered. An HVM VCPU that took INIT begins anew.
 * Source: xen/common/domain.c, common_vcpu_op(); xen/arch/x86/domain.c,
 *         arch_initialise_vcpu(); xen/arch/x86/hvm/vlapic.c,
 *         vlapic_init_sipi_one().
 */
#define VCPUOP_initialise                    0
#define VCPUOP_up                            1
#define VCPUOP_down                          2
#define VCPUOP_is_up                         3 /* 1; 0: down */
#define VCPUOP_get_runstate_info             4
#define VCPUOP_register_runstate_memory_area 5
#define VCPUOP_set_periodic_timer            6
#define VCPUOP_stop_periodic_timer           7
#define VCPUOP_set_singleshot_timer          8
#define VCPUOP_stop_singleshot_timer         9
#define VCPUOP_register_vcpu_info            10

#define RUNSTATE_running  0
#define RUNSTATE_runnable 1 /* stolen: it could run, and does not */
#define RUNSTATE_blocked  2
#define RUNSTATE_offline  3

struct vcpu_runstate_info {
    int32_t state; /* RUNSTATE_* */
    uint64_t state_entry_time;
    uint64_t time[4]; /* ns in each state */
};

#ifdef __x86_64__
ABI_SIZE(struct vcpu_runstate_info, 48);
#else
ABI_SIZE(struct vcpu_runstate_info, 44);
#endif

struct vcpu_set_singleshot_timer {
    uint64_t timeout_abs_ns; /* of Xen's system time */
    uint32_t flags;
};
#define VCPU_SSHOTTMR_future_BIT 0 /* -ETIME if it is past */
#define VCPU_SSHOTTMR_future     (1u << VCPU_SSHOTTMR_future_BIT)

#ifdef __x86_64__
ABI_SIZE(struct vcpu_set_singleshot_timer, 16);
#else
ABI_SIZE(struct vcpu_set_singleshot_timer, 12);
#endif

struct vcpu_set_periodic_timer {
    uint64_t period_ns; /* 1 ms or more */
};
/* A PV domain's, from the beginning. Source: xen/arch/x86/pv/domain.c */
#define XEN_PV_PERIOD_NS 10000000

ABI_SIZE(struct vcpu_set_periodic_timer, 8);

/* Once per VCPU: a second call is -EINVAL, whatever it says. */
struct vcpu_register_vcpu_info {
    uint64_t mfn; /* PVH and HVM: the guest's own frame number */
    uint32_t offset;
    uint32_t rsvd;
};

ABI_SIZE(struct vcpu_register_vcpu_info, 16);

/* event_channel.h: commands of __HYPERVISOR_event_channel_op */
#define EVTCHNOP_bind_interdomain 0
#define EVTCHNOP_bind_virq        1
#define EVTCHNOP_bind_pirq        2
#define EVTCHNOP_close            3
#define EVTCHNOP_send             4
#define EVTCHNOP_status           5
#define EVTCHNOP_alloc_unbound    6
#define EVTCHNOP_bind_ipi         7
#define EVTCHNOP_bind_vcpu        8
#define EVTCHNOP_unmask           9
#define EVTCHNOP_reset            10

#define VIRQ_TIMER   0 /* one per VCPU */
#define VIRQ_DEBUG   1 /* one per VCPU */
#define VIRQ_CONSOLE 2 /* dom0; of the domain, for VCPU 0 at first */
#define VIRQ_XENPMU  13
#define VIRQ_ARCH_0  16 /* to 23; ARCH_0 is of machine checks */
#define NR_VIRQS     24

struct evtchn_bind_virq {
    uint32_t virq; /* in */
    uint32_t vcpu; /* in */
    uint32_t port; /* out */
};

/* From any VCPU of the domain to 'vcpu'. */
struct evtchn_bind_ipi {
    uint32_t vcpu; /* in */
    uint32_t port; /* out */
};

/* Of close, send and unmask. */
struct evtchn_port {
    uint32_t port;
};

struct evtchn_alloc_unbound {
    uint16_t dom, remote_dom; /* in */
    uint32_t port;            /* out */
};

struct evtchn_bind_interdomain {
    uint16_t remote_dom;  /* in */
    uint32_t remote_port; /* in */
    uint32_t local_port;  /* out */
};

struct evtchn_bind_vcpu {
    uint32_t port, vcpu; /* in */
};

ABI_SIZE(struct evtchn_alloc_unbound, 8);
ABI_SIZE(struct evtchn_bind_interdomain, 12);
ABI_SIZE(struct evtchn_bind_vcpu, 8);

#define EVTCHNSTAT_closed      0
#define EVTCHNSTAT_unbound     1
#define EVTCHNSTAT_interdomain 2
#define EVTCHNSTAT_pirq        3
#define EVTCHNSTAT_virq        4
#define EVTCHNSTAT_ipi         5

struct evtchn_status {
    uint16_t dom;    /* in */
    uint32_t port;   /* in */
    uint32_t status; /* out: EVTCHNSTAT_* */
    uint32_t vcpu;   /* out */
    union {
        uint32_t virq;
        uint32_t words[2];
    } u; /* out */
};

ABI_SIZE(struct evtchn_bind_virq, 12);
ABI_SIZE(struct evtchn_bind_ipi, 8);
ABI_SIZE(struct evtchn_port, 4);
ABI_SIZE(struct evtchn_status, 24);

struct sched_shutdown {
    uint32_t reason; /* SHUTDOWN_* */
};

/*
 * Until one of the ports, which may be masked, is pending, and stays so, or an
 * event is unmasked and pending. Of no ports and without a timeout: the latter.
 */
struct sched_poll {
    const uint32_t *ports;
    uint32_t nr_ports;
    uint64_t timeout; /* absolute, ns of Xen's system time; 0: none */
};

ABI_SIZE(struct sched_shutdown, 4);
#ifdef __x86_64__
ABI_SIZE(struct sched_poll, 24);
#else
ABI_SIZE(struct sched_poll, 16);
#endif

/* CONSOLEIO_*: commands of __HYPERVISOR_console_io: command, bytes, buffer */
#define CONSOLEIO_write 0 /* returns 0 */
#define CONSOLEIO_read  1 /* returns bytes read */

struct xencons_interface {
    char in[1024];
    char out[2048];
    uint32_t in_cons, in_prod; /* free running */
    uint32_t out_cons, out_prod;
};

ABI_OFFSET(struct xencons_interface, out_prod, 3084);
ABI_SIZE(struct xencons_interface, 3088);

struct vcpu_info {
    uint8_t evtchn_upcall_pending;
    uint8_t evtchn_upcall_mask; /* PV only */
    unsigned long evtchn_pending_sel;
    struct {
        unsigned long cr2;
#ifdef __x86_64__
        unsigned long pad;
#else
        unsigned long pad[5];
#endif
    } arch;
    struct pvclock_vcpu_time_info time;
};

ABI_SIZE(struct vcpu_info, 64);
ABI_OFFSET(struct vcpu_info, evtchn_upcall_pending, XEN_VCPU_INFO_PENDING);
ABI_OFFSET(struct vcpu_info, evtchn_upcall_mask, XEN_VCPU_INFO_MASK);
ABI_OFFSET(struct vcpu_info, evtchn_pending_sel, sizeof(long));
ABI_OFFSET(struct vcpu_info, arch.cr2, XEN_VCPU_INFO_CR2);
ABI_OFFSET(struct vcpu_info, time, XEN_SHARED_INFO_TIME);

#define XEN_LEGACY_MAX_VCPUS 32

struct shared_info {
    struct vcpu_info vcpu_info[XEN_LEGACY_MAX_VCPUS];
    /* One bit a port; a set bit of evtchn_pending_sel is a word of it. */
    unsigned long evtchn_pending[sizeof(long) * 8];
    unsigned long evtchn_mask[sizeof(long) * 8];
    /* Time of day at system time 0; the version as in the time area. */
    uint32_t wc_version;
    uint32_t wc_sec;
    uint32_t wc_nsec;
#ifdef __x86_64__
    uint32_t wc_sec_hi;
#endif
    struct {
        unsigned long max_pfn;
        unsigned long pfn_to_mfn_frame_list_list;
        unsigned long nmi_reason;
        unsigned long p2m_cr3;
        unsigned long p2m_vaddr;
        unsigned long p2m_generation;
#ifndef __x86_64__
        uint32_t wc_sec_hi;
#endif
    } arch;
};

ABI_OFFSET(struct shared_info, evtchn_pending, 2048);
#ifdef __x86_64__
ABI_OFFSET(struct shared_info, evtchn_mask, 2560);
ABI_OFFSET(struct shared_info, wc_version, 3072);
ABI_OFFSET(struct shared_info, wc_sec_hi, 3084);
ABI_OFFSET(struct shared_info, arch.p2m_generation, 3128);
ABI_SIZE(struct shared_info, 3136);
#else
ABI_OFFSET(struct shared_info, evtchn_mask, 2176);
ABI_OFFSET(struct shared_info, wc_version, 2304);
ABI_OFFSET(struct shared_info, arch.wc_sec_hi, 2340);
ABI_SIZE(struct shared_info, 2344);
#endif

#endif /* __ASSEMBLER__ */

#endif /* ABI_XEN_H */
