/* SPDX-License-Identifier: MIT */
/*
 * Hyper-V's interface, as the report tries it. Facts only; typed again here, so
 * that pvk needs nothing of src/ and a mistake there is not made twice.
 *
 * Source: Microsoft Hypervisor Top Level Functional Specification (TLFS):
 *         feature and interface discovery; hypercall interface; timers;
 *         inter-partition communication; virtual interrupts; hypercall
 *         reference. Reenlightenment and TSC invariant control: TLFS, timers.
 */
#ifndef PVK_REPORT_ABI_HYPERV_H
#define PVK_REPORT_ABI_HYPERV_H

#include <stdint.h>

enum {
    HV_MSR_OS_ID = 0x40000000,
    HV_MSR_HYPERCALL = 0x40000001,
    HV_MSR_VP_INDEX = 0x40000002,
    HV_MSR_RESET = 0x40000003,
    HV_MSR_RUNTIME = 0x40000010,
    HV_MSR_REF_COUNT = 0x40000020,
    HV_MSR_REF_TSC = 0x40000021,
    HV_MSR_TSC_HZ = 0x40000022,
    HV_MSR_APIC_HZ = 0x40000023,
    HV_MSR_EOI = 0x40000070,
    HV_MSR_ICR = 0x40000071,
    HV_MSR_TPR = 0x40000072,
    HV_MSR_ASSIST = 0x40000073,
    HV_MSR_SCONTROL = 0x40000080,
    HV_MSR_SVERSION = 0x40000081,
    HV_MSR_SIEFP = 0x40000082,
    HV_MSR_SIMP = 0x40000083,
    HV_MSR_EOM = 0x40000084,
    HV_MSR_SINT0 = 0x40000090,
    HV_MSR_TIMER_CONFIG = 0x400000b0,
    HV_MSR_TIMER_COUNT = 0x400000b1,
    HV_MSR_IDLE = 0x400000f0,
    HV_MSR_CRASH_P0 = 0x40000100,
    HV_MSR_CRASH_CTL = 0x40000105,
    HV_MSR_REENLIGHTENMENT = 0x40000106,
    HV_MSR_TSC_EMULATION = 0x40000107,
    HV_MSR_TSC_STATUS = 0x40000108,
    HV_MSR_TSC_INVARIANT = 0x40000118,
};
#define HV_ENABLE UINT64_C(1) /* of MSRs that name a page */
#define HV_PAGE   (~UINT64_C(0xfff))

enum {
    HV_REF_HZ = 10000000, /* the counter, the page, the timers */
    HV_TIMER_ENABLE = 1,
    HV_TIMER_VECTOR = 4, /* shift */
    HV_TIMER_DIRECT = 1 << 12,
    HV_TIMER_SINT = 16, /* shift */
    HV_SINT_MASKED = 1 << 16,
    HV_MESSAGE_BYTES = 256,
};
#define HV_MESSAGE_TIMER 0x80000010u

/* 100 ns = (tsc * scale >> 64) + offset; sequence 0: no use. */
struct report_hv_tsc {
    uint32_t sequence, reserved;
    uint64_t scale;
    int64_t offset;
};

enum {
    HV_CALL_SWITCH_SPACE = 1,
    HV_CALL_FLUSH_SPACE = 2,
    HV_CALL_FLUSH_LIST = 3,
    HV_CALL_SPIN_WAIT = 8,
    HV_CALL_IPI = 0xb,
    HV_CALL_FLUSH_SPACE_EX = 0x13,
    HV_CALL_FLUSH_LIST_EX = 0x14,
    HV_CALL_IPI_EX = 0x15,
    HV_CALL_GET_REGISTERS = 0x50,
    HV_CALL_SET_REGISTERS = 0x51,
    HV_CALL_POST_MESSAGE = 0x5c,
    HV_CALL_SIGNAL_EVENT = 0x5d,
    HV_CALL_START_VP = 0x99,
    HV_CALL_VP_INDEX = 0x9a, /* from an APIC id */
    HV_CALL_FLUSH_GPA_SPACE = 0xaf,
    HV_CALL_FLUSH_GPA_LIST = 0xb0,
    HV_CALL_CAPABILITIES = 0x8001,
    HV_CALL_NONE = 0x7fff,
};
#define HV_CALL_FAST UINT64_C(0x10000)
/* Bits 17 to 26: words of the variable header; 32 to 43: how many reps. */
#define HV_CALL_HEADER(words) ((uint64_t)(words) << 17)
#define HV_CALL_REPS(count)   ((uint64_t)(count) << 32)

enum {
    HV_STATUS_OK = 0,
    HV_STATUS_CODE = 2, /* no such hypercall */
    HV_STATUS_INPUT = 3,
    HV_STATUS_ALIGNMENT = 4,
    HV_STATUS_PARAMETER = 5,
    HV_STATUS_DENIED = 6,
    HV_STATUS_PARTITION = 13,
    HV_STATUS_VP = 14,
    HV_STATUS_PORT = 17,
    HV_STATUS_CONNECTION = 18,
};

/* Input of the flushes, and what follows: an address, or a set. */
struct report_hv_flush {
    uint64_t space, flags, processors;
    uint64_t address;
};
struct report_hv_flush_ex {
    uint64_t space, flags;
    uint64_t format, banks, bank; /* 0: sparse, 1: all */
    uint64_t address;
};
enum { HV_FLUSH_ALL_SPACES = 2, HV_SET_SPARSE = 0 };

/* Output: 32 bits, the index. */
struct report_hv_index {
    uint64_t partition, vtl;
    uint32_t apic_id;
};
#define HV_PARTITION_SELF (~UINT64_C(0))

struct report_hv_ipi_ex {
    uint32_t vector, level;
    uint64_t format, banks, bank;
};

#endif /* PVK_REPORT_ABI_HYPERV_H */
