/* SPDX-License-Identifier: MIT */
/*
 * The lines that pvlab reads, and their count.
 */
#include "insn.h"
#include "start.h"
#include "xen_abi.h"

static unsigned passed, failed, skipped;

void guest_pass(const char *name)
{
    passed++;
    guest_text("PVLAB PASS %s\n", name);
}

void guest_fail(const char *name, const char *format, ...)
{
    va_list args;

    failed++;
    va_start(args, format);
    text_report("FAIL", name, format, args);
    va_end(args);
}

void guest_skip(const char *name, const char *format, ...)
{
    va_list args;

    skipped++;
    va_start(args, format);
    text_report("SKIP", name, format, args);
    va_end(args);
}

void guest_error(const char *name, const char *format, ...)
{
    va_list args;

    failed++;
    va_start(args, format);
    text_report("ERROR", name, format, args);
    va_end(args);
}

void guest_end(void)
{
    guest_text("PVLAB END passed=%u failed=%u skipped=%u\n", passed, failed,
               skipped);
}

/*
 * CPUID's own word for the hypervisor, 12 bytes. A PV domain's CPUID answers
 * with the hardware's, so the door it came by is what tells.
 */
static const char *hypervisor_name(void)
{
    enum { HYPERVISOR_BIT = 31 };
    static char name[13];
    struct x86_cpuid r;

    if (guest_boot.xen_pv)
        return "Xen PV";
    if (!(x86_cpuid(1, 0).ecx >> HYPERVISOR_BIT & 1))
        return "none";

    r = x86_cpuid(XEN_CPUID_FIRST_LEAF, 0);
    for (unsigned i = 0; i < 4; i++) {
        name[i] = (char)(r.ebx >> 8 * i);
        name[4 + i] = (char)(r.ecx >> 8 * i);
        name[8 + i] = (char)(r.edx >> 8 * i);
    }
    return name;
}

void guest_begin(void)
{
    const char *version = xen_present() ? xen_version() : "";

    guest_text("PVLAB INFO hypervisor=%s%s%s\n", hypervisor_name(),
               *version ? " " : "", version);
    guest_text("PVLAB INFO entered=%s\n", guest_boot.entered);
}
