/* SPDX-License-Identifier: MIT */
/*
 * From a plan to QEMU's arguments.
 */
#include "qemu/qemu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/protocol.h"
#include "image/disk.h"
#include "plan/count.h"
#include "platform/needs.h"

/* Xen itself, its frame table, and the kernel as a module, beside dom0. */
enum { XEN_MEM_MIB = 384 };

void qemu_files_here(struct qemu_files *files, const struct plan *plan)
{
    *files = (struct qemu_files){
        .kernel = plan->kernel,
        .initrd = plan->initrd,
        .cdrom = plan->cdrom,
        .boot_disk = plan->boot_disk,
        .disk = plan->options.disk,
        .ovmf_code = needs_ovmf_code(),
        .ovmf_vars = needs_ovmf_vars(),
        .option_rom = plan->rom.way == ROM_OPTION ? plan->rom.file : NULL,
        .acpi_table = plan->acpi_table,
        .firmware = plan->firmware,
        .shim = plan->shim,
    };
    if (plan->door == DOOR_MULTIBOOT1 && !plan->packed) {
        files->initrd = plan->options.initrd;
        for (size_t i = 0; i < plan->options.module_count; i++)
            files->modules[i] = plan->options.modules[i];
    }
}

void qemu_drive(struct args *args, const char *file, const char *here,
                const char *options)
{
    char *escaped = args_commas(file);

    args_add(args, "-drive");
    /* "./": a colon in a relative name would make it a protocol. */
    args_add(args, "file=%s%s,format=%s,%s", file[0] == '/' ? "" : "./",
             escaped, disk_format(here), options);
    free(escaped);
}

void qemu_confine(struct args *args)
{
    args_add_all(args, "-no-user-config", "-display", "none", "-sandbox",
                 "on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
                 "resourcecontrol=deny",
                 NULL);
}

static void add_uefi(struct args *args, const struct qemu_files *files)
{
    if (files->ovmf) {
        args_add_all(args, "-bios", files->ovmf, NULL);
        return;
    }
    qemu_drive(args, files->ovmf_code, needs_ovmf_code(),
               "if=pflash,unit=0,readonly=on");
    /* The guest's changes to its variables are thrown away. */
    qemu_drive(args, files->ovmf_vars, needs_ovmf_vars(),
               "if=pflash,unit=1,snapshot=on");
}

/* Multiboot1: each module with its own command line; ours have none. */
static void add_modules(struct args *args, const struct qemu_files *files)
{
    char *list = NULL;

    if (files->initrd)
        list = args_commas(files->initrd);
    for (size_t i = 0; files->modules[i]; i++) {
        char *escaped = args_commas(files->modules[i]);
        char *longer =
            text_new("%s%s%s", list ? list : "", list ? "," : "", escaped);

        free(escaped);
        free(list);
        list = longer;
    }
    if (list)
        args_add_all(args, "-initrd", list, NULL);
    free(list);
}

static void add_kernel(struct args *args, const struct plan *plan,
                       const struct qemu_files *files)
{
    args_add_all(args, "-kernel", files->kernel, NULL);
    if (plan->append[0])
        args_add_all(args, "-append", plan->append, NULL);
    if (plan->door == DOOR_MULTIBOOT1)
        add_modules(args, files);
    else if (files->initrd)
        args_add_all(args, "-initrd", files->initrd, NULL);
}

/* One option's value that begins with a file's name. */
static void add_file(struct args *args, const char *option, const char *key,
                     const char *file)
{
    char *escaped = args_commas(file);

    args_add(args, "%s", option);
    args_add(args, "%s=%s", key, escaped);
    free(escaped);
}

/*
 * A dom0 may have more CPUs than the machine, which needs no more than can run
 * at a time: beyond that Xen's own waiting for one another takes most of it.
 * One alone where Xen uses SVM: with two, a VCPU now and then gets an interrupt
 * with interrupts off (docs/xen.md).
 */
