/* SPDX-License-Identifier: MIT */
/*
 * Ports by a bitmap, the grant table, the machine's CPUs, its firmware.
 */
#ifndef DOM0_MACHINE_H
#define DOM0_MACHINE_H

enum { PORT_NO_DEVICE = 0x80, IO_PORTS = 65536 };

static uint8_t io_bitmap[IO_PORTS / 8 + 1];
static uint8_t grant_page[PAGE] __attribute__((aligned(PAGE)));

/* A port that is not allowed would end this guest. */
static bool ports(void)
{
    struct physdev_set_iobitmap op = { (uintptr_t)io_bitmap, IO_PORTS + 1 };
    struct physdev_set_iopl iopl = { 0 };

    for (unsigned i = 0; i < sizeof(io_bitmap); i++)
        io_bitmap[i] = 0xff;
    io_bitmap[PORT_NO_DEVICE / 8] = 0xfe;
    if (!is("set_iobitmap of too many", physdev(PHYSDEVOP_set_iobitmap, &op),
            -XEN_EINVAL))
        return false;
    op.nr_ports = IO_PORTS;
    if (!is("set_iobitmap", physdev(PHYSDEVOP_set_iobitmap, &op), 0) ||
        !is("set_iopl", physdev(PHYSDEVOP_set_iopl, &iopl), 0))
        return false;
    outb(PORT_NO_DEVICE, 0);
    iopl.iopl = 1;
    return is("set_iopl", physdev(PHYSDEVOP_set_iopl, &iopl), 0);
}

static long grant(unsigned command, void *argument)
{
    return call(__HYPERVISOR_grant_table_op, command, (uintptr_t)argument, 1);
}

static bool grants(void)
{
    uint64_t frame = 0;
    struct gnttab_query_size size = { .dom = DOMID_SELF };
    struct gnttab_setup_table table = {
        .dom = DOMID_SELF,
        .nr_frames = 1,
        .frame_list = (uintptr_t)&frame,
    };

    if (!is("query_size", grant(GNTTABOP_query_size, &size), 0) ||
        !is("its status", size.status, GNTST_okay) ||
        !is("setup_table", grant(GNTTABOP_setup_table, &table), 0) ||
        !is("its status", table.status, GNTST_okay) ||
        !map(grant_page, frame * PAGE | ENTRY))
        return false;
    *(volatile uint32_t *)(grant_page + 64) = 0x11110000;
    return is("a grant", *(volatile uint32_t *)(grant_page + 64), 0x11110000);
}

static long platform(struct xen_platform_op *op)
{
    op->interface_version = XENPF_INTERFACE_VERSION;
    return call(__HYPERVISOR_platform_op, (uintptr_t)op, 0, 0);
}

static bool cpus(void)
{
    struct xen_platform_op op = { .cmd = XENPF_get_cpuinfo };

    if (!is("get_cpuinfo", platform(&op), 0) ||
        !is("of CPU 0", op.u.pcpu_info.flags, XEN_PCPU_FLAGS_ONLINE))
        return false;
    op.u.pcpu_info.xen_cpuid = 10000;
    op.u.pcpu_info.flags = 0;
    return is("get_cpuinfo", platform(&op), 0) &&
           is("of none", op.u.pcpu_info.flags, XEN_PCPU_FLAGS_INVALID);
}

static inline void dom0_machine(void)
{
    struct xen_platform_op op = { .cmd = XENPF_firmware_info };

    op.u.firmware_info.type = 100;
    if (ports() && grants() && cpus() &&
        is("firmware_info of what is not", platform(&op), -XEN_EINVAL))
        guest_pass("machine");
}

#endif /* DOM0_MACHINE_H */
