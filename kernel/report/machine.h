/* SPDX-License-Identifier: MIT */
/*
 * What the report does to the machine: one function for each thing that may go
 * wrong, none of which ends the guest. machine.c does it on pvk; the report's
 * unit tests put a model in its place.
 */
#ifndef PVK_REPORT_MACHINE_H
#define PVK_REPORT_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* EAX, EBX, ECX, EDX. In a Xen PV domain Xen's own answers. */
void machine_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4]);
uint64_t machine_tsc(void);

/* A Xen PV domain: hypercalls and CPUID alone, no MSR, port or interrupt. */
bool machine_is_xen_pv(void);
unsigned machine_cpus(void);

/* False: the instruction faulted. */
bool machine_rdmsr(uint32_t msr, uint64_t *out_value);
bool machine_wrmsr(uint32_t msr, uint64_t value);

/* KVM's convention: number and four arguments, a signed result. */
bool machine_kvm(unsigned number, const uintptr_t args[4], long *out_result);
/* Xen's: by the instruction that this kind of domain has. */
bool machine_xen(unsigned number, const uintptr_t args[4], long *out_result);
/*
 * Hyper-V's, through the hypercall page: control, then addresses of input and
 * output or, with bit 16 of control, the input itself. Without a page false.
 */
bool machine_has_hyperv_page(void);
bool machine_hyperv(uint64_t control, uint64_t input, uint64_t output,
                    uint64_t *out_result);

enum machine_vmware { MACHINE_PORT, MACHINE_VMCALL, MACHINE_VMMCALL };
/* EAX, EBX, ECX, EDX; by a port EDX is the port, else 0. */
bool machine_vmware(enum machine_vmware way, uint32_t r[4]);

/* As the hypervisor is told of an address. */
uint64_t machine_paddr(const void *address);

/*
 * Interrupts at MACHINE_VECTOR and MACHINE_VECTOR_2, counted. Each ends as
 * 'machine_eoi' says.
 */
enum { MACHINE_VECTOR = 0x68, MACHINE_VECTOR_2 = 0x69 };
enum machine_eoi {
    MACHINE_EOI_APIC, /* the local APIC's register */
    MACHINE_EOI_MSR,  /* Hyper-V's */
    MACHINE_EOI_WORD, /* KVM's bit, if it is set: then there is no EOI */
    MACHINE_EOI_AUTO, /* by itself */
};
extern enum machine_eoi machine_eoi;
/* Of MACHINE_EOI_WORD, and how often its bit was set. */
extern volatile uint32_t *machine_eoi_word;
extern volatile unsigned machine_eoi_words;
extern volatile unsigned machine_count[2];

/*
 * Interrupts are on until both counts together are 'count' or more, or 'ticks'
 * of the TSC are over. True in the first case.
 */
bool machine_wait(unsigned count, uint64_t ticks);

/* The local APIC's registers, by offset; false: there is none. */
bool machine_apic_read(unsigned offset, uint32_t *out_value);
bool machine_apic_write(unsigned offset, uint32_t value);
/* Interrupt this CPU by the APIC's ICR. */
bool machine_apic_self(unsigned vector);
uint32_t machine_apic_id(void);

/*
 * machine_other.c: a CPU that waits for work; 0: there is none, or it has been
 * sent to sleep and did not wake up. Its APIC id.
 */
unsigned machine_other(void);
uint32_t machine_apic_of(unsigned cpu);
/* An MSR there; it must not fault. */
struct machine_msr {
    uint32_t msr;
    uint64_t value;
};
void machine_rdmsr_on(unsigned cpu, struct machine_msr *msr);
/* It sleeps, interrupts off; whether it woke up, both within 'ticks'. */
bool machine_sleeps(unsigned cpu, uint64_t ticks);
bool machine_is_awake(uint64_t ticks);

/*
 * machine_stale.c: a page whose translation this CPU, and 'cpu' if that is not
 * 0, has used; since then its entry names another page, and nobody has flushed.
 * NULL: there is no memory for it.
 */
const void *machine_stale(unsigned cpu);
/* Whether a read through it, there (0: here), finds the page of now. */
bool machine_is_fresh(unsigned cpu);
/* Where nothing is mapped: NULL may be, on a PC the memory at 0 is. */
const void *machine_nowhere(void);

/* pvk's own deadline again: a probe has taken the timer, or its event. */
void machine_rearm(void);

/* Xen's pages; NULL if the library has none. */
volatile void *machine_xen_shared(void);
volatile void *machine_xen_vcpu(void);
/* VIRQ_TIMER's port; 0: none. */
unsigned machine_xen_timer(void);

/* Hyper-V's message page that is in use already, or NULL. */
void *machine_hyperv_messages(void);

#endif /* PVK_REPORT_MACHINE_H */
