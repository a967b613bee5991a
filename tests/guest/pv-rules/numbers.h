/* SPDX-License-Identifier: MIT */
/*
 * Numbers of errors.
 *
 * Source: Xen 4.17 xen/arch/x86/pv/misc-hypercalls.c, set_debugreg();
 *         xen/common/memory.c; xen/arch/x86/mm.c, arch_memory_op();
 *         xen/common/domain.c, common_vcpu_op().
 */
#ifndef RULES_NUMBERS_H
#define RULES_NUMBERS_H

#define NOWHERE 0x0000800000000000u /* between the halves of the space */
#define DR7_GD  0x2000u
#define DR7_IO  0x20001u /* breakpoint 0, of a port; without CR4.DE */
#define MILLION 1000000u

static const struct {
    const char *what;
    unsigned number;
    uint64_t a1, a2, a3;
    long wanted;
} plain[] = {
    /* clang-format off */
    { "DR0 that is Xen's", __HYPERVISOR_set_debugreg, 0, HYPERVISOR_VIRT_START, 0, -XEN_EPERM },
    { "DR3 that is Xen's", __HYPERVISOR_set_debugreg, 3, HYPERVISOR_VIRT_END - 1, 0, -XEN_EPERM },
    { "DR0", __HYPERVISOR_set_debugreg, 0, 0, 0, 0 },
    { "DR6, its upper half", __HYPERVISOR_set_debugreg, 6, 1ull << 32, 0, -XEN_EINVAL },
    { "DR7, its upper half", __HYPERVISOR_set_debugreg, 7, 1ull << 32, 0, -XEN_EINVAL },
    { "DR5, its upper half", __HYPERVISOR_set_debugreg, 5, 1ull << 32, 0, -XEN_EINVAL },
    { "DR7, that guards", __HYPERVISOR_set_debugreg, 7, DR7_GD, 0, -XEN_EPERM },
    { "DR7, a port", __HYPERVISOR_set_debugreg, 7, DR7_IO, 0, -XEN_EPERM },
    { "DR8", __HYPERVISOR_set_debugreg, 8, 0, 0, -XEN_ENODEV },
    { "DR8, read", __HYPERVISOR_get_debugreg, 8, 0, 0, -XEN_ENODEV },
    { "DR4, read", __HYPERVISOR_get_debugreg, 4, 0, 0, 0xffff0ff0 },
    { "DR7, read", __HYPERVISOR_get_debugreg, 7, 0, 0, 0x400 },
    { "set_trap_table, nowhere", __HYPERVISOR_set_trap_table, NOT_MAPPED, 0, 0, -XEN_EFAULT },
    { "set_gdt, too many", __HYPERVISOR_set_gdt, 0, FIRST_RESERVED_GDT_ENTRY + 1, 0, -XEN_EINVAL },
    { "set_segment_base, FS", __HYPERVISOR_set_segment_base, SEGBASE_FS, NOWHERE, 0, -XEN_EINVAL },
    { "set_segment_base, 4", __HYPERVISOR_set_segment_base, 4, 0, 0, -XEN_EINVAL },
    { "mmu_update, nowhere", __HYPERVISOR_mmu_update, NOT_MAPPED, 1, 0, -XEN_EFAULT },
    { "mmuext_op, nowhere", __HYPERVISOR_mmuext_op, NOT_MAPPED, 1, 0, -XEN_EFAULT },
    { "multicall, nowhere", __HYPERVISOR_multicall, NOT_MAPPED, 1, 0, -XEN_EFAULT },
    { "console_io, nowhere", __HYPERVISOR_console_io, CONSOLEIO_write, 1, NOT_MAPPED, -XEN_EFAULT },
    { "machine_memory_map, nowhere", __HYPERVISOR_memory_op, XENMEM_machine_memory_map, NOT_MAPPED, 0, -XEN_EFAULT },
    { "current_reservation, nowhere", __HYPERVISOR_memory_op, XENMEM_current_reservation, NOT_MAPPED, 0, -XEN_EFAULT },
    { "maximum_reservation, nowhere", __HYPERVISOR_memory_op, XENMEM_maximum_reservation, NOT_MAPPED, 0, -XEN_EFAULT },
    { "decrease_reservation, nowhere", __HYPERVISOR_memory_op, XENMEM_decrease_reservation, NOT_MAPPED, 0, 0 },
    { "exchange, nowhere", __HYPERVISOR_memory_op, XENMEM_exchange, NOT_MAPPED, 0, -XEN_EFAULT },
    { "memory_op 63", __HYPERVISOR_memory_op, 63, 0, 0, -XEN_ENOSYS },
    { "get_features, nowhere", __HYPERVISOR_xen_version, XENVER_get_features, NOT_MAPPED, 0, -XEN_EFAULT },
    { "vcpu_op of none", __HYPERVISOR_vcpu_op, VCPUOP_is_up, 1000, 0, -XEN_ENOENT },
    { "vcpu_op 1000", __HYPERVISOR_vcpu_op, 1000, 0, 0, -XEN_ENOSYS },
    { "periodic timer, nowhere", __HYPERVISOR_vcpu_op, VCPUOP_set_periodic_timer, 0, NOT_MAPPED, -XEN_EFAULT },
    { "vm_assist 31", __HYPERVISOR_vm_assist, VMASST_CMD_enable, 31, 0, -XEN_EINVAL },
    { "hypercall 63", 63, 0, 0, 0, -XEN_ENOSYS },
    /* clang-format on */
};

