/* SPDX-License-Identifier: MIT */
/*
 * pvk report: every feature bit, MSR, leaf and hypercall of KVM, Hyper-V,
 * VMware and Xen, claimed or not, tried. docs/vendor.md explains each row.
 *
 * A row is data; its probe says what came of it through the try_*() functions.
 * The first that is wrong holds; what no probe has looked at is "untried".
 */
#ifndef PVK_REPORT_REPORT_H
#define PVK_REPORT_REPORT_H

#include <stdarg.h>

#include <pvops/clock.h>

#include "report/machine.h"

enum report_kind {
    REPORT_CLAIM, /* what several claims are together */
    REPORT_LEAF,
    REPORT_BIT,
    REPORT_MSR,
    REPORT_CALL,
};

enum report_verdict {
    REPORT_UNTRIED, /* cannot be tried here, or not without harm */
    REPORT_RIGHT,
    REPORT_WRONG,
    REPORT_DEARER,    /* right, and costs more than the native way */
    REPORT_ABSENT,    /* not claimed, not served */
    REPORT_UNCLAIMED, /* served, not claimed */
    REPORT_VERDICTS,
};

enum { EAX, EBX, ECX, EDX };

/* A bit of a leaf relative to the interface's first; 0: the signature. */
typedef uint32_t report_bit;
#define BY(leaf, reg, bit)                                                     \
    (0x80000000u | (uint32_t)(leaf) << 16 | (uint32_t)(reg) << 8 |             \
     (uint32_t)(bit))

/* Not CPUID's, but what the interface itself calls features. */
#define REPORT_FEATURE_LEAF 0x7f

struct report_try;

struct report_row {
    const char *name;
    uint8_t kind; /* enum report_kind */
    bool used;    /* by libpvops */
    /*
     * LEAF: relative to the first; its subleaf is 'number'. BIT: report_bit.
     * MSR, CALL: number; a command of a CALL, plus 1, from bit 16 on.
     */
    uint32_t where;
    /*
     * MSR, CALL: the bits that claim it. BIT: those that it makes no sense
     * without.
     */
    report_bit by[2];
    /* NULL: an MSR is read, anything else is not tried. */
    void (*probe)(struct report_try *try);
    const char *why; /* not to be tried, or how the row is named elsewhere */
};

struct report_interface {
    const char *name;
    const char *signature; /* 12 bytes, NULs behind a shorter one */
    enum pvops_hypervisor hypervisor;
    const struct report_row *rows;
    unsigned count;
    /* Bits of 'features' are not CPUID's; NULL: they are. */
    bool (*bit)(uint32_t base, report_bit bit);
    uint32_t least_leaves; /* the maximum leaf must be so far behind */
};

extern const struct report_interface report_kvm, report_hyperv, report_vmware,
    report_xen;

/* One row being judged. */
struct report_try {
    const struct report_interface *interface;
    const struct report_row *row;
    uint32_t base, max_leaf;
    bool claimed;
    enum report_verdict verdict;
    bool said;
    uint64_t ticks, native; /* TSC ticks; 0: not counted */
    char how[136];
};

/* Of a probe. What nobody claims is not wrong, but served without its bit. */
__attribute__((format(printf, 2, 3))) void try_wrong(struct report_try *try,
                                                     const char *format, ...);
__attribute__((format(printf, 2, 3))) void try_right(struct report_try *try,
                                                     const char *format, ...);
__attribute__((format(printf, 2, 3))) void try_untried(struct report_try *try,
                                                       const char *format, ...);
/* It answers though not claimed; it does not, and is not claimed. */
__attribute__((format(printf, 2, 3))) void
try_unclaimed(struct report_try *try, const char *format, ...);
void try_absent(struct report_try *try);
/*
 * Both ways, cheapest of 16 rounds. If the first needs more than twice as many
 * ticks the row is dearer than native.
 */
void try_cost(struct report_try *try, void (*way)(void), void (*native)(void));

/* Whether the interface shows this bit. */
bool try_has(const struct report_try *try, report_bit bit);
/* A leaf relative to the first; zeroes behind the maximum. */
void try_leaf(const struct report_try *try, uint32_t leaf, uint32_t subleaf,
              uint32_t out[4]);

