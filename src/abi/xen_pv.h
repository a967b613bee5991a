/* SPDX-License-Identifier: MIT */
/*
 * What only a 64-bit PV domain asks of Xen. Facts only; names as in the
 * source. Also read by assembly.
 *
 * Source: Xen 4.17 xen/include/public/xen.h, arch-x86/xen.h,
 *         arch-x86/xen-x86_64.h, physdev.h, callback.h;
 *         docs/misc/x86-xenpv-bootloader.pandoc.
 */
#ifndef ABI_XEN_PV_H
#define ABI_XEN_PV_H

#include "abi/xen.h"

/*
 * Flat segments in the part of every GDT that is Xen's. Kernel and user mode
 * have the same, of privilege 3.
 */
#define FLAT_RING3_CS64 0xe033
#define FLAT_RING3_SS64 0xe02b
#define FLAT_RING3_CS32 0xe023

/*
 * Xen's own, and so a kernel's with XENFEAT_supervisor_mode_kernel. Source: Xen
 * 4.17 xen/arch/x86/include/asm/config.h.
 */
#define __HYPERVISOR_CS   0xe008
#define __HYPERVISOR_DS32 0xe010

/* Pages of a GDT that are the guest's. */
#define FIRST_RESERVED_GDT_PAGE  14
#define FIRST_RESERVED_GDT_ENTRY (FIRST_RESERVED_GDT_PAGE * 512)

/*
 * __HYPERVISOR_iret: on the stack rax, r11, rcx, flags, rip, cs, rflags, rsp,
 * ss. RFLAGS.IF becomes the inverse of evtchn_upcall_mask. CS of privilege 3
 * is user mode, less is the kernel's. Without VGCF_in_syscall all of them are
 * restored.
 */
#define VGCF_in_syscall 0x100

/*
 * In a level-1 entry: Xen added the user bit. To one with the user bit and
 * without this one it adds the global bit.
 * Source: xen/arch/x86/include/asm/x86_64/page.h, _PAGE_GUEST_KERNEL;
 *         xen/arch/x86/mm.c, adjust_guest_l1e().
 */
#define XEN_PTE_GUEST_KERNEL_BIT 52

/* Before CPUID: emulate it. */
#define XEN_EMULATE_PREFIX ".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e; "

#ifndef __ASSEMBLER__

/* Xen's own: slots 256 to 271 of every root. */
#define HYPERVISOR_VIRT_START 0xffff800000000000u
#define HYPERVISOR_VIRT_END   0xffff880000000000u

#define MACH2PHYS_VIRT_START 0xffff800000000000u
#define MACH2PHYS_VIRT_END   0xffff804000000000u

struct trap_info {
    uint8_t vector;
    uint8_t flags; /* TI_* */
    uint16_t cs;
    unsigned long address; /* 0 ends the array */
};

#define TI_DPL    3u
#define TI_IF_BIT 2 /* events are masked at entry */
#define TI_IF     (1u << TI_IF_BIT)

/* mmu_update(): the low bits of ptr */
#define MMU_NORMAL_PT_UPDATE       0u
#define MMU_MACHPHYS_UPDATE        1u
#define MMU_PT_UPDATE_PRESERVE_AD  2u
#define MMU_PT_UPDATE_NO_TRANSLATE 3u /* as normal, where nothing is */

/*
 * Xen's own, in the number of entries of mmu_update() and mmuext_op(), as the
 * guest sees it in a multicall that Xen has interrupted: *done counts on.
 * Source: xen/arch/x86/mm.c.
 */
#define MMU_UPDATE_PREEMPTED_BIT 31
#define MMU_UPDATE_PREEMPTED     (1u << MMU_UPDATE_PREEMPTED_BIT)

struct mmu_update {
    uint64_t ptr; /* machine address of the entry, and MMU_* */
    uint64_t val;
};

ABI_SIZE(struct mmu_update, 16);

/* Hypercalls in order; each has its result, and none is left out. */
struct multicall_entry {
    unsigned long op, result;
    unsigned long args[6];
};

/* update_va_mapping(): address, entry, and which TLB entries to flush */
#define UVMF_TLB_FLUSH      1u
#define UVMF_INVLPG         2u
#define UVMF_FLUSHTYPE_MASK 3u
#define UVMF_ALL_BIT        2 /* on every VCPU */
#define UVMF_ALL            (1u << UVMF_ALL_BIT)
/* Else the rest is 0, this VCPU, or the address of a set as MMUEXT's are. */

#define MMUEXT_PIN_L1_TABLE    0u
#define MMUEXT_PIN_L2_TABLE    1u
#define MMUEXT_PIN_L3_TABLE    2u
#define MMUEXT_PIN_L4_TABLE    3u
#define MMUEXT_UNPIN_TABLE     4u
#define MMUEXT_NEW_BASEPTR     5u
#define MMUEXT_TLB_FLUSH_LOCAL 6u
#define MMUEXT_INVLPG_LOCAL    7u
/*
 * Of 'vcpumask', a bit for each: Xen reads whole words of it, as many as the
 * domain may have VCPUs. One that is not running is not waited for.
 * Source: xen/arch/x86/mm.c, vcpumask_to_pcpumask().
 */
#define MMUEXT_TLB_FLUSH_MULTI    8u
#define MMUEXT_INVLPG_MULTI       9u
#define MMUEXT_TLB_FLUSH_ALL      10u
#define MMUEXT_INVLPG_ALL         11u
#define MMUEXT_FLUSH_CACHE        12u
#define MMUEXT_SET_LDT            13u
#define MMUEXT_NEW_USER_BASEPTR   15u
#define MMUEXT_CLEAR_PAGE         16u
#define MMUEXT_COPY_PAGE          17u
#define MMUEXT_FLUSH_CACHE_GLOBAL 18u

