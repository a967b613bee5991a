/* SPDX-License-Identifier: MIT */
/*
 * XSAVE and XRSTOR of all that XCR0 has, or FXSAVE and FXRSTOR.
 *
 * Source: Intel SDM volume 1, 10.5.1 (FXSAVE's area), 13.4 (XSAVE's), 13.8
 *         (XRSTOR: a component whose bit in XSTATE_BV is clear is as after
 *         reset, but MXCSR is always read); Linux arch/x86/kernel/fpu/signal.c
 *         (what a handler finds, and begins with).
 */
#include "proc/xstate.h"

#include <string.h>

#include <pvops/cpu.h>

#include "arch/cpu.h"
#include "arch/try.h"
#include "core/heap.h"
#include "core/log.h"
#include "mm/space.h"
#include "proc/errno.h"
#include "proc/signal_abi.h"

enum {
    FXSAVE_BYTES = 512,
    ALIGNMENT = 64,
    FCW_AT = 0, /* of two bytes */
    FCW_RESET = 0x37f,
    MXCSR_AT = 24, /* of four */
    MXCSR_RESET = 0x1f80,
    HEADER_AT = 512, /* XSTATE_BV; the rest of it is 0 in this format */
    HEADER_BYTES = 64,
    FEATURES_LEGACY = 3, /* x87, SSE */
    CPUID_XSTATE = 0x0d, /* sub-leaf 0, EBX: bytes of what XCR0 has */
};

/* As after reset: what FXRSTOR reads of it, and XRSTOR, which takes no more. */
static const struct {
    uint16_t fcw;
    uint8_t between[MXCSR_AT - FCW_AT - sizeof(uint16_t)];
    uint32_t mxcsr;
    uint8_t rest[HEADER_AT + HEADER_BYTES - MXCSR_AT - sizeof(uint32_t)];
} after_reset __attribute__((aligned(ALIGNMENT))) = {
    .fcw = FCW_RESET,
    .mxcsr = MXCSR_RESET,
};
_Static_assert(sizeof(after_reset) == HEADER_AT + HEADER_BYTES, "after_reset");

static bool has_xsave;
static uint64_t features; /* XCR0 */
static uint32_t area_bytes = FXSAVE_BYTES;

void xstate_init(void)
{
    uint64_t xcr0 = pvops_cpu_enable_xstate(UINT64_MAX);
    bool xsave = xcr0 != 0;
    uint32_t regs[4];

    if (this_cpu()->index != 0) {
        if (xsave != has_xsave)
            panic("CPU %u is unlike the boot CPU: XSAVE", this_cpu()->index);
        return;
    }
    has_xsave = xsave;
    features = xcr0;
    if (!has_xsave)
        return;
    pvops_cpu_cpuid(CPUID_XSTATE, 0, regs);
    area_bytes = regs[1];
}

/* What heap_alloc() gave is kept before the area. */
void *xstate_alloc(void)
{
    uint8_t *memory = heap_alloc(xstate_user_bytes() + ALIGNMENT);
    uint8_t *area;

    if (!memory)
        return NULL;
    area = memory + ALIGNMENT - (uintptr_t)memory % ALIGNMENT;
    ((void **)(void *)area)[-1] = memory;
    xstate_clear(area); /* XSAVE leaves most of its header alone */
    return area;
}

void xstate_free(void *area)
{
    if (area)
        heap_free(((void **)area)[-1]);
}

/*
 * Before each XSAVE and XRSTOR an SSE instruction that changes nothing: Xen
 * gives a domain its registers when #NM says that it wants them, and QEMU's
 * software CPU (7.2) raises #NM for that one, but for XSAVE and XRSTOR not. An
 * x87 instruction would raise what the program left pending.
 */
#define WANT_REGISTERS "movaps %%xmm0, %%xmm0\n\t"

void xstate_save(void *area)
{
    if (has_xsave)
        __asm__ volatile(WANT_REGISTERS "xsave64 (%0)"
                         :
                         : "r"(area), "a"(UINT32_MAX), "d"(UINT32_MAX)
                         : "memory");
    else
        __asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

void xstate_restore(const void *area)
{
    if (has_xsave)
        __asm__ volatile(WANT_REGISTERS "xrstor64 (%0)"
                         :
                         : "r"(area), "a"(UINT32_MAX), "d"(UINT32_MAX)
                         : "memory");
    else
        __asm__ volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

void xstate_clear(void *area)
{
    memcpy(area, &after_reset, FXSAVE_BYTES);
    memset((uint8_t *)area + FXSAVE_BYTES, 0, area_bytes - FXSAVE_BYTES);
}

void xstate_reset(void)
{
    xstate_restore(&after_reset);
}

bool xstate_is_extended(void)
{
    return has_xsave;
}

size_t xstate_user_bytes(void)
{
    return area_bytes + (has_xsave ? sizeof(uint32_t) : 0);
}

/*
 * The header says that x87 and SSE are there, even if they are as after reset:
 * a handler that changes them need not know of the header.
 */
long xstate_to_user(void *area, struct space *space, uint64_t address)
{
    static const uint32_t end_mark = FP_XSTATE_MAGIC2;
    struct fpx_sw_bytes sw = {
        .magic1 = FP_XSTATE_MAGIC1,
        .extended_bytes = (uint32_t)xstate_user_bytes(),
        .features = features,
        .xstate_bytes = area_bytes,
    };

    xstate_save(area);
    if (has_xsave) {
        ((uint8_t *)area)[HEADER_AT] |= FEATURES_LEGACY;
        memcpy((uint8_t *)area + FPX_SW_AT, &sw, sizeof(sw));
        memcpy((uint8_t *)area + area_bytes, &end_mark, sizeof(end_mark));
    }
    return space_copy_out(space, address, area, xstate_user_bytes());
}

/*
 * XSAVE leaves these bytes alone: whatever a program has there would still be
 * there when the kernel restores. No compact format, either.
 */
static bool header_is_plain(const uint8_t *area)
{
    for (size_t i = sizeof(uint64_t); i < HEADER_BYTES; i++) {
        if (area[HEADER_AT + i])
            return false;
    }
    return true;
}

static void restore(void *area)
{
    xstate_restore(area);
}

/*
 * Only what xstate_to_user() wrote, though perhaps changed: no shorter one.
 * XSAVE leaves bytes alone that no register has: whatever a program has there
 * would be in the frame of the next that gets this area.
 */
long xstate_from_user(void *area, struct space *space, uint64_t address)
{
    long result = space_copy_in(space, area, address, area_bytes);

    if (!result && has_xsave && !header_is_plain(area))
        result = -EFAULT;
    if (!result && !trap_try(restore, area))
        result = -EFAULT;
    xstate_clear(area);
    return result;
}
