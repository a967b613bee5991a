/* SPDX-License-Identifier: MIT */
/*
 * Outer systems: assembled, booted, served.
 */
#include "outer/outer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/args.h"
#include "base/child.h"
#include "base/now.h"
#include "base/plain_name.h"
#include "base/stop.h"
#include "outer/gdb_domain.h"
#include "outer/guest_nested.h"
#include "outer/payload.h"
#include "outer/qemu.h"
#include "outer/xl_config.h"
#include "plan/count.h"
#include "platform/cache.h"
#include "platform/outer_list.h"
#include "platform/tsc.h"

enum {
    /* 15 s is what the slowest takes on a busy machine. */
    READY_LIMIT_S = 180,
    PONG_LIMIT_S = 5, /* for 20 ms of sleep */
};

/* A boot that it was opened for. */
struct served {
    const struct plan *plan;
    struct qemu_files files; /* as they are called inside */
    bool done;
};

struct outer {
    enum outer_kind kind;
    struct child qemu;
    struct agent_link link;
    struct payload payload;
    char *initramfs, *console;
    char *counts; /* NULL: nothing is counted */
    struct served *boots;
    size_t boot_count;
    double seconds;
    bool asserted;
};

const char *outer_name(enum outer_kind kind)
{
    static const char *const names[OUTER_COUNT] = {
        [OUTER_NONE] = "outer",
        [OUTER_KVM] = "outer-kvm",
        [OUTER_KVM_UEFI] = "outer-kvm-uefi",
        [OUTER_XEN_PV] = "outer-xen_pv",
        [OUTER_XEN_PVH] = "outer-xen_pvh",
    };

    return names[kind];
}

double outer_seconds(const struct outer *outer)
{
    return outer->seconds;
}

bool outer_alive(const struct outer *outer)
{
    return outer->link.fd >= 0;
}

bool outer_asserted(const struct outer *outer)
{
    return outer->asserted;
}

/* The first that was not run yet, or the number of all. */
static size_t next_boot(const struct outer *outer, const struct plan *plan)
{
    size_t i;

    for (i = 0; i < outer->boot_count; i++) {
        if (outer->boots[i].plan == plan && !outer->boots[i].done)
            break;
    }
    return i;
}

bool outer_ticks(struct outer *outer)
{
    double end = now_s() + PONG_LIMIT_S;

    agent_link_command(&outer->link, "ping");
    while (outer_alive(outer) && now_s() < end && !stop_requested()) {
        struct pollfd fd = { .fd = outer->link.fd, .events = POLLIN };

        if (!agent_link_next(&outer->link)) {
            poll(&fd, 1, 200);
            continue;
        }
        if (outer->link.reader.channel == AGENT_CONTROL &&
            outer->link.reader.size == 4 &&
            !memcmp(outer->link.reader.payload, "pong", 4))
            return true;
    }
    return false;
}

bool outer_serves(const struct outer *outer, const struct plan *plan)
{
    return next_boot(outer, plan) < outer->boot_count;
}

/* The domain configurations, one for each boot. */
static void pack_configs(struct outer *outer, struct newc *newc)
{
    for (size_t i = 0; i < outer->boot_count; i++) {
        const struct served *boot = &outer->boots[i];
        char *name, *text;

        if (boot->plan->platform->kind != PLATFORM_DOMU)
            continue;
        text = xl_config(boot->plan, &boot->files);
        name = text_new("boot/cfg%zu", i);
        newc_bytes(newc, name, 0644, text, strlen(text));
        free(name);
        free(text);
    }
}

/* As many of the plans as there is room for; refused ones need none. */
static void take_in(struct outer *outer, struct plan *const *plans,
                    size_t plan_count)
{
    outer->boots = calloc(plan_count, sizeof(*outer->boots));
    if (!outer->boots)
        abort();
    for (size_t i = 0; i < plan_count; i++) {
        struct served *boot = &outer->boots[outer->boot_count];

        if (plans[i]->refused != VERDICT_PASS)
            continue;
        if (!payload_add(&outer->payload, plans[i], &boot->files))
            break;
        boot->plan = plans[i];
        outer->boot_count++;
    }
}

