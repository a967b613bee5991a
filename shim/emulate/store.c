/* SPDX-License-Identifier: MIT */
/*
 * One store to a table: what an instruction makes of which entry.
 *
 * Every store is handed on as that of a whole entry. Whatever is made of the
 * entry's old value goes with it, so that a bit which the CPU sets meanwhile
 * is not lost, with LOCK or without.
 */
#include "emulate/store.h"
#include "emulate/arithmetic.h"

#include "abi/x86.h"

enum {
    ENTRY = 8, /* bytes */
    RAX = 0,
};

static unsigned shift_of(uint64_t address)
{
    return 8 * (unsigned)(address & (ENTRY - 1));
}

/* '*out_value' is the operand; the entry around it is kept. */
static enum emulate_result load(struct emulate_store *store,
                                uint64_t *out_value)
{
    uint8_t bytes[ENTRY] = { 0 };
    enum emulate_result result = store->cpu->ops->read(
        store->cpu->context, store->address & ~(uint64_t)(ENTRY - 1), bytes,
        ENTRY, store->out_fault);

    store->entry = 0;
    for (unsigned i = 0; i < ENTRY; i++)
        store->entry |= (uint64_t)bytes[i] << 8 * i;
    *out_value = emulate_truncate(store->entry >> shift_of(store->address),
                                  store->insn->size);
    return result;
}

/* 'value' for the operand that has been loaded. */
static enum emulate_result replace(struct emulate_store *store, uint64_t value)
{
    unsigned shift = shift_of(store->address), size = store->insn->size;
    uint64_t mask = emulate_truncate(UINT64_MAX, size) << shift;
    struct emulate_update update = {
        .address = store->address & ~(uint64_t)(ENTRY - 1),
        .old = store->entry,
        .value = (store->entry & ~mask) | (value << shift & mask),
        .compare = true,
    };

    return store->cpu->ops->update(store->cpu->context, &update,
                                   store->out_fault);
}

enum emulate_result emulate_store_value(struct emulate_store *store,
                                        uint64_t value)
{
    struct emulate_update update = { .address = store->address,
                                     .value = value };
    enum emulate_result result;
    uint64_t ignored;

    if (store->insn->size == ENTRY)
        return store->cpu->ops->update(store->cpu->context, &update,
                                       store->out_fault);
    result = load(store, &ignored);
    return result == EMULATE_DONE ? replace(store, value) : result;
}

static enum emulate_result compare_and_exchange(struct emulate_store *store,
                                                uint64_t *flags)
{
    const struct emulate_cpu *cpu = store->cpu;
    const struct emulate_insn *insn = store->insn;
    uint64_t old, wanted = emulate_get(cpu, insn, RAX);
    enum emulate_result result = load(store, &old);

    if (result != EMULATE_DONE)
        return result;
    emulate_calculate(EMULATE_CMP, wanted, old, insn->size, flags);
    if (old == wanted)
        return replace(store, emulate_get(cpu, insn, insn->reg));
    emulate_set(cpu, insn, RAX, old);
    return EMULATE_DONE;
}

/* CMPXCHG8B */
static enum emulate_result
compare_and_exchange_pair(struct emulate_store *store, uint64_t *flags)
{
    struct cpu_user_regs *regs = store->cpu->regs;
    uint64_t old, wanted = regs->rdx << 32 | (uint32_t)regs->rax;
    enum emulate_result result = load(store, &old);

    if (result != EMULATE_DONE)
        return result;
    *flags &= ~(uint64_t)X86_RFLAGS_ZF;
    if (old != wanted) {
        regs->rax = (uint32_t)old;
        regs->rdx = old >> 32;
        return EMULATE_DONE;
    }
    *flags |= X86_RFLAGS_ZF;
    return replace(store, regs->rcx << 32 | (uint32_t)regs->rbx);
}

/* XCHG and XADD: the register gets what was in memory. */
static enum emulate_result exchange(struct emulate_store *store, bool add,
                                    uint64_t *flags)
{
    const struct emulate_insn *insn = store->insn;
    uint64_t old, value = emulate_get(store->cpu, insn, insn->reg);
    enum emulate_result result = load(store, &old);

    if (result == EMULATE_DONE && add)
        value = emulate_calculate(EMULATE_ADD, old, value, insn->size, flags);
    if (result == EMULATE_DONE)
        result = replace(store, value);
    if (result == EMULATE_DONE)
        emulate_set(store->cpu, insn, insn->reg, old);
    return result;
}

