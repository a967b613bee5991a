/* SPDX-License-Identifier: MIT */
/*
 * The five verdicts. Each one's value is pvlab's exit status for it, and of
 * several the largest is the worst.
 *
 * Source: Xen Test Framework's report.h, whose values these are.
 */
#ifndef LAB_BASE_VERDICT_H
#define LAB_BASE_VERDICT_H

enum verdict {
    VERDICT_PASS = 0,
    VERDICT_SKIP = 3,  /* could not run here, for a stated reason */
    VERDICT_ERROR = 4, /* the test or the lab is wrong */
    VERDICT_FAIL = 5,  /* the kernel or the hypervisor is wrong */
    VERDICT_CRASH = 6, /* no verdict was seen; only the lab can say this */
};

/* Exit status for wrong usage: no boot was tried. */
enum { EXIT_USAGE = 2 };

/* "PASS" for VERDICT_PASS; never NULL. */
const char *verdict_name(enum verdict verdict);

/* The worse of two. */
enum verdict verdict_worst(enum verdict a, enum verdict b);

#endif /* LAB_BASE_VERDICT_H */
