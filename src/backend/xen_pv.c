/* SPDX-License-Identifier: MIT */
/*
 * Xen's PV domains, 64 bit: a kernel in ring 3, Xen beneath it.
 *
 * Detects:  how the kernel was entered; CPUID does not tell.
 * Installs: every op but rdmsr and wrmsr, which Xen emulates.
 * Leaves:   nothing native that is not harmless in ring 3.
 * Host:     pvops_host_paddr(), pvops_host_va().
 */
#include "xen.h"

#if defined(__x86_64__) && PVOPS_FULL

#include "abi/x86_gate.h"
#include "abi/xen_pv.h"
#include "x86/xen_hypercall.h"
#include "xen_pv_batch.h"

#include <x86/insn.h>
#include <x86/percpu.h>

enum { PAGE_BYTES = 4096 };

_Static_assert(offsetof(struct pvops_cpu, private_) == PVI_OFF_xen_cr3 &&
                   offsetof(struct pvi_xen_cpu, cr3) == 0,
               "PVI_OFF_xen_cr3");
_Static_assert(sizeof(struct pvi_xen_cpu) <=
                   sizeof(((struct pvops_cpu *)0)->private_),
               "private_ is too small");

/* Until there is a real one: events masked, none pending. */
static struct vcpu_info none = { .evtchn_upcall_mask = 1 };
struct vcpu_info *pvi_xen_pv_vcpu_info = &none;
bool pvi_xen_pv_by_segment;

/*
 * By the segment the flag is in pvops_cpu, which Xen learns of in set-up. Until
 * then a further CPU's events stay masked in the place that Xen looks at, and
 * the hypercall would unmask them: with no handler, the end of the domain.
 */
PVOPS_OP_CALL static void safe_halt(void)
{
    if (pvi_xen_pv_by_segment && !pvi_this_cpu())
        pvi_panic("pvops_irq_safe_halt() before this CPU's pvops_cpu_setup()");
    (void)xen_block();
}

/* Events stay masked, so nothing ends it; but it may return at any time. */
PVOPS_OP_CALL static void halt(void)
{
    (void)xen_poll_nothing();
}

PVOPS_OP_CALL static void load_tr(unsigned selector)
{
    (void)selector;
}

PVOPS_OP_CALL static void set_kernel_stack(void *tss, uintptr_t stack)
{
    (void)tss;
    pvi_xen_batch_kernel_stack(FLAT_RING3_SS64, stack);
}

PVOPS_OP_CALL static void set_percpu_base(uintptr_t base)
{
    long result = xen_set_segment_base(
        X86_PERCPU_SEGMENT_IS_GS ? SEGBASE_GS_KERNEL : SEGBASE_FS, base);

    if (result < 0)
        pvi_panic("xen_pv: Xen refuses the segment base 0x%llx (-%u)",
                  (unsigned long long)base, pvi_xen_errno(result));
}

PVOPS_OP_CALL static void cpuid(uint32_t leaf, uint32_t subleaf,
                                uint32_t out_regs[4])
{
    struct x86_cpuid r = x86_cpuid_xen_pv(leaf, subleaf);

    out_regs[0] = r.eax;
    out_regs[1] = r.ebx;
    out_regs[2] = r.ecx;
    out_regs[3] = r.edx;
}

static bool detect(const struct pvops_info *info)
{
    return info->entry == PVOPS_ENTRY_XEN_PV;
}

/* From none of the three places: NULL, with a log line. */
static volatile struct shared_info *
find_shared_info(const struct start_info *start)
{
    void *page = pvi_page(PVI_PAGE_SHARED);
    long result;

    if (pvi.resources.xen_shared_info)
        return pvi.resources.xen_shared_info;
    if (pvi.info.xen_shared_info)
        return (volatile struct shared_info *)pvi.info.xen_shared_info;
    if (!page) {
        pvi_log(PVOPS_LOG_ERROR,
                "xen_pv: no shared_info: neither mapped by the kernel nor a "
                "page to map it at");
        return NULL;
    }
    result = xen_update_va_mapping((uintptr_t)page,
                                   (start->shared_info & X86_PTE_ADDRESS) |
                                       X86_PTE_PRESENT | X86_PTE_WRITE |
                                       X86_PTE_ACCESSED | X86_PTE_DIRTY |
                                       PVOPS_PTE_MACHINE);
    if (result < 0) {
        pvi_log(PVOPS_LOG_ERROR, "xen_pv: Xen refuses to map shared_info (-%u)",
                pvi_xen_errno(result));
        return NULL;
    }
    return page;
}

