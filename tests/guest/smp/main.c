/* SPDX-License-Identifier: MIT */
/*
 * smp: CPUs are started, interrupted, made to forget a translation, parked and
 * started again, in a kernel that knows nothing of it but <pvops/smp.h>.
 *
 * Verdict: PASS (0); SKIP (3) with one CPU, and as a PV domain. CPUs that wait
 * halt, and those that spin pause: a software CPU has them take turns.
 */
#include <guest.h>

#include <pvops/pvops.h>

#include "host.h"
#include "start/insn.h"

enum {
    DEADLINE_VECTOR = 0x50,
    EVENT_VECTOR = 0x51,
    FLUSH_VECTOR = 0x52,
    IPI_VECTOR = 0x60,
    CPUS = 8,
    STACK_BYTES = 16384,
    TRAMPOLINE = 0x70000,
    ROUNDS = 10,
    IPI_ROUNDS = 200,
    PIC_1_MASK = 0x21,
    PIC_2_MASK = 0xa1,
    NOT_THERE = 0xe0, /* APIC id of no CPU */
};

/* What a further CPU is told to do; the counts are its own. */
enum { RUN = 0, READ, STOP };

struct percpu {
    struct pvops_cpu cpu;
    unsigned index;
    volatile bool alive;
    volatile unsigned served[PVOPS_IPIS];
    volatile unsigned reads, order, seen;
    uintptr_t cr0, cr4;
};

static struct percpu percpu[CPUS];
static uint8_t stacks[CPUS][STACK_BYTES] __attribute__((aligned(16)));
static struct pvops_found_cpu found[CPUS];
static struct pvops_info info;
static struct pvops_probe_options probe;
static uint8_t pages[PVOPS_SETUP_PAGES][4096] __attribute__((aligned(4096)));
static uint8_t cpu_pages[CPUS][PVOPS_CPU_PAGES][4096]
    __attribute__((aligned(4096)));
static uint32_t idt[256][sizeof(long) / 2] __attribute__((aligned(16)));
extern const int32_t sites_start[], sites_stop[];

/* Segment 3 + N is CPU N's, on i386. */
static uint64_t gdt[512] __attribute__((aligned(4096))) = {
    0,
#ifdef __x86_64__
    0x00af9a000000ffff,
#else
    0x00cf9a000000ffff,
#endif
    0x00cf92000000ffff,
};

static uintptr_t read_cr(unsigned which)
{
    uintptr_t value;

    switch (which) {
    case 0:
        __asm__ volatile("mov %%cr0, %0" : "=r"(value));
        break;
    case 3:
        __asm__ volatile("mov %%cr3, %0" : "=r"(value));
        break;
    default:
        __asm__ volatile("mov %%cr4, %0" : "=r"(value));
        break;
    }
    return value;
}

static struct percpu *self(void)
{
    struct pvops_cpu *cpu;

    __asm__ volatile("mov %%"
#ifdef __x86_64__
                     "gs"
#else
                     "fs"
#endif
                     ":0, %0"
                     : "=r"(cpu));
    return (struct percpu *)(void *)cpu;
}

static void arrived(unsigned vector)
{
    unsigned what = pvops_time_arrived(vector);

    for (unsigned i = 0; i < PVOPS_IPIS; i++) {
        if (what & PVOPS_ARRIVED_IPI(i))
            self()->served[i]++;
    }
}

struct interrupt_frame;

#define HANDLER(name, vector)                                                  \
    __attribute__((interrupt)) static void name(struct interrupt_frame *f)     \
    {                                                                          \
        (void)f;                                                               \
        arrived(vector);                                                       \
    }
HANDLER(on_deadline, DEADLINE_VECTOR)
HANDLER(on_event, EVENT_VECTOR)
HANDLER(on_flush, FLUSH_VECTOR)
HANDLER(on_ipi_0, IPI_VECTOR)
HANDLER(on_ipi_1, IPI_VECTOR + 1)
HANDLER(on_ipi_2, IPI_VECTOR + 2)
HANDLER(on_ipi_3, IPI_VECTOR + 3)

static void set_gate(unsigned vector, uintptr_t to)
{
    idt[vector][0] = (uint32_t)(8 << 16 | (to & 0xffff));
    idt[vector][1] = (uint32_t)(to & 0xffff0000) | 0x8e00;
#ifdef __x86_64__
    idt[vector][2] = (uint32_t)(to >> 32);
#endif
}

/* Descriptor tables and library of the CPU that this runs on. */
static bool cpu_setup(struct percpu *p)
{
    struct pvops_cpu_options options = {
        .index = p->index,
        .deadline_vector = DEADLINE_VECTOR,
        .event_vector = EVENT_VECTOR,
        .ipi_vectors = { IPI_VECTOR, IPI_VECTOR + 1, IPI_VECTOR + 2,
                         IPI_VECTOR + 3 },
        .flush_vector = FLUSH_VECTOR,
        .pages = cpu_pages[p->index],
    };

    pvops_cpu_load_gdt(gdt, sizeof(gdt));
#ifdef __i386__
    __asm__ volatile("mov %0, %%fs" : : "r"((3 + p->index) << 3));
#endif
    pvops_cpu_load_idt(idt, sizeof(idt));
    if (p->index == 0)
        pvops_cpu_set_percpu_base((uintptr_t)p);
    return pvops_cpu_setup(&p->cpu, &options) == PVOPS_OK;
}

