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
#define WRITE_ROOT(e, v)  (*(volatile pte *)(e) = (v))
#define MAKE_ENTRY(v)     (v)
#define ALLOC_TABLE(l, t) ((void)(l), (void)(t))
#define BEGIN_BATCH()     ((void)0)
#define END_BATCH()       ((void)0)
#define FLUSH_PAGE(a)     __asm__ volatile("invlpg (%0)" ::"r"(a) : "memory")
#define SET_STACK(t, s)                                                        \
    __asm__ volatile("mov %1, 4(%0)" ::"r"(t), "r"(s) : "memory")
#else
#include <pvops/cpu.h>
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
#define WRITE_ROOT(e, v)  pvops_mmu_write_root((e), (v))
#define MAKE_ENTRY(v)     pvops_mmu_make_entry(v)
#define ALLOC_TABLE(l, t) pvops_mmu_alloc_table((l), (t))
#define BEGIN_BATCH()     pvops_mmu_begin_batch()
#define END_BATCH()       pvops_mmu_end_batch()
#define FLUSH_PAGE(a)     pvops_mmu_flush_page(a)
#define SET_STACK(t, s)   pvops_cpu_set_kernel_stack((t), (s))
#endif

uintptr_t fault(pte *entry, uintptr_t bits);
void idle(const volatile int *work);
void switch_to(uintptr_t root);
void switch_process(void *tss, uintptr_t stack, uintptr_t root);
void hook(pte *root, pte *table, uintptr_t paddr, uintptr_t address);

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

void switch_process(void *tss, uintptr_t stack, uintptr_t root)
{
    BEGIN_BATCH();
    SET_STACK(tss, stack);
    WRITE_CR3(root);
    END_BATCH();
}

void hook(pte *root, pte *table, uintptr_t paddr, uintptr_t address)
{
    table[1] = MAKE_ENTRY(paddr | 7);
    ALLOC_TABLE(1, paddr);
    WRITE_ROOT(root, paddr | 7);
    FLUSH_PAGE(address);
}
