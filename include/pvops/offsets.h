/* SPDX-License-Identifier: MIT */
/*
 * Places of the ops in their tables, and of what assembly reads in struct
 * pvops_cpu. Numbers only, so that assembly can read it; src/tables.c asserts
 * that each is what the C structs say.
 */
#ifndef PVOPS_OFFSETS_H
#define PVOPS_OFFSETS_H

#include <pvops/config.h>

#ifdef __x86_64__
#define PVOPS_POINTER_BYTES 8
#else
#define PVOPS_POINTER_BYTES 4
#endif

/* struct pvops_irq_table */
#define PVOPS_OFF_irq_save_flags (0 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_irq_disable    (1 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_irq_enable     (2 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_irq_safe_halt  (3 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_irq_halt       (4 * PVOPS_POINTER_BYTES)

/* struct pvops_cpu_table */
#define PVOPS_OFF_cpu_entry             (0 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_cpu_iret              (1 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_cpu_swapgs            (2 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_cpu_sysret            (3 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_cpu_set_kernel_stack  (4 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_cpu_set_fs_base       (5 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_cpu_read_fs_base      (6 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_cpu_load_gdt          (7 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_cpu_load_idt          (8 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_cpu_load_tr           (9 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_cpu_set_percpu_base   (10 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_cpu_set_syscall_entry (11 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_cpu_enable_xstate     (12 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_cpu_cpuid             (13 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_cpu_read_msr          (14 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_cpu_write_msr         (15 * PVOPS_POINTER_BYTES)

/* struct pvops_mmu_table */
#define PVOPS_OFF_mmu_read_cr2      (0 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_mmu_read_cr3      (1 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_mmu_write_cr3     (2 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_mmu_read_entry    (3 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_mmu_make_entry    (4 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_mmu_entry_value   (5 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_mmu_write_entry   (6 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_mmu_write_root    (7 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_mmu_alloc_table   (8 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_mmu_release_table (9 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_mmu_begin_batch   (10 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_mmu_end_batch     (11 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_mmu_flush_page    (12 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_mmu_flush_range   (13 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_mmu_flush_asid    (14 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_mmu_flush_all     (15 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_mmu_modify_entry  (16 * PVOPS_POINTER_BYTES)

/* struct pvops_time_table */
#define PVOPS_OFF_time_now_ns          (0 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_time_wall_ns         (1 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_time_stolen_ns       (2 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_time_set_deadline    (3 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_time_cancel_deadline (4 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_time_arrived         (5 * PVOPS_POINTER_BYTES)

/* struct pvops_smp_table */
#define PVOPS_OFF_smp_send_ipi     (0 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_smp_send_ipis    (1 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_smp_flush_range  (2 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_smp_flush_space  (3 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_smp_flush_all    (4 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_smp_is_preempted (5 * PVOPS_POINTER_BYTES)

/* struct pvops_lock_table */
#define PVOPS_OFF_lock_release (0 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_lock_wait    (1 * PVOPS_POINTER_BYTES)
#define PVOPS_OFF_lock_kick    (2 * PVOPS_POINTER_BYTES)

/*
 * struct pvops_cpu. A ROM's area begins at the same place whatever else is in
 * it: ROMs of docs/vmi64.md are built for that offset.
 */
#if PVOPS_VMI && defined(__x86_64__)
#define PVOPS_ROM_CPU_BYTES 4096
#else
#define PVOPS_ROM_CPU_BYTES 0
#endif
#define PVOPS_OFF_self          0
#define PVOPS_OFF_rom           64
#define PVOPS_OFF_xen_vcpu_info (PVOPS_OFF_rom + PVOPS_ROM_CPU_BYTES)

#endif /* PVOPS_OFFSETS_H */
