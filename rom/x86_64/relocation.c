/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * GetRelocationInfo: what a call is at the moment, by the library's tables and
 * the bodies that it would put inline itself.
 */
#include "rom/x86_64/rom.h"

struct call {
    uint8_t number;
    uint8_t chapter;
    const void *slot;
};

static const struct call calls[] = {
#define PVOPS_VMI64_CALL(number, name, chapter, op)                            \
    { (number), ROM_IN_##chapter, &pvops_##chapter##_table.op },
#include "abi/vmi64_calls.def"
#undef PVOPS_VMI64_CALL
};

static const struct pvi_body *find_body(const struct pvi_body *body,
                                        uintptr_t function)
{
    for (; body && body->kind != PVI_BODY_END; body++) {
        if ((uintptr_t)body + (uintptr_t)(intptr_t)body->function == function)
            return body->length <= PVI_SITE_BYTES ? body : NULL;
    }
    return NULL;
}

static struct vmi64_relocation relocation_of(const struct call *call)
{
    const struct pvi_body *body;
    struct vmi64_relocation r = { .type = VMI64_RELOCATION_INLINE };
    uintptr_t function;

    __builtin_memcpy(&function, call->slot, sizeof(function));
    r.target = function;
    body = find_body(pvi_bodies_native, function);
    if (!body)
        body = find_body(pvi_backend_rom.bodies, function);
    if (!body) {
        r.type = call->slot == &pvops_cpu_table.iret ? VMI_RELOCATION_JUMP_REL
                                                     : VMI_RELOCATION_CALL_REL;
        return r;
    }
    if (body->length == 0) {
        r.type = VMI_RELOCATION_NOP;
        return r;
    }
    r.skip = body->skip;
    r.length = body->length;
    r.pad = body->pad;
    return r;
}

static bool serves(const struct call *call)
{
    return rom_serves[call->number] || rom_serves[VMI64_CALLS + call->chapter];
}

static const void *life_cycle(uint32_t call)
{
    if (call == VMI64_CALL_SETUP)
        return (const void *)(uintptr_t)rom_setup;
    if (call == VMI64_CALL_CPU_SETUP && !rom_partial)
        return (const void *)(uintptr_t)rom_cpu_setup;
    if (call == VMI64_CALL_CPU_TEARDOWN && !rom_partial)
        return (const void *)(uintptr_t)rom_cpu_teardown;
    return NULL;
}

struct vmi64_relocation rom_get_relocation(uint32_t call)
{
    struct vmi64_relocation r = { .type = VMI_RELOCATION_NONE };
    const void *function = life_cycle(call);

    if (function) {
        r.target = (uintptr_t)function;
        r.type = VMI_RELOCATION_CALL_REL;
        return r;
    }
    for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (calls[i].number == call && serves(&calls[i]))
            return relocation_of(&calls[i]);
    }
    return r;
}
