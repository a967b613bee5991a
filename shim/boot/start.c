/* SPDX-License-Identifier: MIT */
/*
 * From the loader to the guest: find out about the machine, take memory, build
 * the domain, go.
 */
#include <pvops/clock.h>
#include <pvops/host.h>

#include "abi/x86.h"
#include "abi/x86_gate.h"
#include "abi/acpi.h"
#include "acpi.h"
#include "boot/boot.h"
#include "boot/cpu.h"
#include "boot/map.h"
#include "boot/module.h"
#include "dev/clock.h"
#include "dev/ioapic.h"
#include "dev/lapic.h"
#include "dev/power.h"
#include "dev/serial.h"
#include "domain/domain.h"
#include "domain/smp.h"
#include "event/pirq.h"
#include "log.h"
#include "mm/frame.h"
#include "mm/memory.h"
#include "trap/trap.h"

#include <string.h>

#include <x86/insn.h>
#include <x86/system.h>

enum { LOW_BYTES = 0x100000 };

#define LARGE_2M    0x200000ull
#define REACH_END   0x100000000ull /* what entry.S maps */
#define EARLY_SPARE 0x80000ull

extern const uint8_t shim_end[];

static struct boot boot;
static struct domain_source source;

static bool mapped; /* map_build() is done */

void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)
{
    if (how == PVOPS_MAP_MEMORY)
        return paddr + bytes <= REACH_END ? memory_at(paddr) : NULL;
    return mapped ? map_device(paddr, bytes) : NULL;
}

static uint64_t shim_loaded_end(void)
{
    return (uintptr_t)shim_end - SHIM_TEXT + SHIM_LOADED;
}

static uint64_t ram_end(void)
{
    uint64_t end = 0;

    for (size_t i = 0; i < boot.region_count; i++) {
        const struct boot_range *range = &boot.regions[i].range;

        if (boot.regions[i].ram && range->base + range->bytes > end)
            end = range->base + range->bytes;
    }
    return end & ~(uint64_t)(PAGE_BYTES - 1);
}

/* What of 'begin' to 'end' overlaps the image or a module; 0: nothing. */
static uint64_t in_the_way(uint64_t begin, uint64_t end)
{
    if (begin < shim_loaded_end() && end > SHIM_LOADED - PAGE_BYTES)
        return SHIM_LOADED - PAGE_BYTES;
    for (size_t i = 0; i < boot.module_count; i++) {
        const struct boot_range *module = &boot.modules[i];

        if (begin < module->base + module->bytes && end > module->base)
            return module->base;
    }
    return 0;
}

/* As high as possible below 4 GiB; 0: nowhere. */
static uint64_t find_room(uint64_t bytes)
{
    uint64_t best = 0;

    for (size_t i = 0; i < boot.region_count; i++) {
        uint64_t begin = boot.regions[i].range.base;
        uint64_t end = begin + boot.regions[i].range.bytes;

        if (!boot.regions[i].ram)
            continue;
        if (begin < LOW_BYTES)
            begin = LOW_BYTES;
        if (end > REACH_END)
            end = REACH_END;
        while (end > begin && end - begin >= bytes) {
            uint64_t at = (end - bytes) & ~(LARGE_2M - 1);
            uint64_t other = at >= begin ? in_the_way(at, at + bytes) : 0;

            if (at < begin)
                break;
            if (!other) {
                best = at > best ? at : best;
                break;
            }
            end = other;
        }
    }
    return best;
}

static void give_range(uint64_t begin, uint64_t end, enum frame_owner owner)
{
    begin = (begin + PAGE_BYTES - 1) >> PAGE_BITS;
    end >>= PAGE_BITS;
    for (uint64_t i = begin; i < end && i < frame_count; i++)
        frames[i] = (uint64_t)owner << FRAME_OWNER_SHIFT;
}

/*
 * Below 1 MiB all is the guest's to map, as a dom0 may under Xen, but nothing
 * is given to it as memory.
 */
static void give_memory(uint64_t taken, uint64_t taken_bytes)
{
    give_range(0, frame_count << PAGE_BITS, FRAME_IO);
    for (size_t i = 0; i < boot.region_count; i++) {
        uint64_t begin = boot.regions[i].range.base;
        uint64_t end = begin + boot.regions[i].range.bytes;

        if (!boot.regions[i].ram || end <= LOW_BYTES)
            continue;
        give_range(begin < LOW_BYTES ? LOW_BYTES : begin, end, FRAME_GUEST);
    }
    give_range(SHIM_LOADED, shim_loaded_end(), FRAME_SHIM);
    give_range(taken, taken + taken_bytes, FRAME_SHIM);
}

