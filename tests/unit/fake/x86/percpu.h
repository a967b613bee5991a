/* SPDX-License-Identifier: MIT */
/*
 * <x86/percpu.h> of unit tests: the segment's base is a variable.
 */
#ifndef FAKE_X86_PERCPU_H
#define FAKE_X86_PERCPU_H

#include <pvops/pvops.h>

/*
 * Where the segment and the offset lead; NULL: to memory that holds zeros. Each
 * thread is a CPU.
 */
extern _Thread_local struct pvops_cpu *fake_percpu;

static inline struct pvops_cpu *pvi_this_cpu(void)
{
    return fake_percpu ? fake_percpu->self : NULL;
}

#ifdef __x86_64__
#define X86_PERCPU_SEGMENT_IS_GS 1
#endif

#endif /* FAKE_X86_PERCPU_H */
