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

/* The text at 'index' of a list of them. */
static const char *text_at(const char *list, unsigned index)
{
    while (index) {
        if (!*list++)
            index--;
    }
    return list;
}

/* In the order of enum pvops_hz_source. */
static const char source_names[] = "nothing\0"
                                   "override\0"
                                   "Hyper-V MSR\0"
                                   "VMware GETHZ\0"
                                   "leaf 0x40000010\0"
                                   "Xen leaf 3\0"
                                   "pvclock page\0"
                                   "CPUID 0x15\0"
                                   "Hyper-V counter\0"
                                   "HPET\0"
                                   "PM timer\0"
                                   "PIT\0"
                                   "TSC\0"
                                   "CPUID 0x16\0"
                                   "constant";

/* In the order of enum pvops_hz_why. */
static const char why_texts[] = "absent\0"
                                "nonsense\0"
                                "not believed under a hypervisor\0"
                                "no page, address or port given\0"
                                "must not be touched\0"
                                "not needed\0"
                                "stands still\0"
                                "two measurements differ\0"
                                "in use";

/* In the order of enum pvops_hypervisor. */
static const char hypervisor_names[] = "none\0"
                                       "Xen\0"
                                       "KVM\0"
                                       "VMware\0"
                                       "Hyper-V\0"
                                       "unknown";

static void describe_chosen(struct line *line, const char *what, uint64_t hz,
                            enum pvops_hz_source source)
{
    line->length = 0;
    add(line, what);
    add_number(line, hz, 10);
    add(line, " Hz by ");
    add(line, text_at(source_names, source));
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
    add(line, text_at(source_names, source));
    add(line, ": ");
    if (row->hz) {
        add_number(line, row->hz, 10);
        add(line, row->ppm < 0 ? " Hz, -" : " Hz, +");
        add_number(line, (uint32_t)(row->ppm < 0 ? -row->ppm : row->ppm), 10);
        add(line, " ppm");
    } else {
        add(line, text_at(why_texts, row->why));
    }
    print(context, line->text);
}

void pvops_describe(const struct pvops_info *info,
                    void (*print)(void *context, const char *line),
                    void *context)
{
    struct line line = { .length = 0 };

    add(&line, "hypervisor: ");
    add(&line, text_at(hypervisor_names, info->hypervisor));
    for (unsigned i = 0; i < PVOPS_HYPERVISORS; i++) {
        if (!info->base[i])
            continue;
        add(&line, ", ");
        add(&line, i == PVOPS_HYPERVISOR_OTHER ? info->signature
                                               : text_at(hypervisor_names, i));
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
