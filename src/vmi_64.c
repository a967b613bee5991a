/* SPDX-License-Identifier: MIT */
/*
 * The 64-bit profile of VMI: what the kernel and a ROM's code say to each
 * other. docs/vmi64.md is its definition.
 */
#include "vmi_64.h"

#if PVOPS_VMI && defined(__x86_64__)

#include <x86/insn.h>

/* What a maker may say means nothing before his body (docs/vmi64.md). */
static const uint8_t pads[] = { 0x26, 0x2e, 0x36, 0x3e, 0x67 };
#define OPERAND_SIZE 0x66 /* nothing either if REX.W follows */
#define REX_W        0x48 /* to 4f */

struct call {
    uint8_t number;
    uint8_t op; /* enum pvi_vmi_op */
    const char *name;
};

static const struct call calls[] = {
#define PVOPS_VMI64_CALL(number, name, chapter, op)                            \
    { number, PVI_VMI_##chapter##_##op, #name },
#include "abi/vmi64_calls.def"
#undef PVOPS_VMI64_CALL
};
enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

typedef uint32_t init_function(struct vmi64_init *init);
typedef struct vmi64_relocation relocation_function(uint32_t call);
typedef uint32_t cpu_function(struct vmi64_cpu *cpu);
typedef void cpu_end_function(struct vmi64_cpu *cpu);

/* The ROM that Init was called of. */
static struct {
    const uint8_t *image;
    size_t length;
    uint32_t flags;
    /* The life cycle; 0: NONE. */
    uint64_t setup, cpu_setup, cpu_teardown;
} rom;

/* The ROM keeps its address until the boot CPU is set up. */
static struct vmi64_init init;

static void host_log(uint32_t level, const char *line)
{
    pvops_host_log((enum pvops_log_level)level, line);
}

static void *host_map(uint64_t paddr, size_t bytes, uint32_t how)
{
    return pvops_host_map(paddr, bytes, (enum pvops_map)how);
}

static void tell_resources(const struct pvops_resources *from)
{
    init.resources = (struct vmi64_resources){
        .hyperv_hypercall_page = (uintptr_t)from->hyperv_hypercall_page,
        .hyperv_guest_os_id = from->hyperv_guest_os_id,
        .hyperv_message_page = (uintptr_t)from->hyperv_message_page,
        .hyperv_event_page = (uintptr_t)from->hyperv_event_page,
        .xen_shared_info = (uintptr_t)from->xen_shared_info,
        .xen_vcpu_info = (uintptr_t)from->xen_vcpu_info,
        .hyperv_timer_sint = from->hyperv_timer_sint,
        .xen_timer_port = from->xen_timer_port,
        .xen_upcall = from->xen_upcall,
    };
}

static void take_resources(struct pvops_resources *to)
{
    const struct vmi64_resources *from = &init.resources;

    to->hyperv_hypercall_page = (void *)(uintptr_t)from->hyperv_hypercall_page;
    to->hyperv_guest_os_id = from->hyperv_guest_os_id;
    to->hyperv_message_page = (void *)(uintptr_t)from->hyperv_message_page;
    to->hyperv_event_page = (void *)(uintptr_t)from->hyperv_event_page;
    to->xen_shared_info = (void *)(uintptr_t)from->xen_shared_info;
    to->xen_vcpu_info = (void *)(uintptr_t)from->xen_vcpu_info;
    to->hyperv_timer_sint = from->hyperv_timer_sint;
    to->xen_timer_port = from->xen_timer_port;
    to->xen_upcall = from->xen_upcall != 0;
}

static void fill_init(const struct pvops_info *info,
                      const struct pvops_setup_options *options)
{
    init = (struct vmi64_init){
        .bytes = sizeof(init),
        .entry = info->entry,
        .xen_shared_info = (uintptr_t)info->xen_shared_info,
        .tsc_hz = info->tsc_hz,
        .apic_hz = info->apic_hz,
        .selectors = { options->selectors.kernel_cs,
                       options->selectors.kernel_ss, options->selectors.user_cs,
                       options->selectors.user_ss },
        .log = (uintptr_t)host_log,
        .panic = (uintptr_t)pvops_host_panic,
        .paddr = (uintptr_t)pvops_host_paddr,
        .map = (uintptr_t)host_map,
        .va = (uintptr_t)pvops_host_va,
    };
    if (options->probe)
        init.xen_start_info = (uintptr_t)options->probe->xen_start_info;
    if (options->yours)
        tell_resources(options->yours);
}

bool pvi_vmi_64_start(const struct pvi_rom_image *image,
                      const struct pvops_info *info,
                      const struct pvops_setup_options *options)
{
    uint32_t result;

    rom.image = image->bytes;
    rom.length = image->length;
    rom.flags = image->vmi64->flags;
    fill_init(info, options);
    result = ((init_function *)(uintptr_t)image->header->init)(&init);
    if (result != VMI64_OK) {
        pvi_vmi_refuse("its Init returns", result);
        return false;
    }
    return pvi_vmi_relocate();
}

static bool in_image(uint64_t target, size_t bytes)
{
    uint64_t at = target - (uintptr_t)rom.image;

    return at >= VMI64_CODE_AT && at <= rom.length && bytes <= rom.length - at;
}

static struct vmi64_relocation ask(uint32_t call)
{
    const struct vmi_header *header = (const void *)rom.image;

    return ((relocation_function *)(uintptr_t)header->get_relocation)(call);
}

/* Whether 'pad' changes nothing in front of the body. */
static bool is_pad(const struct vmi64_relocation *r)
{
    const uint8_t *body = (const uint8_t *)(uintptr_t)(r->target + r->skip);

    if (r->pad == OPERAND_SIZE)
        return r->length > 0 && (*body & 0xf8) == REX_W;
    for (unsigned i = 0; i < sizeof(pads); i++) {
        if (pads[i] == r->pad)
            return true;
    }
    return false;
}

/* What is wrong with the answer, or NULL. */
static const char *fault_of(const struct vmi64_relocation *r, unsigned call)
{
    switch (r->type) {
    case VMI_RELOCATION_NONE:
        return rom.flags & VMI64_XEN_PV ? "nothing answers call" : NULL;
    case VMI_RELOCATION_NOP:
        return pvi_rom_may_be_nop(call) ? NULL : "no code for call";
    case VMI_RELOCATION_CALL_REL:
    case VMI_RELOCATION_JUMP_REL:
        return in_image(r->target, 1) ? NULL : "outside of it: call";
    case VMI64_RELOCATION_INLINE:
        if (!in_image(r->target, 1) ||
            !in_image(r->target + r->skip, r->length))
            return "outside of it: call";
        if (r->length > PVI_SITE_BYTES)
            return "too long for a site: call";
        if (!r->length && !pvi_rom_may_be_nop(call))
            return "no code for call";
        return is_pad(r) ? NULL : "padding that means something: call";
    default:
        return "unknown type of relocation: call";
    }
}

/*
 * Its body is empty: sealing makes nothing of it. As begin_batch it says that
 * there are no batches, which a remote flush would have to end.
 */
#define NOTHING ((void (*)(void))pvi_native_mmu_begin_batch)

static void fill_answer(struct pvi_vmi_answer *out,
                        const struct vmi64_relocation *r)
{
    switch (r->type) {
    case VMI_RELOCATION_NONE:
        return;
    case VMI_RELOCATION_NOP:
        out->function = NOTHING;
        return;
    case VMI64_RELOCATION_INLINE:
        if (!r->length) {
            out->function = NOTHING;
            return;
        }
        out->body.skip = r->skip;
        out->body.length = r->length;
        out->body.pad = r->pad;
        out->body.kind = PVI_BODY_CODE;
        break;
    default:
        break;
    }
    out->function = (void (*)(void))(uintptr_t)r->target;
}

static void count(uint32_t served[8], unsigned call)
{
    served[call / 32] |= 1u << call % 32;
}

/* One of the life cycle: '*out_target' is 0 for NONE. */
static bool ask_life(unsigned call, bool needed, uint64_t *out_target,
                     uint32_t served[8])
{
    struct vmi64_relocation r = ask(call);

    *out_target = 0;
    if (r.type == VMI_RELOCATION_NONE && !needed)
        return true;
    if (r.type != VMI_RELOCATION_CALL_REL || !in_image(r.target, 1)) {
        pvi_vmi_refuse(r.type == VMI_RELOCATION_NONE ? "nothing answers call"
                       : r.type != VMI_RELOCATION_CALL_REL
                           ? "not to be called: call"
                           : "outside of it: call",
                       call);
        return false;
    }
    *out_target = r.target;
    count(served, call);
    return true;
}

/* All of time, or the clock, alone or with the wall clock. */
static bool is_time_whole(const struct pvi_vmi_answer *answers)
{
    bool now = answers[PVI_VMI_time_now_ns].function != NULL;
    bool wall = answers[PVI_VMI_time_wall_ns].function != NULL;
    bool timer = answers[PVI_VMI_time_set_deadline].function != NULL;

    return (answers[PVI_VMI_time_cancel_deadline].function != NULL) == timer &&
           (answers[PVI_VMI_time_arrived].function != NULL) == timer &&
           (answers[PVI_VMI_time_stolen_ns].function != NULL) == timer &&
           (now || !wall) && (wall || !timer);
}

bool pvi_vmi_abi_answers(struct pvi_vmi_answer answers[PVI_VMI_OPS],
                         uint32_t served[8])
{
    bool whole = (rom.flags & VMI64_WHOLE) != 0;

    if (!ask_life(VMI64_CALL_SETUP, whole, &rom.setup, served) ||
        !ask_life(VMI64_CALL_CPU_SETUP, whole, &rom.cpu_setup, served) ||
        !ask_life(VMI64_CALL_CPU_TEARDOWN, whole, &rom.cpu_teardown, served))
        return false;
    for (unsigned i = 0; i < CALLS; i++) {
        struct vmi64_relocation r = ask(calls[i].number);
        const char *fault = fault_of(&r, calls[i].number);

        if (fault) {
            pvi_vmi_refuse(fault, calls[i].number);
            return false;
        }
        if (r.type != VMI_RELOCATION_NONE)
            count(served, calls[i].number);
        fill_answer(&answers[calls[i].op], &r);
    }
    if (!is_time_whole(answers)) {
        pvi_vmi_refuse("of the calls of time some are missing",
                       PVI_VMI_NO_NUMBER);
        return false;
    }
    /* Its CPUSetup, which would start the timer, is never called. */
    if (!whole && answers[PVI_VMI_time_set_deadline].function) {
        pvi_vmi_refuse("partial, and has a timer", PVI_VMI_NO_NUMBER);
        return false;
    }
    return true;
}

const char *pvi_vmi_abi_call_name(unsigned call)
{
    for (unsigned i = 0; i < CALLS; i++) {
        if (calls[i].number == call)
            return calls[i].name;
    }
    switch (call) {
    case VMI64_CALL_SETUP:
        return "Setup";
    case VMI64_CALL_CPU_SETUP:
        return "CPUSetup";
    case VMI64_CALL_CPU_TEARDOWN:
        return "CPUTeardown";
    default:
        return NULL;
    }
}

_Static_assert(VMI64_CAP_CLOCK_GLOBAL == PVOPS_CAP_CLOCK_GLOBAL &&
                   VMI64_CAP_LARGE_PAGES == PVOPS_CAP_LARGE_PAGES &&
                   VMI64_CAP_RING0 == PVOPS_CAP_RING0 &&
                   VMI64_CAP_WRITABLE_TABLES == PVOPS_CAP_WRITABLE_TABLES,
               "a capability has two values");

/* What may have changed with the boot CPU's CPUSetup too. */
static void take_caps(void)
{
    uint32_t caps =
        VMI64_CAP_LARGE_PAGES | VMI64_CAP_RING0 | VMI64_CAP_WRITABLE_TABLES;

    if (pvi_vmi_has_clock())
        caps |= VMI64_CAP_CLOCK_GLOBAL;
    take_resources(&pvi.resources);
    pvi_vmi.clock_global = (init.caps & VMI64_CAP_CLOCK_GLOBAL) != 0;
    if (pvi_vmi.rom.whole)
        pvi.caps = (pvi.caps & ~caps) | (init.caps & caps);
}

static void take_over(void)
{
    take_caps();
    if (!pvi_vmi.rom.whole)
        return;
    pvi.root_pages = init.root_pages;
    pvi.selectors = (struct pvops_selectors){
        .kernel_cs = init.own_selectors[0],
        .kernel_ss = init.own_selectors[1],
        .user_cs = init.own_selectors[2],
        .user_ss = init.own_selectors[3],
    };
}

enum pvops_status pvi_vmi_abi_setup(void)
{
    uint32_t result;

    if (!rom.setup)
        return PVOPS_OK;
    init.root_pages = 1;
    result = ((init_function *)(uintptr_t)rom.setup)(&init);
    if (result != VMI64_OK) {
        pvi_vmi_refuse("its Setup returns", result);
        return PVOPS_E_REFUSED;
    }
    if (init.root_pages < 1 || init.root_pages > 2) {
        pvi_vmi_refuse("no root of page tables has so many pages:",
                       init.root_pages);
        return PVOPS_E_REFUSED;
    }
    /* In ring 0 of 64 bits SS alone may be null. */
    if (pvi_vmi.rom.whole &&
        (!init.own_selectors[0] || !init.own_selectors[2] ||
         !init.own_selectors[3])) {
        pvi_vmi_refuse("a selector that it gives is null", PVI_VMI_NO_NUMBER);
        return PVOPS_E_REFUSED;
    }
    take_over();
    return PVOPS_OK;
}

static struct vmi64_cpu about(struct pvops_cpu *cpu)
{
    return (struct vmi64_cpu){
        .bytes = sizeof(struct vmi64_cpu),
        .index = cpu->index,
        .deadline_vector = cpu->deadline_vector,
        .event_vector = cpu->event_vector,
        .own_timer = cpu->own_timer,
        .area = (uintptr_t)cpu->rom_,
    };
}

/*
 * The area is zero from the kernel; set up again it holds what the ROM may
 * have given to the hypervisor for good.
 */
enum pvops_status pvi_vmi_abi_cpu_setup(struct pvops_cpu *cpu)
{
    struct vmi64_cpu its = about(cpu);
    uint32_t result;

    if (!pvi_vmi_serves(PVI_VMI_time_set_deadline))
        its.own_timer = true;
    result = ((cpu_function *)(uintptr_t)rom.cpu_setup)(&its);
    switch (result) {
    case VMI64_OK:
        if (pvi.stage == PVI_STAGE_SETUP)
            take_caps();
        return PVOPS_OK;
    case VMI64_E_UNSUPPORTED:
        return PVOPS_E_UNSUPPORTED;
    case VMI64_E_INVALID:
        return PVOPS_E_INVALID;
    default:
        return PVOPS_E_REFUSED;
    }
}

void pvi_vmi_abi_cpu_teardown(struct pvops_cpu *cpu)
{
    struct vmi64_cpu its = about(cpu);

    ((cpu_end_function *)(uintptr_t)rom.cpu_teardown)(&its);
}

#endif
