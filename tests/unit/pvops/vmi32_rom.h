/* SPDX-License-Identifier: MIT */
/*
 * ROMs of VMI 3.0 in a model's first MiB: real machine code that the library
 * really calls. What each call was given is remembered.
 */
#ifndef VMI32_ROM_H
#define VMI32_ROM_H

#include "vmi_32.h"

enum {
    ROM_BYTES = 4096,
    ROM_PADDR = 0xc8000,
    ROM_STUBS = 0x400, /* of call N: 16 * N behind it */
    ROM_IRET = 0xb00,
    ROM_IRET_CALLED = 0xb10, /* drops the return address */
    ROM_LICENCE = 0xc00,
    ROM_MOST_SEEN = 64,
    ROM_LOW = 0x1000, /* physical address of rom.low */
};

/* A call of the ROM; registers and stack as they came. */
struct rom_seen {
    uint32_t call, eax, edx, ecx;
    uint32_t stack[2];
};

struct rom_answer {
    uint32_t type, target;
};

struct rom_machine {
    uint8_t *low; /* the first MiB but page 0, executable */
    struct rom_answer answers[VMI_CALLS];
    uint32_t init_result;
    uint16_t init_cs; /* as VMI_Init leaves it */
    unsigned inits, asked, shown, maps;
    bool refuse;      /* pvops_host_rom() says no */
    bool map_refused; /* pvops_host_map() gives nothing */
    struct pvops_rom_options options;
    /* The model's counters and alarm. */
    uint64_t hz, stolen, alarm, period;
    uint32_t alarm_flags;
    unsigned alarms, cancels;
};
extern struct rom_machine rom;

/* What the ROM returns, and leaves in ECX. */
extern uint32_t rom_eax, rom_edx, rom_ecx;
extern struct rom_seen rom_seen[ROM_MOST_SEEN];
extern uint32_t rom_count;

/* A machine as pc_reset() makes it, and an empty first MiB. */
void rom_reset(void);

/* A sound ROM at 'paddr' whose answers are rom.answers. */
struct vmi_header *rom_make(uint32_t paddr);
/* After a change: all its bytes add up to 0 again. */
void rom_sum(uint32_t paddr);

/* Every call but those of time by the ROM at 'paddr'. */
void rom_answer_all(uint32_t paddr);
/* 66 to 70, with a counter of rom.hz, and alarms. */
void rom_answer_time(uint32_t paddr);

/* CALL_REL to a function of the test's, which has the convention of 'call'. */
void rom_put_function(uint32_t paddr, unsigned call, uintptr_t function);

/* Where the stub of 'call' is, and any other place. */
uint32_t rom_stub(uint32_t paddr, unsigned call);
uint32_t rom_linear(uint32_t paddr);

#endif /* VMI32_ROM_H */
