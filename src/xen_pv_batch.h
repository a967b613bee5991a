/* SPDX-License-Identifier: MIT */
/*
 * What a PV domain asks of Xen for its page tables: at once, or in a batch as
 * few hypercalls at its end.
 *
 * Everything here is by this CPU. Before its pvops_cpu_setup() there is no
 * batch, and a begin does nothing. What Xen refuses panics.
 */
#ifndef PVOPS_XEN_PV_BATCH_H
#define PVOPS_XEN_PV_BATCH_H

#include "xen.h"

#include "abi/xen_pv.h"

#if defined(__x86_64__) && PVOPS_FULL

/* Places for one batch; what is more is sent before its end. */
enum {
    PVI_BATCH_UPDATES = 64,
    PVI_BATCH_OPS = 8,
    PVI_BATCH_PAGES = 16, /* flushed one by one */
    PVI_BATCH_CALLS = 8,
};

/* pvops_cpu.batch_ */
struct pvi_xen_batch {
    unsigned depth; /* of begins; 0: everything is done at once */
    unsigned updates, ops, calls;
    unsigned pages;    /* more than PVI_BATCH_PAGES: everything */
    unsigned mappings; /* of 'updates', by pvi_xen_batch_map() */
    uint64_t tables;   /* of the others: a bit for each, by its frame */
    struct multicall_entry call[PVI_BATCH_CALLS + 1];
    struct mmu_update update[PVI_BATCH_UPDATES];
    struct mmuext_op op[PVI_BATCH_OPS];
    struct mmuext_op page[PVI_BATCH_PAGES];
};

static inline struct pvi_xen_batch *pvi_xen_batch(struct pvops_cpu *cpu)
{
    return (struct pvi_xen_batch *)(void *)cpu->batch_;
}

/* 'machine' as in struct mmu_update; 'value' as Xen has it. */
void pvi_xen_batch_update(uint64_t machine, uint64_t value);

/*
 * The same for the library's own mappings of tables. What it then reads there
 * is right but for the write bit, if pvi_xen_batch_maps().
 */
void pvi_xen_batch_map(uint64_t machine, uint64_t value);
bool pvi_xen_batch_maps(void);

/*
 * If an update of the kernel's may wait for the table at 'machine': send all,
 * and true.
 */
bool pvi_xen_batch_settle(uint64_t machine);

/* MMUEXT_PIN_*, MMUEXT_UNPIN_TABLE. */
void pvi_xen_batch_pin(unsigned cmd, uint64_t mfn);

/* Flushes are done after all else: nothing in a batch waits for one. */
void pvi_xen_batch_flush(uintptr_t address, size_t pages);
void pvi_xen_batch_flush_all(void);

void pvi_xen_batch_kernel_stack(uintptr_t ss, uintptr_t stack);

/*
 * Send what waits and change to the root 'mfn', with 'user_mfn' (0: none) in
 * user mode. Ends all batches. Interrupts are off.
 */
void pvi_xen_batch_root(uint64_t mfn, uint64_t user_mfn);

/* Where the boot CPU's is until the segment leads to it; NULL: none yet. */
extern struct pvi_xen_batch *pvi_xen_boot_batch;

PVOPS_OP_CALL void pvi_xen_pv_begin_batch(void);
PVOPS_OP_CALL void pvi_xen_pv_end_batch(void);

#endif

#endif /* PVOPS_XEN_PV_BATCH_H */
