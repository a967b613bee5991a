/* SPDX-License-Identifier: MIT */
/*
 * Set-up in its order: choose a backend, fill the tables, prepare each CPU.
 */
#include "internal.h"

#include "abi/cpuid.h"
#include "abi/x86.h"
#include "vmi.h"
#include <x86/insn.h>
#include <x86/percpu.h>

struct pvi_state pvi;

_Static_assert(sizeof(struct pvi_common) <=
                   sizeof(((struct pvops_cpu *)0)->common_),
               "common_ is too small");
_Static_assert(sizeof(struct pvi_smp) <= sizeof(((struct pvops_cpu *)0)->smp_),
               "smp_ is too small");

static const struct pvi_backend *const backends[] = {
#define PVOPS_BACKEND(id) &pvi_backend_##id,
#include "backends.def"
#undef PVOPS_BACKEND
};

enum { BACKENDS = sizeof(backends) / sizeof(backends[0]), PAGE_BYTES = 4096 };

/* Every table, to make the ops poison again if set-up fails. */
struct tables {
    struct pvops_irq_table irq;
    struct pvops_cpu_table cpu;
    struct pvops_mmu_table mmu;
    struct pvops_time_table time;
    struct pvops_smp_table smp;
    struct pvops_lock_table lock;
};

static void save_tables(struct tables *out_tables)
{
    out_tables->irq = pvops_irq_table;
    out_tables->cpu = pvops_cpu_table;
    out_tables->mmu = pvops_mmu_table;
    out_tables->time = pvops_time_table;
    out_tables->smp = pvops_smp_table;
    out_tables->lock = pvops_lock_table;
}

static void restore_tables(const struct tables *tables)
{
    pvops_irq_table = tables->irq;
    pvops_cpu_table = tables->cpu;
    pvops_mmu_table = tables->mmu;
    pvops_time_table = tables->time;
    pvops_smp_table = tables->smp;
    pvops_lock_table = tables->lock;
}