/* Until the boot CPU's vcpu_info is the library's, or for good. */
static const char found[] = "vcpu_info where it was found";
static const char own[] = "vcpu_info in pvops_cpu";

const struct pvi_op pvi_ops_xen_pv[] = {
    PVI_OP(irq, save_flags, pvi_xen_pv_boot_save_flags, found),
    PVI_OP(irq, disable, pvi_xen_pv_boot_disable, found),
    PVI_OP(irq, enable, pvi_xen_pv_boot_enable, found),
    PVI_OP(irq, save_flags, pvi_xen_pv_save_flags, own),
    PVI_OP(irq, disable, pvi_xen_pv_disable, own),
    PVI_OP(irq, enable, pvi_xen_pv_enable, own),
    PVI_OP(cpu, entry, pvi_xen_pv_entry, NULL),
    PVI_OP(cpu, iret, pvi_xen_pv_iret, NULL),
    PVI_OP(cpu, swapgs, pvi_xen_pv_swapgs, NULL),
    PVI_OP(cpu, sysret, pvi_xen_pv_sysret, NULL),
    PVI_OP(cpu, set_fs_base, pvi_xen_pv_set_fs_base, NULL),
    PVI_OP(cpu, set_fs_base, pvi_wrfsbase, pvi_user_bases),
    PVI_OP(mmu, read_cr2, pvi_xen_pv_boot_read_cr2, found),
    PVI_OP(mmu, read_cr3, pvi_xen_pv_boot_read_cr3, found),
    PVI_OP(mmu, read_cr2, pvi_xen_pv_read_cr2, own),
    PVI_OP(mmu, read_cr3, pvi_xen_pv_read_cr3, own),
    PVI_OP(mmu, write_cr3, pvi_xen_pv_write_cr3, NULL),
    PVI_OP(mmu, read_entry, pvi_xen_pv_read_entry, NULL),
    PVI_OP(mmu, make_entry, pvi_xen_pv_make_entry, NULL),
    PVI_OP(mmu, entry_value, pvi_xen_pv_entry_value, NULL),
    PVI_OP(mmu, write_entry, pvi_xen_pv_write_entry, NULL),
    PVI_OP(mmu, write_root, pvi_xen_pv_write_root, NULL),
    PVI_OP(mmu, alloc_table, pvi_xen_pv_alloc_table, NULL),
    PVI_OP(mmu, release_table, pvi_xen_pv_release_table, NULL),
    PVI_OP(mmu, begin_batch, pvi_xen_pv_begin_batch, NULL),
    PVI_OP(mmu, end_batch, pvi_xen_pv_end_batch, NULL),
    PVI_OP(mmu, flush_page, pvi_xen_pv_flush_page, NULL),
    PVI_OP(cpu, set_kernel_stack, set_kernel_stack, NULL),
    PVI_OP(lock, release, pvi_paravirt_lock_release, NULL),
    PVI_OPS_END,
};

