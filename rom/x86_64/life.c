/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Setup, CPUSetup and CPUTeardown: the library's life cycle, in the words of
 * docs/vmi64.md.
 */
#include "rom/x86_64/config.h"
#include "rom/x86_64/rom.h"

_Static_assert(sizeof(struct pvops_cpu) == ROM_CPU_BYTES &&
                   ROM_CPU_BYTES <= 4096 && ROM_CPU_BYTES % 64 == 0,
               "config.h: ROM_CPU_BYTES");
_Static_assert(VMI64_CAP_CLOCK_GLOBAL == PVOPS_CAP_CLOCK_GLOBAL &&
                   VMI64_CAP_LARGE_PAGES == PVOPS_CAP_LARGE_PAGES &&
                   VMI64_CAP_RING0 == PVOPS_CAP_RING0 &&
                   VMI64_CAP_WRITABLE_TABLES == PVOPS_CAP_WRITABLE_TABLES,
               "a capability has two values");

/* Behind all that is not aligned so. */
static uint8_t pages[PVOPS_SETUP_PAGES * 4096]
    __attribute__((aligned(4096), section(".bss..pages")));

/* The kernel's, to be filled until the boot CPU is set up. */
static struct vmi64_init *to_fill;

static uint32_t error_of(enum pvops_status status)
{
    switch (status) {
    case PVOPS_OK:
        return VMI64_OK;
    case PVOPS_E_UNSUPPORTED:
        return VMI64_E_UNSUPPORTED;
    case PVOPS_E_REFUSED:
        return VMI64_E_REFUSED;
    default:
        return VMI64_E_INVALID;
    }
}

static void read_resources(const struct vmi64_resources *from,
                           struct pvops_resources *out_to)
{
    out_to->hyperv_hypercall_page =
        (void *)(uintptr_t)from->hyperv_hypercall_page;
    out_to->hyperv_guest_os_id = from->hyperv_guest_os_id;
    out_to->hyperv_message_page = (void *)(uintptr_t)from->hyperv_message_page;
    out_to->hyperv_event_page = (void *)(uintptr_t)from->hyperv_event_page;
    out_to->hyperv_timer_sint = from->hyperv_timer_sint;
    out_to->xen_shared_info = (void *)(uintptr_t)from->xen_shared_info;
    out_to->xen_vcpu_info = (void *)(uintptr_t)from->xen_vcpu_info;
    out_to->xen_upcall = from->xen_upcall != 0;
    out_to->xen_timer_port = from->xen_timer_port;
}

static void write_resources(struct vmi64_resources *out_to)
{
    const struct pvops_resources *from = pvops_get_resources();

    out_to->hyperv_hypercall_page = (uintptr_t)from->hyperv_hypercall_page;
    out_to->hyperv_guest_os_id = from->hyperv_guest_os_id;
    out_to->hyperv_message_page = (uintptr_t)from->hyperv_message_page;
    out_to->hyperv_event_page = (uintptr_t)from->hyperv_event_page;
    out_to->hyperv_timer_sint = from->hyperv_timer_sint;
    out_to->xen_shared_info = (uintptr_t)from->xen_shared_info;
    out_to->xen_vcpu_info = (uintptr_t)from->xen_vcpu_info;
    out_to->xen_upcall = from->xen_upcall;
    out_to->xen_timer_port = from->xen_timer_port;
}

static void fill(struct vmi64_init *out_init)
{
    const struct pvops_selectors *own = pvops_cpu_selectors();

    out_init->caps = pvops_caps();
    out_init->root_pages = pvops_mmu_root_pages();
    out_init->own_selectors[0] = own->kernel_cs;
    out_init->own_selectors[1] = own->kernel_ss;
    out_init->own_selectors[2] = own->user_cs;
    out_init->own_selectors[3] = own->user_ss;
    write_resources(&out_init->resources);
}

/* Beside a backend there is no area for each CPU, nor a clock of its own. */
static bool clock_serves(void)
{
    return !rom_partial || pvi.clock.global ||
           !(rom_serves[VMI64_CALLS + ROM_IN_time] ||
             rom_serves[VMI64_CALL_GET_TIME_NS]);
}

uint32_t rom_setup(struct vmi64_init *init)
{
    struct pvops_resources yours;
    const struct pvops_setup_options options = {
        .probe = &rom.probe,
        .selectors = {
            .kernel_cs = init->selectors[0],
            .kernel_ss = init->selectors[1],
            .user_cs = init->selectors[2],
            .user_ss = init->selectors[3],
        },
        .yours = &yours,
        .pages = pages,
    };
    enum pvops_status status;

    if (init->bytes < sizeof(*init))
        return VMI64_E_INVALID;
    read_resources(&init->resources, &yours);
    status = pvops_setup(&rom.info, &options);
    if (status != PVOPS_OK)
        return error_of(status);
    if (!clock_serves()) {
        pvops_clock_stop(&pvi.clock, &pvi.info);
        return VMI64_E_UNSUPPORTED;
    }
    fill(init);
    to_fill = init;
    return VMI64_OK;
}

/*
 * The library wants its sites sealed before there is a second CPU. The ROM has
 * none, and nothing else is known after the boot CPU's set-up.
 */
static enum pvops_status seal_nothing(void)
{
    struct pvops_sites sites = { .start = NULL, .stop = NULL };

    return pvops_seal(&sites);
}

uint32_t rom_cpu_setup(struct vmi64_cpu *cpu)
{
    const struct pvops_cpu_options options = {
        .index = cpu->index,
        .deadline_vector = cpu->deadline_vector,
        .event_vector = cpu->event_vector,
        .own_timer = cpu->own_timer != 0,
    };
    enum pvops_status status;

    if (cpu->bytes < sizeof(*cpu))
        return VMI64_E_INVALID;
    status =
        pvops_cpu_setup((struct pvops_cpu *)(uintptr_t)cpu->area, &options);
    if (status != PVOPS_OK)
        return error_of(status);
    if (to_fill) {
        fill(to_fill);
        to_fill = NULL;
    }
    return pvi.stage == PVI_STAGE_SEALED ? VMI64_OK : error_of(seal_nothing());
}

void rom_cpu_teardown(struct vmi64_cpu *cpu)
{
    pvops_cpu_teardown((struct pvops_cpu *)(uintptr_t)cpu->area);
}
