/* SPDX-License-Identifier: MIT */
/*
 * Random instructions and their registers.
 *
 * An address is taken apart: displacement and index are random, and the base
 * gets what is left to the target. So what is known of ModRM and SIB here is
 * the manual's table, read in the other direction than the decoder reads it.
 */
#include "sample.h"

#include "abi/x86.h"

enum {
    RAX = 0,
    RSP = 4,
    RBP = 5,
    NONE = -1,
};

/* What is being made. */
struct maker {
    const struct sample_form *form;
    struct sample sample;
    bool wide, data16, address32, gs, lock;
    bool ignored_b; /* REX.B where there is no base */
    uint8_t repeat, rex;
    int reg, base, index; /* 0 to 15, or NONE */
    unsigned scale;
    uint8_t tail[16]; /* ModRM and all that follows */
    unsigned tail_length;
};

static uint64_t *place_of(struct maker *m, int number)
{
    struct cpu_user_regs *r = &m->sample.regs;
    uint64_t *const places[16] = {
        &r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp, &r->rsi, &r->rdi,
        &r->r8,  &r->r9,  &r->r10, &r->r11, &r->r12, &r->r13, &r->r14, &r->r15,
    };

    return places[number];
}

uint64_t sample_random(void)
{
    static uint64_t state = 88172645463325252u;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * UINT64_C(0x2545f4914f6cdd1d);
}

static bool one_in(unsigned n)
{
    return (sample_random() >> 32) % n == 0;
}

static unsigned below(unsigned n)
{
    return (unsigned)((sample_random() >> 32) % n);
}

/* Edges are more often hit than by chance. */
static uint64_t random_value(void)
{
    static const uint64_t edges[] = {
        0,
        1,
        0x7f,
        0x80,
        0xff,
        0x7fff,
        0x8000,
        0x7fffffff,
        0x80000000,
        UINT64_C(0x7fffffffffffffff),
        UINT64_C(0x8000000000000000),
        UINT64_MAX,
    };

    return one_in(4) ? edges[below(sizeof(edges) / sizeof(edges[0]))]
                     : sample_random();
}

static void append(struct maker *m, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        m->tail[m->tail_length++] = (uint8_t)(value >> 8 * i);
}

/* Upper halves mean nothing to a 32-bit address. */
static uint64_t garbage(const struct maker *m, uint64_t value)
{
    return m->address32 ? (uint32_t)value | sample_random() << 32 : value;
}

static void choose_prefixes(struct maker *m)
{
    const struct sample_form *form = m->form;
    unsigned choice = below(form->byte ? 4 : 3);
    bool string = form->kind == SAMPLE_STOS || form->kind == SAMPLE_MOVS;

    if (form->opcode == 0x0fc3 && choice == 0)
        choice = 1;
    if (form->kind == SAMPLE_PAIR)
        choice = 1;
    m->wide = choice == 2 || (choice == 3 && one_in(4));
    m->data16 = choice == 0 || (choice >= 2 && one_in(8));
    if (form->opcode == 0x0fc3)
        m->data16 = false;
    m->sample.size = (uint8_t[]){ 2, 4, 8, 1 }[choice];
    if (form->kind == SAMPLE_PAIR)
        m->sample.size = 8;
    m->address32 = one_in(6);
    m->gs = one_in(6) && form->kind != SAMPLE_MOVS;
    m->lock = form->lock && one_in(3);
    if (string
            ? one_in(2)
            : one_in(8) && form->opcode != 0x0fc3 && form->kind != SAMPLE_PAIR)
        m->repeat = one_in(2) ? 0xf2 : 0xf3;
}

