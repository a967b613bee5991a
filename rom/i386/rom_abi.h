/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What header.c, calls.S and the routines of an i386 ROM have in common.
 *
 * A description (NAME.def) gives ROM_MANUFACTURER, ROM_PRODUCT, ROM_LICENCE,
 * ROM_VERSION_MAJOR, ROM_VERSION_MINOR, ROM_STATE, and the calls:
 *
 *     ROM_CALL(IRET, JUMP_REL, native_iret)
 *
 * answers GetRelocationInfo(IRET) with a jump to native_iret; a later line for
 * the same call counts, and a call without one is NONE. ROM_CALL_IF_READY is
 * the same for a call that is NONE unless rom_init() returned true; it needs
 * ROM_STATE. NOP and NONE take 0 for the routine.
 *
 * ROM_STATE 0: the firmware's call at 03h returns at once.
 * ROM_STATE 1: it takes base memory for the ROM (post.S), and VMI_Init calls
 *              rom_init() (state.h).
 */
#ifndef ROM_ABI_H
#define ROM_ABI_H

/* Where calls.S begins; header.c jumps there. */
#define ROM_ENTRY_INIT           0x100
#define ROM_ENTRY_GET_RELOCATION 0x108
#define ROM_ENTRY_POST           0x110

/*
 * What post.S takes of base memory, and the first words that it puts there:
 * state.h has the rest.
 */
#define ROM_STATE_KIB   13
#define ROM_STATE_MAGIC 0x73497056
#define ROM_STATE_PADDR 4 /* offset of its physical address */

#endif /* ROM_ABI_H */
