/* SPDX-License-Identifier: MIT */
/*
 * Xen's rows. Names as in Xen's public headers. A hypercall that every domain
 * has need not be: -ENOSYS is "absent", except where nothing works without.
 */
#include "report/xen.h"

/* clang-format off */
#define ROW(kind, name, used, where, probe, why)                               \
    { name, REPORT_##kind, used, where, { 0 }, probe, why },

static const struct report_row rows[] = {
    ROW(LEAF, "XEN_CPUID_SIGNATURE", 1, 0, probe_signature, NULL)
    ROW(LEAF, "XEN_CPUID_VERSION", 0, 1, probe_xen_leaf_1, NULL)
    ROW(LEAF, "XEN_CPUID_HYPERCALL", 0, 2, probe_xen_page, NULL)
    ROW(LEAF, "XEN_CPUID_TIME", 1, 3, probe_xen_leaf_3, NULL)
    ROW(LEAF, "XEN_CPUID_HVM", 1, 4, probe_leaf, NULL)
    ROW(LEAF, "XEN_CPUID_PV", 0, 5, probe_leaf, NULL)
    ROW(BIT, "XEN_HVM_CPUID_APIC_ACCESS_VIRT", 0, BY(4, EAX, 0),
        NULL, "a hint: the APIC's registers are in hardware")
    ROW(BIT, "XEN_HVM_CPUID_X2APIC_VIRT", 0, BY(4, EAX, 1),
        NULL, "a hint: x2APIC's registers are in hardware")
    ROW(BIT, "XEN_HVM_CPUID_IOMMU_MAPPINGS", 0, BY(4, EAX, 2),
        NULL, "of grants that devices see")
    ROW(BIT, "XEN_HVM_CPUID_VCPU_ID", 1, BY(4, EAX, 3), probe_xen_vcpu_id, NULL)
    ROW(BIT, "XEN_HVM_CPUID_DOMID", 0, BY(4, EAX, 4), probe_xen_domid, NULL)
    ROW(BIT, "XEN_HVM_CPUID_EXT_DEST_ID", 0, BY(4, EAX, 5),
        NULL, "wants a device whose MSI goes to an APIC id over 255")
    ROW(BIT, "XEN_HVM_CPUID_UPCALL_VECTOR", 0, BY(4, EAX, 6),
        NULL, "said of a call that the library tries without it")
    ROW(BIT, "XENFEAT_writable_page_tables", 0, XEN_FEATURE(0),
        NULL, "page tables are stored to as on bare metal")
    ROW(BIT, "XENFEAT_writable_descriptor_tables", 0, XEN_FEATURE(1),
        NULL, "descriptors are stored to as on bare metal")
    ROW(BIT, "XENFEAT_auto_translated_physmap", 1, XEN_FEATURE(2),
        probe_xen_translated, NULL)
    ROW(BIT, "XENFEAT_supervisor_mode_kernel", 0, XEN_FEATURE(3),
        NULL, "a kernel in ring 0")
    ROW(BIT, "XENFEAT_pae_pgdir_above_4gb", 0, XEN_FEATURE(4),
        NULL, "for 32-bit PV domains")
    ROW(BIT, "XENFEAT_mmu_pt_update_preserve_ad", 1, XEN_FEATURE(5),
        NULL, "of mmu_update's command 2")
    ROW(BIT, "XENFEAT_highmem_assist", 0, XEN_FEATURE(6),
        NULL, "for 32-bit PV domains")
    ROW(BIT, "XENFEAT_gnttab_map_avail_bits", 0, XEN_FEATURE(7),
        NULL, "of grants' page table entries")
    ROW(BIT, "XENFEAT_hvm_callback_vector", 1, XEN_FEATURE(8),
        NULL, "events come by it all the time")
    ROW(BIT, "XENFEAT_hvm_safe_pvclock", 0, XEN_FEATURE(9),
        NULL, "tried at vcpu_time_info")
    ROW(BIT, "XENFEAT_hvm_pirqs", 0, XEN_FEATURE(10), NULL, "wants a device")
    ROW(BIT, "XENFEAT_dom0", 1, XEN_FEATURE(11), probe_xen_dom0, NULL)
    ROW(BIT, "XENFEAT_grant_map_identity", 0, XEN_FEATURE(12), NULL, "ARM's")
    ROW(BIT, "XENFEAT_memory_op_vnode_supported", 0, XEN_FEATURE(13),
        NULL, "of NUMA nodes")
    ROW(BIT, "XENFEAT_ARM_SMCCC_supported", 0, XEN_FEATURE(14), NULL, "ARM's")
    ROW(BIT, "XENFEAT_linux_rsdp_unrestricted", 0, XEN_FEATURE(15),
        NULL, "of Linux as PVH dom0")
    ROW(BIT, "XENFEAT_not_direct_mapped", 0, XEN_FEATURE(16),
        probe_xen_mapped, NULL)
    ROW(BIT, "XENFEAT_direct_mapped", 0, XEN_FEATURE(17),
        probe_xen_mapped, NULL)
    ROW(CLAIM, "vcpu_time_info", 1, 0, probe_xen_time, NULL)
    ROW(CLAIM, "shared_info wall clock", 1, 0, probe_xen_wall, NULL)
    ROW(CALL, "__HYPERVISOR_set_trap_table", 1, 0, probe_xen_in_use, NULL)
    ROW(CALL, "__HYPERVISOR_mmu_update", 1, 1, probe_xen_count_0, NULL)
    ROW(CALL, "__HYPERVISOR_set_gdt", 1, 2, probe_xen_in_use, NULL)
    ROW(CALL, "__HYPERVISOR_stack_switch", 1, 3, probe_xen_in_use, NULL)
    ROW(CALL, "__HYPERVISOR_set_callbacks", 0, 4, probe_xen_in_use, NULL)
    ROW(CALL, "__HYPERVISOR_fpu_taskswitch", 0, 5, probe_xen_asked, NULL)
    ROW(CALL, "__HYPERVISOR_sched_op_compat", 0, 6, probe_xen_asked, NULL)
    ROW(CALL, "__HYPERVISOR_platform_op", 1, 7, probe_xen_platform, NULL)
    ROW(CALL, "__HYPERVISOR_set_debugreg", 0, 8,
        NULL, "would change a debug register")
    ROW(CALL, "__HYPERVISOR_get_debugreg", 0, 9, probe_xen_asked, NULL)
    ROW(CALL, "__HYPERVISOR_update_descriptor", 0, 10,
        NULL, "would change a descriptor")
    ROW(CALL, "XENMEM_maximum_ram_page", 0, XEN_CALL(12, 2),
        probe_xen_pages, NULL)
    ROW(CALL, "XENMEM_current_reservation", 0, XEN_CALL(12, 3),
        probe_xen_pages, NULL)
    ROW(CALL, "XENMEM_add_to_physmap", 1, XEN_CALL(12, 7),
        NULL, "set-up has mapped shared_info by it")
    ROW(CALL, "__HYPERVISOR_multicall", 1, 13, probe_xen_multicall, NULL)
    ROW(CALL, "__HYPERVISOR_update_va_mapping", 1, 14, probe_xen_in_use, NULL)
    ROW(CALL, "__HYPERVISOR_set_timer_op", 1, 15, probe_xen_timer_op, NULL)
    ROW(CALL, "__HYPERVISOR_event_channel_op_compat", 0, 16,
        probe_xen_asked, NULL)
    ROW(CALL, "XENVER_version", 1, XEN_CALL(17, 0), probe_xen_version, NULL)
    ROW(CALL, "XENVER_extraversion", 1, XEN_CALL(17, 1), probe_xen_text, NULL)
    ROW(CALL, "XENVER_compile_info", 0, XEN_CALL(17, 2), probe_xen_text, NULL)
    ROW(CALL, "XENVER_capabilities", 0, XEN_CALL(17, 3), probe_xen_text, NULL)
    ROW(CALL, "XENVER_changeset", 0, XEN_CALL(17, 4), probe_xen_text, NULL)
    ROW(CALL, "XENVER_platform_parameters", 0, XEN_CALL(17, 5),
        probe_xen_text, NULL)
    ROW(CALL, "XENVER_get_features", 1, XEN_CALL(17, 6),
        probe_xen_features, NULL)
    ROW(CALL, "XENVER_pagesize", 0, XEN_CALL(17, 7), probe_xen_pagesize, NULL)
    ROW(CALL, "XENVER_guest_handle", 0, XEN_CALL(17, 8), probe_xen_text, NULL)
    ROW(CALL, "XENVER_commandline", 0, XEN_CALL(17, 9), probe_xen_text, NULL)
    ROW(CALL, "XENVER_build_id", 0, XEN_CALL(17, 10),
        probe_xen_build_id, NULL)
    ROW(CALL, "__HYPERVISOR_console_io", 1, 18, probe_xen_asked, NULL)
    ROW(CALL, "__HYPERVISOR_physdev_op_compat", 0, 19, probe_xen_asked, NULL)
    ROW(CALL, "GNTTABOP_query_size", 0, XEN_CALL(20, 6), probe_xen_grant, NULL)
    ROW(CALL, "GNTTABOP_get_version", 0, XEN_CALL(20, 10),
        probe_xen_grant_version, NULL)
    ROW(CALL, "__HYPERVISOR_vm_assist", 0, 21, probe_xen_assist, NULL)
    ROW(CALL, "__HYPERVISOR_update_va_mapping_otherdomain", 0, 22,
        NULL, "another domain's page tables")
    ROW(CALL, "__HYPERVISOR_iret", 1, 23, probe_xen_in_use, NULL)
    ROW(CALL, "VCPUOP_initialise", 1, XEN_CALL(24, 0),
        NULL, "would begin another VCPU")
    ROW(CALL, "VCPUOP_up", 1, XEN_CALL(24, 1), NULL, "would begin another VCPU")
    ROW(CALL, "VCPUOP_down", 1, XEN_CALL(24, 2), NULL, "would end a VCPU")
    ROW(CALL, "VCPUOP_is_up", 1, XEN_CALL(24, 3), probe_xen_is_up, NULL)
    ROW(CALL, "VCPUOP_get_runstate_info", 1, XEN_CALL(24, 4),
        probe_xen_runstate, NULL)
    ROW(CALL, "VCPUOP_register_runstate_memory_area", 0, XEN_CALL(24, 5),
        NULL, "cannot be taken back")
    ROW(CALL, "VCPUOP_set_periodic_timer", 1, XEN_CALL(24, 6),
        probe_xen_periodic, NULL)
    ROW(CALL, "VCPUOP_stop_periodic_timer", 1, XEN_CALL(24, 7),
        probe_xen_periodic, NULL)
    ROW(CALL, "VCPUOP_set_singleshot_timer", 1, XEN_CALL(24, 8),
        probe_xen_timer, NULL)
    ROW(CALL, "VCPUOP_stop_singleshot_timer", 1, XEN_CALL(24, 9),
        probe_xen_stop, NULL)
    ROW(CALL, "VCPUOP_register_vcpu_info", 1, XEN_CALL(24, 10),
        NULL, "works once, and set-up has done it")
    ROW(CALL, "VCPUOP_send_nmi", 0, XEN_CALL(24, 11),
        NULL, "would interrupt by an NMI")
    ROW(CALL, "VCPUOP_get_physid", 0, XEN_CALL(24, 12), probe_xen_physid, NULL)
    ROW(CALL, "VCPUOP_register_vcpu_time_memory_area", 1, XEN_CALL(24, 13),
        NULL, "the library's clock may have it")
    ROW(CALL, "VCPUOP_register_vcpu_time_phys_area", 1, XEN_CALL(24, 15),
        NULL, "the library's clock may have it")
    ROW(CALL, "__HYPERVISOR_set_segment_base", 1, 25, probe_xen_in_use, NULL)
    ROW(CALL, "__HYPERVISOR_mmuext_op", 1, 26, probe_xen_count_0, NULL)
    ROW(CALL, "MMUEXT_TLB_FLUSH_LOCAL", 1, XEN_CALL(26, 6),
        probe_xen_flush, NULL)
    ROW(CALL, "MMUEXT_INVLPG_LOCAL", 1, XEN_CALL(26, 7), probe_xen_flush, NULL)
    ROW(CALL, "MMUEXT_TLB_FLUSH_MULTI", 1, XEN_CALL(26, 8),
        probe_xen_flush, NULL)
    ROW(CALL, "MMUEXT_INVLPG_MULTI", 1, XEN_CALL(26, 9), probe_xen_flush, NULL)
    ROW(CALL, "MMUEXT_TLB_FLUSH_ALL", 1, XEN_CALL(26, 10),
        probe_xen_flush, NULL)
    ROW(CALL, "MMUEXT_INVLPG_ALL", 1, XEN_CALL(26, 11), probe_xen_flush, NULL)
    ROW(CALL, "__HYPERVISOR_xsm_op", 0, 27, probe_xen_zero, NULL)
    ROW(CALL, "__HYPERVISOR_nmi_op", 0, 28, probe_xen_asked, NULL)
    ROW(CALL, "SCHEDOP_yield", 1, XEN_CALL(29, 0), probe_xen_must, NULL)
    ROW(CALL, "SCHEDOP_block", 1, XEN_CALL(29, 1), NULL, "pvk sleeps by it")
    ROW(CALL, "SCHEDOP_shutdown", 1, XEN_CALL(29, 2),
        NULL, "would end the domain")
    ROW(CALL, "SCHEDOP_poll", 1, XEN_CALL(29, 3), probe_xen_poll, NULL)
    ROW(CALL, "SCHEDOP_watchdog", 0, XEN_CALL(29, 6),
        NULL, "would end the domain if it is forgotten")
    ROW(CALL, "__HYPERVISOR_callback_op", 1, XEN_CALL(30, 0),
        probe_xen_asked, NULL)
    ROW(CALL, "__HYPERVISOR_xenoprof_op", 0, XEN_CALL(31, 99),
        probe_xen_asked, NULL)
    ROW(CALL, "EVTCHNOP_bind_virq", 1, XEN_CALL(32, 1), probe_xen_virq, NULL)
    ROW(CALL, "EVTCHNOP_close", 1, XEN_CALL(32, 3), probe_xen_unbound, NULL)
    ROW(CALL, "EVTCHNOP_send", 1, XEN_CALL(32, 4), probe_xen_event, NULL)
    ROW(CALL, "EVTCHNOP_status", 1, XEN_CALL(32, 5), probe_xen_status, NULL)
    ROW(CALL, "EVTCHNOP_alloc_unbound", 0, XEN_CALL(32, 6),
        probe_xen_unbound, NULL)
    ROW(CALL, "EVTCHNOP_bind_ipi", 1, XEN_CALL(32, 7), probe_xen_event, NULL)
    ROW(CALL, "EVTCHNOP_bind_vcpu", 0, XEN_CALL(32, 8),
        probe_xen_bind_vcpu, NULL)
    ROW(CALL, "EVTCHNOP_unmask", 1, XEN_CALL(32, 9), probe_xen_unmask, NULL)
    ROW(CALL, "EVTCHNOP_reset", 0, XEN_CALL(32, 10),
        NULL, "would close every port")
    ROW(CALL, "EVTCHNOP_init_control", 0, XEN_CALL(32, 11),
        NULL, "cannot be taken back")
    ROW(CALL, "EVTCHNOP_set_priority", 0, XEN_CALL(32, 13),
        probe_xen_asked, NULL)
    ROW(CALL, "__HYPERVISOR_physdev_op", 1, XEN_CALL(33, 5),
        probe_xen_asked, NULL)
    ROW(CALL, "HVMOP_set_param", 1, XEN_CALL(34, 0), NULL, "set-up has done it")
    ROW(CALL, "HVMOP_get_param", 1, XEN_CALL(34, 1), probe_xen_param, NULL)
    ROW(CALL, "HVMOP_flush_tlbs", 1, XEN_CALL(34, 5), probe_xen_flush_tlbs, NULL)
    ROW(CALL, "HVMOP_set_evtchn_upcall_vector", 1, XEN_CALL(34, 23),
        NULL, "set-up has done it")
    ROW(CALL, "__HYPERVISOR_sysctl", 0, 35, probe_xen_zero, NULL)
    ROW(CALL, "__HYPERVISOR_domctl", 0, 36, probe_xen_zero, NULL)
    ROW(CALL, "__HYPERVISOR_kexec_op", 0, 37, probe_xen_asked, NULL)
    ROW(CALL, "__HYPERVISOR_tmem_op", 0, 38, probe_xen_zero, NULL)
    ROW(CALL, "__HYPERVISOR_argo_op", 0, XEN_CALL(39, 1), probe_xen_asked, NULL)
    ROW(CALL, "__HYPERVISOR_xenpmu_op", 0, XEN_CALL(40, 5),
        probe_xen_asked, NULL)
    ROW(CALL, "__HYPERVISOR_dm_op", 0, 41, probe_xen_asked, NULL)
    ROW(CALL, "__HYPERVISOR_hypfs_op", 0, XEN_CALL(42, 99),
        probe_xen_asked, NULL)
    ROW(CALL, "__HYPERVISOR_mca", 0, 48, probe_xen_zero, NULL)
    ROW(CALL, "unknown hypercall", 0, XEN_NONE, probe_xen_unknown, NULL)
};
/* clang-format on */

const struct report_interface report_xen = {
    .name = "xen",
    .signature = "XenVMMXenVMM",
    .hypervisor = PVOPS_HYPERVISOR_XEN,
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
    .bit = xen_bit,
    .least_leaves = 2,
};