static bool same_text(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* NULL, with a log line, if there is none of that name or it does not fit. */
static const struct pvi_backend *backend_by_name(const char *name,
                                                 const struct pvops_info *info)
{
    for (unsigned i = 0; i < BACKENDS; i++) {
        if (!same_text(backends[i]->name, name))
            continue;
        if (backends[i]->detect(info))
            return backends[i];
        pvi_vmi_report();
        pvi_log(PVOPS_LOG_ERROR, "pvops: backend %s does not fit here", name);
        return NULL;
    }
    pvi_log(PVOPS_LOG_ERROR, "pvops: no backend is called %s", name);
    return NULL;
}

static const struct pvi_backend *best_backend(const struct pvops_info *info)
{
    for (unsigned i = 0; i < BACKENDS; i++) {
        if (backends[i]->detect(info))
            return backends[i];
    }
    pvi_vmi_report();
    pvi_log(PVOPS_LOG_ERROR, "pvops: built without xen_pv, entered as Xen PV");
    return NULL;
}

/* Where instructions and page tables are our own: not under Xen PV. */
static void find_caps(void)
{
    struct x86_cpuid features = { 0, 0, 0, 0 };

    pvi.caps = 0;
    pvi.root_pages = 1;
    if (pvi.info.entry == PVOPS_ENTRY_XEN_PV)
        return;
    if (x86_has_cpuid())
        features = x86_cpuid(CPUID_FEATURES, 0);
    pvi.has_pge = (features.edx & CPUID_1_EDX_PGE) != 0;
    pvi.caps = PVOPS_CAP_RING0 | PVOPS_CAP_WRITABLE_TABLES;
    if (pvi.has_pge && (features.edx & CPUID_1_EDX_PSE))
        pvi.caps |= PVOPS_CAP_LARGE_PAGES;
    if (x86_has_cpuid() && x86_cpuid(0, 0).eax >= CPUID_MORE_FEATURES)
        pvi.has_invpcid =
            (x86_cpuid(CPUID_MORE_FEATURES, 0).ebx & CPUID_7_EBX_INVPCID) != 0;
}

/* A clock that is a ROM's is its alone: a hypervisor has one page for it. */
static void start_clock(void)
{
    static const char *const names[] = {
        [PVOPS_CLOCK_NONE] = "none: it stands at 0",
        [PVOPS_CLOCK_TSC] = "TSC",
        [PVOPS_CLOCK_PVCLOCK] = "pvclock",
        [PVOPS_CLOCK_HYPERV_PAGE] = "Hyper-V's reference TSC page",
        [PVOPS_CLOCK_HYPERV_COUNTER] = "Hyper-V's counter",
    };
    void *page = pvi_page(PVI_PAGE_CLOCK);

    pvi.caps &= ~PVOPS_CAP_CLOCK_GLOBAL;
    if (pvi_vmi_has_clock()) {
        pvi_log(PVOPS_LOG_INFO, "pvops: clock: the ROM's; TSC %llu Hz",
                (unsigned long long)pvi.info.tsc_hz);
        return;
    }
    if (!page)
        pvi_log(PVOPS_LOG_INFO, "pvops: no pages given: no page for the clock");
    pvops_clock_start(&pvi.clock, &pvi.info, page,
                      page ? pvops_host_paddr(page) : 0);
    if (pvi.clock.global)
        pvi.caps |= PVOPS_CAP_CLOCK_GLOBAL;
    pvi_log(pvi.clock.kind == PVOPS_CLOCK_NONE ? PVOPS_LOG_ERROR
                                               : PVOPS_LOG_INFO,
            "pvops: clock: %s%s; TSC %llu Hz", names[pvi.clock.kind],
            pvi.clock.global ? "" : ", each CPU its own",
            (unsigned long long)pvi.info.tsc_hz);
}

static void remember(const struct pvops_info *info,
                     const struct pvops_setup_options *options)
{
    pvi.info = *info;
    if (options->probe)
        pvi.probe = *options->probe;
    pvi.selectors = options->selectors;
    x86_clear(&pvi.resources, sizeof(pvi.resources));
    if (options->yours)
        pvi.resources = *options->yours;
    pvi.pages = (uint8_t *)options->pages;
}

#ifdef __x86_64__
static void start_user_bases(void)
{
    if (!pvi_user_bases_enable())
        return;
    pvi.caps |= PVOPS_CAP_USER_BASES;
    pvi_install(pvi_ops_every, pvi_user_bases);
    pvops_cpu_table.read_fs_base = pvi_rdfsbase;
}

/* A further CPU; false, with a log line, if it is unlike the boot CPU. */
static bool same_user_bases(const struct pvops_cpu *cpu)
{
    if (cpu->index == 0 || !(pvi.caps & PVOPS_CAP_USER_BASES) ||
        pvi_user_bases_enable())
        return true;
    pvi_log(PVOPS_LOG_ERROR,
            "pvops: CPU %u has no WRFSBASE as the boot CPU has", cpu->index);
    return false;
}
#else
static void start_user_bases(void)
{
}

static bool same_user_bases(const struct pvops_cpu *cpu)
{
    (void)cpu;
    return true;
}
#endif

/* NULL, with a log line and the status for it, if there is none. */
static const struct pvi_backend *choose_backend(const struct pvops_info *info,
                                                const char *name,
                                                enum pvops_status *out_status)
{
    *out_status = name ? PVOPS_E_INVALID : PVOPS_E_UNSUPPORTED;
    return name ? backend_by_name(name, info) : best_backend(info);
}

/* No op is called by anybody until replace() has come back. */
static enum pvops_status use_backend(const struct pvi_backend *backend,
                                     const struct pvops_info *info,
                                     const struct pvops_setup_options *options)
{
    enum pvops_status status;

    remember(info, options);
    pvi_tables_native();
    if (backend->replace)
        backend->replace();
    find_caps();
    pvi_vmi_report();
    pvi_vmi_start_partial();
    pvi_log(PVOPS_LOG_INFO, "pvops: backend %s", backend->name);
    start_clock();

    status = backend->setup(options);
    if (status != PVOPS_OK) {
        pvi_log(PVOPS_LOG_ERROR, "pvops: backend %s: %s", backend->name,
                pvops_status_name(status));
        pvops_clock_stop(&pvi.clock, &pvi.info);
    }
    return status;
}

enum pvops_status pvops_setup(const struct pvops_info *info,
                              const struct pvops_setup_options *options)
{
    const struct pvi_backend *backend;
    enum pvops_status status;
    struct tables poison;

    if (pvi.stage != PVI_STAGE_START)
        return PVOPS_E_ORDER;
    if (!info || !options || (uintptr_t)options->pages % PAGE_BYTES != 0)
        return PVOPS_E_INVALID;

    pvi_vmi_find(info, options);
    backend = choose_backend(info, options->backend, &status);
    if (!backend) {
        pvi_vmi_drop();
        return status;
    }

    save_tables(&poison);
    status = use_backend(backend, info, options);
    if (status != PVOPS_OK && pvi_vmi_whole()) {
        pvi_vmi_drop();
        backend = choose_backend(info, options->backend, &status);
        if (backend)
            status = use_backend(backend, info, options);
    }
    if (status != PVOPS_OK) {
        restore_tables(&poison);
        pvi_vmi_drop();
        return status;
    }
    pvi_vmi_install();
    if (options->user_bases)
        start_user_bases();
#if PVOPS_DEBUG_MMU
    if (pvi.caps & PVOPS_CAP_RING0)
        pvi_debug_mmu_setup();
#endif
    pvi.backend = backend;
    pvi.stage = PVI_STAGE_SETUP;
    pvi_vmi_describe();
    return PVOPS_OK;
}

const char *pvops_backend_name(void)
{
    return pvi.backend ? pvi.backend->name : "none";
}

uint32_t pvops_caps(void)
{
    return pvi.stage == PVI_STAGE_START ? 0 : pvi.caps;
}

const struct pvops_resources *pvops_get_resources(void)
{
    return &pvi.resources;
}

const struct pvops_selectors *pvops_cpu_selectors(void)
{
    return &pvi.selectors;
}

/*
 * The boot CPU reads pvi.clock, the others their own between set-up and
 * teardown. An NMI, or a log function, may want the time while that changes.
 */
PVOPS_OP_CALL static uint64_t now_ns_of_this_cpu(void)
{
    struct pvops_cpu *cpu = pvi_this_cpu();
    struct pvi_common *common;
    uint64_t ns;

    if (!cpu)
        return pvops_clock_now_ns(&pvi.clock);
    common = pvi_common(cpu);
    if (common->clock_ready)
        return pvops_clock_now_ns(&common->clock) + common->clock_offset_ns;
    ns = pvops_clock_now_ns(&pvi.clock);
    return ns > common->clock_floor_ns ? ns : common->clock_floor_ns;
}

static void leave_cpu_clock(struct pvi_common *common)
{
    common->clock_floor_ns = now_ns_of_this_cpu();
    x86_barrier();
    common->clock_ready = false;
    x86_barrier();
}

static const char clock_per_cpu[] = "a clock for each CPU";

const struct pvi_op pvi_ops_every[] = {
    PVI_OP(time, now_ns, now_ns_of_this_cpu, clock_per_cpu),
#ifdef __x86_64__
    PVI_OP(cpu, set_fs_base, pvi_wrfsbase, pvi_user_bases),
#endif
    PVI_OPS_END,
};

/*
 * It begins at what the boot CPU's says if it is read here: right but for what
 * the two TSCs differ.
 */
static void begin_cpu_clock(struct pvi_common *common, void *page,
                            pvops_paddr page_paddr)
{
    leave_cpu_clock(common);
    pvops_clock_start(&common->clock, &pvi.info, page, page_paddr);
    common->clock_offset_ns = now_ns_of_this_cpu();
    common->clock_ready = true;
}

/*
 * A clock for this CPU, where one does not serve all. Whether there is one each
 * is settled before sealing, which copies the table.
 */
static void start_cpu_clock(struct pvops_cpu *cpu)
{
    struct pvi_common *common = pvi_common(cpu);
    bool pvclock = pvi.clock.kind == PVOPS_CLOCK_PVCLOCK && pvi.clock.page;

    if (cpu->index == 0) {
        if (!pvi.clock.global && pvi.stage == PVI_STAGE_SETUP &&
            pvops_time_table.now_ns == pvi_native_time_now_ns)
            pvi_install(pvi_ops_every, clock_per_cpu);
        return;
    }
    if (pvops_time_table.now_ns != now_ns_of_this_cpu)
        return;
    begin_cpu_clock(common, pvclock ? common->time_page : NULL,
                    pvclock ? pvops_host_paddr(common->time_page) : 0);
}

void pvi_cpu_clock_by(struct pvops_cpu *cpu, void *page)
{
    if (cpu->index != 0 && pvops_time_table.now_ns == now_ns_of_this_cpu)
        begin_cpu_clock(pvi_common(cpu), page, 0);
}

/* The TSC, which goes on, may not be the same on every CPU. */
static void stop_cpu_clock(struct pvops_cpu *cpu)
{
    if (cpu->index != 0) {
        if (pvops_time_table.now_ns != now_ns_of_this_cpu)
            return;
        leave_cpu_clock(pvi_common(cpu));
        pvops_clock_stop(&pvi_common(cpu)->clock, &pvi.info);
        return;
    }
    if (pvi_vmi_has_clock())
        return;
    pvops_clock_stop(&pvi.clock, &pvi.info);
    if (!pvi.clock.global)
        pvi.caps &= ~PVOPS_CAP_CLOCK_GLOBAL;
}

/*
 * What a ROM says may have changed. If one that had a clock is dropped, the
 * backend has started one below it, or nobody has.
 */
static enum pvops_status ask_rom_again(struct pvops_cpu *cpu)
{
    bool had_clock = pvi_vmi_has_clock();
    enum pvops_status status = pvi_vmi_update();

    if (status != PVOPS_OK) {
        pvi.backend->cpu_teardown(cpu);
        return status;
    }
    if (!had_clock || pvi_vmi_has_clock())
        return PVOPS_OK;
    if (pvi.clock.kind == PVOPS_CLOCK_NONE)
        start_clock();
    else if (pvi.clock.global)
        pvi.caps |= PVOPS_CAP_CLOCK_GLOBAL;
    else
        pvi.caps &= ~PVOPS_CAP_CLOCK_GLOBAL;
    start_cpu_clock(cpu);
    return PVOPS_OK;
}

/* Those of the IPIs and the flush: by them alone they are told apart. */
static bool vectors_differ(const struct pvops_cpu_options *options)
{
    uint8_t all[PVOPS_IPIS + 3] = { options->flush_vector,
                                    options->event_vector,
                                    options->deadline_vector };

    __builtin_memcpy(all + 3, options->ipi_vectors, PVOPS_IPIS);
    for (unsigned i = 0; i < sizeof(all); i++) {
        if ((i == 0 || i > 2) && all[i] != 0 && all[i] < 32)
            return false;
        for (unsigned k = i + 1; k < sizeof(all); k++) {
            if (all[i] != 0 && all[i] == all[k] && !(i == 1 && k == 2))
                return false;
        }
    }
    return true;
}

static bool options_valid(const struct pvops_cpu *cpu,
                          const struct pvops_cpu_options *options)
{
    return cpu && options && (uintptr_t)cpu % __alignof__(*cpu) == 0 &&
           options->index < PVOPS_MAX_CPUS && options->event_vector >= 32 &&
           (options->own_timer || options->deadline_vector >= 32) &&
           (uintptr_t)options->pages % PAGE_BYTES == 0 &&
           vectors_differ(options);
}

enum pvops_status pvops_cpu_setup(struct pvops_cpu *cpu,
                                  const struct pvops_cpu_options *options)
{
    enum pvops_status status;

    if (pvi.stage == PVI_STAGE_START)
        return PVOPS_E_ORDER;
    if (!options_valid(cpu, options)) {
        pvi_log(PVOPS_LOG_ERROR,
                "pvops: bad struct pvops_cpu, index, vector or pages");
        return PVOPS_E_INVALID;
    }
    if (pvi_cpu_at(options->index) ||
        (options->index != 0 && pvi.stage != PVI_STAGE_SEALED))
        return PVOPS_E_ORDER;

    cpu->self = cpu;
    if (pvi_this_cpu() != cpu) {
        pvi_log(PVOPS_LOG_ERROR, "pvops: segment base leads elsewhere than %p",
                (void *)cpu);
        cpu->self = NULL;
        return PVOPS_E_INVALID;
    }
    cpu->index = options->index;
    cpu->deadline_vector = options->own_timer ? 0 : options->deadline_vector;
    cpu->event_vector = options->event_vector;
    cpu->own_timer = options->own_timer;

    if (!same_user_bases(cpu))
        return PVOPS_E_UNSUPPORTED;
    pvi_smp_cpu_setup(cpu, options);
    start_cpu_clock(cpu);
    status = pvi.backend->cpu_setup(cpu, options);
    if (status == PVOPS_OK && pvi.stage == PVI_STAGE_SETUP)
        status = ask_rom_again(cpu);
    if (status != PVOPS_OK) {
        if (cpu->index != 0)
            stop_cpu_clock(cpu);
        return status;
    }
    pvi_common(cpu)->set_up = true;
    pvi_smp_cpu_online(cpu);
    if (cpu->index == 0)
        pvi.boot_cpu = cpu;
    if (pvi.stage == PVI_STAGE_SETUP)
        pvi.stage = PVI_STAGE_BOOT_CPU;
    return PVOPS_OK;
}

void pvops_cpu_teardown(struct pvops_cpu *cpu)
{
    if (!cpu || !pvi_common(cpu)->set_up)
        return;
    pvi_common(cpu)->set_up = false;
    pvi_smp_cpu_teardown(cpu);
    pvi.backend->cpu_teardown(cpu);
    stop_cpu_clock(cpu);
    if (cpu == pvi.boot_cpu)
        pvi.boot_cpu = NULL;
}
