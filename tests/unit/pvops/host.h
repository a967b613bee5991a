/* SPDX-License-Identifier: MIT */
/*
 * An embedding kernel for unit tests: memory is where it is, log lines are
 * kept, a panic ends the test unless it is expected.
 *
 * Weak: a test may bring a pvops_host_*() of its own.
 */
#ifndef HOST_H
#define HOST_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>

#include <pvops/host.h>

struct host {
    char log[4096];       /* every line, each with a newline */
    void *device;         /* what PVOPS_MAP_DEVICE gives; NULL: nothing */
    pvops_paddr mapped;   /* the last address asked for */
    void (*on_log)(void); /* called for each line */
    /* What pvops_host_rom() says; NULL: no. */
    bool (*on_rom)(const struct pvops_rom *rom);
    bool expect_panic; /* then panic_jump is taken */
    char panic[128];
    jmp_buf panic_jump;
};

extern struct host host;

void host_reset(void);

/* Whether a line of the log contains 'text'. */
bool host_logged(const char *text);

/* True if 'statement' panics. */
#define HOST_PANICS(statement)                                                 \
    (host.expect_panic = true,                                                 \
     setjmp(host.panic_jump) ? true : ((void)(statement), false))

#endif /* HOST_H */
