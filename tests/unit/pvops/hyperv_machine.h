/* SPDX-License-Identifier: MIT */
/*
 * A kernel on the model's Hyper-V, set up through the library's own calls.
 */
#ifndef HYPERV_MACHINE_H
#define HYPERV_MACHINE_H

#include <pvops/pvops.h>

#include "hyperv_model.h"
#include "host.h"
#include "pvtest.h"

#include "abi/hyperv_hypercall.h"

enum { DEADLINE_VECTOR = 0x40, EVENT_VECTOR = 0x41, MS = 1000000 };

/* Every bit of the model's but direct timers. */
#define EDX_NO_DIRECT (FAKE_HV_EDX & ~HV_STIMER_DIRECT_MODE_AVAILABLE)

struct machine {
    struct pvops_resources yours;
    struct pvops_cpu_options cpu_options;
    bool no_pages;
    const char *backend;
    struct fake_hyperv_msrs before; /* setup */
};

extern struct machine machine;
extern struct pvops_cpu machine_cpu;
/* The library's four, and two of a driver's. */
extern uint8_t machine_pages[PVOPS_SETUP_PAGES][4096];
extern uint8_t machine_drivers[2][4096];

/* A machine of these features; nothing of the library has run. */
void machine_reset(uint32_t eax, uint32_t edx, uint32_t hints);

/* probe, setup, cpu_setup; the first status that is not PVOPS_OK. */
enum pvops_status machine_start(void);

/* machine_reset() without hints, and machine_start() must be well. */
void machine_run(uint32_t eax, uint32_t edx);

/* A deadline in 5 ms: not early, reported once, acknowledged. */
void machine_deadline(void);

/* Tear down: what is not the clock's is as machine_start() found it. */
void machine_stop(void);

#endif /* HYPERV_MACHINE_H */
