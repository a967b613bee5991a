/* SPDX-License-Identifier: MIT */
/*
 * The CPUs of the machine: found, started, stopped, given work.
 *
 * A further CPU waits for work with interrupts on, on a stack of its own, in
 * the kernel's root. The boot CPU has index 0, and always runs.
 */
#ifndef PVK_CORE_CPUS_H
#define PVK_CORE_CPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pvops/pvops.h>

/* The vectors and pages of CPU 'index', for pvops_cpu_setup(). */
struct pvops_cpu_options cpus_options(unsigned index);

/*
 * Find the CPUs, up to CPU_MOST or "cpus=N" of the command line, and start
 * them one after the other. Context: boot CPU, interrupts off, after
 * pvops_seal().
 */
void cpus_setup(void);

/* How many run; whether number 'index' does. */
unsigned cpus_count(void);
bool cpus_runs(unsigned index);
/* The first that was found, and did not start; 0: none. */
unsigned cpus_missing(void);

/*
 * Take a further CPU down, and bring it back; false, with a log line, if that
 * was not done. Context: the boot CPU, interrupts off; 'index' waits for work.
 */
bool cpus_stop(unsigned index);
bool cpus_start(unsigned index);
/* All of them. */
void cpus_stop_others(void);

/*
 * Have CPU 'index', which waits for work, call 'function' on its stack, not in
 * an interrupt, interrupts off. Waits until it has begun, and tells it again
 * now and then: a wake-up may be lost, see checks/smp_ipi.c. cpus_wait() waits
 * until it has come back. Both serve what others want of this CPU meanwhile.
 */
void cpus_begin(unsigned index, void (*function)(void *argument),
                void *argument);
void cpus_wait(unsigned index);

/*
 * A panic: the others stop where they are, at their next chance; one that
 * panics too stops here. Once: telling them may be what panics.
 */
void cpus_halt_others(void);
/* What they do then. */
__attribute__((noreturn)) void cpus_halt(void);

/* Whether it lies on the stack of a further CPU. */
bool cpus_on_stack(uintptr_t at, size_t bytes);

#endif /* PVK_CORE_CPUS_H */
