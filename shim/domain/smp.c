/* SPDX-License-Identifier: MIT */
/*
 * Further CPUs: found in the MADT, started by INIT and start-up, by libpvops'
 * trampoline (src/x86/start.S). Each waits for its VCPU to be up.
 *
 * Source: ACPI 6.5, 5.2.12; Intel SDM volume 3, 9.4.4.1 (times).
 */
#include "domain/smp.h"

#include "abi/acpi.h"
#include "abi/lapic.h"
#include "abi/x86.h"
#include "acpi.h"
#include "boot/cpu.h"
#include "boot/map.h"
#include "dev/clock.h"
#include "dev/lapic.h"
#include "domain/domain.h"
#include "log.h"
#include "mm/flush.h"
#include "mm/lock.h"
#include "mm/memory.h"
#include "trap/trap.h"
#include "x86/start.h"

#include <string.h>

#include <x86/insn.h>
#include <x86/system.h>

enum {
    TRAMPOLINE = 0x8000,
    AFTER_INIT_NS = 10000000,
    AFTER_STARTUP_NS = 1000000,
    COME_NS = 500000000,
    XAPIC_LAST = 254, /* higher ids are x2APIC's; 255 is all CPUs */
};

#define CR4_FIRST X86_CR4_PAE

static uint32_t apic_ids[VCPUS_MOST], acpi_ids[VCPUS_MOST];
static volatile unsigned came;

extern uint8_t boot_root[];

static uint32_t load32(const uint8_t *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof(value));
    return value;
}

/* One that an xAPIC cannot name is none. */
static bool is_cpu(const uint8_t *entry, uint32_t *out_id, uint32_t *out_acpi)
{
    if (entry[0] == ACPI_MADT_LAPIC && entry[1] >= ACPI_MADT_LAPIC_BYTES) {
        *out_acpi = entry[2];
        *out_id = entry[3];
        return load32(entry + 4) & ACPI_MADT_ENABLED;
    }
    if (entry[0] == ACPI_MADT_X2APIC && entry[1] >= ACPI_MADT_X2APIC_BYTES) {
        *out_id = load32(entry + 4);
        *out_acpi = load32(entry + 12);
        if (!(load32(entry + 8) & ACPI_MADT_ENABLED) || *out_id <= XAPIC_LAST)
            return false;
        if (lapic_is_wide())
            return true;
        log_line("the CPU with APIC id %u is left out: xAPIC mode", *out_id);
    }
    return false;
}

unsigned smp_find(uint64_t rsdp)
{
    struct pvi_acpi_table madt = { .length = 0 };
    uint32_t own = lapic_is_wide() ? lapic_id() : x86_cpuid(1, 0).ebx >> 24;
    uint32_t id, acpi;
    unsigned count = 1;

    apic_ids[0] = own;
    if (!pvi_acpi_find(rsdp, "APIC", &madt) || madt.length < ACPI_MADT_BYTES)
        return 1;
    for (size_t at = ACPI_MADT_BYTES; madt.length - at >= 2;
         at += madt.bytes[at + 1]) {
        size_t length = madt.bytes[at + 1];

        if (length < 2 || length > madt.length - at)
            break;
        if (!is_cpu(madt.bytes + at, &id, &acpi))
            continue;
        if (id == own) {
            acpi_ids[0] = acpi;
        } else if (count < VCPUS_MOST) {
            apic_ids[count] = id;
            acpi_ids[count++] = acpi;
        }
    }
    return count;
}

uint32_t smp_acpi_id(unsigned id)
{
    return acpi_ids[id];
}

void smp_enter(unsigned id, void (*go)(void))
{
    __asm__ volatile("mov %0, %%rsp\n\t"
                     "xor %%ebp, %%ebp\n\t"
                     "call *%1\n\t"
                     "ud2"
                     :
                     : "r"(vcpu_at(id)), "r"(go)
                     : "memory");
    __builtin_unreachable();
}

static void begin(void)
{
    struct vcpu *vcpu = vcpu_this();

    vcpu->id = (uint32_t)(((uintptr_t)vcpu - SHIM_CPUS) / AREA_BYTES);
    cpu_setup(vcpu);
    came = vcpu->id;
    vcpu_wait_up(vcpu);
}

