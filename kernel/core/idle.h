/* SPDX-License-Identifier: MIT */
/*
 * A CPU that has nothing to do.
 */
#ifndef PVK_CORE_IDLE_H
#define PVK_CORE_IDLE_H

#include <stdbool.h>

/*
 * Let interrupts in and halt until one came; they are off again then. One that
 * was on its way before ends it too, everywhere: where it may be lost, a timer
 * does after a while. The deadline that is set still comes.
 *
 * Context: interrupts off, on a CPU that is set up.
 */
void idle_halt(void);

/*
 * Whether an interrupt may come between STI and HLT. STI holds it off, but not
 * where a hypervisor runs on QEMU's software CPU and gets control in between:
 * its VMRUN does not look at the interrupt shadow (the VMCB's int_state). Such
 * a hypervisor may hide, but CPUID is an exit. A Xen PV domain blocks by a
 * hypercall, which has no such gap.
 */
bool idle_may_lose(void);

#endif /* PVK_CORE_IDLE_H */
