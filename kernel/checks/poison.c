/* SPDX-License-Identifier: MIT */
/*
 * A panic of libpvops that a self-check provokes and survives: it comes in
 * pvops_host_panic(), which does not return, and leaves it by a long jump.
 */
#include "checks/poison.h"

#include <stddef.h>

#include "core/text.h"

static void *place[5];
static bool waiting;
static const char *expected;
static volatile bool named;

void poison_caught(const char *why)
{
    if (!waiting)
        return;
    waiting = false;
    named = text_has(why, expected);
    __builtin_longjmp(place, 1);
}

bool poison_panics(void (*op)(void), const char *word)
{
    expected = word;
    named = false;
    waiting = true;
    if (!__builtin_setjmp(place))
        op();
    waiting = false;
    return named;
}