static unsigned machine_cpus(const struct plan *plan)
{
    bool svm = strstr(plan->platform->cpu, "+svm") != NULL;
    long real = sysconf(_SC_NPROCESSORS_ONLN);

    if (plan->load == LOAD_XEN && svm)
        return 1;
    /* What is counted is the same on every machine. */
    return plan->load == LOAD_XEN && !count_wanted(&plan->options) &&
                   real > 0 && plan->cpus > real
               ? (unsigned)real
               : plan->cpus;
}

/* What the guest finds in its machine, wherever that machine is. */
static void add_machine(struct args *args, const struct plan *plan,
                        const struct qemu_files *files)
{
    const struct platform *platform = plan->platform;
    bool microvm = !strncmp(platform->machine, "microvm", 7);

    if (!platform->old_devices)
        args_add(args, "-nodefaults");
    args_add_all(args, "-machine", platform->machine, NULL);
    for (size_t i = 0; platform->extra[i]; i++)
        args_add(args, "%s", platform->extra[i]);
    if (!platform->no_vga)
        args_add_all(args, "-vga", "std", NULL);
    args_add(args, "-smp");
    args_add(args, "%u", machine_cpus(plan));
    if (platform->uefi || plan->options.uefi)
        add_uefi(args, files);
    if (files->firmware)
        args_add_all(args, "-bios", files->firmware, NULL);
    if (files->option_rom)
        add_file(args, "-option-rom", "romfile", files->option_rom);
    if (files->acpi_table)
        add_file(args, "-acpitable", "file", files->acpi_table);
    if (files->boot_disk)
        qemu_drive(args, files->boot_disk, plan->boot_disk,
                   "index=0,media=disk,snapshot=on");
    if (files->disk)
        qemu_drive(args, files->disk, plan->options.disk,
                   "index=1,media=disk,snapshot=on");
    if (files->cdrom)
        qemu_drive(args, files->cdrom, plan->cdrom,
                   "index=2,media=cdrom,readonly=on");
    if (plan->load == LOAD_FIRMWARE)
        args_add_all(args, "-boot", files->boot_disk ? "c" : "d", NULL);
    args_add(args, "-nic");
    /* restrict: DHCP and ping, but no way to this machine or beyond. */
    args_add(args, "%s",
             plan->options.net_user && !microvm ? "user,model=e1000,restrict=on"
                                                : "none");
    args_add_all(args, "-no-reboot", "-chardev", "stdio,id=console,signal=off",
                 "-serial", "chardev:console", "-monitor", "none", "-parallel",
                 "none", NULL);
}

/* Several CPUs below Xen take turns: with a thread for each, all is slower. */
static const char *accelerator(const struct plan *plan)
{
    if (plan->accel_kvm)
        return "kvm";
    return plan->load == LOAD_XEN && plan->cpus > 1 ? "tcg,thread=single"
                                                    : "tcg";
}

void qemu_count(struct args *args, const struct plan *plan, const char *counts)
{
    /*
     * An outer system has one CPU, whatever its guest has. With two, Linux does
     * not come up under QEMU 7.2's -icount: only who says so gets it.
     */
    bool icount =
        plan->cpus == 1 || plan->outer != OUTER_NONE || plan->options.icount;
    char *plugin;

    args_add(args, "-accel");
    if (!counts) {
        args_add(args, "%s", accelerator(plan));
        return;
    }
    plugin = count_plugin(plan, counts);
    args_add_all(args, "tcg,thread=single", "-plugin", plugin, NULL);
    if (icount)
        args_add_all(args, "-icount", "shift=0,sleep=off", "-rtc", "clock=vm",
                     NULL);
    free(plugin);
}

static void add_cpu(struct args *args, const struct plan *plan)
{
    const char *cpu = plan->platform->cpu;

    if (plan->accel_kvm && plan->platform->kind == PLATFORM_DIRECT)
        cpu = "host,kvm=off,-hypervisor";
    else if (plan->accel_kvm && plan->platform->kind == PLATFORM_DOM0)
        cpu = "host";
    args_add_all(args, "-cpu", cpu, NULL);
}

/*
 * With several VCPUs not Xen 4.17's own choice, credit2, which at times leaves
 * one in its queue that could run while all processors halt (docs/xen.md).
 */
