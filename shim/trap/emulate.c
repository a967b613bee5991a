/* SPDX-License-Identifier: MIT */
/*
 * Instructions of the guest that are carried out for it: what they may touch.
 */
#include "emulate/emulate.h"

#include "abi/cpuid.h"
#include "abi/x86.h"
#include "abi/x86_gate.h"
#include "call/calls.h"
#include "dev/port.h"
#include "domain/domain.h"
#include "domain/vcpu.h"
#include "mm/frame.h"
#include "mm/guest.h"
#include "mm/memory.h"
#include "mm/table.h"
#include "trap/cpuid.h"
#include "trap/msr.h"
#include "trap/trap.h"

#include <x86/insn.h>
#include <x86/system.h>

/*
 * Of CR4, as Xen 4.17 has it (asm-x86/pv/domain.h): what the guest chooses, and
 * what it sees of the machine's. What else it writes is not refused, and not
 * done. OSXSAVE is its choice alone in what it sees: the shim's stays set.
 */
#define CR4_MCE    0x40ull
#define CR4_REAL   (X86_CR4_TSD | X86_CR4_DE | X86_CR4_FSGSBASE)
#define CR4_CHOSEN (CR4_REAL | X86_CR4_OSXSAVE)
#define CR4_SEEN   (X86_CR4_PAE | CR4_MCE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT)

/* What LAR gives: SDM volume 3, 3.4.5; D/B and L. */
#define RIGHTS_LONG    0x200000u
#define RIGHTS_DEFAULT 0x400000u
#define SELECTOR_LDT   0x4u
#define NO_FRAME       UINT64_MAX

enum { VECTOR_DB = 1, VECTOR_PROTECTION = 13, VECTOR_PAGE = 14 };
enum { ERROR_WRITE = 2, ERROR_USER = 4 };

static unsigned fetch(void *context, uint64_t address, void *out,
                      unsigned bytes)
{
    (void)context;
    return (unsigned)guest_read_some(out, address, bytes);
}

/* The first byte that fails is near enough for the guest. */
static enum emulate_result page_fault(const struct vcpu *vcpu, uint64_t address,
                                      uint32_t error_code,
                                      struct emulate_fault *out_fault)
{
    *out_fault = (struct emulate_fault){
        .vector = VECTOR_PAGE,
        .error_code = error_code | (vcpu->kernel_mode ? 0 : ERROR_USER),
        .address = address,
    };
    return EMULATE_FAULT;
}

static enum emulate_result read(void *context, uint64_t address, void *out,
                                unsigned bytes, struct emulate_fault *out_fault)
{
    unsigned done = (unsigned)guest_read_some(out, address, bytes);

    if (done == bytes)
        return EMULATE_DONE;
    return page_fault(context, address + done, 0, out_fault);
}

static enum emulate_result write(void *context, uint64_t address,
                                 const void *data, unsigned bytes,
                                 struct emulate_fault *out_fault)
{
    if (guest_write(address, data, bytes))
        return EMULATE_DONE;
    return page_fault(context, address, ERROR_WRITE, out_fault);
}

/* The table of level 1 that the guest sees there, or NO_FRAME; under mm_lock.
 */
static uint64_t table_seen(const struct vcpu *vcpu, uint64_t address)
{
    const uint64_t *seen = table_find(vcpu->kernel_root, address);
    uint64_t frame = seen ? (*seen & X86_PTE_ADDRESS) >> PAGE_BITS : 0;

    if (!seen || !(*seen & X86_PTE_PRESENT) || !frame_is(frame, FRAME_L1))
        return NO_FRAME;
    return frame;
}

/* An entry of a table of level 1, by the address at which the guest sees it. */
static enum emulate_result update(void *context,
                                  const struct emulate_update *update,
                                  struct emulate_fault *out_fault)
{
    const struct vcpu *vcpu = context;
    enum emulate_result result = EMULATE_DONE;
    uint64_t *at;
    uint64_t frame;

    (void)out_fault;
    lock_take(&mm_lock);
    frame = table_seen(vcpu, update->address);
    if (frame == NO_FRAME) {
        lock_release(&mm_lock);
        return EMULATE_NOT_OURS;
    }
    at = (uint64_t *)memory_frame(frame) + update->address % PAGE_BYTES / 8;
    if (update->compare && *(volatile uint64_t *)at != update->old)
        result = EMULATE_AGAIN;
    else if (table_store_l1(at, update->value, false) < 0)
        result = EMULATE_NOT_OURS;
    lock_release(&mm_lock);
    return result;
}

static uint64_t segment_base(void *context, enum emulate_segment segment)
{
    (void)context;
    return x86_rdmsr(segment == EMULATE_FS ? MSR_FS_BASE : MSR_GS_BASE);
}

