/* SPDX-License-Identifier: MIT */
/*
 * A model of Xen behind the hypercalls: VCPUs' events and timers, how they are
 * begun and end, and of a PV domain descriptor tables and page tables. Of the
 * VCPUs one runs; what is sent to another waits for it.
 *
 * What real Xen answers with the end of the domain fails the test. Anything
 * can be refused: fake_xen_refuse().
 */
#ifndef FAKE_XEN_MODEL_H
#define FAKE_XEN_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "abi/xen_hvm.h"
#include "abi/xen_pv.h"

enum {
    FAKE_XEN_REFUSALS = 8,
    FAKE_XEN_PORTS = 200,
    FAKE_XEN_VCPUS = 4,
    FAKE_XEN_MOST_VCPUS = XEN_LEGACY_MAX_VCPUS + 2, /* if 'vcpus' says so */
    FAKE_XEN_FRAMES = 16,
    /* The guest's frames are machine frames far away and in another order. */
    FAKE_XEN_MFNS = 64,
    FAKE_XEN_FIRST_MFN = 0x80000,
    FAKE_XEN_SHARED_MFN = 0x7777,
};

struct fake_xen_refusal {
    unsigned number, command;
    long error;
};

struct fake_xen_frame {
    unsigned level;      /* of the table that it is; 0: none */
    unsigned references; /* to it as such: by entries, roots and its pin */
    bool pinned;
    bool descriptor; /* of a GDT */
};

/* Of a VCPU that does not run; as in struct fake_xen. */
struct fake_xen_vcpu {
    struct vcpu_info *vcpu;
    unsigned registrations;
    uint64_t timer_ns, periodic_ns;
    unsigned timer_port;
    uint8_t upcall_vector;
    bool upcall;
    uintptr_t event_handler, failsafe_handler;
};

struct fake_xen {
    unsigned running; /* VCPU */
    struct fake_xen_vcpu waiting[FAKE_XEN_MOST_VCPUS];
    unsigned vcpus; /* that the domain may have */
    bool initialised[FAKE_XEN_MOST_VCPUS], up[FAKE_XEN_MOST_VCPUS];
    int runstate[FAKE_XEN_MOST_VCPUS];
    union {
        struct vcpu_guest_context pv;
        struct vcpu_hvm_context hvm;
    } context;       /* of the last that was begun */
    unsigned resets; /* by INIT */
    /* SCHEDOP_poll found nothing pending; what comes then is the hook's. */
    void (*at_sleep)(void);
    unsigned sleeps, yields;
    /* SHUTDOWN_suspend: the tools' work, and what the hypercall returns. */
    long (*at_suspend)(unsigned long start_info_mfn);
    /* Xen is about to return to the domain, which has events unmasked. */
    void (*at_return)(void);

    struct fake_xen_refusal refused[FAKE_XEN_REFUSALS];
    unsigned refusals;
    uint32_t features;

    struct shared_info *shared; /* where the domain sees it; NULL: nowhere */
    struct vcpu_info *vcpu;
    unsigned registrations; /* of vcpu_info that worked */
    uint64_t ns_at_0;       /* Xen's clock when fake_ns() is 0 */
    uint64_t unix_ns;       /* wall clock when Xen's clock was 0 */
    uint64_t timer_ns;      /* of Xen's clock; 0: stopped */
    uint64_t periodic_ns;   /* between ticks; 0: none */
    uint64_t runnable_ns, offline_ns;
    unsigned timer_port; /* 0: not bound */
    bool bound[FAKE_XEN_PORTS];
    bool ipi[FAKE_XEN_PORTS]; /* of a VCPU: */
    unsigned port_vcpu[FAKE_XEN_PORTS];
    unsigned sends;

    uint64_t callback_irq; /* HVM_PARAM_CALLBACK_IRQ */
    unsigned latches;      /* how often it was written */
    uint8_t upcall_vector; /* by the local APIC */
    unsigned refused_vectors;
    bool upcall; /* the line has risen and no upcall has begun */

    /* PV */
    uint8_t (*memory)[4096]; /* the domain's frames, the last one missing */
    uint8_t *vcpu_page;      /* and that one */
    uint64_t m2p[FAKE_XEN_MFNS];
    struct fake_xen_frame frames[FAKE_XEN_FRAMES];
    struct trap_info traps[256];
    uintptr_t event_handler, failsafe_handler;
    uintptr_t stack, gs_base, fs_base, shared_va;
    struct callback_register syscall; /* address 0: none */
    unsigned gdt_entries;
    uint64_t user_root; /* its frame of the machine's; 0: none */
    unsigned flushes, flushed_pages, blocks, polls;
    unsigned remote_flushes; /* of several VCPUs, by one operation */
    unsigned calls;          /* hypercalls; a multicall is one */
    unsigned updates;        /* entries that mmu_update changed */
};

extern struct fake_xen fake_xen_model;

/* Xen of an HVM domain, with everything; its leaves are at 'base'. */
void fake_xen_setup(uint32_t base);

/* Hypercall 'number', with 'command' as its first argument, is -'error'. */
void fake_xen_refuse(unsigned number, unsigned command, long error);

/* From now on what is called is called by this VCPU. */
void fake_xen_run_vcpu(unsigned vcpu);

/* An event, as from another domain. */
void fake_xen_event(unsigned port);

/*
 * Let 'ns' pass. True if an upcall begins, in the way that was registered; its
 * interrupt is in service then, if it came by the APIC.
 */
bool fake_xen_wait(uint64_t ns);

/* VCPU 'vcpu' takes an INIT. */
void fake_xen_init(unsigned vcpu);

/* Xen's clock now. */
uint64_t fake_xen_ns(void);

/*
 * xen_model_pv.c: Xen of a PV domain. 'memory' is 64 KiB, aligned so; the
 * builder has mapped it at its own addresses: frame 1 is the root, 2, 3 and 4
 * the tables below it. fake_xen_start is its start_info.
 */
void fake_xen_setup_pv(uint8_t (*memory)[4096], void *vcpu_page);
extern struct start_info fake_xen_start;
uint64_t fake_xen_mfn(unsigned frame);
/* What the level-1 entry of a page of 'memory' is. */
uint64_t fake_xen_mapping(const void *page);

/* For xen_model.c: -XEN_ENOSYS if it is no hypercall of PV's. */
long fake_xen_pv_call(unsigned long number, unsigned long a1, unsigned long a2,
                      unsigned long a3);
void *fake_xen_at(uint64_t mfn, unsigned offset);
void fake_xen_write_time(void);

/* xen_model_smp.c: commands for VCPUs and events between them. */
struct vcpu_info *fake_xen_vcpu_info(unsigned vcpu);
long fake_xen_vcpu_op(unsigned long command, unsigned vcpu, void *arg);
long fake_xen_bind_ipi(struct evtchn_bind_ipi *bind);
long fake_xen_send(unsigned port);
long fake_xen_poll(const struct sched_poll *poll);
/* All of the TLBs of the VCPUs whose bit is set, or of one page. */
void fake_xen_flush(const unsigned long *vcpus, const uint64_t *va);
void fake_xen_set_pending(unsigned port);
unsigned fake_xen_new_port(void);

#endif /* FAKE_XEN_MODEL_H */
