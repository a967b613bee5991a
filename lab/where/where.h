/* SPDX-License-Identifier: MIT */
/*
 * --where and --icount: instructions counted by a TCG plugin in QEMU.
 *
 * What QEMU must be given besides -plugin:
 *   -accel tcg,thread=single     the counters are plain additions
 *   -icount shift=0,sleep=off -rtc clock=vm
 *                                with one CPU: timer interrupts come by
 *                                instructions, not by this machine's load;
 *                                without it a sample of over 100,000
 *                                instructions does not repeat. Not with more:
 *                                Debian's Linux on two CPUs never came up
 *                                under it (QEMU 7.2, without a plugin too)
 */
#ifndef LAB_WHERE_H
#define LAB_WHERE_H

#include "config/options.h"
#include "image/image.h"
#include "report/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How the plugin tells who executes; see docs/where.md. */
enum where_mode {
    WHERE_MODE_NATIVE, /* QEMU runs the kernel itself */
    WHERE_MODE_XEN_PV, /* QEMU runs Xen, the kernel is a PV domain */
    WHERE_MODE_SVM,    /* the kernel is a guest by AMD's SVM: Xen PVH, KVM */
};

/* A sample is counted from each pass of 'from' to the next pass of 'to'. */
struct where_pair {
    uint64_t from, to;
};

enum { WHERE_WHY_BYTES = 256 };

/*
 * Resolve the Nth 'from' and 'to' of 'options' into out_pairs[N]: numbers as
 * they are (0x..., decimal), else symbols of the file 'symbols'.
 *
 * 'symbols' may be NULL; then only numbers are taken.
 *
 * Errors: false, with one sentence in 'why' that names the option: no such
 *         symbol, no file of symbols, a number out of range, as many --from
 *         as --to.
 */
bool where_pairs(const struct boot_options *options, const char *symbols,
                 struct where_pair out_pairs[OPTIONS_MAX_PLACES],
                 char why[WHERE_WHY_BYTES]);

/*
 * The value of QEMU's option -plugin: plugin 'plugin', samples into the file
 * 'out', counters into a second file, 'out' with ".live" behind it.
 *
 * 'image' is the kernel that is counted; its addresses tell a kernel linked
 * in the low half from user programs. NULL: not an ELF.
 *
 * Owns: the caller frees it.
 */
char *where_plugin(const char *plugin, const char *out, enum where_mode mode,
                   const struct image *image, const struct where_pair *pairs,
                   size_t pair_count);

/*
 * The samples of pair number 'pair', in the order in which they ended.
 *
 * May be called while QEMU runs, and after it was killed: a last line that is
 * not whole is ignored.
 *
 * Owns: the caller frees *out_samples, which is NULL if there are none.
 * Errors: false, with one sentence in 'why': the file cannot be read, is
 *         damaged, or says that the plugin could not count.
 */
bool where_samples(const char *out, size_t pair,
                   struct where_counts **out_samples, size_t *out_count,
                   char why[WHERE_WHY_BYTES]);

/*
 * All instructions from reset to the end of the run, or till now.
 *
 * Errors: as where_samples().
 */
bool where_total(const char *out, struct where_counts *out_total,
                 char why[WHERE_WHY_BYTES]);

#endif /* LAB_WHERE_H */
