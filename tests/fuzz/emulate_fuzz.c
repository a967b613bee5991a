/* SPDX-License-Identifier: MIT */
/*
 * shim/emulate: whatever the code, the registers and the answers are, nothing
 * is read beyond the code that there is, little is asked, entries lie where
 * the fault was, and a fault that is not ours has changed nothing.
 *
 * Input: what kind of fault and how the CPU is (4 bytes), how many bytes can
 * be read (1), answers (3), six registers that addresses are made of (8 each;
 * the others are derived of them), then code.
 * Seeds: emulate_seeds.c: one instruction of each kind.
 *
 * Tried: fetch of 16 bytes, a byte read beyond those that there are, an
 * entry's alignment or page not checked, a register changed by XCHG before the
 * update, ports of 8 bytes, CR8, a REP without end or undone: each is found
 * within 200,000 runs.
 */
#include "emulate/emulate.h"

#include "abi/x86.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    HEAD = 8,
    REGISTERS = 6,
    CODE = HEAD + 8 * REGISTERS,
    INSN_BYTES = 15,
    /* A page of bytes: MOVS reads the source and the entry for each. */
    MOST_CALLS = 3 * 4096 + 16,
};

/* What is there beside the CPU. */
struct world {
    const uint8_t *code; /* allocated as long as it is */
    unsigned readable;
    uint64_t rip, address;
    uint8_t answers, after;
    unsigned calls;
    bool stored; /* or written to a port */
};

static void require(bool condition)
{
    if (!condition)
        abort();
}

static enum emulate_result answer(struct world *world)
{
    static const enum emulate_result results[4] = {
        EMULATE_DONE,
        EMULATE_NOT_OURS,
        EMULATE_FAULT,
        EMULATE_AGAIN,
    };

    require(++world->calls <= MOST_CALLS);
    if (world->after && --world->after)
        return EMULATE_DONE;
    return results[world->answers & 3];
}

static unsigned fetch(void *context, uint64_t address, void *out,
                      unsigned bytes)
{
    struct world *world = context;

    require(address == world->rip && bytes && bytes <= INSN_BYTES);
    if (bytes > world->readable)
        bytes = world->readable;
    memcpy(out, world->code, bytes);
    return bytes;
}

static enum emulate_result read_memory(void *context, uint64_t address,
                                       void *out, unsigned bytes,
                                       struct emulate_fault *out_fault)
{
    (void)out_fault;
    require(bytes && bytes <= 8);
    memset(out, (int)(address * 37 & 0xff), bytes);
    return answer(context);
}

static enum emulate_result write_memory(void *context, uint64_t address,
                                        const void *from, unsigned bytes,
                                        struct emulate_fault *out_fault)
{
    uint8_t copy[4];

    (void)address;
    (void)out_fault;
    require(bytes && bytes <= sizeof(copy));
    memcpy(copy, from, bytes);
    return answer(context);
}

static enum emulate_result update(void *context,
                                  const struct emulate_update *entry,
                                  struct emulate_fault *out_fault)
{
    struct world *world = context;
    enum emulate_result result = answer(world);

    (void)out_fault;
    require(!((entry->address ^ world->address) & ~UINT64_C(0xfff)));
    require(!(entry->address & 7));
    if (result == EMULATE_DONE)
        world->stored = true;
    return result;
}

static uint64_t segment_base(void *context, enum emulate_segment segment)
{
    struct world *world = context;

    return segment == EMULATE_FS ? world->address : world->rip;
}

static bool port_allowed(void *context, uint16_t port, unsigned bytes)
{
    struct world *world = context;

    require(bytes == 1 || bytes == 2 || bytes == 4);
    return world->answers & 4 || port & 1;
}

static uint32_t port_read(void *context, uint16_t port, unsigned bytes)
{
    require(bytes == 1 || bytes == 2 || bytes == 4);
    answer(context);
    return port * 0x01010101u;
}

static void port_write(void *context, uint16_t port, unsigned bytes,
                       uint32_t value)
{
    struct world *world = context;

    (void)port;
    require(bytes == 4 || !(value >> 8 * bytes));
    world->stored = true;
    answer(world);
}

static enum emulate_result read_msr(void *context, uint32_t msr,
                                    uint64_t *out_value,
                                    struct emulate_fault *out_fault)
{
    (void)out_fault;
    *out_value = msr * UINT64_C(0x100000001);
    return answer(context);
}