/* Reads; if it is claimed a fault is wrong, if it is not an answer is said. */
bool try_read(struct report_try *try, uint32_t msr, uint64_t *out_value);
/* The same by storing; false: it faulted, and that was said. */
bool try_write(struct report_try *try, uint32_t msr, uint64_t value);

/* Probes that several rows have. */
void probe_msr(struct report_try *try);     /* read it */
void probe_same(struct report_try *try);    /* read it, store the same */
void probe_gated(struct report_try *try);   /* read each MSR of the bit's */
void probe_untried(struct report_try *try); /* row->why says why not */
void probe_timing(struct report_try *try);  /* leaf +0x10 */
void probe_signature(struct report_try *try);
void probe_leaf(struct report_try *try); /* show its words */

/*
 * What the report believes of the TSC: measured by a device, if there is one,
 * else what the probe chose. 0: unknown.
 */
extern struct report_clock {
    uint64_t tsc_hz;
    const char *source;
} report_clock;
extern const struct pvops_info *report_info;

/* Deviation in ppm, 1000000 at most; 'from' is not 0. */
uint32_t report_ppm(uint64_t value, uint64_t from);
/* Wrong if 'hz' is 0 or over 1000 ppm away; says which. */
bool try_tsc_hz(struct report_try *try, uint64_t hz, const char *name);
/*
 * Wrong if a counter of 'hz' ticks a second, told as 'name', steps back or goes
 * on otherwise than the TSC. Takes 20 ms.
 */
typedef bool report_read(uint64_t *out_value);
bool try_in_step(struct report_try *try, report_read *read, uint32_t hz,
                 const char *name);
/* A value and the TSC at one time, as near as can be had; false: unreadable. */
bool report_pair(report_read *read, uint64_t *out_value, uint64_t *out_tsc);
/* TSC ticks of this many microseconds. */
uint64_t report_ticks(uint32_t us);
void report_spin(uint32_t us);
/* a * b >> shift, 64 <= shift + significant bits. */
uint64_t report_scale(uint64_t a, uint64_t b, unsigned shift);

/*
 * eoi.c: with a word that the host has been told of. 'promised': never to set
 * it is wrong.
 */
void try_eoi_word(struct report_try *try, volatile uint32_t *word,
                  bool promised);

/* stale.c: on CPU 'cpu', 0 for this one. 'kept': it was used once more. */
struct report_stale {
    unsigned cpu;
    bool kept;
    const void *page;
};
void report_stale_begin(struct report_stale *stale, unsigned cpu);
/* 'what' it answered; wrong if a read finds what was there before. */
void report_stale_judge(struct report_try *try,
                        const struct report_stale *stale, const char *what);

/* pvclock.c: what KVM and Xen write alike. */
struct report_pvclock {
    uint32_t version, pad;
    uint64_t tsc_timestamp, system_time;
    uint32_t mul;
    int8_t shift;
    uint8_t flags, unused[2];
};
/* Steady, with the TSC's frequency, in step with the TSC. */
bool report_pvclock_judge(struct report_try *try,
                          const volatile struct report_pvclock *page);
bool report_pvclock_ns(const volatile struct report_pvclock *page,
                       uint64_t *out_ns);

/* run.c: everything, and the lines of docs/console.md. */
enum report_form {
    REPORT_WHOLE, /* JSON lines, then the table */
    REPORT_TRACE, /* and each row's name before it is tried */
    REPORT_LINES, /* without the table, which says the same */
};
/* False if something is wrong. */
bool report_run(const struct pvops_info *info, enum report_form form);
/* For tests: of the run before. */
extern struct report_try report_results[];
extern unsigned report_result_count;

/* print.c: one row as a JSON line, and as lines of the table. */
enum { REPORT_LINE = 512, REPORT_COLUMNS = 80 };
void report_print_json(const struct report_try *try);
void report_print_table(const struct report_try *results, unsigned count);
const char *report_verdict_name(enum report_verdict verdict);
/* Where the report's lines go; pvk's console, or a test's. */
void report_write(const char *text, size_t length);

/* From main.c, once: measures, prints, counts its verdicts. */
void report(void);

#endif /* PVK_REPORT_REPORT_H */
