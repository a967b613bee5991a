/* SPDX-License-Identifier: MIT */
/*
 * ops: runs the blocks of ops.S: by hand, through the table, and, after
 * pvops_seal(), sealed. On bare metal only.
 */
#include <guest.h>

#include "internal.h"

#include "abi/x86.h"
#include <x86/insn.h>
#include <x86/system.h>

struct pvi_state pvi;
struct pvi_body pvi_vmi_bodies[1]; /* no ROM */
struct pvops_irq_table pvops_irq_table;
struct pvops_cpu_table pvops_cpu_table;
struct pvops_mmu_table pvops_mmu_table;
struct pvops_time_table pvops_time_table;
struct pvops_lock_table pvops_lock_table;

/* kernel/link.ld */
extern const int32_t sites_start[], sites_stop[];

extern void *const ops_cell;
extern const uint8_t ops_tss[16];
void ops_hand(void);
void ops_table(void);
void ops_sealed(void);

/* The text is writable where it is. */
void *pvops_host_text(const void *at, size_t bytes)
{
    (void)bytes;
    return (void *)(uintptr_t)at;
}

bool pvops_host_rom(const struct pvops_rom *rom)
{
    (void)rom;
    return false;
}

void pvi_log(enum pvops_log_level level, const char *format, ...)
{
    (void)level;
    (void)format;
}

void pvops_lock_slow(struct pvops_lock *lock, uint16_t ticket)
{
    (void)lock;
    guest_fail("lock", "ticket %u has to wait", ticket);
}

/* No interrupt comes while they are on: both 8259As are masked. */
static void mask_interrupts(void)
{
    __asm__ volatile("outb %0, $0x21\n\toutb %0, $0xa1" : : "a"((uint8_t)0xff));
}

/* WRFSBASE, of which sealing puts a body of five bytes inline. */
static void install_wrfsbase(void)
{
#ifdef __x86_64__
    if (!(x86_cpuid(CPUID_MORE_FEATURES, 0).ebx & CPUID_7_EBX_FSGSBASE))
        guest_fail("ops", "this CPU has no WRFSBASE");
    x86_write_cr4(x86_read_cr4() | X86_CR4_FSGSBASE);
    pvops_cpu_table.set_fs_base = pvi_wrfsbase;
#endif
}

/* What the last of all stored there: the address of the cell. */
static bool stack_stored(void)
{
    const void *stack;

    __builtin_memcpy(&stack, ops_tss + 4, sizeof(stack));
    return stack == &ops_cell;
}

void guest_main(void)
{
    static const struct pvi_backend native = { .name = "native" };
    struct pvops_sites sites = {
        .start = sites_start,
        .stop = sites_stop,
    };

    guest_begin();
    mask_interrupts();
    pvi.stage = PVI_STAGE_BOOT_CPU;
    pvi.backend = &native;
    pvops_irq_table.save_flags = pvi_native_irq_save_flags;
    pvops_irq_table.disable = pvi_native_irq_disable;
    pvops_irq_table.enable = pvi_native_irq_enable;
    pvops_cpu_table.entry = pvi_native_cpu_entry;
    pvops_cpu_table.iret = pvi_native_cpu_iret;
    pvops_cpu_table.swapgs = pvi_native_cpu_swapgs;
    pvops_cpu_table.sysret = pvi_native_cpu_sysret;
    pvops_cpu_table.set_kernel_stack = pvi_native_cpu_set_kernel_stack;
    install_wrfsbase();
    pvops_mmu_table.read_cr2 = pvi_native_mmu_read_cr2;
    pvops_mmu_table.read_cr3 = pvi_native_mmu_read_cr3;
    pvops_mmu_table.write_cr3 = pvi_native_mmu_write_cr3;
    pvops_mmu_table.read_entry = pvi_native_mmu_read_entry;
    pvops_mmu_table.write_entry = pvi_native_mmu_write_entry;
    pvops_mmu_table.write_root = pvi_native_mmu_write_root;
    pvops_mmu_table.make_entry = pvi_native_mmu_make_entry;
    pvops_mmu_table.entry_value = pvi_native_mmu_entry_value;
    pvops_mmu_table.flush_page = pvi_native_mmu_flush_page;
    pvops_mmu_table.alloc_table = pvi_native_mmu_alloc_table;
    pvops_mmu_table.release_table = pvi_native_mmu_release_table;
    pvops_mmu_table.begin_batch = pvi_native_mmu_begin_batch;
    pvops_mmu_table.end_batch = pvi_native_mmu_end_batch;
    pvops_lock_table.release = pvi_native_lock_release;

    ops_hand();
    ops_table();
    if (pvops_seal(&sites) != PVOPS_OK || sites.left)
        guest_fail("seal", "%u sites are left", sites.left);
    ops_sealed();
    if (pvops_verify(&sites, NULL) == PVOPS_OK && ops_cell == &ops_cell &&
        stack_stored())
        guest_pass("ops");
    else
        guest_fail("ops", "a site or the cell has changed");
    guest_end();
}
