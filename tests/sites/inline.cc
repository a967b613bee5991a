/* SPDX-License-Identifier: MIT */
/*
 * Sites in inline functions of C++, of which the linker keeps one copy; in
 * functions that nobody calls; and in ordinary ones. Compiled twice, with
 * -DUSED=used and -DUSED=used2.
 */
#include <pvops/irq.h>

inline __attribute__((noinline)) void of_all()
{
    pvops_irq_disable();
}

template <int N> __attribute__((noinline)) void one_a_number()
{
    pvops_irq_enable();
}

extern "C" void USED();

void USED()
{
    of_all();
    one_a_number<1>();
    pvops_irq_disable();
}

#ifdef UNUSED
extern "C" void UNUSED();

void UNUSED()
{
    pvops_irq_disable();
    pvops_irq_enable();
}
#endif