/* SIB or not, and what of base, index and displacement. */
static void choose_address(struct maker *m, uint64_t offset, unsigned behind)
{
    enum { BASE, SIB, INDEX_ONLY, ABSOLUTE, RELATIVE } kind = below(5);
    unsigned mod = below(3), reg = (unsigned)m->reg & 7;
    uint64_t displacement = mod == 0   ? 0
                            : mod == 1 ? (uint64_t)(int8_t)sample_random()
                                       : (uint64_t)(int32_t)sample_random();
    unsigned displacement_bytes = mod == 0 ? 0 : mod == 1 ? 1 : 4;

    m->scale = below(4);
    m->index = (int)below(15);
    if (m->index >= RSP)
        m->index++; /* RSP is no index */
    m->base = (int)below(16);
    switch (kind) {
    case BASE:
        m->index = NONE;
        if ((m->base & 7) == RSP || ((m->base & 7) == RBP && mod == 0))
            m->base = 3;
        append(m, mod << 6 | reg << 3 | ((unsigned)m->base & 7), 1);
        break;
    case SIB:
        if (one_in(4))
            m->index = NONE;
        if ((m->base & 7) == RBP && mod == 0)
            m->base = RSP;
        if (m->base == m->index)
            m->index = NONE;
        append(m, mod << 6 | reg << 3 | 4, 1);
        append(m,
               m->scale << 6 |
                   (m->index == NONE ? 4 : (unsigned)m->index & 7) << 3 |
                   ((unsigned)m->base & 7),
               1);
        break;
    case INDEX_ONLY:
    case ABSOLUTE:
        m->base = NONE;
        if (kind == ABSOLUTE)
            m->index = NONE;
        append(m, reg << 3 | 4, 1);
        append(m,
               m->scale << 6 |
                   (m->index == NONE ? 4 : (unsigned)m->index & 7) << 3 | 5,
               1);
        displacement_bytes = 4;
        break;
    case RELATIVE:
        m->base = m->index = NONE;
        append(m, reg << 3 | 5, 1);
        displacement_bytes = 4;
        break;
    }
    m->ignored_b = m->base == NONE && one_in(4);
    if (m->index != NONE) {
        uint64_t index =
            m->base == NONE ? sample_random() % (1u << 24) : random_value();

        *place_of(m, m->index) = garbage(m, index);
        offset -= index << m->scale;
    }
    if (m->base != NONE)
        *place_of(m, m->base) = garbage(m, offset - displacement);
    else
        displacement = offset;
    if (kind == RELATIVE) /* what is in front of ModRM is added later */
        displacement -= m->sample.regs.rip + m->tail_length + 4 + behind;
    append(m, displacement, displacement_bytes);
}

/* One in which the address has no part: a bit's number must not be one. */
static void choose_bit(struct maker *m, uint64_t *offset)
{
    unsigned width = 8 * m->sample.size;
    int64_t bit = (int64_t)(sample_random() % 60000) - 30000;
    uint64_t mask = width == 64 ? 0 : UINT64_MAX << width;
    int64_t word = bit >= 0 ? bit / width : -((-bit + (int)width - 1) / width);

    *place_of(m, m->reg) = ((uint64_t)bit & ~mask) | (sample_random() & mask);
    *offset -= (uint64_t)(word * m->sample.size);
}

static void choose_string(struct maker *m)
{
    struct cpu_user_regs *r = &m->sample.regs;
    bool down = one_in(2), movs = m->form->kind == SAMPLE_MOVS;
    uint64_t page = model_address(MODEL_TABLE), room;
    uint64_t memory = model_address(MODEL_MEMORY);

    room = down ? (m->sample.target - page) / m->sample.size + 1
                : (page + MODEL_PAGE - m->sample.target) / m->sample.size;
    r->rdi = garbage(m, m->sample.target);
    if (m->repeat)
        r->rcx = garbage(m, 1 + sample_random() %
                                    (one_in(8) ? room : 1 + room / 16));
    if (movs && one_in(2)) /* overlapping */
        r->rsi = garbage(m, m->sample.target + below(41) - 20);
    else if (movs)
        r->rsi = garbage(m, memory + MODEL_PAGE + below(MODEL_PAGE - 8));
    if (down)
        r->rflags |= X86_RFLAGS_DF;
    m->reg = m->base = m->index = NONE;
}

