/* SPDX-License-Identifier: MIT */
/*
 * Lines on the console, and the last one.
 *
 * A line goes out in one call, so that no line of a hypervisor's comes into
 * its middle.
 */
#include "core/log.h"

#include <pvops/console.h>
#include <pvops/irq.h>
#include <pvops/power.h>

#include "arch/cpu.h"
#include "arch/insn.h"
#include "arch/layout.h"
#include "arch/paging.h"
#include "core/cpus.h"
#include "core/text.h"

enum { LINE_BYTES = 208, MOST_CALLERS = 12 };

extern const char text_start[], text_stop[];
extern const char boot_stack[], stack_top[];

/*
 * One CPU at a time; one that writes already, in a panic, goes on, and nobody
 * waits for ever. A flush that others want waits until the text is out.
 */
void log_write(const char *text, size_t bytes)
{
    static unsigned writer; /* its index, plus 1 */
    enum { TRIES = 50000000 };
    unsigned me = cpus_count() > 1 ? this_cpu()->index + 1 : 0, before = 0;
    bool mine = false;
    uintptr_t flags;

    if (!me || __atomic_load_n(&writer, __ATOMIC_RELAXED) == me) {
        pvops_console_write(text, bytes);
        return;
    }
    flags = pvops_irq_save();
    for (unsigned i = 0; i < TRIES && !mine; i++) {
        before = 0;
        mine = __atomic_compare_exchange_n(&writer, &before, me, false,
                                           __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
        if (!mine)
            x86_pause();
    }
    pvops_console_write(text, bytes);
    if (mine)
        __atomic_store_n(&writer, 0, __ATOMIC_RELEASE);
    pvops_irq_restore(flags);
}

__attribute__((format(printf, 2, 0))) static void
write_line(const char *prefix, const char *format, va_list args)
{
    char line[LINE_BYTES];
    size_t used = 0;

    while (prefix[used]) {
        line[used] = prefix[used];
        used++;
    }
    used += text_format(line + used, sizeof(line) - 1 - used, format, args);
    line[used++] = '\n';
    log_write(line, used);
}

void log_line(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line("pvk: ", format, args);
    va_end(args);
}

void log_plain(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line("", format, args);
    va_end(args);
}

/* A process has a stack of its own, with a page below that is not mapped. */
static bool is_on_stack(uintptr_t frame, size_t bytes)
{
    pvops_paddr paddr;

    if (frame >= (uintptr_t)boot_stack && frame + bytes <= (uintptr_t)stack_top)
        return true;
    if (cpus_on_stack(frame, bytes))
        return true;
    return frame - LAYOUT_STACKS < LAYOUT_STACKS_BYTES && paging_is_set_up() &&
           paging_translate(frame, &paddr) &&
           paging_translate(frame + bytes - 1, &paddr);
}

/* Only what lies on a stack is read: the frame may be anything by now. */
void log_callers(uintptr_t frame)
{
    for (unsigned i = 0; i < MOST_CALLERS; i++) {
        const uintptr_t *at = (const uintptr_t *)frame;

        if (frame % sizeof(*at) || !is_on_stack(frame, 2 * sizeof(*at)) ||
            at[1] < (uintptr_t)text_start || at[1] >= (uintptr_t)text_stop)
            return;
        log_line("  called from %p", (void *)at[1]);
        frame = at[0];
    }
}

void panic(const char *format, ...)
{
    va_list args;

    cpus_halt_others();
    va_start(args, format);
    write_line("pvk: panic: ", format, args);
    va_end(args);
    log_callers((uintptr_t)__builtin_frame_address(0));
    pvops_console_drain();
    pvops_power_crash();
}