#define IN_TURN ((uintptr_t)0x8000000000ull) /* slot 1 of a root */

/* Reads as fast as it can through the translation that CPU 0 changes. */
static void read_on(struct percpu *p)
{
    volatile const uint32_t *at = (volatile const uint32_t *)IN_TURN;

    while (p->order == READ) {
        p->seen = *at;
        p->reads++;
        if (p->reads % 64 == 0)
            __asm__ volatile("pause");
    }
}

static void further_cpu(void *argument)
{
    struct percpu *p = argument;

    p->cr0 = read_cr(0);
    p->cr4 = read_cr(4);
    if (!cpu_setup(p))
        guest_hang();
    p->alive = true;
    while (p->order != STOP) {
        if (p->order == READ) {
            pvops_irq_enable();
            read_on(p);
            pvops_irq_disable();
        } else {
            pvops_irq_safe_halt();
            pvops_irq_disable();
        }
    }
    pvops_cpu_teardown(&p->cpu);
    p->alive = false;
    pvops_smp_park();
}

static void check(const char *name, bool good, unsigned value)
{
    if (good)
        guest_pass(name);
    else
        guest_fail(name, "got %u", value);
}

static bool kernel_setup(void)
{
    struct pvops_setup_options setup = {
        .probe = &probe,
        .selectors = { .kernel_cs = 8, .kernel_ss = 16 },
        .pages = pages,
    };
    static struct pvops_sites sites;

    sites.start = sites_start;
    sites.stop = sites_stop;
    x86_outb(PIC_1_MASK, 0xff);
    x86_outb(PIC_2_MASK, 0xff);
    pvops_probe(&probe, &info);
    if (pvops_setup(&info, &setup) != PVOPS_OK)
        return false;
    for (unsigned i = 0; i < CPUS; i++) {
        uintptr_t base = (uintptr_t)&percpu[i];

        percpu[i].index = i;
        gdt[3 + i] = 0x00cf92000000ffff;
        gdt[3 + i] |= (uint64_t)(base & 0xffffff) << 16;
        gdt[3 + i] |= (uint64_t)(base >> 24 & 0xff) << 56;
    }
    set_gate(DEADLINE_VECTOR, (uintptr_t)on_deadline);
    set_gate(EVENT_VECTOR, (uintptr_t)on_event);
    set_gate(FLUSH_VECTOR, (uintptr_t)on_flush);
    set_gate(IPI_VECTOR, (uintptr_t)on_ipi_0);
    set_gate(IPI_VECTOR + 1, (uintptr_t)on_ipi_1);
    set_gate(IPI_VECTOR + 2, (uintptr_t)on_ipi_2);
    set_gate(IPI_VECTOR + 3, (uintptr_t)on_ipi_3);
    return cpu_setup(&percpu[0]) && pvops_seal(&sites) == PVOPS_OK;
}

static struct pvops_start start_of(unsigned i)
{
    return (struct pvops_start){
        .index = found[i].index,
        .apic_id = found[i].apic_id,
        .entry = further_cpu,
        .argument = &percpu[i],
        .stack = (uintptr_t)stacks[i] + STACK_BYTES,
        .root = read_cr(3),
        .percpu_base = (uintptr_t)&percpu[i],
        .trampoline = (void *)TRAMPOLINE,
        .trampoline_paddr = TRAMPOLINE,
    };
}

/* Until they are all so, or ten seconds have passed. */
static bool all_alive(unsigned cpus, bool alive)
{
    uint64_t start = pvops_time_now_ns();

    for (unsigned i = 1; i < cpus; i++) {
        while (alive ? !percpu[i].alive : !pvops_smp_is_parked(i)) {
            __asm__ volatile("pause");
            if (pvops_time_now_ns() - start > 10000000000ull)
                return false;
        }
    }
    return true;
}

static unsigned start_all(unsigned cpus)
{
    for (unsigned i = 1; i < cpus; i++) {
        struct pvops_start start = start_of(i);
        enum pvops_status status;

        percpu[i].order = RUN;
        status = pvops_smp_start(&start);
        if (status != PVOPS_OK)
            return 100 * i + status;
    }
    return all_alive(cpus, true) ? 0 : 1;
}

/* Those that wait look again when an interrupt comes. */
static void order_all(unsigned cpus, unsigned order)
{
    for (unsigned i = 1; i < cpus; i++)
        percpu[i].order = order;
    pvops_smp_send_ipis(NULL, 0);
}

static bool stop_all(unsigned cpus)
{
    order_all(cpus, STOP);
    return all_alive(cpus, false);
}

