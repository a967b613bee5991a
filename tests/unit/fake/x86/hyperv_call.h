/* SPDX-License-Identifier: MIT */
/*
 * <x86/hyperv_call.h> of unit tests: hypercalls are the model's
 * (fake/hyperv_calls.c).
 */
#ifndef FAKE_X86_HYPERV_CALL_H
#define FAKE_X86_HYPERV_CALL_H

#include <stdint.h>

uint64_t x86_hyperv_vmcall(uint64_t control, uint64_t in, uint64_t out);
uint64_t x86_hyperv_vmmcall(uint64_t control, uint64_t in, uint64_t out);

#endif /* FAKE_X86_HYPERV_CALL_H */
