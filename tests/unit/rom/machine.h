/* SPDX-License-Identifier: MIT */
/*
 * A machine for an i386 ROM, in a 32-bit process: the first MiB is mapped at
 * some PAGE_OFFSET, the ROM lies in it read-only, its code really runs, and
 * what it may not do in user mode is emulated and written down.
 */
#ifndef ROM_MACHINE_H
#define ROM_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MACHINE_BYTES = 0x100000,
    MACHINE_ROM = 0xc8000,
    MACHINE_EVENTS = 64,
    /* A memory mapped register page: see machine_map_apic(). */
    MACHINE_APIC_PADDR = 0xfee00000,
};

/* The images as built, and where in them post.S leaves the state's place. */
struct rom_image {
    const char *name;
    const uint8_t *bytes, *end;
    const uint32_t *state_delta; /* offset; 0: it has no state */
};
extern const struct rom_image rom_images[];
enum { ROM_NATIVE, ROM_TIMER, ROM_KVM, ROM_IMAGES };

struct machine_event {
    const char *op; /* "wrmsr", "out", "mov cr" ... */
    uint32_t at;    /* MSR, port, number of a register, address */
    uint64_t value; /* written; bytes of a port access are in 'bytes' */
    uint8_t bytes;
};

struct machine {
    uint8_t *memory; /* physical 0 */
    uint8_t *rom;
    size_t rom_bytes;
    bool interrupts;
    uint32_t cr0, cr2, cr3, cr4;
    uint64_t apic_base;
    struct machine_event events[MACHINE_EVENTS];
    unsigned count;
    uint32_t apic_initial, apic_lvt;
    volatile uint8_t *apic; /* no access: each is emulated */
    uint64_t apic_started;  /* TSC */
    uint64_t tsc_hz;        /* this machine's: see machine_tsc_hz() */
    bool channel_2;
    uint64_t pit_started;
    unsigned pit_reads;
    uint16_t pit_latched;
    uint8_t cmos_index;
    unsigned pages; /* of KVM's clock that were given */
    /* If set: before each instruction; the stack as the instruction has it. */
    void (*step)(uint32_t eip, const uint32_t *stack);
    bool leaving, left; /* machine_leaves(): it is to happen, it did */
};
extern struct machine machine;

/* 'page_offset' is where physical 0 is mapped. Everything else is 0. */
void machine_start(const struct rom_image *image, uint32_t page_offset,
                   uint32_t rom_paddr);
void machine_stop(void);

/* What post.S does in POST. */
void machine_post(const struct rom_image *image);

/* The local APIC's page, mapped at machine.apic; page tables for it if 'pae'.
 */
void machine_map_apic(bool pae);

struct machine_regs {
    uint32_t eax, edx, ecx, ebx, esi, edi, ebp;
    uint32_t stack[2];  /* [ESP+4], [ESP+8] */
    uint32_t esp_moved; /* out: by how much ESP differs behind the call */
};

/* call *target, with all registers in and out. */
void machine_call(struct machine_regs *regs, const void *target);

/* The same, each instruction seen by 'step' first. */
void machine_step(struct machine_regs *regs, const void *target,
                  void (*step)(uint32_t eip, const uint32_t *stack));

/* A routine that does not come back: until HLT with interrupts off, or UD2. */
void machine_leaves(uint32_t eax, const void *target);

/* jmp *target with an IRET frame at ESP; returns whether IRET took it. */
bool machine_iret(const void *target);

/* jmp *target with EDX:EIP and ECX:ESP for SYSEXIT; the same. */
bool machine_sysexit(const void *target);

/* The only event since the last call; fails the test if there are others. */
const struct machine_event *machine_only_event(const char *op);
const struct machine_event *machine_find_event(const char *op, uint32_t at);
void machine_forget(void);

/* Sum of all bytes of the ROM, and a hash that any change of it changes. */
uint64_t machine_rom_hash(void);

#endif /* ROM_MACHINE_H */
