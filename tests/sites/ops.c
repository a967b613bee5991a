/* SPDX-License-Identifier: MIT */
/*
 * A piece of a kernel, by the ops; with -DHAND the same written by hand.
 * tools/check-sites compiles both with PVOPS_FULL=0 and compares.
 */
#include <stdint.h>

#ifdef HAND
typedef uintptr_t pte;

#define SAVE_FLAGS(f)     __asm__ volatile("pushf\n\tpop %0" : "=r"(f)::"memory")
#define DISABLE()         __asm__ volatile("cli" ::: "memory")
#define ENABLE()          __asm__ volatile("sti" ::: "memory")
#define SAFE_HALT()       __asm__ volatile("sti\n\thlt" ::: "memory")
#define HALT()            __asm__ volatile("hlt" ::: "memory")
#define READ_CR2(v)       __asm__ volatile("mov %%cr2, %0" : "=r"(v)::"memory")
#define READ_CR3(v)       __asm__ volatile("mov %%cr3, %0" : "=r"(v)::"memory")
#define WRITE_CR3(v)      __asm__ volatile("mov %0, %%cr3" ::"r"(v) : "memory")
#define READ_ENTRY(e)     (*(const volatile pte *)(e))
#define WRITE_ENTRY(e, v) (*(volatile pte *)(e) = (v))
#else
#include <pvops/irq.h>
#include <pvops/mmu.h>

typedef pvops_pte pte;

#define SAVE_FLAGS(f)     ((f) = pvops_irq_save_flags())
#define DISABLE()         pvops_irq_disable()
#define ENABLE()          pvops_irq_enable()
#define SAFE_HALT()       pvops_irq_safe_halt()
#define HALT()            pvops_irq_halt()
#define READ_CR2(v)       ((v) = pvops_mmu_read_cr2())
#define READ_CR3(v)       ((v) = pvops_mmu_read_cr3())
#define WRITE_CR3(v)      pvops_mmu_write_cr3(v)
#define READ_ENTRY(e)     pvops_mmu_read_entry(e)
#define WRITE_ENTRY(e, v) pvops_mmu_write_entry((e), (v))
#endif

uintptr_t fault(pte *entry, uintptr_t bits);
void idle(const volatile int *work);
void switch_to(uintptr_t root);

uintptr_t fault(pte *entry, uintptr_t bits)
{
    uintptr_t flags, address;

    READ_CR2(address);
    SAVE_FLAGS(flags);
    DISABLE();
    WRITE_ENTRY(entry, READ_ENTRY(entry) | bits);
    if (flags & 0x200)
        ENABLE();
    return address;
}

void idle(const volatile int *work)
{
    DISABLE();
    while (!*work) {
        SAFE_HALT();
        DISABLE();
    }
    HALT();
}

void switch_to(uintptr_t root)
{
    uintptr_t now;

    READ_CR3(now);
    if (now != root)
        WRITE_CR3(root);
}
