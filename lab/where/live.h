/* SPDX-License-Identifier: MIT */
/*
 * The counters as the plugin keeps them, in a file that it maps.
 *
 * QEMU is killed at the end of most runs. A mapped file needs no flushing:
 * what was counted up to the last instruction is in it.
 */
#ifndef LAB_WHERE_LIVE_H
#define LAB_WHERE_LIVE_H

#include <stdint.h>

/* "PVLWHER3", little endian. */
#define WHERE_LIVE_MAGIC UINT64_C(0x33524548574c5650)

/* Samples go to PATH, the counters to PATH with this behind it. */
#define WHERE_LIVE_SUFFIX ".live"

/* By whom, and the order of the numbers in a sample. */
enum { WHERE_USER, WHERE_KERNEL, WHERE_HYPERVISOR, WHERE_CLASSES };

/*
 * All instructions; of them, REP iterations, and those that call who is below:
 * SYSCALL, SYSENTER, VMCALL, VMMCALL.
 */
enum { WHERE_ALL, WHERE_REP, WHERE_CALLS, WHERE_KINDS };

struct where_live {
    uint64_t magic;
    /* Not 0: whatever runs now is the hypervisor's, at any address. */
    uint64_t outside;
    /* Only ever added to, by generated code; class by address alone. */
    uint64_t cell[WHERE_CLASSES][WHERE_KINDS];
    /* The cells when they were last added to 'sum'. */
    uint64_t mark[WHERE_CLASSES][WHERE_KINDS];
    uint64_t sum[WHERE_CLASSES][WHERE_KINDS];
    /* How often a guest was left for its hypervisor. */
    uint64_t exits;
};

/*
 * Add to 'sum' what the cells counted since the last time, to whom it belongs
 * while 'outside' has its present value. Called before 'outside' changes.
 */
static inline void where_live_settle(struct where_live *live)
{
    for (int i = 0; i < WHERE_CLASSES; i++) {
        int class = live->outside ? WHERE_HYPERVISOR : i;

        for (int k = 0; k < WHERE_KINDS; k++) {
            live->sum[class][k] += live->cell[i][k] - live->mark[i][k];
            live->mark[i][k] = live->cell[i][k];
        }
    }
}

#endif /* LAB_WHERE_LIVE_H */
