/* SPDX-License-Identifier: MIT */
/*
 * <x86/kvm_call.h> of unit tests: hypercalls end in the model's KVM (kvm.h).
 */
#ifndef FAKE_X86_KVM_CALL_H
#define FAKE_X86_KVM_CALL_H

long x86_kvm_vmcall(unsigned long number, unsigned long a0, unsigned long a1,
                    unsigned long a2, unsigned long a3);
long x86_kvm_vmmcall(unsigned long number, unsigned long a0, unsigned long a1,
                     unsigned long a2, unsigned long a3);

#endif /* FAKE_X86_KVM_CALL_H */
