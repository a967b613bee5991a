/* SPDX-License-Identifier: MIT */
/*
 * VMI 3.0: what the files of its consumer share. vmi_32.c finds a ROM and takes
 * its answers, vmi_32_ops.c and x86/vmi_32.S are the ops that do more than jump
 * into it.
 */
#ifndef PVOPS_VMI_32_H
#define PVOPS_VMI_32_H

#include "vmi.h"

enum pvi_vmi32_call {
#define PVOPS_VMI_CALL(number, name) VMI_CALL_##name = number,
#include "abi/vmi_calls.def"
#undef PVOPS_VMI_CALL
    VMI_CALLS
};

/*
 * Where each call is that the ROM answers with CALL_REL or JUMP_REL; 0: it is
 * not asked. Read by x86/vmi_32.S.
 */
extern uintptr_t pvi_vmi32_targets[VMI_CALLS];

/* Linux's first argument of UpdateKernelStack: the kernel's SS. */
extern uint32_t pvi_vmi32_kernel_ss;

/* x86/vmi_32.S: for one call, or two, of pvi_vmi32_targets[]. */
void pvi_vmi32_iret(void);
PVOPS_OP_CALL void pvi_vmi32_set_kernel_stack(void *tss, uintptr_t stack);
PVOPS_OP_CALL void pvi_vmi32_cpuid(uint32_t leaf, uint32_t subleaf,
                                   uint32_t out_regs[4]);
PVOPS_OP_CALL uint64_t pvi_vmi32_read_msr(uint32_t msr);
PVOPS_OP_CALL void pvi_vmi32_write_msr(uint32_t msr, const uint64_t *value);
PVOPS_OP_CALL void pvi_vmi32_write_cr3(uintptr_t root);
PVOPS_OP_CALL void pvi_vmi32_write_entry(PVOPS_MMU_ORDER(pvops_pte *entry,
                                                         pvops_pte value));
PVOPS_OP_CALL void pvi_vmi32_write_root(PVOPS_MMU_ORDER(pvops_pte *entry,
                                                        pvops_pte value));
PVOPS_OP_CALL void pvi_vmi32_alloc_table(PVOPS_MMU_ORDER(uintptr_t level,
                                                         uintptr_t table));
PVOPS_OP_CALL void pvi_vmi32_release_table(PVOPS_MMU_ORDER(uintptr_t level,
                                                           uintptr_t table));
PVOPS_OP_CALL void pvi_vmi32_begin_batch(void);
PVOPS_OP_CALL void pvi_vmi32_end_batch(void);
PVOPS_OP_CALL void pvi_vmi32_flush_asid(unsigned asid);
PVOPS_OP_CALL void pvi_vmi32_flush_all(void);

/* vmi_32_ops.c */
PVOPS_OP_CALL void pvi_vmi32_load_gdt(void *gdt, unsigned bytes);
PVOPS_OP_CALL void pvi_vmi32_load_idt(const void *idt, unsigned bytes);
PVOPS_OP_CALL void pvi_vmi32_flush_range(uintptr_t address, size_t pages);
PVOPS_OP_CALL void pvi_vmi32_modify_entry(pvops_pte *entry, pvops_pte value);

/* vmi_32_time.c: calls 66 to 70. */
PVOPS_OP_CALL uint64_t pvi_vmi32_now_ns(void);
PVOPS_OP_CALL uint64_t pvi_vmi32_stolen_ns(void);
PVOPS_OP_CALL void pvi_vmi32_set_deadline(uint64_t at_ns);
PVOPS_OP_CALL void pvi_vmi32_cancel_deadline(void);
PVOPS_OP_CALL unsigned pvi_vmi32_arrived(unsigned vector);

/* Ask for the frequency; false: it is none. The clock begins at 0. */
bool pvi_vmi32_start_clock(void);
enum pvops_status pvi_vmi32_timer_setup(struct pvops_cpu *cpu);
void pvi_vmi32_timer_teardown(struct pvops_cpu *cpu);

#endif /* PVOPS_VMI_32_H */
