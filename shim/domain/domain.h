/* SPDX-License-Identifier: MIT */
/*
 * The one guest, which has the machine.
 */
#ifndef SHIM_DOMAIN_DOMAIN_H
#define SHIM_DOMAIN_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen_memory.h"
#include "abi/xen_pv.h"
#include "domain/vcpu.h"

enum { MAP_MOST = 128 };

struct boot;

struct domain {
    struct shared_info *shared;
    uint64_t shared_frame;
    unsigned vcpu_count;     /* CPUs of the machine that it may have */
    bool architectural_iopl; /* VMASST_TYPE_architectural_iopl */
    uint64_t pages;          /* its frames */
    uint64_t hypercall_page;

    /* As the loader told it: what XENMEM_machine_memory_map answers. */
    struct e820_entry map[MAP_MOST];
    unsigned map_count;
    uint64_t rsdp;
};

extern struct domain domain;

/* The kernel and what else there is for it, from the loader's modules. */
struct domain_source {
    const uint8_t *kernel;
    uint64_t kernel_bytes;
    const uint8_t *initrd;
    uint64_t initrd_bytes;
    const char *cmdline;
};

/*
 * Put it together in free memory and make VCPU 0 ready to begin. What cannot
 * be, ends by boot_failed().
 */
void domain_build(const struct domain_source *source, const struct boot *boot);

/* The guest's grant table, in memory of its own (call/grant.c). */
void grant_setup(void);

/* The stubs of a page of hypercalls. */
void hypercall_page_fill(uint8_t *page);

/* What VCPUOP_initialise sets; 0, or -XEN_E*. */
int vcpu_set_context(struct vcpu *vcpu, uint64_t context);

/* A new VCPU: no handlers, no tables, its place in shared_info. */
void vcpu_reset(struct vcpu *vcpu);

/* vcpu_info is at another place from now on. */
int vcpu_move_info(struct vcpu *vcpu, uint64_t frame, uint32_t offset);

/* 0 to 3; frames show it if the guest has architectural_iopl. */
void vcpu_set_iopl(struct vcpu *vcpu, unsigned iopl);

/* VCPUOP_get_runstate_info's, and what the guest registered. */
void runstate_now(struct vcpu *vcpu, struct vcpu_runstate_info *out);
void runstate_change(struct vcpu *vcpu, int32_t state);

/* Into the guest, for the first time or again: on its own CPU. */
__attribute__((noreturn)) void vcpu_start(struct vcpu *vcpu);

/* Its CPU looks at 'up' again. */
void vcpu_wake(struct vcpu *vcpu);
/* If another has taken this VCPU down, it is, until it is not. */
void vcpu_look_down(struct vcpu *vcpu);
/* This VCPU is down, until it is not. */
__attribute__((noreturn)) void vcpu_wait_up(struct vcpu *vcpu);

#endif /* SHIM_DOMAIN_DOMAIN_H */
