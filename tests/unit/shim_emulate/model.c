/* SPDX-License-Identifier: MIT */
/*
 * The virtual CPU that the emulation is tested on.
 */
#include "model.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "abi/x86.h"

struct model model;

/* One more that may answer: whether it is to answer something else. */
static bool answers(void)
{
    return model.answer != EMULATE_DONE && !model.answer_after--;
}

static void require(const void *context)
{
    if (context != &model)
        FAIL("an operation without its context");
}

static uint8_t *shadow_at(uint64_t address, unsigned bytes)
{
    uint64_t offset = address - model_address(MODEL_MEMORY);

    return offset <= MODEL_BYTES - bytes ? model.shadow + offset : NULL;
}

static unsigned fetch(void *context, uint64_t address, void *out,
                      unsigned bytes)
{
    uint64_t start = (uintptr_t)model.code;
    unsigned left;

    require(context);
    if (address < start || address >= start + model.readable)
        return 0;
    left = (unsigned)(start + model.readable - address);
    memcpy(out, (void *)(uintptr_t)address, bytes < left ? bytes : left);
    return bytes < left ? bytes : left;
}

static enum emulate_result no_page(uint64_t address, uint32_t error_code,
                                   struct emulate_fault *out_fault)
{
    *out_fault = (struct emulate_fault){ .vector = X86_VECTOR_PF,
                                         .error_code = error_code,
                                         .address = address };
    return EMULATE_FAULT;
}

static enum emulate_result read_memory(void *context, uint64_t address,
                                       void *out, unsigned bytes,
                                       struct emulate_fault *out_fault)
{
    require(context);
    if (!shadow_at(address, bytes))
        return no_page(address, 0, out_fault);
    memcpy(out, shadow_at(address, bytes), bytes);
    return EMULATE_DONE;
}

static enum emulate_result write_memory(void *context, uint64_t address,
                                        const void *data, unsigned bytes,
                                        struct emulate_fault *out_fault)
{
    require(context);
    if (!shadow_at(address, bytes))
        return no_page(address, X86_PF_WRITE, out_fault);
    memcpy(shadow_at(address, bytes), data, bytes);
    return EMULATE_DONE;
}

static enum emulate_result update(void *context,
                                  const struct emulate_update *entry,
                                  struct emulate_fault *out_fault)
{
    uint64_t *place = (void *)shadow_at(entry->address, 8);

    (void)out_fault;
    require(context);
    if (entry->address % 8 || !place)
        FAIL("a bad entry: %" PRIx64, entry->address);
    if (answers())
        return model.answer;
    *place |= model.set_meanwhile;
    model.set_meanwhile = 0;
    if (entry->compare && *place != entry->old)
        return EMULATE_AGAIN;
    *place = entry->value;
    if (model.update_count >= MODEL_LOG)
        FAIL("too many updates");
    model.updates[model.update_count++] = *entry;
    return EMULATE_DONE;
}

static uint64_t segment_base(void *context, enum emulate_segment segment)
{
    require(context);
    return segment == EMULATE_FS ? MODEL_FS_BASE : MODEL_GS_BASE;
}

static bool port_allowed(void *context, uint16_t port, unsigned bytes)
{
    require(context);
    model.port = port;
    model.port_bytes = bytes;
    return model.bitmap;
}

static uint32_t port_read(void *context, uint16_t port, unsigned bytes)
{
    require(context);
    model.port = port;
    model.port_bytes = bytes;
    if (model.port_count >= MODEL_LOG)
        FAIL("too many accesses");
    return (uint32_t)model.value + model.port_count++;
}

static void port_write(void *context, uint16_t port, unsigned bytes,
                       uint32_t value)
{
    require(context);
    model.port = port;
    model.port_bytes = bytes;
    if (model.port_count >= MODEL_LOG)
        FAIL("too many accesses");
    model.port_values[model.port_count++] = value;
}

static enum emulate_result read_msr(void *context, uint32_t msr,
                                    uint64_t *out_value,
                                    struct emulate_fault *out_fault)
{
    (void)out_fault;
    require(context);
    if (answers())
        return model.answer;
    model.number = msr;
    *out_value = msr == MSR_IA32_TSC  ? model.tsc
                 : msr == MSR_TSC_AUX ? model.tsc_aux
                                      : model.value;
    return EMULATE_DONE;
}

/* Of all that is written: MSR, XCR, CR, DR. */
static enum emulate_result put(void *context, uint32_t number, uint64_t value)
{
    require(context);
    if (answers())
        return model.answer;
    model.number = number;
    model.value = value;
    model.written = true;
    return EMULATE_DONE;
}

static enum emulate_result write_number(void *context, uint32_t number,
                                        uint64_t value,
                                        struct emulate_fault *out_fault)
{
    (void)out_fault;
    return put(context, number, value);
}