/* Prefixes in any order, REX and the opcode; the tail follows. */
static void put_together(struct maker *m)
{
    struct sample *s = &m->sample;
    uint8_t prefixes[12];
    unsigned count = 0, opcode = m->form->opcode;

    if (m->data16)
        prefixes[count++] = 0x66;
    if (m->address32)
        prefixes[count++] = 0x67;
    if (m->gs)
        prefixes[count++] = 0x65;
    if (m->lock)
        prefixes[count++] = 0xf0;
    if (m->repeat)
        prefixes[count++] = m->repeat;
    if (count && one_in(8)) { /* not right before the opcode: ignored */
        prefixes[count++] = (uint8_t)(0x40 | below(16));
        s->stray_rex = true;
    }
    if (one_in(8))
        prefixes[count++] = (uint8_t[]){ 0x26, 0x2e, 0x36, 0x3e }[below(4)];
    for (unsigned i = 0; i < count; i++) {
        unsigned other = below(count);
        uint8_t kept = prefixes[i];

        prefixes[i] = prefixes[other];
        prefixes[other] = kept;
    }
    if (s->stray_rex && prefixes[count - 1] >> 4 == 4) {
        prefixes[count - 1] = prefixes[0];
        prefixes[0] = 0x40 | below(16);
    }
    memcpy(s->bytes, prefixes, count);
    s->length = count;
    m->rex = m->wide ? 8 : 0;
    m->rex |= m->reg >= 8 ? 4 : 0;
    m->rex |= m->index >= 8 ? 2 : 0;
    m->rex |= m->base >= 8 || m->ignored_b ? 1 : 0;
    if (m->rex || one_in(4))
        s->bytes[s->length++] = 0x40 | m->rex;
    if (opcode > 0xff)
        s->bytes[s->length++] = 0x0f;
    s->bytes[s->length++] = (uint8_t)(s->size == 1 ? opcode & ~1u : opcode);
}

struct sample sample_make(const struct sample_form *form)
{
    struct maker maker = { .form = form, .reg = NONE }, *m = &maker;
    struct sample *s = &m->sample;
    unsigned immediate, front;
    uint64_t offset;

    s->regs = model.regs;
    for (int i = 0; i < 16; i++)
        *place_of(m, i) = random_value();
    s->regs.rflags =
        X86_RFLAGS_ONE | X86_RFLAGS_IF |
        (sample_random() & (X86_RFLAGS_CF | X86_RFLAGS_PF | X86_RFLAGS_AF |
                            X86_RFLAGS_ZF | X86_RFLAGS_SF | X86_RFLAGS_OF));
    choose_prefixes(m);
    s->target =
        model_address(MODEL_TABLE) + below(MODEL_PAGE / s->size) * s->size;
    offset =
        s->target - (m->gs && form->kind < SAMPLE_STOS ? MODEL_GS_BASE : 0);
    m->reg = form->group >= 0 ? form->group : (int)below(16);
    immediate =
        form->immediate == 2 ? (s->size == 8 ? 4 : s->size) : form->immediate;

    if (form->kind == SAMPLE_BITS)
        choose_bit(m, &offset);
    if (form->kind == SAMPLE_ABSOLUTE) {
        m->reg = m->base = m->index = NONE;
        append(m, offset, m->address32 ? 4 : 8);
    } else if (form->kind >= SAMPLE_STOS) {
        choose_string(m);
    } else {
        choose_address(m, offset, immediate);
    }
    append(m, sample_random(), immediate);
    put_together(m);

    front = s->length;
    /* RIP-relative: mod 0, rm 5. */
    if (form->kind <= SAMPLE_PAIR && (m->tail[0] & 0xc7) == 5) {
        uint32_t displacement;

        memcpy(&displacement, m->tail + 1, 4);
        displacement -= front;
        memcpy(m->tail + 1, &displacement, 4);
    }
    if (front + m->tail_length > sizeof(s->bytes) ||
        (form->kind == SAMPLE_BITS &&
         (m->reg == m->base || m->reg == m->index)))
        return sample_make(form);
    memcpy(s->bytes + front, m->tail, m->tail_length);
    s->length += m->tail_length;
    return *s;
}
