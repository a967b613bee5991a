/* SPDX-License-Identifier: MIT */
/*
 * The life cycle: ops before set-up, calls out of order.
 */
#include <pvops/pvops.h>

#include "arch/cpu.h"
#include "checks/check.h"
#include "checks/poison.h"
#include "core/main.h"

static void op_irq_disable(void)
{
    pvops_irq_disable();
}

static void op_mmu_read_cr3(void)
{
    (void)pvops_mmu_read_cr3();
}

static void op_time_now_ns(void)
{
    (void)pvops_time_now_ns();
}

static void op_cpu_load_tr(void)
{
    pvops_cpu_load_tr(0);
}

/*
 * Before pvops_setup() an op does nothing but panic with its own name: hot,
 * quick or cold.
 *
 * Damage:  tables.c: FIRST_FULL is NATIVE.
 */
static void poison(void)
{
    static const struct {
        void (*call)(void);
        const char *name;
    } ops[] = {
        { op_irq_disable, "irq_disable" },
        { op_mmu_read_cr3, "mmu_read_cr3" },
        { op_time_now_ns, "time_now_ns" },
        { op_cpu_load_tr, "cpu_load_tr" },
    };

    if (check_needs_sites())
        return;
    for (unsigned i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
        CHECK(poison_panics(ops[i].call, ops[i].name),
              "%s before pvops_setup() did not panic with its name",
              ops[i].name);
}
const struct check check_poison = { "ops-before-setup-panic", poison };

static const struct pvops_cpu_options cpu_options = {
    .deadline_vector = 0xe0,
    .event_vector = 0xe1,
};

/*
 * Damage:  lifecycle.c: no comparison of pvi.stage in pvops_cpu_setup().
 */
static void order_early(void)
{
    struct pvops_sites none = { 0 };

    CHECK(pvops_cpu_setup(&cpu_at(0)->pvops, &cpu_options) == PVOPS_E_ORDER,
          "pvops_cpu_setup() before pvops_setup() is not refused");
    CHECK(pvops_seal(&none) == PVOPS_E_ORDER,
          "pvops_seal() before pvops_setup() is not refused");
    CHECK(pvops_caps() == 0, "there are caps before pvops_setup()");
}
const struct check check_order_early = { "order-before-setup", order_early };

/*
 * After everything: set-up is over, and the boot CPU is set up.
 *
 * Damage:  lifecycle.c: no comparison of pvi.stage in pvops_setup().
 */
static void order_late(void)
{
    CHECK(pvops_setup(&kernel.info, &kernel.setup) == PVOPS_E_ORDER,
          "a second pvops_setup() is not refused");
    CHECK(pvops_cpu_setup(&cpu_at(0)->pvops, &cpu_options) == PVOPS_E_ORDER,
          "a second pvops_cpu_setup() of the boot CPU is not refused");
}
const struct check check_order_late = { "order-after-setup", order_late };
