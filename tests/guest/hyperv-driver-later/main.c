/* SPDX-License-Identifier: MIT */
/*
 * hyperv-driver-later: the kernel's driver comes when the library has a
 * hypercall page and, where its timer sends messages, the SynIC; it uses what
 * the library tells of.
 *
 * Verdict: PASS (0) on Hyper-V with synthetic timers, SKIP (3) elsewhere.
 * Tried:   either page not told: library-tells fails. Events not told:
 *          both-work fails. The SINT left unmasked: teardown-undoes-all fails
 *          on hyperv.
 */
#include "hyperv_driver.h"

void guest_main(void)
{
    static uint8_t page[4096] __attribute__((aligned(4096)));
    const struct pvops_resources *resources = pvops_get_resources();
    uint64_t before[SAVED];
    bool by_message;

    guest_begin();
    if (!has_driver("both-work"))
        goto out;
    save(before);
    if (!kernel_setup(NULL)) {
        guest_fail("both-work", "the library's set-up failed");
        goto out;
    }
    hypercall_page = resources->hyperv_hypercall_page;
    messages = resources->hyperv_message_page;
    by_message = messages != NULL;
    check("library-tells",
          hypercall_page && resources->hyperv_guest_os_id &&
              by_message == (resources->hyperv_timer_sint != 0),
          resources->hyperv_timer_sint);
    if (!hypercall_page)
        goto out;
    if (!by_message)
        driver_synic_setup(page);
    driver_sints_setup();
    both_work("both-work");
    check("events-by-the-library", others == TIMES, others);

    /* The driver goes first, then the library: nothing is left of either. */
    x86_wrmsr(HV_X64_MSR_STIMER0_CONFIG, before[SAVED - 4]);
    x86_wrmsr(HV_X64_MSR_STIMER0_CONFIG + 2, before[SAVED - 3]);
    x86_wrmsr(HV_X64_MSR_SINT0 + DRIVER_SINT, before[5 + DRIVER_SINT]);
    x86_wrmsr(HV_X64_MSR_SINT0 + EVENT_SINT, before[5 + EVENT_SINT]);
    if (!by_message) {
        x86_wrmsr(HV_X64_MSR_SIMP, before[3]);
        x86_wrmsr(HV_X64_MSR_SCONTROL, before[2]);
    }
    pvops_cpu_teardown(&cpu);
    check_same("teardown-undoes-all", before);
out:
    guest_end();
}
