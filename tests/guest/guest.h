/* SPDX-License-Identifier: MIT */
/*
 * What a guest is written with: guest_main() and the calls below.
 *
 * A guest runs on one CPU, interrupts off, without an allocator. Nothing is
 * printed that it did not ask for. When guest_main() returns, the machine
 * powers off.
 *
 * Formats are those of pvk's core/text.h; what is longer than 4095 bytes is cut
 * off, a reason at 2047.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GUEST_PRINTF(text, first) __attribute__((format(printf, text, first)))

enum { GUEST_MAX_MODULES = 16 };

struct guest_module {
    const uint8_t *bytes;
    size_t size;
};

/* What the loader told; filled before guest_main(). */
struct guest_boot {
    const char *entered; /* "pvh", "multiboot1", "multiboot2", "xen_pv" */
    bool xen_pv;         /* ring 3 under Xen: no port I/O, no CLI, no HLT */
    const char *cmdline; /* "" if none was given; never NULL */
    uint64_t rsdp;       /* of ACPI, physical; 0: the loader did not tell */
    unsigned memory_mib; /* all RAM regions, rounded up; 0: not told */
    unsigned module_count;
    struct guest_module modules[GUEST_MAX_MODULES];
};

extern struct guest_boot guest_boot;

/* The guest's own code. */
void guest_main(void);

/* The lines PVLAB INFO hypervisor=TEXT and PVLAB INFO entered=TEXT. */
void guest_begin(void);

/* Bytes as they are: no prefix, no newline added. */
GUEST_PRINTF(1, 2) void guest_text(const char *format, ...);

/* One check's line, PVLAB <VERDICT> NAME [REASON]; each is counted. */
void guest_pass(const char *name);
GUEST_PRINTF(2, 3) void guest_fail(const char *name, const char *format, ...);
GUEST_PRINTF(2, 3) void guest_skip(const char *name, const char *format, ...);
GUEST_PRINTF(2, 3) void guest_error(const char *name, const char *format, ...);

/* The line PVLAB END with what was counted; errors count as failed. */
void guest_end(void);

/* Next byte of console input; waits for it. */
char guest_read_byte(void);

/* CPUs that this machine has, on or off; 0: it does not tell. */
unsigned guest_cpu_count(void);

/* Halt with interrupts off; under Xen PV, block for ever. */
__attribute__((noreturn)) void guest_hang(void);

/* An exception that nothing handles: natively a triple fault. */
__attribute__((noreturn)) void guest_fault(void);

/* Tell the hypervisor of a crash; who has no such call is reset. */
__attribute__((noreturn)) void guest_crash(void);

/* Both wait until the console's reader has seen all that was written. */
__attribute__((noreturn)) void guest_poweroff(void);
__attribute__((noreturn)) void guest_reboot(void);

#endif /* GUEST_H */
