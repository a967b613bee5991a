/* SPDX-License-Identifier: MIT */
/*
 * A kernel module: a piece of text with call sites of its own, copied to
 * another address at run time (checks/module.c). It refers to nothing but
 * libpvops's tables.
 */
#include "module/module.h"

#include <pvops/irq.h>
#include <pvops/mmu.h>
#include <pvops/time.h>

void module_entry(struct module_says *out_says)
{
    pvops_irq_disable();
    out_says->off = !(pvops_irq_save_flags() & PVOPS_IRQ_IF);
    pvops_irq_enable();
    out_says->on = (pvops_irq_save_flags() & PVOPS_IRQ_IF) != 0;
    pvops_irq_disable();
    out_says->cr3 = pvops_mmu_read_cr3();
    out_says->now_ns = pvops_time_now_ns();
}
