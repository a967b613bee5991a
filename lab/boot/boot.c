/* SPDX-License-Identifier: MIT */
/*
 * Watch a guest: log its console, listen to its monitor, mind the time, and
 * judge it.
 */
#include "boot/boot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/args.h"
#include "base/now.h"
#include "base/stop.h"
#include "boot/inner.h"
#include "config/config.h"
#include "plan/count.h"

enum {
    CONSOLE_LIMIT_BYTES = 8 << 20,
    /* What a guest gets to power off in, once it has said all. */
    GRACE_MS = 2000,
    /* A guest that has printed nothing by then may wait for input. */
    INPUT_AFTER_S = 5,
};

struct boot *boot_open(const struct plan *plan, const char *tag,
                       const struct boot_watch *watch, struct result *result)
{
    struct boot *boot = calloc(1, sizeof(*boot));
    const struct boot_options *options = &plan->options;
    char why[WHY_BYTES];
    const char *dir;

    if (!boot)
        abort();
    boot->plan = plan;
    boot->watch = watch;
    boot->result = result;
    boot->log = boot->notes = -1;
    boot->input_open = watch->input >= 0;
    result->platform = text_new("%s", plan->name);
    if (options->expect &&
        regcomp(&boot->expect, options->expect, REG_EXTENDED | REG_NOSUB))
        abort(); /* options are checked before anything is planned */
    console_setup(&boot->console, options->expect ? &boot->expect : NULL,
                  plan->load == LOAD_XEN);
    /* Counted, a guest's time is made of instructions; gdb stops it. */
    boot->console.compare_wall =
        plan->platform && !count_wanted(options) && !options->gdb_port;
    dir = dirs_logs(options->log_dir, why);
    if (!dir) {
        boot_error(boot, "%s", why);
        return boot;
    }
    result->log = text_new("%s/%s.log", dir, tag);
    boot->notes_path = text_new("%s/%s.lab.log", dir, tag);
    boot->trouble = text_new("%s/%s.cpu.log", dir, tag);
    boot->counts = count_path(plan, dir, tag);
    boot->log = boot_log_open(boot, result->log);
    boot->notes = boot_log_open(boot, boot->notes_path);
    if (watch->before)
        boot_note(boot, "# %s\n", watch->before);
    return boot;
}

static void end_with(struct boot *boot, enum ending ending)
{
    if (!boot->over)
        boot->ending = ending;
    boot->over = true;
}

static void on_console(struct boot *boot, const struct guest_event *event)
{
    if (boot->watch->console)
        boot->watch->console(boot->watch->context, event->bytes, event->size);
    boot_log_write(boot, boot->log, boot->result->log, event->bytes,
                   event->size);
    if (console_feed(&boot->console, event->bytes, event->size) &&
        !boot->settled) {
        boot->settled = true;
        boot->settled_at = now_s();
        /* The text that a stranger's kernel was to print: enough. */
        if (boot->plan->options.expect)
            end_with(boot, ENDING_SETTLED);
    }
    if (boot->console.xen_ended)
        end_with(boot, boot->console.xen_ending);
    boot->logged += event->size;
    boot->heard_at = now_s();
    if (boot->logged > CONSOLE_LIMIT_BYTES)
        end_with(boot, ENDING_LOG_LIMIT);
}

static void tell_started(struct boot *boot)
{
    void (*call)(void *context) = boot->on_started;

    boot->on_started = NULL;
    if (call)
        call(boot->on_started_context);
}

/*
 * QEMU 7.2 greets from a thread of the monitor's own, maybe before its gdb
 * port is open; what it is asked then it answers from its main loop, when all
 * is open.
 */
static void on_monitor(struct boot *boot, struct guest *guest,
                       const struct guest_event *event)
{
    if (boot->asked && !guest->announces)
        tell_started(boot);
    monitor_feed(&boot->monitor, event->bytes, event->size);
    if (boot->monitor.answer) {
        boot->asked = true;
        guest->ops->command(guest, boot->monitor.answer);
    }
    boot->monitor.answer = NULL;
    if (boot->monitor.stopped) {
        boot_note(boot, "\n# KVM reports an internal error\n");
        end_with(boot, ENDING_LOST);
    }
}

/* TCG tells a triple fault in its report of CPU resets. */
static bool triple_fault(const struct boot *boot)
{
    FILE *file = fopen(boot->trouble, "r");
    char line[256];
    bool found = false;

    while (file && !found && fgets(line, sizeof(line), file))
        found = !strncmp(line, "Triple fault", 12);
    if (file)
        fclose(file);
    return found;
}