static void take_memory(unsigned cpus)
{
    uint64_t end = ram_end(), m2p_bytes, bytes, at;

    frame_count = end >> PAGE_BITS;
    m2p_bytes = (frame_count * 8 + LARGE_2M - 1) & ~(LARGE_2M - 1);
    bytes = m2p_bytes + frame_count * 8 +
            ((end >> 30) + 8) * PAGE_BYTES + /* tables of the direct map */
            (uint64_t)cpus * (AREA_BYTES + TABLES_BYTES / 8) + EARLY_SPARE;
    bytes = (bytes + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
    at = find_room(bytes);
    if (!at)
        boot_failed("%llu KiB of memory for the shim are not there",
                    wide_number(bytes >> 10));
    memory_reserve(at, bytes);
    m2p_machine = memory_take(m2p_bytes);
    memset(memory_at(m2p_machine), 0xff, m2p_bytes);
    frames = memory_at(memory_take(frame_count * 8));
    give_memory(at, bytes);
    map_build(end, m2p_bytes, cpus);
    mapped = true;
}

static void copy_map(void)
{
    if (boot.region_count > MAP_MOST)
        log_line("memory map: %u entries, the guest sees the first %u",
                 (unsigned)boot.region_count, MAP_MOST);
    for (size_t i = 0; i < boot.region_count && i < MAP_MOST; i++)
        domain.map[domain.map_count++] = (struct e820_entry){
            .addr = boot.regions[i].range.base,
            .size = boot.regions[i].range.bytes,
            .type = boot.regions[i].type,
        };
}

static uint64_t scan_rsdp(uint64_t begin, uint64_t end)
{
    for (; begin < end; begin += 16) {
        const uint8_t *at = memory_at(begin);
        uint8_t sum = 0;

        if (memcmp(at, "RSD PTR ", 8))
            continue;
        for (unsigned i = 0; i < 20; i++)
            sum += at[i];
        if (!sum)
            return begin;
    }
    return 0;
}

static void probe(struct pvops_info *info)
{
    struct pvops_probe_options options = {
        .entry =
            boot.door == DOOR_PVH ? PVOPS_ENTRY_PVH : PVOPS_ENTRY_MULTIBOOT,
    };
    struct pvi_acpi acpi = { 0 };
    static uint8_t page[PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));

    pvi_acpi_read(boot.rsdp, NULL, &acpi);
    options.pm_timer_port = acpi.pm_timer_port;
    if (acpi.hpet)
        options.hpet = memory_at(acpi.hpet);
    options.lapic = memory_at(x86_rdmsr(0x1b) & 0xfffff000);
    options.page = page;
    options.page_paddr = (uintptr_t)page - SHIM_TEXT + SHIM_LOADED;
    pvops_probe(&options, info);
}

static void mask_old_interrupts(void)
{
    x86_outb(0x21, 0xff);
    x86_outb(0xa1, 0xff);
}

/* On the stack of CPU 0's area. */
static void go(void)
{
    struct vcpu *vcpu = vcpu_this();

    cpu_setup(vcpu);
    modules_unpack(&boot, &source);
    domain_build(&source, &boot);
    serial_interrupt_setup();
    smp_start_others();
    vcpu->running = true;
    vcpu->up = true;
    vcpu->initialised = true;
    vcpu_start(vcpu);
}

void shim_start(unsigned door, uint64_t info_at, uint32_t magic);

void shim_start(unsigned door, uint64_t info_at, uint32_t magic)
{
    struct boot_reach reach = {
        .view = memory_at(0),
        .bytes = REACH_END,
    };
    struct boot_range self = { SHIM_LOADED, shim_loaded_end() - SHIM_LOADED };
    struct pvops_info info = { 0 };
    const char *why;

    serial_setup();
    log_line("Xen's hypercall API, version 4.17");
    /* So that whatever is refused ends, too. */
    power_setup(&info, scan_rsdp(0xe0000, LOW_BYTES));
    why = boot_read(&reach, door, info_at, magic, &boot);
    if (!why)
        why = boot_check(&boot, self);
    if (!why)
        why = modules_add_own(&boot);
    if (why)
        boot_failed("%s", why);
    if (!boot.rsdp)
        boot.rsdp = scan_rsdp(0xe0000, LOW_BYTES);
    domain.rsdp = boot.rsdp;
    probe(&info);
    mask_old_interrupts();
    domain.vcpu_count = smp_find(boot.rsdp);
    take_memory(domain.vcpu_count);
    copy_map();
    power_setup(&info, boot.rsdp);
    lapic_find(info.apic_hz);
    ioapic_find(boot.rsdp);
    pirq_setup();
    clock_setup(&info);
    trap_setup();
    modules_find(&boot, &source);
    smp_enter(0, go);
}