/*
 * By PHYSDEVOP_set_iobitmap, which user mode's root does not map. Xen looks at
 * a byte for each of an access' ports.
 */
static bool port_allowed(void *context, uint16_t port, unsigned bytes)
{
    const struct vcpu *vcpu = context;
    uint8_t map[2] = { 0xff, 0xff };
    bool read;

    if ((uint32_t)port + bytes > vcpu->io_ports)
        return false;
    if (!vcpu->kernel_mode)
        x86_write_cr3(vcpu->kernel_root);
    read = guest_read_some(map, vcpu->io_bitmap + port / 8, sizeof(map)) > 0;
    if (!vcpu->kernel_mode)
        x86_write_cr3(vcpu->user_root);
    return read && !((map[0] | map[1] << 8) >> port % 8 & ((1 << bytes) - 1));
}

static uint32_t port_read(void *context, uint16_t port, unsigned bytes)
{
    (void)context;
    return port_guest_in(port, bytes);
}

static void port_write(void *context, uint16_t port, unsigned bytes,
                       uint32_t value)
{
    (void)context;
    port_guest_out(port, bytes, value);
}

static enum emulate_result read_msr(void *context, uint32_t msr,
                                    uint64_t *out_value,
                                    struct emulate_fault *out_fault)
{
    (void)out_fault;
    return msr_read(context, msr, out_value) ? EMULATE_DONE : EMULATE_FAULT;
}

static enum emulate_result write_msr(void *context, uint32_t msr,
                                     uint64_t value,
                                     struct emulate_fault *out_fault)
{
    (void)out_fault;
    return msr_write(context, msr, value) ? EMULATE_DONE : EMULATE_FAULT;
}

static void cpuid(void *context, uint32_t leaf, uint32_t subleaf,
                  uint32_t out[4])
{
    (void)context;
    cpuid_answer(leaf, subleaf, out);
}

/* With PG, WP, NE, ET, MP and PE. */
static uint64_t cr0_seen(const struct vcpu *vcpu)
{
    return vcpu->cr0 | X86_CR0_PG | X86_CR0_WP | 0x33;
}

static enum emulate_result read_cr(void *context, unsigned number,
                                   uint64_t *out_value,
                                   struct emulate_fault *out_fault)
{
    const struct vcpu *vcpu = context;

    (void)out_fault;
    switch (number) {
    case 0:
        *out_value = cr0_seen(vcpu);
        return EMULATE_DONE;
    case 2:
        *out_value = vcpu->info->arch.cr2;
        return EMULATE_DONE;
    case 3:
        *out_value = vcpu->kernel_root;
        return EMULATE_DONE;
    case 4:
        *out_value = vcpu->cr4 | (vcpu->real_cr4 & CR4_SEEN);
        return EMULATE_DONE;
    }
    return EMULATE_FAULT;
}

static void write_cr4(struct vcpu *vcpu, uint64_t value)
{
    uint32_t leaf[4];

    value &= CR4_CHOSEN;
    cpuid_answer(CPUID_FEATURES, 0, leaf);
    if (!(leaf[2] & CPUID_1_ECX_XSAVE))
        value &= ~(uint64_t)X86_CR4_OSXSAVE;
    cpuid_answer(CPUID_MORE_FEATURES, 0, leaf);
    if (!(leaf[1] & CPUID_7_EBX_FSGSBASE))
        value &= ~(uint64_t)X86_CR4_FSGSBASE;
    vcpu->cr4 = value;
    vcpu->real_cr4 = (vcpu->real_cr4 & ~CR4_REAL) | (value & CR4_REAL);
    __asm__ volatile("mov %0, %%cr4" : : "r"(vcpu->real_cr4) : "memory");
}

static enum emulate_result write_cr(void *context, unsigned number,
                                    uint64_t value,
                                    struct emulate_fault *out_fault)
{
    struct vcpu *vcpu = context;

    (void)out_fault;
    switch (number) {
    case 0:
        if ((value ^ cr0_seen(vcpu)) & ~(uint64_t)X86_CR0_TS)
            break;
        (void)call_fpu_taskswitch(value & X86_CR0_TS);
        return EMULATE_DONE;
    case 2:
        vcpu->info->arch.cr2 = value;
        return EMULATE_DONE;
    case 3:
        return mmuext_new_root(value >> PAGE_BITS) < 0 ? EMULATE_FAULT
                                                       : EMULATE_DONE;
    case 4:
        write_cr4(vcpu, value);
        return EMULATE_DONE;
    }
    return EMULATE_FAULT;
}

static enum emulate_result read_dr(void *context, unsigned number,
                                   uint64_t *out_value,
                                   struct emulate_fault *out_fault)
{
    const struct vcpu *vcpu = context;

