/* SPDX-License-Identifier: MIT */
/*
 * What one boot came to.
 */
#ifndef LAB_REPORT_RESULT_H
#define LAB_REPORT_RESULT_H

#include "base/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Instructions executed, split by who executed them. */
struct where_counts {
    uint64_t user;
    uint64_t kernel;
    uint64_t hypervisor;
    /* Of the above, iterations of REP string instructions. */
    uint64_t rep_user;
    uint64_t rep_kernel;
    uint64_t rep_hypervisor;
    /* And calls of who is below: a kernel's are hypercalls. */
    uint64_t calls_user;
    uint64_t calls_kernel;
    uint64_t calls_hypervisor;
    /* How often a guest by SVM was left; 0 on native and xen_pv. */
    uint64_t exits;
};

/* --where: what was counted between one --from and its --to. */
struct where_samples {
    /* As they were given; both NULL: all that the guest executed. */
    char *from, *to;
    struct where_counts *list; /* one for each time from 'from' to 'to' */
    size_t count;              /* 0: never passed */
};

/* One check of the guest's: a line PVLAB <VERDICT> <name> [reason]. */
struct check {
    enum verdict verdict;
    char *name;
    char *reason; /* NULL: none given */
};

struct result {
    char *platform;   /* "kvm", "hyperv~gen2" */
    char *kernel;     /* which of several; NULL: there is one */
    char *image;      /* SHA-256 of its file when it was booted; NULL */
    char *hypervisor; /* as the guest saw it; NULL: it did not say */
    char *backend;    /* NULL: the guest did not say */
    enum verdict verdict;
    char *reason; /* one sentence without a full stop; NULL only on PASS */
    unsigned passed, failed, skipped;
    double setup_seconds; /* outer system's boot, shared; 0: none */
    double seconds;       /* this boot */
    char *log;            /* path of the kept console log; NULL: no boot */
    unsigned repeat;      /* 1 .. N of --repeat N; 0: not repeated */

    struct check *checks;
    size_t check_count;

    /* --icount: instructions of the whole run; 0: not counted. */
    uint64_t instructions;
    /* --where: one entry a pair, or a single one without --from and --to. */
    struct where_samples *where;
    size_t where_count; /* 0: not counted */
};

/* A run of pvlab as the reports show it. */
struct report {
    const char *kernel_path;
    char kernel_sha256[65]; /* "" if the kernel could not be read */
    const struct result *results;
    size_t result_count;
};

/* Nothing was counted after all. */
void result_forget_where(struct result *result);

/* Frees what the result owns, not the struct itself. */
void result_release(struct result *result);

#endif /* LAB_REPORT_RESULT_H */
