/* SPDX-License-Identifier: MIT */
/*
 * Translations are forgotten on other CPUs by an interrupt; a CPU that is in
 * the shim finds the request where it waits, or when it leaves.
 *
 * Pages of guest user mode are global, as under Xen, so that they survive the
 * way into the kernel and back. Hence CR4.PGE is switched off and on where
 * everything must go.
 */
#include "mm/flush.h"

#include "abi/x86.h"
#include "dev/lapic.h"
#include "domain/domain.h"
#include "domain/vcpu.h"
#include "mm/frame.h"
#include "mm/lock.h"

#include <x86/insn.h>
#include <x86/system.h>

uint16_t flush_epoch;
bool lock_several;

/* Of one flush at a time. */
static struct lock flush_lock;
static uint64_t flush_address;

static inline void write_cr4(uint64_t value)
{
    __asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

static void forget_all(void)
{
    uint64_t cr4 = vcpu_this()->real_cr4;

    write_cr4(cr4 & ~(uint64_t)X86_CR4_PGE);
    write_cr4(cr4);
}

/* It counts for all if there is no other. */
static void count_flush(void)
{
    if (!lock_several)
        flush_epoch++;
}

void flush_here(void)
{
    forget_all();
    count_flush();
}

void flush_page_here(uint64_t address)
{
    x86_invlpg(address);
}

void flush_load(uint64_t root)
{
    uint64_t cr4 = vcpu_this()->real_cr4;

    write_cr4(cr4 & ~(uint64_t)X86_CR4_PGE);
    x86_write_cr3(root);
    write_cr4(cr4);
    count_flush();
}

static void forget(uint64_t address)
{
    if (address == FLUSH_EVERYTHING)
        forget_all();
    else
        x86_invlpg(address);
}

void flush_serve(void)
{
    struct vcpu *vcpu = vcpu_this();

    if (!vcpu->flush)
        return;
    forget(flush_address);
    __atomic_store_n(&vcpu->flush, false, __ATOMIC_RELEASE);
}

/* Of 'vcpus' those that have run, but this one. */
static uint32_t others(uint32_t vcpus)
{
    uint32_t set = 0;

    for (unsigned i = 0; i < domain.vcpu_count; i++) {
        if ((vcpus >> i & 1) && vcpu_at(i) != vcpu_this() &&
            vcpu_at(i)->running)
            set |= 1u << i;
    }
    return set;
}

static void ask(uint32_t set, uint64_t address)
{
    lock_take(&flush_lock);
    flush_address = address;
    for (unsigned i = 0; i < domain.vcpu_count; i++) {
        if (set >> i & 1) {
            __atomic_store_n(&vcpu_at(i)->flush, true, __ATOMIC_SEQ_CST);
            lapic_send(vcpu_at(i)->apic_id, VECTOR_FLUSH);
        }
    }
    for (unsigned i = 0; i < domain.vcpu_count; i++) {
        while ((set >> i & 1) && vcpu_at(i)->flush)
            x86_pause();
    }
    lock_release(&flush_lock);
}

void flush_on(uint32_t vcpus, uint64_t address)
{
    uint32_t set = lock_several ? others(vcpus) : 0;

    if (vcpus >> vcpu_this()->id & 1)
        forget(address);
    if (set)
        ask(set, address);
    else if (!lock_several && address == FLUSH_EVERYTHING)
        flush_epoch++;
}

void flush_everywhere(void)
{
    uint16_t epoch = flush_epoch;

    flush_on(UINT32_MAX, FLUSH_EVERYTHING);
    if (lock_several && flush_epoch == epoch)
        flush_epoch++;
}