    (void)out_fault;
    *out_value = vcpu->debug[number];
    return EMULATE_DONE;
}

static enum emulate_result write_dr(void *context, unsigned number,
                                    uint64_t value,
                                    struct emulate_fault *out_fault)
{
    (void)out_fault;
    return trap_set_debug(context, number, value) < 0 ? EMULATE_FAULT
                                                      : EMULATE_DONE;
}

static enum emulate_result write_xcr(void *context, uint32_t number,
                                     uint64_t value,
                                     struct emulate_fault *out_fault)
{
    (void)context;
    (void)out_fault;
    return number == 0 && cpuid_set_xcr0(value) ? EMULATE_DONE : EMULATE_FAULT;
}

static void write_back(void *context, bool invalidate)
{
    (void)context;
    (void)invalidate;
    __asm__ volatile("wbinvd" : : : "memory");
}

static const struct emulate_ops ops = {
    .fetch = fetch,
    .read = read,
    .write = write,
    .update = update,
    .segment_base = segment_base,
    .port_allowed = port_allowed,
    .port_read = port_read,
    .port_write = port_write,
    .read_msr = read_msr,
    .write_msr = write_msr,
    .cpuid = cpuid,
    .read_cr = read_cr,
    .write_cr = write_cr,
    .read_dr = read_dr,
    .write_dr = write_dr,
    .write_xcr = write_xcr,
    .write_back = write_back,
};

/* Of the descriptor that the CPU uses, a word of flags; 0: there is none. */
static uint32_t segment_rights(uint16_t selector)
{
    uint32_t rights = 0;

    __asm__("lar %1, %0" : "+r"(rights) : "r"((uint32_t)selector) : "cc");
    return rights;
}

static struct emulate_cpu cpu_of(struct vcpu *vcpu)
{
    return (struct emulate_cpu){
        .regs = &vcpu->regs,
        .ops = &ops,
        .context = vcpu,
        .kernel = vcpu->kernel_mode,
        .code64 = segment_rights(vcpu->regs.cs) & RIGHTS_LONG,
        .iopl = vcpu->iopl,
        .architectural_iopl = domain.architectural_iopl,
    };
}

/*
 * Code of 16 bits, and of 32 in the LDT, whose base is its own, is not read:
 * the guest has the exception.
 */
static bool decodable(const struct emulate_cpu *cpu)
{
    uint16_t selector = cpu->regs->cs;

    return cpu->code64 || (!(selector & SELECTOR_LDT) &&
                           (segment_rights(selector) & RIGHTS_DEFAULT));
}

/* True: the guest goes on, perhaps at a handler. */
static bool finish(struct vcpu *vcpu, enum emulate_result result,
                   const struct emulate_fault *fault)
{
    switch (result) {
    case EMULATE_DONE:
    case EMULATE_AGAIN:
        return true;
    case EMULATE_NOT_OURS:
        return false;
    case EMULATE_FAULT:
        break;
    }
    /* The CPU does not look for a page there: SDM volume 1, 3.3.7.1. */
    if (fault->vector == VECTOR_PAGE && !is_canonical(fault->address)) {
        trap_inject(vcpu, VECTOR_PROTECTION, 0);
        return true;
    }
    if (fault->vector == VECTOR_PAGE) {
        trap_inject_page_fault(vcpu, fault->address, fault->error_code);
        return true;
    }
    if (fault->vector == VECTOR_DB)
        vcpu->debug[6] |= fault->dr6;
    trap_inject(vcpu, fault->vector, fault->error_code);
    return true;
}

bool trap_emulate_privileged(struct vcpu *vcpu)
{
    struct emulate_cpu cpu = cpu_of(vcpu);
    struct emulate_fault fault;

    if (!decodable(&cpu))
        return false;
    return finish(vcpu, emulate_privileged(&cpu, &fault), &fault);
}

bool trap_emulate_invalid(struct vcpu *vcpu)
{
    struct emulate_cpu cpu = cpu_of(vcpu);
    struct emulate_fault fault;

    if (!decodable(&cpu))
        return false;
    return finish(vcpu, emulate_invalid(&cpu, &fault), &fault);
}

bool trap_emulate_table_write(struct vcpu *vcpu, uint64_t address)
{
    struct emulate_cpu cpu = cpu_of(vcpu);
    struct emulate_fault fault;
    bool table;

    lock_take(&mm_lock);
    table = table_seen(vcpu, address) != NO_FRAME;
    lock_release(&mm_lock);
    if (!table || !decodable(&cpu))
        return false;
    return finish(vcpu, emulate_table_write(&cpu, address, &fault), &fault);
}
