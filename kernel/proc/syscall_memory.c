/* SPDX-License-Identifier: MIT */
/*
 * System calls about memory: anonymous and private alone.
 *
 * Source: Linux arch/x86/kernel/sys_x86_64.c and mm/mmap.c (what is refused
 *         with what, in which order), mm/mprotect.c, include/uapi/
 *         asm-generic/mman-common.h (the flags).
 */
#include "core/pages.h"
#include "proc/errno.h"
#include "proc/process.h"
#include "proc/syscalls.h"

enum {
    MAP_TYPE = 0x0f,
    MAP_PRIVATE = 2,
    MAP_SHARED_VALIDATE = 3,
    MAP_FIXED = 0x10,
    MAP_ANONYMOUS = 0x20,
    MAP_32BIT = 0x40,
    MAP_HUGETLB = 0x40000,
    PROT_SEM = 8,
    RIGHTS = SPACE_READ | SPACE_WRITE | SPACE_EXEC,
};
#define PROT_GROWSDOWN 0x01000000u
#define PROT_GROWSUP   0x02000000u

/* What mmap() does not do here: 0 or -ERRNO. */
static long refuse_map(const struct trap_frame *frame)
{
    uint64_t flags = frame->r10, descriptor = (unsigned)frame->r8;

    if (frame->r9 % PAGE_BYTES)
        return -EINVAL;
    if (!(flags & MAP_ANONYMOUS) &&
        (descriptor >= PROCESS_FILES || !process_current()->files[descriptor]))
        return -EBADF;
    if ((flags & MAP_HUGETLB) || !frame->si)
        return -EINVAL;
    if (frame->si > SPACE_END)
        return -ENOMEM;
    if ((flags & MAP_TYPE) == 0 || (flags & MAP_TYPE) > MAP_SHARED_VALIDATE)
        return -EINVAL;
    /* Neither a console nor a pipe can be mapped, nor is memory shared. */
    if (!(flags & MAP_ANONYMOUS) || (flags & MAP_TYPE) != MAP_PRIVATE)
        return -ENODEV;
    /* Nothing looks for room below 4 GiB. */
    return flags & MAP_32BIT ? -ENOMEM : 0;
}

static long map_fixed(uint64_t address, uint64_t bytes, unsigned rights)
{
    long result;

    if (address > SPACE_END - bytes)
        return -ENOMEM;
    if (address % PAGE_BYTES)
        return -EINVAL;
    if (address < SPACE_FIRST)
        return -EPERM;
    result =
        space_map(process_current()->space, address, bytes, rights, NULL, 0);
    return result ? result : (long)address;
}

/*
 * As Linux before 4.17 MAP_FIXED_NOREPLACE is but a hint, which programs that
 * know it expect: they look at what they got.
 */
long call_mmap(struct trap_frame *frame)
{
    unsigned rights = (unsigned)frame->dx & RIGHTS;
    uint64_t hint = frame->di;
    uint64_t bytes;
    long result = refuse_map(frame);

    if (result)
        return result;
    bytes = (frame->si + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    if (frame->r10 & MAP_FIXED)
        return map_fixed(hint, bytes, rights);
    hint = hint / PAGE_BYTES * PAGE_BYTES;
    return space_map_anywhere(process_current()->space, hint, bytes, rights);
}

long call_mprotect(struct trap_frame *frame)
{
    uint64_t address = frame->di, bytes = frame->si, rights = frame->dx;
    uint64_t grows = rights & (PROT_GROWSDOWN | PROT_GROWSUP);

    if (grows == (PROT_GROWSDOWN | PROT_GROWSUP) || address % PAGE_BYTES)
        return -EINVAL;
    if (!bytes)
        return 0;
    if (address + bytes <= address || address + bytes > SPACE_END)
        return -ENOMEM;
    /* No area grows. */
    if (grows || (rights & ~(uint64_t)(RIGHTS | PROT_SEM)))
        return -EINVAL;
    return space_protect(process_current()->space, address, bytes,
                         (unsigned)rights & RIGHTS);
}

long call_munmap(struct trap_frame *frame)
{
    return space_unmap(process_current()->space, frame->di, frame->si);
}

long call_brk(struct trap_frame *frame)
{
    return space_brk(process_current()->space, frame->di);
}
