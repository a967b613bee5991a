/* SPDX-License-Identifier: MIT */
/*
 * What calls inline.cc, and looks for the records as a kernel does.
 */
#include <stdint.h>

void *pvops_irq_table[5];
extern const int32_t __start_pvops_sites[], __stop_pvops_sites[];
intptr_t records;

void used(void);
void used2(void);
void _start(void);

void _start(void)
{
    used();
    used2();
    records = __stop_pvops_sites - __start_pvops_sites;
}
