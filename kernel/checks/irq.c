/* SPDX-License-Identifier: MIT */
/*
 * The interrupt flag: it says what was done to it, and it is obeyed.
 */
#include <pvops/irq.h>
#include <pvops/time.h>

#include "arch/insn.h"
#include "checks/check.h"
#include "core/deadline.h"

static bool is_on(void)
{
    return (pvops_irq_save_flags() & PVOPS_IRQ_IF) != 0;
}

/*
 * Damage:  native_64.S or native_32.S: "nop" for "cli", or for "sti".
 */
static void irq_flag(void)
{
    uintptr_t outer, inner;

    CHECK(!is_on(), "interrupts are on at boot");
    pvops_irq_enable();
    CHECK(is_on(), "enable does not set the flag");
    outer = pvops_irq_save();
    CHECK(!is_on(), "save does not clear the flag");
    inner = pvops_irq_save();
    pvops_irq_restore(inner);
    CHECK(!is_on(), "the inner restore sets the flag");
    pvops_irq_restore(outer);
    CHECK(is_on(), "the outer restore does not set the flag");
    pvops_irq_disable();
    CHECK(!is_on(), "disable does not clear the flag");
}
const struct check check_irq_flag = { "irq-flag-saved-restored", irq_flag };

static volatile unsigned arrivals;

static uint64_t count(uint64_t at_ns)
{
    (void)at_ns;
    arrivals++;
    return 0;
}

/*
 * A deadline passes while interrupts are off: it arrives when they are on
 * again, once, and not before.
 *
 * Damage:  native_64.S or native_32.S: "nop" for "cli".
 */
static void irq_held(void)
{
    enum { WAIT_NS = 2000000, HELD_NS = 20000000, PATIENCE_NS = 1000000000 };
    uint64_t start;

    pvops_irq_enable();
    pvops_irq_disable();
    arrivals = 0;
    start = pvops_time_now_ns();
    deadline_set(start + WAIT_NS, count);
    check_spin_until(start + HELD_NS);
    CHECK(!arrivals, "an interrupt arrived while they were off");

    pvops_irq_enable();
    while (!arrivals && pvops_time_now_ns() < start + PATIENCE_NS)
        x86_pause();
    check_spin_until(pvops_time_now_ns() + WAIT_NS);
    pvops_irq_disable();
    CHECK(arrivals == 1, "%u interrupts arrived afterwards instead of one",
          arrivals);
}
const struct check check_irq_held = { "irq-off-holds-them-back", irq_held };
