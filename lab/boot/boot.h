/* SPDX-License-Identifier: MIT */
/*
 * One boot, watched from its start to its verdict.
 */
#ifndef LAB_BOOT_H
#define LAB_BOOT_H

#include "base/args.h"
#include "boot/guest.h"
#include "plan/plan.h"
#include "report/result.h"

/* Who wants to see the boot while it goes on; each may be NULL. */
struct boot_watch {
    void *context;
    /* Console bytes as they come. */
    void (*console)(void *context, const uint8_t *bytes, size_t size);
    /* "starting the outer system", "booting": what goes on now. */
    void (*phase)(void *context, const char *text);
    int input; /* descriptor to read the guest's input from; -1: none */
    /* A line that the boot's second log begins with; NULL: none. */
    const char *before;
};

/*
 * Fill in 'result' for a plan that is refused, or run it: a guest that was
 * started is watched until its verdict is settled, then stopped. 'tag'
 * names its log files: "kvm", "kvm.2".
 */
void boot_refuse(const struct plan *plan, struct result *result);
void boot_direct(const struct plan *plan, const char *tag,
                 const struct boot_watch *watch, struct result *result);

/* The same for the launcher of a platform of the user's own. */
void boot_custom(const struct plan *plan, const char *tag,
                 const struct boot_watch *watch, struct result *result);

/* The part after a guest's start; used by boot_direct() and the outer's. */
struct boot;
struct boot *boot_open(const struct plan *plan, const char *tag,
                       const struct boot_watch *watch, struct result *result);
/* How it is run, for that log: a command line. */
void boot_note_command(struct boot *boot, const struct args *args);
/* Tell the user that gdb can come. */
void boot_say_gdb(struct boot *boot);
/*
 * To be called once a guest that announces itself has started; of one that
 * does not, once its QEMU has opened all that it was told to, gdb's port too.
 */
void boot_on_started(struct boot *boot, void (*call)(void *context),
                     void *context);
/* Has boot_error() been called? */
bool boot_is_broken(const struct boot *boot);
/* A line for the boot's second log: how it was run, what QEMU said. */
__attribute__((format(printf, 2, 3))) void boot_note(struct boot *boot,
                                                     const char *format, ...);
/* The path that QEMU's reports of CPU resets go to. */
const char *boot_trouble(const struct boot *boot);
/* count_path() of this boot; NULL: nothing is counted. */
const char *boot_counts(const struct boot *boot);
/*
 * The machine runs already, the guest does not: what was executed before is
 * not counted.
 */
void boot_count_from_now(struct boot *boot);
void boot_watch_guest(struct boot *boot, struct guest *guest);
/* Judge, close the logs, free. */
void boot_close(struct boot *boot);
/* The boot could not be started: ERROR with this sentence. */
__attribute__((format(printf, 2, 3))) void boot_error(struct boot *boot,
                                                      const char *format, ...);

#endif /* LAB_BOOT_H */
