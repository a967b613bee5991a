/* SPDX-License-Identifier: MIT */
/*
 * What a PV domain asks of Xen for its page tables: at once, or in a batch as
 * few hypercalls at its end.
 *
 * What waits is this CPU's: another's batch, and what it looks at, is the
 * embedder's to keep apart (docs/mmu.md). Before its pvops_cpu_setup(), and
 * where vcpu_info is not the library's, there is no batch, and a begin does
 * nothing. What Xen refuses panics.
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
    PVI_BATCH_PAGES = 8, /* flushed one by one */
    PVI_BATCH_CALLS = 8,
};

/* pvops_cpu.batch_ */
struct pvi_xen_batch {
    unsigned depth; /* of begins; 0: everything is done at once */
    unsigned updates, ops, calls;
    unsigned pages;        /* more than PVI_BATCH_PAGES: everything */
    bool everywhere;       /* more than that, on every VCPU */
    bool mappings;         /* some of 'updates' are pvi_xen_batch_map()'s */
    uint64_t tables;       /* of the others: a bit for each, by its frame */
    unsigned long *length; /* of the last call, if it is updates; else NULL */
    struct multicall_entry call[PVI_BATCH_CALLS + 1];
    struct mmuext_op page[PVI_BATCH_PAGES];
    struct mmu_update update[PVI_BATCH_UPDATES];
    struct mmuext_op op[PVI_BATCH_OPS];
};

static inline struct pvi_xen_batch *pvi_xen_batch(struct pvops_cpu *cpu)
{
    return (struct pvi_xen_batch *)(void *)cpu->batch_;
}

/* The entry at the guest's own 'paddr'; 'how' is MMU_*, 'value' as Xen's. */
void pvi_xen_batch_update(pvops_paddr paddr, unsigned how, uint64_t value);

/*
 * The library's own mapping of a table at 'va', whose entry is at 'machine':
 * writable, or not. In a batch what is read there is right but for the write
 * bit, if pvi_xen_batch_maps().
 */
void pvi_xen_batch_map(uintptr_t va, uint64_t machine, uint64_t value);
bool pvi_xen_batch_maps(void);

/* A table's bit in pvi_xen_batch.tables; others have the same. */
static inline uint64_t pvi_xen_batch_bit(pvops_paddr paddr)
{
    return UINT64_C(1) << (paddr >> 12) % 64;
}

/*
 * If an update of the kernel's waits for one of these tables, or seems to:
 * send all, and true.
 */
bool pvi_xen_batch_settle(uint64_t tables);

/* MMUEXT_PIN_*, MMUEXT_UNPIN_TABLE. */
void pvi_xen_batch_pin(unsigned cmd, uint64_t mfn);

/* Flushes are done after all else: nothing in a batch waits for one. */
void pvi_xen_batch_flush(uintptr_t address, size_t pages);
void pvi_xen_batch_flush_all(void);

/* At once, after all that waits, on 'cpus'; NULL: on every VCPU. */
void pvi_xen_batch_flush_cpus(const struct pvops_cpus *cpus, uintptr_t address,
                              size_t pages);

void pvi_xen_batch_kernel_stack(uintptr_t ss, uintptr_t stack);

/*
 * Send what waits and change to the root 'mfn', with 'user_mfn' (0: none) in
 * user mode. Ends all batches. Interrupts are off.
 */
void pvi_xen_batch_root(uint64_t mfn, uint64_t user_mfn);

PVOPS_OP_CALL void pvi_xen_pv_begin_batch(void);
PVOPS_OP_CALL void pvi_xen_pv_end_batch(void);

#endif

#endif /* PVOPS_XEN_PV_BATCH_H */
