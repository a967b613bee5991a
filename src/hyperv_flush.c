/* SPDX-License-Identifier: MIT */
/*
 * Translations that several virtual processors forget, by hypercall: the
 * hypervisor does it for those that do not run, and no interrupt is taken.
 *
 * A range takes global translations along: the list of ranges is for all
 * address spaces, because the specification does not say that a list for one
 * does so on a processor that is in another.
 */
#include "hyperv.h"

#include "abi/hyperv_calls.h"
#include "abi/hyperv_hypercall.h"
#include <x86/percpu.h>

enum { PAGE_BYTES = 4096, WORDS = PAGE_BYTES / sizeof(uint64_t) };

/* What of CR3 is no address: PCID, or PWT and PCD; bit 63 keeps entries. */
#ifdef __x86_64__
#define CR3_ADDRESS UINT64_C(0x000ffffffffff000)
#else
#define CR3_ADDRESS UINT64_C(0xffffffe0)
#endif

/*
 * The plain or the Ex form; how long it is, in words, or 0: neither will do, or
 * nobody is left to be named.
 */
static unsigned write_head(uint64_t *page, const struct pvops_cpus *cpus,
                           uint64_t space, uint64_t flags,
                           uint64_t *out_control)
{
    struct hv_flush *plain = (struct hv_flush *)page;
    struct hv_flush_ex *ex = (struct hv_flush_ex *)page;
    unsigned banks;

    plain->address_space = space;
    plain->flags = flags;
    plain->processor_mask = 0;
    *out_control = HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE;
    if (flags & HV_FLUSH_ALL_PROCESSORS)
        return sizeof(*plain) / sizeof(uint64_t);
    if (pvi_hyperv_vp_mask(cpus, &plain->processor_mask))
        return plain->processor_mask ? sizeof(*plain) / sizeof(uint64_t) : 0;
    if (!(pvi_hyperv.hints & HV_EX_PROCESSOR_MASKS_RECOMMENDED))
        return 0;
    banks = pvi_hyperv_vp_set(cpus, &ex->processors);
    *out_control = HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX |
                   (uint64_t)banks << HV_HYPERCALL_VARHEAD_SHIFT;
    return banks ? sizeof(*ex) / sizeof(uint64_t) + banks : 0;
}

/* How many entries; 0: there is no room for them. */
static unsigned write_list(uint64_t *list, unsigned room, uintptr_t address,
                           size_t pages)
{
    unsigned n = 0;

    for (; pages; n++) {
        size_t some = pages < HV_GVA_RANGE_PAGES ? pages : HV_GVA_RANGE_PAGES;

        if (n == room)
            return 0;
        list[n] = (address & ~(uintptr_t)(PAGE_BYTES - 1)) | (some - 1);
        address += some * PAGE_BYTES;
        pages -= some;
    }
    return n;
}

/* A rep call may come back before all is done. */
static bool call(uint64_t control, unsigned reps, uint64_t operands)
{
    uint64_t from = 0, result, done;

    for (;;) {
        result = pvi_hyperv_call(control |
                                     (uint64_t)reps << HV_HYPERCALL_REPS_SHIFT |
                                     from << HV_HYPERCALL_REP_START_SHIFT,
                                 operands, 0);
        done = result >> HV_HYPERCALL_REPS_SHIFT & HV_HYPERCALL_REPS_MASK;
        /* It would never end. */
        if (!(result & HV_STATUS_MASK) && done < reps && done <= from)
            result |= HV_STATUS_MASK;
        if (!pvi_hyperv_called(result, "flush",
                               HV_REMOTE_TLB_FLUSH_RECOMMENDED))
            return false;
        if (done >= reps)
            return true;
        from = done;
    }
}

/* By this CPU's page, with interrupts off. 'pages' is 0: no range. */
static bool flush_others(const struct pvi_hyperv_cpu *h,
                         const struct pvops_cpus *cpus, uint64_t space,
                         uint64_t flags, uintptr_t address, size_t pages)
{
    uint64_t *page = (uint64_t *)h->operands;
    unsigned reps = 0, words;
    uint64_t control;

    words = write_head(page, cpus, space, flags, &control);
    if (!words)
        return false;
    if (pages)
        reps = write_list(page + words, WORDS - words, address, pages);
    /* The list forms have the number that follows. */
    if (reps)
        control++;
    return call(control, reps, h->operands_paddr);
}

/*
 * Those of 'cpus' that are not this one. False: nothing was done; else the rest
 * is this CPU's own, if '*out_own'.
 */
static bool flush(const struct pvops_cpus *cpus, uint64_t space, uint64_t flags,
                  uintptr_t address, size_t pages, bool *out_own)
{
    struct pvops_cpu *self = pvi_this_cpu();
    struct pvops_cpus others;
    uintptr_t were;
    bool done;

    if (!self || !pvi_common(self)->set_up || !pvi_hyperv_cpu(self)->operands ||
        !pvi_hyperv_has_vps() ||
        !(pvi_hyperv.hints & HV_REMOTE_TLB_FLUSH_RECOMMENDED))
        return false;
    *out_own = !cpus || pvops_cpus_has(cpus, self->index);
    /*
     * Entries are written before it is seen who is there: one that is not, and
     * forgets everything as it comes, then finds them as they are now.
     */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (!pvi_smp_others(cpus, &others))
        return true;
    if (!cpus)
        flags |= HV_FLUSH_ALL_PROCESSORS;
    were = pvops_irq_table.save_flags();
    pvops_irq_table.disable();
    done = flush_others(pvi_hyperv_cpu(self), &others, space, flags, address,
                        pages);
    if (were & PVOPS_IRQ_IF)
        pvops_irq_table.enable();
    return done;
}

static const struct pvops_cpus *only_this(struct pvops_cpus *cpus)
{
    *cpus = (struct pvops_cpus){ { 0 } };
    pvops_cpus_add(cpus, pvi_this_cpu()->index);
    return cpus;
}

PVOPS_OP_CALL static void flush_range(const struct pvops_cpus *cpus,
                                      uintptr_t root, uintptr_t address,
                                      size_t pages)
{
    struct pvops_cpus self;
    bool own = false;

    if (!pages)
        return;
    if (!flush(cpus, 0, HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES, address, pages,
               &own))
        pvi_native_smp_flush_range(cpus, root, address, pages);
    else if (own)
        pvi_native_smp_flush_range(only_this(&self), root, address, pages);
}

PVOPS_OP_CALL static void flush_space(const struct pvops_cpus *cpus,
                                      uintptr_t root)
{
    struct pvops_cpus self;
    bool own = false;

    if (!flush(cpus, root & CR3_ADDRESS, HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY, 0,
               0, &own))
        pvi_native_smp_flush_space(cpus, root);
    else if (own)
        pvi_native_smp_flush_space(only_this(&self), root);
}

PVOPS_OP_CALL static void flush_all(const struct pvops_cpus *cpus)
{
    struct pvops_cpus self;
    bool own = false;

    if (!flush(cpus, 0, HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES, 0, 0, &own))
        pvi_native_smp_flush_all(cpus);
    else if (own)
        pvi_native_smp_flush_all(only_this(&self));
}

void pvi_hyperv_flush_install(void)
{
    pvops_smp_table.flush_range = flush_range;
    pvops_smp_table.flush_space = flush_space;
    pvops_smp_table.flush_all = flush_all;
}
