/* SPDX-License-Identifier: MIT */
/*
 * Instructions of a 64-bit PV guest that fault in ring 3 and that Xen carries
 * out for it: privileged ones, CPUID behind Xen's prefix, stores to read-only
 * tables of level 1.
 *
 * Nothing is allocated, nothing is kept between two calls, and nothing but the
 * operations below is asked: what surrounds the guest is the caller's.
 *
 *   fault  function                   what the caller has checked
 *   #GP    emulate_privileged()       error code 0 (not INT n)
 *   #UD    emulate_invalid()
 *   #PF    emulate_table_write()      a write, the page is present, read-only
 *                                     and a table; the guest's kernel mode
 *
 * As Xen 4.17 does it: HLT, INVD, INVLPG, LMSW, RDPMC, CR8, far branches and
 * IRET are not emulated; CLI and STI are skipped where the virtual I/O
 * privilege level allows them, and change nothing.
 *
 * Source: Xen 4.17 xen/arch/x86/pv/emul-priv-op.c, emul-inv-op.c,
 *         ro-page-fault.c (behaviour); Intel SDM volume 2 (instructions).
 */
#ifndef SHIM_EMULATE_H
#define SHIM_EMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen_pv.h"

enum emulate_result {
    /* The registers are those with which the guest goes on. */
    EMULATE_DONE,
    /* Nothing has changed: the fault is the guest's. */
    EMULATE_NOT_OURS,
    /*
     * '*out_fault' is raised in the guest, in front of the registers as they
     * are now: a REP that has come part of the way has moved them, and a #DB
     * comes behind the instruction.
     */
    EMULATE_FAULT,
    /*
     * Answered by an operation only: something was not as it had been. The
     * guest executes its instruction once more, which is EMULATE_DONE.
     */
    EMULATE_AGAIN,
};

struct emulate_fault {
    uint8_t vector;
    uint32_t error_code; /* 0 if the vector has none */
    uint64_t address;    /* #PF: CR2 */
    uint64_t dr6;        /* #DB: what becomes set in DR6 */
};

/* A store to one entry of a table. */
struct emulate_update {
    uint64_t address; /* the guest's, of the whole entry: a multiple of 8 */
    uint64_t old;     /* if 'compare' */
    uint64_t value;
    /*
     * 'value' was made of 'old': store it if the entry still is 'old', in one
     * step (the CPU may have set accessed or dirty), or answer EMULATE_AGAIN.
     * Otherwise 'value' replaces whatever is there.
     */
    bool compare;
};

enum emulate_segment {
    EMULATE_FS,
    EMULATE_GS,
};

/*
 * What the emulation asks. Those that have an 'out_fault' may answer any
 * result; '*out_fault' is #GP(0) beforehand. A page fault's error code is as
 * the guest shall see it, the user bit included.
 */
struct emulate_ops {
    /* Bytes of code in front of the first that cannot be read; at most 15. */
    unsigned (*fetch)(void *context, uint64_t address, void *out,
                      unsigned bytes);

    /* Memory, with the rights that the guest has now. 1 to 8 bytes. */
    enum emulate_result (*read)(void *context, uint64_t address, void *out,
                                unsigned bytes,
                                struct emulate_fault *out_fault);
    enum emulate_result (*write)(void *context, uint64_t address,
                                 const void *data, unsigned bytes,
                                 struct emulate_fault *out_fault);

    /* Only the address has been looked at, and nothing of the value. */
    enum emulate_result (*update)(void *context,
                                  const struct emulate_update *update,
                                  struct emulate_fault *out_fault);

    uint64_t (*segment_base)(void *context, enum emulate_segment segment);

    /*
     * Ports: 1, 2 or 4 bytes. 'port_allowed' is asked where the I/O privilege
     * level does not allow it: the bitmap of PHYSDEVOP_set_iobitmap.
     */
    bool (*port_allowed)(void *context, uint16_t port, unsigned bytes);
    uint32_t (*port_read)(void *context, uint16_t port, unsigned bytes);
    void (*port_write)(void *context, uint16_t port, unsigned bytes,
                       uint32_t value);

    /* The time-stamp counter and TSC_AUX are read as MSRs too. */
    enum emulate_result (*read_msr)(void *context, uint32_t msr,
                                    uint64_t *out_value,
                                    struct emulate_fault *out_fault);
    enum emulate_result (*write_msr)(void *context, uint32_t msr,
                                     uint64_t value,
                                     struct emulate_fault *out_fault);

    /* EAX, EBX, ECX, EDX */
    void (*cpuid)(void *context, uint32_t leaf, uint32_t subleaf,
                  uint32_t out[4]);

    /* 0, 2, 3 and 4 */
    enum emulate_result (*read_cr)(void *context, unsigned number,
                                   uint64_t *out_value,
                                   struct emulate_fault *out_fault);
    enum emulate_result (*write_cr)(void *context, unsigned number,
                                    uint64_t value,
                                    struct emulate_fault *out_fault);

    /* 0 to 3, 6 and 7; 7 with the breakpoints on ports. */
    enum emulate_result (*read_dr)(void *context, unsigned number,
                                   uint64_t *out_value,
                                   struct emulate_fault *out_fault);
    enum emulate_result (*write_dr)(void *context, unsigned number,
                                    uint64_t value,
                                    struct emulate_fault *out_fault);

    enum emulate_result (*write_xcr)(void *context, uint32_t number,
                                     uint64_t value,
                                     struct emulate_fault *out_fault);

    /* WBINVD; without 'invalidate' WBNOINVD. */
    void (*write_back)(void *context, bool invalidate);
};

/* A virtual CPU at a fault. */
struct emulate_cpu {
    struct cpu_user_regs *regs;
    const struct emulate_ops *ops;
    void *context; /* the operations' first argument */

    bool kernel; /* the guest is in kernel mode */
    bool code64; /* its code segment is of 64 bits; otherwise of 32 */

    /*
     * Of PHYSDEVOP_set_iopl, 0 to 3. The kernel's privilege is 1, and with
     * VMASST_TYPE_architectural_iopl 0.
     */
    uint8_t iopl;
    bool architectural_iopl;

    bool cpuid_faulting; /* MSR_MISC_FEATURES_ENABLES, bit 0, of the guest */
};

/* A general protection fault with error code 0. */
enum emulate_result emulate_privileged(const struct emulate_cpu *cpu,
                                       struct emulate_fault *out_fault);

/* An invalid opcode. */
enum emulate_result emulate_invalid(const struct emulate_cpu *cpu,
                                    struct emulate_fault *out_fault);

/*
 * A store that faulted at 'address' (CR2), on a page that is a table. Stores
 * go to 'update' as whole entries, and only to that page: those of an aligned
 * operand of up to 8 bytes; of a REP as many as lie in the page. Bytes of a REP
 * that fill an entry are one update.
 */
enum emulate_result emulate_table_write(const struct emulate_cpu *cpu,
                                        uint64_t address,
                                        struct emulate_fault *out_fault);

#endif /* SHIM_EMULATE_H */