static bool pack(struct outer *outer, char why[WHY_BYTES])
{
    struct newc *newc;
    bool good;

    newc = newc_open(outer->initramfs, why);
    if (!newc)
        return false;
    good = outer_list_pack(outer->kind, newc, why);
    good = good && payload_pack(&outer->payload, newc, why);
    pack_configs(outer, newc);
    return newc_close(newc, why) && good;
}

/* The largest guest's. */
static unsigned guest_mem_mib(const struct outer *outer)
{
    unsigned mem_mib = 0;

    for (size_t i = 0; i < outer->boot_count; i++) {
        if (outer->boots[i].plan->mem_mib > mem_mib)
            mem_mib = outer->boots[i].plan->mem_mib;
    }
    return mem_mib;
}

/* The last line of what QEMU or the outer console said, for 'why'. */
static void keep_last(const char *line, char *text, size_t size)
{
    int length = (int)strcspn(line, "\r\n");

    /* Said at each start, and never the cause. */
    if (length && !strstr(line, "TCG doesn't support requested feature"))
        snprintf(text, size, "%.*s", length, line);
}

static void last_words(struct outer *outer, char *text, size_t size)
{
    char said[4096], line[256];
    char *rest = said, *part;
    FILE *file;
    ssize_t n = read(outer->qemu.error, said, sizeof(said) - 1);

    text[0] = '\0';
    said[n < 0 ? 0 : n] = '\0';
    while ((part = strsep(&rest, "\n")))
        keep_last(part, text, size);
    if (text[0])
        return;
    file = fopen(outer->console, "re");
    while (file && fgets(line, sizeof(line), file))
        keep_last(line, text, size);
    if (file)
        fclose(file);
}

static bool wait_ready(struct outer *outer, char why[WHY_BYTES])
{
    double end = now_s() + READY_LIMIT_S;
    const char *what = NULL;
    char words[260];

    while (!what) {
        struct pollfd fds[2] = {
            { .fd = outer->link.fd, .events = POLLIN },
            { .fd = outer->qemu.pidfd, .events = POLLIN },
        };

        if (agent_link_next(&outer->link)) {
            if (outer->link.reader.channel == AGENT_CONTROL &&
                outer->link.reader.size == 5 &&
                !memcmp(outer->link.reader.payload, "ready", 5))
                return true;
            continue;
        }
        if (stop_requested()) {
            snprintf(why, WHY_BYTES, "interrupted");
            return false;
        }
        if (now_s() > end)
            what = "is not ready in time";
        else if (fds[1].revents || outer->link.fd < 0)
            what = "ended before it was ready";
        else if (poll(fds, 2, 200) > 0 && fds[1].revents)
            what = "ended before it was ready";
    }
    last_words(outer, words, sizeof(words));
    snprintf(why, WHY_BYTES,
             "the outer system %s (\"%.150s\"); its console is "
             "in %.200s",
             what, words, outer->console);
    return false;
}

