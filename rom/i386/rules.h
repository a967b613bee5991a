/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the table of calls must keep, for calls.S: each rule is there because an
 * original Linux kernel breaks without it, whatever the routine does.
 *
 * Source: Linux 2.6.21 to 2.6.36, arch/i386/kernel/vmi.c and its successors
 *         vmi_32.c, vmitime.c and vmiclock_32.c.
 */
/* clang-format off */
#define REFUSE(condition, ...) .if condition; .error #__VA_ARGS__; .endif

/* Their pointers are poison, and only a patched site does without. */
REFUSE(type_IRET != CALL_REL && type_IRET != JUMP_REL,
       IRET is neither CALL_REL nor JUMP_REL: Linux goes to 0x0badbab0)
REFUSE(type_SYSEXIT != CALL_REL && type_SYSEXIT != JUMP_REL,
       SYSEXIT is neither CALL_REL nor JUMP_REL: Linux goes to 0xfeedbab0)

/* 2.6.21 keeps ten bytes of an 18-byte site, whatever the answer is. */
#define CALLED(name)                                                           \
    REFUSE(type_##name != CALL_REL,                                            \
           name is not CALL_REL: the double site of 2.6.21 becomes garbage)
CALLED(EnableInterrupts)
CALLED(DisableInterrupts)
CALLED(GetInterruptMask)
CALLED(SetInterruptMask)

/* BUG where a call is wrapped or cached, a lost frame where it is patched. */
#define PVOPS_VMI_CALL(number, name)                                           \
    REFUSE(type_##name == JUMP_REL && number != 33 && number != 34,            \
           name is JUMP_REL: only IRET and SYSEXIT may be);                    \
    REFUSE(flags_##name && !ROM_STATE, name is IF_READY without ROM_STATE)
#include "abi/vmi_calls.def"
#undef PVOPS_VMI_CALL

/* 2.6.25 passes the wrong word of a descriptor; 2.6.26 calls 13 for 12. */
#define NOT_SERVED(name)                                                       \
    REFUSE(type_##name != NONE,                                                \
           name is served: 2.6.25 and 2.6.26 make garbage of it)
NOT_SERVED(WriteGDTEntry)
NOT_SERVED(WriteLDTEntry)
NOT_SERVED(WriteIDTEntry)

/* The kernel has both by a ROM, or neither. */
#define PAIR(a, b)                                                             \
    REFUSE(type_##a != type_##b || flags_##a != flags_##b,                     \
           a and b have different answers)
PAIR(SetPxE, UpdatePxE)
PAIR(SetPxELong, UpdatePxELong)
PAIR(AllocatePage, ReleasePage)
PAIR(APICRead, APICWrite)

/* Any answer but NONE is a pointer to Linux, and it then calls the others. */
REFUSE(type_GetCycleFrequency != NONE && type_GetCycleFrequency != CALL_REL,
       GetCycleFrequency is neither NONE nor CALL_REL: Linux calls 0)
PAIR(GetCycleFrequency, GetCycleCounter)
PAIR(GetCycleFrequency, SetAlarm)
PAIR(GetCycleFrequency, CancelAlarm)
PAIR(GetCycleFrequency, GetWallclockTime)

/* An empty function has no result, and nobody else does its work. */
#define PVOPS_VMI_CALL(number, name) .set may_be_nop_##name, 0;
#include "abi/vmi_calls.def"
#undef PVOPS_VMI_CALL
#define PVOPS_VMI_MAY_BE_NOP(name) .set may_be_nop_##name, 1;
#include "abi/vmi_may_be_nop.def"
#undef PVOPS_VMI_MAY_BE_NOP
#define PVOPS_VMI_CALL(number, name)                                           \
    REFUSE(type_##name == NOP && !may_be_nop_##name,                           \
           name is NOP and a kernel cannot go on without it);
#include "abi/vmi_calls.def"
#undef PVOPS_VMI_CALL
/* clang-format on */
