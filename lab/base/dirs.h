/* SPDX-License-Identifier: MIT */
/*
 * The folders that pvlab reads and writes.
 */
#ifndef LAB_BASE_DIRS_H
#define LAB_BASE_DIRS_H

#include <stdbool.h>
#include <stddef.h>

enum { WHY_BYTES = 512 };

/*
 * $PVLAB_CACHE, or pvlab below $XDG_CACHE_HOME or ~/.cache. Never NULL.
 *
 * Without any of these and HOME: below /tmp/pvlab-UID. Anybody can make a
 * folder of that name before us; dirs_cache_safe() says whether it is ours.
 */
const char *dirs_cache(void);

/*
 * True if nobody else can have put there what dirs_cache() holds, or will:
 * always if the environment names it. Makes /tmp/pvlab-UID, mode 0700.
 *
 * Errors: false, with a sentence in 'why'.
 */
bool dirs_cache_safe(char why[WHY_BYTES]);

/* What was built with pvlab: ../libexec/pvlab beside the folder of pvlab. */
const char *dirs_libexec(void);

/*
 * A folder of this run's own below $TMPDIR or /tmp, mode 0700, made at the
 * first call and removed by dirs_remove_temp(). NULL with 'why' if it cannot
 * be made.
 */
const char *dirs_temp(char why[WHY_BYTES]);
void dirs_remove_temp(void);

/*
 * Where this run keeps its logs: 'wanted', or pvlab/DATE-TIME-PID below
 * $XDG_STATE_HOME or ~/.local/state, or below /tmp/pvlab-UID as for
 * dirs_cache(), if that is ours. Made at the first call; 'wanted' counts only
 * then.
 */
const char *dirs_logs(const char *wanted, char why[WHY_BYTES]);

/* mkdir -p. False with errno set. */
bool dirs_make(const char *path);

/* rm -r, without following links. Missing is fine. */
void dirs_remove(const char *path);

#endif /* LAB_BASE_DIRS_H */
