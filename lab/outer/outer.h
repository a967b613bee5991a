/* SPDX-License-Identifier: MIT */
/*
 * An outer system: Debian's Linux with KVM, or Xen with Debian's Linux as
 * dom0, booted once and then asked for one guest after the other.
 */
#ifndef LAB_OUTER_H
#define LAB_OUTER_H

#include "boot/boot.h"
#include "plan/plan.h"

struct outer;

/*
 * Boot the outer system for these plans, or for as many of the first as it
 * has room for, and wait until its agent is ready. It is given the plans'
 * files and nothing else of this machine. 'tag' names its logs; 'boot_tag' is
 * that of the first boot, where --where and --icount put its counts: with them,
 * there is only one.
 *
 * Errors: NULL with a sentence in 'why'.
 */
struct outer *outer_open(enum outer_kind kind, struct plan *const *plans,
                         size_t plan_count, const char *tag,
                         const char *boot_tag, char why[WHY_BYTES]);

/*
 * Does its clock still run? Asked before each boot: seldom, and under load,
 * timers of a Linux in QEMU's software CPU stop to fire, and then every guest
 * in it would hang.
 */
bool outer_ticks(struct outer *outer);

/* Was it opened for this plan? */
bool outer_serves(const struct outer *outer, const struct plan *plan);

/* Seconds it took to get ready. */
double outer_seconds(const struct outer *outer);

/* Run one of the plans that it was opened for. */
void outer_boot(struct outer *outer, const struct plan *plan, const char *tag,
                const struct boot_watch *watch, struct result *result);

/* False once the outer system itself has ended or lost its way. */
bool outer_alive(const struct outer *outer);

/*
 * Has its QEMU ended in a guest's boot because of an assertion of its own?
 * Seldom, and from no mistake of the guest's: docs/outer.md, "Traps".
 */
bool outer_asserted(const struct outer *outer);

void outer_close(struct outer *outer);

/* "outer-kvm": the name that its logs begin with. */
const char *outer_name(enum outer_kind kind);

#endif /* LAB_OUTER_H */
