/* SPDX-License-Identifier: MIT */
/*
 * A translation that is in use and out of date, for hypercalls that flush.
 */
#include <pvops/pvops.h>

#include "arch/layout.h"
#include "arch/paging.h"
#include "core/call.h"
#include "core/pages.h"
#include "report/machine.h"

/* The self-checks' page, which do not run with the report. */
#define AT ((uintptr_t)LAYOUT_SCRATCH)

enum { PRESENT = 1 }; /* Source: Intel SDM 3, 4.5 */

static volatile uint32_t *frames[2];
static unsigned shown; /* of the two, by the entry */
static uint32_t found;

/* The number of the page, or what else is found there. */
static void look(void *argument)
{
    (void)argument;
    found = *(const volatile uint32_t *)AT;
}

static void look_anew(void *argument)
{
    pvops_mmu_flush_page(AT);
    look(argument);
}

static void run_on(unsigned cpu, void (*function)(void *argument))
{
    if (cpu)
        cpu_call(cpu, function, NULL);
    else
        function(NULL);
}

/* The entry is stored to by hand later: no other CPU is asked to flush. */
static bool set_up(void)
{
    static bool mapped;

    for (unsigned i = 0; i < 2; i++) {
        if (!frames[i])
            frames[i] = page_alloc();
        if (!frames[i])
            return false;
        *frames[i] = i;
    }
    if (!mapped)
        paging_map(AT, layout_paddr((const void *)(uintptr_t)frames[shown]), 0);
    mapped = true;
    return true;
}

const void *machine_stale(unsigned cpu)
{
    if (!set_up())
        return NULL;
    look_anew(NULL);
    run_on(cpu, look_anew);
    shown = !shown;
    pvops_mmu_write_entry(
        paging_entry(AT),
        (pvops_pte)layout_paddr((const void *)(uintptr_t)frames[shown]) |
            PRESENT);
    return (const void *)AT;
}

bool machine_is_fresh(unsigned cpu)
{
    run_on(cpu, look);
    return found == shown;
}

const void *machine_nowhere(void)
{
    return (const void *)(AT + PAGE_BYTES);
}