struct mmuext_op {
    uint32_t cmd;
    union {
        unsigned long mfn;
        unsigned long linear_addr;
    } arg1;
    union {
        uint32_t nr_ents;
        const void *vcpumask;
        unsigned long src_mfn;
    } arg2;
};

/*
 * VCPUOP_initialise's. The descriptor tables are empty, the callbacks none, if
 * they are 0; the stack is what an exception in user mode begins on.
 */
struct cpu_user_regs {
    uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
    uint64_t rax, rcx, rdx, rsi, rdi;
    uint32_t error_code, entry_vector;
    uint64_t rip;
    uint16_t cs, pad0;
    uint8_t saved_upcall_mask, pad1[3];
    uint64_t rflags, rsp;
    uint16_t ss, pad2[3];
    uint16_t es, pad3[3];
    uint16_t ds, pad4[3];
    uint16_t fs, pad5[3];
    uint16_t gs, pad6[3];
};

#define VGCF_IN_KERNEL_BIT 2
#define VGCF_IN_KERNEL     (1u << VGCF_IN_KERNEL_BIT)

struct vcpu_guest_context {
    uint8_t fpu_ctxt[512]; /* without VGCF_I387_VALID as after FNINIT */
    unsigned long flags;   /* VGCF_* */
    struct cpu_user_regs user_regs;
    struct trap_info trap_ctxt[256];
    unsigned long ldt_base, ldt_ents;
    unsigned long gdt_frames[16], gdt_ents;
    unsigned long kernel_ss, kernel_sp;
    unsigned long ctrlreg[8]; /* [3]: root; [1]: user mode's, or 0 */
    unsigned long debugreg[8];
    unsigned long event_callback_eip;
    unsigned long failsafe_callback_eip;
    unsigned long syscall_callback_eip;
    unsigned long vm_assist; /* of VCPU 0 */
    uint64_t fs_base, gs_base_kernel, gs_base_user;
};

#define SEGBASE_FS          0u
#define SEGBASE_GS_USER     1u
#define SEGBASE_GS_KERNEL   2u
#define SEGBASE_GS_USER_SEL 3u

/* vm_assist() */
#define VMASST_CMD_enable                0u
#define VMASST_CMD_disable               1u
#define VMASST_TYPE_4gb_segments         0u
#define VMASST_TYPE_writable_pagetables  2u
#define VMASST_TYPE_pae_extended_cr3     3u
#define VMASST_TYPE_architectural_iopl   4u
#define VMASST_TYPE_runstate_update_flag 5u
#define VMASST_TYPE_m2p_strict           32u

/* callback.h: commands of __HYPERVISOR_callback_op */
#define CALLBACKOP_register    0
#define CALLBACKOP_unregister  1
#define CALLBACKTYPE_event     0
#define CALLBACKTYPE_failsafe  1
#define CALLBACKTYPE_syscall   2
#define CALLBACKTYPE_sysenter  5
#define CALLBACKTYPE_nmi       4
#define CALLBACKTYPE_syscall32 7
#define CALLBACKF_mask_events  1u

struct callback_register {
    uint16_t type;
    uint16_t flags;
    unsigned long address;
};

/* physdev.h: command of __HYPERVISOR_physdev_op; dom0 only */
#define PHYSDEVOP_set_iopl 6

struct physdev_set_iopl {
    uint32_t iopl;
};

ABI_SIZE(struct physdev_set_iopl, 4);

/* start_info.flags */
#define SIF_PRIVILEGED    (1u << 0)
#define SIF_INITDOMAIN    (1u << 1)
#define SIF_MULTIBOOT_MOD (1u << 2)
#define SIF_MOD_START_PFN (1u << 3)

struct start_info {
    char magic[32]; /* "xen-<version>-<platform>" */
    unsigned long nr_pages;
    unsigned long shared_info; /* machine address */
    uint32_t flags;            /* SIF_* */
    unsigned long store_mfn;
    uint32_t store_evtchn;
    union {
        struct {
            unsigned long mfn;
            uint32_t evtchn;
        } domU;
        struct {
            uint32_t info_off;
            uint32_t info_size;
        } dom0;
    } console;
    unsigned long pt_base; /* virtual address of the root */
    unsigned long nr_pt_frames;
    unsigned long mfn_list; /* virtual address of the p2m list */
    unsigned long mod_start;
    unsigned long mod_len;
    char cmd_line[1024];
    unsigned long first_p2m_pfn;
    unsigned long nr_p2m_frames;
};

#ifdef __x86_64__
ABI_SIZE(struct trap_info, 16);
ABI_SIZE(struct mmuext_op, 24);
ABI_SIZE(struct cpu_user_regs, 200);
ABI_OFFSET(struct cpu_user_regs, rip, 128);
ABI_OFFSET(struct cpu_user_regs, rsp, 152);
ABI_OFFSET(struct vcpu_guest_context, trap_ctxt, 720);
ABI_OFFSET(struct vcpu_guest_context, ctrlreg, 4984);
ABI_OFFSET(struct vcpu_guest_context, gs_base_kernel, 5152);
ABI_SIZE(struct vcpu_guest_context, 5168);
ABI_SIZE(struct multicall_entry, 64);
ABI_SIZE(struct callback_register, 16);
ABI_OFFSET(struct start_info, shared_info, 40);
ABI_OFFSET(struct start_info, console, 72);
ABI_OFFSET(struct start_info, mfn_list, 104);
ABI_OFFSET(struct start_info, cmd_line, 128);
ABI_SIZE(struct start_info, 1168);
#endif

#endif /* __ASSEMBLER__ */

#endif /* ABI_XEN_PV_H */
