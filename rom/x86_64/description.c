/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What code asks of the description. ROM_CALLS is a list of
 *
 *   ROM_EVERY_CALL, ROM_CHAPTER(time), ROM_CALL(time, now_ns)
 *
 * with the names of libpvops' ops; a wrong one does not compile.
 */
#include "rom/x86_64/rom.h"

#include ROM_DESCRIPTION

#ifndef ROM_PARTIAL
#define ROM_PARTIAL 0
#endif

#define PVOPS_VMI64_CALL(number, name, chapter, op)                            \
    NUMBER_##chapter##_##op = (number),
enum {
#include "abi/vmi64_calls.def"
};
#undef PVOPS_VMI64_CALL

#define ROM_CALL(chapter, op) [NUMBER_##chapter##_##op] = true
#define ROM_CHAPTER(chapter)  [VMI64_CALLS + ROM_IN_##chapter] = true
#define ROM_EVERY_CALL                                                         \
    ROM_CHAPTER(irq), ROM_CHAPTER(cpu), ROM_CHAPTER(mmu), ROM_CHAPTER(time)

const bool rom_partial = ROM_PARTIAL;
const bool rom_serves[VMI64_CALLS + ROM_CHAPTERS] = { ROM_CALLS };

/* Once more, as an array that is longer than FAR if a call is the timer's. */
#define FAR 1024
#define IS_TIMER(op)                                                           \
    ((op) == NUMBER_time_cancel_deadline || (op) == NUMBER_time_arrived ||     \
     (op) == NUMBER_time_set_deadline || (op) == NUMBER_time_stolen_ns)
#undef ROM_CALL
#undef ROM_CHAPTER
#define ROM_CALL(chapter, op)                                                  \
    [NUMBER_##chapter##_##op + FAR * IS_TIMER(NUMBER_##chapter##_##op)] = true
#define ROM_CHAPTER(chapter)                                                   \
    [VMI64_CALLS + ROM_IN_##chapter +                                          \
        FAR * (ROM_IN_##chapter == ROM_IN_time)] = true
_Static_assert(
    !ROM_PARTIAL || sizeof((const bool[]){ ROM_CALLS }) <= FAR,
    "a partial ROM has no timer: of time it serves now_ns, or now_ns "
    "and wall_ns");
