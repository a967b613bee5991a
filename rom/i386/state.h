/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What a ROM knows from one call to the next: in base memory that post.S took,
 * since nobody can write to the image.
 */
#ifndef ROM_STATE_H
#define ROM_STATE_H

#include <stdbool.h>

#include "abi/kvm.h"
#include "abi/pvclock.h"
#include "abi/vmi.h"
#include "rom_abi.h"

/* CPUs that have alarms, and a clock page, of their own. */
enum { ROM_CPUS = 64, ROM_ALARMS = 2 };

/* One for each counter by which there are alarms: REAL and AVAILABLE. */
struct rom_alarm {
    uint64_t expiry; /* by its counter */
    uint32_t period; /* cycles; 0: once */
    uint32_t flags;  /* SetAlarm's, and ROM_ALARM_SET; 0: none */
};
#define ROM_ALARM_SET 0x80000000u

struct rom_cpu {
    uint32_t id;  /* APIC ID + 1; 0: this slot is free */
    uint32_t gdt; /* base of its GDT, by which it is found */
    struct rom_alarm alarms[ROM_ALARMS];
    /* clock_kvm.c: cycles are 'base' + TSC while the page has this version. */
    uint64_t base;
    uint32_t version;
    struct pvclock_wall_clock wall;
    struct pvclock_vcpu_time_info page;
    bool one_shot; /* what its APIC's timer was told last */
    bool unwired;  /* LVTT had no vector for a periodic alarm yet */
    struct kvm_steal_time steal;
};
ABI_SIZE(struct rom_cpu, 192);
/* None of what KVM writes crosses a page. */
ABI_OFFSET(struct rom_cpu, page, 64);
ABI_OFFSET(struct rom_cpu, steal, 128);

/* x * mul / 2^32, after a shift: as pvi_ticks_scale() has them. */
struct rom_factor {
    uint32_t mul;
    int8_t shift;
};

struct rom_state {
    uint32_t magic;
    uint32_t paddr;
    bool ready;   /* what rom_init() returned */
    bool ordered; /* RDTSC behind LFENCE */
    bool guarded; /* no CPU is shown less than another was */
    bool tsc_invariant;
    uint8_t apic;                       /* enum rom_apic */
    uint32_t apic_registers;            /* where the kernel maps them */
    uint64_t hz;                        /* cycles a second */
    struct rom_factor ns;               /* of cycles */
    struct rom_factor cycles;           /* of ns */
    struct rom_factor apic_ticks;       /* of ns */
    uint64_t last;                      /* cycles that somebody was shown */
    uint64_t wall_ns, wall_cycles;      /* the wall clock then */
    struct pvclock_wall_clock kvm_wall; /* as it was last asked for */
    struct rom_factor kvm_page; /* the page's, when 'hz' was made of it */
    uint32_t kvm_features;
    bool kvm_stable; /* the TSC is the same on every CPU, says KVM */
    struct rom_cpu cpus[ROM_CPUS];
};
ABI_OFFSET(struct rom_state, paddr, ROM_STATE_PADDR);
_Static_assert(offsetof(struct rom_state, cpus) % 64 == 0, "steal is aligned");
_Static_assert(sizeof(struct rom_state) <= ROM_STATE_KIB * 1024u,
               "post.S takes less than this");

extern const uint8_t rom_header[];
/* Where the state is, from the image's first byte: post.S. */
extern const volatile int32_t rom_state_delta;

/* The state; NULL: 03h was never called, or found no memory. */
struct rom_state *rom_state(void);

/* The same in a call that is only served with it. */
static inline struct rom_state *rom_state_served(void)
{
    return (struct rom_state *)((uintptr_t)rom_header +
                                (uint32_t)rom_state_delta);
}

/* This CPU's slot; NULL: there are more CPUs than slots. */
struct rom_cpu *rom_cpu(struct rom_state *state);

/* Factor for x units of 'hz' a second from ns; 'hz' is not 0. */
struct rom_factor rom_from_ns(uint64_t hz);

/* PAGE_OFFSET: what a linear address of low memory is above its physical. */
uint32_t rom_offset(const struct rom_state *state);
uint32_t rom_paddr(const struct rom_state *state, const void *va);

/*
 * The ROM's own: called by VMI_Init, with all of the state 0. Returns whether
 * the calls that are "if ready" are served.
 */
bool rom_init(struct rom_state *state);

/* The same, for a CPU that is seen for the first time, on that CPU. */
void rom_cpu_init(struct rom_state *state, struct rom_cpu *cpu);

/* For calls.S. */
uint32_t rom_init_state(void);
bool rom_ready(void);

#endif /* ROM_STATE_H */