static const char *scheduler(const struct plan *plan)
{
    return plan->cpus > 1 ? " sched=credit" : "";
}

/* The kernel is the first module, the initrd the second. */
static void add_domain(struct args *args, const struct plan *plan,
                       const struct qemu_files *files)
{
    char *kernel = args_commas(files->kernel);
    char *append = args_commas(plan->append);
    char *initrd = files->initrd ? args_commas(files->initrd) : NULL;

    args_add(args, "-initrd");
    args_add(args, "%s%s%s%s%s", kernel, append[0] ? " " : "", append,
             initrd ? "," : "", initrd ? initrd : "");
    free(kernel);
    free(append);
    free(initrd);
}

static void add_shim(struct args *args, const struct plan *plan,
                     const struct qemu_files *files)
{
    args_add_all(args, "-kernel", files->shim, NULL);
    add_domain(args, plan, files);
}

static void add_xen(struct args *args, const struct plan *plan,
                    const struct qemu_files *files)
{
    args_add(args, "-kernel");
    args_add(args, "%s/xen.elf", cache_path(COMPONENT_XEN));
    args_add(args, "-append");
    args_add(args,
             "console=com1 com1=115200,8n1 noreboot=0 loglvl=warning "
             "guest_loglvl=none spec-ctrl=no dom0_mem=%uM,max:%uM "
             "dom0_max_vcpus=%u%s %s",
             plan->mem_mib, plan->mem_mib, plan->cpus, scheduler(plan),
             plan->platform->xen);
    add_domain(args, plan, files);
}

void qemu_direct(struct args *args, const struct plan *plan, int monitor_fd,
                 const char *trouble, const char *counts)
{
    bool dom0 = plan->load == LOAD_XEN;
    struct qemu_files files;

    qemu_files_here(&files, plan);
    args_add(args, "qemu-system-x86_64");
    qemu_confine(args);
    qemu_count(args, plan, counts);
    add_cpu(args, plan);
    add_machine(args, plan, &files);
    args_add(args, "-m");
    args_add(args, "%u", plan->mem_mib + (dom0 ? XEN_MEM_MIB : 0));
    if (dom0)
        add_xen(args, plan, &files);
    else if (plan->load == LOAD_SHIM)
        add_shim(args, plan, &files);
    else if (plan->load == LOAD_QEMU)
        add_kernel(args, plan, &files);
    args_add(args, "-chardev");
    args_add(args, "socket,id=monitor,fd=%d", monitor_fd);
    args_add_all(args, "-mon", "chardev=monitor,mode=control", NULL);
    if (!plan->accel_kvm)
        args_add_all(args, "-d", "cpu_reset", "-D", trouble, NULL);
    if (plan->options.gdb_port) {
        args_add(args, "-gdb");
        args_add(args, "tcp:127.0.0.1:%u", plan->options.gdb_port);
        args_add(args, "-S");
    }
}

void qemu_nested(struct args *args, const struct plan *plan,
                 const struct qemu_files *files)
{
    args_add(args, "/usr/bin/qemu-system-x86_64");
    args_add_all(args, "-no-user-config", "-display", "none", "-accel", "kvm",
                 "-cpu", plan->platform->cpu, NULL);
    add_machine(args, plan, files);
    args_add(args, "-m");
    args_add(args, "%u", plan->mem_mib);
    if (plan->load == LOAD_SHIM)
        add_shim(args, plan, files);
    else if (plan->load == LOAD_QEMU)
        add_kernel(args, plan, files);
    args_add_all(args, "-chardev",
                 "socket,id=monitor,path=" AGENT_MONITOR_SOCKET
                 ",server=on,wait=on",
                 "-mon", "chardev=monitor,mode=control", NULL);
    if (plan->options.gdb_port)
        args_add_all(args, "-chardev",
                     "socket,id=gdb,path=" AGENT_GDB_SOCKET
                     ",server=on,wait=off",
                     "-gdb", "chardev:gdb", "-S", NULL);
}