/* A log function of the kernel's may well turn interrupts off: no CLI then. */
static void replace(void)
{
    pvi_xen_pv_vcpu_info = &none;
    pvi_xen_pv_by_segment = false;
    pvi_install(pvi_ops_xen_pv, NULL);
    pvi_install(pvi_ops_xen_pv, found);
    pvops_irq_table.safe_halt = safe_halt;
    pvops_irq_table.halt = halt;
    pvops_cpu_table.load_gdt = pvi_xen_pv_load_gdt;
    pvops_cpu_table.load_idt = pvi_xen_pv_load_idt;
    pvops_cpu_table.load_tr = load_tr;
    pvops_cpu_table.set_percpu_base = set_percpu_base;
    pvops_cpu_table.set_syscall_entry = pvi_xen_pv_set_syscall_entry;
    pvops_cpu_table.enable_xstate = pvi_xen_pv_enable_xstate;
    pvops_cpu_table.cpuid = cpuid;
    pvops_mmu_table.flush_range = pvi_xen_pv_flush_range;
    pvops_mmu_table.flush_asid = pvi_xen_pv_flush_asid;
    pvops_mmu_table.flush_all = pvi_xen_pv_flush_all;
    pvops_mmu_table.modify_entry = pvi_xen_pv_modify_entry;

    pvops_time_table.wall_ns = pvi_xen_time_wall_ns;
    pvops_time_table.stolen_ns = pvi_xen_time_stolen_ns;
    pvops_time_table.set_deadline = pvi_xen_time_set_deadline;
    pvops_time_table.cancel_deadline = pvi_xen_time_cancel_deadline;
    pvops_time_table.arrived = pvi_xen_time_arrived;
}

/*
 * Xen writes the time into vcpu_info: into the place in shared_info, and into
 * another only once that is registered. The TSC alone would be wrong after the
 * domain was moved to another machine.
 */
static void restart_clock(void)
{
    pvops_clock_start(&pvi.clock, &pvi.info, &pvi_xen_pv_vcpu_info->time, 0);
    pvi.caps &= ~PVOPS_CAP_CLOCK_GLOBAL;
    if (pvi.clock.global)
        pvi.caps |= PVOPS_CAP_CLOCK_GLOBAL;
    pvi_log(PVOPS_LOG_INFO, "xen_pv: clock: %s%s",
            pvi.clock.kind == PVOPS_CLOCK_PVCLOCK ? "pvclock" : "TSC",
            pvi.clock.global ? "" : ", each CPU its own");
}

static enum pvops_status setup(const struct pvops_setup_options *options)
{
    const struct start_info *start =
        options->probe ? options->probe->xen_start_info : NULL;
    enum pvops_status status;

    if (!start) {
        pvi_log(PVOPS_LOG_ERROR, "xen_pv: no start_info was given");
        return PVOPS_E_INVALID;
    }
    if (!pvi_xen_find(&pvi.info)) {
        pvi_log(PVOPS_LOG_ERROR, "xen_pv: Xen does not answer hypercalls");
        return PVOPS_E_REFUSED;
    }
    pvi.caps &=
        ~(PVOPS_CAP_LARGE_PAGES | PVOPS_CAP_RING0 | PVOPS_CAP_WRITABLE_TABLES);
    pvi.selectors = (struct pvops_selectors){
        .kernel_cs = PVI_XEN_PV_CS,
        .kernel_ss = PVI_XEN_PV_SS,
        .user_cs = FLAT_RING3_CS64,
        .user_ss = FLAT_RING3_SS64,
    };
    pvi_xen_setup();
    if (pvi_xen.features & (1u << XENFEAT_auto_translated_physmap)) {
        pvi_log(PVOPS_LOG_ERROR,
                "xen_pv: this Xen translates frames for PV domains");
        return PVOPS_E_UNSUPPORTED;
    }
    status = pvi_xen_pv_mmu_setup(start);
    if (status != PVOPS_OK)
        return status;

    pvi_xen.shared = find_shared_info(start);
    if (!pvi_xen.shared)
        return PVOPS_E_REFUSED;
    pvi.resources.xen_shared_info = (void *)pvi_xen.shared;
    pvi_xen_pv_vcpu_info = pvi_xen_vcpu_info_0();
    pvi_xen_smp_setup();
    pvi_xen_pv_smp_setup();
    restart_clock();
    return PVOPS_OK;
}