/* From the trampoline, on a stack of the boot CPU's, in boot_root. */
void smp_begin(unsigned id);

void smp_begin(unsigned id)
{
    x86_write_cr3(map_root);
    smp_enter(id, begin);
}

static void wait_ns(uint64_t ns)
{
    uint64_t end = clock_ns() + ns;

    while (clock_ns() < end)
        x86_pause();
}

static bool came_within(unsigned id, uint64_t ns)
{
    uint64_t end = clock_ns() + ns;

    while (came != id) {
        if (clock_ns() > end)
            return false;
        x86_pause();
    }
    return true;
}

static void fill_trampoline(unsigned id)
{
    static uint8_t stack[PAGE_BYTES] __attribute__((aligned(16)));
    struct start_page *page = memory_at(TRAMPOLINE);

    memcpy(page, pvi_start_code, pvi_start_code_bytes);
    page->far32.offset = TRAMPOLINE + pvi_start_far32;
    page->far64.offset = TRAMPOLINE + pvi_start_far64;
    page->gdt_base = TRAMPOLINE + START_GDT;
    page->far32.selector = START_CS32;
    page->far64.selector = START_CS;
    page->efer = x86_rdmsr(MSR_EFER) & ~(uint64_t)EFER_LMA;
    page->cr0 = (uint32_t)x86_read_cr0();
    page->cr3 = (uint32_t)((uintptr_t)boot_root - SHIM_TEXT + SHIM_LOADED);
    page->cr4_first = CR4_FIRST;
    page->cr4 = CR4_FIRST;
    page->stack = (uintptr_t)stack + sizeof(stack);
    page->ticket = id;
    page->go = (uintptr_t)smp_begin;
}

static bool start(unsigned id)
{
    fill_trampoline(id);
    lapic_send(apic_ids[id], APIC_ICR_INIT | APIC_ICR_ASSERT);
    wait_ns(AFTER_INIT_NS);
    for (unsigned i = 0; i < 2; i++) {
        lapic_send(apic_ids[id], APIC_ICR_STARTUP | APIC_ICR_ASSERT |
                                     TRAMPOLINE >> PAGE_BITS);
        if (came_within(id, i ? COME_NS : AFTER_STARTUP_NS))
            return true;
    }
    return false;
}

void smp_start_others(void)
{
    unsigned count = domain.vcpu_count;

    lock_several = count > 1;
    for (unsigned i = 1; i < count; i++) {
        if (!start(i)) {
            log_line("CPU %u (APIC id %u) does not come: the guest has %u", i,
                     apic_ids[i], i);
            domain.vcpu_count = i;
            return;
        }
    }
}

void vcpu_wake(struct vcpu *vcpu)
{
    if (vcpu != vcpu_this())
        lapic_send(vcpu->apic_id, VECTOR_KICK);
}

/* What VCPUOP_initialise set is left as it is: the next time it begins there.
 */
void vcpu_wait_up(struct vcpu *vcpu)
{
    vcpu->running = false;
    flush_serve();
    x86_write_cr3(map_root);
    vcpu->periodic_ns = 0;
    runstate_change(vcpu, RUNSTATE_offline);
    while (!vcpu->up) {
        x86_sti_hlt();
        x86_cli();
    }
    vcpu->running = true;
    vcpu_start(vcpu);
}

/* Its registers are all in vcpu->regs; it goes on where they say. */
void vcpu_look_down(struct vcpu *vcpu)
{
    uint64_t gs, other;

    if (vcpu->up)
        return;
    gs = x86_rdmsr(MSR_GS_BASE);
    other = x86_rdmsr(MSR_KERNEL_GS_BASE);
    vcpu->start_fs = x86_rdmsr(MSR_FS_BASE);
    vcpu->start_gs_kernel = vcpu->kernel_mode ? gs : other;
    vcpu->start_gs_user = vcpu->kernel_mode ? other : gs;
    vcpu_wait_up(vcpu);
}