static enum emulate_result write_msr(void *context, uint32_t msr,
                                     uint64_t value,
                                     struct emulate_fault *out_fault)
{
    (void)msr;
    (void)value;
    (void)out_fault;
    return answer(context);
}

static void cpuid(void *context, uint32_t leaf, uint32_t subleaf,
                  uint32_t out[4])
{
    (void)context;
    out[0] = out[1] = leaf;
    out[2] = out[3] = subleaf;
}

static enum emulate_result read_register(void *context, unsigned number,
                                         uint64_t *out_value,
                                         struct emulate_fault *out_fault)
{
    struct world *world = context;

    (void)out_fault;
    require(number <= 7);
    *out_value = world->answers & 8 ? UINT64_MAX : number;
    return answer(world);
}

static enum emulate_result read_cr(void *context, unsigned number,
                                   uint64_t *out_value,
                                   struct emulate_fault *out_fault)
{
    require(number <= 4 && number != 1);
    return read_register(context, number, out_value, out_fault);
}

static enum emulate_result write_register(void *context, unsigned number,
                                          uint64_t value,
                                          struct emulate_fault *out_fault)
{
    (void)value;
    (void)out_fault;
    require(number <= 7);
    return answer(context);
}

static void write_back(void *context, bool invalidate)
{
    (void)context;
    (void)invalidate;
}

static const struct emulate_ops ops = {
    .fetch = fetch,
    .read = read_memory,
    .write = write_memory,
    .update = update,
    .segment_base = segment_base,
    .port_allowed = port_allowed,
    .port_read = port_read,
    .port_write = port_write,
    .read_msr = read_msr,
    .write_msr = write_msr,
    .cpuid = cpuid,
    .read_cr = read_cr,
    .write_cr = write_register,
    .read_dr = read_register,
    .write_dr = write_register,
    .write_xcr = write_msr,
    .write_back = write_back,
};

static void set_registers(struct cpu_user_regs *regs, const uint8_t *data)
{
    uint64_t *all = (void *)regs, given[REGISTERS];

    memcpy(given, data, sizeof(given));
    for (unsigned i = 0; i < 15; i++)
        all[i] = given[i % REGISTERS] + i / REGISTERS * 8;
    regs->rsp = given[0] - 8;
    regs->rip = given[1] * 3;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct emulate_fault fault = { .vector = 255 };
    struct cpu_user_regs regs = { .cs = 0xe033 }, before;
    enum emulate_result result;
    struct emulate_cpu cpu = { .regs = &regs, .ops = &ops };
    struct world world;
    uint8_t *code;

    if (size < CODE + 1)
        return 0;
    size -= CODE;
    set_registers(&regs, data + HEAD);
    regs.rflags = X86_RFLAGS_ONE | X86_RFLAGS_IF |
                  (data[1] & 1 ? X86_RFLAGS_TF : 0) |
                  (data[1] & 2 ? X86_RFLAGS_DF : 0) | data[2];
    cpu.kernel = !(data[1] & 4);
    cpu.code64 = !(data[1] & 8);
    cpu.iopl = data[1] >> 4 & 3;
    cpu.architectural_iopl = data[1] & 0x40;
    cpu.cpuid_faulting = data[1] & 0x80;

    world = (struct world){ .rip = regs.rip,
                            .address = regs.rdi,
                            .answers = data[5],
                            .after = data[6] };
    world.readable = data[4] < size ? data[4] : (unsigned)size;
    world.code = code = malloc(world.readable ? world.readable : 1);
    require(code);
    memcpy(code, data + CODE, world.readable);
    cpu.context = &world;
    before = regs;

    switch (data[0] % 3) {
    case 0:
        result = emulate_privileged(&cpu, &fault);
        break;
    case 1:
        result = emulate_invalid(&cpu, &fault);
        break;
    default:
        result = emulate_table_write(&cpu, world.address, &fault);
    }
    require(result != EMULATE_AGAIN);
    if (result == EMULATE_NOT_OURS)
        require(!memcmp(&regs, &before, sizeof(regs)) && !world.stored);
    if (result == EMULATE_FAULT)
        require(fault.vector != 255);
    if (cpu.code64)
        require(regs.rip - before.rip <= INSN_BYTES);
    require(!((regs.rflags ^ before.rflags) & X86_RFLAGS_DF));
    free(code);
    return 0;
}
