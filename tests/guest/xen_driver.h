/* SPDX-License-Identifier: MIT */
/*
 * A Xen driver as a kernel may have one: with its own hypercall page, its own
 * event, and as it comes its own shared_info and upcall. For the two guests
 * that let it meet the library: xen-driver-first and xen-driver-later.
 *
 * PVH and HVM domains only: what they have once is the hypercall page,
 * shared_info and the upcall.
 */
#ifndef XEN_DRIVER_H
#define XEN_DRIVER_H

#include <guest.h>

#include <pvops/pvops.h>

#include "abi/xen_hvm.h"

enum {
    DEADLINE_VECTOR = 0x50,
    EVENT_VECTOR = 0x51,
    DRIVER_VECTOR = 0x60,
    LAPIC = 0xfee00000,
    LAPIC_SPURIOUS = 0xf0,
    LAPIC_EOI = 0xb0,
    LAPIC_ENABLED = 0x1ff,
    MS = 1000000,
    TIMES = 3,
    BITS = 8 * sizeof(long),
};

/* start/entry_*.S: through the page that start/xen.c registered. */
long xen_hypercall(unsigned number, uintptr_t a1, uintptr_t a2, uintptr_t a3);

/* start/xen.c */
bool xen_present(void);

/* The driver's. */
static struct shared_info *shared;
static struct vcpu_info *vcpu_info;
static uint32_t driver_port;
static volatile unsigned driver_events;

/* The kernel's. */
static struct pvops_cpu cpu;
static volatile unsigned deadlines, others;

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
static uint8_t pages[PVOPS_SETUP_PAGES][4096] __attribute__((aligned(4096)));
static struct pvops_info info;
static struct pvops_probe_options probe;

void pvops_host_log(enum pvops_log_level level, const char *line)
{
    (void)level;
    guest_text("%s\n", line);
}

void pvops_host_panic(const char *why)
{
    guest_fail("panic", "%s", why);
    guest_end();
    guest_poweroff();
}

pvops_paddr pvops_host_paddr(const void *va)
{
    return (uintptr_t)va;
}

/* The first 4 GiB are mapped at their own addresses. */
void *pvops_host_map(pvops_paddr paddr, size_t bytes, enum pvops_map how)
{
    (void)bytes;
    (void)how;
    return (void *)(uintptr_t)paddr;
}

void *pvops_host_va(pvops_paddr paddr)
{
    return (void *)(uintptr_t)paddr;
}

void *pvops_host_text(const void *text, size_t bytes)
{
    (void)bytes;
    return (void *)(uintptr_t)text;
}

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

/* Every event that is pending and not masked; what a driver does first. */
static bool take(uint32_t port)
{
    unsigned long bit = 1ul << port % BITS;
    unsigned long *word = &shared->evtchn_pending[port / BITS];

    return __atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST) & bit;
}

static void driver_take(void)
{
    if (take(driver_port))
        driver_events++;
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

/* The driver's own upcall: it takes all, and hands on what is not its. */
__attribute__((interrupt)) static void on_driver(struct interrupt_frame *f)
{
    (void)f;
    vcpu_info->evtchn_upcall_pending = 0;
    __atomic_exchange_n(&vcpu_info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
    driver_take();
    if (take(pvops_get_resources()->xen_timer_port))
        arrived(DEADLINE_VECTOR);
    *lapic(LAPIC_EOI) = 0;
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
    set_gate(DRIVER_VECTOR, (uintptr_t)on_driver);
    return pvops_cpu_setup(&cpu, &options) == PVOPS_OK;
}

static bool driver_bind(void)
{
    struct evtchn_bind_ipi bind = { .vcpu = 0 };
    struct evtchn_port port;

    if (xen_hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi,
                      (uintptr_t)&bind, 0))
        return false;
    driver_port = port.port = bind.port;
    return !xen_hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_unmask,
                          (uintptr_t)&port, 0);
}

/* Deadlines and the driver's events, in turn; each must come once. */
static void both_work(const char *name)
{
    deadlines = driver_events = 0;
    for (unsigned i = 0; i < TIMES; i++) {
        struct evtchn_port port = { driver_port };
        uint64_t give_up = pvops_time_now_ns() + (uint64_t)2000 * MS;

        pvops_time_set_deadline(pvops_time_now_ns() + 5 * MS);
        xen_hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send,
                      (uintptr_t)&port, 0);
        pvops_irq_enable();
        while ((deadlines <= i || driver_events <= i) &&
               pvops_time_now_ns() < give_up)
            ;
        pvops_irq_disable();
    }
    if (deadlines == TIMES && driver_events == TIMES)
        guest_pass(name);
    else
        guest_fail(name, "%u deadlines and %u events of %u", deadlines,
                   driver_events, (unsigned)TIMES);
}

/* False, with a SKIP: nothing of Xen's to own here. */
static bool has_driver(const char *name)
{
    if (guest_boot.xen_pv || !xen_present()) {
        guest_skip(name, "no PVH or HVM domain of Xen's");
        return false;
    }
    return true;
}

#endif /* XEN_DRIVER_H */
