/* SPDX-License-Identifier: MIT */
/*
 * The report as pvk's command line asks for it.
 */
#include <pvops/pvops.h>

#include "checks/check.h"
#include "checks/reference.h"
#include "core/divide.h"
#include "core/log.h"
#include "core/main.h"
#include "core/text.h"
#include "report/report.h"

void report_write(const char *text, size_t length)
{
    log_write(text, length);
}

static struct reference reference;

static bool read_reference(uint64_t *out_value)
{
    *out_value = reference.read(&reference);
    return true;
}

/*
 * The TSC by a device that the hypervisor's own words have no part in, over a
 * quarter of a second; else as the probe chose.
 */
static void measure(void)
{
    enum { US = 250000 };
    uint64_t first, first_tsc, last, last_tsc;
    uint32_t rest, moved;

    report_clock.tsc_hz = kernel.info.tsc_hz;
    report_clock.source = "the probe";
    if (!kernel.info.tsc_hz ||
        !reference_find(&kernel.acpi, &kernel.info, &reference))
        return;
    report_pair(read_reference, &first, &first_tsc);
    report_spin(US);
    report_pair(read_reference, &last, &last_tsc);
    moved = (uint32_t)((last - first) & reference.mask);
    if (!moved)
        return;
    /* Both factors are below 2^32. */
    report_clock.tsc_hz =
        divide((last_tsc - first_tsc) * reference.hz, moved, &rest);
    report_clock.source = reference.name;
}

static const char *interface_name;

static void verdict_of_interface(void)
{
    unsigned rows = 0, counts[REPORT_VERDICTS] = { 0 };

    for (unsigned i = 0; i < report_result_count; i++) {
        const struct report_try *try = &report_results[i];

        if (!text_equal(try->interface->name, interface_name))
            continue;
        rows++;
        counts[try->verdict]++;
    }
    if (!rows)
        check_skip("no signature of it");
    else if (counts[REPORT_WRONG])
        check_fail("%u of %u rows are wrong", counts[REPORT_WRONG], rows);
    if (rows)
        log_plain("PVLAB INFO report=%s right=%u wrong=%u dearer=%u "
                  "untried=%u absent=%u unclaimed=%u",
                  interface_name, counts[REPORT_RIGHT], counts[REPORT_WRONG],
                  counts[REPORT_DEARER], counts[REPORT_UNTRIED],
                  counts[REPORT_ABSENT], counts[REPORT_UNCLAIMED]);
}

void report(void)
{
    static const struct {
        const char *interface;
        struct check check;
    } checks[] = {
        { "kvm", { "report-kvm", verdict_of_interface } },
        { "hyperv", { "report-hyperv", verdict_of_interface } },
        { "vmware", { "report-vmware", verdict_of_interface } },
        { "xen", { "report-xen", verdict_of_interface } },
    };
    const char *how = option("report");
    enum report_form form = REPORT_WHOLE;

    if (how && text_equal(how, "trace"))
        form = REPORT_TRACE;
    else if (how && text_equal(how, "lines"))
        form = REPORT_LINES;
    log_line("report: it takes up to a minute");
    measure();
    report_run(&kernel.info, form);
    for (unsigned i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        interface_name = checks[i].interface;
        check_run(&checks[i].check);
    }
}
