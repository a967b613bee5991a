/* SPDX-License-Identifier: MIT */
/*
 * Hyper-V's hypercalls for several processors, and their operands. Facts only.
 *
 * Source: Microsoft Hypervisor Top Level Functional Specification (TLFS):
 *         "Hypercall Interface" (input and result value); the pages of
 *         HvCallFlushVirtualAddressSpace, HvCallFlushVirtualAddressList,
 *         HvCallSendSyntheticClusterIpi, each with its Ex form;
 *         HvCallNotifyLongSpinWait, HvCallStartVirtualProcessor,
 *         HvCallGetVpIndexFromApicId; HV_VP_SET; leaves 3 and 4; "Virtual
 *         Processors": idle sleep state, VP assist page.
 * Beware: HvCallSendSyntheticClusterIpi takes registers too, though the
 *         specification does not say so (Linux 214ff83d4473).
 */
#ifndef ABI_HYPERV_CALLS_H
#define ABI_HYPERV_CALLS_H

#include "abi/abi.h"

/* EAX of HV_CPUID_FEATURES */
#define HV_MSR_GUEST_IDLE_AVAILABLE_BIT 10
#define HV_MSR_GUEST_IDLE_AVAILABLE     (1u << HV_MSR_GUEST_IDLE_AVAILABLE_BIT)
/* EBX of it */
#define HV_START_VIRTUAL_PROCESSOR_BIT 21
#define HV_START_VIRTUAL_PROCESSOR     (1u << HV_START_VIRTUAL_PROCESSOR_BIT)
/* EAX of HV_CPUID_RECOMMENDATIONS */
#define HV_EX_PROCESSOR_MASKS_RECOMMENDED_BIT 11
#define HV_EX_PROCESSOR_MASKS_RECOMMENDED                                      \
    (1u << HV_EX_PROCESSOR_MASKS_RECOMMENDED_BIT)

/* As the xAPIC's two registers, the high one in bits 63 to 32. */
#define HV_X64_MSR_ICR            0x40000071u
#define HV_ICR_DESTINATION_SHIFT  56
#define HV_X64_MSR_VP_ASSIST_PAGE 0x40000073u
#define HV_VP_ASSIST_ENABLE       1u     /* bit 0; bits 12 and up are a paddr */
#define HV_VP_ASSIST_RESERVED     0xffeu /* to be preserved */
/* Read: sleep until an interrupt arrives, whether or not they are on. */
#define HV_X64_MSR_GUEST_IDLE 0x400000f0u

/* What HV_X64_MSR_VP_ASSIST_PAGE points to; more follows. */
struct hv_vp_assist_page {
    uint32_t apic_assist; /* bit 0: the next EOI is not required */
    uint32_t reserved;
};

ABI_SIZE(struct hv_vp_assist_page, 8);

/* Input value, further parts: bits 43 to 32 and 59 to 48 of rep calls. */
#define HV_HYPERCALL_VARHEAD_SHIFT   17 /* in units of 8 bytes */
#define HV_HYPERCALL_REPS_SHIFT      32 /* in the result: how many are done */
#define HV_HYPERCALL_REPS_MASK       0xfffu
#define HV_HYPERCALL_REP_START_SHIFT 48

#define HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE    0x2u
#define HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST     0x3u /* rep */
#define HVCALL_NOTIFY_LONG_SPIN_WAIT          0x8u /* a 32-bit count */
#define HVCALL_SEND_IPI                       0xbu
#define HVCALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX 0x13u
#define HVCALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX  0x14u /* rep */
#define HVCALL_SEND_IPI_EX                    0x15u
#define HVCALL_START_VP                       0x99u
#define HVCALL_GET_VP_INDEX_FROM_APIC_ID      0x9au /* rep */

#define HV_FLUSH_ALL_PROCESSORS             1u
#define HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES 2u
/* Invalid in the list forms. */
#define HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY 4u

/* Of a list: bits 11 to 0 are how many pages follow the first. */
#define HV_GVA_RANGE_PAGES 4096u

/* VP N is bit N % 64 of bank N / 64; the banks that are valid, in order. */
struct hv_vp_set {
    uint64_t format;
    uint64_t valid_bank_mask;
    uint64_t bank_contents[];
};
#define HV_VP_SET_SPARSE_4K 0u
#define HV_VP_SET_ALL       1u
#define HV_VP_SET_BANK_VPS  64u
#define HV_VP_SET_BANKS     64u

ABI_SIZE(struct hv_vp_set, 16);

/* The list's entries follow, in the Ex form after the banks. */
struct hv_flush {
    uint64_t address_space; /* CR3 */
    uint64_t flags;
    uint64_t processor_mask; /* by VP index */
};
struct hv_flush_ex {
    uint64_t address_space;
    uint64_t flags;
    struct hv_vp_set processors;
};

ABI_SIZE(struct hv_flush, 24);
ABI_SIZE(struct hv_flush_ex, 32);

struct hv_send_ipi {
    uint32_t vector; /* 16 and up */
    uint32_t vtl;    /* 0: the caller's */
    uint64_t processor_mask;
};
struct hv_send_ipi_ex {
    uint32_t vector;
    uint32_t vtl;
    struct hv_vp_set processors;
};

ABI_SIZE(struct hv_send_ipi, 16);
ABI_SIZE(struct hv_send_ipi_ex, 24);

#define HV_PARTITION_ID_SELF UINT64_MAX
/* Of HVCALL_START_VP: it was started already. */
#define HV_STATUS_INVALID_VP_STATE 0x15u

struct hv_segment {
    uint64_t base;
    uint32_t limit;
    uint16_t selector;
    uint16_t attributes; /* type, S, DPL, P; bits 12 and up: AVL, L, D, G */
};
struct hv_table {
    uint16_t pad[3];
    uint16_t limit;
    uint64_t base;
};
struct hv_initial_vp_context {
    uint64_t rip, rsp, rflags;
    struct hv_segment cs, ds, es, fs, gs, ss, tr, ldtr;
    struct hv_table idtr, gdtr;
    uint64_t efer, cr0, cr3, cr4, pat;
};
struct hv_start_vp {
    uint64_t partition;
    uint32_t vp;
    uint32_t vtl;
    struct hv_initial_vp_context context;
};

ABI_SIZE(struct hv_segment, 16);
ABI_SIZE(struct hv_table, 16);
ABI_SIZE(struct hv_initial_vp_context, 224);
ABI_OFFSET(struct hv_initial_vp_context, cs, 24);
ABI_OFFSET(struct hv_initial_vp_context, idtr, 152);
ABI_OFFSET(struct hv_initial_vp_context, efer, 184);
ABI_SIZE(struct hv_start_vp, 240);
ABI_OFFSET(struct hv_start_vp, context, 16);

/* Output: one VP index, 32 bits, for each. */
struct hv_get_vp_index {
    uint64_t partition;
    uint64_t vtl;
    uint32_t apic_id[2]; /* of as many as there are reps */
};

ABI_OFFSET(struct hv_get_vp_index, apic_id, 16);
ABI_SIZE(struct hv_get_vp_index, 24);

#endif /* ABI_HYPERV_CALLS_H */