/* From the boot CPU's place to this CPU's: the irq ops and what they read. */
static enum pvops_status move_flags(struct pvops_cpu *cpu)
{
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);

    if (cpu->index != 0 && !x->registered) {
        pvi_log(PVOPS_LOG_ERROR, "xen_pv: CPU %u has no vcpu_info of its own",
                cpu->index);
        return PVOPS_E_UNSUPPORTED;
    }
    x->vcpu_info->evtchn_upcall_mask = 1;
    pvi_xen_batch(cpu)->depth = 0;
    if (cpu->index != 0) {
        if (pvi.clock.kind == PVOPS_CLOCK_PVCLOCK)
            pvi_cpu_clock_by(cpu, &x->vcpu_info->time);
        return PVOPS_OK;
    }

    pvi_xen_pv_vcpu_info = x->vcpu_info;
    if (pvi.clock.kind == PVOPS_CLOCK_PVCLOCK)
        pvi.clock.page = &x->vcpu_info->time;
    if (x->registered) {
        pvi_install(pvi_ops_xen_pv, own);
        pvi_xen_pv_by_segment = true;
    } else {
        pvi_log(PVOPS_LOG_INFO, "xen_pv: vcpu_info is not the library's: "
                                "one CPU only");
    }
    return PVOPS_OK;
}

/* What Xen does not take back: once nothing else can fail. */
static enum pvops_status events_setup(struct pvops_cpu *cpu, bool upcall)
{
    enum pvops_status status = pvi_xen_vcpu_info_setup(
        cpu, pvi_xen_pv_mfn(pvops_host_paddr(cpu->xen_vcpu_info) / PAGE_BYTES),
        true);

    if (status == PVOPS_OK)
        status = move_flags(cpu);
    if (status != PVOPS_OK || !upcall)
        return status;
    status = pvi_xen_pv_upcall_setup(cpu);
    if (status != PVOPS_OK)
        return status;
    pvi_xen_cpu(cpu)->upcall = true;
    if (cpu->index == 0)
        pvi.resources.xen_upcall = true;
    return PVOPS_OK;
}

static enum pvops_status cpu_setup(struct pvops_cpu *cpu,
                                   const struct pvops_cpu_options *options)
{
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);
    bool upcall = !pvi_xen.upcall_yours;
    enum pvops_status status;

    (void)options;
    pvi_xen_cpu_clear(cpu);
    /* Whatever becomes of this: read_cr3 may read it here already. */
    x->cr3 = pvi_xen_pv_loaded_root();
    if (upcall && !pvi_xen_pv_handler(cpu->event_vector)) {
        pvi_log(PVOPS_LOG_ERROR,
                "xen_pv: the IDT names no handler of the event vector, %u",
                cpu->event_vector);
        return PVOPS_E_INVALID;
    }
    if (!cpu->own_timer && !pvi_xen_timer_setup(cpu))
        return PVOPS_E_UNSUPPORTED;
    status = events_setup(cpu, upcall);
    if (status != PVOPS_OK) {
        pvi_xen_timer_teardown(cpu);
        return status;
    }
    pvi_xen_stolen_setup(cpu);
    pvi_xen_smp_cpu_setup(cpu, true);
    pvi_log(PVOPS_LOG_INFO, "xen_pv: vcpu_info %s, deadlines by %s",
            x->registered ? "in pvops_cpu" : "as it was found",
            x->timer_port ? "VIRQ_TIMER" : "the kernel's own timer");
    return PVOPS_OK;
}

/* Xen knows no way to give vcpu_info back: its 64 bytes stay Xen's. */
static void cpu_teardown(struct pvops_cpu *cpu)
{
    struct pvi_xen_cpu *x = pvi_xen_cpu(cpu);

    x->vcpu_info->evtchn_upcall_mask = 1;
    pvi_xen_smp_cpu_teardown(cpu);
    pvi_xen_timer_teardown(cpu);
    x->upcall = false;
    if (cpu->index == 0 && !pvi_xen.upcall_yours)
        pvi.resources.xen_upcall = false;
}

const struct pvi_backend pvi_backend_xen_pv = {
    .name = "xen_pv",
    .detect = detect,
    .replace = replace,
    .setup = setup,
    .cpu_setup = cpu_setup,
    .cpu_teardown = cpu_teardown,
    .start = pvi_xen_pv_start,
    .park = pvi_xen_pv_park,
    .bodies = pvi_bodies_xen_pv,
};

#endif
