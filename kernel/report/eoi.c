/* SPDX-License-Identifier: MIT */
/*
 * An EOI by a bit in memory, KVM's and Hyper-V's: bit 0 set by the host says
 * that there need be none, and is cleared in place of one.
 *
 * Source: Linux Documentation/virt/kvm/x86/msr.rst, MSR_KVM_EOI_EN; Hyper-V
 *         TLFS, virtual interrupts, "EOI Assist".
 */
#include "report/report.h"

enum { WAIT_US = 20000, INTERRUPTS = 16, APIC_EOI = 0xb0 };

static void eoi_by_apic(void)
{
    machine_apic_write(APIC_EOI, 0);
}

static void exit_by_cpuid(void)
{
    uint32_t r[4];

    machine_cpuid(1, 0, r);
}

/* One after another; each must come, or the host did not see the last's end. */
static void interrupts(struct report_try *try, bool promised)
{
    machine_count[0] = machine_count[1] = 0;
    machine_eoi_words = 0;
    for (unsigned i = 0; i < INTERRUPTS; i++) {
        if (!machine_apic_self(MACHINE_VECTOR)) {
            try_untried(try, "no local APIC that could interrupt");
            return;
        }
        if (!machine_wait(i + 1, report_ticks(WAIT_US))) {
            try_wrong(try,
                      "interrupt %u does not come: the EOI by the word "
                      "was not seen",
                      i + 1);
            eoi_by_apic();
            return;
        }
    }
    if (machine_eoi_words) {
        try_right(try, "%u of %u interrupts needed no EOI", machine_eoi_words,
                  (unsigned)INTERRUPTS);
        return;
    }
    if (!promised) {
        try_right(try, "given, taken back; the host never sets the bit");
        return;
    }
    /* An APIC in hardware makes no exit of an EOI: nothing to be had then. */
    try_cost(try, eoi_by_apic, exit_by_cpuid);
    if (try->ticks < try->native / 4)
        try_right(try, "never set: an EOI costs no exit here");
    else
        try_wrong(try, "the word is never set, and an EOI costs an exit");
    try->ticks = try->native = 0;
}

void try_eoi_word(struct report_try *try, volatile uint32_t *word,
                  bool promised)
{
    machine_eoi = MACHINE_EOI_WORD;
    machine_eoi_word = word;
    interrupts(try, promised);
    machine_eoi_word = NULL;
    machine_eoi = MACHINE_EOI_APIC;
}
