/* SPDX-License-Identifier: MIT */
/*
 * romprobe: a kernel that has a ROM in it do its Init, asks it for every
 * relocation, and judges the answers. pvlab rom boots it; pvlab run can, with
 * the ROM as --initrd (x86-64).
 *
 * Lines on the console, beside those of every guest:
 *   ROM at PLACE             begins here, hexadecimal
 *   ROM init STATUS
 *   ROM call N ANSWER        "NONE", "CALL_REL OFFSET", "INLINE OFFSET SKIP
 *                            LENGTH PAD", "TYPE N OFFSET": offsets from the
 *                            ROM's first byte, hexadecimal
 * "ROM call N " is there before the ROM is asked, so that the last line tells
 * where its code got lost.
 */
#ifndef ROMPROBE_PROBE_H
#define ROMPROBE_PROBE_H

#include <guest.h>

#include "abi/vmi64.h"

/* Every number that the ROM is asked for. */
enum { PROBE_CALLS = 256 };

struct answer {
    uint64_t target; /* from the ROM's first byte */
    uint8_t type, skip, length, pad;
};

struct probe {
    const uint8_t *rom;
    size_t bytes;
    size_t code_at; /* nothing is called before */
    struct answer answers[PROBE_CALLS];
};

/*
 * Of this width: vmi.c is VMI 3.0, vmi64.c the 64-bit profile.
 *
 * rom_find() puts the ROM where it runs; false with a verdict: there is none.
 * rom_init_argument() is what Init is given. rom_init_ran() gives the verdict
 * on its result, and is false if the ROM must be left alone. rom_rules() gives
 * those on the answers.
 */
extern const char *const rom_types[];
extern const unsigned rom_type_count;
extern const char *const rom_calls[PROBE_CALLS]; /* names; NULL: no such */
bool rom_find(struct probe *probe);
uintptr_t rom_init_argument(void);
bool rom_init_ran(uint32_t status);
void rom_rules(const struct probe *probe);

/* main.c: does the ROM answer for this call; the name of what it answers. */
bool is_served(const struct probe *probe, unsigned call);
const char *type_text(const struct probe *probe, unsigned call);
/* A rule that is about one call. */
__attribute__((format(printf, 4, 5))) void check_call(const struct probe *probe,
                                                      unsigned call, bool held,
                                                      const char *format, ...);

/*
 * call_64.S, call_32.S: call the ROM's code at 'at'; out: RAX and RDX, or EAX
 * and EDX. Returns what it did not keep, by bits 0 to 5: RBX RBP R12 R13 R14
 * R15, or EBX EBP ESI EDI in bits 0 to 3; bit 6 is the direction flag.
 */
unsigned rom_call(const void *at, uintptr_t argument, uintptr_t out[2]);

#endif /* ROMPROBE_PROBE_H */
