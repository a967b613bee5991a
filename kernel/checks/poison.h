/* SPDX-License-Identifier: MIT */
/*
 * A panic of libpvops that a self-check provokes and survives.
 */
#ifndef PVK_CHECKS_POISON_H
#define PVK_CHECKS_POISON_H

#include <stdbool.h>

/* Returns if no check waits for a panic; else goes back to it. */
void poison_caught(const char *why);

/* Call 'op'; true if it panicked, with 'word' in the reason. */
bool poison_panics(void (*op)(void), const char *word);

#endif /* PVK_CHECKS_POISON_H */
