/* SPDX-License-Identifier: MIT */
/*
 * Hyper-V's CPUID leaves, MSRs and reference TSC page. Facts only.
 *
 * Source: Microsoft Hypervisor Top Level Functional Specification (TLFS):
 *         feature and interface discovery; timers, 12.6 (reference TSC page).
 * Beware: the invalid sequence is 0; editions before 4.0 said 0xffffffff.
 */
#ifndef ABI_HYPERV_H
#define ABI_HYPERV_H

#include "abi/abi.h"

#define HV_CPUID_SIGNATURE "Microsoft Hv" /* EBX, ECX, EDX of leaf +0 */
#define HV_CPUID_INTERFACE 1u             /* leaf, relative to the base */
#define HV_INTERFACE_HV1   0x31237648u    /* EAX of it: "Hv#1" */
#define HV_CPUID_FEATURES  3u

/* EAX of HV_CPUID_FEATURES */
#define HV_MSR_TIME_REF_COUNT_AVAILABLE_BIT 1
#define HV_MSR_TIME_REF_COUNT_AVAILABLE                                        \
    (1u << HV_MSR_TIME_REF_COUNT_AVAILABLE_BIT)
#define HV_MSR_REFERENCE_TSC_AVAILABLE_BIT 9
#define HV_MSR_REFERENCE_TSC_AVAILABLE                                         \
    (1u << HV_MSR_REFERENCE_TSC_AVAILABLE_BIT)
#define HV_ACCESS_FREQUENCY_MSRS_BIT 11
#define HV_ACCESS_FREQUENCY_MSRS     (1u << HV_ACCESS_FREQUENCY_MSRS_BIT)
/* EDX of HV_CPUID_FEATURES */
#define HV_FREQUENCY_MSRS_AVAILABLE_BIT 8
#define HV_FREQUENCY_MSRS_AVAILABLE     (1u << HV_FREQUENCY_MSRS_AVAILABLE_BIT)

#define HV_X64_MSR_TIME_REF_COUNT 0x40000020u /* 100 ns since creation */
#define HV_TIME_REF_HZ            10000000u
#define HV_X64_MSR_REFERENCE_TSC  0x40000021u
#define HV_X64_MSR_TSC_FREQUENCY  0x40000022u /* Hz */
#define HV_X64_MSR_APIC_FREQUENCY 0x40000023u /* Hz */

#define HV_REFERENCE_TSC_ENABLE   1u     /* bit 0; bits 12 and up are a paddr */
#define HV_REFERENCE_TSC_RESERVED 0xffeu /* to be preserved */

#define HV_REFERENCE_TSC_INVALID     0u /* of tsc_sequence */
#define HV_REFERENCE_TSC_INVALID_OLD UINT32_MAX

/* 100 ns = (tsc * tsc_scale >> 64) + tsc_offset */
struct hv_reference_tsc_page {
    uint32_t tsc_sequence; /* 0: use HV_X64_MSR_TIME_REF_COUNT */
    uint32_t reserved1;
    uint64_t tsc_scale;
    int64_t tsc_offset;
};

ABI_OFFSET(struct hv_reference_tsc_page, tsc_sequence, 0);
ABI_OFFSET(struct hv_reference_tsc_page, tsc_scale, 8);
ABI_OFFSET(struct hv_reference_tsc_page, tsc_offset, 16);
ABI_SIZE(struct hv_reference_tsc_page, 24);

#endif /* ABI_HYPERV_H */
