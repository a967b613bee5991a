/* SPDX-License-Identifier: MIT */
/*
 * XSAVE and XRSTOR of all that XCR0 has, or FXSAVE and FXRSTOR.
 *
 * Source: Intel SDM volume 1, 10.5.1 (FXSAVE's area), 13.4 (XSAVE's), 13.8
 *         (XRSTOR: a component whose bit in XSTATE_BV is clear is as after
 *         reset, but MXCSR is always read).
 */
#include "proc/xstate.h"

#include <string.h>

#include <pvops/cpu.h>

#include "arch/cpu.h"
#include "core/heap.h"
#include "core/log.h"

enum {
    FXSAVE_BYTES = 512,
    ALIGNMENT = 64,
    FCW_AT = 0, /* of two bytes */
    FCW_RESET = 0x37f,
    MXCSR_AT = 24, /* of four */
    MXCSR_RESET = 0x1f80,
    CPUID_XSTATE = 0x0d, /* sub-leaf 0, EBX: bytes of what XCR0 has */
};

static bool has_xsave;
static uint32_t area_bytes = FXSAVE_BYTES;

void xstate_init(void)
{
    bool xsave = pvops_cpu_enable_xstate(UINT64_MAX) != 0;
    uint32_t regs[4];

    if (this_cpu()->index != 0) {
        if (xsave != has_xsave)
            panic("CPU %u is unlike the boot CPU: XSAVE", this_cpu()->index);
        return;
    }
    has_xsave = xsave;
    if (!has_xsave)
        return;
    pvops_cpu_cpuid(CPUID_XSTATE, 0, regs);
    area_bytes = regs[1];
}

/* What heap_alloc() gave is kept before the area. */
void *xstate_alloc(void)
{
    uint8_t *memory = heap_alloc(area_bytes + ALIGNMENT);
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
    static const uint16_t fcw = FCW_RESET;
    static const uint32_t mxcsr = MXCSR_RESET;

    memset(area, 0, area_bytes);
    memcpy((uint8_t *)area + FCW_AT, &fcw, sizeof(fcw));
    memcpy((uint8_t *)area + MXCSR_AT, &mxcsr, sizeof(mxcsr));
}
