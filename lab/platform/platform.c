/* SPDX-License-Identifier: MIT */
/*
 * The table of platforms. Each recipe was tried; docs/lab.md says why it is
 * as it is.
 */
#include "platform/platform.h"

#include <stdlib.h>
#include <string.h>

#include "platform/partial.h"

#define HYPERV_FLAGS                                                           \
    "host,kvm=off,hv-relaxed,hv-vapic,hv-time,hv-vpindex,hv-synic,hv-stimer,"  \
    "hv-tlbflush,hv-ipi,hv-runtime,hv-frequencies,hv-reset,"                   \
    "hv-spinlocks=0x200"

const struct platform platforms[] = {
    {
        .name = "native",
        .kind = PLATFORM_DIRECT,
        .machine = "q35",
        .cpu = "Haswell-noTSX,-hypervisor",
        .linux_console = "ttyS0",
        .timeout_s = 60,
        .mem_mib = 512,
        .describe = "QEMU's software CPU, hypervisor bit hidden",
        .limits = "no x2APIC, TSC deadline timer, PCID, INVPCID or CET",
    },
    {
        .name = "native~pc",
        .kind = PLATFORM_DIRECT,
        .machine = "pc",
        .cpu = "Haswell-noTSX,-hypervisor",
        .linux_console = "ttyS0",
        .timeout_s = 60,
        .mem_mib = 512,
        .old_devices = true,
        .describe = "the same with every device of QEMU's old PC",
        .limits = "no x2APIC, TSC deadline timer, PCID, INVPCID or CET",
    },
    {
        .name = "native~epyc",
        .kind = PLATFORM_DIRECT,
        .machine = "q35",
        .cpu = "EPYC,-hypervisor",
        .linux_console = "ttyS0",
        .timeout_s = 60,
        .mem_mib = 512,
        .describe = "native on the CPU model that guests by SVM see",
        .limits = "no x2APIC, TSC deadline timer, PCID, INVPCID or CET",
    },
    {
        .name = "native~x2apic",
        .kind = PLATFORM_NESTED,
        .outer = OUTER_KVM,
        .machine = "q35",
        .cpu = "host,kvm=off,-hypervisor,+invtsc",
        .linux_console = "ttyS0",
        .timeout_s = 120,
        .mem_mib = 256,
        .describe = "KVM that hides; x2APIC, TSC deadline timer",
        .limits = "AMD's CPU; no PCID, INVPCID or CET",
    },
    {
        .name = "vmi",
        .kind = PLATFORM_DIRECT,
        .machine = "q35",
        .cpu = "Haswell-noTSX,-hypervisor",
        .rom = "vmi-native.rom",
        .linux_console = "ttyS0",
        .timeout_s = 60,
        .mem_mib = 512,
        .describe = "native with a VMI 3.0 ROM as option ROM; i386 kernels",
        .limits = "what native does not; the ROM is ours, not VMware's",
    },
    {
        .name = "vmi64",
        .kind = PLATFORM_DIRECT,
        .machine = "q35",
        .cpu = "Haswell-noTSX,-hypervisor",
        .rom = "vmi64-native.rom",
        .linux_console = "ttyS0",
        .timeout_s = 60,
        .mem_mib = 512,
        .describe = "native with a ROM of VMI's 64-bit profile as boot module",
        .limits = "what native does not; no other maker's ROM is known",
    },
    {
        .name = "xen_pv",
        .kind = PLATFORM_DOM0,
        .domain = DOMAIN_PV,
        .machine = "pc",
        .cpu = "Haswell-noTSX",
        .xen = "",
        .linux_console = "hvc0",
        .timeout_s = 120,
        .mem_mib = 1024,
        .describe = "Xen; the kernel is its PV dom0",
        .limits = "64-bit kernels only (CONFIG_PV32 is off)",
    },
    {
        .name = "xen_pvh",
        .kind = PLATFORM_DOM0,
        .domain = DOMAIN_PVH,
        .machine = "q35",
        .cpu = "EPYC,+svm,+npt,-rdtscp,-monitor",
        .extra = { "-device", "amd-iommu" },
        .xen = "dom0=pvh",
        .linux_console = "hvc0",
        .timeout_s = 120,
        .mem_mib = 1024,
        .describe = "Xen; the kernel is its PVH dom0",
        .limits = "AMD's virtualisation only; no RDTSCP, no MONITOR",
    },
    {
        .name = "xen_domu_pv",
        .kind = PLATFORM_DOMU,
        .outer = OUTER_XEN_PV,
        .domain = DOMAIN_PV,
        .linux_console = "hvc0",
        .timeout_s = 120,
        .mem_mib = 256,
        .describe = "Xen with Debian's Linux as dom0, xl; a PV domU",
        .limits = "64-bit kernels only; no migration (no SHADOW_PAGING)",
    },
    {
        .name = "xen_domu_pvh",
        .kind = PLATFORM_DOMU,
        .outer = OUTER_XEN_PVH,
        .domain = DOMAIN_PVH,
        .linux_console = "hvc0",
        .timeout_s = 120,
        .mem_mib = 256,
        .describe = "the same, with a PVH domU",
        .limits = "AMD's virtualisation only",
    },
    {
        .name = "xen_hvm",
        .kind = PLATFORM_DOMU,
        .outer = OUTER_XEN_PVH,
        .domain = DOMAIN_HVM,
        .linux_console = "ttyS0",
        .timeout_s = 240,
        .mem_mib = 256,
        .describe = "the same, with an HVM domU and QEMU as device model",
        .limits = "AMD's virtualisation only",
    },
    {
        .name = "shim",
        .kind = PLATFORM_DIRECT,
        .shim = true,
        .domain = DOMAIN_PV,
        .machine = "q35",
        .cpu = "Haswell-noTSX,-hypervisor",
        .linux_console = "hvc0",
        .timeout_s = 60,
        .mem_mib = 512,
        .describe = "the shim: Xen's hypercalls on native's machine",
        .limits = "64-bit kernels only",
    },
    {
        .name = "shim~kvm",
        .kind = PLATFORM_NESTED,
        .outer = OUTER_KVM,
        .shim = true,
        .domain = DOMAIN_PV,
        .machine = "q35",
        .cpu = "host",
        .linux_console = "hvc0",
        .timeout_s = 120,
        .mem_mib = 512,
        .describe = "the shim on KVM's machine",
        .limits = "64-bit kernels only; AMD's virtualisation only",
    },
    {
        .name = "kvm",
        .kind = PLATFORM_NESTED,
        .outer = OUTER_KVM,
        .machine = "q35",
        .cpu = "host",
        .linux_console = "ttyS0",
        .timeout_s = 120,
        .mem_mib = 256,
        .describe = "KVM of Debian's Linux, nested in software",
        .limits = "AMD's virtualisation only",
    },
    {
        .name = "kvm~microvm",
        .kind = PLATFORM_NESTED,
        .outer = OUTER_KVM,
        .machine = "microvm,pit=off,pic=off,rtc=off,acpi=off,pcie=off,"
                   "isa-serial=on,x-option-roms=off",
        .cpu = "host",
        .linux_console = "ttyS0",
        .timeout_s = 120,
        .mem_mib = 256,
        .no_vga = true,
        .no_media = true,
        .describe = "KVM without PIT, PIC, CMOS, ACPI and PCI",
        .limits = "Firecracker's shape, but QEMU's devices and firmware",
    },
    {
        .name = "hyperv",
        .kind = PLATFORM_NESTED,
        .outer = OUTER_KVM,
        .machine = "pc,hpet=off",
        .cpu = HYPERV_FLAGS,
        .extra = { "-global", "isa-pcspk.iobase=0x361" },
        .linux_console = "ttyS0",
        .timeout_s = 120,
        .mem_mib = 256,
        .describe = "KVM's Hyper-V interface; no HPET, nothing at port 61h",
        .limits = "no VMBus, guest idle, extended flush, START_VP",
    },
    {
        .name = "hyperv~gen2",
        .kind = PLATFORM_NESTED,
        .outer = OUTER_KVM,
        .machine = "q35,pit=off,pic=off,i8042=off,hpet=off",
        .cpu = HYPERV_FLAGS,
        .linux_console = "ttyS0",
        .timeout_s = 180,
        .mem_mib = 512,
        .uefi = true,
        .describe = "the same with UEFI and without PIT, PIC and i8042",
        .limits = "no VMBus; has PCI; periodic APIC timer below 5 Hz",
    },
    {
        .name = "vmware",
        .kind = PLATFORM_NESTED,
        .outer = OUTER_KVM,
        .machine = "pc,vmport=on",
        .cpu = "host,kvm=off,hv-relaxed,hv-vendor-id=VMwareVMware",
        .linux_console = "ttyS0",
        .timeout_s = 120,
        .mem_mib = 256,
        .describe = "QEMU's VMware interface behind VMware's signature",
        .limits = "no leaf 0x40000010, no VMCALL, no steal clock",
    },
};

const size_t platform_count = sizeof(platforms) / sizeof(platforms[0]);

const struct platform *platform_find(const char *name)
{
    const struct platform *partials;
    size_t partial_count;

    for (size_t i = 0; i < platform_count; i++) {
        if (!strcmp(platforms[i].name, name))
            return &platforms[i];
    }
    partials = partial_platforms(&partial_count);
    for (size_t i = 0; i < partial_count; i++) {
        if (!strcmp(partials[i].name, name))
            return &partials[i];
    }
    return NULL;
}

const char *const *platform_names(void)
{
    static const char **names;
    const struct platform *partials;
    size_t partial_count;

    if (names)
        return names;
    partials = partial_platforms(&partial_count);
    names = calloc(platform_count + partial_count + 1, sizeof(*names));
    if (!names)
        abort();
    for (size_t i = 0; i < platform_count; i++)
        names[i] = platforms[i].name;
    for (size_t i = 0; i < partial_count; i++)
        names[platform_count + i] = partials[i].name;
    return names;
}