/* "exit N", "signal N" of a program; the rest of a domain. */
static enum ending ending_of(struct boot *boot, const char *text)
{
    static const struct {
        const char *text;
        enum ending ending;
    } domains[] = {
        { "poweroff", ENDING_POWEROFF }, { "reboot", ENDING_RESET },
        { "crash", ENDING_PANIC },       { "watchdog", ENDING_PANIC },
        { "suspend", ENDING_HALTED },    { "destroyed", ENDING_LOST },
    };

    for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
        if (!strcmp(text, domains[i].text))
            return domains[i].ending;
    }
    if (boot->plan->custom && !strcmp(text, "exit 0"))
        return ENDING_POWEROFF;
    if (!boot->monitor.ended)
        return ENDING_LOST;
    if (boot->monitor.ending == ENDING_RESET && triple_fault(boot))
        return ENDING_FAULT;
    return boot->monitor.ending;
}

/* The last whole line of diagnostics tells most about a failed start. */
static void remember(struct boot *boot, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\r')
            boot->said_used = 0;
        else if (boot->said_used < sizeof(boot->said) - 1)
            boot->said[boot->said_used++] = (char)bytes[i];
        if (boot->said_used)
            boot->said[boot->said_used] = '\0';
    }
}

static void on_ended(struct boot *boot, const struct guest_event *event)
{
    const char *text = (const char *)event->bytes;
    enum ending ending = ending_of(boot, text);

    boot_note(boot, "\n# ended: %s\n", text);
    /* QEMU refused its arguments, or died: not the kernel's doing. */
    if (ending == ENDING_LOST && !boot->settled && !boot->over)
        boot_error(boot, "%s ended unexpectedly (%s): %s",
                   boot->plan->custom ? "the launcher" : "the machine monitor",
                   text, boot->said[0] ? boot->said : "it wrote no message");
    end_with(boot, ending);
}

/* What the console has settled, the machine's loss does not change. */
static void on_failed(struct boot *boot, const char *why)
{
    boot_note(boot, "\n# failed: %s\n", why);
    if (!boot->settled)
        boot_error(boot, "%s", why);
    end_with(boot, boot->settled ? ENDING_SETTLED : ENDING_LOST);
}

/* Whoever writes without end does not fill the disk. */
static void on_log(struct boot *boot, const struct guest_event *event)
{
    size_t room = CONSOLE_LIMIT_BYTES - boot->noted;
    size_t size = event->size < room ? event->size : room;

    remember(boot, event->bytes, event->size);
    if (!room)
        return;
    boot_log_write(boot, boot->notes, boot->notes_path, event->bytes, size);
    boot->noted += size;
    if (boot->noted == CONSOLE_LIMIT_BYTES)
        boot_note(boot, "\n# %d MiB of messages: no more are kept\n",
                  CONSOLE_LIMIT_BYTES >> 20);
}

static void on_event(struct boot *boot, struct guest *guest,
                     const struct guest_event *event)
{
    switch (event->kind) {
    case GUEST_NOTHING:
        break;
    case GUEST_CONSOLE:
        on_console(boot, event);
        break;
    case GUEST_MONITOR:
        on_monitor(boot, guest, event);
        break;
    case GUEST_LOG:
        on_log(boot, event);
        break;
    case GUEST_STARTED:
        boot->started = true;
        tell_started(boot);
        boot->start = now_s();
        break;
    case GUEST_FAILED:
        on_failed(boot, (const char *)event->bytes);
        break;
    case GUEST_ENDED:
        on_ended(boot, event);
        break;
    }
}

static void pass_input(struct boot *boot, struct guest *guest, bool readable)
{
    size_t taken;
    ssize_t n;

    if (readable && !boot->input_used) {
        n = read(boot->watch->input, boot->input, sizeof(boot->input));
        if (n > 0)
            boot->input_used = (size_t)n;
        else if (n == 0 || errno != EINTR)
            boot->input_open = false;
    }
    if (!boot->input_used)
        return;
    taken = guest->ops->type(guest, boot->input, boot->input_used);
    boot->input_used -= taken;
    memmove(boot->input, boot->input + taken, boot->input_used);
}

