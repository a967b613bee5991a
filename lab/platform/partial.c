/* SPDX-License-Identifier: MIT */
/*
 * The flags of partial hypervisors, and the platforms made of them.
 *
 * Source: QEMU 7.2 docs/system/i386/hyperv.rst (flags, dependencies) and
 *         "qemu-system-x86_64 -cpu help". Left out, because the lab cannot
 *         give them: hv-evmcs (Intel's), hv-tlbflush-ext, hv-tlbflush-direct
 *         (newer KVM's), hv-syndbg (wants a VMBus bridge), kvm-mmu (gone from
 *         KVM), kvm-msi-ext-dest-id (wants a split irqchip),
 *         kvm-hint-dedicated (no feature).
 */
#include "platform/partial.h"

#include <stdlib.h>
#include <string.h>

#include "base/args.h"

struct flag {
    const char *name;
    const char *value; /* as it is given; NULL: the name alone */
    const char *needs; /* flags without which it cannot be, blanks around */
};

static const struct flag hyperv_flags[] = {
    { "hv-relaxed", NULL, NULL },
    { "hv-vapic", NULL, NULL },
    { "hv-time", NULL, NULL },
    { "hv-vpindex", NULL, NULL },
    { "hv-runtime", NULL, NULL },
    { "hv-crash", NULL, NULL },
    { "hv-reset", NULL, NULL },
    { "hv-frequencies", NULL, NULL },
    { "hv-reenlightenment", NULL, NULL },
    { "hv-spinlocks", "hv-spinlocks=0x1fff", NULL },
    { "hv-synic", NULL, " hv-vpindex " },
    { "hv-stimer", NULL, " hv-vpindex hv-synic hv-time " },
    { "hv-stimer-direct", NULL, " hv-vpindex hv-synic hv-time hv-stimer " },
    { "hv-tlbflush", NULL, " hv-vpindex " },
    { "hv-ipi", NULL, " hv-vpindex " },
    { "hv-avic", NULL, NULL },
    { "hv-no-nonarch-coresharing", "hv-no-nonarch-coresharing=on", NULL },
    { "hv-emsr-bitmap", NULL, NULL },
    { "hv-xmm-input", NULL, NULL },
};

static const char *const kvm_flags[] = {
    "kvmclock",    "kvmclock-stable-bit", "kvm-nopiodelay",
    "kvm-asyncpf", "kvm-asyncpf-int",     "kvm-steal-time",
    "kvm-pv-eoi",  "kvm-pv-unhalt",       "kvm-pv-tlb-flush",
    "kvm-pv-ipi",  "kvm-poll-control",    "kvm-pv-sched-yield",
};

enum {
    HYPERV_FLAGS = sizeof(hyperv_flags) / sizeof(hyperv_flags[0]),
    KVM_FLAGS = sizeof(kvm_flags) / sizeof(kvm_flags[0]),
    /* hyperv: full, none. kvm: none, no-hypervisor, hyperv, false. */
    PARTIALS = HYPERV_FLAGS + 2 + KVM_FLAGS + 4,
};

static struct platform list[PARTIALS];
static size_t count;

static void add(const char *base, const char *name, char *cpu, char *describe)
{
    struct platform *platform = &list[count++];

    *platform = *platform_find(base);
    platform->name = name;
    platform->cpu = cpu;
    platform->describe = describe;
}

/* Does the flag go when 'without' goes? */
static bool falls(const struct flag *flag, const char *without)
{
    char *word = text_new(" %s ", without);
    bool yes = !strcmp(flag->name, without) ||
               (flag->needs && strstr(flag->needs, word));

    free(word);
    return yes;
}

/* Every flag but 'without' and its dependents. */
static char *hyperv_cpu(const char *start, const char *without)
{
    char *cpu = text_new("%s", start);

    for (size_t i = 0; i < HYPERV_FLAGS; i++) {
        const struct flag *flag = &hyperv_flags[i];
        char *longer;

        if (without && falls(flag, without))
            continue;
        longer = text_new("%s,%s", cpu, flag->value ? flag->value : flag->name);
        free(cpu);
        cpu = longer;
    }
    return cpu;
}

static void add_hyperv(void)
{
    static const char start[] = "host,kvm=off,hv-enforce-cpuid";

    add("hyperv", "hyperv~full", hyperv_cpu(start, NULL),
        text_new("KVM's Hyper-V interface, all of it"));
    for (size_t i = 0; i < HYPERV_FLAGS; i++) {
        const char *flag = hyperv_flags[i].name;

        add("hyperv", text_new("hyperv~no-%s", flag), hyperv_cpu(start, flag),
            text_new("hyperv~full without %s and what needs it", flag));
    }
    /* Without any flag QEMU would show no Hyper-V at all. */
    add("hyperv", "hyperv~none", text_new("%s,hv-relaxed", start),
        text_new("Hyper-V's signature, no feature but hv-relaxed"));
}

static void add_kvm(void)
{
    char *none = text_new("host");

    for (size_t i = 0; i < KVM_FLAGS; i++) {
        char *longer = text_new("%s,%s=off", none, kvm_flags[i]);
        /* QEMU 7.2 writes the clock's MSR itself, and asserts that it may. */
        bool clock = !strcmp(kvm_flags[i], "kvmclock");

        free(none);
        none = longer;
        add("kvm", text_new("kvm~no-%s", kvm_flags[i]),
            text_new("host,%s%s=off", clock ? "" : "kvm-pv-enforce-cpuid=on,",
                     kvm_flags[i]),
            text_new("KVM without %s", kvm_flags[i]));
    }
    add("kvm", "kvm~none", none, text_new("KVM's signature, no feature"));
    add("kvm", "kvm~no-hypervisor", text_new("host,-hypervisor"),
        text_new("KVM's leaves, but the hypervisor bit is clear"));
    add("kvm", "kvm~hyperv", hyperv_cpu("host", NULL),
        text_new("KVM's leaves behind Hyper-V's"));
    /* "Hv#1" of the leaf behind the signature is read as KVM's features. */
    add("kvm", "kvm~false",
        text_new("host,kvm=off,hv-relaxed,hv-vendor-id=KVMKVMKVM"),
        text_new("KVM's signature, feature bits that are nonsense"));
}

const struct platform *partial_platforms(size_t *out_count)
{
    if (!count) {
        add_hyperv();
        add_kvm();
    }
    *out_count = count;
    return list;
}
