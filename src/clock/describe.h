/* SPDX-License-Identifier: MIT */
/*
 * What the probe found, in lines of text.
 *
 * Part of clock.c. Needs no formatter of the kernel's.
 */
#ifndef CLOCK_DESCRIBE_H
#define CLOCK_DESCRIBE_H

#include <pvops/clock.h>

#include <x86/insn.h>

#define LINE_BYTES 101

struct line {
    char text[LINE_BYTES];
    unsigned length;
};

/* What does not fit is cut off. */
static void add(struct line *line, const char *text)
{
    while (*text && line->length < LINE_BYTES - 1)
        line->text[line->length++] = *text++;
    line->text[line->length] = '\0';
}

static void add_number(struct line *line, uint64_t number, uint32_t radix)
{
    char digits[24];
    unsigned at = sizeof(digits) - 1;
    uint32_t digit;

    digits[at] = '\0';
    do {
        number = x86_div(number, radix, &digit);
        digits[--at] = "0123456789abcdef"[digit];
    } while (number);
    add(line, &digits[at]);
}

static const char *source_name(unsigned source)
{
    /* In the order of enum pvops_hz_source. */
    static const char names[PVOPS_HZ_SOURCES][24] = {
        "nothing",      "override",        "Hyper-V MSR",
        "VMware GETHZ", "leaf 0x40000010", "Xen leaf 3",
        "pvclock page", "CPUID 0x15",      "Hyper-V counter",
        "HPET",         "ACPI PM timer",   "PIT",
        "TSC",          "CPUID 0x16",      "hypervisor's constant",
    };

    return names[source];
}

static const char *why_text(enum pvops_hz_why why)
{
    /* In the order of enum pvops_hz_why. */
    static const char texts[][40] = {
        "absent",
        "answers nonsense",
        "not believed under a hypervisor",
        "its page, address or port is not given",
        "may not be touched here",
        "not measured, a better one is there",
        "stands still",
        "two measurements differ",
        "waits for a TSC deadline",
    };

    return texts[why];
}

static void describe_chosen(struct line *line, const char *what, uint64_t hz,
                            enum pvops_hz_source source)
{
    line->length = 0;
    add(line, what);
    add_number(line, hz, 10);
    add(line, " Hz by ");
    add(line, source_name(source));
}

/* What is absent, or was not looked for, is left out. */
static void describe_source(struct line *line, const char *what,
                            unsigned source, const struct pvops_hz *row,
                            void (*print)(void *context, const char *line),
                            void *context)
{
    if (!row->hz &&
        (row->why == PVOPS_HZ_ABSENT || row->why == PVOPS_HZ_NOT_NEEDED))
        return;
    line->length = 0;
    add(line, what);
    add(line, source_name(source));
    add(line, ": ");
    if (row->hz) {
        add_number(line, row->hz, 10);
        add(line, row->ppm < 0 ? " Hz, -" : " Hz, +");
        add_number(line, (uint32_t)(row->ppm < 0 ? -row->ppm : row->ppm), 10);
        add(line, " ppm");
    } else {
        add(line, why_text(row->why));
    }
    print(context, line->text);
}

void pvops_describe(const struct pvops_info *info,
                    void (*print)(void *context, const char *line),
                    void *context)
{
    /* In the order of enum pvops_hypervisor. */
    static const char names[PVOPS_HYPERVISORS][8] = {
        "none", "Xen", "KVM", "VMware", "Hyper-V", "unknown",
    };
    struct line line = { .length = 0 };

    add(&line, "hypervisor: ");
    add(&line, names[info->hypervisor]);
    for (unsigned i = 0; i < PVOPS_HYPERVISORS; i++) {
        if (!info->base[i])
            continue;
        add(&line, ", ");
        add(&line, i == PVOPS_HYPERVISOR_OTHER ? info->signature : names[i]);
        add(&line, " 0x");
        add_number(&line, info->base[i], 16);
    }
    print(context, line.text);
    describe_chosen(&line, "TSC: ", info->tsc_hz, info->tsc_source);
    add(&line, info->tsc_invariant ? ", invariant" : ", not invariant");
    print(context, line.text);
    describe_chosen(&line, "APIC timer: ", info->apic_hz, info->apic_source);
    print(context, line.text);

    for (unsigned i = 0; i < PVOPS_HZ_SOURCES; i++) {
        describe_source(&line, "TSC by ", i, &info->tsc[i], print, context);
        describe_source(&line, "APIC timer by ", i, &info->apic[i], print,
                        context);
    }
}

#endif /* CLOCK_DESCRIBE_H */
