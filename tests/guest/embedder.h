/* SPDX-License-Identifier: MIT */
/*
 * A small kernel around the library, for guests that let a driver of their own
 * meet it: one CPU and its interrupts.
 *
 * The guest defines driver_take() and driver_gates().
 */
#ifndef EMBEDDER_H
#define EMBEDDER_H

#include <guest.h>

#include <pvops/pvops.h>

#include "host.h"
#include "start/insn.h"

enum {
    DEADLINE_VECTOR = 0x50,
    EVENT_VECTOR = 0x51,
    DRIVER_VECTOR = 0x60,
    LAPIC = 0xfee00000,
    LAPIC_SPURIOUS = 0xf0,
    LAPIC_EOI = 0xb0,
    LAPIC_ENABLED = 0x1ff,
    PIC_1_MASK = 0x21,
    PIC_2_MASK = 0xa1,
    MS = 1000000,
};

/* The library told of an event: the driver looks whether it is its. */
static void driver_take(void);
/* The driver's own vectors, by set_gate(). */
static void driver_gates(void);

static struct pvops_cpu cpu;
static volatile unsigned deadlines, others;
static struct pvops_info info;
static struct pvops_probe_options probe;
static uint8_t pages[PVOPS_SETUP_PAGES][4096] __attribute__((aligned(4096)));

/* One GDT for both widths; the last segment is this CPU's, on i386. */
static uint64_t gdt[512] __attribute__((aligned(4096))) = {
    0,
#ifdef __x86_64__
    0x00af9a000000ffff,
#else
    0x00cf9a000000ffff,
#endif
    0x00cf92000000ffff,
    0x00cf92000000ffff,
};

static void check(const char *name, bool good, unsigned value)
{
    if (good)
        guest_pass(name);
    else
        guest_fail(name, "got %u", value);
}

static volatile uint32_t *lapic(unsigned at)
{
    return (volatile uint32_t *)(uintptr_t)(LAPIC + at);
}

static void arrived(unsigned vector)
{
    unsigned found = pvops_time_arrived(vector);

    if (found & PVOPS_ARRIVED_DEADLINE)
        deadlines++;
    if (found & PVOPS_ARRIVED_EVENT) {
        others++;
        driver_take();
    }
}

struct interrupt_frame;

__attribute__((interrupt)) static void on_deadline(struct interrupt_frame *f)
{
    (void)f;
    arrived(DEADLINE_VECTOR);
}

__attribute__((interrupt)) static void on_event(struct interrupt_frame *f)
{
    (void)f;
    arrived(EVENT_VECTOR);
}

static void set_gate(unsigned vector, uintptr_t to)
{
    static uint32_t idt[256][sizeof(long) / 2] __attribute__((aligned(16)));

    idt[vector][0] = (uint32_t)(8 << 16 | (to & 0xffff));
    idt[vector][1] = (uint32_t)(to & 0xffff0000) | 0x8e00;
#ifdef __x86_64__
    idt[vector][2] = (uint32_t)(to >> 32);
#endif
    pvops_cpu_load_idt(idt, sizeof(idt));
}

/* Everything up to pvops_cpu_setup(); 'yours': what the driver has. */
static bool kernel_setup(const struct pvops_resources *yours)
{
    struct pvops_cpu_options options = {
        .deadline_vector = DEADLINE_VECTOR,
        .event_vector = EVENT_VECTOR,
    };
    struct pvops_setup_options setup = {
        .probe = &probe,
        .selectors = { .kernel_cs = 8, .kernel_ss = 16 },
        .yours = yours,
        .pages = pages,
    };

    /* The PIT ticks as the firmware left it. */
    x86_outb(PIC_1_MASK, 0xff);
    x86_outb(PIC_2_MASK, 0xff);
    pvops_probe(&probe, &info);
    if (pvops_setup(&info, &setup) != PVOPS_OK)
        return false;
    gdt[3] |= (uint64_t)((uintptr_t)&cpu & 0xffffff) << 16;
    gdt[3] |= (uint64_t)((uintptr_t)&cpu >> 24 & 0xff) << 56;
    pvops_cpu_load_gdt(gdt, sizeof(gdt));
#ifdef __i386__
    __asm__ volatile("mov %0, %%fs" : : "r"(3 << 3));
#endif
    pvops_cpu_set_percpu_base((uintptr_t)&cpu);
    set_gate(DEADLINE_VECTOR, (uintptr_t)on_deadline);
    set_gate(EVENT_VECTOR, (uintptr_t)on_event);
    driver_gates();
    return pvops_cpu_setup(&cpu, &options) == PVOPS_OK;
}

#endif /* EMBEDDER_H */