static enum emulate_result write_register(void *context, unsigned number,
                                          uint64_t value,
                                          struct emulate_fault *out_fault)
{
    (void)out_fault;
    return put(context, number, value);
}

static void cpuid(void *context, uint32_t leaf, uint32_t subleaf,
                  uint32_t out[4])
{
    require(context);
    out[0] = ~leaf;
    out[1] = ~subleaf;
    out[2] = leaf + 1;
    out[3] = subleaf + 1;
}

static enum emulate_result read_cr(void *context, unsigned number,
                                   uint64_t *out_value,
                                   struct emulate_fault *out_fault)
{
    (void)out_fault;
    require(context);
    if (number > 4 || number == 1)
        FAIL("CR%u", number);
    if (answers())
        return model.answer;
    *out_value = model.cr[number];
    return EMULATE_DONE;
}

static enum emulate_result read_dr(void *context, unsigned number,
                                   uint64_t *out_value,
                                   struct emulate_fault *out_fault)
{
    (void)out_fault;
    require(context);
    if (number > 7 || number == 4 || number == 5)
        FAIL("DR%u", number);
    if (answers())
        return model.answer;
    *out_value = model.dr[number];
    return EMULATE_DONE;
}

static void write_back(void *context, bool invalidate)
{
    require(context);
    model.written_back++;
    model.invalidated += invalidate;
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
    .write_msr = write_number,
    .cpuid = cpuid,
    .read_cr = read_cr,
    .write_cr = write_register,
    .read_dr = read_dr,
    .write_dr = write_register,
    .write_xcr = write_number,
    .write_back = write_back,
};

static uint8_t *place(void)
{
    static uint8_t *pages;
    const int access = PROT_READ | PROT_WRITE | PROT_EXEC;

    if (!pages) {
        pages = mmap(NULL, MODEL_MEMORY + MODEL_BYTES, access,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
        if (pages == MAP_FAILED)
            abort();
    }
    return pages;
}

void model_code(const void *bytes, unsigned count)
{
    uint64_t *registers = (void *)&model.regs;

    memset(&model, 0, sizeof(model));
    model.code = place();
    model.readable = count;
    if (count)
        memcpy(model.code, bytes, count);
    for (unsigned i = 0; i < 15; i++) /* up to RDI */
        registers[i] = UINT64_C(0xf1e2d3c4b5a69788) * (i + 1);
    model.regs.rsp = UINT64_C(0xffff888012345678);
    model.regs.rip = (uintptr_t)model.code;
    model.regs.rflags = X86_RFLAGS_IF | X86_RFLAGS_ONE | X86_RFLAGS_RF;
    model.regs.cs = FLAT_RING3_CS64;
    model.regs.ss = FLAT_RING3_SS64;
    for (unsigned i = 0; i < MODEL_BYTES; i++)
        model.shadow[i] = (uint8_t)(i * 167 + i / 256);
    model.before = model.regs;
    model.cpu.regs = &model.regs;
    model.cpu.ops = &ops;
    model.cpu.context = &model;
    model.cpu.kernel = model.cpu.code64 = true;
    model.answer = EMULATE_DONE;
    model.cr[4] = X86_CR4_OSXSAVE;
}

uint64_t model_address(unsigned offset)
{
    return (uintptr_t)model.code + offset;
}

uint64_t model_entry(unsigned offset)
{
    uint64_t value;

    memcpy(&value, model.shadow + offset - MODEL_MEMORY, sizeof(value));
    return value;
}

void model_set_entry(unsigned offset, uint64_t value)
{
    memcpy(model.shadow + offset - MODEL_MEMORY, &value, sizeof(value));
}

static enum emulate_result checked(enum emulate_result result)
{
    EXPECT(result != EMULATE_AGAIN);
    if (result == EMULATE_NOT_OURS)
        EXPECT(!memcmp(&model.before, &model.regs, sizeof(model.regs)) &&
               !model.update_count && !model.port_count && !model.written &&
               !model.written_back);
    return result;
}

enum emulate_result model_privileged(void)
{
    model.before = model.regs;
    return checked(emulate_privileged(&model.cpu, &model.fault));
}

enum emulate_result model_invalid(void)
{
    model.before = model.regs;
    return checked(emulate_invalid(&model.cpu, &model.fault));
}

enum emulate_result model_write(uint64_t address)
{
    model.before = model.regs;
    return checked(emulate_table_write(&model.cpu, address, &model.fault));
}

void model_expect_only_rip(unsigned bytes)
{
    model.before.rip += bytes;
    model.before.rflags &= ~(uint64_t)X86_RFLAGS_RF;
    EXPECT(!memcmp(&model.before, &model.regs, sizeof(model.regs)));
}