/* As 'left', if its silence does not end it before. */
static double until_silent(struct boot *boot, double now, double left)
{
    double silent = boot->heard_at + boot->plan->silence_s - now;

    if (silent <= 0)
        end_with(boot, ENDING_SILENT);
    return silent < left ? silent : left;
}

/* Milliseconds until something is due. */
static int patience_ms(struct boot *boot)
{
    double now = now_s();
    double left = 1.0;

    if (boot->settled) {
        left = boot->settled_at + GRACE_MS / 1e3 - now;
        if (left <= 0)
            end_with(boot, ENDING_SETTLED);
    } else if (boot->plan->options.gdb_port && !boot->plan->custom &&
               !boot->plan->options.timeout_s) {
        left = 1.0; /* somebody thinks at a breakpoint */
    } else {
        left = boot->start + boot->plan->timeout_s - now;
        if (left <= 0)
            end_with(boot, ENDING_TIMEOUT);
        else if (boot->plan->silence_s && boot->console.hypervisor)
            left = until_silent(boot, now, left);
    }
    if (left > 1.0)
        left = 1.0;
    /* Input that the guest did not take yet is offered again soon. */
    if (boot->input_used && left > 0.02)
        left = 0.02;
    return left < 0 ? 0 : (int)(left * 1000) + 1;
}

static void wait_for(struct boot *boot, struct guest *guest, int timeout_ms)
{
    struct pollfd fds[GUEST_MAX_FDS + 1];
    size_t count = guest->ops->fds(guest, fds);
    /* A UART that is not set up yet loses what is typed. */
    bool heard = boot->logged || now_s() - boot->start > INPUT_AFTER_S;
    bool listen =
        boot->input_open && !boot->input_used && boot->started && heard;

    if (listen)
        fds[count] =
            (struct pollfd){ .fd = boot->watch->input, .events = POLLIN };
    if (poll(fds, count + listen, timeout_ms) < 0)
        return;
    pass_input(boot, guest, listen && fds[count].revents);
}

void boot_watch_guest(struct boot *boot, struct guest *guest)
{
    static struct guest_event event;

    boot->start = now_s();
    boot->started = !guest->announces;
    while (!boot->over && !boot->broken) {
        int timeout_ms = patience_ms(boot);

        if (stop_requested()) {
            boot_error(boot, "interrupted");
            break;
        }
        if (boot->over)
            break;
        guest->ops->next(guest, &event);
        if (event.kind == GUEST_NOTHING)
            wait_for(boot, guest, timeout_ms);
        else
            on_event(boot, guest, &event);
    }
    boot->result->seconds = now_s() - boot->start;
    guest->ops->stop(guest);
}

void boot_close(struct boot *boot)
{
    struct result *result = boot->result;
    const struct plan *plan = boot->plan;
    unsigned seconds =
        boot->ending == ENDING_SILENT ? plan->silence_s : plan->timeout_s;
    enum verdict given = result->verdict;
    char *reason = result->reason;

    result->reason = NULL;
    console_judge(&boot->console, boot->ending, seconds, result);
    if (boot->broken) {
        free(result->reason);
        result->verdict = given;
        result->reason = reason;
    }
    if (boot->counts)
        count_finish(plan, boot->counts, &boot->before, result);
    if (boot->notes >= 0)
        dprintf(boot->notes, "\n# verdict: %s%s%s\n",
                verdict_name(result->verdict), result->reason ? ": " : "",
                result->reason ? result->reason : "");
    if (boot->log >= 0)
        close(boot->log);
    if (boot->notes >= 0)
        close(boot->notes);
    if (boot->plan->options.expect)
        regfree(&boot->expect);
    console_teardown(&boot->console);
    free(boot->notes_path);
    free(boot->trouble);
    free(boot->counts);
    free(boot);
}

void boot_refuse(const struct plan *plan, struct result *result)
{
    result->platform = text_new("%s", plan->name);
    result->verdict = plan->refused;
    result->reason = text_new("%s", plan->reason);
}

void boot_on_started(struct boot *boot, void (*call)(void *context),
                     void *context)
{
    boot->on_started = call;
    boot->on_started_context = context;
}

void boot_say_gdb(struct boot *boot)
{
    char *text;

    if (!boot->watch->phase)
        return;
    text = text_new("stopped before the guest's first instruction; in gdb: "
                    "target remote 127.0.0.1:%u",
                    boot->plan->options.gdb_port);
    boot->watch->phase(boot->watch->context, text);
    free(text);
}