struct outer *outer_open(enum outer_kind kind, struct plan *const *plans,
                         size_t plan_count, const char *tag,
                         const char *boot_tag, char why[WHY_BYTES])
{
    struct outer *outer = calloc(1, sizeof(*outer));
    const char *temp = dirs_temp(why);
    const char *logs = dirs_logs(plans[0]->options.log_dir, why);
    struct outer_machine machine = { .kind = kind };
    struct args args = { 0 };
    int pair[2] = { -1, -1 };
    double start = now_s();
    struct tsc_mark tsc;
    bool good = false;

    if (!outer)
        abort();
    tsc_mark(&tsc);
    outer->kind = kind;
    take_in(outer, plans, plan_count);
    outer->link.fd = -1;
    outer->qemu =
        (struct child){ .pidfd = -1, .in = -1, .out = -1, .error = -1 };
    if (!temp || !logs)
        goto out;
    outer->initramfs = text_new("%s/%s.cpio", temp, tag);
    outer->console = text_new("%s/%s.log", logs, tag);
    outer->counts = count_path(plans[0], logs, boot_tag);
    if (!pack(outer, why))
        goto out;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
        snprintf(why, WHY_BYTES, "cannot make a socket: %s", strerror(errno));
        goto out;
    }
    machine.kernel = plain_name(cache_vmlinux(), why);
    machine.initramfs = plain_name(outer->initramfs, why);
    if (!machine.kernel || !machine.initramfs) {
        close(pair[0]);
        close(pair[1]);
        goto out;
    }
    /* Counted, a tick is an instruction, and Linux finds that out right. */
    if (!outer->counts)
        machine.tsc_khz = tsc_khz_since(&tsc);
    machine.first = outer->boots[0].plan;
    machine.disks = &outer->payload.disks;
    machine.guest_mem_mib = guest_mem_mib(outer);
    machine.console = outer->console;
    machine.counts = outer->counts;
    machine.agent_fd = pair[1];
    outer_qemu(&args, &machine);
    if (!child_start(&outer->qemu, args.v, -1, &pair[1], 1)) {
        snprintf(why, WHY_BYTES, "cannot start %s: %s", args.v[0],
                 strerror(errno));
        close(pair[0]);
        close(pair[1]);
        goto out;
    }
    close(pair[1]);
    agent_link_open(&outer->link, pair[0]);
    fcntl(outer->qemu.error, F_SETFL,
          fcntl(outer->qemu.error, F_GETFL) | O_NONBLOCK);
    good = wait_ready(outer, why);
    outer->seconds = now_s() - start;
out:
    args_free(&args);
    /* QEMU has read it. */
    if (outer->initramfs)
        unlink(outer->initramfs);
    if (good)
        return outer;
    outer_close(outer);
    return NULL;
}

static void tell_agent(struct outer *outer, struct boot *boot,
                       const struct plan *plan)
{
    struct args args = { 0 };
    size_t index = next_boot(outer, plan);
    bool sent = true;

    outer->boots[index].done = true;
    if (plan->platform->kind == PLATFORM_DOMU) {
        boot_note(boot, "# xl create /boot/cfg%zu\n", index);
        sent = agent_link_command(&outer->link, "domain%s /boot/cfg%zu",
                                  plan->options.gdb_port ? "-gdb" : "", index);
    } else {
        qemu_nested(&args, plan, &outer->boots[index].files);
        boot_note_command(boot, &args);
        for (size_t i = 0; sent && i < args.count; i++)
            sent = agent_link_command(&outer->link, "arg %s", args.v[i]);
        sent = sent && agent_link_command(&outer->link, "run");
        args_free(&args);
    }
    if (!sent)
        boot_error(boot, "the outer system does not take its orders");
}

void outer_boot(struct outer *outer, const struct plan *plan, const char *tag,
                const struct boot_watch *watch, struct result *result)
{
    struct boot *boot = boot_open(plan, tag, watch, result);
    struct gdb_domain paused = { &outer->link, boot, plan };
    bool domain = plan->platform->kind == PLATFORM_DOMU;
    struct guest_nested nested;

    if (watch->phase)
        watch->phase(watch->context, "booting");
    if (domain && plan->options.gdb_port)
        boot_on_started(boot, gdb_domain_stop, &paused);
    if (!guest_nested_setup(&nested, &outer->link, &outer->qemu,
                            domain ? 0 : plan->options.gdb_port)) {
        boot_error(boot, "cannot listen on 127.0.0.1:%u for gdb: %s",
                   plan->options.gdb_port, strerror(errno));
    } else {
        /* Before the guest exists: its instructions are all behind this. */
        boot_count_from_now(boot);
        if (!boot_is_broken(boot)) {
            tell_agent(outer, boot, plan);
            if (plan->options.gdb_port && !domain)
                boot_say_gdb(boot);
            boot_watch_guest(boot, &nested.guest);
            outer->asserted = nested.asserted;
        }
    }
    boot_close(boot);
}

void outer_close(struct outer *outer)
{
    /* Nothing in it is worth an orderly end. */
    agent_link_close(&outer->link);
    child_stop(&outer->qemu);
    payload_free(&outer->payload);
    free(outer->initramfs);
    free(outer->console);
    free(outer->counts);
    free(outer->boots);
    free(outer);
}