static long periodic(uint64_t ns)
{
    struct vcpu_set_periodic_timer timer = { ns };

    return call(__HYPERVISOR_vcpu_op, VCPUOP_set_periodic_timer, 0,
                (uintptr_t)&timer);
}

static bool periods(void)
{
    return is("a period of less than 1 ms", periodic(MILLION - 1),
              -XEN_EINVAL) &&
           is("a period that is too long", periodic(1ull << 62), -XEN_EINVAL) &&
           is("the longest period", periodic((1ull << 62) - 1), 0) &&
           is("no period",
              call(__HYPERVISOR_vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0);
}

static bool maps(void)
{
    static uint8_t entries[128 * 20];
    struct xen_memory_map op = { .nr_entries = 0 };
    unsigned count;

    if (!is("machine_memory_map, no buffer",
            call(__HYPERVISOR_memory_op, XENMEM_machine_memory_map,
                 (uintptr_t)&op, 0),
            0))
        return false;
    count = op.nr_entries;
    op = (struct xen_memory_map){ 1, (uintptr_t)entries };
    if (!is("machine_memory_map, a short buffer",
            call(__HYPERVISOR_memory_op, XENMEM_machine_memory_map,
                 (uintptr_t)&op, 0),
            -XEN_EINVAL))
        return false;
    op = (struct xen_memory_map){ 128, (uintptr_t)entries };
    return is("machine_memory_map",
              call(__HYPERVISOR_memory_op, XENMEM_machine_memory_map,
                   (uintptr_t)&op, 0),
              0) &&
           is("its entries", op.nr_entries, count);
}

static bool others_domain(void)
{
    uint16_t domid = 0x7000;

    return is("current_reservation of none",
              call(__HYPERVISOR_memory_op, XENMEM_current_reservation,
                   (uintptr_t)&domid, 0),
              -XEN_ESRCH) &&
           is("mmuext_op of none",
              call4(__HYPERVISOR_mmuext_op, (uintptr_t)plain, 1, 0, domid),
              -XEN_ESRCH) &&
           is("mmu_update of none",
              call4(__HYPERVISOR_mmu_update, (uintptr_t)plain, 1, 0, domid),
              -XEN_ESRCH);
}

static inline void rules_numbers(void)
{
    bool good = true;

    for (unsigned i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        good &= is(plain[i].what,
                   call4(plain[i].number, plain[i].a1, plain[i].a2, plain[i].a3,
                         DOMID_SELF),
                   plain[i].wanted);
    if (good && periods() && maps() && others_domain())
        guest_pass("numbers");
}

#endif /* RULES_NUMBERS_H */
