/* SPDX-License-Identifier: MIT */
/*
 * The machine's CPUID without what ring 3 or this interface cannot have, and
 * Xen's own leaves.
 *
 * Source: Xen 4.17 xen/arch/x86/cpuid.c, guest_cpuid() and
 *         cpuid_hypervisor_leaves() (which features a PV dom0 sees);
 *         Intel SDM volume 2, CPUID.
 */
#include "trap/cpuid.h"

#include "abi/cpuid.h"
#include "abi/x86.h"
#include "dev/clock.h"
#include "domain/vcpu.h"
#include "layout.h"
#include "mm/frame.h"

#include <string.h>

#include <x86/insn.h>

/* Leaf 1, ECX: DTES64, MONITOR to TM2, PDCM, PCID, the deadline timer. */
#define HIDDEN_1_ECX 0x010281fcu
#define SHOWN_1_ECX  0x80000000u /* a hypervisor */
/* EDX: VME, PSE, MTRR, PGE, PSE36, DS, ACPI, TM, PBE. */
#define HIDDEN_1_EDX 0xa062300au
/* Leaf 7: TSC_ADJUST, SGX, SMEP, INVPCID, PQM, PQE, SMAP, PT. */
#define HIDDEN_7_EBX 0x02109486u
/* ECX: UMIP, PKU, OSPKE, CET_SS, five levels; EDX: CET_IBT. */
#define HIDDEN_7_ECX 0x0001009cu
#define HIDDEN_7_EDX 0x8c100000u /* and IBRS, STIBP, SSBD */
/* Leaf 80000008, EBX: IBPB, IBRS, STIBP, SSBD and their kinds. */
#define HIDDEN_88_EBX 0x0307d000u
/* Leaf 80000001, ECX: SVM, EXTAPIC, IBS, SKINIT, WDT. */
#define HIDDEN_81_ECX 0x0000340cu
/* EDX: VME, PSE, MTRR, PGE, PSE36, pages of 1 GiB. */
#define HIDDEN_81_EDX 0x0402300au
/* Leaf 0xd, sub-leaf 1, EAX: XSAVES. */
#define HIDDEN_D_EAX 0x8u

enum { LAST_LEAF = CPUID_HYPERVISOR + 5, MAJOR = 4, MINOR = 17 };

static void xen_leaf(uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
    memset(out, 0, 4 * sizeof(out[0]));
    switch (leaf - CPUID_HYPERVISOR) {
    case 0:
        out[0] = LAST_LEAF;
        memcpy(&out[1], "XenVMMXenVMM", 12);
        break;
    case 1:
        out[0] = MAJOR << 16 | MINOR;
        break;
    case 2:
        out[0] = 1;                /* page of hypercalls */
        out[1] = CPUID_HYPERVISOR; /* its MSR */
        out[2] = 1;                /* MMU_PT_UPDATE_PRESERVE_AD */
        break;
    case 3:
        if (subleaf == 0) {
            out[2] = clock_tsc_khz();
        } else if (subleaf == 1) {
            out[2] = clock_mul();
            out[3] = (uint32_t)clock_shift();
        } else if (subleaf == 2) {
            out[0] = clock_tsc_khz();
        }
        break;
    case 5:
        /* How wide a machine address is that can be RAM. */
        out[1] = 52;
        break;
    }
}

void cpuid_answer(uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
    struct x86_cpuid r;

    if (leaf >= CPUID_HYPERVISOR && leaf < CPUID_HYPERVISOR + 0x100) {
        xen_leaf(leaf, subleaf, out);
        return;
    }
    r = x86_cpuid(leaf, subleaf);
    out[0] = r.eax;
    out[1] = r.ebx;
    out[2] = r.ecx;
    out[3] = r.edx;
    switch (leaf) {
    case CPUID_FEATURES:
        out[2] = (out[2] & ~HIDDEN_1_ECX) | SHOWN_1_ECX;
        if (!(vcpu_this()->cr4 & X86_CR4_OSXSAVE))
            out[2] &= ~CPUID_1_ECX_OSXSAVE;
        out[3] &= ~HIDDEN_1_EDX;
        break;
    case CPUID_MORE_FEATURES:
        if (subleaf == 0) {
            out[1] &= ~HIDDEN_7_EBX;
            out[2] &= ~HIDDEN_7_ECX;
            out[3] &= ~HIDDEN_7_EDX;
        }
        break;
    case CPUID_PERFORMANCE:
        /* Its MSRs are not the guest's: as Xen without vpmu. */
        memset(out, 0, 4 * sizeof(out[0]));
        break;
    case CPUID_XSTATE:
        if (subleaf == 1)
            out[0] &= ~HIDDEN_D_EAX;
        break;
    case CPUID_ADDRESS_WIDTH:
        out[1] &= ~HIDDEN_88_EBX;
        break;
    case CPUID_EXTENDED_FEATURES:
        out[2] &= ~HIDDEN_81_ECX;
        out[3] &= ~HIDDEN_81_EDX;
        break;
    }
}

/* What the CPU would refuse, by a fault in the shim. */
bool cpuid_set_xcr0(uint64_t value)
{
    struct x86_cpuid r = x86_cpuid(CPUID_XSTATE, 0);
    uint64_t possible = (uint64_t)r.edx << 32 | r.eax;
    bool avx = value & 4, sse = value & 2;
    uint64_t avx512 = value & XCR0_AVX512, mpx = value & XCR0_MPX,
             amx = value & XCR0_AMX;

    if (!(x86_cpuid(CPUID_FEATURES, 0).ecx & CPUID_1_ECX_XSAVE))
        return false;
    if ((value & ~possible) || !(value & 1) || (avx && !sse) ||
        (avx512 && (avx512 != XCR0_AVX512 || !avx)) ||
        (mpx && mpx != XCR0_MPX) || (amx && amx != XCR0_AMX))
        return false;
    __asm__ volatile("xsetbv"
                     :
                     : "c"(0), "a"((uint32_t)value),
                       "d"((uint32_t)(value >> 32)));
    return true;
}