/* Returns false if it is no instruction that modifies memory. */
static bool modify(const struct emulate_store *store, uint64_t old,
                   uint64_t *flags, uint64_t *out_value)
{
    const struct emulate_insn *insn = store->insn;
    unsigned group = insn->reg & 7, size = insn->size;
    unsigned bit = (unsigned)insn->immediate & (8 * size - 1);
    uint64_t operand = emulate_truncate(insn->immediate, size);
    unsigned operation = group;

    switch (insn->opcode) {
    case 0x80:
    case 0x81:
    case 0x83:
        break;
    case 0xf6:
    case 0xf7: /* not, neg */
        if (group == 2)
            *out_value = emulate_truncate(~old, size);
        if (group == 3)
            *out_value = emulate_calculate(EMULATE_SUB, 0, old, size, flags);
        return group == 2 || group == 3;
    case 0xfe:
    case 0xff: /* inc, dec */
        if (group <= 1)
            *out_value = emulate_increment(old, group ? -1 : 1, size, flags);
        return group <= 1;
    case EMULATE_0F(0xab):
    case EMULATE_0F(0xb3):
    case EMULATE_0F(0xbb):
        bit =
            (unsigned)emulate_get(store->cpu, insn, insn->reg) & (8 * size - 1);
        *out_value = emulate_bit(insn->opcode >> 3 & 3, old, bit, flags);
        return true;
    case EMULATE_0F(0xba):
        if (group > 4)
            *out_value = emulate_bit(group & 3, old, bit, flags);
        return group > 4;
    default:
        if (insn->opcode > 0x31)
            return false;
        operation = insn->opcode >> 3;
        operand = emulate_get(store->cpu, insn, insn->reg);
    }
    *out_value = emulate_calculate(operation, old, operand, size, flags);
    return operation != EMULATE_CMP;
}

static enum emulate_result load_and_modify(struct emulate_store *store,
                                           uint64_t *flags)
{
    uint64_t old, value = 0;
    enum emulate_result result = load(store, &old);

    if (result != EMULATE_DONE)
        return result;
    if (!modify(store, old, flags, &value))
        return EMULATE_NOT_OURS;
    return value == old ? EMULATE_DONE : replace(store, value);
}

/* What LOCK makes an invalid opcode. */
static bool never_locked(const struct emulate_insn *insn)
{
    return insn->opcode == 0x88 || insn->opcode == 0x89 ||
           (insn->opcode >= 0xa2 && insn->opcode <= 0xc7) ||
           insn->opcode == EMULATE_0F(0xc3);
}

uint64_t emulate_store_address(const struct emulate_cpu *cpu,
                               struct emulate_insn *insn)
{
    uint64_t width, sign, bits = 0;

    switch (insn->opcode) {
    case EMULATE_0F(0xc7):
        insn->size = insn->wide ? 16 : 8;
        break;
    case EMULATE_0F(0xab): /* the bit may lie outside of the operand */
    case EMULATE_0F(0xb3):
    case EMULATE_0F(0xbb):
        width = 8 * insn->size;
        sign = UINT64_C(1) << (width - 1);
        bits = emulate_get(cpu, insn, insn->reg);
        bits = ((bits ^ sign) - sign) & ~(width - 1);
        break;
    default:
        break;
    }
    return emulate_linear(cpu, insn,
                          insn->offset + (uint64_t)((int64_t)bits / 8));
}

enum emulate_result emulate_store(struct emulate_store *store, uint64_t *flags)
{
    const struct emulate_insn *insn = store->insn;
    const struct emulate_cpu *cpu = store->cpu;
    unsigned group = insn->reg & 7;

    if (insn->lock && never_locked(insn))
        return EMULATE_NOT_OURS;
    switch (insn->opcode) {
    case EMULATE_0F(0xc3): /* movnti */
        if (insn->repeat || insn->size == 2)
            return EMULATE_NOT_OURS;
        /* fall through */
    case 0x88: /* mov */
    case 0x89:
        return emulate_store_value(store, emulate_get(cpu, insn, insn->reg));
    case 0xa2:
    case 0xa3:
        return emulate_store_value(store, emulate_get(cpu, insn, RAX));
    case 0xc6:
    case 0xc7:
        return group ? EMULATE_NOT_OURS
                     : emulate_store_value(store, insn->immediate);
    case 0x86: /* xchg */
    case 0x87:
        return exchange(store, false, flags);
    case EMULATE_0F(0xc0): /* xadd */
    case EMULATE_0F(0xc1):
        return exchange(store, true, flags);
    case EMULATE_0F(0xb0):
    case EMULATE_0F(0xb1):
        return compare_and_exchange(store, flags);
    case EMULATE_0F(0xc7):
        return group == 1 ? compare_and_exchange_pair(store, flags)
                          : EMULATE_NOT_OURS;
    default:
        return load_and_modify(store, flags);
    }
}
