/* SPDX-License-Identifier: MIT */
/*
 * pvk from its first C function to its last: libpvops's life cycle in its
 * order, the self-checks, power off.
 */
#include "core/main.h"

#include "arch/cpu.h"
#include "arch/insn.h"
#include "arch/layout.h"
#include "arch/paging.h"
#include "arch/trap.h"
#include "arch/window.h"
#include "bench/ops.h"
#include "bench/smp.h"
#include "boot/restart.h"
#include "checks/check.h"
#include "checks/smp.h"
#include "core/cpus.h"
#include "core/divide.h"
#include "core/log.h"
#include "core/modules.h"
#include "core/pages.h"
#include "core/rom.h"
#include "core/text.h"
#ifdef __x86_64__
#include "mm/entry.h"
#endif
#include "proc/init.h"
#include "report/report.h"

struct kernel kernel;

extern const char image_start[], image_stop[], text_start[], text_stop[];
extern const int32_t sites_start[], sites_stop[];

/* The probe's page, a PV dom0's look at ACPI. */
static uint8_t probe_page[PAGE_BYTES] __attribute__((aligned(4096)));
static uint8_t power_page[PAGE_BYTES] __attribute__((aligned(4096)));

/* Bad boot information: one line, and off. */
__attribute__((noreturn)) static void refuse(const char *why)
{
    log_line("boot information refused: %s", why);
    pvops_console_drain();
    pvops_power_off();
}

static enum pvops_entry entry_of(unsigned door)
{
    switch (door) {
    case DOOR_PVH:
        return PVOPS_ENTRY_PVH;
    case DOOR_XEN_PV:
        return PVOPS_ENTRY_XEN_PV;
    default:
        return PVOPS_ENTRY_MULTIBOOT;
    }
}

static const char *read_boot(unsigned door, pvops_paddr info, uint32_t magic)
{
    struct boot_reach reach = boot_reach_at(door, info);

    if (restart_boot()) {
        kernel.boot = *restart_boot();
        return NULL;
    }
    return boot_read(&reach, door, info, magic, &kernel.boot);
}

static const char *check_boot(void)
{
    struct boot_range image = { layout_paddr(image_start),
                                (size_t)(image_stop - image_start) };
    const char *why = NULL;

    if (!kernel.boot.region_count && kernel.boot.door == DOOR_PVH &&
        kernel.info.base[PVOPS_HYPERVISOR_XEN])
        why = boot_ask_xen(&kernel.boot);
    return why ? why : boot_check(&kernel.boot, image);
}

/* Before the first call of the library; 0: the CPU has no TSC. */
static uint64_t begin_tsc;
#define X86_FEATURE_TSC (1u << 4) /* CPUID 1, EDX */

static void print_line(void *context, const char *line)
{
    (void)context;
    log_line("%s", line);
}

/* The first calls of libpvops: they need nothing. */
static void look_around(unsigned door, pvops_paddr info)
{
    kernel.probe.entry = entry_of(door);
    if (door == DOOR_XEN_PV)
        kernel.probe.xen_start_info = layout_va(info);
    kernel.probe.page = probe_page;
    kernel.probe.page_paddr = layout_paddr(probe_page);
    if (x86_cpuid(1, 0).edx & X86_FEATURE_TSC)
        begin_tsc = x86_tsc();
    pvops_probe(&kernel.probe, &kernel.info);
    pvops_console_setup(&kernel.info, &kernel.probe);
}

/*
 * ACPI knows timers that the probe does not find by itself. They are asked
 * only if the TSC's frequency is unknown without them.
 */
static void look_again(void)
{
    pvops_power_setup(&kernel.info, kernel.boot.rsdp, power_page);
    pvops_power_find_acpi(&kernel.acpi);
    if (!kernel.info.tsc_hz && kernel.acpi.pm_timer_port) {
        kernel.probe.pm_timer_port = kernel.acpi.pm_timer_port;
        pvops_probe(&kernel.probe, &kernel.info);
    }
    pvops_describe(&kernel.info, print_line, NULL);
}

static void must(enum pvops_status status, const char *what)
{
    if (status != PVOPS_OK)
        panic("%s: %s", what, pvops_status_name(status));
}

static void set_up(void)
{
    const struct pvops_cpu_options cpu = cpus_options(0);
    const struct pvops_rom_options *rom = rom_options();

    kernel.setup = (struct pvops_setup_options){
        .probe = &kernel.probe,
        .selectors = cpu_own_selectors,
        .yours = restart_resources(),
        .pages = restart_bank()->setup_pages,
        .backend = option("backend"),
        .rom = rom,
    };
    must(pvops_setup(&kernel.info, &kernel.setup), "pvops_setup()");
    cpu_load_descriptors(0);
    trap_setup();
    trap_load();
    paging_setup(&kernel.boot);
    rom_protect();
    cpu_use_x2apic();
    must(pvops_cpu_setup(&cpu_at(0)->pvops, &cpu), "pvops_cpu_setup()");
#ifdef __x86_64__
    entry_setup(); /* further CPUs begin with EFER as it is here */
#endif
}

