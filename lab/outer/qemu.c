/* SPDX-License-Identifier: MIT */
/*
 * The machine that an outer system is booted on: QEMU's command line.
 */
#include "outer/qemu.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "outer/agent_link.h"
#include "platform/cache.h"
#include "qemu/qemu.h"

enum {
    /* The outer Linux with its programs, beside guests and initramfs: less
     * than half of it is used. */
    BASE_MEM_MIB = 512,
    /* Xen itself, its frame table, and the unpacked kernel as a module. */
    XEN_MEM_MIB = 320,
};

static bool has_xen(const struct outer_machine *machine)
{
    return machine->kind == OUTER_XEN_PV || machine->kind == OUTER_XEN_PVH;
}

/* The initramfs is in memory twice while Linux unpacks it. */
static unsigned linux_mem_mib(const struct outer_machine *machine)
{
    struct stat info;

    if (stat(machine->initramfs, &info))
        return BASE_MEM_MIB;
    return BASE_MEM_MIB + (unsigned)(info.st_size >> 20) * 2;
}

static const char linux_quiet[] =
    "quiet mitigations=off panic=-1 8250.nr_uarts=1 cryptomgr.notests";

/*
 * The guests of native~x2apic have an invariant TSC: QEMU says that its
 * software CPU has none, and with x-force-features shows it all the same; it is
 * this machine's. What else of the model that CPU has not is taken out.
 */
static const char kvm_cpu[] =
    "EPYC,+svm,+npt,-rdseed,-sha-ni,-fxsr-opt,-misalignsse,-3dnowprefetch,"
    "-osvw,-topoext,-nrip-save,-xsavec,+invtsc,x-force-features=on";

static void kvm_args(const struct outer_machine *machine, struct args *args)
{
    args_add_all(args, "-M", "q35", "-cpu", kvm_cpu, "-kernel", machine->kernel,
                 "-initrd", machine->initramfs, "-append", NULL);
    if (machine->tsc_khz)
        args_add(args, "console=ttyS0 %s tsc_early_khz=%u", linux_quiet,
                 machine->tsc_khz);
    else
        args_add(args, "console=ttyS0 %s", linux_quiet);
    args_add(args, "-m");
    args_add(args, "%u", linux_mem_mib(machine) + machine->guest_mem_mib);
}

static void xen_args(const struct outer_machine *machine, struct args *args)
{
    char *escaped_initramfs = args_commas(machine->initramfs);
    char *escaped_kernel = args_commas(machine->kernel);
    unsigned dom0 = linux_mem_mib(machine);
    bool pvh = machine->kind == OUTER_XEN_PVH;

    if (pvh)
        args_add_all(args, "-M", "q35", "-device", "amd-iommu", "-cpu",
                     "EPYC,+svm,+npt,-rdtscp,-monitor", NULL);
    else
        args_add_all(args, "-M", "pc", "-cpu", "Haswell-noTSX", NULL);
    args_add(args, "-kernel");
    args_add(args, "%s/xen.elf", cache_path(COMPONENT_XEN));
    args_add(args, "-append");
    args_add(args,
             "console=com1 com1=115200,8n1 noreboot=0 loglvl=warning "
             "guest_loglvl=warning spec-ctrl=no dom0_mem=%uM,max:%uM "
             "dom0_max_vcpus=1%s",
             dom0, dom0, pvh ? " dom0=pvh" : "");
    args_add(args, "-initrd");
    args_add(args, "%s console=hvc0 %s,%s", escaped_kernel, linux_quiet,
             escaped_initramfs);
    args_add(args, "-m");
    args_add(args, "%u", dom0 + machine->guest_mem_mib + XEN_MEM_MIB);
    free(escaped_initramfs);
    free(escaped_kernel);
}

void outer_qemu(struct args *args, const struct outer_machine *machine)
{
    char *console = args_commas(machine->console);
    /* A PVH dom0's devices see the IOMMU's addresses. */
    const char *virtio = machine->kind == OUTER_XEN_PVH
                             ? ",disable-legacy=on,iommu_platform=on"
                             : "";

    args_add(args, "qemu-system-x86_64");
    qemu_confine(args);
    args_add_all(args, "-nodefaults", "-nic", "none", "-no-reboot", NULL);
    qemu_count(args, machine->first, machine->counts);
    if (has_xen(machine))
        xen_args(machine, args);
    else
        kvm_args(machine, args);
    args_add(args, "-chardev");
    args_add(args, "file,id=console,path=%s", console);
    args_add_all(args, "-serial", "chardev:console", "-device", NULL);
    args_add(args, "virtio-serial-pci%s", virtio);
    args_add(args, "-chardev");
    args_add(args, "socket,id=agent,fd=%d", machine->agent_fd);
    args_add_all(args, "-device",
                 "virtserialport,chardev=agent,name=" AGENT_PORT, NULL);
    if (has_xen(machine) && machine->first->options.gdb_port) {
        args_add(args, "-gdb");
        args_add(args, "tcp:127.0.0.1:%u", machine->first->options.gdb_port);
    }
    for (size_t i = 0; i < machine->disks->count; i++) {
        char *file = args_commas(machine->disks->v[i]);

        args_add(args, "-drive");
        /* What is written to it is thrown away. */
        args_add(args, "file=%s,format=raw,snapshot=on,if=none,id=d%zu", file,
                 i);
        args_add(args, "-device");
        args_add(args, "virtio-blk-pci,drive=d%zu%s", i, virtio);
        free(file);
    }
    free(console);
}
