/* SPDX-License-Identifier: MIT */
/*
 * Functions that one CPU has another call.
 */
#ifndef PVK_CORE_CALL_H
#define PVK_CORE_CALL_H

/*
 * Have CPU 'cpu', which runs and may be this one, call 'function' in an
 * interrupt, and wait until it has. It must let interrupts in; this one need
 * not: what others want of it meanwhile, calls and flushes, is done. Not while
 * programs run: an interrupt from user mode first takes the kernel's lock.
 */
void cpu_call(unsigned cpu, void (*function)(void *argument), void *argument);

/* The same on every CPU that runs, this one too, at the same time. */
void cpu_call_all(void (*function)(void *argument), void *argument);

/* What was asked of this CPU. Context: interrupts off. */
void call_serve(void);

/*
 * In a loop that waits for another CPU: what others want of this one, calls and
 * flushes, and a PAUSE. Who is waited for may wait for this one.
 */
void call_pause(void);

#endif /* PVK_CORE_CALL_H */