/* Where pvlab bench's count of pvops_seal() ends. */
void main_sealed(void);

__attribute__((noinline)) void main_sealed(void)
{
    __asm__ volatile("");
}

/* For pvlab bench: what it took, the lines of the log among it. */
static void log_start_time(void)
{
    uint32_t rest;
    uint64_t khz = divide(kernel.info.tsc_hz, 1000, &rest);

    if (begin_tsc && khz && khz <= UINT32_MAX)
        log_line("from the probe to sealed: %llu us",
                 (unsigned long long)divide((x86_tsc() - begin_tsc) * 1000,
                                            (uint32_t)khz, &rest));
}

static void seal(void)
{
    kernel.sites = (struct pvops_sites){
        .start = sites_start,
        .stop = sites_stop,
        .keep_start = text_start,
        .keep_stop = text_stop,
    };
    kernel.unsealed = option("unsealed") != NULL;
    if (!kernel.unsealed)
        must(pvops_seal(&kernel.sites), "pvops_seal()");
    main_sealed();
    log_start_time();
    log_line("sites: %u sealed, %u through the table", kernel.sites.sealed,
             kernel.unsealed ? (unsigned)(sites_stop - sites_start)
                             : kernel.sites.left);
}

static uint64_t ram_bytes(void)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < kernel.boot.region_count; i++) {
        if (kernel.boot.regions[i].ram)
            bytes += kernel.boot.regions[i].range.bytes;
    }
    return bytes;
}

static uint64_t module_bytes(void)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < kernel.boot.module_count; i++)
        bytes += kernel.boot.modules[i].bytes;
    return bytes;
}

static void introduce(void)
{
    const char *name = kernel.info.hypervisor == PVOPS_HYPERVISOR_NONE
                           ? "none"
                           : kernel.info.signature;

    log_plain("PVLAB INFO backend=%s", pvops_backend_name());
    log_plain("PVLAB INFO hypervisor=%s", name);
    log_plain("PVLAB INFO entered=%s", kernel.boot.door_name);
    if (restart_round())
        log_plain("PVLAB INFO restarted=%u", restart_round());
    rom_describe();
    log_line("%llu MiB of RAM in %zu regions, modules: %zu, %llu bytes",
             (unsigned long long)(ram_bytes() >> 20), kernel.boot.region_count,
             kernel.boot.module_count, (unsigned long long)module_bytes());
    modules_describe();
}

static void check_all(void)
{
    static const struct check *const checks[] = {
        &check_order_late,
        &check_clock_monotonic,
        &check_irq_flag,
        &check_irq_held,
        &check_deadline,
        &check_deadline_cancel,
        &check_tick,
        &check_exceptions,
        &check_page,
        &check_null_page,
        &check_text_read_only,
#if PVOPS_DEBUG_MMU
        &check_table_read_only,
#endif
        &check_heap,
        &check_free_pages,
        &check_lower_half,
        &check_sites,
        &check_injected,
        &check_same_results,
        &check_module,
#ifdef __x86_64__
        &check_space_isolation,
        &check_space_cow,
        &check_space_changes,
        &check_space_memory,
#endif

        &check_clock_agrees,
        &check_wall,
    };

    for (unsigned i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
        check_run(checks[i]);
}

void kernel_start(unsigned door, uintptr_t left, uint32_t magic)
{
    enum { CONSOLE_REACH = 4 * PAGE_BYTES };
    pvops_paddr info = door == DOOR_XEN_PV ? layout_paddr((void *)left) : left;
    bool known = true;
    const char *why;

    restart_begin(door, left, magic);
    why = read_boot(door, info, magic);
    if (!why && option("damage")) {
        known = boot_damage(option("damage"), door, info);
        why = read_boot(door, info, magic);
    }
    /* The console may be a page beside Xen's start_info, and in reach. */
    window_setup(&kernel.boot, info + CONSOLE_REACH);
    look_around(door, info);
    /* What stood on the line, a loader's or Xen's, is not ours. */
    log_plain("%s", "");
    look_again();
    if (!known)
        refuse("the command line asks for a damage that is not known");
    if (!why)
        why = check_boot();
    if (why)
        refuse(why);

    check_run(&check_poison);
    check_run(&check_order_early);
    set_up();
    introduce();
    same_remember();
    seal();
    cpus_setup();
    if (option("crash"))
        __asm__ volatile("ud2");
    if (option("bench"))
        bench_ops();
    if (option("bench-smp"))
        bench_smp();
    if (option("report")) {
        report();
    } else {
        if (!option("nochecks") && !option("smp-only"))
            check_all();
        if (!option("nochecks"))
            smp_check_all();
#ifdef __x86_64__
        init_run();
#endif
    }
    cpus_stop_others();
    restart_end();
    check_end();
    pvops_console_drain();
    pvops_power_off();
}