static void check_mode(unsigned cpus)
{
    unsigned others = 0;

    for (unsigned i = 1; i < cpus; i++)
        others += percpu[i].cr0 != read_cr(0) || percpu[i].cr4 != read_cr(4);
    check("same-mode", others == 0, others);
}

static void check_errors(unsigned cpus)
{
    struct pvops_start start = start_of(1);

    check("start-running", pvops_smp_start(&start) == PVOPS_E_ORDER, 0);
    if (cpus == CPUS)
        return;
    start.index = CPUS;
    check("start-own-id",
          (start.apic_id = found[0].apic_id,
           pvops_smp_start(&start) == PVOPS_E_INVALID),
          0);
    start.apic_id = NOT_THERE;
    check("start-nobody", pvops_smp_start(&start) == PVOPS_E_REFUSED, 0);
}

/* Each posted, sent, and seen to be served before the next. */
static void check_ipis(unsigned cpus)
{
    unsigned lost = 0;

    for (unsigned round = 0; round < IPI_ROUNDS && !lost; round++) {
        unsigned ipi = round % PVOPS_IPIS, want[CPUS];
        uint64_t start = pvops_time_now_ns();

        for (unsigned i = 1; i < cpus; i++)
            want[i] = percpu[i].served[ipi] + 1;
        if (round % 2)
            pvops_smp_send_ipis(NULL, ipi);
        for (unsigned i = 1; i < cpus; i++) {
            if (!(round % 2))
                pvops_smp_send_ipi(i, ipi);
            while (percpu[i].served[ipi] != want[i] && !lost) {
                __asm__ volatile("pause");
                lost = pvops_time_now_ns() - start > 5000000000ull;
            }
        }
    }
    check("ipis", lost == 0, lost);
    check("ipi-self", percpu[0].served[0] == 0, percpu[0].served[0]);
}

#ifdef __x86_64__
/* Two pages that are mapped in turn, at an address of its own. */
static uintptr_t tables[3][512] __attribute__((aligned(4096)));
static uint32_t frames[2][1024] __attribute__((aligned(4096)));

static bool map_in_turn(void)
{
    uintptr_t *root = (uintptr_t *)(read_cr(3) & ~(uintptr_t)0xfff);

    if (root[1])
        return false;
    frames[0][0] = 0;
    frames[1][0] = 1;
    tables[2][0] = (uintptr_t)frames[0] | 3;
    tables[1][0] = (uintptr_t)tables[2] | 3;
    tables[0][0] = (uintptr_t)tables[1] | 3;
    root[1] = (uintptr_t)tables[0] | 3;
    return true;
}

/* The others read all the time: what was flushed is seen by none. */
static void check_flush(unsigned cpus)
{
    unsigned old = 0;

    if (!map_in_turn()) {
        guest_skip("flush", "slot 1 of the root is used");
        return;
    }
    order_all(cpus, READ);
    for (unsigned round = 1; round < 100; round++) {
        volatile uint32_t *now = &frames[round % 2][0];
        uintptr_t root = read_cr(3);

        *now = round;
        *(volatile uintptr_t *)&tables[2][0] = (uintptr_t)now | 3;
        if (round % 3 == 0)
            pvops_smp_flush_range(NULL, root, IN_TURN, 1);
        else if (round % 3 == 1)
            pvops_smp_flush_space(NULL, root);
        else
            pvops_smp_flush_all(NULL);
        for (unsigned i = 1; i < cpus; i++) {
            unsigned reads = percpu[i].reads;

            /* One read may have begun before. */
            while (percpu[i].reads - reads < 2)
                __asm__ volatile("pause");
            old += percpu[i].seen != round;
        }
    }
    check("flush", old == 0, old);
}
#else
static void check_flush(unsigned cpus)
{
    (void)cpus;
    pvops_smp_flush_range(NULL, read_cr(3), 0, 1);
    pvops_smp_flush_space(NULL, read_cr(3));
    pvops_smp_flush_all(NULL);
    guest_pass("flush");
}
#endif

static void check_all(unsigned cpus)
{
    unsigned status = start_all(cpus);
    unsigned round;

    check("start", status == 0, status);
    if (status)
        return;
    check_mode(cpus);
    check_errors(cpus);
    check_ipis(cpus);
    check_flush(cpus);
    check("park", stop_all(cpus), 0);
    for (round = 0; round < ROUNDS && !status; round++)
        status = start_all(cpus) || !stop_all(cpus);
    check("again", status == 0, round);
}

void guest_main(void)
{
    unsigned cpus;

    guest_begin();
    if (guest_boot.xen_pv) {
        guest_skip("smp", "in a PV domain it is pvk's");
    } else if (!kernel_setup()) {
        guest_fail("setup", "no library");
    } else {
        pvops_irq_enable();
        cpus = pvops_smp_find(guest_boot.rsdp, found, CPUS);
        guest_text("PVLAB INFO cpus=%u\n", cpus);
        if (cpus > CPUS)
            cpus = CPUS;
        if (cpus == 1)
            guest_skip("smp", "one CPU");
        else
            check_all(cpus);
    }
    guest_end();
}
