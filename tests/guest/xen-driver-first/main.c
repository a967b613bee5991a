/* SPDX-License-Identifier: MIT */
/*
 * xen-driver-first: the kernel's Xen driver owns hypercall page, shared_info
 * and the upcall before the library comes; both work, before and after it goes.
 *
 * Verdict: PASS (0) in PVH and HVM domains, SKIP (3) elsewhere.
 * Tried:   'upcall_yours' always false: its-upcall-stays and driver-goes-on
 *          fail. shared_info mapped again: all but its-upcall-stays fail.
 */
#include "xen_driver.h"

static long set_param(uint32_t index, uint64_t value)
{
    struct xen_hvm_param param = {
        .domid = DOMID_SELF,
        .index = index,
        .value = value,
    };

    return xen_hypercall(__HYPERVISOR_hvm_op, HVMOP_set_param,
                         (uintptr_t)&param, 0);
}

static bool driver_setup(void)
{
    static uint8_t page[4096] __attribute__((aligned(4096)));
    struct xen_add_to_physmap map = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_shared_info,
        .gpfn = (uintptr_t)page >> 12,
    };
    struct xen_hvm_evtchn_upcall_vector upcall = { 0, DRIVER_VECTOR };

    if (set_param(HVM_PARAM_CALLBACK_IRQ, 0) ||
        xen_hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap,
                      (uintptr_t)&map, 0))
        return false;
    shared = (struct shared_info *)(void *)page;
    vcpu_info = &shared->vcpu_info[0];
    *lapic(LAPIC_SPURIOUS) = LAPIC_ENABLED;
    return driver_bind() &&
           !xen_hypercall(__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector,
                          (uintptr_t)&upcall, 0);
}

void guest_main(void)
{
    struct pvops_resources yours = { .xen_upcall = true };

    guest_begin();
    if (!has_driver("both-work"))
        goto out;
    if (!driver_setup()) {
        guest_error("both-work", "Xen refused the driver's own set-up");
        goto out;
    }
    yours.xen_shared_info = shared;
    if (!kernel_setup(&yours)) {
        guest_fail("both-work", "the library's set-up failed");
        goto out;
    }
    check("its-shared-info-stays",
          pvops_get_resources()->xen_shared_info == (void *)shared &&
              shared->wc_sec != 0,
          shared->wc_sec);
    both_work("both-work");
    check("its-upcall-stays", others == 0, others);

    pvops_cpu_teardown(&cpu);
    driver_events = 0;
    xen_hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send,
                  (uintptr_t)&driver_port, 0);
    pvops_irq_enable();
    for (volatile unsigned i = 0; i < 10000000 && !driver_events; i++)
        ;
    pvops_irq_disable();
    check("driver-goes-on", driver_events == 1, driver_events);
out:
    guest_end();
}
