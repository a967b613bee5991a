/* SPDX-License-Identifier: MIT */
/*
 * Hyper-V's guest OS id and hypercall page, of which a machine has one each.
 *
 * Whoever comes first registers them and the other uses them: an embedder's
 * driver that was first says so in struct pvops_resources, one that comes later
 * asks pvops_get_resources(). A page that somebody registered without saying so
 * is left alone: moving it would break its owner.
 *
 * The library never executes the page, which need not be mapped executable for
 * it: it looks which instruction is there, and has that one itself.
 */
#include "hyperv.h"

#include "abi/hyperv_hypercall.h"
#include "clock/features.h"
#include <x86/hyperv_call.h>
#include <x86/insn.h>

/*
 * Open source, of a type that has none of Microsoft's numbers. A kernel that
 * has a number gives its own id.
 */
#define GUEST_OS_ID HV_GUEST_OS_ID_OPEN_SOURCE

/* What is in the enabled page; none: no hypercalls of the library's. */
static enum { CALL_NONE, CALL_VMCALL, CALL_VMMCALL } instruction;

bool pvi_hyperv_can_call(void)
{
    return instruction != CALL_NONE;
}

uint64_t pvi_hyperv_call(uint64_t control, uint64_t in, uint64_t out)
{
    if (instruction == CALL_VMMCALL)
        return x86_hyperv_vmmcall(control, in, out);
    return x86_hyperv_vmcall(control, in, out);
}

bool pvi_hyperv_called(uint64_t result, const char *what, uint32_t hint)
{
    unsigned status = result & HV_STATUS_MASK;

    if (!status)
        return true;
    if (pvi_hyperv.hints & hint)
        pvi_log(PVOPS_LOG_ERROR, "hyperv: %s by hypercall: status 0x%x", what,
                status);
    pvi_hyperv.hints &= ~hint;
    return false;
}

/* The instruction and RET; what else is there may want to be executed. */
static void find_instruction(void)
{
    const uint8_t *page = (const uint8_t *)pvi.resources.hyperv_hypercall_page;

    instruction = CALL_NONE;
    if (page[0] == 0x0f && page[1] == 0x01 && page[3] == 0xc3) {
        if (page[2] == 0xc1)
            instruction = CALL_VMCALL;
        if (page[2] == 0xd9)
            instruction = CALL_VMMCALL;
    }
    if (instruction == CALL_NONE)
        pvi_log(PVOPS_LOG_INFO,
                "hyperv: hypercall page begins %x %x %x %x: no hypercalls",
                page[0], page[1], page[2], page[3]);
}

static void set_os_id(struct pvi_hyperv_cpu *h)
{
    uint64_t id = x86_rdmsr(HV_X64_MSR_GUEST_OS_ID);

    if (!id) {
        id = pvi.resources.hyperv_guest_os_id;
        if (!id)
            id = GUEST_OS_ID;
        x86_wrmsr(HV_X64_MSR_GUEST_OS_ID, id);
        h->os_id_ours = true;
    }
    pvi.resources.hyperv_guest_os_id = id;
}

/* An enabled page: the embedder's, or of somebody who did not say so. */
static enum pvops_status adopt(uint64_t found)
{
    void *page = pvi.resources.hyperv_hypercall_page;
    unsigned long long paddr = found & HV_X64_MSR_HYPERCALL_PAGE;

    if (!page) {
        pvi_log(PVOPS_LOG_INFO,
                "hyperv: hypercall page 0x%llx is somebody's who did not say "
                "so: left alone",
                paddr);
        return PVOPS_OK;
    }
    if (pvops_host_paddr(page) == paddr) {
        find_instruction();
        return PVOPS_OK;
    }
    pvi_log(PVOPS_LOG_ERROR,
            "hyperv: your hypercall page is at 0x%llx, the enabled one at "
            "0x%llx",
            (unsigned long long)pvops_host_paddr(page), paddr);
    return PVOPS_E_INVALID;
}

static void enable(struct pvi_hyperv_cpu *h, uint64_t found)
{
    void *page = pvi_page(PVI_PAGE_HYPERCALL);
    uint64_t value;

    if (!page) {
        pvi_log(PVOPS_LOG_INFO, "hyperv: no pages were given: no hypercalls");
        return;
    }
    if (found & HV_X64_MSR_HYPERCALL_LOCKED) {
        pvi_log(PVOPS_LOG_INFO, "hyperv: locked until reset: no hypercalls");
        return;
    }
    value = pvops_host_paddr(page) | (found & ~HV_X64_MSR_HYPERCALL_PAGE) |
            HV_X64_MSR_HYPERCALL_ENABLE;
    x86_wrmsr(HV_X64_MSR_HYPERCALL, value);
    h->found_hypercall = found;
    h->hypercall_ours = true;
    if (x86_rdmsr(HV_X64_MSR_HYPERCALL) != value) {
        pvi_log(PVOPS_LOG_ERROR, "hyperv: refused its page: no hypercalls");
        return;
    }
    pvi.resources.hyperv_hypercall_page = page;
    find_instruction();
}

enum pvops_status pvi_hyperv_hypercall_setup(struct pvops_cpu *cpu)
{
    struct pvi_hyperv_cpu *h = pvi_hyperv_cpu(cpu);
    uint64_t found;

    instruction = CALL_NONE;
    if (!(pvi.info.features[PVI_HYPERV_EAX] & HV_MSR_HYPERCALL_AVAILABLE))
        return PVOPS_OK;
    found = x86_rdmsr(HV_X64_MSR_HYPERCALL);
    if (found & HV_X64_MSR_HYPERCALL_ENABLE) {
        set_os_id(h);
        return adopt(found);
    }
    if (pvi.resources.hyperv_hypercall_page) {
        pvi_log(PVOPS_LOG_ERROR, "hyperv: your hypercall page is not enabled");
        return PVOPS_E_INVALID;
    }
    set_os_id(h);
    enable(h, found);
    return PVOPS_OK;
}

/* The page first: without an id it is gone, and with it what 'found' says. */
void pvi_hyperv_hypercall_teardown(struct pvops_cpu *cpu)
{
    struct pvi_hyperv_cpu *h = pvi_hyperv_cpu(cpu);

    if (cpu->index == 0)
        instruction = CALL_NONE;
    if (h->hypercall_ours) {
        x86_wrmsr(HV_X64_MSR_HYPERCALL, h->found_hypercall);
        pvi.resources.hyperv_hypercall_page = NULL;
    }
    if (h->os_id_ours)
        x86_wrmsr(HV_X64_MSR_GUEST_OS_ID, 0);
    h->hypercall_ours = false;
    h->os_id_ours = false;
}
