/* SPDX-License-Identifier: MIT */
/*
 * hyperv-driver-first: the kernel's driver owns guest OS id, hypercall page and
 * SynIC before the library comes; both work, and the driver goes on when the
 * library has gone.
 *
 * Verdict: PASS (0) on Hyper-V with synthetic timers, SKIP (3) elsewhere.
 * Tried:   the library's own message page in any case: all but
 *          hypercall-answers fail. A guest OS id written over another:
 *          its-pages-stay fails. The timer's configuration left as it is:
 *          teardown-undoes-all fails on hyperv~full.
 */
#include "hyperv_driver.h"

static void driver_hypercall_setup(void *page)
{
    x86_wrmsr(HV_X64_MSR_GUEST_OS_ID, DRIVER_OS_ID);
    x86_wrmsr(HV_X64_MSR_HYPERCALL,
              (uintptr_t)page | HV_X64_MSR_HYPERCALL_ENABLE);
    hypercall_page = page;
}

/* Without the library: the driver's own messages go on. */
static void driver_alone(const char *name)
{
    own_messages = 0;
    driver_ask();
    pvops_irq_enable();
    for (volatile unsigned i = 0; i < 100000000 && !own_messages; i++)
        ;
    pvops_irq_disable();
    check(name, own_messages == 1, own_messages);
}

void guest_main(void)
{
    static uint8_t page[2][4096] __attribute__((aligned(4096)));
    struct pvops_resources yours = { .hyperv_hypercall_page = page[0],
                                     .hyperv_message_page = page[1] };
    uint64_t before[SAVED];

    guest_begin();
    if (!has_driver("both-work"))
        goto out;
    driver_hypercall_setup(page[0]);
    driver_synic_setup(page[1]);
    driver_sints_setup();
    save(before);
    if (!kernel_setup(&yours)) {
        guest_fail("both-work", "the library's set-up failed");
        goto out;
    }
    check("its-pages-stay",
          x86_rdmsr(HV_X64_MSR_HYPERCALL) == before[1] &&
              x86_rdmsr(HV_X64_MSR_SIMP) == before[3] &&
              pvops_get_resources()->hyperv_guest_os_id == DRIVER_OS_ID,
          (unsigned)x86_rdmsr(HV_X64_MSR_SIMP));
    both_work("both-work");
    check("events-by-the-library", others == TIMES, others);

    pvops_cpu_teardown(&cpu);
    check_same("teardown-undoes-all", before);
    driver_alone("driver-goes-on");
out:
    guest_end();
}
